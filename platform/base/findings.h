/* What a check found, in plain words: it goes on after the first finding, and keeps the first
 * TP_FINDINGS_MAX of them. */
#ifndef TP_PLATFORM_BASE_FINDINGS_H
#define TP_PLATFORM_BASE_FINDINGS_H

#include "platform/base/err.h"
#include "platform/base/limits.h"

#include <stdint.h>

enum { TP_FINDING_BYTES = 192 };

/* About 10 KiB; zero: nothing was found. */
typedef struct tp_findings {
    uint64_t count; /* all of them */
    char text[TP_FINDINGS_MAX][TP_FINDING_BYTES];
} tp_findings;

/* One sentence without its full stop, no personal data; what does not fit is cut off. */
void tp_findings_add(tp_findings *findings, const char *fmt, ...) TP_PRINTF(2, 3);
/* How many of them are kept. */
uint32_t tp_findings_kept(const tp_findings *findings);

/* Damage that stood in the way of reading on is a finding too: TP_OK where rc is CORRUPT, and the
 * finding begins with `where`; anything else is passed on. */
TP_MUST_USE tp_rc tp_findings_take(tp_findings *findings, const char *where, tp_rc rc,
                                   const tp_err *err);

#endif
