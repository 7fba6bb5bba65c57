/* Filling a response and writing its head. */
#include "platform/net/http_response.h"

#include "platform/base/limits.h"

void tp_http_response_init(tp_http_response *response)
{
    memset(response, 0, sizeof *response);
    response->status = 200;
    tp_buf_init(&response->headers, TP_HTTP_HEAD_BYTES_MAX);
    tp_buf_init(&response->body, TP_HTTP_RESPONSE_BYTES_MAX);
}

void tp_http_response_done(tp_http_response *response)
{
    tp_buf_done(&response->headers);
    tp_buf_done(&response->body);
    response->body_static = tp_slice_of(NULL, 0);
}

/* Visible characters without separators: RFC 9110 section 5.6.2. */
static bool is_token(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c <= ' ' || *c > '~' || strchr("\"(),/:;<=>?@[\\]{}", *c) != NULL) {
            return false;
        }
    }
    return *text != '\0';
}

static bool is_value(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (((unsigned char)*c < ' ' && *c != '\t') || *c == 0x7f) {
            return false;
        }
    }
    return true;
}

tp_rc tp_http_response_header(tp_http_response *response, const char *name, const char *value,
                              tp_err *err)
{
    if (!is_token(name) || !is_value(value)) {
        return tp_fail(err, TP_INVALID, "not a header line: %.40s", name);
    }
    size_t bytes_before = response->headers.bytes;
    tp_rc rc = tp_buf_addf(&response->headers, err, "%s: %s\r\n", name, value);
    if (rc != TP_OK) {
        response->headers.bytes = bytes_before;
    }
    return rc;
}

void tp_http_response_fail(tp_http_response *response, unsigned status)
{
    tp_http_response_done(response);
    response->status = status;
    response->content_type = NULL;
}

tp_slice tp_http_response_body(const tp_http_response *response)
{
    return response->body.bytes > 0 ? tp_buf_slice(&response->body) : response->body_static;
}

/* RFC 9110: these have no content, and no Content-Length says so. */
static bool has_no_content(unsigned status)
{
    return status == 204 || status == 304;
}

tp_rc tp_http_response_write_head(const tp_http_response *response, bool will_close, tp_buf *head,
                                  tp_err *err)
{
    /* The reason phrase may be empty (RFC 9112 section 4); the space before it may not be missing.
     */
    tp_rc rc = tp_buf_addf(head, err, "HTTP/1.1 %u \r\n", response->status);
    if (rc == TP_OK && !has_no_content(response->status)) {
        rc = tp_buf_addf(head, err, "Content-Length: %zu\r\n",
                         tp_http_response_body(response).bytes);
    }
    if (rc == TP_OK && response->content_type != NULL) {
        rc = tp_buf_addf(head, err, "Content-Type: %s\r\n", response->content_type);
    }
    if (rc == TP_OK && will_close) {
        rc = tp_buf_add_str(head, "Connection: close\r\n", err);
    }
    if (rc == TP_OK) {
        rc = tp_buf_add_slice(head, tp_buf_slice(&response->headers), err);
    }
    return rc == TP_OK ? tp_buf_add_str(head, "\r\n", err) : rc;
}
