/* The enrolment code as people type it, and the exchange as JSON. */
#include "sync/session/enrolment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "platform/base/alloc.h"

static tp_enrolment_code some_code(void)
{
    tp_enrolment_code code;
    for (size_t i = 0; i < sizeof code.secret; i++) {
        code.secret[i] = (uint8_t)(i * 31 + 7);
    }
    for (size_t i = 0; i < sizeof code.ca_fingerprint; i++) {
        code.ca_fingerprint[i] = (uint8_t)(i * 13 + 200);
    }
    return code;
}

static void test_enrolment_code__survives_how_people_type(void **state)
{
    (void)state;
    tp_err err;
    tp_enrolment_code code = some_code();
    char text[TP_ENROLMENT_CODE_TEXT];
    tp_enrolment_code_format(&code, text);
    assert_int_equal(strlen(text), TP_ENROLMENT_CODE_TEXT - 1);
    assert_int_equal(text[4], '-');

    char typed[2 * TP_ENROLMENT_CODE_TEXT];
    size_t n = 0;
    for (size_t i = 0; text[i] != '\0'; i++) {
        char c = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + 32) : text[i];
        typed[n++] = c == '-' ? ' ' : c == '0' ? 'o' : c == '1' ? 'l' : c;
    }
    tp_enrolment_code read;
    assert_int_equal(tp_enrolment_code_parse(tp_slice_of(typed, n), &read, &err), TP_OK);
    assert_memory_equal(&read, &code, sizeof code);
}

static void test_enrolment_code__refuses_what_is_not_whole(void **state)
{
    (void)state;
    tp_err err;
    tp_enrolment_code code = some_code();
    char text[TP_ENROLMENT_CODE_TEXT];
    tp_enrolment_code_format(&code, text);
    for (size_t n = 0; n < strlen(text); n++) {
        assert_int_equal(tp_enrolment_code_parse(tp_slice_of(text, n), &code, &err), TP_INVALID);
    }
    text[10] = '!';
    assert_int_equal(tp_enrolment_code_parse(tp_slice_str(text), &code, &err), TP_INVALID);
}

static void test_enrolment_request__comes_back_as_it_was(void **state)
{
    (void)state;
    tp_err err;
    tp_buf body;
    tp_buf room;
    tp_buf_init(&body, 65536);
    tp_buf_init(&room, 65536);
    tp_enrolment_request request = {.code = some_code(),
                                    .csr = tp_slice_str("-----BEGIN\nx\"\\\n"),
                                    .agency = tp_slice_str("friary"),
                                    .clock = {7, 123456789, 1768248300000}};
    tp_enrolment_request read;
    assert_int_equal(tp_enrolment_request_encode(&request, &body, &err), TP_OK);
    assert_int_equal(tp_enrolment_request_decode(tp_buf_slice(&body), &room, &read, &err), TP_OK);
    assert_memory_equal(&read.code, &request.code, sizeof read.code);
    assert_true(tp_slice_eq(read.csr, request.csr));
    assert_true(tp_slice_eq(read.agency, request.agency));
    assert_int_equal(read.clock.era, 7);
    assert_int_equal(read.clock.up_ms, 123456789);
    assert_true(read.clock.wall_ms == 1768248300000);

    request.agency = tp_slice_of(NULL, 0);
    tp_buf_clear(&body);
    assert_int_equal(tp_enrolment_request_encode(&request, &body, &err), TP_OK);
    assert_int_equal(tp_enrolment_request_decode(tp_buf_slice(&body), &room, &read, &err), TP_OK);
    assert_int_equal(read.agency.bytes, 0);
    tp_buf_done(&body);
    tp_buf_done(&room);
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_enrolment_answer__comes_back_as_it_was(void **state)
{
    (void)state;
    tp_err err;
    tp_buf body;
    tp_buf room;
    tp_buf_init(&body, 65536);
    tp_buf_init(&room, 65536);
    tp_enrolment_answer answer = {.certificate = tp_slice_str("CERT"),
                                  .ca = tp_slice_str("CA"),
                                  .agency = tp_slice_str("friary"),
                                  .agency_label = tp_slice_str("The Friary \xe2\x9c\x93"),
                                  .is_kiosk = true,
                                  .hub_ms = 1768248300000,
                                  .generation = 0x123456789abcdef};
    tp_enrolment_answer read;
    assert_int_equal(tp_enrolment_answer_encode(&answer, &body, &err), TP_OK);
    assert_int_equal(tp_enrolment_answer_decode(tp_buf_slice(&body), &room, &read, &err), TP_OK);
    assert_true(tp_slice_eq(read.certificate, answer.certificate));
    assert_true(tp_slice_eq(read.ca, answer.ca));
    assert_true(tp_slice_eq(read.agency_label, answer.agency_label));
    assert_true(read.is_kiosk);
    assert_true(read.hub_ms == answer.hub_ms && read.generation == answer.generation);
    tp_buf_done(&body);
    tp_buf_done(&room);
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_enrolment_request__names_what_is_wrong(void **state)
{
    (void)state;
    char code[TP_ENROLMENT_CODE_TEXT];
    tp_enrolment_code some = some_code();
    tp_enrolment_code_format(&some, code);
    const struct {
        const char *name;
        const char *json; /* %s: a good code */
        tp_rc rc;
    } rows[] = {
        {"empty", "", TP_CORRUPT},
        {"cut", "{\"code\": \"%s\"", TP_CORRUPT},
        {"no code", "{}", TP_INVALID},
        {"a number for a code", "{\"code\": 3}", TP_INVALID},
        {"no csr", "{\"code\": \"%s\"}", TP_CORRUPT},
        {"no clock", "{\"code\": \"%s\", \"csr\": \"x\"}", TP_CORRUPT},
        {"era 0",
         "{\"code\": \"%s\", \"csr\": \"x\", \"clock\": {\"era\": 0, \"up_ms\": 1, \"wall_ms\": "
         "1}}",
         TP_CORRUPT},
        {"era too high",
         "{\"code\": \"%s\", \"csr\": \"x\","
         " \"clock\": {\"era\": 4294967296, \"up_ms\": 1, \"wall_ms\": 1}}",
         TP_CORRUPT},
        {"twice the same member", "{\"code\": \"%s\", \"code\": \"x\"}", TP_CORRUPT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_err err;
        tp_buf body;
        tp_buf room;
        tp_buf_init(&body, 65536);
        tp_buf_init(&room, 65536);
        const char *mark = strstr(rows[i].json, "%s");
        size_t before = mark == NULL ? strlen(rows[i].json) : (size_t)(mark - rows[i].json);
        assert_int_equal(tp_buf_add(&body, rows[i].json, before, &err), TP_OK);
        if (mark != NULL) {
            assert_int_equal(tp_buf_add_str(&body, code, &err), TP_OK);
            assert_int_equal(tp_buf_add_str(&body, mark + 2, &err), TP_OK);
        }
        tp_enrolment_request read;
        tp_rc rc = tp_enrolment_request_decode(tp_buf_slice(&body), &room, &read, &err);
        if (rc != rows[i].rc) {
            fail_msg("%s: %s", rows[i].name, tp_rc_name(rc));
        }
        tp_buf_done(&body);
        tp_buf_done(&room);
    }
    assert_int_equal(tp_alloc_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_enrolment_code__survives_how_people_type),
        cmocka_unit_test(test_enrolment_code__refuses_what_is_not_whole),
        cmocka_unit_test(test_enrolment_request__comes_back_as_it_was),
        cmocka_unit_test(test_enrolment_answer__comes_back_as_it_was),
        cmocka_unit_test(test_enrolment_request__names_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
