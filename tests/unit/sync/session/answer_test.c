/* The hub's end of a sync over a host that is a few numbers: what is asked of it, in which
 * order.
 *
 * Shows P2, P3, P10, P11, P12, P13, P22, P23, P26. */
#include "sync/session/answer.h"

#include "sync/session/refused.h"
#include "tests/support/answering.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static void test_answer__settles_the_push_before_what_goes_back_before_what_is_new(void **state)
{
    answering *a = *state;
    a->host.entries = 2;
    answering_ask_well(a, 1, 3);
    assert_string_equal(a->host.calls, "caaapgdh");
    assert_int_equal(a->response.head.accepted, 3);
    assert_int_equal(a->device.accepted, 3);
    assert_memory_equal(a->device.h, a->h, sizeof a->device.h);
    tp_refused refused;
    assert_true(tp_response_next_refused(&a->response, &refused));
    assert_int_equal(refused.seq, 3);
    assert_int_equal(a->response.count, 2);
    assert_int_equal(a->response.head.generation, 5);
    assert_int_equal(a->response.head.directory_version, 3);
}

static void test_answer__an_idle_sync_is_small(void **state)
{
    answering *a = *state;
    a->request.directory_version = 3;
    answering_ask_well(a, 0, 0);
    assert_string_equal(a->host.calls, "cgh");
    assert_true(a->out.bytes < 80);
    assert_int_equal(a->response.head.hub_ms, 1768248300000);
    assert_true(a->response.head.cursor == a->host.end && !a->response.head.more);
    assert_int_equal(a->device.sent, 0); /* nothing was */
}

static void test_answer__sends_again_what_is_wanted_and_leaves_the_cursor(void **state)
{
    answering *a = *state;
    a->request.wanted_count = 2;
    a->request.wanted[0] = (tp_name){9, 1};
    a->request.wanted[1] = (tp_name){9, 2};
    answering_set_cursor(a, 5, 1);
    answering_ask_well(a, 0, 0);
    assert_int_equal(a->response.count, 2);
    assert_true(a->response.head.more && !a->response.head.has_sum);
    assert_int_equal(a->response.head.cursor, 1);
}

static void test_answer__a_kiosk_is_sent_nothing(void **state)
{
    answering *a = *state;
    a->device.is_kiosk = true;
    a->host.entries = 3;
    a->host.give_backs = 3;
    answering_ask_well(a, 1, 1);
    assert_string_equal(a->host.calls, "cap");
    assert_int_equal(a->response.count, 0);
    assert_false(a->response.head.has_sum);
    assert_int_equal(a->response.head.cursor, 0);
}

static void test_answer__one_that_is_refused_asks_nothing_of_the_host(void **state)
{
    answering *a = *state;
    a->device.is_revoked = true;
    answering_assert_refused(a, TP_REFUSAL_REVOKED);
    a->device.is_revoked = false;
    a->is_clock_back = true;
    answering_assert_refused(a, TP_REFUSAL_CLOCK);
    a->is_clock_back = false;
    a->request.generation = 6;
    answering_assert_refused(a, TP_REFUSAL_GENERATION);
    assert_string_equal(a->host.calls, "");
}

static void test_answer__while_something_goes_back_nothing_new_is_sent(void **state)
{
    answering *a = *state;
    a->host.give_backs = TP_GIVE_BACKS_MAX + 1;
    a->host.entries = 3;
    a->request.directory_version = 3;
    answering_set_cursor(a, 5, 1);
    answering_ask_well(a, 0, 0);
    assert_string_equal(a->host.calls, "cg");
    assert_true(a->response.head.more);
    assert_int_equal(a->response.head.give_back_position, 10 + TP_GIVE_BACKS_MAX - 1);
    assert_int_equal(a->response.head.cursor, 1);
    assert_int_equal(a->response.count, 0);
    assert_int_equal(a->device.sent, 0);
    /* An answer that was lost has used up nothing of the next one. */
    answering_ask_well(a, 0, 0);
    assert_int_equal(a->response.head.give_back_position, 10 + TP_GIVE_BACKS_MAX - 1);
}

static void ask_at(answering *a, uint64_t cursor)
{
    a->host.end = 50;
    answering_set_cursor(a, 5, cursor);
    answering_ask_well(a, 0, 0);
}

