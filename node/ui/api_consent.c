/* /api/person/N/consent, and what a consent or a join would mean before anybody says it. */
#include "node/record/join.h"
#include "node/record/json.h"
#include "node/ui/answer.h"
#include "node/ui/api.h"
#include "node/view/list_document.h"
#include "schema/name_text.h"
#include "sync/log/directory.h"
#include "sync/log/era.h"

enum { RECORDS_BYTES_MAX = 16 * 1024 * 1024 };

static const tp_consent_ask everything;

/* ---- What a person has agreed to ---- */

static void put_names(tp_json_print *p, const char *key, const tp_name *names, uint32_t count)
{
    tp_json_key(p, key);
    tp_json_begin(p, '[');
    for (uint32_t i = 0; i < count; i++) {
        tp_json_name(p, names[i]);
    }
    tp_json_end(p, ']');
}

static tp_rc put_events(tp_ui_call *call, tp_json_print *p, const tp_consent_page *page,
                        tp_err *err)
{
    tp_rc rc = TP_OK;
    tp_json_key(p, "events");
    tp_json_begin(p, '[');
    for (uint32_t i = 0; rc == TP_OK && i < page->events_count; i++) {
        const tp_consent_seen *event = &page->events[i];
        tp_json_begin(p, '{');
        if (event->shown == NULL) {
            tp_json_put_name(p, "name", event->name);
            tp_json_put_bool(p, "bare", true);
        } else {
            rc = tp_document_put_record(p, call->ui->node->view, &call->tx, event->shown, err);
        }
        tp_json_put_name(p, "overruled_by", event->overruled_by);
        tp_json_put_bool(p, "latest", event->is_latest);
        tp_json_end(p, '}');
    }
    tp_json_end(p, ']');
    return rc;
}

/* What a consent written from this page is written in sight of, ready to be sent with it. */
static tp_rc put_in_sight(tp_ui_call *call, tp_json_print *p, const tp_consent_page *page,
                          tp_err *err)
{
    tp_name names[TP_VALUE_NAMES_MAX];
    uint32_t count = 0;
    tp_rc rc = tp_consent_in_sight(call->ui->node->view, &call->tx, call->args[0].name, names,
                                   &count, err);
    put_names(p, "in_sight", names, count);
    put_names(p, "persons", page->group, page->group_count > 1 ? page->group_count : 0);
    return rc;
}

