/* One script, one world. */
#include "tests/sim/play.h"

#include "platform/base/alloc.h"
#include "tests/sim/draw.h"
#include "tests/support/signatures.h"
#include "tests/support/temp_dir.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static sim_world world;

/* One signature in so many weeks is made and checked as in the program. */
enum { SIGNED_FOR_REAL_ONE_IN = 8 };

void sim_begin(sim_script *script, uint64_t seed)
{
    tp_rng_seeded rng;
    memset(script, 0, sizeof *script);
    script->seed = seed;
    tp_rng_seeded_init(&rng, seed);
    sim_draw_devices(&rng.rng, script);
}

/* rng NULL: the script is there. */
static bool act(sim_script *script, tp_rng *rng)
{
    bool is_good = true;
    unsigned count = rng == NULL ? script->count : script->wanted;
    for (unsigned i = 0; is_good && i < count; i++) {
        if (rng != NULL) {
            sim_draw_action(rng, &world, i, &script->actions[i]);
            script->count = i + 1;
        }
        is_good = sim_world_act(&world, &script->actions[i]);
    }
    return is_good;
}

static tp_path world_dir(const sim_stock *stock, pid_t pid)
{
    char name[32];
    snprintf(name, sizeof name, "world-%ld", (long)pid);
    return temp_dir_path(&stock->dir, name);
}

void sim_play_clear(const sim_stock *stock, pid_t dead)
{
    const tp_path dir = world_dir(stock, dead);
    if (access(dir.at, F_OK) == 0) {
        temp_dir_remove(&dir);
    }
}

static bool play(sim_script *script, const sim_stock *stock, tp_rng *rng, sim_played *played)
{
    const tp_path dir = world_dir(stock, getpid());
    const size_t live = tp_alloc_live();
    tp_err err;
    signatures_are_real = script->seed % SIGNED_FOR_REAL_ONE_IN == 0;
    memset(&world, 0, sizeof world);
    bool is_good = sim_must(&world, tp_dir_make_private(dir.at, &err), "a directory", &err) &&
                   sim_world_open(&world, script, stock, &dir) && act(script, rng) &&
                   sim_world_settle(&world);
    sim_world_close(&world);
    temp_dir_remove(&dir);
    if (is_good && tp_alloc_live() != live) {
        sim_fail(&world, "nothing stays open", "%zu blocks are left", tp_alloc_live() - live);
    }
    played->seed = script->seed;
    played->trouble = world.trouble;
    played->totals = world.totals;
    return world.trouble.check == NULL;
}

bool sim_draw_and_play(sim_script *script, const sim_stock *stock, sim_played *played)
{
    tp_rng_seeded rng;
    tp_rng_seeded_init(&rng, ~script->seed);
    return play(script, stock, &rng.rng, played);
}

bool sim_play(const sim_script *script, const sim_stock *stock, sim_played *played)
{
    static sim_script copy;
    copy = *script;
    return play(&copy, stock, NULL, played);
}
