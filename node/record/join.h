/* Two records that are one person, and two that were taken for one. */
#ifndef TP_NODE_RECORD_JOIN_H
#define TP_NODE_RECORD_JOIN_H

#include "node/record/write.h"

/* "`person` is the same as `same_as`."  unchanged: they are joined already.
 * Errors: NOTFOUND one of them is not held;  INVALID they are one record. */
TP_MUST_USE tp_rc tp_join_write(tp_node *node, tp_slice worker, tp_name person, tp_name same_as,
                                tp_slice why, tp_write_result *result_out, tp_err *err);
/* Undoes every join between the two.
 * Errors: NOTFOUND there is none, or they are joined through others only: the text says so. */
TP_MUST_USE tp_rc tp_unjoin_write(tp_node *node, tp_slice worker, tp_name person, tp_name same_as,
                                  tp_slice why, tp_write_result *result_out, tp_err *err);

/* The same in a transaction of the caller, who commits and wakes. */
typedef struct tp_join_act {
    tp_slice worker;
    tp_name person;
    tp_name same_as;
    tp_slice why;
} tp_join_act;
TP_MUST_USE tp_rc tp_join_in(tp_node *node, tp_tx *tx, const tp_join_act *act,
                             tp_write_result *result_out, tp_err *err);
TP_MUST_USE tp_rc tp_unjoin_in(tp_node *node, tp_tx *tx, const tp_join_act *act,
                               tp_write_result *result_out, tp_err *err);

#endif
