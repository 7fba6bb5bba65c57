/* A JSON text by recursive descent over its bytes. */
#include "node/cli/json_read.h"

#include "schema/utf8.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { NUMBER_BYTES_MAX = 400 }; /* longer ones are nobody's */

typedef struct reader {
    tp_slice text;
    size_t at;
    unsigned depth;
    tp_buf unescaped; /* of the string at hand, where it has escapes */
    tp_rc rc;         /* of what came out NULL */
} reader;

static json_t *read_value(reader *r);

static json_t *refuse(reader *r, tp_rc rc)
{
    if (r->rc == TP_OK) {
        r->rc = rc;
    }
    return NULL;
}

/* jansson answers NULL only where memory is out. */
static json_t *made(reader *r, json_t *json)
{
    return json == NULL ? refuse(r, TP_NOMEM) : json;
}

/* The byte at hand; -1 at the end. */
static int peek(const reader *r)
{
    return r->at < r->text.bytes ? r->text.at[r->at] : -1;
}

static void skip_space(reader *r)
{
    while (peek(r) == ' ' || peek(r) == '\t' || peek(r) == '\n' || peek(r) == '\r') {
        r->at++;
    }
}

static bool take(reader *r, int byte)
{
    if (peek(r) != byte) {
        return false;
    }
    r->at++;
    return true;
}

/* ---- Strings ---- */

/* Past a run of bytes that stand for themselves, well-formed UTF-8. */
static bool skip_plain(reader *r)
{
    for (;;) {
        int byte = peek(r);
        if (byte < ' ' || byte == '"' || byte == '\\') {
            return byte == '"' || byte == '\\';
        }
        if (byte < 0x80) {
            r->at++;
        } else {
            tp_slice rest = tp_slice_of(r->text.at + r->at, r->text.bytes - r->at);
            uint32_t code = 0;
            size_t before = rest.bytes;
            if (!tp_utf8_next(&rest, &code)) {
                return false;
            }
            r->at += before - rest.bytes;
        }
    }
}

/* Four hexadecimal digits. */
static bool read_unit(reader *r, uint32_t *unit_out)
{
    uint32_t unit = 0;
    for (int i = 0; i < 4; i++) {
        int c = peek(r);
        uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t)(c - '0')
                         : c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10)
                         : c >= 'A' && c <= 'F' ? (uint32_t)(c - 'A' + 10)
                                                : 16;
        if (digit == 16) {
            return false;
        }
        unit = unit << 4 | digit;
        r->at++;
    }
    *unit_out = unit;
    return true;
}

/* What stands behind \u: a code point, of one unit or a pair. */
static bool read_code(reader *r, uint32_t *code_out)
{
    uint32_t high = 0;
    uint32_t low = 0;
    if (!read_unit(r, &high) || high == 0 || (high >= 0xDC00 && high <= 0xDFFF)) {
        return false;
    }
    if (high < 0xD800 || high > 0xDBFF) {
        *code_out = high;
        return true;
    }
    if (!take(r, '\\') || !take(r, 'u') || !read_unit(r, &low) || low < 0xDC00 || low > 0xDFFF) {
        return false;
    }
    *code_out = 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    return true;
}

/* What stands behind a backslash. */
static bool read_escape(reader *r, uint32_t *code_out)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char codes[] = "\"\\/\b\f\n\r\t";
    int c = peek(r);
    const char *letter = c <= 0 ? NULL : strchr(letters, c);
    if (letter == NULL && c != 'u') {
        return false;
    }
    r->at++;
    if (c == 'u') {
        return read_code(r, code_out);
    }
    *code_out = (uint32_t)codes[letter - letters];
    return true;
}

static bool add(reader *r, const void *at, size_t bytes)
{
    tp_err err;
    if (tp_buf_add(&r->unescaped, at, bytes, &err) != TP_OK) {
        (void)refuse(r, err.rc);
        return false;
    }
    return true;
}

/* The rest of a string whose first escape is at hand; `begin` is where it began. */
static bool read_escaped(reader *r, size_t begin, tp_slice *string_out)
{
    tp_buf_clear(&r->unescaped);
    while (add(r, r->text.at + begin, r->at - begin) && !take(r, '"')) {
        uint32_t code = 0;
        uint8_t utf8[TP_UTF8_BYTES_MAX];
        if (!take(r, '\\') || !read_escape(r, &code) || !add(r, utf8, tp_utf8_put(code, utf8))) {
            return false;
        }
        begin = r->at;
        if (!skip_plain(r)) {
            return false;
        }
    }
    *string_out = tp_buf_slice(&r->unescaped);
    return r->rc == TP_OK;
}

/* Behind its opening quote.  Borrowed until the next string. */
static bool read_string(reader *r, tp_slice *string_out)
{
    size_t begin = r->at;
    bool is_read = skip_plain(r);
    if (is_read && peek(r) == '"') {
        *string_out = tp_slice_of(r->text.at + begin, r->at - begin);
        r->at++;
        return true;
    }
    is_read = is_read && read_escaped(r, begin, string_out);
    if (!is_read) {
        (void)refuse(r, TP_INVALID);
    }
    return is_read;
}

/* ---- Numbers ---- */

/* How many digits there are. */
static size_t skip_digits(reader *r)
{
    size_t begin = r->at;
    while (peek(r) >= '0' && peek(r) <= '9') {
        r->at++;
    }
    return r->at - begin;
}

