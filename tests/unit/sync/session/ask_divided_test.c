/* A number that an older card used again while a hub had fallen, which fell again: whoever holds
 * the first change by it comes before the card does.  Both are whole, whoever comes first.
 *
 * Shows P26. */
#include "sync/session/ask.h"

#include "tests/support/circle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { VAN, DESK };

static tp_err err;

static void must(tp_rc rc)
{
    if (rc != TP_OK) {
        fail_msg("%s: %s", tp_rc_name(rc), err.what);
    }
}

typedef struct scene {
    circle circle;
    tp_name person; /* van's first, on every card */
    tp_name first;  /* what desk holds, and van's card has forgotten */
    tp_name second; /* what van wrote by that number */
    tp_name update; /* of it, in the same push */
    tp_stamp stamp; /* of the second, as van was told it */
    uint64_t other; /* the id by which the hub has it in the end */
} scene;

static scene s;

static void wait_a_minute(uint32_t at)
{
    tp_clock_fixed *const clocks[] = {&s.circle.clock, &s.circle.at[at].clock};
    for (size_t i = 0; i < sizeof clocks / sizeof clocks[0]; i++) {
        clocks[i]->reading.wall_ms += 60000;
        clocks[i]->reading.up_ms += 60000;
    }
}

static bool hub_has(tp_name name, tp_hub_item *item)
{
    must(tp_hub_look(&s.circle.hub, &err));
    const tp_rc rc = tp_hub_log_get(s.circle.hub.store, name, item, NULL, &err);
    tp_hub_rollback(&s.circle.hub);
    assert_true(rc == TP_OK || rc == TP_NOTFOUND);
    return rc == TP_OK;
}

/* Nothing of van's was at the hub that is put back, and all of it goes in one push. */
static int open_scene(void **state)
{
    static const char *const agencies[] = {"outreach", "outreach", NULL};
    circle *c = &s.circle;
    tp_hub_item item;
    (void)state;
    circle_open(c, agencies);
    circle_copy_hub(c);
    s.person = tp_node_log_person(&c->at[VAN], "Baz");
    circle_keep_card(c, VAN);
    s.first = tp_node_log_contact(&c->at[VAN], s.person, "Soup");
    circle_sync(c, VAN);
    circle_sync(c, DESK);
    circle_put_hub_back(c);
    circle_put_card_back(c, VAN);
    wait_a_minute(VAN);
    s.second = tp_node_log_contact(&c->at[VAN], s.person, "Tea");
    assert_true(tp_name_eq(s.first, s.second));
    s.update = tp_node_log_update_text(&c->at[VAN], s.second, TP_CONTACT, TP_CONTACT_NOTE,
                                       "And a hat", (tp_name){0, 0});
    circle_sync(c, VAN);
    assert_true(hub_has(s.second, &item));
    s.stamp = item.stamp;
    wait_a_minute(VAN);
    circle_put_hub_back(c);
    circle_sync(c, DESK);
    return 0;
}

static int close_scene(void **state)
{
    (void)state;
    circle_close(&s.circle);
    return 0;
}

/* What van is told has another name, until it takes another id. */
static uint32_t sync_until_it_forks(void)
{
    return circle_sync_until_it_forks(&s.circle, VAN, s.second, &s.other);
}

static void take_another_id(void)
{
    circle_take_another_id(&s.circle, VAN, 0x4711, circle_accepted(&s.circle, VAN));
}

/* Both are there, each once, what was said of the second is said of it, and it has its stamp. */
static void assert_both_are_whole(void)
{
    circle *c = &s.circle;
    tp_hub_item item;
    assert_true(hub_has(s.first, &item));
    assert_true(item.stamp.ms < s.stamp.ms);
    assert_true(hub_has((tp_name){s.other, s.second.seq}, &item));
    assert_int_equal(item.stamp.number, s.stamp.number);
    assert_int_equal(item.stamp.ms, s.stamp.ms);
    assert_true(tp_name_eq(item.person, s.person));
    assert_true(hub_has((tp_name){s.other, s.update.seq}, &item));
    assert_true(tp_name_eq(item.record, (tp_name){s.other, s.second.seq}));
    for (uint32_t at = VAN; at <= DESK; at++) {
        circle_assert_settled(c, at);
        circle_assert_as_the_hub(c, at);
        assert_int_equal(circle_findings(c, at), 0);
    }
}

static void test_ask_divided__what_others_have_the_number_of_is_whole(void **state)
{
    circle *c = &s.circle;
    (void)state;
    assert_true(sync_until_it_forks() > 0 && s.other != 0);
    assert_int_equal(circle_accepted(c, VAN), s.update.seq);
    take_another_id();
    circle_sync(c, VAN);
    circle_sync(c, DESK);
    circle_sync(c, VAN);
    assert_both_are_whole();
}

/* The hub has said it, and nobody heard: it shows when the two compare. */
static void test_ask_divided__an_answer_that_was_lost_is_asked_for_again(void **state)
{
    circle *c = &s.circle;
    (void)state;
    tp_ask *ask = circle_ask(c, VAN);
    (void)circle_exchange(c, VAN, ask); /* of the generation */
    (void)circle_exchange(c, VAN, ask); /* where the hub stands */
    circle_unheard(c, VAN, ask);
    assert_int_equal(circle_accepted(c, VAN), s.update.seq);
    assert_true(sync_until_it_forks() > 0 && s.other != 0);
    take_another_id();
    circle_sync(c, VAN);
    circle_sync(c, DESK);
    circle_sync(c, VAN);
    assert_both_are_whole();
}

/* What was not sent yet names it, and goes on under the new id. */
static void test_ask_divided__what_was_not_sent_names_it_by_its_other_name(void **state)
{
    circle *c = &s.circle;
    tp_hub_item item;
    (void)state;
    (void)tp_node_log_update_text(&c->at[VAN], s.second, TP_CONTACT, TP_CONTACT_NOTE, "And a coat",
                                  (tp_name){0, 0});
    (void)sync_until_it_forks();
    take_another_id();
    circle_sync(c, VAN);
    circle_sync(c, DESK);
    circle_sync(c, VAN);
    assert_true(hub_has((tp_name){tp_log_device(c->at[VAN].log), 1}, &item));
    assert_true(tp_name_eq(item.record, (tp_name){s.other, s.second.seq}));
    assert_both_are_whole();
}

/* Cut off before it took another id, it does so the next time. */
static void test_ask_divided__it_is_known_until_there_is_another_id(void **state)
{
    (void)state;
    (void)sync_until_it_forks();
    tp_ask *ask = circle_ask(&s.circle, VAN);
    (void)circle_exchange(&s.circle, VAN, ask);
    assert_true(tp_ask_is_forked(ask));
    tp_ask_free(ask);
    take_another_id();
    circle_sync(&s.circle, VAN);
    circle_sync(&s.circle, DESK);
    circle_sync(&s.circle, VAN);
    assert_both_are_whole();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_ask_divided__what_others_have_the_number_of_is_whole),
        TEST(test_ask_divided__an_answer_that_was_lost_is_asked_for_again),
        TEST(test_ask_divided__what_was_not_sent_names_it_by_its_other_name),
        TEST(test_ask_divided__it_is_known_until_there_is_another_id),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
