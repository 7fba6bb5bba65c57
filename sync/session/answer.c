/* Answering a sync. */
#include "sync/session/answer_state.h"

#include "platform/base/alloc.h"
#include "sync/wire/chain.h"
#include "sync/wire/dictionary.h"

#include <inttypes.h>

enum {
    DEFLATE_LEVEL = 4 /* the CPU of 3, and smaller */
};

static tp_rc read_request(tp_answering *m, tp_err *err);
static void check_standing(tp_answering *m);
static bool has_compared(const tp_answering *m);
static tp_rc check_push(tp_answering *m, tp_err *err);
static tp_rc answer_push(tp_answering *m, tp_err *err);
static tp_rc answer_give_backs(tp_answering *m, tp_err *err);
static tp_rc answer_page(tp_answering *m, tp_err *err);
static tp_rc answer_held(tp_answering *m, tp_err *err);
static tp_rc answer_directory(tp_answering *m, tp_err *err);
static tp_rc answer_renewal(tp_answering *m, tp_err *err);
static tp_rc write_answer(tp_answering *m, tp_buf *body_out, tp_err *err);

tp_rc tp_answer_new(tp_answer **answer_out, tp_err *err)
{
    *answer_out = NULL;
    tp_answer *answer = tp_alloc(sizeof *answer);
    if (answer == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory to answer");
    }
    tp_buf_init(&answer->message, TP_MESSAGE_BYTES_MAX);
    tp_buf_init(&answer->tail, TP_TAIL_BYTES_MAX);
    tp_buf_init(&answer->changes, TP_UNPACKED_BYTES_MAX);
    tp_buf_init(&answer->certificate, TP_PEM_BYTES_MAX);
    tp_response_writer_init(&answer->writer, TP_PAGE_BYTES_MAX, TP_PAGE_ITEMS_MAX);
    tp_rc rc = tp_inflate_new(&answer->inflate, err);
    if (rc == TP_OK) {
        rc = tp_deflate_new(DEFLATE_LEVEL, &answer->deflate, err);
    }
    if (rc != TP_OK) {
        tp_answer_free(answer);
        return rc;
    }
    *answer_out = answer;
    return TP_OK;
}

void tp_answer_free(tp_answer *answer)
{
    if (answer == NULL) {
        return;
    }
    tp_response_writer_done(&answer->writer);
    tp_buf_done(&answer->message);
    tp_buf_done(&answer->tail);
    tp_buf_done(&answer->changes);
    tp_buf_done(&answer->certificate);
    tp_inflate_free(answer->inflate);
    tp_deflate_free(answer->deflate);
    tp_free(answer);
}

/* Each part does nothing once the request is refused. */
tp_rc tp_answer_make(tp_answer *answer, const tp_answer_question *question, tp_buf *body_out,
                     tp_refusal *refusal_out, uint64_t *lost_out, tp_err *err)
{
    static tp_rc (*const parts[])(tp_answering *, tp_err *) = {
        tp_answering_take_missing,
        check_push,
        answer_push,
        tp_answering_take_handed,
        tp_answering_add_ahead,
        answer_give_backs,
        answer_directory,
        answer_renewal,
        answer_page,
        answer_held,
    };
    tp_answering m = {.answer = answer, .question = question};
    memset(&answer->head, 0, sizeof answer->head);
    *lost_out = 0;
    answer->given_back = 0;
    answer->entries = 0;
    if (question->device->is_revoked) {
        *refusal_out = TP_REFUSAL_REVOKED;
        return TP_OK;
    }
    tp_rc rc = read_request(&m, err);
    if (rc == TP_OK && m.refusal == 0) {
        check_standing(&m);
    }
    for (size_t i = 0; rc == TP_OK && m.refusal == 0 && i < sizeof parts / sizeof parts[0]; i++) {
        rc = parts[i](&m, err);
    }
    if (rc == TP_OK && m.refusal == 0) {
        question->device->has_compared = has_compared(&m);
        rc = write_answer(&m, body_out, err);
    }
    if (rc == TP_OK) {
        *refusal_out = m.refusal;
        *lost_out = m.lost;
    }
    return rc;
}

/* ---- Reading ---- */

