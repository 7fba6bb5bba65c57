/* What is held, in words on a page: names, agencies, values, who wrote what.
 *
 * The error is sticky: after the first one nothing more is added, and tp_screen_done tells. */
#ifndef TP_NODE_CLI_SCREEN_H
#define TP_NODE_CLI_SCREEN_H

#include "node/cli/cli.h"
#include "node/cli/page.h"
#include "node/view/when.h"
#include "node/view/shown.h"

/* A page and the READ transaction it is written from.  An embedded value: begin, use, done. */
typedef struct tp_screen {
    tp_page page;
    tp_view *view;
    tp_log *log;
    tp_tx tx;
    int64_t now_ms;
    tp_rc rc; /* sticky */
    tp_err err;
} tp_screen;

TP_MUST_USE tp_rc tp_screen_begin(tp_screen *s, tp_call *call, tp_err *err);
/* Ends the transaction.  rc: what the caller has come to; the first error counts. */
TP_MUST_USE tp_rc tp_screen_done(tp_screen *s, tp_rc rc, tp_err *err);

/* The short name of a record: "k7f2-12". */
void tp_screen_name(tp_screen *s, tp_name name);
/* Label of an agency, or its id; empty: nobody has said which it is. */
void tp_screen_agency(tp_screen *s, tp_slice agency);
/* "Dee, Street Outreach"; "the kiosk of Friary". */
void tp_screen_who(tp_screen *s, tp_slice worker, const char *agency);
/* A value as people read it: labels for codes, 3-3-4 for NHS numbers, "Dee, Street Outreach" for a
 * holder. */
void tp_screen_value(tp_screen *s, const tp_field_row *row, const tp_value *value);
/* The value of a head; "cleared", or "not held any more". */
void tp_screen_head(tp_screen *s, const tp_shown_field *field, const tp_shown_head *head);

/* A field as a paragraph: "Phone: 07700 900102"; offers beside the holder; where values wait to be
 * settled, each with who wrote it.  `label` NULL: the row's.  Nothing where no value is shown. */
void tp_screen_field(tp_screen *s, const tp_shown *of, const tp_shown_field *field,
                     const char *label, unsigned first, unsigned rest);

/* True if the field has something to show. */
bool tp_screen_has_value(tp_screen *s, const tp_shown_field *field);
/* Something was written here and every value of it was given back: that there is none says
 * nothing. */
bool tp_screen_is_given_back(const tp_shown_field *field);

/* How a person is called, with born where it is known: "Sean O'Neill, born 1984-05". */
void tp_screen_person(tp_screen *s, const tp_shown *person);

#endif
