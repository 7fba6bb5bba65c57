/* JSON to a stream (RFC 8259). */
#include "node/cli/json_print.h"

#include "schema/london_time.h"
#include "schema/name_text.h"
#include "schema/utf8.h"

#include <inttypes.h>

static void put(const tp_json_print *p, const void *at, size_t bytes)
{
    (void)fwrite_unlocked(at, 1, bytes, p->out);
}

/* What stands between two values. */
static void separate(tp_json_print *p)
{
    if (p->has_before) {
        putc_unlocked(',', p->out);
    }
    p->has_before = true;
}

void tp_json_begin(tp_json_print *p, char bracket)
{
    separate(p);
    putc_unlocked(bracket, p->out);
    p->has_before = false;
}

void tp_json_end(tp_json_print *p, char bracket)
{
    putc_unlocked(bracket, p->out);
    p->has_before = true;
}

void tp_json_key(tp_json_print *p, const char *key)
{
    tp_json_str(p, key);
    putc_unlocked(':', p->out);
    p->has_before = false;
}

static void put_escaped(const tp_json_print *p, uint8_t byte)
{
    static const char shorts[] = "\"\\\b\f\n\r\t";
    static const char letters[] = "\"\\bfnrt";
    const char *at = byte == 0 ? NULL : strchr(shorts, byte);
    if (at != NULL) {
        putc_unlocked('\\', p->out);
        putc_unlocked(letters[at - shorts], p->out);
    } else {
        fprintf(p->out, "\\u%04x", byte);
    }
}

void tp_json_text(tp_json_print *p, tp_slice text)
{
    separate(p);
    putc_unlocked('"', p->out);
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
    putc_unlocked('"', p->out);
}

void tp_json_str(tp_json_print *p, const char *text)
{
    if (text == NULL) {
        tp_json_null(p);
    } else {
        tp_json_text(p, tp_slice_str(text));
    }
}

void tp_json_int(tp_json_print *p, int64_t n)
{
    char text[24];
    separate(p);
    int chars = snprintf(text, sizeof text, "%" PRId64, n);
    put(p, text, (size_t)chars);
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
    char text[TP_NAME_TEXT_BYTES];
    if (tp_name_is_none(name)) {
        tp_json_null(p);
        return;
    }
    tp_name_print(name, text);
    tp_json_str(p, text);
}

void tp_json_instant(tp_json_print *p, int64_t ms)
{
    char text[TP_UTC_TEXT_MAX];
    if (ms == 0) {
        tp_json_null(p);
        return;
    }
    tp_utc_format(ms, text);
    tp_json_str(p, text);
}

void tp_json_document(tp_json_print *p, json_t *document)
{
    if (document == NULL) {
        tp_json_null(p);
        return;
    }
    separate(p);
    (void)json_dumpf(document, p->out, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(document);
}
