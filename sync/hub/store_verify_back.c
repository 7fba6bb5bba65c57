/* What a check finds otherwise where the hub went back: gaps, and changes before their time. */
#include "sync/hub/store_verify.h"

#include "platform/base/encode.h"
#include "platform/base/plural.h"

#include <inttypes.h>

bool tp_hub_verify_went_back(const tp_hub_verifying *v)
{
    return tp_hub_store_state(v->store)->number >= TP_NUMBERS_EACH;
}

/* "Change 83a1..-7 is" or "Changes 83a1..-7 to 12 are". */
static void say_gap(tp_hub_verifying *v, tp_name first, uint64_t last)
{
    char id[TP_HEX_ROOM(8)];
    tp_hex_encode_u64(first.device, id);
    if (first.seq == last) {
        tp_findings_add(&v->report->findings, "Change %s-%" PRIu64 " is missing", id, first.seq);
    } else {
        tp_findings_add(&v->report->findings, "Changes %s-%" PRIu64 " to %" PRIu64 " are missing",
                        id, first.seq, last);
    }
}

tp_rc tp_hub_verify_gap(tp_hub_verifying *v, uint32_t device, uint64_t first, uint64_t last,
                        tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = true;
    const int64_t base = (int64_t)((uint64_t)device << TP_HUB_SEQ_BITS);
    tp_name next = tp_hub_unpack(v->store, base + (int64_t)first);
    tp_rc rc = tp_tx_prepare(&v->store->tx,
                             "SELECT last - count + 1 - ?3, last - ?3 FROM missing"
                             " WHERE last >= ?1 AND last - count < ?2 ORDER BY last",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, base + (int64_t)first);
    tp_stmt_bind_int(s, 2, base + (int64_t)last);
    tp_stmt_bind_int(s, 3, base);
    while (rc == TP_OK && has_row) {
        rc = tp_stmt_step(s, &has_row, err);
        if (rc == TP_OK && has_row) {
            int64_t from = tp_stmt_int(s, 0);
            int64_t upto = tp_stmt_int(s, 1);
            if (from > (int64_t)next.seq) {
                say_gap(v, next, (uint64_t)from - 1);
            }
            next.seq = (uint64_t)upto + 1;
        }
    }
    tp_stmt_done(s);
    if (rc == TP_OK && next.seq <= last) {
        say_gap(v, next, last);
    }
    return rc;
}

tp_rc tp_hub_verify_is_handed(tp_hub_verifying *v, tp_name name, bool *is_handed_out, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&v->store->tx,
                             "SELECT (SELECT count(*) FROM ahead WHERE change = ?1)"
                             " + (SELECT count(*) FROM missing"
                             "    WHERE last >= ?1 AND last - count < ?1)",
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, tp_hub_pack_found(v->store, name));
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        *is_handed_out = tp_stmt_int(s, 0) != 0;
        tp_stmt_done(s);
    }
    return rc;
}

tp_rc tp_hub_verify_losses(tp_hub_verifying *v, tp_name last, uint64_t count, tp_err *err)
{
    char id[TP_HEX_ROOM(8)];
    tp_stmt *s = NULL;
    const int64_t upto = tp_hub_pack_found(v->store, last);
    tp_rc rc = tp_tx_prepare(&v->store->tx,
                             "SELECT (SELECT count(*) FROM log WHERE name BETWEEN ?1 AND ?2)"
                             " + (SELECT count(*) FROM quarantine WHERE name BETWEEN ?1 AND ?2)"
                             " + (SELECT count(*) FROM erased WHERE name BETWEEN ?1 AND ?2)",
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, upto - (int64_t)count + 1);
        tp_stmt_bind_int(s, 2, upto);
        rc = tp_stmt_first(s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    const uint64_t held = (uint64_t)tp_stmt_int(s, 0);
    tp_stmt_done(s);
    if (held < count) {
        tp_hex_encode_u64(last.device, id);
        v->report->lost += count - held;
        tp_findings_add(&v->report->losses,
                        "%" PRIu64 " %s of device %s, up to its change %" PRIu64
                        ", went with an earlier state of this hub, and nobody has handed %s since",
                        count - held, tp_plural(count - held, "change", "changes"), id, last.seq,
                        tp_plural(count - held, "it", "them"));
    }
    return TP_OK;
}
