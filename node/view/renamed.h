/* What this folder keeps of names, where some got others: after a fork (sync/log/fork.h), or where
 * an older card has used a number again. */
#ifndef TP_NODE_VIEW_RENAMED_H
#define TP_NODE_VIEW_RENAMED_H

#include "node/view/view.h"
#include "schema/renaming.h"

/* Calls anew what readers have seen and what they put aside, in the transaction of the fork; the
 * views are made again by whoever calls (tp_merge_rebuild). */
TP_MUST_USE tp_rc tp_view_renamed(tp_view *view, tp_tx *tx, const tp_renaming *renaming,
                                  tp_err *err);

#endif
