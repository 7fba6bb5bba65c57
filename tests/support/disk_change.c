/* What a disk in memory has been told and may still forget. */
#include "tests/support/disk_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static disk_change *add(disk *d, disk_change_kind kind, disk_inode *inode);
static void forget(disk_change *change);
static void undo(disk *d, disk_change *change);
static void redo(disk *d, disk_change *change, const bool *sectors);

void disk_write(disk_inode *inode, const void *at, size_t bytes, uint64_t offset)
{
    disk_change *change = add(inode->on, DISK_WROTE, inode);
    change->at = offset;
    change->bytes = bytes;
    change->before = inode->bytes;
    change->after = inode->bytes > offset + bytes ? inode->bytes : (size_t)offset + bytes;
    change->other = disk_alloc(bytes);
    disk_inode_resize(inode, change->after);
    memcpy(change->other, inode->at + offset, bytes);
    memcpy(inode->at + offset, at, bytes);
}

void disk_resize(disk_inode *inode, size_t bytes)
{
    disk_change *change = add(inode->on, DISK_SIZED, inode);
    change->before = inode->bytes;
    change->after = bytes;
    if (bytes < inode->bytes) {
        change->bytes = inode->bytes - bytes;
        change->other = disk_alloc(change->bytes);
        memcpy(change->other, inode->at + bytes, change->bytes);
    }
    disk_inode_resize(inode, bytes);
}

static void keep_name(disk_change *change, const char *name)
{
    assert(strlen(name) < sizeof change->name);
    memcpy(change->name, name, strlen(name) + 1);
}

void disk_name_it(disk *d, const char *name, disk_inode *inode)
{
    keep_name(add(d, DISK_NAMED, inode), name);
    disk_bind(d, name, inode);
}

void disk_unname(disk *d, const char *name)
{
    disk_inode *inode = disk_find(d, name);
    keep_name(add(d, DISK_UNNAMED, inode), name);
    disk_unbind(d, name, inode);
}

/* Takes out the changes that `is_sure` says. */
static void drop_changes(disk *d, bool (*is_sure)(const disk_change *, const void *),
                         const void *ctx)
{
    size_t kept = 0;
    for (size_t i = 0; i < d->changes_count; i++) {
        if (is_sure(&d->changes[i], ctx)) {
            forget(&d->changes[i]);
        } else {
            d->changes[kept++] = d->changes[i];
        }
    }
    d->changes_count = kept;
}

static bool is_of_file(const disk_change *change, const void *ctx)
{
    return change->inode == ctx && change->kind < DISK_NAMED;
}

static size_t dir_bytes(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash == NULL ? 0 : (size_t)(slash - name);
}

static bool is_in_dir(const disk_change *change, const void *ctx)
{
    size_t bytes = dir_bytes(ctx);
    return change->kind >= DISK_NAMED && dir_bytes(change->name) == bytes &&
           memcmp(change->name, ctx, bytes) == 0;
}

static bool is_any(const disk_change *change, const void *ctx)
{
    (void)change;
    (void)ctx;
    return true;
}

void disk_sure_file(disk_inode *inode)
{
    drop_changes(inode->on, is_of_file, inode);
}

void disk_sure_dir(disk *d, const char *name)
{
    drop_changes(d, is_in_dir, name);
}

void disk_sure_all(disk *d)
{
    drop_changes(d, is_any, NULL);
}

/* SplitMix64: chance of a seed. */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* How much of the change with this index survives: *whole_out, else the sectors, one for each that
 * the write meets. */
static void choose(disk_survivors s, uint64_t *chance, size_t index, size_t sectors_count,
                   bool *whole_out, bool *sectors)
{
    bool whole = false;
    bool is_torn = false;
    switch (s.kind) {
    case DISK_NONE:
        break;
    case DISK_ALL:
        whole = true;
        break;
    case DISK_PREFIX:
    case DISK_TORN:
        whole = index < s.count;
        is_torn = s.kind == DISK_TORN && index == s.count;
        break;
    case DISK_SUBSET:
        whole = (draw(chance) & 1) != 0;
        break;
    case DISK_SECTORS:
        whole = (draw(chance) & 3) == 0;
        is_torn = !whole;
        break;
    }
    for (size_t i = 0; i < sectors_count; i++) {
        sectors[i] = whole || (is_torn && (draw(chance) & 1) != 0);
    }
    *whole_out = whole;
}

