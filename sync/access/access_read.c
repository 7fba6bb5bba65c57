/* Decoded changes as the rules of access see them. */
#include "sync/access/access_read.h"

#include "platform/base/limits.h"
#include "schema/entity.h"
#include "schema/london_time.h"
#include "schema/name_fold.h"
#include "sync/wire/field_value.h"

/* What a field says. */
typedef enum reading {
    ABSENT, /* not set, or cleared */
    UNREADABLE,
    READ
} reading;

static reading read_field(const tp_change *change, uint32_t code, tp_value *value_out);
static tp_name read_name(const tp_change *change, uint32_t code);
static tp_decision read_decision(const tp_change *change);
static bool read_capacity(const tp_change *change);
static bool read_end(const tp_change *change, uint32_t code, int64_t *ends_ms_out);
static bool read_day(tp_slice text, tp_day *day_out);
static bool read_number(tp_slice text, size_t at, size_t digits, unsigned *number_out);
static uint32_t read_kinds(const tp_change *change, uint32_t code, bool *all_out);
static uint32_t read_purposes(const tp_change *change, bool *all_out);
static tp_rc take_agencies(const tp_change *change, uint32_t code, tp_access_room *room,
                           bool *all_out, const tp_slice **list_out, uint32_t *count_out,
                           tp_err *err);
static tp_rc take_names(const tp_name *names, uint32_t count, tp_access_room *room,
                        const tp_name **list_out, uint32_t *count_out, tp_err *err);
static tp_rc take_list(const tp_change *change, uint32_t code, tp_access_room *room,
                       const tp_name **list_out, uint32_t *count_out, tp_err *err);
static tp_rc take_in_sight(const tp_change *change, tp_access_room *room, tp_consent_event *event,
                           tp_err *err);
static bool is_other_worker(tp_slice authoriser, tp_slice worker);

tp_rc tp_consent_event_read(const tp_change *change, bool is_stub, tp_stamp stamp,
                            tp_access_room *room, tp_consent_event *event_out, tp_err *err)
{
    tp_access_room before = *room;
    tp_consent_event event = {.name = change->name, .is_stub = is_stub, .stamp_ms = stamp.ms};
    tp_rc rc = take_in_sight(change, room, &event, err);
    if (rc != TP_OK || is_stub) {
        goto out;
    }
    event.person = read_name(change, TP_FIELD_PERSON);
    event.decision = read_decision(change);
    event.has_capacity = read_capacity(change);
    if (!read_end(change, TP_CONSENT_ENDS_ON, &event.ends_ms)) {
        event.has_capacity = false; /* an end nobody can read: it grants nothing */
    }
    event.kinds = read_kinds(change, TP_CONSENT_KINDS, &event.all_kinds);
    event.purposes = read_purposes(change, &event.all_purposes);
    rc = take_list(change, TP_CONSENT_PERSONS, room, &event.persons, &event.persons_count, err);
    if (rc != TP_OK) {
        goto out;
    }
    rc = take_agencies(change, TP_CONSENT_AGENCIES, room, &event.all_agencies, &event.agencies,
                       &event.agencies_count, err);
out:
    if (rc != TP_OK) {
        *room = before;
        return rc;
    }
    *event_out = event;
    return TP_OK;
}

tp_rc tp_gateway_read(const tp_change *change, tp_access_room *room, tp_gateway *gateway_out,
                      tp_err *err)
{
    tp_gateway gateway = {.name = change->name, .person = read_name(change, TP_FIELD_PERSON)};
    tp_value value;
    bool is_all = false;
    bool has_end = read_end(change, TP_GATEWAY_ENDS_ON, &gateway.ends_ms) && gateway.ends_ms != 0;
    gateway.is_authorised = has_end && read_field(change, TP_GATEWAY_AUTHORISER, &value) == READ &&
                            is_other_worker(value.text, change->worker);
    gateway.kinds = read_kinds(change, TP_GATEWAY_KINDS, &is_all);
    /* "*" opens nothing: a gateway names its agencies and kinds. */
    tp_rc rc = take_agencies(change, TP_GATEWAY_AGENCIES, room, &is_all, &gateway.agencies,
                             &gateway.agencies_count, err);
    if (rc == TP_OK) {
        *gateway_out = gateway;
    }
    return rc;
}

