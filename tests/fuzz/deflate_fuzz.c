/* Raw deflate from arbitrary bytes, under a ceiling; and arbitrary bytes deflated and read back.
 *
 *   how  stream...     bit 0 of `how`: with the frozen dictionary; the others: the ceiling,
 *                      0 to 127 times 16 bytes
 *
 * Shows no promise: that foreign bytes are read safely is what all of them stand on. */
#include "tests/fuzz/target.h"

#include "platform/net/deflate.h"
#include "sync/wire/dictionary.h"

enum { CEILING_STEP_BYTES = 16, CEILING_BYTES_MAX = 256 * 1024, LEVEL = 6 };

static const char before[] = "what stood there before";

/* Inflates behind other bytes, which must be left alone, and so must all of it where it fails. */
static tp_rc inflate_behind(tp_slice dictionary, tp_slice in, tp_buf *out, tp_slice *rest_out)
{
    tp_err err;
    tp_inflate *inflate = NULL;
    must(tp_buf_add_str(out, before, &err) == TP_OK);
    size_t bytes_before = out->bytes;
    must(tp_inflate_new(&inflate, &err) == TP_OK);
    tp_rc rc = tp_inflate_run(inflate, dictionary, in, out, rest_out, &err);
    tp_inflate_free(inflate);
    must(out->bytes <= out->bytes_ceiling && out->bytes >= bytes_before);
    must(rc == TP_OK || (out->bytes == bytes_before && (rc == TP_CORRUPT || rc == TP_LIMIT)));
    must(memcmp(out->at, before, bytes_before) == 0);
    return rc;
}

static tp_rc inflate_under(size_t ceiling, tp_slice dictionary, tp_slice in)
{
    tp_buf out;
    tp_slice ignored;
    tp_buf_init(&out, sizeof before - 1 + ceiling);
    tp_rc rc = inflate_behind(dictionary, in, &out, &ignored);
    tp_buf_done(&out);
    return rc;
}

/* What is deflated comes back. */
static void must_come_back(tp_slice dictionary, tp_slice plain)
{
    tp_err err;
    tp_deflate *deflate = NULL;
    tp_slice rest;
    tp_buf small, again;
    tp_buf_init(&small, 2 * CEILING_BYTES_MAX);
    tp_buf_init(&again, sizeof before - 1 + plain.bytes);
    must(tp_deflate_new(LEVEL, &deflate, &err) == TP_OK);
    must(tp_deflate_run(deflate, dictionary, plain, &small, &err) == TP_OK);
    tp_deflate_free(deflate);
    must(inflate_behind(dictionary, tp_buf_slice(&small), &again, &rest) == TP_OK);
    must(rest.bytes == 0);
    must(again.bytes == sizeof before - 1 + plain.bytes);
    must(plain.bytes == 0 || memcmp(again.at + sizeof before - 1, plain.at, plain.bytes) == 0);
    tp_buf_done(&small);
    tp_buf_done(&again);
}

/* One whole message is no beginning of itself; what stands after it is handed over. */
static void must_be_whole(tp_slice dictionary, tp_slice in)
{
    uint8_t *longer = malloc(in.bytes + 1);
    must(longer != NULL);
    memcpy(longer, in.at, in.bytes);
    longer[in.bytes] = 0;
    must(inflate_under(CEILING_BYTES_MAX, dictionary, tp_slice_of(in.at, in.bytes - 1)) ==
         TP_CORRUPT);
    tp_buf out;
    tp_slice rest;
    tp_buf_init(&out, sizeof before - 1 + CEILING_BYTES_MAX);
    must(inflate_behind(dictionary, tp_slice_of(longer, in.bytes + 1), &out, &rest) == TP_OK);
    must(rest.bytes == 1 && rest.at == longer + in.bytes);
    tp_buf_done(&out);
    free(longer);
}

static void play(size_t ceiling, tp_slice dictionary, tp_slice in)
{
    tp_buf out;
    tp_slice rest = {NULL, 0};
    tp_buf_init(&out, sizeof before - 1 + CEILING_BYTES_MAX);
    tp_rc rc = inflate_behind(dictionary, in, &out, &rest);
    tp_rc low = inflate_under(ceiling, dictionary, in);
    size_t bytes = out.bytes - (sizeof before - 1);
    if (rc == TP_OK) {
        must(low == (bytes <= ceiling ? TP_OK : TP_LIMIT));
        must(rest.at + rest.bytes == in.at + in.bytes);
        must_be_whole(dictionary, tp_slice_of(in.at, in.bytes - rest.bytes));
        must_come_back(dictionary, tp_slice_of(out.at + out.bytes - bytes, bytes));
    } else {
        must(low == TP_LIMIT || low == rc);
    }
    tp_buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    tp_slice dictionary;
    if (bytes == 0) {
        return 0;
    }
    tp_slice in = tp_slice_of(input + 1, bytes - 1);
    unsigned number = (input[0] & 1) != 0 ? TP_DICTIONARY_NEWEST : TP_DICTIONARY_NONE;
    must(tp_dictionary_of(number, &dictionary));
    play((size_t)(input[0] >> 1) * CEILING_STEP_BYTES, dictionary, in);
    must_come_back(dictionary, in);
    return 0;
}
