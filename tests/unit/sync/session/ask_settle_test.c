/* Real nodes and a real hub that is put back to an earlier state: what it lost comes back from the
 * nodes as it was, whoever wrote it, and nobody is sent or loses anything for it.
 *
 * Shows P26. */
#include "sync/session/ask.h"

#include "platform/base/alloc.h"
#include "sync/hub/back.h"
#include "sync/log/back.h"
#include "sync/log/held.h"
#include "sync/log/log_state.h"
#include "tests/support/circle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

/* `van` writes most, `desk` of the same agency receives and writes a little, `far` is another
 * agency's, which hears nothing of it. */
enum { VAN, DESK, FAR };

static circle s;
static tp_err err;

static void must(tp_rc rc)
{
    if (rc != TP_OK) {
        fail_msg("%s: %s", tp_rc_name(rc), err.what);
    }
}

static tp_name person;

static void write_contacts(uint32_t at, int count)
{
    for (int i = 0; i < count; i++) {
        (void)tp_node_log_contact(&s.at[at], person, "Soup by the bus station");
    }
}

/* Names, bytes and stamps of all changes, in short. */
static void count_in(tp_held_sum *sum, tp_name name, tp_slice bytes, const tp_stamp *stamp)
{
    uint8_t digest[TP_SHA256_BYTES];
    uint8_t text[TP_SHA256_BYTES + 4 * 8];
    tp_change_digest(name, bytes, text);
    uint8_t *to = tp_digest_put_u64(text + TP_SHA256_BYTES, stamp->number);
    to = tp_digest_put_u64(to, (uint64_t)stamp->ms);
    to = tp_digest_put_u64(to, (uint64_t)stamp->earliest_ms);
    tp_digest_put_u64(to, (uint64_t)stamp->latest_ms);
    tp_sha256_of(tp_slice_of(text, sizeof text), digest);
    tp_held_sum counts = tp_held_get(digest);
    tp_held_add(sum, &counts);
}

static tp_rc add_item(void *context, const tp_hub_item *item, tp_err *unused)
{
    (void)unused;
    count_in(context, item->name, item->bytes, &item->stamp);
    return TP_OK;
}

static tp_held_sum hub_has(void)
{
    tp_held_sum sum = {0, 0};
    must(tp_hub_begin(&s.hub, &err));
    must(tp_hub_log_all(s.hub.store, 0, 0, add_item, &sum, &err));
    must(tp_hub_commit(&s.hub, &err));
    return sum;
}

static tp_rc add_row(void *context, const tp_log_row *row, tp_err *unused)
{
    (void)unused;
    if (!row->is_stub) {
        count_in(context, row->name, row->bytes, &row->stamp);
    }
    return TP_OK;
}

static tp_held_sum node_has(uint32_t at)
{
    tp_tx tx;
    tp_held_sum sum = {0, 0};
    tp_node_log_begin(&s.at[at], &tx, TP_TX_READ);
    must(tp_log_all(s.at[at].log, &tx, add_row, &sum, &err));
    tp_tx_rollback(&tx);
    return sum;
}

/* To the stamp, what the hub has: van and desk may hold all of it. */
static void assert_as_the_hub(uint32_t at)
{
    const tp_held_sum node = node_has(at);
    const tp_held_sum hub = hub_has();
    assert_true(tp_held_eq(&node, &hub));
}

static uint64_t hub_accepted(uint32_t at)
{
    tp_hub_device device;
    must(tp_hub_begin(&s.hub, &err));
    must(tp_hub_device_get(s.hub.store, tp_log_device(s.at[at].log), &device, &err));
    must(tp_hub_commit(&s.hub, &err));
    return device.accepted;
}

static tp_log_back back_of(uint32_t at)
{
    tp_tx tx;
    tp_log_back back;
    tp_node_log_begin(&s.at[at], &tx, TP_TX_READ);
    must(tp_log_back_get(s.at[at].log, &tx, &back, &err));
    tp_tx_rollback(&tx);
    return back;
}

/* Node and hub hold the same, and the node is whole. */
static void assert_settled(uint32_t at)
{
    assert_false(back_of(at).is_settling);
    assert_false(s.differs);
    assert_int_equal(hub_accepted(at), tp_node_log_push(&s.at[at]).last_seq);
    assert_int_equal(circle_findings(&s, at), 0);
    tp_node_log_assert_sound(&s.at[at]);
}

static void say_it_went_back(void)
{
    must(tp_hub_begin(&s.hub, &err));
    must(tp_hub_went_back(&s.hub, false, &err));
    must(tp_hub_commit(&s.hub, &err));
}

static void end_it(void)
{
    must(tp_hub_begin(&s.hub, &err));
    must(tp_hub_back_finish(&s.hub, &err));
    must(tp_hub_commit(&s.hub, &err));
}

/* A node that knows nothing of before the copy. */
static uint32_t add_node(const char *agency)
{
    const uint32_t at = s.count++;
    tp_node_log_open(&s.at[at], agency, 77);
    must(tp_key_generate(&s.rng.rng, &s.keys[at], &err));
    circle_enrol(&s, at, false);
    return at;
}

static tp_held_sum had; /* what the hub had before it was put back */

/* Everybody knows everything; then the copy is taken; then van pushes three times, desk once, and
 * both hear all of it. */
static int open_scene(void **state)
{
    static const char *const agencies[] = {"outreach", "outreach", "harbour", NULL};
    (void)state;
    circle_open(&s, agencies);
    person = tp_node_log_person(&s.at[VAN], "Baz");
    write_contacts(VAN, 5);
    circle_sync(&s, VAN);
    circle_sync(&s, DESK);
    circle_sync(&s, FAR);
    circle_copy_hub(&s);
    circle_keep_card(&s, VAN);
    for (int i = 1; i <= 3; i++) {
        s.clock.reading.wall_ms += 60000;
        s.clock.reading.up_ms += 60000;
        write_contacts(VAN, i);
        circle_sync(&s, VAN);
    }
    write_contacts(DESK, 2);
    circle_sync(&s, DESK);
    circle_sync(&s, VAN);
    had = hub_has();
    return 0;
}

static int close_scene(void **state)
{
    (void)state;
    circle_close(&s);
    return 0;
}

