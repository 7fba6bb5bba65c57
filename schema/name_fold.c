/* Folding by tables: one code point at a time, never more bytes out than in. */
#include "schema/name_fold.h"

#include "schema/letter_fold.h"

#include <assert.h>

/* What a code point becomes where it is no plain ASCII and no Latin letter. */
typedef enum act {
    KEEP, /* a letter of its own */
    DROP, /* a mark, a point, an apostrophe, a direction sign */
    PART, /* punctuation: tokens end here */
    MOVE  /* to code + delta */
} act;

typedef struct range {
    uint32_t first, last;
    act act;
    int32_t delta; /* MOVE */
    uint32_t step; /* MOVE: only every so many, from the first */
} range;

/* Ascending; the first row that holds a code point counts.  What no row holds is kept. */
static const range ranges[] = {
    {0x0080, 0x00A9, PART, 0, 0},
    {0x00AB, 0x00AC, PART, 0, 0},
    {0x00AD, 0x00AD, DROP, 0, 0}, /* soft hyphen */
    {0x00AE, 0x00B3, PART, 0, 0},
    {0x00B6, 0x00B9, PART, 0, 0},
    {0x00BB, 0x00BF, PART, 0, 0},
    {0x02B0, 0x036F, DROP, 0, 0}, /* modifier letters and combining marks */
    {0x0387, 0x0387, PART, 0, 0},
    {0x0391, 0x03A1, MOVE, 0x20, 1}, /* Greek capitals */
    {0x03A3, 0x03A9, MOVE, 0x20, 1},
    {0x0410, 0x042F, MOVE, 0x20, 1}, /* Cyrillic capitals */
    {0x0460, 0x0480, MOVE, 1, 2},
    {0x0482, 0x0482, PART, 0, 0},
    {0x0483, 0x0489, DROP, 0, 0},
    {0x048A, 0x04BE, MOVE, 1, 2},
    {0x04C1, 0x04CD, MOVE, 1, 2},
    {0x04D0, 0x052E, MOVE, 1, 2},
    {0x0531, 0x0556, MOVE, 0x30, 1}, /* Armenian capitals */
    {0x0559, 0x055F, DROP, 0, 0},
    {0x0589, 0x058F, PART, 0, 0},
    {0x0591, 0x05BD, DROP, 0, 0}, /* Hebrew points */
    {0x05BE, 0x05BE, PART, 0, 0}, /* maqaf: a hyphen */
    {0x05BF, 0x05C7, DROP, 0, 0},
    {0x05F3, 0x05F4, DROP, 0, 0}, /* geresh: an apostrophe */
    {0x0600, 0x060F, PART, 0, 0},
    {0x0610, 0x061A, DROP, 0, 0}, /* Arabic marks */
    {0x061B, 0x061F, PART, 0, 0},
    {0x0640, 0x0640, DROP, 0, 0}, /* tatweel stretches a word */
    {0x064B, 0x065F, DROP, 0, 0}, /* vowel points */
    {0x0660, 0x0669, MOVE, '0' - 0x0660, 1},
    {0x066A, 0x066D, PART, 0, 0},
    {0x0670, 0x0670, DROP, 0, 0},
    {0x06D4, 0x06D4, PART, 0, 0},
    {0x06D6, 0x06ED, DROP, 0, 0},
    {0x06F0, 0x06F9, MOVE, '0' - 0x06F0, 1},
    {0x1AB0, 0x1AFF, DROP, 0, 0},
    {0x1DC0, 0x1DFF, DROP, 0, 0},
    {0x2000, 0x200A, PART, 0, 0},
    {0x200B, 0x200F, DROP, 0, 0}, /* zero width, direction */
    {0x2010, 0x2017, PART, 0, 0},
    {0x201C, 0x2029, PART, 0, 0},
    {0x202A, 0x202E, DROP, 0, 0}, /* direction */
    {0x202F, 0x2031, PART, 0, 0},
    {0x2033, 0x205F, PART, 0, 0},
    {0x2060, 0x206F, DROP, 0, 0},
    {0x20A0, 0x20CF, PART, 0, 0}, /* currencies */
    {0x20D0, 0x20FF, DROP, 0, 0},
    {0x2190, 0x2BFF, PART, 0, 0}, /* arrows, boxes, symbols */
    {0x3000, 0x3004, PART, 0, 0},
    {0x3008, 0x3020, PART, 0, 0},
    {0xFE00, 0xFE0F, DROP, 0, 0}, /* variants */
    {0xFE20, 0xFE2F, DROP, 0, 0},
    {0xFE30, 0xFE6F, PART, 0, 0},
    {0xFEFF, 0xFEFF, DROP, 0, 0},
    {0xFF01, 0xFF0F, PART, 0, 0},
    {0xFF10, 0xFF19, MOVE, '0' - 0xFF10, 1}, /* full width */
    {0xFF1A, 0xFF20, PART, 0, 0},
    {0xFF21, 0xFF3A, MOVE, 'a' - 0xFF21, 1},
    {0xFF3B, 0xFF40, PART, 0, 0},
    {0xFF41, 0xFF5A, MOVE, 'a' - 0xFF41, 1},
    {0xFF5B, 0xFF65, PART, 0, 0},
    {0xFFF0, 0xFFFF, PART, 0, 0},
    {0x1F000, 0x1FAFF, PART, 0, 0},  /* pictures */
    {0xE0000, 0x10FFFF, DROP, 0, 0}, /* tags, private use */
};

