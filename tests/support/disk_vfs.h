/* What an open file of a disk in memory answers SQLite.  Each call holds `disk_lock` within. */
#ifndef TP_TESTS_SUPPORT_DISK_VFS_H
#define TP_TESTS_SUPPORT_DISK_VFS_H

#include "tests/support/disk_state.h"

typedef enum disk_answer {
    DISK_DONE,
    DISK_REFUSED,   /* with an error */
    DISK_SKIPPED,   /* and said to be done */
    DISK_TORN_HERE, /* a part is done, and all said to be */
    DISK_CUT_HERE,  /* done, but pending for ever: the power fails */
} disk_answer;

/* Counts a call and says what becomes of it. */
disk_answer disk_count(disk *d, disk_call call);

extern const sqlite3_io_methods disk_methods;

#endif
