/* Going on under a new id. */
#include "sync/log/fork.h"

#include "schema/name_text.h"
#include "sync/log/held.h"
#include "sync/log/log_state.h"
#include "sync/wire/change_again.h"
#include "sync/wire/wire.h"

const char tp_log_schema_8[] =
    /* Each id that this node took after its first: numbers follow each other (log_state.h). */
    "CREATE TABLE fork ("
    "  device INTEGER PRIMARY KEY REFERENCES device," /* the one taken */
    "  kept INTEGER NOT NULL,"  /* changes of the one before up to this seq stay what they are */
    "  count INTEGER NOT NULL," /* changes written again, from (device, 1) on */
    "  at_ms INTEGER NOT NULL"  /* UTC, as well as this machine knew */
    ") STRICT;";

static tp_rc forget_listed(tp_log *log, tp_tx *tx, uint64_t to, tp_err *err);
static tp_rc add_device(tp_log *log, tp_tx *tx, uint64_t to, tp_err *err);
static tp_rc write_again(tp_log *log, tp_tx *tx, const tp_renaming *renaming, uint64_t *count_out,
                         tp_err *err);
static tp_rc leave_out(tp_log *log, tp_tx *tx, const tp_log_facts *facts, uint64_t kept,
                       tp_err *err);
static tp_rc delete_moved(tp_log *log, tp_tx *tx, uint64_t kept, tp_err *err);
static tp_rc note_fork(tp_log *log, tp_tx *tx, const tp_log_forked *fork, tp_err *err);
static tp_rc begin_anew(tp_log *log, tp_tx *tx, uint64_t to, tp_err *err);
static tp_rc forget_others(tp_tx *tx, tp_err *err);
static tp_rc delete_one(tp_log *log, tp_tx *tx, uint64_t seq, tp_err *err);

/* It came from the hub after all. */
tp_rc tp_log_left_out_came(tp_tx *tx, tp_packed_name id, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "DELETE FROM refused WHERE id = ? AND code = ?", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, id);
    tp_stmt_bind_int(s, 2, TP_LEFT_OUT);
    return tp_stmt_run(s, err);
}

tp_rc tp_log_fork(tp_log *log, tp_tx *tx, uint64_t to, uint64_t kept, int64_t now_ms,
                  tp_renaming *renaming_out, tp_err *err)
{
    tp_log_facts facts;
    tp_log_forked fork = {.at_ms = now_ms};
    tp_rc rc = tp_log_facts_get(log, tx, &facts, err);
    if (rc == TP_OK && kept < facts.accepted) {
        rc = tp_fail(err, TP_INVALID, "what the hub has accepted is not written again");
    }
    if (rc == TP_OK) {
        rc = tp_log_keep_last_reading(log, tx, &facts, err);
    }
    fork.renaming = (tp_renaming){.from = log->device, .kept = kept, .to = to};
    if (rc == TP_OK) {
        rc = forget_listed(log, tx, to, err);
    }
    if (rc == TP_OK) {
        rc = add_device(log, tx, to, err);
    }
    if (rc == TP_OK) {
        rc = leave_out(log, tx, &facts, kept, err);
    }
    if (rc == TP_OK) {
        rc = write_again(log, tx, &fork.renaming, &fork.count, err);
    }
    if (rc == TP_OK) {
        rc = delete_moved(log, tx, kept, err);
    }
    if (rc == TP_OK) {
        rc = note_fork(log, tx, &fork, err);
    }
    if (rc == TP_OK) {
        rc = begin_anew(log, tx, to, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_note_written(tx, fork.count, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_read_identity(log, tx, err);
    }
    if (rc == TP_OK) {
        *renaming_out = fork.renaming;
    }
    return rc;
}

/* ---- The new id ---- */

/* Where an earlier attempt ended after the hub knew the id, the hub's directory may have listed it
 * here since, as another device of the agency.  Nothing is of it yet. */
static tp_rc forget_listed(tp_log *log, tp_tx *tx, uint64_t to, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx,
                             "DELETE FROM device WHERE id = ?1 AND no < ?2 AND agency = ?3"
                             " AND NOT EXISTS (SELECT 1 FROM log WHERE log.id BETWEEN"
                             " device.no << 40 AND (device.no + 1) << 40)",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, (int64_t)to);
    tp_stmt_bind_int(s, 2, TP_DEVICE_OWN_FIRST);
    tp_stmt_bind_str(s, 3, log->agency);
    return tp_stmt_run(s, err);
}

static tp_rc add_device(tp_log *log, tp_tx *tx, uint64_t to, tp_err *err)
{
    tp_stmt *s = NULL;
    if (log->ids_count == TP_LOG_IDS_MAX) {
        return tp_fail(err, TP_LIMIT,
                       "this node has taken %u ids, one for each copy it met: make another node",
                       TP_LOG_IDS_MAX);
    }
    tp_rc rc = tp_tx_prepare(tx, "INSERT INTO device (no, id, agency) VALUES (?, ?, ?)", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, log->device_no + 1);
        tp_stmt_bind_int(s, 2, (int64_t)to);
        tp_stmt_bind_str(s, 3, log->agency);
        rc = tp_stmt_run(s, err);
    }
    tp_log_forget_devices(log);
    return rc;
}

