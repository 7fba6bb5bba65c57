/* Consent that ends soon, or has just ended, and that nobody has asked about since (WA7): whom to
 * ask. */
#ifndef TP_NODE_VIEW_RENEW_H
#define TP_NODE_VIEW_RENEW_H

#include "node/view/shown.h"

enum { TP_RENEW_DAYS = 28 }; /* before and after the day */

typedef struct tp_renew {
    tp_name consent;
    tp_name person;
    tp_slice ends_on;   /* as stored; empty: no end */
    tp_slice review_on; /* when somebody said to ask again; empty: they did not */
} tp_renew;

typedef struct tp_renew_list {
    tp_arena arena;
    const tp_renew *items; /* the first to end first */
    uint32_t count;
} tp_renew_list;

/* Givings that no other held event was written in sight of.
 * Shape:  at most `max`; persons whose details were given back are left out.
 * Owns:   *list_out is the caller's, tp_renew_list_done(). */
TP_MUST_USE tp_rc tp_renew_read(tp_view *view, tp_tx *tx, uint32_t max, tp_renew_list *list_out,
                                tp_err *err);
void tp_renew_list_done(tp_renew_list *list);

#endif
