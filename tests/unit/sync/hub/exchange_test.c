/* A sync as the hub answers it: what is refused, what is tried again, what stands in one
 * transaction.
 *
 * Shows P2, P10, P17. */
#include "sync/hub/exchange.h"

#include "tests/support/hub_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define GIVING                                                                                     \
    "van consent k1 person=p1 agencies=friary kinds=housing purposes=support decision=given "      \
    "how=spoken capacity=believed_to_have"

#include "platform/base/alloc.h"
#include "platform/net/deflate.h"

/* A hub with a device that has something to push. */
typedef struct scene {
    hub_stage *stage;
    tp_buf body;
    tp_buf answer;
    tp_buf message;
} scene;

static scene open_scene(void)
{
    static const char *const lines[] = {"agency outreach",
                                        "sign outreach",
                                        "device van outreach",
                                        "device van2 outreach",
                                        "van person p1 preferred_name=Sean",
                                        "van contact c1 person=p1 note=x",
                                        NULL};
    scene s = {.stage = hub_stage_open()};
    hub_stage_run_all(s.stage, lines);
    tp_buf_init(&s.body, TP_HTTP_BODY_BYTES_MAX);
    tp_buf_init(&s.answer, TP_HTTP_RESPONSE_BYTES_MAX);
    tp_buf_init(&s.message, TP_MESSAGE_BYTES_MAX);
    return s;
}

static void close_scene(scene *s)
{
    tp_buf_done(&s->body);
    tp_buf_done(&s->answer);
    tp_buf_done(&s->message);
    hub_stage_close(s->stage);
}

static void ask(scene *s, const char *device)
{
    tp_buf_clear(&s->body);
    hub_stage_make_request(s->stage, device, NULL, NULL, &s->body);
}

static tp_refusal send(scene *s, const char *device)
{
    tp_buf_clear(&s->answer);
    return hub_stage_send(s->stage, device, tp_buf_slice(&s->body), &s->answer);
}

/* ---- Refusals ---- */

static void other_generation(tp_request *head, const void *ctx)
{
    (void)ctx;
    head->generation = 12345;
}

static void forged_cursor(tp_request *head, const void *ctx)
{
    (void)ctx;
    head->cursor = 1;
    memset(head->cursor_tag, 7, sizeof head->cursor_tag);
}

static void gap(tp_request *head, const void *ctx)
{
    (void)ctx;
    head->first_seq += 1;
}

static void other_chain(tp_request *head, const void *ctx)
{
    (void)ctx;
    head->chain_start[0] ^= 1;
}

static void other_signature(tp_request *head, const void *ctx)
{
    (void)ctx;
    head->signature[20] ^= 1;
}

/* How many eras the hub was told of. */
static size_t eras_known(scene *s)
{
    tp_err err;
    tp_era eras[4];
    size_t count = 0;
    tp_hub *hub = hub_stage_hub(s->stage);
    uint64_t van = hub_stage_known(s->stage, "van").id;
    assert_int_equal(tp_hub_look(hub, &err), TP_OK);
    assert_int_equal(tp_hub_eras_get(hub->store, van, eras, 4, &count, &err), TP_OK);
    tp_hub_rollback(hub);
    return count;
}

static void test_hub_exchange__a_refused_request_applies_nothing(void **state)
{
    (void)state;
    const struct {
        const char *name;
        void (*alter)(tp_request *head, const void *ctx);
        tp_refusal refusal;
    } rows[] = {
        {"another generation", other_generation, TP_REFUSAL_GENERATION},
        {"a cursor the hub never gave", forged_cursor, TP_REFUSAL_CURSOR},
        {"a seq is missing", gap, TP_REFUSAL_GAP},
        {"another chain", other_chain, TP_REFUSAL_CHAIN},
        {"another signature", other_signature, TP_REFUSAL_SIGNATURE},
    };
    scene s = open_scene();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_buf_clear(&s.body);
        hub_stage_make_request(s.stage, "van", rows[i].alter, NULL, &s.body);
        tp_refusal refusal = send(&s, "van");
        if (refusal != rows[i].refusal || s.answer.bytes != 0) {
            fail_msg("%s: refusal %d", rows[i].name, (int)refusal);
        }
        assert_int_equal(hub_stage_number(s.stage), 0);
        assert_int_equal(hub_stage_known(s.stage, "van").accepted, 0);
        assert_int_equal(eras_known(&s), 0);
    }
    hub_stage_run(s.stage, "sync van");
    assert_int_equal(eras_known(&s), 1);
    close_scene(&s);
}

