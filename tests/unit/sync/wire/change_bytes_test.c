/* Changes to bytes and back; every refusal of the decoder.
 *
 * Shows P17. */
#include "tests/unit/sync/wire/sample.h"

#include "platform/base/alloc.h"
#include "platform/base/fault.h"
#include "sync/wire/cbor.h"
#include "sync/wire/field_value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static const tp_name name_42 = {0xA1B2C3D4E5F60718u, 42};
static tp_change change; /* 17 KiB: not on the stack of each test */
static tp_value value;

static void encode(const tp_change_draft *draft, tp_buf *buf)
{
    tp_err err = {0};
    tp_rc rc = tp_change_encode(draft, buf, &err);
    if (rc != TP_OK) {
        fail_msg("%s", err.what);
    }
}

static void decode(tp_name name, tp_buf *buf)
{
    tp_err err = {0};
    tp_rc rc = tp_change_decode(name, tp_buf_slice(buf), &change, &err);
    if (rc != TP_OK) {
        fail_msg("%s", err.what);
    }
}

static const tp_value *value_of(uint32_t code)
{
    tp_err err = {0};
    const tp_change_field *field = tp_change_field_of(&change, code);
    assert_non_null(field);
    const tp_field_row *row = tp_field_of(change.entity, code);
    assert_int_equal(tp_field_value_decode(row, &change, field->value, &value, &err), TP_OK);
    return &value;
}

