/* The modulus 11 rule of NHS numbers, with a refusal that says what to look at. */
#include "schema/nhs_number.h"

#include "schema/utf8.h"

#include <stdio.h>

/* Gathers digits; counts all of them, keeps the first ten. */
static tp_rc gather_digits(tp_slice typed, char *digits, size_t *count_out, tp_err *err)
{
    size_t count = 0;
    uint32_t code = 0;
    while (tp_utf8_next(&typed, &code)) {
        if (code >= '0' && code <= '9') {
            if (count < TP_NHS_NUMBER_DIGITS) {
                digits[count] = (char)code;
            }
            count++;
        } else if (!tp_utf8_is_space(code) && !tp_utf8_is_dash(code)) {
            return tp_fail(err, TP_INVALID,
                           "NHS number: it has something that is not a digit after %zu digits "
                           "(write ten digits; spaces and hyphens may stand between them)",
                           count);
        }
    }
    if (typed.bytes > 0) {
        return tp_fail(err, TP_INVALID, "NHS number: it is not readable text (write ten digits)");
    }
    *count_out = count;
    return TP_OK;
}

static bool are_all_alike(const char *digits)
{
    for (size_t i = 1; i < TP_NHS_NUMBER_DIGITS; i++) {
        if (digits[i] != digits[0]) {
            return false;
        }
    }
    return true;
}

/* The check digit the first nine ask for: 0..10, where 10 fits no number. */
static unsigned check_digit_of(const char *digits)
{
    unsigned sum = 0;
    for (unsigned i = 0; i < TP_NHS_NUMBER_DIGITS - 1; i++) {
        sum += (unsigned)(digits[i] - '0') * (TP_NHS_NUMBER_DIGITS - i);
    }
    return (11 - sum % 11) % 11;
}

tp_rc tp_nhs_number_normalise(tp_slice typed, char digits_out[TP_NHS_NUMBER_MAX], tp_err *err)
{
    char digits[TP_NHS_NUMBER_MAX] = {0};
    size_t count = 0;
    tp_rc rc = gather_digits(typed, digits, &count, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (count == 0) {
        return tp_fail(err, TP_INVALID,
                       "NHS number: no digits found (leave it out while it is not known)");
    }
    if (count != TP_NHS_NUMBER_DIGITS) {
        return tp_fail(
            err, TP_INVALID, "NHS number: %zu digit%s found, it has 10 (check for one %s)", count,
            count == 1 ? "" : "s", count < TP_NHS_NUMBER_DIGITS ? "left out" : "typed twice");
    }
    if (are_all_alike(digits)) {
        return tp_fail(err, TP_INVALID,
                       "NHS number: ten equal digits are nobody's number (leave it out while it is "
                       "not known)");
    }
    unsigned check = check_digit_of(digits);
    if (check == 10) {
        return tp_fail(err, TP_INVALID,
                       "NHS number: no number begins with these nine digits (check each of them)");
    }
    if (check != (unsigned)(digits[TP_NHS_NUMBER_DIGITS - 1] - '0')) {
        return tp_fail(err, TP_INVALID,
                       "NHS number: the last digit does not fit the other nine (check for two "
                       "digits swapped)");
    }
    memcpy(digits_out, digits, sizeof digits);
    return TP_OK;
}

void tp_nhs_number_format(const char digits[TP_NHS_NUMBER_MAX],
                          char text_out[TP_NHS_NUMBER_TEXT_MAX])
{
    snprintf(text_out, TP_NHS_NUMBER_TEXT_MAX, "%.3s %.3s %.4s", digits, digits + 3, digits + 6);
}
