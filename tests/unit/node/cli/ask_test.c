/* A text typed at a terminal: its end, and a terminal that goes away.  It is nobody's controlling
 * terminal, so that no signal says it has gone: as where the signal comes a moment later.
 *
 * Shows no promise: how a terminal is read and written. */
#include "node/cli/ask.h"

#include "platform/base/alloc.h"
#include "platform/os/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <cmocka.h>

enum { TEXT_BYTES_MAX = 1000 };

static tp_err err;
static int master;

/* Standard input is a new terminal, whose other end is `master`. */
static void open_terminal(void)
{
    master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(master >= 0);
    assert_int_equal(grantpt(master), 0);
    assert_int_equal(unlockpt(master), 0);
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    assert_true(slave >= 0);
    assert_int_equal(dup2(slave, 0), 0);
    close(slave);
    clearerr(stdin);
}

static int waiting_bytes(void)
{
    int bytes = 0;
    return ioctl(0, FIONREAD, &bytes) == 0 ? bytes : -1;
}

/* The whole lines of it are there to be read. */
static void type(const char *text)
{
    int lines_bytes = (int)(strrchr(text, '\n') - text) + 1;
    assert_int_equal(write(master, text, strlen(text)), strlen(text));
    while (waiting_bytes() < lines_bytes) {
        tp_sleep_ms(1);
    }
}

/* Another process holds the terminal until its lines have been read. */
static pid_t close_when_read(void)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        while (waiting_bytes() > 0) {
            tp_sleep_ms(1);
        }
        _exit(0);
    }
    close(master);
    return child;
}

static tp_rc ask(tp_buf *out)
{
    tp_call call = {.out = tmpfile()};
    assert_non_null(call.out);
    tp_buf_init(out, TEXT_BYTES_MAX);
    tp_rc rc = tp_ask_text(&call, "Note", out, &err);
    fclose(call.out);
    return rc;
}

static void test_ask_text__ends_with_an_empty_line_or_control_d(void **state)
{
    (void)state;
    static const char *const rows[] = {"one\ntwo\n\n", "one\ntwo\n\x04", "one\ntwo\x04\x04"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_buf out;
        open_terminal();
        type(rows[i]);
        assert_int_equal(ask(&out), TP_OK);
        assert_int_equal(out.bytes, 7);
        assert_memory_equal(out.at, "one\ntwo", 7);
        tp_buf_done(&out);
        close(master);
    }
}

static void test_ask_text__half_a_text_is_none_where_the_terminal_went_away(void **state)
{
    (void)state;
    static const struct {
        const char *typed;
        const char *kept;
    } rows[] = {
        {"Met him by the canal\n", "Met him by the canal\n"},
        {"one\ntwo\n", "one\ntwo\n"},
        {"Met him by the canal\nwants a t", "Met him by the canal\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_buf out;
        int status = 0;
        open_terminal();
        type(rows[i].typed);
        pid_t child = close_when_read();
        assert_int_equal(ask(&out), TP_IO);
        assert_true(out.bytes >= strlen(rows[i].kept)); /* the rest too, if it was there in time */
        assert_memory_equal(out.at, rows[i].kept, strlen(rows[i].kept));
        tp_buf_done(&out);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        assert_ptr_equal(signal(SIGHUP, SIG_DFL), SIG_IGN); /* it may come while the text is kept */
    }
}

static int check_nothing_lives(void **state)
{
    (void)state;
    return tp_alloc_live() == 0 ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_ask_text__ends_with_an_empty_line_or_control_d,
                                  check_nothing_lives),
        cmocka_unit_test_teardown(test_ask_text__half_a_text_is_none_where_the_terminal_went_away,
                                  check_nothing_lives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
