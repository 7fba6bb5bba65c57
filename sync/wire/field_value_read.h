/* The value at hand in a reader: what tp_change_decode checks and tp_field_value_decode reads. */
#ifndef TP_SYNC_WIRE_FIELD_VALUE_READ_H
#define TP_SYNC_WIRE_FIELD_VALUE_READ_H

#include "schema/entity.h"
#include "sync/wire/cbor.h"

/* Reads a value of this field into `out`, or only checks it where `out` is NULL.  False where the
 * reader failed: with INVALID, if there stood a well-formed item of another type. */
bool tp_field_value_read(tp_cbor_reader *reader, const tp_field_row *row, tp_name author,
                         tp_value *out);

#endif
