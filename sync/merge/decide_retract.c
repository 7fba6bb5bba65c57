/* Taken back: hidden, unless somebody went on with the record without having seen that. */
#include "sync/merge/decide_heads.h"
#include "sync/wire/field_value.h"

enum {
    TAKES_BACK = TP_HEADS_RULE, /* sets a reason */
    FINAL = TP_HEADS_RULE << 1, /* a reason after which nobody else brings it back */
    ENDED = TP_HEADS_RULE << 2  /* brought back, or given another reason, in sight of it */
};

static void mark_retractions(const tp_record *record, tp_decide_room *room);
static void end_seen(const tp_record *record, uint32_t at, tp_decide_room *room);
static bool may_end(const tp_record *record, const tp_decide_room *room, uint32_t ender,
                    uint32_t retraction);
static bool names(const tp_change *change, tp_name name);
static uint32_t answer_to(const tp_record *record, uint32_t retraction, tp_decide_room *room);
static bool counts_before(const tp_record *record, const tp_decide_room *room, uint32_t a,
                          uint32_t b);
static tp_retraction judge(const tp_record *record, tp_decide_room *room);

tp_retraction tp_decide_retraction(const tp_record *record, tp_decide_room *room)
{
    memset(room->marks, 0, record->count * sizeof *room->marks);
    mark_retractions(record, room);
    return judge(record, room);
}

void tp_decide_retracted(const tp_record *record, tp_decide_room *room, tp_field_state *state)
{
    mark_retractions(record, room);
    tp_retraction retraction = judge(record, room);
    uint32_t latest = TP_DECIDE_NONE;
    for (uint32_t i = 0; i < record->count; i++) {
        bool is_reason = (room->marks[i] & TAKES_BACK) != 0;
        if (tp_heads_value(&record->changes[i], state->code) == NULL ||
            (room->marks[i] & (is_reason ? ENDED : TP_HEADS_NAMED)) != 0) {
            continue;
        }
        /* Whoever took it back is told where it is shown again. */
        tp_heads_add(room, state, i)->is_told = is_reason && !retraction.is_hidden;
        if (!is_reason && (latest == TP_DECIDE_NONE ||
                           tp_heads_is_newer(&record->changes[i], &record->changes[latest]))) {
            latest = i;
        }
    }
    state->shown = retraction.is_hidden ? retraction.by : latest;
}

/* Records of a final entity are never taken back: another one answers them. */
static void mark_retractions(const tp_record *record, tp_decide_room *room)
{
    const tp_entity_row *entity = tp_entity_of(record->entity);
    const tp_field_row *row = tp_field_of(record->entity, TP_FIELD_RETRACTED);
    if (row == NULL || (entity->flags & TP_ENTITY_FINAL) != 0) {
        return;
    }
    for (uint32_t i = 0; i < record->count; i++) {
        const tp_change *change = record->changes[i].change;
        const tp_change_field *field = tp_heads_value(&record->changes[i], TP_FIELD_RETRACTED);
        tp_value value;
        tp_err err = {0};
        if (field == NULL ||
            tp_field_value_decode(row, change, field->value, &value, &err) != TP_OK ||
            value.is_null) {
            continue;
        }
        room->marks[i] |= TAKES_BACK | (tp_retraction_is_final(value.text) ? FINAL : 0);
    }
    for (uint32_t i = 0; i < record->count; i++) {
        if (record->changes[i].is_stub ||
            tp_heads_value(&record->changes[i], TP_FIELD_RETRACTED) != NULL) {
            end_seen(record, i, room);
        }
    }
}

static void end_seen(const tp_record *record, uint32_t at, tp_decide_room *room)
{
    uint32_t count = 0;
    const tp_name *seen = tp_heads_seen(&record->changes[at], TP_FIELD_RETRACTED, &count);
    for (uint32_t n = 0; n < count; n++) {
        uint32_t named = tp_heads_find(record, room->order, seen[n]);
        if (named != TP_DECIDE_NONE && named != at && may_end(record, room, at, named)) {
            room->marks[named] |= ENDED;
        }
    }
}

