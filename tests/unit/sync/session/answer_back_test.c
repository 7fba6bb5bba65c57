/* What shows a hub that it went back, and what shows it what it lost, over a host that is a few
 * numbers.
 *
 * Shows P10, P26. */
#include "sync/session/answer.h"

#include "sync/wire/generation.h"
#include "tests/support/answering.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_answer_back__another_generation_is_told_where_its_tag_fits(void **state)
{
    answering *a = *state;
    answering_set_cursor(a, 4, 40);
    answering_assert_refused(a, TP_REFUSAL_GENERATION);
    assert_int_equal(a->lost, 0);
    assert_string_equal(a->host.calls, "");
    a->request.cursor = 0; /* it never had one: it is told all the same */
    answering_assert_refused(a, TP_REFUSAL_GENERATION);
    answering_set_cursor(a, 4, 40);
    a->request.cursor_tag[3] ^= 1;
    answering_assert_refused(a, TP_REFUSAL_CURSOR);
    answering_set_cursor(a, 4, 40);
    a->request.generation = 5; /* the tag of another generation than it names */
    answering_assert_refused(a, TP_REFUSAL_CURSOR);
    assert_int_equal(a->lost, 0);
}

static void test_answer_back__a_cursor_beyond_the_feed_shows_that_the_hub_went_back(void **state)
{
    answering *a = *state;
    answering_set_cursor(a, 5, a->host.end);
    answering_ask_well(a, 0, 0);
    assert_int_equal(a->lost, 0);
    answering_set_cursor(a, 5, a->host.end + 1);
    answering_assert_refused(a, TP_REFUSAL_GENERATION);
    assert_int_equal(a->lost, 5);
}

/* Whatever stands at the cursor now: a hub that was put back unnoticed takes what comes, and its
 * feed grows over what it lost. */
static void
test_answer_back__an_answer_that_was_never_given_shows_that_the_hub_went_back(void **state)
{
    answering *a = *state;
    answering_ask_well(a, 0, 0);
    const int64_t given_ms = a->device.answered_ms;
    assert_true(given_ms > 1);
    a->request.cursor = a->response.head.cursor;
    memcpy(a->request.cursor_tag, a->response.head.cursor_tag, sizeof a->request.cursor_tag);
    answering_ask_well(a, 0, 0);
    assert_int_equal(a->lost, 0);
    a->device.answered_ms = given_ms - 1;
    answering_assert_refused(a, TP_REFUSAL_GENERATION);
    assert_int_equal(a->lost, 5);
    assert_string_equal(a->host.calls, "");
}

/* What the answer said of a push, as the device keeps it. */
static tp_push_claim claim_of(const answering *a, uint64_t first)
{
    tp_push_claim claim = {.generation = 5, .first = first, .last = a->response.head.accepted};
    assert_true(a->response.head.has_receipt);
    memcpy(claim.h, a->h, sizeof claim.h);
    claim.receipt = a->response.head.push_receipt;
    return claim;
}

static void forget_push(answering *a)
{
    a->device.accepted = 0;
    tp_chain_start(a->device.id, a->device.h);
}

static void test_answer_back__a_receipt_shows_a_push_that_is_not_there(void **state)
{
    answering *a = *state;
    answering_ask_well(a, 1, 3);
    a->request.has_claim = true;
    a->request.claim = claim_of(a, 1);
    answering_ask_well(a, 4, 4); /* all of it is there */
    assert_int_equal(a->lost, 0);
    forget_push(a);
    answering_assert_refused(a, TP_REFUSAL_GENERATION);
    assert_int_equal(a->lost, 5);
}

