/* A host that is a few numbers: it notes what is asked of it, and says what they say. */
#include "tests/support/answering.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void note(answering_host *h, char call)
{
    if (h->calls_count + 1 < sizeof h->calls) {
        h->calls[h->calls_count++] = call;
        h->calls[h->calls_count] = '\0';
    }
}

static tp_rc host_clock(void *ctx, const tp_request *request, tp_err *err)
{
    answering_host *h = ctx;
    (void)request;
    note(h, 'c');
    return h->clock_rc == TP_OK ? TP_OK : tp_fail(err, h->clock_rc, "the host says so");
}

static tp_rc host_accept(void *ctx, uint64_t seq, tp_slice bytes, const tp_stamp *given,
                         tp_answer_result *result_out, tp_err *err)
{
    answering_host *h = ctx;
    (void)err;
    (void)seq;
    note(h, given == NULL ? 'a' : 'A');
    h->number += h->accept_break != 0 && seq == h->accept_break ? 100 : 1;
    *result_out = (tp_answer_result){.stamp = {.ms = 1000, .number = h->number}, .up_ms = 1};
    if (given != NULL) {
        result_out->stamp = *given;
    }
    result_out->is_other = h->is_accept_other;
    if (h->is_meant) {
        result_out->code = TP_QUARANTINE_MEANT;
        result_out->text = "another name";
        result_out->as = (tp_name){10, seq};
    }
    if (h->other == seq) {
        result_out->code = TP_QUARANTINE_OTHER;
        result_out->text = "another has its number";
        result_out->as = (tp_name){11, seq};
    }
    if (tp_slice_is(bytes, "three")) {
        result_out->code = TP_QUARANTINE_BYTES;
        result_out->text = "no change";
    }
    return TP_OK;
}

static tp_rc host_recall(void *ctx, uint64_t seq, tp_slice bytes, tp_answer_result *result_out,
                         bool *same_out, tp_err *err)
{
    answering_host *h = ctx;
    (void)bytes;
    (void)err;
    note(h, 'r');
    uint64_t number = seq + (h->recall_break != 0 && seq >= h->recall_break ? 100 : 0);
    if (h->recall_apart != 0 && seq >= h->recall_apart) {
        number = seq == h->recall_apart ? 100 : seq - 1;
    }
    *result_out = (tp_answer_result){.stamp = {.ms = 1000, .number = number}, .up_ms = 1};
    *same_out = !h->is_recall_other;
    return TP_OK;
}

static tp_rc host_pushed(void *ctx, const tp_answer_pushed *pushed, tp_err *err)
{
    answering_host *h = ctx;
    (void)err;
    assert_true(pushed->first_seq >= 1 && pushed->first_seq <= pushed->last_seq);
    memcpy(h->stamps, pushed->stamps, sizeof h->stamps);
    h->signed_from = pushed->first_seq;
    note(ctx, 'p');
    return TP_OK;
}

static tp_rc host_chain_at(void *ctx, uint64_t seq, uint8_t h_out[TP_CHAIN_BYTES], bool *known_out,
                           tp_err *err)
{
    const answering_host *h = ctx;
    (void)err;
    memset(h_out, (int)seq, TP_CHAIN_BYTES);
    *known_out = h->is_chain_known;
    return TP_OK;
}

static tp_rc host_rewind(void *ctx, uint64_t seq, const uint8_t h[TP_CHAIN_BYTES],
                         bool *is_done_out, tp_err *err)
{
    answering_host *host = ctx;
    (void)err;
    host->rewound = seq;
    memcpy(host->rewound_h, h, sizeof host->rewound_h);
    *is_done_out = !host->never_fell;
    note(ctx, 'w');
    return TP_OK;
}

static tp_rc host_missing(void *ctx, uint64_t first_seq, uint64_t last_seq,
                          const uint8_t h[TP_CHAIN_BYTES], tp_err *err)
{
    answering_host *host = ctx;
    (void)err;
    assert_true(first_seq <= last_seq);
    host->missing = last_seq;
    memcpy(host->missing_h, h, sizeof host->missing_h);
    note(ctx, 'm');
    return TP_OK;
}

/* By its seq: 1 is held already, 2 is new, 3 is no change, 4 is new and may not be held. */
static tp_rc host_handed(void *ctx, const tp_handed *handed, tp_answer_handed *answer_out,
                         tp_err *err)
{
    answering_host *h = ctx;
    (void)err;
    note(ctx, 't');
    assert_true(h->handed_count < sizeof h->handed / sizeof h->handed[0]);
    h->handed[h->handed_count++] = handed->entry.name.seq;
    answer_out->waits = h->waits;
    answer_out->as = handed->entry.name;
    answer_out->as.device += h->is_displaced ? 1 : 0;
    answer_out->as = h->is_anew ? (tp_name){0, 0} : answer_out->as;
    answer_out->was_known = handed->entry.name.seq == 1;
    answer_out->is_refused = handed->entry.name.seq == 3;
    return TP_OK;
}

static tp_rc host_ahead(void *ctx, uint64_t seq, uint64_t *seq_out,
                        uint8_t digest_out[TP_HELD_DIGEST_BYTES], tp_err *err)
{
    const answering_host *h = ctx;
    (void)err;
    *seq_out = h->ahead > seq ? h->ahead : 0;
    memset(digest_out, 0xA8, TP_HELD_DIGEST_BYTES);
    return TP_OK;
}

static tp_rc host_withholds(void *ctx, tp_name name, bool *withholds_out, tp_err *err)
{
    const answering_host *h = ctx;
    (void)err;
    assert_int_equal(name.device, 10);
    *withholds_out = h->is_withheld;
    return TP_OK;
}

