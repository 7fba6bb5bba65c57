/* The node's end of a sync, as a state machine without a network. */
#include "sync/session/ask.h"

#include "platform/base/alloc.h"
#include "platform/net/deflate.h"
#include "sync/log/directory.h"
#include "sync/log/era.h"
#include "sync/log/push.h"
#include "sync/session/refused.h"
#include "sync/wire/dictionary.h"
#include "sync/wire/request.h"
#include "sync/wire/response.h"
#include "sync/wire/wire.h"

enum {
    UNDER_WAY_MAX = 2,
    ENTRIES_AT_ONCE = 256,
    /* Small messages are made small, large ones quickly.  4 costs the CPU of 3 and is 4 % smaller. */
    SMALL_MESSAGE_BYTES = 32 * 1024,
    LEVEL_SMALL = 9,
    LEVEL_LARGE = 4,
    CHANGES_BYTES_MIN = 8 * 1024
};

/* What a request said, for when its answer comes. */
typedef struct question {
    tp_era_reading clock;
    uint32_t eras_last; /* the last era it told; 0: none */
    uint64_t first_seq; /* 0: it pushed nothing */
    uint64_t last_seq;
    uint8_t chain[TP_CHAIN_BYTES]; /* h at last_seq */
    uint64_t receipt;
} question;

typedef enum state {
    STATE_ASK,   /* a request may be made */
    STATE_WAIT,  /* nothing to do before an answer */
    STATE_TAKEN, /* an answer was read and waits to be applied */
    STATE_DONE
} state;

struct tp_ask {
    tp_merge *merge;
    tp_log *log;
    const tp_key *key;
    tp_rng *rng;
    tp_buf csr;
    unsigned version;
    unsigned dictionary;
    size_t changes_bytes_max;
    state state;

    question under_way[UNDER_WAY_MAX]; /* oldest first */
    unsigned under_way_count;
    bool is_push_known; /* the next three were read from the log */
    bool
        is_push_cut; /* an answer took less than its request held: what is under way leaves a gap */
    uint64_t pushed_seq; /* the last one in a request */
    uint8_t pushed_chain[TP_CHAIN_BYTES];
    uint64_t last_seq; /* written here, when the last request was made */
    tp_log_pull pull;  /* where the next request goes on; ahead of the log by one answer at most */
    bool is_pull_known;

    question answered; /* the request whose answer was taken */
    bool has_renewed;
    bool needs_scrub;
    bool gave_back;       /* since the last scrub: the hub waits for a receipt */
    bool gave_back_early; /* the answer asked back what this device does not know to be accepted */

    tp_deflate *deflate; /* of deflate_level: each holds 260 KiB, so there is one */
    int deflate_level;
    tp_inflate *inflate;
    tp_request_writer changes;
    tp_buf message; /* of the last answer; `response` borrows from it */
    tp_response_reader response;
    tp_request request;
    tp_entry entries[ENTRIES_AT_ONCE];
    tp_ask_counts counts;
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
    tp_buf_init(&ask->csr, TP_DER_BYTES_MAX);
    tp_buf_init(&ask->message, TP_MESSAGE_BYTES_MAX);
    tp_request_writer_init(&ask->changes, ask->changes_bytes_max, TP_PUSH_CHANGES_MAX);
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
    tp_request_writer_done(&ask->changes);
    tp_buf_done(&ask->message);
    tp_buf_done(&ask->csr);
    tp_free(ask);
}

/* ---- Asking ---- */

/* Before the log was read, there may be. */
static bool has_more_to_push(const tp_ask *ask)
{
    return !ask->is_push_known || ask->pushed_seq < ask->last_seq;
}

bool tp_ask_wants_request(const tp_ask *ask)
{
    switch (ask->state) {
    case STATE_ASK:
        return true;
    case STATE_WAIT:
        return ask->under_way_count < UNDER_WAY_MAX && has_more_to_push(ask);
    case STATE_TAKEN:
        /* The next page may be asked for before this one is applied, unless it must be receipted. */
        return ask->under_way_count == 0 && ask->is_push_known && ask->response.head.more &&
               ask->response.head.give_back_position == 0;
    case STATE_DONE:
        return false;
    }
    return false;
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
        ask->pull.receipt = pull.receipt;
    }
    return rc;
}

