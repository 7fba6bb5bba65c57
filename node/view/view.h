/* The read side of a node: what is shown of the records it holds.
 *
 *   shown.h     one record as it is shown          name.h      names as people type and read them
 *   find.h      people by whatever is known        timeline.h  everything about one person
 *   pending.h   help requests and actions          consent.h   what a person has agreed to, and why
 *   review.h    what somebody must look at         status.h    how the node is
 *   verify.h    is all of it true?
 *
 * Everything runs in the caller's transaction and prints nothing.  What it owns: `search_card`,
 * `review_mark`, `consent_named` and `waiting` are views, made again by a rebuild; `look` and
 * `dismissed` are facts. */
#ifndef TP_NODE_VIEW_VIEW_H
#define TP_NODE_VIEW_VIEW_H

#include "sync/merge/merge.h"

/* The tables of this module, version 1.  After tp_merge_schema_1. */
extern const char tp_view_schema_1[];
/* What version 3 of the node's database adds to them. */
extern const char tp_view_schema_3[];
/* What version 4 adds: a view, made by the rebuild that a newer program does. */
extern const char tp_view_schema_4[];
/* What version 6 adds to that view. */
extern const char tp_view_schema_7[];

typedef struct tp_view tp_view;

/* Opens log, merge and views in their order, since merge feeds the views.
 * Owns:   *view_out is the caller's, tp_view_close(); `log` outlives it.  Borrow its merge with
 *         tp_view_merge(). */
TP_MUST_USE tp_rc tp_view_open(tp_log *log, tp_view **view_out, tp_err *err);
/* Takes NULL. */
void tp_view_close(tp_view *view);
tp_merge *tp_view_merge(const tp_view *view);

#endif
