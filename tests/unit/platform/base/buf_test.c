/* tp_buf and tp_reader: ceilings and sticky failure.
 *
 * Shows no promise: what others stand on, and knows nobody. */
#include "platform/base/alloc.h"
#include "platform/base/buf.h"
#include "platform/base/fault.h"
#include "platform/base/reader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_buf_add__above_the_ceiling_is_refused_and_appends_nothing(void **state)
{
    (void)state;
    tp_err err = {0};
    tp_buf buf;
    tp_buf_init(&buf, 10);
    assert_int_equal(tp_buf_add_str(&buf, "0123456", &err), TP_OK);
    assert_int_equal(tp_buf_add_str(&buf, "7890", &err), TP_LIMIT);
    assert_int_equal(buf.bytes, 7);
    assert_int_equal(tp_buf_add_str(&buf, "789", &err), TP_OK);
    assert_true(tp_slice_is(tp_buf_slice(&buf), "0123456789"));
    tp_buf_done(&buf);
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_buf_add__without_memory_leaves_the_content(void **state)
{
    (void)state;
    tp_err err = {0};
    tp_buf buf;
    tp_buf_init(&buf, 1000);
    assert_int_equal(tp_buf_addf(&buf, &err, "%d tea", 1), TP_OK);
    tp_fault_set("alloc.nth:1");
    uint8_t *at = NULL;
    assert_int_equal(tp_buf_reserve(&buf, 900, &at, &err), TP_NOMEM);
    tp_fault_set(NULL);
    assert_string_equal(tp_buf_cstr(&buf), "1 tea");
    tp_buf_done(&buf);
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_reader__fails_for_good_at_the_first_read_past_the_end(void **state)
{
    (void)state;
    tp_reader r = tp_reader_of(tp_slice_of("\x01\x02\x03", 3));
    assert_int_equal(tp_reader_uint(&r, 2), 0x0102);
    assert_false(tp_reader_is_done(&r));
    assert_int_equal(tp_reader_uint(&r, 2), 0);
    assert_int_equal(tp_reader_uint(&r, 1), 0);
    assert_true(r.failed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buf_add__above_the_ceiling_is_refused_and_appends_nothing),
        cmocka_unit_test(test_buf_add__without_memory_leaves_the_content),
        cmocka_unit_test(test_reader__fails_for_good_at_the_first_read_past_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
