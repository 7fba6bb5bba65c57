/* An HTTP/1.1 server: one thread, epoll, no blocking call but the handler's own.
 *
 * Rounds.  Each turn of the loop collects every request that is complete, calls begin_round, handle
 * for each of them, end_round, and only then sends the responses: so the caller can give a whole
 * round one transaction, and no response promises what was not committed.  If begin_round or
 * end_round fails, every response of the round becomes 503, with what `failed` has to say.
 *
 * What never reaches a handler: a malformed head (400), no Host (400), a length in another form
 * than Content-Length (501), a head, URL or body over its ceiling (431, 414, 413), an unknown
 * method (501) or version (505), Expect (417), a client whose certificate does not verify (refused
 * in the handshake). */
#ifndef TP_PLATFORM_NET_HTTP_SERVER_H
#define TP_PLATFORM_NET_HTTP_SERVER_H

#include "platform/net/http_request.h"
#include "platform/net/http_response.h"
#include "platform/net/tls.h"

typedef struct tp_http_server tp_http_server;

/* What the server calls, all on the thread of tp_http_server_run.  They must not call back into run
 * or free; stop, stats and renew_tls are allowed. */
typedef struct tp_http_service {
    void *ctx;
    /* NULL: rounds have no beginning. */
    tp_rc (*begin_round)(void *ctx, tp_err *err);
    /* Answers one request.  What it leaves in `response` is sent after end_round. */
    void (*handle)(void *ctx, const tp_http_request *request, tp_http_response *response);
    /* NULL: rounds have no end. */
    tp_rc (*end_round)(void *ctx, tp_err *err);
    /* The round of this request failed, and why.  `response` is a bare 503.  NULL: it stays so. */
    void (*failed)(void *ctx, const tp_http_request *request, const tp_err *why,
                   tp_http_response *response);
    /* Called every tick_ms, outside rounds.  NULL: never. */
    void (*tick)(void *ctx);
    /* A connection was refused or broken off before its request reached `handle`; for the log.
     * NULL: nobody wants to know.  `address` and `why` are borrowed for the call. */
    void (*refused)(void *ctx, const char *address, const tp_err *why);
} tp_http_service;

/* Zero in a number means the default from platform/base/limits.h. */
typedef struct tp_http_server_config {
    const char *address;      /* numeric, "127.0.0.1", "::1", "0.0.0.0", "::" (both) */
    uint16_t port;            /* 0: the system chooses, see tp_http_server_port */
    const tp_tls_config *tls; /* borrowed for the call; NULL: no TLS (loopback only) */
    tp_net_clock clock;       /* what time requests came; `now` is required */
    /* TP_HTTP_CONNECTIONS_MAX.  Full: a new one ends another: with TLS, one that has shown no
     * certificate for TP_HTTP_STRANGER_MS; else the longest idle; else one that is in its
     * handshake.  So who shows none keeps nobody out, and whoever works is left alone. */
    unsigned connections_max;
    unsigned connections_per_address_max; /* TP_HTTP_CONNECTIONS_PER_ADDRESS_MAX */
    /* TP_HTTP_CONNECTIONS_PER_CERTIFICATE_MAX; one more ends the one whose time is up first. */
    unsigned connections_per_certificate_max;
    /* Full: a new one ends the one whose time is up first: half said, then idle, then answered.
     * Where all come from one address, the slow ones of one program do not lock out another. */
    bool ends_slowest;
    bool asks_user;        /* finds out whose program the peer is, before its first request */
    unsigned handshake_ms; /* whole handshake: TP_HTTP_HANDSHAKE_MS */
    unsigned head_ms;      /* first byte to end of head: TP_HTTP_HEAD_MS */
    unsigned body_ms;      /* end of head to end of body: TP_HTTP_BODY_MS */
    unsigned idle_ms;      /* between requests: TP_HTTP_IDLE_MS */
    unsigned write_ms;     /* whole response: TP_HTTP_WRITE_MS */
    unsigned tick_ms;      /* 0: no ticks */
} tp_http_server_config;

