/* /api/find, /api/person/N, /api/record/N: who there is, and what is held about them. */
#include "node/record/node_status.h"
#include "node/ui/answer.h"
#include "node/ui/api.h"
#include "node/ui/query.h"
#include "node/view/list_document.h"
#include "node/view/person_card.h"
#include "node/view/when.h"

#include <inttypes.h>
#include <stdio.h>

enum { FOUND_MAX = 50, ENTRIES_ASKED_MAX = 1000 * 1000, RECORD_BYTES_MAX = 16 * 1024 * 1024 };

/* ---- Finding ---- */

static tp_rc put_found(tp_ui_call *call, tp_json_print *p, const tp_found *found, tp_err *err)
{
    tp_json_begin(p, '{');
    tp_rc rc = tp_person_card_put(p, call->ui->node->view, &call->tx, found->shown, err);
    tp_document_put_found(p, found);
    tp_json_end(p, '}');
    return rc;
}

tp_rc tp_api_put_people(tp_ui_call *call, tp_json_print *p, const tp_found_list *list, tp_err *err)
{
    tp_rc rc = TP_OK;
    tp_json_key(p, "people");
    tp_json_begin(p, '[');
    for (uint32_t i = 0; rc == TP_OK && i < list->count; i++) {
        rc = put_found(call, p, &list->people[i], err);
    }
    tp_json_end(p, ']');
    return rc;
}

/* How many at most are asked for. */
static tp_rc read_max(tp_ui_call *call, uint32_t *max_out, tp_err *err)
{
    const json_t *max = json_object_get(call->body, "max");
    *max_out = FOUND_MAX;
    if (max == NULL || json_is_null(max)) {
        return TP_OK;
    }
    if (!json_is_integer(max) || json_integer_value(max) < 1) {
        tp_answer_field(call, "max");
        return tp_answer_malformed(call, "\"max\" is a number of people.", err);
    }
    if (json_integer_value(max) < FOUND_MAX) {
        *max_out = (uint32_t)json_integer_value(max);
    }
    return TP_OK;
}

tp_rc tp_api_find(tp_ui_call *call, tp_err *err)
{
    tp_view *view = call->ui->node->view;
    tp_slice text;
    uint32_t max = 0;
    uint32_t given_back = 0;
    bool is_filling = false;
    tp_found_list list;
    tp_rc rc = tp_answer_body_text(call, "text", &text, err);
    if (rc == TP_OK) {
        rc = read_max(call, &max, err);
    }
    if (rc == TP_OK) {
        rc = tp_node_is_filling(&call->tx, &is_filling, err);
    }
    if (rc == TP_OK) {
        rc = tp_find(view, &call->tx, text, max, &list, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_json_print *p = tp_answer_begin(call);
    tp_json_begin(p, '{');
    rc = tp_api_put_people(call, p, &list, err);
    tp_json_put_bool(p, "partial", is_filling);
    if (rc == TP_OK && list.count == 0) {
        rc = tp_given_back_count(view, &call->tx, &given_back, err);
        tp_json_put_int(p, "given_back", given_back);
    }
    tp_json_end(p, '}');
    tp_found_list_done(&list);
    return rc == TP_OK ? tp_answer_end(call, err) : rc;
}

/* ---- One person ---- */

/* Which entries a page asks for, counted from the newest. */
typedef struct page_range {
    uint32_t newest; /* how many */
    uint32_t before; /* after so many of the newest, which it has */
} page_range;

/* What stands at the top of a page, however long ago it was written. */
static bool is_around(const tp_shown *entry)
{
    const bool is_request = entry->entity == TP_HELP_REQUEST;
    return entry->entity == TP_ALIAS || entry->entity == TP_ROLE ||
           ((is_request || entry->entity == TP_ACTION) && !tp_pending_is_over(entry));
}

static tp_rc put_around(tp_ui_call *call, tp_json_print *p, const tp_timeline *t, tp_err *err)
{
    tp_rc rc = TP_OK;
    tp_json_key(p, "around");
    tp_json_begin(p, '[');
    for (uint32_t i = 0; rc == TP_OK && i < t->entries_count; i++) {
        if (is_around(t->entries[i])) {
            tp_json_begin(p, '{');
            rc = tp_document_put_entry(p, call->ui->node->view, &call->tx, t->entries[i], err);
            tp_json_end(p, '}');
        }
    }
    tp_json_end(p, ']');
    return rc;
}

static tp_rc put_persons(tp_ui_call *call, tp_json_print *p, const tp_timeline *t, tp_err *err)
{
    tp_rc rc = TP_OK;
    tp_json_key(p, "persons");
    tp_json_begin(p, '[');
    for (uint32_t i = 0; rc == TP_OK && i < t->persons_count; i++) {
        rc = tp_document_record(p, call->ui->node->view, &call->tx, t->persons[i], err);
    }
    tp_json_end(p, ']');
    return rc;
}

static void put_last_words(tp_json_print *p, const tp_timeline *t)
{
    char when[TP_WHEN_TEXT_MAX];
    const tp_shown *entry = NULL;
    const tp_slice words = tp_timeline_last_words(t, &entry);
    tp_json_key(p, "last_words");
    if (words.bytes == 0) {
        tp_json_null(p);
        return;
    }
    tp_when_text(&entry->happened, when);
    tp_json_begin(p, '{');
    tp_json_put_text(p, "words", words);
    tp_json_put_str(p, "at_text", when);
    tp_json_end(p, '}');
}

/* Of all entries, whichever were asked for. */
static uint32_t count_new(const tp_timeline *t)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < t->entries_count; i++) {
        count += t->entries[i]->is_new;
    }
    return count;
}

