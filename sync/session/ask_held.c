/* The node's end of a sync: whether it holds what the hub says it should, and the way to find what
 * it does not.
 *
 *   sum differs -> count again from the bytes -> spans -> names -> wanted -> spans ... -> check
 *
 * Only what differs is sent again.  Own changes that the hub has not accepted are never looked at,
 * so that no hub can take them away. */
#include "sync/session/ask_state.h"

/* Nothing more follows from what is handed then. */
enum { SETTLING_COMPARISONS_MAX = 2 };

/* ---- Asking ---- */

tp_rc tp_ask_fill_seek(tp_ask *ask, tp_tx *tx, tp_ask_question *asked, tp_err *err)
{
    tp_request *r = &ask->request;
    if (ask->seek == TP_ASK_SEEK_NONE || r->more || ask->under_way_count > 0) {
        return TP_OK;
    }
    ask->seek_requests++;
    asked->seek = ask->seek;
    r->wants_stamps = (ask->back.is_settling || ask->stamps == TP_ASK_STAMPS_DUE) &&
                      (ask->seek == TP_ASK_SEEK_SPANS || ask->seek == TP_ASK_SEEK_NAMES);
    switch (ask->seek) {
    case TP_ASK_SEEK_SPANS:
        r->wants_spans = true;
        r->spans_after = ask->seek_after;
        break;
    case TP_ASK_SEEK_NAMES:
        r->ranges_count = ask->ranges_count;
        memcpy(r->ranges, ask->ranges, ask->ranges_count * sizeof r->ranges[0]);
        break;
    case TP_ASK_SEEK_HANDED:
        return tp_ask_fill_handed(ask, tx, asked, err);
    case TP_ASK_SEEK_WANTED:
        r->wanted_count = ask->wanted_count;
        memcpy(r->wanted, ask->wanted, ask->wanted_count * sizeof r->wanted[0]);
        break;
    case TP_ASK_SEEK_CHECK:
    case TP_ASK_SEEK_NONE:
        break;
    }
    return TP_OK;
}

/* ---- What was wanted ---- */

void tp_ask_strike_out(tp_ask *ask, tp_name name)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < ask->wanted_count; i++) {
        if (!tp_name_eq(ask->wanted[i], name)) {
            ask->wanted[kept++] = ask->wanted[i];
        }
    }
    ask->wanted_count = kept;
}

bool tp_ask_is_wanted(const tp_ask *ask, tp_name name)
{
    for (uint32_t i = 0; i < ask->wanted_count; i++) {
        if (tp_name_eq(ask->wanted[i], name)) {
            return true;
        }
    }
    return false;
}

typedef struct likening {
    tp_ask *ask;
    tp_tx *tx;
    tp_slice bytes;
    bool is_alike;
    bool is_other;
} likening;

static tp_rc liken(void *context, const tp_log_row *row, tp_err *err)
{
    likening *l = context;
    bool counts = false; /* not where what the hub said of it is damaged */
    tp_rc rc = tp_log_row_counts(l->ask->log, l->tx, row, TP_SEQ_MAX, &counts, err);
    l->is_alike = counts && tp_slice_eq(row->bytes, l->bytes);
    l->is_other = counts && !l->is_alike;
    return rc;
}

/* Held here to the byte: then it is the stamp that is another, or the verdict.  *is_own_other_out:
 * what this device wrote by that name is another, and was told to be at the hub. */
static tp_rc is_alike(tp_ask *ask, tp_tx *tx, const tp_entry *entry, bool *is_alike_out,
                      bool *is_own_other_out, tp_err *err)
{
    likening l = {ask, tx, entry->bytes, false, false};
    tp_packed_name id = 0;
    tp_err missing;
    tp_rc rc = tp_log_pack(ask->log, tx, entry->name, &id, err);
    if (rc != TP_OK) {
        return rc;
    }
    rc = tp_log_get(ask->log, tx, id, liken, &l, &missing);
    if (rc != TP_OK && rc != TP_NOTFOUND) {
        *err = missing;
        return rc;
    }
    *is_alike_out = rc == TP_OK && l.is_alike;
    *is_own_other_out = rc == TP_OK && l.is_other && entry->name.device == tp_log_device(ask->log);
    return TP_OK;
}

/* The answer that said under which name the hub has it was lost, or an older one: it is pushed
 * again, as it was. */
