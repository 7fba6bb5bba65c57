/* Disks that lose their power or are full while something is going on, and starting again. */
#include "tests/sim/world.h"

/* What a power cut has left of a machine: its disk.  Its clock goes on where there is a battery. */
static bool start_node(sim_world *world, unsigned device)
{
    enum { OFF_MS = 1000, STARTING_MS = 2000 };
    sim_node *node = &world->nodes[device];
    node->boot = (uint16_t)(node->boot + SIM_DEVICES_MAX);
    node->booted_ms = world->now_ms + OFF_MS;
    world->now_ms += OFF_MS + STARTING_MS;
    sim_node_tick(world, device);
    if (!sim_node_open(world, device)) {
        return false;
    }
    if (world->unsure.is_forked && tp_log_device(node->log) == world->unsure.new_id) {
        sim_fork_taken(world, device, world->unsure.old_id, world->unsure.kept);
    }
    world->unsure.is_forked = false;
    bool is_good =
        sim_hub_look(world) && sim_node_look(world, device) && sim_check_shown(world, device);
    world->unsure.is_written = false;
    return is_good;
}

/* An answer that never left may have been counted as sent, if the hub got so far. */
static bool note_unsure(sim_world *world)
{
    sim_unsure *u = &world->unsure;
    const sim_node *node = &world->nodes[u->device];
    tp_hub_device d;
    tp_err err;
    if (!u->is_answered) {
        return true;
    }
    u->is_answered = false;
    tp_rc rc = tp_hub_look(&world->hub, &err);
    if (rc == TP_OK) {
        rc = tp_hub_device_get(world->hub.store, u->id, &d, &err);
    }
    tp_hub_rollback(&world->hub);
    for (unsigned i = 0; rc == TP_OK && d.sent > u->sent && i < world->oracle.count; i++) {
        bool *is_sent = &world->oracle.sent[node->agency][i];
        *is_sent = *is_sent || u->items[i];
    }
    return sim_must(world, rc, "looking at a device", &err);
}

/* A copy whose new id the hub may have taken in asks for it again; until then the hub has it. */
static bool note_enrolled(sim_world *world)
{
    const sim_unsure *u = &world->unsure;
    tp_hub_device d;
    tp_err err;
    if (!u->is_enrolled) {
        return true;
    }
    tp_rc rc = tp_hub_look(&world->hub, &err);
    if (rc == TP_OK) {
        rc = tp_hub_device_get(world->hub.store, u->new_id, &d, &err);
    }
    tp_hub_rollback(&world->hub);
    bool is_listed = false; /* another copy has taken it */
    for (unsigned i = 0; i < world->ids_count; i++) {
        is_listed = is_listed || world->ids[i].id == u->new_id;
    }
    if (rc == TP_OK && !is_listed) {
        sim_hub_note_id(world, u->new_id, u->old_id);
        sim_id_of(world, u->new_id)->is_begun = true;
    }
    return rc == TP_NOTFOUND || sim_must(world, rc, "looking for a new id", &err);
}

/* The operator who was shutting a device out looks whether the hub got so far. */
static bool note_revoked(sim_world *world)
{
    tp_err err;
    tp_rc rc = tp_hub_look(&world->hub, &err);
    for (unsigned i = 0; rc == TP_OK && i < world->ids_count; i++) {
        sim_id *id = &world->ids[i];
        const int machine = sim_machine_of(world, id->id);
        tp_hub_device d;
        if (!id->is_shut_out || !id->is_known) {
            continue;
        }
        rc = tp_hub_device_get(world->hub.store, id->id, &d, &err);
        id->is_revoked = rc == TP_OK && d.revoked_ms != 0;
        if (machine >= 0 && world->nodes[machine].is_enrolled) {
            world->nodes[machine].is_revoked = id->is_revoked;
        }
    }
    tp_hub_rollback(&world->hub);
    return sim_must(world, rc, "looking who is shut out", &err);
}

void sim_fault_begin(sim_world *world, const sim_action *action)
{
    const sim_fault *f = &action->fault;
    disk *d = f->is_at_hub ? world->hub_disk : world->nodes[action->device].disk;
    world->is_struck = false;
    world->unsure = (sim_unsure){.is_written = false};
    if (f->kind == SIM_NO_FAULT) {
        return;
    }
    world->fault = *f;
    world->faulty = d;
    if (f->kind == SIM_CUT) {
        disk_cut_at(d, f->point);
    } else {
        disk_limit(d, disk_used(d) + f->point);
    }
}

/* The program was refused and goes on. */
static bool go_on(sim_world *world, unsigned device)
{
    sim_node *node = &world->nodes[device];
    sim_session_end(node);
    world->unsure = (sim_unsure){.is_written = false};
    world->totals.full++;
    if (node->store == NULL) {
        return sim_node_open(world, device); /* it could not be started */
    }
    return (tp_store_statements_open(node->store) == 0 && !tp_store_is_in_tx(node->store)) ||
           sim_fail(world, "nothing stays open", "device %u: a statement or a transaction", device);
}

bool sim_fault_end(sim_world *world, const sim_action *action)
{
    disk *d = world->faulty;
    const sim_fault f = world->fault;
    bool is_good = true;
    world->faulty = NULL;
    world->fault.kind = SIM_NO_FAULT;
    if (d == NULL) {
        return true;
    }
    if (f.kind == SIM_FULL) {
        disk_limit(d, 0);
        return !world->is_struck || go_on(world, action->device);
    }
    if (!disk_is_cut(d)) {
        disk_cut_at(d, 0);
        return true;
    }
    world->totals.cuts++;
    const disk_survivors left = {(disk_survivor_kind)f.left, action->number + 1u,
                                 action->number % (disk_pending(d) + 1)};
    if (f.is_at_hub) {
        sim_hub_close(world);
        disk_restart(d, left);
        is_good = sim_hub_restart(world) && sim_hub_look_whole(world) && note_unsure(world) &&
                  note_enrolled(world) && note_revoked(world);
        sim_session_end(&world->nodes[action->device]);
        return is_good;
    }
    sim_node_close(&world->nodes[action->device]);
    disk_restart(d, left);
    return start_node(world, action->device);
}