/* A whole change without fields: { 0: salt, 1: 3, 3: {}, 5: [1, 1, 0] }. */
static const uint8_t whole[] = {0xa4, 0x00, 0x48, 1,    2,    3,    4,    5, 6, 7,
                                8,    0x01, 0x03, 0x03, 0xa0, 0x05, 0x83, 1, 1, 0};

/* All of them. */
static tp_rc host_shown(void *ctx, const tp_name *names, uint32_t count, tp_answer_take take,
                        void *take_ctx, tp_err *err)
{
    tp_rc rc = TP_OK;
    assert_true(((answering_host *)ctx)->is_withheld);
    for (uint32_t i = 0; rc == TP_OK && i < count; i++) {
        const tp_entry entry = {.name = names[i],
                                .position = 60 + i,
                                .bytes = tp_slice_of(whole, sizeof whole),
                                .stamp = {.ms = 1000, .number = 10 + i}};
        rc = take(take_ctx, &entry, err);
    }
    return rc;
}

static tp_rc host_holds(void *ctx, tp_name name, tp_handed_verdict *verdict_out, tp_err *err)
{
    (void)ctx;
    (void)err;
    *verdict_out = name.seq < 4 ? TP_HANDED_KEEP : TP_HANDED_GIVE_BACK;
    return TP_OK;
}

static uint64_t host_feed_end(void *ctx)
{
    return ((answering_host *)ctx)->end;
}

static tp_rc host_given_back(void *ctx, tp_answer_take take, void *take_ctx, tp_err *err)
{
    answering_host *h = ctx;
    note(h, 'g');
    for (uint32_t i = 0; i < h->give_backs; i++) {
        tp_entry entry = {.name = {9, i + 1}, .position = 10 + i};
        tp_rc rc = take(take_ctx, &entry, err);
        if (rc != TP_OK) {
            return rc == TP_LIMIT ? TP_OK : rc;
        }
    }
    return TP_OK;
}

static tp_rc host_held(void *ctx, uint64_t after, tp_answer_take take, void *take_ctx, tp_err *err)
{
    answering_host *h = ctx;
    note(h, 'h');
    for (uint64_t position = after + 1; position <= after + h->entries; position++) {
        tp_entry entry = {.name = {9, position},
                          .position = position,
                          .bytes = tp_slice_of(whole, sizeof whole),
                          .stamp = {.ms = 5000, .number = position}};
        tp_rc rc = take(take_ctx, &entry, err);
        if (rc != TP_OK) {
            return rc == TP_LIMIT ? TP_OK : rc;
        }
    }
    return TP_OK;
}

static tp_rc host_wanted(void *ctx, const tp_name *names, uint32_t count, uint64_t upto,
                         tp_answer_take take, void *take_ctx, tp_err *err)
{
    answering_host *h = ctx;
    (void)names;
    note(h, 'w');
    h->entries = count;
    (void)upto;
    return host_held(ctx, 0, take, take_ctx, err);
}

static tp_rc host_sum(void *ctx, tp_held_sum *sum_out, tp_err *err)
{
    (void)ctx;
    (void)err;
    *sum_out = (tp_held_sum){1, 2};
    return TP_OK;
}

/* Held are (9, 1) to (9, held). */
static tp_rc host_named(void *ctx, const tp_name_range *range, uint32_t looked_max,
                        tp_answer_name visit, void *visit_ctx, tp_name *reached_out, tp_err *err)
{
    answering_host *h = ctx;
    tp_name reached = range->after;
    note(h, 's');
    for (uint64_t seq = 1; seq <= h->held; seq++) {
        tp_name name = {9, seq};
        const tp_said said = {.stamp = {.ms = 1000, .number = seq}};
        if (tp_name_cmp(name, range->after) <= 0 || tp_name_cmp(name, range->upto) > 0) {
            continue;
        }
        tp_rc rc = looked_max-- == 0 ? TP_LIMIT
                                     : visit(visit_ctx, name, tp_slice_str("a change"), &said, err);
        if (rc != TP_OK) {
            *reached_out = reached;
            return rc == TP_LIMIT ? TP_OK : rc;
        }
        reached = name;
    }
    *reached_out = range->upto;
    return TP_OK;
}

static tp_rc host_left(void *ctx, uint64_t after, uint64_t *count_out, tp_err *err)
{
    answering_host *h = ctx;
    (void)err;
    note(h, 'l');
    *count_out = 100 - after;
    return TP_OK;
}

static tp_rc host_directory(void *ctx, tp_response_writer *writer, tp_err *err)
{
    (void)writer;
    (void)err;
    note(ctx, 'd');
    return TP_OK;
}

static tp_rc host_renew(void *ctx, tp_slice csr, tp_buf *certificate, tp_err *err)
{
    answering_host *h = ctx;
    note(h, 'n');
    return h->renew_rc == TP_OK ? tp_buf_add_slice(certificate, csr, err)
                                : tp_fail(err, h->renew_rc, "not for this one");
}

static const tp_answer_host calls = {.clock = host_clock,
                                     .accept = host_accept,
                                     .recall = host_recall,
                                     .pushed = host_pushed,
                                     .chain_at = host_chain_at,
                                     .missing = host_missing,
                                     .rewind = host_rewind,
                                     .handed = host_handed,
                                     .ahead = host_ahead,
                                     .withholds = host_withholds,
                                     .shown = host_shown,
                                     .holds = host_holds,
                                     .feed_end = host_feed_end,
                                     .given_back = host_given_back,
                                     .held = host_held,
                                     .wanted = host_wanted,
                                     .sum = host_sum,
                                     .named = host_named,
                                     .left = host_left,
                                     .directory = host_directory,
                                     .renew = host_renew};

tp_answer_host answering_host_calls(answering_host *h)
{
    tp_answer_host its_calls = calls;
    its_calls.ctx = h;
    return its_calls;
}
