/* Agencies and agreements, as the hub last said. */
#include "sync/log/directory.h"

#include "sync/log/log_state.h"

static tp_rc put_agreement(tp_tx *tx, tp_slice agency, const tp_agreement *agreement, tp_err *err);

tp_rc tp_log_directory_begin(tp_log *log, tp_tx *tx, uint64_t version, tp_err *err)
{
    (void)log;
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_exec(tx, "DELETE FROM agreement; DELETE FROM agency;", err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx, "UPDATE log_state SET directory = ?", &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, (int64_t)version);
    return tp_stmt_run(s, err);
}

tp_rc tp_log_directory_put_agency(tp_log *log, tp_tx *tx, const tp_directory_agency *agency,
                                  tp_err *err)
{
    (void)log;
    if (agency->id.bytes == 0 || agency->id.bytes > TP_AGENCY_BYTES_MAX) {
        return tp_fail(err, TP_INVALID, "an agency in the directory has no proper id");
    }
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx,
                             "INSERT INTO agency (id, label) SELECT ?1, ?2"
                             " WHERE (SELECT count(*) FROM agency) < ?3",
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_text(s, 1, agency->id);
        tp_stmt_bind_text(s, 2, agency->label);
        tp_stmt_bind_int(s, 3, TP_AGENCIES_MAX);
        rc = tp_stmt_run(s, err);
    }
    if (rc == TP_OK && tp_store_changes(tx->store) == 0) {
        return tp_fail(err, TP_LIMIT, "more than %u agencies in the directory", TP_AGENCIES_MAX);
    }
    for (uint32_t i = 0; rc == TP_OK && i < agency->agreements_count; i++) {
        rc = put_agreement(tx, agency->id, &agency->agreements[i], err);
    }
    return rc;
}

static tp_rc put_agreement(tp_tx *tx, tp_slice agency, const tp_agreement *agreement, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(
        tx, "INSERT OR REPLACE INTO agreement (agency, from_ms, until_ms) VALUES (?, ?, ?)", &s,
        err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_text(s, 1, agency);
    tp_stmt_bind_int(s, 2, agreement->from_ms);
    if (agreement->is_open) {
        tp_stmt_bind_null(s, 3);
    } else {
        tp_stmt_bind_int(s, 3, agreement->until_ms);
    }
    return tp_stmt_run(s, err);
}

tp_rc tp_log_directory_put_device(tp_log *log, tp_tx *tx, const tp_directory_device *device,
                                  tp_err *err)
{
    const char *held = "";
    tp_stmt *s = NULL;
    if (device->device == 0 || device->agency.bytes == 0 ||
        device->agency.bytes > TP_AGENCY_BYTES_MAX) {
        return tp_fail(err, TP_INVALID, "a device in the directory has no proper agency");
    }
    tp_rc rc = tp_log_agency_of(log, tx, device->device, &held, err);
    if (rc != TP_OK || tp_slice_is(device->agency, held)) {
        return rc;
    }
    if (held[0] != '\0') {
        return tp_fail(err, TP_INVALID, "the directory moves a device to another agency");
    }
    tp_packed_name packed = 0; /* gives the device its number */
    rc = tp_log_pack(log, tx, (tp_name){device->device, 1}, &packed, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx, "UPDATE device SET agency = ?2 WHERE id = ?1", &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, (int64_t)device->device);
    tp_stmt_bind_text(s, 2, device->agency);
    rc = tp_stmt_run(s, err);
    tp_log_forget_devices(log);
    return rc;
}

tp_rc tp_log_is_of_own_agency(tp_log *log, tp_tx *tx, tp_name name, bool *is_own_out, tp_err *err)
{
    tp_packed_name packed = 0;
    tp_stmt *s = NULL;
    tp_err unknown;
    *is_own_out = false;
    tp_rc rc = tp_log_pack_known(log, tx, name, &packed, &unknown);
    if (rc == TP_NOTFOUND) {
        return TP_OK;
    }
    if (rc != TP_OK) {
        *err = unknown;
        return rc;
    }
    rc = tp_tx_prepare(tx,
                       "SELECT EXISTS (SELECT 1 FROM log l JOIN device a ON a.no = l.id >> 40"
                       " JOIN device c ON c.no = coalesce(l.record, l.id) >> 40"
                       " WHERE l.id = ?1 AND a.agency = ?2 AND c.agency = ?2)",
                       &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, packed);
        tp_stmt_bind_str(s, 2, tp_log_agency(log));
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        *is_own_out = tp_stmt_int(s, 0) != 0;
        tp_stmt_done(s);
    }
    return rc;
}

