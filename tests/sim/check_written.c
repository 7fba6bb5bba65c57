/* What node/record made of what it was told: what it says, what it names, and what it refused. */
#include "tests/sim/world_write.h"

#include "sync/wire/field_value.h"

bool sim_takes_back(const sim_event *e)
{
    const sim_field *retracted = sim_field_of(e, TP_FIELD_RETRACTED);
    return retracted != NULL && !retracted->value.is_null;
}

/* ---- What it says ---- */

/* What the program adds of itself. */
static const struct {
    uint32_t entity;
    uint32_t code;
} filled_in[] = {
    {TP_HELP_REQUEST, TP_REQUEST_ROUTE},  {TP_HELP_REQUEST, TP_REQUEST_STATUS},
    {TP_HELP_REQUEST, TP_REQUEST_HOLDER}, {TP_HELP_REQUEST, TP_REQUEST_CODE},
    {TP_ACTION, TP_ACTION_STATUS},        {TP_ACTION, TP_ACTION_OWNER},
    {TP_CONSENT, TP_CONSENT_IN_SIGHT},    {TP_CONSENT, TP_CONSENT_PERSONS},
};

static bool is_filled_in(uint32_t entity, uint32_t code)
{
    for (size_t i = 0; i < sizeof filled_in / sizeof filled_in[0]; i++) {
        if (filled_in[i].entity == entity && filled_in[i].code == code) {
            return true;
        }
    }
    return false;
}

/* NULL: it was not told anything of the field. */
static const tp_value *told(const sim_writing *w, uint32_t code)
{
    for (unsigned i = 0; i < w->values_count; i++) {
        if (w->codes[i] == code) {
            return &w->values[i];
        }
    }
    return NULL;
}

static tp_rc check_value(sim_writing *w, const tp_change *change, const tp_change_field *field,
                         const sim_event *e, tp_err *err)
{
    static tp_value value;
    const tp_field_row *row = tp_field_of(e->entity, field->code);
    const tp_value *wanted = told(w, field->code);
    if (!field->has_value) {
        return TP_OK;
    }
    tp_rc rc = tp_field_value_decode(row, change, field->value, &value, err);
    if (rc == TP_OK && (wanted == NULL ? !is_filled_in(e->entity, field->code)
                                       : !tp_field_value_same(row, &value, wanted))) {
        sim_fail(w->world, "what was said", "device %u, action %u: field %u says something else",
                 w->device, e->action, field->code);
    }
    return rc;
}

/* Of a new record nothing is said of what is empty. */
static void check_told(sim_writing *w, const tp_change *change, const sim_event *e)
{
    for (unsigned i = 0; i < w->values_count; i++) {
        const tp_change_field *field = tp_change_field_of(change, w->codes[i]);
        if ((field == NULL || !field->has_value) && (e->record >= 0 || !w->values[i].is_null)) {
            sim_fail(w->world, "what was said", "device %u, action %u: field %u is left out",
                     w->device, e->action, w->codes[i]);
        }
    }
}

/* What whoever does not know the fields goes by. */
static void check_envelope(sim_writing *w, const tp_change *change, const sim_event *e)
{
    uint32_t kinds = tp_entity_of(e->entity)->kinds;
    for (uint32_t i = 0; i < change->fields_count; i++) {
        if (change->fields[i].has_value) {
            kinds |= tp_field_of(e->entity, change->fields[i].code)->kinds;
        }
    }
    const bool restricts = sim_takes_back(e) || sim_field_of(e, TP_FIELD_INFO) != NULL;
    const bool takes_away = (e->entity == TP_CONSENT && e->terms.decision != SIM_GIVEN) ||
                            e->entity == TP_UNJOIN || (e->record >= 0 && restricts);
    if (change->kinds != kinds || change->restricts != takes_away) {
        sim_fail(w->world, "what was said",
                 "device %u, action %u: its kinds are %x, should be %x; it %s away", w->device,
                 e->action, (unsigned)change->kinds, (unsigned)kinds,
                 change->restricts ? "takes" : "does not take");
    }
}

tp_rc sim_check_said(sim_writing *w, const tp_change *change, const sim_event *e, tp_err *err)
{
    tp_rc rc = TP_OK;
    check_told(w, change, e);
    check_envelope(w, change, e);
    for (uint32_t i = 0; rc == TP_OK && i < change->fields_count; i++) {
        rc = check_value(w, change, &change->fields[i], e, err);
    }
    return rc;
}

/* ---- What it does not write ---- */

