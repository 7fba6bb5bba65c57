/* Tables of the hub of which a sum is kept (platform/store/watched.h). */
#ifndef TP_SYNC_HUB_STORE_WATCHED_H
#define TP_SYNC_HUB_STORE_WATCHED_H

#include "platform/store/watched.h"

extern const tp_watched tp_hub_watched[];
extern const size_t tp_hub_watched_count;

#endif
