/* schema/partial_date: what people type, and what a part of a date may mean.
 *
 * Shows no promise: how words and numbers are read. */
#include "schema/partial_date.h"

#include "schema/utf8.h"
#include "tests/support/hostile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static const tp_day today = {2026, 1, 12};

/* refusal: part of the sentence; NULL: accepted and stored as `text`. */
static const struct {
    const char *row, *typed, *text, *refusal;
} rows[] = {
    {"year", "1984", "1984", NULL},
    {"month", "1984-05", "1984-05", NULL},
    {"day", "1984-05-11", "1984-05-11", NULL},
    {"about", "~1970", "~1970", NULL},
    {"empty", "", "", NULL},
    {"spaces", "  ", "", NULL},
    {"said to be unknown", "Not known", "", NULL},
    {"unknown", "unknown", "", NULL},
    {"question mark alone", "?", "", NULL},
    {"day first with slashes", "11/05/1984", "1984-05-11", NULL},
    {"day first without noughts", "1/5/1984", "1984-05-01", NULL},
    {"dots", "11.05.1984", "1984-05-11", NULL},
    {"dots and spaces", "11. 5. 1984", "1984-05-11", NULL},
    {"hyphens, day first", "11-05-1984", "1984-05-11", NULL},
    {"en dashes from a letter",
     "11\xE2\x80\x93"
     "05\xE2\x80\x93"
     "1984",
     "1984-05-11", NULL},
    {"spaces", "11 05 1984", "1984-05-11", NULL},
    {"month in words", "11 May 1984", "1984-05-11", NULL},
    {"month in words, hyphens", "11-May-1984", "1984-05-11", NULL},
    {"ordinal", "11th May 1984", "1984-05-11", NULL},
    {"ordinal of", "the 11th", NULL, "not one that is known"},
    {"1st of", "1st of May, 1984", "1984-05-01", NULL},
    {"22nd", "22nd Feb 1984", "1984-02-22", NULL},
    {"month word first", "May 11, 1984", "1984-05-11", NULL},
    {"glued", "11May1984", "1984-05-11", NULL},
    {"capitals", "11 MAY 1984", "1984-05-11", NULL},
    {"short month", "3 Sept 1984", "1984-09-03", NULL},
    {"month and year", "May 1984", "1984-05", NULL},
    {"month and year, numbers", "05/1984", "1984-05", NULL},
    {"year and month word", "1984 May", "1984-05", NULL},
    {"year first with slashes", "1984/5/11", "1984-05-11", NULL},
    {"run, day first", "11051984", "1984-05-11", NULL},
    {"run, year first", "19840511", "1984-05-11", NULL},
    {"run that looks like both", "20051984", "1984-05-20", NULL},
    {"run, 20 December 2012", "20122012", "2012-12-20", NULL},
    {"about in a word", "about 1970", "~1970", NULL},
    {"c glued", "c1970", "~1970", NULL},
    {"c with a dot", "c. 1970", "~1970", NULL},
    {"circa", "Circa 1970", "~1970", NULL},
    {"year with a question mark", "1970?", "~1970", NULL},
    {"about twice", "about ~1970", "~1970", NULL},
    {"leap day", "29/02/1984", "1984-02-29", NULL},
    {"today", "2026-01-12", "2026-01-12", NULL},
    {"this month", "2026-01", "2026-01", NULL},
    {"this year", "2026", "2026", NULL},
    {"130 years ago", "1896", "1896", NULL},
    {"no leap day", "29/02/1985", NULL, "no such day"},
    {"31 April", "31/04/1984", NULL, "no such day"},
    {"32nd", "32/01/1984", NULL, "no such day"},
    {"day 0", "00/05/1984", NULL, "no day 0"},
    {"month 0", "1984-00", NULL, "no such month"},
    {"month 13", "1984-13", NULL, "no such month (write"},
    {"month first", "05/13/1984", NULL, "the day comes first"},
    {"run of no date", "99999999", NULL, "no such month"},
    {"run with month 0", "51002004", NULL, "no such month"},
    {"run with day 0", "00051984", NULL, "no day 0"},
    {"run of noughts", "00000000", NULL, "not one that is known"},
    {"year 0", "0000", NULL, "not one that is known"},
    {"two digit year", "11/05/84", NULL, "four digits"},
    {"two digit year, words", "11 May 84", NULL, "four digits"},
    {"month and two digit year", "May 84", NULL, "four digits"},
    {"tomorrow", "2026-01-13", NULL, "future"},
    {"next month", "2026-02", NULL, "future"},
    {"next year", "2027", NULL, "future"},
    {"a hundred years late", "2084-05-11", NULL, "future"},
    {"about next year may be this one", "~2027", "~2027", NULL},
    {"about far ahead", "~2031", NULL, "future"},
    {"131 years ago", "1895", NULL, "130 years ago"},
    {"wrong century", "1084-05-11", NULL, "130 years ago"},
    {"about a month", "about May 1984", NULL, "only a year"},
    {"about a day", "~1984-05-11", NULL, "only a year"},
    {"an age", "56", NULL, "not one that is known"},
    {"decade", "1970s", NULL, "not one that is known"},
    {"month alone", "May", NULL, "not one that is known"},
    {"day and month", "11 May", NULL, "not one that is known"},
    {"five digits", "19840", NULL, "not one that is known"},
    {"four parts", "11/05/1984/2", NULL, "not one that is known"},
    {"words", "before the war", NULL, "not one that is known"},
    {"two months", "May June 1984", NULL, "not one that is known"},
};

