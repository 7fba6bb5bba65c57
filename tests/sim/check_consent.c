/* What a device says of consent, held against the oracle by what the device holds. */
#include "node/view/consent.h"
#include "tests/sim/world.h"

#include <inttypes.h>
#include <stdlib.h>

enum {
    APART_MS = 65000, /* a network may hold a request back for a minute */
    MILLION = 1000000
};

static int agency_of(const char *id)
{
    for (int a = 0; a < SIM_AGENCIES_MAX; a++) {
        if (strcmp(sim_agency_ids[a], id) == 0) {
            return a;
        }
    }
    return -1;
}

static bool check_row(sim_world *world, unsigned device, int person, const tp_consent_row *row,
                      int64_t now_ms)
{
    const sim_node *node = &world->nodes[device];
    const sim_look look = {&world->oracle, node->held, node->stub, node->is_strange};
    /* Of what another agency wrote and was given back the page knows nothing: who names an event
     * through that one alone has, for this device, not seen it. */
    const sim_look bare = {&world->oracle, node->held, NULL, NULL};
    int agency = agency_of(row->agency);
    if (agency < 0) {
        return sim_fail(world, "consent shown", "device %u: an agency %s", device, row->agency);
    }
    sim_decision should =
        sim_effective(&look, person, (unsigned)agency, row->kind, row->purpose, now_ms);
    return sim_decision_of(row->decision) == should ||
           sim_decision_of(row->decision) ==
               sim_effective(&bare, person, (unsigned)agency, row->kind, row->purpose, now_ms) ||
           sim_fail(world, "consent shown",
                    "device %u: person of action %u, %s, %s, %s: is %d, should be %d", device,
                    world->oracle.events[person].action, row->agency, tp_kind_name(row->kind),
                    tp_purpose_name(row->purpose), (int)sim_decision_of(row->decision),
                    (int)should);
}

static bool check_page(sim_world *world, tp_tx *tx, unsigned device, int person, int64_t now_ms)
{
    static const tp_consent_ask everything;
    tp_consent_page page;
    tp_err err;
    tp_rc rc = tp_consent_read(world->nodes[device].node.view, tx,
                               sim_name_at(world, device, person), &everything, &page, &err);
    if (!sim_must(world, rc, "reading consent", &err)) {
        return false;
    }
    bool is_good =
        page.rows_count == world->oracle.agencies * TP_KIND_COUNT * TP_PURPOSE_COUNT ||
        sim_fail(world, "consent shown", "device %u: %" PRIu32 " rows", device, page.rows_count);
    for (uint32_t i = 0; is_good && i < page.rows_count; i++) {
        is_good = check_row(world, device, person, &page.rows[i], now_ms);
    }
    tp_consent_page_done(&page);
    return is_good;
}

/* ---- What the next event is written in sight of ---- */

/* Every consent event of the page that the device holds: of the person, of whoever they are joined
 * with, and those that named one of them on a page joined then. */
bool sim_is_on_page(const sim_look *look, int person, int event)
{
    const sim_event *e = &look->oracle->events[event];
    bool group[SIM_EVENTS_MAX];
    if (e->entity != TP_CONSENT || !look->held[event]) {
        return false;
    }
    sim_group(look, person, group);
    bool is_on = group[e->person];
    for (unsigned i = 0; i < e->names_count; i++) {
        is_on = is_on || group[e->names[i]];
    }
    return is_on;
}

/* No more and no less: what is named and was not there is taken away unseen. */
static bool check_in_sight(sim_world *world, tp_tx *tx, unsigned device, int person)
{
    static tp_name names[TP_VALUE_NAMES_MAX];
    const sim_node *node = &world->nodes[device];
    const sim_look look = {&world->oracle, node->held, node->stub, node->is_strange};
    bool is_named[SIM_EVENTS_MAX] = {false};
    uint32_t count = 0;
    tp_err err;
    tp_rc rc = tp_consent_in_sight(node->node.view, tx, sim_name_at(world, device, person), names,
                                   &count, &err);
    if (!sim_must(world, rc, "reading what is in sight", &err)) {
        return false;
    }
    for (uint32_t n = 0; n < count; n++) {
        int event = sim_event_of(world, device, names[n]);
        if (event < 0) {
            return sim_fail(world, "in sight", "device %u: person of action %u: a name of nothing",
                            device, world->oracle.events[person].action);
        }
        is_named[event] = true;
    }
    for (unsigned i = 0; i < world->oracle.count; i++) {
        if (is_named[i] != sim_is_on_page(&look, person, (int)i)) {
            return sim_fail(world, "in sight",
                            "device %u: person of action %u: what action %u wrote is %s", device,
                            world->oracle.events[person].action, world->oracle.events[i].action,
                            is_named[i] ? "named, and not on the page" : "not named");
        }
    }
    return true;
}

/* A device judges by the stamps it was told, also by that of a change which the hub lost when it
 * fell and nobody can hand back. */
static void swap_stamps(sim_world *world, unsigned device)
{
    sim_node *node = &world->nodes[device];
    for (unsigned i = 0; i < world->oracle.count; i++) {
        if (node->held[i]) {
            const tp_stamp hubs = world->oracle.events[i].stamp;
            world->oracle.events[i].stamp = node->told[i];
            node->told[i] = hubs;
        }
    }
}

bool sim_check_consent(sim_world *world, tp_tx *tx, unsigned device)
{
    const sim_node *node = &world->nodes[device];
    tp_estimate now;
    tp_err err;
    bool is_good = sim_must(world, tp_log_now(node->log, tx, &now, NULL, &err), "the time", &err);
    const int64_t crystal_ms =
        llabs(node->drift) * (world->now_ms - node->booted_ms) / MILLION; /* not synced since */
    if (is_good && llabs(now.ms - world->now_ms) > APART_MS + crystal_ms) {
        return sim_fail(world, "time bounds", "device %u: its now is %" PRId64 " ms off", device,
                        now.ms - world->now_ms);
    }
    swap_stamps(world, device);
    for (unsigned i = 0; is_good && i < world->oracle.count; i++) {
        const sim_event *e = &world->oracle.events[i];
        if (e->entity == TP_PERSON && e->record == (int)i && node->held[i]) {
            is_good = check_page(world, tx, device, (int)i, now.ms) &&
                      check_in_sight(world, tx, device, (int)i);
        }
    }
    swap_stamps(world, device);
    return is_good;
}
