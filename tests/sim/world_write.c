/* Writing a change as a program does: every head the device holds of what is set is named. */
#include "tests/sim/world.h"

#include "schema/day.h"
#include "sync/wire/change_bytes.h"

#include <stdio.h>

enum { TEXT_BYTES = 96, MS_A_DAY = 86400000 };

/* What the values of a draft borrow from. */
typedef struct writing {
    sim_world *world;
    sim_node *node;
    tp_change_draft draft;
    unsigned values_count;
    tp_value values[SIM_FIELDS_MAX + 16];
    char texts[SIM_FIELDS_MAX + 16][TEXT_BYTES];
    tp_name seen[SIM_FIELDS_MAX + 1][SIM_SEEN_MAX];
} writing;

static tp_name name_of(const writing *w, int at)
{
    return w->world->oracle.events[at].name;
}

static tp_value *new_value(writing *w, tp_type type)
{
    tp_value *value = &w->values[w->values_count++];
    value->type = type;
    value->is_null = false;
    value->texts_count = 0;
    value->names_count = 0;
    return value;
}

static tp_rc set_text(writing *w, uint32_t code, const char *text, tp_err *err)
{
    tp_value *value = new_value(w, tp_field_of(w->draft.entity, code)->type);
    value->text = tp_slice_str(text);
    return tp_change_draft_set(&w->draft, code, value, err);
}

