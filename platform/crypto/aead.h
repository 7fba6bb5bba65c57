/* AES-256-GCM: what was sealed is read only by who has the key, and not changed by anybody else.
 *
 *   nonce  12 bytes  random
 *   text             as long as it was
 *   tag    16 bytes
 *
 * Source: NIST SP 800-38D. */
#ifndef TP_PLATFORM_CRYPTO_AEAD_H
#define TP_PLATFORM_CRYPTO_AEAD_H

#include "platform/base/buf.h"
#include "platform/os/random.h"

enum { TP_AEAD_KEY_BYTES = 32, TP_AEAD_NONCE_BYTES = 12, TP_AEAD_TAG_BYTES = 16 };

/* Adds the sealed text to `out`.  One key seals at most 2^32 texts (section 8.3).
 * Errors: LIMIT no room in `out`;  NOMEM, IO. */
TP_MUST_USE tp_rc tp_aead_seal(const uint8_t key[TP_AEAD_KEY_BYTES], tp_rng *rng, tp_slice text,
                               tp_buf *out, tp_err *err);

/* Adds the text to `out`; on an error nothing of it.
 * Errors: CORRUPT it was not sealed with this key, or was changed;  LIMIT, NOMEM. */
TP_MUST_USE tp_rc tp_aead_open(const uint8_t key[TP_AEAD_KEY_BYTES], tp_slice sealed, tp_buf *out,
                               tp_err *err);

#endif
