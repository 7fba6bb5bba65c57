/* What the node's store costs below everything else, against a bare SQLite insert in the same run.
 *
 * Usage: log_bench DIRECTORY [CONTACTS]
 * Prints one JSON object: rows a second, bytes a row, and the time to load one person's records. */
#include "platform/base/alloc.h"
#include "platform/os/file.h"
#include "sync/log/back.h"
#include "sync/log/fork.h"
#include "sync/log/push.h"
#include "sync/merge/merge.h"
#include "sync/merge/record.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PERSONS = 1000, DEVICES = 10, BATCH = 4096, NOTE_BYTES = 120, TIMELINE = 500, LOADS = 20 };

typedef struct node {
    tp_path path;
    tp_store *store;
    tp_log *log;
    tp_merge *merge;
} node;

static tp_err err;
static tp_rng_seeded dice;

static void must(tp_rc rc, const char *what)
{
    if (rc != TP_OK) {
        fprintf(stderr, "log_bench: %s: %s\n", what, err.what);
        exit(1);
    }
}

static void must_sqlite(int is_fine, const char *what)
{
    if (!is_fine) {
        fprintf(stderr, "log_bench: %s failed\n", what);
        exit(1);
    }
}

static double rate(size_t rows, int64_t began_us)
{
    return (double)rows * 1e6 / (double)(tp_monotonic_us() - began_us);
}

/* About as dense as what people write: letters drawn so that common ones are common. */
static void draw_text(char *text, size_t bytes)
{
    static const char letters[] = "etaoinshrdlu etaoin tea cwmfgypbvk ";
    for (size_t i = 0; i < bytes; i++) {
        text[i] = letters[tp_rng_below(&dice.rng, sizeof letters - 1)];
    }
}

/* ---- The bare insert: one row of the same content, one index ---- */

static void run(sqlite3 *db, const char *sql)
{
    must_sqlite(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, sql);
}

static double bare_rows_s(const char *dir, size_t rows, bool one_by_one)
{
    char path[TP_PATH_BYTES_MAX + 16];
    char id[40];
    char person[40];
    char note[NOTE_BYTES];
    sqlite3 *db = NULL;
    sqlite3_stmt *insert = NULL;
    (void)snprintf(path, sizeof path, "%s/bare.db", dir);
    (void)unlink(path);
    must_sqlite(sqlite3_open(path, &db) == SQLITE_OK, "opening");
    run(db, "PRAGMA journal_mode=WAL");
    run(db, "PRAGMA synchronous=FULL");
    run(db, "CREATE TABLE contact (id TEXT PRIMARY KEY, person_id TEXT, at TEXT, worker TEXT, "
            "place TEXT, kind TEXT, note TEXT) WITHOUT ROWID");
    run(db, "CREATE INDEX contact_person ON contact (person_id, at)");
    must_sqlite(sqlite3_prepare_v2(db, "INSERT INTO contact VALUES (?,?,?,?,?,?,?)", -1, &insert,
                                   NULL) == SQLITE_OK,
                "preparing");
    draw_text(note, sizeof note);
    int64_t began = tp_monotonic_us();
    if (!one_by_one) {
        run(db, "BEGIN");
    }
    for (size_t i = 0; i < rows; i++) {
        (void)snprintf(id, sizeof id, "%016llx-%016llx", (unsigned long long)tp_rng_u64(&dice.rng),
                       (unsigned long long)i);
        (void)snprintf(person, sizeof person, "%016llx-%016llx", (unsigned long long)i % PERSONS,
                       (unsigned long long)i % PERSONS);
        sqlite3_bind_text(insert, 1, id, -1, SQLITE_STATIC);
        sqlite3_bind_text(insert, 2, person, -1, SQLITE_STATIC);
        sqlite3_bind_text(insert, 3, "2026-01-05T09:12:44.218Z", -1, SQLITE_STATIC);
        sqlite3_bind_text(insert, 4, "chw-012", -1, SQLITE_STATIC);
        sqlite3_bind_text(insert, 5, "Kamola", -1, SQLITE_STATIC);
        sqlite3_bind_text(insert, 6, "visit", -1, SQLITE_STATIC);
        sqlite3_bind_text(insert, 7, note, sizeof note, SQLITE_STATIC);
        must_sqlite(sqlite3_step(insert) == SQLITE_DONE, "inserting");
        sqlite3_reset(insert);
    }
    if (!one_by_one) {
        run(db, "COMMIT");
    }
    double rows_s = rate(rows, began);
    sqlite3_finalize(insert);
    sqlite3_close(db);
    (void)unlink(path);
    return rows_s;
}

