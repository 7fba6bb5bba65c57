/* Which answer a node takes: the one to what it asked.
 *
 * What stands between it and the hub may give an answer twice, or late; the bytes are the hub's all
 * the same.
 *
 * Shows P2, P3, P26. */
#include "sync/session/ask.h"

#include "platform/net/deflate.h"
#include "sync/log/log_state.h"
#include "tests/support/asking.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static int setup(void **state)
{
    static asking a;
    asking_open(&a);
    *state = &a;
    return 0;
}

static int teardown(void **state)
{
    asking_close(*state);
    return 0;
}

/* Stamps for one change, and where the feed goes on. */
static void make_answer(asking *a, uint64_t accepted, uint32_t to, tp_buf *out)
{
    enum { DEFLATE_LEVEL = 1, TAIL_BYTES = 64 };
    const tp_envelope envelope = {TP_PROTOCOL_VERSION, 0};
    tp_response_writer writer;
    tp_deflate *deflate = NULL;
    tp_buf tail;
    tp_err err = {0};
    tp_response head = {.accepted = accepted, .generation = 1, .cursor = 7, .to = to};
    head.hub_ms = a->node.clock.reading.wall_ms;
    const tp_stamp stamp = {.ms = head.hub_ms, .number = 100 + accepted};
    tp_buf_init(&tail, TAIL_BYTES);
    tp_buf_clear(&a->message);
    tp_response_writer_init(&writer, TP_PAGE_BYTES_MAX, TP_PAGE_ITEMS_MAX);
    if (tp_response_writer_add_stamp(&writer, 0, &stamp, &err) != TP_OK ||
        tp_response_writer_end(&writer, &head, &a->message, &tail, &err) != TP_OK ||
        tp_envelope_encode(envelope, out, &err) != TP_OK ||
        tp_deflate_new(DEFLATE_LEVEL, &deflate, &err) != TP_OK ||
        tp_deflate_run(deflate, (tp_slice){NULL, 0}, tp_buf_slice(&a->message), out, &err) !=
            TP_OK ||
        tp_buf_add_slice(out, tp_buf_slice(&tail), &err) != TP_OK) {
        fail_msg("%s", err.what);
    }
    tp_deflate_free(deflate);
    tp_buf_done(&tail);
    tp_response_writer_done(&writer);
}

static tp_rc take(asking *a, uint64_t accepted, uint32_t to, tp_err *err)
{
    tp_buf answer;
    tp_buf_init(&answer, TP_MESSAGE_BYTES_MAX);
    make_answer(a, accepted, to, &answer);
    tp_rc rc = tp_ask_take_response(a->ask, 200, tp_buf_slice(&answer), err);
    tp_buf_done(&answer);
    return rc;
}

/* Found by sim.week_of_chance (3600004): what was written last had got the stamps of what was
 * before it, or was said to be sent and was not. */
static void test_ask__an_answer_to_another_request_is_not_taken(void **state)
{
    asking *a = *state;
    tp_err err;
    (void)tp_node_log_person(&a->node, "Baz");
    asking_request(a);
    const uint32_t before = tp_body_mark(tp_buf_slice(&a->body));
    asking_take(a, &(asking_answer){.accepted = 1});
    (void)tp_node_log_person(&a->node, "Joy");
    a->node.clock.reading.up_ms += 1000;
    asking_again(a);
    asking_request(a);
    assert_int_equal(a->request.head.first_seq, 2);
    assert_int_equal(take(a, 2, before, &err), TP_OFFLINE);
    assert_int_equal(asking_pull(a).cursor, 0);
    /* Nothing of it is known, and what it was to be is taken as ever. */
    assert_int_equal(take(a, 2, tp_body_mark(tp_buf_slice(&a->body)), &err), TP_OK);
}

/* Found by sim.week_of_chance (22397828): a refusal that came twice was taken for what the next
 * request was answered, and a copy that had just taken an id of its own took another one. */
static void test_ask__a_refusal_of_another_request_is_not_taken(void **state)
{
    static const char says[] = "{\"error\":\"chain\",\"text\":\"h does not fit\",\"to\":%u}";
    asking *a = *state;
    char refusal[80];
    tp_err err;
    (void)tp_node_log_person(&a->node, "Baz");
    asking_request(a);
    const uint32_t mark = tp_body_mark(tp_buf_slice(&a->body));
    (void)snprintf(refusal, sizeof refusal, says, (unsigned)mark ^ 1);
    assert_int_equal(asking_refuse(a, 409, refusal, &err), TP_OFFLINE);
    assert_false(tp_ask_is_forked(a->ask));
    assert_int_equal(tp_ask_under_way(a->ask), 1);
    (void)snprintf(refusal, sizeof refusal, says, (unsigned)mark);
    assert_int_equal(asking_refuse(a, 409, refusal, &err), TP_OK);
    assert_true(tp_ask_is_forked(a->ask));
}

static void test_ask__a_hub_that_does_not_say_to_what_it_answers_is_an_older_one(void **state)
{
    asking *a = *state;
    tp_err err;
    (void)tp_node_log_person(&a->node, "Baz");
    asking_request(a);
    assert_int_equal(take(a, 1, 0, &err), TP_OK);
}

/* Found by sim.week_of_chance (8046179): where the answer had no room for all of what the hub has
 * by another name, the rest stayed by the name that means another there.  It is handed again while
 * that brings something. */
static void test_ask__what_had_no_room_by_its_other_name_is_handed_again(void **state)
{
    enum { ITEMS = 3, OTHER_ID = 77 };
    asking *a = *state;
    const tp_response differing = {.has_sum = true, .sum = {7, 7}};
    asking_answer answer = {.head = differing, .items = ITEMS};
    tp_tx tx;
    tp_err err;
    tp_node_log_begin(&a->node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_log_generation_know(a->node.log, &tx, 1, &err), TP_OK); /* as enrolled */
    tp_node_log_commit(&tx);
    asking_request(a);
    asking_take(a, &answer);
    answer = (asking_answer){.head = differing, .sums = true};
    asking_request(a);
    assert_true(a->request.head.wants_spans);
    asking_take(a, &answer);
    answer = (asking_answer){.head = differing};
    answer.head.ranges_named = 1; /* and nothing in it */
    asking_request(a);
    assert_int_equal(a->request.head.ranges_count, 1);
    asking_take(a, &answer);
    answer.head.ranges_named = 0;
    for (uint32_t gone = 0; gone < ITEMS; gone++) {
        asking_request(a);
        assert_int_equal(a->request.head.handed_count, ITEMS - gone);
        assert_int_equal(a->request.head.handed[0].entry.name.seq, gone + 1);
        answer.head.handed_count = ITEMS - gone;
        for (uint32_t i = 0; i < ITEMS - gone; i++) {
            answer.head.called[i] = OTHER_ID;
            answer.head.handed[i] = i == 0 && gone < 2 ? TP_HANDED_GIVE_BACK : TP_HANDED_KEEP;
        }
        asking_take(a, &answer);
    }
    asking_request(a); /* the last brought nothing */
    assert_int_equal(a->request.head.handed_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_ask__an_answer_to_another_request_is_not_taken, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_ask__a_refusal_of_another_request_is_not_taken, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(
            test_ask__a_hub_that_does_not_say_to_what_it_answers_is_an_older_one, setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_ask__what_had_no_room_by_its_other_name_is_handed_again, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
