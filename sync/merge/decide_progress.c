/* Status: the furthest state on, but for a reopening by somebody who had seen as far. */
#include "sync/merge/decide_heads.h"
#include "sync/wire/field_value.h"

/* How far on a state is.  One this program does not know is nearly the furthest: it is shown as
 * it was written rather than hidden behind a state somebody left; only the person's own word
 * stands above it. */
enum { CLEARED = 0, OPEN = 1, UNDER_WAY = 2, SETTLED = 3, UNKNOWN = 4, BY_PERSON = 5 };

static const struct {
    const char *code;
    int rank;
} states[] = {{"open", OPEN},        {"held", UNDER_WAY}, {"doing", UNDER_WAY},
              {"answered", SETTLED}, {"done", SETTLED},   {"withdrawn", BY_PERSON}};

static int rank_of(const tp_record *record, const tp_field_row *row, uint32_t at);
static int furthest_seen(const tp_record *record, const tp_field_row *row, uint32_t at,
                         tp_decide_room *room);
static bool is_further(const tp_record *record, int rank, uint32_t at, int than_rank,
                       uint32_t than);

uint32_t tp_decide_progress(const tp_record *record, const tp_field_row *row, tp_decide_room *room,
                            const tp_field_state *state)
{
    int furthest = CLEARED;
    for (uint32_t h = 0; h < state->heads_count; h++) {
        int rank = rank_of(record, row, room->heads[h].at);
        furthest = rank > furthest ? rank : furthest;
    }
    uint32_t shown = TP_DECIDE_NONE;
    int shown_rank = CLEARED;
    bool is_shown_reopening = false;
    for (uint32_t h = 0; h < state->heads_count; h++) {
        uint32_t at = room->heads[h].at;
        int rank = rank_of(record, row, at);
        int seen = furthest_seen(record, row, at, room);
        bool is_reopening = rank < seen && seen >= furthest;
        if (shown == TP_DECIDE_NONE || (is_reopening && !is_shown_reopening) ||
            (is_reopening == is_shown_reopening &&
             is_further(record, rank, at, shown_rank, shown))) {
            shown = at;
            shown_rank = rank;
            is_shown_reopening = is_reopening;
        }
    }
    return shown;
}

static int rank_of(const tp_record *record, const tp_field_row *row, uint32_t at)
{
    const tp_change *change = record->changes[at].change;
    tp_value value;
    tp_err err = {0};
    tp_slice item = tp_change_field_of(change, row->code)->value;
    if (tp_field_value_decode(row, change, item, &value, &err) != TP_OK) {
        return UNKNOWN;
    }
    if (value.is_null) {
        return CLEARED;
    }
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (tp_slice_is(value.text, states[i].code)) {
            return states[i].rank;
        }
    }
    return UNKNOWN;
}

/* The furthest state its writer had seen, themselves or through those whose state they went on
 * from. */
static int furthest_seen(const tp_record *record, const tp_field_row *row, uint32_t at,
                         tp_decide_room *room)
{
    int furthest = CLEARED;
    room->marks[at] |= TP_HEADS_START;
    tp_heads_walk(record, row->code, room);
    for (uint32_t i = 0; i < record->count; i++) {
        if ((room->marks[i] & TP_HEADS_REACHED) != 0 &&
            tp_heads_value(&record->changes[i], row->code) != NULL) {
            int rank = rank_of(record, row, i);
            furthest = rank > furthest ? rank : furthest;
        }
    }
    return furthest;
}

static bool is_further(const tp_record *record, int rank, uint32_t at, int than_rank, uint32_t than)
{
    return rank != than_rank ? rank > than_rank
                             : tp_heads_is_newer(&record->changes[at], &record->changes[than]);
}
