/* What sign.c and certificate.c share about mbedTLS. */
#ifndef TP_PLATFORM_CRYPTO_MBEDTLS_GLUE_H
#define TP_PLATFORM_CRYPTO_MBEDTLS_GLUE_H

#include "platform/crypto/sign.h"

#include <mbedtls/pk.h>

/* mbedTLS calls a key, a certificate or a signature malformed also where it had no memory for a
 * part of it.  So what it refuses is looked at once more, and counts where there was memory. */

/* Tells mbedTLS's result as ours: NOMEM where memory was out, or is, else `rc`. */
tp_rc tp_mbedtls_fail(tp_err *err, tp_rc rc, int code, const char *doing);

/* A tp_rng as mbedTLS calls it. */
int tp_mbedtls_random(void *rng, unsigned char *at, size_t bytes);

/* The library's form of a key; the key's own. */
mbedtls_pk_context *tp_key_pk(const tp_key *key);

/* Fills an initialised context.  Errors: CORRUPT no point of the curve;  NOMEM. */
TP_MUST_USE tp_rc tp_public_key_to_pk(const tp_public_key *key, mbedtls_pk_context *pk,
                                      tp_err *err);
/* Errors: CORRUPT not a key on P-256. */
TP_MUST_USE tp_rc tp_public_key_from_pk(const mbedtls_pk_context *pk, tp_public_key *key_out,
                                        tp_err *err);

#endif
