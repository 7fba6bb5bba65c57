/* Responses to bytes and back; every refusal of the decoder.
 *
 * Shows P24, P26. */
#include "sync/wire/response.h"

#include "platform/base/alloc.h"
#include "platform/base/fault.h"
#include "sync/wire/message_keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

/* A change that says up 1000: what an item's stamp is sent against. */
#define CHANGE                                                                                     \
    "\xA4\x00\x48\x01\x23\x45\x67\x89\xAB\xCD\xEF\x01\x03\x03\xA0\x05\x83\x01\x19\x03\xE8\x00"

/* The same as it stands in an item: without its salt. */
#define PACKED "\xA4\x01\x03\x03\xA0\x05\x83\x01\x19\x03\xE8\x00"

static tp_response_writer writer;
static tp_response_reader reader;
static tp_response head;
static tp_buf buf; /* the message */
static tp_buf tail;
static tp_buf changes;

static int setup(void **state)
{
    (void)state;
    tp_buf_init(&buf, TP_MESSAGE_BYTES_MAX);
    tp_buf_init(&tail, TP_TAIL_BYTES_MAX);
    tp_buf_init(&changes, TP_UNPACKED_BYTES_MAX);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    tp_buf_done(&buf);
    tp_buf_done(&tail);
    tp_buf_done(&changes);
    return tp_alloc_live() == 0 ? 0 : -1;
}

static tp_rc decode(tp_err *err)
{
    return tp_response_decode(tp_buf_slice(&buf), tp_buf_slice(&tail), &changes, &reader, err);
}

static const tp_slice change = {(const uint8_t *)CHANGE, sizeof CHANGE - 1};

static void begin(void)
{
    tp_response_writer_init(&writer, TP_BATCH_BYTES_MAX, TP_BATCH_CHANGES_MAX);
    memset(&head, 0, sizeof head);
    head.hub_ms = INT64_C(1767225600000);
    head.generation = 2;
}

static void end(void)
{
    tp_err err = {0};
    tp_buf_clear(&buf);
    tp_buf_clear(&tail);
    if (tp_response_writer_end(&writer, &head, &buf, &tail, &err) != TP_OK ||
        decode(&err) != TP_OK) {
        fail_msg("%s", err.what);
    }
    tp_response_writer_done(&writer);
}

static tp_entry entry_of(uint64_t device, uint64_t seq, uint64_t position)
{
    tp_entry entry;
    memset(&entry, 0, sizeof entry);
    entry.name.device = device;
    entry.name.seq = seq;
    entry.bytes = change;
    entry.stamp.ms = INT64_C(1767225600000) + (int64_t)position;
    entry.stamp.number = 1000 - position;
    entry.position = position;
    memset(entry.tag, (int)position, sizeof entry.tag);
    return entry;
}

static void test_response__the_header_comes_back(void **state)
{
    (void)state;
    begin();
    head.accepted = 50;
    head.cursor = 900;
    memset(head.cursor_tag, 7, sizeof head.cursor_tag);
    head.more = true;
    head.certificate = tp_slice_str("DER");
    head.protocol = 1;
    head.left = 48213;
    head.to = UINT32_C(0xDEADBEEF);
    end();
    const tp_response *got = &reader.head;
    assert_true(got->accepted == 50 && got->hub_ms == head.hub_ms && got->generation == 2);
    assert_true(got->cursor == 900 && got->cursor_tag[15] == 7 && got->more);
    assert_true(tp_slice_is(got->certificate, "DER") && got->protocol == 1 && got->left == 48213);
    assert_int_equal(got->to, 0xDEADBEEF);
    assert_true(got->directory_version == 0 && got->give_back_position == 0);
    assert_int_equal(reader.count, 0);
}

