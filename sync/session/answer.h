/* The hub's end of a sync: one request in, one answer out.
 *
 * No network, no files, no SQL: what is kept is reached through the calls of a tp_answer_host,
 * inside whatever transaction their owner has open.  The order is fixed: who asks, what it
 * acknowledges, its push whole, then what it must give back, the directory, and a page of its feed.
 * A refusal applies nothing of the request.
 *
 * Source: sync/wire/FORMAT.md, Exchange; design sections 5 and 6. */
#ifndef TP_SYNC_SESSION_ANSWER_H
#define TP_SYNC_SESSION_ANSWER_H

#include "platform/crypto/sign.h"
#include "sync/wire/request.h"
#include "sync/wire/response.h"
#include "sync/wire/wire.h"

/* The device that asks, as the host knows it.  The answer moves the second half; the host keeps
 * it. */
typedef struct tp_answer_device {
    uint64_t id;
    tp_slice agency; /* whose feed it reads */
    bool is_kiosk;   /* is sent nothing */
    bool is_revoked;
    tp_public_key key;

    uint64_t accepted;
    uint8_t h[TP_CHAIN_BYTES]; /* after `accepted` */
    uint64_t cursor;           /* acknowledged */
    uint64_t sent;             /* the highest position ever sent; stored before the answer leaves */
    uint64_t receipt;          /* give-backs done, or none was due */
    uint64_t told;             /* the receipt that it sent last */
    int64_t answered_ms;       /* hub time, at the last answer that it was given; 0: none */
    /* It shows this hub's generation, does not settle, and has pushed all it had. */
    bool has_compared;
} tp_answer_device;

/* What became of one pushed change. */
typedef struct tp_answer_result {
    tp_stamp stamp;
    int64_t up_ms;    /* of its reading */
    uint32_t code;    /* TP_QUARANTINE_...; 0: accepted */
    tp_name as;       /* with TP_QUARANTINE_MEANT or _OTHER: its name here; else none */
    const char *text; /* with a code; borrowed until the next call */
    bool is_other;    /* others have handed another change by its name: nothing was accepted */
} tp_answer_result;

/* What became of a change that was handed. */
typedef struct tp_answer_handed {
    bool is_refused; /* it is no change that can be here */
    bool waits;      /* nor is it yet: what it means by a name is to be handed first */
    bool was_known;  /* it was here before */
    tp_name as; /* its name here: another one where another change has its own; none: its author
                      * has written it anew under its own */
} tp_answer_handed;

/* One entry of the feed or one change to give back; slices are borrowed for the call.  LIMIT: no
 * more, which is no error to whoever calls it. */
typedef tp_rc (*tp_answer_take)(void *ctx, const tp_entry *entry, tp_err *err);

/* One held change; bytes are borrowed for the call, and of the stamp the bounds are not there.
 * LIMIT: this one was not taken, and no more. */
typedef tp_rc (*tp_answer_name)(void *ctx, tp_name name, tp_slice bytes, const tp_said *said,
                                tp_err *err);

/* What the device signed of a push: the chain after its last change; and the digest of the stamps
 * that its changes have. */
typedef struct tp_answer_pushed {
    uint64_t first_seq;
    uint64_t last_seq;
    const uint8_t *h;         /* TP_CHAIN_BYTES */
    const uint8_t *signature; /* TP_PUSH_SIGNATURE_BYTES */
    uint8_t stamps[TP_STAMPS_DIGEST_BYTES];
} tp_answer_pushed;

