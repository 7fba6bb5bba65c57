/* Cookies and tokens: what is signed counts, and nothing else.
 *
 * Shows no promise: how the pages are served. */
#include "node/ui/session.h"

#include "tests/support/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

enum { PORT = 8321, HOUR_MS = 3600 * 1000 };
static const int64_t NOW_MS = INT64_C(1767603600000);
static const uint8_t key_bytes[TP_DOOR_KEY_BYTES] = "sixteen  bytes!";
static const uint8_t other_bytes[TP_DOOR_KEY_BYTES] = "sixteen other b";

static tp_door door;
static tp_door other;

static int set_up(void **state)
{
    (void)state;
    tp_door_init(&door, key_bytes);
    tp_door_init(&other, other_bytes);
    return 0;
}

/* The value of the cookie that a response sets. */
static void cookie_of(const tp_http_response *response, char *name_out, char *value_out,
                      size_t bytes)
{
    char line[2048];
    assert_true(tp_test_response_header(response, "Set-Cookie", line, sizeof line));
    assert_non_null(strstr(line, "; HttpOnly; SameSite=Strict"));
    assert_non_null(strstr(line, "; Path=/;"));
    char *equals = strchr(line, '=');
    assert_non_null(equals);
    snprintf(name_out, bytes, "%.*s", (int)(equals - line), line);
    snprintf(value_out, bytes, "%.*s", (int)strcspn(equals + 1, ";"), equals + 1);
}

static void make_door_cookie(const tp_door *of, uint16_t port, char *name, char *value,
                             size_t bytes)
{
    tp_http_response response;
    tp_err err;
    tp_http_response_init(&response);
    assert_int_equal(tp_session_put_door(of, port, &response, &err), TP_OK);
    cookie_of(&response, name, value, bytes);
    tp_http_response_done(&response);
}

static bool lets_in(const char *cookie)
{
    tp_test_request request;
    tp_test_request_init(&request, TP_HTTP_METHOD_GET, "/");
    tp_test_request_header(&request, "Cookie", cookie);
    return tp_session_has_door(&door, PORT, &request.request);
}

static void test_ui_session__only_the_doors_own_cookie_lets_in(void **state)
{
    (void)state;
    char name[256];
    char value[256];
    char cookie[1024];
    make_door_cookie(&door, PORT, name, value, sizeof name);
    snprintf(cookie, sizeof cookie, "%s=%s", name, value);
    assert_true(lets_in(cookie));
    snprintf(cookie, sizeof cookie, "a=b; %s=%s; c=d", name, value);
    assert_true(lets_in(cookie));
    snprintf(cookie, sizeof cookie, "%s=%s", name, door.text); /* the key is not the cookie */
    assert_false(lets_in(cookie));
    snprintf(cookie, sizeof cookie, "x%s=%s", name, value);
    assert_false(lets_in(cookie));
    snprintf(cookie, sizeof cookie, "%s=%s0", name, value);
    assert_false(lets_in(cookie));
    snprintf(cookie, sizeof cookie, "%s=%.31s", name, value);
    assert_false(lets_in(cookie));
    value[0] = value[0] == '0' ? '1' : '0';
    snprintf(cookie, sizeof cookie, "%s=%s", name, value);
    assert_false(lets_in(cookie));
    snprintf(cookie, sizeof cookie, "%s=", name);
    assert_false(lets_in(cookie));
    assert_false(lets_in(NULL));
    assert_false(lets_in(""));
    make_door_cookie(&other, PORT, name, value, sizeof name); /* another node's */
    snprintf(cookie, sizeof cookie, "%s=%s", name, value);
    assert_false(lets_in(cookie));
    make_door_cookie(&door, PORT + 1, name, value, sizeof name); /* the same key at another port */
    snprintf(cookie, sizeof cookie, "teapot_door_%d=%s", PORT, value);
    assert_false(lets_in(cookie));
}

static void test_ui_session__the_key_opens_the_door(void **state)
{
    (void)state;
    assert_true(tp_door_is_key(&door, tp_slice_str(door.text)));
    assert_false(tp_door_is_key(&door, tp_slice_str(other.text)));
    assert_false(tp_door_is_key(&door, tp_slice_of(door.text, 31)));
    assert_false(tp_door_is_key(&door, tp_slice_of(NULL, 0)));
}

static void test_ui_session__reads_what_it_made(void **state)
{
    (void)state;
    const char *const names[] = {"Dee", "Zo\xC3\xAB O'Neill", "a.b; c=d", "\xF0\x9F\xAB\x96"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char cookie[TP_SESSION_ROOM];
        char room[TP_WORKER_BYTES_MAX];
        tp_slice name;
        tp_session_make(&door, tp_slice_str(names[i]), NOW_MS, cookie);
        assert_true(tp_session_read(&door, tp_slice_str(cookie), NOW_MS + HOUR_MS, room, &name));
        assert_true(tp_slice_is(name, names[i]));
    }
    char longest[TP_WORKER_BYTES_MAX];
    memset(longest, 'x', sizeof longest);
    char cookie[TP_SESSION_ROOM];
    char room[TP_WORKER_BYTES_MAX];
    tp_slice name;
    tp_session_make(&door, tp_slice_of(longest, sizeof longest), NOW_MS, cookie);
    assert_true(tp_session_read(&door, tp_slice_str(cookie), NOW_MS, room, &name));
    assert_int_equal(name.bytes, sizeof longest);
}

