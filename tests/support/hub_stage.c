/* Scripted devices against a real hub. */
#include "tests/support/hub_stage.h"

#include "platform/base/alloc.h"
#include "platform/net/deflate.h"
#include "sync/hub/erase_list.h"
#include "sync/hub/exchange.h"
#include "sync/wire/chain.h"
#include "sync/wire/change_bytes.h"
#include "sync/wire/dictionary.h"
#include "tests/support/disk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { REFS_MAX = 400, DEVICES_MAX = 16, HELD_MAX = 1024, WORDS_MAX = 40, LINE_MAX = 1000 };
#define NOW_MS INT64_C(1768248300000) /* 2026-01-12T20:05Z */
#define DAY_MS INT64_C(86400000)

typedef struct written {
    char ref[16];
    tp_name name;
    uint32_t entity;
    tp_name person;
} written;

/* A change as a device has it. */
typedef struct held {
    tp_name name;
    tp_name record;
    uint32_t codes[16]; /* fields it sets */
    uint32_t codes_count;
    uint32_t verdict;
    bool is_given_back;
} held;

typedef struct device {
    char name[16];
    uint64_t id;
    tp_key *key;
    bool is_kiosk;
    uint64_t seq;      /* written */
    uint64_t accepted; /* at the hub */
    uint8_t h[TP_CHAIN_BYTES];
    tp_buf log;            /* bytes of all its changes, one after the other */
    size_t ends[HELD_MAX]; /* of each change in it */
    uint64_t cursor;
    uint8_t tag[TP_CURSOR_TAG_BYTES];
    uint64_t receipt;
    uint64_t generation;
    held has[HELD_MAX];
    uint32_t has_count;
} device;

struct hub_stage {
    tp_path dir;
    disk *disk; /* NULL: the real file system */
    disk *kept; /* as it was; NULL: nothing was kept */
    tp_hub hub;
    tp_clock_fixed clock;
    tp_rng_seeded rng;
    device devices[DEVICES_MAX];
    uint32_t devices_count;
    written refs[REFS_MAX];
    uint32_t refs_count;
    tp_deflate *deflate;
    tp_inflate *inflate;
    tp_buf message; /* of the answer read last, with its changes: `response` borrows from them */
    tp_buf changes;
    tp_response_reader response;
    const char *line; /* for failures */
};

#define need(condition, ...)                                                                       \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            print_error("at \"%s\":\n", stage->line);                                              \
            fail_msg(__VA_ARGS__);                                                                 \
        }                                                                                          \
    } while (0)

static void ok(const hub_stage *stage, tp_rc rc, const tp_err *err)
{
    need(rc == TP_OK, "%s: %s", tp_rc_name(rc), err->what);
}

/* ---- Opening ---- */

static uint32_t stages_open;

static void open_hub(hub_stage *stage)
{
    tp_err err;
    const tp_path dir = temp_dir_path(&stage->dir, "hub");
    ok(stage, tp_hub_open(dir.at, &stage->clock.clock, &stage->rng.rng, &stage->hub, &err), &err);
}

