/* Puts changes into the log and keeps the views made from it, in the caller's transaction: one path
 * for what is written here and what comes from the hub.
 *
 *   merge.h    in: write, apply, give back, rebuild; which records there are
 *   record.h   out: one record with the heads of its fields, or all of some persons
 *
 * Views: `record` (which records there are of whom) and `person_group` (who was joined with whom).
 * They follow from the log alone: dropped and made again they are the same.  What node/ makes from
 * records (search keys, review items) it makes in its sink. */
#ifndef TP_SYNC_MERGE_MERGE_H
#define TP_SYNC_MERGE_MERGE_H

#include "sync/log/push.h"
#include "sync/wire/response.h"

/* The tables of this module, version 1.  After tp_log_schema_1. */
extern const char tp_merge_schema_1[];

typedef struct tp_merge tp_merge;

/* Who else makes views.  Called in the transaction that changes the log, after the rows are there.
 * What it answers other than OK ends the transaction. */
typedef struct tp_merge_sink {
    void *context;
    /* A change of this record was written, arrived, was stamped by the feed, or was given back.
     * change: which; none: the record as a whole, as on rebuild.  person: whom the record is about,
     * none where nobody is known (yet), or its creating change is not held.  May be called often
     * for one record. */
    tp_rc (*touched)(void *context, tp_tx *tx, tp_name record, tp_name change, uint32_t entity,
                     tp_name person, tp_err *err);
    /* The group of this person is not what it was.  NULL: not wanted. */
    tp_rc (*regrouped)(void *context, tp_tx *tx, tp_name person, tp_err *err);
    /* Rebuild: empty your tables, every record will be touched.  NULL: not wanted. */
    tp_rc (*clear)(void *context, tp_tx *tx, tp_err *err);
} tp_merge_sink;

/* Owns:   `log` outlives it; *merge_out is the caller's, tp_merge_close(). `sink` is copied; NULL:
 *         none. */
TP_MUST_USE tp_rc tp_merge_open(tp_log *log, const tp_merge_sink *sink, tp_merge **merge_out,
                                tp_err *err);
/* Takes NULL. */
void tp_merge_close(tp_merge *merge);
/* Replaces the sink; NULL: none. */
void tp_merge_set_sink(tp_merge *merge, const tp_merge_sink *sink);
tp_log *tp_merge_log(const tp_merge *merge);

/* Writes a change of this device: tp_log_append and its views.
 * Shape:  *draft comes back with name and reading (tp_log_append). */
TP_MUST_USE tp_rc tp_merge_write(tp_merge *merge, tp_tx *tx, tp_change_draft *draft, tp_err *err);

/* Applies entries of a feed, in any order, as often as you like.  One that cannot be read is kept
 * in the log and shows nowhere; `unread` counts them.
 * Shape:  any count; the more at once, the cheaper each.
 * Errors: CORRUPT other bytes are held under one of these names. */
typedef struct tp_merge_applied {
    uint32_t fresh;  /* not held before, or given back once */
    uint32_t unread; /* kept, but not readable by this program */
} tp_merge_applied;
TP_MUST_USE tp_rc tp_merge_apply(tp_merge *merge, tp_tx *tx, const tp_entry *entries, size_t count,
                                 tp_merge_applied *applied_out, tp_err *err);

/* Takes the hub's answer to a push (tp_log_accept has the units) and brings up to date what follows
 * from acceptance numbers: whose value is shown, whom a record is about.  The sink is told of the
 * updates; a creating change shows what it showed.
 * Errors: as tp_log_accept. */
TP_MUST_USE tp_rc tp_merge_accept(tp_merge *merge, tp_tx *tx, uint64_t upto, uint64_t first_seq,
                                  const tp_stamp_run *runs, size_t runs_count,
                                  const tp_log_sent *sent, tp_err *err);

/* Own changes that were accepted before have other stamps now (tp_log_restamp); the same
 * follows. */
TP_MUST_USE tp_rc tp_merge_restamp(tp_merge *merge, tp_tx *tx, uint64_t upto, uint64_t first_seq,
                                   const tp_stamp_run *runs, size_t runs_count, tp_err *err);

/* Puts changes that the hub sent again in the place of rows that are damaged or gone (tp_log_heal).
 * The views follow; of a row that is damaged they may say anything, so they are made anew when all
 * is here (tp_log_held, tp_merge_rebuild).
 * *healed_out = rows written. */
TP_MUST_USE tp_rc tp_merge_heal(tp_merge *merge, tp_tx *tx, const tp_entry *entries, size_t count,
                                size_t *healed_out, tp_err *err);

/* Gives changes back: stubs in the log, rows out of the views.  What this device's agency created
 * stays in `record` without content (TP_RECORD_GIVEN_BACK), and so does a person who is named by a
 * record that stays.  Names not held, and own changes the hub has not accepted, are passed over.
 * Deleted bytes are gone from the file only after tp_merge_scrub. */
