/* Who may hold what, by section 5 of the design. */
#include "tests/sim/oracle.h"

#include "tests/sim/newer.h"

#include <string.h>

#define SENSITIVE                                                                                  \
    (TP_KIND_BIT(TP_KIND_DOMESTIC_ABUSE) | TP_KIND_BIT(TP_KIND_SAFEGUARDING) |                     \
     TP_KIND_BIT(TP_KIND_IMMIGRATION))

static bool lists(const int *names, unsigned count, int event)
{
    for (unsigned i = 0; i < count; i++) {
        if (names[i] == event) {
            return true;
        }
    }
    return false;
}

static uint32_t bit(unsigned n)
{
    return UINT32_C(1) << n;
}

/* ---- Kinds ---- */

/* What an event says of the kinds; from another agency than the creating one it adds to what it
 * replaced, and takes nothing away. */
static uint32_t kinds_said(const sim_look *hub, int event, uint32_t code)
{
    const sim_oracle *o = hub->oracle;
    const sim_event *e = &o->events[event];
    const sim_field *field = sim_field_of(e, code);
    uint32_t kinds = 0;
    if (field == NULL || !field->has_value) {
        return 0;
    }
    if (!field->value.is_null) {
        kinds = code == TP_FIELD_INFO ? field->value.key : bit(field->value.key);
    }
    if (e->agency == o->events[e->record].agency) {
        return kinds;
    }
    for (unsigned i = 0; i < field->seen_count; i++) {
        kinds |= hub->held[field->seen[i]] ? kinds_said(hub, field->seen[i], code) : 0;
    }
    return kinds;
}

static uint32_t kinds_of_field(const sim_look *hub, int record, uint32_t code)
{
    int heads[SIM_SEEN_MAX];
    uint32_t kinds = 0;
    unsigned count = sim_heads(hub, record, code, heads);
    for (unsigned i = 0; i < count; i++) {
        kinds |= kinds_said(hub, heads[i], code);
    }
    return kinds;
}

uint32_t sim_kinds(const sim_look *hub, int record)
{
    const sim_oracle *o = hub->oracle;
    uint32_t kinds = kinds_of_field(hub, record, TP_FIELD_INFO);
    if (o->events[record].entity == TP_NEED) {
        kinds |= kinds_of_field(hub, record, TP_NEED_KIND);
    }
    if (o->events[record].entity == TP_LEGAL_GATEWAY) {
        kinds |= TP_KIND_BIT(TP_KIND_SAFEGUARDING);
    }
    if (o->events[record].entity == SIM_NEWER_ENTITY) {
        kinds |= SIM_NEWER_KIND; /* nobody can tell what it is about */
    }
    for (unsigned i = 0; i < o->count; i++) {
        kinds |= o->events[i].record == record && hub->held[i] ? o->events[i].envelope : 0;
    }
    return kinds == 0 ? TP_KIND_BIT(TP_KIND_GENERAL) : kinds;
}

/* ---- Consent ---- */

bool sim_under_agreement(const sim_oracle *oracle, unsigned agency, int64_t at_ms)
{
    for (unsigned i = 0; i < oracle->agreements_count[agency]; i++) {
        const sim_agreement *a = &oracle->agreements[agency][i];
        if (a->from_ms <= at_ms && (a->until_ms == 0 || at_ms < a->until_ms)) {
            return true;
        }
    }
    return false;
}

/* What is asked: this kind of the records of one person, for one agency and purpose. */
typedef struct question {
    const sim_look *look;
    int person;
    const bool *group;
    unsigned agency;
    unsigned kind;
    unsigned purpose;
    int64_t now_ms;
} question;

static bool is_about(const question *q, const sim_event *e)
{
    bool is_giving = e->terms.decision == SIM_GIVEN;
    if (is_giving && (bit(q->kind) & SENSITIVE) != 0) {
        /* A join never widens these. */
        bool is_named = e->person == q->person || lists(e->names, e->names_count, q->person);
        return q->group[e->person] && is_named;
    }
    if (q->group[e->person]) {
        return true;
    }
    for (unsigned i = 0; !is_giving && i < e->names_count; i++) {
        if (q->group[e->names[i]]) {
            return true;
        }
    }
    return false;
}

