/* Sealing with mbedTLS. */
#include "platform/crypto/aead.h"

#include "platform/crypto/digest.h"
#include "platform/crypto/mbedtls_glue.h"

#include <mbedtls/gcm.h>

tp_rc tp_aead_seal(const uint8_t key[TP_AEAD_KEY_BYTES], tp_rng *rng, tp_slice text, tp_buf *out,
                   tp_err *err)
{
    mbedtls_gcm_context gcm;
    uint8_t *at = NULL;
    tp_rc rc = tp_buf_reserve(out, TP_AEAD_NONCE_BYTES + text.bytes + TP_AEAD_TAG_BYTES, &at, err);
    if (rc != TP_OK) {
        return rc;
    }
    uint8_t *sealed = at + TP_AEAD_NONCE_BYTES;
    tp_rng_fill(rng, at, TP_AEAD_NONCE_BYTES);
    mbedtls_gcm_init(&gcm);
    int code = mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key, 8 * TP_AEAD_KEY_BYTES);
    if (code == 0) {
        code = mbedtls_gcm_crypt_and_tag(&gcm, MBEDTLS_GCM_ENCRYPT, text.bytes, at,
                                         TP_AEAD_NONCE_BYTES, NULL, 0, text.at, sealed,
                                         TP_AEAD_TAG_BYTES, sealed + text.bytes);
    }
    mbedtls_gcm_free(&gcm);
    if (code != 0) {
        return tp_mbedtls_fail(err, TP_IO, code, "sealing");
    }
    out->bytes += TP_AEAD_NONCE_BYTES + text.bytes + TP_AEAD_TAG_BYTES;
    return TP_OK;
}

tp_rc tp_aead_open(const uint8_t key[TP_AEAD_KEY_BYTES], tp_slice sealed, tp_buf *out, tp_err *err)
{
    mbedtls_gcm_context gcm;
    uint8_t *at = NULL;
    if (sealed.bytes < TP_AEAD_NONCE_BYTES + TP_AEAD_TAG_BYTES) {
        return tp_fail(err, TP_CORRUPT, "too short to have been sealed");
    }
    size_t bytes = sealed.bytes - TP_AEAD_NONCE_BYTES - TP_AEAD_TAG_BYTES;
    const uint8_t *text = sealed.at + TP_AEAD_NONCE_BYTES;
    tp_rc rc = tp_buf_reserve(out, bytes, &at, err);
    if (rc != TP_OK) {
        return rc;
    }
    mbedtls_gcm_init(&gcm);
    int code = mbedtls_gcm_setkey(&gcm, MBEDTLS_CIPHER_ID_AES, key, 8 * TP_AEAD_KEY_BYTES);
    if (code == 0) {
        code = mbedtls_gcm_auth_decrypt(&gcm, bytes, sealed.at, TP_AEAD_NONCE_BYTES, NULL, 0,
                                        text + bytes, TP_AEAD_TAG_BYTES, text, at);
    }
    mbedtls_gcm_free(&gcm);
    if (code != 0) {
        tp_secret_wipe(at, bytes);
        return tp_mbedtls_fail(err, TP_CORRUPT, code, "not sealed with this key");
    }
    out->bytes += bytes;
    return TP_OK;
}
