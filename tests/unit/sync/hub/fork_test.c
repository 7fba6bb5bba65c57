/* New ids for devices whose data was copied, as the hub gives them.  Shows P21, P23, P24, P26. */
#include "sync/hub/fork.h"

#include "sync/hub/enrol.h"
#include "sync/hub/erase.h"
#include "sync/hub/store_erased.h"
#include "sync/wire/chain.h"
#include "tests/support/hub_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

enum { CHANGES = 6, NEXT = 4711 };

/* A device `van` with six changes at the hub, and what asks as its copy. */
typedef struct scene {
    hub_stage *stage;
    tp_hub *hub;
    tp_hub_tries tries;
    uint64_t van;
    tp_buf certificate; /* that it shows; empty: none */
    tp_key *key;        /* of the new id */
    tp_buf csr;
    tp_buf digests;
    tp_enrolment_was was;
    bool has_code;
    tp_enrolment_code code;
    unsigned status;
    tp_buf body;
    tp_buf room;
    tp_hub_forked forked;
} scene;

static tp_err err;

static void must(tp_rc rc)
{
    if (rc != TP_OK) {
        fail_msg("%s: %s", tp_rc_name(rc), err.what);
    }
}

static void certify(scene *s, const tp_public_key *key, uint64_t device)
{
    int64_t until_ms = 0;
    tp_buf_clear(&s->certificate);
    must(tp_hub_certify(s->hub, key, device, "friary", &s->certificate, &until_ms, &err));
}

static void make_csr(scene *s, uint64_t device)
{
    tp_buf_clear(&s->csr);
    must(tp_csr_make(s->key, device, tp_rng_system(), &s->csr, &err));
}

/* Names `count` changes after `after` as the hub has them; from `differs` on as it does not. */
static void describe(scene *s, uint64_t after, uint64_t step, uint32_t count, uint64_t differs)
{
    uint8_t digest[TP_SHA256_BYTES];
    tp_hub_item item;
    tp_buf bytes;
    tp_buf_init(&bytes, TP_BATCH_BYTES_MAX);
    tp_buf_clear(&s->digests);
    must(tp_hub_begin(s->hub, &err));
    for (uint32_t i = 1; i <= count; i++) {
        const tp_name name = {s->van, after + step * i};
        memset(digest, (int)i, sizeof digest);
        if (name.seq < differs) {
            must(tp_hub_log_get(s->hub->store, name, &item, &bytes, &err));
            tp_change_digest(name, tp_buf_slice(&bytes), digest);
        }
        must(tp_buf_add(&s->digests, digest, TP_ENROLMENT_DIGEST_BYTES, &err));
    }
    tp_hub_rollback(s->hub);
    tp_buf_done(&bytes);
    s->was = (tp_enrolment_was){
        .device = s->van, .after = after, .step = step, .digests = tp_buf_slice(&s->digests)};
}

static int set_up(void **state)
{
    static scene s;
    memset(&s, 0, sizeof s);
    s.stage = hub_stage_open();
    s.hub = hub_stage_hub(s.stage);
    tp_buf_init(&s.certificate, TP_PEM_BYTES_MAX);
    tp_buf_init(&s.csr, TP_PEM_BYTES_MAX);
    tp_buf_init(&s.digests, TP_HTTP_BODY_BYTES_MAX);
    tp_buf_init(&s.body, TP_HTTP_RESPONSE_BYTES_MAX);
    tp_buf_init(&s.room, TP_HTTP_BODY_BYTES_MAX);
    hub_stage_run(s.stage, "agency friary");
    hub_stage_run(s.stage, "agency outreach");
    hub_stage_run(s.stage, "sign friary");
    hub_stage_run(s.stage, "device van friary");
    hub_stage_run(s.stage, "device desk friary");
    hub_stage_run(s.stage, "van person joy");
    for (int i = 1; i < CHANGES; i++) {
        char line[60];
        snprintf(line, sizeof line, "van contact c%d person=joy note=tea", i);
        hub_stage_run(s.stage, line);
    }
    hub_stage_run(s.stage, "sync van");
    s.van = hub_stage_known(s.stage, "van").id;
    const tp_hub_device van = hub_stage_known(s.stage, "van");
    certify(&s, &van.key, van.id);
    must(tp_key_generate(tp_rng_system(), &s.key, &err));
    make_csr(&s, NEXT);
    describe(&s, 3, 1, 3, 6);
    *state = &s;
    return 0;
}