static void test_response__what_a_hub_that_went_back_says_comes_back(void **state)
{
    (void)state;
    begin();
    head.has_receipt = true;
    memset(head.push_receipt.stamps, 0x0D, sizeof head.push_receipt.stamps);
    memset(head.push_receipt.tag, 0x0E, sizeof head.push_receipt.tag);
    head.handed_count = 3;
    head.handed[1] = TP_HANDED_GIVE_BACK;
    head.handed[2] = TP_HANDED_NOT_PROVEN;
    head.is_back = true;
    head.counts_stamps = true;
    head.called[1] = 17;
    head.called_seq[1] = 18;
    head.ahead = 301;
    memset(head.ahead_digest, 0x0F, sizeof head.ahead_digest);
    end();
    const tp_response *got = &reader.head;
    assert_true(got->has_receipt && got->is_back && got->counts_stamps);
    assert_memory_equal(&got->push_receipt, &head.push_receipt, sizeof got->push_receipt);
    assert_int_equal(got->handed_count, 3);
    assert_memory_equal(got->handed, head.handed, 3);
    assert_true(got->called[0] == 0 && got->called[1] == 17 && got->called[2] == 0);
    assert_true(got->called_seq[0] == 0 && got->called_seq[1] == 18 && got->called_seq[2] == 0);
    assert_int_equal(got->ahead, 301);
    assert_memory_equal(got->ahead_digest, head.ahead_digest, sizeof got->ahead_digest);
    assert_int_equal(buf.bytes, 15 + 27 + 5 + 2 + 2 + 14 + 6 +
                                    6); /* an answer that says nothing else has 15 */
}

static void test_response__stamps_of_one_offset_are_one_run(void **state)
{
    (void)state;
    tp_err err = {0};
    begin();
    for (int64_t i = 0; i < 1000; i++) { /* one era: the same offset */
        tp_stamp stamp = {5000000 + i * 60000, 0, 0, 100 + (uint64_t)i};
        assert_int_equal(tp_response_writer_add_stamp(&writer, i * 60000, &stamp, &err), TP_OK);
    }
    tp_stamp doubtful = {9000000, 8000000, 9500000, 1100};
    assert_int_equal(tp_response_writer_add_stamp(&writer, 77, &doubtful, &err), TP_OK);
    tp_stamp gap = {9000000, 0, 0, 1102};
    assert_int_equal(tp_response_writer_add_stamp(&writer, 77, &gap, &err), TP_INVALID);
    end();
    assert_true(buf.bytes < 64);
    tp_stamp_run run;
    assert_true(tp_response_next_run(&reader, &run));
    assert_int_equal(run.count, 1000);
    tp_stamp stamp = tp_stamp_run_at(&run, 999, 999 * 60000);
    assert_true(stamp.ms == 5000000 + 999 * 60000 && stamp.number == 1099);
    assert_true(stamp.earliest_ms == 0 && stamp.latest_ms == 0);
    assert_true(tp_response_next_run(&reader, &run));
    stamp = tp_stamp_run_at(&run, 0, 77);
    assert_memory_equal(&stamp, &doubtful, sizeof stamp);
    assert_false(tp_response_next_run(&reader, &run));
}

static void test_response__refused_changes_and_give_backs_come_back(void **state)
{
    (void)state;
    tp_err err = {0};
    begin();
    assert_int_equal(tp_response_writer_add_refused(&writer, 7, 3, "note: too long", &err), TP_OK);
    assert_int_equal(tp_response_writer_add_refused(&writer, 9, 1, "cut \xC3", &err), TP_OK);
    assert_int_equal(tp_response_writer_add_refused(&writer, 9, 1, "", &err), TP_INVALID);
    assert_int_equal(tp_response_writer_add_other(&writer, (tp_name){17, 7}, &err), TP_OK);
    assert_int_equal(tp_response_writer_add_other(&writer, (tp_name){UINT64_MAX, 9}, &err), TP_OK);
    assert_int_equal(tp_response_writer_add_other(&writer, (tp_name){0, 10}, &err), TP_INVALID);
    static const tp_name backs[] = {{5, 2}, {3, 9}, {5, 1}, {UINT64_MAX, 4}};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(tp_response_writer_add_give_back(&writer, backs[i], &err), TP_OK);
    }
    head.give_back_position = 41;
    end();
    tp_refused refused;
    assert_true(tp_response_next_refused(&reader, &refused));
    assert_true(refused.seq == 7 && refused.code == 3 &&
                tp_slice_is(refused.text, "note: too long"));
    assert_true(tp_response_next_refused(&reader, &refused));
    assert_true(refused.seq == 9 && refused.text.bytes == 0);
    assert_false(tp_response_next_refused(&reader, &refused));
    tp_name as;
    assert_true(tp_response_next_other(&reader, &as) && tp_name_eq(as, (tp_name){17, 7}));
    assert_true(tp_response_next_other(&reader, &as) && tp_name_eq(as, (tp_name){UINT64_MAX, 9}));
    assert_false(tp_response_next_other(&reader, &as));
    assert_true(reader.head.give_back_position == 41);
    static const tp_name sorted[] = {{3, 9}, {5, 1}, {5, 2}, {UINT64_MAX, 4}};
    tp_name name;
    for (size_t i = 0; i < 4; i++) {
        assert_true(tp_response_next_give_back(&reader, &name));
        assert_true(tp_name_eq(name, sorted[i]));
    }
    assert_false(tp_response_next_give_back(&reader, &name));
}

