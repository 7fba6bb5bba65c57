/* Scripted devices against a real hub: the stage, and which line does what. */
#include "tests/support/hub_stage.h"

#include "platform/base/alloc.h"
#include "tests/support/hub_stage_state.h"

enum { LINE_MAX = 1000 };
#define NOW_MS INT64_C(1768248300000) /* 2026-01-12T20:05Z */

/* ---- Opening ---- */

static uint32_t stages_open;

static void open_hub(hub_stage *stage)
{
    tp_err err;
    const tp_path dir = temp_dir_path(&stage->dir, "hub");
    stage_ok(stage, tp_hub_open(dir.at, &stage->clock.clock, &stage->rng.rng, &stage->hub, &err),
             &err);
}

static hub_stage *open_stage(bool in_memory)
{
    tp_err err;
    hub_stage *stage = tp_alloc(sizeof *stage);
    assert_non_null(stage);
    stages_open++;
    stage->play = "stage";
    stage->line = "opening";
    stage->dir = temp_dir_make();
    stage->disk = in_memory ? disk_open(stage->dir.at) : NULL;
    const tp_path dir = temp_dir_path(&stage->dir, "hub");
    tp_clock_fixed_init(&stage->clock, NOW_MS, 1000000, 1);
    tp_rng_seeded_init(&stage->rng, 7);
    stage_ok(stage, tp_hub_make(dir.at, &stage->clock.clock, &stage->rng.rng, &err), &err);
    open_hub(stage);
    stage_ok(stage, tp_deflate_new(1, &stage->deflate, &err), &err);
    stage_ok(stage, tp_inflate_new(&stage->inflate, &err), &err);
    tp_buf_init(&stage->message, TP_MESSAGE_BYTES_MAX);
    tp_buf_init(&stage->changes, TP_UNPACKED_BYTES_MAX);
    return stage;
}

hub_stage *hub_stage_open(void)
{
    return open_stage(false);
}

hub_stage *hub_stage_open_in_memory(void)
{
    return open_stage(true);
}

void hub_stage_keep(hub_stage *stage)
{
    if (stage->kept == NULL) {
        stage->kept = disk_open("/nowhere/kept");
    }
    tp_hub_close(&stage->hub); /* so that no journal is kept with it */
    disk_copy(stage->disk, stage->kept);
    open_hub(stage);
}

void hub_stage_go_back(hub_stage *stage)
{
    stage->line = "going back";
    tp_hub_close(&stage->hub);
    disk_copy(stage->kept, stage->disk);
    open_hub(stage);
}

void hub_stage_close(hub_stage *stage)
{
    tp_err err;
    stage->line = "closing";
    stage_ok(stage, tp_hub_store_check(stage->hub.store, &err), &err);
    for (uint32_t i = 0; i < stage->devices_count; i++) {
        tp_buf_done(&stage->devices[i].log);
        tp_key_free(stage->devices[i].key);
    }
    tp_deflate_free(stage->deflate);
    tp_inflate_free(stage->inflate);
    tp_buf_done(&stage->message);
    tp_buf_done(&stage->changes);
    tp_hub_close(&stage->hub);
    disk_close(stage->disk);
    disk_close(stage->kept);
    temp_dir_remove(&stage->dir);
    tp_free(stage);
    stages_open--;
    if (stages_open == 0) {
        assert_int_equal(tp_alloc_live(), 0);
    }
}

/* ---- Lines ---- */

typedef struct verb {
    const char *word;
    uint32_t at; /* which word of the line it is */
    uint32_t words_min;
    uint32_t words_max;
    stage_verb *run;
} verb;

enum { MANY = STAGE_WORDS_MAX };