static void test_ui_session__takes_nothing_forged(void **state)
{
    (void)state;
    char cookie[TP_SESSION_ROOM];
    char room[TP_WORKER_BYTES_MAX];
    tp_slice name;
    tp_session_make(&door, tp_slice_str("Dee"), NOW_MS, cookie);
    size_t bytes = strlen(cookie);
    for (size_t i = 0; i < bytes; i++) {
        char forged[TP_SESSION_ROOM];
        memcpy(forged, cookie, bytes + 1);
        forged[i] = forged[i] == '0' ? '1' : '0';
        assert_false(tp_session_read(&door, tp_slice_str(forged), NOW_MS, room, &name));
        assert_false(tp_session_read(&door, tp_slice_of(cookie, i), NOW_MS, room, &name));
    }
    assert_false(tp_session_read(&other, tp_slice_str(cookie), NOW_MS, room, &name));
    assert_false(tp_session_read(&door, tp_slice_str(""), NOW_MS, room, &name));
    assert_false(tp_session_read(&door, tp_slice_str("."), NOW_MS, room, &name));
    assert_false(tp_session_read(&door, tp_slice_str(".."), NOW_MS, room, &name));
    /* A token is signed by the same key, for something else. */
    char token[TP_SESSION_TOKEN_ROOM];
    char forged[TP_SESSION_ROOM];
    tp_session_token(&door, 7, tp_slice_str("446565.1767603600"), token);
    snprintf(forged, sizeof forged, "446565.1767603600.%s", token);
    assert_false(tp_session_read(&door, tp_slice_str(forged), NOW_MS, room, &name));
}

static void test_ui_session__ends_after_a_long_shift(void **state)
{
    (void)state;
    char cookie[TP_SESSION_ROOM];
    char room[TP_WORKER_BYTES_MAX];
    tp_slice name;
    const int64_t shift_ms = (int64_t)TP_SESSION_HOURS_MAX * HOUR_MS;
    tp_session_make(&door, tp_slice_str("Dee"), NOW_MS, cookie);
    tp_slice text = tp_slice_str(cookie);
    assert_true(tp_session_read(&door, text, NOW_MS + shift_ms, room, &name));
    assert_false(tp_session_read(&door, text, NOW_MS + shift_ms + 1000, room, &name));
    assert_true(tp_session_read(&door, text, NOW_MS - HOUR_MS, room, &name));
    assert_false(tp_session_read(&door, text, NOW_MS - shift_ms - 1000, room, &name));
}

static void test_ui_session__a_token_is_of_one_session(void **state)
{
    (void)state;
    char token[TP_SESSION_TOKEN_ROOM];
    const tp_slice nobody = {NULL, 0};
    tp_session_token(&door, 7, tp_slice_str("one"), token);
    assert_true(tp_session_is_token(&door, 7, tp_slice_str("one"), tp_slice_str(token)));
    assert_false(tp_session_is_token(&door, 7, tp_slice_str("two"), tp_slice_str(token)));
    assert_false(tp_session_is_token(&door, 7, nobody, tp_slice_str(token)));
    assert_false(tp_session_is_token(&other, 7, tp_slice_str("one"), tp_slice_str(token)));
    assert_false(tp_session_is_token(&door, 7, tp_slice_str("one"), nobody));
    tp_session_token(&door, 7, nobody, token);
    assert_true(tp_session_is_token(&door, 7, nobody, tp_slice_str(token)));
}

static const struct name_row {
    const char *typed;
    const char *name; /* NULL: refused */
} name_rows[] = {{"Dee", "Dee"}, {"  Dee  ", "Dee"}, {"", NULL},
                 {"   ", NULL},  {"a\nb", NULL},     {"a\x7f", NULL},
                 {"\xFF", NULL}, {"<b>", "<b>"},     {"Zo\xC3\xAB", "Zo\xC3\xAB"}};

static void test_ui_session__checks_a_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof name_rows / sizeof name_rows[0]; i++) {
        tp_err err;
        tp_slice name;
        tp_rc rc = tp_session_check_name(tp_slice_str(name_rows[i].typed), &name, &err);
        assert_int_equal(rc, name_rows[i].name == NULL ? TP_INVALID : TP_OK);
        assert_true(rc != TP_OK || tp_slice_is(name, name_rows[i].name));
    }
    char longer[TP_WORKER_BYTES_MAX + 1];
    memset(longer, 'x', sizeof longer);
    tp_err err;
    tp_slice name;
    assert_int_equal(tp_session_check_name(tp_slice_of(longer, sizeof longer), &name, &err),
                     TP_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ui_session__only_the_doors_own_cookie_lets_in),
        cmocka_unit_test(test_ui_session__the_key_opens_the_door),
        cmocka_unit_test(test_ui_session__reads_what_it_made),
        cmocka_unit_test(test_ui_session__takes_nothing_forged),
        cmocka_unit_test(test_ui_session__ends_after_a_long_shift),
        cmocka_unit_test(test_ui_session__a_token_is_of_one_session),
        cmocka_unit_test(test_ui_session__checks_a_name),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
