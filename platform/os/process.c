/* The process itself. */
#include "platform/os/process.h"

#include <stdlib.h>
#include <stdio.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

enum { LARGE_BYTES = 64 * 1024 };

void tp_process_give_memory_back(void)
{
#ifdef __GLIBC__
    (void)mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
    (void)mallopt(M_TRIM_THRESHOLD, LARGE_BYTES);
#endif
}

/* The kernel's own mark of this program; getrusage would count what its parent held before the
 * exec. */
int64_t tp_process_peak_kb(void)
{
    long long peak_kb = 0;
    char line[128];
    FILE *status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        if (sscanf(line, "VmHWM: %lld kB", &peak_kb) == 1) {
            break;
        }
    }
    if (status != NULL) {
        fclose(status);
    }
    return (int64_t)peak_kb;
}

int64_t tp_process_number(void)
{
    return getpid();
}

bool tp_process_has_terminal(void)
{
    return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
}

bool tp_process_tells_terminal(void)
{
    return isatty(STDERR_FILENO) == 1;
}
