/* Who may ask at all: judged by the head of a request alone, before anything is read or looked up.
 *
 * The node listens on loopback, but a browser on this machine may be made to ask it by any page of
 * any origin, or under any name that somebody lets point here (DNS rebinding).  So: it must be
 * asked by its own name, by its own pages or by the address line. */
#ifndef TP_NODE_UI_GATE_H
#define TP_NODE_UI_GATE_H

#include "platform/net/http_request.h"

typedef enum tp_gate {
    TP_GATE_OPEN = 0,
    TP_GATE_HOST,   /* asked by another name, or another port */
    TP_GATE_ORIGIN, /* asked by a page of another origin, or of none */
    TP_GATE_SITE,   /* the same, as newer browsers say it */
    TP_GATE_TYPE    /* something is written, and not as JSON: an HTML form can send no JSON */
} tp_gate;

tp_gate tp_gate_judge(const tp_http_request *request, uint16_t port);

/* In words, for the problem's text.  Static. */
const char *tp_gate_text(tp_gate gate);

/* POST, PUT, PATCH and DELETE: what needs the token. */
bool tp_gate_writes(tp_http_method method);

#endif
