/* The consent events of a person group, out of the log. */
#include "node/view/consent_book.h"

#include "node/view/view_state.h"
#include "platform/base/alloc.h"
#include "sync/access/access_read.h"
#include "sync/log/directory.h"
#include "sync/log/era.h"

enum { ROOM_SLICES = 4 * TP_VALUE_TEXTS_MAX, ROOM_NAMES = 4 * TP_CHANGE_NAMES_MAX };

/* What is gathered on the walk over the group's records. */
typedef struct gathering {
    tp_view *view;
    tp_tx *tx;
    tp_arena *arena;
    tp_access_room room;
    tp_change *change; /* decoded from bytes that stay */
    tp_buf events;     /* tp_consent_event */
    uint32_t page;     /* of them, those of the page */
    tp_buf shown;      /* const tp_shown * */
    tp_buf gateways;   /* tp_gateway */
} gathering;

static tp_rc gather_records(gathering *g, const tp_name *group, uint32_t count, tp_err *err);
static tp_rc gather_agencies(gathering *g, tp_book *book, tp_err *err);

static tp_rc open_group(tp_view *view, tp_tx *tx, tp_name person, tp_arena *arena, tp_book *book,
                        tp_err *err)
{
    void *at = NULL;
    tp_rc rc = tp_arena_take(arena, TP_GROUP_PERSONS_MAX * sizeof(tp_name), &at, err);
    if (rc == TP_OK) {
        rc = tp_merge_group(view->merge, tx, person, at, &book->rules.group_count, err);
    }
    book->rules.group = at;
    return rc;
}

/* Events move no more once all are there. */
static tp_rc keep_list(tp_arena *arena, const tp_buf *from, const void **list_out, tp_err *err)
{
    tp_slice copy;
    tp_rc rc = tp_arena_copy(arena, tp_buf_slice(from), &copy, err);
    if (rc == TP_OK) {
        *list_out = copy.at;
    }
    return rc;
}

static tp_rc keep_lists(gathering *g, tp_book *book, tp_err *err)
{
    const void *events = NULL;
    const void *shown = NULL;
    const void *gateways = NULL;
    tp_rc rc = keep_list(g->arena, &g->events, &events, err);
    if (rc == TP_OK) {
        rc = keep_list(g->arena, &g->shown, &shown, err);
    }
    if (rc == TP_OK) {
        rc = keep_list(g->arena, &g->gateways, &gateways, err);
    }
    book->rules.events = events;
    book->rules.events_count = (uint32_t)(g->events.bytes / sizeof(tp_consent_event));
    book->page_count = g->page;
    book->shown = shown;
    book->gateways = gateways;
    book->gateways_count = (uint32_t)(g->gateways.bytes / sizeof(tp_gateway));
    return rc;
}

static tp_rc link_book(tp_arena *arena, tp_book *book, tp_err *err)
{
    void *at = NULL;
    const size_t words = tp_consent_reach_words(book->rules.events_count);
    tp_rc rc = tp_arena_take(arena, words * sizeof(uint64_t), &at, err);
    book->rules.reach = at;
    return rc == TP_OK ? tp_consent_link(&book->rules, err) : rc;
}

tp_rc tp_book_open(tp_view *view, tp_tx *tx, tp_name person, tp_arena *arena, tp_book *book_out,
                   tp_err *err)
{
    gathering g = {.view = view, .tx = tx, .arena = arena};
    tp_estimate now;
    memset(book_out, 0, sizeof *book_out);
    tp_buf_init(&g.events, (TP_CONSENT_EVENTS_MAX + 1) * sizeof(tp_consent_event));
    tp_buf_init(&g.shown, (TP_CONSENT_EVENTS_MAX + 1) * sizeof(tp_shown *));
    tp_buf_init(&g.gateways, TP_CONSENT_EVENTS_MAX * sizeof(tp_gateway));
    g.change = tp_alloc(sizeof *g.change);
    tp_rc rc = g.change == NULL ? tp_fail(err, TP_NOMEM, "no memory left") : TP_OK;
    if (rc == TP_OK) {
        rc = open_group(view, tx, person, arena, book_out, err);
    }
    if (rc == TP_OK) {
        rc = tp_log_now(view->log, tx, &now, NULL, err);
    }
    if (rc == TP_OK) {
        book_out->rules.now_ms = now.ms;
        rc = gather_records(&g, book_out->rules.group, book_out->rules.group_count, err);
    }
    if (rc == TP_OK) {
        rc = keep_lists(&g, book_out, err);
    }
    if (rc == TP_OK) {
        rc = gather_agencies(&g, book_out, err);
    }
    if (rc == TP_OK) {
        rc = link_book(arena, book_out, err);
    }
    tp_free(g.change);
    tp_buf_done(&g.events);
    tp_buf_done(&g.shown);
    tp_buf_done(&g.gateways);
    return rc;
}

