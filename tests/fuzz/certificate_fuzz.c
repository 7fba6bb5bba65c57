/* Certificates and requests for them from arbitrary bytes, with OpenSSL as the other reader: what
 * ours accepts that one accepts as well, and takes the same from it.  mbedTLS itself is not
 * instrumented, so that the fuzzer goes mostly by what our code makes of its answers.
 *
 *   0  PEM or DER...                  a request, and a certificate
 *   1  (place 2, bits 1) ...          our own request with bits of its DER turned over
 *   2  (place 2, bits 1) ...          our own device's certificate, likewise
 *   3  n  subject n  attributes...    DER of a request's own parts, signed by its key: what the hub
 *                                     makes of it is a certificate for that device, nothing more
 *
 * Shows no promise: that foreign bytes are read safely is what all of them stand on. */
#include "tests/fuzz/target.h"

#include "platform/base/encode.h"
#include "platform/crypto/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

enum { DER_BYTES_MAX = 64 * 1024, PATCH_BYTES = 3, SEED = 7 };

static const int64_t NOW_MS = INT64_C(1768248300000); /* 2026-01-12T20:05:00Z */
static const uint64_t DEVICE = UINT64_C(0x00c0ffee12345678);
static const char AGENCY[] = "friary";

/* Made once, the same in every run, in memory that is not the decoders'. */
static struct {
    bool is_made;
    EVP_PKEY *ca_key, *device_key;
    unsigned char *ca, *csr, *certificate; /* DER */
    int ca_bytes, csr_bytes, certificate_bytes;
    tp_public_key device_public;
} own;

/* ---- What is our own ---- */

static EVP_PKEY *to_openssl(const tp_key *key)
{
    tp_err err;
    tp_buf pem;
    tp_buf_init(&pem, TP_PEM_BYTES_MAX);
    must(tp_key_to_pem(key, &pem, &err) == TP_OK);
    BIO *memory = BIO_new_mem_buf(pem.at, (int)pem.bytes);
    EVP_PKEY *made = PEM_read_bio_PrivateKey(memory, NULL, NULL, NULL);
    must(made != NULL);
    BIO_free(memory);
    tp_buf_done(&pem);
    return made;
}

static unsigned char *to_der(const tp_buf *pem, int *bytes_out)
{
    char *name = NULL, *header = NULL;
    unsigned char *der = NULL;
    long bytes = 0;
    BIO *memory = BIO_new_mem_buf(pem->at, (int)pem->bytes);
    must(PEM_read_bio(memory, &name, &header, &der, &bytes) == 1);
    OPENSSL_free(name);
    OPENSSL_free(header);
    BIO_free(memory);
    *bytes_out = (int)bytes;
    return der;
}

static void make_own(tp_key *ca_key, tp_key *device_key, tp_rng *rng)
{
    tp_err err;
    tp_buf pem;
    tp_validity validity = {NOW_MS, 90};
    tp_buf_init(&pem, TP_PEM_BYTES_MAX);
    tp_key_public(device_key, &own.device_public);
    own.ca_key = to_openssl(ca_key);
    own.device_key = to_openssl(device_key);
    must(tp_csr_make(device_key, DEVICE, rng, &pem, &err) == TP_OK);
    own.csr = to_der(&pem, &own.csr_bytes);
    tp_buf_clear(&pem);
    must(tp_certificate_make_ca(ca_key, rng, NOW_MS, &pem, &err) == TP_OK);
    own.ca = to_der(&pem, &own.ca_bytes);
    tp_issuer issuer = {tp_slice_of(own.ca, (size_t)own.ca_bytes), ca_key};
    tp_buf_clear(&pem);
    must(tp_certificate_make_device(&issuer, &own.device_public, DEVICE, AGENCY, rng, validity,
                                    &pem, &err) == TP_OK);
    own.certificate = to_der(&pem, &own.certificate_bytes);
    tp_buf_done(&pem);
}

