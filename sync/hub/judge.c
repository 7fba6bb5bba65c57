/* Feeds follow from what may be held. */
#include "sync/hub/judge.h"

#include "platform/base/alloc.h"
#include "platform/os/clock.h"

enum {
    RECORD_BLOCK_BYTES = 64 * 1024,
    RECORD_BYTES_MAX = 256 * 1024 * 1024,
    EVENTS_MAX = 64 * 1024 /* of one person */
};

/* Within one grant: the person, then what says why, then the rest. */
typedef enum turn { TURN_PERSON, TURN_CONSENT, TURN_REST, TURNS } turn;

struct tp_hub_judge {
    tp_hub_store *store;
    tp_hub_persons *persons;
    tp_hub_arena arena; /* of one record */
    tp_change *scratch;
    tp_buf events; /* tp_name each: records about others that one person's access moves */
    tp_hub_feed_row rows[TP_AGENCIES_MAX];
    uint8_t answers[TP_AGENCIES_MAX];
    unsigned depth; /* of the calls from outside that are under way: one calls another */
    int64_t began_us;
    uint64_t spent_us;
};

/* One walk over what is about a person. */
typedef struct walk {
    tp_hub_judge *judge;
    uint16_t agency;
    int64_t now_ms;
    turn turn;
    tp_hub_record record; /* the one being read; count 0: none */
} walk;

static tp_rc judge_created(tp_hub_judge *judge, const tp_hub_item *item, const tp_change *change,
                           int64_t now_ms, tp_err *err);
static tp_rc judge_updated(tp_hub_judge *judge, const tp_hub_item *item, bool is_whole,
                           int64_t now_ms, bool *moved_out, tp_err *err);
static tp_rc judge_refusals(tp_hub_judge *judge, tp_name name, int64_t now_ms, tp_err *err);
static tp_rc judge_persons(tp_hub_judge *judge, const tp_hub_touched *touched, int64_t now_ms,
                           tp_err *err);
static tp_rc judge_everybody(tp_hub_judge *judge, uint16_t agency, int64_t now_ms, tp_err *err);
static tp_rc judge_record(tp_hub_judge *judge, const tp_hub_record *record, uint16_t agency,
                          int64_t now_ms, tp_err *err);
static tp_rc judge_person(tp_hub_judge *judge, tp_name name, uint16_t agency, turn turn_at,
                          int64_t now_ms, tp_err *err);
static tp_rc judge_row(tp_hub_judge *judge, const tp_hub_case *of, uint16_t agency, bool is_new,
                       int64_t now_ms, tp_err *err);
static tp_rc judge_events(tp_hub_judge *judge, tp_name person, int64_t now_ms, tp_err *err);
static tp_rc note_due(tp_hub_judge *judge, tp_name name, int64_t now_ms, tp_err *err);

tp_rc tp_hub_judge_new(tp_hub_store *store, tp_hub_persons *persons, tp_hub_judge **judge_out,
                       tp_err *err)
{
    *judge_out = NULL;
    tp_hub_judge *judge = tp_alloc(sizeof *judge);
    tp_change *scratch = tp_alloc(sizeof *scratch);
    if (judge == NULL || scratch == NULL) {
        tp_free(judge);
        tp_free(scratch);
        return tp_fail(err, TP_NOMEM, "no memory to judge");
    }
    judge->store = store;
    judge->persons = persons;
    judge->scratch = scratch;
    tp_hub_arena_init(&judge->arena, RECORD_BLOCK_BYTES, RECORD_BYTES_MAX);
    tp_buf_init(&judge->events, EVENTS_MAX * sizeof(tp_name));
    *judge_out = judge;
    return TP_OK;
}

void tp_hub_judge_free(tp_hub_judge *judge)
{
    if (judge != NULL) {
        tp_hub_arena_done(&judge->arena);
        tp_buf_done(&judge->events);
        tp_free(judge->scratch);
        tp_free(judge);
    }
}

/* ---- What it costs ---- */

