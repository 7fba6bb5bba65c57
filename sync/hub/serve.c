/* Routes, rounds and ticks. */
#include "sync/hub/serve.h"

#include "platform/base/encode.h"
#include "platform/base/fault.h"
#include "platform/net/http_server.h"
#include "platform/os/process.h"
#include "sync/hub/back.h"
#include "sync/hub/enrol.h"
#include "sync/hub/exchange.h"
#include "sync/hub/inquiry.h"
#include "sync/hub/metrics.h"
#include "sync/hub/refuse.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef TP_TEST_HOOKS
enum { TICK_MS = 1000 }; /* a test waits for one */
#else
enum { TICK_MS = 600 * 1000 };
#endif
enum { ADDRESS_BYTES = 64, COUNTS_BYTES_MAX = 128 };
/* Who asks for metrics is a program or two of this machine. */
enum { METRICS_CONNECTIONS_MAX = 8, METRICS_HEAD_MS = 5000 };
/* What a hub has open beside its connections. */
enum { FILES_BESIDE = 64, IMPATIENT_MS = 4000 };

/* Everything of one server. */
typedef struct serving {
    tp_hub *hub;
    const tp_hub_serve_notes *notes;
    tp_http_server *server;
    int64_t certificate_until_ms; /* of the certificate it shows */
    tp_hub_tries tries;
    tp_hub_inquiries inquiries;
    tp_http_server *metrics; /* NULL: nobody asked for one */
    tp_hub_answers answered;
    tp_hub_answers answering; /* of the round at hand: it may fail yet */
    tp_hub_durations syncs;
    tp_hub_durations commits;
} serving;

static _Atomic(tp_http_server *) server_running; /* for a signal handler, or another thread */
static atomic_bool must_stop;
static atomic_uint stops_under_way; /* the server must not go from under them */

static void renew_certificate(serving *s);
static void handle_sync(serving *s, const tp_http_request *request, tp_http_response *response);
static void handle_enrol(serving *s, const tp_http_request *request, tp_http_response *response);
static void handle_ask(serving *s, const tp_http_request *request, tp_http_response *response);
static void handle_health(serving *s, const tp_http_request *request, tp_http_response *response);
static void handle_nowhere(serving *s, const tp_http_request *request, tp_http_response *response);

typedef struct route {
    tp_http_method method;
    tp_hub_door door;
    void (*handle)(serving *s, const tp_http_request *request, tp_http_response *response);
} route;

static const route routes[] = {
    {TP_HTTP_METHOD_POST, TP_HUB_DOOR_SYNC, handle_sync},
    {TP_HTTP_METHOD_POST, TP_HUB_DOOR_ENROL, handle_enrol},
    {TP_HTTP_METHOD_POST, TP_HUB_DOOR_ASK, handle_ask},
    {TP_HTTP_METHOD_GET, TP_HUB_DOOR_HEALTH, handle_health},
};
static const route nowhere = {TP_HTTP_METHOD_GET, TP_HUB_DOOR_OTHER, handle_nowhere};

/* ---- What the server calls ---- */

static tp_rc begin_round(void *ctx, tp_err *err)
{
    const serving *s = ctx;
    tp_rc rc = tp_hub_begin(s->hub, err);
    if (rc != TP_OK) {
        s->notes->trouble(s->notes->ctx, "round", err->what);
    }
    return rc;
}

static tp_rc end_round(void *ctx, tp_err *err)
{
    serving *s = ctx;
    int64_t from_us = tp_monotonic_us();
    tp_rc rc = tp_hub_commit(s->hub, err);
    tp_hub_durations_add(&s->commits, tp_monotonic_us() - from_us);
    if (rc != TP_OK) {
        s->notes->trouble(s->notes->ctx, "round", err->what);
        memset(&s->answering, 0, sizeof s->answering); /* they are answered by `failed` */
    }
    tp_hub_answers_move(&s->answered, &s->answering);
    return rc;
}

static const route *route_of(const tp_http_request *request)
{
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (routes[i].method == request->method &&
            tp_slice_is(request->path, tp_hub_door_path(routes[i].door))) {
            return &routes[i];
        }
    }
    return &nowhere;
}

