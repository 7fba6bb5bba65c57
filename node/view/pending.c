/* Help requests and actions. */
#include "node/view/pending.h"

#include "node/view/view_state.h"
#include "schema/london_time.h"
#include "schema/partial_date.h"
#include "sync/log/era.h"

#include <stdlib.h>

enum { PENDING_BYTES_MAX = 64 * 1024 * 1024, PENDING_MAX = 100 * 1000 };

typedef struct gathering {
    tp_view *view;
    tp_tx *tx;
    uint32_t entity;
    const tp_pending_filter *filter;
    tp_pending_list *list;
    tp_name group[TP_GROUP_PERSONS_MAX]; /* filter->person's; empty: everybody */
    uint32_t group_count;
    tp_day today;
    tp_buf records; /* tp_name: found on the walk, loaded after it */
    tp_buf items;
} gathering;

static tp_rc note_ref(void *context, const tp_record_ref *ref, tp_err *err);
static tp_rc note_group(gathering *g, tp_err *err);
static tp_rc note_waiting(gathering *g, tp_err *err);
static tp_rc look_at_all(gathering *g, tp_err *err);
static tp_rc keep(gathering *g, tp_err *err);

tp_rc tp_pending_read(tp_view *view, tp_tx *tx, uint32_t entity, const tp_pending_filter *filter,
                      tp_pending_list *list_out, tp_err *err)
{
    gathering g = {.view = view, .tx = tx, .entity = entity, .filter = filter, .list = list_out};
    tp_estimate now;
    memset(list_out, 0, sizeof *list_out);
    tp_arena_init(&list_out->arena, PENDING_BYTES_MAX);
    tp_buf_init(&g.records, PENDING_MAX * sizeof(tp_name));
    tp_buf_init(&g.items, PENDING_MAX * sizeof(tp_pending));
    tp_rc rc = tp_log_now(view->log, tx, &now, NULL, err);
    if (rc == TP_OK && !tp_name_is_none(filter->person)) {
        rc = tp_merge_group(view->merge, tx, filter->person, g.group, &g.group_count, err);
    }
    if (rc == TP_OK) {
        g.today = tp_london_day_of(now.ms);
        rc = g.group_count > 0 ? note_group(&g, err)
             : filter->all     ? tp_merge_list(view->merge, tx, entity, note_ref, &g, err)
                               : note_waiting(&g, err);
    }
    if (rc == TP_OK) {
        rc = look_at_all(&g, err);
    }
    if (rc == TP_OK) {
        rc = keep(&g, err);
    }
    tp_buf_done(&g.records);
    tp_buf_done(&g.items);
    if (rc != TP_OK) {
        tp_pending_list_done(list_out);
    }
    return rc;
}

void tp_pending_list_done(tp_pending_list *list)
{
    tp_arena_done(&list->arena);
    memset(list, 0, sizeof *list);
}

static tp_rc note_ref(void *context, const tp_record_ref *ref, tp_err *err)
{
    gathering *g = context;
    return tp_buf_add(&g->records, &ref->record, sizeof ref->record, err);
}

static tp_rc note_group(gathering *g, tp_err *err)
{
    tp_rc rc = TP_OK;
    for (uint32_t i = 0; rc == TP_OK && i < g->group_count; i++) {
        rc = tp_merge_list_person_entity(g->view->merge, g->tx, g->group[i], g->entity, note_ref, g,
                                         err);
    }
    return rc;
}

/* Those that are not over stand in a table of their own, with whom they may be for. */
static tp_rc note_waiting(gathering *g, tp_err *err)
{
    const tp_waiting_ask ask = {.entity = g->entity,
                                .until_ms = INT64_MAX,
                                .agency = g->filter->agency,
                                .worker = g->filter->worker};
    const tp_name *records = NULL;
    uint32_t count = 0;
    tp_rc rc = tp_waiting_all(g->view, g->tx, &ask, &g->list->arena, &records, &count, err);
    return rc == TP_OK ? tp_buf_add(&g->records, records, count * sizeof *records, err) : rc;
}

/* ---- One of them ---- */

bool tp_pending_is_over_status(uint32_t entity, tp_slice status)
{
    return entity == TP_ACTION
               ? tp_slice_is(status, "done")
               : tp_slice_is(status, "answered") || tp_slice_is(status, "withdrawn");
}

bool tp_pending_is_over(const tp_shown *shown)
{
    return tp_pending_is_over_status(
        shown->entity,
        tp_shown_text(shown, shown->entity == TP_ACTION ? TP_ACTION_STATUS : TP_REQUEST_STATUS));
}

static bool is_past(tp_slice day, tp_day today)
{
    tp_partial_date date;
    tp_err other;
    if (day.bytes == 0 || tp_partial_date_parse(day, NULL, &date, &other) != TP_OK ||
        date.precision != TP_PRECISION_DAY) {
        return false;
    }
    return tp_day_compare((tp_day){date.year, date.month, date.day}, today) < 0;
}

static bool fits(const tp_pending_filter *filter, tp_slice agency, tp_slice worker)
{
    if (filter->agency.bytes > 0 && !tp_slice_eq(agency, filter->agency)) {
        return false;
    }
    return filter->worker.bytes == 0 || worker.bytes == 0 || tp_slice_eq(worker, filter->worker);
}

