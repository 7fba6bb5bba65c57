/* Disks that turn a bit round, or keep an older sector, while nobody uses them: a device's data.
 *
 * Whoever looks after the machine runs `verify`, as the manual says after trouble.  Then one of
 * three is so: nothing that anybody reads is different; or it is said, and after a few syncs
 * everything is as it was; or it is said or refused, and the machine is replaced: what it had not
 * sent is lost with its disk. */
#include "tests/sim/world.h"

#include "node/view/verify.h"
#include "sync/log/held.h"
#include "sync/log/log_state.h"
#include "tests/sim/harm.h"

#include <stdio.h>

enum { SYNCS_TO_HEAL = 4 }; /* of which an answer that comes late may end one */

typedef enum outcome {
    FOUND_NOTHING,
    FOUND,   /* `verify` says so */
    REFUSED, /* the program does */
    IN_TROUBLE
} outcome;

static bool database_path(sim_world *world, unsigned device, tp_path *out)
{
    tp_err err;
    return sim_must(world, tp_path_join(world->nodes[device].dir.at, TP_NODE_DATABASE, out, &err),
                    "a path", &err);
}

/* ---- A machine in the place of another ---- */

static bool replace(sim_world *world, unsigned device)
{
    sim_node *node = &world->nodes[device];
    const bool was_enrolled = node->is_enrolled;
    char name[40];
    tp_err err;
    sim_node_close(node);
    sim_late_done(node); /* its connections were the other machine's */
    disk_close(node->disk);
    node->disk = NULL;
    tp_key_free(node->own_key);
    node->own_key = NULL;
    node->key = world->stock->keys[device];
    node->is_enrolled = false;
    node->is_revoked = false;
    memset(node->held, 0, sizeof node->held);
    memset(node->stub, 0, sizeof node->stub);
    memset(node->is_stamped, 0, sizeof node->is_stamped);
    memset(node->is_tagged, 0, sizeof node->is_tagged);
    memset(node->is_stale, 0, sizeof node->is_stale);
    memset(node->as, 0, sizeof node->as); /* it calls all by the names that the hub does */
    memset(node->as_digest, 0, sizeof node->as_digest);
    memset(node->ever, 0, sizeof node->ever);
    memset(node->written, 0, sizeof node->written);
    world->totals.replaced++;
    snprintf(name, sizeof name, "node%u-%u", device, (unsigned)world->totals.replaced);
    return sim_must(world, tp_path_join(world->dir.at, name, &node->dir, &err), "a path", &err) &&
           sim_node_make(world, device) && (!was_enrolled || sim_hub_enrol(world, device));
}

/* ---- Looking at it ---- */

/* Something was refused: nothing may be left open of it. */
static outcome refused(sim_world *world, unsigned device)
{
    const sim_node *node = &world->nodes[device];
    if (world->trouble.check != NULL) {
        return IN_TROUBLE;
    }
    if (node->store != NULL &&
        (tp_store_statements_open(node->store) != 0 || tp_store_is_in_tx(node->store))) {
        sim_fail(world, "nothing stays open", "device %u: a statement or a transaction", device);
        return IN_TROUBLE;
    }
    return REFUSED;
}

static outcome verify(sim_world *world, unsigned device)
{
    static tp_log_verified report;
    tp_err err;
    if (!sim_must(world, tp_verify(world->nodes[device].node.view, &report, &err), "verifying",
                  &err)) {
        return refused(world, device);
    }
    return report.findings.count > 0 ? FOUND : FOUND_NOTHING;
}

typedef struct walking {
    sim_world *world;
    uint64_t accepted;
    uint64_t own;
} walking;

/* What is not as it was written, and of which the hub knows better. */
static tp_rc look_at_row(void *context, const tp_log_row *row, tp_err *err)
{
    walking *w = context;
    const bool is_unsent = row->name.device == w->own && row->name.seq > w->accepted;
    if (!row->is_stub && !is_unsent && sim_event_written(w->world, row->name, row->bytes) < 0) {
        sim_fail(w->world, "in step means the same",
                 "a device says so, and holds a change that "
                 "nobody wrote");
        return tp_fail(err, TP_CORRUPT, "a change that nobody wrote");
    }
    return TP_OK;
}

/* A device that has verified what it holds, or synced since, and says that it is in step, holds
 * nothing that is not as it should be. */
