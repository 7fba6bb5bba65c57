/* /api/kiosk: what a kiosk answers, and all that it does: takes a request, and asks after one by
 * its code. Nothing here tells of any other request, and nothing is kept for the next one to
 * ask. */
#include "node/daemon/asking.h"
#include "node/record/node_status.h"
#include "node/record/write.h"
#include "node/ui/answer.h"
#include "node/ui/api.h"
#include "node/ui/session.h"
#include "node/view/pending.h"

/* ---- What the page must know ---- */

static tp_rc put_kiosk(tp_ui_call *call, tp_json_print *p, tp_err *err)
{
    tp_node_status status;
    char token[TP_SESSION_TOKEN_ROOM];
    tp_rc rc = tp_node_status_read(call->ui->node, &call->tx, &status, err);
    if (rc == TP_OK) {
        tp_session_token(&call->ui->door, status.view.device, call->session, token);
        tp_json_key(p, "agency");
        tp_json_begin(p, '{');
        tp_json_put_str(p, "id", status.view.agency);
        /* Where it has none its id stands there, which means nothing to who asks for help. */
        bool is_labelled = strcmp(status.view.agency_label, status.view.agency) != 0;
        tp_json_put_str(p, "label", is_labelled ? status.view.agency_label : "");
        tp_json_end(p, '}');
        tp_json_put_str(p, "token", token);
        tp_json_put_int(p, "unsent", (int64_t)status.view.unsent_count);
        tp_json_put_instant(p, "last_sync_at", status.last_sync_ms);
        tp_json_put_str(p, "version", TP_VERSION);
    }
    tp_node_status_done(&status);
    return rc;
}

tp_rc tp_api_kiosk(tp_ui_call *call, tp_err *err)
{
    tp_json_print *p = tp_answer_begin(call);
    tp_json_begin(p, '{');
    tp_rc rc = put_kiosk(call, p, err);
    tp_json_end(p, '}');
    return rc == TP_OK ? tp_answer_end(call, err) : rc;
}

/* ---- Taking a request ---- */

/* What somebody left empty is not set at all. */
static tp_rc take_text(tp_ui_call *call, tp_write *w, const char *field, tp_err *err)
{
    tp_slice text;
    tp_answer_field(call, field);
    tp_rc rc = tp_answer_body_text(call, field, &text, err);
    return rc == TP_OK && text.bytes > 0 ? tp_write_set_text(w, field, text, err) : rc;
}

tp_rc tp_api_kiosk_request(tp_ui_call *call, tp_err *err)
{
    static const char *const fields[] = {"words", "name", "callback", "language"};
    const tp_slice nobody = {NULL, 0};
    tp_write w;
    tp_write_result result;
    tp_rc rc = TP_OK;
    tp_write_init(&w, call->ui->node, TP_WRITE_CREATE, TP_HELP_REQUEST, nobody);
    for (size_t i = 0; rc == TP_OK && i < sizeof fields / sizeof fields[0]; i++) {
        rc = take_text(call, &w, fields[i], err);
    }
    if (rc == TP_OK) {
        rc = tp_write_in(&w, &call->tx, &result, err);
        tp_answer_field(call, w.trouble);
    }
    tp_write_done(&w);
    if (rc != TP_OK) {
        return rc;
    }
    tp_json_print *p = tp_answer_begin(call);
    tp_json_begin(p, '{');
    tp_json_put_str(p, "code", result.code);
    tp_json_end(p, '}');
    return tp_answer_end(call, err);
}

/* ---- Asking by a code ---- */

static tp_rc tell(tp_ui_call *call, const char *state, tp_slice text, tp_err *err)
{
    tp_json_print *p = tp_answer_begin(call);
    tp_json_begin(p, '{');
    tp_json_put_str(p, "state", state);
    tp_json_key(p, "text");
    if (text.bytes > 0) {
        tp_json_text(p, text);
    } else {
        tp_json_null(p);
    }
    tp_json_end(p, '}');
    return tp_answer_end(call, err);
}

/* What has not gone yet is known here alone. */
static tp_rc is_here(tp_node *node, const char *code, bool *is_here_out, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    tp_name request;
    tp_err missing = {0};
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_READ, err);
    if (rc != TP_OK) {
        return rc;
    }
    rc = tp_pending_find_code(node->view, &tx, tp_slice_str(code), &request, &missing);
    tp_tx_rollback(&tx);
    *is_here_out = rc == TP_OK;
    if (rc != TP_OK && rc != TP_NOTFOUND) {
        *err = missing;
        return rc;
    }
    return TP_OK;
}

/* The hub is asked without waiting for it: the page asks again until it has answered. */
static tp_rc ask_hub(tp_ui_call *call, const char code[TP_REQUEST_CODE_MAX], tp_err *err)
{
    static const char *const states[] = {[TP_ASKING_UNDER_WAY] = "asking",
                                         [TP_ASKING_OFFLINE] = "offline",
                                         [TP_ASKING_BUSY] = "busy"};
    const tp_slice nothing = {NULL, 0};
    tp_asking *asking = &call->ui->asking;
    tp_asking_state state = TP_ASKING_UNDER_WAY;
    tp_inquiry_answer answer = {.state = TP_INQUIRY_UNKNOWN};
    tp_rc rc =
        tp_asking_look(asking, call->ui->node, code, tp_monotonic_ms(), &state, &answer, err);
    if (rc == TP_OK && state == TP_ASKING_TOLD) {
        rc = tell(call, tp_inquiry_state_name(answer.state), answer.reply, err);
    } else if (rc == TP_OK) {
        rc = tell(call, states[state], nothing, err);
    }
    if (rc != TP_OK || state != TP_ASKING_UNDER_WAY) {
        tp_asking_clear(asking);
    }
    return rc;
}

tp_rc tp_api_kiosk_ask(tp_ui_call *call, tp_err *err)
{
    const tp_slice nothing = {NULL, 0};
    char code[TP_REQUEST_CODE_MAX];
    tp_slice typed;
    tp_err wrong;
    bool is_unsent = false;
    tp_rc rc = tp_answer_body_text(call, "code", &typed, err);
    if (rc == TP_OK && tp_request_code_normalise(typed, code, &wrong) != TP_OK) {
        return tell(call, tp_inquiry_state_name(TP_INQUIRY_UNKNOWN), nothing, err);
    }
    if (rc == TP_OK) {
        rc = is_here(call->ui->node, code, &is_unsent, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    return is_unsent ? tell(call, "here", nothing, err) : ask_hub(call, code, err);
}
