/* Requests to bytes and back; every refusal of the decoder.
 *
 * Shows P26. */
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
static tp_buf message;
static tp_buf tail;
static tp_buf changes;

static int setup(void **state)
{
    (void)state;
    tp_buf_init(&message, TP_MESSAGE_BYTES_MAX);
    tp_buf_init(&tail, TP_TAIL_BYTES_MAX);
    tp_buf_init(&changes, TP_UNPACKED_BYTES_MAX);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tp_buf_done(&message);
    tp_buf_done(&tail);
    tp_buf_done(&changes);
    return tp_alloc_live() == 0 ? 0 : -1;
}

static tp_rc decode(tp_err *err)
{
    return tp_request_decode(tp_buf_slice(&message), tp_buf_slice(&tail), &changes, &reader, err);
}

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
    memset(head.chain_start, 0xC1, sizeof head.chain_start);
    memset(head.signature, 0x51, sizeof head.signature);
    head.receipt = 70;
    head.directory_version = 4;
    head.more = true;
    head.csr = tp_slice_str("DER");
    head.generation = 9;
    head.items_max = 50;
    head.wants_left = true;
    head.eras_count = 2;
    head.eras[0] = (tp_era_span){1, 1, 10, -20, 30, -40, 70};
    head.eras[1] =
        (tp_era_span){3, 2, 0, TP_TIME_MS_MAX, TP_TIME_MS_MAX, TP_TIME_MS_MIN, UINT32_MAX};
    head.start = UINT32_MAX;
}

/* The first change has no salt to part with, the others have. */
static tp_slice change_of(uint32_t i, uint8_t bytes[12])
{
    static const uint8_t packable[] = {0xA4, 0x00, 0x48, 1, 2, 3, 4, 5, 6, 7, 8, 0};
    memcpy(bytes, packable, sizeof packable);
    bytes[3] = bytes[11] = (uint8_t)i;
    return tp_slice_of(bytes, i == 0 ? 2 : 12);
}

static tp_rc write_request(uint32_t count, tp_err *err)
{
    tp_request_writer writer;
    tp_request_writer_init(&writer, TP_BATCH_BYTES_MAX, TP_BATCH_CHANGES_MAX);
    tp_rc rc = TP_OK;
    for (uint32_t i = 0; i < count && rc == TP_OK; i++) {
        uint8_t bytes[12];
        rc = tp_request_writer_add(&writer, change_of(i, bytes), err);
    }
    tp_buf_clear(&message);
    tp_buf_clear(&tail);
    rc = rc == TP_OK ? tp_request_writer_end(&writer, &head, &message, &tail, err) : rc;
    tp_request_writer_done(&writer);
    return rc;
}

static void test_request__comes_back_as_it_was_written(void **state)
{
    (void)state;
    tp_err err = {0};
    full_head();
    assert_int_equal(write_request(3, &err), TP_OK);
    assert_int_equal(decode(&err), TP_OK);
    const tp_request *got = &reader.head;
    assert_true(got->cursor == 77 && got->cursor_tag[15] == 0x5A && got->first_seq == 300);
    assert_true(got->chain_start[7] == 0xC1 && got->signature[63] == 0x51 && got->receipt == 70);
    assert_true(got->directory_version == 4 && got->more && got->generation == 9);
    assert_true(tp_slice_is(got->csr, "DER") && got->items_max == 50 && got->wants_left);
    assert_true(got->clock.era == 3 && got->clock.up_ms == 5000 && got->clock.wall_ms == 4000);
    assert_int_equal(got->eras_count, 2);
    assert_true(got->start == UINT32_MAX);
    assert_memory_equal(got->eras, head.eras, 2 * sizeof head.eras[0]);
    assert_int_equal(reader.count, 3);
    uint64_t seq = 0;
    tp_slice change;
    for (uint32_t i = 0; i < 3; i++) {
        uint8_t bytes[12];
        assert_true(tp_request_next(&reader, &seq, &change));
        assert_true(seq == 300 + i);
        assert_true(tp_slice_eq(change, change_of(i, bytes)));
    }
    assert_false(tp_request_next(&reader, &seq, &change));
}

/* Of device 5; the last one too short. */
#define MEANT_BUT_ONE "\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0\1saltsaltcalleds"
#define MEANT(seq) "\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0" seq "saltsaltcalledso"

