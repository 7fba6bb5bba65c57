/* Long text in the person's own editor, so that it shows in no process list. */
#ifndef TP_PLATFORM_OS_EDITOR_H
#define TP_PLATFORM_OS_EDITOR_H

#include "platform/base/buf.h"
#include "platform/base/err.h"
#include "platform/base/slice.h"

/* Runs $VISUAL, else $EDITOR, else "vi", on a file (0600) in the private directory `dir` that holds
 * `before`, waits, and appends what it was left with to `out`, whose ceiling bounds it.  The file
 * is overwritten and removed whatever happens; what the editor itself leaves (swap files, backups)
 * is its own affair, but its TMPDIR is `dir`. Errors: DENIED the editor ended with an error, so
 * nothing is taken;  NOTFOUND there is no such editor;  LIMIT above the ceiling;  NOMEM;  IO. */
TP_MUST_USE tp_rc tp_editor_run(const char *dir, tp_slice before, tp_buf *out, tp_err *err);

#endif