static void test_answer_back__a_claim_that_does_not_fit_is_none(void **state)
{
    answering *a = *state;
    answering_ask_well(a, 1, 3);
    const tp_push_claim right = claim_of(a, 1);
    forget_push(a);
    a->request.has_claim = true;
    for (int i = 0; i < 7; i++) {
        a->request.claim = right;
        a->request.claim.generation -= i == 0;
        a->request.claim.first += i == 1;
        a->request.claim.last += i == 2;
        a->request.claim.h[31] ^= i == 3;
        a->request.claim.receipt.stamps[0] ^= i == 4;
        a->request.claim.receipt.tag[0] ^= i == 5;
        a->device.id += i == 6;
        tp_refusal refusal = 0;
        assert_int_equal(answering_ask(a, 0, 0, &refusal), TP_OK);
        assert_int_equal(refusal, 0);
        assert_int_equal(a->lost, 0);
        a->device.id -= i == 6;
    }
    /* Of the generation before: what this one has not got yet it is being pushed again. */
    a->request.claim = right;
    a->request.claim.generation = 4;
    tp_push_tag(&a->tags, 4, a->device.agency, 7, right.first, right.last, right.h,
                right.receipt.stamps, a->request.claim.receipt.tag);
    answering_ask_well(a, 0, 0);
    assert_int_equal(a->lost, 0);
}

static void test_answer_back__a_receipt_covers_what_was_told_and_nothing_less(void **state)
{
    answering *a = *state;
    uint8_t tag[TP_TAG_BYTES];
    a->host.accept_break = 3; /* its number does not follow: somebody had handed it */
    answering_ask_well(a, 1, 3);
    assert_string_equal(a->host.calls, "caaapgdh");
    assert_int_equal(a->response.head.accepted, 2);
    assert_int_equal(a->device.accepted, 3);
    assert_false(a->response.head.has_receipt);
    /* An answer was lost, and now less is pushed: h there is not the device's own of last time. */
    a->host.is_chain_known = true;
    a->request.more = true;
    answering_ask_well(a, 1, 2);
    a->request.more = false;
    const uint8_t *stamps = a->response.head.push_receipt.stamps;
    assert_int_equal(a->response.head.accepted, 2);
    assert_true(a->response.head.has_receipt);
    memset(a->h, 2, sizeof a->h);
    tp_push_tag(&a->tags, 5, a->device.agency, 7, 1, 2, a->h, stamps, tag);
    assert_memory_equal(tag, a->response.head.push_receipt.tag, sizeof tag);
    answering_ask_well(a, 3, 3);
    assert_true(a->response.head.has_receipt);
    tp_push_tag(&a->tags, 5, a->device.agency, 7, 3, 3, a->h, a->response.head.push_receipt.stamps,
                tag);
    assert_memory_equal(tag, a->response.head.push_receipt.tag, sizeof tag);
    answering_ask_well(a, 0, 0);
    assert_false(a->response.head.has_receipt);
}

/* The proof of a push that was answered, for the next one. */
static tp_stamp_runs prove(answering *a, uint64_t first)
{
    tp_err err;
    tp_stamp_run run;
    tp_stamp_runs runs;
    const tp_push_claim claim = claim_of(a, first);
    tp_stamp_runs_init(&runs);
    while (tp_response_next_run(&a->response, &run)) {
        for (uint32_t i = 0; i < run.count; i++) {
            tp_stamp stamp = tp_stamp_run_at(&run, i, 1);
            assert_int_equal(tp_stamp_runs_add(&runs, 0, &stamp, &err), TP_OK);
        }
    }
    assert_int_equal(tp_stamp_runs_end(&runs, &err), TP_OK);
    a->request.has_proof = true;
    a->request.proof = (tp_push_proof){claim.generation, claim.receipt, NULL, {.changes = 0}};
    return runs;
}

