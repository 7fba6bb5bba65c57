/* Names as text, both ways. */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_name_text__reads_what_it_prints),
        cmocka_unit_test(test_name_text__refuses_what_is_no_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
