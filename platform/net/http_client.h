/* The node's way to its hub: HTTPS on libcurl, one connection kept and its TLS session resumed.
 *
 * Trust.  The hub is who its CA says; the CA is pinned, nothing else on the machine is trusted, and
 * the hub's certificate always carries one fixed name, whatever address it is reached at.  Dates
 * are judged by the best time the caller knows, since the machine may believe it is 2023; without
 * one they are not judged.  Peer verification is never off.
 *
 * One request at a time.  start and wait are apart, so that the next batch can be made while one is
 * on its way; bytes move inside start, advance and wait.  One thread at a time. */
#ifndef TP_PLATFORM_NET_HTTP_CLIENT_H
#define TP_PLATFORM_NET_HTTP_CLIENT_H

#include "platform/base/buf.h"

/* The name that is in every hub's certificate (subject alternative name, DNS). */
#define TP_HTTP_HUB_NAME "teapot-hub"

/* How much of the CA's fingerprint pins it: the first 128 bits, since a person may have to type
 * them, and a second CA with the same ones is out of reach. */
enum { TP_CA_PIN_BYTES = 16 };

typedef struct tp_http_client tp_http_client;

/* Returns the best known time in ms since 1970, or 0 when none is known. */
typedef int64_t (*tp_http_best_time)(void *ctx);

/* All text and slices are borrowed for the call; the client keeps copies.  Zero in a number means
 * the default from platform/base/limits.h. */
typedef struct tp_http_client_config {
    const char *url; /* "https://hub.example:8443", "https://[::1]:8443": no path */
    tp_slice ca_pem; /* the hub's CA; empty only with ca_pin */
    const uint8_t
        *ca_pin; /* enrolment: TP_CA_PIN_BYTES of the SHA-256 of the CA's DER; NULL: ca_pem */
    tp_slice certificate_pem; /* this device's; empty: none (enrolment) */
    tp_slice key_pem;         /* its key, unencrypted PEM in memory; empty with certificate_pem */
    tp_http_best_time best_time; /* NULL: no time is known */
    void *best_time_ctx;
    unsigned connect_ms;       /* TP_HTTP_CONNECT_MS: name, TCP and TLS */
    unsigned total_ms;         /* TP_HTTP_TOTAL_MS: one whole request */
    unsigned stall_s;          /* TP_HTTP_STALL_S: gives up after so long below 16 bytes a second */
    size_t response_bytes_max; /* TP_HTTP_BODY_BYTES_MAX: body of a response */
} tp_http_client_config;

typedef struct tp_http_client_request {
    bool is_post;
    const char *path;         /* "/v1/sync", copied */
    const char *content_type; /* of a POST; NULL: the header is left out */
    tp_slice body;            /* of a POST; borrowed until wait or cancel returns */
} tp_http_client_request;

/* An embedded value: init, use for many requests, done. */
typedef struct tp_http_client_response {
    unsigned status;
    unsigned retry_after_s; /* what the hub asked for; 0: it did not */
    tp_buf body;            /* emptied at each request, the room kept */
} tp_http_client_response;

/* Sums since the client was made; plain bytes are HTTP with heads, before TLS. */
typedef struct tp_http_client_stats {
    uint64_t requests;    /* that got a response */
    uint64_t connections; /* made, each with a TLS handshake */
    uint64_t plain_bytes_out;
    uint64_t plain_bytes_in;
} tp_http_client_stats;

/* Errors: INVALID url, or neither ca_pem nor ca_pin;  NOMEM;  IO libcurl would not start.
 * Owns:   *client_out is the caller's, tp_http_client_free(). */
TP_MUST_USE tp_rc tp_http_client_new(const tp_http_client_config *config,
                                     tp_http_client **client_out, tp_err *err);
void tp_http_client_free(tp_http_client *client); /* takes NULL; ends a request under way */

void tp_http_client_response_init(tp_http_client_response *response);
void tp_http_client_response_done(tp_http_client_response *response);

/* Begins a request and sends what the system takes at once; does not wait.
 * Errors: BUSY another one is under way;  INVALID path;  NOMEM, IO. */
TP_MUST_USE tp_rc tp_http_client_start(tp_http_client *client,
                                       const tp_http_client_request *request, tp_err *err);

/* Moves the request on as far as it goes without waiting; for callers with long work between start
 * and wait.  What goes wrong is told by wait. */
void tp_http_client_advance(tp_http_client *client);
/* Would wait return at once?  For callers that never wait: advance, and look again later. */
bool tp_http_client_is_done(const tp_http_client *client);

/* Waits for the response.  Any status is TP_OK: what it means is the caller's to say.
 *
 * Owns:   response->body; valid until the next request with that response.
 * Errors: OFFLINE nobody there, cut or too slow: nothing is known of what the hub did;
 *         DENIED the TLS handshake was refused by either side, err says by which and why;
 *         LIMIT the response is over its ceiling;  CORRUPT it is not HTTP;  INVALID no request was
 *         started, or the certificate or key given to new cannot be used;  NOMEM, IO. */
TP_MUST_USE tp_rc tp_http_client_wait(tp_http_client *client, tp_http_client_response *response,
                                      tp_err *err);

/* Start and wait in one. */
TP_MUST_USE tp_rc tp_http_client_do(tp_http_client *client, const tp_http_client_request *request,
                                    tp_http_client_response *response, tp_err *err);

/* Gives up the request under way, if there is one.  The connection is closed. */
void tp_http_client_cancel(tp_http_client *client);

/* Enrolment: the PEM of the CA whose fingerprint was pinned, after a request got a response; empty
 * before. Borrowed until the client is freed. */
tp_slice tp_http_client_ca_pem(const tp_http_client *client);

void tp_http_client_stats_read(const tp_http_client *client, tp_http_client_stats *stats_out);

#endif
