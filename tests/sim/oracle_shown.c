/* What a record shows, by section 4 of the design. */
#include "tests/sim/oracle.h"

#include <string.h>

void sim_oracle_accepted(const sim_oracle *oracle, bool held_out[SIM_EVENTS_MAX])
{
    memset(held_out, 0, SIM_EVENTS_MAX * sizeof held_out[0]);
    for (unsigned i = 0; i < oracle->count; i++) {
        const sim_event *e = &oracle->events[i];
        held_out[i] = e->stamp.number != 0 && !oracle->erased[e->record];
    }
}

const sim_field *sim_field_of(const sim_event *event, uint32_t code)
{
    for (unsigned i = 0; i < event->fields_count; i++) {
        if (event->fields[i].code == code) {
            return &event->fields[i];
        }
    }
    return NULL;
}

bool sim_value_same(sim_value a, sim_value b)
{
    return a.is_null == b.is_null && (a.is_null || (a.key == b.key && a.agency == b.agency));
}

/* ---- Heads ---- */

static bool is_stub(const sim_look *look, int event)
{
    return look->stub != NULL && look->stub[event];
}

/* Known by its content or at least by its name. */
static bool is_known(const sim_look *look, int event)
{
    return look->held[event] || is_stub(look, event);
}

static bool sets(const sim_event *event, uint32_t code)
{
    const sim_field *field = sim_field_of(event, code);
    return field != NULL && field->has_value;
}

static sim_value value_of(const sim_look *look, int event, uint32_t code)
{
    return sim_field_of(&look->oracle->events[event], code)->value;
}

static bool lists(const int *names, unsigned count, int event)
{
    for (unsigned i = 0; i < count; i++) {
        if (names[i] == event) {
            return true;
        }
    }
    return false;
}

/* `later` set the field on a form that showed `earlier`. */
static bool replaces(const sim_look *look, int later, int earlier, uint32_t code)
{
    const sim_event *event = &look->oracle->events[later];
    const sim_field *field = sim_field_of(event, code);
    return later != earlier && is_known(look, later) && field != NULL && field->has_value &&
           lists(field->seen, field->seen_count, earlier);
}

/* Held events of the record that set the field. */
static unsigned setters(const sim_look *look, int record, uint32_t code, int out[SIM_EVENTS_MAX])
{
    unsigned count = 0;
    for (unsigned i = 0; i < look->oracle->count; i++) {
        const sim_event *event = &look->oracle->events[i];
        if (event->record == record && look->held[i] && sets(event, code)) {
            out[count++] = (int)i;
        }
    }
    return count;
}

static bool is_replaced(const sim_look *look, int event, uint32_t code)
{
    for (unsigned i = 0; i < look->oracle->count; i++) {
        if (replaces(look, (int)i, event, code)) {
            return true;
        }
    }
    return false;
}

unsigned sim_heads(const sim_look *look, int record, uint32_t code, int heads_out[SIM_SEEN_MAX])
{
    int all[SIM_EVENTS_MAX];
    unsigned count = 0;
    unsigned all_count = setters(look, record, code, all);
    for (unsigned i = 0; i < all_count && count < SIM_SEEN_MAX; i++) {
        if (!is_replaced(look, all[i], code)) {
            heads_out[count++] = all[i];
        }
    }
    return count;
}

/* Whether `from` was written by somebody who had seen `to`, themselves or through what they had
 * seen. code 0: of any field.  Of a stub the names are left of the fields it had set. */
static bool had_seen(const sim_look *look, int from, int to, uint32_t code)
{
    bool met[SIM_EVENTS_MAX] = {false};
    int queue[SIM_EVENTS_MAX];
    unsigned queued = 0;
    queue[queued++] = from;
    for (unsigned next = 0; next < queued; next++) {
        const sim_event *event = &look->oracle->events[queue[next]];
        for (unsigned f = 0; f < event->fields_count; f++) {
            const sim_field *field = &event->fields[f];
            bool is_left =
                look->held[queue[next]] || (is_stub(look, queue[next]) && field->has_value);
            for (unsigned s = 0;
                 is_left && (code == 0 || field->code == code) && s < field->seen_count; s++) {
                if (field->seen[s] == to) {
                    return true;
                }
                if (!met[field->seen[s]]) {
                    met[field->seen[s]] = true;
                    queue[queued++] = field->seen[s];
                }
            }
        }
    }
    return false;
}

/* ---- The rules ---- */

/* A hub that went back and did not know may give a number twice: then names decide. */
static bool is_name_before(const sim_event *a, const sim_event *b)
{
    return a->name.device != b->name.device ? a->name.device < b->name.device
                                            : a->name.seq < b->name.seq;
}

/* The highest (stamp, number); what the hub has not answered is newest on its own device. */
static bool is_newer(const sim_event *a, const sim_event *b)
{
    if (a->stamp.number == 0 || b->stamp.number == 0) {
        return a->stamp.number != 0 ? false : b->stamp.number != 0 || a->name.seq > b->name.seq;
    }
    if (a->stamp.ms != b->stamp.ms) {
        return a->stamp.ms > b->stamp.ms;
    }
    return a->stamp.number != b->stamp.number ? a->stamp.number > b->stamp.number
                                              : is_name_before(b, a);
}

