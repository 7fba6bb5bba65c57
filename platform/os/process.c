/* The process itself. */
#include "platform/os/process.h"

#include <stdlib.h>
#include <stdio.h>
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
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

tp_rc tp_process_allow_files(unsigned count, tp_err *err)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return tp_fail_from(err, TP_IO, TP_ORIGIN_OS, errno, "getrlimit: %s", strerror(errno));
    }
    if (limit.rlim_cur >= count) {
        return TP_OK;
    }
    if (limit.rlim_max < count) {
        return tp_fail(err, TP_LIMIT,
                       "this process may have %llu files and connections open, and %u are needed: "
                       "raise its limit (ulimit -n)",
                       (unsigned long long)limit.rlim_max, count);
    }
    limit.rlim_cur = count;
    return setrlimit(RLIMIT_NOFILE, &limit) == 0
               ? TP_OK
               : tp_fail_from(err, TP_IO, TP_ORIGIN_OS, errno, "setrlimit: %s", strerror(errno));
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
