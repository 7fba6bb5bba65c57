/* The reader takes each value in its one form and nothing else; the writer writes that form.
 *
 * Shows no promise: the bytes that others stand on. */
#include "platform/base/alloc.h"
#include "platform/base/fault.h"
#include "sync/wire/cbor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define ROW(row, bytes, rc)                                                                        \
    {                                                                                              \
        row, bytes, sizeof bytes - 1, rc                                                           \
    }

typedef struct skip_row {
    const char *row;
    const char *at;
    size_t bytes;
    tp_rc rc;
} skip_row;

static const skip_row skips[] = {
    ROW("the smallest number", "\x00", TP_OK),
    ROW("23", "\x17", TP_OK),
    ROW("24", "\x18\x18", TP_OK),
    ROW("256", "\x19\x01\x00", TP_OK),
    ROW("65536", "\x1A\x00\x01\x00\x00", TP_OK),
    ROW("2 to the 32nd", "\x1B\x00\x00\x00\x01\x00\x00\x00\x00", TP_OK),
    ROW("the largest number", "\x1B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", TP_OK),
    ROW("-1", "\x20", TP_OK),
    ROW("the smallest negative number", "\x3B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", TP_OK),
    ROW("bytes", "\x42\x00\xFF", TP_OK),
    ROW("text", "\x63tea", TP_OK),
    ROW("text of two bytes a letter", "\x62\xC3\xA9", TP_OK),
    ROW("an empty array", "\x80", TP_OK),
    ROW("an empty map", "\xA0", TP_OK),
    ROW("true", "\xF5", TP_OK),
    ROW("false", "\xF4", TP_OK),
    ROW("null", "\xF6", TP_OK),
    ROW("a map of two", "\xA2\x01\x02\x03\x04", TP_OK),
    ROW("a map whose keys are texts", "\xA2\x61\x61\x00\x61\x62\x00", TP_OK),
    ROW("a shorter key first", "\xA2\x61\x7A\x00\x62\x61\x61\x00", TP_OK),
    ROW("eight deep", "\x81\x81\x81\x81\x81\x81\x81\x00", TP_OK),

    ROW("nothing", "", TP_CORRUPT),
    ROW("0 in two bytes", "\x18\x00", TP_CORRUPT),
    ROW("23 in two bytes", "\x18\x17", TP_CORRUPT),
    ROW("24 in three bytes", "\x19\x00\x18", TP_CORRUPT),
    ROW("255 in three bytes", "\x19\x00\xFF", TP_CORRUPT),
    ROW("65535 in five bytes", "\x1A\x00\x00\xFF\xFF", TP_CORRUPT),
    ROW("2 to the 32nd, less 1, in nine bytes", "\x1B\x00\x00\x00\x00\xFF\xFF\xFF\xFF", TP_CORRUPT),
    ROW("-1 in two bytes", "\x38\x00", TP_CORRUPT),
    ROW("-256 in three bytes", "\x39\x00\xFF", TP_CORRUPT),
    ROW("-1 in nine bytes", "\x3B\x00\x00\x00\x00\x00\x00\x00\x00", TP_CORRUPT),
    ROW("a length in two bytes", "\x58\x01\x00", TP_CORRUPT),
    ROW("a text's length in two bytes", "\x78\x03tea", TP_CORRUPT),
    ROW("an array's count in two bytes", "\x98\x01\x00", TP_CORRUPT),
    ROW("a map's count in two bytes", "\xB8\x01\x00\x00", TP_CORRUPT),
    ROW("reserved length 28", "\x1C", TP_CORRUPT),
    ROW("an indefinite byte string", "\x5F\x41\x00\xFF", TP_CORRUPT),
    ROW("an indefinite text", "\x7F\x61\x61\xFF", TP_CORRUPT),
    ROW("an indefinite array", "\x9F\x00\xFF", TP_CORRUPT),
    ROW("an indefinite map", "\xBF\x00\x00\xFF", TP_CORRUPT),
    ROW("a lone break", "\xFF", TP_CORRUPT),
    ROW("a tag", "\xC0\x00", TP_CORRUPT),
    ROW("a float of two bytes", "\xF9\x3C\x00", TP_CORRUPT),
    ROW("a float of eight bytes", "\xFB\x3F\xF0\x00\x00\x00\x00\x00\x00", TP_CORRUPT),
    ROW("undefined", "\xF7", TP_CORRUPT),
    ROW("a simple value", "\xE0", TP_CORRUPT),
    ROW("false in two bytes", "\xF8\x14", TP_CORRUPT),
    ROW("a head cut short", "\x19\x01", TP_CORRUPT),
    ROW("a string cut short", "\x44\x00\x00\x00", TP_CORRUPT),
    ROW("a string longer than memory", "\x5B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x00", TP_CORRUPT),
    ROW("an array cut short", "\x82\x00", TP_CORRUPT),
    ROW("an array of more items than there are bytes", "\x9B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x00",
        TP_CORRUPT),
    ROW("a map without its last value", "\xA1\x00", TP_CORRUPT),
    ROW("text that is not UTF-8", "\x61\xFF", TP_CORRUPT),
    ROW("text with a surrogate", "\x63\xED\xA0\x80", TP_CORRUPT),
    ROW("a map with keys the wrong way round", "\xA2\x03\x00\x01\x00", TP_CORRUPT),
    ROW("a map with one key twice", "\xA2\x01\x00\x01\x00", TP_CORRUPT),
    ROW("a longer key first", "\xA2\x62\x61\x61\x00\x61\x7A\x00", TP_CORRUPT),
    ROW("keys the wrong way round in an inner map", "\x81\xA2\x03\x00\x01\x00", TP_CORRUPT),
    ROW("two items", "\x00\x00", TP_CORRUPT),
    ROW("nine deep", "\x81\x81\x81\x81\x81\x81\x81\x81\x00", TP_LIMIT),
    ROW("nine deep in maps", "\xA1\x00\xA1\x00\xA1\x00\xA1\x00\xA1\x00\xA1\x00\xA1\x00\xA1\x00\x00",
        TP_LIMIT),
};