static int tear_down(void **state)
{
    scene *s = *state;
    tp_key_free(s->key);
    tp_buf_done(&s->certificate);
    tp_buf_done(&s->csr);
    tp_buf_done(&s->digests);
    tp_buf_done(&s->body);
    tp_buf_done(&s->room);
    hub_stage_close(s->stage);
    return 0;
}

static void post(scene *s)
{
    tp_buf body;
    tp_buf_init(&body, TP_HTTP_BODY_BYTES_MAX);
    const tp_enrolment_request asked = {.has_code = s->has_code,
                                        .code = s->code,
                                        .csr = tp_buf_slice(&s->csr),
                                        .clock = {2, 5000, 1685577850000},
                                        .was = s->was};
    must(tp_enrolment_request_encode(&asked, &body, &err));
    const tp_net_peer peer = {.has_certificate = s->certificate.bytes > 0,
                              .certificate = tp_buf_slice(&s->certificate),
                              .address = "192.0.2.1"};
    const tp_http_request request = {.method = TP_HTTP_METHOD_POST,
                                     .path = tp_slice_str(TP_ENROLMENT_PATH),
                                     .body = tp_buf_slice(&body),
                                     .head_at = {hub_stage_clock(s->stage)->reading.wall_ms, 0},
                                     .peer = &peer};
    tp_http_response response;
    tp_http_response_init(&response);
    must(tp_hub_begin(s->hub, &err));
    tp_hub_handle_enrol(s->hub, &s->tries, &request, &response, &s->forked);
    must(tp_hub_commit(s->hub, &err));
    s->status = response.status;
    tp_buf_clear(&s->body);
    must(tp_buf_add_slice(&s->body, tp_http_response_body(&response), &err));
    tp_http_response_done(&response);
    tp_buf_done(&body);
}

/* The answer, which must be one. */
static tp_enrolment_answer answer(scene *s)
{
    tp_enrolment_answer a;
    assert_int_equal(s->status, 200);
    must(tp_enrolment_answer_decode(tp_buf_slice(&s->body), &s->room, &a, &err));
    return a;
}

static tp_hub_device known(scene *s, uint64_t id)
{
    tp_hub_device device;
    must(tp_hub_begin(s->hub, &err));
    must(tp_hub_device_get(s->hub->store, id, &device, &err));
    tp_hub_rollback(s->hub);
    return device;
}

static void assert_refused(scene *s, unsigned status, const char *code)
{
    char expected[60];
    post(s);
    snprintf(expected, sizeof expected, "{\"error\":\"%s\",", code);
    assert_int_equal(s->status, status);
    assert_memory_equal(s->body.at, expected, strlen(expected));
    assert_int_equal(s->forked.from, 0);
}

static void test_hub_fork__a_copy_becomes_a_device_that_came_from_another(void **state)
{
    scene *s = *state;
    tp_certificate_facts facts;
    post(s);
    const tp_enrolment_answer a = answer(s);
    assert_int_equal(a.kept, 5);
    must(tp_certificate_read(a.certificate, &facts, &err));
    assert_true(facts.device == NEXT);
    assert_string_equal(facts.agency, "friary");
    assert_true(s->forked.from == s->van && s->forked.to == NEXT && s->forked.kept == 5);
    const tp_hub_device device = known(s, NEXT);
    assert_true(device.came_from == s->van && device.came_from_seq == 5);
    assert_int_equal(device.accepted, 0);
    /* What of all it was sent it has given back it says itself. */
    assert_int_equal(device.receipt, 0);
}

