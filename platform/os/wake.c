/* The FIFO that wakes the background process. */
#include "platform/os/wake.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

tp_rc tp_wake_open(const char *path, tp_wake *wake_out, tp_err *err)
{
    struct stat st;
    if (mkfifo(path, 0600) != 0 && errno != EEXIST) {
        return tp_fail_from(err, errno == EACCES ? TP_DENIED : TP_IO, TP_ORIGIN_OS, errno,
                            "making a FIFO: %s", strerror(errno));
    }
    /* Opened for writing as well, so that the end of one writer is not the end of the file, which
     * would leave the descriptor readable for ever. */
    int fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || fstat(fd, &st) != 0) {
        tp_rc rc = tp_fail_from(err, errno == EACCES ? TP_DENIED : TP_IO, TP_ORIGIN_OS, errno,
                                "opening a FIFO: %s", strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return rc;
    }
    if (!S_ISFIFO(st.st_mode)) {
        close(fd);
        return tp_fail(err, TP_INVALID, "there is another file in the place of the FIFO");
    }
    wake_out->fd = fd;
    return TP_OK;
}

bool tp_wake_drain(tp_wake *wake)
{
    char pokes[64];
    bool was_poked = false;
    ssize_t got = 1;
    while (got > 0 || (got < 0 && errno == EINTR)) {
        got = read(wake->fd, pokes, sizeof pokes);
        was_poked = was_poked || got > 0;
    }
    return was_poked;
}

void tp_wake_close(tp_wake *wake)
{
    if (wake->fd >= 0) {
        close(wake->fd);
        wake->fd = -1;
    }
}

bool tp_wake_poke(const char *path)
{
    struct stat st;
    /* O_NONBLOCK for writing fails with ENXIO where nobody listens. */
    int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return false;
    }
    bool is_heard = fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode);
    if (is_heard) {
        /* A full FIFO has pokes enough. */
        ssize_t put = write(fd, "!", 1);
        is_heard = put == 1 || errno == EAGAIN;
    }
    close(fd);
    return is_heard;
}
