/* Cuts the power at each write point of something a place of the town does, starts it again with
 * one legal rest of what was not synced after another, and holds each time that
 *
 *   - the program opens what is there, its tables are whole, and `verify` finds nothing;
 *   - what was acknowledged before the cut is there, and what was under way is there whole or not
 *     at all;
 *   - doing it again, from there, gives what it gives undisturbed. */
#ifndef TP_TESTS_FAULT_CUT_H
#define TP_TESTS_FAULT_CUT_H

#include "tests/fault/town.h"

typedef struct cut_case {
    const char *name;
    int place; /* whose power is cut */
    void (*prepare)(town *t);
    /* Opens whom it needs, works, closes them, also where it fails. */
    tp_rc (*act)(town *t, tp_err *err);
    bool ends_when_opened;  /* opening goes on with what was under way, to its end */
    void (*check)(town *t); /* of what is open after the cut, beyond the above; NULL: nothing */
} cut_case;

typedef struct cut_counts {
    uint64_t points;
    uint64_t cuts;  /* a point and a rest */
    uint64_t rests; /* changes that were not sure when the power failed, together */
} cut_counts;

/* What may be left after a cut at this point: what was synced alone, and one other rest of a kind
 * that goes by the point; is_whole: the rest's beginnings, and several by chance.  Answers how
 * many. */
enum { CUT_RESTS_MAX = 40 };
unsigned cut_rests(uint64_t pending, uint64_t point, bool is_whole, disk_survivors *out);

/* Every point, with each of these. */
void cut_run(const cut_case *c, bool is_whole, cut_counts *counts);

#endif
