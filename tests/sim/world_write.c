/* Writing a change: two in three by node/record, as the commands and pages do, and the oracle is
 * told what came of it; the others as a program of another make would, which checks less and knows
 * more, and names every head that the device holds of what it sets. */
#include "tests/sim/world_write.h"

#include "schema/day.h"
#include "tests/sim/newer.h"

#include <stdio.h>

enum { MS_A_DAY = 86400000 };

static tp_name name_of(const sim_writing *w, int at)
{
    return sim_name_at(w->world, w->device, at);
}

static tp_value *new_value(sim_writing *w, uint32_t code)
{
    w->codes[w->values_count] = code;
    tp_value *value = &w->values[w->values_count++];
    value->type = tp_field_of(w->draft.entity, code)->type;
    value->is_null = false;
    value->texts_count = 0;
    value->names_count = 0;
    return value;
}

static void set_text(sim_writing *w, uint32_t code, const char *text)
{
    new_value(w, code)->text = tp_slice_str(text);
}

static void set_names(sim_writing *w, uint32_t code, const int *events, unsigned count)
{
    if (count == 0) {
        return;
    }
    tp_value *value = new_value(w, code);
    for (unsigned i = 0; i < count; i++) {
        value->names[value->names_count++] = name_of(w, events[i]);
    }
}

/* A mask as a set of codes. */
static void fill_codes(tp_value *value, uint32_t mask, unsigned count,
                       const char *(*code)(unsigned))
{
    if ((mask & SIM_ALL) != 0) {
        value->texts[value->texts_count++] = tp_slice_str("*");
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        if ((mask & (UINT32_C(1) << i)) != 0) {
            value->texts[value->texts_count++] = tp_slice_str(code(i));
        }
    }
    if ((mask & SIM_NEWER_KIND) != 0) {
        value->texts[value->texts_count++] = tp_slice_str("gambling");
    }
}

static const char *agency_code(unsigned at)
{
    return sim_agency_ids[at];
}

static const char *kind_code(unsigned at)
{
    return tp_kind_name((tp_kind)at);
}

static const char *purpose_code(unsigned at)
{
    return tp_purpose_name((tp_purpose)at);
}

static void set_codes(sim_writing *w, uint32_t code, uint32_t mask, unsigned count,
                      const char *(*name)(unsigned))
{
    fill_codes(new_value(w, code), mask, count, name);
}

/* ---- Fields ---- */

/* The same words, however they are typed. */
static void spell(const sim_value *value, tp_type type, char text[SIM_TEXT_BYTES])
{
    if (type == TP_TYPE_PHONE) {
        snprintf(text, SIM_TEXT_BYTES,
                 (value->spelling & 1) != 0 ? "0115 949 6%03u" : "0115-9496-%03u",
                 value->key % 1000);
    } else {
        snprintf(text, SIM_TEXT_BYTES,
                 (value->spelling & 1) != 0 ? " words no. %u " : "words no. %u", value->key);
    }
}

static void fill_value(sim_writing *w, tp_value *value, uint32_t code, const sim_value *from,
                       char *text)
{
    switch (value->type) {
    case TP_TYPE_RECORD:
        value->names[value->names_count++] = name_of(w, (int)from->key);
        return;
    case TP_TYPE_HOLDER:
        snprintf(text, SIM_TEXT_BYTES, "worker %u", from->key);
        value->texts[value->texts_count++] = tp_slice_str(sim_agency_ids[from->agency]);
        value->texts[value->texts_count++] = tp_slice_str(text);
        return;
    case TP_TYPE_CODES:
        fill_codes(value, from->key, TP_KIND_COUNT, kind_code);
        return;
    case TP_TYPE_CODE:
        value->text = tp_slice_str(code == TP_FIELD_RETRACTED     ? sim_reasons[from->key]
                                   : w->draft.entity == TP_NEED   ? kind_code(from->key)
                                   : w->draft.entity == TP_ACTION ? sim_action_statuses[from->key]
                                                                  : sim_statuses[from->key]);
        return;
    case TP_TYPE_TEXT:
    case TP_TYPE_PHONE:
        spell(from, value->type, text);
        value->text = tp_slice_str(text);
        return;
    case TP_TYPE_BOOL:
    case TP_TYPE_COUNT:
    case TP_TYPE_INSTANT:
    case TP_TYPE_DATE:
    case TP_TYPE_PARTIAL_DATE:
    case TP_TYPE_NHS_NUMBER:
    case TP_TYPE_GRID:
    case TP_TYPE_AGENCY:
    case TP_TYPE_AGENCIES:
    case TP_TYPE_RECORDS:
        break;
    }
}

static void set_field(sim_writing *w, const sim_field *field)
{
    if (!field->has_value) {
        return;
    }
    char *text = w->texts[w->values_count];
    tp_value *value = new_value(w, field->code);
    value->is_null = field->value.is_null;
    if (!value->is_null) {
        fill_value(w, value, field->code, &field->value, text);
    }
}