/* ---- What a copy holds ---- */

typedef struct counting {
    uint64_t device;
    uint32_t holdings;
    uint32_t own;
    uint32_t given_back;
    uint64_t to_erase;
} counting;

static tp_rc count_holding(void *ctx, const tp_hub_holding *holding, tp_err *trouble)
{
    counting *c = ctx;
    (void)trouble;
    c->holdings += holding->device->id == c->device;
    c->own += holding->device->id == c->device && holding->is_own;
    return TP_OK;
}

static tp_rc count_given_back(void *ctx, const tp_hub_feed_row *row, const tp_hub_item *item,
                              tp_err *trouble)
{
    (void)row;
    (void)item;
    (void)trouble;
    ((counting *)ctx)->given_back++;
    return TP_OK;
}

static tp_rc count_holder(void *ctx, const tp_hub_erase_holder *holder, tp_err *trouble)
{
    counting *c = ctx;
    (void)trouble;
    c->to_erase += holder->device->id == c->device ? holder->changes : 0;
    return TP_OK;
}

/* Of what is about this person, by the ledger. */
static counting held_by(scene *s, uint64_t device, const char *person)
{
    counting c = {.device = device};
    must(tp_hub_begin(s->hub, &err));
    must(tp_hub_holdings(s->hub->store, hub_stage_name(s->stage, person), count_holding, &c, &err));
    tp_hub_rollback(s->hub);
    return c;
}

/* A record that is, or was, to be erased; and all that the device is asked back. */
static counting held_of_record(scene *s, uint64_t device, const char *record, bool is_erased)
{
    counting c = {.device = device};
    tp_hub_device d;
    tp_hub_erase_plan plan;
    tp_hub_erase_plan_init(&plan);
    must(tp_hub_begin(s->hub, &err));
    must(tp_hub_device_get(s->hub->store, device, &d, &err));
    must(tp_hub_feed_given_back(s->hub->store, &d, count_given_back, &c, &err));
    if (is_erased) {
        must(tp_hub_erased_holdings(s->hub->store, hub_stage_name(s->stage, record), count_holding,
                                    &c, &err));
    } else {
        must(tp_hub_erase_find(s->hub, hub_stage_name(s->stage, record), false, &plan, &err));
        must(tp_hub_erase_holders(s->hub, &plan, count_holder, &c, &err));
    }
    tp_hub_rollback(s->hub);
    tp_hub_erase_plan_done(&plan);
    return c;
}

/* Until its receipt says otherwise, and also a copy of the copy. */
static void test_hub_fork__a_copy_holds_what_the_other_was_sent_or_wrote(void **state)
{
    scene *s = *state;
    hub_stage_run(s->stage, "desk person p9 preferred_name=Sean");
    hub_stage_run(s->stage, "sync desk");
    hub_stage_run(s->stage, "sync van");
    hub_stage_run(s->stage, "van contact last person=joy note=tea");
    hub_stage_run(s->stage, "push van"); /* it stands behind all that van was sent */
    hub_stage_run(s->stage, "desk person p10 preferred_name=Ali");
    hub_stage_run(s->stage, "sync desk");
    post(s);
    assert_int_equal(s->status, 200);
    tp_public_key key;
    tp_key_public(s->key, &key);
    certify(s, &key, NEXT);
    s->was = (tp_enrolment_was){.device = NEXT, .step = 1};
    make_csr(s, NEXT + 1);
    post(s);
    assert_int_equal(s->status, 200);
    for (uint64_t device = NEXT; device <= NEXT + 1; device++) {
        assert_int_equal(held_by(s, device, "joy").holdings, CHANGES + 1);
        assert_int_equal(held_by(s, device, "joy").own, CHANGES + 1);
        assert_int_equal(held_by(s, device, "p9").holdings, 1);
        assert_int_equal(held_by(s, device, "p9").own, 0);
        assert_int_equal(held_by(s, device, "p10").holdings, 0);
        assert_int_equal(held_of_record(s, device, "last", false).to_erase, 1);
        assert_int_equal(held_of_record(s, device, "last", false).given_back, 0);
    }
    hub_stage_run(s->stage, "erase last");
    for (uint64_t device = NEXT; device <= NEXT + 1; device++) {
        const counting c = held_of_record(s, device, "last", true);
        assert_int_equal(c.own, 1);
        assert_int_equal(c.given_back, 1);
    }
}

