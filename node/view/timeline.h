/* Everything held about one person and the records joined with it, by when it happened. */
#ifndef TP_NODE_VIEW_TIMELINE_H
#define TP_NODE_VIEW_TIMELINE_H

#include "node/view/shown.h"

typedef struct tp_timeline {
    tp_arena arena;
    const tp_shown *person; /* as asked; NULL: not held */
    const tp_shown *const
        *persons; /* every record of the group that is held, the one asked first */
    uint32_t persons_count;
    const tp_name *joined; /* the group, held or not, itself included */
    uint32_t joined_count;
    const tp_shown *const
        *entries; /* oldest first; entry->person says on which record it was written */
    uint32_t
        entries_count; /* without person records and hidden ones; aliases, roles, consents are in */
    uint32_t hidden_count;
    uint32_t given_back_count; /* of which only the name is left; not among the entries */
    uint32_t erased_count;     /* likewise, since they were erased */
    uint32_t new_count;
    uint32_t unsent_count;
    uint64_t version; /* another where an entry says anything else, comes or goes; whether it is new
                         does not count.  Who has read the entries need not read them again */
    int64_t
        looked_ms; /* when the reader last looked at the person asked for; 0: never, or not known */
} tp_timeline;

/* worker: the reader, for what is new; empty: nothing is called new.
 * Owns:   *timeline_out is the caller's, tp_timeline_done().
 * Errors: NOTFOUND nothing is held about this person. */
TP_MUST_USE tp_rc tp_timeline_read(tp_view *view, tp_tx *tx, tp_name person, tp_slice worker,
                                   tp_timeline *timeline_out, tp_err *err);
void tp_timeline_done(tp_timeline *timeline);

/* The last words they were heard to say, in a contact, a help request or about a need, whatever
 * stands on their own record; empty: none.  *entry_out: where they stand.  Borrowed. */
tp_slice tp_timeline_last_words(const tp_timeline *timeline, const tp_shown **entry_out);

/* This reader has seen all that is held about the person now.  In a WRITE transaction of its own,
 * after it was shown. */
TP_MUST_USE tp_rc tp_timeline_looked(tp_view *view, tp_tx *tx, tp_name person, tp_slice worker,
                                     tp_err *err);

/* Whom this reader looked at last, the latest first.
 * Shape:  at most `max` of people_out. */
typedef struct tp_looked {
    tp_name person;
    int64_t at_ms;
} tp_looked;
TP_MUST_USE tp_rc tp_timeline_looked_last(tp_view *view, tp_tx *tx, tp_slice worker, uint32_t max,
                                          tp_looked *people_out, uint32_t *count_out, tp_err *err);

#endif
