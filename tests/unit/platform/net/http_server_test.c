/* The server over plain sockets: requests, rounds, ceilings, deadlines.
 *
 * Shows no promise: what others stand on, and knows nobody. */
#include "platform/base/alloc.h"
#include "platform/base/fault.h"
#include "platform/base/limits.h"
#include "tests/support/http_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#define HOST "Host: hub\r\n"
#define GET(path) "GET " path " HTTP/1.1\r\n" HOST "\r\n"

static tp_test_stage stage;
static char answer[2 << 20];

static int setup(void **state)
{
    (void)state;
    tp_fault_set(NULL);
    tp_test_stage_init(&stage, 1700000000000);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tp_fault_set(NULL);
    if (stage.server != NULL) {
        tp_test_stage_stop(&stage);
    }
    return tp_alloc_live() == 0 ? 0 : -1;
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Sends `text` on a new connection and reads exactly what must come. */
static void expect(const char *text, const char *expected)
{
    int fd = tp_test_stage_connect(&stage);
    tp_test_send_text(fd, text);
    tp_test_receive(fd, answer, strlen(expected));
    assert_string_equal(answer, expected);
    close(fd);
}

static void test_http_server__heads_hold_only_what_is_needed(void **state)
{
    (void)state;
    tp_test_stage_start(&stage);
    expect("POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\ntea",
           "HTTP/1.1 200 \r\nContent-Length: 3\r\n\r\ntea");
    expect(GET("/static"),
           "HTTP/1.1 200 \r\nContent-Length: 14\r\nContent-Type: text/plain\r\n\r\nkept elsewhere");
    expect(GET("/header"), "HTTP/1.1 200 \r\nContent-Length: 0\r\nCache-Control: no-store\r\n\r\n");
    expect(GET("/nowhere"), "HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n");
}

static void test_http_server__head_is_answered_without_body_and_the_connection_goes_on(void **state)
{
    (void)state;
    tp_test_stage_start(&stage);
    expect("HEAD /static HTTP/1.1\r\n" HOST "\r\n" GET("/nowhere"),
           "HTTP/1.1 200 \r\nContent-Length: 14\r\nContent-Type: text/plain\r\n\r\n"
           "HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n");
}

static void test_http_server__request_carries_the_callers_clock_and_the_address(void **state)
{
    (void)state;
    tp_test_stage_start(&stage);
    expect(GET("/when"), "HTTP/1.1 200 \r\nContent-Length: 16\r\n\r\n1700000000000 77");
    expect(GET("/peer"), "HTTP/1.1 200 \r\nContent-Length: 4\r\n\r\nnone");
}

static void
test_http_server__pipelined_requests_are_answered_in_order_on_one_connection(void **state)
{
    (void)state;
    tp_test_stage_start(&stage);
    int fd = tp_test_stage_connect(&stage);
    for (unsigned i = 0; i < 300; i++) {
        char text[100];
        snprintf(text, sizeof text, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\n%03u",
                 i);
        tp_test_send_text(fd, text);
    }
    for (unsigned i = 0; i < 300; i++) {
        char expected[100];
        snprintf(expected, sizeof expected, "HTTP/1.1 200 \r\nContent-Length: 3\r\n\r\n%03u", i);
        tp_test_receive(fd, answer, strlen(expected));
        assert_string_equal(answer, expected);
    }
    close(fd);
    tp_test_stage_stop(&stage);
    assert_int_equal(stage.stats.connections, 1);
    assert_int_equal(stage.stats.requests, 300);
}

static void test_http_server__request_in_single_bytes_is_the_same_request(void **state)
{
    (void)state;
    tp_test_stage_start(&stage);
    int fd = tp_test_stage_connect(&stage);
    static const char text[] = "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 4\r\n\r\na\r\nb";
    for (size_t i = 0; i + 1 < sizeof text; i++) {
        tp_test_send(fd, text + i, 1);
        usleep(300);
    }
    static const char expected[] = "HTTP/1.1 200 \r\nContent-Length: 4\r\n\r\na\r\nb";
    tp_test_receive(fd, answer, sizeof expected - 1);
    assert_string_equal(answer, expected);
    close(fd);
}

static void test_http_server__megabytes_go_both_ways(void **state)
{
    (void)state;
    tp_test_stage_start(&stage);
    int fd = tp_test_stage_connect(&stage);
    static char body[1500000];
    memset(body, 'b', sizeof body);
    tp_test_send_text(fd, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 1500000\r\n\r\n");
    tp_test_send(fd, body, sizeof body);
    static const char head[] = "HTTP/1.1 200 \r\nContent-Length: 1500000\r\n\r\n";
    assert_int_equal(tp_test_receive(fd, answer, sizeof head - 1 + sizeof body),
                     sizeof head - 1 + sizeof body);
    assert_memory_equal(answer, head, sizeof head - 1);
    assert_memory_equal(answer + sizeof head - 1, body, sizeof body);
    close(fd);
    tp_test_stage_stop(&stage);
    assert_int_equal(stage.stats.plain_bytes_out, sizeof head - 1 + sizeof body);
    assert_int_equal(stage.stats.socket_bytes_out, stage.stats.plain_bytes_out);
}

static void test_http_server__a_reader_that_is_slow_still_gets_all(void **state)
{
    (void)state;
    tp_test_stage_start(&stage);
    int fd = tp_test_stage_connect(&stage);
    tp_test_send_text(fd, GET("/large"));
    usleep(100 * 1000);
    static const char head[] = "HTTP/1.1 200 \r\nContent-Length: 1048576\r\n\r\n";
    assert_int_equal(tp_test_receive(fd, answer, sizeof head - 1 + (1 << 20)),
                     sizeof head - 1 + (1 << 20));
    close(fd);
}

typedef struct refusal {
    const char *name;
    const char *text;
    const char *status;
} refusal;

static const refusal refusals[] = {
    {"lone CR", "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n", "400"},
    {"space before colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "400"},
    {"two lengths", "POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
     "400"},
    {"chunked", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "501"},
    {"body too long", "POST / HTTP/1.1\r\n" HOST "Content-Length: 2097153\r\n\r\n", "413"},
    {"malformed after a good one", GET("/nowhere") "what\r\n\r\n", "404"},
};

static void
test_http_server__what_is_malformed_is_answered_and_closed_and_never_handled(void **state)
{
    (void)state;
    tp_test_stage_start(&stage);
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        int fd = tp_test_stage_connect(&stage);
        tp_test_send_text(fd, refusals[i].text);
        tp_test_receive(fd, answer, sizeof answer - 1);
        assert_memory_equal(answer, "HTTP/1.1 ", 9);
        assert_memory_equal(answer + 9, refusals[i].status, 3);
        assert_non_null(strstr(answer, "Connection: close\r\n\r\n"));
        close(fd);
    }
    assert_int_equal(stage.handled, 1);
    assert_int_equal(stage.refused, 6);
}

static void send_long_head(const char *begin, size_t bytes, const char *status)
{
    int fd = tp_test_stage_connect(&stage);
    static char filler[64 * 1024];
    memset(filler, 'u', sizeof filler);
    tp_test_send_text(fd, begin);
    tp_test_send(fd, filler, bytes);
    tp_test_receive(fd, answer, sizeof answer - 1);
    assert_memory_equal(answer, "HTTP/1.1 ", 9);
    assert_memory_equal(answer + 9, status, 3);
    close(fd);
}

static void test_http_server__head_and_url_over_their_ceilings_are_431_and_414(void **state)
{
    (void)state;
    tp_test_stage_start(&stage);
    send_long_head("GET /", 60000, "414");
    send_long_head("GET / HTTP/1.1\r\nX: ", 60000, "431");
    assert_int_equal(stage.handled, 0);
}

/* The answer must survive the bytes that are still coming: closing at once would reset the
 * connection. */
static void test_http_server__client_in_mid_upload_gets_its_413(void **state)
{
    (void)state;
    tp_test_stage_start(&stage);
    int fd = tp_test_stage_connect(&stage);
    static char filler[1 << 20];
    tp_test_send_text(fd, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 9000000\r\n\r\n");
    tp_test_send(fd, filler, sizeof filler);
    tp_test_receive(fd, answer, sizeof answer - 1);
    assert_memory_equal(answer, "HTTP/1.1 413 ", 13);
    close(fd);
}

static void test_http_server__deadlines_for_head_body_and_idle(void **state)
{
    (void)state;
    stage.config.head_ms = 150;
    stage.config.body_ms = 150;
    stage.config.idle_ms = 150;
    tp_test_stage_start(&stage);
    static const char *const slow[] = {"GET / HTT",
                                       "POST / HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\nte"};
    for (size_t i = 0; i < 2; i++) {
        int64_t from_ms = now_ms();
        int fd = tp_test_stage_connect(&stage);
        tp_test_send_text(fd, slow[i]);
        tp_test_receive(fd, answer, sizeof answer - 1);
        assert_memory_equal(answer, "HTTP/1.1 408 ", 13);
        assert_in_range(now_ms() - from_ms, 140, 3000);
        close(fd);
    }
    int64_t from_ms = now_ms();
    int fd = tp_test_stage_connect(&stage);
    assert_true(tp_test_is_closed(fd));
    assert_in_range(now_ms() - from_ms, 140, 3000);
    close(fd);
    tp_test_stage_stop(&stage);
    assert_int_equal(stage.stats.late[TP_HTTP_PHASE_HEAD], 1);
    assert_int_equal(stage.stats.late[TP_HTTP_PHASE_BODY], 1);
    assert_int_equal(stage.stats.late[TP_HTTP_PHASE_IDLE], 1);
    assert_int_equal(stage.stats.late[TP_HTTP_PHASE_WRITE], 0);
}

/* A byte now and then must not push the deadline out. */
static void test_http_server__head_deadline_is_for_the_whole_head(void **state)
{
    (void)state;
    stage.config.head_ms = 200;
    tp_test_stage_start(&stage);
    int fd = tp_test_stage_connect(&stage);
    int64_t from_ms = now_ms();
    for (unsigned i = 0; i < 12; i++) {
        tp_test_send_text(fd, "G");
        usleep(50 * 1000);
    }
    tp_test_receive(fd, answer, sizeof answer - 1);
    assert_memory_equal(answer, "HTTP/1.1 408 ", 13);
    assert_true(now_ms() - from_ms < 3000);
    close(fd);
}

static void test_http_server__reader_that_never_reads_is_given_up(void **state)
{
    (void)state;
    stage.config.write_ms = 200;
    stage.config.connections_max =
        1; /* and it is not idle: the next one is let in when it is gone */
    tp_test_stage_start(&stage);
    int fd = tp_test_stage_connect(&stage);
    for (unsigned i = 0; i < 40; i++) { /* more than any socket buffer */
        tp_test_send_text(fd, GET("/large"));
    }
    usleep(50 * 1000);
    int early = tp_test_stage_connect(&stage);
    assert_true(tp_test_is_closed(early));
    usleep(600 * 1000);
    expect(GET("/nowhere"), "HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n");
    close(early);
    close(fd);
    tp_test_stage_stop(&stage);
    assert_true(stage.stats.requests < 40);
    assert_int_equal(stage.stats.late[TP_HTTP_PHASE_WRITE], 1);
    assert_int_equal(stage.stats.connections_refused, 1);
}

static void test_http_server__round_that_cannot_end_promises_nothing(void **state)
{
    (void)state;
    tp_test_stage_start(&stage);
    atomic_store(&stage.fails_end, 1);
    expect(GET("/static"), "HTTP/1.1 503 \r\nContent-Length: 0\r\n\r\n");
    expect(GET("/nowhere"), "HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(stage.handled, 2);
}

static void test_http_server__round_that_cannot_begin_handles_nothing(void **state)
{
    (void)state;
    tp_test_stage_start(&stage);
    atomic_store(&stage.fails_begin, 1);
    expect(GET("/static"), "HTTP/1.1 503 \r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(stage.handled, 0);
    assert_int_equal(stage.ended, 0);
}

static void test_http_server__requests_of_a_failed_round_are_told_why(void **state)
{
    (void)state;
    stage.says_why = true;
    tp_test_stage_start(&stage);
    atomic_store(&stage.fails_begin, 1);
    expect(GET("/static"), "HTTP/1.1 503 \r\nContent-Length: 20\r\n\r\n/static: begin fails");
    atomic_store(&stage.fails_end, 1);
    expect(GET("/static"), "HTTP/1.1 503 \r\nContent-Length: 18\r\n\r\n/static: end fails");
    tp_test_stage_stop(&stage);
    assert_int_equal(stage.stats.requests, 1); /* the other never reached the handler */
    assert_int_equal(stage.stats.rounds_failed, 2);
}

/* What it answers by itself is counted by status, so that who looks after it can see it. */
static void test_http_server__its_own_answers_are_counted(void **state)
{
    (void)state;
    static const char *const heads[] = {
        [0] = "GET / HTTP/1.1\r\n\r\n",
        [2] = "POST / HTTP/1.1\r\n" HOST "Content-Length: 9999999\r\n\r\n",
        [4] = "POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nExpect: 100-continue\r\n\r\n",
        [6] = "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n",
        [8] = "GET / HTTP/2.0\r\n" HOST "\r\n",
    };
    tp_test_stage_start(&stage);
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i += 2) {
        char expected[32];
        snprintf(expected, sizeof expected, "HTTP/1.1 %u \r\n", tp_http_own_statuses[i]);
        expect(heads[i], expected);
    }
    tp_test_stage_stop(&stage);
    for (size_t i = 0; i < TP_HTTP_OWN_STATUSES_COUNT; i++) {
        assert_int_equal(stage.stats.refused_by[i], i % 2 == 0);
    }
    assert_int_equal(stage.stats.requests_refused, 5);
}

static void test_http_server__one_beside_it_is_served_by_the_same_loop(void **state)
{
    (void)state;
    static tp_test_stage beside;
    tp_test_stage_init(&beside, 1700000000000);
    beside.config.connections_max = 1;
    beside.config.tick_ms = 20;
    stage.config.connections_max = 1;
    stage.beside = &beside;
    tp_test_stage_start(&stage);
    int half = tp_test_stage_connect(&stage);
    tp_test_send_text(half, "GET / HT"); /* the first is full, and is not idle */
    usleep(50 * 1000);
    int fd = tp_test_stage_connect(&beside);
    static const char expected[] = "HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n";
    for (unsigned i = 0; i < 3; i++) {
        tp_test_send_text(fd, GET("/nowhere"));
        tp_test_receive(fd, answer, sizeof expected - 1);
        assert_string_equal(answer, expected);
    }
    tp_test_send_text(half, "TP/1.1\r\n" HOST "\r\n"); /* and the first is served meanwhile */
    tp_test_receive(half, answer, sizeof expected - 1);
    assert_string_equal(answer, expected);
    for (unsigned i = 0; i < 1000 && atomic_load(&beside.ticks) == 0; i++) {
        usleep(10 * 1000);
    }
    close(half);
    close(fd);
    tp_test_stage_stop(&stage);
    assert_int_equal(beside.stats.requests, 3);
    assert_int_equal(stage.stats.requests, 1);
    assert_true(atomic_load(&beside.ticks) > 0);
}

static void test_http_server__requests_that_wait_share_one_round_and_its_failure(void **state)
{
    (void)state;
    tp_test_stage_start(&stage);
    int slow = tp_test_stage_connect(&stage);
    int fds[10];
    for (size_t i = 0; i < 10; i++) {
        fds[i] = tp_test_stage_connect(&stage);
    }
    usleep(50 * 1000); /* all accepted */
    tp_test_send_text(slow, GET("/slow"));
    usleep(100 * 1000); /* the handler is busy now */
    for (size_t i = 0; i < 10; i++) {
        tp_test_send_text(fds[i], GET("/static"));
    }
    tp_test_receive(slow, answer, 36);
    assert_memory_equal(answer, "HTTP/1.1 200 ", 13);
    for (size_t i = 0; i < 10; i++) {
        tp_test_receive(fds[i], answer, 36);
        assert_memory_equal(answer, "HTTP/1.1 200 ", 13);
        close(fds[i]);
    }
    close(slow);
    tp_test_stage_stop(&stage);
    assert_int_equal(stage.stats.requests, 11);
    assert_int_equal(stage.stats.rounds, 2);
    assert_int_equal(stage.begun, 2);
}

static void test_http_server__connections_of_one_address_are_limited(void **state)
{
    (void)state;
    stage.config.connections_per_address_max = 3;
    tp_test_stage_start(&stage);
    int fds[4];
    for (size_t i = 0; i < 4; i++) {
        fds[i] = tp_test_stage_connect(&stage);
    }
    assert_true(tp_test_is_closed(fds[3]));
    for (size_t i = 0; i < 3; i++) {
        tp_test_send_text(fds[i], GET("/nowhere"));
        assert_int_equal(tp_test_receive(fds[i], answer, 20), 20);
    }
    for (size_t i = 0; i < 4; i++) {
        close(fds[i]);
    }
    assert_int_equal(stage.refused, 1);
}

static void test_http_server__a_full_server_ends_the_longest_idle_connection(void **state)
{
    (void)state;
    stage.config.connections_max = 2;
    tp_test_stage_start(&stage);
    int busy = tp_test_stage_connect(&stage);
    tp_test_send_text(busy, "GET / HT"); /* in mid-request: not idle */
    usleep(50 * 1000);
    int idle = tp_test_stage_connect(&stage);
    usleep(50 * 1000);
    int fresh = tp_test_stage_connect(&stage);
    assert_true(tp_test_is_closed(idle));
    tp_test_send_text(fresh, GET("/nowhere"));
    assert_int_equal(tp_test_receive(fresh, answer, 20), 20);
    close(busy);
    close(idle);
    close(fresh);
}

static void test_http_server__a_full_server_may_end_the_slowest(void **state)
{
    (void)state;
    enum { SLOW = 8 };
    stage.config.connections_max = 2;
    stage.config.ends_slowest = true;
    tp_test_stage_start(&stage);
    int slow[SLOW];
    for (size_t i = 0; i < SLOW; i++) {
        slow[i] = tp_test_stage_connect(&stage);
        tp_test_send_text(slow[i], "GET / HT");
        usleep(20 * 1000);
    }
    int fresh = tp_test_stage_connect(&stage);
    tp_test_send_text(fresh, GET("/nowhere"));
    assert_int_equal(tp_test_receive(fresh, answer, 20), 20);
    assert_true(tp_test_is_closed(slow[0]));
    assert_int_equal(stage.refused, 0);
    for (size_t i = 0; i < SLOW; i++) {
        close(slow[i]);
    }
    close(fresh);
}

static void test_http_server__ticks_come_without_any_request(void **state)
{
    (void)state;
    stage.config.tick_ms = 20;
    tp_test_stage_start(&stage);
    usleep(300 * 1000);
    assert_in_range(atomic_load(&stage.ticks), 3, 16);
}

static void test_http_server__stop_before_and_twice_is_stop(void **state)
{
    (void)state;
    tp_err err;
    tp_http_service service = {
        .handle = (void (*)(void *, const tp_http_request *, tp_http_response *))1};
    tp_http_server *server = NULL;
    assert_int_equal(tp_http_server_new(&stage.config, &service, &server, &err), TP_OK);
    tp_http_server_stop(server);
    tp_http_server_stop(server);
    assert_int_equal(tp_http_server_run(server, &err), TP_OK);
    tp_http_server_free(server);
}

static void test_http_server__stop_lets_a_response_out(void **state)
{
    (void)state;
    tp_test_stage_start(&stage);
    int fd = tp_test_stage_connect(&stage);
    int half = tp_test_stage_connect(&stage);
    tp_test_send_text(half, "GET / HT");
    tp_test_send_text(fd, GET("/slow"));
    usleep(100 * 1000);
    tp_http_server_stop(stage.server);
    tp_test_receive(fd, answer, 13);
    assert_memory_equal(answer, "HTTP/1.1 200 ", 13);
    close(fd);
    close(half);
    tp_test_stage_stop(&stage);
}

static void test_http_server__a_port_in_use_and_a_bad_address_are_named(void **state)
{
    (void)state;
    tp_err err;
    tp_http_service service = {
        .handle = (void (*)(void *, const tp_http_request *, tp_http_response *))1};
    tp_http_server *server = NULL;
    tp_test_stage_start(&stage);
    tp_http_server_config config = stage.config;
    config.port = tp_http_server_port(stage.server);
    assert_int_equal(tp_http_server_new(&config, &service, &server, &err), TP_EXISTS);
    config.address = "hub.example";
    assert_int_equal(tp_http_server_new(&config, &service, &server, &err), TP_INVALID);
    assert_null(server);
}

static void test_http_response__a_line_break_in_a_header_is_refused(void **state)
{
    (void)state;
    tp_err err;
    tp_http_response response;
    tp_http_response_init(&response);
    assert_int_equal(tp_http_response_header(&response, "Location", "/a\r\nSet-Cookie: b", &err),
                     TP_INVALID);
    assert_int_equal(tp_http_response_header(&response, "X: y\r\nZ", "b", &err), TP_INVALID);
    assert_int_equal(tp_http_response_header(&response, "", "b", &err), TP_INVALID);
    assert_int_equal(response.headers.bytes, 0);
    tp_http_response_done(&response);
}

/* Whatever read, write or allocation fails, the server lives on and answers the next client. */
static void test_http_server__lives_through_every_single_fault(void **state)
{
    (void)state;
    static const char *const points[] = {"net.read", "net.write", "alloc"};
    tp_test_stage_start(&stage);
    for (size_t p = 0; p < 3; p++) {
        for (unsigned nth = 1; nth <= 12; nth++) {
            char spec[40];
            snprintf(spec, sizeof spec, "%s.nth:%u", points[p], nth);
            tp_fault_set(spec);
            int fd = tp_test_stage_connect(&stage);
            tp_test_send_text(fd, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\ntea");
            shutdown(fd, SHUT_WR);
            tp_test_receive(fd, answer, sizeof answer - 1);
            close(fd);
            tp_fault_set(NULL);
            expect(GET("/nowhere"), "HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n");
        }
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_http_server__heads_hold_only_what_is_needed),
        TEST(test_http_server__head_is_answered_without_body_and_the_connection_goes_on),
        TEST(test_http_server__request_carries_the_callers_clock_and_the_address),
        TEST(test_http_server__pipelined_requests_are_answered_in_order_on_one_connection),
        TEST(test_http_server__request_in_single_bytes_is_the_same_request),
        TEST(test_http_server__megabytes_go_both_ways),
        TEST(test_http_server__a_reader_that_is_slow_still_gets_all),
        TEST(test_http_server__what_is_malformed_is_answered_and_closed_and_never_handled),
        TEST(test_http_server__head_and_url_over_their_ceilings_are_431_and_414),
        TEST(test_http_server__client_in_mid_upload_gets_its_413),
        TEST(test_http_server__deadlines_for_head_body_and_idle),
        TEST(test_http_server__head_deadline_is_for_the_whole_head),
        TEST(test_http_server__reader_that_never_reads_is_given_up),
        TEST(test_http_server__round_that_cannot_end_promises_nothing),
        TEST(test_http_server__round_that_cannot_begin_handles_nothing),
        TEST(test_http_server__requests_of_a_failed_round_are_told_why),
        TEST(test_http_server__its_own_answers_are_counted),
        TEST(test_http_server__one_beside_it_is_served_by_the_same_loop),
        TEST(test_http_server__requests_that_wait_share_one_round_and_its_failure),
        TEST(test_http_server__connections_of_one_address_are_limited),
        TEST(test_http_server__a_full_server_ends_the_longest_idle_connection),
        TEST(test_http_server__a_full_server_may_end_the_slowest),
        TEST(test_http_server__ticks_come_without_any_request),
        TEST(test_http_server__stop_before_and_twice_is_stop),
        TEST(test_http_server__stop_lets_a_response_out),
        TEST(test_http_server__a_port_in_use_and_a_bad_address_are_named),
        TEST(test_http_response__a_line_break_in_a_header_is_refused),
        TEST(test_http_server__lives_through_every_single_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
