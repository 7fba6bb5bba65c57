/* A node and a hub over real TLS, each with the programs' own way to the network, while a call of
 * one of them to the network fails: it worked, or it says in plain words that the hub does not
 * answer; nobody lost anything and nobody holds anything twice; and the next go makes it whole, on
 * the same link.
 *
 * Shows P1, P2, P3, P19, P21. */
#include "tests/fault/network_calls.h"

#include "node/daemon/enrol.h"
#include "node/daemon/sync.h"
#include "platform/base/alloc.h"
#include "platform/base/fault.h"
#include "sync/hub/enrol.h"
#include "sync/hub/serve.h"
#include "tests/fault/scenes.h"
#include "tests/support/temp_dir.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

enum { ATTEMPTS_A_LOOK = 8 };

static unsigned points = 1; /* of each call and harm; 0: every one */

/* ---- The hub, serving ---- */

typedef struct serving {
    tp_hub hub;
    tp_clock_fixed clock;
    tp_rng_seeded rng;
    pthread_t thread;
    sem_t is_ready;
    char url[64];
} serving;

static town t;
static serving served;

static void note_ready(void *ctx, const char *address, uint16_t port)
{
    serving *s = ctx;
    snprintf(s->url, sizeof s->url, "https://%s:%u", address, port);
    sem_post(&s->is_ready);
}

static void note_trouble(void *ctx, const char *who, const char *what)
{
    (void)ctx;
    (void)who;
    assert_true(what[0] != '\0');
}

static void *serve(void *ctx)
{
    serving *s = ctx;
    tp_err err;
    const tp_hub_serve_options options = {.listen = "127.0.0.1:0"};
    const tp_hub_serve_notes notes = {.ctx = s, .ready = note_ready, .trouble = note_trouble};
    network_i_am(NETWORK_HUB);
    if (tp_hub_serve(&s->hub, &options, &notes, &err) != TP_OK) {
        fprintf(stderr, "serving: %s\n", err.what);
        abort();
    }
    return NULL;
}

static void start_serving(serving *s)
{
    tp_err err = {0};
    const char *dir = t.at[TOWN_HUB].dir.at;
    s->clock = t.at[TOWN_HUB].clock;
    tp_rng_seeded_init(&s->rng, 5);
    scene_must(tp_hub_open(dir, &s->clock.clock, &s->rng.rng, &s->hub, &err), &err);
    assert_int_equal(sem_init(&s->is_ready, 0, 0), 0);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
    sem_wait(&s->is_ready);
}

static void stop_serving(serving *s)
{
    tp_hub_serve_stop();
    assert_int_equal(pthread_join(s->thread, NULL), 0);
    sem_destroy(&s->is_ready);
    tp_hub_close(&s->hub);
}

/* As an operator does it, beside the server. */
static void make_code(const char *agency, char text_out[TP_ENROLMENT_CODE_TEXT])
{
    tp_err err = {0};
    tp_enrolment_code code;
    tp_hub *hub = &t.at[TOWN_HUB].hub;
    scene_must(tp_hub_begin(hub, &err), &err);
    scene_must(tp_hub_code_make(hub, tp_slice_str(agency), false, "van two", TOWN_NOW_MS + 3600000,
                                &code, &err),
               &err);
    scene_must(tp_hub_commit(hub, &err), &err);
    tp_enrolment_code_format(&code, text_out);
}

static uint64_t accepted_at_hub(void)
{
    tp_err err = {0};
    tp_hub *hub = &t.at[TOWN_HUB].hub;
    scene_must(tp_hub_look(hub, &err), &err);
    const uint64_t number = tp_hub_store_state(hub->store)->number;
    tp_hub_rollback(hub);
    return number;
}

/* ---- What fails ---- */

typedef struct harm_row {
    network_side side;
    network_call call;
    int harm;
    const char *name;
    bool is_harmless; /* once: it must work all the same */
    bool goes_on;     /* it may also stay so */
} harm_row;

