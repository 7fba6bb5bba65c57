/* One connection: states, reading, writing. */
#include "platform/net/http_conn.h"

#include "platform/base/alloc.h"
#include "platform/net/peer_user.h"
#include "platform/net/socket.h"

#include <assert.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* A body up to this length is sent in one piece with its head: one packet and one TLS record. */
enum { BODY_BYTES_WITH_HEAD = 8 * 1024 };

static void step_handshake(tp_http_conn *conn);
static void step_read(tp_http_conn *conn);
static void step_write(tp_http_conn *conn);
static void step_linger(tp_http_conn *conn);
static void feed(tp_http_conn *conn, tp_slice in);
static void make_ready(tp_http_conn *conn);
static void ask_user(tp_http_conn *conn);
static void refuse(tp_http_conn *conn, unsigned status, const char *why);

static void enter(tp_http_conn *conn, tp_http_conn_state state, unsigned ms)
{
    conn->state = state;
    conn->deadline_ms = conn->env->now_ms + ms;
    conn->waits_to_write = false;
}

static void die(tp_http_conn *conn)
{
    conn->state = TP_HTTP_CONN_DEAD;
}

static void tell(tp_http_conn *conn, const tp_err *why)
{
    const tp_http_service *service = &conn->env->service;
    if (service->refused != NULL) {
        service->refused(service->ctx, conn->peer.address, why);
    }
}

tp_rc tp_http_conn_new(tp_http_conn_env *env, int fd, const char *address, tp_http_conn **conn_out,
                       tp_err *err)
{
    *conn_out = NULL;
    tp_http_conn *conn = tp_alloc(sizeof *conn);
    if (conn == NULL) {
        close(fd);
        return tp_fail(err, TP_NOMEM, "no memory for a connection");
    }
    conn->env = env;
    conn->fd = fd;
    conn->opened_ms = env->now_ms;
    snprintf(conn->peer.address, sizeof conn->peer.address, "%s", address);
    tp_http_parser_init(&conn->parser, TP_HTTP_BODY_BYTES_MAX);
    tp_buf_init(&conn->ahead, TP_HTTP_READ_BYTES_MAX);
    tp_buf_init(&conn->out, 2 * TP_HTTP_HEAD_BYTES_MAX + BODY_BYTES_WITH_HEAD);
    tp_http_response_init(&conn->response);
    if (env->tls == NULL) {
        enter(conn, TP_HTTP_CONN_READ, env->config.idle_ms);
    } else {
        enter(conn, TP_HTTP_CONN_HANDSHAKE, env->config.handshake_ms);
        tp_rc rc = tp_tls_conn_new(env->tls, fd, &conn->tls, err);
        if (rc != TP_OK) {
            tp_http_conn_free(conn);
            return rc;
        }
    }
    *conn_out = conn;
    return TP_OK;
}

static void count_tls_bytes(tp_http_conn *conn)
{
    if (conn->tls != NULL) {
        uint64_t in = tp_tls_conn_bytes_in(conn->tls);
        uint64_t out = tp_tls_conn_bytes_out(conn->tls);
        conn->env->stats->socket_bytes_in += in - conn->tls_bytes_in;
        conn->env->stats->socket_bytes_out += out - conn->tls_bytes_out;
        conn->tls_bytes_in = in;
        conn->tls_bytes_out = out;
    }
}

void tp_http_conn_free(tp_http_conn *conn)
{
    if (conn == NULL) {
        return;
    }
    tp_tls_conn_close(conn->tls);
    close(conn->fd);
    tp_http_parser_done(&conn->parser);
    tp_buf_done(&conn->ahead);
    tp_buf_done(&conn->out);
    tp_http_response_done(&conn->response);
    tp_free(conn);
}

/* True if bytes of the next request are here already, where epoll does not see them. */
static bool has_bytes(const tp_http_conn *conn)
{
    return conn->ahead.bytes > 0 || (conn->tls != NULL && tp_tls_conn_has_more(conn->tls));
}

void tp_http_conn_step(tp_http_conn *conn)
{
    tp_http_conn_state before;
    bool is_written = false; /* epoll will say when the next request comes */
    do {
        before = conn->state;
        switch (conn->state) {
        case TP_HTTP_CONN_HANDSHAKE:
            step_handshake(conn);
            break;
        case TP_HTTP_CONN_READ:
            step_read(conn);
            break;
        case TP_HTTP_CONN_WRITE:
            step_write(conn);
            break;
        case TP_HTTP_CONN_LINGER:
            step_linger(conn);
            break;
        case TP_HTTP_CONN_READY:
        case TP_HTTP_CONN_DEAD:
            break;
        }
        is_written = before == TP_HTTP_CONN_WRITE && conn->state == TP_HTTP_CONN_READ;
    } while (conn->state != before && (!is_written || has_bytes(conn)));
    count_tls_bytes(conn);
}

