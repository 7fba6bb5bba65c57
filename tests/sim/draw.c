/* Chance, with a thumb on the scale: few persons and few records, so that much is about the
 * same. */
#include "tests/sim/draw.h"

#include "platform/base/limits.h"
#include "tests/sim/harm.h"
#include "tests/sim/newer.h"

enum { MS_A_MINUTE = 60000, MS_A_DAY = 86400000 };

static bool one_in(tp_rng *rng, unsigned n)
{
    return tp_rng_below(rng, n) == 0;
}

/* Three in four syncs are cut small. */
static void draw_seams(tp_rng *rng, sim_seams *seams)
{
    sim_seams_whole(seams);
    if (one_in(rng, 4)) {
        return;
    }
    seams->push_changes = 1 + (uint32_t)tp_rng_below(rng, 5);
    seams->push_eras = 1 + (uint32_t)tp_rng_below(rng, 3);
    seams->page_items = 1 + (uint32_t)tp_rng_below(rng, 5);
    seams->give_backs = 1 + (uint32_t)tp_rng_below(rng, 3);
    seams->push_bytes = 100 + tp_rng_below(rng, 1500);
    seams->page_bytes = 100 + tp_rng_below(rng, 1500);
}

static unsigned between(tp_rng *rng, unsigned low, unsigned high)
{
    return low + (unsigned)tp_rng_below(rng, high - low + 1);
}

/* Most weeks are of few devices, since what goes wrong goes wrong between two or three; a few are
 * of as many as there may be. */
static void draw_size(tp_rng *rng, sim_script *script)
{
    unsigned of_hundred = (unsigned)tp_rng_below(rng, 100);
    if (of_hundred < 88) {
        script->devices = between(rng, 2, one_in(rng, 3) ? 8 : 5);
        script->agencies = one_in(rng, 6) ? between(rng, 2, 5) : 3;
        script->wanted = between(rng, 30, 200);
    } else if (of_hundred < 99) {
        script->devices = between(rng, 10, 20);
        script->agencies = between(rng, 3, 6);
        script->wanted = between(rng, 60, 240);
    } else {
        script->devices = between(rng, 30, SIM_DEVICES_MAX);
        script->agencies = between(rng, 4, SIM_AGENCIES_MAX);
        script->wanted = between(rng, 150, SIM_ACTIONS_MAX);
    }
}

void sim_draw_devices(tp_rng *rng, sim_script *script)
{
    draw_seams(rng, &script->seams);
    draw_size(rng, script);
    for (unsigned d = 0; d < script->devices; d++) {
        script->agency_of[d] = d < 2 ? d : (unsigned)tp_rng_below(rng, script->agencies);
        script->is_kiosk[d] = d >= 2 && one_in(rng, 5);
        script->is_late[d] = d >= 1 && one_in(rng, 4);
        /* A crystal is wrong by some millionths. */
        script->drift[d] = SIM_DRIFT_NONE;
        if (one_in(rng, 4)) {
            script->drift[d] += (uint32_t)tp_rng_below(rng, 101) - 50;
        }
    }
    /* In some weeks there is a machine or two more for copies of the others' data. */
    for (unsigned copies = one_in(rng, 4) ? between(rng, 1, 2) : 0;
         copies > 0 && script->devices < SIM_DEVICES_MAX; copies--) {
        script->drift[script->devices] = SIM_DRIFT_NONE;
        script->is_copy[script->devices++] = true;
    }
}

/* ---- What there is to choose from ---- */

typedef struct choice {
    const sim_world *world;
    const bool *held;
    unsigned count;
    int found[SIM_EVENTS_MAX];
} choice;

static void add(choice *c, int event)
{
    c->found[c->count++] = event;
}

static bool is_record(const choice *c, unsigned event)
{
    return c->world->oracle.events[event].record == (int)event && c->held[event];
}

static int draw_from(tp_rng *rng, const choice *c)
{
    return c->count == 0 ? -1 : c->found[tp_rng_below(rng, c->count)];
}

/* Somebody else has it as well, and may be writing about it too. */
static bool is_shared(const sim_world *world, unsigned device, int event)
{
    for (unsigned d = 0; d < world->script->devices; d++) {
        if (d != device && event >= 0 && world->nodes[d].held[event]) {
            return true;
        }
    }
    return false;
}

/* The action that made a held record of one of these entities (bits); -1: there is none.  Rather
 * one that others have too. */
