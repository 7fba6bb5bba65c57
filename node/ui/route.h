/* The routes: one row for each thing that can be asked.  openapi.json beside this file describes
 * them, and a test holds the two together. */
#ifndef TP_NODE_UI_ROUTE_H
#define TP_NODE_UI_ROUTE_H

#include "node/ui/ui.h"

/* In which transaction a handler runs.  Each request has one of its own. */
typedef enum tp_route_tx {
    TP_ROUTE_NO_TX, /* it makes its own, where it needs any */
    TP_ROUTE_READ,
    TP_ROUTE_WRITE /* committed when the handler answers TP_OK; then the background is poked */
} tp_route_tx;

enum {
    TP_ROUTE_WORKER = 1u,  /* answered by a node that people write on */
    TP_ROUTE_KIOSK = 2u,   /* answered by a kiosk */
    TP_ROUTE_SESSION = 4u, /* somebody must have said who they are */
    TP_ROUTE_QUIET = 8u,   /* writes nothing that others must see: nobody is poked */
    TP_ROUTE_ONCE = 16u    /* with an Idempotency-Key, done once however often it is asked */
};

typedef struct tp_route {
    tp_http_method method; /* GET answers HEAD too */
    /* {key} stands for a draft's key, any other {name} for the full name of a record. */
    const char *path;
    tp_route_tx tx;
    unsigned flags; /* TP_ROUTE_... */
    /* Fills the response.  On an error nothing was written, and the answer is a problem
     * (answer.h). */
    tp_rc (*handle)(tp_ui_call *call, tp_err *err);
} tp_route;

/* All of them; ends with a row without a path. */
extern const tp_route tp_routes[];

typedef enum tp_route_found {
    TP_ROUTE_FOUND,
    TP_ROUTE_NO_PATH,  /* nothing is there */
    TP_ROUTE_NO_METHOD /* something is, but not for that */
} tp_route_found;

typedef struct tp_route_match {
    const tp_route *route;
    tp_ui_arg args[TP_UI_ARGS_MAX];
    unsigned args_count;
    char allow[48]; /* NO_METHOD: what may be asked there */
} tp_route_match;

/* Does the path fit the pattern of a route or a page?  Then match_out->args hold what stood in the
 * braces. */
bool tp_route_fits(const char *pattern, tp_slice path, tp_route_match *match_out);

/* The route of a path in a mode.  Units: mode = TP_ROUTE_WORKER or TP_ROUTE_KIOSK. */
tp_route_found tp_route_find(const tp_route *routes, tp_http_method method, tp_slice path,
                             unsigned mode, tp_route_match *match_out);

const char *tp_route_method_name(tp_http_method method);

#endif
