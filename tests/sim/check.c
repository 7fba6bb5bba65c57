/* What the design promises, held against what is there. */
#include "tests/sim/world.h"

#include "sync/log/held.h"
#include "sync/log/verify.h"
#include "tests/sim/newer.h"

#include <inttypes.h>

static const char *act_of(const sim_world *world, int event)
{
    static char text[4][64];
    static unsigned at;
    at = (at + 1) % 4;
    if (event < 0) {
        snprintf(text[at], sizeof text[at], "nothing");
    } else {
        snprintf(text[at], sizeof text[at], "action %u", world->oracle.events[event].action);
    }
    return text[at];
}

/* ---- Access: what is held is what may be held ---- */

/* A withdrawal goes to whoever ever held anything.  Of somebody of whom not all is understood that
 * is whoever was granted it before, and the oracle keeps no such history. */
static bool is_unsure(const sim_look *hub, int event)
{
    const sim_event *e = &hub->oracle->events[event];
    bool is_stopped = false;
    for (unsigned i = 0; i < e->names_count && e->entity == TP_CONSENT; i++) {
        is_stopped = is_stopped || sim_is_stopped(hub, e->names[i], -1);
    }
    return e->entity == TP_CONSENT && e->terms.decision != SIM_GIVEN &&
           (is_stopped || sim_is_stopped(hub, e->person, -1));
}

static bool check_held(sim_world *world, unsigned device)
{
    bool accepted[SIM_EVENTS_MAX];
    const sim_node *node = &world->nodes[device];
    const sim_look hub = {&world->oracle, accepted, NULL, NULL};
    sim_oracle_accepted(&world->oracle, accepted);
    for (unsigned i = 0; i < world->oracle.count; i++) {
        bool may =
            accepted[i] && !node->is_kiosk && sim_may(&hub, node->agency, (int)i, world->now_ms);
        if (sim_is_taken_away(world, &hub, device, (int)i)) {
            return sim_fail(world, "completeness", "device %u of %s gave back its own agency's %s",
                            device, sim_agency_ids[node->agency], act_of(world, (int)i));
        }
        if (sim_is_adrift(world, &hub, device, (int)i)) {
            continue;
        }
        if (node->held[i] && !accepted[i]) {
            return sim_fail(world, "everything is sent", "device %u: %s is not at the hub", device,
                            act_of(world, (int)i));
        }
        bool is_sure = !is_unsure(&hub, (int)i);
        if (node->held[i] && !may && is_sure) {
            return sim_fail(world, "access", "device %u of %s holds %s, and may not", device,
                            sim_agency_ids[node->agency], act_of(world, (int)i));
        }
        bool is_new_to_all =
            may && node->held[i] && sim_is_event_stopped(&hub, node->agency, (int)i, true);
        if (is_new_to_all) {
            return sim_fail(world, "what is new waits",
                            "device %u of %s holds %s about somebody of whom not all is understood",
                            device, sim_agency_ids[node->agency], act_of(world, (int)i));
        }
        if (may && is_sure && !node->held[i] && !sim_comes_later(world, device, (int)i) &&
            !sim_is_event_stopped(&hub, node->agency, (int)i, false)) {
            return sim_fail(world, "completeness", "device %u of %s may hold %s, and does not%s",
                            device, sim_agency_ids[node->agency], act_of(world, (int)i),
                            node->stub[i] ? " (given back)" : "");
        }
        if (node->ever[i] && !node->held[i] && !node->stub[i] && !node->is_kiosk &&
            !sim_is_let_go(world, device, (int)i)) {
            return sim_fail(world, "give-back", "device %u: %s has left no name", device,
                            act_of(world, (int)i));
        }
        if (sim_is_stale(world, device, (int)i)) {
            return sim_fail(world, "stamps", "device %u: %s has a stamp the hub lost", device,
                            act_of(world, (int)i));
        }
        if (node->is_kiosk && (node->held[i] || node->stub[i])) {
            return sim_fail(world, "kiosk", "device %u keeps %s", device, act_of(world, (int)i));
        }
    }
    return true;
}

/* ---- Heads and what is shown ---- */

typedef struct comparing {
    sim_world *world;
    unsigned device;
    sim_look look;
    int record;
    const tp_loaded *loaded;
} comparing;

static int event_of(const comparing *c, uint32_t change_at)
{
    return change_at == TP_DECIDE_NONE
               ? -1
               : sim_event_of(c->world, c->device,
                              c->loaded->record.changes[change_at].change->name);
}

