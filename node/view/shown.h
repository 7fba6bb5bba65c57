/* One record as it is shown: every field with its heads, and who wrote what when.
 *
 * What it points to lives in the arena it was made in (agencies' ids: as long as the log). */
#ifndef TP_NODE_VIEW_SHOWN_H
#define TP_NODE_VIEW_SHOWN_H

#include "node/view/view.h"
#include "platform/base/arena.h"
#include "sync/merge/record.h"

/* Who wrote a value, and the value as it was written. */
typedef struct tp_shown_head {
    tp_name name;       /* the change */
    const char *agency; /* of the device it was written on; "": the directory does not say yet */
    tp_slice worker;    /* empty: a kiosk */
    tp_estimate at;     /* when it was written, corrected */
    tp_slice item;      /* CBOR: tp_shown_value; empty: no value is held any more */
    bool is_shown;
    bool is_same;  /* as an earlier head's value */
    bool is_offer; /* holder: offered to an agency, not accepted by it */
    bool is_told;  /* its writer had not seen what is shown in its place */
    bool is_own;   /* written on this device */
    bool is_at_hub;
} tp_shown_head;

typedef struct tp_shown_field {
    uint32_t code;
    const tp_field_row *row; /* NULL: this program does not know the field */
    bool is_conflict;        /* different values wait for somebody to settle */
    bool is_creator_holding; /* holder: the agency that took it holds it, without a named worker */
    bool is_unconfirmed;     /* holder: accepted here, and the hub has not said so yet */
    const tp_shown_head *shown; /* NULL: none, or is_creator_holding */
    const tp_shown_head
        *answerable;      /* is_unconfirmed: who held before; NULL: the creating agency */
    uint32_t heads_count; /* the one shown first, then offers */
    const tp_shown_head *heads;
} tp_shown_field;

typedef struct tp_shown {
    tp_name name;
    uint32_t entity;
    tp_name person;     /* whom it is about; none: nobody known */
    const char *agency; /* of the device that created it */
    tp_slice worker;    /* who created it; empty: a kiosk, or given back */
    tp_estimate happened;
    bool is_typed;         /* somebody typed when it happened */
    tp_estimate written;   /* when it was written down */
    bool is_unsent;        /* something of it is not at the hub yet */
    bool is_bare;          /* its content was given back: only the name is left */
    int64_t given_back_ms; /* when; 0: it was not */
    int64_t erased_ms;     /* likewise, since it was erased at the hub: nobody has it any more */
    bool is_new;           /* timeline: something of it came since this reader last looked */
    /* Taken back. */
    bool is_hidden;
    bool is_final;                   /* wrong person, or should not have travelled */
    bool is_brought_back;            /* somebody went on with it without having seen that */
    const tp_shown_head *retraction; /* NULL: never taken back */
    uint32_t fields_count; /* ascending by code; without TP_FIELD_RETRACTED, TP_FIELD_PERSON */
    const tp_shown_field *fields;
} tp_shown;

/* Errors: NOTFOUND it is not held. */
TP_MUST_USE tp_rc tp_shown_load(tp_view *view, tp_tx *tx, tp_name record, tp_arena *arena,
                                const tp_shown **shown_out, tp_err *err);

/* A loaded record as it is shown. */
TP_MUST_USE tp_rc tp_shown_make(tp_view *view, tp_tx *tx, const tp_loaded *loaded, tp_arena *arena,
                                tp_shown **shown_out, tp_err *err);

/* NULL where no held change sets or names the field. */
const tp_shown_field *tp_shown_field_of(const tp_shown *shown, uint32_t code);

/* The value of a head, as the type of its field's row.  is_null: the field was cleared.
 * *has_value_out false: it is not held any more, or `row` is NULL, a field this program does not
 * know.
 * Owns:   borrows from the head. */
TP_MUST_USE tp_rc tp_shown_value(const tp_field_row *row, const tp_shown_head *head,
                                 tp_value *value_out, bool *has_value_out, tp_err *err);

/* The text shown of a text-like field; empty where there is none.  Borrowed. */
tp_slice tp_shown_text(const tp_shown *shown, uint32_t code);

/* What to call the person of this record on screen: preferred name, else legal name, else a
 * description, else "somebody not known by name".  Borrowed, or static. */
tp_slice tp_shown_person_name(const tp_shown *person);

#endif
