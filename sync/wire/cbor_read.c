/* The bounded reader.  Heads are read here and not by libcbor's stream decoder: half of its
 * callbacks would refuse what deterministic CBOR does not have, and they took a sixth of a node's
 * pull. */
#include "sync/wire/cbor.h"

#include "platform/base/limits.h"
#include "schema/utf8.h"

/* One head.  number: the value, the count, or the length of a string. */
typedef struct item {
    tp_cbor_type type;
    uint64_t number; /* NEGATIVE: -1 - the value */
    tp_slice string;
} item;

static const char cut_short[] = "cut short";
static const char wrong_type[] = "an item of another type";
static const char out_of_range[] = "a number out of range";

static bool next(tp_cbor_reader *reader, item *out);
static bool next_of(tp_cbor_reader *reader, tp_cbor_type type, item *out);
static uint32_t counted(tp_cbor_reader *reader, tp_cbor_type type, uint32_t count_max);
static tp_slice string_of(tp_cbor_reader *reader, tp_cbor_type type, size_t bytes_max);
static void skip_item(tp_cbor_reader *reader, unsigned depth);

tp_cbor_reader tp_cbor_reader_of(tp_slice bytes)
{
    tp_cbor_reader reader = {bytes.at, bytes.bytes, NULL, TP_OK};
    return reader;
}

void tp_cbor_fail(tp_cbor_reader *reader, tp_rc rc, const char *why)
{
    if (reader->rc == TP_OK) {
        reader->rc = rc;
        reader->why = why;
        reader->left = 0;
    }
}

tp_rc tp_cbor_end(tp_cbor_reader *reader, const char *what, tp_err *err)
{
    if (reader->left > 0) {
        tp_cbor_fail(reader, TP_CORRUPT, "bytes after its end");
    }
    if (reader->rc != TP_OK) {
        return tp_fail(err, reader->rc, "%s: %s", what, reader->why);
    }
    return TP_OK;
}

static tp_cbor_type type_of(uint8_t head)
{
    static const tp_cbor_type types[] = {TP_CBOR_UINT,  TP_CBOR_NEGATIVE, TP_CBOR_BYTES,
                                         TP_CBOR_TEXT,  TP_CBOR_ARRAY,    TP_CBOR_MAP,
                                         TP_CBOR_FAILED};
    switch (head) {
    case 0xF4:
    case 0xF5:
        return TP_CBOR_BOOL;
    case 0xF6:
        return TP_CBOR_NULL;
    default:
        return head >= 0xC0 ? TP_CBOR_FAILED : types[head >> 5];
    }
}

tp_cbor_type tp_cbor_peek(const tp_cbor_reader *reader)
{
    return reader->left == 0 ? TP_CBOR_FAILED : type_of(reader->at[0]);
}

uint64_t tp_cbor_uint(tp_cbor_reader *reader, uint64_t max)
{
    item it;
    if (!next_of(reader, TP_CBOR_UINT, &it)) {
        return 0;
    }
    if (it.number > max) {
        tp_cbor_fail(reader, TP_CORRUPT, out_of_range);
        return 0;
    }
    return it.number;
}

int64_t tp_cbor_int(tp_cbor_reader *reader, int64_t min, int64_t max)
{
    item it;
    if (!next(reader, &it)) {
        return 0;
    }
    if (it.type != TP_CBOR_UINT && it.type != TP_CBOR_NEGATIVE) {
        tp_cbor_fail(reader, TP_CORRUPT, wrong_type);
        return 0;
    }
    if (it.number > (uint64_t)INT64_MAX) {
        tp_cbor_fail(reader, TP_CORRUPT, out_of_range);
        return 0;
    }
    int64_t n = it.type == TP_CBOR_UINT ? (int64_t)it.number : -1 - (int64_t)it.number;
    if (n < min || n > max) {
        tp_cbor_fail(reader, TP_CORRUPT, out_of_range);
        return 0;
    }
    return n;
}

tp_slice tp_cbor_bytes(tp_cbor_reader *reader, size_t bytes_max)
{
    return string_of(reader, TP_CBOR_BYTES, bytes_max);
}

