/* TLS for servers, behind a few calls, so that the library underneath can change.  The HTTP core
 * knows no more of TLS than this file.
 *
 * A connection that is not ready answers TP_BUSY and says what it waits for; the caller comes back
 * with the same arguments when the socket is ready.  Nothing here blocks. */
#ifndef TP_PLATFORM_NET_TLS_H
#define TP_PLATFORM_NET_TLS_H

#include "platform/base/err.h"
#include "platform/net/http_request.h"

/* Keys, trust and the cache of sessions of one listening server.  One thread. */
typedef struct tp_tls_server tp_tls_server;
typedef struct tp_tls_conn tp_tls_conn;

/* All slices are borrowed for the time of the call. */
typedef struct tp_tls_config {
    tp_slice
        certificate_pem; /* the server's own, followed by its CA: an enrolling node pins the CA */
    tp_slice key_pem;    /* of the first certificate, P-256 */
    tp_slice
        client_ca_pem;     /* who signs clients; empty: clients are never asked for a certificate */
    tp_net_clock clock;    /* judges the dates of client certificates; `now` is required */
    unsigned sessions_max; /* sessions kept for resumption; 0: TP_TLS_SESSIONS_MAX */
    unsigned session_s_max; /* seconds a session may be resumed; 0: TP_TLS_SESSION_S_MAX */
} tp_tls_config;

typedef enum tp_tls_wait {
    TP_TLS_WAIT_READ, /* until the socket can be read */
    TP_TLS_WAIT_WRITE /* until the socket can be written */
} tp_tls_wait;

/* Errors: INVALID a certificate or key that cannot be read or do not belong together;  NOMEM;
 *         IO no randomness.
 * Owns:   *server_out is the caller's, tp_tls_server_free(). */
TP_MUST_USE tp_rc tp_tls_server_new(const tp_tls_config *config, tp_tls_server **server_out,
                                    tp_err *err);
/* Connections that are open go on with it; the last of them frees it.  Takes NULL. */
void tp_tls_server_free(tp_tls_server *server);

/* Takes a connected, non-blocking socket for TLS.  The socket stays the caller's to close.
 * Errors: NOMEM. */
TP_MUST_USE tp_rc tp_tls_conn_new(tp_tls_server *server, int fd, tp_tls_conn **conn_out,
                                  tp_err *err);

/* One step of the handshake.
 *
 * A client without a certificate passes.  One whose certificate does not verify against the client
 * CA, or is out of date by the server's clock, does not, also when it resumes a session. Errors:
 * BUSY see *wait_out;  DENIED the certificate, err says why;  OFFLINE the peer left; CORRUPT not
 * TLS, or not a version or suite we speak;  IO, NOMEM. */
TP_MUST_USE tp_rc tp_tls_conn_handshake(tp_tls_conn *conn, tp_tls_wait *wait_out, tp_err *err);

/* Who the client is, after the handshake: fills every member but `address`.  Slices are borrowed
 * from the connection. */
void tp_tls_conn_peer(const tp_tls_conn *conn, tp_net_peer *peer);

/* Whether the client's certificate has run out since the handshake: a connection may be kept open
 * for longer than it counts.  err says why. */
TP_MUST_USE tp_rc tp_tls_conn_check_dates(const tp_tls_conn *conn, tp_err *err);

/* Reads up to `bytes` into `at`; *bytes_out 0 with TP_OK means that the peer closed.
 * Errors: BUSY see *wait_out;  OFFLINE the connection broke;  CORRUPT not TLS;  IO, NOMEM. */
TP_MUST_USE tp_rc tp_tls_conn_read(tp_tls_conn *conn, uint8_t *at, size_t bytes, size_t *bytes_out,
                                   tp_tls_wait *wait_out, tp_err *err);

/* True if decrypted bytes wait inside, which no event of the socket will announce. */
bool tp_tls_conn_has_more(const tp_tls_conn *conn);

/* Writes some of `bytes`; *bytes_out says how many were taken.  After BUSY the same bytes come
 * again. Errors: as tp_tls_conn_read. */
TP_MUST_USE tp_rc tp_tls_conn_write(tp_tls_conn *conn, const uint8_t *at, size_t bytes,
                                    size_t *bytes_out, tp_tls_wait *wait_out, tp_err *err);

/* Bytes that went over the socket so far, handshake and records: what TLS makes of the plain ones.
 */
uint64_t tp_tls_conn_bytes_in(const tp_tls_conn *conn);
uint64_t tp_tls_conn_bytes_out(const tp_tls_conn *conn);

/* Says goodbye if the socket takes it at once, and frees.  Takes NULL. */
void tp_tls_conn_close(tp_tls_conn *conn);

#endif
