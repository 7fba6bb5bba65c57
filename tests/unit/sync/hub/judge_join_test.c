/* Joined and unjoined while what lets an agency hold one of the two ends, comes again, or is
 * stopped by something that is not understood: in every order, with a sync between any two steps.
 *
 * Shows P10, P15, P17. */
#include "tests/support/hub_stage_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define GIVEN "decision=given how=spoken capacity=believed_to_have "
#define WITHDRAWN "decision=withdrawn how=spoken capacity=believed_to_have "

/* Why friary may hold p2, which outreach created; why not any more; and why again. */
typedef struct basis {
    const char *name;
    const char *begins[3];
    const char *ends[3];
    const char *again[3]; /* none: it does not come again */
} basis;

static const basis bases[] = {
    {"a giving that ends by its date",
     {"van consent k2 person=p2 agencies=friary kinds=housing purposes=support "
      "ends_on=2026-01-20 " GIVEN},
     {"clock 10"},
     {"van consent k3 person=p2 agencies=friary kinds=housing purposes=support "
      "in_sight=k2 " GIVEN}},
    {"a giving that is withdrawn",
     {"van consent k2 person=p2 agencies=friary kinds=housing purposes=support " GIVEN},
     {"van consent k3 person=p2 agencies=friary kinds=* purposes=* in_sight=k2 " WITHDRAWN},
     {"van consent k4 person=p2 agencies=friary kinds=housing purposes=support "
      "in_sight=k2,k3 " GIVEN}},
    {"a giving under an agreement that ends",
     {"van consent k2 person=p2 agencies=friary kinds=housing purposes=support " GIVEN},
     {"end friary"},
     {"clock 1", "sign friary"}},
    {"a legal gateway that ends",
     {"van legal_gateway g2 person=p2 agencies=friary kinds=general,safeguarding "
      "ends_on=2026-01-20 "
      "authoriser=Kim basis=law"},
     {"clock 10"},
     {"van legal_gateway g3 person=p2 agencies=friary kinds=general ends_on=2026-03-20 "
      "authoriser=Kim basis=law"}},
    {"a giving that counts by another join",
     {"van person p3 preferred_name=Baz", "van join j9 person=p2 same_as=p3",
      "van consent k2 person=p3 agencies=friary kinds=housing purposes=support " GIVEN},
     {"van unjoin u9 person=p2 joins=j9"},
     {"van join j8 person=p3 same_as=p2"}},
    {"a giving, and the record is taken back",
     {"van consent k2 person=p2 agencies=friary kinds=housing purposes=support " GIVEN},
     {"van retract p2 wrong_person"},
     {NULL}},
    {"a giving, and another kind is said of the record",
     {"van consent k2 person=p2 agencies=friary kinds=housing purposes=support " GIVEN},
     {"van update p2 info=mental_health"},
     {"van update p2 info="}},
};

/* J: they are joined, U: and unjoined; E: it ends, A: it is so again; X: something restricts one of
 * the two that nobody here understands. */
typedef struct order {
    const char *steps;
    char desk_has; /* the join and its unjoin at last: b both, n none; e where it is so again, by
                    * `again`, both, else none; ?: hangs on who writes */
} order;

static const order orders[] = {
    {"JUE", 'n'},  {"JEU", 'n'},   {"EJU", 'n'},   {"JUEA", 'e'},  {"JEUA", 'e'},
    {"JEAU", 'e'}, {"EJUA", 'e'},  {"EJAU", 'e'},  {"EAJU", 'e'},  {"JU", 'b'},
    {"XJU", '?'},  {"JXU", 'b'},   {"JUX", 'b'},   {"JXUE", 'n'},  {"JXEU", 'n'},
    {"JEXU", 'n'}, {"JXUEA", '?'}, {"JXEAU", '?'}, {"JEXAU", '?'},
};

/* Who does it, and of whom something is not understood. */
typedef struct hands {
    const char *joins;
    const char *unjoins;
    const char *stops;
} hands;

static const hands all_hands[] = {
    {"van", "van", "p1"},
    {"van", "desk", "p2"},
    {"desk", "van", "p2"},
    {"desk", "desk", "p1"},
};

static const char *const city[] = {
    "agency outreach",
    "agency friary",
    "sign outreach",
    "sign friary",
    "device van outreach",
    "device van2 outreach",
    "device desk friary",
    "device desk2 friary",
    "van person p1 preferred_name=Sean",
    "van person p2 preferred_name=Shaun",
    "van legal_gateway g1 person=p1 agencies=friary kinds=safeguarding,general "
    "ends_on=2027-01-20 authoriser=Kim basis=law",
    NULL,
};