/* An image of a device put back: what it had given back since may be on it again. */
static void test_answer__older_data_is_asked_again_for_what_it_gave_back(void **state)
{
    answering *a = *state;
    a->host.give_backs = 1;
    a->device.receipt = 40;
    a->device.cursor = 30;
    a->request.receipt = 12;
    ask_at(a, 30);
    assert_int_equal(a->device.receipt, 40);
    ask_at(a, 29);
    assert_int_equal(a->device.receipt, 12);
    a->device.cursor = 30;
    a->device.receipt = 40;
    ask_at(a, 31);
    assert_int_equal(a->device.receipt, 40);
}

static void test_answer__a_receipt_reaches_no_further_than_the_feed(void **state)
{
    answering *a = *state;
    a->host.end = 50;
    a->host.give_backs = 1;
    a->request.receipt = 700;
    answering_ask_well(a, 0, 0);
    assert_int_equal(a->device.receipt, 50);
}

/* Neither more nor less than the device says it has done. */
static void test_answer__what_has_no_receipt_is_asked_again(void **state)
{
    answering *a = *state;
    a->host.end = 50;
    a->host.give_backs = 1;
    a->request.receipt = 7;
    answering_ask_well(a, 0, 0);
    assert_int_equal(a->device.receipt, 7);
    /* Nothing was due up to there, which is no word of the device's. */
    a->device.receipt = 20;
    answering_ask_well(a, 0, 0);
    assert_int_equal(a->device.receipt, 20);
    a->host.give_backs = 0;
    answering_ask_well(a, 0, 0);
    assert_int_equal(a->device.receipt, 50);
}

/* Of two machines with one name, in turn: what the one has given back the other may have still. */
static void test_answer__who_had_given_back_more_is_another_machine(void **state)
{
    answering *a = *state;
    a->host.end = 50;
    a->host.give_backs = 1;
    for (int i = 0; i < 2; i++) {
        a->request.receipt = 17;
        answering_ask_well(a, 0, 0);
        assert_int_equal(a->device.receipt, 17);
        a->request.receipt = 3;
        answering_ask_well(a, 0, 0);
        assert_int_equal(a->device.receipt, 3);
    }
}

static void test_answer__a_page_is_as_long_as_was_wanted(void **state)
{
    answering *a = *state;
    a->host.entries = 5;
    a->request.items_max = 2;
    answering_ask_well(a, 0, 0);
    assert_int_equal(a->response.count, 2);
    assert_true(a->response.head.more);
    assert_int_equal(a->response.head.cursor, 2);
    assert_int_equal(a->device.sent, 2);
    /* The next one goes on from there, with the tag that came. */
    a->request.cursor = a->response.head.cursor;
    memcpy(a->request.cursor_tag, a->response.head.cursor_tag, sizeof a->request.cursor_tag);
    answering_ask_well(a, 0, 0);
    assert_int_equal(a->response.head.cursor, 4);
    assert_int_equal(a->device.cursor, 2);
    assert_int_equal(a->device.sent, 4);
    /* From an older place it is sent again what it was sent, and counts as holding no less. */
    answering_set_cursor(a, 5, 1);
    answering_ask_well(a, 0, 0);
    assert_int_equal(a->response.head.cursor, 3);
    assert_int_equal(a->device.sent, 4);
    /* It fits no other agency's feed. */
    a->device.agency = tp_slice_str("outreach");
    answering_assert_refused(a, TP_REFUSAL_CURSOR);
}

static void test_answer__what_is_left_is_counted_for_whoever_asks(void **state)
{
    answering *a = *state;
    a->host.entries = 5;
    a->request.items_max = 2;
    answering_ask_well(a, 0, 0);
    assert_string_equal(a->host.calls, "cgdh");
    assert_int_equal(a->response.head.left, 0);
    a->request.wants_left = true;
    answering_ask_well(a, 0, 0);
    assert_string_equal(a->host.calls, "cgdhl");
    assert_int_equal(a->response.head.left, 98);
}

/* A page that is the last says so by itself; and while something goes back, or to a kiosk, nothing
 * is sent, so that there is nothing to count. */
static void test_answer__nothing_is_counted_where_nothing_is_left(void **state)
{
    answering *a = *state;
    a->request.wants_left = true;
    a->host.entries = 2;
    answering_ask_well(a, 0, 0);
    assert_null(strchr(a->host.calls, 'l'));
    a->host.give_backs = TP_GIVE_BACKS_MAX + 1;
    answering_ask_well(a, 0, 0);
    assert_true(a->response.head.more);
    assert_null(strchr(a->host.calls, 'l'));
    a->device.is_kiosk = true;
    answering_ask_well(a, 0, 0);
    assert_null(strchr(a->host.calls, 'l'));
    assert_int_equal(a->response.head.left, 0);
}

