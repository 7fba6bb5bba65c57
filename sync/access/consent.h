/* Consent: what is in force for a person, and why (WA7; design sections 4 and 5).  Pure.
 *
 * Stamps play no part: what counts is which events a writer had in sight.  For each (agency, kind,
 * purpose) the applicable events that cover it are looked at; each that another of them reaches
 * through `in_sight` links is left out; of the rest the most protective counts; then ends apply. */
#ifndef TP_SYNC_ACCESS_CONSENT_H
#define TP_SYNC_ACCESS_CONSENT_H

#include "platform/base/err.h"
#include "schema/change.h"
#include "schema/kind.h"

typedef enum tp_decision {
    TP_DECISION_NONE = 0, /* only as an answer: nothing is in force */
    TP_DECISION_GIVEN,
    TP_DECISION_REFUSED,
    TP_DECISION_WITHDRAWN,
    TP_DECISION_UNKNOWN /* a newer program's: acts as a withdrawal of all it covers */
} tp_decision;

/* One consent event.  A stub has only `name` and `in_sight`, and is_stub. */
typedef struct tp_consent_event {
    tp_name name;
    tp_name person;         /* the record it was written on */
    const tp_name *persons; /* the whole group on the page it was written from; may be empty */
    uint32_t persons_count;
    bool is_stub;
    tp_decision decision;
    bool has_capacity; /* the worker believed it; without, a giving grants nothing */
    bool all_agencies; /* "*" */
    bool all_kinds;    /* "*"; in a giving it covers nothing: kinds and purposes are listed there */
    bool all_purposes;
    uint32_t kinds; /* bits of schema/kind.h; a kind this program does not know has none */
    uint32_t purposes;
    const tp_slice *agencies;
    uint32_t agencies_count;
    int64_t stamp_ms;        /* 0: not stamped yet */
    int64_t ends_ms;         /* the first moment after its last day in London; 0: no end */
    const tp_name *in_sight; /* the events on the page it was written from */
    uint32_t in_sight_count;
} tp_consent_event;

/* From the first moment to before the last; until_ms 0: open. */
typedef struct tp_interval {
    int64_t from_ms;
    int64_t until_ms;
} tp_interval;

/* An agency and the times its Information Sharing Agreement is in force (HT4). */
typedef struct tp_agency_terms {
    tp_slice agency;
    const tp_interval *agreements;
    uint32_t agreements_count;
} tp_agency_terms;

bool tp_agreement_in_force(const tp_agency_terms *terms, int64_t at_ms);

/* The consent events of a person group, every event of every record in it, in any order. */
typedef struct tp_consent_book {
    const tp_consent_event *events;
    uint32_t events_count;
    const tp_name *group; /* persons joined (sync/access/group.h), at least one */
    uint32_t group_count;
    int64_t now_ms;
    uint64_t *reach; /* room for tp_consent_reach_words(events_count), filled by tp_consent_link */
} tp_consent_book;

/* How many words of room `reach` needs. */
size_t tp_consent_reach_words(uint32_t events_count);

/* Follows the links once; every call below needs it.  The book may then be asked about every person
 * of the group, every agency, and again at another `now_ms`.
 *
 * Errors: LIMIT more than TP_CONSENT_EVENTS_MAX events: then grant nothing. */
TP_MUST_USE tp_rc tp_consent_link(const tp_consent_book *book, tp_err *err);

/* What an agency is granted about one person: masks of kinds for each purpose, consent alone.  The
 * bit of `general` is set wherever any kind is.  Evaluation (the last) sends nothing to devices. */
typedef struct tp_grant {
    uint32_t kinds[TP_PURPOSE_COUNT];
    bool has_agreement; /* its agreement is in force now */
} tp_grant;

/* Judges all agencies for one person of the group: the hub's hot path, cached by the caller.
 *
 * Shape:  grants_out has one for each of `agencies`, in their order.
 * Units:  *next_ms_out = the first moment after now at which a date alone (an end, an agreement)
 *         could change an answer; 0: never. */
void tp_consent_grants(const tp_consent_book *book, tp_name person, const tp_agency_terms *agencies,
                       uint32_t agencies_count, tp_grant *grants_out, int64_t *next_ms_out);

/* One answer and its reason. */
typedef struct tp_consent_answer {
    tp_decision decision; /* NONE, GIVEN, REFUSED or WITHDRAWN */
    bool has_event;
    uint32_t event; /* which one decides: index in the book.  With NONE: the giving that ended, or
                     * was written without believed capacity */
} tp_consent_answer;

/* `kind` general is given where any kind is. */
tp_consent_answer tp_consent_effective(const tp_consent_book *book, tp_name person,
                                       const tp_agency_terms *agency, tp_kind kind,
                                       tp_purpose purpose);

/* True if `event`, a giving, stands for some of these agencies but a withdrawal or refusal that had
 * not seen it overrules it there: its writer is told.  *by_out: the one that overrules (of several
 * the lowest name). */
bool tp_consent_overruled(const tp_consent_book *book, tp_name person, uint32_t event,
                          const tp_agency_terms *agencies, uint32_t agencies_count,
                          uint32_t *by_out);

#endif
