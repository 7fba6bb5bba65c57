/* Sums of what is held.
 *
 * Shows P22. */
#include "sync/wire/held.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_held__is_modulo_2_to_the_128(void **state)
{
    (void)state;
    static const struct {
        tp_held_sum a;
        tp_held_sum b;
        tp_held_sum sum;
    } rows[] = {
        {{0, 0}, {0, 0}, {0, 0}},
        {{0, 1}, {0, 2}, {0, 3}},
        {{0, UINT64_MAX}, {0, 1}, {1, 0}},
        {{1, UINT64_MAX}, {2, UINT64_MAX}, {4, UINT64_MAX - 1}},
        {{UINT64_MAX, UINT64_MAX}, {0, 1}, {0, 0}},
        {{UINT64_MAX, 0}, {UINT64_MAX, 0}, {UINT64_MAX - 1, 0}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_held_sum sum = rows[i].a;
        tp_held_add(&sum, &rows[i].b);
        assert_true(tp_held_eq(&sum, &rows[i].sum));
        tp_held_less(&sum, &rows[i].b);
        assert_true(tp_held_eq(&sum, &rows[i].a));
    }
}

static void test_held__is_the_beginning_of_the_digest_big_endian(void **state)
{
    (void)state;
    const tp_name name = {UINT64_C(0x83a1c0de00f5527b), 12};
    const tp_slice bytes = tp_slice_str("some bytes");
    uint8_t digest[TP_SHA256_BYTES];
    uint8_t out[TP_HELD_SUM_BYTES];
    tp_change_digest(name, bytes, digest);
    tp_held_sum counts = tp_held_of(name, bytes);
    tp_held_put(&counts, out);
    assert_memory_equal(out, digest, sizeof out);
    tp_held_sum back = tp_held_get(out);
    assert_true(tp_held_eq(&counts, &back));
    assert_int_equal(counts.high >> 56, digest[0]);
}

/* The order in which they came does not matter, and each one does. */
static void test_held__is_of_the_set(void **state)
{
    (void)state;
    tp_held_sum forth = {0, 0};
    tp_held_sum back = {0, 0};
    tp_held_sum without = {0, 0};
    for (uint64_t seq = 1; seq <= 100; seq++) {
        tp_held_sum a = tp_held_of((tp_name){7, seq}, tp_slice_str("x"));
        tp_held_sum b = tp_held_of((tp_name){7, 101 - seq}, tp_slice_str("x"));
        tp_held_add(&forth, &a);
        tp_held_add(&back, &b);
        if (seq != 50) {
            tp_held_add(&without, &a);
        }
    }
    assert_true(tp_held_eq(&forth, &back));
    assert_false(tp_held_eq(&forth, &without));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_held__is_modulo_2_to_the_128),
        cmocka_unit_test(test_held__is_the_beginning_of_the_digest_big_endian),
        cmocka_unit_test(test_held__is_of_the_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
