/* All but the log: what stands there was signed, or follows from what was (store_verify.c). */
#include "sync/hub/store_watched.h"

const tp_watched tp_hub_watched[] = {
    {"state", NULL}, {"agency", NULL},     {"agreement", NULL},    {"device", NULL},
    {"era", NULL},   {"code", NULL},       {"event", NULL},        {"due", NULL},
    {"feed", NULL},  {"quarantine", NULL}, {"request_code", NULL}, {"push", NULL},
    {"apart", NULL}, {"erasure", NULL},    {"erased", NULL},       {"erased_record", NULL},
    {"ahead", NULL}, {"missing", NULL},    {"waiting", NULL},
};
const size_t tp_hub_watched_count = sizeof tp_hub_watched / sizeof tp_hub_watched[0];
