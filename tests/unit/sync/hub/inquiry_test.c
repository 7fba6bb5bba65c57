/* What the hub tells whoever shows a code, and how little it tells whoever guesses.
 *
 * Shows P20. */
#include "sync/hub/inquiry.h"

#include "tests/support/hub_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define CITY                                                                                       \
    "agency outreach", "agency friary", "sign outreach", "sign friary", "device van outreach",     \
        "device box friary kiosk"
#define CODE "28T5CY4TH"
#define OTHER "000000012"

typedef struct scene {
    hub_stage *stage;
    tp_hub *hub;
    tp_hub_inquiries inquiries;
    int64_t now_ms; /* monotonic */
    tp_buf room;
} scene;

static int setup(void **state)
{
    static scene s;
    static const char *const lines[] = {CITY, NULL};
    memset(&s, 0, sizeof s);
    s.stage = hub_stage_open();
    s.hub = hub_stage_hub(s.stage);
    hub_stage_run_all(s.stage, lines);
    tp_buf_init(&s.room, TP_TEXT_BYTES_MAX);
    s.now_ms = 5000;
    *state = &s;
    return 0;
}

static int teardown(void **state)
{
    scene *s = *state;
    tp_buf_done(&s->room);
    hub_stage_close(s->stage);
    return 0;
}

static tp_inquiry_answer ask(scene *s, const char *code)
{
    tp_err err;
    tp_inquiry_answer answer;
    tp_buf_clear(&s->room);
    assert_int_equal(tp_hub_begin(s->hub, &err), TP_OK);
    assert_int_equal(tp_hub_inquire(s->hub, code, &s->room, &answer, &err), TP_OK);
    assert_int_equal(tp_hub_commit(s->hub, &err), TP_OK);
    return answer;
}

static bool is(tp_inquiry_answer answer, tp_inquiry_state state, const char *reply)
{
    return answer.state == state && tp_slice_is(answer.reply, reply);
}

static void test_hub_inquiry__it_tells_how_far_a_request_is_and_the_reply_alone(void **state)
{
    scene *s = *state;
    static const char *const kiosk[] = {
        "box help_request h1 words=coat status=open route=kiosk code=" CODE, "sync box", NULL};
    static const char *const held[] = {
        "van help_request h2 words=secret answer=secret status=held code=" OTHER, "sync van", NULL};
    static const char *const replied[] = {"van update h2 reply=Come_at_11 answer=secret2",
                                          "sync van", NULL};
    static const char *const answered[] = {"van update h2 status=answered", "sync van", NULL};
    static const char *const withdrawn[] = {"van update h2 status=withdrawn", "sync van", NULL};
    hub_stage_run_all(s->stage, kiosk);
    assert_true(is(ask(s, CODE), TP_INQUIRY_RECEIVED, ""));
    int64_t at_ms = ask(s, CODE).at_ms;
    int64_t now_ms = hub_stage_clock(s->stage)->reading.wall_ms;
    assert_true(at_ms > now_ms - 60000 && at_ms <= now_ms);
    assert_true(is(ask(s, OTHER), TP_INQUIRY_UNKNOWN, ""));
    hub_stage_run_all(s->stage, held);
    assert_true(is(ask(s, OTHER), TP_INQUIRY_HELD, ""));
    hub_stage_run_all(s->stage, replied);
    assert_true(is(ask(s, OTHER), TP_INQUIRY_HELD, "Come_at_11"));
    hub_stage_run_all(s->stage, answered);
    assert_true(is(ask(s, OTHER), TP_INQUIRY_ANSWERED, "Come_at_11"));
    hub_stage_run_all(s->stage, withdrawn);
    assert_int_equal(ask(s, OTHER).state, TP_INQUIRY_WITHDRAWN);
    assert_true(is(ask(s, CODE), TP_INQUIRY_RECEIVED, ""));
}

static void test_hub_inquiry__what_was_taken_back_is_as_if_it_never_was(void **state)
{
    scene *s = *state;
    static const char *const lines[] = {"van help_request h1 words=coat reply=soon code=" CODE,
                                        "van retract h1 mistake", "sync van", NULL};
    hub_stage_run_all(s->stage, lines);
    assert_true(is(ask(s, CODE), TP_INQUIRY_UNKNOWN, ""));
    assert_true(ask(s, CODE).at_ms == 0);
}

/* A device that says another's code (it may have seen the paper) puts no words into their mouth. */
static void test_hub_inquiry__the_first_request_with_a_code_keeps_it(void **state)
{
    scene *s = *state;
    static const char *const lines[] = {
        "van help_request h1 words=coat reply=mine code=" CODE, "sync van",
        "box help_request h2 words=coat reply=forged code=" CODE, "sync box", NULL};
    hub_stage_run_all(s->stage, lines);
    assert_true(tp_slice_is(ask(s, CODE).reply, "mine"));
}

