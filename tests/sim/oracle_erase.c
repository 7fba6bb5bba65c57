/* What goes with everything about a person, by section 5 of the design and the words of
 * sync/hub/erase.h: all that is recorded about whoever is one person with them, but for what
 * protects somebody who stays. */
#include "tests/sim/oracle.h"

#include <string.h>

static bool names(const sim_event *e, const bool persons[SIM_EVENTS_MAX])
{
    for (unsigned i = 0; i < e->names_count; i++) {
        if (persons[e->names[i]]) {
            return true;
        }
    }
    return false;
}

/* A consent event that names somebody who stays counts for them too. */
static bool protects_others(const sim_oracle *o, const sim_event *consent, const bool *going)
{
    for (unsigned i = 0; i < consent->names_count; i++) {
        if (!going[consent->names[i]] && !o->erased[consent->names[i]]) {
            return true;
        }
    }
    return false;
}

/* An unjoin stays as long as it keeps two apart of whom neither goes, and where a join that it
 * names may still come. */
static bool undoes_others(const sim_look *hub, const sim_event *unjoin, const bool *going)
{
    const sim_oracle *o = hub->oracle;
    for (unsigned i = 0; i < unjoin->names_count; i++) {
        const sim_event *join = &o->events[unjoin->names[i]];
        if (hub->held[unjoin->names[i]] ? !going[join->person] && !going[join->names[0]]
                                        : !o->erased[join->record]) {
            return true;
        }
    }
    return false;
}

static bool is_join_of(const sim_event *e, const bool *going)
{
    return e->entity == TP_JOIN && (going[e->person] || going[e->names[0]]);
}

/* An unjoin is about whom it is filed under, and about whoever the joins it names were of. */
static bool undoes_join_of(const sim_look *hub, const sim_event *e, const bool *going)
{
    for (unsigned i = 0; e->entity == TP_UNJOIN && i < e->names_count; i++) {
        if (hub->held[e->names[i]] && is_join_of(&hub->oracle->events[e->names[i]], going)) {
            return true;
        }
    }
    return false;
}

static bool goes(const sim_look *hub, int record, const bool *going)
{
    const sim_oracle *o = hub->oracle;
    const sim_event *e = &o->events[record];
    const int person = e->entity == TP_PERSON ? record : sim_person_of(hub, record);
    const bool is_about = person >= 0 && going[person];
    switch (e->entity) {
    case TP_CONSENT:
        /* One of somebody erased before had stayed for those it names. */
        return (is_about || (o->erased[e->person] && names(e, going))) &&
               !protects_others(o, e, going);
    case TP_JOIN:
        return is_join_of(e, going);
    case TP_UNJOIN:
        return (is_about || undoes_join_of(hub, e, going)) && !undoes_others(hub, e, going);
    default:
        return is_about;
    }
}

void sim_everything(const sim_look *hub, int person, bool records_out[SIM_EVENTS_MAX])
{
    bool going[SIM_EVENTS_MAX];
    sim_group(hub, person, going);
    memcpy(records_out, going, SIM_EVENTS_MAX * sizeof going[0]);
    for (unsigned i = 0; i < hub->oracle->count; i++) {
        const bool is_record = hub->oracle->events[i].record == (int)i;
        records_out[i] = records_out[i] || (is_record && hub->held[i] && goes(hub, (int)i, going));
    }
}
