/* An operator erases a record: its names stay, and nothing that was written. */
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

/* What decides who may hold what goes only with everything about the person: then *may_out is
 * false. */
static tp_rc erase(sim_world *world, tp_name name, bool *may_out, tp_err *err)
{
    tp_hub_erase_plan plan;
    tp_hub_erase_plan_init(&plan);
    tp_rc rc = tp_hub_erase_find(&world->hub, name, false, &plan, err);
    *may_out = rc == TP_OK;
    if (rc == TP_OK) {
        rc = tp_hub_erase(&world->hub, &plan, "Olu", "asked for", err);
    }
    tp_hub_erase_plan_done(&plan);
    return rc == TP_DENIED ? TP_OK : rc;
}

bool sim_erase(sim_world *world, const sim_action *a)
{
    sim_oracle *o = &world->oracle;
    const int record = a->on < 0 ? -1 : world->made[a->on];
    bool may = false;
    tp_err err;
    if (record < 0 || o->events[record].stamp.number == 0 || o->erased[record] ||
        !sim_hub_begin(world) ||
        !sim_hub_commit(world, erase(world, o->events[record].name, &may, &err), "erasing", &err)) {
        return world->trouble.check == NULL;
    }
    o->erased[record] = may;
    world->totals.erased += may;
    world->totals.actions += may;
    return !may || sim_must(world, finish(world, &err), "taking away what was erased", &err);
}
