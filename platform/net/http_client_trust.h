/* Who the hub is: what libcurl's OpenSSL is told to trust.  Used by http_client.c only. */
#ifndef TP_PLATFORM_NET_HTTP_CLIENT_TRUST_H
#define TP_PLATFORM_NET_HTTP_CLIENT_TRUST_H

#include "platform/net/http_client.h"

#define TP_FINGERPRINT_BYTES 32u

typedef struct tp_http_trust {
    tp_http_best_time best_time; /* NULL: no time is known */
    void *best_time_ctx;
    bool is_by_fingerprint;
    uint8_t ca_pin[TP_CA_PIN_BYTES];
    tp_buf ca_pem;      /* by fingerprint: the CA that the hub sent; empty before */
    int alert_received; /* the other side's fatal TLS alert, -1: none */
    int alert_sent;     /* our fatal TLS alert, -1: none */
    long verify_code;   /* OpenSSL's X509_V_ERR_*, 0: the chain is good */
} tp_http_trust;

/* Starts OpenSSL without the system's openssl.cnf: whom we trust is not configured there.  To be
 * called before libcurl starts it.  False if it would not start. */
TP_MUST_USE bool tp_http_trust_start(void);

/* Owns: done frees ca_pem. */
void tp_http_trust_init(tp_http_trust *trust);
void tp_http_trust_done(tp_http_trust *trust);

/* Forgets what the last connection told. */
void tp_http_trust_begin(tp_http_trust *trust);

/* Shapes the context of a new connection; `ssl_ctx` is OpenSSL's SSL_CTX, as libcurl hands it over.
 * Errors: NOMEM. */
TP_MUST_USE tp_rc tp_http_trust_apply(tp_http_trust *trust, void *ssl_ctx);

/* If the last connection ended because one side did not trust the other: DENIED, and err says which
 * and why.  Otherwise TP_OK. */
TP_MUST_USE tp_rc tp_http_trust_verdict(const tp_http_trust *trust, tp_err *err);

/* Overwrites secret bytes so that no compiler leaves it out. */
void tp_http_trust_wipe(void *at, size_t bytes);

#endif