tp_rc tp_api_consent(tp_ui_call *call, tp_err *err)
{
    tp_consent_page page;
    tp_record_ref ref;
    tp_err missing = {0};
    const tp_node *node = call->ui->node;
    const tp_name person = call->args[0].name;
    if (tp_merge_find(node->merge, &call->tx, person, &ref, &missing) == TP_NOTFOUND) {
        return tp_fail(err, TP_NOTFOUND, "no such person is held here");
    }
    tp_rc rc = tp_consent_read(node->view, &call->tx, person, &everything, &page, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_json_print *p = tp_answer_begin(call);
    tp_json_begin(p, '{');
    tp_json_key(p, "rows");
    tp_document_consent(p, &page, true);
    rc = put_events(call, p, &page, err);
    if (rc == TP_OK) {
        rc = put_in_sight(call, p, &page, err);
    }
    tp_json_put_text(p, "summary", page.summary);
    if (page.given_back_ms != 0) {
        tp_json_put_instant(p, page.is_erased ? "erased_on" : "given_back_on", page.given_back_ms);
    }
    tp_json_end(p, '}');
    tp_consent_page_done(&page);
    return rc == TP_OK ? tp_answer_end(call, err) : rc;
}

/* ---- Who sees what ---- */

/* What an agency is granted by consent.  Evaluation sends nothing to anybody. */
typedef struct sight {
    uint32_t kinds;
    uint32_t purposes;
} sight;

static sight sight_of(const tp_consent_page *page, const char *agency)
{
    sight seen = {0, 0};
    for (uint32_t i = 0; i < page->rows_count; i++) {
        const tp_consent_row *row = &page->rows[i];
        if (row->decision == TP_DECISION_GIVEN && strcmp(row->agency, agency) == 0) {
            seen.kinds |= row->purpose == TP_PURPOSE_EVALUATION ? 0 : TP_KIND_BIT(row->kind);
            seen.purposes |= 1u << row->purpose;
        }
    }
    return seen;
}

/* The first row of each agency: rows come by agency. */
static bool is_next_agency(const tp_consent_page *page, uint32_t i)
{
    return i == 0 || strcmp(page->rows[i].agency, page->rows[i - 1].agency) != 0;
}

static void put_kinds(tp_json_print *p, const char *key, uint32_t kinds)
{
    tp_json_key(p, key);
    tp_json_begin(p, '[');
    for (int kind = 0; kind < TP_KIND_COUNT; kind++) {
        if ((kinds & TP_KIND_BIT(kind)) != 0) {
            tp_json_str(p, tp_kind_name((tp_kind)kind));
        }
    }
    tp_json_end(p, ']');
}

static void put_purposes(tp_json_print *p, uint32_t purposes)
{
    tp_json_key(p, "purposes");
    tp_json_begin(p, '[');
    for (int purpose = 0; purpose < TP_PURPOSE_COUNT; purpose++) {
        if ((purposes & 1u << purpose) != 0) {
            tp_json_str(p, tp_purpose_name((tp_purpose)purpose));
        }
    }
    tp_json_end(p, ']');
}

/* "agency", "label", "under_agreement": without an agreement in force it gets nothing, whatever was
 * said. */
static tp_rc put_agency(tp_ui_call *call, tp_tx *tx, tp_json_print *p, const char *agency,
                        tp_err *err)
{
    tp_log *log = call->ui->node->log;
    const char *label = agency;
    bool is_under = false;
    tp_estimate now;
    tp_rc rc = tp_log_now(log, tx, &now, NULL, err);
    if (rc == TP_OK) {
        rc = tp_log_agency_label(log, tx, agency, &label, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_is_under_agreement(log, tx, tp_slice_str(agency), now.ms, &is_under, err);
    }
    tp_json_put_str(p, "agency", agency);
    tp_json_put_str(p, "label", label);
    tp_json_put_bool(p, "under_agreement", is_under);
    return rc;
}

/* ---- Before a consent is said ---- */

static tp_rc put_sees(tp_ui_call *call, tp_tx *tx, tp_json_print *p, const tp_consent_page *before,
                      const tp_consent_page *after, tp_err *err)
{
    tp_rc rc = TP_OK;
    tp_json_key(p, "sees");
    tp_json_begin(p, '[');
    for (uint32_t i = 0; rc == TP_OK && i < after->rows_count; i++) {
        if (!is_next_agency(after, i)) {
            continue;
        }
        const sight seen = sight_of(after, after->rows[i].agency);
        tp_json_begin(p, '{');
        rc = put_agency(call, tx, p, after->rows[i].agency, err);
        put_kinds(p, "kinds", seen.kinds);
        put_purposes(p, seen.purposes);
        put_kinds(p, "had", sight_of(before, after->rows[i].agency).kinds);
        tp_json_end(p, '}');
    }
    tp_json_end(p, ']');
    return rc;
}

static tp_rc answer_consent(tp_ui_call *call, tp_tx *tx, const tp_consent_page *before,
                            const tp_consent_page *after, const tp_write_result *result,
                            tp_err *err)
{
    tp_json_print *p = tp_answer_begin(call);
    tp_json_begin(p, '{');
    tp_json_put_text(p, "summary", after->summary);
    tp_json_key(p, "before");
    tp_document_consent(p, before, true);
    tp_json_key(p, "after");
    tp_document_consent(p, after, true);
    tp_rc rc = put_sees(call, tx, p, before, after, err);
    tp_json_key(p, "warns");
    tp_json_begin(p, '[');
    for (uint32_t i = 0; i < result->warnings_count; i++) {
        tp_json_str(p, result->warnings[i]);
    }
    tp_json_end(p, ']');
    tp_json_end(p, '}');
    return rc == TP_OK ? tp_answer_end(call, err) : rc;
}

/* Written, looked at, and undone: so it says what would be, by the same rules. */
static tp_rc try_consent(tp_ui_call *call, tp_write *w, tp_name person, tp_err *err)
{
    tp_view *view = call->ui->node->view;
    tp_consent_page before;
    tp_consent_page after;
    tp_write_result result;
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(call->ui->node->store, &tx, TP_TX_WRITE, err);
    if (rc == TP_OK) {
        rc = tp_consent_read(view, &tx, person, &everything, &before, err);
    }
    if (rc != TP_OK) {
        tp_tx_rollback(&tx);
        return rc;
    }
    rc = tp_write_in(w, &tx, &result, err);
    if (rc == TP_OK) {
        rc = tp_consent_read(view, &tx, person, &everything, &after, err);
        if (rc == TP_OK) {
            rc = answer_consent(call, &tx, &before, &after, &result, err);
            tp_consent_page_done(&after);
        }
    }
    tp_consent_page_done(&before);
    tp_tx_rollback(&tx);
    return rc;
}

static tp_rc read_person(tp_ui_call *call, const char *key, tp_name *person_out, tp_err *err)
{
    tp_slice text;
    tp_rc rc = tp_answer_body_text(call, key, &text, err);
    if (rc == TP_OK && !tp_name_read(text, person_out)) {
        tp_answer_field(call, key);
        rc = tp_answer_malformed(call, "That is no person's record.", err);
    }
    return rc;
}

tp_rc tp_api_consent_preview(tp_ui_call *call, tp_err *err)
{
    tp_write w;
    tp_name person;
    tp_rc rc = read_person(call, "person", &person, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_write_init(&w, call->ui->node, TP_WRITE_CREATE, TP_CONSENT, call->worker);
    rc = tp_write_set_json_typed(&w, json_object_get(call->body, "set_typed"), err);
    if (rc == TP_OK) {
        rc = tp_write_set_json(&w, json_object_get(call->body, "set"), err);
    }
    if (rc == TP_OK) {
        rc = tp_write_set_name(&w, "person", person, err);
    }
    if (rc == TP_OK) {
        rc = try_consent(call, &w, person, err);
    }
    if (rc != TP_OK && w.trouble[0] != '\0') {
        tp_answer_field(call, w.trouble);
    }
    tp_write_done(&w);
    return rc;
}

/* ---- Before two records are joined ---- */

/* The two, as they are and as they would be. */
typedef struct pair {
    tp_name person[2];
    tp_consent_page before[2];
    tp_consent_page after[2];
    unsigned read_count; /* pages read, of both in turn */
} pair;

static tp_rc read_pages(tp_ui_call *call, tp_tx *tx, pair *two, tp_consent_page pages[2],
                        tp_err *err)
{
    tp_rc rc = TP_OK;
    for (int i = 0; rc == TP_OK && i < 2; i++) {
        rc = tp_consent_read(call->ui->node->view, tx, two->person[i], &everything, &pages[i], err);
        two->read_count += rc == TP_OK;
    }
    return rc;
}

static void pair_done(pair *two)
{
    tp_consent_page *const pages[] = {&two->before[0], &two->before[1], &two->after[0],
                                      &two->after[1]};
    for (unsigned i = 0; i < two->read_count; i++) {
        tp_consent_page_done(pages[i]);
    }
}

static tp_rc put_before(tp_ui_call *call, tp_tx *tx, tp_json_print *p, const pair *two, tp_err *err)
{
    tp_rc rc = TP_OK;
    tp_json_key(p, "before");
    tp_json_begin(p, '[');
    for (int of = 0; of < 2; of++) {
        const tp_consent_page *page = &two->before[of];
        for (uint32_t i = 0; rc == TP_OK && i < page->rows_count; i++) {
            const uint32_t kinds = sight_of(page, page->rows[i].agency).kinds;
            if (is_next_agency(page, i) && kinds != 0) {
                tp_json_begin(p, '{');
                rc = put_agency(call, tx, p, page->rows[i].agency, err);
                tp_json_put_str(p, "of", of == 0 ? "a" : "b");
                put_kinds(p, "kinds", kinds);
                tp_json_end(p, '}');
            }
        }
    }
    tp_json_end(p, ']');
    return rc;
}

/* An agency gains what it sees of either record afterwards and did not see of that one before. */
static tp_rc put_after(tp_ui_call *call, tp_tx *tx, tp_json_print *p, const pair *two, tp_err *err)
{
    const tp_consent_page *page = &two->after[0];
    tp_rc rc = TP_OK;
    tp_json_key(p, "after");
    tp_json_begin(p, '[');
    for (uint32_t i = 0; rc == TP_OK && i < page->rows_count; i++) {
        const char *agency = page->rows[i].agency;
        uint32_t kinds = 0;
        uint32_t gains = 0;
        for (int of = 0; of < 2; of++) {
            const uint32_t now = sight_of(&two->after[of], agency).kinds;
            kinds |= now;
            gains |= now & ~sight_of(&two->before[of], agency).kinds;
        }
        if (is_next_agency(page, i) && kinds != 0) {
            tp_json_begin(p, '{');
            rc = put_agency(call, tx, p, agency, err);
            put_kinds(p, "kinds", kinds);
            put_kinds(p, "gains", gains);
            tp_json_end(p, '}');
        }
    }
    tp_json_end(p, ']');
    return rc;
}

static tp_rc put_records(tp_ui_call *call, tp_tx *tx, tp_json_print *p, const pair *two,
                         tp_err *err)
{
    tp_arena arena;
    tp_rc rc = TP_OK;
    tp_view *view = call->ui->node->view;
    tp_arena_init(&arena, RECORDS_BYTES_MAX);
    for (int of = 0; rc == TP_OK && of < 2; of++) {
        const tp_shown *shown = NULL;
        rc = tp_shown_load(view, tx, two->person[of], &arena, &shown, err);
        if (rc == TP_OK) {
            tp_json_key(p, of == 0 ? "a" : "b");
            rc = tp_document_record(p, view, tx, shown, err);
        }
    }
    tp_arena_done(&arena);
    return rc;
}

static tp_rc try_join(tp_ui_call *call, tp_tx *tx, pair *two, tp_err *err)
{
    const tp_join_act act = {call->worker, two->person[0], two->person[1], tp_slice_str("")};
    tp_write_result result;
    tp_json_print *p = tp_answer_begin(call);
    tp_json_begin(p, '{');
    tp_rc rc = put_records(call, tx, p, two, err);
    if (rc == TP_OK) {
        rc = read_pages(call, tx, two, two->before, err);
    }
    if (rc == TP_OK) {
        rc = tp_join_in(call->ui->node, tx, &act, &result, err);
    }
    if (rc == TP_OK) {
        rc = read_pages(call, tx, two, two->after, err);
    }
    if (rc == TP_OK) {
        rc = put_before(call, tx, p, two, err);
    }
    if (rc == TP_OK) {
        rc = put_after(call, tx, p, two, err);
    }
    if (rc == TP_OK) {
        tp_json_put_bool(p, "joined", result.is_unchanged);
        tp_json_put_text(p, "summary", two->after[0].summary);
    }
    tp_json_end(p, '}');
    return rc == TP_OK ? tp_answer_end(call, err) : rc;
}

tp_rc tp_api_join_preview(tp_ui_call *call, tp_err *err)
{
    pair two;
    tp_tx tx = TP_TX_NONE;
    memset(&two, 0, sizeof two);
    tp_rc rc = read_person(call, "a", &two.person[0], err);
    if (rc == TP_OK) {
        rc = read_person(call, "b", &two.person[1], err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_begin(call->ui->node->store, &tx, TP_TX_WRITE, err);
    }
    if (rc == TP_OK) {
        rc = try_join(call, &tx, &two, err);
    }
    pair_done(&two);
    tp_tx_rollback(&tx);
    return rc;
}
