/* What a check found. */
#include "platform/base/findings.h"

#include <stdarg.h>
#include <stdio.h>

void tp_findings_add(tp_findings *findings, const char *fmt, ...)
{
    if (findings->count < TP_FINDINGS_MAX) {
        va_list args;
        va_start(args, fmt);
        (void)vsnprintf(findings->text[findings->count], TP_FINDING_BYTES, fmt, args);
        va_end(args);
    }
    findings->count++;
}

uint32_t tp_findings_kept(const tp_findings *findings)
{
    return findings->count < TP_FINDINGS_MAX ? (uint32_t)findings->count : TP_FINDINGS_MAX;
}

tp_rc tp_findings_take(tp_findings *findings, const char *where, tp_rc rc, const tp_err *err)
{
    if (rc != TP_CORRUPT) {
        return rc;
    }
    tp_findings_add(findings, "%s: %s", where, err->what);
    return TP_OK;
}
