/* The power is cut at every write point of what matters most, one after another.
 *
 * Shows P1, P2, P11, P14. */
#include "tests/fault/cut.h"
#include "tests/fault/scenes.h"

#include "node/record/fork.h"
#include "platform/crypto/sign.h"
#include "sync/log/push.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static bool is_whole;

/* The hub has no receipt while the words are on the desk's disk. */
static void check_receipt(town *t)
{
    tp_err err = {0};
    tp_hub_device d;
    tp_hub *hub = &t->at[TOWN_HUB].hub;
    scene_must(town_open(t, TOWN_HUB, &err), &err);
    scene_must(tp_hub_look(hub, &err), &err);
    scene_must(tp_hub_device_get(hub->store, t->at[TOWN_DESK].id, &d, &err), &err);
    uint64_t end = tp_hub_feed_end(hub->store, d.agency);
    tp_hub_rollback(hub);
    town_close(t, TOWN_HUB);
    if (d.receipt == end) {
        assert_false(disk_has_bytes(t->at[TOWN_DESK].disk, tp_slice_str("lighthouse")));
    }
}

/* ---- Views, a fork, older tables ---- */

static tp_rc fork_on(town *t, tp_node *node, tp_err *err)
{
    uint64_t device = 0;
    tp_key *key = NULL;
    tp_log_push push;
    tp_tx tx = TP_TX_NONE;
    if (tp_log_device(node->log) != t->at[TOWN_VAN].id) {
        return TP_OK; /* it has been done */
    }
    town_sow(t, 77);
    tp_rc rc = tp_node_fork_begin(node, NULL, &device, &key, err);
    tp_key_free(key);
    if (rc == TP_OK) {
        town_tell(t, TOWN_VAN);
        town_sow(t, 78); /* the key may have been there already */
        rc = tp_tx_begin(node->store, &tx, TP_TX_READ, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_push_get(node->log, &tx, &push, err);
    }
    tp_tx_rollback(&tx);
    if (rc == TP_OK) {
        rc = tp_node_fork_end(node, device, push.accepted_seq, err);
    }
    if (rc == TP_OK) {
        town_tell(t, TOWN_VAN);
    }
    return rc;
}

static tp_rc act_fork(town *t, tp_err *err)
{
    tp_rc rc = town_open(t, TOWN_VAN, err);
    if (rc == TP_OK) {
        rc = fork_on(t, &t->at[TOWN_VAN].node, err);
    }
    town_close(t, TOWN_VAN);
    return rc;
}

/* As a program of version 1 left them; the hub's of version 2.  A new step of the schema is taken
 * back here too. */
#define UNWATCH(table)                                                                             \
    "DROP TRIGGER " table "_added; DROP TRIGGER " table "_altered; DROP TRIGGER " table "_removed" \
    ";"

static void prepare_old_node(town *t)
{
    scene_unsent(t);
    scene_sql(t, TOWN_VAN,
              UNWATCH("log_state") UNWATCH("device") UNWATCH("stamp_run") UNWATCH("refused")
                  UNWATCH("era") UNWATCH("agency") UNWATCH("agreement") UNWATCH("setting")
                      UNWATCH("look")
                          UNWATCH("dismissed") "DROP TABLE erased;"
                                               "DROP TABLE hub_generation;"
                                               "DROP TABLE pushed;"
                                               "ALTER TABLE log DROP COLUMN said;"
                                               "ALTER TABLE log_state DROP COLUMN written;"
                                               "ALTER TABLE log DROP COLUMN digest;"
                                               "ALTER TABLE log DROP COLUMN generation;"
                                               "ALTER TABLE log_state DROP COLUMN settling;"
                                               "ALTER TABLE log_state DROP COLUMN hub_is_back;"
                                               "DROP TABLE fork;"
                                               "DROP TABLE chain_mark;"
                                               "ALTER TABLE log_state DROP COLUMN held;"
                                               "ALTER TABLE log_state DROP COLUMN differs;"
                                               "ALTER TABLE log_state DROP COLUMN counted;"
                                               "DROP TABLE answered;"
                                               "DROP TABLE waiting;"
                                               "DROP INDEX look_at;"
                                               "ALTER TABLE look DROP COLUMN at_ms;"
                                               "DROP TABLE draft;"
                                               "PRAGMA user_version = 1;");
}

static void prepare_old_hub(town *t)
{
    scene_unsent(t);
    scene_sql(t, TOWN_HUB,
              "ALTER TABLE quarantine DROP COLUMN earliest_ms;"
              "ALTER TABLE quarantine DROP COLUMN latest_ms;"
              "ALTER TABLE code DROP COLUMN used_by;"
              "DROP TABLE waiting;"
              "DROP TABLE missing;"
              "DROP TABLE ahead;"
              "ALTER TABLE device DROP COLUMN standing;"
              "ALTER TABLE device DROP COLUMN told;"
              "ALTER TABLE era DROP COLUMN start;"
              "DROP TABLE erased;"
              "DROP TABLE erased_record;"
              "DROP TABLE erasure;"
              "DROP INDEX device_came_from;"
              "ALTER TABLE device DROP COLUMN came_from;"
              "ALTER TABLE device DROP COLUMN came_from_seq;"
              "DROP TABLE apart;"
              "ALTER TABLE agency DROP COLUMN held;"
              "DROP TABLE push;"
              "ALTER TABLE device DROP COLUMN unsigned;"
              "PRAGMA user_version = 2;");
}

static const cut_case cases[] = {
    {"recording", TOWN_VAN, scene_history, scene_record, false, NULL},
    {"a sync, at the node", TOWN_VAN, scene_unsent, scene_sync_van, false, NULL},
    {"a sync, at the hub", TOWN_HUB, scene_unsent, scene_sync_van, false, NULL},
    {"a withdrawal, at the hub", TOWN_HUB, scene_withdrawal, scene_sync_van, false, NULL},
    {"giving back", TOWN_DESK, scene_give_back, scene_sync_desk, false, check_receipt},
    {"rebuild", TOWN_VAN, scene_damaged_views, scene_rebuild, false, NULL},
    {"a fork", TOWN_VAN, scene_unsent, act_fork, false, NULL},
    {"a node's tables", TOWN_VAN, prepare_old_node, scene_open_van, true, NULL},
    {"a hub's tables", TOWN_HUB, prepare_old_hub, scene_open_hub, true, NULL},
};

static void run(const char *name)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (strcmp(cases[i].name, name) == 0) {
            cut_counts counts;
            cut_run(&cases[i], is_whole, &counts);
            print_message("%s: %llu write points, %llu changes not sure, %llu cuts\n", name,
                          (unsigned long long)counts.points, (unsigned long long)counts.rests,
                          (unsigned long long)counts.cuts);
            return;
        }
    }
    fail();
}