static void handle(void *ctx, const tp_http_request *request, tp_http_response *response)
{
    serving *s = ctx;
    const route *r = route_of(request);
    r->handle(s, request, response);
    tp_hub_answers_count(&s->answering, r->door, response->status);
}

/* Nothing of the round was kept: nobody is told anything else, whatever was asked. */
static void fail_request(void *ctx, const tp_http_request *request, const tp_err *why,
                         tp_http_response *response)
{
    serving *s = ctx;
    const route *r = route_of(request);
    if (r->door != TP_HUB_DOOR_HEALTH && r->door != TP_HUB_DOOR_OTHER) {
        tp_hub_refuse_trouble(s->hub, r->door, why, response);
        tp_hub_tally_keep(&s->hub->tally); /* outside a transaction */
    }
    tp_hub_answers_count(&s->answered, r->door, response->status);
}

/* Dates pass whether anybody asks or not. */
static void tick(void *ctx)
{
    serving *s = ctx;
    tp_err err;
    tp_buf counts;
    tp_buf_init(&counts, COUNTS_BYTES_MAX);
    if (tp_hub_inquiries_take(&s->inquiries, &counts, &err) == TP_OK && counts.bytes > 0) {
        s->notes->trouble(s->notes->ctx, "codes", tp_buf_cstr(&counts));
    }
    tp_buf_done(&counts);
    if (begin_round(ctx, &err) == TP_OK) {
        (void)!end_round(ctx, &err);
    }
    renew_certificate(s);
}

static void refused(void *ctx, const char *address, const tp_err *why)
{
    const serving *s = ctx;
    s->notes->trouble(s->notes->ctx, address, why->what);
}

/* ---- Routes ---- */

static void note_failure(serving *s, const tp_http_request *request,
                         const tp_http_response *response)
{
    if (response->status >= 400) {
        char what[40];
        (void)snprintf(what, sizeof what, "answered %u", response->status);
        s->notes->trouble(s->notes->ctx, request->peer->address, what);
    }
}

static const char went_back[] =
    "this hub went back to an earlier state and collects what it lost; nothing is granted "
    "meanwhile: teapot-hub back";
static const char has_all[] = "the hub has what it waited for, and grants again";

static void handle_sync(serving *s, const tp_http_request *request, tp_http_response *response)
{
    const tp_hub_state before = *tp_hub_store_state(s->hub->store);
    int64_t from_us = tp_monotonic_us();
    tp_hub_handle_sync(s->hub, request, response);
    tp_hub_durations_add(&s->syncs, tp_monotonic_us() - from_us);
    const tp_hub_state *state = tp_hub_store_state(s->hub->store);
    if (state->generation != before.generation) {
        s->notes->trouble(s->notes->ctx, "back", went_back);
    } else if (before.back_ms != 0 && state->back_ms == 0) {
        s->notes->trouble(s->notes->ctx, "back", has_all);
    }
    note_failure(s, request, response);
}

/* Somebody has to ask which machine that is, and whether it is meant to be there. */
static void note_fork(serving *s, const tp_hub_forked *forked)
{
    char from[TP_HEX_ROOM(8)];
    char to[TP_HEX_ROOM(8)];
    char what[160];
    tp_hex_encode_u64(forked->from, from);
    tp_hex_encode_u64(forked->to, to);
    (void)snprintf(what, sizeof what,
                   "device %s goes on as %s after its change %" PRIu64
                   ": its data was copied, or put back from an older copy",
                   from, to, forked->kept);
    s->notes->trouble(s->notes->ctx, "fork", what);
}

static void handle_enrol(serving *s, const tp_http_request *request, tp_http_response *response)
{
    tp_hub_forked forked;
    tp_hub_handle_enrol(s->hub, &s->tries, request, response, &forked);
    if (forked.from != 0) {
        note_fork(s, &forked);
    }
    note_failure(s, request, response);
}

/* Who asked and what for is not logged: tick says how often. */
static void handle_ask(serving *s, const tp_http_request *request, tp_http_response *response)
{
    tp_hub_handle_inquiry(s->hub, &s->inquiries, tp_monotonic_ms(), request, response);
}

