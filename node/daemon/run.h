/* The background process: syncs when there is work and a network, waits longer and longer when
 * there is none, and wakes when somebody records something.  Two never run at once. */
#ifndef TP_NODE_DAEMON_RUN_H
#define TP_NODE_DAEMON_RUN_H

#include "node/daemon/sync.h"

/* Called after each attempt; err is NULL where it went well.  wait_ms 0: the node is not enrolled,
 * and nothing is tried, or reported again, before it is. */
typedef void (*tp_run_report)(void *context, const tp_sync_result *result, const tp_err *err,
                              int64_t wait_ms);

/* Runs until SIGTERM or SIGINT.  SIGUSR1 syncs now.  On a node that is not enrolled yet it waits
 * for that, so that it may be started with the machine; tp_enrol wakes it.
 * Errors: BUSY another one runs for this node;  IO, CORRUPT, NOMEM. */
TP_MUST_USE tp_rc tp_run(tp_node *node, tp_run_report report, void *context, tp_err *err);

/* How long to wait after `failures` attempts in a row went wrong (0: none did): doubled each time
 * from five seconds to ten minutes, and between half and all of that by chance, so that devices
 * that lost one hub do not come back as one.  Pure but for the chance. */
int64_t tp_run_wait_ms(unsigned failures, tp_rng *rng);

#endif
