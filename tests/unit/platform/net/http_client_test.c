/* Client and server together over real TLS: who is let in, who is trusted, what is said when it
 * fails.
 *
 * Shows P21. */
#include "platform/base/alloc.h"
#include "platform/base/fault.h"
#include "platform/base/limits.h"
#include "platform/net/http_client.h"
#include "tests/support/certificates.h"
#include "tests/support/http_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

/* Certificates live in 2001: what the system's clock says must never matter. */
#define YEAR_S 31536000
#define FROM_S 978307200
#define TO_S (FROM_S + YEAR_S)
#define INSIDE_MS ((FROM_S + 100000) * INT64_C(1000))
#define AFTER_MS ((TO_S + 100) * INT64_C(1000))
#define BEFORE_MS ((FROM_S - 100) * INT64_C(1000))

static tp_test_certificate ca; /* the hub's */
static tp_test_certificate hub;
static tp_test_certificate device;
static tp_test_certificate other_ca; /* somebody else's */
static tp_test_certificate other_hub;
static tp_test_certificate other_device;
static tp_test_certificate misnamed_hub;
static tp_test_certificate p384_device;

static tp_test_stage stage;
static tp_tls_config tls;
static tp_http_client_config client_config;
static tp_http_client *client;
static tp_http_client_response response;
static char url[64];
static int64_t best_ms;
static tp_err err;

static void make(const char *name, const char *dns_name, bool is_ca,
                 const tp_test_certificate *issuer, tp_test_certificate *out)
{
    tp_test_certificate_spec spec = {
        .common_name = name, .dns_name = dns_name, .from_s = FROM_S, .to_s = TO_S, .is_ca = is_ca};
    tp_test_certificate_make(&spec, issuer, out);
}

static int make_certificates(void **state)
{
    (void)state;
    make("Teapot hub CA", NULL, true, NULL, &ca);
    make("hub", TP_HTTP_HUB_NAME, false, &ca, &hub);
    make("device", NULL, false, &ca, &device);
    make("Teapot hub CA", NULL, true, NULL, &other_ca); /* the same name, another key */
    make("hub", TP_HTTP_HUB_NAME, false, &other_ca, &other_hub);
    make("device", NULL, false, &other_ca, &other_device);
    make("hub", "hub.example", false, &ca, &misnamed_hub);
    tp_test_certificate_spec spec = {
        .common_name = "device", .from_s = FROM_S, .to_s = TO_S, .is_p384 = true};
    tp_test_certificate_make(&spec, &ca, &p384_device);
    return 0;
}

static int64_t best_time(void *ctx)
{
    (void)ctx;
    return best_ms;
}

static int setup(void **state)
{
    (void)state;
    tp_fault_set(NULL);
    client = NULL;
    best_ms = INSIDE_MS;
    memset(&err, 0, sizeof err);
    tp_test_stage_init(&stage, INSIDE_MS);
    tls = (tp_tls_config){.certificate_pem = tp_slice_str(hub.chain_pem),
                          .key_pem = tp_slice_str(hub.key_pem),
                          .client_ca_pem = tp_slice_str(ca.certificate_pem),
                          .clock = stage.config.clock};
    stage.config.tls = &tls;
    client_config = (tp_http_client_config){.url = url,
                                            .ca_pem = tp_slice_str(ca.certificate_pem),
                                            .certificate_pem = tp_slice_str(device.certificate_pem),
                                            .key_pem = tp_slice_str(device.key_pem),
                                            .best_time = best_time};
    tp_http_client_response_init(&response);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tp_fault_set(NULL);
    tp_http_client_free(client);
    tp_http_client_response_done(&response);
    if (stage.server != NULL) {
        tp_test_stage_stop(&stage);
    }
    return tp_alloc_live() == 0 ? 0 : -1;
}

static void start(void)
{
    tp_test_stage_start(&stage);
    snprintf(url, sizeof url, "https://127.0.0.1:%u", tp_http_server_port(stage.server));
    if (tp_http_client_new(&client_config, &client, &err) != TP_OK) {
        fail_msg("client: %s", err.what);
    }
}

