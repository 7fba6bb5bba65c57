/* Syncing a device by hand: the bytes go from one end to the other, or get lost on the way.
 *
 * One turn is what node/daemon does: a request is made, perhaps the next one behind it; the hub
 * answers; the answer is read, perhaps the next page is asked for; what was read goes into the
 * tables.  Between any two of these a sync may stand still while others go on. */
#include "tests/sim/world.h"

#include "platform/base/limits.h"
#include "sync/session/refused.h"

#include <limits.h>

enum { STEPS_MAX = 2000, TIMED_OUT_MS = 60000 };

sim_seams sim_seams_now;

static bool begin_session(sim_world *world, unsigned device)
{
    sim_node *node = &world->nodes[device];
    sim_session *s = &node->session;
    tp_err err;
    const tp_ask_config config = {.merge = node->merge, .key = node->key, .rng = &node->rng.rng};
    memset(s, 0, sizeof *s);
    for (unsigned i = 0; i < 2; i++) {
        tp_buf_init(&s->requests[i], TP_MESSAGE_BYTES_MAX);
    }
    tp_buf_init(&s->response, TP_MESSAGE_BYTES_MAX);
    return sim_must(world, tp_ask_new(&config, &s->ask, &err), "beginning a sync", &err);
}

void sim_session_end(sim_node *node)
{
    sim_session *s = &node->session;
    tp_ask_free(s->ask);
    tp_buf_done(&s->requests[0]);
    tp_buf_done(&s->requests[1]);
    tp_buf_done(&s->response);
    memset(s, 0, sizeof *s);
}

/* ---- The steps of a turn ---- */

static bool make_request(sim_world *world, unsigned device)
{
    sim_node *node = &world->nodes[device];
    sim_session *s = &node->session;
    tp_err err;
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_WRITE, &err);
    if (rc == TP_OK) {
        rc = tp_ask_make_request(s->ask, &tx, &s->requests[s->requests_count], &err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, &err);
    }
    tp_tx_rollback(&tx);
    s->made_ms = s->requests_count == 0 ? world->now_ms : s->made_ms;
    s->requests_count++;
    return sim_must(world, rc, "making a request", &err);
}

/* The request, and where it may be the next one behind it. */
static bool ask(sim_world *world, unsigned device)
{
    sim_session *s = &world->nodes[device].session;
    bool is_good = s->requests_count > 0 || make_request(world, device);
    if (is_good && s->is_eager && s->requests_count < 2 && tp_ask_wants_request(s->ask)) {
        is_good = make_request(world, device);
    }
    return is_good;
}

static bool is_met(const sim_session *s, sim_fate fate)
{
    return s->fate == fate && s->at == s->turn;
}

static bool be_heard(sim_world *world, unsigned device)
{
    sim_session *s = &world->nodes[device].session;
    const sim_request request = {
        .device = device, .id = world->nodes[device].id, .body = tp_buf_slice(&s->requests[0])};
    world->is_hub_asked = true;
    bool is_good = sim_hub_answer(world, &request, &s->status, &s->response);
    world->is_hub_asked = false;
    return is_good;
}

static bool be_answered(sim_world *world, unsigned device)
{
    sim_session *s = &world->nodes[device].session;
    bool is_good = be_heard(world, device);
    if (is_good && is_met(s, SIM_TWICE)) {
        world->totals.lost++;
        is_good = be_heard(world, device);
    }
    if (is_good && is_met(s, SIM_TWICE_LATE)) {
        is_good = sim_keep_request(world, device, tp_buf_slice(&s->requests[0]), s->until);
    }
    s->is_not_its = false;
    is_good = is_good && sim_late_answer(world, device);
    return is_good && (!(is_met(s, SIM_ANSWER_TWICE) || is_met(s, SIM_ANSWER_LATE)) ||
                       sim_keep_answer(world, device));
}

/* What was made behind a request is sent once that is answered, or void. */
static void drop_request(sim_session *s)
{
    tp_buf spare = s->requests[0];
    s->requests[0] = s->requests[1];
    s->requests[1] = spare;
    s->requests_count--;
    if (tp_ask_under_way(s->ask) == 0) {
        s->requests_count = 0;
    }
}

/* Somebody was told already that this is damaged, and the hub does not know it: the machine is
 * replaced. */
static bool is_cursor_denied(const sim_world *world, const sim_session *s)
{
    tp_refused_answer answer;
    if (!world->is_harm_known || !world->is_cursor_bent || s->status == SIM_HTTP_OK) {
        return false;
    }
    tp_refused_read(s->status, tp_buf_slice(&s->response), &answer);
    return answer.refusal == TP_REFUSAL_CURSOR;
}

