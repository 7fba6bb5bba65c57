/* Erasing: whole records go from the hub for good and are asked back from every device, and (name,
 * h) stays, so that the evidence around them still holds (store_erased.h).
 *
 * Erasing never widens what may be held.  What decides who may hold what (consents, joins, unjoins,
 * legal gateways, and what takes access away in a way that is not understood here) is therefore not
 * erased by itself: a withdrawal that went would bring an older giving back, an unjoin that went
 * would make two people one again.  It goes with everything about the person, and the persons who
 * are one with them; even then a withdrawal that names somebody who stays is kept, and an unjoin of
 * a join that stays.  About somebody who was erased nothing is granted to anybody any more.
 *
 * Of erased records the names are kept in a file beside the database as well (erase_list.h), so
 * that an older database that is put back is made to forget them when it is opened. */
#ifndef TP_SYNC_HUB_ERASE_H
#define TP_SYNC_HUB_ERASE_H

#include "sync/hub/hub.h"
#include "sync/hub/store_erased.h"

typedef struct tp_hub_erase_item {
    tp_name name;
    tp_name record;
} tp_hub_erase_item;

/* What would go.  Embedded; init, done. */
typedef struct tp_hub_erase_plan {
    tp_buf records;         /* tp_name each, ascending */
    tp_buf changes;         /* tp_hub_erase_item each, by name */
    tp_hub_touched touched; /* whose access it may move */
    uint32_t persons; /* that are one with the one that was named, that one too; 0: a record */
    uint32_t kept;    /* records that must stay, since they protect somebody else */
    uint32_t unread;  /* changes in quarantine of which nobody can say what they are of */
} tp_hub_erase_plan;

void tp_hub_erase_plan_init(tp_hub_erase_plan *plan);
void tp_hub_erase_plan_done(tp_hub_erase_plan *plan);

/* Finds what goes with a record; in a transaction, which may only read.  A change in quarantine
 * that cannot be read goes by its own name.
 * has_everything: the record is a person's, and everything recorded about that person goes, and
 * about those who are one with them; of somebody who was erased before, what came since.
 * Errors: NOTFOUND nothing is held by that name;  EXISTS it was erased already;  INVALID it is an
 *         update, or no person's record;  DENIED it decides who may hold what;  LIMIT too much. */
TP_MUST_USE tp_rc tp_hub_erase_find(tp_hub *hub, tp_name name, bool has_everything,
                                    tp_hub_erase_plan *plan, tp_err *err);

/* Part of find: the changes of plan->records, whatever they are, and whose access they may move. */
TP_MUST_USE tp_rc tp_hub_erase_gather(tp_hub *hub, tp_hub_erase_plan *plan, tp_err *err);

/* Who has something of it. */
typedef struct tp_hub_erase_holder {
    const tp_hub_device *device;
    uint64_t changes; /* > 0 */
} tp_hub_erase_holder;
typedef tp_rc (*tp_hub_erase_holder_visit)(void *ctx, const tp_hub_erase_holder *holder,
                                           tp_err *err);
TP_MUST_USE tp_rc tp_hub_erase_holders(tp_hub *hub, const tp_hub_erase_plan *plan,
                                       tp_hub_erase_holder_visit visit, void *ctx, tp_err *err);

/* Erases what was found, in the same transaction, and judges anew.  What was erased is out of the
 * file once tp_hub_store_scrub has answered so. */
TP_MUST_USE tp_rc tp_hub_erase(tp_hub *hub, const tp_hub_erase_plan *plan, const char *by,
                               const char *reason, tp_err *err);

#endif
