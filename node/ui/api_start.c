/* /api/start: what waits for a worker, and who they saw last. */
#include "node/record/draft.h"
#include "node/ui/answer.h"
#include "node/ui/api.h"
#include "node/view/lately.h"
#include "node/view/list_document.h"
#include "node/view/person_card.h"
#include "node/view/renew.h"

/* A tap away stand all of them. */
enum { MINE_MAX = 5, RENEW_MAX = 20 };

/* Held by this worker, by nobody named of their agency, or offered to it: the first few, and of how
 * many. */
static tp_rc put_mine(tp_ui_call *call, tp_json_print *p, const char *key, const char *count_key,
                      uint32_t entity, tp_err *err)
{
    const tp_node *node = call->ui->node;
    const tp_pending_filter filter = {.agency = tp_slice_str(tp_log_agency(node->log)),
                                      .worker = call->worker,
                                      .is_by_day = entity == TP_ACTION,
                                      .max = MINE_MAX};
    tp_pending_list list;
    tp_rc rc = tp_pending_read(node->view, &call->tx, entity, &filter, &list, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_json_key(p, key);
    tp_json_begin(p, '[');
    for (uint32_t i = 0; rc == TP_OK && i < list.count; i++) {
        rc = tp_api_put_pending(call, p, &list.items[i], err);
    }
    tp_json_end(p, ']');
    tp_json_put_int(p, count_key, list.all_count);
    tp_pending_list_done(&list);
    return rc;
}

static tp_rc put_renew(tp_ui_call *call, tp_json_print *p, tp_err *err)
{
    tp_view *view = call->ui->node->view;
    tp_renew_list list;
    tp_rc rc = tp_renew_read(view, &call->tx, RENEW_MAX, &list, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_json_key(p, "renew");
    tp_json_begin(p, '[');
    for (uint32_t i = 0; rc == TP_OK && i < list.count; i++) {
        tp_json_begin(p, '{');
        tp_json_put_name(p, "consent", list.items[i].consent);
        tp_json_put_name(p, "person", list.items[i].person);
        tp_json_put_text(p, "ends_on", list.items[i].ends_on);
        tp_json_put_text(p, "review_on", list.items[i].review_on);
        tp_json_key(p, "card");
        rc = tp_person_card(p, view, &call->tx, list.items[i].person, err);
        tp_json_end(p, '}');
    }
    tp_json_end(p, ']');
    tp_renew_list_done(&list);
    return rc;
}

static tp_rc put_lately(tp_ui_call *call, tp_json_print *p, tp_err *err)
{
    tp_view *view = call->ui->node->view;
    tp_lately lately;
    tp_rc rc = tp_lately_read(view, &call->tx, call->worker, &lately, err);
    tp_json_key(p, "lately");
    tp_json_begin(p, '[');
    for (uint32_t i = 0; rc == TP_OK && i < lately.count; i++) {
        tp_json_begin(p, '{');
        tp_json_put_name(p, "person", lately.people[i].person);
        tp_json_put_instant(p, "at", lately.people[i].at_ms);
        tp_json_key(p, "card");
        rc = tp_person_card(p, view, &call->tx, lately.people[i].person, err);
        tp_json_end(p, '}');
    }
    tp_json_end(p, ']');
    return rc;
}

tp_rc tp_api_start(tp_ui_call *call, tp_err *err)
{
    uint32_t reviews = 0;
    tp_json_print *p = tp_answer_begin(call);
    tp_json_begin(p, '{');
    tp_rc rc = put_mine(call, p, "requests", "requests_count", TP_HELP_REQUEST, err);
    if (rc == TP_OK) {
        rc = put_mine(call, p, "actions", "actions_count", TP_ACTION, err);
    }
    if (rc == TP_OK) {
        rc = tp_review_count(call->ui->node->view, &call->tx, &reviews, err);
    }
    tp_json_put_int(p, "reviews", reviews);
    if (rc == TP_OK) {
        rc = put_renew(call, p, err);
    }
    if (rc == TP_OK) {
        rc = put_lately(call, p, err);
    }
    if (rc == TP_OK) {
        rc = tp_api_put_drafts(call, p, err);
    }
    tp_json_end(p, '}');
    return rc == TP_OK ? tp_answer_end(call, err) : rc;
}
