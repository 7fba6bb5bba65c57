/* Wrapping, and that nobody's words reach the terminal as commands.
 *
 * Shows no promise: how a terminal is read and written. */
#include "node/cli/page.h"

#include "platform/base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static int check_nothing_lives(void **state)
{
    (void)state;
    return tp_alloc_live() == 0 ? 0 : -1;
}

/* What a page prints of one paragraph. */
static void print(const char *text, unsigned first, unsigned rest, bool has_colour, char *out,
                  size_t room)
{
    tp_err err;
    tp_page page;
    memset(out, 0, room);
    FILE *file = fmemopen(out, room, "w");
    assert_non_null(file);
    tp_page_init(&page, file, has_colour);
    tp_page_add_str(&page, text);
    tp_page_end(&page, first, rest);
    assert_int_equal(tp_page_done(&page, &err), TP_OK);
    fclose(file);
}

static void test_page_end__wraps_between_words(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned first, rest;
        const char *printed;
    } rows[] = {
        {"", 0, 0, ""},
        {"one", 2, 4, "  one\n"},
        {"a  b", 0, 0, "a  b\n"},
        {"one\ntwo", 2, 4, "  one\n    two\n"},
        {"one\n\ntwo", 0, 2, "one\n\n  two\n"},
        {"one\n", 0, 2, "one\n"},
        {"0123456789012345678901234567890123456789012345678901234567890123456789012345678 x", 0, 2,
         "0123456789012345678901234567890123456789012345678901234567890123456789012345678\n  x\n"},
        {"01234567890123456789012345678901234567890123456789012345678901234567890123456 x y", 0, 2,
         "01234567890123456789012345678901234567890123456789012345678901234567890123456 x\n  y\n"},
        {"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234 x",
         1, 1,
         " 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234\n"
         " x\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[512];
        print(rows[i].text, rows[i].first, rows[i].rest, false, out, sizeof out);
        assert_string_equal(out, rows[i].printed);
    }
}

/* Forty letters of two bytes each take forty columns. */
static void test_page_end__counts_letters_not_bytes(void **state)
{
    (void)state;
    char out[512];
    char text[256] = "";
    for (int i = 0; i < 40; i++) {
        memcpy(text + strlen(text), "\xC3\xA9", 3);
    }
    memcpy(text + strlen(text), " end", 5);
    print(text, 0, 0, false, out, sizeof out);
    assert_ptr_equal(strchr(out, '\n'), out + strlen(out) - 1);
}

static void test_page_add__leaves_out_what_commands_a_terminal(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"a\033[31mred", "a[31mred\n"},
        {"a\x01\x02\x03\x04z", "az\n"},
        {"bell\a back\b", "bell back\n"},
        {"c1\xC2\x9Bmend", "c1mend\n"},
        {"bidi\xE2\x80\xAE"
         "evil",
         "bidievil\n"},
        {"not utf8 \xFF", "not utf8 ?\n"},
        {"tab\there", "tab here\n"},
        {"\x7F"
         "del",
         "del\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[128];
        print(rows[i][0], 0, 0, true, out, sizeof out);
        assert_string_equal(out, rows[i][1]);
    }
}

static void test_page_style__is_nothing_without_a_terminal(void **state)
{
    (void)state;
    tp_err err;
    for (int colour = 0; colour < 2; colour++) {
        char out[128] = "";
        FILE *file = fmemopen(out, sizeof out, "w");
        tp_page page;
        tp_page_init(&page, file, colour == 1);
        tp_page_add_in(&page, TP_STYLE_WARN, "NEW");
        tp_page_add_str(&page, " note");
        tp_page_end(&page, 0, 0);
        assert_int_equal(tp_page_done(&page, &err), TP_OK);
        fclose(file);
        assert_string_equal(out, colour == 1 ? "\033[1;33mNEW\033[0m note\n" : "NEW note\n");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_page_end__wraps_between_words, check_nothing_lives),
        cmocka_unit_test_teardown(test_page_end__counts_letters_not_bytes, check_nothing_lives),
        cmocka_unit_test_teardown(test_page_add__leaves_out_what_commands_a_terminal,
                                  check_nothing_lives),
        cmocka_unit_test_teardown(test_page_style__is_nothing_without_a_terminal,
                                  check_nothing_lives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
