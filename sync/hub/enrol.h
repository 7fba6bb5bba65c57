/* Enrolment: one-time codes, and the exchange by which a device becomes known.
 * What travels is sync/session/enrolment.h; beside the refusals named there: 403 "revoked" for a
 * device that was shut out, 503 "clock" while the hub's own clock is wrong. */
#ifndef TP_SYNC_HUB_ENROL_H
#define TP_SYNC_HUB_ENROL_H

#include "platform/net/http_request.h"
#include "platform/net/http_response.h"
#include "sync/hub/hub.h"
#include "sync/session/enrolment.h"

/* Makes a code for a device of an agency, inside the transaction at hand.
 * Errors: NOTFOUND no such agency;  INVALID a label too long. */
TP_MUST_USE tp_rc tp_hub_code_make(tp_hub *hub, tp_slice agency, bool is_kiosk, const char *label,
                                   int64_t ends_ms, tp_enrolment_code *code_out, tp_err *err);

/* Wrong codes lately, by address, so that nobody tries them all and nobody keeps others from
 * enrolling: in memory, for the life of the process.  Zero it. */
enum { TP_HUB_TRIES_ADDRESSES = 64 };
typedef struct tp_hub_tries {
    struct tp_hub_tries_from {
        char address[46]; /* as tp_net_peer */
        int64_t since_ms; /* the first wrong one of the hour; monotonic */
        unsigned wrong;
    } from[TP_HUB_TRIES_ADDRESSES];
} tp_hub_tries;

/* A device that goes on under a new id: what the operator is told. */
typedef struct tp_hub_forked {
    uint64_t from; /* 0: it was an enrolment like any other, or none */
    uint64_t to;
    uint64_t kept;
} tp_hub_forked;

/* POST /v1/enrol, inside the transaction at hand. */
void tp_hub_handle_enrol(tp_hub *hub, tp_hub_tries *tries, const tp_http_request *request,
                         tp_http_response *response, tp_hub_forked *forked_out);

#endif
