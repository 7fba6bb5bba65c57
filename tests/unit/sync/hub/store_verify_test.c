/* What the hub's check of its store finds, and what a restore makes of an older program's
 * backup.
 *
 * Shows P13, P21, P24, P26. */
#include "sync/hub/store.h"

#include "tests/support/hub_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "platform/base/alloc.h"
#include "platform/store/sqlite.h"
#include "sync/wire/generation.h"

#define CONSENT                                                                                    \
    "van consent k1 person=p1 agencies=friary kinds=* purposes=support decision=given how=spoken " \
    "capacity=believed_to_have"

/* A database as version 10 had it, in which no change in quarantine has bounds. */
#define TENTH                                                                                      \
    "ALTER TABLE quarantine DROP COLUMN earliest_ms;"                                              \
    " ALTER TABLE quarantine DROP COLUMN latest_ms;"

/* And as version 2 had it. */
#define OLDER                                                                                      \
    TENTH                                                                                          \
    " DROP TABLE erased; DROP TABLE erased_record; DROP TABLE erasure; DROP TABLE push; ALTER "    \
    "TABLE device DROP COLUMN unsigned; DROP TABLE apart;"                                         \
    " ALTER TABLE agency DROP COLUMN held; DROP INDEX device_came_from;"                           \
    " ALTER TABLE device DROP COLUMN came_from; ALTER TABLE device DROP COLUMN came_from_seq;"     \
    " ALTER TABLE device DROP COLUMN standing; DROP TABLE ahead; DROP TABLE missing;"              \
    " DROP TABLE waiting; ALTER TABLE code DROP COLUMN used_by;"                                   \
    " ALTER TABLE device DROP COLUMN told; ALTER TABLE era DROP COLUMN start;"

static const char *const week[] = {
    "agency outreach",
    "sign outreach",
    "agency friary",
    "sign friary",
    "device van outreach",
    "device desk friary",
    "van person p1 preferred_name=Sean",
    "van contact c1 person=p1 note=Soup",
    "van contact c2 note=Nobody", /* about nobody: it goes to quarantine */
    "van update c1 note=Tea",
    CONSENT,
    "sync van",
    "van contact c3 person=p1 note=Bread",
    "sync van",
    "desk help_request h1 words=coat status=open route=phone code=28T5CY4TH",
    "desk contact c4 person=p1 note=Visit",
    "sync desk",
    NULL};

static hub_stage *open_week(void)
{
    hub_stage *stage = hub_stage_open();
    hub_stage_run_all(stage, week);
    return stage;
}

static tp_path back_up(hub_stage *stage, const char *name)
{
    tp_err err;
    tp_path path = temp_dir_path(&hub_stage_hub(stage)->dir, name);
    assert_int_equal(tp_hub_store_backup(hub_stage_hub(stage)->store, path.at, &err), TP_OK);
    return path;
}

