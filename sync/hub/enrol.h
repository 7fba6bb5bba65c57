/* POST /v1/enrol: a one-time code and a request for a certificate, answered with the certificate.  The
 * only thing the hub answers to a device without one.
 * Source: sync/wire/FORMAT.md, Enrolment; design section 6. */
#ifndef TP_SYNC_HUB_ENROL_H
#define TP_SYNC_HUB_ENROL_H

#include "platform/net/http_request.h"
#include "platform/net/http_response.h"
#include "sync/hub/hub.h"

/* Who has tried wrong codes lately, by address: guessing is slowed down, and nobody can keep others from
 * enrolling.  Zero it. */
enum { TP_ENROL_ADDRESSES = 64, TP_ENROL_TRIES = 10, TP_ENROL_WINDOW_MS = 10 * 60 * 1000 };
typedef struct tp_enrol_tries {
    struct {
        char address[46];
        unsigned failed;
        int64_t since_ms; /* monotonic */
    } of[TP_ENROL_ADDRESSES];
} tp_enrol_tries;

/* Answers one request inside the round's transaction.  The response is always filled: 200 with the
 * certificate; 400 not understood; 403 the code (wrong, used and expired look the same); 409 agency or
 * device; 429 too many wrong codes from there; 503 the store.  A refused request changes nothing, and a
 * code whose agency does not fit still works. */
void tp_hub_enrol(tp_hub *hub, tp_enrol_tries *tries, const tp_http_request *request,
                  tp_http_response *response);

#endif
