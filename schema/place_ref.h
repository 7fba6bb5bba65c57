/* References to a place, beside what a worker would say: three words, or an OS grid reference.
 * Never required. */
#ifndef TP_SCHEMA_PLACE_REF_H
#define TP_SCHEMA_PLACE_REF_H

#include "platform/base/err.h"
#include "platform/base/slice.h"

#define TP_PLACE_REF_MAX 128u /* the longest reference and its end */

typedef enum tp_place_ref_kind {
    TP_PLACE_REF_WORDS, /* filled.count.soap */
    TP_PLACE_REF_GRID   /* SK572398 */
} tp_place_ref_kind;

/* Checks a reference as typed and gives its stored form.
 *
 *   typed                                             stored
 *   filled.count.soap, ///Filled.Count.Soap,
 *   filled . count . soap, https://w3w.co/filled.count.soap   filled.count.soap
 *   SK 572 398, sk572398, SK 57200 39800              SK572398, SK572398, SK5720039800
 *
 * Shape:  words are letters of any script, lower case where they are ASCII; whether a place has
 *         such a name is not known here.  A grid reference has the letters of a square with land
 *         and 2 to 10 digits, an even number: 10 km to 1 m.
 * Errors: INVALID with the mend, never with the reference: it is neither; not three words; an
 *         unknown square; an odd number of digits, none, or more than 10.
 * Source: Ordnance Survey, Using the National Grid (squares); the National Grid of Great Britain
 *         alone. */
TP_MUST_USE tp_rc tp_place_ref_normalise(tp_slice typed, tp_place_ref_kind *kind_out,
                                         char text_out[TP_PLACE_REF_MAX], tp_err *err);

#endif
