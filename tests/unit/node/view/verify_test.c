/* Is all of it true: what verify finds, what status counts.
 *
 * Shows P21, P22, P24. */
#include "node/view/verify.h"

#include "node/record/settle.h"
#include "node/view/name.h"
#include "node/view/status.h"
#include "tests/support/at_rest.h"
#include "tests/support/meeting.h"
#include "tests/support/temp_dir.h"

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

static void run(meeting *m, uint32_t at, tp_log_verified *report)
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
    tp_log_verified report;
    meeting_open(&m, two);
    tp_name baz = fill(&m);
    for (uint32_t i = 0; i < 2; i++) {
        run(&m, i, &report);
        if (report.findings.count != 0) {
            fail_msg("%s", report.findings.text[0]);
        }
    }
    assert_int_equal(report.changes, 8);
    assert_int_equal(report.own, 3);
    assert_int_equal(report.records, 6);
    meeting_give_back(&m, 1, &baz, 1);
    run(&m, 1, &report);
    if (report.findings.count != 0) {
        fail_msg("%s", report.findings.text[0]);
    }
    meeting_close(&m);
}

typedef struct damage {
    const char *row;
    const char *sql;
    const char *says;
} damage;

#define OWN(seq) "(4194304 << 40 | " #seq ")"
#define FLIP(column) "CAST(substr(" column ", 1, 20) || x'ff' || substr(" column ", 22) AS BLOB)"

/* What the first node wrote before it synced: 1 Baz, 2 an alias, 3 a contact, 4 a consent, and then
 * 5, a phone number; 6 is not sent.  The second node's changes came to it. */
static const damage damages[] = {
    {"a card is missing", "DELETE FROM search_card", "table search_card"},
    {"a mark is missing", "DELETE FROM review_mark", "table review_mark"},
    {"a card is wrong", "UPDATE search_card SET names = 'nobody'", "table search_card"},
    {"a record is not listed", "DELETE FROM record WHERE entity = 3", "list of records"},
    {"a change of this device is missing", "DELETE FROM log WHERE id = " OWN(3),
     "-3 of this device is missing"},
    {"the first change of this device is missing", "DELETE FROM log WHERE id = " OWN(1),
     "-1 of this device is missing"},
    {"two are", "DELETE FROM log WHERE id IN (" OWN(2) ", " OWN(3) ")",
     "-2 to 3 of this device are"},
    {"the last that was sent is", "DELETE FROM log WHERE id >= " OWN(5),
     "-5 to 6 of this device are missing"},
    {"the last, which was not sent", "DELETE FROM log WHERE id = " OWN(6),
     "-6 of this device is missing"},
    {"which one was the last", "UPDATE log_state SET written = 5",
     "the last change of this device is damaged"},
    {"a verdict", "UPDATE log SET verdict = 1 WHERE id = " OWN(6), "-6 is not filed as it was"},
    {"where a change stands in the feed", "UPDATE log SET position = position + 1",
     "not filed as it was, or not as the hub said"},
    {"a letter of what was received",
     "UPDATE log SET bytes = CAST(replace(bytes, '0711', '0712') AS BLOB)",
     "is not what was received"},
    {"a change cannot be read",
     "UPDATE log SET bytes = x'00' WHERE id = (SELECT max(id) FROM log WHERE arrived IS NULL)",
     "cannot be read"},
    {"a letter of a change that was not sent",
     "UPDATE log SET bytes = CAST(replace(bytes, 'mistake', 'mistaks') AS BLOB) WHERE id = " OWN(6),
     "-6 is not what was written here"},
    {"one bit of its name", "UPDATE log SET id = id + (1 << 38) WHERE id = " OWN(6),
     "-6 to 274877906949 of this device are missing"},
    {"a letter of a change that was sent",
     "UPDATE log SET bytes = CAST(replace(bytes, 'Tinker', 'Tonker') AS BLOB)",
     "-1 to 5 of this device is not what was sent"},
    {"two changes in each other's place",
     "UPDATE log SET bytes = (SELECT bytes FROM log AS other WHERE other.id = " OWN(
         4) ")"
            " WHERE id = " OWN(3),
     "of this device is not what was sent"},
    {"a record's name",
     "UPDATE log SET record = record + 1 WHERE record > 0 AND arrived IS NOT NULL",
     "is filed under another record"},
    {"an update made a record of its own", "UPDATE log SET record = NULL WHERE id = " OWN(5),
     "-5 is filed under another record"},
    {"a stamp", "UPDATE log SET stamp = -stamp WHERE arrived IS NOT NULL",
     "a stamp that cannot be"},
    {"an acceptance number", "UPDATE log SET number = NULL WHERE arrived IS NOT NULL",
     "has no stamp"},
    {"a run of stamps", "DELETE FROM stamp_run", "stamps of this device's changes are not all"},
    {"its length", "UPDATE stamp_run SET count = count - 1", "has no stamp"},
    {"where the chain stands", "UPDATE log_state SET chain = " FLIP("chain"),
     "-1 to 5 of this device is not what was sent"},
    {"how far the hub is", "UPDATE log_state SET accepted = 4", "-1 to 4 of this device is not"},
    {"an era of the clock", "DELETE FROM era", "a clock of which nothing is kept"},
    {"its beginning", "UPDATE era SET first_up = first_up + 1000000",
     "reading of the clock that cannot"},
    {"a device's number", "DELETE FROM device WHERE no = 1", "was never given"},
};