tp_slice tp_cbor_text(tp_cbor_reader *reader, size_t bytes_max)
{
    tp_slice text = string_of(reader, TP_CBOR_TEXT, bytes_max);
    if (!tp_utf8_is_valid(text)) {
        tp_cbor_fail(reader, TP_CORRUPT, "text that is not UTF-8");
        return tp_slice_of(NULL, 0);
    }
    return text;
}

bool tp_cbor_bool(tp_cbor_reader *reader)
{
    item it;
    return next_of(reader, TP_CBOR_BOOL, &it) && it.number == (0xF5 & 0x1F);
}

void tp_cbor_copy(tp_cbor_reader *reader, uint8_t *out, size_t bytes)
{
    tp_slice s = tp_cbor_bytes(reader, bytes);
    if (reader->rc == TP_OK && s.bytes != bytes) {
        tp_cbor_fail(reader, TP_CORRUPT, "a byte string of another length");
    }
    if (reader->rc == TP_OK) {
        memcpy(out, s.at, bytes);
    } else {
        memset(out, 0, bytes);
    }
}

uint32_t tp_cbor_array(tp_cbor_reader *reader, uint32_t count_max)
{
    return counted(reader, TP_CBOR_ARRAY, count_max);
}

void tp_cbor_array_of(tp_cbor_reader *reader, uint32_t count)
{
    item it;
    if (next_of(reader, TP_CBOR_ARRAY, &it) && it.number != count) {
        tp_cbor_fail(reader, TP_CORRUPT, "an array of another length");
    }
}

tp_slice tp_cbor_skip(tp_cbor_reader *reader)
{
    const uint8_t *start = reader->at;
    skip_item(reader, 1);
    return reader->rc == TP_OK ? tp_slice_of(start, (size_t)(reader->at - start))
                               : tp_slice_of(NULL, 0);
}

tp_cbor_map tp_cbor_map_of(tp_cbor_reader *reader, uint32_t count_max)
{
    tp_cbor_map map = {counted(reader, TP_CBOR_MAP, count_max), false, 0};
    return map;
}

bool tp_cbor_map_next(tp_cbor_map *map, tp_cbor_reader *reader, uint64_t *key_out)
{
    if (map->left == 0 || reader->rc != TP_OK) {
        return false;
    }
    map->left--;
    uint64_t key = tp_cbor_uint(reader, UINT64_MAX);
    if (map->has_key && key <= map->key) {
        tp_cbor_fail(reader, TP_CORRUPT, "map keys that do not ascend");
    }
    map->has_key = true;
    map->key = key;
    *key_out = key;
    return reader->rc == TP_OK;
}

bool tp_cbor_list_next(tp_cbor_list *list)
{
    if (list->left == 0 || list->reader.rc != TP_OK) {
        return false;
    }
    list->left--;
    return true;
}

/* The number of a head that has it in the 1, 2, 4 or 8 bytes behind.  False: it is cut short, or
 * has a shorter form. */
static bool read_long(tp_cbor_reader *reader, unsigned low, uint64_t *number_out)
{
    static const uint64_t least[] = {24, 1u << 8, 1u << 16, UINT64_C(1) << 32};
    const size_t bytes = low > 27 ? 0 : (size_t)1 << (low - 24);
    uint64_t number = 0;
    if (bytes == 0 || bytes > reader->left) {
        tp_cbor_fail(reader, TP_CORRUPT, bytes == 0 ? "not CBOR" : cut_short);
        return false;
    }
    for (size_t i = 0; i < bytes; i++) {
        number = number << 8 | reader->at[i];
    }
    if (number < least[low - 24]) {
        tp_cbor_fail(reader, TP_CORRUPT, "a number not in its shortest form");
        return false;
    }
    reader->at += bytes;
    reader->left -= bytes;
    *number_out = number;
    return true;
}