static int draw_record(tp_rng *rng, const sim_world *world, unsigned device, uint32_t entities)
{
    choice c = {.world = world, .held = world->nodes[device].held};
    for (unsigned i = 0; i < world->oracle.count; i++) {
        if (is_record(&c, i) && (entities & UINT32_C(1) << world->oracle.events[i].entity) != 0) {
            add(&c, (int)i);
        }
    }
    int event = draw_from(rng, &c);
    for (unsigned tries = 0; tries < 3 && !is_shared(world, device, event); tries++) {
        event = draw_from(rng, &c);
    }
    return event < 0 ? -1 : (int)world->oracle.events[event].action;
}

/* A held record about nobody known yet. */
static int draw_personless(tp_rng *rng, const sim_world *world, unsigned device)
{
    choice c = {.world = world, .held = world->nodes[device].held};
    for (unsigned i = 0; i < world->oracle.count; i++) {
        if (is_record(&c, i) && world->oracle.events[i].person < 0) {
            add(&c, (int)i);
        }
    }
    int event = draw_from(rng, &c);
    return event < 0 ? -1 : (int)world->oracle.events[event].action;
}

#define ENTITY(code) (UINT32_C(1) << (code))
#define UPDATED                                                                                    \
    (ENTITY(TP_PERSON) | ENTITY(TP_CONTACT) | ENTITY(TP_NEED) | ENTITY(TP_HELP_REQUEST) |          \
     ENTITY(TP_ACTION))

/* ---- Values ---- */

/* Mostly one kind; three of the sensitive ones and a few others are enough. */
static uint32_t draw_kinds(tp_rng *rng)
{
    static const tp_kind kinds[] = {TP_KIND_HOUSING,        TP_KIND_MENTAL_HEALTH,
                                    TP_KIND_DOMESTIC_ABUSE, TP_KIND_SAFEGUARDING,
                                    TP_KIND_GENERAL,        TP_KIND_MONEY};
    uint32_t mask = TP_KIND_BIT(kinds[tp_rng_below(rng, 6)]);
    if (one_in(rng, 40)) {
        return mask | SIM_NEWER_KIND;
    }
    return one_in(rng, 3) ? mask | TP_KIND_BIT(kinds[tp_rng_below(rng, 6)]) : mask;
}

static uint32_t draw_text_field(tp_rng *rng, uint32_t entity)
{
    static const uint32_t fields[][3] = {
        {TP_PERSON, TP_PERSON_PREFERRED_NAME, TP_PERSON_PHONE},
        {TP_PERSON, TP_PERSON_SAFETY_NOTE, TP_PERSON_PLACE},
        {TP_CONTACT, TP_CONTACT_NOTE, TP_CONTACT_PLACE},
        {TP_NEED, TP_NEED_OWN_VIEW, TP_NEED_SUPPORT_FROM},
        {TP_HELP_REQUEST, TP_REQUEST_ANSWER, TP_REQUEST_CALLBACK},
        {TP_ACTION, TP_ACTION_DONE_NOTE, TP_ACTION_WHAT},
    };
    unsigned row = 0;
    while (fields[row][0] != entity) {
        row++;
    }
    row += entity == TP_PERSON ? (unsigned)tp_rng_below(rng, 2) : 0;
    return fields[row][1 + tp_rng_below(rng, 2)];
}

/* Weeks in which cards are kept and put back; in which the hub is. */
static bool has_images(const sim_script *script)
{
    return script->seed % 4 == 3;
}

/* Not where words of a newer program stop what is new: the oracle knows no more than the hub of
 * what was granted before it fell. */
static bool has_falls(const sim_script *script)
{
    return (script->seed % 4 == 1 || script->seed % 8 == 3) &&
           !script->is_copy[script->devices - 1];
}

/* What this program cannot read it cannot write again under a new id: it asks for the newer one. */
static bool has_forks(const sim_script *script)
{
    return script->is_copy[script->devices - 1] || has_images(script);
}

/* Now and then in one week of four, since whoever it is about stands still from then on. */
static bool draw_newer(tp_rng *rng, const sim_world *world)
{
    return world->script->seed % 4 == 0 && !has_forks(world->script) && one_in(rng, 8);
}

/* At least one of those that take part. */
static uint32_t draw_agencies(tp_rng *rng, const sim_world *world)
{
    return 1 + (uint32_t)tp_rng_below(rng, (UINT32_C(1) << world->script->agencies) - 1);
}

