/* The power is cut while a node or a hub is made: what is there then works, or making it works.
 * Also where a file cannot be written.  Shows P1. */
#include "platform/base/alloc.h"
#include "platform/base/fault.h"
#include "tests/fault/cut.h"
#include "tests/support/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

typedef struct making {
    tp_path dir; /* the test's */
    tp_path at;  /* the node's or the hub's */
    disk *disk;
    tp_clock_fixed clock;
    tp_rng_seeded rng;
    bool is_hub;
    tp_err err;
} making;

static bool is_whole;

static void begin(making *m, bool is_hub)
{
    memset(m, 0, sizeof *m);
    m->is_hub = is_hub;
    m->dir = temp_dir_make();
    m->at = temp_dir_path(&m->dir, "made");
    m->disk = disk_open(m->at.at);
    tp_clock_fixed_init(&m->clock, TOWN_NOW_MS, 60000, 1);
    tp_rng_seeded_init(&m->rng, 1);
}

static void end(making *m)
{
    disk_close(m->disk);
    temp_dir_remove(&m->dir);
    assert_int_equal(tp_alloc_live(), 0);
}

static tp_rc make(making *m)
{
    return m->is_hub ? tp_hub_make(m->at.at, &m->clock.clock, &m->rng.rng, &m->err)
                     : tp_node_init(m->at.at, tp_slice_str("friary"), &m->clock.clock, &m->rng.rng,
                                    &m->err);
}

/* A hub has a generation, a node a device and an agency. */
static tp_rc look(making *m)
{
    if (m->is_hub) {
        tp_hub hub;
        tp_rc rc = tp_hub_open(m->at.at, &m->clock.clock, &m->rng.rng, &hub, &m->err);
        if (rc == TP_OK) {
            assert_int_equal(tp_hub_look(&hub, &m->err), TP_OK);
            assert_true(tp_hub_store_state(hub.store)->generation != 0);
            tp_hub_rollback(&hub);
            tp_hub_close(&hub);
        }
        return rc;
    }
    tp_node node;
    tp_rc rc = tp_node_open(m->at.at, &m->clock.clock, &m->rng.rng, &node, &m->err);
    if (rc == TP_OK) {
        assert_string_equal(tp_log_agency(node.log), "friary");
        tp_node_close(&node);
    }
    return rc;
}

/* It is there and works, and is not made over; or it is not, and can be made. */
static void go_on(making *m, const char *where)
{
    tp_rc rc = look(m);
    if (rc != TP_OK && rc != TP_NOTFOUND) {
        fail_msg("%s: what is there cannot be opened: %s", where, m->err.what);
    }
    tp_rc again = make(m);
    if (again != (rc == TP_OK ? TP_EXISTS : TP_OK)) {
        fail_msg("%s: making it again: %s, %s", where, tp_rc_name(again),
                 again == TP_OK ? "" : m->err.what);
    }
    if (look(m) != TP_OK) {
        fail_msg("%s: made again, it cannot be opened: %s", where, m->err.what);
    }
}

static uint64_t count_points(bool is_hub)
{
    making m;
    begin(&m, is_hub);
    assert_int_equal(make(&m), TP_OK);
    uint64_t points = disk_points(m.disk);
    end(&m);
    return points;
}

/* With the rest of this index, or with one of them alone; false: there is no such rest. */
static bool cut_once(bool is_hub, uint64_t point, unsigned index)
{
    making m;
    char where[60];
    disk_survivors rests[CUT_RESTS_MAX];
    begin(&m, is_hub);
    disk_cut_at(m.disk, point);
    (void)!make(&m);
    assert_true(disk_is_cut(m.disk));
    unsigned count = cut_rests(disk_pending(m.disk), point, is_whole, rests);
    bool has_rest = is_whole ? index < count : index == 0;
    if (has_rest) {
        disk_restart(m.disk, rests[is_whole ? index : point % count]);
        snprintf(where, sizeof where, "cut at %llu, rest %u", (unsigned long long)point, index);
        go_on(&m, where);
    }
    end(&m);
    return has_rest;
}

static void cut_everywhere(bool is_hub)
{
    uint64_t points = count_points(is_hub);
    unsigned cuts = 0;
    for (uint64_t point = 1; point <= points; point++) {
        for (unsigned i = 0; cut_once(is_hub, point, i); i++) {
            cuts++;
        }
    }
    print_message("%llu write points, %u cuts\n", (unsigned long long)points, cuts);
}

static void fail_everywhere(bool is_hub, const char *point)
{
    bool was_hit = true;
    for (unsigned nth = 1; was_hit; nth++) {
        making m;
        char fault[40];
        begin(&m, is_hub);
        snprintf(fault, sizeof fault, "%s.nth:%u", point, nth);
        tp_fault_set(fault);
        tp_rc rc = make(&m);
        was_hit = tp_fault_passed(point) >= nth;
        tp_fault_set(NULL);
        assert_true(was_hit || rc == TP_OK);
        go_on(&m, fault);
        end(&m);
    }
}

static void test_making__a_node_that_was_cut_off_works_or_can_be_made(void **state)
{
    (void)state;
    cut_everywhere(false);
}

static void test_making__a_hub_that_was_cut_off_works_or_can_be_made(void **state)
{
    (void)state;
    cut_everywhere(true);
}

static void test_making__a_file_that_cannot_be_written_can_be_made_again(void **state)
{
    (void)state;
    static const char *const points[] = {"file.write",  "file.fsync",   "file.rename",
                                         "store.write", "store.commit", "alloc"};
    for (size_t i = 0; i < sizeof points / sizeof points[0]; i++) {
        fail_everywhere(false, points[i]);
        fail_everywhere(true, points[i]);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_making__a_node_that_was_cut_off_works_or_can_be_made),
        cmocka_unit_test(test_making__a_hub_that_was_cut_off_works_or_can_be_made),
        cmocka_unit_test(test_making__a_file_that_cannot_be_written_can_be_made_again),
    };
    is_whole = argc > 1 && strcmp(argv[1], "--whole") == 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
