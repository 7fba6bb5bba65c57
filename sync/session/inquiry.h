/* Asking what became of a help request by the code that whoever asked for help was given.  Both
 * ends read and write by this file; nothing here does I/O.
 *
 * POST /v1/ask over mutual TLS, JSON: {"code": "K7F2QX9MD"}, and back, with status 200:
 *
 *     {"state": "unknown" | "received" | "held" | "answered" | "withdrawn", "reply": text or null,
 *      "at": ms or null}
 *
 * followed by spaces up to a multiple of TP_INQUIRY_PAD_BYTES, so that its length tells an onlooker
 * nothing. The reply is the only text of the record that leaves the hub this way.  A code that is
 * wrong, that was never given, or whose request is hidden is unknown: which of them is not said.  A
 * refusal is the JSON of sync/session/refused.h: 429 "busy" after too many codes that were unknown.
 * Source: sync/wire/FORMAT.md, Asking by a code. */
#ifndef TP_SYNC_SESSION_INQUIRY_H
#define TP_SYNC_SESSION_INQUIRY_H

#include "platform/base/buf.h"
#include "platform/base/limits.h"
#include "schema/request_code.h"

#define TP_INQUIRY_PATH "/v1/ask"

enum { TP_INQUIRY_PAD_BYTES = 1024 };

typedef enum tp_inquiry_state {
    TP_INQUIRY_UNKNOWN = 0,
    TP_INQUIRY_RECEIVED, /* somebody will look at it */
    TP_INQUIRY_HELD,     /* somebody answers for it */
    TP_INQUIRY_ANSWERED,
    TP_INQUIRY_WITHDRAWN /* by the person */
} tp_inquiry_state;

typedef struct tp_inquiry_answer {
    tp_inquiry_state state;
    tp_slice reply; /* what to tell the person; empty: nothing yet */
    int64_t at_ms;  /* when the latest of it was said, UTC; 0: unknown */
} tp_inquiry_answer;

/* "received"; static. */
const char *tp_inquiry_state_name(tp_inquiry_state state);

/* Each appends JSON to `out`.  Errors: INVALID a reply that is not UTF-8;  LIMIT;  NOMEM. */
TP_MUST_USE tp_rc tp_inquiry_question_encode(const char code[TP_REQUEST_CODE_MAX], tp_buf *out,
                                             tp_err *err);
TP_MUST_USE tp_rc tp_inquiry_answer_encode(const tp_inquiry_answer *answer, tp_buf *out,
                                           tp_err *err);

/* Errors: CORRUPT not such JSON;  INVALID what it has for a code is none. */
TP_MUST_USE tp_rc tp_inquiry_question_decode(tp_slice body, char code_out[TP_REQUEST_CODE_MAX],
                                             tp_err *err);
/* The reply is copied into `room` (cleared first), from which the answer borrows.
 * Errors: CORRUPT not such JSON;  NOMEM;  LIMIT the ceiling of `room`. */
TP_MUST_USE tp_rc tp_inquiry_answer_decode(tp_slice body, tp_buf *room,
                                           tp_inquiry_answer *answer_out, tp_err *err);

#endif
