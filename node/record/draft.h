/* Drafts: what somebody has begun to write on a page and not sent yet.  Facts of this device, not
 * changes: they never travel, and a rebuild keeps them. */
#ifndef TP_NODE_RECORD_DRAFT_H
#define TP_NODE_RECORD_DRAFT_H

#include "node/record/node.h"
#include "schema/renaming.h"

/* The table of this module: version 2 of the node's database. */
extern const char tp_draft_schema_2[];

typedef struct tp_draft {
    tp_slice key;  /* the page's own name for it; one worker, one key, one draft */
    tp_slice page; /* its address on screen */
    tp_slice body; /* JSON; empty in a list */
    int64_t at_ms; /* when it was put; by the wall clock, which nobody corrects */
} tp_draft;

/* Puts it in the place of an older one; draft->at_ms then is what it is kept under, which is later
 * than the older one's whatever the clock says, and so names what was put.  Where the device has no
 * place for more, those go that nobody has touched for TP_DRAFT_DAYS_KEPT.
 * Errors: INVALID key or page empty, too long or not plain;  LIMIT body over TP_DRAFT_BYTES_MAX,
 *         more than TP_DRAFTS_MAX of this worker, or TP_DRAFTS_ALL_MAX of all. */
TP_MUST_USE tp_rc tp_draft_put(tp_tx *tx, tp_slice worker, tp_draft *draft, tp_err *err);
/* The draft is borrowed until it returns. */
typedef tp_rc (*tp_draft_each)(void *context, const tp_draft *draft, tp_err *err);
/* Calls `each` once.  Errors: NOTFOUND. */
TP_MUST_USE tp_rc tp_draft_get(tp_tx *tx, tp_slice worker, tp_slice key, tp_draft_each each,
                               void *context, tp_err *err);
/* Newest first, without their bodies. */
TP_MUST_USE tp_rc tp_draft_list(tp_tx *tx, tp_slice worker, tp_draft_each each, void *context,
                                tp_err *err);
/* Is there one? */
TP_MUST_USE tp_rc tp_draft_exists(tp_tx *tx, tp_slice worker, tp_slice key, bool *exists_out,
                                  tp_err *err);
/* at_ms: only the one that was put then, so that a tab does not throw away what another one has put
 * since; 0: whenever.  Harmless where there is none. */
TP_MUST_USE tp_rc tp_draft_delete(tp_tx *tx, tp_slice worker, tp_slice key, int64_t at_ms,
                                  tp_err *err);

/* Where a change has another name: the addresses, forms and keys of all drafts with the names in
 * them called anew. */
TP_MUST_USE tp_rc tp_draft_renamed(tp_tx *tx, const tp_renaming *renaming, tp_err *err);

/* a..z, A..Z, 0..9, '-' and '_'; at most TP_DRAFT_KEY_BYTES_MAX. */
bool tp_draft_is_key(tp_slice key);

#endif
