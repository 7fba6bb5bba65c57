/* Making the views again. */
#include "node/record/rebuild.h"

#include "node/record/work_note.h"

/* Whom it tells how far it is. */
typedef struct telling {
    tp_work_notes notes;
    const tp_merge_progress *progress; /* NULL: only the note */
} telling;

static void tell(void *context, uint64_t done, uint64_t all)
{
    telling *t = context;
    const tp_work_note note = {.phase = TP_WORK_REBUILDING, .done = done, .all = all};
    tp_work_notes_put(&t->notes, &note);
    if (t->progress != NULL) {
        t->progress->at(t->progress->context, done, all);
    }
}

tp_rc tp_node_is_stale(tp_node *node, bool *is_stale_out, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_READ, err);
    if (rc == TP_OK) {
        rc = tp_merge_is_stale(node->merge, &tx, is_stale_out, err);
    }
    tp_tx_rollback(&tx);
    return rc;
}

/* A store that is busy with a rebuild of another process is worth more patience than any other. */
static tp_rc begin(tp_node *node, tp_tx *tx, tp_err *err)
{
    tp_work_note note;
    tp_rc rc = TP_BUSY;
    bool is_other_at_it = true;
    while (rc == TP_BUSY && is_other_at_it) {
        rc = tp_tx_begin(node->store, tx, TP_TX_WRITE, err);
        is_other_at_it = tp_work_note_read(node, TP_NODE_REBUILD_STATE, &note) &&
                         note.phase == TP_WORK_REBUILDING;
    }
    return rc;
}

static tp_rc rebuild_in(tp_node *node, tp_tx *tx, const tp_merge_progress *progress, tp_err *err)
{
    static const tp_work_note over = {.phase = TP_WORK_WAITING};
    telling t = {.progress = progress};
    const tp_merge_progress its_progress = {&t, tell};
    tp_work_notes_open(&t.notes, node, TP_NODE_REBUILD_STATE);
    tell(&t, 0, 0);
    tp_rc rc = tp_merge_rebuild(node->merge, tx, &its_progress, err);
    if (rc == TP_OK) {
        rc = tp_tx_commit(tx, err);
    }
    tp_work_notes_put(&t.notes, &over);
    tp_work_notes_close(&t.notes);
    return rc;
}

tp_rc tp_node_rebuild(tp_node *node, bool is_asked, const tp_merge_progress *progress, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    bool is_due = is_asked;
    tp_rc rc = begin(node, &tx, err);
    if (rc == TP_OK && !is_asked) {
        rc = tp_merge_is_stale(node->merge, &tx, &is_due, err);
    }
    if (rc == TP_OK && is_due) {
        rc = rebuild_in(node, &tx, progress, err);
    }
    tp_tx_rollback(&tx);
    return rc;
}
