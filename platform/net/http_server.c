/* The loop: sockets, rounds, deadlines, ticks. */
#include "platform/net/http_server.h"

#include "platform/base/alloc.h"
#include "platform/net/http_conn.h"
#include "platform/net/socket.h"

#include <assert.h>
#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

struct tp_http_server {
    tp_http_conn_env env;
    tp_http_server_stats stats;
    int epoll_fd;
    int listen_fd;
    int stop_fd; /* eventfd: readable once stop was called */
    uint16_t port;
    tp_http_server *beside; /* served by the same loop; NULL: none */
    bool is_stopping;
    bool is_accepting;       /* epoll watches listen_fd */
    int64_t accept_again_ms; /* not accepting: when to try again */
    int64_t tick_at_ms;
    int64_t sweep_at_ms;      /* no deadline lies before this */
    tp_http_conn *conns;      /* all, newest first */
    tp_http_conn *ready;      /* whole requests for the next round, in order of arrival */
    tp_http_conn **ready_end; /* where the next one is linked */
};

static void take_event(tp_http_server *server, const struct epoll_event *event);
static void accept_some(tp_http_server *server);
static void after_step(tp_http_server *server, tp_http_conn *conn);
static void hold_certificate(tp_http_server *server, const tp_http_conn *newest);
static void play_round(tp_http_server *server);
static void sweep(tp_http_server *server);
static void drop_dead(tp_http_server *server);
static void begin_stop(tp_http_server *server);
static tp_rc turn(tp_http_server *server, int ms, tp_err *err);
static int wait_ms(const tp_http_server *server);

const unsigned tp_http_own_statuses[TP_HTTP_OWN_STATUSES_COUNT] = {400, 408, 413, 414, 417,
                                                                   431, 501, 503, 505};

static int64_t monotonic_ms(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void set_default(unsigned *value, unsigned standard)
{
    if (*value == 0) {
        *value = standard;
    }
}

static void take_config(tp_http_server *server, const tp_http_server_config *config)
{
    tp_http_server_config *ours = &server->env.config;
    *ours = *config;
    ours->address = NULL; /* borrowed for the call of new only */
    ours->tls = NULL;
    set_default(&ours->connections_max, TP_HTTP_CONNECTIONS_MAX);
    set_default(&ours->connections_per_address_max, TP_HTTP_CONNECTIONS_PER_ADDRESS_MAX);
    set_default(&ours->connections_per_certificate_max, TP_HTTP_CONNECTIONS_PER_CERTIFICATE_MAX);
    set_default(&ours->handshake_ms, TP_HTTP_HANDSHAKE_MS);
    set_default(&ours->head_ms, TP_HTTP_HEAD_MS);
    set_default(&ours->body_ms, TP_HTTP_BODY_MS);
    set_default(&ours->idle_ms, TP_HTTP_IDLE_MS);
    set_default(&ours->write_ms, TP_HTTP_WRITE_MS);
}

/* Watches a descriptor that is not a connection: data is the address of its variable. */
static int watch(const tp_http_server *server, int *fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = fd}};
    return epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, *fd, &event);
}

static tp_rc open_descriptors(tp_http_server *server, const tp_http_server_config *config,
                              tp_err *err)
{
    tp_rc rc =
        tp_socket_listen(config->address, config->port, &server->listen_fd, &server->port, err);
    if (rc != TP_OK) {
        return rc;
    }
    server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    server->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (server->epoll_fd < 0 || server->stop_fd < 0 || watch(server, &server->stop_fd) != 0 ||
        watch(server, &server->listen_fd) != 0) {
        return tp_fail_from(err, TP_IO, TP_ORIGIN_OS, errno, "cannot set up epoll: %s",
                            strerror(errno));
    }
    server->is_accepting = true;
    return TP_OK;
}

tp_rc tp_http_server_new(const tp_http_server_config *config, const tp_http_service *service,
                         tp_http_server **server_out, tp_err *err)
{
    assert(config->clock.now != NULL && service->handle != NULL);
    *server_out = NULL;
    tp_rc rc = TP_OK;
    tp_http_server *server = tp_alloc(sizeof *server);
    if (server == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for the server");
    }
    server->epoll_fd = server->listen_fd = server->stop_fd = -1;
    server->ready_end = &server->ready;
    server->env.service = *service;
    server->env.stats = &server->stats;
    take_config(server, config);
    server->env.scratch = tp_alloc(TP_HTTP_READ_BYTES_MAX);
    if (server->env.scratch == NULL) {
        rc = tp_fail(err, TP_NOMEM, "no memory for the server");
        goto out;
    }
    if (config->tls != NULL) {
        rc = tp_tls_server_new(config->tls, &server->env.tls, err);
    }
    if (rc == TP_OK) {
        rc = open_descriptors(server, config, err);
    }
    if (rc != TP_OK) {
        goto out;
    }
    *server_out = server;
    server = NULL; /* now the caller's */
out:
    tp_http_server_free(server);
    return rc;
}

