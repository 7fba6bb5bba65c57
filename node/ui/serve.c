/* The server: listening, its lock, its address, its child. */
#include "node/ui/serve.h"

#include "node/ui/background.h"
#include "node/ui/handle.h"
#include "node/ui/readying.h"
#include "platform/net/http_server.h"
#include "platform/os/lock.h"
#include "platform/os/user.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    TICK_MS = 500,
    LOCK_WAIT_MS = 1000,
    LOCK_LOOK_MS = 20,
    HOST_BYTES = 64,
    FILE_BYTES_MAX = TP_SERVE_ADDRESS_MAX,
    BASE_BYTES_MAX = TP_SERVE_ADDRESS_MAX - TP_DOOR_TEXT_ROOM - 8, /* of it, before the key */

    /* All come from this machine, browsers and whatever else runs on it: a page of somebody else's
     * in another tab may open hundreds and leave them half said.  Who has something to say says it
     * at once. */
    CONNECTIONS_MAX = 256,
    HEAD_MS = 5000,
    BODY_MS = 5000
};

/* Everything of one server. */
typedef struct serving {
    tp_ui ui;
    tp_background background;
    tp_readying readying;
    bool has_sync;
    const tp_serve_notes *notes;
} serving;

static tp_http_server *volatile server_running; /* for the signal handler */
static volatile bool must_stop;

static void stop(void)
{
    must_stop = true;
    tp_http_server *server = server_running;
    if (server != NULL) {
        tp_http_server_stop(server);
    }
}

/* ---- What the server calls ---- */

static void handle(void *ctx, const tp_http_request *request, tp_http_response *response)
{
    serving *s = ctx;
    tp_ui_handle(&s->ui, request, response);
}

static tp_net_moment read_moment(void *ctx)
{
    const serving *s = ctx;
    tp_net_moment moment = {tp_clock_read(s->ui.node->clock).wall_ms, tp_monotonic_ms()};
    return moment;
}

static void tick(void *ctx)
{
    serving *s = ctx;
    tp_asking_forget_old(&s->ui.asking, tp_monotonic_ms());
    if (s->ui.is_readying) {
        s->ui.is_readying = !tp_readying_tick(&s->readying, tp_monotonic_ms());
    }
    if (s->has_sync && !s->ui.is_readying) {
        tp_background_tick(&s->background, tp_monotonic_ms());
    }
}

static void sync_now(void *ctx)
{
    const serving *s = ctx;
    tp_background_wake(&s->background);
}

static void tell_trouble(void *ctx, const char *what)
{
    const serving *s = ctx;
    s->notes->trouble(s->notes->ctx, what);
}

/* ---- Listening ---- */

/* "127.0.0.1:8321", "[::1]:8321"; loopback alone: what is served here is not meant for a
 * network. */
static tp_rc split_listen(const char *listen, char host_out[HOST_BYTES], uint16_t *port_out,
                          tp_err *err)
{
    const char *colon = strrchr(listen, ':');
    char *end = NULL;
    long port = colon == NULL ? -1 : strtol(colon + 1, &end, 10);
    size_t bytes = colon == NULL ? 0 : (size_t)(colon - listen);
    if (colon == NULL || end == colon + 1 || *end != '\0' || port < 0 || port > 65535 ||
        bytes == 0 || bytes >= HOST_BYTES) {
        return tp_fail(err, TP_INVALID, "listen on ADDRESS:PORT, such as " TP_SERVE_LISTEN);
    }
    tp_slice host = tp_slice_of(listen, bytes);
    if (tp_slice_is(host, "127.0.0.1") || tp_slice_is(host, "localhost")) {
        snprintf(host_out, HOST_BYTES, "127.0.0.1");
    } else if (tp_slice_is(host, "[::1]") || tp_slice_is(host, "::1")) {
        snprintf(host_out, HOST_BYTES, "::1");
    } else {
        return tp_fail(err, TP_INVALID,
                       "the pages are served on this machine alone: 127.0.0.1:PORT or [::1]:PORT");
    }
    *port_out = (uint16_t)port;
    return TP_OK;
}

static tp_rc make_server(serving *s, const char *host, uint16_t port, tp_http_server **server_out,
                         tp_err *err)
{
    tp_http_server_config config = {.address = host,
                                    .port = port,
                                    .clock = {read_moment, s},
                                    .connections_max = CONNECTIONS_MAX,
                                    .connections_per_address_max = 2 * CONNECTIONS_MAX,
                                    .ends_slowest = true,
                                    .asks_user = true,
                                    .head_ms = HEAD_MS,
                                    .body_ms = BODY_MS,
                                    .tick_ms = TICK_MS};
    tp_http_service service = {.ctx = s, .handle = handle, .tick = tick};
    return tp_http_server_new(&config, &service, server_out, err);
}

/* ---- The address ---- */

static void make_address(const char *base, const tp_door *door, char out[TP_SERVE_ADDRESS_MAX])
{
    snprintf(out, TP_SERVE_ADDRESS_MAX, "%.*s/enter/%s", BASE_BYTES_MAX, base, door->text);
}

