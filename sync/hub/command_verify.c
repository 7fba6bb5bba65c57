/* verify: is everything whole. */
#include "sync/hub/command.h"

#include "platform/base/alloc.h"
#include "platform/base/plural.h"
#include "platform/os/progress_line.h"

#include <inttypes.h>

static void show_progress(void *ctx, uint64_t done, uint64_t all)
{
    tp_progress_line_put(ctx, "Reading changes", done, all);
}

static tp_rc verify_backup(const tp_call *call, tp_progress_line *line, tp_hub_verified *verified,
                           tp_err *err)
{
    const char *dir = tp_hub_of(call)->dir.at;
    tp_path lock_path;
    tp_path copy;
    tp_lock lock = TP_LOCK_NONE;
    tp_rc rc = tp_path_join(dir, "verify.lock", &lock_path, err);
    if (rc == TP_OK) {
        rc = tp_path_join(dir, "hub.db.verified", &copy, err);
    }
    if (rc == TP_OK) {
        rc = tp_lock_take(lock_path.at, &lock, err);
        if (rc == TP_BUSY) {
            rc = tp_fail(err, TP_BUSY, "another `teapot-hub verify` reads a backup: try again");
        }
    }
    if (rc == TP_OK) {
        rc = tp_hub_store_verify_backup(copy.at, call->argv[0], show_progress, line, verified, err);
    }
    tp_lock_release(&lock);
    return rc;
}

static tp_rc print_document(const tp_call *call, const tp_hub_verified *v, tp_err *err)
{
    json_t *findings = json_array();
    for (uint32_t i = 0; i < tp_findings_kept(&v->findings); i++) {
        (void)json_array_append_new(findings, json_string(v->findings.text[i]));
    }
    return tp_hub_print_json(
        call,
        json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "well",
                  (int)(v->findings.count == 0), "devices", (json_int_t)v->devices, "changes",
                  (json_int_t)v->changes, "quarantined", (json_int_t)v->quarantined, "erased",
                  (json_int_t)v->erased, "signatures", (json_int_t)v->signatures,
                  "before_signatures", (json_int_t)v->before_signatures, "entries",
                  (json_int_t)v->entries, "lost", (json_int_t)v->lost, "findings_count",
                  (json_int_t)v->findings.count, "findings", findings),
        err);
}

static void print_report(const tp_call *call, const tp_hub_verified *v)
{
    const uint32_t kept = tp_findings_kept(&v->findings);
    for (uint32_t i = 0; i < kept; i++) {
        fprintf(call->out, "%s.\n", v->findings.text[i]);
    }
    if (v->findings.count > kept) {
        fprintf(call->out, "And %" PRIu64 " more.\n", v->findings.count - kept);
    }
    for (uint32_t i = 0; i < tp_findings_kept(&v->losses); i++) {
        fprintf(call->out, "%s.\n", v->losses.text[i]);
    }
    fprintf(call->out,
            "%s: %" PRIu64 " %s of %" PRIu64 " %s, %" PRIu64 " in quarantine, %" PRIu64 " %s, "
            "%" PRIu64 " %s in feeds",
            v->findings.count == 0 ? "All is whole" : "Not all is whole", v->changes,
            tp_plural(v->changes, "change", "changes"), v->devices,
            tp_plural(v->devices, "device", "devices"), v->quarantined, v->signatures,
            tp_plural(v->signatures, "signature", "signatures"), v->entries,
            tp_plural(v->entries, "place", "places"));
    if (v->erased > 0) {
        fprintf(call->out, "; %" PRIu64 " %s erased (teapot-hub erased)", v->erased,
                tp_plural(v->erased, "change was", "changes were"));
    }
    if (v->before_signatures > 0) {
        fprintf(call->out, "; %" PRIu64 " of the changes came before signatures were kept",
                v->before_signatures);
    }
    fputs(".\n", call->out);
    if (v->findings.count > 0 && call->argc == 0) {
        fputs("Copy the data directory as it is before anything else.  A backup that is whole "
              "(teapot-hub verify\nBACKUP) is put in its place by teapot-hub restore.\n",
              call->out);
    } else if (v->findings.count > 0) {
        fputs("Keep this backup, and take an older one to restore.\n", call->out);
    }
}

tp_rc tp_hub_command_verify(tp_call *call, tp_err *err)
{
    const tp_option options[] = {{NULL, NULL, false}};
    tp_progress_line line;
    tp_rc rc = tp_args_take(call, options, 0, 1, err);
    tp_hub_verified *verified = rc == TP_OK ? tp_alloc(sizeof *verified) : NULL;
    if (rc == TP_OK && verified == NULL) {
        rc = tp_fail(err, TP_NOMEM, "no memory to verify");
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_progress_line_begin(&line, call);
    rc = call->argc == 1
             ? verify_backup(call, &line, verified, err)
             : tp_hub_store_verify(tp_hub_of(call)->store, show_progress, &line, verified, err);
    tp_progress_line_end(&line);
    if (rc == TP_OK && call->is_json) {
        rc = print_document(call, verified, err);
    } else if (rc == TP_OK) {
        print_report(call, verified);
    }
    if (rc == TP_OK && verified->findings.count > 0) {
        call->exit_code = TP_EXIT_FAILED;
    }
    tp_free(verified);
    return rc;
}
