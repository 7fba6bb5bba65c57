/* Each row in many orders. */
#include "tests/support/decide_rows.h"

#include "platform/base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

static void render(const record_rows *rows, const tp_field_state *state, char *out, size_t room)
{
    size_t at = (size_t)snprintf(out, room, "%s", record_rows_text(rows, state->shown));
    for (uint32_t h = 0; h < state->heads_count; h++) {
        const tp_head *head = &rows->room.heads[h];
        at += (size_t)snprintf(out + at, room - at, " %s%s%s%s%s", record_rows_text(rows, head->at),
                               head->is_shown ? "*" : "", head->is_offer ? "~" : "",
                               head->is_told ? "!" : "", head->same_as != h ? "=" : "");
    }
    at += (size_t)snprintf(out + at, room - at, "%s%s%s", state->is_conflict ? " conflict" : "",
                           state->is_creator_holding ? " creator" : "",
                           state->is_unconfirmed ? " unconfirmed" : "");
    if (state->rule == TP_RULE_HOLDER && !state->is_creator_holding) {
        (void)snprintf(out + at, room - at, " answerable=%s",
                       record_rows_text(rows, state->answerable));
    }
}

static uint32_t field_code(const record_rows *rows, const char *name)
{
    const tp_field_row *known = tp_field_named(rows->record.entity, tp_slice_str(name));
    return known == NULL ? 99 : known->code;
}

static void check_row(const decide_row *r, unsigned *seed)
{
    const char *lines[DECIDE_LINES + 1] = {NULL};
    uint32_t count = 0;
    uint32_t verdict = 0;
    for (uint32_t i = 0; i < DECIDE_LINES && r->lines[i] != NULL; i++) {
        if (strcmp(r->lines[i], "lost") == 0) {
            verdict = TP_VERDICT_HOLDER_LOST;
        } else {
            lines[count++] = r->lines[i];
        }
    }
    record_rows *rows = record_rows_read(r->entity, lines);
    for (int order = 0; order < DECIDE_ORDERS; order++) {
        char text[200];
        tp_field_state state =
            tp_decide_field(&rows->record, field_code(rows, r->field), verdict, &rows->room);
        render(rows, &state, text, sizeof text);
        if (strcmp(text, r->expected) != 0) {
            fail_msg("%s: \"%s\", not \"%s\"", r->name, text, r->expected);
        }
        record_rows_shuffle(rows, seed);
    }
    record_rows_free(rows);
}

void decide_rows_check(const decide_row *rows, size_t count)
{
    unsigned seed = 5;
    for (size_t i = 0; i < count; i++) {
        check_row(&rows[i], &seed);
    }
    assert_int_equal(tp_alloc_live(), 0);
}