/* A head, and of a string its bytes (RFC 8949, section 3). */
static bool next(tp_cbor_reader *reader, item *out)
{
    if (reader->left == 0) {
        tp_cbor_fail(reader, TP_CORRUPT, cut_short);
        return false;
    }
    const uint8_t head = *reader->at++;
    reader->left--;
    out->type = type_of(head);
    out->number = head & 0x1F;
    out->string.bytes = 0;
    if (out->type == TP_CBOR_FAILED) {
        tp_cbor_fail(reader, TP_CORRUPT, "an item the format does not use");
        return false;
    }
    if (head < 0xC0 && out->number >= 24 && !read_long(reader, head & 0x1F, &out->number)) {
        return false;
    }
    if (out->type == TP_CBOR_BYTES || out->type == TP_CBOR_TEXT) {
        if (out->number > reader->left) {
            tp_cbor_fail(reader, TP_CORRUPT, cut_short);
            return false;
        }
        out->string = tp_slice_of(reader->at, (size_t)out->number);
        reader->at += out->string.bytes;
        reader->left -= out->string.bytes;
    }
    return true;
}

static bool next_of(tp_cbor_reader *reader, tp_cbor_type type, item *out)
{
    if (!next(reader, out)) {
        return false;
    }
    if (out->type != type) {
        tp_cbor_fail(reader, TP_CORRUPT, wrong_type);
        return false;
    }
    return true;
}

static uint32_t counted(tp_cbor_reader *reader, tp_cbor_type type, uint32_t count_max)
{
    item it;
    if (!next_of(reader, type, &it)) {
        return 0;
    }
    if (it.number > reader->left) { /* an item has at least one byte */
        tp_cbor_fail(reader, TP_CORRUPT, cut_short);
        return 0;
    }
    if (it.number > count_max) {
        tp_cbor_fail(reader, TP_LIMIT, "more items than the limit");
        return 0;
    }
    return (uint32_t)it.number;
}

static tp_slice string_of(tp_cbor_reader *reader, tp_cbor_type type, size_t bytes_max)
{
    item it;
    if (!next_of(reader, type, &it)) {
        return tp_slice_of(NULL, 0);
    }
    if (it.string.bytes > bytes_max) {
        tp_cbor_fail(reader, TP_LIMIT, "a string longer than the limit");
        return tp_slice_of(NULL, 0);
    }
    return it.string;
}

/* Orders encoded keys as RFC 8949 does: byte by byte. */
static bool ascends(tp_slice before, tp_slice key)
{
    size_t common = before.bytes < key.bytes ? before.bytes : key.bytes;
    int order = memcmp(before.at, key.at, common);
    return order < 0 || (order == 0 && before.bytes < key.bytes);
}

static void skip_pairs(tp_cbor_reader *reader, uint64_t pairs, unsigned depth)
{
    tp_slice before = {NULL, 0};
    for (uint64_t i = 0; i < pairs && reader->rc == TP_OK; i++) {
        const uint8_t *start = reader->at;
        skip_item(reader, depth);
        tp_slice key = tp_slice_of(start, (size_t)(reader->at - start));
        if (reader->rc == TP_OK && i > 0 && !ascends(before, key)) {
            tp_cbor_fail(reader, TP_CORRUPT, "map keys that do not ascend");
        }
        before = key;
        skip_item(reader, depth);
    }
}

/* Calls itself at most TP_CBOR_DEPTH_MAX deep; each turn of a loop reads a byte or ends it. */
static void skip_item(tp_cbor_reader *reader, unsigned depth)
{
    item it;
    if (depth > TP_CBOR_DEPTH_MAX) {
        tp_cbor_fail(reader, TP_LIMIT, "items nested too deep");
        return;
    }
    if (!next(reader, &it)) {
        return;
    }
    if (it.type == TP_CBOR_TEXT && !tp_utf8_is_valid(it.string)) {
        tp_cbor_fail(reader, TP_CORRUPT, "text that is not UTF-8");
    } else if (it.type == TP_CBOR_MAP) {
        skip_pairs(reader, it.number, depth + 1);
    } else if (it.type == TP_CBOR_ARRAY) {
        for (uint64_t i = 0; i < it.number && reader->rc == TP_OK; i++) {
            skip_item(reader, depth + 1);
        }
    }
}
