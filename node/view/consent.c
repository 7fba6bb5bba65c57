/* What a person has agreed to, as far as this node holds it. */
#include "node/view/consent.h"

#include "node/view/consent_book.h"
#include "node/view/consent_summary.h"
#include "node/view/view_state.h"
#include "sync/log/directory.h"

#include <stdlib.h>

enum { PAGE_BYTES_MAX = 8 * 1024 * 1024, SUMMARY_BYTES_MAX = 2048 };

/* Agencies, sorted. */
typedef struct agency_list {
    const char **ids;
    uint32_t count;
} agency_list;

static tp_rc list_agencies(tp_view *view, const tp_book *book, tp_arena *arena,
                           agency_list *list_out, tp_err *err);
static tp_rc answer_rows(const tp_book *book, tp_name person, const tp_consent_ask *ask,
                         const agency_list *agencies, tp_consent_page *page, tp_err *err);
static tp_rc list_events(const tp_book *book, tp_name person, tp_consent_page *page, tp_err *err);
static tp_rc find_given_back(tp_view *view, tp_tx *tx, tp_consent_page *page, tp_err *err);
static tp_rc summarise(tp_view *view, tp_tx *tx, const tp_book *book, tp_name person,
                       const agency_list *agencies, tp_consent_page *page, tp_err *err);

tp_rc tp_consent_read(tp_view *view, tp_tx *tx, tp_name person, const tp_consent_ask *ask,
                      tp_consent_page *page_out, tp_err *err)
{
    tp_book book;
    agency_list agencies = {NULL, 0};
    memset(page_out, 0, sizeof *page_out);
    tp_arena_init(&page_out->arena, PAGE_BYTES_MAX);
    tp_rc rc = tp_book_open(view, tx, person, &page_out->arena, &book, err);
    if (rc == TP_OK) {
        page_out->group = book.rules.group;
        page_out->group_count = book.rules.group_count;
        rc = list_agencies(view, &book, &page_out->arena, &agencies, err);
    }
    if (rc == TP_OK) {
        rc = answer_rows(&book, person, ask, &agencies, page_out, err);
    }
    if (rc == TP_OK) {
        rc = list_events(&book, person, page_out, err);
    }
    if (rc == TP_OK) {
        rc = find_given_back(view, tx, page_out, err);
    }
    if (rc == TP_OK) {
        rc = summarise(view, tx, &book, person, &agencies, page_out, err);
    }
    if (rc != TP_OK) {
        tp_consent_page_done(page_out);
    }
    return rc;
}

void tp_consent_page_done(tp_consent_page *page)
{
    tp_arena_done(&page->arena);
    memset(page, 0, sizeof *page);
}

/* ---- Rows ---- */