bool tp_join_read(const tp_change *change, tp_join *join_out)
{
    tp_join join = {change->name, read_name(change, TP_FIELD_PERSON),
                    read_name(change, TP_JOIN_SAME_AS)};
    if (tp_name_is_none(join.person) || tp_name_is_none(join.same_as) ||
        tp_name_eq(join.person, join.same_as)) {
        return false;
    }
    *join_out = join;
    return true;
}

tp_rc tp_unjoin_read(const tp_change *change, tp_access_room *room, const tp_name **joins_out,
                     uint32_t *count_out, tp_err *err)
{
    return take_list(change, TP_UNJOIN_JOINS, room, joins_out, count_out, err);
}

bool tp_access_understands(const tp_change *change)
{
    if (tp_entity_of(change->entity) == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < change->fields_count; i++) {
        const tp_change_field *field = &change->fields[i];
        if (field->has_value && tp_field_of(change->entity, field->code) == NULL) {
            return false;
        }
    }
    return change->entity != TP_CONSENT || read_decision(change) != TP_DECISION_UNKNOWN;
}

static reading read_field(const tp_change *change, uint32_t code, tp_value *value_out)
{
    const tp_field_row *row = tp_field_of(change->entity, code);
    const tp_change_field *field = tp_change_field_of(change, code);
    tp_err err = {0};
    if (row == NULL || field == NULL || !field->has_value) {
        return ABSENT;
    }
    if (tp_field_value_decode(row, change, field->value, value_out, &err) != TP_OK) {
        return UNREADABLE;
    }
    return value_out->is_null ? ABSENT : READ;
}

static tp_name read_name(const tp_change *change, uint32_t code)
{
    tp_value value;
    if (read_field(change, code, &value) == READ && value.names_count == 1) {
        return value.names[0];
    }
    return (tp_name){0, 0};
}

static tp_decision read_decision(const tp_change *change)
{
    static const struct {
        const char *code;
        tp_decision decision;
    } decisions[] = {{"given", TP_DECISION_GIVEN},
                     {"refused", TP_DECISION_REFUSED},
                     {"withdrawn", TP_DECISION_WITHDRAWN}};
    tp_value value;
    if (read_field(change, TP_CONSENT_DECISION, &value) == READ) {
        for (size_t i = 0; i < sizeof decisions / sizeof decisions[0]; i++) {
            if (tp_slice_is(value.text, decisions[i].code)) {
                return decisions[i].decision;
            }
        }
    }
    return TP_DECISION_UNKNOWN;
}

static bool read_capacity(const tp_change *change)
{
    tp_value value;
    return read_field(change, TP_CONSENT_CAPACITY, &value) == READ &&
           tp_slice_is(value.text, "believed_to_have");
}

/* The first moment after the day; 0 where there is none.  False if it cannot be read. */
static bool read_end(const tp_change *change, uint32_t code, int64_t *ends_ms_out)
{
    tp_value value;
    tp_day day;
    reading said = read_field(change, code, &value);
    *ends_ms_out = 0;
    if (said == ABSENT) {
        return true;
    }
    if (said == UNREADABLE || !read_day(value.text, &day)) {
        return false;
    }
    *ends_ms_out = tp_london_day_end_ms(day);
    return true;
}

/* 2026-07-12 */
static bool read_day(tp_slice text, tp_day *day_out)
{
    unsigned year = 0;
    unsigned month = 0;
    unsigned day = 0;
    if (text.bytes != 10 || text.at[4] != '-' || text.at[7] != '-' ||
        !read_number(text, 0, 4, &year) || !read_number(text, 5, 2, &month) ||
        !read_number(text, 8, 2, &day)) {
        return false;
    }
    *day_out = (tp_day){(int16_t)year, (uint8_t)month, (uint8_t)day};
    return tp_day_is_valid(*day_out);
}

static bool read_number(tp_slice text, size_t at, size_t digits, unsigned *number_out)
{
    unsigned number = 0;
    for (size_t i = at; i < at + digits; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return false;
        }
        number = number * 10 + (unsigned)(text.at[i] - '0');
    }
    *number_out = number;
    return true;
}

