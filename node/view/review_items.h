/* What one record has to review; review.c lists, review_items.c looks. */
#ifndef TP_NODE_VIEW_REVIEW_ITEMS_H
#define TP_NODE_VIEW_REVIEW_ITEMS_H

#include "node/view/review.h"
#include "node/view/view_state.h"

/* One reading of all there is. */
typedef struct tp_reviewing {
    tp_view *view;
    tp_tx *tx;
    tp_arena *arena;
    tp_estimate now;
    tp_name group[TP_GROUP_PERSONS_MAX]; /* of whom alone; none: of everybody */
    uint32_t group_count;
    tp_buf items;     /* tp_review_item */
    tp_buf overruled; /* tp_name: givings listed already */
} tp_reviewing;

/* Adds what there is to review in a marked record. */
TP_MUST_USE tp_rc tp_review_record(tp_reviewing *r, const tp_loaded *loaded, tp_err *err);

/* Completes an item (id, the person's record) and adds it. */
TP_MUST_USE tp_rc tp_review_add(tp_reviewing *r, tp_review_item *item, tp_name about_change,
                                tp_err *err);
/* A sentence, into the arena. */
TP_MUST_USE tp_rc tp_review_say(tp_reviewing *r, tp_review_item *item, tp_err *err, const char *fmt,
                                ...) TP_PRINTF(4, 5);

#endif
