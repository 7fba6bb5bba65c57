/* What one sync of the node keeps between its calls: shared by asking (ask.c) and taking what came
 * (ask_apply.c). */
#ifndef TP_SYNC_SESSION_ASK_STATE_H
#define TP_SYNC_SESSION_ASK_STATE_H

#include "platform/net/deflate.h"
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
    TP_ASK_SEEK_WANTED,
    TP_ASK_SEEK_CHECK /* everything was looked at: one more sum says whether it helped */
} tp_ask_seek;

/* What a request said, for when its answer comes. */
typedef struct tp_ask_question {
    tp_era_reading clock;
    uint32_t eras_last; /* the last era it told; 0: none */
    uint64_t first_seq; /* 0: it pushed nothing */
    uint64_t last_seq;
    tp_log_sent sent; /* of its changes */
    uint64_t receipt;
    tp_ask_seek seek; /* what it asks to find where device and hub differ */
} tp_ask_question;

typedef enum tp_ask_state {
    TP_ASK_STATE_ASK,   /* a request may be made */
    TP_ASK_STATE_WAIT,  /* nothing to do before an answer */
    TP_ASK_STATE_TAKEN, /* an answer was read and waits to be applied */
    TP_ASK_STATE_DONE,
    TP_ASK_STATE_FORKED /* another device has this one's name: nothing more can be done under it */
} tp_ask_state;

struct tp_ask {
    tp_merge *merge;
    tp_log *log;
    const tp_key *key;
    tp_rng *rng;
    tp_buf csr;
    unsigned version;
    unsigned dictionary;
    size_t changes_bytes_max;
    tp_ask_state state;

    tp_ask_question under_way[TP_ASK_UNDER_WAY_MAX]; /* oldest first */
    unsigned under_way_count;
    bool is_push_known;  /* the next three were read from the log */
    uint64_t pushed_seq; /* the last one in a request */
    uint8_t pushed_chain[TP_CHAIN_BYTES];
    uint64_t last_seq; /* written here, when the last request was made */
    /* An answer took less than its request held: what is under way leaves a gap. */
    bool is_push_cut;
    tp_log_pull pull; /* where the next request goes on; ahead of the log by one answer at most */
    bool is_pull_known;
    tp_ask_seek seek;
    bool has_sought;  /* once in a sync: what it did not mend the next one tries */
    bool has_counted; /* what is held, from the bytes, in this sync */
    bool differs;     /* as far as the last answer that could say */
    uint32_t seek_requests;
    tp_name seek_after; /* up to here all was compared */
    tp_name_range ranges[TP_HELD_RANGES_MAX];
    uint32_t ranges_count;
    tp_name wanted[TP_HELD_WANTED_MAX];
    uint32_t wanted_count;
    uint64_t left; /* items behind the last page; 0: there are none, or nobody knows */

    tp_ask_question answered; /* the request whose answer was taken */
    bool has_renewed;
    bool needs_scrub;
    bool gave_back;       /* since the last scrub: the hub waits for a receipt */
    bool gave_back_early; /* the answer asked back what is not known here to be accepted */

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

/* Puts into a request what is sought; and takes what came of it, once its items are in the log
 * (ask_held.c). */
void tp_ask_fill_seek(tp_ask *ask, tp_ask_question *asked);
TP_MUST_USE tp_rc tp_ask_apply_held(tp_ask *ask, tp_tx *tx, tp_err *err);
/* Items that were wanted, in the place of what is damaged or gone. */
TP_MUST_USE tp_rc tp_ask_apply_wanted(tp_ask *ask, tp_tx *tx, tp_err *err);

/* Before the log was read, there may be. */
static inline bool tp_ask_has_more_to_push(const tp_ask *ask)
{
    return !ask->is_push_known || ask->pushed_seq < ask->last_seq;
}

#endif
