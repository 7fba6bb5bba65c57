/* JSON straight to a stream or into a buffer: no tree in memory, so that an export of any length is
 * constant in memory and a timeline of hundreds of entries costs its bytes.  Jansson reads JSON and
 * prints small documents; this is for what repeats. */
#ifndef TP_NODE_VIEW_JSON_PRINT_H
#define TP_NODE_VIEW_JSON_PRINT_H

#include "platform/base/buf.h"
#include "schema/change.h"

#include <jansson.h>
#include <stdio.h>

enum { TP_JSON_PRINT_BYTES = 4096, TP_JSON_MOMENT_CHARS = 24, TP_JSON_MOMENTS = 2 };

/* A moment as it was printed last. */
typedef struct tp_json_moment_text {
    int64_t ms;
    size_t chars; /* 0: none */
    char text[TP_JSON_MOMENT_CHARS];
} tp_json_moment_text;

/* An embedded value: begin, print, line or end. */
typedef struct tp_json_print {
    FILE *out;       /* trouble is the stream's own (ferror); NULL: into `buf` */
    tp_buf *buf;     /* NULL: to `out` */
    tp_rc rc;        /* the first trouble of `buf` */
    bool has_before; /* a comma is due */
    size_t used;     /* of held: what the stream has not got yet */
    /* A record says when it happened and when it was written ten times over: the newest first. */
    tp_json_moment_text moments[TP_JSON_MOMENTS];
    char held[TP_JSON_PRINT_BYTES];
} tp_json_print;

void tp_json_print_begin(tp_json_print *p, FILE *out);
/* Ends the document with a line end and hands it to the stream, all of it. */
void tp_json_print_line(tp_json_print *p);

/* The same into a buffer, from its present end on. */
void tp_json_print_begin_buf(tp_json_print *p, tp_buf *buf);
/* Errors: LIMIT, NOMEM of the buffer: what stands in it is no whole document. */
TP_MUST_USE tp_rc tp_json_print_end_buf(tp_json_print *p, tp_err *err);

void tp_json_begin(tp_json_print *p, char bracket);  /* '{' or '[' */
void tp_json_end(tp_json_print *p, char bracket);    /* '}' or ']' */
void tp_json_key(tp_json_print *p, const char *key); /* plain ASCII: it is a word of ours */
/* Bytes that are not UTF-8 become U+FFFD. */
void tp_json_text(tp_json_print *p, tp_slice text);
void tp_json_str(tp_json_print *p, const char *text); /* NULL: null */
void tp_json_int(tp_json_print *p, int64_t n);
void tp_json_bool(tp_json_print *p, bool truth);
void tp_json_null(tp_json_print *p);
void tp_json_name(tp_json_print *p, tp_name name); /* none: null */
/* "2026-01-12T20:02Z"; what no calendar holds (a bound that is not known): null. */
void tp_json_moment(tp_json_print *p, int64_t ms);
/* The same, where 0 stands for none: null. */
void tp_json_instant(tp_json_print *p, int64_t ms);
/* A small document of jansson's, given up; NULL prints null. */
void tp_json_document(tp_json_print *p, json_t *document);

/* key and value */
static inline void tp_json_put_text(tp_json_print *p, const char *key, tp_slice text)
{
    tp_json_key(p, key);
    tp_json_text(p, text);
}

static inline void tp_json_put_str(tp_json_print *p, const char *key, const char *text)
{
    tp_json_key(p, key);
    tp_json_str(p, text);
}

static inline void tp_json_put_int(tp_json_print *p, const char *key, int64_t n)
{
    tp_json_key(p, key);
    tp_json_int(p, n);
}

static inline void tp_json_put_bool(tp_json_print *p, const char *key, bool truth)
{
    tp_json_key(p, key);
    tp_json_bool(p, truth);
}

static inline void tp_json_put_name(tp_json_print *p, const char *key, tp_name name)
{
    tp_json_key(p, key);
    tp_json_name(p, name);
}

static inline void tp_json_put_instant(tp_json_print *p, const char *key, int64_t ms)
{
    tp_json_key(p, key);
    tp_json_instant(p, ms);
}

#endif
