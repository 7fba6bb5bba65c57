/* Finds people offline by whatever is known of them: a name in any spelling, an alias, how it
 * sounds, a part of a date of birth, a phone number, an NHS number, words of the place or
 * description. */
#ifndef TP_NODE_VIEW_FIND_H
#define TP_NODE_VIEW_FIND_H

#include "node/view/shown.h"
#include "schema/partial_date.h"

enum { TP_FOUND_WHY_MAX = 8 };

/* One person found. */
typedef struct tp_found {
    tp_name person;
    const tp_shown *shown; /* the person's record, to tell two of one name apart */
    uint32_t score;        /* the higher the better; meaningless otherwise */
    uint32_t why_count;
    const char *why[TP_FOUND_WHY_MAX]; /* "name", "sounds like Shaun", "born 1984": English */
    bool is_named;   /* by whole names or other names, a phone or NHS number: nobody guesses */
    tp_name same_as; /* a better one in the list is joined with this; none: this is the first */
} tp_found;

typedef struct tp_found_list {
    tp_arena arena;
    const tp_found *people; /* best first */
    uint32_t count;
} tp_found_list;

/* Every word of `typed` must fit somewhere, but for NHS numbers, phones and dates of birth, one of
 * which is enough.  Empty list: nobody.
 * Owns:   *list_out is the caller's, tp_found_list_done(). */
TP_MUST_USE tp_rc tp_find(tp_view *view, tp_tx *tx, tp_slice typed, uint32_t max,
                          tp_found_list *list_out, tp_err *err);
void tp_found_list_done(tp_found_list *list);

/* What is about to be recorded of a person; empty where it is not known. */
typedef struct tp_person_facts {
    tp_slice names[4]; /* preferred, legal, aliases */
    uint32_t names_count;
    tp_slice born, phone, nhs_number; /* as stored */
} tp_person_facts;

/* Who of those held may be this person: the same NHS number or phone, or a name that sounds alike
 * with a date of birth that fits.  Owns: as tp_find. */
TP_MUST_USE tp_rc tp_find_may_be(tp_view *view, tp_tx *tx, const tp_person_facts *facts,
                                 uint32_t max, tp_found_list *list_out, tp_err *err);

#endif
