/* Users by their names.
 *
 * Shows no promise: what others stand on, and knows nobody. */
#include "platform/os/user.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

static void test_os_user__root_is_nought(void **state)
{
    (void)state;
    tp_err err;
    uint32_t user = 1;
    assert_int_equal(tp_user_find("root", &user, &err), TP_OK);
    assert_int_equal(user, 0);
    assert_int_equal(tp_user_own(), geteuid());
}

static void test_os_user__a_name_nobody_has_is_refused(void **state)
{
    (void)state;
    tp_err err;
    uint32_t user = 1;
    assert_int_equal(tp_user_find("no such user", &user, &err), TP_INVALID);
    assert_int_equal(tp_user_find("", &user, &err), TP_INVALID);
    assert_int_equal(user, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_os_user__root_is_nought),
        cmocka_unit_test(test_os_user__a_name_nobody_has_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
