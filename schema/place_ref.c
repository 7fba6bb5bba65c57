/* Three words and grid references. */
#include "schema/place_ref.h"

#include "schema/utf8.h"

#define GRID_DIGITS_MAX 10u

static tp_rc read_words(tp_slice typed, char *text, tp_err *err);
static tp_rc read_grid(tp_slice typed, char *text, tp_err *err);

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

static bool take_prefix(tp_slice *text, const char *prefix)
{
    size_t bytes = strlen(prefix);
    if (text->bytes < bytes) {
        return false;
    }
    for (size_t i = 0; i < bytes; i++) {
        if (lower(text->at[i]) != (uint8_t)prefix[i]) {
            return false;
        }
    }
    *text = tp_slice_of(text->at + bytes, text->bytes - bytes);
    return true;
}

/* What stands before three words that somebody copied. */
static bool take_word_prefixes(tp_slice *text)
{
    static const char *const prefixes[] = {"https://",        "http://", "www.",
                                           "what3words.com/", "w3w.co/", "///"};
    bool taken = false;
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        taken = take_prefix(text, prefixes[i]) || taken;
    }
    return taken;
}

tp_rc tp_place_ref_normalise(tp_slice typed, tp_place_ref_kind *kind_out,
                             char text_out[TP_PLACE_REF_MAX], tp_err *err)
{
    char text[TP_PLACE_REF_MAX] = "";
    typed = tp_utf8_trim(typed);
    if (typed.bytes == 0) {
        return tp_fail(err, TP_INVALID, "place reference: it is empty (leave it out)");
    }
    if (typed.bytes >= TP_PLACE_REF_MAX) {
        return tp_fail(err, TP_INVALID,
                       "place reference: longer than %u bytes (a description belongs in the place)",
                       TP_PLACE_REF_MAX - 1);
    }
    bool is_words = take_word_prefixes(&typed) || memchr(typed.at, '.', typed.bytes) != NULL;
    tp_rc rc = is_words ? read_words(typed, text, err) : read_grid(typed, text, err);
    if (rc == TP_OK) {
        *kind_out = is_words ? TP_PLACE_REF_WORDS : TP_PLACE_REF_GRID;
        memcpy(text_out, text, sizeof text);
    }
    return rc;
}

static tp_rc refuse_words(tp_err *err)
{
    return tp_fail(err, TP_INVALID,
                   "place reference: not three words joined by dots (write filled.count.soap, or a "
                   "grid reference as SK 572 398)");
}

/* Letters of any script; no ASCII sign and nothing that parts words in other scripts. */
static bool is_word_letter(uint32_t code)
{
    bool is_ascii_letter = (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
    bool is_sign = code < 0xC0 || tp_utf8_is_space(code) || tp_utf8_is_dash(code) ||
                   (code >= 0x2000 && code <= 0x2BFF) || (code >= 0x3000 && code <= 0x3004) ||
                   (code >= 0xE000 && code <= 0xF8FF) || code >= 0xFE00;
    return is_ascii_letter || !is_sign;
}

static tp_rc read_words(tp_slice typed, char *text, tp_err *err)
{
    size_t used = 0, letters = 0, dots = 0;
    bool gap = false; /* a space after letters: only a dot may follow */
    while (typed.bytes > 0) {
        uint32_t code = 0;
        if (!tp_utf8_next(&typed, &code)) {
            return refuse_words(err);
        }
        if (tp_utf8_is_space(code)) {
            gap = letters > 0;
        } else if (code == '.' && letters > 0 && dots < 2) {
            text[used++] = '.';
            dots++;
            letters = 0;
            gap = false;
        } else if (is_word_letter(code) && !gap) {
            code = code < 0x80 ? lower((uint8_t)code) : code;
            used += tp_utf8_put(code, (uint8_t *)text + used);
            letters++;
        } else {
            return refuse_words(err);
        }
    }
    return dots == 2 && letters > 0 ? TP_OK : refuse_words(err);
}

static bool is_land_square(const char *letters)
{
    static const char squares[] = "HP HT HU HW HX HY HZ NA NB NC ND NF NG NH NJ NK NL NM NN NO NR "
                                  "NS NT NU NW NX NY NZ OV SC SD SE SH SJ SK SM SN SO SP SR SS ST "
                                  "SU SV SW SX SY SZ TA TF TG TL TM TQ TR TV ";
    for (const char *s = squares; *s != '\0'; s += 3) {
        if (memcmp(s, letters, 2) == 0) {
            return true;
        }
    }
    return false;
}

static tp_rc refuse_neither(tp_err *err)
{
    return tp_fail(err, TP_INVALID,
                   "place reference: neither three words nor a grid reference (write "
                   "filled.count.soap or SK 572 398; a description belongs in the place)");
}

/* Two letters, then digits; spaces, commas and dashes may part them. */
static tp_rc read_grid(tp_slice typed, char *text, tp_err *err)
{
    size_t used = 0;
    while (typed.bytes > 0) {
        uint32_t code = 0;
        if (!tp_utf8_next(&typed, &code)) {
            return refuse_neither(err);
        }
        bool is_letter = (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
        bool is_digit = code >= '0' && code <= '9';
        if ((is_letter && used < 2) || (is_digit && used >= 2)) {
            text[used++] = is_letter ? (char)(code & ~0x20u) : (char)code;
        } else if (!tp_utf8_is_space(code) && !tp_utf8_is_dash(code) && code != ',') {
            return refuse_neither(err);
        }
    }
    if (used < 2) {
        return refuse_neither(err);
    }
    if (!is_land_square(text)) {
        return tp_fail(err, TP_INVALID,
                       "place reference: there is no such grid square on land (check its two "
                       "letters)");
    }
    size_t digits = used - 2;
    if (digits == 0 || digits > GRID_DIGITS_MAX || digits % 2 != 0) {
        return tp_fail(
            err, TP_INVALID,
            "place reference: %zu digit%s after the letters (write 2, 4, 6, 8 or 10, half "
            "east and half north)",
            digits, digits == 1 ? "" : "s");
    }
    return TP_OK;
}