static void test_change__a_contact_comes_back_as_it_was_written(void **state)
{
    (void)state;
    tp_err err = {0};
    tp_buf buf;
    tp_buf_init(&buf, TP_CHANGE_BYTES_MAX);
    sample_contact_values values;
    tp_change_draft draft;
    assert_int_equal(sample_contact(42, "Caf\xC3\xA9 tea", &values, &draft, &err), TP_OK);
    encode(&draft, &buf);
    decode(draft.name, &buf);
    assert_true(tp_change_creates(&change));
    assert_int_equal(change.entity, TP_CONTACT);
    assert_int_equal(change.fields_count, 5);
    assert_int_equal(change.fields[0].code, TP_FIELD_PERSON);
    assert_int_equal(change.fields[4].code, TP_CONTACT_NOTE);
    assert_int_equal(change.reading.era, 1);
    assert_true(change.reading.up_ms == draft.reading.up_ms);
    assert_true(change.reading.wall_ms == draft.reading.wall_ms);
    assert_true(tp_slice_is(change.worker, "Amina"));
    assert_int_equal(change.kinds, 0);
    assert_false(change.restricts || change.has_unknown_key || change.has_unknown_kind);
    assert_true(tp_slice_eq(change.bytes, tp_buf_slice(&buf)));
    assert_true(value_of(TP_FIELD_PERSON)->names[0].device == sample_there);
    assert_true(value_of(TP_FIELD_PERSON)->names[0].seq == 41);
    assert_true(value_of(TP_CONTACT_HAPPENED_AT)->number == INT64_C(1767222000000));
    assert_true(tp_slice_is(value_of(TP_CONTACT_NOTE)->text, "Caf\xC3\xA9 tea"));
    tp_buf_done(&buf);
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_change__an_update_names_what_was_seen_in_any_order(void **state)
{
    (void)state;
    tp_err err = {0};
    tp_buf buf;
    tp_buf_init(&buf, TP_CHANGE_BYTES_MAX);
    const tp_name heads[] = {{sample_here, 40}, {sample_there, 7}, {sample_here, 40}, {1, 9}};
    tp_value level = sample_text(TP_TYPE_CODE, "high");
    tp_value no_view = sample_null(TP_TYPE_TEXT);
    tp_change_draft draft = sample_draft(42, TP_NEED);
    draft.record.device = sample_there;
    draft.record.seq = 5;
    draft.restricts = true;
    draft.kinds = TP_KIND_BIT(TP_KIND_MENTAL_HEALTH) | TP_KIND_BIT(TP_KIND_HOUSING);
    assert_int_equal(tp_change_draft_see(&draft, TP_NEED_SUPPORT_FROM, &heads[1], 1, &err), TP_OK);
    assert_int_equal(tp_change_draft_see(&draft, TP_NEED_LEVEL, heads, 4, &err), TP_OK);
    assert_int_equal(tp_change_draft_set(&draft, TP_NEED_OWN_VIEW, &no_view, &err), TP_OK);
    assert_int_equal(tp_change_draft_set(&draft, TP_NEED_LEVEL, &level, &err), TP_OK);
    encode(&draft, &buf);
    decode(draft.name, &buf);
    assert_false(tp_change_creates(&change));
    assert_true(tp_name_eq(change.record, draft.record));
    assert_true(change.restricts);
    assert_int_equal(change.kinds, draft.kinds);
    assert_int_equal(change.fields_count, 3);
    const tp_change_field *field = tp_change_field_of(&change, TP_NEED_LEVEL);
    assert_int_equal(field->seen_count, 3); /* sorted, each once */
    assert_true(change.seen[field->seen_at].device == 1);
    assert_true(change.seen[field->seen_at + 1].device == sample_there);
    assert_true(tp_name_eq(change.seen[field->seen_at + 2], heads[0]));
    field = tp_change_field_of(&change, TP_NEED_SUPPORT_FROM);
    assert_false(field->has_value);
    assert_int_equal(field->seen_count, 1);
    field = tp_change_field_of(&change, TP_NEED_OWN_VIEW);
    assert_true(field->has_value);
    assert_int_equal(field->seen_count, 0);
    assert_true(value_of(TP_NEED_OWN_VIEW)->is_null);
    tp_buf_done(&buf);
}

/* Who takes a record back takes back what a newer program put there as well. */
static void test_change__an_update_names_what_it_saw_of_a_newer_field(void **state)
{
    (void)state;
    enum { NEWER = 99 };
    tp_err err = {0};
    tp_buf buf;
    tp_buf_init(&buf, TP_CHANGE_BYTES_MAX);
    const tp_name head = {sample_there, 7};
    const tp_value reason = sample_text(TP_TYPE_CODE, "wrong_person");
    tp_change_draft draft = sample_draft(42, TP_CONTACT);
    draft.record = (tp_name){sample_there, 5};
    assert_int_equal(tp_change_draft_set(&draft, TP_FIELD_RETRACTED, &reason, &err), TP_OK);
    assert_int_equal(tp_change_draft_see(&draft, NEWER, &head, 1, &err), TP_OK);
    encode(&draft, &buf);
    decode(draft.name, &buf);
    const tp_change_field *field = tp_change_field_of(&change, NEWER);
    assert_false(field->has_value);
    assert_int_equal(field->seen_count, 1);
    assert_true(tp_name_eq(change.seen[field->seen_at], head));
    tp_buf_done(&buf);
}

/* Every type of value, there and back. */
static void test_change__values_of_each_type_come_back(void **state)
{
    (void)state;
    tp_err err = {0};
    tp_buf buf;
    tp_buf_init(&buf, TP_CHANGE_BYTES_MAX);
    tp_value kinds = sample_texts(TP_TYPE_CODES, "money", "housing");
    tp_value agencies = sample_texts(TP_TYPE_AGENCIES, "*", NULL);
    tp_value version = sample_number(TP_TYPE_COUNT, 3);
    tp_value ends_on = sample_text(TP_TYPE_DATE, "2026-07-12");
    tp_value persons = sample_record(sample_there, 9);
    persons.type = TP_TYPE_RECORDS;
    persons.names[1] = (tp_name){sample_here, 4};
    persons.names_count = 2;
    tp_change_draft draft = sample_draft(42, TP_CONSENT);
    assert_int_equal(tp_change_draft_set(&draft, TP_CONSENT_KINDS, &kinds, &err), TP_OK);
    assert_int_equal(tp_change_draft_set(&draft, TP_CONSENT_AGENCIES, &agencies, &err), TP_OK);
    assert_int_equal(tp_change_draft_set(&draft, TP_CONSENT_WORDING_VERSION, &version, &err),
                     TP_OK);
    assert_int_equal(tp_change_draft_set(&draft, TP_CONSENT_ENDS_ON, &ends_on, &err), TP_OK);
    assert_int_equal(tp_change_draft_set(&draft, TP_CONSENT_PERSONS, &persons, &err), TP_OK);
    encode(&draft, &buf);
    decode(draft.name, &buf);
    assert_int_equal(value_of(TP_CONSENT_KINDS)->texts_count, 2);
    assert_true(tp_slice_is(value.texts[0], "housing"));
    assert_true(tp_slice_is(value_of(TP_CONSENT_AGENCIES)->texts[0], "*"));
    assert_true(value_of(TP_CONSENT_WORDING_VERSION)->number == 3);
    assert_true(tp_slice_is(value_of(TP_CONSENT_ENDS_ON)->text, "2026-07-12"));
    assert_int_equal(value_of(TP_CONSENT_PERSONS)->names_count, 2);
    assert_true(tp_field_value_same(tp_field_of(TP_CONSENT, TP_CONSENT_PERSONS), &value, &persons));

    tp_buf_clear(&buf);
    tp_value holder = sample_texts(TP_TYPE_HOLDER, "northside", "Jo");
    draft = sample_draft(42, TP_HELP_REQUEST);
    draft.worker.bytes = 0; /* a kiosk */
    assert_int_equal(tp_change_draft_set(&draft, TP_REQUEST_HOLDER, &holder, &err), TP_OK);
    encode(&draft, &buf);
    decode(draft.name, &buf);
    assert_int_equal(change.worker.bytes, 0);
    assert_true(tp_slice_is(value_of(TP_REQUEST_HOLDER)->texts[1], "Jo"));

    tp_buf_clear(&buf);
    tp_value yes = sample_number(TP_TYPE_BOOL, 1);
    draft = sample_draft(42, TP_NEED);
    assert_int_equal(tp_change_draft_set(&draft, TP_NEED_SUPPORT_IN_PLACE, &yes, &err), TP_OK);
    encode(&draft, &buf);
    decode(draft.name, &buf);
    assert_true(value_of(TP_NEED_SUPPORT_IN_PLACE)->number == 1);
    tp_buf_done(&buf);
}

/* Refusals are rows of raw bytes: the head of a sound change, then what the row is about. */
#define SALT "\x00\x48\x01\x23\x45\x67\x89\xAB\xCD\xEF"
#define READING "\x05\x83\x01\x19\x03\xE8\x1A\x65\x00\x00\x00"
#define ROW(row, bytes, rc)                                                                        \
    {                                                                                              \
        row, bytes, sizeof bytes - 1, rc, NULL                                                     \
    }
#define SAYS(row, bytes, rc, what)                                                                 \
    {                                                                                              \
        row, bytes, sizeof bytes - 1, rc, what                                                     \
    }

typedef struct decode_row {
    const char *row;
    const char *at;
    size_t bytes;
    tp_rc rc;
    const char *what; /* how the text begins; NULL: whatever */
} decode_row;

static const decode_row decodes[] = {
    ROW("no fields", "\xA4" SALT "\x01\x03\x03\xA0" READING, TP_OK),
    ROW("an unknown entity", "\xA4" SALT "\x01\x18\x63\x03\xA1\x0A\xF5" READING, TP_OK),
    ROW("an unknown field", "\xA4" SALT "\x01\x03\x03\xA1\x18\xC8\x81\x01" READING, TP_OK),
    ROW("an unknown key", "\xA5" SALT "\x01\x03\x03\xA0" READING "\x09\x81\x01", TP_OK),
    ROW("an unknown kind", "\xA5" SALT "\x01\x03\x03\xA0" READING "\x07\x81\x64pets", TP_OK),
    ROW("an own name", "\xA5" SALT "\x01\x03\x02\x05\x03\xA0" READING, TP_OK),
    ROW("another's name", "\xA5" SALT "\x01\x03\x02\x82\x07\x18\x99\x03\xA0" READING, TP_OK),
    ROW("a reading before 1970", "\xA4" SALT "\x01\x03\x03\xA0\x05\x83\x01\x00\x20", TP_OK),
    ROW("a cleared field", "\xA4" SALT "\x01\x03\x03\xA1\x0D\xF6" READING, TP_OK),

    ROW("nothing", "", TP_CORRUPT),
    ROW("no map", "\x80", TP_CORRUPT),
    ROW("an empty map", "\xA0", TP_CORRUPT),
    ROW("a stub", "\xA1\x01\x03", TP_CORRUPT),
    ROW("no salt", "\xA3\x01\x03\x03\xA0" READING, TP_CORRUPT),
    ROW("no entity", "\xA3" SALT "\x03\xA0" READING, TP_CORRUPT),
    ROW("no fields", "\xA3" SALT "\x01\x03" READING, TP_CORRUPT),
    ROW("no reading", "\xA3" SALT "\x01\x03\x03\xA0", TP_CORRUPT),
    ROW("a salt of seven bytes", "\xA4\x00\x47\x01\x23\x45\x67\x89\xAB\xCD\x01\x03\x03\xA0" READING,
        TP_CORRUPT),
    ROW("a salt of nine bytes",
        "\xA4\x00\x49\x01\x23\x45\x67\x89\xAB\xCD\xEF\x00\x01\x03\x03\xA0" READING, TP_LIMIT),
    ROW("entity 0", "\xA4" SALT "\x01\x00\x03\xA0" READING, TP_CORRUPT),
    ROW("an entity above 32 bits",
        "\xA4" SALT "\x01\x1B\x00\x00\x00\x01\x00\x00\x00\x00\x03\xA0" READING, TP_CORRUPT),
    ROW("keys the wrong way round", "\xA4" SALT "\x03\xA0\x01\x03" READING, TP_CORRUPT),
    ROW("a key twice", "\xA5" SALT "\x01\x03\x01\x03\x03\xA0" READING, TP_CORRUPT),
    ROW("a key that is text", "\xA5" SALT "\x01\x03\x03\xA0" READING "\x61\x61\x00", TP_CORRUPT),
    ROW("a key in its long form", "\xA4" SALT "\x18\x01\x03\x03\xA0" READING, TP_CORRUPT),
    ROW("bytes after the end", "\xA4" SALT "\x01\x03\x03\xA0" READING "\x00", TP_CORRUPT),
    ROW("a map of more pairs than limits allow",
        "\xB8\x41" SALT "\x01\x03\x03\xA0" READING
        "                                                        "
        "                                                        ",
        TP_LIMIT),

    ROW("its own name as record", "\xA5" SALT "\x01\x03\x02\x18\x2A\x03\xA0" READING, TP_CORRUPT),
    ROW("a record not written yet", "\xA5" SALT "\x01\x03\x02\x18\x2B\x03\xA0" READING, TP_CORRUPT),
    ROW("record 0", "\xA5" SALT "\x01\x03\x02\x00\x03\xA0" READING, TP_CORRUPT),
    ROW("a record of device 0", "\xA5" SALT "\x01\x03\x02\x82\x00\x01\x03\xA0" READING, TP_CORRUPT),
    ROW("an own record with the device",
        "\xA5" SALT "\x01\x03\x02\x82\x1B\xA1\xB2\xC3\xD4\xE5\xF6\x07\x18\x01\x03\xA0" READING,
        TP_CORRUPT),
    ROW("a name of three", "\xA5" SALT "\x01\x03\x02\x83\x01\x01\x01\x03\xA0" READING, TP_CORRUPT),
    ROW("a seq above 40 bits",
        "\xA5" SALT "\x01\x03\x02\x82\x01\x1B\x00\x00\x01\x00\x00\x00\x00\x00\x03\xA0" READING,
        TP_CORRUPT),

    ROW("fields the wrong way round", "\xA4" SALT "\x01\x03\x03\xA2\x0D\xF6\x0B\xF6" READING,
        TP_CORRUPT),
    ROW("a field twice", "\xA4" SALT "\x01\x03\x03\xA2\x0D\xF6\x0D\xF6" READING, TP_CORRUPT),
    ROW("field 0", "\xA4" SALT "\x01\x03\x03\xA1\x00\xF6" READING, TP_CORRUPT),
    ROW("an unknown field that is no CBOR", "\xA4" SALT "\x01\x03\x03\xA1\x18\xC8\x1F" READING,
        TP_CORRUPT),
    ROW("an unknown field nested too deep",
        "\xA4" SALT "\x01\x03\x03\xA1\x18\xC8\x81\x81\x81\x81\x81\x81\x81\x81\x00" READING,
        TP_LIMIT),
    SAYS("a number where a text belongs", "\xA4" SALT "\x01\x03\x03\xA1\x0D\x05" READING,
         TP_INVALID, "note: "),
    SAYS("a text where a number belongs", "\xA4" SALT "\x01\x03\x03\xA1\x0A\x61\x35" READING,
         TP_INVALID, "happened_at: "),
    SAYS("a text where yes or no belongs", "\xA4" SALT "\x01\x06\x03\xA1\x0C\x61y" READING,
         TP_INVALID, "support_in_place: "),
    SAYS("a text where a set belongs", "\xA4" SALT "\x01\x03\x03\xA1\x01\x61\x61" READING,
         TP_INVALID, "info: "),
    SAYS("a set of numbers", "\xA4" SALT "\x01\x03\x03\xA1\x01\x81\x01" READING, TP_INVALID,
         "info: "),
    SAYS("a set the wrong way round",
         "\xA4" SALT "\x01\x03\x03\xA1\x01\x82\x61\x62\x61\x61" READING, TP_INVALID, "info: "),
    SAYS("a set with one twice", "\xA4" SALT "\x01\x03\x03\xA1\x01\x82\x61\x61\x61\x61" READING,
         TP_INVALID, "info: "),
    SAYS("a holder of one", "\xA4" SALT "\x01\x04\x03\xA1\x0F\x81\x61\x61" READING, TP_INVALID,
         "holder: "),
    SAYS("a person not written yet", "\xA4" SALT "\x01\x03\x03\xA1\x03\x18\x2A" READING, TP_INVALID,
         "person: "),
    SAYS("a count below 0", "\xA4" SALT "\x01\x05\x03\xA1\x10\x20" READING, TP_INVALID,
         "wording_version: "),
    SAYS("an instant after the year 9999",
         "\xA4" SALT "\x01\x03\x03\xA1\x0A\x1B\x00\x00\xE6\x77\xD2\x1F\xDC\x00" READING, TP_INVALID,
         "happened_at: "),
    SAYS("a note that is not UTF-8", "\xA4" SALT "\x01\x03\x03\xA1\x0D\x61\xFF" READING, TP_CORRUPT,
         "note: "),

    ROW("seen nothing at all", "\xA5" SALT "\x01\x03\x03\xA0\x04\xA0" READING, TP_CORRUPT),
    ROW("seen nothing of a field", "\xA5" SALT "\x01\x03\x03\xA0\x04\xA1\x0D\x80" READING,
        TP_CORRUPT),
    ROW("seen what is not written", "\xA5" SALT "\x01\x03\x03\xA0\x04\xA1\x0D\x81\x18\x2A" READING,
        TP_CORRUPT),
    ROW("seen the wrong way round", "\xA5" SALT "\x01\x03\x03\xA0\x04\xA1\x0D\x82\x02\x01" READING,
        TP_CORRUPT),
    ROW("seen twice", "\xA5" SALT "\x01\x03\x03\xA0\x04\xA1\x0D\x82\x01\x01" READING, TP_CORRUPT),

    ROW("era 0", "\xA4" SALT "\x01\x03\x03\xA0\x05\x83\x00\x00\x00", TP_CORRUPT),
    ROW("a reading of two", "\xA4" SALT "\x01\x03\x03\xA0\x05\x82\x01\x00", TP_CORRUPT),
    ROW("an uptime below 0", "\xA4" SALT "\x01\x03\x03\xA0\x05\x83\x01\x20\x00", TP_CORRUPT),
    ROW("a wall clock beyond all years",
        "\xA4" SALT "\x01\x03\x03\xA0\x05\x83\x01\x00\x1B\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF",
        TP_CORRUPT),
    ROW("an empty worker", "\xA5" SALT "\x01\x03\x03\xA0" READING "\x06\x60", TP_CORRUPT),
    ROW("no kinds", "\xA5" SALT "\x01\x03\x03\xA0" READING "\x07\x80", TP_CORRUPT),
    ROW("kinds the wrong way round",
        "\xA5" SALT "\x01\x03\x03\xA0" READING "\x07\x82\x65money\x67housing", TP_CORRUPT),
    ROW("restricts false", "\xA5" SALT "\x01\x03\x03\xA0" READING "\x08\xF4", TP_CORRUPT),
};

static void test_change_decode__takes_what_is_sound_and_refuses_the_rest(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof decodes / sizeof decodes[0]; i++) {
        const decode_row *row = &decodes[i];
        tp_err err = {0};
        tp_rc rc = tp_change_decode(name_42, tp_slice_of(row->at, row->bytes), &change, &err);
        if (rc != row->rc) {
            fail_msg("%s: rc %d, %s", row->row, rc, err.what);
        }
        if (row->what != NULL && strncmp(err.what, row->what, strlen(row->what)) != 0) {
            fail_msg("%s: says %s", row->row, err.what);
        }
    }
}

