/* What stands on a form when it is opened, by section 4 of the design: whoever writes has seen
 * that, and nothing else. */
#include "tests/sim/oracle.h"

static bool is_among(const int *events, unsigned count, int event)
{
    for (unsigned i = 0; i < count; i++) {
        if (events[i] == event) {
            return true;
        }
    }
    return false;
}

static unsigned add(int *events, unsigned count, int event)
{
    if (event >= 0 && count < SIM_SEEN_MAX && !is_among(events, count, event)) {
        events[count++] = event;
    }
    return count;
}

/* Whoever holds it, and whom it was offered to. */
static unsigned holders(const sim_look *look, int record, uint32_t code, bool is_lost,
                        int *events_out)
{
    const sim_holder holder = sim_holder_of(look, record, code, is_lost);
    unsigned count = 0;
    for (unsigned i = 0; i < holder.acceptances_count; i++) {
        count = add(events_out, count, holder.acceptances[i]);
    }
    for (unsigned i = 0; i < holder.offers_count; i++) {
        count = add(events_out, count, holder.offers[i]);
    }
    return count;
}

/* What was taken back for good stands on where somebody else said otherwise. */
static unsigned add_standing(const sim_look *look, int record, int *events, unsigned count)
{
    for (unsigned i = 0; i < look->oracle->count; i++) {
        if (look->oracle->events[i].record == record && look->held[i] &&
            sim_is_standing_retraction(look, (int)i)) {
            count = add(events, count, (int)i);
        }
    }
    return count;
}

unsigned sim_form(const sim_look *look, int record, uint32_t code, bool is_lost,
                  int events_out[SIM_SEEN_MAX])
{
    const tp_field_row *row = tp_field_of(look->oracle->events[record].entity, code);
    const tp_rule rule = row == NULL ? TP_RULE_LATEST : row->rule;
    if (rule == TP_RULE_HOLDER) {
        return holders(look, record, code, is_lost, events_out);
    }
    unsigned count = sim_heads(look, record, code, events_out);
    if (rule == TP_RULE_FIRST) {
        bool is_said_first = look->oracle->events[record].person >= 0;
        return add(events_out, count, is_said_first ? record : sim_first(look, record, code));
    }
    return rule == TP_RULE_RETRACT ? add_standing(look, record, events_out, count) : count;
}