static void test_power_cut__recording(void **state)
{
    (void)state;
    run("recording");
}

static void test_power_cut__a_sync_at_the_node(void **state)
{
    (void)state;
    run("a sync, at the node");
}

static void test_power_cut__a_sync_at_the_hub(void **state)
{
    (void)state;
    run("a sync, at the hub");
}

static void test_power_cut__a_withdrawal_at_the_hub(void **state)
{
    (void)state;
    run("a withdrawal, at the hub");
}

static void test_power_cut__giving_back(void **state)
{
    (void)state;
    run("giving back");
}

static void test_power_cut__rebuild(void **state)
{
    (void)state;
    run("rebuild");
}

static void test_power_cut__a_fork(void **state)
{
    (void)state;
    run("a fork");
}

static void test_power_cut__migration_of_a_node(void **state)
{
    (void)state;
    run("a node's tables");
}

static void test_power_cut__migration_of_a_hub(void **state)
{
    (void)state;
    run("a hub's tables");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_power_cut__recording),
        cmocka_unit_test(test_power_cut__a_sync_at_the_node),
        cmocka_unit_test(test_power_cut__a_sync_at_the_hub),
        cmocka_unit_test(test_power_cut__a_withdrawal_at_the_hub),
        cmocka_unit_test(test_power_cut__giving_back),
        cmocka_unit_test(test_power_cut__rebuild),
        cmocka_unit_test(test_power_cut__a_fork),
        cmocka_unit_test(test_power_cut__migration_of_a_node),
        cmocka_unit_test(test_power_cut__migration_of_a_hub),
    };
    is_whole = argc > 1 && strcmp(argv[1], "--whole") == 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
