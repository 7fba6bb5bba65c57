/* Makes and reads certificates and requests, on mbedTLS 2.28, which writes neither extended key
 * usage nor subject alternative names and checks no request's signature: those are done here. */
#include "platform/crypto/certificate.h"

#include "platform/base/alloc.h"
#include "platform/base/encode.h"
#include "platform/crypto/mbedtls_glue.h"

#include <stdio.h>
#include <time.h>
#include <mbedtls/oid.h>
#include <mbedtls/x509_crt.h>
#include <mbedtls/x509_csr.h>

#define CA_NAME "CN=Teapot hub CA"

enum { MS_PER_S = 1000, S_PER_DAY = 86400, MADE_PEM_BYTES_MAX = 4096 };

/* A certificate to be made. */
typedef struct order {
    const char *subject;
    mbedtls_pk_context *subject_key;
    mbedtls_pk_context *issuer_key;
    int64_t not_before_ms;
    int64_t not_after_ms;
    bool is_ca;
    bool begins_with_ca; /* counts from its authority's first moment */
    tp_slice usage;      /* extended key usage, DER; empty: none */
    tp_slice alt_name;   /* subject alternative name, DER; empty: none */
} order;

static tp_rc issue(const tp_issuer *issuer, const tp_public_key *key, tp_validity validity,
                   order *what, tp_rng *rng, tp_buf *out, tp_err *err);
static tp_rc write_certificate(const order *what, tp_rng *rng, tp_buf *out, tp_err *err);
static tp_rc parse(tp_slice certificate, mbedtls_x509_crt *crt, tp_err *err);
static tp_rc copy_with_zero(tp_slice s, unsigned char **copy_out, tp_err *err);
static tp_rc read_name(const mbedtls_x509_name *names, const char *oid,
                       char out[TP_CERTIFICATE_NAME_BYTES], tp_err *err);
static int64_t ms_of(const mbedtls_x509_time *t);

/* What serverAuth and clientAuth are: SEQUENCE of one OBJECT IDENTIFIER (RFC 5280, 4.2.1.12).
 *
 *   30 0a                          SEQUENCE, 10 bytes
 *      06 08                       OBJECT IDENTIFIER, 8 bytes
 *         2b 06 01 05 05 07 03 nn  1.3.6.1.5.5.7.3.nn: 1 serverAuth, 2 clientAuth */
static const uint8_t server_usage[] = {0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06,
                                       0x01, 0x05, 0x05, 0x07, 0x03, 0x01};
static const uint8_t client_usage[] = {0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06,
                                       0x01, 0x05, 0x05, 0x07, 0x03, 0x02};

/* TP_HUB_TLS_NAME as a subject alternative name (RFC 5280, 4.2.1.6).
 *
 *   30 0c          SEQUENCE, 12 bytes
 *      82 0a       [2] dNSName, 10 bytes
 *         74 .. 62 "teapot-hub" */
static const uint8_t hub_alt_name[] = {0x30, 0x0c, 0x82, 0x0a, 't', 'e', 'a',
                                       'p',  'o',  't',  '-',  'h', 'u', 'b'};
_Static_assert(sizeof hub_alt_name == sizeof TP_HUB_TLS_NAME - 1 + 4, "the name and its heads");

tp_rc tp_certificate_make_ca(const tp_key *key, tp_rng *rng, int64_t now_ms, tp_buf *out,
                             tp_err *err)
{
    order what = {.subject = CA_NAME,
                  .subject_key = tp_key_pk(key),
                  .issuer_key = tp_key_pk(key),
                  .not_before_ms = now_ms - (int64_t)S_PER_DAY * MS_PER_S,
                  .not_after_ms = now_ms + (int64_t)TP_CA_DAYS * S_PER_DAY * MS_PER_S,
                  .is_ca = true};
    return write_certificate(&what, rng, out, err);
}

tp_rc tp_certificate_make_server(const tp_issuer *issuer, const tp_public_key *key, tp_rng *rng,
                                 tp_validity validity, tp_buf *out, tp_err *err)
{
    order what = {.subject = "CN=" TP_HUB_TLS_NAME,
                  .begins_with_ca = true,
                  .usage = tp_slice_of(server_usage, sizeof server_usage),
                  .alt_name = tp_slice_of(hub_alt_name, sizeof hub_alt_name)};
    return issue(issuer, key, validity, &what, rng, out, err);
}

/* Letters, digits, '.', '-' and '_': nothing that a name in a certificate would need to escape. */
static bool is_agency_id(const char *agency)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    size_t bytes = strlen(agency);
    return bytes > 0 && bytes < TP_CERTIFICATE_NAME_BYTES && strspn(agency, allowed) == bytes;
}

