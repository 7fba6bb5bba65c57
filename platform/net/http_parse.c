/* Bytes to one HTTP request: strict scan of lines, then llhttp. */
#include "platform/net/http_parse.h"

#include <llhttp.h>
#include <strings.h>

/* A request line holds the URL, the longest method and the version. */
enum { LINE_BYTES_BESIDE_URL = 32 };

/* What llhttp tells about one head, while it reads it. */
typedef struct head_reading {
    tp_http_parser *parser;
    tp_slice url;
    tp_http_header header; /* the one now read */
    bool is_complete;
} head_reading;

static size_t feed_head(tp_http_parser *parser, tp_slice in);
static size_t feed_body(tp_http_parser *parser, tp_slice in);
static void read_head(tp_http_parser *parser);

void tp_http_parser_init(tp_http_parser *parser, size_t body_bytes_max)
{
    memset(parser, 0, sizeof *parser);
    parser->body_bytes_max = body_bytes_max;
    tp_buf_init(&parser->head, TP_HTTP_HEAD_BYTES_MAX);
    tp_buf_init(&parser->body, body_bytes_max);
}

void tp_http_parser_done(tp_http_parser *parser)
{
    tp_buf_done(&parser->head);
    tp_buf_done(&parser->body);
}

void tp_http_parser_reset(tp_http_parser *parser)
{
    tp_buf head = parser->head;
    size_t body_bytes_max = parser->body_bytes_max;
    tp_buf_done(&parser->body);
    tp_http_parser_init(parser, body_bytes_max);
    tp_buf_clear(&head);
    parser->head = head; /* its room is kept for the next head */
}

size_t tp_http_parser_feed(tp_http_parser *parser, tp_slice in)
{
    size_t used = 0;
    if (parser->state == TP_HTTP_PARSE_HEAD) {
        used = feed_head(parser, in);
    }
    if (parser->state == TP_HTTP_PARSE_BODY) {
        used += feed_body(parser, tp_slice_of(in.at + used, in.bytes - used));
    }
    return used;
}

static void refuse(tp_http_parser *parser, unsigned status, const char *why)
{
    if (parser->state != TP_HTTP_PARSE_REFUSED) {
        parser->state = TP_HTTP_PARSE_REFUSED;
        parser->status = status;
        parser->why = why;
    }
}

/* RFC 9110 section 5.6.2. */
static bool is_token_byte(uint8_t c)
{
    return c > ' ' && c < 0x7f && strchr("\"(),/:;<=>?@[\\]{}", c) == NULL;
}

/* One byte inside a line; false if no head may hold it. */
static bool scan_in_line(tp_http_parser *parser, uint8_t c)
{
    if (parser->line_bytes == 0) {
        parser->is_in_name = parser->lines > 0;
    }
    parser->line_bytes++;
    if (parser->is_in_name && c == ':') {
        parser->is_in_name = false;
        return parser->line_bytes > 1;
    }
    if (parser->is_in_name) {
        return is_token_byte(c);
    }
    return c == '\t' || (c >= ' ' && c != 0x7f);
}

typedef enum scan_result { SCAN_ON, SCAN_END, SCAN_BAD } scan_result;

/* One byte of a head. */
static scan_result scan_byte(tp_http_parser *parser, uint8_t c)
{
    if (!parser->saw_cr) {
        if (c == '\r') {
            parser->saw_cr = true;
            return SCAN_ON;
        }
        return scan_in_line(parser, c) ? SCAN_ON : SCAN_BAD;
    }
    if (c != '\n' || (parser->line_bytes > 0 && parser->is_in_name)) {
        return SCAN_BAD;
    }
    bool is_empty = parser->line_bytes == 0;
    parser->saw_cr = false;
    parser->line_bytes = 0;
    if (is_empty && parser->lines > 0) {
        return SCAN_END;
    }
    if (!is_empty) { /* RFC 9112 section 2.2: empty lines before a request do not count */
        parser->lines++;
    }
    return SCAN_ON;
}

static bool is_over_ceiling(const tp_http_parser *parser, size_t used)
{
    return parser->head.bytes + used >= TP_HTTP_HEAD_BYTES_MAX ||
           (parser->lines == 0 &&
            parser->line_bytes > TP_HTTP_URL_BYTES_MAX + LINE_BYTES_BESIDE_URL);
}

static size_t feed_head(tp_http_parser *parser, tp_slice in)
{
    scan_result result = SCAN_ON;
    size_t used = 0;
    while (used < in.bytes && result == SCAN_ON) {
        if (is_over_ceiling(parser, used)) {
            refuse(parser, parser->lines == 0 ? 414 : 431, "the head is too long");
            return used;
        }
        result = scan_byte(parser, in.at[used]);
        used++;
    }
    tp_err err;
    if (result == SCAN_BAD) {
        refuse(parser, 400, "the head holds a byte that no head may hold there");
    } else if (tp_buf_add(&parser->head, in.at, used, &err) != TP_OK) {
        refuse(parser, 503, "no memory for the head");
    } else if (result == SCAN_END) {
        read_head(parser);
    }
    return used;
}

