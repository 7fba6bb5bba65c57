/* The steps of tp_write_in, for its files. */
#ifndef TP_NODE_RECORD_WRITE_STEPS_H
#define TP_NODE_RECORD_WRITE_STEPS_H

#include "node/record/rule.h"

/* Puts every value into its stored form, and refuses what the schema's rows do not allow
 * (write_check.c). */
TP_MUST_USE tp_rc tp_write_check(tp_rule_work *work, tp_err *err);
/* Writes the change, and fills the result (write_change.c). */
TP_MUST_USE tp_rc tp_write_change(tp_rule_work *work, tp_err *err);

#endif
