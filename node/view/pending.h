/* Help requests and actions: what is promised, by whom. */
#ifndef TP_NODE_VIEW_PENDING_H
#define TP_NODE_VIEW_PENDING_H

#include "node/view/shown.h"

/* Where one stands in a list that is oldest first.  What comes or goes meanwhile moves no place. */
typedef struct tp_pending_place {
    int64_t at_ms;
    tp_name name;
} tp_pending_place;

typedef struct tp_pending_filter {
    bool all; /* answered, withdrawn and done ones too */
    tp_slice
        agency; /* held or owned by, or offered to, this agency; empty: whose does not matter */
    tp_slice worker; /* with agency: by this worker of it, or by nobody named; empty: anybody */
    tp_name person;  /* of this person's group; none: everybody */
    bool is_by_day;  /* actions: those due first, those without a day last; else oldest first */
    uint32_t max;    /* of those that fit, in order; 0: all */
    bool has_after;  /* those behind this place alone; not by day */
    tp_pending_place after;
} tp_pending_filter;

typedef struct tp_pending {
    const tp_shown *shown;
    tp_slice status;       /* code as shown; empty: none */
    tp_slice agency;       /* who holds it: never empty */
    tp_slice worker;       /* empty: nobody named */
    bool is_offered;       /* an offer waits */
    bool is_overdue;       /* actions: due before today in London */
    const tp_shown *about; /* the person's record; NULL: nobody known, or not held */
} tp_pending;

typedef struct tp_pending_list {
    tp_arena arena;
    const tp_pending *items; /* in order; oldest first is by corrected time */
    uint32_t count;
    uint32_t left;          /* behind them: asked for after the last one's place */
    uint32_t all_count;     /* those that fit, however few were asked for */
    uint32_t overdue_count; /* of all */
} tp_pending_list;

/* entity: TP_HELP_REQUEST or TP_ACTION.  Hidden records are left out.
 * Owns:   *list_out is the caller's, tp_pending_list_done(). */
TP_MUST_USE tp_rc tp_pending_read(tp_view *view, tp_tx *tx, uint32_t entity,
                                  const tp_pending_filter *filter, tp_pending_list *list_out,
                                  tp_err *err);
void tp_pending_list_done(tp_pending_list *list);
tp_pending_place tp_pending_place_of(const tp_pending *item);

/* A help request or an action that is answered, withdrawn or done. */
bool tp_pending_is_over(const tp_shown *shown);
bool tp_pending_is_over_status(uint32_t entity, tp_slice status);

/* The help request that has this code (schema/request_code.h, normalised), hidden or not.
 * Errors: NOTFOUND none that is held here. */
TP_MUST_USE tp_rc tp_pending_find_code(tp_view *view, tp_tx *tx, tp_slice code,
                                       tp_name *request_out, tp_err *err);

#endif