static void draw_terms(tp_rng *rng, const sim_world *world, sim_action *a)
{
    static const sim_decision decisions[] = {SIM_GIVEN,      SIM_GIVEN,      SIM_GIVEN,
                                             SIM_TAKEN_AWAY, SIM_TAKEN_AWAY, SIM_REFUSED};
    sim_terms *t = &a->terms;
    bool is_giving = false;
    t->decision = decisions[tp_rng_below(rng, 6)];
    is_giving = t->decision == SIM_GIVEN;
    t->is_newer = t->decision == SIM_TAKEN_AWAY && draw_newer(rng, world);
    t->agencies = one_in(rng, is_giving ? 4 : 3) ? SIM_ALL : draw_agencies(rng, world);
    t->kinds = !is_giving && one_in(rng, 2) ? SIM_ALL
                                            : (draw_kinds(rng) | draw_kinds(rng)) & TP_KINDS_KNOWN;
    if (is_giving && one_in(rng, 3)) {
        t->kinds = TP_KINDS_KNOWN;
    }
    t->purposes = !is_giving && one_in(rng, 2) ? SIM_ALL : 1 + (uint32_t)tp_rng_below(rng, 7);
    t->has_capacity = !one_in(rng, 10);
    a->days = is_giving && one_in(rng, 3) ? 1 + (unsigned)tp_rng_below(rng, 5) : 0;
}

/* How wrong a wall clock is: mostly right, a little off, or years; where a machine without a
 * battery begins (2023), or where 32 bits end (2038), to the second. */
static int64_t draw_wall(tp_rng *rng, const sim_world *world)
{
    static const int64_t image_ms = INT64_C(1672531200000);
    static const int64_t last_ms = INT64_C(2147483647000);
    switch (tp_rng_below(rng, 8)) {
    case 0:
        return -(int64_t)tp_rng_below(rng, 3 * 365) * MS_A_DAY;
    case 1:
        return (int64_t)tp_rng_below(rng, 14 * 365) * MS_A_DAY;
    case 2:
        return ((int64_t)tp_rng_below(rng, 7200) - 3600) * 1000;
    case 3:
        return image_ms - world->now_ms;
    case 4:
        return last_ms - (int64_t)tp_rng_below(rng, 600000) - world->now_ms;
    default:
        return (int64_t)tp_rng_below(rng, 100000) - 50000;
    }
}

/* ---- What an action is about ---- */

static void draw_nothing(tp_rng *rng, const sim_world *world, sim_action *a)
{
    (void)rng;
    (void)world;
    (void)a;
}

static void draw_creation(tp_rng *rng, const sim_world *world, sim_action *a)
{
    bool may_be_personless = a->act == SIM_ACT_REQUEST || a->act == SIM_ACT_ACTION;
    if (a->act != SIM_ACT_PERSON && !world->nodes[a->device].is_kiosk &&
        !(may_be_personless && one_in(rng, 3))) {
        a->on = draw_record(rng, world, a->device, ENTITY(TP_PERSON));
    }
    if (a->on < 0 && !may_be_personless) {
        a->act = SIM_ACT_PERSON;
    }
    if (a->act == SIM_ACT_NEED) {
        a->key = (uint32_t)tp_rng_below(rng, TP_KIND_COUNT);
    } else if (a->act == SIM_ACT_CONTACT && one_in(rng, 2)) {
        a->key = draw_kinds(rng);
    }
    if (a->act == SIM_ACT_CONTACT && one_in(rng, 10) && !has_forks(world->script)) {
        a->code = SIM_NEWER_ENTITY;
    }
}

static void draw_update(tp_rng *rng, const sim_world *world, sim_action *a, uint32_t entities)
{
    a->on = draw_record(rng, world, a->device, entities);
    a->envelope = one_in(rng, 25) ? draw_kinds(rng) & TP_KINDS_KNOWN : 0;
    a->key = (uint32_t)tp_rng_below(rng, 4);
}

static void draw_correction(tp_rng *rng, const sim_world *world, sim_action *a)
{
    draw_update(rng, world, a, UPDATED | ENTITY(SIM_NEWER_ENTITY));
    if (a->on >= 0) {
        uint32_t entity = world->oracle.events[world->made[a->on]].entity;
        bool is_newer = entity == SIM_NEWER_ENTITY ||
                        (entity == TP_CONTACT && !has_forks(world->script) && one_in(rng, 5));
        a->code = is_newer ? SIM_NEWER_FIELD : draw_text_field(rng, entity);
        a->key = (uint32_t)tp_rng_below(rng, 6);
    }
}

