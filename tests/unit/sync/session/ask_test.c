/* The node's end of a sync: what a request holds. */
#include "sync/session/ask.h"

#include "platform/net/deflate.h"
#include "sync/log/era.h"
#include "sync/wire/dictionary.h"
#include "sync/wire/request.h"
#include "sync/wire/response.h"
#include "sync/wire/wire.h"
#include "tests/support/node_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* ---- The hub's part ---- */

static void read_request(tp_slice body, tp_buf *message, tp_buf *changes,
                         tp_request_reader *request_out)
{
    tp_err err;
    tp_envelope envelope;
    tp_slice deflated;
    tp_slice tail;
    tp_slice dictionary;
    tp_inflate *inflate = NULL;
    tp_buf_clear(message);
    assert_int_equal(tp_envelope_decode(body, &envelope, &deflated, &err), TP_OK);
    assert_true(tp_dictionary_of(envelope.dictionary, &dictionary));
    assert_int_equal(tp_inflate_new(&inflate, &err), TP_OK);
    assert_int_equal(tp_inflate_run(inflate, dictionary, deflated, message, &tail, &err), TP_OK);
    tp_inflate_free(inflate);
    assert_int_equal(tp_request_decode(tp_buf_slice(message), tail, changes, request_out, &err),
                     TP_OK);
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

/* accepted: up to this seq, 0: nothing.  back: what is asked back at position 5; none: nothing. */
static void write_answer(int64_t hub_ms, uint64_t accepted, tp_name back, tp_buf *body)
{
    static tp_response_writer writer;
    const tp_stamp stamp = {.ms = hub_ms, .number = 1};
    const tp_response head = {.hub_ms = hub_ms,
                              .generation = 1,
                              .accepted = accepted,
                              .give_back_position = tp_name_is_none(back) ? 0 : 5};
    tp_err err;
    tp_response_writer_init(&writer, TP_PAGE_BYTES_MAX, TP_PAGE_ITEMS_MAX);
    if (accepted != 0) {
        assert_int_equal(tp_response_writer_add_stamp(&writer, 0, &stamp, &err), TP_OK);
    }
    if (!tp_name_is_none(back)) {
        assert_int_equal(tp_response_writer_add_give_back(&writer, back, &err), TP_OK);
    }
    end_answer(&writer, &head, body);
}

/* A page of so many items behind position `after`, each a change without fields. */
static void write_page(int64_t hub_ms, uint64_t after, uint32_t count, const tp_response *rest,
                       tp_buf *body)
{
    static const uint8_t bytes[] = {0xa4, 0x00, 0x48, 1,    2,    3,    4,    5, 6, 7,
                                    8,    0x01, 0x03, 0x03, 0xa0, 0x05, 0x83, 1, 1, 0};
    static tp_response_writer writer;
    tp_response head = *rest;
    tp_err err;
    head.hub_ms = hub_ms;
    head.generation = 1;
    head.cursor = after + count;
    tp_response_writer_init(&writer, TP_PAGE_BYTES_MAX, TP_PAGE_ITEMS_MAX);
    for (uint64_t position = after + 1; position <= head.cursor; position++) {
        const tp_entry entry = {.name = {9, position},
                                .position = position,
                                .bytes = tp_slice_of(bytes, sizeof bytes),
                                .stamp = {.ms = hub_ms, .number = position}};
        assert_int_equal(tp_response_writer_add_item(&writer, &entry, &err), TP_OK);
    }
    end_answer(&writer, &head, body);
}

/* ---- Tests ---- */

static void make_request(tp_node_log *node, tp_ask *ask, tp_buf *body)
{
    tp_tx tx;
    tp_err err;
    tp_node_log_begin(node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_ask_make_request(ask, &tx, body, &err), TP_OK);
    tp_node_log_commit(&tx);
}

static void take_body(tp_node_log *node, tp_ask *ask, const tp_buf *body)
{
    tp_tx tx;
    tp_err err;
    assert_int_equal(tp_ask_take_response(ask, 200, tp_buf_slice(body), &err), TP_OK);
    tp_node_log_begin(node, &tx, TP_TX_WRITE);
    assert_int_equal(tp_ask_apply(ask, &tx, &err), TP_OK);
    tp_node_log_commit(&tx);
}

static void take_answer(tp_node_log *node, tp_ask *ask, uint64_t accepted, tp_name back,
                        tp_buf *body)
{
    write_answer(node->clock.reading.wall_ms, accepted, back, body);
    take_body(node, ask, body);
}

/* Somebody's clock is set by a minute, again and again, and each time the clock is looked at. */
static void pass_eras(tp_node_log *node, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        tp_tx tx;
        tp_err err;
        tp_era_reading reading;
        node->clock.reading.wall_ms += 61000;
        node->clock.reading.up_ms += 1000;
        tp_node_log_begin(node, &tx, TP_TX_WRITE);
        assert_int_equal(tp_log_read_clock(node->log, &tx, &reading, &err), TP_OK);
        tp_node_log_commit(&tx);
    }
}

