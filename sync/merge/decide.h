/* What a record shows: the heads of each field, which one is shown, and who must be told (design
 * section 4).  Pure: it follows from the set of changes alone, in any order of arrival. */
#ifndef TP_SYNC_MERGE_DECIDE_H
#define TP_SYNC_MERGE_DECIDE_H

#include "schema/entity.h"
#include "sync/merge/record_change.h"

#define TP_DECIDE_NONE UINT32_MAX

/* A value of a field that no other held change replaced. */
typedef struct tp_head {
    uint32_t at; /* its change: index in record->changes */
    uint32_t
        same_as; /* the first head with the same value after normalising; its own index: none before
                       */
    bool is_shown; /* its value is the one shown, or one of those shown side by side */
    bool is_offer; /* holder: offered to an agency, not accepted by it */
    bool
        is_told; /* its writer had not seen what is shown in its place, and is told on their device */
    int64_t told_since_ms; /* stamp of the change that put it there; 0: not stamped yet */
} tp_head;

typedef struct tp_field_state {
    uint32_t code;
    tp_rule rule; /* of a field this program does not know: LATEST */
    uint32_t heads_count;
    bool is_conflict; /* several different values wait for somebody to settle */
    uint32_t shown; /* the change whose value is shown; TP_DECIDE_NONE: none (never set, or a holder
                       * that is the creating agency because nobody else is) */
    /* Holder. */
    bool
        is_creator_holding; /* nobody accepted, or the hub says that the holder may not hold it: the
                              * creating agency holds, without a named worker */
    bool
        is_unconfirmed; /* the shown acceptance has not reached the hub yet; `answerable` still is */
    uint32_t answerable; /* the acceptance that holds at the hub; NONE: the creating agency */
} tp_field_state;

/* Working memory of the caller: `order` and `marks` of record->count, `heads` likewise. */
typedef struct tp_decide_room {
    uint32_t *order;
    uint32_t *marks;
    tp_head *heads;
} tp_decide_room;

/* Sorts the record's changes by name into room->order.  Call it once for a record; the calls below need
 * it. */
void tp_decide_prepare(const tp_record *record, tp_decide_room *room);

/* The lowest field code above `after` that some change of the record sets; 0: no more. */
uint32_t tp_decide_next_field(const tp_record *record, uint32_t after);

/* Decides one field.  Heads go to room->heads, shown first, then offers, then by name; they are valid
 * until the next call.  verdict: TP_VERDICT_ bits of the record. */
tp_field_state tp_decide_field(const tp_record *record, uint32_t code, uint32_t verdict,
                               tp_decide_room *room);

/* Whether the record is hidden. */
typedef struct tp_retraction {
    bool is_hidden;
    bool is_final; /* wrong person, or should not have travelled: only the creating agency may
                           * hold the record */
    bool
        is_brought_back; /* somebody updated it without having seen that it was taken back: flagged */
    uint32_t by;         /* the retraction that is shown; TP_DECIDE_NONE: none */
    uint32_t answered_by; /* is_brought_back: the update; else TP_DECIDE_NONE */
} tp_retraction;

tp_retraction tp_decide_retraction(const tp_record *record, tp_decide_room *room);

/* What the hub says of a help request or action it has decided: TP_VERDICT_HOLDER_LOST if nobody holds
 * it by acceptance, or may_hold_shown is false.  `state` is the holder field's. */
uint32_t tp_decide_verdict(const tp_field_state *state, bool may_hold_shown);

#endif
