/* The HTTP parser, without sockets: what it refuses, and that pieces of any size give the same.
 *
 * Shows no promise: what others stand on, and knows nobody. */
#include "platform/base/alloc.h"
#include "platform/base/fault.h"
#include "platform/net/http_parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#define HOST "Host: hub\r\n"

/* Feeds `text` in pieces of `step` bytes; returns how many were used. */
static size_t feed(tp_http_parser *parser, tp_slice text, size_t step)
{
    size_t used = 0;
    while (used < text.bytes && parser->state != TP_HTTP_PARSE_READY &&
           parser->state != TP_HTTP_PARSE_REFUSED) {
        size_t bytes = text.bytes - used < step ? text.bytes - used : step;
        used += tp_http_parser_feed(parser, tp_slice_of(text.at + used, bytes));
    }
    return used;
}

typedef struct refusal {
    const char *name;
    const char *text;
    size_t bytes; /* 0: up to the end of the string */
    unsigned status;
} refusal;

static const refusal refusals[] = {
    {"lone CR in a value", "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", 0, 400},
    {"lone CR as line end", "GET / HTTP/1.1\rHost: a\r\r", 0, 400},
    {"lone CR before CRLF", "GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", 0, 400},
    {"lone LF as line end", "GET / HTTP/1.1\nHost: a\n\n", 0, 400},
    {"lone LF ends the head", "GET / HTTP/1.1\r\n" HOST "\n", 0, 400},
    {"space before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 0, 400},
    {"tab before the colon", "GET / HTTP/1.1\r\nHost\t: a\r\n\r\n", 0, 400},
    {"folded header", "GET / HTTP/1.1\r\n" HOST "X-A: b\r\n c\r\n\r\n", 0, 400},
    {"header begins with a space", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 0, 400},
    {"header without a colon", "GET / HTTP/1.1\r\n" HOST "X-A\r\n\r\n", 0, 400},
    {"header without a name", "GET / HTTP/1.1\r\n" HOST ": b\r\n\r\n", 0, 400},
    {"zero byte in a value", "GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n", 29, 400},
    {"escape byte in a value", "GET / HTTP/1.1\r\nHost: a\x1b\r\n\r\n", 0, 400},
    {"byte over 127 in a name", "GET / HTTP/1.1\r\n" HOST "X\xe9: b\r\n\r\n", 0, 400},
    {"no Host", "GET / HTTP/1.1\r\n\r\n", 0, 400},
    {"two Hosts", "GET / HTTP/1.1\r\n" HOST HOST "\r\n", 0, 400},
    {"two Cookies", "GET / HTTP/1.1\r\n" HOST "Cookie: a\r\ncookie: b\r\n\r\n", 0, 400},
    {"two Origins", "GET / HTTP/1.1\r\n" HOST "Origin: a\r\nOrigin: b\r\n\r\n", 0, 400},
    {"two lengths", "POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
     0, 400},
    {"the same length twice",
     "POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nContent-Length: 1\r\n\r\na", 0, 400},
    {"two lengths in one", "POST / HTTP/1.1\r\n" HOST "Content-Length: 1, 1\r\n\r\na", 0, 400},
    {"length and chunked",
     "POST / HTTP/1.1\r\n" HOST "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
     0, 400},
    {"chunked and length",
     "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n",
     0, 400},
    {"negative length", "POST / HTTP/1.1\r\n" HOST "Content-Length: -1\r\n\r\n", 0, 400},
    {"length with a sign", "POST / HTTP/1.1\r\n" HOST "Content-Length: +1\r\n\r\n", 0, 400},
    {"hexadecimal length", "POST / HTTP/1.1\r\n" HOST "Content-Length: 0x1\r\n\r\n", 0, 400},
    {"length beyond 64 bits",
     "POST / HTTP/1.1\r\n" HOST "Content-Length: 99999999999999999999\r\n\r\n", 0, 400},
    {"length over the ceiling", "POST / HTTP/1.1\r\n" HOST "Content-Length: 1001\r\n\r\n", 0, 413},
    {"chunked", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 0, 501},
    {"gzip coding", "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n\r\n", 0, 501},
    {"Expect", "POST / HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 1\r\n\r\n", 0,
     417},
    {"unknown method", "BREW / HTTP/1.1\r\n" HOST "\r\n", 0, 501},
    {"known method nobody needs", "OPTIONS / HTTP/1.1\r\n" HOST "\r\n", 0, 501},
    {"CONNECT", "CONNECT hub:443 HTTP/1.1\r\n" HOST "\r\n", 0, 400},
    {"lower-case method", "get / HTTP/1.1\r\n" HOST "\r\n", 0, 400},
    {"no method", " / HTTP/1.1\r\n" HOST "\r\n", 0, 400},
    {"absolute URL", "GET http://hub/ HTTP/1.1\r\n" HOST "\r\n", 0, 400},
    {"star", "GET * HTTP/1.1\r\n" HOST "\r\n", 0, 400},
    {"fragment", "GET /a#b HTTP/1.1\r\n" HOST "\r\n", 0, 400},
    {"byte over 127 in the URL", "GET /\xe9 HTTP/1.1\r\n" HOST "\r\n", 0, 400},
    {"tab in the request line", "GET\t/ HTTP/1.1\r\n" HOST "\r\n", 0, 400},
    {"two spaces before the URL", "GET  / HTTP/1.1\r\n" HOST "\r\n", 0, 400},
    {"two spaces after the URL", "GET /  HTTP/1.1\r\n" HOST "\r\n", 0, 400},
    {"space at the line's end", "GET / HTTP/1.1 \r\n" HOST "\r\n", 0, 505},
    {"no version", "GET /\r\n" HOST "\r\n", 0, 505},
    {"version 2", "GET / HTTP/2.0\r\n" HOST "\r\n", 0, 505},
    {"version 1.7", "GET / HTTP/1.7\r\n" HOST "\r\n", 0, 505},
    {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0, 400},
    {"RTSP", "GET / RTSP/1.0\r\n" HOST "\r\n", 0, 400},
    {"TLS on a plain port", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11, 400},
};

static void test_http_parse__what_is_malformed_is_refused_in_pieces_of_any_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        const refusal *row = &refusals[i];
        size_t bytes = row->bytes == 0 ? strlen(row->text) : row->bytes;
        for (size_t step = 1; step <= 200; step += 199) {
            tp_http_parser parser;
            tp_http_parser_init(&parser, 1000);
            feed(&parser, tp_slice_of(row->text, bytes), step);
            if (parser.state != TP_HTTP_PARSE_REFUSED || parser.status != row->status) {
                fail_msg("%s, pieces of %zu: state %d status %u, expected %u", row->name, step,
                         (int)parser.state, parser.status, row->status);
            }
            tp_http_parser_done(&parser);
        }
    }
    assert_int_equal(tp_alloc_live(), 0);
}

