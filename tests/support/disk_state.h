/* What the files of the disk in memory share.  All of it under one lock. */
#ifndef TP_TESTS_SUPPORT_DISK_STATE_H
#define TP_TESTS_SUPPORT_DISK_STATE_H

#include "tests/support/disk.h"

#include <pthread.h>
#include <sqlite3.h>

enum { DISK_SECTOR = 512, DISK_NAME_BYTES = 200, DISK_DIR_BYTES = 512, DISK_CALL_KINDS = 9 };

typedef struct disk_inode disk_inode;
typedef struct disk_file disk_file;

/* What connections share of a database in WAL mode.  Outlives a restart in dead connections. */
typedef struct disk_shared {
    unsigned users;
    uint8_t **regions;
    size_t regions_count;
    size_t region_bytes;
    unsigned readers[SQLITE_SHM_NLOCK];
    disk_file *writer[SQLITE_SHM_NLOCK];
} disk_shared;

/* The bytes of a file, whatever it is called. */
struct disk_inode {
    disk *on;
    disk_inode *next; /* of the disk's */
    unsigned users;   /* names, open files, pending changes */
    uint8_t *at;
    size_t bytes;
    size_t room;
    unsigned readers;    /* open files that hold SHARED or more */
    disk_file *reserved; /* who holds RESERVED or more; NULL: nobody */
    disk_file *pending;  /* who waits for the readers to go, or holds EXCLUSIVE */
    disk_shared *shared;
    disk_inode *copy; /* while the disk is copied */
};

typedef struct disk_name {
    char at[DISK_NAME_BYTES];
    disk_inode *inode;
} disk_name;

typedef enum disk_change_kind {
    DISK_WROTE,
    DISK_SIZED,
    DISK_NAMED,
    DISK_UNNAMED,
} disk_change_kind;

/* A change that is not sure.  While it is done `other` is what it replaced; undone, what it put. */
typedef struct disk_change {
    disk_change_kind kind;
    disk_inode *inode;
    uint64_t at;    /* WROTE: where */
    size_t bytes;   /* of `other` */
    uint8_t *other; /* WROTE: bytes from `at`; SIZED: the tail beyond the smaller size */
    size_t before;  /* the file's size */
    size_t after;
    char name[DISK_NAME_BYTES];
} disk_change;

struct disk {
    disk *next;
    char dir[DISK_DIR_BYTES];
    size_t dir_bytes;
    bool is_closed; /* and only kept for the files still open */
    unsigned files; /* open, dead or not */
    uint64_t life;  /* files of another one are dead */
    uint64_t used;  /* bytes in all inodes */
    disk_inode *inodes;
    disk_name *names;
    size_t names_count;
    disk_change *changes; /* oldest first */
    size_t changes_count;
    size_t changes_room;
    uint64_t points;
    uint64_t cut_at; /* of `points`; 0: never */
    bool is_cut;
    bool is_read_only;
    uint64_t limit;
    uint64_t calls[DISK_CALL_KINDS];
    disk_fault fault;
    uint64_t fault_passed;
};

struct disk_file {
    sqlite3_file base;
    disk_inode *inode;
    disk_shared *shared; /* mapped; NULL: not */
    uint64_t life;
    int lock; /* SQLITE_LOCK_ */
    unsigned shares;
    unsigned owns; /* bits of the shared memory's locks */
    bool is_read_only;
    bool names_itself; /* its first sync is its directory's as well */
    bool is_gone_when_closed;
    char name[DISK_NAME_BYTES];
};

extern pthread_mutex_t disk_lock;

/* Makes the disks SQLite's default VFS, once. */
void disk_vfs_register(void);
/* The disk a path is on, and the path's rest; NULL: none. */
disk *disk_of(const char *path, const char **rest_out);

/* Files: disk_inode.c */
disk_inode *disk_inode_new(disk *d);
void disk_inode_use(disk_inode *inode);
void disk_inode_drop(disk_inode *inode);
/* Grows with zeros, or cuts. */
void disk_inode_resize(disk_inode *inode, size_t bytes);
disk_inode *disk_find(const disk *d, const char *name);
void disk_bind(disk *d, const char *name, disk_inode *inode);
/* Harmless where the name is another file's. */
void disk_unbind(disk *d, const char *name, disk_inode *inode);
void disk_shared_drop(disk_shared *shared);

/* Changes that are not sure: disk_change.c */
void disk_write(disk_inode *inode, const void *at, size_t bytes, uint64_t offset);
void disk_resize(disk_inode *inode, size_t bytes);
void disk_name_it(disk *d, const char *name, disk_inode *inode);
void disk_unname(disk *d, const char *name);
/* They are sure: a file's own; the names of a directory; all. */
void disk_sure_file(disk_inode *inode);
void disk_sure_dir(disk *d, const char *name);
void disk_sure_all(disk *d);
/* Undoes all that is pending and does the survivors again. */
void disk_settle(disk *d, disk_survivors survivors);
void disk_change_copy(disk *to, const disk_change *change, disk_inode *inode);

/* Memory that neither SQLite's nor our own faults meet. */
void *disk_alloc(size_t bytes);
void *disk_realloc(void *block, size_t bytes);

#endif
