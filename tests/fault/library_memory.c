/* The memory of libraries, told apart by where they call from. */
#include "tests/fault/library_memory.h"

#include <dlfcn.h>
#include <link.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* The program's own come before the C library's and the sanitizers', also for the libraries. */
void *own_malloc(size_t bytes) __asm__("malloc");
void *own_calloc(size_t count, size_t bytes) __asm__("calloc");
void *own_realloc(void *block, size_t bytes) __asm__("realloc");
char *own_strdup(const char *text) __asm__("strdup");

/* Theirs: a sanitizer's where there is one, else what comes next, in whose place valgrind puts its
 * own; the C library's while that is looked for. */
void *__interceptor_malloc(size_t bytes) __attribute__((weak));
void *__interceptor_calloc(size_t count, size_t bytes) __attribute__((weak));
void *__interceptor_realloc(void *block, size_t bytes) __attribute__((weak));
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *block, size_t bytes);

enum { RANGES_MAX = 32 };

static struct {
    uintptr_t from;
    uintptr_t end;
} ranges[RANGES_MAX];
static unsigned ranges_count; /* 0: not looked for yet */
static atomic_bool is_counting;
static atomic_ullong passed;
static atomic_ullong wanted; /* 0: none */
static atomic_bool stays;
static _Atomic(bool (*)(void)) judge; /* NULL: by number */

static bool is_meant(const char *path)
{
    static const char *const names[] = {"libmbed",    "libcurl.",    "libssl.",
                                        "libcrypto.", "libjansson.", "libqrencode."};
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strncmp(name, names[i], strlen(names[i])) == 0) {
            return true;
        }
    }
    return false;
}

static int note_library(struct dl_phdr_info *info, size_t bytes, void *ctx)
{
    (void)bytes;
    (void)ctx;
    for (size_t i = 0; is_meant(info->dlpi_name) && i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type == PT_LOAD && (part->p_flags & PF_X) != 0 && ranges_count < RANGES_MAX) {
            ranges[ranges_count].from = info->dlpi_addr + part->p_vaddr;
            ranges[ranges_count].end = ranges[ranges_count].from + part->p_memsz;
            ranges_count++;
        }
    }
    return 0;
}

static bool is_short(const void *caller)
{
    bool is_theirs = false;
    if (!atomic_load(&is_counting)) {
        return false;
    }
    for (unsigned i = 0; i < ranges_count; i++) {
        is_theirs |= (uintptr_t)caller >= ranges[i].from && (uintptr_t)caller < ranges[i].end;
    }
    if (!is_theirs) {
        return false;
    }
    bool (*const is_judged_short)(void) = atomic_load(&judge);
    if (is_judged_short != NULL) {
        return is_judged_short();
    }
    const unsigned long long number = atomic_fetch_add(&passed, 1) + 1;
    const unsigned long long nth = atomic_load(&wanted);
    return nth != 0 && (number == nth || (atomic_load(&stays) && number > nth));
}

static struct {
    void *(*malloc)(size_t bytes); /* NULL: not looked for yet */
    void *(*calloc)(size_t count, size_t bytes);
    void *(*realloc)(void *block, size_t bytes);
} next;

/* C has no conversion from the one kind of pointer to the other. */
static void find(const char *name, void *function_out)
{
    const void *found = dlsym(RTLD_NEXT, name);
    memcpy(function_out, &found, sizeof found);
}

static void find_next(void)
{
    if (next.malloc == NULL) {
        next.malloc = __libc_malloc;
        next.calloc = __libc_calloc;
        next.realloc = __libc_realloc;
        find("malloc", &next.malloc);
        find("calloc", &next.calloc);
        find("realloc", &next.realloc);
    }
}

static void *make(size_t bytes)
{
    if (__interceptor_malloc != NULL) {
        return __interceptor_malloc(bytes);
    }
    find_next();
    return next.malloc(bytes);
}

void *own_malloc(size_t bytes)
{
    return is_short(__builtin_return_address(0)) ? NULL : make(bytes);
}

void *own_calloc(size_t count, size_t bytes)
{
    if (is_short(__builtin_return_address(0))) {
        return NULL;
    }
    if (__interceptor_calloc != NULL) {
        return __interceptor_calloc(count, bytes);
    }
    find_next();
    return next.calloc(count, bytes);
}

void *own_realloc(void *block, size_t bytes)
{
    if (is_short(__builtin_return_address(0))) {
        return NULL;
    }
    if (__interceptor_realloc != NULL) {
        return __interceptor_realloc(block, bytes);
    }
    find_next();
    return next.realloc(block, bytes);
}

char *own_strdup(const char *text)
{
    const size_t bytes = strlen(text) + 1;
    char *copy = is_short(__builtin_return_address(0)) ? NULL : make(bytes);
    return copy == NULL ? NULL : memcpy(copy, text, bytes);
}

static void find_libraries(void)
{
    if (ranges_count == 0) {
        (void)dl_iterate_phdr(note_library, NULL);
    }
}

void library_memory_set_fault(uint64_t nth, bool goes_on)
{
    atomic_store(&is_counting, false);
    find_libraries();
    atomic_store(&wanted, nth);
    atomic_store(&stays, goes_on);
    atomic_store(&passed, 0);
    atomic_store(&is_counting, true);
}

void library_memory_judge_by(bool (*is_short_now)(void))
{
    find_libraries();
    atomic_store(&judge, is_short_now);
    atomic_store(&is_counting, is_short_now != NULL);
}

uint64_t library_memory_calls(void)
{
    return atomic_load(&passed);
}