static tp_rc get(const char *path)
{
    tp_http_client_request request = {.path = path};
    return tp_http_client_do(client, &request, &response, &err);
}

static tp_rc post(const char *path, tp_slice body)
{
    tp_http_client_request request = {
        .is_post = true, .path = path, .content_type = "a/b", .body = body};
    return tp_http_client_do(client, &request, &response, &err);
}

static void expect_body(const char *path, const char *body)
{
    tp_rc rc = get(path);
    if (rc != TP_OK) {
        fail_msg("%s: %s", path, err.what);
    }
    assert_int_equal(response.status, 200);
    assert_true(tp_slice_is(tp_buf_slice(&response.body), body));
}

/* The request must fail as told, and nothing of it may have reached the handler. */
static void expect_refusal(tp_rc expected, const char *words)
{
    tp_rc rc = get("/peer");
    if (rc != expected || strstr(err.what, words) == NULL) {
        fail_msg("%s, expected %s with \"%s\": %s", tp_rc_name(rc), tp_rc_name(expected), words,
                 err.what);
    }
    assert_int_equal(stage.handled, 0);
}

static const char *hex(const uint8_t *at)
{
    static char text[65];
    for (size_t i = 0; i < 32; i++) {
        snprintf(text + 2 * i, 3, "%02x", at[i]);
    }
    return text;
}

static void test_tls__handler_sees_the_certificate_of_a_device(void **state)
{
    (void)state;
    start();
    expect_body("/peer", hex(device.fingerprint));
    expect_body("/when", "978407200000 77");
}

static void test_tls__client_without_certificate_reaches_the_handler_as_nobody(void **state)
{
    (void)state;
    client_config.certificate_pem = tp_slice_of(NULL, 0);
    client_config.key_pem = tp_slice_of(NULL, 0);
    start();
    expect_body("/peer", "none");
}

static void test_tls__client_of_another_ca_ends_in_the_handshake(void **state)
{
    (void)state;
    client_config.certificate_pem = tp_slice_str(other_device.certificate_pem);
    client_config.key_pem = tp_slice_str(other_device.key_pem);
    start();
    expect_refusal(TP_DENIED, "refused");
    tp_test_stage_stop(&stage);
    assert_int_equal(stage.refused, 1);
    assert_non_null(strstr(stage.refused_what, "not correctly signed by the trusted CA"));
    assert_int_equal(stage.stats.handshakes, 0);
}

static void test_tls__client_key_on_another_curve_ends_in_the_handshake(void **state)
{
    (void)state;
    client_config.certificate_pem = tp_slice_str(p384_device.certificate_pem);
    client_config.key_pem = tp_slice_str(p384_device.key_pem);
    start();
    tp_rc rc = get("/peer");
    assert_true(rc == TP_DENIED || rc == TP_OFFLINE || rc == TP_IO);
    assert_int_equal(stage.handled, 0);
}

static void test_tls__client_certificate_is_judged_by_the_callers_clock(void **state)
{
    (void)state;
    static const struct {
        int64_t wall_ms;
        const char *why;
    } rows[] = {{AFTER_MS, "expired"}, {BEFORE_MS, "future"}};
    for (size_t i = 0; i < 2; i++) {
        atomic_store(&stage.wall_ms, rows[i].wall_ms);
        start();
        expect_refusal(TP_DENIED, "refused");
        tp_test_stage_stop(&stage);
        assert_non_null(strstr(stage.refused_what, rows[i].why));
        tp_http_client_free(client);
        client = NULL;
    }
    atomic_store(&stage.wall_ms, TO_S * INT64_C(1000)); /* its last second */
    start();
    expect_body("/peer", hex(device.fingerprint));
}