/* It stood in the feed when the copy came, and nobody had been sent it. */
static void test_hub_fork__a_copy_was_not_sent_what_nobody_was(void **state)
{
    static const char *const before[] = {"device office outreach",
                                         "office person sean preferred_name=Sean",
                                         "office consent k1 person=sean agencies=friary"
                                         " kinds=housing purposes=support decision=given"
                                         " how=spoken capacity=believed_to_have",
                                         "sync office", NULL};
    static const char *const after[] = {"office consent k2 person=sean agencies=friary kinds=*"
                                        " purposes=* in_sight=k1 decision=withdrawn how=spoken"
                                        " capacity=believed_to_have",
                                        "sync office", "sync desk", "desk never_sent sean k1 k2",
                                        NULL};
    scene *s = *state;
    hub_stage_run_all(s->stage, before);
    post(s);
    assert_int_equal(s->status, 200);
    hub_stage_run_all(s->stage, after);
}

static tp_enrolment_kept how_far(scene *s, uint64_t after, uint64_t step, uint32_t count,
                                 uint64_t differs)
{
    tp_enrolment_kept kept;
    tp_buf_clear(&s->csr);
    describe(s, after, step, count, differs);
    post(s);
    assert_int_equal(s->status, 200);
    assert_int_equal(s->forked.from, 0);
    must(tp_enrolment_kept_decode(tp_buf_slice(&s->body), &s->room, &kept, &err));
    return kept;
}

/* By which copies that go on with one change find one id; nobody is enrolled by it. */
static void test_hub_fork__who_goes_on_with_the_same_change_is_told_the_same(void **state)
{
    scene *s = *state;
    const tp_enrolment_kept first = how_far(s, 3, 1, 3, 5);
    assert_int_equal(first.kept, 4);
    assert_true(first.has_seed);
    s->digests.at[TP_ENROLMENT_DIGEST_BYTES]++; /* another change there */
    post(s);
    tp_enrolment_kept other;
    must(tp_enrolment_kept_decode(tp_buf_slice(&s->body), &s->room, &other, &err));
    assert_int_equal(other.kept, 4);
    assert_memory_not_equal(other.seed, first.seed, sizeof first.seed);
    s->digests.at[TP_ENROLMENT_DIGEST_BYTES]--;
    s->was.digests = tp_slice_of(s->digests.at + TP_ENROLMENT_DIGEST_BYTES, 8);
    s->was.after = 4; /* who asks for less */
    post(s);
    must(tp_enrolment_kept_decode(tp_buf_slice(&s->body), &s->room, &other, &err));
    assert_memory_equal(other.seed, first.seed, sizeof first.seed);
    assert_false(how_far(s, 3, 1, 2, 9).has_seed); /* nothing is written again */
    assert_false(how_far(s, 0, 2, 3, 3).has_seed); /* nor known yet which one is the first */
    must(tp_hub_begin(s->hub, &err));
    tp_hub_device device;
    tp_err unknown;
    assert_int_equal(tp_hub_device_get(s->hub->store, NEXT, &device, &unknown), TP_NOTFOUND);
    tp_hub_rollback(s->hub);
}

