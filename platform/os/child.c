/* Starting and ending the program's own child. */
#include "platform/os/child.h"

#include "platform/os/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_UNSTARTED = 127, LOOK_MS = 10 };

/* Between fork and exec only what is safe in a signal handler. */
static void become(char *const argv[], pid_t parent)
{
    sigset_t none;
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)signal(SIGPIPE, SIG_DFL); /* what is ignored stays ignored in another program */
    /* The parent may have died before this call: nobody would say so. */
    if (prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 || getppid() != parent) {
        _exit(EXIT_UNSTARTED);
    }
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(nothing, STDOUT_FILENO) < 0) {
        _exit(EXIT_UNSTARTED);
    }
    execv("/proc/self/exe", argv);
    _exit(EXIT_UNSTARTED);
}

tp_rc tp_child_start(char *const argv[], tp_child *child_out, tp_err *err)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0) {
        return tp_fail_from(err, errno == ENOMEM ? TP_NOMEM : TP_IO, TP_ORIGIN_OS, errno,
                            "starting a process: %s", strerror(errno));
    }
    if (pid == 0) {
        become(argv, parent);
    }
    child_out->pid = pid;
    return TP_OK;
}

bool tp_child_has_ended(tp_child *child, int *exit_code_out)
{
    int status = 0;
    if (child->pid == 0 || waitpid((pid_t)child->pid, &status, WNOHANG) <= 0) {
        return false;
    }
    child->pid = 0;
    *exit_code_out = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
}

void tp_child_wake(const tp_child *child)
{
    if (child->pid > 0) {
        (void)kill((pid_t)child->pid, SIGUSR1);
    }
}

void tp_child_end(tp_child *child, int64_t wait_ms)
{
    int64_t until = tp_monotonic_ms() + wait_ms;
    int code = 0;
    if (child->pid == 0) {
        return;
    }
    (void)kill((pid_t)child->pid, SIGTERM);
    while (!tp_child_has_ended(child, &code)) {
        if (tp_monotonic_ms() >= until) {
            (void)kill((pid_t)child->pid, SIGKILL);
        }
        tp_sleep_ms(LOOK_MS);
    }
}

bool tp_process_is_there(int64_t pid)
{
    return pid > 0 && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}

static void (*volatile on_end)(void);

static void take_signal(int number)
{
    (void)number;
    on_end();
}

void tp_on_end_signal(void (*end)(void))
{
    const struct sigaction action = {.sa_handler = take_signal};
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    on_end = end;
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGPIPE, &ignore, NULL);
}
