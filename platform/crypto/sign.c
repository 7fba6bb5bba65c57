/* P-256 keys and signing, on mbedTLS 2.28. */
#include "platform/crypto/sign.h"

#include "platform/base/alloc.h"
#include "platform/base/limits.h"
#include "platform/crypto/mbedtls_glue.h"

#include <assert.h>
#include <mbedtls/ecdsa.h>
#include <mbedtls/ecp.h>
#include <mbedtls/md.h>
#include <mbedtls/pem.h>
#include <mbedtls/threading.h>
#include <mbedtls/x509.h>

enum { NUMBER_BYTES = TP_SIGNATURE_BYTES / 2 };

struct tp_key {
    mbedtls_pk_context pk; /* always a P-256 pair */
};

static tp_rc new_key(tp_key **key_out, tp_err *err);
static bool is_p256(const mbedtls_pk_context *pk);

static bool has_memory(void);

tp_rc tp_mbedtls_fail(tp_err *err, tp_rc rc, int code, const char *doing)
{
    /* A code is the sum of a module's (in steps of 0x80) and that of what it called. */
    int high = -code & 0xff80;
    int low = -code & 0x7f;
    bool is_nomem = high == -MBEDTLS_ERR_ECP_ALLOC_FAILED || high == -MBEDTLS_ERR_PK_ALLOC_FAILED ||
                    high == -MBEDTLS_ERR_X509_ALLOC_FAILED ||
                    high == -MBEDTLS_ERR_MD_ALLOC_FAILED || high == -MBEDTLS_ERR_PEM_ALLOC_FAILED ||
                    low == -MBEDTLS_ERR_MPI_ALLOC_FAILED || low == -MBEDTLS_ERR_ASN1_ALLOC_FAILED;
    /* Of a signature's generator, which goes on where it had no memory to begin with. */
    is_nomem = is_nomem || low == -MBEDTLS_ERR_THREADING_BAD_INPUT_DATA;
    is_nomem = is_nomem || !has_memory();
    return tp_fail_from(err, is_nomem ? TP_NOMEM : rc, TP_ORIGIN_MBEDTLS, code, "%s", doing);
}

static bool has_memory(void)
{
    enum { LIMBS = 8 };
    mbedtls_mpi probe;
    mbedtls_mpi_init(&probe);
    const int code = mbedtls_mpi_grow(&probe, LIMBS);
    mbedtls_mpi_free(&probe);
    return code == 0;
}

int tp_mbedtls_random(void *rng, unsigned char *at, size_t bytes)
{
    tp_rng_fill(rng, at, bytes);
    return 0;
}

mbedtls_pk_context *tp_key_pk(const tp_key *key)
{
    /* mbedTLS asks for a pointer it may write to, and does not write. */
    return (mbedtls_pk_context *)(uintptr_t)&key->pk;
}

tp_rc tp_key_generate(tp_rng *rng, tp_key **key_out, tp_err *err)
{
    *key_out = NULL;
    tp_key *key = NULL;
    tp_rc rc = new_key(&key, err);
    if (rc != TP_OK) {
        return rc;
    }
    int code = mbedtls_pk_setup(&key->pk, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
    if (code == 0) {
        code = mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(key->pk),
                                   tp_mbedtls_random, rng);
    }
    if (code != 0) {
        tp_key_free(key);
        return tp_mbedtls_fail(err, TP_IO, code, "making a key");
    }
    *key_out = key;
    return TP_OK;
}

/* d = c mod (n - 1) + 1; c is 64 bits longer than n, so that each d is as likely. */
static int set_private(mbedtls_ecp_keypair *pair, const uint8_t *c, size_t bytes, tp_rng *rng)
{
    mbedtls_mpi below;
    mbedtls_mpi_init(&below);
    int code = mbedtls_ecp_group_load(&pair->grp, MBEDTLS_ECP_DP_SECP256R1);
    if (code == 0) {
        code = mbedtls_mpi_sub_int(&below, &pair->grp.N, 1);
    }
    if (code == 0) {
        code = mbedtls_mpi_read_binary(&pair->d, c, bytes);
    }
    if (code == 0) {
        code = mbedtls_mpi_mod_mpi(&pair->d, &pair->d, &below);
    }
    if (code == 0) {
        code = mbedtls_mpi_add_int(&pair->d, &pair->d, 1);
    }
    if (code == 0) {
        code =
            mbedtls_ecp_mul(&pair->grp, &pair->Q, &pair->d, &pair->grp.G, tp_mbedtls_random, rng);
    }
    mbedtls_mpi_free(&below);
    return code;
}