static bool is_said(const tp_log_verified *report, const char *what)
{
    for (uint32_t at = 0; at < tp_findings_kept(&report->findings); at++) {
        if (strstr(report->findings.text[at], what) != NULL) {
            return true;
        }
    }
    return false;
}

/* Nothing was sent yet, so that no change shows it. */
static void test_view_verify__finds_a_damaged_chain_of_nothing(void **state)
{
    (void)state;
    meeting m;
    tp_log_verified report;
    meeting_open(&m, two);
    execute(&m, 0, "UPDATE log_state SET chain = " FLIP("chain"));
    run(&m, 0, &report);
    assert_true(is_said(&report, "What the hub has of this device's changes is damaged"));
    meeting_close(&m);
}

static void test_view_verify__finds_each_damage(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        meeting m;
        tp_log_verified report;
        meeting_open(&m, two);
        fill(&m);
        execute(&m, 0, damages[i].sql);
        run(&m, 0, &report);
        if (!is_said(&report, damages[i].says)) {
            fail_msg("%s: \"%s\"", damages[i].row, report.findings.text[0]);
        }
        meeting_close(&m);
    }
}

/* What a disk does: no trigger sees it. */
static void harm(meeting *m, const char *sql)
{
    const tp_path dir = temp_dir_path(&m->at[0].dir, "node");
    at_rest_run(temp_dir_path(&dir, TP_NODE_DATABASE).at, sql);
}

/* A row of each table beside the log. */
static const struct {
    const char *table;
    const char *sql;
    bool is_local; /* nothing but this machine needs it */
} beside[] = {
    {"log_state", "UPDATE log_state SET cursor = cursor + 1", false},
    {"device", "UPDATE device SET agency = 'friari' WHERE no = 1", false},
    {"stamp_run", "UPDATE stamp_run SET skew = skew + 1", false},
    {"chain_mark", "INSERT INTO chain_mark VALUES (7, 0, x'00')", false},
    {"refused", "INSERT INTO refused VALUES (7, 1, '')", false},
    {"erased", "INSERT INTO erased VALUES (7, 1)", false},
    {"fork", "INSERT INTO fork VALUES (1, 1, 1, 1)", false},
    {"pushed", "INSERT INTO pushed VALUES (7, 7, 0, zeroblob(32), zeroblob(24))", false},
    {"hub_generation", "INSERT INTO hub_generation VALUES (7, 7)", false},
    {"era", "UPDATE era SET last_skew = last_skew + 1", false},
    {"agency", "INSERT INTO agency VALUES ('shelter', 'Shelter')", false},
    {"agreement", "INSERT INTO agreement VALUES ('friary', 7, NULL)", false},
    {"setting", "INSERT INTO setting VALUES ('hub', 'nowhere')", false},
    {"draft", "INSERT INTO draft VALUES ('Dee', 'k', 'p', 'b', 1)", true},
    {"answered", "INSERT INTO answered VALUES (1, x'00', x'00')", true},
    {"look", "INSERT INTO look (worker, person, seq, arrived) VALUES ('Dee', 1, 1, 1)", true},
    {"dismissed", "INSERT INTO dismissed VALUES ('x', 'Dee', 1)", true},
};