/* It may have been sent more meanwhile than the one that took the id first. */
static void test_hub_fork__another_copy_with_the_id_may_hold_what_came_since(void **state)
{
    scene *s = *state;
    post(s);
    (void)answer(s);
    const uint64_t sent = known(s, NEXT).sent;
    hub_stage_run(s->stage, "desk person p9 preferred_name=Sean");
    hub_stage_run(s->stage, "sync desk");
    hub_stage_run(s->stage, "sync van");
    post(s);
    (void)answer(s);
    assert_true(known(s, NEXT).sent > sent);
}

/* A lost answer: asked again, it is answered again, and the operator is told once. */
static void test_hub_fork__asked_again_it_answers_again(void **state)
{
    scene *s = *state;
    post(s);
    assert_int_equal(answer(s).kept, 5);
    describe(s, 3, 1, 2, 5);
    post(s);
    assert_int_equal(answer(s).kept, 4);
    assert_int_equal(s->forked.from, 0);
    assert_int_equal(known(s, NEXT).came_from_seq, 5);
}

static void test_hub_fork__finds_the_last_change_of_both(void **state)
{
    static const struct {
        uint64_t after;
        uint64_t step;
        uint32_t count;
        uint64_t differs;
        uint64_t kept;
    } rows[] = {
        {0, 1, 6, 7, 6}, {0, 1, 6, 1, 0}, {0, 1, 6, 2, 1}, {0, 1, 6, 6, 5},
        {6, 1, 0, 7, 6}, {6, 1, 4, 7, 6}, /* written since the copy, so not at the hub */
        {0, 2, 3, 7, 6}, {0, 2, 3, 6, 4}, {1, 2, 2, 4, 3}, {2, 1, 1, 3, 2},
    };
    scene *s = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t kept = 99;
        describe(s, rows[i].after, rows[i].step, rows[i].count, rows[i].differs);
        must(tp_hub_begin(s->hub, &err));
        must(tp_hub_fork_kept(s->hub, &s->was, &kept, &err));
        tp_hub_rollback(s->hub);
        assert_int_equal(kept, rows[i].kept);
    }
}

static uint64_t kept(scene *s)
{
    uint64_t kept = 0;
    must(tp_hub_begin(s->hub, &err));
    must(tp_hub_fork_kept(s->hub, &s->was, &kept, &err));
    tp_hub_rollback(s->hub);
    return kept;
}

/* As (van2, seq), which its author has not pushed: at a hub that collects what it lost. */
static void hand(scene *s, uint64_t device, uint64_t seq, tp_slice bytes)
{
    tp_hub_handed became = TP_HUB_HANDED_NOT;
    tp_name as;
    const tp_stamp stamp = {.ms = s->hub->now_ms, .number = 1000 + seq};
    must(tp_hub_accept_handed(s->hub->acceptor, (tp_name){device, seq}, bytes, &stamp,
                              s->hub->now_ms, &became, &as, &err));
    assert_int_equal(became, TP_HUB_HANDED_STORED);
}

