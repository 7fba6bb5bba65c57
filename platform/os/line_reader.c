/* Lines by read(2) into a buffer of our own, so that it is known whether the next one is there. */
#include "platform/os/line_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

enum { READ_BYTES = 64 * 1024 };

tp_rc tp_line_reader_open(tp_line_reader *reader, const char *path, size_t bytes_max, tp_err *err)
{
    memset(reader, 0, sizeof *reader);
    reader->bytes_max = bytes_max;
    tp_buf_init(&reader->held, bytes_max + 1 + READ_BYTES);
    reader->fd = STDIN_FILENO;
    if (path == NULL || strcmp(path, "-") == 0) {
        return TP_OK;
    }
    reader->fd = open(path, O_RDONLY | O_CLOEXEC);
    reader->owns_fd = reader->fd >= 0;
    if (reader->fd >= 0) {
        return TP_OK;
    }
    tp_rc rc = errno == ENOENT ? TP_NOTFOUND : errno == EACCES ? TP_DENIED : TP_IO;
    return tp_fail_from(err, rc, TP_ORIGIN_OS, errno, "the file cannot be opened: %s",
                        strerror(errno));
}

void tp_line_reader_close(tp_line_reader *reader)
{
    if (reader->owns_fd) {
        close(reader->fd);
        reader->owns_fd = false;
    }
    tp_buf_done(&reader->held);
}

/* Moves what was not handed out to the front. */
static void make_room(tp_line_reader *reader)
{
    if (reader->used > 0) {
        reader->held.bytes -= reader->used;
        reader->looked -= reader->used;
        memmove(reader->held.at, reader->held.at + reader->used, reader->held.bytes);
        reader->used = 0;
    }
}

static tp_rc read_more(tp_line_reader *reader, tp_err *err)
{
    uint8_t *at = NULL;
    make_room(reader);
    tp_rc rc = tp_buf_reserve(&reader->held, READ_BYTES, &at, err);
    if (rc != TP_OK) {
        return rc;
    }
    ssize_t got = read(reader->fd, at, READ_BYTES);
    while (got < 0 && errno == EINTR) {
        got = read(reader->fd, at, READ_BYTES);
    }
    if (got < 0) {
        return tp_fail_from(err, TP_IO, TP_ORIGIN_OS, errno, "reading: %s", strerror(errno));
    }
    reader->held.bytes += (size_t)got;
    reader->is_ended = got == 0;
    return TP_OK;
}

/* Hands out held[used .. end), and passes `after` bytes behind it; false: it was the rest of a line
 * that is passed over. */
static bool hand_out(tp_line_reader *reader, size_t end, size_t after, tp_slice *line_out)
{
    bool was_passing = reader->is_passing;
    *line_out = tp_slice_of(reader->held.at + reader->used, end - reader->used);
    reader->used = end + after;
    reader->looked = reader->used;
    reader->is_passing = false;
    return !was_passing;
}

/* A line that has not ended within its limit: what is held of it is thrown away, and so is the rest
 * when it comes. */
static void pass_over(tp_line_reader *reader)
{
    reader->used = reader->held.bytes;
    reader->looked = reader->held.bytes;
    reader->is_passing = true;
}

tp_rc tp_line_reader_next(tp_line_reader *reader, tp_slice *line_out, bool *has_line_out,
                          tp_err *err)
{
    *has_line_out = false;
    for (;;) {
        const uint8_t *from = reader->held.at == NULL ? NULL : reader->held.at + reader->looked;
        const uint8_t *end =
            from == NULL ? NULL : memchr(from, '\n', reader->held.bytes - reader->looked);
        size_t end_at = end == NULL ? reader->held.bytes : (size_t)(end - reader->held.at);
        bool is_last = end == NULL && reader->is_ended;
        if (end_at - reader->used > reader->bytes_max) {
            bool was_passing = reader->is_passing;
            pass_over(reader);
            if (end != NULL) {
                reader->used = reader->looked = end_at + 1;
                reader->is_passing = false;
            }
            if (!was_passing) {
                return tp_fail(err, TP_LIMIT, "the line is longer than %zu bytes",
                               reader->bytes_max);
            }
        } else if (end != NULL || is_last) {
            if (is_last && (end_at == reader->used)) {
                return TP_OK;
            }
            if (hand_out(reader, end_at, end == NULL ? 0 : 1, line_out)) {
                *has_line_out = true;
                return TP_OK;
            }
        } else {
            reader->looked = reader->held.bytes;
            tp_rc rc = read_more(reader, err);
            if (rc != TP_OK) {
                return rc;
            }
        }
    }
}

bool tp_line_reader_would_wait(const tp_line_reader *reader)
{
    if (reader->is_ended || (reader->held.bytes > reader->looked &&
                             memchr(reader->held.at + reader->looked, '\n',
                                    reader->held.bytes - reader->looked) != NULL)) {
        return false;
    }
    struct pollfd source = {reader->fd, POLLIN, 0};
    return poll(&source, 1, 0) == 0;
}
