/* Plays a script from its first action to the end of its last sync, in a world of its own. */
#ifndef TP_TESTS_SIM_PLAY_H
#define TP_TESTS_SIM_PLAY_H

#include "tests/sim/world.h"

#include <sys/types.h>

typedef struct sim_played {
    uint64_t seed;
    sim_trouble trouble; /* check NULL: all is well */
    sim_totals totals;
} sim_played;

/* Who takes part and how long it will be; no actions yet. */
void sim_begin(sim_script *script, uint64_t seed);
/* Draws a script on the way.  What it had drawn when something failed, or the program died, stands
 * in *script. */
bool sim_draw_and_play(sim_script *script, const sim_stock *stock, sim_played *played);
/* Plays one that is there. */
bool sim_play(const sim_script *script, const sim_stock *stock, sim_played *played);
/* Takes away what a process that died over a script has left: it lies in memory. */
void sim_play_clear(const sim_stock *stock, pid_t dead);

#endif
