/* Plays a range of seeds on several processes. */
#ifndef TP_TESTS_SIM_JOBS_H
#define TP_TESTS_SIM_JOBS_H

#include "tests/sim/play.h"

typedef struct sim_range {
    uint64_t first;
    uint64_t count;
    unsigned jobs;           /* 1..SIM_JOBS_MAX */
    unsigned seconds;        /* no new one after so long; 0: no limit */
    unsigned shrink_seconds; /* for one that fails; 0: left as it is */
    const char *failed;      /* the directory for scripts of those that fail */
    bool is_quiet;           /* no progress */
    bool stops;              /* after the first that fails */
} sim_range;

enum { SIM_JOBS_MAX = 64 };

/* Plays them, prints what fails and one line in the end.  True where nothing failed.  SIGINT and
 * SIGTERM end it after the weeks that are being played: what the line then says was played is all
 * from the first on, so that another run can go on behind it. */
bool sim_run_range(const sim_range *range, const sim_stock *stock);

#endif
