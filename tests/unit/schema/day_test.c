/* schema/day: counting days.
 *
 * Shows no promise: how words and numbers are read. */
#include "schema/day.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

/* The C library counts the same days by other means. */
static void test_day__every_day_agrees_with_the_c_library_and_comes_back(void **state)
{
    (void)state;
    unsigned weekday = 1; /* 0001-01-01 was a Monday */
    for (int32_t n = TP_DAY_NUMBER_MIN; n <= TP_DAY_NUMBER_MAX; n++) {
        tp_day day = tp_day_of_number(n);
        if (n % 97 == 0) {
            time_t seconds = (time_t)n * 86400;
            struct tm tm;
            assert_non_null(gmtime_r(&seconds, &tm));
            assert_int_equal(day.year, tm.tm_year + 1900);
            assert_int_equal(day.month, tm.tm_mon + 1);
            assert_int_equal(day.day, tm.tm_mday);
        }
        if (!tp_day_is_valid(day) || tp_day_number(day) != n || tp_day_weekday(day) != weekday) {
            fail_msg("day %d", (int)n);
        }
        weekday = weekday % 7 + 1;
    }
}

static void test_day_is_valid__refuses_days_that_are_not(void **state)
{
    (void)state;
    static const struct {
        const char *row;
        tp_day day;
        bool is_valid;
    } rows[] = {
        {"first", {1, 1, 1}, true},
        {"last", {9999, 12, 31}, true},
        {"year 0", {0, 1, 1}, false},
        {"year 10000", {10000, 1, 1}, false},
        {"before", {-5, 1, 1}, false},
        {"month 0", {2026, 0, 1}, false},
        {"month 13", {2026, 13, 1}, false},
        {"day 0", {2026, 1, 0}, false},
        {"31 April", {2026, 4, 31}, false},
        {"29 February", {2026, 2, 29}, false},
        {"leap day", {2024, 2, 29}, true},
        {"1900 was no leap year", {1900, 2, 29}, false},
        {"2000 was one", {2000, 2, 29}, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (tp_day_is_valid(rows[i].day) != rows[i].is_valid) {
            fail_msg("%s", rows[i].row);
        }
    }
}

static void test_day_compare__orders_as_the_calendar_does(void **state)
{
    (void)state;
    tp_day a = {2025, 12, 31}, b = {2026, 1, 1}, c = {2026, 1, 2};
    assert_true(tp_day_compare(a, b) < 0);
    assert_true(tp_day_compare(c, b) > 0);
    assert_int_equal(tp_day_compare(b, b), 0);
}

static void test_day_format__writes_the_iso_form(void **state)
{
    (void)state;
    char text[TP_DAY_TEXT_MAX];
    tp_day_format((tp_day){26, 1, 9}, text);
    assert_string_equal(text, "0026-01-09");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_day__every_day_agrees_with_the_c_library_and_comes_back),
        cmocka_unit_test(test_day_is_valid__refuses_days_that_are_not),
        cmocka_unit_test(test_day_compare__orders_as_the_calendar_does),
        cmocka_unit_test(test_day_format__writes_the_iso_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
