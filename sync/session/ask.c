/* The node's end of a sync: what it asks. */
#include "sync/session/ask_state.h"

#include "platform/base/alloc.h"
#include "sync/log/directory.h"
#include "sync/log/era.h"
#include "sync/log/push.h"
#include "sync/wire/dictionary.h"
#include "sync/wire/wire.h"

enum {
    /* Small messages are made small, large ones quickly.  4 costs the CPU of 3 and is 4 %
     * smaller. */
    SMALL_MESSAGE_BYTES = 32 * 1024,
    LEVEL_SMALL = 9,
    LEVEL_LARGE = 4
};

/* ---- Life ---- */

static tp_rc need_deflate(tp_ask *ask, int level, tp_err *err)
{
    if (ask->deflate != NULL && ask->deflate_level == level) {
        return TP_OK;
    }
    tp_deflate_free(ask->deflate);
    ask->deflate = NULL;
    ask->deflate_level = level;
    return tp_deflate_new(level, &ask->deflate, err);
}

tp_rc tp_ask_new(const tp_ask_config *config, tp_ask **ask_out, tp_err *err)
{
    *ask_out = NULL;
    tp_ask *ask = tp_alloc(sizeof *ask);
    if (ask == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for a sync");
    }
    ask->merge = config->merge;
    ask->log = tp_merge_log(config->merge);
    ask->key = config->key;
    ask->rng = config->rng;
    ask->version = config->version == 0 ? TP_PROTOCOL_VERSION : config->version;
    ask->dictionary = TP_DICTIONARY_NEWEST;
    ask->changes_bytes_max = TP_PUSH_BYTES_MAX;
    ask->changes_max = TP_PUSH_CHANGES_MAX;
    tp_buf_init(&ask->csr, TP_DER_BYTES_MAX);
    tp_buf_init(&ask->message, TP_MESSAGE_BYTES_MAX);
    tp_buf_init(&ask->tail, TP_TAIL_BYTES_MAX);
    tp_buf_init(&ask->changes, TP_UNPACKED_BYTES_MAX);
    tp_request_writer_init(&ask->push_writer, ask->changes_bytes_max, TP_PUSH_CHANGES_MAX);
    tp_stamp_runs_init(&ask->proof_runs);
    tp_buf_init(&ask->handed_bytes, TP_PUSH_BYTES_MAX + TP_CHANGE_BYTES_MAX);
    tp_ask_meant_init(ask);
    tp_rc rc = tp_buf_add_slice(&ask->csr, config->csr, err);
    if (rc == TP_OK) {
        rc = tp_inflate_new(&ask->inflate, err);
    }
    if (rc != TP_OK) {
        tp_ask_free(ask);
        return rc;
    }
    *ask_out = ask;
    return TP_OK;
}

void tp_ask_free(tp_ask *ask)
{
    if (ask == NULL) {
        return;
    }
    tp_deflate_free(ask->deflate);
    tp_inflate_free(ask->inflate);
    tp_request_writer_done(&ask->push_writer);
    tp_stamp_runs_done(&ask->proof_runs);
    tp_buf_done(&ask->handed_bytes);
    tp_ask_meant_done(ask);
    tp_buf_done(&ask->message);
    tp_buf_done(&ask->tail);
    tp_buf_done(&ask->changes);
    tp_buf_done(&ask->csr);
    tp_free(ask);
}

/* ---- Asking ---- */

bool tp_ask_wants_request(const tp_ask *ask)
{
    switch (ask->state) {
    case TP_ASK_STATE_ASK:
        return true;
    case TP_ASK_STATE_WAIT:
        return !ask->back.is_settling && !ask->wants_claim &&
               ask->under_way_count < TP_ASK_UNDER_WAY_MAX && tp_ask_has_more_to_push(ask);
    case TP_ASK_STATE_TAKEN:
        /* The next page may be asked for before this one is applied, unless it must be
         * receipted. */
        return ask->under_way_count == 0 && ask->is_push_known && ask->response.head.more &&
               !ask->back.is_settling && ask->seek == TP_ASK_SEEK_NONE &&
               ask->response.head.give_back_position == 0;
    case TP_ASK_STATE_DONE:
    case TP_ASK_STATE_FORKED:
        return false;
    }
    return false;
}

/* While the two settle an older card may have used numbers again, and what was written here by such
 * a name means what this device holds by it: the hub does not have that before it was handed, and
 * may call it otherwise (ask_hand.c).  What the hub has of this device's already goes as it is. */
