/* Values from bytes, by the type of their field. */
#include "sync/wire/field_value.h"

#include "sync/wire/field_value_read.h"
#include "sync/wire/name.h"

/* Reads one value into `out`, or only checks it where `out` is NULL. */
typedef void (*shape)(tp_cbor_reader *reader, tp_name author, tp_value *out);

static void read_text(tp_cbor_reader *reader, tp_name author, tp_value *out);
static void read_texts(tp_cbor_reader *reader, tp_name author, tp_value *out);
static void read_bool(tp_cbor_reader *reader, tp_name author, tp_value *out);
static void read_count(tp_cbor_reader *reader, tp_name author, tp_value *out);
static void read_instant(tp_cbor_reader *reader, tp_name author, tp_value *out);
static void read_holder(tp_cbor_reader *reader, tp_name author, tp_value *out);
static void read_record(tp_cbor_reader *reader, tp_name author, tp_value *out);
static void read_records(tp_cbor_reader *reader, tp_name author, tp_value *out);

static const shape shapes[] = {
    [TP_TYPE_TEXT] = read_text,       [TP_TYPE_CODE] = read_text,
    [TP_TYPE_CODES] = read_texts,     [TP_TYPE_BOOL] = read_bool,
    [TP_TYPE_COUNT] = read_count,     [TP_TYPE_INSTANT] = read_instant,
    [TP_TYPE_DATE] = read_text,       [TP_TYPE_PARTIAL_DATE] = read_text,
    [TP_TYPE_NHS_NUMBER] = read_text, [TP_TYPE_PHONE] = read_text,
    [TP_TYPE_GRID] = read_text,       [TP_TYPE_AGENCY] = read_text,
    [TP_TYPE_AGENCIES] = read_texts,  [TP_TYPE_HOLDER] = read_holder,
    [TP_TYPE_RECORD] = read_record,   [TP_TYPE_RECORDS] = read_records,
};

bool tp_field_value_read(tp_cbor_reader *reader, const tp_field_row *row, tp_name author,
                         tp_value *out)
{
    if (reader->rc != TP_OK) {
        return false;
    }
    tp_cbor_reader start = *reader;
    if (tp_cbor_peek(reader) == TP_CBOR_NULL) {
        tp_cbor_skip(reader);
        if (out != NULL) {
            out->is_null = true;
        }
        return true;
    }
    shapes[row->type](reader, author, out);
    if (reader->rc != TP_CORRUPT) {
        return reader->rc == TP_OK;
    }
    tp_cbor_skip(&start);
    if (start.rc == TP_OK) { /* a well-formed item: it is only no value of this field */
        reader->rc = TP_INVALID;
    }
    return false;
}

tp_rc tp_field_value_decode(const tp_field_row *row, const tp_change *change, tp_slice bytes,
                            tp_value *out, tp_err *err)
{
    tp_cbor_reader reader = tp_cbor_reader_of(bytes);
    out->type = row->type;
    out->is_null = false;
    out->text = tp_slice_of(NULL, 0);
    out->number = 0;
    out->texts_count = 0;
    out->names_count = 0;
    tp_field_value_read(&reader, row, change->name, out);
    return tp_cbor_end(&reader, row->name, err);
}

static void read_text(tp_cbor_reader *reader, tp_name author, tp_value *out)
{
    (void)author;
    tp_slice text = tp_cbor_text(reader, TP_TEXT_BYTES_MAX);
    if (out != NULL) {
        out->text = text;
    }
}

static void read_texts(tp_cbor_reader *reader, tp_name author, tp_value *out)
{
    (void)author;
    tp_slice *texts = out == NULL ? NULL : out->texts;
    uint32_t count = tp_wire_texts_read(reader, TP_VALUE_TEXTS_MAX, TP_TEXT_BYTES_MAX, texts);
    if (out != NULL) {
        out->texts_count = count;
    }
}

static void read_bool(tp_cbor_reader *reader, tp_name author, tp_value *out)
{
    (void)author;
    bool is_true = tp_cbor_bool(reader);
    if (out != NULL) {
        out->number = is_true;
    }
}

static void read_count(tp_cbor_reader *reader, tp_name author, tp_value *out)
{
    (void)author;
    uint64_t count = tp_cbor_uint(reader, TP_NUMBER_MAX);
    if (out != NULL) {
        out->number = (int64_t)count;
    }
}

static void read_instant(tp_cbor_reader *reader, tp_name author, tp_value *out)
{
    (void)author;
    int64_t ms = tp_cbor_int(reader, TP_TIME_MS_MIN, TP_TIME_MS_MAX);
    if (out != NULL) {
        out->number = ms;
    }
}

static void read_holder(tp_cbor_reader *reader, tp_name author, tp_value *out)
{
    (void)author;
    tp_cbor_array_of(reader, 2);
    tp_slice agency = tp_cbor_text(reader, TP_AGENCY_BYTES_MAX);
    tp_slice worker = tp_cbor_text(reader, TP_WORKER_BYTES_MAX);
    if (out != NULL) {
        out->texts[0] = agency;
        out->texts[1] = worker;
        out->texts_count = 2;
    }
}

static void read_record(tp_cbor_reader *reader, tp_name author, tp_value *out)
{
    tp_name name = tp_wire_name_read(reader, author);
    if (out != NULL) {
        out->names[0] = name;
        out->names_count = 1;
    }
}

static void read_records(tp_cbor_reader *reader, tp_name author, tp_value *out)
{
    tp_name *names = out == NULL ? NULL : out->names;
    uint32_t count = tp_wire_names_read(reader, author, TP_VALUE_NAMES_MAX, names);
    if (out != NULL) {
        out->names_count = count;
    }
}
