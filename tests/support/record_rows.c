/* The changes of one record as lines of a table. */
#include "tests/support/record_rows.h"

#include "platform/base/alloc.h"
#include "schema/kind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static const struct {
    const char *name;
    const char *agency; /* "": nobody has said yet */
} devices[] = {
    {"van", "street-outreach"},  {"desk", "friary"},    {"kiosk", "friary"}, {"desktwo", "friary"},
    {"lead", "homeless-health"}, {"aid", "womens-aid"}, {"stray", ""},       {"waif", ""}};
enum { DEVICES = sizeof devices / sizeof devices[0] };

/* One change while its line is read. */
typedef struct line {
    record_rows *rows;
    tp_change *change;
    uint32_t at;
    uint32_t values;
} line;

tp_name record_rows_name(const char *text)
{
    size_t letters = strspn(text, "abcdefghijklmnopqrstuvwxyz");
    tp_name name = {0, strtoull(text + letters, NULL, 10)};
    for (uint64_t i = 0; i < DEVICES; i++) {
        if (strlen(devices[i].name) == letters && strncmp(devices[i].name, text, letters) == 0) {
            name.device = i + 1;
        }
    }
    if (name.device == 0 || name.seq == 0) {
        fail_msg("not a change: %s", text);
    }
    return name;
}

const char *record_rows_text(const record_rows *rows, uint32_t at)
{
    static char texts[4][32];
    static unsigned next;
    char *text = texts[next++ % 4];
    if (at == TP_DECIDE_NONE) {
        return "-";
    }
    tp_name name = rows->changes[at].change->name;
    (void)snprintf(text, sizeof texts[0], "%s%u", devices[name.device - 1].name,
                   (unsigned)name.seq);
    return text;
}

uint32_t record_rows_entity(const char *name)
{
    const tp_entity_row *row = tp_entity_named(tp_slice_str(name));
    return row == NULL ? (uint32_t)strtoul(name, NULL, 10) : row->code;
}

static void put_head(uint8_t *out, size_t *bytes, unsigned major, uint64_t number)
{
    unsigned size = number < 24 ? 0 : number < 256 ? 1 : number < 65536 ? 2 : 8;
    unsigned more = size == 0 ? (unsigned)number : size == 1 ? 24 : size == 2 ? 25 : 27;
    out[(*bytes)++] = (uint8_t)(major << 5 | more);
    for (unsigned i = size; i > 0; i--) {
        out[(*bytes)++] = (uint8_t)(number >> 8 * (i - 1));
    }
}

static void put_text(uint8_t *out, size_t *bytes, const char *text, size_t length, char space)
{
    put_head(out, bytes, 3, length);
    assert_true(*bytes + length <= RECORD_ROWS_VALUE_BYTES);
    for (size_t i = 0; i < length; i++) {
        out[(*bytes)++] = (uint8_t)(text[i] == space ? ' ' : text[i]);
    }
}

static void put_name(uint8_t *out, size_t *bytes, tp_name author, tp_name name)
{
    if (name.device != author.device) {
        put_head(out, bytes, 4, 2);
        put_head(out, bytes, 0, name.device);
    }
    put_head(out, bytes, 0, name.seq);
}

static uint64_t count_parts(const char *text, char part)
{
    uint64_t count = 1;
    for (; *text != '\0'; text++) {
        count += *text == part;
    }
    return count;
}

static void put_list(uint8_t *out, size_t *bytes, const char *text, char part, bool is_names,
                     tp_name author)
{
    put_head(out, bytes, 4, count_parts(text, part));
    for (const char *at = text; at != NULL;) {
        const char *end = strchr(at, part);
        size_t length = end == NULL ? strlen(at) : (size_t)(end - at);
        if (is_names) {
            put_name(out, bytes, author, record_rows_name(at));
        } else {
            put_text(out, bytes, at, length, '\0');
        }
        at = end == NULL ? NULL : end + 1;
    }
}

static tp_slice encode(line *l, tp_type type, const char *text)
{
    assert_true(l->values < RECORD_ROWS_VALUES);
    uint8_t *out = l->rows->values[l->at][l->values++];
    size_t bytes = 0;
    if (strcmp(text, "-") == 0) {
        out[bytes++] = 0xf6;
        return tp_slice_of(out, bytes);
    }
    switch (type) {
    case TP_TYPE_CODES:
    case TP_TYPE_AGENCIES:
        put_list(out, &bytes, text, '+', false, l->change->name);
        break;
    case TP_TYPE_HOLDER:
        put_list(out, &bytes, text, '/', false, l->change->name);
        break;
    case TP_TYPE_RECORD:
        put_name(out, &bytes, l->change->name, record_rows_name(text));
        break;
    case TP_TYPE_RECORDS:
        put_list(out, &bytes, text, '+', true, l->change->name);
        break;
    case TP_TYPE_CODE:
        put_text(out, &bytes, text, strlen(text), '\0');
        break;
    case TP_TYPE_TEXT:
    case TP_TYPE_DATE:
    case TP_TYPE_PARTIAL_DATE:
    case TP_TYPE_NHS_NUMBER:
    case TP_TYPE_PHONE:
    case TP_TYPE_GRID:
    case TP_TYPE_AGENCY:
        put_text(out, &bytes, text, strlen(text), '_');
        break;
    case TP_TYPE_COUNT:
        assert_true(strlen(text) == 1);
        out[bytes++] = (uint8_t)(text[0] - '0');
        break;
    case TP_TYPE_BOOL:
    case TP_TYPE_INSTANT:
        fail_msg("not needed in a row: type %d", (int)type);
    }
    return tp_slice_of(out, bytes);
}

