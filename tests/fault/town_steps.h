/* Something that one place of the town does in steps: what it keeps before and after each of them
 * when nothing disturbs it, and how many it has acknowledged when something does. */
#ifndef TP_TESTS_FAULT_TOWN_STEPS_H
#define TP_TESTS_FAULT_TOWN_STEPS_H

#include "tests/fault/town.h"

enum { TOWN_STEPS_MAX = 40 };

typedef struct town_steps {
    town *town;
    int place;
    /* Opens whom it needs, works, closes them, also where it fails. */
    tp_rc (*act)(town *t, tp_err *err);
    town_state states[TOWN_STEPS_MAX]; /* before, and after each step undisturbed */
    unsigned states_count;
    bool is_recording;
    unsigned acknowledged; /* of the last act */
    town_state now;        /* when it was last compared */
} town_steps;

/* Its commits are counted from now on. */
void town_steps_init(town_steps *s, town *t, int place, tp_rc (*act)(town *t, tp_err *err));
/* Undisturbed; `reset` before it (NULL: nothing), `name` for failures. */
void town_steps_record(town_steps *s, const char *name, void (*reset)(town *t));
/* Does it, and does the first `skip` steps not again. */
TP_MUST_USE tp_rc town_steps_act(town_steps *s, unsigned skip, tp_err *err);
/* Reads what the place keeps now: the first table that differs from what it was after `step` steps
 * undisturbed, until the next comparison; NULL: none. */
const char *town_steps_difference(town_steps *s, unsigned step);

#endif
