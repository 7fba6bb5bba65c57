/* NHS numbers: checked, kept as ten digits, shown as 3-3-4. */
#ifndef TP_SCHEMA_NHS_NUMBER_H
#define TP_SCHEMA_NHS_NUMBER_H

#include "platform/base/err.h"
#include "platform/base/slice.h"

#define TP_NHS_NUMBER_DIGITS 10u
#define TP_NHS_NUMBER_MAX (TP_NHS_NUMBER_DIGITS + 1u) /* the digits and their end */
#define TP_NHS_NUMBER_TEXT_MAX 13u                    /* "943 476 5919" and its end */

/* Checks a number as typed and gives its ten digits.
 *
 * Shape:  ten digits; spaces and dashes of any width may stand anywhere between and around them.
 * Errors: INVALID with the rule that was broken and the mend, never with the digits: none typed,
 *         another character, not ten, ten alike (every one of those passes modulus 11, none is
 *         real), the check digit does not fit.
 * Source: NHS Data Dictionary, NHS NUMBER: modulus 11, weights 10..2. */
TP_MUST_USE tp_rc tp_nhs_number_normalise(tp_slice typed, char digits_out[TP_NHS_NUMBER_MAX],
                                          tp_err *err);

/* "9434765919" -> "943 476 5919".  `digits` come from tp_nhs_number_normalise. */
void tp_nhs_number_format(const char digits[TP_NHS_NUMBER_MAX],
                          char text_out[TP_NHS_NUMBER_TEXT_MAX]);

#endif
