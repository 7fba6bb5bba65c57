/* Sealing: a published vector, and what must not open.
 *
 * Shows no promise: what others stand on, and knows nobody. */
#include "platform/crypto/aead.h"

#include "platform/base/encode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static tp_err err;

/* "The Galois/Counter Mode of Operation" (McGrew, Viega), test case 15: AES-256, no other data. */
static void test_crypto_aead__published_vector_opens(void **state)
{
    (void)state;
    static const char key_hex[] =
        "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
    static const char sealed_hex[] =
        "cafebabefacedbaddecaf888"
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad"
        "b094dac5d93471bdec1a502270e3cc6c";
    static const char text_hex[] =
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255";
    uint8_t key[TP_AEAD_KEY_BYTES];
    uint8_t sealed[(sizeof sealed_hex - 1) / 2];
    uint8_t text[(sizeof text_hex - 1) / 2];
    tp_buf out;
    assert_true(tp_hex_decode(tp_slice_str(key_hex), key, sizeof key));
    assert_true(tp_hex_decode(tp_slice_str(sealed_hex), sealed, sizeof sealed));
    assert_true(tp_hex_decode(tp_slice_str(text_hex), text, sizeof text));
    tp_buf_init(&out, 256);
    assert_int_equal(tp_aead_open(key, tp_slice_of(sealed, sizeof sealed), &out, &err), TP_OK);
    assert_true(tp_slice_eq(tp_buf_slice(&out), tp_slice_of(text, sizeof text)));
    tp_buf_done(&out);
}

static void test_crypto_aead__opens_what_was_sealed_and_nothing_else(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "x", "a longer one, of more than one block of AES"};
    uint8_t key[TP_AEAD_KEY_BYTES] = "thirty-two bytes, of no account";
    tp_rng_seeded rng;
    tp_rng_seeded_init(&rng, 7);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        tp_buf sealed;
        tp_buf out;
        tp_buf_init(&sealed, 256);
        tp_buf_init(&out, 256);
        assert_int_equal(tp_aead_seal(key, &rng.rng, tp_slice_str(texts[i]), &sealed, &err), TP_OK);
        assert_int_equal(sealed.bytes, strlen(texts[i]) + TP_AEAD_NONCE_BYTES + TP_AEAD_TAG_BYTES);
        assert_int_equal(tp_aead_open(key, tp_buf_slice(&sealed), &out, &err), TP_OK);
        assert_true(tp_slice_is(tp_buf_slice(&out), texts[i]));
        tp_buf_clear(&out);
        for (size_t at = 0; at < sealed.bytes; at++) {
            sealed.at[at] ^= 1;
            assert_int_equal(tp_aead_open(key, tp_buf_slice(&sealed), &out, &err), TP_CORRUPT);
            sealed.at[at] ^= 1;
            assert_int_equal(tp_aead_open(key, tp_slice_of(sealed.at, at), &out, &err), TP_CORRUPT);
        }
        key[31] ^= 1;
        assert_int_equal(tp_aead_open(key, tp_buf_slice(&sealed), &out, &err), TP_CORRUPT);
        key[31] ^= 1;
        assert_int_equal(out.bytes, 0);
        tp_buf_done(&sealed);
        tp_buf_done(&out);
    }
}

static void test_crypto_aead__a_full_buffer_stays_as_it_was(void **state)
{
    (void)state;
    const uint8_t key[TP_AEAD_KEY_BYTES] = {0};
    tp_buf out;
    tp_rng_seeded rng;
    tp_rng_seeded_init(&rng, 7);
    tp_buf_init(&out, 16);
    assert_int_equal(tp_aead_seal(key, &rng.rng, tp_slice_str("x"), &out, &err), TP_LIMIT);
    assert_int_equal(out.bytes, 0);
    tp_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_crypto_aead__published_vector_opens),
        cmocka_unit_test(test_crypto_aead__opens_what_was_sealed_and_nothing_else),
        cmocka_unit_test(test_crypto_aead__a_full_buffer_stays_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