uint64_t tp_ask_push_upto(const tp_ask *ask)
{
    if (!ask->back.is_settling || ask->has_compared || ask->is_kiosk) {
        return ask->last_seq;
    }
    return ask->known_seq > ask->accepted_seq ? ask->known_seq : ask->accepted_seq;
}

/* Reads where push and pull stand, at the first request and after anything went another way. */
static tp_rc read_standing(tp_ask *ask, tp_tx *tx, tp_err *err)
{
    tp_log_push push;
    tp_rc rc = tp_log_push_get(ask->log, tx, &push, err);
    if (rc != TP_OK) {
        return rc;
    }
    ask->last_seq = push.last_seq;
    ask->accepted_seq = push.accepted_seq;
    memcpy(ask->accepted_chain, push.accepted_chain, sizeof ask->accepted_chain);
    if (!ask->is_push_known) {
        ask->is_push_known = true;
        ask->pushed_seq = push.accepted_seq;
        memcpy(ask->pushed_chain, push.accepted_chain, sizeof ask->pushed_chain);
    }
    tp_log_pull pull;
    rc = tp_log_pull_get(ask->log, tx, &pull, err);
    if (rc == TP_OK && !ask->is_pull_known) {
        ask->is_pull_known = true;
        ask->pull = pull;
    }
    if (rc == TP_OK) {
        rc = tp_log_is_kiosk(ask->log, tx, &ask->is_kiosk, err);
    }
    ask->counts.to_send = ask->counts.sent + push.last_seq - push.accepted_seq;
    if (rc == TP_OK) {
        ask->pull.receipt = pull.receipt;
    }
    return rc;
}

tp_rc tp_ask_add_change(void *context, uint64_t seq, tp_slice bytes, bool *go_on, tp_err *err)
{
    tp_ask_filling *f = context;
    tp_era_reading reading;
    /* What this device wrote it can read; a change it cannot is for the hub to judge. */
    tp_err unread;
    if (seq > f->upto) {
        *go_on = false;
        return TP_OK;
    }
    if (tp_change_decode_reading(bytes, &reading, &unread) == TP_OK) {
        if (reading.era > f->era_last_allowed) {
            f->is_cut = true;
            *go_on = false;
            return TP_OK;
        }
        f->eras_last = reading.era > f->eras_last ? reading.era : f->eras_last;
    }
    tp_err full;
    tp_rc rc = tp_request_writer_add(&f->ask->push_writer, bytes, &full);
    if (rc == TP_LIMIT) {
        *go_on = false;
        return f->ask->push_writer.count > 0
                   ? TP_OK
                   : tp_fail(err, TP_LIMIT, "a change is larger than a sync");
    }
    if (rc != TP_OK) {
        *err = full;
        return rc;
    }
    f->asked->first_seq = f->asked->first_seq == 0 ? seq : f->asked->first_seq;
    f->asked->last_seq = seq;
    tp_chain_add(f->asked->sent.chain, bytes);
    tp_held_sum counts = tp_held_of((tp_name){tp_log_device(f->ask->log), seq}, bytes);
    tp_held_add(&f->asked->sent.counts, &counts);
    return TP_OK;
}

/* The eras the hub must know to judge the changes of this request. */
static tp_rc tell_eras(tp_ask *ask, tp_tx *tx, uint32_t present, uint32_t *last_out, tp_err *err)
{
    tp_request *r = &ask->request;
    r->eras_count = 0;
    tp_rc rc =
        tp_log_eras_untold(ask->log, tx, present, r->eras, TP_PUSH_ERAS_MAX, &r->eras_count, err);
    if (rc == TP_OK) {
        *last_out = r->eras_count == 0 ? present : r->eras[r->eras_count - 1].era;
    }
    return rc;
}

/* The last era of which changes may go: one that was not compared ends, for the hub, where the next
 * one begins, so that has to be told as well. */
static uint32_t era_allowed(uint32_t told, uint32_t present)
{
    return told < present ? told - 1 : present;
}

tp_rc tp_ask_sign_push(tp_ask *ask, const tp_ask_question *asked, tp_err *err)
{
    tp_request *r = &ask->request;
    r->first_seq = asked->first_seq;
    memcpy(r->chain_start, asked->sent.chain, sizeof r->chain_start);
    r->more = ask->unsendable == 0 && asked->last_seq < tp_ask_push_upto(ask);
    return tp_key_sign(ask->key, ask->rng, asked->sent.chain, r->signature, err);
}

/* Damage in what was not sent yet holds up itself and what is behind it, and no more: what was
 * written before it is sent, and what others wrote is fetched. */
