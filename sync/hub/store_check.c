/* Is the store whole: by the database's own rules, and by what each device sent.
 *
 * SQLite's check sees that rows and indexes fit, not that the bytes in a row are those that were
 * written.  The chain does: h after a device's last change is kept beside the log and follows from
 * the bytes of every change the device ever sent. */
#include "sync/hub/store_sqlite.h"

#include "platform/base/alloc.h"
#include "platform/base/encode.h"
#include "schema/name_text.h"
#include "sync/wire/chain.h"
#include "sync/wire/change_bytes.h"

#include <inttypes.h>

typedef struct checking {
    tp_hub_store *store;
    tp_change *change;
    uint64_t received; /* by all devices */
} checking;

static tp_rc check_device(void *ctx, const tp_hub_device *device, tp_err *err);
static tp_rc check_count(checking *c, tp_err *err);

tp_rc tp_hub_store_check(tp_hub_store *store, tp_err *err)
{
    checking c = {.store = store, .change = tp_alloc(sizeof *c.change)};
    if (c.change == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory to read changes");
    }
    tp_rc rc = tp_store_check_integrity(store->sql, err);
    if (rc == TP_OK) {
        rc = tp_hub_store_begin_reading(store, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_devices(store, check_device, &c, err);
    }
    if (rc == TP_OK) {
        rc = check_count(&c, err);
    }
    tp_hub_store_rollback(store);
    tp_free(c.change);
    return rc;
}

static tp_rc fail_change(tp_name name, const char *what, tp_err *err)
{
    char text[TP_NAME_TEXT_BYTES];
    tp_name_print(name, text);
    return tp_fail(err, TP_CORRUPT, "the database is damaged: change %s %s", text, what);
}

/* The columns beside the bytes say what the bytes say; in quarantine there are none. */
static tp_rc check_columns(checking *c, tp_name name, tp_stmt *s, tp_err *err)
{
    tp_err why;
    if (tp_stmt_is_null(s, 1)) {
        return TP_OK;
    }
    int64_t record = tp_stmt_int(s, 1);
    tp_rc rc = tp_change_decode(name, tp_stmt_blob(s, 3), c->change, &why);
    if (rc == TP_NOMEM) {
        return tp_fail(err, TP_NOMEM, "no memory to read a change");
    }
    bool is_same =
        rc == TP_OK && c->change->entity == (uint32_t)tp_stmt_int(s, 2) &&
        tp_name_eq(c->change->record, record == 0 ? name : tp_hub_unpack(c->store, record));
    return is_same ? TP_OK : fail_change(name, "is not as it was received", err);
}

/* The next change of the device, in the log or in quarantine. */
static tp_rc check_change(checking *c, tp_name expected, tp_stmt *s, uint8_t h[TP_CHAIN_BYTES],
                          tp_err *err)
{
    tp_name name = tp_hub_unpack(c->store, tp_stmt_int(s, 0));
    if (!tp_name_eq(name, expected)) {
        return name.seq > expected.seq ? fail_change(expected, "is missing", err)
                                       : fail_change(name, "is there twice", err);
    }
    tp_chain_add(h, tp_stmt_blob(s, 3));
    return check_columns(c, name, s, err);
}

static tp_rc check_device(void *ctx, const tp_hub_device *device, tp_err *err)
{
    checking *c = ctx;
    uint8_t h[TP_CHAIN_BYTES];
    tp_stmt *s = NULL;
    bool has_row = true;
    tp_name last = {device->id, 0};
    uint64_t first = (uint64_t)tp_hub_device_find(c->store, device->id) << TP_HUB_SEQ_BITS;
    tp_chain_start(device->id, h);
    tp_rc rc = tp_tx_prepare(
        &c->store->tx,
        "SELECT name, record, entity, bytes FROM log WHERE name BETWEEN ?1 AND ?2 UNION ALL "
        "SELECT name, NULL, NULL, bytes FROM quarantine WHERE name BETWEEN ?1 AND ?2 ORDER BY 1",
        &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, (int64_t)first);
    tp_stmt_bind_int(s, 2, (int64_t)(first | TP_HUB_SEQ_MAX));
    while (rc == TP_OK && has_row) {
        rc = tp_stmt_step(s, &has_row, err);
        if (rc == TP_OK && has_row) {
            last.seq++;
            rc = check_change(c, last, s, h, err);
        }
    }
    tp_stmt_done(s);
    c->received += last.seq;
    if (rc == TP_OK && (last.seq != device->accepted || memcmp(h, device->h, sizeof h) != 0)) {
        char id[TP_HEX_ROOM(8)];
        tp_hex_encode_u64(device->id, id);
        rc = tp_fail(err, TP_CORRUPT,
                     "the database is damaged: the changes of device %s are not those it sent", id);
    }
    return rc;
}

/* Nothing is there of a device that was never enrolled. */
static tp_rc check_count(checking *c, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(
        &c->store->tx, "SELECT (SELECT count(*) FROM log) + (SELECT count(*) FROM quarantine)", &s,
        err);
    if (rc == TP_OK) {
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        uint64_t count = (uint64_t)tp_stmt_int(s, 0);
        tp_stmt_done(s);
        if (count != c->received) {
            rc = tp_fail(err, TP_CORRUPT,
                         "the database is damaged: %" PRIu64 " changes, %" PRIu64
                         " of them received",
                         count, c->received);
        }
    }
    return rc;
}
