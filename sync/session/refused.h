/* What the hub says when it refuses a whole request: an HTTP status and a little JSON.
 * Source: sync/wire/FORMAT.md, Errors. */
#ifndef TP_SYNC_SESSION_REFUSED_H
#define TP_SYNC_SESSION_REFUSED_H

#include "sync/wire/wire.h"

typedef struct tp_refused_answer {
    unsigned status;      /* HTTP */
    tp_refusal refusal;   /* 0: none that this program knows */
    unsigned version_max; /* with TP_REFUSAL_VERSION: the highest the hub speaks; else 0 */
    uint64_t generation;  /* with TP_REFUSAL_GENERATION: the hub's now; else 0 */
    uint32_t to;          /* tp_body_mark() of what it refuses; 0: not said, as by an older hub */
    char text[160];       /* the hub's own words, one line of printable ASCII; may be empty */
} tp_refused_answer;

/* Reads what there is; a body that is no such JSON leaves the status alone to tell. */
void tp_refused_read(unsigned status, tp_slice body, tp_refused_answer *out);

/* The refusal as an error: DENIED this device or what it sent is refused;  BUSY try again later;
 * OFFLINE the hub is in trouble. */
tp_rc tp_refused_fail(const tp_refused_answer *answer, tp_err *err);

#endif