static void begin_work(tp_hub_judge *judge)
{
    if (judge->depth++ == 0) {
        judge->began_us = tp_monotonic_us();
    }
}

static tp_rc end_work(tp_hub_judge *judge, tp_rc rc)
{
    if (--judge->depth == 0) {
        judge->spent_us += (uint64_t)(tp_monotonic_us() - judge->began_us);
    }
    return rc;
}

uint64_t tp_hub_judge_spent_us(const tp_hub_judge *judge)
{
    return judge->spent_us;
}

tp_rc tp_hub_judge_created(tp_hub_judge *judge, const tp_hub_item *item, const tp_change *change,
                           int64_t now_ms, tp_err *err)
{
    begin_work(judge);
    return end_work(judge, judge_created(judge, item, change, now_ms, err));
}

tp_rc tp_hub_judge_updated(tp_hub_judge *judge, const tp_hub_item *item, bool is_whole,
                           int64_t now_ms, bool *moved_out, tp_err *err)
{
    begin_work(judge);
    return end_work(judge, judge_updated(judge, item, is_whole, now_ms, moved_out, err));
}

tp_rc tp_hub_judge_refusals(tp_hub_judge *judge, tp_name name, int64_t now_ms, tp_err *err)
{
    begin_work(judge);
    return end_work(judge, judge_refusals(judge, name, now_ms, err));
}

tp_rc tp_hub_judge_persons(tp_hub_judge *judge, const tp_hub_touched *touched, int64_t now_ms,
                           tp_err *err)
{
    begin_work(judge);
    return end_work(judge, judge_persons(judge, touched, now_ms, err));
}

tp_rc tp_hub_judge_everybody(tp_hub_judge *judge, uint16_t agency, int64_t now_ms, tp_err *err)
{
    begin_work(judge);
    return end_work(judge, judge_everybody(judge, agency, now_ms, err));
}

/* ---- Persons touched ---- */

void tp_hub_touched_add(tp_hub_touched *touched, tp_name name)
{
    if (tp_name_is_none(name)) {
        return;
    }
    for (uint32_t i = 0; i < touched->count; i++) {
        if (tp_name_eq(touched->names[i], name)) {
            return;
        }
    }
    if (touched->count == sizeof touched->names / sizeof touched->names[0]) {
        touched->is_over = true;
        return;
    }
    touched->names[touched->count++] = name;
}

tp_rc tp_hub_touched_add_groups(tp_hub_touched *touched, tp_hub_persons *persons, int64_t now_ms,
                                tp_err *err)
{
    uint32_t count = touched->count;
    for (uint32_t i = 0; i < count; i++) {
        const tp_hub_person *person = NULL;
        tp_rc rc = tp_hub_persons_get(persons, touched->names[i], now_ms, &person, err);
        if (rc != TP_OK) {
            return rc;
        }
        for (uint32_t g = 0; g < person->ever_count; g++) {
            tp_hub_touched_add(touched, person->ever[g]);
        }
        touched->is_over |= person->is_ever_over;
    }
    return TP_OK;
}

/* ---- One new change ---- */

/* Whose devices wrote it, and said who holds it.  After going back that is not known of one that is
 * not enrolled here: whether anybody accepted, and whether they may hold it, hangs on it. */
static bool is_holding_known(const tp_hub_record *record)
{
    const uint32_t field = tp_hub_holder_field(record->entity);
    bool is_known = record->creator != 0;
    for (uint32_t i = 0; i < record->count; i++) {
        const tp_change_field *set = tp_change_field_of(record->changes[i].change, field);
        is_known = is_known && (record->items[i].agency != 0 || set == NULL || !set->has_value);
    }
    return is_known;
}

/* The verdict on a help request or an action, by the answers for the change that creates it.  It
 * says nothing because of what is not known yet. */
