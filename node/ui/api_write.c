/* /api/write: what a form writes, all of it or nothing; /api/may-be: who a new person may be
 * already. */
#include "node/record/draft.h"
#include "node/record/person.h"
#include "node/record/write_many.h"
#include "node/ui/answer.h"
#include "node/ui/api.h"

static void put_result(tp_json_print *p, const tp_write_result *result)
{
    const tp_entity_row *entity = tp_entity_of(result->entity);
    tp_json_begin(p, '{');
    tp_json_put_name(p, "name", result->name);
    tp_json_put_name(p, "record", result->record);
    tp_json_put_str(p, "entity", entity == NULL ? "unknown" : entity->name);
    tp_json_put_name(p, "person", result->person);
    tp_json_put_bool(p, "unchanged", result->is_unchanged);
    if (result->code[0] != '\0') {
        char code[TP_REQUEST_CODE_TEXT_MAX];
        tp_request_code_format(result->code, code);
        tp_json_put_str(p, "code", code);
    }
    tp_json_key(p, "conflicts");
    tp_json_begin(p, '[');
    for (uint32_t i = 0; i < result->unseen_count; i++) {
        tp_json_str(p, result->unseen[i]->name);
    }
    tp_json_end(p, ']');
    tp_json_key(p, "warnings");
    tp_json_begin(p, '[');
    for (uint32_t i = 0; i < result->warnings_count; i++) {
        tp_json_str(p, result->warnings[i]);
    }
    tp_json_end(p, ']');
    tp_json_end(p, '}');
}

static tp_rc answer_written(tp_ui_call *call, const tp_write_many *m, tp_err *err)
{
    tp_json_print *p = tp_answer_begin(call);
    tp_json_begin(p, '{');
    tp_json_key(p, "results");
    tp_json_begin(p, '[');
    for (uint32_t i = 0; i < m->count; i++) {
        put_result(p, tp_write_many_result(m, i));
    }
    tp_json_end(p, ']');
    tp_json_end(p, '}');
    return tp_answer_end(call, err);
}

/* The draft goes with what was made of it: whoever comes back after the lamp went out finds one or
 * the other, never both.  Where another tab has put something else under its name since, that
 * stays. */
static tp_rc write_all(tp_ui_call *call, tp_write_many *m, tp_slice draft, tp_err *err)
{
    int64_t draft_version = json_integer_value(json_object_get(call->body, "draft_version"));
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(call->ui->node->store, &tx, TP_TX_WRITE, err);
    if (rc == TP_OK) {
        rc = tp_write_many_in(m, &tx, err);
    }
    if (rc == TP_OK && draft.bytes > 0) {
        rc = tp_draft_delete(&tx, call->worker, draft, draft_version, err);
    }
    if (rc == TP_OK) {
        rc = answer_written(call, m, err);
    }
    if (rc == TP_OK) {
        rc = tp_answer_keep(call, &tx, err);
    }
    if (rc == TP_OK) {
        rc = tp_answer_prepare(call->response, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, err);
    }
    tp_tx_rollback(&tx);
    return rc;
}

static tp_rc read_draft_key(tp_ui_call *call, tp_slice *draft_out, tp_err *err)
{
    tp_rc rc = tp_answer_body_text(call, "draft", draft_out, err);
    if (rc == TP_OK && draft_out->bytes > 0 && !tp_draft_is_key(*draft_out)) {
        tp_answer_field(call, "draft");
        rc = tp_answer_malformed(call, "That is no draft's key.", err);
    }
    return rc;
}

tp_rc tp_api_write(tp_ui_call *call, tp_err *err)
{
    tp_write_many m;
    tp_slice draft;
    tp_rc rc = read_draft_key(call, &draft, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_write_many_init(&m, call->ui->node, call->worker);
    rc = tp_write_many_read(&m, json_object_get(call->body, "changes"), err);
    if (rc == TP_OK) {
        rc = write_all(call, &m, draft, err);
    }
    if (rc != TP_OK) {
        tp_answer_field(call, m.trouble);
        call->more = json_pack("{s:i}", "at", (int)m.at);
    }
    tp_write_many_done(&m);
    return rc;
}

/* ---- Before a new person is made ---- */

static tp_rc look_for_same(tp_ui_call *call, tp_write *w, tp_err *err)
{
    tp_found_list list;
    tp_rc rc = tp_tx_begin(call->ui->node->store, &call->tx, TP_TX_READ, err);
    if (rc == TP_OK) {
        rc = tp_person_may_be(w, &call->tx, &list, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_json_print *p = tp_answer_begin(call);
    tp_json_begin(p, '{');
    rc = tp_api_put_people(call, p, &list, err);
    tp_json_end(p, '}');
    tp_found_list_done(&list);
    return rc == TP_OK ? tp_answer_end(call, err) : rc;
}

tp_rc tp_api_may_be(tp_ui_call *call, tp_err *err)
{
    tp_write w;
    const json_t *set = json_object_get(call->body, "set");
    if (!json_is_object(set)) {
        tp_answer_field(call, "set");
        return tp_answer_malformed(call, "\"set\" is what is about to be written.", err);
    }
    tp_write_init(&w, call->ui->node, TP_WRITE_CREATE, TP_PERSON, call->worker);
    tp_rc rc = tp_write_set_json(&w, set, err);
    if (rc == TP_OK) {
        rc = tp_write_set_json_typed(&w, json_object_get(call->body, "set_typed"), err);
    }
    if (rc == TP_OK) {
        rc = look_for_same(call, &w, err);
    } else {
        tp_answer_field(call, w.trouble);
    }
    tp_write_done(&w);
    return rc;
}
