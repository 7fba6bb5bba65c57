#include "tests/support/asking.h"

#include "platform/net/deflate.h"
#include "sync/wire/dictionary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { BACK_POSITION = 5 };

static void begin_sync(asking *a)
{
    tp_err err;
    const tp_ask_config config = {.merge = a->node.merge, .key = a->key, .rng = &a->node.rng.rng};
    assert_int_equal(tp_ask_new(&config, &a->ask, &err), TP_OK);
}

void asking_open(asking *a)
{
    tp_err err;
    a->key = NULL;
    tp_buf_init(&a->body, TP_MESSAGE_BYTES_MAX);
    tp_buf_init(&a->message, TP_MESSAGE_BYTES_MAX);
    tp_buf_init(&a->changes, TP_UNPACKED_BYTES_MAX);
    tp_node_log_open(&a->node, "friary", 1);
    assert_int_equal(tp_key_generate(&a->node.rng.rng, &a->key, &err), TP_OK);
    begin_sync(a);
}

void asking_close(asking *a)
{
    tp_ask_free(a->ask);
    tp_key_free(a->key);
    tp_buf_done(&a->body);
    tp_buf_done(&a->message);
    tp_buf_done(&a->changes);
    tp_node_log_close(&a->node);
}

void asking_again(asking *a)
{
    tp_ask_free(a->ask);
    begin_sync(a);
}

/* ---- Requests ---- */

static void read_request(asking *a)
{
    tp_err err;
    tp_slice deflated;
    tp_slice tail;
    tp_slice dictionary;
    tp_inflate *inflate = NULL;
    tp_buf_clear(&a->message);
    assert_int_equal(tp_envelope_decode(tp_buf_slice(&a->body), &a->envelope, &deflated, &err),
                     TP_OK);
    assert_true(tp_dictionary_of(a->envelope.dictionary, &dictionary));
    assert_int_equal(tp_inflate_new(&inflate, &err), TP_OK);
    assert_int_equal(tp_inflate_run(inflate, dictionary, deflated, &a->message, &tail, &err),
                     TP_OK);
    tp_inflate_free(inflate);
    assert_int_equal(
        tp_request_decode(tp_buf_slice(&a->message), tail, &a->changes, &a->request, &err), TP_OK);
}

void asking_request(asking *a)
{
    tp_tx tx;
    tp_err err;
    tp_node_log_begin(&a->node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_ask_make_request(a->ask, &tx, &a->body, &err), TP_OK);
    tp_node_log_commit(&tx);
    read_request(a);
}

uint32_t asking_count(asking *a)
{
    tp_request_reader reader = a->request;
    uint64_t seq = 0;
    uint32_t count = 0;
    tp_slice change;
    while (tp_request_next(&reader, &seq, &change)) {
        count++;
    }
    return count;
}

/* ---- Answers ---- */

static void add_items(asking *a, uint32_t count, tp_response_writer *writer)
{
    /* { 0: salt, 1: 3, 3: {}, 5: [1, 1, 0] } */
    static const uint8_t bytes[] = {0xa4, 0x00, 0x48, 1,    2,    3,    4,    5, 6, 7,
                                    8,    0x01, 0x03, 0x03, 0xa0, 0x05, 0x83, 1, 1, 0};
    tp_err err;
    uint64_t after = a->request.head.cursor;
    for (uint64_t position = after + 1; position <= after + count; position++) {
        const tp_entry entry = {.name = {9, position},
                                .position = position,
                                .bytes = tp_slice_of(bytes, sizeof bytes),
                                .stamp = {.ms = a->node.clock.reading.wall_ms, .number = position},
                                .tag = {1}};
        assert_int_equal(tp_response_writer_add_item(writer, &entry, &err), TP_OK);
    }
}

static void end_answer(tp_response_writer *writer, const tp_response *head, tp_buf *body)
{
    tp_err err;
    tp_deflate *deflate = NULL;
    tp_buf message;
    tp_buf tail;
    tp_buf_init(&message, TP_MESSAGE_BYTES_MAX);
    tp_buf_init(&tail, TP_TAIL_BYTES_MAX);
    tp_buf_clear(body);
    assert_int_equal(tp_response_writer_end(writer, head, &message, &tail, &err), TP_OK);
    assert_int_equal(
        tp_envelope_encode((tp_envelope){TP_PROTOCOL_VERSION, TP_DICTIONARY_NONE}, body, &err),
        TP_OK);
    assert_int_equal(tp_deflate_new(1, &deflate, &err), TP_OK);
    assert_int_equal(
        tp_deflate_run(deflate, tp_slice_of(NULL, 0), tp_buf_slice(&message), body, &err), TP_OK);
    assert_int_equal(tp_buf_add_slice(body, tp_buf_slice(&tail), &err), TP_OK);
    tp_deflate_free(deflate);
    tp_response_writer_done(writer);
    tp_buf_done(&message);
    tp_buf_done(&tail);
}

static void write_answer(asking *a, const asking_answer *answer)
{
    static tp_response_writer writer;
    tp_err err;
    tp_response head = answer->head;
    head.hub_ms = a->node.clock.reading.wall_ms;
    head.generation = 1;
    head.accepted = answer->accepted != 0 ? answer->accepted : head.accepted;
    tp_response_writer_init(&writer, TP_PAGE_BYTES_MAX, TP_PAGE_ITEMS_MAX);
    uint32_t stamped = answer->accepted == 0 ? 0 : answer->stamped == 0 ? 1 : answer->stamped;
    for (uint32_t i = 0; i < stamped; i++) {
        const tp_stamp stamp = {.ms = head.hub_ms, .number = i + 1};
        assert_int_equal(tp_response_writer_add_stamp(&writer, 0, &stamp, &err), TP_OK);
    }
    if (!tp_name_is_none(answer->back)) {
        head.give_back_position = BACK_POSITION;
        assert_int_equal(tp_response_writer_add_give_back(&writer, answer->back, &err), TP_OK);
    }
    if (answer->sums) {
        const tp_held_span all = {TP_NAME_LAST, {1, 1}};
        assert_int_equal(tp_response_writer_add_span(&writer, &all, &err), TP_OK);
    }
    if (answer->items > 0) {
        head.cursor = a->request.head.cursor + answer->items;
        add_items(a, answer->items, &writer);
    }
    end_answer(&writer, &head, &a->body);
}

void asking_take(asking *a, const asking_answer *answer)
{
    tp_tx tx;
    tp_err err;
    write_answer(a, answer);
    assert_int_equal(tp_ask_take_response(a->ask, 200, tp_buf_slice(&a->body), &err), TP_OK);
    tp_node_log_begin(&a->node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_ask_apply(a->ask, &tx, &err), TP_OK);
    tp_node_log_commit(&tx);
}

tp_rc asking_refuse(asking *a, unsigned status, const char *body, tp_err *err)
{
    return tp_ask_take_response(a->ask, status, tp_slice_str(body), err);
}

tp_log_pull asking_pull(asking *a)
{
    tp_tx tx;
    tp_err err;
    tp_log_pull pull;
    tp_node_log_begin(&a->node, &tx, TP_TX_READ);
    assert_int_equal(tp_log_pull_get(a->node.log, &tx, &pull, &err), TP_OK);
    tp_tx_rollback(&tx);
    return pull;
}
