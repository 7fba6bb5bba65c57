/* The editor, played by shell commands.
 *
 * Shows no promise: what others stand on, and knows nobody. */
#include "platform/base/alloc.h"
#include "platform/os/editor.h"
#include "tests/support/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <dirent.h>
#include <stdlib.h>
#include <cmocka.h>

static size_t notes_in(const char *path)
{
    size_t count = 0;
    DIR *d = opendir(path);
    assert_non_null(d);
    const struct dirent *entry = readdir(d);
    while (entry != NULL) {
        count += strncmp(entry->d_name, "note.", 5) == 0 ? 1 : 0;
        entry = readdir(d);
    }
    closedir(d);
    return count;
}

static void test_editor_run__takes_what_the_editor_left(void **state)
{
    (void)state;
    enum { CEILING = 40 };
    static const struct {
        const char *name;
        const char *visual; /* NULL: not set */
        const char *editor;
        tp_rc expected;
        const char *text; /* where OK */
    } rows[] = {
        {"leaves it", "true", NULL, TP_OK, "before"},
        {"VISUAL goes first", "true", "false", TP_OK, "before"},
        {"an empty VISUAL is none", "", "true", TP_OK, "before"},
        {"appends", NULL, "add() { printf ' more' >> \"$1\"; }; add", TP_OK, "before more"},
        {"replaces by rename", NULL, "re() { echo x > \"$1.new\"; mv \"$1.new\" \"$1\"; }; re",
         TP_OK, "x\n"},
        {"file is private", NULL,
         "see() { stat -c %a \"$1\" > \"$1.m\"; mv \"$1.m\" \"$1\"; }; see", TP_OK, "600\n"},
        {"its TMPDIR is the directory", NULL, "at() { test \"$TMPDIR\" = \"${1%/*}\"; }; at", TP_OK,
         "before"},
        {"fails", NULL, "false", TP_DENIED, NULL},
        {"dies", NULL, "kill -9 $$; true", TP_DENIED, NULL},
        {"is not there", NULL, "/no/such/editor", TP_NOTFOUND, NULL},
        {"takes the file away", NULL, "rm", TP_NOTFOUND, NULL},
        {"leaves too much", NULL, "big() { printf %0100d 1 > \"$1\"; }; big", TP_LIMIT, NULL},
    };
    tp_err err;
    tp_path dir = temp_dir_make();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_buf out;
        tp_buf_init(&out, CEILING);
        rows[i].visual == NULL ? unsetenv("VISUAL") : setenv("VISUAL", rows[i].visual, 1);
        rows[i].editor == NULL ? unsetenv("EDITOR") : setenv("EDITOR", rows[i].editor, 1);
        tp_rc rc = tp_editor_run(dir.at, tp_slice_str("before"), &out, &err);
        if (rc != rows[i].expected || notes_in(dir.at) != 0 ||
            (rc == TP_OK && !tp_slice_is(tp_buf_slice(&out), rows[i].text)) ||
            (rc != TP_OK && out.bytes != 0)) {
            fail_msg("%s: %s, %.*s", rows[i].name, tp_rc_name(rc),
                     TP_SLICE_FMT(tp_buf_slice(&out)));
        }
        tp_buf_done(&out);
    }
    assert_int_equal(tp_alloc_live(), 0);
    temp_dir_remove(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_editor_run__takes_what_the_editor_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
