/* init, enrol, sync, run, rebuild. */
#include "node/cli/setup.h"

#include "node/cli/mend.h"
#include "node/daemon/enrol.h"
#include "node/daemon/run.h"
#include "node/record/rebuild.h"
#include "platform/base/plural.h"
#include "platform/os/process.h"
#include "platform/os/progress_line.h"
#include "schema/name_text.h"
#include "sync/log/fork.h"
#include "sync/log/push.h"
#include "sync/wire/wire.h"

#include <inttypes.h>

/* ---- init ---- */

tp_rc tp_command_init(tp_call *call, tp_err *err)
{
    const char *agency = NULL;
    const tp_option options[] = {{"agency", &agency, false}, {NULL, NULL, false}};
    tp_rc rc = tp_args_take(call, options, 0, 0, err);
    if (rc == TP_OK && agency == NULL) {
        rc = tp_call_usage(call, "which agency is it for?", err);
    }
    if (rc == TP_OK) {
        rc = tp_node_init(call->dir, tp_slice_str(agency), tp_clock_system(), tp_rng_system(), err);
    }
    if (rc == TP_OK && call->is_json) {
        return tp_cli_print_json(call, json_pack("{s:s,s:s}", "dir", call->dir, "agency", agency),
                                 err);
    }
    if (rc == TP_OK) {
        fprintf(
            call->out,
            "Ready in %s, for %s. Record right away; when there is a hub, ask its operator for a "
            "code and run\n  teapot enrol CODE --hub https://HUB:PORT\n",
            call->dir, agency);
    }
    return rc;
}

/* ---- enrol ---- */

tp_rc tp_command_enrol(tp_call *call, tp_err *err)
{
    const char *hub = NULL;
    const tp_option options[] = {{"hub", &hub, false}, {NULL, NULL, false}};
    tp_rc rc = tp_args_take(call, options, 1, 1, err);
    if (rc == TP_OK && hub == NULL) {
        rc = tp_call_usage(call, "which hub?", err);
    }
    tp_enrolled enrolled;
    if (rc == TP_OK) {
        rc = tp_enrol(tp_cli_node(call), call->argv[0], hub, &enrolled, err);
    }
    if (rc == TP_OK && call->is_json) {
        return tp_cli_print_json(call,
                                 json_pack("{s:s,s:b,s:s}", "agency", enrolled.agency, "kiosk",
                                           enrolled.is_kiosk, "hub", hub),
                                 err);
    }
    if (rc == TP_OK) {
        fprintf(call->out,
                "Enrolled with %s for %s%s. `teapot sync` sends what was recorded so far.\n", hub,
                enrolled.agency, enrolled.is_kiosk ? ", as a kiosk" : "");
        if (enrolled.is_forked) {
            fputs("Its data was copied before, and the copy was enrolled first: this one has "
                  "taken a number of its own.\n",
                  call->out);
        }
    }
    return rc;
}

/* ---- sync ---- */

static tp_rc add_refused(void *context, tp_name name, const tp_refused *refused, tp_err *err)
{
    (void)err;
    json_t *list = context;
    char text[TP_NAME_TEXT_BYTES];
    if (tp_quarantine_is_renamed(refused->code) || refused->code == TP_LEFT_OUT) {
        return TP_OK; /* it comes by another name, or was never sent, and is not counted */
    }
    tp_name_print(name, text);
    json_array_append_new(list, json_pack("{s:s,s:I,s:s%}", "name", text, "code",
                                          (json_int_t)refused->code, "text",
                                          (const char *)refused->text.at, refused->text.bytes));
    return TP_OK;
}

/* What the hub keeps in quarantine of this device: what this sync added stands at the end. */
static json_t *refused_list(const tp_node *node, uint64_t count)
{
    json_t *list = json_array();
    tp_tx tx = TP_TX_NONE;
    tp_err ignored; /* the sync went well all the same; `teapot review` tells it again */
    if (count > 0 && tp_tx_begin(node->store, &tx, TP_TX_READ, &ignored) == TP_OK &&
        tp_log_refused_all(node->log, &tx, add_refused, list, &ignored) == TP_OK) {
        while (json_array_size(list) > count) {
            json_array_remove(list, 0);
        }
    }
    tp_tx_rollback(&tx);
    return list;
}

static json_t *sync_document(const tp_node *node, const tp_sync_result *r)
{
    return json_pack(
        "{s:I,s:I,s:o,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:f,s:b,s:b,s:I}", "sent",
        (json_int_t)r->counts.sent, "accepted", (json_int_t)(r->counts.sent - r->counts.refused),
        "refused", refused_list(node, r->counts.refused), "received",
        (json_int_t)r->counts.received, "given_back", (json_int_t)r->counts.given_back, "erased",
        (json_int_t)r->counts.erased, "requests", (json_int_t)r->counts.requests, "healed",
        (json_int_t)r->counts.healed, "bytes_out", (json_int_t)r->plain_bytes_out, "bytes_in",
        (json_int_t)r->plain_bytes_in, "ms", (double)r->took_us / 1000.0, "more", !r->is_whole,
        "forked", (int)r->is_forked, "left_out", (int)r->left_out, "peak_kb",
        (json_int_t)tp_process_peak_kb());
}