/* A copy that is to go on under another id, which another copy of it has by now, holds nothing of
 * that one before. */
static void test_answer__no_page_comes_before_all_is_pushed(void **state)
{
    answering *a = *state;
    a->host.entries = 2;
    a->request.more = true;
    answering_set_cursor(a, 5, 1);
    answering_ask_well(a, 1, 4);
    assert_null(strchr(a->host.calls, 'h'));
    assert_true(a->response.head.more);
    assert_int_equal(a->response.head.cursor, 1);
    a->request.more = false;
    answering_ask_well(a, 5, 6);
    assert_non_null(strchr(a->host.calls, 'h'));
}

static void test_answer__a_certificate_that_is_not_granted_leaves_the_sync(void **state)
{
    answering *a = *state;
    a->request.csr = tp_slice_str("please");
    answering_ask_well(a, 0, 0);
    assert_true(tp_slice_is(a->response.head.certificate, "please"));
    a->host.renew_rc = TP_DENIED;
    answering_ask_well(a, 1, 1);
    assert_int_equal(a->response.head.certificate.bytes, 0);
    assert_int_equal(a->response.head.accepted, 1);
}

static void test_answer__a_host_that_fails_fails_the_answer(void **state)
{
    answering *a = *state;
    tp_refusal refusal = 0;
    a->host.clock_rc = TP_IO;
    assert_int_equal(answering_ask(a, 1, 1, &refusal), TP_IO);
    assert_int_equal(a->out.bytes, 0);
}

/* ---- Who settles with a hub that went back ---- */

/* Of two requests under way the one that came first may be answered last. */
static void test_answer__an_answer_tells_no_earlier_time_than_one_before_it(void **state)
{
    answering *a = *state;
    int64_t told_ms = 0;
    a->device.answered_ms = INT64_C(9000000000000);
    answering_ask_well(a, 0, 0);
    assert_int_equal(a->device.answered_ms, INT64_C(9000000000000));
    assert_true(tp_cursor_tag_fits(&a->tags, 5, a->device.agency, a->response.head.cursor,
                                   a->response.head.cursor_tag, &told_ms));
    assert_int_equal(told_ms, INT64_C(9000000000000));
}

/* Settling is by sums: no page, and whatever is there counts as held until it was compared. */
static void test_answer__who_settles_is_sent_no_page(void **state)
{
    answering *a = *state;
    a->host.entries = 3;
    a->request.is_settling = true;
    a->request.generation = 5;
    a->host.give_backs = 1;
    answering_ask_well(a, 0, 0);
    assert_string_equal(a->host.calls, "cd"); /* nor asked for anything before it has compared */
    a->host.give_backs = 0;
    assert_int_equal(a->response.count, 0);
    assert_int_equal(a->response.head.cursor, 0); /* nothing is compared */
    assert_int_equal(a->device.sent, a->host.end);
    assert_true(a->response.head.has_sum && !a->device.has_compared);
    a->request.is_settling = false;
    answering_ask_well(a, 0, 0);
    assert_true(a->device.has_compared);
    answering_set_cursor(a, 5, 3);
    a->request.generation = 0;
    answering_ask_well(a, 0, 0);
    assert_false(a->device.has_compared);
}

/* What the names that were read cannot have shown stays before the cursor. */
static void test_answer__who_settles_goes_past_what_it_has_seen(void **state)
{
    answering *a = *state;
    a->request.is_settling = true;
    answering_set_cursor(a, 5, 3);
    answering_ask_well(a, 0, 0);
    assert_int_equal(a->response.head.cursor, 3); /* others have pushed since */
    a->request.wants_spans = true;
    a->request.spans_after = (tp_name){7, 1};
    answering_ask_well(a, 0, 0);
    assert_int_equal(a->response.head.cursor, 3);
    a->request.spans_after = (tp_name){0, 0};
    answering_ask_well(a, 0, 0);
    assert_int_equal(a->response.head.cursor, a->host.end);
}

/* Found by sim.week_of_chance: a card from before it first synced had written and pushed, and while
 * the hub waited for more of it what others handed of its later changes had no place there. */
