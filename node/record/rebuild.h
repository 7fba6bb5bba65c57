/* Making a node's views again from its log: after an upgrade, or because somebody asks.  It takes a
 * while where much is held, so other processes can read how far it is (work_note.h,
 * TP_NODE_REBUILD_STATE). */
#ifndef TP_NODE_RECORD_REBUILD_H
#define TP_NODE_RECORD_REBUILD_H

#include "node/record/node.h"

/* Were the views made by a program that knew something else? */
TP_MUST_USE tp_rc tp_node_is_stale(tp_node *node, bool *is_stale_out, tp_err *err);

/* Makes them again in one transaction: until it is committed others read what was there, and write
 * nothing.  Where another process is at it, that one is waited for.
 * Shape:  is_asked false: only where they are stale still, once nobody else is at it.  `progress`
 *         may be NULL.
 * Errors: BUSY another process holds the file for something else;  those of merge. */
TP_MUST_USE tp_rc tp_node_rebuild(tp_node *node, bool is_asked, const tp_merge_progress *progress,
                                  tp_err *err);

#endif
