/* Asking what became of a help request: the code as somebody types it, the question as the hub
 * reads it, the answer as the device reads it.  The first byte picks the reader.
 *
 * Shows no promise: that foreign bytes are read safely is what all of them stand on. */
#include "tests/fuzz/target.h"

#include "platform/base/encode.h"
#include "schema/utf8.h"
#include "sync/session/inquiry.h"

enum { TEXT_BYTES_MAX = 1024 * 1024 };

static void must_be_code(const char code[TP_REQUEST_CODE_MAX])
{
    tp_err err;
    char again[TP_REQUEST_CODE_MAX], shown[TP_REQUEST_CODE_TEXT_MAX];
    must(strlen(code) == TP_REQUEST_CODE_SYMBOLS);
    tp_request_code_format(code, shown);
    must(strlen(shown) == TP_REQUEST_CODE_TEXT_MAX - 1);
    must(tp_request_code_normalise(tp_slice_str(shown), again, &err) == TP_OK);
    must(strcmp(code, again) == 0);
}

/* One wrong symbol is found, whichever it is, and so are two that changed places. */
static void must_find_slips(const char code[TP_REQUEST_CODE_MAX])
{
    tp_err err;
    char slip[TP_REQUEST_CODE_MAX], read[TP_REQUEST_CODE_MAX];
    for (size_t at = 0; at < TP_REQUEST_CODE_SYMBOLS; at++) {
        memcpy(slip, code, sizeof slip);
        for (unsigned value = 0; value < 32; value++) {
            slip[at] = tp_base32_digit(value);
            must((tp_request_code_normalise(tp_slice_str(slip), read, &err) == TP_OK) ==
                 (slip[at] == code[at]));
        }
    }
    for (size_t at = 0; at + 1 < TP_REQUEST_CODE_SYMBOLS; at++) {
        memcpy(slip, code, sizeof slip);
        slip[at] = code[at + 1];
        slip[at + 1] = code[at];
        must(slip[at] == slip[at + 1] ||
             tp_request_code_normalise(tp_slice_str(slip), read, &err) == TP_INVALID);
    }
}

static void play_code(tp_slice typed)
{
    tp_err err;
    char code[TP_REQUEST_CODE_MAX];
    if (tp_request_code_normalise(typed, code, &err) == TP_OK) {
        must_be_code(code);
        must_find_slips(code);
    }
    if (typed.bytes >= TP_REQUEST_CODE_RANDOM_BYTES) {
        tp_request_code_make(typed.at, code);
        must_be_code(code);
        must_find_slips(code);
    }
}

static void play_question(tp_slice body)
{
    tp_err err;
    tp_buf once;
    char code[TP_REQUEST_CODE_MAX], again[TP_REQUEST_CODE_MAX];
    tp_buf_init(&once, TEXT_BYTES_MAX);
    if (tp_inquiry_question_decode(body, code, &err) == TP_OK) {
        must_be_code(code);
        must(tp_inquiry_question_encode(code, &once, &err) == TP_OK);
        must(tp_inquiry_question_decode(tp_buf_slice(&once), again, &err) == TP_OK);
        must(strcmp(code, again) == 0);
    }
    tp_buf_done(&once);
}

static void play_answer(tp_slice body)
{
    tp_err err;
    tp_buf room, once, twice;
    tp_inquiry_answer answer;
    tp_buf_init(&room, TEXT_BYTES_MAX);
    tp_buf_init(&once, 8 * TEXT_BYTES_MAX);
    tp_buf_init(&twice, 8 * TEXT_BYTES_MAX);
    if (tp_inquiry_answer_decode(body, &room, &answer, &err) == TP_OK) {
        must(answer.state <= TP_INQUIRY_WITHDRAWN && tp_inquiry_state_name(answer.state) != NULL);
        must(tp_utf8_is_valid(answer.reply));
        must(answer.at_ms >= 0 && answer.at_ms <= TP_TIME_MS_MAX);
        must(tp_inquiry_answer_encode(&answer, &once, &err) == TP_OK);
        must(once.bytes % TP_INQUIRY_PAD_BYTES == 0);
        must(tp_inquiry_answer_decode(tp_buf_slice(&once), &room, &answer, &err) == TP_OK);
        must(tp_inquiry_answer_encode(&answer, &twice, &err) == TP_OK);
        must(tp_slice_eq(tp_buf_slice(&once), tp_buf_slice(&twice)));
    }
    tp_buf_done(&room);
    tp_buf_done(&once);
    tp_buf_done(&twice);
}

/* What somebody wrote for the person: it arrives as it is, or is not sent. */
static void play_reply(tp_slice reply)
{
    tp_err err;
    tp_buf room, sent;
    tp_inquiry_answer answer = {.state = TP_INQUIRY_ANSWERED, .reply = reply, .at_ms = 1};
    tp_buf_init(&room, TEXT_BYTES_MAX);
    tp_buf_init(&sent, 8 * TEXT_BYTES_MAX);
    tp_rc rc = tp_inquiry_answer_encode(&answer, &sent, &err);
    must(rc == TP_OK || (rc == TP_INVALID && sent.bytes == 0));
    if (rc == TP_OK) {
        must(tp_inquiry_answer_decode(tp_buf_slice(&sent), &room, &answer, &err) == TP_OK);
        must(tp_slice_eq(answer.reply, reply));
    }
    tp_buf_done(&room);
    tp_buf_done(&sent);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    static void (*const plays[])(tp_slice text) = {play_code, play_question, play_answer,
                                                   play_reply};
    if (bytes > 0) {
        plays[input[0] % (sizeof plays / sizeof plays[0])](tp_slice_of(input + 1, bytes - 1));
    }
    return 0;
}
