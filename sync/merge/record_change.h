/* One change of a record as the rules see it: what the log knows beside the change itself.
 * Shared by sync/merge/decide and sync/access, which are pure: the caller loads, they judge. */
#ifndef TP_SYNC_MERGE_RECORD_CHANGE_H
#define TP_SYNC_MERGE_RECORD_CHANGE_H

#include "schema/change.h"

typedef struct tp_record_change {
    const tp_change *change;
    tp_stamp stamp;  /* number 0: the hub has not answered yet, so this device wrote it */
    tp_slice agency; /* of the device that wrote it, from the directory; never from the change */
    bool is_stub;    /* given back: only its name and what it had named are left */
} tp_record_change;

/* A record: every change held of it, in any order, stubs included.  The creating change need not be
 * among them.  Invariant: each change once, all of the same record. */
typedef struct tp_record {
    tp_name name;
    uint32_t entity;
    tp_slice creator; /* agency of the device that created it */
    const tp_record_change *changes;
    uint32_t count;
} tp_record;

#endif
