/* What access is judged from, out of changes made of arbitrary bytes: consent events, gateways,
 * joins.  A change that was accepted is read whatever stands in it, within the room it is given,
 * and what is read twice is the same.
 *
 * Shows no promise: that foreign bytes are read safely is what P10 stands on. */
#include "tests/fuzz/target.h"

#include "schema/entity.h"
#include "sync/access/access_read.h"
#include "sync/wire/change_bytes.h"

enum { ROOM_MAX = 4096 };

static const tp_name name = {0xA1B2C3D4E5F60718u, 42};
static tp_slice slices[ROOM_MAX];
static tp_name names[ROOM_MAX];
static tp_change change, stub;

static tp_access_room room_of(uint32_t max)
{
    return (tp_access_room){.slices = slices, .slices_max = max, .names = names, .names_max = max};
}

static void must_be_within(const tp_access_room *room)
{
    must(room->slices_count <= room->slices_max && room->names_count <= room->names_max);
}

static void must_be_kinds(uint32_t kinds)
{
    must((kinds & ~TP_KINDS_KNOWN) == 0);
}

static void play_consent(void)
{
    tp_err err;
    tp_stamp stamp = {.ms = 1768249800000};
    tp_consent_event event;
    tp_access_room room = room_of(ROOM_MAX);
    must(tp_consent_event_read(&change, false, stamp, &room, &event, &err) == TP_OK);
    must_be_within(&room);
    must_be_kinds(event.kinds);
    must(tp_name_eq(event.name, name) && !event.is_stub && event.stamp_ms == stamp.ms);
    uint32_t needed = room.names_count > room.slices_count ? room.names_count : room.slices_count;
    if (needed > 0) {
        room = room_of(needed - 1);
        must(tp_consent_event_read(&change, false, stamp, &room, &event, &err) == TP_LIMIT);
        must(room.names_count == 0 && room.slices_count == 0);
    }
}

static void play_gateway(void)
{
    tp_err err;
    tp_gateway gateway;
    tp_access_room room = room_of(ROOM_MAX);
    must(tp_gateway_read(&change, &room, &gateway, &err) == TP_OK);
    must_be_within(&room);
    must_be_kinds(gateway.kinds);
    must(!gateway.is_authorised || gateway.ends_ms != 0);
}

static void play_join(void)
{
    tp_join join;
    if (tp_join_read(&change, &join)) {
        must(!tp_name_is_none(join.person) && !tp_name_is_none(join.same_as));
        must(!tp_name_eq(join.person, join.same_as));
    }
}

static void play_unjoin(void)
{
    tp_err err;
    uint32_t count = 0;
    const tp_name *joins = NULL;
    tp_access_room room = room_of(ROOM_MAX);
    must(tp_unjoin_read(&change, &room, &joins, &count, &err) == TP_OK);
    must_be_within(&room);
    must(count == room.names_count);
}

static void play_change(void)
{
    static const struct {
        uint32_t entity;
        void (*play)(void);
    } plays[] = {{TP_CONSENT, play_consent},
                 {TP_LEGAL_GATEWAY, play_gateway},
                 {TP_JOIN, play_join},
                 {TP_UNJOIN, play_unjoin}};
    for (size_t i = 0; i < sizeof plays / sizeof plays[0]; i++) {
        if (plays[i].entity == change.entity) {
            plays[i].play();
        }
    }
    must(!tp_access_understands(&change) || tp_entity_of(change.entity) != NULL);
}

static void play_stub(tp_slice bytes)
{
    tp_err err;
    tp_consent_event event;
    tp_access_room room = room_of(ROOM_MAX);
    if (tp_stub_decode(name, bytes, &stub, &err) == TP_OK && stub.entity == TP_CONSENT) {
        must(tp_consent_event_read(&stub, true, (tp_stamp){.ms = 0}, &room, &event, &err) == TP_OK);
        must_be_within(&room);
        must(event.is_stub && event.kinds == 0 && event.agencies_count == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    tp_err err;
    if (tp_change_decode(name, tp_slice_of(input, bytes), &change, &err) == TP_OK) {
        play_change();
    }
    play_stub(tp_slice_of(input, bytes));
    return 0;
}