/* ---- A node ---- */

static node open_node(const char *dir, const char *name)
{
    static const tp_migration steps[] = {
        {tp_log_schema_1, NULL},  {tp_merge_schema_1, NULL},
        {tp_log_schema_6, NULL},  {tp_log_schema_8, NULL},
        {tp_log_schema_9, NULL},  {tp_log_schema_10, NULL},
        {tp_log_schema_11, NULL}, {tp_log_schema_12, tp_log_schema_12_run}};
    node n = {0};
    tp_tx tx = TP_TX_NONE;
    must(tp_path_join(dir, name, &n.path, &err), "path");
    (void)unlink(n.path.at);
    const tp_store_options options = {.path = n.path.at, .create = true};
    must(tp_store_open(&options, &n.store, &err), "open");
    must(tp_store_migrate(n.store, steps, sizeof steps / sizeof steps[0], &err), "migrate");
    must(tp_tx_begin(n.store, &tx, TP_TX_WRITE, &err), "begin");
    must(tp_log_init(&tx, &dice.rng, tp_slice_str("gateway"), &err), "init");
    must(tp_tx_commit(&tx, &err), "commit");
    must(tp_log_open(n.store, tp_clock_system(), tp_rng_system(), &n.log, &err), "log");
    must(tp_merge_open(n.log, NULL, &n.merge, &err), "merge");
    return n;
}

static void close_node(node *n)
{
    tp_merge_close(n->merge);
    tp_log_close(n->log);
    tp_store_close(n->store);
}

static tp_change_draft draft;
static tp_value values[6];

static void set_text(size_t at, uint32_t code, tp_type type, const char *text, size_t bytes)
{
    values[at].type = type;
    values[at].text = tp_slice_of(text, bytes);
    must(tp_change_draft_set(&draft, code, &values[at], &err), "set");
}

static tp_name write_person(node *n, tp_tx *tx)
{
    tp_change_draft_init(&draft, (tp_name){0, 0}, TP_PERSON);
    draft.worker = tp_slice_str("chw-012");
    set_text(0, TP_PERSON_PREFERRED_NAME, TP_TYPE_TEXT, "Kamola Niwate", 13);
    must(tp_merge_write(n->merge, tx, &draft, &err), "write");
    return draft.name;
}

static tp_name write_contact(node *n, tp_tx *tx, tp_name person, int64_t at_ms)
{
    char note[NOTE_BYTES];
    draw_text(note, sizeof note);
    tp_change_draft_init(&draft, (tp_name){0, 0}, TP_CONTACT);
    draft.worker = tp_slice_str("chw-012");
    values[0].type = TP_TYPE_RECORD;
    values[0].names[0] = person;
    values[0].names_count = 1;
    must(tp_change_draft_set(&draft, TP_FIELD_PERSON, &values[0], &err), "set");
    values[1].type = TP_TYPE_INSTANT;
    values[1].number = at_ms;
    must(tp_change_draft_set(&draft, TP_CONTACT_HAPPENED_AT, &values[1], &err), "set");
    set_text(2, TP_CONTACT_PLACE, TP_TYPE_TEXT, "Kamola", 6);
    set_text(3, TP_CONTACT_KIND, TP_TYPE_CODE, "visit", 5);
    set_text(4, TP_CONTACT_NOTE, TP_TYPE_TEXT, note, sizeof note);
    must(tp_merge_write(n->merge, tx, &draft, &err), "write");
    return draft.name;
}

/* Contacts one by one, each durable. */
static double write_rows_s(node *n, const tp_name *persons, size_t rows)
{
    int64_t began = tp_monotonic_us();
    for (size_t i = 0; i < rows; i++) {
        tp_tx tx = TP_TX_NONE;
        must(tp_tx_begin(n->store, &tx, TP_TX_WRITE, &err), "begin");
        (void)write_contact(n, &tx, persons[i % PERSONS], INT64_C(1767603600000) + (int64_t)i);
        must(tp_tx_commit(&tx, &err), "commit");
    }
    return rate(rows, began);
}

static double accept_rows_s(node *n)
{
    tp_log_push push;
    tp_tx tx = TP_TX_NONE;
    must(tp_tx_begin(n->store, &tx, TP_TX_WRITE, &err), "begin");
    must(tp_log_push_get(n->log, &tx, &push, &err), "push");
    tp_tx_rollback(&tx);
    tp_log_sent sent = {.counts = {0, 0}};
    memcpy(sent.chain, push.accepted_chain, sizeof sent.chain);
    int64_t began = tp_monotonic_us();
    for (uint64_t seq = 1; seq <= push.last_seq; seq += BATCH) {
        uint64_t last = seq + BATCH - 1 < push.last_seq ? seq + BATCH - 1 : push.last_seq;
        tp_stamp_run r = {(uint32_t)(last - seq + 1), seq, 1767000000000, false, 0, 0};
        must(tp_tx_begin(n->store, &tx, TP_TX_WRITE, &err), "begin");
        must(tp_merge_accept(n->merge, &tx, last, seq, &r, 1, &sent, &err), "accept");
        must(tp_tx_commit(&tx, &err), "commit");
    }
    return rate(push.last_seq, began);
}

