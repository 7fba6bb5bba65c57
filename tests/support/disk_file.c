/* An open file of a disk in memory: bytes, locks, shared memory. */
#include "tests/support/disk_vfs.h"

#include <stdlib.h>
#include <string.h>

static disk_file *enter(sqlite3_file *file);
static int leave(int code);
static bool is_dead(const disk_file *f);

static int file_read(sqlite3_file *file, void *out, int bytes, sqlite3_int64 at)
{
    disk_file *f = enter(file);
    disk_inode *inode = f->inode;
    disk_answer answer = is_dead(f) ? DISK_REFUSED : disk_count(inode->on, DISK_READ);
    if (answer == DISK_REFUSED) {
        return leave(SQLITE_IOERR_READ);
    }
    memset(out, 0, (size_t)bytes);
    if (answer == DISK_SKIPPED) {
        return leave(SQLITE_OK);
    }
    size_t start = (size_t)at < inode->bytes ? (size_t)at : inode->bytes;
    size_t got = inode->bytes - start < (size_t)bytes ? inode->bytes - start : (size_t)bytes;
    if (got > 0) {
        memcpy(out, inode->at + start, got);
    }
    return leave(got == (size_t)bytes ? SQLITE_OK : SQLITE_IOERR_SHORT_READ);
}

/* The first half of the sectors, and at least one byte less than all. */
static size_t torn_bytes(size_t bytes)
{
    return bytes > DISK_SECTOR ? (bytes / 2 + DISK_SECTOR - 1) / DISK_SECTOR * DISK_SECTOR
                               : bytes / 2;
}

static int file_write(sqlite3_file *file, const void *at, int bytes, sqlite3_int64 offset)
{
    disk_file *f = enter(file);
    disk_inode *inode = f->inode;
    disk *d = inode->on;
    disk_answer answer = is_dead(f) ? DISK_REFUSED : disk_count(d, DISK_WRITE);
    if (answer == DISK_REFUSED || answer == DISK_SKIPPED) {
        return leave(answer == DISK_SKIPPED ? SQLITE_OK : SQLITE_IOERR_WRITE);
    }
    if (f->is_read_only || d->is_read_only) {
        return leave(SQLITE_READONLY);
    }
    size_t end = (size_t)offset + (size_t)bytes;
    size_t grows = end > inode->bytes ? end - inode->bytes : 0;
    if (d->limit != 0 && grows > 0 && d->used + grows > d->limit) {
        return leave(SQLITE_FULL);
    }
    size_t put = answer == DISK_TORN_HERE ? torn_bytes((size_t)bytes) : (size_t)bytes;
    disk_write(inode, at, put, (uint64_t)offset);
    return leave(answer == DISK_CUT_HERE ? SQLITE_IOERR_WRITE : SQLITE_OK);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 bytes)
{
    disk_file *f = enter(file);
    disk_answer answer = is_dead(f) ? DISK_REFUSED : disk_count(f->inode->on, DISK_TRUNCATE);
    if (answer == DISK_SKIPPED) {
        return leave(SQLITE_OK);
    }
    if (answer == DISK_REFUSED || f->is_read_only || f->inode->on->is_read_only) {
        return leave(SQLITE_IOERR_TRUNCATE);
    }
    disk_resize(f->inode, (size_t)bytes);
    return leave(answer == DISK_DONE ? SQLITE_OK : SQLITE_IOERR_TRUNCATE);
}

static int file_sync(sqlite3_file *file, int flags)
{
    (void)flags;
    disk_file *f = enter(file);
    disk_answer answer = is_dead(f) ? DISK_REFUSED : disk_count(f->inode->on, DISK_SYNC);
    if (answer == DISK_DONE) {
        disk_sure_file(f->inode);
        if (f->names_itself) {
            disk_sure_dir(f->inode->on, f->name);
            f->names_itself = false;
        }
    }
    return leave(answer == DISK_DONE || answer == DISK_SKIPPED ? SQLITE_OK : SQLITE_IOERR_FSYNC);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *out)
{
    disk_file *f = enter(file);
    *out = (sqlite3_int64)f->inode->bytes;
    return leave(is_dead(f) || f->inode->on->is_cut ? SQLITE_IOERR_FSTAT : SQLITE_OK);
}

