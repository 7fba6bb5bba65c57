/* Making the document of a page. */
#include "node/ui/page.h"

#include "node/ui/answer.h"
#include "node/ui/route.h"

enum { ADDRESS_BYTES_MAX = 256 };

/* What every page asks, whoever it is for. */
static const char *const of_all[] = {"/api/session", "/api/status"};

/* The page of an address; NULL where there is none. */
static const tp_page *find_page(tp_slice path, tp_route_match *match_out)
{
    for (const tp_page *page = tp_pages; page->path != NULL; page++) {
        if (tp_route_fits(page->path, path, match_out)) {
            return page;
        }
    }
    return NULL;
}

/* "/api/person/{0}?newest=12" with what stood in the page's address. */
static tp_rc fill_in(const char *ask, const tp_route_match *match, tp_buf *address, tp_err *err)
{
    tp_rc rc = TP_OK;
    tp_buf_clear(address);
    for (const char *c = ask; rc == TP_OK && *c != '\0'; c++) {
        if (*c != '{') {
            rc = tp_buf_add(address, c, 1, err);
        } else {
            const unsigned at = (unsigned)(c[1] - '0');
            rc = at < match->args_count ? tp_buf_add_slice(address, match->args[at].text, err)
                                        : tp_fail(err, TP_NOTFOUND, "no such part: %s", ask);
            c += 2;
        }
    }
    return rc;
}

/* JSON that may stand in an element: in JSON "<" is found within texts alone. */
static tp_rc add_escaped(tp_buf *out, tp_slice json, tp_err *err)
{
    tp_rc rc = TP_OK;
    while (rc == TP_OK && json.bytes > 0) {
        const uint8_t *end = memchr(json.at, '<', json.bytes);
        const size_t bytes = end == NULL ? json.bytes : (size_t)(end - json.at);
        rc = tp_buf_add(out, json.at, bytes, err);
        if (rc == TP_OK && end != NULL) {
            rc = tp_buf_add_str(out, "\\u003c", err);
        }
        const size_t taken = end == NULL ? bytes : bytes + 1;
        json = tp_slice_of(json.at + taken, json.bytes - taken);
    }
    return rc;
}

static tp_rc put_member(tp_buf *out, tp_slice address, tp_slice json, tp_err *err)
{
    const bool is_first = out->at[out->bytes - 1] == '{';
    tp_rc rc = tp_buf_addf(out, err, "%s\"%.*s\":", is_first ? "" : ",\n", (int)address.bytes,
                           (const char *)address.at);
    return rc == TP_OK ? add_escaped(out, json, err) : rc;
}

/* Asks as the page would, and puts down what was answered. */
static tp_rc bring(const tp_ui_call *call, tp_page_ask ask, tp_slice address, tp_buf *out,
                   tp_err *err)
{
    tp_rc rc = TP_OK;
    tp_http_response response;
    tp_http_request request = *call->request;
    const uint8_t *query = memchr(address.at, '?', address.bytes);
    const size_t bytes = query == NULL ? address.bytes : (size_t)(query - address.at);
    request.method = TP_HTTP_METHOD_GET;
    request.path = tp_slice_of(address.at, bytes);
    request.query =
        query == NULL ? tp_slice_of(NULL, 0) : tp_slice_of(query + 1, address.bytes - bytes - 1);
    tp_http_response_init(&response);
    ask(call, &request, &response);
    if (response.status == 200) {
        rc = put_member(out, address, tp_http_response_body(&response), err);
    } else if (response.status == 404) {
        rc = put_member(out, address, tp_slice_str("null"), err);
    }
    tp_http_response_done(&response);
    return rc;
}

static tp_rc bring_all(const tp_ui_call *call, tp_page_ask ask, const tp_page *page,
                       const tp_route_match *match, tp_err *err)
{
    tp_buf *out = &call->response->body;
    tp_buf address;
    tp_rc rc = tp_buf_add_str(out, "{", err);
    tp_buf_init(&address, ADDRESS_BYTES_MAX);
    for (size_t i = 0; rc == TP_OK && i < sizeof of_all / sizeof of_all[0]; i++) {
        rc = bring(call, ask, tp_slice_str(of_all[i]), out, err);
    }
    for (size_t i = 0; rc == TP_OK && page != NULL && page->asks[i] != NULL; i++) {
        rc = fill_in(page->asks[i], match, &address, err);
        if (rc == TP_OK) {
            rc = bring(call, ask, tp_buf_slice(&address), out, err);
        }
    }
    tp_buf_done(&address);
    return rc == TP_OK ? tp_buf_add_str(out, "}\n", err) : rc;
}

tp_rc tp_page_answer(tp_ui_call *call, tp_page_ask ask, tp_err *err)
{
    tp_route_match match;
    const tp_page *page = find_page(call->request->path, &match);
    tp_answer_room(call);
    tp_buf *out = &call->response->body;
    call->response->content_type = "text/html; charset=utf-8";
    tp_rc rc = tp_buf_add_str(out, tp_shell.before, err);
    if (rc == TP_OK) {
        rc = bring_all(call, ask, page, &match, err);
    }
    return rc == TP_OK ? tp_buf_add_str(out, tp_shell.after, err) : rc;
}
