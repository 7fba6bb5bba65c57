/* Finding routes, and openapi.json beside the table of routes.
 *
 * Shows no promise: how the pages are served. */
#include "node/ui/route.h"

#include "node/ui/gate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <cmocka.h>

static tp_rc no_handler(tp_ui_call *call, tp_err *err)
{
    (void)call;
    (void)err;
    return TP_OK;
}

#define GET TP_HTTP_METHOD_GET
#define PUT TP_HTTP_METHOD_PUT
#define NAME "00000000000000aa-7"

static const tp_route routes[] = {
    {GET, "/api/one", TP_ROUTE_READ, TP_ROUTE_WORKER | TP_ROUTE_KIOSK, no_handler},
    {PUT, "/api/one", TP_ROUTE_READ, TP_ROUTE_WORKER, no_handler},
    {GET, "/api/person/{person}", TP_ROUTE_READ, TP_ROUTE_WORKER, no_handler},
    {GET, "/api/person/{person}/consent", TP_ROUTE_READ, TP_ROUTE_WORKER, no_handler},
    {PUT, "/api/draft/{key}", TP_ROUTE_READ, TP_ROUTE_WORKER, no_handler},
    {GET, "/api/two/{a}/{b}", TP_ROUTE_READ, TP_ROUTE_WORKER, no_handler},
    {GET, NULL, TP_ROUTE_NO_TX, 0, NULL}};

static const struct row {
    tp_http_method method;
    const char *path;
    unsigned mode;
    tp_route_found found;
    const char *said; /* the route's path, or what is allowed */
} rows[] = {
    {GET, "/api/one", TP_ROUTE_WORKER, TP_ROUTE_FOUND, "/api/one"},
    {TP_HTTP_METHOD_HEAD, "/api/one", TP_ROUTE_WORKER, TP_ROUTE_FOUND, "/api/one"},
    {PUT, "/api/one", TP_ROUTE_WORKER, TP_ROUTE_FOUND, "/api/one"},
    {TP_HTTP_METHOD_POST, "/api/one", TP_ROUTE_WORKER, TP_ROUTE_NO_METHOD, "GET, HEAD, PUT"},
    {PUT, "/api/one", TP_ROUTE_KIOSK, TP_ROUTE_NO_METHOD, "GET, HEAD"},
    {GET, "/api/draft/a", TP_ROUTE_WORKER, TP_ROUTE_NO_METHOD, "PUT"},
    {GET, "/api/draft/a", TP_ROUTE_KIOSK, TP_ROUTE_NO_PATH, NULL},
    {GET, "/api/one/", TP_ROUTE_WORKER, TP_ROUTE_NO_PATH, NULL},
    {GET, "/api//one", TP_ROUTE_WORKER, TP_ROUTE_NO_PATH, NULL},
    {GET, "/api/onee", TP_ROUTE_WORKER, TP_ROUTE_NO_PATH, NULL},
    {GET, "/api/on", TP_ROUTE_WORKER, TP_ROUTE_NO_PATH, NULL},
    {GET, "/api", TP_ROUTE_WORKER, TP_ROUTE_NO_PATH, NULL},
    {GET, "/", TP_ROUTE_WORKER, TP_ROUTE_NO_PATH, NULL},
    {GET, "", TP_ROUTE_WORKER, TP_ROUTE_NO_PATH, NULL},
    {GET, "/api/person/" NAME, TP_ROUTE_WORKER, TP_ROUTE_FOUND, "/api/person/{person}"},
    {GET, "/api/person/" NAME "/consent", TP_ROUTE_WORKER, TP_ROUTE_FOUND,
     "/api/person/{person}/consent"},
    {GET, "/api/person/", TP_ROUTE_WORKER, TP_ROUTE_NO_PATH, NULL},
    {GET, "/api/person/Baz", TP_ROUTE_WORKER, TP_ROUTE_NO_PATH, NULL},
    {GET, "/api/person/00aa-7", TP_ROUTE_WORKER, TP_ROUTE_NO_PATH, NULL},
    {GET, "/api/person/" NAME "%20", TP_ROUTE_WORKER, TP_ROUTE_NO_PATH, NULL},
    {GET, "/api/person/../one", TP_ROUTE_WORKER, TP_ROUTE_NO_PATH, NULL},
    {PUT, "/api/draft/contact-new_1", TP_ROUTE_WORKER, TP_ROUTE_FOUND, "/api/draft/{key}"},
    {PUT, "/api/draft/a.b", TP_ROUTE_WORKER, TP_ROUTE_NO_PATH, NULL},
    {PUT, "/api/draft/", TP_ROUTE_WORKER, TP_ROUTE_NO_PATH, NULL},
    {GET, "/api/two/" NAME "/00000000000000bb-8", TP_ROUTE_WORKER, TP_ROUTE_FOUND,
     "/api/two/{a}/{b}"},
};