/* Requests that show a hub that went back what it had. */
static void back_head(const tp_stamp_runs *runs)
{
    full_head();
    head.handed_count = 2;
    head.handed[0] = (tp_handed){.generation = 7,
                                 .entry = {.name = {5, 9},
                                           .bytes = {(const uint8_t *)"one", 3},
                                           .stamp = {4000, 3000, 4500, 12},
                                           .position = 40,
                                           .verdict = 1}};
    memset(head.handed[0].entry.tag, 0x7A, TP_TAG_BYTES);
    head.handed[1] = head.handed[0];
    head.handed[1].entry.name = (tp_name){UINT64_MAX, 1};
    head.handed[1].entry.stamp = (tp_stamp){4000, 0, 0, 13};
    head.has_proof = true;
    head.proof.generation = 6;
    head.proof.runs = runs;
    memset(head.proof.receipt.stamps, 0x0D, TP_STAMPS_DIGEST_BYTES);
    memset(head.proof.receipt.tag, 0x0E, TP_TAG_BYTES);
    head.missing_upto = 299;
    memset(head.missing_h, 0x33, sizeof head.missing_h);
    head.has_claim = true;
    head.claim = (tp_push_claim){.generation = 5, .first = 290, .last = 299};
    memset(head.claim.h, 0x44, sizeof head.claim.h);
    memset(head.claim.receipt.tag, 0x55, TP_TAG_BYTES);
    head.is_settling = true;
    head.wants_stamps = true;
    head.meant = tp_slice_of(MEANT("\1") MEANT("\2"), (size_t)2 * TP_MEANT_BYTES);
    head.is_again = true;
}

static tp_rc write_back_request(uint32_t changes_count, uint32_t stamps_count, tp_err *err)
{
    tp_stamp_runs runs;
    tp_stamp_runs_init(&runs);
    tp_rc rc = TP_OK;
    for (uint32_t i = 0; i < stamps_count && rc == TP_OK; i++) {
        tp_stamp stamp = {5000 + i, i == 2 ? 1 : 0, i == 2 ? 9000 : 0, 100 + i};
        rc = tp_stamp_runs_add(&runs, i, &stamp, err);
    }
    rc = rc == TP_OK ? tp_stamp_runs_end(&runs, err) : rc;
    back_head(&runs);
    rc = rc == TP_OK ? write_request(changes_count, err) : rc;
    tp_stamp_runs_done(&runs);
    return rc;
}

static void test_request__what_a_hub_that_went_back_is_shown_comes_back(void **state)
{
    (void)state;
    tp_err err = {0};
    assert_int_equal(write_back_request(3, 3, &err), TP_OK);
    assert_int_equal(decode(&err), TP_OK);
    tp_request *got = &reader.head;
    assert_int_equal(got->handed_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const tp_entry *entry = &got->handed[i].entry;
        const tp_entry *was = &head.handed[i].entry;
        assert_true(tp_name_eq(entry->name, was->name) && got->handed[i].generation == 7);
        assert_memory_equal(&entry->stamp, &was->stamp, sizeof was->stamp);
        assert_memory_equal(entry->tag, was->tag, sizeof was->tag);
        assert_true(tp_slice_is(entry->bytes, "one") && entry->position == 40);
        assert_int_equal(entry->verdict, 1);
    }
    assert_true(got->has_proof && got->proof.generation == 6);
    assert_memory_equal(&got->proof.receipt, &head.proof.receipt, sizeof head.proof.receipt);
    assert_true(got->proof.stamps.changes == 3);
    tp_stamp_run run;
    assert_true(tp_stamp_runs_next(&got->proof.stamps, &run) && run.count == 2);
    assert_true(tp_stamp_runs_next(&got->proof.stamps, &run) && run.first_number == 102);
    tp_stamp stamp = tp_stamp_run_at(&run, 0, 2);
    assert_true(stamp.ms == 5002 && stamp.earliest_ms == 1 && stamp.latest_ms == 9000);
    assert_false(tp_stamp_runs_next(&got->proof.stamps, &run));
    assert_true(got->missing_upto == 299 && got->missing_h[31] == 0x33);
    assert_true(got->has_claim && got->is_settling && got->wants_stamps && got->is_again);
    assert_memory_equal(&got->claim, &head.claim, sizeof head.claim);
    assert_true(tp_slice_eq(got->meant, head.meant));
}

