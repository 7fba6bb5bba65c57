/* The node's end of a sync: what a request holds, and what is taken of an answer.
 *
 * The hub here is made of bytes; sim.week_of_chance and unit.sync.hub have real ones.
 *
 * Shows P3, P11, P12, P13, P17, P21, P23. */
#include "sync/session/ask.h"

#include "sync/log/era.h"
#include "sync/wire/dictionary.h"
#include "tests/support/asking.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static int setup(void **state)
{
    static asking a;
    asking_open(&a);
    *state = &a;
    return 0;
}

static int teardown(void **state)
{
    asking_close(*state);
    return 0;
}

/* Somebody's clock is set by a minute, again and again, and each time the clock is looked at. */
static void pass_eras(tp_node_log *node, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        tp_tx tx;
        tp_err err;
        tp_era_reading reading;
        node->clock.reading.wall_ms += 61000;
        node->clock.reading.up_ms += 1000;
        tp_node_log_begin(node, &tx, TP_TX_WRITE);
        assert_int_equal(tp_log_read_clock(node->log, &tx, &reading, &err), TP_OK);
        tp_node_log_commit(&tx);
    }
}

static void write_contacts(asking *a, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        (void)tp_node_log_contact(&a->node, (tp_name){0, 0}, "Had tea, asked about a bed.");
    }
}

/* ---- The push ---- */

/* Found by sim.week_of_chance: such a push never ended, and never sent anything. */
static void test_ask__more_eras_than_one_request_tells_go_ahead_of_the_change(void **state)
{
    asking *a = *state;
    pass_eras(&a->node, TP_REQUEST_ERAS_MAX + 10);
    (void)tp_node_log_person(&a->node, "Baz");

    asking_request(a);
    assert_int_equal(a->request.head.first_seq, 0);
    assert_int_equal(a->request.head.eras_count, TP_REQUEST_ERAS_MAX);
    asking_take(a, &(asking_answer){.accepted = 0});

    /* The last one told comes again: by that the hub knows that the others go on from it. */
    asking_request(a);
    assert_int_equal(a->request.head.first_seq, 1);
    assert_int_equal(a->request.head.eras_count, 10 + 1);
    assert_int_equal(a->request.head.eras[0].era, TP_REQUEST_ERAS_MAX);
    asking_take(a, &(asking_answer){.accepted = 1});
}

/* Also where nothing is pushed: by that its clock is told from that of a copy. */
static void test_ask__says_in_which_start_of_its_machine_it_reads_its_clock(void **state)
{
    asking *a = *state;
    asking_request(a);
    assert_int_equal(a->request.head.eras_count, 0);
    assert_true(a->request.head.start != 0);
    assert_int_equal(a->request.head.start, tp_log_start(a->node.log));
    asking_take(a, &(asking_answer){.accepted = 0});
}

/* So that the hub can judge their time: no change goes ahead of its era. */
static void test_ask__a_change_whose_era_was_not_told_waits(void **state)
{
    asking *a = *state;
    write_contacts(a, 1);
    pass_eras(&a->node, TP_REQUEST_ERAS_MAX + 10);
    write_contacts(a, 1);
    asking_request(a);
    assert_int_equal(a->request.head.eras_count, TP_REQUEST_ERAS_MAX);
    assert_int_equal(asking_count(a), 1);
    assert_true(a->request.head.more);
    asking_take(a, &(asking_answer){.accepted = 1});
    assert_true(tp_ask_wants_request(a->ask));
    asking_request(a);
    assert_int_equal(a->request.head.first_seq, 2);
}

/* Found by sim.week_of_chance (seeds 601716, 602259): the hub did not know yet where that one
 * ended, took it for lasting until now, and what was written after it was moved up behind that. */
