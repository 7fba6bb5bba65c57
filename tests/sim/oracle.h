/* What must be: every change ever made, and what follows from them by the design's own words.
 *
 * Plain arrays and the slowest honest way to each answer.  It shares nothing with the program but
 * the codes of the schema: whoever changes a rule changes it here as well, by reading the design
 * again, not by reading the code.  An event is named by its index; -1 is none. */
#ifndef TP_TESTS_SIM_ORACLE_H
#define TP_TESTS_SIM_ORACLE_H

#include "schema/change.h"
#include "schema/entity.h"
#include "schema/kind.h"

enum {
    SIM_EVENTS_MAX = 448,
    SIM_FIELDS_MAX = 20, /* of one change */
    SIM_SEEN_MAX = 32,   /* heads of one field */
    SIM_NAMES_MAX = 64,  /* events a consent was written in sight of, persons of a group */
    SIM_AGENCIES_MAX = 8,
    SIM_DEVICES_MAX = 50,
    SIM_AGREEMENTS_MAX = 8
};
#define SIM_NEWER_KIND (UINT32_C(1) << 29) /* a kind of a newer program */
#define SIM_ALL (UINT32_C(1) << 30)        /* "*" among agencies, kinds or purposes */

/* States of a help request, in the order in which they go on. */
typedef enum sim_status { SIM_OPEN, SIM_HELD, SIM_ANSWERED, SIM_WITHDRAWN } sim_status;
/* Why a record was taken back; the last two for good. */
typedef enum sim_reason {
    SIM_MISTAKE,
    SIM_WRITTEN_TWICE,
    SIM_WRONG_PERSON,
    SIM_SHOULD_NOT_HAVE_TRAVELLED
} sim_reason;
typedef enum sim_decision { SIM_NONE, SIM_GIVEN, SIM_REFUSED, SIM_TAKEN_AWAY } sim_decision;

/* The value of a field.  Two are the same whatever their spelling. */
typedef struct sim_value {
    bool is_null;
    uint32_t key; /* number of a text, mask of kinds, kind, sim_status, sim_reason, worker, event */
    unsigned agency;   /* of a holder */
    unsigned spelling; /* how it was typed */
} sim_value;

typedef struct sim_field {
    uint32_t code;
    bool has_value;
    sim_value value;
    unsigned seen_count;
    int seen[SIM_SEEN_MAX];
} sim_field;

/* What a consent event or a legal gateway says. */
typedef struct sim_terms {
    sim_decision decision;
    bool is_newer;     /* TAKEN_AWAY in words of a newer program, which say that it restricts */
    uint32_t agencies; /* bit of each, or SIM_ALL */
    uint32_t kinds;
    uint32_t purposes;
    bool has_capacity;
    int64_t ends_ms; /* the first moment after its last day; 0: none */
} sim_terms;

typedef struct sim_event {
    tp_name name;    /* two may have one name until a copy of a device's data meets the hub */
    uint64_t digest; /* of its bytes; 0: not known yet */
    unsigned device;
    unsigned agency; /* of the device */
    unsigned action; /* which one of the script wrote it */
    uint32_t entity;
    int record; /* the event that created the record: itself, where it creates */
    int person; /* whom the creating change says it is about; a person: itself; -1: nobody known */
    unsigned fields_count;
    sim_field fields[SIM_FIELDS_MAX];
    uint32_t envelope; /* kinds the writer's program put there */
    sim_terms terms;
    unsigned in_sight_count;
    int in_sight[SIM_NAMES_MAX];
    unsigned names_count; /* consent: the persons of the page; join: the other; unjoin: the joins */
    int names[SIM_NAMES_MAX];
    int64_t true_ms;     /* when it was really written */
    int64_t wall_off_ms; /* how wrong the wall clock of its device was then */
    tp_stamp stamp;      /* the hub's; number 0: the hub has not got it */
} sim_event;

typedef struct sim_agreement {
    int64_t from_ms;
    int64_t until_ms; /* the first moment after it; 0: open */
} sim_agreement;

typedef struct sim_oracle {
    unsigned count;
    unsigned agencies; /* that take part, 2..SIM_AGENCIES_MAX */
    sim_event events[SIM_EVENTS_MAX];
    unsigned agreements_count[SIM_AGENCIES_MAX];
    sim_agreement agreements[SIM_AGENCIES_MAX][SIM_AGREEMENTS_MAX];
    bool erased[SIM_EVENTS_MAX];                 /* records, at the hub */
    bool sent[SIM_AGENCIES_MAX][SIM_EVENTS_MAX]; /* left the hub for a device of that agency */
    /* A hub that went back does not know whom it had sent it, and takes it for sent to whoever
     * might have been.  Where an answer hangs on that, it is asked twice. */
    bool perhaps[SIM_EVENTS_MAX];
    bool counts_perhaps;
} sim_oracle;

