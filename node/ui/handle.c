/* The way of a request: user, gate, key, asset or route, session, token, body, transaction,
 * handler. */
#include "node/ui/handle.h"

#include "node/record/write.h"
#include "node/ui/answer.h"
#include "node/ui/gate.h"
#include "node/ui/readying.h"
#include "node/ui/page.h"
#include "node/ui/session.h"
#include "platform/base/fault.h"
#include "sync/session/json.h"

#include <stdio.h>

static const char enter[] = "/enter/";

static void answer_for_page(const tp_ui_call *page, const tp_http_request *request,
                            tp_http_response *response);

static const char no_door_page[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Teapot</title>"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"></head>\n"
    "<body><h1>Teapot is running on this computer</h1>\n"
    "<p>To come in, type this in a terminal, as the person whose Teapot it is, and open the "
    "address that it "
    "prints:</p>\n<p><code>teapot serve --address</code></p></body></html>\n";

static const char no_user_page[] =
    "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Teapot</title>"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"></head>\n"
    "<body><h1>This Teapot is somebody else's</h1>\n"
    "<p>It runs on this computer for another user, and lets in that user's own browser "
    "alone.</p></body></html>\n";

/* ---- The door ---- */

static void refuse_at_gate(tp_gate gate, tp_http_response *response)
{
    unsigned status = gate == TP_GATE_TYPE ? 415 : 403;
    tp_answer_problem(response, status, "gate", tp_gate_text(gate), NULL, NULL);
}

/* GET /enter/KEY: the cookie, and on to the first page, so that the key leaves the address line. */
static void answer_enter(tp_ui *ui, const tp_http_request *request, tp_http_response *response)
{
    tp_err err;
    size_t bytes = sizeof enter - 1;
    tp_slice key = tp_slice_of(request->path.at + bytes, request->path.bytes - bytes);
    if (!tp_door_is_key(&ui->door, key) || tp_gate_writes(request->method)) {
        tp_answer_plain_page(response, 403, no_door_page);
        return;
    }
    response->status = 303;
    if (tp_session_put_door(&ui->door, ui->port, response, &err) != TP_OK ||
        tp_http_response_header(response, "Location", "/", &err) != TP_OK) {
        tp_http_response_fail(response, 503);
    }
}

static void refuse_user(const tp_http_request *request, tp_http_response *response)
{
    if (tp_slice_begins(request->path, "/api/")) {
        tp_answer_problem(response, 403, "user", "This Teapot is another user's of this computer.",
                          NULL, NULL);
    } else {
        tp_answer_plain_page(response, 403, no_user_page);
    }
}

static void refuse_without_door(const tp_http_request *request, tp_http_response *response)
{
    if (tp_slice_begins(request->path, "/api/")) {
        tp_answer_problem(response, 403, "door",
                          "This browser has not come in: open the address that Teapot printed "
                          "when it was started.",
                          NULL, NULL);
    } else {
        tp_answer_plain_page(response, 403, no_door_page);
    }
}

/* ---- Pages ---- */

/* A kiosk has one page and what that needs. */
static const tp_asset *find_asset(const tp_ui_call *call, tp_slice path)
{
    static const char *const of_kiosk[] = {"/kiosk/", "/style.css", "/icon.svg"};
    const tp_asset *asset = tp_asset_find(tp_assets, path);
    if (!call->is_kiosk) {
        return asset;
    }
    if (tp_slice_is(path, "/")) {
        return tp_asset_find(tp_assets, tp_slice_str("/kiosk/index.html"));
    }
    for (size_t i = 0; i < sizeof of_kiosk / sizeof of_kiosk[0]; i++) {
        if (tp_slice_begins(path, of_kiosk[i])) {
            return asset;
        }
    }
    return NULL;
}

static tp_rc find_and_answer(tp_ui_call *call, tp_err *err)
{
    tp_slice path = call->request->path;
    const bool is_for_ever = tp_asset_take_version(&path);
    const tp_asset *asset = find_asset(call, path);
    if (asset != NULL) {
        return tp_asset_answer(asset, is_for_ever, call->request, call->response, err);
    }
    if (!call->is_kiosk && !is_for_ever && tp_asset_is_page(path)) {
        return tp_page_answer(call, answer_for_page, err);
    }
    tp_answer_problem(call->response, 404, "notfound", "There is no such file.", NULL, NULL);
    return TP_OK;
}

/* Files; and for the address of a page, the document that shows it. */
static void answer_page(tp_ui_call *call)
{
    tp_err err;
    if (tp_gate_writes(call->request->method)) {
        tp_answer_problem(call->response, 405, "method", "Pages are only read.", NULL, NULL);
        (void)!tp_http_response_header(call->response, "Allow", "GET, HEAD", &err);
    } else if (find_and_answer(call, &err) != TP_OK) {
        tp_http_response_fail(call->response, 503);
    }
}

/* ---- Routes ---- */

static void refuse_route(tp_ui_call *call, tp_route_found found, const tp_route_match *match)
{
    tp_err err;
    if (found == TP_ROUTE_NO_PATH) {
        tp_answer_problem(call->response, 404, "notfound", "There is no such address here.", NULL,
                          NULL);
        return;
    }
    tp_answer_problem(call->response, 405, "method", "That cannot be done with this address.", NULL,
                      NULL);
    (void)!tp_http_response_header(call->response, "Allow", match->allow, &err);
}

/* Who writes, and whether they may: the token shows that one of our pages asks. */
static bool may_go_on(tp_ui_call *call)
{
    const tp_ui *ui = call->ui;
    int64_t now_ms = tp_clock_read(ui->node->clock).wall_ms;
    if (!tp_session_find(&ui->door, ui->port, call->request, now_ms, call->worker_room,
                         &call->session, &call->worker)) {
        call->session = tp_slice_of(NULL, 0);
        call->worker = tp_slice_of(NULL, 0);
    }
    if ((call->route->flags & TP_ROUTE_SESSION) != 0 && call->worker.bytes == 0) {
        tp_answer_problem(call->response, 401, "session", "Say first who is writing.", NULL, NULL);
        return false;
    }
    if (tp_gate_writes(call->request->method) &&
        !tp_session_is_token(&ui->door, call->device, call->session,
                             tp_http_request_header(call->request, "X-Teapot-Token"))) {
        tp_answer_problem(call->response, 403, "token",
                          "This page is older than the session: load it again.", NULL, NULL);
        return false;
    }
    return true;
}

static tp_rc read_body(tp_ui_call *call, tp_err *err)
{
    if (!tp_gate_writes(call->request->method) || call->request->method == TP_HTTP_METHOD_DELETE) {
        return TP_OK;
    }
    tp_rc rc = tp_json_load(call->request->body, JSON_REJECT_DUPLICATES, &call->body, err);
    if (rc == TP_NOMEM) {
        return rc;
    }
    if (!json_is_object(call->body)) {
        return tp_answer_malformed(call, "What was sent is no JSON object.", err);
    }
    return TP_OK;
}

static tp_rc read_mode(tp_node *node, bool *is_kiosk_out, uint64_t *device_out, tp_err *err)
{
    tp_log_mark now; /* which device this is follows from the same state of the log */
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_READ, err);
    if (rc == TP_OK) {
        rc = tp_log_is_kiosk(node->log, &tx, is_kiosk_out, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_mark_now(node->log, &tx, &now, err);
        *device_out = tp_log_device(node->log);
    }
    tp_tx_rollback(&tx);
    return rc;
}

/* Somebody may have made this a kiosk after the mode was read: what was made ready for a worker
 * stays here then; and after a fork the names that were sent may be others'.  In the handler's
 * transaction, where it has one; so nothing comes between. */
static tp_rc check_mode(tp_ui_call *call, tp_err *err)
{
    const tp_node *node = call->ui->node;
    bool is_kiosk = call->is_kiosk;
    uint64_t device = call->device;
    tp_rc rc = TP_OK;
    if (call->route->tx == TP_ROUTE_NO_TX) {
        tp_tx_rollback(&call->tx);
        rc = read_mode(call->ui->node, &is_kiosk, &device, err);
    } else {
        tp_log_mark now;
        rc = tp_log_is_kiosk(node->log, &call->tx, &is_kiosk, err);
        if (rc == TP_OK) {
            rc = tp_log_mark_now(node->log, &call->tx, &now, err);
        }
        device = tp_log_device(node->log);
    }
    if (rc == TP_OK && !is_kiosk && device != call->device) {
        rc = tp_fail(err, TP_BUSY, "This device took a new name just now: load the page again.");
    }
    if (rc == TP_OK && is_kiosk != call->is_kiosk) {
        rc = tp_fail(err, TP_BUSY, "This device was enrolled just now: load the page again.");
    }
    return rc;
}

/* Where this was asked before, with this key, the answer of then.  One thread answers, so nobody
 * asks the same between this look and the handler. */
static tp_rc find_answer(tp_ui_call *call, bool *is_answered_out, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    tp_slice key = tp_http_request_header(call->request, "Idempotency-Key");
    *is_answered_out = false;
    if ((call->route->flags & TP_ROUTE_ONCE) == 0 || key.bytes == 0) {
        return TP_OK;
    }
    if (!tp_hex_decode(key, call->asked.key, sizeof call->asked.key)) {
        return tp_answer_malformed(call, "An Idempotency-Key is 32 hexadecimal digits.", err);
    }
    call->is_once = true;
    call->asked.where = call->request->path;
    call->asked.worker = call->worker;
    call->asked.body = call->request->body;
    tp_answer_room(call);
    tp_rc rc = tp_tx_begin(call->ui->node->store, &tx, TP_TX_READ, err);
    if (rc == TP_OK) {
        rc = tp_answered_find(&tx, &call->asked, &call->response->body, err);
    }
    tp_tx_rollback(&tx);
    *is_answered_out = rc == TP_OK;
    return rc == TP_NOTFOUND ? TP_OK : rc;
}

/* A write that failed leaves nothing: the transaction is undone, and so is what the response
 * said. */
static tp_rc run_handler(tp_ui_call *call, tp_err *err)
{
    tp_tx_mode mode = call->route->tx == TP_ROUTE_WRITE ? TP_TX_WRITE : TP_TX_READ;
    tp_rc rc = TP_OK;
    if (call->route->tx != TP_ROUTE_NO_TX) {
        rc = tp_tx_begin(call->ui->node->store, &call->tx, mode, err);
    }
    if (rc == TP_OK) {
        rc = call->route->handle(call, err);
    }
    if (rc == TP_OK) {
        rc = check_mode(call, err);
    }
    if (rc == TP_OK && call->route->tx == TP_ROUTE_WRITE) {
        rc = tp_answer_keep(call, &call->tx, err);
    }
    if (rc == TP_OK && call->route->tx == TP_ROUTE_WRITE) {
        rc = tp_answer_prepare(call->response, err);
    }
    if (rc == TP_OK && call->route->tx == TP_ROUTE_WRITE) {
        rc = tp_tx_commit(&call->tx, err);
    }
    tp_tx_rollback(&call->tx);
    return rc;
}

static tp_rc run(tp_ui_call *call, tp_err *err)
{
    bool is_answered = false;
    tp_rc rc = read_body(call, err);
    if (rc == TP_OK) {
        rc = find_answer(call, &is_answered, err);
    }
    if (rc == TP_OK && is_answered) {
        tp_answer_json(call);
    } else if (rc == TP_OK) {
        rc = run_handler(call, err);
    }
    if (rc == TP_OK && call->is_once) {
        tp_fault_crash("ui.written"); /* committed, and nobody told */
    }
    return rc;
}

/* Other pages look again; and what travels is sent. */
static void note_write(tp_ui_call *call)
{
    bool is_quiet = (call->route->flags & TP_ROUTE_QUIET) != 0;
    if (tp_gate_writes(call->request->method)) {
        call->ui->writes_count +=
            (call->route->tx == TP_ROUTE_WRITE && !call->is_unseen) || !is_quiet;
        if (!is_quiet) {
            tp_write_wake(call->ui->node);
        }
    }
}

static void answer_route(tp_ui_call *call)
{
    tp_err err;
    tp_rc rc = run(call, &err);
    if (rc != TP_OK) {
        tp_answer_problem(call->response, call->status != 0 ? call->status : tp_answer_status(rc),
                          tp_rc_name(rc), err.what, call->field, call->more);
    } else {
        note_write(call);
    }
    json_decref(call->body);
    json_decref(call->more);
}

static void answer_api(tp_ui_call *call)
{
    tp_route_match match;
    unsigned mode = call->is_kiosk ? TP_ROUTE_KIOSK : TP_ROUTE_WORKER;
    tp_route_found found =
        tp_route_find(tp_routes, call->request->method, call->request->path, mode, &match);
    if (found != TP_ROUTE_FOUND) {
        refuse_route(call, found, &match);
        return;
    }
    call->route = match.route;
    call->args_count = match.args_count;
    memcpy(call->args, match.args, sizeof call->args);
    if (may_go_on(call)) {
        answer_route(call);
    }
}

/* What a page would ask for as soon as it is there, by the same way. */
static void answer_for_page(const tp_ui_call *page, const tp_http_request *request,
                            tp_http_response *response)
{
    tp_ui_call call = {.ui = page->ui,
                       .request = request,
                       .response = response,
                       .is_kiosk = page->is_kiosk,
                       .device = page->device};
    answer_api(&call);
}

static void answer_inside(tp_ui *ui, const tp_http_request *request, tp_http_response *response)
{
    tp_ui_call call = {.ui = ui, .request = request, .response = response};
    tp_err err;
    /* Each time: a node may be enrolled while it serves. */
    tp_rc rc = read_mode(ui->node, &call.is_kiosk, &call.device, &err);
    if (rc != TP_OK) {
        tp_answer_problem(response, tp_answer_status(rc), tp_rc_name(rc), err.what, NULL, NULL);
    } else if (tp_slice_begins(request->path, "/api/")) {
        answer_api(&call);
    } else {
        answer_page(&call);
    }
}

void tp_ui_handle(tp_ui *ui, const tp_http_request *request, tp_http_response *response)
{
    tp_gate gate = tp_gate_judge(request, ui->port);
    if (!tp_door_admits(&ui->door, request->peer)) {
        refuse_user(request, response);
    } else if (gate != TP_GATE_OPEN) {
        refuse_at_gate(gate, response);
    } else if (tp_slice_begins(request->path, enter)) {
        answer_enter(ui, request, response);
    } else if (!tp_session_has_door(&ui->door, ui->port, request)) {
        refuse_without_door(request, response);
    } else if (ui->is_readying) {
        tp_readying_answer(ui->node, request, response);
    } else {
        answer_inside(ui, request, response);
    }
    tp_answer_seal(response);
}
