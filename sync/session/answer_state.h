/* What the parts of answering share.  Included by answer*.c alone. */
#ifndef TP_SYNC_SESSION_ANSWER_STATE_H
#define TP_SYNC_SESSION_ANSWER_STATE_H

#include "platform/net/deflate.h"
#include "sync/session/answer.h"

struct tp_answer {
    tp_inflate *inflate;
    tp_deflate *deflate;
    tp_buf message; /* the request, then the answer, plain */
    tp_buf tail;    /* of the answer */
    tp_buf changes; /* of the request, whole */
    tp_buf certificate;
    tp_request_reader request;
    tp_response_writer writer;
    tp_response head;
    tp_envelope envelope;
    tp_slice dictionary;
    uint32_t given_back; /* of this answer */
    uint32_t entries;    /* likewise */
};

/* What the parts of one answer share. */
typedef struct tp_answering {
    tp_answer *answer;
    const tp_answer_question *question;
    tp_refusal refusal;
    uint64_t lost;                  /* the generation of what is not here; 0: nothing is missing */
    uint8_t h[TP_CHAIN_BYTES];      /* after the last change of the push */
    bool is_told;                   /* something was said of the push */
    bool is_cut;                    /* and not of all of it */
    uint64_t number;                /* that was told last */
    tp_sha256 told;                 /* of the stamps that were told */
    tp_sha256 stamps;               /* of those of all changes that are new */
    tp_name renamed[TP_HANDED_MAX]; /* what was pushed and is here by another name: by that one */
    uint32_t renamed_count;
    uint64_t last_position; /* of the entry taken last */
    bool is_full;           /* the page, or the give-backs */
    uint64_t feed_end;      /* before anything of this request was done */
} tp_answering;

/* An item into the answer.  (answer.c) */
TP_MUST_USE tp_rc tp_answering_take_entry(void *ctx, const tp_entry *entry, tp_err *err);

/* ---- answer_push.c ---- */

/* Do the changes follow on what is here, and are they signed?  If not, the request is refused. */
TP_MUST_USE tp_rc tp_answering_check_push(tp_answering *m, tp_err *err);
/* Accepts what is new, and answers what was received before as it was. */
TP_MUST_USE tp_rc tp_answering_push(tp_answering *m, tp_err *err);

/* ---- answer_held.c ---- */

/* With the last page, where device and hub agree on what was accepted: then they should hold the
 * same. */
TP_MUST_USE tp_rc tp_answering_held(tp_answering *m, tp_err *err);

/* ---- answer_back.c ---- */

/* Is the request of this generation, and does it show nothing that this hub does not know? */
void tp_answering_check_generation(tp_answering *m);
/* What the device has no more of what was lost counts as received. */
TP_MUST_USE tp_rc tp_answering_take_missing(tp_answering *m, tp_err *err);

/* The stamps that the changes of a push are proven to have had, handed out in order. */
typedef struct tp_answering_proof {
    tp_stamp_runs_reader runs;
    tp_stamp_run run;
    uint32_t at; /* in it */
} tp_answering_proof;

/* Begins; false where there is no proof, or none that fits.  One of this generation or a later one
 * shows that the hub went back: the request is refused. */
bool tp_answering_proof_begin(tp_answering *m, tp_answering_proof *proof);
tp_stamp tp_answering_proof_next(tp_answering_proof *proof, tp_slice change);

/* For what was told of a push. */
TP_MUST_USE tp_rc tp_answering_add_receipt(tp_answering *m, tp_err *err);
/* What others wrote and the hub may have lost. */
TP_MUST_USE tp_rc tp_answering_take_handed(tp_answering *m, tp_err *err);
/* What others handed of this device, behind what it has pushed. */
TP_MUST_USE tp_rc tp_answering_add_ahead(tp_answering *m, tp_err *err);

#endif
