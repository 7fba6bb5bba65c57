/* Devices, the eras of their clocks, the codes by which they enrol, and the ledger of what they
 * hold. */
#include "sync/hub/store_sqlite.h"

#define DEVICE_COLUMNS                                                                             \
    "id, agency, is_kiosk, label, public_key, certificate_until_ms, enrolled_ms, revoked_ms,"      \
    " last_sync_ms, last_stamp_ms, cursor, sent, receipt, accepted, h, came_from, came_from_seq,"  \
    " standing, told"

static tp_rc visit_devices(tp_stmt *s, tp_hub_device_visit visit, void *ctx, tp_err *err);
static void read_device(tp_stmt *s, tp_hub_device *device_out);
static void read_label(tp_slice text, char label_out[TP_HUB_LABEL_BYTES]);
static void read_bytes(tp_slice from, uint8_t *to, size_t bytes);

tp_rc tp_hub_device_get(tp_hub_store *store, uint64_t id, tp_hub_device *device_out, tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = false;
    tp_rc rc = tp_tx_prepare(
        &store->tx, "SELECT " DEVICE_COLUMNS " FROM device WHERE no = ? AND agency IS NOT NULL", &s,
        err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, tp_hub_device_find(store, id));
        rc = tp_stmt_step(s, &has_row, err);
    }
    if (rc == TP_OK && !has_row) {
        rc = tp_fail(err, TP_NOTFOUND, "this device is not enrolled here");
    }
    if (rc == TP_OK) {
        read_device(s, device_out);
        tp_stmt_done(s);
    }
    return rc;
}

tp_rc tp_hub_device_put(tp_hub_store *store, const tp_hub_device *device, tp_err *err)
{
    uint32_t no = 0;
    tp_stmt *s = NULL;
    tp_rc rc = tp_hub_device_number(store, device->id, &no, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(&store->tx,
                           "UPDATE device SET agency = ?, is_kiosk = ?, label = ?, public_key = ?,"
                           " certificate_until_ms = ?, enrolled_ms = ?, revoked_ms = ?,"
                           " last_sync_ms = ?, last_stamp_ms = ?, cursor = ?, sent = ?,"
                           " receipt = ?, accepted = ?, h = ?, came_from = ?, came_from_seq = ?,"
                           " standing = ?, told = ? WHERE no = ?",
                           &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, device->agency);
    tp_stmt_bind_int(s, 2, device->is_kiosk);
    tp_stmt_bind_str(s, 3, device->label);
    tp_stmt_bind_blob(s, 4, tp_slice_of(device->key.point, sizeof device->key.point));
    tp_stmt_bind_int(s, 5, device->certificate_until_ms);
    tp_stmt_bind_int(s, 6, device->enrolled_ms);
    tp_stmt_bind_int(s, 7, device->revoked_ms);
    tp_stmt_bind_int(s, 8, device->last_sync_ms);
    tp_stmt_bind_int(s, 9, device->last_stamp_ms);
    tp_stmt_bind_int(s, 10, (int64_t)device->cursor);
    tp_stmt_bind_int(s, 11, (int64_t)device->sent);
    tp_stmt_bind_int(s, 12, (int64_t)device->receipt);
    tp_stmt_bind_int(s, 13, (int64_t)device->accepted);
    tp_stmt_bind_blob(s, 14, tp_slice_of(device->h, sizeof device->h));
    tp_stmt_bind_int(s, 15, (int64_t)device->came_from);
    tp_stmt_bind_int(s, 16, (int64_t)device->came_from_seq);
    tp_stmt_bind_int(s, 17, device->standing);
    tp_stmt_bind_int(s, 18, (int64_t)device->told);
    tp_stmt_bind_int(s, 19, no);
    rc = tp_stmt_run(s, err);
    if (rc == TP_OK) {
        tp_hub_known_note(store, no, device);
    }
    return rc;
}

tp_rc tp_hub_devices(tp_hub_store *store, tp_hub_device_visit visit, void *ctx, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "SELECT " DEVICE_COLUMNS " FROM device WHERE agency IS NOT NULL"
                             " ORDER BY enrolled_ms, no",
                             &s, err);
    return rc == TP_OK ? visit_devices(s, visit, ctx, err) : rc;
}

