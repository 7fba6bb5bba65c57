/* The calls by which a node and a hub reach the network, in one process: ours, mbedTLS's and
 * libcurl's stand behind these, which count each and fail it on demand.  Whose call it is goes by
 * the thread. */
#ifndef TP_TESTS_FAULT_NETWORK_CALLS_H
#define TP_TESTS_FAULT_NETWORK_CALLS_H

#include <stdbool.h>
#include <stdint.h>

typedef enum network_side { NETWORK_NOBODY, NETWORK_NODE, NETWORK_HUB, NETWORK_SIDES } network_side;

typedef enum network_call {
    NETWORK_CONNECT,
    NETWORK_ACCEPT,
    NETWORK_READ,  /* recv */
    NETWORK_WRITE, /* send */
    NETWORK_WAIT,  /* poll, epoll_wait */
    NETWORK_SOCKET,
    NETWORK_MEMORY, /* ours and the libraries' */
    NETWORK_CALLS
} network_call;

/* What happens in the place of the call: an errno, or one of these. */
enum {
    NETWORK_SHORT = -1, /* it is done for one byte */
    NETWORK_ENDS = -2   /* the other end has closed; reading only */
};

typedef struct network_fault {
    network_side side;
    network_call call;
    int harm;
    uint64_t nth; /* from now, 1: the next; 0: none */
    bool goes_on; /* and all after it */
} network_fault;

/* Who this thread is from now on. */
void network_i_am(network_side side);
/* One at a time: replaces the last, and counts anew. */
void network_set_fault(network_fault fault);
/* Counts a call for memory of this thread; must it fail? */
bool network_memory_is_short(void);
/* How many calls since. */
uint64_t network_calls(network_side side, network_call call);
/* How many of them failed. */
uint64_t network_harmed(void);

#endif
