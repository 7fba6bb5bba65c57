/* Who is one person: joins, undone or not (design section 4, Joining).
 *
 * Shows P10, P15. */
#include "platform/base/limits.h"
#include "sync/access/group.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { ORDERS = 20 };

static const struct {
    const char *name;
    const char *joins;  /* "1=2 2=3": the join with number 1, then 2 ... */
    const char *undone; /* numbers of joins */
    int person;
    const char *group;
} rows[] = {
    {"alone", "", "", 1, "1"},
    {"two", "1=2", "", 1, "1 2"},
    {"two, asked of the other", "1=2", "", 2, "1 2"},
    {"a chain", "1=2 3=2 4=3", "", 1, "1 2 3 4"},
    {"a ring", "1=2 2=3 3=1", "", 2, "1 2 3"},
    {"twice the same", "1=2 2=1 1=2", "", 1, "1 2"},
    {"others", "1=2 3=4", "", 4, "3 4"},
    {"undone", "1=2", "1", 1, "1"},
    {"one of two joins undone", "1=2 2=1", "1", 1, "1 2"},
    {"both joins undone", "1=2 2=1", "1 2", 1, "1"},
    {"a chain parted in the middle", "1=2 2=3 3=4", "2", 4, "3 4"},
    {"joined again by another join", "1=2 1=2", "1", 1, "1 2"},
    {"an unjoin of what is not known", "1=2", "7", 1, "1 2"},
    {"with itself", "1=1", "", 1, "1"},
};

static uint32_t read_numbers(const char *text, unsigned *numbers)
{
    uint32_t count = 0;
    int used = 0;
    while (sscanf(text, "%u%n", &numbers[count], &used) == 1) {
        count++;
        text += used;
        text += *text == ' ';
    }
    return count;
}

static uint32_t read_joins(const char *text, tp_join *joins)
{
    uint32_t count = 0;
    unsigned person = 0;
    unsigned same_as = 0;
    int used = 0;
    while (sscanf(text, "%u=%u%n", &person, &same_as, &used) == 2) {
        joins[count] = (tp_join){{5, count + 1}, {1, person}, {1, same_as}};
        count++;
        text += used;
        text += *text == ' ';
    }
    return count;
}

static void check(size_t at, const tp_join *joins, uint32_t joins_count, const tp_name *undone,
                  uint32_t undone_count)
{
    tp_name persons[TP_GROUP_PERSONS_MAX];
    unsigned expected[8];
    uint32_t count = 0;
    tp_err err = {0};
    tp_name person = {1, (uint64_t)rows[at].person};
    assert_int_equal(
        tp_group_of(person, joins, joins_count, undone, undone_count, persons, &count, &err),
        TP_OK);
    uint32_t expected_count = read_numbers(rows[at].group, expected);
    if (count != expected_count) {
        fail_msg("%s: %u persons", rows[at].name, (unsigned)count);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (persons[i].seq != expected[i]) {
            fail_msg("%s: person %u", rows[at].name, (unsigned)persons[i].seq);
        }
    }
}

static void test_group__each_row_in_any_order(void **state)
{
    (void)state;
    unsigned seed = 3;
    for (size_t r = 0; r < sizeof rows / sizeof rows[0]; r++) {
        tp_join joins[8];
        unsigned numbers[8];
        tp_name undone[8];
        uint32_t joins_count = read_joins(rows[r].joins, joins);
        uint32_t undone_count = read_numbers(rows[r].undone, numbers);
        for (uint32_t i = 0; i < undone_count; i++) {
            undone[i] = (tp_name){5, numbers[i]};
        }
        for (int order = 0; order < ORDERS; order++) {
            for (uint32_t i = joins_count; i > 1; i--) {
                seed = seed * 1103515245u + 12345u;
                uint32_t j = (seed >> 16) % i;
                tp_join join = joins[i - 1];
                joins[i - 1] = joins[j];
                joins[j] = join;
            }
            check(r, joins, joins_count, undone, undone_count);
        }
    }
}

static void test_group__as_large_as_the_limit_and_no_larger(void **state)
{
    (void)state;
    tp_join joins[TP_GROUP_PERSONS_MAX];
    tp_name persons[TP_GROUP_PERSONS_MAX];
    uint32_t count = 0;
    tp_err err = {0};
    tp_name person = {1, 1};
    for (uint32_t i = 0; i < TP_GROUP_PERSONS_MAX; i++) {
        joins[i] = (tp_join){{5, i + 1}, {1, i + 1}, {1, i + 2}};
    }
    assert_int_equal(
        tp_group_of(person, joins, TP_GROUP_PERSONS_MAX - 1, NULL, 0, persons, &count, &err),
        TP_OK);
    assert_int_equal(count, TP_GROUP_PERSONS_MAX);
    assert_int_equal(
        tp_group_of(person, joins, TP_GROUP_PERSONS_MAX, NULL, 0, persons, &count, &err), TP_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_group__each_row_in_any_order),
        cmocka_unit_test(test_group__as_large_as_the_limit_and_no_larger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
