/* Settling: one value where several stand side by side, and what was taken back brought back. */
#ifndef TP_NODE_RECORD_SETTLE_H
#define TP_NODE_RECORD_SETTLE_H

#include "node/record/write.h"

/* Takes the value that the change `use` wrote: one of the heads, or (the lost value of a review
 * item) any held change of the record that set the field.  Names every head, so that all see it is
 * settled.
 * Errors: NOTFOUND no such value is held. */
TP_MUST_USE tp_rc tp_settle_use(tp_node *node, tp_slice worker, tp_name record, tp_slice field,
                                tp_name use, tp_write_result *result_out, tp_err *err);
/* Takes a value as typed: one of them, or what combines them. */
TP_MUST_USE tp_rc tp_settle_typed(tp_node *node, tp_slice worker, tp_name record, tp_slice field,
                                  tp_slice typed, tp_write_result *result_out, tp_err *err);

/* Hides a record.  reason: a code of the list "retraction", or a worker's own words. */
TP_MUST_USE tp_rc tp_retract_write(tp_node *node, tp_slice worker, tp_name record, tp_slice reason,
                                   tp_write_result *result_out, tp_err *err);
/* Shows a hidden record again.
 * Errors: DENIED it was taken back for good by another agency;  unchanged: it is not hidden. */
TP_MUST_USE tp_rc tp_retract_undo(tp_node *node, tp_slice worker, tp_name record,
                                  tp_write_result *result_out, tp_err *err);

#endif