/* Who holds it, whether an offer waits, and whether either is asked for. */
static tp_rc read_holder(const gathering *g, tp_pending *item, bool *is_asked_out, tp_err *err)
{
    const tp_shown_field *field = tp_shown_field_of(
        item->shown, g->entity == TP_ACTION ? TP_ACTION_OWNER : TP_REQUEST_HOLDER);
    tp_rc rc = TP_OK;
    bool has_offer = false;
    item->agency = tp_slice_str(item->shown->agency);
    for (uint32_t i = 0; rc == TP_OK && field != NULL && i < field->heads_count; i++) {
        const tp_shown_head *head = &field->heads[i];
        tp_value value;
        bool has_value = false;
        rc = tp_shown_value(field->row, head, &value, &has_value, err);
        if (rc != TP_OK || !has_value || value.is_null) {
            continue;
        }
        if (head == field->shown) {
            item->agency = value.texts[0];
            item->worker = value.texts[1];
        } else if (head->is_offer) {
            item->is_offered = true;
            has_offer |= fits(g->filter, value.texts[0], value.texts[1]);
        }
    }
    *is_asked_out = has_offer || fits(g->filter, item->agency, item->worker);
    return rc;
}

/* The person's own record, where it is held. */
static tp_rc read_about(gathering *g, tp_pending *item, tp_err *err)
{
    tp_err missing = {0};
    if (tp_name_is_none(item->shown->person)) {
        return TP_OK;
    }
    tp_rc rc =
        tp_shown_load(g->view, g->tx, item->shown->person, &g->list->arena, &item->about, &missing);
    return rc == TP_OK || rc == TP_NOTFOUND ? TP_OK : (*err = missing, rc);
}

static tp_rc look_at_one(gathering *g, tp_name record, tp_err *err)
{
    tp_pending item = {0};
    bool is_asked = false;
    tp_rc rc = tp_shown_load(g->view, g->tx, record, &g->list->arena, &item.shown, err);
    if (rc != TP_OK || item.shown->is_hidden || item.shown->is_bare) {
        return rc;
    }
    const bool is_action = g->entity == TP_ACTION;
    item.status = tp_shown_text(item.shown, is_action ? TP_ACTION_STATUS : TP_REQUEST_STATUS);
    const bool over = tp_pending_is_over(item.shown);
    if (over && !g->filter->all) {
        return TP_OK;
    }
    item.is_overdue =
        is_action && !over && is_past(tp_shown_text(item.shown, TP_ACTION_DUE_ON), g->today);
    rc = read_holder(g, &item, &is_asked, err);
    return rc == TP_OK && is_asked ? tp_buf_add(&g->items, &item, sizeof item, err) : rc;
}

static tp_rc look_at_all(gathering *g, tp_err *err)
{
    tp_rc rc = TP_OK;
    for (size_t at = 0; rc == TP_OK && at < g->records.bytes; at += sizeof(tp_name)) {
        tp_name record;
        memcpy(&record, g->records.at + at, sizeof record);
        rc = look_at_one(g, record, err);
    }
    return rc;
}

static int by_place(const tp_pending_place *x, const tp_pending_place *y)
{
    if (x->at_ms != y->at_ms) {
        return x->at_ms < y->at_ms ? -1 : 1;
    }
    return tp_name_cmp(x->name, y->name);
}

tp_pending_place tp_pending_place_of(const tp_pending *item)
{
    return (tp_pending_place){item->shown->happened.ms, item->shown->name};
}

static int by_time(const void *a, const void *b)
{
    const tp_pending_place x = tp_pending_place_of(a);
    const tp_pending_place y = tp_pending_place_of(b);
    return by_place(&x, &y);
}

/* The day an action is due; those without one come last. */
static int by_day(const void *a, const void *b)
{
    const tp_slice x = tp_shown_text(((const tp_pending *)a)->shown, TP_ACTION_DUE_ON);
    const tp_slice y = tp_shown_text(((const tp_pending *)b)->shown, TP_ACTION_DUE_ON);
    if (x.bytes == 0 || y.bytes == 0) {
        return x.bytes == y.bytes ? by_time(a, b) : (x.bytes == 0) - (y.bytes == 0);
    }
    const int order = memcmp(x.at, y.at, x.bytes < y.bytes ? x.bytes : y.bytes);
    return order != 0 ? order : by_time(a, b);
}

/* How many of them a reader has seen. */
static uint32_t count_before(const tp_pending *items, uint32_t count,
                             const tp_pending_filter *filter)
{
    uint32_t first = 0;
    uint32_t end = filter->has_after ? count : 0;
    while (first < end) {
        const uint32_t middle = first + (end - first) / 2;
        const tp_pending_place place = tp_pending_place_of(&items[middle]);
        if (by_place(&place, &filter->after) <= 0) {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    return first;
}

/* Whom they are about is read of those alone that are asked for. */
static tp_rc keep(gathering *g, tp_err *err)
{
    tp_pending_list *list = g->list;
    const tp_pending_filter *filter = g->filter;
    void *items = NULL;
    tp_rc rc = tp_arena_take(&list->arena, g->items.bytes, &items, err);
    if (rc != TP_OK || g->items.bytes == 0) {
        return rc;
    }
    memcpy(items, g->items.at, g->items.bytes);
    tp_pending *at = items;
    list->all_count = (uint32_t)(g->items.bytes / sizeof(tp_pending));
    qsort(at, list->all_count, sizeof(tp_pending), filter->is_by_day ? by_day : by_time);
    for (uint32_t i = 0; i < list->all_count; i++) {
        list->overdue_count += at[i].is_overdue;
    }
    const uint32_t first = count_before(at, list->all_count, filter);
    const uint32_t behind = list->all_count - first;
    list->count = filter->max > 0 && filter->max < behind ? filter->max : behind;
    list->left = behind - list->count;
    list->items = at + first;
    for (uint32_t i = 0; rc == TP_OK && i < list->count; i++) {
        rc = read_about(g, &at[first + i], err);
    }
    return rc;
}
