/* Person groups: a walk over joins. */
#include "sync/access/group.h"

#include "platform/base/limits.h"

static bool is_among(const tp_name *names, uint32_t count, tp_name name)
{
    for (uint32_t i = 0; i < count; i++) {
        if (tp_name_eq(names[i], name)) {
            return true;
        }
    }
    return false;
}

/* The other person of a join that has `person` on one side; none if it has not. */
static tp_name other_side(const tp_join *join, tp_name person)
{
    tp_name none = {0, 0};
    if (tp_name_eq(join->person, person)) {
        return join->same_as;
    }
    return tp_name_eq(join->same_as, person) ? join->person : none;
}

static void sort_names(tp_name *names, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        tp_name name = names[i];
        uint32_t at = i;
        while (at > 0 && tp_name_cmp(names[at - 1], name) > 0) {
            names[at] = names[at - 1];
            at--;
        }
        names[at] = name;
    }
}

tp_rc tp_group_of(tp_name person, const tp_join *joins, uint32_t joins_count, const tp_name *undone,
                  uint32_t undone_count, tp_name *persons_out, uint32_t *persons_count_out,
                  tp_err *err)
{
    uint32_t count = 1;
    persons_out[0] = person;
    /* The array is also the queue of who is still to be looked at. */
    for (uint32_t at = 0; at < count; at++) {
        for (uint32_t j = 0; j < joins_count; j++) {
            tp_name other = other_side(&joins[j], persons_out[at]);
            if (tp_name_is_none(other) || is_among(persons_out, count, other) ||
                is_among(undone, undone_count, joins[j].name)) {
                continue;
            }
            if (count == TP_GROUP_PERSONS_MAX) {
                return tp_fail(err, TP_LIMIT, "more than %u records are joined into one person",
                               TP_GROUP_PERSONS_MAX);
            }
            persons_out[count++] = other;
        }
    }
    sort_names(persons_out, count);
    *persons_count_out = count;
    return TP_OK;
}
