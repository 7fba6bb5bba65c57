/* Walking over what the changes of a record name: shared by the rules, for nobody else. */
#ifndef TP_SYNC_MERGE_DECIDE_HEADS_H
#define TP_SYNC_MERGE_DECIDE_HEADS_H

#include "sync/merge/decide.h"

/* Marks of room->marks, one for each change. */
enum {
    TP_HEADS_NAMED = 1u,   /* another change that sets the field named it: no head */
    TP_HEADS_REACHED = 2u, /* named by what a walk began with, directly or through others */
    TP_HEADS_START = 4u,   /* where the next walk begins */
    TP_HEADS_RULE = 8u,    /* this and the higher ones below TP_HEADS_LINK are free for the rule */
    TP_HEADS_LINK = 256u   /* above: the walk's own */
};

/* Indices of record->changes in order of their names. */
void tp_heads_sort(const tp_record *record, uint32_t *order);

/* TP_DECIDE_NONE for a change that is not held: it is passed over, never waited for. */
uint32_t tp_heads_find(const tp_record *record, const uint32_t *order, tp_name name);

/* The field of a change that sets it, or NULL. */
const tp_change_field *tp_heads_value(const tp_record_change *change, uint32_t code);

/* What a change names for a field; code 0: for all its fields. */
const tp_name *tp_heads_seen(const tp_record_change *change, uint32_t code, uint32_t *count_out);

/* Clears all marks, and marks NAMED whatever a change that sets the field names for it.  A stub
 * counts as one that sets what it names, so that nothing it replaced comes back. */
void tp_heads_mark(const tp_record *record, uint32_t code, tp_decide_room *room);

/* Walks back from the changes marked START through what is named for the field (0: any field), and
 * marks REACHED what it meets, and nothing else.  A start is REACHED only if another leads to it.
 * Takes the START marks away. */
void tp_heads_walk(const tp_record *record, uint32_t code, tp_decide_room *room);

/* Was it written by the agency of that device?  A device is of one agency for ever.  agency empty:
 * nobody has said which; two such devices are not taken for one agency's. */
bool tp_heads_is_by(const tp_record_change *change, uint64_t device, tp_slice agency);

/* By stamp, then acceptance number; what the hub has not answered is newest on its own device. */
bool tp_heads_is_newer(const tp_record_change *a, const tp_record_change *b);
/* By acceptance number alone: clocks play no part. */
bool tp_heads_is_earlier_accepted(const tp_record_change *a, const tp_record_change *b);

/* ---- The rules with a file of their own ---- */

/* Appends a head; says nothing of whether it is shown. */
tp_head *tp_heads_add(tp_decide_room *room, tp_field_state *state, uint32_t at);

/* Fills heads, shown and what is said of the holder (decide_holder.c). */
void tp_decide_holder(const tp_record *record, const tp_field_row *row, uint32_t verdict,
                      tp_decide_room *room, tp_field_state *state);
/* The head that is shown of a field whose heads are in room->heads (decide_progress.c). */
uint32_t tp_decide_progress(const tp_record *record, const tp_field_row *row, tp_decide_room *room,
                            const tp_field_state *state);
/* Fills heads and shown of the field `retracted` (decide_retract.c). */
void tp_decide_retracted(const tp_record *record, tp_decide_room *room, tp_field_state *state);

#endif
