/* Questions about a loaded record. */
#include "sync/merge/record.h"

const tp_loaded_field *tp_loaded_field_of(const tp_loaded *loaded, uint32_t code)
{
    for (uint32_t i = 0; i < loaded->fields_count; i++) {
        if (loaded->fields[i].state.code == code) {
            return &loaded->fields[i];
        }
    }
    return NULL;
}

tp_rc tp_loaded_value(const tp_loaded *loaded, const tp_loaded_field *field, uint32_t change_at,
                      tp_value *value_out, bool *has_value_out, tp_err *err)
{
    *has_value_out = false;
    if (field->row == NULL || change_at >= loaded->record.count) {
        return TP_OK;
    }
    const tp_change *change = loaded->record.changes[change_at].change;
    const tp_change_field *set = tp_change_field_of(change, field->state.code);
    if (set == NULL || !set->has_value) {
        return TP_OK;
    }
    tp_rc rc = tp_field_value_decode(field->row, change, set->value, value_out, err);
    *has_value_out = rc == TP_OK;
    return rc;
}

tp_rc tp_loaded_shown(const tp_loaded *loaded, uint32_t code, tp_value *value_out,
                      bool *has_value_out, tp_err *err)
{
    const tp_loaded_field *field = tp_loaded_field_of(loaded, code);
    *has_value_out = false;
    if (field == NULL || field->state.shown == TP_DECIDE_NONE) {
        return TP_OK;
    }
    tp_rc rc = tp_loaded_value(loaded, field, field->state.shown, value_out, has_value_out, err);
    *has_value_out = *has_value_out && !value_out->is_null;
    return rc;
}

bool tp_loaded_change_is_after(const tp_loaded_change *change, tp_log_mark mark)
{
    bool was_written_here = change->is_own && change->came.arrived == 0;
    return was_written_here ? change->came.seq > mark.seq : change->came.arrived > mark.arrived;
}

bool tp_loaded_is_after(const tp_loaded *loaded, tp_log_mark mark)
{
    for (uint32_t i = 0; i < loaded->record.count; i++) {
        if (tp_loaded_change_is_after(&loaded->changes[i], mark)) {
            return true;
        }
    }
    return false;
}

bool tp_loaded_is_unsent(const tp_loaded *loaded)
{
    for (uint32_t i = 0; i < loaded->record.count; i++) {
        const tp_record_change *change = &loaded->record.changes[i];
        if (change->stamp.number == 0 && !change->is_stub) {
            return true;
        }
    }
    return false;
}