static void test_answer_back__a_proven_push_keeps_its_stamps(void **state)
{
    answering *a = *state;
    answering_ask_well(a, 1, 2);
    tp_stamp_runs runs = prove(a, 1);
    forget_push(a);
    a->request.proof.runs = &runs;
    tp_refusal refusal = 0;
    assert_int_equal(answering_ask(a, 1, 2, &refusal), TP_OK);
    assert_int_equal(refusal, TP_REFUSAL_GENERATION);
    assert_string_equal(a->host.calls, "c");
    assert_int_equal(a->lost, 5); /* it gave these stamps itself, and knows nothing of them */
    a->generation = 6;
    answering_ask_well(a, 1, 2);
    assert_string_equal(a->host.calls, "cAApgdh");
    assert_memory_equal(a->host.stamps, a->request.proof.receipt.stamps, sizeof a->host.stamps);
    /* It is of its generation, and for these stamps. */
    forget_push(a);
    a->request.proof.generation = 4;
    answering_ask_well(a, 1, 2);
    assert_string_equal(a->host.calls, "caapgdh");
    forget_push(a);
    a->request.proof.generation = 5;
    a->request.proof.receipt.stamps[0] ^= 1;
    answering_ask_well(a, 1, 2);
    assert_string_equal(a->host.calls, "caapgdh");
    a->request.proof.receipt.stamps[0] ^= 1;
    runs.first_number++;
    forget_push(a);
    answering_ask_well(a, 1, 2);
    assert_string_equal(a->host.calls, "caapgdh");
    tp_stamp_runs_done(&runs);
}

/* Where another history had its beginning. */
static void test_answer_back__a_proven_push_that_is_here_in_part_is_taken_as_a_whole(void **state)
{
    answering *a = *state;
    answering_ask_well(a, 1, 2);
    tp_stamp_runs runs = prove(a, 1);
    a->generation = 6;
    for (int is_later = 0; is_later < 2; is_later++) {
        forget_push(a);
        a->request.has_proof = false;
        answering_ask_well(a, 1, 1);
        a->request.has_proof = true;
        a->request.proof.runs = &runs;
        a->host.recall_break = is_later ? 1 : 0; /* the stamp it has is later than the proven one */
        answering_ask_well(a, 1, 2);
        assert_string_equal(a->host.calls, is_later ? "crtrApgdh" : "crApgdh");
        assert_int_equal(a->device.accepted, 2);
    }
    answering_ask_well(a, 1, 2); /* nothing is new */
    a->generation = 5;
    answering_ask_well(a, 1, 2); /* nor does it show that anything was lost */
    assert_int_equal(a->lost, 0);
    tp_stamp_runs_done(&runs);
}

static void
test_answer_back__what_a_device_has_no_more_is_passed_over_while_it_settles(void **state)
{
    answering *a = *state;
    tp_refusal refusal = 0;
    answering_make_request(a, 1, 3);
    memcpy(a->request.missing_h, a->h, sizeof a->h);
    a->request.missing_upto = 3;
    assert_int_equal(answering_ask(a, 4, 4, &refusal), TP_OK);
    assert_int_equal(refusal, TP_REFUSAL_GAP);
    a->request.is_settling = true;
    answering_ask_well(a, 4, 5);
    assert_string_equal(a->host.calls, "mcaapd");
    assert_int_equal(a->device.accepted, 5);
    answering_ask_well(a, 0, 0);
    assert_null(strchr(a->host.calls, 'm')); /* it was said before */
}

static void hand(answering *a, uint64_t generation)
{
    a->request.handed_count = 4;
    for (uint64_t i = 0; i < 4; i++) {
        tp_handed *handed = &a->request.handed[i];
        handed->generation = generation;
        handed->entry = (tp_entry){.name = {9, i + 1},
                                   .position = 40 + i,
                                   .bytes = tp_slice_str("a change"),
                                   .stamp = {.ms = 1000, .number = 10 + i}};
        tp_entry_tag(&a->tags, generation, a->device.agency, &handed->entry, handed->entry.tag);
    }
}

static void test_answer_back__what_is_handed_is_taken_by_its_tag(void **state)
{
    answering *a = *state;
    hand(a, 3);
    answering_ask_well(a, 0, 0);
    assert_string_equal(a->host.calls, "cttttgdh");
    const uint8_t as_it_may[] = {TP_HANDED_KEEP, TP_HANDED_KEEP, TP_HANDED_NOT_PROVEN,
                                 TP_HANDED_GIVE_BACK};
    assert_int_equal(a->response.head.handed_count, 4);
    assert_memory_equal(a->response.head.handed, as_it_may, sizeof as_it_may);
    for (int i = 0; i < 5; i++) {
        hand(a, 3);
        tp_handed *first = &a->request.handed[0];
        first->generation += i == 0;
        first->entry.position += i == 1;
        first->entry.stamp.number += i == 2;
        first->entry.bytes = i == 3 ? tp_slice_str("another") : first->entry.bytes;
        first->entry.tag[15] ^= i == 4;
        answering_ask_well(a, 0, 0);
        assert_string_equal(a->host.calls, "ctttgdh");
        assert_int_equal(a->response.head.handed[0], TP_HANDED_NOT_PROVEN);
    }
}