static tp_rc read_request(tp_answering *m, tp_err *err)
{
    tp_answer *a = m->answer;
    tp_slice deflated;
    tp_slice tail;
    tp_err why;
    if (tp_envelope_decode(m->question->body, &a->envelope, &deflated, &why) != TP_OK) {
        m->refusal = TP_REFUSAL_BODY;
        return TP_OK;
    }
    if (a->envelope.version < TP_PROTOCOL_VERSION_MIN ||
        a->envelope.version > TP_PROTOCOL_VERSION) {
        m->refusal = TP_REFUSAL_VERSION;
        return TP_OK;
    }
    if (!tp_dictionary_of(a->envelope.dictionary, &a->dictionary)) {
        m->refusal = TP_REFUSAL_DICTIONARY;
        return TP_OK;
    }
    tp_buf_clear(&a->message);
    tp_rc rc = tp_inflate_run(a->inflate, a->dictionary, deflated, &a->message, &tail, &why);
    if (rc == TP_OK) {
        rc = tp_request_decode(tp_buf_slice(&a->message), tail, &a->changes, &a->request, &why);
    }
    if (rc == TP_NOMEM) {
        *err = why;
        return rc;
    }
    if (rc != TP_OK) {
        m->refusal = TP_REFUSAL_BODY;
    }
    return TP_OK;
}

static void check_standing(tp_answering *m)
{
    const tp_request *r = &m->answer->request.head;
    tp_answer_device *device = m->question->device;
    uint64_t end = m->question->host->feed_end(m->question->host->ctx);
    if (m->question->is_clock_back) {
        m->refusal = TP_REFUSAL_CLOCK;
        return;
    }
    tp_answering_check_generation(m);
    if (m->refusal != 0) {
        return;
    }
    if (r->cursor < device->cursor || r->receipt < device->told) {
        /* It held, or had given back, more once: older data was put back, or this is a copy of it,
         * and what was given back may be in it. */
        device->receipt = r->receipt;
    }
    m->feed_end = end;
    device->cursor = r->cursor;
    device->told = r->receipt;
    if (r->receipt > device->receipt) {
        device->receipt = r->receipt < end ? r->receipt : end;
    }
}

/* Has it all that it had shown?  It does not settle, and what it pushed is here to the end: of one
 * that was never answered before, only a part may be; what that one wrote is all that it has. */
static bool has_compared(const tp_answering *m)
{
    const tp_request_reader *reader = &m->answer->request;
    const tp_request *r = &reader->head;
    const bool is_all_here =
        r->first_seq == 0 || r->first_seq + reader->count <= m->question->device->accepted + 1;
    const bool is_of_now =
        r->generation == m->question->generation || (r->generation == 0 && r->cursor == 0);
    return is_of_now && !r->is_settling && !r->more && is_all_here;
}

/* ---- The push ---- */

/* Everything about the push as a whole is settled before any of it is accepted: that it follows
 * what was accepted, that the chain leads to the h whose first bytes it carries, and that the
 * device signed that h.  One that ends before what was accepted brings nothing new and is held
 * against the bytes alone: h at its end is known no more. */
static tp_rc check_push(tp_answering *m, tp_err *err)
{
    tp_request_reader reader = m->answer->request;
    const tp_request *r = &reader.head;
    const tp_answer_device *device = m->question->device;
    tp_rc rc = m->question->host->clock(m->question->host->ctx, r, err);
    if (rc != TP_OK || r->first_seq == 0) {
        return rc;
    }
    if (r->first_seq > device->accepted + 1) {
        m->refusal = TP_REFUSAL_GAP;
        return TP_OK;
    }
    uint64_t seq = 0;
    tp_slice change;
    memcpy(m->h, device->h, sizeof m->h);
    while (tp_request_next(&reader, &seq, &change)) {
        if (seq > device->accepted) {
            tp_chain_add(m->h, change);
        }
    }
    if (seq < device->accepted) {
        return TP_OK;
    }
    if (memcmp(m->h, r->chain_start, sizeof r->chain_start) != 0) {
        m->refusal = TP_REFUSAL_CHAIN;
        return TP_OK;
    }
    tp_err why;
    rc = tp_public_key_verify(&device->key, m->h, r->signature, &why);
    if (rc == TP_DENIED) {
        m->refusal = TP_REFUSAL_SIGNATURE;
        return TP_OK;
    }
    if (rc != TP_OK) {
        *err = why;
    }
    return rc;
}