/* What the host does for an answer.  `ctx` is the host's own. */
typedef struct tp_answer_host {
    void *ctx;
    /* Notes the eras that were told and compares clocks; before any change. */
    tp_rc (*clock)(void *ctx, const tp_request *request, tp_err *err);
    /* Accepts, or puts in quarantine, the change after the last.  given: the stamp that it is
     * proven to have had in a history that was lost; NULL: it gets one. */
    tp_rc (*accept)(void *ctx, uint64_t seq, tp_slice bytes, const tp_stamp *given,
                    tp_answer_result *result_out, tp_err *err);
    /* What became of one that was received before; *same_out: these are its bytes. */
    tp_rc (*recall)(void *ctx, uint64_t seq, tp_slice bytes, tp_answer_result *result_out,
                    bool *same_out, tp_err *err);
    /* Keeps what the device signed, after the last change of a push was accepted.  Not called where
     * nothing is new. */
    tp_rc (*pushed)(void *ctx, const tp_answer_pushed *pushed, tp_err *err);
    /* The chain after a change that was received before.  *known_out false: it cannot be told. */
    tp_rc (*chain_at)(void *ctx, uint64_t seq, uint8_t h_out[TP_CHAIN_BYTES], bool *known_out,
                      tp_err *err);
    /* The device's changes from first_seq on were accepted in a history that was lost, and it has
     * them no more; h is the chain after the last. */
    tp_rc (*missing)(void *ctx, uint64_t first_seq, uint64_t last_seq,
                     const uint8_t h[TP_CHAIN_BYTES], tp_err *err);
    /* What is here of the device behind `seq` is as if others had handed it: it has another history
     * from there on.  *is_done_out false: the hub never went back, and knows better. */
    tp_rc (*rewind)(void *ctx, uint64_t seq, const uint8_t h[TP_CHAIN_BYTES], bool *is_done_out,
                    tp_err *err);
    /* Takes a change that this hub is proven to have sent once. */
    tp_rc (*handed)(void *ctx, const tp_handed *handed, tp_answer_handed *answer_out, tp_err *err);
    /* The first change of the device after `seq` that others have handed; *seq_out 0: none. */
    tp_rc (*ahead)(void *ctx, uint64_t seq, uint64_t *seq_out,
                   uint8_t digest_out[TP_HELD_DIGEST_BYTES], tp_err *err);
    /* Is it held in the device's feed, and of another agency, while nothing of those is sent? */
    tp_rc (*withholds)(void *ctx, tp_name name, bool *withholds_out, tp_err *err);
    /* Of these names those that are held, in the order of the feed, withheld or not. */
    tp_rc (*shown)(void *ctx, const tp_name *names, uint32_t count, tp_answer_take take,
                   void *take_ctx, tp_err *err);
    /* Is it held in the device's feed?  If not, give it back, unless it is not known yet whose it
     * is. */
    tp_rc (*holds)(void *ctx, tp_name name, tp_handed_verdict *verdict_out, tp_err *err);
    /* The last position of the device's feed. */
    uint64_t (*feed_end)(void *ctx);
    /* What the device must give back, by position. */
    tp_rc (*given_back)(void *ctx, tp_answer_take take, void *take_ctx, tp_err *err);
    /* Held entries after a position, in order, without those that are the device's own and never
     * moved. Tags are not filled in. */
    tp_rc (*held)(void *ctx, uint64_t after, tp_answer_take take, void *take_ctx, tp_err *err);
    /* Of these names, ascending, those that are held and stand at a position up to `upto`, in the
     * order of the feed. */
    tp_rc (*wanted)(void *ctx, const tp_name *names, uint32_t count, uint64_t upto,
                    tp_answer_take take, void *take_ctx, tp_err *err);
    /* The sum of what the device should hold. */
    tp_rc (*sum)(void *ctx, tp_held_sum *sum_out, tp_err *err);
    /* What is held, by name; looks at about `looked_max` rows.  *reached_out: up to where it
     * visited everything, range->upto at the end. */
    tp_rc (*named)(void *ctx, const tp_name_range *range, uint32_t looked_max, tp_answer_name visit,
                   void *visit_ctx, tp_name *reached_out, tp_err *err);
    /* How many entries `held` would hand over; a bound on the work may make it fewer. */
    tp_rc (*left)(void *ctx, uint64_t after, uint64_t *count_out, tp_err *err);
    /* Adds agencies and devices. */
    tp_rc (*directory)(void *ctx, tp_response_writer *writer, tp_err *err);
    /* A certificate (PEM) for the request of the same device and key.  DENIED: not for this one. */
    tp_rc (*renew)(void *ctx, tp_slice csr, tp_buf *certificate, tp_err *err);
} tp_answer_host;

/* One request. */
typedef struct tp_answer_question {
    tp_slice body;
    int64_t hub_ms;             /* when its head arrived */
    bool is_clock_back;         /* the hub's own clock went back: nothing is stamped */
    bool is_back;               /* the hub collects what it lost, and grants nothing (the host) */
    uint64_t generation;        /* of the hub */
    uint64_t directory_version; /* at the hub */
    const tp_hmac_key *tags;
    tp_answer_device *device;
    const tp_answer_host *host;
} tp_answer_question;

/* Working memory for one answer after another. */
typedef struct tp_answer tp_answer;

TP_MUST_USE tp_rc tp_answer_new(tp_answer **answer_out, tp_err *err);
void tp_answer_free(tp_answer *answer); /* takes NULL */

/* Answers.  *refusal_out 0: appended the answer's bytes to `body_out`, and device is to be kept.
 * Otherwise nothing was appended and the caller undoes what the host's calls have written;
 * *lost_out is not 0: the device has shown what this hub gave it in that generation, its own or a
 * later one, and does not know any more; so the hub went back, and takes a new generation, above
 * that, before it refuses.
 * Errors: NOMEM, and what the host's calls answer. */
TP_MUST_USE tp_rc tp_answer_make(tp_answer *answer, const tp_answer_question *question,
                                 tp_buf *body_out, tp_refusal *refusal_out, uint64_t *lost_out,
                                 tp_err *err);

/* Appends a refusal as JSON: "error", "text", for the version "max", for the generation that of
 * the hub; "to" = tp_body_mark() of the request, 0: none is named.  Errors: LIMIT, NOMEM. */
TP_MUST_USE tp_rc tp_answer_refusal_encode(tp_refusal refusal, uint64_t generation, uint32_t to,
                                           tp_buf *out, tp_err *err);

#endif
