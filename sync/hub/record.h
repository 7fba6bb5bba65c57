/* A record with all its changes, read from the hub's log and decided as far as judging needs it. */
#ifndef TP_SYNC_HUB_RECORD_H
#define TP_SYNC_HUB_RECORD_H

#include "sync/access/kinds.h"
#include "sync/hub/arena.h"
#include "sync/hub/store.h"
#include "sync/merge/decide.h"

/* Invariant: changes[i] and items[i] are of one change, by name; items[].bytes live in the
 * arena. */
typedef struct tp_hub_record {
    tp_name name;
    tp_name person;
    uint32_t entity;
    uint16_t creator;
    tp_record record;          /* for the rules */
    tp_record_change *changes; /* == record.changes */
    tp_hub_item *items;
    uint32_t count;
    uint32_t room;
} tp_hub_record;

/* What follows from the set of changes. */
typedef struct tp_hub_record_facts {
    uint32_t kinds;
    bool is_final_retracted;
} tp_hub_record_facts;

/* An empty record; changes go into it one by one. */
void tp_hub_record_begin(tp_hub_record *record, const tp_hub_store *store, const tp_hub_item *item);
/* Decodes a change of the record and adds it; `scratch` is the caller's, for the decoding.
 * Errors: LIMIT more than TP_RECORD_CHANGES_MAX;  NOMEM;  CORRUPT the log holds what is no
 *         change. */
TP_MUST_USE tp_rc tp_hub_record_add(tp_hub_record *record, const tp_hub_store *store,
                                    tp_hub_arena *arena, const tp_hub_item *item,
                                    tp_change *scratch, tp_err *err);

/* Reads a record.  Owns: all of it lives in the arena.  Errors: NOTFOUND nothing is held of it. */
TP_MUST_USE tp_rc tp_hub_record_load(tp_hub_store *store, tp_hub_arena *arena, tp_name person,
                                     tp_name name, tp_change *scratch, tp_hub_record *record_out,
                                     tp_err *err);

/* Errors: NOMEM. */
TP_MUST_USE tp_rc tp_hub_record_decide(const tp_hub_record *record, tp_hub_arena *arena,
                                       tp_hub_record_facts *facts_out, tp_err *err);

/* The field that says who holds a record of this entity; 0: none does. */
uint32_t tp_hub_holder_field(uint32_t entity);
/* The agency shown as holder of a help request or action, by acceptance; empty: nobody accepted.
 * Errors: NOMEM. */
TP_MUST_USE tp_rc tp_hub_record_holder(const tp_hub_record *record, tp_hub_arena *arena,
                                       tp_field_state *state_out, tp_slice *agency_out,
                                       tp_err *err);

/* Is it taken back?  Errors: NOMEM. */
TP_MUST_USE tp_rc tp_hub_record_is_hidden(const tp_hub_record *record, tp_hub_arena *arena,
                                          bool *is_hidden_out, tp_err *err);

/* What is shown of a field of text. */
typedef struct tp_hub_shown {
    tp_slice text;    /* empty: nothing; lives in the arena */
    int64_t stamp_ms; /* of the change that says so; 0: nothing */
} tp_hub_shown;

/* Errors: NOMEM. */
TP_MUST_USE tp_rc tp_hub_record_text(const tp_hub_record *record, tp_hub_arena *arena,
                                     uint32_t code, tp_hub_shown *shown_out, tp_err *err);

#endif
