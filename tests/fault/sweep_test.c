/* Calls fail, one after another, in the main paths: only "it worked" or "it failed, and nothing was
 * done" is accepted.
 *
 * Shows P1, P19, P21. */
#include "tests/fault/sweep.h"

#include "node/view/export.h"
#include "node/view/find.h"
#include "node/view/timeline.h"
#include "node/view/verify.h"
#include "tests/fault/hub_scenes.h"
#include "tests/fault/scenes.h"
#include "tests/fault/sweep_pages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static unsigned points = 6; /* of each kind */

/* ---- Looking ---- */

static uint64_t seen; /* of what was shown */
static uint64_t seen_undisturbed;

static void see(uint64_t number)
{
    seen = (seen ^ number) * UINT64_C(0x100000001B3);
}

static tp_rc see_record(void *context, const tp_shown *shown, tp_err *err)
{
    (void)context;
    (void)shown;
    (void)err;
    see(1);
    return TP_OK;
}

static tp_rc look_around(tp_node *node, tp_tx *tx, tp_err *err)
{
    tp_found_list found;
    tp_timeline timeline;
    tp_export_walk walk = {{0, 0}, 0, 0, false};
    tp_rc rc = tp_find(node->view, tx, tp_slice_str("Bazz"), 10, &found, err);
    if (rc != TP_OK) {
        return rc;
    }
    see(found.count);
    tp_found_list_done(&found);
    rc = tp_timeline_read(node->view, tx, scene_baz, tp_slice_str("Dee"), &timeline, err);
    if (rc != TP_OK) {
        return rc;
    }
    see(timeline.version);
    see(timeline.entries_count);
    tp_timeline_done(&timeline);
    return tp_export_go(node->view, tx, &walk, see_record, NULL, err);
}

static tp_rc act_look(town *t, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    tp_node *node = &t->at[TOWN_VAN].node;
    seen = 0;
    tp_rc rc = town_open(t, TOWN_VAN, err);
    if (rc == TP_OK) {
        rc = tp_tx_begin(node->store, &tx, TP_TX_READ, err);
    }
    if (rc == TP_OK) {
        rc = look_around(node, &tx, err);
    }
    tp_tx_rollback(&tx);
    town_close(t, TOWN_VAN);
    return rc;
}

static void check_look(town *t, tp_rc rc)
{
    (void)t;
    if (seen_undisturbed == 0) {
        seen_undisturbed = seen;
    }
    assert_true(rc != TP_OK || seen == seen_undisturbed);
}

/* ---- Verifying ---- */

static tp_rc act_verify_van(town *t, tp_err *err)
{
    static tp_log_verified verified;
    tp_rc rc = town_open(t, TOWN_VAN, err);
    if (rc == TP_OK) {
        rc = tp_verify(t->at[TOWN_VAN].node.view, &verified, err);
    }
    if (rc == TP_OK && verified.findings.count > 0) {
        fail_msg("it finds what is not there: %s", verified.findings.text[0]);
    }
    town_close(t, TOWN_VAN);
    return rc;
}

static tp_rc act_verify_hub(town *t, tp_err *err)
{
    static tp_hub_verified verified;
    tp_rc rc = town_open(t, TOWN_HUB, err);
    if (rc == TP_OK) {
        rc = tp_hub_store_verify(t->at[TOWN_HUB].hub.store, NULL, NULL, &verified, err);
    }
    if (rc == TP_OK && verified.findings.count > 0) {
        fail_msg("it finds what is not there: %s", verified.findings.text[0]);
    }
    town_close(t, TOWN_HUB);
    return rc;
}

static const sweep_case cases[] = {
    {"recording", TOWN_VAN, scene_history, NULL, scene_record, NULL, NULL, false},
    {"a form", TOWN_VAN, sweep_pages_prepare, NULL, sweep_pages_form, NULL, NULL, true},
    {"a draft", TOWN_VAN, sweep_pages_prepare, NULL, sweep_pages_draft, NULL, NULL, false},
    {"finishing a draft", TOWN_VAN, sweep_pages_begun, NULL, sweep_pages_finish, NULL, NULL, true},
    {"asking for help at a kiosk", TOWN_VAN, sweep_pages_kiosk, NULL, sweep_pages_ask_for_help,
     NULL, NULL, true},
    {"a kiosk's sync", TOWN_VAN, sweep_pages_asked, NULL, scene_sync_van, sweep_pages_check_gone,
     NULL, false},
    {"asking after a code, at the hub", TOWN_HUB, sweep_pages_told, NULL, sweep_pages_inquire, NULL,
     sweep_pages_end_inquiring, false},
    {"looking", TOWN_VAN, scene_unsent, NULL, act_look, check_look, NULL, false},
    {"a sync, at the node", TOWN_VAN, scene_unsent, NULL, scene_sync_van, NULL, NULL, false},
    {"a withdrawal, at the hub", TOWN_HUB, scene_withdrawal, NULL, scene_sync_van, NULL, NULL,
     false},
    {"giving back", TOWN_DESK, scene_give_back, NULL, scene_sync_desk, NULL, NULL, false},
    {"rebuild", TOWN_VAN, scene_damaged_views, NULL, scene_rebuild, NULL, NULL, false},
    {"verify, at the node", TOWN_VAN, scene_unsent, NULL, act_verify_van, NULL, NULL, false},
    {"verify, at the hub", TOWN_HUB, scene_unsent, NULL, act_verify_hub, NULL, NULL, false},
    {"backup", TOWN_HUB, hub_scene_away, hub_scene_reset_away, hub_scene_backup,
     hub_scene_check_backup, NULL, false},
    {"restore", TOWN_HUB, hub_scene_before_restore, hub_scene_reset_restore, hub_scene_restore,
     hub_scene_check_restore, NULL, false},
    {"enrolling", TOWN_HUB, hub_scene_before_enrolling, NULL, hub_scene_enrol, NULL,
     hub_scene_end_enrolling, false},
    {"a code", TOWN_HUB, scene_unsent, NULL, hub_scene_code, NULL, NULL, false},
};

static void test_sweep(void **state)
{
    const sweep_case *c = *state;
    sweep_counts counts;
    uint64_t calls = 0;
    sweep_run(c, points, &counts);
    for (unsigned i = 0; i < SWEEP_KINDS; i++) {
        calls += counts.calls[i];
    }
    print_message("%s: %llu calls that may fail, %llu faults, after which %llu worked\n", c->name,
                  (unsigned long long)calls, (unsigned long long)counts.faults,
                  (unsigned long long)counts.worked);
}

int main(int argc, char **argv)
{
    enum { CASES = sizeof cases / sizeof cases[0] };
    struct CMUnitTest tests[CASES];
    for (size_t i = 0; i < CASES; i++) {
        tests[i] = (struct CMUnitTest){cases[i].name, test_sweep, NULL, NULL, (void *)&cases[i]};
    }
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--points") == 0) {
            points = (unsigned)strtoul(argv[i + 1], NULL, 10);
        } else if (strcmp(argv[i], "--only") == 0) {
            cmocka_set_test_filter(argv[i + 1]);
        } else if (strcmp(argv[i], "--kind") == 0) {
            sweep_choose(argv[i + 1]);
        }
    }
    sweep_begin();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
