/* Copies of a device's data, and what comes of them: each goes on under an id of its own. */
#include "tests/sim/world.h"

#include "node/daemon/fork.h"
#include "node/record/fork.h"
#include "sync/hub/accept.h"
#include "sync/hub/fork.h"
#include "sync/log/era.h"
#include "sync/wire/chain.h"

#include <stdio.h>

/* ---- Copying ---- */

/* Whose machine it is does not matter to the data; its clock is its own. */
static void take_over(sim_world *world, unsigned from, unsigned to)
{
    enum { UP_MS = 1000 };
    world->now_ms += 2 * UP_MS; /* it is started after that */
    const sim_node *source = &world->nodes[from];
    sim_node *node = &world->nodes[to];
    const tp_path dir = node->dir;
    disk *own = node->disk;
    *node = *source;
    node->dir = dir;
    node->disk = own;
    memset(&node->node, 0, sizeof node->node);
    memset(&node->older, 0, sizeof node->older);
    memset(&node->session, 0, sizeof node->session);
    memset(&node->late, 0, sizeof node->late);
    node->own_key = NULL;
    node->next_key = NULL;
    node->store = NULL;
    node->boot = (uint16_t)(to + 1);
    node->booted_ms = world->now_ms - UP_MS;
    node->wall_off_ms = 0;
    node->wall_set_ms = world->now_ms;
    node->drift = (int64_t)world->script->drift[to] - SIM_DRIFT_NONE;
    tp_clock_fixed_init(&node->clock, world->now_ms, UP_MS, 0);
    sim_node_tick(world, to);
    tp_rng_seeded_init(&node->rng, world->script->seed * SIM_DEVICES_MAX + to + 1);
}

/* A key that the source made for itself goes along. */
static tp_rc copy_key(const sim_node *source, sim_node *node, tp_err *err)
{
    tp_buf pem;
    tp_buf_init(&pem, TP_PEM_BYTES_MAX);
    tp_rc rc = source->own_key == NULL ? TP_OK : tp_key_to_pem(source->own_key, &pem, err);
    if (rc == TP_OK && source->own_key != NULL) {
        rc = tp_key_from_pem(tp_buf_slice(&pem), &node->own_key, err);
        node->key = node->own_key;
    }
    tp_buf_done(&pem);
    return rc;
}

bool sim_copy(sim_world *world, unsigned from, unsigned to)
{
    sim_node *source = &world->nodes[from];
    sim_node *node = &world->nodes[to];
    char name[24];
    tp_err err;
    snprintf(name, sizeof name, "node%u", to);
    tp_rc rc = tp_path_join(world->dir.at, name, &node->dir, &err);
    if (rc == TP_OK) {
        rc = sim_stock_make_room(node->dir.at, TP_NODE_DATABASE, &node->disk, &err);
    }
    if (rc == TP_OK) {
        disk_copy(source->disk, node->disk);
    }
    take_over(world, from, to);
    if (rc == TP_OK) {
        rc = copy_key(source, node, &err);
    }
    for (unsigned i = 0; i < world->ids_count; i++) {
        world->ids[i].is_shared = world->ids[i].is_shared || world->ids[i].id == source->id;
    }
    world->totals.copies++;
    world->totals.actions++;
    return sim_must(world, rc, "copying a device's data", &err) && sim_node_open(world, to) &&
           sim_node_look(world, to);
}

/* ---- Going on ---- */

/* One going on, at both ends. */
typedef struct going_on {
    uint64_t old;
    uint64_t id;
    tp_key *key;
    tp_buf digests;
    tp_enrolment_was was;
    tp_era_reading clock;
    uint32_t start;
    tp_enrolment_kept kept;
    bool is_refused; /* the id is shut out: a copy of this device had it */
    bool is_seeded;  /* the key follows from what is written again */
    bool is_taken;   /* it has another key: a copy had begun with the same one */
} going_on;

static tp_rc describe(sim_node *node, going_on *g, tp_err *err)
{
    tp_log_push push;
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_WRITE, err);
    if (rc == TP_OK) {
        rc = tp_log_push_get(node->log, &tx, &push, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_read_clock(node->log, &tx, &g->clock, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, err);
    }
    tp_tx_rollback(&tx);
    g->start = tp_log_start(node->log);
    return rc == TP_OK ? tp_fork_describe(&node->node, push.accepted_seq, UINT64_MAX, &g->digests,
                                          &g->was, err)
                       : rc;
}

