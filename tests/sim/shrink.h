/* Makes a script that fails smaller, as long as it fails in the same way. */
#ifndef TP_TESTS_SIM_SHRINK_H
#define TP_TESTS_SIM_SHRINK_H

#include "tests/sim/play.h"

/* What is said of a script that ends the program, or never ends. */
extern const char sim_dies[];
extern const char sim_hangs[];

/* Plays it in a process of its own, so that one that dies or hangs says so as well. */
bool sim_try(const sim_script *script, const sim_stock *stock, sim_trouble *trouble);
/* *trouble: how it fails; of the smaller script after. */
void sim_shrink(sim_script *script, const sim_stock *stock, unsigned seconds, sim_trouble *trouble);

#endif
