/* What became of a help request, for whoever shows its code (sync/session/inquiry.h).
 *
 * Guessing.  Codes have 40 bits; only an enrolled device may ask at all, and codes that turn out
 * unknown are limited for each device and for all of them together: a bucket that loses one drop
 * every so often.  So a kiosk where people mistype is never shut for longer than minutes, and with
 * ten thousand codes about, a device that asks without a pause guesses one in six hundred years.
 * Of what was asked only counts are kept or logged. */
#ifndef TP_SYNC_HUB_INQUIRY_H
#define TP_SYNC_HUB_INQUIRY_H

#include "platform/net/http_request.h"
#include "platform/net/http_response.h"
#include "sync/hub/hub.h"
#include "sync/session/inquiry.h"

enum {
    TP_HUB_INQUIRY_UNKNOWN_MAX = 20,          /* by one device at once, */
    TP_HUB_INQUIRY_REGAIN_MS = 3 * 60 * 1000, /* and one more after so long */
    TP_HUB_INQUIRY_ALL_UNKNOWN_MAX = 200,     /* by all devices together, */
    TP_HUB_INQUIRY_ALL_REGAIN_MS = 30 * 1000,
    TP_HUB_INQUIRY_DEVICES = 256
};

/* Unknown codes lately: in memory, for the life of the process.  Zero it. */
typedef struct tp_hub_inquiries {
    struct tp_hub_inquirer {
        uint64_t device;
        int64_t empty_ms; /* the bucket is empty again at this moment; monotonic */
    } by[TP_HUB_INQUIRY_DEVICES];
    int64_t all_empty_ms;
    uint64_t asked; /* since the counts were last taken */
    uint64_t unknown;
    uint64_t refused; /* there had been too many */
} tp_hub_inquiries;

/* What became of the request with this code, inside the transaction at hand.
 * Owns:   answer_out->reply was appended to `room`.  Errors: those of the store, NOMEM. */
TP_MUST_USE tp_rc tp_hub_inquire(tp_hub *hub, const char code[TP_REQUEST_CODE_MAX], tp_buf *room,
                                 tp_inquiry_answer *answer_out, tp_err *err);

/* POST /v1/ask, inside the transaction at hand.  Units: now_ms = monotonic. */
void tp_hub_handle_inquiry(tp_hub *hub, tp_hub_inquiries *inquiries, int64_t now_ms,
                           const tp_http_request *request, tp_http_response *response);

/* Appends "12 asked, 3 unknown, 0 refused" and begins to count anew; nothing where nobody asked. */
TP_MUST_USE tp_rc tp_hub_inquiries_take(tp_hub_inquiries *inquiries, tp_buf *out, tp_err *err);

#endif