static void test_hub_exchange__refuses_a_version_and_a_dictionary_it_does_not_have(void **state)
{
    (void)state;
    scene s = open_scene();
    ask(&s, "van");
    s.body.at[0] = 99;
    assert_int_equal(send(&s, "van"), TP_REFUSAL_VERSION);
    s.body.at[0] = 0;
    assert_int_equal(send(&s, "van"), TP_REFUSAL_VERSION);
    s.body.at[0] = TP_PROTOCOL_VERSION;
    s.body.at[1] = 200;
    assert_int_equal(send(&s, "van"), TP_REFUSAL_DICTIONARY);
    assert_int_equal(hub_stage_number(s.stage), 0);
    close_scene(&s);
}

static void test_hub_exchange__refuses_a_body_cut_anywhere(void **state)
{
    (void)state;
    scene s = open_scene();
    ask(&s, "van");
    size_t whole = s.body.bytes;
    for (size_t n = 0; n < whole; n++) {
        tp_buf_clear(&s.answer);
        tp_refusal refusal = hub_stage_send(s.stage, "van", tp_slice_of(s.body.at, n), &s.answer);
        assert_int_equal(refusal, TP_REFUSAL_BODY);
    }
    assert_int_equal(hub_stage_number(s.stage), 0);
    close_scene(&s);
}

static void test_hub_exchange__a_flipped_bit_is_refused_or_harmless(void **state)
{
    (void)state;
    scene s = open_scene();
    ask(&s, "van");
    for (size_t bit = 0; bit < s.body.bytes * 8; bit++) {
        s.body.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
        tp_buf_clear(&s.answer);
        tp_refusal refusal = hub_stage_send(s.stage, "van", tp_buf_slice(&s.body), &s.answer);
        s.body.at[bit / 8] ^= (uint8_t)(1u << bit % 8);
        /* What is signed is whole: only a part beside it may have been flipped. */
        assert_true(refusal != 0 || hub_stage_known(s.stage, "van").accepted == 2);
    }
    assert_int_equal(send(&s, "van"), 0);
    assert_int_equal(hub_stage_number(s.stage), 2);
    close_scene(&s);
}

static void test_hub_exchange__another_devices_request_is_not_this_ones(void **state)
{
    (void)state;
    scene s = open_scene();
    ask(&s, "van");
    assert_int_equal(send(&s, "van2"), TP_REFUSAL_CHAIN);
    assert_int_equal(hub_stage_number(s.stage), 0);
    close_scene(&s);
}

static void test_hub_exchange__a_revoked_device_gets_nowhere(void **state)
{
    (void)state;
    scene s = open_scene();
    hub_stage_run(s.stage, "revoke van");
    hub_stage_run(s.stage, "refused van revoked");
    assert_int_equal(hub_stage_number(s.stage), 0);
    close_scene(&s);
}

/* The hub's own certificate, for this device, and a key that it was not enrolled with: out of an
 * older copy of the hub, say. */
static void test_hub_exchange__another_key_is_nobodys(void **state)
{
    (void)state;
    tp_err err;
    tp_key *other = NULL;
    tp_public_key keys[2];
    scene s = open_scene();
    tp_hub *hub = hub_stage_hub(s.stage);
    const uint64_t van = hub_stage_known(s.stage, "van").id;
    assert_int_equal(tp_key_generate(tp_rng_system(), &other, &err), TP_OK);
    tp_key_public(hub_stage_key(s.stage, "van"), &keys[0]);
    tp_key_public(other, &keys[1]);
    for (int i = 0; i < 2; i++) {
        tp_buf certificate;
        tp_hub_device known;
        tp_hub_stranger stranger;
        int64_t until_ms = 0;
        tp_buf_init(&certificate, TP_PEM_BYTES_MAX);
        assert_int_equal(
            tp_hub_certify(hub, &keys[i], van, "outreach", &certificate, &until_ms, &err), TP_OK);
        const tp_net_peer peer = {.has_certificate = true,
                                  .certificate = tp_buf_slice(&certificate)};
        assert_int_equal(tp_hub_look(hub, &err), TP_OK);
        assert_int_equal(tp_hub_identify(hub, &peer, &known, &stranger, &err), TP_OK);
        tp_hub_rollback(hub);
        assert_int_equal(stranger, i == 0 ? TP_HUB_STRANGER_NONE : TP_HUB_STRANGER_KEY);
        tp_buf_done(&certificate);
    }
    tp_key_free(other);
    close_scene(&s);
}

