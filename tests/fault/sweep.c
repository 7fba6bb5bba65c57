/* A call that fails, one after another. */
#include "tests/fault/sweep.h"

#include "platform/base/alloc.h"
#include "platform/base/fault.h"
#include "tests/fault/library_memory.h"
#include "tests/fault/town_steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sqlite3.h>
#include <cmocka.h>

typedef struct sweeping {
    const sweep_case *c;
    town town;
    town_saved before;
    town_steps steps;
    size_t blocks;
    sweep_kind kind;
    uint64_t nth;
    bool goes_on;
} sweeping;

typedef struct kind_row {
    const char *name;
    const char *point; /* of platform/base/fault.h; NULL: none */
    unsigned calls;    /* of a disk */
} kind_row;

static const kind_row kinds[SWEEP_KINDS] = {
    [SWEEP_ALLOC] = {"alloc", "alloc", 0},
    [SWEEP_SQLITE_ALLOC] = {"SQLite's alloc", NULL, 0},
    [SWEEP_LIBRARY_ALLOC] = {"a library's alloc", NULL, 0},
    [SWEEP_JSON_ALLOC] = {"jansson's alloc", "alloc.library", 0},
    [SWEEP_READ] = {"read", NULL, DISK_READ},
    [SWEEP_WRITE] = {"write", NULL, DISK_WRITE},
    [SWEEP_SYNC] = {"sync", NULL, DISK_SYNC},
    [SWEEP_OTHER] = {"another call", NULL,
                     DISK_TRUNCATE | DISK_DELETE | DISK_CREATE | DISK_OPEN | DISK_LOCK | DISK_MAP},
    [SWEEP_FILE_READ] = {"file.read", "file.read", 0},
    [SWEEP_FILE_WRITE] = {"file.write", "file.write", 0},
    [SWEEP_FILE_FSYNC] = {"file.fsync", "file.fsync", 0},
    [SWEEP_FILE_RENAME] = {"file.rename", "file.rename", 0},
};

/* ---- SQLite's memory ---- */

static sqlite3_mem_methods own;
static uint64_t sqlite_passed;
static uint64_t sqlite_nth; /* 0: none */
static bool sqlite_goes_on;

static bool is_short(void)
{
    sqlite_passed++;
    return sqlite_nth != 0 &&
           (sqlite_passed == sqlite_nth || (sqlite_goes_on && sqlite_passed > sqlite_nth));
}

static void *short_malloc(int bytes)
{
    return is_short() ? NULL : own.xMalloc(bytes);
}

static void *short_realloc(void *block, int bytes)
{
    return is_short() ? NULL : own.xRealloc(block, bytes);
}

void sweep_begin(void)
{
    int code = sqlite3_config(SQLITE_CONFIG_GETMALLOC, &own);
    sqlite3_mem_methods ours = own;
    ours.xMalloc = short_malloc;
    ours.xRealloc = short_realloc;
    if (code != SQLITE_OK || sqlite3_config(SQLITE_CONFIG_MALLOC, &ours) != SQLITE_OK) {
        abort();
    }
}

/* ---- Setting a fault ---- */

static void disarm(sweeping *s)
{
    tp_fault_set(NULL);
    disk_set_fault(s->town.at[s->c->place].disk, (disk_fault){0, DISK_FAILS, 0, false});
    sqlite_nth = 0;
    library_memory_set_fault(0, false);
}

/* nth 0: only counts. */
static void arm(sweeping *s, uint64_t nth)
{
    const kind_row *row = &kinds[s->kind];
    char spec[60];
    disarm(s);
    sqlite_passed = 0;
    if (s->kind == SWEEP_SQLITE_ALLOC) {
        sqlite_goes_on = s->goes_on;
        sqlite_nth = nth;
    } else if (s->kind == SWEEP_LIBRARY_ALLOC) {
        library_memory_set_fault(nth, s->goes_on);
    } else if (nth != 0 && row->point != NULL) {
        snprintf(spec, sizeof spec, "%s.%s:%llu", row->point, s->goes_on ? "from" : "nth",
                 (unsigned long long)nth);
        tp_fault_set(spec);
    } else if (nth != 0) {
        disk_set_fault(s->town.at[s->c->place].disk,
                       (disk_fault){row->calls, DISK_FAILS, nth, s->goes_on});
    }
}

static uint64_t calls_so_far(const sweeping *s)
{
    const kind_row *row = &kinds[s->kind];
    return s->kind == SWEEP_SQLITE_ALLOC    ? sqlite_passed
           : s->kind == SWEEP_LIBRARY_ALLOC ? library_memory_calls()
           : row->point != NULL             ? tp_fault_passed(row->point)
                                            : disk_calls(s->town.at[s->c->place].disk, row->calls);
}

/* ---- One attempt ---- */

static void fail_at(const sweeping *s, const char *what, const char *detail)
{
    fail_msg("%s: %s %s %llu, %u steps acknowledged: %s: %s", s->c->name, kinds[s->kind].name,
             s->goes_on ? "from" : "number", (unsigned long long)s->nth, s->steps.acknowledged,
             what, detail);
}

