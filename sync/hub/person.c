/* Persons: their groups and what each agency is granted about them, remembered. */
#include "sync/hub/person.h"

#include "platform/base/alloc.h"
#include "sync/access/access_read.h"
#include "sync/hub/store_erased.h"
#include "sync/wire/change_bytes.h"

enum {
    PERSONS_MAX = 4096,            /* remembered */
    GATHERED_PERSONS_MAX = 256,    /* looked at for one group, through joins undone as well */
    PERSON_BLOCK_BYTES = 256,      /* group and grants of a person in a small hub */
    WORK_BLOCK_BYTES = 256 * 1024, /* the consents of one group */
    WORK_BYTES_MAX = 64 * 1024 * 1024,
    ROOM_SLICES = 256,
    ROOM_NAMES = 1024
};

/* A list that grows in an arena. */
typedef struct list {
    void *at;
    uint32_t count;
    uint32_t room;
} list;

/* Everything that says who may hold what about everybody ever joined with a person. */
typedef struct gathered {
    tp_hub_persons *persons;
    list names;    /* tp_name: persons to look at, and looked at */
    list events;   /* tp_consent_event */
    list gateways; /* tp_gateway */
    list joins;    /* tp_join */
    list undone;   /* tp_name */
    list stops;    /* tp_name: persons about whom something is not understood */
    tp_access_room room;
    bool is_over; /* more than can be looked at: nobody is granted anything */
} gathered;

struct tp_hub_persons {
    tp_hub_store *store;
    tp_hub_person **slots; /* hash of name; a power of two, at most half full */
    uint32_t slots_count;
    uint32_t count;
    tp_change *scratch;
    tp_hub_arena work; /* of the person read last */
    tp_hub_arena terms_arena;
    tp_agency_terms *terms; /* NULL: to be read */
    uint32_t terms_count;
    tp_consent_book book; /* of the person read last */
};

static tp_rc read_person(tp_hub_persons *persons, tp_name name, int64_t now_ms,
                         tp_hub_person *person, tp_err *err);
static tp_hub_person **slot_of(tp_hub_persons *persons, tp_name name);
static tp_rc read_terms(tp_hub_persons *persons, tp_err *err);
static void free_person(tp_hub_person *person);

tp_rc tp_hub_persons_new(tp_hub_store *store, tp_hub_persons **persons_out, tp_err *err)
{
    *persons_out = NULL;
    tp_hub_persons *persons = tp_alloc(sizeof *persons);
    if (persons == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for the hub's persons");
    }
    persons->store = store;
    persons->slots_count = PERSONS_MAX * 4;
    persons->slots = tp_alloc(persons->slots_count * sizeof *persons->slots);
    persons->scratch = tp_alloc(sizeof *persons->scratch);
    tp_hub_arena_init(&persons->work, WORK_BLOCK_BYTES, WORK_BYTES_MAX);
    tp_hub_arena_init(&persons->terms_arena, 4096, WORK_BYTES_MAX);
    if (persons->slots == NULL || persons->scratch == NULL) {
        tp_hub_persons_free(persons);
        return tp_fail(err, TP_NOMEM, "no memory for the hub's persons");
    }
    *persons_out = persons;
    return TP_OK;
}

void tp_hub_persons_free(tp_hub_persons *persons)
{
    if (persons == NULL) {
        return;
    }
    if (persons->slots != NULL) {
        tp_hub_persons_forget(persons);
    }
    tp_hub_arena_done(&persons->work);
    tp_hub_arena_done(&persons->terms_arena);
    tp_free(persons->slots);
    tp_free(persons->scratch);
    tp_free(persons);
}

void tp_hub_persons_forget(tp_hub_persons *persons)
{
    for (uint32_t i = 0; i < persons->slots_count && persons->count > 0; i++) {
        if (persons->slots[i] != NULL) {
            free_person(persons->slots[i]);
            persons->slots[i] = NULL;
            persons->count--;
        }
    }
    persons->terms = NULL;
}

void tp_hub_persons_trim(tp_hub_persons *persons)
{
    if (persons->count >= PERSONS_MAX) {
        tp_hub_persons_forget(persons);
    }
}

/* The slot stays taken, by a person that must be read again: so that others are still found. */
void tp_hub_persons_forget_one(tp_hub_persons *persons, tp_name name)
{
    tp_hub_person **slot = slot_of(persons, name);
    if (*slot != NULL) {
        tp_hub_arena_done(&(*slot)->arena);
        (*slot)->grants = NULL;
    }
}

