/* Which help request has which code.
 *
 * A digest in place of the code, so that every lookup is of the same length and no search by a
 * beginning of a code can be written by mistake. */
#include "sync/hub/store_sqlite.h"

#include "platform/crypto/digest.h"

static tp_slice digest_of(tp_slice code, uint8_t room[TP_SHA256_BYTES])
{
    tp_sha256_of(code, room);
    return tp_slice_of(room, TP_SHA256_BYTES);
}

tp_rc tp_hub_request_code_put(tp_hub_store *store, tp_slice code, tp_name request, tp_err *err)
{
    uint8_t room[TP_SHA256_BYTES];
    int64_t packed = 0;
    tp_stmt *s = NULL;
    tp_rc rc = tp_hub_pack(store, request, &packed, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(&store->tx,
                           "INSERT INTO request_code (digest, request) VALUES (?, ?)"
                           " ON CONFLICT (digest) DO UPDATE SET request = excluded.request"
                           " WHERE (SELECT number FROM log WHERE name = request_code.request)"
                           " > (SELECT number FROM log WHERE name = excluded.request)",
                           &s, err);
    }
    if (rc == TP_OK) {
        tp_stmt_bind_blob(s, 1, digest_of(code, room));
        tp_stmt_bind_int(s, 2, packed);
        rc = tp_stmt_run(s, err);
    }
    return rc;
}

tp_rc tp_hub_request_code_find(tp_hub_store *store, tp_slice code, tp_name *request_out,
                               tp_err *err)
{
    uint8_t room[TP_SHA256_BYTES];
    bool has_row = false;
    tp_stmt *s = NULL;
    tp_rc rc =
        tp_tx_prepare(&store->tx, "SELECT request FROM request_code WHERE digest = ?", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_blob(s, 1, digest_of(code, room));
    rc = tp_stmt_step(s, &has_row, err);
    if (rc == TP_OK && has_row) {
        *request_out = tp_hub_unpack(store, tp_stmt_int(s, 0));
    }
    tp_stmt_done(s);
    return rc == TP_OK && !has_row ? tp_fail(err, TP_NOTFOUND, "no request has this code") : rc;
}
