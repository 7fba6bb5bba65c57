/* The log's tables.  Version 1 is for ever; what changes later is a new step beside it.
 *
 * Names of changes are packed (log.h), times are ms UTC since 1970, 64-bit numbers without sign are
 * kept as their two's complement. */
#include "sync/log/log_state.h"

const char tp_log_schema_1[] =
    /* Every device named in the log or the directory.  Numbers from 2^22 are this node's own. */
    "CREATE TABLE device ("
    "  no INTEGER PRIMARY KEY,"
    "  id INTEGER NOT NULL UNIQUE,"
    "  agency TEXT NOT NULL DEFAULT ''" /* '': the directory has not said */
    ") STRICT;"

    /* Facts of which there is one. */
    "CREATE TABLE log_state ("
    "  id INTEGER PRIMARY KEY CHECK (id = 1),"
    "  device INTEGER NOT NULL REFERENCES device," /* this node */
    "  is_kiosk INTEGER NOT NULL DEFAULT 0,"
    "  accepted INTEGER NOT NULL DEFAULT 0," /* own changes up to this seq are at the hub */
    "  chain BLOB NOT NULL,"                 /* h at accepted */
    "  arrived INTEGER NOT NULL DEFAULT 0,"  /* transactions in which something arrived */
    "  era INTEGER NOT NULL DEFAULT 0,"      /* the present one and a reading in it; 0: none */
    "  era_boot BLOB,"
    "  era_up INTEGER NOT NULL DEFAULT 0,"
    "  era_wall INTEGER NOT NULL DEFAULT 0,"
    "  era_told INTEGER NOT NULL DEFAULT 0,"   /* eras up to this one the hub knows for good */
    "  directory INTEGER NOT NULL DEFAULT 0,"  /* its version */
    "  generation INTEGER NOT NULL DEFAULT 0," /* of the hub */
    "  cursor INTEGER NOT NULL DEFAULT 0,"
    "  cursor_tag BLOB,"
    "  given_back INTEGER NOT NULL DEFAULT 0," /* feed positions: done in the tables, */
    "  receipt INTEGER NOT NULL DEFAULT 0"     /* and gone from the file */
    ") STRICT;"

    /* Every change held, and the stubs of those given back. */
    "CREATE TABLE log ("
    "  id INTEGER PRIMARY KEY,"
    "  record INTEGER,"   /* NULL: creates it; 0: bytes this program cannot read */
    "  arrived INTEGER,"  /* NULL: written here */
    "  stamp INTEGER,"    /* NULL: in stamp_run, or not answered */
    "  number INTEGER,"   /* acceptance number, with stamp */
    "  earliest INTEGER," /* bounds; NULL: certain */
    "  latest INTEGER,"
    "  position INTEGER,"                   /* in the feed; NULL: not from there */
    "  verdict INTEGER NOT NULL DEFAULT 0," /* TP_VERDICT_... */
    "  given_back INTEGER,"                 /* when; NULL: it is held */
    "  person INTEGER,"     /* of a stub whose record stays listed; 0: nobody known */
    "  tag BLOB,"           /* the hub's; NULL: none */
    "  bytes BLOB NOT NULL" /* last: what stands before is read without it */
    ") STRICT;"
    "CREATE INDEX log_record ON log (record) WHERE record IS NOT NULL;"
    "CREATE INDEX log_given_back ON log (given_back) WHERE given_back IS NOT NULL;"

    /* The hub's stamps of own changes, as it sent them: `count` changes from `first` on. */
    "CREATE TABLE stamp_run ("
    "  first INTEGER PRIMARY KEY,"
    "  count INTEGER NOT NULL,"
    "  number INTEGER NOT NULL," /* of the first */
    "  skew INTEGER NOT NULL,"   /* stamp - uptime in the reading */
    "  earliest INTEGER,"        /* earliest - stamp; NULL: certain */
    "  latest INTEGER"
    ") STRICT;"

    /* Own changes in quarantine at the hub. */
    "CREATE TABLE refused ("
    "  id INTEGER PRIMARY KEY,"
    "  code INTEGER NOT NULL,"
    "  text TEXT NOT NULL"
    ") STRICT;"

    /* Stretches of this machine's time in which wall clock and uptime run together. */
    "CREATE TABLE era ("
    "  no INTEGER PRIMARY KEY,"
    "  boot BLOB NOT NULL,"
    "  first_up INTEGER NOT NULL,"
    "  first_skew INTEGER NOT NULL," /* wall - uptime */
    "  last_up INTEGER NOT NULL,"    /* of the present era: the last change may be later */
    "  last_skew INTEGER NOT NULL,"
    "  hub_offset INTEGER," /* hub - uptime; NULL: never compared */
    "  wall_ahead INTEGER"  /* wall - hub, then */
    ") STRICT;"

    "CREATE TABLE agency ("
    "  id TEXT PRIMARY KEY,"
    "  label TEXT NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE agreement ("
    "  agency TEXT NOT NULL REFERENCES agency,"
    "  from_ms INTEGER NOT NULL,"
    "  until_ms INTEGER," /* NULL: no end */
    "  PRIMARY KEY (agency, from_ms)"
    ") STRICT, WITHOUT ROWID;";

