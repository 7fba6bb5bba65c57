/* What a person has agreed to, as far as this node holds it: the rules of sync/access on what is
 * here. The hub alone decides what travels; this is for the worker who asks. */
#ifndef TP_NODE_VIEW_CONSENT_H
#define TP_NODE_VIEW_CONSENT_H

#include "node/view/shown.h"
#include "schema/kind.h"
#include "sync/access/consent.h"

/* One answer: (agency, kind, purpose). */
typedef struct tp_consent_row {
    const char *agency;
    tp_kind kind;
    tp_purpose purpose;
    tp_decision decision; /* NONE, GIVEN, REFUSED or WITHDRAWN */
    tp_name by;           /* the event that decides; none: nobody was asked */
    int64_t ends_ms;      /* the first moment after its last day; 0: no end */
    tp_slice ends_on;     /* that day, as written; empty: no end */
} tp_consent_row;

/* A consent event of the page. */
typedef struct tp_consent_seen {
    const tp_shown *shown; /* NULL: given back, only its name is left */
    tp_name name;
    tp_name
        overruled_by; /* a withdrawal or refusal that had not seen this giving; none: it stands */
    bool is_latest;   /* no other held event was written in sight of it */
} tp_consent_seen;

typedef struct tp_consent_page {
    tp_arena arena;
    const tp_name *group;
    uint32_t group_count;
    const tp_consent_row *rows; /* by agency, kind, purpose */
    uint32_t rows_count;
    const tp_consent_seen *events; /* oldest first */
    uint32_t events_count;
    int64_t given_back_ms; /* when the person's details were given back; 0: they are held */
    bool is_erased;        /* then: since they were erased at the hub */
    tp_slice summary; /* who may know what, in plain words, and what cannot be told from here */
} tp_consent_page;

/* Which rows; none of them set: every agency known x kind x purpose. */
typedef struct tp_consent_ask {
    tp_slice agency; /* empty: every agency */
    bool has_kind;
    tp_kind kind;
    bool has_purpose;
    tp_purpose purpose;
} tp_consent_ask;

/* Owns:   *page_out is the caller's, tp_consent_page_done().
 * Errors: LIMIT more events than can be judged: nothing is granted then. */
TP_MUST_USE tp_rc tp_consent_read(tp_view *view, tp_tx *tx, tp_name person,
                                  const tp_consent_ask *ask, tp_consent_page *page_out,
                                  tp_err *err);
void tp_consent_page_done(tp_consent_page *page);

/* The names of the consent events of the group held here: what a new event is written in sight of.
 * All of them, since whoever reads it later may not hold those in between; none that was given
 * back, of which only the name is listed.
 * Shape:  names_out has room for TP_VALUE_NAMES_MAX; where there are more, those that nothing
 *         answers yet come first. */
TP_MUST_USE tp_rc tp_consent_in_sight(tp_view *view, tp_tx *tx, tp_name person, tp_name *names_out,
                                      uint32_t *count_out, tp_err *err);

/* As far as is known here, may the agency hold a record of these kinds about this person?  The hub
 * decides; this is so that an offer is refused while its writer can still ask.
 * Units:  kinds = bits of schema/kind.h.
 * Shape:  *why_not_out is a clause in plain words, in `arena`; set only where it may not. */
TP_MUST_USE tp_rc tp_consent_may_hold(tp_view *view, tp_tx *tx, tp_slice agency, tp_name person,
                                      uint32_t kinds, tp_arena *arena, bool *may_out,
                                      tp_slice *why_not_out, tp_err *err);

#endif
