/* What a program may know of its own process. */
#ifndef TP_PLATFORM_OS_PROCESS_H
#define TP_PLATFORM_OS_PROCESS_H

#include "platform/base/err.h"

#include <stdbool.h>
#include <stdint.h>

/* From now on large blocks go back to the system when they are freed, and grow without being
 * copied: the buffers of a sync are large and few.  To be called first; does nothing where there is
 * no such switch. */
void tp_process_give_memory_back(void);

/* The most memory this process ever held, KiB (VmHWM); 0: not known. */
int64_t tp_process_peak_kb(void);

/* From now on it may have so many files and connections open.
 * Errors: LIMIT the system allows fewer: the text says how many. */
TP_MUST_USE tp_rc tp_process_allow_files(unsigned count, tp_err *err);

/* Its number, by which tp_process_is_there finds it. */
int64_t tp_process_number(void);

/* True if a person can be asked: standard input and standard output are a terminal. */
bool tp_process_has_terminal(void);
/* True if a person reads what goes to standard error as it comes. */
bool tp_process_tells_terminal(void);

#endif
