/* A node and a hub over real TLS, each with the programs' own way to the network, while a call of
 * one of them to the network fails, or its memory is short: it worked, or it says in plain words
 * that the hub does not answer, or that memory is out; nobody lost anything and nobody holds
 * anything twice; and the next go makes it whole, on the same link.
 *
 * Shows P1, P2, P3, P19, P21. */
#include "node/daemon/asking.h"
#include "node/daemon/enrol.h"
#include "platform/base/alloc.h"
#include "tests/fault/network_sweep.h"
#include "tests/fault/network_town.h"
#include "tests/fault/scenes.h"
#include "tests/support/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

enum { ATTEMPTS_A_LOOK = 8, LOOK_US = 2000, LOOK_MS = 10 };

static unsigned points = 1; /* of each call and harm; 0: every one */
static town *t;

static void look_at_all(void)
{
    static unsigned attempts;
    if (attempts++ % ATTEMPTS_A_LOOK == 0) {
        town_verify(t, TOWN_VAN);
        town_verify(t, TOWN_HUB);
    }
}

/* ---- A sync ---- */

static void write_contact(int place)
{
    tp_err err = {0};
    scene_must(town_write(t, place, NULL, &err,
                          "{'op':'create','entity':'contact','worker':'Dee','set':{'person':'%s',"
                          "'note':'By the canal.'}}",
                          town_name(scene_baz)),
               &err);
}

/* The van has something for the hub, the hub something for the van. */
static void prepare_sync(void)
{
    tp_err err = {0};
    write_contact(TOWN_DESK);
    scene_must(town_sync(t, TOWN_DESK, &err), &err);
    write_contact(TOWN_VAN);
}

/* What is not open yet is opened. */
static tp_rc sync_over(tp_link **link, tp_sync_result *result, tp_err *err)
{
    tp_rc rc = *link != NULL ? TP_OK : tp_link_open(&t->at[TOWN_VAN].node, link, err);
    return rc == TP_OK ? tp_link_sync(*link, result, err) : rc;
}

static void act_sync(const network_attempt *a, network_tally *counts)
{
    tp_err err = {0};
    tp_link *link = NULL;
    tp_sync_result result = {0};
    prepare_sync();
    const uint64_t accepted = network_town_accepted();
    network_arm(a);
    tp_rc rc = sync_over(&link, &result, &err);
    network_disarm(a, rc == TP_OK, counts);
    const uint64_t now = network_town_accepted();
    if (rc != TP_OK) {
        network_expect_clean(a, rc, &err);
        assert_in_range(now, accepted, accepted + 1);
        rc = sync_over(&link, &result, &err);
        if (rc != TP_OK) {
            network_fail_at(a, "it does not work afterwards", err.what);
        }
    } else if (now != accepted + 1) {
        network_fail_at(a, "it says that it worked", "and the hub has not got it");
    }
    if (!result.is_whole || network_town_accepted() != accepted + 1) {
        network_fail_at(a, "it is not whole", result.differs ? "they differ" : "not once");
    }
    tp_link_close(link);
    look_at_all();
}

static void test_network__a_sync(void **state)
{
    (void)state;
    network_sweep("a sync", act_sync, points);
}

/* ---- Enrolling ---- */

typedef struct newcomer {
    tp_path dir;
    disk *disk;
    tp_node node;
    char code[TP_ENROLMENT_CODE_TEXT];
} newcomer;

static void open_newcomer(newcomer *n)
{
    static unsigned count;
    static tp_rng_seeded rng; /* no two have one id */
    tp_err err = {0};
    char name[20];
    if (count == 0) {
        tp_rng_seeded_init(&rng, 4711);
    }
    snprintf(name, sizeof name, "newcomer-%u", count++);
    const tp_clock *clock = &t->at[TOWN_DESK].clock.clock;
    n->dir = temp_dir_path(&t->dir, name);
    n->disk = disk_open(n->dir.at);
    scene_must(tp_node_init(n->dir.at, tp_slice_str("friary"), clock, &rng.rng, &err), &err);
    scene_must(tp_node_open(n->dir.at, clock, &rng.rng, &n->node, &err), &err);
    network_town_code("friary", n->code);
}

static void close_newcomer(newcomer *n)
{
    tp_node_close(&n->node);
    disk_close(n->disk);
}

static void expect_member(const network_attempt *a, newcomer *n)
{
    tp_err err = {0};
    tp_link *link = NULL;
    tp_hub_device known;
    tp_sync_result result = {0};
    tp_hub *hub = &t->at[TOWN_HUB].hub;
    scene_must(tp_link_open(&n->node, &link, &err), &err);
    if (tp_link_sync(link, &result, &err) != TP_OK || !result.is_whole || result.is_forked) {
        network_fail_at(a, "what was enrolled cannot sync", err.what);
    }
    tp_link_close(link);
    scene_must(tp_hub_look(hub, &err), &err);
    scene_must(tp_hub_device_get(hub->store, tp_log_device(n->node.log), &known, &err), &err);
    tp_hub_rollback(hub);
}

