/* What a hub calls otherwise since an older card has taken its number
 * (sync/hub/accept_displaced.c).
 *
 * The event is the same; its name is another, and so are its bytes, in which the names of what the
 * card forgot are called anew.  Its salt says which it is. */
#include "tests/sim/world.h"

#include "sync/wire/chain.h"

enum { SALT_AT = 3 };

static uint64_t read_salt(const uint8_t *at)
{
    uint64_t salt = 0;
    memcpy(&salt, at, sizeof salt);
    return salt;
}

void sim_keep_salt(sim_world *world, int event, tp_name name, tp_slice bytes)
{
    uint8_t digest[TP_SHA256_BYTES];
    tp_change_digest(name, bytes, digest);
    world->back.salts[event] = read_salt(digest + sizeof digest - TP_SALT_BYTES);
}

/* Whoever holds it calls it what it was, until it comes by its other name. */
static void name_anew(sim_world *world, int event, tp_name name, uint64_t digest)
{
    sim_event *e = &world->oracle.events[event];
    sim_back *b = &world->back;
    for (unsigned d = 0; d < world->script->devices; d++) {
        sim_node *node = &world->nodes[d];
        if ((node->held[event] || node->stub[event]) && tp_name_is_none(node->as[event])) {
            node->as[event] = e->name;
            node->as_digest[event] = e->digest;
        }
    }
    if (!sim_id_of(world, name.device)->is_displaced) {
        sim_hub_note_id(world, name.device, e->name.device);
        sim_id *id = sim_id_of(world, name.device);
        id->is_displaced = true;
        id->is_revoked = true;
        id->is_shut_out = true;
    }
    b->was[event] = e->name;
    b->was_digest[event] = e->digest;
    e->name = name;
    e->digest = digest;
}

int sim_event_displaced(sim_world *world, tp_name name, uint64_t digest, tp_slice bytes)
{
    const sim_back *b = &world->back;
    for (unsigned i = 0; i < world->oracle.count; i++) {
        if (tp_name_eq(b->was[i], name) && b->was_digest[i] == digest) {
            return (int)i; /* as it was */
        }
    }
    for (unsigned i = 0; i < world->oracle.count && bytes.bytes >= SALT_AT + TP_SALT_BYTES; i++) {
        const sim_event *e = &world->oracle.events[i];
        if (e->name.seq == name.seq && e->name.device != name.device &&
            sim_was_lost(world, (int)i) && b->salts[i] == read_salt(bytes.at + SALT_AT)) {
            name_anew(world, (int)i, name, digest);
            return (int)i;
        }
    }
    return -1;
}

int sim_event_given_back(const sim_world *world, unsigned device, tp_name name, int event)
{
    const sim_node *node = &world->nodes[device];
    for (unsigned i = 0; i < world->oracle.count; i++) {
        const bool is_nearer = event < 0 || (node->ever[i] && !node->ever[event]);
        if (tp_name_eq(world->back.was[i], name) && is_nearer) {
            return (int)i;
        }
    }
    return event;
}

tp_rc sim_look_at_displaced(sim_world *world, tp_err *err)
{
    for (unsigned i = 0; i < world->ids_count; i++) {
        sim_id *id = &world->ids[i];
        tp_hub_device device;
        if (!id->is_displaced) {
            continue;
        }
        tp_rc rc = tp_hub_device_get(world->hub.store, id->id, &device, err);
        if (rc != TP_OK && rc != TP_NOTFOUND) {
            return rc;
        }
        id->is_known = rc == TP_OK;
        id->is_revoked = rc == TP_OK;
    }
    return TP_OK;
}
