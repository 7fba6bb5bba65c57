/* What a hub that went back must have, and what its devices.
 *
 * The oracle's rule is that of design section 6.  What the hub had when it fell and some device can
 * still hand back (its author, or whoever was sent it) is accepted again, with the stamp it had;
 * what nobody can is gone.  Until every device that had synced was heard, or the operator ends it,
 * nothing is sent to a device but what its own agency wrote.  In the end all checks of a hub that
 * never fell hold again. */
#include "tests/sim/world.h"

#include <stdlib.h>

static uint64_t bit(unsigned device)
{
    return UINT64_C(1) << device;
}

/* ---- Stamps ---- */

bool sim_was_stamp(const sim_world *world, int event, const tp_stamp *stamp)
{
    const sim_back *b = &world->back;
    for (unsigned i = 0; i < b->past_count[event]; i++) {
        /* Bounds without width are left out on the wire. */
        if (b->past[event][i].number == stamp->number && b->past[event][i].ms == stamp->ms) {
            return true;
        }
    }
    return false;
}

static void note_stamp(sim_world *world, int event)
{
    sim_back *b = &world->back;
    const tp_stamp *stamp = &world->oracle.events[event].stamp;
    if (stamp->number != 0 && !sim_was_stamp(world, event, stamp) &&
        b->past_count[event] < SIM_PAST_MAX) {
        b->past[event][b->past_count[event]++] = *stamp;
    }
}

bool sim_was_lost(const sim_world *world, int event)
{
    return world->oracle.events[event].stamp.number == 0 && world->back.past_count[event] > 0;
}

/* What it wrote under the id that it has it pushes again; what the hub has sent it, it hands.  Of
 * what it wrote under an id that it has no more that is what came back since. */
static bool can_show_at_all(const sim_node *node, unsigned event, tp_name name)
{
    return !node->written[event] || name.device == node->id || node->is_tagged[event];
}

/* A receipt is of a push as a whole, since the chain is: where the device gave back some of what it
 * wrote, nothing binds the bytes of the rest to the stamps they had. */
static bool shows_stamps(const sim_world *world, unsigned device)
{
    const sim_node *node = &world->nodes[device];
    for (unsigned i = 0; i < world->oracle.count; i++) {
        if (node->stub[i] && world->oracle.events[i].name.device == node->id) {
            return false;
        }
    }
    return true;
}

/* By an answer of the hub as it was before it fell, which is about to be applied: what that takes
 * nobody lost. */
static bool is_asked_back(const sim_node *node, unsigned event)
{
    const sim_session *s = &node->session;
    return s->ask != NULL && (s->is_answered || s->is_taken) && s->gives_back[event];
}

/* What each can hand back: its own under the id it has, and what it was sent. */
void sim_note_holders(sim_world *world)
{
    sim_back *b = &world->back;
    for (unsigned i = 0; i < world->oracle.count; i++) {
        const sim_event *e = &world->oracle.events[i];
        if (e->stamp.number == 0) {
            continue; /* who held it when the hub fell before may hold it still */
        }
        b->holders[i] = 0;
        b->told[i] = 0;
        note_stamp(world, (int)i);
        b->lost_number[i] = e->stamp.number;
        for (unsigned d = 0; d < world->script->devices; d++) {
            const sim_node *node = &world->nodes[d];
            bool can_hand = node->store != NULL && node->held[i] && !node->is_kiosk &&
                            !is_asked_back(node, i) && can_show_at_all(node, i, e->name);
            b->holders[i] |= can_hand ? bit(d) : 0;
            bool can_show = node->is_stamped[i] && !node->is_stale[i] &&
                            (e->name.device != node->id || shows_stamps(world, d));
            b->told[i] |= can_hand && can_show ? bit(d) : 0;
        }
    }
}

/* ---- Looking at it ---- */

static bool can_still_hand(const sim_world *world, unsigned device, int event)
{
    const sim_node *node = &world->nodes[device];
    const tp_name name = world->oracle.events[event].name;
    return (world->back.holders[event] & bit(device)) != 0 && sim_is_heard(node) &&
           can_show_at_all(node, (unsigned)event, name);
}

static tp_rc look_at_item(void *ctx, const tp_hub_item *item, tp_err *err)
{
    sim_world *world = ctx;
    const int at = sim_event_written(world, item->name, item->bytes);
    if (at < 0 || world->back.found[at]) {
        sim_fail(world, "exactly once",
                 "change %d is in the hub's log twice, or was not written so", at);
        return tp_fail(err, TP_CORRUPT, "the hub's log");
    }
    sim_event *e = &world->oracle.events[at];
    const bool is_proven = sim_was_stamp(world, at, &item->stamp);
    const bool is_new = e->stamp.number == 0;
    world->back.found[at] = true;
    if (!is_new && e->stamp.number != item->stamp.number && !is_proven) {
        sim_fail(world, "stamps", "change %d has another stamp, which it never had", at);
        return tp_fail(err, TP_CORRUPT, "the hub's stamps");
    }
    if (is_new && !is_proven && !sim_check_stamp(world, at, &item->stamp)) {
        return tp_fail(err, TP_CORRUPT, "the hub's stamps");
    }
    e->stamp = item->stamp;
    note_stamp(world, at);
    return TP_OK;
}