/* Where only the answer was lost, the same code serves again. */
static void act_enrol(const network_attempt *a, network_tally *counts)
{
    tp_err err = {0};
    tp_enrolled enrolled = {0};
    bool is_enrolled = false;
    newcomer n;
    open_newcomer(&n);
    network_arm(a);
    tp_rc rc = tp_enrol(&n.node, n.code, network_town_url(), &enrolled, &err);
    network_disarm(a, rc == TP_OK, counts);
    scene_must(tp_link_is_enrolled(&n.node, &is_enrolled, &err), &err);
    if (is_enrolled != (rc == TP_OK)) {
        network_fail_at(a, tp_rc_name(rc),
                        is_enrolled ? "and it is enrolled" : "and it is not enrolled");
    }
    if (rc != TP_OK) {
        network_expect_clean(a, rc, &err);
        rc = tp_enrol(&n.node, n.code, network_town_url(), &enrolled, &err);
        if (rc != TP_OK) {
            network_fail_at(a, "it does not work afterwards", err.what);
        }
    }
    assert_string_equal(enrolled.agency, "friary");
    assert_false(enrolled.is_forked);
    expect_member(a, &n);
    close_newcomer(&n);
    look_at_all();
}

static void test_network__enrolling(void **state)
{
    (void)state;
    network_sweep("enrolling", act_enrol, points);
}

/* ---- Asking by a code ---- */

static char code[TP_REQUEST_CODE_MAX]; /* of a request that the hub has */

static tp_rc ask(tp_asking *asking, tp_asking_state *state, tp_inquiry_answer *answer, tp_err *err)
{
    int64_t now_ms = 1000;
    *state = TP_ASKING_UNDER_WAY;
    tp_rc rc = TP_OK;
    while (rc == TP_OK && *state == TP_ASKING_UNDER_WAY) {
        rc = tp_asking_look(asking, &t->at[TOWN_VAN].node, code, now_ms, state, answer, err);
        usleep(*state == TP_ASKING_UNDER_WAY ? LOOK_US : 0);
        now_ms += LOOK_MS;
    }
    return rc;
}

/* Somebody stands there and waits: that the network is away, or what became of it; never that
 * nobody knows of it. */
static void act_ask(const network_attempt *a, network_tally *counts)
{
    tp_err err = {0};
    tp_asking asking = {0};
    tp_inquiry_answer answer = {0};
    tp_asking_state state;
    network_arm(a);
    tp_rc rc = ask(&asking, &state, &answer, &err);
    network_disarm(a, rc == TP_OK && state == TP_ASKING_TOLD, counts);
    if (rc != TP_OK) {
        network_expect_clean(a, rc, &err);
    } else if (state == TP_ASKING_OFFLINE) {
        network_expect_clean(a, TP_OFFLINE, &(tp_err){.what = "the hub does not answer: offline"});
    }
    if (rc != TP_OK || state == TP_ASKING_OFFLINE) {
        rc = ask(&asking, &state, &answer, &err);
        if (rc != TP_OK) {
            network_fail_at(a, "it does not work afterwards", err.what);
        }
    }
    if (state != TP_ASKING_TOLD || answer.state != TP_INQUIRY_HELD) {
        network_fail_at(a, "it is told", tp_inquiry_state_name(answer.state));
    }
    tp_asking_clear(&asking);
}

static void test_network__asking_by_a_code(void **state)
{
    (void)state;
    tp_err err = {0};
    scene_must(town_write(t, TOWN_DESK, NULL, &err,
                          "{'op':'create','entity':'help_request','worker':'Dee','set':{'person':"
                          "'%s','words':'A bed for tonight.'}}",
                          town_name(scene_baz)),
               &err);
    memcpy(code, t->code, sizeof code);
    scene_must(town_sync(t, TOWN_DESK, &err), &err);
    network_sweep("asking by a code", act_ask, points);
}

static int setup(void **state)
{
    (void)state;
    network_town_found();
    t = network_town();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    network_town_end();
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_network__enrolling),
        cmocka_unit_test(test_network__a_sync),
        cmocka_unit_test(test_network__asking_by_a_code),
    };
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--points") == 0) {
            points = (unsigned)strtoul(argv[i + 1], NULL, 10);
        } else if (strcmp(argv[i], "--only") == 0) {
            cmocka_set_test_filter(argv[i + 1]);
        } else if (strcmp(argv[i], "--harm") == 0) {
            network_sweep_choose(argv[i + 1]);
        }
    }
    return cmocka_run_group_tests(tests, setup, teardown);
}