/* As in hub_stage.h. */
static const verb verbs[] = {
    {"agency", 0, 2, 2, stage_agency},    {"sign", 0, 2, 3, stage_sign},
    {"end", 0, 2, 2, stage_end},          {"device", 0, 3, 4, stage_enrol},
    {"clock", 0, 2, 2, stage_clock},      {"sync", 0, 2, 2, stage_sync},
    {"push", 0, 2, 2, stage_push},        {"revoke", 0, 2, 2, stage_revoke},
    {"erase", 0, 2, 3, stage_erase},      {"keeps", 0, 2, 3, stage_keeps},
    {"erased", 0, 2, MANY, stage_erased}, {"quarantined", 0, 2, MANY, stage_quarantined},
    {"refused", 0, 3, 3, stage_refused},  {"update", 1, 3, MANY, stage_update},
    {"retract", 1, 4, 4, stage_retract},  {"holds", 1, 3, MANY, stage_holds},
    {"lacks", 1, 3, MANY, stage_lacks},   {"never_sent", 1, 3, MANY, stage_never_sent},
    {"verdict", 1, 4, 4, stage_verdict},
};

/* Where the line has no verb, a device writes a record. */
static const verb writing = {"ENTITY", 1, 3, MANY, stage_write};

static const verb *find_verb(char **words)
{
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(words[verbs[i].at], verbs[i].word) == 0) {
            return &verbs[i];
        }
    }
    return &writing;
}

uint32_t stage_split(char *text, const char *marks, char **parts, uint32_t max)
{
    uint32_t count = 0;
    char *rest = NULL;
    for (char *part = strtok_r(text, marks, &rest); part != NULL && count < max;
         part = strtok_r(NULL, marks, &rest)) {
        parts[count++] = part;
    }
    return count;
}

void hub_stage_run(hub_stage *stage, const char *line)
{
    char copy[LINE_MAX];
    char *words[STAGE_WORDS_MAX + 1]; /* one too many shows */
    stage->line = line;
    if (getenv("HUB_STAGE_TRACE") != NULL) {
        print_message("%s\n", line);
    }
    stage_need(stage, strlen(line) < sizeof copy, "the line is too long");
    (void)snprintf(copy, sizeof copy, "%s", line);
    uint32_t count = stage_split(copy, " ", words, STAGE_WORDS_MAX + 1);
    stage_need(stage, count >= 2, "no such line");
    const verb *v = find_verb(words);
    stage_need(stage, count >= v->words_min && count <= v->words_max, "%u words are not for %s",
               count, v->word);
    v->run(stage, words, count);
}

void hub_stage_run_all(hub_stage *stage, const char *const *lines)
{
    for (; *lines != NULL; lines++) {
        hub_stage_run(stage, *lines);
    }
}

void hub_stage_play(const char *name, const char *const *lines)
{
    hub_stage *stage = hub_stage_open();
    stage->play = name;
    hub_stage_run_all(stage, lines);
    hub_stage_close(stage);
}

/* ---- Looking ---- */

void stage_ok(const hub_stage *stage, tp_rc rc, const tp_err *err)
{
    stage_need(stage, rc == TP_OK, "%s: %s", tp_rc_name(rc), err->what);
}

const stage_ref *stage_find_ref(const hub_stage *stage, const char *ref)
{
    for (uint32_t i = 0; i < stage->refs_count; i++) {
        if (strcmp(stage->refs[i].ref, ref) == 0) {
            return &stage->refs[i];
        }
    }
    return NULL;
}

const stage_ref *stage_need_ref(const hub_stage *stage, const char *ref)
{
    const stage_ref *found = stage_find_ref(stage, ref);
    stage_need(stage, found != NULL, "no record is called %s", ref);
    return found;
}

stage_device *stage_need_device(hub_stage *stage, const char *name)
{
    stage_device *found = NULL;
    for (uint32_t i = 0; i < stage->devices_count; i++) {
        if (strcmp(stage->devices[i].name, name) == 0) {
            found = &stage->devices[i];
        }
    }
    stage_need(stage, found != NULL, "no device is called %s", name);
    return found;
}

tp_hub *hub_stage_hub(hub_stage *stage)
{
    return &stage->hub;
}

tp_name hub_stage_name(const hub_stage *stage, const char *ref)
{
    return stage_need_ref(stage, ref)->name;
}

uint64_t hub_stage_number(hub_stage *stage)
{
    stage_begin(stage);
    uint64_t number = tp_hub_store_state(stage->hub.store)->number;
    tp_hub_rollback(&stage->hub);
    return number;
}

tp_clock_fixed *hub_stage_clock(hub_stage *stage)
{
    return &stage->clock;
}
