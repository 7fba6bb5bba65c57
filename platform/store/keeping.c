/* Looking after a store: checkpoint, integrity, backup, sizes. */
#include "platform/store/store_state.h"

#include <assert.h>
#include <stdio.h>
#include <unistd.h>

static tp_rc file_bytes(tp_store *store, int which, int64_t *bytes_out, tp_err *err);
static tp_rc first_finding(tp_store *store, const char *sql, const char *what, tp_err *err);
static tp_rc copy_pages(tp_store *store, const char *path, tp_err *err);
static void remove_copy(const char *path);

tp_rc tp_store_checkpoint_truncate(tp_store *store, bool *is_empty_out, tp_err *err)
{
    assert(!store->is_in_tx && store->open_count == 0);
    *is_empty_out = false;
    int code = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    if ((code & 0xff) == SQLITE_BUSY) {
        return TP_OK;
    }
    if (code != SQLITE_OK) {
        return tp_store_fail(store, code, err);
    }
    int64_t bytes = 0;
    tp_rc rc = file_bytes(store, SQLITE_FCNTL_JOURNAL_POINTER, &bytes, err);
    *is_empty_out = rc == TP_OK && bytes == 0;
    return rc;
}

tp_rc tp_store_check_integrity(tp_store *store, tp_err *err)
{
    tp_rc rc = first_finding(
        store,
        "SELECT integrity_check FROM pragma_integrity_check(1) WHERE integrity_check <> 'ok'",
        "the database is damaged", err);
    if (rc == TP_OK) {
        rc = first_finding(store, "SELECT \"table\" FROM pragma_foreign_key_check LIMIT 1",
                           "a row names another that is not there", err);
    }
    return rc == TP_OK ? tp_store_check_described(store, err) : rc;
}

tp_rc tp_store_backup(tp_store *store, const char *path, tp_err *err)
{
    tp_path part;
    int chars = snprintf(part.at, sizeof part.at, "%s%s.part", path[0] == '/' ? "" : "./", path);
    if (chars < 0 || (size_t)chars >= sizeof part.at) {
        return tp_fail(err, TP_LIMIT, "the path is longer than %u bytes", TP_PATH_BYTES_MAX - 1);
    }
    if (tp_file_exists(path)) {
        return tp_fail(err, TP_EXISTS, "there is a file of that name already");
    }
    remove_copy(part.at); /* what an earlier attempt left */
    tp_rc rc = tp_file_create(part.at, tp_slice_of(NULL, 0), err);
    if (rc != TP_OK) {
        return rc;
    }
    rc = copy_pages(store, part.at, err);
    if (rc == TP_OK) {
        rc = tp_file_place(part.at, path, err);
    }
    if (rc != TP_OK) {
        remove_copy(part.at);
    }
    return rc;
}

/* With what SQLite keeps beside it, and cannot always take away where memory is short. */
static void remove_copy(const char *path)
{
    static const char *const beside[] = {"", "-journal", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++) {
        char name[TP_PATH_BYTES_MAX + 16];
        snprintf(name, sizeof name, "%s%s", path, beside[i]);
        (void)unlink(name);
    }
}

tp_rc tp_store_measure(tp_store *store, tp_store_sizes *sizes_out, tp_err *err)
{
    tp_store_sizes sizes = {0, 0, 0};
    int64_t page_bytes = 0;
    int64_t free_pages = 0;
    tp_rc rc = tp_store_query_int(store, "PRAGMA page_size", &page_bytes, err);
    if (rc == TP_OK) { /* reads a page, so that the WAL is open after it */
        rc = tp_store_query_int(store, "PRAGMA freelist_count", &free_pages, err);
    }
    if (rc == TP_OK) {
        rc = file_bytes(store, SQLITE_FCNTL_FILE_POINTER, &sizes.database_bytes, err);
    }
    if (rc == TP_OK) {
        rc = file_bytes(store, SQLITE_FCNTL_JOURNAL_POINTER, &sizes.wal_bytes, err);
    }
    if (rc == TP_OK) {
        sizes.free_bytes = page_bytes * free_pages;
        *sizes_out = sizes;
    }
    return rc;
}

/* Asks SQLite's own handle, which is the file in use, whatever stands at the path by now.  The
 * journal of a database in WAL mode is its WAL; 0: not open, so nothing was ever put in it. */
static tp_rc file_bytes(tp_store *store, int which, int64_t *bytes_out, tp_err *err)
{
    sqlite3_file *file = NULL;
    sqlite3_int64 bytes = 0;
    int code = sqlite3_file_control(store->db, "main", which, &file);
    if (code == SQLITE_OK && file != NULL && file->pMethods != NULL) {
        code = file->pMethods->xFileSize(file, &bytes);
    }
    *bytes_out = (int64_t)bytes;
    return code == SQLITE_OK ? TP_OK : tp_store_fail(store, code, err);
}

/* The check of integrity tells a page that could not be read as it tells one that is damaged: the
 * result that stopped it, or OK. */
static int trouble_of(tp_slice finding)
{
    static const char before[] = "unable to get the page. error code=";
    const uint8_t *at = memmem(finding.at, finding.bytes, before, sizeof before - 1);
    int code = SQLITE_OK;
    if (at != NULL) {
        for (at += sizeof before - 1; at < finding.at + finding.bytes && *at >= '0' && *at <= '9';
             at++) {
            code = code * 10 + (*at - '0');
        }
    }
    return (code & 0xff) == SQLITE_IOERR || (code & 0xff) == SQLITE_NOMEM ? code : SQLITE_OK;
}

/* CORRUPT, with the first row of a query that gives one for each fault. */
static tp_rc first_finding(tp_store *store, const char *sql, const char *what, tp_err *err)
{
    tp_stmt *stmt = NULL;
    bool row = false;
    tp_rc rc = tp_store_prepare(store, sql, &stmt, err);
    if (rc == TP_OK) {
        rc = tp_stmt_step(stmt, &row, err);
    }
    if (rc == TP_OK && row) {
        int code = trouble_of(tp_stmt_text(stmt, 0));
        rc = code == SQLITE_OK
                 ? tp_fail(err, TP_CORRUPT, "%s: %.*s", what, TP_SLICE_FMT(tp_stmt_text(stmt, 0)))
                 : tp_store_fail(store, code, err);
    }
    tp_stmt_done(stmt);
    return rc;
}

/* Copies into the empty file at `path`.  The copy leaves WAL mode, so that it is one file. */
static tp_rc copy_pages(tp_store *store, const char *path, tp_err *err)
{
    tp_rc rc = TP_OK;
    sqlite3 *to = NULL;
    int code = sqlite3_open_v2(
        path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (code == SQLITE_OK) {
        sqlite3_backup *backup = sqlite3_backup_init(to, "main", store->db, "main");
        code = backup == NULL ? sqlite3_extended_errcode(to) : sqlite3_backup_step(backup, -1);
        int finish_code = sqlite3_backup_finish(backup);
        code = code == SQLITE_DONE ? finish_code : code;
    }
    if (code == SQLITE_OK) {
        code = sqlite3_exec(to, "PRAGMA synchronous=FULL; PRAGMA journal_mode=DELETE", NULL, NULL,
                            NULL);
    }
    if (code != SQLITE_OK) {
        rc = tp_fail_from(err, tp_store_rc_of(code), TP_ORIGIN_SQLITE, code, "the copy failed: %s",
                          to == NULL ? sqlite3_errstr(code) : sqlite3_errmsg(to));
    }
    sqlite3_close(to);
    return rc;
}
