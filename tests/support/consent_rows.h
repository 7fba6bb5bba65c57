/* Consent events as lines of a table, so that a row of a test reads like the case it is:
 *
 *   NAME PERSON DECISION AGENCIES KINDS PURPOSES [sees=NAME,..] [with=PERSON,..] [at=MS] [ends=MS]
 *                                                [in_doubt]
 *   NAME stub [sees=NAME,..]
 *
 * Names are a letter and a number ("k1", "p2"); lists have commas; "*" is all.  A stamp is 100
 * unless at= says another; at=0: not stamped yet. */
#ifndef TP_TESTS_SUPPORT_CONSENT_ROWS_H
#define TP_TESTS_SUPPORT_CONSENT_ROWS_H

#include "sync/access/consent.h"

enum { CONSENT_ROWS_AGENCIES = 5, CONSENT_ROWS_EVENTS = 16, CONSENT_ROWS_LIST = 8 };

/* friary and lead: always under agreement; signed500: from 500 on; ended500: until 500; unsigned:
 * never. */
extern const tp_agency_terms consent_rows_agencies[CONSENT_ROWS_AGENCIES];

typedef struct consent_rows {
    tp_consent_book book; /* linked */
    tp_consent_event events[CONSENT_ROWS_EVENTS];
    tp_name group[CONSENT_ROWS_LIST];
    tp_name names[CONSENT_ROWS_EVENTS * 2][CONSENT_ROWS_LIST];
    tp_slice agencies[CONSENT_ROWS_EVENTS][CONSENT_ROWS_LIST];
    char text[CONSENT_ROWS_EVENTS][200];
} consent_rows;

/* `events` ends with NULL; group NULL: "p1".  Fails the test on a line it cannot read. */
consent_rows *consent_rows_read(const char *const *events, const char *group, int64_t now_ms);
void consent_rows_free(consent_rows *rows);
/* Its events in another order; `seed` moves on. */
void consent_rows_shuffle(consent_rows *rows, unsigned *seed);
/* Without this event, which is put behind the others. */
void consent_rows_leave_out(consent_rows *rows, uint32_t at);

tp_name consent_rows_name(const char *text);
/* Where this event is in the book; it must be there. */
uint32_t consent_rows_find(const consent_rows *rows, const char *name);
/* The answer to "PERSON AGENCY KIND PURPOSE": the decision, and the event that decides if any does
 * ("given k1", "none"). */
enum { CONSENT_ROWS_SAID_BYTES = 32 };
void consent_rows_say(const consent_rows *rows, const char *question,
                      char said_out[CONSENT_ROWS_SAID_BYTES]);

#endif