/* The hub's feed begins again too, and all eras are told: it knows nothing of this device.  And it
 * asks back again all that it asked back before: under the id that is taken now another copy may
 * have sent what is written here, and been asked for it back, while that had another name here. */
static tp_rc begin_anew(tp_log *log, tp_tx *tx, uint64_t to, tp_err *err)
{
    uint8_t chain[TP_CHAIN_BYTES];
    tp_stmt *s = NULL;
    tp_chain_start(to, chain);
    tp_rc rc = tp_tx_prepare(tx,
                             "UPDATE log_state SET device = ?, accepted = 0, chain = ?,"
                             " era_told = 0, cursor = 0, cursor_tag = NULL, given_back = 0,"
                             " receipt = 0",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, log->device_no + 1);
    tp_stmt_bind_blob(s, 2, tp_slice_of(chain, sizeof chain));
    rc = tp_stmt_run(s, err);
    if (rc == TP_OK) {
        rc = tp_log_held_forget(log, tx, err);
    }
    /* Receipts under the old id are of no use without its key, and it goes with the id. */
    if (rc == TP_OK) {
        rc = tp_tx_exec(tx, "DELETE FROM pushed", err);
    }
    return rc == TP_OK ? forget_others(tx, err) : rc;
}

/* Why this id was taken: what is not here any more under the one before is nobody's number now. */
static tp_rc forget_others(tp_tx *tx, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "DELETE FROM refused WHERE code = ?", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, TP_QUARANTINE_OTHER);
    return tp_stmt_run(s, err);
}

static tp_rc note_fork(tp_log *log, tp_tx *tx, const tp_log_forked *fork, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(
        tx, "INSERT INTO fork (device, kept, count, at_ms) VALUES (?, ?, ?, ?)", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, log->device_no + 1);
    tp_stmt_bind_int(s, 2, (int64_t)fork->renaming.kept);
    tp_stmt_bind_int(s, 3, (int64_t)fork->count);
    tp_stmt_bind_int(s, 4, fork->at_ms);
    return tp_stmt_run(s, err);
}

/* ---- What is left out ---- */

/* What was not sent, in order, as far as there are rows of it. */
typedef struct unsent_walk {
    tp_log *log;
    tp_stmt *s;
    bool is_row;
    bool is_whole; /* it is what was written */
    tp_name name;
    tp_slice bytes;
    uint64_t written; /* the last one, whatever is left of it */
} unsent_walk;

static tp_rc unsent_next(unsent_walk *w, tp_err *err)
{
    tp_err damage;
    tp_rc rc = tp_stmt_step(w->s, &w->is_row, err);
    if (rc == TP_OK && w->is_row) {
        w->name =
            (tp_name){w->log->device, (uint64_t)(tp_stmt_int(w->s, 0) - tp_log_own(w->log, 0))};
        w->is_whole = tp_log_unsent_bytes(w->s, 1, w->name, &w->bytes, &damage) == TP_OK;
    }
    return rc;
}

