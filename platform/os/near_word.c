/* Near words: the restricted edit distance (Damerau's, each letter moved once at most). */
#include "platform/os/near_word.h"

enum { LETTERS_MIN = 3, LETTERS_FOR_TWO = 6 };

static char letter_of(tp_slice word, size_t at)
{
    char c = (char)word.at[at];
    return c == '_' ? '-' : c;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned tp_near_word_slips(tp_slice a, tp_slice b, unsigned most)
{
    unsigned rows[3][TP_NEAR_WORD_BYTES_MAX + 1]; /* of the table: two before, before, this one */
    size_t longer = a.bytes > b.bytes ? a.bytes : b.bytes;
    size_t shorter = a.bytes > b.bytes ? b.bytes : a.bytes;
    if (longer > TP_NEAR_WORD_BYTES_MAX || longer - shorter > most) {
        return most + 1;
    }
    for (size_t j = 0; j <= b.bytes; j++) {
        rows[0][j] = (unsigned)j;
    }
    for (size_t i = 1; i <= a.bytes; i++) {
        unsigned *now = rows[i % 3];
        const unsigned *before = rows[(i + 2) % 3];
        now[0] = (unsigned)i;
        for (size_t j = 1; j <= b.bytes; j++) {
            unsigned changed = letter_of(a, i - 1) != letter_of(b, j - 1) ? 1 : 0;
            now[j] = least(before[j - 1] + changed, least(before[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && letter_of(a, i - 1) == letter_of(b, j - 2) &&
                letter_of(a, i - 2) == letter_of(b, j - 1)) {
                now[j] = least(now[j], rows[(i + 1) % 3][j - 2] + 1);
            }
        }
    }
    return least(rows[a.bytes % 3][b.bytes], most + 1);
}

tp_near_word tp_near_word_begin(tp_slice typed)
{
    tp_near_word near = {typed, UINT32_MAX, NULL};
    return near;
}

void tp_near_word_offer(tp_near_word *near, const char *word)
{
    tp_slice whole = tp_slice_str(word);
    tp_slice begin = whole;
    unsigned most = near->typed.bytes >= LETTERS_FOR_TWO ? 2 : 1;
    if (near->typed.bytes < LETTERS_MIN) {
        return;
    }
    if (begin.bytes > near->typed.bytes) {
        begin.bytes = near->typed.bytes;
    }
    unsigned slips = tp_near_word_slips(near->typed, whole, most);
    if (slips > 1 && tp_near_word_slips(near->typed, begin, 0) == 0) {
        slips = 1; /* the word was not finished */
    }
    if (slips > most) {
        return;
    }
    if (slips < near->slips) {
        near->slips = slips;
        near->best = word;
    } else if (slips == near->slips) {
        near->best = NULL; /* guessing would be worse than asking */
    }
}

void tp_near_word_show(const char *word, char out[TP_NEAR_WORD_BYTES_MAX + 1])
{
    size_t i = 0;
    for (; i < TP_NEAR_WORD_BYTES_MAX && word[i] != '\0'; i++) {
        out[i] = word[i] == '_' ? '-' : word[i];
    }
    out[i] = '\0';
}
