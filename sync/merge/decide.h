/* What a record shows: the heads of each field, which one is shown, and who must be told (design
 * section 4).  Pure: it follows from the set of changes alone, in any order of arrival. */
#ifndef TP_SYNC_MERGE_DECIDE_H
#define TP_SYNC_MERGE_DECIDE_H

#include "schema/entity.h"
#include "sync/merge/record_change.h"

#define TP_DECIDE_NONE UINT32_MAX

/* A value of a field that no other held change replaced.  A change replaces what it names for
 * the fields it sets; what it merely names (a retraction names the heads of every field) it has
 * seen. */
typedef struct tp_head {
    uint32_t at;           /* its change: index in record->changes */
    uint32_t same_as;      /* the first head with the same value: index in room->heads */
    bool is_shown;         /* its value is the one shown, or one of those shown side by side */
    bool is_offer;         /* holder: offered to an agency, not accepted by it */
    bool is_told;          /* another value is shown that its writer had not seen: they are told */
    int64_t told_since_ms; /* the later stamp of the two; 0: one of them has none yet */
} tp_head;

typedef struct tp_field_state {
    uint32_t code;
    tp_rule rule; /* of a field this program does not know: LATEST; of one set once: PROTECT */
    uint32_t heads_count;
    uint32_t shown;   /* index of the change whose value is shown; TP_DECIDE_NONE: none */
    bool is_conflict; /* different values wait for somebody to settle */
    /* Of a holder: */
    bool is_creator_holding; /* nobody accepted, or the hub says that the holder may not hold it:
                              * the creating agency does, without a named worker; shown is NONE */
    bool is_unconfirmed;     /* the shown acceptance has not reached the hub yet */
    uint32_t answerable;     /* the acceptance that holds at the hub; NONE: the creating agency */
} tp_field_state;

/* Working memory of the caller: each array has room for record->count. */
typedef struct tp_decide_room {
    uint32_t *order;
    uint32_t *marks;
    tp_head *heads;
} tp_decide_room;

/* Sorts the record's changes by name into room->order.  Once for a record, before the calls
 * below. */
void tp_decide_prepare(const tp_record *record, tp_decide_room *room);

/* The lowest field code above `after` that some change of the record sets; 0: no more. */
uint32_t tp_decide_next_field(const tp_record *record, uint32_t after);

/* Decides one field.
 *
 * Shape:  heads go to room->heads: the shown one first, then by name, offers last.
 * Units:  verdict = TP_VERDICT_ bits of the record.
 * Owns:   heads are valid until the next call with this room. */
tp_field_state tp_decide_field(const tp_record *record, uint32_t code, uint32_t verdict,
                               tp_decide_room *room);

/* Whether the record is hidden. */
typedef struct tp_retraction {
    bool is_hidden;
    bool is_final;        /* wrong person, or should not have travelled: the creating agency alone
                           * may hold the record */
    bool is_brought_back; /* somebody updated it without having seen the retraction: flagged */
    uint32_t by;          /* the retraction that hides it, or was answered; TP_DECIDE_NONE: none */
    uint32_t answered_by; /* is_brought_back: the latest such update; else TP_DECIDE_NONE */
} tp_retraction;

tp_retraction tp_decide_retraction(const tp_record *record, tp_decide_room *room);

/* What the hub says of a help request or action: TP_VERDICT_HOLDER_LOST if nobody holds it by
 * acceptance, or the agency that does may not hold the record now.  `state` is the holder field's,
 * decided with verdict 0. */
uint32_t tp_decide_verdict(const tp_field_state *state, bool may_hold_shown);

#endif
