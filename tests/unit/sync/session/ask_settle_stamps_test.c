/* A hub that went back: what is pushed, handed and compared again has the stamps that it had, as
 * far as anybody has them.
 *
 * Shows P26. */
#include "sync/session/ask.h"

#include "sync/hub/store_back.h"
#include "sync/log/log_state.h"
#include "tests/support/settling.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static tp_err err;

static void must(tp_rc rc)
{
    if (rc != TP_OK) {
        fail_msg("%s: %s", tp_rc_name(rc), err.what);
    }
}

/* Others pushed meanwhile, so that no cursor is beyond the end of the feed. */
static void test_ask_settle_stamps__a_receipt_shows_it_where_no_cursor_does(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    const uint64_t generation = c->generation;
    circle_put_hub_back(c);
    const uint32_t fresh = circle_add(c, "outreach");
    for (int i = 0; i < 20; i++) {
        (void)tp_node_log_person(&c->at[fresh], "Somebody else");
    }
    circle_sync(c, fresh);
    assert_true(c->generation == generation);
    circle_sync(c, VAN);
    assert_true(c->generation != generation);
    circle_assert_settled(c, VAN);
    assert_int_equal(c->counts.given_back, 0);
}

static void fall_without_receipts(circle *c)
{
    circle_execute(c, VAN, "DELETE FROM pushed");
    circle_put_hub_back(c);
    circle_say_it_went_back(c);
}

/* One of before it gave receipts has nothing to show, and everything to give. */
static void
test_ask_settle_stamps__without_a_receipt_it_pushes_again_and_takes_new_stamps(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    fall_without_receipts(c);
    circle_sync(c, VAN);
    circle_assert_settled(c, VAN);
    assert_int_equal(circle_accepted(c, VAN), 12);
    const tp_held_sum has = circle_hub_has(c);
    assert_false(tp_held_eq(&has, &s->had));
    circle_assert_as_the_hub(c, VAN);
}

static tp_stamp stamp_of_last(circle *c)
{
    const tp_name last = {tp_log_device(c->at[VAN].log), circle_accepted(c, VAN)};
    tp_hub_item item;
    must(tp_hub_begin(&c->hub, &err));
    must(tp_hub_log_get(c->hub.store, last, &item, NULL, &err));
    must(tp_hub_commit(&c->hub, &err));
    return item.stamp;
}

/* The hub has the beginning of a push from another history than the push is of.  What the last
 * change of that push was given in that: */
static tp_stamp fall_into_a_push(settling *s)
{
    circle *c = &s->circle;
    tp_buf earlier = c->copy;
    tp_buf_init(&c->copy, earlier.bytes_ceiling);
    circle_copy_hub(c);
    settling_write(s, VAN, 2);
    circle_sync(c, VAN);
    circle_execute(c, VAN, "DELETE FROM pushed");
    const tp_buf later = c->copy;
    c->copy = earlier;
    circle_put_hub_back(c);
    circle_sync(c, VAN); /* all since then in one push */
    circle_assert_settled(c, VAN);
    const tp_stamp had_last = stamp_of_last(c);
    c->copy = later;
    circle_put_hub_back(c);
    assert_int_equal(circle_accepted(c, VAN), 12);
    tp_buf_done(&earlier);
    return had_last;
}

static void assert_last_is(circle *c, tp_stamp had_last)
{
    const tp_stamp last = stamp_of_last(c);
    assert_int_equal(last.number, had_last.number);
    assert_int_equal(last.ms, had_last.ms);
}

static void test_ask_settle_stamps__a_push_that_is_there_in_part_is_shown_as_a_whole(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    const tp_stamp had_last = fall_into_a_push(s);
    circle_sync(c, VAN);
    circle_assert_settled(c, VAN);
    assert_last_is(c, had_last);
    circle_assert_as_the_hub(c, VAN);
}

/* Found by sim.week_of_chance: the stamps that the hub had of that part were put in the place of
 * those that the receipt is of, so that it showed the rest no more. */
static void
test_ask_settle_stamps__a_push_that_is_there_in_part_is_shown_as_often_as_it_is_lost(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    const tp_stamp had_last = fall_into_a_push(s);
    circle_sync(c, VAN);
    for (int i = 0; i < 2; i++) {
        circle_put_hub_back(c);
        assert_int_equal(circle_accepted(c, VAN), 12);
        circle_sync(c, VAN);
        circle_assert_settled(c, VAN);
        assert_last_is(c, had_last);
        circle_assert_as_the_hub(c, VAN);
    }
}

