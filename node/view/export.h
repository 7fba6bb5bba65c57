/* Every record held, or those of one person's group, for who wants to take them elsewhere: hidden
 * and bare ones too. */
#ifndef TP_NODE_VIEW_EXPORT_H
#define TP_NODE_VIEW_EXPORT_H

#include "node/view/shown.h"

/* A walk over the records, in an order that stays while nothing is written: so it can be made in
 * parts, each where the one before ended. */
typedef struct tp_export_walk {
    tp_name person; /* with whom they are joined, too; none: everybody, and nobody known */
    uint32_t at;    /* records that were passed; the part begins there, and it follows the walk */
    uint32_t count; /* of all parts; set before the first call of `each` */
    bool is_enough; /* set by `each`: this part ends here */
} tp_export_walk;

/* The record is borrowed until it returns; walk->at counts it already. */
typedef tp_rc (*tp_export_each)(void *context, const tp_shown *shown, tp_err *err);

/* Ends at `count`, or where `each` has enough.
 * Errors: LIMIT more than TP_EXPORT_RECORDS_MAX; what `each` answers. */
TP_MUST_USE tp_rc tp_export_go(tp_view *view, tp_tx *tx, tp_export_walk *walk, tp_export_each each,
                               void *context, tp_err *err);

#endif
