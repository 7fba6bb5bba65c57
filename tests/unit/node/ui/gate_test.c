/* Who may ask, row by row.
 *
 * Shows no promise: how the pages are served. */
#include "node/ui/gate.h"

#include "tests/support/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { PORT = 8321 };

typedef struct row {
    const char *what;
    tp_http_method method;
    const char *host;
    const char *origin; /* NULL: not sent */
    const char *site;
    const char *type;
    tp_gate gate;
} row;

#define GET TP_HTTP_METHOD_GET
#define POST TP_HTTP_METHOD_POST
#define HERE "127.0.0.1:8321"
#define JSON "application/json"

static const row rows[] = {
    {"the address line", GET, HERE, NULL, "none", NULL, TP_GATE_OPEN},
    {"an old browser", GET, HERE, NULL, NULL, NULL, TP_GATE_OPEN},
    {"by its name", GET, "localhost:8321", NULL, "none", NULL, TP_GATE_OPEN},
    {"by its name in capitals", GET, "LocalHost:8321", NULL, "none", NULL, TP_GATE_OPEN},
    {"by the other address", GET, "[::1]:8321", NULL, "none", NULL, TP_GATE_OPEN},
    {"a page of ours", POST, HERE, "http://127.0.0.1:8321", "same-origin", JSON, TP_GATE_OPEN},
    {"with its charset", POST, HERE, NULL, NULL, "application/json; charset=utf-8", TP_GATE_OPEN},
    {"a page's own GET", GET, HERE, NULL, "same-origin", NULL, TP_GATE_OPEN},

    {"DNS rebinding", GET, "evil.example:8321", NULL, "same-origin", NULL, TP_GATE_HOST},
    {"a name that begins like ours", GET, "127.0.0.1.evil.example:8321", NULL, NULL, NULL,
     TP_GATE_HOST},
    {"a name that ends like ours", GET, "evil-localhost:8321", NULL, NULL, NULL, TP_GATE_HOST},
    {"another port", GET, "127.0.0.1:8322", NULL, NULL, NULL, TP_GATE_HOST},
    {"a port that begins like ours", GET, "127.0.0.1:83210", NULL, NULL, NULL, TP_GATE_HOST},
    {"no port", GET, "127.0.0.1", NULL, NULL, NULL, TP_GATE_HOST},
    {"no host", GET, NULL, NULL, NULL, NULL, TP_GATE_HOST},
    {"an empty host", GET, "", NULL, NULL, NULL, TP_GATE_HOST},
    {"another loopback address", GET, "127.0.0.2:8321", NULL, NULL, NULL, TP_GATE_HOST},
    {"every address", GET, "0.0.0.0:8321", NULL, NULL, NULL, TP_GATE_HOST},

    {"a page elsewhere", POST, HERE, "https://evil.example", NULL, JSON, TP_GATE_ORIGIN},
    {"a page of no origin", POST, HERE, "null", NULL, JSON, TP_GATE_ORIGIN},
    {"an empty origin", POST, HERE, "", NULL, JSON, TP_GATE_ORIGIN},
    {"a page of another port", POST, HERE, "http://127.0.0.1:9999", NULL, JSON, TP_GATE_ORIGIN},
    {"a page of another scheme", POST, HERE, "https://127.0.0.1:8321", NULL, JSON, TP_GATE_ORIGIN},
    {"an origin with more", POST, HERE, "http://127.0.0.1:8321.evil.example", NULL, JSON,
     TP_GATE_ORIGIN},
    {"another origin's GET", GET, HERE, "https://evil.example", NULL, NULL, TP_GATE_ORIGIN},

    {"cross-site", GET, HERE, NULL, "cross-site", NULL, TP_GATE_SITE},
    {"another port of this machine", GET, HERE, NULL, "same-site", NULL, TP_GATE_SITE},
    {"a word nobody knows", GET, HERE, NULL, "same-originish", NULL, TP_GATE_SITE},
    {"an empty word", GET, HERE, NULL, "", NULL, TP_GATE_SITE},

    {"a form", POST, HERE, NULL, NULL, "application/x-www-form-urlencoded", TP_GATE_TYPE},
    {"a form of text", POST, HERE, NULL, NULL, "text/plain", TP_GATE_TYPE},
    {"no type", POST, HERE, NULL, NULL, NULL, TP_GATE_TYPE},
    {"a type that begins like JSON", POST, HERE, NULL, NULL, "application/jsonp", TP_GATE_TYPE},
    {"PUT", TP_HTTP_METHOD_PUT, HERE, NULL, NULL, "text/plain", TP_GATE_TYPE},
    {"PATCH", TP_HTTP_METHOD_PATCH, HERE, NULL, NULL, NULL, TP_GATE_TYPE},
    {"DELETE", TP_HTTP_METHOD_DELETE, HERE, NULL, NULL, NULL, TP_GATE_TYPE},
};

static void test_ui_gate__judges_by_the_head(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const row *r = &rows[i];
        tp_test_request request;
        tp_test_request_init(&request, r->method, "/api/session");
        tp_test_request_header(&request, "Host", r->host);
        tp_test_request_header(&request, "Origin", r->origin);
        tp_test_request_header(&request, "Sec-Fetch-Site", r->site);
        tp_test_request_header(&request, "Content-Type", r->type);
        tp_gate gate = tp_gate_judge(&request.request, PORT);
        if (gate != r->gate) {
            fail_msg("%s: judged %d, not %d", r->what, (int)gate, (int)r->gate);
        }
    }
}

static void test_ui_gate__every_verdict_has_words(void **state)
{
    (void)state;
    const tp_gate gates[] = {TP_GATE_HOST, TP_GATE_ORIGIN, TP_GATE_SITE, TP_GATE_TYPE};
    for (size_t i = 0; i < sizeof gates / sizeof gates[0]; i++) {
        assert_true(strlen(tp_gate_text(gates[i])) > 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ui_gate__judges_by_the_head),
        cmocka_unit_test(test_ui_gate__every_verdict_has_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