/* The day before the moment at which it ends. */
static void set_last_day(sim_writing *w, uint32_t code, int64_t ends_ms)
{
    if (ends_ms != 0) {
        char *text = w->texts[w->values_count];
        tp_day_format(tp_day_of_number((int32_t)((ends_ms - MS_A_DAY / 2) / MS_A_DAY)), text);
        set_text(w, code, text);
    }
}

static void set_consent(sim_writing *w, const sim_event *e)
{
    static const char *const decisions[] = {"", "given", "refused", "withdrawn"};
    const sim_terms *t = &e->terms;
    set_text(w, TP_CONSENT_DECISION, t->is_newer ? "suspended" : decisions[t->decision]);
    set_codes(w, TP_CONSENT_AGENCIES, t->agencies, SIM_AGENCIES_MAX, agency_code);
    set_codes(w, TP_CONSENT_KINDS, t->kinds, TP_KIND_COUNT, kind_code);
    set_codes(w, TP_CONSENT_PURPOSES, t->purposes, TP_PURPOSE_COUNT, purpose_code);
    set_text(w, TP_CONSENT_HOW, "spoken");
    set_text(w, TP_CONSENT_CAPACITY, t->has_capacity ? "believed_to_have" : "in_doubt");
    set_last_day(w, TP_CONSENT_ENDS_ON, t->ends_ms);
}

static void set_gateway(sim_writing *w, const sim_event *e)
{
    set_codes(w, TP_GATEWAY_AGENCIES, e->terms.agencies, SIM_AGENCIES_MAX, agency_code);
    set_codes(w, TP_GATEWAY_KINDS, e->terms.kinds, TP_KIND_COUNT, kind_code);
    set_last_day(w, TP_GATEWAY_ENDS_ON, e->terms.ends_ms);
    set_text(w, TP_GATEWAY_AUTHORISER, "The Safeguarding Lead");
    set_text(w, TP_GATEWAY_BASIS, "Care Act 2014, section 42");
}

static void set_particulars(sim_writing *w, const sim_event *e)
{
    switch (e->entity) {
    case TP_CONSENT:
        set_consent(w, e);
        break;
    case TP_LEGAL_GATEWAY:
        set_gateway(w, e);
        break;
    case TP_JOIN:
        set_names(w, TP_JOIN_SAME_AS, e->names, 1);
        break;
    case TP_UNJOIN:
        set_names(w, TP_UNJOIN_JOINS, e->names, e->names_count);
        break;
    default:
        break;
    }
}

/* Everything but what was seen. */
static void set_values(sim_writing *w, const sim_event *e)
{
    static const tp_name none = {0, 0};
    tp_change_draft_init(&w->draft, none, e->entity);
    w->values_count = 0;
    if (e->record >= 0) {
        w->draft.record = name_of(w, e->record);
    } else if (e->person >= 0) {
        set_names(w, TP_FIELD_PERSON, &e->person, 1);
    }
    w->draft.worker = w->node->is_kiosk ? tp_slice_of(NULL, 0) : tp_slice_str("Priya");
    for (unsigned i = 0; i < e->fields_count; i++) {
        set_field(w, &e->fields[i]);
    }
    set_particulars(w, e);
}

/* ---- What the form showed ---- */

sim_field *sim_event_field(sim_event *e, uint32_t code)
{
    for (unsigned i = 0; i < e->fields_count; i++) {
        if (e->fields[i].code == code) {
            return &e->fields[i];
        }
    }
    sim_field *field = &e->fields[e->fields_count++];
    memset(field, 0, sizeof *field);
    field->code = code;
    return field;
}

static bool wants(const sim_event *e, uint32_t code)
{
    const sim_field *back = sim_field_of(e, TP_FIELD_RETRACTED);
    bool takes_back = back != NULL && back->has_value && !back->value.is_null;
    return takes_back || code == TP_FIELD_RETRACTED || sim_field_of(e, code) != NULL;
}

static void see(const sim_writing *w, const tp_loaded *loaded, const tp_loaded_field *from,
                sim_event *e)
{
    sim_field *field = sim_event_field(e, from->state.code);
    for (uint32_t h = 0; h < from->state.heads_count && field->seen_count < SIM_SEEN_MAX; h++) {
        const tp_name name = loaded->record.changes[from->heads[h].at].change->name;
        field->seen[field->seen_count++] = sim_event_of(w->world, w->device, name);
    }
}

/* Of an update: every head of what it sets, of `retracted` always, of everything where it takes the
 * record back. */
static tp_rc see_heads(const sim_writing *w, tp_tx *tx, sim_event *e, tp_err *err)
{
    tp_loaded *loaded = NULL;
    tp_rc rc = tp_merge_load(w->node->merge, tx, name_of(w, e->record), &loaded, err);
    for (uint32_t f = 0; rc == TP_OK && f < loaded->fields_count; f++) {
        const tp_loaded_field *field = &loaded->fields[f];
        if (field->state.heads_count > 0 && wants(e, field->state.code) &&
            e->fields_count < SIM_FIELDS_MAX) {
            see(w, loaded, field, e);
        }
    }
    tp_loaded_free(loaded);
    return rc;
}

