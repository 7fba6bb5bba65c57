/* /api/start: what waits for a worker, and who they saw last. */
#include "node/record/draft.h"
#include "node/ui/answer.h"
#include "node/ui/api.h"
#include "node/view/lately.h"
#include "node/view/list_document.h"
#include "node/view/person_card.h"
#include "node/view/renew.h"
#include "platform/base/alloc.h"

#include <stdlib.h>

enum { RENEW_MAX = 20 };

/* The day an action is due; those without one come last. */
static int by_due_day(const void *a, const void *b)
{
    const tp_slice x = tp_shown_text((*(const tp_pending *const *)a)->shown, TP_ACTION_DUE_ON);
    const tp_slice y = tp_shown_text((*(const tp_pending *const *)b)->shown, TP_ACTION_DUE_ON);
    if (x.bytes == 0 || y.bytes == 0) {
        return (x.bytes == 0) - (y.bytes == 0);
    }
    return memcmp(x.at, y.at, x.bytes < y.bytes ? x.bytes : y.bytes);
}

static tp_rc put_in_order(tp_ui_call *call, tp_json_print *p, const tp_pending_list *list,
                          bool is_by_day, tp_err *err)
{
    tp_rc rc = TP_OK;
    const tp_pending **order = tp_alloc((list->count + 1) * sizeof *order);
    if (order == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for what waits");
    }
    for (uint32_t i = 0; i < list->count; i++) {
        order[i] = &list->items[i];
    }
    if (is_by_day && list->count > 1) {
        qsort(order, list->count, sizeof(const tp_pending *), by_due_day);
    }
    for (uint32_t i = 0; rc == TP_OK && i < list->count; i++) {
        rc = tp_api_put_pending(call, p, order[i], err);
    }
    tp_free(order);
    return rc;
}

/* Held by this worker, by nobody named of their agency, or offered to it. */
static tp_rc put_mine(tp_ui_call *call, tp_json_print *p, const char *key, uint32_t entity,
                      tp_err *err)
{
    const tp_node *node = call->ui->node;
    const tp_pending_filter filter = {.agency = tp_slice_str(tp_log_agency(node->log)),
                                      .worker = call->worker};
    tp_pending_list list;
    tp_rc rc = tp_pending_read(node->view, &call->tx, entity, &filter, &list, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_json_key(p, key);
    tp_json_begin(p, '[');
    rc = put_in_order(call, p, &list, entity == TP_ACTION, err);
    tp_json_end(p, ']');
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
    tp_rc rc = put_mine(call, p, "requests", TP_HELP_REQUEST, err);
    if (rc == TP_OK) {
        rc = put_mine(call, p, "actions", TP_ACTION, err);
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
