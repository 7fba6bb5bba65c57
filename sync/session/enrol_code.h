/* The one-time code by which a device is enrolled, as an operator reads it out or shows it as a QR code:
 * a secret that proves the device to the hub, then the beginning of the SHA-256 of the hub's CA
 * certificate, which proves the hub to the device.  In Crockford's base 32, in groups of four.
 * Source: design section 6; sync/wire/FORMAT.md, Enrolment. */
#ifndef TP_SYNC_SESSION_ENROL_CODE_H
#define TP_SYNC_SESSION_ENROL_CODE_H

#include "platform/base/encode.h"
#include "platform/base/err.h"
#include "platform/crypto/digest.h"

enum {
    TP_ENROL_SECRET_BYTES = 10, /* 80 bits, guessed at a hub that allows a few tries an hour */
    TP_ENROL_PIN_BYTES = 16,    /* of the CA's fingerprint: nobody finds a second CA with these */
    TP_ENROL_CODE_BYTES = TP_ENROL_SECRET_BYTES + TP_ENROL_PIN_BYTES,
    /* 42 digits in groups of four, and the zero byte. */
    TP_ENROL_TEXT_BYTES = 42 + 10 + 1,
    TP_ENROL_SECRET_TEXT_BYTES = TP_BASE32_ROOM(TP_ENROL_SECRET_BYTES)
};

typedef struct tp_enrol_code {
    uint8_t secret[TP_ENROL_SECRET_BYTES];
    uint8_t pin[TP_ENROL_PIN_BYTES];
} tp_enrol_code;

/* As people read it: K7F2-9QXM-... */
void tp_enrol_code_print(const tp_enrol_code *code, char out[TP_ENROL_TEXT_BYTES]);

/* As people type it: either case, with dashes and spaces or without.
 * Errors: INVALID it has not 42 letters and digits, or one that is in no code. */
TP_MUST_USE tp_rc tp_enrol_code_read(tp_slice text, tp_enrol_code *code_out, tp_err *err);

/* What the node sends of it: the secret as 16 digits. */
void tp_enrol_secret_print(const tp_enrol_code *code, char out[TP_ENROL_SECRET_TEXT_BYTES]);
/* What the hub keeps of it: the SHA-256 of the secret bytes.  False: no secret. */
bool tp_enrol_secret_digest(tp_slice text, uint8_t out[TP_SHA256_BYTES]);

#endif
