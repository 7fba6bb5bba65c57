/* Settling, taking back, bringing back. */
#include "node/record/settle.h"

#include "sync/merge/record.h"

static tp_rc begin(tp_node *node, tp_slice worker, tp_write_op op, tp_name record, tp_write *w,
                   tp_loaded **loaded_out, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    tp_err missing = {0};
    *loaded_out = NULL;
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_READ, err);
    if (rc != TP_OK) {
        return rc;
    }
    rc = tp_merge_load(node->merge, &tx, record, loaded_out, &missing);
    tp_tx_rollback(&tx);
    if (rc != TP_OK) {
        *err = missing;
        return rc == TP_NOTFOUND ? tp_fail(err, TP_NOTFOUND, "no such record is held here") : rc;
    }
    tp_write_init(w, node, op, (*loaded_out)->record.entity, worker);
    w->record = record;
    return TP_OK;
}

/* Only where several stood side by side is anything settled: a value of one's own that was lost is
 * brought back by the same step, and so is one put right that nobody disputes. */
static bool is_disputed(const tp_loaded *loaded, tp_slice field)
{
    const tp_field_row *row = tp_field_named(loaded->record.entity, field);
    const tp_loaded_field *state = row == NULL ? NULL : tp_loaded_field_of(loaded, row->code);
    return state != NULL && state->state.heads_count > 1;
}

/* The value a held change of the record gave the field, whether or not it is a head still. */
static tp_rc value_of_change(const tp_loaded *loaded, tp_slice field, tp_name use,
                             tp_value *value_out, tp_err *err)
{
    const tp_field_row *row = tp_field_named(loaded->record.entity, field);
    const tp_loaded_field *state = row == NULL ? NULL : tp_loaded_field_of(loaded, row->code);
    bool has_value = false;
    for (uint32_t i = 0; state != NULL && i < loaded->record.count; i++) {
        if (tp_name_eq(loaded->record.changes[i].change->name, use)) {
            tp_rc rc = tp_loaded_value(loaded, state, i, value_out, &has_value, err);
            if (rc != TP_OK || has_value) {
                return rc;
            }
        }
    }
    return tp_fail(err, TP_NOTFOUND, "no such value of that field is held here");
}

tp_rc tp_settle_use(tp_node *node, tp_slice worker, tp_name record, tp_slice field, tp_name use,
                    tp_write_result *result_out, tp_err *err)
{
    tp_write w;
    tp_loaded *loaded = NULL;
    tp_value value;
    memset(result_out, 0, sizeof *result_out);
    tp_rc rc = begin(node, worker, TP_WRITE_UPDATE, record, &w, &loaded, err);
    if (rc != TP_OK) {
        return rc;
    }
    rc = value_of_change(loaded, field, use, &value, err);
    if (rc == TP_OK) {
        rc = tp_write_set(&w, field, &value, err);
    }
    if (rc == TP_OK) {
        rc = tp_write_run(&w, result_out, err);
    }
    result_out->has_settled = rc == TP_OK && is_disputed(loaded, field);
    tp_write_done(&w);
    tp_loaded_free(loaded);
    return rc;
}

tp_rc tp_settle_typed(tp_node *node, tp_slice worker, tp_name record, tp_slice field,
                      tp_slice typed, tp_write_result *result_out, tp_err *err)
{
    tp_write w;
    tp_loaded *loaded = NULL;
    memset(result_out, 0, sizeof *result_out);
    tp_rc rc = begin(node, worker, TP_WRITE_UPDATE, record, &w, &loaded, err);
    if (rc != TP_OK) {
        return rc;
    }
    rc = tp_write_set_typed(&w, field, typed, err);
    if (rc == TP_OK) {
        rc = tp_write_run(&w, result_out, err);
    }
    result_out->has_settled = rc == TP_OK && is_disputed(loaded, field);
    tp_write_done(&w);
    tp_loaded_free(loaded);
    return rc;
}

static tp_rc set_retracted(tp_node *node, tp_slice worker, tp_write_op op, tp_name record,
                           tp_slice reason, tp_write_result *result_out, tp_err *err)
{
    tp_write w;
    tp_loaded *loaded = NULL;
    memset(result_out, 0, sizeof *result_out);
    tp_rc rc = begin(node, worker, op, record, &w, &loaded, err);
    if (rc != TP_OK) {
        return rc;
    }
    rc = op == TP_WRITE_RETRACT ? tp_write_set_text(&w, "retracted", reason, err)
                                : tp_write_clear(&w, "retracted", err);
    if (rc == TP_OK) {
        rc = tp_write_run(&w, result_out, err);
    }
    tp_write_done(&w);
    tp_loaded_free(loaded);
    return rc;
}

tp_rc tp_retract_write(tp_node *node, tp_slice worker, tp_name record, tp_slice reason,
                       tp_write_result *result_out, tp_err *err)
{
    return set_retracted(node, worker, TP_WRITE_RETRACT, record, reason, result_out, err);
}

tp_rc tp_retract_undo(tp_node *node, tp_slice worker, tp_name record, tp_write_result *result_out,
                      tp_err *err)
{
    return set_retracted(node, worker, TP_WRITE_UPDATE, record, tp_slice_str(""), result_out, err);
}
