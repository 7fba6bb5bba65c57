/* Who may hold what: one small question after another. */
#include "sync/access/may.h"

#include "schema/entity.h"

static bool is_own(const tp_may_question *q);
static bool consent_grants(const tp_grant *grant, uint32_t kinds);
static bool person_covers(const tp_may_question *q, const tp_may_person *person, uint32_t kinds);
static bool may_hold_consent(const tp_may_question *q);
static tp_may may_hold_unjoin(const tp_may_question *q, tp_may joined);
static bool takes_away(const tp_consent_event *event);
static bool names_agency(const tp_consent_event *event, tp_slice agency);
static bool knows_person(const tp_may_question *q, const tp_may_person *person);
static tp_may of_joined(const tp_may_question *q);
static tp_may of_joins(const tp_may_question *q);

tp_may tp_may_hold(const tp_may_question *q)
{
    bool is_join = q->entity == TP_JOIN || q->entity == TP_UNJOIN;
    tp_may joined = is_join ? of_joined(q) : TP_MAY_HOLD;
    if (joined == TP_MAY_NOT) {
        return TP_MAY_NOT;
    }
    if (q->entity == TP_UNJOIN) {
        return may_hold_unjoin(q, joined);
    }
    if (is_own(q)) {
        return joined;
    }
    if (q->is_final_retracted && !tp_slice_eq(q->agency, q->creator)) {
        return TP_MAY_NOT;
    }
    if (q->person == NULL) {
        return TP_MAY_NOT;
    }
    if (q->entity == TP_CONSENT) {
        if (!may_hold_consent(q)) {
            return TP_MAY_NOT;
        }
        /* What takes access away is what must still arrive. */
        return q->person->is_stopped && !takes_away(q->consent) ? TP_MAY_KEEP : TP_MAY_HOLD;
    }
    if (!person_covers(q, q->person, q->kinds)) {
        return TP_MAY_NOT;
    }
    return q->person->is_stopped ? TP_MAY_KEEP : joined;
}

/* What an agency created and wrote crosses no border: it is its own. */
static bool is_own(const tp_may_question *q)
{
    return tp_slice_eq(q->agency, q->creator) && tp_slice_eq(q->agency, q->author);
}

/* One purpose must cover every kind: two halves given for two purposes are no whole. */
static bool consent_grants(const tp_grant *grant, uint32_t kinds)
{
    return grant->has_agreement && ((kinds & ~grant->kinds[TP_PURPOSE_SUPPORT]) == 0 ||
                                    (kinds & ~grant->kinds[TP_PURPOSE_MDT_DISCUSSION]) == 0);
}

static bool person_covers(const tp_may_question *q, const tp_may_person *person, uint32_t kinds)
{
    return consent_grants(person->grant, kinds) ||
           tp_gateway_covers(person->gateways, person->gateways_count, person->group,
                             person->group_count, person->person, q->agency, kinds, q->now_ms);
}

static bool may_hold_consent(const tp_may_question *q)
{
    if (person_covers(q, q->person, TP_KIND_BIT(TP_KIND_GENERAL))) {
        return true;
    }
    if (!takes_away(q->consent)) {
        return false;
    }
    /* It stays on every record it names, also after they are unjoined. */
    bool is_known = knows_person(q, q->person);
    for (uint32_t i = 0; !is_known && i < q->others_count; i++) {
        is_known = person_covers(q, &q->others[i], TP_KIND_BIT(TP_KIND_GENERAL)) ||
                   knows_person(q, &q->others[i]);
    }
    return is_known;
}

/* Whoever shows two records as one must learn that they are two: what the unjoin itself is of plays
 * no part, and it is nothing new of anybody to who holds the join. */
static tp_may may_hold_unjoin(const tp_may_question *q, tp_may joined)
{
    tp_may may = joined;
    if (!is_own(q)) {
        may = q->person == NULL ? TP_MAY_NOT : of_joins(q) < joined ? of_joins(q) : joined;
        may = may == TP_MAY_HOLD && q->person->is_stopped ? TP_MAY_KEEP : may;
    }
    return may == TP_MAY_KEEP && q->holds_join ? TP_MAY_HOLD : may;
}

static bool takes_away(const tp_consent_event *event)
{
    return event->decision == TP_DECISION_REFUSED || event->decision == TP_DECISION_WITHDRAWN ||
           event->decision == TP_DECISION_UNKNOWN;
}

/* So that they can be asked again. */
static bool knows_person(const tp_may_question *q, const tp_may_person *person)
{
    return person->ever_held && names_agency(q->consent, q->agency);
}

static bool names_agency(const tp_consent_event *event, tp_slice agency)
{
    for (uint32_t i = 0; i < event->agencies_count; i++) {
        if (tp_slice_eq(event->agencies[i], agency)) {
            return true;
        }
    }
    return event->all_agencies;
}

/* The least of the answers for the records joined. */
static tp_may of_joined(const tp_may_question *q)
{
    tp_may least = q->joined_count == 0 ? TP_MAY_NOT : TP_MAY_HOLD;
    for (uint32_t i = 0; i < q->joined_count; i++) {
        least = q->joined[i] < least ? q->joined[i] : least;
    }
    return least;
}

/* The most of the answers for the joins an unjoin names: of several between the same two, somebody
 * may hold only the one that is their own. */
static tp_may of_joins(const tp_may_question *q)
{
    tp_may most = TP_MAY_NOT;
    for (uint32_t i = 0; i < q->joins_count; i++) {
        most = q->joins[i] > most ? q->joins[i] : most;
    }
    return most;
}