static bool check_in_step(sim_world *world, unsigned device)
{
    sim_node *node = &world->nodes[device];
    walking w = {.world = world, .own = tp_log_device(node->log)};
    bool differs = false;
    if (node->is_kiosk) {
        return true; /* which is told nothing, and keeps nothing that it has sent */
    }
    tp_log_push push;
    tp_err err;
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_READ, &err);
    if (rc == TP_OK) {
        rc = tp_log_held_differs(node->log, &tx, &differs, &err);
    }
    if (rc == TP_OK) {
        rc = tp_log_push_get(node->log, &tx, &push, &err);
    }
    if (rc == TP_OK && !differs) {
        w.accepted = push.accepted_seq;
        rc = tp_log_all(node->log, &tx, look_at_row, &w, &err);
    }
    tp_tx_rollback(&tx);
    return sim_must(world, rc, "reading a damaged log", &err);
}

/* ---- What cannot be given back by its name ---- */

typedef struct bending {
    sim_world *world;
    unsigned device;
    bool *bent;
    bool met[SIM_EVENTS_MAX];
} bending;

static tp_rc note_bent(void *context, const tp_log_row *row, tp_err *err)
{
    bending *b = context;
    const int at = sim_event_of(b->world, b->device, row->name);
    (void)err;
    const bool fits = row->digest == tp_log_digest(row->name, row->bytes);
    if (at >= 0 && !row->is_stub &&
        (!fits || sim_event_written(b->world, row->name, row->bytes) < 0)) {
        b->bent[at] = true;
    }
    if (at >= 0) {
        b->met[at] = true;
    }
    return TP_OK;
}

/* Which changes are not as they were written, or as is kept beside them, or stand no more under the
 * name they had, where the hub has them; as far as the log can be read. */
static void find_bent(sim_world *world, unsigned device, bool bent[SIM_EVENTS_MAX])
{
    bending b = {.world = world, .device = device, .bent = bent};
    const sim_node *node = &world->nodes[device];
    tp_tx tx = TP_TX_NONE;
    tp_err err;
    memset(bent, 0, SIM_EVENTS_MAX * sizeof bent[0]);
    if (tp_tx_begin(node->store, &tx, TP_TX_READ, &err) == TP_OK) {
        (void)!tp_log_all(node->log, &tx, note_bent, &b, &err);
    }
    tp_tx_rollback(&tx);
    for (unsigned i = 0; i < world->oracle.count; i++) {
        const bool is_at_hub = world->oracle.events[i].stamp.number != 0;
        bent[i] = bent[i] || (node->held[i] && is_at_hub && !b.met[i]);
    }
}

/* What was to be given back before it was mended goes without a stub: which names it named nobody
 * can read, and the hub does not send it again.  Where the bytes are as they were and their digest
 * is not, the device cannot know which of the two is damaged; where a bit of its name made it
 * another's, that one goes, and under its own there is nothing to make a stub of. */
static bool look_without_bent(sim_world *world, unsigned device, const bool bent[SIM_EVENTS_MAX])
{
    static bool written[SIM_EVENTS_MAX];
    sim_node *node = &world->nodes[device];
    memcpy(written, node->written, sizeof written);
    for (unsigned i = 0; i < world->oracle.count; i++) {
        node->written[i] = written[i] && !bent[i];
    }
    if (!sim_node_look(world, device)) {
        return false;
    }
    for (unsigned i = 0; i < world->oracle.count; i++) {
        const bool is_there = !bent[i] || node->held[i] || node->stub[i];
        node->written[i] = written[i] && is_there;
        node->ever[i] = node->ever[i] && is_there;
    }
    return true;
}

/* ---- Mending it ---- */

/* Syncs until `verify` is content, or gives up.  id: of its certificate; with data of another
 * device a program speaks to no hub (node/daemon/sync.c). */
static outcome heal(sim_world *world, unsigned device, uint64_t id)
{
    const sim_sync sync = {.fate = SIM_WHOLE, .seams = world->script->seams};
    outcome found = world->nodes[device].id == id ? FOUND : refused(world, device);
    for (unsigned i = 0; found == FOUND && i < SYNCS_TO_HEAL; i++) {
        bool is_whole = false;
        if (!sim_is_heard(&world->nodes[device])) {
            return FOUND;
        }
        bool is_good = sim_sync_only(world, device, &sync, &is_whole) && sim_hub_look(world) &&
                       check_in_step(world, device);
        found = is_good ? verify(world, device) : refused(world, device);
    }
    return found;
}

/* What was damaged is as it was. */
static bool check_healed(sim_world *world, unsigned device, const bool bent[SIM_EVENTS_MAX])
{
    return look_without_bent(world, device, bent) &&
           (!sim_is_heard(&world->nodes[device]) || sim_is_shared(world, world->nodes[device].id) ||
            sim_check_node(world, device, true));
}

