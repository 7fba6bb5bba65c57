/* Files and directories that only their owner may read.
 *
 * Fault points of test builds: file.read, file.write (the disk is full), file.fsync (of a file or
 * its directory), file.rename (of anything that gives a name). */
#ifndef TP_PLATFORM_OS_FILE_H
#define TP_PLATFORM_OS_FILE_H

#include "platform/base/buf.h"
#include "platform/base/err.h"
#include "platform/base/limits.h"
#include "platform/base/slice.h"

/* A path of bounded length, as a value. */
typedef struct tp_path {
    char at[TP_PATH_BYTES_MAX]; /* ends with a zero byte */
} tp_path;

/* "dir/name".  Errors: LIMIT longer than TP_PATH_BYTES_MAX. */
TP_MUST_USE tp_rc tp_path_join(const char *dir, const char *name, tp_path *path_out, tp_err *err);

/* From here on every file this process makes is its owner's alone (umask 077).  Once, in main. */
void tp_file_keep_private(void);

/* Makes a directory of mode 0700, with its missing parents, or accepts one that is there.
 * Errors: DENIED it belongs to another user, or others may enter it: the text names the mend;
 *         INVALID it is no directory;  IO. */
TP_MUST_USE tp_rc tp_dir_make_private(const char *path, tp_err *err);

/* Accepts a directory that is there under the same conditions.  Errors: as above; NOTFOUND. */
TP_MUST_USE tp_rc tp_dir_check_private(const char *path, tp_err *err);

/* Bytes that this user may still write in the file system of `dir`. */
TP_MUST_USE tp_rc tp_dir_free_bytes(const char *dir, int64_t *bytes_out, tp_err *err);

/* Appends a whole file to `out`, whose ceiling bounds it.  On error `out` is as it was.
 * Errors: NOTFOUND;  DENIED no right to read;  LIMIT above the ceiling;  NOMEM;  IO. */
TP_MUST_USE tp_rc tp_file_read(const char *path, tp_buf *out, tp_err *err);

/* Errors: NOTFOUND;  INVALID no ordinary file. */
TP_MUST_USE tp_rc tp_file_measure(const char *path, int64_t *bytes_out, tp_err *err);

/* Shows a whole ordinary file from its beginning, chunk by chunk.
 * Errors: those of measure and read, and what `see` answers, which ends it. */
typedef tp_rc (*tp_file_see)(void *ctx, tp_slice chunk, tp_err *err);
TP_MUST_USE tp_rc tp_file_show(const char *path, tp_file_see see, void *ctx, tp_err *err);

/* Puts a file of mode 0600 in place, whole and durable, or leaves what was there: a temporary file
 * beside it is synced, renamed, and the directory synced.  Where only the last of these fails, the
 * new content is there, but may not outlive a power cut.
 * Errors: DENIED;  IO (a full disk says so). */
TP_MUST_USE tp_rc tp_file_write(const char *path, tp_slice content, tp_err *err);

/* As tp_file_write, but never replaces a file.  Errors: EXISTS also. */
TP_MUST_USE tp_rc tp_file_create(const char *path, tp_slice content, tp_err *err);

/* Gives a finished, synced file its place, durably, and takes its old name away; never replaces
 * one. Both paths are in one file system.  Errors: EXISTS;  DENIED;  IO. */
TP_MUST_USE tp_rc tp_file_place(const char *from, const char *to, tp_err *err);

/* Gives a finished, synced file the place of another, or of none, durably.  Errors: DENIED;  IO. */
TP_MUST_USE tp_rc tp_file_replace(const char *from, const char *to, tp_err *err);

/* Gives a file a second name, durably.  Errors: EXISTS;  NOTFOUND;  DENIED;  IO. */
TP_MUST_USE tp_rc tp_file_link(const char *path, const char *name, tp_err *err);

/* The first `bytes` of a file as a new one, of mode 0600 and synced.
 * Errors: EXISTS;  NOTFOUND;  DENIED;  INVALID no ordinary file;  CORRUPT it is shorter;  IO. */
TP_MUST_USE tp_rc tp_file_copy(const char *from, int64_t bytes, const char *to, tp_err *err);

/* Makes a file of so many bytes that are really there, mode 0600: room for another day.  Replaces
 * one.  Errors: DENIED;  IO (a full disk says so), and there is no such file then. */
TP_MUST_USE tp_rc tp_file_set_aside(const char *path, int64_t bytes, tp_err *err);

/* Adds to the end of a file, durably. */
TP_MUST_USE tp_rc tp_file_append(const char *path, tp_slice content, tp_err *err);

/* Removes a file, durably.  Errors: NOTFOUND;  IO. */
TP_MUST_USE tp_rc tp_file_remove(const char *path, tp_err *err);

bool tp_file_exists(const char *path);
/* Both are there and are one file, by whatever path. */
bool tp_file_is_same(const char *path, const char *other);

/* Appends all that `fd` still gives to `out`, whose ceiling bounds it: 0 is standard input.
 * Errors: LIMIT above the ceiling;  NOMEM;  IO. */
TP_MUST_USE tp_rc tp_file_read_fd(int fd, tp_buf *out, tp_err *err);

#endif
