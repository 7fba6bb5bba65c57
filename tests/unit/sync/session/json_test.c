/* A document is printed whole, or not at all.
 *
 * Shows no promise: the text that others stand on. */
#include "sync/session/json.h"

#include "platform/base/alloc.h"
#include "platform/base/fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static tp_buf out;
static tp_err err;

static int setup(void **state)
{
    (void)state;
    tp_buf_init(&out, 4096);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tp_fault_set(NULL);
    (void)tp_alloc_library_was_short();
    tp_buf_done(&out);
    assert_int_equal(tp_alloc_live(), 0);
    return 0;
}

/* As the callers do it: who adds to a list does not ask whether it went well. */
static json_t *make(void)
{
    json_t *list = json_array();
    (void)json_array_append_new(list, json_pack("{s:s}", "name", "k7f2-1"));
    (void)json_array_append_new(list, json_pack("{s:s}", "name", "k7f2-2"));
    (void)json_array_append_new(list, json_integer(3));
    return list;
}

static void test_session_json__lacks_nothing_where_memory_was_short(void **state)
{
    (void)state;
    tp_rc rc = TP_NOMEM;
    int nth = 0;
    while (rc != TP_OK) {
        char spec[40];
        snprintf(spec, sizeof spec, "alloc.library.nth:%d", ++nth);
        tp_buf_clear(&out);
        assert_int_equal(tp_buf_add(&out, "before", 6, &err), TP_OK);
        tp_fault_set(spec);
        rc = tp_json_dump(make(), &out, &err);
        tp_fault_set(NULL);
        assert_true(rc == TP_OK || rc == TP_NOMEM);
        assert_true(rc == TP_OK || tp_slice_is(tp_buf_slice(&out), "before"));
    }
    assert_true(
        tp_slice_is(tp_buf_slice(&out), "before[{\"name\":\"k7f2-1\"},{\"name\":\"k7f2-2\"},3]"));
    assert_true(nth > 8); /* each member has its own */
}

static void test_session_json__leaves_a_full_buffer_as_it_was(void **state)
{
    (void)state;
    tp_buf small;
    tp_buf_init(&small, 20);
    assert_int_equal(tp_buf_add(&small, "before", 6, &err), TP_OK);
    assert_int_equal(tp_json_dump(make(), &small, &err), TP_LIMIT);
    assert_true(tp_slice_is(tp_buf_slice(&small), "before"));
    tp_buf_done(&small);
}

static void test_session_json__tells_damage_from_memory(void **state)
{
    (void)state;
    assert_int_equal(tp_json_dump(json_pack("{s:s}", "label", "\xff"), &out, &err), TP_CORRUPT);
    assert_int_equal(out.bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_session_json__lacks_nothing_where_memory_was_short,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_session_json__leaves_a_full_buffer_as_it_was, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_session_json__tells_damage_from_memory, setup,
                                        teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
