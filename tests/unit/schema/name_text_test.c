/* Names as text, both ways.
 *
 * Shows no promise: how words and numbers are read. */
#include "schema/name_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_name_text__reads_what_it_prints(void **state)
{
    (void)state;
    const tp_name names[] = {
        {1, 1}, {0xfedcba9876543210u, TP_SEQ_MAX}, {0x00ff00ff00ff00ffu, 1200}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char text[TP_NAME_TEXT_BYTES];
        tp_name name = {0, 0};
        tp_name_print(names[i], text);
        assert_true(tp_name_read(tp_slice_str(text), &name));
        assert_true(tp_name_eq(name, names[i]));
    }
}

static void test_name_text__refuses_what_is_no_name(void **state)
{
    (void)state;
    const char *const rows[] = {"",
                                "-",
                                "0000000000000001",
                                "0000000000000001-",
                                "0000000000000001-0",
                                "0000000000000000-1",
                                "0000000000000001-1x",
                                "0000000000000001--1",
                                "000000000000001-1",
                                "0000000000000001_1",
                                "000000000000000g-1",
                                "0000000000000001-1099511627776",
                                "0000000000000001-99999999999999999999"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_name name = {7, 7};
        assert_false(tp_name_read(tp_slice_str(rows[i]), &name));
        assert_int_equal(name.device, 7);
    }
}

static void test_name_text__reads_short_names(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t low;
        uint64_t high;
        uint64_t seq;
    } rows[] = {{"0-1", 0, 0x0fffffffffffffffu, 1},
                {"f-1", 0xf000000000000000u, UINT64_MAX, 1},
                {"3fa2-12", 0x3fa2000000000000u, 0x3fa2ffffffffffffu, 12},
                {"3FA2-12", 0x3fa2000000000000u, 0x3fa2ffffffffffffu, 12},
                {"fedcba987654321-7", 0xfedcba9876543210u, 0xfedcba987654321fu, 7},
                {"fedcba9876543210-7", 0xfedcba9876543210u, 0xfedcba9876543210u, 7}};
    static const char *const wrong[] = {"",
                                        "-1",
                                        "12",
                                        "12-",
                                        "12-0",
                                        "xy-1",
                                        "12-x",
                                        "1--1",
                                        "12-99999999999999",
                                        "Baz",
                                        "12_1",
                                        " 1-1",
                                        "1-1 ",
                                        "fedcba9876543210a-7"};
    tp_name_short got = {.low = 7};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(tp_name_short_read(tp_slice_str(wrong[i]), &got));
        assert_int_equal(got.low, 7);
    }
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(tp_name_short_read(tp_slice_str(rows[i].text), &got));
        assert_true(got.low == rows[i].low && got.high == rows[i].high);
        tp_name_short_offer(&got, rows[i].low - 1);
        tp_name_short_offer(&got, rows[i].high + 1);
        assert_int_equal(got.fitting, 0);
        tp_name_short_offer(&got, rows[i].low);
        tp_name_short_offer(&got, rows[i].high);
        assert_int_equal(got.fitting, 2);
        assert_true(tp_name_eq(got.name, (tp_name){rows[i].high, rows[i].seq}));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_name_text__reads_what_it_prints),
        cmocka_unit_test(test_name_text__refuses_what_is_no_name),
        cmocka_unit_test(test_name_text__reads_short_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
