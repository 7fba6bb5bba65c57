/* The changes of one record as lines of a table, so that a row of a test reads like the case it is:
 *
 *   CHANGE [new] [#NUMBER] [@STAMP] [FIELD=VALUE[<SEEN,..]] [FIELD<SEEN,..] [envelope=KIND+KIND]
 *   CHANGE stub [FIELD<SEEN,..]
 *
 * A change is a device and its seq: van1, desk2.  The agency of van is street-outreach, of
 * desk, desktwo and kiosk friary, of lead homeless-health, of aid womens-aid; nobody has said whose
 * stray and waif are.  `new` creates the record; where no line does, it is van1.
 * #NUMBER: answered by the hub, with the stamp NUMBER * 10 unless @STAMP says another.  Values: "-"
 * is cleared, "_" a space (but in codes), "+" parts a list, "a/w" a holder.  A field this program
 * does not know is its code. */
#ifndef TP_TESTS_SUPPORT_RECORD_ROWS_H
#define TP_TESTS_SUPPORT_RECORD_ROWS_H

#include "sync/merge/decide.h"

enum { RECORD_ROWS_CHANGES = 10, RECORD_ROWS_VALUES = 12, RECORD_ROWS_VALUE_BYTES = 200 };

typedef struct record_rows {
    tp_record record;
    tp_record_change changes[RECORD_ROWS_CHANGES];
    tp_change decoded[RECORD_ROWS_CHANGES];
    uint8_t values[RECORD_ROWS_CHANGES][RECORD_ROWS_VALUES][RECORD_ROWS_VALUE_BYTES];
    /* Room for deciding it, exactly as large as promised. */
    tp_decide_room room;
} record_rows;

/* `lines` ends with NULL.  Fails the test on a line it cannot read. */
record_rows *record_rows_read(const char *entity, const char *const *lines);
void record_rows_free(record_rows *rows);

/* Puts the changes into another order and prepares the room again. */
void record_rows_shuffle(record_rows *rows, unsigned *seed);

tp_name record_rows_name(const char *text);
/* "van1"; NONE gives "-".  Static, until the fourth next call. */
const char *record_rows_text(const record_rows *rows, uint32_t at);
uint32_t record_rows_entity(const char *name);

#endif
