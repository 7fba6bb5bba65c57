/* Changes as the tests of this folder write them: one of each shape. */
#ifndef TP_TESTS_UNIT_SYNC_WIRE_SAMPLE_H
#define TP_TESTS_UNIT_SYNC_WIRE_SAMPLE_H

#include "schema/entity.h"
#include "schema/kind.h"
#include "sync/wire/change_bytes.h"

/* The device that writes, and another one. */
static const uint64_t sample_here = UINT64_C(0xA1B2C3D4E5F60718);
static const uint64_t sample_there = UINT64_C(0x0F1E2D3C4B5A6978);

static inline tp_value sample_text(tp_type type, const char *text)
{
    tp_value value;
    memset(&value, 0, sizeof value);
    value.type = type;
    value.text = tp_slice_str(text);
    return value;
}

static inline tp_value sample_number(tp_type type, int64_t number)
{
    tp_value value = sample_text(type, NULL);
    value.number = number;
    return value;
}

static inline tp_value sample_null(tp_type type)
{
    tp_value value = sample_text(type, NULL);
    value.is_null = true;
    return value;
}

static inline tp_value sample_texts(tp_type type, const char *first, const char *second)
{
    tp_value value = sample_text(type, NULL);
    value.texts[0] = tp_slice_str(first);
    value.texts[1] = tp_slice_str(second);
    value.texts_count = second == NULL ? 1 : 2;
    return value;
}

static inline tp_value sample_record(uint64_t device, uint64_t seq)
{
    tp_value value = sample_text(TP_TYPE_RECORD, NULL);
    value.names[0].device = device;
    value.names[0].seq = seq;
    value.names_count = 1;
    return value;
}

static inline tp_change_draft sample_draft(uint64_t seq, uint32_t entity)
{
    static const uint8_t salt[TP_SALT_BYTES] = {1, 35, 69, 103, 137, 171, 205, 239};
    tp_change_draft draft;
    tp_name name = {sample_here, seq};
    tp_change_draft_init(&draft, name, entity);
    draft.reading.era = 1;
    draft.reading.up_ms = 86400000;
    draft.reading.wall_ms = INT64_C(1767225600000);
    draft.worker = tp_slice_str("Amina");
    memcpy(draft.salt, salt, sizeof salt);
    return draft;
}

/* The values a contact's draft borrows. */
typedef struct sample_contact_values {
    tp_value person, happened_at, place, kind, note;
} sample_contact_values;

static inline tp_rc sample_contact(uint64_t seq, const char *note, sample_contact_values *values,
                                   tp_change_draft *draft, tp_err *err)
{
    *draft = sample_draft(seq, TP_CONTACT);
    values->person = sample_record(sample_there, 41);
    values->happened_at = sample_number(TP_TYPE_INSTANT, INT64_C(1767222000000));
    values->place = sample_text(TP_TYPE_TEXT, "by the bus station");
    values->kind = sample_text(TP_TYPE_CODE, "street");
    values->note = sample_text(TP_TYPE_TEXT, note);
    tp_rc rc = tp_change_draft_set(draft, TP_CONTACT_NOTE, &values->note, err);
    rc = rc == TP_OK ? tp_change_draft_set(draft, TP_CONTACT_KIND, &values->kind, err) : rc;
    rc = rc == TP_OK ? tp_change_draft_set(draft, TP_CONTACT_PLACE, &values->place, err) : rc;
    rc = rc == TP_OK ? tp_change_draft_set(draft, TP_CONTACT_HAPPENED_AT, &values->happened_at, err)
                     : rc;
    return rc == TP_OK ? tp_change_draft_set(draft, TP_FIELD_PERSON, &values->person, err) : rc;
}

#endif