static void close_descriptor(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}

void tp_http_server_free(tp_http_server *server)
{
    if (server == NULL) {
        return;
    }
    assert(server->conns == NULL);
    close_descriptor(server->listen_fd);
    close_descriptor(server->stop_fd);
    close_descriptor(server->epoll_fd);
    tp_tls_server_free(server->env.tls);
    tp_free(server->env.scratch);
    tp_free(server);
}

uint16_t tp_http_server_port(const tp_http_server *server)
{
    return server->port;
}

void tp_http_server_stop(tp_http_server *server)
{
    int saved = errno;
    uint64_t one = 1;
    ssize_t n =
        write(server->stop_fd, &one, sizeof one); /* full means that stop was called before */
    (void)n;
    errno = saved;
}

void tp_http_server_stats_read(const tp_http_server *server, tp_http_server_stats *stats_out)
{
    *stats_out = server->stats;
}

tp_rc tp_http_server_renew_tls(tp_http_server *server, const tp_tls_config *tls, tp_err *err)
{
    assert(server->env.tls != NULL);
    tp_tls_server *renewed = NULL;
    tp_rc rc = tp_tls_server_new(tls, &renewed, err);
    if (rc == TP_OK) {
        tp_tls_server_free(server->env.tls);
        server->env.tls = renewed;
    }
    return rc;
}

static void tick(tp_http_server *server)
{
    const tp_http_service *service = &server->env.service;
    unsigned ms = server->env.config.tick_ms;
    if (ms == 0 || service->tick == NULL || server->env.now_ms < server->tick_at_ms) {
        return;
    }
    server->tick_at_ms = server->env.now_ms + ms;
    service->tick(service->ctx);
}

tp_rc tp_http_server_add_beside(tp_http_server *server, tp_http_server *beside, tp_err *err)
{
    assert(server->beside == NULL && beside->beside == NULL && beside != server);
    if (watch(server, &beside->epoll_fd) != 0) {
        return tp_fail_from(err, TP_IO, TP_ORIGIN_OS, errno, "epoll: %s", strerror(errno));
    }
    server->beside = beside;
    return TP_OK;
}

static void start(tp_http_server *server)
{
    server->env.now_ms = monotonic_ms();
    server->tick_at_ms = server->env.now_ms + server->env.config.tick_ms;
}

static bool is_busy(const tp_http_server *server)
{
    return !server->is_stopping || server->conns != NULL;
}

static void end(tp_http_server *server)
{
    for (tp_http_conn *conn = server->conns; conn != NULL; conn = conn->next) {
        conn->state = TP_HTTP_CONN_DEAD;
    }
    drop_dead(server);
}

/* One turn of each; the one beside does not wait: it was waited for with the other. */
static tp_rc turn_both(tp_http_server *server, tp_err *err)
{
    tp_http_server *beside = server->beside;
    int ms = wait_ms(server);
    int ms_beside = beside == NULL ? ms : wait_ms(beside);
    bool is_sooner = ms < 0 || (ms_beside >= 0 && ms_beside < ms);
    tp_rc rc = turn(server, is_sooner ? ms_beside : ms, err);
    return rc == TP_OK && beside != NULL ? turn(beside, 0, err) : rc;
}

tp_rc tp_http_server_run(tp_http_server *server, tp_err *err)
{
    tp_http_server *beside = server->beside;
    tp_rc rc = TP_OK;
    start(server);
    if (beside != NULL) {
        start(beside);
    }
    while (rc == TP_OK && (is_busy(server) || (beside != NULL && is_busy(beside)))) {
        rc = turn_both(server, err);
    }
    end(server);
    if (beside != NULL) {
        end(beside);
    }
    return rc;
}

/* Waits for what comes, at most so long (-1: for ever), and does what there is to do. */
static tp_rc turn(tp_http_server *server, int ms, tp_err *err)
{
    struct epoll_event events[TP_HTTP_EVENTS_MAX];
    int count = epoll_wait(server->epoll_fd, events, (int)TP_HTTP_EVENTS_MAX, ms);
    if (count < 0 && errno != EINTR) {
        return tp_fail_from(err, TP_IO, TP_ORIGIN_OS, errno, "epoll failed: %s", strerror(errno));
    }
    server->env.now_ms = monotonic_ms();
    for (int i = 0; i < count; i++) {
        take_event(server, &events[i]);
    }
    play_round(server);
    sweep(server);
    drop_dead(server);
    tick(server);
    return TP_OK;
}

