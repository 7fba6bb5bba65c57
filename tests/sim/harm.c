/* Damage at rest. */
#include "tests/sim/harm.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

enum { SECTOR_BYTES = 512, PATH_BYTES_MAX = 4200, BITS = 8 };

/* As it stands, whatever lies beside it. */
static sqlite3 *open_file(const char *path)
{
    char uri[PATH_BYTES_MAX];
    sqlite3 *db = NULL;
    snprintf(uri, sizeof uri, "file:%s?immutable=1", path);
    if (sqlite3_open_v2(uri, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL) != SQLITE_OK) {
        sqlite3_close(db);
        return NULL;
    }
    return db;
}

/* ---- What can be read ---- */

static uint64_t fold(uint64_t digest, const void *at, size_t bytes)
{
    const uint8_t *byte = at;
    for (size_t i = 0; i < bytes; i++) {
        digest = (digest ^ byte[i]) * UINT64_C(0x100000001B3); /* FNV-1a */
    }
    return digest;
}

static uint64_t fold_value(uint64_t digest, sqlite3_stmt *s, int column)
{
    const int type = sqlite3_column_type(s, column);
    const void *at = sqlite3_column_blob(s, column); /* numbers as their text */
    const int bytes = sqlite3_column_bytes(s, column);
    digest = fold(digest, &type, sizeof type);
    digest = fold(digest, &bytes, sizeof bytes);
    return fold(digest, at, (size_t)bytes);
}

static bool read_table(sqlite3 *db, const char *table, harm_state *out)
{
    char sql[128];
    sqlite3_stmt *s = NULL;
    const unsigned first = out->count;
    snprintf(sql, sizeof sql, "SELECT * FROM \"%.40s\"", table);
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK) {
        return false;
    }
    const int columns = sqlite3_column_count(s);
    for (int i = 0; i < columns && out->count < HARM_COLUMNS_MAX; i++, out->count++) {
        snprintf(out->columns[out->count].name, HARM_NAME_BYTES, "%.30s.%.30s", table,
                 sqlite3_column_name(s, i));
        out->columns[out->count].sum = 0;
    }
    while (sqlite3_step(s) == SQLITE_ROW) {
        const uint64_t key = fold_value(UINT64_C(0xCBF29CE484222325), s, 0);
        for (unsigned i = first; i < out->count; i++) {
            out->columns[i].sum += fold_value(key, s, (int)(i - first));
        }
    }
    return sqlite3_finalize(s) == SQLITE_OK;
}

/* By their names as SQL compares them: where a bit makes a letter a capital, it is the same table,
 * and stands in the same place. */
bool harm_state_read(const char *path, harm_state *out)
{
    sqlite3 *db = open_file(path);
    sqlite3_stmt *s = NULL;
    out->count = 0;
    bool is_good =
        db != NULL && sqlite3_prepare_v2(db,
                                         "SELECT name FROM sqlite_schema WHERE type = 'table' UNION"
                                         " ALL SELECT 'sqlite_schema' ORDER BY 1 COLLATE"
                                         " NOCASE",
                                         -1, &s, NULL) == SQLITE_OK;
    while (is_good && sqlite3_step(s) == SQLITE_ROW) {
        is_good = read_table(db, (const char *)sqlite3_column_text(s, 0), out);
    }
    is_good = sqlite3_finalize(s) == SQLITE_OK && is_good;
    sqlite3_close(db);
    out->count = is_good ? out->count : 0;
    return is_good;
}

const char *harm_state_differs(const harm_state *a, const harm_state *b, unsigned *from)
{
    for (; *from < a->count; ++*from) {
        const unsigned at = *from;
        /* A name in capitals is the same name to SQL. */
        if (at >= b->count || sqlite3_stricmp(a->columns[at].name, b->columns[at].name) != 0 ||
            a->columns[at].sum != b->columns[at].sum) {
            return a->columns[(*from)++].name;
        }
    }
    return NULL;
}

/* ---- Where ---- */

/* Where a change stands in the file, and what lies beside it in its row. */
static bool find_change(const char *path, tp_slice content, tp_rng *rng, size_t *from_out,
                        size_t *bytes_out)
{
    enum { BESIDE_BYTES = 64 };
    sqlite3 *db = open_file(path);
    sqlite3_stmt *s = NULL;
    const uint8_t *at = NULL;
    if (db != NULL &&
        sqlite3_prepare_v2(db,
                           "SELECT bytes FROM log LIMIT 1 OFFSET"
                           " (SELECT ? % max(count(*), 1) FROM log)",
                           -1, &s, NULL) == SQLITE_OK &&
        sqlite3_bind_int64(s, 1, (sqlite3_int64)tp_rng_below(rng, INT64_MAX)) == SQLITE_OK &&
        sqlite3_step(s) == SQLITE_ROW && sqlite3_column_bytes(s, 0) > 0) {
        const size_t bytes = (size_t)sqlite3_column_bytes(s, 0);
        at = memmem(content.at, content.bytes, sqlite3_column_blob(s, 0), bytes);
        if (at != NULL) {
            const size_t before = (size_t)(at - content.at);
            *from_out = before < BESIDE_BYTES ? 0 : before - BESIDE_BYTES;
            *bytes_out = before + bytes - *from_out;
        }
    }
    sqlite3_finalize(s);
    sqlite3_close(db);
    return at != NULL;
}

/* A sector that is another than it was. */
static bool find_sector(tp_slice content, tp_slice older, tp_rng *rng, size_t *from_out)
{
    const size_t shorter = content.bytes < older.bytes ? content.bytes : older.bytes;
    const size_t sectors = shorter / SECTOR_BYTES;
    const size_t first = sectors == 0 ? 0 : (size_t)tp_rng_below(rng, sectors);
    for (size_t i = 0; i < sectors; i++) {
        const size_t from = (first + i) % sectors * SECTOR_BYTES;
        if (memcmp(content.at + from, older.at + from, SECTOR_BYTES) != 0) {
            *from_out = from;
            return true;
        }
    }
    return false;
}

/* Bit by bit, so that there is one way to change a file. */
static void put_sector(disk *d, const char *name, size_t from, tp_slice older)
{
    for (size_t i = from; i < from + SECTOR_BYTES; i++) {
        const unsigned other = disk_file_content(d, name).at[i] ^ older.at[i];
        for (unsigned bit = 0; bit < BITS; bit++) {
            if ((other >> bit & 1) != 0) {
                disk_file_flip(d, name, (uint64_t)i * BITS + bit);
            }
        }
    }
}

void harm_do(disk *d, const char *name, const char *path, harm_kind kind, tp_slice older,
             tp_rng *rng)
{
    const tp_slice content = disk_file_content(d, name);
    size_t from = 0;
    size_t bytes = content.bytes;
    if (kind == HARM_SECTOR && find_sector(content, older, rng, &from)) {
        put_sector(d, name, from, older);
        return;
    }
    if (kind == HARM_NEAR_CHANGE && !find_change(path, content, rng, &from, &bytes)) {
        from = 0;
        bytes = content.bytes;
    }
    disk_file_flip(d, name, (uint64_t)from * BITS + tp_rng_below(rng, (uint64_t)bytes * BITS));
}