/* A proof is of the changes beside it and of no other number of them. */
static void test_request__a_proof_of_other_changes_is_refused(void **state)
{
    (void)state;
    tp_err err = {0};
    assert_int_equal(write_back_request(3, 2, &err), TP_OK);
    assert_int_equal(decode(&err), TP_CORRUPT);
    assert_int_equal(write_back_request(0, 2, &err), TP_INVALID);
}

static void test_request__what_a_hub_that_went_back_is_shown_is_whole(void **state)
{
    (void)state;
    tp_err err = {0};
    assert_int_equal(write_back_request(3, 3, &err), TP_OK);
    tp_slice whole = tp_buf_slice(&message);
    for (size_t bytes = 0; bytes < whole.bytes; bytes++) {
        tp_slice cut = tp_slice_of(whole.at, bytes);
        assert_int_equal(tp_request_decode(cut, tp_buf_slice(&tail), &changes, &reader, &err),
                         TP_CORRUPT);
    }
}

static void test_request__what_is_random_stands_in_the_tail(void **state)
{
    (void)state;
    tp_err err = {0};
    full_head();
    assert_int_equal(write_request(3, &err), TP_OK);
    assert_int_equal(tail.bytes, 16 + 8 + 64 + 2 * 8);
    assert_memory_equal(tail.at, head.cursor_tag, 16);
    assert_memory_equal(tail.at + 16, head.chain_start, 8);
    assert_memory_equal(tail.at + 24, head.signature, 64);
    assert_memory_equal(tail.at + 88, "\x01\x02\x03\x04\x05\x06\x07\x08", 8);
    assert_memory_equal(tail.at + 96, "\x02\x02\x03\x04\x05\x06\x07\x08", 8);
}

static void test_request__an_idle_one_is_small(void **state)
{
    (void)state;
    tp_err err = {0};
    idle_head();
    head.cursor = 100000;
    head.generation = 1;
    head.directory_version = 4;
    assert_int_equal(write_request(0, &err), TP_OK);
    assert_true(message.bytes + tail.bytes < 48);
    assert_int_equal(decode(&err), TP_OK);
    assert_int_equal(reader.count, 0);
    assert_true(reader.head.first_seq == 0);
}

static void test_request__cut_anywhere_is_refused(void **state)
{
    (void)state;
    tp_err err = {0};
    full_head();
    assert_int_equal(write_request(3, &err), TP_OK);
    tp_slice whole = tp_buf_slice(&message);
    tp_slice its_tail = tp_buf_slice(&tail);
    for (size_t bytes = 0; bytes < whole.bytes; bytes++) {
        tp_slice cut = tp_slice_of(whole.at, bytes);
        assert_int_equal(tp_request_decode(cut, its_tail, &changes, &reader, &err), TP_CORRUPT);
    }
    for (size_t bytes = 0; bytes < its_tail.bytes; bytes++) {
        tp_slice cut = tp_slice_of(its_tail.at, bytes);
        assert_int_equal(tp_request_decode(whole, cut, &changes, &reader, &err), TP_CORRUPT);
    }
    assert_int_equal(tp_buf_add(&tail, "", 1, &err), TP_OK);
    assert_int_equal(decode(&err), TP_CORRUPT);
    tail.bytes--;
    assert_int_equal(decode(&err), TP_OK);
    assert_int_equal(tp_buf_add(&message, "", 1, &err), TP_OK);
    assert_int_equal(decode(&err), TP_CORRUPT);
}

static void test_request__without_memory_for_its_changes_is_not_read(void **state)
{
    (void)state;
    tp_err err = {0};
    full_head();
    assert_int_equal(write_request(3, &err), TP_OK);
    tp_fault_set("alloc.nth:1");
    tp_rc rc = decode(&err);
    tp_fault_set(NULL);
    assert_int_equal(rc, TP_NOMEM);
    assert_int_equal(decode(&err), TP_OK);
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
    full_head();
    for (unsigned nth = 1; nth < 24; nth++) {
        char fault[32];
        snprintf(fault, sizeof fault, "alloc.nth:%u", nth);
        tp_fault_set(fault);
        tp_rc rc = write_request(60, &err);
        bool was_hit = tp_fault_passed("alloc") >= nth;
        tp_fault_set(NULL);
        assert_int_equal(rc, was_hit ? TP_NOMEM : TP_OK);
        assert_true(rc == TP_OK || (message.bytes == 0 && tail.bytes == 0));
        tp_buf_done(&message);
        tp_buf_done(&tail);
        assert_int_equal(tp_alloc_live(), 0);
    }
}