static void make_own_once(void)
{
    tp_err err;
    tp_rng_seeded seeded;
    tp_key *ca_key = NULL, *device_key = NULL;
    if (!own.is_made) {
        tp_rng_seeded_init(&seeded, SEED);
        must(tp_key_generate(&seeded.rng, &ca_key, &err) == TP_OK);
        must(tp_key_generate(&seeded.rng, &device_key, &err) == TP_OK);
        make_own(ca_key, device_key, &seeded.rng);
        tp_key_free(ca_key);
        tp_key_free(device_key);
        own.is_made = true;
    }
}

/* ---- The other reader ---- */

static void must_be_point(EVP_PKEY *key, const tp_public_key *point)
{
    unsigned char *other = NULL;
    must(key != NULL);
    size_t bytes = EVP_PKEY_get1_encoded_public_key(key, &other);
    must(bytes == sizeof point->point && memcmp(other, point->point, bytes) == 0);
    OPENSSL_free(other);
}

/* Holds one of the names to what OpenSSL reads there; without it, to none being there. */
static void must_be_named(X509_NAME *names, int nid, const char *name)
{
    int at = X509_NAME_get_index_by_NID(names, nid, -1);
    if (name[0] == '\0' && at < 0) {
        return;
    }
    must(at >= 0 && X509_NAME_get_index_by_NID(names, nid, at) < 0);
    const ASN1_STRING *value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(names, at));
    must((size_t)ASN1_STRING_length(value) == strlen(name));
    must(memcmp(ASN1_STRING_get0_data(value), name, strlen(name)) == 0);
}

/* The first DER in PEM or the DER itself, as OpenSSL finds it; NULL: it finds none. */
static unsigned char *other_der(tp_slice in, const char *wanted, size_t *bytes_out)
{
    char *name = NULL, *header = NULL;
    unsigned char *der = NULL;
    long bytes = 0;
    if (in.bytes > 0 && in.at[0] == 0x30) {
        der = OPENSSL_memdup(in.at, in.bytes);
        *bytes_out = in.bytes;
        return der;
    }
    BIO *memory = BIO_new_mem_buf(in.at, (int)in.bytes);
    while (der == NULL && PEM_read_bio(memory, &name, &header, &der, &bytes) == 1) {
        if (strstr(name, wanted) == NULL) {
            OPENSSL_free(der);
            der = NULL;
        }
        OPENSSL_free(name);
        OPENSSL_free(header);
    }
    BIO_free(memory);
    ERR_clear_error();
    *bytes_out = (size_t)bytes;
    return der;
}

static void must_agree_on_request(tp_slice csr, uint64_t device, const tp_public_key *key)
{
    uint64_t named = 0;
    size_t bytes = 0;
    unsigned char *der = other_der(csr, "CERTIFICATE REQUEST", &bytes);
    const unsigned char *at = der;
    must(device != 0);
    must(der != NULL);
    X509_REQ *other = d2i_X509_REQ(NULL, &at, (long)bytes);
    if (other == NULL) { /* it looks into the attributes, which mean nothing to us */
        OPENSSL_free(der);
        return;
    }
    must(at == der + bytes);
    must(X509_REQ_verify(other, X509_REQ_get0_pubkey(other)) == 1);
    must_be_point(X509_REQ_get0_pubkey(other), key);
    X509_NAME *names = X509_REQ_get_subject_name(other);
    int index = X509_NAME_get_index_by_NID(names, NID_commonName, -1);
    must(index >= 0);
    const ASN1_STRING *value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(names, index));
    must(tp_hex_decode_u64(
        tp_slice_of(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value)), &named));
    must(named == device);
    X509_REQ_free(other);
    OPENSSL_free(der);
}

/* mbedTLS reads some that OpenSSL does not; none that the authority signed is among them. */
static void must_agree_on_certificate(tp_slice certificate, const tp_certificate_facts *facts,
                                      bool is_issued)
{
    uint8_t digest[TP_SHA256_BYTES];
    size_t bytes = 0;
    unsigned char *der = other_der(certificate, "CERTIFICATE", &bytes);
    const unsigned char *at = der;
    must(!facts->is_device || (facts->device != 0 && facts->agency[0] != '\0' && !facts->is_ca));
    must(facts->is_device || facts->device == 0);
    X509 *other = der == NULL ? NULL : d2i_X509(NULL, &at, (long)bytes);
    if (other == NULL) {
        must(!is_issued);
        OPENSSL_free(der);
        return;
    }
    tp_sha256_of(tp_slice_of(der, (size_t)(at - der)), digest);
    must(memcmp(digest, facts->fingerprint, sizeof digest) == 0);
    must_be_point(X509_get0_pubkey(other), &facts->key);
    must_be_named(X509_get_subject_name(other), NID_commonName, facts->common_name);
    must_be_named(X509_get_subject_name(other), NID_organizationalUnitName, facts->agency);
    must(!is_issued || X509_verify(other, own.ca_key) == 1);
    X509_free(other);
    OPENSSL_free(der);
}

