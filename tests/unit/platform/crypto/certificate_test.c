/* Certificates and requests, read back by us and judged by OpenSSL as an independent reader.
 *
 * Shows no promise: what others stand on, and knows nobody. */
#include "platform/base/alloc.h"
#include "platform/base/encode.h"
#include "platform/base/fault.h"
#include "platform/crypto/certificate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <cmocka.h>

enum { PEM_BYTES_MAX = 8192 };

static const int64_t NOW_MS = INT64_C(1768248300000); /* 2026-01-12T20:05:00Z */
static const int64_t DAY_MS = INT64_C(86400000);
static const uint64_t DEVICE = UINT64_C(0x00c0ffee12345678);

static tp_err err;
static tp_rng_seeded rng;
static tp_key *ca_key;
static tp_key *device_key;
static tp_public_key device_public;
static tp_buf ca;
static tp_issuer issuer;

static int set_up(void **state)
{
    (void)state;
    tp_rng_seeded_init(&rng, 99);
    tp_buf_init(&ca, PEM_BYTES_MAX);
    assert_int_equal(tp_key_generate(&rng.rng, &ca_key, &err), TP_OK);
    assert_int_equal(tp_key_generate(&rng.rng, &device_key, &err), TP_OK);
    tp_key_public(device_key, &device_public);
    assert_int_equal(tp_certificate_make_ca(ca_key, &rng.rng, NOW_MS, &ca, &err), TP_OK);
    issuer.certificate = tp_buf_slice(&ca);
    issuer.key = ca_key;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tp_fault_set(NULL);
    tp_key_free(ca_key);
    tp_key_free(device_key);
    tp_buf_done(&ca);
    return tp_alloc_live() == 0 ? 0 : 1;
}

static tp_validity days(int count)
{
    tp_validity validity = {NOW_MS, count};
    return validity;
}

static tp_buf make_device(const char *agency)
{
    tp_buf out;
    tp_buf_init(&out, PEM_BYTES_MAX);
    assert_int_equal(tp_certificate_make_device(&issuer, &device_public, DEVICE, agency, &rng.rng,
                                                days(90), &out, &err),
                     TP_OK);
    return out;
}

static tp_buf make_server(void)
{
    tp_buf out;
    tp_buf_init(&out, PEM_BYTES_MAX);
    assert_int_equal(
        tp_certificate_make_server(&issuer, &device_public, &rng.rng, days(365), &out, &err),
        TP_OK);
    return out;
}

static X509 *openssl_read(const tp_buf *pem)
{
    BIO *bio = BIO_new_mem_buf(pem->at, (int)pem->bytes);
    X509 *x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    assert_non_null(x);
    return x;
}

/* OpenSSL's verdict for a purpose at a time; X509_V_OK or why not. */
static int openssl_verify(const tp_buf *pem, const tp_buf *trusted, int purpose, int64_t at_ms)
{
    X509 *x = openssl_read(pem);
    X509 *root = openssl_read(trusted);
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    X509_STORE_add_cert(store, root);
    assert_int_equal(X509_STORE_CTX_init(context, store, x, NULL), 1);
    X509_STORE_CTX_set_purpose(context, purpose);
    X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(context), (time_t)(at_ms / 1000));
    X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(context), X509_V_FLAG_X509_STRICT);
    int verdict = X509_verify_cert(context) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(context);
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    X509_free(root);
    X509_free(x);
    return verdict;
}

static void test_certificate_make_ca__is_an_authority_for_ten_years(void **state)
{
    (void)state;
    tp_certificate_facts facts;
    assert_int_equal(tp_certificate_read(tp_buf_slice(&ca), &facts, &err), TP_OK);
    assert_string_equal(facts.common_name, "Teapot hub CA");
    assert_string_equal(facts.agency, "");
    assert_true(facts.is_ca);
    assert_false(facts.is_device);
    assert_true(facts.not_before_ms == NOW_MS - DAY_MS);
    assert_true(facts.not_after_ms == NOW_MS + 3650 * DAY_MS);
    assert_int_equal(tp_certificate_check_issuer(tp_buf_slice(&ca), tp_buf_slice(&ca), &err),
                     TP_OK);
    X509 *x = openssl_read(&ca);
    assert_int_equal(X509_check_ca(x), 1);
    X509_free(x);
}

