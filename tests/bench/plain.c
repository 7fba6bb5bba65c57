/* The baseline: a bare SQLite insert of the same rows, with the same settings, in the same run.
 *
 * Usage: plain FILE.jsonl DATABASE
 * Prints {"single_rows_s","bulk_rows_s","fsync_us"}: rows committed one by one, rows in one
 * transaction, and what this disk takes for one fdatasync of 4 KiB (median). */
#include <fcntl.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { COLUMNS = 7, ROWS_MAX = 2000000, FSYNCS = 101 };

static const char *const columns[COLUMNS] = {"id",    "person_id", "at",  "worker",
                                             "place", "kind",      "note"};

typedef struct row {
    char *text[COLUMNS];
} row;

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(int ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "plain: %s failed\n", what);
        exit(1);
    }
}

static size_t read_rows(const char *path, row **rows_out)
{
    FILE *file = fopen(path, "r");
    must(file != NULL, "opening the rows");
    row *rows = NULL;
    size_t count = 0;
    size_t room = 0;
    char *line = NULL;
    size_t line_room = 0;
    while (getline(&line, &line_room, file) > 0) {
        must(count < ROWS_MAX, "keeping to the limit of rows");
        if (count == room) {
            room = room == 0 ? 1024 : room * 2;
            rows = realloc(rows, room * sizeof *rows);
            must(rows != NULL, "memory");
        }
        json_t *object = json_loads(line, 0, NULL);
        must(object != NULL, "reading a row");
        for (int i = 0; i < COLUMNS; i++) {
            const char *text = json_string_value(json_object_get(object, columns[i]));
            rows[count].text[i] = strdup(text == NULL ? "" : text);
        }
        json_decref(object);
        count++;
    }
    free(line);
    fclose(file);
    *rows_out = rows;
    return count;
}

static void run(sqlite3 *db, const char *sql)
{
    must(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK, sql);
}

/* Rows a second into an empty table with one index. */
static double insert_rows(const char *path, const row *rows, size_t count, int one_by_one)
{
    sqlite3 *db = NULL;
    remove(path);
    must(sqlite3_open(path, &db) == SQLITE_OK, "opening the database");
    run(db, "PRAGMA journal_mode=WAL");
    run(db, "PRAGMA synchronous=FULL");
    run(db, "CREATE TABLE contact (id TEXT PRIMARY KEY, person_id TEXT, at TEXT, worker TEXT, "
            "place TEXT, kind TEXT, note TEXT) WITHOUT ROWID");
    run(db, "CREATE INDEX contact_person ON contact (person_id, at)");
    sqlite3_stmt *insert = NULL;
    must(sqlite3_prepare_v2(db, "INSERT INTO contact VALUES (?,?,?,?,?,?,?)", -1, &insert, NULL) ==
             SQLITE_OK,
         "preparing");
    double began = now_s();
    if (!one_by_one) {
        run(db, "BEGIN");
    }
    for (size_t i = 0; i < count; i++) {
        for (int c = 0; c < COLUMNS; c++) {
            sqlite3_bind_text(insert, c + 1, rows[i].text[c], -1, SQLITE_STATIC);
        }
        must(sqlite3_step(insert) == SQLITE_DONE, "inserting");
        sqlite3_reset(insert);
    }
    if (!one_by_one) {
        run(db, "COMMIT");
    }
    double took = now_s() - began;
    sqlite3_finalize(insert);
    sqlite3_close(db);
    remove(path);
    return (double)count / took;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double fsync_us(const char *path)
{
    double took[FSYNCS];
    char page[4096] = {0};
    int fd = open(path, O_CREAT | O_RDWR | O_TRUNC, 0600);
    must(fd >= 0, "opening a file");
    for (int i = 0; i < FSYNCS; i++) {
        must(pwrite(fd, page, sizeof page, (off_t)i * (off_t)sizeof page) == sizeof page,
             "writing");
        double began = now_s();
        must(fdatasync(fd) == 0, "fdatasync");
        took[i] = (now_s() - began) * 1e6;
    }
    close(fd);
    remove(path);
    qsort(took, FSYNCS, sizeof took[0], by_size);
    return took[FSYNCS / 2];
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "Usage: plain FILE.jsonl DATABASE\n");
        return 2;
    }
    row *rows = NULL;
    size_t count = read_rows(argv[1], &rows);
    double single = insert_rows(argv[2], rows, count, 1);
    double bulk = insert_rows(argv[2], rows, count, 0);
    printf("{\"single_rows_s\":%.0f,\"bulk_rows_s\":%.0f,\"fsync_us\":%.1f}\n", single, bulk,
           fsync_us(argv[2]));
    for (size_t i = 0; i < count; i++) {
        for (int c = 0; c < COLUMNS; c++) {
            free(rows[i].text[c]);
        }
    }
    free(rows);
    return 0;
}
