/* Refusing. */
#include "sync/hub/refuse.h"

#include "platform/store/sqlite.h"

/* Without the memory for a reason there is none. */
static void finish(tp_hub *hub, tp_hub_door door, const tp_hub_refusal *refusal, tp_rc rc,
                   tp_http_response *response)
{
    if (rc != TP_OK) {
        tp_http_response_fail(response, 503);
        return;
    }
    response->status = refusal->status;
    response->content_type = "application/json";
    tp_hub_tally_refused(&hub->tally, door, refusal->code);
}

void tp_hub_refuse(tp_hub *hub, tp_hub_door door, const tp_hub_refusal *refusal,
                   tp_http_response *response)
{
    tp_err err;
    tp_http_response_fail(response, refusal->status);
    tp_rc rc = tp_buf_addf(&response->body, &err, "{\"error\":\"%s\",\"text\":\"%s\"}",
                           refusal->code, refusal->text);
    finish(hub, door, refusal, rc, response);
}

void tp_hub_refuse_as(tp_hub *hub, tp_hub_door door, tp_refusal refusal, uint32_t to,
                      tp_http_response *response)
{
    tp_err err;
    const tp_refusal_row *row = tp_refusal_of(refusal);
    tp_hub_refusal known = {(unsigned)row->http_status, row->code, row->text};
    const tp_hub_state *state = tp_hub_store_state(hub->store); /* of none outside a transaction */
    tp_http_response_fail(response, known.status);
    tp_rc rc = tp_answer_refusal_encode(refusal, state == NULL ? 0 : state->generation, to,
                                        &response->body, &err);
    finish(hub, door, &known, rc, response);
}

void tp_hub_refuse_trouble(tp_hub *hub, tp_hub_door door, const tp_err *why,
                           tp_http_response *response)
{
    bool is_full = tp_store_is_full(why);
    if (is_full || why->rc == TP_BUSY) {
        tp_hub_refuse_as(hub, door, is_full ? TP_REFUSAL_FULL : TP_REFUSAL_BUSY, 0, response);
        return;
    }
    tp_http_response_fail(response, why->rc == TP_NOMEM ? 503 : 500);
}