static bool take(sim_world *world, unsigned device)
{
    sim_node *node = &world->nodes[device];
    sim_session *s = &world->nodes[device].session;
    tp_err err;
    tp_rc rc = tp_ask_take_response(s->ask, s->status, tp_buf_slice(&s->response), &err);
    /* An answer to another request is refused, and the network it came by is given up. */
    if ((rc == TP_DENIED && s->is_turned_away) || (rc != TP_OK && s->is_not_its)) {
        sim_session_end(node);
        return true;
    }
    if (rc == TP_DENIED && is_cursor_denied(world, s)) {
        world->is_struck = true;
        return false;
    }
    if (!sim_must(world, rc, "taking an answer", &err)) {
        return false;
    }
    drop_request(s);
    if (tp_ask_is_forked(s->ask)) {
        return true; /* this sync is over */
    }
    s->is_taken = s->status == SIM_HTTP_OK;
    return !s->is_taken || !s->is_eager || s->requests_count > 0 || !tp_ask_wants_request(s->ask) ||
           make_request(world, device);
}

static tp_rc scrub(sim_node *node, tp_err *err)
{
    bool is_gone = false;
    if (!tp_ask_needs_scrub(node->session.ask)) {
        return TP_OK;
    }
    tp_rc rc = tp_merge_scrub(node->merge, &is_gone, err);
    if (rc == TP_OK) {
        tp_ask_scrubbed(node->session.ask, is_gone);
    }
    return rc;
}

static bool apply(sim_world *world, unsigned device, bool dies)
{
    sim_node *node = &world->nodes[device];
    sim_session *s = &node->session;
    tp_err err;
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_WRITE, &err);
    if (rc == TP_OK) {
        rc = tp_ask_apply(s->ask, &tx, &err);
    }
    if (rc == TP_OK && !dies) {
        rc = tp_tx_commit(&tx, &err);
    }
    tp_tx_rollback(&tx);
    if (rc == TP_OK && !dies) {
        rc = scrub(node, &err);
    }
    s->is_taken = false;
    s->turn++;
    return sim_must(world, rc, "applying an answer", &err);
}

/* ---- A sync ---- */

/* The hub hears what was sent before the device died, and nobody hears the hub. */
static bool die(sim_world *world, unsigned device)
{
    sim_session *s = &world->nodes[device].session;
    bool is_good = apply(world, device, true);
    world->totals.crashes++;
    if (is_good && s->requests_count > 0) {
        is_good = be_heard(world, device);
    }
    sim_session_end(&world->nodes[device]);
    return is_good;
}

/* One step.  The session ends where the network or the device does. */
static bool step(sim_world *world, unsigned device)
{
    sim_node *node = &world->nodes[device];
    sim_session *s = &node->session;
    sim_node_tick(world, device);
    sim_seams_now = s->seams;
    if (world->back.falls > 0) {
        /* A push is shown to a hub that fell as it was: limits of a program do not shrink. */
        sim_seams_now.push_changes = TP_PUSH_CHANGES_MAX;
        sim_seams_now.push_bytes = TP_PUSH_BYTES_MAX;
    }
    if (s->is_taken) {
        return is_met(s, SIM_CRASH) ? die(world, device) : apply(world, device, false);
    }
    if (s->is_answered) {
        s->is_answered = false;
        return take(world, device);
    }
    if (!s->is_asked) {
        s->is_asked = true;
        return ask(world, device);
    }
    s->is_asked = false;
    /* A network that brings nothing for so long is given up, and so is its request. */
    bool is_timed_out = world->now_ms - s->made_ms > TIMED_OUT_MS;
    if (is_timed_out || is_met(s, SIM_LOST_REQUEST) || is_met(s, SIM_LATE)) {
        const bool is_kept = is_met(s, SIM_LATE) && !is_timed_out;
        const bool is_good =
            !is_kept || sim_keep_request(world, device, tp_buf_slice(&s->requests[0]), s->until);
        world->totals.lost++;
        sim_session_end(node);
        return is_good;
    }
    s->is_answered = true;
    if (!be_answered(world, device)) {
        return false;
    }
    if (is_met(s, SIM_LOST_RESPONSE) || is_met(s, SIM_ANSWER_LATE)) {
        world->totals.lost++;
        sim_session_end(node);
    }
    return true;
}

/* The sync is the same; under its new id it begins anew. */
static bool fork_and_go_on(sim_world *world, unsigned device)
{
    sim_node *node = &world->nodes[device];
    const sim_session before = node->session;
    sim_session_end(node);
    if (world->is_harmed) {
        world->is_struck = true; /* what it would write again nobody here has seen */
        return false;
    }
    if (!sim_fork(world, device)) {
        return false;
    }
    if (node->is_shut_out) {
        return true; /* this sync is over */
    }
    if (!begin_session(world, device)) {
        return false;
    }
    node->session.seams = before.seams;
    node->session.is_eager = before.is_eager;
    return true;
}

/* Goes on until the sync is over, or stands still.  *is_whole_out: it is over and all is well. */
static bool go_on(sim_world *world, unsigned device, bool *is_whole_out)
{
    sim_session *s = &world->nodes[device].session;
    bool is_good = true;
    unsigned steps = 0;
    while (is_good && s->ask != NULL && !tp_ask_is_done(s->ask)) {
        if (s->fate == SIM_STANDS_STILL && steps == s->at) {
            *is_whole_out = false;
            return true;
        }
        if (++steps > STEPS_MAX) {
            return sim_fail(world, "a sync ends", "device %u: %u steps and no end", device, steps);
        }
        is_good = sim_late_request(world, device, steps - 1) && step(world, device) &&
                  (s->ask == NULL || !tp_ask_is_forked(s->ask) || fork_and_go_on(world, device));
    }
    *is_whole_out = is_good && s->ask != NULL && !s->is_overtaken;
    sim_session_end(&world->nodes[device]);
    return is_good;
}

