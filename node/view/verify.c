/* Is all of it true? */
#include "node/view/verify.h"

#include "node/view/view_state.h"
#include "platform/base/alloc.h"
#include "platform/crypto/digest.h"
#include "sync/log/push.h"

#include <stdarg.h>
#include <stdio.h>

typedef struct verifying {
    tp_view *view;
    tp_tx tx;
    tp_verify_report *report;
    tp_change *change; /* scratch: it is large */
    uint64_t own_seq;  /* the last one seen */
    bool is_kiosk;
} verifying;

static tp_rc verify_log(verifying *v, tp_err *err);
static tp_rc verify_views(verifying *v, tp_err *err);

static void find_fault(tp_verify_report *report, const char *fmt, ...) TP_PRINTF(2, 3);

static void find_fault(tp_verify_report *report, const char *fmt, ...)
{
    const size_t room = sizeof report->findings / sizeof report->findings[0];
    if (report->findings_count < room) {
        va_list args;
        va_start(args, fmt);
        vsnprintf(report->findings[report->findings_count], sizeof report->findings[0], fmt, args);
        va_end(args);
    }
    report->findings_count++;
}

tp_rc tp_verify(tp_view *view, tp_verify_report *report_out, tp_err *err)
{
    verifying v = {.view = view, .tx = TP_TX_NONE, .report = report_out};
    tp_err finding = {0};
    memset(report_out, 0, sizeof *report_out);
    tp_rc rc = tp_store_check_integrity(tp_log_store(view->log), &finding);
    if (rc == TP_CORRUPT) {
        find_fault(report_out, "the file is damaged: %s", finding.what);
        return TP_OK;
    }
    if (rc != TP_OK) {
        *err = finding;
        return rc;
    }
    v.change = tp_alloc(sizeof *v.change);
    rc = v.change == NULL ? tp_fail(err, TP_NOMEM, "no memory left")
                          : tp_tx_begin(tp_log_store(view->log), &v.tx, TP_TX_WRITE, err);
    if (rc == TP_OK) {
        rc = verify_log(&v, err);
    }
    /* Nothing can be made from a log that is damaged itself. */
    if (rc == TP_OK && report_out->findings_count == 0) {
        rc = verify_views(&v, err);
    }
    tp_tx_rollback(&v.tx);
    tp_free(v.change);
    return rc;
}

/* ---- The log ---- */

static void check_own(verifying *v, const tp_log_row *row)
{
    /* A kiosk keeps no change that the hub has. */
    const bool may_begin_here = v->report->own_count == 0 && v->is_kiosk;
    v->report->own_count++;
    if (!may_begin_here && row->name.seq != v->own_seq + 1) {
        find_fault(v->report, "changes %llu to %llu of this device are missing",
                   (unsigned long long)(v->own_seq + 1), (unsigned long long)(row->name.seq - 1));
    }
    v->own_seq = row->name.seq;
}

static tp_rc check_row(void *context, const tp_log_row *row, tp_err *err)
{
    verifying *v = context;
    tp_err unread = {0};
    (void)err;
    v->report->changes_count++;
    v->report->records_count += row->record == row->id && !row->is_stub;
    if (row->is_own) {
        check_own(v, row);
    }
    if (tp_log_decode(row, v->change, &unread) != TP_OK) {
        v->report->unread_count++;
        if (row->is_own || row->is_stub) {
            find_fault(v->report, "a change cannot be read: %s", unread.what);
        }
    }
    return TP_OK;
}

static tp_rc verify_log(verifying *v, tp_err *err)
{
    tp_log_push push;
    tp_err finding = {0};
    tp_rc rc = tp_log_is_kiosk(v->view->log, &v->tx, &v->is_kiosk, err);
    if (rc == TP_OK) {
        rc = tp_log_all(v->view->log, &v->tx, check_row, v, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    rc = tp_log_push_get(v->view->log, &v->tx, &push, &finding);
    if (rc == TP_CORRUPT) {
        find_fault(v->report, "what the hub has not got yet is damaged: %s", finding.what);
        return TP_OK;
    }
    if (rc != TP_OK) {
        *err = finding;
    } else if (v->own_seq != 0 && v->own_seq != push.last_seq) {
        find_fault(v->report, "the newest changes of this device are missing");
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
    static const uint32_t waiting[] = {TP_HELP_REQUEST, TP_ACTION, TP_CONSENT};
    tp_sha256 sha;
    tp_arena arena;
    const tp_name *records = NULL;
    uint32_t count = 0;
    tp_sha256_init(&sha);
    tp_arena_init(&arena, 64 * 1024 * 1024);
    tp_rc rc = tp_card_all(&v->tx, digest_card, &sha, err);
    if (rc == TP_OK) {
        rc = tp_mark_all(v->view, &v->tx, &arena, &records, &count, err);
    }
    add_names(&sha, records, rc == TP_OK ? count : 0);
    for (size_t i = 0; rc == TP_OK && i < sizeof waiting / sizeof waiting[0]; i++) {
        const tp_waiting_ask ask = {waiting[i], 0, INT64_MAX};
        rc = tp_waiting_all(v->view, &v->tx, &ask, &arena, &records, &count, err);
        add_names(&sha, records, rc == TP_OK ? count : 0);
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
        find_fault(v->report, "the list of records is not what the log says: run teapot rebuild");
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
        find_fault(v->report, "the search index is not what the log says: run teapot rebuild");
    }
    return rc;
}