static void test_hub_inquiry__a_code_that_is_none_or_of_another_entity_finds_nothing(void **state)
{
    scene *s = *state;
    static const char *const lines[] = {"van help_request h1 words=coat code=28T5CY4TJ",
                                        "van help_request h2 words=coat",
                                        "van update h2 code=" CODE,
                                        "van person p1 preferred_name=Baz",
                                        "van contact c1 person=p1 note=" CODE,
                                        "sync van",
                                        "van holds h1 h2 c1",
                                        "quarantined h2+2",
                                        NULL};
    hub_stage_run_all(s->stage, lines);
    assert_int_equal(ask(s, CODE).state, TP_INQUIRY_UNKNOWN);
    assert_int_equal(ask(s, "28T5CY4TJ").state, TP_INQUIRY_UNKNOWN);
}

/* ---- Over HTTP, as a device ---- */

typedef struct said {
    unsigned status;
    char body[TP_INQUIRY_PAD_BYTES + 1];
} said;

static said post(scene *s, const char *device, const char *text)
{
    static said out;
    tp_err err;
    tp_net_peer peer = {.has_certificate = false};
    tp_buf certificate;
    tp_http_response response;
    int64_t until_ms = 0;
    tp_buf_init(&certificate, TP_PEM_BYTES_MAX);
    tp_http_response_init(&response);
    tp_hub_device known = {.id = 0};
    if (device != NULL) {
        known = hub_stage_known(s->stage, device);
    }
    assert_int_equal(tp_hub_begin(s->hub, &err), TP_OK);
    if (device != NULL) {
        assert_int_equal(
            tp_hub_certify(s->hub, &known.key, known.id, "outreach", &certificate, &until_ms, &err),
            TP_OK);
        peer.has_certificate = true;
        peer.certificate = tp_buf_slice(&certificate);
    }
    tp_http_request request = {.method = TP_HTTP_METHOD_POST,
                               .path = tp_slice_str(TP_INQUIRY_PATH),
                               .body = tp_slice_str(text),
                               .peer = &peer};
    tp_hub_handle_inquiry(s->hub, &s->inquiries, s->now_ms, &request, &response);
    assert_int_equal(tp_hub_commit(s->hub, &err), TP_OK);
    tp_slice body = tp_http_response_body(&response);
    memset(&out, 0, sizeof out);
    out.status = response.status;
    assert_true(body.bytes < sizeof out.body);
    memcpy(out.body, body.at, body.bytes);
    tp_http_response_done(&response);
    tp_buf_done(&certificate);
    return out;
}

/* The code after `n` in an order of our own: each is well formed, none was ever given. */
static const char *guess(unsigned n)
{
    static char body[40];
    char code[TP_REQUEST_CODE_MAX];
    const uint8_t bits[TP_REQUEST_CODE_RANDOM_BYTES] = {7, 7, 7, (uint8_t)(n >> 8), (uint8_t)n};
    tp_request_code_make(bits, code);
    (void)snprintf(body, sizeof body, "{\"code\":\"%s\"}", code);
    return body;
}

static void test_hub_inquiry__every_unknown_code_is_answered_the_same_to_the_byte(void **state)
{
    scene *s = *state;
    static const char *const lines[] = {"van help_request h1 words=coat code=" CODE,
                                        "van retract h1 mistake", "sync van", NULL};
    static const char *const bodies[] = {
        "{\"code\":\"" CODE "\"}",           /* taken back */
        "{\"code\":\"" OTHER "\"}",          /* never given */
        "{\"code\":\"28T5CY4TJ\"}",          /* the check does not fit */
        "{\"code\":\"\"}",                   /* no code at all */
        "{\"code\":\"' OR 1=1 --\"}",        /* not even letters */
        "{\"code\":\"28T-5CY-4TH0000000\"}", /* too long */
    };
    hub_stage_run_all(s->stage, lines);
    said first = post(s, "box", bodies[0]);
    assert_int_equal(first.status, 200);
    assert_non_null(strstr(first.body, "{\"state\":\"unknown\",\"reply\":null,\"at\":null}"));
    for (size_t i = 1; i < sizeof bodies / sizeof bodies[0]; i++) {
        said other = post(s, "box", bodies[i]);
        assert_int_equal(other.status, 200);
        assert_memory_equal(other.body, first.body, sizeof first.body);
    }
    assert_int_equal(post(s, "box", "code=" CODE).status, 400);
    assert_int_equal(post(s, "box", "").status, 400);
}

