/* Opens and closes stores, and tells SQLite's errors as ours. */
#include "platform/store/sqlite.h"

#include "platform/base/alloc.h"
#include "platform/store/store_state.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

/* More than a WAL has between two checkpoints, so that it is written over and not cut off: a commit
 * that makes the file longer makes the file system write its journal too. */
enum { WAL_BYTES_KEPT = 17 * 1024 * 1024 };
_Static_assert(WAL_BYTES_KEPT > (TP_STORE_CHECKPOINT_PAGES_MAX + 256) * (4096 + 24),
               "a WAL and its last commit");

static tp_rc resolve_path(const char *path, tp_path *path_out, tp_err *err);
static tp_rc prepare_file(const tp_store_options *options, const char *path, tp_err *err);
static tp_rc configure(tp_store *store, const tp_store_options *options, tp_err *err);
static tp_rc check_application(tp_store *store, const tp_store_options *options, tp_err *err);

tp_rc tp_store_open(const tp_store_options *options, tp_store **store_out, tp_err *err)
{
    *store_out = NULL;
    tp_store *store = tp_alloc(sizeof *store);
    if (store == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for a store");
    }
    /* Debian builds SQLite without lookaside, so a row costs it nine allocations, and each would
     * take a lock to be counted.  Refused, and so already, once the first connection is open. */
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    int flags = options->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    tp_rc rc = resolve_path(options->path, &store->path, err);
    if (rc == TP_OK) {
        rc = prepare_file(options, store->path.at, err);
    }
    if (rc == TP_OK) {
        int code = sqlite3_open_v2(store->path.at, &store->db,
                                   flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
        rc = code == SQLITE_OK ? TP_OK : tp_store_fail(store, code, err);
    }
    if (rc == TP_OK) {
        rc = tp_store_add_sums(store, err);
    }
    if (rc == TP_OK) {
        rc = configure(store, options, err);
    }
    if (rc == TP_OK) {
        rc = check_application(store, options, err);
    }
    if (rc == TP_OK) {
        rc = tp_store_prepare_endings(store, err);
    }
    if (rc != TP_OK) {
        tp_store_close(store);
        return rc;
    }
    *store_out = store;
    return TP_OK;
}

void tp_store_close(tp_store *store)
{
    if (store == NULL) {
        return;
    }
    tp_store_free_statements(store);
    int code = sqlite3_close(store->db); /* rolls back what is open; takes NULL */
    assert(code == SQLITE_OK);
    (void)code;
    tp_free(store);
}

tp_rc tp_store_rc_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return TP_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return TP_CORRUPT;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return TP_DENIED;
    case SQLITE_NOMEM:
        return TP_NOMEM;
    case SQLITE_TOOBIG:
        return TP_LIMIT;
    case SQLITE_CONSTRAINT:
        return code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY ||
                       code == SQLITE_CONSTRAINT_ROWID
                   ? TP_EXISTS
                   : TP_INVALID;
    default:
        return code == SQLITE_IOERR_NOMEM ? TP_NOMEM : TP_IO;
    }
}

/* A file whose header names a later version of the format for writing is one that may only be read:
 * of ours none does.  Source: SQLite's file format, 1.3.3. */
static bool is_header_damaged(sqlite3 *db)
{
    enum { WRITE_VERSION_AT = 18, WAL = 2 };
    sqlite3_file *file = NULL;
    uint8_t version = 0;
    return sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK &&
           file->pMethods != NULL &&
           file->pMethods->xRead(file, &version, sizeof version, WRITE_VERSION_AT) == SQLITE_OK &&
           version > WAL;
}

