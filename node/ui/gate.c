/* The gate. */
#include "node/ui/gate.h"

#include <stdio.h>
#include <strings.h>

static const char *const names[] = {"127.0.0.1", "localhost", "[::1]"};

/* "http://" before it where it is an origin. */
static bool is_here(tp_slice text, const char *scheme, uint16_t port)
{
    char here[64];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        int bytes = snprintf(here, sizeof here, "%s%s:%u", scheme, names[i], (unsigned)port);
        if (text.bytes == (size_t)bytes &&
            strncasecmp((const char *)text.at, here, text.bytes) == 0) {
            return true;
        }
    }
    return false;
}

/* Ours, or nobody's: the address line, a bookmark.  "same-site" is another port of this machine. */
static bool is_own_site(tp_slice site)
{
    return tp_slice_is(site, "same-origin") || tp_slice_is(site, "none");
}

static bool is_json(tp_slice type)
{
    static const char json[] = "application/json";
    size_t bytes = sizeof json - 1;
    return type.bytes >= bytes && strncasecmp((const char *)type.at, json, bytes) == 0 &&
           (type.bytes == bytes || type.at[bytes] == ';' || type.at[bytes] == ' ');
}

bool tp_gate_writes(tp_http_method method)
{
    return method != TP_HTTP_METHOD_GET && method != TP_HTTP_METHOD_HEAD;
}

tp_gate tp_gate_judge(const tp_http_request *request, uint16_t port)
{
    if (!is_here(tp_http_request_header(request, "Host"), "", port)) {
        return TP_GATE_HOST;
    }
    if (tp_http_request_has_header(request, "Origin") &&
        !is_here(tp_http_request_header(request, "Origin"), "http://", port)) {
        return TP_GATE_ORIGIN;
    }
    if (tp_http_request_has_header(request, "Sec-Fetch-Site") &&
        !is_own_site(tp_http_request_header(request, "Sec-Fetch-Site"))) {
        return TP_GATE_SITE;
    }
    if (tp_gate_writes(request->method) &&
        !is_json(tp_http_request_header(request, "Content-Type"))) {
        return TP_GATE_TYPE;
    }
    return TP_GATE_OPEN;
}

const char *tp_gate_text(tp_gate gate)
{
    switch (gate) {
    case TP_GATE_OPEN:
        return "";
    case TP_GATE_HOST:
        return "This is Teapot on this machine; it answers to 127.0.0.1, localhost and [::1] only.";
    case TP_GATE_ORIGIN:
    case TP_GATE_SITE:
        return "Only Teapot's own pages may ask this.";
    case TP_GATE_TYPE:
        return "What is written here is sent as application/json.";
    }
    return "";
}