static void put_version(tp_json_print *p, uint64_t version)
{
    char text[24];
    snprintf(text, sizeof text, "%016" PRIx64, version);
    tp_json_put_str(p, "version", text);
}

static tp_rc put_person(tp_ui_call *call, const page_range *range, const tp_timeline *t,
                        const tp_consent_page *consent, tp_err *err)
{
    const uint32_t left =
        t->entries_count - (range->before < t->entries_count ? range->before : t->entries_count);
    const uint32_t count = range->newest < left ? range->newest : left;
    tp_json_print *p = tp_answer_begin(call);
    tp_json_begin(p, '{');
    tp_rc rc = tp_document_put_timeline(p, call->ui->node->view, &call->tx, t, consent,
                                        left - count, count, err);
    if (rc == TP_OK) {
        rc = put_persons(call, p, t, err);
    }
    if (rc == TP_OK) {
        rc = put_around(call, p, t, err);
    }
    put_last_words(p, t);
    tp_json_put_text(p, "consent_summary", consent->summary);
    tp_json_put_int(p, "more", left - count);
    tp_json_put_int(p, "count", t->entries_count);
    tp_json_put_int(p, "new", count_new(t));
    put_version(p, t->version);
    tp_json_put_instant(p, "looked_at", t->looked_ms);
    tp_json_end(p, '}');
    return rc == TP_OK ? tp_answer_end(call, err) : rc;
}

tp_rc tp_api_person(tp_ui_call *call, tp_err *err)
{
    const tp_consent_ask everything = {0};
    const tp_name person = call->args[0].name;
    tp_view *view = call->ui->node->view;
    page_range range = {ENTRIES_ASKED_MAX, 0};
    tp_timeline t;
    tp_consent_page consent;
    tp_rc rc = tp_query_number(call, "newest", ENTRIES_ASKED_MAX, &range.newest, err);
    if (rc == TP_OK) {
        rc = tp_query_number(call, "before", ENTRIES_ASKED_MAX, &range.before, err);
    }
    if (rc == TP_OK) {
        rc = tp_timeline_read(view, &call->tx, person, call->worker, &t, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    rc = tp_consent_read(view, &call->tx, person, &everything, &consent, err);
    if (rc == TP_OK) {
        rc = put_person(call, &range, &t, &consent, err);
        tp_consent_page_done(&consent);
    }
    tp_timeline_done(&t);
    return rc;
}

static tp_rc note_looked(tp_ui_call *call, tp_tx *tx, tp_err *err)
{
    tp_record_ref ref;
    tp_err missing = {0};
    const tp_node *node = call->ui->node;
    const tp_name person = call->args[0].name;
    tp_rc rc = tp_merge_find(node->merge, tx, person, &ref, &missing);
    if (rc == TP_NOTFOUND || (rc == TP_OK && ref.entity != TP_PERSON)) {
        return tp_fail(err, TP_NOTFOUND, "no such person is held here");
    }
    if (rc != TP_OK) {
        *err = missing;
        return rc;
    }
    return tp_timeline_looked(node->view, tx, person, call->worker, err);
}

/* In a transaction of its own, so that it is no news to the other pages: what somebody has just
 * opened must not be read again because they opened it. */
tp_rc tp_api_person_looked(tp_ui_call *call, tp_err *err)
{
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(call->ui->node->store, &tx, TP_TX_WRITE, err);
    if (rc == TP_OK) {
        rc = note_looked(call, &tx, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_commit(&tx, err);
    }
    tp_tx_rollback(&tx);
    return rc == TP_OK ? tp_answer_nothing(call) : rc;
}

/* ---- One record, and whom it is about ---- */

static tp_rc load(tp_ui_call *call, tp_name record, tp_arena *arena, const tp_shown **shown_out,
                  tp_err *err)
{
    tp_rc rc = tp_shown_load(call->ui->node->view, &call->tx, record, arena, shown_out, err);
    return rc == TP_NOTFOUND ? tp_fail(err, TP_NOTFOUND, "no such record is held here") : rc;
}

static tp_rc answer_shown(tp_ui_call *call, const tp_shown *shown, tp_err *err)
{
    tp_view *view = call->ui->node->view;
    tp_rc rc = tp_document_record(tp_answer_begin(call), view, &call->tx, shown, err);
    return rc == TP_OK ? tp_answer_end(call, err) : rc;
}

tp_rc tp_api_record(tp_ui_call *call, tp_err *err)
{
    const tp_shown *shown = NULL;
    tp_arena arena;
    tp_arena_init(&arena, RECORD_BYTES_MAX);
    tp_rc rc = load(call, call->args[0].name, &arena, &shown, err);
    if (rc == TP_OK) {
        rc = answer_shown(call, shown, err);
    }
    tp_arena_done(&arena);
    return rc;
}

tp_rc tp_api_record_person(tp_ui_call *call, tp_err *err)
{
    const tp_shown *shown = NULL;
    tp_arena arena;
    tp_arena_init(&arena, RECORD_BYTES_MAX);
    tp_rc rc = load(call, call->args[0].name, &arena, &shown, err);
    if (rc == TP_OK && tp_name_is_none(shown->person)) {
        rc = tp_fail(err, TP_NOTFOUND, "it is about nobody known");
    }
    if (rc == TP_OK) {
        rc = load(call, shown->person, &arena, &shown, err);
    }
    if (rc == TP_OK) {
        rc = answer_shown(call, shown, err);
    }
    tp_arena_done(&arena);
    return rc;
}
