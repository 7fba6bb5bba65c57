/* The hub's end of a sync over a host that is a few numbers: what is asked of it, in which
 * order.
 *
 * Shows P2, P3, P10, P11, P12, P13, P23, P26. */
#include "sync/session/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "platform/base/alloc.h"
#include "platform/net/deflate.h"
#include "sync/wire/chain.h"
#include "sync/wire/generation.h"

enum { CHANGES = 6 };

static const char *const changes[CHANGES] = {"one", "two", "three", "four", "five", "six"};

/* A host, and what was asked of it: a letter for each call. */
typedef struct host {
    char calls[64];
    size_t calls_count;
    uint64_t end;
    uint32_t give_backs;
    uint32_t entries;
    uint64_t held;
    uint64_t number;       /* the last given */
    uint64_t recall_break; /* seq whose number does not follow the one before; 0: none */
    bool is_recall_other;
    uint64_t accept_break; /* as recall_break, of what is new */
    bool is_accept_other;
    bool is_anew;      /* what is handed was written anew by its author, */
    bool is_displaced; /* or has another name here, */
    bool is_withheld;  /* and is not sent by that meanwhile */
    uint64_t ahead;    /* seq that others have handed; 0: none */
    bool is_chain_known;
    uint8_t stamps[TP_STAMPS_DIGEST_BYTES]; /* of the last push */
    tp_rc clock_rc;
    tp_rc renew_rc;
} host;

typedef struct scene {
    host host;
    tp_answer_device device;
    tp_key *key;
    tp_hmac_key tags;
    tp_answer *answer;
    tp_deflate *deflate;
    tp_inflate *inflate;
    tp_request request;
    tp_buf body;
    tp_buf out;
    tp_buf message;
    tp_buf tail;
    tp_buf changes;
    uint8_t h[TP_CHAIN_BYTES]; /* at the end of the last push */
    tp_response_reader response;
    bool is_clock_back;
    bool is_back;
    uint64_t generation; /* of the hub */
    uint64_t lost;       /* by the last answer */
} scene;

static void note(host *h, char call)
{
    if (h->calls_count + 1 < sizeof h->calls) {
        h->calls[h->calls_count++] = call;
        h->calls[h->calls_count] = '\0';
    }
}

static tp_rc host_clock(void *ctx, const tp_request *request, tp_err *err)
{
    host *h = ctx;
    (void)request;
    note(h, 'c');
    return h->clock_rc == TP_OK ? TP_OK : tp_fail(err, h->clock_rc, "the host says so");
}

static tp_rc host_accept(void *ctx, uint64_t seq, tp_slice bytes, const tp_stamp *given,
                         tp_answer_result *result_out, tp_err *err)
{
    host *h = ctx;
    (void)err;
    (void)seq;
    note(h, given == NULL ? 'a' : 'A');
    h->number += h->accept_break != 0 && seq == h->accept_break ? 100 : 1;
    *result_out = (tp_answer_result){.stamp = {.ms = 1000, .number = h->number}, .up_ms = 1};
    if (given != NULL) {
        result_out->stamp = *given;
    }
    result_out->is_other = h->is_accept_other;
    if (tp_slice_is(bytes, "three")) {
        result_out->code = TP_QUARANTINE_BYTES;
        result_out->text = "no change";
    }
    return TP_OK;
}

static tp_rc host_recall(void *ctx, uint64_t seq, tp_slice bytes, tp_answer_result *result_out,
                         bool *same_out, tp_err *err)
{
    host *h = ctx;
    (void)bytes;
    (void)err;
    note(h, 'r');
    uint64_t number = seq + (h->recall_break != 0 && seq >= h->recall_break ? 100 : 0);
    *result_out = (tp_answer_result){.stamp = {.ms = 1000, .number = number}, .up_ms = 1};
    *same_out = !h->is_recall_other;
    return TP_OK;
}

static tp_rc host_pushed(void *ctx, const tp_answer_pushed *pushed, tp_err *err)
{
    host *h = ctx;
    (void)err;
    assert_true(pushed->first_seq >= 1 && pushed->first_seq <= pushed->last_seq);
    memcpy(h->stamps, pushed->stamps, sizeof h->stamps);
    note(ctx, 'p');
    return TP_OK;
}

static tp_rc host_chain_at(void *ctx, uint64_t seq, uint8_t h_out[TP_CHAIN_BYTES], bool *known_out,
                           tp_err *err)
{
    const host *h = ctx;
    (void)err;
    memset(h_out, (int)seq, TP_CHAIN_BYTES);
    *known_out = h->is_chain_known;
    return TP_OK;
}

static tp_rc host_missing(void *ctx, uint64_t first_seq, uint64_t last_seq,
                          const uint8_t h[TP_CHAIN_BYTES], tp_err *err)
{
    (void)h;
    (void)err;
    assert_true(first_seq <= last_seq);
    note(ctx, 'm');
    return TP_OK;
}

/* By its seq: 1 is held already, 2 is new, 3 is no change, 4 is new and may not be held. */
static tp_rc host_handed(void *ctx, const tp_handed *handed, tp_answer_handed *answer_out,
                         tp_err *err)
{
    const host *h = ctx;
    (void)err;
    note(ctx, 't');
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
    const host *h = ctx;
    (void)err;
    *seq_out = h->ahead > seq ? h->ahead : 0;
    memset(digest_out, 0xA8, TP_HELD_DIGEST_BYTES);
    return TP_OK;
}

static tp_rc host_withholds(void *ctx, tp_name name, bool *withholds_out, tp_err *err)
{
    const host *h = ctx;
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
    assert_true(((host *)ctx)->is_withheld);
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
    return ((host *)ctx)->end;
}

