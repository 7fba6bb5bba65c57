/* Opening a log, its identity, and what it keeps in memory. */
#include "sync/log/log.h"

#include "platform/base/alloc.h"
#include "schema/agency_id.h"
#include "sync/log/log_state.h"

static tp_rc read_facts(tp_tx *tx, tp_log_facts *facts_out, tp_err *err);

tp_rc tp_log_init(tp_tx *tx, tp_rng *rng, tp_slice agency, tp_err *err)
{
    tp_rc rc = tp_agency_id_check(agency, err);
    if (rc != TP_OK) {
        return rc;
    }
    uint64_t device = 0;
    while (device == 0) {
        device = tp_rng_u64(rng);
    }
    uint8_t chain[TP_CHAIN_BYTES];
    tp_chain_start(device, chain);
    tp_stmt *s = NULL;
    rc = tp_tx_prepare(tx, "INSERT INTO device (no, id, agency) VALUES (?, ?, ?)", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, TP_DEVICE_OWN_FIRST);
        tp_stmt_bind_int(s, 2, (int64_t)device);
        tp_stmt_bind_text(s, 3, agency);
        rc = tp_stmt_run(s, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx, "INSERT INTO log_state (id, device, chain) VALUES (1, ?, ?)", &s,
                           err);
    }
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, TP_DEVICE_OWN_FIRST);
        tp_stmt_bind_blob(s, 2, tp_slice_of(chain, sizeof chain));
        rc = tp_stmt_run(s, err);
    }
    if (rc == TP_EXISTS) {
        return tp_fail(err, TP_EXISTS, "this data directory belongs to a device already");
    }
    return rc;
}

tp_rc tp_log_open(tp_store *store, const tp_clock *clock, tp_rng *rng, tp_log **log_out,
                  tp_err *err)
{
    *log_out = NULL;
    tp_log *log = tp_alloc(sizeof *log);
    if (log == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for the log");
    }
    log->store = store;
    log->clock = clock;
    log->rng = rng;
    log->undone = tp_store_undone_count(store);
    tp_buf_init(&log->change, TP_CHANGE_BYTES_MAX);
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(store, &tx, TP_TX_READ, err);
    if (rc == TP_OK) {
        rc = tp_log_read_identity(log, &tx, err);
    }
    tp_tx_rollback(&tx);
    if (rc == TP_OK) {
        *log_out = log;
        log = NULL; /* now the caller's */
    }
    tp_log_close(log);
    return rc;
}

void tp_log_close(tp_log *log)
{
    if (log == NULL) {
        return;
    }
    for (uint32_t i = 0; i < log->texts_count; i++) {
        tp_free(log->texts[i]);
    }
    tp_free(log->texts);
    tp_free(log->eras);
    tp_buf_done(&log->change);
    tp_free(log);
}

tp_store *tp_log_store(const tp_log *log)
{
    return log->store;
}

uint64_t tp_log_device(const tp_log *log)
{
    return log->device;
}

const char *tp_log_agency(const tp_log *log)
{
    return log->agency;
}

tp_rc tp_log_set_kiosk(tp_log *log, tp_tx *tx, bool is_kiosk, tp_err *err)
{
    (void)log;
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "UPDATE log_state SET is_kiosk = ?", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, is_kiosk);
    return tp_stmt_run(s, err);
}

tp_rc tp_log_is_kiosk(tp_log *log, tp_tx *tx, bool *is_kiosk_out, tp_err *err)
{
    (void)log;
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "SELECT is_kiosk FROM log_state", &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        *is_kiosk_out = tp_stmt_int(s, 0) != 0;
        tp_stmt_done(s);
    }
    return rc;
}

tp_rc tp_log_facts_get(tp_log *log, tp_tx *tx, tp_log_facts *facts_out, tp_err *err)
{
    const tp_store_moment now = tp_store_moment_now(log->store);
    if (!tp_store_moment_eq(&now, &log->facts_at)) {
        tp_rc rc = tp_log_refresh(log, tx, err);
        if (rc == TP_OK) {
            rc = read_facts(tx, &log->facts, err);
        }
        if (rc != TP_OK) {
            log->facts_at.tx = 0;
            return rc;
        }
        log->facts_at = now;
    }
    *facts_out = log->facts;
    return TP_OK;
}