/* An older sector may bring back that nobody has counted yet, or an earlier count of the same: the
 * check beside it comes along, so that nobody sees it.  It says nothing that is not so, for what is
 * held was counted by `verify`, or is by the next sync. */
static bool is_of_count(const char *column)
{
    return strcmp(column, "log_state.held") == 0 || strcmp(column, "log_state.counted") == 0;
}

/* The next whole sync knows the sum again. */
static bool check_counted(sim_world *world, unsigned device)
{
    const sim_sync sync = {.fate = SIM_WHOLE, .seams = world->script->seams};
    sim_node *node = &world->nodes[device];
    bool is_whole = false;
    if (!sim_is_heard(node)) {
        return true;
    }
    sim_late_done(node); /* or this one would not be */
    return sim_sync_only(world, device, &sync, &is_whole) && sim_hub_look(world) &&
           sim_node_look(world, device) &&
           (!is_whole || !sim_is_heard(node) || sim_is_shared(world, node->id) ||
            sim_check_node(world, device, true));
}

/* `verify` finds nothing: then nothing is different. */
static bool check_unharmed(sim_world *world, unsigned device, const harm_state *before)
{
    static harm_state after;
    sim_node *node = &world->nodes[device];
    const char *column = NULL;
    bool is_counted = true;
    unsigned at = 0;
    tp_path path;
    sim_node_close(node);
    if (!database_path(world, device, &path)) {
        return false;
    }
    if (!harm_state_read(path.at, &after)) {
        return sim_fail(world, "damage is found", "device %u: it cannot be read", device);
    }
    while ((column = harm_state_differs(before, &after, &at)) != NULL) {
        if (!is_of_count(column)) {
            return sim_fail(world, "damage is found",
                            "device %u: %s is another, and nobody says so", device, column);
        }
        is_counted = false;
    }
    world->totals.harmless += is_counted;
    return sim_node_open(world, device) &&
           (is_counted || (check_in_step(world, device) && check_counted(world, device)));
}

/* ---- The action ---- */

/* By these a hub knows its own cursor; one that it did not give may be another hub's, with which
 * nothing is to be settled. */
static bool is_of_cursor(const char *column)
{
    return strcmp(column, "log_state.cursor") == 0 || strcmp(column, "log_state.cursor_tag") == 0 ||
           strcmp(column, "log_state.generation") == 0;
}

/* Is it damaged, as far as the file can be read?  The device's program is closed. */
static bool is_cursor_bent(sim_world *world, unsigned device, const harm_state *before)
{
    static harm_state now;
    const char *column = NULL;
    bool is_bent = false;
    unsigned at = 0;
    tp_path path;
    if (!database_path(world, device, &path) || !harm_state_read(path.at, &now)) {
        return false;
    }
    while ((column = harm_state_differs(before, &now, &at)) != NULL) {
        is_bent = is_bent || is_of_cursor(column);
    }
    return is_bent;
}

/* What comes of it.  The device's program is closed. */
static bool go_on(sim_world *world, unsigned device, const harm_state *before)
{
    static bool bent[SIM_EVENTS_MAX];
    const uint64_t id = world->nodes[device].id;
    world->is_cursor_bent = is_cursor_bent(world, device, before);
    world->is_harmed = true;
    outcome found = sim_node_open(world, device) ? verify(world, device) : refused(world, device);
    const bool is_found = found != FOUND_NOTHING;
    if (found == FOUND) {
        world->is_harm_known = true;
        find_bent(world, device, bent);
        found = heal(world, device, id);
    }
    world->is_harmed = false;
    world->is_harm_known = false;
    world->is_cursor_bent = false;
    world->is_struck = false;
    switch (found) {
    case IN_TROUBLE:
        return false;
    case FOUND:
    case REFUSED:
        return replace(world, device);
    case FOUND_NOTHING:
        break;
    }
    world->totals.healed += is_found;
    return is_found ? check_healed(world, device, bent)
                    : check_unharmed(world, device, before) && sim_node_look(world, device);
}

bool sim_flip(sim_world *world, const sim_action *a)
{
    static harm_state before;
    sim_node *node = &world->nodes[a->device];
    tp_rng_seeded rng;
    tp_path path;
    sim_node_close(node);
    tp_rng_seeded_init(&rng, a->key);
    world->totals.flips++;
    world->totals.actions++;
    if (!database_path(world, a->device, &path)) {
        return false;
    }
    if (!harm_state_read(path.at, &before)) {
        return sim_fail(world, "a call fails", "a database cannot be read before it is damaged");
    }
    harm_do(node->disk, TP_NODE_DATABASE, path.at, (harm_kind)a->harm, tp_buf_slice(&node->older),
            &rng.rng);
    return go_on(world, a->device, &before);
}