static void test_answer_back__what_this_generation_sent_and_does_not_know_shows_it(void **state)
{
    answering *a = *state;
    hand(a, 5);
    a->request.handed_count = 1; /* known */
    answering_ask_well(a, 0, 0);
    assert_int_equal(a->lost, 0);
    hand(a, 5);
    answering_assert_refused(a, TP_REFUSAL_GENERATION);
    assert_int_equal(a->lost, 5);
}

/* One that begins after the hub's own, which has no order, and the next one. */
static uint64_t later(uint64_t second)
{
    return tp_generation_after(0, INT64_C(1767225600000) + (int64_t)second * 1000, 3);
}

static void expect_lost(answering *a, uint64_t generation)
{
    answering_assert_refused(a, TP_REFUSAL_GENERATION);
    assert_true(a->lost == generation);
    memset(&a->request, 0, sizeof a->request);
    a->request.clock = (tp_era_reading){1, 1000, 1768248300000};
}

static void test_answer_back__a_tag_of_a_later_generation_shows_that_the_hub_went_back(void **state)
{
    answering *a = *state;
    answering_ask_well(a, 1, 3);
    tp_push_claim claim = claim_of(a, 1);
    claim.generation = later(40);
    tp_push_tag(&a->tags, claim.generation, a->device.agency, 7, claim.first, claim.last, claim.h,
                claim.receipt.stamps, claim.receipt.tag);
    for (int i = 0; i < 2; i++) {
        answering_set_cursor(a, later(40), 1);
        expect_lost(a, later(40));
        a->request.has_claim = true; /* whether or not its changes are here */
        a->request.claim = claim;
        expect_lost(a, later(40));
        hand(a, later(40));
        expect_lost(a, later(40));
        a->generation = later(39);
    }
    a->generation = later(41);
    answering_set_cursor(a, later(40), 1); /* an earlier one: it is to compare, and shows nothing */
    expect_lost(a, 0);
    answering_set_cursor(a, later(41), 1);
    a->request.has_claim = true;
    a->request.claim = claim;
    answering_ask_well(a, 0, 0);
    hand(a, later(40));
    answering_ask_well(a, 0, 0);
    assert_int_equal(a->lost, 0);
}

static void test_answer_back__a_tag_that_does_not_fit_a_later_generation_shows_nothing(void **state)
{
    answering *a = *state;
    answering_set_cursor(a, later(40), 1);
    a->request.cursor_tag[0] ^= 1;
    answering_assert_refused(a, TP_REFUSAL_CURSOR);
    assert_int_equal(a->lost, 0);
    answering_set_cursor(a, later(40), 0); /* which anybody could say */
    answering_assert_refused(a, TP_REFUSAL_GENERATION);
    assert_int_equal(a->lost, 0);
    a->request.generation = 5;
    hand(a, later(40));
    for (int i = 0; i < 4; i++) {
        a->request.handed[i].entry.tag[15] ^= 1;
    }
    answering_ask_well(a, 0, 0);
    assert_int_equal(a->lost, 0);
}

