/* This very program again, as a process of its own that does not outlive this one. */
#ifndef TP_PLATFORM_OS_CHILD_H
#define TP_PLATFORM_OS_CHILD_H

#include "platform/base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* An embedded value; pid 0: there is none. */
typedef struct tp_child {
    int64_t pid;
} tp_child;

/* Starts the program that is running, with other words: argv[0] first, NULL last.  It has the
 * environment and standard error of this one, nothing to read, and nobody to read what it prints.
 * Should this process die, however it dies, the kernel sends the child SIGTERM.
 * Errors: NOMEM;  IO no process can be made. */
TP_MUST_USE tp_rc tp_child_start(char *const argv[], tp_child *child_out, tp_err *err);

/* True once when it has ended; then *exit_code_out is its exit code, or 128 and the signal that
 * ended it, and pid is 0.  Never waits. */
bool tp_child_has_ended(tp_child *child, int *exit_code_out);

/* SIGUSR1, which `run` takes as "now".  Harmless where there is none. */
void tp_child_wake(const tp_child *child);

/* Asks it to end, waits so long, and then ends it.  Harmless where there is none. */
void tp_child_end(tp_child *child, int64_t wait_ms);

/* Is there a process of that number? */
bool tp_process_is_there(int64_t pid);

/* From now on SIGTERM and SIGINT call `end`, which may do only what a signal handler may; SIGPIPE
 * is ignored. */
void tp_on_end_signal(void (*end)(void));

#endif