static tp_rc find_verdict(tp_hub_judge *judge, const tp_hub_record *record, uint32_t *verdict_out,
                          tp_err *err)
{
    tp_field_state state;
    tp_slice agency;
    tp_rc rc = tp_hub_record_holder(record, &judge->arena, &state, &agency, err);
    if (rc == TP_OK) {
        uint16_t no = tp_hub_agency_find(judge->store, agency);
        bool may_hold = no != 0 && judge->answers[no - 1] != TP_MAY_NOT;
        *verdict_out = is_holding_known(record) ? tp_decide_verdict(&state, may_hold) : 0;
    }
    return rc;
}

static uint32_t creating_change(const tp_hub_record *record)
{
    for (uint32_t i = 0; i < record->count; i++) {
        if (tp_name_eq(record->items[i].name, record->name)) {
            return i;
        }
    }
    return record->count;
}

static tp_rc judge_created(tp_hub_judge *judge, const tp_hub_item *item, const tp_change *change,
                           int64_t now_ms, tp_err *err)
{
    tp_hub_record record;
    tp_hub_item kept = *item;
    tp_record_change only = {.change = change, .stamp = item->stamp};
    tp_hub_record_begin(&record, judge->store, item);
    const tp_hub_agency *agency = tp_hub_agency_of(judge->store, item->agency);
    only.agency = tp_slice_str(agency == NULL ? NULL : agency->id);
    record.items = &kept;
    record.changes = &only;
    record.record.changes = &only;
    record.count = 1;
    record.record.count = 1;
    tp_hub_case of = {.record = &record, .at = 0};
    tp_hub_arena_clear(&judge->arena);
    tp_rc rc = tp_hub_record_decide(&record, &judge->arena, &of.facts, err);
    return rc == TP_OK ? judge_row(judge, &of, 0, true, now_ms, err) : rc;
}

/* What the record was judged by before its newest change came. */
static tp_rc decide_without(tp_hub_judge *judge, const tp_hub_record *record, uint32_t at,
                            tp_hub_record_facts *facts_out, tp_err *err)
{
    tp_hub_record before = *record;
    tp_record_change *changes =
        tp_hub_arena_take(&judge->arena, record->count * sizeof(tp_record_change));
    if (changes == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory to judge a record");
    }
    before.count = 0;
    for (uint32_t i = 0; i < record->count; i++) {
        if (i != at) {
            changes[before.count++] = record->changes[i];
        }
    }
    before.changes = changes;
    before.record.changes = changes;
    before.record.count = before.count;
    return tp_hub_record_decide(&before, &judge->arena, facts_out, err);
}