static void assert_hub_has_what_it_had(void)
{
    const tp_held_sum has = hub_has();
    assert_true(tp_held_eq(&has, &had));
}

/* Nobody says anything: the first that calls shows it. */
static void test_ask_settle__what_was_lost_is_there_again_with_the_stamps_it_had(void **state)
{
    (void)state;
    circle_put_hub_back(&s);
    assert_int_equal(hub_accepted(VAN), 6);
    circle_sync(&s, VAN);
    assert_true(s.counts.received == 0 && s.counts.given_back == 0 && s.counts.sent == 0);
    assert_true(back_of(VAN).is_hub_back);
    assert_settled(VAN);
    assert_hub_has_what_it_had(); /* van held desk's as well */
    circle_sync(&s, DESK);
    assert_true(s.counts.received == 0 && s.counts.given_back == 0 && s.counts.sent == 0);
    assert_settled(DESK);
    circle_sync(&s, FAR);
    assert_settled(FAR);
    assert_hub_has_what_it_had();
    assert_as_the_hub(VAN);
    assert_as_the_hub(DESK);
    circle_sync(&s, VAN);
    assert_false(back_of(VAN).is_hub_back); /* all were heard */
    assert_int_equal(s.counts.requests, 2); /* the second compares by stamps */
    assert_settled(VAN);
}

/* Whoever wrote it is lost: what others hold of it comes from them. */
static void test_ask_settle__what_another_device_wrote_is_handed(void **state)
{
    (void)state;
    circle_put_hub_back(&s);
    say_it_went_back();
    circle_sync(&s, DESK);
    assert_settled(DESK);
    assert_hub_has_what_it_had();
    assert_int_equal(hub_accepted(VAN), 6);
    circle_sync(&s, VAN); /* and then its author comes after all */
    assert_settled(VAN);
    assert_hub_has_what_it_had();
}

/* Found by sim.week_of_chance: the hub forgot that it enrolled who wrote it, so it cannot say whose
 * it is; the desk can, and its workers go on with what their colleague wrote.  Once the hub says
 * that all were heard it counts as nobody's. */
static void test_ask_settle__what_a_colleague_wrote_stays_before_they_are_admitted(void **state)
{
    enum { CONTACTS = 2 };
    (void)state;
    const uint32_t colleague = add_node("outreach"); /* after the copy */
    circle_sync(&s, colleague);
    write_contacts(colleague, CONTACTS);
    circle_sync(&s, colleague);
    circle_sync(&s, DESK);
    const tp_held_sum before = node_has(DESK);
    circle_put_hub_back(&s);
    circle_sync(&s, DESK);
    assert_int_equal(s.counts.given_back, 0);
    circle_sync(&s, DESK);
    assert_int_equal(s.counts.given_back, 0);
    const tp_held_sum after = node_has(DESK);
    assert_true(tp_held_eq(&before, &after));
    end_it();
    circle_sync(&s, DESK);
    assert_int_equal(s.counts.given_back, CONTACTS);
    assert_settled(DESK);
}

/* Found by sim.week_of_chance: what the desk wrote down made it its agency's by consent, as the hub
 * sees it; and so was asked back when that ended, what is its agency's own. */
static void test_ask_settle__what_is_the_agencys_own_is_not_asked_back_with_a_consent(void **state)
{
    (void)state;
    const uint32_t colleague = add_node("outreach"); /* after the copy */
    circle_sync(&s, colleague);
    const tp_name theirs = tp_node_log_person(&s.at[colleague], "Ola");
    (void)tp_node_log_contact(&s.at[colleague], theirs, "By the canal");
    circle_sync(&s, colleague);
    circle_sync(&s, DESK);
    (void)tp_node_log_consent(&s.at[DESK], theirs, "given", "outreach");
    circle_sync(&s, DESK);
    circle_put_hub_back(&s);
    circle_sync(&s, DESK);
    (void)tp_node_log_consent(&s.at[DESK], theirs, "refused", "outreach");
    for (int i = 0; i < 2; i++) {
        circle_sync(&s, DESK);
        assert_int_equal(s.counts.given_back, 0);
    }
    circle_enrol(&s, colleague, false);
    circle_sync(&s, colleague);
    circle_sync(&s, DESK);
    assert_settled(DESK);
    assert_as_the_hub(DESK);
}

static uint64_t changes_at(uint32_t at)
{
    tp_tx tx;
    tp_log_counts counts;
    tp_node_log_begin(&s.at[at], &tx, TP_TX_READ);
    must(tp_log_count(s.at[at].log, &tx, &counts, &err));
    tp_tx_rollback(&tx);
    return counts.changes;
}

/* Also while the hub collects what it lost. */
static void test_ask_settle__what_hangs_on_a_consent_goes_with_it(void **state)
{
    (void)state;
    const tp_name theirs = tp_node_log_person(&s.at[FAR], "Ola");
    (void)tp_node_log_consent(&s.at[FAR], theirs, "given", "outreach");
    circle_sync(&s, FAR);
    const uint64_t before = changes_at(DESK);
    circle_sync(&s, DESK);
    (void)tp_node_log_join(&s.at[DESK], theirs, person);
    circle_sync(&s, DESK);
    circle_copy_hub(&s);
    write_contacts(VAN, 1);
    circle_sync(&s, VAN);
    circle_put_hub_back(&s);
    circle_sync(&s, FAR);
    (void)tp_node_log_consent(&s.at[FAR], theirs, "refused", "outreach");
    say_it_went_back();
    circle_sync(&s, FAR);
    circle_sync(&s, DESK);
    assert_true(back_of(DESK).is_hub_back);
    assert_int_equal(changes_at(DESK), before); /* its own join went as well */
    assert_settled(DESK);
}

/* ---- Older cards ---- */

/* The first request hears of the generation, and the next one pushes nothing. */
static void assert_forks(uint32_t at, int pushes)
{
    tp_ask *ask = circle_ask(&s, at);
    for (int requests = 0; requests < 2 + pushes; requests++) {
        assert_false(tp_ask_is_done(ask) || tp_ask_is_forked(ask));
        (void)circle_exchange(&s, at, ask);
    }
    assert_true(tp_ask_is_forked(ask));
    tp_ask_free(ask);
}