/* The answer to it is the last that is heard: by then the hub has the rest as well. */
static void test_ask_settle_stamps__a_push_that_was_told_in_part_is_shown_again(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    const tp_stamp had_last = fall_into_a_push(s);
    tp_ask *ask = circle_ask(c, VAN);
    assert_false(circle_exchange(c, VAN, ask)); /* there is another generation */
    assert_true(circle_exchange(c, VAN, ask));  /* where does it stand? */
    assert_int_equal(circle_accepted(c, VAN), 12);
    assert_true(circle_exchange(c, VAN, ask));
    assert_true(circle_accepted(c, VAN) > 12);
    tp_ask_free(ask);
    circle_put_hub_back(c);
    circle_sync(c, VAN);
    circle_assert_settled(c, VAN);
    assert_last_is(c, had_last);
    circle_assert_as_the_hub(c, VAN);
}

/* Found by sim.week_of_chance: it was shown without end.  Its receipt fits nothing. */
static void test_ask_settle_stamps__a_part_that_is_not_proven_is_shown_once(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    (void)fall_into_a_push(s);
    circle_execute(c, VAN, "UPDATE pushed SET receipt = zeroblob(length(receipt))");
    circle_sync(c, VAN);
    circle_assert_settled(c, VAN);
    circle_assert_as_the_hub(c, VAN);
}

/* Whoever comes first with the stamps that it had settles that: its author takes them. */
static void
test_ask_settle_stamps__what_was_handed_first_keeps_its_stamps_without_a_receipt(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    fall_without_receipts(c);
    circle_sync(c, DESK);
    circle_sync(c, VAN);
    circle_assert_settled(c, VAN);
    settling_assert_nothing_is_lost(s);
    circle_assert_as_the_hub(c, VAN);
    circle_assert_as_the_hub(c, DESK);
}

/* Whoever has it with the stamps that it had, and comes after its author, shows those; its author
 * takes them when the hub waits for nobody any more.  By names and bytes nobody would find that
 * they differ. */
static void test_ask_settle_stamps__stamps_that_somebody_has_come_back(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    fall_without_receipts(c);
    circle_sync(c, VAN);
    circle_sync(c, DESK);
    assert_int_equal(c->counts.given_back, 0);
    circle_assert_settled(c, DESK);
    settling_assert_nothing_is_lost(s);
    circle_sync(c, FAR);
    circle_end_back(c);
    circle_sync(c, VAN);
    circle_assert_settled(c, VAN);
    circle_assert_as_the_hub(c, VAN);
    circle_sync(c, DESK);
    circle_assert_as_the_hub(c, DESK);
}

/* Its author was told that by a feed, after the receipt that it shows: it hands what it pushed. */
static void
test_ask_settle_stamps__an_author_shows_a_stamp_that_is_older_than_its_receipt(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    fall_without_receipts(c);
    circle_sync(c, VAN);
    circle_sync(c, DESK);
    circle_end_back(c);
    circle_sync(c, VAN);
    settling_assert_nothing_is_lost(s);
    circle_put_hub_back(c);
    circle_say_it_went_back(c);
    circle_sync(c, VAN);
    circle_assert_settled(c, VAN);
    settling_assert_nothing_is_lost(s);
    circle_assert_as_the_hub(c, VAN);
}

/* What its author pushed again unnoticed got the number that another had; who holds it with the one
 * that it had keeps that until the hub is done, beside what came after it. */
static void test_ask_settle_stamps__stamps_of_before_are_held_beside_new_ones(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    circle_copy_hub(c);
    settling_write(s, DESK, 1);
    circle_sync(c, DESK);
    settling_write(s, VAN, 1);
    circle_lose_answer(c, VAN);
    circle_sync(c, DESK);
    circle_put_hub_back(c);
    settling_write(s, VAN, 1);
    circle_sync(c, VAN);
    assert_false(circle_back_of(c, VAN).is_hub_back);
    circle_sync(c, DESK);
    assert_true(circle_back_of(c, DESK).is_hub_back);
    circle_assert_settled(c, DESK);
    circle_end_back(c);
    circle_sync(c, VAN);
    circle_sync(c, DESK);
    circle_assert_settled(c, VAN);
    circle_assert_settled(c, DESK);
    circle_assert_as_the_hub(c, VAN);
    circle_assert_as_the_hub(c, DESK);
}

/* What its author wrote last has a stamp at the hub that nobody was told: as where it was put back,
 * and gave it before anything showed that.  It is the lower of the two, so that it counts. */
static void stamp_otherwise(settling *s)
{
    enum { APART = 1000 };
    circle *c = &s->circle;
    must(tp_hub_begin(&c->hub, &err));
    tp_hub_store_state(c->hub.store)->number += 2 * APART;
    must(tp_hub_commit(&c->hub, &err));
    settling_write(s, VAN, 1);
    circle_sync(c, VAN);
    circle_sync(c, DESK);
    const tp_name last = {tp_log_device(c->at[VAN].log), circle_accepted(c, VAN)};
    tp_hub_item item;
    must(tp_hub_begin(&c->hub, &err));
    must(tp_hub_log_get(c->hub.store, last, &item, NULL, &err));
    item.stamp.number -= APART;
    must(tp_hub_log_restamp(c->hub.store, last, &item.stamp, &err));
    must(tp_hub_commit(&c->hub, &err));
}

