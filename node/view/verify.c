/* Is all of it true? */
#include "node/view/verify.h"

#include "node/view/view_state.h"
#include "sync/log/held.h"

/* Not: what has a digest (log), what is made from it, and what another count shows. */
const tp_watched tp_verify_watched[] = {
    {"log_state", ",written,held,differs,counted,"},
    {"device", NULL},
    {"stamp_run", NULL},
    {"chain_mark", NULL},
    {"refused", NULL},
    {"erased", NULL},
    {"fork", NULL},
    {"pushed", NULL},
    {"hub_generation", NULL},
    {"era", NULL},
    {"agency", NULL},
    {"agreement", NULL},
    {"setting", NULL},
    {"draft", NULL},
    {"answered", NULL},
    {"look", NULL},
    {"dismissed", NULL},
};
const size_t tp_verify_watched_count = sizeof tp_verify_watched / sizeof tp_verify_watched[0];

typedef struct verifying {
    tp_view *view;
    tp_tx tx;
    tp_findings *findings;
} verifying;

static tp_rc verify_tables(verifying *v, tp_err *err);
static tp_rc verify_views(verifying *v, tp_err *err);

/* The next sync is to look for what this has found; until then nothing says "all sent" of what was
 * found to be damaged. */
static tp_rc doubt(tp_log *log, bool is_other, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(tp_log_store(log), &tx, TP_TX_WRITE, err);
    if (rc == TP_OK) {
        rc = tp_log_held_doubt(log, &tx, is_other, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, err);
    }
    tp_tx_rollback(&tx);
    return rc;
}

tp_rc tp_verify(tp_view *view, tp_log_verified *report_out, tp_err *err)
{
    verifying v = {.view = view, .tx = TP_TX_NONE, .findings = &report_out->findings};
    tp_err damage;
    tp_rc integrity = tp_store_check_integrity(tp_log_store(view->log), &damage);
    if (integrity != TP_OK && integrity != TP_CORRUPT) {
        *err = damage;
        return integrity;
    }
    tp_rc rc = tp_tx_begin(tp_log_store(view->log), &v.tx, TP_TX_WRITE, err);
    if (rc == TP_OK) {
        rc = tp_log_verify(view->log, &v.tx, report_out, err);
    }
    if (rc == TP_OK) {
        rc = tp_findings_take(v.findings, "The file", integrity, &damage);
    }
    /* Nothing can be made from a log that is damaged itself. */
    if (rc == TP_OK && v.findings->count == 0) {
        rc = verify_views(&v, &damage);
        rc = tp_findings_take(v.findings, "What the log says cannot be shown", rc, &damage);
        if (rc != TP_OK) {
            *err = damage;
        }
    }
    if (rc == TP_OK) {
        rc = verify_tables(&v, err);
    }
    tp_tx_rollback(&v.tx);
    if (rc != TP_OK || v.findings->count == 0) {
        return rc;
    }
    return doubt(view->log, report_out->has_other_sum, err);
}

/* What only this machine needs: nothing of it is sent, and nothing that is sent hangs on it. */
static const tp_watched *find_acceptable(const char *table)
{
    static const char *const acceptable[] = {"draft", "answered", "look", "dismissed"};
    bool may = false;
    for (size_t i = 0; i < sizeof acceptable / sizeof acceptable[0]; i++) {
        may = may || strcmp(acceptable[i], table) == 0;
    }
    for (size_t i = 0; may && i < tp_verify_watched_count; i++) {
        if (strcmp(tp_verify_watched[i].table, table) == 0) {
            return &tp_verify_watched[i];
        }
    }
    return NULL;
}

tp_rc tp_verify_accept(tp_view *view, const char *table, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    const tp_watched *watched = find_acceptable(table);
    if (watched == NULL) {
        return tp_fail(err, TP_INVALID,
                       "only draft, answered, look and dismissed can be taken as they are");
    }
    tp_rc rc = tp_tx_begin(tp_log_store(view->log), &tx, TP_TX_WRITE, err);
    if (rc == TP_OK) {
        rc = tp_watch(&tx, watched, 1, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, err);
    }
    tp_tx_rollback(&tx);
    return rc;
}

static tp_rc verify_tables(verifying *v, tp_err *err)
{
    tp_err damage;
    tp_rc rc =
        tp_watched_verify(&v->tx, tp_verify_watched, tp_verify_watched_count, v->findings, &damage);
    rc = tp_findings_take(v->findings, "The tables beside the log cannot be read", rc, &damage);
    if (rc != TP_OK) {
        *err = damage;
    }
    return rc;
}

/* ---- The views ---- */

enum { VIEWS = 4 };

/* What the views of this folder say, table by table. */
static const tp_watched views[VIEWS] = {
    {"search_card", NULL}, {"review_mark", NULL}, {"consent_named", NULL}, {"waiting", NULL}};

static tp_rc sum_views(verifying *v, int64_t sums_out[VIEWS], tp_err *err)
{
    tp_rc rc = TP_OK;
    for (size_t i = 0; rc == TP_OK && i < VIEWS; i++) {
        rc = tp_watched_sum(&v->tx, &views[i], &sums_out[i], err);
    }
    return rc;
}

static tp_rc verify_views(verifying *v, tp_err *err)
{
    int64_t before[VIEWS];
    int64_t after[VIEWS];
    bool is_equal = false;
    tp_rc rc = tp_merge_verify(v->view->merge, &v->tx, &is_equal, err);
    if (rc == TP_OK && !is_equal) {
        tp_findings_add(v->findings, "The list of records is not what the log says");
    }
    if (rc == TP_OK) {
        rc = sum_views(v, before, err);
    }
    if (rc == TP_OK) {
        rc = tp_merge_rebuild(v->view->merge, &v->tx, NULL, err);
    }
    if (rc == TP_OK) {
        rc = sum_views(v, after, err);
    }
    for (size_t i = 0; rc == TP_OK && i < VIEWS; i++) {
        if (before[i] != after[i]) {
            tp_findings_add(v->findings, "The table %s is not what the log says", views[i].table);
        }
    }
    return rc;
}
