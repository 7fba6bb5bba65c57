/* A hub that went back: it is shown that it did, what it lost of this device's own changes is
 * pushed again as it was, and once everything is compared the two have settled.
 *
 *   refused: generation -> where does the hub stand? -> push again -> push -> compare -> a word
 *
 * What others wrote and this device holds is handed where the comparison finds it (ask_hand.c). */
#include "sync/session/ask_state.h"

static void compare_anew(tp_ask *ask)
{
    ask->seek = TP_ASK_SEEK_NONE;
    ask->has_sought = false;
    ask->has_compared = false;
    ask->comparisons = 0;
    ask->has_handed = false;
    ask->is_standing_known = false;
    ask->has_shown_part = false;
    ask->shows_all = false;
    ask->extra_count = 0;
    ask->stamps = TP_ASK_STAMPS_NOT_DUE;
}

tp_rc tp_ask_begin_settling(tp_ask *ask, tp_tx *tx, tp_err *err)
{
    tp_rc rc = TP_OK;
    if (ask->generation != 0) {
        rc = tp_log_hub_went_back(ask->log, tx, ask->generation, err);
        compare_anew(ask);
    }
    if (rc == TP_OK) {
        rc = tp_log_back_get(ask->log, tx, &ask->back, err);
    }
    if (rc == TP_OK && ask->settles_alone && !ask->back.is_settling) {
        ask->back.is_settling = true;
        compare_anew(ask);
        rc = tp_log_back_put(ask->log, tx, &ask->back, err);
    }
    if (rc == TP_OK) {
        ask->generation = 0;
    }
    return rc;
}

tp_rc tp_ask_fill_claim(tp_ask *ask, tp_tx *tx, tp_ask_question *asked, tp_err *err)
{
    tp_log_pushed pushed;
    tp_request *r = &ask->request;
    if (!ask->wants_claim) {
        return TP_OK;
    }
    tp_rc rc = tp_log_pushed_last(ask->log, tx, &r->has_claim, &pushed, err);
    if (rc == TP_OK && r->has_claim) {
        r->claim = (tp_push_claim){
            .generation = pushed.generation, .first = pushed.first, .last = pushed.last};
        memcpy(r->claim.h, pushed.h, sizeof r->claim.h);
        r->claim.receipt = pushed.receipt;
    }
    asked->has_claim = true; /* or there is nothing to show: then the answer is as to one */
    return rc;
}

/* ---- Pushing again ---- */

/* What of the changes that the hub lost goes into one request: of one push at most, so that its
 * receipt shows what it was. */
typedef struct lost_stretch {
    uint64_t upto;
    bool is_h_known; /* h after it, by the receipt or as it was accepted */
    uint8_t h[TP_CHAIN_BYTES];
    bool is_push; /* just what was pushed once: */
    tp_log_pushed pushed;
} lost_stretch;

static tp_rc find_stretch(tp_ask *ask, tp_tx *tx, lost_stretch *out, tp_err *err)
{
    bool is_there = false;
    const uint64_t from = ask->pushed_seq + 1;
    tp_rc rc = tp_log_pushed_after(ask->log, tx, ask->pushed_seq, &is_there, &out->pushed, err);
    is_there = is_there && out->pushed.last <= ask->accepted_seq;
    out->is_push = is_there && out->pushed.first == from;
    out->upto = ask->accepted_seq;
    out->is_h_known = true;
    memcpy(out->h, ask->accepted_chain, sizeof out->h);
    if (is_there && out->pushed.first <= from) {
        out->upto = out->pushed.last;
        memcpy(out->h, out->pushed.h, sizeof out->h);
    } else if (is_there) {
        out->upto = out->pushed.first - 1;
        out->is_h_known = false;
    }
    return rc;
}

typedef struct again {
    tp_ask_filling *filling;
    tp_tx *tx;
    bool has_stamps; /* of all changes so far */
} again;

