/* Reducing a typed phone number to what would be dialled from abroad. */
#include "schema/phone.h"

#include "schema/utf8.h"

/* The number as typed, without what only parts it. */
typedef struct dialled {
    char digits[TP_PHONE_TYPED_MAX + 1];
    size_t count;
    char extension[TP_PHONE_EXTENSION_MAX + 1];
    bool plus;
} dialled;

static tp_rc gather(tp_slice typed, dialled *d, tp_err *err);
static tp_rc international(const char *digits, size_t count, const dialled *d, char *key,
                           tp_err *err);
static tp_rc national(const char *digits, size_t count, const dialled *d, char *key, tp_err *err);

static tp_rc refuse_length(tp_err *err, size_t count)
{
    return tp_fail(
        err, TP_INVALID,
        "phone: %zu digit%s found, which is too %s (write the whole number, and one only)", count,
        count == 1 ? "" : "s", count < 8 ? "few" : "many");
}

static size_t append(char *key, size_t at, const char *text)
{
    for (; *text != '\0' && at + 1 < TP_PHONE_KEY_MAX; text++) {
        key[at++] = *text;
    }
    key[at] = '\0';
    return at;
}

static void write_key(char *key, const char *country, const char *digits, const dialled *d)
{
    size_t at = append(key, 0, country);
    at = append(key, at, digits);
    if (d->extension[0] != '\0') {
        at = append(key, at, "x");
        append(key, at, d->extension);
    }
}

tp_rc tp_phone_key(tp_slice typed, char key_out[TP_PHONE_KEY_MAX], tp_err *err)
{
    dialled d = {.count = 0};
    tp_rc rc = gather(typed, &d, err);
    if (rc != TP_OK) {
        return rc;
    }
    if (d.plus) {
        return international(d.digits, d.count, &d, key_out, err);
    }
    if (strncmp(d.digits, "00", 2) == 0) {
        return international(d.digits + 2, d.count - 2, &d, key_out, err);
    }
    if (d.digits[0] == '0') {
        return national(d.digits + 1, d.count - 1, &d, key_out, err);
    }
    if (d.count == 12 && strncmp(d.digits, "44", 2) == 0) {
        return international(d.digits, d.count, &d, key_out, err);
    }
    if (d.count == 10 && d.digits[0] == '7') { /* a spreadsheet ate the 0 */
        return national(d.digits, d.count, &d, key_out, err);
    }
    if (d.count > 8) {
        return tp_fail(err, TP_INVALID,
                       "phone: it begins with neither 0 nor + (write 0 first, or + and the country "
                       "for a number from abroad)");
    }
    if (d.count < 3) {
        return refuse_length(err, d.count);
    }
    write_key(key_out, "", d.digits, &d);
    return TP_OK;
}

static tp_rc international(const char *digits, size_t count, const dialled *d, char *key,
                           tp_err *err)
{
    if (count == 0 || digits[0] == '0') {
        return tp_fail(err, TP_INVALID,
                       "phone: the country is missing (write +44 for the UK, +353 for Ireland)");
    }
    if (strncmp(digits, "44", 2) == 0) {
        size_t trunk = digits[2] == '0' ? 1 : 0; /* +44 (0)7700 */
        return national(digits + 2 + trunk, count - 2 - trunk, d, key, err);
    }
    if (count < 7 || count > TP_PHONE_DIGITS_MAX) {
        return refuse_length(err, count);
    }
    write_key(key, "+", digits, d);
    return TP_OK;
}

/* `digits` without the 0 that is dialled at home. */
static tp_rc national(const char *digits, size_t count, const dialled *d, char *key, tp_err *err)
{
    bool is_short_one =
        strcmp(digits, "8001111") == 0 || (count == 7 && strncmp(digits, "845464", 6) == 0);
    if (digits[0] == '0') {
        return tp_fail(err, TP_INVALID,
                       "phone: there is a 0 too many after +44 (leave the noughts out there)");
    }
    if (digits[0] == '7' && count != 10) {
        return tp_fail(
            err, TP_INVALID,
            "phone: %zu digits found, a number that begins with 07 has 11 (check for one "
            "%s)",
            count + 1, count < 10 ? "left out" : "typed twice");
    }
    if (count != 9 && count != 10 && !is_short_one) {
        return tp_fail(err, TP_INVALID,
                       "phone: %zu digit%s found, a UK number has 10 or 11 with its 0 (check them)",
                       count + 1, count == 0 ? "" : "s");
    }
    write_key(key, "+44", digits, d);
    return TP_OK;
}

static bool only_parts(uint32_t code)
{
    return tp_utf8_is_space(code) || tp_utf8_is_dash(code) || code == '(' || code == ')' ||
           code == '.' || code == '/';
}

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

/* Takes "x", "ext", "extn", "extension" or "#" off the front, in any case. */
static bool take_extension_word(tp_slice *text)
{
    static const char *const words[] = {"extension", "extn", "ext", "x", "#"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t bytes = strlen(words[i]), same = 0;
        while (same < bytes && same < text->bytes &&
               lower(text->at[same]) == (uint8_t)words[i][same]) {
            same++;
        }
        if (same == bytes) {
            *text = tp_slice_of(text->at + bytes, text->bytes - bytes);
            return true;
        }
    }
    return false;
}

static tp_rc refuse_extension(tp_err *err)
{
    return tp_fail(err, TP_INVALID,
                   "phone: the extension is not a number of 1 to %u digits (write ext 12, and "
                   "anything else in a note)",
                   TP_PHONE_EXTENSION_MAX);
}

static tp_rc gather_extension(tp_slice text, dialled *d, tp_err *err)
{
    size_t count = 0;
    while (text.bytes > 0) {
        uint32_t code = 0;
        if (!tp_utf8_next(&text, &code)) {
            return refuse_extension(err);
        }
        if (code >= '0' && code <= '9' && count < TP_PHONE_EXTENSION_MAX) {
            d->extension[count++] = (char)code;
        } else if (!only_parts(code)) {
            return refuse_extension(err);
        }
    }
    return count == 0 ? refuse_extension(err) : TP_OK;
}

static tp_rc refuse_letters(tp_err *err)
{
    return tp_fail(err, TP_INVALID,
                   "phone: it has something other than digits (write digits, spaces, a + in front, "
                   "ext 12 behind; whose phone it is belongs in a note)");
}

static tp_rc gather(tp_slice typed, dialled *d, tp_err *err)
{
    typed = tp_utf8_trim(typed);
    if (typed.bytes > TP_PHONE_TYPED_MAX) {
        return tp_fail(err, TP_INVALID, "phone: longer than %u bytes (write one number)",
                       TP_PHONE_TYPED_MAX);
    }
    while (typed.bytes > 0) {
        uint32_t code = 0;
        if (d->count > 0 && take_extension_word(&typed)) {
            return gather_extension(typed, d, err);
        }
        if (!tp_utf8_next(&typed, &code)) {
            return refuse_letters(err);
        }
        if (code >= '0' && code <= '9') {
            d->digits[d->count++] = (char)code;
        } else if (code == '+' && d->count == 0 && !d->plus) {
            d->plus = true;
        } else if (!only_parts(code)) {
            return refuse_letters(err);
        }
    }
    if (d->count == 0) {
        return tp_fail(err, TP_INVALID,
                       "phone: no digits found (leave it out while it is not known)");
    }
    return d->count > 2 * TP_PHONE_DIGITS_MAX ? refuse_length(err, d->count) : TP_OK;
}