static void test_hub_inquiry__a_device_that_guesses_waits_and_no_other(void **state)
{
    scene *s = *state;
    static const char *const lines[] = {"van help_request h1 words=coat code=" CODE, "sync van",
                                        NULL};
    static const char *const known = "{\"code\":\"" CODE "\"}";
    hub_stage_run_all(s->stage, lines);
    for (unsigned i = 0; i < TP_HUB_INQUIRY_UNKNOWN_MAX; i++) {
        assert_int_equal(post(s, "box", known).status, 200); /* a known one costs nothing */
        assert_int_equal(post(s, "box", guess(i)).status, 200);
    }
    /* Nor is a known one told any more: or whoever guesses would go on. */
    assert_int_equal(post(s, "box", guess(100)).status, 429);
    assert_int_equal(post(s, "box", known).status, 429);
    assert_int_equal(post(s, "van", known).status, 200);
    s->now_ms += TP_HUB_INQUIRY_REGAIN_MS;
    assert_int_equal(post(s, "box", guess(101)).status, 200);
    assert_int_equal(post(s, "box", guess(102)).status, 429);
    s->now_ms += 24 * 3600 * 1000;
    for (unsigned i = 0; i < TP_HUB_INQUIRY_UNKNOWN_MAX; i++) {
        assert_int_equal(post(s, "box", guess(200 + i)).status, 200);
    }
    assert_int_equal(post(s, "box", guess(300)).status, 429);
}

static void test_hub_inquiry__all_devices_together_are_limited_too(void **state)
{
    scene *s = *state;
    char name[32];
    unsigned answered = 0;
    for (unsigned d = 0; d < 12; d++) {
        (void)snprintf(name, sizeof name, "device thief%u outreach", d);
        hub_stage_run(s->stage, name);
        (void)snprintf(name, sizeof name, "thief%u", d);
        for (unsigned i = 0; i < TP_HUB_INQUIRY_UNKNOWN_MAX; i++) {
            answered += post(s, name, guess(d * 100 + i)).status == 200;
        }
    }
    assert_int_equal(answered, TP_HUB_INQUIRY_ALL_UNKNOWN_MAX);
    s->now_ms += TP_HUB_INQUIRY_ALL_REGAIN_MS;
    assert_int_equal(post(s, "thief11", guess(9000)).status, 200);
    assert_int_equal(post(s, "thief11", guess(9001)).status, 429);
}

static void test_hub_inquiry__who_is_not_enrolled_or_revoked_is_told_nothing(void **state)
{
    scene *s = *state;
    static const char *const lines[] = {"van help_request h1 words=coat code=" CODE, "sync van",
                                        "revoke box", NULL};
    static const char *const known = "{\"code\":\"" CODE "\"}";
    hub_stage_run_all(s->stage, lines);
    said bare = post(s, NULL, known);
    assert_int_equal(bare.status, 403);
    assert_non_null(strstr(bare.body, "\"error\":\"certificate\""));
    said revoked = post(s, "box", known);
    assert_int_equal(revoked.status, 403);
    assert_non_null(strstr(revoked.body, "\"error\":\"revoked\""));
    assert_null(strstr(revoked.body, "received"));
    assert_true(s->inquiries.asked == 0);
}

static void test_hub_inquiry__what_is_kept_of_it_is_counts(void **state)
{
    scene *s = *state;
    tp_err err;
    tp_buf counts;
    tp_buf_init(&counts, 128);
    assert_int_equal(tp_hub_inquiries_take(&s->inquiries, &counts, &err), TP_OK);
    assert_int_equal(counts.bytes, 0);
    for (unsigned i = 0; i < TP_HUB_INQUIRY_UNKNOWN_MAX + 2; i++) {
        (void)post(s, "box", guess(i));
    }
    assert_int_equal(tp_hub_inquiries_take(&s->inquiries, &counts, &err), TP_OK);
    assert_true(tp_slice_is(tp_buf_slice(&counts), "22 asked, 20 unknown, 2 refused"));
    tp_buf_clear(&counts);
    assert_int_equal(tp_hub_inquiries_take(&s->inquiries, &counts, &err), TP_OK);
    assert_int_equal(counts.bytes, 0);
    tp_buf_done(&counts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_hub_inquiry__it_tells_how_far_a_request_is_and_the_reply_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hub_inquiry__what_was_taken_back_is_as_if_it_never_was,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_hub_inquiry__the_first_request_with_a_code_keeps_it,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_hub_inquiry__a_code_that_is_none_or_of_another_entity_finds_nothing, setup,
            teardown),
        cmocka_unit_test_setup_teardown(
            test_hub_inquiry__every_unknown_code_is_answered_the_same_to_the_byte, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hub_inquiry__a_device_that_guesses_waits_and_no_other,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_hub_inquiry__all_devices_together_are_limited_too,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_hub_inquiry__who_is_not_enrolled_or_revoked_is_told_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hub_inquiry__what_is_kept_of_it_is_counts, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