/* The same without its seal, and with what `sql` did to it. */
static tp_path bend(hub_stage *stage, const char *sql)
{
    tp_err err;
    tp_store *store = NULL;
    tp_tx tx = TP_TX_NONE;
    int64_t bytes = 0;
    tp_path sealed = back_up(stage, "sealed.db");
    tp_path bent = temp_dir_path(&hub_stage_hub(stage)->dir, "bent.db");
    assert_int_equal(tp_file_measure(sealed.at, &bytes, &err), TP_OK);
    assert_int_equal(tp_file_copy(sealed.at, bytes - 40, bent.at, &err), TP_OK);
    tp_store_options options = {.path = bent.at};
    assert_int_equal(tp_store_open(&options, &store, &err), TP_OK);
    assert_int_equal(tp_tx_begin(store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_tx_exec(&tx, sql, &err), TP_OK);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
    tp_store_close(store);
    assert_int_equal(tp_file_remove(sealed.at, &err), TP_OK);
    return bent;
}

/* A row for each table and column that is looked at.  Names in the database are number << 40 | seq;
 * van is device 1, desk is device 2. */
typedef struct damage {
    const char *sql;
    const char *said[3]; /* each in one of the findings; none: all is whole */
} damage;

#define FLIP(column) "CAST(substr(" column ", 1, 20) || x'ff' || substr(" column ", 22) AS BLOB)"
#define OF(device, seq) "= (" #device " << 40 | " #seq ")"

static const damage damages[] = {
    {"UPDATE device SET label = label", {NULL}},

    {"UPDATE log SET bytes = substr(bytes, 2) WHERE name " OF(1, 1),
     {"-1 is not as it was received", "-1 to 5 is not what the device signed"}},
    {"UPDATE log SET bytes = CAST(replace(bytes, 'Soup', 'Soap') AS BLOB)",
     {"-1 to 5 is not what the device signed"}},
    {"UPDATE log SET bytes = CAST(replace(bytes, 'Bread', 'Beard') AS BLOB)",
     {"-6 to 6 is not what the device signed"}},
    {"UPDATE log SET bytes = CAST(replace(replace(bytes, 'Soup', 'Soap'), 'Bread', 'Beard') AS "
     "BLOB)",
     {"-1 to 5 is not what", "-6 to 6 is not what"}},
    {"UPDATE log SET bytes = (SELECT bytes FROM log WHERE name " OF(1, 2) ") WHERE name " OF(1, 4),
     {"-4 is not as it was received", "-1 to 5 is not what the device signed"}},
    {"UPDATE log SET entity = entity + 1 WHERE name " OF(1, 2), {"-2 is not as it was received"}},
    {"UPDATE log SET record = 0 WHERE name " OF(1, 4), {"-4 is not as it was received"}},
    {"UPDATE log SET person = 0 WHERE name " OF(1, 2),
     {"-2 is filed under a person it does not name", "-4 is not filed under the person"}},
    {"UPDATE log SET person = 0 WHERE name " OF(1, 4), {"-4 is not filed under the person"}},
    {"UPDATE log SET number = number + 100 WHERE name " OF(1, 2),
     {"-2 has an acceptance number that was never given", "acceptance numbers 2 to 2"}},
    {"UPDATE log SET number = 1 WHERE name " OF(1, 2),
     {"-2 has the acceptance number of another", "-2 has a lower acceptance number",
      "acceptance numbers 2 to 2"}},
    {"UPDATE log SET stamp_ms = stamp_ms - 1 WHERE name " OF(1, 1),
     {"stamps of changes", "-1 to 5 are not those that were given"}},
    {"UPDATE log SET stamp_ms = stamp_ms + 100000000 WHERE name " OF(1, 6),
     {"-6 has a stamp that cannot be", "stamp of its last change is not"}},
    {"UPDATE log SET earliest_ms = 1, latest_ms = 2 WHERE name " OF(1, 2),
     {"-1 to 5 are not those that were given"}},
    {"DELETE FROM log WHERE name " OF(1, 2), {"-2 is missing", "in a feed", "numbers 2 to 2"}},
    {"DELETE FROM log WHERE name " OF(1, 6), {"-6 is missing"}},
    {"DELETE FROM log WHERE name > (1 << 40) AND name < (2 << 40)",
     {"-1 to 2 are missing", "-4 to 6 are"}},

    {"UPDATE quarantine SET bytes = x''", {"-1 to 5 is not what the device signed"}},
    {"UPDATE quarantine SET stamp_ms = stamp_ms - 1", {"-1 to 5 are not those that were given"}},
    {"UPDATE quarantine SET number = 77", {"-3 has an acceptance number that was never given"}},
    {"DELETE FROM quarantine", {"-3 is missing"}},
    {"UPDATE quarantine SET earliest_ms = 1, latest_ms = 2",
     {"-1 to 5 are not those that were given"}},
    {"UPDATE quarantine SET earliest_ms = 2, latest_ms = 1", {"-3 has a stamp that cannot be"}},
    {"INSERT INTO quarantine SELECT name, 0, 0, 0, 0, '', 0, bytes, 0, 0 FROM log LIMIT 1",
     {"-1 is there twice"}},

    {"UPDATE push SET h = " FLIP("h") " WHERE last " OF(1, 5),
     {"signature kept with its change 5 is not by its key"}},
    {"UPDATE push SET signature = " FLIP("signature") " WHERE last " OF(1, 5),
     {"signature kept with its change 5 is not by its key"}},
    {"UPDATE push SET stamps = x'0000000000000000' WHERE last " OF(1, 5),
     {"-1 to 5 are not those that were given"}},
    {"UPDATE push SET count = 4 WHERE last " OF(1, 5), {"does not follow the one before"}},
    {"UPDATE push SET last = last - 1 WHERE last " OF(1, 5),
     {"over its change 4 does not follow the one before"}},
    {"DELETE FROM push WHERE last " OF(1, 5), {"over its change 6 does not follow"}},
    {"DELETE FROM push WHERE last " OF(1, 6), {"no signature is kept over its changes 6 to 6"}},
    {"UPDATE push SET last = last + 4294967296 WHERE last " OF(1, 6),
     {"no signature is kept", "does not follow"}},

    {"UPDATE device SET accepted = accepted + 1 WHERE no = 1", {"-7 is missing"}},
    {"UPDATE device SET accepted = accepted - 1 WHERE no = 1", {"6 changes are held of it, and 5"}},
    {"UPDATE device SET h = zeroblob(32) WHERE no = 1", {"changes are not those it sent"}},
    {"UPDATE device SET unsigned = 1 WHERE no = 1", {"does not follow the one before"}},
    {"UPDATE device SET last_stamp_ms = 1 WHERE no = 1", {"stamp of its last change"}},
    {"UPDATE device SET id = id + 1 WHERE no = 1", {"-1 to 5 is not what the device signed"}},
    {"UPDATE device SET public_key = " FLIP("public_key") " WHERE no = 1",
     {"change 5 is not by its key", "change 6 is not by its key"}},
    {"UPDATE device SET cursor = 1000000 WHERE no = 2", {"further on in its feed"}},
    {"INSERT INTO device (no, id) VALUES (3, 77); INSERT INTO quarantine VALUES"
     " ((3 << 40) | 1, 0, 0, 0, 0, '', 0, x'00', 0, 0)",
     {"is of a device that was never enrolled here"}},

    {"UPDATE state SET value = value + 1 WHERE key = 'number'", {"acceptance numbers 9 to 9"}},
    {"UPDATE state SET value = value - 1 WHERE key = 'number'", {"number that was never given"}},
    {"DELETE FROM request_code", {"is not found by the code"}},
    {"UPDATE request_code SET digest = zeroblob(32)", {"is not found by the code"}},
    {"UPDATE request_code SET request = request + 1",
     {"has a code that is kept for it, and is no"}},
    {"DELETE FROM event WHERE change " OF(1, 5), {"-5 decides who may hold what"}},
    {"UPDATE event SET change = change + 100", {"decides who may hold what", "is not held here"}},

    {"UPDATE feed SET change = change + 1000 WHERE at >> 44 = 1", {"and not held here"}},
    {"UPDATE feed SET at = at + 4096 WHERE at >> 44 = 1 AND is_held = 1", {"never given"}},
    {"UPDATE feed SET at = at + (9 << 44) WHERE at >> 44 = 1", {"agency that is not known"}},
    {"UPDATE feed SET count = 33", {"never given"}},
    {"UPDATE feed SET is_held = 2", {"cannot be"}},
    {"UPDATE feed SET verdict = 9 WHERE count = 1", {"cannot be"}},
    {"UPDATE feed SET first = (at & 17592186044415) + 1 WHERE count = 1", {"cannot be"}},
    {"INSERT INTO feed SELECT at + 1, change, 1, 0, 1, 0 FROM feed WHERE count > 1 LIMIT 1",
     {"has a place in a feed that another change has"}},
    {"UPDATE agency SET feed_end = feed_end + 9; INSERT INTO feed SELECT (1 << 44) | feed_end,"
     " (1 << 40) | 2, 1, 0, 1, 0 FROM agency WHERE no = 1",
     {"-2 is in one feed twice"}},
    {"DELETE FROM feed WHERE at >> 44 = 2", {"feed of friary is not what was put there"}},
    {"UPDATE feed SET is_held = 0 WHERE count = 1", {"is not what was put there"}},
    {"UPDATE agency SET held = " FLIP("zeroblob(5) || held || zeroblob(5)"),
     {"is not what was put there"}},
    {"INSERT INTO apart VALUES (77)", {"only its device holds"}},
    {"UPDATE agency SET feed_end = 1 WHERE no = 1", {"never given", "further on in its feed"}},
};

static bool is_said(const tp_findings *findings, const char *said)
{
    for (uint32_t i = 0; i < tp_findings_kept(findings); i++) {
        if (strstr(findings->text[i], said) != NULL) {
            return true;
        }
    }
    return false;
}

static void check_damage(const damage *row, const tp_hub_verified *verified)
{
    if ((row->said[0] == NULL) != (verified->findings.count == 0)) {
        fail_msg("%s: %u findings, %s", row->sql, (unsigned)verified->findings.count,
                 verified->findings.text[0]);
    }
    for (size_t i = 0; i < 3 && row->said[i] != NULL; i++) {
        if (!is_said(&verified->findings, row->said[i])) {
            fail_msg("%s: \"%s\" is not said but \"%s\"", row->sql, row->said[i],
                     verified->findings.text[0]);
        }
    }
}

static void find_each(hub_stage *stage, const damage *rows, size_t count)
{
    tp_hub_verified *verified = tp_alloc(sizeof *verified);
    for (size_t i = 0; i < count; i++) {
        tp_err err;
        tp_hub_store *store = NULL;
        tp_path bent = bend(stage, rows[i].sql);
        assert_int_equal(tp_hub_store_open(bent.at, false, &store, &err), TP_OK);
        if (tp_hub_store_verify(store, NULL, NULL, verified, &err) != TP_OK) {
            fail_msg("%s: %s", rows[i].sql, err.what);
        }
        check_damage(&rows[i], verified);
        assert_int_equal(tp_hub_store_check(store, &err),
                         rows[i].said[0] == NULL ? TP_OK : TP_CORRUPT);
        tp_hub_store_close(store);
        assert_int_equal(tp_file_remove(bent.at, &err), TP_OK);
    }
    tp_free(verified);
}

static void test_store_verify__finds_each_damage_and_names_it(void **state)
{
    (void)state;
    hub_stage *stage = open_week();
    find_each(stage, damages, sizeof damages / sizeof damages[0]);
    hub_stage_close(stage);
}

/* Of the week c1 is erased, which is changes 2 and 4 of its device's first push, and c2, its third,
 * which stood in quarantine; and h1 of the other device, which had a code. */
static const damage gaps[] = {
    {"UPDATE device SET label = label", {NULL}},
    {"DELETE FROM erased WHERE name " OF(1, 2), {"-2 is missing", "numbers 2 to 2"}},
    {"DELETE FROM erased WHERE name " OF(2, 1), {"-1 is missing"}},
    {"DELETE FROM log WHERE name " OF(1, 1), {"-1 is missing"}},
    {"DELETE FROM log WHERE name " OF(1, 5), {"-5 is missing"}},
    {"UPDATE log SET bytes = CAST(replace(bytes, 'Sean', 'Shan') AS BLOB)",
     {"-2 was erased, and what is held before it is not what was there then"}},
    {"UPDATE log SET bytes = CAST(replace(bytes, 'spoken', 'signed') AS BLOB)",
     {"-1 to 5 is not what the device signed"}},
    {"UPDATE erased SET before = zeroblob(32) WHERE name " OF(1, 2),
     {"-2 was erased, and what is held before it"}},
    {"UPDATE erased SET after = zeroblob(32) WHERE name " OF(1, 2), {"-3 was erased, and what"}},
    {"UPDATE erased SET after = zeroblob(32) WHERE name " OF(1, 4),
     {"-1 to 5 is not what the device signed"}},
    {"UPDATE erased SET after = x'' WHERE name " OF(1, 4),
     {"-4 was erased, and what is kept of the chain there is damaged"}},
    {"UPDATE erased SET before = x'00' WHERE name " OF(2, 1),
     {"-1 was erased, and what is kept of the chain there is damaged"}},
    {"UPDATE erased SET number = 77 WHERE name " OF(1, 2),
     {"-2 has an acceptance number that was never given"}},
    {"UPDATE erased SET stamp_ms = stamp_ms - 1 WHERE name " OF(1, 4),
     {"-1 to 5 are not those that were given"}},
    {"INSERT INTO quarantine SELECT name, 0, number, stamp_ms, 0, '', 0, x'00', 0, 0 FROM erased"
     " WHERE name " OF(1, 2),
     {"-2 is there twice"}},
    {"INSERT INTO erased SELECT name, "
     "(1 << 40) | 2, number, stamp_ms, 0, 0, zeroblob(32),"
     " zeroblob(32), NULL FROM log WHERE name " OF(1, 6),
     {"-6 is there twice"}},
    {"INSERT INTO erased_record SELECT name, 1 FROM log WHERE name " OF(1, 6),
     {"-6 is of an erased record, and still here"}},
    {"PRAGMA foreign_keys = OFF; DELETE FROM erasure",
     {"-2 is said to be erased, and when and why is not kept"}},
    {"PRAGMA foreign_keys = OFF; DELETE FROM erased_record WHERE name " OF(1, 2),
     {"-4 is said to be erased, and when and why is not kept"}},
    {"UPDATE feed SET is_held = 1 WHERE change " OF(1, 2), {"and not held here"}},
    {"UPDATE push SET signature = " FLIP("signature") " WHERE last " OF(1, 5),
     {"signature kept with its change 5 is not by its key"}},
};

static void test_store_verify__holds_over_what_was_erased(void **state)
{
    (void)state;
    tp_err err;
    hub_stage *stage = open_week();
    tp_hub_verified *verified = tp_alloc(sizeof *verified);
    static const char *const erasing[] = {"erase c1", "erase c2", "erase h1", "erased c1 c2 h1",
                                          NULL};
    hub_stage_run_all(stage, erasing);
    tp_hub_store *store = hub_stage_hub(stage)->store;
    assert_int_equal(tp_hub_store_verify(store, NULL, NULL, verified, &err), TP_OK);
    assert_string_equal(verified->findings.text[0], "");
    assert_int_equal(verified->findings.count, 0);
    assert_int_equal(verified->changes, 4);
    assert_int_equal(verified->quarantined, 0);
    assert_int_equal(verified->erased, 4);
    assert_int_equal(verified->signatures, 3);
    find_each(stage, gaps, sizeof gaps / sizeof gaps[0]);
    tp_free(verified);
    hub_stage_close(stage);
}

static void test_store_verify__counts_what_is_whole(void **state)
{
    (void)state;
    tp_err err;
    hub_stage *stage = open_week();
    tp_hub_verified *verified = tp_alloc(sizeof *verified);
    tp_hub_store *store = hub_stage_hub(stage)->store;
    assert_int_equal(tp_hub_store_verify(store, NULL, NULL, verified, &err), TP_OK);
    assert_int_equal(verified->findings.count, 0);
    assert_int_equal(verified->devices, 2);
    assert_int_equal(verified->changes, 7);
    assert_int_equal(verified->quarantined, 1);
    assert_int_equal(verified->signatures, 3);
    assert_int_equal(verified->before_signatures, 0);
    /* A push whose answer was lost is answered again, and kept once. */
    hub_stage_run(stage, "van contact c9 person=p1 note=Late");
    tp_buf body;
    tp_buf answer;
    tp_buf_init(&body, TP_HTTP_BODY_BYTES_MAX);
    tp_buf_init(&answer, TP_HTTP_RESPONSE_BYTES_MAX);
    hub_stage_make_request(stage, "van", NULL, NULL, &body);
    for (int i = 0; i < 2; i++) {
        tp_buf_clear(&answer);
        assert_int_equal(hub_stage_send(stage, "van", tp_buf_slice(&body), &answer), 0);
    }
    tp_buf_done(&body);
    tp_buf_done(&answer);
    assert_int_equal(tp_hub_store_verify(store, NULL, NULL, verified, &err), TP_OK);
    assert_int_equal(verified->findings.count, 0);
    assert_int_equal(verified->signatures, 4);
    tp_free(verified);
    hub_stage_close(stage);
}

/* ---- A backup ---- */

static void verify_backup(hub_stage *stage, const char *file, tp_hub_verified *verified)
{
    tp_err err;
    tp_path copy = temp_dir_path(&hub_stage_hub(stage)->dir, "copy.db");
    if (tp_hub_store_verify_backup(copy.at, file, NULL, NULL, verified, &err) != TP_OK) {
        fail_msg("%s", err.what);
    }
    assert_false(tp_file_exists(copy.at));
}

static void test_store_verify__reads_a_backup_where_it_lies(void **state)
{
    (void)state;
    tp_err err;
    hub_stage *stage = open_week();
    tp_hub_verified *verified = tp_alloc(sizeof *verified);
    tp_path sealed = back_up(stage, "whole.db");
    tp_path cut = temp_dir_path(&hub_stage_hub(stage)->dir, "cut.db");
    int64_t bytes = 0;
    verify_backup(stage, sealed.at, verified);
    assert_int_equal(verified->findings.count, 0);
    assert_int_equal(verified->changes, 7);
    assert_int_equal(tp_file_measure(sealed.at, &bytes, &err), TP_OK);
    static const int64_t cuts[] = {1, 41, 4096 * 3, 4096 * 10 + 5};
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        assert_int_equal(tp_file_copy(sealed.at, bytes - cuts[i], cut.at, &err), TP_OK);
        verify_backup(stage, cut.at, verified);
        assert_true(verified->findings.count > 0);
        assert_int_equal(tp_file_remove(cut.at, &err), TP_OK);
    }
    tp_path bent = bend(stage, "DELETE FROM quarantine");
    verify_backup(stage, bent.at, verified);
    assert_true(is_said(&verified->findings, "-3 is missing"));
    tp_path copy = temp_dir_path(&hub_stage_hub(stage)->dir, "copy.db");
    assert_int_equal(
        tp_hub_store_verify_backup(copy.at, "/nowhere/at.all", NULL, NULL, verified, &err),
        TP_NOTFOUND);
    tp_free(verified);
    hub_stage_close(stage);
}

