/* What is meant by the names in a change: as bytes, and which names that are.
 *
 * Shows P26. */
#include "sync/wire/meant.h"

#include "platform/base/alloc.h"
#include "sync/wire/chain.h"
#include "tests/unit/sync/wire/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static tp_err err;
static tp_buf list;
static tp_buf bytes;
static tp_buf names;
static tp_change change; /* 17 KiB: not on the stack */
static tp_value value;

static int set_up(void **state)
{
    (void)state;
    tp_buf_init(&list, TP_MEANT_MAX * TP_MEANT_BYTES);
    tp_buf_init(&bytes, TP_CHANGE_BYTES_MAX);
    tp_buf_init(&names, TP_CHANGE_NAMED_MAX * sizeof(tp_name));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tp_buf_done(&list);
    tp_buf_done(&bytes);
    tp_buf_done(&names);
    return tp_alloc_live() == 0 ? 0 : -1;
}

static void must(tp_rc rc)
{
    if (rc != TP_OK) {
        fail_msg("%s: %s", tp_rc_name(rc), err.what);
    }
}

static void put(uint64_t device, uint64_t seq, uint8_t salt)
{
    tp_meant meant = {.name = {device, seq}};
    memset(meant.salt, salt, sizeof meant.salt);
    memset(meant.called, ~salt, sizeof meant.called);
    must(tp_meant_put(&list, &meant, &err));
}

static void test_meant__each_name_has_32_bytes(void **state)
{
    (void)state;
    static const uint8_t expected[TP_MEANT_BYTES] = {
        1,    2,    3,    4,    5,    6,    7,    8,    0,    0,    0,
        0,    0,    0,    1,    2,    0x5A, 0x5A, 0x5A, 0x5A, 0x5A, 0x5A,
        0x5A, 0x5A, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5, 0xA5};
    put(UINT64_C(0x0102030405060708), 0x102, 0x5A);
    assert_int_equal(list.bytes, sizeof expected);
    assert_memory_equal(list.at, expected, sizeof expected);
}

static void test_meant__every_name_of_a_list_is_found_and_no_other(void **state)
{
    (void)state;
    tp_meant found;
    for (uint64_t i = 1; i <= 9; i++) {
        put(i / 4 + 1, 2 * i, (uint8_t)i);
    }
    const tp_slice whole = tp_buf_slice(&list);
    assert_true(tp_meant_is_list(whole));
    for (size_t count = 0; count <= 9; count++) {
        const tp_slice part = tp_slice_of(whole.at, count * TP_MEANT_BYTES);
        for (uint64_t i = 1; i <= 9; i++) {
            const tp_name name = {i / 4 + 1, 2 * i};
            assert_int_equal(tp_meant_find(part, name, &found), i <= count);
            if (i <= count) {
                assert_true(tp_name_eq(found.name, name) && found.salt[0] == i);
                assert_true(found.salt[7] == i && found.called[0] == (uint8_t)~i);
            }
            assert_false(tp_meant_find(part, (tp_name){name.device, name.seq + 1}, &found));
        }
    }
}

static void assert_no_list(void)
{
    assert_false(tp_meant_is_list(tp_buf_slice(&list)));
    tp_buf_clear(&list);
}

static void test_meant__what_does_not_ascend_is_no_list(void **state)
{
    (void)state;
    put(5, 2, 1);
    put(5, 2, 1);
    assert_no_list();
    put(5, 2, 1);
    put(5, 1, 1);
    assert_no_list();
    put(5, 1, 1);
    put(4, 2, 1);
    assert_no_list();
    put(0, 1, 1);
    assert_no_list();
    put(5, 0, 1);
    assert_no_list();
    put(5, TP_SEQ_MAX + 1, 1);
    assert_no_list();
    put(5, TP_SEQ_MAX, 1);
    put(UINT64_MAX, 1, 1);
    assert_true(tp_meant_is_list(tp_buf_slice(&list)));
    assert_true(tp_meant_is_list(tp_slice_of(list.at, 0)));
    assert_false(tp_meant_is_list(tp_slice_of(list.at, TP_MEANT_BYTES - 1)));
    assert_false(tp_meant_is_list(tp_slice_of(list.at, TP_MEANT_BYTES + 1)));
}