static void test_hub_exchange__nothing_is_stamped_while_the_clock_went_back(void **state)
{
    (void)state;
    scene s = open_scene();
    hub_stage_run(s.stage, "sync van2");
    hub_stage_clock(s.stage)->reading.wall_ms -= 3600000;
    hub_stage_run(s.stage, "refused van clock");
    assert_int_equal(hub_stage_number(s.stage), 0);
    hub_stage_clock(s.stage)->reading.wall_ms += 3600000;
    hub_stage_run(s.stage, "sync van");
    assert_int_equal(hub_stage_number(s.stage), 2);
    close_scene(&s);
}

/* ---- Trying again ---- */

typedef struct stamps {
    uint64_t accepted;
    uint32_t runs;
    tp_stamp_run run[8];
} stamps;

static stamps read_stamps(scene *s)
{
    stamps out = {.runs = 0};
    tp_response_reader *reader =
        (tp_response_reader *)hub_stage_read(s->stage, tp_buf_slice(&s->answer));
    out.accepted = reader->head.accepted;
    while (out.runs < 8 && tp_response_next_run(reader, &out.run[out.runs])) {
        out.runs++;
    }
    return out;
}

/* Member by member: what lies between them is nobody's. */
static void assert_same_run(const tp_stamp_run *a, const tp_stamp_run *b)
{
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->first_number, b->first_number);
    assert_int_equal(a->skew_ms, b->skew_ms);
    assert_int_equal(a->has_bounds, b->has_bounds);
    assert_int_equal(a->earliest_less_ms, b->earliest_less_ms);
    assert_int_equal(a->latest_less_ms, b->latest_less_ms);
}

static void test_hub_exchange__a_push_sent_again_is_answered_as_before(void **state)
{
    (void)state;
    scene s = open_scene();
    ask(&s, "van");
    assert_int_equal(send(&s, "van"), 0);
    stamps first = read_stamps(&s);
    assert_int_equal(first.accepted, 2);
    assert_int_equal(send(&s, "van"), 0); /* the answer was lost */
    stamps again = read_stamps(&s);
    assert_int_equal(hub_stage_number(s.stage), 2);
    assert_int_equal(again.accepted, 2);
    assert_int_equal(again.runs, first.runs);
    for (uint32_t i = 0; i < first.runs; i++) {
        assert_same_run(&again.run[i], &first.run[i]);
    }
    hub_stage_take(s.stage, "van", tp_buf_slice(&s.answer));
    hub_stage_run(s.stage, "sync van");
    close_scene(&s);
}

static void test_hub_exchange__a_longer_push_begins_with_what_was_received(void **state)
{
    (void)state;
    scene s = open_scene();
    ask(&s, "van");
    assert_int_equal(send(&s, "van"), 0);
    hub_stage_run(s.stage, "van contact c2 person=p1 note=y");
    ask(&s, "van"); /* from the first on */
    assert_int_equal(send(&s, "van"), 0);
    assert_int_equal(read_stamps(&s).accepted, 2);
    hub_stage_take(s.stage, "van", tp_buf_slice(&s.answer));
    hub_stage_run(s.stage, "sync van");
    assert_int_equal(hub_stage_number(s.stage), 3);
    close_scene(&s);
}

static void test_hub_exchange__a_cloned_device_is_a_fork(void **state)
{
    (void)state;
    scene s = open_scene();
    scene clone = open_scene(); /* the same seed: the same device, another salt from here on */
    hub_stage_run(clone.stage, "van2 person p9 preferred_name=Kim");
    hub_stage_run(clone.stage, "van contact c9 person=p1 note=z");
    hub_stage_run(s.stage, "van contact c2 person=p1 note=y");
    hub_stage_run(s.stage, "sync van");
    ask(&clone, "van");
    tp_buf_clear(&s.answer);
    assert_int_equal(hub_stage_send(s.stage, "van", tp_buf_slice(&clone.body), &s.answer),
                     TP_REFUSAL_CHAIN);
    assert_int_equal(hub_stage_number(s.stage), 3);
    tp_buf_done(&clone.body);
    tp_buf_done(&clone.answer);
    tp_buf_done(&clone.message);
    close_scene(&s);
    hub_stage_close(clone.stage);
}

