/* The table of entities and fields. */
#include "schema/entity.h"

#include "schema/kind.h"

#define NO_ROW                                                                                     \
    {                                                                                              \
        0, NULL, TP_TYPE_TEXT, TP_RULE_LATEST, 0, 0, NULL, NULL, NULL                              \
    }
/* Rows by shape, so that a line shows what is particular about a field. */
#define TEXT(code, name, flags, label, help)                                                       \
    {                                                                                              \
        code, name, TP_TYPE_TEXT, TP_RULE_LATEST, flags, 0, NULL, label, help                      \
    }
#define CODE(code, name, flags, list, label, help)                                                 \
    {                                                                                              \
        code, name, TP_TYPE_CODE, TP_RULE_LATEST, flags, 0, list, label, help                      \
    }
#define FIELD(code, name, type, rule, label, help)                                                 \
    {                                                                                              \
        code, name, type, rule, 0, 0, NULL, label, help                                            \
    }
/* A fact of an event: set when it is written, never after. */
#define FACT(code, name, type, list, label, help)                                                  \
    {                                                                                              \
        code, name, type, TP_RULE_PROTECT, TP_FIELD_ONCE, 0, list, label, help                     \
    }
#define MUST(code, name, type, list, label, help)                                                  \
    {                                                                                              \
        code, name, type, TP_RULE_PROTECT, TP_FIELD_REQUIRED | TP_FIELD_ONCE, 0, list, label, help \
    }

static const char offered[] = "Recorded only if the person offers it.";

static const tp_field_row common_fields[] = {
    {TP_FIELD_INFO, "info", TP_TYPE_CODES, TP_RULE_KINDS, 0, 0, "kind", "Kinds of information",
     "What it is about, where that is more than general: only who may see all of it sees it."},
    {TP_FIELD_RETRACTED, "retracted", TP_TYPE_CODE, TP_RULE_RETRACT, TP_FIELD_OPEN, 0, "retraction",
     "Taken back because", "Why this record is hidden."},
    FIELD(TP_FIELD_PERSON, "person", TP_TYPE_RECORD, TP_RULE_FIRST, "Person", "Whom it is about."),
    NO_ROW};

static const tp_field_row person_fields[] = {
    TEXT(TP_PERSON_PREFERRED_NAME, "preferred_name", 0, "Name", "What they like to be called."),
    TEXT(TP_PERSON_LEGAL_NAME, "legal_name", 0, "Legal name", "Only if known and safe to say."),
    FIELD(TP_PERSON_BORN, "born", TP_TYPE_PARTIAL_DATE, TP_RULE_LATEST, "Born",
          "1984, 1984-05, 1984-05-11 or ~1970."),
    FIELD(TP_PERSON_NHS_NUMBER, "nhs_number", TP_TYPE_NHS_NUMBER, TP_RULE_LATEST, "NHS number",
          "Ten digits; the last one is checked."),
    FIELD(TP_PERSON_PHONE, "phone", TP_TYPE_PHONE, TP_RULE_LATEST, "Phone", "As it is dialled."),
    TEXT(TP_PERSON_PLACE, "place", 0, "Usual place", "Where they are usually found, in words."),
    TEXT(TP_PERSON_DESCRIPTION, "description", 0, "Description", "How to know them again."),
    FIELD(TP_PERSON_SAFETY_NOTE, "safety_note", TP_TYPE_TEXT, TP_RULE_CAREFUL, "Safety note",
          "What everybody who meets them must know."),
    FIELD(TP_PERSON_RISK, "risk", TP_TYPE_TEXT, TP_RULE_CAREFUL, "Risk",
          "Risk to or from others, and what helps."),
    TEXT(TP_PERSON_OWN_WORDS, "own_words", 0, "In their own words",
         "What they say and wish; first on every page (PH5)."),
    TEXT(TP_PERSON_LANGUAGE, "language", 0, "Language", "What they like to speak."),
    CODE(TP_PERSON_SEX, "sex", 0, "sex", "Sex", offered),
    CODE(TP_PERSON_GENDER, "gender", TP_FIELD_OPEN, "gender", "Gender identity", offered),
    CODE(TP_PERSON_ETHNIC_GROUP, "ethnic_group", 0, "ethnic_group", "Ethnic group", offered),
    CODE(TP_PERSON_DISABILITY, "disability", TP_FIELD_OPEN, "disability", "Disability", offered),
    CODE(TP_PERSON_RELIGION, "religion", TP_FIELD_OPEN, "religion", "Religion", offered),
    CODE(TP_PERSON_SEXUAL_ORIENTATION, "sexual_orientation", TP_FIELD_OPEN, "sexual_orientation",
         "Sexual orientation", offered),
    CODE(TP_PERSON_PREGNANCY, "pregnancy", TP_FIELD_OPEN, "pregnancy", "Pregnancy", offered),
    CODE(TP_PERSON_MARRIAGE, "marriage", TP_FIELD_OPEN, "marriage", "Marriage or civil partnership",
         offered),
    CODE(TP_PERSON_GENDER_REASSIGNMENT, "gender_reassignment", TP_FIELD_OPEN, "gender_reassignment",
         "Gender reassignment", offered),
    TEXT(TP_PERSON_NOTE, "note", 0, "Note", "Anything else that helps to help."),
    NO_ROW};

