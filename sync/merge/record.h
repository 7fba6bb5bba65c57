/* Records out of the log: every change held of a record, decided.
 *
 * A loaded record is a value of its own: it lives past the transaction. */
#ifndef TP_SYNC_MERGE_RECORD_H
#define TP_SYNC_MERGE_RECORD_H

#include "sync/log/era.h"
#include "sync/merge/decide.h"
#include "sync/merge/merge.h"
#include "sync/wire/field_value.h"

/* What the log knows of a change of the record, beside tp_record_change. */
typedef struct tp_loaded_change {
    tp_estimate time; /* when it was written, corrected */
    tp_log_mark came; /* what is new: tp_loaded_is_after */
    int64_t given_back_ms;
    int64_t erased_ms; /* when this device was told that it is erased; 0: it is not */
    bool is_own;       /* written on this device */
    bool is_unread;    /* kept, but not readable by this program: it has no fields */
} tp_loaded_change;

/* One field that some held change sets or names. */
typedef struct tp_loaded_field {
    const tp_field_row *row; /* NULL: this program does not know it; kept all the same */
    tp_field_state state;    /* state.shown: index of a change, or TP_DECIDE_NONE */
    const tp_head *heads;    /* state.heads_count, in the order of tp_decide_field */
} tp_loaded_field;

typedef struct tp_loaded {
    tp_record record; /* its changes, the creating one first where it is held, then by name */
    const tp_loaded_change *changes; /* record.count, in the same order */
    tp_name person;                  /* whom it is about; none: nobody known */
    uint32_t flags;                  /* TP_RECORD_... */
    uint32_t verdict;                /* TP_VERDICT_... */
    tp_retraction retraction;
    tp_estimate happened;  /* when it happened: the typed time, else when it was created */
    bool is_typed;         /* somebody typed that time */
    uint32_t fields_count; /* ascending by code */
    const tp_loaded_field *fields;
} tp_loaded;

/* Errors: NOTFOUND no change of it is held, nor a stub;  LIMIT more than TP_RECORD_CHANGES_MAX.
 * Owns:   *loaded_out is the caller's, tp_loaded_free(). */
TP_MUST_USE tp_rc tp_merge_load(tp_merge *merge, tp_tx *tx, tp_name record, tp_loaded **loaded_out,
                                tp_err *err);
/* The same by the record's number in this store. */
TP_MUST_USE tp_rc tp_merge_load_packed(tp_merge *merge, tp_tx *tx, tp_packed_name record,
                                       tp_loaded **loaded_out, tp_err *err);
/* Takes NULL. */
void tp_loaded_free(tp_loaded *loaded);

/* Which records of a person to load. */
typedef struct tp_merge_filter {
    const uint32_t *entities; /* each once */
    uint32_t entities_count;
} tp_merge_filter;

/* Adds their numbers in this store (tp_packed_name) to `records`, person by person, in an order
 * that stays while nothing is written. */
TP_MUST_USE tp_rc tp_merge_list_persons(tp_merge *merge, tp_tx *tx, const tp_name *persons,
                                        size_t count, const tp_merge_filter *filter,
                                        tp_buf *records, tp_err *err);

/* A record of the walk; borrowed until it returns. */
typedef tp_rc (*tp_merge_each_loaded)(void *context, const tp_loaded *loaded, tp_err *err);

/* Loads every record about these persons, hidden ones and bare ones too, in one walk over the views
 * (an order without meaning: sort by `happened`).  filter NULL: everything. */
TP_MUST_USE tp_rc tp_merge_load_persons(tp_merge *merge, tp_tx *tx, const tp_name *persons,
                                        size_t count, const tp_merge_filter *filter,
                                        tp_merge_each_loaded each, void *context, tp_err *err);

/* ---- Questions about a loaded record ---- */

/* NULL where no held change sets or names the field. */
const tp_loaded_field *tp_loaded_field_of(const tp_loaded *loaded, uint32_t code);

/* The value of a head, decoded.  *has_value_out false: a stub, or an unknown field.
 * Owns:   *value_out borrows from `loaded`.  Errors: as tp_field_value_decode. */
TP_MUST_USE tp_rc tp_loaded_value(const tp_loaded *loaded, const tp_loaded_field *field,
                                  uint32_t change_at, tp_value *value_out, bool *has_value_out,
                                  tp_err *err);
/* The value shown.  *has_value_out false: none, cleared, or unknown. */
TP_MUST_USE tp_rc tp_loaded_shown(const tp_loaded *loaded, uint32_t code, tp_value *value_out,
                                  bool *has_value_out, tp_err *err);

/* Did this change come after that moment? */
bool tp_loaded_change_is_after(const tp_loaded_change *change, tp_log_mark mark);
/* Did anything of the record? */
bool tp_loaded_is_after(const tp_loaded *loaded, tp_log_mark mark);
/* Is anything of it not at the hub yet? */
bool tp_loaded_is_unsent(const tp_loaded *loaded);

#endif
