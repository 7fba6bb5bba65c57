/* The store: one SQLite connection, its statements and its transactions.
 *
 * A statement is prepared once for the life of the store and found again by the address of its SQL
 * text, so that a hot path pays no parse.  It needs no reset: it goes back by itself after its last
 * row, after an error, and when the transaction ends; tp_stmt_done() is for whoever stops in the
 * middle.
 *
 *     tp_stmt *s = NULL;
 *     tp_rc rc = tp_tx_prepare(tx, "INSERT INTO note (id, text) VALUES (?, ?)", &s, err);
 *     if (rc == TP_OK) {
 *         tp_stmt_bind_int(s, 1, id);
 *         tp_stmt_bind_text(s, 2, text);
 *         rc = tp_stmt_run(s, err);
 *     }
 *
 * Whatever calls into the database can answer: BUSY another connection holds the file (try again);
 * IO the disk failed or is full; CORRUPT the file is damaged; NOMEM; EXISTS a unique value is there
 * already; INVALID another rule of the table is broken; DENIED the file may only be read.  Below,
 * only other errors are listed.   Thread: the one that opened the store, for everything here. */
#ifndef TP_PLATFORM_STORE_SQLITE_H
#define TP_PLATFORM_STORE_SQLITE_H

#include "platform/base/buf.h"
#include "platform/base/err.h"
#include "platform/base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct tp_store tp_store;
typedef struct tp_stmt tp_stmt;

/* ---- Opening ---- */

typedef struct tp_store_options {
    const char *path;  /* an ordinary file name: "file:x" and ":memory:" are files too */
    bool create;       /* make the file (0600) where it is missing */
    bool keeps_wal;    /* tp_store_keep_wal */
    bool read_only;    /* nothing is written, WAL and shared memory apart */
    bool foreign_keys; /* enforce them */
    int32_t
        application_id;   /* written into a new file, and refused to differ in an old one; 0: any */
    int busy_ms;          /* how long to wait for another writer; 0: not at all */
    int cache_kib;        /* page cache; 0: SQLite's default, about 2000 */
    int checkpoint_pages; /* as tp_store_checkpoint_every; 0: SQLite's default, 1000 */
} tp_store_options;

/* WAL, synchronous=FULL, secure_delete=ON, pages of 4096 bytes, temporary tables in memory only.
 * Owns:   *store_out is the caller's, tp_store_close().
 * Errors: NOTFOUND no file and not `create`;  INVALID the file is another program's. */
TP_MUST_USE tp_rc tp_store_open(const tp_store_options *options, tp_store **store_out, tp_err *err);

/* The files beside it stay when it is closed, empty: without them a disk that is full, or can only
 * be read, cannot be read. */
void tp_store_keep_wal(tp_store *store);

/* The file, or its disk, can only be read. */
bool tp_store_is_read_only(const tp_store *store);

/* True if this is so because the disk is full. */
bool tp_store_is_full(const tp_err *err);

/* Space set aside for the day on which the disk is full: TP_STORE_RESERVE_BYTES in a file beside
 * the database.  True if it is held, or can be taken now; false: the disk is as good as full.  What
 * can wait should not be written then. */
bool tp_store_reserve_hold(const tp_store *store);
/* Gives it up: for what cannot wait, such as sending what was written. */
void tp_store_reserve_release(const tp_store *store);

/* Rolls back an open transaction, ends every statement.  Takes NULL. */
void tp_store_close(tp_store *store);

/* ---- Transactions: a value; only the outermost caller begins one ---- */

typedef enum tp_tx_mode { TP_TX_READ, TP_TX_WRITE } tp_tx_mode;

typedef struct tp_tx {
    tp_store *store; /* NULL: not open */
    tp_tx_mode mode;
} tp_tx;

#define TP_TX_NONE                                                                                 \
    {                                                                                              \
        NULL, TP_TX_READ                                                                           \
    }