/* ---- One transaction for several ---- */

static tp_refusal exchange(scene *s, const char *device, tp_slice body)
{
    tp_err err;
    tp_hub_device known;
    tp_refusal refusal = 0;
    tp_hub *hub = hub_stage_hub(s->stage);
    tp_buf_clear(&s->answer);
    tp_name name = hub_stage_name(s->stage, device[3] == '2' ? "q1" : "p1");
    assert_int_equal(tp_hub_device_get(hub->store, name.device, &known, &err), TP_OK);
    assert_int_equal(tp_hub_exchange(hub, &known, body, hub->now_ms, &s->answer, &refusal, &err),
                     TP_OK);
    return refusal;
}

static void test_hub_exchange__a_refused_one_leaves_the_rest_of_its_round(void **state)
{
    (void)state;
    tp_err err;
    scene s = open_scene();
    tp_buf bad;
    tp_buf other;
    tp_buf_init(&bad, TP_HTTP_BODY_BYTES_MAX);
    tp_buf_init(&other, TP_HTTP_BODY_BYTES_MAX);
    hub_stage_run(s.stage, "van2 person q1 preferred_name=Baz");
    ask(&s, "van");
    hub_stage_make_request(s.stage, "van2", other_chain, NULL, &bad);
    hub_stage_make_request(s.stage, "van2", NULL, NULL, &other);
    tp_hub *hub = hub_stage_hub(s.stage);
    assert_int_equal(tp_hub_begin(hub, &err), TP_OK);
    assert_int_equal(exchange(&s, "van", tp_buf_slice(&s.body)), 0);
    assert_int_equal(exchange(&s, "van2", tp_buf_slice(&bad)), TP_REFUSAL_CHAIN);
    assert_int_equal(exchange(&s, "van2", tp_buf_slice(&other)), 0);
    assert_int_equal(tp_hub_commit(hub, &err), TP_OK);
    assert_int_equal(hub_stage_number(s.stage), 3);
    hub_stage_run(s.stage, "sync van");
    hub_stage_run(s.stage, "sync van2");
    hub_stage_run(s.stage, "van2 holds p1 c1 q1");
    hub_stage_run(s.stage, "van holds q1");
    tp_buf_done(&bad);
    tp_buf_done(&other);
    close_scene(&s);
}

static void test_hub_exchange__a_round_that_is_not_committed_was_not(void **state)
{
    (void)state;
    tp_err err;
    scene s = open_scene();
    tp_hub *hub = hub_stage_hub(s.stage);
    ask(&s, "van");
    assert_int_equal(tp_hub_begin(hub, &err), TP_OK);
    assert_int_equal(exchange(&s, "van", tp_buf_slice(&s.body)), 0);
    tp_hub_rollback(hub);
    assert_int_equal(hub_stage_number(s.stage), 0);
    hub_stage_run(s.stage, "sync van");
    assert_int_equal(hub_stage_number(s.stage), 2);
    close_scene(&s);
}

/* ---- What is sent ---- */

static void test_hub_exchange__sent_is_kept_before_it_leaves(void **state)
{
    (void)state;
    scene s = open_scene();
    hub_stage_run(s.stage, "sync van");
    ask(&s, "van2");
    assert_int_equal(send(&s, "van2"), 0); /* never taken */
    assert_int_equal(hub_stage_known(s.stage, "van2").sent, 2);
    assert_int_equal(hub_stage_known(s.stage, "van2").cursor, 0);
    close_scene(&s);
}

static void few_items(tp_request *head, const void *ctx)
{
    head->items_max = *(const uint32_t *)ctx;
    head->wants_left = true;
}

