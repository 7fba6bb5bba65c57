/* What a hub that went back collects, from real nodes: the log as it was, whoever has it; and what
 * was erased meanwhile does not come back.
 *
 * Shows P24, P26. */
#include "sync/hub/back.h"

#include "platform/base/alloc.h"
#include "sync/hub/erase.h"
#include "sync/log/verify.h"
#include "sync/wire/generation.h"
#include "tests/support/circle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* `van` writes; `desk` of the same agency receives; both are real nodes. */
enum { VAN, DESK, KIOSK };
enum { LOGGED_MAX = 64 };
static circle s;
static tp_err err;

static void must(tp_rc rc)
{
    if (rc != TP_OK) {
        fail_msg("%s: %s", tp_rc_name(rc), err.what);
    }
}

typedef struct logged {
    uint32_t count;
    tp_name names[LOGGED_MAX];
    tp_stamp stamps[LOGGED_MAX];
} logged;

static tp_rc note_logged(void *ctx, const tp_hub_item *item, tp_err *ignored)
{
    logged *l = ctx;
    (void)ignored;
    assert_true(l->count < LOGGED_MAX);
    l->names[l->count] = item->name;
    l->stamps[l->count++] = item->stamp;
    return TP_OK;
}

static logged read_log(uint64_t device)
{
    logged l = {.count = 0};
    must(tp_hub_look(&s.hub, &err));
    must(tp_hub_log_all(s.hub.store, device, 0, note_logged, &l, &err));
    tp_hub_rollback(&s.hub);
    return l;
}

/* Every change that was there is there again with the stamp that it had. */
static void assert_logged(const logged *before)
{
    const logged after = read_log(0);
    for (uint32_t i = 0; i < before->count; i++) {
        uint32_t at = 0;
        while (at < after.count && !tp_name_eq(after.names[at], before->names[i])) {
            at++;
        }
        if (at == after.count) {
            fail_msg("change %u is not there", (unsigned)before->names[i].seq);
        }
        assert_int_equal(after.stamps[at].number, before->stamps[i].number);
        assert_true(after.stamps[at].ms == before->stamps[i].ms);
    }
}

static tp_hub_state hub_state(void)
{
    must(tp_hub_look(&s.hub, &err));
    tp_hub_state state = *tp_hub_store_state(s.hub.store);
    tp_hub_rollback(&s.hub);
    return state;
}

static uint64_t lost(void)
{
    tp_hub_verified *verified = circle_verify_hub(&s);
    const uint64_t count = verified->lost;
    assert_int_equal(verified->losses.count > 0, count > 0);
    tp_free(verified);
    return count;
}

/* A person and a contact are in the copy; two more contacts, in a push of their own, are not. */
static tp_name person;

static int open_circle(void **state)
{
    static const char *const agencies[] = {"outreach", "outreach", "outreach", NULL};
    (void)state;
    circle_open(&s, agencies);
    circle_enrol(&s, KIOSK, true);
    tp_tx tx;
    tp_node_log_begin(&s.at[KIOSK], &tx, TP_TX_WRITE);
    must(tp_log_set_kiosk(s.at[KIOSK].log, &tx, true, &err));
    tp_node_log_commit(&tx);
    person = tp_node_log_person(&s.at[VAN], "Baz");
    (void)tp_node_log_contact(&s.at[VAN], person, "in the copy");
    circle_sync(&s, VAN);
    circle_sync(&s, DESK);
    circle_copy_hub(&s);
    (void)tp_node_log_contact(&s.at[VAN], person, "lost");
    (void)tp_node_log_contact(&s.at[VAN], person, "lost as well");
    circle_sync(&s, VAN);
    circle_sync(&s, DESK);
    return 0;
}

static int close_circle(void **state)
{
    (void)state;
    circle_close(&s);
    return 0;
}

static void test_back_collect__what_its_author_has_comes_back_as_it_was(void **state)
{
    (void)state;
    const logged before = read_log(0);
    const uint64_t generation = hub_state().generation;
    circle_put_hub_back(&s);
    assert_int_equal(read_log(0).count, 2);
    circle_sync(&s, VAN);
    assert_int_not_equal(hub_state().generation, generation);
    assert_int_not_equal(hub_state().back_ms, 0);
    assert_logged(&before);
    circle_sync(&s, DESK);
    assert_int_equal(hub_state().back_ms, 0);
    assert_int_equal(lost(), 0);
    circle_sync(&s, DESK);
    assert_false(s.differs);
}