static json_t *read_number(reader *r)
{
    char text[NUMBER_BYTES_MAX + 1];
    size_t begin = r->at;
    bool is_whole = true;
    (void)take(r, '-');
    bool is_good = take(r, '0') || skip_digits(r) > 0;
    if (is_good && take(r, '.')) {
        is_whole = false;
        is_good = skip_digits(r) > 0;
    }
    if (is_good && (take(r, 'e') || take(r, 'E'))) {
        is_whole = false;
        (void)(take(r, '+') || take(r, '-'));
        is_good = skip_digits(r) > 0;
    }
    size_t bytes = r->at - begin;
    if (!is_good || bytes > NUMBER_BYTES_MAX) {
        return refuse(r, TP_INVALID);
    }
    memcpy(text, r->text.at + begin, bytes);
    text[bytes] = '\0';
    errno = 0;
    if (is_whole) {
        long long n = strtoll(text, NULL, 10);
        return errno != 0 ? refuse(r, TP_INVALID) : made(r, json_integer(n));
    }
    double real = strtod(text, NULL);
    return isinf(real) ? refuse(r, TP_INVALID) : made(r, json_real(real));
}

/* ---- Values ---- */

/* `"key": value`. */
static bool read_pair(reader *r, tp_slice key, json_t *object)
{
    size_t count = json_object_size(object);
    skip_space(r);
    if (!take(r, ':')) {
        return refuse(r, TP_INVALID) != NULL;
    }
    json_t *value = read_value(r);
    if (value == NULL) {
        return false;
    }
    if (json_object_setn_new_nocheck(object, (const char *)key.at, key.bytes, value) != 0) {
        return refuse(r, TP_NOMEM) != NULL;
    }
    /* The same key twice: two programs would read two different things. */
    return json_object_size(object) > count || refuse(r, TP_INVALID) != NULL;
}

static bool read_member(reader *r, json_t *object)
{
    tp_err err;
    tp_buf copy; /* of a key with escapes: the value needs the room it stands in */
    tp_slice key = {0};
    tp_rc rc = TP_OK;
    skip_space(r);
    if (!take(r, '"')) {
        return refuse(r, TP_INVALID) != NULL;
    }
    if (!read_string(r, &key)) {
        return false;
    }
    tp_buf_init(&copy, r->text.bytes);
    if (key.bytes > 0 && key.at == r->unescaped.at) {
        rc = tp_buf_add_slice(&copy, key, &err);
        key = tp_buf_slice(&copy);
    }
    bool is_read = rc == TP_OK ? read_pair(r, key, object) : refuse(r, rc) != NULL;
    tp_buf_done(&copy);
    return is_read;
}

static bool read_element(reader *r, json_t *array)
{
    json_t *value = read_value(r);
    if (value == NULL) {
        return false;
    }
    return json_array_append_new(array, value) == 0 || refuse(r, TP_NOMEM) != NULL;
}

/* Members or elements up to `close`, with commas. */
static json_t *read_all(reader *r, json_t *into, char close, bool (*each)(reader *, json_t *))
{
    bool is_good = into != NULL || refuse(r, TP_NOMEM) != NULL;
    skip_space(r);
    if (is_good && !take(r, close)) {
        do {
            is_good = each(r, into);
            skip_space(r);
        } while (is_good && take(r, ','));
        is_good = is_good && (take(r, close) || refuse(r, TP_INVALID) != NULL);
    }
    if (!is_good) {
        json_decref(into);
        return NULL;
    }
    return into;
}

static json_t *read_nested(reader *r)
{
    if (r->depth == TP_JSON_READ_DEPTH_MAX) {
        return refuse(r, TP_LIMIT);
    }
    r->depth++;
    json_t *json = take(r, '{') ? read_all(r, json_object(), '}', read_member) : NULL;
    if (json == NULL && r->rc == TP_OK && take(r, '[')) {
        json = read_all(r, json_array(), ']', read_element);
    }
    r->depth--;
    return json;
}

static json_t *read_word(reader *r, const char *word, json_t *json)
{
    size_t bytes = strlen(word);
    if (r->text.bytes - r->at < bytes || memcmp(r->text.at + r->at, word, bytes) != 0) {
        return refuse(r, TP_INVALID);
    }
    r->at += bytes;
    return json;
}

static json_t *read_value(reader *r)
{
    tp_slice string = {0};
    skip_space(r);
    switch (peek(r)) {
    case '{':
    case '[':
        return read_nested(r);
    case '"':
        r->at++;
        if (!read_string(r, &string)) {
            return NULL;
        }
        return made(r, json_stringn_nocheck((const char *)string.at, string.bytes));
    case 't':
        return read_word(r, "true", json_true());
    case 'f':
        return read_word(r, "false", json_false());
    case 'n':
        return read_word(r, "null", json_null());
    default:
        return read_number(r);
    }
}

tp_rc tp_json_read(tp_slice text, json_t **json_out, tp_err *err)
{
    reader r = {.text = text};
    json_t *json = NULL;
    *json_out = NULL;
    tp_buf_init(&r.unescaped, text.bytes);
    skip_space(&r);
    json = peek(&r) == '{' || peek(&r) == '[' ? read_nested(&r) : refuse(&r, TP_INVALID);
    skip_space(&r);
    if (json != NULL && r.at < text.bytes) {
        json_decref(json);
        json = refuse(&r, TP_INVALID);
    }
    tp_buf_done(&r.unescaped);
    if (json != NULL) {
        *json_out = json;
        return TP_OK;
    }
    if (r.rc == TP_LIMIT) {
        return tp_fail(err, TP_LIMIT, "JSON nested deeper than %d", TP_JSON_READ_DEPTH_MAX);
    }
    if (r.rc == TP_NOMEM) {
        return tp_fail(err, TP_NOMEM, "no memory to read JSON");
    }
    return tp_fail(err, TP_INVALID, "not JSON, at byte %zu", r.at + 1);
}
