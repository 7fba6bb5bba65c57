/* The JSON that hub and node say to each other (enrolment both ways, refusals), and the enrolment
 * code as somebody types it: the first byte picks the reader.  What is accepted is written again as
 * one text, which is read as the same.
 *
 * Shows no promise: that foreign bytes are read safely is what all of them stand on. */
#include "tests/fuzz/target.h"

#include "platform/base/limits.h"
#include "schema/utf8.h"
#include "sync/session/enrolment.h"
#include "sync/session/refused.h"

enum { TEXT_BYTES_MAX = 4 * 1024 * 1024 };

static void must_be_text(tp_slice text)
{
    must(tp_utf8_is_valid(text));
    must(text.bytes == 0 || memchr(text.at, '\0', text.bytes) == NULL);
}

/* Moments that every sum and difference of clocks can bear. */
static void must_be_moment(int64_t ms)
{
    must(ms >= TP_TIME_MS_MIN && ms <= TP_TIME_MS_MAX);
}

static void play_request(tp_slice body)
{
    tp_err err;
    tp_buf room, once, twice;
    tp_enrolment_request request;
    tp_buf_init(&room, TEXT_BYTES_MAX);
    tp_buf_init(&once, TEXT_BYTES_MAX);
    tp_buf_init(&twice, TEXT_BYTES_MAX);
    if (tp_enrolment_request_decode(body, &room, &request, &err) == TP_OK) {
        must_be_text(request.csr);
        must_be_text(request.agency);
        must(request.clock.era > 0 && request.clock.up_ms >= 0);
        must_be_moment(request.clock.up_ms);
        must_be_moment(request.clock.wall_ms);
        must(tp_enrolment_request_encode(&request, &once, &err) == TP_OK);
        must(tp_enrolment_request_decode(tp_buf_slice(&once), &room, &request, &err) == TP_OK);
        must(tp_enrolment_request_encode(&request, &twice, &err) == TP_OK);
        must(tp_slice_eq(tp_buf_slice(&once), tp_buf_slice(&twice)));
    }
    tp_buf_done(&room);
    tp_buf_done(&once);
    tp_buf_done(&twice);
}

static void play_kept(tp_slice body)
{
    tp_err err;
    tp_buf room, once, twice;
    tp_enrolment_kept kept;
    tp_buf_init(&room, TEXT_BYTES_MAX);
    tp_buf_init(&once, TEXT_BYTES_MAX);
    tp_buf_init(&twice, TEXT_BYTES_MAX);
    if (tp_enrolment_kept_decode(body, &room, &kept, &err) == TP_OK) {
        must(kept.kept <= TP_SEQ_MAX);
        must(tp_enrolment_kept_encode(&kept, &once, &err) == TP_OK);
        must(tp_enrolment_kept_decode(tp_buf_slice(&once), &room, &kept, &err) == TP_OK);
        must(tp_enrolment_kept_encode(&kept, &twice, &err) == TP_OK);
        must(tp_slice_eq(tp_buf_slice(&once), tp_buf_slice(&twice)));
    }
    tp_buf_done(&room);
    tp_buf_done(&once);
    tp_buf_done(&twice);
}

static void play_answer(tp_slice body)
{
    tp_err err;
    tp_buf room, once, twice;
    tp_enrolment_answer answer;
    tp_buf_init(&room, TEXT_BYTES_MAX);
    tp_buf_init(&once, TEXT_BYTES_MAX);
    tp_buf_init(&twice, TEXT_BYTES_MAX);
    if (tp_enrolment_answer_decode(body, &room, &answer, &err) == TP_OK) {
        must_be_text(answer.certificate);
        must_be_text(answer.ca);
        must_be_text(answer.agency);
        must_be_text(answer.agency_label);
        must_be_moment(answer.hub_ms);
        must(answer.generation > 0 && answer.generation <= TP_NUMBER_MAX);
        must(tp_enrolment_answer_encode(&answer, &once, &err) == TP_OK);
        must(tp_enrolment_answer_decode(tp_buf_slice(&once), &room, &answer, &err) == TP_OK);
        must(tp_enrolment_answer_encode(&answer, &twice, &err) == TP_OK);
        must(tp_slice_eq(tp_buf_slice(&once), tp_buf_slice(&twice)));
    }
    tp_buf_done(&room);
    tp_buf_done(&once);
    tp_buf_done(&twice);
}

static void play_refused(tp_slice body)
{
    static const unsigned statuses[] = {400, 403, 409, 426, 429, 500, 503, 0};
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        tp_refused_answer answer;
        tp_err err;
        tp_refused_read(statuses[i], body, &answer);
        must(answer.status == statuses[i] && answer.version_max < 256);
        must(answer.refusal == 0 || tp_refusal_of(answer.refusal) != NULL);
        must(memchr(answer.text, '\0', sizeof answer.text) != NULL);
        for (const char *at = answer.text; *at != '\0'; at++) {
            must(*at >= ' ' && *at <= '~');
        }
        tp_rc rc = tp_refused_fail(&answer, &err);
        must(rc == err.rc && (rc == TP_DENIED || rc == TP_BUSY || rc == TP_OFFLINE));
        must(memchr(err.what, '\0', sizeof err.what) != NULL);
    }
}

/* Typed as people type it, printed as the hub prints it. */
static void play_code(tp_slice typed)
{
    tp_err err;
    tp_enrolment_code code, again;
    char once[TP_ENROLMENT_CODE_TEXT], twice[TP_ENROLMENT_CODE_TEXT];
    if (tp_enrolment_code_parse(typed, &code, &err) == TP_OK) {
        tp_enrolment_code_format(&code, once);
        must(strlen(once) == sizeof once - 1);
        must(tp_enrolment_code_parse(tp_slice_str(once), &again, &err) == TP_OK);
        must(memcmp(&code, &again, sizeof code) == 0);
        tp_enrolment_code_format(&again, twice);
        must(strcmp(once, twice) == 0);
    }
}

/* What is answered to a question, and to a request. */
static void play_answers(tp_slice body)
{
    play_kept(body);
    play_answer(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    static void (*const plays[])(tp_slice text) = {play_request, play_answers, play_refused,
                                                   play_code};
    if (bytes > 0) {
        plays[input[0] % (sizeof plays / sizeof plays[0])](tp_slice_of(input + 1, bytes - 1));
    }
    return 0;
}
