/* The query of an address. */
#include "node/ui/query.h"

#include "node/ui/answer.h"
#include "schema/name_text.h"

/* Takes what stands before `mark` off the front. */
static tp_slice take_until(tp_slice *text, uint8_t mark)
{
    const uint8_t *end = text->bytes == 0 ? NULL : memchr(text->at, mark, text->bytes);
    size_t bytes = end == NULL ? text->bytes : (size_t)(end - text->at);
    size_t taken = end == NULL ? bytes : bytes + 1;
    tp_slice part = tp_slice_of(text->at, bytes);
    *text = tp_slice_of(text->at + taken, text->bytes - taken);
    return part;
}

bool tp_query_value(const tp_ui_call *call, const char *name, tp_slice *value_out)
{
    tp_slice query = call->request->query;
    while (query.bytes > 0) {
        tp_slice value = take_until(&query, '&');
        tp_slice key = take_until(&value, '=');
        if (tp_slice_is(key, name)) {
            *value_out = value;
            return true;
        }
    }
    return false;
}

tp_rc tp_query_number(tp_ui_call *call, const char *name, uint32_t max, uint32_t *number_out,
                      tp_err *err)
{
    tp_slice value;
    uint64_t number = 0;
    if (!tp_query_value(call, name, &value)) {
        return TP_OK;
    }
    bool is_number = value.bytes > 0 && value.bytes <= 9;
    for (size_t i = 0; is_number && i < value.bytes; i++) {
        is_number = value.at[i] >= '0' && value.at[i] <= '9';
        number = number * 10 + (uint64_t)(value.at[i] - '0');
    }
    if (!is_number || number > max) {
        return tp_answer_malformed(call, "The address asks for a number that is none.", err);
    }
    *number_out = (uint32_t)number;
    return TP_OK;
}

tp_rc tp_query_name(tp_ui_call *call, const char *name, tp_name *name_out, tp_err *err)
{
    tp_slice value;
    *name_out = (tp_name){0, 0};
    if (tp_query_value(call, name, &value) && !tp_name_read(value, name_out)) {
        return tp_answer_malformed(call, "The address names a record that cannot be.", err);
    }
    return TP_OK;
}
