/* Real nodes and a real hub that is put back to an earlier state: what it lost comes back from the
 * nodes as it was, whoever wrote it, and nobody is sent or loses anything for it.
 *
 * Shows P26. */
#include "sync/session/ask.h"

#include "sync/hub/back.h"
#include "sync/log/held.h"
#include "sync/log/log_state.h"
#include "tests/support/settling.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static tp_err err;

static void must(tp_rc rc)
{
    if (rc != TP_OK) {
        fail_msg("%s: %s", tp_rc_name(rc), err.what);
    }
}

/* Nobody says anything: the first that calls shows it. */
static void test_ask_settle__what_was_lost_is_there_again_with_the_stamps_it_had(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    circle_put_hub_back(c);
    assert_int_equal(circle_accepted(c, VAN), 6);
    circle_sync(c, VAN);
    assert_true(c->counts.received == 0 && c->counts.given_back == 0 && c->counts.sent == 0);
    assert_true(circle_back_of(c, VAN).is_hub_back);
    circle_assert_settled(c, VAN);
    settling_assert_nothing_is_lost(s); /* van held desk's as well */
    circle_sync(c, DESK);
    assert_true(c->counts.received == 0 && c->counts.given_back == 0 && c->counts.sent == 0);
    circle_assert_settled(c, DESK);
    circle_sync(c, FAR);
    circle_assert_settled(c, FAR);
    settling_assert_nothing_is_lost(s);
    circle_assert_as_the_hub(c, VAN);
    circle_assert_as_the_hub(c, DESK);
    circle_sync(c, VAN);
    assert_false(circle_back_of(c, VAN).is_hub_back); /* all were heard */
    assert_int_equal(c->counts.requests, 2);          /* the second compares by stamps */
    circle_assert_settled(c, VAN);
}

/* Whoever wrote it is lost: what others hold of it comes from them. */
static void test_ask_settle__what_another_device_wrote_is_handed(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    circle_put_hub_back(c);
    circle_say_it_went_back(c);
    circle_sync(c, DESK);
    circle_assert_settled(c, DESK);
    settling_assert_nothing_is_lost(s);
    assert_int_equal(circle_accepted(c, VAN), 6);
    circle_sync(c, VAN); /* and then its author comes after all */
    circle_assert_settled(c, VAN);
    settling_assert_nothing_is_lost(s);
}

/* Found by sim.week_of_chance: the hub forgot that it enrolled who wrote it, so it cannot say whose
 * it is; the desk can, and its workers go on with what their colleague wrote.  So they do where the
 * operator ends the wait before the colleague came, whose device is in the river: the two say that
 * they are not in step until the operator says whose it was. */
static void test_ask_settle__what_a_colleague_wrote_stays_before_they_are_admitted(void **state)
{
    enum { CONTACTS = 2 };
    settling *s = *state;
    circle *c = &s->circle;
    const uint32_t colleague = circle_add(c, "outreach"); /* after the copy */
    circle_sync(c, colleague);
    settling_write(s, colleague, CONTACTS);
    circle_sync(c, colleague);
    circle_sync(c, DESK);
    const tp_held_sum before = circle_node_has(c, DESK);
    circle_put_hub_back(c);
    circle_sync(c, DESK);
    assert_int_equal(c->counts.given_back, 0);
    circle_sync(c, DESK);
    assert_int_equal(c->counts.given_back, 0);
    circle_end_back(c);
    for (int i = 0; i < 2; i++) {
        circle_sync(c, DESK);
        assert_int_equal(c->counts.given_back, 0);
        assert_true(c->differs);
    }
    const tp_held_sum after = circle_node_has(c, DESK);
    assert_true(tp_held_eq(&before, &after));
    const tp_hub_admission river = {
        .device = tp_log_device(c->at[colleague].log), .agency = "outreach", .label = "lost"};
    must(tp_hub_begin(&c->hub, &err));
    must(tp_hub_admit(&c->hub, &river, &err));
    must(tp_hub_commit(&c->hub, &err));
    circle_sync(c, DESK);
    circle_assert_settled(c, DESK);
    const tp_held_sum settled = circle_node_has(c, DESK);
    assert_true(tp_held_eq(&before, &settled));
}