tp_rc tp_log_directory_version(tp_log *log, tp_tx *tx, uint64_t *version_out, tp_err *err)
{
    (void)log;
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "SELECT directory FROM log_state", &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        *version_out = (uint64_t)tp_stmt_int(s, 0);
        tp_stmt_done(s);
    }
    return rc;
}

static void take_agreement(tp_stmt *s, tp_directory_agency *agency)
{
    if (tp_stmt_is_null(s, 2) || agency->agreements_count == TP_AGREEMENTS_MAX) {
        return;
    }
    tp_agreement *agreement = &agency->agreements[agency->agreements_count++];
    agreement->from_ms = tp_stmt_int(s, 2);
    agreement->is_open = tp_stmt_is_null(s, 3);
    agreement->until_ms = tp_stmt_int(s, 3);
}

tp_rc tp_log_agencies(tp_log *log, tp_tx *tx, tp_log_each_agency each, void *context, tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_row = false;
    tp_directory_agency agency = {{NULL, 0}, {NULL, 0}, 0, {{0, 0, false}}};
    const char *id = NULL; /* of the agency in the making; interned, so a pointer tells */
    tp_rc rc = tp_tx_prepare(tx,
                             "SELECT a.id, a.label, g.from_ms, g.until_ms FROM agency a"
                             " LEFT JOIN agreement g ON g.agency = a.id ORDER BY a.id, g.from_ms",
                             &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_step(s, &is_row, err);
    }
    while (rc == TP_OK && is_row) {
        const char *row_id = NULL;
        const char *label = NULL;
        rc = tp_log_intern(log, tp_stmt_text(s, 0), &row_id, err);
        if (rc == TP_OK) {
            rc = tp_log_intern(log, tp_stmt_text(s, 1), &label, err);
        }
        if (rc == TP_OK && row_id != id) {
            rc = id == NULL ? TP_OK : each(context, &agency, err);
            id = row_id;
            agency.id = tp_slice_str(id);
            agency.label = tp_slice_str(label);
            agency.agreements_count = 0;
        }
        if (rc == TP_OK) {
            take_agreement(s, &agency);
            rc = tp_stmt_step(s, &is_row, err);
        }
    }
    if (s != NULL) {
        tp_stmt_done(s);
    }
    return rc == TP_OK && id != NULL ? each(context, &agency, err) : rc;
}

tp_rc tp_log_agency_label(tp_log *log, tp_tx *tx, const char *agency, const char **label_out,
                          tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_row = false;
    tp_slice label = tp_slice_str(agency);
    tp_rc rc = tp_tx_prepare(tx, "SELECT label FROM agency WHERE id = ? AND label <> ''", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_str(s, 1, agency);
        rc = tp_stmt_step(s, &is_row, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    if (is_row) {
        label = tp_stmt_text(s, 0);
    }
    rc = tp_log_intern(log, label, label_out, err);
    tp_stmt_done(s);
    return rc;
}

tp_rc tp_log_is_under_agreement(tp_log *log, tp_tx *tx, tp_slice agency, int64_t at_ms,
                                bool *is_under_out, tp_err *err)
{
    (void)log;
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx,
                             "SELECT EXISTS (SELECT 1 FROM agreement WHERE agency = ?1"
                             " AND from_ms <= ?2 AND (until_ms IS NULL OR until_ms > ?2))",
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_text(s, 1, agency);
        tp_stmt_bind_int(s, 2, at_ms);
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        *is_under_out = tp_stmt_int(s, 0) != 0;
        tp_stmt_done(s);
    }
    return rc;
}
