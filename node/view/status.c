/* How the node is. */
#include "node/view/status.h"

#include "node/view/review.h"
#include "node/view/view_state.h"
#include "sync/log/back.h"
#include "sync/log/directory.h"
#include "sync/log/held.h"

static tp_rc count_person(void *context, const tp_record_ref *ref, tp_err *err)
{
    tp_status *status = context;
    (void)err;
    status->persons_count += (ref->flags & TP_RECORD_GIVEN_BACK) == 0;
    return TP_OK;
}

static tp_rc read_clock(tp_view *view, tp_tx *tx, tp_status *status, tp_err *err)
{
    tp_rc rc = tp_log_now(view->log, tx, &status->now, &status->clock_offset_ms, err);
    status->is_clock_known = rc == TP_OK && status->now.is_certain;
    return rc;
}

static tp_rc read_log(tp_view *view, tp_tx *tx, tp_status *status, tp_err *err)
{
    tp_log_push push;
    tp_rc rc = tp_log_push_get(view->log, tx, &push, err);
    if (rc == TP_OK && push.oldest_ms < 0) {
        rc = tp_fail(err, TP_CORRUPT, "the oldest unsent change is damaged or missing");
    }
    if (rc == TP_OK) {
        status->unsent_count = push.last_seq - push.accepted_seq;
        status->oldest_unsent_ms = push.oldest_ms;
        rc = tp_status_read_hub(view, tx, status, err);
    }
    return rc;
}

tp_rc tp_status_read_hub(tp_view *view, tp_tx *tx, tp_status *status, tp_err *err)
{
    tp_log_back back;
    bool differs = false;
    tp_rc rc = tp_log_held_differs(view->log, tx, &differs, err);
    if (rc == TP_OK) {
        rc = tp_log_back_get(view->log, tx, &back, err);
    }
    if (rc == TP_OK) {
        status->is_hub_back = back.is_hub_back;
        status->is_differing = differs && !back.is_hub_back;
    }
    return rc;
}

tp_rc tp_status_count(tp_view *view, tp_tx *tx, tp_status *status, tp_err *err)
{
    tp_log_counts counts;
    tp_rc rc = tp_log_count(view->log, tx, &counts, err);
    if (rc != TP_OK) {
        return rc;
    }
    status->changes_count = counts.changes;
    status->records_count = counts.records;
    status->given_back_count = counts.stubs;
    return tp_merge_list(view->merge, tx, TP_PERSON, count_person, status, err);
}

tp_rc tp_status_read(tp_view *view, tp_tx *tx, tp_status *status_out, tp_err *err)
{
    memset(status_out, 0, sizeof *status_out);
    status_out->agency = tp_log_agency(view->log);
    tp_rc rc =
        tp_log_agency_label(view->log, tx, status_out->agency, &status_out->agency_label, err);
    if (rc == TP_OK) {
        rc = tp_log_is_kiosk(view->log, tx, &status_out->is_kiosk, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_directory_version(view->log, tx, &status_out->directory_version, err);
    }
    if (rc == TP_OK) {
        rc = read_clock(view, tx, status_out, err);
    }
    if (rc == TP_OK) {
        rc = read_log(view, tx, status_out, err);
    }
    status_out->device = tp_log_device(view->log);
    if (rc == TP_OK) {
        rc = tp_review_count(view, tx, &status_out->review_count, err);
    }
    if (rc == TP_OK) {
        rc = tp_review_has_copied(view, tx, &status_out->is_copied, err);
    }
    return rc == TP_OK ? tp_store_measure(tp_log_store(view->log), &status_out->sizes, err) : rc;
}