typedef struct acceptance {
    const char *name;
    const char *text;
    tp_http_method method;
    const char *path;
    const char *query;
    const char *body;
    bool is_keep_alive;
} acceptance;

static const acceptance acceptances[] = {
    {"get", "GET / HTTP/1.1\r\n" HOST "\r\n", TP_HTTP_METHOD_GET, "/", "", "", true},
    {"empty line before", "\r\nGET /a HTTP/1.1\r\n" HOST "\r\n", TP_HTTP_METHOD_GET, "/a", "", "",
     true},
    {"query", "GET /a?b=c?d HTTP/1.1\r\n" HOST "\r\n", TP_HTTP_METHOD_GET, "/a", "b=c?d", "", true},
    {"close", "GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", TP_HTTP_METHOD_GET, "/", "",
     "", false},
    {"1.0", "GET / HTTP/1.0\r\n\r\n", TP_HTTP_METHOD_GET, "/", "", "", false},
    {"1.0 keep-alive", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", TP_HTTP_METHOD_GET, "/",
     "", "", true},
    {"post", "POST /v1/sync HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\n\r\n\r",
     TP_HTTP_METHOD_POST, "/v1/sync", "", "\r\n\r", true},
    {"post of nothing", "POST / HTTP/1.1\r\n" HOST "\r\n", TP_HTTP_METHOD_POST, "/", "", "", true},
    {"upgrade is not taken",
     "GET / HTTP/1.1\r\n" HOST "Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n", TP_HTTP_METHOD_GET,
     "/", "", "", true},
    {"delete", "DELETE /x HTTP/1.1\r\n" HOST "\r\n", TP_HTTP_METHOD_DELETE, "/x", "", "", true},
    {"length at the ceiling is a number",
     "PUT /x HTTP/1.1\r\n" HOST "Content-Length: 0004\r\n\r\nabcd", TP_HTTP_METHOD_PUT, "/x", "",
     "abcd", true},
};

