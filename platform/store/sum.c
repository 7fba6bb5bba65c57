/* Sums, by which what is kept shows that it is not what was written. */
#include "platform/store/store_state.h"

#include <stdio.h>

/* Odd, so that a state that is another stays another when it is multiplied. */
#define SPREAD UINT64_C(0x9E3779B97F4A7C15)

static uint64_t fold(uint64_t sum, uint64_t word)
{
    sum = (sum ^ word) * SPREAD;
    return sum ^ sum >> 32;
}

/* Eight bytes at a time, the same on every machine; their count follows. */
static uint64_t fold_bytes(uint64_t sum, const uint8_t *at, size_t bytes)
{
    for (size_t i = 0; i < bytes; i += 8) {
        uint64_t word = 0;
        for (size_t j = i; j < bytes && j < i + 8; j++) {
            word |= (uint64_t)at[j] << (8 * (j - i));
        }
        sum = fold(sum, word);
    }
    return fold(sum, bytes);
}

/* tp_sum(VALUE, ...).  Written down in data: it gives for ever what it gives now. */
static void sum_of(sqlite3_context *context, int count, sqlite3_value **values)
{
    uint64_t sum = SPREAD;
    for (int i = 0; i < count; i++) {
        const int type = sqlite3_value_type(values[i]);
        sum = fold(sum, (uint64_t)type);
        if (type == SQLITE_INTEGER) {
            sum = fold(sum, (uint64_t)sqlite3_value_int64(values[i]));
        } else if (type != SQLITE_NULL) {
            const uint8_t *at = sqlite3_value_blob(values[i]);
            sum = fold_bytes(sum, at, at == NULL ? 0 : (size_t)sqlite3_value_bytes(values[i]));
        }
    }
    sqlite3_result_int64(context, (sqlite3_int64)sum);
}

/* tp_xor(A, B, ...): of integers. */
static void xor_of(sqlite3_context *context, int count, sqlite3_value **values)
{
    sqlite3_int64 all = 0;
    for (int i = 0; i < count; i++) {
        all ^= sqlite3_value_int64(values[i]);
    }
    sqlite3_result_int64(context, all);
}

tp_rc tp_store_add_sums(tp_store *store, tp_err *err)
{
    const int kind = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
    int code =
        sqlite3_create_function_v2(store->db, "tp_sum", -1, kind, NULL, sum_of, NULL, NULL, NULL);
    if (code == SQLITE_OK) {
        code = sqlite3_create_function_v2(store->db, "tp_xor", -1, kind, NULL, xor_of, NULL, NULL,
                                          NULL);
    }
    return code == SQLITE_OK ? TP_OK : tp_store_fail(store, code, err);
}
