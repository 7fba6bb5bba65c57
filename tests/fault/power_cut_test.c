/* The power is cut at every write point of what matters most, one after another.
 *
 * Shows P1, P2, P11, P14. */
#include "tests/fault/cut.h"

#include "node/record/fork.h"
#include "node/record/rebuild.h"
#include "platform/crypto/sign.h"
#include "sync/log/push.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sqlite3.h>
#include <cmocka.h>

static bool is_whole;

static void must(tp_rc rc, const tp_err *err)
{
    if (rc != TP_OK) {
        fail_msg("%s: %s", tp_rc_name(rc), err->what);
    }
}

/* ---- History ---- */

static tp_name baz; /* a person the van knows, and the desk */
static tp_name kim; /* and one whom the desk is about to lose */

static void write(town *t, int place, tp_name *name_out, const char *entity, const char *set)
{
    tp_err err = {0};
    must(town_write(t, place, name_out, &err,
                    "{'op':'create','entity':'%s','worker':'Dee','set':{%s}}", entity, set),
         &err);
}

static const char *said(const char *fmt, tp_name name)
{
    static char text[400];
    snprintf(text, sizeof text, fmt, town_name(name));
    return text;
}

#define CONSENT(decision)                                                                          \
    "'person':'%s','decision':'" decision "','agencies':['street-outreach','friary'],"             \
    "'kinds':['housing','physical_health'],'purposes':['support'],'how':'spoken',"                 \
    "'capacity':'believed_to_have'"

/* Lines of the desk's word that must be gone from its disk. */
#define GONE "quite unmistakable words about a lighthouse"

static void sync_both(town *t)
{
    tp_err err = {0};
    for (int i = 0; i < 2 * TOWN_NODES; i++) {
        int place = i % TOWN_NODES;
        must(town_open(t, TOWN_HUB, &err), &err);
        must(town_open(t, place, &err), &err);
        must(town_sync(t, place, &err), &err);
        town_close(t, place);
        town_close(t, TOWN_HUB);
    }
}

static void prepare_history(town *t)
{
    tp_err err = {0};
    must(town_open(t, TOWN_VAN, &err), &err);
    write(t, TOWN_VAN, &baz, "person", "'preferred_name':'Baz','description':'grey beard'");
    write(t, TOWN_VAN, &kim, "person", "'preferred_name':'Kim'");
    write(t, TOWN_VAN, NULL, "consent", said(CONSENT("given"), baz));
    write(t, TOWN_VAN, NULL, "consent", said(CONSENT("given"), kim));
    write(t, TOWN_VAN, NULL, "contact", said("'person':'%s','note':'" GONE "'", kim));
    for (int i = 0; i < 12; i++) {
        write(t, TOWN_VAN, NULL, "contact", said("'person':'%s','note':'Took soup.'", baz));
    }
    write(t, TOWN_VAN, NULL, "help_request", said("'person':'%s','words':'Somewhere dry.'", baz));
    town_close(t, TOWN_VAN);
    must(town_open(t, TOWN_DESK, &err), &err);
    write(t, TOWN_DESK, NULL, "person", "'preferred_name':'Ash'");
    town_close(t, TOWN_DESK);
    sync_both(t);
}

/* ---- Recording ---- */

static tp_rc act_record(town *t, tp_err *err)
{
    tp_rc rc = town_open(t, TOWN_VAN, err);
    if (rc == TP_OK) {
        rc = town_write(t, TOWN_VAN, NULL, err,
                        "{'op':'create','entity':'contact','worker':'Dee','set':{'person':'%s',"
                        "'note':'Cold but in good spirits'}}",
                        town_name(baz));
    }
    if (rc == TP_OK) {
        rc = town_write(t, TOWN_VAN, NULL, err,
                        "{'op':'update','entity':'person','worker':'Dee','record':'%s',"
                        "'set':{'description':'grey beard, small brown dog'}}",
                        town_name(baz));
    }
    if (rc == TP_OK) {
        rc = town_write(
            t, TOWN_VAN, NULL, err,
            "{'op':'create','entity':'consent','worker':'Dee','set':{" CONSENT("withdrawn") "}}",
            town_name(kim));
    }
    town_close(t, TOWN_VAN);
    return rc;
}

/* ---- Syncing ---- */

static void prepare_unsent(town *t)
{
    tp_err err = {0};
    prepare_history(t);
    must(town_open(t, TOWN_DESK, &err), &err);
    write(t, TOWN_DESK, NULL, "contact", said("'person':'%s','note':'At the desk.'", baz));
    town_close(t, TOWN_DESK);
    must(town_open(t, TOWN_HUB, &err), &err);
    must(town_open(t, TOWN_DESK, &err), &err);
    must(town_sync(t, TOWN_DESK, &err), &err);
    town_close(t, TOWN_DESK);
    town_close(t, TOWN_HUB);
    must(town_open(t, TOWN_VAN, &err), &err);
    for (int i = 0; i < 3; i++) {
        write(t, TOWN_VAN, NULL, "contact", said("'person':'%s','note':'Unsent.'", baz));
    }
    town_close(t, TOWN_VAN);
}

/* Twice: the second acknowledges what the first has brought, and after it a third has nothing to
 * say. */
