/* Changes and stubs from bytes: one reader for each key of the map. */
#include "sync/wire/change_bytes.h"

#include "schema/entity.h"
#include "schema/kind.h"
#include "sync/wire/change_keys.h"
#include "sync/wire/field_value_read.h"
#include "sync/wire/name.h"

/* Newer versions may add keys; nobody needs more. */
enum { KEYS_MAX = 64 };

typedef struct decoder {
    tp_cbor_reader reader;
    tp_change *out;
    uint32_t keys;             /* bits of the keys met, 1 << TP_KEY_... */
    const tp_field_row *field; /* the one at hand when the reader failed */
} decoder;

#define KEY_BIT(key) (1u << (key))

typedef void (*key_reader)(decoder *d);

static void read_salt(decoder *d);
static void read_entity(decoder *d);
static void read_record(decoder *d);
static void read_fields(decoder *d);
static void read_seen(decoder *d);
static void read_reading(decoder *d);
static void read_worker(decoder *d);
static void read_kinds(decoder *d);
static void read_restricts(decoder *d);
static tp_rc decode(tp_name name, tp_slice bytes, uint32_t required, uint32_t allowed,
                    const char *what, tp_change *out, tp_err *err);
static tp_era_reading reading_of(tp_cbor_reader *reader);

static const key_reader key_readers[TP_KEYS_COUNT] = {
    [TP_KEY_SALT] = read_salt,           [TP_KEY_ENTITY] = read_entity,
    [TP_KEY_RECORD] = read_record,       [TP_KEY_FIELDS] = read_fields,
    [TP_KEY_SEEN] = read_seen,           [TP_KEY_READING] = read_reading,
    [TP_KEY_WORKER] = read_worker,       [TP_KEY_KINDS] = read_kinds,
    [TP_KEY_RESTRICTS] = read_restricts,
};

tp_rc tp_change_decode(tp_name name, tp_slice bytes, tp_change *out, tp_err *err)
{
    uint32_t required = KEY_BIT(TP_KEY_SALT) | KEY_BIT(TP_KEY_ENTITY) | KEY_BIT(TP_KEY_FIELDS) |
                        KEY_BIT(TP_KEY_READING);
    return decode(name, bytes, required, UINT32_MAX, "change", out, err);
}

tp_rc tp_stub_decode(tp_name name, tp_slice bytes, tp_change *out, tp_err *err)
{
    uint32_t allowed = KEY_BIT(TP_KEY_ENTITY) | KEY_BIT(TP_KEY_RECORD) | KEY_BIT(TP_KEY_SEEN);
    return decode(name, bytes, KEY_BIT(TP_KEY_ENTITY), allowed, "stub", out, err);
}

tp_rc tp_change_decode_reading(tp_slice bytes, tp_era_reading *out, tp_err *err)
{
    tp_cbor_reader reader = tp_cbor_reader_of(bytes);
    tp_cbor_map map = tp_cbor_map_of(&reader, KEYS_MAX);
    uint64_t key = 0;
    while (tp_cbor_map_next(&map, &reader, &key)) {
        if (key == TP_KEY_READING) {
            tp_era_reading reading = reading_of(&reader);
            if (reader.rc == TP_OK) {
                *out = reading;
                return TP_OK;
            }
        } else {
            tp_cbor_skip(&reader);
        }
    }
    tp_cbor_fail(&reader, TP_CORRUPT, "no reading");
    return tp_cbor_end(&reader, "change", err);
}

static void begin(tp_name name, tp_slice bytes, tp_change *out)
{
    out->name = name;
    out->record = name;
    out->entity = 0;
    memset(&out->reading, 0, sizeof out->reading);
    out->worker = tp_slice_of(NULL, 0);
    out->kinds = 0;
    out->has_unknown_kind = false;
    out->has_unknown_key = false;
    out->restricts = false;
    out->fields_count = 0;
    out->seen_count = 0;
    out->bytes = bytes;
}

static void read_key(decoder *d, uint64_t key, uint32_t allowed)
{
    if (key < TP_KEYS_COUNT && (allowed & KEY_BIT(key)) != 0) {
        d->keys |= KEY_BIT(key);
        key_readers[key](d);
    } else if (allowed == UINT32_MAX) {
        d->out->has_unknown_key = true;
        tp_cbor_skip(&d->reader);
    } else {
        tp_cbor_fail(&d->reader, TP_CORRUPT, "a key it does not have");
    }
}

static tp_rc decode(tp_name name, tp_slice bytes, uint32_t required, uint32_t allowed,
                    const char *what, tp_change *out, tp_err *err)
{
    if (name.device == 0 || name.seq == 0 || name.seq > TP_SEQ_MAX) {
        return tp_fail(err, TP_CORRUPT, "%s: no such name", what);
    }
    if (bytes.bytes > TP_CHANGE_BYTES_MAX) {
        return tp_fail(err, TP_LIMIT, "%s: more than %u bytes", what, TP_CHANGE_BYTES_MAX);
    }
    begin(name, bytes, out);
    decoder d = {tp_cbor_reader_of(bytes), out, 0, NULL};
    tp_cbor_map map = tp_cbor_map_of(&d.reader, KEYS_MAX);
    uint64_t key = 0;
    while (tp_cbor_map_next(&map, &d.reader, &key)) {
        read_key(&d, key, allowed);
    }
    if ((d.keys & required) != required) {
        tp_cbor_fail(&d.reader, TP_CORRUPT, "a key is missing");
    }
    return tp_cbor_end(&d.reader, d.field == NULL ? what : d.field->name, err);
}

static void read_salt(decoder *d)
{
    uint8_t salt[TP_SALT_BYTES];
    tp_cbor_copy(&d->reader, salt, sizeof salt);
}

