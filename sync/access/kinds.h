/* The information kinds of a record, by which it is judged (design section 5).  Pure. */
#ifndef TP_SYNC_ACCESS_KINDS_H
#define TP_SYNC_ACCESS_KINDS_H

#include "sync/merge/record_change.h"

typedef struct tp_kinds {
    uint32_t mask; /* bits of schema/kind.h, never empty: general where nothing else is said.  With
                    * the bit TP_KIND_UNKNOWN no consent covers it: a kind, entity or value is not
                    * known here */
    bool has_attempt; /* an agency other than the creating one tried to take kinds away: a review */
    uint32_t attempt; /* its index in record->changes; of several the lowest name */
    uint32_t attempt_kinds; /* what it left out, and what stays */
} tp_kinds;

/* Every kind in any head of `info` and of fields that name a kind, what the schema's rows say, and
 * what any held change wrote in its envelope.  An update by an agency other than the creating one
 * adds kinds but takes none away. */
tp_kinds tp_kinds_of_record(const tp_record *record);

#endif
