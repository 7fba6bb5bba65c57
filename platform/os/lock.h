/* One process at a time: a lock on a file, which the kernel drops when its holder dies. */
#ifndef TP_PLATFORM_OS_LOCK_H
#define TP_PLATFORM_OS_LOCK_H

#include "platform/base/err.h"

typedef struct tp_lock {
    int fd; /* -1: not held */
} tp_lock;

#define TP_LOCK_NONE                                                                               \
    {                                                                                              \
        -1                                                                                         \
    }

/* Takes the lock without waiting; makes the file (0600) where it is missing and never removes it.
 * Errors: BUSY another process, or another tp_lock of this one, holds it;  DENIED, also where the
 *         disk can only be read and the file is missing;  IO. */
TP_MUST_USE tp_rc tp_lock_take(const char *path, tp_lock *lock_out, tp_err *err);

/* The same for several at once: they keep out whoever takes the lock alone, and are kept out by
 * it. */
TP_MUST_USE tp_rc tp_lock_share(const char *path, tp_lock *lock_out, tp_err *err);

/* Harmless on a lock that is not held. */
void tp_lock_release(tp_lock *lock);

#endif
