/* A refused request as it is answered: JSON with a code of sync/wire/FORMAT.md; counted. */
#ifndef TP_SYNC_HUB_REFUSE_H
#define TP_SYNC_HUB_REFUSE_H

#include "platform/net/http_response.h"
#include "sync/hub/hub.h"

typedef struct tp_hub_refusal {
    unsigned status;
    const char *code;
    const char *text; /* one sentence for a person; nothing in it needs an escape in JSON */
} tp_hub_refusal;

/* Whatever stood in the response is gone.  Inside a transaction, which is to be committed. */
void tp_hub_refuse(tp_hub *hub, tp_hub_door door, const tp_hub_refusal *refusal,
                   tp_http_response *response);
/* One of those that every door may share: by the table of sync/wire/wire.h.  `to`: as of
 * tp_answer_refusal_encode(). */
void tp_hub_refuse_as(tp_hub *hub, tp_hub_door door, tp_refusal refusal, uint32_t to,
                      tp_http_response *response);

/* The hub itself failed: `busy`, `full`, or a bare 503 or 500. */
void tp_hub_refuse_trouble(tp_hub *hub, tp_hub_door door, const tp_err *why,
                           tp_http_response *response);

#endif