/* Found by sim.week_of_chance: what the desk wrote down made it its agency's by consent, as the hub
 * sees it; and so was asked back when that ended, what is its agency's own. */
static void test_ask_settle__what_is_the_agencys_own_is_not_asked_back_with_a_consent(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    const uint32_t colleague = circle_add(c, "outreach"); /* after the copy */
    circle_sync(c, colleague);
    const tp_name theirs = tp_node_log_person(&c->at[colleague], "Ola");
    (void)tp_node_log_contact(&c->at[colleague], theirs, "By the canal");
    circle_sync(c, colleague);
    circle_sync(c, DESK);
    (void)tp_node_log_consent(&c->at[DESK], theirs, "given", "outreach");
    circle_sync(c, DESK);
    circle_put_hub_back(c);
    circle_sync(c, DESK);
    (void)tp_node_log_consent(&c->at[DESK], theirs, "refused", "outreach");
    for (int i = 0; i < 2; i++) {
        circle_sync(c, DESK);
        assert_int_equal(c->counts.given_back, 0);
    }
    circle_enrol(c, colleague, false);
    circle_sync(c, colleague);
    circle_sync(c, DESK);
    circle_assert_settled(c, DESK);
    circle_assert_as_the_hub(c, DESK);
}

static uint64_t changes_at(circle *c, uint32_t at)
{
    tp_tx tx;
    tp_log_counts counts;
    tp_node_log_begin(&c->at[at], &tx, TP_TX_READ);
    must(tp_log_count(c->at[at].log, &tx, &counts, &err));
    tp_tx_rollback(&tx);
    return counts.changes;
}

/* Also while the hub collects what it lost. */
static void test_ask_settle__what_hangs_on_a_consent_goes_with_it(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    const tp_name theirs = tp_node_log_person(&c->at[FAR], "Ola");
    (void)tp_node_log_consent(&c->at[FAR], theirs, "given", "outreach");
    circle_sync(c, FAR);
    const uint64_t before = changes_at(c, DESK);
    circle_sync(c, DESK);
    (void)tp_node_log_join(&c->at[DESK], theirs, s->person);
    circle_sync(c, DESK);
    circle_copy_hub(c);
    settling_write(s, VAN, 1);
    circle_sync(c, VAN);
    circle_put_hub_back(c);
    circle_sync(c, FAR);
    (void)tp_node_log_consent(&c->at[FAR], theirs, "refused", "outreach");
    circle_say_it_went_back(c);
    circle_sync(c, FAR);
    circle_sync(c, DESK);
    assert_true(circle_back_of(c, DESK).is_hub_back);
    assert_int_equal(changes_at(c, DESK), before); /* its own join went as well */
    circle_assert_settled(c, DESK);
}

/* The hub has it as it is, and so may others. */
static void test_ask_settle__what_the_hub_has_already_goes_before_all_is_compared(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    settling_write(s, DESK, 2);
    circle_lose_answer(c, DESK);
    settling_write(s, DESK, 1);
    const uint64_t accepted = circle_accepted(c, DESK);
    circle_say_it_went_back(c);
    tp_ask *ask = circle_ask(c, DESK);
    assert_false(circle_exchange(c, DESK, ask)); /* there is another generation */
    assert_true(circle_exchange(c, DESK, ask));  /* where does it stand? */
    assert_true(circle_exchange(c, DESK, ask));
    assert_int_equal(tp_node_log_push(&c->at[DESK]).accepted_seq, accepted);
    assert_int_equal(circle_accepted(c, DESK), accepted);
    tp_ask_free(ask);
    circle_sync(c, DESK);
    assert_int_equal(circle_accepted(c, DESK), accepted + 1);
    circle_assert_settled(c, DESK);
}

/* What is damaged here shows nothing: it is mended, and not given back. */
static void test_ask_settle__what_is_damaged_and_at_the_hub_is_mended(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    circle_execute(c, DESK,
                   "UPDATE log SET bytes = CAST(replace(bytes, 'Soup', 'Soap') AS BLOB)"
                   " WHERE id = (1 << 40 | 9)");
    circle_say_it_went_back(c);
    circle_sync(c, DESK);
    assert_int_equal(c->counts.healed, 1);
    assert_int_equal(c->counts.given_back, 0);
    circle_assert_settled(c, DESK);
    circle_assert_as_the_hub(c, DESK);
}

