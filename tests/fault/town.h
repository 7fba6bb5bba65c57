/* A hub and two nodes in one process, each on a disk of its own: van, of street-outreach, and desk,
 * of friary, both under agreement.  What may meet a fault answers rc; everything else must succeed,
 * or the test fails there. */
#ifndef TP_TESTS_FAULT_TOWN_H
#define TP_TESTS_FAULT_TOWN_H

#include "node/record/node.h"
#include "schema/request_code.h"
#include "sync/hub/hub.h"
#include "tests/support/disk.h"

enum { TOWN_VAN, TOWN_DESK, TOWN_HUB, TOWN_PLACES, TOWN_NODES = 2 };

/* 2026-01-12T20:00Z, a Monday: when it begins. */
#define TOWN_NOW_MS INT64_C(1768248000000)

typedef struct town_place {
    tp_path dir;
    disk *disk;
    tp_clock_fixed clock;
    tp_rng_seeded rng; /* sown anew at each step, so that a step does the same again */
    tp_node node;      /* of the nodes */
    tp_hub hub;        /* of the hub */
    tp_key *key;       /* of the nodes: what they were enrolled with */
    uint64_t id;
} town_place;

typedef struct town {
    tp_path dir;
    town_place at[TOWN_PLACES];
    size_t blocks_before;
    /* Told after each commit of one place, in the order of what is done: what came before it has
     * been acknowledged.  NULL: nobody wants to know. */
    void (*committed)(void *ctx, int place);
    void *ctx;
    unsigned skip; /* town_write does not do so many again */
    unsigned written;
    char code[TP_REQUEST_CODE_MAX]; /* of the last help request that was written */
} town;

/* All enrolled, nobody open. */
void town_found(town *t);
/* Whoever is open is closed. */
void town_end(town *t);

/* The three disks as they are, to begin from more than once.  Nobody may be open. */
typedef struct town_saved {
    disk *disks[TOWN_PLACES];
} town_saved;
void town_save(const town *t, town_saved *saved);
void town_restore(town *t, const town_saved *saved);
void town_saved_free(town_saved *saved);

TP_MUST_USE tp_rc town_open(town *t, int place, tp_err *err);
void town_close(town *t, int place);
/* A step begins: what it draws is the same whenever it is done. */
void town_sow(town *t, uint64_t seed);

/* Tells `committed`. */
void town_tell(town *t, int place);

/* A line of import, with single quotes; `skip` counts them. */
TP_MUST_USE tp_rc town_write(town *t, int place, tp_name *name_out, tp_err *err, const char *fmt,
                             ...) TP_PRINTF(5, 6);
/* A node and the hub, both open, until neither has anything to say. */
TP_MUST_USE tp_rc town_sync(town *t, int place, tp_err *err);
/* Is what a place keeps whole, by its own tables and by `verify`?  Open. */
void town_verify(town *t, int place);

/* A name as text; static, until the eighth next call. */
const char *town_name(tp_name name);

/* What a place keeps, table by table, closed or open. */
enum { TOWN_TABLES_MAX = 64 };
typedef struct town_state {
    unsigned count;
    struct {
        char name[40];
        uint64_t digest;
        int64_t rows;
    } tables[TOWN_TABLES_MAX];
} town_state;
void town_state_read(const town *t, int place, town_state *out);
/* The first table that differs; NULL: none. */
const char *town_state_difference(const town_state *a, const town_state *b);

#endif