/* It would use numbers again that are not free, and what hangs on the first of them would hang on
 * what has them now. */
static void test_ask_settle__an_older_card_hears_what_others_handed_before_it_pushes(void **state)
{
    (void)state;
    circle_put_hub_back(&s);
    circle_put_card_back(&s, VAN);
    write_contacts(VAN, 1); /* by the number of one that was there */
    circle_sync(&s, DESK);
    assert_hub_has_what_it_had();
    assert_forks(VAN, 0);
    assert_int_equal(hub_accepted(VAN), 6);
    assert_hub_has_what_it_had();
}

static void test_ask_settle__an_older_card_hears_it_though_it_has_nothing_to_push(void **state)
{
    (void)state;
    circle_put_hub_back(&s);
    circle_put_card_back(&s, VAN);
    circle_sync(&s, DESK);
    assert_forks(VAN, 0);
    assert_hub_has_what_it_had();
}

/* Van pushes two contacts that the hub does not have when it is put back, its card only `kept` of
 * them; desk has them, and hands them first. */
static void fall_with_the_card(int kept)
{
    circle_copy_hub(&s);
    write_contacts(VAN, kept);
    circle_keep_card(&s, VAN);
    write_contacts(VAN, 2 - kept);
    circle_sync(&s, VAN);
    circle_sync(&s, DESK);
    had = hub_has();
    circle_put_hub_back(&s);
    circle_put_card_back(&s, VAN);
    circle_sync(&s, DESK);
}

/* The first of it is the one that is there, so that only the rest is another's. */
static void test_ask_settle__an_older_card_pushes_what_it_has_first(void **state)
{
    (void)state;
    fall_with_the_card(1);
    const uint64_t before = hub_accepted(VAN);
    assert_forks(VAN, 1);
    assert_int_equal(hub_accepted(VAN), before + 1);
    assert_hub_has_what_it_had();
}

/* It never heard that this was accepted, and others have it: it is what it has still to push. */
static void test_ask_settle__what_others_handed_of_it_is_its_own(void **state)
{
    (void)state;
    fall_with_the_card(2); /* as if the answer had been lost */
    circle_sync(&s, VAN);
    assert_settled(VAN);
    assert_hub_has_what_it_had();
    assert_as_the_hub(VAN);
}

static uint32_t hub_count(void)
{
    uint64_t changes = 0;
    tp_hub_verified *verified = tp_alloc(sizeof *verified);
    assert_non_null(verified);
    must(tp_hub_store_verify(s.hub.store, NULL, NULL, verified, &err));
    if (verified->findings.count > 0) {
        fail_msg("%s", verified->findings.text[0]);
    }
    changes = verified->changes;
    assert_int_equal(verified->quarantined, 0);
    tp_free(verified);
    return (uint32_t)changes;
}

/* By the hub's clock and a node's. */
static void wait_a_minute(uint32_t at)
{
    tp_clock_fixed *const clocks[] = {&s.clock, &s.at[at].clock};
    for (size_t i = 0; i < sizeof clocks / sizeof clocks[0]; i++) {
        clocks[i]->reading.wall_ms += 60000;
        clocks[i]->reading.up_ms += 60000;
    }
}

/* It comes first and uses a number again: what had it, and all that came after that, comes back
 * under an id of its own, to its author too. */
static void test_ask_settle__what_an_older_card_took_the_number_of_is_kept(void **state)
{
    (void)state;
    const uint32_t count = hub_count();
    circle_put_hub_back(&s);
    circle_put_card_back(&s, VAN);
    wait_a_minute(VAN);
    write_contacts(VAN, 1);
    circle_sync(&s, VAN);
    assert_int_equal(hub_accepted(VAN), 7);
    wait_a_minute(VAN);
    circle_sync(&s, DESK);
    assert_int_equal(hub_count(), count + 1);
    end_it();
    for (int round = 0; round < 2; round++) {
        circle_sync(&s, FAR);
        circle_sync(&s, DESK);
        circle_sync(&s, VAN);
    }
    assert_int_equal(hub_count(), count + 1);
    assert_settled(VAN);
    assert_settled(DESK);
    assert_as_the_hub(VAN);
    assert_as_the_hub(DESK);
    had = hub_has(); /* it falls once more, and who hands it knows the other name by now */
    circle_put_hub_back(&s);
    circle_sync(&s, DESK);
    circle_sync(&s, VAN);
    circle_sync(&s, DESK);
    const tp_held_sum has = hub_has();
    assert_true(tp_held_eq(&has, &had));
}

static tp_rc keep_record(void *context, const tp_log_row *row, tp_err *unused)
{
    (void)unused;
    *(tp_packed_name *)context = row->record;
    return TP_OK;
}

/* Which record a change says something of: at a node, and at the hub. */
static tp_name record_of(uint32_t at, tp_name change)
{
    tp_tx tx;
    tp_hub_item item;
    tp_packed_name id = 0;
    tp_packed_name packed = 0;
    tp_name record = {0, 0};
    tp_node_log_begin(&s.at[at], &tx, TP_TX_READ);
    must(tp_log_pack_known(s.at[at].log, &tx, change, &id, &err));
    must(tp_log_get(s.at[at].log, &tx, id, keep_record, &packed, &err));
    must(tp_log_unpack(s.at[at].log, &tx, packed, &record, &err));
    tp_tx_rollback(&tx);
    must(tp_hub_begin(&s.hub, &err));
    must(tp_hub_log_get(s.hub.store, change, &item, NULL, &err));
    must(tp_hub_commit(&s.hub, &err));
    assert_true(tp_name_eq(item.record, record));
    return record;
}

