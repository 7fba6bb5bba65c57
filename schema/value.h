/* A field's value with its type: what validators check, what JSON and CBOR are made from. */
#ifndef TP_SCHEMA_VALUE_H
#define TP_SCHEMA_VALUE_H

#include "schema/change.h"

typedef enum tp_type {
    TP_TYPE_TEXT = 1, /* UTF-8, up to TP_TEXT_BYTES_MAX */
    TP_TYPE_CODE,     /* text from a code list; open lists take free text */
    TP_TYPE_CODES,    /* set of codes, sorted, each once */
    TP_TYPE_BOOL,
    TP_TYPE_COUNT,        /* unsigned number */
    TP_TYPE_INSTANT,      /* typed time: ms UTC since 1970 */
    TP_TYPE_DATE,         /* 2026-07-12: a whole day in Europe/London */
    TP_TYPE_PARTIAL_DATE, /* schema/partial_date.h */
    TP_TYPE_NHS_NUMBER,   /* ten digits */
    TP_TYPE_PHONE,        /* as typed; compared normalised */
    TP_TYPE_GRID,         /* OS grid reference or three words */
    TP_TYPE_AGENCY,       /* agency id */
    TP_TYPE_AGENCIES,     /* set of agency ids, or ["*"] */
    TP_TYPE_HOLDER,       /* agency and worker */
    TP_TYPE_RECORD,       /* name of a record */
    TP_TYPE_RECORDS       /* set of names, sorted */
} tp_type;

enum { TP_VALUE_TEXTS_MAX = 64, TP_VALUE_NAMES_MAX = 256 };

/* Which members are in use follows from the type: text (TEXT, CODE, DATE, PARTIAL_DATE, NHS_NUMBER,
 * PHONE, GRID, AGENCY), number (BOOL 0/1, COUNT, INSTANT), texts (CODES, AGENCIES; HOLDER: agency,
 * worker), names (RECORD: one; RECORDS).  Slices borrow from wherever the value was read. */
typedef struct tp_value {
    tp_type type;
    bool is_null; /* the field was cleared */
    tp_slice text;
    int64_t number;
    uint32_t texts_count;
    uint32_t names_count;
    tp_slice texts[TP_VALUE_TEXTS_MAX];
    tp_name names[TP_VALUE_NAMES_MAX];
} tp_value;

#endif
