/* Clocks: the machine's, the test hook's, the fixed one.
 *
 * Shows no promise: what others stand on, and knows nobody. */
#include "platform/os/clock.h"
#include "platform/os/file.h"
#include "tests/support/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

static bool boots_equal(const tp_reading *a, const tp_reading *b)
{
    return memcmp(a->boot, b->boot, sizeof a->boot) == 0;
}

static void test_clock_system__reads_the_machine(void **state)
{
    (void)state;
    static const uint8_t no_boot[TP_BOOT_BYTES] = {0};
    tp_reading first = tp_clock_read(tp_clock_system());
    int64_t before_ms = (int64_t)time(NULL) * 1000;
    assert_true(first.wall_ms > before_ms - 5000 && first.wall_ms < before_ms + 5000);
    assert_true(first.up_ms > 0);
    assert_true(memcmp(first.boot, no_boot, sizeof no_boot) != 0);
    tp_sleep_ms(20);
    tp_reading second = tp_clock_read(tp_clock_system());
    assert_true(second.up_ms - first.up_ms >= 19);
    assert_true(boots_equal(&first, &second));
}

static void test_clock_system__follows_the_test_file(void **state)
{
    (void)state;
    tp_err err;
    tp_path dir = temp_dir_make();
    tp_path path = temp_dir_path(&dir, "clock");
    assert_int_equal(setenv("TP_TEST_CLOCK", path.at, 1), 0);
    static const struct {
        const char *line;
        int64_t wall_ms;
        int64_t up_ms;
        bool is_boot_new;
    } rows[] = {
        {"1768248300000 1000 boot-a\n", 1768248300000, 1000, true},
        {"1768248300001 2000 boot-a\n", 1768248300001, 2000, false},
        {"-5 0 boot-b\n", -5, 0, true},
        {"0001768248300000 0000000000001000 boot-b\n", 1768248300000, 1000, false},
    };
    tp_reading before = {0, 0, {0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(tp_file_write(path.at, tp_slice_str(rows[i].line), &err), TP_OK);
        tp_reading now = tp_clock_read(tp_clock_system());
        if (now.wall_ms != rows[i].wall_ms || now.up_ms != rows[i].up_ms ||
            boots_equal(&now, &before) == rows[i].is_boot_new) {
            fail_msg("row %zu: %lld %lld", i, (long long)now.wall_ms, (long long)now.up_ms);
        }
        before = now;
    }
    unsetenv("TP_TEST_CLOCK");
    temp_dir_remove(&dir);
}

/* A child rewrites the file for ever, in turn in place with one write and from empty with two; both
 * numbers of a line are equal. */
static void rewrite_lines(const char *path)
{
    int fd = open(path, O_WRONLY);
    if (fd < 0) {
        _exit(1);
    }
    for (int64_t n = 0;; n++) {
        char line[64];
        long long number = (n % 10) * 1111111111LL;
        int bytes = snprintf(line, sizeof line, "%010lld %010lld b\n", number, number);
        size_t first_bytes = n % 2 == 0 ? (size_t)bytes : (size_t)(n % bytes);
        (void)!(n % 2 == 0 ? 0 : ftruncate(fd, 0));
        (void)!pwrite(fd, line, first_bytes, 0);
        (void)!pwrite(fd, line + first_bytes, (size_t)bytes - first_bytes, (off_t)first_bytes);
    }
}

static void test_clock_system__never_sees_half_a_line(void **state)
{
    (void)state;
    tp_err err;
    tp_path dir = temp_dir_make();
    tp_path path = temp_dir_path(&dir, "clock");
    tp_slice first = tp_slice_str("0000000000 0000000000 b\n");
    assert_int_equal(tp_file_write(path.at, first, &err), TP_OK);
    assert_int_equal(setenv("TP_TEST_CLOCK", path.at, 1), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        rewrite_lines(path.at);
    }
    for (int i = 0; i < 3000; i++) {
        tp_reading now = tp_clock_read(tp_clock_system());
        if (now.wall_ms != now.up_ms) {
            kill(child, SIGKILL);
            fail_msg("torn: %lld %lld", (long long)now.wall_ms, (long long)now.up_ms);
        }
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    unsetenv("TP_TEST_CLOCK");
    temp_dir_remove(&dir);
}

static void test_clock_fixed__stands_still_until_it_is_moved(void **state)
{
    (void)state;
    tp_clock_fixed fixed;
    tp_clock_fixed_init(&fixed, 5000, 100, 7);
    tp_reading before = tp_clock_read(&fixed.clock);
    assert_true(before.wall_ms == 5000 && before.up_ms == 100 && before.boot[15] == 7);
    tp_clock_fixed_advance(&fixed, 250);
    tp_reading after = tp_clock_read(&fixed.clock);
    assert_true(after.wall_ms == 5250 && after.up_ms == 350);
}

static void nothing(int signal_number)
{
    (void)signal_number;
}

static void test_sleep__waits_the_whole_time_in_spite_of_signals(void **state)
{
    (void)state;
    struct sigaction action = {0};
    action.sa_handler = nothing;
    sigaction(SIGCHLD, &action, NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(0); /* its end interrupts the sleep */
    }
    int64_t before_us = tp_monotonic_us();
    tp_sleep_ms(80);
    assert_true(tp_monotonic_us() - before_us >= 80000);
    tp_sleep_ms(0);
    tp_sleep_ms(-5);
    waitpid(child, NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clock_system__reads_the_machine),
        cmocka_unit_test(test_clock_system__follows_the_test_file),
        cmocka_unit_test(test_clock_system__never_sees_half_a_line),
        cmocka_unit_test(test_clock_fixed__stands_still_until_it_is_moved),
        cmocka_unit_test(test_sleep__waits_the_whole_time_in_spite_of_signals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
