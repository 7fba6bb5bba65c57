/* What a process notes of itself, and what is made of a note that is not one.
 *
 * Shows no promise: what a process says of its work. */
#include "node/record/work_note.h"

#include "tests/support/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>
#include <cmocka.h>

static tp_node node;

static int set_up(void **state)
{
    (void)state;
    node.dir = temp_dir_make();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temp_dir_remove(&node.dir);
    return 0;
}

static void test_record_work_note__reads_what_was_noted_last(void **state)
{
    (void)state;
    tp_work_notes notes;
    tp_work_note said = {TP_WORK_SENDING, 3, 10, ""};
    tp_work_note read;
    assert_false(tp_work_note_read(&node, TP_NODE_RUN_STATE, &read));
    tp_work_notes_open(&notes, &node, TP_NODE_RUN_STATE);
    tp_work_notes_put(&notes, &said);
    assert_true(tp_work_note_read(&node, TP_NODE_RUN_STATE, &read));
    assert_true(read.phase == TP_WORK_SENDING && read.done == 3 && read.all == 10);
    assert_string_equal(read.trouble, "");
    tp_work_note then = {TP_WORK_WAITING, 0, 0, "no network: 12 %d"};
    tp_work_notes_put(&notes, &then);
    assert_true(tp_work_note_read(&node, TP_NODE_RUN_STATE, &read));
    assert_int_equal(read.phase, TP_WORK_WAITING);
    assert_string_equal(read.trouble, "no network: 12 %d");
    memset(then.trouble, 'x', sizeof then.trouble - 1);
    tp_work_notes_put(&notes, &then);
    assert_true(tp_work_note_read(&node, TP_NODE_RUN_STATE, &read));
    assert_string_equal(read.trouble, then.trouble);
    tp_work_notes_close(&notes);
}

/* %ld stands for this process. */
static const struct row {
    const char *text;
    bool is_read;
} rows[] = {
    {"%ld 0 0 0\n\n", true},
    {"%ld 2 5 0\ntext\n   ", true},
    {"", false},
    {"\n", false},
    {"%ld 0 0\n\n", false},
    {"%ld 3 0 0\n\n", true},
    {"%ld 4 0 0\n\n", false},
    {"%ld 0 0 0", false},
    {"%ld 0 0 0\nno end", false},
    {"a b c d\n\n", false},
    {"0 0 0 0\n\n", false},
    {"999999999 0 0 0\n\n", false},
    {"%ld 0 0 0 trouble\n\n", false},
    {"%ld 1 -1 0\nnegative\n", true},
    {"99999999999999999999 0 0 0\n\n", false},
};

static void test_record_work_note__takes_no_other_note(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_work_note read;
        tp_err err;
        char text[256];
        tp_path path = temp_dir_path(&node.dir, TP_NODE_RUN_STATE);
        const char *tail = strncmp(rows[i].text, "%ld", 3) == 0 ? rows[i].text + 3 : NULL;
        if (tail != NULL) {
            snprintf(text, sizeof text, "%ld%s", (long)getpid(), tail);
        } else {
            snprintf(text, sizeof text, "%s", rows[i].text);
        }
        assert_int_equal(tp_file_write(path.at, tp_slice_str(text), &err), TP_OK);
        if (tp_work_note_read(&node, TP_NODE_RUN_STATE, &read) != rows[i].is_read) {
            fail_msg("row %zu: %s", i, rows[i].text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_record_work_note__reads_what_was_noted_last),
        cmocka_unit_test(test_record_work_note__takes_no_other_note),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