static tp_rc judge_updated(tp_hub_judge *judge, const tp_hub_item *item, bool is_whole,
                           int64_t now_ms, bool *moved_out, tp_err *err)
{
    tp_hub_record record;
    tp_hub_case of = {.record = &record};
    tp_hub_record_facts before;
    tp_hub_arena_clear(&judge->arena);
    tp_rc rc = tp_hub_record_load(judge->store, &judge->arena, item->person, item->record,
                                  judge->scratch, &record, err);
    if (rc != TP_OK) {
        return rc;
    }
    while (of.at < record.count && !tp_name_eq(record.items[of.at].name, item->name)) {
        of.at++;
    }
    rc = tp_hub_record_decide(&record, &judge->arena, &of.facts, err);
    if (rc == TP_OK) {
        rc = decide_without(judge, &record, of.at, &before, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    *moved_out =
        before.kinds != of.facts.kinds || before.is_final_retracted != of.facts.is_final_retracted;
    if (*moved_out || is_whole || of.at == record.count) {
        return judge_record(judge, &record, 0, now_ms, err);
    }
    rc = judge_row(judge, &of, 0, true, now_ms, err);
    of.at = creating_change(&record);
    if (rc == TP_OK && of.at < record.count && tp_hub_holder_field(record.entity) != 0) {
        rc = judge_row(judge, &of, 0, false, now_ms, err);
    }
    return rc;
}

static tp_rc judge_refusals(tp_hub_judge *judge, tp_name name, int64_t now_ms, tp_err *err)
{
    const tp_hub_person *person = NULL;
    if (tp_name_is_none(name)) {
        return TP_OK;
    }
    tp_rc rc = tp_hub_persons_get(judge->persons, name, now_ms, &person, err);
    for (uint32_t i = 0; rc == TP_OK && person->has_refusal && i < person->group_count; i++) {
        rc = judge_person(judge, person->group[i], 0, TURN_CONSENT, now_ms, err);
        if (rc == TP_OK) {
            rc = judge_events(judge, person->group[i], now_ms, err);
        }
    }
    return rc;
}

/* ---- Everything about a person ---- */

static tp_rc judge_persons(tp_hub_judge *judge, const tp_hub_touched *touched, int64_t now_ms,
                           tp_err *err)
{
    if (touched->is_over) {
        return tp_hub_judge_everybody(judge, 0, now_ms, err);
    }
    tp_rc rc = TP_OK;
    for (turn t = TURN_PERSON; rc == TP_OK && t < TURNS; t++) {
        for (uint32_t i = 0; rc == TP_OK && i < touched->count; i++) {
            rc = judge_person(judge, touched->names[i], 0, t, now_ms, err);
        }
    }
    for (uint32_t i = 0; rc == TP_OK && i < touched->count; i++) {
        rc = judge_events(judge, touched->names[i], now_ms, err);
    }
    for (uint32_t i = 0; rc == TP_OK && i < touched->count; i++) {
        rc = tp_hub_judge_refusals(judge, touched->names[i], now_ms, err);
        if (rc == TP_OK) {
            rc = note_due(judge, touched->names[i], now_ms, err);
        }
    }
    return rc;
}

/* Calls for nobody known, then for each person anything is about. */
static tp_rc each_person(tp_hub_judge *judge, uint16_t agency, int64_t now_ms,
                         tp_rc (*call)(tp_hub_judge *, tp_name, uint16_t, int64_t, tp_err *),
                         tp_err *err)
{
    tp_name name = {0, 0};
    tp_rc rc = TP_OK;
    do {
        rc = call(judge, name, agency, now_ms, err);
        tp_hub_persons_trim(judge->persons);
        if (rc == TP_OK) {
            rc = tp_hub_log_next_person(judge->store, name, &name, err);
        }
    } while (rc == TP_OK && !tp_name_is_none(name));
    return rc;
}

static tp_rc judge_whole(tp_hub_judge *judge, tp_name name, uint16_t agency, int64_t now_ms,
                         tp_err *err)
{
    tp_rc rc = TP_OK;
    for (turn t = TURN_PERSON; rc == TP_OK && t < TURNS; t++) {
        rc = judge_person(judge, name, agency, t, now_ms, err);
    }
    return rc == TP_OK && !tp_name_is_none(name) ? note_due(judge, name, now_ms, err) : rc;
}

static tp_rc judge_refused(tp_hub_judge *judge, tp_name name, uint16_t agency, int64_t now_ms,
                           tp_err *err)
{
    (void)agency;
    return tp_hub_judge_refusals(judge, name, now_ms, err);
}

static tp_rc judge_everybody(tp_hub_judge *judge, uint16_t agency, int64_t now_ms, tp_err *err)
{
    tp_hub_persons_forget(judge->persons);
    tp_rc rc = each_person(judge, agency, now_ms, judge_whole, err);
    return rc == TP_OK ? each_person(judge, agency, now_ms, judge_refused, err) : rc;
}

/* An agreement's date concerns everybody, so the others that are due are done with it. */
tp_rc tp_hub_judge_due(tp_hub_judge *judge, int64_t now_ms, tp_err *err)
{
    bool is_everybody = false;
    for (;;) {
        bool is_found = false;
        tp_name name;
        tp_rc rc = tp_hub_due_take(judge->store, now_ms, &is_found, &name, err);
        if (rc != TP_OK) {
            return rc;
        }
        if (!is_found) {
            return is_everybody ? tp_hub_judge_everybody(judge, 0, now_ms, err) : TP_OK;
        }
        is_everybody |= tp_name_is_none(name);
        if (is_everybody) {
            continue;
        }
        tp_hub_touched touched = {.count = 0};
        tp_hub_persons_forget_one(judge->persons, name);
        tp_hub_touched_add(&touched, name);
        rc = tp_hub_judge_persons(judge, &touched, now_ms, err);
        if (rc != TP_OK) {
            return rc;
        }
        tp_hub_persons_trim(judge->persons);
    }
}

static turn turn_of(const tp_hub_item *item)
{
    return tp_name_eq(item->record, item->person) ? TURN_PERSON
           : item->entity == TP_CONSENT           ? TURN_CONSENT
                                                  : TURN_REST;
}

static tp_rc end_record(walk *w, tp_err *err)
{
    if (w->record.count == 0) {
        return TP_OK;
    }
    tp_rc rc = judge_record(w->judge, &w->record, w->agency, w->now_ms, err);
    w->record.count = 0;
    tp_hub_arena_clear(&w->judge->arena);
    return rc;
}

static tp_rc visit_item(void *ctx, const tp_hub_item *item, tp_err *err)
{
    walk *w = ctx;
    tp_rc rc = TP_OK;
    if (turn_of(item) != w->turn) {
        return TP_OK;
    }
    if (w->record.count > 0 && !tp_name_eq(w->record.name, item->record)) {
        rc = end_record(w, err);
    }
    if (rc == TP_OK && w->record.count == 0) {
        tp_hub_record_begin(&w->record, w->judge->store, item);
    }
    if (rc == TP_OK) {
        rc = tp_hub_record_add(&w->record, w->judge->store, &w->judge->arena, item,
                               w->judge->scratch, err);
    }
    return rc;
}

static tp_rc judge_person(tp_hub_judge *judge, tp_name name, uint16_t agency, turn turn_at,
                          int64_t now_ms, tp_err *err)
{
    walk w = {.judge = judge, .agency = agency, .now_ms = now_ms, .turn = turn_at};
    tp_name record = {0, 0};
    if (turn_at == TURN_PERSON) {
        if (tp_name_is_none(name)) {
            return TP_OK;
        }
        record = name;
    }
    tp_hub_arena_clear(&judge->arena);
    tp_rc rc = tp_hub_log_about(judge->store, name, record, visit_item, &w, err);
    return rc == TP_OK ? end_record(&w, err) : rc;
}

/* ---- What is about somebody else and hangs on this person too: joins, unjoins, consents ---- */

typedef struct event_walk {
    tp_hub_judge *judge;
    tp_name person;
} event_walk;

static tp_rc take_event(void *ctx, const tp_hub_item *item, tp_err *err)
{
    const event_walk *w = ctx;
    if (tp_name_eq(item->person, w->person) && item->entity != TP_JOIN) {
        return TP_OK; /* judged with what is about the person */
    }
    return tp_buf_add(&w->judge->events, &item->record, sizeof item->record, err);
}

static tp_rc judge_event(tp_hub_judge *judge, tp_name name, int64_t now_ms, tp_err *err)
{
    tp_hub_record record;
    tp_hub_arena_clear(&judge->arena);
    tp_rc rc = tp_hub_record_load(judge->store, &judge->arena, (tp_name){0, 0}, name,
                                  judge->scratch, &record, err);
    return rc == TP_OK ? judge_record(judge, &record, 0, now_ms, err) : rc;
}

/* An unjoin is filed under the joins it names, so what is found is searched once more. */
static tp_rc judge_events(tp_hub_judge *judge, tp_name person, int64_t now_ms, tp_err *err)
{
    event_walk w = {judge, person};
    tp_buf_clear(&judge->events);
    tp_rc rc = tp_hub_events_about(judge->store, person, take_event, &w, err);
    for (size_t at = 0; rc == TP_OK && at < judge->events.bytes; at += sizeof(tp_name)) {
        tp_name name;
        memcpy(&name, judge->events.at + at, sizeof name);
        rc = judge_event(judge, name, now_ms, err);
        if (rc == TP_OK) {
            rc = tp_hub_events_about(judge->store, name, take_event, &w, err);
        }
    }
    return rc;
}

static tp_rc judge_record(tp_hub_judge *judge, const tp_hub_record *record, uint16_t agency,
                          int64_t now_ms, tp_err *err)
{
    tp_hub_case of = {.record = record};
    tp_rc rc = tp_hub_record_decide(record, &judge->arena, &of.facts, err);
    for (of.at = 0; rc == TP_OK && of.at < record->count; of.at++) {
        rc = judge_row(judge, &of, agency, false, now_ms, err);
    }
    return rc;
}

/* ---- One change, all feeds ---- */

/* Does the row change, and to what?
 *
 * A device holds what it wrote until it is told otherwise, so what its agency may not hold (an edit
 * written before the withdrawal was known) is given back from the first.  Nothing is asked back
 * because of what is not known yet: what the author's agency may hold by consent alone, since it is
 * not known that the record is its own, would be with the next kind that comes. */
static bool settle(tp_hub_feed_row *row, tp_may may, bool is_author, bool is_early,
                   uint32_t verdict)
{
    bool was_held = row->position != 0 && row->is_held;
    bool is_held = may == TP_MAY_HOLD || (may == TP_MAY_KEEP && was_held);
    bool is_first = row->position == 0 && is_author && may == TP_MAY_NOT;
    if (is_author && is_early && row->position == 0) {
        return false;
    }
    bool is_other = is_held != was_held || (is_held && row->verdict != verdict) || is_first;
    row->is_held = is_held;
    row->verdict = verdict;
    return is_other;
}

/* What nobody of the agency has yet been sent or written leaves no trace. */
static tp_rc move_row(tp_hub_judge *judge, const tp_hub_item *item, uint16_t agency,
                      tp_hub_feed_row *row, tp_err *err)
{
    bool is_unknown = row->position != 0 && item->agency != agency &&
                      row->first_position > tp_hub_feed_sent(judge->store, agency);
    if (is_unknown && !row->is_held) {
        return tp_hub_feed_drop(judge->store, agency, row, err);
    }
    if (is_unknown) {
        row->first_position = 0;
    }
    return tp_hub_feed_put(judge->store, agency, row, err);
}

static tp_rc judge_row(tp_hub_judge *judge, const tp_hub_case *of, uint16_t agency, bool is_new,
                       int64_t now_ms, tp_err *err)
{
    size_t count = 0;
    uint32_t verdict = 0;
    bool is_early = false;
    const tp_hub_item *item = &of->record->items[of->at];
    (void)tp_hub_agencies(judge->store, &count);
    tp_rc rc = tp_hub_may(judge->persons, of, now_ms, judge->answers, &is_early, err);
    if (rc == TP_OK && tp_name_eq(item->name, of->record->name) &&
        tp_hub_holder_field(of->record->entity) != 0) {
        rc = find_verdict(judge, of->record, &verdict, err);
    }
    if (is_new) {
        memset(judge->rows, 0, count * sizeof judge->rows[0]);
    } else if (rc == TP_OK) {
        rc = tp_hub_feed_of(judge->store, item->name, judge->rows, err);
    }
    for (uint16_t a = 0; rc == TP_OK && a < count; a++) {
        const bool is_author = item->agency == a + 1;
        if (agency != 0 && agency != a + 1) {
            continue;
        }
        if (settle(&judge->rows[a], (tp_may)judge->answers[a], is_author, is_early, verdict)) {
            judge->rows[a].name = item->name;
            rc = move_row(judge, item, (uint16_t)(a + 1), &judge->rows[a], err);
        } else if (is_author && judge->rows[a].position == 0) {
            rc = tp_hub_apart_put(judge->store, item->name, err);
        }
    }
    return rc;
}

static tp_rc note_due(tp_hub_judge *judge, tp_name name, int64_t now_ms, tp_err *err)
{
    const tp_hub_person *person = NULL;
    tp_rc rc = tp_hub_persons_get(judge->persons, name, now_ms, &person, err);
    if (rc == TP_OK && person->next_ms != 0) {
        rc = tp_hub_due_add(judge->store, person->next_ms, name, err);
    }
    return rc;
}
