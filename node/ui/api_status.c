/* /api/status and /api/sync: how the node is, and how its background process is doing. */
#include "node/daemon/run_state.h"
#include "node/record/node_status.h"
#include "node/ui/answer.h"
#include "node/ui/api.h"
#include "sync/log/directory.h"

#include <stdlib.h>

/* A number that grows whenever anything that is shown may have changed: what was written here or
 * arrived, what the hub answered, who is under agreement, and what these pages keep (drafts,
 * looks).  Two runs of the program begin far from each other. */
static tp_rc read_revision(tp_ui_call *call, int64_t *revision_out, tp_err *err)
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
        *revision_out =
            call->ui->began_ms + mark.arrived +
            (int64_t)(mark.seq + push.accepted_seq + directory + call->ui->writes_count);
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

static void put_progress(tp_json_print *p, const tp_run_state *state)
{
    tp_json_key(p, "progress");
    if (state->phase == TP_RUN_WAITING) {
        tp_json_null(p);
        return;
    }
    tp_json_begin(p, '{');
    tp_json_put_str(p, "what", state->phase == TP_RUN_SENDING ? "sending" : "fetching");
    tp_json_put_int(p, "done", (int64_t)state->done);
    tp_json_key(p, "of");
    if (state->all > 0) {
        tp_json_int(p, (int64_t)state->all);
    } else {
        tp_json_null(p);
    }
    tp_json_end(p, '}');
}

static void put_run_state(tp_json_print *p, const tp_node *node)
{
    tp_run_state state;
    bool is_running = tp_run_state_read(node, &state);
    tp_json_put_bool(p, "running", is_running);
    tp_json_put_bool(p, "syncing", state.phase != TP_RUN_WAITING);
    put_progress(p, &state);
    tp_json_put_str(p, "trouble", state.trouble[0] == '\0' ? NULL : state.trouble);
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
    put_run_state(p, call->ui->node);
    if (rc == TP_OK && read_seen(call) != revision) {
        rc = put_node_status(call, p, err);
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
