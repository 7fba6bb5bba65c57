/* An older card and a hub that was put back more than once: what the hub has of the card's author
 * is of before the card was put back, and what that was told is accepted of after.  Both are whole.
 *
 * Shows P26. */
#include "sync/session/ask.h"

#include "platform/base/alloc.h"
#include "tests/support/circle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { VAN, DESK };
enum { FIRST_MAX = 3, SECOND_MAX = 2 };

static tp_err err;

static void must(tp_rc rc)
{
    if (rc != TP_OK) {
        fail_msg("%s: %s", tp_rc_name(rc), err.what);
    }
}

typedef struct scene {
    circle circle;
    tp_buf with_first;       /* the hub's database */
    tp_name person;          /* van's first, on every card */
    bool is_first_of_no_use; /* in quarantine */
    tp_name first[FIRST_MAX];
    uint32_t first_count;
    tp_name second[SECOND_MAX]; /* by the same numbers */
    tp_stamp stamps[SECOND_MAX];
    uint64_t other; /* the id by which the hub has those in the end */
} scene;

static scene s;

static void wait_a_minute(void)
{
    tp_clock_fixed *const clocks[] = {&s.circle.clock, &s.circle.at[VAN].clock};
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

static void swap_copies(void)
{
    const tp_buf copy = s.circle.copy;
    s.circle.copy = s.with_first;
    s.with_first = copy;
}

/* Says of a person what is said of a contact. */
static tp_name log_nonsense(void)
{
    return tp_node_log_update_text(&s.circle.at[VAN], s.person, TP_CONTACT, TP_CONTACT_NOTE, "Soup",
                                   (tp_name){0, 0});
}

/* `count` changes of which nobody else hears; then both are put back, the hub with its copy. */
static void go_on_twice(uint32_t count)
{
    circle *c = &s.circle;
    for (s.first_count = 0; s.first_count < count; s.first_count++) {
        s.first[s.first_count] = s.is_first_of_no_use
                                     ? log_nonsense()
                                     : tp_node_log_contact(&c->at[VAN], s.person, "Soup");
    }
    circle_sync(c, VAN);
    swap_copies();
    circle_copy_hub(c);
    swap_copies();
    circle_put_hub_back(c);
    circle_put_card_back(c, VAN);
    wait_a_minute();
}

/* The hub has the person alone, before that. */
static void write_first(uint32_t count)
{
    s.person = tp_node_log_person(&s.circle.at[VAN], "Baz");
    circle_sync(&s.circle, VAN);
    circle_copy_hub(&s.circle);
    circle_keep_card(&s.circle, VAN);
    go_on_twice(count);
}

/* A contact, and what is said of it in the same push or the next. */
static void write_second(bool is_one_push)
{
    circle *c = &s.circle;
    tp_hub_item item;
    s.second[0] = tp_node_log_contact(&c->at[VAN], s.person, "Tea");
    assert_true(tp_name_eq(s.first[0], s.second[0]));
    if (!is_one_push) {
        circle_sync(c, VAN);
        wait_a_minute();
    }
    s.second[1] = tp_node_log_update_text(&c->at[VAN], s.second[0], TP_CONTACT, TP_CONTACT_NOTE,
                                          "And a hat", (tp_name){0, 0});
    circle_sync(c, VAN);
    for (unsigned i = 0; i < SECOND_MAX; i++) {
        assert_true(hub_has(s.second[i], &item));
        s.stamps[i] = item.stamp;
    }
    wait_a_minute();
    swap_copies();
    circle_put_hub_back(c);
}

static int open_scene(void **state)
{
    static const char *const agencies[] = {"outreach", "outreach", NULL};
    (void)state;
    s = (scene){.other = 0};
    circle_open(&s.circle, agencies);
    tp_buf_init(&s.with_first, s.circle.copy.bytes_ceiling);
    return 0;
}

static int close_scene(void **state)
{
    (void)state;
    tp_buf_done(&s.with_first);
    circle_close(&s.circle);
    return 0;
}

/* Each is told to be here by the other id, once. */
static void sync_until_it_forks(void)
{
    assert_true(circle_sync_until_it_forks(&s.circle, VAN, s.second[0], &s.other) > 0);
    assert_true(s.other != 0);
}

static void take_another_id(void)
{
    circle_take_another_id(&s.circle, VAN, 0x4711, s.second[1].seq);
}

static void settle(void)
{
    sync_until_it_forks();
    take_another_id();
    circle_sync(&s.circle, VAN);
    circle_sync(&s.circle, DESK);
    circle_sync(&s.circle, VAN);
}

/* What was said of the second is said of it, and each has the stamp that it had. */
static void assert_both_are_whole(void)
{
    circle *c = &s.circle;
    tp_hub_item item;
    for (uint32_t i = 0; i < s.first_count && !s.is_first_of_no_use; i++) {
        assert_true(hub_has(s.first[i], &item));
        assert_true(item.stamp.ms < s.stamps[0].ms);
        assert_true(tp_name_eq(item.record, s.first[i]));
    }
    for (unsigned i = 0; i < SECOND_MAX; i++) {
        assert_false(i >= s.first_count && hub_has(s.second[i], &item));
        assert_true(hub_has((tp_name){s.other, s.second[i].seq}, &item));
        assert_int_equal(item.stamp.number, s.stamps[i].number);
        assert_int_equal(item.stamp.ms, s.stamps[i].ms);
        assert_true(tp_name_eq(item.record, (tp_name){s.other, s.second[0].seq}));
        assert_true(tp_name_eq(item.person, s.person));
    }
    for (uint32_t at = VAN; at <= DESK; at++) {
        circle_assert_settled(c, at);
        circle_assert_as_the_hub(c, at);
        assert_int_equal(circle_findings(c, at), 0);
    }
    tp_free(circle_verify_hub(c));
}

static void test_ask_shown__what_the_hub_has_another_history_for_is_shown_to_it(void **state)
{
    (void)state;
    write_first(1);
    write_second(true);
    settle();
    assert_both_are_whole();
}

/* The hub has as many, and of the first of them it is not behind. */
static void test_ask_shown__it_begins_with_the_first_though_that_is_not_asked_for(void **state)
{
    (void)state;
    write_first(1);
    write_second(false);
    settle();
    assert_both_are_whole();
}

/* The hub has more than is written here: it is not behind at all. */
static void test_ask_shown__what_the_hub_has_more_of_is_no_reason_to_forget(void **state)
{
    (void)state;
    write_first(FIRST_MAX);
    write_second(true);
    settle();
    assert_both_are_whole();
}

/* By its number the hub has another, and it is pushed at once. */
static void test_ask_shown__what_was_not_sent_names_what_was_shown(void **state)
{
    circle *c = &s.circle;
    tp_hub_item item;
    (void)state;
    write_first(FIRST_MAX);
    write_second(false);
    (void)tp_node_log_update_text(&c->at[VAN], s.second[0], TP_CONTACT, TP_CONTACT_NOTE,
                                  "And a coat", (tp_name){0, 0});
    settle();
    assert_true(hub_has((tp_name){tp_log_device(c->at[VAN].log), 1}, &item));
    assert_true(tp_name_eq(item.record, (tp_name){s.other, s.second[0].seq}));
    assert_both_are_whole();
}

/* The first of them is of both histories, and the hub's signature is over more than that. */
static void test_ask_shown__what_is_of_both_stays_and_is_accounted_for(void **state)
{
    circle *c = &s.circle;
    tp_hub_item item;
    (void)state;
    s.person = tp_node_log_person(&c->at[VAN], "Baz");
    circle_copy_hub(c);
    circle_keep_card(c, VAN);
    go_on_twice(1);
    circle_sync(c, VAN);
    write_second(true);
    settle();
    assert_true(hub_has(s.person, &item));
    assert_both_are_whole();
}

/* Nothing of it is in the log. */
static void test_ask_shown__what_was_of_no_use_has_its_number_too(void **state)
{
    (void)state;
    s.is_first_of_no_use = true;
    write_first(1);
    write_second(true);
    settle();
    assert_both_are_whole();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_ask_shown__what_the_hub_has_another_history_for_is_shown_to_it),
        TEST(test_ask_shown__it_begins_with_the_first_though_that_is_not_asked_for),
        TEST(test_ask_shown__what_the_hub_has_more_of_is_no_reason_to_forget),
        TEST(test_ask_shown__what_was_not_sent_names_what_was_shown),
        TEST(test_ask_shown__what_is_of_both_stays_and_is_accounted_for),
        TEST(test_ask_shown__what_was_of_no_use_has_its_number_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