static void test_answer__who_was_never_answered_has_what_it_wrote_alone(void **state)
{
    answering *a = *state;
    a->request.generation = 0;
    a->request.more = true;
    answering_ask_well(a, 1, 3);
    assert_false(a->device.has_compared);
    a->request.more = false;
    answering_ask_well(a, 4, 5);
    assert_true(a->device.has_compared);
}

/* Found by sim.week_of_chance: a hub that went back waited no more for a device that had never been
 * answered before, had no generation to settle in, and had pushed a part of what it had. */
static void test_answer__who_has_more_to_push_has_not_shown_all(void **state)
{
    answering *a = *state;
    a->request.generation = 5;
    a->request.more = true;
    answering_ask_well(a, 1, 3);
    assert_int_equal(a->device.accepted, 3);
    assert_false(a->device.has_compared);
    a->request.more = false;
    answering_ask_well(a, 2, 5); /* its answer was lost: only that is answered */
    assert_int_equal(a->device.accepted, 3);
    assert_false(a->device.has_compared);
    answering_ask_well(a, 4, 5);
    assert_int_equal(a->device.accepted, 5);
    assert_true(a->device.has_compared);
}

static void test_answer__says_that_the_hub_is_back(void **state)
{
    answering *a = *state;
    answering_ask_well(a, 0, 0);
    assert_false(a->response.head.is_back);
    a->is_back = true;
    answering_ask_well(a, 0, 0);
    assert_true(a->response.head.is_back);
}

static void test_answer__each_refusal_says_its_code(void **state)
{
    (void)state;
    for (const tp_refusal_row *row = tp_refusals; row->code != NULL; row++) {
        tp_err err;
        tp_buf out;
        char expected[40];
        tp_buf_init(&out, 1000);
        tp_refused_answer read;
        assert_int_equal(tp_answer_refusal_encode(row->refusal, 77, 99, &out, &err), TP_OK);
        (void)snprintf(expected, sizeof expected, "{\"error\":\"%s\",", row->code);
        assert_memory_equal(out.at, expected, strlen(expected));
        tp_refused_read((unsigned)row->http_status, tp_buf_slice(&out), &read);
        assert_int_equal(read.refusal, row->refusal);
        assert_int_equal(read.to, 99);
        assert_true(read.generation == (row->refusal == TP_REFUSAL_GENERATION ? 77 : 0));
        const unsigned max = row->refusal == TP_REFUSAL_VERSION ? TP_PROTOCOL_VERSION : 0;
        assert_int_equal(read.version_max, max);
        tp_buf_done(&out);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, answering_setup, answering_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_answer__settles_the_push_before_what_goes_back_before_what_is_new),
        TEST(test_answer__an_idle_sync_is_small),
        TEST(test_answer__sends_again_what_is_wanted_and_leaves_the_cursor),
        TEST(test_answer__a_kiosk_is_sent_nothing),
        TEST(test_answer__one_that_is_refused_asks_nothing_of_the_host),
        TEST(test_answer__while_something_goes_back_nothing_new_is_sent),
        TEST(test_answer__older_data_is_asked_again_for_what_it_gave_back),
        TEST(test_answer__a_receipt_reaches_no_further_than_the_feed),
        TEST(test_answer__what_has_no_receipt_is_asked_again),
        TEST(test_answer__who_had_given_back_more_is_another_machine),
        TEST(test_answer__a_page_is_as_long_as_was_wanted),
        TEST(test_answer__what_is_left_is_counted_for_whoever_asks),
        TEST(test_answer__nothing_is_counted_where_nothing_is_left),
        TEST(test_answer__no_page_comes_before_all_is_pushed),
        TEST(test_answer__a_certificate_that_is_not_granted_leaves_the_sync),
        TEST(test_answer__a_host_that_fails_fails_the_answer),
        TEST(test_answer__an_answer_tells_no_earlier_time_than_one_before_it),
        TEST(test_answer__who_settles_is_sent_no_page),
        TEST(test_answer__who_settles_goes_past_what_it_has_seen),
        TEST(test_answer__who_was_never_answered_has_what_it_wrote_alone),
        TEST(test_answer__who_has_more_to_push_has_not_shown_all),
        TEST(test_answer__says_that_the_hub_is_back),
        cmocka_unit_test(test_answer__each_refusal_says_its_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
