/* The views made again from the log, and compared with it. */
#include "platform/crypto/digest.h"
#include "schema/entity.h"
#include "sync/merge/merge_state.h"

/* Changes whenever the views mean something else to this program. */
enum { VIEWS_VERSION = 3, PROGRESS_CHANGES = 1000 };

typedef struct rebuilding {
    tp_merge *merge;
    tp_tx *tx;
    const tp_merge_progress *progress;
    uint64_t done;
    uint64_t all;
    bool has_stubs;
} rebuilding;

static void digest_entities(uint8_t out[TP_SHA256_BYTES]);
static tp_rc clear(tp_merge *merge, tp_tx *tx, tp_err *err);
static tp_rc count_changes(tp_tx *tx, uint64_t *count_out, tp_err *err);
static tp_rc read_again(void *context, const tp_log_row *row, tp_err *err);
static tp_rc show_row(void *context, const tp_log_row *row, tp_err *err);
static tp_rc keep_digest(tp_tx *tx, tp_err *err);

tp_rc tp_merge_is_stale(tp_merge *merge, tp_tx *tx, bool *is_stale_out, tp_err *err)
{
    (void)merge;
    uint8_t digest[TP_SHA256_BYTES];
    tp_stmt *s = NULL;
    digest_entities(digest);
    tp_rc rc = tp_tx_prepare(tx, "SELECT views FROM merge_state", &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        *is_stale_out = !tp_slice_eq(tp_stmt_blob(s, 0), tp_slice_of(digest, sizeof digest));
        tp_stmt_done(s);
    }
    return rc;
}

