/* One sync request of one device: from its certificate and bytes to the answer, over the hub's
 * store. */
#ifndef TP_SYNC_HUB_EXCHANGE_H
#define TP_SYNC_HUB_EXCHANGE_H

#include "platform/net/http_request.h"
#include "platform/net/http_response.h"
#include "sync/hub/hub.h"

/* Why nobody is answered at all; beside the refusals of sync/wire/wire.h. */
typedef enum tp_hub_stranger {
    TP_HUB_STRANGER_NONE = 0,
    TP_HUB_STRANGER_BARE,    /* no certificate */
    TP_HUB_STRANGER_UNKNOWN, /* a certificate of this hub for a device it does not know */
    TP_HUB_STRANGER_KEY,     /* not the key the device was enrolled with */
    TP_HUB_STRANGER_LOST     /* as unknown, while the hub collects what it lost */
} tp_hub_stranger;

/* Whose certificate is it?  The store is asked each time, whatever TLS remembered.
 * Errors: those of the store. */
TP_MUST_USE tp_rc tp_hub_identify(tp_hub *hub, const tp_net_peer *peer, tp_hub_device *device_out,
                                  tp_hub_stranger *stranger_out, tp_err *err);

/* Such a one is answered. */
void tp_hub_refuse_stranger(tp_hub *hub, tp_hub_door door, tp_hub_stranger stranger,
                            tp_http_response *response);

/* Answers a request inside the transaction at hand; everything it did is undone where it is
 * refused. *refusal_out 0: the answer was appended to `body_out`.  Errors: those of the store,
 * NOMEM. */
TP_MUST_USE tp_rc tp_hub_exchange(tp_hub *hub, tp_hub_device *device, tp_slice body, int64_t hub_ms,
                                  tp_buf *body_out, tp_refusal *refusal_out, tp_err *err);

/* POST /v1/sync. */
void tp_hub_handle_sync(tp_hub *hub, const tp_http_request *request, tp_http_response *response);

#endif