tp_rc tp_store_fail(tp_store *store, int code, tp_err *err)
{
    sqlite3 *db = store->db;
    if ((code & 0xff) == SQLITE_READONLY && db != NULL && is_header_damaged(db)) {
        code = SQLITE_CORRUPT;
    }
    tp_rc rc = tp_store_rc_of(code);
    /* SQLite's own text names the table or the call, where it is about this result. */
    bool is_last = db != NULL && sqlite3_extended_errcode(db) == code;
    const char *mend = "";
    const char *text = is_last ? sqlite3_errmsg(db) : sqlite3_errstr(code);
    bool is_full = (code & 0xff) == SQLITE_FULL || ((code & 0xff) == SQLITE_IOERR && db != NULL &&
                                                    sqlite3_system_errno(db) == ENOSPC);
    if (rc == TP_BUSY) {
        text = "another program is writing to the data: try again";
    } else if (rc == TP_CORRUPT) {
        mend = ": copy its directory away before anything else is tried";
    } else if (rc == TP_DENIED) {
        mend = ": see who owns the data, and whether its disk may be written";
    }
    if (is_full) {
        text =
            "the disk is full: nothing was lost, but nothing more is stored until there is space";
    }
    tp_fail_from(err, rc, TP_ORIGIN_SQLITE, is_full ? SQLITE_FULL : code, "%s%s", text, mend);
    /* Some errors (a full disk, no memory, a failed read) make SQLite undo the whole transaction.
     */
    if (store->is_in_tx && store->undone.rc == TP_OK && sqlite3_get_autocommit(db)) {
        store->undone = *err;
    }
    return rc;
}

tp_rc tp_store_fail_text(tp_store *store, int code, tp_err *err)
{
    return tp_store_fail(store, code == SQLITE_ERROR ? SQLITE_CORRUPT : code, err);
}

tp_rc tp_store_exec(tp_store *store, const char *sql, tp_err *err)
{
    int code = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? TP_OK : tp_store_fail_text(store, code, err);
}

tp_rc tp_store_query_int(tp_store *store, const char *sql, int64_t *out, tp_err *err)
{
    sqlite3_stmt *handle = NULL;
    int code = sqlite3_prepare_v2(store->db, sql, -1, &handle, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_step(handle);
    }
    tp_rc rc = TP_OK;
    if (code == SQLITE_ROW) {
        *out = sqlite3_column_int64(handle, 0);
    } else {
        rc = tp_store_fail(store, code, err);
    }
    sqlite3_finalize(handle);
    return rc;
}

void tp_store_checkpoint_every(tp_store *store, int pages)
{
    assert(pages > 0 && pages <= TP_STORE_CHECKPOINT_PAGES_MAX);
    sqlite3_wal_autocheckpoint(store->db, pages);
}

void tp_store_keep_wal(tp_store *store)
{
    int keeps_wal = 1;
    (void)sqlite3_file_control(store->db, "main", SQLITE_FCNTL_PERSIST_WAL, &keeps_wal);
}

bool tp_store_is_read_only(const tp_store *store)
{
    return sqlite3_db_readonly(store->db, "main") == 1;
}

int64_t tp_store_changes(const tp_store *store)
{
    return sqlite3_changes64(store->db);
}

uint64_t tp_store_undone_count(const tp_store *store)
{
    return store->undone_count;
}

tp_store_moment tp_store_moment_now(const tp_store *store)
{
    return (tp_store_moment){store->tx_count, store->undone_count,
                             sqlite3_total_changes64(store->db)};
}

bool tp_store_moment_eq(const tp_store_moment *a, const tp_store_moment *b)
{
    return a->tx == b->tx && a->undone == b->undone && a->changes == b->changes;
}

int64_t tp_store_last_rowid(const tp_store *store)
{
    return sqlite3_last_insert_rowid(store->db);
}

bool tp_store_is_in_tx(const tp_store *store)
{
    return store->is_in_tx;
}

/* SQLite as Debian builds it reads "file:" as the beginning of a URI and ":memory:" as no file at
 * all; after "./" both are plain names. */
static tp_rc resolve_path(const char *path, tp_path *path_out, tp_err *err)
{
    int chars =
        snprintf(path_out->at, sizeof path_out->at, "%s%s", path[0] == '/' ? "" : "./", path);
    if (chars < 0 || (size_t)chars >= sizeof path_out->at) {
        return tp_fail(err, TP_LIMIT, "the path is longer than %u bytes", TP_PATH_BYTES_MAX - 1);
    }
    return TP_OK;
}

/* Makes the file before SQLite does, since SQLite asks for mode 0644; the WAL follows the database.
 */
