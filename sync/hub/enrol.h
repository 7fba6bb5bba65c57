/* Enrolment: one-time codes, and the exchange by which a device becomes known.
 *
 * POST /v1/enrol takes JSON {"code": the secret's digits, "csr": PEM, "device": 16 hexadecimal digits,
 * "agency": id or absent, "clock": {"era", "up_ms", "wall_ms"}} without a client certificate and answers
 * {"certificate": PEM, "ca": PEM, "agency", "agency_label", "kiosk", "hub_ms", "generation"}; hub_ms is
 * the time when the request's head arrived: the first comparison of the clocks.  A refusal is
 * {"error", "text"}: 403 "code" (wrong, ended or used: which of them is not said), 403 "agency", 403
 * "revoked", 409 "device", 400 "body", 429 "busy" after too many wrong codes. */
#ifndef TP_SYNC_HUB_ENROL_H
#define TP_SYNC_HUB_ENROL_H

#include "platform/net/http_request.h"
#include "platform/net/http_response.h"
#include "sync/hub/hub.h"
#include "sync/session/enrol_code.h"

/* Makes a code for a device of an agency, inside the transaction at hand.
 * Errors: NOTFOUND no such agency;  INVALID a label too long. */
TP_MUST_USE tp_rc tp_hub_code_make(tp_hub *hub, tp_slice agency, bool is_kiosk, const char *label,
                                   int64_t ends_ms, tp_enrol_code *code_out, tp_err *err);

/* Wrong codes lately, so that nobody tries them all: in memory, for the life of the process. */
typedef struct tp_hub_tries {
    int64_t since_ms;
    unsigned wrong;
} tp_hub_tries;

/* POST /v1/enrol, inside the transaction at hand. */
void tp_hub_handle_enrol(tp_hub *hub, tp_hub_tries *tries, const tp_http_request *request,
                         tp_http_response *response);

#endif
