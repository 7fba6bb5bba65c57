/* Every record, for who wants to take it elsewhere. */
#include "node/view/export.h"

#include "node/view/view_state.h"
#include "platform/base/limits.h"

enum { RECORD_SHOWN_BYTES_MAX = 4 * 1024 * 1024 };

static tp_rc note_person(void *context, const tp_record_ref *ref, tp_err *err)
{
    return tp_buf_add(context, &ref->record, sizeof ref->record, err);
}

static tp_rc list_everybody(tp_view *view, tp_tx *tx, tp_buf *records, tp_err *err)
{
    static const tp_name nobody = {0, 0};
    tp_buf persons;
    tp_buf_init(&persons, TP_EXPORT_RECORDS_MAX * sizeof(tp_name));
    tp_rc rc = tp_merge_list(view->merge, tx, TP_PERSON, note_person, &persons, err);
    for (size_t at = 0; rc == TP_OK && at < persons.bytes; at += sizeof(tp_name)) {
        tp_name person;
        memcpy(&person, persons.at + at, sizeof person);
        rc = tp_merge_list_persons(view->merge, tx, &person, 1, NULL, records, err);
    }
    tp_buf_done(&persons);
    return rc == TP_OK ? tp_merge_list_persons(view->merge, tx, &nobody, 1, NULL, records, err)
                       : rc;
}

static tp_rc list_group(tp_view *view, tp_tx *tx, tp_name person, tp_buf *records, tp_err *err)
{
    tp_name group[TP_GROUP_PERSONS_MAX];
    uint32_t count = 0;
    tp_rc rc = tp_merge_group(view->merge, tx, person, group, &count, err);
    return rc == TP_OK ? tp_merge_list_persons(view->merge, tx, group, count, NULL, records, err)
                       : rc;
}

static tp_rc show_one(tp_view *view, tp_tx *tx, tp_packed_name record, tp_export_each each,
                      void *context, tp_err *err)
{
    tp_arena arena;
    tp_shown *shown = NULL;
    tp_loaded *loaded = NULL;
    tp_err nothing_held = {0};
    tp_rc rc = tp_merge_load_packed(view->merge, tx, record, &loaded, &nothing_held);
    if (rc == TP_NOTFOUND) {
        return TP_OK;
    }
    if (rc != TP_OK) {
        *err = nothing_held;
        return rc;
    }
    tp_arena_init(&arena, RECORD_SHOWN_BYTES_MAX);
    rc = tp_shown_make(view, tx, loaded, &arena, &shown, err);
    if (rc == TP_OK) {
        rc = each(context, shown, err);
    }
    tp_arena_done(&arena);
    tp_loaded_free(loaded);
    return rc;
}

tp_rc tp_export_go(tp_view *view, tp_tx *tx, tp_export_walk *walk, tp_export_each each,
                   void *context, tp_err *err)
{
    tp_buf records; /* tp_packed_name */
    tp_buf_init(&records, TP_EXPORT_RECORDS_MAX * sizeof(tp_packed_name));
    tp_rc rc = tp_name_is_none(walk->person) ? list_everybody(view, tx, &records, err)
                                             : list_group(view, tx, walk->person, &records, err);
    walk->count = (uint32_t)(records.bytes / sizeof(tp_packed_name));
    while (rc == TP_OK && !walk->is_enough && walk->at < walk->count) {
        tp_packed_name record = 0;
        memcpy(&record, records.at + walk->at * sizeof record, sizeof record);
        walk->at++;
        rc = show_one(view, tx, record, each, context, err);
    }
    tp_buf_done(&records);
    return rc;
}