/* Found by sim.week_of_chance: it said something of the other one. */
static void test_ask_settle__what_was_not_sent_means_what_had_the_number(void **state)
{
    (void)state;
    const tp_name soup = {tp_log_device(s.at[VAN].log), 7};
    const tp_name tea = {soup.device, 6}; /* this one the card has still */
    circle_put_hub_back(&s);
    circle_put_card_back(&s, VAN);
    wait_a_minute(VAN);
    write_contacts(VAN, 1);
    circle_sync(&s, VAN);
    wait_a_minute(VAN);
    const tp_name first = tp_node_log_update_text(&s.at[DESK], soup, TP_CONTACT, TP_CONTACT_NOTE,
                                                  "And a coat", (tp_name){0, 0});
    const tp_name second = tp_node_log_update_text(&s.at[DESK], tea, TP_CONTACT, TP_CONTACT_NOTE,
                                                   "And a scarf", (tp_name){0, 0});
    circle_sync(&s, DESK);
    const tp_name record = record_of(DESK, first);
    assert_true(record.seq == soup.seq && record.device != soup.device);
    assert_true(tp_name_eq(record_of(DESK, second), tea));
    assert_settled(DESK);
    const tp_name third = tp_node_log_update_text(&s.at[DESK], soup, TP_CONTACT, TP_CONTACT_NOTE,
                                                  "And a hat", (tp_name){0, 0});
    circle_sync(&s, DESK);
    assert_true(tp_name_eq(record_of(DESK, third), soup)); /* by then it knew of the other */
    assert_settled(DESK);
    circle_sync(&s, VAN);
    assert_as_the_hub(VAN);
}

/* Whoever keeps names beside the log is told with the answer, and once. */
static void test_ask_settle__what_is_given_back_for_its_other_name_is_told(void **state)
{
    (void)state;
    uint32_t told = 0;
    circle_put_hub_back(&s);
    circle_put_card_back(&s, VAN);
    wait_a_minute(VAN);
    write_contacts(VAN, 1);
    circle_sync(&s, VAN);
    wait_a_minute(VAN);
    tp_ask *ask = circle_ask(&s, DESK);
    while (!tp_ask_is_done(ask)) {
        uint32_t count = 0;
        (void)circle_exchange(&s, DESK, ask);
        const tp_renaming *renamed = tp_ask_renamed(ask, &count);
        for (uint32_t i = 0; i < count; i++) {
            assert_true(renamed[i].from == tp_log_device(s.at[VAN].log) && renamed[i].to != 0);
            assert_true(renamed[i].upto == renamed[i].kept + 1 && renamed[i].keeps_seq);
            told++;
        }
    }
    tp_ask_free(ask);
    assert_int_equal(told, 6); /* all that van had written since */
}

/* The hub has it as it is, and so may others. */
static void test_ask_settle__what_the_hub_has_already_goes_before_all_is_compared(void **state)
{
    (void)state;
    write_contacts(DESK, 2);
    circle_lose_answer(&s, DESK);
    write_contacts(DESK, 1);
    const uint64_t accepted = hub_accepted(DESK);
    say_it_went_back();
    tp_ask *ask = circle_ask(&s, DESK);
    assert_false(circle_exchange(&s, DESK, ask)); /* there is another generation */
    assert_true(circle_exchange(&s, DESK, ask));  /* where does it stand? */
    assert_true(circle_exchange(&s, DESK, ask));
    assert_int_equal(tp_node_log_push(&s.at[DESK]).accepted_seq, accepted);
    assert_int_equal(hub_accepted(DESK), accepted);
    tp_ask_free(ask);
    circle_sync(&s, DESK);
    assert_int_equal(hub_accepted(DESK), accepted + 1);
    assert_settled(DESK);
}

/* What is withheld from nobody waits for nobody: neither what the number names now, nor what was
 * called by it. */
static void test_ask_settle__both_that_had_one_number_are_there_before_it_is_over(void **state)
{
    (void)state;
    circle_put_hub_back(&s);
    circle_put_card_back(&s, VAN);
    wait_a_minute(VAN);
    write_contacts(VAN, 1);
    circle_sync(&s, VAN);
    wait_a_minute(VAN);
    circle_sync(&s, DESK);
    assert_true(back_of(DESK).is_hub_back); /* it waits for far */
    assert_as_the_hub(DESK);
    assert_settled(DESK);
    circle_sync(&s, VAN);
    assert_as_the_hub(VAN);
    assert_settled(VAN);
}

/* Others pushed meanwhile, so that no cursor is beyond the end of the feed. */
static void test_ask_settle__a_receipt_shows_it_where_no_cursor_does(void **state)
{
    (void)state;
    const uint64_t generation = s.generation;
    circle_put_hub_back(&s);
    const uint32_t fresh = add_node("outreach");
    for (int i = 0; i < 20; i++) {
        (void)tp_node_log_person(&s.at[fresh], "Somebody else");
    }
    circle_sync(&s, fresh);
    assert_true(s.generation == generation);
    circle_sync(&s, VAN);
    assert_true(s.generation != generation);
    assert_settled(VAN);
    assert_int_equal(s.counts.given_back, 0);
}

static void fall_without_receipts(void)
{
    circle_execute(&s, VAN, "DELETE FROM pushed");
    circle_put_hub_back(&s);
    say_it_went_back();
}

/* One of before it gave receipts has nothing to show, and everything to give. */
static void test_ask_settle__without_a_receipt_it_pushes_again_and_takes_new_stamps(void **state)
{
    (void)state;
    fall_without_receipts();
    circle_sync(&s, VAN);
    assert_settled(VAN);
    assert_int_equal(hub_accepted(VAN), 12);
    const tp_held_sum has = hub_has();
    assert_false(tp_held_eq(&has, &had));
    assert_as_the_hub(VAN);
}

static tp_stamp stamp_of_last(void)
{
    const tp_name last = {tp_log_device(s.at[VAN].log), hub_accepted(VAN)};
    tp_hub_item item;
    must(tp_hub_begin(&s.hub, &err));
    must(tp_hub_log_get(s.hub.store, last, &item, NULL, &err));
    must(tp_hub_commit(&s.hub, &err));
    return item.stamp;
}

/* The hub has the beginning of a push from another history than the push is of.  What the last
 * change of that push was given in that: */
static tp_stamp fall_into_a_push(void)
{
    tp_buf earlier = s.copy;
    tp_buf_init(&s.copy, earlier.bytes_ceiling);
    circle_copy_hub(&s);
    write_contacts(VAN, 2);
    circle_sync(&s, VAN);
    circle_execute(&s, VAN, "DELETE FROM pushed");
    const tp_buf later = s.copy;
    s.copy = earlier;
    circle_put_hub_back(&s);
    circle_sync(&s, VAN); /* all since then in one push */
    assert_settled(VAN);
    const tp_stamp had_last = stamp_of_last();
    s.copy = later;
    circle_put_hub_back(&s);
    assert_int_equal(hub_accepted(VAN), 12);
    tp_buf_done(&earlier);
    return had_last;
}

