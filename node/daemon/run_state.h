/* How the background process is doing, for whoever wants to show it: a small file beside the store
 * that it writes over and over.  It is no fact: where it is missing, or its writer is gone, nothing
 * is known. */
#ifndef TP_NODE_DAEMON_RUN_STATE_H
#define TP_NODE_DAEMON_RUN_STATE_H

#include "node/record/node.h"

#include <stdio.h>

#define TP_NODE_RUN_STATE "run.state"

typedef enum tp_run_phase {
    TP_RUN_WAITING = 0, /* for work, for the network, or for the time to pass */
    TP_RUN_SENDING,
    TP_RUN_FETCHING
} tp_run_phase;

typedef struct tp_run_state {
    tp_run_phase phase;
    uint64_t done;     /* changes, of this sync */
    uint64_t all;      /* 0: not known */
    char trouble[200]; /* why the last attempt did not go well; "": it did */
} tp_run_state;

/* An embedded value: open, put, close. */
typedef struct tp_run_notes {
    FILE *file; /* NULL: it could not be made; then nothing is noted */
} tp_run_notes;

void tp_run_notes_open(tp_run_notes *notes, const tp_node *node);
void tp_run_notes_put(tp_run_notes *notes, const tp_run_state *state);
void tp_run_notes_close(tp_run_notes *notes);

/* False, and *state_out all zero, where no background process runs. */
bool tp_run_state_read(const tp_node *node, tp_run_state *state_out);

#endif
