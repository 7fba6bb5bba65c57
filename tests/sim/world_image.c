/* An older state of a device put back: a card's image written to it again, a directory copied
 * back. */
#include "tests/sim/world.h"

#include <stdio.h>

enum { OFF_MS = 1000, STARTING_MS = 2000 };

/* As a card is read while the machine is on: what was not synced is not on it. */
bool sim_keep_image(sim_world *world, unsigned device)
{
    const disk_survivors synced = {DISK_NONE, 0, 0};
    const sim_node *node = &world->nodes[device];
    sim_image *image = &world->images[device];
    char name[24];
    tp_path dir;
    tp_err err;
    if (image->disk == NULL) {
        snprintf(name, sizeof name, "image%u", device);
        if (!sim_must(world, tp_path_join(world->dir.at, name, &dir, &err), "a path", &err)) {
            return false;
        }
        image->disk = disk_open(dir.at);
    }
    disk_copy(node->disk, image->disk);
    disk_restart(image->disk, synced);
    image->id = node->id;
    memcpy(image->ever, node->ever, sizeof image->ever);
    memcpy(image->written, node->written, sizeof image->written);
    world->totals.actions++;
    return true;
}

/* Only a device that is alone under its id: what two copies have written, and one of them again
 * under another id, an image could write a third time (FOUND.md). */
static bool may_be_put_back(const sim_world *world, unsigned device)
{
    const sim_image *image = &world->images[device];
    return image->disk != NULL && image->id == world->nodes[device].id &&
           !sim_is_shared(world, image->id);
}

bool sim_put_back(sim_world *world, unsigned device)
{
    sim_node *node = &world->nodes[device];
    const sim_image *image = &world->images[device];
    if (!may_be_put_back(world, device)) {
        return true;
    }
    sim_node_close(node);
    disk_copy(image->disk, node->disk);
    node->boot = (uint16_t)(node->boot + SIM_DEVICES_MAX);
    node->booted_ms = world->now_ms + OFF_MS;
    node->heard_ms = 0;
    world->now_ms += OFF_MS + STARTING_MS;
    sim_node_tick(world, device);
    memcpy(node->ever, image->ever, sizeof node->ever);
    memcpy(node->written, image->written, sizeof node->written);
    /* What it said since it was kept was another machine's, as far as the hub can tell. */
    sim_id_of(world, image->id)->is_shared = true;
    for (unsigned i = 0; i < world->oracle.count; i++) {
        world->back.holders[i] &= ~(UINT64_C(1) << device); /* it has what it had */
    }
    world->totals.put_back++;
    world->totals.actions++;
    return sim_node_open(world, device) && sim_node_look(world, device);
}

void sim_images_done(sim_world *world)
{
    for (unsigned d = 0; d < SIM_DEVICES_MAX; d++) {
        disk_close(world->images[d].disk);
        world->images[d].disk = NULL;
    }
}
