/* A token is respelled by the rules, in as many ways as they leave open; each way is then reduced
 * to its consonants and the colour of its first vowel. */
#include "schema/sounds_alike.h"

#include "schema/short_names.h"
#include "schema/sound_rules.h"

#define CONSONANTS_MAX 8u
#define SPELLING_MAX (TP_SOUND_TOKEN_BYTES + 8u) /* two rules make a name a little longer */

typedef struct spelling {
    char text[SPELLING_MAX];
} spelling;

/* The ways to say one token. */
typedef struct spellings {
    spelling at[TP_SOUND_KEYS_MAX];
    unsigned count;
} spellings;

static bool respell(const spelling *in, const tp_sound_rule *rule, spelling *out);
static tp_sound_key key_of(const char *text);

static bool is_vowel(char c)
{
    return c != '\0' && strchr("aeiouy", c) != NULL;
}

static bool is_plain(tp_slice token)
{
    for (size_t i = 0; i < token.bytes; i++) {
        if (token.at[i] < 'a' || token.at[i] > 'z') {
            return false;
        }
    }
    return token.bytes >= 2;
}

static void apply_rule(spellings *s, const tp_sound_rule *rule)
{
    unsigned count = s->count; /* not those that this rule adds */
    for (unsigned i = 0; i < count; i++) {
        spelling said;
        if (!respell(&s->at[i], rule, &said)) {
            continue;
        }
        if (!rule->also) {
            s->at[i] = said;
        } else if (s->count < TP_SOUND_KEYS_MAX) {
            s->at[s->count++] = said;
        }
    }
}

/* Adds a key unless it is there. */
static void add_key(tp_sound_key *keys, unsigned *count, unsigned max, const tp_sound_key *key)
{
    for (unsigned i = 0; i < *count; i++) {
        if (strcmp(keys[i].text, key->text) == 0) {
            return;
        }
    }
    if (*count < max) {
        keys[(*count)++] = *key;
    }
}

unsigned tp_sound_keys(tp_slice token, tp_sound_key keys_out[TP_SOUND_KEYS_MAX])
{
    spellings s = {.count = 1};
    unsigned count = 0;
    if (token.bytes > TP_SOUND_TOKEN_BYTES) {
        token.bytes = TP_SOUND_TOKEN_BYTES;
    }
    if (!is_plain(token)) {
        return 0;
    }
    memcpy(s.at[0].text, token.at, token.bytes);
    for (const tp_sound_rule *rule = tp_sound_rules; rule->from != NULL; rule++) {
        apply_rule(&s, rule);
    }
    for (unsigned i = 0; i < s.count; i++) {
        tp_sound_key key = key_of(s.at[i].text);
        add_key(keys_out, &count, TP_SOUND_KEYS_MAX, &key);
    }
    return count;
}

unsigned tp_name_sound_keys(tp_slice token, tp_sound_key keys_out[TP_NAME_SOUND_KEYS_MAX])
{
    tp_slice names[1 + TP_SHORT_NAMES_FULL_MAX] = {token};
    unsigned names_count = 1 + tp_short_names_full(token, names + 1);
    unsigned count = 0;
    for (unsigned i = 0; i < names_count; i++) {
        tp_sound_key keys[TP_SOUND_KEYS_MAX];
        unsigned keys_count = tp_sound_keys(names[i], keys);
        for (unsigned k = 0; k < keys_count; k++) {
            add_key(keys_out, &count, TP_NAME_SOUND_KEYS_MAX, &keys[k]);
        }
    }
    return count;
}

bool tp_sounds_alike(tp_slice a, tp_slice b)
{
    tp_sound_key a_keys[TP_NAME_SOUND_KEYS_MAX], b_keys[TP_NAME_SOUND_KEYS_MAX];
    unsigned a_count = tp_name_sound_keys(a, a_keys);
    unsigned b_count = tp_name_sound_keys(b, b_keys);
    for (unsigned i = 0; i < a_count; i++) {
        for (unsigned j = 0; j < b_count; j++) {
            if (strcmp(a_keys[i].text, b_keys[j].text) == 0) {
                return true;
            }
        }
    }
    return tp_slice_eq(a, b);
}

