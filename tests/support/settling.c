/* A circle whose hub is about to be put back. */
#include "tests/support/settling.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

int settling_setup(void **state)
{
    static settling scene;
    settling *s = &scene;
    circle *c = &s->circle;
    static const char *const agencies[] = {"outreach", "outreach", "harbour", NULL};
    circle_open(c, agencies);
    s->person = tp_node_log_person(&c->at[VAN], "Baz");
    settling_write(s, VAN, 5);
    circle_sync(c, VAN);
    circle_sync(c, DESK);
    circle_sync(c, FAR);
    circle_copy_hub(c);
    circle_keep_card(c, VAN);
    for (int i = 1; i <= 3; i++) {
        c->clock.reading.wall_ms += 60000;
        c->clock.reading.up_ms += 60000;
        settling_write(s, VAN, i);
        circle_sync(c, VAN);
    }
    settling_write(s, DESK, 2);
    circle_sync(c, DESK);
    circle_sync(c, VAN);
    s->had = circle_hub_has(c);
    *state = s;
    return 0;
}

int settling_teardown(void **state)
{
    settling *s = *state;
    circle_close(&s->circle);
    return 0;
}

void settling_write(settling *s, uint32_t at, int count)
{
    for (int i = 0; i < count; i++) {
        (void)tp_node_log_contact(&s->circle.at[at], s->person, "Soup by the bus station");
    }
}

void settling_assert_nothing_is_lost(settling *s)
{
    const tp_held_sum has = circle_hub_has(&s->circle);
    assert_true(tp_held_eq(&has, &s->had));
}
