/* Private directories; whole files, read under a ceiling and written durably. */
#include "platform/os/file.h"

#include "platform/base/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { READ_BYTES = 16 * 1024 };

static tp_rc make_with_parents(const char *path, tp_err *err);
static tp_rc write_all(int fd, tp_slice content, tp_err *err);
static tp_rc finish_writing(int fd, tp_rc rc, tp_err *err);
static tp_rc write_beside(const char *path, tp_slice content, tp_path *part_out, tp_err *err);
static tp_rc sync_dir_of(const char *path, tp_err *err);

/* Says what the system answered, in words for the person where the cause is a usual one. */
static tp_rc fail_errno(tp_err *err, const char *doing)
{
    int code = errno;
    tp_rc rc = TP_IO;
    const char *text = strerror(code);
    switch (code) {
    case ENOENT:
        rc = TP_NOTFOUND;
        break;
    case EEXIST:
        rc = TP_EXISTS;
        break;
    case EACCES:
    case EPERM:
    case EROFS:
        rc = TP_DENIED;
        break;
    case ENOTDIR:
    case ELOOP:
        rc = TP_INVALID;
        break;
    case ENAMETOOLONG:
        rc = TP_LIMIT;
        break;
    case ENOMEM:
        rc = TP_NOMEM;
        break;
    case ENOSPC:
    case EDQUOT:
        text = "the disk is full";
        break;
    default:
        break;
    }
    return tp_fail_from(err, rc, TP_ORIGIN_OS, code, "%s: %s", doing, text);
}

tp_rc tp_path_join(const char *dir, const char *name, tp_path *path_out, tp_err *err)
{
    tp_path path;
    size_t dir_bytes = strlen(dir);
    const char *slash = dir_bytes > 0 && dir[dir_bytes - 1] == '/' ? "" : "/";
    int chars = snprintf(path.at, sizeof path.at, "%s%s%s", dir, slash, name);
    if (chars < 0 || (size_t)chars >= sizeof path.at) {
        return tp_fail(err, TP_LIMIT, "the path is longer than %u bytes", TP_PATH_BYTES_MAX - 1);
    }
    *path_out = path;
    return TP_OK;
}

void tp_file_keep_private(void)
{
    (void)umask(077);
}

tp_rc tp_dir_make_private(const char *path, tp_err *err)
{
    tp_rc rc = make_with_parents(path, err);
    return rc == TP_OK ? tp_dir_check_private(path, err) : rc;
}

tp_rc tp_dir_check_private(const char *path, tp_err *err)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        return fail_errno(err, "the data directory");
    }
    if (!S_ISDIR(st.st_mode)) {
        return tp_fail(err, TP_INVALID, "not a directory: %s", path);
    }
    if (st.st_uid != geteuid()) {
        return tp_fail(err, TP_DENIED,
                       "this directory belongs to another user (name one of your own): %s", path);
    }
    if ((st.st_mode & 077) != 0) {
        return tp_fail(err, TP_DENIED,
                       "other users may look into this directory (mend: chmod 700): %s", path);
    }
    return TP_OK;
}

tp_rc tp_dir_free_bytes(const char *dir, int64_t *bytes_out, tp_err *err)
{
    struct statvfs st;
    if (statvfs(dir, &st) != 0) {
        return fail_errno(err, "measuring the free space");
    }
    *bytes_out = tp_fault("space.low") ? 0 : (int64_t)st.f_bavail * (int64_t)st.f_frsize;
    return TP_OK;
}

tp_rc tp_file_read(const char *path, tp_buf *out, tp_err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return fail_errno(err, "opening a file");
    }
    tp_rc rc = tp_file_read_fd(fd, out, err);
    close(fd);
    return rc;
}

/* Whether a broken disk, of a test, fails here. */
static bool breaks(const char *point)
{
    bool is_broken = tp_fault(point);
    if (is_broken) {
        errno = EIO;
    }
    return is_broken;
}

static ssize_t read_some(int fd, void *out, size_t bytes)
{
    return breaks("file.read") ? -1 : read(fd, out, bytes);
}

tp_rc tp_file_read_fd(int fd, tp_buf *out, tp_err *err)
{
    size_t bytes_before = out->bytes;
    tp_rc rc = TP_OK;
    uint8_t chunk[READ_BYTES];
    ssize_t got = 1;
    while (rc == TP_OK && got != 0) {
        got = read_some(fd, chunk, sizeof chunk);
        if (got > 0) {
            rc = tp_buf_add(out, chunk, (size_t)got, err);
        } else if (got < 0 && errno != EINTR) {
            rc = fail_errno(err, "reading a file");
        }
    }
    explicit_bzero(chunk, sizeof chunk); /* keys and people's words pass through here */
    if (rc != TP_OK) {
        out->bytes = bytes_before;
    }
    return rc;
}

