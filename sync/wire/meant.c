/* What is meant by a name. */
#include "sync/wire/meant.h"

#include "platform/crypto/digest.h"
#include "sync/wire/chain.h"
#include "sync/wire/change_again.h"
#include "sync/wire/field_value.h"

#include <stdlib.h>

bool tp_meant_of(tp_name name, tp_slice bytes, tp_meant *out)
{
    uint8_t digest[TP_SHA256_BYTES];
    tp_change_digest(name, bytes, digest);
    out->name = name;
    memcpy(out->called, digest + sizeof digest - sizeof out->called, sizeof out->called);
    return tp_change_salt_of(bytes, out->salt);
}

tp_rc tp_meant_put(tp_buf *list, const tp_meant *meant, tp_err *err)
{
    uint8_t entry[TP_MEANT_BYTES];
    tp_digest_put_u64(entry, meant->name.device);
    tp_digest_put_u64(entry + 8, meant->name.seq);
    memcpy(entry + 16, meant->salt, sizeof meant->salt);
    memcpy(entry + 24, meant->called, sizeof meant->called);
    return tp_buf_add(list, entry, sizeof entry, err);
}

static uint64_t read_u64(const uint8_t *at)
{
    uint64_t n = 0;
    for (size_t i = 0; i < sizeof n; i++) {
        n = n << 8 | at[i];
    }
    return n;
}

static tp_name name_at(tp_slice list, size_t i)
{
    const uint8_t *at = list.at + i * TP_MEANT_BYTES;
    return (tp_name){read_u64(at), read_u64(at + 8)};
}

bool tp_meant_is_list(tp_slice list)
{
    tp_name before = {0, 0};
    for (size_t i = 0; i < list.bytes / TP_MEANT_BYTES; i++) {
        const tp_name name = name_at(list, i);
        if (name.device == 0 || name.seq == 0 || name.seq > TP_SEQ_MAX ||
            tp_name_cmp(name, before) <= 0) {
            return false;
        }
        before = name;
    }
    return list.bytes % TP_MEANT_BYTES == 0;
}

bool tp_meant_find(tp_slice list, tp_name name, tp_meant *out)
{
    size_t from = 0;
    size_t upto = list.bytes / TP_MEANT_BYTES;
    while (from < upto) {
        const size_t at = from + (upto - from) / 2;
        const int order = tp_name_cmp(name_at(list, at), name);
        if (order == 0) {
            out->name = name;
            memcpy(out->salt, list.at + at * TP_MEANT_BYTES + 16, sizeof out->salt);
            memcpy(out->called, list.at + at * TP_MEANT_BYTES + 24, sizeof out->called);
            return true;
        }
        from = order < 0 ? at + 1 : from;
        upto = order < 0 ? upto : at;
    }
    return false;
}

static int compare_names(const void *a, const void *b)
{
    return tp_name_cmp(*(const tp_name *)a, *(const tp_name *)b);
}

size_t tp_names_settle(tp_buf *buf)
{
    tp_name *names = (tp_name *)(void *)buf->at;
    const size_t count = buf->bytes / sizeof *names;
    size_t kept = 0;
    if (count > 0) {
        qsort(names, count, sizeof *names, compare_names);
    }
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || !tp_name_eq(names[kept - 1], names[i])) {
            names[kept++] = names[i];
        }
    }
    buf->bytes = kept * sizeof *names;
    return kept;
}

static tp_rc add_value(const tp_change *change, const tp_change_field *field, tp_value *value,
                       tp_buf *names, tp_err *err)
{
    tp_err unread;
    const tp_field_row *row = tp_field_of(change->entity, field->code);
    value->is_null = false;
    value->names_count = 0;
    if (!field->has_value || row == NULL ||
        tp_field_value_decode(row, change, field->value, value, &unread) != TP_OK ||
        value->is_null) {
        return TP_OK;
    }
    return tp_buf_add(names, value->names, value->names_count * sizeof value->names[0], err);
}

tp_rc tp_change_names(const tp_change *change, tp_value *value, tp_buf *names, tp_err *err)
{
    tp_rc rc = tp_change_creates(change)
                   ? TP_OK
                   : tp_buf_add(names, &change->record, sizeof change->record, err);
    if (rc == TP_OK) {
        rc = tp_buf_add(names, change->seen, change->seen_count * sizeof change->seen[0], err);
    }
    for (uint32_t i = 0; rc == TP_OK && i < change->fields_count; i++) {
        rc = add_value(change, &change->fields[i], value, names, err);
    }
    return rc;
}