/* Why nothing is taken in, by the codes of the refusals; NULL: all is well. */
static const char *trouble_of(const tp_hub *hub)
{
    tp_err err;
    int64_t bytes = 0;
    if (hub->is_clock_back) {
        return "clock";
    }
    bool is_known = tp_dir_free_bytes(hub->dir.at, &bytes, &err) == TP_OK;
    return is_known && bytes < TP_SPACE_FULL_BYTES ? "full" : NULL;
}

/* Without a certificate nothing but enrolment is answered; this one is for the same machine. */
static void handle_health(serving *s, const tp_http_request *request, tp_http_response *response)
{
    tp_err err;
    tp_slice address = tp_slice_str(request->peer->address);
    if (!tp_slice_is(address, "127.0.0.1") && !tp_slice_is(address, "::1")) {
        tp_http_response_fail(response, 404);
        return;
    }
    const char *trouble = trouble_of(s->hub);
    response->status = trouble != NULL ? 503 : 200;
    response->content_type = "application/json";
    tp_rc rc = trouble == NULL
                   ? tp_buf_add_str(&response->body, "{\"ok\":true}", &err)
                   : tp_buf_addf(&response->body, &err, "{\"ok\":false,\"error\":\"%s\"}", trouble);
    if (rc != TP_OK) {
        tp_http_response_fail(response, 503);
    }
}

static void handle_nowhere(serving *s, const tp_http_request *request, tp_http_response *response)
{
    (void)s;
    (void)request;
    tp_http_response_fail(response, 404);
}

/* ---- Metrics ---- */

static void write_metrics(serving *s, tp_http_response *response)
{
    tp_err err;
    tp_hub_gauges gauges;
    tp_http_server_stats stats;
    bool has_gauges = tp_hub_gauge(s->hub, &gauges, &err) == TP_OK;
    tp_http_server_stats_read(s->server, &stats);
    tp_hub_metrics metrics = {.sums = &s->hub->tally.kept,
                              .answers = &s->answered,
                              .syncs = &s->syncs,
                              .commits = &s->commits,
                              .gauges = has_gauges ? &gauges : NULL,
                              .http = &stats,
                              .judge_us = tp_hub_judge_spent_us(s->hub->judge),
                              .is_clock_back = s->hub->is_clock_back};
    if (tp_dir_free_bytes(s->hub->dir.at, &metrics.free_bytes, &err) != TP_OK) {
        metrics.free_bytes = -1;
    }
    response->content_type = "text/plain; version=0.0.4";
    if (tp_hub_metrics_write(&metrics, &response->body, &err) != TP_OK) {
        tp_http_response_fail(response, 503);
    }
}

/* Between the rounds of the devices: no transaction is open. */
static void handle_beside(void *ctx, const tp_http_request *request, tp_http_response *response)
{
    if (request->method == TP_HTTP_METHOD_GET && tp_slice_is(request->path, "/metrics")) {
        write_metrics(ctx, response);
    } else if (request->method == TP_HTTP_METHOD_GET && tp_slice_is(request->path, "/healthz")) {
        handle_health(ctx, request, response);
    } else {
        tp_http_response_fail(response, 404);
    }
}

/* ---- Serving ---- */

/* "127.0.0.1:8443", "[::1]:8443". */
static tp_rc split_listen(const char *listen, char address_out[ADDRESS_BYTES], uint16_t *port_out,
                          tp_err *err)
{
    const char *colon = strrchr(listen, ':');
    char *end = NULL;
    long port = colon == NULL ? -1 : strtol(colon + 1, &end, 10);
    size_t bytes = colon == NULL ? 0 : (size_t)(colon - listen);
    bool is_bracketed = bytes >= 2 && listen[0] == '[' && listen[bytes - 1] == ']';
    const char *at = is_bracketed ? listen + 1 : listen;
    bytes -= is_bracketed ? 2 : 0;
    if (colon == NULL || end == colon + 1 || *end != '\0' || port < 0 || port > 65535 ||
        bytes == 0 || bytes >= ADDRESS_BYTES) {
        return tp_fail(err, TP_INVALID,
                       "listen on ADDRESS:PORT, such as 0.0.0.0:8443 or [::]:8443");
    }
    memcpy(address_out, at, bytes);
    address_out[bytes] = '\0';
    *port_out = (uint16_t)port;
    return TP_OK;
}