/* A new generation: everybody who had synced is waited for. */
static void note_generation(sim_world *world)
{
    sim_back *b = &world->back;
    b->taken_ms = world->now_ms;
    for (unsigned i = 0; i < world->ids_count; i++) {
        sim_id *id = &world->ids[i];
        id->is_awaited = id->is_known && id->has_synced && !id->is_revoked;
        id->has_compared = false;
    }
}

/* By itself it ends where nobody it waited for has anything that it lacks. */
static bool note_end(sim_world *world)
{
    sim_back *b = &world->back;
    for (unsigned i = 0; i < world->oracle.count; i++) {
        world->oracle.perhaps[i] =
            world->oracle.perhaps[i] || world->oracle.events[i].stamp.number != 0;
        for (unsigned d = 0; d < world->script->devices && sim_was_lost(world, (int)i); d++) {
            const sim_id *id = sim_id_of(world, world->nodes[d].id);
            if (!b->is_ended && id->is_awaited && !id->has_compared &&
                can_still_hand(world, d, (int)i)) {
                return sim_fail(world, "it waits for everybody",
                                "device %u has change %u, which the hub lost", d, i);
            }
        }
    }
    for (unsigned i = 0; i < world->ids_count; i++) {
        world->ids[i].is_awaited = false;
    }
    b->is_ended = false;
    return true;
}

tp_rc sim_back_look(sim_world *world, tp_err *err)
{
    sim_back *b = &world->back;
    const tp_hub_state *state = tp_hub_store_state(world->hub.store);
    const bool was_frozen = b->is_frozen;
    memset(b->found, 0, sizeof b->found);
    tp_rc rc = tp_hub_log_all(world->hub.store, 0, 0, look_at_item, world, err);
    for (unsigned i = 0; rc == TP_OK && i < world->oracle.count; i++) {
        if (world->oracle.events[i].stamp.number != 0 && !b->found[i]) {
            sim_fail(world, "what was accepted stays", "change %u is gone at the hub", i);
            return tp_fail(err, TP_CORRUPT, "the hub's log");
        }
    }
    if (rc == TP_OK) {
        rc = sim_look_at_displaced(world, err);
    }
    b->is_frozen = state->back_ms != 0;
    b->is_anew = state->anew != 0;
    if (rc == TP_OK && state->generation != b->generation) {
        b->generation = state->generation;
        note_generation(world);
    }
    if (rc == TP_OK && was_frozen && !b->is_frozen && !note_end(world)) {
        return tp_fail(err, TP_CORRUPT, "an end before its time");
    }
    return rc;
}

/* ---- What must be in the end ---- */

bool sim_is_withheld(const sim_world *world, unsigned device, int event)
{
    const sim_event *e = &world->oracle.events[event];
    const unsigned agency = world->nodes[device].agency;
    return world->nodes[device].is_kept_short &&
           (e->agency != agency || world->oracle.events[e->record].agency != agency);
}

/* While it is frozen, what was stamped anew is not told. */
bool sim_is_stale(sim_world *world, unsigned device, int event)
{
    const sim_node *node = &world->nodes[device];
    return node->is_stale[event] && !node->is_kept_short;
}

/* An agency holds its own join as long as it may hold the two, and one of them is another's. */
static bool joins_withheld(const sim_world *world, unsigned device, int event)
{
    const sim_event *e = &world->oracle.events[event];
    return e->entity == TP_JOIN && (sim_is_withheld(world, device, e->person) ||
                                    sim_is_withheld(world, device, e->names[0]));
}

bool sim_comes_later(const sim_world *world, unsigned device, int event)
{
    const sim_node *node = &world->nodes[device];
    return sim_is_withheld(world, device, event) || joins_withheld(world, device, event) ||
           (node->is_kept_short && node->stub[event]);
}

/* Until its author is known there, what others handed the hub of it is nobody's. */
static bool is_of_nobody(sim_world *world, int event)
{
    const sim_event *e = &world->oracle.events[event];
    return e->stamp.number != 0 && !sim_id_of(world, e->name.device)->is_known;
}

static bool is_nobodys(sim_world *world, int event)
{
    return event >= 0 && (sim_was_lost(world, event) || is_of_nobody(world, event));
}

/* Whether somebody holds it hangs on whose devices wrote it, and said who does. */
bool sim_is_holding_known(sim_world *world, int record, uint32_t code)
{
    bool is_known = !is_of_nobody(world, record);
    for (unsigned i = 0; i < world->oracle.count; i++) {
        const sim_event *e = &world->oracle.events[i];
        const sim_field *field = e->record == record ? sim_field_of(e, code) : NULL;
        is_known = is_known && (field == NULL || !field->has_value || !is_of_nobody(world, (int)i));
    }
    return is_known;
}

