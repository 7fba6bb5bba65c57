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
static tp_rc answer_give_backs(tp_answering *m, tp_err *err);
static tp_rc answer_page(tp_answering *m, tp_err *err);
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
        tp_answering_take_missing, tp_answering_check_push, tp_answering_push,
        tp_answering_take_handed,  tp_answering_add_ahead,  answer_give_backs,
        answer_directory,          answer_renewal,          answer_page,
        tp_answering_held,
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
    const bool is_all_here = r->first_seq + reader->count <= m->question->device->accepted + 1;
    const bool is_of_now =
        r->generation == m->question->generation || (r->generation == 0 && r->cursor == 0);
    return is_of_now && !r->is_settling && !r->more && is_all_here;
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

tp_rc tp_answer_refusal_encode(tp_refusal refusal, uint64_t generation, uint32_t to, tp_buf *out,
                               tp_err *err)
{
    const tp_refusal_row *row = tp_refusal_of(refusal);
    tp_rc rc = tp_buf_addf(out, err, "{\"error\":\"%s\",\"text\":\"%s\"", row->code, row->text);
    if (rc == TP_OK && refusal == TP_REFUSAL_VERSION) {
        rc = tp_buf_addf(out, err, ",\"max\":%d", TP_PROTOCOL_VERSION);
    }
    if (rc == TP_OK && refusal == TP_REFUSAL_GENERATION) {
        rc = tp_buf_addf(out, err, ",\"generation\":%" PRIu64, generation);
    }
    if (rc == TP_OK && to != 0) {
        rc = tp_buf_addf(out, err, ",\"to\":%" PRIu32, to);
    }
    return rc == TP_OK ? tp_buf_addf(out, err, "}") : rc;
}
