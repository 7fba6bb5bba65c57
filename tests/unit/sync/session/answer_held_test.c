/* What a device should hold, in short, over a host that is a few numbers.
 *
 * Shows P26. */
#include "sync/session/answer.h"

#include "tests/support/answering.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_answer_held__says_the_sum_with_the_last_page_alone(void **state)
{
    answering *a = *state;
    answering_ask_well(a, 0, 0);
    assert_true(a->response.head.has_sum);
    assert_true(a->response.head.sum.high == 1 && a->response.head.sum.low == 2);
    a->host.entries = 3;
    a->request.items_max = 2;
    a->device.cursor = 0;
    answering_ask_well(a, 0, 0);
    assert_true(a->response.head.more);
    assert_false(a->response.head.has_sum);
}

/* More than one answer has room for: the next one goes on where this one ended. */
static void test_answer_held__sums_spans_and_goes_on(void **state)
{
    answering *a = *state;
    const uint64_t held = TP_HELD_SPAN_CHANGES * 70;
    tp_held_sum theirs = {0, 0};
    tp_held_sum ours = {0, 0};
    tp_name upto = {0, 0};
    int answers = 0;
    a->host.held = held;
    for (uint64_t seq = 1; seq <= held; seq++) {
        tp_held_sum counts = tp_held_of((tp_name){9, seq}, tp_slice_str("a change"));
        tp_held_add(&ours, &counts);
    }
    while (!tp_name_eq(upto, TP_NAME_LAST)) {
        tp_held_span span;
        uint32_t spans = 0;
        a->request.wants_spans = true;
        a->request.spans_after = upto;
        answering_ask_well(a, 0, 0);
        for (; tp_response_next_span(&a->response, &span); spans++) {
            tp_held_add(&theirs, &span.sum);
            assert_true(tp_name_cmp(span.upto, upto) > 0);
            upto = span.upto;
        }
        assert_in_range(spans, 1, TP_HELD_SPANS_MAX);
        assert_true(++answers < 10);
    }
    assert_true(answers > 1);
    assert_true(tp_held_eq(&ours, &theirs));
}

static void test_answer_held__counts_stamps_where_that_is_asked(void **state)
{
    answering *a = *state;
    uint8_t digest[TP_SHA256_BYTES];
    tp_held_span span;
    tp_held_name name;
    const tp_said said = {.stamp = {.ms = 1000, .number = 1}};
    tp_stamped_digest((tp_name){9, 1}, tp_slice_str("a change"), &said, digest);
    a->host.held = 1;
    a->request.wants_stamps = true;
    a->request.wants_spans = true;
    answering_ask_well(a, 0, 0);
    const tp_held_sum sum = tp_held_get(digest);
    assert_true(a->response.head.counts_stamps);
    assert_true(tp_response_next_span(&a->response, &span) && tp_held_eq(&span.sum, &sum));
    a->request.wants_spans = false;
    a->request.ranges_count = 1;
    a->request.ranges[0] = (tp_name_range){{0, 0}, TP_NAME_LAST};
    answering_ask_well(a, 0, 0);
    assert_true(tp_response_next_name(&a->response, &name));
    assert_memory_equal(name.digest, digest, sizeof name.digest);
    a->request.wants_stamps = false;
    answering_ask_well(a, 0, 0);
    tp_change_digest((tp_name){9, 1}, tp_slice_str("a change"), digest);
    assert_true(tp_response_next_name(&a->response, &name) && !a->response.head.counts_stamps);
    assert_memory_equal(name.digest, digest, sizeof name.digest);
}

static void test_answer_held__names_as_many_ranges_as_have_room(void **state)
{
    answering *a = *state;
    tp_held_name name;
    uint32_t count = 0;
    a->host.held = TP_HELD_NAMES_MAX + 100;
    a->request.ranges_count = 2;
    a->request.ranges[0] = (tp_name_range){{9, 10}, {9, 20}};
    a->request.ranges[1] = (tp_name_range){{9, 30}, TP_NAME_LAST};
    answering_ask_well(a, 0, 0);
    assert_int_equal(a->response.head.ranges_named, 1); /* the second is cut */
    while (tp_response_next_name(&a->response, &name) && name.name.seq <= 20) {
        assert_int_equal(name.name.seq, 11 + count);
        count++;
    }
    assert_int_equal(count, 10);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, answering_setup, answering_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_answer_held__says_the_sum_with_the_last_page_alone),
        TEST(test_answer_held__sums_spans_and_goes_on),
        TEST(test_answer_held__counts_stamps_where_that_is_asked),
        TEST(test_answer_held__names_as_many_ranges_as_have_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