/* It comes by its other name, or else stays where it is until it does. */
static void
test_answer_back__what_has_another_name_here_is_given_back_unless_it_is_withheld(void **state)
{
    answering *a = *state;
    a->generation = 5;
    a->request.generation = 5;
    hand(a, 4);
    a->host.is_displaced = true;
    answering_ask_well(a, 0, 0);
    assert_int_equal(a->response.head.handed[0], TP_HANDED_GIVE_BACK);
    assert_int_equal(a->response.head.called[0], 10);
    assert_int_equal(a->response.head.called[1], 10);
    assert_int_equal(a->response.head.called[2], 0); /* it is no change */
    a->host.is_withheld = true;
    answering_ask_well(a, 0, 0);
    assert_int_equal(a->response.head.handed[0], TP_HANDED_KEEP);
    assert_int_equal(a->response.head.called[0], 10);
    assert_int_equal(a->response.head.handed[2], TP_HANDED_NOT_PROVEN);
    assert_int_equal(a->response.count, 0);
    a->request.is_settling = true; /* it is nothing new to who shows it */
    answering_ask_well(a, 0, 0);
    assert_int_equal(a->response.head.handed[0], TP_HANDED_GIVE_BACK);
    assert_int_equal(a->response.head.called[0], 10);
    assert_int_equal(a->response.head.handed[2], TP_HANDED_NOT_PROVEN);
    assert_int_equal(a->response.count, 3);
}

/* It has its name here, and other bytes: those are to be fetched. */
static void test_answer_back__what_its_author_wrote_anew_is_given_back_for_that(void **state)
{
    answering *a = *state;
    a->generation = 5;
    a->request.generation = 5;
    hand(a, 4);
    answering_ask_well(a, 0, 0);
    assert_int_equal(a->response.head.handed[0], TP_HANDED_KEEP);
    assert_int_equal(a->response.head.called[0], 0);
    a->host.is_anew = true;
    answering_ask_well(a, 0, 0);
    assert_int_equal(a->response.head.handed[0], TP_HANDED_GIVE_BACK);
    assert_int_equal(a->response.head.called[0], 0);
}

/* Where a retry is told of its beginning alone, what is ahead is behind what comes next. */
static void test_answer_back__tells_what_others_handed_behind_what_was_pushed(void **state)
{
    static const uint8_t digest[TP_HELD_DIGEST_BYTES] = {0xA8, 0xA8, 0xA8, 0xA8,
                                                         0xA8, 0xA8, 0xA8, 0xA8};
    answering *a = *state;
    a->host.ahead = 5;
    answering_ask_well(a, 1, 4);
    assert_int_equal(a->response.head.ahead, 5);
    assert_memory_equal(a->response.head.ahead_digest, digest, sizeof digest);
    a->host.recall_break = 3;
    answering_ask_well(a, 1, 4);
    assert_int_equal(a->response.head.accepted, 2);
    assert_int_equal(a->response.head.ahead, 0);
    answering_ask_well(a, 5, 5);
    assert_int_equal(a->response.head.ahead, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, answering_setup, answering_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_answer_back__another_generation_is_told_where_its_tag_fits),
        TEST(test_answer_back__a_cursor_beyond_the_feed_shows_that_the_hub_went_back),
        TEST(test_answer_back__an_answer_that_was_never_given_shows_that_the_hub_went_back),
        TEST(test_answer_back__a_receipt_shows_a_push_that_is_not_there),
        TEST(test_answer_back__a_claim_that_does_not_fit_is_none),
        TEST(test_answer_back__a_receipt_covers_what_was_told_and_nothing_less),
        TEST(test_answer_back__a_proven_push_keeps_its_stamps),
        TEST(test_answer_back__a_proven_push_that_is_here_in_part_is_taken_as_a_whole),
        TEST(test_answer_back__what_a_device_has_no_more_is_passed_over_while_it_settles),
        TEST(test_answer_back__what_is_handed_is_taken_by_its_tag),
        TEST(test_answer_back__what_this_generation_sent_and_does_not_know_shows_it),
        TEST(test_answer_back__a_tag_of_a_later_generation_shows_that_the_hub_went_back),
        TEST(test_answer_back__a_tag_that_does_not_fit_a_later_generation_shows_nothing),
        TEST(test_answer_back__what_has_another_name_here_is_given_back_unless_it_is_withheld),
        TEST(test_answer_back__what_its_author_wrote_anew_is_given_back_for_that),
        TEST(test_answer_back__tells_what_others_handed_behind_what_was_pushed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