static tp_net_moment read_moment(void *ctx)
{
    const tp_hub *hub = ctx;
    tp_net_moment moment = {tp_clock_read(hub->clock).wall_ms, tp_monotonic_ms()};
    return moment;
}

/* What the server shows of itself. */
typedef struct identity {
    tp_buf key;
    tp_buf chain;
    int64_t until_ms;
} identity;

static tp_rc identity_init(identity *i, tp_hub *hub, tp_err *err)
{
    tp_buf_init(&i->key, TP_PEM_BYTES_MAX);
    tp_buf_init(&i->chain, TP_PEM_BYTES_MAX * 2);
    return tp_hub_server_identity(hub, &i->key, &i->chain, &i->until_ms, err);
}

static void identity_done(identity *i)
{
    tp_secret_wipe(i->key.at, i->key.bytes);
    tp_buf_done(&i->key);
    tp_buf_done(&i->chain);
}

static tp_tls_config tls_of(const serving *s, const identity *i)
{
    return (tp_tls_config){.certificate_pem = tp_buf_slice(&i->chain),
                           .key_pem = tp_buf_slice(&i->key),
                           .client_ca_pem = tp_buf_slice(&s->hub->ca),
                           .clock = {read_moment, s->hub}};
}

/* A test cannot wait for minutes. */
static void lose_patience(tp_http_server_config *config)
{
    config->handshake_ms = IMPATIENT_MS;
    config->head_ms = IMPATIENT_MS;
    config->body_ms = IMPATIENT_MS;
    config->idle_ms = IMPATIENT_MS;
    config->write_ms = IMPATIENT_MS;
}

static tp_rc make_server(serving *s, const char *address, uint16_t port, unsigned connections_max,
                         tp_err *err)
{
    identity i;
    tp_rc rc = tp_process_allow_files(
        (connections_max == 0 ? TP_HTTP_CONNECTIONS_MAX : connections_max) + FILES_BESIDE, err);
    if (rc != TP_OK) {
        return rc;
    }
    rc = identity_init(&i, s->hub, err);
    if (rc == TP_OK) {
        tp_tls_config tls = tls_of(s, &i);
        tp_http_server_config config = {.address = address,
                                        .port = port,
                                        .tls = &tls,
                                        .clock = tls.clock,
                                        .connections_max = connections_max,
                                        .tick_ms = TICK_MS};
        if (tp_fault("net.impatient")) {
            lose_patience(&config);
        }
        tp_http_service service = {.ctx = s,
                                   .begin_round = begin_round,
                                   .handle = handle,
                                   .end_round = end_round,
                                   .failed = fail_request,
                                   .tick = tick,
                                   .refused = refused};
        s->certificate_until_ms = i.until_ms;
        rc = tp_http_server_new(&config, &service, &s->server, err);
    }
    identity_done(&i);
    return rc;
}