/* ---- The plays ---- */

static bool play_request(tp_slice csr)
{
    tp_err err;
    uint64_t device = 0;
    tp_public_key key;
    tp_rc rc = tp_csr_check(csr, &device, &key, &err);
    must(rc == TP_OK || rc == TP_CORRUPT || rc == TP_DENIED || rc == TP_INVALID);
    if (rc == TP_OK) {
        must_agree_on_request(csr, device, &key);
    }
    return rc == TP_OK;
}

static bool play_certificate(tp_slice certificate)
{
    tp_err err;
    tp_certificate_facts facts;
    tp_slice ca = tp_slice_of(own.ca, (size_t)own.ca_bytes);
    bool is_issued = tp_certificate_check_issuer(certificate, ca, &err) == TP_OK;
    tp_rc rc = tp_certificate_read(certificate, &facts, &err);
    must(rc == TP_OK || (rc == TP_CORRUPT && !is_issued));
    if (rc == TP_OK) {
        must_agree_on_certificate(certificate, &facts, is_issued);
    }
    return is_issued;
}

static void play_bytes(tp_slice in)
{
    play_request(in);
    play_certificate(in);
}

static unsigned char *patched(const unsigned char *der, int bytes, tp_slice patches)
{
    unsigned char *copy = OPENSSL_memdup(der, (size_t)bytes);
    must(copy != NULL);
    for (size_t i = 0; i + PATCH_BYTES <= patches.bytes; i += PATCH_BYTES) {
        copy[(patches.at[i] << 8 | patches.at[i + 1]) % bytes] ^= patches.at[i + 2];
    }
    return copy;
}

/* How much of a signed structure its signature covers: the first element in the outer sequence. */
static size_t signed_bytes(const unsigned char *der, int bytes)
{
    const unsigned char *at = der;
    long inner = 0;
    int tag = 0, class = 0;
    must((ASN1_get_object(&at, &inner, &tag, &class, bytes) & 0x80) == 0);
    must((ASN1_get_object(&at, &inner, &tag, &class, bytes - (at - der)) & 0x80) == 0);
    return (size_t)(at - der) + (size_t)inner;
}

/* Whatever else is changed: what is accepted is what was signed. */
static void play_patched_request(tp_slice patches)
{
    unsigned char *der = patched(own.csr, own.csr_bytes, patches);
    if (play_request(tp_slice_of(der, (size_t)own.csr_bytes))) {
        must(memcmp(der, own.csr, signed_bytes(own.csr, own.csr_bytes)) == 0);
    }
    OPENSSL_free(der);
}

static void play_patched_certificate(tp_slice patches)
{
    unsigned char *der = patched(own.certificate, own.certificate_bytes, patches);
    if (play_certificate(tp_slice_of(der, (size_t)own.certificate_bytes))) {
        must(memcmp(der, own.certificate, signed_bytes(own.certificate, own.certificate_bytes)) ==
             0);
    }
    OPENSSL_free(der);
}

/* Appends one DER element; `to` has room. */
static unsigned char *put(unsigned char *to, int tag, bool is_constructed, tp_slice content)
{
    ASN1_put_object(&to, is_constructed, (int)content.bytes, tag, V_ASN1_UNIVERSAL);
    memcpy(to, content.at, content.bytes);
    return to + content.bytes;
}

/* CertificationRequest ::= SEQUENCE { SEQUENCE { 0, subject, key, attributes }, algorithm,
 * signature }, with the subject and the attributes as they come.  Source: RFC 2986, section 4. */
