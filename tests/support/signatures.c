/* Signatures that cost next to nothing. */
#include "tests/support/signatures.h"

#include "platform/crypto/sign.h"

#include <string.h>

bool signatures_are_real;

tp_rc __real_tp_key_sign(const tp_key *key, tp_rng *rng, const uint8_t digest[TP_SHA256_BYTES],
                         uint8_t signature_out[TP_SIGNATURE_BYTES], tp_err *err);
tp_rc __real_tp_public_key_verify(const tp_public_key *key, const uint8_t digest[TP_SHA256_BYTES],
                                  const uint8_t signature[TP_SIGNATURE_BYTES], tp_err *err);
tp_rc __wrap_tp_key_sign(const tp_key *key, tp_rng *rng, const uint8_t digest[TP_SHA256_BYTES],
                         uint8_t signature_out[TP_SIGNATURE_BYTES], tp_err *err);
tp_rc __wrap_tp_public_key_verify(const tp_public_key *key, const uint8_t digest[TP_SHA256_BYTES],
                                  const uint8_t signature[TP_SIGNATURE_BYTES], tp_err *err);

static void sign_cheaply(const tp_public_key *key, const uint8_t digest[TP_SHA256_BYTES],
                         uint8_t signature_out[TP_SIGNATURE_BYTES])
{
    const tp_slice point = tp_slice_of(key->point, sizeof key->point);
    const tp_slice what = tp_slice_of(digest, TP_SHA256_BYTES);
    tp_sha256_of_two(point, what, signature_out);
    tp_sha256_of_two(what, point, signature_out + TP_SHA256_BYTES);
}

tp_rc __wrap_tp_key_sign(const tp_key *key, tp_rng *rng, const uint8_t digest[TP_SHA256_BYTES],
                         uint8_t signature_out[TP_SIGNATURE_BYTES], tp_err *err)
{
    tp_public_key public_key;
    if (signatures_are_real) {
        return __real_tp_key_sign(key, rng, digest, signature_out, err);
    }
    tp_key_public(key, &public_key);
    sign_cheaply(&public_key, digest, signature_out);
    return TP_OK;
}

tp_rc __wrap_tp_public_key_verify(const tp_public_key *key, const uint8_t digest[TP_SHA256_BYTES],
                                  const uint8_t signature[TP_SIGNATURE_BYTES], tp_err *err)
{
    uint8_t should[TP_SIGNATURE_BYTES];
    if (signatures_are_real) {
        return __real_tp_public_key_verify(key, digest, signature, err);
    }
    sign_cheaply(key, digest, should);
    return memcmp(should, signature, sizeof should) == 0
               ? TP_OK
               : tp_fail(err, TP_DENIED, "the signature is not of this key");
}