static void test_request_writer__refuses_a_head_out_of_range(void **state)
{
    (void)state;
    tp_err err = {0};
    full_head();
    head.clock.era = 0;
    assert_int_equal(write_request(1, &err), TP_INVALID);
    full_head();
    head.first_seq = 0;
    assert_int_equal(write_request(1, &err), TP_INVALID);
    full_head();
    head.eras[1].era = 1;
    assert_int_equal(write_request(1, &err), TP_INVALID);
    full_head();
    head.eras[0].start = 0;
    assert_int_equal(write_request(1, &err), TP_INVALID);
    full_head();
    head.eras[1].start = 7; /* of the era that its clock is in */
    assert_int_equal(write_request(1, &err), TP_INVALID);
    full_head();
    head.eras[0].first_up_ms = -1;
    assert_int_equal(write_request(1, &err), TP_INVALID);
    full_head();
    head.eras_count = TP_REQUEST_ERAS_MAX + 1;
    assert_int_equal(write_request(1, &err), TP_INVALID);
    full_head();
    head.meant.bytes = ((size_t)TP_MEANT_MAX + 1) * TP_MEANT_BYTES;
    assert_int_equal(write_request(1, &err), TP_INVALID);
    assert_int_equal(message.bytes, 0);
    assert_int_equal(tail.bytes, 0);
}

#define CLOCK "\x03\x83\x01\x00\x00"
#define PUSH "\x82\xA2" CLOCK "\x05\x01"
enum { PUSH_TAIL = 8 + 64, CURSOR_TAIL = 16, SALT = 8 };
#define ROW(row, bytes, tail_bytes, rc)                                                            \
    {                                                                                              \
        row, bytes, sizeof bytes - 1, tail_bytes, rc                                               \
    }

