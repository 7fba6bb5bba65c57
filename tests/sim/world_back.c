/* A hub that goes back: kept as it is, put back as it was, made anew. */
#include "tests/sim/world.h"

#include "sync/hub/back.h"
#include "tests/support/temp_dir.h"

#include <unistd.h>

enum { A_SECOND_MS = 1000 };
static const char database[] = "hub.db";
static const char wal[] = "hub.db-wal";

sim_id *sim_id_of(sim_world *world, uint64_t id)
{
    static sim_id nobody;
    for (unsigned i = 0; i < world->ids_count; i++) {
        if (world->ids[i].id == id) {
            return &world->ids[i];
        }
    }
    nobody = (sim_id){.id = id};
    return &nobody;
}

/* The machine that goes by it; -1: there is none, or none any more. */
int sim_machine_of(const sim_world *world, uint64_t id)
{
    for (unsigned d = 0; d < world->script->devices; d++) {
        if (world->nodes[d].store != NULL && world->nodes[d].id == id) {
            return (int)d;
        }
    }
    return -1;
}

/* ---- Keeping it ---- */

static bool backup_path(sim_world *world, tp_path *path_out)
{
    tp_err err;
    return sim_must(world, tp_path_join(world->dir.at, "backup.db", path_out, &err), "a path",
                    &err);
}

static void keep_agreements(const sim_oracle *o, sim_agreements *out)
{
    memcpy(out->count, o->agreements_count, sizeof out->count);
    memcpy(out->at, o->agreements, sizeof out->at);
}

bool sim_read_generation(sim_world *world)
{
    tp_err err;
    tp_rc rc = tp_hub_look(&world->hub, &err);
    if (rc == TP_OK) {
        world->back.generation = tp_hub_store_state(world->hub.store)->generation;
    }
    tp_hub_rollback(&world->hub);
    return sim_must(world, rc, "looking at the hub", &err);
}

bool sim_keep_hub(sim_world *world, bool is_backup)
{
    const disk_survivors synced = {DISK_NONE, 0, 0};
    sim_kept_hub *k = &world->back.kept;
    tp_path path;
    tp_err err;
    if (!backup_path(world, &path) || !sim_hub_look(world) || !sim_read_generation(world)) {
        return false;
    }
    k->generation = world->back.generation;
    (void)unlink(path.at);
    if (is_backup &&
        !sim_must(world, tp_hub_store_backup(world->hub.store, path.at, &err), "a backup", &err)) {
        return false;
    }
    if (k->disk == NULL) {
        tp_path dir;
        if (!sim_must(world, tp_path_join(world->dir.at, "kept", &dir, &err), "a path", &err)) {
            return false;
        }
        k->disk = disk_open(dir.at);
    }
    disk_copy(world->hub_disk, k->disk);
    disk_restart(k->disk, synced);
    world->now_ms++; /* whatever is answered after it, is answered later */
    k->is_sealed = is_backup;
    k->ids_count = world->ids_count;
    memcpy(k->ids, world->ids, sizeof k->ids);
    keep_agreements(&world->oracle, &k->agreements);
    memcpy(k->sent, world->oracle.sent, sizeof k->sent);
    world->totals.actions++;
    return true;
}

void sim_kept_hub_done(sim_world *world)
{
    disk_close(world->back.kept.disk);
    world->back.kept.disk = NULL;
}

/* ---- Putting it back ---- */

/* What stands at `path` is the hub's database from now on. */
static tp_rc put_database(sim_world *world, const char *path, tp_err *err)
{
    enum { BYTES_MAX = 64 * 1024 * 1024 };
    tp_buf bytes;
    tp_buf_init(&bytes, BYTES_MAX);
    tp_rc rc = tp_file_read(path, &bytes, err);
    if (rc == TP_OK) {
        disk_file_remove(world->hub_disk, wal);
        disk_file_put(world->hub_disk, database, tp_buf_slice(&bytes));
    }
    tp_buf_done(&bytes);
    return rc;
}

/* A directory on no disk, for what is done with files as they are. */
static tp_rc make_dir(sim_world *world, const char *name, tp_path *out, tp_err *err)
{
    tp_rc rc = tp_path_join(world->dir.at, name, out, err);
    if (rc == TP_OK) {
        if (access(out->at, F_OK) == 0) {
            temp_dir_remove(out); /* of an earlier time */
        }
        rc = tp_dir_make_private(out->at, err);
    }
    return rc;
}

/* A copy of the hub's files, as whoever has no backup keeps one: the database and its WAL. */
static tp_rc copy_by_hand(sim_world *world, const tp_path *dir, tp_path *path_out, tp_err *err)
{
    const char *const names[] = {database, wal};
    tp_rc rc = TP_OK;
    for (size_t i = 0; i < 2; i++) {
        uint64_t bytes = 0;
        tp_path path = temp_dir_path(dir, i == 0 ? "copied.db" : "copied.db-wal");
        if (rc == TP_OK && disk_file_bytes(world->back.kept.disk, names[i], &bytes) && bytes > 0) {
            rc = tp_file_create(path.at, disk_file_content(world->back.kept.disk, names[i]), err);
        }
    }
    *path_out = temp_dir_path(dir, "copied.db");
    return rc;
}

