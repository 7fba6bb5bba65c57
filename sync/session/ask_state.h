/* What one sync of the node keeps between its calls: shared by asking (ask.c) and taking what came
 * (ask_apply.c). */
#ifndef TP_SYNC_SESSION_ASK_STATE_H
#define TP_SYNC_SESSION_ASK_STATE_H

#include "platform/net/deflate.h"
#include "sync/log/back.h"
#include "sync/log/held.h"
#include "sync/log/push.h"
#include "sync/session/ask.h"
#include "sync/wire/request.h"
#include "sync/wire/response.h"

enum { TP_ASK_UNDER_WAY_MAX = 2, TP_ASK_ENTRIES_AT_ONCE = 256 };

/* How it is found where device and hub differ: by sums of spans of names, then by the names in
 * those that differ, then what is damaged or missing is sent again. */
typedef enum tp_ask_seek {
    TP_ASK_SEEK_NONE,
    TP_ASK_SEEK_SPANS,
    TP_ASK_SEEK_NAMES,
    TP_ASK_SEEK_HANDED, /* what this device alone holds is handed: the hub may have lost it */
    TP_ASK_SEEK_WANTED,
    TP_ASK_SEEK_CHECK /* everything was looked at: one more sum says whether it helped */
} tp_ask_seek;

/* What a request said, for when its answer comes. */
typedef struct tp_ask_question {
    uint32_t mark; /* tp_body_mark() of it */
    tp_era_reading clock;
    uint32_t eras_last; /* the last era it told; 0: none */
    uint64_t first_seq; /* 0: it pushed nothing */
    uint64_t last_seq;
    bool is_again; /* these were accepted before, and the hub lost them */
    uint64_t missing_upto;
    bool has_claim;
    tp_log_sent sent; /* of its changes */
    uint64_t receipt;
    tp_ask_seek seek; /* what it asks to find where device and hub differ */
    uint32_t handed_count;
} tp_ask_question;

typedef enum tp_ask_state {
    TP_ASK_STATE_ASK,   /* a request may be made */
    TP_ASK_STATE_WAIT,  /* nothing to do before an answer */
    TP_ASK_STATE_TAKEN, /* an answer was read and waits to be applied */
    TP_ASK_STATE_DONE,
    TP_ASK_STATE_FORKED /* another device has this one's name: nothing more can be done under it */
} tp_ask_state;

/* A hub that went back may have given other stamps than are here, which no sum shows. */
typedef enum tp_ask_stamps {
    TP_ASK_STAMPS_NOT_DUE = 0,
    TP_ASK_STAMPS_DUE, /* in this sync */
    TP_ASK_STAMPS_DONE
} tp_ask_stamps;

/* What one answer can bring by another name: of what was handed, of what was pushed, of what was
 * wanted. */
enum { TP_ASK_RENAMED_MAX = 2 * TP_HANDED_MAX + TP_HELD_WANTED_MAX };

struct tp_ask {
    tp_merge *merge;
    tp_log *log;
    const tp_key *key;
    tp_rng *rng;
    tp_buf csr;
    unsigned version;
    unsigned dictionary;
    size_t changes_bytes_max;
    uint32_t changes_max; /* of a push that is not cut otherwise, since a longer one was no fit */
    tp_ask_state state;

    tp_ask_question under_way[TP_ASK_UNDER_WAY_MAX]; /* oldest first */
    unsigned under_way_count;
    bool is_push_known;  /* the next three were read from the log */
    uint64_t pushed_seq; /* the last one in a request */
    uint8_t pushed_chain[TP_CHAIN_BYTES];
    uint64_t last_seq;     /* written here, when the last request was made */
    uint64_t accepted_seq; /* likewise: told to be at the hub */
    uint8_t accepted_chain[TP_CHAIN_BYTES];
    /* An answer took less than its request held: what is under way leaves a gap. */
    bool is_push_cut;
    uint64_t unsendable; /* the first own change that is missing or not what was written; 0: none */
    bool leaves_out;     /* and it takes another id, so that what is behind that goes on */
    bool is_rest_done;   /* and what could be sent and fetched was: the next request says so */
    tp_log_pull pull; /* where the next request goes on; ahead of the log by one answer at most */
    bool is_pull_known;
    tp_ask_seek seek;
    bool has_sought;  /* once in a sync: what it did not mend the next one tries */
    bool has_counted; /* what is held, from the bytes, in this sync */
    uint64_t damaged; /* rows that were no more as they were put here, when it was counted */
    bool differs;     /* as far as the last answer that could say */
    uint32_t seek_requests;
    tp_name seek_after; /* up to here all was compared */
    tp_name_range ranges[TP_HELD_RANGES_MAX];
    uint32_t ranges_count;
    tp_name wanted[TP_HELD_WANTED_MAX];
    uint32_t wanted_count;
    uint64_t left; /* items behind the last page; 0: there are none, or nobody knows */