static void
test_http_parse__what_is_well_formed_is_read_the_same_in_pieces_of_any_size(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof acceptances / sizeof acceptances[0]; i++) {
        const acceptance *row = &acceptances[i];
        for (size_t step = 1; step <= 9; step++) {
            tp_http_parser parser;
            tp_http_parser_init(&parser, 1000);
            size_t used = feed(&parser, tp_slice_str(row->text), step == 9 ? 1000 : step);
            if (parser.state != TP_HTTP_PARSE_READY) {
                fail_msg("%s: state %d status %u %s", row->name, (int)parser.state, parser.status,
                         parser.why);
            }
            assert_int_equal(used, strlen(row->text));
            assert_int_equal(parser.method, row->method);
            assert_true(tp_slice_is(parser.path, row->path));
            assert_true(tp_slice_is(parser.query, row->query));
            assert_true(tp_slice_is(tp_buf_slice(&parser.body), row->body));
            assert_int_equal(parser.is_keep_alive, row->is_keep_alive);
            tp_http_parser_done(&parser);
        }
    }
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_http_parse__headers_are_found_without_regard_to_case_and_trimmed(void **state)
{
    (void)state;
    tp_http_parser parser;
    tp_http_parser_init(&parser, 0);
    feed(&parser,
         tp_slice_str("GET / HTTP/1.1\r\nhOST:hub\r\nX-Empty:\r\nX-Wide: \t a b \t \r\n"
                      "X-Wide: second\r\n\r\n"),
         3);
    assert_int_equal(parser.state, TP_HTTP_PARSE_READY);
    tp_http_request request = {.headers = parser.headers, .headers_count = parser.headers_count};
    assert_int_equal(request.headers_count, 4);
    assert_true(tp_slice_is(tp_http_request_header(&request, "Host"), "hub"));
    assert_true(tp_slice_is(tp_http_request_header(&request, "x-wide"), "a b"));
    assert_true(tp_slice_is(tp_http_request_header(&request, "X-Empty"), ""));
    assert_true(tp_http_request_has_header(&request, "x-empty"));
    assert_false(tp_http_request_has_header(&request, "x-empt"));
    assert_int_equal(tp_http_request_header(&request, "Cookie").bytes, 0);
    tp_http_parser_done(&parser);
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_http_parse__bytes_of_the_next_request_are_left_to_the_caller(void **state)
{
    (void)state;
    tp_slice two = tp_slice_str("POST /1 HTTP/1.1\r\n" HOST
                                "Content-Length: 2\r\n\r\nabGET /2 HTTP/1.1\r\n" HOST "\r\n");
    tp_http_parser parser;
    tp_http_parser_init(&parser, 10);
    size_t used = feed(&parser, two, 1000);
    assert_int_equal(parser.state, TP_HTTP_PARSE_READY);
    assert_true(tp_slice_is(tp_buf_slice(&parser.body), "ab"));
    tp_http_parser_reset(&parser);
    assert_true(tp_http_parser_is_idle(&parser));
    assert_int_equal(parser.body.bytes, 0);
    used += feed(&parser, tp_slice_of(two.at + used, two.bytes - used), 1000);
    assert_int_equal(used, two.bytes);
    assert_true(tp_slice_is(parser.path, "/2"));
    tp_http_parser_done(&parser);
    assert_int_equal(tp_alloc_live(), 0);
}

/* A request whose URL, header value and header count are as long as told. */
static unsigned status_of(size_t url_bytes, size_t value_bytes, size_t headers_count)
{
    static char text[40000];
    size_t n = (size_t)snprintf(text, sizeof text, "GET /");
    memset(text + n, 'u', url_bytes - 1);
    n += url_bytes - 1;
    n += (size_t)snprintf(text + n, sizeof text - n, " HTTP/1.1\r\n" HOST);
    for (size_t i = 0; i < headers_count; i++) {
        n += (size_t)snprintf(text + n, sizeof text - n, "X-%zu: ", i);
        memset(text + n, 'v', value_bytes);
        n += value_bytes;
        n += (size_t)snprintf(text + n, sizeof text - n, "\r\n");
    }
    n += (size_t)snprintf(text + n, sizeof text - n, "\r\n");
    tp_http_parser parser;
    tp_http_parser_init(&parser, 0);
    feed(&parser, tp_slice_of(text, n), 16384);
    unsigned status = parser.state == TP_HTTP_PARSE_READY ? 200 : parser.status;
    assert_true(parser.head.bytes <= TP_HTTP_HEAD_BYTES_MAX);
    tp_http_parser_done(&parser);
    return status;
}

static void test_http_parse__ceilings_hold_to_the_byte(void **state)
{
    (void)state;
    assert_int_equal(status_of(TP_HTTP_URL_BYTES_MAX, 1, 1), 200);
    assert_int_equal(status_of(TP_HTTP_URL_BYTES_MAX + 1, 1, 1), 414);
    assert_int_equal(status_of(TP_HTTP_HEAD_BYTES_MAX * 2, 1, 1), 414);
    assert_int_equal(status_of(1, 1, TP_HTTP_HEADERS_MAX - 1), 200);
    assert_int_equal(status_of(1, 1, TP_HTTP_HEADERS_MAX), 431);
    /* "GET / HTTP/1.1", Host, "X-0: ", line ends: 16 + 11 + 7 + 2 bytes beside the value. */
    assert_int_equal(status_of(1, TP_HTTP_HEAD_BYTES_MAX - 36, 1), 200);
    assert_int_equal(status_of(1, TP_HTTP_HEAD_BYTES_MAX - 35, 1), 431);
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_http_parse__without_memory_answers_503_and_leaks_nothing(void **state)
{
    (void)state;
    tp_slice text = tp_slice_str("POST /v1/sync HTTP/1.1\r\n" HOST "Content-Length: 200\r\n\r\n");
    bool was_ready = false;
    for (unsigned nth = 1; !was_ready; nth++) {
        char spec[32];
        snprintf(spec, sizeof spec, "alloc.nth:%u", nth);
        tp_fault_set(spec);
        tp_http_parser parser;
        tp_http_parser_init(&parser, 1000);
        feed(&parser, text, 5);
        feed(&parser, tp_slice_of(refusals, 200), 50);
        was_ready = parser.state == TP_HTTP_PARSE_READY;
        if (!was_ready) {
            assert_int_equal(parser.state, TP_HTTP_PARSE_REFUSED);
            assert_int_equal(parser.status, 503);
        }
        tp_http_parser_done(&parser);
        assert_int_equal(tp_alloc_live(), 0);
        assert_true(nth < 50);
    }
    tp_fault_set(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_http_parse__what_is_malformed_is_refused_in_pieces_of_any_size),
        cmocka_unit_test(
            test_http_parse__what_is_well_formed_is_read_the_same_in_pieces_of_any_size),
        cmocka_unit_test(test_http_parse__headers_are_found_without_regard_to_case_and_trimmed),
        cmocka_unit_test(test_http_parse__bytes_of_the_next_request_are_left_to_the_caller),
        cmocka_unit_test(test_http_parse__ceilings_hold_to_the_byte),
        cmocka_unit_test(test_http_parse__without_memory_answers_503_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
