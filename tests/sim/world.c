/* A hub and its nodes: opening, closing, what they hold. */
#include "tests/sim/world.h"

#include "platform/base/alloc.h"
#include "sync/log/directory.h"

#include <stdarg.h>
#include <stdio.h>

enum { MILLION = 1000000 };

bool sim_fail(sim_world *world, const char *check, const char *format, ...)
{
    if (world->trouble.check == NULL) {
        va_list args;
        va_start(args, format);
        vsnprintf(world->trouble.text, sizeof world->trouble.text, format, args);
        va_end(args);
        world->trouble.check = check;
    }
    return false;
}

bool sim_must(sim_world *world, tp_rc rc, const char *what, const tp_err *err)
{
    bool is_from_disk = rc != TP_OK && world->faulty != NULL &&
                        (disk_is_cut(world->faulty) || world->fault.kind == SIM_FULL);
    if (is_from_disk && rc == TP_IO) {
        world->is_struck = true;
        return false;
    }
    const bool is_refusal =
        rc == TP_CORRUPT || rc == TP_INVALID || (rc == TP_NOTFOUND && world->is_harm_known);
    if (is_refusal && world->is_harmed && !world->is_hub_asked) {
        world->is_struck = true;
        return false;
    }
    return rc == TP_OK ||
           sim_fail(world, "a call fails", "%s: %s: %s", what, tp_rc_name(rc), err->what);
}

/* ---- Names ---- */

/* What it let go of for its other name it calls by that, as all that it has still to say of it. */
tp_name sim_name_at(const sim_world *world, unsigned device, int event)
{
    const sim_node *node = &world->nodes[device];
    const bool is_here = node->held[event] || node->stub[event];
    const tp_name as = node->as[event];
    return tp_name_is_none(as) || (!is_here && sim_is_let_go(world, device, event))
               ? world->oracle.events[event].name
               : as;
}

/* What it holds now comes before what it ever did, that before what the hub has, and that before
 * what it had: what an older card forgot and never sent nobody else can mean. */
static unsigned nearness(const sim_world *world, unsigned device, unsigned event)
{
    const sim_node *node = &world->nodes[device];
    const bool is_here = node->held[event] || node->stub[event];
    const bool is_there = world->oracle.events[event].stamp.number != 0;
    const bool was_there = is_there || sim_was_lost(world, (int)event);
    return 1 + (was_there ? 1U : 0) + (is_there ? 2U : 0) + (node->ever[event] ? 4U : 0) +
           (is_here ? 8U : 0);
}

int sim_event_of(const sim_world *world, unsigned device, tp_name name)
{
    int found = -1;
    unsigned nearest = 0;
    for (unsigned i = 0; i < world->oracle.count; i++) {
        if (tp_name_eq(sim_name_at(world, device, (int)i), name) &&
            nearness(world, device, i) > nearest) {
            nearest = nearness(world, device, i);
            found = (int)i;
        }
    }
    return found;
}

int sim_event_at_hub(const sim_world *world, unsigned device, tp_name name)
{
    const sim_oracle *o = &world->oracle;
    for (unsigned i = 0; i < o->count; i++) {
        if (tp_name_eq(o->events[i].name, name) && o->events[i].stamp.number != 0) {
            return (int)i;
        }
    }
    return sim_event_of(world, device, name);
}

static uint64_t digest_of(tp_slice bytes)
{
    uint8_t whole[TP_SHA256_BYTES];
    uint64_t digest = 0;
    tp_sha256_of(bytes, whole);
    memcpy(&digest, whole, sizeof digest);
    return digest;
}

int sim_event_written(sim_world *world, tp_name name, tp_slice bytes)
{
    const sim_oracle *o = &world->oracle;
    const uint64_t digest = digest_of(bytes);
    for (unsigned i = 0; i < o->count; i++) {
        if (o->events[i].digest == digest && tp_name_eq(o->events[i].name, name)) {
            return (int)i;
        }
    }
    return world->back.falls == 0 ? -1 : sim_event_displaced(world, name, digest, bytes);
}

/* ---- Nodes ---- */

bool sim_is_heard(const sim_node *node)
{
    return node->store != NULL && node->is_enrolled && !node->is_revoked && !node->is_shut_out;
}

