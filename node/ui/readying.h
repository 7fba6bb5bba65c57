/* After an upgrade the views may have to be made again before anything can be shown: a child does
 * it (`teapot rebuild --stale`), and whoever serves answers meanwhile how far it is. */
#ifndef TP_NODE_UI_READYING_H
#define TP_NODE_UI_READYING_H

#include "node/record/node.h"
#include "platform/net/http_request.h"
#include "platform/net/http_response.h"
#include "platform/os/child.h"

/* An embedded value: init, tick ..., end. */
typedef struct tp_readying {
    tp_node *node;
    tp_child child;
    unsigned failures; /* in a row */
    int64_t next_ms;   /* when it is tried again, monotonic */
    void *ctx;
    void (*trouble)(void *ctx, const char *what);
} tp_readying;

void tp_readying_init(tp_readying *readying, tp_node *node, void *ctx,
                      void (*trouble)(void *ctx, const char *what));
/* True when all is ready; until then called every second or so.  Never waits. */
bool tp_readying_tick(tp_readying *readying, int64_t now_ms);
void tp_readying_end(tp_readying *readying);

/* Any request while it is not ready: a page with a bar that asks again by itself, a problem (503)
 * for the API. */
void tp_readying_answer(const tp_node *node, const tp_http_request *request,
                        tp_http_response *response);

#endif