static void test_tls__sessions_are_resumed_and_keep_the_certificate(void **state)
{
    (void)state;
    start();
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(get("/close"), TP_OK);
    }
    expect_body("/peer", hex(device.fingerprint));
    tp_http_client_stats sums;
    tp_http_client_stats_read(client, &sums);
    assert_int_equal(sums.connections, 6);
    tp_test_stage_stop(&stage);
    assert_int_equal(stage.stats.handshakes, 1);
    assert_int_equal(stage.stats.handshakes_resumed, 5);
}

static void test_tls__a_certificate_that_ran_out_is_not_resumed(void **state)
{
    (void)state;
    start();
    assert_int_equal(get("/close"), TP_OK);
    atomic_store(&stage.wall_ms, AFTER_MS);
    unsigned handled = stage.handled;
    assert_int_equal(get("/peer"), TP_DENIED);
    assert_int_equal(stage.handled, handled);
}

static void test_tls__one_connection_serves_many_requests(void **state)
{
    (void)state;
    start();
    for (unsigned i = 0; i < 100; i++) {
        expect_body("/static", "kept elsewhere");
    }
    tp_test_stage_stop(&stage);
    assert_int_equal(stage.stats.connections, 1);
    assert_int_equal(stage.stats.requests, 100);
}

/* Whoever has no certificate costs nothing to make: a thousand of them keep no device out. */
static void test_tls__strangers_that_fill_the_server_keep_no_device_out(void **state)
{
    (void)state;
    enum { STRANGERS = 6 };
    int fds[STRANGERS];
    stage.config.connections_max = 3;
    start();
    for (size_t i = 0; i < STRANGERS; i++) {
        fds[i] = tp_test_stage_connect(&stage); /* and never shake hands */
    }
    expect_body("/peer", hex(device.fingerprint));
    for (size_t i = 0; i < STRANGERS; i++) {
        close(fds[i]);
    }
    expect_body("/peer", hex(device.fingerprint));
    tp_test_stage_stop(&stage);
    assert_int_equal(stage.stats.connections_refused, 0);
    assert_in_range(stage.stats.connections_ended, STRANGERS - 3 + 1, STRANGERS);
    assert_int_equal(stage.stats.handshakes, 1); /* the device's connection was left alone */
}

/* Nor does one device with many connections keep out the others. */
static void test_tls__a_device_ends_its_own_connection_where_it_has_too_many(void **state)
{
    (void)state;
    enum { MORE = 4 };
    tp_http_client *more[MORE] = {NULL};
    tp_http_client_request request = {.path = "/peer"};
    stage.config.connections_per_certificate_max = 2;
    start();
    expect_body("/peer", hex(device.fingerprint));
    for (size_t i = 0; i < MORE; i++) {
        assert_int_equal(tp_http_client_new(&client_config, &more[i], &err), TP_OK);
        assert_int_equal(tp_http_client_do(more[i], &request, &response, &err), TP_OK);
    }
    expect_body("/peer", hex(device.fingerprint)); /* its was ended: it comes again */
    for (size_t i = 0; i < MORE; i++) {
        tp_http_client_free(more[i]);
    }
    tp_test_stage_stop(&stage);
    assert_int_equal(stage.stats.connections_ended, MORE - 1 + 1);
    assert_int_equal(stage.stats.requests, MORE + 2);
}

static void test_tls__megabytes_go_both_ways(void **state)
{
    (void)state;
    static uint8_t body[1900000];
    memset(body, 'b', sizeof body);
    start();
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(post("/echo", tp_slice_of(body, sizeof body)), TP_OK);
        assert_true(tp_slice_eq(tp_buf_slice(&response.body), tp_slice_of(body, sizeof body)));
    }
}

static void test_tls__plain_bytes_are_counted_the_same_at_both_ends(void **state)
{
    (void)state;
    start();
    assert_int_equal(post("/echo", tp_slice_str("a change")), TP_OK);
    assert_int_equal(get("/static"), TP_OK);
    assert_int_equal(post("/echo", tp_slice_of(NULL, 0)), TP_OK);
    tp_http_client_stats sums;
    tp_http_client_stats_read(client, &sums);
    tp_test_stage_stop(&stage);
    assert_int_equal(sums.requests, 3);
    assert_int_equal(sums.plain_bytes_out, stage.stats.plain_bytes_in);
    assert_int_equal(sums.plain_bytes_in, stage.stats.plain_bytes_out);
    assert_true(stage.stats.socket_bytes_in > stage.stats.plain_bytes_in);
    assert_true(stage.stats.socket_bytes_out > stage.stats.plain_bytes_out);
}

