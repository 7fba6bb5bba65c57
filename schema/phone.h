/* Phone numbers: what was typed is what is shown; two are compared by a key. */
#ifndef TP_SCHEMA_PHONE_H
#define TP_SCHEMA_PHONE_H

#include "platform/base/err.h"
#include "platform/base/slice.h"

#define TP_PHONE_DIGITS_MAX 15u /* of an international number.  Source: ITU-T E.164 */
#define TP_PHONE_EXTENSION_MAX 6u
#define TP_PHONE_KEY_MAX (1u + TP_PHONE_DIGITS_MAX + 1u + TP_PHONE_EXTENSION_MAX + 1u)
#define TP_PHONE_TYPED_MAX 64u

/* Gives the key of a number: "+447700900418", with its extension "+441155550100x12".
 *
 *   typed                                           key
 *   07700 900418, +44 7700 900418, 0044 7700-900418,
 *   +44 (0)7700 900418, 447700900418, 7700900418    +447700900418
 *   (0115) 496 0123 ext. 12                         +441154960123x12
 *   00 353 1 555 0100                               +35315550100
 *   116 123, 999                                    116123, 999 (dialled as they are)
 *   496 0123                                        4960123 (no area: equal only to itself)
 *
 * Shape:  key_out ends with a zero; two numbers are the same where their keys are.
 * Errors: INVALID with the mend, never with the number: no digits, letters, two numbers in one
 *         field, too few or too many digits, no country after + or 00.
 * Source: ITU-T E.164 (length, country); Ofcom, The National Telephone Numbering Plan (national
 *         numbers have 9 or 10 digits after the 0, those that begin 07 have 10; 0800 1111 and 0845
 *         46 4x are the two shorter ones). */
TP_MUST_USE tp_rc tp_phone_key(tp_slice typed, char key_out[TP_PHONE_KEY_MAX], tp_err *err);

#endif
