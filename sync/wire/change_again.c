/* A change, encoded again under another name. */
#include "sync/wire/change_again.h"

#include "platform/base/alloc.h"
#include "sync/wire/field_value.h"

/* What the draft borrows: too large for a small stack. */
typedef struct rewriting {
    const tp_renaming *renamings;
    size_t renamings_count;
    tp_change_draft draft;
    tp_name seen[TP_CHANGE_NAMES_MAX];
    tp_value values[]; /* one for each field */
} rewriting;

static tp_rc fail_unknown(tp_err *err)
{
    return tp_fail(err, TP_INVALID,
                   "a newer Teapot wrote here what this one cannot read: install that one again, "
                   "then sync");
}

/* map | 00 | 48 | 8 salt */
bool tp_change_salt_of(tp_slice bytes, uint8_t salt_out[TP_SALT_BYTES])
{
    enum { SALT_AT = 3, KEY = 0x00, HEAD = 0x48 };
    if (bytes.bytes < SALT_AT + TP_SALT_BYTES || bytes.at[1] != KEY || bytes.at[2] != HEAD) {
        return false;
    }
    memcpy(salt_out, bytes.at + SALT_AT, TP_SALT_BYTES);
    return true;
}

static tp_name rename_in(const rewriting *w, tp_name name)
{
    return tp_renaming_of_any(w->renamings, w->renamings_count, name);
}

/* Everything of the change but its fields. */
static void begin(rewriting *w, const tp_change *change, const uint8_t salt[TP_SALT_BYTES])
{
    tp_change_draft_init(&w->draft, rename_in(w, change->name), change->entity);
    w->draft.record = rename_in(w, change->record);
    w->draft.reading = change->reading;
    memcpy(w->draft.salt, salt, sizeof w->draft.salt);
    w->draft.worker = change->worker;
    w->draft.kinds = change->kinds;
    w->draft.restricts = change->restricts;
    for (uint32_t i = 0; i < change->seen_count; i++) {
        w->seen[i] = rename_in(w, change->seen[i]);
    }
}

static tp_rc set_value(rewriting *w, const tp_change *change, const tp_change_field *field,
                       const tp_field_row *row, tp_value *value, tp_err *err)
{
    value->texts_count = 0;
    value->names_count = 0;
    value->is_null = false;
    value->type = row->type;
    tp_rc rc = tp_field_value_decode(row, change, field->value, value, err);
    for (uint32_t i = 0; rc == TP_OK && !value->is_null && i < value->names_count; i++) {
        value->names[i] = rename_in(w, value->names[i]);
    }
    return rc == TP_OK ? tp_change_draft_set(&w->draft, field->code, value, err) : rc;
}

static tp_rc add_fields(rewriting *w, const tp_change *change, tp_err *err)
{
    tp_rc rc = TP_OK;
    for (uint32_t i = 0; rc == TP_OK && i < change->fields_count; i++) {
        const tp_change_field *field = &change->fields[i];
        const tp_field_row *row = tp_field_of(change->entity, field->code);
        if (row == NULL) {
            return fail_unknown(err);
        }
        if (field->has_value) {
            rc = set_value(w, change, field, row, &w->values[i], err);
        }
        if (rc == TP_OK && field->seen_count > 0) {
            rc = tp_change_draft_see(&w->draft, field->code, &w->seen[field->seen_at],
                                     field->seen_count, err);
        }
    }
    return rc;
}

tp_rc tp_change_encode_again(const tp_change *change, const tp_renaming *renamings, size_t count,
                             const uint8_t salt[TP_SALT_BYTES], tp_buf *out, tp_err *err)
{
    if (change->has_unknown_key || change->has_unknown_kind) {
        return fail_unknown(err);
    }
    rewriting *w = tp_alloc(sizeof *w + change->fields_count * sizeof w->values[0]);
    if (w == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory to write a change again");
    }
    w->renamings = renamings;
    w->renamings_count = count;
    begin(w, change, salt);
    tp_rc rc = add_fields(w, change, err);
    if (rc == TP_OK) {
        rc = tp_change_encode(&w->draft, out, err);
    }
    tp_free(w);
    return rc;
}