/* A sync of a device that has nothing to say must stay under 400 bytes: heads may take 160 of them.
 */
static void test_tls__heads_of_a_sync_are_small(void **state)
{
    (void)state;
    start();
    tp_slice body = tp_slice_str("12345678");
    assert_int_equal(post("/echo", body), TP_OK);
    tp_http_client_stats sums;
    tp_http_client_stats_read(client, &sums);
    assert_in_range(sums.plain_bytes_out + sums.plain_bytes_in - 2 * body.bytes, 1, 160);
}

static void test_trust__hub_of_another_ca_is_refused(void **state)
{
    (void)state;
    tls.certificate_pem = tp_slice_str(other_hub.chain_pem);
    tls.key_pem = tp_slice_str(other_hub.key_pem);
    start();
    expect_refusal(TP_DENIED, "not our hub");
}

static void test_trust__hub_with_another_name_is_refused(void **state)
{
    (void)state;
    tls.certificate_pem = tp_slice_str(misnamed_hub.chain_pem);
    tls.key_pem = tp_slice_str(misnamed_hub.key_pem);
    start();
    expect_refusal(TP_DENIED, TP_HTTP_HUB_NAME);
}

static void test_trust__hub_certificate_is_judged_by_the_best_known_time(void **state)
{
    (void)state;
    static const struct {
        int64_t best_ms;
        tp_rc rc;
        const char *words;
    } rows[] = {
        {0, TP_OK, ""}, /* none known: dates are not judged */
        {INSIDE_MS, TP_OK, ""},
        {AFTER_MS, TP_DENIED, "expired"},
        {BEFORE_MS, TP_DENIED, "not yet valid"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        best_ms = rows[i].best_ms;
        start();
        assert_int_equal(get("/peer"), rows[i].rc);
        assert_non_null(strstr(err.what, rows[i].words));
        tp_http_client_free(client);
        client = NULL;
        tp_test_stage_stop(&stage);
    }
}

static void enrol_with(const uint8_t *fingerprint)
{
    client_config.ca_pem = tp_slice_of(NULL, 0);
    client_config.ca_pin = fingerprint;
    client_config.certificate_pem = tp_slice_of(NULL, 0);
    client_config.key_pem = tp_slice_of(NULL, 0);
    best_ms = 0;
    start();
}

static void test_enrolment__pinned_fingerprint_gives_the_ca(void **state)
{
    (void)state;
    enrol_with(ca.fingerprint);
    assert_int_equal(tp_http_client_ca_pem(client).bytes, 0);
    expect_body("/peer", "none");
    assert_true(tp_slice_is(tp_http_client_ca_pem(client), ca.certificate_pem));
}

static void test_enrolment__hub_of_another_ca_is_refused(void **state)
{
    (void)state;
    enrol_with(other_ca.fingerprint);
    expect_refusal(TP_DENIED, "enrolment code");
    assert_int_equal(tp_http_client_ca_pem(client).bytes, 0);
}

static void test_enrolment__fingerprint_of_a_certificate_that_is_no_ca_is_refused(void **state)
{
    (void)state;
    enrol_with(hub.fingerprint);
    expect_refusal(TP_DENIED, "enrolment code");
}

/* Anybody can send our CA's certificate along; the hub's own must be signed by it. */
static void test_enrolment__stranger_who_sends_our_ca_along_is_refused(void **state)
{
    (void)state;
    static char chain[8192];
    snprintf(chain, sizeof chain, "%s%s", other_hub.chain_pem, ca.certificate_pem);
    tls.certificate_pem = tp_slice_str(chain);
    tls.key_pem = tp_slice_str(other_hub.key_pem);
    enrol_with(ca.fingerprint);
    expect_refusal(TP_DENIED, "enrolment code");
    assert_int_equal(tp_http_client_ca_pem(client).bytes, 0);
}

static void test_enrolment__hub_with_another_name_is_refused(void **state)
{
    (void)state;
    tls.certificate_pem = tp_slice_str(misnamed_hub.chain_pem);
    tls.key_pem = tp_slice_str(misnamed_hub.key_pem);
    enrol_with(ca.fingerprint);
    expect_refusal(TP_DENIED, TP_HTTP_HUB_NAME);
}

static void test_http_client__work_goes_on_between_start_and_wait(void **state)
{
    (void)state;
    start();
    expect_body("/static", "kept elsewhere"); /* connected */
    tp_http_client_request request = {
        .is_post = true, .path = "/echo", .body = tp_slice_str("tea")};
    assert_int_equal(tp_http_client_start(client, &request, &err), TP_OK);
    assert_int_equal(tp_http_client_start(client, &request, &err), TP_BUSY);
    for (unsigned i = 0; i < 200 && stage.handled < 2; i++) {
        usleep(10 * 1000); /* nobody calls the client, yet the hub has it */
    }
    assert_int_equal(stage.handled, 2);
    assert_int_equal(tp_http_client_wait(client, &response, &err), TP_OK);
    assert_true(tp_slice_is(tp_buf_slice(&response.body), "tea"));
    assert_int_equal(tp_http_client_wait(client, &response, &err), TP_INVALID);
}

static void test_http_client__advance_alone_brings_a_request_to_its_end(void **state)
{
    (void)state;
    start();
    tp_http_client_request request = {.path = "/static"};
    assert_int_equal(tp_http_client_start(client, &request, &err), TP_OK);
    for (unsigned i = 0; i < 400 && stage.handled == 0; i++) {
        tp_http_client_advance(client);
        usleep(5 * 1000);
    }
    assert_int_equal(stage.handled, 1);
    assert_int_equal(tp_http_client_wait(client, &response, &err), TP_OK);
}

static void test_http_client__cancelled_request_leaves_the_client_usable(void **state)
{
    (void)state;
    start();
    tp_http_client_request request = {.path = "/slow"};
    assert_int_equal(tp_http_client_start(client, &request, &err), TP_OK);
    tp_http_client_cancel(client);
    tp_http_client_cancel(client);
    expect_body("/static", "kept elsewhere");
    assert_int_equal(tp_http_client_start(client, &request, &err), TP_OK); /* freed under way */
}

static void test_http_client__any_status_is_a_response_and_retry_after_is_read(void **state)
{
    (void)state;
    start();
    assert_int_equal(get("/nowhere"), TP_OK);
    assert_int_equal(response.status, 404);
    assert_int_equal(response.retry_after_s, 0);
    assert_int_equal(get("/wait"), TP_OK);
    assert_int_equal(response.status, 503);
    assert_int_equal(response.retry_after_s, 17);
}

static void test_http_client__413_is_read_though_the_hub_stopped_listening(void **state)
{
    (void)state;
    static uint8_t body[TP_HTTP_BODY_BYTES_MAX + 1];
    start();
    assert_int_equal(post("/echo", tp_slice_of(body, sizeof body)), TP_OK);
    assert_int_equal(response.status, 413);
    expect_body("/static", "kept elsewhere");
}

static void test_http_client__response_over_its_ceiling_is_limit(void **state)
{
    (void)state;
    client_config.response_bytes_max = 1000;
    start();
    assert_int_equal(get("/large"), TP_LIMIT);
    assert_int_equal(response.body.bytes, 0);
    expect_body("/static", "kept elsewhere");
}

static void test_http_client__nobody_there_cut_and_slow_are_offline(void **state)
{
    (void)state;
    client_config.total_ms = 150;
    start();
    assert_int_equal(get("/slow"), TP_OFFLINE);
    usleep(300 * 1000);
    tp_fault_set("net.read.from:1");
    assert_int_equal(get("/static"), TP_OFFLINE);
    tp_fault_set(NULL);
    tp_test_stage_stop(&stage);
    assert_int_equal(get("/static"), TP_OFFLINE);
}

static void test_http_client__hub_that_does_not_speak_tls_is_not_trusted(void **state)
{
    (void)state;
    stage.config.tls = NULL;
    start();
    assert_int_not_equal(get("/static"), TP_OK);
    assert_int_equal(stage.handled, 0);
}

static void test_http_client__what_is_misconfigured_is_named(void **state)
{
    (void)state;
    static const char *const urls[] = {
        "http://hub:1",    "hub:1",           "",   "https://hub:1/path",
        "https://u@hub:1", "https://hub:1?q", NULL, "https://hub:99999",
        "ftp://hub:1"};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        client_config.url = urls[i];
        assert_int_equal(tp_http_client_new(&client_config, &client, &err), TP_INVALID);
        assert_null(client);
    }
    client_config.url = "https://[::1]:1";
    client_config.ca_pem = tp_slice_of(NULL, 0);
    assert_int_equal(tp_http_client_new(&client_config, &client, &err), TP_INVALID);
    client_config.ca_pem = tp_slice_str(ca.certificate_pem);
    assert_int_equal(tp_http_client_new(&client_config, &client, &err), TP_OK);
    assert_int_equal(get("no slash"), TP_INVALID);
    assert_int_equal(get("/a b"), TP_INVALID);
    assert_int_equal(get("/static"), TP_OFFLINE);
}