static const harm_row rows[] = {
    {NETWORK_NODE, NETWORK_SOCKET, EMFILE, "a socket, EMFILE", false, true},
    {NETWORK_NODE, NETWORK_CONNECT, ECONNREFUSED, "connecting, ECONNREFUSED", false, true},
    {NETWORK_NODE, NETWORK_CONNECT, ENETUNREACH, "connecting, ENETUNREACH", false, true},
    {NETWORK_NODE, NETWORK_CONNECT, ETIMEDOUT, "connecting, ETIMEDOUT", false, true},
    {NETWORK_NODE, NETWORK_READ, ECONNRESET, "reading, ECONNRESET", false, true},
    {NETWORK_NODE, NETWORK_READ, ETIMEDOUT, "reading, ETIMEDOUT", false, true},
    {NETWORK_NODE, NETWORK_READ, NETWORK_ENDS, "reading, the end", false, true},
    {NETWORK_NODE, NETWORK_READ, EINTR, "reading, EINTR", true, false},
    {NETWORK_NODE, NETWORK_READ, EAGAIN, "reading, EAGAIN", true, false},
    {NETWORK_NODE, NETWORK_READ, NETWORK_SHORT, "reading, short", true, true},
    {NETWORK_NODE, NETWORK_WRITE, EPIPE, "writing, EPIPE", false, true},
    {NETWORK_NODE, NETWORK_WRITE, ECONNRESET, "writing, ECONNRESET", false, true},
    {NETWORK_NODE, NETWORK_WRITE, ENOBUFS, "writing, ENOBUFS", false, true},
    {NETWORK_NODE, NETWORK_WRITE, EINTR, "writing, EINTR", true, false},
    {NETWORK_NODE, NETWORK_WRITE, EAGAIN, "writing, EAGAIN", true, false},
    {NETWORK_NODE, NETWORK_WRITE, NETWORK_SHORT, "writing, short", true, true},
    {NETWORK_NODE, NETWORK_WAIT, EINTR, "waiting, EINTR", true, false},
    {NETWORK_NODE, NETWORK_WAIT, ENOMEM, "waiting, ENOMEM", false, true},
    {NETWORK_HUB, NETWORK_ACCEPT, ECONNABORTED, "accepting, ECONNABORTED", true, true},
    {NETWORK_HUB, NETWORK_ACCEPT, EINTR, "accepting, EINTR", true, false},
    {NETWORK_HUB, NETWORK_ACCEPT, EMFILE, "accepting, EMFILE", true, true},
    {NETWORK_HUB, NETWORK_ACCEPT, ENOBUFS, "accepting, ENOBUFS", true, true},
    {NETWORK_HUB, NETWORK_READ, ECONNRESET, "reading, ECONNRESET", false, true},
    {NETWORK_HUB, NETWORK_READ, ETIMEDOUT, "reading, ETIMEDOUT", false, true},
    {NETWORK_HUB, NETWORK_READ, NETWORK_ENDS, "reading, the end", false, true},
    {NETWORK_HUB, NETWORK_READ, EINTR, "reading, EINTR", true, false},
    {NETWORK_HUB, NETWORK_READ, EAGAIN, "reading, EAGAIN", true, false},
    {NETWORK_HUB, NETWORK_READ, NETWORK_SHORT, "reading, short", true, true},
    {NETWORK_HUB, NETWORK_WRITE, EPIPE, "writing, EPIPE", false, true},
    {NETWORK_HUB, NETWORK_WRITE, ECONNRESET, "writing, ECONNRESET", false, true},
    {NETWORK_HUB, NETWORK_WRITE, ENOBUFS, "writing, ENOBUFS", false, true},
    {NETWORK_HUB, NETWORK_WRITE, EINTR, "writing, EINTR", true, false},
    {NETWORK_HUB, NETWORK_WRITE, EAGAIN, "writing, EAGAIN", true, false},
    {NETWORK_HUB, NETWORK_WRITE, NETWORK_SHORT, "writing, short", true, true},
    {NETWORK_HUB, NETWORK_WAIT, EINTR, "waiting, EINTR", true, false},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

typedef struct attempt {
    const harm_row *row; /* NULL: undisturbed */
    uint64_t nth;
    bool goes_on;
} attempt;

typedef struct tally {
    uint64_t calls[NETWORK_SIDES][NETWORK_CALLS]; /* undisturbed */
    unsigned attempts;
    unsigned worked; /* all the same */
    unsigned missed; /* the call did not come */
} tally;

static void fail_at(const attempt *a, const char *what, const char *detail)
{
    fail_msg("%s, %s, %s %llu: %s: %s",
             a->row == NULL                 ? "undisturbed"
             : a->row->side == NETWORK_NODE ? "the node"
                                            : "the hub",
             a->row == NULL ? "" : a->row->name, a->goes_on ? "from" : "number",
             (unsigned long long)a->nth, what, detail);
}

static void arm(const attempt *a)
{
    network_fault fault = {0};
    if (a->row != NULL) {
        fault = (network_fault){a->row->side, a->row->call, a->row->harm, a->nth, a->goes_on};
    }
    network_set_fault(fault);
    network_i_am(NETWORK_NODE);
}

static void disarm(void)
{
    network_i_am(NETWORK_NOBODY);
    network_set_fault((network_fault){0});
}

/* What a person can act on, and nothing of the machinery. */
static const char away[] = "the hub does not answer: ";
static const char here[] = "this machine cannot wait for the hub";

static void expect_clean(const attempt *a, tp_rc rc, const tp_err *err)
{
    if (a->row == NULL || (a->row->is_harmless && !a->goes_on)) {
        fail_at(a, tp_rc_name(rc), err->what);
    }
    const bool is_offline = rc == TP_OFFLINE && strncmp(err->what, away, strlen(away)) == 0;
    const bool is_here = rc == TP_IO && strncmp(err->what, here, strlen(here)) == 0;
    if (!is_offline && !(is_here && a->row->call == NETWORK_WAIT)) {
        fail_at(a, tp_rc_name(rc), err->what);
    }
}

/* ---- Every call of something ---- */

typedef void (*act_row)(const attempt *a, tally *counts);

static void count_calls(act_row act, tally *counts)
{
    const attempt undisturbed = {NULL, 0, false};
    memset(counts, 0, sizeof *counts);
    act(&undisturbed, counts);
}

static void sweep_row(act_row act, const harm_row *row, bool goes_on, tally *counts)
{
    const uint64_t calls = counts->calls[row->side][row->call];
    /* Where nobody is let in any more, each costs the time that a node waits. */
    const uint64_t wanted = goes_on && row->call == NETWORK_ACCEPT ? 1 : points;
    const uint64_t count = wanted == 0 || wanted > calls ? calls : wanted;
    assert_true(calls > 0);
    for (uint64_t i = 0; i < count; i++) {
        /* Each row begins elsewhere, so that a few of each are many together. */
        const uint64_t from = count == calls ? 0 : (uint64_t)(row - rows);
        const attempt a = {row, 1 + (from + i * calls / count) % calls, goes_on};
        act(&a, counts);
        counts->attempts++;
    }
}

static void sweep(const char *name, act_row act)
{
    tally counts;
    count_calls(act, &counts); /* what is made once in a process is made now */
    count_calls(act, &counts);
    for (size_t i = 0; i < ROWS; i++) {
        sweep_row(act, &rows[i], false, &counts);
        if (rows[i].goes_on) {
            sweep_row(act, &rows[i], true, &counts);
        }
    }
    print_message("%s: %u faults, after which %u worked; %u calls did not come\n", name,
                  counts.attempts, counts.worked, counts.missed);
    assert_true(counts.worked > 0 && counts.worked < counts.attempts);
    assert_true(counts.missed * 2 < counts.attempts);
}

static void note(const attempt *a, tp_rc rc, tally *counts)
{
    for (unsigned side = 0; a->row == NULL && side < NETWORK_SIDES; side++) {
        for (unsigned call = 0; call < NETWORK_CALLS; call++) {
            counts->calls[side][call] = network_calls(side, call);
        }
    }
    counts->worked += a->row != NULL && rc == TP_OK;
    counts->missed += a->row != NULL && network_harmed() == 0;
}

static void look_at_all(void)
{
    static unsigned attempts;
    if (attempts++ % ATTEMPTS_A_LOOK == 0) {
        town_verify(&t, TOWN_VAN);
        town_verify(&t, TOWN_HUB);
    }
}

/* ---- A sync ---- */

static void write_contact(int place)
{
    tp_err err = {0};
    scene_must(town_write(&t, place, NULL, &err,
                          "{'op':'create','entity':'contact','worker':'Dee','set':{'person':'%s',"
                          "'note':'By the canal.'}}",
                          town_name(scene_baz)),
               &err);
}

/* The van has something for the hub, the hub something for the van. */
static void prepare_sync(void)
{
    tp_err err = {0};
    write_contact(TOWN_DESK);
    scene_must(town_sync(&t, TOWN_DESK, &err), &err);
    write_contact(TOWN_VAN);
}

static void act_sync(const attempt *a, tally *counts)
{
    tp_err err = {0};
    tp_link *link = NULL;
    tp_sync_result result = {0};
    prepare_sync();
    const uint64_t accepted = accepted_at_hub();
    scene_must(tp_link_open(&t.at[TOWN_VAN].node, &link, &err), &err);
    arm(a);
    tp_rc rc = tp_link_sync(link, &result, &err);
    note(a, rc, counts);
    disarm();
    const uint64_t now = accepted_at_hub();
    if (rc != TP_OK) {
        expect_clean(a, rc, &err);
        assert_in_range(now, accepted, accepted + 1);
        rc = tp_link_sync(link, &result, &err);
        if (rc != TP_OK) {
            fail_at(a, "it does not work afterwards", err.what);
        }
    } else if (now != accepted + 1) {
        fail_at(a, "it says that it worked", "and the hub has not got it");
    }
    if (!result.is_whole || accepted_at_hub() != accepted + 1) {
        fail_at(a, "it is not whole", result.differs ? "they differ" : "not once");
    }
    tp_link_close(link);
    look_at_all();
}

static void test_network__a_sync(void **state)
{
    (void)state;
    sweep("a sync", act_sync);
}

/* ---- Enrolling ---- */

typedef struct newcomer {
    tp_path dir;
    disk *disk;
    tp_node node;
    char code[TP_ENROLMENT_CODE_TEXT];
} newcomer;

static void open_newcomer(newcomer *n)
{
    static unsigned count;
    static tp_rng_seeded rng; /* no two have one id */
    tp_err err = {0};
    char name[20];
    if (count == 0) {
        tp_rng_seeded_init(&rng, 4711);
    }
    snprintf(name, sizeof name, "newcomer-%u", count++);
    const tp_clock *clock = &t.at[TOWN_DESK].clock.clock;
    n->dir = temp_dir_path(&t.dir, name);
    n->disk = disk_open(n->dir.at);
    scene_must(tp_node_init(n->dir.at, tp_slice_str("friary"), clock, &rng.rng, &err), &err);
    scene_must(tp_node_open(n->dir.at, clock, &rng.rng, &n->node, &err), &err);
    make_code("friary", n->code);
}

static void close_newcomer(newcomer *n)
{
    tp_node_close(&n->node);
    disk_close(n->disk);
}

static void expect_member(const attempt *a, newcomer *n)
{
    tp_err err = {0};
    tp_link *link = NULL;
    tp_hub_device known;
    tp_sync_result result = {0};
    tp_hub *hub = &t.at[TOWN_HUB].hub;
    scene_must(tp_link_open(&n->node, &link, &err), &err);
    if (tp_link_sync(link, &result, &err) != TP_OK || !result.is_whole || result.is_forked) {
        fail_at(a, "what was enrolled cannot sync", err.what);
    }
    tp_link_close(link);
    scene_must(tp_hub_look(hub, &err), &err);
    scene_must(tp_hub_device_get(hub->store, tp_log_device(n->node.log), &known, &err), &err);
    tp_hub_rollback(hub);
}

/* Where only the answer was lost, the same code serves again. */
static void act_enrol(const attempt *a, tally *counts)
{
    tp_err err = {0};
    tp_enrolled enrolled = {0};
    bool is_enrolled = false;
    newcomer n;
    open_newcomer(&n);
    arm(a);
    tp_rc rc = tp_enrol(&n.node, n.code, served.url, &enrolled, &err);
    note(a, rc, counts);
    disarm();
    scene_must(tp_link_is_enrolled(&n.node, &is_enrolled, &err), &err);
    if (is_enrolled != (rc == TP_OK)) {
        fail_at(a, tp_rc_name(rc), is_enrolled ? "and it is enrolled" : "and it is not enrolled");
    }
    if (rc != TP_OK) {
        expect_clean(a, rc, &err);
        rc = tp_enrol(&n.node, n.code, served.url, &enrolled, &err);
        if (rc != TP_OK) {
            fail_at(a, "it does not work afterwards", err.what);
        }
    }
    assert_string_equal(enrolled.agency, "friary");
    assert_false(enrolled.is_forked);
    expect_member(a, &n);
    close_newcomer(&n);
    look_at_all();
}

static void test_network__enrolling(void **state)
{
    (void)state;
    sweep("enrolling", act_enrol);
}

/* ---- Setting up ---- */

/* The town's hub knows the van's key already: with it, it is enrolled once more. */
static void enrol_van(void)
{
    tp_err err = {0};
    tp_buf pem;
    tp_path path;
    tp_enrolled enrolled;
    char code[TP_ENROLMENT_CODE_TEXT];
    tp_node *node = &t.at[TOWN_VAN].node;
    tp_buf_init(&pem, TP_PEM_BYTES_MAX);
    scene_must(tp_key_to_pem(t.at[TOWN_VAN].key, &pem, &err), &err);
    scene_must(tp_node_own_path(node, TP_NODE_KEY, &path, &err), &err);
    scene_must(tp_file_create(path.at, tp_buf_slice(&pem), &err), &err);
    tp_buf_done(&pem);
    make_code("street-outreach", code);
    scene_must(tp_enrol(node, code, served.url, &enrolled, &err), &err);
}

static int setup(void **state)
{
    tp_err err = {0};
    (void)state;
    tp_fault_set("net.impatient.from:1");
    town_found(&t);
    scene_history(&t);
    start_serving(&served);
    for (int place = 0; place < TOWN_PLACES; place++) {
        scene_must(town_open(&t, place, &err), &err);
    }
    enrol_van();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    for (int place = 0; place < TOWN_PLACES; place++) {
        town_verify(&t, place);
    }
    stop_serving(&served);
    town_end(&t);
    tp_fault_set(NULL);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_network__enrolling),
        cmocka_unit_test(test_network__a_sync),
    };
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--points") == 0) {
            points = (unsigned)strtoul(argv[i + 1], NULL, 10);
        }
    }
    return cmocka_run_group_tests(tests, setup, teardown);
}
