/* Users by their names. */
#include "platform/os/user.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

enum { ENTRY_ROOM = 16 * 1024 }; /* a line of passwd, or of what stands in its place */

uint32_t tp_user_own(void)
{
    return (uint32_t)geteuid();
}

tp_rc tp_user_find(const char *name, uint32_t *user_out, tp_err *err)
{
    char room[ENTRY_ROOM];
    struct passwd entry;
    struct passwd *found = NULL;
    int code = getpwnam_r(name, &entry, room, sizeof room, &found);
    if (found != NULL) {
        *user_out = (uint32_t)found->pw_uid;
        return TP_OK;
    }
    if (code != 0 && code != ENOENT && code != ESRCH) {
        return tp_fail_from(err, TP_IO, TP_ORIGIN_OS, code, "cannot look up a user: %s",
                            strerror(code));
    }
    return tp_fail(err, TP_INVALID, "there is no user \"%.60s\" on this machine", name);
}
