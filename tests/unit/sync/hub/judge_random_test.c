/* Random city life: whatever happens in whatever order, what the feeds say is what judging from
 * nothing says, and a device that synced holds just that (checked by the stage after each sync).
 *
 * Shows P16. */
#include "tests/support/hub_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { SEEDS = 12, STEPS = 90, RECORDS_MAX = 120 };

static const char *const agencies[] = {"outreach", "friary", "health", "refuge"};
static const char *const devices[] = {"van", "desk", "lead", "safe", "van2"};
static const char *const kinds[] = {"housing", "mental_health", "domestic_abuse", "offending"};

typedef struct life {
    hub_stage *stage;
    tp_rng_seeded rng;
    char records[RECORDS_MAX][8]; /* refs, the first letter says what: p c k j h */
    uint32_t count;
    unsigned next;
} life;

static unsigned draw(life *l, unsigned below)
{
    return (unsigned)tp_rng_below(&l->rng.rng, below);
}

static void run(life *l, const char *line)
{
    hub_stage_run(l->stage, line);
}

/* A record of one of these sorts; NULL: there is none yet. */
static const char *pick(life *l, const char *sorts)
{
    for (int tries = 0; l->count > 0 && tries < 30; tries++) {
        const char *ref = l->records[draw(l, l->count)];
        if (strchr(sorts, ref[0]) != NULL) {
            return ref;
        }
    }
    return NULL;
}

static const char *add(life *l, char sort)
{
    char *ref = l->records[l->count++];
    (void)snprintf(ref, sizeof l->records[0], "%c%u", sort, l->next++);
    return ref;
}

static const char *some_list(life *l, const char *const *words, unsigned count, char *out,
                             size_t bytes)
{
    out[0] = '\0';
    for (unsigned i = 0; i < count; i++) {
        if (draw(l, 2) == 0) {
            size_t n = strlen(out);
            (void)snprintf(out + n, bytes - n, "%s%s", n == 0 ? "" : ",", words[i]);
        }
    }
    return out[0] == '\0' ? words[0] : out;
}

static void write_consent(life *l, const char *device, const char *person)
{
    char line[400];
    char a[100];
    char k[100];
    char sight[100] = "";
    bool is_given = draw(l, 3) != 0;
    for (unsigned i = 0; i < 3; i++) {
        const char *seen = pick(l, "k");
        if (seen != NULL && strstr(sight, seen) == NULL) {
            size_t n = strlen(sight);
            (void)snprintf(sight + n, sizeof sight - n, "%s%s", n == 0 ? " in_sight=" : ",", seen);
        }
    }
    const char *other = draw(l, 4) == 0 ? pick(l, "p") : NULL;
    (void)snprintf(
        line, sizeof line,
        "%s consent %s person=%s decision=%s agencies=%s kinds=%s purposes=%s how=spoken "
        "capacity=%s%s%s%s%s",
        device, add(l, 'k'), person, is_given ? "given" : "withdrawn",
        draw(l, 3) == 0 ? "*" : some_list(l, agencies, 4, a, sizeof a),
        !is_given && draw(l, 2) == 0 ? "*" : some_list(l, kinds, 4, k, sizeof k),
        draw(l, 4) == 0 ? "mdt_discussion" : "support",
        draw(l, 8) == 0 ? "in_doubt" : "believed_to_have", sight,
        other == NULL ? "" : " persons=", other == NULL ? "" : other,
        is_given && draw(l, 3) == 0 ? " ends_on=2026-01-20" : "");
    run(l, line);
}

static void write_record(life *l, const char *device)
{
    char line[300];
    char k[100];
    const char *person = pick(l, "p");
    if (person == NULL || draw(l, 4) == 0) {
        (void)snprintf(line, sizeof line, "%s person %s preferred_name=N%s%s", device, add(l, 'p'),
                       draw(l, 5) == 0 ? " info=" : "", "");
    } else if (draw(l, 3) == 0) {
        write_consent(l, device, person);
        return;
    } else if (draw(l, 4) == 0) {
        (void)snprintf(line, sizeof line, "%s help_request %s words=tea%s%s holder=%s/Dee", device,
                       add(l, 'h'), draw(l, 2) == 0 ? " person=" : "", "", agencies[draw(l, 4)]);
        char *person_at = strstr(line, " person= ");
        if (person_at != NULL) {
            (void)snprintf(line, sizeof line,
                           "%s help_request %s words=tea person=%s holder=%s/Dee", device,
                           l->records[l->count - 1], person, agencies[draw(l, 4)]);
        }
    } else {
        const char *info = draw(l, 2) == 0 ? some_list(l, kinds, 4, k, sizeof k) : "";
        (void)snprintf(line, sizeof line, "%s contact %s person=%s note=x%s%s", device, add(l, 'c'),
                       person, info[0] == '\0' ? "" : " info=", info);
    }
    run(l, line);
}