static void test_http_client__unreadable_key_is_invalid(void **state)
{
    (void)state;
    client_config.key_pem = tp_slice_str("not a key");
    start();
    assert_int_equal(get("/static"), TP_INVALID);
}

static void test_tls__server_certificate_and_key_must_belong_together(void **state)
{
    (void)state;
    tp_tls_server *server = NULL;
    tls.key_pem = tp_slice_str(device.key_pem);
    assert_int_equal(tp_tls_server_new(&tls, &server, &err), TP_INVALID);
    tls.key_pem = tp_slice_str("no key");
    assert_int_equal(tp_tls_server_new(&tls, &server, &err), TP_INVALID);
    tls.certificate_pem = tp_slice_str("no certificate");
    assert_int_equal(tp_tls_server_new(&tls, &server, &err), TP_INVALID);
    assert_null(server);
}

static void test_tls__handshake_deadline_ends_a_silent_client(void **state)
{
    (void)state;
    stage.config.handshake_ms = 150;
    tp_test_stage_start(&stage);
    int fd = tp_test_stage_connect(&stage);
    tp_test_send_text(fd, "\x16\x03\x01");
    assert_true(tp_test_is_closed(fd));
    close(fd);
    tp_test_stage_stop(&stage);
    assert_string_equal(stage.refused_what, "the TLS handshake took too long");
}

