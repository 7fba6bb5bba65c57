/* An operator erases a record, or everything about a person: names stay, and nothing that was
 * written. */
#include "tests/sim/world.h"

#include "sync/hub/erase.h"
#include "sync/hub/erase_list.h"

/* As the command does: also out of the file, and noted beside it. */
static tp_rc finish(sim_world *world, tp_err *err)
{
    bool is_gone = false;
    tp_rc rc = tp_hub_store_scrub(world->hub.store, &is_gone, err);
    return rc == TP_OK ? tp_hub_erase_list_settle(&world->hub, err) : rc;
}

/* What decides who may hold what goes only with everything about the person, and what protects
 * somebody who stays not even then: where nothing goes, *may_out is false. */
static tp_rc erase(sim_world *world, tp_name name, bool has_everything, bool *may_out, tp_err *err)
{
    tp_hub_erase_plan plan;
    tp_hub_erase_plan_init(&plan);
    tp_rc rc = tp_hub_erase_find(&world->hub, name, has_everything, &plan, err);
    *may_out = rc == TP_OK;
    if (rc == TP_OK) {
        rc = tp_hub_erase(&world->hub, &plan, "Olu", "asked for", err);
    }
    tp_hub_erase_plan_done(&plan);
    return rc == TP_DENIED || (rc == TP_NOTFOUND && has_everything) ? TP_OK : rc;
}

/* Which records go.  False: none. */
static bool find_going(const sim_world *world, int record, bool has_everything,
                       bool going[SIM_EVENTS_MAX])
{
    const sim_oracle *o = &world->oracle;
    bool accepted[SIM_EVENTS_MAX];
    const sim_look hub = {o, accepted, NULL, NULL};
    bool is_any = false;
    sim_oracle_accepted(o, accepted);
    memset(going, 0, SIM_EVENTS_MAX * sizeof going[0]);
    going[record] = true;
    if (has_everything) {
        sim_everything(&hub, record, going);
    }
    for (unsigned i = 0; i < o->count; i++) {
        is_any = is_any || (going[i] && accepted[i]);
    }
    return is_any;
}

bool sim_erase(sim_world *world, const sim_action *a)
{
    static bool going[SIM_EVENTS_MAX];
    sim_oracle *o = &world->oracle;
    const int record = a->on < 0 ? -1 : world->made[a->on];
    const bool is_person = record >= 0 && o->events[record].entity == TP_PERSON;
    bool may = false;
    tp_err err;
    if (record < 0 || o->events[record].stamp.number == 0 || (a->is_all && !is_person) ||
        (!a->is_all && o->erased[record])) {
        return true;
    }
    const bool is_any = find_going(world, record, a->is_all, going);
    if (!sim_hub_begin(world) ||
        !sim_hub_commit(world, erase(world, o->events[record].name, a->is_all, &may, &err),
                        "erasing", &err)) {
        return world->trouble.check == NULL;
    }
    if (a->is_all && may != is_any) {
        return sim_fail(world, "erased is erased", "everything about the person of action %d: %s",
                        a->on, may ? "something goes, and nothing is there" : "nothing goes");
    }
    for (unsigned i = 0; may && i < o->count; i++) {
        o->erased[i] = o->erased[i] || going[i];
    }
    world->totals.erased += may;
    world->totals.actions += may;
    return !may || (sim_must(world, finish(world, &err), "taking away what was erased", &err) &&
                    sim_hub_look_whole(world));
}
