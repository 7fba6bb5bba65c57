#!/usr/bin/env python3
"""Prints the rows of schema/letter_fold.c from the Unicode character database that Python carries.

Run it by hand when a newer Unicode adds letters:  python3 toolchains/letter_fold.py > schema/letter_fold.c
A letter is lower-cased, decomposed (NFKD) and stripped of its marks.  Letters whose stroke or hook
Unicode does not decompose are listed here by hand, each as people write it without the mark.
"""
import unicodedata

BY_HAND = {
    "æ": "ae", "œ": "oe", "ø": "o", "ð": "d", "đ": "d", "þ": "th", "ħ": "h", "ı": "i", "ĸ": "k",
    "ł": "l", "ŋ": "ng", "ŧ": "t", "ß": "ss", "ŀ": "l", "ŉ": "n", "ſ": "s", "ƀ": "b", "ɓ": "b",
    "ƃ": "b", "ƈ": "c", "ɖ": "d", "ɗ": "d", "ƌ": "d", "ǝ": "e", "ə": "e", "ɛ": "e", "ƒ": "f",
    "ɠ": "g", "ɣ": "g", "ƕ": "hv", "ɨ": "i", "ɩ": "i", "ƙ": "k", "ƚ": "l", "ƛ": "l", "ɯ": "m",
    "ɲ": "n", "ƞ": "n", "ɵ": "o", "ɔ": "o", "ƥ": "p", "ƨ": "s", "ʃ": "sh", "ƪ": "sh", "ƫ": "t",
    "ƭ": "t", "ʈ": "t", "ʊ": "u", "ʋ": "v", "ƴ": "y", "ƶ": "z", "ʒ": "zh", "ƹ": "zh", "ƺ": "zh",
    "ǥ": "g", "ȝ": "y", "ȡ": "d", "ȣ": "ou", "ȥ": "z", "ȴ": "l", "ȵ": "n", "ȶ": "t", "ȷ": "j",
    "ȸ": "db", "ȹ": "qp", "ⱥ": "a", "ȼ": "c", "ⱦ": "t", "ȿ": "s", "ɀ": "z", "ʉ": "u", "ʌ": "v",
    "ɇ": "e", "ɉ": "j", "ɋ": "q", "ɍ": "r", "ɏ": "y", "ʀ": "r", "ƿ": "w", "ɂ": "", "ƣ": "gh",
    "ƅ": "", "ƽ": "", "ƻ": "", "ƾ": "", "ƍ": "d", "ẜ": "s", "ẝ": "s", "ẟ": "d", "ỻ": "ll", "ỽ": "v",
    "ỿ": "y", "ẚ": "a",
}


def fold(code):
    text = chr(code).lower()
    out = ""
    for c in unicodedata.normalize("NFKD", text):
        if unicodedata.category(c) == "Mn":
            continue
        c = c.lower()
        c = BY_HAND.get(c, c)
        for d in unicodedata.normalize("NFKD", c):
            d = BY_HAND.get(d, d)
            out += "".join(x for x in d if x.isascii() and (x.isalnum()))
    return out


def rows(first, last):
    line = []
    for code in range(first, last + 1):
        line.append('"%s"' % fold(code))
        if len(line) == 16:
            print("    " + ", ".join(line) + ", /* %04X */" % (code - 15))
            line = []
    if line:
        print("    " + ", ".join(line) + ",")


print('''/* Printed by toolchains/letter_fold.py from Unicode %s; change it there. */
#include "schema/letter_fold.h"

#define LATIN_FIRST 0x00C0u
#define LATIN_LAST  0x024Fu
#define MORE_FIRST  0x1E00u
#define MORE_LAST   0x1EFFu

/* clang-format off */
static const char latin[LATIN_LAST - LATIN_FIRST + 1][4] = {''' % unicodedata.unidata_version)
rows(0xC0, 0x24F)
print('''};

static const char more_latin[MORE_LAST - MORE_FIRST + 1][4] = {''')
rows(0x1E00, 0x1EFF)
print('''};
/* clang-format on */

const char *tp_letter_fold(uint32_t code)
{
    if (code >= LATIN_FIRST && code <= LATIN_LAST) {
        return latin[code - LATIN_FIRST];
    }
    if (code >= MORE_FIRST && code <= MORE_LAST) {
        return more_latin[code - MORE_FIRST];
    }
    return NULL;
}''')