static bool has(const int *events, unsigned count, int event)
{
    for (unsigned i = 0; i < count; i++) {
        if (events[i] == event) {
            return true;
        }
    }
    return false;
}

static bool disagree(const comparing *c, uint32_t code, const char *what, int is, int should_be)
{
    return sim_fail(c->world, what, "device %u: record of %s, field %u: is %s, should be %s",
                    c->device, act_of(c->world, c->record), code, act_of(c->world, is),
                    act_of(c->world, should_be));
}

static bool check_heads(const comparing *c, const tp_loaded_field *field, uint32_t code,
                        const int *heads, unsigned count)
{
    unsigned shown = field == NULL ? 0 : field->state.heads_count;
    for (unsigned h = 0; h < shown; h++) {
        int event = event_of(c, field->heads[h].at);
        if (!has(heads, count, event)) {
            return disagree(c, code, "heads", event, -1);
        }
    }
    for (unsigned h = 0; h < count; h++) {
        bool is_there = false;
        for (unsigned s = 0; s < shown; s++) {
            is_there = is_there || event_of(c, field->heads[s].at) == heads[h];
        }
        if (!is_there) {
            return disagree(c, code, "heads", -1, heads[h]);
        }
    }
    return true;
}

/* The same event, or one with the same value. */
static bool check_shown(const comparing *c, const tp_loaded_field *field, uint32_t code,
                        int expected)
{
    int shown = field == NULL ? -1 : event_of(c, field->state.shown);
    if (shown == expected) {
        return true;
    }
    if (shown < 0 || expected < 0 ||
        !sim_value_same(sim_field_of(&c->world->oracle.events[shown], code)->value,
                        sim_field_of(&c->world->oracle.events[expected], code)->value)) {
        return disagree(c, code, "shown", shown, expected);
    }
    return true;
}

/* More than one different head is a conflict; which words are the same is a matter of their key. */
static bool check_conflict(const comparing *c, const tp_loaded_field *field, uint32_t code,
                           const int *heads, unsigned count)
{
    bool is_conflict = false;
    for (unsigned h = 1; h < count; h++) {
        is_conflict =
            is_conflict ||
            !sim_value_same(sim_field_of(&c->world->oracle.events[heads[0]], code)->value,
                            sim_field_of(&c->world->oracle.events[heads[h]], code)->value);
    }
    return (field != NULL && field->state.is_conflict) == is_conflict ||
           sim_fail(c->world, "conflict", "device %u: record of %s, field %u: a conflict is %s",
                    c->device, act_of(c->world, c->record), code,
                    is_conflict ? "missed" : "made up");
}

static bool check_plain(const comparing *c, const tp_loaded_field *field, const tp_field_row *row)
{
    int heads[SIM_SEEN_MAX];
    unsigned count = sim_heads(&c->look, c->record, row->code, heads);
    if (!check_heads(c, field, row->code, heads, count) ||
        !check_conflict(c, field, row->code, heads, count)) {
        return false;
    }
    switch (row->rule) {
    case TP_RULE_LATEST:
        return check_shown(c, field, row->code, sim_latest(&c->look, c->record, row->code));
    case TP_RULE_PROGRESS:
        return check_shown(c, field, row->code, sim_furthest(&c->look, c->record, row->code));
    case TP_RULE_CAREFUL:
    case TP_RULE_KINDS:
        for (unsigned h = 0; field != NULL && h < field->state.heads_count; h++) {
            if (!field->heads[h].is_shown) {
                return disagree(c, row->code, "shown", -1, event_of(c, field->heads[h].at));
            }
        }
        return true;
    case TP_RULE_HOLDER:
    case TP_RULE_PROTECT:
    case TP_RULE_FIRST:
    case TP_RULE_RETRACT:
        break;
    }
    return true;
}

