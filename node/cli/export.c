/* export, verify: every record held, and whether all of it is true. */
#include "node/view/verify.h"
#include "node/cli/choose.h"
#include "node/cli/commands.h"
#include "node/view/document.h"
#include "node/view/export.h"
#include "platform/base/plural.h"
#include "platform/os/file.h"
#include "platform/os/progress_line.h"

#include <errno.h>
#include <inttypes.h>

/* ---- export ---- */

const char tp_help_export[] =
    "Every record held, one line of JSON each (as `teapot show --json`), hidden ones too.\n\n"
    "  --person P  only what is about this person and the records joined with it\n"
    "  --out FILE  into a new file that only you may read; else to standard output\n\n"
    "Example:\n  teapot export --person Baz\n";

typedef struct export_run {
    tp_node *node;
    tp_tx *tx;
    FILE *out;
    tp_export_walk walk;
    tp_progress_line line; /* only where the records themselves go elsewhere */
} export_run;

static tp_rc put_line(void *context, const tp_shown *shown, tp_err *err)
{
    export_run *run = context;
    tp_json_print p;
    tp_progress_line_put(&run->line, "Writing", run->walk.at, run->walk.count);
    tp_json_print_begin(&p, run->out);
    tp_rc rc = tp_document_record(&p, run->node->view, run->tx, shown, err);
    tp_json_print_line(&p);
    if (rc == TP_OK && ferror(run->out) != 0) {
        rc = tp_fail(err, TP_IO, "the export cannot be written");
    }
    return rc;
}

static tp_rc open_out(const char *path, FILE **out, tp_err *err)
{
    if (path == NULL) {
        return TP_OK;
    }
    *out = fopen(path, "wx"); /* never over something that is there; umask makes it private */
    if (*out == NULL) {
        tp_rc rc = errno == EEXIST ? TP_EXISTS : TP_IO;
        return tp_fail_from(err, rc, TP_ORIGIN_OS, errno, "the file cannot be made: %s",
                            strerror(errno));
    }
    return TP_OK;
}

tp_rc tp_command_export(tp_call *call, tp_err *err)
{
    const char *person = NULL;
    const char *path = NULL;
    const tp_option options[] = {
        {"person", &person, false}, {"out", &path, false}, {NULL, NULL, false}};
    tp_node *node = tp_cli_node(call);
    tp_tx tx = TP_TX_NONE;
    export_run run = {.node = node, .tx = &tx, .out = call->out};
    tp_rc rc = tp_args_take(call, options, 0, 0, err);
    if (rc == TP_OK && person != NULL) {
        rc = tp_choose_person(call, person, &run.walk.person, err);
    }
    if (rc == TP_OK) {
        rc = open_out(path, &run.out, err);
    }
    if (rc == TP_OK && path != NULL) {
        tp_progress_line_begin(&run.line, call);
    }
    if (rc == TP_OK) {
        rc = tp_tx_begin(node->store, &tx, TP_TX_READ, err);
    }
    if (rc == TP_OK) {
        rc = tp_export_go(node->view, &tx, &run.walk, put_line, &run, err);
    }
    tp_progress_line_end(&run.line);
    tp_tx_rollback(&tx);
    if (run.out != NULL && run.out != call->out && fclose(run.out) != 0 && rc == TP_OK) {
        rc = tp_fail(err, TP_IO, "the export cannot be written");
    }
    if (rc != TP_OK && run.out != NULL && run.out != call->out) {
        tp_err other;
        (void)!tp_file_remove(path, &other); /* half an export is none */
    }
    return rc;
}

/* ---- verify ---- */

const char tp_help_verify[] =
    "Reads everything: the file, every change in the log, those written here against what the hub\n"
    "has of them, and that the views are what the log says.  Goes on after a finding and lists "
    "the\n"
    "first 50.  Exit code 1 if something is wrong; `teapot rebuild` mends "
    "views.\n\n"
    "Changes nothing but with:\n"
    "  --accept TABLE   first take what is in a damaged table as it is, from now on.  Only where\n"
    "                   nothing but this machine needs it: draft (forms begun and not finished),\n"
    "                   answered, look (whom somebody saw last), dismissed (what was put aside in\n"
    "                   `teapot review`).  Look through them before and after\n\n"
    "Example:\n  teapot verify\n";

static tp_rc put_report(const tp_call *call, const tp_log_verified *report, tp_err *err)
{
    json_t *findings = json_array();
    for (uint32_t i = 0; i < tp_findings_kept(&report->findings); i++) {
        json_array_append_new(findings, json_string(report->findings.text[i]));
    }
    return tp_cli_print_json(
        call,
        json_pack("{s:b,s:I,s:I,s:I,s:I,s:I,s:I,s:o}", "well", report->findings.count == 0,
                  "changes", (json_int_t)report->changes, "own", (json_int_t)report->own, "records",
                  (json_int_t)report->records, "unread", (json_int_t)report->unread, "erased",
                  (json_int_t)report->erased, "findings_count", (json_int_t)report->findings.count,
                  "findings", findings),
        err);
}

static void show_report(FILE *out, const tp_log_verified *report)
{
    const uint32_t kept = tp_findings_kept(&report->findings);
    for (uint32_t i = 0; i < kept; i++) {
        fprintf(out, "%s.\n", report->findings.text[i]);
    }
    if (report->findings.count > kept) {
        fprintf(out, "And %" PRIu64 " more.\n", report->findings.count - kept);
    }
    fprintf(out, "%s: %" PRIu64 " %s (%" PRIu64 " written here), %" PRIu64 " %s",
            report->findings.count == 0 ? "All is well" : "Something is wrong", report->changes,
            tp_plural(report->changes, "change", "changes"), report->own, report->records,
            tp_plural(report->records, "record", "records"));
    if (report->unread > 0) {
        fprintf(out, ", %" PRIu64 " kept for a newer version of this program", report->unread);
    }
    if (report->erased > 0) {
        fprintf(out, "; of %" PRIu64 " only the %s left, since %s erased", report->erased,
                tp_plural(report->erased, "name is", "names are"),
                tp_plural(report->erased, "it was", "they were"));
    }
    fputs(".\n", out);
    if (report->findings.count > 0) {
        fputs("`teapot sync` fetches again what is damaged or missing and was at the hub; `teapot "
              "rebuild` makes\nlists and search anew; `teapot help verify` says what else can be "
              "done.\n",
              out);
    }
}

tp_rc tp_command_verify(tp_call *call, tp_err *err)
{
    const char *accepted = NULL;
    const tp_option options[] = {{"accept", &accepted, false}, {NULL, NULL, false}};
    tp_log_verified report;
    tp_rc rc = tp_args_take(call, options, 0, 0, err);
    if (rc == TP_OK && accepted != NULL) {
        rc = tp_verify_accept(tp_cli_node(call)->view, accepted, err);
    }
    if (rc == TP_OK && accepted != NULL && !call->is_json) {
        fprintf(call->out, "What is in the table %s is taken as it is from now on.\n", accepted);
    }
    if (rc == TP_OK) {
        rc = tp_verify(tp_cli_node(call)->view, &report, err);
    }
    if (rc == TP_OK && call->is_json) {
        rc = put_report(call, &report, err);
    } else if (rc == TP_OK) {
        show_report(call->out, &report);
    }
    if (rc == TP_OK && report.findings.count > 0) {
        call->exit_code = TP_EXIT_FAILED;
    }
    return rc;
}
