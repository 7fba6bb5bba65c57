/* Changes part with their salts and are put together again, whatever their bytes are.
 *
 * Shows no promise: the bytes that others stand on. */
#include "sync/wire/packed.h"

#include "platform/base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define SALT "\x01\x23\x45\x67\x89\xAB\xCD\xEF"
#define BYTES(text) text, sizeof text - 1
#define NO_SALT BYTES("")

/* One change, and what stands in the message and in the tail for it. */
static const struct {
    const char *row;
    const char *change;
    size_t change_bytes;
    const char *item;
    size_t item_bytes;
    const char *tail;
    size_t tail_bytes;
} rows[] = {
    {"a change", BYTES("\xA4\x00\x48" SALT "\x01\x03\x03\xA0"), BYTES("\x45\xA4\x01\x03\x03\xA0"),
     BYTES(SALT)},
    {"a map of nothing but the salt", BYTES("\xA1\x00\x48" SALT), BYTES("\x41\xA1"), BYTES(SALT)},
    {"no map, and bytes like a salt", BYTES("x\x00\x48" SALT "y"), BYTES("\x42xy"), BYTES(SALT)},
    {"one byte too short", BYTES("\xA1\x00\x48\x01\x23\x45\x67\x89\xAB\xCD"),
     BYTES("\x81\x4A\xA1\x00\x48\x01\x23\x45\x67\x89\xAB\xCD"), NO_SALT},
    {"a salt of nine bytes", BYTES("\xA1\x00\x49" SALT "!"), BYTES("\x81\x4C\xA1\x00\x49" SALT "!"),
     NO_SALT},
    {"no salt", BYTES("\xA2\x01\x03\x03\xA0"), BYTES("\x81\x45\xA2\x01\x03\x03\xA0"), NO_SALT},
    {"a map of 24 pairs", BYTES("\xB8\x18\x00\x48" SALT), BYTES("\x81\x4C\xB8\x18\x00\x48" SALT),
     NO_SALT},
    {"nothing", BYTES(""), BYTES("\x81\x40"), NO_SALT},
};

static void test_packed__whatever_it_is_comes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_err err = {0};
        tp_buf item;
        tp_buf tail;
        tp_buf changes;
        tp_buf_init(&item, 100);
        tp_buf_init(&tail, 100);
        tp_buf_init(&changes, 100);
        tp_slice change = tp_slice_of(rows[i].change, rows[i].change_bytes);
        tp_cbor_writer w = tp_cbor_writer_of(&item, &err);
        tp_packed_change_put(&w, change, &tail);
        assert_int_equal(w.rc, TP_OK);
        if (!tp_slice_eq(tp_buf_slice(&item), tp_slice_of(rows[i].item, rows[i].item_bytes)) ||
            !tp_slice_eq(tp_buf_slice(&tail), tp_slice_of(rows[i].tail, rows[i].tail_bytes))) {
            fail_msg("%s is written otherwise", rows[i].row);
        }
        tp_cbor_reader reader = tp_cbor_reader_of(tp_buf_slice(&item));
        tp_reader salts = tp_reader_of(tp_buf_slice(&tail));
        assert_int_equal(tp_packed_room(&reader, 1, &changes, &err), TP_OK);
        tp_packed_change packed = tp_packed_change_read(&reader, 100);
        tp_slice whole = tp_packed_change_unpack(&packed, &reader, &salts, &changes);
        if (reader.rc != TP_OK || !tp_slice_eq(whole, change)) {
            fail_msg("%s: %s", rows[i].row, reader.rc == TP_OK ? "other bytes" : reader.why);
        }
        assert_true(reader.left == 0 && tp_reader_is_done(&salts));
        tp_buf_done(&item);
        tp_buf_done(&tail);
        tp_buf_done(&changes);
    }
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_packed__the_limit_is_of_the_whole_change(void **state)
{
    (void)state;
    static const char item[] = "\x43\xA1\x01\x03";
    for (size_t bytes_max = 12; bytes_max <= 13; bytes_max++) {
        tp_cbor_reader reader = tp_cbor_reader_of(tp_slice_of(item, 4));
        tp_packed_change packed = tp_packed_change_read(&reader, bytes_max);
        assert_int_equal(tp_packed_change_bytes(&packed), 13);
        assert_int_equal(reader.rc, bytes_max == 13 ? TP_OK : TP_LIMIT);
    }
}

static void test_packed__a_tail_without_the_salt_fails_the_reader(void **state)
{
    (void)state;
    tp_err err = {0};
    tp_buf changes;
    tp_buf_init(&changes, 100);
    tp_cbor_reader reader = tp_cbor_reader_of(tp_slice_of("\x41\xA1", 2));
    tp_reader salts = tp_reader_of(tp_slice_of("seven...", 7));
    assert_int_equal(tp_packed_room(&reader, 1, &changes, &err), TP_OK);
    tp_packed_change packed = tp_packed_change_read(&reader, 100);
    tp_slice whole = tp_packed_change_unpack(&packed, &reader, &salts, &changes);
    assert_int_equal(reader.rc, TP_CORRUPT);
    assert_int_equal(whole.bytes, 0);
    assert_int_equal(changes.bytes, 0);
    tp_buf_done(&changes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packed__whatever_it_is_comes_back),
        cmocka_unit_test(test_packed__the_limit_is_of_the_whole_change),
        cmocka_unit_test(test_packed__a_tail_without_the_salt_fails_the_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