/* A reason, or nothing. */
static void draw_retraction(tp_rng *rng, const sim_world *world, sim_action *a)
{
    draw_update(rng, world, a, UPDATED);
}

static void draw_status(tp_rng *rng, const sim_world *world, sim_action *a)
{
    draw_update(rng, world, a, ENTITY(TP_HELP_REQUEST) | ENTITY(TP_ACTION));
}

static void draw_holder(tp_rng *rng, const sim_world *world, sim_action *a)
{
    draw_status(rng, world, a);
    a->agency = one_in(rng, 2) ? world->nodes[a->device].agency
                               : (unsigned)tp_rng_below(rng, world->script->agencies);
}

static void draw_info(tp_rng *rng, const sim_world *world, sim_action *a)
{
    draw_update(rng, world, a, UPDATED);
    a->key = one_in(rng, 4) ? 0 : draw_kinds(rng);
}

static void draw_need_kind(tp_rng *rng, const sim_world *world, sim_action *a)
{
    draw_update(rng, world, a, ENTITY(TP_NEED));
    a->key = (uint32_t)tp_rng_below(rng, TP_KIND_COUNT);
}

static void draw_filling(tp_rng *rng, const sim_world *world, sim_action *a)
{
    a->on = draw_personless(rng, world, a->device);
    a->other = draw_record(rng, world, a->device, ENTITY(TP_PERSON));
}

static void draw_consent(tp_rng *rng, const sim_world *world, sim_action *a)
{
    a->on = draw_record(rng, world, a->device, ENTITY(TP_PERSON));
    draw_terms(rng, world, a);
}

static void draw_gateway(tp_rng *rng, const sim_world *world, sim_action *a)
{
    a->on = draw_record(rng, world, a->device, ENTITY(TP_PERSON));
    a->terms.agencies = draw_agencies(rng, world);
    a->terms.kinds =
        one_in(rng, 2) ? TP_KINDS_KNOWN : (draw_kinds(rng) | draw_kinds(rng)) & TP_KINDS_KNOWN;
    a->days = 1 + (unsigned)tp_rng_below(rng, 5);
}

static void draw_join(tp_rng *rng, const sim_world *world, sim_action *a)
{
    a->on = draw_record(rng, world, a->device, ENTITY(TP_PERSON));
    a->other = draw_record(rng, world, a->device, ENTITY(TP_PERSON));
}

static void draw_unjoin(tp_rng *rng, const sim_world *world, sim_action *a)
{
    a->other = draw_record(rng, world, a->device, ENTITY(TP_JOIN));
    a->key = (uint32_t)tp_rng_below(rng, 2);
}

static void draw_agency(tp_rng *rng, const sim_world *world, sim_action *a)
{
    (void)world;
    a->agency = (unsigned)tp_rng_below(rng, world->script->agencies);
}

/* Onto a machine that nobody uses yet. */
static void draw_copy(tp_rng *rng, const sim_world *world, sim_action *a)
{
    (void)rng;
    for (unsigned d = 0; d < world->script->devices; d++) {
        if (world->script->is_copy[d] && world->nodes[d].store == NULL) {
            a->to = d;
            return;
        }
    }
    a->act = SIM_ACT_REOPEN;
}

static void draw_revoking(tp_rng *rng, const sim_world *world, sim_action *a)
{
    (void)world;
    a->act = one_in(rng, 2) ? SIM_ACT_REVOKE : SIM_ACT_REOPEN;
}

/* Whoever was one person with somebody when consent was asked: of what is said there something may
 * have to stay. */
static int draw_joined(tp_rng *rng, const sim_world *world)
{
    choice c = {.world = world};
    for (unsigned i = 0; i < world->oracle.count; i++) {
        const sim_event *e = &world->oracle.events[i];
        if (e->entity == TP_CONSENT && e->names_count > 0 && e->stamp.number != 0) {
            add(&c, e->person);
        }
    }
    return draw_from(rng, &c);
}

/* A record that the hub has, of those that decide nothing; now and then a person, mostly with
 * everything, and also one who was erased before. */
