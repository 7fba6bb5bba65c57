/* When two values of a field are the same: "943 476 5919" is no new value beside "9434765919". */
#include "sync/wire/field_value.h"

#include "schema/phone.h"
#include "schema/utf8.h"
#include "sync/wire/name.h"

static bool same_phone(tp_slice a, tp_slice b);
static bool same_digits(tp_slice a, tp_slice b);
static bool same_texts(const tp_value *a, const tp_value *b);
static bool same_names(const tp_value *a, const tp_value *b);

static bool same_text(tp_slice a, tp_slice b)
{
    return tp_slice_eq(tp_utf8_trim(a), tp_utf8_trim(b));
}

bool tp_field_value_same(const tp_field_row *row, const tp_value *a, const tp_value *b)
{
    if (a->is_null || b->is_null) {
        return a->is_null && b->is_null;
    }
    switch (row->type) {
    case TP_TYPE_PHONE:
        return same_phone(a->text, b->text);
    case TP_TYPE_NHS_NUMBER:
        return same_digits(a->text, b->text);
    case TP_TYPE_TEXT:
    case TP_TYPE_CODE:
    case TP_TYPE_DATE:
    case TP_TYPE_PARTIAL_DATE:
    case TP_TYPE_GRID:
    case TP_TYPE_AGENCY:
        return same_text(a->text, b->text);
    case TP_TYPE_BOOL:
    case TP_TYPE_COUNT:
    case TP_TYPE_INSTANT:
        return a->number == b->number;
    case TP_TYPE_HOLDER:
        return a->texts_count == b->texts_count && a->texts_count == 2 &&
               same_text(a->texts[0], b->texts[0]) && same_text(a->texts[1], b->texts[1]);
    case TP_TYPE_CODES:
    case TP_TYPE_AGENCIES:
        return same_texts(a, b);
    case TP_TYPE_RECORD:
    case TP_TYPE_RECORDS:
        return same_names(a, b);
    }
    return false;
}

/* A number that has no key ("ask at the desk") is compared as it was typed. */
static bool same_phone(tp_slice a, tp_slice b)
{
    char key_a[TP_PHONE_KEY_MAX];
    char key_b[TP_PHONE_KEY_MAX];
    tp_err ignored;
    if (tp_phone_key(a, key_a, &ignored) == TP_OK && tp_phone_key(b, key_b, &ignored) == TP_OK) {
        return strcmp(key_a, key_b) == 0;
    }
    return same_digits(a, b);
}

/* The next character that counts in a number as people type it. */
static bool next_mark(tp_slice *text, uint32_t *code_out)
{
    while (tp_utf8_next(text, code_out)) {
        bool between = tp_utf8_is_space(*code_out) || tp_utf8_is_dash(*code_out) ||
                       *code_out == '(' || *code_out == ')' || *code_out == '.';
        if (!between) {
            return true;
        }
    }
    return false;
}

static bool same_digits(tp_slice a, tp_slice b)
{
    a = tp_utf8_trim(a);
    b = tp_utf8_trim(b);
    for (;;) {
        uint32_t of_a = 0;
        uint32_t of_b = 0;
        bool more_a = next_mark(&a, &of_a);
        bool more_b = next_mark(&b, &of_b);
        if (more_a != more_b || (more_a && of_a != of_b)) {
            return false;
        }
        if (!more_a) {
            return tp_slice_eq(a, b); /* what is left where it is not UTF-8 */
        }
    }
}

static bool same_texts(const tp_value *a, const tp_value *b)
{
    tp_slice of_a[TP_VALUE_TEXTS_MAX];
    tp_slice of_b[TP_VALUE_TEXTS_MAX];
    memcpy(of_a, a->texts, a->texts_count * sizeof of_a[0]);
    memcpy(of_b, b->texts, b->texts_count * sizeof of_b[0]);
    uint32_t count = tp_wire_texts_sort(of_a, a->texts_count);
    if (count != tp_wire_texts_sort(of_b, b->texts_count)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!tp_slice_eq(of_a[i], of_b[i])) {
            return false;
        }
    }
    return true;
}

static bool same_names(const tp_value *a, const tp_value *b)
{
    tp_name of_a[TP_VALUE_NAMES_MAX];
    tp_name of_b[TP_VALUE_NAMES_MAX];
    memcpy(of_a, a->names, a->names_count * sizeof of_a[0]);
    memcpy(of_b, b->names, b->names_count * sizeof of_b[0]);
    uint32_t count = tp_wire_names_sort(of_a, a->names_count);
    if (count != tp_wire_names_sort(of_b, b->names_count)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!tp_name_eq(of_a[i], of_b[i])) {
            return false;
        }
    }
    return true;
}
