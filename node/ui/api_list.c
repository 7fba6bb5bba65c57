/* /api/requests, /api/actions, /api/review: what waits for somebody. */
#include "node/ui/answer.h"
#include "node/ui/api.h"
#include "node/ui/query.h"
#include "node/view/list_document.h"

enum { LIST_MAX = 100 * 1000 };

void tp_api_put_card(tp_json_print *p, const tp_shown *person)
{
    tp_json_key(p, "card");
    if (person == NULL || person->is_bare) {
        tp_json_null(p);
        return;
    }
    tp_json_begin(p, '{');
    tp_document_put_who(p, person);
    tp_json_end(p, '}');
}

tp_rc tp_api_put_pending(tp_ui_call *call, tp_json_print *p, const tp_pending *item, tp_err *err)
{
    tp_json_begin(p, '{');
    tp_rc rc = tp_document_put_pending(p, call->ui->node->view, &call->tx, item, err);
    tp_api_put_card(p, item->about);
    tp_json_end(p, '}');
    return rc;
}

static tp_rc answer_pending(tp_ui_call *call, uint32_t entity, const char *key, tp_err *err)
{
    const tp_node *node = call->ui->node;
    tp_pending_filter filter = {0};
    tp_pending_list list;
    tp_slice value;
    filter.all = tp_query_value(call, "all", &value);
    if (tp_query_value(call, "mine", &value)) {
        filter.agency = tp_slice_str(tp_log_agency(node->log));
        filter.worker = call->worker;
    }
    tp_rc rc = tp_query_name(call, "person", &filter.person, err);
    if (rc == TP_OK) {
        rc = tp_query_number(call, "max", LIST_MAX, &filter.max, err);
    }
    if (rc == TP_OK) {
        rc = tp_pending_read(node->view, &call->tx, entity, &filter, &list, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_json_print *p = tp_answer_begin(call);
    tp_json_begin(p, '{');
    tp_json_key(p, key);
    tp_json_begin(p, '[');
    for (uint32_t i = 0; rc == TP_OK && i < list.count; i++) {
        rc = tp_api_put_pending(call, p, &list.items[i], err);
    }
    tp_json_end(p, ']');
    tp_json_put_int(p, "count", list.all_count);
    tp_json_put_int(p, "overdue", list.overdue_count);
    tp_json_end(p, '}');
    tp_pending_list_done(&list);
    return rc == TP_OK ? tp_answer_end(call, err) : rc;
}

tp_rc tp_api_requests(tp_ui_call *call, tp_err *err)
{
    return answer_pending(call, TP_HELP_REQUEST, "help_requests", err);
}

tp_rc tp_api_actions(tp_ui_call *call, tp_err *err)
{
    return answer_pending(call, TP_ACTION, "actions", err);
}

/* ---- Review ---- */

tp_rc tp_api_review(tp_ui_call *call, tp_err *err)
{
    tp_review_list list;
    tp_rc rc = tp_review_read(call->ui->node->view, &call->tx, &list, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_json_print *p = tp_answer_begin(call);
    tp_json_begin(p, '{');
    tp_json_key(p, "items");
    tp_json_begin(p, '[');
    for (uint32_t i = 0; rc == TP_OK && i < list.count; i++) {
        tp_json_begin(p, '{');
        rc = tp_document_put_review(p, &list.items[i], err);
        tp_json_put_bool(p, "can_accept", list.items[i].can_accept);
        tp_api_put_card(p, list.items[i].about);
        tp_json_end(p, '}');
    }
    tp_json_end(p, ']');
    tp_json_put_int(p, "dismissed", list.dismissed_count);
    tp_json_end(p, '}');
    tp_review_list_done(&list);
    return rc == TP_OK ? tp_answer_end(call, err) : rc;
}

/* The item that is meant; its id holds names of records, so it stands in no address. */
static tp_rc read_id(tp_ui_call *call, tp_slice *id_out, tp_err *err)
{
    tp_answer_field(call, "id");
    tp_rc rc = tp_answer_body_text(call, "id", id_out, err);
    return rc == TP_OK && (id_out->bytes == 0 || id_out->bytes >= TP_REVIEW_ID_MAX)
               ? tp_answer_malformed(call, "That is no item of the review.", err)
               : rc;
}

tp_rc tp_api_review_dismiss(tp_ui_call *call, tp_err *err)
{
    tp_slice id;
    tp_rc rc = read_id(call, &id, err);
    if (rc == TP_OK) {
        rc = tp_review_dismiss(call->ui->node->view, &call->tx, id, call->worker, err);
    }
    return rc == TP_OK ? tp_answer_nothing(call) : rc;
}

tp_rc tp_api_review_restore(tp_ui_call *call, tp_err *err)
{
    tp_slice id;
    tp_rc rc = read_id(call, &id, err);
    if (rc == TP_OK) {
        rc = tp_review_restore(&call->tx, id, err);
    }
    return rc == TP_OK ? tp_answer_nothing(call) : rc;
}
