/* Wrapping by code points; styles stand in the paragraph as control bytes, which nothing else
 * leaves there. */
#include "node/cli/page.h"

#include "schema/utf8.h"

#include <stdarg.h>

enum { PARAGRAPH_BYTES_MAX = 1024 * 1024, ADDF_BYTES = 512 };

void tp_page_init(tp_page *page, FILE *out, bool has_colour)
{
    page->out = out;
    page->has_colour = has_colour;
    page->is_failed = false;
    tp_buf_init(&page->paragraph, PARAGRAPH_BYTES_MAX);
}

tp_rc tp_page_done(tp_page *page, tp_err *err)
{
    tp_buf_done(&page->paragraph);
    return page->is_failed ? tp_fail(err, TP_NOMEM, "no memory for what there is to show") : TP_OK;
}

/* ---- Adding ---- */

static void add_bytes(tp_page *page, const void *at, size_t bytes)
{
    tp_err err;
    if (tp_buf_add(&page->paragraph, at, bytes, &err) != TP_OK) {
        page->is_failed = true;
    }
}

/* Controls of ASCII and of Latin-1, and the marks that turn the direction of what follows. */
static bool is_harmful(uint32_t code)
{
    return code < ' ' || (code >= 0x7F && code < 0xA0) || (code >= 0x202A && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069);
}

void tp_page_add(tp_page *page, tp_slice text)
{
    uint32_t code = 0;
    while (text.bytes > 0) {
        tp_slice before = text;
        if (!tp_utf8_next(&text, &code)) {
            text = tp_slice_of(text.at + 1, text.bytes - 1);
            add_bytes(page, "?", 1);
        } else if (code == '\n') {
            add_bytes(page, "\n", 1);
        } else if (code == '\t') {
            add_bytes(page, " ", 1);
        } else if (!is_harmful(code)) {
            add_bytes(page, before.at, before.bytes - text.bytes);
        }
    }
}

void tp_page_add_str(tp_page *page, const char *text)
{
    tp_page_add(page, tp_slice_str(text));
}

void tp_page_addf(tp_page *page, const char *fmt, ...)
{
    char text[ADDF_BYTES];
    va_list args;
    va_start(args, fmt);
    int chars = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (chars > 0) {
        size_t bytes = (size_t)chars;
        tp_page_add(page, tp_slice_of(text, bytes < sizeof text ? bytes : sizeof text - 1));
    }
}

void tp_page_style(tp_page *page, tp_style style)
{
    char byte = (char)style;
    add_bytes(page, &byte, 1);
}

void tp_page_add_in(tp_page *page, tp_style style, const char *text)
{
    tp_page_style(page, style);
    tp_page_add_str(page, text);
    tp_page_style(page, TP_STYLE_PLAIN);
}

bool tp_page_is_empty(const tp_page *page)
{
    return page->paragraph.bytes == 0;
}

/* ---- Printing ---- */

static bool is_style(uint8_t byte)
{
    return byte >= TP_STYLE_PLAIN && byte <= TP_STYLE_WARN;
}

static void print_style(const tp_page *page, uint8_t style)
{
    static const char *const codes[] = {"", "\033[0m", "\033[1m", "\033[2m", "\033[1;33m"};
    if (page->has_colour) {
        fputs(codes[style], page->out);
    }
}

/* Code points up to the next space or line end, styles not counted; *bytes_out: with the styles. */
static unsigned measure_word(tp_slice text, size_t *bytes_out)
{
    unsigned columns = 0;
    size_t i = 0;
    for (; i < text.bytes && text.at[i] != ' ' && text.at[i] != '\n'; i++) {
        bool continues = (text.at[i] & 0xC0) == 0x80;
        columns += continues || is_style(text.at[i]) ? 0 : 1;
    }
    *bytes_out = i;
    return columns;
}

static void print_word(const tp_page *page, tp_slice word)
{
    for (size_t i = 0; i < word.bytes; i++) {
        if (is_style(word.at[i])) {
            print_style(page, word.at[i]);
        } else {
            putc(word.at[i], page->out);
        }
    }
}

static void print_spaces(const tp_page *page, unsigned count)
{
    fprintf(page->out, "%*s", (int)count, "");
}

void tp_page_end(tp_page *page, unsigned first, unsigned rest)
{
    tp_slice text = tp_buf_slice(&page->paragraph);
    unsigned column = first; /* where the next word goes, but for `spaces` */
    unsigned spaces = 0;     /* before it, if it stays on this line */
    bool is_begun = false;   /* this line has a word */
    while (text.bytes > 0) {
        size_t bytes = 0;
        unsigned columns = measure_word(text, &bytes);
        bool is_break = bytes == 0 && text.at[0] == '\n'; /* of the text's own */
        if (bytes == 0 && !is_break) {
            spaces++;
            bytes = 1;
        } else if (is_break || (is_begun && column + spaces + columns > TP_PAGE_COLUMNS)) {
            putc('\n', page->out);
            column = rest;
            spaces = 0;
            is_begun = false;
            bytes = is_break ? 1 : 0;
        } else {
            print_spaces(page, spaces + (is_begun ? 0 : column));
            print_word(page, tp_slice_of(text.at, bytes));
            column += spaces + columns;
            spaces = 0;
            is_begun = true;
        }
        text = tp_slice_of(text.at + bytes, text.bytes - bytes);
    }
    if (is_begun) {
        putc('\n', page->out);
    }
    tp_buf_clear(&page->paragraph);
}

void tp_page_gap(tp_page *page)
{
    putc('\n', page->out);
}