/* Where a connection can last too long: the deadlines of the config. */
typedef enum tp_http_phase {
    TP_HTTP_PHASE_HANDSHAKE,
    TP_HTTP_PHASE_HEAD,
    TP_HTTP_PHASE_BODY,
    TP_HTTP_PHASE_IDLE,
    TP_HTTP_PHASE_WRITE,
    TP_HTTP_PHASE_LINGER, /* answered for the last time and still sending */
    TP_HTTP_PHASE_COUNT
} tp_http_phase;

/* What the server itself answers: see the top of this file. */
#define TP_HTTP_OWN_STATUSES_COUNT 9u
extern const unsigned tp_http_own_statuses[TP_HTTP_OWN_STATUSES_COUNT];

/* Sums since the server was made.  "plain" is HTTP as read and written, heads included; "socket" is
 * what went over the network with TLS and handshakes; without TLS they are the same. */
typedef struct tp_http_server_stats {
    uint64_t connections;                            /* accepted */
    uint64_t connections_open;                       /* now */
    uint64_t connections_refused;                    /* over a ceiling, or no memory for it */
    uint64_t connections_ended;                      /* to make place for another */
    uint64_t handshakes;                             /* passed, full */
    uint64_t handshakes_resumed;                     /* passed, resumed */
    uint64_t handshakes_refused;                     /* not passed, late ones too */
    uint64_t certificates_ended;                     /* ran out on an open connection */
    uint64_t requests;                               /* that reached the handler */
    uint64_t requests_refused;                       /* answered by the server itself */
    uint64_t refused_by[TP_HTTP_OWN_STATUSES_COUNT]; /* of these, with that status */
    uint64_t late[TP_HTTP_PHASE_COUNT];              /* deadlines that passed */
    uint64_t rounds;
    uint64_t rounds_failed;
    uint64_t plain_bytes_in;
    uint64_t plain_bytes_out;
    uint64_t socket_bytes_in;
    uint64_t socket_bytes_out;
} tp_http_server_stats;

/* Makes the server and binds its port; nobody is answered before run.
 *
 * Owns:   *server_out is the caller's, tp_http_server_free().  `service` is copied, its ctx
 * borrowed. Errors: INVALID address, certificate or key;  EXISTS the port is taken;  DENIED not
 * allowed to bind; NOMEM, IO. */
TP_MUST_USE tp_rc tp_http_server_new(const tp_http_server_config *config,
                                     const tp_http_service *service, tp_http_server **server_out,
                                     tp_err *err);

/* The port that is bound. */
uint16_t tp_http_server_port(const tp_http_server *server);

/* The run of `server` serves `beside` as well, on its thread and with limits of its own, between
 * its own rounds, and ends it with itself; `beside` is not run by itself.  Once; both outlive the
 * run.  Errors: IO. */
TP_MUST_USE tp_rc tp_http_server_add_beside(tp_http_server *server, tp_http_server *beside,
                                            tp_err *err);

/* Serves until tp_http_server_stop.  Responses that are on their way then get TP_HTTP_DRAIN_MS; all
 * connections are closed when it returns.
 * Errors: IO the loop itself failed (never one connection). */
TP_MUST_USE tp_rc tp_http_server_run(tp_http_server *server, tp_err *err);

/* Ends run, also if it has not begun.  Callable from a signal handler and from any thread. */
void tp_http_server_stop(tp_http_server *server);

/* Thread: the one of run, or any when run does not. */
void tp_http_server_stats_read(const tp_http_server *server, tp_http_server_stats *stats_out);

/* New connections get this certificate and key; those that are open keep theirs.  A session that
 * was begun under the old one is not resumed.  On error all is as it was.
 * Errors: as tp_tls_server_new.  Thread: as stats.  The server was made with TLS (assert). */
TP_MUST_USE tp_rc tp_http_server_renew_tls(tp_http_server *server, const tp_tls_config *tls,
                                           tp_err *err);

/* Takes NULL. */
void tp_http_server_free(tp_http_server *server);

#endif