/* Acceptance numbers in an answer follow each other, so one answer does not reach over a place
 * where they do not: what comes after is asked again. */
static tp_rc add_result(tp_answering *m, uint64_t seq, const tp_answer_result *result, tp_err *err)
{
    tp_answer *a = m->answer;
    m->is_cut = m->is_cut || (m->is_told && result->stamp.number != m->number + 1);
    if (m->is_cut) {
        return TP_OK;
    }
    m->is_told = true;
    m->number = result->stamp.number;
    tp_stamps_digest_add(&m->told, &result->stamp);
    tp_rc rc = tp_response_writer_add_stamp(&a->writer, result->up_ms, &result->stamp, err);
    if (rc == TP_OK && result->code != 0) {
        rc = tp_response_writer_add_refused(&a->writer, seq, result->code, result->text, err);
    }
    if (!tp_name_is_none(result->as) && m->renamed_count < TP_HANDED_MAX) {
        m->renamed[m->renamed_count++] = result->as; /* the others it finds when it compares */
    }
    if (rc == TP_OK) {
        a->head.accepted = seq;
    }
    return rc;
}

/* A proof shows the stamp of what is here already as well: the older one counts. */
static tp_rc show_stamp(tp_answering *m, tp_name name, tp_slice change, const tp_stamp *proven,
                        tp_answer_result *result, tp_err *err)
{
    const tp_answer_host *host = m->question->host;
    const tp_handed handed = {.entry = {.name = name, .bytes = change, .stamp = *proven}};
    tp_answer_handed answer;
    bool is_same = false;
    if (result->code != 0 || result->stamp.number <= proven->number) {
        return TP_OK;
    }
    tp_rc rc = host->handed(host->ctx, &handed, &answer, err);
    return rc == TP_OK ? host->recall(host->ctx, name.seq, change, result, &is_same, err) : rc;
}

/* What was received before is answered as it was then.  proof NULL: there is none. */
static tp_rc answer_retried(tp_answering *m, tp_answering_proof *proof, bool *is_retry_out,
                            tp_err *err)
{
    const tp_answer_host *host = m->question->host;
    const tp_answer_device *device = m->question->device;
    tp_request_reader reader = m->answer->request;
    uint64_t seq = 0;
    tp_slice change;
    *is_retry_out = false;
    while (tp_request_next(&reader, &seq, &change) && seq <= device->accepted) {
        tp_answer_result result = {.code = 0};
        bool is_same = false;
        tp_rc rc = host->recall(host->ctx, seq, change, &result, &is_same, err);
        if (rc != TP_OK) {
            return rc;
        }
        if (!is_same) {
            m->refusal = TP_REFUSAL_CHAIN;
            return TP_OK;
        }
        *is_retry_out = true;
        if (proof != NULL) {
            const tp_stamp proven = tp_answering_proof_next(proof, change);
            rc = show_stamp(m, (tp_name){device->id, seq}, change, &proven, &result, err);
        }
        if (rc == TP_OK) {
            rc = add_result(m, seq, &result, err);
        }
        if (rc != TP_OK) {
            return rc;
        }
    }
    return TP_OK;
}

/* All that the device has was received before, and more than that: a copy of it wrote on, and it
 * learns so now. */
static void tell_of_copy(tp_answering *m)
{
    const tp_request_reader *reader = &m->answer->request;
    tp_response *head = &m->answer->head;
    if (!reader->head.more && head->accepted + 1 == reader->head.first_seq + reader->count) {
        head->accepted = m->question->device->accepted;
    }
}

