/* What every file of this folder shares: the one that serves, and one request on its way.
 *
 *   gate.h     who may ask at all            session.h  who is writing
 *   route.h    which handler answers         answer.h   what goes back
 *   asset.h    the pages                     serve.h    all of it, behind the HTTP server */
#ifndef TP_NODE_UI_UI_H
#define TP_NODE_UI_UI_H

#include "node/daemon/asking.h"
#include "node/record/answered.h"
#include "node/ui/door.h"
#include "node/view/json_print.h"
#include "platform/net/http_request.h"
#include "platform/net/http_response.h"

#include <jansson.h>

enum { TP_UI_ARGS_MAX = 2 };

struct tp_route;

/* The one that serves. */
typedef struct tp_ui {
    tp_node *node;
    tp_door door;
    uint16_t port;
    bool is_readying;                 /* the views are being made again: nothing can be shown yet */
    int64_t began_ms;                 /* wall clock: makes revisions of two runs differ */
    uint64_t writes_count;            /* transactions committed by handlers */
    void (*sync_now)(void *sync_ctx); /* pokes the background process */
    void *sync_ctx;
    tp_asking asking; /* of a kiosk: the code that the hub is asked after just now */
} tp_ui;

/* What stood in a path in the place of {name}: a record's name, or a key. */
typedef struct tp_ui_arg {
    tp_slice text;
    tp_name name; /* none: it is a key */
} tp_ui_arg;

/* One request on its way.  Everything is borrowed and ends with it. */
typedef struct tp_ui_call {
    tp_ui *ui;
    const struct tp_route *route;
    const tp_http_request *request;
    tp_http_response *response;
    tp_tx tx;         /* as the route says; a handler never ends it */
    json_t *body;     /* of POST and PUT: an object; else NULL */
    bool is_kiosk;    /* the node's mode */
    uint64_t device;  /* its id, by which what was written here is named (sync/log/fork.h) */
    bool is_unseen;   /* what the handler wrote is shown on no page but the one that sent it */
    tp_slice worker;  /* who writes; empty: nobody has said (or a kiosk) */
    tp_slice session; /* the cookie that says so; empty: none */
    tp_ui_arg args[TP_UI_ARGS_MAX];
    unsigned args_count;
    bool is_once; /* its answer is kept (TP_ROUTE_ONCE), by `asked` */
    tp_answered_asked asked;

    /* Of a problem: which field of the schema, and the status where the result says too little; ""
     * and 0. */
    char field[48];
    unsigned status;
    json_t *more;       /* members added to the problem's document; NULL: none */
    tp_json_print json; /* answer.h */
    char worker_room[TP_WORKER_BYTES_MAX];
} tp_ui_call;

#endif
