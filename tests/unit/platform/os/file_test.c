/* Private directories and whole files.
 *
 * Shows no promise: what others stand on, and knows nobody. */
#include "platform/base/alloc.h"
#include "platform/base/fault.h"
#include "platform/os/file.h"
#include "tests/support/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static tp_path dir;
static tp_err err;

static size_t entries_in(const char *path)
{
    size_t count = 0;
    DIR *d = opendir(path);
    assert_non_null(d);
    while (readdir(d) != NULL) {
        count++;
    }
    closedir(d);
    return count - 2; /* "." and ".." */
}

static void assert_content(const char *path, const char *expected)
{
    tp_buf content;
    tp_buf_init(&content, 1000);
    assert_int_equal(tp_file_read(path, &content, &err), TP_OK);
    assert_true(tp_slice_is(tp_buf_slice(&content), expected));
    tp_buf_done(&content);
}

static void test_dir_make_private__makes_parents_and_itself_for_the_owner_alone(void **state)
{
    (void)state;
    static const char *const names[] = {"one", "two/three/four", "five//six/"};
    mode_t before = umask(0);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        tp_path path = temp_dir_path(&dir, names[i]);
        assert_int_equal(tp_dir_make_private(path.at, &err), TP_OK);
        assert_int_equal(tp_dir_make_private(path.at, &err), TP_OK);
        assert_int_equal(temp_dir_mode_of(path.at), 0700);
    }
    assert_int_equal(temp_dir_mode_of(temp_dir_path(&dir, "two/three").at), 0700);
    umask(before);
}

static void test_dir_make_private__refuses_what_others_may_enter(void **state)
{
    (void)state;
    static const struct {
        mode_t mode;
        tp_rc expected;
    } rows[] = {
        {0700, TP_OK},     {0500, TP_OK},     {0750, TP_DENIED}, {0701, TP_DENIED},
        {0704, TP_DENIED}, {0770, TP_DENIED}, {0777, TP_DENIED}, {01777, TP_DENIED},
    };
    tp_path path = temp_dir_path(&dir, "d");
    assert_int_equal(mkdir(path.at, 0700), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(chmod(path.at, rows[i].mode), 0);
        tp_rc rc = tp_dir_make_private(path.at, &err);
        if (rc != rows[i].expected || tp_dir_check_private(path.at, &err) != rc) {
            fail_msg("%o: %s", rows[i].mode, tp_rc_name(rc));
        }
        assert_int_equal(temp_dir_mode_of(path.at),
                         rows[i].mode); /* never mended behind somebody's back */
    }
    assert_non_null(strstr(err.what, "chmod 700"));
}

static void test_dir_make_private__refuses_what_is_no_directory_of_ours(void **state)
{
    (void)state;
    tp_path path = temp_dir_path(&dir, "file");
    assert_int_equal(tp_file_write(path.at, tp_slice_str("x"), &err), TP_OK);
    assert_int_equal(tp_dir_make_private(path.at, &err), TP_INVALID);
    assert_int_equal(tp_dir_make_private(temp_dir_path(&dir, "file/below").at, &err), TP_INVALID);
    assert_int_equal(tp_dir_check_private(temp_dir_path(&dir, "none").at, &err), TP_NOTFOUND);
    assert_int_equal(tp_dir_make_private("", &err), TP_INVALID);
    if (geteuid() == 0) { /* only root can give a directory away */
        path = temp_dir_path(&dir, "theirs");
        assert_int_equal(mkdir(path.at, 0700), 0);
        assert_int_equal(chown(path.at, 65534, 65534), 0);
        assert_int_equal(tp_dir_make_private(path.at, &err), TP_DENIED);
        assert_non_null(strstr(err.what, "another user"));
    }
}

static void test_path_join__is_bounded(void **state)
{
    (void)state;
    char long_name[TP_PATH_BYTES_MAX];
    tp_path path;
    memset(long_name, 'n', sizeof long_name);
    long_name[sizeof long_name - 1] = '\0';
    assert_int_equal(tp_path_join("/d", long_name, &path, &err), TP_LIMIT);
    long_name[sizeof long_name - 4] = '\0';
    assert_int_equal(tp_path_join("/d", long_name, &path, &err), TP_OK);
    assert_int_equal(strlen(path.at), TP_PATH_BYTES_MAX - 1);
    assert_int_equal(tp_path_join("/", "n", &path, &err), TP_OK);
    assert_string_equal(path.at, "/n");
}

