/* A town whose hub serves. */
#include "tests/fault/network_town.h"

#include "node/daemon/enrol.h"
#include "platform/base/fault.h"
#include "sync/hub/serve.h"
#include "tests/fault/network_calls.h"
#include "tests/fault/scenes.h"
#include "tests/support/temp_dir.h"

#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

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

/* ---- Beside the server ---- */

town *network_town(void)
{
    return &t;
}

const char *network_town_url(void)
{
    return served.url;
}

void network_town_code(const char *agency, char text_out[TP_ENROLMENT_CODE_TEXT])
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

uint64_t network_town_accepted(void)
{
    tp_err err = {0};
    tp_hub *hub = &t.at[TOWN_HUB].hub;
    scene_must(tp_hub_look(hub, &err), &err);
    const uint64_t number = tp_hub_store_state(hub->store)->number;
    tp_hub_rollback(hub);
    return number;
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
    network_town_code("street-outreach", code);
    scene_must(tp_enrol(node, code, served.url, &enrolled, &err), &err);
}

void network_town_found(void)
{
    tp_err err = {0};
    tp_fault_set("net.impatient.from:1");
    town_found(&t);
    scene_history(&t);
    start_serving(&served);
    for (int place = 0; place < TOWN_PLACES; place++) {
        scene_must(town_open(&t, place, &err), &err);
    }
    enrol_van();
}

void network_town_verify(void)
{
    for (int place = 0; place < TOWN_PLACES; place++) {
        town_verify(&t, place);
    }
}

void network_town_end(void)
{
    network_town_verify();
    stop_serving(&served);
    town_end(&t);
    tp_fault_set(NULL);
}