/* Accepts what is new, with the stamps it had where those are proven (proof NULL: they are not). */
static tp_rc accept_changes(tp_answering *m, tp_answering_proof *proof, tp_err *err)
{
    const tp_answer_host *host = m->question->host;
    tp_answer_device *device = m->question->device;
    tp_request_reader *reader = &m->answer->request;
    uint64_t seq = 0;
    tp_slice change;
    tp_rc rc = TP_OK;
    while (rc == TP_OK && tp_request_next(reader, &seq, &change)) {
        tp_answer_result result = {.code = 0};
        tp_stamp given = {.ms = 0};
        if (seq <= device->accepted) {
            continue; /* answered as it was */
        }
        if (proof != NULL) {
            given = tp_answering_proof_next(proof, change);
        }
        rc = host->accept(host->ctx, seq, change, proof != NULL ? &given : NULL, &result, err);
        if (rc == TP_OK && result.is_other) {
            m->refusal = TP_REFUSAL_CHAIN;
            return TP_OK;
        }
        if (rc == TP_OK && proof != NULL) { /* others may have handed it, with another */
            rc = show_stamp(m, (tp_name){device->id, seq}, change, &given, &result, err);
        }
        if (rc == TP_OK) {
            tp_stamps_digest_add(&m->stamps, &result.stamp);
            rc = add_result(m, seq, &result, err);
        }
        if (rc == TP_OK) {
            device->accepted = seq;
        }
    }
    return rc;
}

static tp_rc answer_push(tp_answering *m, tp_err *err)
{
    const tp_answer_host *host = m->question->host;
    tp_answer_device *device = m->question->device;
    tp_request_reader *reader = &m->answer->request;
    tp_answer *a = m->answer;
    /* The writer is emptied here, where the first of the answer goes into it. */
    tp_response_writer_done(&a->writer);
    tp_response_writer_init(&a->writer, TP_PAGE_BYTES_MAX, TP_PAGE_ITEMS_MAX);
    a->head.accepted = device->accepted;
    tp_stamps_digest_init(&m->told);
    tp_stamps_digest_init(&m->stamps);
    if (reader->head.first_seq == 0) {
        return TP_OK;
    }
    bool is_retry = false;
    tp_answering_proof shown;
    tp_answering_proof *proof = tp_answering_proof_begin(m, &shown) ? &shown : NULL;
    if (m->refusal != 0) {
        return TP_OK;
    }
    const uint64_t behind = device->accepted + 1;
    tp_rc rc = answer_retried(m, proof, &is_retry, err);
    /* What is proven is so as a whole: then what is behind is taken at once, with its stamps. */
    const bool goes_on = proof != NULL && reader->head.first_seq + reader->count > behind;
    if (rc == TP_OK && m->refusal == 0 && is_retry && !goes_on) {
        rc = tp_answering_add_receipt(m, err);
        tell_of_copy(m);
    }
    if (rc != TP_OK || m->refusal != 0 || (is_retry && !goes_on)) {
        return rc;
    }
    rc = accept_changes(m, proof, err);
    if (rc == TP_OK && m->refusal == 0) {
        tp_answer_pushed pushed = {.first_seq = is_retry ? behind : reader->head.first_seq,
                                   .last_seq = device->accepted,
                                   .h = m->h,
                                   .signature = reader->head.signature};
        tp_stamps_digest_end(&m->stamps, pushed.stamps);
        memcpy(device->h, m->h, sizeof device->h);
        rc = tp_answering_add_receipt(m, err);
        if (rc == TP_OK) {
            rc = host->pushed(host->ctx, &pushed, err);
        }
    }
    return rc;
}

/* ---- What goes back and what is new ---- */

static tp_rc take_give_back(void *ctx, const tp_entry *entry, tp_err *err)
{
    tp_answering *m = ctx;
    tp_response_writer *writer = &m->answer->writer;
    tp_rc rc = m->answer->given_back == TP_GIVE_BACKS_MAX ? TP_LIMIT
               : entry->is_erased ? tp_response_writer_add_erased(writer, entry->name, err)
                                  : tp_response_writer_add_give_back(writer, entry->name, err);
    if (rc == TP_OK) {
        m->last_position = entry->position;
        m->answer->given_back++;
    }
    m->is_full = rc == TP_LIMIT;
    return rc;
}

static tp_rc answer_give_backs(tp_answering *m, tp_err *err)
{
    const tp_answer_host *host = m->question->host;
    tp_answer_device *device = m->question->device;
    /* Who settles may hold another change by such a name, and hands it when it compares. */
    if (device->is_kiosk || m->answer->request.head.is_settling) {
        return TP_OK;
    }
    tp_rc rc = host->given_back(host->ctx, take_give_back, m, err);
    if (rc != TP_OK) {
        return rc;
    }
    m->answer->head.give_back_position = m->last_position;
    m->answer->head.more = m->is_full;
    if (m->last_position == 0) {
        /* Nothing is due up to here, and what is due later stands later. */
        device->receipt = host->feed_end(host->ctx);
    }
    return TP_OK;
}

