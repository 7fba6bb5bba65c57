/* The node's end of a sync: what it takes of the answers. */
#include "schema/entity.h"
#include "sync/log/directory.h"
#include "sync/log/era.h"
#include "sync/session/ask_state.h"
#include "sync/session/refused.h"
#include "sync/wire/chain.h"
#include "sync/wire/dictionary.h"
#include "sync/wire/wire.h"

/* A smaller request than that does not mend a 413. */
enum { CHANGES_BYTES_MIN = 8 * 1024 };

/* As often may a hub have gone back within one sync. */
enum { GENERATIONS_MAX = 4 };

/* ---- Answers ---- */

/* Forgets what is under way: the next request begins again from what the log knows. */
static void begin_again(tp_ask *ask)
{
    ask->under_way_count = 0;
    ask->is_push_known = false;
    ask->is_pull_known = false;
    ask->is_standing_known = false;
    ask->state = TP_ASK_STATE_ASK;
}

static void take_another_id(tp_ask *ask)
{
    begin_again(ask);
    ask->state = TP_ASK_STATE_FORKED;
}

/* There is another history by this device's name, and it goes on by another.  Where the hub went
 * back it may have lost this one of the two: first all is shown that was told to be accepted, which
 * nobody writes again. */
static void part(tp_ask *ask)
{
    if (!ask->back.is_settling || ask->accepted_seq == 0 || ask->shows_all) {
        take_another_id(ask);
        return;
    }
    begin_again(ask);
    ask->shows_all = true;
    ask->known_seq = 0; /* that is of the other one */
}

/* The hub went back and says so: with the next request all that is asked of it begins again. */
static bool take_generation(tp_ask *ask, const tp_refused_answer *answer)
{
    if (answer->refusal != TP_REFUSAL_GENERATION || answer->generation == 0 ||
        answer->generation == ask->pull.generation || ask->generations == GENERATIONS_MAX) {
        return false;
    }
    ask->generation = answer->generation;
    ask->generations++;
    return true;
}

/* Others may have handed the hub of this device's what an older card has as well, and what it has
 * not.  So it pushes less, until the first change that is another there stands alone: all before
 * it is at the hub by then. */
static bool push_less(tp_ask *ask)
{
    const tp_ask_question *asked = &ask->under_way[0];
    const uint64_t pushed = asked->first_seq == 0 ? 0 : asked->last_seq - asked->first_seq + 1;
    if (pushed <= 1 || asked->is_again) {
        return false;
    }
    ask->changes_max = (uint32_t)(pushed / 2);
    return true;
}

/* What is between the two may give an answer twice, or late.  `to` 0: an older hub does not say. */
static tp_rc check_to(const tp_ask *ask, uint32_t to, tp_err *err)
{
    return to == 0 || to == ask->under_way[0].mark
               ? TP_OK
               : tp_fail(err, TP_OFFLINE,
                         "the hub does not answer: what came is to another request");
}

