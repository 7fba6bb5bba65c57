/* What devices signed, push by push.
 *
 * Of the stamps of a push a digest is kept: a stamp decides which value is shown, and nothing else
 * would notice that one of them was altered. */
#include "sync/hub/store_sqlite.h"

#include "sync/wire/chain.h"

tp_rc tp_hub_push_put(tp_hub_store *store, const tp_hub_push *push, tp_err *err)
{
    int64_t last = 0;
    tp_stmt *s = NULL;
    tp_rc rc = tp_hub_pack(store, push->last, &last, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(
            &store->tx,
            "INSERT INTO push (last, count, h, signature, stamps) VALUES (?, ?, ?, ?, ?)", &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, last);
    tp_stmt_bind_int(s, 2, (int64_t)push->count);
    tp_stmt_bind_blob(s, 3, tp_slice_of(push->h, sizeof push->h));
    tp_stmt_bind_blob(s, 4, tp_slice_of(push->signature, sizeof push->signature));
    tp_stmt_bind_blob(s, 5, tp_slice_of(push->stamps, sizeof push->stamps));
    return tp_stmt_run(s, err);
}

/* Where the chain is known before a change: at the end of the push before its own, or at the
 * beginning.  *known_out false: of what stands there no push was kept. */
static tp_rc find_known(tp_hub_store *store, int64_t upto, int64_t *at_out,
                        uint8_t h_out[TP_SHA256_BYTES], bool *known_out, tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = false;
    const int64_t base = upto >> TP_HUB_SEQ_BITS << TP_HUB_SEQ_BITS;
    tp_rc rc =
        tp_tx_prepare(&store->tx,
                      "SELECT last, h, 0 FROM push WHERE last BETWEEN ?1 AND ?2 UNION ALL "
                      "SELECT last, h, 0 FROM missing WHERE last BETWEEN ?1 AND ?2 UNION ALL "
                      "SELECT ?1, NULL, unsigned FROM device WHERE no = ?3 ORDER BY 1 DESC LIMIT 1",
                      &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, base);
        tp_stmt_bind_int(s, 2, upto);
        tp_stmt_bind_int(s, 3, upto >> TP_HUB_SEQ_BITS);
        rc = tp_stmt_step(s, &has_row, err);
    }
    if (rc != TP_OK || !has_row) {
        return rc;
    }
    *at_out = tp_stmt_int(s, 0);
    *known_out = tp_stmt_int(s, 2) == 0;
    const tp_slice h = tp_stmt_blob(s, 1);
    if (*at_out == base) {
        tp_chain_start(tp_hub_unpack(store, upto).device, h_out);
    } else if (h.bytes == TP_SHA256_BYTES) {
        memcpy(h_out, h.at, TP_SHA256_BYTES);
    } else {
        *known_out = false;
    }
    tp_stmt_done(s);
    return TP_OK;
}

/* One more change; of one that was erased the chain after it is kept. */
static bool add_change(tp_stmt *s, int64_t next, uint8_t h[TP_SHA256_BYTES])
{
    const tp_slice after = tp_stmt_blob(s, 2);
    if (tp_stmt_int(s, 0) != next) {
        return false;
    }
    if (!tp_stmt_is_null(s, 1)) {
        tp_chain_add(h, tp_stmt_blob(s, 1));
    } else if (after.bytes == TP_SHA256_BYTES) {
        memcpy(h, after.at, TP_SHA256_BYTES);
    } else {
        return false;
    }
    return true;
}

tp_rc tp_hub_chain_at(tp_hub_store *store, tp_name upto, uint8_t h_out[TP_SHA256_BYTES],
                      bool *known_out, tp_err *err)
{
    const int64_t last = tp_hub_pack_found(store, upto);
    int64_t at = 0;
    tp_stmt *s = NULL;
    bool has_row = true;
    *known_out = false;
    tp_rc rc = last == 0 ? TP_OK : find_known(store, last, &at, h_out, known_out, err);
    if (rc == TP_OK && *known_out) {
        rc = tp_tx_prepare(&store->tx,
                           "SELECT name, bytes, NULL FROM log WHERE name > ?1 AND name <= ?2"
                           " UNION ALL SELECT name, bytes, NULL FROM quarantine"
                           " WHERE name > ?1 AND name <= ?2 UNION ALL "
                           "SELECT name, NULL, after FROM erased WHERE name > ?1 AND name <= ?2"
                           " ORDER BY 1",
                           &s, err);
    }
    if (rc != TP_OK || !*known_out) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, at);
    tp_stmt_bind_int(s, 2, last);
    while (rc == TP_OK && *known_out && has_row) {
        rc = tp_stmt_step(s, &has_row, err);
        if (rc == TP_OK && has_row) {
            *known_out = add_change(s, ++at, h_out);
        }
    }
    tp_stmt_done(s);
    *known_out = *known_out && at == last;
    return rc;
}

/* ---- Their stamps ---- */