static const tp_field_row alias_fields[] = {TEXT(TP_ALIAS_NAME, "name", TP_FIELD_REQUIRED,
                                                 "Also known as",
                                                 "A street name, an old name, another spelling."),
                                            NO_ROW};

static const tp_field_row contact_fields[] = {
    FIELD(TP_CONTACT_HAPPENED_AT, "happened_at", TP_TYPE_INSTANT, TP_RULE_LATEST, "Happened at",
          "Only if it was not just now."),
    TEXT(TP_CONTACT_PLACE, "place", 0, "Place", "What a worker would say; never required."),
    CODE(TP_CONTACT_KIND, "kind", TP_FIELD_OPEN, "contact_kind", "Kind",
         "street, drop_in, visit, phone, message, looked_for, or a word of your own."),
    TEXT(TP_CONTACT_NOTE, "note", 0, "Note", "What happened."),
    FIELD(TP_CONTACT_GRID, "grid", TP_TYPE_GRID, TP_RULE_LATEST, "Grid reference",
          "Three words or an OS grid reference."),
    CODE(TP_CONTACT_ROUGH_SLEEPING, "rough_sleeping", 0, "rough_sleeping", "Rough sleeping",
         "Bedded down in the open air, or in a place not meant for living in."),
    TEXT(TP_CONTACT_OWN_WORDS, "own_words", 0, "In their own words", "As they said it."),
#ifdef TP_NEXT
    TEXT(TP_CONTACT_ANIMAL, "animal", 0, "Animal", "Who comes along and must be let in."),
    {TP_CONTACT_COURSE, "course", TP_TYPE_TEXT, TP_RULE_LATEST, 0, TP_KIND_BIT(TP_KIND_EDUCATION),
     NULL, "Course", "What they learn, and where."},
#endif
    NO_ROW};

static const tp_field_row help_request_fields[] = {
    TEXT(TP_REQUEST_WORDS, "words", TP_FIELD_REQUIRED, "Asked for", "In their own words (PH1)."),
    FIELD(TP_REQUEST_ASKED_AT, "asked_at", TP_TYPE_INSTANT, TP_RULE_LATEST, "Asked at",
          "Only if it was not just now."),
    TEXT(TP_REQUEST_PLACE, "place", 0, "Place", "Where they asked."),
    CODE(TP_REQUEST_ROUTE, "route", TP_FIELD_OPEN, "route", "Came by",
         "worker, kiosk, phone or agency."),
    {TP_REQUEST_STATUS, "status", TP_TYPE_CODE, TP_RULE_PROGRESS, 0, 0, "request_status", "Status",
     "open, held, answered, or withdrawn by the person."},
    FIELD(TP_REQUEST_HOLDER, "holder", TP_TYPE_HOLDER, TP_RULE_HOLDER, "Held by",
          "Who answers for it until somebody else has accepted it (PH2)."),
    TEXT(TP_REQUEST_ANSWER, "answer", 0, "Answer", "What became of it."),
    TEXT(TP_REQUEST_CALLBACK, "callback", 0, "How to find them", "Where and when."),
    TEXT(TP_REQUEST_NAME, "name", 0, "Name given", "What they said they are called."),
    {TP_REQUEST_CODE, "code", TP_TYPE_TEXT, TP_RULE_PROTECT, TP_FIELD_ONCE | TP_FIELD_MADE, 0, NULL,
     "Their code", "By it they ask later what became of it: give it to nobody else."},
    TEXT(TP_REQUEST_REPLY, "reply", 0, "To tell them", "What whoever has their code is told."),
    TEXT(TP_REQUEST_LANGUAGE, "language", 0, "Language", "The one they asked in."),
    NO_ROW};

