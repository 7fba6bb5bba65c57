/* What waits for somebody, in a table of its own: of tens of thousands of records a few do, and a
 * page that lists them must not go through the others. */
#include "node/view/pending.h"
#include "node/view/view_state.h"
#include "schema/london_time.h"
#include "schema/partial_date.h"

enum { WAITING_MAX = 100 * 1000, WHOM_BYTES_MAX = 64 * 1024 };

const char tp_view_schema_4[] =
    "CREATE TABLE waiting ("
    "  entity INTEGER NOT NULL,"
    "  at_ms INTEGER NOT NULL," /* a consent's: when somebody must ask again, UTC; else 0 */
    "  record INTEGER NOT NULL,"
    "  PRIMARY KEY (entity, at_ms, record)"
    ") WITHOUT ROWID, STRICT;"
    "CREATE UNIQUE INDEX waiting_record ON waiting (record);";

const char tp_view_schema_7[] =
    /* A request's or an action's: "\nAGENCY\tWORKER\n" for each who may hold it or have it offered,
     * so that who asks for theirs need not load everybody's; empty: not known, anybody. */
    "ALTER TABLE waiting ADD COLUMN whom TEXT NOT NULL DEFAULT '';";

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

/* ---- For whom ---- */

static bool is_plain(tp_slice text)
{
    for (size_t i = 0; i < text.bytes; i++) {
        if (text.at[i] < ' ') {
            return false;
        }
    }
    return true;
}

static tp_rc add_one(tp_buf *whom, tp_slice agency, tp_slice worker, tp_err *err)
{
    return tp_buf_addf(whom, err, "\n%.*s\t%.*s\n", TP_SLICE_FMT(agency), TP_SLICE_FMT(worker));
}

/* Whom a head names.  *is_known_out false: it cannot be told for good. */
static tp_rc add_head(const tp_loaded *loaded, const tp_loaded_field *field, uint32_t at,
                      tp_buf *whom, bool *is_known_out, tp_err *err)
{
    tp_value value;
    bool has_value = false;
    tp_rc rc = tp_loaded_value(loaded, field, at, &value, &has_value, err);
    if (rc != TP_OK || !has_value || value.is_null) {
        *is_known_out = false;
        return rc;
    }
    /* A device that the directory does not know yet may be of that agency, or of another. */
    *is_known_out = *is_known_out && loaded->record.changes[at].agency.bytes > 0 &&
                    is_plain(value.texts[0]) && is_plain(value.texts[1]);
    return *is_known_out ? add_one(whom, value.texts[0], value.texts[1], err) : TP_OK;
}

/* Every head counts, whichever is shown; where nobody took it, whoever made it holds it. */
static tp_rc find_whom(const tp_loaded *loaded, tp_buf *whom, tp_err *err)
{
    const tp_loaded_field *field = tp_loaded_field_of(
        loaded, loaded->record.entity == TP_ACTION ? TP_ACTION_OWNER : TP_REQUEST_HOLDER);
    const bool is_creators = field == NULL || field->state.shown == TP_DECIDE_NONE;
    bool is_known = true;
    tp_rc rc = TP_OK;
    if (loaded->record.entity == TP_CONSENT) {
        return TP_OK;
    }
    for (uint32_t i = 0; rc == TP_OK && field != NULL && i < field->state.heads_count; i++) {
        rc = add_head(loaded, field, field->heads[i].at, whom, &is_known, err);
    }
    if (rc == TP_OK && is_creators) {
        is_known = is_known && loaded->record.creator.bytes > 0;
        rc = add_one(whom, loaded->record.creator, tp_slice_str(""), err);
    }
    if (rc == TP_OK && !is_known) {
        tp_buf_clear(whom);
    }
    return rc;
}

/* ---- Rows ---- */

static tp_rc put_row(tp_tx *tx, const tp_loaded *loaded, tp_packed_name record, int64_t at_ms,
                     tp_err *err)
{
    tp_stmt *s = NULL;
    tp_buf whom;
    tp_buf_init(&whom, WHOM_BYTES_MAX);
    tp_rc rc = find_whom(loaded, &whom, err);
    if (rc == TP_OK) {
        rc = tp_tx_prepare(
            tx, "INSERT OR REPLACE INTO waiting (entity, at_ms, record, whom) VALUES (?, ?, ?, ?)",
            &s, err);
    }
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, loaded->record.entity);
        tp_stmt_bind_int(s, 2, at_ms);
        tp_stmt_bind_int(s, 3, record);
        tp_stmt_bind_text(s, 4, tp_buf_slice(&whom));
        rc = tp_stmt_run(s, err);
    }
    tp_buf_done(&whom);
    return rc;
}

tp_rc tp_waiting_put(tp_view *view, tp_tx *tx, const tp_loaded *loaded, tp_err *err)
{
    tp_packed_name packed = 0;
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
    return rc == TP_OK ? put_row(tx, loaded, packed, at_ms, err) : rc;
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

/* "\nAGENCY\t" of an agency; "\nAGENCY\t\n" and "\nAGENCY\tWORKER\n" of one of it. */
static tp_rc bind_whom(tp_stmt *s, const tp_waiting_ask *ask, tp_buf *any, tp_buf *one, tp_err *err)
{
    tp_rc rc = TP_OK;
    if (ask->agency.bytes > 0 && ask->worker.bytes > 0) {
        rc = add_one(any, ask->agency, tp_slice_str(""), err);
    } else if (ask->agency.bytes > 0) {
        rc = tp_buf_addf(any, err, "\n%.*s\t", TP_SLICE_FMT(ask->agency));
    }
    if (rc == TP_OK && ask->agency.bytes > 0) {
        rc = add_one(one, ask->agency, ask->worker, err);
    }
    tp_stmt_bind_text(s, 4, tp_buf_slice(any));
    tp_stmt_bind_text(s, 5, tp_buf_slice(one));
    return rc;
}

static tp_rc read_rows(tp_view *view, tp_tx *tx, const tp_waiting_ask *ask, tp_buf *names,
                       tp_err *err)
{
    tp_stmt *s = NULL;
    tp_buf any;
    tp_buf one;
    tp_rc rc = tp_tx_prepare(tx,
                             "SELECT record FROM waiting WHERE entity = ?1 AND at_ms >= ?2 AND "
                             "at_ms < ?3 AND (?5 = '' OR whom = '' OR instr(whom, ?4) OR "
                             "instr(whom, ?5)) ORDER BY at_ms, record",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_buf_init(&any, WHOM_BYTES_MAX);
    tp_buf_init(&one, WHOM_BYTES_MAX);
    tp_stmt_bind_int(s, 1, ask->entity);
    tp_stmt_bind_int(s, 2, ask->from_ms);
    tp_stmt_bind_int(s, 3, ask->until_ms);
    rc = bind_whom(s, ask, &any, &one, err);
    if (rc == TP_OK) {
        rc = tp_view_add_names(view, tx, s, names, err);
    } else {
        tp_stmt_done(s);
    }
    tp_buf_done(&any);
    tp_buf_done(&one);
    return rc;
}

tp_rc tp_waiting_all(tp_view *view, tp_tx *tx, const tp_waiting_ask *ask, tp_arena *arena,
                     const tp_name **records_out, uint32_t *count_out, tp_err *err)
{
    tp_buf names;
    tp_slice copy = {NULL, 0};
    tp_buf_init(&names, WAITING_MAX * sizeof(tp_name));
    tp_rc rc = read_rows(view, tx, ask, &names, err);
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
