/* Releasing library pages makes the process smaller and leaves it working.
 *
 * Shows no promise: what others stand on, and knows nobody. */
#include "platform/net/library_pages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include <curl/curl.h>

/* Resident file-backed memory in KiB. */
static long file_kib(void)
{
    char line[200];
    long kib = -1;
    FILE *status = fopen("/proc/self/status", "r");
    assert_non_null(status);
    while (fgets(line, sizeof line, status) != NULL) {
        if (strncmp(line, "RssFile:", 8) == 0) {
            assert_int_equal(sscanf(line + 8, "%ld", &kib), 1);
        }
    }
    fclose(status);
    return kib;
}

static void test_library_pages__release_halves_them_and_libraries_still_work(void **state)
{
    (void)state;
    char *version = curl_version(); /* libcurl and OpenSSL are loaded and have run */
    assert_non_null(strstr(version, "OpenSSL"));
    long before_kib = file_kib();
    tp_library_pages_release();
    long after_kib = file_kib();
    assert_true(after_kib > 0 && after_kib * 2 < before_kib);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(curl_global_init(CURL_GLOBAL_SSL), CURLE_OK);
        CURL *easy = curl_easy_init();
        assert_non_null(easy);
        tp_library_pages_release();
        char *escaped = curl_easy_escape(easy, "a b", 3);
        assert_string_equal(escaped, "a%20b");
        curl_free(escaped);
        curl_easy_cleanup(easy);
        curl_global_cleanup();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_library_pages__release_halves_them_and_libraries_still_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