static tp_rc add_again(void *context, uint64_t seq, tp_slice bytes, bool *go_on, tp_err *err)
{
    again *a = context;
    tp_ask *ask = a->filling->ask;
    tp_era_reading reading;
    tp_stamp stamp;
    tp_err unread;
    tp_rc rc = tp_ask_add_change(a->filling, seq, bytes, go_on, err);
    if (rc == TP_OK && a->filling->asked->last_seq == seq) {
        rc = tp_ask_meant_add(ask, (tp_name){tp_log_device(ask->log), seq}, bytes, err);
    }
    if (rc != TP_OK || a->filling->asked->last_seq != seq || !a->has_stamps) {
        return rc;
    }
    a->has_stamps = tp_change_decode_reading(bytes, &reading, &unread) == TP_OK;
    if (a->has_stamps) {
        rc = tp_log_own_stamp(ask->log, a->tx, seq, bytes, &stamp, err);
    }
    if (rc == TP_OK && a->has_stamps) {
        a->has_stamps = stamp.number != 0 && tp_stamp_runs_add(&ask->proof_runs, reading.up_ms,
                                                               &stamp, &unread) == TP_OK;
    }
    return rc;
}

/* These are here no more, as far as the hub needs them: it goes on after them. */
static void fill_missing(tp_ask_filling *f, uint64_t upto, const uint8_t h[TP_CHAIN_BYTES])
{
    tp_ask *ask = f->ask;
    tp_request_writer_done(&ask->push_writer);
    tp_request_writer_init(&ask->push_writer, ask->changes_bytes_max, TP_PUSH_CHANGES_MAX);
    f->asked->first_seq = 0;
    f->asked->last_seq = upto;
    f->asked->missing_upto = upto;
    memcpy(f->asked->sent.chain, h, TP_CHAIN_BYTES);
    ask->request.missing_upto = upto;
    memcpy(ask->request.missing_h, h, TP_CHAIN_BYTES);
    ask->is_chain_known = true;
}

/* The first of the stretch is not held: what is not there ends where one is held again. */
static tp_rc fill_hole(tp_ask_filling *f, tp_tx *tx, const lost_stretch *stretch, tp_err *err)
{
    tp_ask *ask = f->ask;
    uint64_t next = 0;
    uint64_t upto = ask->accepted_seq;
    bool is_known = false;
    uint8_t h[TP_CHAIN_BYTES];
    tp_rc rc = tp_log_own_next(ask->log, tx, ask->pushed_seq, stretch->upto, &next, err);
    if (rc == TP_OK && (next != 0 || !stretch->is_h_known)) {
        upto = next != 0 ? next - 1 : stretch->upto;
        rc = tp_log_chain_at(ask->log, tx, upto, h, &is_known, err);
    } else if (rc == TP_OK) {
        upto = stretch->upto;
        is_known = true;
        memcpy(h, stretch->h, sizeof h);
    }
    if (rc == TP_OK && !is_known) { /* nothing leads there: up to where h is kept */
        upto = ask->accepted_seq;
        memcpy(h, ask->accepted_chain, sizeof h);
    }
    if (rc == TP_OK) {
        fill_missing(f, upto, h);
    }
    return rc;
}

/* Shows that these changes were pushed before, and which stamps they were given. */
static tp_rc fill_proof(tp_ask *ask, const lost_stretch *stretch, tp_err *err)
{
    tp_request *r = &ask->request;
    tp_rc rc = tp_stamp_runs_end(&ask->proof_runs, err);
    r->has_proof = rc == TP_OK;
    r->proof.generation = stretch->pushed.generation;
    r->proof.receipt = stretch->pushed.receipt;
    r->proof.runs = &ask->proof_runs;
    return rc;
}

