/* What devices have, send and are sent. */
#include "sync/wire/chain.h"
#include "sync/wire/dictionary.h"
#include "tests/support/hub_stage_state.h"

enum { CHANGES_MAX = 100, ROUNDS_MAX = 100 };

/* ---- Having ---- */

stage_held *stage_held_of(stage_device *d, tp_name name)
{
    for (uint32_t i = 0; i < d->has_count; i++) {
        if (tp_name_eq(d->has[i].name, name)) {
            return &d->has[i];
        }
    }
    return NULL;
}

stage_held *stage_note_held(hub_stage *stage, stage_device *d, tp_name name, tp_slice bytes)
{
    tp_err err;
    static tp_change change;
    stage_held *has = stage_held_of(d, name);
    if (has != NULL) {
        has->is_given_back = false;
        return has;
    }
    stage_need(stage, d->has_count < STAGE_HELD_MAX, "a device holds too much");
    stage_ok(stage, tp_change_decode(name, bytes, &change, &err), &err);
    has = &d->has[d->has_count++];
    memset(has, 0, sizeof *has);
    has->name = name;
    has->record = change.record;
    for (uint32_t i = 0; i < change.fields_count && has->codes_count < STAGE_CODES_MAX; i++) {
        has->codes[has->codes_count++] = change.fields[i].code;
    }
    return has;
}

static tp_slice change_at(const stage_device *d, uint64_t seq)
{
    size_t from = seq == 1 ? 0 : d->ends[seq - 2];
    return tp_slice_of(d->log.at + from, d->ends[seq - 1] - from);
}

const tp_key *hub_stage_key(hub_stage *stage, const char *name)
{
    return stage_need_device(stage, name)->key;
}

/* ---- Sending ---- */

typedef void alter_head(tp_request *head, const void *ctx);

/* What the hub has not accepted goes into the writer, and the header says what it is. */
static void add_changes(hub_stage *stage, const stage_device *d, tp_request_writer *writer,
                        tp_request *head)
{
    tp_err err;
    uint8_t h[TP_CHAIN_BYTES];
    memcpy(h, d->h, sizeof h);
    for (uint64_t seq = d->accepted + 1; seq <= d->seq && writer->count < CHANGES_MAX; seq++) {
        tp_slice change = change_at(d, seq);
        stage_ok(stage, tp_request_writer_add(writer, change, &err), &err);
        tp_chain_add(h, change);
        head->first_seq = d->accepted + 1;
    }
    memcpy(head->chain_start, h, sizeof head->chain_start);
    stage_ok(stage, tp_key_sign(d->key, &stage->rng.rng, h, head->signature, &err), &err);
}

static void pack(hub_stage *stage, tp_slice message, tp_slice tail, tp_buf *body)
{
    tp_err err;
    tp_envelope envelope = {TP_PROTOCOL_VERSION, TP_DICTIONARY_NONE};
    const tp_slice no_dictionary = tp_slice_of(NULL, 0);
    stage_ok(stage, tp_envelope_encode(envelope, body, &err), &err);
    stage_ok(stage, tp_deflate_run(stage->deflate, no_dictionary, message, body, &err), &err);
    stage_ok(stage, tp_buf_add_slice(body, tail, &err), &err);
}

static void make_request(hub_stage *stage, const stage_device *d, uint32_t items_max,
                         alter_head *alter, const void *ctx, tp_buf *body)
{
    tp_err err;
    static tp_request head;
    tp_request_writer writer;
    tp_buf message;
    tp_buf tail;
    tp_buf_init(&message, TP_MESSAGE_BYTES_MAX);
    tp_buf_init(&tail, TP_TAIL_BYTES_MAX);
    tp_request_writer_init(&writer, TP_BATCH_BYTES_MAX, CHANGES_MAX);
    memset(&head, 0, sizeof head);
    head.cursor = d->cursor;
    memcpy(head.cursor_tag, d->tag, sizeof head.cursor_tag);
    head.clock = (tp_era_reading){1, stage->clock.reading.up_ms, stage->clock.reading.wall_ms};
    head.receipt = d->receipt;
    head.generation = d->generation;
    head.items_max = items_max;
    add_changes(stage, d, &writer, &head);
    if (alter != NULL) {
        alter(&head, ctx);
    }
    stage_ok(stage, tp_request_writer_end(&writer, &head, &message, &tail, &err), &err);
    pack(stage, tp_buf_slice(&message), tp_buf_slice(&tail), body);
    tp_request_writer_done(&writer);
    tp_buf_done(&message);
    tp_buf_done(&tail);
}

void hub_stage_make_request(hub_stage *stage, const char *name, alter_head *alter, const void *ctx,
                            tp_buf *body)
{
    make_request(stage, stage_need_device(stage, name), 0, alter, ctx, body);
}

