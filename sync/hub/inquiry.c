/* Asking by a code. */
#include "sync/hub/inquiry.h"

#include "platform/base/alloc.h"
#include "sync/hub/exchange.h"
#include "sync/hub/record.h"
#include "sync/hub/refuse.h"

enum { BLOCK_BYTES = 64 * 1024, ROOM_BYTES_MAX = TP_TEXT_BYTES_MAX };

/* ---- What became of it ---- */

typedef struct state_row {
    const char *status; /* of the record */
    tp_inquiry_state state;
} state_row;

static const state_row states[] = {{"open", TP_INQUIRY_RECEIVED},
                                   {"held", TP_INQUIRY_HELD},
                                   {"answered", TP_INQUIRY_ANSWERED},
                                   {"withdrawn", TP_INQUIRY_WITHDRAWN}};

/* A status of a newer program says that somebody has it. */
static tp_inquiry_state state_of(tp_slice status)
{
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (tp_slice_is(status, states[i].status)) {
            return states[i].state;
        }
    }
    return status.bytes == 0 ? TP_INQUIRY_RECEIVED : TP_INQUIRY_HELD;
}

static tp_rc tell(const tp_hub_record *record, tp_hub_arena *arena, tp_buf *room,
                  tp_inquiry_answer *answer, tp_err *err)
{
    tp_hub_shown status = {.text = {NULL, 0}};
    tp_hub_shown reply = {.text = {NULL, 0}};
    tp_rc rc = tp_hub_record_text(record, arena, TP_REQUEST_STATUS, &status, err);
    if (rc == TP_OK) {
        rc = tp_hub_record_text(record, arena, TP_REQUEST_REPLY, &reply, err);
    }
    if (rc == TP_OK) {
        rc = tp_buf_add_slice(room, reply.text, err);
    }
    if (rc == TP_OK) {
        answer->state = state_of(status.text);
        answer->reply = tp_buf_slice(room);
        answer->at_ms = reply.stamp_ms > status.stamp_ms ? reply.stamp_ms : status.stamp_ms;
    }
    return rc;
}

static tp_rc read_request(tp_hub *hub, tp_name request, tp_hub_arena *arena, tp_change *scratch,
                          tp_buf *room, tp_inquiry_answer *answer, tp_err *err)
{
    static const tp_name anybody = {0, 0};
    tp_hub_record record;
    bool is_hidden = false;
    tp_rc rc = tp_hub_record_load(hub->store, arena, anybody, request, scratch, &record, err);
    if (rc == TP_OK) {
        rc = tp_hub_record_is_hidden(&record, arena, &is_hidden, err);
    }
    return rc == TP_OK && !is_hidden ? tell(&record, arena, room, answer, err) : rc;
}

tp_rc tp_hub_inquire(tp_hub *hub, const char code[TP_REQUEST_CODE_MAX], tp_buf *room,
                     tp_inquiry_answer *answer_out, tp_err *err)
{
    tp_name request = {0, 0};
    tp_inquiry_answer answer = {.state = TP_INQUIRY_UNKNOWN};
    tp_hub_arena arena;
    tp_rc rc = tp_hub_request_code_find(hub->store, tp_slice_str(code), &request, err);
    if (rc == TP_NOTFOUND) {
        *answer_out = answer;
        return TP_OK;
    }
    tp_change *scratch = rc == TP_OK ? tp_alloc(sizeof *scratch) : NULL;
    tp_hub_arena_init(&arena, BLOCK_BYTES, TP_RECORD_BYTES_MAX);
    if (rc == TP_OK && scratch == NULL) {
        rc = tp_fail(err, TP_NOMEM, "no memory to read a request");
    }
    if (rc == TP_OK) {
        rc = read_request(hub, request, &arena, scratch, room, &answer, err);
    }
    tp_hub_arena_done(&arena);
    tp_free(scratch);
    if (rc == TP_OK) {
        *answer_out = answer;
    }
    return rc;
}

/* ---- How often ---- */

/* The device's bucket; the one that is empty longest makes room. */
static struct tp_hub_inquirer *inquirer_of(tp_hub_inquiries *inquiries, uint64_t device)
{
    struct tp_hub_inquirer *emptiest = &inquiries->by[0];
    for (size_t i = 0; i < TP_HUB_INQUIRY_DEVICES; i++) {
        if (inquiries->by[i].device == device) {
            return &inquiries->by[i];
        }
        if (inquiries->by[i].empty_ms < emptiest->empty_ms) {
            emptiest = &inquiries->by[i];
        }
    }
    emptiest->device = device;
    emptiest->empty_ms = 0;
    return emptiest;
}

/* A bucket of `max` drops that loses one each regain_ms, kept as the moment at which it will be
 * empty. */
static bool is_full(int64_t empty_ms, int64_t now_ms, int64_t max, int64_t regain_ms)
{
    return empty_ms - now_ms > (max - 1) * regain_ms;
}

