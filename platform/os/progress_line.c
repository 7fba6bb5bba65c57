/* A line about long work. */
#include "platform/os/progress_line.h"

#include "platform/os/clock.h"
#include "platform/os/process.h"

#include <inttypes.h>

enum { EVERY_MS = 100, LINE_BYTES = 120, COUNT_BYTES = 32 };

/* "1,204,800". */
static void print_count(uint64_t count, char out[COUNT_BYTES])
{
    char digits[COUNT_BYTES];
    int length = snprintf(digits, sizeof digits, "%" PRIu64, count);
    int at = 0;
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            out[at++] = ',';
        }
        out[at++] = digits[i];
    }
    out[at] = '\0';
}

void tp_progress_line_begin(tp_progress_line *line, const tp_call *call)
{
    memset(line, 0, sizeof *line);
    line->is_shown = !call->is_json && tp_process_tells_terminal();
}

void tp_progress_line_put(tp_progress_line *line, const char *what, uint64_t done, uint64_t all)
{
    char text[LINE_BYTES];
    char done_text[COUNT_BYTES];
    char all_text[COUNT_BYTES];
    int64_t now_ms = line->is_shown ? tp_monotonic_ms() : 0;
    if (!line->is_shown || now_ms < line->next_ms) {
        return;
    }
    line->next_ms = now_ms + EVERY_MS;
    print_count(done, done_text);
    print_count(all, all_text);
    int width = 0;
    if (all > 0) {
        width = snprintf(text, sizeof text, "%s: %s of %s", what, done_text, all_text);
    } else if (done > 0) {
        width = snprintf(text, sizeof text, "%s: %s so far", what, done_text);
    } else {
        width = snprintf(text, sizeof text, "%s", what);
    }
    fprintf(stderr, "\r%s%*s", text, line->width > width ? line->width - width : 0, "");
    fflush(stderr);
    line->width = width;
}

void tp_progress_line_end(tp_progress_line *line)
{
    if (line->width > 0) {
        fprintf(stderr, "\r%*s\r", line->width, "");
        fflush(stderr);
        line->width = 0;
    }
}