static void test_change_decode__keeps_what_it_does_not_know(void **state)
{
    (void)state;
    tp_err err = {0};
    static const char bytes[] = "\xA6" SALT "\x01\x03\x03\xA1\x18\xC8\x82\x01\x02" READING
                                "\x07\x82\x67housing\x64pets\x09\x81\x01";
    assert_int_equal(tp_change_decode(name_42, tp_slice_of(bytes, sizeof bytes - 1), &change, &err),
                     TP_OK);
    const tp_change_field *field = tp_change_field_of(&change, 200);
    assert_non_null(field);
    assert_true(field->has_value);
    assert_true(tp_slice_eq(field->value, tp_slice_of("\x82\x01\x02", 3)));
    assert_int_equal(change.kinds, TP_KIND_BIT(TP_KIND_HOUSING));
    assert_true(change.has_unknown_kind);
    assert_true(change.has_unknown_key);
}

static void test_change_decode__cut_anywhere_is_refused(void **state)
{
    (void)state;
    tp_err err = {0};
    tp_buf buf;
    tp_buf_init(&buf, TP_CHANGE_BYTES_MAX);
    sample_contact_values values;
    tp_change_draft draft;
    assert_int_equal(sample_contact(42, "tea", &values, &draft, &err), TP_OK);
    encode(&draft, &buf);
    for (size_t bytes = 0; bytes < buf.bytes; bytes++) {
        tp_rc rc = tp_change_decode(name_42, tp_slice_of(buf.at, bytes), &change, &err);
        assert_true(rc == TP_CORRUPT);
    }
    tp_buf_done(&buf);
}