static tp_rc act_sync(town *t, int place, tp_err *err)
{
    tp_rc rc = town_open(t, TOWN_HUB, err);
    if (rc == TP_OK) {
        rc = town_open(t, place, err);
    }
    for (int i = 0; rc == TP_OK && i < 2; i++) {
        rc = town_sync(t, place, err);
    }
    town_close(t, place);
    town_close(t, TOWN_HUB);
    return rc;
}

static tp_rc act_sync_van(town *t, tp_err *err)
{
    return act_sync(t, TOWN_VAN, err);
}

static tp_rc act_sync_desk(town *t, tp_err *err)
{
    return act_sync(t, TOWN_DESK, err);
}

/* The van withdraws what Kim had given, and has not sent it. */
static void prepare_withdrawal(town *t)
{
    tp_err err = {0};
    prepare_history(t);
    must(town_open(t, TOWN_VAN, &err), &err);
    write(t, TOWN_VAN, NULL, "consent", said(CONSENT("withdrawn"), kim));
    town_close(t, TOWN_VAN);
}

static void prepare_give_back(town *t)
{
    tp_err err = {0};
    prepare_withdrawal(t);
    assert_true(disk_has_bytes(t->at[TOWN_DESK].disk, tp_slice_str("lighthouse")));
    must(act_sync(t, TOWN_VAN, &err), &err);
}

/* The hub has no receipt while the words are on the desk's disk. */
static void check_receipt(town *t)
{
    tp_err err = {0};
    tp_hub_device d;
    tp_hub *hub = &t->at[TOWN_HUB].hub;
    must(town_open(t, TOWN_HUB, &err), &err);
    must(tp_hub_look(hub, &err), &err);
    must(tp_hub_device_get(hub->store, t->at[TOWN_DESK].id, &d, &err), &err);
    uint64_t end = tp_hub_feed_end(hub->store, d.agency);
    tp_hub_rollback(hub);
    town_close(t, TOWN_HUB);
    if (d.receipt == end) {
        assert_false(disk_has_bytes(t->at[TOWN_DESK].disk, tp_slice_str("lighthouse")));
    }
}

/* ---- Views, a fork, older tables ---- */

/* Past the program, at whoever is closed. */
static void run_sql(town *t, int place, const char *sql)
{
    sqlite3 *db = NULL;
    char path[TP_PATH_BYTES_MAX + 16];
    char *trouble = NULL;
    snprintf(path, sizeof path, "%s/%s", t->at[place].dir.at,
             place == TOWN_HUB ? "hub.db" : "node.db");
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &trouble) != SQLITE_OK) {
        fail_msg("%s: %s", trouble, sql);
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Views that are not what the log says. */
static void prepare_views(town *t)
{
    prepare_unsent(t);
    run_sql(t, TOWN_VAN, "DELETE FROM waiting; DELETE FROM record;");
}

static tp_rc act_rebuild(town *t, tp_err *err)
{
    tp_rc rc = town_open(t, TOWN_VAN, err);
    if (rc == TP_OK) {
        rc = tp_node_rebuild(&t->at[TOWN_VAN].node, true, NULL, err);
    }
    if (rc == TP_OK) {
        t->committed(t->ctx, TOWN_VAN);
    }
    town_close(t, TOWN_VAN);
    return rc;
}

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
    tp_rc rc = tp_node_fork_begin(node, &device, &key, err);
    tp_key_free(key);
    if (rc == TP_OK) {
        t->committed(t->ctx, TOWN_VAN);
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
        t->committed(t->ctx, TOWN_VAN);
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
static void prepare_old_node(town *t)
{
    prepare_unsent(t);
    run_sql(t, TOWN_VAN,
            "DROP TABLE hub_generation;"
            "DROP TABLE pushed;"
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
    prepare_unsent(t);
    run_sql(t, TOWN_HUB,
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

static tp_rc act_open_van(town *t, tp_err *err)
{
    tp_rc rc = town_open(t, TOWN_VAN, err);
    town_close(t, TOWN_VAN);
    return rc;
}

static tp_rc act_open_hub(town *t, tp_err *err)
{
    tp_rc rc = town_open(t, TOWN_HUB, err);
    town_close(t, TOWN_HUB);
    return rc;
}

static const cut_case cases[] = {
    {"recording", TOWN_VAN, prepare_history, act_record, false, NULL},
    {"a sync, at the node", TOWN_VAN, prepare_unsent, act_sync_van, false, NULL},
    {"a sync, at the hub", TOWN_HUB, prepare_unsent, act_sync_van, false, NULL},
    {"a withdrawal, at the hub", TOWN_HUB, prepare_withdrawal, act_sync_van, false, NULL},
    {"giving back", TOWN_DESK, prepare_give_back, act_sync_desk, false, check_receipt},
    {"rebuild", TOWN_VAN, prepare_views, act_rebuild, false, NULL},
    {"a fork", TOWN_VAN, prepare_unsent, act_fork, false, NULL},
    {"a node's tables", TOWN_VAN, prepare_old_node, act_open_van, true, NULL},
    {"a hub's tables", TOWN_HUB, prepare_old_hub, act_open_hub, true, NULL},
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
