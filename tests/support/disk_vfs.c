/* SQLite's view of disks in memory: names, opening, and the way to its own VFS for the rest. */
#include "tests/support/disk_vfs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static sqlite3_vfs *own; /* SQLite's */
static sqlite3_vfs vfs;

disk_answer disk_count(disk *d, disk_call call)
{
    unsigned kind = 0;
    while (1U << kind != (unsigned)call) {
        kind++;
    }
    d->calls[kind]++;
    if (((unsigned)call & DISK_WRITE_POINTS) != 0) {
        d->points++;
        if (!d->is_cut && d->cut_at != 0 && d->points >= d->cut_at) {
            d->is_cut = true;
            return DISK_CUT_HERE;
        }
    }
    if (d->is_cut) {
        return DISK_REFUSED;
    }
    if ((d->fault.calls & (unsigned)call) == 0) {
        return DISK_DONE;
    }
    d->fault_passed++;
    bool is_hit =
        d->fault_passed == d->fault.nth || (d->fault.goes_on && d->fault_passed >= d->fault.nth);
    if (!is_hit) {
        return DISK_DONE;
    }
    switch (d->fault.harm) {
    case DISK_LIES:
        return DISK_SKIPPED;
    case DISK_TEARS:
        return call == DISK_WRITE ? DISK_TORN_HERE : DISK_REFUSED;
    case DISK_FAILS:
        break;
    }
    return DISK_REFUSED;
}

/* Takes over what stands in the real directory, if anything does. */
static disk_inode *take_over(disk *d, const char *path, const char *name)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return NULL;
    }
    disk_inode *inode = disk_inode_new(d);
    disk_bind(d, name, inode);
    uint8_t chunk[4096];
    size_t got = fread(chunk, 1, sizeof chunk, file);
    while (got > 0) {
        size_t before = inode->bytes;
        disk_inode_resize(inode, before + got);
        memcpy(inode->at + before, chunk, got);
        got = fread(chunk, 1, sizeof chunk, file);
    }
    fclose(file);
    return inode;
}

static int find_or_make(disk *d, const char *path, const char *name, int flags,
                        disk_inode **inode_out)
{
    disk_inode *inode = disk_find(d, name);
    if (inode == NULL && !d->is_cut) {
        inode = take_over(d, path, name);
    }
    bool makes = inode == NULL && (flags & SQLITE_OPEN_CREATE) != 0;
    disk_answer answer = disk_count(d, makes ? DISK_CREATE : DISK_OPEN);
    if (makes && d->is_read_only) {
        return SQLITE_CANTOPEN;
    }
    if (makes && (answer == DISK_DONE || answer == DISK_CUT_HERE)) {
        inode = disk_inode_new(d);
        disk_name_it(d, name, inode);
    }
    if (inode == NULL || answer != DISK_DONE) {
        return SQLITE_CANTOPEN;
    }
    *inode_out = inode;
    return SQLITE_OK;
}

static int open_here(disk *d, const char *path, const char *name, disk_file *file, int flags,
                     int *flags_out)
{
    disk_inode *inode = NULL;
    memset(file, 0, sizeof *file);
    if (strlen(name) >= sizeof file->name) {
        return SQLITE_CANTOPEN;
    }
    int code = find_or_make(d, path, name, flags, &inode);
    if (code != SQLITE_OK) {
        return code;
    }
    int journals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL | SQLITE_OPEN_SUPER_JOURNAL;
    disk_inode_use(inode);
    d->files++;
    memcpy(file->name, name, strlen(name) + 1);
    file->inode = inode;
    file->life = d->life;
    file->names_itself = (flags & SQLITE_OPEN_CREATE) != 0 && (flags & journals) != 0;
    file->is_gone_when_closed = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    file->is_read_only = d->is_read_only || (flags & SQLITE_OPEN_READONLY) != 0;
    file->base.pMethods = &disk_methods;
    if (flags_out != NULL) {
        *flags_out = !file->is_read_only ? flags
                                         : (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) |
                                               SQLITE_OPEN_READONLY;
    }
    return SQLITE_OK;
}

static int vfs_open(sqlite3_vfs *v, const char *path, sqlite3_file *file, int flags, int *flags_out)
{
    (void)v;
    const char *name = NULL;
    file->pMethods = NULL;
    pthread_mutex_lock(&disk_lock);
    disk *d = path == NULL ? NULL : disk_of(path, &name);
    int code = d == NULL ? SQLITE_OK
                         : open_here(d, path, name, (disk_file *)(void *)file, flags, flags_out);
    pthread_mutex_unlock(&disk_lock);
    return d == NULL ? own->xOpen(own, path, file, flags, flags_out) : code;
}