static tp_rc answer_directory(tp_answering *m, tp_err *err)
{
    const tp_answer_question *q = m->question;
    if (q->device->is_kiosk || m->answer->request.head.directory_version == q->directory_version) {
        return TP_OK;
    }
    m->answer->head.directory_version = q->directory_version;
    return q->host->directory(q->host->ctx, &m->answer->writer, err);
}

/* A renewal that cannot be granted leaves the sync as it is: the device asks again. */
static tp_rc answer_renewal(tp_answering *m, tp_err *err)
{
    tp_answer *a = m->answer;
    tp_slice csr = a->request.head.csr;
    if (csr.bytes == 0) {
        return TP_OK;
    }
    tp_err why;
    tp_buf_clear(&a->certificate);
    tp_rc rc = m->question->host->renew(m->question->host->ctx, csr, &a->certificate, &why);
    if (rc == TP_OK) {
        a->head.certificate = tp_buf_slice(&a->certificate);
    } else if (rc == TP_NOMEM || rc == TP_IO) {
        *err = why;
        return rc;
    }
    return TP_OK;
}

tp_rc tp_answering_take_entry(void *ctx, const tp_entry *entry, tp_err *err)
{
    tp_answering *m = ctx;
    const tp_answer_question *q = m->question;
    tp_answer *a = m->answer;
    uint32_t wanted = a->request.head.items_max;
    if (wanted != 0 && a->entries >= wanted) {
        m->is_full = true;
        return TP_LIMIT;
    }
    tp_entry tagged = *entry;
    tp_entry_tag(q->tags, q->generation, q->device->agency, entry, tagged.tag);
    tp_rc rc = tp_response_writer_add_item(&a->writer, &tagged, err);
    if (rc == TP_OK) {
        m->last_position = entry->position;
        a->entries++;
    }
    m->is_full = rc == TP_LIMIT;
    return rc;
}

/* Told to whoever asks, and only where a page was too short: what may not be held is not in it. */
static tp_rc answer_left(tp_answering *m, tp_err *err)
{
    const tp_answer_question *q = m->question;
    tp_answer *a = m->answer;
    if (!a->head.more || !a->request.head.wants_left) {
        return TP_OK;
    }
    return q->host->left(q->host->ctx, a->head.cursor, &a->head.left, err);
}

/* What is sent again stands where it stood in the feed; the page after it is asked for next. */
static tp_rc answer_wanted(tp_answering *m, tp_err *err)
{
    const tp_answer_question *q = m->question;
    const tp_request *r = &m->answer->request.head;
    m->last_position = 0;
    m->answer->head.cursor = q->device->cursor;
    m->answer->head.more = true;
    return q->host->wanted(q->host->ctx, r->wanted, r->wanted_count, q->device->cursor,
                           tp_answering_take_entry, m, err);
}

/* What differs is found by sums, so the cursor goes to the end where those are read from the first
 * name on, and later past what came by this device's own hands: what follows from that here it
 * finds when it compares once more.  What came by others' meanwhile may stand before what is still
 * to be read. */
static uint64_t settled_upto(const tp_answering *m)
{
    const tp_request *r = &m->answer->request.head;
    const tp_name first = {0, 0};
    const bool begins = r->wants_spans && tp_name_eq(r->spans_after, first);
    const bool is_own = r->cursor >= m->feed_end;
    return begins || is_own ? m->question->host->feed_end(m->question->host->ctx) : r->cursor;
}

/* What goes back goes first: while some of it has no room, nothing new is sent.  Nor before all is
 * pushed: a copy that is about to go on under an id that another copy of it has taken by now
 * (sync/log/fork.h) must not hold that one's changes yet. */
