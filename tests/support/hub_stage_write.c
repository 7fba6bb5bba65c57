/* What devices write: records, updates and retractions, from the words of a line. */
#include "sync/wire/change_bytes.h"
#include "tests/support/hub_stage_state.h"

enum { SEEN_MAX = 16 };

/* What one line says, kept until it is encoded. */
typedef struct writing {
    stage_device *device;
    bool is_update; /* names what the device holds of each field it sets */
    tp_change_draft draft;
    tp_value values[STAGE_WORDS_MAX];
    tp_name seen[STAGE_WORDS_MAX][SEEN_MAX];
    uint32_t count; /* of values, each with what was seen */
} writing;

/* ---- Values ---- */

/* By the value's type. */
static void read_value(hub_stage *stage, tp_value *value, char *text)
{
    char *parts[STAGE_WORDS_MAX];
    switch (value->type) {
    case TP_TYPE_BOOL:
    case TP_TYPE_COUNT:
    case TP_TYPE_INSTANT:
        value->number = strtoll(text, NULL, 10);
        break;
    case TP_TYPE_CODES:
    case TP_TYPE_AGENCIES:
    case TP_TYPE_HOLDER:
        value->texts_count =
            stage_split(text, value->type == TP_TYPE_HOLDER ? "/" : ",", parts, STAGE_WORDS_MAX);
        for (uint32_t i = 0; i < value->texts_count; i++) {
            value->texts[i] = tp_slice_str(parts[i]);
        }
        break;
    case TP_TYPE_RECORD:
    case TP_TYPE_RECORDS:
        value->names_count = stage_split(text, ",", parts, STAGE_WORDS_MAX);
        for (uint32_t i = 0; i < value->names_count; i++) {
            value->names[i] = stage_need_ref(stage, parts[i])->name;
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
static uint32_t see(const writing *w, uint32_t code, tp_name *seen)
{
    uint32_t count = 0;
    const stage_device *d = w->device;
    for (uint32_t i = 0; i < d->has_count && count < SEEN_MAX; i++) {
        const stage_held *has = &d->has[i];
        for (uint32_t c = 0; tp_name_eq(has->record, w->draft.record) && c < has->codes_count;
             c++) {
            if (has->codes[c] == code) {
                seen[count++] = has->name;
                break;
            }
        }
    }
    return count;
}

/* Empty text: the field is set to nothing. */
static void set_field(hub_stage *stage, writing *w, const char *field, char *text)
{
    tp_err err;
    const tp_field_row *row = tp_field_named(w->draft.entity, tp_slice_str(field));
    stage_need(stage, row != NULL, "no field is called %s", field);
    tp_value *value = &w->values[w->count];
    value->type = row->type;
    value->is_null = text[0] == '\0';
    if (!value->is_null) {
        read_value(stage, value, text);
    }
    stage_ok(stage, tp_change_draft_set(&w->draft, row->code, value, &err), &err);
    if (w->is_update) {
        tp_name *seen = w->seen[w->count];
        uint32_t count = see(w, row->code, seen);
        stage_ok(stage, tp_change_draft_see(&w->draft, row->code, seen, count, &err), &err);
    }
    w->count++;
}

static void set_kinds(writing *w, char *text)
{
    char *parts[STAGE_WORDS_MAX];
    uint32_t count = stage_split(text, ",", parts, STAGE_WORDS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        w->draft.kinds |= TP_KIND_BIT(tp_kind_of(tp_slice_str(parts[i])));
    }
}

/* FIELD=VALUE, or one of the two that stand in the envelope. */
static void set_word(hub_stage *stage, writing *w, char *word)
{
    char *equals = strchr(word, '=');
    if (strcmp(word, "restricts") == 0) {
        w->draft.restricts = true;
        return;
    }
    stage_need(stage, equals != NULL, "%s is no FIELD=VALUE", word);
    *equals = '\0';
    bool is_field = tp_field_named(w->draft.entity, tp_slice_str(word)) != NULL;
    if (strcmp(word, "kinds") == 0 && !is_field) {
        set_kinds(w, equals + 1);
    } else {
        set_field(stage, w, word, equals + 1);
    }
}

/* ---- Changes ---- */

/* The next change of a device, with nothing in it yet. */
static writing *start(hub_stage *stage, const char *device, uint32_t entity)
{
    static writing w;
    memset(&w, 0, sizeof w);
    w.device = stage_need_device(stage, device);
    tp_name name = {w.device->id, w.device->seq + 1};
    tp_change_draft_init(&w.draft, name, entity);
    w.draft.record = name;
    return &w;
}

static void call_it(hub_stage *stage, const char *ref, tp_name name, uint32_t entity)
{
    stage_need(stage, stage_find_ref(stage, ref) == NULL, "%s is there already", ref);
    stage_need(stage, stage->refs_count < STAGE_REFS_MAX, "too many records");
    stage_ref *r = &stage->refs[stage->refs_count++];
    (void)snprintf(r->ref, sizeof r->ref, "%s", ref);
    r->name = name;
    r->entity = entity;
}

/* The encoder knows no entity of a newer program, so a contact is made into one: its code stands
 * behind the map's head, the salt with its key, and its own key. */
static void change_entity(hub_stage *stage, stage_device *d, size_t at, uint32_t entity)
{
    uint8_t *change = d->log.at + at;
    uint8_t *reserved = NULL;
    tp_err err;
    enum { CODE_AT = 1 + 1 + 1 + TP_SALT_BYTES + 1 };
    stage_need(stage, entity >= 24 && entity < 256 && change[CODE_AT] == TP_CONTACT,
               "no such entity");
    stage_ok(stage, tp_buf_reserve(&d->log, 1, &reserved, &err), &err);
    change = d->log.at + at;
    memmove(change + CODE_AT + 2, change + CODE_AT + 1, d->log.bytes - at - CODE_AT - 1);
    change[CODE_AT] = 0x18;
    change[CODE_AT + 1] = (uint8_t)entity;
    d->log.bytes++;
}

static void finish(hub_stage *stage, writing *w, uint32_t entity)
{
    tp_err err;
    stage_device *d = w->device;
    tp_change_draft *draft = &w->draft;
    size_t before = d->log.bytes;
    tp_rng_fill(&stage->rng.rng, draft->salt, sizeof draft->salt);
    draft->reading = (tp_era_reading){1, stage->clock.reading.up_ms, stage->clock.reading.wall_ms};
    draft->worker = tp_slice_str(d->is_kiosk ? "" : "Dee");
    stage_ok(stage, tp_change_encode(draft, &d->log, &err), &err);
    if (entity != draft->entity) {
        change_entity(stage, d, before, entity);
    }
    d->ends[d->seq++] = d->log.bytes;
    stage_note_held(stage, d, draft->name, tp_slice_of(d->log.at + before, d->log.bytes - before));
    stage->clock.reading.up_ms += 1000;
    stage->clock.reading.wall_ms += 1000;
}

void stage_write(hub_stage *stage, char **words, uint32_t count)
{
    const tp_entity_row *row = tp_entity_named(tp_slice_str(words[1]));
    uint32_t entity = row != NULL ? row->code : (uint32_t)strtoul(words[1], NULL, 10);
    stage_need(stage, entity != 0, "no entity is called %s", words[1]);
    writing *w = start(stage, words[0], row != NULL ? entity : TP_CONTACT);
    call_it(stage, words[2], w->draft.name, entity);
    for (uint32_t i = 3; i < count; i++) {
        set_word(stage, w, words[i]);
    }
    finish(stage, w, entity);
}

/* Called by its record and the count of what was written before: c1+3. */
static writing *start_update(hub_stage *stage, const char *device, const char *ref)
{
    char own[STAGE_REF_BYTES];
    const stage_ref *record = stage_need_ref(stage, ref);
    writing *w = start(stage, device, record->entity);
    w->draft.record = record->name;
    w->is_update = true;
    (void)snprintf(own, sizeof own, "%.8s+%u", ref, stage->refs_count);
    call_it(stage, own, w->draft.name, record->entity);
    return w;
}

void stage_update(hub_stage *stage, char **words, uint32_t count)
{
    writing *w = start_update(stage, words[0], words[2]);
    for (uint32_t i = 3; i < count; i++) {
        set_word(stage, w, words[i]);
    }
    finish(stage, w, w->draft.entity);
}

void stage_retract(hub_stage *stage, char **words, uint32_t count)
{
    (void)count;
    writing *w = start_update(stage, words[0], words[2]);
    set_field(stage, w, "retracted", words[3]);
    finish(stage, w, w->draft.entity);
}
