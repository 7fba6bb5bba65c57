/* Waking the background process: a FIFO in the data directory.  The daemon polls it beside its
 * timers; a command that wrote something pokes it. */
#ifndef TP_PLATFORM_OS_WAKE_H
#define TP_PLATFORM_OS_WAKE_H

#include "platform/base/err.h"

#include <stdbool.h>

typedef struct tp_wake {
    int fd; /* readable when somebody poked: poll it; -1: closed */
} tp_wake;

#define TP_WAKE_CLOSED                                                                             \
    {                                                                                              \
        -1                                                                                         \
    }

/* Makes the FIFO (0600) where it is missing and listens.
 * Errors: INVALID something else is there by that name;  DENIED;  IO. */
TP_MUST_USE tp_rc tp_wake_open(const char *path, tp_wake *wake_out, tp_err *err);
/* Takes all pokes so far; true if there was one. */
bool tp_wake_drain(tp_wake *wake);
/* Leaves the FIFO in place.  Harmless on a closed one. */
void tp_wake_close(tp_wake *wake);

/* From any process; never waits and has nothing to report: where nobody listens there is nobody to
 * wake.  True if somebody listens. */
bool tp_wake_poke(const char *path);

#endif
