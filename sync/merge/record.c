/* Records out of the log, decided. */
#include "sync/merge/record.h"

#include "platform/base/alloc.h"
#include "sync/log/directory.h"
#include "sync/merge/merge_state.h"

/* A loaded record with the room it stands in; walks use one again and again.  Arrays grow together:
 * changes_room of each. */
typedef struct tp_record_room {
    tp_loaded loaded; /* first: what others see of it */
    tp_merge *merge;
    uint32_t changes_room;
    tp_log_row *rows;    /* their bytes point into `bytes` */
    size_t *bytes_at;    /* where */
    tp_change **decoded; /* NULL: not made yet */
    tp_record_change *record_changes;
    tp_loaded_change *loaded_changes;
    uint32_t *order; /* for deciding */
    uint32_t *marks;
    tp_head *decided;
    tp_buf bytes;
    tp_buf fields; /* tp_loaded_field; heads are set last, when they move no more */
    tp_buf heads;  /* tp_head */
} record_room;

enum { SPARE_CHANGES_MAX = 4, SPARE_BYTES_MAX = 16 * 1024 }; /* a larger room is not kept */

typedef struct gathering {
    tp_merge *merge;
    tp_tx *tx;
    record_room *room;
} gathering;

static record_room *room_take(tp_merge *merge, tp_err *err);
static void room_put_back(record_room *room);
static tp_rc load_into(tp_merge *merge, tp_tx *tx, tp_packed_name record, record_room *room,
                       tp_err *err);

tp_rc tp_merge_load(tp_merge *merge, tp_tx *tx, tp_name record, tp_loaded **loaded_out, tp_err *err)
{
    tp_packed_name packed = 0;
    *loaded_out = NULL;
    tp_rc rc = tp_log_pack_known(merge->log, tx, record, &packed, err);
    return rc == TP_OK ? tp_merge_load_packed(merge, tx, packed, loaded_out, err) : rc;
}

tp_rc tp_merge_load_packed(tp_merge *merge, tp_tx *tx, tp_packed_name record,
                           tp_loaded **loaded_out, tp_err *err)
{
    *loaded_out = NULL;
    record_room *room = room_take(merge, err);
    if (room == NULL) {
        return TP_NOMEM;
    }
    tp_rc rc = load_into(merge, tx, record, room, err);
    if (rc == TP_OK && room->loaded.record.count == 0) {
        rc = tp_fail(err, TP_NOTFOUND, "nothing of that record is held here");
    }
    if (rc == TP_OK) {
        *loaded_out = &room->loaded;
        room = NULL; /* now the caller's */
    }
    room_put_back(room);
    return rc;
}

void tp_loaded_free(tp_loaded *loaded)
{
    room_put_back((record_room *)loaded);
}

/* ---- All of some persons ---- */

static tp_rc add_records(tp_stmt *s, tp_buf *records, tp_err *err)
{
    bool is_row = false;
    tp_rc rc = tp_stmt_step(s, &is_row, err);
    while (rc == TP_OK && is_row) {
        tp_packed_name id = tp_stmt_int(s, 0);
        rc = tp_buf_add(records, &id, sizeof id, err);
        if (rc == TP_OK) {
            rc = tp_stmt_step(s, &is_row, err);
        }
    }
    tp_stmt_done(s);
    return rc;
}

static tp_rc find_all(tp_tx *tx, tp_packed_name person, tp_buf *records, tp_err *err)
{
    tp_stmt *s = NULL;
    tp_rc rc = tp_tx_prepare(tx, "SELECT id FROM record WHERE person = ? ORDER BY id", &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, person);
    return add_records(s, records, err);
}

/* Somebody known for years has thousands of contacts and a few of anything else: those are found
 * without going past the contacts. */
static tp_rc find_some(tp_tx *tx, tp_packed_name person, uint32_t entity, tp_buf *records,
                       tp_err *err)
{
    tp_stmt *s = NULL;
    const char *sql = entity == TP_CONTACT ? "SELECT id FROM record WHERE person = ? AND entity = ?"
                                           : "SELECT id FROM record INDEXED BY record_entity"
                                             " WHERE person = ? AND entity = ? AND entity <> 3";
    tp_rc rc = tp_tx_prepare(tx, sql, &s, err);
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, person);
    tp_stmt_bind_int(s, 2, entity);
    return add_records(s, records, err);
}

