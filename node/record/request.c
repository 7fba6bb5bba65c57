/* Help requests and actions, in the words of the field. */
#include "node/record/request.h"

#include "sync/merge/record.h"

/* What one act sets; a table row each, but for the values that are typed. */
typedef struct act_fields {
    const char *status; /* NULL: stays */
    const char *text;   /* field that takes the typed text; NULL: none */
} act_fields;

static tp_rc entity_of(const tp_request_act *act, uint32_t *entity_out, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    tp_record_ref ref;
    tp_err missing = {0};
    tp_rc rc = tp_tx_begin(act->node->store, &tx, TP_TX_READ, err);
    if (rc != TP_OK) {
        return rc;
    }
    rc = tp_merge_find(act->node->merge, &tx, act->request, &ref, &missing);
    tp_tx_rollback(&tx);
    if (rc == TP_NOTFOUND) {
        return tp_fail(err, TP_NOTFOUND, "no such help request is held here");
    }
    if (rc != TP_OK) {
        *err = missing;
        return rc;
    }
    *entity_out = ref.entity;
    return TP_OK;
}

static tp_rc begin(const tp_request_act *act, uint32_t entity, tp_write *w, tp_err *err)
{
    uint32_t held = 0;
    tp_rc rc = entity_of(act, &held, err);
    if (rc == TP_OK && held != TP_HELP_REQUEST && held != TP_ACTION) {
        rc = tp_fail(err, TP_INVALID, "that is neither a help request nor an action");
    }
    if (rc == TP_OK && entity != 0 && held != entity) {
        rc = tp_fail(err, TP_INVALID,
                     entity == TP_ACTION ? "that is not an action" : "that is not a help request");
    }
    if (rc == TP_OK) {
        tp_write_init(w, act->node, TP_WRITE_UPDATE, held, act->worker);
        w->record = act->request;
    }
    return rc;
}

static tp_rc name_holder(const tp_request_act *act, tp_slice agency, tp_slice worker,
                         tp_write_result *result_out, tp_err *err)
{
    tp_write w;
    tp_rc rc = begin(act, 0, &w, err);
    if (rc != TP_OK) {
        return rc;
    }
    rc = tp_write_set_holder(&w, w.entity == TP_ACTION ? "owner" : "holder", agency, worker, err);
    if (rc == TP_OK) {
        rc = tp_write_run(&w, result_out, err);
    }
    tp_write_done(&w);
    return rc;
}

tp_rc tp_request_offer(const tp_request_act *act, tp_slice agency, tp_slice worker_there,
                       tp_write_result *result_out, tp_err *err)
{
    if (tp_slice_eq(agency, tp_slice_str(tp_log_agency(act->node->log)))) {
        return tp_fail(err, TP_INVALID,
                       "that is your own agency: whoever takes it on there accepts it");
    }
    return name_holder(act, agency, worker_there, result_out, err);
}

tp_rc tp_request_accept(const tp_request_act *act, tp_write_result *result_out, tp_err *err)
{
    return name_holder(act, tp_slice_str(tp_log_agency(act->node->log)), act->worker, result_out,
                       err);
}

static tp_rc set_status(const tp_request_act *act, uint32_t entity, const act_fields *fields,
                        tp_slice text, tp_write_result *result_out, tp_err *err)
{
    tp_write w;
    tp_rc rc = begin(act, entity, &w, err);
    if (rc != TP_OK) {
        return rc;
    }
    rc = tp_write_set_text(&w, "status", tp_slice_str(fields->status), err);
    if (rc == TP_OK && text.bytes > 0) {
        rc = tp_write_set_text(&w, fields->text, text, err);
    }
    if (rc == TP_OK) {
        rc = tp_write_run(&w, result_out, err);
    }
    tp_write_done(&w);
    return rc;
}

tp_rc tp_request_answer(const tp_request_act *act, tp_slice answer, tp_write_result *result_out,
                        tp_err *err)
{
    const act_fields fields = {"answered", "answer"};
    return set_status(act, TP_HELP_REQUEST, &fields, answer, result_out, err);
}

tp_rc tp_request_reply(const tp_request_act *act, tp_slice reply, tp_write_result *result_out,
                       tp_err *err)
{
    tp_write w;
    tp_rc rc = begin(act, TP_HELP_REQUEST, &w, err);
    if (rc != TP_OK) {
        return rc;
    }
    rc = tp_write_set_text(&w, "reply", reply, err);
    if (rc == TP_OK) {
        rc = tp_write_run(&w, result_out, err);
    }
    tp_write_done(&w);
    return rc;
}

/* Held where somebody holds it by name. */
static tp_rc is_held_by_name(const tp_request_act *act, bool *is_held_out, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    tp_loaded *loaded = NULL;
    const tp_loaded_field *holder = NULL;
    tp_rc rc = tp_tx_begin(act->node->store, &tx, TP_TX_READ, err);
    if (rc == TP_OK) {
        rc = tp_merge_load(act->node->merge, &tx, act->request, &loaded, err);
    }
    if (rc == TP_OK) {
        holder = tp_loaded_field_of(loaded, TP_REQUEST_HOLDER);
        *is_held_out = holder != NULL && holder->state.shown != TP_DECIDE_NONE;
    }
    tp_loaded_free(loaded);
    tp_tx_rollback(&tx);
    return rc;
}

tp_rc tp_request_reopen(const tp_request_act *act, tp_write_result *result_out, tp_err *err)
{
    bool is_held = false;
    uint32_t entity = 0;
    act_fields fields = {"open", NULL};
    tp_rc rc = entity_of(act, &entity, err);
    if (rc == TP_OK && entity == TP_HELP_REQUEST) {
        rc = is_held_by_name(act, &is_held, err);
    }
    fields.status = is_held ? "held" : "open";
    return rc == TP_OK ? set_status(act, 0, &fields, tp_slice_str(""), result_out, err) : rc;
}

tp_rc tp_request_withdraw(const tp_request_act *act, tp_write_result *result_out, tp_err *err)
{
    const act_fields fields = {"withdrawn", NULL};
    return set_status(act, TP_HELP_REQUEST, &fields, tp_slice_str(""), result_out, err);
}

tp_rc tp_action_start(const tp_request_act *act, tp_write_result *result_out, tp_err *err)
{
    const act_fields fields = {"doing", NULL};
    return set_status(act, TP_ACTION, &fields, tp_slice_str(""), result_out, err);
}

tp_rc tp_action_done(const tp_request_act *act, tp_slice note, tp_write_result *result_out,
                     tp_err *err)
{
    const act_fields fields = {"done", "done_note"};
    return set_status(act, TP_ACTION, &fields, note, result_out, err);
}