typedef struct filling {
    tp_ask *ask;
    question *asked;
    uint32_t eras_last; /* of the changes taken */
    uint32_t era_last_allowed;
} filling;

static tp_rc add_change(void *context, uint64_t seq, tp_slice bytes, bool *go_on, tp_err *err)
{
    filling *f = context;
    tp_era_reading reading;
    /* What this device wrote it can read; a change it cannot is for the hub to judge. */
    tp_err unread;
    if (tp_change_decode_reading(bytes, &reading, &unread) == TP_OK) {
        if (reading.era > f->era_last_allowed) {
            *go_on = false;
            return TP_OK;
        }
        f->eras_last = reading.era > f->eras_last ? reading.era : f->eras_last;
    }
    tp_err full;
    tp_rc rc = tp_request_writer_add(&f->ask->changes, bytes, &full);
    if (rc == TP_LIMIT) {
        *go_on = false;
        return f->ask->changes.count > 0 ? TP_OK
                                         : tp_fail(err, TP_LIMIT, "a change is larger than a sync");
    }
    if (rc != TP_OK) {
        *err = full;
        return rc;
    }
    f->asked->first_seq = f->asked->first_seq == 0 ? seq : f->asked->first_seq;
    f->asked->last_seq = seq;
    tp_chain_add(f->asked->chain, bytes);
    return TP_OK;
}

/* The eras the hub must know to judge the changes of this request, and which changes that allows. */
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