tp_rc tp_file_write(const char *path, tp_slice content, tp_err *err)
{
    tp_path part;
    tp_rc rc = write_beside(path, content, &part, err);
    if (rc != TP_OK) {
        return rc;
    }
    rc = tp_file_replace(part.at, path, err);
    if (rc != TP_OK) {
        (void)unlink(part.at); /* gone already where only its directory could not be synced */
    }
    return rc;
}

tp_rc tp_file_create(const char *path, tp_slice content, tp_err *err)
{
    tp_path part;
    tp_rc rc = write_beside(path, content, &part, err);
    if (rc != TP_OK) {
        return rc;
    }
    rc = tp_file_place(part.at, path, err);
    if (rc != TP_OK) {
        (void)unlink(part.at);
    }
    return rc;
}

tp_rc tp_file_place(const char *from, const char *to, tp_err *err)
{
    /* link, unlike rename, never replaces. */
    if (breaks("file.rename") || link(from, to) != 0) {
        return fail_errno(err, "naming a file");
    }
    if (unlink(from) != 0) {
        tp_rc rc = fail_errno(err, "removing a file's first name");
        (void)unlink(to);
        return rc;
    }
    tp_rc rc = sync_dir_of(to, err);
    if (rc != TP_OK) {
        (void)rename(to, from); /* a second try must not find it in its way */
    }
    return rc;
}

tp_rc tp_file_replace(const char *from, const char *to, tp_err *err)
{
    if (breaks("file.rename") || rename(from, to) != 0) {
        return fail_errno(err, "renaming a file");
    }
    return sync_dir_of(to, err);
}

tp_rc tp_file_link(const char *path, const char *name, tp_err *err)
{
    if (breaks("file.rename") || link(path, name) != 0) {
        return fail_errno(err, "naming a file");
    }
    tp_rc rc = sync_dir_of(name, err);
    if (rc != TP_OK) {
        (void)unlink(name);
    }
    return rc;
}

tp_rc tp_file_measure(const char *path, int64_t *bytes_out, tp_err *err)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        return fail_errno(err, "looking for a file");
    }
    if (!S_ISREG(st.st_mode)) {
        return tp_fail(err, TP_INVALID, "not an ordinary file: %s", path);
    }
    *bytes_out = (int64_t)st.st_size;
    return TP_OK;
}

tp_rc tp_file_show(const char *path, tp_file_see see, void *ctx, tp_err *err)
{
    uint8_t chunk[READ_BYTES];
    ssize_t got = 1;
    int64_t bytes = 0;
    tp_rc rc = tp_file_measure(path, &bytes, err); /* what is no file may block, or never end */
    if (rc != TP_OK) {
        return rc;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return fail_errno(err, "opening a file");
    }
    while (rc == TP_OK && got != 0) {
        got = read_some(fd, chunk, sizeof chunk);
        if (got > 0) {
            rc = see(ctx, tp_slice_of(chunk, (size_t)got), err);
        } else if (got < 0 && errno != EINTR) {
            rc = fail_errno(err, "reading a file");
        }
    }
    explicit_bzero(chunk, sizeof chunk);
    close(fd);
    return rc;
}

typedef struct copying {
    int fd;
    int64_t bytes_left;
} copying;

static tp_rc write_chunk(void *ctx, tp_slice chunk, tp_err *err)
{
    copying *c = ctx;
    if ((int64_t)chunk.bytes > c->bytes_left) {
        chunk.bytes = (size_t)c->bytes_left;
    }
    c->bytes_left -= (int64_t)chunk.bytes;
    return write_all(c->fd, chunk, err);
}

tp_rc tp_file_copy(const char *from, int64_t bytes, const char *to, tp_err *err)
{
    copying c = {.bytes_left = bytes};
    c.fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (c.fd < 0) {
        return fail_errno(err, "making a file");
    }
    tp_rc rc = tp_file_show(from, write_chunk, &c, err);
    if (rc == TP_OK && c.bytes_left > 0) {
        rc = tp_fail(err, TP_CORRUPT, "the file is shorter than it was");
    }
    rc = finish_writing(c.fd, rc, err);
    if (rc != TP_OK) {
        (void)unlink(to);
    }
    return rc;
}

tp_rc tp_file_append(const char *path, tp_slice content, tp_err *err)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (fd < 0) {
        return fail_errno(err, "opening a file");
    }
    return finish_writing(fd, write_all(fd, content, err), err);
}

tp_rc tp_file_remove(const char *path, tp_err *err)
{
    if (unlink(path) != 0) {
        return fail_errno(err, "removing a file");
    }
    return sync_dir_of(path, err);
}