static int wait_ms(const tp_http_server *server)
{
    if (server->ready != NULL) {
        return 0;
    }
    int64_t until = INT64_MAX;
    if (server->conns != NULL) {
        until = server->sweep_at_ms;
    }
    if (server->env.config.tick_ms > 0 && server->env.service.tick != NULL &&
        server->tick_at_ms < until) {
        until = server->tick_at_ms;
    }
    if (!server->is_accepting && !server->is_stopping && server->accept_again_ms < until) {
        until = server->accept_again_ms;
    }
    if (until == INT64_MAX) {
        return -1;
    }
    int64_t ms = until - server->env.now_ms;
    return ms < 0 ? 0 : ms > 60000 ? 60000 : (int)ms;
}

static void take_event(tp_http_server *server, const struct epoll_event *event)
{
    if (event->data.ptr == &server->stop_fd) {
        begin_stop(server);
    } else if (event->data.ptr == &server->listen_fd) {
        accept_some(server);
    } else if (server->beside != NULL && event->data.ptr == &server->beside->epoll_fd) {
        return; /* its own turn follows */
    } else {
        tp_http_conn *conn = event->data.ptr;
        if (conn->state != TP_HTTP_CONN_READY) { /* else it is on the list of this turn's round */
            bool had_certificate = conn->peer.has_certificate;
            tp_http_conn_step(conn);
            after_step(server, conn);
            if (!had_certificate && conn->peer.has_certificate) {
                hold_certificate(server, conn);
            }
        }
    }
}

static void set_accepting(tp_http_server *server, bool is_accepting)
{
    if (server->is_accepting != is_accepting) {
        struct epoll_event event = {.events = is_accepting ? EPOLLIN : 0,
                                    .data = {.ptr = &server->listen_fd}};
        if (epoll_ctl(server->epoll_fd, EPOLL_CTL_MOD, server->listen_fd, &event) == 0) {
            server->is_accepting = is_accepting;
        }
    }
}

static void begin_stop(tp_http_server *server)
{
    if (server->is_stopping) {
        return;
    }
    server->is_stopping = true;
    set_accepting(server, false);
    (void)epoll_ctl(server->epoll_fd, EPOLL_CTL_DEL, server->stop_fd, NULL);
    int64_t end_ms = server->env.now_ms + TP_HTTP_DRAIN_MS;
    for (tp_http_conn *conn = server->conns; conn != NULL; conn = conn->next) {
        bool is_answered = conn->state == TP_HTTP_CONN_READY || conn->state == TP_HTTP_CONN_WRITE;
        if (!is_answered) {
            conn->state = TP_HTTP_CONN_DEAD;
        } else if (conn->deadline_ms > end_ms) {
            conn->deadline_ms = end_ms;
        }
    }
    server->sweep_at_ms = server->env.now_ms;
    if (server->beside != NULL) {
        begin_stop(server->beside);
    }
}

/* ---- Who makes place ---- */

/* May this one be ended for another? */
typedef bool (*may_end)(const tp_http_server *server, const tp_http_conn *conn);

static bool is_waiting(const tp_http_server *server, const tp_http_conn *conn)
{
    (void)server;
    return conn->state != TP_HTTP_CONN_DEAD && conn->state != TP_HTTP_CONN_READY;
}

static bool is_idle(const tp_http_server *server, const tp_http_conn *conn)
{
    (void)server;
    return tp_http_conn_is_idle(conn);
}

static bool is_stranger(const tp_http_server *server, const tp_http_conn *conn)
{
    return conn->tls != NULL && !conn->peer.has_certificate && is_waiting(server, conn);
}

static bool is_old_stranger(const tp_http_server *server, const tp_http_conn *conn)
{
    return is_stranger(server, conn) &&
           server->env.now_ms - conn->opened_ms >= (int64_t)TP_HTTP_STRANGER_MS;
}

/* Of those that may be ended the one whose time is up first, or NULL. */
static tp_http_conn *first_up(const tp_http_server *server, may_end may)
{
    tp_http_conn *found = NULL;
    for (tp_http_conn *conn = server->conns; conn != NULL; conn = conn->next) {
        if (may(server, conn) && (found == NULL || conn->deadline_ms < found->deadline_ms)) {
            found = conn;
        }
    }
    return found;
}