static void test_cbor_skip__takes_one_form_of_each_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof skips / sizeof skips[0]; i++) {
        tp_err err;
        tp_slice bytes = tp_slice_of(skips[i].at, skips[i].bytes);
        tp_cbor_reader reader = tp_cbor_reader_of(bytes);
        tp_slice item = tp_cbor_skip(&reader);
        tp_rc rc = tp_cbor_end(&reader, "row", &err);
        if (rc != skips[i].rc || (rc == TP_OK && !tp_slice_eq(item, bytes))) {
            fail_msg("%s: rc %d", skips[i].row, rc);
        }
    }
}

typedef struct number_row {
    const char *row;
    const char *at;
    size_t bytes;
    int64_t min, max;
    int64_t number;
    tp_rc rc;
} number_row;

#define INT(row, bytes, min, max, number, rc)                                                      \
    {                                                                                              \
        row, bytes, sizeof bytes - 1, min, max, number, rc                                         \
    }

static const number_row numbers[] = {
    INT("at its least", "\x24", -5, 5, -5, TP_OK),
    INT("at its most", "\x05", -5, 5, 5, TP_OK),
    INT("below", "\x25", -5, 5, 0, TP_CORRUPT),
    INT("above", "\x06", -5, 5, 0, TP_CORRUPT),
    INT("the least int64", "\x3B\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF", INT64_MIN, INT64_MAX, INT64_MIN,
        TP_OK),
    INT("less than int64", "\x3B\x80\x00\x00\x00\x00\x00\x00\x00", INT64_MIN, INT64_MAX, 0,
        TP_CORRUPT),
    INT("more than int64", "\x1B\x80\x00\x00\x00\x00\x00\x00\x00", INT64_MIN, INT64_MAX, 0,
        TP_CORRUPT),
    INT("no number", "\xF5", INT64_MIN, INT64_MAX, 0, TP_CORRUPT),
};

static void test_cbor_int__keeps_to_its_range(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        const number_row *row = &numbers[i];
        tp_cbor_reader reader = tp_cbor_reader_of(tp_slice_of(row->at, row->bytes));
        int64_t number = tp_cbor_int(&reader, row->min, row->max);
        if (reader.rc != row->rc || number != row->number) {
            fail_msg("%s: rc %d", row->row, reader.rc);
        }
    }
}

static void test_cbor_reader__fails_for_good_and_keeps_the_first_reason(void **state)
{
    (void)state;
    tp_err err = {0};
    tp_cbor_reader reader = tp_cbor_reader_of(tp_slice_of("\x61\xFF\x05", 3));
    assert_int_equal(tp_cbor_text(&reader, 10).bytes, 0);
    assert_int_equal(tp_cbor_uint(&reader, 10), 0);
    assert_int_equal(tp_cbor_peek(&reader), TP_CBOR_FAILED);
    assert_int_equal(tp_cbor_end(&reader, "note", &err), TP_CORRUPT);
    assert_string_equal(err.what, "note: text that is not UTF-8");
}

