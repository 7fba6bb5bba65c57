/* Erasing at the hub: what goes, what must stay, who gives it back, and that it widens nothing.
 *
 * Shows P24. */
#include "sync/hub/erase_list.h"

#include "tests/support/hub_stage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "platform/base/fault.h"

#define CITY                                                                                       \
    "agency outreach", "agency friary", "agency health", "sign outreach", "sign friary",           \
        "sign health", "device van outreach", "device desk friary", "device lead health",          \
        "van person p1 preferred_name=Sean"
#define GIVEN "decision=given how=spoken capacity=believed_to_have "
#define WITHDRAWN "decision=withdrawn how=spoken capacity=believed_to_have "
#define TO_ALL                                                                                     \
    "van consent k1 person=p1 agencies=* kinds=housing purposes=support " GIVEN, "sync van",       \
        "sync desk", "sync lead"

typedef struct situation {
    const char *name;
    const char *const lines[40];
} situation;

static const situation situations[] = {
    {"a record goes from everybody who has it, who wrote it too",
     {CITY, "van contact c1 person=p1 note=Soup", "van contact c2 person=p1 note=Tea", TO_ALL,
      "desk holds c1 c2", "erase c1", "erased c1", "sync van", "van lacks c1", "van holds c2 p1",
      "sync desk", "desk lacks c1", "desk holds c2 p1", "sync lead", "lead lacks c1"}},
    {"all its updates go, whoever wrote them",
     {CITY, "van contact c1 person=p1 note=Soup", TO_ALL, "desk update c1 note=Stew", "sync desk",
      "lead update c1 place=Bridge", "sync lead", "erase c1", "sync lead", "sync desk", "sync van",
      "lead lacks c1", "desk lacks c1", "van lacks c1", "erased c1"}},
    {"an update that comes later is kept nowhere, and is asked back",
     {CITY, "van contact c1 person=p1 note=Soup", TO_ALL, "desk update c1 note=Stew", "erase c1",
      "sync desk", "desk lacks c1", "erased c1", "sync van", "sync lead", "van lacks c1"}},
    {"an update that could not be applied goes with its record",
     {CITY, "van contact c1 person=p1 note=Soup", TO_ALL, "desk update c1 happened_at=1",
      "sync desk", "erase c1", "erased c1", "sync desk", "desk lacks c1"}},
    {"what stands in quarantine by itself goes by its name",
     {CITY, "van contact c9 note=Nobody", "sync van", "quarantined c9", "erase c9", "erased c9",
      "sync van", "van lacks c9"}},
    {"who came after it was erased never hears of it",
     {CITY, "van contact c1 person=p1 note=Soup", TO_ALL, "erase c1", "device new friary",
      "sync new", "new holds p1", "new never_sent c1"}},
    {"what was given back before is given back as erased as well",
     {CITY, "van contact c1 person=p1 note=Soup", TO_ALL, "desk holds c1",
      "van consent k2 person=p1 agencies=friary kinds=* purposes=* in_sight=k1 " WITHDRAWN,
      "sync van", "sync desk", "desk lacks c1", "erase c1", "sync desk", "desk lacks c1",
      "sync van"}},
    {"a withdrawal does not go by itself, and no giving, join, unjoin or gateway",
     {CITY, "van person p2 preferred_name=Shaun", "van join j1 person=p1 same_as=p2",
      "van unjoin u1 person=p1 joins=j1", TO_ALL,
      "van consent k2 person=p1 agencies=friary kinds=* purposes=* in_sight=k1 " WITHDRAWN,
      "sync van", "sync desk", "keeps k1", "keeps k2", "keeps j1", "keeps u1", "sync desk",
      "desk lacks p1"}},
    {"what takes access away and is not understood does not go by itself",
     {CITY, "van 200 x1 person=p1 restricts note=New", "sync van", "keeps x1"}},
    {"everything about a person goes",
     {CITY, "van contact c1 person=p1 note=Soup", "van need n1 person=p1 kind=housing", TO_ALL,
      "van consent k2 person=p1 agencies=friary kinds=* purposes=* in_sight=k1 " WITHDRAWN,
      "sync van", "sync desk", "lead contact c3 person=p1 note=Tea", "sync lead",
      "erase p1 everything", "erased p1 c1 n1 k1 k2 c3", "sync van", "sync desk", "sync lead",
      "van lacks p1 c1 n1 k1 k2", "lead lacks p1 c1 c3", "desk lacks k2"}},
    {"everything about a person is for persons alone",
     {CITY, "van contact c1 person=p1 note=Soup", "sync van", "keeps c1 everything"}},
    {"who is one with them goes too, and the joins",
     {CITY, "desk person p2 preferred_name=Shaun", "desk contact c2 person=p2 note=Bread",
      "sync desk", TO_ALL, "van join j1 person=p1 same_as=p2", "sync van", "erase p2 everything",
      "erased p1 p2 c2 k1 j1", "sync van", "sync desk", "sync lead", "van lacks p1 j1",
      "desk lacks p2 c2"}},
    {"who was one with them stays, and the join and what undid it go",
     {CITY, "van person p2 preferred_name=Shaun", "van contact c2 person=p2 note=Bread",
      "van join j1 person=p1 same_as=p2", "van unjoin u1 person=p2 joins=j1", TO_ALL,
      "desk holds p1", "desk never_sent p2 c2", "erase p2 everything", "erased p2 c2 j1 u1",
      "sync van", "van holds p1 k1", "van lacks p2 j1 u1", "sync desk", "desk holds p1"}},
    {"an unjoin of others stays, though it is filed under who goes",
     {CITY, "van person p2 preferred_name=Shaun", "van person p3 preferred_name=Baz",
      "van contact c3 person=p3 note=Bread", "van join j1 person=p1 same_as=p3", TO_ALL,
      "desk holds c3", "van unjoin u1 person=p2 joins=j1", "sync van", "sync desk", "desk lacks c3",
      "erase p2 everything", "sync van", "van holds u1", "sync desk", "desk lacks c3"}},
    {"a withdrawal that names who stays goes on protecting them",
     {CITY,
      "van person p2 preferred_name=Shaun",
      "van contact c2 person=p2 note=Bread",
      "van join j1 person=p1 same_as=p2",
      "van consent k3 person=p2 agencies=friary kinds=housing purposes=support " GIVEN,
      "sync van",
      "sync desk",
      "desk holds c2",
      "van consent k2 person=p1 persons=p1,p2 agencies=friary kinds=* purposes=* "
      "in_sight=k3 " WITHDRAWN,
      "van unjoin u1 person=p1 joins=j1",
      "sync van",
      "sync desk",
      "desk lacks c2",
      "erase p1 everything",
      "erased p1 j1 u1",
      "sync van",
      "van holds k2 c2",
      "sync desk",
      "desk lacks p2 c2",
      "erase p2 everything",
      "erased p2 c2 k2 k3",
      "sync van",
      "sync desk",
      "van lacks k2"}},
    {"a giving about somebody who was erased gives nothing",
     {CITY,
      "van contact c1 person=p1 note=Soup",
      TO_ALL,
      "van consent k2 person=p1 agencies=friary kinds=* purposes=* in_sight=k1 " WITHDRAWN,
      "sync van",
      "sync desk",
      "desk lacks p1",
      "sync lead",
      "lead holds p1",
      "lead contact c3 person=p1 note=Tea",
      "lead consent k3 person=p1 agencies=friary,health kinds=housing purposes=support "
      "in_sight=k1,k2 " GIVEN,
      "erase p1 everything",
      "sync lead",
      "lead holds c3 k3",
      "lead lacks p1 c1",
      "sync desk",
      "desk never_sent c3",
      "sync van",
      "van never_sent c3",
      "keeps p1",
      "keeps k3",
      "erase p1 everything",
      "erased c3 k3",
      "sync lead",
      "lead lacks c3 k3",
      "keeps p1 everything"}},
    {"what a kiosk sent goes here, and it has nothing to give back",
     {CITY, "device box friary kiosk", "sync van",
      "box help_request h1 words=Ermintrude status=open route=kiosk code=28T5CY4TH", "sync box",
      "sync desk", "desk holds h1", "erase h1", "sync box", "sync desk", "desk lacks h1",
      "erased h1"}},
    {"a join with somebody who was erased widens nothing",
     {CITY, "desk person p2 preferred_name=Shaun", "desk contact c2 person=p2 note=Bread",
      "sync desk", TO_ALL, "lead never_sent c2", "desk join j1 person=p2 same_as=p1",
      "desk consent k2 person=p1 agencies=* kinds=housing purposes=support " GIVEN,
      "erase p1 everything", "sync desk", "desk holds p2 c2", "desk lacks j1", "sync lead",
      "lead never_sent c2"}},
    {"a gateway about somebody who was erased opens nothing",
     {CITY, "desk person p2 preferred_name=Shaun", "desk contact c2 person=p2 note=Bread",
      "sync desk", TO_ALL, "desk join j1 person=p2 same_as=p1",
      "desk legal_gateway g1 person=p1 agencies=health kinds=general ends_on=2027-01-01 basis=law "
      "authoriser=Ann",
      "erase p1 everything", "sync desk", "sync lead", "lead never_sent p2 c2 g1"}},
    {"what is given about who is joined with them brings nothing about them along",
     {CITY, "desk person p2 preferred_name=Shaun",
      "desk consent k2 person=p2 agencies=health kinds=housing purposes=support " GIVEN,
      "sync desk", TO_ALL, "lead holds p2", "desk join j1 person=p2 same_as=p1",
      "desk contact c3 person=p1 note=Tea", "erase p1 everything", "sync desk", "sync lead",
      "lead holds p2", "lead never_sent c3"}},
    {"nor does a gateway about who is joined with them",
     {CITY, "desk person p2 preferred_name=Shaun",
      "desk legal_gateway g1 person=p2 agencies=health kinds=general,safeguarding "
      "ends_on=2027-01-01 basis=law authoriser=Ann",
      "sync desk", TO_ALL, "lead holds p2", "desk join j1 person=p2 same_as=p1",
      "desk contact c3 person=p1 note=Tea", "erase p1 everything", "sync desk", "sync lead",
      "lead holds p2", "lead never_sent c3"}},
    {"the person's own record alone: nothing about them travels any more",
     {CITY, "van contact c1 person=p1 note=Soup", TO_ALL, "desk holds c1", "erase p1", "erased p1",
      "sync desk", "desk lacks p1 c1", "sync van", "van holds c1 k1", "van lacks p1"}},
    {"a record about nobody known",
     {CITY, "van help_request h1 words=Coat status=open route=phone code=28T5CY4TH", TO_ALL,
      "erase h1", "erased h1", "sync van", "van lacks h1"}},
};