static int delete_here(disk *d, const char *name, int sync_dir)
{
    disk_answer answer = DISK_DONE;
    if (disk_find(d, name) == NULL) {
        return d->is_cut ? SQLITE_IOERR_DELETE : SQLITE_IOERR_DELETE_NOENT;
    }
    answer = disk_count(d, DISK_DELETE);
    if (answer == DISK_SKIPPED) {
        return SQLITE_OK;
    }
    if (answer == DISK_REFUSED || d->is_read_only) {
        return SQLITE_IOERR_DELETE;
    }
    disk_unname(d, name);
    if (answer != DISK_DONE) {
        return SQLITE_IOERR_DELETE;
    }
    if (sync_dir != 0) {
        disk_sure_dir(d, name);
    }
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *v, const char *path, int sync_dir)
{
    (void)v;
    const char *name = NULL;
    pthread_mutex_lock(&disk_lock);
    disk *d = disk_of(path, &name);
    int code = d == NULL ? SQLITE_OK : delete_here(d, name, sync_dir);
    pthread_mutex_unlock(&disk_lock);
    return d == NULL ? own->xDelete(own, path, sync_dir) : code;
}

/* What the real directory has is there too: opening takes it over. */
static int vfs_access(sqlite3_vfs *v, const char *path, int flags, int *out)
{
    (void)v;
    const char *name = NULL;
    pthread_mutex_lock(&disk_lock);
    const disk *d = disk_of(path, &name);
    const disk_inode *inode = d == NULL ? NULL : disk_find(d, name);
    bool may = d != NULL && !(flags == SQLITE_ACCESS_READWRITE && d->is_read_only);
    bool is_cut = d != NULL && d->is_cut;
    /* SQLite asks so for a journal or WAL with something in it. */
    bool is_there = inode != NULL && (flags != SQLITE_ACCESS_EXISTS || inode->bytes > 0);
    pthread_mutex_unlock(&disk_lock);
    if (d == NULL || (inode == NULL && !is_cut)) {
        return own->xAccess(own, path, flags, out);
    }
    *out = is_there && may;
    return is_cut ? SQLITE_IOERR_ACCESS : SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *v, const char *path, int bytes, char *out)
{
    (void)v;
    const char *name = NULL;
    pthread_mutex_lock(&disk_lock);
    const disk *d = disk_of(path, &name);
    pthread_mutex_unlock(&disk_lock);
    if (d == NULL) {
        return own->xFullPathname(own, path, bytes, out);
    }
    return snprintf(out, (size_t)bytes, "%s", path) < bytes ? SQLITE_OK : SQLITE_CANTOPEN;
}

static int vfs_randomness(sqlite3_vfs *v, int bytes, char *out)
{
    (void)v;
    return own->xRandomness(own, bytes, out);
}

static int vfs_sleep(sqlite3_vfs *v, int us)
{
    (void)v;
    return own->xSleep(own, us);
}

static int vfs_time(sqlite3_vfs *v, double *out)
{
    (void)v;
    return own->xCurrentTime(own, out);
}

static int vfs_time_ms(sqlite3_vfs *v, sqlite3_int64 *out)
{
    (void)v;
    return own->xCurrentTimeInt64(own, out);
}

static int vfs_last_error(sqlite3_vfs *v, int bytes, char *out)
{
    (void)v;
    return own->xGetLastError(own, bytes, out);
}

static void register_once(void)
{
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); /* registering would shut this in as on */
    own = sqlite3_vfs_find(NULL);
    vfs = (sqlite3_vfs){
        .iVersion = 2,
        .szOsFile = own->szOsFile > (int)sizeof(disk_file) ? own->szOsFile : (int)sizeof(disk_file),
        .mxPathname = own->mxPathname,
        .zName = "disk",
        .xOpen = vfs_open,
        .xDelete = vfs_delete,
        .xAccess = vfs_access,
        .xFullPathname = vfs_full_path,
        .xRandomness = vfs_randomness,
        .xSleep = vfs_sleep,
        .xCurrentTime = vfs_time,
        .xGetLastError = vfs_last_error,
        .xCurrentTimeInt64 = vfs_time_ms,
    };
    if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK) {
        abort();
    }
}

void disk_vfs_register(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, register_once);
}
