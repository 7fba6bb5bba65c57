/* Checking signatures, on OpenSSL.
 *
 * The hub checks one for each push.  mbedTLS 2.28 has no code of its own for P-256 and takes 1.7
 * ms, a fifth of what a push of 800 contacts costs; OpenSSL takes 0.1 ms.  Signing stays with
 * mbedTLS, whose nonces are deterministic (RFC 6979). */
#include "platform/crypto/sign.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/x509.h>

enum {
    NUMBER_BYTES = TP_SIGNATURE_BYTES / 2,
    DER_SIGNATURE_BYTES_MAX = 72, /* SEQUENCE of two INTEGERs of at most 33 bytes */
    POINT_UNCOMPRESSED = 4
};

static tp_rc read_key(const tp_public_key *key, EVP_PKEY **pkey_out, tp_err *err);
static tp_rc look(const tp_public_key *key, const uint8_t digest[TP_SHA256_BYTES],
                  const uint8_t signature[TP_SIGNATURE_BYTES], tp_err *err);
static size_t to_der(const uint8_t signature[TP_SIGNATURE_BYTES],
                     uint8_t der[DER_SIGNATURE_BYTES_MAX]);

static bool has_memory(void)
{
    void *probe = OPENSSL_malloc(TP_SIGNATURE_BYTES);
    OPENSSL_free(probe);
    return probe != NULL;
}

/* Where it had no memory, OpenSSL may say that a signature does not fit or a key is none: so what
 * it refuses is looked at once more, and counts where there was memory. */
tp_rc tp_public_key_verify(const tp_public_key *key, const uint8_t digest[TP_SHA256_BYTES],
                           const uint8_t signature[TP_SIGNATURE_BYTES], tp_err *err)
{
    tp_err why;
    if (look(key, digest, signature, &why) == TP_OK) {
        return TP_OK;
    }
    tp_rc rc = look(key, digest, signature, &why);
    if (rc != TP_OK && rc != TP_NOMEM && !has_memory()) {
        return tp_fail(err, TP_NOMEM, "no memory to check a signature");
    }
    if (rc != TP_OK) {
        *err = why;
    }
    return rc;
}

static tp_rc look(const tp_public_key *key, const uint8_t digest[TP_SHA256_BYTES],
                  const uint8_t signature[TP_SIGNATURE_BYTES], tp_err *err)
{
    uint8_t der[DER_SIGNATURE_BYTES_MAX];
    size_t der_bytes = 0;
    EVP_PKEY_CTX *ctx = NULL;
    EVP_PKEY *pkey = NULL;
    tp_rc rc = read_key(key, &pkey, err);
    if (rc != TP_OK) {
        goto out;
    }
    der_bytes = to_der(signature, der);
    ctx = EVP_PKEY_CTX_new(pkey, NULL);
    if (der_bytes == 0 || ctx == NULL || EVP_PKEY_verify_init(ctx) != 1) {
        rc = tp_fail(err, TP_NOMEM, "no memory to check a signature");
        goto out;
    }
    /* 0 is a verdict; the form is ours, so below it is none. */
    const int verdict = EVP_PKEY_verify(ctx, der, der_bytes, digest, TP_SHA256_BYTES);
    if (verdict != 1) {
        rc = verdict == 0 ? tp_fail(err, TP_DENIED, "the signature does not fit")
                          : tp_fail(err, TP_NOMEM, "no memory to check a signature");
    }
out:
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(pkey);
    ERR_clear_error(); /* the thread's queue: TLS would take what is left for its own */
    return rc;
}

/* Whether the point is on the curve is checked by the import; the other forms of a point it would
 * take as well are none of ours. */
static tp_rc read_key(const tp_public_key *key, EVP_PKEY **pkey_out, tp_err *err)
{
    char group[] = SN_X9_62_prime256v1;
    tp_public_key copy = *key; /* the parameter is not const, though it is only read */
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, copy.point, sizeof copy.point),
        OSSL_PARAM_construct_end()};
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    tp_rc rc = TP_OK;
    if (ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1) {
        rc = tp_fail(err, TP_NOMEM, "no memory for a public key");
    } else if (key->point[0] != POINT_UNCOMPRESSED ||
               EVP_PKEY_fromdata(ctx, pkey_out, EVP_PKEY_PUBLIC_KEY, params) != 1) {
        rc = tp_fail(err, TP_CORRUPT, "not a public key on P-256");
    }
    EVP_PKEY_CTX_free(ctx);
    return rc;
}

/* r || s as OpenSSL wants them.  Gives 0 where there is no memory. */
static size_t to_der(const uint8_t signature[TP_SIGNATURE_BYTES],
                     uint8_t der[DER_SIGNATURE_BYTES_MAX])
{
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(signature, NUMBER_BYTES, NULL);
    BIGNUM *s = BN_bin2bn(signature + NUMBER_BYTES, NUMBER_BYTES, NULL);
    unsigned char *at = der;
    int bytes = 0;
    if (pair != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(pair, r, s) == 1) {
        r = NULL; /* now the pair's */
        s = NULL;
        bytes = i2d_ECDSA_SIG(pair, &at);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(pair);
    return bytes > 0 ? (size_t)bytes : 0;
}
