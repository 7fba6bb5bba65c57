/* The node's end of a sync: what it holds against the sums and the names that the hub gives, to
 * where they differ. */
#include "sync/log/fork.h"
#include "sync/session/ask_state.h"

/* ---- Spans ---- */

static void digest_held(tp_name name, tp_slice bytes, const tp_said *said,
                        uint8_t out[TP_SHA256_BYTES])
{
    if (said == NULL) {
        tp_change_digest(name, bytes, out);
    } else {
        tp_stamped_digest(name, bytes, said, out);
    }
}

static void check_next(tp_ask *ask)
{
    ask->seek = TP_ASK_SEEK_CHECK;
    ask->stamps = ask->stamps == TP_ASK_STAMPS_DUE ? TP_ASK_STAMPS_DONE : ask->stamps;
}

void tp_ask_seek_on(tp_ask *ask)
{
    const bool is_last = tp_name_cmp(ask->seek_after, TP_NAME_LAST) >= 0;
    const bool is_over = is_last || ask->seek_requests >= TP_HELD_REQUESTS_MAX;
    ask->has_compared = ask->has_compared || is_last;
    ask->seek = TP_ASK_SEEK_SPANS;
    if (is_over) {
        check_next(ask);
    }
}

void tp_ask_seek_next(tp_ask *ask)
{
    if (ask->extra_count > 0) {
        ask->seek = TP_ASK_SEEK_HANDED;
    } else if (ask->wanted_count > 0) {
        ask->seek = TP_ASK_SEEK_WANTED;
    } else {
        tp_ask_seek_on(ask);
    }
}

static tp_rc add_counted(void *context, tp_name name, tp_slice bytes, const tp_said *said,
                         tp_err *err)
{
    uint8_t digest[TP_SHA256_BYTES];
    (void)err;
    digest_held(name, bytes, said, digest);
    tp_held_sum counts = tp_held_get(digest);
    tp_held_add(context, &counts);
    return TP_OK;
}

tp_rc tp_ask_take_spans(tp_ask *ask, tp_tx *tx, tp_err *err)
{
    const bool counts_stamps = ask->response.head.counts_stamps; /* an older hub's never do */
    tp_held_span span;
    tp_rc rc = TP_OK;
    const tp_name before = ask->seek_after;
    ask->ranges_count = 0;
    while (rc == TP_OK && ask->ranges_count < TP_HELD_RANGES_MAX &&
           tp_response_next_span(&ask->response, &span)) {
        const tp_name_range range = {ask->seek_after, span.upto};
        tp_held_sum sum = {0, 0};
        if (tp_name_cmp(range.upto, range.after) <= 0) {
            return tp_fail(err, TP_CORRUPT, "the hub sums up what it has summed up before");
        }
        rc = tp_log_held_walk(ask->log, tx, &range, counts_stamps, add_counted, &sum, err);
        bool has_unshown = false;
        if (rc == TP_OK) {
            rc = tp_log_has_unshown(ask->log, tx, &range, &has_unshown, err);
        }
        if (rc == TP_OK && (has_unshown || !tp_held_eq(&sum, &span.sum))) {
            ask->ranges[ask->ranges_count++] = range;
        }
        ask->seek_after = span.upto;
    }
    if (ask->ranges_count > 0) {
        ask->seek = TP_ASK_SEEK_NAMES;
    } else if (tp_name_eq(before, ask->seek_after)) {
        check_next(ask); /* the hub gave no sums */
    } else {
        tp_ask_seek_on(ask);
    }
    return rc;
}

/* ---- Names ---- */

/* What is held in a range, here and at the hub, both in order of names. */
typedef struct comparing {
    tp_ask *ask;
    tp_tx *tx;
    tp_name upto; /* of the range at hand */
    bool has_theirs;
    tp_held_name theirs;               /* the next one of the hub's */
    tp_name shown[TP_HELD_WANTED_MAX]; /* to be handed */
    uint32_t shown_count;
    bool is_full;
} comparing;

static void next_theirs(comparing *c)
{
    c->has_theirs = tp_response_next_name(&c->ask->response, &c->theirs);
}

static void want(comparing *c, tp_name name)
{
    tp_ask *ask = c->ask;
    if (ask->wanted_count == TP_HELD_WANTED_MAX) {
        c->is_full = true;
    } else {
        ask->wanted[ask->wanted_count++] = name;
    }
}

static void show(comparing *c, tp_name name)
{
    if (c->shown_count == TP_HELD_WANTED_MAX) {
        c->is_full = true;
    } else {
        c->shown[c->shown_count++] = name;
    }
}

