/* P-256 keys and signatures.
 *
 * Shows no promise: what others stand on, and knows nobody. */
#include "platform/base/alloc.h"
#include "platform/base/encode.h"
#include "platform/base/fault.h"
#include "platform/crypto/mbedtls_glue.h"
#include "platform/crypto/sign.h"

#include <mbedtls/ecp.h>
#include <mbedtls/md.h>
#include <mbedtls/pem.h>
#include <mbedtls/pk.h>
#include <mbedtls/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static tp_err err;
static uint8_t digest[TP_SHA256_BYTES];

static tp_key *make_key(uint64_t seed)
{
    tp_rng_seeded rng;
    tp_key *key = NULL;
    tp_rng_seeded_init(&rng, seed);
    assert_int_equal(tp_key_generate(&rng.rng, &key, &err), TP_OK);
    return key;
}

/* RFC 6979, A.2.5. */
static const char published_pem[] =
    "-----BEGIN EC PRIVATE KEY-----\n"
    "MDECAQEEIMmvqdhFunUWa1whV2ex1pNOUMPbNuibEnuKYisSD2choAoGCCqGSM49\n"
    "AwEH\n"
    "-----END EC PRIVATE KEY-----\n";

/* RFC 6979, A.2.5: P-256 with SHA-256, message "sample". */
static void test_key_sign__published_vector(void **state)
{
    (void)state;
    static const char expected[] =
        "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
        "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
    uint8_t signature[TP_SIGNATURE_BYTES];
    char text[TP_HEX_ROOM(TP_SIGNATURE_BYTES)];
    tp_key *key = NULL;
    tp_public_key public_key;
    assert_int_equal(tp_key_from_pem(tp_slice_str(published_pem), &key, &err), TP_OK);
    tp_sha256_of(tp_slice_str("sample"), digest);
    assert_int_equal(tp_key_sign(key, tp_rng_system(), digest, signature, &err), TP_OK);
    tp_hex_encode(tp_slice_of(signature, sizeof signature), text);
    assert_string_equal(text, expected);
    tp_key_public(key, &public_key);
    assert_int_equal(tp_public_key_verify(&public_key, digest, signature, &err), TP_OK);
    tp_key_free(key);
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_public_key_verify__refuses_every_flipped_bit(void **state)
{
    (void)state;
    enum { EVERY = 29 }; /* bits; all of them would take seconds under sanitizers */
    uint8_t signature[TP_SIGNATURE_BYTES];
    tp_public_key public_key;
    tp_public_key other_public_key;
    tp_key *key = make_key(1);
    tp_key *other = make_key(2);
    tp_sha256_of(tp_slice_str("a change"), digest);
    tp_key_public(key, &public_key);
    tp_key_public(other, &other_public_key);
    assert_int_equal(tp_key_sign(key, tp_rng_system(), digest, signature, &err), TP_OK);
    assert_int_equal(tp_public_key_verify(&public_key, digest, signature, &err), TP_OK);
    assert_int_equal(tp_public_key_verify(&other_public_key, digest, signature, &err), TP_DENIED);
    for (size_t bit = 0; bit < TP_SIGNATURE_BYTES * 8; bit += EVERY) {
        signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(tp_public_key_verify(&public_key, digest, signature, &err), TP_DENIED);
        signature[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    digest[31] ^= 1;
    assert_int_equal(tp_public_key_verify(&public_key, digest, signature, &err), TP_DENIED);
    uint8_t zeros[TP_SIGNATURE_BYTES] = {0};
    assert_int_equal(tp_public_key_verify(&public_key, digest, zeros, &err), TP_DENIED);
    tp_key_free(key);
    tp_key_free(other);
}

static void test_public_key_verify__a_point_off_the_curve_is_corrupt(void **state)
{
    (void)state;
    static const uint8_t signature[TP_SIGNATURE_BYTES] = {1};
    tp_key *key = make_key(3);
    tp_public_key good;
    tp_key_public(key, &good);
    tp_public_key bad = good;
    bad.point[64] ^= 1;
    assert_int_equal(tp_public_key_verify(&bad, digest, signature, &err), TP_CORRUPT);
    bad = good;
    bad.point[0] = 2;
    assert_int_equal(tp_public_key_verify(&bad, digest, signature, &err), TP_CORRUPT);
    memset(&bad, 0, sizeof bad);
    assert_int_equal(tp_public_key_verify(&bad, digest, signature, &err), TP_CORRUPT);
    tp_key_free(key);
}

static void test_key_pem__comes_back_as_the_same_key(void **state)
{
    (void)state;
    tp_buf pem;
    tp_buf_init(&pem, 1000);
    tp_key *key = make_key(4);
    tp_key *back = NULL;
    tp_public_key one;
    tp_public_key two;
    assert_int_equal(tp_key_to_pem(key, &pem, &err), TP_OK);
    assert_int_equal(tp_key_from_pem(tp_buf_slice(&pem), &back, &err), TP_OK);
    tp_key_public(key, &one);
    tp_key_public(back, &two);
    assert_memory_equal(&one, &two, sizeof one);
    tp_key_free(back);
    for (int nth = 1; nth <= 2; nth++) {
        tp_fault_set(nth == 1 ? "alloc.nth:1" : "alloc.nth:2");
        assert_int_equal(tp_key_from_pem(tp_buf_slice(&pem), &back, &err), TP_NOMEM);
        tp_fault_set(NULL);
        assert_null(back);
    }
    tp_key_free(key);
    tp_buf_done(&pem);
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_key_from_pem__refuses_what_is_no_p256_key(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *pem;
    } rows[] = {
        {"nothing", ""},
        {"words", "no key at all"},
        {"cut off", "-----BEGIN EC PRIVATE KEY-----\nMDECAQEEIMmvqdhF\n"},
        {"damaged", "-----BEGIN EC PRIVATE KEY-----\n"
                    "MDECAQEEIMmvqdhFunVbW1xhd9v0Fdw5FPHhVQX9ag9Vfd22gx9noAoGCCqGSM49\n"
                    "-----END EC PRIVATE KEY-----\n"},
        {"P-384", "-----BEGIN EC PRIVATE KEY-----\n"
                  "MD4CAQEEMGudPa0uG4wcBbGYdbZln03iPDtme/KXupqkd0B4cTfYltVyTkxwqCX4\n"
                  "csnqYNLt9aAHBgUrgQQAIg==\n"
                  "-----END EC PRIVATE KEY-----\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_key *key = NULL;
        tp_rc rc = tp_key_from_pem(tp_slice_str(rows[i].pem), &key, &err);
        if (rc != TP_CORRUPT || key != NULL) {
            fail_msg("%s: %s", rows[i].name, tp_rc_name(rc));
        }
    }
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_key_generate__follows_its_random_source(void **state)
{
    (void)state;
    tp_public_key keys[3];
    static const uint64_t seeds[] = {7, 7, 8};
    for (size_t i = 0; i < 3; i++) {
        tp_key *key = make_key(seeds[i]);
        tp_key_public(key, &keys[i]);
        tp_key_free(key);
    }
    assert_memory_equal(&keys[0], &keys[1], sizeof keys[0]);
    assert_memory_not_equal(&keys[0], &keys[2], sizeof keys[0]);
    tp_key_free(NULL);
}

/* What two machines reckon apart has to be one key, in each version.  x is of the published key,
 * reckoned by another program. */
static void test_key_derive__follows_from_the_key_and_what_was_told(void **state)
{
    (void)state;
    static const struct {
        uint64_t seed;
        const char *told;
    } rows[] = {{0, "one"}, {0, "one"}, {0, "two"}, {8, "one"}}; /* 0: the published one */
    static const uint8_t x[] = {0xa2, 0xce, 0xb7, 0x42, 0xf8, 0xad};
    tp_public_key keys[4];
    for (size_t i = 0; i < 4; i++) {
        tp_key *from = rows[i].seed == 0 ? NULL : make_key(rows[i].seed);
        tp_key *key = NULL;
        if (from == NULL) {
            assert_int_equal(tp_key_from_pem(tp_slice_str(published_pem), &from, &err), TP_OK);
        }
        assert_int_equal(
            tp_key_derive(from, tp_slice_str(rows[i].told), tp_rng_system(), &key, &err), TP_OK);
        tp_key_public(key, &keys[i]);
        uint8_t signature[TP_SIGNATURE_BYTES];
        assert_int_equal(tp_key_sign(key, tp_rng_system(), digest, signature, &err), TP_OK);
        assert_int_equal(tp_public_key_verify(&keys[i], digest, signature, &err), TP_OK);
        tp_key_free(key);
        tp_key_free(from);
    }
    assert_memory_equal(keys[0].point + 1, x, sizeof x);
    assert_memory_equal(&keys[0], &keys[1], sizeof keys[0]);
    assert_memory_not_equal(&keys[0], &keys[2], sizeof keys[0]);
    assert_memory_not_equal(&keys[0], &keys[3], sizeof keys[0]);
    assert_int_equal(tp_alloc_live(), 0);
}

/* Found by fault.sweep: each module has a code of its own for want of memory, and what it calls
 * adds another.  That of the digests was said to be a failed read. */
static void test_mbedtls_fail__want_of_memory_is_said_as_such(void **state)
{
    static const struct {
        int code;
        tp_rc rc;
    } rows[] = {
        {MBEDTLS_ERR_ECP_ALLOC_FAILED, TP_NOMEM},
        {MBEDTLS_ERR_PK_ALLOC_FAILED, TP_NOMEM},
        {MBEDTLS_ERR_X509_ALLOC_FAILED, TP_NOMEM},
        {MBEDTLS_ERR_PEM_ALLOC_FAILED, TP_NOMEM},
        {MBEDTLS_ERR_MD_ALLOC_FAILED, TP_NOMEM},
        {MBEDTLS_ERR_THREADING_BAD_INPUT_DATA, TP_NOMEM},
        {MBEDTLS_ERR_PK_KEY_INVALID_FORMAT + MBEDTLS_ERR_ASN1_ALLOC_FAILED, TP_NOMEM},
        {MBEDTLS_ERR_ECP_VERIFY_FAILED + MBEDTLS_ERR_MPI_ALLOC_FAILED, TP_NOMEM},
        {MBEDTLS_ERR_ECP_VERIFY_FAILED, TP_CORRUPT},
        {MBEDTLS_ERR_MD_BAD_INPUT_DATA, TP_CORRUPT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(tp_mbedtls_fail(&err, TP_CORRUPT, rows[i].code, "signing"), rows[i].rc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mbedtls_fail__want_of_memory_is_said_as_such),
        cmocka_unit_test(test_key_sign__published_vector),
        cmocka_unit_test(test_public_key_verify__refuses_every_flipped_bit),
        cmocka_unit_test(test_public_key_verify__a_point_off_the_curve_is_corrupt),
        cmocka_unit_test(test_key_pem__comes_back_as_the_same_key),
        cmocka_unit_test(test_key_from_pem__refuses_what_is_no_p256_key),
        cmocka_unit_test(test_key_generate__follows_its_random_source),
        cmocka_unit_test(test_key_derive__follows_from_the_key_and_what_was_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