tp_rc tp_certificate_make_device(const tp_issuer *issuer, const tp_public_key *key, uint64_t device,
                                 const char *agency, tp_rng *rng, tp_validity validity, tp_buf *out,
                                 tp_err *err)
{
    if (!is_agency_id(agency)) {
        return tp_fail(err, TP_INVALID,
                       "agency: 1 to 64 letters, digits, dots, hyphens and underscores");
    }
    char id[TP_HEX_ROOM(8)];
    char subject[TP_CERTIFICATE_NAME_BYTES + 32];
    tp_hex_encode_u64(device, id);
    snprintf(subject, sizeof subject, "CN=%s,OU=%s", id, agency);
    order what = {.subject = subject, .usage = tp_slice_of(client_usage, sizeof client_usage)};
    return issue(issuer, key, validity, &what, rng, out, err);
}

tp_rc tp_csr_make(const tp_key *key, uint64_t device, tp_rng *rng, tp_buf *out, tp_err *err)
{
    char subject[TP_HEX_ROOM(8) + 3] = "CN=";
    unsigned char pem[MADE_PEM_BYTES_MAX];
    mbedtls_x509write_csr csr;
    tp_hex_encode_u64(device, subject + 3);
    mbedtls_x509write_csr_init(&csr);
    mbedtls_x509write_csr_set_md_alg(&csr, MBEDTLS_MD_SHA256);
    mbedtls_x509write_csr_set_key(&csr, tp_key_pk(key));
    int code = mbedtls_x509write_csr_set_subject_name(&csr, subject);
    if (code == 0) {
        code = mbedtls_x509write_csr_pem(&csr, pem, sizeof pem, tp_mbedtls_random, rng);
    }
    mbedtls_x509write_csr_free(&csr);
    return code == 0 ? tp_buf_add_str(out, (const char *)pem, err)
                     : tp_mbedtls_fail(err, TP_IO, code, "making a certificate request");
}

/* 0 is no device: everywhere it stands for none. */
static bool read_device(const char *name, uint64_t *device_out)
{
    return tp_hex_decode_u64(tp_slice_str(name), device_out) && *device_out != 0;
}

/* The signature over the request's own bytes, by the key in it. */
static tp_rc check_own_signature(mbedtls_x509_csr *csr, tp_err *err)
{
    uint8_t digest[TP_SHA256_BYTES];
    int code = MBEDTLS_ERR_X509_UNKNOWN_SIG_ALG;
    if (csr->sig_md == MBEDTLS_MD_SHA256 && csr->sig_pk == MBEDTLS_PK_ECDSA) {
        tp_sha256_of(tp_slice_of(csr->cri.p, csr->cri.len), digest);
        for (int looks = 0; code != 0 && looks < 2; looks++) { /* mbedtls_glue.h */
            code = mbedtls_pk_verify(&csr->pk, csr->sig_md, digest, sizeof digest, csr->sig.p,
                                     csr->sig.len);
        }
    }
    return code == 0 ? TP_OK
                     : tp_mbedtls_fail(err, TP_DENIED, code,
                                       "the certificate request is not signed by its own key");
}

tp_rc tp_csr_check(tp_slice csr, uint64_t *device_out, tp_public_key *key_out, tp_err *err)
{
    mbedtls_x509_csr parsed;
    mbedtls_x509_csr_init(&parsed);
    char name[TP_CERTIFICATE_NAME_BYTES];
    tp_public_key key;
    uint64_t device = 0;
    unsigned char *copy = NULL;
    tp_rc rc = copy_with_zero(csr, &copy, err);
    if (rc == TP_OK) {
        bool is_der = csr.bytes > 0 && csr.at[0] == 0x30;
        int code = mbedtls_x509_csr_parse(&parsed, copy, csr.bytes + (is_der ? 0 : 1));
        if (code != 0) { /* looked at once more: mbedtls_glue.h */
            mbedtls_x509_csr_free(&parsed);
            code = mbedtls_x509_csr_parse(&parsed, copy, csr.bytes + (is_der ? 0 : 1));
        }
        rc =
            code == 0 ? TP_OK : tp_mbedtls_fail(err, TP_CORRUPT, code, "not a certificate request");
    }
    if (rc == TP_OK) {
        rc = tp_public_key_from_pk(&parsed.pk, &key, err);
    }
    if (rc == TP_OK) {
        rc = check_own_signature(&parsed, err);
    }
    if (rc == TP_OK) {
        rc = read_name(&parsed.subject, MBEDTLS_OID_AT_CN, name, err);
    }
    if (rc == TP_OK && !read_device(name, &device)) {
        rc = tp_fail(err, TP_INVALID, "the name in the certificate request is no device id");
    }
    if (rc == TP_OK) {
        *device_out = device;
        *key_out = key;
    }
    mbedtls_x509_csr_free(&parsed);
    tp_free(copy);
    return rc;
}

