/* The kinds of a record. */
#include "sync/access/kinds.h"

#include "schema/kind.h"
#include "sync/merge/decide_heads.h"
#include "sync/wire/field_value.h"

/* One field that names kinds, and the room to walk over what its changes name. */
typedef struct kinds_walk {
    const tp_record *record;
    const tp_field_row *row;
    tp_decide_room room;
    uint32_t *queue;
} kinds_walk;

static uint32_t envelope_kinds(const tp_record *record, const tp_entity_row *entity);
static uint32_t value_kinds(const tp_field_row *row, const tp_record_change *change);
static bool is_foreign(const tp_record *record, const tp_record_change *change);
static void queue_named(const kinds_walk *walk, uint32_t at, uint32_t *queued);
static uint32_t effective_kinds(const kinds_walk *walk, uint32_t queued);
static uint32_t field_kinds(kinds_walk *walk, tp_kinds *kinds);
static void note_attempts(const kinds_walk *walk, tp_kinds *kinds);

tp_kinds tp_kinds_of_record(const tp_record *record)
{
    uint32_t order[TP_RECORD_CHANGES_MAX];
    uint32_t marks[TP_RECORD_CHANGES_MAX];
    uint32_t queue[TP_RECORD_CHANGES_MAX];
    const tp_entity_row *entity = tp_entity_of(record->entity);
    tp_kinds kinds = {TP_KIND_BIT(TP_KIND_UNKNOWN), false, 0, 0};
    if (entity == NULL || record->count > TP_RECORD_CHANGES_MAX) {
        return kinds;
    }
    kinds.mask = envelope_kinds(record, entity);
    kinds_walk walk = {
        record, tp_field_of(record->entity, TP_FIELD_INFO), {order, marks, NULL}, queue};
    tp_heads_sort(record, order);
    kinds.mask |= field_kinds(&walk, &kinds);
    for (const tp_field_row *row = entity->fields; row->code != 0; row++) {
        if ((row->flags & TP_FIELD_KIND) != 0) {
            walk.row = row;
            kinds.mask |= field_kinds(&walk, &kinds);
        }
    }
    if (kinds.mask == 0) {
        kinds.mask = TP_KIND_BIT(TP_KIND_GENERAL);
    }
    return kinds;
}

/* What the schema's rows say of the record, here and where its changes were written. */
static uint32_t envelope_kinds(const tp_record *record, const tp_entity_row *entity)
{
    uint32_t kinds = entity->kinds;
    for (uint32_t i = 0; i < record->count; i++) {
        const tp_change *change = record->changes[i].change;
        kinds |= change->kinds & TP_KINDS_KNOWN;
        kinds |= change->has_unknown_kind ? TP_KIND_BIT(TP_KIND_UNKNOWN) : 0;
        for (uint32_t f = 0; f < change->fields_count; f++) {
            const tp_field_row *row = tp_field_of(record->entity, change->fields[f].code);
            kinds |= row != NULL && change->fields[f].has_value ? row->kinds : 0;
        }
    }
    return kinds;
}

static uint32_t value_kinds(const tp_field_row *row, const tp_record_change *change)
{
    const tp_change_field *field = tp_heads_value(change, row->code);
    tp_value value;
    tp_err err = {0};
    if (field == NULL) {
        return 0;
    }
    if (tp_field_value_decode(row, change->change, field->value, &value, &err) != TP_OK) {
        return TP_KIND_BIT(TP_KIND_UNKNOWN);
    }
    if (value.is_null) {
        return 0;
    }
    if (row->type == TP_TYPE_CODE) {
        return TP_KIND_BIT(tp_kind_of(value.text));
    }
    uint32_t kinds = 0;
    for (uint32_t i = 0; i < value.texts_count; i++) {
        kinds |= TP_KIND_BIT(tp_kind_of(value.texts[i]));
    }
    return kinds;
}

static bool is_foreign(const tp_record *record, const tp_record_change *change)
{
    return !tp_heads_is_by(change, record->name.device, record->creator);
}

/* Queues what a change names for the field, each once (marks REACHED). */
static void queue_named(const kinds_walk *walk, uint32_t at, uint32_t *queued)
{
    const tp_record *record = walk->record;
    uint32_t count = 0;
    const tp_name *seen = tp_heads_seen(&record->changes[at], walk->row->code, &count);
    for (uint32_t n = 0; n < count; n++) {
        uint32_t named = tp_heads_find(record, walk->room.order, seen[n]);
        if (named != TP_DECIDE_NONE && (walk->room.marks[named] & TP_HEADS_REACHED) == 0) {
            walk->room.marks[named] |= TP_HEADS_REACHED;
            walk->queue[(*queued)++] = named;
        }
    }
}

/* The kinds of what is queued; through an update by another agency also of what it named. */
static uint32_t effective_kinds(const kinds_walk *walk, uint32_t queued)
{
    uint32_t kinds = 0;
    for (uint32_t next = 0; next < queued; next++) {
        uint32_t at = walk->queue[next];
        const tp_record_change *change = &walk->record->changes[at];
        kinds |= value_kinds(walk->row, change);
        if (is_foreign(walk->record, change)) {
            queue_named(walk, at, &queued);
        }
    }
    return kinds;
}

static void clear_reached(const kinds_walk *walk)
{
    for (uint32_t i = 0; i < walk->record->count; i++) {
        walk->room.marks[i] &= ~(uint32_t)TP_HEADS_REACHED;
    }
}

static uint32_t field_kinds(kinds_walk *walk, tp_kinds *kinds)
{
    const tp_record *record = walk->record;
    uint32_t queued = 0;
    tp_heads_mark(record, walk->row->code, &walk->room);
    for (uint32_t i = 0; i < record->count; i++) {
        bool is_head = tp_heads_value(&record->changes[i], walk->row->code) != NULL &&
                       (walk->room.marks[i] & TP_HEADS_NAMED) == 0;
        /* What replaced kinds and was given back may have been another agency's: it takes none
         * away. */
        if (is_head || record->changes[i].is_stub) {
            walk->room.marks[i] |= TP_HEADS_REACHED;
            walk->queue[queued++] = i;
        }
    }
    uint32_t mask = effective_kinds(walk, queued);
    note_attempts(walk, kinds);
    return mask;
}

/* Looks at those updates that still count. */
static void note_attempts(const kinds_walk *walk, tp_kinds *kinds)
{
    const tp_record *record = walk->record;
    for (uint32_t i = 0; i < record->count; i++) {
        walk->room.marks[i] |= (walk->room.marks[i] & TP_HEADS_REACHED) != 0 ? TP_HEADS_RULE : 0;
    }
    for (uint32_t i = 0; i < record->count; i++) {
        const tp_record_change *change = &record->changes[i];
        if ((walk->room.marks[i] & TP_HEADS_RULE) == 0 || !is_foreign(record, change) ||
            change->is_stub) {
            continue;
        }
        uint32_t queued = 0;
        clear_reached(walk);
        queue_named(walk, i, &queued);
        uint32_t left_out = effective_kinds(walk, queued) & ~value_kinds(walk->row, change);
        if (left_out != 0 &&
            (!kinds->has_attempt ||
             tp_name_cmp(change->change->name, record->changes[kinds->attempt].change->name) < 0)) {
            kinds->has_attempt = true;
            kinds->attempt = i;
            kinds->attempt_kinds = left_out;
        }
    }
}
