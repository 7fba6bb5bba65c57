/* Dictionaries are frozen; and they are worth their bytes.
 *
 * Shows no promise: how small it is. */
#include "sync/wire/dictionary.h"

#include "platform/base/alloc.h"
#include "platform/base/encode.h"
#include "platform/crypto/digest.h"
#include "platform/net/deflate.h"
#include "sync/wire/request.h"
#include "tests/unit/sync/wire/sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

/* Not in the dictionary, nor written with it at hand. */
static const char *const notes[] = {
    "Saw John by the fountain, he has had a headache since Sunday and his eyes are sore. Promised "
    "to bring eye drops on Thursday.",
    "Leg still hurts when she climbs the steps. Took two painkillers at noon and rested in the "
    "cafe "
    "until it eased a little bit.",
    "Came for a plaster on his thumb after cutting it while opening a tin. It was shallow, washed "
    "and covered, no stitches needed.",
    "Spoke quietly for a while about her late father. She cried, then laughed, and asked whether "
    "we "
    "could come by again on Friday.",
    "Mouth ulcers make it painful to chew, so he lives on yoghurt and soup. Will ask the dental "
    "van "
    "if they have a free slot soon.",
    "He is thirsty all the time and gets up at night. His uncle had diabetes. Suggested a finger "
    "prick test at the clinic, he agreed.",
    "New boots rub and there is a blister on each heel. Cleaned both, put on soft dressings and "
    "swapped the boots for a wider pair.",
    "Her asthma flared up because of smoke from the fire. Two puffs of the inhaler settled it. She "
    "moved away from the others.",
    "Feels fed up with waiting for a flat. We rang together and learned that he is now fourth on "
    "the list, which cheered him up.",
    "Ran out of tablets on Tuesday and feels shaky. The chemist can give three days' supply if the "
    "surgery sends it over today.",
};
static const char *const places[] = {"arches", "bus shelter", "clinic", "library steps"};
static const char *const kinds[] = {"street", "drop_in", "visit"};

