/* Looking codes up, forgivingly where people type and exactly where programs read. */
#include "schema/code_list.h"

#include "schema/utf8.h"

#include <stdio.h>

#define FOLDED_MAX (TP_CODE_BYTES_MAX + 1u)

static size_t fold_code(tp_slice text, char folded[FOLDED_MAX]);
static unsigned slips_between(const char *a, size_t a_bytes, const char *b, size_t b_bytes,
                              unsigned enough);
static tp_rc refuse_unknown(const tp_code_list *list, tp_slice typed, tp_err *err);

const tp_code_list *tp_code_list_named(tp_slice name)
{
    for (const tp_code_list *list = tp_code_lists; list->name != NULL; list++) {
        if (tp_slice_is(name, list->name)) {
            return list;
        }
    }
    return NULL;
}

const tp_code *tp_code_find(const tp_code_list *list, tp_slice code)
{
    for (unsigned i = 0; i < list->count; i++) {
        if (tp_slice_is(code, list->codes[i].code)) {
            return &list->codes[i];
        }
    }
    return NULL;
}

/* The fewest slips between a folded word and an entry's code or label. */
static unsigned slips_to(const tp_code *entry, const char *word, size_t bytes, unsigned enough)
{
    char folded[FOLDED_MAX];
    size_t code_bytes = fold_code(tp_slice_str(entry->code), folded);
    unsigned slips = slips_between(word, bytes, folded, code_bytes, enough);
    size_t label_bytes = fold_code(tp_slice_str(entry->label), folded);
    unsigned label_slips = slips_between(word, bytes, folded, label_bytes, enough);
    return label_slips < slips ? label_slips : slips;
}

static const tp_code *nearest(const tp_code_list *list, tp_slice typed, unsigned slips_max)
{
    char word[FOLDED_MAX];
    size_t bytes = fold_code(typed, word);
    const tp_code *best = NULL;
    unsigned best_slips = slips_max + 1;
    for (unsigned i = 0; bytes > 0 && i < list->count; i++) {
        unsigned slips = slips_to(&list->codes[i], word, bytes, slips_max + 1);
        if (slips < best_slips) {
            best_slips = slips;
            best = &list->codes[i];
        } else if (slips == best_slips && slips <= slips_max) {
            best = NULL; /* two are equally near: guessing would be worse than asking */
        }
    }
    return best;
}

const tp_code *tp_code_suggest(const tp_code_list *list, tp_slice typed)
{
    typed = tp_utf8_trim(typed);
    if (typed.bytes > TP_CODE_BYTES_MAX) {
        return NULL;
    }
    return nearest(list, typed, typed.bytes >= 8 ? 2 : typed.bytes >= 3 ? 1 : 0);
}

static bool is_one_line(tp_slice text)
{
    uint32_t code = 0;
    while (tp_utf8_next(&text, &code)) {
        if (code < ' ' || (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029) {
            return false;
        }
    }
    return text.bytes == 0;
}

tp_rc tp_code_check(const tp_code_list *list, bool is_open, tp_slice typed, tp_slice *code_out,
                    tp_err *err)
{
    typed = tp_utf8_trim(typed);
    if (typed.bytes == 0) {
        return tp_fail(err, TP_INVALID, "%s: it is empty (leave it out, or choose one)",
                       list->label);
    }
    if (typed.bytes > TP_CODE_BYTES_MAX) {
        return tp_fail(err, TP_INVALID, "%s: longer than %u bytes (write a word or two)",
                       list->label, TP_CODE_BYTES_MAX);
    }
    if (!is_one_line(typed)) {
        return tp_fail(err, TP_INVALID, "%s: it is not one line of text (type it again)",
                       list->label);
    }
    const tp_code *entry = nearest(list, typed, 0);
    if (entry != NULL) {
        *code_out = tp_slice_str(entry->code);
        return TP_OK;
    }
    if (!is_open) {
        return refuse_unknown(list, typed, err);
    }
    *code_out = typed;
    return TP_OK;
}

tp_slice tp_code_label(const tp_code_list *list, tp_slice code)
{
    const tp_code *entry = tp_code_find(list, code);
    return entry == NULL ? code : tp_slice_str(entry->label);
}

static tp_rc refuse_unknown(const tp_code_list *list, tp_slice typed, tp_err *err)
{
    const tp_code *near = tp_code_suggest(list, typed);
    if (near != NULL) {
        return tp_fail(err, TP_INVALID, "%s: there is no such code (did you mean %s?)", list->label,
                       near->code);
    }
    char known[sizeof err->what];
    size_t used = 0;
    size_t room = sizeof known - 64; /* what the sentence around the list takes */
    unsigned shown = 0;
    while (shown < list->count) {
        size_t bytes = strlen(list->codes[shown].code);
        if (used + bytes + 2 > room) {
            break;
        }
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", shown > 0 ? ", " : "",
                                 list->codes[shown].code);
        shown++;
    }
    return tp_fail(err, TP_INVALID, "%s: there is no such code (one of: %s%s)", list->label, known,
                   shown < list->count ? ", ..." : "");
}

/* Lower case; every run of anything that is no letter, digit or UTF-8 byte becomes one '_', none at
 * the ends.  Longer text is cut: it then differs from every code. */
static size_t fold_code(tp_slice text, char folded[FOLDED_MAX])
{
    size_t used = 0;
    bool gap = false;
    for (size_t i = 0; i < text.bytes && used + 2 < FOLDED_MAX; i++) {
        uint8_t c = text.at[i];
        if (c >= 'A' && c <= 'Z') {
            c = (uint8_t)(c - 'A' + 'a');
        }
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80)) {
            gap = used > 0;
            continue;
        }
        if (gap) {
            folded[used++] = '_';
            gap = false;
        }
        folded[used++] = (char)c;
    }
    folded[used] = '\0';
    return used;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Letters to add, drop, change or swap with their neighbour to get from one to the other, as far as
 * `enough`: three rows of the usual table (Damerau's restricted distance). */
static unsigned slips_between(const char *a, size_t a_bytes, const char *b, size_t b_bytes,
                              unsigned enough)
{
    size_t gap = a_bytes > b_bytes ? a_bytes - b_bytes : b_bytes - a_bytes;
    if (gap >= enough) {
        return enough;
    }
    unsigned rows[3][FOLDED_MAX + 1] = {{0}};
    unsigned *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b_bytes; j++) {
        above[j] = (unsigned)j;
    }
    for (size_t i = 1; i <= a_bytes; i++) {
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_bytes; j++) {
            unsigned change = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = least(change, 1 + least(above[j], row[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = least(row[j], before[j - 2] + 1);
            }
        }
        unsigned *spare = before;
        before = above;
        above = row;
        row = spare;
    }
    return least(above[b_bytes], enough);
}
