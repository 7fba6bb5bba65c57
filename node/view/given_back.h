/* Persons whose details this node gave back, and of whom something of its own agency remains, so
 * that somebody can ask them again (design section 6, give-backs). */
#ifndef TP_NODE_VIEW_GIVEN_BACK_H
#define TP_NODE_VIEW_GIVEN_BACK_H

#include "node/view/shown.h"

typedef struct tp_given_back {
    tp_name person;
    int64_t given_back_ms;
    bool is_erased;         /* then: since the record was erased at the hub */
    const tp_shown *last;   /* what was recorded last of what remains; NULL: only consent remains */
    uint32_t records_count; /* that remain, hidden ones left out */
} tp_given_back;

typedef struct tp_given_back_list {
    tp_arena arena;
    const tp_given_back *people; /* the latest given back first */
    uint32_t count;
} tp_given_back_list;

/* Owns: *list_out is the caller's, tp_given_back_done(). */
TP_MUST_USE tp_rc tp_given_back_read(tp_view *view, tp_tx *tx, tp_given_back_list *list_out,
                                     tp_err *err);
void tp_given_back_done(tp_given_back_list *list);
/* How many there are: for who looks for somebody in vain. */
TP_MUST_USE tp_rc tp_given_back_count(tp_view *view, tp_tx *tx, uint32_t *count_out, tp_err *err);

#endif
