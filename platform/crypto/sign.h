/* Keys on the curve P-256 and ECDSA signatures over a 32-byte digest.
 *
 * Source: FIPS 186-4; SEC 1 for points and keys. */
#ifndef TP_PLATFORM_CRYPTO_SIGN_H
#define TP_PLATFORM_CRYPTO_SIGN_H

#include "platform/base/buf.h"
#include "platform/base/err.h"
#include "platform/base/slice.h"
#include "platform/crypto/digest.h"
#include "platform/os/random.h"

enum { TP_POINT_BYTES = 65, TP_SIGNATURE_BYTES = 64 };

/* A private key with its public one. */
typedef struct tp_key tp_key;

/* A public key, as stored: the uncompressed point, 04 x y. */
typedef struct tp_public_key {
    uint8_t point[TP_POINT_BYTES];
} tp_public_key;

/* Owns: *key_out is the caller's, tp_key_free().  Errors: NOMEM;  IO. */
TP_MUST_USE tp_rc tp_key_generate(tp_rng *rng, tp_key **key_out, tp_err *err);
/* The key that follows from another one and from what whoever has that was told: the same wherever
 * both are, and nobody else's.  FIPS 186-4, B.4.1, on HKDF-SHA256.
 * Owns:   *key_out is the caller's.  Errors: NOMEM;  IO. */
TP_MUST_USE tp_rc tp_key_derive(const tp_key *from, tp_slice told, tp_rng *rng, tp_key **key_out,
                                tp_err *err);
/* Wipes it.  Takes NULL. */
void tp_key_free(tp_key *key);

/* PEM (SEC 1, "EC PRIVATE KEY").  The text is a secret: write it 0600, wipe the buffer.
 * Errors: CORRUPT not a P-256 private key;  NOMEM. */
TP_MUST_USE tp_rc tp_key_to_pem(const tp_key *key, tp_buf *out, tp_err *err);
TP_MUST_USE tp_rc tp_key_from_pem(tp_slice pem, tp_key **key_out, tp_err *err);

void tp_key_public(const tp_key *key, tp_public_key *public_out);

/* r || s, 32 bytes each, big-endian.  Errors: NOMEM;  IO. */
TP_MUST_USE tp_rc tp_key_sign(const tp_key *key, tp_rng *rng, const uint8_t digest[TP_SHA256_BYTES],
                              uint8_t signature_out[TP_SIGNATURE_BYTES], tp_err *err);

/* Errors: DENIED the signature is not of this key over this digest;
 *         CORRUPT the public key is no point of the curve;  NOMEM. */
TP_MUST_USE tp_rc tp_public_key_verify(const tp_public_key *key,
                                       const uint8_t digest[TP_SHA256_BYTES],
                                       const uint8_t signature[TP_SIGNATURE_BYTES], tp_err *err);

#endif