/* What is before it is on no other machine: were it kept, nobody would push it any more. */
static void test_hub_fork__what_was_handed_is_of_both_with_all_before_it(void **state)
{
    scene *s = *state;
    static const uint64_t handed[] = {3, 1, 2, 5, 4}; /* in this order */
    static const uint64_t kept_then[] = {0, 1, 3, 3, 5};
    tp_hub_item item;
    uint64_t kept = 99;
    hub_stage_run(s->stage, "device van2 friary");
    const uint64_t van2 = hub_stage_known(s->stage, "van2").id;
    tp_buf bytes;
    tp_buf_init(&bytes, TP_BATCH_BYTES_MAX);
    must(tp_hub_begin(s->hub, &err));
    must(tp_hub_log_get(s->hub->store, (tp_name){s->van, 1}, &item, &bytes, &err));
    tp_buf_clear(&s->digests);
    for (uint64_t seq = 1; seq <= 5; seq++) {
        uint8_t digest[TP_SHA256_BYTES];
        tp_change_digest((tp_name){van2, seq}, tp_buf_slice(&bytes), digest);
        must(tp_buf_add(&s->digests, digest, TP_ENROLMENT_DIGEST_BYTES, &err));
    }
    for (size_t i = 0; i < sizeof handed / sizeof handed[0]; i++) {
        hand(s, van2, handed[i], tp_buf_slice(&bytes));
        s->was = (tp_enrolment_was){
            .device = van2, .after = 0, .step = 1, .digests = tp_buf_slice(&s->digests)};
        must(tp_hub_fork_kept(s->hub, &s->was, &kept, &err));
        assert_int_equal(kept, kept_then[i]);
    }
    /* What it writes again is numbered from there, whatever the hub had been pushed. */
    tp_hub_device copy = {.id = NEXT};
    tp_hub_device from;
    must(tp_hub_device_get(s->hub->store, van2, &from, &err));
    assert_int_equal(from.accepted, 0);
    must(tp_hub_fork_take_over(s->hub, &from, kept, 1, &copy, &err));
    tp_hub_rollback(s->hub);
    tp_buf_done(&bytes);
    assert_true(copy.came_from == van2 && copy.came_from_seq == 5);
}

/* A copy that had not sent it yet would write it again, under a name that nobody erased. */
static void test_hub_fork__what_was_erased_is_of_both_all_the_same(void **state)
{
    scene *s = *state;
    static const struct {
        uint64_t differs; /* from here on the copy wrote something else */
        uint64_t kept;
    } rows[] = {{7, 6}, {6, 5}, {5, 4}, {4, 3}};
    tp_buf digests[4];
    for (size_t i = 0; i < 4; i++) {
        describe(s, 0, 1, CHANGES, rows[i].differs);
        tp_buf_init(&digests[i], TP_HTTP_BODY_BYTES_MAX);
        must(tp_buf_add_slice(&digests[i], tp_buf_slice(&s->digests), &err));
    }
    hub_stage_run(s->stage, "erase c3");
    hub_stage_run(s->stage, "erase c5");
    for (size_t i = 0; i < 4; i++) {
        s->was.digests = tp_buf_slice(&digests[i]);
        assert_int_equal(kept(s), rows[i].kept);
        tp_buf_done(&digests[i]);
    }
}

static void test_hub_fork__without_a_code_only_the_device_itself_may_ask(void **state)
{
    scene *s = *state;
    const tp_hub_device van = hub_stage_known(s->stage, "van");
    const tp_hub_device desk = hub_stage_known(s->stage, "desk");
    certify(s, &desk.key, desk.id);
    assert_refused(s, 400, "body"); /* it says that it was another */
    certify(s, &desk.key, van.id);
    assert_refused(s, 403, "certificate"); /* another's key */
    certify(s, &desk.key, 12345);
    assert_refused(s, 403, "certificate"); /* nobody's */
    tp_buf_clear(&s->certificate);
    assert_refused(s, 403, "certificate");
    certify(s, &van.key, van.id);
    make_csr(s, desk.id);
    assert_refused(s, 409, "device"); /* another's id */
    make_csr(s, van.id);
    assert_refused(s, 400, "body"); /* its own */
    make_csr(s, NEXT);
    post(s);
    assert_int_equal(s->status, 200);
}

static void test_hub_fork__who_is_revoked_gets_no_other_id(void **state)
{
    scene *s = *state;
    hub_stage_run(s->stage, "revoke van");
    assert_refused(s, 403, "revoked");
}