static void reset(sweeping *s)
{
    town_restore(&s->town, &s->before);
    if (s->c->reset != NULL) {
        s->c->reset(&s->town);
    }
}

static void expect_state(sweeping *s, unsigned at, const char *what)
{
    const char *other = town_steps_difference(&s->steps, at);
    if (other != NULL && s->c->is_once && at + 1 < s->steps.states_count) {
        other = town_steps_difference(&s->steps, at + 1);
    }
    if (other != NULL) {
        fail_at(s, what, other);
    }
}

static void check(sweeping *s, tp_rc rc)
{
    if (s->c->check != NULL) {
        s->c->check(&s->town, rc);
    }
    if (tp_alloc_live() != s->blocks) {
        fail_at(s, "memory is left", "");
    }
}

static bool is_memory(sweep_kind kind)
{
    return kind == SWEEP_ALLOC || kind == SWEEP_SQLITE_ALLOC || kind == SWEEP_LIBRARY_ALLOC ||
           kind == SWEEP_JSON_ALLOC;
}

static void verify_all(sweeping *s)
{
    tp_err err = {0};
    for (int place = 0; place < TOWN_PLACES; place++) {
        if (town_open(&s->town, place, &err) != TP_OK) {
            fail_at(s, "it does not open", err.what);
        }
        town_verify(&s->town, place);
        town_close(&s->town, place);
    }
}

static void fail_once(sweeping *s, uint64_t nth, bool is_last, sweep_counts *counts)
{
    tp_err err = {0};
    s->nth = nth;
    reset(s);
    arm(s, nth);
    tp_rc rc = town_steps_act(&s->steps, 0, &err);
    disarm(s);
    counts->faults++;
    counts->worked += rc == TP_OK;
    if (rc == TP_OK) {
        expect_state(s, s->steps.states_count - 1, "it says that it worked, and did not");
    } else {
        expect_state(s, s->steps.acknowledged, "it says that it failed, and did something");
    }
    if (rc != TP_OK && is_memory(s->kind) && rc != TP_NOMEM) {
        fail_at(s, tp_rc_name(rc), err.what);
    }
    if (rc != TP_OK && (rc == TP_NOTFOUND || rc == TP_EXISTS || err.what[0] == '\0')) {
        fail_at(s, tp_rc_name(rc), err.what);
    }
    check(s, rc);
    if (s->c->reset != NULL) {
        s->c->reset(&s->town);
    }
    unsigned acknowledged = s->steps.acknowledged;
    tp_rc again = town_steps_act(&s->steps, acknowledged, &err);
    s->steps.acknowledged = acknowledged;
    if (again != TP_OK) {
        fail_at(s, "it does not work afterwards", err.what);
    }
    expect_state(s, s->steps.states_count - 1, "done again, it is something else");
    check(s, TP_OK);
    if (is_last) {
        verify_all(s);
    }
}

/* ---- All of them ---- */

static void record(sweeping *s, sweep_counts *counts)
{
    tp_err err = {0};
    town_steps_record(&s->steps, s->c->name, s->c->reset);
    check(s, TP_OK);
    /* Opening may have changed something that is no step. */
    expect_state(s, s->steps.states_count - 1, "undisturbed");
    for (s->kind = 0; s->kind < SWEEP_KINDS; s->kind++) {
        reset(s);
        arm(s, 0);
        uint64_t before = calls_so_far(s);
        tp_rc rc = town_steps_act(&s->steps, 0, &err);
        counts->calls[s->kind] = calls_so_far(s) - before;
        assert_int_equal(rc, TP_OK);
        check(s, rc);
    }
}

static const char *chosen; /* NULL: all */

void sweep_choose(const char *name)
{
    chosen = name;
}

static void sweep_kind_of(sweeping *s, unsigned points, sweep_counts *counts)
{
    uint64_t calls = counts->calls[s->kind];
    uint64_t count = points == 0 || points > calls ? calls : points;
    if (chosen != NULL && strcmp(chosen, kinds[s->kind].name) != 0) {
        return;
    }
    for (uint64_t i = 0; i < count; i++) {
        /* The first, the last, and those between. */
        uint64_t nth = count == calls ? i + 1 : 1 + i * (calls - 1) / (count - 1);
        fail_once(s, nth, i % 8 == 0, counts);
    }
}

void sweep_run(const sweep_case *c, unsigned points, sweep_counts *counts)
{
    static sweeping s;
    memset(&s, 0, sizeof s);
    memset(counts, 0, sizeof *counts);
    s.c = c;
    town_found(&s.town);
    c->prepare(&s.town);
    town_save(&s.town, &s.before);
    town_steps_init(&s.steps, &s.town, c->place, c->act);
    s.blocks = tp_alloc_live();
    record(&s, counts);
    for (s.kind = 0; s.kind < SWEEP_KINDS; s.kind++) {
        s.goes_on = false;
        sweep_kind_of(&s, points, counts);
        s.goes_on = true;
        sweep_kind_of(&s, points, counts);
    }
    town_saved_free(&s.before);
    if (c->end != NULL) {
        c->end();
    }
    town_end(&s.town);
}