/* ---- A program of another make ---- */

static tp_rc see_names(sim_writing *w, unsigned at, const sim_field *field, tp_err *err)
{
    for (unsigned i = 0; i < field->seen_count; i++) {
        w->seen[at][i] = name_of(w, field->seen[i]);
    }
    return field->seen_count == 0
               ? TP_OK
               : tp_change_draft_see(&w->draft, field->code, w->seen[at], field->seen_count, err);
}

static bool is_newer(const sim_event *e)
{
    return e->entity == SIM_NEWER_ENTITY || sim_field_of(e, SIM_NEWER_FIELD) != NULL;
}

/* Written by the newer program, shown by this one: as where an upgrade was taken back. */
static tp_rc append_newer(sim_writing *w, tp_tx *tx, tp_err *err)
{
    tp_slice bytes;
    tp_rc rc = tp_log_append(w->node->log, tx, &w->draft, &bytes, err);
    sim_newer_is_on = false;
    return rc == TP_OK ? tp_merge_rebuild(w->node->merge, tx, NULL, err) : rc;
}

static tp_rc write_otherwise(sim_writing *w, tp_tx *tx, sim_event *e, tp_err *err)
{
    tp_rc rc = e->record >= 0 ? see_heads(w, tx, e, err) : TP_OK;
    if (e->entity == TP_CONSENT) {
        set_names(w, TP_CONSENT_IN_SIGHT, e->in_sight, e->in_sight_count);
        set_names(w, TP_CONSENT_PERSONS, e->names, e->names_count);
    }
    w->draft.kinds = e->envelope;
    sim_newer_is_on = is_newer(e);
    w->draft.restricts = e->entity == TP_CONSENT && e->terms.decision != SIM_GIVEN;
    for (unsigned i = 0; rc == TP_OK && i < w->values_count; i++) {
        rc = tp_change_draft_set(&w->draft, w->codes[i], &w->values[i], err);
    }
    for (unsigned i = 0; rc == TP_OK && i < e->fields_count; i++) {
        rc = see_names(w, i, &e->fields[i], err);
    }
    if (rc == TP_OK && sim_newer_is_on) {
        rc = append_newer(w, tx, err);
    } else if (rc == TP_OK) {
        rc = tp_merge_write(w->node->merge, tx, &w->draft, err);
    }
    sim_newer_is_on = false;
    e->name = w->draft.name;
    return rc;
}

/* ---- Either ---- */

/* What only others say: words of a newer program, kinds put into an envelope. */
static bool is_beyond_it(const sim_event *e)
{
    return is_newer(e) || e->terms.is_newer || (e->envelope != 0 && e->entity != TP_LEGAL_GATEWAY);
}

bool sim_take_written(sim_world *world, unsigned device, sim_event *event)
{
    const int at = (int)world->oracle.count;
    sim_node *node = &world->nodes[device];
    world->oracle.count++;
    event->device = device;
    event->agency = node->agency;
    event->record = event->record >= 0 ? event->record : at;
    event->person = event->entity == TP_PERSON ? event->record : event->person;
    world->oracle.events[at] = *event;
    node->held[at] = true;
    node->ever[at] = true;
    node->written[at] = true;
    world->made[event->action] = at;
    return true;
}

bool sim_write(sim_world *world, unsigned device, sim_event *event, int *at_out)
{
    static sim_writing w; /* large; one thread */
    sim_node *node = &world->nodes[device];
    tp_err err;
    tp_tx tx = TP_TX_NONE;
    bool is_written = true;
    bool is_by_program = event->action % 3 != 0 && !is_beyond_it(event);
    sim_node_tick(world, device);
    w.world = world;
    w.node = node;
    w.device = device;
    sim_newer_is_on = is_newer(event);
    set_values(&w, event);
    sim_newer_is_on = false;
    *at_out = -1;
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_WRITE, &err);
    if (rc == TP_OK) {
        rc = is_by_program ? sim_write_by_program(&w, &tx, event, &is_written, &err)
                           : write_otherwise(&w, &tx, event, &err);
    }
    event->true_ms = world->now_ms;
    event->wall_off_ms = node->clock.reading.wall_ms - world->now_ms;
    if (rc == TP_OK && is_written) {
        rc = tp_tx_commit(&tx, &err);
        world->unsure.is_written = rc != TP_OK && world->fault.kind == SIM_CUT;
        world->unsure.event = *event;
        world->unsure.device = device;
    }
    tp_tx_rollback(&tx);
    if (!sim_must(world, rc, "writing a change", &err) || world->trouble.check != NULL) {
        return false;
    }
    if (is_written && !sim_check_named(world, device, event, is_by_program)) {
        return false;
    }
    if (is_written) {
        *at_out = (int)world->oracle.count;
        sim_take_written(world, device, event);
    }
    return true;
}