static const tp_field_row consent_fields[] = {
    MUST(TP_CONSENT_DECISION, "decision", TP_TYPE_CODE, "decision", "Decision",
         "given, refused or withdrawn."),
    MUST(TP_CONSENT_AGENCIES, "agencies", TP_TYPE_AGENCIES, NULL, "Agencies",
         "Which agencies; * for all."),
    MUST(TP_CONSENT_KINDS, "kinds", TP_TYPE_CODES, "kind", "Kinds",
         "Which kinds of information; * only to refuse or withdraw."),
    MUST(TP_CONSENT_PURPOSES, "purposes", TP_TYPE_CODES, "purpose", "Purposes",
         "support, mdt_discussion, evaluation; * only to refuse or withdraw."),
    MUST(TP_CONSENT_HOW, "how", TP_TYPE_CODE, "how", "How", "spoken, signed or kiosk."),
    FACT(TP_CONSENT_WORDING, "wording", TP_TYPE_TEXT, NULL, "Wording", "Which one was used."),
    FACT(TP_CONSENT_WORDING_VERSION, "wording_version", TP_TYPE_COUNT, NULL, "Wording version",
         "Its version."),
    MUST(TP_CONSENT_CAPACITY, "capacity", TP_TYPE_CODE, "capacity", "Capacity",
         "Whether the worker believed that the person had capacity to decide."),
    FACT(TP_CONSENT_ENDS_ON, "ends_on", TP_TYPE_DATE, NULL, "Ends on",
         "The last day, to its end in London."),
    FACT(TP_CONSENT_REVIEW_ON, "review_on", TP_TYPE_DATE, NULL, "Ask again on",
         "When to ask again."),
    FACT(TP_CONSENT_IN_SIGHT, "in_sight", TP_TYPE_RECORDS, NULL, "In sight of",
         "The consent events on the page it was written from."),
    FACT(TP_CONSENT_PERSONS, "persons", TP_TYPE_RECORDS, NULL, "Joined records",
         "Every record of the group on the page it was written from."),
    FACT(TP_CONSENT_GIVEN_BY, "given_by", TP_TYPE_TEXT, NULL, "Given by",
         "Who decided, where it was not the person alone."),
    NO_ROW};

static const tp_field_row need_fields[] = {
    {TP_NEED_KIND, "kind", TP_TYPE_CODE, TP_RULE_KINDS, TP_FIELD_REQUIRED | TP_FIELD_KIND, 0,
     "kind", "Need", "Which kind of need."},
    CODE(TP_NEED_LEVEL, "level", 0, "need_level", "Level", "none, some, high or unknown."),
    FIELD(TP_NEED_SUPPORT_IN_PLACE, "support_in_place", TP_TYPE_BOOL, TP_RULE_LATEST,
          "Support in place", "Whether anybody supports them with it now."),
    TEXT(TP_NEED_SUPPORT_FROM, "support_from", 0, "Support from", "From whom."),
    TEXT(TP_NEED_OWN_VIEW, "own_view", 0, "Own view", "What the person says about it."),
    NO_ROW};

static const tp_field_row action_fields[] = {
    TEXT(TP_ACTION_WHAT, "what", TP_FIELD_REQUIRED, "Action", "Doable and specific (WA5)."),
    FIELD(TP_ACTION_OWNER, "owner", TP_TYPE_HOLDER, TP_RULE_HOLDER, "Owner", "Who does it."),
    FIELD(TP_ACTION_DUE_ON, "due_on", TP_TYPE_DATE, TP_RULE_LATEST, "Due", "By when."),
    {TP_ACTION_STATUS, "status", TP_TYPE_CODE, TP_RULE_PROGRESS, 0, 0, "action_status", "Status",
     "open, doing or done."},
    TEXT(TP_ACTION_DONE_NOTE, "done_note", 0, "Outcome", "What came of it."),
    FIELD(TP_ACTION_JOINT_WITH, "joint_with", TP_TYPE_AGENCIES, TP_RULE_LATEST, "Together with",
          "Other agencies that share it (MP2)."),
    NO_ROW};

static const tp_field_row role_fields[] = {
    CODE(TP_ROLE_ROLE, "role", TP_FIELD_REQUIRED | TP_FIELD_OPEN, "role", "Role",
         "lead_practitioner, expert_by_relationship, system_connector or navigator (PH3)."),
    TEXT(TP_ROLE_NAME, "name", TP_FIELD_REQUIRED, "Who", "The name of who has the role."),
    FIELD(TP_ROLE_AGENCY, "agency", TP_TYPE_AGENCY, TP_RULE_LATEST, "Agency", "Theirs, if any."),
    FIELD(TP_ROLE_PHONE, "phone", TP_TYPE_PHONE, TP_RULE_LATEST, "Phone", "How to reach them."),
    TEXT(TP_ROLE_RELATIONSHIP, "relationship", 0, "Relationship", "Mother, peer, friend."),
    FIELD(TP_ROLE_ENDS_ON, "ends_on", TP_TYPE_DATE, TP_RULE_LATEST, "Until", "The last day."),
    NO_ROW};