void sim_node_tick(sim_world *world, unsigned device)
{
    sim_node *node = &world->nodes[device];
    const int64_t up_ms = world->now_ms - node->booted_ms;
    const int64_t drifted_ms = (world->now_ms - node->wall_set_ms) * node->drift / MILLION;
    node->clock.reading.wall_ms = world->now_ms + node->wall_off_ms + drifted_ms;
    node->clock.reading.up_ms = up_ms + up_ms * node->drift / MILLION;
    memset(node->clock.reading.boot, 0, sizeof node->clock.reading.boot);
    memcpy(node->clock.reading.boot, &node->boot, sizeof node->boot);
}

static tp_rc open_node(const sim_stock *stock, sim_node *node, tp_err *err)
{
    tp_rc rc = TP_OK;
    if (node->disk == NULL) {
        rc = sim_stock_copy_node(stock, node->dir.at, &node->disk, err);
        if (rc == TP_OK) {
            rc = tp_node_init(node->dir.at, tp_slice_str(sim_agency_ids[node->agency]),
                              &node->clock.clock, &node->rng.rng, err);
        }
    }
    if (rc == TP_OK) {
        rc = tp_node_open(node->dir.at, &node->clock.clock, &node->rng.rng, &node->node, err);
    }
    if (rc == TP_OK) {
        node->store = node->node.store;
        node->log = node->node.log;
        node->merge = node->node.merge;
        node->id = tp_log_device(node->log);
    }
    return rc;
}

/* What a torn page may bring back. */
static tp_rc keep_older(sim_node *node, tp_err *err)
{
    enum { BYTES_MAX = 64 * 1024 * 1024 };
    uint64_t bytes = 0;
    if (node->disk == NULL || !disk_file_bytes(node->disk, TP_NODE_DATABASE, &bytes)) {
        return TP_OK;
    }
    tp_buf_done(&node->older);
    tp_buf_init(&node->older, BYTES_MAX);
    return tp_buf_add_slice(&node->older, disk_file_content(node->disk, TP_NODE_DATABASE), err);
}

bool sim_node_open(sim_world *world, unsigned device)
{
    tp_err err;
    if (!world->is_harmed &&
        !sim_must(world, keep_older(&world->nodes[device], &err), "keeping a database", &err)) {
        return false;
    }
    return sim_must(world, open_node(world->stock, &world->nodes[device], &err), "opening a node",
                    &err);
}

void sim_node_close(sim_node *node)
{
    sim_session_end(node);
    tp_node_close(&node->node);
    node->merge = NULL;
    node->log = NULL;
    node->store = NULL;
}

typedef struct looking {
    sim_world *world;
    sim_node *node;
    unsigned device;
} looking;

/* What a copy has written again already, as it is here. */
static int written_here(sim_node *node, const tp_log_row *row, unsigned count)
{
    const uint64_t digest = digest_of(row->bytes);
    for (unsigned i = 0; i < count; i++) {
        if (tp_name_eq(node->as[i], row->name) &&
            (node->as_digest[i] == digest || node->as_digest[i] == 0)) {
            node->as_digest[i] = digest;
            return (int)i;
        }
    }
    return -1;
}

/* What was written just now has no digest yet: this is its first. */
static int first_look(sim_world *world, const sim_node *node, const tp_log_row *row)
{
    for (unsigned i = world->oracle.count; i-- > 0;) {
        sim_event *e = &world->oracle.events[i];
        if (e->digest == 0 && node->written[i] && tp_name_eq(e->name, row->name)) {
            e->digest = digest_of(row->bytes);
            sim_keep_salt(world, (int)i, row->name, row->bytes);
            return (int)i;
        }
    }
    return -1;
}

/* No device shows another time than the hub gave.  Bounds without width are as good as none. */
static bool is_stamp_right(const sim_event *e, const tp_stamp *stamp)
{
    const tp_stamp *given = &e->stamp;
    bool is_point = given->earliest_ms == given->ms && given->latest_ms == given->ms;
    return stamp->number == 0 || (stamp->number == given->number && stamp->ms == given->ms &&
                                  stamp->earliest_ms == (is_point ? 0 : given->earliest_ms) &&
                                  stamp->latest_ms == (is_point ? 0 : given->latest_ms));
}

/* It was being written when the power failed: it is there whole, or not at all. */
static bool is_unsure(const sim_world *world, unsigned device, tp_name name)
{
    return world->unsure.is_written && world->unsure.device == device &&
           tp_name_eq(world->unsure.event.name, name);
}