static tp_rc answer_page(tp_answering *m, tp_err *err)
{
    const tp_answer_question *q = m->question;
    tp_answer *a = m->answer;
    if (q->device->is_kiosk || a->head.more) {
        a->head.cursor = q->device->cursor;
    } else if (a->request.head.more) {
        a->head.cursor = q->device->cursor;
        a->head.more = true;
    } else if (a->request.head.wanted_count > 0) {
        tp_rc rc = answer_wanted(m, err);
        if (rc != TP_OK) {
            return rc;
        }
    } else if (a->request.head.is_settling) {
        /* It has what it has, and until it has compared it counts as holding all that is there. */
        const uint64_t end = q->host->feed_end(q->host->ctx);
        a->head.cursor = settled_upto(m);
        q->device->sent = end > q->device->sent ? end : q->device->sent;
    } else {
        m->is_full = false;
        m->last_position = q->device->cursor;
        tp_rc rc = q->host->held(q->host->ctx, q->device->cursor, tp_answering_take_entry, m, err);
        if (rc != TP_OK) {
            return rc;
        }
        a->head.more = m->is_full;
        a->head.cursor = m->is_full ? m->last_position : q->host->feed_end(q->host->ctx);
        rc = answer_left(m, err);
        if (rc != TP_OK) {
            return rc;
        }
    }
    if (a->entries > 0 && m->last_position > q->device->sent) {
        q->device->sent = m->last_position;
    }
    if (q->hub_ms > q->device->answered_ms) { /* or another request was quicker */
        q->device->answered_ms = q->hub_ms;
    }
    if (a->head.cursor != 0) {
        tp_cursor_tag(q->tags, q->generation, q->device->agency, a->head.cursor,
                      q->device->answered_ms, a->head.cursor_tag);
    }
    return TP_OK;
}

/* ---- What is held, in short ---- */

/* What is compared of a change: its bytes, or what is said of it here as well. */
static void digest_held(const tp_answering *m, tp_name name, tp_slice bytes, const tp_said *said,
                        uint8_t out[TP_SHA256_BYTES])
{
    if (m->answer->request.head.wants_stamps) {
        tp_stamped_digest(name, bytes, said, out);
    } else {
        tp_change_digest(name, bytes, out);
    }
}

typedef struct span_walk {
    const tp_answering *m;
    tp_response_writer *writer;
    tp_held_span span; /* growing */
    uint32_t count;    /* changes in it */
    uint32_t spans;
} span_walk;

static tp_rc end_span(span_walk *w, tp_name upto, tp_err *err)
{
    w->span.upto = upto;
    tp_rc rc = tp_response_writer_add_span(w->writer, &w->span, err);
    w->span.sum = (tp_held_sum){0, 0};
    w->count = 0;
    w->spans++;
    return rc;
}

static tp_rc take_span(void *ctx, tp_name name, tp_slice bytes, const tp_said *said, tp_err *err)
{
    span_walk *w = ctx;
    uint8_t digest[TP_SHA256_BYTES];
    tp_rc rc = TP_OK;
    if (w->count == TP_HELD_SPAN_CHANGES) {
        if (w->spans + 2 > TP_HELD_SPANS_MAX) {
            return TP_LIMIT; /* room for the last one stays */
        }
        rc = end_span(w, w->span.upto, err);
    }
    digest_held(w->m, name, bytes, said, digest);
    tp_held_sum counts = tp_held_get(digest);
    tp_held_add(&w->span.sum, &counts);
    w->span.upto = name;
    w->count++;
    return rc;
}

static tp_rc answer_spans(tp_answering *m, tp_err *err)
{
    const tp_answer_host *host = m->question->host;
    span_walk w = {.m = m, .writer = &m->answer->writer};
    tp_name_range range = {m->answer->request.head.spans_after, TP_NAME_LAST};
    tp_name reached = range.after;
    if (tp_name_cmp(range.after, range.upto) >= 0) {
        return TP_OK;
    }
    tp_rc rc = host->named(host->ctx, &range, TP_HELD_LOOKED_MAX, take_span, &w, &reached, err);
    return rc == TP_OK ? end_span(&w, reached, err) : rc;
}

typedef struct name_walk {
    const tp_answering *m;
    tp_response_writer *writer;
    uint32_t count; /* in this answer */
} name_walk;

