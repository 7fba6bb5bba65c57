/* What is given back or erased, and what a kiosk forgets: out of the views, and out of the file.
 *
 * Shows P11, P12, P21, P24. */
#include "sync/merge/merge.h"

#include "tests/support/two_logs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static tp_err err;

static void test_merge_give_back__what_another_agency_created_is_gone(void **state)
{
    (void)state;
    tp_record_ref ref;
    tp_name person = tp_node_log_person(&there, "Sean");
    tp_name contact = tp_node_log_contact(&there, person, "seen by the library");
    tp_entry entries[] = {tp_node_log_hub_take(&hub, &there, person),
                          tp_node_log_hub_take(&hub, &there, contact)};
    (void)tp_node_log_apply(&here, entries, 2);
    tp_name names[] = {person, contact};
    tp_node_log_give_back(&here, names, 2);
    assert_int_equal(shown_record(&here, person, &ref), TP_NOTFOUND);
    assert_int_equal(shown_record(&here, contact, &ref), TP_NOTFOUND);
    assert_int_equal(tp_node_log_count(&here, "SELECT count(*) FROM record"), 0);
    assert_string_equal(shown_text(&here, contact, TP_CONTACT_NOTE), "");
    /* As often as you like. */
    tp_node_log_give_back(&here, names, 2);
    tp_node_log_assert_sound(&here);
    /* A new grant brings all back. */
    assert_int_equal(tp_node_log_apply(&here, entries, 2).fresh, 2);
    assert_string_equal(shown_text(&here, contact, TP_CONTACT_NOTE), "seen by the library");
    assert_int_equal(listing_of_person(&here, person).count, 2);
}

/* A bit of it turned round on the disk: a stub would name what nobody ever did. */
static void test_merge_give_back__of_what_is_damaged_no_stub_stays(void **state)
{
    (void)state;
    tp_name person = tp_node_log_person(&there, "Sean");
    tp_name contact = tp_node_log_contact(&there, person, "seen by the library");
    tp_entry entries[] = {tp_node_log_hub_take(&hub, &there, person),
                          tp_node_log_hub_take(&hub, &there, contact)};
    (void)tp_node_log_apply(&here, entries, 2);
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&here, &tx, TP_TX_WRITE);
    assert_int_equal(
        tp_tx_exec(&tx, "UPDATE log SET bytes = CAST(replace(bytes, 'Sean', 'Seam') AS BLOB)",
                   &err),
        TP_OK);
    tp_node_log_commit(&tx);
    tp_name names[] = {person, contact};
    tp_node_log_give_back(&here, names, 2);
    assert_int_equal(tp_node_log_count(&here, "SELECT count(*) FROM log"), 1);
    assert_int_equal(
        tp_node_log_count(&here, "SELECT count(*) FROM log WHERE given_back IS NOT NULL"), 1);
    tp_node_log_assert_sound(&here);
}

/* What the hub said of it is not known any more, and nothing in its place.  Found by
 * sim.week_of_chance (824330): the stub vouched for a stamp that nobody gave. */
static void test_merge_give_back__what_is_said_of_a_stub_is_what_was_said_or_nothing(void **state)
{
    static const char *const damages[] = {
        "UPDATE log SET stamp = stamp - (1 << 27) WHERE given_back IS NULL",
        "UPDATE log SET latest = 1 WHERE given_back IS NULL",
        "UPDATE log SET verdict = 1 WHERE given_back IS NULL",
    };
    (void)state;
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        tp_tx tx = TP_TX_NONE;
        tp_name person = tp_node_log_person(&there, "Sean");
        tp_entry entry = tp_node_log_hub_take(&hub, &there, person);
        (void)tp_node_log_apply(&here, &entry, 1);
        tp_node_log_begin(&here, &tx, TP_TX_WRITE);
        assert_int_equal(tp_tx_exec(&tx, damages[i], &err), TP_OK);
        tp_node_log_commit(&tx);
        tp_node_log_give_back(&here, &person, 1);
        assert_int_equal(tp_node_log_count(&here,
                                           "SELECT count(*) FROM log WHERE given_back IS NOT NULL"
                                           " AND stamp IS NULL AND latest IS NULL"
                                           " AND verdict = 0"),
                         i + 1);
        tp_node_log_assert_sound(&here);
    }
}

