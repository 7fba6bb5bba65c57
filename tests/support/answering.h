/* The hub's end of a sync over a host that is a few numbers, and a device that asks it what a test
 * says.  Each call must succeed, or the test fails there. */
#ifndef TP_TESTS_SUPPORT_ANSWERING_H
#define TP_TESTS_SUPPORT_ANSWERING_H

#include "platform/net/deflate.h"
#include "sync/session/answer.h"
#include "sync/wire/chain.h"

/* A host, and what was asked of it: a letter for each call. */
typedef struct answering_host {
    char calls[64];
    size_t calls_count;
    uint64_t end;
    uint32_t give_backs;
    uint32_t entries;
    uint64_t held;
    uint64_t number;       /* the last given */
    uint64_t recall_break; /* seq whose number does not follow the one before; 0: none */
    uint64_t recall_apart; /* seq whose number alone is another: what is behind it follows what is
                            * before it; 0: none */
    bool is_recall_other;
    uint64_t accept_break; /* as recall_break, of what is new */
    bool is_accept_other;
    bool is_anew;      /* what is handed was written anew by its author, */
    bool is_displaced; /* or has another name here, */
    bool is_withheld;  /* and is not sent by that meanwhile */
    bool is_meant;     /* what is pushed has another name here */
    uint64_t other;    /* seq that another change has here; 0: none */
    uint64_t missing;  /* up to which seq nobody signs, by the last call */
    uint8_t missing_h[TP_CHAIN_BYTES];
    uint64_t signed_from; /* the first of the last push */
    bool waits;           /* what is handed: for what it means by a name */
    uint64_t handed[8];   /* seq of each, in the order in which it came */
    uint32_t handed_count;
    uint64_t ahead;   /* seq that others have handed; 0: none */
    uint64_t rewound; /* up to which seq it still has what it had, by the last call, and h there */
    uint8_t rewound_h[TP_CHAIN_BYTES];
    bool never_fell; /* and so it does not */
    bool is_chain_known;
    uint8_t stamps[TP_STAMPS_DIGEST_BYTES]; /* of the last push */
    tp_rc clock_rc;
    tp_rc renew_rc;
} answering_host;

/* How it is asked.  (answering_host.c) */
tp_answer_host answering_host_calls(answering_host *h);

typedef struct answering {
    answering_host host;
    tp_answer_device device;
    tp_key *key;
    tp_hmac_key tags;
    tp_answer *answer;
    tp_deflate *deflate;
    tp_inflate *inflate;
    tp_request request;
    tp_buf body;
    tp_buf out;
    tp_buf message;
    tp_buf tail;
    tp_buf changes;
    uint8_t h[TP_CHAIN_BYTES]; /* at the end of the last push */
    tp_response_reader response;
    bool is_clock_back;
    bool is_back;
    uint64_t generation; /* of the hub */
    uint64_t lost;       /* by the last answer */
} answering;

/* For cmocka: *state is a device of friary that has pushed nothing, at a hub in its fifth
 * generation; in the end nothing may be left. */
int answering_setup(void **state);
int answering_teardown(void **state);

/* Puts `request` with changes first..last (0: none) into the body; there are six. */
void answering_make_request(answering *a, uint64_t first, uint64_t last);
/* As if its cursor had come with an answer of that generation. */
void answering_set_cursor(answering *a, uint64_t generation, uint64_t cursor);

/* One request with changes first..last; *refusal_out is 0 where it was answered. */
tp_rc answering_ask(answering *a, uint64_t first, uint64_t last, tp_refusal *refusal_out);
/* It is answered: read into `response`. */
void answering_ask_well(answering *a, uint64_t first, uint64_t last);
/* With one change it is refused, and nothing is answered. */
void answering_assert_refused(answering *a, tp_refusal expected);

#endif
