/* Errors: one struct, filled where the trouble is first known. */
#include "platform/base/err.h"

#include <stdarg.h>
#include <stdio.h>

static tp_rc fill(tp_err *err, tp_rc rc, tp_origin origin, int code, const char *fmt, va_list args)
{
    err->rc = rc;
    err->origin = origin;
    err->code = code;
    err->mend = 0;
    vsnprintf(err->what, sizeof err->what, fmt, args);
    return rc;
}

tp_rc tp_fail(tp_err *err, tp_rc rc, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fill(err, rc, TP_ORIGIN_SELF, 0, fmt, args);
    va_end(args);
    return rc;
}

tp_rc tp_fail_from(tp_err *err, tp_rc rc, tp_origin origin, int code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fill(err, rc, origin, code, fmt, args);
    va_end(args);
    return rc;
}

tp_rc tp_fail_mend(tp_err *err, tp_rc rc, int mend, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fill(err, rc, TP_ORIGIN_SELF, 0, fmt, args);
    va_end(args);
    err->mend = mend;
    return rc;
}

const char *tp_rc_name(tp_rc rc)
{
    static const char *const names[] = {"ok",       "nomem",   "limit",  "invalid",
                                        "notfound", "exists",  "denied", "busy",
                                        "offline",  "corrupt", "io"};
    return (unsigned)rc < sizeof names / sizeof names[0] ? names[rc] : "unknown";
}
