/* Facts about names that were called anew. */
#include "node/view/renamed.h"

#include "node/view/review.h"
#include "node/view/view_state.h"

/* Whom somebody has looked at. */
static tp_rc rename_looks(tp_view *view, tp_tx *tx, const tp_renaming *renaming, tp_err *err)
{
    const tp_name first_name = {renaming->from, renaming->kept + 1};
    const tp_name last_name = {renaming->from, renaming->upto == 0 ? TP_SEQ_MAX : renaming->upto};
    tp_packed_name first = 0; /* that was written again, */
    tp_packed_name last = 0;  /* and could have been, */
    tp_packed_name now = 0;   /* and what the first is called */
    tp_stmt *s = NULL;
    tp_rc rc = tp_log_pack(view->log, tx, first_name, &first, err);
    if (rc == TP_OK) {
        rc = tp_log_pack(view->log, tx, last_name, &last, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_pack(view->log, tx, tp_renaming_of(renaming, first_name), &now, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx,
                           "UPDATE OR IGNORE look SET person = person + ?3 WHERE person >= ?1"
                           " AND person <= ?2",
                           &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, first);
    tp_stmt_bind_int(s, 2, last);
    tp_stmt_bind_int(s, 3, now - first);
    return tp_stmt_run(s, err);
}

static tp_rc rename_item(tp_tx *tx, tp_slice item, tp_slice renamed, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc =
        tp_tx_prepare(tx, "UPDATE OR IGNORE dismissed SET item = ?2 WHERE item = ?1", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_text(s, 1, item);
    tp_stmt_bind_text(s, 2, renamed);
    return tp_stmt_run(s, err);
}

/* A row that is met again under its new name has nothing left to rename.  That somebody was told of
 * an earlier fork says nothing of this one. */
static tp_rc rename_dismissed(tp_tx *tx, const tp_renaming *renaming, tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_row = false;
    tp_buf renamed;
    tp_buf_init(&renamed, TP_REVIEW_ID_MAX);
    tp_rc rc =
        tp_tx_prepare(tx, "SELECT item FROM dismissed WHERE item NOT LIKE 'copied:%'", &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_step(s, &is_row, err);
    }
    while (rc == TP_OK && is_row) {
        bool is_other = false;
        tp_buf_clear(&renamed);
        rc = tp_renaming_of_text(renaming, tp_stmt_text(s, 0), &renamed, &is_other, err);
        if (rc == TP_OK && is_other) {
            rc = rename_item(tx, tp_stmt_text(s, 0), tp_buf_slice(&renamed), err);
        }
        if (rc == TP_OK) {
            rc = tp_stmt_step(s, &is_row, err);
        }
    }
    tp_stmt_done(s);
    tp_buf_done(&renamed);
    return rc;
}

tp_rc tp_view_renamed(tp_view *view, tp_tx *tx, const tp_renaming *renaming, tp_err *err)
{
    tp_rc rc = rename_looks(view, tx, renaming, err);
    return rc == TP_OK ? rename_dismissed(tx, renaming, err) : rc;
}
