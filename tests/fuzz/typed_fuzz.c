/* Everything that reads what somebody typed: the first byte picks the reader, the rest is the text.
 * What a reader accepts must hold its promise: the stored form is its own stored form.
 *
 * Shows no promise: that foreign bytes are read safely is what all of them stand on. */
#include "tests/fuzz/target.h"

#include "schema/code_list.h"
#include "schema/london_time.h"
#include "schema/name_fold.h"
#include "schema/nhs_number.h"
#include "schema/partial_date.h"
#include "schema/phone.h"
#include "schema/place_ref.h"
#include "schema/sounds_alike.h"
#include "schema/wording.h"

static void play_nhs_number(tp_slice text)
{
    char once[TP_NHS_NUMBER_MAX], twice[TP_NHS_NUMBER_MAX], shown[TP_NHS_NUMBER_TEXT_MAX];
    tp_err err = {0};
    if (tp_nhs_number_normalise(text, once, &err) == TP_OK) {
        tp_nhs_number_format(once, shown);
        must(tp_nhs_number_normalise(tp_slice_str(shown), twice, &err) == TP_OK);
        must(strcmp(once, twice) == 0);
    }
}

static void play_partial_date(tp_slice text)
{
    tp_day today = {2026, 1, 12};
    tp_partial_date once, twice;
    tp_age_range range;
    char stored[TP_PARTIAL_DATE_TEXT_MAX];
    tp_err err = {0};
    if (tp_partial_date_parse(text, &today, &once, &err) == TP_OK) {
        tp_partial_date_format(&once, stored);
        must(tp_partial_date_parse(tp_slice_str(stored), &today, &twice, &err) == TP_OK);
        must(tp_partial_date_compare(&once, &twice) == 0);
        must(tp_partial_date_may_be_same(&once, &twice));
        must(!tp_partial_date_age(&once, today, &range) || range.years_min <= range.years_max);
    }
}

static void play_time(tp_slice text)
{
    const int64_t now = INT64_C(1768249800000);
    int64_t once = 0, twice = 0;
    char stored[TP_UTC_TEXT_MAX];
    tp_err err = {0};
    if (tp_london_parse(text, now, &once, &err) == TP_OK) {
        tp_utc_format(once, stored);
        must(tp_london_parse(tp_slice_str(stored), now, &twice, &err) == TP_OK);
        must(once == twice);
    }
}

static void play_phone(tp_slice text)
{
    char once[TP_PHONE_KEY_MAX], twice[TP_PHONE_KEY_MAX];
    tp_err err = {0};
    if (tp_phone_key(text, once, &err) == TP_OK) {
        must(tp_phone_key(tp_slice_str(once), twice, &err) == TP_OK);
        must(strcmp(once, twice) == 0);
    }
}

static void play_place_ref(tp_slice text)
{
    char once[TP_PLACE_REF_MAX], twice[TP_PLACE_REF_MAX];
    tp_place_ref_kind kind, again;
    tp_err err = {0};
    if (tp_place_ref_normalise(text, &kind, once, &err) == TP_OK) {
        must(tp_utf8_is_valid(tp_slice_str(once)));
        must(tp_place_ref_normalise(tp_slice_str(once), &again, twice, &err) == TP_OK);
        must(kind == again && strcmp(once, twice) == 0);
    }
}

static void play_name(tp_slice text)
{
    char *once = malloc(text.bytes + 1), *twice = malloc(text.bytes + 1);
    must(once != NULL && twice != NULL);
    size_t bytes = tp_text_fold(text, once, text.bytes);
    tp_slice folded = tp_slice_of(once, bytes), token;
    must(tp_utf8_is_valid(folded));
    must(tp_slice_eq(folded, tp_slice_of(twice, tp_text_fold(folded, twice, bytes))));
    bytes = tp_name_fold(text, twice, text.bytes);
    folded = tp_slice_of(twice, bytes);
    while (tp_fold_next(&folded, &token)) {
        must(tp_sounds_alike(token, token));
    }
    free(once);
    free(twice);
}

static void play_code(tp_slice text)
{
    for (const tp_code_list *list = tp_code_lists; list->name != NULL; list++) {
        tp_slice once = {0}, twice = {0};
        tp_err err = {0};
        tp_code_suggest(list, text);
        if (tp_code_check(list, true, text, &once, &err) == TP_OK) {
            must(tp_code_check(list, true, once, &twice, &err) == TP_OK);
            must(tp_slice_eq(once, twice));
        }
    }
}

static void play_wording(tp_slice text)
{
    char shown[TP_WORDING_SHOWN_MAX];
    tp_err err = {0};
    (void)(tp_wording_check(text, &err) == TP_OK);
    tp_wording_show(text, text.bytes, shown);
    must(tp_utf8_is_valid(tp_slice_str(shown)));
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    static void (*const plays[])(tp_slice text) = {
        play_nhs_number, play_partial_date, play_time, play_phone,
        play_place_ref,  play_name,         play_code, play_wording,
    };
    if (bytes == 0) {
        return 0;
    }
    plays[input[0] % (sizeof plays / sizeof plays[0])](tp_slice_of(input + 1, bytes - 1));
    return 0;
}