static hub_stage *open_stage(bool in_memory)
{
    tp_err err;
    hub_stage *stage = tp_alloc(sizeof *stage);
    assert_non_null(stage);
    stages_open++;
    stage->line = "opening";
    stage->dir = temp_dir_make();
    stage->disk = in_memory ? disk_open(stage->dir.at) : NULL;
    const tp_path dir = temp_dir_path(&stage->dir, "hub");
    tp_clock_fixed_init(&stage->clock, NOW_MS, 1000000, 1);
    tp_rng_seeded_init(&stage->rng, 7);
    ok(stage, tp_hub_make(dir.at, &stage->clock.clock, &stage->rng.rng, &err), &err);
    open_hub(stage);
    ok(stage, tp_deflate_new(1, &stage->deflate, &err), &err);
    ok(stage, tp_inflate_new(&stage->inflate, &err), &err);
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
    ok(stage, tp_hub_store_check(stage->hub.store, &err), &err);
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

tp_hub *hub_stage_hub(hub_stage *stage)
{
    return &stage->hub;
}

static written *find_ref(hub_stage *stage, const char *ref)
{
    for (uint32_t i = 0; i < stage->refs_count; i++) {
        if (strcmp(stage->refs[i].ref, ref) == 0) {
            return &stage->refs[i];
        }
    }
    return NULL;
}

static written *need_ref(hub_stage *stage, const char *ref)
{
    written *found = find_ref(stage, ref);
    need(found != NULL, "no record is called %s", ref);
    return found;
}

tp_name hub_stage_name(const hub_stage *stage, const char *ref)
{
    return need_ref((hub_stage *)stage, ref)->name;
}

static device *find_device(hub_stage *stage, const char *name)
{
    for (uint32_t i = 0; i < stage->devices_count; i++) {
        if (strcmp(stage->devices[i].name, name) == 0) {
            return &stage->devices[i];
        }
    }
    return NULL;
}

static device *need_device(hub_stage *stage, const char *name)
{
    device *found = find_device(stage, name);
    need(found != NULL, "no device is called %s", name);
    return found;
}

/* ---- Setting up ---- */

static void begin(hub_stage *stage)
{
    tp_err err;
    ok(stage, tp_hub_begin(&stage->hub, &err), &err);
}

static void commit(hub_stage *stage)
{
    tp_err err;
    ok(stage, tp_hub_commit(&stage->hub, &err), &err);
}

static void add_agency(hub_stage *stage, const char *id)
{
    tp_err err;
    begin(stage);
    ok(stage, tp_hub_agency_add(stage->hub.store, id, id, &err), &err);
    commit(stage);
}

static void put_agreement(hub_stage *stage, const char *id, int64_t from_ms, int64_t until_ms)
{
    tp_err err;
    begin(stage);
    tp_hub_agreement agreement = {tp_hub_agency_find(stage->hub.store, tp_slice_str(id)), from_ms,
                                  until_ms};
    need(agreement.agency != 0, "no agency is called %s", id);
    ok(stage, tp_hub_agreement_put(stage->hub.store, &agreement, &err), &err);
    if (until_ms > stage->hub.now_ms) {
        ok(stage, tp_hub_due_add(stage->hub.store, until_ms, (tp_name){0, 0}, &err), &err);
    }
    ok(stage, tp_hub_judge_everybody(stage->hub.judge, agreement.agency, stage->hub.now_ms, &err),
       &err);
    commit(stage);
}

static void sign(hub_stage *stage, const char *id, const char *until)
{
    int64_t now = stage->clock.reading.wall_ms;
    int64_t days = until == NULL ? 0 : strtol(until + strlen("until="), NULL, 10);
    put_agreement(stage, id, now, days == 0 ? 0 : now + days * DAY_MS);
}

static void end(hub_stage *stage, const char *id)
{
    size_t count = 0;
    begin(stage);
    const tp_hub_agreement *agreements = tp_hub_agreements(stage->hub.store, &count);
    uint16_t no = tp_hub_agency_find(stage->hub.store, tp_slice_str(id));
    int64_t from_ms = 0;
    for (size_t i = 0; i < count; i++) {
        from_ms = agreements[i].agency == no ? agreements[i].from_ms : from_ms;
    }
    commit(stage);
    put_agreement(stage, id, from_ms, stage->clock.reading.wall_ms);
}

/* As enrolment leaves it, without the HTTP. */
static void add_device(hub_stage *stage, const char *name, const char *agency, bool is_kiosk)
{
    tp_err err;
    need(stage->devices_count < DEVICES_MAX, "too many devices");
    device *d = &stage->devices[stage->devices_count++];
    (void)snprintf(d->name, sizeof d->name, "%s", name);
    d->id = tp_rng_u64(&stage->rng.rng) | 1;
    d->is_kiosk = is_kiosk;
    tp_buf_init(&d->log, 16u << 20);
    ok(stage, tp_key_generate(&stage->rng.rng, &d->key, &err), &err);
    tp_chain_start(d->id, d->h);
    begin(stage);
    tp_hub_device known = {.id = d->id, .is_kiosk = is_kiosk, .enrolled_ms = stage->hub.now_ms};
    known.agency = tp_hub_agency_find(stage->hub.store, tp_slice_str(agency));
    need(known.agency != 0, "no agency is called %s", agency);
    known.receipt = tp_hub_feed_end(stage->hub.store, known.agency);
    tp_key_public(d->key, &known.key);
    memcpy(known.h, d->h, sizeof known.h);
    ok(stage, tp_hub_device_put(stage->hub.store, &known, &err), &err);
    commit(stage);
}

static void revoke(hub_stage *stage, const char *name)
{
    tp_err err;
    tp_hub_device known;
    begin(stage);
    ok(stage, tp_hub_device_get(stage->hub.store, need_device(stage, name)->id, &known, &err),
       &err);
    known.revoked_ms = stage->hub.now_ms;
    ok(stage, tp_hub_device_put(stage->hub.store, &known, &err), &err);
    commit(stage);
}

/* ---- Erasing ---- */

static tp_rc try_to_erase(hub_stage *stage, tp_name name, bool has_everything, tp_err *err)
{
    tp_hub_erase_plan plan;
    tp_hub_erase_plan_init(&plan);
    begin(stage);
    tp_rc rc = tp_hub_erase_find(&stage->hub, name, has_everything, &plan, err);
    if (rc == TP_OK) {
        rc = tp_hub_erase(&stage->hub, &plan, "Olu", "asked for", err);
    }
    if (rc == TP_OK) {
        commit(stage);
    } else {
        tp_hub_rollback(&stage->hub);
    }
    tp_hub_erase_plan_done(&plan);
    return rc;
}

static void erase(hub_stage *stage, const char *ref, bool has_everything)
{
    tp_err err;
    bool is_gone = false;
    ok(stage, try_to_erase(stage, need_ref(stage, ref)->name, has_everything, &err), &err);
    ok(stage, tp_hub_store_scrub(stage->hub.store, &is_gone, &err), &err);
    need(is_gone, "what was erased may be in the file yet");
    ok(stage, tp_hub_erase_list_settle(&stage->hub, &err), &err);
}

static void expect_kept(hub_stage *stage, const char *ref, bool has_everything)
{
    tp_err err;
    need(try_to_erase(stage, need_ref(stage, ref)->name, has_everything, &err) != TP_OK,
         "%s was erased", ref);
}

static tp_rc look_erased(void *ctx, const tp_hub_item *item, tp_err *err)
{
    (void)ctx;
    (void)item;
    return tp_fail(err, TP_EXISTS, "the hub has some of it");
}

static void expect_erased(hub_stage *stage, const char *ref)
{
    tp_err err;
    bool is_erased = false;
    tp_name name = need_ref(stage, ref)->name;
    begin(stage);
    ok(stage, tp_hub_erased_has(stage->hub.store, name, &is_erased, &err), &err);
    need(is_erased, "%s is not erased", ref);
    ok(stage, tp_hub_log_about(stage->hub.store, (tp_name){0, 0}, name, look_erased, NULL, &err),
       &err);
    tp_hub_rollback(&stage->hub);
}

/* ---- Writing ---- */

/* Values of one line, kept until it is encoded. */
typedef struct writing {
    tp_change_draft draft;
    tp_value values[WORDS_MAX];
    tp_name seen[WORDS_MAX][16];
    uint32_t count;
} writing;

static uint32_t split(char *text, const char *marks, char **parts, uint32_t max)
{
    uint32_t count = 0;
    char *rest = NULL;
    for (char *part = strtok_r(text, marks, &rest); part != NULL && count < max;
         part = strtok_r(NULL, marks, &rest)) {
        parts[count++] = part;
    }
    return count;
}

static void read_value(hub_stage *stage, const tp_field_row *row, char *text, tp_value *value)
{
    char *parts[WORDS_MAX];
    value->type = row->type;
    switch (row->type) {
    case TP_TYPE_BOOL:
    case TP_TYPE_COUNT:
    case TP_TYPE_INSTANT:
        value->number = strtoll(text, NULL, 10);
        break;
    case TP_TYPE_CODES:
    case TP_TYPE_AGENCIES:
    case TP_TYPE_HOLDER:
        value->texts_count = split(text, row->type == TP_TYPE_HOLDER ? "/" : ",", parts, WORDS_MAX);
        for (uint32_t i = 0; i < value->texts_count; i++) {
            value->texts[i] = tp_slice_str(parts[i]);
        }
        break;
    case TP_TYPE_RECORD:
    case TP_TYPE_RECORDS:
        value->names_count = split(text, ",", parts, WORDS_MAX);
        for (uint32_t i = 0; i < value->names_count; i++) {
            value->names[i] = need_ref(stage, parts[i])->name;
        }
        break;
    case TP_TYPE_TEXT:
    case TP_TYPE_CODE:
    case TP_TYPE_DATE:
    case TP_TYPE_PARTIAL_DATE:
    case TP_TYPE_NHS_NUMBER:
    case TP_TYPE_PHONE:
    case TP_TYPE_GRID:
    case TP_TYPE_AGENCY:
        value->text = tp_slice_str(text);
        break;
    }
}

/* What the device holds of a field of the record. */
static uint32_t see(const device *d, tp_name record, uint32_t code, tp_name *seen)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < d->has_count && count < 16; i++) {
        for (uint32_t c = 0; tp_name_eq(d->has[i].record, record) && c < d->has[i].codes_count;
             c++) {
            if (d->has[i].codes[c] == code) {
                seen[count++] = d->has[i].name;
                break;
            }
        }
    }
    return count;
}

