/* The actions of a script, one by one. */
#include "tests/sim/world.h"

#include "tests/sim/newer.h"

enum { MS_A_DAY = 86400000, MS_AN_HOUR = 3600000 };
/* 2026-03-30: the first day in London that begins at 23:00 UTC the day before. */
enum { SUMMER_DAY = 20542 };

/* The first moment after the last of `days` days in London. */
static int64_t end_of_day(int64_t now_ms, unsigned days)
{
    int64_t next = now_ms / MS_A_DAY + (int64_t)days + 1;
    return days == 0 ? 0 : next * MS_A_DAY - (next >= SUMMER_DAY ? MS_AN_HOUR : 0);
}

static int made_by(const sim_world *world, int action)
{
    return action < 0 ? -1 : world->made[action];
}

static bool holds(const sim_world *world, unsigned device, int event)
{
    return event >= 0 && world->nodes[device].held[event];
}

static void begin_event(sim_event *e, const sim_action *a, uint32_t entity)
{
    memset(e, 0, sizeof *e);
    e->action = a->number;
    e->entity = entity;
    e->record = -1;
    e->person = -1;
    e->envelope = a->envelope;
    e->terms = a->terms;
}

static void set(sim_event *e, uint32_t code, sim_value value)
{
    sim_field *field = &e->fields[e->fields_count++];
    memset(field, 0, sizeof *field);
    field->code = code;
    field->has_value = true;
    field->value = value;
}

static sim_value number(uint32_t key)
{
    return (sim_value){false, key, 0, key >> 1};
}

static bool write(sim_world *world, const sim_action *a, sim_event *e)
{
    int at = -1;
    if (world->oracle.count == SIM_EVENTS_MAX) {
        return true;
    }
    if (!sim_write(world, a->device, e, &at)) {
        return false;
    }
    world->made[a->number] = at;
    world->totals.actions += at >= 0;
    world->totals.changes += at >= 0;
    return true;
}

/* ---- New records ---- */

static const struct {
    sim_act act;
    uint32_t entity;
    uint32_t text; /* the field that has words; 0: none */
    uint32_t status;
    uint32_t holder;
} creations[] = {
    {SIM_ACT_PERSON, TP_PERSON, TP_PERSON_PREFERRED_NAME, 0, 0},
    {SIM_ACT_CONTACT, TP_CONTACT, TP_CONTACT_NOTE, 0, 0},
    {SIM_ACT_NEED, TP_NEED, TP_NEED_OWN_VIEW, 0, 0},
    {SIM_ACT_REQUEST, TP_HELP_REQUEST, TP_REQUEST_WORDS, TP_REQUEST_STATUS, TP_REQUEST_HOLDER},
    {SIM_ACT_ACTION, TP_ACTION, TP_ACTION_WHAT, TP_ACTION_STATUS, TP_ACTION_OWNER},
};

static bool create(sim_world *world, const sim_action *a)
{
    static sim_event e;
    const sim_node *node = &world->nodes[a->device];
    const unsigned at = (unsigned)a->act;
    int person = made_by(world, a->on);
    if ((a->on >= 0 && !holds(world, a->device, person)) ||
        (node->is_kiosk && a->act != SIM_ACT_REQUEST)) {
        return true;
    }
    bool is_newer = a->code == SIM_NEWER_ENTITY;
    begin_event(&e, a, is_newer ? SIM_NEWER_ENTITY : creations[at].entity);
    e.person = person;
    if (is_newer) {
        set(&e, SIM_NEWER_FIELD, number(a->number << 1));
        return write(world, a, &e);
    }
    if (a->act == SIM_ACT_NEED) {
        set(&e, TP_NEED_KIND, number(a->key));
    } else if (a->act != SIM_ACT_REQUEST && a->act != SIM_ACT_ACTION && a->key != 0) {
        set(&e, TP_FIELD_INFO, number(a->key));
    }
    set(&e, creations[at].text, number(a->number));
    if (creations[at].status != 0) {
        set(&e, creations[at].status, number(node->is_kiosk ? SIM_OPEN : SIM_HELD));
        if (!node->is_kiosk) {
            set(&e, creations[at].holder, (sim_value){false, a->number, node->agency, 0});
        }
    }
    return write(world, a, &e);
}

/* ---- Updates ---- */

static bool update(sim_world *world, const sim_action *a, uint32_t code, sim_value value)
{
    static sim_event e;
    int record = made_by(world, a->on);
    if (!holds(world, a->device, record) || world->nodes[a->device].is_kiosk) {
        return true;
    }
    begin_event(&e, a, world->oracle.events[record].entity);
    e.record = record;
    e.person = world->oracle.events[record].person;
    set(&e, code, value);
    return write(world, a, &e);
}

