/* /api/export/N: everything held about one person, as a file. */
#include "node/ui/answer.h"
#include "node/ui/api.h"
#include "node/view/document.h"
#include "node/view/verify.h"
#include "schema/name_text.h"

#include <stdio.h>

static tp_rc put_line(void *context, const tp_shown *shown, tp_err *err)
{
    tp_ui_call *call = context;
    tp_json_print p;
    tp_json_print_begin_buf(&p, &call->response->body);
    tp_rc rc = tp_document_record(&p, call->ui->node->view, &call->tx, shown, err);
    if (rc == TP_OK) {
        rc = tp_json_print_end_buf(&p, err);
    }
    return rc == TP_OK ? tp_buf_add_str(&call->response->body, "\n", err) : rc;
}

/* The file's name is the record's: no name of a person lands in a folder of downloads. */
tp_rc tp_api_export(tp_ui_call *call, tp_err *err)
{
    char name[TP_NAME_TEXT_BYTES];
    char disposition[96];
    tp_record_ref ref;
    tp_err missing = {0};
    const tp_node *node = call->ui->node;
    tp_rc rc = tp_merge_find(node->merge, &call->tx, call->args[0].name, &ref, &missing);
    if (rc == TP_NOTFOUND || (rc == TP_OK && ref.entity != TP_PERSON)) {
        return tp_fail(err, TP_NOTFOUND, "no such person is held here");
    }
    if (rc != TP_OK) {
        *err = missing;
        return rc;
    }
    tp_answer_room(call);
    rc = tp_export(node->view, &call->tx, call->args[0].name, put_line, call, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_name_print(call->args[0].name, name);
    snprintf(disposition, sizeof disposition, "attachment; filename=\"teapot-%s.jsonl\"", name);
    call->response->content_type = "application/x-ndjson";
    return tp_http_response_header(call->response, "Content-Disposition", disposition, err);
}
