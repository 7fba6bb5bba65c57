/* Digest, chain and tags against values reckoned from FORMAT.md with another implementation.
 *
 * Shows P26. */
#include "sync/wire/chain.h"

#include "platform/base/encode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const uint64_t device = UINT64_C(0xA1B2C3D4E5F60718);

static void assert_hex(const uint8_t *bytes, size_t count, const char *hex)
{
    char text[TP_HEX_ROOM(32)];
    tp_hex_encode(tp_slice_of(bytes, count), text);
    assert_string_equal(text, hex);
}

static void test_change_digest__is_over_name_and_bytes(void **state)
{
    (void)state;
    uint8_t out[TP_SHA256_BYTES];
    tp_change_digest((tp_name){device, 42}, tp_slice_str("tea"), out);
    assert_hex(out, sizeof out, "a14c06e7b698d28a48a02185bece19e7613c116895a9c699d67ae9651ec0a8ce");
}

static void test_stamped_digest__is_over_the_digest_and_what_is_said(void **state)
{
    (void)state;
    uint8_t out[TP_SHA256_BYTES];
    tp_said said = {.stamp = {.ms = INT64_C(1767225600000), .number = 77}, .verdict = 1};
    const char *certain = "d4cb13f40708341d3773e031752485c10f13ae59b34022800ba32cda881e60ca";
    tp_stamped_digest((tp_name){device, 42}, tp_slice_str("tea"), &said, out);
    assert_hex(out, sizeof out, certain);
    said.stamp.earliest_ms = said.stamp.ms; /* as good as none: not sent */
    said.stamp.latest_ms = said.stamp.ms;
    tp_stamped_digest((tp_name){device, 42}, tp_slice_str("tea"), &said, out);
    assert_hex(out, sizeof out, certain);
    said.stamp.earliest_ms -= 1000;
    tp_stamped_digest((tp_name){device, 42}, tp_slice_str("tea"), &said, out);
    assert_hex(out, sizeof out, "79d04fa2507a6c4f3612e1372c471468f27a762031b81d291d06ce1e2f604829");
    said.stamp.latest_ms += 1000;
    tp_stamped_digest((tp_name){device, 42}, tp_slice_str("tea"), &said, out);
    assert_hex(out, sizeof out, "7fad68b1c3d67b10b9bc5ac3e9c54c4996386524fc4d94bb33556ba84bc3639c");
}

static void test_chain__folds_each_change(void **state)
{
    (void)state;
    uint8_t h[TP_CHAIN_BYTES];
    tp_chain_start(device, h);
    assert_hex(h, sizeof h, "af77ffdab817c17e7c062c04cf8280b18058778209630ea28912213bf1cbd03c");
    tp_chain_add(h, tp_slice_str("tea"));
    assert_hex(h, sizeof h, "ece9a87942d1840e41554fe640a2f0d9d309c62d20092076e1c121a7d2542d95");
}

static void test_tags__cover_each_member(void **state)
{
    (void)state;
    uint8_t secret[32];
    memset(secret, 'k', sizeof secret);
    tp_hmac_key key;
    tp_hmac_key_init(&key, tp_slice_of(secret, sizeof secret));
    tp_slice agency = tp_slice_str("northside");
    uint8_t tag[TP_TAG_BYTES];
    const tp_entry entry = {.name = {device, 42},
                            .bytes = tp_slice_str("tea"),
                            .stamp = {1000, -1, 2000, 9},
                            .position = 5,
                            .verdict = 1};
    tp_entry_tag(&key, 7, agency, &entry, tag);
    assert_hex(tag, sizeof tag, "da22ff0f543ba97d573e68b68e930be8");
    tp_entry others[] = {entry, entry, entry, entry, entry, entry, entry, entry, entry};
    others[0].name.device++;
    others[1].name.seq++;
    others[2].bytes = tp_slice_str("teb");
    others[3].stamp.ms++;
    others[4].stamp.earliest_ms++;
    others[5].stamp.latest_ms++;
    others[6].stamp.number++;
    others[7].position++;
    others[8].verdict = 0;
    uint8_t other[TP_TAG_BYTES];
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        tp_entry_tag(&key, 7, agency, &others[i], other);
        assert_memory_not_equal(tag, other, sizeof tag);
    }
    tp_entry_tag(&key, 8, agency, &entry, other);
    assert_memory_not_equal(tag, other, sizeof tag);
    tp_entry_tag(&key, 7, tp_slice_str("northsidf"), &entry, other);
    assert_memory_not_equal(tag, other, sizeof tag);

    tp_hmac_key_done(&key);
}