static bool fits_at(const char *text, const char *at, const tp_sound_rule *rule)
{
    size_t bytes = strlen(rule->from);
    switch (rule->where) {
    case TP_SOUND_ANYWHERE:
        return true;
    case TP_SOUND_FIRST:
        return at == text;
    case TP_SOUND_LATER:
        return at != text;
    case TP_SOUND_LAST:
        return at[bytes] == '\0';
    case TP_SOUND_WHOLE:
        return at == text && at[bytes] == '\0';
    }
    return false;
}

/* False, and `out` unset, where the rule has nothing to do, or its result would not fit. */
static bool respell(const spelling *in, const tp_sound_rule *rule, spelling *out)
{
    const char *from = in->text;
    const char *found = strstr(from, rule->from);
    size_t used = 0, to_bytes = strlen(rule->to);
    bool changed = false;
    if (found == NULL) {
        return false; /* nearly always */
    }
    memset(out, 0, sizeof *out);
    while (*from != '\0') {
        bool here = from == found && fits_at(in->text, found, rule);
        size_t bytes = here ? to_bytes : 1;
        if (used + bytes >= sizeof out->text) {
            return false;
        }
        memcpy(out->text + used, here ? rule->to : from, bytes);
        used += bytes;
        from += here ? strlen(rule->from) : 1;
        changed = changed || here;
        found = found != NULL && from > found ? strstr(from, rule->from) : found;
    }
    return changed;
}

/* The class of a letter that has been respelled; 0 for one that is not heard there. */
static char consonant_of(const char *text, const char *at)
{
    switch (*at) {
    case 'v':
    case 'f':
        return 'F';
    case 'k':
    case 'q':
        return 'K';
    case 's':
    case 'z':
        return 'S';
    case 'w':
        return is_vowel(at[1]) ? 'W' : '\0'; /* Shawn */
    case 'h':
    case 'y':
        return at == text && is_vowel(at[1]) ? (*at == 'h' ? 'H' : 'Y') : '\0';
    case 'x': /* ks: key_of adds the s */
        return 'K';
    default:
        return *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at;
    }
}

/* What the ear keeps of the first vowel.  `end` is the end of the name without its silent e. */
static char colour_of(const char *at, const char *end, bool silent_e)
{
    if (*at == 'a') {
        bool is_long = silent_e && at + 2 == end; /* Jane, Dave: as Jayne */
        return is_long || (at[1] != '\0' && strchr("iye", at[1]) != NULL) ? 'e'
               : at[1] == 'u' || at[1] == 'w'                             ? 'o'
                                                                          : 'a';
    }
    return *at == 'o' || *at == 'u' ? 'o' : 'e';
}

static bool ends_in_silent_e(const char *text, size_t bytes)
{
    return bytes > 2 && text[bytes - 1] == 'e' && !is_vowel(text[bytes - 2]);
}

static tp_sound_key key_of(const char *text)
{
    tp_sound_key key = {""};
    char colour = '-', before = '\0';
    size_t used = 0, consonants = 0, bytes = strlen(text);
    bool silent_e = ends_in_silent_e(text, bytes);
    const char *end = text + bytes - (silent_e ? 1 : 0);
    for (const char *at = text; at < end; at++) {
        char sound = is_vowel(*at) && !(*at == 'y' && at == text && is_vowel(at[1]))
                         ? '\0'
                         : consonant_of(text, at);
        if (is_vowel(*at) && sound == '\0' && colour == '-') {
            colour = colour_of(at, end, silent_e);
        }
        if (is_vowel(*at) && sound == '\0' && at == text) {
            key.text[used++] = '*';
        }
        sound = sound == 'D' && at + 1 == end ? 'T' : sound; /* Ahmed, Ahmet */
        if (sound != '\0' && sound != before && consonants < CONSONANTS_MAX) {
            key.text[used++] = sound;
            consonants++;
        }
        if (*at == 'x' && consonants < CONSONANTS_MAX) {
            key.text[used++] = 'S';
            consonants++;
            sound = 'S';
        }
        before = sound;
    }
    key.text[used] = colour;
    return key;
}
