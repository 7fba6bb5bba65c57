/* Persons that consent events name: what was said on a joined page stays on each record of it, also
 * after they are told apart. */
#include "node/view/view_state.h"

enum { NAMED_MAX = TP_CONSENT_EVENTS_MAX };

static tp_rc put_one(tp_view *view, tp_tx *tx, tp_packed_name record, tp_name person, tp_err *err)
{
    tp_packed_name packed = 0;
    tp_stmt *s = NULL;
    tp_rc rc = tp_log_pack(view->log, tx, person, &packed, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx, "INSERT OR IGNORE INTO consent_named (person, record) VALUES (?, ?)",
                           &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, packed);
    tp_stmt_bind_int(s, 2, record);
    return tp_stmt_run(s, err);
}

tp_rc tp_named_put(tp_view *view, tp_tx *tx, const tp_loaded *loaded, tp_err *err)
{
    tp_value persons;
    bool has_persons = false;
    tp_packed_name record = 0;
    tp_err unread = {0};
    if (loaded->record.count == 0 || loaded->record.changes[0].is_stub) {
        return tp_named_remove(view, tx, loaded->record.name, err);
    }
    if (tp_loaded_shown(loaded, TP_CONSENT_PERSONS, &persons, &has_persons, &unread) != TP_OK ||
        !has_persons) {
        return TP_OK;
    }
    tp_rc rc = tp_log_pack(view->log, tx, loaded->record.name, &record, err);
    for (uint32_t i = 0; rc == TP_OK && i < persons.names_count; i++) {
        if (!tp_name_eq(persons.names[i], loaded->person)) {
            rc = put_one(view, tx, record, persons.names[i], err);
        }
    }
    return rc;
}

tp_rc tp_named_remove(tp_view *view, tp_tx *tx, tp_name record, tp_err *err)
{
    tp_packed_name packed = 0;
    tp_stmt *s = NULL;
    tp_rc rc = tp_log_pack(view->log, tx, record, &packed, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx, "DELETE FROM consent_named WHERE record = ?", &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, packed);
    return tp_stmt_run(s, err);
}

tp_rc tp_named_clear(tp_tx *tx, tp_err *err)
{
    return tp_tx_exec(tx, "DELETE FROM consent_named", err);
}

tp_rc tp_named_all(tp_view *view, tp_tx *tx, tp_name person, tp_arena *arena,
                   const tp_name **records_out, uint32_t *count_out, tp_err *err)
{
    tp_packed_name packed = 0;
    tp_stmt *s = NULL;
    bool is_row = false;
    tp_buf records;
    tp_slice copy = {NULL, 0};
    tp_err unmet = {0};
    *records_out = NULL;
    *count_out = 0;
    tp_rc rc = tp_log_pack_known(view->log, tx, person, &packed, &unmet);
    if (rc != TP_OK) {
        return rc == TP_NOTFOUND ? TP_OK : (*err = unmet, rc);
    }
    tp_buf_init(&records, NAMED_MAX * sizeof(tp_name));
    rc = tp_tx_prepare(tx, "SELECT record FROM consent_named WHERE person = ?", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, packed);
        rc = tp_stmt_step(s, &is_row, err);
    }
    while (rc == TP_OK && is_row) {
        tp_name record = {0, 0};
        rc = tp_log_unpack(view->log, tx, tp_stmt_int(s, 0), &record, err);
        if (rc == TP_OK) {
            rc = tp_buf_add(&records, &record, sizeof record, err);
        }
        if (rc == TP_OK) {
            rc = tp_stmt_step(s, &is_row, err);
        }
    }
    tp_stmt_done(s);
    if (rc == TP_OK) {
        rc = tp_arena_copy(arena, tp_buf_slice(&records), &copy, err);
    }
    if (rc == TP_OK) {
        *records_out = (const tp_name *)(const void *)copy.at;
        *count_out = (uint32_t)(copy.bytes / sizeof(tp_name));
    }
    tp_buf_done(&records);
    return rc;
}
