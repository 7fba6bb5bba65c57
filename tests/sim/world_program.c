/* A change as the commands and pages write it; the event becomes what the change says. */
#include "tests/sim/world_write.h"

#include "node/record/write.h"
#include "sync/wire/field_value.h"

/* A status that the program filled in; anything else it fills in is said once and never again, so
 * that it is enough for its value to be like no other. */
static sim_value value_filled_in(const tp_value *value)
{
    static uint32_t unlike = 1000;
    for (uint32_t i = 0; value->type == TP_TYPE_CODE && i < 4; i++) {
        if (tp_slice_is(value->text, sim_statuses[i])) {
            return (sim_value){false, i, 0, 0};
        }
    }
    return (sim_value){false, unlike++, 0, 0};
}

/* -1 of a name that nobody ever gave. */
static unsigned read_names(const sim_world *world, unsigned device, const tp_value *value,
                           int *events)
{
    unsigned count = 0;
    for (uint32_t i = 0; i < value->names_count && count < SIM_NAMES_MAX; i++) {
        events[count++] = sim_event_of(world, device, value->names[i]);
    }
    return count;
}

/* One field of what was written: of a consent, what the program found on the page; else what was
 * set, filled in or seen. */
static tp_rc read_field(sim_world *world, unsigned device, const tp_change *change,
                        const tp_change_field *from, sim_event *e, tp_err *err)
{
    static tp_value value;
    const tp_field_row *row = tp_field_of(change->entity, from->code);
    tp_rc rc = TP_OK;
    if (from->has_value) {
        rc = tp_field_value_decode(row, change, from->value, &value, err);
    }
    if (rc != TP_OK || e->entity == TP_CONSENT) {
        if (rc == TP_OK && from->code == TP_CONSENT_IN_SIGHT) {
            e->in_sight_count = read_names(world, device, &value, e->in_sight);
        } else if (rc == TP_OK && from->code == TP_CONSENT_PERSONS) {
            e->names_count = read_names(world, device, &value, e->names);
        }
        return rc;
    }
    sim_field *field = sim_event_field(e, from->code);
    if (from->has_value && !field->has_value) {
        field->has_value = true;
        field->value = value_filled_in(&value);
    }
    for (uint32_t i = 0; i < from->seen_count && field->seen_count < SIM_SEEN_MAX; i++) {
        const tp_name name = change->seen[from->seen_at + i];
        field->seen[field->seen_count++] = sim_event_of(world, device, name);
    }
    return TP_OK;
}

/* Does a change say anything of a field of an event's own?  The person of a new record and what a
 * join, an unjoin or a gateway says stand beside the event's fields. */
static bool is_particular(const sim_event *e, uint32_t code)
{
    return (e->record < 0 && code == TP_FIELD_PERSON) || e->entity == TP_JOIN ||
           e->entity == TP_UNJOIN || e->entity == TP_LEGAL_GATEWAY;
}

/* The event becomes what the change says: what was held already, the program left out. */
static tp_rc read_change(sim_world *world, unsigned device, const tp_change *change, sim_event *e,
                         tp_err *err)
{
    tp_rc rc = TP_OK;
    unsigned kept = 0;
    for (unsigned i = 0; i < e->fields_count; i++) {
        if (tp_change_field_of(change, e->fields[i].code) != NULL) {
            e->fields[kept++] = e->fields[i];
        }
    }
    e->fields_count = kept;
    e->in_sight_count = e->entity == TP_CONSENT ? 0 : e->in_sight_count;
    e->names_count = e->entity == TP_CONSENT ? 0 : e->names_count;
    for (uint32_t i = 0; rc == TP_OK && i < change->fields_count; i++) {
        if (!is_particular(e, change->fields[i].code)) {
            rc = read_field(world, device, change, &change->fields[i], e, err);
        }
    }
    e->name = change->name;
    e->envelope = change->kinds;
    return rc;
}

static tp_rc read_written(sim_writing *w, tp_tx *tx, const tp_write_result *result, sim_event *e,
                          tp_err *err)
{
    tp_loaded *loaded = NULL;
    tp_rc rc = tp_merge_load(w->node->merge, tx, result->record, &loaded, err);
    for (uint32_t i = 0; rc == TP_OK && i < loaded->record.count; i++) {
        const tp_change *change = loaded->record.changes[i].change;
        if (tp_name_eq(change->name, result->name)) {
            rc = sim_check_said(w, change, e, err);
            rc = rc == TP_OK ? read_change(w->world, w->device, change, e, err) : rc;
        }
    }
    tp_loaded_free(loaded);
    return rc;
}

tp_rc sim_write_by_program(sim_writing *w, tp_tx *tx, sim_event *e, bool *is_written_out,
                           tp_err *err)
{
    tp_write write;
    tp_write_result result;
    tp_rc rc = TP_OK;
    tp_write_init(&write, &w->node->node,
                  e->record < 0       ? TP_WRITE_CREATE
                  : sim_takes_back(e) ? TP_WRITE_RETRACT
                                      : TP_WRITE_UPDATE,
                  e->entity, w->draft.worker);
    write.record = w->draft.record;
    for (unsigned i = 0; rc == TP_OK && i < w->values_count; i++) {
        const tp_field_row *row = tp_field_of(e->entity, w->codes[i]);
        rc = tp_write_set(&write, tp_slice_str(row->name), &w->values[i], err);
    }
    if (rc == TP_OK) {
        rc = tp_write_in(&write, tx, &result, err);
    }
    *is_written_out = rc == TP_OK && !result.is_unchanged;
    if (*is_written_out) {
        rc = read_written(w, tx, &result, e, err);
    } else if (rc == TP_OK) {
        sim_check_nothing_new(w, e);
    } else if (rc == TP_INVALID || rc == TP_DENIED || rc == TP_NOTFOUND || rc == TP_EXISTS) {
        const tp_err refused = *err;
        rc = sim_check_refused(w, tx, e, &refused, err);
    }
    tp_write_done(&write);
    return rc;
}
