/* Asking by a code: what each end writes, the other reads, and nothing else.
 *
 * Shows P20. */
#include "sync/session/inquiry.h"

#include "platform/base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static tp_buf out;
static tp_buf room;
static tp_err err;

static int setup(void **state)
{
    (void)state;
    tp_buf_init(&out, 1 << 20);
    tp_buf_init(&room, TP_TEXT_BYTES_MAX);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tp_buf_done(&out);
    tp_buf_done(&room);
    assert_int_equal(tp_alloc_live(), 0);
    return 0;
}

static void test_session_inquiry__a_question_is_read_as_it_was_written(void **state)
{
    (void)state;
    char code[TP_REQUEST_CODE_MAX];
    assert_int_equal(tp_inquiry_question_encode("28T5CY4TH", &out, &err), TP_OK);
    assert_true(tp_slice_is(tp_buf_slice(&out), "{\"code\":\"28T5CY4TH\"}"));
    assert_int_equal(tp_inquiry_question_decode(tp_buf_slice(&out), code, &err), TP_OK);
    assert_string_equal(code, "28T5CY4TH");
}

static void test_session_inquiry__what_is_no_question_is_told_from_what_is_no_code(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        tp_rc rc;
    } rows[] = {
        {"", TP_CORRUPT},
        {"{}", TP_CORRUPT},
        {"[]", TP_CORRUPT},
        {"\"28T5CY4TH\"", TP_CORRUPT},
        {"{\"code\":1}", TP_CORRUPT},
        {"{\"code\":null}", TP_CORRUPT},
        {"{\"code\":\"28T5CY4TH\",\"code\":\"000000012\"}", TP_CORRUPT},
        {"{\"code\":\"\"}", TP_INVALID},
        {"{\"code\":\"28T5CY4TJ\"}", TP_INVALID},
        {"{\"code\":\"%\"}", TP_INVALID},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char code[TP_REQUEST_CODE_MAX];
        tp_rc rc = tp_inquiry_question_decode(tp_slice_str(rows[i].body), code, &err);
        if (rc != rows[i].rc) {
            fail_msg("%s: %d", rows[i].body, rc);
        }
    }
}

static void test_session_inquiry__an_answer_is_read_as_it_was_written(void **state)
{
    (void)state;
    static const tp_inquiry_answer rows[] = {
        {TP_INQUIRY_UNKNOWN, {NULL, 0}, 0},
        {TP_INQUIRY_RECEIVED, {NULL, 0}, INT64_C(1768248000000)},
        {TP_INQUIRY_HELD, {(const uint8_t *)"Dee \"rang\"\n", 11}, 1},
        {TP_INQUIRY_ANSWERED, {(const uint8_t *)"\xD8\xA7\xD9\x84\xD9\x8A\xD9\x88\xD9\x85", 10}, 5},
        {TP_INQUIRY_ANSWERED, {(const uint8_t *)"with a\0 byte", 12}, TP_TIME_MS_MAX},
        {TP_INQUIRY_WITHDRAWN, {NULL, 0}, 7},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_inquiry_answer answer;
        tp_buf_clear(&out);
        assert_int_equal(tp_inquiry_answer_encode(&rows[i], &out, &err), TP_OK);
        assert_int_equal(out.bytes, TP_INQUIRY_PAD_BYTES);
        assert_int_equal(tp_inquiry_answer_decode(tp_buf_slice(&out), &room, &answer, &err), TP_OK);
        assert_int_equal(answer.state, rows[i].state);
        assert_true(tp_slice_eq(answer.reply, rows[i].reply));
        assert_true(answer.at_ms == rows[i].at_ms);
    }
}

static void test_session_inquiry__a_long_reply_arrives_whole(void **state)
{
    (void)state;
    static uint8_t reply[TP_TEXT_BYTES_MAX];
    tp_inquiry_answer answer;
    memset(reply, 'x', sizeof reply);
    const tp_inquiry_answer said = {TP_INQUIRY_ANSWERED, tp_slice_of(reply, sizeof reply), 1};
    assert_int_equal(tp_inquiry_answer_encode(&said, &out, &err), TP_OK);
    assert_int_equal(out.bytes % TP_INQUIRY_PAD_BYTES, 0);
    assert_int_equal(tp_inquiry_answer_decode(tp_buf_slice(&out), &room, &answer, &err), TP_OK);
    assert_true(tp_slice_eq(answer.reply, said.reply));
}

static void test_session_inquiry__what_is_no_answer_is_corrupt(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "",
        "{}",
        "[]",
        "{\"state\":\"lost\",\"reply\":null}",
        "{\"state\":\"held\"}",
        "{\"state\":\"held\",\"reply\":1}",
        "{\"state\":\"held\",\"reply\":null,\"at\":-1}",
        "{\"state\":\"held\",\"reply\":null,\"at\":253402300800000}",
        "{\"state\":\"held\",\"state\":\"held\",\"reply\":null}"};
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        tp_inquiry_answer answer;
        assert_int_equal(tp_inquiry_answer_decode(tp_slice_str(bodies[i]), &room, &answer, &err),
                         TP_CORRUPT);
    }
    const tp_inquiry_answer broken = {TP_INQUIRY_HELD, tp_slice_str("\xff"), 1};
    assert_int_equal(tp_inquiry_answer_encode(&broken, &out, &err), TP_INVALID);
    assert_int_equal(out.bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_session_inquiry__a_question_is_read_as_it_was_written,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(
            test_session_inquiry__what_is_no_question_is_told_from_what_is_no_code, setup,
            teardown),
        cmocka_unit_test_setup_teardown(test_session_inquiry__an_answer_is_read_as_it_was_written,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_session_inquiry__a_long_reply_arrives_whole, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_session_inquiry__what_is_no_answer_is_corrupt, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
