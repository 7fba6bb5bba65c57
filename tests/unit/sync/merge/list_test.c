/* Which records are listed, and in which order.
 *
 * Shows no promise: in which order it is shown. */
#include "sync/merge/merge.h"

#include "tests/support/two_logs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static tp_err err;

static listing list_of(tp_node_log *node, tp_name person, uint32_t entity, uint32_t latest)
{
    listing l = {.count = 0};
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(node, &tx, TP_TX_READ);
    assert_int_equal(
        entity == TP_CONTACT
            ? tp_merge_list_latest(node->merge, &tx, person, latest, listing_add, &l, &err)
            : tp_merge_list_person_entity(node->merge, &tx, person, entity, listing_add, &l, &err),
        TP_OK);
    tp_tx_rollback(&tx);
    return l;
}

static tp_rc count_loaded(void *context, const tp_loaded *loaded, tp_err *count_err)
{
    (void)loaded;
    (void)count_err;
    ++*(uint32_t *)context;
    return TP_OK;
}

static uint32_t load_some(tp_node_log *node, tp_name person, const uint32_t *entities,
                          uint32_t entities_count)
{
    const tp_merge_filter filter = {entities, entities_count};
    uint32_t count = 0;
    tp_tx tx = TP_TX_NONE;
    tp_node_log_begin(node, &tx, TP_TX_READ);
    assert_int_equal(
        tp_merge_load_persons(node->merge, &tx, &person, 1, &filter, count_loaded, &count, &err),
        TP_OK);
    tp_tx_rollback(&tx);
    return count;
}

static void test_merge_list__the_latest_of_each_device_and_the_few_of_other_kinds(void **state)
{
    (void)state;
    static const uint32_t both[] = {TP_PERSON, TP_CONTACT};
    static const uint32_t neither[] = {TP_CONSENT};
    tp_name person = tp_node_log_person(&there, "Sean");
    tp_name other = tp_node_log_person(&there, "Ola");
    tp_name theirs[3];
    for (size_t i = 0; i < 3; i++) {
        theirs[i] = tp_node_log_contact(&there, person, "there");
        tp_node_log_contact(&there, other, "somebody else");
    }
    tp_entry entries[] = {tp_node_log_hub_take(&hub, &there, person),
                          tp_node_log_hub_take(&hub, &there, theirs[0]),
                          tp_node_log_hub_take(&hub, &there, theirs[1]),
                          tp_node_log_hub_take(&hub, &there, theirs[2])};
    tp_node_log_apply(&here, entries, 4);
    tp_name first = tp_node_log_contact(&here, person, "here");
    tp_name last = tp_node_log_contact(&here, person, "here");
    listing l = list_of(&here, person, TP_CONTACT, 2);
    assert_int_equal(l.count, 4); /* this device's, whose number is the highest, come first */
    assert_true(tp_name_eq(l.refs[0].record, last));
    assert_true(tp_name_eq(l.refs[1].record, first));
    assert_true(tp_name_eq(l.refs[2].record, theirs[2]));
    assert_true(tp_name_eq(l.refs[3].record, theirs[1]));
    l = list_of(&here, person, TP_PERSON, 0);
    assert_int_equal(l.count, 1);
    assert_true(tp_name_eq(l.refs[0].record, person));
    assert_int_equal(list_of(&here, person, TP_CONSENT, 0).count, 0);
    assert_int_equal(list_of(&here, other, TP_CONTACT, 2).count, 0);
    assert_int_equal(load_some(&here, person, both, 2), 6);
    assert_int_equal(load_some(&here, person, both, 1), 1);
    assert_int_equal(load_some(&here, person, neither, 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_TWO_LOGS(test_merge_list__the_latest_of_each_device_and_the_few_of_other_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
