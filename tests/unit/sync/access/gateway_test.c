/* Legal gateways, case by case (design section 5).
 *
 * Shows P10, P15. */
#include "sync/access/gateway.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define HOUSING TP_KIND_BIT(TP_KIND_HOUSING)
#define ABUSE TP_KIND_BIT(TP_KIND_DOMESTIC_ABUSE)
#define SAFEGUARDING TP_KIND_BIT(TP_KIND_SAFEGUARDING)

static const struct {
    const char *name;
    uint32_t listed;
    bool is_authorised;
    uint64_t about; /* the person it was written on */
    uint64_t asked; /* the person asked about; 1 and 2 are joined */
    const char *agency;
    uint32_t kinds;
    int64_t now_ms; /* it ends at 1000 */
    bool covers;
} rows[] = {
    {"in force", HOUSING, true, 1, 1, "friary", HOUSING, 999, true},
    {"ended", HOUSING, true, 1, 1, "friary", HOUSING, 1000, false},
    {"without an authoriser other than its writer", HOUSING, false, 1, 1, "friary", HOUSING, 0,
     false},
    {"another agency", HOUSING, true, 1, 1, "lead", HOUSING, 0, false},
    {"every kind is listed", HOUSING | SAFEGUARDING, true, 1, 1, "friary", HOUSING | SAFEGUARDING,
     0, true},
    {"a kind is not listed", HOUSING, true, 1, 1, "friary", HOUSING | SAFEGUARDING, 0, false},
    {"general is not listed", HOUSING, true, 1, 1, "friary", TP_KIND_BIT(TP_KIND_GENERAL), 0,
     false},
    {"an unknown kind", UINT32_MAX, true, 1, 1, "friary", TP_KIND_BIT(TP_KIND_UNKNOWN), 0, false},
    {"somebody else", HOUSING, true, 3, 1, "friary", HOUSING, 0, false},
    {"joined: counts for the group", HOUSING, true, 1, 2, "friary", HOUSING, 0, true},
    {"joined: domestic abuse is not widened", ABUSE, true, 1, 2, "friary", ABUSE, 0, false},
    {"joined: domestic abuse of its own record", ABUSE, true, 1, 1, "friary", ABUSE, 0, true},
};

static void test_gateway_covers__each_row(void **state)
{
    (void)state;
    tp_name group[] = {{9, 1}, {9, 2}};
    tp_slice agencies[] = {tp_slice_str("womens-aid"), tp_slice_str("friary")};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_gateway gateway = {
            {8, 1}, {9, rows[i].about}, rows[i].listed, rows[i].is_authorised, agencies, 2, 1000};
        tp_name asked = {9, rows[i].asked};
        if (tp_gateway_covers(&gateway, 1, group, 2, asked, tp_slice_str(rows[i].agency),
                              rows[i].kinds, rows[i].now_ms) != rows[i].covers) {
            fail_msg("%s", rows[i].name);
        }
    }
}

static void test_gateway_covers__two_with_half_of_the_kinds_each_are_no_whole(void **state)
{
    (void)state;
    tp_name person = {9, 1};
    tp_slice friary = tp_slice_str("friary");
    tp_gateway gateways[] = {{{8, 1}, person, HOUSING, true, &friary, 1, 1000},
                             {{8, 2}, person, SAFEGUARDING, true, &friary, 1, 1000},
                             {{8, 3}, person, HOUSING | SAFEGUARDING, true, &friary, 1, 500}};
    uint32_t both = HOUSING | SAFEGUARDING;
    assert_false(tp_gateway_covers(gateways, 2, &person, 1, person, friary, both, 0));
    assert_true(tp_gateway_covers(gateways, 3, &person, 1, person, friary, both, 499));
    assert_false(tp_gateway_covers(gateways, 3, &person, 1, person, friary, both, 500));
}

static void test_gateway_next_end__is_the_first_after_now(void **state)
{
    (void)state;
    tp_gateway gateways[] = {{.ends_ms = 900}, {.ends_ms = 300}, {.ends_ms = 600}};
    assert_int_equal(tp_gateway_next_end(gateways, 3, 0), 300);
    assert_int_equal(tp_gateway_next_end(gateways, 3, 300), 600);
    assert_int_equal(tp_gateway_next_end(gateways, 3, 900), 0);
    assert_int_equal(tp_gateway_next_end(gateways, 0, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gateway_covers__each_row),
        cmocka_unit_test(test_gateway_covers__two_with_half_of_the_kinds_each_are_no_whole),
        cmocka_unit_test(test_gateway_next_end__is_the_first_after_now),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
