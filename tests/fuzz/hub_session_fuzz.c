/* A whole session with a hub over no network: what devices, and whoever has none, may send it, one
 * after the other, from the bytes of a request to those of the answer, on a real store.
 *
 * An input is a row of steps: what (modulo STEPS), who, how many bytes (two, the low one first),
 * the bytes.  Each begins with the same hub, whose people, consents and devices the script below
 * made, and is undone after its last step; one in WHOLE is kept instead, all that the hub then has
 * is verified, and the hub goes back to what it was.  Its database is in memory, and signatures are
 * digests (tests/support/signatures.h), asked for and refused as in the program: what they cost is
 * time in which no input reaches anything.  Certificates are read and signed as they are.
 *
 * What must hold, whatever is sent: a refused request moves nothing; an answer can be read; a kiosk
 * and a device that was shut out are sent nothing; whoever syncs as they should goes on doing so;
 * and where anything was taken, or time has passed, judging everybody again from nothing moves no
 * row of any feed.
 *
 * Shows P21. */
#include "tests/fuzz/target.h"

#include "platform/net/deflate.h"
#include "sync/hub/enrol.h"
#include "sync/hub/exchange.h"
#include "sync/hub/inquiry.h"
#include "sync/wire/chain.h"
#include "tests/support/hub_stage.h"

#include <string.h>

enum {
    STEP_BODY,    /* a sync of these bytes */
    STEP_MESSAGE, /* of this message, deflated; the first byte says how many of them its tail has */
    STEP_BENT,    /* of what the device sends next, bent: where (two bytes), and by what */
    STEP_CHANGE,  /* of one change of these bytes, signed as it should be */
    STEP_ENROL,
    STEP_ASK,
    STEP_WAIT, /* as many hours */
    STEPS,
    STEPS_MAX = 32, /* of one input */
    INPUT_BYTES_MAX = 32 * 1024,
    WHOLE = 32
};
#define HOUR_MS INT64_C(3600000)

static const char *const script[] = {
    "agency outreach",
    "agency friary",
    "sign outreach",
    "sign friary until=30",
    "device van outreach",
    "device desk friary",
    "device box friary kiosk",
    "device lost friary",
    "van person joy preferred_name=Joy",
    ("van consent yes person=joy agencies=* kinds=housing purposes=support "
     "decision=given how=spoken capacity=believed_to_have"),
    "van contact tea person=joy note=Tea info=housing",
    "desk person joey preferred_name=Joey",
    "desk help_request bed person=joy words=Bed",
    "box help_request form words=Form",
    "sync van",
    "sync desk",
    "sync box",
    "sync van",
    "desk join one person=joy same_as=joey",
    "sync desk",
    "revoke lost",
    NULL,
};
static const char *const names[] = {"van", "desk", "box", "lost"};
enum { NAMES = sizeof names / sizeof names[0], BOX = 2, LOST = 3 };

static hub_stage *stage;
static tp_deflate *deflater;
static tp_inflate *inflater;
static uint64_t ids[NAMES];

/* What one input works with. */
typedef struct session {
    tp_hub *hub;
    tp_hub_tries tries;
    tp_hub_inquiries inquiries;
    int64_t later_ms; /* than when it began */
    tp_hub_state before;
} session;

/* Closing looks that all memory is back. */
static void close_stage(void)
{
    tp_deflate_free(deflater);
    tp_inflate_free(inflater);
    hub_stage_close(stage);
}

static void open_stage(void)
{
    tp_err err;
    stage = hub_stage_open_in_memory();
    hub_stage_run_all(stage, script);
    for (size_t i = 0; i < NAMES; i++) {
        ids[i] = hub_stage_known(stage, names[i]).id;
    }
    hub_stage_keep(stage);
    must(tp_deflate_new(1, &deflater, &err) == TP_OK);
    must(tp_inflate_new(&inflater, &err) == TP_OK);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    open_stage();
    (void)atexit(close_stage);
    return 0;
}

/* ---- Syncing ---- */

static void must_be_readable(tp_slice answer, unsigned who)
{
    const tp_response_reader *read = hub_stage_read(stage, answer);
    must(who != LOST);
    must(who != BOX || (read->count == 0 && read->head.give_back_position == 0 &&
                        read->head.directory_version == 0 && !read->head.has_sum));
}

static tp_refusal sync_with(const session *s, unsigned who, tp_slice body)
{
    tp_err err;
    tp_hub_device device;
    tp_buf answer;
    tp_refusal refusal = 0;
    const tp_hub_state before = *tp_hub_store_state(s->hub->store);
    tp_buf_init(&answer, TP_HTTP_RESPONSE_BYTES_MAX);
    must(tp_hub_device_get(s->hub->store, ids[who], &device, &err) == TP_OK);
    const uint64_t accepted = device.accepted;
    tp_rc rc = tp_hub_exchange(s->hub, &device, body, s->hub->now_ms, &answer, &refusal, &err);
    must(rc == TP_OK);
    if (refusal != 0) {
        must(answer.bytes == 0);
        must(memcmp(&before, tp_hub_store_state(s->hub->store), sizeof before) == 0);
        must(tp_hub_device_get(s->hub->store, ids[who], &device, &err) == TP_OK);
        must(device.accepted == accepted);
    } else {
        must_be_readable(tp_buf_slice(&answer), who);
    }
    tp_buf_done(&answer);
    return refusal;
}