static void test_file_write__puts_a_private_file_in_place_of_the_old(void **state)
{
    (void)state;
    tp_path path = temp_dir_path(&dir, "f");
    mode_t before = umask(0);
    assert_int_equal(tp_file_write(path.at, tp_slice_str("first, longer"), &err), TP_OK);
    assert_int_equal(tp_file_write(path.at, tp_slice_str("second"), &err), TP_OK);
    umask(before);
    assert_content(path.at, "second");
    assert_int_equal(temp_dir_mode_of(path.at), 0600);
    assert_int_equal(entries_in(dir.at), 1);
}

static void test_file_write__without_space_keeps_the_old_and_leaves_nothing(void **state)
{
    (void)state;
    tp_path path = temp_dir_path(&dir, "f");
    assert_int_equal(tp_file_write(path.at, tp_slice_str("old"), &err), TP_OK);
    tp_fault_set("file.write.nth:1");
    assert_int_equal(tp_file_write(path.at, tp_slice_str("new"), &err), TP_IO);
    tp_fault_set(NULL);
    assert_string_equal(err.what, "writing a file: the disk is full");
    assert_content(path.at, "old");
    assert_int_equal(entries_in(dir.at), 1);
    /* A directory in the way. */
    tp_path taken = temp_dir_path(&dir, "taken");
    assert_int_equal(mkdir(taken.at, 0700), 0);
    assert_int_not_equal(tp_file_write(taken.at, tp_slice_str("new"), &err), TP_OK);
    assert_int_equal(entries_in(dir.at), 2);
    assert_int_equal(tp_file_write(temp_dir_path(&dir, "no/such").at, tp_slice_str("new"), &err),
                     TP_NOTFOUND);
}

static void test_file_create__never_replaces(void **state)
{
    (void)state;
    tp_path path = temp_dir_path(&dir, "f");
    assert_int_equal(tp_file_create(path.at, tp_slice_str("first"), &err), TP_OK);
    assert_int_equal(tp_file_create(path.at, tp_slice_str("second"), &err), TP_EXISTS);
    assert_content(path.at, "first");
    assert_int_equal(temp_dir_mode_of(path.at), 0600);
    assert_int_equal(entries_in(dir.at), 1);
    /* A link that leads nowhere is something as well. */
    tp_path link_path = temp_dir_path(&dir, "l");
    assert_int_equal(symlink("nowhere", link_path.at), 0);
    assert_true(tp_file_exists(link_path.at));
    assert_int_equal(tp_file_create(link_path.at, tp_slice_str("third"), &err), TP_EXISTS);
    assert_int_equal(entries_in(dir.at), 2);
}

