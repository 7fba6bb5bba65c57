/* Is all of it true: what verify finds, what status counts. */
#include "node/view/verify.h"

#include "node/record/settle.h"
#include "node/view/name.h"
#include "node/view/status.h"
#include "tests/support/meeting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const char *const two[] = {"street-outreach", "friary", NULL};
static tp_err err;

/* Some of everything. */
static tp_name fill(meeting *m)
{
    tp_write_result done;
    tp_name baz = meeting_person(m, 0, "Baz");
    meeting_write(
        m, 0,
        "{'op':'create','entity':'alias','worker':'Dee','set':{'person':'%s','name':'Tinker'}}",
        meeting_name(baz));
    tp_name contact = meeting_contact(m, 0, baz, "one");
    meeting_consent(m, 0, baz, "given", "'*'", "'housing'");
    meeting_sync_all(m);
    meeting_update(m, 0, baz, "person", "'phone':'07700 900102'");
    meeting_update(m, 1, baz, "person", "'phone':'07700 900711'");
    meeting_consent(m, 1, baz, "refused", "'*'", "'housing'");
    meeting_contact(m, 1, baz, "two");
    meeting_sync_all(m);
    assert_int_equal(tp_retract_write(&m->at[0].node, tp_slice_str("Dee"), contact,
                                      tp_slice_str("mistake"), &done, &err),
                     TP_OK);
    return baz;
}

static void run(meeting *m, uint32_t at, tp_verify_report *report)
{
    meeting_read_end(m);
    if (tp_verify(m->at[at].node.view, report, &err) != TP_OK) {
        fail_msg("%s", err.what);
    }
}

static void execute(meeting *m, uint32_t at, const char *sql)
{
    tp_tx tx = TP_TX_NONE;
    assert_int_equal(tp_tx_begin(m->at[at].node.store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_tx_exec(&tx, sql, &err), TP_OK);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
}

static void test_view_verify__finds_nothing_where_all_is_well(void **state)
{
    (void)state;
    meeting m;
    tp_verify_report report;
    meeting_open(&m, two);
    tp_name baz = fill(&m);
    for (uint32_t i = 0; i < 2; i++) {
        run(&m, i, &report);
        if (report.findings_count != 0) {
            fail_msg("%s", report.findings[0]);
        }
    }
    assert_int_equal(report.changes_count, 8);
    assert_int_equal(report.own_count, 3);
    assert_int_equal(report.records_count, 6);
    meeting_give_back(&m, 1, &baz, 1);
    run(&m, 1, &report);
    if (report.findings_count != 0) {
        fail_msg("%s", report.findings[0]);
    }
    meeting_close(&m);
}

typedef struct damage {
    const char *row;
    const char *sql;
    const char *says;
} damage;

static const damage damages[] = {
    {"a card is missing", "DELETE FROM search_card", "search index"},
    {"a mark is missing", "DELETE FROM review_mark", "search index"},
    {"a card is wrong", "UPDATE search_card SET names = 'nobody'", "search index"},
    {"a record is not listed", "DELETE FROM record WHERE entity = 3", "list of records"},
    {"a change of this device is missing",
     "DELETE FROM log WHERE id = (SELECT min(id) + 2 FROM log WHERE arrived IS NULL)",
     "changes 3 to 3 of this device are missing"},
    {"the first change of this device is missing",
     "DELETE FROM log WHERE id = (SELECT min(id) FROM log WHERE arrived IS NULL)",
     "changes 1 to 1 of this device are missing"},
    {"a change cannot be read",
     "UPDATE log SET bytes = x'00' WHERE id = (SELECT max(id) FROM log WHERE arrived IS NULL)",
     "cannot be read"},
};

static void test_view_verify__finds_each_damage(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        meeting m;
        tp_verify_report report;
        meeting_open(&m, two);
        fill(&m);
        execute(&m, 0, damages[i].sql);
        run(&m, 0, &report);
        if (report.findings_count == 0 || strstr(report.findings[0], damages[i].says) == NULL) {
            fail_msg("%s: \"%s\"", damages[i].row, report.findings[0]);
        }
        meeting_close(&m);
    }
}

