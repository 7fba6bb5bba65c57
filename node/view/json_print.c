/* JSON to a stream or a buffer (RFC 8259). */
#include "node/view/json_print.h"

#include "platform/base/alloc.h"
#include "platform/base/encode.h"
#include "schema/london_time.h"
#include "schema/utf8.h"

void tp_json_print_begin(tp_json_print *p, FILE *out)
{
    p->out = out;
    p->buf = NULL;
    p->rc = TP_OK;
    p->has_before = false;
    p->used = 0;
    memset(p->moments, 0, sizeof p->moments);
}

void tp_json_print_begin_buf(tp_json_print *p, tp_buf *buf)
{
    tp_json_print_begin(p, NULL);
    p->buf = buf;
}

/* Of a buffer the first trouble is kept: what comes after it is dropped. */
static void pass(tp_json_print *p, const void *at, size_t bytes)
{
    tp_err err;
    if (p->out != NULL) {
        (void)fwrite(at, 1, bytes, p->out);
    } else if (p->rc == TP_OK) {
        p->rc = tp_buf_add(p->buf, at, bytes, &err);
    }
}

static void hand_over(tp_json_print *p)
{
    pass(p, p->held, p->used);
    p->used = 0;
}

static void put(tp_json_print *p, const void *at, size_t bytes)
{
    if (bytes > sizeof p->held - p->used) {
        hand_over(p);
    }
    if (bytes > sizeof p->held) {
        pass(p, at, bytes);
    } else if (bytes > 0) {
        memcpy(p->held + p->used, at, bytes);
        p->used += bytes;
    }
}

static void put_char(tp_json_print *p, char c)
{
    if (p->used == sizeof p->held) {
        hand_over(p);
    }
    p->held[p->used++] = c;
}

void tp_json_print_line(tp_json_print *p)
{
    put_char(p, '\n');
    hand_over(p);
}

tp_rc tp_json_print_end_buf(tp_json_print *p, tp_err *err)
{
    hand_over(p);
    const char *what = p->rc == TP_NOMEM ? "no memory for the answer" : "the answer is too long";
    return p->rc == TP_OK ? TP_OK : tp_fail(err, p->rc, "%s", what);
}

/* What stands between two values. */
static void separate(tp_json_print *p)
{
    if (p->has_before) {
        put_char(p, ',');
    }
    p->has_before = true;
}

void tp_json_begin(tp_json_print *p, char bracket)
{
    separate(p);
    put_char(p, bracket);
    p->has_before = false;
}

void tp_json_end(tp_json_print *p, char bracket)
{
    put_char(p, bracket);
    p->has_before = true;
}

void tp_json_key(tp_json_print *p, const char *key)
{
    size_t chars = strlen(key);
    separate(p);
    if (chars + 3 <= sizeof p->held - p->used) {
        char *at = p->held + p->used;
        at[0] = '"';
        memcpy(at + 1, key, chars);
        at[chars + 1] = '"';
        at[chars + 2] = ':';
        p->used += chars + 3;
    } else {
        put_char(p, '"');
        put(p, key, chars);
        put(p, "\":", 2);
    }
    p->has_before = false;
}

static void put_escaped(tp_json_print *p, uint8_t byte)
{
    static const char shorts[] = "\"\\\b\f\n\r\t";
    static const char letters[] = "\"\\bfnrt";
    const char *at = byte == 0 ? NULL : strchr(shorts, byte);
    if (at != NULL) {
        put_char(p, '\\');
        put_char(p, letters[at - shorts]);
    } else {
        char code[8];
        snprintf(code, sizeof code, "\\u%04x", byte);
        put(p, code, 6);
    }
}

void tp_json_text(tp_json_print *p, tp_slice text)
{
    separate(p);
    put_char(p, '"');
    while (text.bytes > 0) {
        size_t plain = 0;
        uint32_t code = 0;
        while (plain < text.bytes && text.at[plain] >= ' ' && text.at[plain] < 0x80 &&
               text.at[plain] != '"' && text.at[plain] != '\\') {
            plain++;
        }
        put(p, text.at, plain);
        text = tp_slice_of(text.at + plain, text.bytes - plain);
        if (text.bytes == 0) {
            break;
        }
        tp_slice before = text;
        if (!tp_utf8_next(&text, &code)) {
            put(p, "\xEF\xBF\xBD", 3);
            text = tp_slice_of(text.at + 1, text.bytes - 1);
        } else if (code < 0x80) {
            put_escaped(p, (uint8_t)code);
        } else {
            put(p, before.at, before.bytes - text.bytes);
        }
    }
    put_char(p, '"');
}