/* Whatever breaks at the hub's end, the client gets an answer or an error, and the next one is
 * served. */
static void test_tls__lives_through_every_single_fault(void **state)
{
    (void)state;
    static const char *const points[] = {"net.read", "net.write", "alloc"};
    start();
    for (size_t p = 0; p < 3; p++) {
        for (unsigned nth = 1; nth <= 15; nth++) {
            char spec[40];
            snprintf(spec, sizeof spec, "%s.nth:%u", points[p], nth);
            tp_fault_set(spec);
            (void)post("/close", tp_slice_str("tea"));
            tp_fault_set(NULL);
            expect_body("/static", "kept elsewhere");
            assert_int_equal(get("/close"), TP_OK);
        }
    }
}

/* ---- Short of memory ---- */

/* A client made and used while libcurl and OpenSSL are refused what they ask for: it works, or
 * memory was short; never is the hub another one, the certificate bad or the address wrong. */
static bool works_short(const char *how, unsigned long number)
{
    char spec[60];
    tp_http_client *made = NULL;
    const tp_http_client_request request = {.path = "/static"};
    snprintf(spec, sizeof spec, "alloc.library.%s:%lu", how, number);
    tp_fault_set(spec);
    tp_rc rc = tp_http_client_new(&client_config, &made, &err);
    if (rc == TP_OK) {
        rc = tp_http_client_do(made, &request, &response, &err);
    }
    tp_fault_set(NULL);
    tp_http_client_free(made);
    if (rc != TP_OK && rc != TP_NOMEM) {
        fail_msg("%s: %s: %s", spec, tp_rc_name(rc), err.what);
    }
    return rc == TP_OK;
}

