/* The people a worker had to do with last. */
#include "node/view/lately.h"

#include "node/view/view_state.h"
#include "platform/base/alloc.h"
#include "sync/log/era.h"
#include "sync/log/push.h"

enum { CHANGES_MAX = 200 }; /* of this device's own, newest first, that are looked through */

typedef struct gathering {
    tp_view *view;
    tp_tx *tx;
    tp_slice worker;
    tp_lately *lately;
    bool is_full;     /* there are enough, all of them later than what comes now */
    tp_change change; /* scratch: large */
} gathering;

/* Puts a person in their place by time, once. */
static void add(tp_lately *lately, tp_name person, int64_t at_ms)
{
    uint32_t at = 0;
    while (at < lately->count && !tp_name_eq(lately->people[at].person, person)) {
        at++;
    }
    if (at < lately->count && lately->people[at].at_ms >= at_ms) {
        return;
    }
    if (at == TP_LATELY_MAX) {
        at--;
        if (lately->people[at].at_ms >= at_ms) {
            return;
        }
    }
    lately->count += at == lately->count;
    while (at > 0 && lately->people[at - 1].at_ms < at_ms) {
        lately->people[at] = lately->people[at - 1];
        at--;
    }
    lately->people[at] = (tp_looked){person, at_ms};
}

static tp_rc add_change(gathering *g, const tp_log_row *row, tp_err *err)
{
    tp_name record;
    tp_record_ref ref;
    tp_estimate time;
    tp_err missing = {0};
    tp_rc rc = tp_log_unpack(g->view->log, g->tx, row->record, &record, err);
    if (rc != TP_OK) {
        return rc;
    }
    rc = tp_merge_find(g->view->merge, g->tx, record, &ref, &missing);
    if (rc == TP_NOTFOUND || (rc == TP_OK && tp_name_is_none(ref.person))) {
        return TP_OK;
    }
    if (rc != TP_OK) {
        *err = missing;
        return rc;
    }
    rc = tp_log_time_of(g->view->log, g->tx, row, &g->change.reading, &time, err);
    if (rc == TP_OK) {
        const tp_lately *lately = g->lately;
        g->is_full =
            lately->count == TP_LATELY_MAX && time.ms <= lately->people[TP_LATELY_MAX - 1].at_ms;
        add(g->lately, ref.person, time.ms);
    }
    return rc;
}

static tp_rc look_at(void *context, const tp_log_row *row, tp_err *err)
{
    gathering *g = context;
    if (g->is_full || row->is_stub || row->record == 0) {
        return TP_OK;
    }
    tp_rc rc = tp_log_decode(row, &g->change, err);
    return rc == TP_OK && tp_slice_eq(g->change.worker, g->worker) ? add_change(g, row, err) : rc;
}

tp_rc tp_lately_read(tp_view *view, tp_tx *tx, tp_slice worker, tp_lately *lately_out, tp_err *err)
{
    tp_looked looked[TP_LATELY_MAX];
    uint32_t count = 0;
    memset(lately_out, 0, sizeof *lately_out);
    gathering *g = tp_alloc(sizeof *g);
    if (g == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for the people seen last");
    }
    g->view = view;
    g->tx = tx;
    g->worker = worker;
    g->lately = lately_out;
    g->is_full = false;
    tp_rc rc = tp_timeline_looked_last(view, tx, worker, TP_LATELY_MAX, looked, &count, err);
    for (uint32_t i = 0; rc == TP_OK && i < count; i++) {
        add(lately_out, looked[i].person, looked[i].at_ms);
    }
    if (rc == TP_OK) {
        rc = tp_log_own_latest(view->log, tx, CHANGES_MAX, look_at, g, err);
    }
    tp_free(g);
    return rc;
}
