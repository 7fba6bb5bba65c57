/* Names and sets inside a change. */
#include "sync/wire/name.h"

#include "platform/base/limits.h"
#include "schema/value.h"

#include <assert.h>

bool tp_wire_name_may_stand_in(tp_name name, tp_name author)
{
    if (name.device == 0 || name.seq == 0 || name.seq > TP_SEQ_MAX) {
        return false;
    }
    return name.device != author.device || name.seq < author.seq;
}

tp_name tp_wire_name_read(tp_cbor_reader *reader, tp_name author)
{
    tp_name name = author;
    if (tp_cbor_peek(reader) == TP_CBOR_UINT) {
        name.seq = tp_cbor_uint(reader, TP_SEQ_MAX);
    } else {
        tp_cbor_array_of(reader, 2);
        name.device = tp_cbor_uint(reader, UINT64_MAX);
        name.seq = tp_cbor_uint(reader, TP_SEQ_MAX);
        if (name.device == author.device) {
            tp_cbor_fail(reader, TP_CORRUPT, "a name of the same device that repeats the device");
        }
    }
    if (!tp_wire_name_may_stand_in(name, author)) {
        tp_cbor_fail(reader, TP_CORRUPT, "a name of nothing, or of what is not written yet");
    }
    return name;
}

void tp_wire_name_put(tp_cbor_writer *writer, tp_name author, tp_name name)
{
    if (name.device != author.device) {
        tp_cbor_put_array(writer, 2);
        tp_cbor_put_uint(writer, name.device);
    }
    tp_cbor_put_uint(writer, name.seq);
}

int tp_wire_text_cmp(tp_slice a, tp_slice b)
{
    size_t common = a.bytes < b.bytes ? a.bytes : b.bytes;
    int order = common == 0 ? 0 : memcmp(a.at, b.at, common);
    if (order != 0) {
        return order;
    }
    return a.bytes < b.bytes ? -1 : a.bytes > b.bytes;
}

uint32_t tp_wire_texts_read(tp_cbor_reader *reader, uint32_t count_max, size_t bytes_max,
                            tp_slice *out)
{
    tp_slice before = {NULL, 0};
    uint32_t count = tp_cbor_array(reader, count_max);
    for (uint32_t i = 0; i < count && reader->rc == TP_OK; i++) {
        tp_slice text = tp_cbor_text(reader, bytes_max);
        if (i > 0 && tp_wire_text_cmp(before, text) >= 0) {
            tp_cbor_fail(reader, TP_CORRUPT, "a set that does not ascend");
        }
        if (out != NULL) {
            out[i] = text;
        }
        before = text;
    }
    return count;
}

uint32_t tp_wire_names_read(tp_cbor_reader *reader, tp_name author, uint32_t count_max,
                            tp_name *out)
{
    tp_name before = {0, 0};
    uint32_t count = tp_cbor_array(reader, count_max);
    for (uint32_t i = 0; i < count && reader->rc == TP_OK; i++) {
        tp_name name = tp_wire_name_read(reader, author);
        if (i > 0 && tp_name_cmp(before, name) >= 0) {
            tp_cbor_fail(reader, TP_CORRUPT, "a set that does not ascend");
        }
        if (out != NULL) {
            out[i] = name;
        }
        before = name;
    }
    return count;
}

/* Sets are small and mostly in order: insertion sort. */
uint32_t tp_wire_texts_sort(tp_slice *texts, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        tp_slice text = texts[i];
        uint32_t at = kept;
        while (at > 0 && tp_wire_text_cmp(texts[at - 1], text) > 0) {
            at--;
        }
        if (at > 0 && tp_wire_text_cmp(texts[at - 1], text) == 0) {
            continue;
        }
        memmove(&texts[at + 1], &texts[at], (kept - at) * sizeof texts[0]);
        texts[at] = text;
        kept++;
    }
    return kept;
}

uint32_t tp_wire_names_sort(tp_name *names, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        tp_name name = names[i];
        uint32_t at = kept;
        while (at > 0 && tp_name_cmp(names[at - 1], name) > 0) {
            at--;
        }
        if (at > 0 && tp_name_eq(names[at - 1], name)) {
            continue;
        }
        memmove(&names[at + 1], &names[at], (kept - at) * sizeof names[0]);
        names[at] = name;
        kept++;
    }
    return kept;
}

void tp_wire_texts_put(tp_cbor_writer *writer, const tp_slice *texts, uint32_t count)
{
    assert(count <= TP_VALUE_TEXTS_MAX);
    tp_slice sorted[TP_VALUE_TEXTS_MAX];
    if (count > 0) {
        memcpy(sorted, texts, count * sizeof texts[0]);
    }
    count = tp_wire_texts_sort(sorted, count);
    tp_cbor_put_array(writer, count);
    for (uint32_t i = 0; i < count; i++) {
        tp_cbor_put_text(writer, sorted[i]);
    }
}

void tp_wire_names_put(tp_cbor_writer *writer, tp_name author, const tp_name *names, uint32_t count)
{
    assert(count <= TP_CHANGE_NAMES_MAX);
    tp_name sorted[TP_CHANGE_NAMES_MAX];
    if (count > 0) {
        memcpy(sorted, names, count * sizeof names[0]);
    }
    count = tp_wire_names_sort(sorted, count);
    tp_cbor_put_array(writer, count);
    for (uint32_t i = 0; i < count; i++) {
        tp_wire_name_put(writer, author, sorted[i]);
    }
}
