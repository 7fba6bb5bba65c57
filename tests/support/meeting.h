/* A few whole nodes in directories of their own, and a hub of the simplest kind between them: it
 * gives every change the next number, its reading as the stamp, and everybody everything.  Each
 * call must succeed, or the test fails there, unless it says otherwise. */
#ifndef TP_TESTS_SUPPORT_MEETING_H
#define TP_TESTS_SUPPORT_MEETING_H

#include "node/record/json.h"
#include "node/record/node.h"

enum { MEETING_NODES_MAX = 4 };

/* 2026-01-12T20:00Z, a Monday: when every meeting begins. */
#define MEETING_NOW_MS INT64_C(1768248000000)

typedef struct meeting_node {
    tp_node node;
    tp_path dir;
    tp_clock_fixed clock;
    tp_rng_seeded rng;
    size_t pulled; /* entries of the feed */
} meeting_node;

typedef struct meeting {
    meeting_node at[MEETING_NODES_MAX];
    uint32_t count;
    uint64_t number;
    tp_arena arena;
    tp_buf feed; /* tp_entry */
    size_t blocks_before;
    tp_tx reading;
} meeting;

/* One node for each agency, all of them under agreement; ends with NULL.  They know of each
 * other. */
void meeting_open(meeting *m, const char *const *agencies);
/* The same before any of them met a hub: clocks never compared, no agency known, no agreement. */
void meeting_open_apart(meeting *m, const char *const *agencies);
/* Nothing may be left in the middle. */
void meeting_close(meeting *m);
/* All clocks go on. */
void meeting_wait(meeting *m, int64_t ms);

/* Pushes, then pulls. */
void meeting_sync(meeting *m, uint32_t at);
/* Everybody, twice: all know everything. */
void meeting_sync_all(meeting *m);
/* Gives changes back, as the hub would ask. */
void meeting_give_back(meeting *m, uint32_t at, const tp_name *names, size_t count);
/* The same since they were erased. */
void meeting_erase(meeting *m, uint32_t at, const tp_name *names, size_t count);

/* Carries out a line of import, with single quotes for double ones; answers the record's name. */
tp_name meeting_write(meeting *m, uint32_t at, const char *fmt, ...) TP_PRINTF(3, 4);
/* The same where it may fail. */
tp_rc meeting_try(meeting *m, uint32_t at, tp_import_result *result_out, tp_err *err,
                  const char *fmt, ...) TP_PRINTF(5, 6);

/* Short ways to say the commonest lines; Dee writes. */
tp_name meeting_person(meeting *m, uint32_t at, const char *preferred_name);
tp_name meeting_contact(meeting *m, uint32_t at, tp_name person, const char *note);
/* decision, and lists as in JSON: "'friary','women'". */
tp_name meeting_consent(meeting *m, uint32_t at, tp_name person, const char *decision,
                        const char *agencies, const char *kinds);
tp_name meeting_update(meeting *m, uint32_t at, tp_name record, const char *entity,
                       const char *set);

/* A transaction to read in: ended by the next call of any of these, or by meeting_close. */
tp_tx *meeting_read(meeting *m, uint32_t at);
void meeting_read_end(meeting *m);

/* A name as text; static, until the eighth next call. */
const char *meeting_name(tp_name name);

#endif
