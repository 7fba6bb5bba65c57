/* A change as bytes, both ways: encoded once, by its author, and never altered.
 *
 * A name inside a change is relative to the change's own: everything here takes or holds that name.
 * Source: sync/wire/FORMAT.md, Change and Stub. */
#ifndef TP_SYNC_WIRE_CHANGE_BYTES_H
#define TP_SYNC_WIRE_CHANGE_BYTES_H

#include "platform/base/buf.h"
#include "schema/change.h"
#include "schema/value.h"

enum { TP_SALT_BYTES = 8 };

/* One field of a draft; either pointer may be NULL, not both. */
typedef struct tp_draft_field {
    uint32_t code;
    const tp_value *value; /* NULL: only names what was seen of it */
    const tp_name *seen;   /* heads on the form when it was opened, in any order */
    uint32_t seen_count;
} tp_draft_field;

/* A change that is being written.  Values and names are borrowed until it is encoded. */
typedef struct tp_change_draft {
    tp_name name;
    tp_name record;  /* none, or == name: it creates the record */
    uint32_t entity; /* schema/entity.h */
    tp_era_reading reading;
    uint8_t salt[TP_SALT_BYTES]; /* random; so that its digest tells nothing */
    tp_slice worker;             /* empty: a kiosk */
    uint32_t kinds;              /* envelope kinds: bits of schema/kind.h */
    bool restricts;
    uint32_t fields_count;
    tp_draft_field fields[TP_CHANGE_FIELDS_MAX]; /* ascending by code; filled by set and see */
} tp_change_draft;

/* An empty draft that creates a record; the caller fills in the rest. */
void tp_change_draft_init(tp_change_draft *draft, tp_name name, uint32_t entity);

/* Sets a field, in any order.  A second call for one field replaces its value.
 * Errors: LIMIT too many fields. */
TP_MUST_USE tp_rc tp_change_draft_set(tp_change_draft *draft, uint32_t code, const tp_value *value,
                                      tp_err *err);
/* Names what the writer saw of a field, set or not.  `count` 0 takes the names away.
 * Errors: LIMIT too many fields. */
TP_MUST_USE tp_rc tp_change_draft_see(tp_change_draft *draft, uint32_t code, const tp_name *seen,
                                      uint32_t count, tp_err *err);

/* Appends the bytes of a change.  Names and sets are sorted and made unique on the way.
 *
 * Errors: INVALID a value of another type than its row in schema/entity.h says, text that is not
 *         UTF-8, a name that cannot be named (no device, not written yet), a reading or an instant
 *         out of range;  LIMIT (schema limits, the ceiling of `out`);  NOMEM.  The text names the
 *         field.  On error `out` is as before. */
TP_MUST_USE tp_rc tp_change_encode(const tp_change_draft *draft, tp_buf *out, tp_err *err);

/* Reads a change and checks everything but what the validators of the schema know: its one
 * canonical form, names, limits, UTF-8, and the type of each field this program knows.  What it
 * does not know (key, entity, field, kind) is kept.
 *
 * Shape:  fills counts and what they count; the rest of the arrays of *out is untouched (17 KiB).
 * Owns:   *out borrows from `bytes`.
 * Errors: CORRUPT not a change;  LIMIT;  INVALID a known field has a value of another type (the
 *         text
 *         names it).  On error *out is not to be read.   Thread: any. */
TP_MUST_USE tp_rc tp_change_decode(tp_name name, tp_slice bytes, tp_change *out, tp_err *err);

/* The clock reading in a change, without the rest: cheaper, and even where a field's value is
 * wrong.
 * Errors: CORRUPT not a change (a stub has no reading). */
TP_MUST_USE tp_rc tp_change_decode_reading(tp_slice bytes, tp_era_reading *out, tp_err *err);

/* What remains of a change that was given back: its record, its entity and, as seen names, what it
 * replaced: of each field it set the names it had seen, and of a consent event the names that are
 * its field in_sight.  The seen names of fields it did not set (a retraction has those of every
 * field) are left out, for a stub replaces what it names (sync/merge/decide.h).
 *
 * Errors: LIMIT the ceiling of `out`;  NOMEM. */
TP_MUST_USE tp_rc tp_stub_encode(const tp_change *change, tp_buf *out, tp_err *err);
/* Into the same form: no field has a value, no reading.  Errors: CORRUPT not a stub;  LIMIT. */
TP_MUST_USE tp_rc tp_stub_decode(tp_name name, tp_slice bytes, tp_change *out, tp_err *err);

#endif
