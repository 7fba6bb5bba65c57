/* Who may hold what: the one judgement by which records travel (design section 5).  Pure; the
 * hub alone judges, devices obey. */
#ifndef TP_SYNC_ACCESS_MAY_H
#define TP_SYNC_ACCESS_MAY_H

#include "sync/access/consent.h"
#include "sync/access/gateway.h"
#include "sync/merge/record_change.h"

typedef enum tp_may {
    TP_MAY_NOT = 0, /* not sent; given back where it is held */
    TP_MAY_KEEP, /* stays where it is held, is not sent anew: something about the person that takes
                     * access away is not understood here */
    TP_MAY_HOLD
} tp_may;

/* What is known of one agency and one person. */
typedef struct tp_may_person {
    tp_name person;
    const tp_name *group;
    uint32_t group_count;
    const tp_grant *grant;      /* the agency's, about this person (tp_consent_grants) */
    const tp_gateway *gateways; /* of every record of the group */
    uint32_t gateways_count;
    bool is_stopped; /* a `restricts` change about the group is not understood here */
    bool ever_held;  /* the agency ever held anything about the group */
} tp_may_person;

/* What is asked: may `agency` hold this change of this record now? */
typedef struct tp_may_question {
    tp_slice agency;
    int64_t now_ms;
    uint32_t entity;
    tp_slice creator;                /* agency of the device that created the record */
    tp_slice author;                 /* agency of the device that wrote this change */
    uint32_t kinds;                  /* tp_kinds_of_record */
    bool is_final_retracted;         /* tp_retraction.is_final of sync/merge/decide.h */
    const tp_may_person *person;     /* whom it is about; NULL: nobody known */
    const tp_consent_event *consent; /* entity consent: the event, never NULL; else NULL */
    /* Entity consent: what is known of the further records a withdrawal or refusal names. */
    const tp_may_person *others;
    uint32_t others_count;
    /* Entities join and unjoin: the answers for the person records joined (of an unjoin: by the
     * joins it names).  None: not known, so not held. */
    const tp_may *joined;
    uint32_t joined_count;
    /* Entity unjoin: the answers for the joins it names, each by its own facts. */
    const tp_may *joins;
    uint32_t joins_count;
    bool holds_join; /* entity unjoin: the agency holds one of those that it may hold or keep */
} tp_may_question;

tp_may tp_may_hold(const tp_may_question *question);

#endif
