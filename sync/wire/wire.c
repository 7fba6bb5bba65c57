/* The two bytes in front of a message, and the table of refusals. */
#include "sync/wire/wire.h"

#include "platform/crypto/digest.h"

const tp_refusal_row tp_refusals[] = {
    {TP_REFUSAL_VERSION, "version", 426,
     "This hub does not speak this protocol version; max is the highest it speaks."},
    {TP_REFUSAL_DICTIONARY, "dictionary", 415,
     "This hub does not have this dictionary; send without one."},
    {TP_REFUSAL_BODY, "body", 400, "The request is cut short, too large or not a request."},
    {TP_REFUSAL_GAP, "gap", 409, "The first change does not follow what the hub accepted."},
    {TP_REFUSAL_CHAIN, "chain", 409, "The hub holds other changes under these numbers: a fork."},
    {TP_REFUSAL_SIGNATURE, "signature", 403, "The changes are not signed by this device's key."},
    {TP_REFUSAL_CURSOR, "cursor", 409, "The cursor is not one that this hub gave."},
    {TP_REFUSAL_REVOKED, "revoked", 403, "This device is revoked: make it anew and enrol it."},
    {TP_REFUSAL_CLOCK, "clock", 503,
     "The hub's own clock went back: it accepts nothing until its operator sets it."},
    {TP_REFUSAL_BUSY, "busy", 503, "The hub is busy; try again later."},
    {TP_REFUSAL_GENERATION, "generation", 409,
     "This hub was put back to an earlier state; generation is the one it has now."},
    {TP_REFUSAL_FULL, "full", 503,
     "The hub's disk is full: nothing is lost; it goes on when its operator has made space."},
    {0, NULL, 0, NULL}};

tp_rc tp_envelope_encode(tp_envelope envelope, tp_buf *out, tp_err *err)
{
    uint8_t bytes[] = {envelope.version, envelope.dictionary};
    return tp_buf_add(out, bytes, sizeof bytes, err);
}

tp_rc tp_envelope_decode(tp_slice body, tp_envelope *envelope_out, tp_slice *deflated_out,
                         tp_err *err)
{
    if (body.bytes < 3) {
        return tp_fail(err, TP_CORRUPT, "body: cut short");
    }
    envelope_out->version = body.at[0];
    envelope_out->dictionary = body.at[1];
    *deflated_out = tp_slice_of(body.at + 2, body.bytes - 2);
    return TP_OK;
}

uint32_t tp_body_mark(tp_slice body)
{
    uint8_t digest[TP_SHA256_BYTES];
    tp_sha256_of(body, digest);
    const uint32_t mark = (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 |
                          (uint32_t)digest[2] << 8 | digest[3];
    return mark == 0 ? 1 : mark;
}

const tp_refusal_row *tp_refusal_of(tp_refusal refusal)
{
    for (const tp_refusal_row *row = tp_refusals; row->code != NULL; row++) {
        if (row->refusal == refusal) {
            return row;
        }
    }
    return NULL;
}

const tp_refusal_row *tp_refusal_named(tp_slice code)
{
    for (const tp_refusal_row *row = tp_refusals; row->code != NULL; row++) {
        if (tp_slice_is(code, row->code)) {
            return row;
        }
    }
    return NULL;
}
