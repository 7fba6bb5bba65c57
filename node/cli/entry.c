/* Entries: which field of which entity is the headline and which are words is a table; every other
 * field of the schema follows with its label, so that a new one needs no code here. */
#include "node/cli/entry.h"

#include "schema/wording.h"

enum { HEADLINE_MAX = 3, WORDS_MAX = 2, LEFT_OUT_MAX = 4 };

typedef struct layout {
    uint32_t entity;
    uint32_t headline[HEADLINE_MAX]; /* after the entity's label, with commas; 0: no more */
    uint32_t own_words;              /* quoted, first; 0: none */
    uint32_t words[WORDS_MAX];       /* paragraphs without a label */
    uint32_t left_out[LEFT_OUT_MAX]; /* shown elsewhere, or nobody's to read */
} layout;

static const layout layouts[] = {
    {TP_ALIAS, {TP_ALIAS_NAME}, 0, {0}, {0}},
    {TP_CONTACT,
     {TP_CONTACT_KIND, TP_CONTACT_PLACE},
     TP_CONTACT_OWN_WORDS,
     {TP_CONTACT_NOTE},
     {TP_CONTACT_HAPPENED_AT}},
    {TP_HELP_REQUEST, {TP_REQUEST_STATUS}, TP_REQUEST_WORDS, {0}, {TP_REQUEST_ASKED_AT}},
    {TP_CONSENT,
     {TP_CONSENT_DECISION},
     0,
     {0},
     {TP_CONSENT_IN_SIGHT, TP_CONSENT_PERSONS, TP_CONSENT_WORDING, TP_CONSENT_WORDING_VERSION}},
    {TP_NEED, {TP_NEED_KIND, TP_NEED_LEVEL}, TP_NEED_OWN_VIEW, {0}, {0}},
    {TP_ACTION, {TP_ACTION_STATUS}, 0, {TP_ACTION_WHAT}, {0}},
    {TP_ROLE, {TP_ROLE_ROLE, TP_ROLE_NAME}, 0, {0}, {0}},
    {TP_SCORE, {TP_SCORE_SCALE, TP_SCORE_TOTAL}, 0, {0}, {0}},
};

static const layout *layout_of(uint32_t entity)
{
    static const layout plain = {0, {0}, 0, {0}, {0}};
    for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
        if (layouts[i].entity == entity) {
            return &layouts[i];
        }
    }
    return &plain;
}

static bool is_in(const uint32_t *codes, size_t count, uint32_t code)
{
    for (size_t i = 0; i < count; i++) {
        if (codes[i] == code) {
            return true;
        }
    }
    return false;
}

void tp_entry_add_headline(tp_screen *s, const tp_shown *shown)
{
    const layout *l = layout_of(shown->entity);
    const tp_entity_row *row = tp_entity_of(shown->entity);
    tp_page_add_in(&s->page, TP_STYLE_STRONG,
                   row == NULL ? "A record for a newer version of this program" : row->label);
    for (size_t i = 0; i < HEADLINE_MAX && l->headline[i] != 0; i++) {
        const tp_shown_field *field = tp_shown_field_of(shown, l->headline[i]);
        if (tp_screen_has_value(s, field) && !field->is_conflict) {
            tp_page_add_str(&s->page, i == 0 ? ": " : ", ");
            tp_screen_head(s, field, field->shown);
        }
    }
}

/* In the body: not in the headline, unless several values stand there. */
static bool is_in_body(const layout *l, const tp_shown_field *field)
{
    if (field->is_conflict) {
        return true;
    }
    return !is_in(l->headline, HEADLINE_MAX, field->code) &&
           !is_in(l->words, WORDS_MAX, field->code) && field->code != l->own_words &&
           !is_in(l->left_out, LEFT_OUT_MAX, field->code);
}

static void add_words(tp_screen *s, const tp_shown *shown, uint32_t code, bool is_quoted,
                      unsigned indent)
{
    const tp_shown_field *field = code == 0 ? NULL : tp_shown_field_of(shown, code);
    if (!tp_screen_has_value(s, field) || field->is_conflict) {
        return;
    }
    tp_page_add_str(&s->page, is_quoted ? "\"" : "");
    tp_screen_head(s, field, field->shown);
    tp_page_add_str(&s->page, is_quoted ? "\"" : "");
    tp_page_end(&s->page, indent, indent);
}