/* Found by sim.week_of_chance: such a push never ended, and never sent anything. */
static void test_ask__more_eras_than_one_request_tells_go_ahead_of_the_change(void **state)
{
    static tp_request_reader request;
    tp_node_log node;
    tp_key *key = NULL;
    tp_ask *ask = NULL;
    tp_err err;
    tp_buf body;
    tp_buf message;
    tp_buf changes;
    (void)state;
    tp_buf_init(&body, TP_MESSAGE_BYTES_MAX);
    tp_buf_init(&message, TP_MESSAGE_BYTES_MAX);
    tp_buf_init(&changes, TP_UNPACKED_BYTES_MAX);
    tp_node_log_open(&node, "friary", 1);
    pass_eras(&node, TP_REQUEST_ERAS_MAX + 10);
    tp_node_log_person(&node, "Baz");
    assert_int_equal(tp_key_generate(&node.rng.rng, &key, &err), TP_OK);
    const tp_ask_config config = {.merge = node.merge, .key = key, .rng = &node.rng.rng};
    assert_int_equal(tp_ask_new(&config, &ask, &err), TP_OK);

    make_request(&node, ask, &body);
    read_request(tp_buf_slice(&body), &message, &changes, &request);
    assert_int_equal(request.head.first_seq, 0);
    assert_int_equal(request.head.eras_count, TP_REQUEST_ERAS_MAX);
    take_answer(&node, ask, 0, (tp_name){0, 0}, &body);

    make_request(&node, ask, &body);
    read_request(tp_buf_slice(&body), &message, &changes, &request);
    assert_int_equal(request.head.first_seq, 1);
    assert_int_equal(request.head.eras_count, 10);
    assert_int_equal(request.head.eras[0].era, TP_REQUEST_ERAS_MAX + 1);

    tp_ask_free(ask);
    tp_key_free(key);
    tp_buf_done(&body);
    tp_buf_done(&message);
    tp_buf_done(&changes);
    tp_node_log_close(&node);
}

static uint64_t given_back(tp_node_log *node)
{
    tp_tx tx;
    tp_err err;
    tp_log_pull pull;
    tp_node_log_begin(node, &tx, TP_TX_READ);
    assert_int_equal(tp_log_pull_get(node->log, &tx, &pull, &err), TP_OK);
    tp_tx_rollback(&tx);
    return pull.given_back;
}

/* Found by sim.week_of_chance: a change that the hub had accepted in a sync whose answer was lost,
 * and that was asked back before it was pushed again, was receipted and stayed for ever. */
