/* Text on a screen of 80 columns: paragraphs, wrapped between words, with colour where there is a
 * terminal. Colour never says anything alone.
 *
 * What other people wrote comes through tp_page_add: control characters in it are left out, so that
 * no record can do anything to a terminal. */
#ifndef TP_NODE_CLI_PAGE_H
#define TP_NODE_CLI_PAGE_H

#include "platform/base/buf.h"

#include <stdio.h>

enum { TP_PAGE_COLUMNS = 80 };

typedef enum tp_style {
    TP_STYLE_PLAIN = 1,
    TP_STYLE_STRONG,
    TP_STYLE_QUIET,
    TP_STYLE_WARN
} tp_style;

/* An embedded value: init, add and end paragraphs, done. */
typedef struct tp_page {
    FILE *out;
    bool has_colour;
    bool is_failed; /* no memory: what was added since is lost; tp_page_done tells */
    tp_buf paragraph;
} tp_page;

void tp_page_init(tp_page *page, FILE *out, bool has_colour);
/* Errors: NOMEM some time since init. */
TP_MUST_USE tp_rc tp_page_done(tp_page *page, tp_err *err);

/* Adds to the paragraph.  Line ends in `text` stay. */
void tp_page_add(tp_page *page, tp_slice text);
void tp_page_add_str(tp_page *page, const char *text);
void tp_page_addf(tp_page *page, const char *fmt, ...) TP_PRINTF(2, 3);
void tp_page_style(tp_page *page, tp_style style);
/* `text` in a style, then plain again. */
void tp_page_add_in(tp_page *page, tp_style style, const char *text);
bool tp_page_is_empty(const tp_page *page); /* nothing was added to this paragraph */

/* Prints the paragraph and begins another one; nothing where it is empty.
 * Units:  first, rest = columns left free in its first line and in the others. */
void tp_page_end(tp_page *page, unsigned first, unsigned rest);
/* An empty line. */
void tp_page_gap(tp_page *page);

#endif