static void draw_erasing(tp_rng *rng, const sim_world *world, sim_action *a)
{
    choice c = {.world = world};
    const bool is_person = one_in(rng, 2);
    const int joined = draw_joined(rng, world);
    a->act = has_falls(world->script) ? SIM_ACT_REOPEN : a->act;
    a->is_all = is_person && !one_in(rng, 4);
    for (unsigned i = 0; i < world->oracle.count; i++) {
        const sim_event *e = &world->oracle.events[i];
        if (e->record == (int)i && e->stamp.number != 0 && (e->entity == TP_PERSON) == is_person &&
            (UPDATED & UINT32_C(1) << e->entity) != 0) {
            add(&c, (int)i);
        }
    }
    const bool is_joined = a->is_all && joined >= 0 && !one_in(rng, 3);
    int event = is_joined ? joined : draw_from(rng, &c);
    a->on = event < 0 ? -1 : (int)world->oracle.events[event].action;
}

/* Half of them where there is something to harm.  What a hub that fell has is another question:
 * such weeks are of their own. */
static void draw_flip(tp_rng *rng, const sim_world *world, sim_action *a)
{
    a->act = has_falls(world->script) ? SIM_ACT_REOPEN : a->act;
    a->harm = one_in(rng, 2) ? HARM_NEAR_CHANGE : one_in(rng, 3) ? HARM_SECTOR : HARM_BIT;
    a->key = (uint32_t)tp_rng_below(rng, UINT32_MAX);
}

static void draw_wait(tp_rng *rng, const sim_world *world, sim_action *a)
{
    static const unsigned minutes_max[] = {3 * 24 * 60, 600, 30, 30};
    (void)world;
    a->ms = (int64_t)(1 + tp_rng_below(rng, minutes_max[tp_rng_below(rng, 4)])) * MS_A_MINUTE;
}

/* A restart, or somebody sets the clock. */
static void draw_clock(tp_rng *rng, const sim_world *world, sim_action *a)
{
    a->key = (uint32_t)tp_rng_below(rng, 100);
    a->ms = draw_wall(rng, world);
}

static void draw_sync(tp_rng *rng, const sim_world *world, sim_action *a)
{
    sim_sync *sync = &a->sync;
    sync->fate = tp_rng_below(rng, 5) < 2 ? (sim_fate)tp_rng_below(rng, SIM_FATE_COUNT) : SIM_WHOLE;
    sync->at = (unsigned)tp_rng_below(rng, sync->fate == SIM_STANDS_STILL ? 20 : 4);
    sync->until = sync->fate == SIM_LATE || sync->fate == SIM_TWICE_LATE
                      ? (unsigned)tp_rng_below(rng, 16)
                      : 0;
    sync->is_eager = one_in(rng, 2);
    draw_seams(rng, &sync->seams);
    if (has_falls(world->script)) {
        /* A program's limits do not shrink: what was one push once is one again, and shows by its
         * receipt which stamps it had. */
        sync->seams.push_changes = world->script->seams.push_changes;
        sync->seams.push_bytes = world->script->seams.push_bytes;
    }
}

/* ---- Earlier states ---- */

/* In other weeks it is a sync. */
static void draw_image(tp_rng *rng, const sim_world *world, sim_action *a)
{
    if (!has_images(world->script)) {
        a->act = SIM_ACT_SYNC;
        draw_sync(rng, world, a);
    }
}

static void draw_going_back(tp_rng *rng, const sim_world *world, sim_action *a)
{
    if (!has_falls(world->script)) {
        a->act = SIM_ACT_SYNC;
        draw_sync(rng, world, a);
        return;
    }
    if (a->act == SIM_ACT_BACKUP) {
        a->key = (uint32_t)tp_rng_below(rng, 2);
    } else if (a->act == SIM_ACT_GO_BACK) {
        a->key = one_in(rng, 8) ? SIM_MADE_ANEW : one_in(rng, 2) ? SIM_UNNOTICED : SIM_RESTORED;
    } else if (!world->back.is_frozen && !one_in(rng, 10)) {
        a->act = SIM_ACT_BACKUP;
    }
}

/* ---- The next action ---- */