/* PH2: exactly one, and the same for everybody who holds the same. */
static bool check_holder(const comparing *c, const tp_loaded_field *field, uint32_t code)
{
    bool accepted[SIM_EVENTS_MAX];
    const sim_look hub = {&c->world->oracle, accepted, NULL, NULL};
    sim_oracle_accepted(&c->world->oracle, accepted);
    bool is_lost = sim_holder_is_lost(&hub, c->record, code, c->world->now_ms) &&
                   sim_is_holding_known(c->world, c->record, code);
    bool says_lost = (c->loaded->verdict & TP_VERDICT_HOLDER_LOST) != 0;
    if (c->look.held[c->record] && is_lost != says_lost &&
        !c->world->nodes[c->device].is_kept_short) {
        return sim_fail(c->world, "verdict", "device %u: record of %s: the holder is %slost",
                        c->device, act_of(c->world, c->record), is_lost ? "" : "not ");
    }
    sim_holder holder = sim_holder_of(&c->look, c->record, code, says_lost);
    int all[2 * SIM_SEEN_MAX];
    memcpy(all, holder.acceptances, holder.acceptances_count * sizeof all[0]);
    memcpy(all + holder.acceptances_count, holder.offers, holder.offers_count * sizeof all[0]);
    bool is_creator = field == NULL || field->state.is_creator_holding;
    if (is_creator != (holder.held_by < 0)) {
        return disagree(c, code, "one holder", field == NULL ? -1 : event_of(c, field->state.shown),
                        holder.held_by);
    }
    return check_shown(c, field, code, holder.held_by) &&
           check_heads(c, field, code, all, holder.acceptances_count + holder.offers_count);
}

static bool check_retraction(const comparing *c)
{
    sim_retraction should = sim_retraction_of(&c->look, c->record);
    const tp_retraction *is = &c->loaded->retraction;
    return (is->is_hidden == should.is_hidden && is->is_final == should.is_final &&
            is->is_brought_back == should.is_brought_back) ||
           sim_fail(c->world, "taken back", "device %u: record of %s is%s%s%s, should be%s%s%s",
                    c->device, act_of(c->world, c->record), is->is_hidden ? " hidden" : "",
                    is->is_final ? " for good" : "", is->is_brought_back ? " back" : "",
                    should.is_hidden ? " hidden" : "", should.is_final ? " for good" : "",
                    should.is_brought_back ? " back" : "");
}

static bool check_person(const comparing *c)
{
    int person = sim_person_of(&c->look, c->record);
    int is = tp_name_is_none(c->loaded->person)
                 ? -1
                 : sim_event_of(c->world, c->device, c->loaded->person);
    return !c->look.held[c->record] || is == person ||
           disagree(c, TP_FIELD_PERSON, "person", is, person);
}

/* What this program does not know is kept all the same, and the latest of it shown. */
static bool check_newer(const comparing *c)
{
    const tp_loaded_field *field = tp_loaded_field_of(c->loaded, SIM_NEWER_FIELD);
    return check_plain(c, field, &sim_newer_field);
}

static bool check_fields(const comparing *c)
{
    const sim_event *creating = &c->world->oracle.events[c->record];
    const tp_entity_row *entity = tp_entity_of(creating->entity);
    bool is_good = check_newer(c);
    if (entity == NULL) {
        return is_good; /* a device shows it nowhere, so it need not know whom it is about */
    }
    for (const tp_field_row *row = entity->fields; is_good && row->code != 0; row++) {
        const tp_loaded_field *field = tp_loaded_field_of(c->loaded, row->code);
        is_good = row->rule == TP_RULE_HOLDER ? check_holder(c, field, row->code)
                                              : check_plain(c, field, row);
    }
    const tp_field_row *info = tp_field_of(creating->entity, TP_FIELD_INFO);
    return is_good && check_plain(c, tp_loaded_field_of(c->loaded, TP_FIELD_INFO), info) &&
           check_retraction(c) && check_person(c);
}

static bool check_record(sim_world *world, tp_tx *tx, unsigned device, int record)
{
    sim_node *node = &world->nodes[device];
    tp_loaded *loaded = NULL;
    tp_err err;
    tp_rc rc = tp_merge_load(node->merge, tx, sim_name_at(world, device, record), &loaded, &err);
    if (!sim_must(world, rc, "loading a record", &err)) {
        return false;
    }
    comparing c = {
        world, device, {&world->oracle, node->held, node->stub, node->is_strange}, record, loaded};
    const tp_entity_row *entity = tp_entity_of(world->oracle.events[record].entity);
    bool is_final = entity != NULL && (entity->flags & TP_ENTITY_FINAL) != 0;
    bool is_good = is_final || check_fields(&c);
    tp_loaded_free(loaded);
    return is_good;
}

