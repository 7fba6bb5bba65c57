/* Looking up what a request said. */
#include "platform/net/http_request.h"

#include <strings.h>

static const tp_http_header *find(const tp_http_request *request, const char *name)
{
    size_t bytes = strlen(name);
    for (size_t i = 0; i < request->headers_count; i++) {
        const tp_http_header *header = &request->headers[i];
        if (header->name.bytes == bytes &&
            strncasecmp((const char *)header->name.at, name, bytes) == 0) {
            return header;
        }
    }
    return NULL;
}

tp_slice tp_http_request_header(const tp_http_request *request, const char *name)
{
    const tp_http_header *header = find(request, name);
    return header == NULL ? tp_slice_of(NULL, 0) : header->value;
}

bool tp_http_request_has_header(const tp_http_request *request, const char *name)
{
    return find(request, name) != NULL;
}
