/* Hexadecimal and base 32, there and back.
 *
 * Shows no promise: what others stand on, and knows nobody. */
#include "platform/base/encode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_hex__there_and_back(void **state)
{
    (void)state;
    char text[TP_HEX_ROOM(4)];
    uint8_t bytes[4];
    tp_hex_encode(tp_slice_of("\x00\x9f\xa0\xff", 4), text);
    assert_string_equal(text, "009fa0ff");
    assert_true(tp_hex_decode(tp_slice_str("009FA0fF"), bytes, 4));
    assert_memory_equal(bytes, "\x00\x9f\xa0\xff", 4);
    tp_hex_encode(tp_slice_of(NULL, 0), text);
    assert_string_equal(text, "");
}

static void test_hex_decode__refuses_and_touches_nothing(void **state)
{
    (void)state;
    static const char *const rows[] = {"",         "00000000a", "0000000",  "0000000g",
                                       "0x000000", "0000 000",  "000000@0", "-1000000"};
    uint8_t bytes[4] = {1, 2, 3, 4};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (tp_hex_decode(tp_slice_str(rows[i]), bytes, 4)) {
            fail_msg("%s", rows[i]);
        }
        assert_memory_equal(bytes, "\1\2\3\4", 4);
    }
}

static void test_hex_u64__keeps_leading_zeros(void **state)
{
    (void)state;
    static const struct {
        uint64_t n;
        const char *text;
    } rows[] = {
        {0, "0000000000000000"},
        {1, "0000000000000001"},
        {UINT64_C(0x0123456789abcdef), "0123456789abcdef"},
        {UINT64_MAX, "ffffffffffffffff"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[TP_HEX_ROOM(8)];
        uint64_t n = 77;
        tp_hex_encode_u64(rows[i].n, text);
        assert_string_equal(text, rows[i].text);
        assert_true(tp_hex_decode_u64(tp_slice_str(text), &n));
        assert_true(n == rows[i].n);
    }
    uint64_t untouched = 5;
    assert_false(tp_hex_decode_u64(tp_slice_str("123"), &untouched));
    assert_true(untouched == 5);
}

static void test_base32__every_length_comes_back(void **state)
{
    (void)state;
    uint8_t bytes[20];
    for (size_t count = 0; count <= sizeof bytes; count++) {
        for (size_t i = 0; i < count; i++) {
            bytes[i] = (uint8_t)(i * 37 + count * 11 + 200);
        }
        char text[TP_BASE32_ROOM(sizeof bytes)];
        uint8_t back[20];
        tp_base32_encode(tp_slice_of(bytes, count), text);
        assert_int_equal(strlen(text) + 1, TP_BASE32_ROOM(count));
        assert_true(tp_base32_decode(tp_slice_str(text), back, count));
        assert_memory_equal(back, bytes, count);
    }
}

static void test_base32_encode__uses_crockfords_digits(void **state)
{
    (void)state;
    static const uint8_t all[20] = {0x00, 0x44, 0x32, 0x14, 0xc7, 0x42, 0x54, 0xb6, 0x35, 0xcf,
                                    0x84, 0x65, 0x3a, 0x56, 0xd7, 0xc6, 0x75, 0xbe, 0x77, 0xdf};
    char text[TP_BASE32_ROOM(20)];
    tp_base32_encode(tp_slice_of(all, 20), text);
    assert_string_equal(text, "0123456789ABCDEFGHJKMNPQRSTVWXYZ");
    tp_base32_encode(tp_slice_of("\xff", 1), text);
    assert_string_equal(text, "ZW");
}

static void test_base32_decode__reads_what_people_type(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_good;
    } rows[] = {
        {"01Z1", false}, /* too short for three bytes: 5 digits, last one filled */
        {"01Z10", true},
        {"01z10", true},
        {"O1Z10", true},
        {"oIzLo", true},
        {"01-Z1-0", true},
        {" 01 Z10 ", true},
        {"01Z11", false} /* filler bit set */,
        {"01Z100", false},
        {"01U10", false},
        {"01Z1\xc3", false},
        {"01Z1!", false},
        {"", false},
        {"-----", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t bytes[3] = {9, 9, 9};
        bool is_good = tp_base32_decode(tp_slice_str(rows[i].text), bytes, 3);
        if (is_good != rows[i].is_good ||
            memcmp(bytes, is_good ? "\x00\x7e\x10" : "\x09\x09\x09", 3) != 0) {
            fail_msg("%s: %02x%02x%02x", rows[i].text, bytes[0], bytes[1], bytes[2]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hex__there_and_back),
        cmocka_unit_test(test_hex_decode__refuses_and_touches_nothing),
        cmocka_unit_test(test_hex_u64__keeps_leading_zeros),
        cmocka_unit_test(test_base32__every_length_comes_back),
        cmocka_unit_test(test_base32_encode__uses_crockfords_digits),
        cmocka_unit_test(test_base32_decode__reads_what_people_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
