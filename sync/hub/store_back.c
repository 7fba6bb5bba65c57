/* What is kept while the hub collects what it lost. */
#include "sync/hub/store_back.h"

#include "platform/base/alloc.h"
#include "platform/crypto/digest.h"
#include "sync/hub/store_sqlite.h"
#include "sync/wire/generation.h"

#include <stdio.h>

static tp_rc set_standing(tp_hub_store *store, const char *sql, tp_hub_standing standing,
                          uint32_t no, tp_err *err);

/* ---- Beginning and end ---- */

/* Above any number of what was lost, as the generation is above those that gave it; and above what
 * this history has given. */
static uint64_t first_number(uint64_t number, uint64_t generation)
{
    const uint64_t above = (number / TP_NUMBERS_EACH + 1) * TP_NUMBERS_EACH;
    const uint64_t first = tp_generation_first_number(generation);
    return first > above ? first : above;
}

/* Every device may hold all that its agency's feed has: it was sent that, or is taken to have
 * been. */
static tp_rc reset_devices(tp_hub_store *store, tp_err *err)
{
    tp_rc rc = tp_hub_spans_flush(store, err);
    if (rc == TP_OK) {
        rc = tp_hub_known_save(store, err); /* where the feeds end */
    }
    if (rc == TP_OK) {
        rc = tp_tx_exec(&store->tx,
                        "UPDATE device SET cursor = 0, receipt = 0, told = 0,"
                        " sent = (SELECT feed_end FROM agency WHERE agency.no = device.agency),"
                        " standing = (revoked_ms = 0 AND last_sync_ms <> 0)"
                        " WHERE agency IS NOT NULL",
                        err);
    }
    for (size_t i = 0; rc == TP_OK && i < store->devices_count; i++) {
        uint16_t agency = store->devices[i].agency;
        if (agency != 0) {
            store->sent[agency - 1] = store->feed_ends[agency - 1];
        }
    }
    return rc;
}

tp_rc tp_hub_back_begin(tp_hub_store *store, uint64_t generation, int64_t now_ms, bool is_anew,
                        tp_err *err)
{
    tp_hub_state *state = &store->state;
    tp_rc rc = reset_devices(store, err);
    if (rc == TP_OK) {
        rc = tp_tx_exec(&store->tx, "DELETE FROM code", err);
    }
    if (rc == TP_OK) {
        uint8_t said[sizeof generation];
        (void)tp_digest_put_u64(said, generation);
        tp_hub_directory_say(store, (tp_slice){said, sizeof said});
        state->generation = generation;
        state->anew = is_anew || (state->back_ms != 0 && state->anew != 0);
        state->back_ms = now_ms;
        state->number = first_number(state->number, generation);
        state->clock_ms = now_ms;
    }
    return rc;
}

tp_rc tp_hub_feed_again(tp_hub_store *store, tp_name name, tp_err *err)
{
    tp_hub_feed_row *rows = tp_alloc((store->agencies_count + 1) * sizeof *rows);
    tp_rc rc = rows == NULL ? tp_fail(err, TP_NOMEM, "no memory for a change in the feeds")
                            : tp_hub_feed_of(store, name, rows, err);
    for (size_t i = 0; rc == TP_OK && i < store->agencies_count; i++) {
        if (rows[i].position != 0 && rows[i].is_held) {
            rc = tp_hub_feed_put(store, (uint16_t)(i + 1), &rows[i], err);
        }
    }
    tp_free(rows);
    return rc;
}

/* Of what was accepted meanwhile some devices may have the stamp that it had before, which nobody
 * could show; and a verdict may have fallen that was withheld.  Sums are the same for both, and who
 * compares by stamps at once may do so before either has come. */
static tp_rc send_again(tp_hub_store *store, tp_err *err)
{
    const uint64_t first = store->state.number / TP_NUMBERS_EACH * TP_NUMBERS_EACH;
    int64_t after = -1;
    bool has_row = true;
    tp_rc rc = TP_OK;
    while (rc == TP_OK && has_row) {
        tp_stmt *s = NULL;
        rc = tp_tx_prepare(&store->tx,
                           "SELECT name FROM log WHERE name > ?1 AND (number >= ?2"
                           " OR EXISTS (SELECT 1 FROM feed WHERE change = name AND verdict <> 0))"
                           " ORDER BY name LIMIT 1",
                           &s, err);
        if (rc == TP_OK) {
            tp_stmt_bind_int(s, 1, after);
            tp_stmt_bind_int(s, 2, (int64_t)first);
            rc = tp_stmt_step(s, &has_row, err);
        }
        if (rc == TP_OK && has_row) {
            after = tp_stmt_int(s, 0);
            tp_stmt_done(s);
            rc = tp_hub_feed_again(store, tp_hub_unpack(store, after), err);
        }
    }
    return rc;
}

