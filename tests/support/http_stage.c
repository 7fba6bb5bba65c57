/* A scripted server for tests. */
#include "tests/support/http_stage.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { LARGE_BYTES = 1 << 20 };

static tp_net_moment now(void *ctx)
{
    tp_test_stage *stage = ctx;
    return (tp_net_moment){.wall_ms = atomic_load(&stage->wall_ms), .mono_ms = 77};
}

static bool takes_one(atomic_uint *count)
{
    unsigned have = atomic_load(count);
    return have > 0 && atomic_fetch_sub(count, 1) > 0;
}

static tp_rc begin_round(void *ctx, tp_err *err)
{
    tp_test_stage *stage = ctx;
    atomic_fetch_add(&stage->begun, 1);
    return takes_one(&stage->fails_begin) ? tp_fail(err, TP_BUSY, "begin fails") : TP_OK;
}

static tp_rc end_round(void *ctx, tp_err *err)
{
    tp_test_stage *stage = ctx;
    atomic_fetch_add(&stage->ended, 1);
    return takes_one(&stage->fails_end) ? tp_fail(err, TP_IO, "end fails") : TP_OK;
}

static tp_rc answer_peer(const tp_http_request *request, tp_http_response *response, tp_err *err)
{
    if (!request->peer->has_certificate) {
        return tp_buf_add_str(&response->body, "none", err);
    }
    tp_rc rc = TP_OK;
    for (size_t i = 0; i < sizeof request->peer->fingerprint && rc == TP_OK; i++) {
        rc = tp_buf_addf(&response->body, err, "%02x", request->peer->fingerprint[i]);
    }
    return rc;
}

static tp_rc answer(void *ctx, const tp_http_request *request, tp_http_response *response,
                    tp_err *err)
{
    uint8_t *at = NULL;
    tp_rc rc = TP_OK;
    if (tp_slice_is(request->path, "/echo")) {
        return tp_buf_add_slice(&response->body, request->body, err);
    }
    if (tp_slice_is(request->path, "/peer")) {
        return answer_peer(request, response, err);
    }
    if (tp_slice_is(request->path, "/when")) {
        return tp_buf_addf(&response->body, err, "%lld %lld", (long long)request->head_at.wall_ms,
                           (long long)request->head_at.mono_ms);
    }
    if (tp_slice_is(request->path, "/large")) {
        rc = tp_buf_reserve(&response->body, LARGE_BYTES, &at, err);
        if (rc == TP_OK) {
            memset(at, 'x', LARGE_BYTES);
            response->body.bytes = LARGE_BYTES;
        }
        return rc;
    }
    if (tp_slice_is(request->path, "/static")) {
        response->content_type = "text/plain";
        response->body_static = tp_slice_str("kept elsewhere");
        return TP_OK;
    }
    if (tp_slice_is(request->path, "/header")) {
        return tp_http_response_header(response, "Cache-Control", "no-store", err);
    }
    if (tp_slice_is(request->path, "/close")) {
        response->wants_close = true;
        return TP_OK;
    }
    if (tp_slice_is(request->path, "/slow")) {
        usleep(300 * 1000);
        return TP_OK;
    }
    if (tp_slice_is(request->path, "/wait")) {
        response->status = 503;
        return tp_http_response_header(response, "Retry-After", "17", err);
    }
    if (tp_slice_is(request->path, "/v1/ask")) {
        tp_test_stage *stage = ctx;
        response->status = atomic_load(&stage->ask_status);
        return tp_buf_add_str(&response->body, atomic_load(&stage->ask_body), err);
    }
    response->status = 404;
    return TP_OK;
}

static void handle(void *ctx, const tp_http_request *request, tp_http_response *response)
{
    tp_test_stage *stage = ctx;
    tp_err err;
    atomic_fetch_add(&stage->handled, 1);
    if (answer(ctx, request, response, &err) != TP_OK) {
        tp_http_response_fail(response, 500);
    }
}

