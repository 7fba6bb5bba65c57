/* schema/place_ref: three words, or a grid reference.
 *
 * Shows no promise: how words and numbers are read. */
#include "schema/place_ref.h"

#include "schema/utf8.h"
#include "tests/support/hostile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const struct {
    const char *row, *typed, *text, *refusal;
} rows[] = {
    {"words", "filled.count.soap", "filled.count.soap", NULL},
    {"slashes", "///filled.count.soap", "filled.count.soap", NULL},
    {"capitals", "///Filled.Count.Soap", "filled.count.soap", NULL},
    {"spaces about the dots", "filled . count. soap", "filled.count.soap", NULL},
    {"link", "https://what3words.com/filled.count.soap", "filled.count.soap", NULL},
    {"short link", "https://w3w.co/filled.count.soap", "filled.count.soap", NULL},
    {"another script", "\u0434\u043E\u043C.\u043A\u043E\u0442.\u043B\u0435\u0441",
     "\u0434\u043E\u043C.\u043A\u043E\u0442.\u043B\u0435\u0441", NULL},
    {"accents stay", "caf\u00E9.th\u00E9.\u00E9t\u00E9", "caf\u00E9.th\u00E9.\u00E9t\u00E9", NULL},
    {"grid", "SK 572 398", "SK572398", NULL},
    {"grid, together", "SK572398", "SK572398", NULL},
    {"grid, small letters", "sk572398", "SK572398", NULL},
    {"grid, comma", "SK 572, 398", "SK572398", NULL},
    {"grid, 1 m", "SK 57200 39800", "SK5720039800", NULL},
    {"grid, 10 km", "SK53", "SK53", NULL},
    {"grid, Shetland", "HU 47 41", "HU4741", NULL},
    {"grid, Cornwall", "SW 81 45", "SW8145", NULL},
    {"two words", "filled.count", NULL, "not three words"},
    {"four words", "filled.count.soap.box", NULL, "not three words"},
    {"empty word", "filled..soap", NULL, "not three words"},
    {"ends with a dot", "filled.count.", NULL, "not three words"},
    {"digit in a word", "filled.count.s0ap", NULL, "not three words"},
    {"hyphen in a word", "filled.count.so-ap", NULL, "not three words"},
    {"two words between dots", "filled.count it.soap", NULL, "not three words"},
    {"slashes alone", "///", NULL, "not three words"},
    {"a picture for a word", "filled.count.\U0001F9FC", NULL, "not three words"},
    {"no such square", "SI 572 398", NULL, "no such grid square"},
    {"square at sea", "NI 572 398", NULL, "no such grid square"},
    {"odd digits", "SK 572 39", NULL, "5 digits after"},
    {"one digit", "SK 5", NULL, "1 digit after"},
    {"no digits", "SK", NULL, "0 digits after"},
    {"twelve digits", "SK 572001 398001", NULL, "12 digits after"},
    {"letters after digits", "SK 572 398 N", NULL, "neither"},
    {"description", "behind the library", NULL, "belongs in the place"},
    {"postcode", "NG1 1AA", NULL, "neither"},
    {"latitude", "52, -1", NULL, "neither"},
    {"empty", "", NULL, "leave it out"},
};

static void test_place_ref_normalise__each_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[TP_PLACE_REF_MAX] = "untouched";
        tp_place_ref_kind kind = TP_PLACE_REF_WORDS;
        tp_err err = {0};
        tp_rc rc = tp_place_ref_normalise(tp_slice_str(rows[i].typed), &kind, text, &err);
        bool held = rows[i].refusal == NULL
                        ? rc == TP_OK && strcmp(text, rows[i].text) == 0 &&
                              (kind == TP_PLACE_REF_WORDS) == (strchr(text, '.') != NULL)
                        : rc == TP_INVALID && strstr(err.what, rows[i].refusal) != NULL &&
                              strchr(err.what, '(') != NULL && strcmp(text, "untouched") == 0;
        if (!held) {
            fail_msg("%s: \"%s\" %s", rows[i].row, text, err.what);
        }
    }
}

static void test_place_ref_normalise__of_the_stored_form_is_that_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[TP_PLACE_REF_MAX];
        tp_place_ref_kind kind;
        tp_err err = {0};
        if (rows[i].text != NULL) {
            tp_slice stored = tp_slice_str(rows[i].text);
            assert_int_equal(tp_place_ref_normalise(stored, &kind, text, &err), TP_OK);
            assert_string_equal(text, rows[i].text);
        }
    }
}

/* Letters of four bytes, as many as may be typed: what is written must still fit. */
static void test_place_ref_normalise__the_longest_fits(void **state)
{
    (void)state;
    char typed[TP_PLACE_REF_MAX + 8] = "a.b.", text[TP_PLACE_REF_MAX];
    tp_place_ref_kind kind;
    tp_err err = {0};
    for (size_t i = 4; i + 4 < TP_PLACE_REF_MAX; i += 4) {
        memcpy(typed + i, "\U00010400", 4);
    }
    assert_int_equal(tp_place_ref_normalise(tp_slice_str(typed), &kind, text, &err), TP_INVALID);
    for (size_t i = 4; i + 3 < TP_PLACE_REF_MAX; i += 3) {
        memcpy(typed + i, "\u738B", 4);
    }
    assert_int_equal(strlen(typed), TP_PLACE_REF_MAX - 1);
    assert_int_equal(tp_place_ref_normalise(tp_slice_str(typed), &kind, text, &err), TP_OK);
    assert_string_equal(text, typed);
}

static void test_place_ref_normalise__refuses_hostile_bytes_without_repeating_them(void **state)
{
    (void)state;
    char text[TP_PLACE_REF_MAX];
    tp_place_ref_kind kind;
    for (size_t i = 0; i < TP_HOSTILES; i++) {
        tp_err err = {0};
        tp_slice typed = tp_hostile_slice(&tp_hostiles[i]);
        assert_int_equal(tp_place_ref_normalise(typed, &kind, text, &err), TP_INVALID);
        assert_null(strpbrk(err.what, "\x1B\n%\""));
    }
    for (const char *c = TP_HOSTILE_FILLERS; *c != '\0'; c++) {
        tp_err err = {0};
        assert_int_equal(tp_place_ref_normalise(tp_hostile_long(*c), &kind, text, &err),
                         TP_INVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_place_ref_normalise__each_row),
        cmocka_unit_test(test_place_ref_normalise__of_the_stored_form_is_that_form),
        cmocka_unit_test(test_place_ref_normalise__the_longest_fits),
        cmocka_unit_test(test_place_ref_normalise__refuses_hostile_bytes_without_repeating_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
