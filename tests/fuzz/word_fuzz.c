/* Words that programs and people hand over: options of a command, names of records, ids of devices
 * and agencies.  The first byte picks the reader.  What one accepts has one printed form, which it
 * accepts as the same.
 *
 * Shows no promise: that foreign bytes are read safely is what all of them stand on. */
#include "tests/fuzz/target.h"

#include "platform/base/encode.h"
#include "platform/base/limits.h"
#include "platform/os/args.h"
#include "platform/os/near_word.h"
#include "schema/agency_id.h"
#include "schema/name_text.h"

enum { WORDS_MAX = 32, BASE32_BYTES_MAX = 40 };

/* A short name fits the first and the last device of its range, a whole one its own alone. */
static void play_short_name(tp_slice text, const tp_name *whole)
{
    tp_name_short s;
    if (!tp_name_short_read(text, &s)) {
        must(whole == NULL);
        return;
    }
    must(s.low <= s.high && s.name.seq != 0 && s.name.seq <= TP_SEQ_MAX);
    tp_name_short_offer(&s, s.low - 1);
    tp_name_short_offer(&s, s.high + 1);
    must(s.fitting == 0);
    tp_name_short_offer(&s, s.high);
    must(s.fitting == 1 && s.name.device == s.high);
    must(whole == NULL || (s.low == s.high && tp_name_eq(s.name, *whole)));
}

static void play_name(tp_slice text)
{
    tp_name once, twice;
    char printed[TP_NAME_TEXT_BYTES];
    bool is_whole = tp_name_read(text, &once);
    if (is_whole) {
        must(once.device != 0 && once.seq != 0 && once.seq <= TP_SEQ_MAX);
        tp_name_print(once, printed);
        must(tp_name_read(tp_slice_str(printed), &twice) && tp_name_eq(once, twice));
    }
    play_short_name(text, is_whole ? &once : NULL);
}

static void play_hex(tp_slice text)
{
    uint64_t once = 0, twice = 0;
    char printed[TP_HEX_ROOM(8)];
    if (tp_hex_decode_u64(text, &once)) {
        tp_hex_encode_u64(once, printed);
        must(text.bytes == strlen(printed));
        must(tp_hex_decode_u64(tp_slice_str(printed), &twice) && once == twice);
    }
}

static void play_base32(tp_slice text)
{
    for (size_t bytes = 1; bytes <= BASE32_BYTES_MAX; bytes++) {
        uint8_t once[BASE32_BYTES_MAX], twice[BASE32_BYTES_MAX];
        char printed[TP_BASE32_ROOM(BASE32_BYTES_MAX)];
        if (tp_base32_decode(text, once, bytes)) {
            tp_base32_encode(tp_slice_of(once, bytes), printed);
            must(strlen(printed) <= text.bytes);
            must(tp_base32_decode(tp_slice_str(printed), twice, bytes));
            must(memcmp(once, twice, bytes) == 0);
        }
    }
}

/* An id stands in certificates, file names and on command lines as it is. */
static void play_agency(tp_slice text)
{
    tp_err err;
    if (tp_agency_id_check(text, &err) == TP_OK) {
        must(text.bytes > 0 && text.bytes <= TP_AGENCY_BYTES_MAX);
        for (size_t i = 0; i < text.bytes; i++) {
            must(text.at[i] > ' ' && text.at[i] <= '~' && strchr("/=,\"'\\*", text.at[i]) == NULL);
        }
    }
}

/* Two words, with a line end between them. */
static void play_near(tp_slice text)
{
    const uint8_t *end = text.bytes == 0 ? NULL : memchr(text.at, '\n', text.bytes);
    size_t bytes = end == NULL ? text.bytes : (size_t)(end - text.at);
    tp_slice a = tp_slice_of(text.at, bytes);
    tp_slice b = tp_slice_of(text.at + bytes, text.bytes - bytes);
    for (unsigned most = 0; most < 4; most++) {
        unsigned slips = tp_near_word_slips(a, b, most);
        must(slips <= most + 1 && slips == tp_near_word_slips(b, a, most));
        must(a.bytes > TP_NEAR_WORD_BYTES_MAX || tp_near_word_slips(a, a, most) == 0);
        must(!tp_slice_eq(a, b) || slips == tp_near_word_slips(a, a, most));
    }
}

/* ---- Options ---- */

static const tp_command command = {.name = "contact", .usage = "[PERSON] [NOTE]"};
static const tp_program program = {.name = "teapot"};

/* Cuts at line ends; `room` keeps the bytes.  Returns how many words there are. */
static int cut(char *room, char **words)
{
    int count = 0;
    for (char *at = room; at != NULL && count < WORDS_MAX; count++) {
        words[count] = at;
        at = strchr(at, '\n');
        if (at != NULL) {
            *at++ = '\0';
        }
    }
    return count;
}

static bool is_within(const char *value, const char *room, size_t bytes)
{
    return value == NULL || *value == '\0' || (value >= room && value <= room + bytes);
}

/* The arguments are words that were given, in their order, each once. */
static void must_be_in_order(const tp_call *call, char *const *given, int given_count)
{
    int at = 0;
    for (int i = 0; i < call->argc; i++, at++) {
        while (at < given_count && given[at] != call->argv[i]) {
            at++;
        }
        must(at < given_count);
    }
}

static void play_options(tp_slice text)
{
    const char *place = NULL, *own_words = NULL, *edit = NULL;
    const tp_option options[] = {{"place", &place, false},
                                 {"own_words", &own_words, false},
                                 {"edit", &edit, true},
                                 {NULL, NULL, false}};
    tp_err err;
    char *words[WORDS_MAX], *given[WORDS_MAX];
    char *room = malloc(text.bytes + 1);
    must(room != NULL);
    memcpy(room, text.at, text.bytes);
    room[text.bytes] = '\0';
    int count = cut(room, words);
    memcpy(given, words, sizeof given);
    tp_call call = {.program = &program, .command = &command, .argc = count, .argv = words};
    tp_rc rc = tp_args_take(&call, options, 0, 2, &err);
    must(rc == TP_OK || rc == TP_INVALID);
    must(rc == TP_INVALID || call.argc <= 2);
    if (rc == TP_OK) {
        must_be_in_order(&call, given, count);
    }
    must(is_within(place, room, text.bytes) && is_within(own_words, room, text.bytes));
    must(edit == NULL || *edit == '\0');
    free(room);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    static void (*const plays[])(tp_slice text) = {play_name,   play_hex,  play_base32,
                                                   play_agency, play_near, play_options};
    if (bytes > 0) {
        plays[input[0] % (sizeof plays / sizeof plays[0])](tp_slice_of(input + 1, bytes - 1));
    }
    return 0;
}
