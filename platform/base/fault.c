/* Fault points of test builds. */
#include "platform/base/fault.h"

#ifdef TP_TEST_HOOKS

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS_MAX = 16, POINT_NAME_BYTES = 24 };

typedef struct point {
    char name[POINT_NAME_BYTES];
    unsigned long passed; /* calls so far */
    unsigned long nth;    /* fails the call with this number; 0: none */
    unsigned long from;   /* fails this call and all after it; 0: none */
} point;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static point points[POINTS_MAX];
static size_t points_count;
static bool is_read;
static _Atomic(bool (*)(const char *point)) judge; /* NULL: none */

static point *find_or_add(const char *name, size_t bytes)
{
    for (size_t i = 0; i < points_count; i++) {
        if (strlen(points[i].name) == bytes && memcmp(points[i].name, name, bytes) == 0) {
            return &points[i];
        }
    }
    if (points_count == POINTS_MAX || bytes >= POINT_NAME_BYTES) {
        return NULL;
    }
    point *p = &points[points_count++];
    memset(p, 0, sizeof *p);
    memcpy(p->name, name, bytes);
    return p;
}

/* Reads one "point.nth:12" of the specification; the point's own name may hold dots. */
static void read_one(const char *at, size_t bytes)
{
    const char *colon = memchr(at, ':', bytes);
    const char *dot = colon == NULL ? NULL : memrchr(at, '.', (size_t)(colon - at));
    if (dot == NULL) {
        return;
    }
    point *p = find_or_add(at, (size_t)(dot - at));
    if (p == NULL) {
        return;
    }
    unsigned long number = strtoul(colon + 1, NULL, 10);
    if (strncmp(dot + 1, "nth:", 4) == 0) {
        p->nth = number;
    } else if (strncmp(dot + 1, "from:", 5) == 0) {
        p->from = number;
    }
}

static void read_spec(const char *spec)
{
    points_count = 0;
    is_read = true;
    while (spec != NULL && *spec != '\0') {
        size_t bytes = strcspn(spec, ",");
        read_one(spec, bytes);
        spec += bytes + (spec[bytes] == ',' ? 1 : 0);
    }
}

bool tp_fault(const char *name)
{
    bool (*const is_failing)(const char *point) = atomic_load(&judge);
    bool fails = is_failing != NULL && is_failing(name);
    pthread_mutex_lock(&lock);
    if (!is_read) {
        read_spec(getenv("TP_FAULT"));
    }
    point *p = find_or_add(name, strlen(name));
    if (p != NULL) {
        p->passed++;
        fails |= p->passed == p->nth || (p->from != 0 && p->passed >= p->from);
    }
    pthread_mutex_unlock(&lock);
    return fails;
}

void tp_fault_crash(const char *name)
{
    if (tp_fault(name)) {
        _Exit(TP_FAULT_CRASHED);
    }
}

void tp_fault_judge_by(bool (*is_failing)(const char *point))
{
    atomic_store(&judge, is_failing);
}

void tp_fault_set(const char *spec)
{
    pthread_mutex_lock(&lock);
    read_spec(spec);
    pthread_mutex_unlock(&lock);
}

unsigned long tp_fault_passed(const char *name)
{
    pthread_mutex_lock(&lock);
    const point *p = find_or_add(name, strlen(name));
    unsigned long passed = p == NULL ? 0 : p->passed;
    pthread_mutex_unlock(&lock);
    return passed;
}

#else
typedef int tp_fault_is_compiled_away;
#endif
