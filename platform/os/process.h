/* What a program may know of its own process. */
#ifndef TP_PLATFORM_OS_PROCESS_H
#define TP_PLATFORM_OS_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

/* The most memory this process ever held, KiB (getrusage). */
int64_t tp_process_peak_kb(void);

/* True if a person can be asked: standard input and standard output are a terminal. */
bool tp_process_has_terminal(void);

#endif