static tp_rc show_again(tp_ask *ask, tp_tx *tx, uint64_t seq, tp_err *err)
{
    if (seq > ask->pushed_seq) {
        return TP_OK; /* with one before it */
    }
    ask->pushed_seq = seq - 1;
    return tp_log_chain_at(ask->log, tx, seq - 1, ask->pushed_chain, &ask->is_chain_known, err);
}

tp_rc tp_ask_apply_wanted(tp_ask *ask, tp_tx *tx, tp_err *err)
{
    const uint32_t before = ask->wanted_count;
    tp_rc rc = TP_OK;
    tp_entry entry;
    while (rc == TP_OK && tp_response_next_item(&ask->response, &entry)) {
        size_t healed = 0;
        bool is_whole = false;
        bool is_own_other = false;
        ask->counts.received++;
        if (!tp_ask_is_wanted(ask, entry.name)) {
            /* A page that came instead: there was something to give back first, say. */
            tp_merge_applied applied;
            rc = tp_merge_apply(ask->merge, tx, &entry, 1, &applied, err);
            continue;
        }
        rc = is_alike(ask, tx, &entry, &is_whole, &is_own_other, err);
        if (rc == TP_OK && is_own_other) {
            rc = show_again(ask, tx, entry.name.seq, err);
        } else if (rc == TP_OK && is_whole) {
            tp_merge_applied applied;
            rc = tp_merge_apply(ask->merge, tx, &entry, 1, &applied, err);
        } else if (rc == TP_OK) {
            rc = tp_merge_heal(ask->merge, tx, &entry, 1, &healed, err);
        }
        ask->counts.healed += healed;
        tp_ask_strike_out(ask, entry.name);
    }
    if (rc == TP_OK && ask->response.head.give_back_position == 0 &&
        (ask->wanted_count == 0 || ask->wanted_count == before)) {
        tp_ask_seek_on(ask); /* what the hub does not send again is not held there any more */
    }
    return rc;
}

/* ---- The sum ---- */

static tp_rc count_again(tp_ask *ask, tp_tx *tx, tp_log_held *held, tp_err *err)
{
    tp_rc rc = tp_log_held_count(ask->log, tx, &held->sum, &ask->damaged, err);
    if (rc == TP_OK) {
        held->is_known = true;
        held->counted_ms = ask->response.head.hub_ms;
        ask->has_counted = true;
        rc = tp_log_held_put(ask->log, tx, held, err);
    }
    return rc;
}

/* The sum that is kept is believed for a while: damage on the disk does not move it. */
static bool is_believed(const tp_ask *ask, const tp_log_held *held)
{
    const int64_t age_ms = ask->response.head.hub_ms - held->counted_ms;
    return ask->has_counted ||
           (held->is_known && held->counted_ms != 0 && age_ms >= 0 && age_ms < TP_HELD_BELIEVED_MS);
}

/* Both hold the same.  What is damaged besides goes, or nothing says that they are in step. */
static tp_rc drop_damaged(tp_ask *ask, tp_tx *tx, tp_log_held *held, bool *differs_out, tp_err *err)
{
    uint64_t dropped = 0;
    tp_rc rc = TP_OK;
    if (ask->damaged > 0) {
        rc = tp_log_drop_damaged(ask->log, tx, &dropped, &ask->damaged, err);
    }
    if (rc == TP_OK && dropped > 0) {
        held->differs = TP_LOG_DIFFERS_HEALED;
        ask->needs_scrub = true;
    }
    *differs_out = ask->damaged > 0;
    if (rc == TP_OK && ask->damaged > 0) {
        held->counted_ms = 0; /* nor the next time */
        rc = tp_log_held_put(ask->log, tx, held, err);
    }
    return rc;
}

/* Nothing more is sought in this sync.  Rows that were healed are shown. */
static tp_rc settle(tp_ask *ask, tp_tx *tx, tp_log_held *held, bool differs, tp_err *err)
{
    tp_rc rc = TP_OK;
    const tp_log_differs was = held->differs;
    ask->seek = TP_ASK_SEEK_NONE;
    ask->differs = differs;
    if (was == TP_LOG_DIFFERS_HEALED) {
        rc = tp_merge_rebuild(ask->merge, tx, NULL, err);
    }
    if (rc == TP_OK && ask->stamps == TP_ASK_STAMPS_DONE) {
        rc = tp_ask_end_back(ask, tx, err);
    }
    held->differs = differs ? TP_LOG_DIFFERS : TP_LOG_SAME;
    return rc == TP_OK && was != held->differs ? tp_log_held_put(ask->log, tx, held, err) : rc;
}