/* However the copies hang together, and again the next day. */
static void test_hub_fork__is_given_so_often_a_day(void **state)
{
    scene *s = *state;
    for (uint32_t i = 0; i < TP_FORKS_A_DAY_MAX; i++) {
        make_csr(s, NEXT + i);
        post(s);
        assert_int_equal(s->status, 200);
    }
    make_csr(s, 99);
    assert_refused(s, 429, "busy");
    tp_public_key key;
    tp_key_public(s->key, &key);
    certify(s, &key, NEXT); /* nor as a copy of the copy */
    s->was = (tp_enrolment_was){.device = NEXT, .step = 1};
    assert_refused(s, 429, "busy");
    tp_clock_fixed_advance(hub_stage_clock(s->stage), INT64_C(25) * 3600 * 1000);
    post(s);
    assert_int_equal(s->status, 200);
    assert_true(known(s, 99).came_from == NEXT);
}

static void set_code(scene *s, const char *agency)
{
    s->has_code = true;
    tp_buf_clear(&s->certificate);
    must(tp_hub_begin(s->hub, &err));
    must(tp_hub_code_make(s->hub, tp_slice_str(agency), false, "front desk",
                          s->hub->now_ms + 3600000, &s->code, &err));
    must(tp_hub_commit(s->hub, &err));
}

/* Copied before it was enrolled: only what it holds shows that it is a copy. */
static void test_hub_fork__a_copy_that_comes_with_a_code(void **state)
{
    scene *s = *state;
    set_code(s, "friary");
    describe(s, 0, 1, 6, 4);
    post(s);
    assert_int_equal(answer(s).kept, 3);
    const tp_hub_device device = known(s, NEXT);
    assert_true(device.came_from == s->van && device.came_from_seq == 3);
    assert_string_equal(device.label, "front desk");
}

/* Nobody learns by a code what another agency's device has written, nor is anybody's copy by
 * saying so. */
static void test_hub_fork__a_code_tells_nothing_of_others(void **state)
{
    scene *s = *state;
    set_code(s, "outreach");
    describe(s, 0, 1, 6, 7);
    post(s);
    assert_int_equal(answer(s).kept, 0);
    assert_true(known(s, NEXT).came_from == 0);
    make_csr(s, NEXT + 1);
    set_code(s, "friary");
    describe(s, 0, 1, 6, 1);
    post(s);
    assert_int_equal(answer(s).kept, 0);
    assert_true(known(s, NEXT + 1).came_from == 0);
    make_csr(s, NEXT + 2);
    set_code(s, "friary");
    describe(s, 5, 1, 1, 1); /* what it says that it knows it has to show */
    post(s);
    assert_int_equal(answer(s).kept, 0);
}

/* What is known of the clock goes along as far as it was one clock. */
static void test_hub_fork__takes_over_what_is_known_of_the_clock(void **state)
{
    scene *s = *state;
    tp_era eras[8];
    size_t count = 0;
    const uint32_t of_both = 1; /* the era in which all of it was written */
    post(s);
    assert_int_equal(s->status, 200);
    must(tp_hub_begin(s->hub, &err));
    must(tp_hub_eras_get(s->hub->store, NEXT, eras, 8, &count, &err));
    tp_hub_rollback(s->hub);
    assert_int_equal(count, 2);
    assert_int_equal(eras[0].era, of_both);
    assert_true(eras[0].is_compared);
    assert_int_equal(eras[1].era, 2); /* the one it asked in */
    assert_true(eras[1].is_compared);
}

/* What it had written next was damaged before it was sent, and it goes on behind that. */
static void test_hub_fork__takes_over_the_clock_where_the_last_never_came(void **state)
{
    scene *s = *state;
    tp_era eras[8];
    size_t count = 0;
    const uint64_t lost = known(s, s->van).accepted + 1;
    describe(s, lost, 1, 0, 0);
    post(s);
    assert_int_equal(answer(s).kept, lost);
    assert_int_equal(known(s, NEXT).came_from_seq, lost);
    must(tp_hub_begin(s->hub, &err));
    must(tp_hub_eras_get(s->hub->store, NEXT, eras, 8, &count, &err));
    tp_hub_rollback(s->hub);
    assert_int_equal(count, 2);
    assert_int_equal(eras[0].era, 1);
    assert_true(eras[0].is_compared);
}