static void read_entity(decoder *d)
{
    d->out->entity = (uint32_t)tp_cbor_uint(&d->reader, UINT32_MAX);
    if (d->out->entity == 0) {
        tp_cbor_fail(&d->reader, TP_CORRUPT, "no entity");
    }
}

static void read_record(decoder *d)
{
    d->out->record = tp_wire_name_read(&d->reader, d->out->name);
}

/* A field's code, which is a key of a map; 0 is none. */
static bool next_code(decoder *d, tp_cbor_map *map, uint32_t *code_out)
{
    uint64_t code = 0;
    if (!tp_cbor_map_next(map, &d->reader, &code)) {
        return false;
    }
    if (code == 0 || code > UINT32_MAX) {
        tp_cbor_fail(&d->reader, TP_CORRUPT, "no field has this code");
        return false;
    }
    *code_out = (uint32_t)code;
    return true;
}

static void read_fields(decoder *d)
{
    tp_cbor_map map = tp_cbor_map_of(&d->reader, TP_CHANGE_FIELDS_MAX);
    uint32_t code = 0;
    while (next_code(d, &map, &code)) {
        const tp_field_row *row = tp_field_of(d->out->entity, code);
        const uint8_t *start = d->reader.at;
        if (row == NULL) {
            tp_cbor_skip(&d->reader);
        } else if (!tp_field_value_read(&d->reader, row, d->out->name, NULL)) {
            d->field = row;
        }
        tp_change_field *field = &d->out->fields[d->out->fields_count++];
        field->code = code;
        field->has_value = true;
        field->value = tp_slice_of(start, (size_t)(d->reader.at - start));
        field->seen_at = 0;
        field->seen_count = 0;
    }
}

/* The field of this code, made where the change does not set it.  Codes come ascending: `*at` goes
 * on from the last one. */
static tp_change_field *seen_field(decoder *d, uint32_t code, uint32_t *at)
{
    tp_change *out = d->out;
    while (*at < out->fields_count && out->fields[*at].code < code) {
        (*at)++;
    }
    tp_change_field *field = &out->fields[*at];
    if (*at < out->fields_count && field->code == code) {
        return field;
    }
    if (out->fields_count == TP_CHANGE_FIELDS_MAX) {
        tp_cbor_fail(&d->reader, TP_LIMIT, "more fields than the limit");
        return NULL;
    }
    memmove(field + 1, field, (out->fields_count - *at) * sizeof *field);
    memset(field, 0, sizeof *field);
    field->code = code;
    out->fields_count++;
    return field;
}

static void read_seen(decoder *d)
{
    tp_change *out = d->out;
    tp_cbor_map map = tp_cbor_map_of(&d->reader, TP_CHANGE_FIELDS_MAX);
    uint32_t code = 0;
    uint32_t at = 0;
    if (map.left == 0) {
        tp_cbor_fail(&d->reader, TP_CORRUPT, "an empty map where the key is left out");
    }
    while (next_code(d, &map, &code)) {
        tp_change_field *field = seen_field(d, code, &at);
        uint32_t room = TP_CHANGE_NAMES_MAX - out->seen_count;
        uint32_t count =
            tp_wire_names_read(&d->reader, out->name, room, &out->seen[out->seen_count]);
        if (d->reader.rc != TP_OK || field == NULL) {
            return;
        }
        if (count == 0) {
            tp_cbor_fail(&d->reader, TP_CORRUPT, "a field of which nothing was seen");
        }
        field->seen_at = out->seen_count;
        field->seen_count = count;
        out->seen_count += count;
    }
}

static tp_era_reading reading_of(tp_cbor_reader *reader)
{
    tp_era_reading reading;
    tp_cbor_array_of(reader, 3);
    reading.era = (uint32_t)tp_cbor_uint(reader, UINT32_MAX);
    reading.up_ms = (int64_t)tp_cbor_uint(reader, (uint64_t)TP_TIME_MS_MAX);
    int64_t skew_ms = tp_cbor_int(reader, TP_TIME_MS_MIN, TP_TIME_MS_MAX);
    reading.wall_ms = reading.up_ms + skew_ms;
    if (reading.era == 0) {
        tp_cbor_fail(reader, TP_CORRUPT, "a reading of no era");
    }
    return reading;
}

static void read_reading(decoder *d)
{
    d->out->reading = reading_of(&d->reader);
}

static void read_worker(decoder *d)
{
    d->out->worker = tp_cbor_text(&d->reader, TP_WORKER_BYTES_MAX);
    if (d->out->worker.bytes == 0) {
        tp_cbor_fail(&d->reader, TP_CORRUPT, "an empty worker");
    }
}

static void read_kinds(decoder *d)
{
    tp_slice codes[TP_CHANGE_KINDS_MAX];
    uint32_t count = tp_wire_texts_read(&d->reader, TP_CHANGE_KINDS_MAX, TP_TEXT_BYTES_MAX, codes);
    if (d->reader.rc == TP_OK && count == 0) {
        tp_cbor_fail(&d->reader, TP_CORRUPT, "an empty set of kinds");
    }
    for (uint32_t i = 0; i < count && d->reader.rc == TP_OK; i++) {
        tp_kind kind = tp_kind_of(codes[i]);
        if (kind == TP_KIND_UNKNOWN) {
            d->out->has_unknown_kind = true;
        } else {
            d->out->kinds |= TP_KIND_BIT(kind);
        }
    }
}

static void read_restricts(decoder *d)
{
    d->out->restricts = tp_cbor_bool(&d->reader);
    if (!d->out->restricts) {
        tp_cbor_fail(&d->reader, TP_CORRUPT, "false where the key is left out");
    }
}
