/* Lines from a file or standard input, one by one, for as long as somebody writes them. */
#ifndef TP_PLATFORM_OS_LINE_READER_H
#define TP_PLATFORM_OS_LINE_READER_H

#include "platform/base/buf.h"

/* An embedded value: open, next ..., close. */
typedef struct tp_line_reader {
    int fd;
    bool owns_fd;
    bool is_ended;    /* the source gives no more */
    bool is_passing;  /* in the rest of a line that was too long */
    size_t used;      /* of `held`: lines handed out */
    size_t looked;    /* of `held`: no line ends before this */
    size_t bytes_max; /* of one line */
    tp_buf held;
} tp_line_reader;

/* path NULL or "-": standard input.  A line may have up to `bytes_max` bytes.
 * Errors: NOTFOUND, DENIED, IO the file cannot be opened. */
TP_MUST_USE tp_rc tp_line_reader_open(tp_line_reader *reader, const char *path, size_t bytes_max,
                                      tp_err *err);
/* Harmless on one that could not be opened. */
void tp_line_reader_close(tp_line_reader *reader);

/* The next line without its end; the last one needs none.  *has_line_out false: there are no more.
 * Owns:   *line_out is borrowed until the next call.
 * Errors: LIMIT longer than bytes_max: it was passed over, the next call gives the one after it;
 *         NOMEM;  IO. */
TP_MUST_USE tp_rc tp_line_reader_next(tp_line_reader *reader, tp_slice *line_out,
                                      bool *has_line_out, tp_err *err);

/* True if the next call would have to wait for whoever writes: the moment to show what there is. */
bool tp_line_reader_would_wait(const tp_line_reader *reader);

#endif