static tp_rc unsent_begin(unsent_walk *w, tp_tx *tx, uint64_t after, tp_err *err)
{
    tp_log_facts facts;
    tp_rc rc = tp_log_facts_get(w->log, tx, &facts, err);
    if (rc == TP_OK) {
        w->written = facts.written;
        rc = tp_tx_prepare(tx,
                           "SELECT id, bytes, digest FROM log WHERE id > ? AND id < ?"
                           " AND arrived IS NULL ORDER BY id",
                           &w->s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(w->s, 1, tp_log_own(w->log, after));
    tp_stmt_bind_int(w->s, 2, tp_log_own(w->log, 0) + (INT64_C(1) << TP_NAME_SEQ_BITS));
    return unsent_next(w, err);
}

tp_rc tp_log_unsent_lost(tp_log *log, tp_tx *tx, uint64_t after, uint64_t *upto_out, tp_err *err)
{
    unsent_walk w = {.log = log};
    tp_rc rc = unsent_begin(&w, tx, after, err);
    while (rc == TP_OK && w.is_row && !w.is_whole) {
        rc = unsent_next(&w, err);
    }
    uint64_t upto = w.written > after ? w.written : after;
    if (rc == TP_OK && w.is_row) {
        upto = w.name.seq - 1;
    }
    tp_stmt_done(w.s);
    if (rc == TP_OK && upto - after > TP_LEFT_OUT_MAX) {
        rc = tp_fail(err, TP_LIMIT, "%llu changes that were not sent are damaged or gone",
                     (unsigned long long)(upto - after));
    }
    if (rc == TP_OK) {
        *upto_out = upto;
    }
    return rc;
}

/* The record that a damaged change updated, as far as its row says so still; none: nobody knows. */
static tp_rc find_updated(tp_log *log, tp_tx *tx, uint64_t seq, tp_name *record_out, tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_row = false;
    tp_err unnamed;
    *record_out = (tp_name){0, 0};
    tp_rc rc = tp_tx_prepare(tx,
                             "SELECT record FROM log WHERE id = ? AND record IS NOT NULL"
                             " AND said IS " TP_LOG_SAID,
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, tp_log_own(log, seq));
        rc = tp_stmt_step(s, &is_row, err);
    }
    if (rc == TP_OK && is_row) {
        const tp_packed_name packed = tp_stmt_int(s, 0);
        tp_stmt_done(s);
        if (tp_log_unpack(log, tx, packed, record_out, &unnamed) != TP_OK) {
            *record_out = (tp_name){0, 0};
        }
    }
    return rc;
}

static tp_rc note_left_out(tp_log *log, tp_tx *tx, uint64_t seq, tp_err *err)
{
    char text[TP_NAME_TEXT_BYTES] = "";
    tp_name record;
    tp_stmt *s = NULL;
    tp_rc rc = find_updated(log, tx, seq, &record, err);
    if (rc == TP_OK && !tp_name_is_none(record)) {
        tp_name_print(record, text);
    }
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx, "INSERT OR REPLACE INTO refused (id, code, text) VALUES (?, ?, ?)",
                           &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, tp_log_own(log, seq));
    tp_stmt_bind_int(s, 2, TP_LEFT_OUT);
    tp_stmt_bind_str(s, 3, text);
    rc = tp_stmt_run(s, err);
    return rc == TP_OK ? delete_one(log, tx, seq, err) : rc;
}

/* Up to `kept` nothing is written again: what is not as it was written goes.  At the hub it may be
 * all the same, where an answer was lost: then it comes from there. */
static tp_rc leave_out(tp_log *log, tp_tx *tx, const tp_log_facts *facts, uint64_t kept,
                       tp_err *err)
{
    uint64_t seq = facts->accepted;
    tp_rc rc = TP_OK;
    while (rc == TP_OK && seq < kept) {
        uint64_t upto = seq;
        rc = tp_log_unsent_lost(log, tx, seq, &upto, err);
        upto = upto < kept ? upto : kept;
        for (; rc == TP_OK && seq < upto; seq++) {
            rc = note_left_out(log, tx, seq + 1, err);
        }
        seq++;
    }
    return rc;
}

/* ---- The changes ---- */