static void assert_last_is(tp_stamp had_last)
{
    const tp_stamp last = stamp_of_last();
    assert_int_equal(last.number, had_last.number);
    assert_int_equal(last.ms, had_last.ms);
}

static void test_ask_settle__a_push_that_is_there_in_part_is_shown_as_a_whole(void **state)
{
    (void)state;
    const tp_stamp had_last = fall_into_a_push();
    circle_sync(&s, VAN);
    assert_settled(VAN);
    assert_last_is(had_last);
    assert_as_the_hub(VAN);
}

/* Found by sim.week_of_chance: the stamps that the hub had of that part were put in the place of
 * those that the receipt is of, so that it showed the rest no more. */
static void
test_ask_settle__a_push_that_is_there_in_part_is_shown_as_often_as_it_is_lost(void **state)
{
    (void)state;
    const tp_stamp had_last = fall_into_a_push();
    circle_sync(&s, VAN);
    for (int i = 0; i < 2; i++) {
        circle_put_hub_back(&s);
        assert_int_equal(hub_accepted(VAN), 12);
        circle_sync(&s, VAN);
        assert_settled(VAN);
        assert_last_is(had_last);
        assert_as_the_hub(VAN);
    }
}

/* The answer to it is the last that is heard: by then the hub has the rest as well. */
static void test_ask_settle__a_push_that_was_told_in_part_is_shown_again(void **state)
{
    (void)state;
    const tp_stamp had_last = fall_into_a_push();
    tp_ask *ask = circle_ask(&s, VAN);
    assert_false(circle_exchange(&s, VAN, ask)); /* there is another generation */
    assert_true(circle_exchange(&s, VAN, ask));  /* where does it stand? */
    assert_int_equal(hub_accepted(VAN), 12);
    assert_true(circle_exchange(&s, VAN, ask));
    assert_true(hub_accepted(VAN) > 12);
    tp_ask_free(ask);
    circle_put_hub_back(&s);
    circle_sync(&s, VAN);
    assert_settled(VAN);
    assert_last_is(had_last);
    assert_as_the_hub(VAN);
}

/* Found by sim.week_of_chance: it was shown without end.  Its receipt fits nothing. */
static void test_ask_settle__a_part_that_is_not_proven_is_shown_once(void **state)
{
    (void)state;
    (void)fall_into_a_push();
    circle_execute(&s, VAN, "UPDATE pushed SET receipt = zeroblob(length(receipt))");
    circle_sync(&s, VAN);
    assert_settled(VAN);
    assert_as_the_hub(VAN);
}

/* Whoever comes first with the stamps that it had settles that: its author takes them. */
static void test_ask_settle__what_was_handed_first_keeps_its_stamps_without_a_receipt(void **state)
{
    (void)state;
    fall_without_receipts();
    circle_sync(&s, DESK);
    circle_sync(&s, VAN);
    assert_settled(VAN);
    assert_hub_has_what_it_had();
    assert_as_the_hub(VAN);
    assert_as_the_hub(DESK);
}

/* Whoever has it with the stamps that it had, and comes after its author, shows those; its author
 * takes them when the hub waits for nobody any more.  By names and bytes nobody would find that
 * they differ. */
static void test_ask_settle__stamps_that_somebody_has_come_back(void **state)
{
    (void)state;
    fall_without_receipts();
    circle_sync(&s, VAN);
    circle_sync(&s, DESK);
    assert_int_equal(s.counts.given_back, 0);
    assert_settled(DESK);
    assert_hub_has_what_it_had();
    circle_sync(&s, FAR);
    end_it();
    circle_sync(&s, VAN);
    assert_settled(VAN);
    assert_as_the_hub(VAN);
    circle_sync(&s, DESK);
    assert_as_the_hub(DESK);
}

/* Its author was told that by a feed, after the receipt that it shows: it hands what it pushed. */
static void test_ask_settle__an_author_shows_a_stamp_that_is_older_than_its_receipt(void **state)
{
    (void)state;
    fall_without_receipts();
    circle_sync(&s, VAN);
    circle_sync(&s, DESK);
    end_it();
    circle_sync(&s, VAN);
    assert_hub_has_what_it_had();
    circle_put_hub_back(&s);
    say_it_went_back();
    circle_sync(&s, VAN);
    assert_settled(VAN);
    assert_hub_has_what_it_had();
    assert_as_the_hub(VAN);
}

/* What its author pushed again unnoticed got the number that another had; who holds it with the one
 * that it had keeps that until the hub is done, beside what came after it. */
static void test_ask_settle__stamps_of_before_are_held_beside_new_ones(void **state)
{
    (void)state;
    circle_copy_hub(&s);
    write_contacts(DESK, 1);
    circle_sync(&s, DESK);
    write_contacts(VAN, 1);
    circle_lose_answer(&s, VAN);
    circle_sync(&s, DESK);
    circle_put_hub_back(&s);
    write_contacts(VAN, 1);
    circle_sync(&s, VAN);
    assert_false(back_of(VAN).is_hub_back);
    circle_sync(&s, DESK);
    assert_true(back_of(DESK).is_hub_back);
    assert_settled(DESK);
    end_it();
    circle_sync(&s, VAN);
    circle_sync(&s, DESK);
    assert_settled(VAN);
    assert_settled(DESK);
    assert_as_the_hub(VAN);
    assert_as_the_hub(DESK);
}

/* What is damaged here shows nothing: it is mended, and not given back. */
static void test_ask_settle__what_is_damaged_and_at_the_hub_is_mended(void **state)
{
    (void)state;
    circle_execute(&s, DESK,
                   "UPDATE log SET bytes = CAST(replace(bytes, 'Soup', 'Soap') AS BLOB)"
                   " WHERE id = (1 << 40 | 9)");
    say_it_went_back();
    circle_sync(&s, DESK);
    assert_int_equal(s.counts.healed, 1);
    assert_int_equal(s.counts.given_back, 0);
    assert_settled(DESK);
    assert_as_the_hub(DESK);
}

