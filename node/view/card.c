/* Search cards: what a person is found by, taken from every head of their record and aliases. */
#include "node/view/view_state.h"
#include "schema/name_fold.h"
#include "schema/phone.h"
#include "schema/sounds_alike.h"

/* A card holds the beginning of what is longer. */
enum { CARD_BYTES_MAX = 8192 };

/* The columns of a card that are filled word by word. */
typedef struct columns {
    tp_buf names;
    tp_buf sounds;
    tp_buf words;
    tp_buf phones;
    tp_buf nhs;
    tp_buf born;
} columns;

static void columns_init(columns *c)
{
    tp_buf *const all[] = {&c->names, &c->sounds, &c->words, &c->phones, &c->nhs, &c->born};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        tp_buf_init(all[i], CARD_BYTES_MAX);
    }
}

static void columns_done(columns *c)
{
    tp_buf *const all[] = {&c->names, &c->sounds, &c->words, &c->phones, &c->nhs, &c->born};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        tp_buf_done(all[i]);
    }
}

static bool has_word(tp_slice list, tp_slice word)
{
    tp_slice token;
    while (tp_fold_next(&list, &token)) {
        if (tp_slice_eq(token, word)) {
            return true;
        }
    }
    return false;
}

/* Adds a word once.  A full card stays as it is. */
static tp_rc add_word(tp_buf *column, tp_slice word, tp_err *err)
{
    if (word.bytes == 0 || has_word(tp_buf_slice(column), word) ||
        column->bytes + word.bytes + 1 > CARD_BYTES_MAX) {
        return TP_OK;
    }
    tp_rc rc = column->bytes == 0 ? TP_OK : tp_buf_add(column, " ", 1, err);
    return rc == TP_OK ? tp_buf_add_slice(column, word, err) : rc;
}

static tp_rc add_words(tp_buf *column, tp_slice folded, tp_err *err)
{
    tp_slice token;
    tp_rc rc = TP_OK;
    while (rc == TP_OK && tp_fold_next(&folded, &token)) {
        rc = add_word(column, token, err);
    }
    return rc;
}

static tp_rc add_sounds(tp_buf *column, tp_slice folded, tp_err *err)
{
    tp_slice token;
    tp_rc rc = TP_OK;
    while (rc == TP_OK && tp_fold_next(&folded, &token)) {
        tp_sound_key keys[TP_NAME_SOUND_KEYS_MAX];
        unsigned count = tp_name_sound_keys(token, keys);
        for (unsigned i = 0; rc == TP_OK && i < count; i++) {
            rc = add_word(column, tp_slice_str(keys[i].text), err);
        }
    }
    return rc;
}

static tp_rc add_name(columns *c, tp_slice text, tp_err *err)
{
    char folded[CARD_BYTES_MAX];
    size_t bytes = tp_name_fold(text, folded, sizeof folded);
    tp_rc rc = add_words(&c->names, tp_slice_of(folded, bytes), err);
    return rc == TP_OK ? add_sounds(&c->sounds, tp_slice_of(folded, bytes), err) : rc;
}

static tp_rc add_text(columns *c, tp_slice text, tp_err *err)
{
    char folded[CARD_BYTES_MAX];
    size_t bytes = tp_text_fold(text, folded, sizeof folded);
    return add_words(&c->words, tp_slice_of(folded, bytes), err);
}

static tp_rc add_phone(columns *c, tp_slice text, tp_err *err)
{
    char key[TP_PHONE_KEY_MAX];
    tp_err other = {0};
    if (tp_phone_key(text, key, &other) != TP_OK) {
        return TP_OK; /* another program took it: shown, but not found by */
    }
    return add_word(&c->phones, tp_slice_str(key), err);
}

static tp_rc add_value(columns *c, uint32_t entity, uint32_t code, tp_slice text, tp_err *err)
{
    if (entity == TP_ALIAS) {
        return code == TP_ALIAS_NAME ? add_name(c, text, err) : TP_OK;
    }
    switch (code) {
    case TP_PERSON_PREFERRED_NAME:
    case TP_PERSON_LEGAL_NAME:
        return add_name(c, text, err);
    case TP_PERSON_PLACE:
    case TP_PERSON_DESCRIPTION:
        return add_text(c, text, err);
    case TP_PERSON_PHONE:
        return add_phone(c, text, err);
    case TP_PERSON_NHS_NUMBER:
        return add_word(&c->nhs, text, err);
    case TP_PERSON_BORN:
        return add_word(&c->born, text, err);
    default: /* every other field of a person */
        return TP_OK;
    }
}