/* Of names first..last, in the log, in quarantine or erased. */
static tp_rc digest_stamps(tp_tx *tx, int64_t first, int64_t last,
                           uint8_t out[TP_STAMPS_DIGEST_BYTES], tp_err *err)
{
    tp_sha256 stamps;
    tp_stmt *s = NULL;
    bool has_row = true;
    tp_stamps_digest_init(&stamps);
    tp_rc rc = tp_tx_prepare(tx,
                             "SELECT name, number, stamp_ms, earliest_ms, latest_ms FROM log"
                             " WHERE name BETWEEN ?1 AND ?2 UNION ALL "
                             "SELECT name, number, stamp_ms, earliest_ms, latest_ms FROM quarantine"
                             " WHERE name BETWEEN ?1 AND ?2 UNION ALL "
                             "SELECT name, number, stamp_ms, earliest_ms, latest_ms FROM erased"
                             " WHERE name BETWEEN ?1 AND ?2 ORDER BY 1",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, first);
    tp_stmt_bind_int(s, 2, last);
    while (rc == TP_OK && has_row) {
        rc = tp_stmt_step(s, &has_row, err);
        if (rc == TP_OK && has_row) {
            tp_stamp stamp = {.ms = tp_stmt_int(s, 2),
                              .earliest_ms = tp_stmt_int(s, 3),
                              .latest_ms = tp_stmt_int(s, 4),
                              .number = (uint64_t)tp_stmt_int(s, 1)};
            tp_stamps_digest_add(&stamps, &stamp);
        }
    }
    tp_stmt_done(s);
    tp_stamps_digest_end(&stamps, out);
    return rc;
}

static tp_rc restamp(tp_tx *tx, int64_t last, int64_t count, tp_err *err)
{
    uint8_t digest[TP_STAMPS_DIGEST_BYTES];
    tp_stmt *s = NULL;
    tp_rc rc = digest_stamps(tx, last - count + 1, last, digest, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx, "UPDATE push SET stamps = ? WHERE last = ?", &s, err);
    }
    if (rc == TP_OK) {
        tp_stmt_bind_blob(s, 1, tp_slice_of(digest, sizeof digest));
        tp_stmt_bind_int(s, 2, last);
        rc = tp_stmt_run(s, err);
    }
    return rc;
}

tp_rc tp_hub_push_restamp(tp_tx *tx, int64_t name, tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = false;
    tp_rc rc = tp_tx_prepare(tx,
                             "SELECT last, count FROM push WHERE last >= ?1"
                             " AND last - count < ?1 ORDER BY last LIMIT 1",
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, name);
        rc = tp_stmt_step(s, &has_row, err);
    }
    if (rc != TP_OK || !has_row) {
        return rc;
    }
    const int64_t last = tp_stmt_int(s, 0);
    const int64_t count = tp_stmt_int(s, 1);
    tp_stmt_done(s);
    return restamp(tx, last, count, err);
}

/* Of what is in quarantine without bounds under names first..last nobody can say what they were. */
static tp_rc bound(tp_tx *tx, int64_t first, int64_t last, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx,
                             "UPDATE quarantine SET earliest_ms = ?3,"
                             " latest_ms = max(?3, stamp_ms, received_ms)"
                             " WHERE name BETWEEN ?1 AND ?2 AND latest_ms = 0",
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, first);
        tp_stmt_bind_int(s, 2, last);
        tp_stmt_bind_int(s, 3, TP_STAMP_EARLIEST_MS);
        rc = tp_stmt_run(s, err);
    }
    return rc;
}

/* Where the digest did not fit before something is damaged, and that is to be found still. */
static tp_rc bound_push(tp_tx *tx, int64_t last, int64_t count, tp_slice stamps, tp_err *err)
{
    uint8_t before[TP_STAMPS_DIGEST_BYTES];
    tp_rc rc = digest_stamps(tx, last - count + 1, last, before, err);
    const bool fits = rc == TP_OK && tp_slice_eq(stamps, tp_slice_of(before, sizeof before));
    if (rc == TP_OK) {
        rc = bound(tx, last - count + 1, last, err);
    }
    return rc == TP_OK && fits ? restamp(tx, last, count, err) : rc;
}

tp_rc tp_hub_quarantine_bound(tp_tx *tx, tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = true;
    tp_rc rc = tp_tx_prepare(tx,
                             "SELECT last, count, stamps FROM push WHERE EXISTS (SELECT 1"
                             " FROM quarantine WHERE name > last - count AND name <= last)",
                             &s, err);
    while (rc == TP_OK && has_row) {
        rc = tp_stmt_step(s, &has_row, err);
        if (rc == TP_OK && has_row) {
            rc = bound_push(tx, tp_stmt_int(s, 0), tp_stmt_int(s, 1), tp_stmt_blob(s, 2), err);
        }
    }
    tp_stmt_done(s);
    return rc == TP_OK ? bound(tx, 0, INT64_MAX, err) : rc;
}