/* Whose device wrote what it holds, everybody is told whom the hub tells of it. */
static bool check_directory(sim_world *world, unsigned device)
{
    const sim_node *node = &world->nodes[device];
    for (unsigned i = 0; i < world->oracle.count; i++) {
        const sim_event *e = &world->oracle.events[i];
        if (node->held[i] && node->is_strange[i] && sim_id_of(world, e->name.device)->is_known) {
            return sim_fail(world, "directory", "device %u was not told whose device wrote %s",
                            device, act_of(world, (int)i));
        }
    }
    return true;
}

static bool check_records(sim_world *world, tp_tx *tx, unsigned device)
{
    const sim_node *node = &world->nodes[device];
    bool is_good = check_directory(world, device);
    for (unsigned r = 0; is_good && r < world->oracle.count; r++) {
        bool is_any = false;
        for (unsigned i = 0; i < world->oracle.count; i++) {
            is_any = is_any ||
                     (world->oracle.events[i].record == (int)r && (node->held[i] || node->stub[i]));
        }
        is_good = !is_any || sim_holds_lost(world, device, (int)r) ||
                  check_record(world, tx, device, (int)r);
    }
    return is_good;
}

/* ---- Groups ---- */

static bool check_group(sim_world *world, tp_tx *tx, unsigned device, int person)
{
    const sim_node *node = &world->nodes[device];
    const sim_look look = {&world->oracle, node->held, node->stub, node->is_strange};
    bool group[SIM_EVENTS_MAX];
    tp_name names[TP_GROUP_PERSONS_MAX];
    uint32_t count = 0;
    uint32_t expected = 0;
    tp_err err;
    tp_rc rc =
        tp_merge_group(node->merge, tx, sim_name_at(world, device, person), names, &count, &err);
    if (!sim_must(world, rc, "reading a group", &err)) {
        return false;
    }
    sim_group(&look, person, group);
    for (unsigned i = 0; i < world->oracle.count; i++) {
        expected += group[i] ? 1 : 0;
    }
    for (uint32_t i = 0; i < count; i++) {
        int at = sim_event_of(world, device, names[i]);
        if (at < 0 || !group[at]) {
            return sim_fail(world, "group", "device %u: %s is joined with %s, and should not be",
                            device, act_of(world, person), act_of(world, at));
        }
    }
    return count == expected ||
           sim_fail(world, "group", "device %u: the group of %s lacks somebody", device,
                    act_of(world, person));
}

/* Nobody who has just synced shows two people as one whom the hub keeps apart; while it is frozen,
 * it keeps another agency's unjoin to itself. */
static bool check_apart(sim_world *world, unsigned device)
{
    bool told[SIM_EVENTS_MAX];
    const sim_node *node = &world->nodes[device];
    const sim_look hub = {&world->oracle, told, NULL, NULL};
    sim_oracle_accepted(&world->oracle, told);
    for (unsigned i = 0; i < world->oracle.count; i++) {
        told[i] = told[i] && (world->oracle.events[i].entity != TP_UNJOIN ||
                              !sim_is_withheld(world, device, (int)i));
    }
    for (unsigned i = 0; i < world->oracle.count; i++) {
        const sim_event *e = &world->oracle.events[i];
        bool group[SIM_EVENTS_MAX];
        const sim_look look = {&world->oracle, node->held, node->stub, node->is_strange};
        if (e->entity != TP_JOIN || !node->held[i]) {
            continue;
        }
        sim_group(&look, e->person, group);
        bool is_one = group[e->names[0]];
        sim_group(&hub, e->person, group);
        if (is_one && !group[e->names[0]]) {
            return sim_fail(world, "apart",
                            "device %u: %s still joins two whom the hub keeps apart", device,
                            act_of(world, (int)i));
        }
    }
    return true;
}

static bool check_groups(sim_world *world, tp_tx *tx, unsigned device)
{
    bool is_good = check_apart(world, device);
    for (unsigned i = 0; is_good && i < world->oracle.count; i++) {
        const sim_event *e = &world->oracle.events[i];
        if (e->entity == TP_PERSON && e->record == (int)i && world->nodes[device].held[i]) {
            is_good = check_group(world, tx, device, (int)i);
        }
    }
    return is_good;
}

static bool check_rebuilt(sim_world *world, tp_tx *tx, unsigned device)
{
    bool is_equal = false;
    tp_err err;
    tp_rc rc = tp_merge_verify(world->nodes[device].merge, tx, &is_equal, &err);
    return sim_must(world, rc, "verifying", &err) &&
           (is_equal || sim_fail(world, "rebuild equals live", "device %u: it does not", device));
}

/* ---- What is held, in short ---- */