static tp_rc look_at_row(void *context, const tp_log_row *row, tp_err *err)
{
    looking *l = context;
    int at = row->is_stub ? sim_event_given_back(l->world, l->device, row->name,
                                                 sim_event_of(l->world, l->device, row->name))
                          : written_here(l->node, row, l->world->oracle.count);
    if (at < 0 && !row->is_stub) {
        at = sim_event_written(l->world, row->name, row->bytes);
    }
    if (at < 0) {
        at = first_look(l->world, l->node, row);
    }
    if (at < 0 && is_unsure(l->world, l->device, row->name)) {
        at = (int)l->world->oracle.count;
        sim_take_written(l->world, l->device, &l->world->unsure.event);
        l->world->oracle.events[at].digest = digest_of(row->bytes);
        sim_keep_salt(l->world, at, row->name, row->bytes);
        l->world->unsure.is_written = false;
    }
    if (at < 0) {
        return tp_fail(err, TP_CORRUPT, "the log holds a change that nobody wrote");
    }
    const sim_event *e = &l->world->oracle.events[at];
    if (!tp_name_is_none(l->world->back.was[at]) &&
        (!l->node->written[at] || sim_id_of(l->world, e->name.device)->is_displaced)) {
        if (row->is_stub && l->node->held[at]) {
            return TP_OK; /* of its other name */
        }
        if (!row->is_stub || tp_name_eq(row->name, e->name)) {
            const bool is_its = tp_name_eq(row->name, e->name);
            l->node->as[at] = is_its ? (tp_name){0, 0} : row->name;
            l->node->as_digest[at] = is_its ? 0 : l->world->back.was_digest[at];
        }
    }
    /* What came of an erased record later has a stamp, and is in no log where it could be seen. */
    bool is_unseen = l->world->oracle.erased[e->record] && e->stamp.number == 0;
    const bool is_stale = !is_unseen && !is_stamp_right(e, &row->stamp);
    if (is_stale && !sim_was_stamp(l->world, at, &row->stamp)) {
        sim_fail(l->world, "stamps", "device %u: another stamp than the hub gave change %d",
                 l->device, at);
        return tp_fail(err, TP_CORRUPT, "a stamp");
    }
    l->node->is_stale[at] = is_stale && !row->is_stub;
    l->node->is_stamped[at] = row->stamp.number != 0;
    l->node->is_tagged[at] = !row->is_stub && row->position != 0;
    l->node->told[at] = row->stamp;
    l->node->held[at] = !row->is_stub;
    l->node->stub[at] = row->is_stub;
    l->node->ever[at] = true;
    return TP_OK;
}

/* Whose devices nobody has told this one of, since the hub that fell does not know them either. */
static tp_rc note_strange(sim_world *world, sim_node *node, tp_tx *tx, tp_err *err)
{
    tp_rc rc = TP_OK;
    memset(node->is_strange, 0, sizeof node->is_strange);
    for (unsigned i = 0; rc == TP_OK && world->back.falls > 0 && i < world->ids_count; i++) {
        const char *agency = "";
        rc = tp_log_agency_of(node->log, tx, world->ids[i].id, &agency, err);
        for (unsigned e = 0; rc == TP_OK && e < world->oracle.count; e++) {
            if (world->oracle.events[e].name.device == world->ids[i].id) {
                node->is_strange[e] = agency[0] == '\0';
            }
        }
    }
    return rc;
}

/* What was said to be done is there, or has been given back; a kiosk's is there or at the hub.  Or
 * the hub has it by another name: completeness says whether it has to be there by that. */
static bool check_written(sim_world *world, unsigned device)
{
    const sim_node *node = &world->nodes[device];
    for (unsigned i = 0; i < world->oracle.count; i++) {
        bool is_gone = node->written[i] && !node->held[i] && !node->stub[i] &&
                       !sim_is_let_go(world, device, (int)i) &&
                       (!node->is_kiosk || (world->oracle.events[i].stamp.number == 0 &&
                                            !sim_was_lost(world, (int)i)));
        if (is_gone) {
            return sim_fail(world, "what was written stays",
                            "device %u: action %u's change is gone", device,
                            world->oracle.events[i].action);
        }
    }
    return true;
}