/* Under its new name, or in the place of what it was. */
static tp_rc insert_again(tp_log *log, tp_tx *tx, const tp_renaming *renaming, tp_err *err)
{
    const tp_change *change = &log->decoded;
    tp_name record = tp_renaming_of(renaming, change->record);
    tp_packed_name id = 0;
    tp_packed_name packed = 0;
    tp_stmt *s = NULL;
    tp_rc rc = tp_log_pack(log, tx, tp_renaming_of(renaming, change->name), &id, err);
    if (rc == TP_OK) {
        rc = tp_log_pack(log, tx, record, &packed, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx, TP_LOG_INSERT_OWN, &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, id);
    if (packed == id) {
        tp_stmt_bind_null(s, 2);
    } else {
        tp_stmt_bind_int(s, 2, packed);
    }
    tp_stmt_bind_blob(s, 3, tp_buf_slice(&log->change));
    tp_stmt_bind_int(
        s, 4, tp_log_digest(tp_renaming_of(renaming, change->name), tp_buf_slice(&log->change)));
    return tp_stmt_run(s, err);
}

/* As another copy with the same change writes it: its salt follows from what it was, which is as
 * random as the salt it had, and was told to nobody but in its other end. */
static tp_rc write_one_again(tp_log *log, tp_tx *tx, const tp_renaming *renaming, tp_name name,
                             tp_slice bytes, tp_err *err)
{
    uint8_t digest[TP_SHA256_BYTES];
    const uint8_t *salt = digest + sizeof digest - TP_SALT_BYTES;
    tp_change_digest(name, bytes, digest);
    tp_buf_clear(&log->change);
    tp_rc rc = tp_change_decode(name, bytes, &log->decoded, err);
    if (rc == TP_OK) {
        rc = tp_change_encode_again(&log->decoded, renaming, 1, salt, &log->change, err);
    }
    return rc == TP_OK ? insert_again(log, tx, renaming, err) : rc;
}

/* What went on under the old id and has come here already has arrived: it is not this node's.  What
 * is damaged is missing under the new id too. */
static tp_rc write_again(tp_log *log, tp_tx *tx, const tp_renaming *renaming, uint64_t *count_out,
                         tp_err *err)
{
    unsent_walk w = {.log = log};
    tp_rc rc = unsent_begin(&w, tx, renaming->kept, err);
    uint64_t last = rc == TP_OK && w.written > renaming->kept ? w.written : renaming->kept;
    while (rc == TP_OK && w.is_row) {
        if (w.is_whole) {
            rc = write_one_again(log, tx, renaming, w.name, w.bytes, err);
            last = w.name.seq > last ? w.name.seq : last;
        }
        if (rc == TP_OK) {
            rc = unsent_next(&w, err);
        }
    }
    tp_stmt_done(w.s);
    *count_out = last - renaming->kept;
    return rc;
}

/* A kiosk keeps nothing that the hub has, also where it was never told so. */
static tp_rc delete_moved(tp_log *log, tp_tx *tx, uint64_t kept, tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_kiosk = false;
    tp_rc rc = tp_log_is_kiosk(log, tx, &is_kiosk, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx, "DELETE FROM log WHERE id > ? AND id < ? AND arrived IS NULL", &s,
                           err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, tp_log_own(log, is_kiosk ? 0 : kept));
    tp_stmt_bind_int(s, 2, tp_log_own(log, 0) + (INT64_C(1) << TP_NAME_SEQ_BITS));
    return tp_stmt_run(s, err);
}

/* ---- What others call anew ---- */

static tp_rc delete_one(tp_log *log, tp_tx *tx, uint64_t seq, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "DELETE FROM log WHERE id = ?", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, tp_log_own(log, seq));
    return tp_stmt_run(s, err);
}

/* One that cannot be written again may be of a newer program. */
static tp_rc rename_one(tp_log *log, tp_tx *tx, const tp_renaming *renaming, tp_name name,
                        tp_slice bytes, uint64_t *count, tp_err *err)
{
    uint8_t salt[TP_SALT_BYTES];
    tp_err why;
    tp_buf_clear(&log->change);
    tp_rc rc = tp_change_decode(name, bytes, &log->decoded, &why);
    if (rc == TP_OK && tp_change_salt_of(bytes, salt)) {
        rc = tp_change_encode_again(&log->decoded, renaming, 1, salt, &log->change, &why);
    }
    if (rc == TP_NOMEM) {
        *err = why;
        return rc;
    }
    if (rc != TP_OK || log->change.bytes == 0 || tp_slice_eq(tp_buf_slice(&log->change), bytes)) {
        return TP_OK;
    }
    ++*count;
    rc = delete_one(log, tx, name.seq, err);
    return rc == TP_OK ? insert_again(log, tx, renaming, err) : rc;
}