/* What its author wrote last has a stamp at the hub that nobody was told: as where it was put back,
 * and gave it before anything showed that.  It is the lower of the two, so that it counts. */
static void stamp_otherwise(void)
{
    enum { APART = 1000 };
    must(tp_hub_begin(&s.hub, &err));
    tp_hub_store_state(s.hub.store)->number += 2 * APART;
    must(tp_hub_commit(&s.hub, &err));
    write_contacts(VAN, 1);
    circle_sync(&s, VAN);
    circle_sync(&s, DESK);
    const tp_name last = {tp_log_device(s.at[VAN].log), hub_accepted(VAN)};
    tp_hub_item item;
    must(tp_hub_begin(&s.hub, &err));
    must(tp_hub_log_get(s.hub.store, last, &item, NULL, &err));
    item.stamp.number -= APART;
    must(tp_hub_log_restamp(s.hub.store, last, &item.stamp, &err));
    must(tp_hub_commit(&s.hub, &err));
}

static void test_ask_settle__a_stamp_that_nobody_was_told_is_found_when_it_is_over(void **state)
{
    (void)state;
    stamp_otherwise();
    say_it_went_back();
    circle_sync(&s, DESK);
    circle_sync(&s, VAN);
    assert_true(back_of(VAN).is_hub_back); /* it waits for one of them, */
    end_it();                              /* which comes later than that */
    circle_sync(&s, FAR);
    for (uint32_t at = VAN; at <= DESK; at++) {
        circle_sync(&s, at);
        assert_settled(at);
        assert_false(back_of(at).is_hub_back);
        assert_int_equal(s.counts.received, at == VAN ? 0 : 1); /* van, whose it is, was sent it */
        assert_int_equal(s.counts.healed, 0);
        assert_as_the_hub(at);
        circle_sync(&s, at);
        assert_int_equal(s.counts.requests, 1); /* and is not sought again */
    }
}

/* Bounds alone: its author pushed it again unnoticed, when the hub knew less of its clock. */
static void test_ask_settle__bounds_that_nobody_was_told_are_found(void **state)
{
    (void)state;
    const tp_name last = {tp_log_device(s.at[VAN].log), hub_accepted(VAN)};
    tp_hub_item item;
    must(tp_hub_begin(&s.hub, &err));
    must(tp_hub_log_get(s.hub.store, last, &item, NULL, &err));
    item.stamp.earliest_ms = item.stamp.ms - 1000;
    item.stamp.latest_ms = item.stamp.ms;
    must(tp_hub_log_restamp(s.hub.store, last, &item.stamp, &err));
    must(tp_hub_commit(&s.hub, &err));
    say_it_went_back();
    end_it();
    for (uint32_t at = VAN; at <= DESK; at++) {
        circle_sync(&s, at);
        assert_settled(at);
        assert_as_the_hub(at);
    }
}

static void test_ask_settle__who_comes_late_is_told_its_stamps(void **state)
{
    (void)state;
    stamp_otherwise();
    say_it_went_back();
    end_it();
    circle_sync(&s, DESK);
    assert_settled(DESK);
    assert_as_the_hub(DESK);
    circle_sync(&s, VAN);
    assert_settled(VAN);
    assert_as_the_hub(VAN);
}

/* As where access changes and the hub judges again: what it says of the record. */
static void say_verdict(uint32_t verdict)
{
    enum { AGENCIES_MAX = 8 };
    tp_hub_feed_row rows[AGENCIES_MAX];
    tp_hub_device device;
    must(tp_hub_begin(&s.hub, &err));
    must(tp_hub_device_get(s.hub.store, tp_log_device(s.at[DESK].log), &device, &err));
    must(tp_hub_feed_of(s.hub.store, person, rows, &err));
    rows[device.agency - 1].verdict = verdict;
    must(tp_hub_feed_put(s.hub.store, device.agency, &rows[device.agency - 1], &err));
    must(tp_hub_commit(&s.hub, &err));
}

static tp_rc take_verdict(void *context, const tp_log_row *row, tp_err *unused)
{
    (void)unused;
    if (tp_name_eq(row->name, person)) {
        *(uint32_t *)context = row->verdict;
    }
    return TP_OK;
}

static uint32_t verdict_of(uint32_t at)
{
    tp_tx tx;
    uint32_t verdict = 0;
    tp_node_log_begin(&s.at[at], &tx, TP_TX_READ);
    must(tp_log_all(s.at[at].log, &tx, take_verdict, &verdict, &err));
    tp_tx_rollback(&tx);
    return verdict;
}

/* Sums are the same with it and without, and who settles goes on at the end of the feed. */
static void test_ask_settle__a_verdict_that_was_taken_back_is_told_when_it_is_over(void **state)
{
    (void)state;
    say_verdict(TP_VERDICT_HOLDER_LOST);
    circle_sync(&s, DESK);
    assert_int_equal(verdict_of(DESK), TP_VERDICT_HOLDER_LOST);
    say_it_went_back();
    say_verdict(0);
    circle_sync(&s, DESK);
    circle_sync(&s, VAN);
    assert_int_equal(verdict_of(DESK), TP_VERDICT_HOLDER_LOST);
    end_it();
    circle_sync(&s, DESK);
    assert_int_equal(verdict_of(DESK), 0);
    assert_int_equal(s.counts.received, 1);
    assert_int_equal(s.counts.healed, 0);
    assert_settled(DESK);
}

/* Whatever is judged anew while the two settle, by what is handed or by what others say, is told:
 * the cursor goes to the end of the feed with each answer, past names that were compared. */
static void test_ask_settle__a_verdict_that_falls_meanwhile_is_told(void **state)
{
    (void)state;
    int exchanges = 1;
    for (int at = 0; at < exchanges; at++) {
        s.clock.reading.wall_ms += 1000; /* generations count in seconds */
        circle_put_hub_back(&s);
        say_it_went_back();
        end_it();
        tp_ask *ask = circle_ask(&s, DESK);
        for (exchanges = 0; !tp_ask_is_done(ask); exchanges++) {
            if (exchanges == at) {
                say_verdict(TP_VERDICT_HOLDER_LOST);
            }
            (void)circle_exchange(&s, DESK, ask);
        }
        tp_ask_free(ask);
        circle_sync(&s, DESK); /* what came behind its last page */
        assert_settled(DESK);
        assert_int_equal(verdict_of(DESK), TP_VERDICT_HOLDER_LOST);
    }
    assert_true(exchanges > 4);
}

