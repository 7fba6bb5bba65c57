/* Rows that tests of merging share: each is a sentence of the design (section 4), is decided in
 * many orders of arrival, and must come out the same.
 *
 * What is expected of a field reads: the change shown ("-": none), then the heads in their order,
 * with
 * * its value is shown, ! its writer is told, ~ an offer, = the same value as an earlier head; then
 * what else is so. */
#ifndef TP_TESTS_SUPPORT_DECIDE_ROWS_H
#define TP_TESTS_SUPPORT_DECIDE_ROWS_H

#include "tests/support/record_rows.h"

enum { DECIDE_LINES = 9, DECIDE_ORDERS = 24 };

typedef struct decide_row {
    const char *name;
    const char *entity;
    const char *lines[DECIDE_LINES]; /* record_rows.h; "lost": the hub says so of the holder */
    const char *field;
    const char *expected;
} decide_row;

/* Decides the field of each; no memory may be left. */
void decide_rows_check(const decide_row *rows, size_t count);

/* The test of a table called rule##_rows. */
#define DECIDE_RULE_TEST(rule)                                                                     \
    static void test_decide_##rule##__each_row_in_any_order(void **state)                          \
    {                                                                                              \
        (void)state;                                                                               \
        decide_rows_check(rule##_rows, sizeof rule##_rows / sizeof rule##_rows[0]);                \
    }

#endif