static void step_handshake(tp_http_conn *conn)
{
    tp_err err;
    tp_tls_wait wait = TP_TLS_WAIT_READ;
    tp_rc rc = tp_tls_conn_handshake(conn->tls, &wait, &err);
    if (rc == TP_BUSY) {
        conn->waits_to_write = wait == TP_TLS_WAIT_WRITE;
        return;
    }
    if (rc != TP_OK) {
        conn->env->stats->handshakes_refused++;
        tell(conn, &err);
        die(conn);
        return;
    }
    tp_tls_conn_peer(conn->tls, &conn->peer);
    if (conn->peer.is_resumed) {
        conn->env->stats->handshakes_resumed++;
    } else {
        conn->env->stats->handshakes++;
    }
    enter(conn, TP_HTTP_CONN_READ, conn->env->config.idle_ms);
}

static tp_rc read_some(tp_http_conn *conn, size_t *bytes_out, tp_err *err)
{
    tp_http_server_stats *stats = conn->env->stats;
    uint8_t *at = conn->env->scratch;
    tp_tls_wait wait = TP_TLS_WAIT_READ;
    tp_rc rc = conn->tls == NULL
                   ? tp_socket_read(conn->fd, at, TP_HTTP_READ_BYTES_MAX, bytes_out, err)
                   : tp_tls_conn_read(conn->tls, at, TP_HTTP_READ_BYTES_MAX, bytes_out, &wait, err);
    conn->waits_to_write = rc == TP_BUSY && wait == TP_TLS_WAIT_WRITE;
    if (rc == TP_OK) {
        stats->plain_bytes_in += *bytes_out;
        stats->socket_bytes_in += conn->tls == NULL ? *bytes_out : 0;
    }
    return rc;
}

static tp_rc write_some(tp_http_conn *conn, tp_slice out, size_t *bytes_out, tp_err *err)
{
    tp_http_server_stats *stats = conn->env->stats;
    tp_tls_wait wait = TP_TLS_WAIT_WRITE;
    tp_rc rc = conn->tls == NULL
                   ? tp_socket_write(conn->fd, out.at, out.bytes, bytes_out, err)
                   : tp_tls_conn_write(conn->tls, out.at, out.bytes, bytes_out, &wait, err);
    conn->waits_to_write = rc == TP_BUSY && wait == TP_TLS_WAIT_WRITE;
    if (rc == TP_OK) {
        stats->plain_bytes_out += *bytes_out;
        stats->socket_bytes_out += conn->tls == NULL ? *bytes_out : 0;
    }
    return rc;
}

/* Reads until a request is whole, the socket is empty, or this connection has had its share of the
 * turn (epoll then says again that there is more; bytes inside TLS it does not see). */
static void step_read(tp_http_conn *conn)
{
    size_t bytes_read = 0;
    feed(conn, tp_slice_of(NULL, 0));
    while (conn->state == TP_HTTP_CONN_READ) {
        tp_err err;
        size_t bytes = 0;
        tp_rc rc = read_some(conn, &bytes, &err);
        if (rc == TP_BUSY) {
            return;
        }
        if (rc != TP_OK || bytes == 0) {
            die(conn);
            return;
        }
        feed(conn, tp_slice_of(conn->env->scratch, bytes));
        bytes_read += bytes;
        if (bytes_read >= TP_HTTP_TURN_BYTES_MAX &&
            (conn->tls == NULL || !tp_tls_conn_has_more(conn->tls))) {
            return;
        }
    }
}

/* A part of the request is there: the deadlines follow, and the clock is read once for the head. */
static void note_progress(tp_http_conn *conn, bool was_idle, bool was_in_head)
{
    const tp_http_server_config *config = &conn->env->config;
    bool is_in_head = conn->parser.state == TP_HTTP_PARSE_HEAD;
    if (was_in_head && !is_in_head) {
        conn->head_at = config->clock.now(config->clock.ctx);
        conn->deadline_ms = conn->env->now_ms + config->body_ms;
    } else if (was_idle && !tp_http_parser_is_idle(&conn->parser)) {
        conn->deadline_ms = conn->env->now_ms + config->head_ms;
    }
}