/* Whether it says anything about what is asked. */
static bool covers(const question *q, int event)
{
    const sim_event *e = &q->look->oracle->events[event];
    if (e->entity != TP_CONSENT || !q->look->held[event] || !is_about(q, e)) {
        return false;
    }
    const sim_terms *t = &e->terms;
    bool covers_agency = (t->agencies & bit(q->agency)) != 0;
    if ((t->agencies & SIM_ALL) != 0) {
        covers_agency = t->decision != SIM_GIVEN ||
                        sim_under_agreement(q->look->oracle, q->agency,
                                            e->stamp.number != 0 ? e->stamp.ms : q->now_ms);
    }
    return covers_agency && (t->kinds & (bit(q->kind) | SIM_ALL)) != 0 &&
           (t->purposes & (bit(q->purpose) | SIM_ALL)) != 0;
}

/* Whether `from` was written in sight of `to`, directly or through others, whatever those cover. */
static bool in_sight(const sim_look *look, int from, int to)
{
    bool met[SIM_EVENTS_MAX] = {false};
    int queue[SIM_EVENTS_MAX];
    unsigned queued = 0;
    queue[queued++] = from;
    for (unsigned next = 0; next < queued; next++) {
        const sim_event *e = &look->oracle->events[queue[next]];
        bool is_known = look->held[queue[next]] || (look->stub != NULL && look->stub[queue[next]]);
        for (unsigned i = 0; is_known && i < e->in_sight_count; i++) {
            if (e->in_sight[i] == to) {
                return true;
            }
            if (!met[e->in_sight[i]]) {
                met[e->in_sight[i]] = true;
                queue[queued++] = e->in_sight[i];
            }
        }
    }
    return false;
}

static bool is_left_out(const question *q, int event)
{
    for (unsigned i = 0; i < q->look->oracle->count; i++) {
        if ((int)i != event && covers(q, (int)i) && in_sight(q->look, (int)i, event)) {
            return true;
        }
    }
    return false;
}

/* The most protective of those that are left.  0: none is left.  Nobody can tell any more what
 * somebody who was erased had said before. */
static sim_decision most_protective(const question *q)
{
    sim_decision decision = SIM_NONE;
    bool is_spoilt = false; /* a giving that ended, or grants nothing */
    for (unsigned i = 0; i < q->look->oracle->count; i++) {
        const sim_event *e = &q->look->oracle->events[i];
        const sim_terms *t = &e->terms;
        if (!covers(q, (int)i) || is_left_out(q, (int)i)) {
            continue;
        }
        const bool is_ended = t->ends_ms != 0 && q->now_ms >= t->ends_ms;
        decision = t->decision > decision ? t->decision : decision;
        is_spoilt = is_spoilt || (t->decision == SIM_GIVEN && (!t->has_capacity || is_ended ||
                                                               q->look->oracle->erased[e->person]));
    }
    return decision == SIM_GIVEN && is_spoilt ? SIM_NONE : decision;
}

sim_decision sim_effective(const sim_look *look, int person, unsigned agency, unsigned kind,
                           unsigned purpose, int64_t now_ms)
{
    bool group[SIM_EVENTS_MAX];
    sim_group(look, person, group);
    question q = {look, person, group, agency, kind, purpose, now_ms};
    sim_decision decision = most_protective(&q);
    for (unsigned k = 0; kind == TP_KIND_GENERAL && k < TP_KIND_COUNT; k++) {
        q.kind = k;
        if (most_protective(&q) == SIM_GIVEN) {
            return SIM_GIVEN;
        }
    }
    return decision;
}

/* ---- May ---- */

static bool consent_covers(const sim_look *hub, int person, unsigned agency, uint32_t kinds,
                           int64_t now_ms)
{
    if (!sim_under_agreement(hub->oracle, agency, now_ms) || (kinds & SIM_NEWER_KIND) != 0) {
        return false;
    }
    for (unsigned purpose = TP_PURPOSE_SUPPORT; purpose <= TP_PURPOSE_MDT_DISCUSSION; purpose++) {
        bool is_whole = true;
        for (unsigned k = 0; is_whole && k < TP_KIND_COUNT; k++) {
            is_whole = (kinds & bit(k)) == 0 ||
                       sim_effective(hub, person, agency, k, purpose, now_ms) == SIM_GIVEN;
        }
        if (is_whole) {
            return true;
        }
    }
    return false;
}

