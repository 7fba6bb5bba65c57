/* The inquiry exchange as JSON. */
#include "sync/session/inquiry.h"

#include "platform/base/alloc.h"
#include "sync/session/json.h"

static const char *const state_names[] = {[TP_INQUIRY_UNKNOWN] = "unknown",
                                          [TP_INQUIRY_RECEIVED] = "received",
                                          [TP_INQUIRY_HELD] = "held",
                                          [TP_INQUIRY_ANSWERED] = "answered",
                                          [TP_INQUIRY_WITHDRAWN] = "withdrawn"};

enum { STATES = sizeof state_names / sizeof state_names[0] };

const char *tp_inquiry_state_name(tp_inquiry_state state)
{
    return state_names[state];
}

/* ---- The question ---- */

tp_rc tp_inquiry_question_encode(const char code[TP_REQUEST_CODE_MAX], tp_buf *out, tp_err *err)
{
    return tp_json_dump(json_pack("{s:s}", "code", code), out, err);
}

tp_rc tp_inquiry_question_decode(tp_slice body, char code_out[TP_REQUEST_CODE_MAX], tp_err *err)
{
    json_t *object = NULL;
    tp_rc rc = tp_json_load(body, JSON_REJECT_DUPLICATES, &object, err);
    if (rc == TP_NOMEM) {
        return rc;
    }
    const char *code = json_string_value(json_object_get(object, "code"));
    rc = code == NULL ? tp_fail(err, TP_CORRUPT, "this asks after no code")
                      : tp_request_code_normalise(tp_slice_str(code), code_out, err);
    json_decref(object);
    return rc;
}

/* ---- The answer ---- */

/* White space after the value is allowed (RFC 8259, section 2). */
static tp_rc pad(tp_buf *out, size_t from, tp_err *err)
{
    const size_t over = (out->bytes - from) % TP_INQUIRY_PAD_BYTES;
    const size_t bytes = over == 0 ? 0 : TP_INQUIRY_PAD_BYTES - over;
    uint8_t *at = NULL;
    tp_rc rc = tp_buf_reserve(out, bytes, &at, err);
    if (rc == TP_OK && bytes > 0) {
        memset(at, ' ', bytes);
        out->bytes += bytes;
    }
    return rc;
}

tp_rc tp_inquiry_answer_encode(const tp_inquiry_answer *answer, tp_buf *out, tp_err *err)
{
    const size_t from = out->bytes;
    json_t *reply = answer->reply.bytes == 0
                        ? json_null()
                        : json_stringn((const char *)answer->reply.at, answer->reply.bytes);
    if (reply == NULL) {
        return tp_alloc_library_was_short()
                   ? tp_fail(err, TP_NOMEM, "no memory to answer about a code")
                   : tp_fail(err, TP_INVALID, "a reply that is not UTF-8");
    }
    json_t *at = answer->at_ms == 0 ? json_null() : json_integer((json_int_t)answer->at_ms);
    tp_rc rc = tp_json_dump(
        json_pack("{s:s, s:o, s:o}", "state", state_names[answer->state], "reply", reply, "at", at),
        out, err);
    return rc == TP_OK ? pad(out, from, err) : rc;
}

static bool read_state(const json_t *object, tp_inquiry_state *state_out)
{
    const char *text = json_string_value(json_object_get(object, "state"));
    for (int i = 0; text != NULL && i < STATES; i++) {
        if (strcmp(text, state_names[i]) == 0) {
            *state_out = (tp_inquiry_state)i;
            return true;
        }
    }
    return false;
}

tp_rc tp_inquiry_answer_decode(tp_slice body, tp_buf *room, tp_inquiry_answer *answer_out,
                               tp_err *err)
{
    tp_inquiry_answer answer = {.state = TP_INQUIRY_UNKNOWN};
    json_t *object = NULL;
    tp_buf_clear(room);
    /* A reply is any text that a change may hold, a zero byte too. */
    tp_rc rc = tp_json_load(body, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &object, err);
    if (rc == TP_NOMEM) {
        return rc;
    }
    rc = TP_OK;
    const json_t *reply = json_object_get(object, "reply");
    answer.at_ms = json_integer_value(json_object_get(object, "at"));
    if (!read_state(object, &answer.state) || (!json_is_null(reply) && !json_is_string(reply)) ||
        answer.at_ms < 0 || answer.at_ms > TP_TIME_MS_MAX) {
        rc = tp_fail(err, TP_CORRUPT, "the hub's answer about a code cannot be read");
    } else if (json_is_string(reply)) {
        rc = tp_buf_add(room, json_string_value(reply), json_string_length(reply), err);
        answer.reply = tp_buf_slice(room);
    }
    json_decref(object);
    if (rc == TP_OK) {
        *answer_out = answer;
    }
    return rc;
}
