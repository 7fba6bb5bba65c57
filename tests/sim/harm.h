/* Damage to a database that nobody has open, and what of it anybody could read. */
#ifndef TP_TESTS_SIM_HARM_H
#define TP_TESTS_SIM_HARM_H

#include "platform/os/random.h"
#include "tests/support/disk.h"

enum { HARM_COLUMNS_MAX = 256, HARM_NAME_BYTES = 64 };

typedef enum harm_kind {
    HARM_BIT = 0,     /* a bit turns round, anywhere */
    HARM_NEAR_CHANGE, /* in a change, or beside it */
    HARM_SECTOR,      /* a sector is as it was when `older` was read */
    HARM_COUNT
} harm_kind;

/* Every table, column by column: which values stand beside which first column. */
typedef struct harm_state {
    unsigned count; /* 0: it cannot be read */
    struct {
        char name[HARM_NAME_BYTES]; /* TABLE.COLUMN */
        uint64_t sum;
    } columns[HARM_COLUMNS_MAX];
} harm_state;

/* path: of the database; SQLite alone reads it.  False: it cannot. */
bool harm_state_read(const char *path, harm_state *out);
/* The first column from `from` on that is another; NULL: none. */
const char *harm_state_differs(const harm_state *a, const harm_state *b, unsigned *from);

/* Damages the file `name`; where there is no place of the kind asked for, anywhere.
 * path: as above. */
void harm_do(disk *d, const char *name, const char *path, harm_kind kind, tp_slice older,
             tp_rng *rng);

#endif
