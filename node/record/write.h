/* A change that somebody wants to make: checked by the rows of schema/entity.h, put into the form
 * that is stored, and written in one transaction.  Whoever types, imports or clicks comes through
 * here.
 *
 *     tp_write w;
 *     tp_write_init(&w, node, TP_WRITE_CREATE, TP_CONTACT, worker);
 *     rc = tp_write_set_name(&w, "person", baz, err);
 *     rc = tp_write_set_typed(&w, "happened_at", tp_slice_str("20:02"), err);
 *     rc = tp_write_run(&w, &result, err);
 *     tp_write_done(&w);
 *
 * A refusal says in `err` which field, the trouble and the mend; nothing was changed. */
#ifndef TP_NODE_RECORD_WRITE_H
#define TP_NODE_RECORD_WRITE_H

#include "node/record/node.h"
#include "platform/base/arena.h"
#include "schema/entity.h"
#include "schema/request_code.h"
#include "sync/merge/stamp.h"

typedef enum tp_write_op {
    TP_WRITE_CREATE = 1,
    TP_WRITE_UPDATE,
    TP_WRITE_RETRACT /* the field "reason" says why */
} tp_write_op;

typedef struct tp_write_field {
    const tp_field_row *row;
    tp_value *value; /* owned by the arena; is_null: cleared */
} tp_write_field;

/* What stood in a field of the form when it was opened. */
typedef struct tp_write_seen {
    uint32_t code;
    uint32_t count; /* 0: nothing stood there */
    const tp_name *names;
} tp_write_seen;

/* An embedded value: init, set, run, done. */
typedef struct tp_write {
    tp_node *node;
    tp_write_op op;
    uint32_t entity;
    tp_name record;  /* update, retract: of what; set it before running */
    tp_slice worker; /* empty: a kiosk; borrowed */
    tp_arena arena;
    tp_estimate now; /* read at the first typed time; ms 0: not yet */
    uint32_t fields_count;
    tp_write_field fields[TP_CHANGE_FIELDS_MAX]; /* in the order they were set */
    bool is_seen_whole; /* a retraction: what `seen` does not list was empty on the page */
    uint32_t seen_count;
    tp_write_seen seen[TP_CHANGE_FIELDS_MAX];
    char trouble[48]; /* after an error: the field it is about, by its schema name; "": none */
} tp_write;

enum { TP_WRITE_WARNINGS_MAX = 4, TP_WRITE_MAY_BE_MAX = 8, TP_WRITE_UNSEEN_MAX = 8 };

typedef struct tp_write_result {
    tp_name name;   /* of the change; none: unchanged */
    tp_name record; /* of the record: equals name where it was created */
    uint32_t entity;
    tp_name person;
    char code[TP_REQUEST_CODE_MAX]; /* of a new help request: for whoever asked; "": none */
    bool is_unchanged;              /* every value was there already: nothing was written */
    uint32_t unseen_count;          /* fields in which another value stands that was not seen */
    const tp_field_row *unseen[TP_WRITE_UNSEEN_MAX];
    bool has_settled; /* by settle.h: several values of the field stood till then */
    uint32_t warnings_count;
    char warnings[TP_WRITE_WARNINGS_MAX][200]; /* written all the same; one sentence each */
} tp_write_result;

void tp_write_init(tp_write *w, tp_node *node, tp_write_op op, uint32_t entity, tp_slice worker);
void tp_write_done(tp_write *w);

/* Sets a field to a value; what it borrows is copied.  Set twice: the later counts.
 * Errors: INVALID the entity has no such field, or not of that type;  LIMIT;  NOMEM. */
TP_MUST_USE tp_rc tp_write_set(tp_write *w, tp_slice field, const tp_value *value, tp_err *err);
TP_MUST_USE tp_rc tp_write_set_text(tp_write *w, const char *field, tp_slice text, tp_err *err);
TP_MUST_USE tp_rc tp_write_set_name(tp_write *w, const char *field, tp_name name, tp_err *err);
TP_MUST_USE tp_rc tp_write_set_holder(tp_write *w, const char *field, tp_slice agency,
                                      tp_slice worker, tp_err *err);
TP_MUST_USE tp_rc tp_write_clear(tp_write *w, const char *field, tp_err *err);
/* Sets a field as somebody typed it: times by schema/london_time, dates ("12/7/2026", "tomorrow"),
 * yes and no, lists with commas, [agency/]worker, names of records, whole or shortened.  Empty text
 * clears the field. Outside of any transaction (times need to know what time it is). */
TP_MUST_USE tp_rc tp_write_set_typed(tp_write *w, tp_slice field, tp_slice typed, tp_err *err);

/* Says which changes' values stood in a field when the form was opened (none: it was empty), so
 * that what came since stands beside this and is not overruled unseen.  Not said of a field: what
 * is held when it runs.  Names that are no changes of the record are passed over.
 * Errors: INVALID no such field;  LIMIT;  NOMEM. */
TP_MUST_USE tp_rc tp_write_see(tp_write *w, tp_slice field, const tp_name *names, uint32_t count,
                               tp_err *err);

/* Checks the values alone, before anybody is asked anything about them.  Writes nothing.
 * Errors: INVALID bad input;  NOMEM. */
TP_MUST_USE tp_rc tp_write_check_values(tp_write *w, tp_tx *tx, tp_err *err);

/* Checks and writes, in one transaction of its own, and wakes the background process.
 * Errors: INVALID bad input;  NOTFOUND the record, or one it names, is not held;  DENIED a rule
 *         does not allow it;  BUSY, IO, NOMEM. */
TP_MUST_USE tp_rc tp_write_run(tp_write *w, tp_write_result *result_out, tp_err *err);
/* The same inside a transaction of the caller, who then commits and calls tp_write_wake: several
 * records that belong together. */
TP_MUST_USE tp_rc tp_write_in(tp_write *w, tp_tx *tx, tp_write_result *result_out, tp_err *err);
void tp_write_wake(const tp_node *node);

#endif