static size_t sectors_of(const disk_change *change)
{
    return change->kind != DISK_WROTE || change->bytes == 0
               ? 0
               : (size_t)((change->at + change->bytes - 1) / DISK_SECTOR -
                          change->at / DISK_SECTOR + 1);
}

void disk_settle(disk *d, disk_survivors survivors)
{
    for (size_t i = d->changes_count; i > 0; i--) {
        undo(d, &d->changes[i - 1]);
    }
    uint64_t chance = survivors.seed;
    for (size_t i = 0; i < d->changes_count; i++) {
        bool whole = false;
        size_t sectors_count = sectors_of(&d->changes[i]);
        bool *sectors = disk_alloc(sectors_count * sizeof *sectors);
        choose(survivors, &chance, i, sectors_count, &whole, sectors);
        if (whole || sectors_count > 0) {
            redo(d, &d->changes[i], sectors);
        }
        free(sectors);
    }
    disk_sure_all(d);
}

void disk_change_copy(disk *to, const disk_change *change, disk_inode *inode)
{
    disk_change *copy = add(to, change->kind, inode);
    uint8_t *other = disk_alloc(change->bytes);
    if (change->bytes > 0) {
        memcpy(other, change->other, change->bytes);
    }
    *copy = *change;
    copy->inode = inode;
    copy->other = other;
}

static disk_change *add(disk *d, disk_change_kind kind, disk_inode *inode)
{
    if (d->changes_count == d->changes_room) {
        d->changes_room = d->changes_room * 2 + 16;
        d->changes = disk_realloc(d->changes, d->changes_room * sizeof *d->changes);
    }
    disk_change *change = &d->changes[d->changes_count++];
    memset(change, 0, sizeof *change);
    change->kind = kind;
    change->inode = inode;
    disk_inode_use(inode);
    return change;
}

static void forget(disk_change *change)
{
    free(change->other);
    disk_inode_drop(change->inode);
}

static void undo(disk *d, disk_change *change)
{
    disk_inode *inode = change->inode;
    uint8_t *put = NULL;
    switch (change->kind) {
    case DISK_WROTE:
        put = disk_alloc(change->bytes);
        memcpy(put, inode->at + change->at, change->bytes);
        memcpy(inode->at + change->at, change->other, change->bytes);
        free(change->other);
        change->other = put;
        disk_inode_resize(inode, change->before);
        break;
    case DISK_SIZED:
        disk_inode_resize(inode, change->before);
        if (change->bytes > 0) {
            memcpy(inode->at + change->after, change->other, change->bytes);
        }
        break;
    case DISK_NAMED:
        disk_unbind(d, change->name, inode);
        break;
    case DISK_UNNAMED:
        disk_bind(d, change->name, inode);
        break;
    }
}

/* The sectors of an undone write that survive.  A file that grew by it has the size that its last
 * surviving sector needs. */
static void redo_write(disk_inode *inode, const disk_change *change, const bool *sectors)
{
    uint64_t end = change->at + change->bytes;
    uint64_t at = change->at;
    for (size_t i = 0; at < end; i++) {
        uint64_t next = (at / DISK_SECTOR + 1) * DISK_SECTOR;
        next = next > end ? end : next;
        if (sectors[i]) {
            if (inode->bytes < next) {
                disk_inode_resize(inode, (size_t)next);
            }
            memcpy(inode->at + at, change->other + (at - change->at), (size_t)(next - at));
        }
        at = next;
    }
}

static void redo(disk *d, disk_change *change, const bool *sectors)
{
    switch (change->kind) {
    case DISK_WROTE:
        redo_write(change->inode, change, sectors);
        break;
    case DISK_SIZED:
        disk_inode_resize(change->inode, change->after);
        break;
    case DISK_NAMED:
        disk_bind(d, change->name, change->inode);
        break;
    case DISK_UNNAMED:
        disk_unbind(d, change->name, change->inode);
        break;
    }
}