/* With a tail of so many bytes, whatever they are. */
static const struct {
    const char *row;
    const char *at;
    size_t bytes;
    size_t tail_bytes;
    tp_rc rc;
} rows[] = {
    ROW("idle", "\x82\xA1" CLOCK "\x80", 0, TP_OK),
    ROW("a cursor", "\x82\xA2\x01\x05" CLOCK "\x80", CURSOR_TAIL, TP_OK),
    ROW("a push", PUSH "\x81\x41\xA4", PUSH_TAIL + SALT, TP_OK),
    ROW("a push of what is no change", PUSH "\x81\x81\x40", PUSH_TAIL, TP_OK),
    ROW("a push and a cursor", "\x82\xA3\x01\x05" CLOCK "\x05\x01\x81\x41\xA4",
        CURSOR_TAIL + PUSH_TAIL + SALT, TP_OK),
    ROW("a key of a newer version", "\x82\xA2" CLOCK "\x18\x28\x81\x01\x80", 0, TP_OK),
    ROW("key 0 of a newer version", "\x82\xA2\x00\x01" CLOCK "\x80", 0, TP_OK),

    ROW("no array", "\xA1" CLOCK, 0, TP_CORRUPT),
    ROW("an array of one", "\x81\xA1" CLOCK, 0, TP_CORRUPT),
    ROW("an array of three", "\x83\xA1" CLOCK "\x80\x40", 0, TP_CORRUPT),
    ROW("no clock", "\x82\xA0\x80", 0, TP_CORRUPT),
    ROW("a clock of era 0", "\x82\xA1\x03\x83\x00\x00\x00\x80", 0, TP_CORRUPT),
    ROW("a clock of two", "\x82\xA1\x03\x82\x01\x00\x80", 0, TP_CORRUPT),
    ROW("a tail without a cursor", "\x82\xA1" CLOCK "\x80", CURSOR_TAIL, TP_CORRUPT),
    ROW("a cursor without its tag", "\x82\xA2\x01\x05" CLOCK "\x80", 0, TP_CORRUPT),
    ROW("a tag too short", "\x82\xA2\x01\x05" CLOCK "\x80", CURSOR_TAIL - 1, TP_CORRUPT),
    ROW("a tag too long", "\x82\xA2\x01\x05" CLOCK "\x80", CURSOR_TAIL + 1, TP_CORRUPT),
    ROW("cursor 0", "\x82\xA2\x01\x00" CLOCK "\x80", CURSOR_TAIL, TP_CORRUPT),
    ROW("a cursor above 63 bits", "\x82\xA2\x01\x1B\x80\x00\x00\x00\x00\x00\x00\x00" CLOCK "\x80",
        CURSOR_TAIL, TP_CORRUPT),
    ROW("keys the wrong way round", "\x82\xA2\x08\x01" CLOCK "\x80", 0, TP_CORRUPT),
    ROW("changes without a signature", PUSH "\x81\x81\x40", 8, TP_CORRUPT),
    ROW("a signature too short", PUSH "\x81\x81\x40", PUSH_TAIL - 1, TP_CORRUPT),
    ROW("a signature too long", PUSH "\x81\x81\x40", PUSH_TAIL + 1, TP_CORRUPT),
    ROW("changes without a first seq", "\x82\xA1" CLOCK "\x81\x81\x40", 0, TP_CORRUPT),
    ROW("a first seq without changes", PUSH "\x80", PUSH_TAIL, TP_CORRUPT),
    ROW("first seq 0", "\x82\xA2" CLOCK "\x05\x00\x81\x81\x40", PUSH_TAIL, TP_CORRUPT),
    ROW("a seq that runs over",
        "\x82\xA2" CLOCK "\x05\x1B\x00\x00\x00\xFF\xFF\xFF\xFF\xFF\x82\x81\x40\x81\x40", PUSH_TAIL,
        TP_CORRUPT),
    ROW("the last seq of all",
        "\x82\xA2" CLOCK "\x05\x1B\x00\x00\x00\xFF\xFF\xFF\xFF\xFF\x81\x81\x40", PUSH_TAIL, TP_OK),
    ROW("a change that is text", PUSH "\x81\x60", PUSH_TAIL, TP_CORRUPT),
    ROW("a packed change of no bytes", PUSH "\x81\x40", PUSH_TAIL + SALT, TP_CORRUPT),
    ROW("a change that could be packed", PUSH "\x81\x81\x4B\xA4\x00\x48........", PUSH_TAIL,
        TP_CORRUPT),
    ROW("one too short for that", PUSH "\x81\x81\x4A\xA4\x00\x48.......", PUSH_TAIL, TP_OK),
    ROW("two changes in one array", PUSH "\x81\x82\x40\x40", PUSH_TAIL, TP_CORRUPT),
    ROW("fewer salts than changes", PUSH "\x82\x41\xA4\x41\xA4", PUSH_TAIL + SALT, TP_CORRUPT),
    ROW("more salts than changes", PUSH "\x82\x41\xA4\x81\x40", PUSH_TAIL + 2 * SALT, TP_CORRUPT),
    ROW("no eras", "\x82\xA2" CLOCK "\x04\x80\x80", 0, TP_CORRUPT),
    ROW("an era twice",
        "\x82\xA2" CLOCK "\x04\x82\x86\x01\x01\x00\x00\x00\x00\x86\x01\x01\x00\x00\x00\x00\x80", 0,
        TP_CORRUPT),
    ROW("an era of four", "\x82\xA2" CLOCK "\x04\x81\x84\x01\x00\x00\x00\x80", 0, TP_CORRUPT),
    ROW("more false", "\x82\xA2" CLOCK "\x0A\xF4\x80", 0, TP_CORRUPT),
    ROW("an empty CSR", "\x82\xA2" CLOCK "\x0B\x40\x80", 0, TP_CORRUPT),
    ROW("a change handed",
        "\x82\xA2" CLOCK "\x12\x81\x8A\5\1\1\1\1\0\0\xF6\x50................\x41x\x80", 0, TP_OK),
    ROW("one handed with bounds",
        "\x82\xA2" CLOCK "\x12\x81\x8A\5\1\1\1\1\0\0\x82\0\1\x50................\x41x\x80", 0,
        TP_OK),
    ROW("one handed with bounds of nothing",
        "\x82\xA2" CLOCK "\x12\x81\x8A\5\1\1\1\1\0\0\x82\0\0\x50................\x41x\x80", 0,
        TP_CORRUPT),
    ROW("one handed of device 0",
        "\x82\xA2" CLOCK "\x12\x81\x8A\0\1\1\1\1\0\0\xF6\x50................\x41x\x80", 0,
        TP_CORRUPT),
    ROW("one handed of seq 0",
        "\x82\xA2" CLOCK "\x12\x81\x8A\5\0\1\1\1\0\0\xF6\x50................\x41x\x80", 0,
        TP_CORRUPT),
    ROW("one handed of generation 0",
        "\x82\xA2" CLOCK "\x12\x81\x8A\5\1\0\1\1\0\0\xF6\x50................\x41x\x80", 0,
        TP_CORRUPT),
    ROW("one handed of no position",
        "\x82\xA2" CLOCK "\x12\x81\x8A\5\1\1\0\1\0\0\xF6\x50................\x41x\x80", 0,
        TP_CORRUPT),
    ROW("one handed of no bytes",
        "\x82\xA2" CLOCK "\x12\x81\x8A\5\1\1\1\1\0\0\xF6\x50................\x40\x80", 0,
        TP_CORRUPT),
    ROW("one handed with a short tag",
        "\x82\xA2" CLOCK "\x12\x81\x8A\5\1\1\1\1\0\0\xF6\x4F...............\x41x\x80", 0,
        TP_CORRUPT),
    ROW("one handed twice",
        "\x82\xA2" CLOCK "\x12\x82\x8A\5\1\1\1\1\0\0\xF6\x50................\x41x"
        "\x8A\5\1\1\1\1\0\0\xF6\x50................\x41x\x80",
        0, TP_CORRUPT),
    ROW("nothing handed", "\x82\xA2" CLOCK "\x12\x80\x80", 0, TP_CORRUPT),
    ROW("more handed than one request has",
        "\x82\xA2" CLOCK "\x12\x98\x41"
        "00000000000000000000000000000000000000000000000000000000000000000",
        0, TP_LIMIT),
    ROW("a push with its proof",
        "\x82\xA3" CLOCK "\x05\x01\x13\x83\1\x82\1\x81\x82\1\0\x58\x18........................"
        "\x81\x81\x40",
        PUSH_TAIL, TP_OK),
    ROW("a proof without a push",
        "\x82\xA2" CLOCK "\x13\x83\1\x82\1\x81\x82\1\0\x58\x18........................\x80", 0,
        TP_CORRUPT),
    ROW("a proof of no stamps",
        "\x82\xA3" CLOCK "\x05\x01\x13\x83\1\x82\1\x80\x58\x18........................"
        "\x81\x81\x40",
        PUSH_TAIL, TP_CORRUPT),
    ROW("missing up to 0",
        "\x82\xA2" CLOCK "\x14\x82\0\x58\x20................................\x80", 0, TP_CORRUPT),
    ROW("missing with a short h",
        "\x82\xA2" CLOCK "\x14\x82\1\x58\x1F...............................\x80", 0, TP_CORRUPT),
    ROW("a claim",
        "\x82\xA2" CLOCK "\x15\x85\1\1\2\x58\x20................................"
        "\x58\x18........................\x80",
        0, TP_OK),
    ROW("a claim that ends before it begins",
        "\x82\xA2" CLOCK "\x15\x85\1\2\1\x58\x20................................"
        "\x58\x18........................\x80",
        0, TP_CORRUPT),
    ROW("a start", "\x82\xA2" CLOCK "\x17\x81\x05\x80", 0, TP_OK),
    ROW("starts, none", "\x82\xA2" CLOCK "\x17\x80\x80", 0, TP_CORRUPT),
    ROW("starts, one too many", "\x82\xA2" CLOCK "\x17\x82\x05\x06\x80", 0, TP_CORRUPT),
    ROW("start 0", "\x82\xA2" CLOCK "\x17\x81\x00\x80", 0, TP_CORRUPT),
    ROW("what two names mean", "\x82\xA2" CLOCK "\x18\x19\x58\x40" MEANT("\1") MEANT("\2") "\x80",
        0, TP_OK),
    ROW("what a name means, half", "\x82\xA2" CLOCK "\x18\x19\x58\x1F" MEANT_BUT_ONE "\x80", 0,
        TP_CORRUPT),
    ROW("what no name means", "\x82\xA2" CLOCK "\x18\x19\x40\x80", 0, TP_CORRUPT),
    ROW("what a name means, twice",
        "\x82\xA2" CLOCK "\x18\x19\x58\x40" MEANT("\2") MEANT("\2") "\x80", 0, TP_CORRUPT),
    ROW("what names mean, the wrong way round",
        "\x82\xA2" CLOCK "\x18\x19\x58\x40" MEANT("\2") MEANT("\1") "\x80", 0, TP_CORRUPT),
    ROW("pushed again", "\x82\xA2" CLOCK "\x18\x1A\xF5\x80", 0, TP_OK),
    ROW("again false", "\x82\xA2" CLOCK "\x18\x1A\xF4\x80", 0, TP_CORRUPT),
    ROW("settling false", "\x82\xA2" CLOCK "\x16\xF4\x80", 0, TP_CORRUPT),
    ROW("more items than bytes", "\x82\xA1" CLOCK "\x1A\x00\x10\x00\x00", 0, TP_CORRUPT),
};