static void
test_merge_give_back__what_the_own_agency_created_stays_listed_without_content(void **state)
{
    (void)state;
    tp_name person = tp_node_log_person(&there, "Sean");
    tp_entry theirs = tp_node_log_hub_take(&hub, &there, person);
    (void)tp_node_log_apply(&here, &theirs, 1);
    tp_name contact = tp_node_log_contact(&here, person, "slept in the car park");
    tp_entry ours = tp_node_log_hub_take(&hub, &here, contact);
    tp_node_log_accept(&hub, &here);
    tp_name names[] = {person, contact};
    tp_node_log_give_back(&here, names, 2);
    listing l = listing_of_person(&here, person);
    assert_int_equal(l.count, 2); /* the person's bare name, since the contact names them */
    assert_int_equal(l.refs[0].entity, TP_PERSON);
    assert_int_equal(l.refs[0].flags, TP_RECORD_GIVEN_BACK);
    assert_true(tp_name_eq(l.refs[1].record, contact));
    assert_int_equal(l.refs[1].flags, TP_RECORD_GIVEN_BACK);
    assert_string_equal(shown_text(&here, contact, TP_CONTACT_NOTE), "");
    tp_loaded *loaded = NULL;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&here, &tx, TP_TX_READ);
    assert_int_equal(tp_merge_load(here.merge, &tx, contact, &loaded, &err), TP_OK);
    tp_tx_rollback(&tx);
    assert_true(loaded->changes[0].given_back_ms == TP_NODE_LOG_NOW_MS);
    assert_true(tp_name_eq(loaded->person, person));
    tp_loaded_free(loaded);
    tp_node_log_assert_sound(&here);
    /* Own changes come back too; the last word of the person goes with what named them. */
    assert_int_equal(tp_node_log_apply(&here, &ours, 1).fresh, 1);
    assert_string_equal(shown_text(&here, contact, TP_CONTACT_NOTE), "slept in the car park");
    assert_int_equal(listing_of_person(&here, person).count, 2);
}

/* It says since when, also of what was given back before; and no more once it is held again. */
static void test_merge_erase__is_a_give_back_that_is_noted(void **state)
{
    (void)state;
    const int64_t later = TP_NODE_LOG_NOW_MS + 5000;
    tp_name person = tp_node_log_person(&here, "Sean");
    tp_name contact = tp_node_log_contact(&here, person, "slept in the car park");
    tp_name unsent = {0, 0};
    tp_entry entries[] = {tp_node_log_hub_take(&hub, &here, person),
                          tp_node_log_hub_take(&hub, &here, contact)};
    tp_node_log_accept(&hub, &here);
    unsent = tp_node_log_contact(&here, person, "not sent");
    tp_node_log_give_back(&here, &contact, 1);
    tp_name names[] = {person, contact, unsent};
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&here, &tx, TP_TX_WRITE);
    assert_int_equal(tp_merge_erase(here.merge, &tx, names, 3, later, &err), TP_OK);
    tp_node_log_commit(&tx);
    assert_int_equal(tp_node_log_count(&here, "SELECT count(*) FROM erased"), 2);
    assert_string_equal(shown_text(&here, unsent, TP_CONTACT_NOTE), "not sent");
    assert_string_equal(shown_text(&here, contact, TP_CONTACT_NOTE), "");
    tp_loaded *loaded = NULL;
    tp_node_log_begin(&here, &tx, TP_TX_READ);
    assert_int_equal(tp_merge_load(here.merge, &tx, contact, &loaded, &err), TP_OK);
    tp_tx_rollback(&tx);
    assert_true(loaded->changes[0].given_back_ms == TP_NODE_LOG_NOW_MS);
    assert_true(loaded->changes[0].erased_ms == later);
    tp_loaded_free(loaded);
    tp_node_log_assert_sound(&here);
    (void)tp_node_log_apply(&here, entries, 2);
    assert_int_equal(tp_node_log_count(&here, "SELECT count(*) FROM erased"), 0);
    assert_string_equal(shown_text(&here, contact, TP_CONTACT_NOTE), "slept in the car park");
}

static void
test_merge_give_back__a_bare_person_goes_with_the_last_record_that_names_them(void **state)
{
    (void)state;
    tp_record_ref ref;
    tp_name person = tp_node_log_person(&there, "Sean");
    tp_name first = tp_node_log_contact(&there, person, "first");
    tp_name second = tp_node_log_contact(&there, person, "second");
    tp_entry entries[] = {tp_node_log_hub_take(&hub, &there, person),
                          tp_node_log_hub_take(&hub, &there, first),
                          tp_node_log_hub_take(&hub, &there, second)};
    (void)tp_node_log_apply(&here, entries, 2);
    tp_node_log_give_back(&here, &person, 1);
    assert_int_equal(shown_record(&here, person, &ref), TP_OK);
    assert_int_equal(ref.flags, TP_RECORD_GIVEN_BACK);
    tp_node_log_give_back(&here, &first, 1);
    assert_int_equal(shown_record(&here, person, &ref), TP_NOTFOUND);
    tp_node_log_assert_sound(&here);
    (void)tp_node_log_apply(&here, entries + 2, 1);
    assert_int_equal(shown_record(&here, person, &ref), TP_OK);
    assert_int_equal(listing_of_person(&here, person).count, 2);
}