static void test_ask__a_change_waits_for_the_era_after_its_own(void **state)
{
    asking *a = *state;
    pass_eras(&a->node, TP_REQUEST_ERAS_MAX - 1);
    write_contacts(a, 1);
    pass_eras(&a->node, 1);
    write_contacts(a, 1);
    pass_eras(&a->node, 1);
    asking_request(a);
    assert_int_equal(a->request.head.eras[a->request.head.eras_count - 1].era, TP_REQUEST_ERAS_MAX);
    assert_int_equal(asking_count(a), 1);
    asking_take(a, &(asking_answer){.accepted = 1, .stamped = 1});
    asking_request(a);
    assert_int_equal(a->request.head.first_seq, 2);
    assert_int_equal(asking_count(a), 1);
}

/* An answer to the beginning alone, where the last one was lost: the rest is asked again. */
static void test_ask__what_was_not_answered_is_pushed_again(void **state)
{
    asking *a = *state;
    write_contacts(a, 4);
    asking_request(a);
    assert_int_equal(asking_count(a), 4);
    asking_take(a, &(asking_answer){.accepted = 2, .stamped = 2});
    assert_false(tp_ask_is_done(a->ask));
    asking_request(a);
    assert_int_equal(a->request.head.first_seq, 3);
    assert_int_equal(asking_count(a), 2);
    asking_take(a, &(asking_answer){.accepted = 4, .stamped = 2});
    assert_true(tp_ask_is_done(a->ask));
    assert_int_equal(tp_ask_counted(a->ask).sent, 4);
}

static void test_ask__what_is_written_meanwhile_is_sent_too(void **state)
{
    asking *a = *state;
    write_contacts(a, 1);
    asking_request(a);
    write_contacts(a, 1);
    asking_take(a, &(asking_answer){.accepted = 1});
    asking_again(a);
    asking_request(a);
    assert_int_equal(a->request.head.first_seq, 2);
    asking_take(a, &(asking_answer){.accepted = 2});
    assert_true(tp_ask_is_done(a->ask));
}

/* ---- Refusals that another request can mend ---- */

/* Each request a half of the one before, until one fits or there is nothing to halve. */
static void test_ask__too_large_a_request_is_halved(void **state)
{
    asking *a = *state;
    tp_err err;
    char note[1001];
    uint32_t refused = 0;
    memset(note, 'x', sizeof note - 1);
    note[sizeof note - 1] = '\0';
    for (uint32_t i = 0; i < 200; i++) {
        (void)tp_node_log_contact(&a->node, (tp_name){0, 0}, note);
    }
    asking_request(a);
    uint32_t count = asking_count(a);
    assert_in_range(count, 100, 199);
    while (asking_refuse(a, 413, "", &err) == TP_OK) {
        uint32_t before = count;
        asking_request(a);
        assert_int_equal(a->request.head.first_seq, 1);
        count = asking_count(a);
        assert_in_range(count, before / 2 - 1, before / 2 + 1);
        assert_true(++refused < 20);
    }
    assert_int_equal(err.rc, TP_DENIED);
    assert_in_range(count, 1, 20);
}

static void test_ask__a_dictionary_the_hub_has_not_is_left_out(void **state)
{
    asking *a = *state;
    tp_err err;
    write_contacts(a, 1);
    asking_request(a);
    assert_int_not_equal(a->envelope.dictionary, TP_DICTIONARY_NONE);
    assert_int_equal(
        asking_refuse(a, 415, "{\"error\":\"dictionary\",\"text\":\"Send without.\"}", &err),
        TP_OK);
    asking_request(a);
    assert_int_equal(a->envelope.dictionary, TP_DICTIONARY_NONE);
    assert_int_equal(asking_count(a), 1);
    assert_int_equal(
        asking_refuse(a, 415, "{\"error\":\"dictionary\",\"text\":\"Send without.\"}", &err),
        TP_DENIED);
}

/* ---- The pull ---- */

static void test_ask__goes_on_where_it_stopped(void **state)
{
    asking *a = *state;
    asking_request(a);
    asking_take(a, &(asking_answer){.items = 3, .head = {.more = true}});
    assert_false(tp_ask_is_done(a->ask));
    assert_int_equal(asking_pull(a).cursor, 3);
    asking_again(a); /* the network went */
    asking_request(a);
    assert_int_equal(a->request.head.cursor, 3);
    asking_take(a, &(asking_answer){.items = 2});
    assert_true(tp_ask_is_done(a->ask));
    assert_int_equal(tp_node_log_count(&a->node, "SELECT count(*) FROM log"), 5);
}