static tp_rc take_name(void *ctx, tp_name name, tp_slice bytes, const tp_said *said, tp_err *err)
{
    name_walk *w = ctx;
    uint8_t digest[TP_SHA256_BYTES];
    tp_held_name held = {.name = name};
    if (w->count == TP_HELD_NAMES_MAX) {
        return TP_LIMIT;
    }
    digest_held(w->m, name, bytes, said, digest);
    memcpy(held.digest, digest, sizeof held.digest);
    w->count++;
    return tp_response_writer_add_name(w->writer, &held, err);
}

/* The names in as many of the ranges as there is room for; of one that is cut they are void. */
static tp_rc answer_ranges(tp_answering *m, tp_err *err)
{
    const tp_answer_host *host = m->question->host;
    const tp_request *r = &m->answer->request.head;
    name_walk w = {m, &m->answer->writer, 0};
    for (uint32_t i = 0; i < r->ranges_count; i++) {
        tp_name reached = r->ranges[i].after;
        uint32_t left = TP_HELD_LOOKED_MAX > w.count ? TP_HELD_LOOKED_MAX - w.count : 0;
        tp_rc rc = host->named(host->ctx, &r->ranges[i], left, take_name, &w, &reached, err);
        if (rc != TP_OK) {
            return rc;
        }
        if (!tp_name_eq(reached, r->ranges[i].upto)) {
            break;
        }
        m->answer->head.ranges_named = i + 1;
    }
    return TP_OK;
}

/* With the last page, where device and hub agree on what was accepted: then they should hold the
 * same. */
static tp_rc answer_held(tp_answering *m, tp_err *err)
{
    const tp_answer_question *q = m->question;
    tp_answer *a = m->answer;
    if (q->device->is_kiosk || a->head.more || a->head.accepted != q->device->accepted) {
        return TP_OK;
    }
    a->head.has_sum = true;
    a->head.counts_stamps = a->request.head.wants_stamps;
    tp_rc rc = q->host->sum(q->host->ctx, &a->head.sum, err);
    if (rc == TP_OK && a->request.head.wants_spans) {
        rc = answer_spans(m, err);
    }
    return rc == TP_OK && a->request.head.ranges_count > 0 ? answer_ranges(m, err) : rc;
}

static tp_rc write_answer(tp_answering *m, tp_buf *body_out, tp_err *err)
{
    tp_answer *a = m->answer;
    tp_envelope envelope = {a->envelope.version, a->envelope.dictionary};
    size_t before = body_out->bytes;
    a->head.hub_ms = m->question->hub_ms;
    a->head.generation = m->question->generation;
    a->head.is_back = m->question->is_back;
    a->head.to = tp_body_mark(m->question->body);
    a->head.protocol = a->envelope.version < TP_PROTOCOL_VERSION ? TP_PROTOCOL_VERSION : 0;
    tp_buf_clear(&a->message);
    tp_buf_clear(&a->tail);
    tp_rc rc = tp_response_writer_end(&a->writer, &a->head, &a->message, &a->tail, err);
    if (rc == TP_OK) {
        rc = tp_envelope_encode(envelope, body_out, err);
    }
    if (rc == TP_OK) {
        rc = tp_deflate_run(a->deflate, a->dictionary, tp_buf_slice(&a->message), body_out, err);
    }
    if (rc == TP_OK) {
        rc = tp_buf_add_slice(body_out, tp_buf_slice(&a->tail), err);
    }
    if (rc != TP_OK) {
        body_out->bytes = before;
    }
    return rc;
}

tp_rc tp_answer_refusal_encode(tp_refusal refusal, uint64_t generation, tp_buf *out, tp_err *err)
{
    const tp_refusal_row *row = tp_refusal_of(refusal);
    if (refusal == TP_REFUSAL_VERSION) {
        return tp_buf_addf(out, err, "{\"error\":\"%s\",\"text\":\"%s\",\"max\":%d}", row->code,
                           row->text, TP_PROTOCOL_VERSION);
    }
    if (refusal == TP_REFUSAL_GENERATION) {
        return tp_buf_addf(out, err,
                           "{\"error\":\"%s\",\"text\":\"%s\",\"generation\":%" PRIu64 "}",
                           row->code, row->text, generation);
    }
    return tp_buf_addf(out, err, "{\"error\":\"%s\",\"text\":\"%s\"}", row->code, row->text);
}