static bool may_be_client(const mbedtls_x509_crt *crt)
{
    /* mbedTLS takes a certificate without the extension as good for everything. */
    return (crt->ext_types & MBEDTLS_X509_EXT_EXTENDED_KEY_USAGE) != 0 &&
           mbedtls_x509_crt_check_extended_key_usage(
               crt, MBEDTLS_OID_CLIENT_AUTH, MBEDTLS_OID_SIZE(MBEDTLS_OID_CLIENT_AUTH)) == 0;
}

static tp_rc read_facts(const mbedtls_x509_crt *crt, tp_certificate_facts *facts, tp_err *err)
{
    size_t serial_bytes = crt->serial.len;
    tp_rc rc = tp_public_key_from_pk(&crt->pk, &facts->key, err);
    if (rc == TP_OK) {
        rc = read_name(&crt->subject, MBEDTLS_OID_AT_CN, facts->common_name, err);
    }
    if (rc == TP_OK) {
        rc = read_name(&crt->subject, MBEDTLS_OID_AT_ORG_UNIT, facts->agency, err);
    }
    if (rc == TP_OK && serial_bytes > TP_SERIAL_BYTES) {
        rc = tp_fail(err, TP_CORRUPT, "the certificate's serial number is too long");
    }
    if (rc != TP_OK) {
        return rc;
    }
    memcpy(facts->serial + TP_SERIAL_BYTES - serial_bytes, crt->serial.p, serial_bytes);
    tp_sha256_of(tp_slice_of(crt->raw.p, crt->raw.len), facts->fingerprint);
    facts->not_before_ms = ms_of(&crt->valid_from);
    facts->not_after_ms = ms_of(&crt->valid_to);
    facts->is_ca = crt->ca_istrue != 0;
    uint64_t device = 0;
    facts->is_device = !facts->is_ca && facts->agency[0] != '\0' && may_be_client(crt) &&
                       read_device(facts->common_name, &device);
    facts->device = facts->is_device ? device : 0;
    return TP_OK;
}

tp_rc tp_certificate_read(tp_slice certificate, tp_certificate_facts *facts_out, tp_err *err)
{
    tp_certificate_facts facts;
    mbedtls_x509_crt crt;
    memset(&facts, 0, sizeof facts);
    mbedtls_x509_crt_init(&crt);
    tp_rc rc = parse(certificate, &crt, err);
    if (rc == TP_OK) {
        rc = read_facts(&crt, &facts, err);
    }
    if (rc == TP_OK) {
        *facts_out = facts;
    }
    mbedtls_x509_crt_free(&crt);
    return rc;
}

tp_rc tp_certificate_check_issuer(tp_slice certificate, tp_slice ca, tp_err *err)
{
    const uint32_t dates = MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE;
    uint32_t flags = 0;
    mbedtls_x509_crt child;
    mbedtls_x509_crt parent;
    mbedtls_x509_crt_init(&child);
    mbedtls_x509_crt_init(&parent);
    tp_rc rc = parse(certificate, &child, err);
    if (rc == TP_OK) {
        rc = parse(ca, &parent, err);
    }
    if (rc == TP_OK) {
        int code = mbedtls_x509_crt_verify(&child, &parent, NULL, NULL, &flags, NULL, NULL);
        if (code != 0 && (flags & ~dates) != 0) { /* looked at once more: mbedtls_glue.h */
            code = mbedtls_x509_crt_verify(&child, &parent, NULL, NULL, &flags, NULL, NULL);
        }
        bool is_judged = code == 0 || code == MBEDTLS_ERR_X509_CERT_VERIFY_FAILED;
        /* The dates were judged by the system's clock, which is not ours to trust. */
        if (!is_judged || (flags & ~dates) != 0) {
            rc = tp_mbedtls_fail(err, TP_DENIED, code, "not signed by this hub's authority");
        }
    }
    mbedtls_x509_crt_free(&parent);
    mbedtls_x509_crt_free(&child);
    return rc;
}