static void test_http_client__short_memory_is_called_so(void **state)
{
    enum { ATTEMPTS = 40, MAKING = 60 };
    (void)state;
    unsigned worked = 0;
    start(); /* what is made once in a process is made now */
    expect_body("/static", "kept elsewhere");
    const unsigned long calls = tp_fault_passed("alloc.library");
    assert_true(calls > 1000);
    for (unsigned long nth = 1; nth <= MAKING; nth++) { /* the client itself */
        worked += works_short("nth", nth);
    }
    for (unsigned long i = 0; i < ATTEMPTS; i++) {
        worked += works_short("nth", 1 + i * calls / ATTEMPTS);
        worked += works_short("from", 1 + i * calls / ATTEMPTS);
    }
    assert_in_range(worked, 1, MAKING + ATTEMPTS);
    expect_body("/static", "kept elsewhere");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_tls__handler_sees_the_certificate_of_a_device),
        TEST(test_tls__client_without_certificate_reaches_the_handler_as_nobody),
        TEST(test_tls__client_of_another_ca_ends_in_the_handshake),
        TEST(test_tls__client_key_on_another_curve_ends_in_the_handshake),
        TEST(test_tls__client_certificate_is_judged_by_the_callers_clock),
        TEST(test_tls__sessions_are_resumed_and_keep_the_certificate),
        TEST(test_tls__a_certificate_that_ran_out_is_not_resumed),
        TEST(test_tls__one_connection_serves_many_requests),
        TEST(test_tls__strangers_that_fill_the_server_keep_no_device_out),
        TEST(test_tls__a_device_ends_its_own_connection_where_it_has_too_many),
        TEST(test_tls__megabytes_go_both_ways),
        TEST(test_tls__plain_bytes_are_counted_the_same_at_both_ends),
        TEST(test_tls__heads_of_a_sync_are_small),
        TEST(test_trust__hub_of_another_ca_is_refused),
        TEST(test_trust__hub_with_another_name_is_refused),
        TEST(test_trust__hub_certificate_is_judged_by_the_best_known_time),
        TEST(test_enrolment__pinned_fingerprint_gives_the_ca),
        TEST(test_enrolment__hub_of_another_ca_is_refused),
        TEST(test_enrolment__fingerprint_of_a_certificate_that_is_no_ca_is_refused),
        TEST(test_enrolment__stranger_who_sends_our_ca_along_is_refused),
        TEST(test_enrolment__hub_with_another_name_is_refused),
        TEST(test_http_client__work_goes_on_between_start_and_wait),
        TEST(test_http_client__advance_alone_brings_a_request_to_its_end),
        TEST(test_http_client__cancelled_request_leaves_the_client_usable),
        TEST(test_http_client__any_status_is_a_response_and_retry_after_is_read),
        TEST(test_http_client__413_is_read_though_the_hub_stopped_listening),
        TEST(test_http_client__response_over_its_ceiling_is_limit),
        TEST(test_http_client__nobody_there_cut_and_slow_are_offline),
        TEST(test_http_client__hub_that_does_not_speak_tls_is_not_trusted),
        TEST(test_http_client__what_is_misconfigured_is_named),
        TEST(test_http_client__unreadable_key_is_invalid),
        TEST(test_tls__server_certificate_and_key_must_belong_together),
        TEST(test_tls__handshake_deadline_ends_a_silent_client),
        TEST(test_tls__lives_through_every_single_fault),
        TEST(test_http_client__short_memory_is_called_so),
    };
    return cmocka_run_group_tests(tests, make_certificates, NULL);
}