static tp_rc visit_devices(tp_stmt *s, tp_hub_device_visit visit, void *ctx, tp_err *err)
{
    bool has_row = false;
    tp_rc rc = TP_OK;
    while (rc == TP_OK) {
        rc = tp_stmt_step(s, &has_row, err);
        if (rc != TP_OK || !has_row) {
            break;
        }
        tp_hub_device device;
        read_device(s, &device);
        rc = visit(ctx, &device, err);
    }
    tp_stmt_done(s);
    return rc;
}

/* ---- Where devices came from ---- */

tp_rc tp_hub_devices_from(tp_hub_store *store, uint64_t id, tp_hub_device_visit visit, void *ctx,
                          tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "WITH RECURSIVE copy (of) AS (VALUES (?1) UNION"
                             " SELECT d.id FROM device d JOIN copy ON d.came_from = copy.of)"
                             " SELECT " DEVICE_COLUMNS " FROM device JOIN copy ON id = of"
                             " WHERE agency IS NOT NULL AND id <> ?1 ORDER BY enrolled_ms, no",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, (int64_t)id);
    return visit_devices(s, visit, ctx, err);
}

tp_rc tp_hub_devices_forked(tp_hub_store *store, uint64_t id, int64_t since_ms, uint32_t *count_out,
                            tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "WITH RECURSIVE"
                             " before (id) AS (VALUES (?1) UNION SELECT d.came_from FROM device d"
                             "  JOIN before ON d.id = before.id WHERE d.came_from <> 0),"
                             " family (id) AS (SELECT id FROM before UNION"
                             "  SELECT d.id FROM device d JOIN family ON d.came_from = family.id)"
                             " SELECT count(*) FROM device JOIN family USING (id)"
                             " WHERE came_from <> 0 AND enrolled_ms > ?2",
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, (int64_t)id);
        tp_stmt_bind_int(s, 2, since_ms);
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        *count_out = (uint32_t)tp_stmt_int(s, 0);
        tp_stmt_done(s);
    }
    return rc;
}

tp_rc tp_hub_device_wrote(tp_hub_store *store, const tp_hub_device *device, tp_name name,
                          bool *wrote_out, tp_err *err)
{
    tp_stmt *s = NULL;
    *wrote_out = name.device == device->id;
    if (*wrote_out || device->came_from == 0) {
        return TP_OK;
    }
    tp_rc rc = tp_tx_prepare(&store->tx, "SELECT ?2 IN " TP_HUB_LINE, &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, tp_hub_device_find(store, device->id));
        tp_stmt_bind_int(s, 2, tp_hub_device_find(store, name.device));
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        *wrote_out = tp_stmt_int(s, 0) != 0;
        tp_stmt_done(s);
    }
    return rc;
}

/* ---- Eras ---- */

tp_rc tp_hub_eras_get(tp_hub_store *store, uint64_t device, tp_era *eras, size_t max,
                      size_t *count_out, tp_err *err)
{
    tp_stmt *s = NULL;
    size_t count = 0;
    tp_rc rc =
        tp_tx_prepare(&store->tx,
                      "SELECT * FROM (SELECT era, boot, first_up_ms, first_skew_ms,"
                      " last_up_ms, last_skew_ms, is_compared, offset_ms, wall_ahead_ms,"
                      " start FROM era WHERE device = ? ORDER BY era DESC LIMIT ?) ORDER BY era",
                      &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, tp_hub_device_find(store, device));
    tp_stmt_bind_int(s, 2, (int64_t)max);
    for (;;) {
        bool has_row = false;
        rc = tp_stmt_step(s, &has_row, err);
        if (rc != TP_OK) {
            return rc;
        }
        if (!has_row) {
            *count_out = count;
            return TP_OK;
        }
        tp_era *era = &eras[count++];
        era->era = (uint32_t)tp_stmt_int(s, 0);
        era->boot = (uint32_t)tp_stmt_int(s, 1);
        era->first_up_ms = tp_stmt_int(s, 2);
        era->first_skew_ms = tp_stmt_int(s, 3);
        era->last_up_ms = tp_stmt_int(s, 4);
        era->last_skew_ms = tp_stmt_int(s, 5);
        era->is_compared = tp_stmt_int(s, 6) != 0;
        era->offset_ms = tp_stmt_int(s, 7);
        era->wall_ahead_ms = tp_stmt_int(s, 8);
        era->start = (uint32_t)tp_stmt_int(s, 9);
    }
}