tp_rc tp_hub_back_end(tp_hub_store *store, tp_err *err)
{
    tp_rc rc = tp_hub_spans_flush(store, err);
    if (rc == TP_OK) {
        rc = send_again(store, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    store->state.back_ms = 0;
    store->state.anew = 0;
    return tp_tx_exec(&store->tx, "DELETE FROM waiting; UPDATE device SET standing = 0", err);
}

/* ---- Who is waited for ---- */

tp_rc tp_hub_back_awaited(tp_hub_store *store, uint64_t *count_out, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(
        &store->tx, "SELECT count(*) FROM device WHERE standing = ? AND revoked_ms = 0", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, TP_HUB_AWAITED);
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        *count_out = (uint64_t)tp_stmt_int(s, 0);
        tp_stmt_done(s);
    }
    return rc;
}

tp_rc tp_hub_back_authors(tp_hub_store *store, tp_hub_author_visit visit, void *ctx, tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = true;
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "SELECT device.id, device.standing, count(*) FROM ahead"
                             " JOIN device ON device.no = ahead.change >> 40"
                             " WHERE device.agency IS NULL GROUP BY device.no ORDER BY device.no",
                             &s, err);
    while (rc == TP_OK && has_row) {
        rc = tp_stmt_step(s, &has_row, err);
        if (rc == TP_OK && has_row) {
            tp_hub_author author = {(uint64_t)tp_stmt_int(s, 0), (tp_hub_standing)tp_stmt_int(s, 1),
                                    (uint64_t)tp_stmt_int(s, 2)};
            rc = visit(ctx, &author, err);
        }
    }
    tp_stmt_done(s);
    return rc;
}

tp_rc tp_hub_standing_put(tp_hub_store *store, uint64_t device, tp_hub_standing standing,
                          tp_err *err)
{
    uint32_t no = tp_hub_device_find(store, device);
    if (no == 0) {
        return tp_fail(err, TP_NOTFOUND, "nothing is known of this device here");
    }
    return set_standing(store, "UPDATE device SET standing = ? WHERE no = ?", standing, no, err);
}

static tp_rc set_standing(tp_hub_store *store, const char *sql, tp_hub_standing standing,
                          uint32_t no, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&store->tx, sql, &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, standing);
        tp_stmt_bind_int(s, 2, no);
        rc = tp_stmt_run(s, err);
    }
    return rc;
}

/* ---- Changes ---- */

tp_rc tp_hub_ahead_put(tp_hub_store *store, tp_name name, tp_err *err)
{
    int64_t change = 0;
    tp_stmt *s = NULL;
    tp_rc rc = tp_hub_pack(store, name, &change, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(&store->tx, "INSERT INTO ahead (change) VALUES (?)", &s, err);
    }
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, change);
        rc = tp_stmt_run(s, err);
    }
    if (rc == TP_OK) {
        store->state.ahead++;
        rc = set_standing(store,
                          "UPDATE device SET standing = ? WHERE no = ? AND standing = 0"
                          " AND revoked_ms = 0",
                          TP_HUB_AWAITED, (uint32_t)(change >> TP_HUB_SEQ_BITS), err);
    }
    return rc;
}

tp_rc tp_hub_ahead_next(tp_hub_store *store, tp_name *name, tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = false;
    const uint64_t first = (uint64_t)tp_hub_device_find(store, name->device) << TP_HUB_SEQ_BITS;
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "SELECT change FROM ahead JOIN log ON name = change"
                             " WHERE change > ? AND change <= ? ORDER BY change LIMIT 1",
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, (int64_t)(first | name->seq));
        tp_stmt_bind_int(s, 2, (int64_t)(first | TP_HUB_SEQ_MAX));
        rc = tp_stmt_step(s, &has_row, err);
    }
    if (rc == TP_OK) {
        name->seq = has_row ? (uint64_t)tp_stmt_int(s, 0) & TP_HUB_SEQ_MAX : 0;
    }
    tp_stmt_done(s);
    return rc;
}

