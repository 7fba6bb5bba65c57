/* schema/phone: one number, many ways to write it.
 *
 * Shows no promise: how words and numbers are read. */
#include "schema/phone.h"

#include "tests/support/hostile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* Numbers from the ranges Ofcom keeps for drama. */
static const struct {
    const char *row, *typed, *key, *refusal;
} rows[] = {
    {"mobile", "07700 900418", "+447700900418", NULL},
    {"international", "+44 7700 900418", "+447700900418", NULL},
    {"00 and a hyphen", "0044 7700-900418", "+447700900418", NULL},
    {"both the country and the 0", "+44 (0)7700 900418", "+447700900418", NULL},
    {"00 44 and the 0", "0044 07700900418", "+447700900418", NULL},
    {"country without a plus", "447700900418", "+447700900418", NULL},
    {"the 0 eaten by a spreadsheet", "7700900418", "+447700900418", NULL},
    {"dots", "07700.900.418", "+447700900418", NULL},
    {"white space around", "  07700 900418\t", "+447700900418", NULL},
    {"no-break spaces", "07700\u00A0900\u00A0418", "+447700900418", NULL},
    {"en dash", "07700\u2013900418", "+447700900418", NULL},
    {"brackets", "(0115) 496 0123", "+441154960123", NULL},
    {"ten digits with the 0", "01632 96012", "+44163296012", NULL},
    {"extension", "0115 496 0123 ext. 12", "+441154960123x12", NULL},
    {"extension, x", "0115 496 0123x12", "+441154960123x12", NULL},
    {"extension, in full", "0115 496 0123 Extension 0012", "+441154960123x0012", NULL},
    {"extension, hash", "0115 496 0123 #12", "+441154960123x12", NULL},
    {"Ireland", "00 353 1 555 0100", "+35315550100", NULL},
    {"Poland", "+48 22 555 01 00", "+48225550100", NULL},
    {"longest", "+123456789012345", "+123456789012345", NULL},
    {"short code", "999", "999", NULL},
    {"helpline", "116 123", "116123", NULL},
    {"without its area", "496 0123", "4960123", NULL},
    {"Childline", "0800 1111", "+448001111", NULL},
    {"the old NHS Direct", "0845 46 47",
     "+44845464"
     "7",
     NULL},
    {"empty", "", NULL, "no digits found"},
    {"plus alone", "+", NULL, "no digits found"},
    {"letters", "ask for Mo", NULL, "something other than digits"},
    {"whose it is", "07700 900418 (his mum)", NULL, "belongs in a note"},
    {"letter O", "O7700 900418", NULL, "something other than digits"},
    {"mobile, one short", "07700 90041", NULL,
     "10 digits found, a number that begins with 07 has 11"},
    {"mobile, one over", "07700 9004188", NULL, "(check for one typed twice)"},
    {"mobile, one short, international", "+44 7700 90041", NULL, "check for one left out"},
    {"landline, short", "0115 496", NULL, "7 digits found, a UK number has 10 or 11"},
    {"two numbers", "07700 900418 / 07700 900711", NULL, "check for one typed twice"},
    {"two landlines", "0115 496 0123, 0115 496 0124", NULL, "something other than digits"},
    {"two digits", "12", NULL, "too few"},
    {"nought", "0", NULL, "1 digit found"},
    {"neither 0 nor plus", "115 496 0123", NULL, "neither 0 nor +"},
    {"no country", "+0115 496 0123", NULL, "the country is missing"},
    {"00 alone", "00", NULL, "the country is missing"},
    {"country alone", "+44", NULL, "1 digit found"},
    {"too short from abroad", "+353 12", NULL, "too few"},
    {"too long from abroad", "+1234567890123456", NULL, "too many"},
    {"two noughts after the country", "+44 000 (00 9 9001", NULL, "a 0 too many"},
    {"second plus", "+44+7700900418", NULL, "something other than digits"},
    {"extension without a number", "0115 496 0123 ext", NULL, "the extension is not"},
    {"extension too long", "0115 496 0123 x1234567", NULL, "the extension is not"},
    {"extension of letters", "0115 496 0123 x12b", NULL, "the extension is not"},
    {"two extensions", "0115 496 0123 x12 x13", NULL, "the extension is not"},
    {"extension first", "x12 0115 496 0123", NULL, "something other than digits"},
    {"a control byte that differs from # by one bit",
     "0115 496 0123\x03"
     "12",
     NULL, "something other than digits"},
};

static void test_phone_key__each_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char key[TP_PHONE_KEY_MAX] = "untouched";
        tp_err err = {0};
        tp_rc rc = tp_phone_key(tp_slice_str(rows[i].typed), key, &err);
        bool held = rows[i].refusal == NULL
                        ? rc == TP_OK && strcmp(key, rows[i].key) == 0
                        : rc == TP_INVALID && strstr(err.what, rows[i].refusal) != NULL &&
                              strchr(err.what, '(') != NULL && strcmp(key, "untouched") == 0;
        if (!held) {
            fail_msg("%s: \"%s\" %s", rows[i].row, key, err.what);
        }
    }
}

/* A key is a way to write the number, so it is its own key. */
static void test_phone_key__of_a_key_is_that_key(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char key[TP_PHONE_KEY_MAX];
        tp_err err = {0};
        if (rows[i].key == NULL) {
            continue;
        }
        assert_int_equal(tp_phone_key(tp_slice_str(rows[i].key), key, &err), TP_OK);
        assert_string_equal(key, rows[i].key);
    }
}

static void test_phone_key__refuses_hostile_bytes_without_repeating_them(void **state)
{
    (void)state;
    char key[TP_PHONE_KEY_MAX];
    for (size_t i = 0; i < TP_HOSTILES; i++) {
        tp_err err = {0};
        assert_int_equal(tp_phone_key(tp_hostile_slice(&tp_hostiles[i]), key, &err), TP_INVALID);
        assert_null(strpbrk(err.what, "\x1B\n%\""));
    }
    for (const char *c = TP_HOSTILE_FILLERS; *c != '\0'; c++) {
        tp_err err = {0};
        assert_int_equal(tp_phone_key(tp_hostile_long(*c), key, &err), TP_INVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_phone_key__each_row),
        cmocka_unit_test(test_phone_key__of_a_key_is_that_key),
        cmocka_unit_test(test_phone_key__refuses_hostile_bytes_without_repeating_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