/* Letters that are searched as another one: composed forms, so that they meet the decomposed ones,
 * and pairs that people write for each other (Arabic: as search in Arabic usually does). */
static const struct {
    uint32_t from, to;
} letters[] = {
    {0x00AA, 'a'},    {0x00B5, 0x03BC}, {0x00BA, 'o'},    {0x0386, 0x03B1}, {0x0388, 0x03B5},
    {0x0389, 0x03B7}, {0x038A, 0x03B9}, {0x038C, 0x03BF}, {0x038E, 0x03C5}, {0x038F, 0x03C9},
    {0x0390, 0x03B9}, {0x03AA, 0x03B9}, {0x03AB, 0x03C5}, {0x03AC, 0x03B1}, {0x03AD, 0x03B5},
    {0x03AE, 0x03B7}, {0x03AF, 0x03B9}, {0x03B0, 0x03C5}, {0x03C2, 0x03C3}, {0x03CA, 0x03B9},
    {0x03CB, 0x03C5}, {0x03CC, 0x03BF}, {0x03CD, 0x03C5}, {0x03CE, 0x03C9}, {0x0400, 0x0435},
    {0x0401, 0x0435}, {0x0402, 0x0452}, {0x0403, 0x0433}, {0x0404, 0x0454}, {0x0405, 0x0455},
    {0x0406, 0x0456}, {0x0407, 0x0456}, {0x0408, 0x0458}, {0x0409, 0x0459}, {0x040A, 0x045A},
    {0x040B, 0x045B}, {0x040C, 0x043A}, {0x040D, 0x0438}, {0x040E, 0x0443}, {0x040F, 0x045F},
    {0x0419, 0x0438}, {0x0439, 0x0438}, {0x0450, 0x0435}, {0x0451, 0x0435}, {0x0453, 0x0433},
    {0x0457, 0x0456}, {0x045C, 0x043A}, {0x045D, 0x0438}, {0x045E, 0x0443}, {0x04C0, 0x04CF},
    {0x0622, 0x0627}, {0x0623, 0x0627}, {0x0624, 0x0648}, {0x0625, 0x0627}, {0x0626, 0x064A},
    {0x0629, 0x0647}, {0x0649, 0x064A}, {0x0671, 0x0627}, {0x06A9, 0x0643}, {0x06C0, 0x0647},
    {0x06C1, 0x0647}, {0x06C2, 0x0647}, {0x06CC, 0x064A}, {0x06D5, 0x0647},
};

static const struct {
    uint32_t code;
    const char *text;
} ligatures[] = {
    {0xFB00, "ff"},  {0xFB01, "fi"}, {0xFB02, "fl"}, {0xFB03, "ffi"},
    {0xFB04, "ffl"}, {0xFB05, "st"}, {0xFB06, "st"},
};

/* What one code point folds to: at most as many bytes as it had. */
typedef struct folded {
    uint8_t at[TP_UTF8_BYTES_MAX];
    size_t bytes; /* 0: nothing */
    bool parts;   /* a token ends here */
} folded;

static folded fold_ascii(uint8_t c);
static folded fold_code(uint32_t code);

/* Writes tokens; keeps whole ones only. */
typedef struct writer {
    char *out;
    size_t room, used;
    size_t token_at; /* where the token being written began, its space included */
    bool in_token;
    bool full;
} writer;

static void put_byte(writer *w, uint8_t byte)
{
    if (w->used == w->room) {
        w->full = true;
        return;
    }
    w->out[w->used++] = (char)byte;
}