/* What the hub does when it is asked (sync/hub/enrol.c), by the word of the old certificate. */
static tp_rc enrol(sim_world *world, going_on *g, tp_err *err)
{
    tp_hub *hub = &world->hub;
    tp_hub_device from;
    tp_hub_device d;
    memset(&d, 0, sizeof d);
    tp_rc rc = tp_hub_device_get(hub->store, g->old, &from, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (tp_hub_device_get(hub->store, g->id, &d, err) == TP_OK) {
        tp_public_key key;
        tp_key_public(g->key, &key);
        const bool is_same = memcmp(key.point, d.key.point, sizeof key.point) == 0;
        g->is_refused = d.revoked_ms != 0;
        g->is_taken = !g->is_refused && !is_same;
        if (g->is_taken) {
            return g->is_seeded ? tp_fail(err, TP_DENIED, "two copies with one id have two keys")
                                : TP_OK;
        }
        tp_hub_fork_join(&from, &d); /* asked again, or by another copy */
    } else {
        memset(&d, 0, sizeof d);
        d.id = g->id;
        d.agency = from.agency;
        d.is_kiosk = from.is_kiosk;
        d.enrolled_ms = world->now_ms;
        tp_key_public(g->key, &d.key);
        tp_chain_start(d.id, d.h);
        rc = tp_hub_fork_take_over(hub, &from, g->kept.kept, g->clock.era, &d, err);
    }
    if (rc == TP_OK) {
        const tp_hub_heard heard = {.clock = g->clock, .start = g->start, .hub_ms = world->now_ms};
        rc = tp_hub_accept_begin(hub->acceptor, &d, &heard, hub->now_ms, err);
    }
    return rc == TP_OK ? tp_hub_device_put(hub->store, &d, err) : rc;
}

/* Other copies call it what it was until they go on too. */
static void name_anew(sim_world *world, unsigned device, unsigned event, tp_name name)
{
    sim_event *e = &world->oracle.events[event];
    for (unsigned d = 0; d < world->script->devices; d++) {
        sim_node *other = &world->nodes[d];
        if (d != device && other->written[event] && tp_name_is_none(other->as[event])) {
            other->as[event] = e->name;
            other->as_digest[event] = e->digest;
        }
    }
    e->name = name;
    e->digest = 0; /* it names others by other names */
}

/* The oracle's names follow: what was written here and is not at the hub.  What another copy has
 * written again is called what it calls it, or it would be there twice. */
void sim_fork_taken(sim_world *world, unsigned device, uint64_t old_id, uint64_t kept)
{
    sim_node *node = &world->nodes[device];
    node->id = tp_log_device(node->log);
    tp_key_free(node->own_key);
    node->own_key = node->next_key;
    node->key = node->own_key;
    node->next_key = NULL;
    for (unsigned i = 0; i < world->oracle.count; i++) {
        const tp_name was = sim_name_at(world, device, (int)i);
        const tp_name name = {node->id, was.seq - kept};
        if (!node->written[i] || was.device != old_id || was.seq <= kept) {
            continue; /* it stays what it is */
        }
        if (tp_name_is_none(node->as[i])) {
            name_anew(world, device, i, name);
        } else if (tp_name_eq(world->oracle.events[i].name, name)) {
            node->as[i] = (tp_name){0, 0};
        } else {
            node->as[i] = name;
            node->as_digest[i] = 0;
        }
    }
    sim_hub_note_id(world, node->id, old_id);
    node->is_revoked = sim_id_of(world, node->id)->is_revoked;
    world->totals.forks++;
}

/* At the hub it is known by its new id; here it is not yet, and may not be for a while. */
static bool take_id(sim_world *world, unsigned device, const going_on *g)
{
    sim_node *node = &world->nodes[device];
    tp_err err;
    tp_rc rc = tp_node_fork_end(&node->node, g->id, g->kept.kept, &err);
    if (rc == TP_OK) {
        /* What the same sync pushed before this has its stamp. */
        const bool is_good = sim_hub_look(world);
        sim_fork_taken(world, device, g->old, g->kept.kept);
        return is_good && sim_node_look(world, device);
    }
    world->unsure.is_forked = world->fault.kind == SIM_CUT;
    world->unsure.device = device;
    world->unsure.old_id = g->old;
    world->unsure.new_id = g->id;
    world->unsure.kept = g->kept.kept;
    return sim_must(world, rc, "going on under a new id", &err);
}

static bool ask_how_far(sim_world *world, going_on *g)
{
    tp_err err;
    return sim_hub_begin(world) &&
           sim_hub_commit(world, tp_hub_fork_ask(&world->hub, &g->was, &g->kept, &err),
                          "how far a copy is known", &err);
}

/* An id that is taken is let go of, and the next one is random. */
static bool begin(sim_world *world, sim_node *node, going_on *g)
{
    tp_err err;
    tp_node_fork_from from = {.key = node->key};
    memcpy(from.seed, g->kept.seed, sizeof from.seed);
    g->is_seeded = g->kept.has_seed && !g->is_taken;
    tp_rc rc = g->is_taken ? tp_node_fork_drop(&node->node, g->id, &err) : TP_OK;
    tp_key_free(g->key);
    g->key = NULL;
    g->is_taken = false;
    if (rc == TP_OK) {
        rc = tp_node_fork_begin(&node->node, g->is_seeded ? &from : NULL, &g->id, &g->key, &err);
    }
    return sim_must(world, rc, "beginning under a new id", &err);
}

static bool ask_for_id(sim_world *world, sim_node *node, going_on *g)
{
    tp_err err;
    bool is_good = begin(world, node, g) && sim_hub_begin(world);
    world->unsure.is_enrolled = is_good;
    world->unsure.old_id = g->old;
    world->unsure.new_id = g->id;
    is_good = is_good && sim_hub_commit(world, enrol(world, g, &err), "a fork", &err);
    world->unsure.is_enrolled = world->unsure.is_enrolled && !is_good;
    return is_good;
}

bool sim_fork(sim_world *world, unsigned device)
{
    sim_node *node = &world->nodes[device];
    going_on g = {.old = node->id};
    tp_err err;
    tp_buf_init(&g.digests, TP_FORK_DIGESTS_MAX * TP_ENROLMENT_DIGEST_BYTES);
    bool is_good = sim_must(world, describe(node, &g, &err), "what a copy has", &err) &&
                   ask_how_far(world, &g) && ask_for_id(world, node, &g) &&
                   (!g.is_taken || ask_for_id(world, node, &g));
    tp_buf_done(&g.digests);
    node->is_shut_out = is_good && g.is_refused;
    if (is_good && !g.is_refused) {
        tp_key_free(node->next_key);
        node->next_key = g.key;
        g.key = NULL; /* now the node's */
        is_good = take_id(world, device, &g);
    }
    tp_key_free(g.key);
    return is_good;
}