/* What was never sent goes as always, after what was lost. */
static void test_ask_settle__what_was_not_sent_yet_follows(void **state)
{
    (void)state;
    circle_put_hub_back(&s);
    write_contacts(VAN, 3);
    circle_sync(&s, VAN);
    assert_int_equal(s.counts.sent, 3);
    assert_int_equal(hub_accepted(VAN), 15);
    assert_settled(VAN);
    circle_sync(&s, DESK);
    assert_int_equal(s.counts.received, 3);
    assert_settled(DESK);
}

/* Found by sim.week_of_chance: what was pushed while it compared stood before its cursor. */
static void test_ask_settle__what_others_push_meanwhile_comes_as_always(void **state)
{
    (void)state;
    bool is_over = false;
    for (int at = 1; !is_over; at++) {
        say_it_went_back();
        circle_sync(&s, VAN);
        tp_ask *ask = circle_ask(&s, DESK);
        for (int i = 0; i < at && !tp_ask_is_done(ask); i++) {
            (void)circle_exchange(&s, DESK, ask);
            write_contacts(VAN, 1);
            circle_sync(&s, VAN);
        }
        is_over = tp_ask_is_done(ask);
        while (!tp_ask_is_done(ask)) {
            (void)circle_exchange(&s, DESK, ask);
        }
        tp_ask_free(ask);
        circle_sync(&s, DESK);
        assert_true(back_of(DESK).is_hub_back); /* it waits for far */
        assert_as_the_hub(DESK);
        assert_settled(DESK);
    }
}

/* Found by sim.week_of_chance (822435): a join whose author was cut off before it handed the person
 * that a third device wrote is held once that is handed, where names were compared already. */
static void test_ask_settle__what_is_held_by_what_it_hands_is_fetched(void **state)
{
    (void)state;
    bool is_over = false;
    const uint32_t third = add_node("outreach");
    for (int at = 1; !is_over; at++) {
        circle_copy_hub(&s);
        const tp_name other = tp_node_log_person(&s.at[third], "Sean");
        circle_sync(&s, third);
        circle_sync(&s, DESK);
        circle_sync(&s, VAN);
        s.clock.reading.wall_ms += 1000; /* generations count in seconds */
        circle_put_hub_back(&s);
        (void)tp_node_log_join(&s.at[VAN], person, other);
        tp_ask *ask = circle_ask(&s, VAN);
        for (int i = 0; i < at && !tp_ask_is_done(ask); i++) {
            (void)circle_exchange(&s, VAN, ask);
        }
        is_over = tp_ask_is_done(ask);
        tp_ask_free(ask);
        circle_sync(&s, DESK);
        assert_as_the_hub(DESK);
        assert_settled(DESK);
        circle_sync(&s, VAN);
    }
}

/* Wherever a sync ends, the next one goes on. */
static void test_ask_settle__it_may_be_cut_off_anywhere(void **state)
{
    (void)state;
    circle_put_hub_back(&s);
    int requests = 0;
    for (int upto = 1; back_of(VAN).is_settling || upto < 4; upto++) {
        tp_ask *ask = circle_ask(&s, VAN);
        assert_true(upto < 30);
        for (int i = 0; i < upto && !tp_ask_is_done(ask); i++) {
            (void)circle_exchange(&s, VAN, ask);
            requests++;
        }
        tp_ask_free(ask);
        tp_node_log_reopen(&s.at[VAN]);
    }
    assert_true(requests > 4);
    circle_sync(&s, VAN);
    assert_settled(VAN);
    assert_hub_has_what_it_had();
}

/* Van's third change since the copy, its 9th, is here no more; and the 3rd of before. */
static void test_ask_settle__what_is_gone_here_is_missing_and_the_rest_goes_on(void **state)
{
    (void)state;
    tp_tx tx;
    const tp_name gone[] = {{tp_log_device(s.at[VAN].log), 3}, {tp_log_device(s.at[VAN].log), 9}};
    tp_node_log_begin(&s.at[VAN], &tx, TP_TX_WRITE);
    must(tp_merge_give_back(s.at[VAN].merge, &tx, gone, 2, TP_NODE_LOG_NOW_MS, &err));
    tp_node_log_commit(&tx);
    circle_put_hub_back(&s);
    say_it_went_back();
    circle_sync(&s, VAN);
    assert_int_equal(hub_accepted(VAN), 12);
    assert_false(back_of(VAN).is_settling);
    write_contacts(VAN, 1);
    circle_sync(&s, VAN);
    assert_int_equal(hub_accepted(VAN), 13);
    circle_sync(&s, DESK); /* which has it */
    assert_settled(DESK);
}

/* The chain goes on to what is not damaged. */
static void test_ask_settle__what_is_damaged_is_not_pushed_as_what_it_was(void **state)
{
    (void)state;
    circle_execute(&s, VAN,
                   "UPDATE log SET bytes = CAST(replace(bytes, 'Soup', 'Soap') AS BLOB)"
                   " WHERE id = (4194304 << 40 | 9)");
    circle_put_hub_back(&s);
    say_it_went_back();
    circle_sync(&s, VAN);
    assert_int_equal(hub_accepted(VAN), 12);
    circle_sync(&s, DESK);
    assert_settled(DESK);
    assert_hub_has_what_it_had();
    circle_sync(&s, VAN); /* and is mended from there */
    end_it();
    circle_sync(&s, VAN);
    assert_settled(VAN);
}

