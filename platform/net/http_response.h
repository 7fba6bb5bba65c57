/* One HTTP response, filled by a handler and sent by the server. */
#ifndef TP_PLATFORM_NET_HTTP_RESPONSE_H
#define TP_PLATFORM_NET_HTTP_RESPONSE_H

#include "platform/base/buf.h"

/* The server makes it (status 200, empty) and frees it.  The body is `body` or `body_static`, not
 * both. */
typedef struct tp_http_response {
    unsigned status;          /* 200 to 599 */
    const char *content_type; /* static text; NULL: the header is left out */
    tp_buf headers;           /* extra header lines; written by tp_http_response_header only */
    tp_buf body;              /* the handler adds to it, or moves a buffer in after tp_buf_done() */
    tp_slice body_static;     /* bytes that live longer than the server, such as embedded pages */
    bool wants_close;         /* close the connection after this response */
} tp_http_response;

void tp_http_response_init(tp_http_response *response);
void tp_http_response_done(tp_http_response *response);

/* Adds a header line.
 *
 * Shape:  name is a token; value has no control bytes.  Content-Length and Connection are the
 * server's. Errors: INVALID a byte that could start another header;  LIMIT heads over
 * TP_HTTP_HEAD_BYTES_MAX; NOMEM. */
TP_MUST_USE tp_rc tp_http_response_header(tp_http_response *response, const char *name,
                                          const char *value, tp_err *err);

/* Empties the response and makes it a bare status: for failures that say no more. */
void tp_http_response_fail(tp_http_response *response, unsigned status);

/* The status line and all headers, as sent: nothing but what is needed, since a sync of a device
 * that has nothing to say must stay small.
 *
 * Owns:   appended to `head`.
 * Errors: LIMIT, NOMEM of `head`. */
TP_MUST_USE tp_rc tp_http_response_write_head(const tp_http_response *response, bool will_close,
                                              tp_buf *head, tp_err *err);

/* The body in either form.  Borrowed from the response. */
tp_slice tp_http_response_body(const tp_http_response *response);

#endif