/* What somebody holds of it.  stub NULL: no stubs.  The hub holds what it has accepted and has not
 * erased. */
typedef struct sim_look {
    const sim_oracle *oracle;
    const bool *held;
    const bool *stub; /* given back: its name and what it replaced are left */
    const bool
        *strange; /* of which agency its writer's device is, is not known there; NULL: none */
} sim_look;

void sim_oracle_accepted(const sim_oracle *oracle, bool held_out[SIM_EVENTS_MAX]);
/* NULL where the event neither sets nor names the field. */
const sim_field *sim_field_of(const sim_event *event, uint32_t code);
bool sim_value_same(sim_value a, sim_value b);

/* ---- Design section 4: what is shown (oracle_shown.c) ---- */

/* Events that set the field and that no other one held replaced. */
unsigned sim_heads(const sim_look *look, int record, uint32_t code, int heads_out[SIM_SEEN_MAX]);

/* Fields of one rule each; -1: nothing is shown. */
int sim_latest(const sim_look *look, int record, uint32_t code);
int sim_furthest(const sim_look *look, int record, uint32_t code);
int sim_first(const sim_look *look, int record, uint32_t code);

typedef struct sim_holder {
    int held_by; /* the acceptance that holds; -1: the agency that created the record does */
    unsigned acceptances_count;
    int acceptances[SIM_SEEN_MAX]; /* that no other one had seen */
    unsigned offers_count;
    int offers[SIM_SEEN_MAX]; /* that nobody answered */
} sim_holder;
/* is_lost: the hub says that nobody holds it who may. */
sim_holder sim_holder_of(const sim_look *look, int record, uint32_t code, bool is_lost);

typedef struct sim_retraction {
    bool is_hidden;
    bool is_final;
    bool is_brought_back; /* by an update that had not seen it */
} sim_retraction;
sim_retraction sim_retraction_of(const sim_look *look, int record);
/* It takes the record back, and nobody who may has said otherwise in its place. */
bool sim_is_standing_retraction(const sim_look *look, int event);

/* What a form shows of a field when it is opened (oracle_form.c): every value that stands there.
 * is_lost: the hub says that nobody holds it who may. */
unsigned sim_form(const sim_look *look, int record, uint32_t code, bool is_lost,
                  int events_out[SIM_SEEN_MAX]);

/* Whom the record is about, so far. */
int sim_person_of(const sim_look *look, int record);
/* Everybody joined with the person, itself included. */
void sim_group(const sim_look *look, int person, bool group_out[SIM_EVENTS_MAX]);

/* The records that go with everything about a person (oracle_erase.c). */
void sim_everything(const sim_look *hub, int person, bool records_out[SIM_EVENTS_MAX]);

/* ---- Design section 5: who may hold what (oracle_access.c); always of what the hub accepted
 * ---- */

uint32_t sim_kinds(const sim_look *hub, int record);
bool sim_under_agreement(const sim_oracle *oracle, unsigned agency, int64_t at_ms);
/* What is in force.  person: whose record it is asked for.  What is said of somebody who was erased
 * gives nobody anything; a refusal counts. */
sim_decision sim_effective(const sim_look *look, int person, unsigned agency, unsigned kind,
                           unsigned purpose, int64_t now_ms);
/* By agreement and consent, or by a legal gateway. */
bool sim_is_covered(const sim_look *look, int person, unsigned agency, uint32_t kinds,
                    int64_t now_ms);
bool sim_may(const sim_look *hub, unsigned agency, int event, int64_t now_ms);
/* Something about the person, or whoever they are joined with, takes access away and is not
 * understood: nothing new about them travels.  before: only what the hub accepted before this
 * event, and about this very person; -1: whatever there is. */
bool sim_is_stopped(const sim_look *hub, int person, int before);
/* The same for an event: false for what travels all the same, an agency's own and what takes
 * away. */
bool sim_is_event_stopped(const sim_look *hub, unsigned agency, int event, bool since_ever);
/* The verdict on a help request: nobody holds it, or whoever does may not. */
bool sim_holder_is_lost(const sim_look *hub, int record, uint32_t code, int64_t now_ms);

#endif
