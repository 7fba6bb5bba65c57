/* Memory given back all at once.
 *
 * Shows no promise: what others stand on, and knows nobody. */
#include "platform/base/alloc.h"
#include "platform/base/arena.h"
#include "platform/base/fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

static void test_arena__hands_out_zeroed_aligned_memory_that_stays(void **state)
{
    (void)state;
    tp_arena arena;
    tp_err err;
    uint8_t *at[300];
    tp_arena_init(&arena, 1024 * 1024);
    for (size_t i = 0; i < 300; i++) {
        void *taken = NULL;
        assert_int_equal(tp_arena_take(&arena, i * 7 + 1, &taken, &err), TP_OK);
        assert_int_equal((uintptr_t)taken % _Alignof(max_align_t), 0);
        at[i] = taken;
        for (size_t b = 0; b < i * 7 + 1; b++) {
            assert_int_equal(at[i][b], 0);
        }
        memset(at[i], (int)(i % 251) + 1, i * 7 + 1);
    }
    for (size_t i = 0; i < 300; i++) {
        assert_int_equal(at[i][0], i % 251 + 1);
        assert_int_equal(at[i][i * 7], i % 251 + 1);
    }
    tp_arena_done(&arena);
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_arena__refuses_above_its_ceiling_and_goes_on(void **state)
{
    (void)state;
    tp_arena arena;
    tp_err err;
    void *at = NULL;
    tp_slice copy = {NULL, 0};
    tp_arena_init(&arena, 20000);
    assert_int_equal(tp_arena_take(&arena, 30000, &at, &err), TP_LIMIT);
    assert_null(at);
    assert_int_equal(tp_arena_take(&arena, SIZE_MAX, &at, &err), TP_LIMIT);
    assert_int_equal(tp_arena_take(&arena, 19000, &at, &err), TP_OK);
    assert_int_equal(tp_arena_take(&arena, 19000, &at, &err), TP_LIMIT);
    assert_int_equal(tp_arena_copy(&arena, tp_slice_str("tea"), &copy, &err), TP_OK);
    assert_true(tp_slice_is(copy, "tea"));
    assert_int_equal(tp_arena_copy(&arena, tp_slice_of(NULL, 0), &copy, &err), TP_OK);
    assert_int_equal(copy.bytes, 0);
    tp_arena_done(&arena);
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_arena__without_memory_keeps_what_it_has(void **state)
{
    (void)state;
    tp_arena arena;
    tp_err err;
    void *at = NULL;
    tp_arena_init(&arena, 1024 * 1024);
    assert_int_equal(tp_arena_take(&arena, 8, &at, &err), TP_OK);
    tp_fault_set("alloc.from:1");
    assert_int_equal(tp_arena_take(&arena, 100000, &at, &err), TP_NOMEM);
    tp_fault_set(NULL);
    assert_int_equal(tp_arena_take(&arena, 100000, &at, &err), TP_OK);
    tp_arena_done(&arena);
    assert_int_equal(tp_alloc_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena__hands_out_zeroed_aligned_memory_that_stays),
        cmocka_unit_test(test_arena__refuses_above_its_ceiling_and_goes_on),
        cmocka_unit_test(test_arena__without_memory_keeps_what_it_has)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
