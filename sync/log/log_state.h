/* The inside of a log, for the files of this folder. */
#ifndef TP_SYNC_LOG_LOG_STATE_H
#define TP_SYNC_LOG_LOG_STATE_H

#include "sync/log/log.h"
#include "sync/merge/stamp.h"
#include "sync/wire/chain.h"
#include "sync/wire/response.h"

enum {
    TP_NAME_SEQ_BITS = 40,
    TP_DEVICE_OWN_FIRST = 1 << 22, /* numbers of this node's own devices; others stand below */
    TP_DEVICE_SLOTS = 1024,
    TP_LOG_IDS_MAX = 256 /* ids that one node may have had, one after the other */
};

/* An id this node has or had; number TP_DEVICE_OWN_FIRST and on. */
typedef struct tp_log_id {
    uint64_t device;
    uint64_t before; /* changes written here before it, under earlier ones */
} tp_log_id;

/* A device as the table has it; no 0: an empty slot.  Facts that never change: only an agency may
 * become known later. */
typedef struct tp_device_slot {
    uint64_t id;
    int64_t no;
    const char *agency; /* interned; "" unknown */
} tp_device_slot;

/* The row of log_state.  Blobs are copied. */
typedef struct tp_log_facts {
    uint64_t accepted;
    uint8_t chain[TP_CHAIN_BYTES];
    int64_t arrived;
    tp_era_watch watch;
    uint32_t era_told;
    uint64_t written; /* the last change of this id; its row may be gone */
} tp_log_facts;

/* Everything cached here was read from tables.  Invariant: it is forgotten when anything was undone
 * (`undone`), and what another process may change also when that has happened (`data_version`). */
struct tp_log {
    tp_store *store;
    const tp_clock *clock;
    tp_rng *rng;
    uint64_t device;
    int64_t device_no;
    const char *agency;            /* interned */
    tp_log_id ids[TP_LOG_IDS_MAX]; /* the last one is `device` */
    uint32_t ids_count;

    tp_buf change;     /* what was appended last, or a stub in the making */
    tp_change decoded; /* scratch: too large for a small stack */

    uint64_t devices_undone;
    uint64_t undone;
    int64_t data_version;
    tp_store_moment refreshed; /* its `changes` do not count */
    tp_log_facts facts;        /* as they were read at `facts_at` */
    tp_store_moment facts_at;
    tp_device_slot by_id[TP_DEVICE_SLOTS]; /* each device in one place at most */
    tp_device_slot by_no[TP_DEVICE_SLOTS];
    tp_era_watch watch; /* era 0: ask the table */
    int64_t skew_ms;    /* of the readings last given out, while they are in this era */
    uint32_t skew_era;
    tp_era *eras; /* NULL: not read */
    uint32_t eras_count;
    bool is_generation_known; /* false: ask the table */
    int64_t generation_no;    /* of the hub's generation now (back.h) */
    tp_stamp_run run;         /* the one asked for last; count 0: none */
    tp_packed_name run_first;

    char **texts; /* interned: agency ids and labels */
    uint32_t texts_count;
    uint32_t texts_room;
};

TP_MUST_USE tp_rc tp_log_facts_get(tp_log *log, tp_tx *tx, tp_log_facts *facts_out, tp_err *err);

/* Forgets what may not be so any more.  Before anything cached is used. */
TP_MUST_USE tp_rc tp_log_refresh(tp_log *log, tp_tx *tx, tp_err *err);

void tp_log_forget_devices(tp_log *log);

/* Reads which device this is: another process may have taken a new id (fork.h). */
TP_MUST_USE tp_rc tp_log_read_identity(tp_log *log, tp_tx *tx, tp_err *err);

/* Where a change stands among those written here, over all ids of this node.  0: not written here.
 */
static inline uint64_t tp_log_own_order(const tp_log *log, tp_packed_name id)
{
    int64_t at = (id >> TP_NAME_SEQ_BITS) - TP_DEVICE_OWN_FIRST;
    uint64_t seq = (uint64_t)id & ((UINT64_C(1) << TP_NAME_SEQ_BITS) - 1);
    return at >= 0 && at < (int64_t)log->ids_count ? log->ids[at].before + seq : 0;
}

/* One copy of each text, for the life of the log.  Errors: NOMEM. */
TP_MUST_USE tp_rc tp_log_intern(tp_log *log, tp_slice text, const char **text_out, tp_err *err);