static tp_http_conn *choose_ended(const tp_http_server *server)
{
    static const may_end order[] = {is_old_stranger, is_idle, is_stranger};
    if (server->env.config.ends_slowest) {
        return first_up(server, is_waiting);
    }
    tp_http_conn *found = NULL;
    for (size_t i = 0; found == NULL && i < sizeof order / sizeof order[0]; i++) {
        found = first_up(server, order[i]);
    }
    return found;
}

static void end_for_another(tp_http_server *server, tp_http_conn *conn)
{
    conn->state = TP_HTTP_CONN_DEAD;
    after_step(server, conn);
    server->stats.connections_ended++;
}

/* A device that comes once more than it may ends what it left behind. */
static void hold_certificate(tp_http_server *server, const tp_http_conn *newest)
{
    const tp_net_peer *peer = &newest->peer;
    unsigned count = 0;
    tp_http_conn *found = NULL;
    for (tp_http_conn *conn = server->conns; conn != NULL; conn = conn->next) {
        bool is_same =
            conn->state != TP_HTTP_CONN_DEAD && conn->peer.has_certificate &&
            memcmp(conn->peer.fingerprint, peer->fingerprint, sizeof peer->fingerprint) == 0;
        bool may = is_same && conn != newest && is_waiting(server, conn);
        count += is_same;
        if (may && (found == NULL || conn->deadline_ms < found->deadline_ms)) {
            found = conn;
        }
    }
    if (count > server->env.config.connections_per_certificate_max && found != NULL) {
        end_for_another(server, found);
    }
}

static unsigned count_from(const tp_http_server *server, const char *address)
{
    unsigned count = 0;
    for (const tp_http_conn *conn = server->conns; conn != NULL; conn = conn->next) {
        count += conn->state != TP_HTTP_CONN_DEAD && strcmp(conn->peer.address, address) == 0;
    }
    return count;
}

/* Makes place for one connection from `address`; false if there is none. */
static bool make_place(tp_http_server *server, const char *address, tp_err *err)
{
    const tp_http_server_config *config = &server->env.config;
    if (count_from(server, address) >= config->connections_per_address_max) {
        (void)tp_fail(err, TP_LIMIT, "more than %u connections from one address",
                      config->connections_per_address_max);
        return false;
    }
    if (server->stats.connections_open < config->connections_max) {
        return true;
    }
    tp_http_conn *gone = choose_ended(server);
    if (gone == NULL) {
        (void)tp_fail(err, TP_LIMIT, "more than %u connections", config->connections_max);
        return false;
    }
    end_for_another(server, gone);
    return true;
}

static void refuse_socket(tp_http_server *server, const char *address, const tp_err *why)
{
    server->stats.connections_refused++;
    if (server->env.service.refused != NULL) {
        server->env.service.refused(server->env.service.ctx, address, why);
    }
}

static void take_socket(tp_http_server *server, int fd, const char *address)
{
    tp_err err;
    tp_http_conn *conn = NULL;
    if (!make_place(server, address, &err)) {
        close(fd);
        refuse_socket(server, address, &err);
        return;
    }
    if (tp_http_conn_new(&server->env, fd, address, &conn, &err) != TP_OK) {
        refuse_socket(server, address, &err);
        return;
    }
    struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = conn}};
    if (epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
        (void)tp_fail_from(&err, TP_IO, TP_ORIGIN_OS, errno, "epoll: %s", strerror(errno));
        tp_http_conn_free(conn);
        refuse_socket(server, address, &err);
        return;
    }
    conn->events = EPOLLIN;
    conn->next = server->conns;
    server->conns = conn;
    server->stats.connections++;
    server->stats.connections_open++;
    if (conn->deadline_ms < server->sweep_at_ms || conn->next == NULL) {
        server->sweep_at_ms = conn->deadline_ms;
    }
}

static void accept_some(tp_http_server *server)
{
    for (unsigned i = 0; i < TP_HTTP_EVENTS_MAX && !server->is_stopping; i++) {
        tp_err err;
        int fd = -1;
        char address[TP_SOCKET_ADDRESS_BYTES];
        tp_rc rc = tp_socket_accept(server->listen_fd, &fd, address, &err);
        if (rc == TP_OK) {
            take_socket(server, fd, address);
        } else if (rc == TP_BUSY) {
            return;
        } else if (rc == TP_LIMIT) {
            /* No descriptor left: the event would come back at once and for ever. */
            set_accepting(server, false);
            server->accept_again_ms = server->env.now_ms + TP_HTTP_ACCEPT_PAUSE_MS;
            return;
        }
    }
}

/* Puts the connection where its new state belongs: the round's list, epoll, the count of the open.
 */
