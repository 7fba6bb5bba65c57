/* What is displaced since it names what is: how a hub answers who pushes it and who hands it.
 *
 * Shows P26. */
#include "sync/session/answer.h"

#include "sync/wire/wire.h"
#include "tests/support/answering.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void settle(answering *a)
{
    a->generation = 5;
    a->request.generation = 5;
    a->request.is_settling = true;
}

/* Numbers descend as names ascend. */
static void hand(answering *a)
{
    a->request.handed_count = 4;
    for (uint64_t i = 0; i < 4; i++) {
        tp_handed *handed = &a->request.handed[i];
        handed->generation = 4;
        handed->entry = (tp_entry){.name = {9, i + 1},
                                   .position = 40 + i,
                                   .bytes = tp_slice_str("a change"),
                                   .stamp = {.ms = 1000, .number = 20 - i}};
        tp_entry_tag(&a->tags, 4, a->device.agency, &handed->entry, handed->entry.tag);
    }
}

/* With the answer that says it, so that its author is never without it: before all else, for it is
 * nothing new to it. */
static void test_answer_meant__what_was_pushed_comes_by_its_other_name_at_once(void **state)
{
    answering *a = *state;
    settle(a);
    a->host.is_meant = true;
    a->host.is_withheld = true; /* shown all the same */
    answering_ask_well(a, 1, 2);
    assert_int_equal(a->device.accepted, 2);
    assert_int_equal(a->response.count, 2);
    for (uint64_t seq = 1; seq <= 2; seq++) {
        tp_refused refused;
        tp_entry entry;
        assert_true(tp_response_next_refused(&a->response, &refused));
        assert_true(refused.seq == seq && refused.code == TP_QUARANTINE_MEANT);
        assert_true(tp_response_next_item(&a->response, &entry));
        assert_true(entry.name.device == 10 && entry.name.seq == seq);
    }
}

/* Up to there nobody has signed what is in the log, and what is behind it goes on from the chain as
 * the device has it. */
static void test_answer_meant__what_another_has_the_number_of_is_a_gap_in_the_chain(void **state)
{
    answering *a = *state;
    tp_name as;
    settle(a);
    a->host.other = 2;
    a->host.is_withheld = true;
    answering_ask_well(a, 1, 2);
    assert_int_equal(a->device.accepted, 2);
    assert_int_equal(a->host.missing, 2);
    assert_memory_equal(a->host.missing_h, a->h, sizeof a->h);
    assert_null(strchr(a->host.calls, 'p')); /* nothing is left to be signed */
    assert_true(tp_response_next_other(&a->response, &as) && tp_name_eq(as, (tp_name){11, 2}));
    a->host.other = 0;
    answering_ask_well(a, 3, 4);
    assert_int_equal(a->device.accepted, 4);
    assert_int_equal(a->host.signed_from, 3);
}

static void test_answer_meant__what_is_behind_it_is_signed_in_the_same_push(void **state)
{
    answering *a = *state;
    settle(a);
    a->host.other = 1;
    a->host.is_withheld = true;
    answering_ask_well(a, 1, 2);
    assert_int_equal(a->device.accepted, 2);
    assert_int_equal(a->host.missing, 1);
    assert_int_equal(a->host.signed_from, 2);
    assert_memory_equal(a->device.h, a->h, sizeof a->h);
}

/* Where the numbers of what is before it do not lead to it the rest is asked again; not so what has
 * another name. */
static void test_answer_meant__another_name_is_told_though_the_answer_is_cut(void **state)
{
    answering *a = *state;
    tp_name as;
    settle(a);
    a->host.other = 2;
    a->host.accept_break = 2;
    answering_ask_well(a, 1, 2);
    assert_int_equal(a->response.head.accepted, 1);
    assert_true(tp_response_next_other(&a->response, &as) && tp_name_eq(as, (tp_name){11, 2}));
}

/* What a change names was accepted before it. */
static void test_answer_meant__what_is_handed_is_taken_by_its_number(void **state)
{
    answering *a = *state;
    settle(a);
    hand(a);
    answering_ask_well(a, 0, 0);
    assert_int_equal(a->host.handed_count, 4);
    for (uint32_t i = 0; i < 4; i++) {
        assert_int_equal(a->host.handed[i], 4 - i);
    }
    assert_int_equal(a->response.head.handed[2], TP_HANDED_NOT_PROVEN); /* each its own verdict */
    assert_int_equal(a->response.head.handed[0], TP_HANDED_KEEP);
}

/* Whoever has it keeps it, and hands it again. */
static void test_answer_meant__what_waits_is_kept_by_who_handed_it(void **state)
{
    answering *a = *state;
    settle(a);
    hand(a);
    a->host.waits = true;
    answering_ask_well(a, 0, 0);
    assert_int_equal(a->response.head.handed[3], TP_HANDED_KEEP);
    assert_int_equal(a->response.head.called[3], 0);
    assert_int_equal(a->lost, 0);
    a->host.waits = false; /* this one may not be held */
    answering_ask_well(a, 0, 0);
    assert_int_equal(a->response.head.handed[3], TP_HANDED_GIVE_BACK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, answering_setup, answering_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_answer_meant__what_was_pushed_comes_by_its_other_name_at_once),
        TEST(test_answer_meant__what_another_has_the_number_of_is_a_gap_in_the_chain),
        TEST(test_answer_meant__what_is_behind_it_is_signed_in_the_same_push),
        TEST(test_answer_meant__another_name_is_told_though_the_answer_is_cut),
        TEST(test_answer_meant__what_is_handed_is_taken_by_its_number),
        TEST(test_answer_meant__what_waits_is_kept_by_who_handed_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