tp_rc tp_file_set_aside(const char *path, int64_t bytes, tp_err *err)
{
    int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return fail_errno(err, "making a file");
    }
    int code = posix_fallocate(fd, 0, (off_t)bytes);
    tp_rc rc = TP_OK;
    if (code != 0) {
        errno = code;
        rc = fail_errno(err, "setting space aside");
    }
    rc = finish_writing(fd, rc, err);
    if (rc != TP_OK) {
        (void)unlink(path);
    }
    return rc;
}

bool tp_file_exists(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

bool tp_file_is_same(const char *path, const char *other)
{
    struct stat a;
    struct stat b;
    return stat(path, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

/* Makes each missing directory on the way, all of mode 0700. */
static tp_rc make_with_parents(const char *path, tp_err *err)
{
    tp_path partial;
    size_t bytes = strlen(path);
    if (bytes == 0 || bytes >= sizeof partial.at) {
        return tp_fail(err, bytes == 0 ? TP_INVALID : TP_LIMIT, "a path of %zu bytes", bytes);
    }
    memcpy(partial.at, path, bytes + 1);
    bool is_new = false;
    for (size_t i = 1; i <= bytes; i++) {
        if (path[i] != '/' && path[i] != '\0') {
            continue;
        }
        partial.at[i] = '\0';
        /* EACCES and EROFS may come before EEXIST: whether it is there is for the caller's check.
         */
        if (mkdir(partial.at, 0700) == 0) {
            is_new = true;
        } else if (errno != EEXIST && !tp_file_exists(partial.at)) {
            return fail_errno(err, "making the directory");
        }
        partial.at[i] = path[i];
    }
    return is_new ? sync_dir_of(path, err) : TP_OK;
}

static tp_rc write_all(int fd, tp_slice content, tp_err *err)
{
    if (tp_fault("file.write")) {
        errno = ENOSPC;
        return fail_errno(err, "writing a file");
    }
    while (content.bytes > 0) {
        ssize_t put = write(fd, content.at, content.bytes);
        if (put < 0 && errno != EINTR) {
            return fail_errno(err, "writing a file");
        }
        if (put > 0) {
            content.at += put;
            content.bytes -= (size_t)put;
        }
    }
    return TP_OK;
}

/* Syncs and closes what was written; `rc` is how the writing went. */
static tp_rc finish_writing(int fd, tp_rc rc, tp_err *err)
{
    if (rc == TP_OK && (breaks("file.fsync") || fsync(fd) != 0)) {
        rc = fail_errno(err, "writing a file through to the disk");
    }
    if (close(fd) != 0 && rc == TP_OK) {
        rc = fail_errno(err, "closing a file");
    }
    return rc;
}

/* Writes and syncs a file of mode 0600 named "PATH.XXXXXX". */
static tp_rc write_beside(const char *path, tp_slice content, tp_path *part_out, tp_err *err)
{
    int chars = snprintf(part_out->at, sizeof part_out->at, "%s.XXXXXX", path);
    if (chars < 0 || (size_t)chars >= sizeof part_out->at) {
        return tp_fail(err, TP_LIMIT, "the path is longer than %u bytes", TP_PATH_BYTES_MAX - 8);
    }
    int fd = mkostemp(part_out->at, O_CLOEXEC); /* makes it 0600 */
    if (fd < 0) {
        return fail_errno(err, "making a file");
    }
    tp_rc rc = finish_writing(fd, write_all(fd, content, err), err);
    if (rc != TP_OK) {
        (void)unlink(part_out->at);
    }
    return rc;
}

/* Makes the names in a file's directory durable. */
static tp_rc sync_dir_of(const char *path, tp_err *err)
{
    tp_path dir;
    const char *slash = strrchr(path, '/');
    size_t bytes = slash == NULL ? 0 : (size_t)(slash - path);
    if (bytes >= sizeof dir.at) {
        return tp_fail(err, TP_LIMIT, "the path is longer than %u bytes", TP_PATH_BYTES_MAX - 1);
    }
    memcpy(dir.at, path, bytes);
    dir.at[bytes] = '\0';
    if (bytes == 0) {
        dir.at[0] = slash == NULL ? '.' : '/';
        dir.at[1] = '\0';
    }
    int fd = open(dir.at, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* A parent that may be passed through but not read cannot be synced, and was not made by us. */
    if (fd < 0 && errno == EACCES) {
        return TP_OK;
    }
    tp_rc rc = fd < 0 || breaks("file.fsync") || fsync(fd) != 0
                   ? fail_errno(err, "writing a directory through to the disk")
                   : TP_OK;
    if (fd >= 0) {
        close(fd);
    }
    return rc;
}