tp_rc tp_log_rename_unsent(tp_log *log, tp_tx *tx, uint64_t after, const tp_renaming *renaming,
                           uint64_t *count_out, tp_err *err)
{
    tp_log_facts facts;
    uint64_t last = 0;
    tp_rc rc = tp_log_refresh(log, tx, err);
    *count_out = 0;
    if (rc == TP_OK) {
        rc = tp_log_facts_get(log, tx, &facts, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_last_seq(log, tx, &facts, &last, err);
    }
    for (uint64_t seq = after + 1; rc == TP_OK && seq <= last; seq++) {
        bool is_row = false;
        tp_slice bytes;
        tp_err damage;
        tp_stmt *s = NULL;
        const tp_name name = {log->device, seq};
        rc = tp_tx_prepare(tx, "SELECT bytes, digest FROM log WHERE id = ? AND arrived IS NULL", &s,
                           err);
        if (rc == TP_OK) {
            tp_stmt_bind_int(s, 1, tp_log_own(log, seq));
            rc = tp_stmt_step(s, &is_row, err);
        }
        if (rc == TP_OK && is_row && tp_log_unsent_bytes(s, 0, name, &bytes, &damage) == TP_OK) {
            rc = rename_one(log, tx, renaming, name, bytes, count_out, err);
        }
        tp_stmt_done(s);
    }
    return rc;
}

/* ---- Afterwards ---- */

tp_rc tp_log_was_device(tp_log *log, tp_tx *tx, uint64_t device, bool *was_out, tp_err *err)
{
    tp_rc rc = tp_log_refresh(log, tx, err);
    *was_out = false;
    for (uint32_t i = 0; rc == TP_OK && i < log->ids_count; i++) {
        *was_out |= log->ids[i].device == device;
    }
    return rc;
}

/* Of the id that has this number, up to `upto` of what stands behind `after`. */
static tp_rc find_unshown(tp_tx *tx, int64_t device_no, uint64_t after, uint64_t upto,
                          bool *has_out, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx,
                             "SELECT EXISTS (SELECT 1 FROM log WHERE id > ? AND id <= ?"
                             " AND given_back IS NULL AND tag IS NULL)",
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, (device_no << TP_NAME_SEQ_BITS) + (int64_t)after);
        tp_stmt_bind_int(s, 2, (device_no << TP_NAME_SEQ_BITS) + (int64_t)upto);
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        *has_out = tp_stmt_int(s, 0) != 0;
        tp_stmt_done(s);
    }
    return rc;
}

tp_rc tp_log_has_unshown(tp_log *log, tp_tx *tx, const tp_name_range *range, bool *has_out,
                         tp_err *err)
{
    tp_rc rc = tp_log_refresh(log, tx, err);
    *has_out = false;
    for (uint32_t i = 0; rc == TP_OK && !*has_out && i + 1 < log->ids_count; i++) {
        const uint64_t id = log->ids[i].device;
        if (id < range->after.device || id > range->upto.device) {
            continue;
        }
        const uint64_t after = id == range->after.device ? range->after.seq : 0;
        const uint64_t upto = id == range->upto.device ? range->upto.seq : TP_SEQ_MAX;
        rc = find_unshown(tx, TP_DEVICE_OWN_FIRST + (int64_t)i, after, upto, has_out, err);
    }
    return rc;
}

tp_rc tp_log_last_fork(tp_log *log, tp_tx *tx, bool *has_out, tp_log_forked *fork_out, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc =
        tp_tx_prepare(tx,
                      "SELECT b.id, f.kept, d.id, f.count, f.at_ms,"
                      " EXISTS (SELECT 1 FROM refused WHERE code = ?1"
                      " AND refused.id = (b.no << 40) + f.kept) FROM fork f"
                      " JOIN device d ON d.no = f.device JOIN device b ON b.no = f.device - 1"
                      " ORDER BY f.device DESC LIMIT 1",
                      &s, err);
    (void)log;
    *has_out = false;
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, TP_LEFT_OUT);
        rc = tp_stmt_step(s, has_out, err);
    }
    if (rc == TP_OK && *has_out) {
        fork_out->renaming = (tp_renaming){.from = (uint64_t)tp_stmt_int(s, 0),
                                           .kept = (uint64_t)tp_stmt_int(s, 1),
                                           .to = (uint64_t)tp_stmt_int(s, 2)};
        fork_out->count = (uint64_t)tp_stmt_int(s, 3);
        fork_out->at_ms = tp_stmt_int(s, 4);
        fork_out->left_out = tp_stmt_int(s, 5) != 0;
    }
    tp_stmt_done(s);
    return rc;
}
