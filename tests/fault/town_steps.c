/* What the sweep and the cuts compare with. */
#include "tests/fault/town_steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void note_state(town_steps *s)
{
    assert_true(s->states_count < TOWN_STEPS_MAX);
    town_state_read(s->town, s->place, &s->states[s->states_count++]);
}

static void note_step(void *ctx, int place)
{
    town_steps *s = ctx;
    if (place != s->place) {
        return;
    }
    s->acknowledged++;
    if (s->is_recording) {
        note_state(s);
    }
}

void town_steps_init(town_steps *s, town *t, int place, tp_rc (*act)(town *t, tp_err *err))
{
    s->town = t;
    s->place = place;
    s->act = act;
    s->states_count = 0;
    s->is_recording = false;
    s->acknowledged = 0;
    t->committed = note_step;
    t->ctx = s;
}

void town_steps_record(town_steps *s, const char *name, void (*reset)(town *t))
{
    tp_err err = {0};
    note_state(s);
    if (reset != NULL) {
        reset(s->town);
    }
    s->is_recording = true;
    tp_rc rc = town_steps_act(s, 0, &err);
    s->is_recording = false;
    if (rc != TP_OK) {
        fail_msg("%s, undisturbed: %s: %s", name, tp_rc_name(rc), err.what);
    }
}

tp_rc town_steps_act(town_steps *s, unsigned skip, tp_err *err)
{
    s->acknowledged = 0;
    s->town->skip = skip;
    s->town->written = 0;
    return s->act(s->town, err);
}

const char *town_steps_difference(town_steps *s, unsigned step)
{
    town_state_read(s->town, s->place, &s->now);
    return town_state_difference(&s->now, &s->states[step]);
}
