/* Changes out of the log: given back, of which a stub stays, and erased. */
#include "sync/log/log_state.h"

/* What the hub said of a change, where that is not as it was kept. */
static const char said_nothing[] =
    "UPDATE log SET arrived = NULL, stamp = NULL, number = NULL, earliest = NULL, latest = NULL,"
    " position = NULL, verdict = 0, person = NULL, tag = NULL, generation = NULL"
    " WHERE id = ? AND said IS NOT " TP_LOG_SAID;

/* The stub of a row that may be given back, into log->change.  *is_read_out false: its bytes are
 * not a change to this program, or not what they were: a stub would name what nobody did. */
static tp_rc make_stub(tp_log *log, const tp_log_row *row, tp_change *change, bool *is_read_out,
                       tp_err *err)
{
    tp_err unread = {0};
    tp_buf_clear(&log->change);
    *is_read_out = tp_log_row_is_whole(row) && tp_log_decode(row, change, &unread) == TP_OK;
    return *is_read_out ? tp_stub_encode(change, &log->change, err) : TP_OK;
}

typedef struct stub_walk {
    tp_log *log;
    tp_tx *tx;
    uint64_t accepted;
    tp_name name;
    bool may;
    bool leaves_stub;
    bool is_read;
} stub_walk;

static tp_rc look_at_row(void *context, const tp_log_row *row, tp_err *err)
{
    stub_walk *walk = context;
    walk->name = row->name;
    walk->may = !row->is_stub && row->id <= tp_log_own(walk->log, walk->accepted);
    if (!walk->may) {
        return TP_OK;
    }
    const bool is_of_now = row->id > tp_log_own(walk->log, 0);
    tp_rc rc =
        is_of_now ? tp_log_chain_mark(walk->log, walk->tx, row->name.seq, row->bytes, err) : TP_OK;
    return rc == TP_OK && walk->leaves_stub
               ? make_stub(walk->log, row, &walk->log->decoded, &walk->is_read, err)
               : rc;
}

static tp_rc let_go(tp_log *log, tp_tx *tx, tp_packed_name id, bool leaves_stub,
                    int64_t given_back_ms, bool *is_done_out, tp_err *err)
{
    tp_log_facts facts;
    *is_done_out = false;
    tp_rc rc = tp_log_facts_get(log, tx, &facts, err);
    if (rc != TP_OK) {
        return rc;
    }
    stub_walk walk = {.log = log, .tx = tx, .accepted = facts.accepted, .leaves_stub = leaves_stub};
    rc = tp_log_get(log, tx, id, look_at_row, &walk, err);
    if (rc == TP_NOTFOUND || (rc == TP_OK && !walk.may)) {
        return TP_OK;
    }
    const char *sql =
        walk.is_read
            ? "UPDATE log SET bytes = ?2, given_back = ?3, digest = ?4, said = " TP_LOG_SAID_OF(
                  "record", "arrived", "stamp", "number", "earliest", "latest", "position",
                  "verdict", "?3", "person", "tag", "generation") " WHERE id = ?1"
            : "DELETE FROM log WHERE id = ?1";
    tp_stmt *s = NULL;
    if (rc == TP_OK) {
        rc = tp_log_run_for(tx, said_nothing, id, err); /* a stub would vouch for it */
    }
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx, sql, &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, id);
    if (walk.is_read) {
        tp_stmt_bind_blob(s, 2, tp_buf_slice(&log->change));
        tp_stmt_bind_int(s, 3, given_back_ms);
        tp_stmt_bind_int(s, 4, tp_log_digest(walk.name, tp_buf_slice(&log->change)));
    }
    rc = tp_stmt_run(s, err);
    *is_done_out = rc == TP_OK;
    return rc;
}

tp_rc tp_log_give_back(tp_log *log, tp_tx *tx, tp_packed_name id, int64_t given_back_ms,
                       bool *is_done_out, tp_err *err)
{
    return let_go(log, tx, id, true, given_back_ms, is_done_out, err);
}

tp_rc tp_log_give_up(tp_log *log, tp_tx *tx, tp_packed_name id, bool *is_done_out, tp_err *err)
{
    tp_rc rc = let_go(log, tx, id, false, 0, is_done_out, err);
    return rc == TP_OK ? tp_log_run_for(tx, "DELETE FROM refused WHERE id = ?", id, err) : rc;
}

/* That the hub kept an own change aside is no matter any more: it is gone there too. */
tp_rc tp_log_note_erased(tp_log *log, tp_tx *tx, tp_packed_name id, int64_t erased_ms, tp_err *err)
{
    (void)log;
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx,
                             "INSERT INTO erased (id, at) SELECT id, ?2 FROM log"
                             " WHERE id = ?1 AND given_back IS NOT NULL ON CONFLICT DO NOTHING",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, id);
    tp_stmt_bind_int(s, 2, erased_ms);
    rc = tp_stmt_run(s, err);
    return rc == TP_OK ? tp_log_run_for(tx, "DELETE FROM refused WHERE id = ?", id, err) : rc;
}

tp_rc tp_log_keep_person(tp_log *log, tp_tx *tx, tp_packed_name stub, tp_packed_name person,
                         tp_err *err)
{
    (void)log;
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx,
                             "UPDATE log SET person = ?2, said = " TP_LOG_SAID_OF(
                                 "record", "arrived", "stamp", "number", "earliest", "latest",
                                 "position", "verdict", "given_back", "?2", "tag",
                                 "generation") " WHERE id = ?1 AND given_back IS NOT NULL",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, stub);
    tp_stmt_bind_int(s, 2, person);
    return tp_stmt_run(s, err);
}
