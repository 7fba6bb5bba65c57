/* Fails the calls of a node and of a hub to the network, and for the memory they need meanwhile,
 * one after another, in something that is done between them. */
#ifndef TP_TESTS_FAULT_NETWORK_SWEEP_H
#define TP_TESTS_FAULT_NETWORK_SWEEP_H

#include "platform/base/err.h"
#include "tests/fault/network_calls.h"

typedef struct network_harm {
    network_side side;
    network_call call;
    int harm;
    const char *name;
    bool is_harmless; /* once: it must work all the same */
    bool goes_on;     /* it may also stay so */
    unsigned weight;  /* so many times the points */
} network_harm;

typedef struct network_attempt {
    const network_harm *row; /* NULL: undisturbed */
    uint64_t nth;
    bool goes_on;
} network_attempt;

typedef struct network_tally {
    uint64_t calls[NETWORK_SIDES][NETWORK_CALLS]; /* undisturbed */
    unsigned attempts;
    unsigned worked; /* all the same */
    unsigned missed; /* the call did not come */
} network_tally;

/* One attempt: prepares, arms, does it, tells what came of it, disarms and does it again. */
typedef void (*network_act)(const network_attempt *a, network_tally *counts);

/* points: of each call and harm, spread over its calls; 0: every one. */
void network_sweep(const char *name, network_act act, unsigned points);
/* Of all harms this one alone, by its name (network_sweep.c). */
void network_sweep_choose(const char *name);

/* Between the two this thread is the node. */
void network_arm(const network_attempt *a);
void network_disarm(const network_attempt *a, bool has_worked, network_tally *counts);
/* rc and err may be what came of that attempt, and are words that a person can act on. */
void network_expect_clean(const network_attempt *a, tp_rc rc, const tp_err *err);
void network_fail_at(const network_attempt *a, const char *what, const char *detail);

#endif