static void test_cbor_array__more_items_than_the_limit_is_no_corruption(void **state)
{
    (void)state;
    tp_cbor_reader reader = tp_cbor_reader_of(tp_slice_of("\x83\x01\x02\x03", 4));
    assert_int_equal(tp_cbor_array(&reader, 2), 0);
    assert_int_equal(reader.rc, TP_LIMIT);
    reader = tp_cbor_reader_of(tp_slice_of("\x43\x01\x02\x03", 4));
    assert_int_equal(tp_cbor_bytes(&reader, 2).bytes, 0);
    assert_int_equal(reader.rc, TP_LIMIT);
}

static void test_cbor_copy__of_another_length_is_refused(void **state)
{
    (void)state;
    uint8_t out[4] = {9, 9, 9, 9};
    tp_cbor_reader reader = tp_cbor_reader_of(tp_slice_of("\x43\x01\x02\x03", 4));
    tp_cbor_copy(&reader, out, sizeof out);
    assert_int_equal(reader.rc, TP_CORRUPT);
    assert_int_equal(out[0], 0);
}

static void test_cbor_writer__writes_what_the_reader_takes(void **state)
{
    (void)state;
    static const uint64_t edges[] = {0,     23,    24,         255,          256,
                                     65535, 65536, UINT32_MAX, 0x100000000u, INT64_MAX,
                                     1,     77,    UINT64_MAX, 1000};
    tp_err err = {0};
    tp_buf buf;
    tp_buf_init(&buf, 4096);
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++) {
        tp_cbor_writer w = tp_cbor_writer_of(&buf, &err);
        tp_cbor_put_array(&w, 3);
        tp_cbor_put_uint(&w, edges[i]);
        tp_cbor_put_int(&w, (int64_t)edges[i]);
        tp_cbor_put_int(&w, -1 - (int64_t)(edges[i] & INT64_MAX));
        assert_int_equal(w.rc, TP_OK);
        tp_cbor_reader reader = tp_cbor_reader_of(tp_buf_slice(&buf));
        tp_cbor_array_of(&reader, 3);
        assert_true(tp_cbor_uint(&reader, UINT64_MAX) == edges[i]);
        assert_true(tp_cbor_int(&reader, INT64_MIN, INT64_MAX) == (int64_t)edges[i]);
        assert_true(tp_cbor_int(&reader, INT64_MIN, INT64_MAX) ==
                    -1 - (int64_t)(edges[i] & INT64_MAX));
        assert_int_equal(tp_cbor_end(&reader, "numbers", &err), TP_OK);
        tp_buf_clear(&buf);
    }
    tp_buf_done(&buf);
}

static void test_cbor_writer__the_first_error_sticks(void **state)
{
    (void)state;
    tp_err err = {0};
    tp_buf buf;
    tp_buf_init(&buf, 4);
    tp_cbor_writer w = tp_cbor_writer_of(&buf, &err);
    tp_cbor_put_text(&w, tp_slice_str("too long"));
    tp_cbor_put_bool(&w, true);
    assert_int_equal(w.rc, TP_LIMIT);
    assert_int_equal(buf.bytes, 1); /* the head alone: whoever began puts the buffer back */
    tp_buf_done(&buf);
    tp_fault_set("alloc.nth:1");
    w = tp_cbor_writer_of(&buf, &err);
    tp_cbor_put_null(&w);
    tp_fault_set(NULL);
    assert_int_equal(w.rc, TP_NOMEM);
    tp_buf_done(&buf);
    assert_int_equal(tp_alloc_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cbor_skip__takes_one_form_of_each_value),
        cmocka_unit_test(test_cbor_int__keeps_to_its_range),
        cmocka_unit_test(test_cbor_reader__fails_for_good_and_keeps_the_first_reason),
        cmocka_unit_test(test_cbor_array__more_items_than_the_limit_is_no_corruption),
        cmocka_unit_test(test_cbor_copy__of_another_length_is_refused),
        cmocka_unit_test(test_cbor_writer__writes_what_the_reader_takes),
        cmocka_unit_test(test_cbor_writer__the_first_error_sticks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