/* A map of so many fields, each null, in an entity nobody knows. */
static void many_fields(tp_buf *buf, uint32_t set, uint32_t seen, uint32_t names)
{
    tp_err err = {0};
    tp_cbor_writer w = tp_cbor_writer_of(buf, &err);
    tp_cbor_put_map(&w, seen > 0 ? 5 : 4);
    tp_cbor_put_raw(&w, tp_slice_of(SALT "\x01\x18\x63\x03", sizeof SALT + 3));
    tp_cbor_put_map(&w, set);
    for (uint32_t code = 1; code <= set; code++) {
        tp_cbor_put_uint(&w, code);
        tp_cbor_put_null(&w);
    }
    if (seen > 0) {
        tp_cbor_put_uint(&w, 4);
        tp_cbor_put_map(&w, seen);
    }
    for (uint32_t code = 101; code < 101 + seen; code++) {
        tp_cbor_put_uint(&w, code);
        tp_cbor_put_array(&w, names);
        for (uint32_t seq = 1; seq <= names; seq++) {
            tp_cbor_put_uint(&w, seq);
        }
    }
    tp_cbor_put_raw(&w, tp_slice_of(READING, sizeof READING - 1));
    assert_int_equal(w.rc, TP_OK);
}

static void test_change_decode__holds_its_limits(void **state)
{
    (void)state;
    static const struct {
        uint32_t set, seen, names;
        tp_rc rc;
    } rows[] = {
        {48, 0, 0, TP_OK},     {49, 0, 0, TP_LIMIT},  {24, 24, 1, TP_OK},
        {24, 25, 1, TP_LIMIT}, {0, 1, 1024, TP_OK},   {0, 1, 1025, TP_LIMIT},
        {0, 2, 512, TP_OK},    {0, 2, 513, TP_LIMIT}, {0, 48, 21, TP_OK},
    };
    tp_buf buf;
    tp_buf_init(&buf, TP_CHANGE_BYTES_MAX);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_err err = {0};
        tp_name name = {sample_here, 5000};
        tp_buf_clear(&buf);
        many_fields(&buf, rows[i].set, rows[i].seen, rows[i].names);
        tp_rc rc = tp_change_decode(name, tp_buf_slice(&buf), &change, &err);
        if (rc != rows[i].rc) {
            fail_msg("row %zu: rc %d, %s", i, rc, err.what);
        }
    }
    tp_buf_done(&buf);
    tp_err err = {0};
    static uint8_t large[TP_CHANGE_BYTES_MAX + 1];
    assert_int_equal(tp_change_decode(name_42, tp_slice_of(large, sizeof large), &change, &err),
                     TP_LIMIT);
}