static bool restore(sim_world *world)
{
    tp_hub_restored restored;
    tp_path dir;
    tp_path backup;
    tp_err err;
    const uint64_t random = tp_rng_u64(&world->hub_rng.rng);
    tp_rc rc = make_dir(world, "restored", &dir, &err);
    if (rc == TP_OK && world->back.kept.is_sealed) {
        rc = tp_path_join(world->dir.at, "backup.db", &backup, &err);
    } else if (rc == TP_OK) {
        rc = copy_by_hand(world, &dir, &backup, &err);
    }
    if (rc == TP_OK) {
        const tp_path to = temp_dir_path(&dir, database);
        rc = tp_hub_store_restore(to.at, backup.at, random, world->now_ms, &restored, &err);
        if (rc == TP_OK) {
            rc = put_database(world, to.at, &err);
        }
    }
    return sim_must(world, rc, "restoring the hub", &err);
}

static bool make_anew(sim_world *world)
{
    static const char *const keys[] = {"hub.key", "ca.key", "ca.pem"};
    tp_path dir;
    tp_err err;
    tp_rc rc = make_dir(world, "anew", &dir, &err);
    for (size_t i = 0; rc == TP_OK && i < 3; i++) {
        const tp_path from = temp_dir_path(&world->stock->hub, keys[i]);
        const tp_path to = temp_dir_path(&dir, keys[i]);
        int64_t bytes = 0;
        rc = tp_file_measure(from.at, &bytes, &err);
        if (rc == TP_OK) {
            rc = tp_file_copy(from.at, bytes, to.at, &err);
        }
    }
    if (rc == TP_OK) {
        rc = tp_hub_make_again(dir.at, &world->hub_clock.clock, &world->hub_rng.rng, &err);
    }
    if (rc == TP_OK) {
        rc = put_database(world, temp_dir_path(&dir, database).at, &err);
    }
    return sim_must(world, rc, "making the hub anew", &err);
}

/* The oracle is told what the hub knows now. */
static void forget(sim_world *world, const sim_kept_hub *kept, bool is_anew)
{
    static const sim_kept_hub nothing;
    const sim_kept_hub *then = is_anew ? &nothing : kept;
    sim_oracle *o = &world->oracle;
    for (unsigned i = 0; i < o->count; i++) {
        for (unsigned a = 0; a < o->agencies; a++) {
            o->perhaps[i] = o->perhaps[i] || o->sent[a][i];
            o->sent[a][i] = o->sent[a][i] && then->sent[a][i];
        }
        o->perhaps[i] = o->perhaps[i] || o->events[i].stamp.number != 0;
        o->events[i].stamp = (tp_stamp){0};
    }
    for (unsigned i = 0; i < world->ids_count; i++) {
        sim_id *id = &world->ids[i];
        const sim_id *was = i < then->ids_count ? &then->ids[i] : NULL;
        id->is_known = was != NULL && was->is_known;
        id->is_revoked = was != NULL && was->is_revoked;
        id->has_synced = was != NULL && was->has_synced;
        id->is_awaited = was != NULL && was->is_awaited;
        id->has_compared = was != NULL && was->has_compared;
        id->from = id->is_known ? was->from : 0;
        int machine = sim_machine_of(world, id->id);
        if (machine >= 0 && world->nodes[machine].is_enrolled) {
            world->nodes[machine].is_revoked = id->is_revoked || (!id->is_known && id->is_shut_out);
        }
    }
    keep_agreements(o, &world->back.papers);
    world->back.has_papers = true;
    memcpy(o->agreements_count, then->agreements.count, sizeof o->agreements_count);
    memcpy(o->agreements, then->agreements.at, sizeof o->agreements);
    world->number = 0;
}

bool sim_hub_go_back(sim_world *world, sim_way way)
{
    sim_kept_hub *kept = &world->back.kept;
    if (kept->disk == NULL && way != SIM_MADE_ANEW) {
        return true; /* no backup */
    }
    if (!sim_hub_look(world)) {
        return false;
    }
    for (unsigned d = 0; d < world->script->devices; d++) {
        if (world->nodes[d].store != NULL && !sim_node_look(world, d)) {
            return false;
        }
    }
    sim_note_holders(world);
    /* A generation counts in seconds (sync/wire/generation.h): putting back takes one. */
    if (world->back.falls > 0 && world->now_ms < world->back.taken_ms + A_SECOND_MS) {
        world->now_ms = world->back.taken_ms + A_SECOND_MS;
    }
    if (!sim_read_generation(world)) {
        return false;
    }
    sim_hub_close(world);
    world->hub_clock.reading.wall_ms = world->now_ms;
    if (way == SIM_UNNOTICED) {
        disk_copy(kept->disk, world->hub_disk);
        world->back.generation = kept->generation;
    } else if (!(way == SIM_RESTORED ? restore(world) : make_anew(world))) {
        return false;
    }
    world->back.is_frozen = false; /* what it was then, it is */
    world->back.falls++;
    world->totals.falls++;
    world->totals.actions++;
    forget(world, kept, way == SIM_MADE_ANEW);
    bool is_good = sim_hub_restart(world) &&
                   (way != SIM_MADE_ANEW || sim_hub_add_agencies(world)) && sim_hub_look(world);
    if (is_good && way != SIM_UNNOTICED && !world->back.is_frozen) {
        return sim_fail(world, "it knows that it went back", "after a restore it does not");
    }
    return is_good && sim_back_tend(world);
}