static void test_certificate_make_device__says_who_it_is_and_only_for_clients(void **state)
{
    (void)state;
    tp_certificate_facts facts;
    tp_buf pem = make_device("street-outreach");
    assert_int_equal(tp_certificate_read(tp_buf_slice(&pem), &facts, &err), TP_OK);
    assert_true(facts.is_device);
    assert_true(facts.device == DEVICE);
    assert_string_equal(facts.common_name, "00c0ffee12345678");
    assert_string_equal(facts.agency, "street-outreach");
    assert_false(facts.is_ca);
    assert_true(facts.not_before_ms == NOW_MS - DAY_MS);
    assert_true(facts.not_after_ms == NOW_MS + 90 * DAY_MS);
    assert_memory_equal(&facts.key, &device_public, sizeof device_public);
    assert_int_equal(openssl_verify(&pem, &ca, X509_PURPOSE_SSL_CLIENT, NOW_MS), X509_V_OK);
    assert_int_not_equal(openssl_verify(&pem, &ca, X509_PURPOSE_SSL_SERVER, NOW_MS), X509_V_OK);
    assert_int_equal(openssl_verify(&pem, &ca, X509_PURPOSE_SSL_CLIENT, NOW_MS - 2 * DAY_MS),
                     X509_V_ERR_CERT_NOT_YET_VALID);
    assert_int_equal(openssl_verify(&pem, &ca, X509_PURPOSE_SSL_CLIENT, NOW_MS + 91 * DAY_MS),
                     X509_V_ERR_CERT_HAS_EXPIRED);
    tp_buf_done(&pem);
}

static void test_certificate_make_server__names_the_hub_and_only_for_servers(void **state)
{
    (void)state;
    tp_certificate_facts facts;
    tp_buf pem = make_server();
    assert_int_equal(tp_certificate_read(tp_buf_slice(&pem), &facts, &err), TP_OK);
    assert_string_equal(facts.common_name, TP_HUB_TLS_NAME);
    assert_false(facts.is_device);
    assert_int_equal(openssl_verify(&pem, &ca, X509_PURPOSE_SSL_SERVER, NOW_MS), X509_V_OK);
    assert_int_not_equal(openssl_verify(&pem, &ca, X509_PURPOSE_SSL_CLIENT, NOW_MS), X509_V_OK);
    X509 *x = openssl_read(&pem);
    unsigned flags = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
    assert_int_equal(X509_check_host(x, TP_HUB_TLS_NAME, 0, flags, NULL), 1);
    assert_int_equal(X509_check_host(x, "another", 0, flags, NULL), 0);
    X509_free(x);
    tp_buf_done(&pem);
}

/* Whatever the clock says that it is made by. */
static void test_certificate_make_server__counts_from_its_authority_on(void **state)
{
    (void)state;
    static const int64_t days_off[] = {-1000, 0, 2000};
    tp_certificate_facts authority;
    assert_int_equal(tp_certificate_read(tp_buf_slice(&ca), &authority, &err), TP_OK);
    for (size_t i = 0; i < sizeof days_off / sizeof days_off[0]; i++) {
        tp_certificate_facts facts;
        tp_buf pem;
        tp_buf_init(&pem, PEM_BYTES_MAX);
        tp_validity validity = {NOW_MS + days_off[i] * DAY_MS, 365};
        assert_int_equal(
            tp_certificate_make_server(&issuer, &device_public, &rng.rng, validity, &pem, &err),
            TP_OK);
        assert_int_equal(tp_certificate_read(tp_buf_slice(&pem), &facts, &err), TP_OK);
        assert_true(facts.not_before_ms == authority.not_before_ms);
        assert_true(facts.not_after_ms >= authority.not_before_ms + 365 * DAY_MS);
        assert_true(facts.not_after_ms >= validity.now_ms + 365 * DAY_MS);
        assert_int_equal(openssl_verify(&pem, &ca, X509_PURPOSE_SSL_SERVER, NOW_MS), X509_V_OK);
        tp_buf_done(&pem);
    }
}