static size_t sign_request(tp_slice subject, tp_slice attributes, unsigned char *out)
{
    static const unsigned char version[] = {2, 1, 0};
    static const unsigned char ecdsa_sha256[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                                 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
    static unsigned char parts[DER_BYTES_MAX], info[DER_BYTES_MAX];
    unsigned char signature[128] = {0}, *at = parts, *key = parts;
    size_t signature_bytes = sizeof signature - 1;
    memcpy(at, version, sizeof version);
    memcpy(at + sizeof version, subject.at, subject.bytes);
    key = at + sizeof version + subject.bytes;
    must(i2d_PUBKEY(own.device_key, &key) > 0);
    memcpy(key, attributes.at, attributes.bytes);
    tp_slice all = tp_slice_of(parts, (size_t)(key - parts) + attributes.bytes);
    at = put(info, V_ASN1_SEQUENCE, true, all);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    must(EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, own.device_key) == 1);
    must(EVP_DigestSign(md, signature + 1, &signature_bytes, info, (size_t)(at - info)) == 1);
    EVP_MD_CTX_free(md);
    memcpy(at, ecdsa_sha256, sizeof ecdsa_sha256);
    at = put(at + sizeof ecdsa_sha256, V_ASN1_BIT_STRING, false,
             tp_slice_of(signature, 1 + signature_bytes));
    return (size_t)(put(out, V_ASN1_SEQUENCE, true, tp_slice_of(info, (size_t)(at - info))) - out);
}

/* As the hub does where the code was right. */
static void issue_and_read(uint64_t device, const tp_public_key *key)
{
    tp_err err;
    tp_buf pem;
    tp_key *ca_key = NULL;
    tp_rng_seeded seeded;
    tp_certificate_facts facts;
    tp_slice ca = tp_slice_of(own.ca, (size_t)own.ca_bytes);
    BIO *memory = BIO_new(BIO_s_mem());
    char *text = NULL;
    tp_buf_init(&pem, TP_PEM_BYTES_MAX);
    must(PEM_write_bio_PrivateKey_traditional(memory, own.ca_key, NULL, NULL, 0, NULL, NULL) == 1);
    long bytes = BIO_get_mem_data(memory, &text);
    must(tp_key_from_pem(tp_slice_of(text, (size_t)bytes), &ca_key, &err) == TP_OK);
    tp_rng_seeded_init(&seeded, SEED);
    must(tp_certificate_make_device(&(tp_issuer){ca, ca_key}, key, device, AGENCY, &seeded.rng,
                                    (tp_validity){NOW_MS, 90}, &pem, &err) == TP_OK);
    must(tp_certificate_read(tp_buf_slice(&pem), &facts, &err) == TP_OK);
    must(facts.is_device && facts.device == device && strcmp(facts.agency, AGENCY) == 0);
    must(memcmp(&facts.key, key, sizeof *key) == 0);
    must(play_certificate(tp_buf_slice(&pem)));
    tp_key_free(ca_key);
    BIO_free(memory);
    tp_buf_done(&pem);
}

static void play_signed_request(tp_slice in)
{
    static unsigned char der[DER_BYTES_MAX];
    tp_err err;
    uint64_t device = 0;
    tp_public_key key;
    size_t subject_bytes = in.bytes == 0 ? 0 : in.at[0];
    if (in.bytes == 0 || in.bytes - 1 < subject_bytes || in.bytes > DER_BYTES_MAX / 4) {
        return;
    }
    tp_slice subject = tp_slice_of(in.at + 1, subject_bytes);
    tp_slice attributes = tp_slice_of(in.at + 1 + subject_bytes, in.bytes - 1 - subject_bytes);
    tp_slice csr = tp_slice_of(der, sign_request(subject, attributes, der));
    if (play_request(csr)) {
        must(tp_csr_check(csr, &device, &key, &err) == TP_OK);
        must(memcmp(&key, &own.device_public, sizeof key) == 0);
        issue_and_read(device, &key);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    static void (*const plays[])(tp_slice in) = {play_bytes, play_patched_request,
                                                 play_patched_certificate, play_signed_request};
    make_own_once();
    if (bytes > 0) {
        plays[input[0] % (sizeof plays / sizeof plays[0])](tp_slice_of(input + 1, bytes - 1));
    }
    ERR_clear_error();
    return 0;
}