/* Every value of the form is the same already. */
static bool is_said_already(const sim_look *look, const sim_event *e, const sim_field *field)
{
    int events[SIM_SEEN_MAX];
    const unsigned count = sim_form(look, e->record, field->code, false, events);
    for (unsigned i = 0; i < count; i++) {
        const sim_field *there = sim_field_of(&look->oracle->events[events[i]], field->code);
        if (there == NULL || !sim_value_same(there->value, field->value)) {
            return false;
        }
    }
    return count > 0 || field->value.is_null;
}

void sim_check_nothing_new(const sim_writing *w, const sim_event *e)
{
    const sim_look look = {&w->world->oracle, w->node->held, w->node->stub, w->node->is_strange};
    bool is_there = e->record >= 0;
    for (unsigned i = 0; is_there && i < e->fields_count; i++) {
        is_there = is_said_already(&look, e, &e->fields[i]);
    }
    if (!is_there) {
        sim_fail(w->world, "what is new is written", "device %u, action %u: it is left out",
                 w->device, e->action);
    }
}

/* ---- What it refuses ---- */

/* What was taken back is brought back first, and what was for good not by anybody. */
static bool is_taken_back(const sim_look *look, const sim_node *node, const sim_event *e)
{
    const sim_oracle *o = look->oracle;
    const sim_retraction is = sim_retraction_of(look, e->record);
    if (sim_field_of(e, TP_FIELD_RETRACTED) == NULL) {
        return is.is_hidden;
    }
    bool is_anothers = false;
    for (unsigned i = 0; i < o->count; i++) {
        is_anothers = is_anothers || (o->events[i].record == e->record && look->held[i] &&
                                      o->events[i].agency != node->agency &&
                                      sim_is_standing_retraction(look, (int)i));
    }
    return !sim_takes_back(e) && is.is_final && is_anothers &&
           o->events[e->record].agency != node->agency;
}

/* By what the device was told last, whatever its clock says; what was signed in the millisecond in
 * which it heard, it may not have heard. */
static bool is_surely_under_agreement(const sim_world *world, const sim_node *node, unsigned agency,
                                      int64_t now_ms)
{
    const int64_t from_ms = now_ms < node->heard_ms ? now_ms : node->heard_ms;
    const int64_t until_ms = now_ms > world->now_ms ? now_ms : world->now_ms;
    for (unsigned i = 0; i < world->oracle.agreements_count[agency]; i++) {
        const sim_agreement *a = &world->oracle.agreements[agency][i];
        if (a->from_ms < from_ms && (a->until_ms == 0 || until_ms < a->until_ms)) {
            return node->heard_ms != 0 && world->back.falls == 0;
        }
    }
    return false;
}

/* An offer to who may not have it, as far as is known here. */
static bool is_offer_in_vain(const sim_world *world, const sim_look *look, const sim_node *node,
                             const sim_event *e, int64_t now_ms)
{
    const sim_look bare = {look->oracle, look->held, NULL, NULL};
    const uint32_t code = e->entity == TP_ACTION ? TP_ACTION_OWNER : TP_REQUEST_HOLDER;
    const sim_field *field = sim_field_of(e, code);
    if (field == NULL || field->value.agency == node->agency) {
        return false;
    }
    const unsigned agency = field->value.agency;
    const int person = sim_person_of(look, e->record);
    if (!is_surely_under_agreement(world, node, agency, now_ms)) {
        return true;
    }
    if (agency == look->oracle->events[e->record].agency) {
        return false; /* it goes back to who took it */
    }
    const uint32_t kinds = sim_kinds(look, e->record);
    return person < 0 || !sim_is_covered(look, person, agency, kinds, now_ms) ||
           !sim_is_covered(&bare, person, agency, kinds, now_ms);
}

static bool is_newer_kind(const sim_event *e)
{
    const sim_field *info = sim_field_of(e, TP_FIELD_INFO);
    return info != NULL && !info->value.is_null && (info->value.key & SIM_NEWER_KIND) != 0;
}

/* What may be refused is written down here, each by the oracle.  Nothing else may: of somebody's
 * consent, of a join and of what ends one there is nothing that the week draws that is wrong. */