/* ---- What a pull brings: what DEVICES devices wrote, one after another in turn ---- */

typedef struct feed {
    tp_buf bytes;
    tp_entry *entries;
    size_t *bytes_at;
    size_t device; /* the one whose changes are being added, and how many it has by now */
    size_t of_device;
    size_t count;
    size_t room;
} feed;

static tp_rc add_entry(void *context, const tp_log_row *row, tp_err *add_err)
{
    feed *f = context;
    size_t at = f->of_device++ * DEVICES + f->device;
    if (at >= f->room) {
        return TP_OK;
    }
    tp_entry *entry = &f->entries[at];
    memset(entry, 0, sizeof *entry);
    entry->name = row->name;
    entry->bytes.bytes = row->bytes.bytes;
    entry->stamp = (tp_stamp){INT64_C(1767603600000) + (int64_t)at * 60000, 0, 0, 1 + at};
    entry->position = 1 + at;
    tp_rng_fill(&dice.rng, entry->tag, sizeof entry->tag);
    f->bytes_at[at] = f->bytes.bytes;
    f->count++;
    return tp_buf_add_slice(&f->bytes, row->bytes, add_err);
}

static feed make_feed(const char *dir, size_t contacts)
{
    feed f = {.room = contacts + PERSONS};
    tp_name *persons = tp_alloc(PERSONS / DEVICES * sizeof *persons);
    tp_buf_init(&f.bytes, SIZE_MAX / 2);
    f.entries = tp_alloc(f.room * sizeof *f.entries);
    f.bytes_at = tp_alloc(f.room * sizeof *f.bytes_at);
    must_sqlite(persons != NULL && f.entries != NULL && f.bytes_at != NULL, "memory");
    for (; f.device < DEVICES; f.device++) {
        tp_tx tx = TP_TX_NONE;
        node n = open_node(dir, "other.db");
        must(tp_tx_begin(n.store, &tx, TP_TX_WRITE, &err), "begin");
        for (size_t i = 0; i < PERSONS / DEVICES; i++) {
            persons[i] = write_person(&n, &tx);
        }
        for (size_t i = 0; i < contacts / DEVICES; i++) {
            tp_name person = persons[tp_rng_below(&dice.rng, PERSONS / DEVICES)];
            (void)write_contact(&n, &tx, person, INT64_C(1767603600000) + (int64_t)i);
        }
        f.of_device = 0;
        must(tp_log_all(n.log, &tx, add_entry, &f, &err), "reading");
        must(tp_tx_commit(&tx, &err), "commit");
        close_node(&n);
    }
    for (size_t i = 0; i < f.count; i++) {
        f.entries[i].bytes.at = f.bytes.at + f.bytes_at[i];
    }
    tp_free(persons);
    return f;
}

static double apply_rows_s(node *n, const feed *f)
{
    int64_t began = tp_monotonic_us();
    for (size_t at = 0; at < f->count; at += BATCH) {
        size_t count = f->count - at < BATCH ? f->count - at : BATCH;
        tp_merge_applied applied;
        tp_tx tx = TP_TX_NONE;
        must(tp_tx_begin(n->store, &tx, TP_TX_WRITE, &err), "begin");
        must(tp_merge_apply(n->merge, &tx, f->entries + at, count, &applied, &err), "apply");
        must(tp_tx_commit(&tx, &err), "commit");
        must_sqlite(applied.unread == 0, "reading every change");
    }
    return rate(f->count, began);
}

static double rebuild_rows_s(node *n, size_t rows)
{
    tp_tx tx = TP_TX_NONE;
    int64_t began = tp_monotonic_us();
    must(tp_tx_begin(n->store, &tx, TP_TX_WRITE, &err), "begin");
    must(tp_merge_rebuild(n->merge, &tx, NULL, &err), "rebuild");
    must(tp_tx_commit(&tx, &err), "commit");
    return rate(rows, began);
}