static void update_record(life *l, const char *device)
{
    char line[200];
    char k[100];
    const char *ref = pick(l, "pch");
    if (ref == NULL) {
        return;
    }
    switch (draw(l, 5)) {
    case 0:
        (void)snprintf(line, sizeof line, "%s update %s info=%s", device, ref,
                       draw(l, 2) == 0 ? "" : some_list(l, kinds, 4, k, sizeof k));
        break;
    case 1:
        (void)snprintf(line, sizeof line, "%s retract %s %s", device, ref,
                       draw(l, 2) == 0 ? "mistake" : "wrong_person");
        break;
    case 2:
        (void)snprintf(line, sizeof line, "%s update %s retracted=", device, ref);
        break;
    default:
        (void)snprintf(line, sizeof line, "%s update %s %s", device, ref,
                       ref[0] == 'p'   ? "place=there"
                       : ref[0] == 'c' ? "note=y"
                                       : "status=held");
        break;
    }
    run(l, line);
}

static void join_or_unjoin(life *l, const char *device)
{
    char line[200];
    const char *person = pick(l, "p");
    const char *other = pick(l, "p");
    const char *join = pick(l, "j");
    if (join != NULL && person != NULL && draw(l, 2) == 0) {
        (void)snprintf(line, sizeof line, "%s unjoin %s person=%s joins=%s", device, add(l, 'u'),
                       person, join);
        run(l, line);
    } else if (person != NULL && other != NULL && person != other) {
        (void)snprintf(line, sizeof line, "%s join %s person=%s same_as=%s", device, add(l, 'j'),
                       person, other);
        run(l, line);
    }
}

static void live(life *l)
{
    char line[100];
    const char *device = devices[draw(l, 5)];
    switch (draw(l, 12)) {
    case 0:
    case 1:
    case 2:
    case 3:
        write_record(l, device);
        break;
    case 4:
    case 5:
        update_record(l, device);
        break;
    case 6:
        join_or_unjoin(l, device);
        break;
    case 7:
        (void)snprintf(line, sizeof line, "%s %s", draw(l, 2) == 0 ? "sign" : "end",
                       agencies[draw(l, 4)]);
        if (draw(l, 3) == 0) {
            run(l, line);
        }
        break;
    case 8:
        if (draw(l, 3) == 0) {
            run(l, "clock 3");
        }
        break;
    default:
        (void)snprintf(line, sizeof line, "sync %s", device);
        run(l, line);
        break;
    }
}

static void test_hub_judge__random_lives(void **state)
{
    (void)state;
    const char *more = getenv("TP_SEEDS"); /* as many as there is time for */
    unsigned last = more == NULL ? SEEDS : (unsigned)strtoul(more, NULL, 10);
    for (unsigned seed = 1; seed <= last; seed++) {
        static life l;
        memset(&l, 0, sizeof l);
        print_message("    seed %u\n", seed);
        l.stage = hub_stage_open();
        tp_rng_seeded_init(&l.rng, seed);
        for (unsigned i = 0; i < 4; i++) {
            char line[40];
            (void)snprintf(line, sizeof line, "agency %s", agencies[i]);
            run(&l, line);
            (void)snprintf(line, sizeof line, "sign %s", agencies[i]);
            run(&l, line);
            (void)snprintf(line, sizeof line, "device %s %s", devices[i], agencies[i]);
            run(&l, line);
        }
        run(&l, "device van2 outreach");
        for (unsigned step = 0; step < STEPS && l.count < RECORDS_MAX - 2; step++) {
            live(&l);
        }
        for (unsigned i = 0; i < 10; i++) {
            char line[40];
            (void)snprintf(line, sizeof line, "sync %s", devices[i % 5]);
            run(&l, line);
        }
        hub_stage_close(l.stage);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_hub_judge__random_lives)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
