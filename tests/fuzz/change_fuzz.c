/* Changes and stubs from arbitrary bytes.  Whatever is accepted stands in its one form: written
 * again, it is the same bytes.
 *
 * Shows no promise: that foreign bytes are read safely is what all of them stand on. */
#include "tests/fuzz/target.h"

#include "schema/entity.h"
#include "sync/wire/field_value.h"
#include "tests/support/again.h"

#include <assert.h>

static const tp_name name = {0xA1B2C3D4E5F60718u, 42};
static tp_change change;
static tp_value value;

static void play_change(tp_slice bytes)
{
    tp_err err;
    tp_era_reading reading;
    tp_buf buf;
    if (tp_change_decode(name, bytes, &change, &err) != TP_OK) {
        return;
    }
    assert(tp_change_decode_reading(bytes, &reading, &err) == TP_OK);
    assert(reading.up_ms == change.reading.up_ms && reading.wall_ms == change.reading.wall_ms);
    for (uint32_t i = 0; i < change.fields_count; i++) {
        const tp_change_field *field = &change.fields[i];
        const tp_field_row *row = tp_field_of(change.entity, field->code);
        if (row != NULL && field->has_value) {
            assert(tp_field_value_decode(row, &change, field->value, &value, &err) == TP_OK);
        }
    }
    tp_buf_init(&buf, TP_CHANGE_BYTES_MAX);
    if (tp_again_knows(&change)) {
        assert(tp_again_change(&change, &buf, &err) == TP_OK);
        assert(tp_slice_eq(tp_buf_slice(&buf), bytes));
    }
    tp_buf_clear(&buf);
    assert(tp_stub_encode(&change, &buf, &err) == TP_OK);
    assert(tp_stub_decode(name, tp_buf_slice(&buf), &change, &err) == TP_OK);
    tp_buf_done(&buf);
}

static void play_stub(tp_slice bytes)
{
    tp_err err;
    tp_buf buf;
    if (tp_stub_decode(name, bytes, &change, &err) != TP_OK) {
        return;
    }
    tp_buf_init(&buf, TP_CHANGE_BYTES_MAX);
    assert(tp_again_stub(&change, &buf, &err) == TP_OK);
    assert(tp_slice_eq(tp_buf_slice(&buf), bytes));
    tp_buf_done(&buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    play_change(tp_slice_of(input, bytes));
    play_stub(tp_slice_of(input, bytes));
    return 0;
}
