/* A hub that went back, and a node put back to an older card: it uses no number again that others
 * have shown the hub, and where it came first both that had the number are kept.
 *
 * Shows P26. */
#include "sync/session/ask.h"

#include "platform/base/alloc.h"
#include "sync/log/fork.h"
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

/* The first request hears of the generation, and the next one pushes nothing.  What was told to be
 * accepted is shown again, push by push, and is there. */
static void assert_forks(circle *c, uint32_t at, int pushes)
{
    enum { SHOWS_MAX = 8 };
    int requests = 0;
    tp_ask *ask = circle_ask(c, at);
    while (!tp_ask_is_forked(ask)) {
        assert_true(requests++ < 2 + pushes + SHOWS_MAX);
        assert_false(tp_ask_is_done(ask));
        (void)circle_exchange(c, at, ask);
    }
    assert_true(requests >= 2 + pushes);
    tp_ask_free(ask);
}

/* It would use numbers again that are not free, and what hangs on the first of them would hang on
 * what has them now. */
static void
test_ask_settle_card__an_older_card_hears_what_others_handed_before_it_pushes(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    circle_put_hub_back(c);
    circle_put_card_back(c, VAN);
    settling_write(s, VAN, 1); /* by the number of one that was there */
    circle_sync(c, DESK);
    settling_assert_nothing_is_lost(s);
    assert_forks(c, VAN, 0);
    assert_int_equal(circle_accepted(c, VAN), 6);
    settling_assert_nothing_is_lost(s);
}

static void test_ask_settle_card__an_older_card_hears_it_though_it_has_nothing_to_push(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    circle_put_hub_back(c);
    circle_put_card_back(c, VAN);
    circle_sync(c, DESK);
    assert_forks(c, VAN, 0);
    settling_assert_nothing_is_lost(s);
}

/* Van pushes two contacts that the hub does not have when it is put back, its card only `kept` of
 * them; desk has them, and hands them first. */
static void fall_with_the_card(settling *s, int kept)
{
    circle *c = &s->circle;
    circle_copy_hub(c);
    settling_write(s, VAN, kept);
    circle_keep_card(c, VAN);
    settling_write(s, VAN, 2 - kept);
    circle_sync(c, VAN);
    circle_sync(c, DESK);
    s->had = circle_hub_has(c);
    circle_put_hub_back(c);
    circle_put_card_back(c, VAN);
    circle_sync(c, DESK);
}

/* The first of it is the one that is there, so that only the rest is another's. */
static void test_ask_settle_card__an_older_card_pushes_what_it_has_first(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    fall_with_the_card(s, 1);
    const uint64_t before = circle_accepted(c, VAN);
    assert_forks(c, VAN, 1);
    assert_int_equal(circle_accepted(c, VAN), before + 1);
    settling_assert_nothing_is_lost(s);
}

/* It never heard that this was accepted, and others have it: it is what it has still to push. */
static void test_ask_settle_card__what_others_handed_of_it_is_its_own(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    fall_with_the_card(s, 2); /* as if the answer had been lost */
    circle_sync(c, VAN);
    circle_assert_settled(c, VAN);
    settling_assert_nothing_is_lost(s);
    circle_assert_as_the_hub(c, VAN);
}

static uint32_t hub_count(circle *c)
{
    tp_hub_verified *verified = circle_verify_hub(c);
    const uint32_t changes = (uint32_t)verified->changes;
    assert_int_equal(verified->quarantined, 0);
    tp_free(verified);
    return changes;
}

/* By the hub's clock and a node's. */
static void wait_a_minute(circle *c, uint32_t at)
{
    tp_clock_fixed *const clocks[] = {&c->clock, &c->at[at].clock};
    for (size_t i = 0; i < sizeof clocks / sizeof clocks[0]; i++) {
        clocks[i]->reading.wall_ms += 60000;
        clocks[i]->reading.up_ms += 60000;
    }
}

