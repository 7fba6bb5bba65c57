/* What is answered to a push that comes again, wholly or in part, or after another history; over a
 * host that is a few numbers.
 *
 * Shows P2, P22, P23, P26. */
#include "sync/session/answer.h"

#include "tests/support/answering.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_answer_push__what_was_received_is_recalled_as_far_as_numbers_follow(void **state)
{
    answering *a = *state;
    answering_ask_well(a, 1, 4);
    a->host.recall_break = 3;
    answering_ask_well(a, 1, 6);
    assert_string_equal(a->host.calls, "crrrrgdh");
    assert_int_equal(a->response.head.accepted, 2);
    assert_int_equal(a->device.accepted, 4);
    answering_ask_well(a, 5, 6);
    assert_int_equal(a->response.head.accepted, 6);
}

/* Whoever is told of it counts what was accepted from there: one that is left out in between would
 * be taken for answered. */
static void test_answer_push__behind_a_number_that_is_apart_nothing_is_recalled(void **state)
{
    answering *a = *state;
    answering_ask_well(a, 1, 4);
    a->host.recall_apart = 3;
    answering_ask_well(a, 1, 6);
    assert_string_equal(a->host.calls, "crrrrgdh");
    assert_int_equal(a->response.head.accepted, 2);
    assert_int_equal(a->device.accepted, 4);
    /* The sum is of more than it will know of by then. */
    assert_false(a->response.head.has_sum);
}

static void test_answer_push__a_part_of_what_was_received_is_held_against_its_bytes(void **state)
{
    answering *a = *state;
    tp_refusal refusal = 0;
    answering_ask_well(a, 1, 4);
    a->request.more = true;
    answering_ask_well(a, 1, 2);
    assert_string_equal(a->host.calls, "crrgd");
    assert_int_equal(a->response.head.accepted, 2);
    assert_int_equal(a->device.accepted, 4);
    a->host.is_recall_other = true;
    assert_int_equal(answering_ask(a, 1, 2, &refusal), TP_OK);
    assert_int_equal(refusal, TP_REFUSAL_CHAIN);
}

/* By that it knows at once that a copy of it wrote on. */
static void
test_answer_push__who_has_no_more_than_was_received_is_told_of_what_is_here(void **state)
{
    answering *a = *state;
    answering_ask_well(a, 1, 4);
    answering_ask_well(a, 1, 2);
    assert_int_equal(a->response.head.accepted, 4);
    assert_false(a->response.head.has_receipt);
    assert_int_equal(a->device.accepted, 4);
}

static void test_answer_push__another_history_is_a_fork(void **state)
{
    answering *a = *state;
    tp_refusal refusal = 0;
    answering_ask_well(a, 1, 4);
    a->host.is_recall_other = true;
    assert_int_equal(answering_ask(a, 1, 4, &refusal), TP_OK);
    assert_int_equal(refusal, TP_REFUSAL_CHAIN);
}

static void test_answer_push__a_change_that_others_handed_otherwise_is_a_fork(void **state)
{
    answering *a = *state;
    a->host.is_accept_other = true;
    answering_assert_refused(a, TP_REFUSAL_CHAIN);
    assert_int_equal(a->device.accepted, 0);
}

/* It was told of both, by a hub that was put back in between: see unit.sync.session.ask_shown. */
static void
test_answer_push__another_history_that_was_told_is_taken_from_where_it_begins(void **state)
{
    answering *a = *state;
    uint8_t h[TP_CHAIN_BYTES];
    answering_ask_well(a, 1, 4);
    a->host.is_recall_other = true;
    a->request.is_settling = true;
    a->request.is_again = true;
    answering_ask_well(a, 1, 4);
    assert_memory_equal(a->host.calls, "crwaaaap", 8);
    tp_chain_start(a->device.id, h);
    assert_int_equal(a->host.rewound, 0);
    assert_memory_equal(a->host.rewound_h, h, sizeof h);
    assert_int_equal(a->device.accepted, 4);
    assert_memory_equal(a->device.h, a->h, sizeof a->h);
}

/* What it pushes begins in a history that is not here, as far as is known. */
static void test_answer_push__another_history_that_begins_before_the_push_is_a_fork(void **state)
{
    answering *a = *state;
    tp_refusal refusal = 0;
    answering_ask_well(a, 1, 4);
    a->host.is_recall_other = true;
    a->request.is_settling = true;
    a->request.is_again = true;
    for (int known = 0; known < 2; known++) {
        a->host.is_chain_known = known != 0;
        a->device.accepted = 4;
        assert_int_equal(answering_ask(a, 3, 4, &refusal), TP_OK);
        assert_int_equal(refusal, TP_REFUSAL_CHAIN);
    }
}

static void test_answer_push__a_hub_that_never_fell_has_its_own_history(void **state)
{
    answering *a = *state;
    tp_refusal refusal = 0;
    answering_ask_well(a, 1, 4);
    a->host.is_recall_other = true;
    a->host.never_fell = true;
    a->request.is_again = true;
    assert_int_equal(answering_ask(a, 1, 4, &refusal), TP_OK);
    assert_int_equal(refusal, TP_REFUSAL_CHAIN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, answering_setup, answering_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_answer_push__what_was_received_is_recalled_as_far_as_numbers_follow),
        TEST(test_answer_push__behind_a_number_that_is_apart_nothing_is_recalled),
        TEST(test_answer_push__a_part_of_what_was_received_is_held_against_its_bytes),
        TEST(test_answer_push__who_has_no_more_than_was_received_is_told_of_what_is_here),
        TEST(test_answer_push__another_history_is_a_fork),
        TEST(test_answer_push__a_change_that_others_handed_otherwise_is_a_fork),
        TEST(test_answer_push__another_history_that_was_told_is_taken_from_where_it_begins),
        TEST(test_answer_push__another_history_that_begins_before_the_push_is_a_fork),
        TEST(test_answer_push__a_hub_that_never_fell_has_its_own_history),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
