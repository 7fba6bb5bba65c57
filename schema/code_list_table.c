/* Every code and its English label.  A code, once written by anybody, is never changed or reused: a
 * list grows at its end, or where a form wants the new one to stand. */
#include "schema/code_list.h"

static const tp_code contact_kinds[] = {
    {"street", "On the street"}, {"drop_in", "Drop-in"}, {"visit", "Visit"},
    {"phone", "Phone call"},     {"message", "Message"}, {"looked_for", "Looked for, not found"},
};

/* Source: rough sleeping as counted in England (domain, Facts). */
static const tp_code rough_sleepings[] = {
    {"bedded_down", "Bedded down in the open air"},
    {"about_to_bed_down", "About to bed down in the open air"},
    {"not_meant_for_living", "In a place not meant for living in (car, shed, doorway, tent)"},
    {"no", "Not rough sleeping"},
    {"unknown", "Not known"},
};

static const tp_code routes[] = {
    {"worker", "Told to a worker"},
    {"kiosk", "At a kiosk"},
    {"phone", "By phone"},
    {"agency", "Through an agency"},
};

static const tp_code request_statuses[] = {
    {"open", "Open"},
    {"held", "Held"},
    {"answered", "Answered"},
    {"withdrawn", "Withdrawn by the person"},
};

static const tp_code decisions[] = {
    {"given", "Given"},
    {"refused", "Refused"},
    {"withdrawn", "Withdrawn"},
};

static const tp_code hows[] = {
    {"spoken", "Spoken"},
    {"signed", "Signed"},
    {"kiosk", "On the kiosk"},
};

static const tp_code capacities[] = {
    {"believed_to_have", "Believed to have capacity"},
    {"in_doubt", "Capacity in doubt"},
    {"lacks", "Lacks capacity for this decision"},
};

static const tp_code action_statuses[] = {
    {"open", "Open"},
    {"doing", "Being done"},
    {"done", "Done"},
};

static const tp_code roles[] = {
    {"lead_practitioner", "Lead practitioner"},
    {"expert_by_relationship", "Expert by relationship"},
    {"system_connector", "System connector"},
    {"navigator", "Navigator"},
};

static const tp_code need_levels[] = {
    {"none", "None"},
    {"some", "Some"},
    {"high", "High"},
    {"unknown", "Not known"},
};

/* Source: domain, SM3. */
static const tp_code score_scales[] = {
    {"ndt", "New Directions Team (NDT)"},
    {"reqol_10", "Recovering Quality of Life (ReQoL-10)"},
};

static const tp_code kinds[] = {
    {"general", "General"},
    {"housing", "Housing"},
    {"physical_health", "Physical health"},
    {"mental_health", "Mental health"},
    {"substance_use", "Substance use"},
    {"offending", "Offending"},
    {"domestic_abuse", "Domestic abuse"},
    {"money", "Money"},
    {"immigration", "Immigration"},
    {"safeguarding", "Safeguarding"},
#ifdef TP_NEXT
    {"education", "Education"},
#endif
};

static const tp_code purposes[] = {
    {"support", "Support"},
    {"mdt_discussion", "Discussion by the multi-agency team"},
    {"evaluation", "Evaluation of the service"},
};

/* The first two mean that the record never comes back by an update, and that its creating agency
 * alone may hold it. */
static const tp_code retractions[] = {
    {"wrong_person", "It is about another person"},
    {"should_not_have_travelled", "It should not have left the agency"},
    {"written_twice", "It was written twice"},
    {"mistake", "It was a mistake"},
};

/* Source: Census 2021, England and Wales, ethnic group, 19 categories (Office for National
 * Statistics). */
static const tp_code ethnic_groups[] = {
    {"asian_bangladeshi", "Asian, Asian British or Asian Welsh: Bangladeshi"},
    {"asian_chinese", "Asian, Asian British or Asian Welsh: Chinese"},
    {"asian_indian", "Asian, Asian British or Asian Welsh: Indian"},
    {"asian_pakistani", "Asian, Asian British or Asian Welsh: Pakistani"},
    {"asian_other", "Asian, Asian British or Asian Welsh: Other Asian"},
    {"black_african", "Black, Black British, Black Welsh, Caribbean or African: African"},
    {"black_caribbean", "Black, Black British, Black Welsh, Caribbean or African: Caribbean"},
    {"black_other", "Black, Black British, Black Welsh, Caribbean or African: Other Black"},
    {"mixed_white_asian", "Mixed or Multiple ethnic groups: White and Asian"},
    {"mixed_white_black_african", "Mixed or Multiple ethnic groups: White and Black African"},
    {"mixed_white_black_caribbean", "Mixed or Multiple ethnic groups: White and Black Caribbean"},
    {"mixed_other", "Mixed or Multiple ethnic groups: Other Mixed or Multiple ethnic groups"},
    {"white_british", "White: English, Welsh, Scottish, Northern Irish or British"},
    {"white_gypsy_traveller", "White: Gypsy or Irish Traveller"},
    {"white_irish", "White: Irish"},
    {"white_roma", "White: Roma"},
    {"white_other", "White: Other White"},
    {"arab", "Other ethnic group: Arab"},
    {"other", "Other ethnic group: Any other ethnic group"},
    {"not_stated", "Asked, not stated"},
    {"not_asked", "Not asked"},
};