static void test_request_decode__takes_what_is_sound_and_refuses_the_rest(void **state)
{
    (void)state;
    static const uint8_t any[PUSH_TAIL + CURSOR_TAIL + 2 * SALT];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_err err = {0};
        tp_rc rc = tp_request_decode(tp_slice_of(rows[i].at, rows[i].bytes),
                                     tp_slice_of(any, rows[i].tail_bytes), &changes, &reader, &err);
        if (rc != rows[i].rc) {
            fail_msg("%s: rc %d, %s", rows[i].row, rc, err.what);
        }
    }
}

static void test_request_decode__holds_the_limit_of_names_that_mean_something(void **state)
{
    (void)state;
    tp_err err = {0};
    tp_buf meant;
    tp_buf_init(&meant, ((size_t)TP_MEANT_MAX + 1) * TP_MEANT_BYTES);
    for (uint64_t i = 1; i <= TP_MEANT_MAX + 1; i++) {
        const tp_meant one = {.name = {5, i}};
        assert_int_equal(tp_meant_put(&meant, &one, &err), TP_OK);
    }
    for (size_t over = 0; over < 2; over++) {
        static const char start[] = "\x82\xA2" CLOCK;
        tp_buf_clear(&message);
        tp_cbor_writer w = tp_cbor_writer_of(&message, &err);
        tp_cbor_put_raw(&w, tp_slice_of(start, sizeof start - 1));
        tp_cbor_put_uint(&w, 25);
        tp_cbor_put_bytes(&w, tp_slice_of(meant.at, (TP_MEANT_MAX + over) * TP_MEANT_BYTES));
        tp_cbor_put_array(&w, 0);
        assert_int_equal(w.rc, TP_OK);
        assert_int_equal(decode(&err), over == 0 ? TP_OK : TP_LIMIT);
    }
    tp_buf_done(&meant);
}

