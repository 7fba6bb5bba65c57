/* Disks in memory as tests hold them: power, faults, files. */
#include "tests/support/disk.h"

#include "tests/support/disk_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

pthread_mutex_t disk_lock = PTHREAD_MUTEX_INITIALIZER;
static disk *disks;

static void end_life(disk *d);
static void empty(disk *d);

disk *disk_open(const char *dir)
{
    disk_vfs_register();
    disk *d = disk_alloc(sizeof *d);
    d->dir_bytes = strlen(dir);
    assert(dir[0] == '/' && d->dir_bytes < sizeof d->dir && dir[d->dir_bytes - 1] != '/');
    memcpy(d->dir, dir, d->dir_bytes);
    pthread_mutex_lock(&disk_lock);
    d->next = disks;
    disks = d;
    pthread_mutex_unlock(&disk_lock);
    return d;
}

void disk_close(disk *d)
{
    if (d == NULL) {
        return;
    }
    pthread_mutex_lock(&disk_lock);
    disk **at = &disks;
    while (*at != d) {
        at = &(*at)->next;
    }
    *at = d->next;
    end_life(d);
    empty(d);
    d->is_closed = true;
    if (d->files == 0) {
        free(d);
    }
    pthread_mutex_unlock(&disk_lock);
}

disk *disk_of(const char *path, const char **rest_out)
{
    for (disk *d = disks; d != NULL; d = d->next) {
        if (strncmp(path, d->dir, d->dir_bytes) == 0 && path[d->dir_bytes] == '/') {
            *rest_out = path + d->dir_bytes + 1;
            return d;
        }
    }
    return NULL;
}

void disk_copy(const disk *from, disk *to)
{
    pthread_mutex_lock(&disk_lock);
    end_life(to);
    empty(to);
    for (disk_inode *inode = from->inodes; inode != NULL; inode = inode->next) {
        inode->copy = disk_inode_new(to);
        disk_inode_use(inode->copy);
        disk_inode_resize(inode->copy, inode->bytes);
        if (inode->bytes > 0) {
            memcpy(inode->copy->at, inode->at, inode->bytes);
        }
    }
    for (size_t i = 0; i < from->names_count; i++) {
        disk_bind(to, from->names[i].at, from->names[i].inode->copy);
    }
    for (size_t i = 0; i < from->changes_count; i++) {
        disk_change_copy(to, &from->changes[i], from->changes[i].inode->copy);
    }
    for (disk_inode *inode = from->inodes; inode != NULL; inode = inode->next) {
        disk_inode_drop(inode->copy);
        inode->copy = NULL;
    }
    to->is_cut = false;
    pthread_mutex_unlock(&disk_lock);
}

/* Everybody who has something open on the disk has it no more. */
static void end_life(disk *d)
{
    d->life++;
    for (disk_inode *inode = d->inodes; inode != NULL; inode = inode->next) {
        inode->readers = 0;
        inode->reserved = NULL;
        inode->pending = NULL;
        inode->shared = NULL; /* who has it mapped still holds it */
    }
}

static void empty(disk *d)
{
    disk_sure_all(d);
    while (d->names_count > 0) {
        disk_unbind(d, d->names[0].at, d->names[0].inode);
    }
    free(d->names);
    free(d->changes);
    d->names = NULL;
    d->changes = NULL;
    d->changes_room = 0;
}

void disk_cut_at(disk *d, uint64_t nth)
{
    pthread_mutex_lock(&disk_lock);
    d->cut_at = nth == 0 ? 0 : d->points + nth;
    pthread_mutex_unlock(&disk_lock);
}

void disk_cut(disk *d)
{
    pthread_mutex_lock(&disk_lock);
    d->is_cut = true;
    pthread_mutex_unlock(&disk_lock);
}

bool disk_is_cut(const disk *d)
{
    return d->is_cut;
}

void disk_restart(disk *d, disk_survivors survivors)
{
    pthread_mutex_lock(&disk_lock);
    end_life(d);
    disk_settle(d, survivors);
    d->is_cut = false;
    d->cut_at = 0;
    pthread_mutex_unlock(&disk_lock);
}

void disk_kill(disk *d)
{
    pthread_mutex_lock(&disk_lock);
    end_life(d);
    d->is_cut = false;
    d->cut_at = 0;
    pthread_mutex_unlock(&disk_lock);
}

uint64_t disk_pending(const disk *d)
{
    return d->changes_count;
}

uint64_t disk_points(const disk *d)
{
    return d->points;
}

void disk_set_fault(disk *d, disk_fault fault)
{
    pthread_mutex_lock(&disk_lock);
    d->fault = fault;
    d->fault_passed = 0;
    pthread_mutex_unlock(&disk_lock);
}

uint64_t disk_calls(const disk *d, unsigned calls)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < DISK_CALL_KINDS; i++) {
        sum += (calls >> i & 1) != 0 ? d->calls[i] : 0;
    }
    return sum;
}

void disk_limit(disk *d, uint64_t bytes)
{
    d->limit = bytes;
}

uint64_t disk_used(const disk *d)
{
    return d->used;
}

void disk_make_read_only(disk *d, bool is_read_only)
{
    d->is_read_only = is_read_only;
}

bool disk_file_bytes(const disk *d, const char *name, uint64_t *bytes_out)
{
    const disk_inode *inode = disk_find(d, name);
    *bytes_out = inode == NULL ? 0 : inode->bytes;
    return inode != NULL;
}

tp_slice disk_file_content(const disk *d, const char *name)
{
    const disk_inode *inode = disk_find(d, name);
    assert(inode != NULL);
    return tp_slice_of(inode->at, inode->bytes);
}

void disk_file_put(disk *d, const char *name, tp_slice content)
{
    pthread_mutex_lock(&disk_lock);
    disk_inode *inode = disk_inode_new(d);
    disk_bind(d, name, inode);
    disk_inode_resize(inode, content.bytes);
    if (content.bytes > 0) {
        memcpy(inode->at, content.at, content.bytes);
    }
    disk_sure_dir(d, name);
    pthread_mutex_unlock(&disk_lock);
}

void disk_file_remove(disk *d, const char *name)
{
    pthread_mutex_lock(&disk_lock);
    disk_inode *inode = disk_find(d, name);
    if (inode != NULL) {
        disk_unbind(d, name, inode);
        disk_sure_dir(d, name);
    }
    pthread_mutex_unlock(&disk_lock);
}

void disk_file_flip(disk *d, const char *name, uint64_t bit)
{
    pthread_mutex_lock(&disk_lock);
    const disk_inode *inode = disk_find(d, name);
    assert(inode != NULL && bit / 8 < inode->bytes);
    inode->at[bit / 8] ^= (uint8_t)(1U << bit % 8);
    pthread_mutex_unlock(&disk_lock);
}

static bool stands_in(const uint8_t *at, size_t bytes, tp_slice needle)
{
    return bytes >= needle.bytes && memmem(at, bytes, needle.at, needle.bytes) != NULL;
}

bool disk_has_bytes(const disk *d, tp_slice bytes)
{
    for (const disk_inode *inode = d->inodes; inode != NULL; inode = inode->next) {
        if (stands_in(inode->at, inode->bytes, bytes)) {
            return true;
        }
    }
    for (size_t i = 0; i < d->changes_count; i++) {
        if (stands_in(d->changes[i].other, d->changes[i].bytes, bytes)) {
            return true;
        }
    }
    return false;
}
