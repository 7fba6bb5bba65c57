/* The documents of --json and of the pages: what programs read of a record.
 *
 * A record: {"name", "entity", "person", "agency", "worker", "device", "at", "at_text",
 * "uncertain", "earliest", "latest", "written_at", "at_hub", "retracted", "fields": {FIELD:
 * {"shown", "conflict", "heads": [{"value", "name", "agency", "worker", "at", "shown", "kind"?}]}},
 * and of a person "joined"; "bare" and "given_back_on" of one that was given back, "erased_on"
 * of one that was erased}. */
#ifndef TP_NODE_VIEW_DOCUMENT_H
#define TP_NODE_VIEW_DOCUMENT_H

#include "node/view/json_print.h"
#include "node/view/consent.h"
#include "node/view/shown.h"

/* The members of a record, without its brackets, so that a caller may add some. */
TP_MUST_USE tp_rc tp_document_put_record(tp_json_print *p, tp_view *view, tp_tx *tx,
                                         const tp_shown *shown, tp_err *err);
/* The whole of it. */
TP_MUST_USE tp_rc tp_document_record(tp_json_print *p, tp_view *view, tp_tx *tx,
                                     const tp_shown *shown, tp_err *err);

/* A value, in the forms that node/record/json.h reads. */
void tp_document_put_value(tp_json_print *p, const tp_value *value);

/* The value of a head; null where there is none (head may be NULL). */
TP_MUST_USE tp_rc tp_document_value(tp_json_print *p, const tp_field_row *row,
                                    const tp_shown_head *head, tp_err *err);

/* Rows of consent: [{"agency", "kind", "purpose", "effective", "by", "ends_on"}]. */
void tp_document_consent(tp_json_print *p, const tp_consent_page *page, bool with_none);

#endif