tp_rc tp_merge_rebuild(tp_merge *merge, tp_tx *tx, const tp_merge_progress *progress, tp_err *err)
{
    rebuilding r = {merge, tx, progress, 0, 0, false};
    tp_rc rc = clear(merge, tx, err);
    if (rc == TP_OK) {
        rc = count_changes(tx, &r.all, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_has_stubs(merge->log, tx, &r.has_stubs, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_of_record(merge->log, tx, 0, read_again, &r, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_all(merge->log, tx, show_row, &r, err);
    }
    if (rc == TP_OK) {
        rc = tp_view_regroup(merge, tx, err);
    }
    if (rc == TP_OK) {
        rc = keep_digest(tx, err);
    }
    if (rc == TP_OK && progress != NULL) {
        progress->at(progress->context, r.all, r.all);
    }
    return rc;
}

static tp_rc clear(tp_merge *merge, tp_tx *tx, tp_err *err)
{
    tp_rc rc = tp_tx_exec(tx, "DELETE FROM record; DELETE FROM person_group;", err);
    if (rc == TP_OK && merge->sink.clear != NULL) {
        rc = merge->sink.clear(merge->sink.context, tx, err);
    }
    return rc;
}

static tp_rc count_changes(tp_tx *tx, uint64_t *count_out, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "SELECT count(*) FROM log", &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        *count_out = (uint64_t)tp_stmt_int(s, 0);
        tp_stmt_done(s);
    }
    return rc;
}

/* What an older program could not read, and this one can, gets its place. */
static tp_rc read_again(void *context, const tp_log_row *row, tp_err *err)
{
    rebuilding *r = context;
    tp_err unread = {0};
    if (row->is_stub || tp_log_decode(row, &r->merge->change, &unread) != TP_OK) {
        return TP_OK;
    }
    return tp_log_put_record(r->merge->log, r->tx, &r->merge->change, err);
}

/* Creating changes make rows; whatever updates say of them is looked up there and then.  An update
 * has a word of its own only where its record's creating change is not held. */
static tp_rc show_row(void *context, const tp_log_row *row, tp_err *err)
{
    rebuilding *r = context;
    tp_merge *merge = r->merge;
    tp_view_row after = {0};
    tp_view_row before = {0};
    tp_err unread = {0};
    bool creates = row->record == row->id;
    r->done++;
    if (r->progress != NULL && r->done % PROGRESS_CHANGES == 0) {
        r->progress->at(r->progress->context, r->done, r->all);
    }
    if (row->record == 0) {
        return TP_OK;
    }
    tp_rc rc = tp_view_row_of(merge, r->tx, row->record, &after, err);
    if (rc == TP_OK && creates) {
        rc = tp_view_move(merge, r->tx, &before, &after, r->has_stubs, err);
    }
    if (rc != TP_OK || creates != after.exists ||
        tp_log_decode(row, &merge->change, &unread) != TP_OK) {
        return rc;
    }
    return tp_view_touched(merge, r->tx, row->record, (tp_name){0, 0}, &after, merge->change.entity,
                           err);
}

static tp_rc keep_digest(tp_tx *tx, tp_err *err)
{
    uint8_t digest[TP_SHA256_BYTES];
    tp_stmt *s = NULL;
    digest_entities(digest);
    tp_rc rc = tp_tx_prepare(tx, "UPDATE merge_state SET views = ?", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_blob(s, 1, tp_slice_of(digest, sizeof digest));
    return tp_stmt_run(s, err);
}

static void add_number(tp_sha256 *sha, uint64_t n)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(n >> (56 - 8 * i));
    }
    tp_sha256_add(sha, tp_slice_of(bytes, sizeof bytes));
}

/* What this program knows of entities: views made by one that knew less are made again. */
static void digest_entities(uint8_t out[TP_SHA256_BYTES])
{
    tp_sha256 sha;
    tp_sha256_init(&sha);
    add_number(&sha, VIEWS_VERSION);
    for (const tp_entity_row *e = tp_entities; e->code != 0; e++) {
        add_number(&sha, e->code);
        add_number(&sha, e->flags);
        for (const tp_field_row *f = e->fields; f->code != 0; f++) {
            add_number(&sha, f->code);
            add_number(&sha, (uint64_t)f->type);
            add_number(&sha, (uint64_t)f->rule);
        }
        add_number(&sha, 0);
    }
    tp_sha256_end(&sha, out);
}

/* ---- Comparing ---- */

static tp_rc digest_table(tp_tx *tx, const char *sql, int columns, tp_sha256 *sha, tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_row = false;
    tp_rc rc = tp_tx_prepare(tx, sql, &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_step(s, &is_row, err);
    }
    for (; rc == TP_OK && is_row; rc = tp_stmt_step(s, &is_row, err)) {
        for (int i = 0; i < columns; i++) {
            add_number(sha, (uint64_t)tp_stmt_int(s, i));
        }
    }
    return rc;
}

static tp_rc digest_views(tp_tx *tx, uint8_t out[TP_SHA256_BYTES], tp_err *err)
{
    tp_sha256 sha;
    tp_sha256_init(&sha);
    tp_rc rc = digest_table(tx, "SELECT person, id, entity, flags FROM record ORDER BY person, id",
                            4, &sha, err);
    if (rc == TP_OK) {
        rc = digest_table(tx, "SELECT person, lowest FROM person_group ORDER BY person", 2, &sha,
                          err);
    }
    if (rc == TP_OK) {
        tp_sha256_end(&sha, out);
    }
    return rc;
}

tp_rc tp_merge_verify(tp_merge *merge, tp_tx *tx, bool *is_equal_out, tp_err *err)
{
    uint8_t live[TP_SHA256_BYTES];
    uint8_t made[TP_SHA256_BYTES];
    tp_savepoint savepoint = TP_SAVEPOINT_NONE;
    tp_merge_sink sink = merge->sink;
    tp_rc rc = digest_views(tx, live, err);
    if (rc == TP_OK) {
        rc = tp_savepoint_begin(tx, &savepoint, err);
    }
    if (rc == TP_OK) {
        merge->sink = (tp_merge_sink){NULL, NULL, NULL, NULL};
        rc = tp_merge_rebuild(merge, tx, NULL, err);
        merge->sink = sink;
    }
    if (rc == TP_OK) {
        rc = digest_views(tx, made, err);
    }
    tp_savepoint_undo(&savepoint);
    if (rc == TP_OK) {
        *is_equal_out = memcmp(live, made, sizeof live) == 0;
    }
    return rc;
}
