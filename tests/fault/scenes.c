/* What the tests of this folder do at the town, and what came before it. */
#include "tests/fault/scenes.h"

#include "node/record/rebuild.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sqlite3.h>
#include <cmocka.h>

void scene_must(tp_rc rc, const tp_err *err)
{
    if (rc != TP_OK) {
        fail_msg("%s: %s", tp_rc_name(rc), err->what);
    }
}

tp_name scene_baz;
tp_name scene_kim;

static void write(town *t, int place, tp_name *name_out, const char *entity, const char *set)
{
    tp_err err = {0};
    scene_must(town_write(t, place, name_out, &err,
                          "{'op':'create','entity':'%s','worker':'Dee','set':{%s}}", entity, set),
               &err);
}

static const char *said(const char *fmt, tp_name name)
{
    static char text[400];
    snprintf(text, sizeof text, fmt, town_name(name));
    return text;
}

#define CONSENT(decision)                                                                          \
    "'person':'%s','decision':'" decision "','agencies':['street-outreach','friary'],"             \
    "'kinds':['housing','physical_health'],'purposes':['support'],'how':'spoken',"                 \
    "'capacity':'believed_to_have'"

#define GONE "quite unmistakable words about a lighthouse"

static void sync_both(town *t)
{
    tp_err err = {0};
    for (int i = 0; i < 2 * TOWN_NODES; i++) {
        int place = i % TOWN_NODES;
        scene_must(town_open(t, TOWN_HUB, &err), &err);
        scene_must(town_open(t, place, &err), &err);
        scene_must(town_sync(t, place, &err), &err);
        town_close(t, place);
        town_close(t, TOWN_HUB);
    }
}

void scene_history(town *t)
{
    tp_err err = {0};
    scene_must(town_open(t, TOWN_VAN, &err), &err);
    write(t, TOWN_VAN, &scene_baz, "person", "'preferred_name':'Baz','description':'grey beard'");
    write(t, TOWN_VAN, &scene_kim, "person", "'preferred_name':'Kim'");
    write(t, TOWN_VAN, NULL, "consent", said(CONSENT("given"), scene_baz));
    write(t, TOWN_VAN, NULL, "consent", said(CONSENT("given"), scene_kim));
    write(t, TOWN_VAN, NULL, "contact", said("'person':'%s','note':'" GONE "'", scene_kim));
    for (int i = 0; i < 12; i++) {
        write(t, TOWN_VAN, NULL, "contact", said("'person':'%s','note':'Took soup.'", scene_baz));
    }
    write(t, TOWN_VAN, NULL, "help_request",
          said("'person':'%s','words':'Somewhere dry.'", scene_baz));
    town_close(t, TOWN_VAN);
    scene_must(town_open(t, TOWN_DESK, &err), &err);
    write(t, TOWN_DESK, NULL, "person", "'preferred_name':'Ash'");
    town_close(t, TOWN_DESK);
    sync_both(t);
}

/* ---- Recording ---- */

tp_rc scene_record(town *t, tp_err *err)
{
    tp_rc rc = town_open(t, TOWN_VAN, err);
    if (rc == TP_OK) {
        rc = town_write(t, TOWN_VAN, NULL, err,
                        "{'op':'create','entity':'contact','worker':'Dee','set':{'person':'%s',"
                        "'note':'Cold but in good spirits'}}",
                        town_name(scene_baz));
    }
    if (rc == TP_OK) {
        rc = town_write(t, TOWN_VAN, NULL, err,
                        "{'op':'update','entity':'person','worker':'Dee','record':'%s',"
                        "'set':{'description':'grey beard, small brown dog'}}",
                        town_name(scene_baz));
    }
    if (rc == TP_OK) {
        rc = town_write(
            t, TOWN_VAN, NULL, err,
            "{'op':'create','entity':'consent','worker':'Dee','set':{" CONSENT("withdrawn") "}}",
            town_name(scene_kim));
    }
    town_close(t, TOWN_VAN);
    return rc;
}

/* ---- Syncing ---- */

