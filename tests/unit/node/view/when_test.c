/* Moments in words, by a table.
 *
 * Shows no promise: how it is said. */
#include "node/view/when.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
static const int64_t T = INT64_C(1768248120000); /* Mon 12 Jan 2026 20:02 */

static const struct row {
    tp_estimate at;
    const char *text;
    const char *below_day;
} rows[] = {
    {{T, true, T, T}, "Mon 12 Jan 2026 20:02", "20:02"},
    {{T, false, T - MINUTE, T + MINUTE}, "about Mon 12 Jan 2026 20:02", "about 20:02"},
    /* its own clock, not compared yet */
    {{T, false, TP_STAMP_EARLIEST_MS, T + HOUR}, "about Mon 12 Jan 2026 20:02", "about 20:02"},
    {{T, false, T - 3 * HOUR, T},
     "between Mon 12 Jan 2026 17:02 and 20:02",
     "between Mon 12 Jan 2026 17:02 and 20:02"},
    {{T, false, T - 24 * HOUR, T},
     "between Sun 11 Jan 2026 20:02 and Mon 12 Jan 2026 20:02",
     "between Sun 11 Jan 2026 20:02 and Mon 12 Jan 2026 20:02"},
    {{T, false, TP_STAMP_EARLIEST_MS, T},
     "before Mon 12 Jan 2026 20:02",
     "before Mon 12 Jan 2026 20:02"},
};

static void test_when_text__says_how_sure_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[TP_WHEN_TEXT_MAX];
        tp_when_text(&rows[i].at, text);
        assert_string_equal(text, rows[i].text);
        tp_when_text_below_day(&rows[i].at, text);
        assert_string_equal(text, rows[i].below_day);
    }
}

static void test_when_near__leaves_out_today(void **state)
{
    (void)state;
    char text[TP_LONDON_TEXT_MAX];
    char day[TP_WHEN_DAY_MAX];
    tp_when_near(T, T + HOUR, text);
    assert_string_equal(text, "20:02");
    tp_when_near(T, T + 4 * HOUR, text);
    assert_string_equal(text, "Mon 12 Jan 2026 20:02");
    tp_when_day(T, day);
    assert_string_equal(day, "Mon 12 Jan 2026");
}

/* A day of the month with one digit takes nothing from the hour. */
static void test_when_day__of_one_digit_leaves_the_time_whole(void **state)
{
    (void)state;
    const int64_t second = T + 21 * 24 * HOUR; /* Mon 2 Feb 2026 20:02 */
    char text[TP_LONDON_TEXT_MAX];
    char day[TP_WHEN_DAY_MAX];
    tp_when_day(second, day);
    assert_string_equal(day, "Mon 2 Feb 2026");
    tp_when_time(second, text);
    assert_string_equal(text, "20:02");
    tp_when_near(second, second + HOUR, text);
    assert_string_equal(text, "20:02");
}

/* The hour that October has twice keeps its zone. */
static void test_when_time__tells_the_two_passes_apart(void **state)
{
    (void)state;
    char text[TP_LONDON_TEXT_MAX];
    tp_when_time(INT64_C(1792888200000), text); /* 2026-10-25T00:30Z */
    assert_string_equal(text, "01:30 BST");
    tp_when_time(INT64_C(1792888200000) + HOUR, text);
    assert_string_equal(text, "01:30 GMT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_when_text__says_how_sure_it_is),
        cmocka_unit_test(test_when_near__leaves_out_today),
        cmocka_unit_test(test_when_day__of_one_digit_leaves_the_time_whole),
        cmocka_unit_test(test_when_time__tells_the_two_passes_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
