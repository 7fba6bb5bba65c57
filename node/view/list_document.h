/* The documents that are lists: people found, what is promised, what waits for review, one person's
 * timeline. Each prints the members of one document without its brackets, so that a caller may add
 * some: the command line and the pages print the same. */
#ifndef TP_NODE_VIEW_LIST_DOCUMENT_H
#define TP_NODE_VIEW_LIST_DOCUMENT_H

#include "node/view/document.h"
#include "node/view/find.h"
#include "node/view/given_back.h"
#include "node/view/pending.h"
#include "node/view/review.h"
#include "node/view/timeline.h"

/* "name", "preferred_name", "born": enough to call somebody by. */
void tp_document_put_who(tp_json_print *p, const tp_shown *person);
/* "same_as", "why", "score". */
void tp_document_put_found(tp_json_print *p, const tp_found *found);
/* "name", "given_back_on" or "erased_on", "records", "last". */
TP_MUST_USE tp_rc tp_document_put_given_back(tp_json_print *p, tp_view *view, tp_tx *tx,
                                             const tp_given_back *one, tp_err *err);
/* Those of the record, "offered", "overdue". */
TP_MUST_USE tp_rc tp_document_put_pending(tp_json_print *p, tp_view *view, tp_tx *tx,
                                          const tp_pending *item, tp_err *err);
/* "id", "kind", "record", "entity", "field", "person", "shown", "kept", "by", "mine",
 * "can_dismiss", "text", "at". */
TP_MUST_USE tp_rc tp_document_put_review(tp_json_print *p, const tp_review_item *item, tp_err *err);

/* An entry of a timeline: those of the record, "new", "origin". */
TP_MUST_USE tp_rc tp_document_put_entry(tp_json_print *p, tp_view *view, tp_tx *tx,
                                        const tp_shown *entry, tp_err *err);
/* "person", "joined", "consent", "entries", "hidden", "given_back", "erased".
 * Units:  first, count = places among timeline->entries. */
TP_MUST_USE tp_rc tp_document_put_timeline(tp_json_print *p, tp_view *view, tp_tx *tx,
                                           const tp_timeline *timeline,
                                           const tp_consent_page *consent, uint32_t first,
                                           uint32_t count, tp_err *err);

#endif