static tp_rc fill_unsent(tp_ask *ask, tp_tx *tx, tp_ask_filling *f, tp_err *err)
{
    tp_err damage;
    tp_rc rc = tp_log_unsent(ask->log, tx, ask->pushed_seq, tp_ask_add_change, f, &damage);
    if (rc == TP_CORRUPT && damage.origin == TP_ORIGIN_SELF) {
        ask->unsendable = (f->asked->last_seq == 0 ? ask->pushed_seq : f->asked->last_seq) + 1;
        return TP_OK;
    }
    if (rc != TP_OK) {
        *err = damage;
    }
    return rc;
}

static tp_rc fail_unsendable(const tp_ask *ask, tp_err *err)
{
    return tp_fail(err, TP_CORRUPT,
                   "change %llu is damaged, not sent, and holds up %llu more; all else was sent and"
                   " fetched",
                   (unsigned long long)ask->unsendable,
                   (unsigned long long)(ask->last_seq - ask->unsendable));
}

static tp_rc fill_push(tp_ask *ask, tp_tx *tx, tp_ask_question *asked, tp_err *err)
{
    uint32_t era_last = 0;
    if (tp_ask_only_asks(ask)) {
        return tp_ask_fill_claim(ask, tx, asked, err);
    }
    tp_rc rc = tell_eras(ask, tx, asked->clock.era, &era_last, err);
    if (rc != TP_OK) {
        return rc;
    }
    memcpy(asked->sent.chain, ask->pushed_chain, sizeof asked->sent.chain);
    tp_ask_filling f = {
        ask, asked, 0, era_allowed(era_last, asked->clock.era), tp_ask_push_upto(ask), false};
    if (ask->pushed_seq < ask->accepted_seq) {
        asked->eras_last = era_last;
        return tp_ask_fill_again(ask, tx, &f, err);
    }
    if (tp_ask_has_more_to_push(ask)) {
        rc = fill_unsent(ask, tx, &f, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    if (asked->first_seq == 0 && !tp_ask_has_more_to_push(ask)) {
        ask->request.eras_count = 0; /* nothing to judge: an idle sync stays small */
        return TP_OK;
    }
    asked->eras_last = era_last;
    /* Without a change: more eras come first than one request tells, and go ahead. */
    ask->request.more = era_last < asked->clock.era;
    return asked->first_seq == 0 ? TP_OK : tp_ask_sign_push(ask, asked, err);
}

static tp_rc write_body(tp_ask *ask, tp_slice message, tp_slice tail, tp_buf *body, tp_err *err)
{
    bool is_small = message.bytes <= SMALL_MESSAGE_BYTES;
    tp_rc rc = need_deflate(ask, is_small ? LEVEL_SMALL : LEVEL_LARGE, err);
    tp_slice dictionary = {NULL, 0};
    tp_envelope envelope = {(uint8_t)ask->version, (uint8_t)ask->dictionary};
    if (rc == TP_OK && !tp_dictionary_of(ask->dictionary, &dictionary)) {
        envelope.dictionary = TP_DICTIONARY_NONE;
    }
    if (rc == TP_OK) {
        rc = tp_envelope_encode(envelope, body, err);
    }
    if (rc == TP_OK) {
        rc = tp_deflate_run(ask->deflate, dictionary, message, body, err);
    }
    return rc == TP_OK ? tp_buf_add_slice(body, tail, err) : rc;
}

/* A first fetch is long, and so is one of which a page has come that was not the last.  Any other
 * sync is not made larger by asking. */
static bool wants_left(const tp_ask *ask)
{
    return ask->left == 0 && (ask->pull.cursor == 0 || ask->response.head.more);
}

static void fill_pull(tp_ask *ask)
{
    tp_request *r = &ask->request;
    r->cursor = ask->pull.cursor;
    memcpy(r->cursor_tag, ask->pull.cursor_tag, sizeof r->cursor_tag);
    r->receipt = ask->pull.receipt;
    r->generation = ask->pull.generation;
    r->wants_left = !ask->back.is_settling && wants_left(ask);
    r->is_settling = ask->back.is_settling;
    r->csr = ask->has_renewed ? tp_slice_of(NULL, 0) : tp_buf_slice(&ask->csr);
}

tp_rc tp_ask_make_request(tp_ask *ask, tp_tx *tx, tp_buf *body, tp_err *err)
{
    tp_buf_clear(body);
    if (ask->is_rest_done) {
        return fail_unsendable(ask, err);
    }
    tp_ask_question next = {0};
    tp_buf message;
    tp_buf tail;
    tp_buf_init(&message, TP_MESSAGE_BYTES_MAX);
    tp_buf_init(&tail, TP_TAIL_BYTES_MAX);
    tp_request_writer_init(&ask->push_writer, ask->changes_bytes_max, ask->changes_max);
    memset(&ask->request, 0, offsetof(tp_request, eras));
    tp_buf_clear(&ask->named);
    tp_rc rc = tp_ask_begin_settling(ask, tx, err);
    if (rc == TP_OK) {
        rc = read_standing(ask, tx, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_read_clock(ask->log, tx, &next.clock, err);
    }
    if (rc == TP_OK) {
        ask->request.clock = next.clock;
        ask->request.start = tp_log_start(ask->log);
        rc = fill_push(ask, tx, &next, err);
    }
    if (rc == TP_OK) {
        fill_pull(ask);
        rc = tp_ask_fill_seek(ask, tx, &next, err);
    }
    if (rc == TP_OK) {
        rc = tp_ask_fill_meant(ask, tx, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_directory_version(ask->log, tx, &ask->request.directory_version, err);
    }
    if (rc == TP_OK) {
        rc = tp_request_writer_end(&ask->push_writer, &ask->request, &message, &tail, err);
    }
    /* Not beside the deflated ones: a bulk push is large. */
    tp_request_writer_done(&ask->push_writer);
    if (rc == TP_OK) {
        rc = write_body(ask, tp_buf_slice(&message), tp_buf_slice(&tail), body, err);
    }
    tp_buf_done(&message);
    tp_buf_done(&tail);
    if (rc != TP_OK) {
        return rc;
    }
    next.mark = tp_body_mark(tp_buf_slice(body));
    next.receipt = ask->request.receipt;
    ask->owes_word = ask->owes_word && ask->back.is_settling;
    if (next.last_seq != 0) {
        ask->pushed_seq = next.last_seq;
        memcpy(ask->pushed_chain, next.sent.chain, sizeof ask->pushed_chain);
    }
    ask->under_way[ask->under_way_count++] = next;
    if (ask->state == TP_ASK_STATE_ASK) {
        ask->state = TP_ASK_STATE_WAIT;
    }
    return TP_OK;
}

unsigned tp_ask_under_way(const tp_ask *ask)
{
    return ask->under_way_count;
}

bool tp_ask_needs_scrub(const tp_ask *ask)
{
    return ask->needs_scrub;
}

void tp_ask_scrubbed(tp_ask *ask, bool is_gone)
{
    /* Where a reader stood in the way the receipt waits for the next sync. */
    bool owes_receipt = ask->gave_back && is_gone;
    ask->needs_scrub = false;
    ask->gave_back = false;
    if (ask->state == TP_ASK_STATE_ASK && !owes_receipt && !tp_ask_has_more_to_come(ask) &&
        !ask->owes_word && !tp_ask_only_asks(ask) && ask->seek == TP_ASK_SEEK_NONE &&
        !tp_ask_has_more_to_push(ask)) {
        ask->state = TP_ASK_STATE_DONE;
        tp_ask_tell_unsendable(ask);
    }
}

/* All else was sent and fetched.  What is damaged is told again by a hub that has it; one that goes
 * on collecting what it lost may be handed it yet. */
void tp_ask_tell_unsendable(tp_ask *ask)
{
    if (ask->state != TP_ASK_STATE_DONE || ask->unsendable == 0) {
        return;
    }
    if (ask->back.is_settling || ask->back.is_hub_back || ask->response.head.is_back) {
        ask->is_rest_done = true;
        ask->state = TP_ASK_STATE_ASK;
    } else {
        ask->leaves_out = true;
        ask->state = TP_ASK_STATE_FORKED;
    }
}

bool tp_ask_is_done(const tp_ask *ask)
{
    return ask->state == TP_ASK_STATE_DONE;
}

bool tp_ask_is_forked(const tp_ask *ask)
{
    return ask->state == TP_ASK_STATE_FORKED;
}

bool tp_ask_leaves_out(const tp_ask *ask)
{
    return ask->leaves_out;
}

unsigned tp_ask_version(const tp_ask *ask)
{
    return ask->version;
}

tp_slice tp_ask_certificate(const tp_ask *ask)
{
    return ask->response.head.certificate;
}

tp_ask_counts tp_ask_counted(const tp_ask *ask)
{
    return ask->counts;
}

bool tp_ask_differs(const tp_ask *ask)
{
    return ask->differs && !ask->back.is_hub_back;
}