/* The other goes on in the era in which the last change of both was written: that is no time before
 * the copy's next one. */
static void test_hub_fork__what_the_other_did_later_is_not_before(void **state)
{
    scene *s = *state;
    tp_era theirs;
    tp_era ours;
    size_t count = 0;
    hub_stage_run(s->stage, "van contact later person=joy note=tea");
    hub_stage_run(s->stage, "sync van");
    post(s);
    assert_int_equal(s->status, 200);
    must(tp_hub_begin(s->hub, &err));
    must(tp_hub_eras_get(s->hub->store, s->van, &theirs, 1, &count, &err));
    assert_int_equal(count, 1);
    tp_era eras[8];
    must(tp_hub_eras_get(s->hub->store, NEXT, eras, 8, &count, &err));
    tp_hub_rollback(s->hub);
    ours = eras[0];
    assert_int_equal(ours.era, theirs.era);
    assert_int_equal(ours.offset_ms, theirs.offset_ms);
    assert_true(ours.last_up_ms < theirs.last_up_ms);
    assert_true(ours.last_up_ms >= ours.first_up_ms);
}

static uint32_t visited;

static tp_rc count_visit(void *ctx, const tp_hub_device *device, tp_err *trouble)
{
    (void)ctx;
    (void)device;
    (void)trouble;
    visited++;
    return TP_OK;
}

static void test_hub_fork__who_came_from_whom(void **state)
{
    scene *s = *state;
    tp_public_key key;
    post(s);
    assert_int_equal(s->status, 200);
    tp_key_public(s->key, &key);
    certify(s, &key, NEXT);
    s->was = (tp_enrolment_was){.device = NEXT, .step = 1};
    make_csr(s, NEXT + 1);
    post(s);
    assert_int_equal(s->status, 200);
    must(tp_hub_begin(s->hub, &err));
    static const uint64_t froms[] = {NEXT + 1, NEXT};
    for (uint32_t i = 0; i < 2; i++) {
        visited = 0;
        must(tp_hub_devices_from(s->hub->store, froms[i], count_visit, NULL, &err));
        assert_int_equal(visited, i);
    }
    visited = 0;
    must(tp_hub_devices_from(s->hub->store, s->van, count_visit, NULL, &err));
    assert_int_equal(visited, 2);
    tp_hub_rollback(s->hub);
}

#define ROW(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(test_hub_fork__a_copy_becomes_a_device_that_came_from_another),
        ROW(test_hub_fork__a_copy_holds_what_the_other_was_sent_or_wrote),
        ROW(test_hub_fork__a_copy_was_not_sent_what_nobody_was),
        ROW(test_hub_fork__asked_again_it_answers_again),
        ROW(test_hub_fork__finds_the_last_change_of_both),
        ROW(test_hub_fork__what_was_handed_is_of_both_with_all_before_it),
        ROW(test_hub_fork__what_was_erased_is_of_both_all_the_same),
        ROW(test_hub_fork__without_a_code_only_the_device_itself_may_ask),
        ROW(test_hub_fork__who_is_revoked_gets_no_other_id),
        ROW(test_hub_fork__is_given_so_often_a_day),
        ROW(test_hub_fork__a_copy_that_comes_with_a_code),
        ROW(test_hub_fork__who_goes_on_with_the_same_change_is_told_the_same),
        ROW(test_hub_fork__another_copy_with_the_id_may_hold_what_came_since),
        ROW(test_hub_fork__a_code_tells_nothing_of_others),
        ROW(test_hub_fork__takes_over_what_is_known_of_the_clock),
        ROW(test_hub_fork__takes_over_the_clock_where_the_last_never_came),
        ROW(test_hub_fork__what_the_other_did_later_is_not_before),
        ROW(test_hub_fork__who_came_from_whom),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
