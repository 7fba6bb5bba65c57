/* One line in plain words: who may know what about a person, as far as this node can tell. */
#ifndef TP_NODE_VIEW_CONSENT_SUMMARY_H
#define TP_NODE_VIEW_CONSENT_SUMMARY_H

#include "node/view/consent_book.h"

/* What is summed up. */
typedef struct tp_consent_summary {
    tp_view *view;
    tp_tx *tx;
    const tp_book *book;
    tp_name person;
    const char *const *agencies; /* ids, sorted */
    uint32_t agencies_count;
    bool is_given_back; /* details of the person were */
} tp_consent_summary;

/* Says what tp_may_hold would say of what is held here: consent, agreements, legal gateways; and
 * what cannot be told from here: agreements before the first sync, what was given back, what is not
 * sent.
 * Owns:   *text_out lives in the arena. */
TP_MUST_USE tp_rc tp_consent_summarise(const tp_consent_summary *of, tp_arena *arena,
                                       tp_slice *text_out, tp_err *err);

/* "housing and money", by their labels; "everything" where it is every kind there is. */
TP_MUST_USE tp_rc tp_consent_say_kinds(tp_buf *out, uint32_t kinds, tp_err *err);

#endif
