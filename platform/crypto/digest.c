/* SHA-256 on OpenSSL; HMAC with its pads worked out once; HKDF on mbedTLS.
 *
 * Each change is hashed several times on its way, so the speed of a short digest counts.  On an
 * x86-64 with SHA instructions a digest of 200 bytes takes mbedTLS 2.28 1070 ns, OpenSSL's EVP
 * calls with a kept context 225 ns, and the calls used here 164 ns.  Those are marked as deprecated
 * since OpenSSL 3.0, but they alone work on a plain value that needs no allocation and can be
 * copied, which is what HMAC and the chain of digests want.  Should they ever go, this file is all
 * that changes. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "platform/crypto/digest.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <mbedtls/hkdf.h>
#include <mbedtls/md.h>

enum { BLOCK_BYTES = 64, INNER_PAD = 0x36, OUTER_PAD = 0x5c };

_Static_assert(sizeof(SHA256_CTX) <= sizeof(tp_sha256), "the library's state fits");
_Static_assert(_Alignof(SHA256_CTX) <= _Alignof(tp_sha256), "and is aligned");

static SHA256_CTX *context_of(tp_sha256 *sha)
{
    return (SHA256_CTX *)(void *)sha->state;
}

void tp_sha256_init(tp_sha256 *sha)
{
    SHA256_Init(context_of(sha));
}

void tp_sha256_add(tp_sha256 *sha, tp_slice s)
{
    if (s.bytes > 0) {
        SHA256_Update(context_of(sha), s.at, s.bytes);
    }
}

void tp_sha256_end(tp_sha256 *sha, uint8_t out[TP_SHA256_BYTES])
{
    SHA256_Final(out, context_of(sha));
}

void tp_sha256_of(tp_slice s, uint8_t out[TP_SHA256_BYTES])
{
    tp_sha256 sha;
    tp_sha256_init(&sha);
    tp_sha256_add(&sha, s);
    tp_sha256_end(&sha, out);
}

void tp_sha256_of_two(tp_slice a, tp_slice b, uint8_t out[TP_SHA256_BYTES])
{
    tp_sha256 sha;
    tp_sha256_init(&sha);
    tp_sha256_add(&sha, a);
    tp_sha256_add(&sha, b);
    tp_sha256_end(&sha, out);
}

static void start_with_pad(tp_sha256 *sha, const uint8_t secret[BLOCK_BYTES], uint8_t pad)
{
    uint8_t block[BLOCK_BYTES];
    for (size_t i = 0; i < sizeof block; i++) {
        block[i] = secret[i] ^ pad;
    }
    tp_sha256_init(sha);
    tp_sha256_add(sha, tp_slice_of(block, sizeof block));
    tp_secret_wipe(block, sizeof block);
}

void tp_hmac_key_init(tp_hmac_key *key, tp_slice secret)
{
    uint8_t block[BLOCK_BYTES] = {0};
    if (secret.bytes > sizeof block) {
        tp_sha256_of(secret, block);
    } else if (secret.bytes > 0) {
        memcpy(block, secret.at, secret.bytes);
    }
    start_with_pad(&key->inner, block, INNER_PAD);
    start_with_pad(&key->outer, block, OUTER_PAD);
    tp_secret_wipe(block, sizeof block);
}

void tp_hmac_key_done(tp_hmac_key *key)
{
    tp_secret_wipe(key, sizeof *key);
}

void tp_hmac_of(const tp_hmac_key *key, tp_slice s, uint8_t out[TP_SHA256_BYTES])
{
    uint8_t inner[TP_SHA256_BYTES];
    tp_sha256 sha = key->inner;
    tp_sha256_add(&sha, s);
    tp_sha256_end(&sha, inner);
    sha = key->outer;
    tp_sha256_add(&sha, tp_slice_of(inner, sizeof inner));
    tp_sha256_end(&sha, out);
}

void tp_hmac_tag(const tp_hmac_key *key, tp_slice s, uint8_t out[TP_TAG_BYTES])
{
    uint8_t whole[TP_SHA256_BYTES];
    tp_hmac_of(key, s, whole);
    memcpy(out, whole, TP_TAG_BYTES);
}

bool tp_hmac_tag_is(const tp_hmac_key *key, tp_slice s, const uint8_t tag[TP_TAG_BYTES])
{
    uint8_t expected[TP_TAG_BYTES];
    tp_hmac_tag(key, s, expected);
    return tp_secret_eq(expected, tag, sizeof expected);
}

tp_rc tp_hkdf(tp_slice salt, tp_slice secret, tp_slice info, uint8_t *out, size_t bytes,
              tp_err *err)
{
    int code = mbedtls_hkdf(mbedtls_md_info_from_type(MBEDTLS_MD_SHA256), salt.at, salt.bytes,
                            secret.at, secret.bytes, info.at, info.bytes, out, bytes);
    if (code != 0) {
        return tp_fail_from(err, code == MBEDTLS_ERR_MD_ALLOC_FAILED ? TP_NOMEM : TP_INVALID,
                            TP_ORIGIN_MBEDTLS, code, "deriving a key of %zu bytes", bytes);
    }
    return TP_OK;
}

bool tp_secret_eq(const void *a, const void *b, size_t bytes)
{
    return CRYPTO_memcmp(a, b, bytes) == 0;
}

void tp_secret_wipe(void *at, size_t bytes)
{
    OPENSSL_cleanse(at, bytes);
}