/* Which of two reached the hub first. */
static bool is_earlier_there(const sim_event *a, const sim_event *b)
{
    if (a->stamp.number == 0 || b->stamp.number == 0) {
        return a->stamp.number != 0 || (b->stamp.number == 0 && a->name.seq < b->name.seq);
    }
    return a->stamp.number != b->stamp.number ? a->stamp.number < b->stamp.number
                                              : is_name_before(a, b);
}

int sim_latest(const sim_look *look, int record, uint32_t code)
{
    int heads[SIM_SEEN_MAX];
    unsigned count = sim_heads(look, record, code, heads);
    int best = -1;
    for (unsigned i = 0; i < count; i++) {
        if (best < 0 || is_newer(&look->oracle->events[heads[i]], &look->oracle->events[best])) {
            best = heads[i];
        }
    }
    return best;
}

/* "A reopening whose writer had seen the furthest state among the heads; else the furthest on." */
int sim_furthest(const sim_look *look, int record, uint32_t code)
{
    int heads[SIM_SEEN_MAX];
    unsigned count = sim_heads(look, record, code, heads);
    uint32_t furthest = 0;
    int best = -1;
    bool is_best_reopening = false;
    for (unsigned i = 0; i < count; i++) {
        uint32_t state = value_of(look, heads[i], code).key;
        furthest = state > furthest ? state : furthest;
    }
    for (unsigned i = 0; i < count; i++) {
        uint32_t state = value_of(look, heads[i], code).key;
        bool is_reopening = false;
        for (unsigned e = 0; e < look->oracle->count; e++) {
            const sim_event *event = &look->oracle->events[e];
            if (event->record == record && look->held[e] && sets(event, code) &&
                had_seen(look, heads[i], (int)e, code)) {
                uint32_t seen = value_of(look, (int)e, code).key;
                is_reopening = is_reopening || (seen > state && seen >= furthest);
            }
        }
        bool is_better = best < 0 || (is_reopening && !is_best_reopening);
        if (!is_better && is_reopening == is_best_reopening) {
            uint32_t best_state = value_of(look, best, code).key;
            is_better = state != best_state ? state > best_state
                                            : is_newer(&look->oracle->events[heads[i]],
                                                       &look->oracle->events[best]);
        }
        if (is_better) {
            best = heads[i];
            is_best_reopening = is_reopening;
        }
    }
    return best;
}

int sim_first(const sim_look *look, int record, uint32_t code)
{
    int all[SIM_EVENTS_MAX];
    unsigned count = setters(look, record, code, all);
    int best = -1;
    for (unsigned i = 0; i < count; i++) {
        if (best < 0 ||
            is_earlier_there(&look->oracle->events[all[i]], &look->oracle->events[best])) {
            best = all[i];
        }
    }
    return best;
}

/* ---- Holder ---- */

/* "Written on a device of the agency it names": where nobody has said whose the device is, that is
 * not known, and nobody holds by another's word. */
static bool is_acceptance(const sim_look *look, int event, uint32_t code)
{
    const sim_event *e = &look->oracle->events[event];
    const bool is_strange = look->strange != NULL && look->strange[event];
    return !is_strange && sets(e, code) && sim_field_of(e, code)->value.agency == e->agency;
}

/* Whether an acceptance that had seen this one is known; with_stubs: what was given back may have
 * been one. */
static bool is_ended(const sim_look *look, int acceptance, uint32_t code, bool with_stubs)
{
    for (unsigned i = 0; i < look->oracle->count; i++) {
        bool ends =
            look->held[i] ? is_acceptance(look, (int)i, code) : with_stubs && is_stub(look, (int)i);
        if (ends && (int)i != acceptance && had_seen(look, (int)i, acceptance, code)) {
            return true;
        }
    }
    return false;
}

static void find_acceptances(const sim_look *look, int record, uint32_t code, bool with_stubs,
                             sim_holder *holder)
{
    int all[SIM_EVENTS_MAX];
    unsigned count = setters(look, record, code, all);
    holder->acceptances_count = 0;
    holder->held_by = -1;
    for (unsigned i = 0; i < count; i++) {
        if (!is_acceptance(look, all[i], code) || is_ended(look, all[i], code, with_stubs)) {
            continue;
        }
        holder->acceptances[holder->acceptances_count++] = all[i];
        if (holder->held_by < 0 || is_earlier_there(&look->oracle->events[all[i]],
                                                    &look->oracle->events[holder->held_by])) {
            holder->held_by = all[i];
        }
    }
}

