/* Syncing a device by hand: the bytes go from one end to the other, or get lost on the way. */
#include "tests/sim/world.h"

#include "sync/session/ask.h"

enum { REQUESTS_MAX = 100 };

static tp_rc make_request(sim_node *node, tp_ask *ask, tp_buf *body, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_WRITE, err);
    if (rc == TP_OK) {
        rc = tp_ask_make_request(ask, &tx, body, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, err);
    }
    tp_tx_rollback(&tx);
    return rc;
}

static tp_rc apply(sim_node *node, tp_ask *ask, bool dies, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_WRITE, err);
    if (rc == TP_OK) {
        rc = tp_ask_apply(ask, &tx, err);
    }
    if (rc == TP_OK && !dies) {
        rc = tp_tx_commit(&tx, err);
    }
    tp_tx_rollback(&tx);
    if (rc == TP_OK && !dies && tp_ask_needs_scrub(ask)) {
        bool is_gone = false;
        rc = tp_merge_scrub(node->merge, &is_gone, err);
        if (rc == TP_OK) {
            tp_ask_scrubbed(ask, is_gone);
        }
    }
    return rc;
}

typedef struct carrying {
    sim_world *world;
    unsigned device;
    sim_fate fate;
    unsigned at;
    tp_ask *ask;
    tp_buf request;
    tp_buf response;
} carrying;

/* One request and its answer.  *is_cut_out: the sync ends here. */
static bool carry(carrying *c, unsigned at, bool *is_cut_out)
{
    sim_node *node = &c->world->nodes[c->device];
    sim_fate fate = at == c->at ? c->fate : SIM_WHOLE;
    unsigned status = 0;
    tp_err err;
    *is_cut_out = true;
    tp_rc rc = make_request(node, c->ask, &c->request, &err);
    if (!sim_must(c->world, rc, "making a request", &err) || fate == SIM_LOST_REQUEST) {
        return c->world->trouble.check == NULL;
    }
    tp_slice body = tp_buf_slice(&c->request);
    if (!sim_hub_answer(c->world, c->device, body, &status, &c->response) ||
        fate == SIM_LOST_RESPONSE) {
        return c->world->trouble.check == NULL;
    }
    if (fate == SIM_TWICE && !sim_hub_answer(c->world, c->device, body, &status, &c->response)) {
        return false;
    }
    rc = tp_ask_take_response(c->ask, status, tp_buf_slice(&c->response), &err);
    if (rc == TP_OK) {
        rc = apply(node, c->ask, fate == SIM_CRASH, &err);
    }
    *is_cut_out = fate == SIM_CRASH;
    return sim_must(c->world, rc, "taking an answer", &err);
}

static bool exchange(carrying *c, bool *is_whole_out)
{
    bool is_cut = false;
    bool is_good = true;
    unsigned at = 0;
    while (is_good && !is_cut && !tp_ask_is_done(c->ask)) {
        if (at == REQUESTS_MAX) {
            return sim_fail(c->world, "a sync ends", "device %u: %u requests and no end", c->device,
                            at);
        }
        is_good = carry(c, at++, &is_cut);
    }
    *is_whole_out = is_good && !is_cut;
    return is_good;
}

bool sim_world_sync(sim_world *world, unsigned device, sim_fate fate, unsigned at)
{
    sim_node *node = &world->nodes[device];
    carrying c = {.world = world, .device = device, .fate = fate, .at = at};
    tp_err err;
    bool is_whole = false;
    if (!node->is_enrolled) {
        return true;
    }
    sim_node_tick(world, device);
    tp_buf_init(&c.request, TP_MESSAGE_BYTES_MAX);
    tp_buf_init(&c.response, TP_MESSAGE_BYTES_MAX);
    const tp_ask_config config = {.merge = node->merge, .key = node->key, .rng = &node->rng.rng};
    bool is_good = sim_must(world, tp_ask_new(&config, &c.ask, &err), "beginning a sync", &err) &&
                   exchange(&c, &is_whole);
    tp_ask_free(c.ask);
    tp_buf_done(&c.request);
    tp_buf_done(&c.response);
    is_good = is_good && sim_hub_look(world) && sim_node_look(world, device);
    return is_good && (!is_whole || sim_check_node(world, device, false));
}

bool sim_world_settle(sim_world *world)
{
    bool is_good = true;
    /* Two rounds are enough: in the first everybody speaks, in the second everybody hears it. */
    for (unsigned round = 0; is_good && round < 2; round++) {
        for (unsigned d = 0; is_good && d < world->script->devices; d++) {
            is_good = sim_world_sync(world, d, SIM_WHOLE, 0);
        }
    }
    for (unsigned d = 0; is_good && d < world->script->devices; d++) {
        is_good = !world->nodes[d].is_enrolled || sim_check_node(world, d, true);
    }
    return is_good && sim_check_hub(world) && sim_check_pairs(world);
}
