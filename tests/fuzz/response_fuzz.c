/* Responses from arbitrary bytes: a message and its tail.  What is accepted is written again as the
 * same bytes, but for header keys of a newer version.
 *
 * Shows no promise: that foreign bytes are read safely is what all of them stand on. */
#include "tests/fuzz/target.h"

#include "tests/support/again.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    static tp_response_reader reader;
    tp_err err;
    tp_buf once;
    tp_buf twice;
    tp_buf changes;
    tp_slice message;
    tp_slice tail;
    tp_slice both = tp_slice_of(input, bytes);
    tp_again_split(both, &message, &tail);
    tp_buf_init(&changes, TP_UNPACKED_BYTES_MAX);
    if (tp_response_decode(message, tail, &changes, &reader, &err) != TP_OK) {
        tp_buf_done(&changes);
        return 0;
    }
    uint32_t items = 0;
    tp_entry entry;
    while (tp_response_next_item(&reader, &entry)) {
        assert(entry.name.device != 0 && entry.name.seq != 0 && entry.position != 0);
        items++;
    }
    assert(items == reader.count); /* nothing that was accepted can fail later */
    tp_buf_init(&once, TP_MESSAGE_BYTES_MAX + TP_TAIL_BYTES_MAX);
    tp_buf_init(&twice, TP_MESSAGE_BYTES_MAX + TP_TAIL_BYTES_MAX);
    tp_rc rc = tp_again_response(both, &once, &err);
    if (rc == TP_OK) {
        assert(once.bytes <= bytes);
        assert(once.bytes < bytes || tp_slice_eq(tp_buf_slice(&once), both));
        assert(tp_again_response(tp_buf_slice(&once), &twice, &err) == TP_OK);
        assert(tp_slice_eq(tp_buf_slice(&once), tp_buf_slice(&twice)));
    } else {
        /* Bounds of a run that are no moments for any reading, or more than one of ours holds. */
        assert(rc == TP_INVALID || rc == TP_LIMIT);
    }
    tp_buf_done(&changes);
    tp_buf_done(&once);
    tp_buf_done(&twice);
    return 0;
}