/* Gives the parser what was read ahead, then `in`; keeps what belongs to the next request. */
static void feed(tp_http_conn *conn, tp_slice in)
{
    tp_err err;
    tp_slice rest = conn->ahead.bytes > 0 ? tp_buf_slice(&conn->ahead) : in;
    if (rest.bytes == 0) {
        return;
    }
    assert(conn->ahead.bytes == 0 || in.bytes == 0);
    bool was_idle = tp_http_parser_is_idle(&conn->parser);
    bool was_in_head = conn->parser.state == TP_HTTP_PARSE_HEAD;
    size_t used = tp_http_parser_feed(&conn->parser, rest);
    note_progress(conn, was_idle, was_in_head);
    rest = tp_slice_of(rest.at + used, rest.bytes - used);
    if (conn->ahead.bytes > 0) {
        memmove(conn->ahead.at, rest.at, rest.bytes);
        conn->ahead.bytes = rest.bytes;
        if (rest.bytes == 0) {
            tp_buf_done(&conn->ahead);
        }
    } else if (conn->parser.state == TP_HTTP_PARSE_READY &&
               tp_buf_add_slice(&conn->ahead, rest, &err) != TP_OK) {
        refuse(conn, 503, "no memory for the next request");
        return;
    }
    if (conn->parser.state == TP_HTTP_PARSE_READY) {
        make_ready(conn);
    } else if (conn->parser.state == TP_HTTP_PARSE_REFUSED) {
        refuse(conn, conn->parser.status, conn->parser.why);
    }
}

/* Only now: a connection that says nothing costs no look at the table. */
static void ask_user(tp_http_conn *conn)
{
    tp_err unknown;
    if (conn->env->config.asks_user && !conn->has_asked_user) {
        conn->has_asked_user = true;
        conn->peer.has_user = tp_peer_user(conn->fd, &conn->peer.user, &unknown) == TP_OK;
    }
}

/* A whole request is there; whoever has run out since the handshake is asked to shake hands
 * again. */
static void make_ready(tp_http_conn *conn)
{
    tp_err err;
    if (conn->tls != NULL && tp_tls_conn_check_dates(conn->tls, &err) != TP_OK) {
        conn->env->stats->certificates_ended++;
        tell(conn, &err);
        die(conn);
        return;
    }
    ask_user(conn);
    conn->state = TP_HTTP_CONN_READY;
}

tp_http_request tp_http_conn_request(tp_http_conn *conn)
{
    const tp_http_parser *parser = &conn->parser;
    return (tp_http_request){
        .method = parser->method,
        .path = parser->path,
        .query = parser->query,
        .headers = parser->headers,
        .headers_count = parser->headers_count,
        .body = tp_buf_slice(&parser->body),
        .head_at = conn->head_at,
        .peer = &conn->peer,
    };
}

/* Puts head and a short body into `out` and begins to write. */
static void begin_write(tp_http_conn *conn)
{
    tp_err err;
    bool is_head_only =
        conn->parser.state == TP_HTTP_PARSE_READY && conn->parser.method == TP_HTTP_METHOD_HEAD;
    tp_slice body = tp_http_response_body(&conn->response);
    conn->out_bytes_done = 0;
    conn->body_bytes_done = 0;
    tp_buf_clear(&conn->out);
    tp_rc rc = tp_http_response_write_head(&conn->response, conn->will_close, &conn->out, &err);
    if (rc == TP_OK && !is_head_only && body.bytes <= BODY_BYTES_WITH_HEAD) {
        rc = tp_buf_add_slice(&conn->out, body, &err);
        conn->body_bytes_done = body.bytes;
    }
    if (is_head_only) {
        conn->body_bytes_done = body.bytes;
    }
    if (rc != TP_OK) { /* not even an error can be said */
        die(conn);
        return;
    }
    enter(conn, TP_HTTP_CONN_WRITE, conn->env->config.write_ms);
}

void tp_http_conn_respond(tp_http_conn *conn)
{
    assert(conn->state == TP_HTTP_CONN_READY);
    conn->will_close = !conn->parser.is_keep_alive || conn->response.wants_close;
    begin_write(conn);
    tp_http_conn_step(conn);
}

static void count_refused(tp_http_server_stats *stats, unsigned status)
{
    size_t i = 0;
    while (tp_http_own_statuses[i] != status) {
        i++;
        assert(i < TP_HTTP_OWN_STATUSES_COUNT);
    }
    stats->requests_refused++;
    stats->refused_by[i]++;
}