static const tp_field_row join_fields[] = {
    MUST(TP_JOIN_SAME_AS, "same_as", TP_TYPE_RECORD, NULL, "Same person as", "The other record."),
    FACT(TP_JOIN_WHY, "why", TP_TYPE_TEXT, NULL, "Because", "What makes you think so."), NO_ROW};

static const tp_field_row unjoin_fields[] = {
    MUST(TP_UNJOIN_JOINS, "joins", TP_TYPE_RECORDS, NULL, "Undoes", "The joins it undoes."),
    FACT(TP_UNJOIN_WHY, "why", TP_TYPE_TEXT, NULL, "Because", "What showed that they are two."),
    NO_ROW};

static const tp_field_row legal_gateway_fields[] = {
    MUST(TP_GATEWAY_AGENCIES, "agencies", TP_TYPE_AGENCIES, NULL, "Agencies",
         "Which agencies may hold it."),
    MUST(TP_GATEWAY_KINDS, "kinds", TP_TYPE_CODES, "kind", "Kinds", "Which kinds of information."),
    MUST(TP_GATEWAY_ENDS_ON, "ends_on", TP_TYPE_DATE, NULL, "Ends on",
         "The last day, to its end in London."),
    MUST(TP_GATEWAY_AUTHORISER, "authoriser", TP_TYPE_TEXT, NULL, "Authorised by",
         "Somebody other than the writer."),
    MUST(TP_GATEWAY_BASIS, "basis", TP_TYPE_TEXT, NULL, "Legal basis", "The law and the reason."),
    NO_ROW};

/* Every field is a fact of the day it was asked: a slip is taken back and the score written again,
 * so that no merge ever puts the items of two days under one total.
 *
 * Kinds: what a scale asks decides who may see the answer.  Both measure mental health, so every
 * score is of that kind; an item tells more, and its record goes only to who may know all of it.  A
 * total alone tells of no item, and is the way to share one more widely. */
#define ITEM(code, name, kinds, label, help)                                                       \
    {                                                                                              \
        code, name, TP_TYPE_COUNT, TP_RULE_PROTECT, TP_FIELD_ONCE, kinds, NULL, label, help        \
    }
static const char nought_to_four[] = "NDT: 0 to 4.";
static const char nought_to_eight[] = "NDT: 0, 2, 4, 6 or 8.";

static const tp_field_row score_fields[] = {
    MUST(TP_SCORE_SCALE, "scale", TP_TYPE_CODE, "score_scale", "Scale", "ndt or reqol_10."),
    FACT(TP_SCORE_TAKEN_ON, "taken_on", TP_TYPE_DATE, NULL, "Taken on",
         "Only if it was not today."),
    FACT(TP_SCORE_TOTAL, "total", TP_TYPE_COUNT, NULL, "Total",
         "NDT 0 to 48, added up where all items are given; ReQoL-10 0 to 40."),
    ITEM(TP_SCORE_ENGAGEMENT, "engagement", 0, "Engagement with services", nought_to_four),
    ITEM(TP_SCORE_SELF_HARM, "self_harm", TP_KIND_BIT(TP_KIND_SAFEGUARDING),
         "Intentional self-harm", nought_to_four),
    ITEM(TP_SCORE_UNINTENDED_SELF_HARM, "unintended_self_harm",
         TP_KIND_BIT(TP_KIND_PHYSICAL_HEALTH), "Unintentional self-harm", nought_to_four),
    ITEM(TP_SCORE_RISK_TO_OTHERS, "risk_to_others", TP_KIND_BIT(TP_KIND_OFFENDING),
         "Risk to others", nought_to_eight),
    ITEM(TP_SCORE_RISK_FROM_OTHERS, "risk_from_others",
         TP_KIND_BIT(TP_KIND_DOMESTIC_ABUSE) | TP_KIND_BIT(TP_KIND_SAFEGUARDING),
         "Risk from others", nought_to_eight),
    ITEM(TP_SCORE_STRESS_AND_ANXIETY, "stress_and_anxiety", 0, "Stress and anxiety",
         nought_to_four),
    ITEM(TP_SCORE_SOCIAL_EFFECTIVENESS, "social_effectiveness", 0, "Social effectiveness",
         nought_to_four),
    ITEM(TP_SCORE_ALCOHOL_AND_DRUGS, "alcohol_and_drugs", TP_KIND_BIT(TP_KIND_SUBSTANCE_USE),
         "Alcohol and drugs", nought_to_four),
    ITEM(TP_SCORE_IMPULSE_CONTROL, "impulse_control", 0, "Impulse control", nought_to_four),
    ITEM(TP_SCORE_HOUSING, "housing", TP_KIND_BIT(TP_KIND_HOUSING), "Housing", nought_to_four),
    NO_ROW};