void scene_unsent(town *t)
{
    tp_err err = {0};
    scene_history(t);
    scene_must(town_open(t, TOWN_DESK, &err), &err);
    write(t, TOWN_DESK, NULL, "contact", said("'person':'%s','note':'At the desk.'", scene_baz));
    town_close(t, TOWN_DESK);
    scene_must(town_open(t, TOWN_HUB, &err), &err);
    scene_must(town_open(t, TOWN_DESK, &err), &err);
    scene_must(town_sync(t, TOWN_DESK, &err), &err);
    town_close(t, TOWN_DESK);
    town_close(t, TOWN_HUB);
    scene_must(town_open(t, TOWN_VAN, &err), &err);
    for (int i = 0; i < 3; i++) {
        write(t, TOWN_VAN, NULL, "contact", said("'person':'%s','note':'Unsent.'", scene_baz));
    }
    town_close(t, TOWN_VAN);
}

/* Twice: the second acknowledges what the first has brought, and after it a third has nothing to
 * say. */
static tp_rc act_sync(town *t, int place, tp_err *err)
{
    tp_rc rc = town_open(t, TOWN_HUB, err);
    if (rc == TP_OK) {
        rc = town_open(t, place, err);
    }
    for (int i = 0; rc == TP_OK && i < 2; i++) {
        rc = town_sync(t, place, err);
    }
    town_close(t, place);
    town_close(t, TOWN_HUB);
    return rc;
}

tp_rc scene_sync_van(town *t, tp_err *err)
{
    return act_sync(t, TOWN_VAN, err);
}

tp_rc scene_sync_desk(town *t, tp_err *err)
{
    return act_sync(t, TOWN_DESK, err);
}

/* The van withdraws what Kim had given, and has not sent it. */
void scene_withdrawal(town *t)
{
    tp_err err = {0};
    scene_history(t);
    scene_must(town_open(t, TOWN_VAN, &err), &err);
    write(t, TOWN_VAN, NULL, "consent", said(CONSENT("withdrawn"), scene_kim));
    town_close(t, TOWN_VAN);
}

void scene_give_back(town *t)
{
    tp_err err = {0};
    scene_withdrawal(t);
    assert_true(disk_has_bytes(t->at[TOWN_DESK].disk, tp_slice_str("lighthouse")));
    scene_must(act_sync(t, TOWN_VAN, &err), &err);
}

/* Past the program, at whoever is closed. */
void scene_sql(town *t, int place, const char *sql)
{
    sqlite3 *db = NULL;
    char path[TP_PATH_BYTES_MAX + 16];
    char *trouble = NULL;
    snprintf(path, sizeof path, "%s/%s", t->at[place].dir.at,
             place == TOWN_HUB ? "hub.db" : "node.db");
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &trouble) != SQLITE_OK) {
        fail_msg("%s: %s", trouble, sql);
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Views that are not what the log says. */
void scene_damaged_views(town *t)
{
    scene_unsent(t);
    /* Not all of it: views that are gone altogether are on the way to the new ones, too. */
    scene_sql(t, TOWN_VAN,
              "DELETE FROM waiting; DELETE FROM record WHERE id = (SELECT min(id) FROM record);");
}

tp_rc scene_rebuild(town *t, tp_err *err)
{
    tp_rc rc = town_open(t, TOWN_VAN, err);
    if (rc == TP_OK) {
        rc = tp_node_rebuild(&t->at[TOWN_VAN].node, true, NULL, err);
    }
    if (rc == TP_OK) {
        town_tell(t, TOWN_VAN);
    }
    town_close(t, TOWN_VAN);
    return rc;
}

tp_rc scene_open_van(town *t, tp_err *err)
{
    tp_rc rc = town_open(t, TOWN_VAN, err);
    town_close(t, TOWN_VAN);
    return rc;
}

tp_rc scene_open_hub(town *t, tp_err *err)
{
    tp_rc rc = town_open(t, TOWN_HUB, err);
    town_close(t, TOWN_HUB);
    return rc;
}