/* The server's own answer; what follows on this connection cannot be trusted to be a request. */
static void refuse(tp_http_conn *conn, unsigned status, const char *why)
{
    tp_err err;
    (void)tp_fail(&err, status == 503 ? TP_NOMEM : TP_INVALID, "answered %u: %s", status, why);
    tell(conn, &err);
    count_refused(conn->env->stats, status);
    tp_http_response_fail(&conn->response, status);
    conn->will_close = true;
    begin_write(conn);
}

static void finish_response(tp_http_conn *conn)
{
    tp_http_response_done(&conn->response);
    tp_http_response_init(&conn->response);
    tp_buf_done(&conn->out);
    if (!conn->will_close) {
        tp_http_parser_reset(&conn->parser);
        enter(conn, TP_HTTP_CONN_READ, conn->env->config.idle_ms);
        return;
    }
    /* Closing a socket with unread bytes resets it, and the response might be lost on its way: so
     * say that nothing more will come, and read on for a while. */
    tp_tls_conn_close(conn->tls);
    conn->tls = NULL;
    (void)shutdown(conn->fd, SHUT_WR);
    enter(conn, TP_HTTP_CONN_LINGER, TP_HTTP_LINGER_MS);
}

/* The next bytes to write; empty when all are written. */
static tp_slice unwritten(const tp_http_conn *conn)
{
    if (conn->out_bytes_done < conn->out.bytes) {
        return tp_slice_of(conn->out.at + conn->out_bytes_done,
                           conn->out.bytes - conn->out_bytes_done);
    }
    tp_slice body = tp_http_response_body(&conn->response);
    return tp_slice_of(body.at + conn->body_bytes_done, body.bytes - conn->body_bytes_done);
}

static void step_write(tp_http_conn *conn)
{
    tp_slice out = unwritten(conn);
    while (out.bytes > 0) {
        tp_err err;
        size_t bytes = 0;
        tp_rc rc = write_some(conn, out, &bytes, &err);
        if (rc == TP_BUSY) {
            return;
        }
        if (rc != TP_OK) {
            die(conn);
            return;
        }
        if (conn->out_bytes_done < conn->out.bytes) {
            conn->out_bytes_done += bytes;
        } else {
            conn->body_bytes_done += bytes;
        }
        out = unwritten(conn);
    }
    count_tls_bytes(conn);
    finish_response(conn);
}

static void step_linger(tp_http_conn *conn)
{
    tp_err err;
    size_t bytes = 0;
    tp_rc rc = TP_OK;
    do {
        rc = tp_socket_read(conn->fd, conn->env->scratch, TP_HTTP_READ_BYTES_MAX, &bytes, &err);
        conn->linger_bytes += bytes;
    } while (rc == TP_OK && bytes > 0 && conn->linger_bytes <= TP_HTTP_BODY_BYTES_MAX);
    if (rc != TP_BUSY) {
        die(conn);
    }
}

bool tp_http_conn_is_idle(const tp_http_conn *conn)
{
    return conn->state == TP_HTTP_CONN_READ && tp_http_parser_is_idle(&conn->parser);
}

static tp_http_phase phase_of(const tp_http_conn *conn)
{
    switch (conn->state) {
    case TP_HTTP_CONN_HANDSHAKE:
        return TP_HTTP_PHASE_HANDSHAKE;
    case TP_HTTP_CONN_WRITE:
        return TP_HTTP_PHASE_WRITE;
    case TP_HTTP_CONN_READ:
        return tp_http_parser_is_idle(&conn->parser)      ? TP_HTTP_PHASE_IDLE
               : conn->parser.state == TP_HTTP_PARSE_HEAD ? TP_HTTP_PHASE_HEAD
                                                          : TP_HTTP_PHASE_BODY;
    case TP_HTTP_CONN_LINGER:
    case TP_HTTP_CONN_READY: /* has no deadline */
    case TP_HTTP_CONN_DEAD:
        break;
    }
    return TP_HTTP_PHASE_LINGER;
}

void tp_http_conn_expire(tp_http_conn *conn)
{
    conn->env->stats->late[phase_of(conn)]++;
    if (conn->state == TP_HTTP_CONN_READ && !tp_http_parser_is_idle(&conn->parser)) {
        refuse(conn, 408, "the request took too long");
        tp_http_conn_step(conn);
        return;
    }
    if (conn->state == TP_HTTP_CONN_HANDSHAKE) {
        tp_err err;
        (void)tp_fail(&err, TP_OFFLINE, "the TLS handshake took too long");
        conn->env->stats->handshakes_refused++;
        tell(conn, &err);
    }
    die(conn);
}
