/* The two bytes in front of a message, and the table of refusals.
 *
 * Shows no promise: the bytes that others stand on. */
#include "sync/wire/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_envelope__comes_back_and_needs_a_message(void **state)
{
    (void)state;
    tp_err err = {0};
    tp_envelope envelope = {0, 0};
    tp_slice rest;
    tp_buf buf;
    tp_buf_init(&buf, 16);
    assert_int_equal(tp_envelope_encode((tp_envelope){1, 200}, &buf, &err), TP_OK);
    assert_int_equal(tp_envelope_decode(tp_buf_slice(&buf), &envelope, &rest, &err), TP_CORRUPT);
    assert_int_equal(tp_buf_add_str(&buf, "z", &err), TP_OK);
    assert_int_equal(tp_envelope_decode(tp_buf_slice(&buf), &envelope, &rest, &err), TP_OK);
    assert_int_equal(envelope.version, 1);
    assert_int_equal(envelope.dictionary, 200);
    assert_true(tp_slice_is(rest, "z"));
    tp_buf_done(&buf);
}

/* SHA-256 of "abc" (FIPS 180-4). */
static void test_body__is_told_by_the_beginning_of_its_digest(void **state)
{
    (void)state;
    assert_int_equal(tp_body_mark(tp_slice_str("abc")), 0xBA7816BF);
    assert_int_not_equal(tp_body_mark(tp_slice_str("abd")), 0xBA7816BF);
}

static void test_refusals__each_has_a_row_with_its_own_code(void **state)
{
    (void)state;
    int count = 0;
    for (const tp_refusal_row *row = tp_refusals; row->code != NULL; row++) {
        assert_int_equal(row->refusal, ++count);
        assert_ptr_equal(tp_refusal_of(row->refusal), row);
        assert_ptr_equal(tp_refusal_named(tp_slice_str(row->code)), row);
        assert_true(row->http_status >= 400 && row->http_status < 600);
    }
    assert_int_equal(count, TP_REFUSAL_FULL);
    assert_null(tp_refusal_named(tp_slice_str("weather")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_envelope__comes_back_and_needs_a_message),
        cmocka_unit_test(test_body__is_told_by_the_beginning_of_its_digest),
        cmocka_unit_test(test_refusals__each_has_a_row_with_its_own_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
