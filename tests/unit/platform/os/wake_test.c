/* The wake FIFO.
 *
 * Shows no promise: what others stand on, and knows nobody. */
#include "platform/os/file.h"
#include "platform/os/wake.h"
#include "tests/support/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static tp_err err;

static bool is_readable(const tp_wake *wake)
{
    struct pollfd fd = {wake->fd, POLLIN, 0};
    return poll(&fd, 1, 0) == 1 && (fd.revents & POLLIN) != 0;
}

static void test_wake__a_poke_from_another_process_is_seen_once(void **state)
{
    (void)state;
    tp_path dir = temp_dir_make();
    tp_path path = temp_dir_path(&dir, "wake");
    tp_wake wake = TP_WAKE_CLOSED;
    struct stat st;
    assert_false(tp_wake_poke(path.at));
    assert_int_equal(tp_wake_open(path.at, &wake, &err), TP_OK);
    assert_int_equal(stat(path.at, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_false(is_readable(&wake));
    for (int round = 0; round < 2; round++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            _exit(tp_wake_poke(path.at) ? 0 : 1);
        }
        int status = -1;
        waitpid(child, &status, 0);
        assert_int_equal(status, 0);
        assert_true(is_readable(&wake));
        assert_true(tp_wake_drain(&wake));
        assert_false(is_readable(&wake)); /* also after the poker closed its end */
        assert_false(tp_wake_drain(&wake));
    }
    tp_wake_close(&wake);
    tp_wake_close(&wake);
    assert_false(tp_wake_poke(path.at)); /* nobody listens, and it does not wait */
    assert_int_equal(tp_wake_open(path.at, &wake, &err), TP_OK);
    assert_true(tp_wake_poke(path.at));
    tp_wake_close(&wake);
    temp_dir_remove(&dir);
}

static void test_wake_poke__never_waits_on_a_full_fifo(void **state)
{
    (void)state;
    enum { MORE_THAN_A_PIPE_HOLDS = 70000 };
    tp_path dir = temp_dir_make();
    tp_path path = temp_dir_path(&dir, "wake");
    tp_wake wake = TP_WAKE_CLOSED;
    assert_int_equal(tp_wake_open(path.at, &wake, &err), TP_OK);
    for (int i = 0; i < MORE_THAN_A_PIPE_HOLDS; i++) {
        if (!tp_wake_poke(path.at)) {
            fail_msg("poke %d", i);
        }
    }
    assert_true(tp_wake_drain(&wake));
    assert_false(is_readable(&wake));
    tp_wake_close(&wake);
    temp_dir_remove(&dir);
}

static void test_wake__another_kind_of_file_is_refused_and_left_alone(void **state)
{
    (void)state;
    tp_path dir = temp_dir_make();
    tp_path path = temp_dir_path(&dir, "wake");
    tp_wake wake = TP_WAKE_CLOSED;
    assert_int_equal(tp_file_write(path.at, tp_slice_str("precious"), &err), TP_OK);
    assert_int_equal(tp_wake_open(path.at, &wake, &err), TP_INVALID);
    assert_false(tp_wake_poke(path.at));
    tp_buf content;
    tp_buf_init(&content, 100);
    assert_int_equal(tp_file_read(path.at, &content, &err), TP_OK);
    assert_true(tp_slice_is(tp_buf_slice(&content), "precious"));
    tp_buf_done(&content);
    temp_dir_remove(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wake__a_poke_from_another_process_is_seen_once),
        cmocka_unit_test(test_wake_poke__never_waits_on_a_full_fifo),
        cmocka_unit_test(test_wake__another_kind_of_file_is_refused_and_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
