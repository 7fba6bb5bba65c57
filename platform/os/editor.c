/* Long text in the person's own editor. */
#include "platform/os/editor.h"

#include "platform/os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_NOT_FOUND = 127 }; /* what a shell answers for a command that is not there */

static tp_rc wait_for_editor(const char *dir, const char *path, tp_err *err);
static tp_rc judge_status(int status, tp_err *err);
static void shred(const char *path);

tp_rc tp_editor_run(const char *dir, tp_slice before, tp_buf *out, tp_err *err)
{
    tp_path path;
    tp_rc rc = tp_path_join(dir, "note.XXXXXX", &path, err);
    if (rc != TP_OK) {
        return rc;
    }
    /* A name of its own; the content goes in through tp_file_write, which replaces it. */
    int fd = mkostemp(path.at, O_CLOEXEC);
    if (fd < 0) {
        return tp_fail_from(err, TP_IO, TP_ORIGIN_OS, errno, "making a file for the editor: %s",
                            strerror(errno));
    }
    close(fd);
    rc = tp_file_write(path.at, before, err);
    if (rc == TP_OK) {
        rc = wait_for_editor(dir, path.at, err);
    }
    if (rc == TP_OK) {
        rc = tp_file_read(path.at, out, err);
    }
    shred(path.at);
    return rc;
}

/* $EDITOR is a piece of shell by custom ("vim -n"); the path stays an argument of its own. */
static tp_rc editor_command(char *out, size_t room, tp_err *err)
{
    const char *command = getenv("VISUAL");
    if (command == NULL || command[0] == '\0') {
        command = getenv("EDITOR");
    }
    if (command == NULL || command[0] == '\0') {
        command = "vi";
    }
    int chars = snprintf(out, room, "%s \"$@\"", command);
    if (chars < 0 || (size_t)chars >= room) {
        return tp_fail(err, TP_LIMIT, "the command in VISUAL or EDITOR is too long");
    }
    return TP_OK;
}

/* While the editor runs, Ctrl-C and Ctrl-\ belong to it alone, as with system(). */
static tp_rc wait_for_editor(const char *dir, const char *path, tp_err *err)
{
    char command[TP_PATH_BYTES_MAX];
    tp_rc rc = editor_command(command, sizeof command, err);
    if (rc != TP_OK) {
        return rc;
    }
    struct sigaction ignore = {0};
    struct sigaction old_int;
    struct sigaction old_quit;
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGINT, &ignore, &old_int);
    sigaction(SIGQUIT, &ignore, &old_quit);
    pid_t child = fork();
    if (child == 0) {
        sigaction(SIGINT, &old_int, NULL);
        sigaction(SIGQUIT, &old_quit, NULL);
        (void)setenv("TMPDIR", dir, 1);
        execl("/bin/sh", "sh", "-c", command, "editor", path, (char *)NULL);
        _exit(EXIT_NOT_FOUND);
    }
    int fork_code = errno;
    int status = 0;
    pid_t ended = child < 0 ? -1 : waitpid(child, &status, 0);
    while (child > 0 && ended < 0 && errno == EINTR) {
        ended = waitpid(child, &status, 0);
    }
    sigaction(SIGINT, &old_int, NULL);
    sigaction(SIGQUIT, &old_quit, NULL);
    if (child < 0) {
        return tp_fail_from(err, TP_IO, TP_ORIGIN_OS, fork_code, "starting the editor: %s",
                            strerror(fork_code));
    }
    return judge_status(status, err);
}

static tp_rc judge_status(int status, tp_err *err)
{
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        return TP_OK;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NOT_FOUND) {
        return tp_fail(err, TP_NOTFOUND, "no editor found: set VISUAL or EDITOR to one");
    }
    return tp_fail(err, TP_DENIED, "the editor ended with an error, so nothing is taken");
}

/* Overwrites in place what a plain file system still holds of the text; a copy-on-write or flash
 * disk may keep older blocks, which only encryption hides. */
static void shred(const char *path)
{
    static const char zeros[4096];
    struct stat st;
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd >= 0 && fstat(fd, &st) == 0) {
        for (off_t at = 0; at < st.st_size; at += (off_t)sizeof zeros) {
            if (pwrite(fd, zeros, sizeof zeros, at) < 0) {
                break;
            }
        }
        (void)fsync(fd);
    }
    if (fd >= 0) {
        close(fd);
    }
    (void)unlink(path);
}