/* ---- Locks on a file: one writer that waits for the readers to go ---- */

static int take_lock(disk_file *f, int lock)
{
    disk_inode *inode = f->inode;
    bool others_write = (inode->reserved != NULL && inode->reserved != f) ||
                        (inode->pending != NULL && inode->pending != f);
    if (lock == SQLITE_LOCK_SHARED) {
        if (inode->pending != NULL) {
            return SQLITE_BUSY;
        }
        inode->readers++;
    } else if (others_write) {
        return SQLITE_BUSY;
    } else {
        inode->reserved = f;
    }
    if (lock == SQLITE_LOCK_EXCLUSIVE) {
        inode->pending = f;
        if (inode->readers > 1) {
            f->lock = SQLITE_LOCK_PENDING;
            return SQLITE_BUSY;
        }
    }
    f->lock = lock;
    return SQLITE_OK;
}

static int file_lock(sqlite3_file *file, int lock)
{
    disk_file *f = enter(file);
    if (lock <= f->lock) {
        return leave(SQLITE_OK);
    }
    if (is_dead(f) || disk_count(f->inode->on, DISK_LOCK) == DISK_REFUSED) {
        return leave(SQLITE_IOERR_LOCK);
    }
    return leave(take_lock(f, lock));
}

static void give_lock_back(disk_file *f, int lock)
{
    disk_inode *inode = f->inode;
    if (is_dead(f)) {
        f->lock = lock;
        return;
    }
    if (inode->reserved == f) {
        inode->reserved = NULL;
    }
    if (inode->pending == f) {
        inode->pending = NULL;
    }
    if (lock == SQLITE_LOCK_NONE && f->lock >= SQLITE_LOCK_SHARED) {
        inode->readers--;
    }
    f->lock = lock;
}

static int file_unlock(sqlite3_file *file, int lock)
{
    disk_file *f = enter(file);
    if (lock < f->lock) {
        give_lock_back(f, lock);
    }
    return leave(SQLITE_OK);
}

static int file_check_reserved(sqlite3_file *file, int *out)
{
    disk_file *f = enter(file);
    *out = f->inode->reserved != NULL;
    return leave(is_dead(f) ? SQLITE_IOERR_CHECKRESERVEDLOCK : SQLITE_OK);
}

static int file_control(sqlite3_file *file, int op, void *arg)
{
    (void)file;
    (void)op;
    (void)arg;
    return SQLITE_NOTFOUND;
}

static int file_sector_size(sqlite3_file *file)
{
    (void)file;
    return 4096; /* as SQLite's own: what it says of real disks, whose sectors are 512 here */
}