static void use_a_number_again(settling *s)
{
    circle *c = &s->circle;
    circle_put_hub_back(c);
    circle_put_card_back(c, VAN);
    wait_a_minute(c, VAN);
    settling_write(s, VAN, 1);
    circle_sync(c, VAN);
    wait_a_minute(c, VAN);
}

/* It comes first and uses a number again: what had it, and all that came after that, comes back
 * under an id of its own, to its author too. */
static void test_ask_settle_card__what_an_older_card_took_the_number_of_is_kept(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    const uint32_t count = hub_count(c);
    use_a_number_again(s);
    assert_int_equal(circle_accepted(c, VAN), 7);
    circle_sync(c, DESK);
    assert_int_equal(hub_count(c), count + 1);
    circle_end_back(c);
    for (int round = 0; round < 2; round++) {
        circle_sync(c, FAR);
        circle_sync(c, DESK);
        circle_sync(c, VAN);
    }
    assert_int_equal(hub_count(c), count + 1);
    circle_assert_settled(c, VAN);
    circle_assert_settled(c, DESK);
    circle_assert_as_the_hub(c, VAN);
    circle_assert_as_the_hub(c, DESK);
    s->had =
        circle_hub_has(c); /* it falls once more, and who hands it knows the other name by now */
    circle_put_hub_back(c);
    circle_sync(c, DESK);
    circle_sync(c, VAN);
    circle_sync(c, DESK);
    settling_assert_nothing_is_lost(s);
}

static tp_rc keep_record(void *context, const tp_log_row *row, tp_err *unused)
{
    (void)unused;
    *(tp_packed_name *)context = row->record;
    return TP_OK;
}

/* Which record a change says something of: at a node, and at the hub. */
static tp_name record_of(circle *c, uint32_t at, tp_name change)
{
    tp_tx tx;
    tp_hub_item item;
    tp_packed_name id = 0;
    tp_packed_name packed = 0;
    tp_name record = {0, 0};
    tp_node_log_begin(&c->at[at], &tx, TP_TX_READ);
    must(tp_log_pack_known(c->at[at].log, &tx, change, &id, &err));
    must(tp_log_get(c->at[at].log, &tx, id, keep_record, &packed, &err));
    must(tp_log_unpack(c->at[at].log, &tx, packed, &record, &err));
    tp_tx_rollback(&tx);
    must(tp_hub_begin(&c->hub, &err));
    must(tp_hub_log_get(c->hub.store, change, &item, NULL, &err));
    must(tp_hub_commit(&c->hub, &err));
    assert_true(tp_name_eq(item.record, record));
    return record;
}

/* Found by sim.week_of_chance: it said something of the other one. */
static void test_ask_settle_card__what_was_not_sent_means_what_had_the_number(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    const tp_name soup = {tp_log_device(c->at[VAN].log), 7};
    const tp_name tea = {soup.device, 6}; /* this one the card has still */
    use_a_number_again(s);
    const tp_name first = tp_node_log_update_text(&c->at[DESK], soup, TP_CONTACT, TP_CONTACT_NOTE,
                                                  "And a coat", (tp_name){0, 0});
    const tp_name second = tp_node_log_update_text(&c->at[DESK], tea, TP_CONTACT, TP_CONTACT_NOTE,
                                                   "And a scarf", (tp_name){0, 0});
    circle_sync(c, DESK);
    const tp_name record = record_of(c, DESK, first);
    assert_true(record.seq == soup.seq && record.device != soup.device);
    assert_true(tp_name_eq(record_of(c, DESK, second), tea));
    circle_assert_settled(c, DESK);
    const tp_name third = tp_node_log_update_text(&c->at[DESK], soup, TP_CONTACT, TP_CONTACT_NOTE,
                                                  "And a hat", (tp_name){0, 0});
    circle_sync(c, DESK);
    assert_true(tp_name_eq(record_of(c, DESK, third), soup)); /* by then it knew of the other */
    circle_assert_settled(c, DESK);
    circle_sync(c, VAN);
    circle_assert_as_the_hub(c, VAN);
}

