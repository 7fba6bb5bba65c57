/* /api/session: who is writing, and what a page must know before anything else. */
#include "node/ui/answer.h"
#include "node/ui/api.h"
#include "node/ui/session.h"
#include "platform/base/alloc.h"
#include "platform/base/encode.h"
#include "sync/log/directory.h"
#include "sync/log/push.h"

enum {
    LOOKED_AT_MAX = 400, /* own changes, newest first, that names are taken from */
    NAMES_MAX = 8
};

/* ---- Names that wrote here lately ---- */

typedef struct lately {
    tp_change change; /* scratch: large */
    uint32_t count;
    size_t bytes[NAMES_MAX];
    char names[NAMES_MAX][TP_WORKER_BYTES_MAX];
} lately;

static void add_name(lately *l, tp_slice name)
{
    for (uint32_t i = 0; i < l->count; i++) {
        if (tp_slice_eq(name, tp_slice_of(l->names[i], l->bytes[i]))) {
            return;
        }
    }
    if (l->count < NAMES_MAX && name.bytes > 0 && name.bytes <= TP_WORKER_BYTES_MAX) {
        memcpy(l->names[l->count], name.at, name.bytes);
        l->bytes[l->count++] = name.bytes;
    }
}

static tp_rc look_at(void *context, const tp_log_row *row, tp_err *err)
{
    lately *l = context;
    tp_rc rc = row->is_stub ? TP_OK : tp_log_decode(row, &l->change, err);
    if (rc == TP_OK && !row->is_stub) {
        add_name(l, l->change.worker);
    }
    return rc;
}

static tp_rc put_workers(tp_ui_call *call, tp_json_print *p, tp_err *err)
{
    lately *l = tp_alloc(sizeof *l);
    if (l == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for the names");
    }
    tp_rc rc = tp_log_own_latest(call->ui->node->log, &call->tx, LOOKED_AT_MAX, look_at, l, err);
    tp_json_key(p, "workers");
    tp_json_begin(p, '[');
    for (uint32_t i = 0; i < l->count; i++) {
        tp_json_text(p, tp_slice_of(l->names[i], l->bytes[i]));
    }
    tp_json_end(p, ']');
    tp_free(l);
    return rc;
}

/* ---- The document ---- */

static tp_rc put_agency(tp_ui_call *call, tp_json_print *p, tp_err *err)
{
    const char *id = tp_log_agency(call->ui->node->log);
    const char *label = id;
    tp_rc rc = tp_log_agency_label(call->ui->node->log, &call->tx, id, &label, err);
    tp_json_key(p, "agency");
    tp_json_begin(p, '{');
    tp_json_put_str(p, "id", id);
    tp_json_put_str(p, "label", label);
    tp_json_end(p, '}');
    return rc;
}

/* For the worker and the cookie that the response leaves the browser with. */
static tp_rc answer_session(tp_ui_call *call, tp_slice worker, tp_slice cookie, tp_err *err)
{
    char token[TP_SESSION_TOKEN_ROOM];
    char device[TP_HEX_ROOM(8)];
    tp_log_mark now; /* which device this is follows from the same state of the log */
    tp_rc rc = tp_log_mark_now(call->ui->node->log, &call->tx, &now, err);
    tp_session_token(&call->ui->door, tp_log_device(call->ui->node->log), cookie, token);
    tp_hex_encode_u64(tp_log_device(call->ui->node->log), device);
    tp_json_print *p = tp_answer_begin(call);
    tp_json_begin(p, '{');
    tp_json_key(p, "worker");
    if (worker.bytes > 0) {
        tp_json_text(p, worker);
    } else {
        tp_json_null(p);
    }
    tp_json_put_str(p, "token", token);
    if (rc == TP_OK) {
        rc = put_agency(call, p, err);
    }
    tp_json_put_str(p, "device", device);
    tp_json_put_str(p, "mode", call->is_kiosk ? "kiosk" : "worker");
    tp_json_put_str(p, "version", TP_VERSION);
    if (rc == TP_OK) {
        rc = put_workers(call, p, err);
    }
    tp_json_end(p, '}');
    return rc == TP_OK ? tp_answer_end(call, err) : rc;
}

tp_rc tp_api_session(tp_ui_call *call, tp_err *err)
{
    return answer_session(call, call->worker, call->session, err);
}

tp_rc tp_api_session_begin(tp_ui_call *call, tp_err *err)
{
    char cookie[TP_SESSION_ROOM];
    tp_slice worker;
    tp_answer_field(call, "worker");
    tp_rc rc = tp_answer_body_text(call, "worker", &worker, err);
    if (rc == TP_OK) {
        rc = tp_session_check_name(worker, &worker, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_session_make(&call->ui->door, worker, tp_clock_read(call->ui->node->clock).wall_ms, cookie);
    rc = tp_session_put_cookie(call->ui->port, cookie, call->response, err);
    return rc == TP_OK ? answer_session(call, worker, tp_slice_str(cookie), err) : rc;
}

tp_rc tp_api_session_end(tp_ui_call *call, tp_err *err)
{
    const tp_slice nobody = {NULL, 0};
    tp_rc rc = tp_session_put_cookie(call->ui->port, "", call->response, err);
    return rc == TP_OK ? answer_session(call, nobody, nobody, err) : rc;
}
