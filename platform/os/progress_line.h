/* How far long work is: one line on standard error that is written over and wiped at the end, for
 * whoever sits at that terminal.  Where standard error is none, or a program reads (--json), there
 * is nothing. */
#ifndef TP_PLATFORM_OS_PROGRESS_LINE_H
#define TP_PLATFORM_OS_PROGRESS_LINE_H

#include "platform/os/args.h"

/* An embedded value: begin, put ..., end. */
typedef struct tp_progress_line {
    bool is_shown;   /* there is somebody to read it */
    int width;       /* of what stands there */
    int64_t next_ms; /* monotonic: sooner than that nobody could read it */
} tp_progress_line;

void tp_progress_line_begin(tp_progress_line *line, const tp_call *call);
/* "Sending: 1,200 of 4,800"; all 0: nobody knows how many, "Fetching: 1,200 so far". */
void tp_progress_line_put(tp_progress_line *line, const char *what, uint64_t done, uint64_t all);
void tp_progress_line_end(tp_progress_line *line);

#endif
