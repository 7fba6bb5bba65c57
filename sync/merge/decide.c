/* What a record shows: the rules that need no file of their own, and what all have in common. */
#include "sync/merge/decide.h"

#include "sync/merge/decide_heads.h"
#include "sync/wire/field_value.h"

/* Values compared with each other; any more each count as different. */
enum { COMPARED_MAX = 64 };

static tp_rule rule_of(const tp_record *record, const tp_field_row *row);
static void add_plain_heads(const tp_record *record, tp_decide_room *room, tp_field_state *state);
static uint32_t latest_head(const tp_record *record, const tp_decide_room *room,
                            const tp_field_state *state);
static uint32_t creating_change(const tp_record *record, uint32_t code);
static uint32_t first_filled(const tp_record *record, const tp_field_row *row, uint32_t code);
static void add_first(const tp_record *record, const tp_field_row *row, tp_decide_room *room,
                      tp_field_state *state);
static bool comes_before(const tp_record *record, const tp_field_state *state, const tp_head *a,
                         const tp_head *b);
static void sort_heads(const tp_record *record, tp_decide_room *room, const tp_field_state *state);
static bool is_same(const tp_record *record, const tp_field_row *row, uint32_t code, uint32_t a,
                    uint32_t b);
static void compare_heads(const tp_record *record, const tp_field_row *row, tp_decide_room *room,
                          tp_field_state *state);
static void mark_shown(const tp_record *record, tp_decide_room *room, tp_field_state *state);

void tp_decide_prepare(const tp_record *record, tp_decide_room *room)
{
    tp_heads_sort(record, room->order);
}

uint32_t tp_decide_next_field(const tp_record *record, uint32_t after)
{
    uint32_t next = 0;
    for (uint32_t i = 0; i < record->count; i++) {
        const tp_change *change = record->changes[i].change;
        for (uint32_t f = 0; f < change->fields_count; f++) {
            uint32_t code = change->fields[f].code;
            if (change->fields[f].has_value && code > after && (next == 0 || code < next)) {
                next = code;
            }
        }
    }
    return next;
}

tp_field_state tp_decide_field(const tp_record *record, uint32_t code, uint32_t verdict,
                               tp_decide_room *room)
{
    const tp_field_row *row = tp_field_of(record->entity, code);
    tp_field_state state = {code,  rule_of(record, row), 0, TP_DECIDE_NONE, false, false,
                            false, TP_DECIDE_NONE};
    tp_heads_mark(record, code, room);
    switch (state.rule) {
    case TP_RULE_LATEST:
    case TP_RULE_CAREFUL:
    case TP_RULE_KINDS:
        add_plain_heads(record, room, &state);
        state.shown = latest_head(record, room, &state);
        break;
    case TP_RULE_PROGRESS:
        add_plain_heads(record, room, &state);
        state.shown = tp_decide_progress(record, row, room, &state);
        break;
    case TP_RULE_FIRST:
        add_first(record, row, room, &state);
        break;
    case TP_RULE_PROTECT:
        state.shown = creating_change(record, code);
        if (state.shown != TP_DECIDE_NONE) {
            tp_heads_add(room, &state, state.shown);
        }
        break;
    case TP_RULE_HOLDER:
        tp_decide_holder(record, row, verdict, room, &state);
        break;
    case TP_RULE_RETRACT:
        tp_decide_retracted(record, room, &state);
        break;
    }
    sort_heads(record, room, &state);
    compare_heads(record, row, room, &state);
    mark_shown(record, room, &state);
    return state;
}

uint32_t tp_decide_verdict(const tp_field_state *state, bool may_hold_shown)
{
    return state->is_creator_holding || !may_hold_shown ? TP_VERDICT_HOLDER_LOST : 0;
}

tp_head *tp_heads_add(tp_decide_room *room, tp_field_state *state, uint32_t at)
{
    tp_head *head = &room->heads[state->heads_count++];
    *head = (tp_head){at, 0, false, false, false, 0};
    return head;
}

static tp_rule rule_of(const tp_record *record, const tp_field_row *row)
{
    const tp_entity_row *entity = tp_entity_of(record->entity);
    if (row == NULL) {
        return TP_RULE_LATEST;
    }
    return (entity->flags & TP_ENTITY_FINAL) != 0 ? TP_RULE_PROTECT : row->rule;
}

static void add_plain_heads(const tp_record *record, tp_decide_room *room, tp_field_state *state)
{
    for (uint32_t i = 0; i < record->count; i++) {
        if (tp_heads_value(&record->changes[i], state->code) != NULL &&
            (room->marks[i] & TP_HEADS_NAMED) == 0) {
            tp_heads_add(room, state, i);
        }
    }
}

static uint32_t latest_head(const tp_record *record, const tp_decide_room *room,
                            const tp_field_state *state)
{
    uint32_t latest = TP_DECIDE_NONE;
    for (uint32_t h = 0; h < state->heads_count; h++) {
        uint32_t at = room->heads[h].at;
        if (latest == TP_DECIDE_NONE ||
            tp_heads_is_newer(&record->changes[at], &record->changes[latest])) {
            latest = at;
        }
    }
    return latest;
}

