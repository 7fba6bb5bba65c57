/* A store of notes on a real file, for the tests of the store itself.  What returns nothing must
 * succeed, or the test fails there. */
#ifndef TP_TESTS_SUPPORT_NOTES_H
#define TP_TESTS_SUPPORT_NOTES_H

#include "platform/os/file.h"
#include "platform/store/sqlite.h"

enum { NOTES_APPLICATION_ID = 0x54454150 };

/* Of the test that runs: its directory, and the file in it. */
extern tp_path notes_dir;
extern tp_path notes_path;

/* Around each test (cmocka). */
int notes_set_up(void **state);
int notes_tear_down(void **state);
#define WITH_NOTES(test) cmocka_unit_test_setup_teardown(test, notes_set_up, notes_tear_down)

/* Of a store at notes_path. */
tp_store_options notes_options(void);
tp_store *notes_open_with(tp_store_options options);
/* As it is, and with the table of notes: id, text (each once, never "refused"), more, parent (the
 * id of another). */
tp_store *notes_open_bare(void);
tp_store *notes_open(void);
void notes_migrate(tp_store *store);
/* Every test ends here: nothing may be left. */
void notes_close(tp_store *store);

TP_MUST_USE tp_rc notes_add(tp_tx *tx, int64_t id, const char *text, tp_err *err);
/* In a transaction of its own. */
void notes_add_alone(tp_store *store, int64_t id, const char *text);
int64_t notes_count(tp_store *store);
/* The number a query answers with. */
int64_t notes_number(tp_store *store, const char *sql);

#endif
