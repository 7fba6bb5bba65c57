/* What a hub has done since its program began, in numbers: never who, and never what was written.
 *
 * A transaction counts into `now`; what it counted stands once it is committed and goes with it
 * where it is not, as what it did. */
#ifndef TP_SYNC_HUB_TALLY_H
#define TP_SYNC_HUB_TALLY_H

#include "sync/wire/wire.h"

/* What can be asked of a hub. */
typedef enum tp_hub_door {
    TP_HUB_DOOR_SYNC,
    TP_HUB_DOOR_ENROL,
    TP_HUB_DOOR_ASK,
    TP_HUB_DOOR_HEALTH,
    TP_HUB_DOOR_OTHER, /* nothing that there is */
    TP_HUB_DOOR_COUNT
} tp_hub_door;

/* Its path; "other".  Static. */
const char *tp_hub_door_path(tp_hub_door door);

/* Everything that is refused in a request of its own: each (door, code) of FORMAT.md once. */
typedef struct tp_hub_refusal_row {
    tp_hub_door door;
    const char *code; /* "error" of the JSON */
} tp_hub_refusal_row;

enum { TP_HUB_REFUSALS_COUNT = 29 };
extern const tp_hub_refusal_row tp_hub_refusal_rows[TP_HUB_REFUSALS_COUNT];

/* Sums. */
typedef struct tp_hub_sums {
    uint64_t accepted;                             /* changes */
    uint64_t quarantined[TP_QUARANTINE_OTHER + 1]; /* changes, by code; 0: not used */
    uint64_t items_sent;                           /* changes to devices */
    uint64_t pages_sent;                           /* answers with any of them */
    uint64_t give_backs_sent;                      /* again where an answer was lost */
    uint64_t give_backs_done;                      /* that a receipt came for */
    uint64_t enrolled;                             /* devices; again where one asks again */
    uint64_t forks;                                /* of these, copies of another */
    uint64_t codes_unknown;                        /* of help requests */
    uint64_t refused[TP_HUB_REFUSALS_COUNT];       /* requests, as the rows */
} tp_hub_sums;

typedef struct tp_hub_tally {
    tp_hub_sums now;
    tp_hub_sums kept;   /* at the end of the last transaction */
    tp_hub_sums marked; /* at the beginning of the request at hand */
} tp_hub_tally;

/* Counts a refusal; a code that has no row is a bug. */
void tp_hub_tally_refused(tp_hub_tally *tally, tp_hub_door door, const char *code);

/* The steps of a transaction: sync/hub/hub.h calls them. */
void tp_hub_tally_mark(tp_hub_tally *tally);
void tp_hub_tally_undo(tp_hub_tally *tally); /* back to the mark */
void tp_hub_tally_keep(tp_hub_tally *tally); /* committed */
void tp_hub_tally_drop(tp_hub_tally *tally); /* not committed: nothing of it was done */

#endif