/* What the hub counted is counted down here; it is asked again only where that runs out early. */
static void test_ask__a_first_fetch_knows_how_much_there_is(void **state)
{
    static const struct {
        const char *page;
        bool wants_left; /* in the request */
        uint32_t count;
        tp_response rest;
        uint64_t received;
        uint64_t to_receive;
    } rows[] = {
        {"from nothing it is asked", true, 3, {.more = true, .left = 6}, 3, 9},
        {"and then counted", false, 4, {.more = true}, 7, 9},
        {"more than was said", false, 3, {.more = true}, 10, 10},
        {"so it is asked again", true, 2, {.more = true, .left = 1}, 12, 13},
        {"to the end", false, 1, {0}, 13, 13},
    };
    asking *a = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        asking_request(a);
        asking_take(a, &(asking_answer){.head = rows[i].rest, .items = rows[i].count});
        const tp_ask_counts counts = tp_ask_counted(a->ask);
        if (a->request.head.wants_left != rows[i].wants_left ||
            counts.received != rows[i].received || counts.to_receive != rows[i].to_receive) {
            fail_msg("%s: asked %d, %u of %u", rows[i].page, a->request.head.wants_left,
                     (unsigned)counts.received, (unsigned)counts.to_receive);
        }
    }
    assert_true(tp_ask_is_done(a->ask));

    /* The next sync has little to fetch, and is not made larger by asking how little. */
    asking_again(a);
    asking_request(a);
    assert_false(a->request.head.wants_left);
}

/* ---- Giving back ---- */

/* Found by sim.week_of_chance: a change that the hub had accepted in a sync whose answer was lost,
 * and that was asked back before it was pushed again, was receipted and stayed for ever. */
static void
test_ask__what_is_asked_back_before_it_is_known_to_be_accepted_is_not_receipted(void **state)
{
    asking *a = *state;
    tp_name baz = tp_node_log_person(&a->node, "Baz");
    asking_request(a);
    asking_take(a, &(asking_answer){.back = baz});
    assert_int_equal(asking_pull(a).given_back, 0);
    assert_int_equal(tp_node_log_count(&a->node, "SELECT count(*) FROM record"), 1);

    asking_again(a);
    asking_request(a);
    asking_take(a, &(asking_answer){.accepted = 1, .back = baz});
    assert_int_equal(asking_pull(a).given_back, 5);
    assert_int_equal(
        tp_node_log_count(&a->node, "SELECT count(*) FROM log WHERE given_back IS NOT NULL"), 1);
}

/* Found by sim.week_of_chance: an older card was put back, and the hub had what it wrote since by
 * others' hands: what it asked back of that was asked again without end. */
static void test_ask__what_this_card_never_wrote_is_receipted(void **state)
{
    asking *a = *state;
    tp_err err;
    bool is_gone = false;
    const tp_name unwritten = {tp_log_device(a->node.log), 1};
    asking_request(a);
    asking_take(a, &(asking_answer){.back = unwritten});
    assert_int_equal(asking_pull(a).given_back, 5);
    assert_int_equal(tp_node_log_count(&a->node, "SELECT count(*) FROM log"), 0);
    assert_int_equal(tp_merge_scrub(a->node.merge, &is_gone, &err), TP_OK);
    tp_ask_scrubbed(a->ask, is_gone);
    asking_request(a);
    assert_int_equal(a->request.head.receipt, 5);
    asking_take(a, &(asking_answer){.accepted = 0});
    assert_true(tp_ask_is_done(a->ask));
}

/* Found by sim.week_of_chance (2000135): what fills an answer is asked back again and again, and
 * some of it is damaged here before it was known to be accepted: that is never pushed again, and
 * never receipted under the id that it has. */
