/* Requests from arbitrary bytes: a message and its tail.  What is accepted is written again as the
 * same bytes, but for header keys of a newer version.
 *
 * Shows no promise: that foreign bytes are read safely is what all of them stand on. */
#include "tests/fuzz/target.h"

#include "tests/support/again.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    static tp_request_reader reader;
    tp_err err;
    tp_buf once;
    tp_buf twice;
    tp_buf changes;
    tp_slice message;
    tp_slice tail;
    tp_slice both = tp_slice_of(input, bytes);
    tp_again_split(both, &message, &tail);
    tp_buf_init(&changes, TP_UNPACKED_BYTES_MAX);
    if (tp_request_decode(message, tail, &changes, &reader, &err) != TP_OK) {
        tp_buf_done(&changes);
        return 0;
    }
    tp_buf_init(&once, TP_MESSAGE_BYTES_MAX + TP_TAIL_BYTES_MAX);
    tp_buf_init(&twice, TP_MESSAGE_BYTES_MAX + TP_TAIL_BYTES_MAX);
    tp_rc rc = tp_again_request(both, &once, &err);
    if (rc == TP_OK) {
        assert(once.bytes <= bytes);
        assert(once.bytes < bytes || tp_slice_eq(tp_buf_slice(&once), both));
        assert(tp_again_request(tp_buf_slice(&once), &twice, &err) == TP_OK);
        assert(tp_slice_eq(tp_buf_slice(&once), tp_buf_slice(&twice)));
    } else {
        /* More changes than one of our requests holds, or bounds that are no moments. */
        assert(rc == TP_LIMIT || rc == TP_INVALID);
    }
    tp_buf_done(&changes);
    tp_buf_done(&once);
    tp_buf_done(&twice);
    return 0;
}