/* Of what an older program took in there is no signature, and that is no damage. */
static void test_store_verify__an_older_backup_has_no_signatures(void **state)
{
    (void)state;
    hub_stage *stage = open_week();
    tp_hub_verified *verified = tp_alloc(sizeof *verified);
    tp_path older = bend(stage, OLDER " PRAGMA user_version = 2");
    verify_backup(stage, older.at, verified);
    assert_int_equal(verified->findings.count, 0);
    assert_int_equal(verified->signatures, 0);
    assert_int_equal(verified->before_signatures, 8);
    tp_free(verified);
    hub_stage_close(stage);
}

static tp_rc assert_bounds(void *ctx, const tp_hub_quarantined *entry, tp_err *ignored)
{
    (void)ignored;
    *(bool *)ctx = true;
    assert_true(entry->stamp.earliest_ms == TP_STAMP_EARLIEST_MS);
    assert_true(entry->stamp.latest_ms == entry->received_ms);
    assert_true(entry->stamp.ms <= entry->received_ms);
    return TP_OK;
}

/* Of what an older program put in quarantine no bounds were kept, and it has such as are surely
 * right; its push is whole still.  What was damaged before is not covered up by that. */
static void test_store_verify__what_stood_in_quarantine_has_no_certain_time(void **state)
{
    (void)state;
    tp_err err;
    tp_hub_store *store = NULL;
    bool is_foreign = false;
    bool has_entry = false;
    hub_stage *stage = open_week();
    tp_hub_verified *verified = tp_alloc(sizeof *verified);
    tp_path older = bend(stage, TENTH " PRAGMA user_version = 10");
    assert_int_equal(tp_hub_store_open(older.at, false, &store, &err), TP_OK);
    assert_int_equal(tp_hub_store_verify(store, NULL, NULL, verified, &err), TP_OK);
    assert_string_equal(verified->findings.text[0], "");
    assert_int_equal(verified->quarantined, 1);
    assert_int_equal(tp_hub_store_begin_reading(store, &is_foreign, &err), TP_OK);
    assert_int_equal(tp_hub_quarantine_all(store, 0, assert_bounds, &has_entry, &err), TP_OK);
    assert_true(has_entry);
    tp_hub_store_rollback(store);
    tp_hub_store_close(store);
    assert_int_equal(tp_file_remove(older.at, &err), TP_OK);
    older = bend(stage, TENTH " UPDATE log SET stamp_ms = stamp_ms - 1 WHERE name " OF(
                            1, 1) "; PRAGMA user_version = 10");
    verify_backup(stage, older.at, verified);
    assert_true(is_said(&verified->findings, "-1 to 5 are not those that were given"));
    tp_free(verified);
    hub_stage_close(stage);
}