static void test_merge_give_back__own_changes_the_hub_has_not_got_are_exempt(void **state)
{
    (void)state;
    tp_name person = tp_node_log_person(&there, "Sean");
    tp_entry theirs = tp_node_log_hub_take(&hub, &there, person);
    (void)tp_node_log_apply(&here, &theirs, 1);
    tp_name update =
        tp_node_log_update_text(&here, person, TP_PERSON, TP_PERSON_PHONE, "0115 496 0000", nobody);
    tp_name names[] = {person, update};
    tp_node_log_give_back(&here, names, 2);
    tp_log_push push;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&here, &tx, TP_TX_READ);
    assert_int_equal(tp_log_push_get(here.log, &tx, &push, &err), TP_OK);
    tp_tx_rollback(&tx);
    assert_int_equal(push.last_seq - push.accepted_seq, 1);
    assert_string_equal(shown_text(&here, person, TP_PERSON_PREFERRED_NAME), "");
    tp_node_log_accept(&hub, &here);
    tp_node_log_give_back(&here, &update, 1);
    assert_int_equal(
        tp_node_log_count(&here, "SELECT count(*) FROM log WHERE given_back IS NOT NULL"), 2);
}

/* Nothing that a given-back value had replaced may come back as a head. */
static void test_merge_give_back__what_it_had_replaced_stays_replaced(void **state)
{
    (void)state;
    tp_name person = tp_node_log_person(&there, "Sean");
    tp_name one =
        tp_node_log_update_text(&there, person, TP_PERSON, TP_PERSON_PLACE, "refuge", nobody);
    tp_name two =
        tp_node_log_update_text(&there, person, TP_PERSON, TP_PERSON_PLACE, "hostel", one);
    tp_entry entries[] = {tp_node_log_hub_take(&hub, &there, person),
                          tp_node_log_hub_take(&hub, &there, one),
                          tp_node_log_hub_take(&hub, &there, two)};
    (void)tp_node_log_apply(&here, entries, 3);
    assert_string_equal(shown_text(&here, person, TP_PERSON_PLACE), "hostel");
    tp_node_log_give_back(&here, &two, 1);
    assert_string_equal(shown_text(&here, person, TP_PERSON_PLACE), "");
}

/* ---- Gone for good ---- */

static bool file_holds(const tp_path *path, const char *suffix, const char *text)
{
    tp_buf bytes;
    char name[TP_PATH_BYTES_MAX + 8];
    size_t length = strlen(text);
    bool holds = false;
    tp_buf_init(&bytes, 64u << 20);
    (void)snprintf(name, sizeof name, "%s%s", path->at, suffix);
    if (tp_file_exists(name)) {
        assert_int_equal(tp_file_read(name, &bytes, &err), TP_OK);
    }
    for (size_t i = 0; !holds && i + length <= bytes.bytes; i++) {
        holds = memcmp(bytes.at + i, text, length) == 0;
    }
    tp_buf_done(&bytes);
    return holds;
}

static bool node_holds(tp_node_log *node, const char *text)
{
    return file_holds(&node->path, "", text) || file_holds(&node->path, "-wal", text);
}

static void test_merge_scrub__leaves_no_word_of_what_was_given_back(void **state)
{
    (void)state;
    enum { CONTACTS = 60 };
    char long_note[3000]; /* with pages of its own */
    memset(long_note, '.', sizeof long_note);
    memcpy(long_note + sizeof long_note - 20, "Ashgrove refuge\0", 16);
    tp_name names[CONTACTS + 2];
    tp_entry entries[CONTACTS + 2];
    tp_name person = tp_node_log_person(&there, "Seanuniquename");
    names[0] = person;
    for (size_t i = 0; i < CONTACTS; i++) {
        names[i + 1] = tp_node_log_contact(&there, person, "Ashgrove refuge");
    }
    names[CONTACTS + 1] = tp_node_log_contact(&there, person, long_note);
    for (size_t i = 0; i < CONTACTS + 2; i++) {
        entries[i] = tp_node_log_hub_take(&hub, &there, names[i]);
    }
    (void)tp_node_log_apply(&here, entries, CONTACTS + 2);
    (void)tp_node_log_contact(&here, tp_node_log_person(&here, "Baz"), "this stays");
    assert_true(node_holds(&here, "Ashgrove refuge"));

    tp_log_pull pull = {1, 500, {0}, 480, 20};
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&here, &tx, TP_TX_WRITE);
    assert_int_equal(
        tp_merge_give_back(here.merge, &tx, names, CONTACTS + 2, TP_NODE_LOG_NOW_MS, &err), TP_OK);
    assert_int_equal(tp_log_pull_put(here.log, &tx, &pull, &err), TP_OK);
    tp_node_log_commit(&tx);

    bool is_gone = false;
    assert_int_equal(tp_merge_scrub(here.merge, &is_gone, &err), TP_OK);
    assert_true(is_gone);
    assert_false(node_holds(&here, "Ashgrove refuge"));
    assert_false(node_holds(&here, "Seanuniquename"));
    assert_true(node_holds(&here, "this stays"));
    tp_node_log_begin(&here, &tx, TP_TX_READ);
    assert_int_equal(tp_log_pull_get(here.log, &tx, &pull, &err), TP_OK);
    tp_tx_rollback(&tx);
    assert_int_equal(pull.receipt, 480);
}

