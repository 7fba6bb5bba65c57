/* What a network brings late: a request when its device has given it up and syncs anew, an answer
 * when another one is waited for. */
#include "tests/sim/world.h"

#include "platform/base/limits.h"

void sim_late_done(sim_node *node)
{
    tp_buf_done(&node->late.request);
    tp_buf_done(&node->late.answer);
    memset(&node->late, 0, sizeof node->late);
}

static bool keep(sim_world *world, tp_buf *kept, tp_slice body)
{
    tp_err err;
    tp_buf_done(kept);
    tp_buf_init(kept, TP_MESSAGE_BYTES_MAX);
    world->totals.lost++;
    return sim_must(world, tp_buf_add_slice(kept, body, &err), "what the network keeps", &err);
}

bool sim_keep_request(sim_world *world, unsigned device, tp_slice body, unsigned after)
{
    sim_node *node = &world->nodes[device];
    node->late.id = node->id;
    node->late.made_ms = node->session.made_ms;
    node->late.after = after;
    node->late.is_under_way = false;
    return keep(world, &node->late.request, body);
}

bool sim_keep_answer(sim_world *world, unsigned device)
{
    sim_node *node = &world->nodes[device];
    node->late.status = node->session.status;
    world->now_ms++; /* no two requests are made in one millisecond, so no two are the same */
    return keep(world, &node->late.answer, tp_buf_slice(&node->session.response));
}

void sim_late_set_out(sim_node *node)
{
    node->late.is_under_way = node->late.request.bytes > 0;
}

/* How far the hub has this id's changes, by its own account. */
static bool read_accepted(sim_world *world, uint64_t id, uint64_t *accepted_out)
{
    tp_hub_device d;
    tp_err err;
    tp_rc rc = tp_hub_look(&world->hub, &err);
    if (rc == TP_OK) {
        rc = tp_hub_device_get(world->hub.store, id, &d, &err);
    }
    tp_hub_rollback(&world->hub);
    *accepted_out = rc == TP_OK ? d.accepted : 0;
    return rc == TP_NOTFOUND || sim_must(world, rc, "looking at a device", &err);
}

bool sim_late_request(sim_world *world, unsigned device, unsigned steps)
{
    sim_node *node = &world->nodes[device];
    sim_late *late = &node->late;
    uint64_t before = 0;
    uint64_t after = 0;
    unsigned status = 0;
    const bool is_kept_short = node->is_kept_short;
    tp_buf answer;
    if (!late->is_under_way || steps < late->after) {
        return true;
    }
    late->is_under_way = false;
    tp_buf body = late->request;
    memset(&late->request, 0, sizeof late->request);
    tp_buf_init(&answer, TP_MESSAGE_BYTES_MAX);
    const sim_request request = {
        .device = device, .id = late->id, .body = tp_buf_slice(&body), .is_late = true};
    bool is_good = true;
    /* By then its connection has been closed. */
    if (world->now_ms - late->made_ms <= TP_HTTP_IDLE_MS) {
        world->is_hub_asked = true;
        is_good = read_accepted(world, request.id, &before) &&
                  sim_hub_answer(world, &request, &status, &answer) &&
                  read_accepted(world, request.id, &after) && sim_hub_look(world);
        world->is_hub_asked = false;
        node->session.is_overtaken = node->session.is_overtaken || after != before;
        node->is_kept_short = is_kept_short; /* it never hears this one */
    }
    tp_buf_done(&answer);
    tp_buf_done(&body);
    return is_good;
}

bool sim_late_answer(sim_world *world, unsigned device)
{
    sim_node *node = &world->nodes[device];
    sim_late *late = &node->late;
    tp_err err;
    if (late->status == 0) {
        return true;
    }
    node->session.status = late->status;
    node->session.is_not_its = true;
    late->status = 0;
    tp_buf_clear(&node->session.response);
    return sim_must(world,
                    tp_buf_add_slice(&node->session.response, tp_buf_slice(&late->answer), &err),
                    "a late answer", &err);
}
