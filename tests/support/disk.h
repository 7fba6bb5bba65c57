/* A disk in memory that SQLite writes to, for tests: it knows what was synced and what was not, and
 * forgets as a real one may when its power is cut.
 *
 *     disk *d = disk_open(dir.at);          everything SQLite opens below that directory is on it
 *     disk_cut_at(d, 7);                    the power fails at the 7th write point from now
 *     ... the code under test, which fails there and closes what it had open, sooner or later ...
 *     disk_restart(d, (disk_survivors){DISK_SUBSET, seed});
 *     ... opens its store again ...
 *
 * The first disk makes itself SQLite's default VFS; what lies below no disk's directory goes to
 * SQLite's own, as before.  A file is known by its path below the directory, so that a disk can be
 * copied to another.  Databases in WAL and in rollback mode, locks between connections of this
 * process, and the shared memory of the WAL are there; memory mapping is not.
 *
 * What is sure: the bytes and the size of a file when xSync answered; a name made or taken away
 * when the directory was synced, which xDelete does where it is asked to, and the first xSync of a
 * journal or WAL that was made, as SQLite does on unix.  Everything else is pending, and any part
 * of it may survive a cut.  A write point is a call that changes something: a write, truncation,
 * sync, deletion, or an opening that makes a file.
 *
 * Only SQLite's files are here.  What platform/os/file.c writes (keys, certificates, the empty
 * database file tp_store_open makes first) goes to the real file system, which no cut reaches: its
 * faults are the points file.write, file.fsync and file.rename of platform/base/fault.h.  A file
 * that SQLite opens here, is not there yet and is there in the real directory is taken over from
 * it, and is sure: so a store opens on a disk unchanged, and so does what a restore put in place.
 * Nor does tp_dir_free_bytes() know of a disk's capacity: space.low is its point.
 *
 * Its memory is not SQLite's nor tp_alloc's: their faults and counts do not meet it.
 * Each call must succeed, or the test fails there.   Thread: a disk's files from any; the calls
 * here while nobody is inside SQLite with one of its files. */
#ifndef TP_TESTS_SUPPORT_DISK_H
#define TP_TESTS_SUPPORT_DISK_H

#include "platform/base/slice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct disk disk;

/* An empty disk for what lies below `dir`, an absolute path without a final slash. */
disk *disk_open(const char *dir);
/* With all that is on it.  Takes NULL.  Connections may still be open: their calls fail from now
 * on, and they can be closed. */
void disk_close(disk *d);
/* Makes `to` what `from` is: files, and what of them is pending.  Limits, faults and counts of `to`
 * stay its own.  Connections open on `to` are dead, as after a restart. */
void disk_copy(const disk *from, disk *to);

/* ---- Power ---- */

/* The nth write point from now (1: the next) fails, with all calls after it; 0: takes that back.
 * What the call was to change is pending with the rest. */
void disk_cut_at(disk *d, uint64_t nth);
/* Now. */
void disk_cut(disk *d);
bool disk_is_cut(const disk *d);

typedef enum disk_survivor_kind {
    DISK_NONE,    /* what was synced, and nothing else */
    DISK_ALL,     /* as if only the program had been killed */
    DISK_PREFIX,  /* the first `count` pending changes */
    DISK_TORN,    /* these, and of the one after them some of its 512-byte sectors, by `seed` */
    DISK_SUBSET,  /* each pending change or not, by `seed` */
    DISK_SECTORS, /* each 512-byte sector of each pending change or not, by `seed` */
} disk_survivor_kind;

typedef struct disk_survivors {
    disk_survivor_kind kind;
    uint64_t seed;
    uint64_t count;
} disk_survivors;

/* The machine starts again: what survived is sure, nothing is pending, no lock is held, what was
 * open is dead (every call on it fails; it can be closed at any time), and a cut is over.  Limits
 * and faults stay. */
void disk_restart(disk *d, disk_survivors survivors);
/* The program is killed and the machine goes on: as a restart, but what is pending stays so. */
void disk_kill(disk *d);
/* How many changes (writes, truncations, names made or taken away) are not sure. */
uint64_t disk_pending(const disk *d);
/* Write points since the disk was opened, the failed ones too. */
uint64_t disk_points(const disk *d);

/* ---- Faults ---- */

typedef enum disk_call {
    DISK_READ = 1,
    DISK_WRITE = 2,
    DISK_TRUNCATE = 4,
    DISK_SYNC = 8,
    DISK_DELETE = 16,
    DISK_CREATE = 32, /* an opening that makes a file */
    DISK_OPEN = 64,   /* one that does not */
    DISK_LOCK = 128,  /* taking one */
    DISK_MAP = 256,   /* shared memory */
} disk_call;

enum { DISK_CALLS = 511, DISK_WRITE_POINTS = 62 };

typedef enum disk_harm {
    DISK_FAILS, /* an I/O error; nothing is done */
    DISK_LIES,  /* nothing is done, and success is answered; a read gives zeros */
    DISK_TEARS, /* a write puts its first sectors alone, at least one byte less, and success is
                   answered; any other call fails */
} disk_harm;

typedef struct disk_fault {
    unsigned calls; /* which, of disk_call; 0: none */
    disk_harm harm;
    uint64_t nth; /* of these calls from now, 1: the next */
    bool goes_on; /* and all after it */
} disk_fault;

/* One at a time: replaces the last. */
void disk_set_fault(disk *d, disk_fault fault);
/* How many calls of these kinds since the disk was opened. */
uint64_t disk_calls(const disk *d, unsigned calls);

/* Files may take so many bytes together, beyond which SQLITE_FULL is answered; 0: no limit. */
void disk_limit(disk *d, uint64_t bytes);
uint64_t disk_used(const disk *d);
/* What is open for writing fails with SQLITE_READONLY, what is opened is opened for reading. */
void disk_make_read_only(disk *d, bool is_read_only);

/* ---- Files, by their path below the directory ---- */

/* False: no such file. */
bool disk_file_bytes(const disk *d, const char *name, uint64_t *bytes_out);
/* What stands in it now; borrowed until the file is next written. */
tp_slice disk_file_content(const disk *d, const char *name);
/* Puts a file there, or in the place of another; it is sure. */
void disk_file_put(disk *d, const char *name, tp_slice content);
/* Takes it away, surely; harmless where there is none. */
void disk_file_remove(disk *d, const char *name);
/* Turns one bit of a file round, for good; bit 0 is the lowest of its first byte. */
void disk_file_flip(disk *d, const char *name, uint64_t bit);
/* Whether these bytes stand anywhere on it, also in what was taken away or is not sure. */
bool disk_has_bytes(const disk *d, tp_slice bytes);

#endif