static void test_merge_scrub__a_reader_in_the_way_means_not_yet(void **state)
{
    (void)state;
    tp_store *reader = NULL;
    const tp_store_options options = {.path = here.path.at, .read_only = true};
    (void)tp_node_log_person(&here, "Baz");
    assert_int_equal(tp_store_open(&options, &reader, &err), TP_OK);
    tp_tx reading = TP_TX_NONE;
    tp_stmt *s = NULL;
    assert_int_equal(tp_tx_begin(reader, &reading, TP_TX_READ, &err), TP_OK);
    assert_int_equal(tp_tx_prepare(&reading, "SELECT count(*) FROM log", &s, &err), TP_OK);
    assert_int_equal(tp_stmt_first(s, &err), TP_OK);
    tp_stmt_done(s);
    tp_log_pull pull = {1, 500, {0}, 480, 20};
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&here, &tx, TP_TX_WRITE);
    assert_int_equal(tp_log_pull_put(here.log, &tx, &pull, &err), TP_OK);
    tp_node_log_commit(&tx);
    bool is_gone = true;
    assert_int_equal(tp_merge_scrub(here.merge, &is_gone, &err), TP_OK);
    assert_false(is_gone);
    tp_node_log_begin(&here, &tx, TP_TX_READ);
    assert_int_equal(tp_log_pull_get(here.log, &tx, &pull, &err), TP_OK);
    tp_tx_rollback(&tx);
    assert_int_equal(pull.receipt, 20);
    tp_tx_rollback(&reading);
    tp_store_close(reader);
    assert_int_equal(tp_merge_scrub(here.merge, &is_gone, &err), TP_OK);
    assert_true(is_gone);
}

static void test_merge_forget_sent__a_kiosk_keeps_what_the_hub_has_not_got(void **state)
{
    (void)state;
    uint32_t count = 0;
    bool is_gone = false;
    (void)tp_node_log_create(&here, TP_HELP_REQUEST, nobody, TP_REQUEST_WORDS, "Ashgrove refuge");
    tp_node_log_accept(&hub, &here);
    tp_name kept =
        tp_node_log_create(&here, TP_HELP_REQUEST, nobody, TP_REQUEST_WORDS, "a cup of tea");
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(&here, &tx, TP_TX_WRITE);
    assert_int_equal(tp_merge_forget_sent(here.merge, &tx, &count, &err), TP_OK);
    tp_node_log_commit(&tx);
    assert_int_equal(count, 1);
    assert_int_equal(tp_merge_scrub(here.merge, &is_gone, &err), TP_OK);
    assert_true(is_gone);
    assert_false(node_holds(&here, "Ashgrove refuge"));
    listing l = listing_of_entity(&here, TP_HELP_REQUEST);
    assert_int_equal(l.count, 1);
    assert_true(tp_name_eq(l.refs[0].record, kept));
    tp_node_log_accept(&hub, &here); /* the chain goes on without the bytes that are gone */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TWO_LOGS(test_merge_give_back__what_another_agency_created_is_gone),
        WITH_TWO_LOGS(test_merge_give_back__of_what_is_damaged_no_stub_stays),
        WITH_TWO_LOGS(test_merge_give_back__what_is_said_of_a_stub_is_what_was_said_or_nothing),
        WITH_TWO_LOGS(
            test_merge_give_back__what_the_own_agency_created_stays_listed_without_content),
        WITH_TWO_LOGS(test_merge_erase__is_a_give_back_that_is_noted),
        WITH_TWO_LOGS(
            test_merge_give_back__a_bare_person_goes_with_the_last_record_that_names_them),
        WITH_TWO_LOGS(test_merge_give_back__own_changes_the_hub_has_not_got_are_exempt),
        WITH_TWO_LOGS(test_merge_give_back__what_it_had_replaced_stays_replaced),
        WITH_TWO_LOGS(test_merge_scrub__leaves_no_word_of_what_was_given_back),
        WITH_TWO_LOGS(test_merge_scrub__a_reader_in_the_way_means_not_yet),
        WITH_TWO_LOGS(test_merge_forget_sent__a_kiosk_keeps_what_the_hub_has_not_got),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