typedef struct scene {
    hub_stage *stage;
    const basis *basis;
    const hands *hands;
    bool is_undone; /* at the hub */
    bool has_basis;
    char name[200];
} scene;

static bool holds(const scene *s, const char *device, const char *ref)
{
    const stage_device *d = stage_need_device(s->stage, device);
    const stage_ref *r = stage_find_ref(s->stage, ref);
    for (uint32_t i = 0; r != NULL && i < d->has_count; i++) {
        if (tp_name_eq(d->has[i].name, r->name)) {
            return !d->has[i].is_given_back;
        }
    }
    return false;
}

/* All devices sync.  Whoever holds a join may hold both that it joins, and shows nobody as one whom
 * the hub keeps apart. */
static void sync_all(scene *s)
{
    static const char *const devices[] = {"van", "desk", "van2", "desk2"};
    char line[40];
    for (unsigned i = 0; i < 4; i++) {
        snprintf(line, sizeof line, "sync %s", devices[i]);
        hub_stage_run(s->stage, line);
    }
    s->stage->line = "all have synced";
    for (unsigned i = 0; i < 4; i++) {
        const char *d = devices[i];
        stage_need(s->stage, !holds(s, d, "j1") || (holds(s, d, "p1") && holds(s, d, "p2")),
                   "%s holds a join of somebody whom it does not hold", d);
        stage_need(s->stage, !s->is_undone || !holds(s, d, "j1") || holds(s, d, "u1"),
                   "%s shows as one whom the hub keeps apart", d);
    }
}

static void run_all(scene *s, const char *const *lines)
{
    for (unsigned i = 0; i < 3 && lines[i] != NULL; i++) {
        hub_stage_run(s->stage, lines[i]);
    }
}

static void step(scene *s, char what)
{
    char line[120];
    switch (what) {
    case 'J':
        snprintf(line, sizeof line, "%s join j1 person=p1 same_as=p2", s->hands->joins);
        hub_stage_run(s->stage, line);
        break;
    case 'U':
        snprintf(line, sizeof line, "%s unjoin u1 person=p2 joins=j1", s->hands->unjoins);
        hub_stage_run(s->stage, line);
        s->is_undone = true;
        break;
    case 'E':
        run_all(s, s->basis->ends);
        s->has_basis = false;
        break;
    case 'A':
        run_all(s, s->basis->again);
        s->has_basis = s->basis->again[0] != NULL;
        break;
    default:
        snprintf(line, sizeof line, "van 77 x1 person=%s note=x restricts", s->hands->stops);
        hub_stage_run(s->stage, line);
        break;
    }
    hub_stage_run(s->stage, "push van"); /* the order at the hub is that of the steps */
    hub_stage_run(s->stage, "push desk");
}

static void check_last(const scene *s, char desk_has)
{
    bool is = desk_has == 'b' || (desk_has == 'e' && s->has_basis);
    if (desk_has == '?') {
        return;
    }
    static const char *const devices[] = {"desk", "desk2"};
    for (unsigned i = 0; i < 2; i++) {
        stage_need(s->stage, holds(s, devices[i], "j1") == is && holds(s, devices[i], "u1") == is,
                   "%s %s", devices[i], is ? "lacks the join or its unjoin" : "holds one of them");
    }
}

/* each: they sync after each step, else at the end alone. */
static void play(const order *o, const basis *b, const hands *h, bool each)
{
    scene s = {.stage = hub_stage_open_in_memory(), .basis = b, .hands = h, .has_basis = true};
    snprintf(s.name, sizeof s.name, "%s: %s by %s and %s%s", b->name, o->steps, h->joins,
             h->unjoins, each ? ", each synced" : "");
    s.stage->play = s.name;
    hub_stage_run_all(s.stage, city);
    run_all(&s, b->begins);
    sync_all(&s);
    for (const char *at = o->steps; *at != '\0'; at++) {
        step(&s, *at);
        if (each || at[1] == '\0') {
            sync_all(&s);
        }
    }
    sync_all(&s);
    check_last(&s, o->desk_has);
    hub_stage_close(s.stage);
}

static void test_judge_join__each_order(void **state)
{
    (void)state;
    const unsigned orders_count = sizeof orders / sizeof orders[0];
    const unsigned bases_count = sizeof bases / sizeof bases[0];
    for (unsigned o = 0; o < orders_count; o++) {
        for (unsigned b = 0; b < bases_count; b++) {
            play(&orders[o], &bases[b], &all_hands[(b + o) % 4], (b / 2 + o / 2) % 2 == 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_judge_join__each_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
