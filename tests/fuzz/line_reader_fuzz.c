/* Lines of arbitrary bytes (`teapot import`), which come in pieces as a pipe gives them: the lines
 * are those that stand there, whatever the pieces and the limit.
 *
 *   limit  n  size x (n % 8)  bytes...     `limit` % 32: longest line; sizes of pieces less 1
 *
 * Shows no promise: that foreign bytes are read safely is what all of them stand on. */
#include "tests/fuzz/target.h"

#include "platform/os/line_reader.h"

#include <sys/socket.h>
#include <unistd.h>

enum { LIMIT_MAX = 32, SIZES_MAX = 8, PIECES_MAX = 64, BYTES_MAX = 16 * 1024 };

/* A socket that keeps the pieces apart: each read gives one of them. */
static int send_in_pieces(tp_slice bytes, const uint8_t *sizes, size_t sizes_count)
{
    int ends[2];
    size_t sent = 0;
    must(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) == 0);
    for (unsigned i = 0; sent < bytes.bytes; i++) {
        size_t piece = sizes_count == 0 ? 1 : (size_t)sizes[i % sizes_count] + 1;
        size_t left = bytes.bytes - sent;
        piece = piece < left && i + 1 < PIECES_MAX ? piece : left;
        must(send(ends[1], bytes.at + sent, piece, MSG_DONTWAIT) == (ssize_t)piece);
        sent += piece;
    }
    must(close(ends[1]) == 0);
    return ends[0];
}

/* The line that stands at the front of `rest`, and `rest` behind it. */
static tp_slice split(tp_slice *rest)
{
    const uint8_t *end = memchr(rest->at, '\n', rest->bytes);
    size_t bytes = end == NULL ? rest->bytes : (size_t)(end - rest->at);
    size_t used = bytes + (end == NULL ? 0 : 1);
    tp_slice line = tp_slice_of(rest->at, bytes);
    *rest = tp_slice_of(rest->at + used, rest->bytes - used);
    return line;
}

static void play(size_t limit, tp_slice rest, tp_line_reader *reader)
{
    tp_err err;
    tp_slice line;
    bool has_line = false;
    while (rest.bytes > 0) {
        tp_slice wanted = split(&rest);
        must(!tp_line_reader_would_wait(reader));
        tp_rc rc = tp_line_reader_next(reader, &line, &has_line, &err);
        must(rc == (wanted.bytes > limit ? TP_LIMIT : TP_OK));
        must(rc == TP_LIMIT || (has_line && tp_slice_eq(line, wanted)));
        must(reader->held.bytes <= reader->held.bytes_ceiling);
    }
    for (int i = 0; i < 2; i++) { /* the end stays the end */
        must(tp_line_reader_next(reader, &line, &has_line, &err) == TP_OK);
        must(!has_line);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    tp_err err;
    tp_line_reader reader;
    if (bytes < 2 || bytes > BYTES_MAX || bytes - 2 < input[1] % SIZES_MAX) {
        return 0;
    }
    size_t limit = input[0] % LIMIT_MAX, sizes = input[1] % SIZES_MAX;
    tp_slice text = tp_slice_of(input + 2 + sizes, bytes - 2 - sizes);
    must(tp_line_reader_open(&reader, NULL, limit, &err) == TP_OK);
    reader.fd = send_in_pieces(text, input + 2, sizes);
    reader.owns_fd = true;
    play(limit, text, &reader);
    tp_line_reader_close(&reader);
    return 0;
}