/* The hub's sum and the device's are of the same changes, the ones kept and the ones counted. */
static bool check_sum(sim_world *world, tp_tx *tx, unsigned device)
{
    sim_node *node = &world->nodes[device];
    tp_hub_device known;
    tp_held_sum theirs = {0, 0};
    tp_held_sum counted = {0, 0};
    uint64_t damaged = 0;
    tp_log_held held;
    tp_err err;
    if (node->is_kiosk || node->is_kept_short || sim_holds_lost(world, device, -1)) {
        return true; /* what is withheld is in the hub's sum */
    }
    tp_rc rc = tp_log_held_get(node->log, tx, &held, &err);
    if (rc == TP_OK) {
        rc = tp_log_held_count(node->log, tx, &counted, &damaged, &err);
    }
    if (!sim_must(world, rc, "counting what is held", &err) ||
        !sim_must(world, tp_hub_look(&world->hub, &err), "looking at the hub", &err)) {
        return false;
    }
    rc = tp_hub_device_get(world->hub.store, node->id, &known, &err);
    if (rc == TP_OK) {
        rc = tp_hub_held_sum(world->hub.store, &known, &theirs, &err);
    }
    tp_hub_rollback(&world->hub);
    if (!sim_must(world, rc, "the hub's sum", &err)) {
        return false;
    }
    if (damaged > 0) {
        return sim_fail(world, "in step means the same", "device %u: a row is not as it was put",
                        device);
    }
    if (!tp_held_eq(&counted, &theirs) && sim_holds_nobodys(world, device)) {
        return held.differs == TP_LOG_DIFFERS ||
               sim_fail(world, "sums", "device %u says that it is in step, and is not", device);
    }
    if (!tp_held_eq(&counted, &theirs)) {
        return sim_fail(world, "sums", "device %u holds something else than the hub says", device);
    }
    if (!held.is_known || !tp_held_eq(&counted, &held.sum) || held.differs != TP_LOG_SAME) {
        return sim_fail(world, "sums", "device %u keeps another sum than it holds", device);
    }
    return true;
}

/* Nothing is damaged, so nothing may be found. */
static bool check_verified(sim_world *world, tp_tx *tx, unsigned device)
{
    static tp_log_verified verified;
    tp_err err;
    if (sim_holds_lost(world, device, -1)) {
        return true; /* it says that it is not in step */
    }
    tp_log_held held;
    tp_rc rc = tp_log_verify(world->nodes[device].log, tx, &verified, &err);
    if (rc == TP_OK) {
        rc = tp_log_held_get(world->nodes[device].log, tx, &held, &err);
    }
    if (!sim_must(world, rc, "verifying", &err)) {
        return false;
    }
    const bool says_so = held.differs == TP_LOG_DIFFERS && sim_holds_nobodys(world, device) &&
                         !world->nodes[device].is_kept_short;
    return verified.findings.count == (says_so ? 1 : 0) ||
           sim_fail(world, "verify", "device %u: %s", device,
                    verified.findings.count == 0 ? "nothing" : verified.findings.text[0]);
}

bool sim_check_shown(sim_world *world, unsigned device)
{
    tp_err err;
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(world->nodes[device].store, &tx, TP_TX_WRITE, &err);
    bool is_good =
        sim_must(world, rc, "looking at a node", &err) && check_rebuilt(world, &tx, device);
    tp_tx_rollback(&tx);
    return is_good;
}

bool sim_check_node(sim_world *world, unsigned device, bool is_thorough)
{
    sim_node *node = &world->nodes[device];
    tp_err err;
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(node->store, &tx, is_thorough ? TP_TX_WRITE : TP_TX_READ, &err);
    bool is_good = sim_must(world, rc, "looking at a node", &err) && check_held(world, device) &&
                   check_records(world, &tx, device) && check_groups(world, &tx, device) &&
                   check_sum(world, &tx, device) && check_verified(world, &tx, device) &&
                   (!is_thorough ||
                    (sim_check_consent(world, &tx, device) && check_rebuilt(world, &tx, device)));
    tp_tx_rollback(&tx);
    return is_good;
}

/* ---- The hub ---- */

sim_decision sim_decision_of(tp_decision decision)
{
    switch (decision) {
    case TP_DECISION_NONE:
        return SIM_NONE;
    case TP_DECISION_GIVEN:
        return SIM_GIVEN;
    case TP_DECISION_REFUSED:
        return SIM_REFUSED;
    case TP_DECISION_WITHDRAWN:
    case TP_DECISION_UNKNOWN:
        break;
    }
    return SIM_TAKEN_AWAY;
}

