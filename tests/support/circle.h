/* A real hub and a few real nodes' logs in one process, each in a directory of its own, which sync
 * as they do over a network.  The hub can be put back to an earlier state.  Each call must succeed,
 * or the test fails there. */
#ifndef TP_TESTS_SUPPORT_CIRCLE_H
#define TP_TESTS_SUPPORT_CIRCLE_H

#include "sync/hub/hub.h"
#include "sync/hub/store_verify.h"
#include "sync/log/back.h"
#include "sync/log/held.h"
#include "sync/session/ask.h"
#include "tests/support/node_log.h"

enum { CIRCLE_NODES_MAX = 4 };

typedef struct circle {
    tp_path dir;
    tp_hub hub;
    tp_clock_fixed clock; /* the hub's */
    tp_rng_seeded rng;
    uint32_t count;
    tp_node_log at[CIRCLE_NODES_MAX];
    tp_key *keys[CIRCLE_NODES_MAX];
    tp_buf copy;          /* of the hub's database */
    tp_buf card;          /* of a node's */
    uint64_t generation;  /* of the hub, when it answered last */
    tp_ask_counts counts; /* of the last sync */
    bool differs;
    size_t request_bytes; /* of the last sync, as they are sent */
    size_t response_bytes;
} circle;

/* One node for each agency, enrolled and with an agreement; ends with NULL. */
void circle_open(circle *c, const char *const *agencies);
/* The hub's store must be whole, and nothing be left. */
void circle_close(circle *c);
/* Enrols a node with the hub as it is; is_kiosk: as one. */
void circle_enrol(circle *c, uint32_t at, bool is_kiosk);
/* One more node of that agency, enrolled; answers which. */
uint32_t circle_add(circle *c, const char *agency);

/* Until it is done. */
void circle_sync(circle *c, uint32_t at);
/* One request and its answer; false: the hub refused, and the node has taken that. */
bool circle_exchange(circle *c, uint32_t at, tp_ask *ask);
tp_ask *circle_ask(circle *c, uint32_t at);
/* One request, whose answer nobody hears: of a sync that is over with it. */
void circle_unheard(circle *c, uint32_t at, tp_ask *ask);
void circle_lose_answer(circle *c, uint32_t at);

/* Until the hub has another history by its name.  How many of its own changes have another name
 * there, and in *other_out the id of the one that is asked for; left as it was where that
 * keeps its name. */
uint32_t circle_sync_until_it_forks(circle *c, uint32_t at, tp_name name, uint64_t *other_out);
/* Goes on under another id, and writes again what comes after `kept`. */
void circle_take_another_id(circle *c, uint32_t at, uint64_t id, uint64_t kept);

/* Keeps the hub's database as it is now; and puts it back, as a snapshot of its machine is: the hub
 * does not know. */
void circle_copy_hub(circle *c);
void circle_put_hub_back(circle *c);

/* The same of a node: an older card. */
void circle_keep_card(circle *c, uint32_t at);
void circle_put_card_back(circle *c, uint32_t at);

/* Carries out SQL at a node, as damage does. */
void circle_execute(circle *c, uint32_t at, const char *sql);
/* What verify finds at a node. */
uint64_t circle_findings(circle *c, uint32_t at);

/* ---- A hub that went back (circle_back.c) ---- */

/* The operator says it, and that nobody is waited for any more. */
void circle_say_it_went_back(circle *c);
void circle_end_back(circle *c);

/* What verify says of the hub, which must be whole: the caller's, tp_free(). */
tp_hub_verified *circle_verify_hub(circle *c);
/* Up to which seq it has what a node wrote. */
uint64_t circle_accepted(circle *c, uint32_t at);
/* What a node knows of it. */
tp_log_back circle_back_of(circle *c, uint32_t at);

/* Names, bytes and stamps of all that is there, in short. */
tp_held_sum circle_hub_has(circle *c);
tp_held_sum circle_node_has(circle *c, uint32_t at);
/* The node has all that the hub has, to the stamp. */
void circle_assert_as_the_hub(circle *c, uint32_t at);
/* After a sync: node and hub hold the same, the hub has all that is the node's, and that is
 * whole. */
void circle_assert_settled(circle *c, uint32_t at);

#endif
