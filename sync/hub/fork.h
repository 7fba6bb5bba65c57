/* Devices that go on under a new id, since others hold the same data (sync/log/fork.h).
 * Source: sync/wire/FORMAT.md, Forks. */
#ifndef TP_SYNC_HUB_FORK_H
#define TP_SYNC_HUB_FORK_H

#include "sync/hub/hub.h"
#include "sync/session/enrolment.h"

/* How far the changes of a device are at the hub as its copy has them: the last of the digests that
 * fits, or was->after. */
TP_MUST_USE tp_rc tp_hub_fork_kept(tp_hub *hub, const tp_enrolment_was *was, uint64_t *kept_out,
                                   tp_err *err);

/* How far, and from what the key of the id is made by which it goes on: the same for whoever goes
 * on with the same change after it.  None where no digest says what comes next. */
TP_MUST_USE tp_rc tp_hub_fork_ask(tp_hub *hub, const tp_enrolment_was *was,
                                  tp_enrolment_kept *kept_out, tp_err *err);

/* Has the device, with all that came from where it comes from, been given too many ids today? */
TP_MUST_USE tp_rc tp_hub_fork_is_too_often(tp_hub *hub, uint64_t device, bool *is_out, tp_err *err);

/* One that is enrolled already and comes again as a copy may be another machine, with what that one
 * was sent under its old id since: that of `from`. */
void tp_hub_fork_join(const tp_hub_device *from, tp_hub_device *device);

/* What follows for a device that is being enrolled, `present` being the era it is in: where it came
 * from, what it may hold, and what is known of its clock. */
TP_MUST_USE tp_rc tp_hub_fork_take_over(tp_hub *hub, const tp_hub_device *from, uint64_t kept,
                                        uint32_t present, tp_hub_device *device, tp_err *err);

#endif