static void test_certificate_read__fingerprint_and_serial_are_those_of_the_der(void **state)
{
    (void)state;
    tp_certificate_facts from_pem;
    tp_certificate_facts from_der;
    tp_buf one = make_device("friary");
    tp_buf two = make_device("friary");
    X509 *x = openssl_read(&one);
    uint8_t expected[EVP_MAX_MD_SIZE];
    unsigned bytes = 0;
    assert_int_equal(X509_digest(x, EVP_sha256(), expected, &bytes), 1);
    unsigned char *der = NULL;
    int der_bytes = i2d_X509(x, &der);
    assert_true(der_bytes > 0);
    assert_int_equal(tp_certificate_read(tp_buf_slice(&one), &from_pem, &err), TP_OK);
    assert_int_equal(tp_certificate_read(tp_slice_of(der, (size_t)der_bytes), &from_der, &err),
                     TP_OK);
    assert_memory_equal(&from_pem, &from_der, sizeof from_pem);
    assert_memory_equal(from_pem.fingerprint, expected, TP_SHA256_BYTES);
    const ASN1_INTEGER *serial = X509_get0_serialNumber(x);
    assert_int_equal(ASN1_STRING_length(serial), TP_SERIAL_BYTES);
    assert_memory_equal(ASN1_STRING_get0_data(serial), from_pem.serial, TP_SERIAL_BYTES);
    assert_int_equal(tp_certificate_read(tp_buf_slice(&two), &from_der, &err), TP_OK);
    assert_memory_not_equal(from_pem.serial, from_der.serial, TP_SERIAL_BYTES);
    /* DER cut short at any byte, or with more behind it. */
    for (int cut = 0; cut < der_bytes; cut++) {
        assert_int_equal(tp_certificate_read(tp_slice_of(der, (size_t)cut), &from_der, &err),
                         TP_CORRUPT);
    }
    unsigned char longer[PEM_BYTES_MAX] = {0};
    memcpy(longer, der, (size_t)der_bytes);
    assert_int_equal(
        tp_certificate_read(tp_slice_of(longer, (size_t)der_bytes + 1), &from_der, &err),
        TP_CORRUPT);
    OPENSSL_free(der);
    X509_free(x);
    tp_buf_done(&one);
    tp_buf_done(&two);
}

static void test_certificate_read__refuses_what_is_none(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "", "words", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nMAAwADAA\n-----END CERTIFICATE-----\n"};
    tp_certificate_facts facts;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(tp_certificate_read(tp_slice_str(rows[i]), &facts, &err), TP_CORRUPT);
    }
    tp_fault_set("alloc.nth:1");
    assert_int_equal(tp_certificate_read(tp_buf_slice(&ca), &facts, &err), TP_NOMEM);
}

static void test_certificate_make_device__refuses_names_and_times_it_cannot_hold(void **state)
{
    (void)state;
    static const char *const agencies[] = {
        "",
        "two words",
        "comma,OU=other",
        "plus+",
        "quote\"",
        "caf\xc3\xa9",
        "line\nbreak",
        "12345678901234567890123456789012345678901234567890123456789012345"};
    tp_buf out;
    tp_buf_init(&out, PEM_BYTES_MAX);
    for (size_t i = 0; i < sizeof agencies / sizeof agencies[0]; i++) {
        tp_rc rc = tp_certificate_make_device(&issuer, &device_public, DEVICE, agencies[i],
                                              &rng.rng, days(90), &out, &err);
        if (rc != TP_INVALID) {
            fail_msg("%s: %s", agencies[i], tp_rc_name(rc));
        }
    }
    static const struct {
        int64_t now_ms;
        int count;
    } times[] = {{0, 90},
                 {-5, 90},
                 {INT64_MAX / 2, 90},
                 {NOW_MS, 0},
                 {NOW_MS, -1},
                 {NOW_MS, TP_CA_DAYS + 1},
                 {NOW_MS + 3651 * DAY_MS, 90}};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        tp_validity validity = {times[i].now_ms, times[i].count};
        tp_rc rc = tp_certificate_make_device(&issuer, &device_public, DEVICE, "friary", &rng.rng,
                                              validity, &out, &err);
        if (rc != TP_INVALID) {
            fail_msg("time %zu: %s", i, tp_rc_name(rc));
        }
    }
    assert_int_equal(out.bytes, 0);
    issuer.key = device_key;
    assert_int_equal(tp_certificate_make_device(&issuer, &device_public, DEVICE, "friary", &rng.rng,
                                                days(90), &out, &err),
                     TP_CORRUPT);
    tp_buf_done(&out);
}

