/* Everything about one person, by when it happened.
 *
 * Shows no promise: how it is shown. */
#include "node/view/timeline.h"

#include "node/record/join.h"
#include "node/record/settle.h"
#include "tests/support/meeting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const char *const two[] = {"street-outreach", "friary", NULL};
static tp_err err;
static tp_write_result done;

static void read_timeline(meeting *m, uint32_t at, tp_name person, const char *worker,
                          tp_timeline *timeline)
{
    assert_int_equal(tp_timeline_read(m->at[at].node.view, meeting_read(m, at), person,
                                      tp_slice_str(worker), timeline, &err),
                     TP_OK);
    meeting_read_end(m);
}

static void look(meeting *m, uint32_t at, tp_name person, const char *worker)
{
    tp_tx tx = TP_TX_NONE;
    assert_int_equal(tp_tx_begin(m->at[at].node.store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(
        tp_timeline_looked(m->at[at].node.view, &tx, person, tp_slice_str(worker), &err), TP_OK);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
}

static tp_slice note(const tp_timeline *timeline, uint32_t at)
{
    return tp_shown_text(timeline->entries[at], TP_CONTACT_NOTE);
}

static void test_view_timeline__is_ordered_by_when_it_happened(void **state)
{
    (void)state;
    meeting m;
    tp_timeline timeline;
    meeting_open(&m, two);
    tp_name baz = meeting_person(&m, 0, "Baz");
    meeting_contact(&m, 0, baz, "second");
    meeting_wait(&m, 60000);
    meeting_write(&m, 0,
                  "{'op':'create','entity':'contact','worker':'Dee','set':{'person':'%s',"
                  "'note':'first','happened_at':'2026-01-12T08:00Z'}}",
                  meeting_name(baz));
    tp_name hidden = meeting_contact(&m, 0, baz, "third");
    assert_int_equal(tp_retract_write(&m.at[0].node, tp_slice_str("Dee"), hidden,
                                      tp_slice_str("mistake"), &done, &err),
                     TP_OK);
    read_timeline(&m, 0, baz, "", &timeline);
    assert_true(tp_name_eq(timeline.person->name, baz));
    assert_int_equal(timeline.entries_count, 2);
    assert_int_equal(timeline.hidden_count, 1);
    assert_true(tp_slice_is(note(&timeline, 0), "first"));
    assert_true(timeline.entries[0]->is_typed);
    assert_true(tp_slice_is(note(&timeline, 1), "second"));
    assert_false(timeline.entries[1]->is_typed);
    assert_int_equal(timeline.entries[1]->happened.ms, MEETING_NOW_MS);
    assert_true(tp_slice_is(timeline.entries[1]->worker, "Dee"));
    assert_string_equal(timeline.entries[1]->agency, "street-outreach");
    assert_true(timeline.entries[1]->is_unsent);
    assert_int_equal(timeline.unsent_count, 3);
    tp_timeline_done(&timeline);
    meeting_sync(&m, 0);
    read_timeline(&m, 0, baz, "", &timeline);
    assert_int_equal(timeline.unsent_count, 0);
    tp_timeline_done(&timeline);
    meeting_close(&m);
}

static void test_view_timeline__says_what_is_new_to_this_reader(void **state)
{
    (void)state;
    meeting m;
    tp_timeline timeline;
    meeting_open(&m, two);
    tp_name baz = meeting_person(&m, 0, "Baz");
    tp_name contact = meeting_contact(&m, 0, baz, "one");
    meeting_sync_all(&m);
    read_timeline(&m, 1, baz, "Ngozi", &timeline);
    assert_int_equal(timeline.new_count, 2); /* never looked: all of it */
    tp_timeline_done(&timeline);
    look(&m, 1, baz, "Ngozi");
    read_timeline(&m, 1, baz, "Ngozi", &timeline);
    assert_int_equal(timeline.new_count, 0);
    tp_timeline_done(&timeline);
    /* An old record with a new change, and one of the reader's own. */
    meeting_update(&m, 0, contact, "contact", "'note':'two'");
    meeting_sync_all(&m);
    meeting_write(&m, 1,
                  "{'op':'create','entity':'contact','worker':'Ngozi','set':{'person':'%s',"
                  "'note':'mine'}}",
                  meeting_name(baz));
    read_timeline(&m, 1, baz, "Ngozi", &timeline);
    assert_int_equal(timeline.entries_count, 2);
    assert_int_equal(timeline.new_count, 1);
    assert_true(timeline.entries[0]->is_new);
    tp_timeline_done(&timeline);
    read_timeline(&m, 1, baz, "Priya", &timeline);
    assert_int_equal(timeline.new_count, 3);
    tp_timeline_done(&timeline);
    meeting_close(&m);
}

static void test_view_timeline__joined_records_keep_their_origin(void **state)
{
    (void)state;
    meeting m;
    tp_timeline timeline;
    meeting_open(&m, two);
    tp_name sean = meeting_person(&m, 0, "Sean");
    tp_name shaun = meeting_person(&m, 1, "Shaun");
    meeting_contact(&m, 0, sean, "from the van");
    meeting_wait(&m, 1000);
    meeting_contact(&m, 1, shaun, "from the desk");
    meeting_sync_all(&m);
    assert_int_equal(tp_join_write(&m.at[1].node, tp_slice_str("Priya"), shaun, sean,
                                   tp_slice_str("says so"), &done, &err),
                     TP_OK);
    assert_int_equal(tp_join_write(&m.at[1].node, tp_slice_str("Priya"), sean, shaun,
                                   tp_slice_str("again"), &done, &err),
                     TP_OK);
    assert_true(done.is_unchanged);
    meeting_sync_all(&m);
    read_timeline(&m, 0, shaun, "", &timeline);
    assert_int_equal(timeline.joined_count, 2);
    assert_int_equal(timeline.persons_count, 2);
    assert_true(tp_name_eq(timeline.person->name, shaun));
    assert_true(tp_name_eq(timeline.persons[1]->name, sean));
    assert_int_equal(timeline.entries_count, 3); /* the join is an entry */
    assert_true(tp_name_eq(timeline.entries[0]->person, sean));
    assert_true(tp_name_eq(timeline.entries[1]->person, shaun));
    tp_timeline_done(&timeline);
    assert_int_equal(tp_unjoin_write(&m.at[0].node, tp_slice_str("Dee"), sean, shaun,
                                     tp_slice_str("two people"), &done, &err),
                     TP_OK);
    meeting_sync_all(&m);
    read_timeline(&m, 1, shaun, "", &timeline);
    assert_int_equal(timeline.joined_count, 1);
    tp_timeline_done(&timeline);
    assert_int_equal(tp_unjoin_write(&m.at[0].node, tp_slice_str("Dee"), sean, shaun,
                                     tp_slice_str("again"), &done, &err),
                     TP_NOTFOUND);
    meeting_close(&m);
}

static void test_view_timeline__two_joined_through_a_third_are_told_apart_there(void **state)
{
    (void)state;
    meeting m;
    meeting_open(&m, two);
    tp_name a = meeting_person(&m, 0, "Sean");
    tp_name b = meeting_person(&m, 0, "Shaun");
    tp_name c = meeting_person(&m, 0, "Shawn");
    assert_int_equal(
        tp_join_write(&m.at[0].node, tp_slice_str("Dee"), a, b, tp_slice_str(""), &done, &err),
        TP_OK);
    assert_int_equal(
        tp_join_write(&m.at[0].node, tp_slice_str("Dee"), b, c, tp_slice_str(""), &done, &err),
        TP_OK);
    assert_int_equal(
        tp_unjoin_write(&m.at[0].node, tp_slice_str("Dee"), a, c, tp_slice_str(""), &done, &err),
        TP_NOTFOUND);
    assert_non_null(strstr(err.what, "through another record"));
    meeting_close(&m);
}

static void test_view_timeline__what_was_given_back_is_said(void **state)
{
    (void)state;
    meeting m;
    tp_timeline timeline;
    meeting_open(&m, two);
    tp_name baz = meeting_person(&m, 0, "Baz");
    tp_name theirs = meeting_contact(&m, 0, baz, "theirs");
    meeting_sync_all(&m);
    tp_name ours = meeting_contact(&m, 1, baz, "ours");
    meeting_sync_all(&m);
    const tp_name gone[] = {baz, theirs};
    meeting_give_back(&m, 1, gone, 2);
    read_timeline(&m, 1, baz, "", &timeline);
    assert_int_equal(timeline.entries_count, 1);
    assert_true(tp_name_eq(timeline.entries[0]->name, ours));
    assert_non_null(timeline.person);
    assert_true(timeline.person->is_bare);
    assert_int_equal(timeline.person->given_back_ms, m.at[1].clock.reading.wall_ms);
    assert_int_equal(tp_shown_text(timeline.person, TP_PERSON_PREFERRED_NAME).bytes, 0);
    tp_timeline_done(&timeline);
    meeting_give_back(&m, 1, &ours, 1);
    tp_name nobody = {0xaa, 1};
    assert_int_equal(tp_timeline_read(m.at[1].node.view, meeting_read(&m, 1), nobody,
                                      tp_slice_str(""), &timeline, &err),
                     TP_NOTFOUND);
    meeting_close(&m);
}

static uint64_t version(meeting *m, tp_name person)
{
    tp_timeline timeline;
    read_timeline(m, 0, person, "Dee", &timeline);
    const uint64_t is = timeline.version;
    tp_timeline_done(&timeline);
    return is;
}

/* Who has read the entries reads them again only where one of them says something else. */
static void test_view_timeline__another_version_where_an_entry_says_anything_else(void **state)
{
    (void)state;
    meeting m;
    meeting_open(&m, two);
    tp_name baz = meeting_person(&m, 0, "Baz");
    tp_name amina = meeting_person(&m, 0, "Amina");
    tp_name contact = meeting_contact(&m, 0, baz, "one");
    uint64_t before = version(&m, baz);
    meeting_contact(&m, 0, amina, "about somebody else");
    assert_true(version(&m, baz) == before);
    meeting_sync_all(&m); /* it is at the hub now */
    assert_true(version(&m, baz) != before);
    before = version(&m, baz);
    meeting_update(&m, 1, contact, "contact", "'note':'two'");
    assert_true(version(&m, baz) == before);
    meeting_sync_all(&m);
    assert_true(version(&m, baz) != before);
    before = version(&m, baz);
    look(&m, 0, baz, "Dee"); /* what was new is seen, and says what it said */
    assert_true(version(&m, baz) == before);
    assert_int_equal(tp_retract_write(&m.at[0].node, tp_slice_str("Dee"), contact,
                                      tp_slice_str("mistake"), &done, &err),
                     TP_OK);
    assert_true(version(&m, baz) != before);
    meeting_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_view_timeline__is_ordered_by_when_it_happened),
        cmocka_unit_test(test_view_timeline__says_what_is_new_to_this_reader),
        cmocka_unit_test(test_view_timeline__joined_records_keep_their_origin),
        cmocka_unit_test(test_view_timeline__two_joined_through_a_third_are_told_apart_there),
        cmocka_unit_test(test_view_timeline__what_was_given_back_is_said),
        cmocka_unit_test(test_view_timeline__another_version_where_an_entry_says_anything_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
