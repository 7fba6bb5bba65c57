/* /api/export/N: everything held about one person, as a file; or in parts, for a page that shows
 * how far it is and puts them one after the other into the same file. */
#include "node/ui/answer.h"
#include "node/ui/api.h"
#include "node/ui/query.h"
#include "node/view/document.h"
#include "node/view/export.h"
#include "schema/name_text.h"

#include <inttypes.h>
#include <stdio.h>

typedef struct export_run {
    tp_ui_call *call;
    tp_buf *lines;
    tp_export_walk walk;
    uint32_t at_max;  /* a part ends there */
    size_t bytes_max; /* or with the record that reaches this */
} export_run;

static tp_rc put_line(void *context, const tp_shown *shown, tp_err *err)
{
    export_run *run = context;
    tp_json_print p;
    tp_json_print_begin_buf(&p, run->lines);
    tp_rc rc = tp_document_record(&p, run->call->ui->node->view, &run->call->tx, shown, err);
    if (rc == TP_OK) {
        rc = tp_json_print_end_buf(&p, err);
    }
    run->walk.is_enough = run->walk.at >= run->at_max || run->lines->bytes >= run->bytes_max;
    return rc == TP_OK ? tp_buf_add_str(run->lines, "\n", err) : rc;
}

static tp_rc check_person(tp_ui_call *call, tp_err *err)
{
    tp_record_ref ref;
    tp_err missing = {0};
    tp_rc rc = tp_merge_find(call->ui->node->merge, &call->tx, call->args[0].name, &ref, &missing);
    if (rc == TP_NOTFOUND || (rc == TP_OK && ref.entity != TP_PERSON)) {
        return tp_fail(err, TP_NOTFOUND, "no such person is held here");
    }
    if (rc != TP_OK) {
        *err = missing;
    }
    return rc;
}

/* The file's name is the record's: no name of a person lands in a folder of downloads. */
tp_rc tp_api_export(tp_ui_call *call, tp_err *err)
{
    char name[TP_NAME_TEXT_BYTES];
    char disposition[96];
    export_run run = {.call = call,
                      .lines = &call->response->body,
                      .walk = {.person = call->args[0].name},
                      .at_max = UINT32_MAX,
                      .bytes_max = SIZE_MAX};
    tp_answer_room(call);
    tp_rc rc = check_person(call, err);
    if (rc == TP_OK) {
        rc = tp_export_go(call->ui->node->view, &call->tx, &run.walk, put_line, &run, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_name_print(call->args[0].name, name);
    snprintf(disposition, sizeof disposition, "attachment; filename=\"teapot-%s.jsonl\"", name);
    call->response->content_type = "application/x-ndjson";
    return tp_http_response_header(call->response, "Content-Disposition", disposition, err);
}

/* ---- In parts ---- */

/* ?held=..., as the first part said it: what is held must be the same for all of them. */
static tp_rc check_held(tp_ui_call *call, char held_out[24], tp_err *err)
{
    uint64_t held = 0;
    tp_slice asked;
    tp_rc rc = tp_api_read_held(call, &held, err);
    if (rc != TP_OK) {
        return rc;
    }
    snprintf(held_out, 24, "%" PRIu64, held);
    if (tp_query_value(call, "held", &asked) && !tp_slice_is(asked, held_out)) {
        return tp_fail(err, TP_BUSY,
                       "Something was written, or came in, while the file was being made.");
    }
    return TP_OK;
}

static tp_rc answer_part(tp_ui_call *call, const export_run *run, uint32_t from, const char *held,
                         tp_err *err)
{
    tp_json_print *p = tp_answer_begin(call);
    tp_json_begin(p, '{');
    tp_json_put_int(p, "from", from);
    tp_json_put_int(p, "done", run->walk.at);
    tp_json_put_int(p, "of", run->walk.count);
    tp_json_put_str(p, "held", held);
    tp_json_put_text(p, "lines", tp_buf_slice(run->lines));
    tp_json_end(p, '}');
    return tp_answer_end(call, err);
}

tp_rc tp_api_export_part(tp_ui_call *call, tp_err *err)
{
    char held[24];
    uint32_t from = 0;
    uint32_t max = TP_PERSON_RECORDS_MAX;
    tp_buf lines;
    export_run run = {.call = call,
                      .lines = &lines,
                      .walk = {.person = call->args[0].name},
                      .bytes_max = TP_UI_EXPORT_PART_BYTES};
    tp_buf_init(&lines, TP_UI_ANSWER_BYTES_MAX);
    tp_rc rc = check_person(call, err);
    if (rc == TP_OK) {
        rc = check_held(call, held, err);
    }
    if (rc == TP_OK) {
        rc = tp_query_number(call, "from", TP_PERSON_RECORDS_MAX, &from, err);
    }
    if (rc == TP_OK) {
        rc = tp_query_number(call, "max", TP_PERSON_RECORDS_MAX, &max, err);
    }
    if (rc == TP_OK) {
        run.walk.at = from;
        run.walk.is_enough = max == 0; /* how many there are is all that is asked */
        run.at_max = from + max;
        rc = tp_export_go(call->ui->node->view, &call->tx, &run.walk, put_line, &run, err);
    }
    if (rc == TP_OK) {
        rc = answer_part(call, &run, from, held, err);
    }
    tp_buf_done(&lines);
    return rc;
}