static void test_certificate_make_device__ends_with_its_authority(void **state)
{
    (void)state;
    tp_certificate_facts facts;
    tp_buf out;
    tp_buf_init(&out, PEM_BYTES_MAX);
    /* Past 2050 dates are written in another form (RFC 5280, 4.1.2.5). */
    tp_buf_clear(&ca);
    int64_t late_ms = NOW_MS + INT64_C(16) * 365 * DAY_MS;
    assert_int_equal(tp_certificate_make_ca(ca_key, &rng.rng, late_ms, &ca, &err), TP_OK);
    issuer.certificate = tp_buf_slice(&ca);
    tp_validity validity = {late_ms + 3000 * DAY_MS, 1000};
    assert_int_equal(tp_certificate_make_device(&issuer, &device_public, DEVICE, "friary", &rng.rng,
                                                validity, &out, &err),
                     TP_OK);
    assert_int_equal(tp_certificate_read(tp_buf_slice(&out), &facts, &err), TP_OK);
    assert_true(facts.not_before_ms == validity.now_ms - DAY_MS);
    assert_true(facts.not_after_ms == late_ms + 3650 * DAY_MS);
    assert_int_equal(openssl_verify(&out, &ca, X509_PURPOSE_SSL_CLIENT, validity.now_ms),
                     X509_V_OK);
    tp_buf_done(&out);
}

static void test_certificate_check_issuer__knows_its_own_whatever_the_date(void **state)
{
    (void)state;
    tp_rng_seeded other_rng;
    tp_key *other_key = NULL;
    tp_buf other_ca;
    tp_buf old;
    tp_rng_seeded_init(&other_rng, 5);
    tp_buf_init(&other_ca, PEM_BYTES_MAX);
    tp_buf_init(&old, PEM_BYTES_MAX);
    assert_int_equal(tp_key_generate(&other_rng.rng, &other_key, &err), TP_OK);
    assert_int_equal(tp_certificate_make_ca(other_key, &other_rng.rng, NOW_MS, &other_ca, &err),
                     TP_OK);
    tp_buf pem = make_device("friary");
    tp_slice device = tp_buf_slice(&pem);
    assert_int_equal(tp_certificate_check_issuer(device, tp_buf_slice(&ca), &err), TP_OK);
    /* Another authority of the same name; a device that plays authority. */
    assert_int_equal(tp_certificate_check_issuer(device, tp_buf_slice(&other_ca), &err), TP_DENIED);
    assert_int_equal(tp_certificate_check_issuer(tp_buf_slice(&ca), tp_buf_slice(&other_ca), &err),
                     TP_DENIED);
    assert_int_equal(tp_certificate_check_issuer(tp_slice_str("x"), tp_buf_slice(&ca), &err),
                     TP_CORRUPT);
    /* Made when the clock said 1999, long ended by any clock. */
    tp_validity then = {INT64_C(930000000000), 1};
    assert_int_equal(tp_certificate_make_device(&issuer, &device_public, DEVICE, "friary", &rng.rng,
                                                then, &old, &err),
                     TP_OK);
    assert_int_equal(tp_certificate_check_issuer(tp_buf_slice(&old), tp_buf_slice(&ca), &err),
                     TP_OK);
    tp_buf_done(&old);
    tp_buf_done(&pem);
    tp_buf_done(&other_ca);
    tp_key_free(other_key);
}