static void test_file_read__is_bounded_and_all_or_nothing(void **state)
{
    (void)state;
    tp_path path = temp_dir_path(&dir, "f");
    assert_int_equal(tp_file_write(path.at, tp_slice_str("0123456789"), &err), TP_OK);
    tp_buf out;
    tp_buf_init(&out, 12);
    assert_int_equal(tp_buf_add_str(&out, "ab", &err), TP_OK);
    assert_int_equal(tp_file_read(path.at, &out, &err), TP_OK);
    assert_true(tp_slice_is(tp_buf_slice(&out), "ab0123456789"));
    assert_int_equal(tp_file_read(path.at, &out, &err), TP_LIMIT);
    assert_int_equal(out.bytes, 12);
    tp_buf_done(&out);
    assert_int_equal(tp_file_read(temp_dir_path(&dir, "none").at, &out, &err), TP_NOTFOUND);
    assert_int_equal(tp_file_read(dir.at, &out, &err), TP_IO);
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_file_read_fd__takes_a_pipe_to_its_end(void **state)
{
    (void)state;
    enum { PIPE_BYTES = 50000 };
    static const char piece[1000] = {'p'};
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    tp_buf out;
    tp_buf_init(&out, PIPE_BYTES);
    for (int i = 0; i < PIPE_BYTES / (int)sizeof piece; i++) {
        assert_int_equal(write(ends[1], piece, sizeof piece), sizeof piece);
    }
    close(ends[1]);
    assert_int_equal(tp_file_read_fd(ends[0], &out, &err), TP_OK);
    assert_int_equal(out.bytes, PIPE_BYTES);
    close(ends[0]);
    tp_buf_done(&out);
}

static void test_file_remove__says_when_there_is_none(void **state)
{
    (void)state;
    tp_path path = temp_dir_path(&dir, "f");
    assert_int_equal(tp_file_write(path.at, tp_slice_str("x"), &err), TP_OK);
    assert_int_equal(tp_file_remove(path.at, &err), TP_OK);
    assert_false(tp_file_exists(path.at));
    assert_int_equal(tp_file_remove(path.at, &err), TP_NOTFOUND);
}

static void test_dir_free_bytes__tells_what_is_left(void **state)
{
    (void)state;
    int64_t bytes = -1;
    assert_int_equal(tp_dir_free_bytes(dir.at, &bytes, &err), TP_OK);
    assert_true(bytes > 0);
    assert_int_equal(tp_dir_free_bytes(temp_dir_path(&dir, "none").at, &bytes, &err), TP_NOTFOUND);
}

static void test_file_copy__takes_so_much_and_never_replaces(void **state)
{
    (void)state;
    tp_path from = temp_dir_path(&dir, "from");
    tp_path to = temp_dir_path(&dir, "to");
    int64_t bytes = 0;
    assert_int_equal(tp_file_write(from.at, tp_slice_str("tea and soup"), &err), TP_OK);
    assert_int_equal(tp_file_measure(from.at, &bytes, &err), TP_OK);
    assert_int_equal(bytes, 12);
    assert_int_equal(tp_file_copy(from.at, 3, to.at, &err), TP_OK);
    assert_content(to.at, "tea");
    assert_int_equal(temp_dir_mode_of(to.at), 0600);
    assert_int_equal(tp_file_copy(from.at, 12, to.at, &err), TP_EXISTS);
    assert_content(to.at, "tea");
    assert_int_equal(tp_file_append(to.at, tp_slice_str("pot"), &err), TP_OK);
    assert_content(to.at, "teapot");
    tp_path longer = temp_dir_path(&dir, "longer");
    assert_int_equal(tp_file_copy(from.at, 13, longer.at, &err), TP_CORRUPT);
    assert_int_equal(tp_file_copy(dir.at, 1, longer.at, &err), TP_INVALID);
    assert_int_equal(tp_file_copy(temp_dir_path(&dir, "no").at, 1, longer.at, &err), TP_NOTFOUND);
    assert_int_equal(tp_file_append(longer.at, tp_slice_str("x"), &err), TP_NOTFOUND);
    assert_false(tp_file_exists(longer.at));
}

static void test_file_replace__gives_the_place_and_link_a_second_name(void **state)
{
    (void)state;
    tp_path old = temp_dir_path(&dir, "old");
    tp_path fresh = temp_dir_path(&dir, "fresh");
    tp_path second = temp_dir_path(&dir, "second");
    assert_int_equal(tp_file_write(old.at, tp_slice_str("old"), &err), TP_OK);
    assert_int_equal(tp_file_write(fresh.at, tp_slice_str("fresh"), &err), TP_OK);
    assert_int_equal(tp_file_link(old.at, second.at, &err), TP_OK);
    assert_int_equal(tp_file_link(fresh.at, second.at, &err), TP_EXISTS);
    assert_int_equal(tp_file_replace(fresh.at, old.at, &err), TP_OK);
    assert_int_equal(tp_file_replace(fresh.at, old.at, &err), TP_NOTFOUND);
    assert_content(old.at, "fresh");
    assert_content(second.at, "old");
    assert_false(tp_file_exists(fresh.at));
}

typedef struct fault_row {
    const char *fault;
    tp_rc (*call)(const char *path);
    const char *left; /* in the file that was "old"; NULL: there is none */
} fault_row;

static tp_rc call_write(const char *path)
{
    return tp_file_write(path, tp_slice_str("new"), &err);
}

static tp_rc call_append(const char *path)
{
    return tp_file_append(path, tp_slice_str("er"), &err);
}

static tp_rc call_create(const char *path)
{
    (void)unlink(path);
    return tp_file_create(path, tp_slice_str("new"), &err);
}

static tp_rc call_copy(const char *path)
{
    (void)path;
    return tp_file_copy(path, 3, temp_dir_path(&dir, "copy").at, &err);
}

static tp_rc call_link(const char *path)
{
    return tp_file_link(path, temp_dir_path(&dir, "copy").at, &err);
}

static tp_rc call_read(const char *path)
{
    tp_buf content;
    tp_buf_init(&content, 100);
    tp_rc rc = tp_file_read(path, &content, &err);
    assert_int_equal(content.bytes, rc == TP_OK ? 3 : 0);
    tp_buf_done(&content);
    return rc;
}

static const fault_row fault_rows[] = {
    {"file.write.nth:1", call_write, "old"},
    {"file.fsync.nth:1", call_write, "old"},
    {"file.rename.nth:1", call_write, "old"},
    {"file.fsync.nth:2", call_write, "new"}, /* in place, but its directory could not be synced */
    {"file.write.nth:1", call_append, "old"},
    {"file.write.nth:1", call_create, NULL},
    {"file.fsync.nth:1", call_create, NULL},
    {"file.rename.nth:1", call_create, NULL},
    {"file.fsync.nth:2", call_create, NULL},
    {"file.read.nth:1", call_copy, "old"},
    {"file.write.nth:1", call_copy, "old"},
    {"file.fsync.nth:1", call_copy, "old"},
    {"file.rename.nth:1", call_link, "old"},
    {"file.fsync.nth:1", call_link, "old"},
    {"file.read.nth:1", call_read, "old"},
};

static void test_file__a_disk_that_fails_leaves_what_was_there(void **state)
{
    (void)state;
    tp_path path = temp_dir_path(&dir, "f");
    for (size_t i = 0; i < sizeof fault_rows / sizeof fault_rows[0]; i++) {
        const fault_row *row = &fault_rows[i];
        assert_int_equal(tp_file_write(path.at, tp_slice_str("old"), &err), TP_OK);
        tp_fault_set(row->fault);
        tp_rc rc = row->call(path.at);
        tp_fault_set(NULL);
        if (rc != TP_IO) {
            fail_msg("row %zu, %s: %s", i, row->fault, tp_rc_name(rc));
        }
        if (row->left != NULL) {
            assert_content(path.at, row->left);
        }
        assert_int_equal(entries_in(dir.at), row->left != NULL ? 1 : 0);
    }
}

static int set_up(void **state)
{
    (void)state;
    dir = temp_dir_make();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    tp_fault_set(NULL);
    temp_dir_remove(&dir);
    return 0;
}

#define WITH_DIR(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_DIR(test_dir_make_private__makes_parents_and_itself_for_the_owner_alone),
        WITH_DIR(test_dir_make_private__refuses_what_others_may_enter),
        WITH_DIR(test_dir_make_private__refuses_what_is_no_directory_of_ours),
        WITH_DIR(test_path_join__is_bounded),
        WITH_DIR(test_file_write__puts_a_private_file_in_place_of_the_old),
        WITH_DIR(test_file_write__without_space_keeps_the_old_and_leaves_nothing),
        WITH_DIR(test_file_create__never_replaces),
        WITH_DIR(test_file__a_disk_that_fails_leaves_what_was_there),
        WITH_DIR(test_file_copy__takes_so_much_and_never_replaces),
        WITH_DIR(test_file_replace__gives_the_place_and_link_a_second_name),
        WITH_DIR(test_file_read__is_bounded_and_all_or_nothing),
        WITH_DIR(test_file_read_fd__takes_a_pipe_to_its_end),
        WITH_DIR(test_file_remove__says_when_there_is_none),
        WITH_DIR(test_dir_free_bytes__tells_what_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
