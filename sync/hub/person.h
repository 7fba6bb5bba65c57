/* What is known of a person's access: group, grants, gateways.  Read once and remembered, so that a
 * hundred thousand contacts about a thousand people cost a thousand readings. */
#ifndef TP_SYNC_HUB_PERSON_H
#define TP_SYNC_HUB_PERSON_H

#include "sync/access/may.h"
#include "sync/hub/record.h"

/* The answers for one sort of change about the person, for each agency: contacts of one kind from
 * one device are all alike. */
typedef struct tp_hub_sort {
    uint32_t entity;
    uint32_t kinds;
    uint16_t creator;
    uint16_t author;
    bool is_final_retracted;
} tp_hub_sort;

enum { TP_HUB_SORTS = 4 };

/* Invariant: true at the moment at which it was read; forgotten when something moves it. */
typedef struct tp_hub_person {
    tp_name name;
    const tp_name *group; /* sorted, with the person */
    uint32_t group_count;
    const tp_name
        *ever; /* everybody ever joined with one of them: their consents are read together */
    uint32_t ever_count;
    bool is_ever_over;      /* more than are looked at */
    const tp_grant *grants; /* by agency number - 1 */
    const tp_gateway *gateways;
    uint32_t gateways_count;
    bool has_joins;    /* was ever joined, or is to be with somebody not known yet */
    bool has_refusal;  /* somebody refused or withdrew something */
    bool is_stopped;   /* something about the group that takes access away is not understood */
    int64_t next_ms;   /* the first moment at which a date alone could change it; 0: never */
    bool is_known;     /* the person's own record is at the hub, and is a person */
    bool is_erased;    /* it was, and will not be again */
    bool is_other;     /* what is at the hub by that name is no person */
    uint32_t kinds;    /* of the person's own record */
    bool is_retracted; /* finally, so that its agency alone may hold it */
    uint16_t creator;
    uint32_t sorts_count;
    tp_hub_sort sorts[TP_HUB_SORTS];
    uint8_t *answers;   /* tp_may, by sort and agency */
    tp_hub_arena arena; /* holds what is above */
} tp_hub_person;

/* The memory of persons.  One thread; lives beside the store. */
typedef struct tp_hub_persons tp_hub_persons;

TP_MUST_USE tp_rc tp_hub_persons_new(tp_hub_store *store, tp_hub_persons **persons_out,
                                     tp_err *err);
void tp_hub_persons_free(tp_hub_persons *persons); /* takes NULL */

/* Everything: another process wrote, a transaction was undone, agencies or agreements changed. */
void tp_hub_persons_forget(tp_hub_persons *persons);
/* Everything, if more is remembered than there should be.  Between two pieces of work. */
void tp_hub_persons_trim(tp_hub_persons *persons);
/* One person; whoever changes a group forgets each of it. */
void tp_hub_persons_forget_one(tp_hub_persons *persons, tp_name name);

/* Reads or remembers.  now_ms may not go back from call to call; what a date ended is read anew.
 * Owns:   *person_out lives until a forget, a trim, or until it is got at a later now_ms. */
TP_MUST_USE tp_rc tp_hub_persons_get(tp_hub_persons *persons, tp_name name, int64_t now_ms,
                                     const tp_hub_person **person_out, tp_err *err);

/* The agencies' terms, by number - 1. */
TP_MUST_USE tp_rc tp_hub_persons_terms(tp_hub_persons *persons, const tp_agency_terms **terms_out,
                                       uint32_t *count_out, tp_err *err);
/* The store they are of, and room to decode a change in, for those who work with these persons. */
tp_hub_store *tp_hub_persons_store(tp_hub_persons *persons);
tp_change *tp_hub_persons_scratch(tp_hub_persons *persons);

/* All consent events about a person, for `consent PERSON`: the book as judging saw it.
 * Owns: the book lives until the next call with these persons. */
TP_MUST_USE tp_rc tp_hub_persons_book(tp_hub_persons *persons, tp_name name, int64_t now_ms,
                                      const tp_consent_book **book_out, tp_err *err);

#endif
