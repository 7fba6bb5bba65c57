/* TLS 1.2 for servers on mbedTLS 2.28: mutual authentication, P-256, AES-GCM. */
#include "platform/net/tls.h"

#include "platform/base/alloc.h"
#include "platform/base/buf.h"
#include "platform/base/limits.h"
#include "platform/net/socket.h"

#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/error.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/platform_util.h>
#include <mbedtls/sha256.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_cache.h>

enum {
    PEM_BYTES_MAX = 64 * 1024, /* a PEM text given to tp_tls_server_new is at most this long */
    PROBE_LIMBS = 8,
    ALERT_RECORD_BYTES = 7 /* type, version, length: 5; level, description (RFC 5246, 7.2) */
};

struct tp_tls_server {
    mbedtls_ssl_config config;
    mbedtls_ssl_cache_context sessions;
    mbedtls_entropy_context entropy;
    mbedtls_ctr_drbg_context random;
    mbedtls_x509_crt certificate; /* chain */
    mbedtls_pk_context key;
    mbedtls_x509_crt client_ca;
    tp_net_clock clock;
    size_t conns;       /* open */
    bool is_given_up;   /* the last connection frees it */
    bool found_session; /* set by the session cache, during one step of one handshake */
};

struct tp_tls_conn {
    tp_tls_server *server;
    mbedtls_ssl_context ssl;
    int fd;
    uint32_t found_flags;   /* in this chain, so far */
    uint32_t refused_flags; /* why the client's certificate did not verify; 0: no reason yet */
    bool is_judged;         /* a certificate was verified in this handshake */
    bool is_resumed;
    size_t write_bytes; /* of a write that must be repeated with the same length; 0: none */
    uint64_t bytes_in;
    uint64_t bytes_out;
};

static int find_session(void *ctx, mbedtls_ssl_session *session);
static int keep_session(void *ctx, const mbedtls_ssl_session *session);
static uint32_t date_flags(const tp_tls_server *server, const mbedtls_x509_crt *certificate);
static int judge_certificate(void *ctx, mbedtls_x509_crt *certificate, int depth, uint32_t *flags);
static int send_bytes(void *ctx, const unsigned char *at, size_t bytes);
static int receive_bytes(void *ctx, unsigned char *at, size_t bytes);

static const int suites[] = {MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
                             MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, 0};
static const mbedtls_ecp_group_id curves[] = {MBEDTLS_ECP_DP_SECP256R1, MBEDTLS_ECP_DP_NONE};

static tp_rc fail_tls(tp_err *err, tp_rc rc, int code, const char *what)
{
    char text[100];
    mbedtls_strerror(code, text, sizeof text);
    return tp_fail_from(err, rc, TP_ORIGIN_MBEDTLS, code, "%s: %s", what, text);
}

/* mbedTLS reads PEM only up to a zero byte that it counts. */
static tp_rc copy_pem(tp_slice pem, tp_buf *copy, const char *what, tp_err *err)
{
    tp_buf_init(copy, PEM_BYTES_MAX);
    tp_rc rc = tp_buf_add_slice(copy, pem, err);
    if (rc == TP_OK) {
        rc = tp_buf_add(copy, "", 1, err);
    }
    return rc == TP_LIMIT ? tp_fail(err, TP_INVALID, "%s is too long", what) : rc;
}

static tp_rc read_certificates(tp_slice pem, const char *what, mbedtls_x509_crt *chain, tp_err *err)
{
    tp_buf copy;
    tp_rc rc = copy_pem(pem, &copy, what, err);
    int code = rc == TP_OK ? mbedtls_x509_crt_parse(chain, copy.at, copy.bytes) : 0;
    if (code != 0) { /* above 0: that many could not be read */
        rc = fail_tls(err, TP_INVALID, code > 0 ? MBEDTLS_ERR_X509_INVALID_FORMAT : code, what);
    }
    tp_buf_done(&copy);
    return rc;
}

static tp_rc read_key(tp_tls_server *server, tp_slice pem, tp_err *err)
{
    tp_buf copy;
    tp_rc rc = copy_pem(pem, &copy, "the server's key", err);
    int code = rc == TP_OK ? mbedtls_pk_parse_key(&server->key, copy.at, copy.bytes, NULL, 0) : 0;
    if (rc == TP_OK && code == 0) {
        code = mbedtls_pk_check_pair(&server->certificate.pk, &server->key);
    }
    if (code != 0) {
        rc = fail_tls(err, TP_INVALID, code, "the server's key");
    }
    if (copy.at != NULL) {
        mbedtls_platform_zeroize(copy.at, copy.room);
    }
    tp_buf_done(&copy);
    return rc;
}

