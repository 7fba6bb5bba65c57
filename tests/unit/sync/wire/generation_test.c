/* The order of a hub's generations.
 *
 * Shows P26. */
#include "sync/wire/generation.h"

#include "platform/base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define BEGIN_MS INT64_C(1767225600000) /* 2026-01-01 */
#define JSON_MAX ((UINT64_C(1) << 53) - 1)

static void test_generation__a_later_one_is_later_whatever_the_clock_says(void **state)
{
    (void)state;
    static const int64_t clocks[] = {
        BEGIN_MS + 7000, BEGIN_MS + 7000,     BEGIN_MS,  0,        INT64_MIN,
        BEGIN_MS + 8999, BEGIN_MS + 90000000, INT64_MAX, INT64_MAX};
    uint64_t before = tp_generation_after(0, BEGIN_MS + 6000, UINT64_MAX);
    assert_true(tp_generation_is_later(before, 0));
    /* The last two are in 2094, and go no further. */
    for (size_t i = 0; i + 1 < sizeof clocks / sizeof clocks[0]; i++) {
        const uint64_t next = tp_generation_after(before, clocks[i], i);
        assert_true(tp_generation_is_later(next, before));
        assert_false(tp_generation_is_later(before, next));
        assert_false(tp_generation_is_later(next, next));
        assert_true(tp_generation_first_number(next) >=
                    tp_generation_first_number(before) + TP_NUMBERS_EACH);
        assert_true(next <= JSON_MAX);
        before = next;
    }
    assert_true(tp_generation_after(before, INT64_MAX, UINT64_MAX) <= JSON_MAX);
    assert_true(tp_generation_first_number(before) + TP_NUMBERS_EACH - 1 <= TP_NUMBER_MAX);
}

static void test_generation__two_that_begin_in_one_second_are_two(void **state)
{
    (void)state;
    const uint64_t before = tp_generation_after(0, BEGIN_MS + 1000, 1);
    const uint64_t one = tp_generation_after(before, BEGIN_MS + 5000, 1);
    const uint64_t other = tp_generation_after(before, BEGIN_MS + 5999, 2);
    assert_true(tp_generation_is_later(other, one));
    assert_true(tp_generation_first_number(other) == tp_generation_first_number(one));
    assert_true(tp_generation_first_number(one) == 5 * TP_NUMBERS_EACH);
}

static void test_generation__one_that_was_given_by_chance_is_before_all(void **state)
{
    (void)state;
    const uint64_t chance = (UINT64_C(1) << 52) - 1;
    assert_false(tp_generation_is_later(chance, 1));
    assert_false(tp_generation_is_later(chance, 0));
    assert_true(tp_generation_is_later(tp_generation_after(chance, 0, 0), chance));
    assert_true(tp_generation_first_number(chance) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_generation__a_later_one_is_later_whatever_the_clock_says),
        cmocka_unit_test(test_generation__two_that_begin_in_one_second_are_two),
        cmocka_unit_test(test_generation__one_that_was_given_by_chance_is_before_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