tp_rc tp_hub_era_put(tp_hub_store *store, uint64_t device, const tp_era *era, tp_err *err)
{
    uint32_t no = 0;
    tp_stmt *s = NULL;
    tp_rc rc = tp_hub_device_number(store, device, &no, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(&store->tx,
                           "INSERT OR REPLACE INTO era (device, era, boot, first_up_ms,"
                           " first_skew_ms, last_up_ms, last_skew_ms, is_compared, offset_ms,"
                           " wall_ahead_ms, start) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                           &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, no);
    tp_stmt_bind_int(s, 2, era->era);
    tp_stmt_bind_int(s, 3, era->boot);
    tp_stmt_bind_int(s, 4, era->first_up_ms);
    tp_stmt_bind_int(s, 5, era->first_skew_ms);
    tp_stmt_bind_int(s, 6, era->last_up_ms);
    tp_stmt_bind_int(s, 7, era->last_skew_ms);
    tp_stmt_bind_int(s, 8, era->is_compared);
    tp_stmt_bind_int(s, 9, era->offset_ms);
    tp_stmt_bind_int(s, 10, era->wall_ahead_ms);
    tp_stmt_bind_int(s, 11, era->start);
    return tp_stmt_run(s, err);
}

tp_rc tp_hub_eras_remove(tp_hub_store *store, uint64_t device, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&store->tx, "DELETE FROM era WHERE device = ?", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, tp_hub_device_find(store, device));
    return tp_stmt_run(s, err);
}

/* ---- Enrolment codes ---- */

tp_rc tp_hub_code_put(tp_hub_store *store, const tp_hub_code *code, int64_t now_ms, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(&store->tx, "DELETE FROM code WHERE ends_ms <= ?", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, now_ms);
        rc = tp_stmt_run(s, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_prepare(&store->tx,
                           "INSERT INTO code (digest, agency, is_kiosk, label, ends_ms)"
                           " VALUES (?, ?, ?, ?, ?)",
                           &s, err);
    }
    if (rc == TP_OK) {
        tp_stmt_bind_blob(s, 1, tp_slice_of(code->digest, sizeof code->digest));
        tp_stmt_bind_int(s, 2, code->agency);
        tp_stmt_bind_int(s, 3, code->is_kiosk);
        tp_stmt_bind_str(s, 4, code->label);
        tp_stmt_bind_int(s, 5, code->ends_ms);
        rc = tp_stmt_run(s, err);
    }
    return rc;
}

tp_rc tp_hub_code_take(tp_hub_store *store, const uint8_t digest[TP_SHA256_BYTES], uint64_t device,
                       int64_t now_ms, tp_hub_code *code_out, tp_err *err)
{
    tp_stmt *s = NULL;
    bool has_row = false;
    tp_rc rc = tp_tx_prepare(&store->tx,
                             "UPDATE code SET used_by = ?3 WHERE digest = ?1 AND ends_ms > ?2"
                             " AND used_by IN (0, ?3)"
                             " RETURNING agency, is_kiosk, label, ends_ms",
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_blob(s, 1, tp_slice_of(digest, TP_SHA256_BYTES));
        tp_stmt_bind_int(s, 2, now_ms);
        tp_stmt_bind_int(s, 3, (int64_t)device);
        rc = tp_stmt_step(s, &has_row, err);
    }
    if (rc == TP_OK && !has_row) {
        rc = tp_fail(err, TP_NOTFOUND, "no such code");
    }
    if (rc == TP_OK) {
        memcpy(code_out->digest, digest, TP_SHA256_BYTES);
        code_out->agency = (uint16_t)tp_stmt_int(s, 0);
        code_out->is_kiosk = tp_stmt_int(s, 1) != 0;
        read_label(tp_stmt_text(s, 2), code_out->label);
        code_out->ends_ms = tp_stmt_int(s, 3);
        rc = tp_stmt_step(s, &has_row, err); /* to its end: only then is it taken */
    }
    return rc;
}

/* ---- The ledger ---- */

static tp_rc visit_holdings_of(tp_hub_store *store, tp_name person, const tp_hub_device *device,
                               tp_hub_holding_visit visit, void *ctx, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(
        &store->tx,
        "SELECT log.name, log.record, log.entity, log.name >> 40 IN " TP_HUB_LINE
        ", feed.is_held FROM log JOIN feed ON feed.change BETWEEN log.name & -32 AND log.name"
        " AND feed.change + feed.count > log.name AND feed.at >> 44 = ?2"
        " WHERE log.person = ?3 AND (log.name >> 40 IN " TP_HUB_LINE " OR " TP_HUB_FIRST_POSITION
        " <= ?4)"
        " AND (feed.is_held = 1 OR feed.at & 17592186044415 > ?5) ORDER BY log.name",
        &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, tp_hub_device_find(store, device->id));
    tp_stmt_bind_int(s, 2, device->agency);
    tp_stmt_bind_int(s, 3, tp_hub_pack_found(store, person));
    tp_stmt_bind_int(s, 4, (int64_t)device->sent);
    tp_stmt_bind_int(s, 5, (int64_t)device->receipt);
    for (;;) {
        bool has_row = false;
        rc = tp_stmt_step(s, &has_row, err);
        if (rc != TP_OK || !has_row) {
            return rc;
        }
        tp_hub_holding holding = {
            .device = device,
            .name = tp_hub_unpack(store, tp_stmt_int(s, 0)),
            .record = tp_hub_unpack(store, tp_stmt_int(s, tp_stmt_int(s, 1) == 0 ? 0 : 1)),
            .entity = (uint32_t)tp_stmt_int(s, 2),
            .is_own = tp_stmt_int(s, 3) != 0,
            .is_to_give = tp_stmt_int(s, 4) == 0};
        rc = visit(ctx, &holding, err);
        if (rc != TP_OK) {
            tp_stmt_done(s);
            return rc;
        }
    }
}

typedef struct holdings_walk {
    tp_hub_store *store;
    tp_name person;
    tp_hub_holding_visit visit;
    void *ctx;
} holdings_walk;

/* A kiosk is sent nothing and keeps nothing that the hub has accepted. */
static tp_rc visit_holder(void *ctx, const tp_hub_device *device, tp_err *err)
{
    const holdings_walk *walk = ctx;
    if (device->is_kiosk) {
        return TP_OK;
    }
    return visit_holdings_of(walk->store, walk->person, device, walk->visit, walk->ctx, err);
}

tp_rc tp_hub_holdings(tp_hub_store *store, tp_name person, tp_hub_holding_visit visit, void *ctx,
                      tp_err *err)
{
    holdings_walk walk = {store, person, visit, ctx};
    if (tp_name_is_none(person)) {
        return TP_OK;
    }
    return tp_hub_devices(store, visit_holder, &walk, err);
}

/* ---- Reading rows ---- */

static void read_device(tp_stmt *s, tp_hub_device *device_out)
{
    device_out->id = (uint64_t)tp_stmt_int(s, 0);
    device_out->agency = (uint16_t)tp_stmt_int(s, 1);
    device_out->is_kiosk = tp_stmt_int(s, 2) != 0;
    read_label(tp_stmt_text(s, 3), device_out->label);
    read_bytes(tp_stmt_blob(s, 4), device_out->key.point, sizeof device_out->key.point);
    device_out->certificate_until_ms = tp_stmt_int(s, 5);
    device_out->enrolled_ms = tp_stmt_int(s, 6);
    device_out->revoked_ms = tp_stmt_int(s, 7);
    device_out->last_sync_ms = tp_stmt_int(s, 8);
    device_out->last_stamp_ms = tp_stmt_int(s, 9);
    device_out->cursor = (uint64_t)tp_stmt_int(s, 10);
    device_out->sent = (uint64_t)tp_stmt_int(s, 11);
    device_out->receipt = (uint64_t)tp_stmt_int(s, 12);
    device_out->accepted = (uint64_t)tp_stmt_int(s, 13);
    read_bytes(tp_stmt_blob(s, 14), device_out->h, sizeof device_out->h);
    device_out->came_from = (uint64_t)tp_stmt_int(s, 15);
    device_out->came_from_seq = (uint64_t)tp_stmt_int(s, 16);
    device_out->standing = (tp_hub_standing)tp_stmt_int(s, 17);
    device_out->told = (uint64_t)tp_stmt_int(s, 18);
}

static void read_label(tp_slice text, char label_out[TP_HUB_LABEL_BYTES])
{
    size_t n = text.bytes < TP_HUB_LABEL_BYTES ? text.bytes : TP_HUB_LABEL_BYTES - 1;
    if (n > 0) {
        memcpy(label_out, text.at, n);
    }
    label_out[n] = '\0';
}

static void read_bytes(tp_slice from, uint8_t *to, size_t bytes)
{
    memset(to, 0, bytes);
    if (from.bytes == bytes) {
        memcpy(to, from.at, bytes);
    }
}
