/* What waits for somebody, in a table of its own: of tens of thousands of records a few do, and a
 * page that lists them must not go through the others. */
#include "node/view/pending.h"
#include "node/view/view_state.h"
#include "schema/london_time.h"
#include "schema/partial_date.h"

enum { WAITING_MAX = 100 * 1000 };

const char tp_view_schema_4[] =
    "CREATE TABLE waiting ("
    "  entity INTEGER NOT NULL,"
    "  at_ms INTEGER NOT NULL," /* a consent's: when somebody must ask again, UTC; else 0 */
    "  record INTEGER NOT NULL,"
    "  PRIMARY KEY (entity, at_ms, record)"
    ") WITHOUT ROWID, STRICT;"
    "CREATE UNIQUE INDEX waiting_record ON waiting (record);";

/* The first moment after a day in stored form.  0: there is none. */
static tp_rc end_of(const tp_loaded *loaded, uint32_t code, int64_t *end_ms_out, tp_err *err)
{
    tp_value day;
    tp_partial_date date;
    tp_err other = {0};
    bool has_day = false;
    *end_ms_out = 0;
    tp_rc rc = tp_loaded_shown(loaded, code, &day, &has_day, err);
    if (rc == TP_OK && has_day && tp_partial_date_parse(day.text, NULL, &date, &other) == TP_OK &&
        date.precision == TP_PRECISION_DAY) {
        const tp_day last = {date.year, date.month, date.day};
        *end_ms_out = tp_london_day_end_ms(last);
    }
    return rc;
}

/* A giving waits until it ends, or until the day somebody said to ask again. */
static tp_rc judge_consent(const tp_loaded *loaded, bool *is_waiting_out, int64_t *at_ms_out,
                           tp_err *err)
{
    int64_t ends_ms = 0;
    int64_t review_ms = 0;
    tp_rc rc = end_of(loaded, TP_CONSENT_ENDS_ON, &ends_ms, err);
    if (rc == TP_OK) {
        rc = end_of(loaded, TP_CONSENT_REVIEW_ON, &review_ms, err);
    }
    const bool is_review_first = review_ms != 0 && (ends_ms == 0 || review_ms < ends_ms);
    *at_ms_out = is_review_first ? review_ms : ends_ms;
    *is_waiting_out = *at_ms_out != 0;
    return rc;
}

static bool may_wait(uint32_t entity)
{
    return entity == TP_HELP_REQUEST || entity == TP_ACTION || entity == TP_CONSENT;
}

static tp_rc judge(const tp_loaded *loaded, bool *is_waiting_out, int64_t *at_ms_out, tp_err *err)
{
    const uint32_t entity = loaded->record.entity;
    tp_value status;
    bool has_status = false;
    *is_waiting_out = false;
    *at_ms_out = 0;
    if (loaded->record.count == 0 || loaded->record.changes[0].is_stub) {
        return TP_OK;
    }
    if (entity == TP_CONSENT) {
        return judge_consent(loaded, is_waiting_out, at_ms_out, err);
    }
    tp_rc rc = tp_loaded_shown(loaded, entity == TP_ACTION ? TP_ACTION_STATUS : TP_REQUEST_STATUS,
                               &status, &has_status, err);
    *is_waiting_out =
        rc == TP_OK && !(has_status && tp_pending_is_over_status(entity, status.text));
    return rc;
}

tp_rc tp_waiting_put(tp_view *view, tp_tx *tx, const tp_loaded *loaded, tp_err *err)
{
    tp_packed_name packed = 0;
    tp_stmt *s = NULL;
    int64_t at_ms = 0;
    bool is_waiting = false;
    if (!may_wait(loaded->record.entity)) {
        return TP_OK;
    }
    tp_rc rc = judge(loaded, &is_waiting, &at_ms, err);
    if (rc != TP_OK || !is_waiting) {
        return rc == TP_OK ? tp_waiting_remove(view, tx, loaded->record.name, err) : rc;
    }
    rc = tp_log_pack(view->log, tx, loaded->record.name, &packed, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(
            tx, "INSERT OR REPLACE INTO waiting (entity, at_ms, record) VALUES (?, ?, ?)", &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, loaded->record.entity);
    tp_stmt_bind_int(s, 2, at_ms);
    tp_stmt_bind_int(s, 3, packed);
    return tp_stmt_run(s, err);
}

tp_rc tp_waiting_remove(tp_view *view, tp_tx *tx, tp_name record, tp_err *err)
{
    tp_packed_name packed = 0;
    tp_stmt *s = NULL;
    tp_rc rc = tp_log_pack(view->log, tx, record, &packed, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx, "DELETE FROM waiting WHERE record = ?", &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, packed);
    return tp_stmt_run(s, err);
}

tp_rc tp_waiting_clear(tp_tx *tx, tp_err *err)
{
    return tp_tx_exec(tx, "DELETE FROM waiting", err);
}

static tp_rc add_rows(tp_view *view, tp_tx *tx, tp_stmt *s, tp_buf *names, tp_err *err)
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
    return rc;
}

tp_rc tp_waiting_all(tp_view *view, tp_tx *tx, const tp_waiting_ask *ask, tp_arena *arena,
                     const tp_name **records_out, uint32_t *count_out, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_buf names;
    tp_slice copy = {NULL, 0};
    tp_buf_init(&names, WAITING_MAX * sizeof(tp_name));
    tp_rc rc = tp_tx_prepare(tx,
                             "SELECT record FROM waiting WHERE entity = ? AND at_ms >= ? AND "
                             "at_ms < ? ORDER BY at_ms, record",
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, ask->entity);
        tp_stmt_bind_int(s, 2, ask->from_ms);
        tp_stmt_bind_int(s, 3, ask->until_ms);
        rc = add_rows(view, tx, s, &names, err);
        tp_stmt_done(s);
    }
    if (rc == TP_OK) {
        rc = tp_arena_copy(arena, tp_buf_slice(&names), &copy, err);
    }
    if (rc == TP_OK) {
        *records_out = (const tp_name *)(const void *)copy.at;
        *count_out = (uint32_t)(copy.bytes / sizeof(tp_name));
    }
    tp_buf_done(&names);
    return rc;
}
