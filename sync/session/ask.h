/* The node's end of a sync: makes requests from the log, takes the hub's answers into it.
 *
 * No network and no files: the caller carries the bytes, opens the transactions and decides when to
 * try again.  Everything is idempotent, so that a sync may end anywhere and the next one goes on.
 *
 *     make_request -> (carry) -> take_response -> apply  ... until tp_ask_is_done
 *
 * Two requests may be under way: the next push can be made while one is answered, and the next pull
 * after its answer was taken and before it is applied.
 *
 * Source: sync/wire/FORMAT.md, Exchange; design section 6. */
#ifndef TP_SYNC_SESSION_ASK_H
#define TP_SYNC_SESSION_ASK_H

#include "platform/crypto/sign.h"
#include "schema/renaming.h"
#include "sync/merge/merge.h"

typedef struct tp_ask tp_ask;

/* What one sync did. */
typedef struct tp_ask_counts {
    uint64_t sent;       /* changes pushed, quarantined ones included */
    uint64_t refused;    /* of these, put in quarantine by the hub */
    uint64_t received;   /* changes from the feed */
    uint64_t given_back; /* changes given back */
    uint64_t erased;     /* of these, since their records were erased */
    uint64_t healed;     /* changes that were damaged or gone here, and fetched again */
    uint64_t requests;   /* answered */
    uint64_t to_send;    /* of `sent`, when all that is here now is sent */
    uint64_t to_receive; /* of `received`, when all is here; 0: the hub has not said */
} tp_ask_counts;

typedef struct tp_ask_config {
    tp_merge *merge;   /* outlives the ask */
    const tp_key *key; /* this device's; outlives the ask */
    tp_rng *rng;       /* outlives the ask */
    tp_slice csr;      /* PEM, where the certificate is due for renewal; else empty; copied */
    unsigned version;  /* protocol version to begin with; 0: the newest this program speaks */
} tp_ask_config;

/* Owns: *ask_out is the caller's, tp_ask_free().  Errors: NOMEM. */
TP_MUST_USE tp_rc tp_ask_new(const tp_ask_config *config, tp_ask **ask_out, tp_err *err);
void tp_ask_free(tp_ask *ask); /* takes NULL */

/* May a request be made now?  True at the start, after each answer that leaves something to do, and
 * while one request is under way and more changes wait behind it. */
bool tp_ask_wants_request(const tp_ask *ask);

/* Makes the next request into `body`, which is emptied first.  tx: WRITE (it reads the clock, which
 * may begin an era).
 * Errors: those of the log;  LIMIT one change is larger than a request. */
TP_MUST_USE tp_rc tp_ask_make_request(tp_ask *ask, tp_tx *tx, tp_buf *body, tp_err *err);

/* Reads the answer to the oldest request under way.  A refusal that a smaller, older or plainer
 * request can mend (413, version, dictionary) is OK: tp_ask_wants_request says so.  So is one that
 * says that this device was copied: tp_ask_is_forked.  After it, and
 * after an answer to a part of a push alone (the rest of it is asked again), requests made behind
 * it are void: tp_ask_under_way is 0 then.
 * Errors: DENIED the hub refuses this device or what it sent, the text says why;  BUSY try later;
 *         CORRUPT the answer cannot be read;  OFFLINE the hub is in trouble (5xx), or this is the
 *         answer to another request: the connection is good for nothing more. */
TP_MUST_USE tp_rc tp_ask_take_response(tp_ask *ask, unsigned status, tp_slice body, tp_err *err);

/* Requests made and not answered. */
unsigned tp_ask_under_way(const tp_ask *ask);

/* Puts what was taken into the log and the views.  tx: WRITE; nothing counts before it is
 * committed.
 * Errors: those of the log and of merge. */
TP_MUST_USE tp_rc tp_ask_apply(tp_ask *ask, tp_tx *tx, tp_err *err);

/* True after an apply that deleted something: tp_merge_scrub() before the next request, so that the
 * receipt can be told. */
bool tp_ask_needs_scrub(const tp_ask *ask);
/* The scrub was tried. */
void tp_ask_scrubbed(tp_ask *ask, bool is_gone);

/* After it was done: what is held here is still not what the hub has; the next sync tries again.
 * While the hub collects what it lost that is as it should be. */
bool tp_ask_differs(const tp_ask *ask);

/* Everything that was there at the last request is at the hub, and everything the hub had is
 * here. */
bool tp_ask_is_done(const tp_ask *ask);

/* The hub holds other changes under this device's name: its data was copied, or put back from an
 * older copy.  This ask is over; the device goes on under a new id (sync/log/fork.h). */
bool tp_ask_is_forked(const tp_ask *ask);
/* Or, where this is so too: all before one that is damaged was sent, and all else fetched; the new
 * id leaves that one out, so that what stands behind it can be sent. */
bool tp_ask_leaves_out(const tp_ask *ask);

/* What was given back with the answer that was applied last, for the hub has it under another id:
 * every name of it that is kept elsewhere is called anew in the same transaction.  Borrowed until
 * the next apply. */
const tp_renaming *tp_ask_renamed(const tp_ask *ask, uint32_t *count_out);

/* The protocol version both speak, for the next sync to begin with. */
unsigned tp_ask_version(const tp_ask *ask);
/* A renewed certificate (PEM), or empty; borrowed until the next take_response. */
tp_slice tp_ask_certificate(const tp_ask *ask);
tp_ask_counts tp_ask_counted(const tp_ask *ask);

#endif