static void put(writer *w, const folded *f)
{
    if (f->parts) {
        w->in_token = false;
        return;
    }
    if (f->bytes > 0 && !w->in_token) {
        w->token_at = w->used;
        w->in_token = true;
        if (w->used > 0) {
            put_byte(w, ' ');
        }
    }
    for (size_t i = 0; i < f->bytes; i++) {
        put_byte(w, f->at[i]);
    }
}

/* In place is safe: what is written for a code point never passes the point where it was read,
 * since nothing grows and a space takes the place of at least one byte that parted two tokens. */
size_t tp_text_fold(tp_slice text, char *out, size_t room)
{
    writer w = {.out = out, .room = room};
    while (text.bytes > 0 && !w.full) {
        uint32_t code = 0;
        folded f = {.parts = true};
        if (text.at[0] < 0x80) { /* most text: spare it the tables */
            f = fold_ascii(text.at[0]);
            text = tp_slice_of(text.at + 1, text.bytes - 1);
        } else if (tp_utf8_next(&text, &code)) {
            f = fold_code(code);
        } else {
            text = tp_slice_of(text.at + 1, text.bytes - 1);
        }
        put(&w, &f);
    }
    return w.full ? w.token_at : w.used;
}

static bool joins_the_next(tp_slice token)
{
    return tp_slice_is(token, "o") || tp_slice_is(token, "mc");
}

size_t tp_name_fold(tp_slice name, char *out, size_t room)
{
    size_t bytes = tp_text_fold(name, out, room);
    tp_slice rest = tp_slice_of(out, bytes);
    tp_slice token;
    size_t used = 0;
    bool joined = true; /* nothing to part from at the start */
    while (tp_fold_next(&rest, &token)) {
        bool may_be_joined = token.bytes > 1; /* "O B" are two initials */
        if (!(joined && (used == 0 || may_be_joined))) {
            out[used++] = ' ';
        }
        joined = joins_the_next(token);
        memmove(out + used, token.at, token.bytes);
        used += token.bytes;
    }
    return used;
}

bool tp_fold_next(tp_slice *folded_text, tp_slice *token_out)
{
    tp_slice rest = *folded_text;
    while (rest.bytes > 0 && rest.at[0] == ' ') {
        rest = tp_slice_of(rest.at + 1, rest.bytes - 1);
    }
    const uint8_t *end = rest.bytes == 0 ? NULL : memchr(rest.at, ' ', rest.bytes);
    size_t bytes = end == NULL ? rest.bytes : (size_t)(end - rest.at);
    *token_out = tp_slice_of(rest.at, bytes);
    *folded_text = tp_slice_of(bytes == 0 ? rest.at : rest.at + bytes, rest.bytes - bytes);
    return bytes > 0;
}

static folded fold_ascii(uint8_t c)
{
    folded f = {.at = {c}, .bytes = 1};
    if (c >= 'A' && c <= 'Z') {
        f.at[0] = (uint8_t)(c - 'A' + 'a');
    } else if (tp_utf8_is_apostrophe(c)) {
        f.bytes = 0;
    } else if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) {
        f.bytes = 0;
        f.parts = true;
    }
    return f;
}

static folded fold_to_text(const char *text)
{
    folded f = {.bytes = strlen(text)};
    assert(f.bytes <= sizeof f.at);
    memcpy(f.at, text, f.bytes);
    return f;
}

static const range *range_of(uint32_t code)
{
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0] && ranges[i].first <= code; i++) {
        if (code <= ranges[i].last) {
            return &ranges[i];
        }
    }
    return NULL;
}

static uint32_t letter_of(uint32_t code)
{
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
        if (letters[i].from == code) {
            return letters[i].to;
        }
    }
    return code;
}

static folded fold_code(uint32_t code)
{
    folded f = {.bytes = 0};
    const char *latin = tp_letter_fold(code);
    if (latin != NULL) {
        return fold_to_text(latin);
    }
    for (size_t i = 0; i < sizeof ligatures / sizeof ligatures[0]; i++) {
        if (ligatures[i].code == code) {
            return fold_to_text(ligatures[i].text);
        }
    }
    uint32_t letter = letter_of(code);
    const range *r = letter != code || tp_utf8_is_apostrophe(code) ? NULL : range_of(code);
    if (tp_utf8_is_apostrophe(code) || (r != NULL && r->act == DROP)) {
        return f;
    }
    if (r != NULL && r->act == PART) {
        f.parts = true;
        return f;
    }
    if (r != NULL && r->act == MOVE && (code - r->first) % r->step == 0) {
        letter = (uint32_t)((int32_t)code + r->delta);
    }
    f.bytes = tp_utf8_put(letter, f.at);
    return f;
}