static tp_rc host_given_back(void *ctx, tp_answer_take take, void *take_ctx, tp_err *err)
{
    host *h = ctx;
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
    host *h = ctx;
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
    host *h = ctx;
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
    host *h = ctx;
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
    host *h = ctx;
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
    host *h = ctx;
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

/* ---- The scene ---- */

static int setup(void **state)
{
    static scene s;
    tp_err err;
    memset(&s, 0, sizeof s);
    s.device.id = 7;
    s.device.agency = tp_slice_str("friary");
    assert_int_equal(tp_key_generate(tp_rng_system(), &s.key, &err), TP_OK);
    tp_key_public(s.key, &s.device.key);
    tp_chain_start(7, s.device.h);
    tp_hmac_key_init(&s.tags, tp_slice_str("secret"));
    assert_int_equal(tp_answer_new(&s.answer, &err), TP_OK);
    assert_int_equal(tp_deflate_new(1, &s.deflate, &err), TP_OK);
    assert_int_equal(tp_inflate_new(&s.inflate, &err), TP_OK);
    tp_buf_init(&s.body, TP_HTTP_BODY_BYTES_MAX);
    tp_buf_init(&s.out, TP_HTTP_RESPONSE_BYTES_MAX);
    tp_buf_init(&s.message, TP_MESSAGE_BYTES_MAX);
    tp_buf_init(&s.tail, TP_TAIL_BYTES_MAX);
    tp_buf_init(&s.changes, TP_UNPACKED_BYTES_MAX);
    s.generation = 5;
    s.host.end = 1000000;
    s.request.clock = (tp_era_reading){1, 1000, 1768248300000};
    *state = &s;
    return 0;
}

static int teardown(void **state)
{
    scene *s = *state;
    tp_key_free(s->key);
    tp_hmac_key_done(&s->tags);
    tp_answer_free(s->answer);
    tp_deflate_free(s->deflate);
    tp_inflate_free(s->inflate);
    tp_buf_done(&s->body);
    tp_buf_done(&s->out);
    tp_buf_done(&s->message);
    tp_buf_done(&s->tail);
    tp_buf_done(&s->changes);
    return tp_alloc_live() == 0 ? 0 : -1;
}

/* Puts the request with changes first..last (0: none) into the body. */
static void write_request(scene *s, uint64_t first, uint64_t last)
{
    tp_err err;
    tp_request_writer writer;
    tp_envelope envelope = {TP_PROTOCOL_VERSION, 0};
    tp_request_writer_init(&writer, TP_BATCH_BYTES_MAX, CHANGES);
    tp_chain_start(s->device.id, s->h);
    for (uint64_t seq = 1; seq <= last; seq++) {
        tp_slice change = tp_slice_str(changes[seq - 1]);
        tp_chain_add(s->h, change);
        if (seq >= first) {
            assert_int_equal(tp_request_writer_add(&writer, change, &err), TP_OK);
        }
    }
    s->request.first_seq = first;
    memcpy(s->request.chain_start, s->h, sizeof s->request.chain_start);
    assert_int_equal(tp_key_sign(s->key, tp_rng_system(), s->h, s->request.signature, &err), TP_OK);
    tp_buf_clear(&s->message);
    tp_buf_clear(&s->tail);
    tp_buf_clear(&s->body);
    assert_int_equal(tp_request_writer_end(&writer, &s->request, &s->message, &s->tail, &err),
                     TP_OK);
    tp_request_writer_done(&writer);
    assert_int_equal(tp_envelope_encode(envelope, &s->body, &err), TP_OK);
    assert_int_equal(
        tp_deflate_run(s->deflate, tp_slice_of(NULL, 0), tp_buf_slice(&s->message), &s->body, &err),
        TP_OK);
    assert_int_equal(tp_buf_add_slice(&s->body, tp_buf_slice(&s->tail), &err), TP_OK);
}

static tp_rc ask(scene *s, uint64_t first, uint64_t last, tp_refusal *refusal)
{
    tp_err err;
    tp_answer_host its_calls = calls;
    its_calls.ctx = &s->host;
    write_request(s, first, last);
    tp_answer_question question = {.body = tp_buf_slice(&s->body),
                                   .hub_ms = 1768248300000,
                                   .is_clock_back = s->is_clock_back,
                                   .is_back = s->is_back,
                                   .generation = s->generation,
                                   .directory_version = 3,
                                   .tags = &s->tags,
                                   .device = &s->device,
                                   .host = &its_calls};
    s->host.calls_count = 0;
    s->host.calls[0] = '\0';
    *refusal = 0;
    tp_buf_clear(&s->out);
    return tp_answer_make(s->answer, &question, &s->out, refusal, &s->lost, &err);
}

static void ask_well(scene *s, uint64_t first, uint64_t last)
{
    tp_err err;
    tp_envelope envelope;
    tp_slice deflated;
    tp_slice tail;
    tp_refusal refusal = 0;
    assert_int_equal(ask(s, first, last, &refusal), TP_OK);
    assert_int_equal(refusal, 0);
    tp_buf_clear(&s->message);
    assert_int_equal(tp_envelope_decode(tp_buf_slice(&s->out), &envelope, &deflated, &err), TP_OK);
    assert_int_equal(
        tp_inflate_run(s->inflate, tp_slice_of(NULL, 0), deflated, &s->message, &tail, &err),
        TP_OK);
    assert_int_equal(
        tp_response_decode(tp_buf_slice(&s->message), tail, &s->changes, &s->response, &err),
        TP_OK);
}

static void expect_refused(scene *s, tp_refusal expected)
{
    tp_refusal refusal = 0;
    assert_int_equal(ask(s, 1, 1, &refusal), TP_OK);
    assert_int_equal(refusal, expected);
    assert_int_equal(s->out.bytes, 0);
}

/* ---- Tests ---- */

static void test_answer__settles_the_push_before_what_goes_back_before_what_is_new(void **state)
{
    scene *s = *state;
    s->host.entries = 2;
    ask_well(s, 1, 3);
    assert_string_equal(s->host.calls, "caaapgdh");
    assert_int_equal(s->response.head.accepted, 3);
    assert_int_equal(s->device.accepted, 3);
    assert_memory_equal(s->device.h, s->h, sizeof s->device.h);
    tp_refused refused;
    assert_true(tp_response_next_refused(&s->response, &refused));
    assert_int_equal(refused.seq, 3);
    assert_int_equal(s->response.count, 2);
    assert_int_equal(s->response.head.generation, 5);
    assert_int_equal(s->response.head.directory_version, 3);
}

static void test_answer__an_idle_sync_is_small(void **state)
{
    scene *s = *state;
    s->request.directory_version = 3;
    ask_well(s, 0, 0);
    assert_string_equal(s->host.calls, "cgh");
    assert_true(s->out.bytes < 80);
    assert_true(s->response.head.cursor == s->host.end && !s->response.head.more);
    assert_int_equal(s->device.sent, 0); /* nothing was */
}

/* ---- What is held, in short ---- */

static void test_answer__says_the_sum_with_the_last_page_alone(void **state)
{
    scene *s = *state;
    ask_well(s, 0, 0);
    assert_true(s->response.head.has_sum);
    assert_true(s->response.head.sum.high == 1 && s->response.head.sum.low == 2);
    s->host.entries = 3;
    s->request.items_max = 2;
    s->device.cursor = 0;
    ask_well(s, 0, 0);
    assert_true(s->response.head.more);
    assert_false(s->response.head.has_sum);
}

/* More than one answer has room for: the next one goes on where this one ended. */
static void test_answer__sums_spans_and_goes_on(void **state)
{
    scene *s = *state;
    const uint64_t held = TP_HELD_SPAN_CHANGES * 70;
    tp_held_sum theirs = {0, 0};
    tp_held_sum ours = {0, 0};
    tp_name upto = {0, 0};
    int answers = 0;
    s->host.held = held;
    for (uint64_t seq = 1; seq <= held; seq++) {
        tp_held_sum counts = tp_held_of((tp_name){9, seq}, tp_slice_str("a change"));
        tp_held_add(&ours, &counts);
    }
    while (!tp_name_eq(upto, TP_NAME_LAST)) {
        tp_held_span span;
        uint32_t spans = 0;
        s->request.wants_spans = true;
        s->request.spans_after = upto;
        ask_well(s, 0, 0);
        for (; tp_response_next_span(&s->response, &span); spans++) {
            tp_held_add(&theirs, &span.sum);
            assert_true(tp_name_cmp(span.upto, upto) > 0);
            upto = span.upto;
        }
        assert_in_range(spans, 1, TP_HELD_SPANS_MAX);
        assert_true(++answers < 10);
    }
    assert_true(answers > 1);
    assert_true(tp_held_eq(&ours, &theirs));
}

static void test_answer__counts_stamps_where_that_is_asked(void **state)
{
    scene *s = *state;
    uint8_t digest[TP_SHA256_BYTES];
    tp_held_span span;
    tp_held_name name;
    const tp_said said = {.stamp = {.ms = 1000, .number = 1}};
    tp_stamped_digest((tp_name){9, 1}, tp_slice_str("a change"), &said, digest);
    s->host.held = 1;
    s->request.wants_stamps = true;
    s->request.wants_spans = true;
    ask_well(s, 0, 0);
    const tp_held_sum sum = tp_held_get(digest);
    assert_true(s->response.head.counts_stamps);
    assert_true(tp_response_next_span(&s->response, &span) && tp_held_eq(&span.sum, &sum));
    s->request.wants_spans = false;
    s->request.ranges_count = 1;
    s->request.ranges[0] = (tp_name_range){{0, 0}, TP_NAME_LAST};
    ask_well(s, 0, 0);
    assert_true(tp_response_next_name(&s->response, &name));
    assert_memory_equal(name.digest, digest, sizeof name.digest);
    s->request.wants_stamps = false;
    ask_well(s, 0, 0);
    tp_change_digest((tp_name){9, 1}, tp_slice_str("a change"), digest);
    assert_true(tp_response_next_name(&s->response, &name) && !s->response.head.counts_stamps);
    assert_memory_equal(name.digest, digest, sizeof name.digest);
}

static void test_answer__names_as_many_ranges_as_have_room(void **state)
{
    scene *s = *state;
    tp_held_name name;
    uint32_t count = 0;
    s->host.held = TP_HELD_NAMES_MAX + 100;
    s->request.ranges_count = 2;
    s->request.ranges[0] = (tp_name_range){{9, 10}, {9, 20}};
    s->request.ranges[1] = (tp_name_range){{9, 30}, TP_NAME_LAST};
    ask_well(s, 0, 0);
    assert_int_equal(s->response.head.ranges_named, 1); /* the second is cut */
    while (tp_response_next_name(&s->response, &name) && name.name.seq <= 20) {
        assert_int_equal(name.name.seq, 11 + count);
        count++;
    }
    assert_int_equal(count, 10);
}

static void test_answer__sends_again_what_is_wanted_and_leaves_the_cursor(void **state)
{
    scene *s = *state;
    s->request.wanted_count = 2;
    s->request.wanted[0] = (tp_name){9, 1};
    s->request.wanted[1] = (tp_name){9, 2};
    ask_well(s, 0, 0);
    assert_int_equal(s->response.count, 2);
    assert_true(s->response.head.more && !s->response.head.has_sum);
    assert_int_equal(s->response.head.cursor, s->device.cursor);
}

static void test_answer__a_kiosk_is_sent_nothing(void **state)
{
    scene *s = *state;
    s->device.is_kiosk = true;
    s->host.entries = 3;
    s->host.give_backs = 3;
    ask_well(s, 1, 1);
    assert_string_equal(s->host.calls, "cap");
    assert_int_equal(s->response.count, 0);
    assert_int_equal(s->response.head.cursor, 0);
}

static void test_answer__one_that_is_refused_asks_nothing_of_the_host(void **state)
{
    scene *s = *state;
    s->device.is_revoked = true;
    expect_refused(s, TP_REFUSAL_REVOKED);
    s->device.is_revoked = false;
    s->is_clock_back = true;
    expect_refused(s, TP_REFUSAL_CLOCK);
    s->is_clock_back = false;
    s->request.generation = 6;
    expect_refused(s, TP_REFUSAL_GENERATION);
    assert_string_equal(s->host.calls, "");
}

static void test_answer__while_something_goes_back_nothing_new_is_sent(void **state)
{
    scene *s = *state;
    s->host.give_backs = TP_GIVE_BACKS_MAX + 1;
    s->host.entries = 3;
    s->request.directory_version = 3;
    ask_well(s, 0, 0);
    assert_string_equal(s->host.calls, "cg");
    assert_true(s->response.head.more);
    assert_int_equal(s->response.head.give_back_position, 10 + TP_GIVE_BACKS_MAX - 1);
    assert_int_equal(s->response.head.cursor, 0);
    assert_int_equal(s->response.count, 0);
}

static void ask_at(scene *s, uint64_t cursor)
{
    s->host.end = 50;
    s->request.cursor = cursor;
    tp_cursor_tag(&s->tags, 5, s->device.agency, cursor, 0, s->request.cursor_tag);
    ask_well(s, 0, 0);
}

/* An image of a device put back: what it had given back since may be on it again. */
static void test_answer__older_data_is_asked_again_for_what_it_gave_back(void **state)
{
    scene *s = *state;
    s->host.give_backs = 1;
    s->device.receipt = 40;
    s->device.cursor = 30;
    s->request.receipt = 12;
    ask_at(s, 30);
    assert_int_equal(s->device.receipt, 40);
    ask_at(s, 29);
    assert_int_equal(s->device.receipt, 12);
    s->device.cursor = 30;
    s->device.receipt = 40;
    ask_at(s, 31);
    assert_int_equal(s->device.receipt, 40);
}

static void test_answer__a_receipt_reaches_no_further_than_the_feed(void **state)
{
    scene *s = *state;
    s->host.end = 50;
    s->host.give_backs = 1;
    s->request.receipt = 700;
    ask_well(s, 0, 0);
    assert_int_equal(s->device.receipt, 50);
}

/* Neither more nor less than the device says it has done. */
static void test_answer__what_has_no_receipt_is_asked_again(void **state)
{
    scene *s = *state;
    s->host.end = 50;
    s->host.give_backs = 1;
    s->request.receipt = 7;
    ask_well(s, 0, 0);
    assert_int_equal(s->device.receipt, 7);
    /* Nothing was due up to there, which is no word of the device's. */
    s->device.receipt = 20;
    ask_well(s, 0, 0);
    assert_int_equal(s->device.receipt, 20);
}

/* Of two machines with one name, in turn: what the one has given back the other may have still. */
static void test_answer__who_had_given_back_more_is_another_machine(void **state)
{
    scene *s = *state;
    s->host.end = 50;
    s->host.give_backs = 1;
    for (int i = 0; i < 2; i++) {
        s->request.receipt = 17;
        ask_well(s, 0, 0);
        assert_int_equal(s->device.receipt, 17);
        s->request.receipt = 3;
        ask_well(s, 0, 0);
        assert_int_equal(s->device.receipt, 3);
    }
}

/* Its tag fits, so this hub gave it: it has gone back since. */
static void test_answer__a_page_is_as_long_as_was_wanted(void **state)
{
    scene *s = *state;
    s->host.entries = 5;
    s->request.items_max = 2;
    ask_well(s, 0, 0);
    assert_int_equal(s->response.count, 2);
    assert_true(s->response.head.more);
    assert_int_equal(s->response.head.cursor, 2);
    assert_int_equal(s->device.sent, 2);
    /* The next one goes on from there, with the tag that came. */
    s->request.cursor = s->response.head.cursor;
    memcpy(s->request.cursor_tag, s->response.head.cursor_tag, sizeof s->request.cursor_tag);
    ask_well(s, 0, 0);
    assert_int_equal(s->response.head.cursor, 4);
    assert_int_equal(s->device.cursor, 2);
    /* It fits no other agency's feed. */
    s->device.agency = tp_slice_str("outreach");
    expect_refused(s, TP_REFUSAL_CURSOR);
}

static void test_answer__what_is_left_is_counted_for_whoever_asks(void **state)
{
    scene *s = *state;
    s->host.entries = 5;
    s->request.items_max = 2;
    ask_well(s, 0, 0);
    assert_string_equal(s->host.calls, "cgdh");
    assert_int_equal(s->response.head.left, 0);
    s->request.wants_left = true;
    ask_well(s, 0, 0);
    assert_string_equal(s->host.calls, "cgdhl");
    assert_int_equal(s->response.head.left, 98);
}

/* A page that is the last says so by itself; and while something goes back, or to a kiosk, nothing
 * is sent, so that there is nothing to count. */
static void test_answer__nothing_is_counted_where_nothing_is_left(void **state)
{
    scene *s = *state;
    s->request.wants_left = true;
    s->host.entries = 2;
    ask_well(s, 0, 0);
    assert_null(strchr(s->host.calls, 'l'));
    s->host.give_backs = TP_GIVE_BACKS_MAX + 1;
    ask_well(s, 0, 0);
    assert_true(s->response.head.more);
    assert_null(strchr(s->host.calls, 'l'));
    s->device.is_kiosk = true;
    ask_well(s, 0, 0);
    assert_null(strchr(s->host.calls, 'l'));
    assert_int_equal(s->response.head.left, 0);
}

static void test_answer__what_was_received_is_recalled_as_far_as_numbers_follow(void **state)
{
    scene *s = *state;
    ask_well(s, 1, 4);
    s->host.recall_break = 3;
    ask_well(s, 1, 6);
    assert_string_equal(s->host.calls, "crrrrgdh");
    assert_int_equal(s->response.head.accepted, 2);
    assert_int_equal(s->device.accepted, 4);
    ask_well(s, 5, 6);
    assert_int_equal(s->response.head.accepted, 6);
}

/* A copy that is to go on under another id, which another copy of it has by now, holds nothing of
 * that one before. */
static void test_answer__no_page_comes_before_all_is_pushed(void **state)
{
    scene *s = *state;
    s->host.entries = 2;
    s->request.more = true;
    ask_well(s, 1, 4);
    assert_null(strchr(s->host.calls, 'h'));
    assert_true(s->response.head.more);
    assert_true(s->response.head.cursor == s->device.cursor);
    s->request.more = false;
    ask_well(s, 5, 6);
    assert_non_null(strchr(s->host.calls, 'h'));
}

static void test_answer__a_part_of_what_was_received_is_held_against_its_bytes(void **state)
{
    scene *s = *state;
    tp_refusal refusal = 0;
    ask_well(s, 1, 4);
    s->request.more = true;
    ask_well(s, 1, 2);
    assert_string_equal(s->host.calls, "crrgd");
    assert_int_equal(s->response.head.accepted, 2);
    assert_int_equal(s->device.accepted, 4);
    s->host.is_recall_other = true;
    assert_int_equal(ask(s, 1, 2, &refusal), TP_OK);
    assert_int_equal(refusal, TP_REFUSAL_CHAIN);
}

/* By that it knows at once that a copy of it wrote on. */
static void test_answer__who_has_no_more_than_was_received_is_told_of_what_is_here(void **state)
{
    scene *s = *state;
    ask_well(s, 1, 4);
    ask_well(s, 1, 2);
    assert_int_equal(s->response.head.accepted, 4);
    assert_false(s->response.head.has_receipt);
    assert_int_equal(s->device.accepted, 4);
}

static void test_answer__another_history_is_a_fork(void **state)
{
    scene *s = *state;
    tp_refusal refusal = 0;
    ask_well(s, 1, 4);
    s->host.is_recall_other = true;
    assert_int_equal(ask(s, 1, 4, &refusal), TP_OK);
    assert_int_equal(refusal, TP_REFUSAL_CHAIN);
}

static void test_answer__a_certificate_that_is_not_granted_leaves_the_sync(void **state)
{
    scene *s = *state;
    s->request.csr = tp_slice_str("please");
    ask_well(s, 0, 0);
    assert_true(tp_slice_is(s->response.head.certificate, "please"));
    s->host.renew_rc = TP_DENIED;
    ask_well(s, 1, 1);
    assert_int_equal(s->response.head.certificate.bytes, 0);
    assert_int_equal(s->response.head.accepted, 1);
}

static void test_answer__a_host_that_fails_fails_the_answer(void **state)
{
    scene *s = *state;
    tp_refusal refusal = 0;
    s->host.clock_rc = TP_IO;
    assert_int_equal(ask(s, 1, 1, &refusal), TP_IO);
    assert_int_equal(s->out.bytes, 0);
}

/* ---- A hub that went back ---- */

static void set_cursor(scene *s, uint64_t generation, uint64_t cursor)
{
    s->request.generation = generation;
    s->request.cursor = cursor;
    tp_cursor_tag(&s->tags, generation, s->device.agency, cursor, 0, s->request.cursor_tag);
}

static void test_answer__another_generation_is_told_where_its_tag_fits(void **state)
{
    scene *s = *state;
    set_cursor(s, 4, 40);
    expect_refused(s, TP_REFUSAL_GENERATION);
    assert_int_equal(s->lost, 0);
    assert_string_equal(s->host.calls, "");
    s->request.cursor = 0; /* it never had one: it is told all the same */
    expect_refused(s, TP_REFUSAL_GENERATION);
    set_cursor(s, 4, 40);
    s->request.cursor_tag[3] ^= 1;
    expect_refused(s, TP_REFUSAL_CURSOR);
    set_cursor(s, 4, 40);
    s->request.generation = 5; /* the tag of another generation than it names */
    expect_refused(s, TP_REFUSAL_CURSOR);
    assert_int_equal(s->lost, 0);
}

static void test_answer__a_cursor_beyond_the_feed_shows_that_the_hub_went_back(void **state)
{
    scene *s = *state;
    set_cursor(s, 5, s->host.end);
    ask_well(s, 0, 0);
    assert_int_equal(s->lost, 0);
    set_cursor(s, 5, s->host.end + 1);
    expect_refused(s, TP_REFUSAL_GENERATION);
    assert_int_equal(s->lost, 5);
}

/* Whatever stands at the cursor now: a hub that was put back unnoticed takes what comes, and its
 * feed grows over what it lost. */
static void test_answer__an_answer_that_was_never_given_shows_that_the_hub_went_back(void **state)
{
    scene *s = *state;
    ask_well(s, 0, 0);
    const int64_t given_ms = s->device.answered_ms;
    assert_true(given_ms > 1);
    s->request.cursor = s->response.head.cursor;
    memcpy(s->request.cursor_tag, s->response.head.cursor_tag, sizeof s->request.cursor_tag);
    ask_well(s, 0, 0);
    assert_int_equal(s->lost, 0);
    s->device.answered_ms = given_ms - 1;
    expect_refused(s, TP_REFUSAL_GENERATION);
    assert_int_equal(s->lost, 5);
    assert_string_equal(s->host.calls, "");
}

/* Of two requests under way the one that came first may be answered last. */
static void test_answer__an_answer_tells_no_earlier_time_than_one_before_it(void **state)
{
    scene *s = *state;
    int64_t told_ms = 0;
    s->device.answered_ms = INT64_C(9000000000000);
    ask_well(s, 0, 0);
    assert_int_equal(s->device.answered_ms, INT64_C(9000000000000));
    assert_true(tp_cursor_tag_fits(&s->tags, 5, s->device.agency, s->response.head.cursor,
                                   s->response.head.cursor_tag, &told_ms));
    assert_int_equal(told_ms, INT64_C(9000000000000));
}

/* What the answer said of a push, as the device keeps it. */
static tp_push_claim claim_of(const scene *s, uint64_t first)
{
    tp_push_claim claim = {.generation = 5, .first = first, .last = s->response.head.accepted};
    assert_true(s->response.head.has_receipt);
    memcpy(claim.h, s->h, sizeof claim.h);
    claim.receipt = s->response.head.push_receipt;
    return claim;
}

static void forget_push(scene *s)
{
    s->device.accepted = 0;
    tp_chain_start(s->device.id, s->device.h);
}

static void test_answer__a_receipt_shows_a_push_that_is_not_there(void **state)
{
    scene *s = *state;
    ask_well(s, 1, 3);
    s->request.has_claim = true;
    s->request.claim = claim_of(s, 1);
    ask_well(s, 4, 4); /* all of it is there */
    assert_int_equal(s->lost, 0);
    forget_push(s);
    expect_refused(s, TP_REFUSAL_GENERATION);
    assert_int_equal(s->lost, 5);
}

static void test_answer__a_claim_that_does_not_fit_is_none(void **state)
{
    scene *s = *state;
    ask_well(s, 1, 3);
    const tp_push_claim right = claim_of(s, 1);
    forget_push(s);
    s->request.has_claim = true;
    for (int i = 0; i < 7; i++) {
        s->request.claim = right;
        s->request.claim.generation -= i == 0;
        s->request.claim.first += i == 1;
        s->request.claim.last += i == 2;
        s->request.claim.h[31] ^= i == 3;
        s->request.claim.receipt.stamps[0] ^= i == 4;
        s->request.claim.receipt.tag[0] ^= i == 5;
        s->device.id += i == 6;
        tp_refusal refusal = 0;
        assert_int_equal(ask(s, 0, 0, &refusal), TP_OK);
        assert_int_equal(refusal, 0);
        assert_int_equal(s->lost, 0);
        s->device.id -= i == 6;
    }
    /* Of the generation before: what this one has not got yet it is being pushed again. */
    s->request.claim = right;
    s->request.claim.generation = 4;
    tp_push_tag(&s->tags, 4, s->device.agency, 7, right.first, right.last, right.h,
                right.receipt.stamps, s->request.claim.receipt.tag);
    ask_well(s, 0, 0);
    assert_int_equal(s->lost, 0);
}

static void test_answer__a_receipt_covers_what_was_told_and_nothing_less(void **state)
{
    scene *s = *state;
    uint8_t tag[TP_TAG_BYTES];
    s->host.accept_break = 3; /* its number does not follow: somebody had handed it */
    ask_well(s, 1, 3);
    assert_string_equal(s->host.calls, "caaapgdh");
    assert_int_equal(s->response.head.accepted, 2);
    assert_int_equal(s->device.accepted, 3);
    assert_false(s->response.head.has_receipt);
    /* An answer was lost, and now less is pushed: h there is not the device's own of last time. */
    s->host.is_chain_known = true;
    s->request.more = true;
    ask_well(s, 1, 2);
    s->request.more = false;
    const uint8_t *stamps = s->response.head.push_receipt.stamps;
    assert_int_equal(s->response.head.accepted, 2);
    assert_true(s->response.head.has_receipt);
    memset(s->h, 2, sizeof s->h);
    tp_push_tag(&s->tags, 5, s->device.agency, 7, 1, 2, s->h, stamps, tag);
    assert_memory_equal(tag, s->response.head.push_receipt.tag, sizeof tag);
    ask_well(s, 3, 3);
    assert_true(s->response.head.has_receipt);
    tp_push_tag(&s->tags, 5, s->device.agency, 7, 3, 3, s->h, s->response.head.push_receipt.stamps,
                tag);
    assert_memory_equal(tag, s->response.head.push_receipt.tag, sizeof tag);
    ask_well(s, 0, 0);
    assert_false(s->response.head.has_receipt);
}

/* The proof of a push that was answered, for the next one. */
static tp_stamp_runs prove(scene *s, uint64_t first)
{
    tp_err err;
    tp_stamp_run run;
    tp_stamp_runs runs;
    const tp_push_claim claim = claim_of(s, first);
    tp_stamp_runs_init(&runs);
    while (tp_response_next_run(&s->response, &run)) {
        for (uint32_t i = 0; i < run.count; i++) {
            tp_stamp stamp = tp_stamp_run_at(&run, i, 1);
            assert_int_equal(tp_stamp_runs_add(&runs, 0, &stamp, &err), TP_OK);
        }
    }
    assert_int_equal(tp_stamp_runs_end(&runs, &err), TP_OK);
    s->request.has_proof = true;
    s->request.proof = (tp_push_proof){claim.generation, claim.receipt, NULL, {.changes = 0}};
    return runs;
}

static void test_answer__a_proven_push_keeps_its_stamps(void **state)
{
    scene *s = *state;
    ask_well(s, 1, 2);
    tp_stamp_runs runs = prove(s, 1);
    forget_push(s);
    s->request.proof.runs = &runs;
    tp_refusal refusal = 0;
    assert_int_equal(ask(s, 1, 2, &refusal), TP_OK);
    assert_int_equal(refusal, TP_REFUSAL_GENERATION);
    assert_string_equal(s->host.calls, "c");
    assert_int_equal(s->lost, 5); /* it gave these stamps itself, and knows nothing of them */
    s->generation = 6;
    ask_well(s, 1, 2);
    assert_string_equal(s->host.calls, "cAApgdh");
    assert_memory_equal(s->host.stamps, s->request.proof.receipt.stamps, sizeof s->host.stamps);
    /* It is of its generation, and for these stamps. */
    forget_push(s);
    s->request.proof.generation = 4;
    ask_well(s, 1, 2);
    assert_string_equal(s->host.calls, "caapgdh");
    forget_push(s);
    s->request.proof.generation = 5;
    s->request.proof.receipt.stamps[0] ^= 1;
    ask_well(s, 1, 2);
    assert_string_equal(s->host.calls, "caapgdh");
    s->request.proof.receipt.stamps[0] ^= 1;
    runs.first_number++;
    forget_push(s);
    ask_well(s, 1, 2);
    assert_string_equal(s->host.calls, "caapgdh");
    tp_stamp_runs_done(&runs);
}

/* Where another history had its beginning. */
static void test_answer__a_proven_push_that_is_here_in_part_is_taken_as_a_whole(void **state)
{
    scene *s = *state;
    ask_well(s, 1, 2);
    tp_stamp_runs runs = prove(s, 1);
    s->generation = 6;
    for (int is_later = 0; is_later < 2; is_later++) {
        forget_push(s);
        s->request.has_proof = false;
        ask_well(s, 1, 1);
        s->request.has_proof = true;
        s->request.proof.runs = &runs;
        s->host.recall_break = is_later ? 1 : 0; /* the stamp it has is later than the proven one */
        ask_well(s, 1, 2);
        assert_string_equal(s->host.calls, is_later ? "crtrApgdh" : "crApgdh");
        assert_int_equal(s->device.accepted, 2);
    }
    ask_well(s, 1, 2); /* nothing is new */
    s->generation = 5;
    ask_well(s, 1, 2); /* nor does it show that anything was lost */
    assert_int_equal(s->lost, 0);
    tp_stamp_runs_done(&runs);
}

static void test_answer__a_change_that_others_handed_otherwise_is_a_fork(void **state)
{
    scene *s = *state;
    s->host.is_accept_other = true;
    expect_refused(s, TP_REFUSAL_CHAIN);
    assert_int_equal(s->device.accepted, 0);
}

static void test_answer__what_a_device_has_no_more_is_passed_over_while_it_settles(void **state)
{
    scene *s = *state;
    tp_refusal refusal = 0;
    write_request(s, 1, 3);
    memcpy(s->request.missing_h, s->h, sizeof s->h);
    s->request.missing_upto = 3;
    assert_int_equal(ask(s, 4, 4, &refusal), TP_OK);
    assert_int_equal(refusal, TP_REFUSAL_GAP);
    s->request.is_settling = true;
    ask_well(s, 4, 5);
    assert_string_equal(s->host.calls, "mcaapd");
    assert_int_equal(s->device.accepted, 5);
    ask_well(s, 0, 0);
    assert_null(strchr(s->host.calls, 'm')); /* it was said before */
}

/* Settling is by sums: no page, and whatever is there counts as held until it was compared. */
static void test_answer__who_settles_is_sent_no_page(void **state)
{
    scene *s = *state;
    s->host.entries = 3;
    s->request.is_settling = true;
    s->request.generation = 5;
    s->host.give_backs = 1;
    ask_well(s, 0, 0);
    assert_string_equal(s->host.calls, "cd"); /* nor asked for anything before it has compared */
    s->host.give_backs = 0;
    assert_int_equal(s->response.count, 0);
    assert_int_equal(s->response.head.cursor, s->host.end);
    assert_int_equal(s->device.sent, s->host.end);
    assert_true(s->response.head.has_sum && !s->device.has_compared);
    s->request.is_settling = false;
    ask_well(s, 0, 0);
    assert_true(s->device.has_compared);
    set_cursor(s, 5, 3);
    s->request.generation = 0;
    ask_well(s, 0, 0);
    assert_false(s->device.has_compared);
}

/* What the names that were read cannot have shown stays before the cursor. */
static void test_answer__who_settles_goes_past_what_it_has_seen(void **state)
{
    scene *s = *state;
    s->request.is_settling = true;
    set_cursor(s, 5, 3);
    ask_well(s, 0, 0);
    assert_int_equal(s->response.head.cursor, 3); /* others have pushed since */
    s->request.wants_spans = true;
    s->request.spans_after = (tp_name){7, 1};
    ask_well(s, 0, 0);
    assert_int_equal(s->response.head.cursor, 3);
    s->request.spans_after = (tp_name){0, 0};
    ask_well(s, 0, 0);
    assert_int_equal(s->response.head.cursor, s->host.end);
}

/* Found by sim.week_of_chance: a card from before it first synced had written and pushed, and while
 * the hub waited for more of it what others handed of its later changes had no place there. */
static void test_answer__who_was_never_answered_has_what_it_wrote_alone(void **state)
{
    scene *s = *state;
    s->request.generation = 0;
    s->request.more = true;
    ask_well(s, 1, 3);
    assert_false(s->device.has_compared);
    s->request.more = false;
    ask_well(s, 4, 5);
    assert_true(s->device.has_compared);
}

/* Found by sim.week_of_chance: a hub that went back waited no more for a device that had never been
 * answered before, had no generation to settle in, and had pushed a part of what it had. */
static void test_answer__who_has_more_to_push_has_not_shown_all(void **state)
{
    scene *s = *state;
    s->request.generation = 5;
    s->request.more = true;
    ask_well(s, 1, 3);
    assert_int_equal(s->device.accepted, 3);
    assert_false(s->device.has_compared);
    s->request.more = false;
    ask_well(s, 2, 5); /* its answer was lost: only that is answered */
    assert_int_equal(s->device.accepted, 3);
    assert_false(s->device.has_compared);
    ask_well(s, 4, 5);
    assert_int_equal(s->device.accepted, 5);
    assert_true(s->device.has_compared);
}

static void hand(scene *s, uint64_t generation)
{
    s->request.handed_count = 4;
    for (uint64_t i = 0; i < 4; i++) {
        tp_handed *handed = &s->request.handed[i];
        handed->generation = generation;
        handed->entry = (tp_entry){.name = {9, i + 1},
                                   .position = 40 + i,
                                   .bytes = tp_slice_str("a change"),
                                   .stamp = {.ms = 1000, .number = 10 + i}};
        tp_entry_tag(&s->tags, generation, s->device.agency, &handed->entry, handed->entry.tag);
    }
}

static void test_answer__what_is_handed_is_taken_by_its_tag(void **state)
{
    scene *s = *state;
    hand(s, 3);
    ask_well(s, 0, 0);
    assert_string_equal(s->host.calls, "cttttgdh");
    const uint8_t as_it_may[] = {TP_HANDED_KEEP, TP_HANDED_KEEP, TP_HANDED_NOT_PROVEN,
                                 TP_HANDED_GIVE_BACK};
    assert_int_equal(s->response.head.handed_count, 4);
    assert_memory_equal(s->response.head.handed, as_it_may, sizeof as_it_may);
    for (int i = 0; i < 5; i++) {
        hand(s, 3);
        tp_handed *first = &s->request.handed[0];
        first->generation += i == 0;
        first->entry.position += i == 1;
        first->entry.stamp.number += i == 2;
        first->entry.bytes = i == 3 ? tp_slice_str("another") : first->entry.bytes;
        first->entry.tag[15] ^= i == 4;
        ask_well(s, 0, 0);
        assert_string_equal(s->host.calls, "ctttgdh");
        assert_int_equal(s->response.head.handed[0], TP_HANDED_NOT_PROVEN);
    }
}

static void test_answer__what_this_generation_sent_and_does_not_know_shows_it(void **state)
{
    scene *s = *state;
    hand(s, 5);
    s->request.handed_count = 1; /* known */
    ask_well(s, 0, 0);
    assert_int_equal(s->lost, 0);
    hand(s, 5);
    expect_refused(s, TP_REFUSAL_GENERATION);
    assert_int_equal(s->lost, 5);
}

/* One that begins after the hub's own, which has no order, and the next one. */
static uint64_t later(uint64_t second)
{
    return tp_generation_after(0, INT64_C(1767225600000) + (int64_t)second * 1000, 3);
}

static void expect_lost(scene *s, uint64_t generation)
{
    expect_refused(s, TP_REFUSAL_GENERATION);
    assert_true(s->lost == generation);
    memset(&s->request, 0, sizeof s->request);
    s->request.clock = (tp_era_reading){1, 1000, 1768248300000};
}

static void test_answer__a_tag_of_a_later_generation_shows_that_the_hub_went_back(void **state)
{
    scene *s = *state;
    ask_well(s, 1, 3);
    tp_push_claim claim = claim_of(s, 1);
    claim.generation = later(40);
    tp_push_tag(&s->tags, claim.generation, s->device.agency, 7, claim.first, claim.last, claim.h,
                claim.receipt.stamps, claim.receipt.tag);
    for (int i = 0; i < 2; i++) {
        set_cursor(s, later(40), 1);
        expect_lost(s, later(40));
        s->request.has_claim = true; /* whether or not its changes are here */
        s->request.claim = claim;
        expect_lost(s, later(40));
        hand(s, later(40));
        expect_lost(s, later(40));
        s->generation = later(39);
    }
    s->generation = later(41);
    set_cursor(s, later(40), 1); /* an earlier one: it is to compare, and shows nothing */
    expect_lost(s, 0);
    set_cursor(s, later(41), 1);
    s->request.has_claim = true;
    s->request.claim = claim;
    ask_well(s, 0, 0);
    hand(s, later(40));
    ask_well(s, 0, 0);
    assert_int_equal(s->lost, 0);
}

static void test_answer__a_tag_that_does_not_fit_a_later_generation_shows_nothing(void **state)
{
    scene *s = *state;
    set_cursor(s, later(40), 1);
    s->request.cursor_tag[0] ^= 1;
    expect_refused(s, TP_REFUSAL_CURSOR);
    assert_int_equal(s->lost, 0);
    set_cursor(s, later(40), 0); /* which anybody could say */
    expect_refused(s, TP_REFUSAL_GENERATION);
    assert_int_equal(s->lost, 0);
    s->request.generation = 5;
    hand(s, later(40));
    for (int i = 0; i < 4; i++) {
        s->request.handed[i].entry.tag[15] ^= 1;
    }
    ask_well(s, 0, 0);
    assert_int_equal(s->lost, 0);
}

/* It comes by its other name, or else stays where it is until it does. */
static void
test_answer__what_has_another_name_here_is_given_back_unless_it_is_withheld(void **state)
{
    scene *s = *state;
    s->generation = 5;
    s->request.generation = 5;
    hand(s, 4);
    s->host.is_displaced = true;
    ask_well(s, 0, 0);
    assert_int_equal(s->response.head.handed[0], TP_HANDED_GIVE_BACK);
    assert_int_equal(s->response.head.called[0], 10);
    assert_int_equal(s->response.head.called[1], 10);
    assert_int_equal(s->response.head.called[2], 0); /* it is no change */
    s->host.is_withheld = true;
    ask_well(s, 0, 0);
    assert_int_equal(s->response.head.handed[0], TP_HANDED_KEEP);
    assert_int_equal(s->response.head.called[0], 10);
    assert_int_equal(s->response.head.handed[2], TP_HANDED_NOT_PROVEN);
    assert_int_equal(s->response.count, 0);
    s->request.is_settling = true; /* it is nothing new to who shows it */
    ask_well(s, 0, 0);
    assert_int_equal(s->response.head.handed[0], TP_HANDED_GIVE_BACK);
    assert_int_equal(s->response.head.called[0], 10);
    assert_int_equal(s->response.head.handed[2], TP_HANDED_NOT_PROVEN);
    assert_int_equal(s->response.count, 3);
}

/* It has its name here, and other bytes: those are to be fetched. */
static void test_answer__what_its_author_wrote_anew_is_given_back_for_that(void **state)
{
    scene *s = *state;
    s->generation = 5;
    s->request.generation = 5;
    hand(s, 4);
    ask_well(s, 0, 0);
    assert_int_equal(s->response.head.handed[0], TP_HANDED_KEEP);
    assert_int_equal(s->response.head.called[0], 0);
    s->host.is_anew = true;
    ask_well(s, 0, 0);
    assert_int_equal(s->response.head.handed[0], TP_HANDED_GIVE_BACK);
    assert_int_equal(s->response.head.called[0], 0);
}

/* Where a retry is told of its beginning alone, what is ahead is behind what comes next. */
static void test_answer__tells_what_others_handed_behind_what_was_pushed(void **state)
{
    static const uint8_t digest[TP_HELD_DIGEST_BYTES] = {0xA8, 0xA8, 0xA8, 0xA8,
                                                         0xA8, 0xA8, 0xA8, 0xA8};
    scene *s = *state;
    s->host.ahead = 5;
    ask_well(s, 1, 4);
    assert_int_equal(s->response.head.ahead, 5);
    assert_memory_equal(s->response.head.ahead_digest, digest, sizeof digest);
    s->host.recall_break = 3;
    ask_well(s, 1, 4);
    assert_int_equal(s->response.head.accepted, 2);
    assert_int_equal(s->response.head.ahead, 0);
    ask_well(s, 5, 5);
    assert_int_equal(s->response.head.ahead, 0);
}

static void test_answer__says_that_the_hub_is_back(void **state)
{
    scene *s = *state;
    ask_well(s, 0, 0);
    assert_false(s->response.head.is_back);
    s->is_back = true;
    ask_well(s, 0, 0);
    assert_true(s->response.head.is_back);
}

static void test_answer__each_refusal_says_its_code(void **state)
{
    (void)state;
    for (const tp_refusal_row *row = tp_refusals; row->code != NULL; row++) {
        tp_err err;
        tp_buf out;
        char expected[40];
        tp_buf_init(&out, 1000);
        assert_int_equal(tp_answer_refusal_encode(row->refusal, 77, &out, &err), TP_OK);
        (void)snprintf(expected, sizeof expected, "{\"error\":\"%s\",", row->code);
        assert_memory_equal(out.at, expected, strlen(expected));
        tp_buf_done(&out);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_answer__settles_the_push_before_what_goes_back_before_what_is_new),
        TEST(test_answer__an_idle_sync_is_small),
        TEST(test_answer__says_the_sum_with_the_last_page_alone),
        TEST(test_answer__sums_spans_and_goes_on),
        TEST(test_answer__counts_stamps_where_that_is_asked),
        TEST(test_answer__names_as_many_ranges_as_have_room),
        TEST(test_answer__sends_again_what_is_wanted_and_leaves_the_cursor),
        TEST(test_answer__a_kiosk_is_sent_nothing),
        TEST(test_answer__one_that_is_refused_asks_nothing_of_the_host),
        TEST(test_answer__while_something_goes_back_nothing_new_is_sent),
        TEST(test_answer__older_data_is_asked_again_for_what_it_gave_back),
        TEST(test_answer__a_receipt_reaches_no_further_than_the_feed),
        TEST(test_answer__what_has_no_receipt_is_asked_again),
        TEST(test_answer__who_had_given_back_more_is_another_machine),
        TEST(test_answer__a_page_is_as_long_as_was_wanted),
        TEST(test_answer__what_is_left_is_counted_for_whoever_asks),
        TEST(test_answer__nothing_is_counted_where_nothing_is_left),
        TEST(test_answer__what_was_received_is_recalled_as_far_as_numbers_follow),
        TEST(test_answer__no_page_comes_before_all_is_pushed),
        TEST(test_answer__a_part_of_what_was_received_is_held_against_its_bytes),
        TEST(test_answer__who_has_no_more_than_was_received_is_told_of_what_is_here),
        TEST(test_answer__another_history_is_a_fork),
        TEST(test_answer__a_certificate_that_is_not_granted_leaves_the_sync),
        TEST(test_answer__a_host_that_fails_fails_the_answer),
        TEST(test_answer__another_generation_is_told_where_its_tag_fits),
        TEST(test_answer__a_cursor_beyond_the_feed_shows_that_the_hub_went_back),
        TEST(test_answer__an_answer_that_was_never_given_shows_that_the_hub_went_back),
        TEST(test_answer__an_answer_tells_no_earlier_time_than_one_before_it),
        TEST(test_answer__a_receipt_shows_a_push_that_is_not_there),
        TEST(test_answer__a_claim_that_does_not_fit_is_none),
        TEST(test_answer__a_receipt_covers_what_was_told_and_nothing_less),
        TEST(test_answer__a_proven_push_keeps_its_stamps),
        TEST(test_answer__a_proven_push_that_is_here_in_part_is_taken_as_a_whole),
        TEST(test_answer__a_change_that_others_handed_otherwise_is_a_fork),
        TEST(test_answer__what_a_device_has_no_more_is_passed_over_while_it_settles),
        TEST(test_answer__who_settles_is_sent_no_page),
        TEST(test_answer__who_settles_goes_past_what_it_has_seen),
        TEST(test_answer__who_was_never_answered_has_what_it_wrote_alone),
        TEST(test_answer__who_has_more_to_push_has_not_shown_all),
        TEST(test_answer__what_is_handed_is_taken_by_its_tag),
        TEST(test_answer__what_this_generation_sent_and_does_not_know_shows_it),
        TEST(test_answer__a_tag_of_a_later_generation_shows_that_the_hub_went_back),
        TEST(test_answer__a_tag_that_does_not_fit_a_later_generation_shows_nothing),
        TEST(test_answer__what_has_another_name_here_is_given_back_unless_it_is_withheld),
        TEST(test_answer__what_its_author_wrote_anew_is_given_back_for_that),
        TEST(test_answer__tells_what_others_handed_behind_what_was_pushed),
        TEST(test_answer__says_that_the_hub_is_back),
        cmocka_unit_test(test_answer__each_refusal_says_its_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