static void print_sync(FILE *out, const tp_sync_result *r)
{
    fprintf(out, "Sent %" PRIu64 ", received %" PRIu64, r->counts.sent, r->counts.received);
    if (r->counts.given_back > 0) {
        fprintf(out, ", gave back %" PRIu64, r->counts.given_back);
    }
    fputs(".\n", out);
    if (r->counts.erased > 0) {
        fprintf(out,
                "%" PRIu64 " of what was given back %s erased for good, here and everywhere else. "
                "`teapot review` shows what was written here.\n",
                r->counts.erased, tp_plural(r->counts.erased, "was", "were"));
    }
    if (r->left_out) {
        fputs("Something that was written on this device was damaged here before it was sent, and "
              "is lost. Everything written after it was kept. `teapot review` says what is to be "
              "written again; the disk or card of this machine may be failing.\n",
              out);
    } else if (r->is_forked) {
        fputs("This device's data is a copy of another's, or an older copy of its own was put "
              "back. Nothing is lost: it goes on under a new number. Tell the hub's operator, who "
              "may want to know which machine this is.\n",
              out);
    }
    if (r->counts.healed > 0) {
        fprintf(out, "%" PRIu64 " of these %s damaged or missing here and %s fetched again.\n",
                r->counts.healed, tp_plural(r->counts.healed, "was", "were"),
                tp_plural(r->counts.healed, "was", "were"));
    }
    if (r->differs) {
        fputs("What is held here is still not what the hub has: the next sync tries again.\n", out);
    }
    if (r->counts.refused > 0) {
        fprintf(out,
                "%" PRIu64
                " could not be used by the hub; its operator has been told and nothing is "
                "lost. `teapot review` shows which.\n",
                r->counts.refused);
    }
}

static void show_counts(void *context, const tp_ask_counts *counts)
{
    bool is_sending = counts->sent < counts->to_send;
    tp_progress_line_put(context, is_sending ? "Sending" : "Fetching",
                         is_sending ? counts->sent : counts->received,
                         is_sending ? counts->to_send : counts->to_receive);
}

tp_rc tp_command_sync(tp_call *call, tp_err *err)
{
    const tp_option options[] = {{NULL, NULL, false}};
    tp_sync_result result = {0};
    tp_link *link = NULL;
    tp_progress_line line;
    tp_rc rc = tp_args_take(call, options, 0, 0, err);
    if (rc == TP_OK) {
        rc = tp_link_open(tp_cli_node(call), &link, err);
    }
    if (rc == TP_OK) {
        tp_progress_line_begin(&line, call);
        tp_link_set_progress(link, show_counts, &line);
        rc = tp_link_sync(link, &result, err);
        tp_progress_line_end(&line);
    }
    tp_link_close(link);
    if (rc == TP_OK && call->is_json) {
        return tp_cli_print_json(call, sync_document(tp_cli_node(call), &result), err);
    }
    if (rc == TP_OK) {
        print_sync(call->out, &result);
    }
    return rc;
}

/* ---- run ---- */

static void report_attempt(void *context, const tp_sync_result *result, const tp_err *err,
                           int64_t wait_ms)
{
    const tp_call *call = context;
    if (call->is_json) {
        json_t *document = sync_document(tp_cli_node(call), result);
        json_object_set_new(document, "rc", json_string(tp_rc_name(err == NULL ? TP_OK : err->rc)));
        json_object_set_new(document, "wait_ms", json_integer((json_int_t)wait_ms));
        json_object_set_new(document, "enrolled", json_boolean(wait_ms > 0));
        if (err != NULL) {
            json_object_set_new(document, "text", json_string(err->what));
        }
        tp_err ignored;
        tp_rc rc = tp_cli_print_json(call, document, &ignored);
        (void)rc; /* the next attempt is reported again */
    } else if (err != NULL && wait_ms == 0) {
        fprintf(call->out, "%s%s; syncing begins when that is done\n", err->what, tp_cli_mend(err));
    } else if (err != NULL) {
        fprintf(call->out, "%s; trying again in %" PRId64 " s\n", err->what,
                (wait_ms + 999) / 1000);
    } else if (result->is_forked ||
               result->counts.sent + result->counts.received + result->counts.given_back > 0) {
        print_sync(call->out, result);
    }
    fflush(call->out);
}

tp_rc tp_command_run(tp_call *call, tp_err *err)
{
    const tp_option options[] = {{NULL, NULL, false}};
    tp_rc rc = tp_args_take(call, options, 0, 0, err);
    return rc == TP_OK ? tp_run(tp_cli_node(call), report_attempt, call, err) : rc;
}

/* ---- rebuild ---- */

static void show_rebuilt(void *context, uint64_t done, uint64_t all)
{
    tp_progress_line_put(context, "Putting what is held in order", done, all);
}

tp_rc tp_cli_rebuild(tp_call *call, bool is_asked, tp_err *err)
{
    tp_progress_line line;
    const tp_merge_progress progress = {&line, show_rebuilt};
    tp_progress_line_begin(&line, call);
    tp_rc rc = tp_node_rebuild(tp_cli_node(call), is_asked, &progress, err);
    tp_progress_line_end(&line);
    return rc;
}

tp_rc tp_command_rebuild(tp_call *call, tp_err *err)
{
    const char *stale = NULL;
    const tp_option options[] = {{"stale", &stale, true}, {NULL, NULL, false}};
    tp_rc rc = tp_args_take(call, options, 0, 0, err);
    if (rc == TP_OK) {
        rc = tp_cli_rebuild(call, stale == NULL, err);
    }
    if (rc == TP_OK && call->is_json) {
        return tp_cli_print_json(call, json_pack("{s:b}", "rebuilt", 1), err);
    }
    if (rc == TP_OK) {
        fputs(stale == NULL ? "All views were made again from the change log.\n"
                            : "All views are as this program makes them.\n",
              call->out);
    }
    return rc;
}