static void set_field(hub_stage *stage, const device *d, writing *w, char *word, bool is_blind)
{
    tp_err err;
    char *equals = strchr(word, '=');
    need(equals != NULL, "%s is no FIELD=VALUE", word);
    *equals = '\0';
    if (strcmp(word, "kinds") == 0) {
        char *parts[WORDS_MAX];
        uint32_t n = split(equals + 1, ",", parts, WORDS_MAX);
        for (uint32_t i = 0; i < n; i++) {
            w->draft.kinds |= TP_KIND_BIT(tp_kind_of(tp_slice_str(parts[i])));
        }
        if (tp_field_named(w->draft.entity, tp_slice_str(word)) == NULL) {
            return;
        }
        w->draft.kinds = 0;
        for (uint32_t i = 0; i + 1 < n; i++) {
            parts[i][strlen(parts[i])] = ','; /* it was a field after all */
        }
    }
    const tp_field_row *row = tp_field_named(w->draft.entity, tp_slice_str(word));
    need(row != NULL, "no field is called %s", word);
    tp_value *value = &w->values[w->count];
    memset(value, 0, sizeof *value);
    if (equals[1] == '\0') {
        value->type = row->type;
        value->is_null = true;
    } else {
        read_value(stage, row, equals + 1, value);
    }
    ok(stage, tp_change_draft_set(&w->draft, row->code, value, &err), &err);
    if (!is_blind) {
        uint32_t count = see(d, w->draft.record, row->code, w->seen[w->count]);
        ok(stage, tp_change_draft_see(&w->draft, row->code, w->seen[w->count], count, &err), &err);
    }
    w->count++;
}