/* Its record, whom it is about, whom it names: what hangs on nobody's waits for who wrote that. */
static bool hangs_on_nobodys(sim_world *world, int event)
{
    const sim_event *e = &world->oracle.events[event];
    bool hangs =
        is_nobodys(world, event) || is_nobodys(world, e->record) || is_nobodys(world, e->person);
    for (unsigned i = 0; i < e->names_count; i++) {
        const bool is_join = e->entity == TP_UNJOIN;
        hangs = hangs ||
                (is_join ? hangs_on_nobodys(world, e->names[i]) : is_nobodys(world, e->names[i]));
    }
    return hangs;
}

/* Whoever keeps something of a device that nobody has said the agency of has more than the hub
 * counts for its agency. */
bool sim_holds_nobodys(sim_world *world, unsigned device)
{
    for (unsigned i = 0; i < world->oracle.count; i++) {
        const bool is_nobodys_own =
            is_of_nobody(world, (int)i) || is_of_nobody(world, world->oracle.events[i].record);
        if (world->nodes[device].held[i] && is_nobodys_own) {
            return true;
        }
    }
    return false;
}

/* What joins two records goes with them.  What is retracted for good only its creator may hold:
 * whose that is the hub does not know, so it leaves it with nobody. */
bool sim_is_taken_away(sim_world *world, const sim_look *hub, unsigned device, int event)
{
    const sim_node *node = &world->nodes[device];
    const sim_event *e = &world->oracle.events[event];
    const bool is_own = e->agency == node->agency &&
                        world->oracle.events[e->record].agency == node->agency &&
                        e->entity != TP_JOIN && e->entity != TP_UNJOIN;
    return is_own && node->stub[event] && e->stamp.number != 0 &&
           (is_of_nobody(world, event) || is_of_nobody(world, e->record)) &&
           !sim_retraction_of(hub, e->record).is_final;
}

bool sim_is_adrift(sim_world *world, const sim_look *hub, unsigned device, int event)
{
    const sim_event *e = &world->oracle.events[event];
    const unsigned agency = world->nodes[device].agency;
    if (world->back.falls == 0) {
        return false;
    }
    if (sim_was_lost(world, event)) {
        return !can_still_hand(world, device, event);
    }
    const bool is_adrift = hangs_on_nobodys(world, event);
    if (is_adrift || e->entity != TP_CONSENT || e->terms.decision == SIM_GIVEN) {
        return is_adrift;
    }
    /* A withdrawal goes to whoever was ever sent what it is about: of what was lost the hub forgot
     * whom it had sent what, and counts a device as sent all that its agency's feed has. */
    const bool may = sim_may(hub, agency, event, world->now_ms);
    world->oracle.counts_perhaps = true;
    const bool may_perhaps = sim_may(hub, agency, event, world->now_ms);
    world->oracle.counts_perhaps = false;
    return may != may_perhaps;
}

bool sim_holds_lost(const sim_world *world, unsigned device, int record)
{
    const sim_node *node = &world->nodes[device];
    for (unsigned i = 0; i < world->oracle.count && world->back.falls > 0; i++) {
        bool is_of_it = record < 0 || world->oracle.events[i].record == record;
        if ((is_of_it && (node->held[i] || node->stub[i]) && sim_was_lost(world, (int)i)) ||
            (record >= 0 && is_of_it && node->is_stale[i])) {
            return true;
        }
    }
    return false;
}

bool sim_back_may_wait(const sim_world *world)
{
    bool may = world->back.is_anew;
    bool is_any = false;
    for (unsigned i = 0; i < world->ids_count; i++) {
        const sim_id *id = &world->ids[i];
        const int machine = sim_machine_of(world, id->id);
        bool comes = machine >= 0 && sim_is_heard(&world->nodes[machine]) && id->has_compared;
        may = may || (id->is_known && !id->is_revoked && !comes);
        is_any = is_any || (id->is_known && comes);
    }
    return may || !is_any;
}

/* Of stamps that one change was given before and after, the lower counts. */
static bool must_show(const sim_world *world, unsigned device, int event)
{
    return (world->back.told[event] & bit(device)) != 0 &&
           (world->oracle.events[event].name.device != world->nodes[device].id ||
            shows_stamps(world, device));
}

bool sim_back_check(sim_world *world)
{
    const sim_back *b = &world->back;
    for (unsigned i = 0; b->falls > 0 && i < world->oracle.count; i++) {
        const sim_event *e = &world->oracle.events[i];
        for (unsigned d = 0; d < world->script->devices; d++) {
            if (!can_still_hand(world, d, (int)i)) {
                continue;
            }
            if (e->stamp.number == 0) {
                return sim_fail(world, "what was lost comes back",
                                "device %u had change %u, and the hub has it not", d, i);
            }
            if (must_show(world, d, (int)i) && e->stamp.number > b->lost_number[i]) {
                return sim_fail(world, "stamps",
                                "device %u knew the stamp of change %u, and it has another", d, i);
            }
        }
    }
    return true;
}
