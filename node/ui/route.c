/* Finding the route of a request. */
#include "node/ui/route.h"

#include "node/record/draft.h"
#include "schema/name_text.h"

#include <stdio.h>

static tp_slice take_segment(tp_slice *path)
{
    const uint8_t *slash = memchr(path->at, '/', path->bytes);
    size_t bytes = slash == NULL ? path->bytes : (size_t)(slash - path->at);
    tp_slice segment = tp_slice_of(path->at, bytes);
    size_t taken = slash == NULL ? bytes : bytes + 1;
    *path = tp_slice_of(path->at + taken, path->bytes - taken);
    return segment;
}

static bool take_arg(tp_slice pattern, tp_slice segment, tp_route_match *match)
{
    tp_ui_arg arg = {segment, {0, 0}};
    bool is_right =
        tp_slice_is(pattern, "{key}") ? tp_draft_is_key(segment) : tp_name_read(segment, &arg.name);
    if (is_right && match->args_count < TP_UI_ARGS_MAX) {
        match->args[match->args_count++] = arg;
        return true;
    }
    return false;
}

/* Segment by segment; a slash at the end is one segment more, so it is another path. */
bool tp_route_fits(const char *pattern_text, tp_slice path, tp_route_match *match)
{
    tp_slice pattern = tp_slice_str(pattern_text);
    size_t slashes = 0;
    match->args_count = 0;
    for (size_t i = 0; i < pattern.bytes; i++) {
        slashes += pattern.at[i] == '/';
    }
    for (size_t i = 0; i < path.bytes; i++) {
        slashes -= path.at[i] == '/';
    }
    if (slashes != 0) {
        return false;
    }
    while (pattern.bytes > 0) {
        tp_slice wanted = take_segment(&pattern);
        tp_slice segment = take_segment(&path);
        bool is_arg = wanted.bytes > 0 && wanted.at[0] == '{';
        if (is_arg ? !take_arg(wanted, segment, match) : !tp_slice_eq(wanted, segment)) {
            return false;
        }
    }
    return path.bytes == 0;
}

static void allow(tp_route_match *match, tp_http_method method)
{
    size_t used = strlen(match->allow);
    snprintf(match->allow + used, sizeof match->allow - used, "%s%s%s", used > 0 ? ", " : "",
             tp_route_method_name(method), method == TP_HTTP_METHOD_GET ? ", HEAD" : "");
}

tp_route_found tp_route_find(const tp_route *routes, tp_http_method method, tp_slice path,
                             unsigned mode, tp_route_match *match_out)
{
    tp_http_method wanted = method == TP_HTTP_METHOD_HEAD ? TP_HTTP_METHOD_GET : method;
    memset(match_out, 0, sizeof *match_out);
    for (const tp_route *route = routes; route->path != NULL; route++) {
        tp_route_match match = {.route = route};
        if ((route->flags & mode) == 0 || !tp_route_fits(route->path, path, &match)) {
            continue;
        }
        if (route->method == wanted) {
            *match_out = match;
            return TP_ROUTE_FOUND;
        }
        allow(match_out, route->method);
    }
    return match_out->allow[0] == '\0' ? TP_ROUTE_NO_PATH : TP_ROUTE_NO_METHOD;
}

const char *tp_route_method_name(tp_http_method method)
{
    switch (method) {
    case TP_HTTP_METHOD_GET:
        return "GET";
    case TP_HTTP_METHOD_HEAD:
        return "HEAD";
    case TP_HTTP_METHOD_POST:
        return "POST";
    case TP_HTTP_METHOD_PUT:
        return "PUT";
    case TP_HTTP_METHOD_PATCH:
        return "PATCH";
    case TP_HTTP_METHOD_DELETE:
        return "DELETE";
    }
    return "";
}