bool sim_node_look(sim_world *world, unsigned device)
{
    sim_node *node = &world->nodes[device];
    looking l = {world, node, device};
    tp_err err;
    if (world->is_harmed) {
        return true; /* not before it is mended */
    }
    tp_tx tx = TP_TX_NONE;
    memset(node->held, 0, sizeof node->held);
    memset(node->stub, 0, sizeof node->stub);
    memset(node->is_stamped, 0, sizeof node->is_stamped);
    memset(node->is_tagged, 0, sizeof node->is_tagged);
    memset(node->is_stale, 0, sizeof node->is_stale);
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_READ, &err);
    if (rc == TP_OK) {
        rc = tp_log_all(node->log, &tx, look_at_row, &l, &err);
    }
    if (rc == TP_OK) {
        rc = note_strange(world, node, &tx, &err);
    }
    tp_tx_rollback(&tx);
    return sim_must(world, rc, "reading a log", &err) && check_written(world, device);
}

/* ---- The world ---- */

static bool set_kiosk(sim_world *world, sim_node *node)
{
    tp_err err;
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_WRITE, &err);
    if (rc == TP_OK) {
        rc = tp_log_set_kiosk(node->log, &tx, true, &err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, &err);
    }
    tp_tx_rollback(&tx);
    return sim_must(world, rc, "making a kiosk", &err);
}

bool sim_node_make(sim_world *world, unsigned device)
{
    sim_node *node = &world->nodes[device];
    return sim_node_open(world, device) && (!node->is_kiosk || set_kiosk(world, node));
}

static bool begin_node(sim_world *world, unsigned device)
{
    enum { UP_AT_FIRST_MS = 60000 };
    const sim_script *script = world->script;
    sim_node *node = &world->nodes[device];
    tp_err err;
    char name[24];
    node->agency = script->agency_of[device];
    node->is_kiosk = script->is_kiosk[device];
    node->key = world->stock->keys[device];
    node->boot = (uint16_t)(device + 1);
    node->booted_ms = world->now_ms - UP_AT_FIRST_MS;
    node->wall_set_ms = world->now_ms;
    node->drift = (int64_t)script->drift[device] - SIM_DRIFT_NONE;
    snprintf(name, sizeof name, "node%u", device);
    if (!sim_must(world, tp_path_join(world->dir.at, name, &node->dir, &err), "a path", &err)) {
        return false;
    }
    tp_clock_fixed_init(&node->clock, world->now_ms, UP_AT_FIRST_MS, 0);
    sim_node_tick(world, device);
    tp_rng_seeded_init(&node->rng, script->seed * SIM_DEVICES_MAX + device + 1);
    sim_node_tick(world, device);
    return sim_node_make(world, device) &&
           (script->is_late[device] || sim_hub_enrol(world, device));
}

bool sim_world_open(sim_world *world, const sim_script *script, const sim_stock *stock,
                    const tp_path *dir)
{
    memset(world, 0, sizeof *world);
    world->script = script;
    world->stock = stock;
    world->totals.nodes = script->devices;
    world->oracle.agencies = script->agencies;
    world->dir = *dir;
    world->now_ms = SIM_BEGIN_MS;
    sim_seams_now = script->seams;
    for (unsigned i = 0; i < SIM_ACTIONS_MAX; i++) {
        world->made[i] = -1;
    }
    bool is_good = sim_hub_open(world);
    for (unsigned d = 0; is_good && d < script->devices; d++) {
        is_good = script->is_copy[d] || begin_node(world, d);
    }
    return is_good;
}

void sim_world_close(sim_world *world)
{
    for (unsigned d = 0; d < SIM_DEVICES_MAX; d++) {
        sim_node *node = &world->nodes[d];
        if (node->store != NULL && world->trouble.check == NULL &&
            (tp_store_statements_open(node->store) != 0 || tp_store_is_in_tx(node->store))) {
            sim_fail(world, "nothing stays open", "device %u: a statement or a transaction", d);
        }
        sim_node_close(node);
        sim_late_done(node);
        tp_key_free(node->own_key);
        node->own_key = NULL;
        tp_key_free(node->next_key);
        node->next_key = NULL;
        disk_close(node->disk);
        node->disk = NULL;
        tp_buf_done(&node->older);
    }
    sim_images_done(world);
    sim_kept_hub_done(world);
    sim_hub_close(world);
    disk_close(world->hub_disk);
    world->hub_disk = NULL;
}
