/* A database that a program has open, looked at from beside it.
 *
 * Usage: e2e.database digest FILE   for each table a line: name, rows, a number of them all
 *        e2e.database hold FILE     takes the writer's place and says so, until input ends */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int fail(sqlite3 *db, const char *what)
{
    fprintf(stderr, "%s: %s\n", what, sqlite3_errmsg(db));
    return 1;
}

/* FNV-1a: what differs by chance or by one row shows; nobody forges it here. */
static uint64_t add(uint64_t sum, const void *at, size_t bytes)
{
    const unsigned char *from = at;
    for (size_t i = 0; i < bytes; i++) {
        sum = (sum ^ from[i]) * UINT64_C(0x100000001b3);
    }
    return sum;
}

static uint64_t add_row(uint64_t sum, sqlite3_stmt *row)
{
    for (int i = 0; i < sqlite3_column_count(row); i++) {
        int type = sqlite3_column_type(row, i);
        const void *at = sqlite3_column_blob(row, i); /* a number as its text */
        int bytes = sqlite3_column_bytes(row, i);
        sum = add(sum, &type, sizeof type);
        sum = add(sum, &bytes, sizeof bytes);
        sum = at == NULL ? sum : add(sum, at, (size_t)bytes);
    }
    return sum;
}

/* Rows in the order they are kept in. */
static int digest_table(sqlite3 *db, const char *table)
{
    sqlite3_stmt *rows = NULL;
    uint64_t sum = UINT64_C(0xcbf29ce484222325);
    uint64_t count = 0;
    char *sql = sqlite3_mprintf("SELECT * FROM \"%w\"", table);
    int code = sqlite3_prepare_v2(db, sql, -1, &rows, NULL);
    while (code == SQLITE_OK || code == SQLITE_ROW) {
        code = sqlite3_step(rows);
        if (code == SQLITE_ROW) {
            sum = add_row(sum, rows);
            count++;
        }
    }
    sqlite3_finalize(rows);
    sqlite3_free(sql);
    printf("%s %" PRIu64 " %016" PRIx64 "\n", table, count, sum);
    return code == SQLITE_DONE ? 0 : fail(db, table);
}

static int digest(sqlite3 *db)
{
    sqlite3_stmt *tables = NULL;
    int failed = 0;
    if (sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
                           -1, &tables, NULL) != SQLITE_OK) {
        return fail(db, "tables");
    }
    while (!failed && sqlite3_step(tables) == SQLITE_ROW) {
        failed = digest_table(db, (const char *)sqlite3_column_text(tables, 0));
    }
    sqlite3_finalize(tables);
    return failed;
}

static int hold(sqlite3 *db)
{
    if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK) {
        return fail(db, "hold");
    }
    puts("held");
    fflush(stdout);
    while (getchar() != EOF) {
    }
    return 0;
}

int main(int argc, char **argv)
{
    sqlite3 *db = NULL;
    int failed = 2;
    if (argc == 3 && sqlite3_open_v2(argv[2], &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK) {
        sqlite3_busy_timeout(db, 10000);
        failed = strcmp(argv[1], "digest") == 0 ? digest(db)
                 : strcmp(argv[1], "hold") == 0 ? hold(db)
                                                : 2;
    }
    sqlite3_close(db);
    return failed;
}
