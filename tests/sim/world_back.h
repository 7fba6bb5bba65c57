/* What was kept of an earlier state, and is put back: a device's card, the hub. */
#ifndef TP_TESTS_SIM_WORLD_BACK_H
#define TP_TESTS_SIM_WORLD_BACK_H

#include "tests/sim/oracle.h"
#include "tests/support/disk.h"

/* The card of a device as it once was. */
typedef struct sim_image {
    disk *disk;  /* NULL: there is none */
    uint64_t id; /* whose */
    bool ever[SIM_EVENTS_MAX];
    bool written[SIM_EVENTS_MAX];
} sim_image;

#endif