static void test_view_verify__finds_damage_beside_the_log(void **state)
{
    (void)state;
    meeting m;
    tp_log_verified report;
    assert_int_equal(sizeof beside / sizeof beside[0], tp_verify_watched_count);
    meeting_open(&m, two);
    fill(&m);
    run(&m, 0, &report);
    for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++) {
        char says[64];
        (void)snprintf(says, sizeof says, "in the table %s is damaged", beside[i].table);
        assert_false(is_said(&report, says)); /* before */
        harm(&m, beside[i].sql);
        run(&m, 0, &report);
        if (!is_said(&report, says)) {
            fail_msg("%s: \"%s\"", beside[i].table, report.findings.text[0]);
        }
    }
    meeting_close(&m);
}

/* Nothing says "all sent" of what was found to be damaged, before a sync has looked; what only this
 * machine needs is no matter of the hub's. */
static void test_view_verify__what_was_found_is_not_in_step(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        bool is_differing;
    } rows[] = {
        {"UPDATE draft SET key = key", false},
        {"INSERT INTO draft VALUES ('Dee', 'k', 'p', 'b', 1)", false},
        {"UPDATE log SET bytes = CAST(replace(bytes, 'mistake', 'mistaks') AS BLOB)", false},
        {"UPDATE log SET bytes = CAST(replace(bytes, '0711', '0712') AS BLOB)", true},
        {"UPDATE log SET verdict = 1 WHERE id = " OWN(5), true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        meeting m;
        tp_status status;
        tp_log_verified report;
        meeting_open(&m, two);
        fill(&m);
        run(&m, 0, &report);
        harm(&m, rows[i].sql);
        run(&m, 0, &report);
        assert_int_equal(report.findings.count > 0, i > 0);
        assert_int_equal(tp_status_read(m.at[0].node.view, meeting_read(&m, 0), &status, &err),
                         TP_OK);
        if (status.is_differing != rows[i].is_differing) {
            fail_msg("%s", rows[i].sql);
        }
        meeting_close(&m);
    }
}

/* A row that stands behind what was not sent, and whose id is before all others, is met by whoever
 * walks all rows, and by nobody who looks for those before some id. */
static void test_view_verify__what_stands_out_of_its_place_is_not_in_step(void **state)
{
    (void)state;
    meeting m;
    tp_status status;
    tp_log_verified report;
    meeting_open(&m, two);
    meeting_contact(&m, 0, fill(&m), "not sent either");
    const tp_path dir = temp_dir_path(&m.at[0].dir, "node");
    at_rest_misplace_last(temp_dir_path(&dir, TP_NODE_DATABASE).at, "log");
    run(&m, 0, &report);
    assert_true(is_said(&report, "Change 0000000000000000-0 is not what was written here"));
    assert_true(is_said(&report, "-7 of this device is missing"));
    assert_true(is_said(&report, "out of order"));
    assert_true(report.has_other_sum);
    assert_int_equal(tp_status_read(m.at[0].node.view, meeting_read(&m, 0), &status, &err), TP_OK);
    assert_true(status.is_differing);
    meeting_close(&m);
}

/* By name, and only what nobody else hears of; what is written later moves the sum on. */
static void test_view_verify__takes_as_it_is_what_only_this_machine_needs(void **state)
{
    (void)state;
    meeting m;
    tp_log_verified report;
    meeting_open(&m, two);
    fill(&m);
    for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++) {
        char sql[64];
        if (!beside[i].is_local) {
            continue;
        }
        harm(&m, beside[i].sql);
        run(&m, 0, &report);
        assert_int_equal(report.findings.count, 1);
        assert_int_equal(tp_verify_accept(m.at[0].node.view, beside[i].table, &err), TP_OK);
        run(&m, 0, &report);
        assert_int_equal(report.findings.count, 0);
        (void)snprintf(sql, sizeof sql, "DELETE FROM %s", beside[i].table);
        execute(&m, 0, sql);
        run(&m, 0, &report);
        assert_int_equal(report.findings.count, 0);
    }
    harm(&m, "UPDATE era SET last_skew = last_skew + 1");
    for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++) {
        assert_int_equal(tp_verify_accept(m.at[0].node.view, beside[i].table, &err),
                         beside[i].is_local ? TP_OK : TP_INVALID);
    }
    assert_int_equal(tp_verify_accept(m.at[0].node.view, "log", &err), TP_INVALID);
    run(&m, 0, &report);
    assert_int_equal(report.findings.count, 1);
    meeting_close(&m);
}

/* ---- What was erased ---- */