/* The records of one person; read whole, so that whoever gets them may ask for more. */
static tp_rc find_records(tp_merge *merge, tp_tx *tx, tp_name person, const tp_merge_filter *filter,
                          tp_buf *records, tp_err *err)
{
    tp_packed_name packed = 0;
    tp_err unknown = {0};
    tp_rc rc = tp_log_pack_known(merge->log, tx, person, &packed, &unknown);
    if (rc == TP_NOTFOUND) {
        return TP_OK;
    }
    if (rc != TP_OK) {
        *err = unknown;
        return rc;
    }
    if (filter == NULL || filter->entities == NULL) {
        return find_all(tx, packed, records, err);
    }
    for (uint32_t i = 0; rc == TP_OK && i < filter->entities_count; i++) {
        rc = find_some(tx, packed, filter->entities[i], records, err);
    }
    return rc;
}

tp_rc tp_merge_list_persons(tp_merge *merge, tp_tx *tx, const tp_name *persons, size_t count,
                            const tp_merge_filter *filter, tp_buf *records, tp_err *err)
{
    tp_rc rc = TP_OK;
    for (size_t i = 0; rc == TP_OK && i < count; i++) {
        rc = find_records(merge, tx, persons[i], filter, records, err);
    }
    return rc;
}

tp_rc tp_merge_load_persons(tp_merge *merge, tp_tx *tx, const tp_name *persons, size_t count,
                            const tp_merge_filter *filter, tp_merge_each_loaded each, void *context,
                            tp_err *err)
{
    tp_buf records;
    tp_buf_init(&records, TP_PERSON_RECORDS_MAX * sizeof(tp_packed_name));
    record_room *room = room_take(merge, err);
    tp_rc rc = room == NULL
                   ? TP_NOMEM
                   : tp_merge_list_persons(merge, tx, persons, count, filter, &records, err);
    for (size_t at = 0; rc == TP_OK && at < records.bytes; at += sizeof(tp_packed_name)) {
        tp_packed_name record = 0;
        memcpy(&record, records.at + at, sizeof record);
        rc = load_into(merge, tx, record, room, err);
        if (rc == TP_OK && room->loaded.record.count > 0) {
            rc = each(context, &room->loaded, err);
        }
    }
    room_put_back(room);
    tp_buf_done(&records);
    return rc;
}

/* ---- The room ---- */

/* A change takes 18 KiB, and a page may touch a thousand records: the room used last is used
 * again. */
static record_room *room_take(tp_merge *merge, tp_err *err)
{
    record_room *room = merge->spare;
    if (room != NULL) {
        merge->spare = NULL;
        return room;
    }
    room = tp_alloc(sizeof *room);
    if (room == NULL) {
        (void)tp_fail(err, TP_NOMEM, "no memory for a record");
        return NULL;
    }
    room->merge = merge;
    tp_buf_init(&room->bytes, TP_RECORD_BYTES_MAX);
    tp_buf_init(&room->fields, SIZE_MAX / 2);
    tp_buf_init(&room->heads, SIZE_MAX / 2);
    return room;
}

static void room_put_back(record_room *room)
{
    if (room != NULL && room->merge->spare == NULL && room->changes_room <= SPARE_CHANGES_MAX &&
        room->bytes.room <= SPARE_BYTES_MAX) {
        room->merge->spare = room;
    } else {
        tp_record_room_free(room);
    }
}

void tp_record_room_free(record_room *room)
{
    if (room == NULL) {
        return;
    }
    for (uint32_t i = 0; i < room->changes_room; i++) {
        tp_free(room->decoded[i]);
    }
    tp_free(room->rows);
    tp_free(room->bytes_at);
    tp_free(room->decoded);
    tp_free(room->record_changes);
    tp_free(room->loaded_changes);
    tp_free(room->order);
    tp_free(room->marks);
    tp_free(room->decided);
    tp_buf_done(&room->bytes);
    tp_buf_done(&room->fields);
    tp_buf_done(&room->heads);
    tp_free(room);
}

/* `array` is the address of a pointer to items.  False: no memory; the array is as it was. */
static bool grow(void *array, size_t item_bytes, uint32_t count)
{
    void *items = NULL;
    memcpy(&items, array, sizeof items);
    void *grown = tp_realloc(items, item_bytes * count);
    if (grown == NULL) {
        return false;
    }
    memcpy(array, &grown, sizeof grown);
    return true;
}

