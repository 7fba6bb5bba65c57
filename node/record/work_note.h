/* How far a process is with long work, for whoever wants to show it: a small file beside the store
 * that it writes over and over.  It is no fact: where it is missing, or its writer is gone, nothing
 * is known. */
#ifndef TP_NODE_RECORD_WORK_NOTE_H
#define TP_NODE_RECORD_WORK_NOTE_H

#include "node/record/node.h"

#include <stdio.h>

#define TP_NODE_RUN_STATE "run.state"         /* the background process's */
#define TP_NODE_REBUILD_STATE "rebuild.state" /* of whoever makes the views again */

typedef enum tp_work_phase {
    TP_WORK_WAITING = 0, /* for work, for the network, or for the time to pass */
    TP_WORK_SENDING,
    TP_WORK_FETCHING,
    TP_WORK_REBUILDING
} tp_work_phase;

typedef struct tp_work_note {
    tp_work_phase phase;
    uint64_t done;     /* changes, of this sync or rebuild */
    uint64_t all;      /* 0: not known */
    char trouble[200]; /* why the last attempt did not go well; "": it did */
} tp_work_note;

/* An embedded value: open, put, close. */
typedef struct tp_work_notes {
    FILE *file; /* NULL: it could not be made; then nothing is noted */
} tp_work_notes;

/* name: of the file, TP_NODE_..._STATE. */
void tp_work_notes_open(tp_work_notes *notes, const tp_node *node, const char *name);
void tp_work_notes_put(tp_work_notes *notes, const tp_work_note *note);
void tp_work_notes_close(tp_work_notes *notes);

/* False, and *note_out all zero, where the process that wrote it is gone. */
bool tp_work_note_read(const tp_node *node, const char *name, tp_work_note *note_out);

#endif
