/* Filling a response. */
#include "node/ui/answer.h"

#include <stdio.h>

static const char json_content[] = "application/json";

void tp_answer_room(tp_ui_call *call)
{
    tp_buf_done(&call->response->body);
    tp_buf_init(&call->response->body, TP_UI_ANSWER_BYTES_MAX);
}

tp_json_print *tp_answer_begin(tp_ui_call *call)
{
    tp_answer_room(call);
    tp_json_print_begin_buf(&call->json, &call->response->body);
    return &call->json;
}

void tp_answer_json(tp_ui_call *call)
{
    call->response->content_type = json_content;
}

tp_rc tp_answer_end(tp_ui_call *call, tp_err *err)
{
    tp_answer_json(call);
    return tp_json_print_end_buf(&call->json, err);
}

tp_rc tp_answer_keep(tp_ui_call *call, tp_tx *tx, tp_err *err)
{
    return !call->is_once ? TP_OK
                          : tp_answered_keep(tx, &call->asked, call->ui->node->rng,
                                             tp_buf_slice(&call->response->body), err);
}

tp_rc tp_answer_nothing(tp_ui_call *call)
{
    call->response->status = 204;
    return TP_OK;
}

tp_rc tp_answer_malformed(tp_ui_call *call, const char *text, tp_err *err)
{
    call->status = 400;
    return tp_fail(err, TP_INVALID, "%s", text);
}

void tp_answer_field(tp_ui_call *call, const char *field)
{
    snprintf(call->field, sizeof call->field, "%s", field);
}

unsigned tp_answer_status(tp_rc rc)
{
    switch (rc) {
    case TP_OK:
        return 200;
    case TP_INVALID:
    case TP_LIMIT:
        return 422;
    case TP_NOTFOUND:
        return 404;
    case TP_EXISTS:
    case TP_BUSY:
        return 409;
    case TP_DENIED:
        return 403;
    case TP_NOMEM:
    case TP_OFFLINE:
    case TP_CORRUPT:
    case TP_IO:
        return 503;
    }
    return 503;
}

static json_t *make_problem(const char *code, const char *text, const char *field,
                            const json_t *more)
{
    json_t *problem = json_pack("{s:s,s:s}", "error", code, "text", text);
    if (problem != NULL && field != NULL && field[0] != '\0') {
        (void)json_object_set_new(problem, "field", json_string(field));
    }
    if (problem != NULL && more != NULL) {
        (void)json_object_update_missing(problem, (json_t *)more);
    }
    return problem;
}

void tp_answer_problem(tp_http_response *response, unsigned status, const char *code,
                       const char *text, const char *field, const json_t *more)
{
    tp_json_print p;
    tp_err err;
    tp_http_response_fail(response, status);
    tp_json_print_begin_buf(&p, &response->body);
    tp_json_document(&p, make_problem(code, text, field, more));
    if (tp_json_print_end_buf(&p, &err) == TP_OK) {
        response->content_type = "application/problem+json";
    } else {
        tp_http_response_fail(response, 503);
    }
}

void tp_answer_plain_page(tp_http_response *response, unsigned status, const char *html)
{
    tp_http_response_fail(response, status);
    response->content_type = "text/html; charset=utf-8";
    response->body_static = tp_slice_str(html);
}

tp_rc tp_answer_body_text(tp_ui_call *call, const char *key, tp_slice *text_out, tp_err *err)
{
    const json_t *value = json_object_get(call->body, key);
    *text_out = tp_slice_of(NULL, 0);
    if (value == NULL || json_is_null(value)) {
        return TP_OK;
    }
    if (!json_is_string(value)) {
        tp_answer_field(call, key);
        return tp_fail(err, TP_INVALID, "\"%.40s\" must be text", key);
    }
    *text_out = tp_slice_of(json_string_value(value), json_string_length(value));
    return TP_OK;
}

/* ---- Headers of every response ---- */

static const struct header {
    const char *name;
    const char *value;
} headers[] = {
    {"Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src "
                                "'self' data:; connect-src 'self'; "
                                "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};

static tp_rc add_headers(tp_http_response *response, tp_err *err)
{
    tp_rc rc = TP_OK;
    for (size_t i = 0; rc == TP_OK && i < sizeof headers / sizeof headers[0]; i++) {
        rc = tp_http_response_header(response, headers[i].name, headers[i].value, err);
    }
    return rc;
}

/* An asset has said how it may be kept; nothing else is kept anywhere. */
static bool says(const tp_http_response *response, const char *header)
{
    return response->headers.bytes > 0 &&
           memmem(response->headers.at, response->headers.bytes, header, strlen(header)) != NULL;
}

tp_rc tp_answer_prepare(tp_http_response *response, tp_err *err)
{
    tp_rc rc = TP_OK;
    if (!says(response, "Cache-Control:")) {
        rc = tp_http_response_header(response, "Cache-Control", "no-store", err);
    }
    if (rc == TP_OK && !says(response, headers[0].name)) {
        rc = add_headers(response, err);
    }
    return rc;
}

void tp_answer_seal(tp_http_response *response)
{
    tp_err err;
    if (tp_answer_prepare(response, &err) != TP_OK) {
        tp_http_response_fail(response, 503);
    }
}
