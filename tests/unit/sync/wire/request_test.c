/* Requests to bytes and back; every refusal of the decoder. */
#include "sync/wire/request.h"

#include "platform/base/alloc.h"
#include "platform/base/fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static tp_request head;
static tp_request_reader reader;

static void idle_head(void)
{
    memset(&head, 0, sizeof head);
    head.clock.era = 3;
    head.clock.up_ms = 5000;
    head.clock.wall_ms = 4000; /* a clock that says 1970 */
}

static void full_head(void)
{
    idle_head();
    head.cursor = 77;
    memset(head.cursor_tag, 0x5A, sizeof head.cursor_tag);
    head.first_seq = 300;
    memset(head.chain, 0xC1, sizeof head.chain);
    memset(head.signature, 0x51, sizeof head.signature);
    head.receipt = 70;
    head.directory_version = 4;
    head.more = true;
    head.csr = tp_slice_str("DER");
    head.generation = 9;
    head.items_max = 50;
    head.eras_count = 2;
    head.eras[0] = (tp_era_span){1, 1, 10, -20, 30, -40};
    head.eras[1] = (tp_era_span){3, 2, 0, TP_TIME_MS_MAX, TP_TIME_MS_MAX, TP_TIME_MS_MIN};
}

static tp_rc write_request(uint32_t changes, tp_buf *out, tp_err *err)
{
    tp_request_writer writer;
    tp_request_writer_init(&writer, TP_BATCH_BYTES_MAX, TP_BATCH_CHANGES_MAX);
    tp_rc rc = TP_OK;
    for (uint32_t i = 0; i < changes && rc == TP_OK; i++) {
        uint8_t bytes[2] = {0xB0, (uint8_t)i};
        rc = tp_request_writer_add(&writer, tp_slice_of(bytes, sizeof bytes), err);
    }
    rc = rc == TP_OK ? tp_request_writer_end(&writer, &head, out, err) : rc;
    tp_request_writer_done(&writer);
    return rc;
}