static tp_rc room_grow(record_room *room, tp_err *err)
{
    uint32_t count = room->changes_room == 0 ? 4 : room->changes_room * 2;
    bool is_done = grow(&room->rows, sizeof *room->rows, count) &&
                   grow(&room->bytes_at, sizeof *room->bytes_at, count) &&
                   grow(&room->decoded, sizeof *room->decoded, count) &&
                   grow(&room->record_changes, sizeof *room->record_changes, count) &&
                   grow(&room->loaded_changes, sizeof *room->loaded_changes, count) &&
                   grow(&room->order, sizeof *room->order, count) &&
                   grow(&room->marks, sizeof *room->marks, count) &&
                   grow(&room->decided, sizeof *room->decided, count);
    if (!is_done) {
        return tp_fail(err, TP_NOMEM, "no memory for a record with many changes");
    }
    for (uint32_t i = room->changes_room; i < count; i++) {
        room->decoded[i] = NULL;
    }
    room->changes_room = count;
    return TP_OK;
}

/* ---- Loading ---- */

static tp_rc gather_row(void *context, const tp_log_row *row, tp_err *err);
static tp_rc decode_change(tp_merge *merge, tp_tx *tx, record_room *room, uint32_t at, tp_err *err);
static tp_rc decide_fields(record_room *room, tp_err *err);
static tp_rc describe(tp_merge *merge, tp_tx *tx, tp_packed_name record, record_room *room,
                      tp_err *err);
static tp_name shown_person(tp_merge *merge, const tp_loaded *loaded);
static void find_time(tp_merge *merge, tp_loaded *loaded);

/* Leaves count 0 where nothing of the record is held. */
static tp_rc load_into(tp_merge *merge, tp_tx *tx, tp_packed_name record, record_room *room,
                       tp_err *err)
{
    gathering g = {merge, tx, room};
    memset(&room->loaded, 0, sizeof room->loaded);
    tp_buf_clear(&room->bytes);
    tp_buf_clear(&room->fields);
    tp_buf_clear(&room->heads);
    tp_rc rc = tp_log_of_record(merge->log, tx, record, gather_row, &g, err);
    for (uint32_t i = 0; rc == TP_OK && i < room->loaded.record.count; i++) {
        rc = decode_change(merge, tx, room, i, err);
    }
    if (rc == TP_OK && room->loaded.record.count > 0) {
        rc = describe(merge, tx, record, room, err);
    }
    return rc;
}

static tp_rc gather_row(void *context, const tp_log_row *row, tp_err *err)
{
    record_room *room = ((gathering *)context)->room;
    uint32_t at = room->loaded.record.count;
    if (at == TP_RECORD_CHANGES_MAX) {
        return tp_fail(err, TP_LIMIT, "a record with more than %u changes", TP_RECORD_CHANGES_MAX);
    }
    tp_rc rc = at == room->changes_room ? room_grow(room, err) : TP_OK;
    size_t bytes_at = room->bytes.bytes;
    if (rc == TP_OK) {
        rc = tp_buf_add_slice(&room->bytes, row->bytes, err);
    }
    if (rc == TP_OK) {
        room->rows[at] = *row;
        room->bytes_at[at] = bytes_at;
        room->loaded.record.count++;
    }
    return rc;
}

