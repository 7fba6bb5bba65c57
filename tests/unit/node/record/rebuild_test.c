/* Making the views again: who does it, who is told, and that it is done once.
 *
 * Shows no promise: who begins it; that it comes out the same is shown by others. */
#include "node/record/rebuild.h"

#include "node/record/work_note.h"
#include "tests/support/meeting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const char *const one[] = {"friary", NULL};

/* What somebody who is told would see, and what others read meanwhile. */
typedef struct told {
    const tp_node *node;
    uint32_t times;
    uint64_t done;
    uint64_t all;
    bool is_noted;
} told;

static void note_progress(void *context, uint64_t done, uint64_t all)
{
    told *t = context;
    tp_work_note note;
    t->is_noted = tp_work_note_read(t->node, TP_NODE_REBUILD_STATE, &note) &&
                  note.phase == TP_WORK_REBUILDING && note.done == done && note.all == all;
    t->times++;
    t->done = done;
    t->all = all;
}

static void make_stale(meeting *m)
{
    tp_tx tx = TP_TX_NONE;
    tp_err err;
    assert_int_equal(tp_tx_begin(m->at[0].node.store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_tx_exec(&tx, "UPDATE merge_state SET views = x'00'", &err), TP_OK);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
}

static bool is_stale(meeting *m)
{
    bool is = false;
    tp_err err;
    assert_int_equal(tp_node_is_stale(&m->at[0].node, &is, &err), TP_OK);
    return is;
}

static void test_record_rebuild__is_done_where_it_is_due_and_told(void **state)
{
    (void)state;
    meeting m;
    tp_err err;
    tp_work_note note;
    meeting_open(&m, one);
    meeting_contact(&m, 0, meeting_person(&m, 0, "Baz"), "tea");
    told t = {.node = &m.at[0].node};
    const tp_merge_progress progress = {&t, note_progress};

    assert_false(is_stale(&m));
    assert_int_equal(tp_node_rebuild(&m.at[0].node, false, &progress, &err), TP_OK);
    assert_int_equal(t.times, 0);

    make_stale(&m);
    assert_true(is_stale(&m));
    assert_int_equal(tp_node_rebuild(&m.at[0].node, false, &progress, &err), TP_OK);
    assert_true(t.times > 0 && t.is_noted);
    assert_true(t.done == 2 && t.all == 2);
    assert_false(is_stale(&m));
    /* It lives on, and is at nothing. */
    assert_true(tp_work_note_read(&m.at[0].node, TP_NODE_REBUILD_STATE, &note));
    assert_int_equal(note.phase, TP_WORK_WAITING);

    t.times = 0;
    assert_int_equal(tp_node_rebuild(&m.at[0].node, true, &progress, &err), TP_OK);
    assert_true(t.times > 0);
    meeting_close(&m);
}

static void test_record_rebuild__opening_does_it_but_not_as_is(void **state)
{
    (void)state;
    meeting m;
    tp_node node;
    tp_err err;
    bool is = false;
    meeting_open(&m, one);
    meeting_person(&m, 0, "Baz");
    make_stale(&m);
    meeting_node *at = &m.at[0];
    assert_int_equal(tp_node_open_as_is(at->node.dir.at, at->node.clock, at->node.rng, &node, &err),
                     TP_OK);
    assert_int_equal(tp_node_is_stale(&node, &is, &err), TP_OK);
    assert_true(is);
    tp_node_close(&node);
    assert_int_equal(tp_node_open(at->node.dir.at, at->node.clock, at->node.rng, &node, &err),
                     TP_OK);
    assert_int_equal(tp_node_is_stale(&node, &is, &err), TP_OK);
    assert_false(is);
    tp_node_close(&node);
    meeting_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_record_rebuild__is_done_where_it_is_due_and_told),
        cmocka_unit_test(test_record_rebuild__opening_does_it_but_not_as_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