/* ---- Events and gateways ---- */

static tp_rc make_room(gathering *g, tp_err *err)
{
    void *slices = NULL;
    void *names = NULL;
    tp_rc rc = tp_arena_take(g->arena, ROOM_SLICES * sizeof(tp_slice), &slices, err);
    if (rc == TP_OK) {
        rc = tp_arena_take(g->arena, ROOM_NAMES * sizeof(tp_name), &names, err);
    }
    if (rc == TP_OK) {
        g->room = (tp_access_room){
            .slices = slices, .slices_max = ROOM_SLICES, .names = names, .names_max = ROOM_NAMES};
    }
    return rc;
}

/* The creating change, decoded again from bytes that live as long as the arena. */
static tp_rc keep_change(gathering *g, const tp_record_change *first, tp_err *err)
{
    tp_slice bytes;
    const tp_change *change = first->change;
    tp_rc rc = tp_arena_copy(g->arena, change->bytes, &bytes, err);
    if (rc != TP_OK) {
        return rc;
    }
    return first->is_stub ? tp_stub_decode(change->name, bytes, g->change, err)
                          : tp_change_decode(change->name, bytes, g->change, err);
}

/* Once with the room that is left, and once with a whole one. */
static tp_rc read_event(gathering *g, const tp_record_change *first, tp_consent_event *event_out,
                        tp_err *err)
{
    tp_err full = {0};
    tp_rc rc =
        tp_consent_event_read(g->change, first->is_stub, first->stamp, &g->room, event_out, &full);
    if (rc == TP_LIMIT) {
        rc = make_room(g, err);
        if (rc == TP_OK) {
            rc = tp_consent_event_read(g->change, first->is_stub, first->stamp, &g->room, event_out,
                                       err);
        }
    } else if (rc != TP_OK) {
        *err = full;
    }
    return rc;
}

static tp_rc gather_event(gathering *g, const tp_loaded *loaded, tp_err *err)
{
    const tp_record_change *first = &loaded->record.changes[0];
    tp_consent_event event;
    tp_shown *shown = NULL;
    tp_rc rc = read_event(g, first, &event, err);
    if (rc == TP_OK && !first->is_stub) {
        rc = tp_shown_make(g->view, g->tx, loaded, g->arena, &shown, err);
    }
    if (rc == TP_OK) {
        rc = tp_buf_add(&g->events, &event, sizeof event, err);
    }
    return rc == TP_OK ? tp_buf_add(&g->shown, &shown, sizeof shown, err) : rc;
}

static tp_rc gather_gateway(gathering *g, tp_err *err)
{
    tp_gateway gateway;
    tp_err full = {0};
    tp_rc rc = tp_gateway_read(g->change, &g->room, &gateway, &full);
    if (rc == TP_LIMIT) {
        rc = make_room(g, err);
        if (rc == TP_OK) {
            rc = tp_gateway_read(g->change, &g->room, &gateway, err);
        }
    } else if (rc != TP_OK) {
        *err = full;
    }
    return rc == TP_OK ? tp_buf_add(&g->gateways, &gateway, sizeof gateway, err) : rc;
}

static tp_rc gather_one(void *context, const tp_loaded *loaded, tp_err *err)
{
    gathering *g = context;
    const tp_record *record = &loaded->record;
    if (record->count == 0 || !tp_change_creates(record->changes[0].change) ||
        loaded->changes[0].is_unread) {
        return TP_OK;
    }
    tp_rc rc = keep_change(g, &record->changes[0], err);
    if (rc != TP_OK) {
        return rc;
    }
    if (record->entity == TP_CONSENT) {
        return gather_event(g, loaded, err);
    }
    return record->changes[0].is_stub ? TP_OK : gather_gateway(g, err);
}

static bool has_event(const gathering *g, tp_name name)
{
    for (size_t at = 0; at < g->events.bytes; at += sizeof(tp_consent_event)) {
        tp_consent_event event;
        memcpy(&event, g->events.at + at, sizeof event);
        if (tp_name_eq(event.name, name)) {
            return true;
        }
    }
    return false;
}

/* What was said on a page joined then, and written on a record that is not of the group now. */
static tp_rc gather_named(gathering *g, tp_name person, tp_err *err)
{
    const tp_name *records = NULL;
    uint32_t count = 0;
    tp_rc rc = tp_named_all(g->view, g->tx, person, g->arena, &records, &count, err);
    for (uint32_t i = 0; rc == TP_OK && i < count; i++) {
        tp_loaded *loaded = NULL;
        if (!has_event(g, records[i])) {
            rc = tp_merge_load(g->view->merge, g->tx, records[i], &loaded, err);
            if (rc == TP_OK) {
                rc = gather_one(g, loaded, err);
            }
            tp_loaded_free(loaded);
        }
    }
    return rc;
}

