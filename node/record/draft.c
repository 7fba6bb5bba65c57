/* The table of drafts. */
#include "node/record/draft.h"

#include "platform/base/limits.h"

#define DAY_MS INT64_C(86400000)

const char tp_draft_schema_2[] = "CREATE TABLE draft ("
                                 "  worker TEXT NOT NULL,"
                                 "  key TEXT NOT NULL,"
                                 "  page TEXT NOT NULL,"
                                 "  body TEXT NOT NULL,"     /* JSON */
                                 "  at_ms INTEGER NOT NULL," /* wall clock, UTC */
                                 "  PRIMARY KEY (worker, key)"
                                 ") STRICT, WITHOUT ROWID;";

bool tp_draft_is_key(tp_slice key)
{
    for (size_t i = 0; i < key.bytes; i++) {
        uint8_t c = key.at[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!is_plain) {
            return false;
        }
    }
    return key.bytes > 0 && key.bytes <= TP_DRAFT_KEY_BYTES_MAX;
}

/* An address of ours: "/contact/...".  Where two slashes begin it, a browser reads another
 * machine's name. */
static bool is_page(tp_slice page)
{
    for (size_t i = 0; i < page.bytes; i++) {
        if (page.at[i] <= ' ' || page.at[i] > '~') {
            return false;
        }
    }
    bool is_ours = page.bytes > 0 && page.at[0] == '/' &&
                   (page.bytes == 1 || (page.at[1] != '/' && page.at[1] != '\\'));
    return is_ours && page.bytes <= TP_DRAFT_PAGE_BYTES_MAX;
}

static tp_rc check(const tp_draft *draft, tp_err *err)
{
    if (!tp_draft_is_key(draft->key)) {
        return tp_fail(err, TP_INVALID, "the key of a draft is 1 to %u letters, digits, - and _",
                       TP_DRAFT_KEY_BYTES_MAX);
    }
    if (!is_page(draft->page)) {
        return tp_fail(err, TP_INVALID, "the page of a draft is an address here: /...");
    }
    if (draft->body.bytes > TP_DRAFT_BYTES_MAX) {
        return tp_fail(err, TP_LIMIT, "a draft holds at most %u KiB", TP_DRAFT_BYTES_MAX / 1024u);
    }
    return TP_OK;
}

/* What stands first on a device that is full is what somebody forgot. */
static tp_rc make_place(tp_tx *tx, int64_t now_ms, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(
        tx, "DELETE FROM draft WHERE at_ms < ? AND (SELECT count(*) FROM draft) >= ?", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_int(s, 1, now_ms - TP_DRAFT_DAYS_KEPT * DAY_MS);
        tp_stmt_bind_int(s, 2, TP_DRAFTS_ALL_MAX);
        rc = tp_stmt_run(s, err);
    }
    return rc;
}

