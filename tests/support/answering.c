/* The hub's end of a sync asked by a device that a test tells what to say. */
#include "tests/support/answering.h"

#include "platform/base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { CHANGES = 6 };

static const char *const changes[CHANGES] = {"one", "two", "three", "four", "five", "six"};

int answering_setup(void **state)
{
    static answering scene;
    answering *a = &scene;
    tp_err err;
    memset(a, 0, sizeof *a);
    a->device.id = 7;
    a->device.agency = tp_slice_str("friary");
    assert_int_equal(tp_key_generate(tp_rng_system(), &a->key, &err), TP_OK);
    tp_key_public(a->key, &a->device.key);
    tp_chain_start(7, a->device.h);
    tp_hmac_key_init(&a->tags, tp_slice_str("secret"));
    assert_int_equal(tp_answer_new(&a->answer, &err), TP_OK);
    assert_int_equal(tp_deflate_new(1, &a->deflate, &err), TP_OK);
    assert_int_equal(tp_inflate_new(&a->inflate, &err), TP_OK);
    tp_buf_init(&a->body, TP_HTTP_BODY_BYTES_MAX);
    tp_buf_init(&a->out, TP_HTTP_RESPONSE_BYTES_MAX);
    tp_buf_init(&a->message, TP_MESSAGE_BYTES_MAX);
    tp_buf_init(&a->tail, TP_TAIL_BYTES_MAX);
    tp_buf_init(&a->changes, TP_UNPACKED_BYTES_MAX);
    a->generation = 5;
    a->host.end = 1000000;
    a->request.clock = (tp_era_reading){1, 1000, 1768248300000};
    *state = a;
    return 0;
}

int answering_teardown(void **state)
{
    answering *a = *state;
    tp_key_free(a->key);
    tp_hmac_key_done(&a->tags);
    tp_answer_free(a->answer);
    tp_deflate_free(a->deflate);
    tp_inflate_free(a->inflate);
    tp_buf_done(&a->body);
    tp_buf_done(&a->out);
    tp_buf_done(&a->message);
    tp_buf_done(&a->tail);
    tp_buf_done(&a->changes);
    return tp_alloc_live() == 0 ? 0 : -1;
}

void answering_make_request(answering *a, uint64_t first, uint64_t last)
{
    tp_err err;
    tp_request_writer writer;
    tp_envelope envelope = {TP_PROTOCOL_VERSION, 0};
    tp_request_writer_init(&writer, TP_BATCH_BYTES_MAX, CHANGES);
    tp_chain_start(a->device.id, a->h);
    for (uint64_t seq = 1; seq <= last; seq++) {
        tp_slice change = tp_slice_str(changes[seq - 1]);
        tp_chain_add(a->h, change);
        if (seq >= first) {
            assert_int_equal(tp_request_writer_add(&writer, change, &err), TP_OK);
        }
    }
    a->request.first_seq = first;
    memcpy(a->request.chain_start, a->h, sizeof a->request.chain_start);
    assert_int_equal(tp_key_sign(a->key, tp_rng_system(), a->h, a->request.signature, &err), TP_OK);
    tp_buf_clear(&a->message);
    tp_buf_clear(&a->tail);
    tp_buf_clear(&a->body);
    assert_int_equal(tp_request_writer_end(&writer, &a->request, &a->message, &a->tail, &err),
                     TP_OK);
    tp_request_writer_done(&writer);
    assert_int_equal(tp_envelope_encode(envelope, &a->body, &err), TP_OK);
    assert_int_equal(
        tp_deflate_run(a->deflate, tp_slice_of(NULL, 0), tp_buf_slice(&a->message), &a->body, &err),
        TP_OK);
    assert_int_equal(tp_buf_add_slice(&a->body, tp_buf_slice(&a->tail), &err), TP_OK);
}

void answering_set_cursor(answering *a, uint64_t generation, uint64_t cursor)
{
    a->request.generation = generation;
    a->request.cursor = cursor;
    tp_cursor_tag(&a->tags, generation, a->device.agency, cursor, 0, a->request.cursor_tag);
}

tp_rc answering_ask(answering *a, uint64_t first, uint64_t last, tp_refusal *refusal_out)
{
    tp_err err;
    const tp_answer_host calls = answering_host_calls(&a->host);
    answering_make_request(a, first, last);
    tp_answer_question question = {.body = tp_buf_slice(&a->body),
                                   .hub_ms = 1768248300000,
                                   .is_clock_back = a->is_clock_back,
                                   .is_back = a->is_back,
                                   .generation = a->generation,
                                   .directory_version = 3,
                                   .tags = &a->tags,
                                   .device = &a->device,
                                   .host = &calls};
    a->host.calls_count = 0;
    a->host.handed_count = 0;
    a->host.calls[0] = '\0';
    *refusal_out = 0;
    tp_buf_clear(&a->out);
    return tp_answer_make(a->answer, &question, &a->out, refusal_out, &a->lost, &err);
}

void answering_ask_well(answering *a, uint64_t first, uint64_t last)
{
    tp_err err;
    tp_envelope envelope;
    tp_slice deflated;
    tp_slice tail;
    tp_refusal refusal = 0;
    assert_int_equal(answering_ask(a, first, last, &refusal), TP_OK);
    assert_int_equal(refusal, 0);
    tp_buf_clear(&a->message);
    assert_int_equal(tp_envelope_decode(tp_buf_slice(&a->out), &envelope, &deflated, &err), TP_OK);
    assert_int_equal(
        tp_inflate_run(a->inflate, tp_slice_of(NULL, 0), deflated, &a->message, &tail, &err),
        TP_OK);
    assert_int_equal(
        tp_response_decode(tp_buf_slice(&a->message), tail, &a->changes, &a->response, &err),
        TP_OK);
}

void answering_assert_refused(answering *a, tp_refusal expected)
{
    tp_refusal refusal = 0;
    assert_int_equal(answering_ask(a, 1, 1, &refusal), TP_OK);
    assert_int_equal(refusal, expected);
    assert_int_equal(a->out.bytes, 0);
}
