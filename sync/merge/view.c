/* The view of records: one row each, as it follows from the log. */
#include "sync/merge/merge_state.h"
#include "sync/wire/field_value.h"

static tp_rc fill_person(tp_merge *merge, tp_tx *tx, tp_view_row *row, tp_err *err);
static tp_rc is_named(tp_tx *tx, tp_packed_name person, bool *is_named_out, tp_err *err);
static tp_rc tidy_bare(tp_merge *merge, tp_tx *tx, tp_packed_name person, tp_err *err);

tp_name tp_view_person_of(tp_merge *merge, const tp_change *change)
{
    static const tp_name none = {0, 0};
    if (change->entity == TP_PERSON) {
        return tp_change_creates(change) ? change->name : none;
    }
    const tp_change_field *field = tp_change_field_of(change, TP_FIELD_PERSON);
    if (field == NULL || !field->has_value) {
        return none;
    }
    tp_err unread = {0};
    const tp_field_row *row = tp_field_of(TP_CONTACT, TP_FIELD_PERSON); /* the same everywhere */
    if (tp_field_value_decode(row, change, field->value, &merge->value, &unread) != TP_OK ||
        merge->value.is_null || merge->value.names_count != 1) {
        return none;
    }
    return merge->value.names[0];
}

/* What the creating change says of the row, while its bytes are there. */
typedef struct row_walk {
    tp_merge *merge;
    tp_view_row row;
    tp_name person;
    bool is_stub;
    bool keeps_person;
} row_walk;

static tp_rc look_at_creating(void *context, const tp_log_row *row, tp_err *err)
{
    (void)err;
    row_walk *walk = context;
    tp_err unread = {0};
    if (row->record != row->id || tp_log_decode(row, &walk->merge->looked, &unread) != TP_OK) {
        return TP_OK;
    }
    walk->row = (tp_view_row){true, row->id, row->person, walk->merge->looked.entity, 0};
    walk->is_stub = row->is_stub;
    walk->keeps_person = row->keeps_person;
    if (!row->is_stub) {
        walk->person = tp_view_person_of(walk->merge, &walk->merge->looked);
    }
    return TP_OK;
}

tp_rc tp_view_row_of(tp_merge *merge, tp_tx *tx, tp_packed_name record, tp_view_row *row_out,
                     tp_err *err)
{
    row_walk walk = {merge, {0}, {0, 0}, false, false};
    tp_err missing = {0};
    tp_view_row *row = &walk.row;
    *row_out = *row;
    tp_rc rc = tp_log_get(merge->log, tx, record, look_at_creating, &walk, &missing);
    if (rc == TP_NOTFOUND || (rc == TP_OK && !row->exists)) {
        return TP_OK;
    }
    if (rc != TP_OK) {
        *err = missing;
        return rc;
    }
    if (walk.is_stub) {
        row->flags |= TP_RECORD_GIVEN_BACK;
        if (!walk.keeps_person) {
            /* A person's bare name stays while anything that stays names it. */
            row->person = record;
            row->exists = false;
            if (row->entity == TP_PERSON) {
                rc = is_named(tx, record, &row->exists, err);
            }
        }
    } else if (!tp_name_is_none(walk.person)) {
        rc = tp_log_pack_known(merge->log, tx, walk.person, &row->person, &missing);
        if (rc == TP_NOTFOUND) {
            rc = tp_log_pack(merge->log, tx, walk.person, &row->person, err);
        }
    } else {
        rc = fill_person(merge, tx, row, err);
    }
    if (rc == TP_OK) {
        *row_out = *row;
    }
    return rc;
}

/* The creating change names nobody: an update may. */
static tp_rc fill_person(tp_merge *merge, tp_tx *tx, tp_view_row *row, tp_err *err)
{
    tp_name record = {0, 0};
    tp_loaded *loaded = NULL;
    tp_rc rc = tp_log_unpack(merge->log, tx, row->id, &record, err);
    if (rc == TP_OK) {
        rc = tp_merge_load(merge, tx, record, &loaded, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_pack(merge->log, tx, loaded->person, &row->person, err);
    }
    tp_loaded_free(loaded);
    return rc;
}

static tp_rc is_named(tp_tx *tx, tp_packed_name person, bool *is_named_out, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(
        tx, "SELECT EXISTS (SELECT 1 FROM record WHERE person = ?1 AND id <> ?1)", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, person);
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        *is_named_out = tp_stmt_int(s, 0) != 0;
        tp_stmt_done(s);
    }
    return rc;
}

tp_rc tp_view_move(tp_merge *merge, tp_tx *tx, const tp_view_row *before, const tp_view_row *after,
                   bool has_stubs, tp_err *err)
{
    tp_rc rc = TP_OK;
    if (before->exists && (!after->exists || before->person != after->person)) {
        rc = tp_view_remove(merge, tx, before, err);
    }
    if (rc == TP_OK && after->exists) {
        rc = tp_view_put(merge, tx, after, err);
    }
    if (rc != TP_OK || !has_stubs) {
        return rc;
    }
    if (before->exists && before->person != before->id) {
        rc = tidy_bare(merge, tx, before->person, err);
    }
    if (rc == TP_OK && after->exists && after->person != after->id) {
        rc = tidy_bare(merge, tx, after->person, err);
    }
    return rc;
}

/* A person who was given back has a row as long as something names them. */
static tp_rc tidy_bare(tp_merge *merge, tp_tx *tx, tp_packed_name person, tp_err *err)
{
    tp_view_row row;
    tp_rc rc = person == 0 ? TP_OK : tp_view_row_of(merge, tx, person, &row, err);
    if (rc != TP_OK || person == 0 || row.entity != TP_PERSON ||
        (row.flags & TP_RECORD_GIVEN_BACK) == 0) {
        return rc;
    }
    return row.exists ? tp_view_put(merge, tx, &row, err) : tp_view_remove(merge, tx, &row, err);
}

tp_rc tp_view_put(tp_merge *merge, tp_tx *tx, const tp_view_row *row, tp_err *err)
{
    (void)merge;
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(
        tx, "INSERT OR REPLACE INTO record (person, id, entity, flags) VALUES (?, ?, ?, ?)", &s,
        err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, row->person);
    tp_stmt_bind_int(s, 2, row->id);
    tp_stmt_bind_int(s, 3, row->entity);
    tp_stmt_bind_int(s, 4, row->flags);
    return tp_stmt_run(s, err);
}

tp_rc tp_view_remove(tp_merge *merge, tp_tx *tx, const tp_view_row *row, tp_err *err)
{
    (void)merge;
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "DELETE FROM record WHERE person = ? AND id = ?", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, row->person);
    tp_stmt_bind_int(s, 2, row->id);
    return tp_stmt_run(s, err);
}

tp_rc tp_view_touched(tp_merge *merge, tp_tx *tx, tp_packed_name record, tp_name change,
                      const tp_view_row *row, uint32_t entity, tp_err *err)
{
    const tp_merge_sink *sink = &merge->sink;
    if (sink->touched == NULL) {
        return TP_OK;
    }
    tp_name name = {0, 0};
    tp_name person = {0, 0};
    tp_rc rc = tp_log_unpack(merge->log, tx, record, &name, err);
    if (rc == TP_OK && row->exists) {
        entity = row->entity;
        rc = tp_log_unpack(merge->log, tx, row->person, &person, err);
    }
    return rc == TP_OK ? sink->touched(sink->context, tx, name, change, entity, person, err) : rc;
}