/* The entity of the record it is about; 0: nothing made it. */
static uint32_t entity_of(const sim_world *world, const sim_action *a)
{
    int record = made_by(world, a->on);
    return record < 0 ? 0 : world->oracle.events[record].entity;
}

static bool correct(sim_world *world, const sim_action *a)
{
    return update(world, a, a->code, number(a->key));
}

static bool set_status(sim_world *world, const sim_action *a)
{
    bool is_action = entity_of(world, a) == TP_ACTION;
    return update(world, a, is_action ? TP_ACTION_STATUS : TP_REQUEST_STATUS,
                  number(is_action && a->key > SIM_ANSWERED ? SIM_ANSWERED : a->key));
}

static bool set_holder(sim_world *world, const sim_action *a)
{
    bool is_action = entity_of(world, a) == TP_ACTION;
    return update(world, a, is_action ? TP_ACTION_OWNER : TP_REQUEST_HOLDER,
                  (sim_value){false, a->number, a->agency, 0});
}

static bool set_info(sim_world *world, const sim_action *a)
{
    return update(world, a, TP_FIELD_INFO, (sim_value){a->key == 0, a->key, 0, 0});
}

static bool set_need_kind(sim_world *world, const sim_action *a)
{
    return update(world, a, TP_NEED_KIND, number(a->key));
}

static bool retract(sim_world *world, const sim_action *a)
{
    return update(world, a, TP_FIELD_RETRACTED, number(a->key));
}

static bool bring_back(sim_world *world, const sim_action *a)
{
    return update(world, a, TP_FIELD_RETRACTED, (sim_value){true, 0, 0, 0});
}

static bool fill_person(sim_world *world, const sim_action *a)
{
    const sim_node *node = &world->nodes[a->device];
    const sim_look look = {&world->oracle, node->held, node->stub, node->is_strange};
    int record = made_by(world, a->on);
    int person = made_by(world, a->other);
    if (!holds(world, a->device, record) || !holds(world, a->device, person) ||
        sim_person_of(&look, record) >= 0) {
        return true;
    }
    return update(world, a, TP_FIELD_PERSON, number((uint32_t)person));
}

/* ---- What moves access ---- */

/* The persons of the page, as the device shows them. */
static bool read_group(sim_world *world, unsigned device, int person, sim_event *e)
{
    sim_node *node = &world->nodes[device];
    tp_name names[TP_GROUP_PERSONS_MAX];
    uint32_t count = 0;
    tp_err err;
    tp_tx tx = TP_TX_NONE;
    tp_rc rc = tp_tx_begin(node->store, &tx, TP_TX_READ, &err);
    if (rc == TP_OK) {
        rc = tp_merge_group(node->merge, &tx, sim_name_at(world, device, person), names, &count,
                            &err);
    }
    tp_tx_rollback(&tx);
    for (uint32_t i = 0; rc == TP_OK && count > 1 && i < count; i++) {
        e->names[e->names_count++] = sim_event_of(world, device, names[i]);
    }
    return sim_must(world, rc, "reading a group", &err);
}

static bool is_on_page(const sim_event *e, int person)
{
    for (unsigned i = 0; i < e->names_count; i++) {
        if (e->names[i] == person) {
            return true;
        }
    }
    return e->person == person;
}

/* Leaves out what another event of the page had in sight already: the page names it through that
 * one. */
static void keep_latest(const sim_world *world, sim_event *e)
{
    const sim_event *events = world->oracle.events;
    unsigned kept = 0;
    int all[SIM_NAMES_MAX];
    unsigned count = e->in_sight_count;
    memcpy(all, e->in_sight, count * sizeof all[0]);
    for (unsigned i = 0; i < count; i++) {
        bool is_named = false;
        for (unsigned by = 0; by < count; by++) {
            const sim_event *other = &events[all[by]];
            for (unsigned n = 0; n < other->in_sight_count; n++) {
                is_named = is_named || other->in_sight[n] == all[i];
            }
        }
        if (!is_named) {
            e->in_sight[kept++] = all[i];
        }
    }
    e->in_sight_count = kept;
}

