/* What was written again is called anew, and nothing else.  Shows P23, P26. */
#include "schema/renaming.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const tp_renaming renaming = {
    .from = 0xa1b2c3d4e5f60718u, .kept = 50, .to = 0x0f1e2d3c4b5a6978u};

static void test_renaming__of_a_name(void **state)
{
    static const struct {
        tp_name name;
        tp_name called;
    } rows[] = {
        {{0xa1b2c3d4e5f60718u, 51}, {0x0f1e2d3c4b5a6978u, 1}},
        {{0xa1b2c3d4e5f60718u, 80}, {0x0f1e2d3c4b5a6978u, 30}},
        {{0xa1b2c3d4e5f60718u, 50}, {0xa1b2c3d4e5f60718u, 50}}, /* kept */
        {{0x0f1e2d3c4b5a6978u, 51}, {0x0f1e2d3c4b5a6978u, 51}}, /* called so already */
        {{7, 51}, {7, 51}},                                     /* another device's */
        {{0, 0}, {0, 0}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(tp_name_eq(tp_renaming_of(&renaming, rows[i].name), rows[i].called));
        tp_renaming in_place = renaming;
        in_place.keeps_seq = true;
        const tp_name there = {rows[i].called.device, rows[i].name.seq};
        assert_true(tp_name_eq(tp_renaming_of(&in_place, rows[i].name), there));
    }
}

/* As where one number was used again: those before it and behind it stay what they are. */
static void test_renaming__up_to_a_name(void **state)
{
    (void)state;
    tp_renaming one = renaming;
    one.upto = 51;
    one.keeps_seq = true;
    const tp_name first = {renaming.from, 51};
    const tp_name next = {renaming.from, 52};
    const tp_name called = {renaming.to, 51};
    assert_true(tp_name_eq(tp_renaming_of(&one, first), called));
    assert_true(tp_name_eq(tp_renaming_of(&one, next), next));
}

static void test_renaming__of_text(void **state)
{
    static const struct {
        const char *text;
        const char *called;
    } rows[] = {
        {"", ""},
        {"a1b2c3d4e5f60718-51", "0f1e2d3c4b5a6978-1"},
        {"A1B2C3D4E5F60718-51", "0f1e2d3c4b5a6978-1"},
        {"/person/a1b2c3d4e5f60718-60/edit", "/person/0f1e2d3c4b5a6978-10/edit"},
        {"{\"a\":\"a1b2c3d4e5f60718-51\",\"b\":\"a1b2c3d4e5f60718-52\"}",
         "{\"a\":\"0f1e2d3c4b5a6978-1\",\"b\":\"0f1e2d3c4b5a6978-2\"}"},
        {"lost_value:a1b2c3d4e5f60718-51:phone:0f1e2d3c4b5a6978-9",
         "lost_value:0f1e2d3c4b5a6978-1:phone:0f1e2d3c4b5a6978-9"},
        {"contact-a1b2c3d4e5f60718-51", "contact-0f1e2d3c4b5a6978-1"},
        /* kept, cut short, run on, not whole, no number */
        {"a1b2c3d4e5f60718-50", "a1b2c3d4e5f60718-50"},
        {"a1b2c3d4e5f60718-", "a1b2c3d4e5f60718-"},
        {"a1b2c3d4e5f60718", "a1b2c3d4e5f60718"},
        {"a1b2c3d4e5f60718-51st", "a1b2c3d4e5f60718-51st"},
        {"0a1b2c3d4e5f60718-51", "0a1b2c3d4e5f60718-51"},
        {"a1b2-51", "a1b2-51"},
        {"a1b2c3d4e5f60718-99999999999999999999", "a1b2c3d4e5f60718-99999999999999999999"},
        {"w\xC3\xA9 a1b2c3d4e5f60718-51.", "w\xC3\xA9 0f1e2d3c4b5a6978-1."},
    };
    (void)state;
    tp_err err;
    tp_buf out;
    tp_buf_init(&out, 1024);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool is_other = false;
        tp_buf_clear(&out);
        assert_int_equal(
            tp_renaming_of_text(&renaming, tp_slice_str(rows[i].text), &out, &is_other, &err),
            TP_OK);
        assert_true(tp_slice_is(tp_buf_slice(&out), rows[i].called));
        assert_int_equal(is_other, strcmp(rows[i].text, rows[i].called) != 0);
    }
    tp_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_renaming__of_a_name),
        cmocka_unit_test(test_renaming__up_to_a_name),
        cmocka_unit_test(test_renaming__of_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