static void seek_from_the_first(tp_ask *ask)
{
    if (ask->seek == TP_ASK_SEEK_NONE) {
        ask->has_sought = true;
        ask->comparisons++;
        ask->seek_requests = 0;
        ask->seek_after = (tp_name){0, 0};
        ask->seek = TP_ASK_SEEK_SPANS;
    }
}

/* What was handed is judged with what others pushed before: a join of two that were lost is held
 * from then on, behind names that were compared and before where the pull goes on. */
static bool compares_again(const tp_ask *ask)
{
    return ask->back.is_settling && ask->seek == TP_ASK_SEEK_CHECK && ask->has_compared &&
           ask->has_handed && ask->comparisons < SETTLING_COMPARISONS_MAX;
}

static tp_rc compare_sum(tp_ask *ask, tp_tx *tx, tp_err *err)
{
    tp_log_held held;
    tp_rc rc = tp_log_held_get(ask->log, tx, &held, err);
    if (rc == TP_OK && !is_believed(ask, &held)) {
        rc = count_again(ask, tx, &held, err);
    }
    if (rc == TP_OK && !tp_held_eq(&held.sum, &ask->response.head.sum) && !ask->has_counted) {
        rc = count_again(ask, tx, &held, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    const bool is_same = tp_held_eq(&held.sum, &ask->response.head.sum);
    const bool shows =
        ask->back.is_settling && !ask->has_compared && ask->seek != TP_ASK_SEEK_CHECK;
    bool is_damaged = false;
    if (is_same && (shows || ask->stamps == TP_ASK_STAMPS_DUE)) {
        seek_from_the_first(ask);
        return TP_OK;
    }
    if (is_same) {
        ask->has_compared = true;
        rc = drop_damaged(ask, tx, &held, &is_damaged, err);
        return rc == TP_OK ? settle(ask, tx, &held, is_damaged, err) : rc;
    }
    if (compares_again(ask)) {
        ask->seek = TP_ASK_SEEK_NONE;
        seek_from_the_first(ask);
        return TP_OK;
    }
    if (ask->response.head.is_back && !ask->back.is_settling) {
        return settle(ask, tx, &held, true, err); /* what the hub keeps to itself for now */
    }
    const bool is_sought = ask->has_sought && ask->stamps != TP_ASK_STAMPS_DUE;
    if (ask->seek == TP_ASK_SEEK_CHECK || (ask->seek == TP_ASK_SEEK_NONE && is_sought)) {
        return settle(ask, tx, &held, true, err);
    }
    ask->differs = true;
    seek_from_the_first(ask);
    if (held.differs == TP_LOG_SAME) {
        held.differs = TP_LOG_DIFFERS;
        rc = tp_log_held_put(ask->log, tx, &held, err);
    }
    return rc;
}

/* Both ends speak of the same: the last page, everything given back, and the same accepted. */
static tp_rc is_comparable(tp_ask *ask, tp_tx *tx, bool *is_comparable_out, tp_err *err)
{
    const tp_response *head = &ask->response.head;
    tp_log_push push;
    tp_rc rc = tp_log_push_get(ask->log, tx, &push, err);
    *is_comparable_out = rc == TP_OK && head->has_sum && !head->more && !ask->gave_back_early &&
                         head->accepted == push.accepted_seq;
    return rc;
}

tp_rc tp_ask_apply_held(tp_ask *ask, tp_tx *tx, tp_err *err)
{
    bool may_compare = false;
    bool is_kiosk = false;
    const tp_ask_seek asked = ask->answered.seek;
    tp_rc rc = tp_log_is_kiosk(ask->log, tx, &is_kiosk, err);
    if (rc == TP_OK && !is_kiosk) {
        rc = is_comparable(ask, tx, &may_compare, err);
    }
    if (rc != TP_OK || !may_compare) {
        return rc;
    }
    if (asked == TP_ASK_SEEK_SPANS && ask->seek == asked) {
        rc = tp_ask_take_spans(ask, tx, err);
    } else if (asked == TP_ASK_SEEK_NAMES && ask->seek == asked) {
        rc = tp_ask_take_names(ask, tx, err);
    }
    return rc == TP_OK ? compare_sum(ask, tx, err) : rc;
}
