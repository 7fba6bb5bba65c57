/* Requests for handlers. */
#include "tests/support/request.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void tp_test_request_init(tp_test_request *r, tp_http_method method, const char *path)
{
    memset(r, 0, sizeof *r);
    const char *query = strchr(path, '?');
    r->request.method = method;
    r->request.path = tp_slice_of(path, query == NULL ? strlen(path) : (size_t)(query - path));
    r->request.query = tp_slice_str(query == NULL ? NULL : query + 1);
    r->request.headers = r->headers;
}

void tp_test_request_header(tp_test_request *r, const char *name, const char *value)
{
    if (value != NULL) {
        assert(r->request.headers_count < TP_TEST_HEADERS_MAX);
        tp_http_header *header = &r->headers[r->request.headers_count++];
        header->name = tp_slice_str(name);
        header->value = tp_slice_str(value);
    }
}

bool tp_test_response_header(const tp_http_response *response, const char *name, char *out,
                             size_t bytes)
{
    char text[8192];
    char start[128];
    snprintf(text, sizeof text, "\r\n%.*s", (int)response->headers.bytes,
             response->headers.bytes == 0 ? "" : (const char *)response->headers.at);
    snprintf(start, sizeof start, "\r\n%s: ", name);
    const char *at = strstr(text, start);
    if (at == NULL) {
        return false;
    }
    at += strlen(start);
    snprintf(out, bytes, "%.*s", (int)strcspn(at, "\r"), at);
    return true;
}
