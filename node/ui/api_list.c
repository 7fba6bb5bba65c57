/* /api/requests, /api/actions, /api/review: what waits for somebody. */
#include "node/ui/answer.h"
#include "node/ui/api.h"
#include "node/ui/query.h"
#include "node/view/list_document.h"
#include "schema/name_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

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

/* Where to read on: "MS.NAME" of the last item; null: there is nothing behind it. */
static void put_next(tp_json_print *p, const tp_pending_list *list)
{
    char text[24 + TP_NAME_TEXT_BYTES];
    char name[TP_NAME_TEXT_BYTES];
    tp_json_key(p, "next");
    if (list->left == 0 || list->count == 0) {
        tp_json_null(p);
        return;
    }
    const tp_pending_place place = tp_pending_place_of(&list->items[list->count - 1]);
    tp_name_print(place.name, name);
    snprintf(text, sizeof text, "%" PRId64 ".%s", place.at_ms, name);
    tp_json_str(p, text);
}

static tp_rc read_after(tp_ui_call *call, tp_pending_filter *filter, tp_err *err)
{
    char text[24 + TP_NAME_TEXT_BYTES];
    tp_slice value;
    char *end = NULL;
    filter->has_after = tp_query_value(call, "after", &value);
    if (!filter->has_after) {
        return TP_OK;
    }
    snprintf(text, sizeof text, "%.*s", TP_SLICE_FMT(value));
    filter->after.at_ms = strtoll(text, &end, 10);
    return end != text && *end == '.' && tp_name_read(tp_slice_str(end + 1), &filter->after.name)
               ? TP_OK
               : tp_answer_malformed(call, "The address asks for a place that is none.", err);
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
        rc = read_after(call, &filter, err);
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
    put_next(p, &list);
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

/* With the record it is about, so that a list of them asks for nothing more. */
static tp_rc put_item(tp_ui_call *call, tp_json_print *p, const tp_review_item *item, tp_err *err)
{
    tp_json_begin(p, '{');
    tp_rc rc = tp_document_put_review(p, item, err);
    tp_json_put_bool(p, "can_accept", item->can_accept);
    tp_api_put_card(p, item->about);
    tp_json_key(p, "doc");
    if (item->of == NULL) {
        tp_json_null(p);
    } else if (rc == TP_OK) {
        rc = tp_document_record(p, call->ui->node->view, &call->tx, item->of, err);
    }
    tp_json_end(p, '}');
    return rc;
}

typedef struct review_range {
    uint32_t first;
    uint32_t count;
} review_range;

static tp_rc read_range(tp_ui_call *call, const tp_review_list *list, review_range *range_out,
                        tp_err *err)
{
    uint32_t max = LIST_MAX;
    uint32_t first = 0;
    tp_slice place;
    tp_rc rc = tp_query_number(call, "max", LIST_MAX, &max, err);
    if (rc == TP_OK && tp_query_value(call, "after", &place) &&
        tp_review_behind(list, place, &first, err) != TP_OK) {
        rc = tp_answer_malformed(call, "The address asks for a place that is none.", err);
    }
    max = max == 0 ? LIST_MAX : max;
    *range_out = (review_range){first, list->count - first < max ? list->count - first : max};
    return rc;
}

static tp_rc put_review(tp_ui_call *call, const tp_review_list *list, const review_range *range,
                        tp_err *err)
{
    char next[TP_REVIEW_PLACE_MAX];
    const uint32_t end = range->first + range->count;
    tp_rc rc = TP_OK;
    tp_json_print *p = tp_answer_begin(call);
    tp_json_begin(p, '{');
    tp_json_key(p, "items");
    tp_json_begin(p, '[');
    for (uint32_t i = range->first; rc == TP_OK && i < end; i++) {
        rc = put_item(call, p, &list->items[i], err);
    }
    tp_json_end(p, ']');
    if (range->count > 0) {
        tp_review_place_of(&list->items[end - 1], next);
    }
    tp_json_put_str(p, "next", range->count > 0 && end < list->count ? next : NULL);
    tp_json_put_int(p, "count", list->count);
    tp_json_put_int(p, "dismissed", list->dismissed_count);
    tp_json_end(p, '}');
    return rc == TP_OK ? tp_answer_end(call, err) : rc;
}

tp_rc tp_api_review(tp_ui_call *call, tp_err *err)
{
    tp_name person;
    tp_review_list list;
    review_range range = {0, 0};
    tp_rc rc = tp_query_name(call, "person", &person, err);
    if (rc == TP_OK) {
        rc = tp_review_read(call->ui->node->view, &call->tx, person, &list, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    rc = read_range(call, &list, &range, err);
    if (rc == TP_OK) {
        rc = put_review(call, &list, &range, err);
    }
    tp_review_list_done(&list);
    return rc;
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
