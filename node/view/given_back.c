/* Persons whose details were given back. */
#include "node/view/given_back.h"

#include "node/view/view_state.h"

#include <stdlib.h>

enum { LIST_BYTES_MAX = 64 * 1024 * 1024, PEOPLE_MAX = 100000 };

/* A walk over the records of persons, and then of what is about each. */
typedef struct gathering {
    tp_view *view;
    tp_tx *tx;
    tp_arena *arena;
    tp_buf names; /* tp_name of each bare person */
    tp_given_back *at;
} gathering;

static tp_rc take_bare(void *context, const tp_record_ref *ref, tp_err *err)
{
    gathering *g = context;
    return (ref->flags & TP_RECORD_GIVEN_BACK) == 0
               ? TP_OK
               : tp_buf_add(&g->names, &ref->record, sizeof ref->record, err);
}

static tp_rc gather(gathering *g, tp_err *err)
{
    tp_buf_init(&g->names, PEOPLE_MAX * sizeof(tp_name));
    return tp_merge_list(g->view->merge, g->tx, TP_PERSON, take_bare, g, err);
}

tp_rc tp_given_back_count(tp_view *view, tp_tx *tx, uint32_t *count_out, tp_err *err)
{
    gathering g = {.view = view, .tx = tx};
    tp_rc rc = gather(&g, err);
    if (rc == TP_OK) {
        *count_out = (uint32_t)(g.names.bytes / sizeof(tp_name));
    }
    tp_buf_done(&g.names);
    return rc;
}

/* Consent is not something to know somebody by. */
static tp_rc take_record(void *context, const tp_loaded *loaded, tp_err *err)
{
    gathering *g = context;
    tp_shown *shown = NULL;
    tp_rc rc = tp_shown_make(g->view, g->tx, loaded, g->arena, &shown, err);
    if (rc != TP_OK || shown->is_bare || shown->is_hidden || shown->entity == TP_CONSENT) {
        return rc;
    }
    g->at->records_count++;
    if (g->at->last == NULL || shown->happened.ms > g->at->last->happened.ms) {
        g->at->last = shown;
    }
    return TP_OK;
}

static tp_rc make_one(gathering *g, tp_name person, tp_given_back *at, tp_err *err)
{
    const tp_shown *shown = NULL;
    *at = (tp_given_back){.person = person};
    g->at = at;
    tp_rc rc = tp_shown_load(g->view, g->tx, person, g->arena, &shown, err);
    if (rc == TP_OK) {
        at->is_erased = shown->erased_ms != 0;
        at->given_back_ms = at->is_erased ? shown->erased_ms : shown->given_back_ms;
        rc = tp_merge_load_persons(g->view->merge, g->tx, &person, 1, NULL, take_record, g, err);
    }
    return rc;
}

static int by_time(const void *a, const void *b)
{
    const tp_given_back *x = a;
    const tp_given_back *y = b;
    return x->given_back_ms != y->given_back_ms ? (x->given_back_ms > y->given_back_ms ? -1 : 1)
                                                : tp_name_cmp(x->person, y->person);
}

tp_rc tp_given_back_read(tp_view *view, tp_tx *tx, tp_given_back_list *list_out, tp_err *err)
{
    void *people = NULL;
    memset(list_out, 0, sizeof *list_out);
    tp_arena_init(&list_out->arena, LIST_BYTES_MAX);
    gathering g = {.view = view, .tx = tx, .arena = &list_out->arena};
    tp_rc rc = gather(&g, err);
    const uint32_t count = (uint32_t)(g.names.bytes / sizeof(tp_name));
    if (rc == TP_OK) {
        rc = tp_arena_take(&list_out->arena, count * sizeof(tp_given_back), &people, err);
    }
    for (uint32_t i = 0; rc == TP_OK && i < count; i++) {
        tp_name person;
        memcpy(&person, g.names.at + i * sizeof person, sizeof person);
        rc = make_one(&g, person, (tp_given_back *)people + i, err);
    }
    tp_buf_done(&g.names);
    if (rc != TP_OK) {
        tp_given_back_done(list_out);
        return rc;
    }
    qsort(people, count, sizeof(tp_given_back), by_time);
    list_out->people = people;
    list_out->count = count;
    return TP_OK;
}

void tp_given_back_done(tp_given_back_list *list)
{
    tp_arena_done(&list->arena);
    memset(list, 0, sizeof *list);
}