static void test_ask__what_cannot_be_sent_and_fills_an_answer_ends_the_sync(void **state)
{
    asking *a = *state;
    tp_err err;
    tp_tx tx;
    bool is_gone = false;
    const tp_name baz = tp_node_log_person(&a->node, "Baz");
    const asking_answer full = {.head = {.accepted = 1, .more = true}, .back = baz};
    tp_node_log_begin(&a->node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_tx_exec(&tx, "UPDATE log SET bytes = x'00'", &err), TP_OK);
    tp_node_log_commit(&tx);
    /* Where something else comes, what is behind that is asked for as ever. */
    const tp_response on = {.accepted = 1, .more = true, .cursor = 3};
    asking_request(a);
    asking_take(a, &(asking_answer){.head = on, .back = baz});
    assert_int_equal(tp_merge_scrub(a->node.merge, &is_gone, &err), TP_OK);
    tp_ask_scrubbed(a->ask, is_gone);
    asking_request(a);
    assert_int_equal(a->request.head.first_seq, 0);
    asking_take(a, &full);
    assert_int_equal(tp_merge_scrub(a->node.merge, &is_gone, &err), TP_OK);
    tp_ask_scrubbed(a->ask, is_gone);
    assert_int_equal(asking_pull(a).given_back, 0);
    assert_true(tp_ask_is_forked(a->ask) && tp_ask_leaves_out(a->ask));
}

/* The receipt says that it is gone from the file, so that comes first, and the sync is not done
 * before the hub was told. */
static void test_ask__what_goes_is_gone_from_the_file_before_the_receipt(void **state)
{
    asking *a = *state;
    tp_err err;
    bool is_gone = false;
    tp_name baz = tp_node_log_person(&a->node, "Baz");
    asking_request(a);
    asking_take(a, &(asking_answer){.accepted = 1, .back = baz});
    assert_true(tp_ask_needs_scrub(a->ask));
    assert_false(tp_ask_is_done(a->ask));
    assert_int_equal(asking_pull(a).receipt, 0);
    assert_int_equal(tp_merge_scrub(a->node.merge, &is_gone, &err), TP_OK);
    assert_true(is_gone);
    tp_ask_scrubbed(a->ask, is_gone);
    assert_false(tp_ask_is_done(a->ask));
    asking_request(a);
    assert_int_equal(a->request.head.receipt, 5);
    asking_take(a, &(asking_answer){.head = {.accepted = 1}});
    assert_true(tp_ask_is_done(a->ask));
}

/* A reader stood in the way: the receipt waits for the next sync. */
static void test_ask__what_is_not_gone_is_not_receipted(void **state)
{
    asking *a = *state;
    tp_name baz = tp_node_log_person(&a->node, "Baz");
    asking_request(a);
    asking_take(a, &(asking_answer){.accepted = 1, .back = baz});
    tp_ask_scrubbed(a->ask, false);
    assert_true(tp_ask_is_done(a->ask));
    asking_again(a);
    asking_request(a);
    assert_int_equal(a->request.head.receipt, 0);
}

static void test_ask__a_kiosk_forgets_what_it_has_sent(void **state)
{
    asking *a = *state;
    tp_tx tx;
    tp_err err;
    tp_node_log_begin(&a->node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_log_set_kiosk(a->node.log, &tx, true, &err), TP_OK);
    tp_node_log_commit(&tx);
    write_contacts(a, 2);
    asking_request(a);
    write_contacts(a, 1); /* stays: it was not sent */
    asking_take(a, &(asking_answer){.accepted = 2, .stamped = 2});
    assert_true(tp_ask_needs_scrub(a->ask));
    assert_int_equal(tp_node_log_count(&a->node, "SELECT count(*) FROM log"), 1);
    assert_int_equal(tp_node_log_count(&a->node, "SELECT count(*) FROM record"), 1);
}

/* ---- Forks ---- */

/* The hub holds other changes under these numbers: nothing is lost, and nothing goes on. */
static void test_ask__a_push_that_does_not_fit_is_a_fork(void **state)
{
    static const char refusal[] = "{\"error\":\"chain\",\"text\":\"h does not fit\"}";
    asking *a = *state;
    tp_err err;
    tp_node_log_person(&a->node, "Baz");
    asking_request(a);
    assert_false(tp_ask_is_forked(a->ask));
    assert_int_equal(asking_refuse(a, 409, refusal, &err), TP_OK);
    assert_true(tp_ask_is_forked(a->ask));
    assert_false(tp_ask_wants_request(a->ask) || tp_ask_is_done(a->ask));
    assert_int_equal(tp_ask_under_way(a->ask), 0);
    assert_int_equal(tp_node_log_count(&a->node, "SELECT count(*) FROM log"), 1);
}