static void read_seen(tp_change *change, tp_change_field *field, char *names)
{
    char *rest = NULL;
    field->seen_at = change->seen_count;
    for (char *name = strtok_r(names, ",", &rest); name != NULL;
         name = strtok_r(NULL, ",", &rest)) {
        change->seen[change->seen_count++] = record_rows_name(name);
        field->seen_count++;
    }
}

static void read_field(line *l, char *word)
{
    tp_change_field field = {0};
    char *seen = strchr(word, '<');
    if (seen != NULL) {
        *seen++ = '\0';
    }
    char *value = strchr(word, '=');
    if (value != NULL) {
        *value++ = '\0';
    }
    const tp_field_row *row = tp_field_named(l->change->entity, tp_slice_str(word));
    field.code = row == NULL ? (uint32_t)strtoul(word, NULL, 10) : row->code;
    if (field.code == 0) {
        fail_msg("not a field: %s", word);
    }
    if (value != NULL) {
        field.has_value = true;
        field.value = encode(l, row == NULL ? TP_TYPE_TEXT : row->type, value);
    }
    if (seen != NULL) {
        read_seen(l->change, &field, seen);
    }
    uint32_t at = l->change->fields_count++;
    for (; at > 0 && l->change->fields[at - 1].code > field.code; at--) {
        l->change->fields[at] = l->change->fields[at - 1];
    }
    l->change->fields[at] = field;
}

static void read_envelope(tp_change *change, char *codes)
{
    char *rest = NULL;
    for (char *code = strtok_r(codes, "+", &rest); code != NULL;
         code = strtok_r(NULL, "+", &rest)) {
        tp_kind kind = tp_kind_of(tp_slice_str(code));
        if (kind == TP_KIND_UNKNOWN) {
            change->has_unknown_kind = true;
        } else {
            change->kinds |= TP_KIND_BIT(kind);
        }
    }
}

static void read_word(line *l, tp_record_change *in, char *word)
{
    if (strcmp(word, "new") == 0) {
        l->rows->record.name = l->change->name;
    } else if (strcmp(word, "stub") == 0) {
        in->is_stub = true;
    } else if (word[0] == '#') {
        in->stamp.number = strtoull(word + 1, NULL, 10);
        in->stamp.ms = (int64_t)in->stamp.number * 10;
    } else if (word[0] == '@') {
        in->stamp.ms = strtoll(word + 1, NULL, 10);
    } else if (strncmp(word, "envelope=", 9) == 0) {
        read_envelope(l->change, word + 9);
    } else if (strncmp(word, "worker=", 7) == 0) {
        l->change->worker = encode(l, TP_TYPE_TEXT, word + 7);
        l->change->worker.at++;
        l->change->worker.bytes--;
    } else {
        read_field(l, word);
    }
}

static void read_line(record_rows *rows, uint32_t at, const char *text)
{
    char words[400];
    char *rest = NULL;
    line l = {rows, &rows->decoded[at], at, 0};
    tp_record_change *in = &rows->changes[at];
    assert_true(snprintf(words, sizeof words, "%s", text) < (int)sizeof words);
    char *word = strtok_r(words, " ", &rest);
    l.change->name = record_rows_name(word);
    l.change->entity = rows->record.entity;
    in->change = l.change;
    in->agency = tp_slice_str(devices[l.change->name.device - 1].agency);
    while ((word = strtok_r(NULL, " ", &rest)) != NULL) {
        read_word(&l, in, word);
    }
}

record_rows *record_rows_read(const char *entity, const char *const *lines)
{
    record_rows *rows = tp_alloc(sizeof *rows);
    assert_non_null(rows);
    rows->record.entity = record_rows_entity(entity);
    rows->record.name = record_rows_name("van1");
    rows->record.changes = rows->changes;
    for (; lines[rows->record.count] != NULL; rows->record.count++) {
        assert_true(rows->record.count < RECORD_ROWS_CHANGES);
        read_line(rows, rows->record.count, lines[rows->record.count]);
    }
    uint32_t count = rows->record.count;
    for (uint32_t i = 0; i < count; i++) {
        rows->decoded[i].record = rows->record.name;
    }
    rows->record.creator = tp_slice_str(devices[rows->record.name.device - 1].agency);
    rows->room.order = tp_alloc(count * sizeof *rows->room.order);
    rows->room.marks = tp_alloc(count * sizeof *rows->room.marks);
    rows->room.heads = tp_alloc(count * sizeof *rows->room.heads);
    tp_decide_prepare(&rows->record, &rows->room);
    return rows;
}

void record_rows_free(record_rows *rows)
{
    if (rows != NULL) {
        tp_free(rows->room.order);
        tp_free(rows->room.marks);
        tp_free(rows->room.heads);
        tp_free(rows);
    }
}

void record_rows_shuffle(record_rows *rows, unsigned *seed)
{
    for (uint32_t i = rows->record.count; i > 1; i--) {
        *seed = *seed * 1103515245u + 12345u;
        uint32_t j = (*seed >> 16) % i;
        tp_record_change change = rows->changes[i - 1];
        rows->changes[i - 1] = rows->changes[j];
        rows->changes[j] = change;
    }
    tp_decide_prepare(&rows->record, &rows->room);
}