static size_t feed_body(tp_http_parser *parser, tp_slice in)
{
    size_t used = in.bytes < parser->body_bytes_due ? in.bytes : parser->body_bytes_due;
    tp_err err;
    if (tp_buf_add(&parser->body, in.at, used, &err) != TP_OK) {
        refuse(parser, 503, "no memory for the body");
        return used;
    }
    parser->body_bytes_due -= used;
    if (parser->body_bytes_due == 0) {
        parser->state = TP_HTTP_PARSE_READY;
    }
    return used;
}

/* llhttp gives a text in pieces where it sees several; here they lie side by side in one buffer. */
static void extend(tp_slice *text, const char *at, size_t bytes)
{
    if (text->at == NULL) {
        *text = tp_slice_of(at, 0);
    }
    text->bytes = (size_t)((const uint8_t *)at + bytes - text->at);
}

static int on_url(llhttp_t *reader, const char *at, size_t bytes)
{
    head_reading *reading = reader->data;
    extend(&reading->url, at, bytes);
    return 0;
}

static int on_header_field(llhttp_t *reader, const char *at, size_t bytes)
{
    head_reading *reading = reader->data;
    extend(&reading->header.name, at, bytes);
    return 0;
}

static int on_header_value(llhttp_t *reader, const char *at, size_t bytes)
{
    head_reading *reading = reader->data;
    extend(&reading->header.value, at, bytes);
    return 0;
}

static int on_header_value_complete(llhttp_t *reader)
{
    head_reading *reading = reader->data;
    tp_http_parser *parser = reading->parser;
    if (parser->headers_count == TP_HTTP_HEADERS_MAX) {
        refuse(parser, 431, "too many headers");
        return HPE_USER;
    }
    tp_slice *value = &reading->header.value;
    while (value->bytes > 0 &&
           (value->at[value->bytes - 1] == ' ' || value->at[value->bytes - 1] == '\t')) {
        value->bytes--;
    }
    parser->headers[parser->headers_count++] = reading->header;
    memset(&reading->header, 0, sizeof reading->header);
    return 0;
}

static int on_headers_complete(llhttp_t *reader)
{
    head_reading *reading = reader->data;
    reading->is_complete = true;
    return HPE_PAUSED; /* the body is not llhttp's */
}

static const llhttp_settings_t settings = {
    .on_url = on_url,
    .on_header_field = on_header_field,
    .on_header_value = on_header_value,
    .on_header_value_complete = on_header_value_complete,
    .on_headers_complete = on_headers_complete,
};

/* True if `line` is "METHOD URL HTTP/1.0" or 1.1 with one space in each place.  llhttp also takes
 * other protocols and more spaces. */
static bool is_plain_request_line(tp_slice line, tp_slice method, tp_slice url)
{
    static const char version[] = " HTTP/1.";
    size_t bytes = sizeof version - 1;
    return url.at == line.at + method.bytes + 1 && memcmp(line.at, method.at, method.bytes) == 0 &&
           line.bytes == method.bytes + 1 + url.bytes + bytes + 1 &&
           memcmp(url.at + url.bytes, version, bytes) == 0;
}

static tp_slice request_line(const tp_buf *head)
{
    const uint8_t *at = head->at;
    while (*at == '\r' || *at == '\n') {
        at++;
    }
    const uint8_t *end = memchr(at, '\r', head->bytes - (size_t)(at - head->at));
    return tp_slice_of(at, (size_t)(end - at));
}

static bool is_unknown_method(tp_slice line)
{
    size_t i = 0;
    while (i < line.bytes && ((line.at[i] >= 'A' && line.at[i] <= 'Z') || line.at[i] == '-')) {
        i++;
    }
    return i > 0 && i < line.bytes && line.at[i] == ' ';
}

static void refuse_llhttp(tp_http_parser *parser, llhttp_errno_t code)
{
    if (code == HPE_INVALID_METHOD && is_unknown_method(request_line(&parser->head))) {
        refuse(parser, 501, "unknown method");
    } else if (code == HPE_INVALID_VERSION || code == HPE_PAUSED_H2_UPGRADE) {
        refuse(parser, 505, "not HTTP/1.1");
    } else {
        refuse(parser, 400, "the head is not HTTP");
    }
}