/* The hub holds this and the device does not. */
static tp_rc take_theirs(comparing *c, tp_err *err)
{
    bool was_refused = false;
    tp_log_push push;
    tp_rc rc = tp_log_push_get(c->ask->log, c->tx, &push, err);
    const tp_name name = c->theirs.name;
    const bool is_own = name.device == tp_log_device(c->ask->log);
    if (rc == TP_OK && is_own) {
        rc = tp_log_unrefuse(c->ask->log, c->tx, &c->theirs, &was_refused, err);
    }
    if (rc == TP_OK && !was_refused && !(is_own && name.seq > push.accepted_seq)) {
        want(c, name);
    }
    return rc;
}

/* The hub's names before this one, or up to the end of the range, that are not held here. */
static tp_rc pass_theirs(comparing *c, tp_name upto, tp_err *err)
{
    tp_rc rc = TP_OK;
    while (rc == TP_OK && !c->is_full && c->has_theirs && tp_name_cmp(c->theirs.name, upto) < 0) {
        rc = take_theirs(c, err);
        if (!c->is_full) {
            c->ask->seek_after = c->theirs.name;
            next_theirs(c);
        }
    }
    return rc;
}

/* The hub has another change by this name, or says something else of it.  An older card may have
 * used the name again, and the stamp may be one that was given anew: what is here is handed first,
 * so that it is not lost with its name and shows the stamp it had.  What is damaged shows
 * nothing. */
static void take_other(comparing *c, tp_name name, const tp_said *said)
{
    if (said != NULL && c->ask->wanted_count < TP_HELD_WANTED_MAX) {
        show(c, name);
    }
    if (!c->is_full) {
        want(c, name);
    }
}

/* Both hold it.  What was written here under an id that this device has no more it can neither push
 * again nor hand, until the hub has sent it. */
static tp_rc take_same(comparing *c, tp_name name, const tp_said *said, tp_err *err)
{
    const tp_name_range range = {{name.device, name.seq - 1}, name};
    bool is_unshown = false;
    tp_rc rc = tp_log_has_unshown(c->ask->log, c->tx, &range, &is_unshown, err);
    if (rc == TP_OK && is_unshown && said != NULL) {
        want(c, name);
    }
    return rc;
}

static tp_rc compare_ours(void *context, tp_name name, tp_slice bytes, const tp_said *said,
                          tp_err *err)
{
    comparing *c = context;
    tp_rc rc = pass_theirs(c, name, err);
    if (rc != TP_OK || c->is_full) {
        return rc == TP_OK ? TP_LIMIT : rc;
    }
    if (!c->has_theirs || !tp_name_eq(c->theirs.name, name)) {
        show(c, name);
        if (c->is_full) {
            return TP_LIMIT;
        }
    } else {
        uint8_t digest[TP_SHA256_BYTES];
        digest_held(name, bytes, said, digest);
        if (memcmp(digest, c->theirs.digest, sizeof c->theirs.digest) != 0) {
            take_other(c, name, said);
        } else {
            rc = take_same(c, name, said, err);
        }
        if (rc != TP_OK || c->is_full) {
            return rc == TP_OK ? TP_LIMIT : rc;
        }
        next_theirs(c);
    }
    c->ask->seek_after = name;
    return TP_OK;
}

tp_rc tp_ask_take_names(tp_ask *ask, tp_tx *tx, tp_err *err)
{
    comparing c = {.ask = ask, .tx = tx};
    const uint32_t named = ask->response.head.ranges_named;
    tp_rc rc = TP_OK;
    ask->wanted_count = 0;
    if (named == 0 || named > ask->ranges_count) {
        check_next(ask); /* the hub gave no names */
        return TP_OK;
    }
    const tp_name after = ask->seek_after; /* where the spans ended */
    next_theirs(&c);
    for (uint32_t i = 0; rc == TP_OK && i < named && !c.is_full; i++) {
        const tp_name_range *range = &ask->ranges[i];
        const tp_name behind = {range->upto.device, range->upto.seq + 1};
        ask->seek_after = range->after;
        rc = tp_log_held_walk(ask->log, tx, range, ask->response.head.counts_stamps, compare_ours,
                              &c, err);
        if (rc == TP_OK && !c.is_full) {
            rc = pass_theirs(&c, behind, err);
        }
        if (rc == TP_OK && !c.is_full) {
            ask->seek_after = range->upto;
        }
    }
    if (rc == TP_OK && !c.is_full && named == ask->ranges_count) {
        ask->seek_after = after;
    }
    if (rc == TP_OK) {
        rc = tp_ask_part_shown(ask, tx, c.shown, c.shown_count, err);
    }
    tp_ask_seek_next(ask);
    return rc;
}