static void test_csr__proves_its_key_and_names_its_device(void **state)
{
    (void)state;
    uint64_t device = 0;
    tp_public_key key;
    tp_buf pem;
    tp_buf_init(&pem, PEM_BYTES_MAX);
    assert_int_equal(tp_csr_make(device_key, DEVICE, &rng.rng, &pem, &err), TP_OK);
    assert_int_equal(tp_csr_check(tp_buf_slice(&pem), &device, &key, &err), TP_OK);
    assert_true(device == DEVICE);
    assert_memory_equal(&key, &device_public, sizeof key);

    BIO *bio = BIO_new_mem_buf(pem.at, (int)pem.bytes);
    X509_REQ *request = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
    BIO_free(bio);
    assert_non_null(request);
    assert_int_equal(X509_REQ_verify(request, X509_REQ_get0_pubkey(request)), 1);
    unsigned char *der = NULL;
    int bytes = i2d_X509_REQ(request, &der);
    assert_true(bytes > 0);
    /* Whatever bit is flipped, it is refused: the name, the key and the signature are all bound. */
    int denied = 0;
    for (int at = 0; at < bytes; at++) {
        der[at] ^= 0x04;
        tp_rc rc = tp_csr_check(tp_slice_of(der, (size_t)bytes), &device, &key, &err);
        if (rc != TP_DENIED && rc != TP_CORRUPT) {
            fail_msg("byte %d: %s", at, tp_rc_name(rc));
        }
        denied += rc == TP_DENIED ? 1 : 0;
        der[at] ^= 0x04;
    }
    assert_true(denied > TP_SIGNATURE_BYTES);
    assert_int_equal(tp_csr_check(tp_slice_of(der, (size_t)bytes), &device, &key, &err), TP_OK);
    OPENSSL_free(der);
    X509_REQ_free(request);
    tp_buf_done(&pem);
}

/* A request that OpenSSL made and signed well, but for another name, curve or digest. */
static tp_rc check_foreign(const char *curve, const EVP_MD *md, const char *name)
{
    EVP_PKEY *key = EVP_EC_gen(curve);
    X509_REQ *request = X509_REQ_new();
    X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request), "CN", MBSTRING_ASC,
                               (const unsigned char *)name, -1, -1, 0);
    assert_int_equal(X509_REQ_set_pubkey(request, key), 1);
    assert_true(X509_REQ_sign(request, key, md) > 0);
    unsigned char *der = NULL;
    int bytes = i2d_X509_REQ(request, &der);
    assert_true(bytes > 0);
    uint64_t device = 0;
    tp_public_key public_key;
    tp_rc rc = tp_csr_check(tp_slice_of(der, (size_t)bytes), &device, &public_key, &err);
    OPENSSL_free(der);
    X509_REQ_free(request);
    EVP_PKEY_free(key);
    return rc;
}

static void test_csr_check__tells_foreign_requests_apart(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *curve;
        const char *common_name;
        bool is_sha512;
        tp_rc expected;
    } rows[] = {
        {"as ours", "P-256", "0123456789abcdef", false, TP_OK},
        {"another name", "P-256", "a laptop", false, TP_INVALID},
        {"no device's number", "P-256", "0000000000000000", false, TP_INVALID},
        {"no name", "P-256", "", false, TP_CORRUPT},
        {"another curve", "P-384", "0123456789abcdef", false, TP_CORRUPT},
        {"another digest", "P-256", "0123456789abcdef", true, TP_DENIED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_rc rc = check_foreign(rows[i].curve, rows[i].is_sha512 ? EVP_sha512() : EVP_sha256(),
                                 rows[i].common_name);
        if (rc != rows[i].expected) {
            fail_msg("%s: %s", rows[i].name, tp_rc_name(rc));
        }
    }
}

#define WITH_CA(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_CA(test_certificate_make_ca__is_an_authority_for_ten_years),
        WITH_CA(test_certificate_make_device__says_who_it_is_and_only_for_clients),
        WITH_CA(test_certificate_make_server__names_the_hub_and_only_for_servers),
        WITH_CA(test_certificate_make_server__counts_from_its_authority_on),
        WITH_CA(test_certificate_read__fingerprint_and_serial_are_those_of_the_der),
        WITH_CA(test_certificate_read__refuses_what_is_none),
        WITH_CA(test_certificate_make_device__refuses_names_and_times_it_cannot_hold),
        WITH_CA(test_certificate_make_device__ends_with_its_authority),
        WITH_CA(test_certificate_check_issuer__knows_its_own_whatever_the_date),
        WITH_CA(test_csr__proves_its_key_and_names_its_device),
        WITH_CA(test_csr_check__tells_foreign_requests_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