static bool gateway_covers(const sim_look *hub, int person, unsigned agency, uint32_t kinds,
                           int64_t now_ms)
{
    bool group[SIM_EVENTS_MAX];
    sim_group(hub, person, group);
    for (unsigned i = 0; i < hub->oracle->count; i++) {
        const sim_event *e = &hub->oracle->events[i];
        if (e->entity != TP_LEGAL_GATEWAY || !hub->held[i] || !group[e->person] ||
            now_ms >= e->terms.ends_ms || (e->terms.agencies & bit(agency)) == 0 ||
            hub->oracle->erased[e->person]) {
            continue;
        }
        uint32_t opens = e->person == person ? e->terms.kinds : e->terms.kinds & ~SENSITIVE;
        if ((kinds & ~opens) == 0) {
            return true;
        }
    }
    return false;
}

/* Nothing about somebody who was erased is opened to anybody, by whatever is said of whom. */
bool sim_is_covered(const sim_look *hub, int person, unsigned agency, uint32_t kinds,
                    int64_t now_ms)
{
    return !hub->oracle->erased[person] && (consent_covers(hub, person, agency, kinds, now_ms) ||
                                            gateway_covers(hub, person, agency, kinds, now_ms));
}

/* Whether the agency wrote anything about the person or whoever they are joined with, was ever sent
 * it, or is about to be.  Consent events do not count: they are what this is asked for. */
static bool ever_held(const sim_look *hub, unsigned agency, int person, int64_t now_ms)
{
    bool group[SIM_EVENTS_MAX];
    sim_group(hub, person, group);
    for (unsigned i = 0; i < hub->oracle->count; i++) {
        const sim_event *e = &hub->oracle->events[i];
        int about = hub->held[i] ? sim_person_of(hub, e->record) : -1;
        if (about < 0 || !group[about]) {
            continue;
        }
        if (e->agency == agency ||
            (e->entity != TP_CONSENT &&
             (hub->oracle->sent[agency][i] || sim_may(hub, agency, (int)i, now_ms) ||
              (hub->oracle->counts_perhaps && hub->oracle->perhaps[i])))) {
            return true;
        }
    }
    return false;
}

static bool may_hold_consent(const sim_look *hub, unsigned agency, const sim_event *e,
                             int64_t now_ms)
{
    const uint32_t general = TP_KIND_BIT(TP_KIND_GENERAL);
    if (e->agency == agency || sim_is_covered(hub, e->person, agency, general, now_ms)) {
        return true;
    }
    if (e->terms.decision == SIM_GIVEN) {
        return false;
    }
    /* It stays on each record it names, also after they were unjoined from its own. */
    bool group[SIM_EVENTS_MAX];
    sim_group(hub, e->person, group);
    bool is_named = (e->terms.agencies & (bit(agency) | SIM_ALL)) != 0;
    bool may = is_named && ever_held(hub, agency, e->person, now_ms);
    for (unsigned i = 0; !may && i < e->names_count; i++) {
        may = !group[e->names[i]] && ((is_named && ever_held(hub, agency, e->names[i], now_ms)) ||
                                      sim_is_covered(hub, e->names[i], agency, general, now_ms));
    }
    return may;
}

static bool may_hold_persons(const sim_look *hub, unsigned agency, const sim_event *join,
                             int64_t now_ms)
{
    return sim_may(hub, agency, join->person, now_ms) &&
           sim_may(hub, agency, join->names[0], now_ms);
}

/* It tells whoever may hold such a join that it holds no more; by consent for the joins alone. */
static bool may_hold_unjoin(const sim_look *hub, unsigned agency, const sim_event *unjoin,
                            int64_t now_ms)
{
    bool may = unjoin->agency == agency;
    for (unsigned i = 0; i < unjoin->names_count; i++) {
        if (!may_hold_persons(hub, agency, &hub->oracle->events[unjoin->names[i]], now_ms)) {
            return false;
        }
        may = may || sim_may(hub, agency, unjoin->names[i], now_ms);
    }
    return may;
}