/* A final reason is ended only by whoever gave it, by the creating agency, or by another final
 * one. */
static bool may_end(const tp_record *record, const tp_decide_room *room, uint32_t ender,
                    uint32_t retraction)
{
    const tp_record_change *by = &record->changes[ender];
    const tp_record_change *taken_back = &record->changes[retraction];
    return (room->marks[retraction] & FINAL) == 0 || (room->marks[ender] & FINAL) != 0 ||
           tp_heads_is_by(by, record->name.device, record->creator) ||
           tp_heads_is_by(by, taken_back->change->name.device, taken_back->agency);
}

static bool names(const tp_change *change, tp_name name)
{
    for (uint32_t n = 0; n < change->seen_count; n++) {
        if (tp_name_eq(change->seen[n], name)) {
            return true;
        }
    }
    return false;
}

/* The latest update that neither had seen the retraction nor was seen by it.  An update has seen
 * what stood on its own form, not what others had whom it went on from: where the answer to a
 * retraction was given back and then lost with a hub that fell, the retraction stands again, and
 * whoever went on meanwhile wrote on a record that nobody had taken back. */
static uint32_t answer_to(const tp_record *record, uint32_t retraction, tp_decide_room *room)
{
    const tp_change *taken_back = record->changes[retraction].change;
    uint32_t answer = TP_DECIDE_NONE;
    room->marks[retraction] |= TP_HEADS_START;
    tp_heads_walk(record, 0, room);
    for (uint32_t i = 0; i < record->count; i++) {
        const tp_record_change *update = &record->changes[i];
        /* A device has always seen what it wrote itself. */
        bool is_same_device = update->change->name.device == taken_back->name.device;
        if (update->is_stub || tp_change_creates(update->change) || is_same_device ||
            (room->marks[i] & (TAKES_BACK | TP_HEADS_REACHED)) != 0 ||
            names(update->change, taken_back->name)) {
            continue;
        }
        if (answer == TP_DECIDE_NONE || tp_heads_is_newer(update, &record->changes[answer])) {
            answer = i;
        }
    }
    return answer;
}

static bool counts_before(const tp_record *record, const tp_decide_room *room, uint32_t a,
                          uint32_t b)
{
    uint32_t final_a = room->marks[a] & FINAL;
    uint32_t final_b = room->marks[b] & FINAL;
    if (final_a != final_b) {
        return final_a != 0;
    }
    return tp_heads_is_newer(&record->changes[a], &record->changes[b]);
}

static tp_retraction judge(const tp_record *record, tp_decide_room *room)
{
    tp_retraction result = {false, false, false, TP_DECIDE_NONE, TP_DECIDE_NONE};
    uint32_t hiding = TP_DECIDE_NONE;
    uint32_t answered = TP_DECIDE_NONE;
    for (uint32_t i = 0; i < record->count; i++) {
        if ((room->marks[i] & (TAKES_BACK | ENDED)) != TAKES_BACK) {
            continue;
        }
        bool is_hiding =
            (room->marks[i] & FINAL) != 0 || answer_to(record, i, room) == TP_DECIDE_NONE;
        uint32_t *best = is_hiding ? &hiding : &answered;
        if (*best == TP_DECIDE_NONE || counts_before(record, room, i, *best)) {
            *best = i;
        }
    }
    result.is_hidden = hiding != TP_DECIDE_NONE;
    result.is_final = result.is_hidden && (room->marks[hiding] & FINAL) != 0;
    result.is_brought_back = !result.is_hidden && answered != TP_DECIDE_NONE;
    result.by = result.is_hidden ? hiding : answered;
    if (result.is_brought_back) {
        result.answered_by = answer_to(record, answered, room);
    }
    return result;
}
