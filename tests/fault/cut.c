/* The power cut, at each write point in turn. */
#include "tests/fault/cut.h"

#include "tests/fault/town_steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

enum { PREFIXES = 20, SEEDS = 6 };
_Static_assert(2 + PREFIXES + 3 * SEEDS <= CUT_RESTS_MAX, "room for all");

typedef struct cutting {
    const cut_case *c;
    town town;
    town_saved before;
    town_saved cut;
    town_steps steps;
    uint64_t point; /* and what survived it: for who reads of a failure */
    disk_survivors survivors;
} cutting;

static const char *survivors_text(disk_survivors s)
{
    static char text[80];
    static const char *const kinds[] = {"none", "all", "prefix", "torn", "subset", "sectors"};
    snprintf(text, sizeof text, "%s, count %llu, seed %llu", kinds[s.kind],
             (unsigned long long)s.count, (unsigned long long)s.seed);
    return text;
}

static void fail_at(const cutting *k, const char *what, const char *detail)
{
    fail_msg("%s: cut at point %llu, %u steps acknowledged, survivors %s: %s: %s", k->c->name,
             (unsigned long long)k->point, k->steps.acknowledged, survivors_text(k->survivors),
             what, detail);
}

/* ---- Undisturbed ---- */

static uint64_t record(cutting *k)
{
    town_steps *steps = &k->steps;
    const disk *d = k->town.at[k->c->place].disk;
    uint64_t points = disk_points(d);
    town_steps_record(steps, k->c->name, NULL);
    points = disk_points(d) - points;
    if (k->c->ends_when_opened) {
        steps->states_count = 1;
        steps->acknowledged = 0;
    }
    if (town_steps_difference(steps, steps->states_count - 1) != NULL) {
        assert_true(k->c->ends_when_opened);
        steps->states[steps->states_count++] = steps->now;
    }
    assert_true(steps->states_count > 1); /* else nothing was done */
    return points;
}

/* ---- Cut ---- */

unsigned cut_rests(uint64_t pending, uint64_t point, bool is_whole, disk_survivors *out)
{
    static const disk_survivor_kind kinds[] = {DISK_ALL, DISK_TORN, DISK_SUBSET, DISK_SECTORS,
                                               DISK_PREFIX};
    enum { KINDS = sizeof kinds / sizeof kinds[0] };
    unsigned count = 0;
    out[count++] = (disk_survivors){DISK_NONE, 0, 0};
    if (pending == 0) {
        return count;
    }
    if (!is_whole) {
        out[count++] = (disk_survivors){kinds[point % KINDS], point, (point * 7 + 1) % pending};
        return count;
    }
    out[count++] = (disk_survivors){DISK_ALL, 0, 0};
    for (uint64_t i = 1; i < pending && i <= PREFIXES; i++) {
        out[count++] = (disk_survivors){DISK_PREFIX, 0, i};
    }
    for (uint64_t i = 0; i < SEEDS; i++) {
        out[count++] = (disk_survivors){DISK_TORN, point + i * 1000, (point + i) % pending};
        out[count++] = (disk_survivors){DISK_SECTORS, point + i * 1000, 0};
        out[count++] = (disk_survivors){DISK_SUBSET, point + i * 1000, 0};
    }
    return count;
}

static void reopen(cutting *k)
{
    tp_err err = {0};
    town *t = &k->town;
    if (town_open(t, k->c->place, &err) != TP_OK) {
        fail_at(k, "it does not open", err.what);
    }
    town_verify(t, k->c->place);
    if (k->c->check != NULL) {
        k->c->check(t);
    }
    town_close(t, k->c->place);
}

/* Where among the undisturbed states the place is now. */
static unsigned find_state(cutting *k)
{
    unsigned last = k->steps.states_count - 1;
    unsigned from = k->c->ends_when_opened ? last : k->steps.acknowledged;
    const char *other = NULL;
    for (unsigned i = from; i <= from + 1 && i <= last; i++) {
        const char *difference = town_steps_difference(&k->steps, i);
        if (difference == NULL) {
            return i;
        }
        other = other == NULL ? difference : other;
    }
    fail_at(k, "neither what was acknowledged nor that with the step under way", other);
    return 0;
}

static void start_again(cutting *k)
{
    tp_err err = {0};
    town *t = &k->town;
    unsigned acknowledged = k->steps.acknowledged;
    disk_restart(t->at[k->c->place].disk, k->survivors);
    reopen(k);
    unsigned at = find_state(k);
    tp_rc rc = town_steps_act(&k->steps, at, &err);
    k->steps.acknowledged = acknowledged;
    if (rc != TP_OK) {
        fail_at(k, "it cannot be done again", err.what);
    }
    reopen(k);
    const char *other = town_steps_difference(&k->steps, k->steps.states_count - 1);
    if (other != NULL) {
        fail_at(k, "done again, it is something else", other);
    }
}

static void cut_at(cutting *k, uint64_t point, bool is_whole, cut_counts *counts)
{
    tp_err err = {0};
    town *t = &k->town;
    disk *d = t->at[k->c->place].disk;
    disk_survivors rests[CUT_RESTS_MAX];
    town_restore(t, &k->before);
    disk_cut_at(d, point);
    k->point = point;
    tp_rc rc = town_steps_act(&k->steps, 0, &err);
    assert_true(disk_is_cut(d));
    /* Closing cannot say that it failed. */
    if (rc == TP_OK && !k->c->ends_when_opened &&
        k->steps.acknowledged + 1 < k->steps.states_count) {
        fail_at(k, "it says that all went well", "");
    }
    uint64_t pending = disk_pending(d);
    counts->rests += pending;
    town_save(t, &k->cut);
    unsigned count = cut_rests(pending, point, is_whole, rests);
    for (unsigned i = 0; i < count; i++) {
        if (i > 0) {
            town_restore(t, &k->cut);
        }
        k->survivors = rests[i];
        start_again(k);
        counts->cuts++;
    }
    town_saved_free(&k->cut);
}

void cut_run(const cut_case *c, bool is_whole, cut_counts *counts)
{
    static cutting k;
    memset(&k, 0, sizeof k);
    memset(counts, 0, sizeof *counts);
    k.c = c;
    town_found(&k.town);
    c->prepare(&k.town);
    town_save(&k.town, &k.before);
    town_steps_init(&k.steps, &k.town, c->place, c->act);
    counts->points = record(&k);
    for (uint64_t point = 1; point <= counts->points; point++) {
        cut_at(&k, point, is_whole, counts);
    }
    town_saved_free(&k.before);
    town_end(&k.town);
}
