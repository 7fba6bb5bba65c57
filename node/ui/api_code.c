/* /api/code: the help request somebody shows the code of, for a worker. */
#include "node/ui/answer.h"
#include "node/ui/api.h"
#include "node/view/pending.h"
#include "schema/request_code.h"

tp_rc tp_api_code(tp_ui_call *call, tp_err *err)
{
    const tp_node *node = call->ui->node;
    char code[TP_REQUEST_CODE_MAX];
    tp_slice typed;
    tp_name request;
    tp_record_ref ref;
    tp_answer_field(call, "code");
    tp_rc rc = tp_answer_body_text(call, "code", &typed, err);
    if (rc == TP_OK) {
        rc = tp_request_code_normalise(typed, code, err);
    }
    if (rc == TP_OK) {
        rc = tp_pending_find_code(node->view, &call->tx, tp_slice_str(code), &request, err);
    }
    if (rc == TP_OK) {
        rc = tp_merge_find(node->merge, &call->tx, request, &ref, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_json_print *p = tp_answer_begin(call);
    tp_json_begin(p, '{');
    tp_json_put_name(p, "record", ref.record);
    tp_json_put_name(p, "person", ref.person);
    tp_json_end(p, '}');
    return tp_answer_end(call, err);
}
