/* One record as an entry of a page: what it says first, then its other fields, then who wrote
 * it. */
#ifndef TP_NODE_CLI_ENTRY_H
#define TP_NODE_CLI_ENTRY_H

#include "node/cli/screen.h"

/* Its headline: "Contact, on the street, library steps". */
void tp_entry_add_headline(tp_screen *s, const tp_shown *shown);

/* Everything below the headline: the words, the other fields, that it was taken back or is back.
 * Units:  indent = columns. */
void tp_entry_body(tp_screen *s, const tp_shown *shown, unsigned indent);

/* "Dee, Street Outreach [k7f2-2], not sent yet": added, not ended. */
void tp_entry_add_author(tp_screen *s, const tp_shown *shown);

#endif