/* NOTFOUND is none: what is not held is passed over. */
static tp_rc gather_link(gathering *g, tp_name name, tp_err *err)
{
    tp_loaded *loaded = NULL;
    tp_err unmet = {0};
    tp_rc rc = tp_merge_load(g->view->merge, g->tx, name, &loaded, &unmet);
    if (rc == TP_OK && loaded->record.entity == TP_CONSENT) {
        rc = gather_one(g, loaded, err);
    } else if (rc != TP_OK && rc != TP_NOTFOUND) {
        *err = unmet;
    }
    tp_loaded_free(loaded);
    return rc == TP_NOTFOUND ? TP_OK : rc;
}

/* What those of the page were written in sight of, and was said on a record that was joined then
 * and is not of the group now: it says nothing here, and what was seen through it was seen. */
static tp_rc gather_between(gathering *g, tp_err *err)
{
    tp_rc rc = TP_OK;
    for (size_t at = 0; rc == TP_OK && at < g->events.bytes; at += sizeof(tp_consent_event)) {
        tp_consent_event event;
        memcpy(&event, g->events.at + at, sizeof event);
        for (uint32_t i = 0; rc == TP_OK && i < event.in_sight_count; i++) {
            if (!has_event(g, event.in_sight[i])) {
                rc = gather_link(g, event.in_sight[i], err);
            }
        }
    }
    return rc;
}

static tp_rc gather_records(gathering *g, const tp_name *group, uint32_t count, tp_err *err)
{
    static const uint32_t entities[] = {TP_CONSENT, TP_LEGAL_GATEWAY};
    const tp_merge_filter filter = {entities, sizeof entities / sizeof entities[0]};
    tp_rc rc = make_room(g, err);
    if (rc == TP_OK) {
        rc =
            tp_merge_load_persons(g->view->merge, g->tx, group, count, &filter, gather_one, g, err);
    }
    for (uint32_t i = 0; rc == TP_OK && i < count; i++) {
        rc = gather_named(g, group[i], err);
    }
    g->page = (uint32_t)(g->events.bytes / sizeof(tp_consent_event));
    return rc == TP_OK ? gather_between(g, err) : rc;
}

/* ---- Agencies ---- */

typedef struct agency_list {
    tp_arena *arena;
    tp_agency_terms *terms;
    uint32_t count;
} agency_list;

static tp_rc note_agency(void *context, const tp_directory_agency *agency, tp_err *err)
{
    agency_list *list = context;
    void *at = NULL;
    if (list->count == TP_AGENCIES_MAX) {
        return tp_fail(err, TP_LIMIT, "more than %u agencies", TP_AGENCIES_MAX);
    }
    tp_agency_terms *terms = &list->terms[list->count];
    tp_rc rc = tp_arena_copy(list->arena, agency->id, &terms->agency, err);
    if (rc == TP_OK) {
        rc = tp_arena_take(list->arena, agency->agreements_count * sizeof(tp_interval), &at, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_interval *agreements = at;
    for (uint32_t i = 0; i < agency->agreements_count; i++) {
        const tp_agreement *agreement = &agency->agreements[i];
        agreements[i] =
            (tp_interval){agreement->from_ms, agreement->is_open ? 0 : agreement->until_ms};
    }
    terms->agreements = agreements;
    terms->agreements_count = agency->agreements_count;
    list->count++;
    return TP_OK;
}

static tp_rc gather_agencies(gathering *g, tp_book *book, tp_err *err)
{
    void *at = NULL;
    tp_rc rc = tp_arena_take(g->arena, TP_AGENCIES_MAX * sizeof(tp_agency_terms), &at, err);
    agency_list list = {g->arena, at, 0};
    if (rc == TP_OK) {
        rc = tp_log_agencies(g->view->log, g->tx, note_agency, &list, err);
    }
    book->agencies = list.terms;
    book->agencies_count = list.count;
    return rc;
}

tp_agency_terms tp_book_terms(const tp_book *book, tp_slice agency)
{
    for (uint32_t i = 0; i < book->agencies_count; i++) {
        if (tp_slice_eq(book->agencies[i].agency, agency)) {
            return book->agencies[i];
        }
    }
    return (tp_agency_terms){.agency = agency};
}

bool tp_book_is_answered(const tp_book *book, uint32_t event)
{
    const tp_name name = book->rules.events[event].name;
    for (uint32_t i = 0; i < book->rules.events_count; i++) {
        const tp_consent_event *other = &book->rules.events[i];
        for (uint32_t n = 0; n < other->in_sight_count; n++) {
            if (tp_name_eq(other->in_sight[n], name)) {
                return true;
            }
        }
    }
    return false;
}
