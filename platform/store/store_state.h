/* What the files of this folder share: the inside of a store and of a statement. */
#ifndef TP_PLATFORM_STORE_STORE_STATE_H
#define TP_PLATFORM_STORE_STORE_STATE_H

#include "platform/base/limits.h"
#include "platform/os/file.h"
#include "platform/store/sqlite.h"

#include <sqlite3.h>

enum { TP_STATEMENT_SLOTS_BITS = 10, TP_STATEMENT_SLOTS = 1 << TP_STATEMENT_SLOTS_BITS };
_Static_assert(TP_STATEMENTS_MAX * 2 <= TP_STATEMENT_SLOTS, "the table stays half empty");

struct tp_stmt {
    tp_store *store;
    sqlite3_stmt *handle;
    const char *sql;     /* the key is its address; borrowed for life */
    uint64_t parameters; /* a bit for each, the first lowest */
    uint64_t bound;      /* those that were given a value since the last run */
    int bind_code;       /* SQLite's first trouble while binding; SQLITE_OK */
    bool is_readonly;
    bool is_open; /* in the middle of its rows */
};

/* Invariant: while a transaction is open, either SQLite has one open too, or `undone` says why not.
 */
struct tp_store {
    sqlite3 *db;
    tp_path path;
    tp_stmt *slots[TP_STATEMENT_SLOTS]; /* open addressing by the address of the SQL text */
    size_t statements_count;
    size_t open_count; /* statements in the middle of their rows */
    bool is_in_tx;
    tp_tx_mode tx_mode;
    int savepoint_depth;
    uint64_t undone_count;
    uint64_t tx_count;         /* transactions begun */
    const tp_migration *steps; /* that it was brought up to date by; NULL: by none, borrowed */
    size_t steps_count;
    tp_err undone; /* rc TP_OK, or why SQLite undid the whole transaction by itself */
};

/* What whoever called can act on. */
tp_rc tp_store_rc_of(int code);

/* Tells SQLite's result as ours.  Notices when the trouble cost the whole transaction. */
tp_rc tp_store_fail(tp_store *store, int code, tp_err *err);

/* The same of a text that SQLite does not take, or stumbles over: each is ours, and fits the tables
 * that we make, so these are not. */
tp_rc tp_store_fail_text(tp_store *store, int code, tp_err *err);

/* Runs a cached statement without parameters or rows and answers SQLite's own result. */
int tp_store_run_bare(tp_store *store, const char *sql);

/* What ends a transaction is made ready when the store is opened: it is needed most where there is
 * no memory left for it. */
tp_rc tp_store_prepare_endings(tp_store *store, tp_err *err);

/* Runs a script, or answers the first column of the first row of a pragma; neither is cached. */
tp_rc tp_store_exec(tp_store *store, const char *sql, tp_err *err);
tp_rc tp_store_query_int(tp_store *store, const char *sql, int64_t *out, tp_err *err);

/* Is what the file says of its tables what its steps make?  They are made anew, in memory.
 * Errors: CORRUPT it is another. */
tp_rc tp_store_check_described(tp_store *store, tp_err *err);

/* Gives the connection the functions of sum.c. */
tp_rc tp_store_add_sums(tp_store *store, tp_err *err);

/* Puts every statement back to its beginning. */
void tp_store_rewind_statements(tp_store *store);
void tp_store_free_statements(tp_store *store);

#endif
