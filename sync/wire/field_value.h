/* The value of one field as one CBOR item, both ways, and when two values are the same.
 * Source: sync/wire/FORMAT.md, Values. */
#ifndef TP_SYNC_WIRE_FIELD_VALUE_H
#define TP_SYNC_WIRE_FIELD_VALUE_H

#include "platform/base/buf.h"
#include "schema/entity.h"

/* Reads the value of a field of `change` as the type its row says.
 *
 * Shape:  fills the members the type uses and the counts; the rest of *out is untouched (5 KiB).
 * Owns:   *out borrows from `item`.
 * Errors: INVALID another type than the row's; the text names the field;  CORRUPT not one item in
 *         canonical form;  LIMIT too long, too many. */
TP_MUST_USE tp_rc tp_field_value_decode(const tp_field_row *row, const tp_change *change,
                                        tp_slice item, tp_value *out, tp_err *err);

/* Appends the item; sets are sorted and made unique on the way.
 * Units:  author = the change it will stand in: names are written relative to it.
 * Errors: as tp_change_encode. */
TP_MUST_USE tp_rc tp_field_value_encode(const tp_field_row *row, tp_name author,
                                        const tp_value *value, tp_buf *out, tp_err *err);

/* The same after normalising?  Text without white space at its ends; a phone number and an NHS
 * number without what people type between the digits (phones by their key: schema/phone.h); sets as
 * sets. */
bool tp_field_value_same(const tp_field_row *row, const tp_value *a, const tp_value *b);

#endif