/* What the hub says is in force, for one person. */
static bool check_in_force(sim_world *world, const sim_look *hub, int person)
{
    const tp_consent_book *book = NULL;
    const tp_agency_terms *terms = NULL;
    uint32_t terms_count = 0;
    const unsigned agencies = world->oracle.agencies;
    tp_err err;
    tp_rc rc = tp_hub_persons_terms(world->hub.persons, &terms, &terms_count, &err);
    if (rc == TP_OK) {
        rc = tp_hub_persons_book(world->hub.persons, world->oracle.events[person].name,
                                 world->now_ms, &book, &err);
    }
    if (!sim_must(world, rc, "reading the hub's consents", &err)) {
        return false;
    }
    for (unsigned cell = 0; cell < agencies * TP_KIND_COUNT * TP_PURPOSE_COUNT; cell++) {
        unsigned agency = cell % agencies;
        unsigned kind = cell / agencies % TP_KIND_COUNT;
        unsigned purpose = cell / agencies / TP_KIND_COUNT;
        tp_consent_answer answer =
            tp_consent_effective(book, world->oracle.events[person].name, &terms[agency],
                                 (tp_kind)kind, (tp_purpose)purpose);
        sim_decision should = sim_effective(hub, person, agency, kind, purpose, world->now_ms);
        if (sim_decision_of(answer.decision) != should) {
            return sim_fail(world, "consent in force",
                            "person of %s, %s, %s, %s: is %d, should be %d", act_of(world, person),
                            sim_agency_ids[agency], tp_kind_name((tp_kind)kind),
                            tp_purpose_name((tp_purpose)purpose),
                            (int)sim_decision_of(answer.decision), (int)should);
        }
    }
    return true;
}

bool sim_check_in_force(sim_world *world)
{
    bool accepted[SIM_EVENTS_MAX];
    const sim_look hub = {&world->oracle, accepted, NULL, NULL};
    bool is_good = true;
    tp_err err;
    sim_oracle_accepted(&world->oracle, accepted);
    world->hub_clock.reading.wall_ms = world->now_ms;
    if (!sim_must(world, tp_hub_look(&world->hub, &err), "looking at the hub", &err)) {
        return false;
    }
    for (unsigned i = 0; is_good && i < world->oracle.count; i++) {
        const sim_event *e = &world->oracle.events[i];
        if (e->entity == TP_PERSON && e->record == (int)i && accepted[i]) {
            is_good = check_in_force(world, &hub, (int)i);
        }
    }
    tp_hub_rollback(&world->hub);
    return is_good;
}

bool sim_check_hub(sim_world *world)
{
    tp_err err;
    return sim_must(world, tp_hub_store_check(world->hub.store, &err), "the hub's store", &err) &&
           sim_check_in_force(world);
}

/* ---- Devices of one agency ---- */

/* Where something about a person is not understood, what one device wrote stays on it alone. */
static bool check_pair(sim_world *world, unsigned a, unsigned b)
{
    bool accepted[SIM_EVENTS_MAX];
    const sim_node *first = &world->nodes[a];
    const sim_look hub = {&world->oracle, accepted, NULL, NULL};
    sim_oracle_accepted(&world->oracle, accepted);
    for (unsigned i = 0; i < world->oracle.count; i++) {
        if (first->held[i] != world->nodes[b].held[i] && !sim_is_adrift(world, &hub, a, (int)i) &&
            !sim_is_adrift(world, &hub, b, (int)i) &&
            !sim_is_event_stopped(&hub, first->agency, (int)i, false)) {
            return sim_fail(world, "convergence",
                            "devices %u and %u of one agency: one of them holds %s", a, b,
                            act_of(world, (int)i));
        }
    }
    return true;
}

bool sim_check_pairs(sim_world *world)
{
    bool is_good = true;
    for (unsigned a = 0; a < world->script->devices; a++) {
        for (unsigned b = a + 1; is_good && b < world->script->devices; b++) {
            const sim_node *first = &world->nodes[a];
            const sim_node *second = &world->nodes[b];
            bool is_pair = first->agency == second->agency && sim_is_heard(first) &&
                           sim_is_heard(second) && !first->is_kiosk && !second->is_kiosk;
            is_good = !is_pair || check_pair(world, a, b);
        }
    }
    return is_good;
}
