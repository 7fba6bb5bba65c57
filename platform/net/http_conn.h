/* One connection of the server: from its socket to a whole request, and from a response to its
 * socket. Never blocks; knows nothing of rounds, which are the server's.
 *
 *   HANDSHAKE --> READ --whole request--> READY --respond--> WRITE --> READ (next request)
 *                   \____refused, late____________________/     \--> LINGER --> DEAD
 *   any state --broken, late--> DEAD */
#ifndef TP_PLATFORM_NET_HTTP_CONN_H
#define TP_PLATFORM_NET_HTTP_CONN_H

#include "platform/net/http_parse.h"
#include "platform/net/http_server.h"

typedef enum tp_http_conn_state {
    TP_HTTP_CONN_HANDSHAKE,
    TP_HTTP_CONN_READ,
    TP_HTTP_CONN_READY, /* waits for the round; nothing is read meanwhile */
    TP_HTTP_CONN_WRITE,
    TP_HTTP_CONN_LINGER, /* answered for the last time; what still comes is thrown away */
    TP_HTTP_CONN_DEAD    /* to be freed */
} tp_http_conn_state;

/* What the server's connections share.  One thread. */
typedef struct tp_http_conn_env {
    tp_http_server_config config; /* with no zero left; address and tls are not used */
    tp_http_service service;      /* refused() only */
    tp_tls_server *tls;           /* NULL: no TLS */
    tp_http_server_stats *stats;
    uint8_t *scratch; /* TP_HTTP_READ_BYTES_MAX bytes for reading */
    int64_t now_ms;   /* CLOCK_MONOTONIC at the start of this turn of the loop */
} tp_http_conn_env;

typedef struct tp_http_conn tp_http_conn;
struct tp_http_conn {
    tp_http_conn_env *env; /* outlives the connection */
    int fd;
    tp_http_conn_state state;
    tp_tls_conn *tls;    /* NULL: no TLS */
    bool waits_to_write; /* what the last step waited for */
    int64_t deadline_ms; /* when the state has lasted too long */
    int64_t opened_ms;
    tp_net_peer peer;
    bool has_asked_user; /* of this connection: its answer stands in `peer` */
    tp_http_parser parser;
    tp_net_moment head_at;
    tp_buf ahead; /* read, but belongs to the next request */
    tp_http_response response;
    tp_buf out;             /* head of the response, with the body if that is short */
    size_t out_bytes_done;  /* of `out` */
    size_t body_bytes_done; /* of the body, where it is not in `out` */
    bool will_close;        /* after this response */
    size_t linger_bytes;    /* thrown away so far */
    uint64_t tls_bytes_in;  /* already in the sums */
    uint64_t tls_bytes_out;
    tp_http_conn *next;       /* the server's list of all */
    tp_http_conn *next_ready; /* the server's list of a round */
    uint32_t events;          /* what epoll watches now */
};

/* Takes the socket: closed with the connection, also on failure.  Errors: NOMEM. */
TP_MUST_USE tp_rc tp_http_conn_new(tp_http_conn_env *env, int fd, const char *address,
                                   tp_http_conn **conn_out, tp_err *err);
void tp_http_conn_free(tp_http_conn *conn); /* takes NULL */

/* Goes as far as it can without waiting: the socket is ready, or there are bytes left from before.
 */
void tp_http_conn_step(tp_http_conn *conn);

/* READY: the request as the handler sees it.  Borrowed from the connection. */
tp_http_request tp_http_conn_request(tp_http_conn *conn);

/* READY: sends what is in conn->response; the handler's part is over. */
void tp_http_conn_respond(tp_http_conn *conn);

/* The deadline has passed: says so to a client in mid-request, closes any other. */
void tp_http_conn_expire(tp_http_conn *conn);

/* True if nothing is lost by closing: between two requests. */
bool tp_http_conn_is_idle(const tp_http_conn *conn);

#endif