static void note_held(hub_stage *stage, device *d, tp_name name, tp_slice bytes)
{
    tp_err err;
    static tp_change change;
    for (uint32_t i = 0; i < d->has_count; i++) {
        if (tp_name_eq(d->has[i].name, name)) {
            d->has[i].is_given_back = false;
            return;
        }
    }
    need(d->has_count < HELD_MAX, "a device holds too much");
    ok(stage, tp_change_decode(name, bytes, &change, &err), &err);
    held *has = &d->has[d->has_count++];
    memset(has, 0, sizeof *has);
    has->name = name;
    has->record = change.record;
    for (uint32_t i = 0; i < change.fields_count && has->codes_count < 16; i++) {
        has->codes[has->codes_count++] = change.fields[i].code;
    }
}

/* The encoder knows no entity of a newer program, so a contact is made into one: its code stands
 * behind the map's head, the salt with its key, and its own key. */
static void change_entity(hub_stage *stage, device *d, size_t at, uint32_t entity)
{
    uint8_t *change = d->log.at + at;
    uint8_t *reserved = NULL;
    tp_err err;
    enum { CODE_AT = 1 + 1 + 1 + TP_SALT_BYTES + 1 };
    need(entity >= 24 && entity < 256 && change[CODE_AT] == TP_CONTACT, "no such entity");
    ok(stage, tp_buf_reserve(&d->log, 1, &reserved, &err), &err);
    change = d->log.at + at;
    memmove(change + CODE_AT + 2, change + CODE_AT + 1, d->log.bytes - at - CODE_AT - 1);
    change[CODE_AT] = 0x18;
    change[CODE_AT + 1] = (uint8_t)entity;
    d->log.bytes++;
}

static void write_change(hub_stage *stage, device *d, writing *w, uint32_t entity)
{
    tp_err err;
    tp_change_draft *draft = &w->draft;
    size_t before = d->log.bytes;
    tp_rng_fill(&stage->rng.rng, draft->salt, sizeof draft->salt);
    draft->reading = (tp_era_reading){1, stage->clock.reading.up_ms, stage->clock.reading.wall_ms};
    draft->worker = tp_slice_str(d->is_kiosk ? "" : "Dee");
    ok(stage, tp_change_encode(draft, &d->log, &err), &err);
    if (entity != draft->entity) {
        change_entity(stage, d, before, entity);
    }
    d->ends[d->seq++] = d->log.bytes;
    note_held(stage, d, draft->name, tp_slice_of(d->log.at + before, d->log.bytes - before));
    stage->clock.reading.up_ms += 1000;
    stage->clock.reading.wall_ms += 1000;
}

/* An update is called by its record and the count of what was written before: c1+3. */
static void name_change(hub_stage *stage, const char *ref, tp_name name, uint32_t entity)
{
    need(find_ref(stage, ref) == NULL, "%s is there already", ref);
    need(stage->refs_count < REFS_MAX, "too many records");
    written *r = &stage->refs[stage->refs_count++];
    (void)snprintf(r->ref, sizeof r->ref, "%s", ref);
    r->name = name;
    r->entity = entity;
}