static tp_rc keep_address(const tp_node *node, const char *base, tp_err *err)
{
    tp_path path;
    tp_rc rc = tp_node_path(node, TP_NODE_SERVE_ADDRESS, &path, err);
    return rc == TP_OK ? tp_file_write(path.at, tp_slice_str(base), err) : rc;
}

/* Held by the one that serves: where it can be taken, nobody does. */
static tp_rc check_somebody_serves(const tp_node *node, tp_err *err)
{
    tp_lock lock = TP_LOCK_NONE;
    tp_rc rc = tp_node_lock(node, TP_NODE_SERVE_LOCK, "", &lock, err);
    tp_lock_release(&lock);
    if (rc == TP_OK) {
        return tp_fail(err, TP_NOTFOUND, "nobody serves this node now: run `teapot serve`");
    }
    return rc == TP_BUSY ? TP_OK : rc;
}

tp_rc tp_serve_address(const tp_node *node, char address_out[TP_SERVE_ADDRESS_MAX], tp_err *err)
{
    tp_path path;
    tp_door door;
    tp_buf base;
    tp_buf_init(&base, FILE_BYTES_MAX);
    tp_rc rc = check_somebody_serves(node, err);
    if (rc == TP_OK) {
        rc = tp_node_path(node, TP_NODE_SERVE_ADDRESS, &path, err);
    }
    if (rc == TP_OK) {
        rc = tp_file_read(path.at, &base, err);
    }
    if (rc == TP_OK) {
        rc = tp_door_open(node, &door, err);
    }
    if (rc == TP_OK) {
        const char *text = tp_buf_cstr(&base);
        make_address(text == NULL ? "" : text, &door, address_out);
        tp_door_done(&door);
    }
    tp_buf_done(&base);
    return rc;
}

/* ---- Serving ---- */

static tp_rc open_door(serving *s, const char *browser_user, tp_err *err)
{
    uint32_t user = 0;
    tp_rc rc = browser_user == NULL ? TP_OK : tp_user_find(browser_user, &user, err);
    if (rc == TP_OK) {
        rc = tp_door_open(s->ui.node, &s->ui.door, err);
    }
    if (rc == TP_OK) {
        tp_door_add_user(&s->ui.door, tp_user_own());
    }
    if (rc == TP_OK && browser_user != NULL) {
        tp_door_add_user(&s->ui.door, user);
    }
    return rc;
}

static tp_rc run(serving *s, tp_http_server *server, const char *host, tp_err *err)
{
    char base[TP_SERVE_ADDRESS_MAX];
    char address[TP_SERVE_ADDRESS_MAX];
    bool is_six = strchr(host, ':') != NULL;
    s->ui.port = tp_http_server_port(server);
    snprintf(base, sizeof base, "http://%s%s%s:%u", is_six ? "[" : "", host, is_six ? "]" : "",
             (unsigned)s->ui.port);
    tp_rc rc = keep_address(s->ui.node, base, err);
    if (rc != TP_OK) {
        return rc;
    }
    server_running = server;
    tp_on_end_signal(stop);
    make_address(base, &s->ui.door, address);
    s->notes->ready(s->notes->ctx, address);
    tick(s);
    if (!must_stop) {
        rc = tp_http_server_run(server, err);
    }
    server_running = NULL;
    return rc;
}

/* A server that was killed while it started a child holds it by that child for a moment more. */
static tp_rc take_lock(const tp_node *node, tp_lock *lock_out, tp_err *err)
{
    const int64_t until_ms = tp_monotonic_ms() + LOCK_WAIT_MS;
    for (;;) {
        tp_rc rc = tp_node_lock(
            node, TP_NODE_SERVE_LOCK,
            "this node is served already: `teapot serve --address` prints where", lock_out, err);
        if (rc != TP_BUSY || tp_monotonic_ms() >= until_ms) {
            return rc;
        }
        tp_sleep_ms(LOCK_LOOK_MS);
    }
}

tp_rc tp_serve(tp_node *node, const tp_serve_options *options, const tp_serve_notes *notes,
               tp_err *err)
{
    serving s = {
        .ui = {.node = node, .began_ms = tp_clock_read(node->clock).wall_ms, .is_readying = true},
        .has_sync = options->has_sync,
        .notes = notes};
    tp_http_server *server = NULL;
    tp_lock lock = TP_LOCK_NONE;
    char host[HOST_BYTES];
    uint16_t port = 0;
    s.ui.sync_now = sync_now;
    s.ui.sync_ctx = &s;
    tp_background_init(&s.background, node, &s, tell_trouble);
    tp_readying_init(&s.readying, node, &s, tell_trouble);
    tp_rc rc = split_listen(options->listen, host, &port, err);
    if (rc == TP_OK) {
        rc = take_lock(node, &lock, err);
    }
    if (rc == TP_OK) {
        rc = make_server(&s, host, port, &server, err);
    }
    if (rc == TP_OK) {
        rc = open_door(&s, options->browser_user, err);
    }
    if (rc == TP_OK) {
        rc = run(&s, server, host, err);
        tp_door_done(&s.ui.door);
    }
    tp_asking_clear(&s.ui.asking);
    tp_background_end(&s.background);
    tp_readying_end(&s.readying);
    tp_http_server_free(server);
    tp_lock_release(&lock);
    return rc;
}
