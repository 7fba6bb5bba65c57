/* SHA-256, HMAC-SHA256 and HKDF.
 *
 * Source: FIPS 180-4 (SHA-256), RFC 2104 (HMAC), RFC 5869 (HKDF). */
#ifndef TP_PLATFORM_CRYPTO_DIGEST_H
#define TP_PLATFORM_CRYPTO_DIGEST_H

#include "platform/base/err.h"
#include "platform/base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TP_SHA256_BYTES = 32, TP_TAG_BYTES = 16 };

/* A digest in the making: a plain value, may be copied to go on in two ways, needs no done. */
typedef struct tp_sha256 {
    uint32_t state[32]; /* the library's */
} tp_sha256;

void tp_sha256_init(tp_sha256 *sha);
void tp_sha256_add(tp_sha256 *sha, tp_slice s);
/* Ends it; init before the next use. */
void tp_sha256_end(tp_sha256 *sha, uint8_t out[TP_SHA256_BYTES]);

/* The digest of `s`. */
void tp_sha256_of(tp_slice s, uint8_t out[TP_SHA256_BYTES]);
/* The digest of `a` followed by `b`. */
void tp_sha256_of_two(tp_slice a, tp_slice b, uint8_t out[TP_SHA256_BYTES]);

/* A number as it stands in what is digested: 8 bytes, big-endian.  Answers where the next one
 * goes. */
static inline uint8_t *tp_digest_put_u64(uint8_t *to, uint64_t n)
{
    for (int shift = 56; shift >= 0; shift -= 8) {
        *to++ = (uint8_t)(n >> shift);
    }
    return to;
}

/* A key made ready once for many short messages.  Holds secrets: done wipes it. */
typedef struct tp_hmac_key {
    tp_sha256 inner; /* after the key's inner pad */
    tp_sha256 outer; /* after the key's outer pad */
} tp_hmac_key;

void tp_hmac_key_init(tp_hmac_key *key, tp_slice secret);
void tp_hmac_key_done(tp_hmac_key *key);

void tp_hmac_of(const tp_hmac_key *key, tp_slice s, uint8_t out[TP_SHA256_BYTES]);
/* The first 128 bits of it (RFC 2104, section 5). */
void tp_hmac_tag(const tp_hmac_key *key, tp_slice s, uint8_t out[TP_TAG_BYTES]);
/* True if `tag` is that of `s`; takes the same time either way. */
bool tp_hmac_tag_is(const tp_hmac_key *key, tp_slice s, const uint8_t tag[TP_TAG_BYTES]);

/* HKDF-SHA256: `bytes` of key material, at most 255 * 32.  Errors: INVALID too many bytes. */
TP_MUST_USE tp_rc tp_hkdf(tp_slice salt, tp_slice secret, tp_slice info, uint8_t *out, size_t bytes,
                          tp_err *err);

/* Equal?  Takes the same time wherever they differ.  For secrets. */
bool tp_secret_eq(const void *a, const void *b, size_t bytes);
/* Overwrites a secret in a way that no compiler leaves out. */
void tp_secret_wipe(void *at, size_t bytes);

#endif
