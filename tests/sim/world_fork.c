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
    *node = *source;
    node->dir = dir;
    memset(&node->node, 0, sizeof node->node);
    memset(&node->session, 0, sizeof node->session);
    node->own_key = NULL;
    node->store = NULL;
    node->boot = (uint8_t)(source->boot + to + 1);
    node->booted_ms = world->now_ms - UP_MS;
    node->wall_off_ms = 0;
    node->wall_set_ms = world->now_ms;
    node->drift = (int64_t)world->script->drift[to] - SIM_DRIFT_NONE;
    tp_clock_fixed_init(&node->clock, world->now_ms, UP_MS, node->boot);
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
    tp_path file;
    tp_path copied;
    int64_t bytes = 0;
    tp_err err;
    snprintf(name, sizeof name, "node%u", to);
    tp_rc rc = tp_path_join(world->dir.at, name, &node->dir, &err);
    if (rc == TP_OK) {
        rc = tp_dir_make_private(node->dir.at, &err);
    }
    if (rc == TP_OK) {
        rc = tp_path_join(source->dir.at, TP_NODE_DATABASE, &file, &err);
    }
    if (rc == TP_OK) {
        rc = tp_path_join(node->dir.at, TP_NODE_DATABASE, &copied, &err);
    }
    sim_node_close(source);
    if (rc == TP_OK) {
        rc = tp_file_measure(file.at, &bytes, &err);
    }
    if (rc == TP_OK) {
        rc = tp_file_copy(file.at, bytes, copied.at, &err);
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
    return sim_must(world, rc, "copying a device's data", &err) && sim_node_open(world, from) &&
           sim_node_open(world, to);
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
    uint64_t kept;
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
    if (rc == TP_OK) {
        rc = tp_hub_fork_kept(hub, &g->was, &g->kept, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    d.id = g->id;
    d.agency = from.agency;
    d.is_kiosk = from.is_kiosk;
    d.enrolled_ms = world->now_ms;
    tp_key_public(g->key, &d.key);
    tp_chain_start(d.id, d.h);
    rc = tp_hub_fork_take_over(hub, &from, g->kept, g->clock.era, &d, err);
    if (rc == TP_OK) {
        rc = tp_hub_accept_begin(hub->acceptor, &d, NULL, 0, g->clock, world->now_ms, hub->now_ms,
                                 err);
    }
    return rc == TP_OK ? tp_hub_device_put(hub->store, &d, err) : rc;
}

/* The oracle's names follow: what was written here and is not at the hub. */
static void rename_events(sim_world *world, unsigned device, const going_on *g)
{
    const sim_node *node = &world->nodes[device];
    for (unsigned i = 0; i < world->oracle.count; i++) {
        sim_event *e = &world->oracle.events[i];
        if (node->written[i] && e->stamp.number == 0 && e->name.device == g->old &&
            e->name.seq > g->kept) {
            e->name = (tp_name){g->id, e->name.seq - g->kept};
            e->digest = 0; /* it names others by other names */
        }
    }
}

bool sim_fork(sim_world *world, unsigned device)
{
    sim_node *node = &world->nodes[device];
    going_on g = {.old = node->id};
    tp_err err;
    tp_buf_init(&g.digests, TP_FORK_DIGESTS_MAX * TP_ENROLMENT_DIGEST_BYTES);
    tp_rc rc = describe(node, &g, &err);
    if (rc == TP_OK) {
        rc = tp_node_fork_begin(&node->node, &g.id, &g.key, &err);
    }
    if (rc == TP_OK && !sim_hub_begin(world)) {
        tp_key_free(g.key);
        tp_buf_done(&g.digests);
        return false;
    }
    bool is_good = rc == TP_OK && sim_hub_commit(world, enrol(world, &g, &err), "a fork", &err);
    if (is_good) {
        rc = tp_node_fork_end(&node->node, g.id, g.kept, &err);
    }
    tp_buf_done(&g.digests);
    tp_key_free(node->own_key);
    node->own_key = g.key;
    node->key = g.key;
    is_good = is_good && rc == TP_OK;
    if (is_good) {
        rename_events(world, device, &g);
        node->id = tp_log_device(node->log);
        sim_hub_note_id(world, node->id, g.old);
        world->totals.forks++;
    }
    return sim_must(world, rc, "going on under a new id", &err) && is_good &&
           sim_node_look(world, device);
}
