/* The hub as a server: TLS, rounds of requests that share one commit, and the clock that moves access.
 *
 * POST /v1/enrol  without a certificate; POST /v1/sync  with one; GET /healthz  with or without. */
#ifndef TP_SYNC_HUB_SERVE_H
#define TP_SYNC_HUB_SERVE_H

#include "sync/hub/hub.h"

typedef struct tp_hub_serve_config {
    const char *address; /* numeric */
    uint16_t port;       /* 0: a free one */
    void *context;
    void (*listening)(void *context, uint16_t port);
    /* A line for the operator's log, without personal data. */
    void (*log)(void *context, const char *line);
} tp_hub_serve_config;

/* Serves until SIGTERM or SIGINT.
 * Errors: BUSY another one serves this directory;  EXISTS the port is taken;  INVALID the address;
 *         CORRUPT a key or certificate;  IO. */
TP_MUST_USE tp_rc tp_hub_serve(tp_hub *hub, const tp_hub_serve_config *config, tp_err *err);

#endif
