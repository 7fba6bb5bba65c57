/* Information kinds and purposes as bits (domain: Codes).  A record with no kind is `general`. */
#ifndef TP_SCHEMA_KIND_H
#define TP_SCHEMA_KIND_H

#include "platform/base/slice.h"

typedef enum tp_kind {
    TP_KIND_GENERAL = 0,
    TP_KIND_HOUSING,
    TP_KIND_PHYSICAL_HEALTH,
    TP_KIND_MENTAL_HEALTH,
    TP_KIND_SUBSTANCE_USE,
    TP_KIND_OFFENDING,
    TP_KIND_DOMESTIC_ABUSE,
    TP_KIND_MONEY,
    TP_KIND_IMMIGRATION,
    TP_KIND_SAFEGUARDING,
#ifdef TP_NEXT
    TP_KIND_EDUCATION, /* for tests of two versions that meet; so are the rows in entity.c */
#endif
    TP_KIND_COUNT,
    TP_KIND_UNKNOWN = 31 /* a kind this program does not know: covered by no consent */
} tp_kind;

#define TP_KIND_BIT(kind) (UINT32_C(1) << (kind))
#define TP_KINDS_KNOWN (TP_KIND_BIT(TP_KIND_COUNT) - 1)
/* What a join never widens (design section 4). */
#define TP_KINDS_JOIN_NEVER_WIDENS                                                                 \
    (TP_KIND_BIT(TP_KIND_DOMESTIC_ABUSE) | TP_KIND_BIT(TP_KIND_SAFEGUARDING) |                     \
     TP_KIND_BIT(TP_KIND_IMMIGRATION))

/* The kind of a code ("housing"), or TP_KIND_UNKNOWN. */
tp_kind tp_kind_of(tp_slice code);
/* The code of a kind; "unknown" for what has none.  Static. */
const char *tp_kind_name(tp_kind kind);

/* Purposes of sharing.  Evaluation sends nothing to devices. */
typedef enum tp_purpose {
    TP_PURPOSE_SUPPORT = 0,
    TP_PURPOSE_MDT_DISCUSSION,
    TP_PURPOSE_EVALUATION,
    TP_PURPOSE_COUNT,
    TP_PURPOSE_UNKNOWN = 31
} tp_purpose;

#define TP_PURPOSE_BIT(purpose) (UINT32_C(1) << (purpose))

tp_purpose tp_purpose_of(tp_slice code);
const char *tp_purpose_name(tp_purpose purpose);

#endif
