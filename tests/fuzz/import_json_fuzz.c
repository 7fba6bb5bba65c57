/* Lines of `teapot import` from arbitrary bytes, up to the values that are written.  The reader is
 * held to jansson's: it accepts what that accepts and makes the same of it.  A value that is taken
 * is printed as JSON and read again as the same value.
 *
 * Shows no promise: that foreign bytes are read safely is what all of them stand on. */
#include "tests/fuzz/target.h"

#include "node/cli/json_read.h"
#include "node/record/json.h"
#include "node/view/document.h"

enum { PRINTED_BYTES_MAX = 8 * 1024 * 1024 };

static tp_value once, twice;

/* In an array: a text of JSON alone is nothing that our reader takes. */
static void print(const tp_value *value, tp_buf *out)
{
    static tp_json_print p;
    tp_err err;
    tp_json_print_begin_buf(&p, out);
    tp_json_begin(&p, '[');
    tp_document_put_value(&p, value);
    tp_json_end(&p, ']');
    must(tp_json_print_end_buf(&p, &err) == TP_OK);
}

static void play_value(const tp_field_row *row, const json_t *json)
{
    tp_err err;
    tp_buf printed, again;
    json_t *read = NULL;
    if (tp_value_of_json(row, json, &once, &err) != TP_OK) {
        return;
    }
    must(once.texts_count <= TP_VALUE_TEXTS_MAX && once.names_count <= TP_VALUE_NAMES_MAX);
    tp_buf_init(&printed, PRINTED_BYTES_MAX);
    tp_buf_init(&again, PRINTED_BYTES_MAX);
    print(&once, &printed);
    must(tp_json_read(tp_buf_slice(&printed), &read, &err) == TP_OK);
    must(tp_value_of_json(row, json_array_get(read, 0), &twice, &err) == TP_OK);
    must(once.is_null == twice.is_null);
    must(once.is_null || tp_field_value_same(row, &once, &twice));
    print(&twice, &again);
    must(tp_slice_eq(tp_buf_slice(&printed), tp_buf_slice(&again)));
    json_decref(read);
    tp_buf_done(&printed);
    tp_buf_done(&again);
}

/* Every value as every field that the record's kind has by that name; without a kind, of every
 * kind. */
static void play_line(const json_t *line)
{
    static const uint32_t entities[] = {TP_PERSON, TP_CONTACT, TP_HELP_REQUEST, TP_CONSENT, TP_NEED,
                                        TP_ACTION, TP_ROLE,    TP_JOIN,         TP_UNJOIN};
    const char *field = NULL;
    json_t *value = NULL;
    const char *named = json_string_value(json_object_get(line, "entity"));
    const tp_entity_row *entity = named == NULL ? NULL : tp_entity_named(tp_slice_str(named));
    json_object_foreach(json_object_get(line, "set"), field, value)
    {
        for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++) {
            const tp_field_row *row = tp_field_named(entities[i], tp_slice_str(field));
            if (row != NULL && (entity == NULL || entity->code == entities[i])) {
                play_value(row, value);
            }
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    tp_err err;
    tp_slice text = tp_slice_of(input, bytes);
    json_t *found = NULL;
    json_t *wanted = json_loadb((const char *)input, bytes, JSON_REJECT_DUPLICATES, NULL);
    tp_rc rc = tp_json_read(text, &found, &err);
    must((rc == TP_OK) == (found != NULL));
    if (rc == TP_OK) {
        must(memchr(input, '\0', bytes) == NULL); /* jansson 2.14 passes over some zero bytes */
        must(wanted != NULL && json_equal(found, wanted));
        play_line(found);
    } else if (rc == TP_INVALID) {
        must(wanted == NULL || memchr(input, '\0', bytes) != NULL);
    } else {
        must(rc == TP_LIMIT); /* deeper than ours goes */
    }
    json_decref(found);
    json_decref(wanted);
    return 0;
}