static void test_change_decode__refuses_an_impossible_name(void **state)
{
    (void)state;
    static const char bytes[] = "\xA4" SALT "\x01\x03\x03\xA0" READING;
    tp_slice s = tp_slice_of(bytes, sizeof bytes - 1);
    tp_err err = {0};
    assert_int_equal(tp_change_decode((tp_name){0, 1}, s, &change, &err), TP_CORRUPT);
    assert_int_equal(tp_change_decode((tp_name){1, 0}, s, &change, &err), TP_CORRUPT);
    assert_int_equal(tp_change_decode((tp_name){1, TP_SEQ_MAX + 1}, s, &change, &err), TP_CORRUPT);
    assert_int_equal(tp_change_decode((tp_name){1, TP_SEQ_MAX}, s, &change, &err), TP_OK);
}

typedef struct encode_row {
    const char *row;
    uint32_t entity, code;
    tp_value value;
    tp_rc rc;
    const char *what;
} encode_row;

static void test_change_encode__refuses_what_could_not_be_read_again(void **state)
{
    (void)state;
    static char long_text[TP_TEXT_BYTES_MAX + 2];
    memset(long_text, 'a', sizeof long_text - 1);
    tp_value empty_record = sample_record(1, 0);
    tp_value two_records = sample_record(1, 1);
    two_records.names_count = 2;
    tp_value holder_of_one = sample_texts(TP_TYPE_HOLDER, "northside", NULL);
    const encode_row rows[] = {
        {"an unknown entity", 99, 10, sample_text(TP_TYPE_TEXT, "a"), TP_INVALID, "there is no"},
        {"an unknown field", TP_CONTACT, 99, sample_text(TP_TYPE_TEXT, "a"), TP_INVALID, "entity"},
        {"another type", TP_CONTACT, TP_CONTACT_NOTE, sample_number(TP_TYPE_COUNT, 1), TP_INVALID,
         "note: "},
        {"not UTF-8", TP_CONTACT, TP_CONTACT_NOTE, sample_text(TP_TYPE_TEXT, "\xFF"), TP_INVALID,
         "note: "},
        {"too long", TP_CONTACT, TP_CONTACT_NOTE, sample_text(TP_TYPE_TEXT, long_text), TP_LIMIT,
         "note: "},
        {"no name", TP_CONTACT, TP_FIELD_PERSON, empty_record, TP_INVALID, "person: "},
        {"itself", TP_CONTACT, TP_FIELD_PERSON, sample_record(sample_here, 42), TP_INVALID,
         "person: "},
        {"two names for one", TP_CONTACT, TP_FIELD_PERSON, two_records, TP_INVALID, "person: "},
        {"a holder of one", TP_HELP_REQUEST, TP_REQUEST_HOLDER, holder_of_one, TP_INVALID,
         "holder: "},
        {"neither yes nor no", TP_NEED, TP_NEED_SUPPORT_IN_PLACE, sample_number(TP_TYPE_BOOL, 2),
         TP_INVALID, "support_in_place: "},
        {"less than none", TP_CONSENT, TP_CONSENT_WORDING_VERSION, sample_number(TP_TYPE_COUNT, -1),
         TP_INVALID, "wording_version: "},
        {"beyond all years", TP_CONTACT, TP_CONTACT_HAPPENED_AT,
         sample_number(TP_TYPE_INSTANT, TP_TIME_MS_MAX + 1), TP_INVALID, "happened_at: "},
    };
    tp_buf buf;
    tp_buf_init(&buf, TP_CHANGE_BYTES_MAX);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_err err = {0};
        tp_change_draft draft = sample_draft(42, rows[i].entity);
        assert_int_equal(tp_change_draft_set(&draft, rows[i].code, &rows[i].value, &err), TP_OK);
        tp_rc rc = tp_change_encode(&draft, &buf, &err);
        if (rc != rows[i].rc || strncmp(err.what, rows[i].what, strlen(rows[i].what)) != 0) {
            fail_msg("%s: rc %d, says %s", rows[i].row, rc, err.what);
        }
        assert_int_equal(buf.bytes, 0);
    }
    tp_buf_done(&buf);
}

