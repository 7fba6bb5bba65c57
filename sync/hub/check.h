/* What a change must be to be accepted: its entity's rules and its writer's.  Pure. */
#ifndef TP_SYNC_HUB_CHECK_H
#define TP_SYNC_HUB_CHECK_H

#include "schema/entity.h"
#include "sync/wire/wire.h"

/* What the hub knows beside the change. */
typedef struct tp_hub_known {
    bool is_kiosk;          /* the writer's device */
    bool has_record;        /* the change that creates the record is at the hub */
    uint32_t record_entity; /* its entity */
    bool is_person_other;   /* what is at the hub by the person's name is no person */
    bool has_person;        /* the change names a person */
    bool is_person_itself;  /* it names its own record as the person */
} tp_hub_known;

/* 0: it may be accepted; else TP_QUARANTINE_RECORD or TP_QUARANTINE_RULE, and *text_out says in one
 * sentence which rule was broken (static).
 *
 * A predecessor or a person that is not known breaks no rule: it may come from another device. */
uint32_t tp_hub_check(const tp_change *change, const tp_hub_known *known, const char **text_out);

#endif