static void after_step(tp_http_server *server, tp_http_conn *conn)
{
    if (conn->state == TP_HTTP_CONN_READY) {
        conn->next_ready = NULL;
        *server->ready_end = conn;
        server->ready_end = &conn->next_ready;
        return; /* its events change only if the round leaves it waiting */
    }
    if (server->is_stopping && conn->state == TP_HTTP_CONN_READ) {
        conn->state = TP_HTTP_CONN_DEAD;
    }
    if (conn->deadline_ms < server->sweep_at_ms || conn->state == TP_HTTP_CONN_DEAD) {
        server->sweep_at_ms =
            conn->state == TP_HTTP_CONN_DEAD ? server->env.now_ms : conn->deadline_ms;
    }
    uint32_t wanted = conn->waits_to_write ? EPOLLOUT : EPOLLIN;
    if (conn->state != TP_HTTP_CONN_DEAD && conn->events != wanted) {
        struct epoll_event event = {.events = wanted, .data = {.ptr = conn}};
        if (epoll_ctl(server->epoll_fd, EPOLL_CTL_MOD, conn->fd, &event) != 0) {
            conn->state = TP_HTTP_CONN_DEAD;
        }
        conn->events = wanted;
    }
}

/* Runs the handler over a list of whole requests.  On any error nothing of it may be promised. */
static tp_rc handle_all(tp_http_server *server, tp_http_conn *first, tp_err *err)
{
    const tp_http_service *service = &server->env.service;
    tp_rc rc = service->begin_round == NULL ? TP_OK : service->begin_round(service->ctx, err);
    if (rc != TP_OK) {
        return rc;
    }
    for (tp_http_conn *conn = first; conn != NULL; conn = conn->next_ready) {
        tp_http_request request = tp_http_conn_request(conn);
        server->stats.requests++;
        service->handle(service->ctx, &request, &conn->response);
    }
    return service->end_round == NULL ? TP_OK : service->end_round(service->ctx, err);
}

static void fail_response(tp_http_server *server, tp_http_conn *conn, const tp_err *why)
{
    const tp_http_service *service = &server->env.service;
    tp_http_response_fail(&conn->response, 503);
    if (service->failed != NULL) {
        tp_http_request request = tp_http_conn_request(conn);
        service->failed(service->ctx, &request, why, &conn->response);
    }
}

static void play_round(tp_http_server *server)
{
    tp_http_conn *first = server->ready;
    if (first == NULL) {
        return;
    }
    server->ready = NULL;
    server->ready_end = &server->ready;
    tp_err why;
    tp_rc rc = handle_all(server, first, &why);
    server->stats.rounds++;
    server->stats.rounds_failed += rc == TP_OK ? 0 : 1;
    server->env.now_ms = monotonic_ms();
    tp_http_conn *next = NULL;
    for (tp_http_conn *conn = first; conn != NULL; conn = next) {
        next = conn->next_ready; /* after_step may put it on the next round's list */
        if (rc != TP_OK) {
            fail_response(server, conn, &why);
        }
        if (server->is_stopping) {
            conn->response.wants_close = true;
        }
        tp_http_conn_respond(conn);
        after_step(server, conn);
    }
}

/* Ends what has lasted too long and finds the next deadline. */
static void sweep(tp_http_server *server)
{
    int64_t now_ms = server->env.now_ms;
    if (!server->is_accepting && !server->is_stopping && now_ms >= server->accept_again_ms) {
        set_accepting(server, true);
    }
    if (now_ms < server->sweep_at_ms && !server->is_stopping) {
        return;
    }
    server->sweep_at_ms = INT64_MAX;
    for (tp_http_conn *conn = server->conns; conn != NULL; conn = conn->next) {
        bool is_waiting = conn->state != TP_HTTP_CONN_DEAD && conn->state != TP_HTTP_CONN_READY;
        if (is_waiting && conn->deadline_ms <= now_ms) {
            tp_http_conn_expire(conn);
            after_step(server, conn);
        }
        if (conn->state != TP_HTTP_CONN_DEAD && conn->deadline_ms < server->sweep_at_ms) {
            server->sweep_at_ms = conn->deadline_ms;
        }
    }
}

/* Frees the dead, at the end of a turn: until then an event of this turn may name them. */
static void drop_dead(tp_http_server *server)
{
    tp_http_conn **link = &server->conns;
    while (*link != NULL) {
        tp_http_conn *conn = *link;
        if (conn->state == TP_HTTP_CONN_DEAD) {
            *link = conn->next;
            tp_http_conn_free(conn);
            server->stats.connections_open--;
        } else {
            link = &conn->next;
        }
    }
}
