/* The process itself. */
#include "platform/os/process.h"

#include <sys/resource.h>
#include <unistd.h>

int64_t tp_process_peak_kb(void)
{
    struct rusage usage = {0};
    getrusage(RUSAGE_SELF, &usage);
    return (int64_t)usage.ru_maxrss;
}

bool tp_process_has_terminal(void)
{
    return isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
}