static void write_line(hub_stage *stage, device *d, char **words, uint32_t count)
{
    static writing w;
    bool is_update = strcmp(words[1], "update") == 0;
    bool is_retract = strcmp(words[1], "retract") == 0;
    tp_name name = {d->id, d->seq + 1};
    uint32_t code = 0;
    memset(&w, 0, sizeof w);
    if (is_update || is_retract) {
        const written *record = need_ref(stage, words[2]);
        code = record->entity;
        tp_change_draft_init(&w.draft, name, code);
        w.draft.record = record->name;
        char ref[16];
        (void)snprintf(ref, sizeof ref, "%.8s+%u", words[2], stage->refs_count);
        name_change(stage, ref, name, record->entity);
    } else {
        const tp_entity_row *entity = tp_entity_named(tp_slice_str(words[1]));
        code = entity != NULL ? entity->code : (uint32_t)strtoul(words[1], NULL, 10);
        need(code != 0, "no entity is called %s", words[1]);
        tp_change_draft_init(&w.draft, name, entity != NULL ? code : TP_CONTACT);
        w.draft.record = name;
        name_change(stage, words[2], name, code);
    }
    bool is_blind = !is_update && !is_retract;
    for (uint32_t i = 3; i < count; i++) {
        if (strcmp(words[i], "blind") == 0) {
            is_blind = true;
        } else if (strcmp(words[i], "restricts") == 0) {
            w.draft.restricts = true;
        } else if (is_retract) {
            static char field[80]; /* borrowed until it is encoded */
            (void)snprintf(field, sizeof field, "retracted=%s", words[i]);
            set_field(stage, d, &w, field, false);
        } else {
            set_field(stage, d, &w, words[i], is_blind);
        }
    }
    write_change(stage, d, &w, code);
}

/* ---- Syncing ---- */

static tp_slice change_at(const device *d, uint64_t seq)
{
    size_t from = seq == 1 ? 0 : d->ends[seq - 2];
    return tp_slice_of(d->log.at + from, d->ends[seq - 1] - from);
}

static void make_request(hub_stage *stage, device *d, uint32_t items_max,
                         void (*alter)(tp_request *head, const void *ctx), const void *ctx,
                         tp_buf *body)
{
    tp_err err;
    static tp_request head;
    tp_request_writer writer;
    uint8_t h[TP_CHAIN_BYTES];
    tp_buf message;
    tp_buf tail;
    tp_buf_init(&message, TP_MESSAGE_BYTES_MAX);
    tp_buf_init(&tail, TP_TAIL_BYTES_MAX);
    tp_request_writer_init(&writer, TP_BATCH_BYTES_MAX, 100);
    memset(&head, 0, sizeof head);
    head.cursor = d->cursor;
    memcpy(head.cursor_tag, d->tag, sizeof head.cursor_tag);
    head.clock = (tp_era_reading){1, stage->clock.reading.up_ms, stage->clock.reading.wall_ms};
    head.receipt = d->receipt;
    head.generation = d->generation;
    head.items_max = items_max;
    memcpy(h, d->h, sizeof h);
    for (uint64_t seq = d->accepted + 1; seq <= d->seq && writer.count < 100; seq++) {
        tp_slice change = change_at(d, seq);
        ok(stage, tp_request_writer_add(&writer, change, &err), &err);
        tp_chain_add(h, change);
        head.first_seq = d->accepted + 1;
    }
    memcpy(head.chain_start, h, sizeof head.chain_start);
    ok(stage, tp_key_sign(d->key, &stage->rng.rng, h, head.signature, &err), &err);
    if (alter != NULL) {
        alter(&head, ctx);
    }
    ok(stage, tp_request_writer_end(&writer, &head, &message, &tail, &err), &err);
    tp_envelope envelope = {TP_PROTOCOL_VERSION, TP_DICTIONARY_NONE};
    ok(stage, tp_envelope_encode(envelope, body, &err), &err);
    ok(stage,
       tp_deflate_run(stage->deflate, tp_slice_of(NULL, 0), tp_buf_slice(&message), body, &err),
       &err);
    ok(stage, tp_buf_add_slice(body, tp_buf_slice(&tail), &err), &err);
    tp_request_writer_done(&writer);
    tp_buf_done(&message);
    tp_buf_done(&tail);
}

void hub_stage_make_request(hub_stage *stage, const char *name,
                            void (*alter)(tp_request *head, const void *ctx), const void *ctx,
                            tp_buf *body)
{
    make_request(stage, need_device(stage, name), 0, alter, ctx, body);
}

tp_hub_device hub_stage_known(hub_stage *stage, const char *name)
{
    tp_err err;
    tp_hub_device known;
    begin(stage);
    ok(stage, tp_hub_device_get(stage->hub.store, need_device(stage, name)->id, &known, &err),
       &err);
    tp_hub_rollback(&stage->hub);
    return known;
}

uint64_t hub_stage_number(hub_stage *stage)
{
    begin(stage);
    uint64_t number = tp_hub_store_state(stage->hub.store)->number;
    tp_hub_rollback(&stage->hub);
    return number;
}

const tp_key *hub_stage_key(hub_stage *stage, const char *name)
{
    return need_device(stage, name)->key;
}

tp_clock_fixed *hub_stage_clock(hub_stage *stage)
{
    return &stage->clock;
}