static tp_rc set_names(writing *w, uint32_t code, const int *events, unsigned count, tp_err *err)
{
    tp_value *value = new_value(w, tp_field_of(w->draft.entity, code)->type);
    for (unsigned i = 0; i < count; i++) {
        value->names[value->names_count++] = name_of(w, events[i]);
    }
    return count == 0 ? TP_OK : tp_change_draft_set(&w->draft, code, value, err);
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

static tp_rc set_codes(writing *w, uint32_t code, uint32_t mask, unsigned count,
                       const char *(*name)(unsigned), tp_err *err)
{
    tp_value *value = new_value(w, tp_field_of(w->draft.entity, code)->type);
    fill_codes(value, mask, count, name);
    return tp_change_draft_set(&w->draft, code, value, err);
}

/* ---- Fields ---- */

/* The same words, however they are typed. */
static void spell(const sim_value *value, tp_type type, char text[TEXT_BYTES])
{
    if (type == TP_TYPE_PHONE) {
        snprintf(text, TEXT_BYTES, (value->spelling & 1) != 0 ? "0115 949 6%03u" : "0115-9496-%03u",
                 value->key % 1000);
    } else {
        snprintf(text, TEXT_BYTES, (value->spelling & 1) != 0 ? " words no. %u " : "words no. %u",
                 value->key);
    }
}

static void fill_value(writing *w, tp_value *value, uint32_t code, const sim_value *from,
                       char *text)
{
    switch (value->type) {
    case TP_TYPE_RECORD:
        value->names[value->names_count++] = name_of(w, (int)from->key);
        return;
    case TP_TYPE_HOLDER:
        snprintf(text, TEXT_BYTES, "worker %u", from->key);
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

static tp_rc set_field(writing *w, unsigned at, const sim_field *field, tp_err *err)
{
    if (field->has_value) {
        char *text = w->texts[w->values_count];
        tp_value *value = new_value(w, tp_field_of(w->draft.entity, field->code)->type);
        value->is_null = field->value.is_null;
        if (!value->is_null) {
            fill_value(w, value, field->code, &field->value, text);
        }
        tp_rc rc = tp_change_draft_set(&w->draft, field->code, value, err);
        if (rc != TP_OK) {
            return rc;
        }
    }
    for (unsigned i = 0; i < field->seen_count; i++) {
        w->seen[at][i] = name_of(w, field->seen[i]);
    }
    return field->seen_count == 0
               ? TP_OK
               : tp_change_draft_see(&w->draft, field->code, w->seen[at], field->seen_count, err);
}

/* The day before the moment at which it ends. */
static tp_rc set_last_day(writing *w, uint32_t code, int64_t ends_ms, tp_err *err)
{
    char *text = w->texts[w->values_count];
    if (ends_ms == 0) {
        return TP_OK;
    }
    tp_day_format(tp_day_of_number((int32_t)((ends_ms - MS_A_DAY / 2) / MS_A_DAY)), text);
    return set_text(w, code, text, err);
}

static tp_rc set_consent(writing *w, const sim_event *e, tp_err *err)
{
    static const char *const decisions[] = {"", "given", "refused", "withdrawn"};
    const sim_terms *t = &e->terms;
    tp_rc rc =
        set_text(w, TP_CONSENT_DECISION, t->is_newer ? "suspended" : decisions[t->decision], err);
    if (rc == TP_OK) {
        rc = set_codes(w, TP_CONSENT_AGENCIES, t->agencies, SIM_AGENCIES, agency_code, err);
    }
    if (rc == TP_OK) {
        rc = set_codes(w, TP_CONSENT_KINDS, t->kinds, TP_KIND_COUNT, kind_code, err);
    }
    if (rc == TP_OK) {
        rc = set_codes(w, TP_CONSENT_PURPOSES, t->purposes, TP_PURPOSE_COUNT, purpose_code, err);
    }
    if (rc == TP_OK) {
        rc = set_text(w, TP_CONSENT_HOW, "spoken", err);
    }
    if (rc == TP_OK) {
        rc = set_text(w, TP_CONSENT_CAPACITY, t->has_capacity ? "believed_to_have" : "in_doubt",
                      err);
    }
    if (rc == TP_OK) {
        rc = set_last_day(w, TP_CONSENT_ENDS_ON, t->ends_ms, err);
    }
    if (rc == TP_OK) {
        rc = set_names(w, TP_CONSENT_IN_SIGHT, e->in_sight, e->in_sight_count, err);
    }
    return rc == TP_OK ? set_names(w, TP_CONSENT_PERSONS, e->names, e->names_count, err) : rc;
}

static tp_rc set_gateway(writing *w, const sim_event *e, tp_err *err)
{
    tp_rc rc = set_codes(w, TP_GATEWAY_AGENCIES, e->terms.agencies, SIM_AGENCIES, agency_code, err);
    if (rc == TP_OK) {
        rc = set_codes(w, TP_GATEWAY_KINDS, e->terms.kinds, TP_KIND_COUNT, kind_code, err);
    }
    if (rc == TP_OK) {
        rc = set_last_day(w, TP_GATEWAY_ENDS_ON, e->terms.ends_ms, err);
    }
    if (rc == TP_OK) {
        rc = set_text(w, TP_GATEWAY_AUTHORISER, "The Safeguarding Lead", err);
    }
    return rc == TP_OK ? set_text(w, TP_GATEWAY_BASIS, "Care Act 2014, section 42", err) : rc;
}

static tp_rc set_particulars(writing *w, const sim_event *e, tp_err *err)
{
    switch (e->entity) {
    case TP_CONSENT:
        return set_consent(w, e, err);
    case TP_LEGAL_GATEWAY:
        return set_gateway(w, e, err);
    case TP_JOIN:
        return set_names(w, TP_JOIN_SAME_AS, e->names, 1, err);
    case TP_UNJOIN:
        return set_names(w, TP_UNJOIN_JOINS, e->names, e->names_count, err);
    default:
        return TP_OK;
    }
}

static tp_rc fill_draft(writing *w, const sim_event *e, tp_err *err)
{
    tp_rc rc = TP_OK;
    tp_change_draft_init(&w->draft, (tp_name){0, 0}, e->entity);
    if (e->record >= 0) {
        w->draft.record = name_of(w, e->record);
    } else if (e->person >= 0) {
        rc = set_names(w, TP_FIELD_PERSON, &e->person, 1, err);
    }
    w->draft.worker = w->node->is_kiosk ? tp_slice_of(NULL, 0) : tp_slice_str("Priya");
    w->draft.kinds = e->envelope;
    w->draft.restricts = e->entity == TP_CONSENT && e->terms.decision != SIM_GIVEN;
    for (unsigned i = 0; rc == TP_OK && i < e->fields_count; i++) {
        rc = set_field(w, i, &e->fields[i], err);
    }
    return rc == TP_OK ? set_particulars(w, e, err) : rc;
}

/* ---- What the form showed ---- */

static sim_field *field_for(sim_event *e, uint32_t code)
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

static void see(const sim_world *world, const tp_loaded *loaded, const tp_loaded_field *from,
                sim_event *e)
{
    sim_field *field = field_for(e, from->state.code);
    for (uint32_t h = 0; h < from->state.heads_count && field->seen_count < SIM_SEEN_MAX; h++) {
        const tp_name name = loaded->record.changes[from->heads[h].at].change->name;
        field->seen[field->seen_count++] = sim_oracle_find(&world->oracle, name);
    }
}

/* Of an update: every head of what it sets, of `retracted` always, of everything where it takes the
 * record back. */
static tp_rc see_heads(sim_world *world, sim_node *node, tp_tx *tx, sim_event *e, tp_err *err)
{
    tp_loaded *loaded = NULL;
    tp_rc rc = tp_merge_load(node->merge, tx, world->oracle.events[e->record].name, &loaded, err);
    for (uint32_t f = 0; rc == TP_OK && f < loaded->fields_count; f++) {
        const tp_loaded_field *field = &loaded->fields[f];
        if (field->state.heads_count > 0 && wants(e, field->state.code) &&
            e->fields_count < SIM_FIELDS_MAX) {
            see(world, loaded, field, e);
        }
    }
    tp_loaded_free(loaded);
    return rc;
}

bool sim_write(sim_world *world, unsigned device, sim_event *event, int *at_out)
{
    static writing w; /* large; one thread */
    sim_node *node = &world->nodes[device];
    tp_err err;
    tp_tx tx = TP_TX_NONE;
    sim_node_tick(world, device);
    w.world = world;
    w.node = node;
    w.values_count = 0;
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_WRITE, &err);
    if (rc == TP_OK && event->record >= 0) {
        rc = see_heads(world, node, &tx, event, &err);
    }
    if (rc == TP_OK) {
        rc = fill_draft(&w, event, &err);
    }
    if (rc == TP_OK) {
        rc = tp_merge_write(node->merge, &tx, &w.draft, &err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, &err);
    }
    tp_tx_rollback(&tx);
    if (!sim_must(world, rc, "writing a change", &err)) {
        return false;
    }
    int at = (int)world->oracle.count++;
    event->name = w.draft.name;
    event->device = device;
    event->agency = node->agency;
    event->record = event->record >= 0 ? event->record : at;
    event->person = event->entity == TP_PERSON ? event->record : event->person;
    event->true_ms = world->now_ms;
    event->wall_off_ms = node->wall_off_ms;
    world->oracle.events[at] = *event;
    node->held[at] = true;
    node->ever[at] = true;
    *at_out = at;
    return true;
}