static void test_hub_exchange__a_pull_in_pages_is_the_same_as_one(void **state)
{
    (void)state;
    for (uint32_t max = 1; max <= 40; max += 13) {
        scene s = open_scene();
        for (int i = 0; i < 70; i++) {
            char line[64];
            (void)snprintf(line, sizeof line, "van contact d%d person=p1 note=%d", i, i);
            hub_stage_run(s.stage, line);
        }
        hub_stage_run(s.stage, "sync van");
        uint32_t count = 0;
        bool is_more = true;
        while (is_more) {
            tp_buf_clear(&s.body);
            hub_stage_make_request(s.stage, "van2", few_items, &max, &s.body);
            assert_int_equal(send(&s, "van2"), 0);
            const tp_response_reader *reader = hub_stage_read(s.stage, tp_buf_slice(&s.answer));
            assert_true(reader->count <= max);
            count += reader->count;
            assert_int_equal(reader->head.left, 72 - count);
            is_more = reader->head.more;
            hub_stage_take(s.stage, "van2", tp_buf_slice(&s.answer));
        }
        assert_int_equal(count, 72);
        hub_stage_run(s.stage, "van2 holds p1 c1 d0 d31 d32 d69");
        close_scene(&s);
    }
}

/* What a device wrote itself, what its agency may not hold, and what it gave back is in no number
 * it is told. */
static void test_hub_exchange__what_is_left_is_what_will_be_sent(void **state)
{
    static const char *const lines[] = {
        "agency friary",
        "sign friary",
        "device desk friary",
        "van contact c2 person=p1 note=x info=mental_health",
        "van contact c3 person=p1 note=x info=housing",
        GIVING,
        "van person p2 preferred_name=Jo",
        "van contact c4 person=p2 note=x",
        "sync van",
        "desk person p3 preferred_name=Ash",
        "desk contact c5 person=p3 note=x",
        "push desk",
        NULL,
    };
    const uint32_t max = 1;
    (void)state;
    scene s = open_scene();
    hub_stage_run_all(s.stage, lines);
    /* Of p1, c1, c3, k1 it was sent the first; not c2, p2, c4, nor what it wrote. */
    tp_buf_clear(&s.body);
    hub_stage_make_request(s.stage, "desk", few_items, &max, &s.body);
    assert_int_equal(send(&s, "desk"), 0);
    assert_int_equal(hub_stage_read(s.stage, tp_buf_slice(&s.answer))->head.left, 2);
    /* A withdrawal takes all of it but the event that says so, for whoever was sent something. */
    hub_stage_run(s.stage, "van consent k2 person=p1 agencies=* kinds=* purposes=* in_sight=k1 "
                           "decision=withdrawn how=spoken capacity=believed_to_have");
    hub_stage_run(s.stage, "sync van");
    tp_buf_clear(&s.body);
    hub_stage_make_request(s.stage, "desk", few_items, &max, &s.body);
    assert_int_equal(send(&s, "desk"), 0);
    const tp_response_reader *reader = hub_stage_read(s.stage, tp_buf_slice(&s.answer));
    assert_int_equal(reader->count, 1);
    assert_false(reader->head.more);
    assert_int_equal(reader->head.left, 0);
    hub_stage_run(s.stage, "sync desk");
    hub_stage_run(s.stage, "desk lacks c1 c3");
    close_scene(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hub_exchange__a_refused_request_applies_nothing),
        cmocka_unit_test(test_hub_exchange__refuses_a_version_and_a_dictionary_it_does_not_have),
        cmocka_unit_test(test_hub_exchange__refuses_a_body_cut_anywhere),
        cmocka_unit_test(test_hub_exchange__a_flipped_bit_is_refused_or_harmless),
        cmocka_unit_test(test_hub_exchange__another_devices_request_is_not_this_ones),
        cmocka_unit_test(test_hub_exchange__a_revoked_device_gets_nowhere),
        cmocka_unit_test(test_hub_exchange__another_key_is_nobodys),
        cmocka_unit_test(test_hub_exchange__nothing_is_stamped_while_the_clock_went_back),
        cmocka_unit_test(test_hub_exchange__a_push_sent_again_is_answered_as_before),
        cmocka_unit_test(test_hub_exchange__a_longer_push_begins_with_what_was_received),
        cmocka_unit_test(test_hub_exchange__a_cloned_device_is_a_fork),
        cmocka_unit_test(test_hub_exchange__a_refused_one_leaves_the_rest_of_its_round),
        cmocka_unit_test(test_hub_exchange__a_round_that_is_not_committed_was_not),
        cmocka_unit_test(test_hub_exchange__sent_is_kept_before_it_leaves),
        cmocka_unit_test(test_hub_exchange__a_pull_in_pages_is_the_same_as_one),
        cmocka_unit_test(test_hub_exchange__what_is_left_is_what_will_be_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