static void test_ui_route__finds_the_row_of_a_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_route_match match;
        tp_route_found found =
            tp_route_find(routes, rows[i].method, tp_slice_str(rows[i].path), rows[i].mode, &match);
        if (found != rows[i].found) {
            fail_msg("%s: found %d, not %d", rows[i].path, (int)found, (int)rows[i].found);
        }
        if (found == TP_ROUTE_FOUND) {
            assert_string_equal(match.route->path, rows[i].said);
        } else if (found == TP_ROUTE_NO_METHOD) {
            assert_string_equal(match.allow, rows[i].said);
        }
    }
}

static void test_ui_route__reads_names_of_records(void **state)
{
    (void)state;
    tp_route_match match;
    assert_int_equal(tp_route_find(routes, GET,
                                   tp_slice_str("/api/two/" NAME "/00000000000000BB-8"),
                                   TP_ROUTE_WORKER, &match),
                     TP_ROUTE_FOUND);
    assert_int_equal(match.args_count, 2);
    assert_true(match.args[0].name.device == 0xaa && match.args[0].name.seq == 7);
    assert_true(match.args[1].name.device == 0xbb && match.args[1].name.seq == 8);
    assert_int_equal(
        tp_route_find(routes, PUT, tp_slice_str("/api/draft/k"), TP_ROUTE_WORKER, &match),
        TP_ROUTE_FOUND);
    assert_true(tp_slice_is(match.args[0].text, "k"));
    assert_true(tp_name_is_none(match.args[0].name));
}

/* ---- openapi.json ---- */

static const json_t *operation_of(const json_t *paths, const tp_route *route)
{
    char method[8];
    const char *name = tp_route_method_name(route->method);
    snprintf(method, sizeof method, "%s", name);
    for (char *c = method; *c != '\0'; c++) {
        *c = (char)(*c | 0x20);
    }
    return json_object_get(json_object_get(paths, route->path), method);
}

static bool lists(const json_t *array, const char *word)
{
    size_t i = 0;
    json_t *one = NULL;
    json_array_foreach((json_t *)array, i, one)
    {
        if (strcmp(json_string_value(one), word) == 0) {
            return true;
        }
    }
    return false;
}

static void assert_described(const json_t *paths, const tp_route *route)
{
    const json_t *operation = operation_of(paths, route);
    if (operation == NULL) {
        fail_msg("openapi.json lacks %s %s", tp_route_method_name(route->method), route->path);
    }
    const json_t *security = json_array_get(json_object_get(operation, "security"), 0);
    const json_t *modes = json_object_get(operation, "x-teapot-modes");
    bool needs_session = (route->flags & TP_ROUTE_SESSION) != 0;
    bool needs_token = tp_gate_writes(route->method);
    if (json_object_get(security, "door") == NULL ||
        (json_object_get(security, "session") != NULL) != needs_session ||
        (json_object_get(security, "token") != NULL) != needs_token ||
        lists(modes, "worker") != ((route->flags & TP_ROUTE_WORKER) != 0) ||
        lists(modes, "kiosk") != ((route->flags & TP_ROUTE_KIOSK) != 0)) {
        fail_msg("openapi.json says otherwise what %s %s needs",
                 tp_route_method_name(route->method), route->path);
    }
    assert_non_null(json_object_get(operation, "summary"));
    assert_true(json_object_size(json_object_get(operation, "responses")) > 0);
}

static size_t count_operations(const json_t *paths)
{
    size_t count = 0;
    const char *path = NULL;
    json_t *item = NULL;
    json_object_foreach((json_t *)paths, path, item)
    {
        const char *key = NULL;
        json_t *operation = NULL;
        json_object_foreach(item, key, operation)
        {
            count += strcmp(key, "parameters") != 0;
        }
    }
    return count;
}

static void test_ui_route__openapi_describes_the_table(void **state)
{
    (void)state;
    json_error_t trouble;
    json_t *document = json_load_file("node/ui/openapi.json", JSON_REJECT_DUPLICATES, &trouble);
    if (document == NULL) {
        fail_msg("openapi.json, line %d: %s", trouble.line, trouble.text);
    }
    const json_t *paths = json_object_get(document, "paths");
    size_t count = 0;
    for (const tp_route *route = tp_routes; route->path != NULL; route++) {
        assert_described(paths, route);
        count++;
    }
    assert_true(count > 0);
    assert_int_equal(count_operations(paths), count); /* and nothing that is not there */
    json_decref(document);
}

/* A row that no mode answers, or that writes without saying so, is a mistake. */
static void test_ui_route__the_table_is_sound(void **state)
{
    (void)state;
    for (const tp_route *route = tp_routes; route->path != NULL; route++) {
        assert_true((route->flags & (TP_ROUTE_WORKER | TP_ROUTE_KIOSK)) != 0);
        assert_int_equal(strncmp(route->path, "/api/", 5), 0);
        assert_true(route->tx != TP_ROUTE_WRITE || tp_gate_writes(route->method));
        assert_true(route->method != TP_HTTP_METHOD_HEAD); /* GET answers it */
        assert_non_null(route->handle);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ui_route__finds_the_row_of_a_path),
        cmocka_unit_test(test_ui_route__reads_names_of_records),
        cmocka_unit_test(test_ui_route__openapi_describes_the_table),
        cmocka_unit_test(test_ui_route__the_table_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
