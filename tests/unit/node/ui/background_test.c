/* How long a background sync that ends waits before it starts again.
 *
 * Shows no promise: how the pages are served. */
#include "node/ui/background.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const struct row {
    unsigned failures;
    int64_t wait_ms;
} rows[] = {{0, 1000},  {1, 1000},  {2, 2000},  {3, 4000},
            {6, 32000}, {7, 60000}, {8, 60000}, {4000000000u, 60000}};

static void test_ui_background__waits_longer_and_longer(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(tp_background_wait_ms(rows[i].failures), rows[i].wait_ms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ui_background__waits_longer_and_longer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