static bool take_method(tp_http_parser *parser, unsigned method)
{
    static const struct {
        unsigned theirs;
        tp_http_method ours;
    } methods[] = {
        {HTTP_GET, TP_HTTP_METHOD_GET},     {HTTP_HEAD, TP_HTTP_METHOD_HEAD},
        {HTTP_POST, TP_HTTP_METHOD_POST},   {HTTP_PUT, TP_HTTP_METHOD_PUT},
        {HTTP_PATCH, TP_HTTP_METHOD_PATCH}, {HTTP_DELETE, TP_HTTP_METHOD_DELETE},
    };
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (methods[i].theirs == method) {
            parser->method = methods[i].ours;
            return true;
        }
    }
    return false;
}

static void take_url(tp_http_parser *parser, tp_slice url)
{
    const uint8_t *mark = memchr(url.at, '?', url.bytes);
    size_t path_bytes = mark == NULL ? url.bytes : (size_t)(mark - url.at);
    parser->path = tp_slice_of(url.at, path_bytes);
    if (mark != NULL) {
        parser->query = tp_slice_of(mark + 1, url.bytes - path_bytes - 1);
    }
}

static bool is_plain_url(tp_slice url)
{
    for (size_t i = 0; i < url.bytes; i++) {
        if (url.at[i] <= ' ' || url.at[i] > '~' || url.at[i] == '#') {
            return false;
        }
    }
    return url.bytes > 0 && url.at[0] == '/';
}

static size_t count_headers(const tp_http_parser *parser, const char *name)
{
    size_t count = 0;
    size_t bytes = strlen(name);
    for (size_t i = 0; i < parser->headers_count; i++) {
        tp_slice have = parser->headers[i].name;
        count += have.bytes == bytes && strncasecmp((const char *)have.at, name, bytes) == 0;
    }
    return count;
}

/* Headers that say who is asked, by whom, and what follows must not be there twice: two programs
 * might take different ones. */
static bool has_repeated_header(const tp_http_parser *parser)
{
    static const char *const once[] = {"Host",           "Origin", "Content-Type",
                                       "Content-Length", "Cookie", "Transfer-Encoding"};
    for (size_t i = 0; i < sizeof once / sizeof once[0]; i++) {
        if (count_headers(parser, once[i]) > 1) {
            return true;
        }
    }
    return false;
}

static void judge_head(tp_http_parser *parser, const llhttp_t *reader, tp_slice url)
{
    bool has_length = count_headers(parser, "Content-Length") > 0;
    bool has_coding = count_headers(parser, "Transfer-Encoding") > 0;
    tp_slice method = tp_slice_str(llhttp_method_name((llhttp_method_t)reader->method));
    if (reader->http_major != 1 || reader->http_minor > 1) {
        refuse(parser, 505, "not HTTP/1.1");
    } else if (url.bytes > TP_HTTP_URL_BYTES_MAX) {
        refuse(parser, 414, "the URL is too long");
    } else if (!is_plain_request_line(request_line(&parser->head), method, url) ||
               !is_plain_url(url)) {
        refuse(parser, 400, "the request line is malformed");
    } else if (!take_method(parser, reader->method)) {
        refuse(parser, 501, "unknown method");
    } else if (has_repeated_header(parser) || (has_length && has_coding)) {
        refuse(parser, 400, "a header is there twice, or two lengths");
    } else if (has_coding) {
        refuse(parser, 501, "a body needs Content-Length");
    } else if (reader->http_minor == 1 && count_headers(parser, "Host") == 0) {
        refuse(parser, 400, "no Host");
    } else if (count_headers(parser, "Expect") > 0) {
        refuse(parser, 417, "nothing is promised before the body");
    } else if (has_length && reader->content_length > parser->body_bytes_max) {
        refuse(parser, 413, "the body is too long");
    }
}

/* The head is whole: llhttp reads it in one go, so that all it names lies in `head`. */
static void read_head(tp_http_parser *parser)
{
    llhttp_t reader;
    head_reading reading = {.parser = parser};
    llhttp_init(&reader, HTTP_REQUEST, &settings);
    reader.data = &reading;
    llhttp_errno_t code =
        llhttp_execute(&reader, (const char *)parser->head.at, parser->head.bytes);
    if (code != HPE_PAUSED || !reading.is_complete) {
        refuse_llhttp(parser, code);
        return;
    }
    const char *end = (const char *)parser->head.at + parser->head.bytes;
    if (end - llhttp_get_error_pos(&reader) > 1) {
        refuse(parser, 400, "the head ends in two places");
        return;
    }
    judge_head(parser, &reader, reading.url);
    if (parser->state == TP_HTTP_PARSE_REFUSED) {
        return;
    }
    take_url(parser, reading.url);
    parser->is_keep_alive = llhttp_should_keep_alive(&reader) != 0;
    parser->body_bytes_due = (size_t)reader.content_length;
    parser->state = parser->body_bytes_due > 0 ? TP_HTTP_PARSE_BODY : TP_HTTP_PARSE_READY;
}