tp_rc tp_hub_ahead_end(tp_hub_store *store, tp_name upto, int64_t *latest_ms_out, tp_err *err)
{
    tp_stmt *s = NULL;
    int64_t last = tp_hub_pack_found(store, upto);
    int64_t first = last >> TP_HUB_SEQ_BITS << TP_HUB_SEQ_BITS;
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "SELECT max(log.stamp_ms), count(*) FROM ahead LEFT"
                             " JOIN log ON log.name = ahead.change WHERE change BETWEEN ? AND ?",
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, first);
        tp_stmt_bind_int(s, 2, last);
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        *latest_ms_out = tp_stmt_int(s, 0);
        store->state.ahead -= (uint64_t)tp_stmt_int(s, 1);
        tp_stmt_done(s);
        rc = tp_tx_prepare(&store->tx, "DELETE FROM ahead WHERE change BETWEEN ? AND ?", &s, err);
    }
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, first);
        tp_stmt_bind_int(s, 2, last);
        rc = tp_stmt_run(s, err);
    }
    return rc;
}

/* Of a device's rows those behind what it keeps. */
static tp_rc run_behind(tp_hub_store *store, const char *sql, int64_t upto, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&store->tx, sql, &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, upto);
    tp_stmt_bind_int(s, 2, upto | (int64_t)TP_HUB_SEQ_MAX);
    return tp_stmt_run(s, err);
}

/* No signature that is kept ends where it is cut. */
static tp_rc keep_chain(tp_hub_store *store, tp_name upto, int64_t at,
                        const uint8_t h[TP_SHA256_BYTES], tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "SELECT coalesce(max(last), ?1) FROM (SELECT last FROM push"
                             " UNION ALL SELECT last FROM missing) WHERE last BETWEEN ?1 AND ?2",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, at >> TP_HUB_SEQ_BITS << TP_HUB_SEQ_BITS);
    tp_stmt_bind_int(s, 2, at);
    rc = tp_stmt_first(s, err);
    if (rc != TP_OK) {
        return rc;
    }
    const int64_t last = tp_stmt_int(s, 0);
    tp_stmt_done(s);
    return last == at ? TP_OK : tp_hub_missing_put(store, upto, (uint64_t)(at - last), h, err);
}

tp_rc tp_hub_ahead_rewind(tp_hub_store *store, tp_name upto, const uint8_t h[TP_SHA256_BYTES],
                          tp_err *err)
{
    static const char *const sql[] = {
        "DELETE FROM push WHERE last > ?1 AND last <= ?2",
        "DELETE FROM missing WHERE last > ?1 AND last <= ?2",
        "INSERT OR IGNORE INTO ahead (change) SELECT name FROM log WHERE name > ?1 AND name <= ?2",
        ("INSERT OR IGNORE INTO ahead (change) SELECT name FROM quarantine"
         " WHERE name > ?1 AND name <= ?2")};
    const int64_t at = tp_hub_pack_found(store, (tp_name){upto.device, 1}) - 1 + (int64_t)upto.seq;
    tp_stmt *s = NULL;
    tp_rc rc = TP_OK;
    for (size_t i = 0; rc == TP_OK && i < sizeof sql / sizeof sql[0]; i++) {
        rc = run_behind(store, sql[i], at, err);
    }
    if (rc == TP_OK) {
        rc = keep_chain(store, upto, at, h, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_prepare(&store->tx, "SELECT count(*) FROM ahead", &s, err);
    }
    if (rc == TP_OK) {
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        store->state.ahead = (uint64_t)tp_stmt_int(s, 0);
        tp_stmt_done(s);
    }
    return rc;
}

tp_rc tp_hub_log_before(tp_hub_store *store, tp_name upto, uint64_t number, uint64_t *seq_out,
                        tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = false;
    const uint64_t first = (uint64_t)tp_hub_device_find(store, upto.device) << TP_HUB_SEQ_BITS;
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "SELECT name FROM log WHERE name > ? AND name <= ? AND number < ?"
                             " ORDER BY name DESC LIMIT 1",
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, (int64_t)first);
        tp_stmt_bind_int(s, 2, (int64_t)(first | upto.seq));
        tp_stmt_bind_int(s, 3, (int64_t)number);
        rc = tp_stmt_step(s, &has_row, err);
    }
    *seq_out = rc == TP_OK && has_row ? (uint64_t)tp_stmt_int(s, 0) & TP_HUB_SEQ_MAX : 0;
    tp_stmt_done(s);
    return rc;
}

