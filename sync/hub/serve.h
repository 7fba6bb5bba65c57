/* Serving: the hub behind the HTTP server, one transaction for each round of requests. */
#ifndef TP_SYNC_HUB_SERVE_H
#define TP_SYNC_HUB_SERVE_H

#include "sync/hub/hub.h"

/* What a server is told about its own doings; nothing of it names a person. */
typedef struct tp_hub_serve_notes {
    void *ctx;
    /* The port is bound and requests will be answered. */
    void (*ready)(void *ctx, const char *address, uint16_t port);
    /* So is that of the metrics; before `ready`. */
    void (*metrics_ready)(void *ctx, const char *address, uint16_t port);
    /* Somebody was not answered, or something failed; `what` has no personal data. */
    void (*trouble)(void *ctx, const char *who, const char *what);
} tp_hub_serve_notes;

/* How it serves.
 * Shape:  listen = "ADDRESS:PORT", "[::1]:8443"; port 0: the system chooses. */
typedef struct tp_hub_serve_options {
    const char *listen;
    /* Where GET /metrics and /healthz are answered without TLS, to this machine alone; NULL:
     * nowhere. */
    const char *metrics;
    unsigned connections_max; /* 0: TP_HTTP_CONNECTIONS_MAX; each holds 40 KiB */
} tp_hub_serve_options;

/* Serves until tp_hub_serve_stop.
 * Errors: INVALID listen or metrics;  LIMIT this process may not have so many connections;
 *         EXISTS a port is taken;  DENIED;  and what opening the keys answers. */
TP_MUST_USE tp_rc tp_hub_serve(tp_hub *hub, const tp_hub_serve_options *options,
                               const tp_hub_serve_notes *notes, tp_err *err);
/* Ends the one that serves, or the next one at its beginning.  Callable from a signal handler. */
void tp_hub_serve_stop(void);

#endif