TP_MUST_USE tp_rc tp_merge_give_back(tp_merge *merge, tp_tx *tx, const tp_name *names, size_t count,
                                     int64_t given_back_ms, tp_err *err);
/* The same of what the hub has by another name: nothing is left of it (tp_log_give_up). */
TP_MUST_USE tp_rc tp_merge_give_up(tp_merge *merge, tp_tx *tx, const tp_name *names, size_t count,
                                   tp_err *err);
/* The same of changes whose records were erased at the hub: it is noted, also of what was given
 * back before. */
TP_MUST_USE tp_rc tp_merge_erase(tp_merge *merge, tp_tx *tx, const tp_name *names, size_t count,
                                 int64_t erased_ms, tp_err *err);

/* A kiosk: takes away every change of this device the hub has accepted, rows and all; nothing but
 * h and the numbers stay.  *count_out = changes removed. */
TP_MUST_USE tp_rc tp_merge_forget_sent(tp_merge *merge, tp_tx *tx, uint32_t *count_out,
                                       tp_err *err);

/* Outside of any transaction: empties the WAL, so that what was deleted is in no file any more.
 * *is_gone_out false: a reader stood in the way, try again; the receipt must not be told yet.  When
 * true, the pull state's receipt is what was given back (tp_log_pull). */
TP_MUST_USE tp_rc tp_merge_scrub(tp_merge *merge, bool *is_gone_out, tp_err *err);

/* ---- Rebuild ---- */

/* True where the views were made by a program with other entities or another idea of the views. */
TP_MUST_USE tp_rc tp_merge_is_stale(tp_merge *merge, tp_tx *tx, bool *is_stale_out, tp_err *err);

typedef struct tp_merge_progress {
    void *context;
    void (*at)(void *context, uint64_t done, uint64_t all); /* changes */
} tp_merge_progress;

/* Drops the views and makes them again from the log.  `progress` may be NULL. */
TP_MUST_USE tp_rc tp_merge_rebuild(tp_merge *merge, tp_tx *tx, const tp_merge_progress *progress,
                                   tp_err *err);

/* Are the views what a rebuild would make?  Rebuilds and undoes it: needs a WRITE transaction and
 * leaves everything as it was.  The sink is not called. */
TP_MUST_USE tp_rc tp_merge_verify(tp_merge *merge, tp_tx *tx, bool *is_equal_out, tp_err *err);

/* ---- Which records there are ---- */

enum {
    TP_RECORD_GIVEN_BACK = 1u /* its creating change was given back: no content */
};

typedef struct tp_record_ref {
    tp_name record;
    tp_name person; /* none: not known */
    uint32_t entity;
    uint32_t flags; /* TP_RECORD_... */
} tp_record_ref;

typedef tp_rc (*tp_merge_each)(void *context, const tp_record_ref *ref, tp_err *err);

/* Records of one entity, other than contacts, which are too many to go through (TP_CONTACT:
 * INVALID). In order of (person, record), as numbered in this store. */
TP_MUST_USE tp_rc tp_merge_list(tp_merge *merge, tp_tx *tx, uint32_t entity, tp_merge_each each,
                                void *context, tp_err *err);
/* Records about one person (not of its group), the person's own record first where it is held;
 * person none: those about nobody known. */
TP_MUST_USE tp_rc tp_merge_list_person(tp_merge *merge, tp_tx *tx, tp_name person,
                                       tp_merge_each each, void *context, tp_err *err);
/* Those of one entity other than contacts, without going past the contacts; of each device the
 * newest first. */
TP_MUST_USE tp_rc tp_merge_list_person_entity(tp_merge *merge, tp_tx *tx, tp_name person,
                                              uint32_t entity, tp_merge_each each, void *context,
                                              tp_err *err);
/* The contacts written last on each device and not given back, at most `max` of each device, its
 * newest first, without going past the others. */
TP_MUST_USE tp_rc tp_merge_list_latest(tp_merge *merge, tp_tx *tx, tp_name person, uint32_t max,
                                       tp_merge_each each, void *context, tp_err *err);
/* Errors: NOTFOUND no such record, or its creating change has not arrived. */
TP_MUST_USE tp_rc tp_merge_find(tp_merge *merge, tp_tx *tx, tp_name record, tp_record_ref *ref_out,
                                tp_err *err);

/* The persons joined with this one, itself included, the lowest name first.
 * Shape:  persons_out has room for TP_GROUP_PERSONS_MAX. */
TP_MUST_USE tp_rc tp_merge_group(tp_merge *merge, tp_tx *tx, tp_name person, tp_name *persons_out,
                                 uint32_t *count_out, tp_err *err);

#endif