/* It is brought up to date where it is put, not where it lies. */
static void test_store_restore__leaves_an_older_backup_as_it_is(void **state)
{
    (void)state;
    tp_err err;
    tp_hub_store *store = NULL;
    tp_hub_restored restored;
    int64_t version = 0;
    tp_store *backup = NULL;
    hub_stage *stage = open_week();
    bool is_foreign = false;
    assert_int_equal(tp_hub_look(hub_stage_hub(stage), &err), TP_OK);
    const uint64_t was = tp_hub_store_state(hub_stage_hub(stage)->store)->generation;
    tp_hub_rollback(hub_stage_hub(stage));
    tp_path older = bend(stage, OLDER " PRAGMA user_version = 2");
    tp_path place = temp_dir_path(&hub_stage_hub(stage)->dir, "placed.db");
    assert_int_equal(tp_hub_store_restore(place.at, older.at, 77, 0, &restored, &err), TP_OK);
    assert_false(restored.is_sealed || restored.has_before);
    tp_store_options options = {.path = older.at, .read_only = true};
    assert_int_equal(tp_store_open(&options, &backup, &err), TP_OK);
    assert_int_equal(tp_store_version(backup, &version, &err), TP_OK);
    assert_int_equal(version, 2);
    tp_store_close(backup);
    assert_int_equal(tp_hub_store_open(place.at, false, &store, &err), TP_OK);
    assert_int_equal(tp_hub_store_check(store, &err), TP_OK);
    /* It is a later generation: devices are to learn that it knows less than they do. */
    assert_int_equal(tp_hub_store_begin_reading(store, &is_foreign, &err), TP_OK);
    const tp_hub_state *placed = tp_hub_store_state(store);
    assert_true(tp_generation_is_later(placed->generation, was));
    assert_true(placed->back_ms != 0 && placed->back_ms == placed->clock_ms);
    tp_hub_store_rollback(store);
    tp_hub_store_close(store);
    hub_stage_close(stage);
}