/* Whoever keeps names beside the log is told with the answer, and once. */
static void test_ask_settle_card__what_is_given_back_for_its_other_name_is_told(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    uint32_t told = 0;
    use_a_number_again(s);
    tp_ask *ask = circle_ask(c, DESK);
    while (!tp_ask_is_done(ask)) {
        uint32_t count = 0;
        (void)circle_exchange(c, DESK, ask);
        const tp_renaming *renamed = tp_ask_renamed(ask, &count);
        for (uint32_t i = 0; i < count; i++) {
            assert_true(renamed[i].from == tp_log_device(c->at[VAN].log) && renamed[i].to != 0);
            assert_true(renamed[i].upto == renamed[i].kept + 1 && renamed[i].keeps_seq);
            told++;
        }
    }
    tp_ask_free(ask);
    assert_int_equal(told, 6); /* all that van had written since */
}

/* What is withheld from nobody waits for nobody: neither what the number names now, nor what was
 * called by it. */
static void test_ask_settle_card__both_that_had_one_number_are_there_before_it_is_over(void **state)
{
    settling *s = *state;
    circle *c = &s->circle;
    use_a_number_again(s);
    circle_sync(c, DESK);
    assert_int_equal(c->counts.requests, 12);         /* one comparison found both */
    assert_true(circle_back_of(c, DESK).is_hub_back); /* it waits for far */
    circle_assert_as_the_hub(c, DESK);
    circle_assert_settled(c, DESK);
    circle_sync(c, VAN);
    circle_assert_as_the_hub(c, VAN);
    circle_assert_settled(c, VAN);
}

/* As where the hub has other changes under its numbers: it goes on as another device of its agency,
 * and what the hub has of it stays what it is. */
static void go_on_as(circle *c, uint32_t at, uint64_t id)
{
    tp_tx tx;
    tp_renaming renaming;
    const uint64_t kept = circle_accepted(c, at);
    tp_node_log_begin(&c->at[at], &tx, TP_TX_WRITE);
    must(tp_log_fork(c->at[at].log, &tx, id, kept, c->clock.reading.wall_ms, &renaming, &err));
    must(tp_merge_rebuild(c->at[at].merge, &tx, NULL, &err));
    tp_node_log_commit(&tx);
    circle_enrol(c, at, false);
}

/* Found by sim.week_of_chance (9020987, 9501579): while the two settle no page brings anything, and
 * its receipts went with its old id.  Here a contact, it might be a withdrawal. */
static void test_ask_settle_card__what_was_written_under_an_old_id_can_be_handed(void **state)
{
    enum { ID = 4711 };
    settling *s = *state;
    circle *c = &s->circle;
    settling_write(s, VAN, 1);
    circle_sync(c, VAN); /* nobody else ever has this one */
    s->had = circle_hub_has(c);
    go_on_as(c, VAN, ID);
    circle_say_it_went_back(c);
    circle_sync(c, VAN);
    circle_assert_settled(c, VAN);
    settling_assert_nothing_is_lost(s);
    circle_put_hub_back(c);
    circle_enrol(c, VAN, false);
    circle_sync(c, VAN);
    circle_sync(c, DESK);
    settling_assert_nothing_is_lost(s);
    circle_assert_settled(c, VAN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, settling_setup, settling_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_ask_settle_card__an_older_card_hears_what_others_handed_before_it_pushes),
        TEST(test_ask_settle_card__an_older_card_hears_it_though_it_has_nothing_to_push),
        TEST(test_ask_settle_card__an_older_card_pushes_what_it_has_first),
        TEST(test_ask_settle_card__what_others_handed_of_it_is_its_own),
        TEST(test_ask_settle_card__what_an_older_card_took_the_number_of_is_kept),
        TEST(test_ask_settle_card__what_was_not_sent_means_what_had_the_number),
        TEST(test_ask_settle_card__what_is_given_back_for_its_other_name_is_told),
        TEST(test_ask_settle_card__both_that_had_one_number_are_there_before_it_is_over),
        TEST(test_ask_settle_card__what_was_written_under_an_old_id_can_be_handed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