static void test_back_collect__what_others_have_is_handed_before_its_author_comes(void **state)
{
    (void)state;
    const logged before = read_log(0);
    circle_put_hub_back(&s);
    circle_sync(&s, DESK);
    assert_logged(&before);
    assert_int_equal(hub_state().ahead, 2);
    assert_int_equal(lost(), 0); /* and nothing is found to be wrong */
    (void)tp_node_log_contact(&s.at[VAN], person, "after");
    circle_sync(&s, VAN);
    assert_logged(&before);
    assert_int_equal(hub_state().ahead, 0);
    assert_int_equal(read_log(0).count, before.count + 1);
    assert_int_equal(hub_state().back_ms, 0);
    assert_int_equal(lost(), 0);
}

/* It went back, and was put back once more to before anything had shown it: the first that comes of
 * those who heard of it is believed, the others compare, and in the end nobody begins it again. */
static void test_back_collect__a_generation_that_it_forgot_is_one_fall(void **state)
{
    (void)state;
    circle_put_hub_back(&s);
    circle_sync(&s, VAN);
    circle_sync(&s, DESK);
    (void)tp_node_log_contact(&s.at[VAN], person, "lost as well");
    circle_sync(&s, VAN);
    const logged before = read_log(0);
    const uint64_t forgotten = hub_state().generation;
    circle_put_hub_back(&s);
    circle_sync(&s, VAN);
    const uint64_t generation = hub_state().generation;
    assert_true(tp_generation_is_later(generation, forgotten));
    assert_int_not_equal(hub_state().back_ms, 0);
    assert_logged(&before);
    circle_end_back(&s); /* whoever was not heard is not waited for */
    circle_sync(&s, DESK);
    circle_sync(&s, VAN);
    assert_true(hub_state().generation == generation);
    assert_int_equal(hub_state().back_ms, 0);
    assert_int_equal(lost(), 0);
    assert_logged(&before);
}

/* Of a push from before there were receipts: it is stamped anew, until somebody shows its stamp. */
static void test_back_collect__a_stamp_that_is_shown_later_is_the_one(void **state)
{
    (void)state;
    const logged before = read_log(0);
    circle_put_hub_back(&s);
    circle_execute(&s, VAN, "DELETE FROM pushed");
    tp_ask *asks = circle_ask(&s, VAN);
    while (!tp_ask_is_done(asks)) {
        (void)circle_exchange(&s, VAN, asks);
    }
    tp_ask_free(asks);
    (void)lost();
    circle_sync(&s, DESK);
    circle_sync(&s, VAN);
    circle_sync(&s, DESK);
    assert_int_equal(read_log(0).count, before.count);
    assert_int_equal(lost(), 0);
}

/* Found by sim.week_of_chance (2002217).  It fell twice unnoticed; others know the later of two
 * stamps that a change was given, and come first: two changes of one device had one number. */
static void
test_back_collect__an_author_shows_the_stamp_of_what_others_handed_with_another(void **state)
{
    (void)state;
    circle_copy_hub(&s);
    (void)tp_node_log_create(&s.at[KIOSK], TP_HELP_REQUEST, (tp_name){0, 0}, TP_REQUEST_WORDS,
                             "Boots");
    circle_sync(&s, KIOSK);
    (void)tp_node_log_contact(&s.at[VAN], person, "The answer was lost");
    circle_lose_answer(&s, VAN);
    circle_sync(&s, DESK);
    circle_put_hub_back(&s);
    (void)tp_node_log_contact(&s.at[VAN], person, "in one push with it");
    circle_sync(&s, VAN);
    const logged before = read_log(0);
    circle_put_hub_back(&s);
    circle_sync(&s, DESK);
    assert_int_equal(hub_state().ahead, 2); /* the kiosk's too */
    circle_sync(&s, VAN);
    assert_logged(&before);
    assert_int_equal(lost(), 0);
    circle_sync(&s, DESK);
    assert_false(s.differs);
}

static void assert_verified(uint32_t at)
{
    static tp_log_verified verified;
    tp_tx tx;
    tp_node_log_begin(&s.at[at], &tx, TP_TX_READ);
    must(tp_log_verify(s.at[at].log, &tx, &verified, &err));
    tp_tx_rollback(&tx);
    if (verified.findings.count > 0) {
        fail_msg("%s", verified.findings.text[0]);
    }
}

/* Found by sim.week_of_chance (2002267).  Of what was accepted in two histories of one generation
 * the lower stamps count, where anybody has them: they need not ascend, and nothing is damaged. */