static void test_change_encode__refuses_a_bad_envelope(void **state)
{
    (void)state;
    tp_err err = {0};
    tp_buf buf;
    tp_buf_init(&buf, TP_CHANGE_BYTES_MAX);
    const tp_name later = {sample_here, 43};
    tp_change_draft good = sample_draft(42, TP_CONTACT);
    tp_change_draft draft = good;
    draft.reading.era = 0;
    assert_int_equal(tp_change_encode(&draft, &buf, &err), TP_INVALID);
    draft = good;
    draft.reading.up_ms = -1;
    assert_int_equal(tp_change_encode(&draft, &buf, &err), TP_INVALID);
    draft = good;
    draft.record = later;
    assert_int_equal(tp_change_encode(&draft, &buf, &err), TP_INVALID);
    draft = good;
    assert_int_equal(tp_change_draft_see(&draft, TP_CONTACT_NOTE, &later, 1, &err), TP_OK);
    assert_int_equal(tp_change_encode(&draft, &buf, &err), TP_INVALID);
    draft = good;
    draft.kinds = TP_KIND_BIT(TP_KIND_COUNT);
    assert_int_equal(tp_change_encode(&draft, &buf, &err), TP_INVALID);
    draft = good;
    draft.worker = tp_slice_str("\xC3");
    assert_int_equal(tp_change_encode(&draft, &buf, &err), TP_INVALID);
    assert_int_equal(tp_change_encode(&good, &buf, &err), TP_OK);
    tp_buf_done(&buf);
}

