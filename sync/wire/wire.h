/* What both ends of a sync agree on before the first byte of a message: versions, the two bytes in
 * front of the deflate stream, and why a whole request or a single change is refused.  FORMAT.md
 * leads. */
#ifndef TP_SYNC_WIRE_WIRE_H
#define TP_SYNC_WIRE_WIRE_H

#include "platform/base/buf.h"

/* TP_NEXT is the build by which the tests show that two versions can meet. */
#ifdef TP_NEXT
enum { TP_PROTOCOL_VERSION = 2 };
#else
enum { TP_PROTOCOL_VERSION = 1 };
#endif
enum { TP_PROTOCOL_VERSION_MIN = 1 };

/* The first two bytes of a body. */
typedef struct tp_envelope {
    uint8_t version;    /* the protocol version its writer speaks */
    uint8_t dictionary; /* number of the preset dictionary, 0: none */
} tp_envelope;

/* Appends the two bytes.  Errors: LIMIT;  NOMEM. */
TP_MUST_USE tp_rc tp_envelope_encode(tp_envelope envelope, tp_buf *out, tp_err *err);

/* Splits a body.  Says nothing of whether the version or the dictionary are known.
 * Owns:   *deflated_out borrows from `body`.
 * Errors: CORRUPT fewer than three bytes. */
TP_MUST_USE tp_rc tp_envelope_decode(tp_slice body, tp_envelope *envelope_out,
                                     tp_slice *deflated_out, tp_err *err);

/* By what an answer says which request it is for: the first 4 bytes of the SHA-256 of that body,
 * big-endian; 1 instead of 0. */
uint32_t tp_body_mark(tp_slice body);

/* Why a whole request is refused: nothing of it was applied.
 * Source: sync/wire/FORMAT.md, Errors. */
typedef enum tp_refusal {
    TP_REFUSAL_VERSION =
        1, /* a version this hub does not speak; the answer names the highest it does */
    TP_REFUSAL_DICTIONARY, /* an unknown dictionary: send without one */
    TP_REFUSAL_BODY,       /* cut short, too large, not deflate or not a request */
    TP_REFUSAL_GAP,        /* the first seq does not follow what was accepted */
    TP_REFUSAL_CHAIN,      /* h does not fit what was accepted: a fork */
    TP_REFUSAL_SIGNATURE,  /* not by this device's key */
    TP_REFUSAL_CURSOR,     /* its tag does not fit, or it is ahead of the hub */
    TP_REFUSAL_REVOKED,    /* the device is revoked */
    TP_REFUSAL_CLOCK,      /* the hub's own clock went back: it stamps nothing meanwhile */
    TP_REFUSAL_BUSY,       /* try again later */
    TP_REFUSAL_GENERATION, /* the hub went back: it has another generation now, which it names */
    TP_REFUSAL_FULL        /* the hub's disk is full */
} tp_refusal;

typedef struct tp_refusal_row {
    tp_refusal refusal;
    const char *code; /* "error" in the JSON answer */
    int http_status;
    const char *text; /* one sentence for a person */
} tp_refusal_row;

/* All refusals, in order; ends with a row whose code is NULL.  Static. */
extern const tp_refusal_row tp_refusals[];
const tp_refusal_row *tp_refusal_of(tp_refusal refusal);
/* NULL if unknown: a newer hub may have more. */
const tp_refusal_row *tp_refusal_named(tp_slice code);

/* Why a single change is in quarantine; it counts as received all the same (response header key
 * 2). */
enum {
    TP_QUARANTINE_BYTES = 1, /* no change, or not in its one canonical form */
    TP_QUARANTINE_LIMIT,     /* larger than a limit */
    TP_QUARANTINE_VALUE,     /* a field has a value it cannot have */
    TP_QUARANTINE_RECORD,    /* the record or person it names is of another kind or impossible */
    TP_QUARANTINE_RULE,      /* what its entity does not allow: a final record updated, say */
    TP_QUARANTINE_MEANT,     /* it names what is displaced, and is here by another name itself */
    TP_QUARANTINE_OTHER      /* not in quarantine: another change has its number here, and it is
                              * here by another name */
};

/* Nothing is wrong with it: the hub has it by another name. */
static inline bool tp_quarantine_is_renamed(uint32_t code)
{
    return code == TP_QUARANTINE_MEANT || code == TP_QUARANTINE_OTHER;
}

#endif
