/* Locks, between processes.
 *
 * Shows no promise: what others stand on, and knows nobody. */
#include "platform/os/file.h"
#include "platform/os/lock.h"
#include "tests/support/temp_dir.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static tp_err err;

static void test_lock_take__is_busy_until_released(void **state)
{
    (void)state;
    tp_path dir = temp_dir_make();
    tp_path path = temp_dir_path(&dir, "lock");
    tp_lock one = TP_LOCK_NONE;
    tp_lock two = TP_LOCK_NONE;
    struct stat st;
    tp_lock_release(&one);
    assert_int_equal(tp_lock_take(path.at, &one, &err), TP_OK);
    assert_int_equal(stat(path.at, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(tp_lock_take(path.at, &two, &err), TP_BUSY);
    assert_int_equal(two.fd, -1);
    tp_lock_release(&one);
    assert_int_equal(tp_lock_take(path.at, &two, &err), TP_OK);
    tp_lock_release(&two);
    tp_lock_release(&two);
    assert_int_equal(tp_lock_take(temp_dir_path(&dir, "no/such").at, &one, &err), TP_IO);
    temp_dir_remove(&dir);
}

static void test_lock_share__keeps_out_whoever_takes_it_alone(void **state)
{
    (void)state;
    tp_path dir = temp_dir_make();
    tp_path path = temp_dir_path(&dir, "lock");
    tp_lock one = TP_LOCK_NONE;
    tp_lock two = TP_LOCK_NONE;
    tp_lock alone = TP_LOCK_NONE;
    assert_int_equal(tp_lock_share(path.at, &one, &err), TP_OK);
    assert_int_equal(tp_lock_share(path.at, &two, &err), TP_OK);
    assert_int_equal(tp_lock_take(path.at, &alone, &err), TP_BUSY);
    tp_lock_release(&one);
    assert_int_equal(tp_lock_take(path.at, &alone, &err), TP_BUSY);
    tp_lock_release(&two);
    assert_int_equal(tp_lock_take(path.at, &alone, &err), TP_OK);
    assert_int_equal(tp_lock_share(path.at, &one, &err), TP_BUSY);
    tp_lock_release(&alone);
    temp_dir_remove(&dir);
}

static void test_lock_take__dies_with_its_holder(void **state)
{
    (void)state;
    tp_path dir = temp_dir_make();
    tp_path path = temp_dir_path(&dir, "lock");
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        tp_lock held = TP_LOCK_NONE;
        char answer = tp_lock_take(path.at, &held, &err) == TP_OK ? 'y' : 'n';
        (void)!write(ready[1], &answer, 1);
        pause();
        _exit(0);
    }
    char answer = 0;
    assert_int_equal(read(ready[0], &answer, 1), 1);
    assert_int_equal(answer, 'y');
    tp_lock lock = TP_LOCK_NONE;
    assert_int_equal(tp_lock_take(path.at, &lock, &err), TP_BUSY);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    assert_int_equal(tp_lock_take(path.at, &lock, &err), TP_OK);
    tp_lock_release(&lock);
    close(ready[0]);
    close(ready[1]);
    temp_dir_remove(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lock_take__is_busy_until_released),
        cmocka_unit_test(test_lock_share__keeps_out_whoever_takes_it_alone),
        cmocka_unit_test(test_lock_take__dies_with_its_holder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