static void test_change_encode__without_memory_or_room_leaves_the_buffer(void **state)
{
    (void)state;
    tp_err err = {0};
    sample_contact_values values;
    tp_change_draft draft;
    assert_int_equal(sample_contact(42, "tea", &values, &draft, &err), TP_OK);
    tp_buf buf;
    tp_buf_init(&buf, 4096);
    encode(&draft, &buf);
    size_t bytes = buf.bytes;
    tp_buf_done(&buf);
    for (size_t ceiling = 0; ceiling < bytes; ceiling++) {
        tp_buf_init(&buf, ceiling);
        assert_int_equal(tp_change_encode(&draft, &buf, &err), TP_LIMIT);
        assert_int_equal(buf.bytes, 0);
        tp_buf_done(&buf);
    }
    tp_buf_init(&buf, 4096);
    for (int nth = 1; nth <= 2; nth++) {
        char fault[32];
        snprintf(fault, sizeof fault, "alloc.nth:%d", nth);
        tp_fault_set(fault);
        assert_int_equal(tp_change_encode(&draft, &buf, &err), TP_NOMEM);
        tp_fault_set(NULL);
        assert_int_equal(buf.bytes, 0);
        tp_buf_done(&buf);
    }
    assert_int_equal(tp_alloc_live(), 0);
}

static void test_change_decode_reading__is_the_changes(void **state)
{
    (void)state;
    tp_err err = {0};
    tp_era_reading reading = {0};
    /* A field of the wrong type does not stand in its way. */
    static const char bytes[] = "\xA4" SALT "\x01\x03\x03\xA1\x0D\x05" READING;
    assert_int_equal(tp_change_decode_reading(tp_slice_of(bytes, sizeof bytes - 1), &reading, &err),
                     TP_OK);
    assert_int_equal(reading.era, 1);
    assert_true(reading.up_ms == 1000);
    assert_true(reading.wall_ms == 0x65000000 + 1000);
    assert_int_equal(tp_change_decode_reading(tp_slice_of("\xA1\x01\x03", 3), &reading, &err),
                     TP_CORRUPT);
}