static void test_cursor_tag__tells_when_it_was_given(void **state)
{
    (void)state;
    uint8_t secret[32];
    uint8_t tag[TP_TAG_BYTES];
    int64_t told_ms = 0;
    memset(secret, 'k', sizeof secret);
    tp_hmac_key key;
    tp_hmac_key_init(&key, tp_slice_of(secret, sizeof secret));
    const tp_slice agency = tp_slice_str("northside");
    tp_cursor_tag(&key, 7, agency, 5, INT64_C(1767225600000), tag);
    assert_hex(tag, sizeof tag, "019b76daa80005cba045fa591d87319c");
    assert_true(tp_cursor_tag_fits(&key, 7, agency, 5, tag, &told_ms));
    assert_int_equal(told_ms, INT64_C(1767225600000));
    assert_false(tp_cursor_tag_fits(&key, 8, agency, 5, tag, &told_ms));
    assert_false(tp_cursor_tag_fits(&key, 7, tp_slice_str("northsidf"), 5, tag, &told_ms));
    assert_false(tp_cursor_tag_fits(&key, 7, agency, 6, tag, &told_ms));
    for (size_t i = 0; i < sizeof tag; i++) {
        tag[i] ^= 1;
        assert_false(tp_cursor_tag_fits(&key, 7, agency, 5, tag, &told_ms));
        tag[i] ^= 1;
    }
    tp_hmac_key_done(&key);
}

/* What stands in devices since before tags told the time. */
static void test_cursor_tag__an_older_one_fits(void **state)
{
    (void)state;
    static const uint8_t tag[TP_TAG_BYTES] = {0x15, 0x86, 0xe8, 0x0a, 0x84, 0xec, 0xf2, 0x79,
                                              0x7e, 0x53, 0x9f, 0x8f, 0xdb, 0x23, 0x33, 0x02};
    uint8_t secret[32];
    int64_t told_ms = 1;
    memset(secret, 'k', sizeof secret);
    tp_hmac_key key;
    tp_hmac_key_init(&key, tp_slice_of(secret, sizeof secret));
    const tp_slice agency = tp_slice_str("northside");
    assert_true(tp_cursor_tag_fits(&key, 7, agency, 5, tag, &told_ms));
    assert_int_equal(told_ms, 0);
    assert_false(tp_cursor_tag_fits(&key, 7, agency, 6, tag, &told_ms));
    tp_hmac_key_done(&key);
}

static void test_push_tag__covers_each_member(void **state)
{
    (void)state;
    uint8_t secret[32];
    uint8_t h[TP_CHAIN_BYTES];
    uint8_t stamps[TP_STAMPS_DIGEST_BYTES];
    memset(secret, 'k', sizeof secret);
    memset(h, 'h', sizeof h);
    memset(stamps, 's', sizeof stamps);
    tp_hmac_key key;
    tp_hmac_key_init(&key, tp_slice_of(secret, sizeof secret));
    tp_slice agency = tp_slice_str("northside");
    uint8_t tag[TP_TAG_BYTES];
    tp_push_tag(&key, 7, agency, device, 3, 42, h, stamps, tag);
    assert_hex(tag, sizeof tag, "e6892fba7cd8668f726254a86dcf8625");
    uint8_t others[8][TP_TAG_BYTES];
    tp_push_tag(&key, 8, agency, device, 3, 42, h, stamps, others[0]);
    tp_push_tag(&key, 7, tp_slice_str("northsidf"), device, 3, 42, h, stamps, others[1]);
    tp_push_tag(&key, 7, agency, device + 1, 3, 42, h, stamps, others[2]);
    tp_push_tag(&key, 7, agency, device, 4, 42, h, stamps, others[3]);
    tp_push_tag(&key, 7, agency, device, 3, 43, h, stamps, others[4]);
    h[31]++;
    tp_push_tag(&key, 7, agency, device, 3, 42, h, stamps, others[5]);
    h[31]--;
    stamps[7]++;
    tp_push_tag(&key, 7, agency, device, 3, 42, h, stamps, others[6]);
    tp_cursor_tag(&key, 7, agency, device, 1, others[7]);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        assert_memory_not_equal(tag, others[i], sizeof tag);
    }
    tp_hmac_key_done(&key);
}

static void test_stamps_digest__covers_each_member_in_order(void **state)
{
    (void)state;
    const tp_stamp stamps[] = {{1000, -1, 2000, 9}, {1001, 0, 0, 10}};
    tp_sha256 sha;
    uint8_t digest[TP_STAMPS_DIGEST_BYTES];
    tp_stamps_digest_init(&sha);
    tp_stamps_digest_add(&sha, &stamps[0]);
    tp_stamps_digest_add(&sha, &stamps[1]);
    tp_stamps_digest_end(&sha, digest);
    assert_hex(digest, sizeof digest, "2854b3f93eaf1e38");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_change_digest__is_over_name_and_bytes),
        cmocka_unit_test(test_stamped_digest__is_over_the_digest_and_what_is_said),
        cmocka_unit_test(test_chain__folds_each_change),
        cmocka_unit_test(test_tags__cover_each_member),
        cmocka_unit_test(test_cursor_tag__tells_when_it_was_given),
        cmocka_unit_test(test_cursor_tag__an_older_one_fits),
        cmocka_unit_test(test_push_tag__covers_each_member),
        cmocka_unit_test(test_stamps_digest__covers_each_member_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