/* By its salt a change is known that its author has called anew, and by the end of its digest one
 * that the hub has. */
static void test_meant__is_told_by_its_salt_and_what_it_would_be_called(void **state)
{
    (void)state;
    tp_change_draft draft;
    sample_contact_values values;
    tp_meant meant;
    uint8_t digest[TP_SHA256_BYTES];
    must(sample_contact(42, "Had tea.", &values, &draft, &err));
    must(tp_change_encode(&draft, &bytes, &err));
    assert_true(tp_meant_of(draft.name, tp_buf_slice(&bytes), &meant));
    assert_memory_equal(meant.salt, draft.salt, sizeof meant.salt);
    tp_change_digest(draft.name, tp_buf_slice(&bytes), digest);
    assert_memory_equal(meant.called, digest + sizeof digest - sizeof meant.called,
                        sizeof meant.called);
    assert_true(tp_name_eq(meant.name, draft.name));
    assert_false(tp_meant_of(draft.name, tp_slice_str("no change"), &meant));
}

static void read_names(const tp_change_draft *draft)
{
    must(tp_change_encode(draft, &bytes, &err));
    must(tp_change_decode(draft->name, tp_buf_slice(&bytes), &change, &err));
    must(tp_change_names(&change, &value, &names, &err));
}

static bool has_name(uint64_t device, uint64_t seq)
{
    const tp_name name = {device, seq};
    for (size_t at = 0; at < names.bytes; at += sizeof name) {
        if (memcmp(names.at + at, &name, sizeof name) == 0) {
            return true;
        }
    }
    return false;
}

static void test_change_names__of_a_new_record_what_its_values_name(void **state)
{
    (void)state;
    tp_change_draft draft;
    sample_contact_values values;
    must(sample_contact(42, "Had tea.", &values, &draft, &err));
    read_names(&draft);
    assert_int_equal(names.bytes, sizeof(tp_name));
    assert_true(has_name(sample_there, 41));
}

static void test_change_names__its_record_and_what_it_had_seen(void **state)
{
    (void)state;
    const tp_name seen[] = {{sample_here, 40}, {sample_there, 9}};
    tp_value note = sample_text(TP_TYPE_TEXT, "Had soup.");
    tp_value persons = sample_record(sample_there, 50);
    tp_change_draft draft = sample_draft(43, TP_CONSENT);
    persons.type = TP_TYPE_RECORDS;
    persons.names[1] = (tp_name){sample_there, 51};
    persons.names_count = 2;
    draft.record = (tp_name){sample_there, 7};
    must(tp_change_draft_set(&draft, TP_CONSENT_PERSONS, &persons, &err));
    must(tp_change_draft_see(&draft, TP_CONSENT_DECISION, seen, 2, &err));
    note.is_null = true; /* a value that was cleared names nothing */
    must(tp_change_draft_set(&draft, TP_CONSENT_WORDING, &note, &err));
    read_names(&draft);
    assert_int_equal(names.bytes, 5 * sizeof(tp_name));
    assert_true(has_name(sample_there, 7) && has_name(sample_here, 40));
    assert_true(has_name(sample_there, 9) && has_name(sample_there, 50));
    assert_true(has_name(sample_there, 51));
    must(tp_change_names(&change, &value, &names, &err));
    assert_int_equal(names.bytes, 10 * sizeof(tp_name));
    assert_int_equal(tp_names_settle(&names), 5);
    assert_int_equal(names.bytes, 5 * sizeof(tp_name));
    const tp_name *all = (const tp_name *)(const void *)names.at;
    for (size_t i = 1; i < 5; i++) {
        assert_true(tp_name_cmp(all[i - 1], all[i]) < 0);
    }
    tp_buf_clear(&names);
    assert_int_equal(tp_names_settle(&names), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_meant__each_name_has_32_bytes),
        TEST(test_meant__every_name_of_a_list_is_found_and_no_other),
        TEST(test_meant__what_does_not_ascend_is_no_list),
        TEST(test_meant__is_told_by_its_salt_and_what_it_would_be_called),
        TEST(test_change_names__of_a_new_record_what_its_values_name),
        TEST(test_change_names__its_record_and_what_it_had_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
