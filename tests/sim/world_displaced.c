/* What a hub calls otherwise since an older card has taken its number
 * (sync/hub/accept_displaced.c).
 *
 * The event is the same; its name is another, and so are its bytes, in which the names of what the
 * card forgot are called anew.  Its salt says which it is. */
#include "tests/sim/world.h"

#include "sync/wire/chain.h"

enum { SALT_AT = 3, SALTED_BYTES = SALT_AT + TP_SALT_BYTES };

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
    world->back.own_salts[event] = bytes.bytes < SALTED_BYTES ? 0 : read_salt(bytes.at + SALT_AT);
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

static bool is_displaced(const sim_world *world, int event)
{
    return event >= 0 && !tp_name_is_none(world->back.was[event]) &&
           !tp_name_eq(world->back.was[event], world->oracle.events[event].name);
}

bool sim_is_displaced(const sim_world *world, tp_name name)
{
    for (unsigned i = 0; i < world->oracle.count && !tp_name_is_none(name); i++) {
        if (tp_name_eq(world->back.was[i], name) && is_displaced(world, (int)i)) {
            return true;
        }
    }
    return false;
}

bool sim_is_let_go(const sim_world *world, unsigned device, int event)
{
    const sim_node *node = &world->nodes[device];
    return is_displaced(world, event) && tp_name_eq(node->as[event], world->back.was[event]) &&
           (world->oracle.events[event].stamp.number != 0 || sim_was_lost(world, event));
}

static bool is_any_displaced(const sim_world *world, const int *events, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (is_displaced(world, events[i])) {
            return true;
        }
    }
    return false;
}

static bool names_displaced(const sim_world *world, const sim_event *e)
{
    bool names = is_displaced(world, e->record) || is_displaced(world, e->person) ||
                 is_any_displaced(world, e->names, e->names_count) ||
                 is_any_displaced(world, e->in_sight, e->in_sight_count);
    for (unsigned i = 0; i < e->fields_count; i++) {
        const sim_field *f = &e->fields[i];
        names = names || is_any_displaced(world, f->seen, f->seen_count) ||
                (f->code == TP_FIELD_PERSON && f->has_value && !f->value.is_null &&
                 is_displaced(world, (int)f->value.key));
    }
    return names;
}

/* Its author has called anew what it names, before it sent it: it has its name and its salt. */
static bool take_anew(sim_world *world, int event, tp_name name, uint64_t digest, tp_slice bytes)
{
    sim_event *e = &world->oracle.events[event];
    if (!tp_name_eq(e->name, name) || e->digest == 0 || !names_displaced(world, e) ||
        world->back.own_salts[event] != read_salt(bytes.at + SALT_AT)) {
        return false;
    }
    world->back.was[event] = name;
    world->back.was_digest[event] = e->digest;
    e->digest = digest;
    sim_keep_salt(world, event, name, bytes);
    return true;
}

int sim_event_displaced(sim_world *world, tp_name name, uint64_t digest, tp_slice bytes)
{
    const sim_back *b = &world->back;
    for (unsigned i = 0; i < world->oracle.count; i++) {
        if (tp_name_eq(b->was[i], name) && b->was_digest[i] == digest) {
            return (int)i; /* as it was */
        }
    }
    for (unsigned i = 0; i < world->oracle.count && bytes.bytes >= SALTED_BYTES; i++) {
        if (take_anew(world, (int)i, name, digest, bytes)) {
            return (int)i;
        }
    }
    for (unsigned i = 0; i < world->oracle.count && bytes.bytes >= SALTED_BYTES; i++) {
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
        /* It came by its other name and went by that within one sync. */
        if (event < 0 && tp_name_eq(world->oracle.events[i].name, name)) {
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