tp_refusal hub_stage_send(hub_stage *stage, const char *name, tp_slice body, tp_buf *answer)
{
    tp_err err;
    tp_refusal refusal = 0;
    stage_begin(stage);
    tp_hub_device known = stage_known(stage, name);
    stage_ok(stage,
             tp_hub_exchange(&stage->hub, &known, body, stage->clock.reading.wall_ms, answer,
                             &refusal, &err),
             &err);
    stage_commit(stage);
    return refusal;
}

/* ---- Being answered ---- */

const tp_response_reader *hub_stage_read(hub_stage *stage, tp_slice answer)
{
    tp_err err;
    tp_envelope envelope;
    tp_slice deflated;
    tp_slice tail;
    const tp_slice no_dictionary = tp_slice_of(NULL, 0);
    tp_buf *message = &stage->message;
    tp_buf_clear(message);
    stage_ok(stage, tp_envelope_decode(answer, &envelope, &deflated, &err), &err);
    stage_ok(stage, tp_inflate_run(stage->inflate, no_dictionary, deflated, message, &tail, &err),
             &err);
    stage_ok(
        stage,
        tp_response_decode(tp_buf_slice(message), tail, &stage->changes, &stage->response, &err),
        &err);
    return &stage->response;
}

static void take_answer(hub_stage *stage, stage_device *d, tp_slice answer)
{
    tp_name name;
    tp_entry entry;
    (void)hub_stage_read(stage, answer);
    const tp_response *head = &stage->response.head;
    for (uint64_t seq = d->accepted + 1; seq <= head->accepted; seq++) {
        tp_chain_add(d->h, change_at(d, seq));
    }
    d->accepted = head->accepted;
    while (tp_response_next_give_back(&stage->response, &name)) {
        stage_held *has = stage_held_of(d, name);
        if (has != NULL) {
            has->is_given_back = true;
        }
    }
    stage_need(stage, head->give_back_position == 0 || head->give_back_position > d->receipt,
               "what the receipt covers is asked back again");
    d->receipt = head->give_back_position != 0 ? head->give_back_position : d->receipt;
    while (tp_response_next_item(&stage->response, &entry)) {
        stage_need(stage, !d->is_kiosk, "a kiosk is sent something");
        stage_note_held(stage, d, entry.name, entry.bytes)->verdict = entry.verdict;
    }
    d->cursor = head->cursor;
    memcpy(d->tag, head->cursor_tag, sizeof d->tag);
    d->generation = head->generation;
}

void hub_stage_take(hub_stage *stage, const char *name, tp_slice answer)
{
    take_answer(stage, stage_need_device(stage, name), answer);
}

/* ---- Syncing ---- */

static tp_refusal exchange(hub_stage *stage, stage_device *d, uint32_t items_max)
{
    tp_buf body;
    tp_buf answer;
    tp_buf_init(&body, TP_HTTP_BODY_BYTES_MAX);
    tp_buf_init(&answer, TP_HTTP_RESPONSE_BYTES_MAX);
    make_request(stage, d, items_max, NULL, NULL, &body);
    tp_refusal refusal = hub_stage_send(stage, d->name, tp_buf_slice(&body), &answer);
    if (refusal == 0) {
        take_answer(stage, d, tp_buf_slice(&answer));
    }
    tp_buf_done(&body);
    tp_buf_done(&answer);
    return refusal;
}

static void must_exchange(hub_stage *stage, stage_device *d, uint32_t items_max)
{
    tp_refusal refusal = exchange(stage, d, items_max);
    stage_need(stage, refusal == 0, "refused: %s", tp_refusal_of(refusal)->code);
}

void stage_sync(hub_stage *stage, char **words, uint32_t count)
{
    (void)count;
    stage_device *d = stage_need_device(stage, words[1]);
    bool is_more = true;
    for (int round = 0; is_more; round++) {
        stage_need(stage, round < ROUNDS_MAX, "a sync does not end");
        uint64_t receipt = d->receipt;
        must_exchange(stage, d, 0);
        is_more = stage->response.head.more || d->accepted < d->seq || d->receipt != receipt;
    }
    stage_check_judged(stage);
    stage_check_held(stage, d);
}

void stage_push(hub_stage *stage, char **words, uint32_t count)
{
    (void)count;
    must_exchange(stage, stage_need_device(stage, words[1]), 1);
    stage_check_judged(stage);
}

void stage_refused(hub_stage *stage, char **words, uint32_t count)
{
    (void)count;
    tp_refusal refusal = exchange(stage, stage_need_device(stage, words[1]), 0);
    const char *code = refusal == 0 ? "no refusal" : tp_refusal_of(refusal)->code;
    stage_need(stage, strcmp(code, words[2]) == 0, "the answer is %s", code);
}