static void test_ask_settle__a_kiosk_has_nothing_and_goes_on(void **state)
{
    (void)state;
    tp_tx tx;
    circle_enrol(&s, FAR, true);
    tp_node_log_begin(&s.at[FAR], &tx, TP_TX_WRITE);
    must(tp_log_set_kiosk(s.at[FAR].log, &tx, true, &err));
    tp_node_log_commit(&tx);
    circle_copy_hub(&s);
    for (int i = 0; i < 3; i++) {
        (void)tp_node_log_create(&s.at[FAR], TP_HELP_REQUEST, (tp_name){0, 0}, TP_REQUEST_WORDS,
                                 "a bed");
        circle_sync(&s, FAR);
    }
    assert_int_equal(hub_accepted(FAR), 3);
    circle_put_hub_back(&s);
    say_it_went_back();
    (void)tp_node_log_create(&s.at[FAR], TP_HELP_REQUEST, (tp_name){0, 0}, TP_REQUEST_WORDS,
                             "a coat");
    circle_sync(&s, FAR);
    assert_int_equal(hub_accepted(FAR), 4);
    assert_false(back_of(FAR).is_settling);
    assert_int_equal(circle_findings(&s, FAR), 0);
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
    (void)state;
    char sql[512];
    int64_t digest = 0;
    tp_tx tx;
    tp_node_log_begin(&s.at[DESK], &tx, TP_TX_READ);
    must(tp_log_get(s.at[DESK].log, &tx, INT64_C(1) << 40 | 7, digest_otherwise_named, &digest,
                    &err));
    tp_tx_rollback(&tx);
    snprintf(sql, sizeof sql,
             "INSERT INTO log (id, arrived, number, stamp, position, tag, bytes, digest)"
             " SELECT (1 << 40 | 900), 1, 99999, stamp, 50, tag, bytes, %lld FROM log"
             " WHERE id = (1 << 40 | 7);"
             "UPDATE log SET said = " TP_LOG_SAID " WHERE id = (1 << 40 | 900)",
             (long long)digest);
    circle_execute(&s, DESK, sql);
    tp_node_log_begin(&s.at[DESK], &tx, TP_TX_WRITE);
    must(tp_log_held_doubt(s.at[DESK].log, &tx, &err));
    tp_node_log_commit(&tx);
    circle_sync(&s, DESK);
    assert_int_equal(s.counts.given_back, 1);
    assert_settled(DESK);
    assert_hub_has_what_it_had();
}

/* More than one request hands, while what others wrote since is still to be fetched. */
static void test_ask_settle__much_is_handed_and_what_is_new_is_fetched(void **state)
{
    (void)state;
    write_contacts(VAN, 2 * TP_HANDED_MAX + 3);
    circle_sync(&s, VAN);
    circle_sync(&s, DESK);
    had = hub_has();
    circle_put_hub_back(&s);
    const uint32_t fresh = add_node("outreach");
    say_it_went_back();
    circle_sync(&s, fresh);
    for (int i = 0; i < 5; i++) {
        (void)tp_node_log_person(&s.at[fresh], "Somebody else");
    }
    circle_sync(&s, fresh);
    circle_sync(&s, DESK);
    assert_true(s.counts.received == 5 && s.counts.given_back == 0);
    assert_settled(DESK);
    assert_as_the_hub(DESK);
    circle_sync(&s, VAN);
    assert_settled(VAN);
    assert_as_the_hub(VAN);
}

/* The same copy again: it is of a generation that everybody left. */
static void test_ask_settle__it_may_go_back_twice(void **state)
{
    (void)state;
    circle_put_hub_back(&s);
    circle_sync(&s, VAN);
    circle_sync(&s, DESK);
    circle_sync(&s, FAR);
    write_contacts(DESK, 1);
    circle_sync(&s, DESK);
    circle_sync(&s, VAN);
    had = hub_has();
    const uint64_t generation = s.generation;
    circle_put_hub_back(&s);
    circle_sync(&s, VAN);
    circle_sync(&s, DESK);
    circle_sync(&s, FAR);
    assert_true(s.generation != generation);
    assert_settled(FAR);
    assert_hub_has_what_it_had();
    circle_sync(&s, VAN);
    assert_settled(VAN);
    assert_as_the_hub(VAN);
    assert_as_the_hub(DESK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_ask_settle__what_was_lost_is_there_again_with_the_stamps_it_had),
        TEST(test_ask_settle__what_another_device_wrote_is_handed),
        TEST(test_ask_settle__what_a_colleague_wrote_stays_before_they_are_admitted),
        TEST(test_ask_settle__what_is_the_agencys_own_is_not_asked_back_with_a_consent),
        TEST(test_ask_settle__what_hangs_on_a_consent_goes_with_it),
        TEST(test_ask_settle__an_older_card_hears_what_others_handed_before_it_pushes),
        TEST(test_ask_settle__an_older_card_hears_it_though_it_has_nothing_to_push),
        TEST(test_ask_settle__an_older_card_pushes_what_it_has_first),
        TEST(test_ask_settle__what_others_handed_of_it_is_its_own),
        TEST(test_ask_settle__what_an_older_card_took_the_number_of_is_kept),
        TEST(test_ask_settle__what_was_not_sent_means_what_had_the_number),
        TEST(test_ask_settle__what_is_given_back_for_its_other_name_is_told),
        TEST(test_ask_settle__what_the_hub_has_already_goes_before_all_is_compared),
        TEST(test_ask_settle__both_that_had_one_number_are_there_before_it_is_over),
        TEST(test_ask_settle__a_receipt_shows_it_where_no_cursor_does),
        TEST(test_ask_settle__without_a_receipt_it_pushes_again_and_takes_new_stamps),
        TEST(test_ask_settle__a_push_that_is_there_in_part_is_shown_as_a_whole),
        TEST(test_ask_settle__a_push_that_is_there_in_part_is_shown_as_often_as_it_is_lost),
        TEST(test_ask_settle__a_push_that_was_told_in_part_is_shown_again),
        TEST(test_ask_settle__a_part_that_is_not_proven_is_shown_once),
        TEST(test_ask_settle__what_was_handed_first_keeps_its_stamps_without_a_receipt),
        TEST(test_ask_settle__stamps_that_somebody_has_come_back),
        TEST(test_ask_settle__an_author_shows_a_stamp_that_is_older_than_its_receipt),
        TEST(test_ask_settle__stamps_of_before_are_held_beside_new_ones),
        TEST(test_ask_settle__what_is_damaged_and_at_the_hub_is_mended),
        TEST(test_ask_settle__a_stamp_that_nobody_was_told_is_found_when_it_is_over),
        TEST(test_ask_settle__bounds_that_nobody_was_told_are_found),
        TEST(test_ask_settle__who_comes_late_is_told_its_stamps),
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
