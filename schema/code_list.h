/* The code lists: what a field with a fixed vocabulary may say, and how it reads in English. */
#ifndef TP_SCHEMA_CODE_LIST_H
#define TP_SCHEMA_CODE_LIST_H

#include "platform/base/err.h"
#include "platform/base/slice.h"

#define TP_CODE_BYTES_MAX 128u /* a code, or a person's own word in an open list */

typedef struct tp_code {
    const char *code;  /* what is stored and sent: lower case, '_' between words */
    const char *label; /* English, for people */
} tp_code;

/* Whether a worker may write a word of their own is said by the field's row, not here. */
typedef struct tp_code_list {
    const char *name;     /* as a row of schema/entity.c names it: "contact_kind" */
    const char *label;    /* "kind of contact": begins a refusal */
    const tp_code *codes; /* in the order a form shows them */
    unsigned count;
} tp_code_list;

/* All lists; ends with one whose name is NULL.  Static. */
extern const tp_code_list tp_code_lists[];

/* A list by its name; NULL where there is none. */
const tp_code_list *tp_code_list_named(tp_slice name);

/* The entry with exactly this code; NULL where the list does not know it, which is no error when
 * reading: a code from a newer program is kept and shown as written. */
const tp_code *tp_code_find(const tp_code_list *list, tp_slice code);

/* The entry somebody may have meant: the code or label but for case, spaces, hyphens and one slip
 * (two in words of eight letters and more).  NULL where nothing is near, or two entries are equally
 * near. */
const tp_code *tp_code_suggest(const tp_code_list *list, tp_slice typed);

/* Checks what is about to be written, and gives the form to store: the list's own spelling where
 * the typed word is that code or label but for case, spaces and hyphens; else, where the list is
 * open, the word as typed, trimmed.
 *
 * Shape:  *code_out is static, or borrowed from `typed`.
 * Errors: INVALID empty, not text of one line, longer than TP_CODE_BYTES_MAX, or unknown where the
 *         list is closed; the refusal names the near one, or those known as far as the line has
 *         room. */
TP_MUST_USE tp_rc tp_code_check(const tp_code_list *list, bool is_open, tp_slice typed,
                                tp_slice *code_out, tp_err *err);

/* What to show for a stored code: its label, or the code itself where the list does not know it.
 * Static, or borrowed from `code`. */
tp_slice tp_code_label(const tp_code_list *list, tp_slice code);

#endif