static void test_partial_date_parse__each_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_partial_date date = {TP_PRECISION_DAY, 1, 1, 1};
        char text[TP_PARTIAL_DATE_TEXT_MAX] = "";
        tp_err err = {0};
        tp_rc rc = tp_partial_date_parse(tp_slice_str(rows[i].typed), &today, &date, &err);
        tp_partial_date_format(&date, text);
        bool held = rows[i].refusal == NULL
                        ? rc == TP_OK && strcmp(text, rows[i].text) == 0
                        : rc == TP_INVALID && strstr(err.what, rows[i].refusal) != NULL &&
                              strchr(err.what, '(') != NULL && strcmp(text, "0001-01-01") == 0;
        if (!held) {
            fail_msg("%s: \"%s\" gives \"%s\" %s", rows[i].row, rows[i].typed, text, err.what);
        }
    }
}

static void test_partial_date_parse__without_a_clock_to_believe_no_date_is_future(void **state)
{
    (void)state;
    tp_partial_date date = {0};
    tp_err err = {0};
    assert_int_equal(tp_partial_date_parse(tp_slice_str("2084-05-11"), NULL, &date, &err), TP_OK);
    assert_int_equal(date.year, 2084);
    assert_int_equal(tp_partial_date_parse(tp_slice_str("0512"), NULL, &date, &err), TP_OK);
}

static void test_partial_date_format__is_read_back_as_the_same_date(void **state)
{
    (void)state;
    for (int32_t n = TP_DAY_NUMBER_MIN; n <= TP_DAY_NUMBER_MAX; n += 13) {
        tp_day day = tp_day_of_number(n);
        tp_partial_date date = {TP_PRECISION_NONE, 0, 0, 0};
        switch ((unsigned)(n - TP_DAY_NUMBER_MIN) % 4) {
        case 0:
            date = (tp_partial_date){TP_PRECISION_DAY, day.year, day.month, day.day};
            break;
        case 1:
            date = (tp_partial_date){TP_PRECISION_MONTH, day.year, day.month, 0};
            break;
        case 2:
            date = (tp_partial_date){TP_PRECISION_YEAR, day.year, 0, 0};
            break;
        default:
            date = (tp_partial_date){TP_PRECISION_ABOUT, day.year, 0, 0};
            break;
        }
        char text[TP_PARTIAL_DATE_TEXT_MAX];
        tp_partial_date back = {0};
        tp_err err = {0};
        tp_partial_date_format(&date, text);
        tp_rc rc = tp_partial_date_parse(tp_slice_str(text), NULL, &back, &err);
        if (rc != TP_OK || tp_partial_date_compare(&date, &back) != 0) {
            fail_msg("%s: %s", text, err.what);
        }
    }
}

static tp_partial_date date_of(const char *text)
{
    tp_partial_date date = {0};
    tp_err err = {0};
    if (tp_partial_date_parse(tp_slice_str(text), NULL, &date, &err) != TP_OK) {
        fail_msg("%s: %s", text, err.what);
    }
    return date;
}

static void test_partial_date_compare__orders_vague_before_sure_and_unknown_last(void **state)
{
    (void)state;
    static const char *const order[] = {"1969-12-31", "~1970",   "1970",  "1970-01", "1970-01-01",
                                        "1970-01-02", "1970-02", "~1971", ""};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        for (size_t j = 0; j < sizeof order / sizeof order[0]; j++) {
            tp_partial_date a = date_of(order[i]), b = date_of(order[j]);
            int order_is = tp_partial_date_compare(&a, &b);
            if ((order_is < 0) != (i < j) || (order_is > 0) != (i > j)) {
                fail_msg("\"%s\" and \"%s\"", order[i], order[j]);
            }
        }
    }
}