static void add_drop(int64_t *empty_ms, int64_t now_ms, int64_t regain_ms)
{
    *empty_ms = (*empty_ms > now_ms ? *empty_ms : now_ms) + regain_ms;
}

static bool may_ask(const tp_hub_inquiries *inquiries, const struct tp_hub_inquirer *by,
                    int64_t now_ms)
{
    return !is_full(by->empty_ms, now_ms, TP_HUB_INQUIRY_UNKNOWN_MAX, TP_HUB_INQUIRY_REGAIN_MS) &&
           !is_full(inquiries->all_empty_ms, now_ms, TP_HUB_INQUIRY_ALL_UNKNOWN_MAX,
                    TP_HUB_INQUIRY_ALL_REGAIN_MS);
}

static void note_unknown(tp_hub *hub, tp_hub_inquiries *inquiries, struct tp_hub_inquirer *by,
                         int64_t now_ms)
{
    hub->tally.now.codes_unknown++;
    add_drop(&by->empty_ms, now_ms, TP_HUB_INQUIRY_REGAIN_MS);
    add_drop(&inquiries->all_empty_ms, now_ms, TP_HUB_INQUIRY_ALL_REGAIN_MS);
    inquiries->unknown++;
}

tp_rc tp_hub_inquiries_take(tp_hub_inquiries *inquiries, tp_buf *out, tp_err *err)
{
    if (inquiries->asked == 0) {
        return TP_OK;
    }
    tp_rc rc = tp_buf_addf(
        out, err, "%llu asked, %llu unknown, %llu refused", (unsigned long long)inquiries->asked,
        (unsigned long long)inquiries->unknown, (unsigned long long)inquiries->refused);
    inquiries->asked = 0;
    inquiries->unknown = 0;
    inquiries->refused = 0;
    return rc;
}

/* ---- HTTP ---- */

static const tp_hub_refusal refused_body = {400, "body", "this asks after no code"};
static const tp_hub_refusal refused_busy = {429, "busy",
                                            "too many codes nobody knows: try again in minutes"};

static tp_rc answer_inquiry(tp_hub *hub, tp_hub_inquiries *inquiries, struct tp_hub_inquirer *by,
                            int64_t now_ms, tp_slice body, tp_http_response *response, tp_err *err)
{
    char code[TP_REQUEST_CODE_MAX];
    tp_inquiry_answer answer = {.state = TP_INQUIRY_UNKNOWN};
    tp_buf room;
    tp_rc rc = tp_inquiry_question_decode(body, code, err);
    if (rc == TP_CORRUPT) {
        tp_hub_refuse(hub, TP_HUB_DOOR_ASK, &refused_body, response);
        return TP_OK;
    }
    tp_buf_init(&room, ROOM_BYTES_MAX);
    if (rc == TP_OK) {
        rc = tp_hub_inquire(hub, code, &room, &answer, err);
    } else if (rc == TP_INVALID) {
        rc = TP_OK; /* no code: nobody has ever been given it */
    }
    if (rc == TP_OK && answer.state == TP_INQUIRY_UNKNOWN) {
        note_unknown(hub, inquiries, by, now_ms);
    }
    if (rc == TP_OK) {
        response->content_type = "application/json";
        rc = tp_inquiry_answer_encode(&answer, &response->body, err);
    }
    tp_buf_done(&room);
    return rc;
}

static tp_rc handle(tp_hub *hub, tp_hub_inquiries *inquiries, int64_t now_ms,
                    const tp_http_request *request, tp_http_response *response, tp_err *err)
{
    tp_hub_device device;
    tp_hub_stranger stranger;
    tp_rc rc = tp_hub_identify(hub, request->peer, &device, &stranger, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (stranger != TP_HUB_STRANGER_NONE) {
        tp_hub_refuse_stranger(hub, TP_HUB_DOOR_ASK, stranger, response);
        return TP_OK;
    }
    if (device.revoked_ms != 0) {
        tp_hub_refuse_as(hub, TP_HUB_DOOR_ASK, TP_REFUSAL_REVOKED, 0, response);
        return TP_OK;
    }
    struct tp_hub_inquirer *by = inquirer_of(inquiries, device.id);
    inquiries->asked++;
    if (!may_ask(inquiries, by, now_ms)) {
        inquiries->refused++;
        tp_hub_refuse(hub, TP_HUB_DOOR_ASK, &refused_busy, response);
        return TP_OK;
    }
    return answer_inquiry(hub, inquiries, by, now_ms, request->body, response, err);
}

void tp_hub_handle_inquiry(tp_hub *hub, tp_hub_inquiries *inquiries, int64_t now_ms,
                           const tp_http_request *request, tp_http_response *response)
{
    tp_err err;
    tp_rc rc = handle(hub, inquiries, now_ms, request, response, &err);
    if (rc != TP_OK) {
        tp_hub_refuse_trouble(hub, TP_HUB_DOOR_ASK, &err, response);
    }
}