/* Which of them, by their places in the order in which they are read. */
static void test_response__says_which_give_backs_were_erased(void **state)
{
    (void)state;
    tp_err err = {0};
    static const tp_name backs[] = {{5, 2}, {3, 9}, {5, 1}, {UINT64_MAX, 4}};
    static const bool is_erased[] = {true, false, false, true}; /* of each, as they are added */
    static const bool sorted[] = {false, false, true, true};
    tp_name name;
    begin();
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(is_erased[i] ? tp_response_writer_add_erased(&writer, backs[i], &err)
                                      : tp_response_writer_add_give_back(&writer, backs[i], &err),
                         TP_OK);
    }
    head.give_back_position = 41;
    end();
    for (size_t i = 0; i < 4; i++) {
        assert_true(tp_response_next_give_back(&reader, &name));
        assert_int_equal(reader.is_erased, sorted[i]);
    }
    assert_false(tp_response_next_give_back(&reader, &name));
    static const uint8_t key[] = {TP_REPLY_ERASED, 0x82, 0x02, 0x03};
    size_t at = 0;
    while (at + sizeof key <= buf.bytes && memcmp(buf.at + at, key, sizeof key) != 0) {
        at++;
    }
    assert_true(at + sizeof key <= buf.bytes);
    /* None, one twice, and one that is not given back are no answer. */
    static const uint8_t wrong[][2] = {{0x03, 0x03}, {0x03, 0x02}, {0x02, 0x04}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        memcpy(buf.at + at + 2, wrong[i], 2);
        assert_int_equal(decode(&err), TP_CORRUPT);
    }
}

static void test_response__the_directory_comes_back(void **state)
{
    (void)state;
    tp_err err = {0};
    tp_directory_agency agency;
    memset(&agency, 0, sizeof agency);
    agency.id = tp_slice_str("northside");
    agency.label = tp_slice_str("Northside Outreach");
    agency.agreements_count = 2;
    agency.agreements[0].from_ms = 10;
    agency.agreements[0].until_ms = 20;
    agency.agreements[1].from_ms = 30;
    agency.agreements[1].is_open = true;
    tp_directory_device device = {99, agency.id};
    begin();
    head.directory_version = 6;
    assert_int_equal(tp_response_writer_add_agency(&writer, &agency, &err), TP_OK);
    assert_int_equal(tp_response_writer_add_device(&writer, &device, &err), TP_OK);
    end();
    assert_true(reader.head.directory_version == 6);
    tp_directory_agency got;
    assert_true(tp_response_next_agency(&reader, &got));
    assert_true(tp_slice_eq(got.id, agency.id) && tp_slice_eq(got.label, agency.label));
    assert_int_equal(got.agreements_count, 2);
    assert_true(got.agreements[0].until_ms == 20 && !got.agreements[0].is_open);
    assert_true(got.agreements[1].from_ms == 30 && got.agreements[1].is_open);
    assert_false(tp_response_next_agency(&reader, &got));
    tp_directory_device got_device;
    assert_true(tp_response_next_device(&reader, &got_device));
    assert_true(got_device.device == 99 && tp_slice_eq(got_device.agency, agency.id));
    assert_false(tp_response_next_device(&reader, &got_device));
}