static void test_partial_date_may_be_same__each_row(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        bool may;
    } pairs[] = {
        {"1984-05", "1984-05-11", true},
        {"1984-06", "1984-05-11", false},
        {"1984", "1984-05-11", true},
        {"1984", "1984-12", true},
        {"1985", "1984-12-31", false},
        {"~1970", "1966", true},
        {"~1970", "1974-12-31", true},
        {"~1970", "1965-12-31", false},
        {"~1970", "1975-01-01", false},
        {"~1970", "~1978", true},
        {"~1970", "~1979", false},
        {"", "1984-05-11", true},
        {"", "", true},
        {"1984-05-11", "1984-05-11", true},
        {"1984-05-11", "1984-05-12", false},
        {"~0001", "0001", true},
        {"~9999", "9999-12-31", true},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        tp_partial_date a = date_of(pairs[i].a), b = date_of(pairs[i].b);
        if (tp_partial_date_may_be_same(&a, &b) != pairs[i].may ||
            tp_partial_date_may_be_same(&b, &a) != pairs[i].may) {
            fail_msg("%s, %s", pairs[i].a, pairs[i].b);
        }
    }
}

static void test_partial_date_age__each_row(void **state)
{
    (void)state;
    static const struct {
        const char *born;
        tp_day at;
        bool known;
        unsigned min, max;
    } ages[] = {
        {"1984-05-11", {2026, 5, 10}, true, 41, 41}, {"1984-05-11", {2026, 5, 11}, true, 42, 42},
        {"1984-05", {2026, 5, 11}, true, 41, 42},    {"1984-05", {2026, 6, 1}, true, 42, 42},
        {"1984", {2026, 1, 12}, true, 41, 42},       {"~1970", {2026, 12, 31}, true, 52, 60},
        {"2008-02-29", {2026, 2, 28}, true, 17, 17}, {"2008-02-29", {2026, 3, 1}, true, 18, 18},
        {"2026", {2026, 1, 12}, true, 0, 0},         {"~2028", {2026, 1, 12}, true, 0, 2},
        {"2026-01-13", {2026, 1, 12}, false, 0, 0},  {"", {2026, 1, 12}, false, 0, 0},
    };
    for (size_t i = 0; i < sizeof ages / sizeof ages[0]; i++) {
        tp_partial_date born = date_of(ages[i].born);
        tp_age_range range = {0, 0};
        bool known = tp_partial_date_age(&born, ages[i].at, &range);
        if (known != ages[i].known || range.years_min != ages[i].min ||
            range.years_max != ages[i].max) {
            fail_msg("%s: %u to %u", ages[i].born, range.years_min, range.years_max);
        }
    }
}

static void test_partial_date_parse__refuses_hostile_bytes_without_repeating_them(void **state)
{
    (void)state;
    tp_partial_date date = {0};
    for (size_t i = 0; i < TP_HOSTILES; i++) {
        tp_err err = {0};
        tp_rc rc = tp_partial_date_parse(tp_hostile_slice(&tp_hostiles[i]), &today, &date, &err);
        bool may_be_empty = tp_utf8_trim(tp_hostile_slice(&tp_hostiles[i])).bytes == 0;
        if (rc != (may_be_empty ? TP_OK : TP_INVALID) || strpbrk(err.what, "\x1B\n%\"") != NULL) {
            fail_msg("%s: %s", tp_hostiles[i].row, err.what);
        }
    }
    for (const char *c = TP_HOSTILE_FILLERS; *c != '\0'; c++) {
        tp_err err = {0};
        assert_int_equal(tp_partial_date_parse(tp_hostile_long(*c), &today, &date, &err),
                         TP_INVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_partial_date_parse__each_row),
        cmocka_unit_test(test_partial_date_parse__without_a_clock_to_believe_no_date_is_future),
        cmocka_unit_test(test_partial_date_format__is_read_back_as_the_same_date),
        cmocka_unit_test(test_partial_date_compare__orders_vague_before_sure_and_unknown_last),
        cmocka_unit_test(test_partial_date_may_be_same__each_row),
        cmocka_unit_test(test_partial_date_age__each_row),
        cmocka_unit_test(test_partial_date_parse__refuses_hostile_bytes_without_repeating_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
