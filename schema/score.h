/* Scores: what each scale measures and which numbers it may say.
 *
 * Source: New Directions Team assessment (ten items: eight of 0 to 4, risk to and from others of 0
 * to 8 in steps of 2, total 0 to 48); ReQoL-10 (total 0 to 40, licensed: its answers are never
 * kept).  Domain, Facts and SM3. */
#ifndef TP_SCHEMA_SCORE_H
#define TP_SCHEMA_SCORE_H

#include "platform/base/slice.h"

typedef struct tp_score_item {
    uint32_t field; /* TP_SCORE_...; 0: ends the list */
    uint8_t max;
    uint8_t step;
} tp_score_item;

typedef struct tp_score_scale {
    const char *code; /* of the code list `score_scale` */
    uint8_t total_max;
    uint8_t reliable_change; /* a smaller difference may be chance; 0: nobody has published one */
    const tp_score_item *items; /* NULL: only the total may be kept */
} tp_score_scale;

/* NULL where the scale is not known here.  Static. */
const tp_score_scale *tp_score_scale_of(tp_slice code);

#endif
