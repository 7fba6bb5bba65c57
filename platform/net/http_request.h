/* One HTTP request as its handler sees it. */
#ifndef TP_PLATFORM_NET_HTTP_REQUEST_H
#define TP_PLATFORM_NET_HTTP_REQUEST_H

#include "platform/base/slice.h"

/* Methods that reach a handler; the server answers 501 to any other. */
typedef enum tp_http_method {
    TP_HTTP_METHOD_GET,
    TP_HTTP_METHOD_HEAD, /* answered like GET; the server leaves the body out */
    TP_HTTP_METHOD_POST,
    TP_HTTP_METHOD_PUT,
    TP_HTTP_METHOD_PATCH,
    TP_HTTP_METHOD_DELETE
} tp_http_method;

/* One reading of the caller's two clocks. */
typedef struct tp_net_moment {
    int64_t wall_ms; /* ms since 1970, UTC */
    int64_t mono_ms; /* ms of a clock that never jumps, since some fixed point */
} tp_net_moment;

/* Where the network layer learns what time it is.  Deadlines of sockets do not use it: they are
 * waits of this process, not facts. */
typedef struct tp_net_clock {
    tp_net_moment (*now)(void *ctx);
    void *ctx;
} tp_net_clock;

typedef struct tp_http_header {
    tp_slice name;  /* as sent; compare without regard to case */
    tp_slice value; /* without white space around it; no control byte but TAB */
} tp_http_header;

/* Who is at the other end. */
typedef struct tp_net_peer {
    bool has_certificate; /* false: none was presented (or no TLS); the rest of the five is empty */
    tp_slice certificate; /* DER */
    tp_slice serial;      /* bytes of the serial number as in the certificate */
    uint8_t fingerprint[32]; /* SHA-256 of the DER */
    bool is_resumed;         /* TLS session resumed: the chain was verified when it was made */
    char address[46];        /* text, IPv4 or IPv6, without port */
    bool has_user;           /* false: not asked, or nobody knows */
    uint32_t user;           /* whose program it is, where the config asks_user */
} tp_net_peer;

/* Everything here is borrowed and lives until the handler returns. */
typedef struct tp_http_request {
    tp_http_method method;
    tp_slice path;  /* starts with '/', as sent: percent escapes are not undone */
    tp_slice query; /* after the first '?'; empty when there is none */
    const tp_http_header *headers;
    size_t headers_count;
    tp_slice body;
    tp_net_moment head_at; /* when the last byte of the head was read, by the caller's clock */
    const tp_net_peer *peer;
} tp_http_request;

/* The value of the first header of that name, without regard to case; empty when there is none.
 * Host, Origin, Content-Type, Content-Length and Cookie are never there twice: the parser refuses
 * that. */
tp_slice tp_http_request_header(const tp_http_request *request, const char *name);

/* The same, and whether it was there at all (an empty value is a value). */
bool tp_http_request_has_header(const tp_http_request *request, const char *name);

#endif
