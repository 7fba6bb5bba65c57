/* The one table of what the data is.  Validation, merge rules, information kinds, wire codes, JSON,
 * help texts and forms follow from its rows: adding a field is adding a row.
 *
 * Codes are for ever: never reuse one, never change a type. */
#ifndef TP_SCHEMA_ENTITY_H
#define TP_SCHEMA_ENTITY_H

#include "schema/value.h"

enum {
    TP_PERSON = 1,
    TP_ALIAS = 2,
    TP_CONTACT = 3,
    TP_HELP_REQUEST = 4,
    TP_CONSENT = 5,
    TP_NEED = 6,
    TP_ACTION = 7,
    TP_ROLE = 8,
    TP_JOIN = 9,
    TP_UNJOIN = 10,
    TP_LEGAL_GATEWAY = 11,
#ifdef TP_NEXT
    TP_BRIGHT_SPOT = 12, /* the next version's, for tests of two versions that meet */
#endif
    TP_SCORE = 13 /* 12 is in the golden bytes of what this version does not know */
};

/* Fields 1..9 mean the same in every entity, so that a hub can judge an entity it does not know. */
enum {
    TP_FIELD_INFO = 1,      /* information kinds of the record, said by the writer */
    TP_FIELD_RETRACTED = 2, /* why the record is hidden; null: brought back */
    TP_FIELD_PERSON = 3     /* whom the record is about; a person record has none */
};

enum {
    TP_PERSON_PREFERRED_NAME = 10,
    TP_PERSON_LEGAL_NAME,
    TP_PERSON_BORN,
    TP_PERSON_NHS_NUMBER,
    TP_PERSON_PHONE,
    TP_PERSON_PLACE,
    TP_PERSON_DESCRIPTION,
    TP_PERSON_SAFETY_NOTE,
    TP_PERSON_RISK,
    TP_PERSON_OWN_WORDS,
    TP_PERSON_LANGUAGE,
    TP_PERSON_SEX,
    TP_PERSON_GENDER,
    TP_PERSON_ETHNIC_GROUP,
    TP_PERSON_DISABILITY,
    TP_PERSON_RELIGION,
    TP_PERSON_SEXUAL_ORIENTATION,
    TP_PERSON_PREGNANCY,
    TP_PERSON_MARRIAGE,
    TP_PERSON_GENDER_REASSIGNMENT,
    TP_PERSON_NOTE
};
enum { TP_ALIAS_NAME = 10 };
enum {
    TP_CONTACT_HAPPENED_AT = 10,
    TP_CONTACT_PLACE,
    TP_CONTACT_KIND,
    TP_CONTACT_NOTE,
    TP_CONTACT_GRID,
    TP_CONTACT_ROUGH_SLEEPING,
    TP_CONTACT_OWN_WORDS,
#ifdef TP_NEXT
    TP_CONTACT_ANIMAL,
    TP_CONTACT_COURSE,
#endif
};
enum {
    TP_REQUEST_WORDS = 10,
    TP_REQUEST_ASKED_AT,
    TP_REQUEST_PLACE,
    TP_REQUEST_ROUTE,
    TP_REQUEST_STATUS,
    TP_REQUEST_HOLDER,
    TP_REQUEST_ANSWER,
    TP_REQUEST_CALLBACK,
    TP_REQUEST_NAME,
    TP_REQUEST_CODE,
    TP_REQUEST_REPLY,
    TP_REQUEST_LANGUAGE
};
enum {
    TP_CONSENT_DECISION = 10,
    TP_CONSENT_AGENCIES,
    TP_CONSENT_KINDS,
    TP_CONSENT_PURPOSES,
    TP_CONSENT_HOW,
    TP_CONSENT_WORDING,
    TP_CONSENT_WORDING_VERSION,
    TP_CONSENT_CAPACITY,
    TP_CONSENT_ENDS_ON,
    TP_CONSENT_REVIEW_ON,
    TP_CONSENT_IN_SIGHT,
    TP_CONSENT_PERSONS,
    TP_CONSENT_GIVEN_BY
};
enum {
    TP_NEED_KIND = 10,
    TP_NEED_LEVEL,
    TP_NEED_SUPPORT_IN_PLACE,
    TP_NEED_SUPPORT_FROM,
    TP_NEED_OWN_VIEW
};
enum {
    TP_ACTION_WHAT = 10,
    TP_ACTION_OWNER,
    TP_ACTION_DUE_ON,
    TP_ACTION_STATUS,
    TP_ACTION_DONE_NOTE,
    TP_ACTION_JOINT_WITH
};
enum {
    TP_ROLE_ROLE = 10,
    TP_ROLE_NAME,
    TP_ROLE_AGENCY,
    TP_ROLE_PHONE,
    TP_ROLE_RELATIONSHIP,
    TP_ROLE_ENDS_ON
};
enum { TP_JOIN_SAME_AS = 10, TP_JOIN_WHY };
enum { TP_UNJOIN_JOINS = 10, TP_UNJOIN_WHY };
enum {
    TP_SCORE_SCALE = 10,
    TP_SCORE_TAKEN_ON,
    TP_SCORE_TOTAL,
    TP_SCORE_ENGAGEMENT,
    TP_SCORE_SELF_HARM,
    TP_SCORE_UNINTENDED_SELF_HARM,
    TP_SCORE_RISK_TO_OTHERS,
    TP_SCORE_RISK_FROM_OTHERS,
    TP_SCORE_STRESS_AND_ANXIETY,
    TP_SCORE_SOCIAL_EFFECTIVENESS,
    TP_SCORE_ALCOHOL_AND_DRUGS,
    TP_SCORE_IMPULSE_CONTROL,
    TP_SCORE_HOUSING
};
#ifdef TP_NEXT
enum { TP_BRIGHT_SPOT_WHAT = 10, TP_BRIGHT_SPOT_WHY };
#endif
enum {
    TP_GATEWAY_AGENCIES = 10,
    TP_GATEWAY_KINDS,
    TP_GATEWAY_ENDS_ON,
    TP_GATEWAY_AUTHORISER,
    TP_GATEWAY_BASIS
};