/* As where access changes and the hub judges again: what it says of the record. */
static void say_verdict(settling *s, uint32_t verdict)
{
    enum { AGENCIES_MAX = 8 };
    circle *c = &s->circle;
    tp_hub_feed_row rows[AGENCIES_MAX];
    tp_hub_device device;
    must(tp_hub_begin(&c->hub, &err));
    must(tp_hub_device_get(c->hub.store, tp_log_device(c->at[DESK].log), &device, &err));
    must(tp_hub_feed_of(c->hub.store, s->person, rows, &err));
    rows[device.agency - 1].verdict = verdict;
    must(tp_hub_feed_put(c->hub.store, device.agency, &rows[device.agency - 1], &err));
    must(tp_hub_commit(&c->hub, &err));
}

typedef struct said {
    tp_name record;
    uint32_t verdict;
} said;

static tp_rc take_verdict(void *context, const tp_log_row *row, tp_err *unused)
{
    said *of = context;
    (void)unused;
    of->verdict = tp_name_eq(row->name, of->record) ? row->verdict : of->verdict;
    return TP_OK;
}

static uint32_t verdict_of(settling *s, uint32_t at)
{
    circle *c = &s->circle;
    tp_tx tx;
    said of = {s->person, 0};
    tp_node_log_begin(&c->at[at], &tx, TP_TX_READ);
    must(tp_log_all(c->at[at].log, &tx, take_verdict, &of, &err));
    tp_tx_rollback(&tx);
    return of.verdict;
}

/* Sums are the same with it and without, and who settles goes on at the end of the feed. */
static void test_ask_settle__a_verdict_that_was_taken_back_is_told_when_it_is_over(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    say_verdict(s, TP_VERDICT_HOLDER_LOST);
    circle_sync(c, DESK);
    assert_int_equal(verdict_of(s, DESK), TP_VERDICT_HOLDER_LOST);
    circle_say_it_went_back(c);
    say_verdict(s, 0);
    circle_sync(c, DESK);
    circle_sync(c, VAN);
    assert_int_equal(verdict_of(s, DESK), TP_VERDICT_HOLDER_LOST);
    circle_end_back(c);
    circle_sync(c, DESK);
    assert_int_equal(verdict_of(s, DESK), 0);
    assert_int_equal(c->counts.received, 1);
    assert_int_equal(c->counts.healed, 0);
    circle_assert_settled(c, DESK);
}

/* Whatever is judged anew while the two settle, by what is handed or by what others say, is told:
 * the cursor goes to the end of the feed with each answer, past names that were compared. */
static void test_ask_settle__a_verdict_that_falls_meanwhile_is_told(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    int exchanges = 1;
    for (int at = 0; at < exchanges; at++) {
        c->clock.reading.wall_ms += 1000; /* generations count in seconds */
        circle_put_hub_back(c);
        circle_say_it_went_back(c);
        circle_end_back(c);
        tp_ask *ask = circle_ask(c, DESK);
        for (exchanges = 0; !tp_ask_is_done(ask); exchanges++) {
            if (exchanges == at) {
                say_verdict(s, TP_VERDICT_HOLDER_LOST);
            }
            (void)circle_exchange(c, DESK, ask);
        }
        tp_ask_free(ask);
        circle_sync(c, DESK); /* what came behind its last page */
        circle_assert_settled(c, DESK);
        assert_int_equal(verdict_of(s, DESK), TP_VERDICT_HOLDER_LOST);
    }
    assert_true(exchanges > 4);
}

/* What was never sent goes as always, after what was lost. */
static void test_ask_settle__what_was_not_sent_yet_follows(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    circle_put_hub_back(c);
    settling_write(s, VAN, 3);
    circle_sync(c, VAN);
    assert_int_equal(c->counts.sent, 3);
    assert_int_equal(circle_accepted(c, VAN), 15);
    circle_assert_settled(c, VAN);
    circle_sync(c, DESK);
    assert_int_equal(c->counts.received, 3);
    circle_assert_settled(c, DESK);
}

