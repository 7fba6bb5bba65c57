/* A hub that went back: restored from a backup, put back with its machine, or made anew.
 *
 * It takes a new generation, by which every device learns of it, and collects what it lost: each
 * device pushes again what is missing, with the stamps it had, and hands what others wrote.  Until
 * everybody was heard who may know more, or the operator ends it, nothing is granted: a device is
 * sent what its own agency wrote and nothing else, since a withdrawal may be among what was lost.
 *
 * Source: design section 6; sync/wire/FORMAT.md, A hub that went back. */
#ifndef TP_SYNC_HUB_BACK_H
#define TP_SYNC_HUB_BACK_H

#include "sync/hub/hub.h"
#include "sync/hub/store_back.h"

/* Takes a new generation, in the transaction at hand.  is_anew: nothing says who ever synced, so
 * that only the operator ends it. */
TP_MUST_USE tp_rc tp_hub_went_back(tp_hub *hub, bool is_anew, tp_err *err);
/* The same, where a device has shown what the hub gave it in its present generation or in a later
 * one, and lost.  Each generation that was lost does this at most once, also while the hub collects
 * what it lost: the new one is later than it, and whoever still names an earlier one is to compare,
 * and nobody else. */
TP_MUST_USE tp_rc tp_hub_was_shown(tp_hub *hub, uint64_t generation, tp_err *err);
/* Ends it where nobody is waited for any more. */
TP_MUST_USE tp_rc tp_hub_back_settle(tp_hub *hub, tp_err *err);
/* Ends it, whoever has not been heard.  What was withheld, devices find by comparing. */
TP_MUST_USE tp_rc tp_hub_back_finish(tp_hub *hub, tp_err *err);
bool tp_hub_is_back(tp_hub *hub);

/* A device with a certificate of this hub that is not enrolled here: kept while the hub is back, so
 * that the operator can admit it. */
TP_MUST_USE tp_rc tp_hub_back_note_caller(tp_hub *hub, const tp_certificate_facts *facts,
                                          tp_err *err);

/* Have others handed what it wrote, and has nobody said whose device it is? */
TP_MUST_USE tp_rc tp_hub_back_is_author(tp_hub *hub, uint64_t device, bool *is_author_out,
                                        tp_err *err);
/* It is known from now on (the caller has put the device): everybody is judged. */
TP_MUST_USE tp_rc tp_hub_back_author_known(tp_hub *hub, uint64_t device, tp_err *err);

/* Whom to admit, and as what. */
typedef struct tp_hub_admission {
    uint64_t device;
    const char *agency; /* of one that has not called: it is lost, and only what others handed of
                           it counts; NULL: it has called, and has its certificate's */
    bool is_kiosk;
    const char *label;
} tp_hub_admission;

/* Enrols a device as it was, with nothing accepted from it yet; then everybody is judged.
 * Errors: NOTFOUND it has not called, wrote nothing that was handed, or its agency is not known;
 *         EXISTS it is enrolled;  INVALID label. */
TP_MUST_USE tp_rc tp_hub_admit(tp_hub *hub, const tp_hub_admission *admission, tp_err *err);

#endif