static void sync_message(const session *s, unsigned who, tp_slice message, tp_slice tail)
{
    tp_err err;
    tp_buf body;
    const tp_envelope envelope = {TP_PROTOCOL_VERSION, 0};
    tp_buf_init(&body, TP_HTTP_BODY_BYTES_MAX);
    must(tp_envelope_encode(envelope, &body, &err) == TP_OK);
    must(tp_deflate_run(deflater, tp_slice_of(NULL, 0), message, &body, &err) == TP_OK);
    must(tp_buf_add_slice(&body, tail, &err) == TP_OK);
    (void)sync_with(s, who, tp_buf_slice(&body));
    tp_buf_done(&body);
}

static void play_message(const session *s, unsigned who, tp_slice given)
{
    if (given.bytes > 0) {
        const size_t left = given.bytes - 1;
        const size_t tail = given.at[0] < left ? given.at[0] : left;
        sync_message(s, who, tp_slice_of(given.at + 1, left - tail),
                     tp_slice_of(given.at + 1 + left - tail, tail));
    }
}

static void play_bent(const session *s, unsigned who, tp_slice given)
{
    tp_err err;
    tp_buf body;
    tp_buf plain;
    tp_envelope envelope;
    tp_slice deflated;
    tp_slice tail;
    tp_buf_init(&body, TP_HTTP_BODY_BYTES_MAX);
    tp_buf_init(&plain, TP_MESSAGE_BYTES_MAX);
    hub_stage_make_request(stage, names[who], NULL, NULL, &body);
    must(tp_envelope_decode(tp_buf_slice(&body), &envelope, &deflated, &err) == TP_OK);
    must(tp_inflate_run(inflater, tp_slice_of(NULL, 0), deflated, &plain, &tail, &err) == TP_OK);
    const size_t message = plain.bytes;
    must(tp_buf_add_slice(&plain, tail, &err) == TP_OK);
    for (size_t i = 0; i + 3 <= given.bytes; i += 3) {
        const size_t at = (size_t)given.at[i] | (size_t)given.at[i + 1] << 8;
        plain.at[at % plain.bytes] ^= given.at[i + 2];
    }
    sync_message(s, who, tp_slice_of(plain.at, message),
                 tp_slice_of(plain.at + message, plain.bytes - message));
    tp_buf_done(&body);
    tp_buf_done(&plain);
}

/* Whatever a change says, its push is as it should be: it is accepted, or kept in quarantine. */
static void play_change(const session *s, unsigned who, tp_slice given)
{
    static tp_request head;
    tp_err err;
    tp_hub_device device;
    tp_request_writer writer;
    tp_buf message;
    tp_buf tail;
    uint8_t h[TP_CHAIN_BYTES];
    if (given.bytes == 0 || given.bytes > TP_CHANGE_BYTES_MAX + 1) {
        return;
    }
    tp_buf_init(&message, TP_MESSAGE_BYTES_MAX);
    tp_buf_init(&tail, TP_TAIL_BYTES_MAX);
    tp_request_writer_init(&writer, TP_BATCH_BYTES_MAX, 1);
    memset(&head, 0, sizeof head);
    must(tp_hub_device_get(s->hub->store, ids[who], &device, &err) == TP_OK);
    memcpy(h, device.h, sizeof h);
    tp_chain_add(h, given);
    const tp_clock_fixed *clock = hub_stage_clock(stage);
    head.clock = (tp_era_reading){1, clock->reading.up_ms, clock->reading.wall_ms};
    head.first_seq = device.accepted + 1;
    memcpy(head.chain_start, h, sizeof head.chain_start);
    must(tp_key_sign(hub_stage_key(stage, names[who]), s->hub->rng, h, head.signature, &err) ==
         TP_OK);
    must(tp_request_writer_add(&writer, given, &err) == TP_OK);
    must(tp_request_writer_end(&writer, &head, &message, &tail, &err) == TP_OK);
    sync_message(s, who, tp_buf_slice(&message), tp_buf_slice(&tail));
    must(tp_hub_device_get(s->hub->store, ids[who], &device, &err) == TP_OK);
    must(device.accepted == head.first_seq || who == LOST);
    tp_request_writer_done(&writer);
    tp_buf_done(&message);
    tp_buf_done(&tail);
}

/* ---- The other two addresses ---- */