tp_rc tp_hub_persons_get(tp_hub_persons *persons, tp_name name, int64_t now_ms,
                         const tp_hub_person **person_out, tp_err *err)
{
    tp_hub_person **slot = slot_of(persons, name);
    if (*slot == NULL) {
        if (persons->count * 2 >= persons->slots_count) {
            return tp_fail(err, TP_LIMIT, "too many persons in one piece of work");
        }
        *slot = tp_alloc(sizeof **slot);
        if (*slot == NULL) {
            return tp_fail(err, TP_NOMEM, "no memory for a person");
        }
        (*slot)->name = name;
        persons->count++;
    }
    tp_hub_person *person = *slot;
    bool is_old = person->next_ms != 0 && person->next_ms <= now_ms;
    if (person->grants == NULL || is_old) {
        tp_rc rc = read_person(persons, name, now_ms, person, err);
        if (rc != TP_OK) {
            return rc;
        }
    }
    *person_out = person;
    return TP_OK;
}

tp_rc tp_hub_persons_terms(tp_hub_persons *persons, const tp_agency_terms **terms_out,
                           uint32_t *count_out, tp_err *err)
{
    tp_rc rc = persons->terms == NULL ? read_terms(persons, err) : TP_OK;
    if (rc == TP_OK) {
        *terms_out = persons->terms;
        *count_out = persons->terms_count;
    }
    return rc;
}

tp_hub_store *tp_hub_persons_store(tp_hub_persons *persons)
{
    return persons->store;
}

tp_change *tp_hub_persons_scratch(tp_hub_persons *persons)
{
    return persons->scratch;
}

tp_rc tp_hub_persons_book(tp_hub_persons *persons, tp_name name, int64_t now_ms,
                          const tp_consent_book **book_out, tp_err *err)
{
    const tp_hub_person *person = NULL;
    tp_hub_persons_forget_one(persons, name);
    tp_rc rc = tp_hub_persons_get(persons, name, now_ms, &person, err);
    if (rc == TP_OK) {
        *book_out = &persons->book;
    }
    return rc;
}

/* ---- Gathering ---- */

static tp_rc no_memory(tp_err *err)
{
    return tp_fail(err, TP_NOMEM, "no memory to gather a person's consents");
}

/* Room for one more at the end, zeroed. */
static void *list_add(tp_hub_arena *arena, list *l, size_t bytes)
{
    if (l->count == l->room) {
        uint32_t room = l->room == 0 ? 8 : l->room * 2;
        uint8_t *at = tp_hub_arena_take(arena, room * bytes);
        if (at == NULL) {
            return NULL;
        }
        if (l->count > 0) {
            memcpy(at, l->at, l->count * bytes);
        }
        l->at = at;
        l->room = room;
    }
    return (uint8_t *)l->at + bytes * l->count++;
}

static bool has_name(const list *l, tp_name name)
{
    const tp_name *names = l->at;
    for (uint32_t i = 0; i < l->count; i++) {
        if (tp_name_eq(names[i], name)) {
            return true;
        }
    }
    return false;
}

static tp_rc add_name(gathered *g, list *l, tp_name name, tp_err *err)
{
    if (has_name(l, name)) {
        return TP_OK;
    }
    tp_name *at = list_add(&g->persons->work, l, sizeof *at);
    if (at == NULL) {
        return no_memory(err);
    }
    *at = name;
    return TP_OK;
}

static tp_rc new_room(gathered *g, tp_err *err)
{
    g->room = (tp_access_room){
        .slices = tp_hub_arena_take(&g->persons->work, ROOM_SLICES * sizeof(tp_slice)),
        .slices_max = ROOM_SLICES,
        .names = tp_hub_arena_take(&g->persons->work, ROOM_NAMES * sizeof(tp_name)),
        .names_max = ROOM_NAMES,
    };
    return g->room.slices == NULL || g->room.names == NULL ? no_memory(err) : TP_OK;
}

