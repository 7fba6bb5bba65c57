/* Records out of the hub's log. */
#include "sync/hub/record.h"

#include "sync/wire/change_bytes.h"
#include "sync/wire/field_value.h"

static tp_rc grow(tp_hub_record *record, tp_hub_arena *arena, tp_err *err);
static tp_rc make_room(const tp_hub_record *record, tp_hub_arena *arena, tp_decide_room *room,
                       tp_err *err);

static tp_slice agency_id(const tp_hub_store *store, uint16_t no)
{
    const tp_hub_agency *agency = tp_hub_agency_of(store, no);
    return tp_slice_str(agency == NULL ? NULL : agency->id);
}

void tp_hub_record_begin(tp_hub_record *record, const tp_hub_store *store, const tp_hub_item *item)
{
    memset(record, 0, sizeof *record);
    record->name = item->record;
    record->person = item->person;
    record->entity = item->entity;
    record->creator = item->creator;
    record->record.name = item->record;
    record->record.entity = item->entity;
    record->record.creator = agency_id(store, item->creator);
}

tp_rc tp_hub_record_add(tp_hub_record *record, const tp_hub_store *store, tp_hub_arena *arena,
                        const tp_hub_item *item, tp_change *scratch, tp_err *err)
{
    tp_hub_item kept = *item;
    tp_rc rc = TP_OK;
    if (record->count == record->room) {
        rc = grow(record, arena, err);
    }
    if (rc == TP_OK) {
        rc = tp_hub_arena_copy(arena, item->bytes, &kept.bytes, err);
    }
    if (rc == TP_OK) {
        rc = tp_change_decode(item->name, kept.bytes, scratch, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    /* Only the names in use are copied: a whole change is 18 KiB. */
    size_t bytes = offsetof(tp_change, seen) + scratch->seen_count * sizeof scratch->seen[0];
    tp_change *change = tp_hub_arena_take(arena, bytes);
    if (change == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for a record's changes");
    }
    memcpy(change, scratch, bytes);
    record->items[record->count] = kept;
    record->changes[record->count].change = change;
    record->changes[record->count].stamp = item->stamp;
    record->changes[record->count].agency = agency_id(store, item->agency);
    record->count++;
    record->record.count = record->count;
    return TP_OK;
}

typedef struct load {
    tp_hub_store *store;
    tp_hub_arena *arena;
    tp_change *scratch;
    tp_hub_record *record;
} load;

static tp_rc visit_item(void *ctx, const tp_hub_item *item, tp_err *err)
{
    load *l = ctx;
    if (l->record->count == 0) {
        tp_hub_record_begin(l->record, l->store, item);
    }
    return tp_hub_record_add(l->record, l->store, l->arena, item, l->scratch, err);
}

tp_rc tp_hub_record_load(tp_hub_store *store, tp_hub_arena *arena, tp_name person, tp_name name,
                         tp_change *scratch, tp_hub_record *record_out, tp_err *err)
{
    load l = {store, arena, scratch, record_out};
    memset(record_out, 0, sizeof *record_out);
    tp_rc rc = tp_hub_log_about(store, person, name, visit_item, &l, err);
    if (rc == TP_OK && record_out->count == 0) {
        rc = tp_fail(err, TP_NOTFOUND, "nothing is held of this record");
    }
    return rc;
}

tp_rc tp_hub_record_decide(const tp_hub_record *record, tp_hub_arena *arena,
                           tp_hub_record_facts *facts_out, tp_err *err)
{
    tp_decide_room room;
    tp_rc rc = make_room(record, arena, &room, err);
    if (rc == TP_OK) {
        facts_out->kinds = tp_kinds_of_record(&record->record).mask;
        tp_decide_prepare(&record->record, &room);
        facts_out->is_final_retracted = tp_decide_retraction(&record->record, &room).is_final;
    }
    return rc;
}

uint32_t tp_hub_holder_field(uint32_t entity)
{
    const tp_entity_row *row = tp_entity_of(entity);
    for (const tp_field_row *f = row == NULL ? NULL : row->fields; f != NULL && f->code != 0; f++) {
        if (f->rule == TP_RULE_HOLDER) {
            return f->code;
        }
    }
    return 0;
}

/* The field as it is decided, and the value shown; NULL: none, cleared, or nothing this program
 * reads. */
static tp_rc decide_shown(const tp_hub_record *record, tp_hub_arena *arena, uint32_t code,
                          tp_field_state *state_out, const tp_value **value_out, tp_err *err)
{
    tp_decide_room room;
    tp_err ignored;
    *value_out = NULL;
    tp_rc rc = make_room(record, arena, &room, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_decide_prepare(&record->record, &room);
    *state_out = tp_decide_field(&record->record, code, 0, &room);
    if (state_out->shown == TP_DECIDE_NONE) {
        return TP_OK;
    }
    const tp_change *change = record->changes[state_out->shown].change;
    const tp_change_field *field = tp_change_field_of(change, code);
    tp_value *value = tp_hub_arena_take(arena, sizeof *value);
    if (value == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for what a record shows");
    }
    if (field != NULL && field->has_value &&
        tp_field_value_decode(tp_field_of(record->entity, code), change, field->value, value,
                              &ignored) == TP_OK &&
        !value->is_null) {
        *value_out = value;
    }
    return TP_OK;
}

tp_rc tp_hub_record_holder(const tp_hub_record *record, tp_hub_arena *arena,
                           tp_field_state *state_out, tp_slice *agency_out, tp_err *err)
{
    const tp_value *value = NULL;
    *agency_out = tp_slice_of(NULL, 0);
    tp_rc rc =
        decide_shown(record, arena, tp_hub_holder_field(record->entity), state_out, &value, err);
    if (rc == TP_OK && value != NULL && value->texts_count > 0) {
        *agency_out = value->texts[0];
    }
    return rc;
}

tp_rc tp_hub_record_is_hidden(const tp_hub_record *record, tp_hub_arena *arena, bool *is_hidden_out,
                              tp_err *err)
{
    tp_decide_room room;
    tp_rc rc = make_room(record, arena, &room, err);
    if (rc == TP_OK) {
        tp_decide_prepare(&record->record, &room);
        *is_hidden_out = tp_decide_retraction(&record->record, &room).is_hidden;
    }
    return rc;
}

tp_rc tp_hub_record_text(const tp_hub_record *record, tp_hub_arena *arena, uint32_t code,
                         tp_hub_shown *shown_out, tp_err *err)
{
    const tp_value *value = NULL;
    tp_field_state state;
    *shown_out = (tp_hub_shown){{NULL, 0}, 0};
    tp_rc rc = decide_shown(record, arena, code, &state, &value, err);
    if (rc == TP_OK && value != NULL) {
        *shown_out = (tp_hub_shown){value->text, record->changes[state.shown].stamp.ms};
    }
    return rc;
}

static tp_rc grow(tp_hub_record *record, tp_hub_arena *arena, tp_err *err)
{
    uint32_t room = record->room == 0 ? 4 : record->room * 4;
    if (record->count >= TP_RECORD_CHANGES_MAX) {
        return tp_fail(err, TP_LIMIT, "a record has more than %u changes", TP_RECORD_CHANGES_MAX);
    }
    tp_record_change *changes = tp_hub_arena_take(arena, room * sizeof *changes);
    tp_hub_item *items = tp_hub_arena_take(arena, room * sizeof *items);
    if (changes == NULL || items == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for a record's changes");
    }
    if (record->count > 0) {
        memcpy(changes, record->changes, record->count * sizeof *changes);
        memcpy(items, record->items, record->count * sizeof *items);
    }
    record->changes = changes;
    record->record.changes = changes;
    record->items = items;
    record->room = room;
    return TP_OK;
}

static tp_rc make_room(const tp_hub_record *record, tp_hub_arena *arena, tp_decide_room *room,
                       tp_err *err)
{
    room->order = tp_hub_arena_take(arena, (record->count + 1) * sizeof *room->order);
    room->marks = tp_hub_arena_take(arena, (record->count + 1) * sizeof *room->marks);
    room->heads = tp_hub_arena_take(arena, (record->count + 1) * sizeof *room->heads);
    if (room->order == NULL || room->marks == NULL || room->heads == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory to decide a record");
    }
    return TP_OK;
}
