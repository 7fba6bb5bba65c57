/* A person on a card of a list. */
#include "node/view/person_card.h"

#include "node/view/list_document.h"

enum {
    CARD_BYTES_MAX = 8 * 1024 * 1024,
    REFS_BYTES_MAX = 8 * 1024 * 1024,
    ALIASES_MAX = 16,
    RECENT_MAX = 8 /* contacts of one device that are looked at */
};

typedef struct gathering {
    tp_view *view;
    tp_tx *tx;
    tp_arena arena;
    tp_buf refs; /* tp_record_ref of aliases and contacts: found on the walk, loaded after it */
    tp_slice aliases[ALIASES_MAX];
    uint32_t aliases_count;
    int64_t last_contact_ms; /* 0: none */
} gathering;

static tp_rc note_ref(void *context, const tp_record_ref *ref, tp_err *err)
{
    gathering *g = context;
    return (ref->flags & TP_RECORD_GIVEN_BACK) == 0 ? tp_buf_add(&g->refs, ref, sizeof *ref, err)
                                                    : TP_OK;
}

static tp_rc look_at(gathering *g, const tp_record_ref *ref, tp_err *err)
{
    const tp_shown *shown = NULL;
    tp_rc rc = tp_shown_load(g->view, g->tx, ref->record, &g->arena, &shown, err);
    if (rc != TP_OK || shown->is_hidden || shown->is_bare) {
        return rc;
    }
    if (ref->entity == TP_CONTACT && shown->happened.ms > g->last_contact_ms) {
        g->last_contact_ms = shown->happened.ms;
    }
    tp_slice alias = tp_shown_text(shown, TP_ALIAS_NAME);
    if (ref->entity == TP_ALIAS && alias.bytes > 0 && g->aliases_count < ALIASES_MAX) {
        g->aliases[g->aliases_count++] = alias;
    }
    return TP_OK;
}

static tp_rc look_at_all(gathering *g, tp_err *err)
{
    tp_rc rc = TP_OK;
    for (size_t at = 0; rc == TP_OK && at < g->refs.bytes; at += sizeof(tp_record_ref)) {
        tp_record_ref ref;
        memcpy(&ref, g->refs.at + at, sizeof ref);
        rc = look_at(g, &ref, err);
    }
    return rc;
}

/* Of thousands of contacts the last one is among those that were written last. */
static tp_rc gather(gathering *g, tp_name person, tp_err *err)
{
    tp_name group[TP_GROUP_PERSONS_MAX];
    uint32_t count = 0;
    tp_merge *merge = tp_view_merge(g->view);
    tp_rc rc = tp_merge_group(merge, g->tx, person, group, &count, err);
    for (uint32_t i = 0; rc == TP_OK && i < count; i++) {
        rc = tp_merge_list_person_entity(merge, g->tx, group[i], TP_ALIAS, note_ref, g, err);
        if (rc == TP_OK) {
            rc = tp_merge_list_latest(merge, g->tx, group[i], RECENT_MAX, note_ref, g, err);
        }
    }
    return rc == TP_OK ? look_at_all(g, err) : rc;
}

tp_rc tp_person_card_put(tp_json_print *p, tp_view *view, tp_tx *tx, const tp_shown *person,
                         tp_err *err)
{
    gathering g = {.view = view, .tx = tx};
    tp_arena_init(&g.arena, CARD_BYTES_MAX);
    tp_buf_init(&g.refs, REFS_BYTES_MAX);
    tp_rc rc = gather(&g, person->name, err);
    tp_document_put_who(p, person);
    tp_json_key(p, "aliases");
    tp_json_begin(p, '[');
    for (uint32_t i = 0; i < g.aliases_count; i++) {
        tp_json_text(p, g.aliases[i]);
    }
    tp_json_end(p, ']');
    tp_json_put_text(p, "description", tp_shown_text(person, TP_PERSON_DESCRIPTION));
    tp_json_put_text(p, "place", tp_shown_text(person, TP_PERSON_PLACE));
    tp_json_put_instant(p, "last_contact_at", g.last_contact_ms);
    tp_buf_done(&g.refs);
    tp_arena_done(&g.arena);
    return rc;
}

tp_rc tp_person_card(tp_json_print *p, tp_view *view, tp_tx *tx, tp_name person, tp_err *err)
{
    const tp_shown *shown = NULL;
    tp_arena arena;
    tp_err missing = {0};
    tp_rc rc = TP_NOTFOUND;
    tp_arena_init(&arena, CARD_BYTES_MAX);
    if (!tp_name_is_none(person)) {
        rc = tp_shown_load(view, tx, person, &arena, &shown, &missing);
    }
    if (rc == TP_NOTFOUND || (rc == TP_OK && shown->is_bare)) {
        tp_json_null(p);
        rc = TP_OK;
    } else if (rc == TP_OK) {
        tp_json_begin(p, '{');
        rc = tp_person_card_put(p, view, tx, shown, err);
        tp_json_end(p, '}');
    } else {
        *err = missing;
    }
    tp_arena_done(&arena);
    return rc;
}
