/* Devices as small numbers, and names as row ids. */
#include "sync/log/directory.h"
#include "sync/log/log_state.h"

#define SEQ_MAX ((UINT64_C(1) << TP_NAME_SEQ_BITS) - 1)

static tp_rc find_by_id(tp_log *log, tp_tx *tx, uint64_t id, tp_device_slot *slot_out, tp_err *err);
static tp_rc find_by_no(tp_log *log, tp_tx *tx, int64_t no, tp_device_slot *slot_out, tp_err *err);
static tp_rc add_device(tp_tx *tx, uint64_t id, int64_t *no_out, tp_err *err);
static tp_rc pack_found(tp_name name, int64_t no, tp_packed_name *packed_out, tp_err *err);
static void forget_if_undone(tp_log *log);

tp_rc tp_log_pack(tp_log *log, tp_tx *tx, tp_name name, tp_packed_name *packed_out, tp_err *err)
{
    if (tp_name_is_none(name)) {
        *packed_out = 0;
        return TP_OK;
    }
    tp_device_slot slot = {0};
    tp_rc rc = find_by_id(log, tx, name.device, &slot, err);
    if (rc == TP_OK && slot.no == 0) {
        rc = add_device(tx, name.device, &slot.no, err);
    }
    return rc == TP_OK ? pack_found(name, slot.no, packed_out, err) : rc;
}

tp_rc tp_log_pack_known(tp_log *log, tp_tx *tx, tp_name name, tp_packed_name *packed_out,
                        tp_err *err)
{
    if (tp_name_is_none(name)) {
        *packed_out = 0;
        return TP_OK;
    }
    tp_device_slot slot = {0};
    tp_rc rc = find_by_id(log, tx, name.device, &slot, err);
    if (rc == TP_OK && slot.no == 0) {
        return tp_fail(err, TP_NOTFOUND, "nothing is known of that device");
    }
    return rc == TP_OK ? pack_found(name, slot.no, packed_out, err) : rc;
}

tp_rc tp_log_unpack(tp_log *log, tp_tx *tx, tp_packed_name packed, tp_name *name_out, tp_err *err)
{
    tp_name name = {0, 0};
    if (packed != 0) {
        int64_t no = packed >> TP_NAME_SEQ_BITS;
        tp_device_slot slot = {0};
        tp_rc rc = find_by_no(log, tx, no, &slot, err);
        if (rc != TP_OK) {
            return rc;
        }
        if (slot.no == 0) {
            return tp_fail(err, TP_CORRUPT, "a name of device number %lld, which was never given",
                           (long long)no);
        }
        name.device = slot.id;
        name.seq = (uint64_t)packed & SEQ_MAX;
    }
    *name_out = name;
    return TP_OK;
}

tp_rc tp_log_devices(tp_log *log, tp_tx *tx, tp_log_each_device each, void *context, tp_err *err)
{
    (void)log;
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "SELECT id FROM device ORDER BY no", &s, err);
    bool row = false;
    while (rc == TP_OK) {
        rc = tp_stmt_step(s, &row, err);
        if (rc != TP_OK || !row) {
            return rc;
        }
        rc = each(context, (uint64_t)tp_stmt_int(s, 0), err);
    }
    tp_stmt_done(s);
    return rc;
}

tp_rc tp_log_agency_of(tp_log *log, tp_tx *tx, uint64_t device, const char **agency_out,
                       tp_err *err)
{
    tp_device_slot slot = {0};
    tp_rc rc = find_by_id(log, tx, device, &slot, err);
    if (rc == TP_OK && slot.no != 0 && slot.agency[0] == '\0') {
        log->by_id[device % TP_DEVICE_SLOTS].no = 0; /* another process may have learned it */
        rc = find_by_id(log, tx, device, &slot, err);
    }
    if (rc == TP_OK) {
        *agency_out = slot.no == 0 ? "" : slot.agency;
    }
    return rc;
}

void tp_log_forget_devices(tp_log *log)
{
    memset(log->by_id, 0, sizeof log->by_id);
    memset(log->by_no, 0, sizeof log->by_no);
}

/* Fills both places of a device that the statement stands at: id, no, agency. */
static tp_rc keep_slot(tp_log *log, tp_stmt *s, tp_device_slot *slot_out, tp_err *err)
{
    tp_device_slot slot = {(uint64_t)tp_stmt_int(s, 0), tp_stmt_int(s, 1), NULL};
    tp_rc rc = tp_log_intern(log, tp_stmt_text(s, 2), &slot.agency, err);
    tp_stmt_done(s);
    if (rc == TP_OK) {
        log->by_id[slot.id % TP_DEVICE_SLOTS] = slot;
        log->by_no[(uint64_t)slot.no % TP_DEVICE_SLOTS] = slot;
        *slot_out = slot;
    }
    return rc;
}

/* slot_out->no 0: never met. */
static tp_rc find_by_id(tp_log *log, tp_tx *tx, uint64_t id, tp_device_slot *slot_out, tp_err *err)
{
    forget_if_undone(log);
    const tp_device_slot *kept = &log->by_id[id % TP_DEVICE_SLOTS];
    if (kept->no != 0 && kept->id == id) {
        *slot_out = *kept;
        return TP_OK;
    }
    tp_stmt *s = NULL;
    bool row = false;
    tp_rc rc = tp_tx_prepare(tx, "SELECT id, no, agency FROM device WHERE id = ?", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, (int64_t)id);
        rc = tp_stmt_step(s, &row, err);
    }
    return rc == TP_OK && row ? keep_slot(log, s, slot_out, err) : rc;
}

static tp_rc find_by_no(tp_log *log, tp_tx *tx, int64_t no, tp_device_slot *slot_out, tp_err *err)
{
    forget_if_undone(log);
    const tp_device_slot *kept = &log->by_no[(uint64_t)no % TP_DEVICE_SLOTS];
    if (kept->no == no && no != 0) {
        *slot_out = *kept;
        return TP_OK;
    }
    tp_stmt *s = NULL;
    bool row = false;
    tp_rc rc = tp_tx_prepare(tx, "SELECT id, no, agency FROM device WHERE no = ?", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, no);
        rc = tp_stmt_step(s, &row, err);
    }
    return rc == TP_OK && row ? keep_slot(log, s, slot_out, err) : rc;
}

static tp_rc add_device(tp_tx *tx, uint64_t id, int64_t *no_out, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx,
                             "INSERT INTO device (no, id) SELECT coalesce(max(no), 0) + 1, ?1"
                             " FROM device WHERE no < 4194304", /* TP_DEVICE_OWN_FIRST */
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, (int64_t)id);
        rc = tp_stmt_run(s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    *no_out = tp_store_last_rowid(tx->store);
    if (*no_out >= TP_DEVICE_OWN_FIRST) {
        return tp_fail(err, TP_LIMIT, "more devices than this store can number");
    }
    return TP_OK;
}

static tp_rc pack_found(tp_name name, int64_t no, tp_packed_name *packed_out, tp_err *err)
{
    if (name.seq > SEQ_MAX) {
        return tp_fail(err, TP_INVALID, "a change with number %llu cannot be",
                       (unsigned long long)name.seq);
    }
    *packed_out = (tp_packed_name)((uint64_t)no << TP_NAME_SEQ_BITS | name.seq);
    return TP_OK;
}

/* Numbers given in a transaction that was undone may be given again to others. */
static void forget_if_undone(tp_log *log)
{
    uint64_t undone = tp_store_undone_count(log->store);
    if (undone != log->devices_undone) {
        tp_log_forget_devices(log);
        log->devices_undone = undone;
    }
}
