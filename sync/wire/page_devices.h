/* The devices of one page of items, by index: an item names its device by one small number, and its
 * seq by the difference from the last one of that device. */
#ifndef TP_SYNC_WIRE_PAGE_DEVICES_H
#define TP_SYNC_WIRE_PAGE_DEVICES_H

#include "platform/base/limits.h"
#include "platform/base/slice.h"

typedef struct tp_page_device {
    uint64_t device;
    uint64_t seq; /* of its last item; 0: none yet */
} tp_page_device;

/* At most TP_PAGE_DEVICES_MAX, each once, found by hash. */
typedef struct tp_page_devices {
    uint32_t count;
    uint16_t slots[2 * TP_PAGE_DEVICES_MAX]; /* index + 1; 0: free */
    tp_page_device at[TP_PAGE_DEVICES_MAX];  /* `count` of them */
} tp_page_devices;

void tp_page_devices_init(tp_page_devices *devices);
/* False if there is no such device. */
bool tp_page_devices_find(const tp_page_devices *devices, uint64_t device, uint32_t *index_out);
/* Adds one that is not there.  False if there is no room. */
bool tp_page_devices_add(tp_page_devices *devices, uint64_t device);

#endif
