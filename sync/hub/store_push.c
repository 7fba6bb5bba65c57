/* What devices signed, push by push.
 *
 * Of the stamps of a push the first 8 bytes of a SHA-256 are kept: over number, ms, earliest and
 * latest of each change in order, as 8 bytes each, big-endian.  A stamp decides which value is
 * shown, and nothing else would notice that one of them was altered. */
#include "sync/hub/store_sqlite.h"

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

void tp_hub_stamps_init(tp_sha256 *stamps)
{
    tp_sha256_init(stamps);
}

void tp_hub_stamps_add(tp_sha256 *stamps, const tp_stamp *stamp)
{
    uint8_t bytes[4 * 8];
    uint8_t *to = tp_digest_put_u64(bytes, stamp->number);
    to = tp_digest_put_u64(to, (uint64_t)stamp->ms);
    to = tp_digest_put_u64(to, (uint64_t)stamp->earliest_ms);
    tp_digest_put_u64(to, (uint64_t)stamp->latest_ms);
    tp_sha256_add(stamps, tp_slice_of(bytes, sizeof bytes));
}

void tp_hub_stamps_end(tp_sha256 *stamps, uint8_t out[TP_HUB_STAMPS_BYTES])
{
    uint8_t digest[TP_SHA256_BYTES];
    tp_sha256_end(stamps, digest);
    memcpy(out, digest, TP_HUB_STAMPS_BYTES);
}