/* That it was taken back, and by whom; or is here although it was. */
static void add_retraction(tp_screen *s, const tp_shown *shown, unsigned indent)
{
    const tp_shown_head *by = shown->retraction;
    if (by == NULL || (!shown->is_hidden && !shown->is_brought_back)) {
        return;
    }
    tp_value value;
    bool has_value = false;
    const tp_field_row *row = tp_field_of(shown->entity, TP_FIELD_RETRACTED);
    tp_page_add_in(&s->page, TP_STYLE_WARN, "Taken back");
    tp_page_add_str(&s->page, " by ");
    tp_screen_who(s, by->worker, by->agency);
    if (s->rc == TP_OK && row != NULL) {
        s->rc = tp_shown_value(row, by, &value, &has_value, &s->err);
    }
    if (s->rc == TP_OK && has_value && !value.is_null) {
        tp_page_add_str(&s->page, ": ");
        tp_screen_value(s, row, &value);
    }
    if (shown->is_brought_back) {
        tp_page_add_str(&s->page,
                        "; still shown, because somebody went on with it without having seen that");
    }
    tp_page_end(&s->page, indent, indent + 2);
}

/* What nobody was ever named for, as at a kiosk, is held by whoever took it (PH2). */
static void add_taker(tp_screen *s, const tp_shown *shown, unsigned indent)
{
    uint32_t code = shown->entity == TP_HELP_REQUEST ? (uint32_t)TP_REQUEST_HOLDER
                    : shown->entity == TP_ACTION     ? (uint32_t)TP_ACTION_OWNER
                                                     : 0;
    if (code != 0 && tp_shown_field_of(shown, code) == NULL) {
        tp_page_addf(&s->page, "%s: ", tp_field_of(shown->entity, code)->label);
        tp_screen_agency(s, tp_slice_str(shown->agency));
        tp_page_add_str(&s->page, " (nobody named)");
        tp_page_end(&s->page, indent, indent + 2);
    }
}

/* The id and the version of a wording are one thing to read. */
static void add_wording(tp_screen *s, const tp_shown *shown, unsigned indent)
{
    char wording[TP_WORDING_SHOWN_MAX];
    tp_value version;
    bool has_version = false;
    const tp_shown_field *field = tp_shown_field_of(shown, TP_CONSENT_WORDING_VERSION);
    tp_slice id = tp_shown_text(shown, TP_CONSENT_WORDING);
    if (shown->entity != TP_CONSENT || id.bytes == 0) {
        return;
    }
    if (field != NULL && field->shown != NULL && s->rc == TP_OK) {
        s->rc = tp_shown_value(field->row, field->shown, &version, &has_version, &s->err);
    }
    tp_wording_show(id, has_version && s->rc == TP_OK ? (uint64_t)version.number : 0, wording);
    tp_page_addf(&s->page, "Asked with: %s", wording);
    tp_page_end(&s->page, indent, indent + 2);
}

void tp_entry_body(tp_screen *s, const tp_shown *shown, unsigned indent)
{
    const layout *l = layout_of(shown->entity);
    add_words(s, shown, l->own_words, true, indent);
    for (size_t i = 0; i < WORDS_MAX; i++) {
        add_words(s, shown, l->words[i], false, indent);
    }
    for (uint32_t i = 0; i < shown->fields_count; i++) {
        const tp_shown_field *field = &shown->fields[i];
        if (is_in_body(l, field)) {
            tp_screen_field(s, shown, field, NULL, indent, indent + 2);
        }
    }
    add_taker(s, shown, indent);
    add_wording(s, shown, indent);
    add_retraction(s, shown, indent);
}

void tp_entry_add_author(tp_screen *s, const tp_shown *shown)
{
    tp_screen_who(s, shown->worker, shown->agency);
    tp_page_add_str(&s->page, " [");
    tp_screen_name(s, shown->name);
    tp_page_add_str(&s->page, "]");
    if (shown->is_unsent) {
        tp_page_add_str(&s->page, ", ");
        tp_page_add_in(&s->page, TP_STYLE_WARN, "not sent yet");
    }
}
