/* /api/status and /api/sync: how the node is, and how its background process is doing. */
#include "node/record/work_note.h"
#include "node/record/node_status.h"
#include "node/ui/answer.h"
#include "node/ui/api.h"
#include "sync/log/directory.h"

#include <stdlib.h>

/* A number that grows whenever anything that is shown may have changed: what is held, and what
 * these pages keep (drafts, looks).  Two runs of the program begin far from each other. */
static tp_rc read_revision(tp_ui_call *call, int64_t *revision_out, tp_err *err)
{
    uint64_t held = 0;
    tp_rc rc = tp_api_read_held(call, &held, err);
    if (rc == TP_OK) {
        *revision_out = call->ui->began_ms + (int64_t)(held + call->ui->writes_count);
    }
    return rc;
}

tp_rc tp_api_read_held(tp_ui_call *call, uint64_t *held_out, tp_err *err)
{
    tp_log *log = call->ui->node->log;
    tp_log_mark mark = {0, 0};
    tp_log_push push = {0};
    uint64_t directory = 0;
    tp_rc rc = tp_log_mark_now(log, &call->tx, &mark, err);
    if (rc == TP_OK) {
        rc = tp_log_push_get(log, &call->tx, &push, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_directory_version(log, &call->tx, &directory, err);
    }
    if (rc == TP_OK) {
        *held_out = (uint64_t)mark.arrived + mark.seq + push.accepted_order + push.ids + directory;
    }
    return rc;
}

/* What the page holds already; -1: nothing. */
static int64_t read_seen(const tp_ui_call *call)
{
    static const char name[] = "seen=";
    char digits[24];
    tp_slice query = call->request->query;
    size_t bytes = sizeof name - 1;
    if (query.bytes <= bytes || query.bytes - bytes >= sizeof digits ||
        memcmp(query.at, name, bytes) != 0) {
        return -1;
    }
    memcpy(digits, query.at + bytes, query.bytes - bytes);
    digits[query.bytes - bytes] = '\0';
    return strtoll(digits, NULL, 10);
}

static void put_progress(tp_json_print *p, const tp_work_note *note)
{
    static const char *const names[] = {
        [TP_WORK_WAITING] = NULL,
        [TP_WORK_SENDING] = "sending",
        [TP_WORK_FETCHING] = "fetching",
        [TP_WORK_REBUILDING] = "rebuilding",
    };
    tp_json_key(p, "progress");
    if (note->phase == TP_WORK_WAITING) {
        tp_json_null(p);
        return;
    }
    tp_json_begin(p, '{');
    tp_json_put_str(p, "what", names[note->phase]);
    tp_json_put_int(p, "done", (int64_t)note->done);
    tp_json_key(p, "of");
    if (note->all > 0) {
        tp_json_int(p, (int64_t)note->all);
    } else {
        tp_json_null(p);
    }
    tp_json_end(p, '}');
}

/* While somebody makes the views again nothing else can be written: that is told first. */
static void put_work(tp_json_print *p, const tp_node *node)
{
    tp_work_note run;
    tp_work_note rebuild;
    bool is_running = tp_work_note_read(node, TP_NODE_RUN_STATE, &run);
    bool is_rebuilding = tp_work_note_read(node, TP_NODE_REBUILD_STATE, &rebuild) &&
                         rebuild.phase == TP_WORK_REBUILDING;
    tp_json_put_bool(p, "running", is_running);
    tp_json_put_bool(p, "syncing", run.phase != TP_WORK_WAITING);
    put_progress(p, is_rebuilding ? &rebuild : &run);
    tp_json_put_str(p, "trouble", run.trouble[0] == '\0' ? NULL : run.trouble);
}

/* Another tab may have said another name: whoever is shown must be who writes. */
static void put_worker(tp_json_print *p, tp_slice worker)
{
    tp_json_key(p, "worker");
    if (worker.bytes > 0) {
        tp_json_text(p, worker);
    } else {
        tp_json_null(p);
    }
}

static tp_rc put_node_status(tp_ui_call *call, tp_json_print *p, tp_err *err)
{
    tp_node_status status;
    tp_rc rc = tp_node_status_read(call->ui->node, &call->tx, &status, err);
    if (rc == TP_OK) {
        tp_node_status_put(p, &status);
        tp_json_put_instant(p, "now", status.view.now.ms);
    }
    tp_node_status_done(&status);
    return rc;
}

static tp_rc put_moving(tp_ui_call *call, tp_json_print *p, tp_err *err)
{
    tp_node_status status;
    tp_rc rc = tp_node_status_read_moving(call->ui->node, &call->tx, &status, err);
    if (rc == TP_OK) {
        tp_node_status_put_moving(p, &status);
    }
    tp_node_status_done(&status);
    return rc;
}

/* Where the page has seen this revision, only what moves without it: counting is not for every
 * second. */
tp_rc tp_api_status(tp_ui_call *call, tp_err *err)
{
    int64_t revision = 0;
    tp_rc rc = read_revision(call, &revision, err);
    tp_json_print *p = tp_answer_begin(call);
    tp_json_begin(p, '{');
    tp_json_put_int(p, "revision", revision);
    put_worker(p, call->worker);
    put_work(p, call->ui->node);
    if (rc == TP_OK) {
        rc = read_seen(call) == revision ? put_moving(call, p, err) : put_node_status(call, p, err);
    }
    tp_json_end(p, '}');
    return rc == TP_OK ? tp_answer_end(call, err) : rc;
}

tp_rc tp_api_sync(tp_ui_call *call, tp_err *err)
{
    call->ui->sync_now(call->ui->sync_ctx);
    tp_json_print *p = tp_answer_begin(call);
    tp_json_begin(p, '{');
    tp_json_end(p, '}');
    call->response->status = 202;
    return tp_answer_end(call, err);
}