static void play_http(session *s, unsigned step, tp_slice given)
{
    const tp_net_peer peer = {.address = "127.0.0.1"};
    const tp_http_request request = {.method = TP_HTTP_METHOD_POST,
                                     .path =
                                         tp_slice_str(step == STEP_ASK ? "/v1/ask" : "/v1/enrol"),
                                     .body = given,
                                     .head_at = {s->hub->now_ms, s->later_ms},
                                     .peer = &peer};
    tp_http_response response;
    tp_hub_forked forked;
    tp_http_response_init(&response);
    if (step == STEP_ASK) {
        tp_hub_handle_inquiry(s->hub, &s->inquiries, s->later_ms, &request, &response);
    } else {
        tp_hub_handle_enrol(s->hub, &s->tries, &request, &response, &forked);
        must(forked.from == 0);
    }
    must(response.status >= 400 && response.status < 500); /* nobody has a code, or a certificate */
    tp_http_response_done(&response);
}

/* ---- One input ---- */

static void play(session *s, unsigned step, unsigned who, tp_slice given)
{
    switch (step) {
    case STEP_BODY:
        (void)sync_with(s, who, given);
        break;
    case STEP_MESSAGE:
        play_message(s, who, given);
        break;
    case STEP_BENT:
        play_bent(s, who, given);
        break;
    case STEP_CHANGE:
        play_change(s, who, given);
        break;
    case STEP_ENROL:
    case STEP_ASK:
        play_http(s, step, given);
        break;
    default: {
        tp_err err;
        s->later_ms += given.bytes == 0 ? 0 : given.at[0] * HOUR_MS;
        s->hub->now_ms += given.bytes == 0 ? 0 : given.at[0] * HOUR_MS;
        must(tp_hub_judge_due(s->hub->judge, s->hub->now_ms, &err) == TP_OK);
    }
    }
}

/* Judged by fresh eyes, no row of any feed may move. */
static void must_be_judged(const tp_hub *hub)
{
    tp_err err;
    tp_hub_persons *persons = NULL;
    tp_hub_judge *judge = NULL;
    const uint64_t ends[] = {tp_hub_feed_end(hub->store, 1), tp_hub_feed_end(hub->store, 2)};
    must(tp_hub_persons_new(hub->store, &persons, &err) == TP_OK);
    must(tp_hub_judge_new(hub->store, persons, &judge, &err) == TP_OK);
    must(tp_hub_judge_everybody(judge, 0, hub->now_ms, &err) == TP_OK);
    must(ends[0] == tp_hub_feed_end(hub->store, 1) && ends[1] == tp_hub_feed_end(hub->store, 2));
    tp_hub_judge_free(judge);
    tp_hub_persons_free(persons);
}

/* What it had before, a device that was not meddled with still gets, and nothing is damaged. */
static void must_be_whole(tp_hub *hub)
{
    static tp_hub_verified verified;
    tp_err err;
    must(tp_hub_commit(hub, &err) == TP_OK);
    must(tp_hub_store_verify(hub->store, NULL, NULL, &verified, &err) == TP_OK);
    must(verified.findings.count == 0);
    hub_stage_go_back(stage);
}

static bool is_moved(const session *s)
{
    return s->later_ms > 0 ||
           memcmp(&s->before, tp_hub_store_state(s->hub->store), sizeof s->before) != 0;
}

/* Whether this one is kept: by all of its bytes, so that a change of any draws again. */
static bool is_kept(tp_slice input)
{
    uint8_t digest[TP_SHA256_BYTES];
    tp_sha256_of(input, digest);
    return digest[0] % WHOLE == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    tp_err err;
    session s = {.hub = hub_stage_hub(stage)};
    tp_rng_seeded rng;
    tp_rng *const own_rng = s.hub->rng;
    unsigned steps = 0;
    if (bytes < 4 || bytes > INPUT_BYTES_MAX) {
        return 0;
    }
    tp_rng_seeded_init(&rng, 1);
    s.hub->rng = &rng.rng;
    must(tp_hub_begin(s.hub, &err) == TP_OK);
    s.before = *tp_hub_store_state(s.hub->store);
    for (size_t at = 0; at + 4 <= bytes && steps < STEPS_MAX; steps++) {
        const size_t wanted = (size_t)input[at + 2] | (size_t)input[at + 3] << 8;
        const size_t left = bytes - at - 4;
        const tp_slice given = tp_slice_of(input + at + 4, wanted < left ? wanted : left);
        play(&s, input[at] % STEPS, input[at + 1] % NAMES, given);
        at += 4 + given.bytes;
    }
    if (is_moved(&s)) {
        must_be_judged(s.hub);
    }
    s.hub->rng = own_rng;
    if (is_kept(tp_slice_of(input, bytes))) {
        must_be_whole(s.hub);
    } else {
        tp_hub_rollback(s.hub);
    }
    return 0;
}