static tp_rc read_pems(tp_tls_server *server, const tp_tls_config *config, tp_err *err)
{
    tp_rc rc = read_certificates(config->certificate_pem, "the server's certificate",
                                 &server->certificate, err);
    if (rc == TP_OK) {
        rc = read_key(server, config->key_pem, err);
    }
    if (rc == TP_OK && config->client_ca_pem.bytes > 0) {
        rc = read_certificates(config->client_ca_pem, "the CA of clients", &server->client_ca, err);
    }
    return rc;
}

static tp_rc configure(tp_tls_server *server, const tp_tls_config *config, tp_err *err)
{
    mbedtls_ssl_config *ours = &server->config;
    int code = mbedtls_ssl_config_defaults(
        ours, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
    if (code == 0) {
        code = mbedtls_ctr_drbg_seed(&server->random, mbedtls_entropy_func, &server->entropy,
                                     (const unsigned char *)"teapot tls", 10);
    }
    if (code == 0) {
        code = mbedtls_ssl_conf_own_cert(ours, &server->certificate, &server->key);
    }
    if (code != 0) {
        return fail_tls(err, TP_IO, code, "TLS cannot be set up");
    }
    mbedtls_ssl_conf_rng(ours, mbedtls_ctr_drbg_random, &server->random);
    mbedtls_ssl_conf_min_version(ours, MBEDTLS_SSL_MAJOR_VERSION_3, MBEDTLS_SSL_MINOR_VERSION_3);
    mbedtls_ssl_conf_ciphersuites(ours, suites);
    mbedtls_ssl_conf_curves(ours, curves);
    mbedtls_ssl_conf_cert_profile(ours, &mbedtls_x509_crt_profile_suiteb);
    mbedtls_ssl_conf_session_cache(ours, server, find_session, keep_session);
    unsigned sessions = config->sessions_max == 0 ? TP_TLS_SESSIONS_MAX : config->sessions_max;
    unsigned seconds = config->session_s_max == 0 ? TP_TLS_SESSION_S_MAX : config->session_s_max;
    mbedtls_ssl_cache_set_max_entries(&server->sessions, (int)sessions);
    mbedtls_ssl_cache_set_timeout(&server->sessions, (int)seconds);
    /* OPTIONAL lets a client without a certificate in, to enrol; judge_certificate ends the
     * handshake of one whose certificate does not verify.  The list of our CA's names would only
     * cost bytes. */
    mbedtls_ssl_conf_authmode(ours, config->client_ca_pem.bytes > 0 ? MBEDTLS_SSL_VERIFY_OPTIONAL
                                                                    : MBEDTLS_SSL_VERIFY_NONE);
    mbedtls_ssl_conf_ca_chain(ours, &server->client_ca, NULL);
    mbedtls_ssl_conf_cert_req_ca_list(ours, MBEDTLS_SSL_CERT_REQ_CA_LIST_DISABLED);
    return TP_OK;
}

tp_rc tp_tls_server_new(const tp_tls_config *config, tp_tls_server **server_out, tp_err *err)
{
    *server_out = NULL;
    tp_tls_server *server = tp_alloc(sizeof *server);
    if (server == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for TLS");
    }
    mbedtls_ssl_config_init(&server->config);
    mbedtls_ssl_cache_init(&server->sessions);
    mbedtls_entropy_init(&server->entropy);
    mbedtls_ctr_drbg_init(&server->random);
    mbedtls_x509_crt_init(&server->certificate);
    mbedtls_pk_init(&server->key);
    mbedtls_x509_crt_init(&server->client_ca);
    server->clock = config->clock;
    tp_rc rc = read_pems(server, config, err);
    if (rc == TP_OK) {
        rc = configure(server, config, err);
    }
    if (rc != TP_OK) {
        goto out;
    }
    *server_out = server;
    server = NULL; /* now the caller's */
out:
    tp_tls_server_free(server);
    return rc;
}

void tp_tls_server_free(tp_tls_server *server)
{
    if (server == NULL) {
        return;
    }
    if (server->conns > 0) {
        server->is_given_up = true;
        return;
    }
    mbedtls_ssl_config_free(&server->config);
    mbedtls_ssl_cache_free(&server->sessions);
    mbedtls_ctr_drbg_free(&server->random);
    mbedtls_entropy_free(&server->entropy);
    mbedtls_x509_crt_free(&server->certificate);
    mbedtls_pk_free(&server->key);
    mbedtls_x509_crt_free(&server->client_ca);
    tp_free(server);
}

tp_rc tp_tls_conn_new(tp_tls_server *server, int fd, tp_tls_conn **conn_out, tp_err *err)
{
    *conn_out = NULL;
    tp_tls_conn *conn = tp_alloc(sizeof *conn);
    if (conn == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for a TLS connection");
    }
    conn->server = server;
    conn->fd = fd;
    mbedtls_ssl_init(&conn->ssl);
    int code = mbedtls_ssl_setup(&conn->ssl, &server->config);
    if (code != 0) {
        mbedtls_ssl_free(&conn->ssl);
        tp_free(conn);
        return fail_tls(err, TP_NOMEM, code, "no memory for a TLS connection");
    }
    mbedtls_ssl_set_verify(&conn->ssl, judge_certificate, conn);
    mbedtls_ssl_set_bio(&conn->ssl, conn, send_bytes, receive_bytes, NULL);
    server->conns++;
    *conn_out = conn;
    return TP_OK;
}

/* What an mbedTLS call on a connection means.  `code` is below 0. */
static tp_rc judge_code(int code, tp_tls_wait *wait_out, tp_err *err)
{
    switch (code) {
    case MBEDTLS_ERR_SSL_WANT_READ:
        *wait_out = TP_TLS_WAIT_READ;
        return tp_fail_from(err, TP_BUSY, TP_ORIGIN_MBEDTLS, code, "TLS waits to read");
    case MBEDTLS_ERR_SSL_WANT_WRITE:
        *wait_out = TP_TLS_WAIT_WRITE;
        return tp_fail_from(err, TP_BUSY, TP_ORIGIN_MBEDTLS, code, "TLS waits to write");
    case MBEDTLS_ERR_NET_CONN_RESET:
    case MBEDTLS_ERR_SSL_CONN_EOF:
    case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
        return fail_tls(err, TP_OFFLINE, code, "the peer left");
    case MBEDTLS_ERR_SSL_ALLOC_FAILED:
    case MBEDTLS_ERR_X509_ALLOC_FAILED:
    case MBEDTLS_ERR_MPI_ALLOC_FAILED:
    case MBEDTLS_ERR_ECP_ALLOC_FAILED:
        return fail_tls(err, TP_NOMEM, code, "no memory for TLS");
    case MBEDTLS_ERR_SSL_FATAL_ALERT_MESSAGE:
        return fail_tls(err, TP_DENIED, code, "the peer broke off TLS");
    default:
        return fail_tls(err, TP_CORRUPT, code, "TLS failed");
    }
}

static tp_rc fail_certificate(const tp_tls_conn *conn, tp_err *err)
{
    char why[100] = "";
    mbedtls_x509_crt_verify_info(why, sizeof why, "", conn->refused_flags);
    why[strcspn(why, "\n")] = '\0';
    return tp_fail_from(err, TP_DENIED, TP_ORIGIN_MBEDTLS, (int)conn->refused_flags,
                        "the client's certificate is refused: %s", why);
}

tp_rc tp_tls_conn_handshake(tp_tls_conn *conn, tp_tls_wait *wait_out, tp_err *err)
{
    conn->server->found_session = false;
    int code = mbedtls_ssl_handshake(&conn->ssl);
    conn->is_resumed = (conn->is_resumed || conn->server->found_session) && !conn->is_judged;
    if (conn->refused_flags != 0) {
        return fail_certificate(conn, err);
    }
    if (code != 0) {
        return judge_code(code, wait_out, err);
    }
    /* OPTIONAL also passes over what mbedTLS finds after the chain, such as a key on another curve.
     */
    uint32_t flags = mbedtls_ssl_get_verify_result(&conn->ssl);
    if (mbedtls_ssl_get_peer_cert(&conn->ssl) != NULL && flags != 0) {
        conn->refused_flags = flags;
        return fail_certificate(conn, err);
    }
    return TP_OK;
}

void tp_tls_conn_peer(const tp_tls_conn *conn, tp_net_peer *peer)
{
    const mbedtls_x509_crt *certificate = mbedtls_ssl_get_peer_cert(&conn->ssl);
    peer->is_resumed = conn->is_resumed;
    peer->has_certificate = certificate != NULL;
    if (certificate == NULL) {
        peer->certificate = tp_slice_of(NULL, 0);
        peer->serial = tp_slice_of(NULL, 0);
        memset(peer->fingerprint, 0, sizeof peer->fingerprint);
        return;
    }
    peer->certificate = tp_slice_of(certificate->raw.p, certificate->raw.len);
    peer->serial = tp_slice_of(certificate->serial.p, certificate->serial.len);
    if (mbedtls_sha256_ret(certificate->raw.p, certificate->raw.len, peer->fingerprint, 0) != 0) {
        peer->has_certificate =
            false; /* the digest did not run: nobody is recognised by half of it */
    }
}

tp_rc tp_tls_conn_check_dates(const tp_tls_conn *conn, tp_err *err)
{
    const mbedtls_x509_crt *certificate = mbedtls_ssl_get_peer_cert(&conn->ssl);
    if (certificate == NULL ||
        (date_flags(conn->server, certificate) & MBEDTLS_X509_BADCERT_EXPIRED) == 0) {
        return TP_OK;
    }
    return tp_fail_from(err, TP_DENIED, TP_ORIGIN_MBEDTLS, MBEDTLS_X509_BADCERT_EXPIRED,
                        "the client's certificate has run out on an open connection");
}

tp_rc tp_tls_conn_read(tp_tls_conn *conn, uint8_t *at, size_t bytes, size_t *bytes_out,
                       tp_tls_wait *wait_out, tp_err *err)
{
    int n = mbedtls_ssl_read(&conn->ssl, at, bytes);
    if (n == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY || n == MBEDTLS_ERR_SSL_CONN_EOF) {
        n = 0; /* HTTP says itself where a message ends, so a missing goodbye hides nothing */
    }
    if (n < 0) {
        return judge_code(n, wait_out, err);
    }
    *bytes_out = (size_t)n;
    return TP_OK;
}

bool tp_tls_conn_has_more(const tp_tls_conn *conn)
{
    return mbedtls_ssl_check_pending(&conn->ssl) != 0;
}

tp_rc tp_tls_conn_write(tp_tls_conn *conn, const uint8_t *at, size_t bytes, size_t *bytes_out,
                        tp_tls_wait *wait_out, tp_err *err)
{
    size_t now = conn->write_bytes > 0 && conn->write_bytes < bytes ? conn->write_bytes : bytes;
    int n = mbedtls_ssl_write(&conn->ssl, at, now);
    if (n < 0) {
        conn->write_bytes = now;
        return judge_code(n, wait_out, err);
    }
    conn->write_bytes = 0;
    *bytes_out = (size_t)n;
    return TP_OK;
}

uint64_t tp_tls_conn_bytes_in(const tp_tls_conn *conn)
{
    return conn->bytes_in;
}

uint64_t tp_tls_conn_bytes_out(const tp_tls_conn *conn)
{
    return conn->bytes_out;
}

void tp_tls_conn_close(tp_tls_conn *conn)
{
    if (conn == NULL) {
        return;
    }
    tp_tls_server *server = conn->server;
    (void)mbedtls_ssl_close_notify(&conn->ssl);
    mbedtls_ssl_free(&conn->ssl);
    tp_free(conn);
    server->conns--;
    if (server->is_given_up) {
        tp_tls_server_free(server);
    }
}

/* Days since 1970-01-01 of a Gregorian date; years start in March, so that a leap day comes last.
 */
static int64_t days_since_1970(int64_t year, int64_t month, int64_t day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = y / 400;
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static int64_t seconds_since_1970(const mbedtls_x509_time *t)
{
    return days_since_1970(t->year, t->mon, t->day) * 86400 + t->hour * 3600 + t->min * 60 + t->sec;
}

/* The date flags of a certificate by our clock, not by the system's. */
static uint32_t date_flags(const tp_tls_server *server, const mbedtls_x509_crt *certificate)
{
    int64_t now_s = server->clock.now(server->clock.ctx).wall_ms / 1000;
    uint32_t flags = 0;
    if (now_s < seconds_since_1970(&certificate->valid_from)) {
        flags |= MBEDTLS_X509_BADCERT_FUTURE;
    }
    if (now_s > seconds_since_1970(&certificate->valid_to)) {
        flags |= MBEDTLS_X509_BADCERT_EXPIRED;
    }
    return flags;
}

/* mbedTLS calls a certificate a stranger's also where it had no memory to check its signature.  So
 * what it refuses is looked at once more, and counts where there was memory. */
static bool is_a_strangers(tp_tls_server *server, mbedtls_x509_crt *certificate)
{
    uint32_t flags = 0;
    mbedtls_mpi probe;
    const int code = mbedtls_x509_crt_verify_with_profile(certificate, &server->client_ca, NULL,
                                                          &mbedtls_x509_crt_profile_suiteb, NULL,
                                                          &flags, NULL, NULL);
    mbedtls_mpi_init(&probe);
    const bool has_memory = mbedtls_mpi_grow(&probe, PROBE_LIMBS) == 0;
    mbedtls_mpi_free(&probe);
    return has_memory && code == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED &&
           (flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) != 0;
}

/* Called for each certificate of a client's chain, from the root down to its own, where all that
 * was found decides.  An error ends the handshake. */
static int judge_certificate(void *ctx, mbedtls_x509_crt *certificate, int depth, uint32_t *flags)
{
    tp_tls_conn *conn = ctx;
    *flags &= ~(uint32_t)(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE);
    *flags |= date_flags(conn->server, certificate);
    conn->found_flags |= *flags;
    conn->is_judged = true;
    if (depth > 0 || conn->found_flags == 0) {
        return 0;
    }
    if ((conn->found_flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) == 0 ||
        is_a_strangers(conn->server, certificate)) {
        conn->refused_flags = conn->found_flags;
        return MBEDTLS_ERR_X509_FATAL_ERROR;
    }
    return MBEDTLS_ERR_X509_ALLOC_FAILED;
}

/* A session whose certificate has run out is not found, so that the full handshake judges it. */
static int find_session(void *ctx, mbedtls_ssl_session *session)
{
    tp_tls_server *server = ctx;
    int code = mbedtls_ssl_cache_get(&server->sessions, session);
    if (code != 0) {
        return code;
    }
    if (session->peer_cert != NULL && date_flags(server, session->peer_cert) != 0) {
        return 1;
    }
    server->found_session = true;
    return 0;
}

static int keep_session(void *ctx, const mbedtls_ssl_session *session)
{
    tp_tls_server *server = ctx;
    return mbedtls_ssl_cache_set(&server->sessions, session);
}

static int io_code(tp_rc rc, int busy)
{
    return rc == TP_BUSY ? busy : MBEDTLS_ERR_NET_CONN_RESET;
}

/* mbedTLS tells a device that its certificate is refused also where it had no memory to judge it:
 * then nothing is said and the line is cut, so that the device tries again. */
static bool is_hasty_refusal(const tp_tls_conn *conn, const unsigned char *at, size_t bytes)
{
    return conn->refused_flags == 0 && bytes == ALERT_RECORD_BYTES &&
           at[0] == MBEDTLS_SSL_MSG_ALERT && at[6] == MBEDTLS_SSL_ALERT_MSG_ACCESS_DENIED;
}

static int send_bytes(void *ctx, const unsigned char *at, size_t bytes)
{
    tp_tls_conn *conn = ctx;
    if (is_hasty_refusal(conn, at, bytes)) {
        return (int)bytes;
    }
    tp_err err;
    size_t sent = 0;
    tp_rc rc = tp_socket_write(conn->fd, at, bytes, &sent, &err);
    conn->bytes_out += sent;
    return rc == TP_OK ? (int)sent : io_code(rc, MBEDTLS_ERR_SSL_WANT_WRITE);
}

static int receive_bytes(void *ctx, unsigned char *at, size_t bytes)
{
    tp_tls_conn *conn = ctx;
    tp_err err;
    size_t received = 0;
    tp_rc rc = tp_socket_read(conn->fd, at, bytes, &received, &err);
    conn->bytes_in += received;
    return rc == TP_OK ? (int)received : io_code(rc, MBEDTLS_ERR_SSL_WANT_READ);
}