/* After all rows are gathered, since their bytes move until then. */
static tp_rc decode_change(tp_merge *merge, tp_tx *tx, record_room *room, uint32_t at, tp_err *err)
{
    tp_log_row *row = &room->rows[at];
    tp_loaded_change *loaded = &room->loaded_changes[at];
    const char *agency = "";
    row->bytes.at = room->bytes.at + room->bytes_at[at];
    if (room->decoded[at] == NULL) {
        room->decoded[at] = tp_alloc(sizeof(tp_change));
        if (room->decoded[at] == NULL) {
            return tp_fail(err, TP_NOMEM, "no memory for a record with many changes");
        }
    }
    tp_change *change = room->decoded[at];
    tp_err unread = {0};
    bool is_unread = tp_log_decode(row, change, &unread) != TP_OK;
    if (is_unread) {
        memset(change, 0, sizeof *change);
        change->name = row->name;
    }
    tp_rc rc = tp_log_agency_of(merge->log, tx, row->name.device, &agency, err);
    if (rc == TP_OK) {
        rc = tp_log_time_of(merge->log, tx, row, &change->reading, &loaded->time, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    loaded->came = (tp_log_mark){row->own_order, row->arrived};
    loaded->given_back_ms = row->given_back_ms;
    loaded->erased_ms = row->erased_ms;
    loaded->is_own = row->is_own;
    loaded->is_unread = is_unread;
    room->record_changes[at] =
        (tp_record_change){change, row->stamp, tp_slice_str(agency), row->is_stub};
    return TP_OK;
}

/* Everything that follows from the changes. */
static tp_rc describe(tp_merge *merge, tp_tx *tx, tp_packed_name record, record_room *room,
                      tp_err *err)
{
    tp_loaded *loaded = &room->loaded;
    const tp_log_row *first = &room->rows[0];
    bool is_created = first->record == first->id; /* the creating change comes first */
    const char *creator = "";
    loaded->record.entity = room->decoded[0]->entity;
    loaded->record.changes = room->record_changes;
    loaded->changes = room->loaded_changes;
    loaded->verdict = is_created ? first->verdict : 0;
    loaded->flags = is_created && first->is_stub ? TP_RECORD_GIVEN_BACK : 0;
    tp_rc rc = tp_log_unpack(merge->log, tx, record, &loaded->record.name, err);
    if (rc == TP_OK) {
        rc = tp_log_agency_of(merge->log, tx, loaded->record.name.device, &creator, err);
    }
    if (rc == TP_OK) {
        loaded->record.creator = tp_slice_str(creator);
        rc = decide_fields(room, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    if (loaded->record.entity == TP_PERSON) {
        loaded->person = loaded->record.name;
    } else if (is_created && first->is_stub) {
        rc = tp_log_unpack(merge->log, tx, first->person, &loaded->person, err);
    } else {
        loaded->person = shown_person(merge, loaded);
    }
    find_time(merge, loaded);
    return rc;
}

static tp_rc decide_fields(record_room *room, tp_err *err)
{
    tp_loaded *loaded = &room->loaded;
    tp_decide_room decide = {room->order, room->marks, room->decided};
    tp_rc rc = TP_OK;
    tp_decide_prepare(&loaded->record, &decide);
    uint32_t code = tp_decide_next_field(&loaded->record, 0);
    for (; rc == TP_OK && code != 0; code = tp_decide_next_field(&loaded->record, code)) {
        tp_loaded_field field = {tp_field_of(loaded->record.entity, code),
                                 tp_decide_field(&loaded->record, code, loaded->verdict, &decide),
                                 NULL};
        rc = tp_buf_add(&room->fields, &field, sizeof field, err);
        if (rc == TP_OK) {
            rc = tp_buf_add(&room->heads, decide.heads,
                            field.state.heads_count * sizeof *decide.heads, err);
        }
    }
    if (rc != TP_OK) {
        return rc;
    }
    loaded->retraction = tp_decide_retraction(&loaded->record, &decide);
    tp_loaded_field *fields = (tp_loaded_field *)(void *)room->fields.at;
    const tp_head *heads = (const tp_head *)(const void *)room->heads.at;
    loaded->fields = fields;
    loaded->fields_count = (uint32_t)(room->fields.bytes / sizeof *fields);
    for (uint32_t i = 0; i < loaded->fields_count; i++) {
        fields[i].heads = heads;
        heads += fields[i].state.heads_count;
    }
    return TP_OK;
}

/* Whom the shown value of the person field names. */
static tp_name shown_person(tp_merge *merge, const tp_loaded *loaded)
{
    tp_err unread = {0};
    bool has_value = false;
    tp_value *value = &merge->value;
    tp_rc rc = tp_loaded_shown(loaded, TP_FIELD_PERSON, value, &has_value, &unread);
    bool is_named = rc == TP_OK && has_value && value->names_count == 1;
    return is_named ? value->names[0] : (tp_name){0, 0};
}

/* The first field of its entity that holds a typed time; else when the record was created. */
static void find_time(tp_merge *merge, tp_loaded *loaded)
{
    loaded->happened = loaded->changes[0].time;
    for (uint32_t i = 0; i < loaded->fields_count; i++) {
        const tp_loaded_field *field = &loaded->fields[i];
        bool has_value = false;
        tp_err unread = {0};
        if (field->row == NULL || field->row->type != TP_TYPE_INSTANT) {
            continue;
        }
        tp_rc rc = tp_loaded_shown(loaded, field->state.code, &merge->value, &has_value, &unread);
        if (rc == TP_OK && has_value) {
            int64_t ms = merge->value.number;
            loaded->happened = (tp_estimate){ms, true, ms, ms};
            loaded->is_typed = true;
            return;
        }
    }
}
