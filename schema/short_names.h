/* Well-known short forms of first names: Baz is Barry, Kasia is Katarzyna. */
#ifndef TP_SCHEMA_SHORT_NAMES_H
#define TP_SCHEMA_SHORT_NAMES_H

#include "platform/base/slice.h"

#define TP_SHORT_NAMES_FULL_MAX 6u /* full names of one short form */

/* One row for each short form, or spelling too far off for the ear's rules: its folded form, then
 * the full names it stands for (Sam: Samantha, Samuel), a space between.  In the order of the
 * forms' bytes, since every word of every name that is searched for or stored is looked up here.
 * Ends with NULL. Static. */
extern const char *const tp_short_names[];

/* The full names that a folded token is a short form of.
 *
 * Shape:  up to TP_SHORT_NAMES_FULL_MAX slices of static text; returns how many.  A full name is
 *         none of its own. */
unsigned tp_short_names_full(tp_slice token, tp_slice full_out[TP_SHORT_NAMES_FULL_MAX]);

#endif