/* READ sees one state of the database from its first row to its end; WRITE takes the writer's place
 * at once. A transaction of the same store that is open already is a bug (assert). */
TP_MUST_USE tp_rc tp_tx_begin(tp_store *store, tp_tx *tx, tp_tx_mode mode, tp_err *err);

/* Ends it: all is durable, or, on any error, nothing is and the transaction is over as well. */
TP_MUST_USE tp_rc tp_tx_commit(tp_tx *tx, tp_err *err);

/* Undoes it.  Harmless on one that is not open, so that it can stand after `out:`. */
void tp_tx_rollback(tp_tx *tx);

/* A part of a transaction that can be undone alone.  They nest; end them inside out. */
typedef struct tp_savepoint {
    tp_tx *tx; /* NULL: not open */
    int depth; /* 1: the outermost */
} tp_savepoint;

#define TP_SAVEPOINT_NONE                                                                          \
    {                                                                                              \
        NULL, 0                                                                                    \
    }

TP_MUST_USE tp_rc tp_savepoint_begin(tp_tx *tx, tp_savepoint *savepoint, tp_err *err);
/* Keeps what was done.  On error it is undone. */
TP_MUST_USE tp_rc tp_savepoint_keep(tp_savepoint *savepoint, tp_err *err);
/* Undoes what was done since.  Harmless on one that is not open.  Should the undoing itself fail,
 * the whole transaction is undone and its commit will say so. */
void tp_savepoint_undo(tp_savepoint *savepoint);

/* ---- Statements ---- */

/* `sql`: one statement, whose text stays at its address, unchanged, as long as the store lives: a
 * string literal, or text made once.  Asked for again while it is in the middle of its rows,
 * another statement of the same text is given.  *stmt_out is the store's.  tp_tx_prepare is for
 * code that runs inside a transaction; what writes runs nowhere else (assert). Errors: LIMIT
 * TP_STATEMENTS_MAX. */
TP_MUST_USE tp_rc tp_store_prepare(tp_store *store, const char *sql, tp_stmt **stmt_out,
                                   tp_err *err);
TP_MUST_USE tp_rc tp_tx_prepare(tp_tx *tx, const char *sql, tp_stmt **stmt_out, tp_err *err);

/* Beside SQLite's own functions there is tp_sum(VALUE, ...): one number of them all, for ever the
 * same.  Where one of them is another, the number is; where several are, but for chance. */

/* Values for the parameters, counted from 1; each must be bound anew for each run (assert).  Bytes
 * are borrowed until the statement is back at its beginning.  Trouble is told by the next step or
 * run. */
void tp_stmt_bind_int(tp_stmt *stmt, int at, int64_t value);
void tp_stmt_bind_null(tp_stmt *stmt, int at);
void tp_stmt_bind_blob(tp_stmt *stmt, int at,
                       tp_slice value); /* empty is an empty blob, not NULL */
void tp_stmt_bind_text(tp_stmt *stmt, int at, tp_slice value);   /* UTF-8; empty is "", not NULL */
void tp_stmt_bind_str(tp_stmt *stmt, int at, const char *value); /* NULL binds NULL */

/* Goes to the next row; *row_out false: there is none, and the statement is back at its beginning.
 */
TP_MUST_USE tp_rc tp_stmt_step(tp_stmt *stmt, bool *row_out, tp_err *err);
/* Runs a statement that gives no rows. */
TP_MUST_USE tp_rc tp_stmt_run(tp_stmt *stmt, tp_err *err);
/* Takes one row, which must be there.  Then tp_stmt_done().  Errors: NOTFOUND. */
TP_MUST_USE tp_rc tp_stmt_first(tp_stmt *stmt, tp_err *err);
/* Back to the beginning before the last row.  Harmless on NULL and on one that is there. */
void tp_stmt_done(tp_stmt *stmt);

