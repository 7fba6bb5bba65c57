/* Files of a disk in memory and their names. */
#include "tests/support/disk_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void *disk_alloc(size_t bytes)
{
    void *block = calloc(1, bytes == 0 ? 1 : bytes);
    if (block == NULL) {
        abort();
    }
    return block;
}

void *disk_realloc(void *block, size_t bytes)
{
    block = realloc(block, bytes == 0 ? 1 : bytes);
    if (block == NULL) {
        abort();
    }
    return block;
}

disk_inode *disk_inode_new(disk *d)
{
    disk_inode *inode = disk_alloc(sizeof *inode);
    inode->on = d;
    inode->next = d->inodes;
    d->inodes = inode;
    return inode;
}

void disk_inode_use(disk_inode *inode)
{
    inode->users++;
}

void disk_inode_drop(disk_inode *inode)
{
    assert(inode->users > 0);
    if (--inode->users > 0) {
        return;
    }
    assert(inode->shared == NULL);
    disk_inode **at = &inode->on->inodes;
    while (*at != inode) {
        at = &(*at)->next;
    }
    *at = inode->next;
    inode->on->used -= inode->bytes;
    free(inode->at);
    free(inode);
}

void disk_inode_resize(disk_inode *inode, size_t bytes)
{
    if (bytes > inode->room) {
        inode->room = bytes + bytes / 2 + 4096;
        inode->at = disk_realloc(inode->at, inode->room);
    }
    if (bytes > inode->bytes) {
        memset(inode->at + inode->bytes, 0, bytes - inode->bytes);
    }
    inode->on->used += bytes;
    inode->on->used -= inode->bytes;
    inode->bytes = bytes;
}

disk_inode *disk_find(const disk *d, const char *name)
{
    for (size_t i = 0; i < d->names_count; i++) {
        if (strcmp(d->names[i].at, name) == 0) {
            return d->names[i].inode;
        }
    }
    return NULL;
}

void disk_bind(disk *d, const char *name, disk_inode *inode)
{
    disk_inode_use(inode);
    for (size_t i = 0; i < d->names_count; i++) {
        if (strcmp(d->names[i].at, name) == 0) {
            disk_inode_drop(d->names[i].inode);
            d->names[i].inode = inode;
            return;
        }
    }
    d->names = disk_realloc(d->names, (d->names_count + 1) * sizeof *d->names);
    disk_name *entry = &d->names[d->names_count++];
    memset(entry, 0, sizeof *entry);
    assert(strlen(name) < sizeof entry->at);
    memcpy(entry->at, name, strlen(name));
    entry->inode = inode;
}

void disk_unbind(disk *d, const char *name, disk_inode *inode)
{
    for (size_t i = 0; i < d->names_count; i++) {
        if (strcmp(d->names[i].at, name) == 0 && d->names[i].inode == inode) {
            d->names[i] = d->names[--d->names_count];
            disk_inode_drop(inode);
            return;
        }
    }
}

void disk_shared_drop(disk_shared *shared)
{
    if (shared == NULL || --shared->users > 0) {
        return;
    }
    for (size_t i = 0; i < shared->regions_count; i++) {
        free(shared->regions[i]);
    }
    free(shared->regions);
    free(shared);
}
