/* Whose giving is overruled, and by what, case by case; in many orders of arrival.
 *
 * Shows P9. */
#include "sync/access/consent.h"

#include "platform/base/alloc.h"
#include "tests/support/consent_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { EVENTS_MAX = 4, ORDERS = 30 };
#define NOW_MS 1000

static const struct {
    const char *name;
    const char *events[EVENTS_MAX];
    const char *giving;
    const char *by;    /* NULL: it is not overruled */
    const char *group; /* NULL: p1 alone */
} rows[] = {
    {"a giving that a concurrent withdrawal overrules",
     {"k1 p1 given friary housing support", "k2 p1 withdrawn friary housing support"},
     .giving = "k1",
     .by = "k2"},
    {"a giving that a concurrent refusal overrules",
     {"k1 p1 given friary housing support", "k2 p1 refused friary housing support"},
     .giving = "k1",
     .by = "k2"},
    {"a giving that an unknown decision overrules",
     {"k1 p1 given friary housing support", "k2 p1 unknown friary housing support"},
     .giving = "k1",
     .by = "k2"},
    {"overruled for one of its kinds is overruled",
     {"k1 p1 given friary housing,money support", "k2 p1 withdrawn friary money support"},
     .giving = "k1",
     .by = "k2"},
    {"of several, the lowest name is told",
     {"k1 p1 given friary housing support", "k3 p1 withdrawn friary housing support",
      "k2 p1 withdrawn friary housing support"},
     .giving = "k1",
     .by = "k2"},
    {"a giving that was seen when it was withdrawn is not overruled",
     {"k1 p1 given friary housing support", "k2 p1 withdrawn friary housing support sees=k1"},
     .giving = "k1"},
    {"a giving in sight of the withdrawal is not overruled",
     {"k1 p1 withdrawn friary housing support", "k2 p1 given friary housing support sees=k1"},
     .giving = "k2"},
    {"a withdrawal of something else overrules nothing",
     {"k1 p1 given friary housing support", "k2 p1 withdrawn friary money support"},
     .giving = "k1"},
    {"a withdrawal from somebody else overrules nothing",
     {"k1 p1 given friary housing support", "k2 p1 withdrawn lead housing support"},
     .giving = "k1"},
    {"a withdrawal that somebody answered overrules no more",
     {"k1 p1 given friary housing support", "k2 p1 withdrawn friary housing support",
      "k3 p1 given friary housing support sees=k2"},
     .giving = "k1"},
    {"joined: a withdrawal on the other record overrules",
     {"k1 p1 given friary housing support", "k2 p2 withdrawn friary housing support"},
     .giving = "k1",
     .by = "k2",
     .group = "p1,p2"},
    {"a giving that ends first beside it overrules nothing",
     {"k1 p1 given friary housing support", "k2 p1 given friary housing support ends=500"},
     .giving = "k1"},
    {"a withdrawal is never overruled",
     {"k1 p1 withdrawn friary housing support", "k2 p1 refused friary housing support"},
     .giving = "k1"},
    {"winter week: k-004 by k-003",
     {"k2 p1 given * housing,offending support,mdt_discussion",
      "k3 p1 withdrawn * offending support,mdt_discussion sees=k2",
      "k4 p1 given * offending,housing support sees=k2"},
     .giving = "k4",
     .by = "k3"},
};

static void test_consent_overruled__each_row_in_any_order(void **state)
{
    (void)state;
    unsigned seed = 2;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        consent_rows *c = consent_rows_read(rows[i].events, rows[i].group, NOW_MS);
        for (int order = 0; order < ORDERS; order++) {
            consent_rows_shuffle(c, &seed);
            uint32_t by = 0;
            bool is_overruled = tp_consent_overruled(
                &c->book, consent_rows_name("p1"), consent_rows_find(c, rows[i].giving),
                consent_rows_agencies, CONSENT_ROWS_AGENCIES, &by);
            if (is_overruled != (rows[i].by != NULL)) {
                fail_msg("%s: %s", rows[i].name, is_overruled ? "is overruled" : "is not");
            }
            if (is_overruled && by != consent_rows_find(c, rows[i].by)) {
                fail_msg("%s: by another", rows[i].name);
            }
        }
        consent_rows_free(c);
    }
    assert_int_equal(tp_alloc_live(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_consent_overruled__each_row_in_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
