/* Bytes to one HTTP request, without sockets: fed in any pieces, from the network or from a fuzzer.
 *
 *   HEAD --end of head--> BODY --last byte--> READY --reset--> HEAD
 *     \______ anything wrong ______/--> REFUSED
 *
 * Two readers must agree on every head: a strict scan of its lines (no lone CR or LF, no folding,
 * no space before a colon, no control bytes) finds where it ends, then llhttp reads it.  A body has
 * exactly the Content-Length said: transfer codings are refused, so no two programs can differ on
 * where it ends. */
#ifndef TP_PLATFORM_NET_HTTP_PARSE_H
#define TP_PLATFORM_NET_HTTP_PARSE_H

#include "platform/base/buf.h"
#include "platform/base/limits.h"
#include "platform/net/http_request.h"

typedef enum tp_http_parse_state {
    TP_HTTP_PARSE_HEAD,   /* head not complete */
    TP_HTTP_PARSE_BODY,   /* head complete, body not */
    TP_HTTP_PARSE_READY,  /* one whole request */
    TP_HTTP_PARSE_REFUSED /* see status and why */
} tp_http_parse_state;

/* An embedded value: init, feed until READY, reset for the next, done.  Members are for reading. */
typedef struct tp_http_parser {
    tp_http_parse_state state;
    unsigned status;    /* REFUSED: what to answer, 400 to 599 */
    const char *why;    /* REFUSED: static text */
    bool is_keep_alive; /* READY: the client expects to send another one */

    /* READY and BODY; all slices point into `head`. */
    tp_http_method method;
    tp_slice path;
    tp_slice query;
    tp_http_header headers[TP_HTTP_HEADERS_MAX];
    size_t headers_count;
    tp_buf body;

    tp_buf head;           /* raw, up to the empty line */
    size_t lines;          /* ended lines of the head */
    size_t line_bytes;     /* of the line now read, without its end */
    bool is_in_name;       /* reading a header's name */
    bool saw_cr;           /* the next byte must be LF */
    size_t body_bytes_due; /* still to come */
    size_t body_bytes_max;
} tp_http_parser;

/* Units: body_bytes_max = the largest body taken. */
void tp_http_parser_init(tp_http_parser *parser, size_t body_bytes_max);
void tp_http_parser_done(tp_http_parser *parser);

/* Forgets the request and waits for the next one. */
void tp_http_parser_reset(tp_http_parser *parser);

/* Reads on.  Returns how many bytes were used: all of them unless the request became READY (the
 * rest belongs to the next one) or REFUSED (the rest is lost). */
size_t tp_http_parser_feed(tp_http_parser *parser, tp_slice in);

/* True while nothing of a request has come. */
static inline bool tp_http_parser_is_idle(const tp_http_parser *parser)
{
    return parser->state == TP_HTTP_PARSE_HEAD && parser->head.bytes == 0;
}

#endif