static void test_view_status__counts(void **state)
{
    (void)state;
    meeting m;
    tp_status status;
    meeting_open(&m, two);
    tp_name baz = fill(&m);
    meeting_give_back(&m, 1, &baz, 1);
    meeting_wait(&m, 5000);
    assert_int_equal(tp_status_read(m.at[0].node.view, meeting_read(&m, 0), &status, &err), TP_OK);
    assert_int_equal(status.records_count, 0);
    assert_int_equal(tp_status_count(m.at[0].node.view, &m.reading, &status, &err), TP_OK);
    assert_string_equal(status.agency, "street-outreach");
    assert_int_equal(status.device, tp_log_device(m.at[0].node.log));
    assert_int_equal(status.unsent_count, 1);
    assert_int_equal(status.oldest_unsent_ms, MEETING_NOW_MS);
    assert_int_equal(status.changes_count, 9);
    assert_int_equal(status.records_count, 6);
    assert_int_equal(status.persons_count, 1);
    assert_int_equal(status.review_count, 1); /* the phone */
    assert_true(status.is_clock_known);
    assert_int_equal(status.clock_offset_ms, 0);
    assert_int_equal(status.now.ms, MEETING_NOW_MS + 5000);
    assert_true(status.sizes.database_bytes > 0);
    assert_int_equal(tp_status_read(m.at[1].node.view, meeting_read(&m, 1), &status, &err), TP_OK);
    assert_int_equal(tp_status_count(m.at[1].node.view, &m.reading, &status, &err), TP_OK);
    assert_int_equal(status.unsent_count, 0);
    assert_int_equal(status.oldest_unsent_ms, 0);
    assert_int_equal(status.persons_count, 0);
    assert_int_equal(status.given_back_count, 1);
    meeting_close(&m);
}

/* ---- Names ---- */

static void test_view_name__is_short_where_it_can_be(void **state)
{
    (void)state;
    meeting m;
    char text[TP_NAME_TEXT_BYTES];
    tp_name name = {0, 0};
    meeting_open(&m, two);
    tp_view *view = m.at[0].node.view;
    tp_name baz = meeting_person(&m, 0, "Baz");
    assert_int_equal(tp_view_name_short(view, meeting_read(&m, 0), baz, text, &err), TP_OK);
    assert_int_equal(strlen(text), 6);
    assert_int_equal(tp_view_name_read(view, &m.reading, tp_slice_str(text), &name, &err), TP_OK);
    assert_true(tp_name_eq(name, baz));
    assert_int_equal(
        tp_view_name_read(view, &m.reading, tp_slice_str(meeting_name(baz)), &name, &err), TP_OK);
    assert_true(tp_name_eq(name, baz));
    /* A device whose first five digits are the same. */
    meeting_read_end(&m);
    tp_tx tx = TP_TX_NONE;
    tp_packed_name packed = 0;
    const tp_name near = {baz.device ^ 0x0000080000000000u, 1};
    assert_int_equal(tp_tx_begin(m.at[0].node.store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_log_pack(m.at[0].node.log, &tx, near, &packed, &err), TP_OK);
    assert_int_equal(tp_view_name_short(view, &tx, baz, text, &err), TP_OK);
    assert_int_equal(strlen(text), 8);
    assert_int_equal(tp_view_name_read(view, &tx, tp_slice_str(text), &name, &err), TP_OK);
    assert_true(tp_name_eq(name, baz));
    text[4] = '-';
    text[5] = '1';
    text[6] = '\0';
    assert_int_equal(tp_view_name_read(view, &tx, tp_slice_str(text), &name, &err), TP_EXISTS);
    tp_tx_rollback(&tx);
    static const char *const wrong[] = {
        "", "-1", "12", "12-", "12-0", "xy-1", "12-x", "1--1", "12-99999999999999", "Baz"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(
            tp_view_name_read(view, meeting_read(&m, 0), tp_slice_str(wrong[i]), &name, &err),
            TP_INVALID);
    }
    assert_int_equal(tp_view_name_read(view, &m.reading,
                                       tp_slice_str(baz.device >> 60 == 0 ? "1-1" : "0-1"), &name,
                                       &err),
                     m.count == 2 ? TP_NOTFOUND : TP_OK);
    meeting_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_view_verify__finds_nothing_where_all_is_well),
        cmocka_unit_test(test_view_verify__finds_each_damage),
        cmocka_unit_test(test_view_status__counts),
        cmocka_unit_test(test_view_name__is_short_where_it_can_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