static uint32_t creating_change(const tp_record *record, uint32_t code)
{
    for (uint32_t i = 0; i < record->count; i++) {
        if (tp_change_creates(record->changes[i].change) &&
            tp_heads_value(&record->changes[i], code) != NULL) {
            return i;
        }
    }
    return TP_DECIDE_NONE;
}

/* Whoever reached the hub first filled it; clearing it fills nothing. */
static uint32_t first_filled(const tp_record *record, const tp_field_row *row, uint32_t code)
{
    uint32_t first = TP_DECIDE_NONE;
    for (uint32_t i = 0; i < record->count; i++) {
        const tp_record_change *change = &record->changes[i];
        const tp_change_field *field = tp_heads_value(change, code);
        tp_value value;
        tp_err err = {0};
        if (field == NULL ||
            tp_field_value_decode(row, change->change, field->value, &value, &err) != TP_OK ||
            value.is_null) {
            continue;
        }
        if (first == TP_DECIDE_NONE ||
            tp_heads_is_earlier_accepted(change, &record->changes[first])) {
            first = i;
        }
    }
    return first;
}

static void add_first(const tp_record *record, const tp_field_row *row, tp_decide_room *room,
                      tp_field_state *state)
{
    add_plain_heads(record, room, state);
    state->shown = first_filled(record, row, state->code);
    /* It stands even where somebody replaced it. */
    if (state->shown != TP_DECIDE_NONE && (room->marks[state->shown] & TP_HEADS_NAMED) != 0) {
        tp_heads_add(room, state, state->shown);
    }
}

static bool comes_before(const tp_record *record, const tp_field_state *state, const tp_head *a,
                         const tp_head *b)
{
    if (a->at == state->shown || b->at == state->shown) {
        return a->at == state->shown;
    }
    if (a->is_offer != b->is_offer) {
        return b->is_offer;
    }
    return tp_name_cmp(record->changes[a->at].change->name, record->changes[b->at].change->name) <
           0;
}

static void sort_heads(const tp_record *record, tp_decide_room *room, const tp_field_state *state)
{
    for (uint32_t h = 1; h < state->heads_count; h++) {
        tp_head head = room->heads[h];
        uint32_t at = h;
        while (at > 0 && comes_before(record, state, &head, &room->heads[at - 1])) {
            room->heads[at] = room->heads[at - 1];
            at--;
        }
        room->heads[at] = head;
    }
}

static bool is_same(const tp_record *record, const tp_field_row *row, uint32_t code, uint32_t a,
                    uint32_t b)
{
    const tp_change *change_a = record->changes[a].change;
    const tp_change *change_b = record->changes[b].change;
    tp_slice item_a = tp_change_field_of(change_a, code)->value;
    tp_slice item_b = tp_change_field_of(change_b, code)->value;
    tp_value value_a;
    tp_value value_b;
    tp_err err = {0};
    if (row == NULL || tp_field_value_decode(row, change_a, item_a, &value_a, &err) != TP_OK ||
        tp_field_value_decode(row, change_b, item_b, &value_b, &err) != TP_OK) {
        return tp_slice_eq(item_a, item_b);
    }
    return tp_field_value_same(row, &value_a, &value_b);
}

static void compare_heads(const tp_record *record, const tp_field_row *row, tp_decide_room *room,
                          tp_field_state *state)
{
    uint32_t distinct = 0;
    for (uint32_t h = 0; h < state->heads_count; h++) {
        tp_head *head = &room->heads[h];
        uint32_t compared = h < COMPARED_MAX ? h : COMPARED_MAX;
        head->same_as = h;
        for (uint32_t i = 0; i < compared; i++) {
            if (room->heads[i].same_as == i &&
                is_same(record, row, state->code, head->at, room->heads[i].at)) {
                head->same_as = i;
                break;
            }
        }
        distinct += head->same_as == h;
    }
    state->is_conflict = distinct > 1;
}

/* What of the heads is shown, and whose writers are told. */
static void mark_shown(const tp_record *record, tp_decide_room *room, tp_field_state *state)
{
    bool all_shown = state->rule == TP_RULE_CAREFUL || state->rule == TP_RULE_KINDS;
    /* Where the rule has said itself who is told. */
    bool is_said = state->rule == TP_RULE_HOLDER || state->rule == TP_RULE_RETRACT;
    bool any_told = false;
    for (uint32_t h = 0; h < state->heads_count; h++) {
        tp_head *head = &room->heads[h];
        head->is_shown = all_shown || (state->shown != TP_DECIDE_NONE && head->same_as == 0);
        head->is_told = !head->is_shown && (head->is_told || !is_said);
        any_told = any_told || head->is_told;
        if (head->is_told && state->shown != TP_DECIDE_NONE) {
            const tp_stamp *own = &record->changes[head->at].stamp;
            const tp_stamp *shown = &record->changes[state->shown].stamp;
            int64_t later_ms = own->ms > shown->ms ? own->ms : shown->ms;
            head->told_since_ms = own->number == 0 || shown->number == 0 ? 0 : later_ms;
        }
    }
    if (is_said) {
        state->is_conflict = any_told;
    }
}
