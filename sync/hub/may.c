/* One change, every agency. */
#include "sync/hub/may.h"

#include "sync/access/access_read.h"
#include "sync/hub/store_erased.h"
#include "sync/wire/change_bytes.h"

enum {
    OTHERS_MAX = 2 * TP_VALUE_NAMES_MAX, /* further persons a consent event or an unjoin names */
    SLICES = TP_VALUE_TEXTS_MAX * 4,
    NAMES = TP_VALUE_NAMES_MAX * 4
};

/* What a join that an unjoin names is judged by. */
typedef struct undone {
    tp_name name;
    uint16_t agency; /* of its writer, who created it as well: a join is final */
    uint32_t kinds;
    uint32_t at; /* its two persons: from here among the others */
} undone;

/* What is asked about one change; the same for all agencies. */
typedef struct inquiry {
    tp_hub_persons *persons;
    const tp_hub_case *asked;
    const tp_hub_item *item;
    int64_t now_ms;
    const tp_agency_terms *terms;
    uint32_t terms_count;
    const tp_hub_person *person;
    const tp_consent_event *consent;
    const tp_hub_person *
        *others; /* of a consent event: outside the group; of a join: its persons */
    uint32_t others_count;
    uint32_t undone_count; /* joins an unjoin names */
    bool is_early;
} inquiry;

/* Working memory for the rarer entities: lists a consent event or an unjoin holds. */
typedef struct lists {
    tp_slice slices[SLICES];
    tp_name names[NAMES];
    tp_consent_event event;
    const tp_hub_person *others[OTHERS_MAX];
    tp_may_person about[OTHERS_MAX];
    tp_may joined[OTHERS_MAX];
    undone undone[TP_VALUE_NAMES_MAX];
    tp_may joins[TP_VALUE_NAMES_MAX];
} lists;

static tp_rc ask_plain(inquiry *in, uint8_t *answers_out, tp_err *err);
static tp_rc ask_special(inquiry *in, uint8_t *answers_out, tp_err *err);

static bool is_special(uint32_t entity)
{
    return entity == TP_CONSENT || entity == TP_JOIN || entity == TP_UNJOIN;
}