static int by_id(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* With an end, so that it is a C string. */
static tp_rc copy_text(tp_arena *arena, tp_slice text, tp_slice *copy_out, tp_err *err)
{
    void *at = NULL;
    tp_rc rc = tp_arena_take(arena, text.bytes + 1, &at, err);
    if (rc == TP_OK) {
        memcpy(at, text.at, text.bytes);
        *copy_out = tp_slice_of(at, text.bytes);
    }
    return rc;
}

/* Adds an id that is not there yet. */
static tp_rc add_agency(tp_arena *arena, agency_list *list, tp_slice id, tp_err *err)
{
    tp_slice copy;
    bool is_known = id.bytes > TP_AGENCY_BYTES_MAX;
    for (uint32_t i = 0; !is_known && i < list->count; i++) {
        is_known = tp_slice_is(id, list->ids[i]);
    }
    if (is_known) {
        return TP_OK;
    }
    tp_rc rc = copy_text(arena, id, &copy, err);
    if (rc == TP_OK) {
        list->ids[list->count++] = (const char *)copy.at;
    }
    return rc;
}

/* This node's own agency, those of the directory, and those that events name. */
static tp_rc list_agencies(tp_view *view, const tp_book *book, tp_arena *arena,
                           agency_list *list_out, tp_err *err)
{
    size_t room = 1 + (size_t)book->agencies_count;
    void *at = NULL;
    for (uint32_t i = 0; i < book->page_count; i++) {
        room += book->rules.events[i].agencies_count;
    }
    tp_rc rc = tp_arena_take(arena, room * sizeof(char *), &at, err);
    list_out->ids = at;
    if (rc == TP_OK) {
        rc = add_agency(arena, list_out, tp_slice_str(tp_log_agency(view->log)), err);
    }
    for (uint32_t i = 0; rc == TP_OK && i < book->agencies_count; i++) {
        rc = add_agency(arena, list_out, book->agencies[i].agency, err);
    }
    for (uint32_t i = 0; rc == TP_OK && i < book->page_count; i++) {
        const tp_consent_event *event = &book->rules.events[i];
        for (uint32_t a = 0; rc == TP_OK && a < event->agencies_count; a++) {
            rc = add_agency(arena, list_out, event->agencies[a], err);
        }
    }
    if (rc == TP_OK) {
        qsort(list_out->ids, list_out->count, sizeof *list_out->ids, by_id);
    }
    return rc;
}

static void answer_row(const tp_book *book, tp_name person, tp_consent_row *row)
{
    const tp_agency_terms terms = tp_book_terms(book, tp_slice_str(row->agency));
    const tp_consent_answer answer =
        tp_consent_effective(&book->rules, person, &terms, row->kind, row->purpose);
    row->decision = answer.decision;
    if (answer.has_event) {
        const tp_consent_event *event = &book->rules.events[answer.event];
        row->by = event->name;
        row->ends_ms = event->ends_ms;
        if (event->ends_ms != 0 && book->shown[answer.event] != NULL) {
            row->ends_on = tp_shown_text(book->shown[answer.event], TP_CONSENT_ENDS_ON);
        }
    }
}

static tp_rc answer_rows(const tp_book *book, tp_name person, const tp_consent_ask *ask,
                         const agency_list *agencies, tp_consent_page *page, tp_err *err)
{
    void *at = NULL;
    tp_rc rc = tp_arena_take(&page->arena,
                             ((size_t)agencies->count + 1) * TP_KIND_COUNT * TP_PURPOSE_COUNT *
                                 sizeof(tp_consent_row),
                             &at, err);
    tp_consent_row *rows = at;
    const bool is_one = ask->agency.bytes > 0;
    const uint32_t agencies_count = is_one ? 1 : agencies->count;
    tp_slice asked = {NULL, 0};
    if (rc == TP_OK && is_one) {
        rc = copy_text(&page->arena, ask->agency, &asked, err);
    }
    const uint32_t all = agencies_count * TP_KIND_COUNT * TP_PURPOSE_COUNT;
    for (uint32_t i = 0; rc == TP_OK && i < all; i++) {
        const uint32_t agency = i / (TP_KIND_COUNT * TP_PURPOSE_COUNT);
        const tp_consent_row row = {.agency =
                                        is_one ? (const char *)asked.at : agencies->ids[agency],
                                    .kind = (tp_kind)(i / TP_PURPOSE_COUNT % TP_KIND_COUNT),
                                    .purpose = (tp_purpose)(i % TP_PURPOSE_COUNT)};
        if ((ask->has_kind && row.kind != ask->kind) ||
            (ask->has_purpose && row.purpose != ask->purpose)) {
            continue;
        }
        rows[page->rows_count] = row;
        answer_row(book, person, &rows[page->rows_count++]);
    }
    page->rows = rows;
    return rc;
}

/* ---- Events ---- */

static int by_time(const void *a, const void *b)
{
    const tp_consent_seen *x = a;
    const tp_consent_seen *y = b;
    int64_t at_x = x->shown == NULL ? 0 : x->shown->written.ms;
    int64_t at_y = y->shown == NULL ? 0 : y->shown->written.ms;
    return at_x != at_y ? (at_x < at_y ? -1 : 1) : tp_name_cmp(x->name, y->name);
}

static tp_rc list_events(const tp_book *book, tp_name person, tp_consent_page *page, tp_err *err)
{
    const uint32_t count = book->page_count;
    void *at = NULL;
    tp_rc rc = tp_arena_take(&page->arena, count * sizeof(tp_consent_seen), &at, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_consent_seen *events = at;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t by = 0;
        events[i].shown = book->shown[i];
        events[i].name = book->rules.events[i].name;
        events[i].is_latest = !tp_book_is_answered(book, i);
        if (tp_consent_overruled(&book->rules, person, i, book->agencies, book->agencies_count,
                                 &by)) {
            events[i].overruled_by = book->rules.events[by].name;
        }
    }
    qsort(events, count, sizeof *events, by_time);
    page->events = events;
    page->events_count = count;
    return TP_OK;
}

/* ---- One line ---- */

/* When the latest of the person's records became bare; 0: all are held. */
static tp_rc find_given_back(tp_view *view, tp_tx *tx, tp_consent_page *page, tp_err *err)
{
    tp_rc rc = TP_OK;
    for (uint32_t i = 0; rc == TP_OK && i < page->group_count; i++) {
        const tp_shown *shown = NULL;
        tp_err missing = {0};
        rc = tp_shown_load(view, tx, page->group[i], &page->arena, &shown, &missing);
        if (rc == TP_OK && shown->is_bare && shown->given_back_ms > page->given_back_ms) {
            page->given_back_ms = shown->given_back_ms;
            page->is_erased = shown->erased_ms != 0;
        }
        if (rc == TP_NOTFOUND) {
            rc = TP_OK;
        } else if (rc != TP_OK) {
            *err = missing;
        }
    }
    return rc;
}

static tp_rc summarise(tp_view *view, tp_tx *tx, const tp_book *book, tp_name person,
                       const agency_list *agencies, tp_consent_page *page, tp_err *err)
{
    const tp_consent_summary of = {.view = view,
                                   .tx = tx,
                                   .book = book,
                                   .person = person,
                                   .agencies = agencies->ids,
                                   .agencies_count = agencies->count,
                                   .is_given_back = page->given_back_ms != 0};
    return tp_consent_summarise(&of, &page->arena, &page->summary, err);
}

/* ---- For those who write ---- */

tp_rc tp_consent_in_sight(tp_view *view, tp_tx *tx, tp_name person, tp_name *names_out,
                          uint32_t *count_out, tp_err *err)
{
    tp_arena arena;
    tp_book book;
    uint32_t count = 0;
    tp_arena_init(&arena, PAGE_BYTES_MAX);
    tp_rc rc = tp_book_open(view, tx, person, &arena, &book, err);
    for (int turn = 0; rc == TP_OK && turn < 2; turn++) {
        for (uint32_t i = 0; i < book.page_count && count < TP_VALUE_NAMES_MAX; i++) {
            /* Of what was given back nobody here saw what it says: it may be a withdrawal, and come
             * again. */
            const bool is_held = !book.rules.events[i].is_stub;
            if (is_held && tp_book_is_answered(&book, i) == (turn == 1)) {
                names_out[count++] = book.rules.events[i].name;
            }
        }
    }
    tp_arena_done(&arena);
    if (rc == TP_OK) {
        *count_out = count;
    }
    return rc;
}

/* The kinds that no purpose covers; 0: all are covered by one. */
static uint32_t missing_kinds(const tp_book *book, tp_name person, const tp_agency_terms *terms,
                              uint32_t kinds)
{
    uint32_t least = kinds;
    for (int purpose = 0; purpose < TP_PURPOSE_EVALUATION; purpose++) {
        uint32_t missing = kinds & ~TP_KINDS_KNOWN;
        for (int kind = 0; kind < TP_KIND_COUNT; kind++) {
            const bool is_asked = (kinds & TP_KIND_BIT(kind)) != 0;
            if (is_asked && tp_consent_effective(&book->rules, person, terms, (tp_kind)kind,
                                                 (tp_purpose)purpose)
                                    .decision != TP_DECISION_GIVEN) {
                missing |= TP_KIND_BIT(kind);
            }
        }
        if (missing == 0) {
            return 0;
        }
        least = missing;
    }
    return least;
}

static tp_rc say_why_not(tp_arena *arena, const char *agency, uint32_t missing,
                         tp_slice *why_not_out, tp_err *err)
{
    tp_buf out;
    tp_buf_init(&out, SUMMARY_BYTES_MAX);
    tp_rc rc = tp_buf_addf(&out, err, "nobody has agreed that %s may know this", agency);
    if (rc == TP_OK && (missing & ~TP_KIND_BIT(TP_KIND_GENERAL) & TP_KINDS_KNOWN) != 0) {
        rc = tp_buf_add_str(&out, " (", err);
        rc = rc == TP_OK ? tp_consent_say_kinds(&out, missing & TP_KINDS_KNOWN, err) : rc;
        rc = rc == TP_OK ? tp_buf_add_str(&out, ")", err) : rc;
    }
    if (rc == TP_OK) {
        rc = tp_arena_copy(arena, tp_buf_slice(&out), why_not_out, err);
    }
    tp_buf_done(&out);
    return rc;
}

tp_rc tp_consent_may_hold(tp_view *view, tp_tx *tx, tp_slice agency, tp_name person, uint32_t kinds,
                          tp_arena *arena, bool *may_out, tp_slice *why_not_out, tp_err *err)
{
    tp_book book;
    *may_out = false;
    if (tp_name_is_none(person)) {
        *why_not_out = tp_slice_str("it is about nobody known yet, so nobody could be asked");
        return TP_OK;
    }
    tp_rc rc = tp_book_open(view, tx, person, arena, &book, err);
    if (rc != TP_OK) {
        return rc;
    }
    const tp_agency_terms terms = tp_book_terms(&book, agency);
    const uint32_t missing = missing_kinds(&book, person, &terms, kinds);
    if (missing == 0 ||
        tp_gateway_covers(book.gateways, book.gateways_count, book.rules.group,
                          book.rules.group_count, person, agency, kinds, book.rules.now_ms)) {
        *may_out = true;
        return TP_OK;
    }
    tp_slice id;
    const char *label = NULL;
    rc = copy_text(arena, agency, &id, err);
    if (rc == TP_OK) {
        rc = tp_log_agency_label(view->log, tx, (const char *)id.at, &label, err);
    }
    return rc == TP_OK ? say_why_not(arena, label, missing, why_not_out, err) : rc;
}