static void test_back_collect__stamps_of_two_histories_are_no_damage(void **state)
{
    (void)state;
    circle_copy_hub(&s);
    (void)tp_node_log_contact(&s.at[VAN], person, "The answer was lost");
    (void)tp_node_log_contact(&s.at[VAN], person, "likewise");
    circle_lose_answer(&s, VAN);
    circle_sync(&s, DESK); /* and holds the second alone, as where it may not hold the first */
    circle_execute(&s, DESK, "DELETE FROM log WHERE arrived IS NOT NULL AND id % 8 = 5");
    circle_put_hub_back(&s);
    (void)tp_node_log_create(&s.at[KIOSK], TP_HELP_REQUEST, (tp_name){0, 0}, TP_REQUEST_WORDS,
                             "Boots");
    circle_sync(&s, KIOSK);
    circle_sync(&s, VAN);
    circle_put_hub_back(&s);
    circle_sync(&s, DESK);
    circle_sync(&s, VAN);
    const logged after = read_log(tp_log_device(s.at[VAN].log));
    assert_int_equal(after.count, 6);
    assert_int_equal(after.stamps[4].number, 6);
    assert_int_equal(after.stamps[5].number, 6);
    assert_int_equal(lost(), 0);
    circle_sync(&s, DESK);
    circle_sync(&s, VAN);
    assert_verified(VAN);
    assert_verified(DESK);
}

static void
test_back_collect__what_a_kiosk_has_no_more_is_lost_until_somebody_hands_it(void **state)
{
    (void)state;
    (void)tp_node_log_create(&s.at[KIOSK], TP_HELP_REQUEST, (tp_name){0, 0}, TP_REQUEST_WORDS,
                             "Boots");
    circle_sync(&s, KIOSK);
    circle_sync(&s, DESK);
    const logged before = read_log(0);
    circle_put_hub_back(&s);
    circle_sync(&s, VAN);
    circle_sync(&s, KIOSK);
    assert_int_equal(lost(), 1);
    circle_sync(&s, DESK);
    assert_logged(&before);
    assert_int_equal(lost(), 0);
    (void)tp_node_log_create(&s.at[KIOSK], TP_HELP_REQUEST, (tp_name){0, 0}, TP_REQUEST_WORDS,
                             "Socks");
    circle_sync(&s, KIOSK);
    assert_int_equal(read_log(0).count, before.count + 1);
    assert_int_equal(lost(), 0);
}

/* ---- Erasing meanwhile ---- */

static void erase(tp_name record)
{
    tp_hub_erase_plan plan;
    tp_hub_erase_plan_init(&plan);
    must(tp_hub_begin(&s.hub, &err));
    must(tp_hub_erase_find(&s.hub, record, false, &plan, &err));
    must(tp_hub_erase(&s.hub, &plan, "Olu", "asked for", &err));
    must(tp_hub_commit(&s.hub, &err));
    tp_hub_erase_plan_done(&plan);
}

static void test_back_collect__what_others_handed_is_erased_before_its_author_comes(void **state)
{
    (void)state;
    /* The desk holds the second alone, as where it may not hold the first. */
    circle_execute(&s, DESK, "DELETE FROM log WHERE arrived IS NOT NULL AND id % 8 = 3");
    circle_put_hub_back(&s);
    circle_sync(&s, DESK);
    assert_int_equal(hub_state().ahead, 1);
    erase((tp_name){tp_log_device(s.at[VAN].log), 4});
    assert_int_equal(read_log(0).count, 2);
    assert_int_equal(lost(), 0);
    for (int i = 0; i < 2; i++) {
        circle_sync(&s, VAN);
        circle_sync(&s, DESK);
    }
    assert_int_equal(read_log(0).count, 3); /* the first has come, the second does not come back */
    assert_int_equal(hub_state().ahead, 0);
    assert_int_equal(lost(), 0);
    assert_verified(VAN);
    assert_verified(DESK);
}

static void ask_at_kiosk(const char *words)
{
    (void)tp_node_log_create(&s.at[KIOSK], TP_HELP_REQUEST, (tp_name){0, 0}, TP_REQUEST_WORDS,
                             words);
}

