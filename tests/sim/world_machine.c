/* What machines, and whoever looks after them, do: starting, stopping, clocks, enrolling, shutting
 * out, copying data. */
#include "tests/sim/world.h"

static bool restart(sim_world *world, const sim_action *a)
{
    sim_node *node = &world->nodes[a->device];
    node->boot = (uint16_t)(node->boot + SIM_DEVICES_MAX);
    /* Off for a second, then some to start in. */
    node->booted_ms = world->now_ms + 1000;
    world->now_ms += 1000 + (int64_t)(a->key % 100) * 1000;
    node->wall_off_ms = a->ms;
    node->wall_set_ms = world->now_ms;
    sim_node_tick(world, a->device);
    sim_node_close(node);
    world->totals.actions++;
    return sim_node_open(world, a->device);
}

static bool reopen(sim_world *world, const sim_action *a)
{
    sim_node_close(&world->nodes[a->device]);
    return sim_node_open(world, a->device);
}

static bool rebuild(sim_world *world, const sim_action *a)
{
    sim_node *node = &world->nodes[a->device];
    tp_err err;
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_WRITE, &err);
    if (rc == TP_OK) {
        rc = tp_merge_rebuild(node->merge, &tx, NULL, &err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, &err);
    }
    tp_tx_rollback(&tx);
    return sim_must(world, rc, "rebuilding", &err);
}

static bool wait_on(sim_world *world, const sim_action *a)
{
    world->now_ms += a->ms;
    return true;
}

static bool jump(sim_world *world, const sim_action *a)
{
    world->nodes[a->device].wall_off_ms = a->ms;
    world->nodes[a->device].wall_set_ms = world->now_ms;
    return true;
}

static bool enrol(sim_world *world, const sim_action *a)
{
    return world->nodes[a->device].is_enrolled || sim_hub_enrol(world, a->device);
}

static bool agree(sim_world *world, const sim_action *a)
{
    return sim_hub_agreement(world, a->agency, a->act == SIM_ACT_SIGN);
}

static bool restart_hub(sim_world *world, const sim_action *a)
{
    (void)a;
    world->totals.actions++;
    return sim_hub_restart(world);
}

static bool revoke(sim_world *world, const sim_action *a)
{
    return !sim_is_heard(&world->nodes[a->device]) ||
           sim_hub_revoke_id(world, world->nodes[a->device].id);
}

static bool copy(sim_world *world, const sim_action *a)
{
    const sim_script *script = world->script;
    bool is_free = a->to < script->devices && script->is_copy[a->to] &&
                   world->nodes[a->to].store == NULL && world->nodes[a->device].is_enrolled;
    return !is_free || sim_copy(world, a->device, a->to);
}

static bool keep_image(sim_world *world, const sim_action *a)
{
    return !world->nodes[a->device].is_enrolled || sim_keep_image(world, a->device);
}

static bool put_back(sim_world *world, const sim_action *a)
{
    return sim_put_back(world, a->device);
}

static bool keep_hub(sim_world *world, const sim_action *a)
{
    return sim_keep_hub(world, a->key == 0);
}

static bool go_back(sim_world *world, const sim_action *a)
{
    return a->key >= SIM_WAY_COUNT || sim_hub_go_back(world, (sim_way)a->key);
}

static bool tell_hub(sim_world *world, const sim_action *a)
{
    return a->act == SIM_ACT_BACK_BEGIN     ? sim_back_begin(world)
           : a->act == SIM_ACT_BACK_WITHOUT ? sim_back_without(world, a->device)
                                            : sim_back_end(world);
}

bool sim_machine_act(sim_world *world, const sim_action *action)
{
    static bool (*const acts[SIM_ACT_COUNT])(sim_world *, const sim_action *) = {
        [SIM_ACT_SIGN] = agree,
        [SIM_ACT_END] = agree,
        [SIM_ACT_WAIT] = wait_on,
        [SIM_ACT_RESTART] = restart,
        [SIM_ACT_JUMP] = jump,
        [SIM_ACT_ENROL] = enrol,
        [SIM_ACT_REOPEN] = reopen,
        [SIM_ACT_REBUILD] = rebuild,
        [SIM_ACT_HUB] = restart_hub,
        [SIM_ACT_REVOKE] = revoke,
        [SIM_ACT_COPY] = copy,
        [SIM_ACT_IMAGE] = keep_image,
        [SIM_ACT_PUT_BACK] = put_back,
        [SIM_ACT_BACKUP] = keep_hub,
        [SIM_ACT_GO_BACK] = go_back,
        [SIM_ACT_BACK_BEGIN] = tell_hub,
        [SIM_ACT_BACK_WITHOUT] = tell_hub,
        [SIM_ACT_BACK_END] = tell_hub,
        [SIM_ACT_FLIP] = sim_flip,
        [SIM_ACT_ERASE] = sim_erase,
    };
    return acts[action->act] == NULL || acts[action->act](world, action);
}
