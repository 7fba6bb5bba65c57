/* Which records there are. */
#include "sync/merge/merge_state.h"

/* What one device wrote about one person. */
typedef struct device_range {
    tp_packed_name person;
    tp_packed_name first;
    tp_packed_name last;
    uint32_t max;
} device_range;

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

/* *is_known_out false: nothing of this person was ever held. */
static tp_rc pack_person(tp_merge *merge, tp_tx *tx, tp_name person, tp_packed_name *packed_out,
                         bool *is_known_out, tp_err *err)
{
    tp_err unknown = {0};
    tp_rc rc = tp_log_pack_known(merge->log, tx, person, packed_out, &unknown);
    *is_known_out = rc == TP_OK;
    return rc == TP_OK || rc == TP_NOTFOUND ? TP_OK : (*err = unknown, rc);
}

/* sql: of ?1, a person, and ?2, an entity. */
static tp_rc list_of(tp_merge *merge, tp_tx *tx, const char *sql, tp_name person, uint32_t entity,
                     tp_merge_each each, void *context, tp_err *err)
{
    tp_packed_name packed = 0;
    tp_stmt *s = NULL;
    bool is_known = false;
    tp_rc rc = pack_person(merge, tx, person, &packed, &is_known, err);
    if (rc == TP_OK && is_known) {
        rc = tp_tx_prepare(tx, sql, &s, err);
    }
    if (s == NULL) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, packed);
    tp_stmt_bind_int(s, 2, entity);
    return walk(merge, tx, s, each, context, err);
}

tp_rc tp_merge_list_person(tp_merge *merge, tp_tx *tx, tp_name person, tp_merge_each each,
                           void *context, tp_err *err)
{
    return list_of(merge, tx,
                   "SELECT id, person, entity, flags FROM record WHERE person = ?1 AND entity > ?2"
                   " ORDER BY id = person DESC, id",
                   person, 0, each, context, err);
}

tp_rc tp_merge_list_person_entity(tp_merge *merge, tp_tx *tx, tp_name person, uint32_t entity,
                                  tp_merge_each each, void *context, tp_err *err)
{
    return list_of(merge, tx,
                   "SELECT id, person, entity, flags FROM record INDEXED BY record_entity"
                   " WHERE person = ?1 AND entity = ?2 AND entity <> 3 ORDER BY id DESC",
                   person, entity, each, context, err);
}

/* The last record of a person below `before`; 0: there is none. */
static tp_rc find_last(tp_tx *tx, tp_packed_name person, tp_packed_name before,
                       tp_packed_name *last_out, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(
        tx, "SELECT coalesce(max(id), 0) FROM record WHERE person = ? AND id < ?", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, person);
    tp_stmt_bind_int(s, 2, before);
    rc = tp_stmt_first(s, err);
    *last_out = rc == TP_OK ? tp_stmt_int(s, 0) : 0;
    tp_stmt_done(s);
    return rc;
}

/* What this device wrote about a person stands together. */
static tp_rc list_device(tp_merge *merge, tp_tx *tx, const device_range *range, tp_merge_each each,
                         void *context, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx,
                             "SELECT id, person, entity, flags FROM record WHERE person = ?"
                             " AND id BETWEEN ? AND ? AND entity = 3 AND flags & 1 = 0"
                             " ORDER BY id DESC LIMIT ?",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, range->person);
    tp_stmt_bind_int(s, 2, range->first);
    tp_stmt_bind_int(s, 3, range->last);
    tp_stmt_bind_int(s, 4, range->max);
    return walk(merge, tx, s, each, context, err);
}

tp_rc tp_merge_list_latest(tp_merge *merge, tp_tx *tx, tp_name person, uint32_t max,
                           tp_merge_each each, void *context, tp_err *err)
{
    device_range range = {.first = INT64_MAX, .max = max};
    bool is_known = false;
    tp_rc rc = pack_person(merge, tx, person, &range.person, &is_known, err);
    while (rc == TP_OK && is_known) {
        tp_name name;
        rc = find_last(tx, range.person, range.first, &range.last, err);
        if (rc != TP_OK || range.last == 0) {
            return rc;
        }
        rc = tp_log_unpack(merge->log, tx, range.last, &name, err);
        if (rc == TP_OK) {
            rc = tp_log_pack(merge->log, tx, (tp_name){name.device, 1}, &range.first, err);
        }
        if (rc == TP_OK) {
            rc = list_device(merge, tx, &range, each, context, err);
        }
    }
    return rc;
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