bool sim_sync_only(sim_world *world, unsigned device, const sim_sync *sync, bool *is_whole_out)
{
    sim_node *node = &world->nodes[device];
    const bool is_new = node->session.ask == NULL;
    bool is_good = !is_new || begin_session(world, device);
    if (is_new) {
        sim_late_set_out(node);
    }
    world->totals.syncs += is_new;
    node->session.seams = sync->seams;
    node->session.is_eager = sync->is_eager;
    node->session.fate = sync->fate;
    node->session.until = sync->until;
    node->session.at = sync->fate == SIM_STANDS_STILL ? sync->at : sync->at + node->session.turn;
    is_good = is_good && go_on(world, device, is_whole_out);
    world->totals.whole += *is_whole_out;
    return is_good;
}

/* Each whole sync is judged; what costs most, after one in so many, which the seed says. */
static bool judge(sim_world *world, unsigned device)
{
    enum { OFTEN = 3, SELDOM = 8 };
    const uint64_t one_in = OFTEN + world->script->seed % (SELDOM - OFTEN + 1);
    world->judged++;
    /* A disk that fails would fail while it is looked at. */
    const bool is_thorough = world->faulty == NULL && world->judged % one_in == 0;
    return sim_check_node(world, device, is_thorough) &&
           (!is_thorough || sim_check_in_force(world));
}

bool sim_world_sync(sim_world *world, unsigned device, const sim_sync *sync)
{
    sim_node *node = &world->nodes[device];
    bool is_whole = false;
    if (!node->is_enrolled || node->store == NULL) {
        return true;
    }
    /* What one that stood still has still to say was decided then: it promises nothing of now. */
    bool is_new = node->session.ask == NULL;
    bool is_good = sim_sync_only(world, device, sync, &is_whole) && sim_hub_look(world) &&
                   sim_node_look(world, device);
    if (is_good && is_whole) {
        sim_back_heard(world, node->id);
        node->heard_ms = is_new ? world->now_ms : node->heard_ms;
    }
    bool is_to_check = is_whole && is_new && sim_is_heard(node);
    is_good = is_good && (!is_to_check || judge(world, device));
    return is_good && (node->session.ask != NULL || sim_late_request(world, device, UINT_MAX)) &&
           sim_back_tend(world);
}

static bool sync_all(sim_world *world, const sim_sync *sync)
{
    bool is_good = true;
    for (unsigned d = 0; is_good && d < world->script->devices; d++) {
        is_good = sim_world_sync(world, d, sync);
    }
    return is_good;
}

/* A device that is found to be unknown only now, or one that knows more than anybody, makes a hub
 * wait for everybody once more; one that waits for who does not come is ended by its operator. */
static bool settle_back(sim_world *world, const sim_sync *sync)
{
    enum { ROUNDS_MAX = 4 };
    bool is_good = true;
    uint64_t generation = 0;
    for (unsigned round = 0;
         is_good && (world->back.is_frozen || generation != world->back.generation); round++) {
        if (round == ROUNDS_MAX) {
            return sim_fail(world, "it ends", "the hub went back, and takes one generation more");
        }
        generation = world->back.generation;
        is_good = sync_all(world, sync) && sync_all(world, sync);
        if (is_good && world->back.is_frozen && !sim_back_may_wait(world)) {
            return sim_fail(world, "it ends",
                            "everybody was heard, and the hub waits for somebody");
        }
        if (is_good && world->back.is_frozen) {
            is_good = sim_back_end(world) && sync_all(world, sync) && sync_all(world, sync);
        }
    }
    return is_good;
}

bool sim_world_settle(sim_world *world)
{
    sim_sync sync = {.fate = SIM_WHOLE,
                     .is_eager = (world->script->seed & 1) != 0,
                     .seams = world->script->seams};
    bool is_good = true;
    for (unsigned d = 0; is_good && d < world->script->devices; d++) {
        world->nodes[d].late.status = 0; /* the network is well again */
        sim_late_set_out(&world->nodes[d]);
        is_good = sim_late_request(world, d, UINT_MAX);
    }
    /* First what stood still goes on; then everybody speaks, and then everybody hears it. */
    for (unsigned round = 0; is_good && round < 3; round++) {
        for (unsigned d = 0; is_good && d < world->script->devices; d++) {
            is_good = (round == 0 && world->nodes[d].session.ask == NULL) ||
                      sim_world_sync(world, d, &sync);
        }
    }
    if (is_good && world->back.falls > 0) {
        is_good = settle_back(world, &sync);
    }
    for (unsigned d = 0; is_good && d < world->script->devices; d++) {
        is_good = !sim_is_heard(&world->nodes[d]) || sim_check_node(world, d, true);
    }
    return is_good && sim_back_check(world) && sim_check_hub(world) && sim_check_pairs(world);
}