/* How concurrent values of a field are settled (design section 4). */
typedef enum tp_rule {
    TP_RULE_LATEST = 1, /* shown: the highest (stamp, acceptance number) */
    TP_RULE_CAREFUL,    /* all side by side until somebody settles */
    TP_RULE_PROGRESS,   /* the furthest state on, but for a reopening that had seen it */
    TP_RULE_HOLDER,     /* acceptances and offers */
    TP_RULE_PROTECT,    /* consent: sync/access */
    TP_RULE_FIRST,      /* filled once: the lowest acceptance number stands */
    TP_RULE_KINDS,      /* information kinds: only the creating agency takes away */
    TP_RULE_RETRACT     /* hidden, unless somebody updated without having seen it */
} tp_rule;

enum {
    TP_FIELD_REQUIRED = 1u, /* the creating change must set it */
    TP_FIELD_ONCE = 2u,     /* only the creating change may set it */
    TP_FIELD_OPEN = 4u,     /* its code list takes free text */
    TP_FIELD_MADE = 16u,    /* the program makes it: nobody types it */
    TP_FIELD_KIND = 8u      /* its value is an information kind of the record (a need's own kind) */
};

typedef struct tp_field_row {
    uint32_t code;
    const char *name; /* in JSON, scripts and options */
    tp_type type;
    tp_rule rule;
    uint32_t flags;    /* TP_FIELD_... */
    uint32_t kinds;    /* information kinds the record gets when this field is set; 0: none */
    const char *list;  /* schema/code_list.h, or NULL */
    const char *label; /* on screen */
    const char *help;  /* one sentence */
} tp_field_row;

enum {
    TP_ENTITY_FINAL = 1u,      /* its records are never updated or retracted: another one answers */
    TP_ENTITY_PERSONLESS = 2u, /* may be about nobody known yet */
    TP_ENTITY_MOVES_ACCESS = 4u /* every change of it can move who may hold what */
};

typedef struct tp_entity_row {
    uint32_t code;
    const char *name; /* help_request */
    const char *label;
    uint32_t flags;             /* TP_ENTITY_... */
    uint32_t kinds;             /* information kinds every record of it has; 0: general */
    const tp_field_row *fields; /* ascending by code; ends with a row of code 0 */
} tp_entity_row;

/* All entities, ascending by code; ends with a row of code 0.  Static. */
extern const tp_entity_row tp_entities[];

/* NULL if unknown. */
const tp_entity_row *tp_entity_of(uint32_t code);
const tp_entity_row *tp_entity_named(tp_slice name);
/* A field of an entity, the common ones included; NULL if unknown (or the entity is). */
const tp_field_row *tp_field_of(uint32_t entity, uint32_t code);
const tp_field_row *tp_field_named(uint32_t entity, tp_slice name);

/* Retraction reasons ("wrong_person", "should_not_have_travelled") after which nobody else's update
 * brings the record back and only the creating agency may hold it. */
bool tp_retraction_is_final(tp_slice reason);

#endif
