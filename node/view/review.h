/* What somebody must look at: derived when read from what is held, so that nothing is settled
 * without anybody seeing what the other side said. */
#ifndef TP_NODE_VIEW_REVIEW_H
#define TP_NODE_VIEW_REVIEW_H

#include "node/view/shown.h"

typedef enum tp_review_kind {
    TP_REVIEW_CONFLICT = 1, /* different values wait: settle */
    TP_REVIEW_LOST_VALUE,   /* a value of this device's workers is not shown: bring back, dismiss */
    TP_REVIEW_OFFER,        /* offered to this agency: accept; or ours was passed over: dismiss */
    TP_REVIEW_OVERRULED_CONSENT, /* a giving of ours met a withdrawal it had not seen: ask again */
    TP_REVIEW_KINDS,             /* somebody else tried to take kinds of information away */
    TP_REVIEW_RETRACTION,        /* taken back, and brought back by who had not seen that */
    TP_REVIEW_GATEWAY,           /* a legal gateway in force */
    TP_REVIEW_REFUSED,           /* a change of this device the hub keeps in quarantine */
    TP_REVIEW_COPIED,            /* this device's data is a copy: it has taken another id */
    TP_REVIEW_ERASED,            /* what was written here was erased at the hub */
    TP_REVIEW_DAMAGED            /* a change of this device was damaged before it was sent */
} tp_review_kind;

/* "conflict", "lost_value" ...  Static. */
const char *tp_review_kind_name(tp_review_kind kind);

/* "kind:DEVICE-SEQ:field:DEVICE-SEQ" and its end. */
enum { TP_REVIEW_ID_MAX = 160 };

typedef struct tp_review_item {
    char id[TP_REVIEW_ID_MAX]; /* for `dismiss`; the same on every read */
    tp_review_kind kind;
    tp_name record; /* of TP_REVIEW_COPIED: the first change under the new id; no record need be;
                     * of TP_REVIEW_ERASED: the first of them, nothing of it is held */
    uint32_t entity;
    const tp_field_row *field; /* NULL: the record as a whole, or a field not known here */
    tp_name person;
    const tp_shown *of;          /* the record; NULL: not readable */
    const tp_shown *about;       /* the person's record; NULL: nobody known, or not held */
    const tp_shown_field *state; /* of->fields' entry for `field`; NULL where `field` is */
    const tp_shown_head *shown;  /* what is shown; NULL: none */
    uint32_t kept_count;         /* values not shown (of a conflict: every head) */
    const tp_shown_head *const *kept;
    tp_name by;       /* overruled consent: the event that overrules it; else none */
    bool is_mine;     /* this device's workers wrote what is kept, or it waits for this agency */
    bool can_accept;  /* an offer to this agency */
    bool can_dismiss; /* else it goes when it is settled, accepted or answered */
    const char *text; /* one sentence in the field's words */
    tp_estimate at;   /* when it came about: newest change involved */
} tp_review_item;

typedef struct tp_review_list {
    tp_arena arena;
    const tp_review_item *items; /* conflicts and offers first, newest first within a kind */
    uint32_t count;
    uint32_t dismissed_count; /* left out */
} tp_review_list;

/* person: of the records of this person's group; none: everything.
 * Owns:   *list_out is the caller's, tp_review_list_done(). */
TP_MUST_USE tp_rc tp_review_read(tp_view *view, tp_tx *tx, tp_name person, tp_review_list *list_out,
                                 tp_err *err);
void tp_review_list_done(tp_review_list *list);

/* Where an item stands in the list, for who reads on behind it: "RANK.MS.ID" and its end.  What
 * comes or goes meanwhile moves no place. */
enum { TP_REVIEW_PLACE_MAX = TP_REVIEW_ID_MAX + 32 };
void tp_review_place_of(const tp_review_item *item, char out[TP_REVIEW_PLACE_MAX]);
/* The first item behind a place; list->count where there is none.
 * Errors: INVALID it is no place. */
TP_MUST_USE tp_rc tp_review_behind(const tp_review_list *list, tp_slice place, uint32_t *first_out,
                                   tp_err *err);

/* How many there are, for the status line. */
TP_MUST_USE tp_rc tp_review_count(tp_view *view, tp_tx *tx, uint32_t *count_out, tp_err *err);

/* Does TP_REVIEW_COPIED wait? */
TP_MUST_USE tp_rc tp_review_has_copied(tp_view *view, tp_tx *tx, bool *has_out, tp_err *err);

/* Takes an item out of sight on this device, for good.  In a WRITE transaction.
 * Errors: NOTFOUND no such item (any more);  DENIED it cannot be dismissed: the text says how it
 *         goes. */
TP_MUST_USE tp_rc tp_review_dismiss(tp_view *view, tp_tx *tx, tp_slice id, tp_slice worker,
                                    tp_err *err);
/* Puts it back: it shows again as long as there is something to review.
 * Errors: NOTFOUND it was not dismissed. */
TP_MUST_USE tp_rc tp_review_restore(tp_tx *tx, tp_slice id, tp_err *err);

#endif