tp_rc tp_key_derive(const tp_key *from, tp_slice told, tp_rng *rng, tp_key **key_out, tp_err *err)
{
    enum { MORE_BYTES = 8 };
    uint8_t secret[NUMBER_BYTES];
    uint8_t c[NUMBER_BYTES + MORE_BYTES];
    *key_out = NULL;
    tp_key *key = NULL;
    tp_rc rc = new_key(&key, err);
    if (rc != TP_OK) {
        return rc;
    }
    int code = mbedtls_mpi_write_binary(&mbedtls_pk_ec(*tp_key_pk(from))->d, secret, sizeof secret);
    if (code == 0) {
        rc = tp_hkdf(told, tp_slice_of(secret, sizeof secret), tp_slice_str("teapot key"), c,
                     sizeof c, err);
    }
    if (code == 0 && rc == TP_OK) {
        code = mbedtls_pk_setup(&key->pk, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
    }
    if (code == 0 && rc == TP_OK) {
        code = set_private(mbedtls_pk_ec(key->pk), c, sizeof c, rng);
    }
    tp_secret_wipe(secret, sizeof secret);
    tp_secret_wipe(c, sizeof c);
    if (code != 0) {
        rc = tp_mbedtls_fail(err, TP_IO, code, "deriving a key");
    }
    if (rc == TP_OK) {
        *key_out = key;
        key = NULL; /* now the caller's */
    }
    tp_key_free(key);
    return rc;
}

void tp_key_free(tp_key *key)
{
    if (key != NULL) {
        mbedtls_pk_free(&key->pk); /* wipes the numbers */
        tp_free(key);
    }
}

tp_rc tp_key_to_pem(const tp_key *key, tp_buf *out, tp_err *err)
{
    enum { KEY_PEM_BYTES_MAX = 512 };
    unsigned char pem[KEY_PEM_BYTES_MAX];
    int code = mbedtls_pk_write_key_pem(tp_key_pk(key), pem, sizeof pem);
    tp_rc rc = code == 0 ? tp_buf_add_str(out, (const char *)pem, err)
                         : tp_mbedtls_fail(err, TP_IO, code, "writing a key");
    tp_secret_wipe(pem, sizeof pem);
    return rc;
}

tp_rc tp_key_from_pem(tp_slice pem, tp_key **key_out, tp_err *err)
{
    *key_out = NULL;
    if (pem.bytes >= TP_PEM_BYTES_MAX) {
        return tp_fail(err, TP_CORRUPT, "the key file holds no P-256 private key");
    }
    tp_key *key = NULL;
    unsigned char *text = tp_alloc(pem.bytes + 1); /* mbedTLS wants the zero byte */
    tp_rc rc = text == NULL ? tp_fail(err, TP_NOMEM, "no memory for a key") : new_key(&key, err);
    if (rc != TP_OK) {
        goto out;
    }
    if (pem.bytes > 0) {
        memcpy(text, pem.at, pem.bytes);
    }
    int code = mbedtls_pk_parse_key(&key->pk, text, pem.bytes + 1, NULL, 0);
    if (code != 0) { /* looked at once more: mbedtls_glue.h */
        mbedtls_pk_free(&key->pk);
        mbedtls_pk_init(&key->pk);
        code = mbedtls_pk_parse_key(&key->pk, text, pem.bytes + 1, NULL, 0);
    }
    if (code != 0 || !is_p256(&key->pk)) {
        rc = tp_mbedtls_fail(err, TP_CORRUPT, code, "the key file holds no P-256 private key");
        goto out;
    }
    *key_out = key;
    key = NULL; /* now the caller's */
out:
    tp_key_free(key);
    if (text != NULL) {
        tp_secret_wipe(text, pem.bytes);
    }
    tp_free(text);
    return rc;
}

void tp_key_public(const tp_key *key, tp_public_key *public_out)
{
    tp_err err;
    tp_rc rc = tp_public_key_from_pk(&key->pk, public_out, &err);
    assert(rc == TP_OK); /* a tp_key is on the curve */
    (void)rc;
}

tp_rc tp_key_sign(const tp_key *key, tp_rng *rng, const uint8_t digest[TP_SHA256_BYTES],
                  uint8_t signature_out[TP_SIGNATURE_BYTES], tp_err *err)
{
    mbedtls_ecp_keypair *pair = mbedtls_pk_ec(*tp_key_pk(key));
    mbedtls_mpi r;
    mbedtls_mpi s;
    mbedtls_mpi_init(&r);
    mbedtls_mpi_init(&s);
    /* Deterministic (RFC 6979): a bad random source cannot give the key away; `rng` only blinds. */
    int code = mbedtls_ecdsa_sign_det_ext(&pair->grp, &r, &s, &pair->d, digest, TP_SHA256_BYTES,
                                          MBEDTLS_MD_SHA256, tp_mbedtls_random, rng);
    uint8_t signature[TP_SIGNATURE_BYTES];
    if (code == 0) {
        code = mbedtls_mpi_write_binary(&r, signature, NUMBER_BYTES);
    }
    if (code == 0) {
        code = mbedtls_mpi_write_binary(&s, signature + NUMBER_BYTES, NUMBER_BYTES);
    }
    mbedtls_mpi_free(&r);
    mbedtls_mpi_free(&s);
    if (code != 0) {
        return tp_mbedtls_fail(err, TP_IO, code, "signing");
    }
    memcpy(signature_out, signature, sizeof signature);
    return TP_OK;
}

tp_rc tp_public_key_to_pk(const tp_public_key *key, mbedtls_pk_context *pk, tp_err *err)
{
    int code = mbedtls_pk_setup(pk, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
    if (code == 0) {
        mbedtls_ecp_keypair *pair = mbedtls_pk_ec(*pk);
        code = mbedtls_ecp_group_load(&pair->grp, MBEDTLS_ECP_DP_SECP256R1);
        if (code == 0) {
            code = mbedtls_ecp_point_read_binary(&pair->grp, &pair->Q, key->point, TP_POINT_BYTES);
        }
        if (code == 0) {
            code = mbedtls_ecp_check_pubkey(&pair->grp, &pair->Q);
        }
    }
    return code == 0 ? TP_OK : tp_mbedtls_fail(err, TP_CORRUPT, code, "not a public key on P-256");
}

tp_rc tp_public_key_from_pk(const mbedtls_pk_context *pk, tp_public_key *key_out, tp_err *err)
{
    if (!is_p256(pk)) {
        return tp_fail(err, TP_CORRUPT, "not a key on P-256");
    }
    size_t bytes = 0;
    const mbedtls_ecp_keypair *pair = mbedtls_pk_ec(*pk);
    int code = mbedtls_ecp_point_write_binary(&pair->grp, &pair->Q, MBEDTLS_ECP_PF_UNCOMPRESSED,
                                              &bytes, key_out->point, TP_POINT_BYTES);
    if (code != 0 || bytes != TP_POINT_BYTES) {
        return tp_mbedtls_fail(err, TP_CORRUPT, code, "not a public key on P-256");
    }
    return TP_OK;
}

static tp_rc new_key(tp_key **key_out, tp_err *err)
{
    tp_key *key = tp_alloc(sizeof *key);
    if (key == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for a key");
    }
    mbedtls_pk_init(&key->pk);
    *key_out = key;
    return TP_OK;
}

static bool is_p256(const mbedtls_pk_context *pk)
{
    return mbedtls_pk_can_do(pk, MBEDTLS_PK_ECKEY) &&
           mbedtls_pk_ec(*pk)->grp.id == MBEDTLS_ECP_DP_SECP256R1;
}
