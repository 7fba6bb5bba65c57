/* The hub's answer to a push, and what follows from it in the views. */
#include "sync/log/back.h"
#include "sync/log/push.h"
#include "sync/merge/merge_state.h"

/* An own update that was accepted, and the row of its record before. */
typedef struct answered {
    tp_name change;
    tp_packed_name record;
    uint32_t entity;
    bool sets_person;
    tp_view_row before;
} answered;

typedef struct answering {
    tp_merge *merge;
    tp_buf updates; /* answered */
} answering;

static tp_rc add_update(void *context, const tp_log_row *row, tp_err *err);
static tp_rc begin_answering(answering *a, tp_tx *tx, uint64_t after, uint64_t upto, tp_err *err);
static tp_rc show_answered(answering *a, tp_tx *tx, tp_err *err);

tp_rc tp_merge_accept(tp_merge *merge, tp_tx *tx, uint64_t upto, uint64_t first_seq,
                      const tp_stamp_run *runs, size_t runs_count, const tp_log_sent *sent,
                      tp_err *err)
{
    tp_log_push push;
    answering a = {.merge = merge};
    tp_buf_init(&a.updates, TP_ANSWERED_UPDATES_MAX * sizeof(answered));
    tp_rc rc = tp_log_push_get(merge->log, tx, &push, err);
    if (rc == TP_OK) {
        rc = begin_answering(&a, tx, push.accepted_seq, upto, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_accept(merge->log, tx, upto, first_seq, runs, runs_count, sent, err);
    }
    if (rc == TP_OK) {
        rc = show_answered(&a, tx, err);
    }
    tp_buf_done(&a.updates);
    return rc;
}

tp_rc tp_merge_restamp(tp_merge *merge, tp_tx *tx, uint64_t upto, uint64_t first_seq,
                       const tp_stamp_run *runs, size_t runs_count, tp_err *err)
{
    answering a = {.merge = merge};
    tp_buf_init(&a.updates, TP_ANSWERED_UPDATES_MAX * sizeof(answered));
    tp_rc rc = begin_answering(&a, tx, first_seq - 1, upto, err);
    if (rc == TP_OK) {
        rc = tp_log_restamp(merge->log, tx, first_seq, upto, runs, runs_count, err);
    }
    if (rc == TP_OK) {
        rc = show_answered(&a, tx, err);
    }
    tp_buf_done(&a.updates);
    return rc;
}

static tp_rc add_update(void *context, const tp_log_row *row, tp_err *err)
{
    answering *a = context;
    tp_change *change = &a->merge->change;
    tp_err unread = {0};
    if (tp_log_decode(row, change, &unread) != TP_OK) {
        return TP_OK; /* shows nowhere, so nothing follows from its number */
    }
    const tp_change_field *person = tp_change_field_of(change, TP_FIELD_PERSON);
    answered update = {row->name,
                       row->record,
                       change->entity,
                       person != NULL && person->has_value,
                       {false, 0, 0, 0, 0}};
    return tp_buf_add(&a->updates, &update, sizeof update, err);
}

static tp_rc look_at_rows(answering *a, tp_tx *tx, tp_err *err)
{
    tp_rc rc = TP_OK;
    for (size_t at = 0; rc == TP_OK && at < a->updates.bytes; at += sizeof(answered)) {
        answered update;
        memcpy(&update, a->updates.at + at, sizeof update);
        if (update.sets_person) {
            rc = tp_view_row_of(a->merge, tx, update.record, &update.before, err);
            memcpy(a->updates.at + at, &update, sizeof update);
        }
    }
    return rc;
}

/* What is shown before own changes after `after` have other stamps. */
static tp_rc begin_answering(answering *a, tp_tx *tx, uint64_t after, uint64_t upto, tp_err *err)
{
    tp_rc rc = tp_log_own_updates(a->merge->log, tx, after, upto, add_update, a, err);
    return rc == TP_OK ? look_at_rows(a, tx, err) : rc;
}

static tp_rc show_answered(answering *a, tp_tx *tx, tp_err *err)
{
    tp_rc rc = TP_OK;
    bool has_stubs = false;
    if (a->updates.bytes > 0) {
        rc = tp_log_has_stubs(a->merge->log, tx, &has_stubs, err);
    }
    for (size_t at = 0; rc == TP_OK && at < a->updates.bytes; at += sizeof(answered)) {
        answered update;
        tp_view_row after = {0};
        memcpy(&update, a->updates.at + at, sizeof update);
        rc = tp_view_row_of(a->merge, tx, update.record, &after, err);
        if (rc == TP_OK && update.sets_person) {
            rc = tp_view_move(a->merge, tx, &update.before, &after, has_stubs, err);
        }
        if (rc == TP_OK) {
            rc = tp_view_touched(a->merge, tx, update.record, update.change, &after, update.entity,
                                 err);
        }
    }
    return rc;
}