/* Own changes 1 and 3, one of which stood in the middle of what was sent at once. */
static void erase_two(meeting *m, tp_name baz)
{
    tp_name names[] = {baz, {baz.device, 3}};
    meeting_erase(m, 0, names, 2);
}

static void test_view_verify__holds_over_what_was_erased(void **state)
{
    (void)state;
    static const damage rows[] = {
        {"nothing", "UPDATE log SET id = id", NULL},
        {"an erased change is gone", "DELETE FROM log WHERE id = " OWN(3),
         "-3 is said to be erased, and is held or missing"},
        {"one that is held is said to be", "INSERT INTO erased VALUES (" OWN(2) ", 7)",
         "-2 is said to be erased, and is held or missing"},
        {"what is left of it",
         "UPDATE log SET bytes = CAST(bytes || x'00' AS BLOB) WHERE id = " OWN(3),
         "-3 is not what was written here"},
        {"what stands beside it",
         "UPDATE log SET bytes = CAST(replace(bytes, 'Tinker', 'Tonker')"
         " AS BLOB)",
         "of this device is not what was sent"},
        {"the chain before it", "DELETE FROM chain_mark WHERE id = " OWN(3),
         "-3 was given back, and what is kept of the chain there is missing"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        meeting m;
        tp_log_verified report;
        meeting_open(&m, two);
        erase_two(&m, fill(&m));
        execute(&m, 0, rows[i].sql);
        run(&m, 0, &report);
        if (rows[i].says == NULL ? report.findings.count != 0 : !is_said(&report, rows[i].says)) {
            fail_msg("%s: \"%s\"", rows[i].row, report.findings.text[0]);
        }
        assert_true(i != 0 || report.erased == 2);
        meeting_close(&m);
    }
}

/* ---- What was given back ---- */

static tp_name own_name(meeting *m, uint32_t at, uint64_t seq)
{
    return (tp_name){tp_log_device(m->at[at].node.log), seq};
}

static void test_view_verify__follows_the_chain_around_what_was_given_back(void **state)
{
    (void)state;
    static const struct {
        const char *sql;
        const char *says; /* NULL: nothing */
    } rows[] = {
        {"UPDATE device SET id = id", NULL},
        {"UPDATE log SET bytes = CAST(replace(bytes, 'Baz', 'Bas') AS BLOB)", "-1 to 1 of this"},
        {"UPDATE log SET bytes = CAST(replace(bytes, 'spoken', 'spokem') AS BLOB)",
         "-4 to 5 of this"},
        {"DELETE FROM chain_mark WHERE id = " OWN(3), "-3 was given back, and what is kept"},
        {"UPDATE chain_mark SET h = " FLIP("h") " WHERE id = " OWN(3), "-4 to 5 of this"},
        {"UPDATE chain_mark SET h = " FLIP("h") " WHERE id = " OWN(1), "-1 to 1 of this"},
        {"DELETE FROM log WHERE id = " OWN(3), NULL}, /* gone altogether, with its mark */
        {"DELETE FROM log WHERE id = " OWN(4), "-4 of this device is missing"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        meeting m;
        tp_log_verified report;
        meeting_open(&m, two);
        fill(&m);
        /* 2 and 3, of 1 to 5 that the hub has. */
        tp_name names[] = {own_name(&m, 0, 2), own_name(&m, 0, 3)};
        meeting_give_back(&m, 0, names, 2);
        execute(&m, 0, rows[i].sql);
        run(&m, 0, &report);
        if (rows[i].says == NULL ? report.findings.count != 0 && i == 0
                                 : !is_said(&report, rows[i].says)) {
            fail_msg("%s: \"%s\"", rows[i].sql, report.findings.text[0]);
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
        cmocka_unit_test(test_view_verify__finds_a_damaged_chain_of_nothing),
        cmocka_unit_test(test_view_verify__finds_each_damage),
        cmocka_unit_test(test_view_verify__finds_damage_beside_the_log),
        cmocka_unit_test(test_view_verify__what_was_found_is_not_in_step),
        cmocka_unit_test(test_view_verify__what_stands_out_of_its_place_is_not_in_step),
        cmocka_unit_test(test_view_verify__takes_as_it_is_what_only_this_machine_needs),
        cmocka_unit_test(test_view_verify__holds_over_what_was_erased),
        cmocka_unit_test(test_view_verify__follows_the_chain_around_what_was_given_back),
        cmocka_unit_test(test_view_status__counts),
        cmocka_unit_test(test_view_name__is_short_where_it_can_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
