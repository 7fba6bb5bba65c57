/* Draws a script, one action after another, in sight of what the devices hold by then. */
#ifndef TP_TESTS_SIM_DRAW_H
#define TP_TESTS_SIM_DRAW_H

#include "platform/os/random.h"
#include "tests/sim/world.h"

/* Who takes part. */
void sim_draw_devices(tp_rng *rng, sim_script *script);
/* The next action; `number` its place. */
void sim_draw_action(tp_rng *rng, const sim_world *world, unsigned number, sim_action *action_out);

#endif