static inline tp_packed_name tp_log_own(const tp_log *log, uint64_t seq)
{
    return (tp_packed_name)((uint64_t)log->device_no << TP_NAME_SEQ_BITS | seq);
}

/* The seq of the last change written here, whatever is left of it; facts: of this transaction. */
TP_MUST_USE tp_rc tp_log_last_seq(tp_log *log, tp_tx *tx, const tp_log_facts *facts,
                                  uint64_t *seq_out, tp_err *err);

/* What is kept of the bytes of a change or a stub beside them. */
int64_t tp_log_digest(tp_name name, tp_slice bytes);
int64_t tp_log_digest_of(const tp_held_sum *counts); /* of tp_held_of */

/* What is kept of the other columns of a row beside them (column `said`). */
#define TP_LOG_SAID_OF(record, arrived, stamp, number, earliest, latest, position, verdict,        \
                       given_back, person, tag, generation)                                        \
    "tp_sum(" record ", " arrived ", " stamp ", " number ", " earliest ", " latest ", " position   \
    ", " verdict ", " given_back ", " person ", " tag ", " generation ")"
/* As they stand in the row. */
#define TP_LOG_SAID                                                                                \
    TP_LOG_SAID_OF("record", "arrived", "stamp", "number", "earliest", "latest", "position",       \
                   "verdict", "given_back", "person", "tag", "generation")
/* Own changes are written by this: id, record (NULL: creates it), bytes, digest. */
#define TP_LOG_INSERT_OWN                                                                          \
    "INSERT INTO log (id, record, bytes, digest, said) VALUES (?1, ?2, ?3, ?4, " TP_LOG_SAID_OF(   \
        "?2", "NULL", "NULL", "NULL", "NULL", "NULL", "NULL", "0", "NULL", "NULL", "NULL",         \
        "NULL") ")"
/* Keeps which one was the last of the id that this node has now, away from the rows: where they are
 * gone, it shows. */
TP_MUST_USE tp_rc tp_log_note_written(tp_tx *tx, uint64_t seq, tp_err *err);

/* An own change that is to leave this device, or to be written again: columns `bytes` and `digest`
 * of a row.  Errors: CORRUPT it is not what was written. */
TP_MUST_USE tp_rc tp_log_unsent_bytes(tp_stmt *stmt, int bytes_column, tp_name name,
                                      tp_slice *bytes_out, tp_err *err);

/* An own change goes whose bytes these are: keeps where the chain stands around it.  Before they
 * go. */
TP_MUST_USE tp_rc tp_log_chain_mark(tp_log *log, tp_tx *tx, uint64_t seq, tp_slice bytes,
                                    tp_err *err);

/* The stamp of an own change from the runs; all zero: not answered. */
TP_MUST_USE tp_rc tp_log_run_stamp(tp_log *log, tp_tx *tx, tp_packed_name id, tp_slice bytes,
                                   tp_stamp *stamp_out, tp_err *err);

/* Keeps the stamps of own changes from `seq` on. */
TP_MUST_USE tp_rc tp_log_run_put(tp_log *log, tp_tx *tx, uint64_t seq, const tp_stamp_run *run,
                                 tp_err *err);

/* Gives a generation of the hub a number, if it has none; 0: none is known.  And the number of the
 * one in which what comes now comes. */
TP_MUST_USE tp_rc tp_log_generation_know(tp_log *log, tp_tx *tx, uint64_t generation, tp_err *err);
TP_MUST_USE tp_rc tp_log_generation_no(tp_log *log, tp_tx *tx, int64_t *no_out, tp_err *err);

/* Reads the clock into the present era, or begins another. */
TP_MUST_USE tp_rc tp_log_observe(tp_log *log, tp_tx *tx, const tp_log_facts *facts,
                                 tp_era_reading *reading_out, tp_err *err);

/* Writes the last reading of the present era into its row, before the change that has it may go. */
TP_MUST_USE tp_rc tp_log_keep_last_reading(tp_log *log, tp_tx *tx, const tp_log_facts *facts,
                                           tp_err *err);

/* Runs a statement whose one parameter is the id of a row.  (change.c) */
TP_MUST_USE tp_rc tp_log_run_for(tp_tx *tx, const char *sql, tp_packed_name id, tp_err *err);

#endif
