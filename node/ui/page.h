/* The documents of pages: the shell, and with it what the page would otherwise ask for at once, so
 * that the first thing seen is the page itself.  The table is made of pages/pages.mjs when the
 * program is built. */
#ifndef TP_NODE_UI_PAGE_H
#define TP_NODE_UI_PAGE_H

#include "node/ui/ui.h"

enum { TP_PAGE_ASKS_MAX = 6 };

typedef struct tp_page {
    const char *path; /* a pattern as in route.h: "/person/{person}" */
    /* What it asks at once, addresses of the API with "{0}" and "{1}" for what stood in its own; a
     * NULL ends them. */
    const char *asks[TP_PAGE_ASKS_MAX + 1];
} tp_page;

/* Ends with a row without a path. */
extern const tp_page tp_pages[];

/* /index.html in its parts: the answers go between them. */
typedef struct tp_page_shell {
    const char *before;
    const char *after;
} tp_page_shell;

extern const tp_page_shell tp_shell;

/* What each document loads of script and style, compressed. */
typedef struct tp_page_weight {
    const char *path; /* of the document; "/index.html" is every page of the table */
    size_t bytes;
} tp_page_weight;

extern const tp_page_weight tp_page_weights[];

/* Answers as GET would, in a transaction of its own; not sealed.  handle.c's. */
typedef void (*tp_page_ask)(const tp_ui_call *call, const tp_http_request *request,
                            tp_http_response *response);

/* The document of call->request->path; of an address that no page has, the shell, which says so.
 *
 * Shape:  in the element "answers" a JSON object: address -> what GET answered, null for 404; what
 *         was refused otherwise is left out, and the page asks for it itself.  Every "<" is
 *         escaped, so that nothing in it ends the element.
 * Errors: NOMEM, LIMIT of the body. */
TP_MUST_USE tp_rc tp_page_answer(tp_ui_call *call, tp_page_ask ask, tp_err *err);

#endif