    /* A hub that went back (ask_settle.c, ask_hand.c). */
    tp_log_back back;       /* as it is in the log */
    uint64_t generation;    /* that a refusal named, to be taken with the next request; 0: none */
    unsigned generations;   /* named in this sync */
    bool is_standing_known; /* where the hub stands, by an answer since it went back */
    bool is_chain_known;    /* h there: pushed_chain */
    bool wants_claim;       /* the hub stands before what it had accepted */
    bool has_claimed;       /* it was shown that */
    bool shows_all;         /* the hub has another history by this name: from the first on */
    bool has_shown_part;    /* a push that the hub has a part of, and it took no more of it */
    bool settles_alone;     /* nothing shows it: everything is pushed and compared again */
    bool has_compared;      /* everything, from the first name to the last */
    unsigned comparisons;   /* begun, since it went back */
    bool has_handed;        /* since then; by that the hub may hold more than it did */
    tp_change looked;       /* scratch: large */
    bool is_kiosk;          /* it holds nothing that could be compared */
    uint64_t known_seq;     /* own changes up to this one the hub has, by its last answer */
    tp_ask_stamps stamps;   /* whether that is to be done by their stamps too */
    bool owes_word;         /* settled: the hub hears so by one more request */
    tp_stamp_runs proof_runs;
    tp_name extra[TP_HELD_WANTED_MAX]; /* what this device alone holds and is still to be handed */
    uint32_t extra_count;
    tp_buf handed_bytes; /* of the changes in a request */
    tp_buf named;        /* tp_name each: in what the request at hand shows */
    tp_buf meant;        /* what is meant by them, as it is sent */
    tp_buf meant_before; /* tp_meant each: of what was handed in this sync and has another name */
    tp_change named_change;
    tp_value named_value;
    tp_renaming renamed[TP_ASK_RENAMED_MAX]; /* by the last answer */
    uint32_t renamed_count;

    tp_ask_question answered; /* the request whose answer was taken */
    bool has_renewed;
    bool needs_scrub;
    bool gave_back;       /* since the last scrub: the hub waits for a receipt */
    bool gave_back_early; /* the answer asked back what is not known here to be accepted */
    bool is_held_up;      /* nor ever will be, and nothing else came: the next would be the same */

    tp_deflate *deflate; /* of deflate_level: each holds 260 KiB, so there is one */
    int deflate_level;
    tp_inflate *inflate;
    tp_request_writer push_writer;
    tp_buf message; /* of the last answer; `response` borrows from it, */
    tp_buf tail;    /* from its tail */
    tp_buf changes; /* and from its changes, whole */
    tp_response_reader response;
    tp_request request;
    tp_entry entries[TP_ASK_ENTRIES_AT_ONCE];
    tp_ask_counts counts;
};

/* One change into the request at hand; *go_on false: no room, or its era is not told yet. */
typedef struct tp_ask_filling {
    tp_ask *ask;
    tp_ask_question *asked;
    uint32_t eras_last; /* of the changes taken */
    uint32_t era_last_allowed;
    uint64_t upto; /* no change after this one */
    bool is_cut;   /* by eras: the rest waits for them */
} tp_ask_filling;
TP_MUST_USE tp_rc tp_ask_add_change(void *context, uint64_t seq, tp_slice bytes, bool *go_on,
                                    tp_err *err);
/* Signs what was filled in.  (ask.c) */
TP_MUST_USE tp_rc tp_ask_sign_push(tp_ask *ask, const tp_ask_question *asked, tp_err *err);

/* Takes what a refusal said, before a request is made. */
TP_MUST_USE tp_rc tp_ask_begin_settling(tp_ask *ask, tp_tx *tx, tp_err *err);
/* Does the next request push nothing, until the hub has said where it stands? */
static inline bool tp_ask_only_asks(const tp_ask *ask)
{
    return ask->wants_claim || (ask->settles_alone && !ask->back.is_settling) ||
           (ask->back.is_settling && !ask->is_standing_known);
}
/* Puts the claim into a request, where one is due. */
TP_MUST_USE tp_rc tp_ask_fill_claim(tp_ask *ask, tp_tx *tx, tp_ask_question *asked, tp_err *err);
/* What was accepted before and the hub lost, into a request. */
TP_MUST_USE tp_rc tp_ask_fill_again(tp_ask *ask, tp_tx *tx, tp_ask_filling *f, tp_err *err);
/* Steps of applying an answer: where the hub stands; the receipt; whether all is settled. */
TP_MUST_USE tp_rc tp_ask_apply_standing(tp_ask *ask, tp_tx *tx, tp_err *err);
TP_MUST_USE tp_rc tp_ask_apply_receipt(tp_ask *ask, tp_tx *tx, tp_err *err);
TP_MUST_USE tp_rc tp_ask_apply_settled(tp_ask *ask, tp_tx *tx, tp_err *err);
/* The hub waits for nobody any more, and nothing here has another stamp than it has. */
TP_MUST_USE tp_rc tp_ask_end_back(tp_ask *ask, tp_tx *tx, tp_err *err);

