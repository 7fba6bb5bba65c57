/* A circle whose hub is about to be put back to an earlier state: for the tests of what comes
 * then. */
#ifndef TP_TESTS_SUPPORT_SETTLING_H
#define TP_TESTS_SUPPORT_SETTLING_H

#include "tests/support/circle.h"

/* `van` writes most, `desk` of the same agency receives and writes a little, `far` is another
 * agency's, which hears nothing of it. */
enum { VAN, DESK, FAR };

typedef struct settling {
    circle circle;
    tp_name person;
    tp_held_sum had; /* what the hub had before it was put back */
} settling;

/* For cmocka: *state is a settling.  Everybody knows everything; then the copy of the hub is taken,
 * and van's card kept; then van pushes three times, desk once, and both hear all of it. */
int settling_setup(void **state);
int settling_teardown(void **state);

/* So many contacts about the person, by one of them. */
void settling_write(settling *s, uint32_t at, int count);
/* The hub has what it had. */
void settling_assert_nothing_is_lost(settling *s);

#endif
