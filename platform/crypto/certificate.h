/* The hub's own certificate authority: it signs the hub's server certificate and each device's.
 *
 * All keys are P-256, all signatures ECDSA with SHA-256.  Every date comes from the caller's clock,
 * never from the system's.  Certificates and requests are PEM when made; both PEM and DER are read.
 *
 * Source: RFC 5280 (certificates), RFC 2986 (requests). */
#ifndef TP_PLATFORM_CRYPTO_CERTIFICATE_H
#define TP_PLATFORM_CRYPTO_CERTIFICATE_H

#include "platform/base/buf.h"
#include "platform/base/err.h"
#include "platform/base/limits.h"
#include "platform/base/slice.h"
#include "platform/crypto/digest.h"
#include "platform/crypto/sign.h"
#include "platform/os/random.h"

/* The name every node expects in the hub's certificate, whatever address the hub has. */
#define TP_HUB_TLS_NAME "teapot-hub"

enum { TP_SERIAL_BYTES = 16, TP_CA_DAYS = 3650 };

/* When a certificate counts: from a day before `now_ms`, so that a device whose clock is a little
 * behind accepts it, to `days` after. */
typedef struct tp_validity {
    int64_t now_ms; /* UTC, from the caller's clock */
    int days;       /* 1 .. TP_CA_DAYS */
} tp_validity;

/* The authority, as the hub keeps it. */
typedef struct tp_issuer {
    tp_slice certificate; /* PEM or DER */
    const tp_key *key;
} tp_issuer;

typedef struct tp_certificate_facts {
    char common_name[TP_CERTIFICATE_NAME_BYTES]; /* CN: device id, or the hub's names */
    char agency[TP_CERTIFICATE_NAME_BYTES];      /* OU: agency id; empty where there is none */
    bool is_device; /* CN is 16 hex digits, not all 0, and it may be a client */
    bool is_ca;
    uint64_t device;                      /* 0 unless is_device */
    int64_t not_before_ms;                /* UTC */
    int64_t not_after_ms;                 /* UTC; the last moment it counts */
    uint8_t serial[TP_SERIAL_BYTES];      /* filled with zeros on the left */
    uint8_t fingerprint[TP_SHA256_BYTES]; /* SHA-256 of the DER bytes */
    tp_public_key key;
} tp_certificate_facts;

/* The hub's CA, signed by itself: CN "Teapot hub CA", TP_CA_DAYS.
 * Shape:  appends PEM to `out`.   Errors: NOMEM;  IO the library failed. */
TP_MUST_USE tp_rc tp_certificate_make_ca(const tp_key *key, tp_rng *rng, int64_t now_ms,
                                         tp_buf *out, tp_err *err);

/* The hub's server certificate: CN and SAN DNS TP_HUB_TLS_NAME, for TLS servers only.  It counts
 * from its authority's first moment, for so many days from now, or from that moment where the clock
 * is behind it: a hub whose clock has jumped never replaces one that counts by one that does
 * not. */
TP_MUST_USE tp_rc tp_certificate_make_server(const tp_issuer *issuer, const tp_public_key *key,
                                             tp_rng *rng, tp_validity validity, tp_buf *out,
                                             tp_err *err);

/* A device's request: CN = its id.  Appends PEM to `out`. */
TP_MUST_USE tp_rc tp_csr_make(const tp_key *key, uint64_t device, tp_rng *rng, tp_buf *out,
                              tp_err *err);

/* What a request asks for, after its own signature proved that the asker holds the key.
 * Errors: CORRUPT not a request, or not P-256;  DENIED the signature is not by its key;
 *         INVALID the name is no device id;  NOMEM. */
TP_MUST_USE tp_rc tp_csr_check(tp_slice csr, uint64_t *device_out, tp_public_key *key_out,
                               tp_err *err);

/* A device's certificate, for TLS clients only: CN = device id, OU = agency id.
 * Errors: INVALID agency is empty, longer than 64, or holds other than letters, digits, '.', '-',
 * '_'; CORRUPT the issuer's certificate;  NOMEM;  IO. */
TP_MUST_USE tp_rc tp_certificate_make_device(const tp_issuer *issuer, const tp_public_key *key,
                                             uint64_t device, const char *agency, tp_rng *rng,
                                             tp_validity validity, tp_buf *out, tp_err *err);

/* Reads the first certificate of PEM or DER.  Judges neither signature nor dates.
 * Errors: CORRUPT not a certificate on P-256;  NOMEM. */
TP_MUST_USE tp_rc tp_certificate_read(tp_slice certificate, tp_certificate_facts *facts_out,
                                      tp_err *err);

/* Did this authority sign it?  Judges no dates.
 * Errors: DENIED it did not;  CORRUPT one of them is no certificate;  NOMEM. */
TP_MUST_USE tp_rc tp_certificate_check_issuer(tp_slice certificate, tp_slice ca, tp_err *err);

#endif
