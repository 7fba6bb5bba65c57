/* The scales. */
#include "schema/score.h"

#include "schema/entity.h"

static const tp_score_item ndt_items[] = {{TP_SCORE_ENGAGEMENT, 4, 1},
                                          {TP_SCORE_SELF_HARM, 4, 1},
                                          {TP_SCORE_UNINTENDED_SELF_HARM, 4, 1},
                                          {TP_SCORE_RISK_TO_OTHERS, 8, 2},
                                          {TP_SCORE_RISK_FROM_OTHERS, 8, 2},
                                          {TP_SCORE_STRESS_AND_ANXIETY, 4, 1},
                                          {TP_SCORE_SOCIAL_EFFECTIVENESS, 4, 1},
                                          {TP_SCORE_ALCOHOL_AND_DRUGS, 4, 1},
                                          {TP_SCORE_IMPULSE_CONTROL, 4, 1},
                                          {TP_SCORE_HOUSING, 4, 1},
                                          {0, 0, 0}};

static const tp_score_scale scales[] = {{"ndt", 48, 0, ndt_items}, {"reqol_10", 40, 5, NULL}};

const tp_score_scale *tp_score_scale_of(tp_slice code)
{
    for (size_t i = 0; i < sizeof scales / sizeof scales[0]; i++) {
        if (tp_slice_is(code, scales[i].code)) {
            return &scales[i];
        }
    }
    return NULL;
}