static void test_response__items_come_back(void **state)
{
    (void)state;
    tp_err err = {0};
    begin();
    tp_entry entries[] = {entry_of(8, 500, 3), entry_of(9, 1, 4), entry_of(8, 501, 90),
                          entry_of(8, 2, 91)};
    entries[1].verdict = TP_VERDICT_HOLDER_LOST;
    entries[2].stamp.earliest_ms = entries[2].stamp.ms - 1000;
    entries[2].stamp.latest_ms = entries[2].stamp.ms + 2000;
    head.cursor = 91;
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(tp_response_writer_add_item(&writer, &entries[i], &err), TP_OK);
    }
    end();
    assert_int_equal(tail.bytes, 16 + 4 * (16 + 8)); /* of the cursor; tags; salts */
    assert_memory_equal(tail.at + 16, entries[0].tag, 16);
    assert_memory_equal(tail.at + 16 + 4 * 16, change.at + 3, 8);
    assert_int_equal(reader.count, 4);
    for (size_t i = 0; i < 4; i++) {
        tp_entry got;
        assert_true(tp_response_next_item(&reader, &got));
        assert_true(tp_name_eq(got.name, entries[i].name));
        assert_true(tp_slice_eq(got.bytes, change));
        assert_memory_equal(&got.stamp, &entries[i].stamp, sizeof got.stamp);
        assert_true(got.position == entries[i].position);
        assert_int_equal(got.verdict, entries[i].verdict);
        assert_memory_equal(got.tag, entries[i].tag, sizeof got.tag);
    }
    tp_entry none;
    assert_false(tp_response_next_item(&reader, &none));
}

