/* Giving back what only the linker read. */
#include "platform/net/library_pages.h"

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Code that was changed in memory when it was linked must stay: the file holds something else. */
static bool has_changed_code(const struct dl_phdr_info *object)
{
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        if (part->p_type != PT_DYNAMIC) {
            continue;
        }
        const ElfW(Dyn) *entry = (const ElfW(Dyn) *)(object->dlpi_addr + part->p_vaddr);
        for (; entry->d_tag != DT_NULL; entry++) {
            if (entry->d_tag == DT_TEXTREL ||
                (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_TEXTREL) != 0)) {
                return true;
            }
        }
    }
    return false;
}

static void release_part(uintptr_t base, const ElfW(Phdr) * part, uintptr_t page_bytes)
{
    if (part->p_type != PT_LOAD || (part->p_flags & PF_W) != 0) {
        return; /* data, or relocated and then write-protected: not as in the file */
    }
    uintptr_t from = (base + part->p_vaddr) / page_bytes * page_bytes;
    uintptr_t to = base + part->p_vaddr + part->p_memsz;
    /* An address from the linker's own list: the way the system gives it. */
    (void)madvise((void *)from, to - from, MADV_DONTNEED); /* NOLINT(performance-no-int-to-ptr) */
}

static int release_object(struct dl_phdr_info *object, size_t bytes, void *ctx)
{
    (void)bytes;
    const uintptr_t *page_bytes = ctx;
    if (!has_changed_code(object)) {
        for (size_t i = 0; i < object->dlpi_phnum; i++) {
            release_part(object->dlpi_addr, &object->dlpi_phdr[i], *page_bytes);
        }
    }
    return 0;
}

void tp_library_pages_release(void)
{
    long page_bytes = sysconf(_SC_PAGESIZE);
    if (page_bytes > 0) {
        uintptr_t bytes = (uintptr_t)page_bytes;
        (void)dl_iterate_phdr(release_object, &bytes);
    }
}
