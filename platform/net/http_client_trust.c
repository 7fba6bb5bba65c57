/* Pinned CA, dates by the best known time, enrolment by fingerprint: OpenSSL under libcurl. */
#include "platform/net/http_client_trust.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

enum { CA_PEM_BYTES_MAX = 16 * 1024 };

bool tp_http_trust_start(void)
{
    return OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) == 1;
}

void tp_http_trust_init(tp_http_trust *trust)
{
    memset(trust, 0, sizeof *trust);
    tp_buf_init(&trust->ca_pem, CA_PEM_BYTES_MAX);
    tp_http_trust_begin(trust);
}

void tp_http_trust_done(tp_http_trust *trust)
{
    tp_buf_done(&trust->ca_pem);
}

void tp_http_trust_begin(tp_http_trust *trust)
{
    trust->alert_received = -1;
    trust->alert_sent = -1;
    trust->verify_code = X509_V_OK;
}

void tp_http_trust_wipe(void *at, size_t bytes)
{
    if (at != NULL) {
        OPENSSL_cleanse(at, bytes);
    }
}

/* Notes alerts, so that a refusal can be told from a cut line. */
static void note_alert(const SSL *ssl, int where, int alert)
{
    tp_http_trust *trust = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    bool is_fatal = (alert >> 8) == SSL3_AL_FATAL;
    if (where == SSL_CB_READ_ALERT && is_fatal) {
        trust->alert_received = alert & 0xff;
    } else if (where == SSL_CB_WRITE_ALERT && is_fatal) {
        trust->alert_sent = alert & 0xff;
    }
}

/* The CA certificate with the pinned fingerprint among those that the hub sent, or NULL. */
static X509 *find_pinned_ca(const tp_http_trust *trust, STACK_OF(X509) * sent)
{
    for (int i = 0; sent != NULL && i < sk_X509_num(sent); i++) {
        X509 *certificate = sk_X509_value(sent, i);
        unsigned char digest[EVP_MAX_MD_SIZE];
        unsigned int bytes = 0;
        if (X509_digest(certificate, EVP_sha256(), digest, &bytes) == 1 &&
            bytes == TP_FINGERPRINT_BYTES &&
            CRYPTO_memcmp(digest, trust->ca_pin, TP_CA_PIN_BYTES) == 0 &&
            X509_check_ca(certificate) == 1) {
            return certificate;
        }
    }
    return NULL;
}

static bool keep_ca_pem(tp_http_trust *trust, X509 *ca)
{
    tp_err err;
    char *at = NULL;
    BIO *memory = BIO_new(BIO_s_mem());
    bool is_kept = memory != NULL && PEM_write_bio_X509(memory, ca) == 1;
    if (is_kept) {
        long bytes = BIO_get_mem_data(memory, &at);
        tp_buf_clear(&trust->ca_pem);
        is_kept = tp_buf_add(&trust->ca_pem, at, (size_t)bytes, &err) == TP_OK;
    }
    BIO_free(memory);
    return is_kept;
}

/* Takes the place of OpenSSL's own X509_verify_cert, and calls it with one trusted certificate: the
 * CA that the hub sent and whose fingerprint the enrolment code named. */
static int verify_by_fingerprint(X509_STORE_CTX *ctx, void *arg)
{
    tp_http_trust *trust = arg;
    X509 *ca = find_pinned_ca(trust, X509_STORE_CTX_get0_untrusted(ctx));
    STACK_OF(X509) *trusted = sk_X509_new_null();
    int is_good = 0;
    if (ca == NULL) {
        X509_STORE_CTX_set_error(ctx, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN);
    } else if (trusted == NULL || sk_X509_push(trusted, ca) <= 0) {
        X509_STORE_CTX_set_error(ctx, X509_V_ERR_OUT_OF_MEM);
    } else {
        X509_STORE_CTX_set0_trusted_stack(ctx, trusted);
        is_good = X509_verify_cert(ctx) == 1;
    }
    if (is_good && !keep_ca_pem(trust, ca)) {
        X509_STORE_CTX_set_error(ctx, X509_V_ERR_OUT_OF_MEM);
        is_good = 0;
    }
    trust->verify_code = is_good ? X509_V_OK : X509_STORE_CTX_get_error(ctx);
    sk_X509_free(trusted);
    return is_good;
}

/* The same with the pinned CA, which libcurl has put into the store; only the reason is noted. */
static int verify_by_store(X509_STORE_CTX *ctx, void *arg)
{
    tp_http_trust *trust = arg;
    int is_good = X509_verify_cert(ctx) == 1;
    trust->verify_code = is_good ? X509_V_OK : X509_STORE_CTX_get_error(ctx);
    return is_good;
}

tp_rc tp_http_trust_apply(tp_http_trust *trust, void *ssl_ctx)
{
    SSL_CTX *ctx = ssl_ctx;
    if (SSL_CTX_set_app_data(ctx, trust) != 1) {
        return TP_NOMEM;
    }
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ctx);
    int64_t time_ms = trust->best_time == NULL ? 0 : trust->best_time(trust->best_time_ctx);
    if (time_ms > 0) {
        X509_VERIFY_PARAM_set_time(param, (time_t)(time_ms / 1000));
    } else {
        X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_NO_CHECK_TIME);
    }
    SSL_CTX_set_cert_verify_callback(
        ctx, trust->is_by_fingerprint ? verify_by_fingerprint : verify_by_store, trust);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_info_callback(ctx, note_alert);
    return TP_OK;
}

tp_rc tp_http_trust_verdict(const tp_http_trust *trust, tp_err *err)
{
    if (trust->verify_code != X509_V_OK && trust->is_by_fingerprint) {
        return tp_fail_from(err, TP_DENIED, TP_ORIGIN_CURL, (int)trust->verify_code,
                            "this is not the hub the enrolment code names: %s",
                            X509_verify_cert_error_string(trust->verify_code));
    }
    if (trust->verify_code != X509_V_OK) {
        return tp_fail_from(err, TP_DENIED, TP_ORIGIN_CURL, (int)trust->verify_code,
                            "this is not our hub, its certificate does not verify: %s",
                            X509_verify_cert_error_string(trust->verify_code));
    }
    if (trust->alert_received >= 0) {
        return tp_fail_from(
            err, TP_DENIED, TP_ORIGIN_CURL, trust->alert_received,
            "the hub refused the connection (%s): this device's certificate may have "
            "run out or be from another hub; nothing is lost, enrol it again",
            SSL_alert_desc_string_long(trust->alert_received));
    }
    if (trust->alert_sent >= 0) {
        return tp_fail_from(err, TP_DENIED, TP_ORIGIN_CURL, trust->alert_sent,
                            "the hub does not speak the TLS we ask for: %s",
                            SSL_alert_desc_string_long(trust->alert_sent));
    }
    return TP_OK;
}
