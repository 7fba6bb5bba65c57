/* The consent events of a person group as this node holds them, ready for the rules of
 * sync/access. */
#ifndef TP_NODE_VIEW_CONSENT_BOOK_H
#define TP_NODE_VIEW_CONSENT_BOOK_H

#include "node/view/shown.h"
#include "sync/access/consent.h"
#include "sync/access/gateway.h"

/* Everything points into the arena. */
typedef struct tp_book {
    tp_consent_book rules;        /* linked */
    uint32_t page_count;          /* of its events, those of the page: behind them only links */
    const tp_shown *const *shown; /* of each event; NULL where only its name is left */
    const tp_gateway *gateways;
    uint32_t gateways_count;
    const tp_agency_terms *agencies; /* of the directory, by id */
    uint32_t agencies_count;
} tp_book;

/* Errors: LIMIT more events than can be judged. */
TP_MUST_USE tp_rc tp_book_open(tp_view *view, tp_tx *tx, tp_name person, tp_arena *arena,
                               tp_book *book_out, tp_err *err);

/* The terms of an agency, known or not. */
tp_agency_terms tp_book_terms(const tp_book *book, tp_slice agency);

/* True if another held event was written in sight of this one, directly or through others. */
bool tp_book_is_answered(const tp_book *book, uint32_t event);

#endif
