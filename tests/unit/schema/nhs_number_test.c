/* schema/nhs_number: ten digits, modulus 11, and refusals that help.
 *
 * Shows no promise: how words and numbers are read. */
#include "schema/nhs_number.h"

#include "tests/support/hostile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

/* The text after "NHS number: " begins a refusal; NULL: accepted. */
static const struct {
    const char *row, *typed, *digits, *refusal;
} rows[] = {
    {"plain", "9434765919", "9434765919", NULL},
    {"spaces 3-3-4", "943 476 5919", "9434765919", NULL},
    {"hyphens", "943-476-5919", "9434765919", NULL},
    {"white space around", "\t 943 476 5919 ", "9434765919", NULL},
    {"no-break spaces from a web page",
     "943\xC2\xA0"
     "476\xC2\xA0"
     "5919",
     "9434765919", NULL},
    {"en dashes from a letter",
     "943\xE2\x80\x93"
     "476\xE2\x80\x93"
     "5919",
     "9434765919", NULL},
    {"odd grouping", "94 3476 59 19", "9434765919", NULL},
    {"check digit 0", "4000000020", "4000000020", NULL},
    {"empty", "", NULL, "no digits found"},
    {"hyphen alone", "-", NULL, "no digits found"},
    {"nine digits", "943476591", NULL, "9 digits found, it has 10 (check for one left out)"},
    {"one digit", "9", NULL, "1 digit found, it has 10"},
    {"eleven digits", "94347659190", NULL,
     "11 digits found, it has 10 (check for one typed twice)"},
    {"letter O for nought", "943476591O", NULL, "it has something that is not a digit after 9"},
    {"slash", "943/476/5919", NULL, "it has something that is not a digit after 3"},
    {"wrong last digit", "9434765918", NULL, "the last digit does not fit the other nine"},
    {"two digits swapped", "9437465919", NULL, "the last digit does not fit the other nine"},
    {"no check digit exists", "1234567890", NULL, "no number begins with these nine digits"},
    {"ten noughts", "0000000000", NULL, "ten equal digits are nobody's number"},
    {"ten ones pass modulus 11", "1111111111", NULL, "ten equal digits are nobody's number"},
};

static void test_nhs_number_normalise__each_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char digits[TP_NHS_NUMBER_MAX] = "untouched";
        tp_err err = {0};
        tp_rc rc = tp_nhs_number_normalise(tp_slice_str(rows[i].typed), digits, &err);
        if (rows[i].refusal == NULL) {
            if (rc != TP_OK || strcmp(digits, rows[i].digits) != 0 || err.what[0] != '\0') {
                fail_msg("%s: %s", rows[i].row, err.what);
            }
            continue;
        }
        char begin[120];
        snprintf(begin, sizeof begin, "NHS number: %s", rows[i].refusal);
        if (rc != TP_INVALID || strncmp(err.what, begin, strlen(begin)) != 0 ||
            strchr(err.what, '(') == NULL || strcmp(digits, "untouched") != 0) {
            fail_msg("%s: rc %d, %s", rows[i].row, (int)rc, err.what);
        }
    }
}

/* Modulus 11 is there to catch these two slips: it must catch every one of them. */
static void test_nhs_number_normalise__catches_every_wrong_and_every_swapped_digit(void **state)
{
    (void)state;
    const char good[] = "9434765919";
    char out[TP_NHS_NUMBER_MAX];
    tp_err err = {0};
    for (size_t i = 0; i < TP_NHS_NUMBER_DIGITS; i++) {
        for (char d = '0'; d <= '9'; d++) {
            char typed[TP_NHS_NUMBER_MAX];
            memcpy(typed, good, sizeof typed);
            typed[i] = d;
            tp_rc want = d == good[i] ? TP_OK : TP_INVALID;
            assert_int_equal(tp_nhs_number_normalise(tp_slice_str(typed), out, &err), want);
        }
        if (i > 0 && good[i] != good[i - 1]) {
            char typed[TP_NHS_NUMBER_MAX];
            memcpy(typed, good, sizeof typed);
            typed[i] = good[i - 1];
            typed[i - 1] = good[i];
            assert_int_equal(tp_nhs_number_normalise(tp_slice_str(typed), out, &err), TP_INVALID);
        }
    }
}

static void test_nhs_number_normalise__refuses_hostile_bytes_without_repeating_them(void **state)
{
    (void)state;
    char out[TP_NHS_NUMBER_MAX];
    tp_err err = {0};
    for (size_t i = 0; i < TP_HOSTILES; i++) {
        tp_slice typed = tp_hostile_slice(&tp_hostiles[i]);
        assert_int_equal(tp_nhs_number_normalise(typed, out, &err), TP_INVALID);
        assert_null(strpbrk(err.what, "\x1B\n%\"\x07"));
    }
    for (const char *c = TP_HOSTILE_FILLERS; *c != '\0'; c++) {
        assert_int_equal(tp_nhs_number_normalise(tp_hostile_long(*c), out, &err), TP_INVALID);
    }
}

static void test_nhs_number_format__shows_3_3_4(void **state)
{
    (void)state;
    char text[TP_NHS_NUMBER_TEXT_MAX];
    tp_nhs_number_format("9434765919", text);
    assert_string_equal(text, "943 476 5919");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nhs_number_normalise__each_row),
        cmocka_unit_test(test_nhs_number_normalise__catches_every_wrong_and_every_swapped_digit),
        cmocka_unit_test(test_nhs_number_normalise__refuses_hostile_bytes_without_repeating_them),
        cmocka_unit_test(test_nhs_number_format__shows_3_3_4),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