/* Columns of the present row, counted from 0.  Bytes are borrowed until the next step or done. */
int64_t tp_stmt_int(tp_stmt *stmt, int column);
bool tp_stmt_is_null(tp_stmt *stmt, int column);
tp_slice tp_stmt_blob(tp_stmt *stmt, int column);
tp_slice tp_stmt_text(tp_stmt *stmt, int column);

/* Rows the last INSERT, UPDATE or DELETE touched, and the row id of the last INSERT. */
int64_t tp_store_changes(const tp_store *store);
int64_t tp_store_last_rowid(const tp_store *store);

/* How often something written may have been undone: transactions and savepoints rolled back, failed
 * commits.  Whoever keeps in memory what it read or wrote forgets it when the count has moved. */
uint64_t tp_store_undone_count(const tp_store *store);

/* A moment in what this connection sees: at equal moments of one transaction its tables are equal,
 * whoever else writes.  What was read and is needed for every row is kept with the moment it was
 * read at. */
typedef struct tp_store_moment {
    uint64_t tx; /* counts transactions; 0: never */
    uint64_t undone;
    int64_t changes; /* rows this connection ever wrote */
} tp_store_moment;

tp_store_moment tp_store_moment_now(const tp_store *store);
bool tp_store_moment_eq(const tp_store_moment *a, const tp_store_moment *b);

/* Runs a script of several statements without parameters or rows: migrations, tests. */
TP_MUST_USE tp_rc tp_tx_exec(tp_tx *tx, const char *sql, tp_err *err);

/* ---- Migrations ---- */

/* One step of the schema.  Step 0 brings an empty database to version 1, and so on; a step that was
 * released is never changed. */
typedef struct tp_migration {
    const char *sql; /* a script; NULL: none */
    tp_rc (*run)(tp_tx *tx,
                 tp_err *err); /* after the script, in the same transaction; NULL: none */
} tp_migration;

/* Brings the schema up to version `count`, each step in a transaction of its own; harmless when it
 * is there already.  The version is kept in PRAGMA user_version; the steps stay where they are as
 * long as the store lives.  Errors: INVALID the data was written by a newer program;  and what a
 * step answers. */
TP_MUST_USE tp_rc tp_store_migrate(tp_store *store, const tp_migration *steps, size_t count,
                                   tp_err *err);
TP_MUST_USE tp_rc tp_store_version(tp_store *store, int64_t *version_out, tp_err *err);

/* ---- Keeping ---- */

/* WAL pages that start a checkpoint when this connection commits, 1..TP_STORE_CHECKPOINT_PAGES_MAX.
 * The file stays as long as it grew until then, and is written over from its beginning. */
void tp_store_checkpoint_every(tp_store *store, int pages);

/* Moves all of the WAL into the database and empties it.  *is_empty_out false: a reader still needs
 * it and deleted content may be left there; try again. */
TP_MUST_USE tp_rc tp_store_checkpoint_truncate(tp_store *store, bool *is_empty_out, tp_err *err);

/* Reads the whole database against its own rules, and those against the steps that it was brought
 * up to date by.  Errors: CORRUPT with the first finding. */
TP_MUST_USE tp_rc tp_store_check_integrity(tp_store *store, tp_err *err);

/* Writes a consistent copy (0600, one file, durable) while others go on writing.
 * Errors: EXISTS there is something at `path`. */
TP_MUST_USE tp_rc tp_store_backup(tp_store *store, const char *path, tp_err *err);

typedef struct tp_store_sizes {
    int64_t database_bytes;
    int64_t wal_bytes;  /* 0: none */
    int64_t free_bytes; /* of database_bytes, in pages that hold nothing */
} tp_store_sizes;

TP_MUST_USE tp_rc tp_store_measure(tp_store *store, tp_store_sizes *sizes_out, tp_err *err);

/* For the teardown of tests: statements in the middle of their rows, and whether a transaction is
 * open. */
size_t tp_store_statements_open(const tp_store *store);
bool tp_store_is_in_tx(const tp_store *store);

#endif