/* A WAL whose database is gone would be read into whatever is put in its place. */
static void test_store_restore__puts_a_wal_without_its_database_aside(void **state)
{
    (void)state;
    tp_err err;
    tp_hub_store *store = NULL;
    tp_hub_restored restored;
    hub_stage *stage = open_week();
    tp_path sealed = back_up(stage, "sealed.db");
    tp_path place = temp_dir_path(&hub_stage_hub(stage)->dir, "placed.db");
    tp_path wal = temp_dir_path(&hub_stage_hub(stage)->dir, "placed.db-wal");
    tp_path aside = temp_dir_path(&hub_stage_hub(stage)->dir, "placed.db.before-wal");
    assert_int_equal(tp_file_write(wal.at, tp_slice_str("not this one's"), &err), TP_OK);
    assert_int_equal(tp_hub_store_restore(place.at, sealed.at, 77, 0, &restored, &err), TP_OK);
    assert_true(restored.is_sealed && !restored.has_before);
    assert_true(tp_file_exists(aside.at) && !tp_file_exists(wal.at));
    assert_int_equal(tp_hub_store_open(place.at, false, &store, &err), TP_OK);
    assert_int_equal(tp_hub_store_check(store, &err), TP_OK);
    tp_hub_store_close(store);
    assert_int_equal(tp_hub_store_restore(place.at, sealed.at, 77, 0, &restored, &err), TP_EXISTS);
    hub_stage_close(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_store_verify__finds_each_damage_and_names_it),
        cmocka_unit_test(test_store_verify__holds_over_what_was_erased),
        cmocka_unit_test(test_store_verify__counts_what_is_whole),
        cmocka_unit_test(test_store_verify__reads_a_backup_where_it_lies),
        cmocka_unit_test(test_store_verify__an_older_backup_has_no_signatures),
        cmocka_unit_test(test_store_verify__what_stood_in_quarantine_has_no_certain_time),
        cmocka_unit_test(test_store_restore__leaves_an_older_backup_as_it_is),
        cmocka_unit_test(test_store_restore__puts_a_wal_without_its_database_aside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