sim_holder sim_holder_of(const sim_look *look, int record, uint32_t code, bool is_lost)
{
    sim_holder holder;
    int heads[SIM_SEEN_MAX];
    memset(&holder, 0, sizeof holder);
    find_acceptances(look, record, code, true, &holder);
    if (holder.held_by < 0 && !is_lost) {
        /* The hub says that somebody holds it: what was given back was an offer. */
        find_acceptances(look, record, code, false, &holder);
    }
    if (is_lost && holder.held_by >= 0 && look->oracle->events[holder.held_by].stamp.number != 0) {
        holder.held_by = -1;
    }
    unsigned count = sim_heads(look, record, code, heads);
    for (unsigned i = 0; i < count; i++) {
        if (!is_acceptance(look, heads[i], code)) {
            holder.offers[holder.offers_count++] = heads[i];
        }
    }
    return holder;
}

/* ---- Taken back ---- */

static bool is_reason(const sim_look *look, int event)
{
    const sim_event *e = &look->oracle->events[event];
    return sets(e, TP_FIELD_RETRACTED) && !sim_field_of(e, TP_FIELD_RETRACTED)->value.is_null;
}

static bool is_for_good(const sim_look *look, int event)
{
    return is_reason(look, event) &&
           sim_field_of(&look->oracle->events[event], TP_FIELD_RETRACTED)->value.key >=
               SIM_WRONG_PERSON;
}

/* Somebody said something else in its place, and was allowed to: what was taken back for good only
 * whoever did it, the creating agency, or another such reason may touch. */
static bool is_ended_retraction(const sim_look *look, int retraction)
{
    const sim_oracle *o = look->oracle;
    unsigned creator = o->events[o->events[retraction].record].agency;
    for (unsigned i = 0; i < o->count; i++) {
        if (!replaces(look, (int)i, retraction, TP_FIELD_RETRACTED)) {
            continue;
        }
        bool is_allowed = !is_for_good(look, retraction) || o->events[i].agency == creator ||
                          o->events[i].agency == o->events[retraction].agency ||
                          (look->held[i] && is_for_good(look, (int)i));
        if (is_allowed) {
            return true;
        }
    }
    return false;
}

/* It stood on the form.  That those had seen it whom this one went on from says nothing: where its
 * answer was given back, it is on no form, and it stands again where a hub lost that answer. */
static bool was_on_form(const sim_event *event, int retraction)
{
    for (unsigned i = 0; i < event->fields_count; i++) {
        if (lists(event->fields[i].seen, event->fields[i].seen_count, retraction)) {
            return true;
        }
    }
    return false;
}

/* An update that had not seen the retraction, and that it had not seen. */
static bool is_answered(const sim_look *look, int retraction)
{
    const sim_oracle *o = look->oracle;
    for (unsigned i = 0; i < o->count; i++) {
        const sim_event *e = &o->events[i];
        if (e->record == o->events[retraction].record && look->held[i] && (int)i != e->record &&
            e->name.device != o->events[retraction].name.device && !is_reason(look, (int)i) &&
            !was_on_form(e, retraction) && !had_seen(look, retraction, (int)i, 0)) {
            return true;
        }
    }
    return false;
}

bool sim_is_standing_retraction(const sim_look *look, int event)
{
    return is_reason(look, event) && !is_ended_retraction(look, event);
}

sim_retraction sim_retraction_of(const sim_look *look, int record)
{
    sim_retraction result = {false, false, false};
    bool is_any_answered = false;
    for (unsigned i = 0; i < look->oracle->count; i++) {
        if (look->oracle->events[i].record != record || !look->held[i] ||
            !sim_is_standing_retraction(look, (int)i)) {
            continue;
        }
        if (is_for_good(look, (int)i)) {
            result.is_hidden = true;
            result.is_final = true;
        } else if (is_answered(look, (int)i)) {
            is_any_answered = true;
        } else {
            result.is_hidden = true;
        }
    }
    result.is_brought_back = is_any_answered && !result.is_hidden;
    return result;
}

/* ---- Whom it is about ---- */

int sim_person_of(const sim_look *look, int record)
{
    const sim_event *creating = &look->oracle->events[record];
    if (creating->person >= 0) {
        return look->held[record] ? creating->person : -1;
    }
    int filled = sim_first(look, record, TP_FIELD_PERSON);
    return filled < 0 ? -1 : (int)value_of(look, filled, TP_FIELD_PERSON).key;
}

static bool is_undone(const sim_look *look, int join)
{
    for (unsigned i = 0; i < look->oracle->count; i++) {
        const sim_event *e = &look->oracle->events[i];
        if (e->entity == TP_UNJOIN && look->held[i] && lists(e->names, e->names_count, join)) {
            return true;
        }
    }
    return false;
}

void sim_group(const sim_look *look, int person, bool group_out[SIM_EVENTS_MAX])
{
    bool has_grown = true;
    memset(group_out, 0, SIM_EVENTS_MAX * sizeof group_out[0]);
    group_out[person] = true;
    while (has_grown) {
        has_grown = false;
        for (unsigned i = 0; i < look->oracle->count; i++) {
            const sim_event *e = &look->oracle->events[i];
            if (e->entity != TP_JOIN || !look->held[i] || is_undone(look, (int)i) ||
                group_out[e->person] == group_out[e->names[0]]) {
                continue;
            }
            group_out[e->person] = true;
            group_out[e->names[0]] = true;
            has_grown = true;
        }
    }
}
