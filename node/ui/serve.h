/* `teapot serve`: the pages and their JSON on loopback, and the background sync as a child. */
#ifndef TP_NODE_UI_SERVE_H
#define TP_NODE_UI_SERVE_H

#include "node/record/node.h"

#define TP_NODE_SERVE_LOCK "serve.lock"
/* The address that is served, without the key: one line. */
#define TP_NODE_SERVE_ADDRESS "serve.address"
#define TP_SERVE_LISTEN "127.0.0.1:8321"

enum { TP_SERVE_ADDRESS_MAX = 128 };

typedef struct tp_serve_options {
    const char *listen;       /* "127.0.0.1:8321", "[::1]:8321"; port 0: the system chooses */
    bool has_sync;            /* the background process too */
    const char *browser_user; /* whose browser may come in beside one's own; NULL: nobody's */
} tp_serve_options;

/* What the server tells of its own doings; nothing of it names a person. */
typedef struct tp_serve_notes {
    void *ctx;
    /* It answers from now on.  `address` has the key: whoever has it may come in. */
    void (*ready)(void *ctx, const char *address);
    void (*trouble)(void *ctx, const char *what);
} tp_serve_notes;

/* Serves until SIGTERM or SIGINT.  Views that another version of the program made are made again
 * first, by a child, while a page says so: the node may be opened as it is.
 * Errors: INVALID listen, not loopback, or no such user;  EXISTS the port is taken;  BUSY this node
 *         is served already; DENIED, CORRUPT, IO. */
TP_MUST_USE tp_rc tp_serve(tp_node *node, const tp_serve_options *options,
                           const tp_serve_notes *notes, tp_err *err);

/* The address of the one that serves this node now, with the key.
 * Errors: NOTFOUND nobody does. */
TP_MUST_USE tp_rc tp_serve_address(const tp_node *node, char address_out[TP_SERVE_ADDRESS_MAX],
                                   tp_err *err);

#endif