/* Found by sim.week_of_chance: what was pushed while it compared stood before its cursor. */
static void test_ask_settle__what_others_push_meanwhile_comes_as_always(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    bool is_over = false;
    for (int at = 1; !is_over; at++) {
        circle_say_it_went_back(c);
        circle_sync(c, VAN);
        tp_ask *ask = circle_ask(c, DESK);
        for (int i = 0; i < at && !tp_ask_is_done(ask); i++) {
            (void)circle_exchange(c, DESK, ask);
            settling_write(s, VAN, 1);
            circle_sync(c, VAN);
        }
        is_over = tp_ask_is_done(ask);
        while (!tp_ask_is_done(ask)) {
            (void)circle_exchange(c, DESK, ask);
        }
        tp_ask_free(ask);
        circle_sync(c, DESK);
        assert_true(circle_back_of(c, DESK).is_hub_back); /* it waits for far */
        circle_assert_as_the_hub(c, DESK);
        circle_assert_settled(c, DESK);
    }
}

/* Found by sim.week_of_chance (822435): a join whose author was cut off before it handed the person
 * that a third device wrote is held once that is handed, where names were compared already. */
static void test_ask_settle__what_is_held_by_what_it_hands_is_fetched(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    bool is_over = false;
    const uint32_t third = circle_add(c, "outreach");
    for (int at = 1; !is_over; at++) {
        circle_copy_hub(c);
        const tp_name other = tp_node_log_person(&c->at[third], "Sean");
        circle_sync(c, third);
        circle_sync(c, DESK);
        circle_sync(c, VAN);
        c->clock.reading.wall_ms += 1000; /* generations count in seconds */
        circle_put_hub_back(c);
        (void)tp_node_log_join(&c->at[VAN], s->person, other);
        tp_ask *ask = circle_ask(c, VAN);
        for (int i = 0; i < at && !tp_ask_is_done(ask); i++) {
            (void)circle_exchange(c, VAN, ask);
        }
        is_over = tp_ask_is_done(ask);
        tp_ask_free(ask);
        circle_sync(c, DESK);
        circle_assert_as_the_hub(c, DESK);
        circle_assert_settled(c, DESK);
        circle_sync(c, VAN);
    }
}

/* Wherever a sync ends, the next one goes on. */
static void test_ask_settle__it_may_be_cut_off_anywhere(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    circle_put_hub_back(c);
    int requests = 0;
    for (int upto = 1; circle_back_of(c, VAN).is_settling || upto < 4; upto++) {
        tp_ask *ask = circle_ask(c, VAN);
        assert_true(upto < 30);
        for (int i = 0; i < upto && !tp_ask_is_done(ask); i++) {
            (void)circle_exchange(c, VAN, ask);
            requests++;
        }
        tp_ask_free(ask);
        tp_node_log_reopen(&c->at[VAN]);
    }
    assert_true(requests > 4);
    circle_sync(c, VAN);
    circle_assert_settled(c, VAN);
    settling_assert_nothing_is_lost(s);
}

/* Van's third change since the copy, its 9th, is here no more; and the 3rd of before. */
static void test_ask_settle__what_is_gone_here_is_missing_and_the_rest_goes_on(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    tp_tx tx;
    const tp_name gone[] = {{tp_log_device(c->at[VAN].log), 3}, {tp_log_device(c->at[VAN].log), 9}};
    tp_node_log_begin(&c->at[VAN], &tx, TP_TX_WRITE);
    must(tp_merge_give_back(c->at[VAN].merge, &tx, gone, 2, TP_NODE_LOG_NOW_MS, &err));
    tp_node_log_commit(&tx);
    circle_put_hub_back(c);
    circle_say_it_went_back(c);
    circle_sync(c, VAN);
    assert_int_equal(circle_accepted(c, VAN), 12);
    assert_false(circle_back_of(c, VAN).is_settling);
    settling_write(s, VAN, 1);
    circle_sync(c, VAN);
    assert_int_equal(circle_accepted(c, VAN), 13);
    circle_sync(c, DESK); /* which has it */
    circle_assert_settled(c, DESK);
}