static const struct {
    unsigned weight;
    void (*draw)(tp_rng *rng, const sim_world *world, sim_action *a);
} acts[SIM_ACT_COUNT] = {
    [SIM_ACT_PERSON] = {4, draw_creation},
    [SIM_ACT_CONTACT] = {8, draw_creation},
    [SIM_ACT_NEED] = {4, draw_creation},
    [SIM_ACT_REQUEST] = {6, draw_creation},
    [SIM_ACT_ACTION] = {3, draw_creation},
    [SIM_ACT_CORRECT] = {14, draw_correction},
    [SIM_ACT_STATUS] = {7, draw_status},
    [SIM_ACT_HOLDER] = {8, draw_holder},
    [SIM_ACT_INFO] = {6, draw_info},
    [SIM_ACT_NEED_KIND] = {2, draw_need_kind},
    [SIM_ACT_RETRACT] = {4, draw_retraction},
    [SIM_ACT_BRING_BACK] = {3, draw_retraction},
    [SIM_ACT_FILL_PERSON] = {4, draw_filling},
    [SIM_ACT_CONSENT] = {16, draw_consent},
    [SIM_ACT_GATEWAY] = {3, draw_gateway},
    [SIM_ACT_JOIN] = {6, draw_join},
    [SIM_ACT_UNJOIN] = {6, draw_unjoin},
    [SIM_ACT_SIGN] = {3, draw_agency},
    [SIM_ACT_END] = {1, draw_agency},
    [SIM_ACT_WAIT] = {7, draw_wait},
    [SIM_ACT_RESTART] = {3, draw_clock},
    [SIM_ACT_JUMP] = {2, draw_clock},
    [SIM_ACT_ENROL] = {2, draw_nothing},
    [SIM_ACT_REOPEN] = {1, draw_nothing},
    [SIM_ACT_REBUILD] = {1, draw_nothing},
    [SIM_ACT_SYNC] = {26, draw_sync},
    [SIM_ACT_HUB] = {1, draw_nothing},
    [SIM_ACT_REVOKE] = {1, draw_revoking},
    [SIM_ACT_COPY] = {2, draw_copy},
    [SIM_ACT_IMAGE] = {2, draw_image},
    [SIM_ACT_PUT_BACK] = {3, draw_image},
    [SIM_ACT_BACKUP] = {2, draw_going_back},
    [SIM_ACT_GO_BACK] = {3, draw_going_back},
    [SIM_ACT_BACK_BEGIN] = {1, draw_going_back},
    [SIM_ACT_BACK_WITHOUT] = {1, draw_going_back},
    [SIM_ACT_BACK_END] = {1, draw_going_back},
    [SIM_ACT_FLIP] = {1, draw_flip},
    [SIM_ACT_ERASE] = {2, draw_erasing},
};

static sim_act draw_act(tp_rng *rng)
{
    unsigned all = 0;
    for (unsigned i = 0; i < SIM_ACT_COUNT; i++) {
        all += acts[i].weight;
    }
    unsigned at = (unsigned)tp_rng_below(rng, all);
    unsigned i = 0;
    while (at >= acts[i].weight) {
        at -= acts[i++].weight;
    }
    return (sim_act)i;
}

/* Now and then the disk fails in the middle of it: of the device, or in a sync of the hub. */
static void draw_fault(tp_rng *rng, sim_action *a)
{
    enum { POINTS_OF_A_WRITE = 12, POINTS_OF_A_SYNC = 60, BYTES = 40000 };
    bool is_sync = a->act == SIM_ACT_SYNC;
    bool may_fail = a->act <= SIM_ACT_UNJOIN || is_sync || a->act == SIM_ACT_REBUILD ||
                    a->act == SIM_ACT_REOPEN;
    if (!may_fail || !one_in(rng, is_sync ? 6 : 20)) {
        return;
    }
    bool is_full = one_in(rng, 4);
    a->fault.kind = is_full ? SIM_FULL : SIM_CUT;
    a->fault.is_at_hub = is_sync && one_in(rng, 2);
    a->fault.point =
        is_full ? (uint32_t)tp_rng_below(rng, BYTES)
                : 1 + (uint32_t)tp_rng_below(rng, is_sync ? POINTS_OF_A_SYNC : POINTS_OF_A_WRITE);
    a->fault.left = is_full ? 0 : (uint32_t)tp_rng_below(rng, DISK_SECTORS + 1);
}

void sim_draw_action(tp_rng *rng, const sim_world *world, unsigned number, sim_action *a)
{
    memset(a, 0, sizeof *a);
    a->number = number;
    a->act = draw_act(rng);
    a->device = (unsigned)tp_rng_below(rng, world->script->devices);
    if (world->nodes[a->device].store == NULL) {
        a->device = 0;
    }
    a->on = -1;
    a->other = -1;
    /* A week begins with agreements, or nothing much happens in it. */
    if (number < world->script->agencies && !one_in(rng, 4)) {
        a->act = SIM_ACT_SIGN;
        a->agency = number;
        return;
    }
    acts[a->act].draw(rng, world, a);
    draw_fault(rng, a);
}