static void test_request__comes_back_as_it_was_written(void **state)
{
    (void)state;
    tp_err err = {0};
    tp_buf buf;
    tp_buf_init(&buf, TP_MESSAGE_BYTES_MAX);
    full_head();
    assert_int_equal(write_request(3, &buf, &err), TP_OK);
    assert_int_equal(tp_request_decode(tp_buf_slice(&buf), &reader, &err), TP_OK);
    const tp_request *got = &reader.head;
    assert_true(got->cursor == 77 && got->cursor_tag[15] == 0x5A && got->first_seq == 300);
    assert_true(got->chain[31] == 0xC1 && got->signature[63] == 0x51 && got->receipt == 70);
    assert_true(got->directory_version == 4 && got->more && got->generation == 9);
    assert_true(tp_slice_is(got->csr, "DER") && got->items_max == 50);
    assert_true(got->clock.era == 3 && got->clock.up_ms == 5000 && got->clock.wall_ms == 4000);
    assert_int_equal(got->eras_count, 2);
    assert_memory_equal(got->eras, head.eras, 2 * sizeof head.eras[0]);
    assert_int_equal(reader.count, 3);
    uint64_t seq = 0;
    tp_slice change;
    for (uint32_t i = 0; i < 3; i++) {
        assert_true(tp_request_next(&reader, &seq, &change));
        assert_true(seq == 300 + i);
        assert_true(change.bytes == 2 && change.at[1] == i);
    }
    assert_false(tp_request_next(&reader, &seq, &change));
    tp_buf_done(&buf);
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_request__an_idle_one_is_small(void **state)
{
    (void)state;
    tp_err err = {0};
    tp_buf buf;
    tp_buf_init(&buf, TP_MESSAGE_BYTES_MAX);
    idle_head();
    head.cursor = 100000;
    head.generation = 1;
    head.directory_version = 4;
    assert_int_equal(write_request(0, &buf, &err), TP_OK);
    assert_true(buf.bytes < 64);
    assert_int_equal(tp_request_decode(tp_buf_slice(&buf), &reader, &err), TP_OK);
    assert_int_equal(reader.count, 0);
    assert_true(reader.head.first_seq == 0);
    tp_buf_done(&buf);
}

static void test_request__cut_anywhere_is_refused(void **state)
{
    (void)state;
    tp_err err = {0};
    tp_buf buf;
    tp_buf_init(&buf, TP_MESSAGE_BYTES_MAX);
    full_head();
    assert_int_equal(write_request(3, &buf, &err), TP_OK);
    for (size_t bytes = 0; bytes < buf.bytes; bytes++) {
        assert_int_equal(tp_request_decode(tp_slice_of(buf.at, bytes), &reader, &err), TP_CORRUPT);
    }
    assert_int_equal(tp_buf_add(&buf, "", 1, &err), TP_OK);
    assert_int_equal(tp_request_decode(tp_buf_slice(&buf), &reader, &err), TP_CORRUPT);
    tp_buf_done(&buf);
}

static void test_request_writer__stops_where_it_is_full(void **state)
{
    (void)state;
    tp_err err = {0};
    static uint8_t large[TP_CHANGE_BYTES_MAX + 1];
    tp_request_writer writer;
    tp_request_writer_init(&writer, 100, 3);
    tp_slice forty = tp_slice_of(large, 40);
    assert_int_equal(tp_request_writer_add(&writer, forty, &err), TP_OK);
    assert_int_equal(tp_request_writer_add(&writer, forty, &err), TP_OK);
    assert_int_equal(tp_request_writer_add(&writer, forty, &err), TP_LIMIT); /* bytes */
    assert_int_equal(tp_request_writer_add(&writer, tp_slice_of(large, 1), &err), TP_OK);
    assert_int_equal(tp_request_writer_add(&writer, tp_slice_of(large, 1), &err), TP_LIMIT);
    assert_int_equal(writer.count, 3);
    tp_request_writer_done(&writer);

    /* The first change always has room: otherwise it would wait for ever. */
    tp_request_writer_init(&writer, 100, 3);
    tp_slice largest = tp_slice_of(large, TP_CHANGE_BYTES_MAX);
    assert_int_equal(tp_request_writer_add(&writer, largest, &err), TP_OK);
    assert_int_equal(tp_request_writer_add(&writer, forty, &err), TP_LIMIT);
    assert_int_equal(tp_request_writer_add(&writer, tp_slice_of(large, sizeof large), &err),
                     TP_INVALID);
    tp_request_writer_done(&writer);
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_request_writer__without_memory_keeps_what_it_has(void **state)
{
    (void)state;
    tp_err err = {0};
    tp_buf out;
    tp_buf_init(&out, TP_MESSAGE_BYTES_MAX);
    full_head();
    for (unsigned nth = 1; nth < 12; nth++) {
        char fault[32];
        snprintf(fault, sizeof fault, "alloc.nth:%u", nth);
        tp_fault_set(fault);
        tp_rc rc = write_request(60, &out, &err);
        bool was_hit = tp_fault_passed("alloc") >= nth;
        tp_fault_set(NULL);
        assert_int_equal(rc, was_hit ? TP_NOMEM : TP_OK);
        assert_true(rc == TP_OK || out.bytes == 0);
        tp_buf_done(&out);
    }
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_request_writer__refuses_a_head_out_of_range(void **state)
{
    (void)state;
    tp_err err = {0};
    tp_buf out;
    tp_buf_init(&out, TP_MESSAGE_BYTES_MAX);
    full_head();
    head.clock.era = 0;
    assert_int_equal(write_request(1, &out, &err), TP_INVALID);
    full_head();
    head.first_seq = 0;
    assert_int_equal(write_request(1, &out, &err), TP_INVALID);
    full_head();
    head.eras[1].era = 1;
    assert_int_equal(write_request(1, &out, &err), TP_INVALID);
    full_head();
    head.eras[0].first_up_ms = -1;
    assert_int_equal(write_request(1, &out, &err), TP_INVALID);
    full_head();
    head.eras_count = TP_REQUEST_ERAS_MAX + 1;
    assert_int_equal(write_request(1, &out, &err), TP_INVALID);
    assert_int_equal(out.bytes, 0);
    tp_buf_done(&out);
}

#define CLOCK "\x03\x83\x01\x00\x00"
#define TAG "\x02\x50----------------"
#define H "\x06\x58\x20================================"
#define SIGNATURE "\x07\x58\x40________________________________________________________________"
#define ROW(row, bytes, rc)                                                                        \
    {                                                                                              \
        row, bytes, sizeof bytes - 1, rc                                                           \
    }

static const struct {
    const char *row;
    const char *at;
    size_t bytes;
    tp_rc rc;
} rows[] = {
    ROW("idle", "\x82\xA1" CLOCK "\x80", TP_OK),
    ROW("a push", "\x82\xA4" CLOCK "\x05\x01" H SIGNATURE "\x81\x40", TP_OK),
    ROW("a key of a newer version", "\x82\xA2" CLOCK "\x18\x28\x81\x01\x80", TP_OK),
    ROW("key 0 of a newer version", "\x82\xA2\x00\x01" CLOCK "\x80", TP_OK),

    ROW("no array", "\xA1" CLOCK, TP_CORRUPT),
    ROW("an array of one", "\x81\xA1" CLOCK, TP_CORRUPT),
    ROW("an array of three", "\x83\xA1" CLOCK "\x80\x40", TP_CORRUPT),
    ROW("no clock", "\x82\xA0\x80", TP_CORRUPT),
    ROW("a clock of era 0", "\x82\xA1\x03\x83\x00\x00\x00\x80", TP_CORRUPT),
    ROW("a clock of two", "\x82\xA1\x03\x82\x01\x00\x80", TP_CORRUPT),
    ROW("a cursor without its tag", "\x82\xA2\x01\x05" CLOCK "\x80", TP_CORRUPT),
    ROW("a tag without its cursor", "\x82\xA2" TAG CLOCK "\x80", TP_CORRUPT),
    ROW("cursor 0", "\x82\xA3\x01\x00" TAG CLOCK "\x80", TP_CORRUPT),
    ROW("a cursor above 63 bits",
        "\x82\xA3\x01\x1B\x80\x00\x00\x00\x00\x00\x00\x00" TAG CLOCK "\x80", TP_CORRUPT),
    ROW("keys the wrong way round", "\x82\xA2\x08\x01" CLOCK "\x80", TP_CORRUPT),
    ROW("changes without h", "\x82\xA2" CLOCK "\x05\x01\x81\x40", TP_CORRUPT),
    ROW("changes without a signature", "\x82\xA3" CLOCK "\x05\x01" H "\x81\x40", TP_CORRUPT),
    ROW("changes without a first seq", "\x82\xA1" CLOCK "\x81\x40", TP_CORRUPT),
    ROW("a first seq without changes", "\x82\xA4" CLOCK "\x05\x01" H SIGNATURE "\x80", TP_CORRUPT),
    ROW("first seq 0", "\x82\xA4" CLOCK "\x05\x00" H SIGNATURE "\x81\x40", TP_CORRUPT),
    ROW("a seq that runs over",
        "\x82\xA4" CLOCK "\x05\x1B\x00\x00\x00\xFF\xFF\xFF\xFF\xFF" H SIGNATURE "\x82\x40\x40",
        TP_CORRUPT),
    ROW("the last seq of all",
        "\x82\xA4" CLOCK "\x05\x1B\x00\x00\x00\xFF\xFF\xFF\xFF\xFF" H SIGNATURE "\x81\x40", TP_OK),
    ROW("a change that is text", "\x82\xA4" CLOCK "\x05\x01" H SIGNATURE "\x81\x60", TP_CORRUPT),
    ROW("no eras", "\x82\xA2" CLOCK "\x04\x80\x80", TP_CORRUPT),
    ROW("an era twice",
        "\x82\xA2" CLOCK "\x04\x82\x85\x01\x00\x00\x00\x00\x85\x01\x00\x00\x00\x00\x80",
        TP_CORRUPT),
    ROW("an era of four", "\x82\xA2" CLOCK "\x04\x81\x84\x01\x00\x00\x00\x80", TP_CORRUPT),
    ROW("more false", "\x82\xA2" CLOCK "\x0A\xF4\x80", TP_CORRUPT),
    ROW("an empty CSR", "\x82\xA2" CLOCK "\x0B\x40\x80", TP_CORRUPT),
    ROW("h of 31 bytes",
        "\x82\xA4" CLOCK "\x05\x01\x06\x58\x1F===============================" SIGNATURE "\x81\x40",
        TP_CORRUPT),
    ROW("more items than bytes", "\x82\xA1" CLOCK "\x1A\x00\x10\x00\x00", TP_CORRUPT),
};

static void test_request_decode__takes_what_is_sound_and_refuses_the_rest(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_err err = {0};
        tp_rc rc = tp_request_decode(tp_slice_of(rows[i].at, rows[i].bytes), &reader, &err);
        if (rc != rows[i].rc) {
            fail_msg("%s: rc %d, %s", rows[i].row, rc, err.what);
        }
    }
}

static void test_request_decode__holds_the_limit_of_changes(void **state)
{
    (void)state;
    tp_err err = {0};
    tp_buf buf;
    tp_buf_init(&buf, TP_MESSAGE_BYTES_MAX);
    for (uint32_t over = 0; over < 2; over++) {
        uint32_t count = TP_BATCH_CHANGES_MAX + over;
        tp_buf_clear(&buf);
        static const char start[] = "\x82\xA4" CLOCK "\x05\x01" H SIGNATURE;
        tp_cbor_writer w = tp_cbor_writer_of(&buf, &err);
        tp_cbor_put_raw(&w, tp_slice_of(start, sizeof start - 1));
        tp_cbor_put_array(&w, count);
        for (uint32_t i = 0; i < count; i++) {
            tp_cbor_put_bytes(&w, tp_slice_of("x", 1));
        }
        assert_int_equal(w.rc, TP_OK);
        assert_int_equal(tp_request_decode(tp_buf_slice(&buf), &reader, &err),
                         over == 0 ? TP_OK : TP_LIMIT);
    }
    tp_buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request__comes_back_as_it_was_written),
        cmocka_unit_test(test_request__an_idle_one_is_small),
        cmocka_unit_test(test_request__cut_anywhere_is_refused),
        cmocka_unit_test(test_request_writer__stops_where_it_is_full),
        cmocka_unit_test(test_request_writer__without_memory_keeps_what_it_has),
        cmocka_unit_test(test_request_writer__refuses_a_head_out_of_range),
        cmocka_unit_test(test_request_decode__takes_what_is_sound_and_refuses_the_rest),
        cmocka_unit_test(test_request_decode__holds_the_limit_of_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
