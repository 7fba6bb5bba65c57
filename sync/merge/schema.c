/* The views' tables: dropped and made again from the log they are the same.  Names are packed
 * (sync/log/log.h). */
#include "sync/merge/merge.h"

const char tp_merge_schema_1[] =
    /* Which records there are.  One tree, by person: a timeline reads one place. */
    "CREATE TABLE record ("
    "  person INTEGER NOT NULL," /* 0: nobody known; its own id for a person's record */
    "  id INTEGER NOT NULL,"
    "  entity INTEGER NOT NULL,"
    "  flags INTEGER NOT NULL," /* TP_RECORD_... */
    "  PRIMARY KEY (person, id)"
    ") STRICT, WITHOUT ROWID;"
    /* Contacts (3) are most of all records, and nobody lists them. */
    "CREATE INDEX record_entity ON record (entity) WHERE entity <> 3;"

    /* Who is joined with whom: persons in a group of two and more. */
    "CREATE TABLE person_group ("
    "  person INTEGER PRIMARY KEY,"
    "  lowest INTEGER NOT NULL" /* the lowest name in the group stands for it */
    ") STRICT;"
    "CREATE INDEX person_group_lowest ON person_group (lowest);"

    "CREATE TABLE merge_state ("
    "  id INTEGER PRIMARY KEY CHECK (id = 1),"
    "  views BLOB" /* digest of what the views were made by; NULL: never made */
    ") STRICT;"
    "INSERT INTO merge_state (id) VALUES (1);";
