/* Well-known short forms of first names: Baz is Barry, Kasia is Katarzyna. */
#ifndef TP_SCHEMA_SHORT_NAMES_H
#define TP_SCHEMA_SHORT_NAMES_H

#include "platform/base/slice.h"

#define TP_SHORT_NAMES_FULL_MAX 6u /* full names of one short form */

/* One row for each full name: its folded form, then its short forms and the spellings too far off for
 * the ear's rules, a space between.  A short form may stand in several rows (Sam: Samuel, Samantha).
 * Ends with NULL.  Static. */
extern const char *const tp_short_names[];

/* The full names that a folded token is a short form of.
 *
 * Shape:  up to TP_SHORT_NAMES_FULL_MAX slices of static text; returns how many.  A full name is none of
 *         its own. */
unsigned tp_short_names_full(tp_slice token, tp_slice full_out[TP_SHORT_NAMES_FULL_MAX]);

#endif
