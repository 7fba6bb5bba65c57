/* Who holds (PH2): acceptances end acceptances, offers stand beside.  Exactly one at the hub,
 * never none. */
#include "sync/merge/decide_heads.h"
#include "sync/wire/field_value.h"

enum {
    ACCEPTS = TP_HEADS_RULE,    /* written on a device of the agency it names */
    OFFERS = TP_HEADS_RULE << 1 /* names an agency that its writer cannot speak for */
};

static void mark_acceptances(const tp_record *record, const tp_field_row *row,
                             tp_decide_room *room);
static void walk_from_acceptances(const tp_record *record, uint32_t code, bool with_stubs,
                                  bool only_answered, tp_decide_room *room);
static uint32_t first_standing(const tp_record *record, bool only_answered,
                               const tp_decide_room *room);
static void add_acceptances(const tp_record *record, tp_decide_room *room, tp_field_state *state);
static void add_offers(const tp_record *record, tp_decide_room *room, tp_field_state *state);

void tp_decide_holder(const tp_record *record, const tp_field_row *row, uint32_t verdict,
                      tp_decide_room *room, tp_field_state *state)
{
    bool is_lost = (verdict & TP_VERDICT_HOLDER_LOST) != 0;
    mark_acceptances(record, row, room);
    walk_from_acceptances(record, row->code, true, false, room);
    bool with_stubs = first_standing(record, false, room) != TP_DECIDE_NONE || is_lost;
    if (!with_stubs) {
        /* Whoever is left was named only by what was given back.  The hub knows what that was,
         * and says that somebody holds: so it was an offer. */
        walk_from_acceptances(record, row->code, false, false, room);
    }
    add_acceptances(record, room, state);
    state->shown = first_standing(record, false, room);
    state->is_unconfirmed =
        state->shown != TP_DECIDE_NONE && record->changes[state->shown].stamp.number == 0;
    walk_from_acceptances(record, row->code, with_stubs, true, room);
    state->answerable = is_lost ? TP_DECIDE_NONE : first_standing(record, true, room);
    if (is_lost && !state->is_unconfirmed) {
        state->shown = TP_DECIDE_NONE;
    }
    state->is_creator_holding = state->shown == TP_DECIDE_NONE;
    add_offers(record, room, state);
}

static void mark_acceptances(const tp_record *record, const tp_field_row *row, tp_decide_room *room)
{
    for (uint32_t i = 0; i < record->count; i++) {
        const tp_record_change *change = &record->changes[i];
        const tp_change_field *field = tp_heads_value(change, row->code);
        tp_value value;
        tp_err err = {0};
        /* Cleared: ends the offers it names, and no acceptance: somebody must hold it. */
        if (field == NULL ||
            tp_field_value_decode(row, change->change, field->value, &value, &err) != TP_OK ||
            value.is_null) {
            continue;
        }
        room->marks[i] |= tp_slice_eq(value.texts[0], change->agency) ? ACCEPTS : OFFERS;
    }
}

/* Afterwards an acceptance that is REACHED is ended. */
static void walk_from_acceptances(const tp_record *record, uint32_t code, bool with_stubs,
                                  bool only_answered, tp_decide_room *room)
{
    for (uint32_t i = 0; i < record->count; i++) {
        const tp_record_change *change = &record->changes[i];
        bool is_start = (room->marks[i] & ACCEPTS) != 0 || (with_stubs && change->is_stub);
        if (is_start && (!only_answered || change->is_stub || change->stamp.number != 0)) {
            room->marks[i] |= TP_HEADS_START;
        }
    }
    tp_heads_walk(record, code, room);
}

/* Of those that had not seen each other, the first to reach the hub. */
static uint32_t first_standing(const tp_record *record, bool only_answered,
                               const tp_decide_room *room)
{
    uint32_t first = TP_DECIDE_NONE;
    for (uint32_t i = 0; i < record->count; i++) {
        bool stands = (room->marks[i] & (ACCEPTS | TP_HEADS_REACHED)) == ACCEPTS;
        if (!stands || (only_answered && record->changes[i].stamp.number == 0)) {
            continue;
        }
        if (first == TP_DECIDE_NONE ||
            tp_heads_is_earlier_accepted(&record->changes[i], &record->changes[first])) {
            first = i;
        }
    }
    return first;
}

static void add_acceptances(const tp_record *record, tp_decide_room *room, tp_field_state *state)
{
    for (uint32_t i = 0; i < record->count; i++) {
        if ((room->marks[i] & (ACCEPTS | TP_HEADS_REACHED)) == ACCEPTS) {
            tp_heads_add(room, state, i)->is_told = true;
        }
    }
}

/* An offer is told where somebody holds who had not seen it, and whom its writer had not seen. */
static void add_offers(const tp_record *record, tp_decide_room *room, tp_field_state *state)
{
    for (uint32_t i = 0; i < record->count; i++) {
        if ((room->marks[i] & (OFFERS | TP_HEADS_NAMED)) != OFFERS) {
            continue;
        }
        tp_head *head = tp_heads_add(room, state, i);
        head->is_offer = true;
        if (state->shown != TP_DECIDE_NONE) {
            room->marks[i] |= TP_HEADS_START;
            tp_heads_walk(record, state->code, room);
            head->is_told = (room->marks[state->shown] & TP_HEADS_REACHED) == 0;
        }
    }
}