tp_rc tp_draft_put(tp_tx *tx, tp_slice worker, tp_draft *draft, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = check(draft, err);
    if (rc == TP_OK) {
        rc = make_place(tx, draft->at_ms, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx,
                           "INSERT INTO draft (worker, key, page, body, at_ms)"
                           " SELECT ?1, ?2, ?3, ?4, ?5 WHERE (SELECT count(*) FROM draft"
                           "  WHERE worker = ?1 AND key <> ?2) < ?6"
                           " AND (SELECT count(*) FROM draft"
                           "  WHERE worker <> ?1 OR key <> ?2) < ?7"
                           " ON CONFLICT (worker, key) DO UPDATE SET page = excluded.page,"
                           "  body = excluded.body, at_ms = max(excluded.at_ms, at_ms + 1)"
                           " RETURNING at_ms",
                           &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_text(s, 1, worker);
    tp_stmt_bind_text(s, 2, draft->key);
    tp_stmt_bind_text(s, 3, draft->page);
    tp_stmt_bind_text(s, 4, draft->body);
    tp_stmt_bind_int(s, 5, draft->at_ms);
    tp_stmt_bind_int(s, 6, TP_DRAFTS_MAX);
    tp_stmt_bind_int(s, 7, TP_DRAFTS_ALL_MAX);
    bool is_put = false;
    rc = tp_stmt_step(s, &is_put, err);
    if (rc == TP_OK && is_put) {
        draft->at_ms = tp_stmt_int(s, 0);
        bool is_more = false;
        rc = tp_stmt_step(s, &is_more, err); /* to its end: only then is it done */
    } else if (rc == TP_OK) {
        return tp_fail(err, TP_LIMIT,
                       "there are %u drafts of yours already, or %u on this device: finish or "
                       "discard some",
                       TP_DRAFTS_MAX, TP_DRAFTS_ALL_MAX);
    }
    return rc;
}

static tp_rc walk(tp_stmt *s, tp_draft_each each, void *context, uint32_t *count_out, tp_err *err)
{
    bool is_row = false;
    tp_rc rc = tp_stmt_step(s, &is_row, err);
    while (rc == TP_OK && is_row) {
        const tp_draft draft = {.key = tp_stmt_text(s, 0),
                                .page = tp_stmt_text(s, 1),
                                .body = tp_stmt_text(s, 2),
                                .at_ms = tp_stmt_int(s, 3)};
        ++*count_out;
        rc = each(context, &draft, err);
        if (rc == TP_OK) {
            rc = tp_stmt_step(s, &is_row, err);
        }
    }
    tp_stmt_done(s);
    return rc;
}

tp_rc tp_draft_get(tp_tx *tx, tp_slice worker, tp_slice key, tp_draft_each each, void *context,
                   tp_err *err)
{
    tp_stmt *s = NULL;
    uint32_t count = 0;
    tp_rc rc = tp_tx_prepare(
        tx, "SELECT key, page, body, at_ms FROM draft WHERE worker = ? AND key = ?", &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_text(s, 1, worker);
        tp_stmt_bind_text(s, 2, key);
        rc = walk(s, each, context, &count, err);
    }
    return rc == TP_OK && count == 0 ? tp_fail(err, TP_NOTFOUND, "there is no such draft") : rc;
}

tp_rc tp_draft_list(tp_tx *tx, tp_slice worker, tp_draft_each each, void *context, tp_err *err)
{
    tp_stmt *s = NULL;
    uint32_t count = 0;
    tp_rc rc = tp_tx_prepare(tx,
                             "SELECT key, page, '', at_ms FROM draft WHERE worker = ?"
                             " ORDER BY at_ms DESC, key",
                             &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_text(s, 1, worker);
    return walk(s, each, context, &count, err);
}

tp_rc tp_draft_exists(tp_tx *tx, tp_slice worker, tp_slice key, bool *exists_out, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "SELECT EXISTS (SELECT 1 FROM draft WHERE worker = ? AND key = ?)",
                             &s, err);
    if (rc == TP_OK) {
        tp_stmt_bind_text(s, 1, worker);
        tp_stmt_bind_text(s, 2, key);
        rc = tp_stmt_first(s, err);
    }
    if (rc == TP_OK) {
        *exists_out = tp_stmt_int(s, 0) != 0;
        tp_stmt_done(s);
    }
    return rc;
}

tp_rc tp_draft_delete(tp_tx *tx, tp_slice worker, tp_slice key, int64_t at_ms, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(
        tx, "DELETE FROM draft WHERE worker = ?1 AND key = ?2 AND ?3 IN (0, at_ms)", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_text(s, 1, worker);
    tp_stmt_bind_text(s, 2, key);
    tp_stmt_bind_int(s, 3, at_ms);
    return tp_stmt_run(s, err);
}

/* ---- After a fork ---- */

/* What a draft is, was, and in which room its new texts stand. */
typedef struct draft_texts {
    tp_slice worker;
    tp_slice key;
    tp_buf renamed[3]; /* key, page, body */
} draft_texts;

static tp_rc rename_row(tp_tx *tx, const draft_texts *t, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(
        tx,
        "UPDATE OR IGNORE draft SET key = ?3, page = ?4, body = ?5 WHERE worker = ?1 AND key = ?2",
        &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_text(s, 1, t->worker);
    tp_stmt_bind_text(s, 2, t->key);
    for (int i = 0; i < 3; i++) {
        tp_stmt_bind_text(s, 3 + i, tp_buf_slice(&t->renamed[i]));
    }
    return tp_stmt_run(s, err);
}

/* The row `s` stands at: worker, key, page, body. */
static tp_rc rename_texts(tp_tx *tx, tp_stmt *s, draft_texts *t, const tp_renaming *renaming,
                          tp_err *err)
{
    bool is_any = false;
    tp_rc rc = TP_OK;
    t->worker = tp_stmt_text(s, 0);
    t->key = tp_stmt_text(s, 1);
    for (int i = 0; rc == TP_OK && i < 3; i++) {
        bool is_other = false;
        tp_buf_clear(&t->renamed[i]);
        rc = tp_renaming_of_text(renaming, tp_stmt_text(s, 1 + i), &t->renamed[i], &is_other, err);
        is_any |= is_other;
    }
    return rc == TP_OK && is_any ? rename_row(tx, t, err) : rc;
}

/* A row that is met again under its new key has nothing left to rename. */
tp_rc tp_draft_renamed(tp_tx *tx, const tp_renaming *renaming, tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_row = false;
    draft_texts t;
    for (int i = 0; i < 3; i++) {
        tp_buf_init(&t.renamed[i], TP_DRAFT_BYTES_MAX);
    }
    tp_rc rc = tp_tx_prepare(tx, "SELECT worker, key, page, body FROM draft", &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_step(s, &is_row, err);
    }
    while (rc == TP_OK && is_row) {
        rc = rename_texts(tx, s, &t, renaming, err);
        if (rc == TP_OK) {
            rc = tp_stmt_step(s, &is_row, err);
        }
    }
    tp_stmt_done(s);
    for (int i = 0; i < 3; i++) {
        tp_buf_done(&t.renamed[i]);
    }
    return rc;
}