tp_refusal hub_stage_send(hub_stage *stage, const char *name, tp_slice body, tp_buf *answer)
{
    tp_err err;
    tp_hub_device known;
    tp_refusal refusal = 0;
    begin(stage);
    ok(stage, tp_hub_device_get(stage->hub.store, need_device(stage, name)->id, &known, &err),
       &err);
    ok(stage,
       tp_hub_exchange(&stage->hub, &known, body, stage->clock.reading.wall_ms, answer, &refusal,
                       &err),
       &err);
    commit(stage);
    return refusal;
}

const tp_response_reader *hub_stage_read(hub_stage *stage, tp_slice answer)
{
    tp_err err;
    tp_envelope envelope;
    tp_slice deflated;
    tp_slice tail;
    tp_buf_clear(&stage->message);
    ok(stage, tp_envelope_decode(answer, &envelope, &deflated, &err), &err);
    ok(stage,
       tp_inflate_run(stage->inflate, tp_slice_of(NULL, 0), deflated, &stage->message, &tail, &err),
       &err);
    ok(stage,
       tp_response_decode(tp_buf_slice(&stage->message), tail, &stage->changes, &stage->response,
                          &err),
       &err);
    return &stage->response;
}

static void take_answer(hub_stage *stage, device *d, tp_slice answer)
{
    tp_name name;
    tp_entry entry;
    (void)hub_stage_read(stage, answer);
    const tp_response *head = &stage->response.head;
    for (uint64_t seq = d->accepted + 1; seq <= head->accepted; seq++) {
        tp_chain_add(d->h, change_at(d, seq));
    }
    d->accepted = head->accepted;
    while (tp_response_next_give_back(&stage->response, &name)) {
        for (uint32_t i = 0; i < d->has_count; i++) {
            d->has[i].is_given_back |= tp_name_eq(d->has[i].name, name);
        }
    }
    need(head->give_back_position == 0 || head->give_back_position > d->receipt,
         "what the receipt covers is asked back again");
    d->receipt = head->give_back_position != 0 ? head->give_back_position : d->receipt;
    while (tp_response_next_item(&stage->response, &entry)) {
        need(!d->is_kiosk, "a kiosk is sent something");
        note_held(stage, d, entry.name, entry.bytes);
        for (uint32_t i = 0; i < d->has_count; i++) {
            if (tp_name_eq(d->has[i].name, entry.name)) {
                d->has[i].verdict = entry.verdict;
            }
        }
    }
    d->cursor = head->cursor;
    memcpy(d->tag, head->cursor_tag, sizeof d->tag);
    d->generation = head->generation;
}

void hub_stage_take(hub_stage *stage, const char *name, tp_slice answer)
{
    take_answer(stage, need_device(stage, name), answer);
}

typedef struct comparing {
    hub_stage *stage;
    const device *d;
    uint16_t agency;
    uint64_t after; /* a position */
} comparing;

static const held *held_of(const device *d, tp_name name);

/* What moved in a feed after a position, for the message of a failure. */
static tp_rc tell_moved(void *ctx, const tp_hub_item *item, tp_err *err)
{
    const comparing *c = ctx;
    const hub_stage *stage = c->stage;
    tp_hub_feed_row rows[TP_AGENCIES_MAX];
    ok(stage, tp_hub_feed_of(c->stage->hub.store, item->name, rows, err), err);
    const tp_hub_feed_row *row = &rows[c->agency - 1];
    if (row->position > c->after) {
        const char *ref = "an update";
        for (uint32_t i = 0; i < stage->refs_count; i++) {
            ref = tp_name_eq(stage->refs[i].name, item->name) ? stage->refs[i].ref : ref;
        }
        print_error("moved: %s (change %d, entity %u), now %s, verdict %u\n", ref,
                    (int)item->stamp.number, item->entity, row->is_held ? "held" : "given back",
                    row->verdict);
    }
    return TP_OK;
}

/* Judged by fresh eyes, nothing may move. */
static void check_judged(hub_stage *stage)
{
    tp_err err;
    tp_hub_persons *persons = NULL;
    tp_hub_judge *judge = NULL;
    uint64_t ends[16];
    size_t count = 0;
    begin(stage);
    (void)tp_hub_agencies(stage->hub.store, &count);
    for (uint16_t a = 1; a <= count && a < 16; a++) {
        ends[a] = tp_hub_feed_end(stage->hub.store, a);
    }
    ok(stage, tp_hub_persons_new(stage->hub.store, &persons, &err), &err);
    ok(stage, tp_hub_judge_new(stage->hub.store, persons, &judge, &err), &err);
    ok(stage, tp_hub_judge_everybody(judge, 0, stage->hub.now_ms, &err), &err);
    for (uint16_t a = 1; a <= count && a < 16; a++) {
        comparing c = {stage, NULL, a, ends[a]};
        if (ends[a] != tp_hub_feed_end(stage->hub.store, a)) {
            ok(stage, tp_hub_log_all(stage->hub.store, 0, 0, tell_moved, &c, &err), &err);
        }
        need(ends[a] == tp_hub_feed_end(stage->hub.store, a),
             "judged again, %d rows move for agency %u",
             (int)(tp_hub_feed_end(stage->hub.store, a) - ends[a]), a);
    }
    tp_hub_judge_free(judge);
    tp_hub_persons_free(persons);
    tp_hub_rollback(&stage->hub);
}