tp_rc tp_hub_may(tp_hub_persons *persons, const tp_hub_case *asked, int64_t now_ms,
                 uint8_t *answers_out, bool *is_early_out, tp_err *err)
{
    inquiry in = {.persons = persons,
                  .asked = asked,
                  .item = &asked->record->items[asked->at],
                  .now_ms = now_ms};
    tp_rc rc = tp_hub_persons_terms(persons, &in.terms, &in.terms_count, err);
    if (rc == TP_OK && !tp_name_is_none(asked->record->person)) {
        rc = tp_hub_persons_get(persons, asked->record->person, now_ms, &in.person, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    /* The change that creates a record stands first, where it is there. */
    in.is_early = asked->record->creator == 0 ||
                  !tp_name_eq(asked->record->items[0].name, asked->record->name);
    rc = is_special(asked->record->entity) && in.person != NULL ? ask_special(&in, answers_out, err)
                                                                : ask_plain(&in, answers_out, err);
    *is_early_out = in.is_early;
    return rc;
}

static tp_slice agency_of(const inquiry *in, uint16_t no)
{
    return no == 0 || no > in->terms_count ? tp_slice_of(NULL, 0) : in->terms[no - 1].agency;
}

static tp_may_person about(const tp_hub_person *person, uint32_t agency)
{
    return (tp_may_person){.person = person->name,
                           .group = person->group,
                           .group_count = person->group_count,
                           .grant = &person->grants[agency],
                           .gateways = person->gateways,
                           .gateways_count = person->gateways_count,
                           .is_stopped = person->is_stopped};
}

static tp_may_question question_of(const inquiry *in, uint32_t agency)
{
    const tp_hub_record *record = in->asked->record;
    return (tp_may_question){.agency = in->terms[agency].agency,
                             .now_ms = in->now_ms,
                             .entity = record->entity,
                             .creator = agency_of(in, record->creator),
                             .author = agency_of(in, in->item->agency),
                             .kinds = in->asked->facts.kinds,
                             .is_final_retracted = in->asked->facts.is_final_retracted};
}

/* ---- Most changes: the answer is the same for all of one sort ---- */

static tp_hub_sort sort_of(const inquiry *in)
{
    return (tp_hub_sort){.entity = in->asked->record->entity,
                         .kinds = in->asked->facts.kinds,
                         .creator = in->asked->record->creator,
                         .author = in->item->agency,
                         .is_final_retracted = in->asked->facts.is_final_retracted};
}

static bool same_sort(const tp_hub_sort *a, const tp_hub_sort *b)
{
    return a->entity == b->entity && a->kinds == b->kinds && a->creator == b->creator &&
           a->author == b->author && a->is_final_retracted == b->is_final_retracted;
}

static tp_rc ask_plain(inquiry *in, uint8_t *answers_out, tp_err *err)
{
    (void)err;
    tp_hub_person *person = (tp_hub_person *)in->person; /* its memory of answers is ours to fill */
    tp_hub_sort sort = sort_of(in);
    for (uint32_t i = 0; person != NULL && i < person->sorts_count; i++) {
        if (same_sort(&person->sorts[i], &sort)) {
            memcpy(answers_out, person->answers + i * in->terms_count, in->terms_count);
            return TP_OK;
        }
    }
    for (uint32_t a = 0; a < in->terms_count; a++) {
        tp_may_question question = question_of(in, a);
        tp_may_person known;
        if (person != NULL) {
            known = about(person, a);
            question.person = &known;
        }
        answers_out[a] = (uint8_t)tp_may_hold(&question);
    }
    if (person != NULL && person->sorts_count < TP_HUB_SORTS) {
        memcpy(person->answers + person->sorts_count * in->terms_count, answers_out,
               in->terms_count);
        person->sorts[person->sorts_count++] = sort;
    }
    return TP_OK;
}

/* ---- Consent, join, unjoin: judged by further persons as well ---- */

static tp_rc add_other(inquiry *in, lists *l, tp_name name, tp_err *err)
{
    if (in->others_count == OTHERS_MAX) {
        return tp_fail(err, TP_LIMIT, "a change names more than %d persons", OTHERS_MAX);
    }
    tp_rc rc = tp_hub_persons_get(in->persons, name, in->now_ms, &l->others[in->others_count], err);
    if (rc == TP_OK) {
        in->others_count++;
        in->others = l->others;
    }
    return rc;
}

static bool in_group(const tp_hub_person *person, tp_name name)
{
    for (uint32_t i = 0; i < person->group_count; i++) {
        if (tp_name_eq(person->group[i], name)) {
            return true;
        }
    }
    return false;
}

static tp_rc find_consent(inquiry *in, lists *l, const tp_change *change, tp_err *err)
{
    tp_access_room room = {l->slices, SLICES, 0, l->names, NAMES, 0};
    tp_rc rc = tp_consent_event_read(change, false, in->item->stamp, &room, &l->event, err);
    for (uint32_t i = 0; rc == TP_OK && i < l->event.persons_count; i++) {
        if (!in_group(in->person, l->event.persons[i])) {
            rc = add_other(in, l, l->event.persons[i], err);
        }
    }
    if (rc == TP_OK) {
        in->consent = &l->event;
    }
    return rc;
}

static tp_rc find_join(inquiry *in, lists *l, const tp_change *change, tp_err *err)
{
    tp_join join;
    if (!tp_join_read(change, &join)) {
        return TP_OK;
    }
    tp_rc rc = add_other(in, l, join.person, err);
    return rc == TP_OK ? add_other(in, l, join.same_as, err) : rc;
}

static tp_rc find_undone(inquiry *in, lists *l, const tp_hub_item *item, const tp_change *change,
                         tp_err *err)
{
    tp_slice agency = agency_of(in, item->agency);
    tp_record_change only = {.change = change, .stamp = item->stamp, .agency = agency};
    tp_record record = {
        .name = item->record, .entity = TP_JOIN, .creator = agency, .changes = &only, .count = 1};
    undone found = {item->name, item->agency, tp_kinds_of_record(&record).mask, in->others_count};
    tp_rc rc = find_join(in, l, change, err);
    if (rc == TP_OK && in->others_count > found.at) {
        l->undone[in->undone_count++] = found;
    }
    return rc;
}

static tp_rc note_missing(inquiry *in, tp_name join, tp_err *err)
{
    bool is_erased = false;
    tp_rc rc = tp_hub_erased_has(tp_hub_persons_store(in->persons), join, &is_erased, err);
    in->is_early = in->is_early || (rc == TP_OK && !is_erased);
    return rc;
}

/* A join that is not at the hub has persons that are not known: then nobody is answered for. */
static tp_rc find_unjoined(inquiry *in, lists *l, const tp_change *change, tp_err *err)
{
    const tp_name *joins = NULL;
    uint32_t count = 0;
    tp_buf bytes;
    tp_access_room room = {l->slices, SLICES, 0, l->names, NAMES, 0};
    tp_buf_init(&bytes, TP_CHANGE_BYTES_MAX);
    tp_rc rc = tp_unjoin_read(change, &room, &joins, &count, err);
    for (uint32_t i = 0; rc == TP_OK && i < count; i++) {
        tp_hub_item item;
        tp_change *join = tp_hub_persons_scratch(in->persons);
        rc = tp_hub_log_get(tp_hub_persons_store(in->persons), joins[i], &item, &bytes, err);
        if (rc == TP_NOTFOUND || (rc == TP_OK && item.entity != TP_JOIN)) {
            in->others_count = 0;
            in->undone_count = 0;
            rc = rc == TP_OK ? TP_OK : note_missing(in, joins[i], err);
            break;
        }
        if (rc == TP_OK) {
            rc = tp_change_decode(item.name, item.bytes, join, err);
        }
        if (rc == TP_OK) {
            rc = find_undone(in, l, &item, join, err);
        }
    }
    tp_buf_done(&bytes);
    return rc;
}

/* May the agency hold the record of a person that was joined? */
static tp_may may_hold_person(const inquiry *in, const tp_hub_person *person, uint32_t agency)
{
    if (!person->is_known) {
        return TP_MAY_NOT;
    }
    tp_may_person known = about(person, agency);
    tp_may_question question = {.agency = in->terms[agency].agency,
                                .now_ms = in->now_ms,
                                .entity = TP_PERSON,
                                .creator = agency_of(in, person->creator),
                                .author = agency_of(in, person->creator),
                                .kinds = person->kinds,
                                .is_final_retracted = person->is_retracted,
                                .person = &known};
    return tp_may_hold(&question);
}

static tp_rc ever_held(const inquiry *in, const tp_hub_person *person, uint32_t agency,
                       bool *held_out, tp_err *err)
{
    tp_rc rc = TP_OK;
    *held_out = false;
    for (uint32_t i = 0; rc == TP_OK && !*held_out && i < person->group_count; i++) {
        rc = tp_hub_feed_ever_held(tp_hub_persons_store(in->persons), (uint16_t)(agency + 1),
                                   person->group[i], held_out, err);
    }
    return rc;
}

/* Whether an agency ever held anything is asked of the feed only where the answer hangs on it. */
static tp_rc ask_consent(const inquiry *in, lists *l, uint32_t agency, uint8_t *answer_out,
                         tp_err *err)
{
    tp_may_person known = about(in->person, agency);
    tp_may_question question = question_of(in, agency);
    question.person = &known;
    question.consent = in->consent;
    question.others = l->about;
    question.others_count = in->others_count;
    for (uint32_t i = 0; i < in->others_count; i++) {
        l->about[i] = about(in->others[i], agency);
    }
    *answer_out = (uint8_t)tp_may_hold(&question);
    if (*answer_out != TP_MAY_NOT || in->consent->decision == TP_DECISION_GIVEN) {
        return TP_OK;
    }
    tp_rc rc = ever_held(in, in->person, agency, &known.ever_held, err);
    for (uint32_t i = 0; rc == TP_OK && i < in->others_count; i++) {
        rc = ever_held(in, in->others[i], agency, &l->about[i].ever_held, err);
    }
    if (rc == TP_OK) {
        *answer_out = (uint8_t)tp_may_hold(&question);
    }
    return rc;
}

/* May the agency hold a join that an unjoin names?  l->joined is answered already. */
static tp_may may_hold_join(const inquiry *in, const lists *l, const undone *join, uint32_t agency)
{
    tp_may_person known = about(in->others[join->at], agency);
    tp_may_question question = {.agency = in->terms[agency].agency,
                                .now_ms = in->now_ms,
                                .entity = TP_JOIN,
                                .creator = agency_of(in, join->agency),
                                .author = agency_of(in, join->agency),
                                .kinds = join->kinds,
                                .person = &known,
                                .joined = &l->joined[join->at],
                                .joined_count = 2};
    return tp_may_hold(&question);
}

/* Does the agency hold one of the joins that an unjoin names?  It holds what it wrote. */
static tp_rc holds_join(const inquiry *in, const lists *l, uint32_t agency, bool *holds_out,
                        tp_err *err)
{
    tp_rc rc = TP_OK;
    for (uint32_t i = 0; rc == TP_OK && !*holds_out && i < in->undone_count; i++) {
        tp_hub_feed_row row;
        if (l->joins[i] == TP_MAY_NOT) {
            continue;
        }
        rc = tp_hub_feed_get(tp_hub_persons_store(in->persons), (uint16_t)(agency + 1),
                             l->undone[i].name, &row, err);
        *holds_out = rc == TP_OK && (row.is_held || l->undone[i].agency == agency + 1);
    }
    return rc;
}

/* What an agency holds is asked of the feed only where the answer hangs on it. */
static tp_rc ask_joined(const inquiry *in, lists *l, uint32_t agency, uint8_t *answer_out,
                        tp_err *err)
{
    tp_may_person known = about(in->person, agency);
    tp_may_question question = question_of(in, agency);
    question.person = &known;
    question.joined = l->joined;
    question.joined_count = in->others_count;
    for (uint32_t i = 0; i < in->others_count; i++) {
        l->joined[i] = may_hold_person(in, in->others[i], agency);
    }
    question.joins = l->joins;
    question.joins_count = in->undone_count;
    for (uint32_t i = 0; i < in->undone_count; i++) {
        l->joins[i] = may_hold_join(in, l, &l->undone[i], agency);
    }
    *answer_out = (uint8_t)tp_may_hold(&question);
    if (*answer_out != TP_MAY_KEEP || in->undone_count == 0) {
        return TP_OK;
    }
    tp_rc rc = holds_join(in, l, agency, &question.holds_join, err);
    *answer_out = (uint8_t)tp_may_hold(&question);
    return rc;
}

static tp_rc ask_special(inquiry *in, uint8_t *answers_out, tp_err *err)
{
    tp_hub_arena arena;
    tp_hub_arena_init(&arena, sizeof(lists), 2 * sizeof(lists));
    lists *l = tp_hub_arena_take(&arena, sizeof *l);
    if (l == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory to judge a consent or a join");
    }
    const tp_change *change = in->asked->record->changes[in->asked->at].change;
    uint32_t entity = in->asked->record->entity;
    tp_rc rc = entity == TP_CONSENT ? find_consent(in, l, change, err)
               : entity == TP_JOIN  ? find_join(in, l, change, err)
                                    : find_unjoined(in, l, change, err);
    for (uint32_t i = 0; rc == TP_OK && entity != TP_CONSENT && i < in->others_count; i++) {
        const tp_hub_person *joined = in->others[i];
        in->is_early = in->is_early || (!joined->is_erased && !joined->is_other &&
                                        (!joined->is_known || joined->creator == 0));
    }
    for (uint32_t a = 0; rc == TP_OK && a < in->terms_count; a++) {
        rc = entity == TP_CONSENT ? ask_consent(in, l, a, &answers_out[a], err)
                                  : ask_joined(in, l, a, &answers_out[a], err);
    }
    tp_hub_arena_done(&arena);
    return rc;
}