tp_rc tp_hub_missing_put(tp_hub_store *store, tp_name last, uint64_t count,
                         const uint8_t h[TP_SHA256_BYTES], tp_err *err)
{
    int64_t name = 0;
    tp_stmt *s = NULL;
    tp_rc rc = tp_hub_pack(store, last, &name, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(&store->tx, "INSERT INTO missing (last, count, h) VALUES (?, ?, ?)", &s,
                           err);
    }
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, name);
        tp_stmt_bind_int(s, 2, (int64_t)count);
        tp_stmt_bind_blob(s, 3, tp_slice_of(h, TP_SHA256_BYTES));
        rc = tp_stmt_run(s, err);
    }
    return rc;
}

tp_rc tp_hub_log_restamp(tp_hub_store *store, tp_name name, const tp_stamp *stamp, tp_err *err)
{
    tp_stmt *s = NULL;
    int64_t packed = tp_hub_pack_found(store, name);
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "UPDATE log SET number = ?, stamp_ms = ?, earliest_ms = ?,"
                             " latest_ms = ? WHERE name = ?",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, (int64_t)stamp->number);
    tp_stmt_bind_int(s, 2, stamp->ms);
    tp_stmt_bind_int(s, 3, stamp->earliest_ms);
    tp_stmt_bind_int(s, 4, stamp->latest_ms);
    tp_stmt_bind_int(s, 5, packed);
    rc = tp_stmt_run(s, err);
    return rc == TP_OK ? tp_hub_push_restamp(&store->tx, packed, err) : rc;
}

/* ---- Callers ---- */

static void read_caller(tp_stmt *s, tp_hub_caller *out)
{
    memset(out, 0, sizeof *out);
    tp_slice agency = tp_stmt_text(s, 1);
    tp_slice key = tp_stmt_blob(s, 2);
    out->id = (uint64_t)tp_stmt_int(s, 0);
    (void)snprintf(out->agency, sizeof out->agency, "%.*s", (int)agency.bytes,
                   (const char *)agency.at);
    if (key.bytes == sizeof out->key.point) {
        memcpy(out->key.point, key.at, key.bytes);
    }
    out->certificate_until_ms = tp_stmt_int(s, 3);
    out->called_ms = tp_stmt_int(s, 4);
}

tp_rc tp_hub_caller_put(tp_hub_store *store, const tp_hub_caller *caller, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "INSERT OR REPLACE INTO waiting (id, agency, public_key,"
                             " certificate_until_ms, called_ms) VALUES (?, ?, ?, ?, ?)",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, (int64_t)caller->id);
    tp_stmt_bind_str(s, 2, caller->agency);
    tp_stmt_bind_blob(s, 3, tp_slice_of(caller->key.point, sizeof caller->key.point));
    tp_stmt_bind_int(s, 4, caller->certificate_until_ms);
    tp_stmt_bind_int(s, 5, caller->called_ms);
    rc = tp_stmt_run(s, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(&store->tx,
                           "DELETE FROM waiting WHERE id NOT IN"
                           " (SELECT id FROM waiting ORDER BY called_ms DESC LIMIT ?)",
                           &s, err);
    }
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, TP_HUB_CALLERS_MAX);
        rc = tp_stmt_run(s, err);
    }
    return rc;
}

tp_rc tp_hub_callers(tp_hub_store *store, tp_hub_caller_visit visit, void *ctx, tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = true;
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "SELECT id, agency, public_key, certificate_until_ms, called_ms"
                             " FROM waiting ORDER BY called_ms, id",
                             &s, err);
    while (rc == TP_OK && has_row) {
        rc = tp_stmt_step(s, &has_row, err);
        if (rc == TP_OK && has_row) {
            tp_hub_caller caller;
            read_caller(s, &caller);
            rc = visit(ctx, &caller, err);
        }
    }
    tp_stmt_done(s);
    return rc;
}

tp_rc tp_hub_caller_take(tp_hub_store *store, uint64_t id, tp_hub_caller *caller_out, tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = false;
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "DELETE FROM waiting WHERE id = ? RETURNING id, agency, public_key,"
                             " certificate_until_ms, called_ms",
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, (int64_t)id);
        rc = tp_stmt_step(s, &has_row, err);
    }
    if (rc == TP_OK && !has_row) {
        rc = tp_fail(err, TP_NOTFOUND, "no such device has called");
    }
    if (rc == TP_OK) {
        read_caller(s, caller_out);
        rc = tp_stmt_step(s, &has_row, err); /* to its end: only then is it deleted */
    }
    return rc;
}
