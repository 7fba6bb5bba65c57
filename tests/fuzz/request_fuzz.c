/* Requests from arbitrary bytes.  What is accepted is written again as the same bytes, but for header keys
 * of a newer version. */
#include "tests/fuzz/target.h"

#include "tests/support/again.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    static tp_request_reader reader;
    tp_err err;
    tp_buf once;
    tp_buf twice;
    tp_slice message = tp_slice_of(input, bytes);
    if (tp_request_decode(message, &reader, &err) != TP_OK) {
        return 0;
    }
    tp_buf_init(&once, TP_MESSAGE_BYTES_MAX);
    tp_buf_init(&twice, TP_MESSAGE_BYTES_MAX);
    tp_rc rc = tp_again_request(message, &once, &err);
    if (rc == TP_OK) {
        assert(once.bytes <= bytes);
        assert(once.bytes < bytes || tp_slice_eq(tp_buf_slice(&once), message));
        assert(tp_again_request(tp_buf_slice(&once), &twice, &err) == TP_OK);
        assert(tp_slice_eq(tp_buf_slice(&once), tp_buf_slice(&twice)));
    } else {
        assert(rc == TP_LIMIT); /* more changes than one of our requests holds */
    }
    tp_buf_done(&once);
    tp_buf_done(&twice);
    return 0;
}
