/* What a disk does to a database that lies there: no trigger sees it, and nobody checks it. */
#ifndef TP_TESTS_SUPPORT_AT_REST_H
#define TP_TESTS_SUPPORT_AT_REST_H

#include <stdbool.h>
#include <stddef.h>

enum { AT_REST_COLUMNS_MAX = 320, AT_REST_NAME_BYTES = 40 };

typedef struct at_rest_column {
    char table[AT_REST_NAME_BYTES];
    char name[AT_REST_NAME_BYTES];
} at_rest_column;

/* Runs a script on the database at `path`, which others may have open. */
void at_rest_run(const char *path, const char *sql);
/* All columns of all its tables. */
size_t at_rest_columns(const char *path, at_rest_column columns_out[AT_REST_COLUMNS_MAX]);

typedef enum at_rest_done {
    AT_REST_NO_ROW,
    AT_REST_REFUSED, /* SQLite itself does not take the value, and would find it */
    AT_REST_FLIPPED
} at_rest_done;

/* Turns a bit round in a value: in the first or the last row of its table.  Of a number it is the
 * bit with that number; of text and bytes, in the middle; what is empty or NULL is something then.
 */
at_rest_done at_rest_flip(const char *path, const at_rest_column *column, bool is_last,
                          unsigned bit);

/* As where an older sector brought back a part of a page: the last row of `table` has row id 0 and
 * stays in its place, behind all others.  The table fits into one page, and the id of that row is
 * one of nine bytes.  Nobody has a transaction open. */
void at_rest_misplace_last(const char *path, const char *table);

#endif
