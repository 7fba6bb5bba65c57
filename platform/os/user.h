/* Users of this machine. */
#ifndef TP_PLATFORM_OS_USER_H
#define TP_PLATFORM_OS_USER_H

#include "platform/base/err.h"

#include <stdint.h>

/* Who this program runs as. */
uint32_t tp_user_own(void);

/* Errors: INVALID nobody is called that;  IO. */
TP_MUST_USE tp_rc tp_user_find(const char *name, uint32_t *user_out, tp_err *err);

#endif
