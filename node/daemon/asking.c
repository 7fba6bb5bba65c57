/* Asking after a code without ever waiting. */
#include "node/daemon/asking.h"

#include "platform/base/alloc.h"
#include "sync/session/refused.h"

static void wipe(tp_buf *buf)
{
    if (buf->at != NULL) {
        tp_secret_wipe(buf->at, buf->room);
    }
    tp_buf_done(buf);
}

/* The link goes, and with it the question and the bytes of the answer; the reply stays. */
static void end(tp_asking *a)
{
    if (a->link != NULL) {
        tp_link_close(a->link);
        wipe(&a->response.body);
        tp_http_client_response_done(&a->response);
    }
    a->link = NULL;
    tp_secret_wipe(a->code, sizeof a->code);
}

void tp_asking_clear(tp_asking *asking)
{
    end(asking);
    wipe(&asking->body);
    memset(asking, 0, sizeof *asking);
}

void tp_asking_forget_old(tp_asking *asking, int64_t now_ms)
{
    if (asking->link != NULL && now_ms - asking->began_ms > 2 * TP_ASKING_MS_MAX) {
        tp_asking_clear(asking);
    }
}

static tp_rc begin(tp_asking *a, tp_node *node, const char *code, int64_t now_ms, tp_err *err)
{
    tp_http_client *client = NULL;
    tp_asking_clear(a);
    tp_buf_init(&a->body, TP_TEXT_BYTES_MAX);
    tp_rc rc = tp_link_open(node, &a->link, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_http_client_response_init(&a->response);
    memcpy(a->code, code, sizeof a->code);
    a->began_ms = now_ms;
    rc = tp_link_client(a->link, &client, err);
    if (rc == TP_OK) {
        rc = tp_inquiry_question_encode(code, &a->body, err);
    }
    if (rc == TP_OK) {
        const tp_http_client_request request = {.is_post = true,
                                                .path = TP_INQUIRY_PATH,
                                                .content_type = "application/json",
                                                .body = tp_buf_slice(&a->body)};
        rc = tp_http_client_start(client, &request, err);
    }
    return rc;
}

/* A refusal that time mends, and one that it does not; for whoever asks it is the same as no
 * network. */
static tp_asking_state state_of_refusal(const tp_http_client_response *response)
{
    tp_refused_answer refused;
    tp_refused_read(response->status, tp_buf_slice(&response->body), &refused);
    return refused.status == 429 ? TP_ASKING_BUSY : TP_ASKING_OFFLINE;
}

static tp_rc take_answer(tp_asking *a, tp_http_client *client, tp_asking_state *state_out,
                         tp_inquiry_answer *answer_out, tp_err *err)
{
    tp_rc rc = tp_http_client_wait(client, &a->response, err);
    if (rc == TP_OK && a->response.status != 200) {
        *state_out = state_of_refusal(&a->response);
        return TP_OK;
    }
    if (rc == TP_OK) {
        rc = tp_inquiry_answer_decode(tp_buf_slice(&a->response.body), &a->body, answer_out, err);
        *state_out = TP_ASKING_TOLD;
    }
    return rc;
}

static tp_rc go_on(tp_asking *a, int64_t now_ms, tp_asking_state *state_out,
                   tp_inquiry_answer *answer_out, tp_err *err)
{
    tp_http_client *client = NULL;
    tp_rc rc = tp_link_client(a->link, &client, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_http_client_advance(client);
    if (tp_http_client_is_done(client)) {
        return take_answer(a, client, state_out, answer_out, err);
    }
    *state_out = now_ms - a->began_ms > TP_ASKING_MS_MAX ? TP_ASKING_OFFLINE : TP_ASKING_UNDER_WAY;
    return TP_OK;
}

tp_rc tp_asking_look(tp_asking *asking, tp_node *node, const char code[TP_REQUEST_CODE_MAX],
                     int64_t now_ms, tp_asking_state *state_out, tp_inquiry_answer *answer_out,
                     tp_err *err)
{
    tp_asking_state state = TP_ASKING_UNDER_WAY;
    tp_rc rc = TP_OK;
    if (asking->link == NULL || strcmp(asking->code, code) != 0) {
        rc = begin(asking, node, code, now_ms, err);
    }
    if (rc == TP_OK) {
        rc = go_on(asking, now_ms, &state, answer_out, err);
    }
    if (rc == TP_OFFLINE || rc == TP_DENIED) {
        state = TP_ASKING_OFFLINE;
        rc = TP_OK;
    }
    if (rc != TP_OK || state != TP_ASKING_UNDER_WAY) {
        end(asking);
    }
    if (rc == TP_OK) {
        *state_out = state;
    }
    return rc;
}
