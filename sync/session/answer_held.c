/* What a device should hold, in short: its sum, and where that differs sums of spans and names. */
#include "sync/session/answer_state.h"

#include "sync/wire/chain.h"

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

tp_rc tp_answering_held(tp_answering *m, tp_err *err)
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
