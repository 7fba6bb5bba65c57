/* Enrolment: the code an operator hands over, and the one exchange by which a device becomes known.
 * Both ends read and write by this file; nothing here does I/O.
 *
 * The code.  10 random bytes that enrol one device, followed by the first 16 of the SHA-256 of the
 * DER of the hub's CA: who types the code has pinned the hub, and no certificate store is asked.
 * 26 bytes are 42 digits of Crockford's base 32, printed in groups of 4, few enough to be typed
 * from a piece of paper.
 *
 * The exchange.  POST /v1/enrol, JSON, without a client certificate:
 *
 *     {"code": "XXXX-...", "csr": PEM, "agency": id or absent,
 *      "clock": {"era": n, "up_ms": n, "wall_ms": n}}
 *
 * and back, with status 200:
 *
 *     {"certificate": PEM, "ca": PEM, "agency": id, "agency_label": text, "kiosk": bool, "hub_ms":
 *     n,
 *      "generation": n}
 *
 * After a fork (sync/log/fork.h) a device asks again, for its new id: over mutual TLS with the
 * certificate of the old one and without a code, or, where it never had one, with a code.  Then it
 * says what it was called and, so that what the hub has of that is not written twice, what its
 * changes are; the hub answers up to where they are the same:
 *
 *     "was": {"device": 16 hex digits, "after": n, "step": n, "digests": hex digits}
 *     "kept": n
 *
 * Before that it asks, without "csr", how far that is, and is told with it from what its new key is
 * to be made (tp_key_derive): the same for each copy that goes on with the same change.
 *
 *     {"kept": n, "seed": 64 hex digits}
 *
 * hub_ms is the hub's time when the head of the request arrived: the first comparison of the
 * clocks. The device's id is the CSR's name; its agency is the code's, and a node made for another
 * is refused. A refusal is the JSON of sync/session/refused.h: 403 "code" for a code that is wrong,
 * has ended or was used by another (which of them is not said), 403 "agency", 409 "device" for a
 * device that is enrolled already with another key, 400 "body", 429 "busy" after too many wrong
 * codes.  Where only the answer was lost, the same request is answered again until the code
 * ends. */
#ifndef TP_SYNC_SESSION_ENROLMENT_H
#define TP_SYNC_SESSION_ENROLMENT_H

#include "platform/base/buf.h"
#include "platform/base/limits.h"
#include "platform/crypto/certificate.h"
#include "platform/crypto/digest.h"
#include "schema/change.h"

#define TP_ENROLMENT_PATH "/v1/enrol"

enum {
    TP_ENROLMENT_SECRET_BYTES = 10,
    TP_ENROLMENT_PIN_BYTES = 16, /* nobody finds a second CA with the same 128 bits */
    TP_ENROLMENT_CODE_BYTES = TP_ENROLMENT_SECRET_BYTES + TP_ENROLMENT_PIN_BYTES,
    TP_ENROLMENT_CODE_TEXT = 42 + 10 + 1, /* digits, hyphens, zero byte */
    TP_ENROLMENT_DIGEST_BYTES = 8         /* changes are salted: nobody makes two that begin so */
};

typedef struct tp_enrolment_code {
    uint8_t secret[TP_ENROLMENT_SECRET_BYTES];
    uint8_t ca_pin[TP_ENROLMENT_PIN_BYTES];
} tp_enrolment_code;

void tp_enrolment_code_format(const tp_enrolment_code *code, char text_out[TP_ENROLMENT_CODE_TEXT]);
/* As people type it (platform/base/encode.h).  Errors: INVALID with what is wrong and the mend. */
TP_MUST_USE tp_rc tp_enrolment_code_parse(tp_slice text, tp_enrolment_code *code_out, tp_err *err);
/* What the hub keeps of a code. */
void tp_enrolment_code_digest(const tp_enrolment_code *code, uint8_t out[TP_SHA256_BYTES]);

/* What a device was called before, and the changes it would write again. */
typedef struct tp_enrolment_was {
    uint64_t device; /* 0: it asks under its first id */
    uint64_t after;  /* up to this seq they are the same: it was told so */
    uint64_t step;   /* from one digest to the next, 1.. */
    /* The first bytes of the digests of changes after + step, after + 2 step ... */
    tp_slice digests; /* TP_ENROLMENT_DIGEST_BYTES each, TP_FORK_DIGESTS_MAX at most */
} tp_enrolment_was;

typedef struct tp_enrolment_request {
    bool has_code;
    tp_enrolment_code code;
    tp_slice csr; /* PEM; empty: it asks only how far what it has is the hub's, and has no code */
    tp_slice agency; /* the one this node was made for; empty: none yet */
    tp_era_reading clock;
    uint32_t start; /* of that era (tp_era_start); 0: an older program's */
    tp_enrolment_was was;
} tp_enrolment_request;

typedef struct tp_enrolment_answer {
    tp_slice certificate; /* PEM */
    tp_slice ca;          /* PEM */
    tp_slice agency;
    tp_slice agency_label;
    bool is_kiosk;
    int64_t hub_ms;
    uint64_t generation;
    uint64_t kept; /* the last of its changes of which the hub said that it has them so; 0: none */
} tp_enrolment_answer;

/* What is answered where nothing but that is asked. */
typedef struct tp_enrolment_kept {
    uint64_t kept;
    bool has_seed; /* a change comes after it of those that were named */
    uint8_t seed[TP_SHA256_BYTES];
} tp_enrolment_kept;

/* Each appends JSON to `out`.
 * Errors: INVALID text that is not UTF-8, or with a zero byte;  LIMIT;  NOMEM. */
TP_MUST_USE tp_rc tp_enrolment_request_encode(const tp_enrolment_request *request, tp_buf *out,
                                              tp_err *err);
TP_MUST_USE tp_rc tp_enrolment_answer_encode(const tp_enrolment_answer *answer, tp_buf *out,
                                             tp_err *err);

TP_MUST_USE tp_rc tp_enrolment_kept_encode(const tp_enrolment_kept *kept, tp_buf *out, tp_err *err);
/* Errors: CORRUPT not such JSON;  NOMEM. */
TP_MUST_USE tp_rc tp_enrolment_kept_decode(tp_slice body, tp_buf *room, tp_enrolment_kept *kept_out,
                                           tp_err *err);

/* How many changes it names. */
uint32_t tp_enrolment_was_count(const tp_enrolment_was *was);

/* Each copies the texts into `room` (cleared first), from which the slices borrow.
 * Units:  moments are TP_TIME_MS_MIN to TP_TIME_MS_MAX, so that what is reckoned with them is a
 *         number.
 * Errors: CORRUPT not such JSON, the text names the member;  INVALID (request) the code;  NOMEM;
 *         LIMIT the ceiling of `room`. */
TP_MUST_USE tp_rc tp_enrolment_request_decode(tp_slice body, tp_buf *room,
                                              tp_enrolment_request *request_out, tp_err *err);
TP_MUST_USE tp_rc tp_enrolment_answer_decode(tp_slice body, tp_buf *room,
                                             tp_enrolment_answer *answer_out, tp_err *err);

#endif