/* A list nobody can read is "*": everything, where that protects, and nothing in a giving. */
static uint32_t read_kinds(const tp_change *change, uint32_t code, bool *all_out)
{
    tp_value value;
    uint32_t kinds = 0;
    *all_out = false;
    if (read_field(change, code, &value) != READ) {
        *all_out = true;
        return 0;
    }
    for (uint32_t i = 0; i < value.texts_count; i++) {
        tp_kind kind = tp_kind_of(value.texts[i]);
        if (tp_slice_is(value.texts[i], "*")) {
            *all_out = true;
        } else if (kind != TP_KIND_UNKNOWN) {
            kinds |= TP_KIND_BIT(kind);
        }
    }
    return kinds;
}

static uint32_t read_purposes(const tp_change *change, bool *all_out)
{
    tp_value value;
    uint32_t purposes = 0;
    *all_out = false;
    if (read_field(change, TP_CONSENT_PURPOSES, &value) != READ) {
        *all_out = true;
        return 0;
    }
    for (uint32_t i = 0; i < value.texts_count; i++) {
        tp_purpose purpose = tp_purpose_of(value.texts[i]);
        if (tp_slice_is(value.texts[i], "*")) {
            *all_out = true;
        } else if (purpose != TP_PURPOSE_UNKNOWN) {
            purposes |= TP_PURPOSE_BIT(purpose);
        }
    }
    return purposes;
}

/* As with kinds: what cannot be read means all, but not where something is given. */
static tp_rc take_agencies(const tp_change *change, uint32_t code, tp_access_room *room,
                           bool *all_out, const tp_slice **list_out, uint32_t *count_out,
                           tp_err *err)
{
    tp_value value;
    *all_out = false;
    *list_out = room->slices + room->slices_count;
    *count_out = 0;
    if (read_field(change, code, &value) != READ) {
        bool is_giving = change->entity == TP_CONSENT && read_decision(change) == TP_DECISION_GIVEN;
        *all_out = !is_giving;
        return TP_OK;
    }
    if (value.texts_count > room->slices_max - room->slices_count) {
        return tp_fail(err, TP_LIMIT, "no room for %u agencies", (unsigned)value.texts_count);
    }
    for (uint32_t i = 0; i < value.texts_count; i++) {
        if (tp_slice_is(value.texts[i], "*")) {
            *all_out = true;
        } else {
            room->slices[room->slices_count++] = value.texts[i];
            (*count_out)++;
        }
    }
    return TP_OK;
}

static tp_rc take_names(const tp_name *names, uint32_t count, tp_access_room *room,
                        const tp_name **list_out, uint32_t *count_out, tp_err *err)
{
    if (count > room->names_max - room->names_count) {
        return tp_fail(err, TP_LIMIT, "no room for %u names", (unsigned)count);
    }
    *list_out = room->names + room->names_count;
    *count_out = count;
    for (uint32_t i = 0; i < count; i++) {
        room->names[room->names_count++] = names[i];
    }
    return TP_OK;
}

static tp_rc take_list(const tp_change *change, uint32_t code, tp_access_room *room,
                       const tp_name **list_out, uint32_t *count_out, tp_err *err)
{
    tp_value value;
    uint32_t count = read_field(change, code, &value) == READ ? value.names_count : 0;
    return take_names(value.names, count, room, list_out, count_out, err);
}

/* The field's value; a stub keeps it as names the change had seen. */
static tp_rc take_in_sight(const tp_change *change, tp_access_room *room, tp_consent_event *event,
                           tp_err *err)
{
    const tp_change_field *field = tp_change_field_of(change, TP_CONSENT_IN_SIGHT);
    if (field != NULL && !field->has_value) {
        return take_names(change->seen + field->seen_at, field->seen_count, room, &event->in_sight,
                          &event->in_sight_count, err);
    }
    return take_list(change, TP_CONSENT_IN_SIGHT, room, &event->in_sight, &event->in_sight_count,
                     err);
}

/* However the name is spelled: case, accents and white space do not make two people of one. */
static bool is_other_worker(tp_slice authoriser, tp_slice worker)
{
    char folded[2][TP_WORKER_BYTES_MAX];
    size_t bytes = tp_name_fold(authoriser, folded[0], sizeof folded[0]);
    tp_slice other = tp_slice_of(folded[0], bytes);
    tp_slice own = tp_slice_of(folded[1], tp_name_fold(worker, folded[1], sizeof folded[1]));
    return bytes > 0 && !tp_slice_eq(other, own);
}