/* Every head, not only the one shown: somebody may know the other. */
static tp_rc add_field(columns *c, const tp_loaded *loaded, const tp_loaded_field *field,
                       tp_err *err)
{
    tp_value value;
    tp_rc rc = TP_OK;
    for (uint32_t i = 0; rc == TP_OK && i < field->state.heads_count; i++) {
        bool has_value = false;
        tp_err other = {0};
        if (tp_loaded_value(loaded, field, field->heads[i].at, &value, &has_value, &other) ==
                TP_OK &&
            has_value && !value.is_null) {
            rc = add_value(c, loaded->record.entity, field->state.code, value.text, err);
        }
    }
    return rc;
}

static bool is_text_field(uint32_t entity, const tp_loaded_field *field)
{
    return field->row != NULL && field->state.code >= 10 &&
           (entity == TP_ALIAS ? field->state.code == TP_ALIAS_NAME
                               : field->state.code <= TP_PERSON_DESCRIPTION);
}

static tp_rc store_card(tp_view *view, tp_tx *tx, const tp_loaded *loaded, const columns *c,
                        tp_err *err)
{
    const tp_buf *const all[] = {&c->names, &c->sounds, &c->words, &c->phones, &c->nhs, &c->born};
    tp_packed_name record = 0;
    tp_packed_name person = 0;
    tp_stmt *s = NULL;
    tp_rc rc = tp_log_pack(view->log, tx, loaded->record.name, &record, err);
    if (rc == TP_OK) {
        rc = tp_log_pack(view->log, tx, loaded->person, &person, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx,
                           "INSERT OR REPLACE INTO search_card "
                           "(record, person, names, sounds, words, phones, nhs, born) "
                           "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                           &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, record);
    tp_stmt_bind_int(s, 2, person);
    for (int i = 0; i < 6; i++) {
        tp_stmt_bind_text(s, 3 + i, tp_buf_slice(all[i]));
    }
    return tp_stmt_run(s, err);
}

tp_rc tp_card_put(tp_view *view, tp_tx *tx, const tp_loaded *loaded, tp_err *err)
{
    const uint32_t entity = loaded->record.entity;
    if (entity != TP_PERSON && entity != TP_ALIAS) {
        return TP_OK;
    }
    if (tp_name_is_none(loaded->person)) {
        return TP_OK;
    }
    if (loaded->retraction.is_hidden || loaded->record.count == 0 ||
        loaded->record.changes[0].is_stub) {
        return tp_card_remove(view, tx, loaded->record.name, loaded->person, err);
    }
    columns c;
    tp_rc rc = TP_OK;
    columns_init(&c);
    for (uint32_t i = 0; rc == TP_OK && i < loaded->fields_count; i++) {
        if (is_text_field(entity, &loaded->fields[i])) {
            rc = add_field(&c, loaded, &loaded->fields[i], err);
        }
    }
    if (rc == TP_OK) {
        rc = store_card(view, tx, loaded, &c, err);
    }
    columns_done(&c);
    return rc;
}

tp_rc tp_card_remove(tp_view *view, tp_tx *tx, tp_name record, tp_name person, tp_err *err)
{
    tp_packed_name packed_record = 0;
    tp_packed_name packed_person = 0;
    tp_stmt *s = NULL;
    tp_rc rc = tp_log_pack(view->log, tx, record, &packed_record, err);
    if (rc == TP_OK) {
        rc = tp_log_pack(view->log, tx, person, &packed_person, err);
    }
    if (rc == TP_OK) {
        rc = tp_tx_prepare(tx, "DELETE FROM search_card WHERE person = ? AND record = ?", &s, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    tp_stmt_bind_int(s, 1, packed_person);
    tp_stmt_bind_int(s, 2, packed_record);
    return tp_stmt_run(s, err);
}

tp_rc tp_card_clear(tp_tx *tx, tp_err *err)
{
    return tp_tx_exec(tx, "DELETE FROM search_card", err);
}

tp_rc tp_card_all(tp_tx *tx, tp_card_each each, void *context, tp_err *err)
{
    tp_stmt *s = NULL;
    bool is_row = false;
    tp_rc rc = tp_tx_prepare(tx,
                             "SELECT record, person, names, sounds, words, phones, nhs, born "
                             "FROM search_card ORDER BY person, record",
                             &s, err);
    if (rc == TP_OK) {
        rc = tp_stmt_step(s, &is_row, err);
    }
    while (rc == TP_OK && is_row) {
        const tp_card card = {.record = tp_stmt_int(s, 0),
                              .person = tp_stmt_int(s, 1),
                              .names = tp_stmt_text(s, 2),
                              .sounds = tp_stmt_text(s, 3),
                              .words = tp_stmt_text(s, 4),
                              .phones = tp_stmt_text(s, 5),
                              .nhs = tp_stmt_text(s, 6),
                              .born = tp_stmt_text(s, 7)};
        rc = each(context, &card, err);
        if (rc == TP_OK) {
            rc = tp_stmt_step(s, &is_row, err);
        }
    }
    tp_stmt_done(s);
    return rc;
}