static void test_stub__names_what_the_change_replaced(void **state)
{
    (void)state;
    tp_err err = {0};
    tp_buf buf;
    tp_buf stub;
    tp_buf_init(&buf, TP_CHANGE_BYTES_MAX);
    tp_buf_init(&stub, TP_CHANGE_BYTES_MAX);
    const tp_name replaced = {sample_there, 7};
    const tp_name merely_seen = {sample_there, 6};
    tp_value view = sample_text(TP_TYPE_TEXT, "I manage");
    tp_change_draft draft = sample_draft(42, TP_NEED);
    draft.record = (tp_name){sample_there, 5};
    assert_int_equal(tp_change_draft_set(&draft, TP_NEED_OWN_VIEW, &view, &err), TP_OK);
    assert_int_equal(tp_change_draft_see(&draft, TP_NEED_OWN_VIEW, &replaced, 1, &err), TP_OK);
    assert_int_equal(tp_change_draft_see(&draft, TP_NEED_SUPPORT_FROM, &merely_seen, 1, &err),
                     TP_OK);
    encode(&draft, &buf);
    decode(draft.name, &buf);
    assert_int_equal(tp_stub_encode(&change, &stub, &err), TP_OK);
    assert_true(stub.bytes < 32);
    assert_int_equal(tp_stub_decode(draft.name, tp_buf_slice(&stub), &change, &err), TP_OK);
    assert_true(tp_name_eq(change.record, draft.record));
    assert_int_equal(change.entity, TP_NEED);
    assert_int_equal(change.fields_count, 1);
    assert_int_equal(change.fields[0].code, TP_NEED_OWN_VIEW);
    assert_false(change.fields[0].has_value);
    assert_int_equal(change.seen_count, 1);
    assert_true(tp_name_eq(change.seen[0], replaced));
    assert_int_equal(tp_change_decode(draft.name, tp_buf_slice(&stub), &change, &err), TP_CORRUPT);
    assert_int_equal(tp_stub_decode(draft.name, tp_buf_slice(&buf), &change, &err), TP_CORRUPT);
    tp_buf_done(&buf);
    tp_buf_done(&stub);
}

static void test_stub__of_a_consent_event_keeps_what_it_was_written_in_sight_of(void **state)
{
    (void)state;
    tp_err err = {0};
    tp_buf buf;
    tp_buf stub;
    tp_buf_init(&buf, TP_CHANGE_BYTES_MAX);
    tp_buf_init(&stub, TP_CHANGE_BYTES_MAX);
    tp_value sight = {.type = TP_TYPE_RECORDS, .names_count = 2};
    sight.names[0] = (tp_name){sample_there, 7};
    sight.names[1] = (tp_name){sample_there, 9};
    tp_value decision = sample_text(TP_TYPE_CODE, "withdrawn");
    tp_change_draft draft = sample_draft(42, TP_CONSENT);
    assert_int_equal(tp_change_draft_set(&draft, TP_CONSENT_DECISION, &decision, &err), TP_OK);
    assert_int_equal(tp_change_draft_set(&draft, TP_CONSENT_IN_SIGHT, &sight, &err), TP_OK);
    encode(&draft, &buf);
    decode(draft.name, &buf);
    assert_int_equal(tp_stub_encode(&change, &stub, &err), TP_OK);
    assert_int_equal(tp_stub_decode(draft.name, tp_buf_slice(&stub), &change, &err), TP_OK);
    assert_int_equal(change.fields_count, 1);
    assert_int_equal(change.fields[0].code, TP_CONSENT_IN_SIGHT);
    assert_false(change.fields[0].has_value);
    assert_int_equal(change.seen_count, 2);
    assert_true(tp_name_eq(change.seen[0], sight.names[0]));
    assert_true(tp_name_eq(change.seen[1], sight.names[1]));
    tp_buf_done(&buf);
    tp_buf_done(&stub);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_change__a_contact_comes_back_as_it_was_written),
        cmocka_unit_test(test_change__an_update_names_what_was_seen_in_any_order),
        cmocka_unit_test(test_change__an_update_names_what_it_saw_of_a_newer_field),
        cmocka_unit_test(test_change__values_of_each_type_come_back),
        cmocka_unit_test(test_change_decode__takes_what_is_sound_and_refuses_the_rest),
        cmocka_unit_test(test_change_decode__keeps_what_it_does_not_know),
        cmocka_unit_test(test_change_decode__cut_anywhere_is_refused),
        cmocka_unit_test(test_change_decode__holds_its_limits),
        cmocka_unit_test(test_change_decode__refuses_an_impossible_name),
        cmocka_unit_test(test_change_encode__refuses_what_could_not_be_read_again),
        cmocka_unit_test(test_change_encode__refuses_a_bad_envelope),
        cmocka_unit_test(test_change_encode__without_memory_or_room_leaves_the_buffer),
        cmocka_unit_test(test_change_decode_reading__is_the_changes),
        cmocka_unit_test(test_stub__names_what_the_change_replaced),
        cmocka_unit_test(test_stub__of_a_consent_event_keeps_what_it_was_written_in_sight_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