#ifdef TP_NEXT
static const tp_field_row bright_spot_fields[] = {
    TEXT(TP_BRIGHT_SPOT_WHAT, "what", TP_FIELD_REQUIRED, "What went well", "So others can (PH9)."),
    TEXT(TP_BRIGHT_SPOT_WHY, "why", 0, "Why", "What made it go well."), NO_ROW};
enum { CONTACT_FLAGS = TP_ENTITY_PERSONLESS };
#else
enum { CONTACT_FLAGS = 0 };
#endif

const tp_entity_row tp_entities[] = {
    {TP_PERSON, "person", "Person", 0, 0, person_fields},
    {TP_ALIAS, "alias", "Alias", 0, 0, alias_fields},
    {TP_CONTACT, "contact", "Contact", CONTACT_FLAGS, 0, contact_fields},
    {TP_HELP_REQUEST, "help_request", "Help request", TP_ENTITY_PERSONLESS, 0, help_request_fields},
    {TP_CONSENT, "consent", "Consent", TP_ENTITY_FINAL | TP_ENTITY_MOVES_ACCESS, 0, consent_fields},
    {TP_NEED, "need", "Need", 0, 0, need_fields},
    {TP_ACTION, "action", "Action", TP_ENTITY_PERSONLESS, 0, action_fields},
    {TP_ROLE, "role", "Role", 0, 0, role_fields},
    {TP_JOIN, "join", "Join", TP_ENTITY_FINAL | TP_ENTITY_MOVES_ACCESS, 0, join_fields},
    {TP_UNJOIN, "unjoin", "Unjoin", TP_ENTITY_FINAL | TP_ENTITY_MOVES_ACCESS, 0, unjoin_fields},
    {TP_LEGAL_GATEWAY, "legal_gateway", "Legal gateway", TP_ENTITY_FINAL | TP_ENTITY_MOVES_ACCESS,
     TP_KIND_BIT(TP_KIND_SAFEGUARDING), legal_gateway_fields},
#ifdef TP_NEXT
    {TP_BRIGHT_SPOT, "bright_spot", "Bright spot", 0, 0, bright_spot_fields},
#endif
    {TP_SCORE, "score", "Score", 0, TP_KIND_BIT(TP_KIND_MENTAL_HEALTH), score_fields},
    {0, NULL, NULL, 0, 0, NULL}};

const tp_entity_row *tp_entity_of(uint32_t code)
{
    for (const tp_entity_row *e = tp_entities; e->code != 0; e++) {
        if (e->code == code) {
            return e;
        }
    }
    return NULL;
}

const tp_entity_row *tp_entity_named(tp_slice name)
{
    for (const tp_entity_row *e = tp_entities; e->code != 0; e++) {
        if (tp_slice_is(name, e->name)) {
            return e;
        }
    }
    return NULL;
}

static const tp_field_row *find_code(const tp_field_row *rows, uint32_t code)
{
    for (const tp_field_row *f = rows; f->code != 0; f++) {
        if (f->code == code) {
            return f;
        }
    }
    return NULL;
}

static const tp_field_row *find_name(const tp_field_row *rows, tp_slice name)
{
    for (const tp_field_row *f = rows; f->code != 0; f++) {
        if (tp_slice_is(name, f->name)) {
            return f;
        }
    }
    return NULL;
}

const tp_field_row *tp_field_of(uint32_t entity, uint32_t code)
{
    const tp_entity_row *e = tp_entity_of(entity);
    if (e == NULL) {
        return NULL;
    }
    const tp_field_row *f = find_code(common_fields, code);
    return f != NULL ? f : find_code(e->fields, code);
}

const tp_field_row *tp_field_named(uint32_t entity, tp_slice name)
{
    const tp_entity_row *e = tp_entity_of(entity);
    if (e == NULL) {
        return NULL;
    }
    const tp_field_row *f = find_name(e->fields, name);
    return f != NULL ? f : find_name(common_fields, name);
}

bool tp_retraction_is_final(tp_slice reason)
{
    return tp_slice_is(reason, "wrong_person") || tp_slice_is(reason, "should_not_have_travelled");
}