static bool has_event(const gathered *g, tp_name name)
{
    const tp_consent_event *events = g->events.at;
    for (uint32_t i = 0; i < g->events.count; i++) {
        if (tp_name_eq(events[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* What is said of somebody who was erased by a device that did not know it gives nobody anything
 * (they may have refused before, and nobody can tell any more); a refusal counts. */
static tp_rc take_consent(gathered *g, const tp_change *change, tp_stamp stamp, tp_err *err)
{
    bool is_erased = false;
    if (has_event(g, change->name)) {
        return TP_OK;
    }
    tp_consent_event *event = list_add(&g->persons->work, &g->events, sizeof *event);
    if (event == NULL) {
        return no_memory(err);
    }
    tp_rc rc = tp_consent_event_read(change, false, stamp, &g->room, event, err);
    if (rc == TP_OK) {
        rc = tp_hub_erased_has(g->persons->store, event->person, &is_erased, err);
    }
    event->has_capacity = rc == TP_OK && event->has_capacity && !is_erased;
    return rc;
}

static tp_rc take_gateway(gathered *g, const tp_change *change, const tp_hub_item *item,
                          tp_err *err)
{
    bool is_erased = false;
    tp_rc rc = tp_hub_erased_has(g->persons->store, item->person, &is_erased, err);
    if (rc != TP_OK || is_erased) {
        return rc;
    }
    tp_gateway *gateway = list_add(&g->persons->work, &g->gateways, sizeof *gateway);
    if (gateway == NULL) {
        return no_memory(err);
    }
    return tp_gateway_read(change, &g->room, gateway, err);
}

static tp_rc take_join(gathered *g, const tp_change *change, tp_err *err)
{
    tp_join join;
    if (!tp_join_read(change, &join)) {
        return TP_OK;
    }
    tp_join *at = list_add(&g->persons->work, &g->joins, sizeof *at);
    if (at == NULL) {
        return no_memory(err);
    }
    *at = join;
    tp_rc rc = add_name(g, &g->names, join.person, err);
    return rc == TP_OK ? add_name(g, &g->names, join.same_as, err) : rc;
}

static tp_rc take_unjoin(gathered *g, const tp_change *change, tp_err *err)
{
    const tp_name *joins = NULL;
    uint32_t count = 0;
    tp_rc rc = tp_unjoin_read(change, &g->room, &joins, &count, err);
    for (uint32_t i = 0; rc == TP_OK && i < count; i++) {
        rc = add_name(g, &g->undone, joins[i], err);
    }
    return rc;
}

/* What is not understood stays on every record that it names, as a withdrawal does. */
static tp_rc take_stop(gathered *g, const tp_hub_item *item, tp_err *err)
{
    const tp_consent_event *events = g->events.at;
    tp_rc rc = add_name(g, &g->stops, item->person, err);
    for (uint32_t i = 0; i < g->events.count; i++) {
        if (!tp_name_eq(events[i].name, item->name)) {
            continue;
        }
        for (uint32_t n = 0; rc == TP_OK && n < events[i].persons_count; n++) {
            rc = add_name(g, &g->stops, events[i].persons[n], err);
        }
    }
    return rc;
}

static tp_rc take_change(gathered *g, const tp_change *change, const tp_hub_item *item, tp_err *err)
{
    tp_rc rc = TP_OK;
    if (item->entity == TP_CONSENT) {
        rc = take_consent(g, change, item->stamp, err);
    } else if (item->entity == TP_LEGAL_GATEWAY) {
        rc = take_gateway(g, change, item, err);
    } else if (item->entity == TP_JOIN) {
        rc = take_join(g, change, err);
    } else if (item->entity == TP_UNJOIN) {
        rc = take_unjoin(g, change, err);
    }
    if (rc == TP_OK && change->restricts && !tp_access_understands(change)) {
        rc = take_stop(g, item, err);
    }
    return rc;
}

/* A change that does not fit the room left is read again into new room. */
static tp_rc visit_event(void *ctx, const tp_hub_item *item, tp_err *err)
{
    gathered *g = ctx;
    tp_slice bytes;
    tp_rc rc = tp_hub_arena_copy(&g->persons->work, item->bytes, &bytes, err);
    if (rc == TP_OK) {
        rc = tp_change_decode(item->name, bytes, g->persons->scratch, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    uint32_t events = g->events.count;
    uint32_t gateways = g->gateways.count;
    rc = take_change(g, g->persons->scratch, item, err);
    if (rc == TP_LIMIT) {
        g->events.count = events;
        g->gateways.count = gateways;
        rc = new_room(g, err);
        if (rc == TP_OK) {
            rc = take_change(g, g->persons->scratch, item, err);
        }
    }
    return rc;
}

/* Unjoins are found by the joins they name. */
static tp_rc gather_unjoins(gathered *g, uint32_t from_join, tp_err *err)
{
    tp_rc rc = TP_OK;
    for (uint32_t i = from_join; rc == TP_OK && i < g->joins.count; i++) {
        tp_name join = ((const tp_join *)g->joins.at)[i].name;
        rc = tp_hub_events_about(g->persons->store, join, visit_event, g, err);
    }
    return rc;
}

static tp_rc gather(gathered *g, tp_name name, tp_err *err)
{
    tp_rc rc = new_room(g, err);
    if (rc == TP_OK) {
        rc = add_name(g, &g->names, name, err);
    }
    for (uint32_t i = 0; rc == TP_OK && i < g->names.count; i++) {
        if (i >= GATHERED_PERSONS_MAX) {
            g->is_over = true;
            break;
        }
        uint32_t joins = g->joins.count;
        tp_name next = ((const tp_name *)g->names.at)[i];
        rc = tp_hub_events_about(g->persons->store, next, visit_event, g, err);
        if (rc == TP_OK) {
            rc = gather_unjoins(g, joins, err);
        }
    }
    return rc;
}

/* ---- One person ---- */

/* A group too large to follow is nobody's but the person's own, and nothing is granted. */
static tp_rc find_group(gathered *g, tp_hub_person *person, tp_err *err)
{
    tp_name names[TP_GROUP_PERSONS_MAX];
    uint32_t count = 0;
    tp_err over;
    if (g->is_over || tp_group_of(person->name, g->joins.at, g->joins.count, g->undone.at,
                                  g->undone.count, names, &count, &over) != TP_OK) {
        g->is_over = true;
        names[0] = person->name;
        count = 1;
    }
    tp_slice kept;
    tp_rc rc =
        tp_hub_arena_copy(&person->arena, tp_slice_of(names, count * sizeof names[0]), &kept, err);
    if (rc == TP_OK) {
        person->group = (const void *)kept.at;
        person->group_count = count;
        rc = tp_hub_arena_copy(
            &person->arena, tp_slice_of(g->names.at, g->names.count * sizeof names[0]), &kept, err);
    }
    if (rc == TP_OK) {
        person->ever = (const void *)kept.at;
        person->ever_count = g->names.count;
        person->is_ever_over = g->is_over;
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

static tp_rc keep_gateways(const gathered *g, tp_hub_person *person, tp_err *err)
{
    tp_gateway *kept =
        tp_hub_arena_take(&person->arena, (g->gateways.count + 1) * sizeof(tp_gateway));
    if (kept == NULL) {
        return no_memory(err);
    }
    person->gateways = kept;
    for (uint32_t i = 0; i < g->gateways.count; i++) {
        const tp_gateway *gateway = &((const tp_gateway *)g->gateways.at)[i];
        if (!in_group(person, gateway->person)) {
            continue;
        }
        tp_slice *agencies =
            tp_hub_arena_take(&person->arena, (gateway->agencies_count + 1) * sizeof(tp_slice));
        if (agencies == NULL) {
            return no_memory(err);
        }
        for (uint32_t a = 0; a < gateway->agencies_count; a++) {
            tp_rc rc = tp_hub_arena_copy(&person->arena, gateway->agencies[a], &agencies[a], err);
            if (rc != TP_OK) {
                return rc;
            }
        }
        kept[person->gateways_count] = *gateway;
        kept[person->gateways_count].agencies = agencies;
        person->gateways_count++;
    }
    return TP_OK;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a == 0 ? b : b == 0 ? a : a < b ? a : b;
}

static tp_rc find_grants(gathered *g, tp_hub_person *person, int64_t now_ms, tp_err *err)
{
    tp_hub_persons *persons = g->persons;
    const tp_agency_terms *terms = NULL;
    uint32_t count = 0;
    tp_rc rc = tp_hub_persons_terms(persons, &terms, &count, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_grant *grants = tp_hub_arena_take(&person->arena, (count + 1) * sizeof *grants);
    person->answers = tp_hub_arena_take(&person->arena, TP_HUB_SORTS * (count + 1));
    persons->book = (tp_consent_book){
        .events = g->events.at,
        .events_count = g->events.count,
        .group = person->group,
        .group_count = person->group_count,
        .now_ms = now_ms,
        .reach = tp_hub_arena_take(&persons->work, (tp_consent_reach_words(g->events.count) + 1) *
                                                       sizeof(uint64_t))};
    if (grants == NULL || person->answers == NULL || persons->book.reach == NULL) {
        return no_memory(err);
    }
    tp_err over;
    person->next_ms = 0;
    rc = tp_hub_erased_has(persons->store, person->name, &person->is_erased, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (person->is_erased) {
        person->gateways_count = 0;
    }
    if (!g->is_over && !person->is_erased && tp_consent_link(&persons->book, &over) == TP_OK) {
        tp_consent_grants(&persons->book, person->name, terms, count, grants, &person->next_ms);
    }
    person->grants = grants;
    return TP_OK;
}

static tp_rc read_own_record(tp_hub_persons *persons, tp_hub_person *person, tp_err *err)
{
    tp_hub_record record;
    tp_hub_record_facts facts;
    tp_rc rc = tp_hub_record_load(persons->store, &persons->work, person->name, person->name,
                                  persons->scratch, &record, err);
    if (rc == TP_NOTFOUND) {
        tp_hub_item item;
        rc = tp_hub_log_get(persons->store, person->name, &item, NULL, err);
        person->is_other = rc == TP_OK;
        return rc == TP_NOTFOUND ? TP_OK : rc;
    }
    if (rc == TP_OK) {
        rc = tp_hub_record_decide(&record, &persons->work, &facts, err);
    }
    if (rc == TP_OK) {
        /* The change that creates a record stands first, where it is there. */
        person->is_known =
            record.entity == TP_PERSON && tp_name_eq(record.items[0].name, person->name);
        person->is_other = record.entity != TP_PERSON;
        person->kinds = facts.kinds;
        person->is_retracted = facts.is_final_retracted;
        person->creator = record.creator;
    }
    return rc;
}

static tp_rc read_person(tp_hub_persons *persons, tp_name name, int64_t now_ms,
                         tp_hub_person *person, tp_err *err)
{
    gathered g = {.persons = persons};
    tp_hub_arena_done(&person->arena);
    memset(person, 0, sizeof *person);
    person->name = name;
    tp_hub_arena_init(&person->arena, PERSON_BLOCK_BYTES, WORK_BYTES_MAX);
    tp_hub_arena_clear(&persons->work);
    tp_rc rc = gather(&g, name, err);
    if (rc == TP_OK) {
        rc = find_group(&g, person, err);
    }
    if (rc == TP_OK) {
        rc = keep_gateways(&g, person, err);
    }
    if (rc == TP_OK) {
        rc = read_own_record(persons, person, err);
    }
    if (rc == TP_OK) {
        rc = find_grants(&g, person, now_ms, err); /* the last: grants say that it is whole */
    }
    if (rc != TP_OK) {
        return rc;
    }
    person->next_ms = earlier(
        person->next_ms, tp_gateway_next_end(person->gateways, person->gateways_count, now_ms));
    person->has_joins = g.joins.count > 0;
    for (uint32_t i = 0; i < g.events.count; i++) {
        const tp_consent_event *event = &((const tp_consent_event *)g.events.at)[i];
        person->has_refusal |= event->decision != TP_DECISION_GIVEN;
    }
    for (uint32_t i = 0; i < g.stops.count; i++) {
        person->is_stopped |= in_group(person, ((const tp_name *)g.stops.at)[i]);
    }
    return TP_OK;
}

static void free_person(tp_hub_person *person)
{
    tp_hub_arena_done(&person->arena);
    tp_free(person);
}

static tp_hub_person **slot_of(tp_hub_persons *persons, tp_name name)
{
    uint64_t hash =
        (name.device ^ name.seq * UINT64_C(0xff51afd7ed558ccd)) * UINT64_C(0x9E3779B97F4A7C15);
    uint32_t mask = persons->slots_count - 1;
    uint32_t at = (uint32_t)(hash >> 32) & mask;
    while (persons->slots[at] != NULL && !tp_name_eq(persons->slots[at]->name, name)) {
        at = (at + 1) & mask;
    }
    return &persons->slots[at];
}

/* Copied, since the store's own list moves when it is read again. */
static tp_rc read_terms(tp_hub_persons *persons, tp_err *err)
{
    size_t agencies_count = 0;
    size_t agreements_count = 0;
    const tp_hub_agency *agencies = tp_hub_agencies(persons->store, &agencies_count);
    const tp_hub_agreement *agreements = tp_hub_agreements(persons->store, &agreements_count);
    tp_hub_arena_clear(&persons->terms_arena);
    tp_agency_terms *terms =
        tp_hub_arena_take(&persons->terms_arena, (agencies_count + 1) * sizeof *terms);
    tp_interval *intervals =
        tp_hub_arena_take(&persons->terms_arena, (agreements_count + 1) * sizeof *intervals);
    if (terms == NULL || intervals == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for the agencies' terms");
    }
    for (size_t i = 0; i < agencies_count; i++) {
        tp_rc rc = tp_hub_arena_copy(&persons->terms_arena, tp_slice_str(agencies[i].id),
                                     &terms[i].agency, err);
        if (rc != TP_OK) {
            return rc;
        }
    }
    for (size_t i = 0; i < agreements_count; i++) {
        intervals[i].from_ms = agreements[i].from_ms;
        intervals[i].until_ms = agreements[i].until_ms;
        tp_agency_terms *of =
            &terms[agreements[i].agency - 1]; /* a foreign key holds it to be there */
        if (of->agreements_count++ == 0) {
            of->agreements = &intervals[i];
        }
    }
    persons->terms = terms;
    persons->terms_count = (uint32_t)agencies_count;
    return TP_OK;
}
