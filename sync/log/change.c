/* Changes into the log: written here and received. */
#include "sync/log/fork.h"
#include "sync/log/held.h"
#include "sync/log/log_state.h"

static tp_rc insert_own(tp_log *log, tp_tx *tx, const tp_change_draft *draft, tp_packed_name id,
                        tp_err *err);
static tp_rc bind_answer(tp_log *log, tp_tx *tx, tp_stmt *s, int at, const tp_entry *entry,
                         tp_err *err);
static tp_rc put_held(tp_log *log, tp_tx *tx, const tp_entry *entry, tp_packed_name id,
                      int64_t arrived, tp_placed *placed, tp_err *err);
static tp_rc file_again(tp_log *log, tp_tx *tx, const tp_change *change, tp_err *err);
static tp_rc overwrite(tp_log *log, tp_tx *tx, const tp_entry *entry, tp_packed_name id,
                       tp_err *err);

/* The hub has it after all, as when it was made anew from its devices. */
static const char not_erased[] = "DELETE FROM erased WHERE id = ?";
tp_rc tp_log_append(tp_log *log, tp_tx *tx, tp_change_draft *draft, tp_slice *change_bytes_out,
                    tp_err *err)
{
    tp_log_facts facts;
    uint64_t last = 0;
    tp_rc rc = tp_log_refresh(log, tx, err);
    if (rc == TP_OK) {
        rc = tp_log_facts_get(log, tx, &facts, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_last_seq(log, tx, &facts, &last, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_observe(log, tx, &facts, &draft->reading, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    draft->name.device = log->device;
    draft->name.seq = last + 1;
    if (tp_name_is_none(draft->record)) {
        draft->record = draft->name;
    }
    tp_rng_fill(log->rng, draft->salt, sizeof draft->salt);
    tp_buf_clear(&log->change);
    rc = tp_change_encode(draft, &log->change, err);
    if (rc == TP_OK) {
        rc = insert_own(log, tx, draft, tp_log_own(log, last + 1), err);
    }
    if (rc == TP_OK) {
        rc = tp_log_note_written(tx, last + 1, err);
    }
    if (rc == TP_OK) {
        *change_bytes_out = tp_buf_slice(&log->change);
    }
    return rc;
}

static tp_rc insert_own(tp_log *log, tp_tx *tx, const tp_change_draft *draft, tp_packed_name id,
                        tp_err *err)
{
    bool creates = tp_name_eq(draft->name, draft->record);
    tp_packed_name record = 0;
    tp_stmt *s = NULL;
    tp_rc rc = creates ? TP_OK : tp_log_pack(log, tx, draft->record, &record, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx, TP_LOG_INSERT_OWN, &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, id);
    if (creates) {
        tp_stmt_bind_null(s, 2);
    } else {
        tp_stmt_bind_int(s, 2, record);
    }
    tp_stmt_bind_blob(s, 3, tp_buf_slice(&log->change));
    tp_stmt_bind_int(s, 4, tp_log_digest(draft->name, tp_buf_slice(&log->change)));
    return tp_stmt_run(s, err);
}

int64_t tp_log_digest_of(const tp_held_sum *counts)
{
    uint8_t first[TP_HELD_SUM_BYTES];
    int64_t kept = 0;
    tp_held_put(counts, first);
    memcpy(&kept, first, sizeof kept);
    return kept;
}

bool tp_log_row_is_whole(const tp_log_row *row)
{
    return row->digest == tp_log_digest(row->name, row->bytes);
}

int64_t tp_log_digest(tp_name name, tp_slice bytes)
{
    const tp_held_sum counts = tp_held_of(name, bytes);
    return tp_log_digest_of(&counts);
}

tp_rc tp_log_unsent_bytes(tp_stmt *stmt, int bytes_column, tp_name name, tp_slice *bytes_out,
                          tp_err *err)
{
    const int digest_column = bytes_column + 1;
    *bytes_out = tp_stmt_blob(stmt, bytes_column);
    return tp_stmt_int(stmt, digest_column) == tp_log_digest(name, *bytes_out)
               ? TP_OK
               : tp_fail(err, TP_CORRUPT, "change %llu, not sent yet, is not what was written",
                         (unsigned long long)name.seq);
}

tp_rc tp_log_put(tp_log *log, tp_tx *tx, const tp_entry *entry, const tp_change *change,
                 int64_t arrived, tp_placed *placed_out, tp_err *err)
{
    tp_placed placed = {TP_PUT_NEW, tp_held_of(entry->name, entry->bytes)};
    tp_packed_name id = 0;
    tp_packed_name record = 0;
    tp_stmt *s = NULL;
    bool creates = change != NULL && tp_change_creates(change);
    tp_rc rc = tp_log_pack(log, tx, entry->name, &id, err);
    if (rc == TP_OK && change != NULL && !creates) {
        rc = tp_log_pack(log, tx, change->record, &record, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_prepare(
            tx,
            "INSERT OR IGNORE INTO log (id, record, arrived, bytes, stamp, number,"
            " earliest, latest, position, verdict, tag, generation, digest, said)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, " TP_LOG_SAID_OF(
                "?2", "?3", "?5", "?6", "?7", "?8", "?9", "?10", "NULL", "NULL", "?11", "?12") ")",
            &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, id);
    if (creates) {
        tp_stmt_bind_null(s, 2);
    } else {
        tp_stmt_bind_int(s, 2, record);
    }
    tp_stmt_bind_int(s, 3, arrived);
    tp_stmt_bind_blob(s, 4, entry->bytes);
    tp_stmt_bind_int(s, 13, tp_log_digest_of(&placed.counts));
    rc = bind_answer(log, tx, s, 5, entry, err);
    if (rc == TP_OK) {
        rc = tp_stmt_run(s, err);
    }
    const bool is_there = rc == TP_OK && tp_store_changes(log->store) == 0;
    if (rc == TP_OK && tp_log_own_order(log, id) != 0) {
        rc = tp_log_left_out_came(tx, id, err);
    }
    if (rc == TP_OK && is_there) {
        rc = put_held(log, tx, entry, id, arrived, &placed, err);
        if (rc == TP_OK && change != NULL && placed.put != TP_PUT_SAME) {
            rc = file_again(log, tx, change, err);
        }
    }
    *placed_out = placed;
    return rc;
}

/* Binds stamp, number, earliest, latest, position, verdict, tag and generation from parameter `at`
 * on.  Leaves the statement at its beginning on failure. */
static tp_rc bind_answer(tp_log *log, tp_tx *tx, tp_stmt *s, int at, const tp_entry *entry,
                         tp_err *err)
{
    static const uint8_t no_tag[sizeof entry->tag];
    const tp_stamp *stamp = &entry->stamp;
    int64_t generation_no = 0;
    tp_rc rc = tp_log_generation_no(log, tx, &generation_no, err);
    if (rc != TP_OK) {
        tp_stmt_done(s);
        return rc;
    }
    if (stamp->number == 0) {
        tp_stmt_bind_null(s, at);
        tp_stmt_bind_null(s, at + 1);
    } else {
        tp_stmt_bind_int(s, at, stamp->ms);
        tp_stmt_bind_int(s, at + 1, (int64_t)stamp->number);
    }
    if (stamp->earliest_ms == 0 && stamp->latest_ms == 0) {
        tp_stmt_bind_null(s, at + 2);
        tp_stmt_bind_null(s, at + 3);
    } else {
        tp_stmt_bind_int(s, at + 2, stamp->earliest_ms);
        tp_stmt_bind_int(s, at + 3, stamp->latest_ms);
    }
    if (entry->position == 0) {
        tp_stmt_bind_null(s, at + 4);
    } else {
        tp_stmt_bind_int(s, at + 4, (int64_t)entry->position);
    }
    tp_stmt_bind_int(s, at + 5, entry->verdict);
    if (memcmp(entry->tag, no_tag, sizeof no_tag) == 0) {
        tp_stmt_bind_null(s, at + 6);
    } else {
        tp_stmt_bind_blob(s, at + 6, tp_slice_of(entry->tag, sizeof entry->tag));
    }
    if (generation_no == 0) {
        tp_stmt_bind_null(s, at + 7);
    } else {
        tp_stmt_bind_int(s, at + 7, generation_no);
    }
    return TP_OK;
}

static tp_rc note_healed(tp_log *log, tp_tx *tx, tp_err *err)
{
    tp_log_held held;
    tp_rc rc = tp_log_held_get(log, tx, &held, err);
    if (rc == TP_OK) {
        held.differs = TP_LOG_DIFFERS_HEALED;
        held.counted_ms = 0;
        rc = tp_log_held_put(log, tx, &held, err);
    }
    return rc;
}

/* Under a hub that fell an older card may have written under a number it had used: what is held by
 * that name, whole or as a stub, may be of another record, whose views are to be made anew too. */
static tp_rc file_again(tp_log *log, tp_tx *tx, const tp_change *change, tp_err *err)
{
    tp_rc rc = tp_log_put_record(log, tx, change, err);
    return rc == TP_OK && tp_store_changes(log->store) > 0 ? note_healed(log, tx, err) : rc;
}

/* Other bytes are held under the name of a received change: damage, which the hub's mend.  What an
 * own change says nobody but this device knows better. */
static tp_rc put_damaged(tp_log *log, tp_tx *tx, const tp_entry *entry, tp_packed_name id,
                         tp_put *put_out, tp_err *err)
{
    if (entry->name.device == log->device) {
        return tp_fail(err, TP_CORRUPT, "other bytes are held under the name of a received change");
    }
    tp_rc rc = overwrite(log, tx, entry, id, err);
    if (rc == TP_OK) {
        rc = note_healed(log, tx, err);
    }
    *put_out = TP_PUT_ANSWERED;
    return rc;
}

/* What an entry adds to a row that is there: the bytes back to a stub, else only the hub's
 * answer. */
static tp_rc put_held(tp_log *log, tp_tx *tx, const tp_entry *entry, tp_packed_name id,
                      int64_t arrived, tp_placed *placed, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc =
        tp_tx_prepare(tx, "SELECT given_back IS NOT NULL, bytes FROM log WHERE id = ?", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, id);
        rc = tp_stmt_first(s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    bool is_stub = tp_stmt_int(s, 0) != 0;
    bool is_same = tp_slice_eq(tp_stmt_blob(s, 1), entry->bytes);
    tp_stmt_done(s);
    if (!is_stub && !is_same) {
        return put_damaged(log, tx, entry, id, &placed->put, err);
    }
    const char *sql =
        is_stub
            ? "UPDATE log SET stamp = ?2, number = ?3, earliest = ?4, latest = ?5, position = ?6,"
              " verdict = ?7, tag = ?8, generation = ?9, given_back = NULL, person = NULL,"
              " arrived = ?10, bytes = ?11, digest = ?12, said = " TP_LOG_SAID_OF(
                  "record", "?10", "?2", "?3", "?4", "?5", "?6", "?7", "NULL", "NULL", "?8",
                  "?9") " WHERE id = ?1"
            : "UPDATE log SET stamp = ?2, number = ?3, earliest = ?4, latest = ?5, position = ?6,"
              " verdict = ?7, tag = ?8, generation = ?9, said = " TP_LOG_SAID_OF(
                  "record", "arrived", "?2", "?3", "?4", "?5", "?6", "?7", "given_back", "person",
                  "?8", "?9") " WHERE id = ?1 AND (stamp IS NOT ?2 OR "
                              "number IS NOT ?3"
                              " OR earliest IS NOT ?4 OR latest IS NOT ?5 OR position IS NOT ?6"
                              " OR verdict IS NOT ?7 OR tag IS NOT ?8 OR generation IS NOT ?9)";
    rc = tp_tx_prepare(tx, sql, &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, id);
    if (is_stub) {
        tp_stmt_bind_int(s, 10, arrived);
        tp_stmt_bind_blob(s, 11, entry->bytes);
        tp_stmt_bind_int(s, 12, tp_log_digest_of(&placed->counts));
    }
    rc = bind_answer(log, tx, s, 2, entry, err);
    if (rc == TP_OK) {
        rc = tp_stmt_run(s, err);
    }
    if (rc == TP_OK) {
        bool is_changed = tp_store_changes(log->store) > 0;
        placed->put = is_stub ? TP_PUT_BACK : is_changed ? TP_PUT_ANSWERED : TP_PUT_SAME;
    }
    return rc == TP_OK && is_stub ? tp_log_run_for(tx, not_erased, id, err) : rc;
}

/* The hub's bytes and answer in the place of what is there. */
static tp_rc overwrite(tp_log *log, tp_tx *tx, const tp_entry *entry, tp_packed_name id,
                       tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc =
        tp_tx_prepare(tx,
                      "UPDATE log SET stamp = ?2, number = ?3, earliest = ?4, latest = ?5,"
                      " position = ?6, verdict = ?7, tag = ?8, generation = ?9,"
                      " given_back = NULL, person = NULL, bytes = ?10, digest = ?11,"
                      " said = " TP_LOG_SAID_OF("record", "arrived", "?2", "?3", "?4", "?5", "?6",
                                                "?7", "NULL", "NULL", "?8", "?9") " WHERE id = ?1",
                      &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, id);
    tp_stmt_bind_blob(s, 10, entry->bytes);
    tp_stmt_bind_int(s, 11, tp_log_digest(entry->name, entry->bytes));
    rc = bind_answer(log, tx, s, 2, entry, err);
    if (rc == TP_OK) {
        rc = tp_stmt_run(s, err);
    }
    return rc == TP_OK ? tp_log_run_for(tx, not_erased, id, err) : rc;
}

typedef struct healing {
    tp_log *log;
    tp_tx *tx;
    uint64_t accepted;
    bool is_there;
    tp_held_sum counted; /* for the row as it was */
} healing;

static tp_rc look_at_damage(void *context, const tp_log_row *row, tp_err *err)
{
    healing *h = context;
    bool counts = false;
    tp_rc rc = tp_log_row_counts(h->log, h->tx, row, h->accepted, &counts, err);
    h->is_there = true;
    if (rc == TP_OK && counts) {
        h->counted = tp_held_of(row->name, row->bytes);
    }
    return rc;
}

tp_rc tp_log_heal(tp_log *log, tp_tx *tx, const tp_entry *entry, const tp_change *change,
                  int64_t arrived, bool *is_done_out, tp_err *err)
{
    tp_log_facts facts;
    tp_packed_name id = 0;
    tp_placed placed;
    tp_err missing;
    *is_done_out = false;
    tp_rc rc = tp_log_facts_get(log, tx, &facts, err);
    if (rc == TP_OK) {
        rc = tp_log_pack(log, tx, entry->name, &id, err);
    }
    if (rc != TP_OK || (entry->name.device == log->device && entry->name.seq > facts.accepted)) {
        return rc;
    }
    healing h = {log, tx, facts.accepted, false, {0, 0}};
    rc = tp_log_get(log, tx, id, look_at_damage, &h, &missing);
    if (rc == TP_OK) {
        rc = overwrite(log, tx, entry, id, err);
        if (rc == TP_OK && change != NULL) {
            rc = tp_log_put_record(log, tx, change, err);
        }
    } else if (rc == TP_NOTFOUND) {
        rc = tp_log_put(log, tx, entry, change, arrived, &placed, err);
    } else {
        *err = missing;
    }
    if (rc == TP_OK) {
        tp_held_sum counts = tp_held_of(entry->name, entry->bytes);
        rc = tp_log_held_move(log, tx, &counts, &h.counted, err);
    }
    *is_done_out = rc == TP_OK;
    return rc;
}

tp_rc tp_log_run_for(tp_tx *tx, const char *sql, tp_packed_name id, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, sql, &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, id);
        rc = tp_stmt_run(s, err);
    }
    return rc;
}

tp_rc tp_log_put_record(tp_log *log, tp_tx *tx, const tp_change *change, tp_err *err)
{
    tp_packed_name id = 0;
    tp_packed_name record = 0;
    tp_stmt *s = NULL;
    tp_rc rc = tp_log_pack(log, tx, change->name, &id, err);
    if (rc == TP_OK) {
        rc = tp_log_pack(log, tx, change->record, &record, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx,
                           "UPDATE log SET record = nullif(?2, ?1), said = " TP_LOG_SAID_OF(
                               "nullif(?2, ?1)", "arrived", "stamp", "number", "earliest", "latest",
                               "position", "verdict", "given_back", "person", "tag",
                               "generation") " WHERE id = ?1 AND record IS NOT nullif(?2, ?1)",
                           &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, id);
    tp_stmt_bind_int(s, 2, record);
    return tp_stmt_run(s, err);
}

tp_rc tp_log_arrival_next(tp_log *log, tp_tx *tx, int64_t *arrived_out, tp_err *err)
{
    tp_log_facts facts;
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "UPDATE log_state SET arrived = arrived + 1", &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_run(s, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_facts_get(log, tx, &facts, err);
    }
    if (rc == TP_OK) {
        *arrived_out = facts.arrived;
    }
    return rc;
}
