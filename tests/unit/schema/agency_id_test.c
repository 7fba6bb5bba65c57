/* schema/agency_id: what a node is made for, a hub must be able to know.
 *
 * Shows no promise: how words and numbers are read. */
#include "schema/agency_id.h"

#include "platform/base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static const struct {
    const char *id;
    tp_rc rc;
} rows[] = {
    {"street-outreach", TP_OK}, {"NHS_Trust.2", TP_OK},     {"a", TP_OK},
    {"", TP_INVALID},           {"The Friary", TP_INVALID}, {"friary,shelter", TP_INVALID},
    {"friary/Tom", TP_INVALID}, {"*", TP_INVALID},          {"caf\xc3\xa9", TP_INVALID},
    {"friary\n", TP_INVALID},
};

static void test_agency_id_check__takes_what_a_hub_can_know(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_err err;
        assert_int_equal(tp_agency_id_check(tp_slice_str(rows[i].id), &err), rows[i].rc);
    }
}

static void test_agency_id_check__has_a_longest(void **state)
{
    (void)state;
    tp_err err;
    char id[TP_AGENCY_BYTES_MAX + 1];
    memset(id, 'a', sizeof id);
    assert_int_equal(tp_agency_id_check(tp_slice_of(id, TP_AGENCY_BYTES_MAX), &err), TP_OK);
    assert_int_equal(tp_agency_id_check(tp_slice_of(id, sizeof id), &err), TP_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_agency_id_check__takes_what_a_hub_can_know),
        cmocka_unit_test(test_agency_id_check__has_a_longest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
