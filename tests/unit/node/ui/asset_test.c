/* The embedded files: what is sent of them, and what they weigh.
 *
 * Shows no promise: how the pages are served. */
#include "node/ui/page.h"

#include "node/ui/asset.h"
#include "tests/support/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { BUDGET_BYTES = 100 * 1000 };

static const uint8_t bytes[] = {1, 2, 3};
static const tp_asset asset = {"/a.mjs", "text/javascript; charset=utf-8", "\"abc\"", 9, 3, bytes};

static const struct row {
    const char *encodings; /* NULL: not sent */
    const char *held;
    unsigned status;
} rows[] = {
    {NULL, NULL, 200},
    {"gzip", NULL, 200},
    {"gzip, deflate, br", NULL, 200},
    {"br;q=1.0, gzip;q=0.8, *;q=0.1", NULL, 200},
    {"*", NULL, 200},
    {"br, deflate", NULL, 406},
    {"gzipped", NULL, 406},
    {"identity", NULL, 406},
    {"", NULL, 406},
    {"gzip", "\"abc\"", 304},
    {"gzip", "\"x\", \"abc\"", 304},
    {"gzip", "\"abd\"", 200},
    {"gzip", "\"ab\"", 200},
    {"identity", "\"abc\"", 406},
};

static void test_ui_asset__sends_what_the_browser_lacks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        tp_test_request request;
        tp_http_response response;
        tp_err err;
        char value[64];
        tp_test_request_init(&request, TP_HTTP_METHOD_GET, "/a.mjs");
        tp_test_request_header(&request, "Accept-Encoding", rows[i].encodings);
        tp_test_request_header(&request, "If-None-Match", rows[i].held);
        tp_http_response_init(&response);
        assert_int_equal(tp_asset_answer(&asset, false, &request.request, &response, &err), TP_OK);
        assert_int_equal(response.status, rows[i].status);
        assert_int_equal(tp_http_response_body(&response).bytes, rows[i].status == 200 ? 3 : 0);
        assert_int_equal(
            tp_test_response_header(&response, "Content-Encoding", value, sizeof value),
            rows[i].status == 200);
        if (rows[i].status != 406) {
            assert_true(tp_test_response_header(&response, "ETag", value, sizeof value));
            assert_string_equal(value, "\"abc\"");
            assert_true(tp_test_response_header(&response, "Cache-Control", value, sizeof value));
            assert_string_equal(value, "no-cache");
        }
        tp_http_response_done(&response);
    }
}

static void test_ui_asset__below_the_version_nothing_changes(void **state)
{
    (void)state;
    static const char *const others[] = {"/app.mjs", "/at-/app.mjs", "/at-0000000000000000/app.mjs",
                                         "/", ""};
    tp_test_request request;
    tp_http_response response;
    tp_err err;
    char value[64];
    char path[64];
    snprintf(path, sizeof path, "%sapp.mjs", tp_assets_version);
    tp_slice taken = tp_slice_str(path);
    assert_true(tp_asset_take_version(&taken));
    assert_true(tp_slice_is(taken, "/app.mjs"));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        tp_slice other = tp_slice_str(others[i]);
        assert_false(tp_asset_take_version(&other));
        assert_true(tp_slice_is(other, others[i]));
    }
    tp_test_request_init(&request, TP_HTTP_METHOD_GET, path);
    tp_http_response_init(&response);
    assert_int_equal(tp_asset_answer(&asset, true, &request.request, &response, &err), TP_OK);
    assert_true(tp_test_response_header(&response, "Cache-Control", value, sizeof value));
    assert_string_equal(value, "max-age=31536000, immutable");
    tp_http_response_done(&response);
}

static void test_ui_asset__knows_pages_from_files(void **state)
{
    (void)state;
    assert_true(tp_asset_is_page(tp_slice_str("/")));
    assert_true(tp_asset_is_page(tp_slice_str("/person/00000000000000aa-7")));
    assert_true(tp_asset_is_page(tp_slice_str("/a.b/c")));
    assert_false(tp_asset_is_page(tp_slice_str("/favicon.ico")));
    assert_false(tp_asset_is_page(tp_slice_str("/worker/gone.mjs")));
}

static void test_ui_asset__holds_the_shell(void **state)
{
    (void)state;
    const char *const names[] = {"/app.mjs", "/style.css", "/icon.svg", "/licences.txt",
                                 "/kiosk/kiosk.mjs"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const tp_asset *found = tp_asset_find(tp_assets, tp_slice_str(names[i]));
        assert_non_null(found);
        assert_true(found->gzip_bytes > 20 && found->gzip[0] == 0x1f && found->gzip[1] == 0x8b);
        assert_true(strlen(found->etag) == 18);
    }
    assert_null(tp_asset_find(tp_assets, tp_slice_str("/api.mjs"))); /* it is in /app.mjs */
    assert_null(tp_asset_find(tp_assets, tp_slice_str("/README.md")));
    assert_null(tp_asset_find(tp_assets, tp_slice_str("/build.mjs")));
    assert_null(tp_asset_find(tp_assets, tp_slice_str("/types.d.ts")));
}

/* What the first view of each document loads of script and style: nobody waits for a byte that need
 * not be.  (The build refuses more than the budget; tests/e2e/pages_test.mjs weighs what a browser
 * has loaded.) */
static void test_ui_asset__keeps_the_budget(void **state)
{
    (void)state;
    size_t documents = 0;
    for (const tp_page_weight *w = tp_page_weights; w->path != NULL; w++) {
        print_message("%-28s %6zu of %d bytes\n", w->path, w->bytes, BUDGET_BYTES);
        assert_in_range(w->bytes, 10 * 1000, BUDGET_BYTES);
        documents++;
    }
    assert_int_equal(documents, 2); /* the workers' and the kiosk's */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ui_asset__sends_what_the_browser_lacks),
        cmocka_unit_test(test_ui_asset__below_the_version_nothing_changes),
        cmocka_unit_test(test_ui_asset__knows_pages_from_files),
        cmocka_unit_test(test_ui_asset__holds_the_shell),
        cmocka_unit_test(test_ui_asset__keeps_the_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
