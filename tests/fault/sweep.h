/* Fails the first, second, third call of a kind, alone and with all after it, in something that is
 * done at the town, and holds each time that
 *
 *   - it worked, and what is kept is what it makes undisturbed; or it says why not, and what is
 *     kept is what it had acknowledged before, and nothing else;
 *   - memory that was short is called so, and nothing of memory, statements, transactions is left;
 *   - the same call without a fault works then, what is kept is whole, and is what it should be. */
#ifndef TP_TESTS_FAULT_SWEEP_H
#define TP_TESTS_FAULT_SWEEP_H

#include "tests/fault/town.h"

typedef enum sweep_kind {
    SWEEP_ALLOC,         /* our own */
    SWEEP_SQLITE_ALLOC,  /* SQLite's */
    SWEEP_LIBRARY_ALLOC, /* other libraries' (library_memory.h) */
    SWEEP_JSON_ALLOC,    /* jansson's */
    SWEEP_READ,          /* of SQLite's files, at the place */
    SWEEP_WRITE,
    SWEEP_SYNC,
    SWEEP_OTHER, /* truncating, deleting, making, opening, locking, mapping */
    SWEEP_FILE_READ,
    SWEEP_FILE_WRITE,
    SWEEP_FILE_FSYNC,
    SWEEP_FILE_RENAME,
    SWEEP_KINDS
} sweep_kind;

typedef struct sweep_case {
    const char *name;
    int place; /* whose state is looked at, and whose disk fails */
    void (*prepare)(town *t);
    void (*reset)(town *t); /* before each attempt, without faults; NULL: nothing */
    /* As in cut.h. */
    tp_rc (*act)(town *t, tp_err *err);
    /* After it, without faults; NULL: nothing. */
    void (*check)(town *t, tp_rc rc);
    void (*end)(void); /* frees what was prepared; NULL: nothing */
    bool is_once; /* it carries a key: where the answer alone was lost, asking again gives it */
} sweep_case;

typedef struct sweep_counts {
    uint64_t calls[SWEEP_KINDS]; /* undisturbed */
    uint64_t faults;             /* tried */
    uint64_t worked;             /* all the same */
} sweep_counts;

/* In main, before anything else: SQLite takes its memory through here. */
void sweep_begin(void);
/* Of all kinds this one alone, by its name (sweep.c). */
void sweep_choose(const char *name);
/* points: of each kind, spread over its calls; 0: every one. */
void sweep_run(const sweep_case *c, unsigned points, sweep_counts *counts);

#endif