/* Sex and gender identity are two fields (domain, Facts).  Source of the answers below: Census 2021
 * questions and the protected characteristics of the Equality Act 2010, section 4. */
static const tp_code sexes[] = {
    {"female", "Female"},       {"male", "Male"},
    {"intersex", "Intersex"},   {"prefer_not_to_say", "Prefers not to say"},
    {"not_asked", "Not asked"},
};

static const tp_code genders[] = {
    {"woman", "Woman"},           {"man", "Man"},
    {"non_binary", "Non-binary"}, {"prefer_not_to_say", "Prefers not to say"},
    {"not_asked", "Not asked"},
};

static const tp_code gender_reassignments[] = {
    {"yes", "Gender differs from the sex registered at birth"},
    {"no", "Gender is the sex registered at birth"},
    {"prefer_not_to_say", "Prefers not to say"},
    {"not_asked", "Not asked"},
};

static const tp_code sexual_orientations[] = {
    {"straight", "Straight or heterosexual"},
    {"gay_or_lesbian", "Gay or lesbian"},
    {"bisexual", "Bisexual"},
    {"prefer_not_to_say", "Prefers not to say"},
    {"not_asked", "Not asked"},
};

static const tp_code religions[] = {
    {"no_religion", "No religion"},
    {"buddhist", "Buddhist"},
    {"christian", "Christian"},
    {"hindu", "Hindu"},
    {"jewish", "Jewish"},
    {"muslim", "Muslim"},
    {"sikh", "Sikh"},
    {"prefer_not_to_say", "Prefers not to say"},
    {"not_asked", "Not asked"},
};

static const tp_code disabilities[] = {
    {"limited_a_lot", "Day-to-day life limited a lot"},
    {"limited_a_little", "Day-to-day life limited a little"},
    {"not_limited", "Condition, but day-to-day life not limited"},
    {"no", "No long-term condition"},
    {"prefer_not_to_say", "Prefers not to say"},
    {"not_asked", "Not asked"},
};

static const tp_code pregnancies[] = {
    {"pregnant", "Pregnant"},
    {"gave_birth_26_weeks", "Gave birth in the last 26 weeks"},
    {"no", "No"},
    {"prefer_not_to_say", "Prefers not to say"},
    {"not_asked", "Not asked"},
};

static const tp_code marriages[] = {
    {"never_married", "Never married and never in a civil partnership"},
    {"married", "Married"},
    {"civil_partnership", "In a civil partnership"},
    {"separated", "Separated"},
    {"divorced", "Divorced, or partnership dissolved"},
    {"widowed", "Widowed, or surviving partner"},
    {"prefer_not_to_say", "Prefers not to say"},
    {"not_asked", "Not asked"},
};

#define CODES(codes) codes, (unsigned)(sizeof codes / sizeof codes[0])

const tp_code_list tp_code_lists[] = {
    {"kind", "kind of information", CODES(kinds)},
    {"purpose", "purpose", CODES(purposes)},
    {"decision", "decision", CODES(decisions)},
    {"how", "how it was said", CODES(hows)},
    {"capacity", "capacity", CODES(capacities)},
    {"contact_kind", "kind of contact", CODES(contact_kinds)},
    {"rough_sleeping", "rough sleeping", CODES(rough_sleepings)},
    {"route", "route", CODES(routes)},
    {"request_status", "status of the request", CODES(request_statuses)},
    {"action_status", "status of the action", CODES(action_statuses)},
    {"role", "role", CODES(roles)},
    {"need_level", "level of need", CODES(need_levels)},
    {"score_scale", "scale", CODES(score_scales)},
    {"retraction", "reason", CODES(retractions)},
    {"ethnic_group", "ethnic group", CODES(ethnic_groups)},
    {"sex", "sex", CODES(sexes)},
    {"gender", "gender identity", CODES(genders)},
    {"gender_reassignment", "gender reassignment", CODES(gender_reassignments)},
    {"sexual_orientation", "sexual orientation", CODES(sexual_orientations)},
    {"religion", "religion", CODES(religions)},
    {"disability", "disability", CODES(disabilities)},
    {"pregnancy", "pregnancy", CODES(pregnancies)},
    {"marriage", "marriage or civil partnership", CODES(marriages)},
    {NULL, NULL, NULL, 0},
};
