/* Whom to ask again. */
#include "node/view/renew.h"

#include "node/view/consent.h"
#include "node/view/view_state.h"
#include "sync/log/era.h"

enum { RENEW_BYTES_MAX = 16 * 1024 * 1024, LOOKED_AT_MAX = 400 };

#define DAY_MS INT64_C(86400000)

/* The giving still stands as it was said: nobody has said anything in sight of it. */
static tp_rc is_latest(tp_view *view, tp_tx *tx, const tp_shown *consent, bool *is_latest_out,
                       tp_err *err)
{
    const tp_consent_ask one = {
        .agency = tp_slice_str(tp_log_agency(view->log)), .has_kind = true, .has_purpose = true};
    tp_consent_page page;
    *is_latest_out = false;
    tp_rc rc = tp_consent_read(view, tx, consent->person, &one, &page, err);
    if (rc != TP_OK) {
        return rc;
    }
    for (uint32_t i = 0; page.given_back_ms == 0 && i < page.events_count; i++) {
        if (tp_name_eq(page.events[i].name, consent->name)) {
            *is_latest_out =
                page.events[i].is_latest && tp_name_is_none(page.events[i].overruled_by);
        }
    }
    tp_consent_page_done(&page);
    return TP_OK;
}

static tp_rc look_at(tp_view *view, tp_tx *tx, tp_name record, tp_renew_list *list,
                     tp_renew *renew_out, tp_err *err)
{
    const tp_shown *shown = NULL;
    bool is_standing = false;
    tp_rc rc = tp_shown_load(view, tx, record, &list->arena, &shown, err);
    if (rc != TP_OK || shown->is_bare || tp_name_is_none(shown->person) ||
        !tp_slice_is(tp_shown_text(shown, TP_CONSENT_DECISION), "given")) {
        return rc;
    }
    rc = is_latest(view, tx, shown, &is_standing, err);
    if (rc == TP_OK && is_standing) {
        *renew_out = (tp_renew){record, shown->person, tp_shown_text(shown, TP_CONSENT_ENDS_ON),
                                tp_shown_text(shown, TP_CONSENT_REVIEW_ON)};
        list->count++;
    }
    return rc;
}

tp_rc tp_renew_read(tp_view *view, tp_tx *tx, uint32_t max, tp_renew_list *list_out, tp_err *err)
{
    const tp_name *records = NULL;
    uint32_t count = 0;
    void *items = NULL;
    tp_estimate now;
    memset(list_out, 0, sizeof *list_out);
    tp_arena_init(&list_out->arena, RENEW_BYTES_MAX);
    tp_rc rc = tp_log_now(view->log, tx, &now, NULL, err);
    if (rc == TP_OK) {
        const tp_waiting_ask ask = {.entity = TP_CONSENT,
                                    .from_ms = now.ms - TP_RENEW_DAYS * DAY_MS,
                                    .until_ms = now.ms + TP_RENEW_DAYS * DAY_MS};
        rc = tp_waiting_all(view, tx, &ask, &list_out->arena, &records, &count, err);
    }
    if (rc == TP_OK) {
        rc = tp_arena_take(&list_out->arena, (max + 1) * sizeof(tp_renew), &items, err);
    }
    list_out->items = items;
    for (uint32_t i = 0; rc == TP_OK && i < count && i < LOOKED_AT_MAX && list_out->count < max;
         i++) {
        rc = look_at(view, tx, records[i], list_out, (tp_renew *)items + list_out->count, err);
    }
    if (rc != TP_OK) {
        tp_renew_list_done(list_out);
    }
    return rc;
}

void tp_renew_list_done(tp_renew_list *list)
{
    tp_arena_done(&list->arena);
    memset(list, 0, sizeof *list);
}
