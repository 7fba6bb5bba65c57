/* Where a sync is cut into requests and pages, as variables: sync/session is compiled once more for
 * this test with its limits standing for these (CMakeLists.txt), so that a few changes meet every
 * seam. */
#ifndef TP_TESTS_SIM_SEAMS_H
#define TP_TESTS_SIM_SEAMS_H

#include <stddef.h>
#include <stdint.h>

typedef struct sim_seams {
    uint32_t push_changes; /* of one request */
    uint32_t push_eras;
    uint32_t page_items; /* of one answer */
    uint32_t give_backs;
    size_t push_bytes; /* before they are deflated; the first change always has room */
    size_t page_bytes;
} sim_seams;

/* Those in force: of the request or answer that is made next. */
extern sim_seams sim_seams_now;

#endif
