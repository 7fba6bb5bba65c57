/* One value put into the form that is stored: checked by its field's row. */
#ifndef TP_NODE_RECORD_CHECK_H
#define TP_NODE_RECORD_CHECK_H

#include "platform/base/arena.h"
#include "schema/day.h"
#include "schema/entity.h"

/* Checks `value` and puts it into the stored form, in place.  Text that is empty once trimmed, and
 * a set without members, become null: cleared.
 *
 * today:  the last day that is not future, for dates of birth; NULL where no clock can be believed.
 * Owns:   *value borrows from `arena` and from what it borrowed before.
 * Errors: INVALID with the trouble and the mend, without the field's label;  LIMIT, NOMEM. */
TP_MUST_USE tp_rc tp_check_value(uint32_t entity, const tp_field_row *row, const tp_day *today,
                                 tp_arena *arena, tp_value *value, tp_err *err);

/* Bytes of a tp_value that are in use: what a copy needs. */
size_t tp_check_value_bytes(const tp_value *value);

#endif
