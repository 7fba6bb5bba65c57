/* schema/utf8: well-formed text, one code point at a time.
 *
 * Shows no promise: how words and numbers are read. */
#include "schema/utf8.h"

#include "tests/support/hostile.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_utf8_is_valid__refuses_every_malformed_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < TP_HOSTILES; i++) {
        if (tp_utf8_is_valid(tp_hostile_slice(&tp_hostiles[i])) != tp_hostiles[i].is_utf8) {
            fail_msg("%s", tp_hostiles[i].row);
        }
    }
    assert_true(tp_utf8_is_valid(tp_hostile_long('a')));
    assert_false(tp_utf8_is_valid(tp_hostile_long('\xFF')));
    assert_false(tp_utf8_is_valid(tp_hostile_long('\xC3')));
}

static void test_utf8_next__reads_back_every_code_point_that_put_writes(void **state)
{
    (void)state;
    for (uint32_t code = 0; code <= 0x10FFFF; code++) {
        if (code >= 0xD800 && code <= 0xDFFF) {
            continue;
        }
        uint8_t bytes[TP_UTF8_BYTES_MAX] = {0};
        tp_slice text = tp_slice_of(bytes, tp_utf8_put(code, bytes));
        uint32_t back = 0;
        if (!tp_utf8_next(&text, &back) || back != code || text.bytes != 0) {
            fail_msg("U+%04X", (unsigned)code);
        }
    }
}

/* Against a second reading of the RFC: shift the bits together, then refuse what is too long for
 * its value, a surrogate, or too large. */
static bool is_valid_three(const uint8_t *b)
{
    uint32_t code = (b[0] & 0x0Fu) << 12 | (b[1] & 0x3Fu) << 6 | (b[2] & 0x3Fu);
    return (b[0] & 0xF0) == 0xE0 && (b[1] & 0xC0) == 0x80 && (b[2] & 0xC0) == 0x80 &&
           code >= 0x800 && !(code >= 0xD800 && code <= 0xDFFF);
}

static void test_utf8_next__agrees_with_the_bits_on_all_three_byte_leads(void **state)
{
    (void)state;
    for (unsigned n = 0; n < 16u * 256u * 256u; n++) {
        uint8_t b[3] = {(uint8_t)(0xE0 | n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
        tp_slice text = tp_slice_of(b, 3);
        uint32_t code = 0;
        bool took_three = tp_utf8_next(&text, &code) && text.bytes == 0;
        if (took_three != is_valid_three(b)) {
            fail_msg("%02X %02X %02X", b[0], b[1], b[2]);
        }
    }
}

static void test_utf8_next__leaves_the_text_alone_when_it_fails(void **state)
{
    (void)state;
    tp_slice text = tp_slice_str("\xC3(");
    uint32_t code = 7;
    assert_false(tp_utf8_next(&text, &code));
    assert_int_equal(text.bytes, 2);
    assert_int_equal(code, 7);
}

static void test_utf8_trim__takes_spaces_of_every_width_from_both_ends(void **state)
{
    (void)state;
    static const struct {
        const char *text, *trimmed;
    } rows[] = {
        {"", ""},
        {" ", ""},
        {"\xC2\xA0\t \r\n", ""},
        {"tea", "tea"},
        {"  a b\xE2\x80\x89\xC2\xA0", "a b"},
        {"\xE3\x80\x80x\xE3\x80\x80", "x"},
        {"\xC3\xA0", "\xC3\xA0"}, /* ends with the second byte of a no-break space */
        {"\xA0", "\xA0"},         /* which alone is no space */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!tp_slice_is(tp_utf8_trim(tp_slice_str(rows[i].text)), rows[i].trimmed)) {
            fail_msg("row %zu", i);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8_is_valid__refuses_every_malformed_row),
        cmocka_unit_test(test_utf8_next__reads_back_every_code_point_that_put_writes),
        cmocka_unit_test(test_utf8_next__agrees_with_the_bits_on_all_three_byte_leads),
        cmocka_unit_test(test_utf8_next__leaves_the_text_alone_when_it_fails),
        cmocka_unit_test(test_utf8_trim__takes_spaces_of_every_width_from_both_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