static void test_erase__situations(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof situations / sizeof situations[0]; i++) {
        hub_stage_play(situations[i].name, situations[i].lines);
    }
}

/* ---- The file ---- */

static bool has_word(const tp_buf *bytes, const char *word)
{
    const size_t n = strlen(word);
    for (size_t i = 0; i + n <= bytes->bytes; i++) {
        if (memcmp(bytes->at + i, word, n) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_in_files(hub_stage *stage, const char *word)
{
    static const char *const files[] = {"hub.db", "hub.db-wal"};
    bool is_in = false;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        tp_err err;
        tp_path path = temp_dir_path(&hub_stage_hub(stage)->dir, files[i]);
        tp_buf bytes;
        tp_buf_init(&bytes, 64u << 20);
        assert_int_equal(tp_file_read(path.at, &bytes, &err), TP_OK);
        is_in = is_in || has_word(&bytes, word);
        tp_buf_done(&bytes);
    }
    return is_in;
}

static void test_erase__nothing_of_it_is_in_the_file(void **state)
{
    (void)state;
    static const char *const before[] = {CITY,        "van contact c1 person=p1 note=Ermintrude",
                                         TO_ALL,      "desk update c1 note=Zebedee",
                                         "sync desk", "lead update c1 place=Brian",
                                         NULL};
    hub_stage *stage = hub_stage_open();
    hub_stage_run_all(stage, before);
    assert_true(is_in_files(stage, "Ermintrude") && is_in_files(stage, "Zebedee"));
    hub_stage_run(stage, "erase c1");
    assert_false(is_in_files(stage, "Ermintrude") || is_in_files(stage, "Zebedee"));
    hub_stage_run(stage, "sync lead");
    assert_false(is_in_files(stage, "Brian"));
    assert_true(is_in_files(stage, "Sean"));
    hub_stage_close(stage);
}

/* ---- Databases that are put back ---- */

static tp_path in_hub(hub_stage *stage, const char *file)
{
    return temp_dir_path(&hub_stage_hub(stage)->dir, file);
}

/* Closes the hub, puts a backup in place (NULL: none), and opens it again. */
static tp_rc reopen(hub_stage *stage, const tp_path *backup, tp_err *err)
{
    tp_hub *hub = hub_stage_hub(stage);
    const tp_path dir = hub->dir;
    const tp_path database = in_hub(stage, "hub.db");
    tp_rng *rng = hub->rng;
    tp_hub_restored restored;
    tp_hub_close(hub);
    if (backup != NULL) {
        assert_int_equal(tp_hub_store_restore(database.at, backup->at, 77, 0, &restored, err),
                         TP_OK);
    }
    return tp_hub_open(dir.at, &hub_stage_clock(stage)->clock, rng, hub, err);
}

typedef struct counted {
    uint32_t erasures;
    uint64_t records;
    uint64_t changes;
    char by[40]; /* of the last */
} counted;

static tp_rc count_erasure(void *ctx, const tp_hub_erasure *erasure, tp_err *err)
{
    counted *c = ctx;
    (void)err;
    c->erasures++;
    c->records += erasure->records;
    c->changes += erasure->changes;
    (void)snprintf(c->by, sizeof c->by, "%s", erasure->by);
    return TP_OK;
}

static counted count_erasures(hub_stage *stage)
{
    tp_err err;
    counted c = {0};
    tp_hub *hub = hub_stage_hub(stage);
    assert_int_equal(tp_hub_look(hub, &err), TP_OK);
    assert_int_equal(tp_hub_erasures(hub->store, count_erasure, &c, &err), TP_OK);
    tp_hub_rollback(hub);
    return c;
}

static void test_erase__an_older_database_forgets_it_again(void **state)
{
    (void)state;
    tp_err err;
    static const char *const before[] = {CITY, "sync van", NULL};
    static const char *const after[] = {"van contact c1 person=p1 note=Ermintrude",
                                        "van contact c2 person=p1 note=Zebedee",
                                        TO_ALL,
                                        "desk update c1 note=Dougal",
                                        "sync desk",
                                        NULL};
    hub_stage *stage = hub_stage_open();
    tp_path empty = in_hub(stage, "before.db");
    tp_path full = in_hub(stage, "after.db");
    tp_path aside = in_hub(stage, "hub.db.before");
    hub_stage_run_all(stage, before);
    assert_int_equal(tp_hub_store_backup(hub_stage_hub(stage)->store, empty.at, &err), TP_OK);
    hub_stage_run_all(stage, after);
    assert_int_equal(tp_hub_store_backup(hub_stage_hub(stage)->store, full.at, &err), TP_OK);
    hub_stage_run(stage, "erase c1");
    counted known = count_erasures(stage);
    assert_int_equal(known.erasures, 1);
    assert_int_equal(known.changes, 2);
    assert_string_equal(known.by, "Olu");

    assert_int_equal(reopen(stage, &full, &err), TP_OK);
    hub_stage_run(stage, "erased c1");
    assert_false(is_in_files(stage, "Ermintrude") || is_in_files(stage, "Dougal"));
    assert_true(is_in_files(stage, "Zebedee"));
    known = count_erasures(stage);
    assert_int_equal(known.records, 1);
    assert_int_equal(known.changes, 2);
    assert_string_equal(known.by, "teapot-hub");
    assert_int_equal(tp_hub_store_check(hub_stage_hub(stage)->store, &err), TP_OK);
    assert_int_equal(tp_file_remove(aside.at, &err), TP_OK);

    /* One that never had it must not take it in when it comes. */
    assert_int_equal(reopen(stage, &empty, &err), TP_OK);
    hub_stage_run(stage, "erased c1");
    known = count_erasures(stage);
    assert_int_equal(known.records, 1);
    assert_int_equal(known.changes, 0);
    hub_stage_close(stage);
}

static void test_erase__the_list_is_made_anew_and_read_strictly(void **state)
{
    (void)state;
    tp_err err;
    static const char *const lines[] = {CITY, "van contact c1 person=p1 note=Soup", TO_ALL,
                                        "erase c1", NULL};
    hub_stage *stage = hub_stage_open();
    tp_path list = in_hub(stage, TP_HUB_ERASED_LIST);
    tp_buf first;
    tp_buf second;
    tp_buf_init(&first, 1000);
    tp_buf_init(&second, 1000);
    hub_stage_run_all(stage, lines);
    assert_int_equal(tp_file_read(list.at, &first, &err), TP_OK);
    assert_int_equal(first.bytes, strlen("0123456789abcdef-2\n"));
    assert_int_equal(tp_file_remove(list.at, &err), TP_OK);
    assert_int_equal(reopen(stage, NULL, &err), TP_OK);
    assert_int_equal(tp_file_read(list.at, &second, &err), TP_OK);
    assert_true(tp_slice_eq(tp_buf_slice(&first), tp_buf_slice(&second)));
    assert_int_equal(count_erasures(stage).erasures, 1);

    assert_int_equal(tp_file_write(list.at, tp_slice_str("0123456789abcdef-2\nSean\n"), &err),
                     TP_OK);
    tp_hub *hub = hub_stage_hub(stage);
    const tp_path dir = hub->dir;
    tp_rng *rng = hub->rng;
    tp_hub_close(hub);
    assert_int_equal(tp_hub_open(dir.at, &hub_stage_clock(stage)->clock, rng, hub, &err),
                     TP_CORRUPT);
    assert_non_null(strstr(err.what, "line 2"));
    assert_int_equal(tp_file_write(list.at, tp_buf_slice(&first), &err), TP_OK);
    assert_int_equal(tp_hub_open(dir.at, &hub_stage_clock(stage)->clock, rng, hub, &err), TP_OK);
    tp_buf_done(&first);
    tp_buf_done(&second);
    hub_stage_close(stage);
}

/* ---- What breaks off ---- */

static tp_rc erase_everything(tp_hub *hub, tp_name name, tp_err *err)
{
    tp_hub_erase_plan plan;
    tp_hub_erase_plan_init(&plan);
    tp_rc rc = tp_hub_begin(hub, err);
    if (rc == TP_OK) {
        rc = tp_hub_erase_find(hub, name, true, &plan, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_erase(hub, &plan, "Olu", "asked for", err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_commit(hub, err);
    }
    tp_hub_rollback(hub);
    tp_hub_erase_plan_done(&plan);
    return rc;
}

/* All of it goes, or on any error none. */
static void test_erase__breaks_off_without_a_trace(void **state)
{
    (void)state;
    static const char *const lines[] = {
        CITY,
        "van contact c1 person=p1 note=Ermintrude",
        "van contact c9 note=Nobody",
        TO_ALL,
        "van consent k2 person=p1 agencies=friary kinds=* purposes=* in_sight=k1 " WITHDRAWN,
        "sync van",
        "sync desk",
        NULL};
    static const char *const kinds[] = {"alloc.nth", "store.write.nth"};
    for (size_t kind = 0; kind < sizeof kinds / sizeof kinds[0]; kind++) {
        hub_stage *stage = hub_stage_open();
        tp_hub *hub = hub_stage_hub(stage);
        unsigned nth = 0;
        tp_rc rc = TP_IO;
        hub_stage_run_all(stage, lines);
        while (rc != TP_OK) {
            char spec[40];
            tp_err err;
            assert_true(++nth < 1000);
            (void)snprintf(spec, sizeof spec, "%s:%u", kinds[kind], nth);
            tp_fault_set(spec);
            rc = erase_everything(hub, hub_stage_name(stage, "p1"), &err);
            tp_fault_set(NULL);
            if (rc != TP_OK) {
                assert_int_equal(count_erasures(stage).erasures, 0);
                assert_int_equal(tp_hub_store_check(hub->store, &err), TP_OK);
            }
        }
        assert_true(nth > 10);
        hub_stage_run(stage, "erased p1 c1 k1 k2");
        hub_stage_run(stage, "sync van");
        hub_stage_run(stage, "sync desk");
        hub_stage_close(stage);
    }
}

/* ---- Who has it yet ---- */

typedef struct held {
    uint32_t devices;
    uint64_t changes;
} held;

static tp_rc count_holder(void *ctx, const tp_hub_erase_holder *holder, tp_err *err)
{
    held *h = ctx;
    (void)err;
    h->devices++;
    h->changes += holder->changes;
    return TP_OK;
}

static tp_rc count_holding(void *ctx, const tp_hub_holding *holding, tp_err *err)
{
    held *h = ctx;
    (void)err;
    assert_true(holding->is_to_give);
    h->changes++;
    return TP_OK;
}

static held who_had(hub_stage *stage, const char *ref)
{
    tp_err err;
    held h = {0, 0};
    tp_hub_erase_plan plan;
    tp_hub *hub = hub_stage_hub(stage);
    tp_hub_erase_plan_init(&plan);
    assert_int_equal(tp_hub_look(hub, &err), TP_OK);
    assert_int_equal(tp_hub_erase_find(hub, hub_stage_name(stage, ref), false, &plan, &err), TP_OK);
    assert_int_equal(tp_hub_erase_holders(hub, &plan, count_holder, &h, &err), TP_OK);
    tp_hub_rollback(hub);
    tp_hub_erase_plan_done(&plan);
    return h;
}

static uint64_t still_held(hub_stage *stage, const char *ref)
{
    tp_err err;
    held h = {0, 0};
    tp_hub *hub = hub_stage_hub(stage);
    assert_int_equal(tp_hub_look(hub, &err), TP_OK);
    assert_int_equal(
        tp_hub_erased_holdings(hub->store, hub_stage_name(stage, ref), count_holding, &h, &err),
        TP_OK);
    tp_hub_rollback(hub);
    return h.changes;
}

static void test_erase__the_ledger_says_who_has_it_until_the_receipt(void **state)
{
    (void)state;
    static const char *const lines[] = {CITY,
                                        "device new friary",
                                        "van contact c1 person=p1 note=Soup",
                                        TO_ALL,
                                        "desk update c1 note=Stew",
                                        "sync desk",
                                        "sync lead",
                                        NULL};
    hub_stage *stage = hub_stage_open();
    hub_stage_run_all(stage, lines);
    held had = who_had(stage, "c1");
    assert_int_equal(had.devices, 3); /* the van has not heard of the update */
    assert_int_equal(had.changes, 5);
    hub_stage_run(stage, "erase c1");
    assert_int_equal(still_held(stage, "c1"), 5);
    hub_stage_run(stage, "sync desk");
    assert_int_equal(still_held(stage, "c1"), 3);
    hub_stage_run(stage, "sync van");
    assert_int_equal(still_held(stage, "c1"), 2);
    hub_stage_run(stage, "sync lead");
    assert_int_equal(still_held(stage, "c1"), 0);
    hub_stage_close(stage);
}

static tp_rc take_naming(void *ctx, const tp_hub_item *record, tp_err *err)
{
    (void)err;
    memcpy(ctx, &record->name, sizeof record->name);
    return TP_OK;
}

static void test_erase__what_names_somebody_who_was_erased_is_listed(void **state)
{
    (void)state;
    tp_err err;
    tp_name found = {0, 0};
    static const char *const lines[] = {CITY,
                                        "van contact c1 person=p1 note=Soup",
                                        TO_ALL,
                                        "desk contact c2 person=p1 note=Tea",
                                        "erase p1 everything",
                                        "sync desk",
                                        NULL};
    hub_stage *stage = hub_stage_open();
    tp_hub *hub = hub_stage_hub(stage);
    hub_stage_run_all(stage, lines);
    assert_int_equal(tp_hub_look(hub, &err), TP_OK);
    assert_int_equal(tp_hub_erased_named(hub->store, take_naming, &found, &err), TP_OK);
    tp_hub_rollback(hub);
    assert_true(tp_name_eq(found, hub_stage_name(stage, "c2")));
    hub_stage_close(stage);
}

/* An answer that was lost is given again, though what it was about is gone meanwhile. */
static void test_erase__a_push_is_answered_again(void **state)
{
    (void)state;
    static const char *const lines[] = {CITY, "van contact c1 person=p1 note=Soup", NULL};
    hub_stage *stage = hub_stage_open();
    tp_buf body;
    tp_buf answer;
    tp_buf_init(&body, TP_HTTP_BODY_BYTES_MAX);
    tp_buf_init(&answer, TP_HTTP_RESPONSE_BYTES_MAX);
    hub_stage_run_all(stage, lines);
    hub_stage_make_request(stage, "van", NULL, NULL, &body);
    assert_int_equal(hub_stage_send(stage, "van", tp_buf_slice(&body), &answer), 0);
    hub_stage_run(stage, "erase c1");
    tp_buf_clear(&answer);
    assert_int_equal(hub_stage_send(stage, "van", tp_buf_slice(&body), &answer), 0);
    const tp_response_reader *read = hub_stage_read(stage, tp_buf_slice(&answer));
    assert_int_equal(read->head.accepted, 2);
    assert_true(read->head.give_back_position > 0);
    hub_stage_take(stage, "van", tp_buf_slice(&answer));
    hub_stage_run(stage, "sync van");
    hub_stage_run(stage, "van lacks c1");
    tp_buf_done(&body);
    tp_buf_done(&answer);
    hub_stage_close(stage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_erase__situations),
        cmocka_unit_test(test_erase__nothing_of_it_is_in_the_file),
        cmocka_unit_test(test_erase__an_older_database_forgets_it_again),
        cmocka_unit_test(test_erase__the_list_is_made_anew_and_read_strictly),
        cmocka_unit_test(test_erase__breaks_off_without_a_trace),
        cmocka_unit_test(test_erase__the_ledger_says_who_has_it_until_the_receipt),
        cmocka_unit_test(test_erase__what_names_somebody_who_was_erased_is_listed),
        cmocka_unit_test(test_erase__a_push_is_answered_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
