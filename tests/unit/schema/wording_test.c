/* schema/wording: what is held, and what is said of the rest.
 *
 * Shows no promise: how words and numbers are read. */
#include "schema/wording.h"

#include "schema/utf8.h"
#include "tests/support/hostile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* FNV-1a: enough to see that somebody touched a text. */
static uint64_t digest_of(const char *text)
{
    uint64_t digest = UINT64_C(0xCBF29CE484222325);
    for (; *text != '\0'; text++) {
        digest = (digest ^ (uint8_t)*text) * UINT64_C(0x100000001B3);
    }
    return digest;
}

/* Consent was given to these very words: a changed text is a new version, with its own row here. */
static void test_wordings__never_change(void **state)
{
    (void)state;
    static const struct {
        const char *id;
        unsigned version;
        uint64_t digest;
    } rows[] = {
        {"short-spoken", 2, UINT64_C(0x917770EB646230F7)},
        {"short-spoken-cy", 2, UINT64_C(0x5C0B8505723599E8)},
        {"short-spoken-pl", 2, UINT64_C(0xBABF502C1BC9D590)},
        {"short-spoken-ro", 2, UINT64_C(0x886C684C44AF4785)},
        {"short-spoken-ar", 2, UINT64_C(0x34D85817EDA91DC6)},
        {"short-spoken-fa", 2, UINT64_C(0xB1B53AE00F0055CC)},
        {"full-form", 5, UINT64_C(0x6DA61476B7602CD6)},
        {"kiosk", 1, UINT64_C(0x5D1B3B1B182FFDA8)},
    };
    size_t held = 0;
    for (const tp_wording *w = tp_wordings; w->id != NULL; w++) {
        held++;
    }
    assert_int_equal(held, sizeof rows / sizeof rows[0]);
    for (size_t i = 0; i < held; i++) {
        const tp_wording *w = tp_wording_find(tp_slice_str(rows[i].id), rows[i].version);
        assert_non_null(w);
        uint64_t digest = digest_of(w->text);
        if (digest != rows[i].digest) {
            fail_msg("%s version %u: 0x%016llX", rows[i].id, rows[i].version,
                     (unsigned long long)digest);
        }
    }
}

/* Each says that no and stop cost nothing, as the domain asks of consent. */
static void test_wordings__say_how_to_refuse_and_stop(void **state)
{
    (void)state;
    for (const tp_wording *w = tp_wordings; w->id != NULL; w++) {
        tp_err err = {0};
        assert_int_equal(tp_wording_check(tp_slice_str(w->id), &err), TP_OK);
        assert_true(tp_utf8_is_valid(tp_slice_str(w->text)));
        assert_true(strlen(w->text) < TP_WORDING_TEXT_MAX);
        assert_true(strlen(w->title) < TP_WORDING_SHOWN_MAX);
        assert_int_equal(w->text[strlen(w->text) - 1], '\n');
        if (strcmp(w->language, "en") != 0) {
            continue;
        }
        assert_non_null(strstr(w->text, "say no"));
        assert_non_null(strstr(w->text, "still"));
        assert_non_null(strstr(w->text, "change your mind at any time"));
        assert_non_null(strstr(w->text, "serious danger"));
    }
}

/* Whoever was read one of them was told no less than in English. */
static void test_wordings__a_translation_leaves_no_paragraph_out(void **state)
{
    (void)state;
    static const char *const languages[] = {"cy", "pl", "ro", "ar", "fa"};
    const tp_wording *english = tp_wording_newest(tp_slice_str("short-spoken"));
    for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++) {
        char id[TP_WORDING_ID_MAX];
        size_t parts[2] = {0, 0};
        snprintf(id, sizeof id, "short-spoken-%s", languages[i]);
        const tp_wording *w = tp_wording_find(tp_slice_str(id), english->version);
        assert_non_null(w);
        assert_string_equal(w->language, languages[i]);
        for (const char *at = english->text; (at = strstr(at, "\n\n")) != NULL; at += 2) {
            parts[0]++;
        }
        for (const char *at = w->text; (at = strstr(at, "\n\n")) != NULL; at += 2) {
            parts[1]++;
        }
        assert_int_equal(parts[1], parts[0]);
    }
}

static void test_wording_show__each_row(void **state)
{
    (void)state;
    static const struct {
        const char *row, *id;
        uint64_t version;
        const char *shown;
    } rows[] = {
        {"held", "short-spoken", 2, "Short wording, spoken (version 2)"},
        {"older", "short-spoken", 1, "wording short-spoken version 1, text not held"},
        {"newer", "kiosk", 2, "wording kiosk version 2, text not held"},
        {"another agency's", "friary-form", 3, "wording friary-form version 3, text not held"},
        {"largest version", "kiosk", UINT64_MAX,
         "wording kiosk version 18446744073709551615, text not held"},
        {"version that only cut to 32 bits is held", "kiosk", UINT64_C(0x100000001),
         "wording kiosk version 4294967297, text not held"},
        {"hostile id", "\x1B[2J", 1, "wording unnamed version 1, text not held"},
        {"no id", "", 0, "wording unnamed version 0, text not held"},
        {"long id", "abcdefghijklmnopqrstuvwxyzabcdef", 1,
         "wording unnamed version 1, text not held"},
        {"longest id", "abcdefghijklmnopqrstuvwxyzabcde", UINT64_MAX,
         "wording abcdefghijklmnopqrstuvwxyzabcde version 18446744073709551615, text not held"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char shown[TP_WORDING_SHOWN_MAX];
        tp_wording_show(tp_slice_str(rows[i].id), rows[i].version, shown);
        if (strcmp(shown, rows[i].shown) != 0) {
            fail_msg("%s: %s", rows[i].row, shown);
        }
    }
}

static void test_wording_newest__is_the_highest_version_held(void **state)
{
    (void)state;
    assert_int_equal(tp_wording_newest(tp_slice_str("full-form"))->version, 5);
    assert_null(tp_wording_newest(tp_slice_str("full")));
}

static void test_wording_check__refuses_hostile_ids(void **state)
{
    (void)state;
    for (size_t i = 0; i < TP_HOSTILES; i++) {
        tp_slice id = tp_hostile_slice(&tp_hostiles[i]);
        tp_err err = {0};
        char shown[TP_WORDING_SHOWN_MAX];
        bool is_thirty_nines = id.bytes == 30;
        assert_int_equal(tp_wording_check(id, &err), is_thirty_nines ? TP_OK : TP_INVALID);
        tp_wording_show(id, 1, shown);
        assert_null(strpbrk(shown, "\x1B\n%\""));
    }
    for (const char *c = TP_HOSTILE_FILLERS; *c != '\0'; c++) {
        tp_err err = {0};
        assert_int_equal(tp_wording_check(tp_hostile_long(*c), &err), TP_INVALID);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wordings__never_change),
        cmocka_unit_test(test_wordings__say_how_to_refuse_and_stop),
        cmocka_unit_test(test_wordings__a_translation_leaves_no_paragraph_out),
        cmocka_unit_test(test_wording_show__each_row),
        cmocka_unit_test(test_wording_newest__is_the_highest_version_held),
        cmocka_unit_test(test_wording_check__refuses_hostile_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