/* The chain goes on to what is not damaged. */
static void test_ask_settle__what_is_damaged_is_not_pushed_as_what_it_was(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    circle_execute(c, VAN,
                   "UPDATE log SET bytes = CAST(replace(bytes, 'Soup', 'Soap') AS BLOB)"
                   " WHERE id = (4194304 << 40 | 9)");
    circle_put_hub_back(c);
    circle_say_it_went_back(c);
    circle_sync(c, VAN);
    assert_int_equal(circle_accepted(c, VAN), 12);
    circle_sync(c, DESK);
    circle_assert_settled(c, DESK);
    settling_assert_nothing_is_lost(s);
    circle_sync(c, VAN); /* and is mended from there */
    circle_end_back(c);
    circle_sync(c, VAN);
    circle_assert_settled(c, VAN);
}

static void test_ask_settle__a_kiosk_has_nothing_and_goes_on(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    tp_tx tx;
    circle_enrol(c, FAR, true);
    tp_node_log_begin(&c->at[FAR], &tx, TP_TX_WRITE);
    must(tp_log_set_kiosk(c->at[FAR].log, &tx, true, &err));
    tp_node_log_commit(&tx);
    circle_copy_hub(c);
    for (int i = 0; i < 3; i++) {
        (void)tp_node_log_create(&c->at[FAR], TP_HELP_REQUEST, (tp_name){0, 0}, TP_REQUEST_WORDS,
                                 "a bed");
        circle_sync(c, FAR);
    }
    assert_int_equal(circle_accepted(c, FAR), 3);
    circle_put_hub_back(c);
    circle_say_it_went_back(c);
    (void)tp_node_log_create(&c->at[FAR], TP_HELP_REQUEST, (tp_name){0, 0}, TP_REQUEST_WORDS,
                             "a coat");
    circle_sync(c, FAR);
    assert_int_equal(circle_accepted(c, FAR), 4);
    assert_false(circle_back_of(c, FAR).is_settling);
    assert_int_equal(circle_findings(c, FAR), 0);
}

static tp_rc digest_otherwise_named(void *context, const tp_log_row *row, tp_err *error)
{
    int64_t *digest = context;
    (void)error;
    *digest = tp_log_digest((tp_name){row->name.device, 900}, row->bytes);
    return TP_OK;
}

/* What a hub is handed and never sent is given back. */
static void test_ask_settle__what_the_hub_never_sent_is_given_back(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    char sql[512];
    int64_t digest = 0;
    tp_tx tx;
    tp_node_log_begin(&c->at[DESK], &tx, TP_TX_READ);
    must(tp_log_get(c->at[DESK].log, &tx, INT64_C(1) << 40 | 7, digest_otherwise_named, &digest,
                    &err));
    tp_tx_rollback(&tx);
    snprintf(sql, sizeof sql,
             "INSERT INTO log (id, arrived, number, stamp, position, tag, bytes, digest)"
             " SELECT (1 << 40 | 900), 1, 99999, stamp, 50, tag, bytes, %lld FROM log"
             " WHERE id = (1 << 40 | 7);"
             "UPDATE log SET said = " TP_LOG_SAID " WHERE id = (1 << 40 | 900)",
             (long long)digest);
    circle_execute(c, DESK, sql);
    tp_node_log_begin(&c->at[DESK], &tx, TP_TX_WRITE);
    must(tp_log_held_doubt(c->at[DESK].log, &tx, false, &err));
    tp_node_log_commit(&tx);
    circle_sync(c, DESK);
    assert_int_equal(c->counts.given_back, 1);
    circle_assert_settled(c, DESK);
    settling_assert_nothing_is_lost(s);
}

/* More than one request hands, while what others wrote since is still to be fetched. */
static void test_ask_settle__much_is_handed_and_what_is_new_is_fetched(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    settling_write(s, VAN, 2 * TP_HANDED_MAX + 3);
    circle_sync(c, VAN);
    circle_sync(c, DESK);
    s->had = circle_hub_has(c);
    circle_put_hub_back(c);
    const uint32_t fresh = circle_add(c, "outreach");
    circle_say_it_went_back(c);
    circle_sync(c, fresh);
    for (int i = 0; i < 5; i++) {
        (void)tp_node_log_person(&c->at[fresh], "Somebody else");
    }
    circle_sync(c, fresh);
    circle_sync(c, DESK);
    assert_true(c->counts.received == 5 && c->counts.given_back == 0);
    circle_assert_settled(c, DESK);
    circle_assert_as_the_hub(c, DESK);
    circle_sync(c, VAN);
    circle_assert_settled(c, VAN);
    circle_assert_as_the_hub(c, VAN);
}