/* What a kiosk has no more is handed alone, and what it wrote since stands behind a gap. */
static void test_back_collect__what_stands_at_a_gap_is_erased(void **state)
{
    (void)state;
    const uint64_t kiosk = tp_log_device(s.at[KIOSK].log);
    for (int i = 0; i < 4; i++) {
        ask_at_kiosk("Boots");
    }
    circle_sync(&s, KIOSK);
    circle_sync(&s, DESK);
    circle_execute(&s, DESK, "DELETE FROM log WHERE arrived IS NOT NULL AND id % 8 = 3");
    circle_put_hub_back(&s);
    circle_sync(&s, KIOSK);
    ask_at_kiosk("Socks");
    circle_sync(&s, KIOSK);
    erase((tp_name){kiosk, 5});
    assert_int_equal(lost(), 4);
    circle_sync(&s, DESK);
    assert_int_equal(read_log(kiosk).count, 3);
    assert_int_equal(lost(), 1);
    erase((tp_name){kiosk, 4});
    assert_int_equal(read_log(kiosk).count, 2);
    assert_int_equal(lost(), 1);
    circle_sync(&s, VAN);
    circle_sync(&s, DESK);
    assert_int_equal(read_log(kiosk).count, 2);
    assert_verified(VAN);
}

static void test_back_collect__numbers_may_stand_twice(void **state)
{
    (void)state;
    const logged before = read_log(0);
    circle_put_hub_back(&s);
    (void)tp_node_log_create(&s.at[KIOSK], TP_HELP_REQUEST, (tp_name){0, 0}, TP_REQUEST_WORDS,
                             "Boots");
    circle_sync(&s, KIOSK); /* it knows nothing of what was lost */
    assert_int_equal(hub_state().back_ms, 0);
    circle_sync(&s, VAN);
    circle_sync(&s, DESK);
    circle_sync(&s, KIOSK);
    assert_int_equal(hub_state().back_ms, 0);
    assert_logged(&before);
    assert_int_equal(read_log(tp_log_device(s.at[KIOSK].log)).stamps[0].number, 3);
    assert_int_equal(lost(), 0);
}

/* ---- Whom a record is about ---- */

static tp_name filed_under(tp_name record)
{
    tp_hub_item item;
    must(tp_hub_look(&s.hub, &err));
    must(tp_hub_log_get(s.hub.store, record, &item, NULL, &err));
    tp_hub_rollback(&s.hub);
    return item.person;
}

static void fill(uint32_t at, tp_name request, tp_name with)
{
    const tp_value value = tp_node_log_name(TP_TYPE_RECORD, with);
    (void)tp_node_log_update(&s.at[at], request, TP_HELP_REQUEST, TP_FIELD_PERSON, &value,
                             (tp_name){0, 0});
    circle_sync(&s, at);
}

/* The update comes before its record, and the later one before the one that stands. */
static void test_back_collect__whom_a_record_is_about_hangs_on_no_order(void **state)
{
    (void)state;
    enum { AN_HOUR_MS = 3600000 };
    const tp_name other = tp_node_log_person(&s.at[VAN], "Sean");
    const tp_name request =
        tp_node_log_create(&s.at[VAN], TP_HELP_REQUEST, (tp_name){0, 0}, TP_REQUEST_WORDS, "Boots");
    circle_sync(&s, VAN);
    circle_sync(&s, DESK);
    assert_true(tp_name_is_none(filed_under(request)));
    fill(DESK, request, person);
    fill(VAN, request, other);
    assert_true(tp_name_eq(filed_under(request), person));
    for (uint32_t first = VAN; first <= DESK; first++) {
        circle_put_hub_back(&s);
        s.clock.reading.wall_ms += AN_HOUR_MS;
        circle_sync(&s, first);
        circle_sync(&s, VAN + DESK - first);
        circle_sync(&s, first);
        assert_true(tp_name_eq(filed_under(request), person));
        assert_int_equal(lost(), 0);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_circle, close_circle)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_back_collect__what_its_author_has_comes_back_as_it_was),
        TEST(test_back_collect__what_others_have_is_handed_before_its_author_comes),
        TEST(test_back_collect__a_generation_that_it_forgot_is_one_fall),
        TEST(test_back_collect__a_stamp_that_is_shown_later_is_the_one),
        TEST(test_back_collect__an_author_shows_the_stamp_of_what_others_handed_with_another),
        TEST(test_back_collect__stamps_of_two_histories_are_no_damage),
        TEST(test_back_collect__what_a_kiosk_has_no_more_is_lost_until_somebody_hands_it),
        TEST(test_back_collect__what_others_handed_is_erased_before_its_author_comes),
        TEST(test_back_collect__what_stands_at_a_gap_is_erased),
        TEST(test_back_collect__numbers_may_stand_twice),
        TEST(test_back_collect__whom_a_record_is_about_hangs_on_no_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
