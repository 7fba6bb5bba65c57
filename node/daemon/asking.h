/* Asking the hub after a code (sync/session/inquiry.h), for a caller that must not wait: it looks
 * again and again, and each look moves the request on as far as it goes.
 *
 * One code at a time; another one puts it aside.  What was asked and answered stands in memory
 * until it is told once, or cleared: nothing of it is stored. */
#ifndef TP_NODE_DAEMON_ASKING_H
#define TP_NODE_DAEMON_ASKING_H

#include "node/daemon/sync.h"
#include "sync/session/inquiry.h"

/* How long one code is asked after before the network is given up. */
enum { TP_ASKING_MS_MAX = 20 * 1000 };

typedef enum tp_asking_state {
    TP_ASKING_UNDER_WAY = 1, /* look again */
    TP_ASKING_TOLD,          /* the answer is there */
    TP_ASKING_OFFLINE,       /* no network, no hub, or none that answers this device */
    TP_ASKING_BUSY           /* too many codes nobody knows: the hub asks for patience */
} tp_asking_state;

/* An embedded value: zero it; clear it before the node is closed. */
typedef struct tp_asking {
    char code[TP_REQUEST_CODE_MAX]; /* "": none is asked after */
    int64_t began_ms;               /* monotonic */
    tp_link *link;                  /* NULL: none is asked after */
    tp_buf body;                    /* of the question, then the reply */
    tp_http_client_response response;
} tp_asking;

/* Begins, or goes on, with a code; never waits.  In any state but UNDER_WAY it is over, and what
 * comes next is asked anew.
 * Units:  now_ms = monotonic.
 * Owns:   answer_out (of TOLD) borrows from `asking`, until its next call.
 * Errors: CORRUPT the hub answers something else;  NOMEM, IO. */
TP_MUST_USE tp_rc tp_asking_look(tp_asking *asking, tp_node *node,
                                 const char code[TP_REQUEST_CODE_MAX], int64_t now_ms,
                                 tp_asking_state *state_out, tp_inquiry_answer *answer_out,
                                 tp_err *err);

/* Whoever asked looked no more: called now and then. */
void tp_asking_forget_old(tp_asking *asking, int64_t now_ms);

/* Forgets everything, under way or not.  Harmless on a zeroed one. */
void tp_asking_clear(tp_asking *asking);

#endif
