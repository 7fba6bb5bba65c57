/* Walking over what the changes of a record name. */
#include "sync/merge/decide_heads.h"

static void push(uint32_t *marks, uint32_t *top, uint32_t at);
static uint32_t pop(uint32_t *marks, uint32_t *top);
static bool can_have_seen(tp_name writer, tp_name named);
static void mark_seen(const tp_record *record, uint32_t at, uint32_t code, tp_decide_room *room);

void tp_heads_sort(const tp_record *record, uint32_t *order)
{
    for (uint32_t i = 0; i < record->count; i++) {
        uint32_t at = i;
        while (at > 0 && tp_name_cmp(record->changes[order[at - 1]].change->name,
                                     record->changes[i].change->name) > 0) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = i;
    }
}

uint32_t tp_heads_find(const tp_record *record, const uint32_t *order, tp_name name)
{
    uint32_t low = 0;
    uint32_t high = record->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (tp_name_cmp(record->changes[order[middle]].change->name, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low < record->count && tp_name_eq(record->changes[order[low]].change->name, name)) {
        return order[low];
    }
    return TP_DECIDE_NONE;
}

const tp_change_field *tp_heads_value(const tp_record_change *change, uint32_t code)
{
    const tp_change_field *field = tp_change_field_of(change->change, code);
    return field != NULL && field->has_value ? field : NULL;
}

const tp_name *tp_heads_seen(const tp_record_change *change, uint32_t code, uint32_t *count_out)
{
    if (code == 0) {
        *count_out = change->change->seen_count;
        return change->change->seen;
    }
    const tp_change_field *field = tp_change_field_of(change->change, code);
    *count_out = field == NULL ? 0 : field->seen_count;
    return field == NULL ? NULL : change->change->seen + field->seen_at;
}

void tp_heads_mark(const tp_record *record, uint32_t code, tp_decide_room *room)
{
    memset(room->marks, 0, record->count * sizeof *room->marks);
    for (uint32_t i = 0; i < record->count; i++) {
        const tp_record_change *change = &record->changes[i];
        if (change->is_stub || tp_heads_value(change, code) != NULL) {
            mark_seen(record, i, code, room);
        }
    }
}

bool tp_heads_is_by(const tp_record_change *change, uint64_t device, tp_slice agency)
{
    return change->change->name.device == device ||
           (agency.bytes > 0 && tp_slice_eq(change->agency, agency));
}

bool tp_heads_is_newer(const tp_record_change *a, const tp_record_change *b)
{
    bool is_a_answered = a->stamp.number != 0;
    bool is_b_answered = b->stamp.number != 0;
    if (is_a_answered != is_b_answered) {
        return !is_a_answered;
    }
    if (a->stamp.ms != b->stamp.ms) {
        return a->stamp.ms > b->stamp.ms;
    }
    if (a->stamp.number != b->stamp.number) {
        return a->stamp.number > b->stamp.number;
    }
    return tp_name_cmp(a->change->name, b->change->name) > 0;
}

bool tp_heads_is_earlier_accepted(const tp_record_change *a, const tp_record_change *b)
{
    if (a->stamp.number == b->stamp.number) {
        return tp_name_cmp(a->change->name, b->change->name) < 0;
    }
    /* Not answered yet: after everything that is. */
    return b->stamp.number == 0 || (a->stamp.number != 0 && a->stamp.number < b->stamp.number);
}

void tp_heads_walk(const tp_record *record, uint32_t code, tp_decide_room *room)
{
    uint32_t *marks = room->marks;
    uint32_t top = TP_DECIDE_NONE; /* of a stack linked through the upper bits of the marks */
    for (uint32_t i = 0; i < record->count; i++) {
        bool is_start = (marks[i] & TP_HEADS_START) != 0;
        marks[i] &= TP_HEADS_LINK - 1 - TP_HEADS_REACHED;
        if (is_start) {
            push(marks, &top, i);
        }
    }
    while (top != TP_DECIDE_NONE) {
        const tp_record_change *change = &record->changes[pop(marks, &top)];
        uint32_t count = 0;
        const tp_name *seen = tp_heads_seen(change, code, &count);
        for (uint32_t n = 0; n < count; n++) {
            uint32_t at = tp_heads_find(record, room->order, seen[n]);
            if (at == TP_DECIDE_NONE || !can_have_seen(change->change->name, seen[n])) {
                continue;
            }
            if ((marks[at] & TP_HEADS_START) == 0) {
                push(marks, &top, at);
            }
            marks[at] |= TP_HEADS_REACHED;
        }
    }
    for (uint32_t i = 0; i < record->count; i++) {
        marks[i] &= ~(uint32_t)TP_HEADS_START;
    }
}

/* START also says that a change was on the stack once. */
static void push(uint32_t *marks, uint32_t *top, uint32_t at)
{
    uint32_t below = *top == TP_DECIDE_NONE ? 0 : *top + 1;
    marks[at] = (marks[at] & (TP_HEADS_LINK - 1)) | TP_HEADS_START | below * TP_HEADS_LINK;
    *top = at;
}

static uint32_t pop(uint32_t *marks, uint32_t *top)
{
    uint32_t at = *top;
    uint32_t below = marks[at] / TP_HEADS_LINK;
    *top = below == 0 ? TP_DECIDE_NONE : below - 1;
    marks[at] &= TP_HEADS_LINK - 1;
    return at;
}

/* A device has not seen what it had not yet written. */
static bool can_have_seen(tp_name writer, tp_name named)
{
    return writer.device != named.device || named.seq < writer.seq;
}

static void mark_seen(const tp_record *record, uint32_t at, uint32_t code, tp_decide_room *room)
{
    const tp_record_change *change = &record->changes[at];
    uint32_t count = 0;
    const tp_name *seen = tp_heads_seen(change, code, &count);
    for (uint32_t n = 0; n < count; n++) {
        uint32_t named = tp_heads_find(record, room->order, seen[n]);
        if (named != TP_DECIDE_NONE && can_have_seen(change->change->name, seen[n])) {
            room->marks[named] |= TP_HEADS_NAMED;
        }
    }
}
