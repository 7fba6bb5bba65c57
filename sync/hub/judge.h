/* Judging: what each agency's feed says is held is brought in line with what may be held.
 *
 * Runs in the transaction of whatever moved access, or when a date did.  A row that flips takes a
 * new position at the end of its feed; within one grant the person comes first, then consents, then
 * the rest.  Source: design section 5, Feed and judge. */
#ifndef TP_SYNC_HUB_JUDGE_H
#define TP_SYNC_HUB_JUDGE_H

#include "schema/value.h"
#include "sync/hub/may.h"

typedef struct tp_hub_judge tp_hub_judge;

/* Both outlive the judge.  Owns: *judge_out is the caller's, tp_hub_judge_free(). */
TP_MUST_USE tp_rc tp_hub_judge_new(tp_hub_store *store, tp_hub_persons *persons,
                                   tp_hub_judge **judge_out, tp_err *err);
void tp_hub_judge_free(tp_hub_judge *judge); /* takes NULL */

/* Persons whose access something moves; each once. */
typedef struct tp_hub_touched {
    tp_name names[TP_VALUE_NAMES_MAX + TP_GROUP_PERSONS_MAX * 4];
    uint32_t count;
    bool is_over; /* more than there is room for: everybody must be judged */
} tp_hub_touched;

void tp_hub_touched_add(tp_hub_touched *touched, tp_name name);
/* Adds everybody who is, or once was, one person with one of them. */
TP_MUST_USE tp_rc tp_hub_touched_add_groups(tp_hub_touched *touched, tp_hub_persons *persons,
                                            int64_t now_ms, tp_err *err);

/* A change that creates a record of which nothing else is held, just appended.  The quick way: no
 * row of the database is read but the person, the first time.
 * `change` is decoded from item->bytes and not the persons' scratch. */
TP_MUST_USE tp_rc tp_hub_judge_created(tp_hub_judge *judge, const tp_hub_item *item,
                                       const tp_change *change, int64_t now_ms, tp_err *err);
/* Any other change of a record, just appended.  *moved_out: what the record is judged by changed.
 * is_whole: judge all of its changes whatever this one says. */
TP_MUST_USE tp_rc tp_hub_judge_updated(tp_hub_judge *judge, const tp_hub_item *item, bool is_whole,
                                       int64_t now_ms, bool *moved_out, tp_err *err);

/* Who ever held anything about a person may hold what was refused to them by name, so that they can
 * ask again (design section 5, Consent).  That hangs on the rows of the feed, so it is judged after
 * them: by the calls below themselves, and by the caller after a change that was judged alone. */
TP_MUST_USE tp_rc tp_hub_judge_refusals(tp_hub_judge *judge, tp_name name, int64_t now_ms,
                                        tp_err *err);

/* Everything about these persons, anew.  agency 0: for all agencies. */
TP_MUST_USE tp_rc tp_hub_judge_persons(tp_hub_judge *judge, const tp_hub_touched *touched,
                                       int64_t now_ms, tp_err *err);
TP_MUST_USE tp_rc tp_hub_judge_everybody(tp_hub_judge *judge, uint16_t agency, int64_t now_ms,
                                         tp_err *err);
/* What all of it took so far. */
uint64_t tp_hub_judge_spent_us(const tp_hub_judge *judge);

/* Whatever a date has moved up to now_ms. */
TP_MUST_USE tp_rc tp_hub_judge_due(tp_hub_judge *judge, int64_t now_ms, tp_err *err);

#endif