static tp_rc fill_push(tp_ask *ask, tp_tx *tx, question *asked, tp_err *err)
{
    uint32_t era_last = 0;
    tp_rc rc = tell_eras(ask, tx, asked->clock.era, &era_last, err);
    if (rc != TP_OK) {
        return rc;
    }
    memcpy(asked->chain, ask->pushed_chain, sizeof asked->chain);
    filling f = {ask, asked, 0, era_last};
    if (has_more_to_push(ask)) {
        rc = tp_log_unsent(ask->log, tx, ask->pushed_seq, add_change, &f, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_request *r = &ask->request;
    if (asked->first_seq == 0 && !has_more_to_push(ask)) {
        r->eras_count = 0; /* nothing to judge: an idle sync stays small */
        return TP_OK;
    }
    asked->eras_last = era_last;
    if (asked->first_seq == 0) {
        return TP_OK; /* more eras stand before the next change than one request tells: they go ahead */
    }
    r->first_seq = asked->first_seq;
    memcpy(r->chain, asked->chain, sizeof r->chain);
    r->more = asked->last_seq < ask->last_seq;
    return tp_key_sign(ask->key, ask->rng, asked->chain, r->signature, err);
}

static tp_rc deflate_message(tp_ask *ask, tp_slice message, tp_buf *body, tp_err *err)
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
    return rc;
}

static void fill_pull(tp_ask *ask)
{
    tp_request *r = &ask->request;
    r->cursor = ask->pull.cursor;
    memcpy(r->cursor_tag, ask->pull.cursor_tag, sizeof r->cursor_tag);
    r->receipt = ask->pull.receipt;
    r->generation = ask->pull.generation;
    r->csr = ask->has_renewed ? tp_slice_of(NULL, 0) : tp_buf_slice(&ask->csr);
}

tp_rc tp_ask_make_request(tp_ask *ask, tp_tx *tx, tp_buf *body, tp_err *err)
{
    tp_buf_clear(body);
    question next = {0};
    tp_buf message;
    tp_buf_init(&message, TP_MESSAGE_BYTES_MAX);
    tp_request_writer_init(&ask->changes, ask->changes_bytes_max, TP_PUSH_CHANGES_MAX);
    memset(&ask->request, 0, offsetof(tp_request, eras));
    tp_rc rc = read_standing(ask, tx, err);
    if (rc == TP_OK) {
        rc = tp_log_read_clock(ask->log, tx, &next.clock, err);
    }
    if (rc == TP_OK) {
        ask->request.clock = next.clock;
        rc = fill_push(ask, tx, &next, err);
    }
    if (rc == TP_OK) {
        fill_pull(ask);
        rc = tp_log_directory_version(ask->log, tx, &ask->request.directory_version, err);
    }
    if (rc == TP_OK) {
        rc = tp_request_writer_end(&ask->changes, &ask->request, &message, err);
    }
    tp_request_writer_done(&ask->changes); /* not beside the deflated ones: a bulk push is large */
    if (rc == TP_OK) {
        rc = deflate_message(ask, tp_buf_slice(&message), body, err);
    }
    tp_buf_done(&message);
    if (rc != TP_OK) {
        return rc;
    }
    next.receipt = ask->request.receipt;
    if (next.first_seq != 0) {
        ask->pushed_seq = next.last_seq;
        memcpy(ask->pushed_chain, next.chain, sizeof ask->pushed_chain);
    }
    ask->under_way[ask->under_way_count++] = next;
    if (ask->state == STATE_ASK) {
        ask->state = STATE_WAIT;
    }
    return TP_OK;
}

/* ---- Answers ---- */

/* Forgets what is under way: the next request begins again from what the log knows. */
static void begin_again(tp_ask *ask)
{
    ask->under_way_count = 0;
    ask->is_push_known = false;
    ask->is_pull_known = false;
    ask->state = STATE_ASK;
}

static tp_rc take_refusal(tp_ask *ask, unsigned status, tp_slice body, tp_err *err)
{
    tp_refused_answer answer;
    tp_refused_read(status, body, &answer);
    if (status == 413 && ask->changes_bytes_max > CHANGES_BYTES_MIN) {
        ask->changes_bytes_max /= 2;
    } else if (answer.refusal == TP_REFUSAL_VERSION && answer.version_max < ask->version &&
               answer.version_max >= TP_PROTOCOL_VERSION_MIN) {
        ask->version = answer.version_max;
    } else if (answer.refusal == TP_REFUSAL_GAP && ask->is_push_cut) {
        ask->is_push_cut = false;
    } else if (answer.refusal == TP_REFUSAL_DICTIONARY && ask->dictionary != TP_DICTIONARY_NONE) {
        ask->dictionary = TP_DICTIONARY_NONE;
    } else {
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
    tp_buf_clear(&ask->message);
    return tp_inflate_run(ask->inflate, dictionary, deflated, &ask->message, err);
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
        rc = tp_response_decode(tp_buf_slice(&ask->message), &ask->response, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    const tp_response *head = &ask->response.head;
    ask->answered = ask->under_way[0];
    ask->under_way[0] = ask->under_way[1];
    ask->under_way_count--;
    ask->counts.requests++;
    ask->state = STATE_TAKEN;
    if (head->accepted >= ask->answered.first_seq && head->accepted < ask->answered.last_seq) {
        /* The hub had some of it already and speaks of that alone: the rest is asked again. */
        ask->is_push_known = false;
        ask->under_way_count = 0;
    }
    if (head->protocol >= TP_PROTOCOL_VERSION_MIN && head->protocol <= TP_PROTOCOL_VERSION) {
        ask->version = head->protocol;
    }
    if (head->certificate.bytes > 0) {
        ask->has_renewed = true;
    }
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
    const question *a = &ask->answered;
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
        rc = tp_merge_accept(ask->merge, tx, upto, a->first_seq,
                             (const tp_stamp_run *)(void *)runs.at, runs.bytes / sizeof run,
                             upto == a->last_seq ? a->chain : NULL, err);
        ask->counts.sent += upto - a->first_seq + 1;
        if (upto < a->last_seq) {
            /* The hub had the beginning of it already, from a sync whose answer was lost. */
            ask->is_push_known = false;
            ask->is_push_cut = ask->under_way_count > 0;
        }
    }
    tp_buf_done(&runs);
    tp_refused refused;
    while (rc == TP_OK && tp_response_next_refused(&ask->response, &refused)) {
        rc = tp_log_refused_put(ask->log, tx, &refused, err);
        ask->counts.refused++;
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

/* What this device wrote and has had no answer to stays until it has one, although the hub accepted it
 * in a sync whose answer was lost: then none of these give-backs is receipted, and they are asked for
 * again. */
static bool is_early(const tp_ask *ask, const tp_log_push *push, tp_name name)
{
    return name.device == tp_log_device(ask->log) && name.seq > push->accepted_seq;
}

static tp_rc apply_give_backs(tp_ask *ask, tp_tx *tx, tp_err *err)
{
    const tp_response *head = &ask->response.head;
    tp_log_push push;
    ask->gave_back_early = false;
    if (head->give_back_position == 0) {
        return TP_OK;
    }
    tp_name names[ENTRIES_AT_ONCE];
    size_t count = 0;
    tp_rc rc = tp_log_push_get(ask->log, tx, &push, err);
    while (rc == TP_OK && tp_response_next_give_back(&ask->response, &names[count])) {
        ask->counts.given_back++;
        ask->gave_back_early = ask->gave_back_early || is_early(ask, &push, names[count]);
        if (++count == ENTRIES_AT_ONCE) {
            rc = tp_merge_give_back(ask->merge, tx, names, count, head->hub_ms, err);
            count = 0;
        }
    }
    if (rc == TP_OK && count > 0) {
        rc = tp_merge_give_back(ask->merge, tx, names, count, head->hub_ms, err);
    }
    ask->needs_scrub = true;
    ask->gave_back = true;
    return rc;
}

static tp_rc apply_items(tp_ask *ask, tp_tx *tx, tp_err *err)
{
    size_t count = 0;
    tp_rc rc = TP_OK;
    tp_merge_applied applied;
    while (rc == TP_OK && tp_response_next_item(&ask->response, &ask->entries[count])) {
        ask->counts.received++;
        if (++count == ENTRIES_AT_ONCE) {
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
    bool is_same = before.generation == pull.generation && before.cursor == pull.cursor &&
                   before.given_back == pull.given_back &&
                   memcmp(before.cursor_tag, pull.cursor_tag, sizeof pull.cursor_tag) == 0;
    return is_same ? TP_OK : tp_log_pull_put(ask->log, tx, &pull, err);
}

/* What is left to do, once the answer is in the tables. */
static state next_state(const tp_ask *ask)
{
    if (ask->under_way_count > 0) {
        return STATE_WAIT;
    }
    if (ask->response.head.more || has_more_to_push(ask) || ask->needs_scrub) {
        return STATE_ASK;
    }
    return STATE_DONE;
}

tp_rc tp_ask_apply(tp_ask *ask, tp_tx *tx, tp_err *err)
{
    if (ask->state != STATE_TAKEN) {
        return tp_fail(err, TP_INVALID, "no answer waits to be applied");
    }
    tp_rc (*const steps[])(tp_ask *, tp_tx *, tp_err *) = {
        apply_stamps, apply_directory, apply_give_backs, apply_items, forget_sent, keep_standing};
    tp_rc rc = tp_log_compare(ask->log, tx, &ask->answered.clock, ask->response.head.hub_ms, err);
    if (rc == TP_OK && ask->answered.eras_last != 0) {
        rc = tp_log_eras_told(ask->log, tx, ask->answered.eras_last, ask->answered.clock.era, err);
    }
    for (size_t i = 0; rc == TP_OK && i < sizeof steps / sizeof steps[0]; i++) {
        rc = steps[i](ask, tx, err);
    }
    if (rc == TP_OK) {
        ask->state = next_state(ask);
    }
    return rc;
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
    if (ask->state == STATE_ASK && !owes_receipt && !ask->response.head.more &&
        !has_more_to_push(ask)) {
        ask->state = STATE_DONE;
    }
}

bool tp_ask_is_done(const tp_ask *ask)
{
    return ask->state == STATE_DONE;
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