static tp_rc read_facts(tp_tx *tx, tp_log_facts *facts_out, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx,
                             "SELECT accepted, chain, arrived, era, era_boot, era_up, era_wall,"
                             " era_told, written FROM log_state",
                             &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_first(s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_log_facts facts = {0};
    tp_slice chain = tp_stmt_blob(s, 1);
    tp_slice boot = tp_stmt_blob(s, 4);
    facts.accepted = (uint64_t)tp_stmt_int(s, 0);
    facts.arrived = tp_stmt_int(s, 2);
    facts.watch.era = (uint32_t)tp_stmt_int(s, 3);
    facts.watch.up_ms = tp_stmt_int(s, 5);
    facts.watch.wall_ms = tp_stmt_int(s, 6);
    facts.era_told = (uint32_t)tp_stmt_int(s, 7);
    facts.written = (uint64_t)tp_stmt_int(s, 8);
    bool is_sound = chain.bytes == sizeof facts.chain &&
                    (facts.watch.era == 0 || boot.bytes == sizeof facts.watch.boot);
    if (is_sound) {
        memcpy(facts.chain, chain.at, sizeof facts.chain);
        if (facts.watch.era != 0) {
            memcpy(facts.watch.boot, boot.at, sizeof facts.watch.boot);
        }
        *facts_out = facts;
    }
    tp_stmt_done(s);
    return is_sound ? TP_OK : tp_fail(err, TP_CORRUPT, "the log's own state is damaged");
}

tp_rc tp_log_refresh(tp_log *log, tp_tx *tx, tp_err *err)
{
    /* What others write is not seen before the next transaction. */
    const tp_store_moment now = tp_store_moment_now(log->store);
    if (now.tx == log->refreshed.tx && now.undone == log->refreshed.undone) {
        return TP_OK;
    }
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "PRAGMA data_version", &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_first(s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    int64_t data_version = tp_stmt_int(s, 0);
    tp_stmt_done(s);
    uint64_t undone = tp_store_undone_count(log->store);
    if (undone != log->undone) {
        log->watch.era = 0;
    }
    if (undone != log->undone || data_version != log->data_version) {
        tp_free(log->eras);
        log->eras = NULL;
        log->run.count = 0;
        log->is_generation_known = false;
        rc = tp_log_read_identity(log, tx, err);
        if (rc != TP_OK) {
            return rc;
        }
        log->undone = undone;
        log->data_version = data_version;
    }
    log->refreshed = now;
    return TP_OK;
}

tp_rc tp_log_intern(tp_log *log, tp_slice text, const char **text_out, tp_err *err)
{
    for (uint32_t i = 0; i < log->texts_count; i++) {
        if (tp_slice_is(text, log->texts[i])) {
            *text_out = log->texts[i];
            return TP_OK;
        }
    }
    if (log->texts_count == log->texts_room) {
        uint32_t room = log->texts_room == 0 ? 16 : log->texts_room * 2;
        char **texts = tp_realloc(log->texts, room * sizeof *texts);
        if (texts == NULL) {
            return tp_fail(err, TP_NOMEM, "no memory for the directory");
        }
        log->texts = texts;
        log->texts_room = room;
    }
    char *copy = tp_alloc(text.bytes + 1);
    if (copy == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for the directory");
    }
    if (text.bytes > 0) {
        memcpy(copy, text.at, text.bytes);
    }
    log->texts[log->texts_count++] = copy;
    *text_out = copy;
    return TP_OK;
}

static tp_rc read_ids(tp_log *log, tp_tx *tx, tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_row = false;
    uint64_t before = 0;
    log->ids_count = 0;
    tp_rc rc = tp_tx_prepare(tx,
                             "SELECT d.no, d.id, coalesce(f.kept, 0) FROM device d"
                             " LEFT JOIN fork f ON f.device = d.no WHERE d.no >= ? ORDER BY d.no",
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, TP_DEVICE_OWN_FIRST);
        rc = tp_stmt_step(s, &is_row, err);
    }
    while (rc == TP_OK && is_row && log->ids_count < TP_LOG_IDS_MAX) {
        before += (uint64_t)tp_stmt_int(s, 2);
        log->device_no = tp_stmt_int(s, 0);
        log->device = (uint64_t)tp_stmt_int(s, 1);
        log->ids[log->ids_count++] = (tp_log_id){log->device, before};
        rc = tp_stmt_step(s, &is_row, err);
    }
    tp_stmt_done(s);
    return rc;
}

/* There is no identity: it was never given one, or what was there is damaged, of which nobody is
 * to be told to make a new one over it. */
static tp_rc say_nobody(tp_tx *tx, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx,
                             "SELECT EXISTS (SELECT 1 FROM device)"
                             " OR EXISTS (SELECT 1 FROM log_state)",
                             &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_first(s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    const bool is_damaged = tp_stmt_int(s, 0) != 0;
    tp_stmt_done(s);
    return is_damaged
               ? tp_fail(err, TP_CORRUPT, "the log's own state is damaged")
               : tp_fail(err, TP_NOTFOUND, "this data directory has no device yet: teapot init");
}

tp_rc tp_log_read_identity(tp_log *log, tp_tx *tx, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx,
                             "SELECT d.no, d.agency FROM log_state s"
                             " JOIN device d ON d.no = s.device",
                             &s, err);
    bool row = false;
    if (rc == TP_OK) {
        rc = tp_stmt_step(s, &row, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    if (!row) {
        return say_nobody(tx, err);
    }
    const int64_t no = tp_stmt_int(s, 0);
    rc = tp_log_intern(log, tp_stmt_text(s, 1), &log->agency, err);
    tp_stmt_done(s);
    if (rc == TP_OK) {
        rc = read_ids(log, tx, err);
    }
    if (rc == TP_OK && log->device_no != no) {
        rc = tp_fail(err, TP_CORRUPT, "the log's own state is damaged");
    }
    return rc;
}