/* Without TLS, and so for this machine alone. */
static tp_rc make_metrics(serving *s, const char *listen, tp_err *err)
{
    char address[ADDRESS_BYTES];
    uint16_t port = 0;
    tp_rc rc = split_listen(listen, address, &port, err);
    if (rc == TP_OK && strcmp(address, "127.0.0.1") != 0 && strcmp(address, "::1") != 0) {
        rc = tp_fail(err, TP_INVALID,
                     "metrics are for this machine alone: 127.0.0.1:PORT or [::1]:PORT");
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_http_server_config config = {.address = address,
                                    .port = port,
                                    .clock = {read_moment, s->hub},
                                    .connections_max = METRICS_CONNECTIONS_MAX,
                                    .connections_per_address_max = METRICS_CONNECTIONS_MAX + 1,
                                    .ends_slowest = true,
                                    .head_ms = METRICS_HEAD_MS};
    tp_http_service service = {.ctx = s, .handle = handle_beside};
    rc = tp_http_server_new(&config, &service, &s->metrics, err);
    if (rc == TP_OK) {
        rc = tp_http_server_add_beside(s->server, s->metrics, err);
    }
    if (rc == TP_OK) {
        s->notes->metrics_ready(s->notes->ctx, address, tp_http_server_port(s->metrics));
    }
    return rc;
}

/* A hub may serve for years: its certificate must not end under it. */
static void renew_certificate(serving *s)
{
    identity i;
    tp_err err;
    tp_rc rc = identity_init(&i, s->hub, &err);
    if (rc == TP_OK && i.until_ms != s->certificate_until_ms) {
        tp_tls_config tls = tls_of(s, &i);
        rc = tp_http_server_renew_tls(s->server, &tls, &err);
        if (rc == TP_OK) {
            s->certificate_until_ms = i.until_ms;
            s->notes->trouble(s->notes->ctx, "certificate", "the hub's own was made anew");
        }
    }
    if (rc != TP_OK) {
        s->notes->trouble(s->notes->ctx, "certificate", err.what);
    }
    identity_done(&i);
}

/* It could take nothing in, and would refuse each sync as if its data were at fault. */
static tp_rc check_writable(const tp_hub *hub, tp_err *err)
{
    return tp_hub_store_is_read_only(hub->store)
               ? tp_fail(err, TP_DENIED,
                         "the hub's disk can only be read: nothing could be taken in. The system "
                         "does that to a disk that fails; `teapot-hub verify` and `backup` read "
                         "what is there. Serve again when it may be written")
               : TP_OK;
}

/* Two servers of one hub would answer the same devices with a memory each. */
static tp_rc take_lock(const tp_hub *hub, tp_lock *lock_out, tp_err *err)
{
    tp_path path;
    tp_rc rc = tp_path_join(hub->dir.at, TP_HUB_SERVE_LOCK, &path, err);
    if (rc == TP_OK) {
        rc = tp_lock_take(path.at, lock_out, err);
    }
    return rc == TP_BUSY ? tp_fail(err, TP_BUSY,
                                   "another `teapot-hub serve` answers for this hub already: end "
                                   "that one first")
                         : rc;
}

static tp_rc say_if_back(const serving *s, tp_err *err)
{
    tp_rc rc = tp_hub_look(s->hub, err);
    if (rc == TP_OK && tp_hub_is_back(s->hub)) {
        s->notes->trouble(s->notes->ctx, "back", went_back);
    }
    tp_hub_rollback(s->hub);
    return rc;
}

tp_rc tp_hub_serve(tp_hub *hub, const tp_hub_serve_options *options,
                   const tp_hub_serve_notes *notes, tp_err *err)
{
    serving s = {.hub = hub, .notes = notes};
    tp_lock lock = TP_LOCK_NONE;
    char address[ADDRESS_BYTES];
    uint16_t port = 0;
    tp_rc rc = split_listen(options->listen, address, &port, err);
    if (rc == TP_OK) {
        rc = check_writable(hub, err);
    }
    if (rc == TP_OK) {
        rc = take_lock(hub, &lock, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_judge_upgrade(hub, err);
    }
    if (rc == TP_OK) {
        rc = make_server(&s, address, port, options->connections_max, err);
    }
    if (rc == TP_OK && options->metrics != NULL) {
        rc = make_metrics(&s, options->metrics, err);
    }
    if (rc != TP_OK) {
        goto out;
    }
    rc = say_if_back(&s, err);
    if (rc != TP_OK) {
        goto out;
    }
    server_running = s.server;
    notes->ready(notes->ctx, address, tp_http_server_port(s.server));
    if (!must_stop) {
        rc = tp_http_server_run(s.server, err);
    }
    server_running = NULL;
    while (stops_under_way > 0) { /* of another thread; a signal's is over */
    }
out:
    tp_http_server_free(s.server);
    tp_http_server_free(s.metrics);
    tp_lock_release(&lock);
    return rc;
}

void tp_hub_serve_stop(void)
{
    must_stop = true;
    stops_under_way++;
    tp_http_server *server = server_running;
    if (server != NULL) {
        tp_http_server_stop(server);
    }
    stops_under_way--;
}