static void test_response_writer__refuses_items_out_of_order(void **state)
{
    (void)state;
    tp_err err = {0};
    begin();
    tp_entry entry = entry_of(8, 500, 3);
    assert_int_equal(tp_response_writer_add_item(&writer, &entry, &err), TP_OK);
    entry.name.seq = 501;
    assert_int_equal(tp_response_writer_add_item(&writer, &entry, &err), TP_INVALID);
    entry = entry_of(8, 500, 4);
    assert_int_equal(tp_response_writer_add_item(&writer, &entry, &err), TP_INVALID);
    entry = entry_of(8, 501, 4);
    entry.stamp.number = 0;
    assert_int_equal(tp_response_writer_add_item(&writer, &entry, &err), TP_INVALID);
    entry = entry_of(8, 501, 4);
    entry.bytes = tp_slice_of("\xA1\x01\x03", 3); /* a stub is never sent */
    assert_int_equal(tp_response_writer_add_item(&writer, &entry, &err), TP_CORRUPT);
    assert_int_equal(writer.count, 1);
    tp_response_writer_done(&writer);
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_response_writer__stops_where_it_is_full(void **state)
{
    (void)state;
    tp_err err = {0};
    memset(&head, 0, sizeof head);
    tp_response_writer_init(&writer, 1, 10); /* the first always has room */
    tp_entry entry = entry_of(1, 1, 1);
    assert_int_equal(tp_response_writer_add_item(&writer, &entry, &err), TP_OK);
    entry = entry_of(1, 2, 2);
    assert_int_equal(tp_response_writer_add_item(&writer, &entry, &err), TP_LIMIT);
    tp_response_writer_done(&writer);

    tp_response_writer_init(&writer, TP_BATCH_BYTES_MAX, TP_BATCH_CHANGES_MAX);
    for (uint64_t i = 1; i <= TP_PAGE_DEVICES_MAX; i++) {
        entry = entry_of(i * 4096, 1, i); /* one more device each */
        entry.stamp.number = i;
        assert_int_equal(tp_response_writer_add_item(&writer, &entry, &err), TP_OK);
    }
    entry = entry_of(1, 1, 5000);
    entry.stamp.number = 5000;
    assert_int_equal(tp_response_writer_add_item(&writer, &entry, &err), TP_LIMIT);
    entry = entry_of(4096, 2, 5000);
    entry.stamp.number = 5000;
    assert_int_equal(tp_response_writer_add_item(&writer, &entry, &err), TP_OK);
    end();
    assert_int_equal(reader.count, TP_PAGE_DEVICES_MAX + 1);
    uint64_t devices = 0;
    while (tp_response_next_item(&reader, &entry)) {
        devices += entry.name.seq == 1;
    }
    assert_true(devices == TP_PAGE_DEVICES_MAX);
}

static void test_response__cut_anywhere_is_refused(void **state)
{
    (void)state;
    tp_err err = {0};
    begin();
    head.accepted = 50;
    head.directory_version = 3;
    head.give_back_position = 2;
    tp_stamp stamp = {9000000, 8000000, 9500000, 1100};
    tp_name back = {4, 4};
    tp_entry entry = entry_of(8, 500, 3);
    assert_int_equal(tp_response_writer_add_stamp(&writer, 5, &stamp, &err), TP_OK);
    assert_int_equal(tp_response_writer_add_refused(&writer, 7, 3, "x", &err), TP_OK);
    assert_int_equal(tp_response_writer_add_give_back(&writer, back, &err), TP_OK);
    assert_int_equal(tp_response_writer_add_item(&writer, &entry, &err), TP_OK);
    end();
    tp_slice whole = tp_buf_slice(&buf);
    tp_slice its_tail = tp_buf_slice(&tail);
    for (size_t bytes = 0; bytes < whole.bytes; bytes++) {
        tp_slice cut = tp_slice_of(whole.at, bytes);
        assert_int_equal(tp_response_decode(cut, its_tail, &changes, &reader, &err), TP_CORRUPT);
    }
    for (size_t bytes = 0; bytes < its_tail.bytes; bytes++) {
        tp_slice cut = tp_slice_of(its_tail.at, bytes);
        assert_int_equal(tp_response_decode(whole, cut, &changes, &reader, &err), TP_CORRUPT);
    }
    assert_int_equal(tp_buf_add(&tail, "", 1, &err), TP_OK);
    assert_int_equal(decode(&err), TP_CORRUPT);
    tail.bytes--;
    assert_int_equal(decode(&err), TP_OK);
    assert_int_equal(tp_buf_add(&buf, "", 1, &err), TP_OK);
    assert_int_equal(decode(&err), TP_CORRUPT);
}

static tp_rc write_some(void)
{
    tp_err err;
    tp_stamp stamp = {9000000, 0, 0, 1100};
    tp_name back = {4, 4};
    tp_entry entry = entry_of(8, 500, 3);
    tp_directory_device device = {99, tp_slice_str("northside")};
    begin();
    head.give_back_position = 2;
    head.directory_version = 2;
    tp_rc rc = tp_response_writer_add_stamp(&writer, 5, &stamp, &err);
    rc = rc == TP_OK ? tp_response_writer_add_refused(&writer, 7, 3, "x", &err) : rc;
    rc = rc == TP_OK ? tp_response_writer_add_give_back(&writer, back, &err) : rc;
    rc = rc == TP_OK ? tp_response_writer_add_device(&writer, &device, &err) : rc;
    rc = rc == TP_OK ? tp_response_writer_add_item(&writer, &entry, &err) : rc;
    rc = rc == TP_OK ? tp_response_writer_end(&writer, &head, &buf, &tail, &err) : rc;
    tp_response_writer_done(&writer);
    return rc;
}

static void test_response_writer__without_memory_gives_all_back(void **state)
{
    (void)state;
    bool was_hit = true;
    unsigned nth = 1;
    for (; was_hit; nth++) {
        char fault[32];
        snprintf(fault, sizeof fault, "alloc.nth:%u", nth);
        tp_fault_set(fault);
        tp_rc rc = write_some();
        was_hit = tp_fault_passed("alloc") >= nth;
        tp_fault_set(NULL);
        assert_int_equal(rc, was_hit ? TP_NOMEM : TP_OK);
        assert_true(rc == TP_OK || (buf.bytes == 0 && tail.bytes == 0));
        tp_buf_done(&buf);
        tp_buf_done(&tail);
        assert_int_equal(tp_alloc_live(), 0);
    }
    assert_true(nth > 6);
}

#define HUB "\x04\x00"
enum { CURSOR_TAIL = 16, ITEM_TAIL = 16 + 8 };
#define ITEM(device, seq, position, number, skew)                                                  \
    "\x86" device seq position number skew "\x4C" PACKED
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
    ROW("idle", "\x82\xA1" HUB "\x80", 0, TP_OK),
    ROW("a key of a newer version", "\x82\xA2" HUB "\x18\x28\xA1\x00\xF6\x80", 0, TP_OK),
    ROW("one item", "\x82\xA2" HUB "\x0D\x81\x05\x81" ITEM("\0", "\1", "\1", "\1", "\0"), ITEM_TAIL,
        TP_OK),
    ROW("a run", "\x82\xA2\x03\x82\x01\x81\x82\x05\x00" HUB "\x80", 0, TP_OK),
    ROW("a run with bounds", "\x82\xA2\x03\x82\x01\x81\x84\x05\x00\x20\x01" HUB "\x80", 0, TP_OK),
    ROW("a receipt", "\x82\xA2" HUB "\x12\x58\x18........................\x80", 0, TP_OK),
    ROW("a receipt cut short", "\x82\xA2" HUB "\x12\x57.......................\x80", 0, TP_CORRUPT),
    ROW("what became of what was handed", "\x82\xA2" HUB "\x13\x84\0\1\2\3\x80", 0, TP_OK),
    ROW("of nothing that was handed", "\x82\xA2" HUB "\x13\x80\x80", 0, TP_CORRUPT),
    ROW("other names of what was handed",
        "\x82\xA3" HUB "\x13\x83\0\1\2\x18\x18\x82\x82\0\7\x82\2\7\x80", 0, TP_OK),
    ROW("no other name of what was handed", "\x82\xA3" HUB "\x13\x81\1\x18\x18\x80\x80", 0,
        TP_CORRUPT),
    ROW("another name of what was not handed", "\x82\xA2" HUB "\x18\x18\x81\x82\0\7\x80", 0,
        TP_CORRUPT),
    ROW("another name behind what was handed", "\x82\xA3" HUB "\x13\x81\1\x18\x18\x81\x82\1\7\x80",
        0, TP_CORRUPT),
    ROW("two other names of one change",
        "\x82\xA3" HUB "\x13\x81\1\x18\x18\x82\x82\0\7\x82\0\7\x80", 0, TP_CORRUPT),
    ROW("a name of no device", "\x82\xA3" HUB "\x13\x81\1\x18\x18\x81\x82\0\0\x80", 0, TP_CORRUPT),
    ROW("something else became of it", "\x82\xA2" HUB "\x13\x81\4\x80", 0, TP_CORRUPT),
    ROW("of more than a request hands",
        "\x82\xA2" HUB "\x13\x98\x41"
        "00000000000000000000000000000000000000000000000000000000000000000",
        0, TP_LIMIT),
    ROW("back false", "\x82\xA2" HUB "\x14\xF4\x80", 0, TP_CORRUPT),
    ROW("no array", "\xA1" HUB, 0, TP_CORRUPT),
    ROW("no hub time", "\x82\xA0\x80", 0, TP_CORRUPT),
    ROW("accepted 0", "\x82\xA2\x01\x00" HUB "\x80", 0, TP_CORRUPT),
    ROW("a cursor", "\x82\xA2" HUB "\x06\x01\x80", CURSOR_TAIL, TP_OK),
    ROW("a cursor without its tag", "\x82\xA2" HUB "\x06\x01\x80", 0, TP_CORRUPT),
    ROW("a tail without items", "\x82\xA1" HUB "\x80", ITEM_TAIL, TP_CORRUPT),
    ROW("items without a tail",
        "\x82\xA2" HUB "\x0D\x81\x05\x81" ITEM("\0", "\1", "\1", "\1", "\0"), 0, TP_CORRUPT),
    ROW("a tail too short", "\x82\xA2" HUB "\x0D\x81\x05\x81" ITEM("\0", "\1", "\1", "\1", "\0"),
        ITEM_TAIL - 1, TP_CORRUPT),
    ROW("a tail too long", "\x82\xA2" HUB "\x0D\x81\x05\x81" ITEM("\0", "\1", "\1", "\1", "\0"),
        ITEM_TAIL + 1, TP_CORRUPT),
    ROW("an array of three", "\x83\xA1" HUB "\x80\x40", 0, TP_CORRUPT),
    ROW("an item that could be packed",
        "\x82\xA2" HUB "\x0D\x81\x05\x81\x86\x00\x01\x01\x01\x00\x81\x56" CHANGE, 16, TP_CORRUPT),
    ROW("an item without its salt",
        "\x82\xA2" HUB "\x0D\x81\x05\x81" ITEM("\0", "\1", "\1", "\1", "\0"), 16, TP_CORRUPT),
    ROW("a device not in the table",
        "\x82\xA2" HUB "\x0D\x81\x05\x81" ITEM("\1", "\1", "\1", "\1", "\0"), ITEM_TAIL,
        TP_CORRUPT),
    ROW("no table of devices", "\x82\xA1" HUB "\x81" ITEM("\0", "\1", "\1", "\1", "\0"), ITEM_TAIL,
        TP_CORRUPT),
    ROW("a device no item has",
        "\x82\xA2" HUB "\x0D\x82\x05\x06\x81" ITEM("\0", "\1", "\1", "\1", "\0"), ITEM_TAIL,
        TP_CORRUPT),
    ROW("a device twice",
        "\x82\xA2" HUB "\x0D\x82\x05\x05\x82" ITEM("\0", "\1", "\1", "\1", "\0")
            ITEM("\1", "\1", "\1", "\1", "\0"),
        2 * ITEM_TAIL, TP_CORRUPT),
    ROW("device 0", "\x82\xA2" HUB "\x0D\x81\x00\x81" ITEM("\0", "\1", "\1", "\1", "\0"), ITEM_TAIL,
        TP_CORRUPT),
    ROW("a table of devices without items", "\x82\xA2" HUB "\x0D\x81\x05\x80", 0, TP_CORRUPT),
    ROW("seq 0", "\x82\xA2" HUB "\x0D\x81\x05\x81" ITEM("\0", "\0", "\1", "\1", "\0"), ITEM_TAIL,
        TP_CORRUPT),
    ROW("a seq below 0", "\x82\xA2" HUB "\x0D\x81\x05\x81" ITEM("\0", "\x20", "\1", "\1", "\0"),
        ITEM_TAIL, TP_CORRUPT),
    ROW("position 0", "\x82\xA2" HUB "\x0D\x81\x05\x81" ITEM("\0", "\1", "\0", "\1", "\0"),
        ITEM_TAIL, TP_CORRUPT),
    ROW("number 0", "\x82\xA2" HUB "\x0D\x81\x05\x81" ITEM("\0", "\1", "\1", "\0", "\0"), ITEM_TAIL,
        TP_CORRUPT),
    ROW("one place for two items",
        "\x82\xA2" HUB "\x0D\x81\x05\x82" ITEM("\0", "\1", "\1", "\1", "\0")
            ITEM("\0", "\1", "\0", "\1", "\0"),
        2 * ITEM_TAIL, TP_CORRUPT),
    ROW("one change twice",
        "\x82\xA2" HUB "\x0D\x81\x05\x82" ITEM("\0", "\1", "\1", "\1", "\0")
            ITEM("\0", "\0", "\1", "\1", "\0"),
        2 * ITEM_TAIL, TP_CORRUPT),
    ROW("a stamp beyond all years",
        "\x82\xA2" HUB
        "\x0D\x81\x05\x81" ITEM("\0", "\1", "\1", "\1", "\x1B\x00\x00\xE6\x77\xD2\x1F\xDB\xFF"),
        ITEM_TAIL, TP_CORRUPT),
    ROW("an item that is no change",
        "\x82\xA2" HUB "\x0D\x81\x05\x81\x86\x00\x01\x01\x01\x00\x41\xA0", ITEM_TAIL, TP_CORRUPT),
    ROW("an item of five", "\x82\xA2" HUB "\x0D\x81\x05\x81\x85\x00\x01\x01\x01\x00", ITEM_TAIL,
        TP_CORRUPT),
    ROW("no runs", "\x82\xA2\x03\x82\x01\x80" HUB "\x80", 0, TP_CORRUPT),
    ROW("an empty run", "\x82\xA2\x03\x82\x01\x81\x82\x00\x00" HUB "\x80", 0, TP_CORRUPT),
    ROW("two runs that are one", "\x82\xA2\x03\x82\x01\x82\x82\x01\x00\x82\x01\x00" HUB "\x80", 0,
        TP_CORRUPT),
    ROW("bounds that say nothing", "\x82\xA2\x03\x82\x01\x81\x84\x05\x00\x00\x00" HUB "\x80", 0,
        TP_CORRUPT),
    ROW("a run of three", "\x82\xA2\x03\x82\x01\x81\x83\x05\x00\x00" HUB "\x80", 0, TP_CORRUPT),
    ROW("numbers from 0", "\x82\xA2\x03\x82\x00\x81\x82\x05\x00" HUB "\x80", 0, TP_CORRUPT),
    ROW("refused the wrong way round",
        "\x82\xA2\x02\x82\x83\x02\x01\x60\x83\x01\x01\x60" HUB "\x80", 0, TP_CORRUPT),
    ROW("refused without a code", "\x82\xA2\x02\x81\x83\x02\x00\x60" HUB "\x80", 0, TP_CORRUPT),
    ROW("another name", "\x82\xA2" HUB "\x18\x1A\x81\x82\x02\x05\x80", 0, TP_OK),
    ROW("no other names", "\x82\xA2" HUB "\x18\x1A\x80\x80", 0, TP_CORRUPT),
    ROW("other names the wrong way round",
        "\x82\xA2" HUB "\x18\x1A\x82\x82\x02\x05\x82\x02\x06\x80", 0, TP_CORRUPT),
    ROW("another name of no device", "\x82\xA2" HUB "\x18\x1A\x81\x82\x02\x00\x80", 0, TP_CORRUPT),
    ROW("no give-backs", "\x82\xA2" HUB "\x09\x82\x01\xA0\x80", 0, TP_CORRUPT),
    ROW("give-backs at 0", "\x82\xA2" HUB "\x09\x82\x00\xA1\x05\x81\x01\x80", 0, TP_CORRUPT),
    ROW("give-backs of no seq", "\x82\xA2" HUB "\x09\x82\x01\xA1\x05\x80\x80", 0, TP_CORRUPT),
    ROW("give-backs the wrong way round", "\x82\xA2" HUB "\x09\x82\x01\xA1\x05\x82\x02\x01\x80", 0,
        TP_CORRUPT),
    ROW("devices of give-backs the wrong way round",
        "\x82\xA2" HUB "\x09\x82\x01\xA2\x05\x81\x01\x04\x81\x01\x80", 0, TP_CORRUPT),
    ROW("an agency without an id", "\x82\xA2" HUB "\x0A\x83\x01\x81\x83\x60\x61\x61\x80\x80\x80", 0,
        TP_CORRUPT),
    ROW("a directory device without an agency",
        "\x82\xA2" HUB "\x0A\x83\x01\x80\x81\x82\x05\x60\x80", 0, TP_CORRUPT),
    ROW("directory 0", "\x82\xA2" HUB "\x0A\x83\x00\x80\x80\x80", 0, TP_CORRUPT),
    ROW("more false", "\x82\xA2" HUB "\x08\xF4\x80", 0, TP_CORRUPT),
    ROW("protocol 256", "\x82\xA2" HUB "\x0C\x19\x01\x00\x80", 0, TP_CORRUPT),
    ROW("items left", "\x82\xA2" HUB "\x0E\x18\x63\x80", 0, TP_OK),
    ROW("no item left", "\x82\xA2" HUB "\x0E\x00\x80", 0, TP_CORRUPT),
    ROW("less than no item left", "\x82\xA2" HUB "\x0E\x20\x80", 0, TP_CORRUPT),
};

static void test_response_decode__takes_what_is_sound_and_refuses_the_rest(void **state)
{
    (void)state;
    static const uint8_t any[3 * ITEM_TAIL];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_err err = {0};
        tp_rc rc =
            tp_response_decode(tp_slice_of(rows[i].at, rows[i].bytes),
                               tp_slice_of(any, rows[i].tail_bytes), &changes, &reader, &err);
        if (rc != rows[i].rc) {
            fail_msg("%s: rc %d, %s", rows[i].row, rc, err.what);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_response__the_header_comes_back),
        TEST(test_response__what_a_hub_that_went_back_says_comes_back),
        TEST(test_response__stamps_of_one_offset_are_one_run),
        TEST(test_response__refused_changes_and_give_backs_come_back),
        TEST(test_response__says_which_give_backs_were_erased),
        TEST(test_response__the_directory_comes_back),
        TEST(test_response__items_come_back),
        TEST(test_response_writer__refuses_items_out_of_order),
        TEST(test_response_writer__stops_where_it_is_full),
        TEST(test_response__cut_anywhere_is_refused),
        TEST(test_response_writer__without_memory_gives_all_back),
        TEST(test_response_decode__takes_what_is_sound_and_refuses_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
