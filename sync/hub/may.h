/* The question of sync/access/may.h, put for one change in the hub's log and every agency at
 * once. */
#ifndef TP_SYNC_HUB_MAY_H
#define TP_SYNC_HUB_MAY_H

#include "sync/hub/person.h"

/* What a change is judged by, besides its person. */
typedef struct tp_hub_case {
    const tp_hub_record *record;
    uint32_t at; /* the change: index in the record */
    tp_hub_record_facts facts;
} tp_hub_case;

/* Who may hold it: answers_out has one tp_may for each agency, by number - 1.
 * *is_early_out: what it hangs on is not at the hub, which may have gone back and be brought it:
 * its record, or whose that is; the persons whom a join joins; the joins that an unjoin names. */
TP_MUST_USE tp_rc tp_hub_may(tp_hub_persons *persons, const tp_hub_case *asked, int64_t now_ms,
                             uint8_t *answers_out, bool *is_early_out, tp_err *err);

#endif