static tp_rc prepare_file(const tp_store_options *options, const char *path, tp_err *err)
{
    if (options->create && !tp_file_exists(path)) {
        tp_rc rc = tp_file_create(path, tp_slice_of(NULL, 0), err);
        if (rc != TP_OK && rc != TP_EXISTS) {
            return rc;
        }
    }
    struct stat st;
    if (stat(path, &st) != 0) {
        return errno == ENOENT
                   ? tp_fail_from(err, TP_NOTFOUND, TP_ORIGIN_OS, errno, "there is no data here")
                   : tp_fail_from(err, TP_IO, TP_ORIGIN_OS, errno, "%s", strerror(errno));
    }
    if (!S_ISREG(st.st_mode)) {
        return tp_fail(err, TP_INVALID, "the database is not an ordinary file");
    }
    /* By path, not by descriptor: closing one would drop the locks that another connection of this
     * process holds on the file. */
    if ((st.st_mode & 077) != 0 && !options->read_only && chmod(path, 0600) != 0) {
        return tp_fail_from(err, TP_DENIED, TP_ORIGIN_OS, errno,
                            "the database can be read by others and belongs to another user");
    }
    return TP_OK;
}

static tp_rc set_pragma(tp_store *store, const char *name, int value, tp_err *err)
{
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA %s=%d", name, value);
    return tp_store_exec(store, sql, err);
}

/* WAL needs shared memory, which some network file systems do not give; nothing less is accepted.
 */
static tp_rc switch_to_wal(tp_store *store, tp_err *err)
{
    tp_rc rc = tp_store_exec(store, "PRAGMA journal_mode=WAL", err);
    int64_t is_wal = 0;
    if (rc == TP_OK) {
        rc = tp_store_query_int(store, "SELECT journal_mode = 'wal' FROM pragma_journal_mode",
                                &is_wal, err);
    }
    if (rc == TP_OK && !is_wal) {
        rc = tp_fail(err, TP_IO, "the file system cannot hold a database in WAL mode");
    }
    return rc;
}

static void set_switches(sqlite3 *db, const tp_store_options *options)
{
    static const struct {
        int name;
        int value;
    } switches[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},
        {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_DQS_DML, 0},
        {SQLITE_DBCONFIG_DQS_DDL, 0},
    };
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++) {
        sqlite3_db_config(db, switches[i].name, switches[i].value, (int *)NULL);
    }
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FKEY, options->foreign_keys ? 1 : 0, (int *)NULL);
    sqlite3_busy_timeout(db, options->busy_ms);
}

static tp_rc configure(tp_store *store, const tp_store_options *options, tp_err *err)
{
    set_switches(store->db, options);
    if (options->keeps_wal) {
        tp_store_keep_wal(store);
    }
    if (options->checkpoint_pages > 0) {
        tp_store_checkpoint_every(store, options->checkpoint_pages);
    }
    tp_rc rc = tp_store_exec(store,
                             "PRAGMA page_size=4096;"
                             "PRAGMA mmap_size=0;"
                             "PRAGMA temp_store=MEMORY;"
                             "PRAGMA cell_size_check=ON;"
                             "PRAGMA synchronous=FULL;"
                             "PRAGMA recursive_triggers=ON;" /* REPLACE takes a row away too */
                             "PRAGMA secure_delete=ON;",
                             err);
    if (rc == TP_OK && options->cache_kib > 0) {
        rc = set_pragma(store, "cache_size", -options->cache_kib, err);
    }
    if (rc == TP_OK) {
        rc = set_pragma(store, "journal_size_limit", WAL_BYTES_KEPT, err);
    }
    if (rc == TP_OK && !options->read_only) {
        rc = switch_to_wal(store, err);
    }
    return rc;
}

static tp_rc check_application(tp_store *store, const tp_store_options *options, tp_err *err)
{
    int64_t id = 0;
    int64_t tables = 0;
    tp_rc rc = tp_store_query_int(store, "PRAGMA application_id", &id, err);
    if (rc == TP_OK) {
        rc = tp_store_query_int(store, "SELECT count(*) FROM sqlite_schema", &tables, err);
    }
    if (rc != TP_OK || options->application_id == 0 || id == options->application_id) {
        return rc;
    }
    if (id != 0 || tables != 0 || options->read_only) {
        return tp_fail(err, TP_INVALID, "the file is a database of another program");
    }
    return set_pragma(store, "application_id", options->application_id, err);
}
