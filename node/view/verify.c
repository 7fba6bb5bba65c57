/* Is all of it true? */
#include "node/view/verify.h"

#include "node/view/view_state.h"
#include "platform/crypto/digest.h"
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

/* The next sync is to look for what this has found. */
static tp_rc doubt(tp_log *log, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(tp_log_store(log), &tx, TP_TX_WRITE, err);
    if (rc == TP_OK) {
        rc = tp_log_held_doubt(log, &tx, err);
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
    return rc == TP_OK && v.findings->count > 0 ? doubt(view->log, err) : rc;
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

static void add_number(tp_sha256 *sha, uint64_t n)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(n >> (8 * i));
    }
    tp_sha256_add(sha, tp_slice_of(bytes, sizeof bytes));
}

static tp_rc digest_card(void *context, const tp_card *card, tp_err *err)
{
    const tp_slice texts[] = {card->names,  card->sounds, card->words,
                              card->phones, card->nhs,    card->born};
    (void)err;
    add_number(context, (uint64_t)card->person);
    add_number(context, (uint64_t)card->record);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        add_number(context, texts[i].bytes);
        tp_sha256_add(context, texts[i]);
    }
    return TP_OK;
}

static void add_names(tp_sha256 *sha, const tp_name *names, uint32_t count)
{
    add_number(sha, count);
    for (uint32_t i = 0; i < count; i++) {
        add_number(sha, names[i].device);
        add_number(sha, names[i].seq);
    }
}

/* What the views of this folder say. */
static tp_rc digest_views(verifying *v, uint8_t out[TP_SHA256_BYTES], tp_err *err)
{
    tp_sha256 sha;
    tp_arena arena;
    const tp_name *records = NULL;
    uint32_t count = 0;
    tp_sha256_init(&sha);
    tp_arena_init(&arena, 64 * 1024 * 1024);
    tp_rc rc = tp_card_all(&v->tx, digest_card, &sha, err);
    if (rc == TP_OK) {
        rc = tp_mark_all(v->view, &v->tx, NULL, 0, &arena, &records, &count, err);
    }
    add_names(&sha, records, rc == TP_OK ? count : 0);
    if (rc == TP_OK) {
        rc = tp_waiting_digest(&v->tx, &sha, err);
    }
    tp_arena_done(&arena);
    tp_sha256_end(&sha, out);
    return rc;
}

static tp_rc verify_views(verifying *v, tp_err *err)
{
    uint8_t before[TP_SHA256_BYTES];
    uint8_t after[TP_SHA256_BYTES];
    bool is_equal = false;
    tp_rc rc = tp_merge_verify(v->view->merge, &v->tx, &is_equal, err);
    if (rc == TP_OK && !is_equal) {
        tp_findings_add(v->findings, "The list of records is not what the log says");
    }
    if (rc == TP_OK) {
        rc = digest_views(v, before, err);
    }
    if (rc == TP_OK) {
        rc = tp_merge_rebuild(v->view->merge, &v->tx, NULL, err);
    }
    if (rc == TP_OK) {
        rc = digest_views(v, after, err);
    }
    if (rc == TP_OK && memcmp(before, after, sizeof before) != 0) {
        tp_findings_add(v->findings, "The search index is not what the log says");
    }
    return rc;
}
