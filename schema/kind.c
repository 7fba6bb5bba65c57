/* Information kinds and purposes: codes and bits. */
#include "schema/kind.h"

static const char *const kind_names[TP_KIND_COUNT] = {
    "general",   "housing",        "physical_health", "mental_health", "substance_use",
    "offending", "domestic_abuse", "money",           "immigration",   "safeguarding",
#ifdef TP_NEXT
    "education",
#endif
};

static const char *const purpose_names[TP_PURPOSE_COUNT] = {"support", "mdt_discussion",
                                                            "evaluation"};

tp_kind tp_kind_of(tp_slice code)
{
    for (int i = 0; i < TP_KIND_COUNT; i++) {
        if (tp_slice_is(code, kind_names[i])) {
            return (tp_kind)i;
        }
    }
    return TP_KIND_UNKNOWN;
}

const char *tp_kind_name(tp_kind kind)
{
    return kind < TP_KIND_COUNT ? kind_names[kind] : "unknown";
}

tp_purpose tp_purpose_of(tp_slice code)
{
    for (int i = 0; i < TP_PURPOSE_COUNT; i++) {
        if (tp_slice_is(code, purpose_names[i])) {
            return (tp_purpose)i;
        }
    }
    return TP_PURPOSE_UNKNOWN;
}

const char *tp_purpose_name(tp_purpose purpose)
{
    return purpose < TP_PURPOSE_COUNT ? purpose_names[purpose] : "unknown";
}