static tp_rc compare_held(void *ctx, const tp_hub_item *item, tp_err *err)
{
    const comparing *c = ctx;
    const hub_stage *stage = c->stage;
    tp_hub_feed_row rows[TP_AGENCIES_MAX];
    ok(stage, tp_hub_feed_of(c->stage->hub.store, item->name, rows, err), err);
    const tp_hub_feed_row *row = &rows[c->agency - 1];
    const held *has = held_of(c->d, item->name);
    /* What stands in no feed stays with who wrote it. */
    bool may = row->position != 0 ? row->is_held : item->name.device == c->d->id;
    bool is_there = has != NULL && !has->is_given_back;
    need(may == is_there, "%s %s change %d, entity %u", c->d->name,
         is_there ? "holds what it may not:" : "has not what it may hold:", (int)item->stamp.number,
         item->entity);
    return TP_OK;
}

/* A device that synced to the end holds what its agency's feed says, no more and no less. */
static void check_held(hub_stage *stage, const device *d)
{
    tp_err err;
    comparing c = {stage, d, 0, 0};
    if (d->is_kiosk) {
        return;
    }
    begin(stage);
    c.agency = tp_hub_device_agency(stage->hub.store, d->id);
    ok(stage, tp_hub_log_all(stage->hub.store, 0, 0, compare_held, &c, &err), &err);
    for (uint32_t i = 0; i < d->has_count; i++) {
        bool is_erased = false;
        ok(stage, tp_hub_erased_has(stage->hub.store, d->has[i].record, &is_erased, &err), &err);
        need(!is_erased || d->has[i].is_given_back, "%s holds what was erased", d->name);
    }
    tp_hub_rollback(&stage->hub);
}

static tp_refusal exchange(hub_stage *stage, device *d, uint32_t items_max)
{
    tp_buf body;
    tp_buf answer;
    tp_buf_init(&body, TP_HTTP_BODY_BYTES_MAX);
    tp_buf_init(&answer, TP_HTTP_RESPONSE_BYTES_MAX);
    make_request(stage, d, items_max, NULL, NULL, &body);
    tp_refusal refusal = hub_stage_send(stage, d->name, tp_buf_slice(&body), &answer);
    if (refusal == 0) {
        take_answer(stage, d, tp_buf_slice(&answer));
    }
    tp_buf_done(&body);
    tp_buf_done(&answer);
    return refusal;
}

static void sync_device(hub_stage *stage, const char *name)
{
    device *d = need_device(stage, name);
    bool is_more = true;
    for (int round = 0; is_more; round++) {
        need(round < 100, "a sync does not end");
        uint64_t receipt = d->receipt;
        tp_refusal refusal = exchange(stage, d, 0);
        need(refusal == 0, "refused: %s", tp_refusal_of(refusal)->code);
        is_more = stage->response.head.more || d->accepted < d->seq || d->receipt != receipt;
    }
    check_judged(stage);
    check_held(stage, d);
}

static void push(hub_stage *stage, const char *name)
{
    tp_refusal refusal = exchange(stage, need_device(stage, name), 1);
    need(refusal == 0, "refused: %s", tp_refusal_of(refusal)->code);
    check_judged(stage);
}

static void expect_refused(hub_stage *stage, const char *name, const char *code)
{
    tp_refusal refusal = exchange(stage, need_device(stage, name), 0);
    need(refusal != 0 && strcmp(tp_refusal_of(refusal)->code, code) == 0, "the answer is %s",
         refusal == 0 ? "no refusal" : tp_refusal_of(refusal)->code);
}

/* ---- Looking ---- */

static const held *held_of(const device *d, tp_name name)
{
    for (uint32_t i = 0; i < d->has_count; i++) {
        if (tp_name_eq(d->has[i].name, name)) {
            return &d->has[i];
        }
    }
    return NULL;
}

static void expect_held(hub_stage *stage, char **words, uint32_t count)
{
    const device *d = need_device(stage, words[0]);
    for (uint32_t i = 2; i < count; i++) {
        const held *has = held_of(d, need_ref(stage, words[i])->name);
        bool is_there = has != NULL && !has->is_given_back;
        if (strcmp(words[1], "holds") == 0) {
            need(is_there, "%s has no %s", words[0], words[i]);
        } else if (strcmp(words[1], "lacks") == 0) {
            need(!is_there, "%s has %s", words[0], words[i]);
        } else if (strcmp(words[1], "was_sent") == 0) {
            need(has != NULL, "%s never had %s", words[0], words[i]);
        } else {
            need(has == NULL, "%s had %s", words[0], words[i]);
        }
    }
}

