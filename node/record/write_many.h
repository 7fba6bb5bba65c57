/* Several changes that belong together, as a page sends them: all are written, or none.
 *
 * Each is {"op", "entity", "record", "set", "set_typed", "seen", "why"}:
 *
 *   op         create, update, retract, bring_back, join, unjoin
 *   entity     of what; it may be left out where neither a record is made nor something typed
 *   record     update, retract, bring_back, join, unjoin: of which
 *   set        {FIELD: value} (json.h); join and unjoin: same_as, why; retract: reason
 *   set_typed  {FIELD: text as typed}: "20:02", "12/7"
 *   seen       {FIELD: [names]}: the changes whose values stood on the form when it was opened, as
 *              the record's document lists them in "heads".  Where it is there, a field of `set`
 *              that it does not list was empty; and a retraction of a record that says something
 *              else by now is refused, since whoever takes it back has not read that.  Without it:
 *              what is held when this is written.
 *   why        join, unjoin, retract: where `set` does not say it
 *
 * In the place of a record "@0" means the record of the first change, "@1" of the second. */
#ifndef TP_NODE_RECORD_WRITE_MANY_H
#define TP_NODE_RECORD_WRITE_MANY_H

#include "node/record/json.h"

/* An embedded value: init, read, run inside a transaction, done. */
typedef struct tp_write_many {
    tp_node *node;
    tp_slice worker; /* borrowed */
    uint32_t count;
    struct tp_write_one *all;
    uint32_t at;      /* after an error: which of them it is about */
    char trouble[48]; /* and which field or key; "": none */
} tp_write_many;

void tp_write_many_init(tp_write_many *m, tp_node *node, tp_slice worker);
void tp_write_many_done(tp_write_many *m);

/* Takes the changes apart.  Outside of any transaction (times need to know what time it is).
 * Owns:   `changes` outlives `m`.
 * Errors: INVALID, LIMIT more than TP_WRITE_MANY_MAX;  and as tp_write_set_typed. */
TP_MUST_USE tp_rc tp_write_many_read(tp_write_many *m, const json_t *changes, tp_err *err);

/* Writes them, in their order.  The caller commits, and calls tp_write_wake.
 * Errors: as tp_write_in;  EXISTS what is taken back was changed since the page was opened. */
TP_MUST_USE tp_rc tp_write_many_in(tp_write_many *m, tp_tx *tx, tp_err *err);

/* What became of each, after tp_write_many_in. */
const tp_write_result *tp_write_many_result(const tp_write_many *m, uint32_t at);

#endif
