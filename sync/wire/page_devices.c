/* An open-addressed table, at most half full. */
#include "sync/wire/page_devices.h"

#include <assert.h>

enum { SLOTS = 2 * TP_PAGE_DEVICES_MAX };

void tp_page_devices_init(tp_page_devices *devices)
{
    memset(devices, 0, offsetof(tp_page_devices, at));
}

/* Device ids are random, but whoever makes them up must not slow the table down: they are mixed. */
static uint32_t slot_of(const tp_page_devices *devices, uint64_t device)
{
    uint64_t mixed = device * UINT64_C(0x9E3779B97F4A7C15);
    uint32_t slot = (uint32_t)((mixed ^ mixed >> 29) % SLOTS);
    while (devices->slots[slot] != 0 && devices->at[devices->slots[slot] - 1].device != device) {
        slot = (slot + 1) % SLOTS;
    }
    return slot;
}

bool tp_page_devices_find(const tp_page_devices *devices, uint64_t device, uint32_t *index_out)
{
    uint32_t entry = devices->slots[slot_of(devices, device)];
    if (entry == 0) {
        return false;
    }
    *index_out = entry - 1;
    return true;
}

bool tp_page_devices_add(tp_page_devices *devices, uint64_t device)
{
    if (devices->count == TP_PAGE_DEVICES_MAX) {
        return false;
    }
    uint32_t slot = slot_of(devices, device);
    assert(devices->slots[slot] == 0);
    devices->at[devices->count].device = device;
    devices->at[devices->count].seq = 0;
    devices->count++;
    devices->slots[slot] = (uint16_t)devices->count;
    return true;
}