void tp_json_str(tp_json_print *p, const char *text)
{
    if (text == NULL) {
        tp_json_null(p);
    } else {
        tp_json_text(p, tp_slice_str(text));
    }
}

/* At least `digits` of them. */
static void put_uint(tp_json_print *p, uint64_t n, size_t digits)
{
    char text[20];
    size_t at = sizeof text;
    while (n > 0 || sizeof text - at < digits) {
        text[--at] = (char)('0' + n % 10);
        n /= 10;
    }
    put(p, text + at, sizeof text - at);
}

void tp_json_int(tp_json_print *p, int64_t n)
{
    separate(p);
    if (n < 0) {
        put_char(p, '-');
    }
    put_uint(p, n < 0 ? 0 - (uint64_t)n : (uint64_t)n, 1);
}

void tp_json_bool(tp_json_print *p, bool truth)
{
    separate(p);
    put(p, truth ? "true" : "false", truth ? 4 : 5);
}

void tp_json_null(tp_json_print *p)
{
    separate(p);
    put(p, "null", 4);
}

void tp_json_name(tp_json_print *p, tp_name name)
{
    char device[TP_HEX_ROOM(8)];
    if (tp_name_is_none(name)) {
        tp_json_null(p);
        return;
    }
    separate(p);
    tp_hex_encode_u64(name.device, device);
    put_char(p, '"');
    put(p, device, sizeof device - 1);
    put_char(p, '-');
    put_uint(p, name.seq, 1);
    put_char(p, '"');
}

/* Exactly `digits` of them. */
static char *add_digits(char *at, uint64_t n, size_t digits)
{
    for (size_t i = digits; i > 0; i--) {
        at[i - 1] = (char)('0' + n % 10);
        n /= 10;
    }
    return at + digits;
}

/* As tp_utc_format, many times for each record of an export. */
static size_t format_utc(int64_t ms, char text[TP_JSON_MOMENT_CHARS])
{
    const int64_t day_ms = 86400000;
    int64_t number = ms / day_ms - (ms % day_ms < 0 ? 1 : 0);
    tp_day day = tp_day_of_number((int32_t)number);
    uint64_t rest = (uint64_t)(ms - number * day_ms);
    char *at = add_digits(text, (uint64_t)day.year, 4);
    *at++ = '-';
    at = add_digits(at, day.month, 2);
    *at++ = '-';
    at = add_digits(at, day.day, 2);
    *at++ = 'T';
    at = add_digits(at, rest / 3600000, 2);
    *at++ = ':';
    at = add_digits(at, rest / 60000 % 60, 2);
    if (rest % 60000 != 0) {
        *at++ = ':';
        at = add_digits(at, rest / 1000 % 60, 2);
    }
    if (rest % 1000 != 0) {
        *at++ = '.';
        at = add_digits(at, rest % 1000, 3);
    }
    *at++ = 'Z';
    return (size_t)(at - text);
}

static const tp_json_moment_text *moment_text(tp_json_print *p, int64_t ms)
{
    tp_json_moment_text *newest = &p->moments[0];
    if (newest->chars > 0 && newest->ms == ms) {
        return newest;
    }
    const tp_json_moment_text other = p->moments[1];
    p->moments[1] = *newest;
    if (other.chars > 0 && other.ms == ms) {
        *newest = other;
    } else {
        newest->ms = ms;
        newest->chars = format_utc(ms, newest->text);
    }
    return newest;
}

void tp_json_instant(tp_json_print *p, int64_t ms)
{
    if (ms == 0) {
        tp_json_null(p);
    } else {
        tp_json_moment(p, ms);
    }
}

void tp_json_moment(tp_json_print *p, int64_t ms)
{
    if (ms < TP_LONDON_MS_MIN || ms > TP_LONDON_MS_MAX) {
        tp_json_null(p);
        return;
    }
    separate(p);
    const tp_json_moment_text *moment = moment_text(p, ms);
    put_char(p, '"');
    put(p, moment->text, moment->chars);
    put_char(p, '"');
}

static int put_dumped(const char *at, size_t bytes, void *data)
{
    put(data, at, bytes);
    return 0;
}

void tp_json_document(tp_json_print *p, json_t *document)
{
    if (document == NULL) {
        tp_json_null(p);
    } else {
        separate(p);
        (void)json_dump_callback(document, put_dumped, p, JSON_COMPACT | JSON_ENCODE_ANY);
        json_decref(document);
    }
    /* Where jansson lacked memory, a document says less than it should. */
    if (tp_alloc_library_was_short() && p->rc == TP_OK) {
        p->rc = TP_NOMEM;
    }
}
