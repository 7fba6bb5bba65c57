/* The views, and how merge feeds them. */
#include "node/view/view.h"

#include "node/view/view_state.h"
#include "platform/base/alloc.h"

static tp_rc touched(void *context, tp_tx *tx, tp_name record, tp_name change, uint32_t entity,
                     tp_name person, tp_err *err);
static tp_rc clear(void *context, tp_tx *tx, tp_err *err);

const char tp_view_schema_1[] =
    /* What people are found by: one row for each person and alias record. */
    "CREATE TABLE search_card ("
    "  person INTEGER NOT NULL," /* packed names; the cards of a person stand together */
    "  record INTEGER NOT NULL,"
    "  names TEXT NOT NULL," /* lists: words with one space between (view_state.h, tp_card) */
    "  sounds TEXT NOT NULL,"
    "  words TEXT NOT NULL,"
    "  phones TEXT NOT NULL,"
    "  nhs TEXT NOT NULL,"
    "  born TEXT NOT NULL,"
    "  PRIMARY KEY (person, record)"
    ") WITHOUT ROWID, STRICT;"
    /* Records in which there may be something to review, so that nobody goes through all. */
    "CREATE TABLE review_mark ("
    "  record INTEGER PRIMARY KEY"
    ") STRICT;"
    /* Consent events that name this person on a page joined then: they stay on it (design,
     * Joining). */
    "CREATE TABLE consent_named ("
    "  person INTEGER NOT NULL,"
    "  record INTEGER NOT NULL,"
    "  PRIMARY KEY (person, record)"
    ") WITHOUT ROWID, STRICT;"
    /* What a reader has seen of a person: a tp_log_mark. */
    "CREATE TABLE look ("
    "  worker TEXT NOT NULL,"
    "  person INTEGER NOT NULL,"
    "  seq INTEGER NOT NULL,"
    "  arrived INTEGER NOT NULL,"
    "  PRIMARY KEY (worker, person)"
    ") WITHOUT ROWID, STRICT;"
    /* Review items somebody has put aside. */
    "CREATE TABLE dismissed ("
    "  item TEXT PRIMARY KEY," /* its id */
    "  worker TEXT NOT NULL,"
    "  at_ms INTEGER NOT NULL" /* UTC, as well as this machine knew */
    ") WITHOUT ROWID, STRICT;";

/* When they looked, for the people somebody saw last: UTC, as well as this machine knew. */
const char tp_view_schema_3[] = "ALTER TABLE look ADD COLUMN at_ms INTEGER NOT NULL DEFAULT 0;"
                                "CREATE INDEX look_at ON look (worker, at_ms);";

tp_rc tp_view_open(tp_log *log, tp_view **view_out, tp_err *err)
{
    *view_out = NULL;
    tp_view *view = tp_alloc(sizeof *view);
    if (view == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for the views");
    }
    view->log = log;
    const tp_merge_sink sink = {.context = view, .touched = touched, .clear = clear};
    tp_rc rc = tp_merge_open(log, &sink, &view->merge, err);
    if (rc != TP_OK) {
        tp_view_close(view);
        return rc;
    }
    *view_out = view;
    return TP_OK;
}

void tp_view_close(tp_view *view)
{
    if (view != NULL) {
        tp_merge_close(view->merge);
        tp_free(view);
    }
}

tp_merge *tp_view_merge(const tp_view *view)
{
    return view->merge;
}

tp_rc tp_view_add_names(tp_view *view, tp_tx *tx, tp_stmt *s, tp_buf *names, tp_err *err)
{
    bool is_row = false;
    tp_rc rc = tp_stmt_step(s, &is_row, err);
    while (rc == TP_OK && is_row) {
        tp_name record = {0, 0};
        rc = tp_log_unpack(view->log, tx, tp_stmt_int(s, 0), &record, err);
        if (rc == TP_OK) {
            rc = tp_buf_add(names, &record, sizeof record, err);
        }
        if (rc == TP_OK) {
            rc = tp_stmt_step(s, &is_row, err);
        }
    }
    tp_stmt_done(s);
    return rc;
}

/* What most records are: written once, of an entity in which a single change has nothing to review
 * and nobody is found by.  They cost one look into a small table. */
static tp_rc is_quiet(tp_view *view, tp_tx *tx, tp_name record, uint32_t entity, bool *is_quiet_out,
                      tp_err *err)
{
    const bool is_plain = entity == TP_CONTACT || entity == TP_NEED || entity == TP_ROLE ||
                          entity == TP_JOIN || entity == TP_UNJOIN;
    bool is_marked = true;
    tp_rc rc = is_plain ? tp_mark_is_set(view, tx, record, &is_marked, err) : TP_OK;
    *is_quiet_out = !is_marked;
    return rc;
}

/* Nothing of it is held any more. */
static tp_rc forget(tp_view *view, tp_tx *tx, tp_name record, tp_name person, tp_err *err)
{
    tp_rc rc = tp_card_remove(view, tx, record, person, err);
    if (rc == TP_OK) {
        rc = tp_mark_set(view, tx, record, false, err);
    }
    if (rc == TP_OK) {
        rc = tp_waiting_remove(view, tx, record, err);
    }
    return rc == TP_OK ? tp_named_remove(view, tx, record, err) : rc;
}

static tp_rc touched(void *context, tp_tx *tx, tp_name record, tp_name change, uint32_t entity,
                     tp_name person, tp_err *err)
{
    tp_view *view = context;
    tp_loaded *loaded = NULL;
    bool is_done = false;
    tp_rc rc = TP_OK;
    if (tp_name_eq(record, change)) {
        rc = is_quiet(view, tx, record, entity, &is_done, err);
    }
    if (rc != TP_OK || is_done) {
        return rc;
    }
    tp_err missing = {0};
    rc = tp_merge_load(view->merge, tx, record, &loaded, &missing);
    if (rc == TP_NOTFOUND) {
        return forget(view, tx, record, person, err);
    }
    if (rc != TP_OK) {
        *err = missing;
        return rc;
    }
    rc = tp_card_put(view, tx, loaded, err);
    if (rc == TP_OK) {
        rc = tp_mark_put(view, tx, loaded, err);
    }
    if (rc == TP_OK) {
        rc = tp_waiting_put(view, tx, loaded, err);
    }
    if (rc == TP_OK && entity == TP_CONSENT) {
        rc = tp_named_put(view, tx, loaded, err);
    }
    tp_loaded_free(loaded);
    return rc;
}

static tp_rc clear(void *context, tp_tx *tx, tp_err *err)
{
    (void)context;
    tp_rc rc = tp_card_clear(tx, err);
    if (rc == TP_OK) {
        rc = tp_mark_clear(tx, err);
    }
    if (rc == TP_OK) {
        rc = tp_waiting_clear(tx, err);
    }
    return rc == TP_OK ? tp_named_clear(tx, err) : rc;
}