static bool consent(sim_world *world, const sim_action *a)
{
    static sim_event e;
    int person = made_by(world, a->on);
    if (!holds(world, a->device, person)) {
        return true;
    }
    begin_event(&e, a, TP_CONSENT);
    e.person = person;
    e.terms.ends_ms = end_of_day(world->now_ms, a->days);
    if (!read_group(world, a->device, person, &e)) {
        return false;
    }
    for (unsigned i = 0; i < world->oracle.count && e.in_sight_count < SIM_NAMES_MAX; i++) {
        const sim_event *other = &world->oracle.events[i];
        if (other->entity == TP_CONSENT && holds(world, a->device, (int)i) &&
            is_on_page(&e, other->person)) {
            e.in_sight[e.in_sight_count++] = (int)i;
        }
    }
    if ((a->number & 1) != 0) {
        keep_latest(world, &e);
    }
    return write(world, a, &e);
}

static bool gateway(sim_world *world, const sim_action *a)
{
    static sim_event e;
    int person = made_by(world, a->on);
    if (!holds(world, a->device, person)) {
        return true;
    }
    begin_event(&e, a, TP_LEGAL_GATEWAY);
    e.person = person;
    e.envelope = TP_KIND_BIT(TP_KIND_SAFEGUARDING);
    e.terms.ends_ms = end_of_day(world->now_ms, a->days);
    return write(world, a, &e);
}

static bool join(sim_world *world, const sim_action *a)
{
    static sim_event e;
    int person = made_by(world, a->on);
    int other = made_by(world, a->other);
    if (!holds(world, a->device, person) || !holds(world, a->device, other) || person == other) {
        return true;
    }
    begin_event(&e, a, TP_JOIN);
    e.person = person;
    e.names[e.names_count++] = other;
    return write(world, a, &e);
}

/* Of whom it held and gave back the name is there, unless they were erased. */
static bool has_page(const sim_world *world, unsigned device, int person)
{
    return holds(world, device, person) ||
           (world->nodes[device].ever[person] && !world->oracle.erased[person]);
}

static bool unjoin(sim_world *world, const sim_action *a)
{
    static sim_event e;
    int undone = made_by(world, a->other);
    if (!holds(world, a->device, undone)) {
        return true;
    }
    const sim_event *first = &world->oracle.events[undone];
    begin_event(&e, a, TP_UNJOIN);
    const int persons[] = {first->person, first->names[0]};
    e.person = persons[a->key & 1];
    if (!has_page(world, a->device, e.person)) {
        e.person = persons[1 - (a->key & 1)];
    }
    if (!has_page(world, a->device, e.person)) {
        return true;
    }
    for (unsigned i = 0; i < world->oracle.count && e.names_count < SIM_NAMES_MAX; i++) {
        const sim_event *o = &world->oracle.events[i];
        bool is_same = (o->person == first->person && o->names[0] == first->names[0]) ||
                       (o->person == first->names[0] && o->names[0] == first->person);
        if (o->entity == TP_JOIN && is_same && holds(world, a->device, (int)i)) {
            e.names[e.names_count++] = (int)i;
        }
    }
    return write(world, a, &e);
}

static bool sync(sim_world *world, const sim_action *a)
{
    world->totals.actions++;
    return sim_world_sync(world, a->device, &a->sync);
}

bool sim_world_act(sim_world *world, const sim_action *action)
{
    static bool (*const acts[SIM_ACT_COUNT])(sim_world *, const sim_action *) = {
        [SIM_ACT_PERSON] = create,
        [SIM_ACT_CONTACT] = create,
        [SIM_ACT_NEED] = create,
        [SIM_ACT_REQUEST] = create,
        [SIM_ACT_ACTION] = create,
        [SIM_ACT_CORRECT] = correct,
        [SIM_ACT_STATUS] = set_status,
        [SIM_ACT_HOLDER] = set_holder,
        [SIM_ACT_INFO] = set_info,
        [SIM_ACT_NEED_KIND] = set_need_kind,
        [SIM_ACT_RETRACT] = retract,
        [SIM_ACT_BRING_BACK] = bring_back,
        [SIM_ACT_FILL_PERSON] = fill_person,
        [SIM_ACT_CONSENT] = consent,
        [SIM_ACT_GATEWAY] = gateway,
        [SIM_ACT_JOIN] = join,
        [SIM_ACT_UNJOIN] = unjoin,
        [SIM_ACT_SYNC] = sync,
    };
    const unsigned act = (unsigned)action->act;
    bool is_good = true;
    if (world->nodes[action->device].store == NULL) {
        return true; /* a machine that nobody uses yet */
    }
    sim_fault_begin(world, action);
    is_good = acts[act] == NULL ? sim_machine_act(world, action) : acts[act](world, action);
    if (world->trouble.check == NULL && (is_good || world->is_struck)) {
        is_good = sim_fault_end(world, action);
    }
    return is_good && sim_hub_look(world) && sim_node_look(world, action->device);
}