/* What stands before the first change that does not fit is pushed, so that it keeps its name. */
static void test_ask__a_push_that_does_not_fit_is_cut_down_first(void **state)
{
    static const char refusal[] = "{\"error\":\"chain\",\"text\":\"h does not fit\"}";
    asking *a = *state;
    tp_err err;
    write_contacts(a, 3);
    asking_request(a);
    assert_int_equal(asking_refuse(a, 409, refusal, &err), TP_OK);
    assert_false(tp_ask_is_forked(a->ask));
    asking_request(a);
    asking_take(a, &(asking_answer){.accepted = 1, .stamped = 1}); /* no more in one request */
    assert_false(tp_ask_is_forked(a->ask));
    asking_request(a);
    assert_int_equal(asking_refuse(a, 409, refusal, &err), TP_OK);
    assert_true(tp_ask_is_forked(a->ask));
}

/* More is at the hub than was ever written here: an older copy was put back, or a copy went on.
 * Nothing of what that answer brings is taken.  Where something waits to be sent, its push
 * shows. */
static void test_ask__more_at_the_hub_than_was_written_is_a_fork(void **state)
{
    static const struct {
        unsigned unsent;
        uint64_t accepted; /* by the answer */
        bool is_forked;
    } rows[] = {{0, 1, false}, {0, 2, true}, {0, 90, true}, {1, 1, false}};
    asking *a = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_node_log_hub hub;
        asking_close(a);
        asking_open(a);
        tp_node_log_hub_init(&hub);
        (void)tp_node_log_person(&a->node, "Baz");
        tp_node_log_accept(&hub, &a->node);
        asking_request(a);
        for (unsigned k = 0; k < rows[i].unsent; k++) {
            tp_node_log_person(&a->node, "Kit"); /* while it was on its way */
        }
        asking_take(a, &(asking_answer){.head = {.accepted = rows[i].accepted}, .items = 1});
        assert_int_equal(tp_ask_is_forked(a->ask), rows[i].is_forked);
        assert_int_equal(tp_node_log_count(&a->node, "SELECT count(*) FROM log"),
                         1 + rows[i].unsent + (rows[i].is_forked ? 0 : 1));
        tp_node_log_hub_done(&hub);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_ask__more_eras_than_one_request_tells_go_ahead_of_the_change),
        TEST(test_ask__says_in_which_start_of_its_machine_it_reads_its_clock),
        TEST(test_ask__a_change_whose_era_was_not_told_waits),
        TEST(test_ask__a_change_waits_for_the_era_after_its_own),
        TEST(test_ask__what_was_not_answered_is_pushed_again),
        TEST(test_ask__what_is_written_meanwhile_is_sent_too),
        TEST(test_ask__too_large_a_request_is_halved),
        TEST(test_ask__a_dictionary_the_hub_has_not_is_left_out),
        TEST(test_ask__goes_on_where_it_stopped),
        TEST(test_ask__a_first_fetch_knows_how_much_there_is),
        TEST(test_ask__what_is_asked_back_before_it_is_known_to_be_accepted_is_not_receipted),
        TEST(test_ask__what_this_card_never_wrote_is_receipted),
        TEST(test_ask__what_cannot_be_sent_and_fills_an_answer_ends_the_sync),
        TEST(test_ask__what_goes_is_gone_from_the_file_before_the_receipt),
        TEST(test_ask__what_is_not_gone_is_not_receipted),
        TEST(test_ask__a_kiosk_forgets_what_it_has_sent),
        TEST(test_ask__a_push_that_does_not_fit_is_a_fork),
        TEST(test_ask__a_push_that_does_not_fit_is_cut_down_first),
        TEST(test_ask__more_at_the_hub_than_was_written_is_a_fork),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
