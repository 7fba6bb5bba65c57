/* Requests over HTTP from arbitrary bytes.  A network cuts them where it likes: read whole and read
 * in pieces, they must be the same requests, or refused at the same byte for the same reason.
 *
 *   n  size x (n % 8)  stream...     the sizes of the pieces, less 1, used round and round; without
 *                                    any the pieces are single bytes
 *
 * Shows no promise: that foreign bytes are read safely is what all of them stand on. */
#include "tests/fuzz/target.h"

#include "platform/net/http_parse.h"

enum { BODY_BYTES_MAX = 96, SIZES_MAX = 8 };

typedef struct sizes {
    const uint8_t *at;
    size_t count;
    size_t next;
} sizes;

static size_t next_size(sizes *s)
{
    return s->count == 0 ? 1 : (size_t)s->at[s->next++ % s->count] + 1;
}

static bool is_open(const tp_http_parser *parser)
{
    return parser->state == TP_HTTP_PARSE_HEAD || parser->state == TP_HTTP_PARSE_BODY;
}

/* Each piece has a block of its own, gone afterwards: whoever reads behind it, or keeps a slice of
 * it, is seen. */
static size_t feed_piece(tp_http_parser *parser, tp_slice piece)
{
    uint8_t *copy = malloc(piece.bytes);
    must(copy != NULL);
    memcpy(copy, piece.at, piece.bytes);
    size_t used = tp_http_parser_feed(parser, tp_slice_of(copy, piece.bytes));
    free(copy);
    must(used == piece.bytes || (used < piece.bytes && !is_open(parser)));
    return used;
}

static size_t feed_in_pieces(tp_http_parser *parser, tp_slice in, sizes *s)
{
    size_t used = 0;
    while (used < in.bytes && is_open(parser)) {
        size_t bytes = next_size(s);
        bytes = bytes < in.bytes - used ? bytes : in.bytes - used;
        used += feed_piece(parser, tp_slice_of(in.at + used, bytes));
    }
    return used;
}

static void must_be_same(const tp_http_parser *a, const tp_http_parser *b)
{
    must(a->state == b->state && a->status == b->status && a->why == b->why);
    if (a->state == TP_HTTP_PARSE_REFUSED) {
        return;
    }
    must(tp_slice_eq(tp_buf_slice(&a->head), tp_buf_slice(&b->head)));
    must(tp_slice_eq(tp_buf_slice(&a->body), tp_buf_slice(&b->body)));
    must(a->body_bytes_due == b->body_bytes_due && a->is_keep_alive == b->is_keep_alive);
    must(a->method == b->method && a->headers_count == b->headers_count);
    must(tp_slice_eq(a->path, b->path) && tp_slice_eq(a->query, b->query));
    for (size_t i = 0; i < a->headers_count; i++) {
        must(tp_slice_eq(a->headers[i].name, b->headers[i].name));
        must(tp_slice_eq(a->headers[i].value, b->headers[i].value));
    }
}

/* ---- What a handler may rely on ---- */

static void must_lie_in(const tp_buf *head, tp_slice text)
{
    must(text.bytes == 0 ||
         (text.at >= head->at && text.at + text.bytes <= head->at + head->bytes));
}

static void must_be_visible(tp_slice text, const char *without)
{
    for (size_t i = 0; i < text.bytes; i++) {
        must(text.at[i] > ' ' && text.at[i] <= '~' && strchr(without, text.at[i]) == NULL);
    }
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static void check_header(const tp_buf *head, const tp_http_header *header)
{
    tp_slice value = header->value;
    must_lie_in(head, header->name);
    must_lie_in(head, value);
    must(header->name.bytes > 0);
    must_be_visible(header->name, "\"(),/:;<=>?@[\\]{}");
    must(value.bytes == 0 || (!is_blank(value.at[0]) && !is_blank(value.at[value.bytes - 1])));
    for (size_t i = 0; i < value.bytes; i++) {
        must(value.at[i] == '\t' || (value.at[i] >= ' ' && value.at[i] != 0x7f));
    }
}

/* The body is what Content-Length says, and that is digits alone; without one there is none. */
static void check_length(const tp_http_parser *parser)
{
    tp_http_request request = {.headers = parser->headers, .headers_count = parser->headers_count};
    tp_slice said = tp_http_request_header(&request, "CONTENT-LENGTH");
    size_t bytes = 0;
    must(said.bytes > 0 || !tp_http_request_has_header(&request, "content-length"));
    for (size_t i = 0; i < said.bytes; i++) {
        must(said.at[i] >= '0' && said.at[i] <= '9' && bytes <= BODY_BYTES_MAX);
        bytes = bytes * 10 + said.at[i] - '0';
    }
    must(bytes <= BODY_BYTES_MAX && parser->body.bytes + parser->body_bytes_due == bytes);
    must((parser->state == TP_HTTP_PARSE_BODY) == (parser->body_bytes_due > 0));
    must(!tp_http_request_has_header(&request, "transfer-encoding"));
}

static void check(const tp_http_parser *parser)
{
    if (parser->state == TP_HTTP_PARSE_REFUSED) {
        must(parser->status >= 400 && parser->status <= 599 && parser->why != NULL);
    } else if (parser->state != TP_HTTP_PARSE_HEAD) {
        must_lie_in(&parser->head, parser->path);
        must_lie_in(&parser->head, parser->query);
        must(parser->path.bytes > 0 && parser->path.at[0] == '/');
        must_be_visible(parser->path, "?#");
        must_be_visible(parser->query, "#");
        for (size_t i = 0; i < parser->headers_count; i++) {
            check_header(&parser->head, &parser->headers[i]);
        }
        check_length(parser);
    }
}

static void play(tp_slice stream, sizes *s)
{
    tp_http_parser whole, pieces;
    tp_http_parser_init(&whole, BODY_BYTES_MAX);
    tp_http_parser_init(&pieces, BODY_BYTES_MAX);
    for (;;) {
        size_t used = tp_http_parser_feed(&whole, stream);
        must(used == feed_in_pieces(&pieces, stream, s));
        must_be_same(&whole, &pieces);
        check(&whole);
        check(&pieces);
        if (whole.state != TP_HTTP_PARSE_READY) {
            break;
        }
        stream = tp_slice_of(stream.at + used, stream.bytes - used);
        tp_http_parser_reset(&whole);
        tp_http_parser_reset(&pieces);
        must(tp_http_parser_is_idle(&whole) && tp_http_parser_is_idle(&pieces));
    }
    tp_http_parser_done(&whole);
    tp_http_parser_done(&pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    sizes s = {.at = input + 1, .count = bytes == 0 ? 0 : input[0] % SIZES_MAX};
    if (bytes > s.count) {
        play(tp_slice_of(input + 1 + s.count, bytes - 1 - s.count), &s);
    }
    return 0;
}