/* Completes an order with what is common to all that the authority signs. */
static tp_rc issue(const tp_issuer *issuer, const tp_public_key *key, tp_validity validity,
                   order *what, tp_rng *rng, tp_buf *out, tp_err *err)
{
    tp_certificate_facts ca;
    tp_public_key issuer_key;
    mbedtls_pk_context pk;
    mbedtls_pk_init(&pk);
    if (validity.days < 1 || validity.days > TP_CA_DAYS) {
        return tp_fail(err, TP_INVALID, "a certificate counts for 1 to %d days", TP_CA_DAYS);
    }
    tp_rc rc = tp_certificate_read(issuer->certificate, &ca, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_key_public(issuer->key, &issuer_key);
    if (!ca.is_ca || memcmp(&ca.key, &issuer_key, sizeof issuer_key) != 0) {
        return tp_fail(err, TP_CORRUPT,
                       "the authority's key and certificate do not belong together");
    }
    if (what->begins_with_ca && validity.now_ms < ca.not_before_ms) {
        validity.now_ms = ca.not_before_ms; /* it is later than this clock says */
    }
    what->not_before_ms =
        what->begins_with_ca ? ca.not_before_ms : validity.now_ms - (int64_t)S_PER_DAY * MS_PER_S;
    what->not_after_ms = validity.now_ms + (int64_t)validity.days * S_PER_DAY * MS_PER_S;
    if (what->not_after_ms > ca.not_after_ms) {
        what->not_after_ms = ca.not_after_ms; /* it could not be verified any longer */
    }
    if (what->not_after_ms <= validity.now_ms) {
        return tp_fail(err, TP_INVALID, "the hub's authority has ended and must be made anew");
    }
    rc = tp_public_key_to_pk(key, &pk, err);
    if (rc == TP_OK) {
        what->subject_key = &pk;
        what->issuer_key = tp_key_pk(issuer->key);
        rc = write_certificate(what, rng, out, err);
    }
    mbedtls_pk_free(&pk);
    return rc;
}

/* "YYYYMMDDhhmmss".  Errors: INVALID outside the years that a certificate can say. */
static tp_rc format_date(int64_t ms, char out[16], tp_err *err)
{
    time_t s = (time_t)(ms / MS_PER_S);
    struct tm t;
    if (ms < 0 || gmtime_r(&s, &t) == NULL || t.tm_year + 1900 > 9999 ||
        strftime(out, 16, "%Y%m%d%H%M%S", &t) != 14) {
        return tp_fail(err, TP_INVALID, "the clock gives no date that a certificate can hold");
    }
    return TP_OK;
}

/* 127 random bits, never short: positive in DER, and of one length. */
static int set_serial(mbedtls_x509write_cert *crt, tp_rng *rng)
{
    uint8_t serial[TP_SERIAL_BYTES];
    mbedtls_mpi number;
    tp_rng_fill(rng, serial, sizeof serial);
    serial[0] = (uint8_t)((serial[0] & 0x3f) | 0x40);
    mbedtls_mpi_init(&number);
    int code = mbedtls_mpi_read_binary(&number, serial, sizeof serial);
    if (code == 0) {
        code = mbedtls_x509write_crt_set_serial(crt, &number);
    }
    mbedtls_mpi_free(&number);
    return code;
}

static int set_extensions(mbedtls_x509write_cert *crt, const order *what)
{
    unsigned usage = what->is_ca ? MBEDTLS_X509_KU_KEY_CERT_SIGN | MBEDTLS_X509_KU_CRL_SIGN
                                 : MBEDTLS_X509_KU_DIGITAL_SIGNATURE;
    int code = mbedtls_x509write_crt_set_basic_constraints(crt, what->is_ca, what->is_ca ? 0 : -1);
    if (code == 0) {
        code = mbedtls_x509write_crt_set_key_usage(crt, usage);
    }
    if (code == 0) {
        code = mbedtls_x509write_crt_set_subject_key_identifier(crt);
    }
    if (code == 0) {
        code = mbedtls_x509write_crt_set_authority_key_identifier(crt);
    }
    if (code == 0 && what->usage.bytes > 0) {
        code = mbedtls_x509write_crt_set_extension(crt, MBEDTLS_OID_EXTENDED_KEY_USAGE,
                                                   MBEDTLS_OID_SIZE(MBEDTLS_OID_EXTENDED_KEY_USAGE),
                                                   1, what->usage.at, what->usage.bytes);
    }
    if (code == 0 && what->alt_name.bytes > 0) {
        code = mbedtls_x509write_crt_set_extension(crt, MBEDTLS_OID_SUBJECT_ALT_NAME,
                                                   MBEDTLS_OID_SIZE(MBEDTLS_OID_SUBJECT_ALT_NAME),
                                                   0, what->alt_name.at, what->alt_name.bytes);
    }
    return code;
}

static tp_rc write_certificate(const order *what, tp_rng *rng, tp_buf *out, tp_err *err)
{
    char not_before[16];
    char not_after[16];
    unsigned char pem[MADE_PEM_BYTES_MAX];
    tp_rc rc = format_date(what->not_before_ms, not_before, err);
    if (rc == TP_OK) {
        rc = format_date(what->not_after_ms, not_after, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    mbedtls_x509write_cert crt;
    mbedtls_x509write_crt_init(&crt);
    mbedtls_x509write_crt_set_version(&crt, MBEDTLS_X509_CRT_VERSION_3);
    mbedtls_x509write_crt_set_md_alg(&crt, MBEDTLS_MD_SHA256);
    mbedtls_x509write_crt_set_subject_key(&crt, what->subject_key);
    mbedtls_x509write_crt_set_issuer_key(&crt, what->issuer_key);
    int code = mbedtls_x509write_crt_set_subject_name(&crt, what->subject);
    if (code == 0) {
        code = mbedtls_x509write_crt_set_issuer_name(&crt, CA_NAME);
    }
    if (code == 0) {
        code = set_serial(&crt, rng);
    }
    if (code == 0) {
        code = mbedtls_x509write_crt_set_validity(&crt, not_before, not_after);
    }
    if (code == 0) {
        code = set_extensions(&crt, what);
    }
    if (code == 0) {
        code = mbedtls_x509write_crt_pem(&crt, pem, sizeof pem, tp_mbedtls_random, rng);
    }
    mbedtls_x509write_crt_free(&crt);
    return code == 0 ? tp_buf_add_str(out, (const char *)pem, err)
                     : tp_mbedtls_fail(err, TP_IO, code, "making a certificate");
}

static tp_rc parse(tp_slice certificate, mbedtls_x509_crt *crt, tp_err *err)
{
    unsigned char *copy = NULL;
    tp_rc rc = copy_with_zero(certificate, &copy, err);
    if (rc != TP_OK) {
        return rc;
    }
    /* PEM counts its zero byte; DER must end where its own length says. */
    bool is_der = certificate.bytes > 0 && certificate.at[0] == 0x30;
    int code = mbedtls_x509_crt_parse(crt, copy, certificate.bytes + (is_der ? 0 : 1));
    if (code != 0) { /* looked at once more: mbedtls_glue.h */
        mbedtls_x509_crt_free(crt);
        code = mbedtls_x509_crt_parse(crt, copy, certificate.bytes + (is_der ? 0 : 1));
    }
    if (code != 0 || (is_der && crt->raw.len != certificate.bytes)) {
        rc = tp_mbedtls_fail(err, TP_CORRUPT, code, "not a certificate");
    }
    tp_free(copy);
    return rc;
}

static tp_rc copy_with_zero(tp_slice s, unsigned char **copy_out, tp_err *err)
{
    *copy_out = NULL;
    if (s.bytes >= TP_PEM_BYTES_MAX) {
        return tp_fail(err, TP_CORRUPT, "longer than a certificate may be");
    }
    unsigned char *copy = tp_alloc(s.bytes + 1);
    if (copy == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for a certificate");
    }
    if (s.bytes > 0) {
        memcpy(copy, s.at, s.bytes);
    }
    *copy_out = copy;
    return TP_OK;
}

/* The one attribute of that kind; empty where there is none.  Errors: CORRUPT several, too long, or
 * with a zero byte, which would hide what follows. */
static tp_rc read_name(const mbedtls_x509_name *names, const char *oid,
                       char out[TP_CERTIFICATE_NAME_BYTES], tp_err *err)
{
    tp_slice wanted = tp_slice_str(oid);
    bool is_found = false;
    out[0] = '\0';
    for (const mbedtls_x509_name *n = names; n != NULL; n = n->next) {
        if (!tp_slice_eq(tp_slice_of(n->oid.p, n->oid.len), wanted)) {
            continue;
        }
        if (is_found || n->val.len >= TP_CERTIFICATE_NAME_BYTES ||
            memchr(n->val.p, '\0', n->val.len) != NULL) {
            return tp_fail(err, TP_CORRUPT, "the name in the certificate is not well formed");
        }
        memcpy(out, n->val.p, n->val.len);
        out[n->val.len] = '\0';
        is_found = true;
    }
    return TP_OK;
}

static int64_t ms_of(const mbedtls_x509_time *t)
{
    struct tm parts = {.tm_year = t->year - 1900,
                       .tm_mon = t->mon - 1,
                       .tm_mday = t->day,
                       .tm_hour = t->hour,
                       .tm_min = t->min,
                       .tm_sec = t->sec};
    return (int64_t)timegm(&parts) * MS_PER_S;
}