static void failed(void *ctx, const tp_http_request *request, const tp_err *why,
                   tp_http_response *response)
{
    tp_err err;
    (void)ctx;
    if (tp_buf_addf(&response->body, &err, "%.*s: %s", TP_SLICE_FMT(request->path), why->what) !=
        TP_OK) {
        tp_http_response_fail(response, 500);
    }
}

static void tick(void *ctx)
{
    tp_test_stage *stage = ctx;
    atomic_fetch_add(&stage->ticks, 1);
}

static void refused(void *ctx, const char *address, const tp_err *why)
{
    tp_test_stage *stage = ctx;
    assert_string_equal(address, "127.0.0.1");
    snprintf(stage->refused_what, sizeof stage->refused_what, "%s", why->what);
    atomic_fetch_add(&stage->refused, 1);
}

void tp_test_stage_init(tp_test_stage *stage, int64_t wall_ms)
{
    memset(stage, 0, sizeof *stage);
    atomic_store(&stage->wall_ms, wall_ms);
    stage->config.address = "127.0.0.1";
    stage->config.clock = (tp_net_clock){.now = now, .ctx = stage};
}

static void *run(void *ctx)
{
    tp_test_stage *stage = ctx;
    tp_err err;
    stage->run_rc = tp_http_server_run(stage->server, &err);
    return NULL;
}

static void make_server(tp_test_stage *stage)
{
    tp_err err = {0};
    tp_http_service service = {.ctx = stage,
                               .begin_round = begin_round,
                               .handle = handle,
                               .end_round = end_round,
                               .failed = stage->says_why ? failed : NULL,
                               .tick = tick,
                               .refused = refused};
    if (tp_http_server_new(&stage->config, &service, &stage->server, &err) != TP_OK) {
        fail_msg("server: %s", err.what);
    }
}

void tp_test_stage_start(tp_test_stage *stage)
{
    tp_err err = {0};
    make_server(stage);
    if (stage->beside != NULL) {
        make_server(stage->beside);
        assert_int_equal(tp_http_server_add_beside(stage->server, stage->beside->server, &err),
                         TP_OK);
    }
    assert_int_equal(pthread_create(&stage->thread, NULL, run, stage), 0);
}

static void free_server(tp_test_stage *stage)
{
    tp_http_server_stats_read(stage->server, &stage->stats);
    assert_int_equal(stage->stats.connections_open, 0);
    tp_http_server_free(stage->server);
    stage->server = NULL;
}

void tp_test_stage_stop(tp_test_stage *stage)
{
    tp_http_server_stop(stage->server);
    assert_int_equal(pthread_join(stage->thread, NULL), 0);
    assert_int_equal(stage->run_rc, TP_OK);
    free_server(stage);
    if (stage->beside != NULL) {
        free_server(stage->beside);
    }
}

int tp_test_stage_connect(const tp_test_stage *stage)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(tp_http_server_port(stage->server)),
                             .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    struct timeval patience = {.tv_sec = 5};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    return fd;
}

void tp_test_send(int fd, const void *at, size_t bytes)
{
    const char *from = at;
    while (bytes > 0) {
        ssize_t n = send(fd, from, bytes, MSG_NOSIGNAL);
        if (n <= 0) {
            return; /* the server may have closed: what it answered says so */
        }
        from += n;
        bytes -= (size_t)n;
    }
}

void tp_test_send_text(int fd, const char *text)
{
    tp_test_send(fd, text, strlen(text));
}

size_t tp_test_receive(int fd, char *at, size_t bytes)
{
    size_t have = 0;
    while (have < bytes) {
        ssize_t n = recv(fd, at + have, bytes - have, 0);
        if (n <= 0) {
            break;
        }
        have += (size_t)n;
    }
    at[have] = '\0';
    return have;
}

bool tp_test_is_closed(int fd)
{
    char one = 0;
    return recv(fd, &one, 1, 0) == 0;
}