static void
test_ask__what_is_asked_back_before_it_is_known_to_be_accepted_is_not_receipted(void **state)
{
    tp_node_log node;
    tp_key *key = NULL;
    tp_ask *ask = NULL;
    tp_err err;
    tp_buf body;
    (void)state;
    tp_buf_init(&body, TP_MESSAGE_BYTES_MAX);
    tp_node_log_open(&node, "friary", 1);
    tp_name baz = tp_node_log_person(&node, "Baz");
    assert_int_equal(tp_key_generate(&node.rng.rng, &key, &err), TP_OK);
    const tp_ask_config config = {.merge = node.merge, .key = key, .rng = &node.rng.rng};
    assert_int_equal(tp_ask_new(&config, &ask, &err), TP_OK);

    make_request(&node, ask, &body);
    take_answer(&node, ask, 0, baz, &body);
    assert_int_equal(given_back(&node), 0);
    assert_int_equal(tp_node_log_count(&node, "SELECT count(*) FROM record"), 1);

    tp_ask_free(ask);
    assert_int_equal(tp_ask_new(&config, &ask, &err), TP_OK);
    make_request(&node, ask, &body);
    take_answer(&node, ask, 1, baz, &body);
    assert_int_equal(given_back(&node), 5);
    assert_int_equal(
        tp_node_log_count(&node, "SELECT count(*) FROM log WHERE given_back IS NOT NULL"), 1);

    tp_ask_free(ask);
    tp_key_free(key);
    tp_buf_done(&body);
    tp_node_log_close(&node);
}

/* What the hub counted is counted down here; it is asked again only where that runs out early. */
static void test_ask__a_first_fetch_knows_how_much_there_is(void **state)
{
    static const struct {
        const char *page;
        bool wants_left; /* in the request */
        uint32_t count;
        tp_response rest;
        uint64_t received;
        uint64_t to_receive;
    } rows[] = {
        {"from nothing it is asked", true, 3, {.more = true, .left = 6}, 3, 9},
        {"and then counted", false, 4, {.more = true}, 7, 9},
        {"more than was said", false, 3, {.more = true}, 10, 10},
        {"so it is asked again", true, 2, {.more = true, .left = 1}, 12, 13},
        {"to the end", false, 1, {0}, 13, 13},
    };
    static tp_request_reader request;
    tp_node_log node;
    tp_key *key = NULL;
    tp_ask *ask = NULL;
    tp_err err;
    tp_buf body;
    tp_buf message;
    tp_buf changes;
    uint64_t cursor = 0;
    (void)state;
    tp_buf_init(&body, TP_MESSAGE_BYTES_MAX);
    tp_buf_init(&message, TP_MESSAGE_BYTES_MAX);
    tp_buf_init(&changes, TP_UNPACKED_BYTES_MAX);
    tp_node_log_open(&node, "friary", 1);
    assert_int_equal(tp_key_generate(&node.rng.rng, &key, &err), TP_OK);
    const tp_ask_config config = {.merge = node.merge, .key = key, .rng = &node.rng.rng};
    assert_int_equal(tp_ask_new(&config, &ask, &err), TP_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        make_request(&node, ask, &body);
        read_request(tp_buf_slice(&body), &message, &changes, &request);
        write_page(node.clock.reading.wall_ms, cursor, rows[i].count, &rows[i].rest, &body);
        take_body(&node, ask, &body);
        const tp_ask_counts counts = tp_ask_counted(ask);
        if (request.head.wants_left != rows[i].wants_left || counts.received != rows[i].received ||
            counts.to_receive != rows[i].to_receive) {
            fail_msg("%s: asked %d, %u of %u", rows[i].page, request.head.wants_left,
                     (unsigned)counts.received, (unsigned)counts.to_receive);
        }
        cursor += rows[i].count;
    }
    assert_true(tp_ask_is_done(ask));
    tp_ask_free(ask);

    /* The next sync has little to fetch, and is not made larger by asking how little. */
    assert_int_equal(tp_ask_new(&config, &ask, &err), TP_OK);
    make_request(&node, ask, &body);
    read_request(tp_buf_slice(&body), &message, &changes, &request);
    assert_false(request.head.wants_left);

    tp_ask_free(ask);
    tp_key_free(key);
    tp_buf_done(&body);
    tp_buf_done(&message);
    tp_buf_done(&changes);
    tp_node_log_close(&node);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ask__more_eras_than_one_request_tells_go_ahead_of_the_change),
        cmocka_unit_test(test_ask__a_first_fetch_knows_how_much_there_is),
        cmocka_unit_test(
            test_ask__what_is_asked_back_before_it_is_known_to_be_accepted_is_not_receipted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