static tp_rc take_refusal(tp_ask *ask, unsigned status, tp_slice body, tp_err *err)
{
    tp_refused_answer answer;
    tp_refused_read(status, body, &answer);
    tp_rc rc = check_to(ask, answer.to, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (status == 413 && ask->changes_bytes_max > CHANGES_BYTES_MIN) {
        ask->changes_bytes_max /= 2;
    } else if (answer.refusal == TP_REFUSAL_VERSION && answer.version_max < ask->version &&
               answer.version_max >= TP_PROTOCOL_VERSION_MIN) {
        ask->version = answer.version_max;
    } else if (answer.refusal == TP_REFUSAL_GAP && ask->is_push_cut) {
        ask->is_push_cut = false;
    } else if (answer.refusal == TP_REFUSAL_GAP && !ask->settles_alone) {
        ask->settles_alone = ask->has_claimed || ask->back.is_settling;
        ask->wants_claim = !ask->settles_alone;
    } else if (take_generation(ask, &answer)) {
        ask->wants_claim = false;
    } else if (answer.refusal == TP_REFUSAL_DICTIONARY && ask->dictionary != TP_DICTIONARY_NONE) {
        ask->dictionary = TP_DICTIONARY_NONE;
    } else if (answer.refusal == TP_REFUSAL_CHAIN && !push_less(ask)) {
        part(ask);
        return TP_OK;
    } else if (answer.refusal != TP_REFUSAL_CHAIN) {
        return tp_refused_fail(&answer, err);
    }
    begin_again(ask);
    return TP_OK;
}

static tp_rc inflate_message(tp_ask *ask, tp_slice body, tp_err *err)
{
    tp_envelope envelope;
    tp_slice deflated;
    tp_rc rc = tp_envelope_decode(body, &envelope, &deflated, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_slice dictionary;
    if (!tp_dictionary_of(envelope.dictionary, &dictionary)) {
        return tp_fail(err, TP_CORRUPT,
                       "the hub answered with dictionary %u, which is not known here",
                       envelope.dictionary);
    }
    if (envelope.version < TP_PROTOCOL_VERSION_MIN || envelope.version > TP_PROTOCOL_VERSION) {
        return tp_fail(err, TP_CORRUPT, "the hub answered in protocol version %u",
                       envelope.version);
    }
    tp_slice tail;
    tp_buf_clear(&ask->message);
    tp_buf_clear(&ask->tail);
    rc = tp_inflate_run(ask->inflate, dictionary, deflated, &ask->message, &tail, err);
    return rc == TP_OK ? tp_buf_add_slice(&ask->tail, tail, err) : rc;
}

/* What the hub counted once is counted down by every page that goes on from it; a page that was
 * asked for twice counts once. */
static void count_left(tp_ask *ask)
{
    const tp_response *head = &ask->response.head;
    uint64_t count = ask->response.count;
    if (!head->more) {
        ask->left = 0;
    } else if (head->left > 0) {
        ask->left = head->left;
    } else if (head->cursor > ask->pull.cursor) {
        ask->left -= count < ask->left ? count : ask->left;
    }
    if (ask->left > 0 || ask->counts.to_receive > 0) {
        ask->counts.to_receive = ask->counts.received + count + ask->left;
    }
}

tp_rc tp_ask_take_response(tp_ask *ask, unsigned status, tp_slice body, tp_err *err)
{
    if (ask->under_way_count == 0) {
        return tp_fail(err, TP_INVALID, "an answer without a request");
    }
    if (status != 200) {
        return take_refusal(ask, status, body, err);
    }
    tp_rc rc = inflate_message(ask, body, err);
    if (rc == TP_OK) {
        rc = tp_response_decode(tp_buf_slice(&ask->message), tp_buf_slice(&ask->tail),
                                &ask->changes, &ask->response, err);
    }
    const tp_response *head = &ask->response.head;
    if (rc == TP_OK) {
        rc = check_to(ask, head->to, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    ask->answered = ask->under_way[0];
    ask->under_way[0] = ask->under_way[1];
    ask->under_way_count--;
    ask->counts.requests++;
    ask->state = TP_ASK_STATE_TAKEN;
    if (head->accepted >= ask->answered.first_seq && head->accepted < ask->answered.last_seq) {
        /* The hub had some of it already and speaks of that alone: the rest is asked again. */
        ask->is_push_known = false;
        ask->is_standing_known = false;
        ask->under_way_count = 0;
    }
    if (head->protocol >= TP_PROTOCOL_VERSION_MIN && head->protocol <= TP_PROTOCOL_VERSION) {
        ask->version = head->protocol;
    }
    if (head->certificate.bytes > 0) {
        ask->has_renewed = true;
    }
    count_left(ask);
    if (head->cursor != 0) {
        ask->pull.cursor = head->cursor;
        memcpy(ask->pull.cursor_tag, head->cursor_tag, sizeof ask->pull.cursor_tag);
    }
    ask->pull.generation = head->generation;
    return TP_OK;
}

/* ---- Applying ---- */

static tp_rc apply_stamps(tp_ask *ask, tp_tx *tx, tp_err *err)
{
    const tp_ask_question *a = &ask->answered;
    uint64_t accepted = ask->response.head.accepted;
    if (a->first_seq == 0 || accepted < a->first_seq) {
        return TP_OK;
    }
    tp_buf runs;
    tp_buf_init(&runs, TP_BATCH_CHANGES_MAX * sizeof(tp_stamp_run));
    tp_rc rc = TP_OK;
    tp_stamp_run run;
    while (rc == TP_OK && tp_response_next_run(&ask->response, &run)) {
        rc = tp_buf_add(&runs, &run, sizeof run, err);
    }
    if (rc == TP_OK) {
        uint64_t upto = accepted < a->last_seq ? accepted : a->last_seq;
        const tp_stamp_run *at = (const tp_stamp_run *)(void *)runs.at;
        const size_t count = runs.bytes / sizeof run;
        if (!a->is_again) {
            rc = tp_merge_accept(ask->merge, tx, upto, a->first_seq, at, count,
                                 upto == a->last_seq ? &a->sent : NULL, err);
        } else if (upto == a->last_seq) {
            rc = tp_merge_restamp(ask->merge, tx, upto, a->first_seq, at, count, err);
        } /* else the receipt of the whole would fit no more: what is compared brings that stamp */
        ask->counts.sent += a->is_again ? 0 : upto - a->first_seq + 1;
        if (upto < a->last_seq) {
            /* The hub had the beginning of it already, from a sync whose answer was lost. */
            ask->is_push_known = false;
            ask->is_standing_known = false;
            ask->is_push_cut = ask->under_way_count > 0;
        }
    }
    tp_buf_done(&runs);
    tp_refused refused;
    while (rc == TP_OK && tp_response_next_refused(&ask->response, &refused)) {
        rc = tp_log_refused_put(ask->log, tx, &refused, err);
        ask->counts.refused += !tp_quarantine_is_renamed(refused.code);
    }
    return rc;
}

static tp_rc apply_directory(tp_ask *ask, tp_tx *tx, tp_err *err)
{
    tp_response_reader *r = &ask->response;
    if (r->head.directory_version == 0) {
        return TP_OK;
    }
    tp_rc rc = tp_log_directory_begin(ask->log, tx, r->head.directory_version, err);
    tp_directory_agency agency;
    while (rc == TP_OK && tp_response_next_agency(r, &agency)) {
        rc = tp_log_directory_put_agency(ask->log, tx, &agency, err);
    }
    tp_directory_device device;
    while (rc == TP_OK && tp_response_next_device(r, &device)) {
        rc = tp_log_directory_put_device(ask->log, tx, &device, err);
    }
    return rc;
}

/* What this device wrote and has had no answer to stays until it has one, although the hub accepted
 * it in a sync whose answer was lost: then none of these give-backs is receipted, and they are
 * asked for again. */
static bool is_early(const tp_ask *ask, const tp_log_push *push, tp_name name)
{
    return name.device == tp_log_device(ask->log) && name.seq > push->accepted_seq;
}

/* What this device never wrote, as far as its card says: an older card was put back, or a copy
 * wrote it, and the hub has it by others' hands alone.  There is nothing here to give back. */
static bool is_unwritten(const tp_ask *ask, const tp_log_push *push, tp_name name)
{
    return name.device == tp_log_device(ask->log) && name.seq > push->last_seq;
}

/* A join hangs on its persons; what cannot be read hangs on nothing that is known. */
typedef struct looking {
    tp_ask *ask;
    bool stands_alone;
} looking;

static tp_rc look_at_ours(void *context, const tp_log_row *row, tp_err *err)
{
    (void)err;
    looking *l = context;
    tp_change *change = &l->ask->looked;
    tp_err unread;
    l->stands_alone = tp_log_decode(row, change, &unread) == TP_OK && change->entity != TP_JOIN &&
                      change->entity != TP_UNJOIN;
    return TP_OK;
}

/* Until a hub that went back has heard everybody it may not know that a device of this agency wrote
 * it, and then asks back with a consent what never hung on one. */
static tp_rc is_to_stay(tp_ask *ask, tp_tx *tx, tp_name name, bool *stays_out, tp_err *err)
{
    looking l = {.ask = ask};
    tp_packed_name id = 0;
    bool is_ours = false;
    *stays_out = false;
    if (!ask->response.head.is_back || ask->response.is_erased || ask->is_kiosk) {
        return TP_OK;
    }
    tp_rc rc = tp_log_is_of_own_agency(ask->log, tx, name, &is_ours, err);
    if (rc != TP_OK || !is_ours) {
        return rc;
    }
    rc = tp_log_pack_known(ask->log, tx, name, &id, err);
    if (rc == TP_OK) {
        rc = tp_log_get(ask->log, tx, id, look_at_ours, &l, err);
    }
    *stays_out = l.stands_alone;
    return rc;
}

/* Names that go for one reason. */
typedef struct going {
    tp_name names[TP_ASK_ENTRIES_AT_ONCE];
    size_t count;
    bool is_erased;
} going;

static tp_rc let_go(tp_ask *ask, tp_tx *tx, going *g, tp_err *err)
{
    const int64_t now_ms = ask->response.head.hub_ms;
    tp_rc rc = g->count == 0  ? TP_OK
               : g->is_erased ? tp_merge_erase(ask->merge, tx, g->names, g->count, now_ms, err)
                              : tp_merge_give_back(ask->merge, tx, g->names, g->count, now_ms, err);
    g->count = 0;
    return rc;
}

static tp_rc apply_give_backs(tp_ask *ask, tp_tx *tx, tp_err *err)
{
    tp_log_push push;
    going g = {.count = 0};
    tp_name name;
    ask->gave_back_early = false;
    if (ask->response.head.give_back_position == 0) {
        return TP_OK;
    }
    tp_rc rc = tp_log_push_get(ask->log, tx, &push, err);
    while (rc == TP_OK && tp_response_next_give_back(&ask->response, &name)) {
        bool stays = false;
        if (is_unwritten(ask, &push, name)) {
            continue;
        }
        rc = is_to_stay(ask, tx, name, &stays, err);
        if (rc != TP_OK || stays) {
            continue;
        }
        ask->counts.given_back++;
        ask->counts.erased += ask->response.is_erased;
        ask->gave_back_early = ask->gave_back_early || is_early(ask, &push, name);
        if (g.count == TP_ASK_ENTRIES_AT_ONCE || g.is_erased != ask->response.is_erased) {
            rc = let_go(ask, tx, &g, err);
        }
        g.is_erased = ask->response.is_erased;
        g.names[g.count++] = name;
    }
    if (rc == TP_OK) {
        rc = let_go(ask, tx, &g, err);
    }
    ask->needs_scrub = true;
    ask->gave_back = !ask->gave_back_early; /* else there is no receipt to go on for */
    return rc;
}

static tp_rc apply_items(tp_ask *ask, tp_tx *tx, tp_err *err)
{
    size_t count = 0;
    tp_log_push push;
    tp_merge_applied applied;
    if (ask->answered.seek == TP_ASK_SEEK_WANTED) {
        return tp_ask_apply_wanted(ask, tx, err);
    }
    tp_rc rc = tp_log_push_get(ask->log, tx, &push, err);
    while (rc == TP_OK && tp_response_next_item(&ask->response, &ask->entries[count])) {
        ask->counts.received++;
        if (is_early(ask, &push, ask->entries[count].name)) {
            continue; /* a copy of this device wrote it: it comes again when that has shown */
        }
        if (++count == TP_ASK_ENTRIES_AT_ONCE) {
            rc = tp_merge_apply(ask->merge, tx, ask->entries, count, &applied, err);
            count = 0;
        }
    }
    if (rc == TP_OK && count > 0) {
        rc = tp_merge_apply(ask->merge, tx, ask->entries, count, &applied, err);
    }
    return rc;
}

/* A kiosk keeps nothing it has sent. */
static tp_rc forget_sent(tp_ask *ask, tp_tx *tx, tp_err *err)
{
    bool is_kiosk = false;
    tp_rc rc = tp_log_is_kiosk(ask->log, tx, &is_kiosk, err);
    if (rc != TP_OK || !is_kiosk) {
        return rc;
    }
    uint32_t count = 0;
    rc = tp_merge_forget_sent(ask->merge, tx, &count, err);
    if (count > 0) {
        ask->needs_scrub = true;
    }
    return rc;
}

static tp_rc keep_standing(tp_ask *ask, tp_tx *tx, tp_err *err)
{
    const tp_response *head = &ask->response.head;
    tp_log_pull pull;
    tp_rc rc = tp_log_pull_get(ask->log, tx, &pull, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_log_pull before = pull;
    pull.generation = head->generation;
    if (head->cursor != 0) {
        pull.cursor = head->cursor;
        memcpy(pull.cursor_tag, head->cursor_tag, sizeof pull.cursor_tag);
    }
    if (head->give_back_position > pull.given_back && !ask->gave_back_early) {
        pull.given_back = head->give_back_position;
    }
    ask->is_held_up = ask->gave_back_early && ask->unsendable != 0 && before.cursor == pull.cursor;
    bool is_same = before.generation == pull.generation && before.cursor == pull.cursor &&
                   before.given_back == pull.given_back &&
                   memcmp(before.cursor_tag, pull.cursor_tag, sizeof pull.cursor_tag) == 0;
    return is_same ? TP_OK : tp_log_pull_put(ask->log, tx, &pull, err);
}

/* What is left to do, once the answer is in the tables. */
static tp_ask_state next_state(const tp_ask *ask)
{
    if (ask->under_way_count > 0) {
        return TP_ASK_STATE_WAIT;
    }
    if (tp_ask_has_more_to_come(ask) || tp_ask_has_more_to_push(ask) || ask->needs_scrub ||
        ask->seek != TP_ASK_SEEK_NONE || ask->owes_word || tp_ask_only_asks(ask)) {
        return TP_ASK_STATE_ASK;
    }
    return TP_ASK_STATE_DONE;
}

/* A change under this device's id, as the hub has it. */
typedef struct ahead_of {
    tp_name name;
    const uint8_t *digest;
    bool is_ours;
} ahead_of;

static tp_rc compare_ahead(void *context, uint64_t seq, tp_slice bytes, bool *go_on, tp_err *err)
{
    ahead_of *a = context;
    uint8_t digest[TP_SHA256_BYTES];
    (void)err;
    tp_change_digest(a->name, bytes, digest);
    a->is_ours = seq == a->name.seq && memcmp(digest, a->digest, TP_HELD_DIGEST_BYTES) == 0;
    *go_on = false;
    return TP_OK;
}

/* Others have handed the hub what is not written here: this is an older card, and whoever wrote
 * under its numbers once more would be taken for who wrote that. */
static tp_rc is_older(tp_ask *ask, tp_tx *tx, const tp_log_push *push, bool *is_out, tp_err *err)
{
    const tp_response *head = &ask->response.head;
    ahead_of a = {{tp_log_device(ask->log), head->ahead}, head->ahead_digest, false};
    *is_out = false;
    if (head->ahead <= push->accepted_seq || head->accepted < push->accepted_seq) {
        return TP_OK; /* none, or what was accepted once is pushed again first */
    }
    tp_rc rc = tp_log_unsent(ask->log, tx, head->ahead - 1, compare_ahead, &a, err);
    *is_out = rc == TP_OK && !a.is_ours;
    return rc;
}

/* Under a number of what was written here others have handed another change: there are two
 * histories by this name, and when all is shown that was told to be accepted, this one goes on by
 * another. */
static tp_rc is_divided(tp_ask *ask, tp_tx *tx, const tp_log_push *push, bool *is_out, tp_err *err)
{
    return ask->response.head.accepted < push->accepted_seq
               ? TP_OK
               : tp_log_has_other(ask->log, tx, is_out, err);
}

/* It was known that there is another history by this name, and now all of this one is there. */
static bool has_shown_all(const tp_ask *ask, const tp_log_push *push)
{
    return ask->is_standing_known && ask->under_way_count == 0 &&
           ask->answered.last_seq == push->accepted_seq &&
           ask->response.head.accepted >= push->accepted_seq;
}

/* All of what was written here is at the hub, and more than that: a copy of this device wrote on.
 * Where some is not there yet, the push of it will show (TP_REFUSAL_CHAIN). */
static tp_rc look_for_fork(tp_ask *ask, tp_tx *tx, tp_err *err)
{
    tp_log_push push;
    bool is_other = false;
    bool is_forked = false;
    tp_rc rc = tp_log_push_get(ask->log, tx, &push, err);
    if (rc == TP_OK) {
        rc = is_older(ask, tx, &push, &is_other, err);
    }
    if (rc == TP_OK) {
        rc = is_divided(ask, tx, &push, &is_forked, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    is_other |= push.accepted_seq == push.last_seq && ask->response.head.accepted > push.last_seq;
    if (is_forked || (ask->shows_all && has_shown_all(ask, &push))) {
        take_another_id(ask);
    } else if (is_other && !ask->shows_all) {
        part(ask);
    }
    return TP_OK;
}

tp_rc tp_ask_apply(tp_ask *ask, tp_tx *tx, tp_err *err)
{
    if (ask->state != TP_ASK_STATE_TAKEN) {
        return tp_fail(err, TP_INVALID, "no answer waits to be applied");
    }
    tp_rc (*const steps[])(tp_ask *, tp_tx *, tp_err *) = {
        apply_stamps,          tp_ask_apply_others, tp_ask_apply_receipt, look_for_fork,
        tp_ask_apply_standing, apply_directory,     apply_give_backs,     tp_ask_apply_handed,
        apply_items,           forget_sent,         keep_standing,        tp_ask_apply_held,
        tp_ask_apply_settled,  tp_ask_apply_renamed};
    ask->renamed_count = 0;
    tp_rc rc = tp_log_compare(ask->log, tx, &ask->answered.clock, ask->response.head.hub_ms, err);
    if (rc == TP_OK && ask->answered.eras_last != 0) {
        rc = tp_log_eras_told(ask->log, tx, ask->answered.eras_last, err);
    }
    for (size_t i = 0; rc == TP_OK && !tp_ask_is_forked(ask) && i < sizeof steps / sizeof steps[0];
         i++) {
        rc = steps[i](ask, tx, err);
    }
    if (rc == TP_OK && !tp_ask_is_forked(ask)) {
        ask->state = next_state(ask);
        tp_ask_tell_unsendable(ask);
    }
    return rc;
}