/* What this device alone holds, or has another stamp of than the hub (then it is wanted too): it is
 * handed where the hub once sent it; else what it alone holds is given back. */
TP_MUST_USE tp_rc tp_ask_part_shown(tp_ask *ask, tp_tx *tx, const tp_name *names, uint32_t count,
                                    tp_err *err);
TP_MUST_USE tp_rc tp_ask_fill_handed(tp_ask *ask, tp_tx *tx, tp_ask_question *asked, tp_err *err);
TP_MUST_USE tp_rc tp_ask_apply_handed(tp_ask *ask, tp_tx *tx, tp_err *err);
/* What was pushed and has another name there, since another change has its number. */
TP_MUST_USE tp_rc tp_ask_apply_others(tp_ask *ask, tp_tx *tx, tp_err *err);

/* Own changes that the hub has by another name go once they are here by that; at the end of a sync
 * whether or not, for the hub says who may hold them by that alone. */
TP_MUST_USE tp_rc tp_ask_apply_renamed(tp_ask *ask, tp_tx *tx, tp_err *err);

/* What the names mean in what a request shows (ask_meant.c).  Init, use, done: with tp_ask.  Each
 * request begins anew, but what was handed and has another name is kept for the whole sync. */
void tp_ask_meant_init(tp_ask *ask);
void tp_ask_meant_done(tp_ask *ask);
TP_MUST_USE tp_rc tp_ask_meant_add(tp_ask *ask, tp_name name, tp_slice bytes, tp_err *err);
TP_MUST_USE tp_rc tp_ask_meant_keep(tp_ask *ask, tp_tx *tx, tp_name name, tp_err *err);
/* Puts into the request what is meant by the names of what was added. */
TP_MUST_USE tp_rc tp_ask_fill_meant(tp_ask *ask, tp_tx *tx, tp_err *err);

/* Where to go on when what was asked for has been dealt with. */
void tp_ask_seek_on(tp_ask *ask);
/* What is to be handed goes first, then what is wanted. */
void tp_ask_seek_next(tp_ask *ask);
/* Puts into a request what is sought; and takes what came of it, once its items are in the log
 * (ask_held.c). */
TP_MUST_USE tp_rc tp_ask_fill_seek(tp_ask *ask, tp_tx *tx, tp_ask_question *asked, tp_err *err);
TP_MUST_USE tp_rc tp_ask_apply_held(tp_ask *ask, tp_tx *tx, tp_err *err);
/* Where they differ, by sums of spans and by names (ask_compare.c). */
TP_MUST_USE tp_rc tp_ask_take_spans(tp_ask *ask, tp_tx *tx, tp_err *err);
TP_MUST_USE tp_rc tp_ask_take_names(tp_ask *ask, tp_tx *tx, tp_err *err);
bool tp_ask_is_wanted(const tp_ask *ask, tp_name name);
void tp_ask_strike_out(tp_ask *ask, tp_name name);
/* Items that were wanted, in the place of what is damaged or gone. */
TP_MUST_USE tp_rc tp_ask_apply_wanted(tp_ask *ask, tp_tx *tx, tp_err *err);

/* Where all is done that could be, and not all could: another id is taken, or the next request says
 * so. */
void tp_ask_tell_unsendable(tp_ask *ask);

/* Is there anything to go on asking for? */
static inline bool tp_ask_has_more_to_come(const tp_ask *ask)
{
    return ask->response.head.more && !ask->is_held_up;
}

/* What may be pushed now: up to this one.  (ask.c) */
uint64_t tp_ask_push_upto(const tp_ask *ask);

/* Before the log was read, there may be.  What is damaged, and what is behind it, stays. */
static inline bool tp_ask_has_more_to_push(const tp_ask *ask)
{
    return !ask->is_push_known || (ask->unsendable == 0 && ask->pushed_seq < tp_ask_push_upto(ask));
}

#endif
