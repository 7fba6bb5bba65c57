/* Is all of it true? */
#ifndef TP_NODE_VIEW_VERIFY_H
#define TP_NODE_VIEW_VERIFY_H

#include "node/view/view.h"
#include "platform/store/watched.h"
#include "sync/log/verify.h"

/* Tables whose rows have nothing else to be held against (platform/store/watched.h). */
extern const tp_watched tp_verify_watched[];
extern const size_t tp_verify_watched_count;

/* The file's own integrity, the log (sync/log/verify.h), the tables beside it, and that the views
 * are what a rebuild would make (made anew and undone; not where the log itself is damaged).
 * Shape:  begins and ends its own transactions; of what is held nothing is changed, and after a
 *         finding the next sync counts what is held from the bytes.
 * Owns:   *report_out is large (10 KiB). */
TP_MUST_USE tp_rc tp_verify(tp_view *view, tp_log_verified *report_out, tp_err *err);

/* Takes what is in one of these tables as it is from now on, damage as well: somebody has looked
 * through it.  Its own transaction.
 * Errors: INVALID not a table of what only this machine needs. */
TP_MUST_USE tp_rc tp_verify_accept(tp_view *view, const char *table, tp_err *err);

#endif
