/* A lock that dies with its holder. */
#include "platform/os/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static tp_rc lock_file(const char *path, int how, tp_lock *lock_out, tp_err *err);

tp_rc tp_lock_take(const char *path, tp_lock *lock_out, tp_err *err)
{
    return lock_file(path, LOCK_EX | LOCK_NB, lock_out, err);
}

tp_rc tp_lock_share(const char *path, tp_lock *lock_out, tp_err *err)
{
    return lock_file(path, LOCK_SH | LOCK_NB, lock_out, err);
}

void tp_lock_release(tp_lock *lock)
{
    if (lock->fd >= 0) {
        close(lock->fd);
        lock->fd = -1;
    }
}

static tp_rc lock_file(const char *path, int how, tp_lock *lock_out, tp_err *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 && errno == EROFS) { /* who reads is kept apart there too */
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        errno = fd < 0 && errno == ENOENT ? EROFS : errno;
    }
    if (fd < 0) {
        return tp_fail_from(err, errno == EACCES || errno == EROFS ? TP_DENIED : TP_IO,
                            TP_ORIGIN_OS, errno, "opening a lock: %s", strerror(errno));
    }
    /* flock, not fcntl: an fcntl lock is lost when any descriptor of the file is closed. */
    int result = flock(fd, how);
    while (result != 0 && errno == EINTR) {
        result = flock(fd, how);
    }
    if (result != 0) {
        int code = errno;
        close(fd);
        return code == EWOULDBLOCK
                   ? tp_fail_from(err, TP_BUSY, TP_ORIGIN_OS, code,
                                  "another process holds the lock")
                   : tp_fail_from(err, TP_IO, TP_ORIGIN_OS, code, "locking: %s", strerror(code));
    }
    lock_out->fd = fd;
    return TP_OK;
}