static double bytes_a_row(node *n, size_t rows)
{
    bool is_empty = false;
    tp_store_sizes sizes;
    must(tp_store_checkpoint_truncate(n->store, &is_empty, &err), "checkpoint");
    must(tp_store_measure(n->store, &sizes, &err), "measure");
    return (double)sizes.database_bytes / (double)rows;
}

/* ---- One person's records ---- */

static tp_rc count_loaded(void *context, const tp_loaded *loaded, tp_err *count_err)
{
    (void)count_err;
    *(size_t *)context += loaded->fields_count > 0;
    return TP_OK;
}

/* A person with TIMELINE contacts, every fifth of them corrected once: ms to load them all. */
static double timeline_ms(node *n, size_t *loaded_out)
{
    tp_tx tx = TP_TX_NONE;
    must(tp_tx_begin(n->store, &tx, TP_TX_WRITE, &err), "begin");
    tp_name person = write_person(n, &tx);
    for (size_t i = 1; i < TIMELINE; i++) {
        tp_name contact = write_contact(n, &tx, person, INT64_C(1767603600000) + (int64_t)i);
        if (i % 5 == 0) {
            tp_change_draft_init(&draft, (tp_name){0, 0}, TP_CONTACT);
            draft.record = contact;
            set_text(0, TP_CONTACT_PLACE, TP_TYPE_TEXT, "Niwa", 4);
            must(tp_change_draft_see(&draft, TP_CONTACT_PLACE, &contact, 1, &err), "see");
            must(tp_merge_write(n->merge, &tx, &draft, &err), "write");
        }
    }
    must(tp_tx_commit(&tx, &err), "commit");
    int64_t best_us = INT64_MAX;
    for (int i = 0; i < LOADS; i++) {
        size_t count = 0;
        int64_t began = tp_monotonic_us();
        must(tp_tx_begin(n->store, &tx, TP_TX_READ, &err), "begin");
        must(tp_merge_load_persons(n->merge, &tx, &person, 1, NULL, count_loaded, &count, &err),
             "load");
        tp_tx_rollback(&tx);
        int64_t took = tp_monotonic_us() - began;
        best_us = took < best_us ? took : best_us;
        *loaded_out = count;
    }
    return (double)best_us / 1000;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: log_bench DIRECTORY [CONTACTS]\n");
        return 2;
    }
    size_t contacts = argc > 2 ? strtoul(argv[2], NULL, 10) : 10000;
    tp_name *persons = tp_alloc(PERSONS * sizeof *persons);
    tp_rng_seeded_init(&dice, 20260105);
    double bare_single = bare_rows_s(argv[1], contacts, true);
    double bare_bulk = bare_rows_s(argv[1], contacts, false);
    node writer = open_node(argv[1], "writer.db");
    tp_tx tx = TP_TX_NONE;
    must(tp_tx_begin(writer.store, &tx, TP_TX_WRITE, &err), "begin");
    for (size_t i = 0; i < PERSONS; i++) {
        persons[i] = write_person(&writer, &tx);
    }
    must(tp_tx_commit(&tx, &err), "commit");
    double single = write_rows_s(&writer, persons, contacts);
    double accept_rate = accept_rows_s(&writer);
    feed f = make_feed(argv[1], contacts - contacts % DEVICES);
    node reader = open_node(argv[1], "reader.db");
    double apply_rate = apply_rows_s(&reader, &f);
    double written_bytes = bytes_a_row(&writer, contacts + PERSONS);
    double applied_bytes = bytes_a_row(&reader, f.count);
    double rebuild_rate = rebuild_rows_s(&reader, f.count);
    size_t loaded = 0;
    double load_ms = timeline_ms(&reader, &loaded);
    printf("{\"contacts\": %zu, \"single_rows_s\": %.0f, \"bare_single_rows_s\": %.0f, "
           "\"single_ratio\": %.2f, \"apply_rows_s\": %.0f, \"bare_bulk_rows_s\": %.0f, "
           "\"apply_ratio\": %.2f, \"accept_rows_s\": %.0f, \"rebuild_rows_s\": %.0f, "
           "\"change_bytes\": %.0f, \"written_bytes_row\": %.0f, \"applied_bytes_row\": %.0f, "
           "\"timeline_records\": %zu, \"timeline_ms\": %.2f}\n",
           contacts, single, bare_single, single / bare_single, apply_rate, bare_bulk,
           apply_rate / bare_bulk, accept_rate, rebuild_rate,
           (double)f.bytes.bytes / (double)f.count, written_bytes, applied_bytes, loaded, load_ms);
    tp_buf_done(&f.bytes);
    tp_free(f.entries);
    tp_free(f.bytes_at);
    tp_free(persons);
    close_node(&writer);
    close_node(&reader);
    return 0;
}
