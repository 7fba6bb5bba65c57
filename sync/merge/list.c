/* Which records there are. */
#include "sync/merge/merge_state.h"

static tp_rc walk(tp_merge *merge, tp_tx *tx, tp_stmt *s, tp_merge_each each, void *context,
                  tp_err *err);
static tp_rc make_ref(tp_merge *merge, tp_tx *tx, const tp_view_row *row, tp_record_ref *ref_out,
                      tp_err *err);

tp_rc tp_merge_list(tp_merge *merge, tp_tx *tx, uint32_t entity, tp_merge_each each, void *context,
                    tp_err *err)
{
    if (entity == TP_CONTACT) {
        return tp_fail(err, TP_INVALID, "contacts are listed by person only");
    }
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx,
                             "SELECT id, person, entity, flags FROM record"
                             " WHERE entity = ? AND entity <> 3 ORDER BY person, id",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, entity);
    return walk(merge, tx, s, each, context, err);
}

tp_rc tp_merge_list_person(tp_merge *merge, tp_tx *tx, tp_name person, tp_merge_each each,
                           void *context, tp_err *err)
{
    tp_packed_name packed = 0;
    tp_stmt *s = NULL;
    tp_err unknown = {0};
    tp_rc rc = tp_log_pack_known(merge->log, tx, person, &packed, &unknown);
    if (rc == TP_NOTFOUND) {
        return TP_OK;
    }
    if (rc != TP_OK) {
        *err = unknown;
        return rc;
    }
    rc = tp_tx_prepare(tx,
                       "SELECT id, person, entity, flags FROM record WHERE person = ?"
                       " ORDER BY id = person DESC, id",
                       &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, packed);
    return walk(merge, tx, s, each, context, err);
}

tp_rc tp_merge_find(tp_merge *merge, tp_tx *tx, tp_name record, tp_record_ref *ref_out, tp_err *err)
{
    tp_packed_name packed = 0;
    tp_view_row row = {0};
    tp_rc rc = tp_log_pack_known(merge->log, tx, record, &packed, err);
    if (rc == TP_OK) {
        rc = tp_view_row_of(merge, tx, packed, &row, err);
    }
    if (rc == TP_OK && !row.exists) {
        return tp_fail(err, TP_NOTFOUND, "there is no such record here");
    }
    return rc == TP_OK ? make_ref(merge, tx, &row, ref_out, err) : rc;
}

static tp_rc walk(tp_merge *merge, tp_tx *tx, tp_stmt *s, tp_merge_each each, void *context,
                  tp_err *err)
{
    bool is_row = false;
    tp_rc rc = tp_stmt_step(s, &is_row, err);
    while (rc == TP_OK && is_row) {
        tp_record_ref ref;
        tp_view_row row = {true, tp_stmt_int(s, 0), tp_stmt_int(s, 1), (uint32_t)tp_stmt_int(s, 2),
                           (uint32_t)tp_stmt_int(s, 3)};
        rc = make_ref(merge, tx, &row, &ref, err);
        if (rc == TP_OK) {
            rc = each(context, &ref, err);
        }
        if (rc == TP_OK) {
            rc = tp_stmt_step(s, &is_row, err);
        }
    }
    tp_stmt_done(s);
    return rc;
}

static tp_rc make_ref(tp_merge *merge, tp_tx *tx, const tp_view_row *row, tp_record_ref *ref_out,
                      tp_err *err)
{
    tp_record_ref ref = {{0, 0}, {0, 0}, row->entity, row->flags};
    tp_rc rc = tp_log_unpack(merge->log, tx, row->id, &ref.record, err);
    if (rc == TP_OK) {
        rc = tp_log_unpack(merge->log, tx, row->person, &ref.person, err);
    }
    if (rc == TP_OK) {
        *ref_out = ref;
    }
    return rc;
}