static void expect_verdict(hub_stage *stage, char **words)
{
    const held *has = held_of(need_device(stage, words[0]), need_ref(stage, words[2])->name);
    bool is_lost = has != NULL && (has->verdict & TP_VERDICT_HOLDER_LOST) != 0;
    need(has != NULL && is_lost == (strcmp(words[3], "lost") == 0), "the verdict on %s is %s",
         words[2],
         has == NULL ? "not there"
         : is_lost   ? "lost"
                     : "held");
}

typedef struct looking {
    tp_name name;
    bool is_found;
} looking;

static tp_rc look_quarantined(void *ctx, const tp_hub_quarantined *entry, tp_err *err)
{
    looking *l = ctx;
    (void)err;
    l->is_found |= tp_name_eq(entry->name, l->name);
    return TP_OK;
}

static void expect_quarantined(hub_stage *stage, const char *ref)
{
    tp_err err;
    tp_hub_item item;
    looking l = {need_ref(stage, ref)->name, false};
    begin(stage);
    ok(stage, tp_hub_quarantine_all(stage->hub.store, 0, look_quarantined, &l, &err), &err);
    tp_rc rc = tp_hub_log_get(stage->hub.store, l.name, &item, NULL, &err);
    tp_hub_rollback(&stage->hub);
    need(l.is_found, "%s is not in quarantine", ref);
    need(rc == TP_NOTFOUND, "%s is in the log", ref);
}

/* ---- Lines ---- */

static bool is_looking(const char *word)
{
    return strcmp(word, "holds") == 0 || strcmp(word, "lacks") == 0 ||
           strcmp(word, "was_sent") == 0 || strcmp(word, "never_sent") == 0;
}

static bool run_setup(hub_stage *stage, char **words, uint32_t count)
{
    if (strcmp(words[0], "agency") == 0) {
        add_agency(stage, words[1]);
    } else if (strcmp(words[0], "sign") == 0) {
        sign(stage, words[1], count > 2 ? words[2] : NULL);
    } else if (strcmp(words[0], "end") == 0) {
        end(stage, words[1]);
    } else if (strcmp(words[0], "device") == 0) {
        add_device(stage, words[1], words[2], count > 3);
    } else if (strcmp(words[0], "revoke") == 0) {
        revoke(stage, words[1]);
    } else if (strcmp(words[0], "erase") == 0) {
        erase(stage, words[1], count > 2);
    } else if (strcmp(words[0], "keeps") == 0) {
        expect_kept(stage, words[1], count > 2);
    } else if (strcmp(words[0], "clock") == 0) {
        tp_clock_fixed_advance(&stage->clock, strtol(words[1], NULL, 10) * DAY_MS);
    } else {
        return false;
    }
    return true;
}

void hub_stage_run(hub_stage *stage, const char *line)
{
    char copy[LINE_MAX];
    char *words[WORDS_MAX];
    stage->line = line;
    if (getenv("HUB_STAGE_TRACE") != NULL) {
        print_message("%s\n", line);
    }
    need(strlen(line) < sizeof copy, "the line is too long");
    (void)snprintf(copy, sizeof copy, "%s", line);
    uint32_t count = split(copy, " ", words, WORDS_MAX);
    need(count >= 2, "no such line");
    if (run_setup(stage, words, count)) {
        return;
    }
    if (strcmp(words[0], "sync") == 0) {
        sync_device(stage, words[1]);
    } else if (strcmp(words[0], "push") == 0) {
        push(stage, words[1]);
    } else if (strcmp(words[0], "refused") == 0) {
        expect_refused(stage, words[1], words[2]);
    } else if (strcmp(words[0], "quarantined") == 0) {
        for (uint32_t i = 1; i < count; i++) {
            expect_quarantined(stage, words[i]);
        }
    } else if (strcmp(words[0], "erased") == 0) {
        for (uint32_t i = 1; i < count; i++) {
            expect_erased(stage, words[i]);
        }
    } else if (is_looking(words[1])) {
        expect_held(stage, words, count);
    } else if (strcmp(words[1], "verdict") == 0) {
        expect_verdict(stage, words);
    } else {
        write_line(stage, need_device(stage, words[0]), words, count);
    }
}

void hub_stage_play(const char *name, const char *const *lines)
{
    hub_stage *stage = hub_stage_open();
    for (; *lines != NULL; lines++) {
        hub_stage_run(stage, *lines);
    }
    hub_stage_close(stage);
    (void)name;
}
