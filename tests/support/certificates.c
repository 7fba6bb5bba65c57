/* Certificates for tests. */
#include "tests/support/certificates.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void write_pem(X509 *certificate, EVP_PKEY *key, char *out, size_t bytes)
{
    BIO *memory = BIO_new(BIO_s_mem());
    assert_non_null(memory);
    assert_int_equal(certificate != NULL
                         ? PEM_write_bio_X509(memory, certificate)
                         : PEM_write_bio_PrivateKey(memory, key, NULL, NULL, 0, NULL, NULL),
                     1);
    int n = BIO_read(memory, out, (int)bytes - 1);
    assert_in_range(n, 1, bytes - 2);
    out[n] = '\0';
    BIO_free(memory);
}

static X509 *read_certificate(const char *pem)
{
    BIO *memory = BIO_new_mem_buf(pem, -1);
    X509 *certificate = PEM_read_bio_X509(memory, NULL, NULL, NULL);
    BIO_free(memory);
    assert_non_null(certificate);
    return certificate;
}

static EVP_PKEY *read_key(const char *pem)
{
    BIO *memory = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(memory, NULL, NULL, NULL);
    BIO_free(memory);
    assert_non_null(key);
    return key;
}

static void add_extension(X509 *certificate, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static void set_name(X509_NAME *name, const char *common_name)
{
    assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                                (const unsigned char *)common_name, -1, -1, 0),
                     1);
}

static X509 *make_unsigned(const tp_test_certificate_spec *spec, EVP_PKEY *key)
{
    unsigned char serial[8];
    X509 *certificate = X509_new();
    assert_non_null(certificate);
    assert_int_equal(RAND_bytes(serial, sizeof serial), 1);
    serial[0] = (unsigned char)(1 + serial[0] % 100);
    BIGNUM *number = BN_bin2bn(serial, sizeof serial, NULL);
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)spec->from_s);
    ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)spec->to_s);
    set_name(X509_get_subject_name(certificate), spec->common_name);
    X509_set_pubkey(certificate, key);
    add_extension(certificate, NID_basic_constraints,
                  spec->is_ca ? "critical,CA:TRUE,pathlen:0" : "critical,CA:FALSE");
    if (spec->is_ca) {
        add_extension(certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
    }
    if (spec->dns_name != NULL) {
        char value[100];
        snprintf(value, sizeof value, "DNS:%s", spec->dns_name);
        add_extension(certificate, NID_subject_alt_name, value);
    }
    return certificate;
}

void tp_test_certificate_make(const tp_test_certificate_spec *spec,
                              const tp_test_certificate *issuer, tp_test_certificate *out)
{
    unsigned int bytes = 0;
    EVP_PKEY *key = EVP_EC_gen(spec->is_p384 ? "P-384" : "P-256");
    assert_non_null(key);
    X509 *certificate = make_unsigned(spec, key);
    EVP_PKEY *issuer_key = issuer == NULL ? NULL : read_key(issuer->key_pem);
    X509 *issuer_certificate = issuer == NULL ? NULL : read_certificate(issuer->certificate_pem);
    X509_set_issuer_name(
        certificate,
        X509_get_subject_name(issuer_certificate == NULL ? certificate : issuer_certificate));
    assert_true(X509_sign(certificate, issuer_key == NULL ? key : issuer_key, EVP_sha256()) > 0);
    memset(out, 0, sizeof *out);
    write_pem(certificate, NULL, out->certificate_pem, sizeof out->certificate_pem);
    write_pem(NULL, key, out->key_pem, sizeof out->key_pem);
    snprintf(out->chain_pem, sizeof out->chain_pem, "%s%s", out->certificate_pem,
             issuer == NULL ? "" : issuer->certificate_pem);
    assert_int_equal(X509_digest(certificate, EVP_sha256(), out->fingerprint, &bytes), 1);
    X509_free(certificate);
    X509_free(issuer_certificate);
    EVP_PKEY_free(issuer_key);
    EVP_PKEY_free(key);
}