/* Bytes that do not deflate, the same in every run. */
static uint64_t noise(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static void fill(uint8_t *at, size_t bytes, uint64_t *state)
{
    for (size_t i = 0; i < bytes; i++) {
        at[i] = (uint8_t)(noise(state) >> 32);
    }
}

static tp_rc add_contact(tp_request_writer *writer, uint64_t i, uint64_t *state, tp_err *err)
{
    sample_contact_values values;
    tp_change_draft draft;
    tp_buf buf;
    tp_buf_init(&buf, TP_CHANGE_BYTES_MAX);
    tp_rc rc = sample_contact(400 + i, notes[i], &values, &draft, err);
    fill(draft.salt, sizeof draft.salt, state);
    draft.reading.up_ms = (int64_t)(20000000 + i * 640000 + noise(state) % 600000);
    draft.reading.wall_ms = draft.reading.up_ms + INT64_C(1767960000000);
    values.person = sample_record(sample_here, 1 + noise(state) % 300);
    values.happened_at.number = draft.reading.wall_ms - (int64_t)(noise(state) % 7200000);
    values.place.text = tp_slice_str(places[noise(state) % 4]);
    values.kind.text = tp_slice_str(kinds[noise(state) % 3]);
    rc = rc == TP_OK ? tp_change_encode(&draft, &buf, err) : rc;
    rc = rc == TP_OK ? tp_request_writer_add(writer, tp_buf_slice(&buf), err) : rc;
    tp_buf_done(&buf);
    return rc;
}

#define START UINT32_C(0xCC8CD41C)

static tp_rc ten_contacts(tp_buf *message, tp_buf *tail, tp_err *err)
{
    static tp_request head;
    uint64_t state = UINT64_C(88172645463325252);
    tp_request_writer writer;
    memset(&head, 0, sizeof head);
    head.cursor = 84213;
    fill(head.cursor_tag, sizeof head.cursor_tag, &state);
    head.clock = (tp_era_reading){4, 39871234, INT64_C(1767999871234)};
    head.eras_count = 1;
    head.eras[0] = (tp_era_span){
        4, 4, 120312, INT64_C(1767960000000), 39871234, INT64_C(1767960000123), START};
    head.start = START;
    head.first_seq = 400;
    fill(head.chain_start, sizeof head.chain_start, &state);
    fill(head.signature, sizeof head.signature, &state);
    head.directory_version = 3;
    head.generation = 1;
    tp_request_writer_init(&writer, TP_BATCH_BYTES_MAX, TP_BATCH_CHANGES_MAX);
    tp_rc rc = TP_OK;
    for (uint64_t i = 0; i < sizeof notes / sizeof notes[0] && rc == TP_OK; i++) {
        rc = add_contact(&writer, i, &state, err);
    }
    rc = rc == TP_OK ? tp_request_writer_end(&writer, &head, message, tail, err) : rc;
    tp_request_writer_done(&writer);
    return rc;
}

static void test_dictionary__the_bytes_of_a_number_never_change(void **state)
{
    (void)state;
    tp_slice dictionary;
    uint8_t digest[TP_SHA256_BYTES];
    char hex[TP_HEX_ROOM(TP_SHA256_BYTES)];
    assert_true(tp_dictionary_of(1, &dictionary));
    assert_true(dictionary.bytes <= TP_DICTIONARY_BYTES_MAX);
    tp_sha256_of(dictionary, digest);
    tp_hex_encode(tp_slice_of(digest, sizeof digest), hex);
    assert_string_equal(hex, "4f54daead887a4ee7f466b48894ef5eaf7612a4d0cdfcb3f2102b4e922598c21");
}

static void test_dictionary__none_is_empty_and_others_are_unknown(void **state)
{
    (void)state;
    tp_slice dictionary = tp_slice_str("untouched");
    assert_false(tp_dictionary_of(TP_DICTIONARY_NEWEST + 1, &dictionary));
    assert_false(tp_dictionary_of(255, &dictionary));
    assert_int_equal(dictionary.bytes, 9);
    assert_true(tp_dictionary_of(TP_DICTIONARY_NONE, &dictionary));
    assert_int_equal(dictionary.bytes, 0);
}

static void test_dictionary__ten_contacts_are_small(void **state)
{
    (void)state;
    tp_err err = {0};
    tp_buf message;
    tp_buf tail;
    tp_buf with;
    tp_buf without;
    tp_deflate *deflate = NULL;
    tp_slice dictionary;
    tp_buf_init(&message, TP_MESSAGE_BYTES_MAX);
    tp_buf_init(&tail, TP_TAIL_BYTES_MAX);
    tp_buf_init(&with, TP_MESSAGE_BYTES_MAX);
    tp_buf_init(&without, TP_MESSAGE_BYTES_MAX);
    assert_true(tp_dictionary_of(TP_DICTIONARY_NEWEST, &dictionary));
    assert_int_equal(ten_contacts(&message, &tail, &err), TP_OK);
    assert_int_equal(tp_deflate_new(9, &deflate, &err), TP_OK);
    assert_int_equal(tp_deflate_run(deflate, dictionary, tp_buf_slice(&message), &with, &err),
                     TP_OK);
    assert_int_equal(
        tp_deflate_run(deflate, tp_slice_of(NULL, 0), tp_buf_slice(&message), &without, &err),
        TP_OK);
    print_message("ten contacts: %zu bytes, deflated %zu, with the dictionary %zu; tail %zu\n",
                  message.bytes, without.bytes, with.bytes, tail.bytes);
    assert_int_equal(tail.bytes, 16 + 8 + 64 + 10 * 8); /* tag, h, signature, salts */
    assert_true(with.bytes + tail.bytes < 1100);
    assert_true(with.bytes * 100 < without.bytes * 85);
    tp_deflate_free(deflate);
    tp_buf_done(&message);
    tp_buf_done(&tail);
    tp_buf_done(&with);
    tp_buf_done(&without);
    assert_int_equal(tp_alloc_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dictionary__the_bytes_of_a_number_never_change),
        cmocka_unit_test(test_dictionary__none_is_empty_and_others_are_unknown),
        cmocka_unit_test(test_dictionary__ten_contacts_are_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