bool sim_may(const sim_look *hub, unsigned agency, int event, int64_t now_ms)
{
    const sim_oracle *o = hub->oracle;
    const sim_event *e = &o->events[event];
    unsigned creator = o->events[e->record].agency;
    if (o->erased[e->record]) {
        return false;
    }
    if (e->entity == TP_CONSENT) {
        return may_hold_consent(hub, agency, e, now_ms);
    }
    if (e->entity == TP_JOIN && !may_hold_persons(hub, agency, e, now_ms)) {
        return false;
    }
    if (e->entity == TP_UNJOIN) {
        return may_hold_unjoin(hub, agency, e, now_ms);
    }
    if (creator == agency && e->agency == agency) {
        return true;
    }
    if (creator != agency && sim_retraction_of(hub, e->record).is_final) {
        return false;
    }
    int person = sim_person_of(hub, e->record);
    return person >= 0 && sim_is_covered(hub, person, agency, sim_kinds(hub, e->record), now_ms);
}

bool sim_holder_is_lost(const sim_look *hub, int record, uint32_t code, int64_t now_ms)
{
    sim_holder holder = sim_holder_of(hub, record, code, false);
    return holder.held_by < 0 ||
           !sim_may(hub, hub->oracle->events[holder.held_by].agency, record, now_ms);
}

/* ---- What is not understood ---- */

bool sim_is_stopped(const sim_look *hub, int person, int before)
{
    const sim_oracle *o = hub->oracle;
    bool group[SIM_EVENTS_MAX];
    sim_group(hub, person, group);
    for (unsigned i = 0; i < o->count; i++) {
        const sim_event *e = &o->events[i];
        if (e->entity != TP_CONSENT || !e->terms.is_newer || !hub->held[i]) {
            continue;
        }
        bool is_about = before < 0 ? e->person >= 0 && group[e->person] : e->person == person;
        for (unsigned n = 0; n < e->names_count; n++) {
            is_about = is_about || (before < 0 ? group[e->names[n]] : e->names[n] == person);
        }
        if (is_about && (before < 0 || e->stamp.number < o->events[before].stamp.number)) {
            return true;
        }
    }
    return false;
}

/* An unjoin is nothing new to who was sent a join that it undoes, or wrote it. */
static bool knows_join(const sim_oracle *o, unsigned agency, const sim_event *unjoin)
{
    for (unsigned i = 0; i < unjoin->names_count; i++) {
        if (o->sent[agency][unjoin->names[i]] || o->events[unjoin->names[i]].agency == agency) {
            return true;
        }
    }
    return false;
}

bool sim_is_event_stopped(const sim_look *hub, unsigned agency, int event, bool since_ever)
{
    const sim_oracle *o = hub->oracle;
    const sim_event *e = &o->events[event];
    const int before = since_ever ? event : -1;
    bool is_own = e->agency == agency && o->events[e->record].agency == agency;
    bool takes_away = e->entity == TP_CONSENT && e->terms.decision != SIM_GIVEN;
    int person = sim_person_of(hub, e->record);
    bool is_stopped = person >= 0 && sim_is_stopped(hub, person, before);
    if (e->entity == TP_JOIN || e->entity == TP_UNJOIN) {
        /* An agency's own join waits as well where it may not be sent a record it joins. */
        for (unsigned i = 0; !since_ever && i < e->names_count; i++) {
            const sim_event *named = &o->events[e->names[i]];
            is_stopped = is_stopped || sim_is_stopped(hub, named->person, -1) ||
                         (named->entity == TP_JOIN && sim_is_stopped(hub, named->names[0], -1));
        }
        bool is_known = e->entity == TP_UNJOIN && knows_join(o, agency, e);
        return is_stopped && !(since_ever && (is_own || is_known));
    }
    /* Who wrote a change holds it. */
    return is_stopped && !is_own && !takes_away && (!since_ever || e->agency != agency);
}
