/* Bytes nobody should send: every validator meets all of them. */
#ifndef TP_TESTS_SUPPORT_HOSTILE_H
#define TP_TESTS_SUPPORT_HOSTILE_H

#include "platform/base/limits.h"
#include "platform/base/slice.h"

typedef struct tp_hostile {
    const char *row;
    const char *at;
    size_t bytes;
    bool is_utf8;
} tp_hostile;

#define TP_HOSTILE(row, text, is_utf8)                                                             \
    {                                                                                              \
        row, text, sizeof text - 1, is_utf8                                                        \
    }

static const tp_hostile tp_hostiles[] = {
    TP_HOSTILE("empty", "", true),
    TP_HOSTILE("a zero byte", "\0", true),
    TP_HOSTILE("a zero byte after digits", "943\0004765919", true),
    TP_HOSTILE("only spaces", " \t \xC2\xA0 ", true),
    TP_HOSTILE("overlong slash of two bytes", "\xC0\xAF", false),
    TP_HOSTILE("overlong digit of three bytes", "\xE0\x80\xB1", false),
    TP_HOSTILE("overlong digit of four bytes", "\xF0\x80\x80\xB1", false),
    TP_HOSTILE("surrogate", "\xED\xA0\x80", false),
    TP_HOSTILE("above U+10FFFF", "\xF4\x90\x80\x80", false),
    TP_HOSTILE("five byte lead", "\xF8\x88\x80\x80\x80", false),
    TP_HOSTILE("lone continuation", "\x80", false),
    TP_HOSTILE("cut off after one of two", "a\xC3", false),
    TP_HOSTILE("cut off after two of three", "20\xE2\x80", false),
    TP_HOSTILE("cut off after three of four", "\xF0\x9F\x98", false),
    TP_HOSTILE("FF", "\xFF\xFF\xFF\xFF", false),
    TP_HOSTILE("line breaks", "a\r\nb\n", true),
    TP_HOSTILE("terminal escape", "\x1B[2J\x1B]0;x\x07", true),
    TP_HOSTILE("right-to-left override",
               "\xE2\x80\xAE"
               "1984",
               true),
    TP_HOSTILE("quotes and a percent", "'\"; %s%n --", true),
    TP_HOSTILE("full-width digits", "\xEF\xBC\x91\xEF\xBC\x99\xEF\xBC\x98\xEF\xBC\x94", true),
    TP_HOSTILE("sixty-four letters of a combining stack",
               "a\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81", true),
    TP_HOSTILE("number larger than 64 bits", "999999999999999999999999999999", true),
    TP_HOSTILE("signs", "+-+-+-", true),
};

#define TP_HOSTILES (sizeof tp_hostiles / sizeof tp_hostiles[0])

static inline tp_slice tp_hostile_slice(const tp_hostile *h)
{
    return tp_slice_of(h->at, h->bytes);
}

/* As much as one field may hold, all of one byte.  Lives until the next call. */
static inline tp_slice tp_hostile_long(char filler)
{
    static char longest[TP_TEXT_BYTES_MAX];
    memset(longest, filler, sizeof longest);
    return tp_slice_of(longest, sizeof longest);
}

/* Fillers for tp_hostile_long. */
#define TP_HOSTILE_FILLERS "a1 -.:/+~'\n\xFF\xC3"

#endif