/* The same copy again: it is of a generation that everybody left. */
static void test_ask_settle__it_may_go_back_twice(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    circle_put_hub_back(c);
    circle_sync(c, VAN);
    circle_sync(c, DESK);
    circle_sync(c, FAR);
    settling_write(s, DESK, 1);
    circle_sync(c, DESK);
    circle_sync(c, VAN);
    s->had = circle_hub_has(c);
    const uint64_t generation = c->generation;
    circle_put_hub_back(c);
    circle_sync(c, VAN);
    circle_sync(c, DESK);
    circle_sync(c, FAR);
    assert_true(c->generation != generation);
    circle_assert_settled(c, FAR);
    settling_assert_nothing_is_lost(s);
    circle_sync(c, VAN);
    circle_assert_settled(c, VAN);
    circle_assert_as_the_hub(c, VAN);
    circle_assert_as_the_hub(c, DESK);
}

/* Put back unnoticed to the first moment of its generation, in the middle of a sync: no cursor was
 * told yet that could show it. */
static void test_ask_settle__it_may_go_back_while_the_two_settle(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    int requests = 0;
    circle_put_hub_back(c);
    tp_ask *ask = circle_ask(c, VAN);
    assert_false(circle_exchange(c, VAN, ask));
    const uint64_t generation = c->generation;
    circle_copy_hub(c);
    for (int i = 0; circle_accepted(c, VAN) < 12; i++) {
        assert_true(i < 5);
        assert_true(circle_exchange(c, VAN, ask));
    }
    circle_put_hub_back(c);
    assert_int_equal(circle_accepted(c, VAN), 6);
    for (; !tp_ask_is_done(ask); requests++) {
        assert_true(requests < 30);
        (void)circle_exchange(c, VAN, ask);
    }
    tp_ask_free(ask);
    assert_true(c->generation != generation);
    circle_assert_settled(c, VAN);
    settling_assert_nothing_is_lost(s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, settling_setup, settling_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_ask_settle__what_was_lost_is_there_again_with_the_stamps_it_had),
        TEST(test_ask_settle__what_another_device_wrote_is_handed),
        TEST(test_ask_settle__what_a_colleague_wrote_stays_before_they_are_admitted),
        TEST(test_ask_settle__what_is_the_agencys_own_is_not_asked_back_with_a_consent),
        TEST(test_ask_settle__what_hangs_on_a_consent_goes_with_it),
        TEST(test_ask_settle__what_the_hub_has_already_goes_before_all_is_compared),
        TEST(test_ask_settle__what_is_damaged_and_at_the_hub_is_mended),
        TEST(test_ask_settle__a_verdict_that_was_taken_back_is_told_when_it_is_over),
        TEST(test_ask_settle__a_verdict_that_falls_meanwhile_is_told),
        TEST(test_ask_settle__what_was_not_sent_yet_follows),
        TEST(test_ask_settle__what_others_push_meanwhile_comes_as_always),
        TEST(test_ask_settle__what_is_held_by_what_it_hands_is_fetched),
        TEST(test_ask_settle__it_may_be_cut_off_anywhere),
        TEST(test_ask_settle__what_is_gone_here_is_missing_and_the_rest_goes_on),
        TEST(test_ask_settle__what_is_damaged_is_not_pushed_as_what_it_was),
        TEST(test_ask_settle__a_kiosk_has_nothing_and_goes_on),
        TEST(test_ask_settle__what_the_hub_never_sent_is_given_back),
        TEST(test_ask_settle__much_is_handed_and_what_is_new_is_fetched),
        TEST(test_ask_settle__it_may_go_back_twice),
        TEST(test_ask_settle__it_may_go_back_while_the_two_settle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
