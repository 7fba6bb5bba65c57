/* Digests against published vectors.
 *
 * Shows no promise: what others stand on, and knows nobody. */
#include "platform/base/encode.h"
#include "platform/crypto/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* Reads hexadecimal into `out`; the number of bytes. */
static size_t from_hex(const char *hex, uint8_t *out, size_t room)
{
    size_t bytes = strlen(hex) / 2;
    assert_true(bytes <= room);
    assert_true(tp_hex_decode(tp_slice_str(hex), out, bytes));
    return bytes;
}

static void assert_hex(const uint8_t *at, size_t bytes, const char *expected)
{
    char text[200];
    assert_true(TP_HEX_ROOM(bytes) <= sizeof text);
    tp_hex_encode(tp_slice_of(at, bytes), text);
    assert_string_equal(text, expected);
}

static void test_sha256__published_vectors(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *digest;
    } rows[] = {
        /* FIPS 180-4 examples */
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t digest[TP_SHA256_BYTES];
        tp_sha256_of(tp_slice_str(rows[i].text), digest);
        assert_hex(digest, sizeof digest, rows[i].digest);
    }
}

static void test_sha256__pieces_and_copies_give_the_same(void **state)
{
    (void)state;
    uint8_t data[300];
    uint8_t whole[TP_SHA256_BYTES];
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (uint8_t)(i * 7);
    }
    tp_sha256_of(tp_slice_of(data, sizeof data), whole);
    for (size_t cut = 0; cut <= sizeof data; cut++) {
        uint8_t digest[TP_SHA256_BYTES];
        uint8_t other[TP_SHA256_BYTES];
        tp_sha256 sha;
        tp_sha256_init(&sha);
        tp_sha256_add(&sha, tp_slice_of(data, cut));
        tp_sha256 copy = sha;
        tp_sha256_add(&copy, tp_slice_str("something else"));
        tp_sha256_end(&copy, other);
        tp_sha256_add(&sha, tp_slice_of(data + cut, sizeof data - cut));
        tp_sha256_end(&sha, digest);
        assert_memory_equal(digest, whole, sizeof whole);
        assert_memory_not_equal(other, whole, sizeof whole);
        tp_sha256_of_two(tp_slice_of(data, cut), tp_slice_of(data + cut, sizeof data - cut),
                         digest);
        assert_memory_equal(digest, whole, sizeof whole);
    }
}

static void test_hmac__published_vectors(void **state)
{
    (void)state;
    enum { LONG_KEY_BYTES = 131 };
    static const struct {
        uint8_t key_byte;
        size_t key_bytes;
        const char *data;
        const char *mac;
    } rows[] = {
        /* RFC 4231, cases 1, 6 and 7 */
        {0x0b, 20, "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {0xaa, LONG_KEY_BYTES, "Test Using Larger Than Block-Size Key - Hash Key First",
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {0xaa, LONG_KEY_BYTES,
         "This is a test using a larger than block-size key and a larger than block-size data. The "
         "key needs to be hashed before being used by the HMAC algorithm.",
         "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t secret[LONG_KEY_BYTES];
        uint8_t mac[TP_SHA256_BYTES];
        uint8_t tag[TP_TAG_BYTES];
        tp_hmac_key key;
        memset(secret, rows[i].key_byte, sizeof secret);
        tp_hmac_key_init(&key, tp_slice_of(secret, rows[i].key_bytes));
        for (int again = 0; again < 2; again++) { /* the key is not used up */
            tp_hmac_of(&key, tp_slice_str(rows[i].data), mac);
            assert_hex(mac, sizeof mac, rows[i].mac);
        }
        tp_hmac_tag(&key, tp_slice_str(rows[i].data), tag);
        assert_memory_equal(tag, mac, sizeof tag);
        assert_true(tp_hmac_tag_is(&key, tp_slice_str(rows[i].data), tag));
        for (size_t bit = 0; bit < sizeof tag * 8; bit++) {
            tag[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_false(tp_hmac_tag_is(&key, tp_slice_str(rows[i].data), tag));
            tag[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        tp_hmac_key_done(&key);
        static const tp_hmac_key wiped;
        assert_memory_equal(&key, &wiped, sizeof key);
    }
}

static void test_hkdf__published_vectors(void **state)
{
    (void)state;
    static const struct {
        const char *secret;
        const char *salt;
        const char *info;
        const char *okm;
    } rows[] = {
        /* RFC 5869, cases 1 and 3 */
        {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "000102030405060708090a0b0c",
         "f0f1f2f3f4f5f6f7f8f9",
         "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
        {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "",
         "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
    };
    tp_err err;
    uint8_t okm[256 * TP_SHA256_BYTES];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t secret[64];
        uint8_t salt[64];
        uint8_t info[64];
        tp_slice s = tp_slice_of(secret, from_hex(rows[i].secret, secret, sizeof secret));
        tp_slice t = tp_slice_of(salt, from_hex(rows[i].salt, salt, sizeof salt));
        tp_slice n = tp_slice_of(info, from_hex(rows[i].info, info, sizeof info));
        assert_int_equal(tp_hkdf(t, s, n, okm, 42, &err), TP_OK);
        assert_hex(okm, 42, rows[i].okm);
    }
    tp_slice none = tp_slice_of("", 0);
    assert_int_equal(tp_hkdf(none, none, none, okm, 255 * TP_SHA256_BYTES, &err), TP_OK);
    assert_int_equal(tp_hkdf(none, none, none, okm, 255 * TP_SHA256_BYTES + 1, &err), TP_INVALID);
}

static void test_secret__compares_and_wipes(void **state)
{
    (void)state;
    uint8_t a[40] = "the same";
    uint8_t b[40] = "the same";
    assert_true(tp_secret_eq(a, b, sizeof a));
    assert_true(tp_secret_eq(a, b, 0));
    b[39] = 1;
    assert_false(tp_secret_eq(a, b, sizeof a));
    tp_secret_wipe(a, 39);
    for (size_t i = 0; i < 39; i++) {
        assert_int_equal(a[i], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256__published_vectors),
        cmocka_unit_test(test_sha256__pieces_and_copies_give_the_same),
        cmocka_unit_test(test_hmac__published_vectors),
        cmocka_unit_test(test_hkdf__published_vectors),
        cmocka_unit_test(test_secret__compares_and_wipes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