const char tp_log_schema_6[] =
    /* h at own changes that are no longer held, and before them (chain_mark.c). */
    "CREATE TABLE chain_mark ("
    "  id INTEGER PRIMARY KEY,"
    "  is_start INTEGER NOT NULL," /* 1: what went before it left no mark: followed from here */
    "  h BLOB NOT NULL"
    ") STRICT;"
    "INSERT INTO chain_mark SELECT device << 40 | accepted, 1, chain FROM log_state"
    " WHERE accepted > (SELECT count(*) FROM log WHERE given_back IS NULL AND id > device << 40"
    " AND id <= (device << 40 | accepted));"
    /* What is held, in short (held.c). */
    "ALTER TABLE log_state ADD COLUMN held BLOB;" /* sum; NULL: to be counted */
    "ALTER TABLE log_state ADD COLUMN differs INTEGER NOT NULL DEFAULT 0;"  /* TP_LOG_DIFFERS... */
    "ALTER TABLE log_state ADD COLUMN counted INTEGER NOT NULL DEFAULT 0;"; /* hub time */

const char tp_log_schema_10[] =
    /* Stubs of changes whose records the hub erased. */
    "CREATE TABLE erased ("
    "  id INTEGER PRIMARY KEY,"
    "  at INTEGER NOT NULL" /* hub time when this device was told */
    ") STRICT;";

const char tp_log_schema_11[] =
    /* The first 8 bytes of the change's digest, by which damage shows: at first only of what was
     * written here. */
    "ALTER TABLE log ADD COLUMN digest INTEGER;";

const char tp_log_schema_12[] =
    /* Every row now has its digest, and a sum of the other columns (log_state.h). */
    "ALTER TABLE log ADD COLUMN said INTEGER;"
    /* The last change of the id that this node has now, away from the rows. */
    "ALTER TABLE log_state ADD COLUMN written INTEGER NOT NULL DEFAULT 0;"
    "UPDATE log_state SET written = max(accepted, coalesce((SELECT max(id) - (device << 40)"
    " FROM log WHERE id > device << 40 AND id < (device + 1) << 40), 0));";

static tp_rc fill_row(tp_tx *tx, int64_t id, int64_t digest, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "UPDATE log SET digest = ?2, said = " TP_LOG_SAID " WHERE id = ?1",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, id);
    tp_stmt_bind_int(s, 2, digest);
    return tp_stmt_run(s, err);
}

/* What was kept before is believed: damage that was there stays unseen, unless there is a digest
 * that says so. */
tp_rc tp_log_schema_12_run(tp_tx *tx, tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_row = true;
    tp_rc rc = tp_tx_prepare(tx,
                             "SELECT log.id, device.id, bytes, digest FROM log JOIN device"
                             " ON device.no = log.id >> 40",
                             &s, err);
    while (rc == TP_OK && is_row) {
        rc = tp_stmt_step(s, &is_row, err);
        if (rc == TP_OK && is_row) {
            const int64_t id = tp_stmt_int(s, 0);
            const tp_name name = {(uint64_t)tp_stmt_int(s, 1),
                                  (uint64_t)id & ((UINT64_C(1) << TP_NAME_SEQ_BITS) - 1)};
            rc = fill_row(tx, id,
                          tp_stmt_is_null(s, 3) ? tp_log_digest(name, tp_stmt_blob(s, 2))
                                                : tp_stmt_int(s, 3),
                          err);
        }
    }
    tp_stmt_done(s);
    return rc;
}