tp_rc tp_ask_fill_again(tp_ask *ask, tp_tx *tx, tp_ask_filling *f, tp_err *err)
{
    lost_stretch stretch;
    again a = {f, tx, true};
    tp_stamp_runs_done(&ask->proof_runs);
    tp_stamp_runs_init(&ask->proof_runs);
    f->asked->is_again = true;
    if (!ask->is_chain_known) { /* what was pushed after it can be signed no more */
        fill_missing(f, ask->accepted_seq, ask->accepted_chain);
        return TP_OK;
    }
    tp_rc rc = find_stretch(ask, tx, &stretch, err);
    if (rc == TP_OK) {
        rc = tp_log_own_held(ask->log, tx, ask->pushed_seq, stretch.upto, add_again, &a, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_ask_question *asked = f->asked;
    const bool is_whole = asked->last_seq == stretch.upto;
    if (f->is_cut && (asked->first_seq == 0 || stretch.is_push)) {
        /* More eras come first than one request tells. */
        tp_request_writer_done(&ask->push_writer);
        tp_request_writer_init(&ask->push_writer, ask->changes_bytes_max, TP_PUSH_CHANGES_MAX);
        asked->first_seq = 0;
        asked->last_seq = 0;
        return TP_OK;
    }
    if (asked->first_seq == 0) {
        return fill_hole(f, tx, &stretch, err);
    }
    if (is_whole && stretch.is_h_known &&
        memcmp(asked->sent.chain, stretch.h, sizeof stretch.h) != 0) {
        fill_missing(f, stretch.upto, stretch.h); /* damaged: this is not what was pushed */
        return TP_OK;
    }
    ask->request.is_again = true;
    if (is_whole && stretch.is_push && a.has_stamps) {
        rc = fill_proof(ask, &stretch, err);
    }
    return rc == TP_OK ? tp_ask_sign_push(ask, asked, err) : rc;
}

/* ---- Answers ---- */

/* Where a push begins that the hub has a part of, and that is all here; else `accepted`. */
static tp_rc find_begun(tp_ask *ask, tp_tx *tx, uint64_t accepted, uint64_t *from_out, tp_err *err)
{
    tp_log_pushed pushed = {.first = 0};
    bool is_begun = false;
    *from_out = accepted;
    if (ask->has_shown_part) {
        return TP_OK; /* it proves nothing there */
    }
    tp_rc rc = tp_log_pushed_after(ask->log, tx, accepted, &is_begun, &pushed, err);
    is_begun = is_begun && pushed.first <= accepted && pushed.last <= ask->accepted_seq;
    for (uint64_t seq = pushed.first; rc == TP_OK && is_begun && seq <= pushed.last; seq++) {
        uint64_t next = 0;
        rc = tp_log_own_next(ask->log, tx, seq - 1, seq, &next, err);
        is_begun = next == seq;
    }
    if (rc == TP_OK && is_begun) {
        *from_out = pushed.first - 1;
    }
    return rc;
}

/* The hub has said where it stands: from there it is pushed to; inside a push from the beginning of
 * that, since its stamps are shown as a whole. */
static tp_rc take_standing(tp_ask *ask, tp_tx *tx, uint64_t accepted, tp_err *err)
{
    tp_rc rc = find_begun(ask, tx, accepted, &ask->pushed_seq, err);
    if (rc == TP_OK) {
        rc = tp_log_chain_at(ask->log, tx, ask->pushed_seq, ask->pushed_chain, &ask->is_chain_known,
                             err);
    }
    if (rc == TP_OK && !ask->is_chain_known && ask->pushed_seq != accepted) {
        ask->pushed_seq = accepted;
        rc = tp_log_chain_at(ask->log, tx, accepted, ask->pushed_chain, &ask->is_chain_known, err);
    }
    return rc;
}

tp_rc tp_ask_end_back(tp_ask *ask, tp_tx *tx, tp_err *err)
{
    if (!ask->back.is_hub_back || ask->response.head.is_back) {
        return TP_OK;
    }
    ask->back.is_hub_back = false;
    return tp_log_back_put(ask->log, tx, &ask->back, err);
}

/* While the two settle, or the hub waits for others, what it lost is being shown to it, and what it
 * says of anything may be another by that: stamps are compared when both are over. */
static tp_rc note_back(tp_ask *ask, tp_tx *tx, tp_err *err)
{
    bool is_kiosk = false;
    const bool is_under_way = ask->response.head.is_back || ask->back.is_settling;
    if (is_under_way == ask->back.is_hub_back) {
        return TP_OK;
    }
    tp_rc rc = tp_log_is_kiosk(ask->log, tx, &is_kiosk, err);
    if (rc == TP_OK && is_under_way) {
        ask->back.is_hub_back = true;
        rc = tp_log_back_put(ask->log, tx, &ask->back, err);
    } else if (rc == TP_OK && is_kiosk) {
        rc = tp_ask_end_back(ask, tx, err);
    } else if (rc == TP_OK && ask->stamps == TP_ASK_STAMPS_NOT_DUE) {
        ask->stamps = TP_ASK_STAMPS_DUE;
    }
    return rc;
}

tp_rc tp_ask_apply_standing(tp_ask *ask, tp_tx *tx, tp_err *err)
{
    const tp_response *head = &ask->response.head;
    const tp_ask_question *a = &ask->answered;
    tp_log_push push;
    ask->has_shown_part |=
        a->is_again && head->accepted >= a->first_seq && head->accepted < a->last_seq;
    tp_rc rc = tp_log_push_get(ask->log, tx, &push, err);
    if (rc == TP_OK) {
        rc = note_back(ask, tx, err);
    }
    if (rc != TP_OK || !ask->is_push_known ||
        (a->first_seq != 0 && head->accepted >= a->first_seq)) {
        return rc;
    }
    if (a->missing_upto != 0 && head->accepted < a->missing_upto) {
        return tp_fail(err, TP_DENIED,
                       "the hub lost changes that are on this device no more, and does not go on "
                       "without them");
    }
    if (head->accepted >= push.accepted_seq && !ask->shows_all) { /* else that is shown first */
        ask->known_seq = head->ahead > head->accepted ? head->ahead : head->accepted;
    }
    const bool is_behind = head->accepted < push.accepted_seq && a->missing_upto == 0;
    /* It was put back unnoticed since then, and no cursor shows that yet: the proof of what is
     * pushed again does. */
    const bool fell = is_behind && ask->is_standing_known && ask->under_way_count == 0 &&
                      ask->pushed_seq >= push.accepted_seq;
    if (ask->back.is_settling && (!ask->is_standing_known || fell)) {
        ask->is_standing_known = true;
        const uint64_t from = ask->shows_all ? 0 : head->accepted;
        return is_behind || ask->shows_all ? take_standing(ask, tx, from, err) : TP_OK;
    }
    if (a->has_claim) {
        ask->has_claimed = true;
        ask->wants_claim = false;
    }
    if (!ask->back.is_settling && is_behind) {
        ask->settles_alone = ask->has_claimed;
        ask->wants_claim = !ask->has_claimed;
    }
    return TP_OK;
}

tp_rc tp_ask_apply_receipt(tp_ask *ask, tp_tx *tx, tp_err *err)
{
    const tp_response *head = &ask->response.head;
    const tp_ask_question *a = &ask->answered;
    tp_log_push push;
    if (!head->has_receipt || a->first_seq == 0 || head->accepted < a->first_seq) {
        return TP_OK;
    }
    tp_log_pushed pushed = {.first = a->first_seq,
                            .last = head->accepted < a->last_seq ? head->accepted : a->last_seq,
                            .generation = head->generation,
                            .receipt = head->push_receipt};
    tp_rc rc = tp_log_push_get(ask->log, tx, &push, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (pushed.last == a->last_seq) {
        memcpy(pushed.h, a->sent.chain, sizeof pushed.h);
    } else if (pushed.last == push.accepted_seq) {
        memcpy(pushed.h, push.accepted_chain, sizeof pushed.h);
    } else {
        return TP_OK;
    }
    return tp_log_pushed_put(ask->log, tx, &pushed, err);
}

tp_rc tp_ask_apply_settled(tp_ask *ask, tp_tx *tx, tp_err *err)
{
    bool is_kiosk = false;
    if (!ask->back.is_settling || !ask->is_standing_known || ask->under_way_count > 0 ||
        ask->response.head.more || ask->seek != TP_ASK_SEEK_NONE || tp_ask_has_more_to_push(ask)) {
        return TP_OK;
    }
    tp_rc rc = tp_log_is_kiosk(ask->log, tx, &is_kiosk, err);
    if (rc != TP_OK || (!is_kiosk && !ask->has_compared)) {
        return rc;
    }
    ask->back.is_settling = false;
    ask->settles_alone = false;
    ask->owes_word = true;
    return tp_log_back_put(ask->log, tx, &ask->back, err);
}