tp_rc sim_check_refused(sim_writing *w, tp_tx *tx, const sim_event *e, const tp_err *refused,
                        tp_err *err)
{
    const sim_look look = {&w->world->oracle, w->node->held, w->node->stub, w->node->is_strange};
    tp_estimate now;
    tp_rc rc = tp_log_now(w->node->log, tx, &now, NULL, err);
    if (rc != TP_OK) {
        return rc;
    }
    const bool is_update = e->record >= 0;
    const bool may_deny = is_update && (is_taken_back(&look, w->node, e) ||
                                        is_offer_in_vain(w->world, &look, w->node, e, now.ms));
    const bool may_be_invalid = is_newer_kind(e);
    if (!(refused->rc == TP_DENIED && may_deny) && !(refused->rc == TP_INVALID && may_be_invalid)) {
        sim_fail(w->world, "what is refused", "device %u, action %u: %s: %s", w->device, e->action,
                 tp_rc_name(refused->rc), refused->what);
    }
    return TP_OK;
}

/* ---- What it names ---- */

static bool is_among(const int *events, unsigned count, int event)
{
    for (unsigned i = 0; i < count; i++) {
        if (events[i] == event) {
            return true;
        }
    }
    return false;
}

static unsigned action_of(const sim_world *world, int event)
{
    return event < 0 ? 0 : world->oracle.events[event].action;
}

/* What is named is what must be, no more and no less.  A name too many is as bad as one too few: it
 * takes away what its writer never saw. */
static bool check_same(sim_world *world, unsigned device, const sim_event *e, const char *what,
                       const int *names, unsigned count, const bool must[SIM_EVENTS_MAX])
{
    for (unsigned n = 0; n < count; n++) {
        if (names[n] < 0 || !must[names[n]]) {
            return sim_fail(world, what,
                            "device %u, action %u: action %u (event %d) is named, "
                            "and was not there",
                            device, e->action, action_of(world, names[n]), names[n]);
        }
    }
    for (int i = 0; i < (int)world->oracle.count; i++) {
        if (must[i] && !is_among(names, count, i)) {
            return sim_fail(world, what, "device %u, action %u: action %u is not named", device,
                            e->action, action_of(world, i));
        }
    }
    return true;
}

/* Every event on the page, and everybody whose page it is. */
static bool check_consent_named(sim_world *world, unsigned device, const sim_look *look,
                                const sim_event *e)
{
    bool page[SIM_EVENTS_MAX] = {false};
    bool group[SIM_EVENTS_MAX];
    bool is_joined = false;
    sim_group(look, e->person, group);
    for (int i = 0; i < (int)world->oracle.count; i++) {
        page[i] = sim_is_on_page(look, e->person, i);
        is_joined = is_joined || (group[i] && i != e->person);
    }
    if (!is_joined) {
        group[e->person] = false; /* whom it is about stands in the change itself */
    }
    return check_same(world, device, e, "in sight", e->in_sight, e->in_sight_count, page) &&
           check_same(world, device, e, "whose page", e->names, e->names_count, group);
}

/* Of a field that is set, all that stood on the form; of others nothing, unless the whole record is
 * taken back, or it is the field that says whether it was. */
static bool check_seen(sim_world *world, unsigned device, const sim_look *look, const sim_event *e,
                       const sim_field *field)
{
    const bool is_read = e->record >= 0 && (field->has_value || sim_takes_back(e) ||
                                            field->code == TP_FIELD_RETRACTED);
    bool form[SIM_EVENTS_MAX] = {false};
    bool least[SIM_EVENTS_MAX] = {false};
    int events[SIM_SEEN_MAX];
    unsigned count = is_read ? sim_form(look, e->record, field->code, false, events) : 0;
    for (unsigned i = 0; i < count; i++) {
        form[events[i]] = true;
    }
    count = is_read ? sim_form(look, e->record, field->code, true, events) : 0;
    for (unsigned i = 0; i < count; i++) {
        least[events[i]] = true;
    }
    /* Of who holds it, more stands there where the hub knows somebody who does. */
    for (unsigned i = 0; i < field->seen_count; i++) {
        const int seen = field->seen[i];
        if (seen >= 0 && form[seen]) {
            least[seen] = true;
        }
    }
    return check_same(world, device, e, "what was seen", field->seen, field->seen_count, least);
}

/* On the command line what the device holds is the form. */
bool sim_check_named(sim_world *world, unsigned device, const sim_event *e, bool is_by_program)
{
    const sim_node *node = &world->nodes[device];
    const sim_look look = {&world->oracle, node->held, node->stub, node->is_strange};
    bool is_good =
        !is_by_program || e->entity != TP_CONSENT || check_consent_named(world, device, &look, e);
    for (unsigned i = 0; is_good && i < e->fields_count; i++) {
        is_good = check_seen(world, device, &look, e, &e->fields[i]);
    }
    return is_good;
}
