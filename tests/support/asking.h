/* One node that syncs, and a hub of bytes alone that answers what a test tells it to. */
#ifndef TP_TESTS_SUPPORT_ASKING_H
#define TP_TESTS_SUPPORT_ASKING_H

#include "sync/session/ask.h"
#include "sync/wire/request.h"
#include "sync/wire/response.h"
#include "sync/wire/wire.h"
#include "tests/support/node_log.h"

typedef struct asking {
    tp_node_log node;
    tp_key *key;
    tp_ask *ask;
    tp_buf body; /* of the request made last */
    tp_buf message;
    tp_buf changes;
    tp_envelope envelope; /* of that request */
    tp_request_reader request;
} asking;

/* A node of friary that knows nothing, at the beginning of a sync. */
void asking_open(asking *a);
void asking_close(asking *a);
/* Ends this sync and begins another. */
void asking_again(asking *a);

/* Makes the next request and reads it into `request`. */
void asking_request(asking *a);
/* How many changes it carries. */
uint32_t asking_count(asking *a);

/* What a hub answers, beyond what `head` says. */
typedef struct asking_answer {
    tp_response head;  /* hub_ms and generation are filled in */
    uint64_t accepted; /* up to this seq, of which the first is stamped; 0: nothing was pushed */
    uint32_t stamped;  /* so many changes; 0: 1 */
    tp_name back;      /* asked back at position 5; none: nothing */
    uint32_t items;    /* so many, behind the cursor of the request, each a change without fields */
    bool sums;         /* one span, of all names */
} asking_answer;

/* The node takes the answer and applies it. */
void asking_take(asking *a, const asking_answer *answer);
/* The node takes a refusal. */
tp_rc asking_refuse(asking *a, unsigned status, const char *body, tp_err *err);

/* What the log knows of the pull. */
tp_log_pull asking_pull(asking *a);

#endif