static void
test_ask_settle_stamps__a_stamp_that_nobody_was_told_is_found_when_it_is_over(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    stamp_otherwise(s);
    circle_say_it_went_back(c);
    circle_sync(c, DESK);
    circle_sync(c, VAN);
    assert_true(circle_back_of(c, VAN).is_hub_back); /* it waits for one of them, */
    circle_end_back(c);                              /* which comes later than that */
    circle_sync(c, FAR);
    for (uint32_t at = VAN; at <= DESK; at++) {
        circle_sync(c, at);
        circle_assert_settled(c, at);
        assert_false(circle_back_of(c, at).is_hub_back);
        assert_int_equal(c->counts.received, at == VAN ? 0 : 1); /* van, whose it is, was sent it */
        assert_int_equal(c->counts.healed, 0);
        circle_assert_as_the_hub(c, at);
        circle_sync(c, at);
        assert_int_equal(c->counts.requests, 1); /* and is not sought again */
    }
}

/* As where its tag is damaged: it shows nothing, and what the hub says of it is to be fetched. */
static void test_ask_settle_stamps__what_is_shown_and_not_proven_is_not_given_back(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    stamp_otherwise(s);
    circle_execute(c, DESK,
                   "UPDATE log SET tag = x'00112233445566778899aabbccddeeff'"
                   " WHERE number = (SELECT max(number) FROM log);"
                   "UPDATE log SET said = " TP_LOG_SAID
                   " WHERE number = (SELECT max(number) FROM log)");
    circle_say_it_went_back(c);
    circle_sync(c, DESK);
    assert_int_equal(c->counts.given_back, 0);
    circle_assert_settled(c, DESK);
    circle_assert_as_the_hub(c, DESK);
}

/* Bounds alone: its author pushed it again unnoticed, when the hub knew less of its clock. */
static void test_ask_settle_stamps__bounds_that_nobody_was_told_are_found(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    const tp_name last = {tp_log_device(c->at[VAN].log), circle_accepted(c, VAN)};
    tp_hub_item item;
    must(tp_hub_begin(&c->hub, &err));
    must(tp_hub_log_get(c->hub.store, last, &item, NULL, &err));
    item.stamp.earliest_ms = item.stamp.ms - 1000;
    item.stamp.latest_ms = item.stamp.ms;
    must(tp_hub_log_restamp(c->hub.store, last, &item.stamp, &err));
    must(tp_hub_commit(&c->hub, &err));
    circle_say_it_went_back(c);
    circle_end_back(c);
    for (uint32_t at = VAN; at <= DESK; at++) {
        circle_sync(c, at);
        circle_assert_settled(c, at);
        circle_assert_as_the_hub(c, at);
    }
}

static void test_ask_settle_stamps__who_comes_late_is_told_its_stamps(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    stamp_otherwise(s);
    circle_say_it_went_back(c);
    circle_end_back(c);
    circle_sync(c, DESK);
    circle_assert_settled(c, DESK);
    circle_assert_as_the_hub(c, DESK);
    circle_sync(c, VAN);
    circle_assert_settled(c, VAN);
    circle_assert_as_the_hub(c, VAN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, settling_setup, settling_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_ask_settle_stamps__a_receipt_shows_it_where_no_cursor_does),
        TEST(test_ask_settle_stamps__without_a_receipt_it_pushes_again_and_takes_new_stamps),
        TEST(test_ask_settle_stamps__a_push_that_is_there_in_part_is_shown_as_a_whole),
        TEST(test_ask_settle_stamps__a_push_that_is_there_in_part_is_shown_as_often_as_it_is_lost),
        TEST(test_ask_settle_stamps__a_push_that_was_told_in_part_is_shown_again),
        TEST(test_ask_settle_stamps__a_part_that_is_not_proven_is_shown_once),
        TEST(test_ask_settle_stamps__what_was_handed_first_keeps_its_stamps_without_a_receipt),
        TEST(test_ask_settle_stamps__stamps_that_somebody_has_come_back),
        TEST(test_ask_settle_stamps__an_author_shows_a_stamp_that_is_older_than_its_receipt),
        TEST(test_ask_settle_stamps__stamps_of_before_are_held_beside_new_ones),
        TEST(test_ask_settle_stamps__a_stamp_that_nobody_was_told_is_found_when_it_is_over),
        TEST(test_ask_settle_stamps__what_is_shown_and_not_proven_is_not_given_back),
        TEST(test_ask_settle_stamps__bounds_that_nobody_was_told_are_found),
        TEST(test_ask_settle_stamps__who_comes_late_is_told_its_stamps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