static int file_characteristics(sqlite3_file *file)
{
    (void)file;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

/* ---- The shared memory of a WAL ---- */

static void join_share(disk_file *f, int region_bytes)
{
    disk_inode *inode = f->inode;
    if (f->shared != NULL) {
        return;
    }
    if (inode->shared == NULL) {
        inode->shared = disk_alloc(sizeof *inode->shared);
        inode->shared->region_bytes = (size_t)region_bytes;
    }
    f->shared = inode->shared;
    f->shared->users++;
}

static int shm_map(sqlite3_file *file, int region, int bytes, int extends, void volatile **out)
{
    disk_file *f = enter(file);
    *out = NULL;
    if (is_dead(f) || disk_count(f->inode->on, DISK_MAP) == DISK_REFUSED) {
        return leave(SQLITE_IOERR_SHMMAP);
    }
    join_share(f, bytes);
    disk_shared *s = f->shared;
    while (extends != 0 && s->regions_count <= (size_t)region) {
        s->regions = disk_realloc(s->regions, (s->regions_count + 1) * sizeof *s->regions);
        s->regions[s->regions_count++] = disk_alloc(s->region_bytes);
    }
    if ((size_t)region < s->regions_count) {
        *out = s->regions[region];
    }
    return leave(SQLITE_OK);
}

static void unlock_one(disk_file *f, int slot)
{
    unsigned bit = 1U << slot;
    if ((f->owns & bit) != 0) {
        f->shared->writer[slot] = NULL;
    }
    if ((f->shares & bit) != 0) {
        f->shared->readers[slot]--;
    }
    f->owns &= ~bit;
    f->shares &= ~bit;
}

static int lock_one(disk_file *f, int slot, bool is_shared)
{
    disk_shared *s = f->shared;
    unsigned bit = 1U << slot;
    unsigned mine = (f->shares & bit) != 0 ? 1 : 0;
    if ((s->writer[slot] != NULL && s->writer[slot] != f) ||
        (!is_shared && s->readers[slot] > mine)) {
        return SQLITE_BUSY;
    }
    if (!is_shared) {
        s->writer[slot] = f;
        f->owns |= bit;
    } else if (mine == 0) {
        s->readers[slot]++;
        f->shares |= bit;
    }
    return SQLITE_OK;
}

static int shm_lock(sqlite3_file *file, int first, int count, int flags)
{
    disk_file *f = enter(file);
    bool is_shared = (flags & SQLITE_SHM_SHARED) != 0;
    if (f->shared == NULL) {
        return leave(SQLITE_IOERR_SHMLOCK);
    }
    if ((flags & SQLITE_SHM_UNLOCK) != 0) {
        for (int i = first; i < first + count; i++) {
            unlock_one(f, i);
        }
        return leave(SQLITE_OK);
    }
    if (is_dead(f) || disk_count(f->inode->on, DISK_LOCK) == DISK_REFUSED) {
        return leave(SQLITE_IOERR_SHMLOCK);
    }
    int code = SQLITE_OK;
    unsigned owned = f->owns;
    for (int i = first; i < first + count && code == SQLITE_OK; i++) {
        code = lock_one(f, i, is_shared);
    }
    for (int i = first; i < first + count && code != SQLITE_OK; i++) {
        if (!is_shared && (owned >> i & 1) == 0 && (f->owns >> i & 1) != 0) {
            unlock_one(f, i);
        }
    }
    return leave(code);
}

static void shm_barrier(sqlite3_file *file)
{
    (void)enter(file);
    (void)leave(SQLITE_OK);
}

static void give_share_back(disk_file *f)
{
    if (f->shared == NULL) {
        return;
    }
    for (int i = 0; i < SQLITE_SHM_NLOCK; i++) {
        unlock_one(f, i);
    }
    if (f->shared->users == 1 && f->inode->shared == f->shared) {
        f->inode->shared = NULL;
    }
    disk_shared_drop(f->shared);
    f->shared = NULL;
}

static int shm_unmap(sqlite3_file *file, int deletes)
{
    (void)deletes; /* it goes with the last who has it, as nobody could find it again */
    give_share_back(enter(file));
    return leave(SQLITE_OK);
}

static int file_close(sqlite3_file *file)
{
    disk_file *f = enter(file);
    disk *d = f->inode->on;
    give_share_back(f);
    give_lock_back(f, SQLITE_LOCK_NONE);
    if (f->is_gone_when_closed && !is_dead(f) && disk_find(d, f->name) == f->inode) {
        disk_unname(d, f->name);
    }
    disk_inode_drop(f->inode);
    f->base.pMethods = NULL;
    d->files--;
    if (d->is_closed && d->files == 0) {
        free(d);
    }
    return leave(SQLITE_OK);
}

static disk_file *enter(sqlite3_file *file)
{
    pthread_mutex_lock(&disk_lock);
    return (disk_file *)(void *)file;
}

static int leave(int code)
{
    pthread_mutex_unlock(&disk_lock);
    return code;
}

/* Opened before the machine or the program died. */
static bool is_dead(const disk_file *f)
{
    return f->life != f->inode->on->life;
}

const sqlite3_io_methods disk_methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
};