static void test_request_decode__holds_the_limit_of_changes(void **state)
{
    (void)state;
    static const uint8_t any[PUSH_TAIL + (TP_BATCH_CHANGES_MAX + 1) * SALT];
    tp_err err = {0};
    for (uint32_t over = 0; over < 2; over++) {
        uint32_t count = TP_BATCH_CHANGES_MAX + over;
        tp_buf_clear(&message);
        static const char start[] = PUSH;
        tp_cbor_writer w = tp_cbor_writer_of(&message, &err);
        tp_cbor_put_raw(&w, tp_slice_of(start, sizeof start - 1));
        tp_cbor_put_array(&w, count);
        for (uint32_t i = 0; i < count; i++) {
            tp_cbor_put_bytes(&w, tp_slice_of("x", 1));
        }
        assert_int_equal(w.rc, TP_OK);
        tp_slice its_tail = tp_slice_of(any, PUSH_TAIL + count * SALT);
        tp_rc rc = tp_request_decode(tp_buf_slice(&message), its_tail, &changes, &reader, &err);
        assert_int_equal(rc, over == 0 ? TP_OK : TP_LIMIT);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_request__comes_back_as_it_was_written),
        TEST(test_request__what_a_hub_that_went_back_is_shown_comes_back),
        TEST(test_request__a_proof_of_other_changes_is_refused),
        TEST(test_request__what_a_hub_that_went_back_is_shown_is_whole),
        TEST(test_request__what_is_random_stands_in_the_tail),
        TEST(test_request__an_idle_one_is_small),
        TEST(test_request__cut_anywhere_is_refused),
        TEST(test_request__without_memory_for_its_changes_is_not_read),
        TEST(test_request_writer__stops_where_it_is_full),
        TEST(test_request_writer__without_memory_keeps_what_it_has),
        TEST(test_request_writer__refuses_a_head_out_of_range),
        TEST(test_request_decode__takes_what_is_sound_and_refuses_the_rest),
        TEST(test_request_decode__holds_the_limit_of_names_that_mean_something),
        TEST(test_request_decode__holds_the_limit_of_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
