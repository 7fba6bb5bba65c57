/* Several changes that belong together. */
#include "node/record/write_many.h"

#include "node/record/join.h"
#include "platform/base/alloc.h"
#include "platform/base/limits.h"
#include "schema/name_text.h"

#include <stdio.h>

typedef enum op_kind { OP_WRITE, OP_BRING_BACK, OP_JOIN, OP_UNJOIN } op_kind;

static const struct op {
    const char *name;
    op_kind kind;
    tp_write_op op;
} ops[] = {
    {"create", OP_WRITE, TP_WRITE_CREATE},   {"update", OP_WRITE, TP_WRITE_UPDATE},
    {"retract", OP_WRITE, TP_WRITE_RETRACT}, {"join", OP_JOIN, TP_WRITE_CREATE},
    {"unjoin", OP_UNJOIN, TP_WRITE_CREATE},  {"bring_back", OP_BRING_BACK, TP_WRITE_UPDATE},
};

/* One of them, taken apart. */
struct tp_write_one {
    const struct op *op;
    const json_t *json;
    json_t *set; /* with names in the place of "@0"; NULL: not made yet */
    tp_write write;
    tp_write_result result;
};

void tp_write_many_init(tp_write_many *m, tp_node *node, tp_slice worker)
{
    memset(m, 0, sizeof *m);
    m->node = node;
    m->worker = worker;
}

void tp_write_many_done(tp_write_many *m)
{
    for (uint32_t i = 0; i < m->count; i++) {
        tp_write_done(&m->all[i].write);
        json_decref(m->all[i].set);
    }
    tp_free(m->all);
    m->all = NULL;
    m->count = 0;
}

const tp_write_result *tp_write_many_result(const tp_write_many *m, uint32_t at)
{
    return &m->all[at].result;
}

static tp_rc refuse(tp_write_many *m, const char *key, const char *what, tp_err *err)
{
    snprintf(m->trouble, sizeof m->trouble, "%s", key);
    return tp_fail(err, TP_INVALID, "%s: %s", key, what);
}

static tp_slice text_of(const json_t *json)
{
    return json_is_string(json) ? tp_slice_of(json_string_value(json), json_string_length(json))
                                : tp_slice_str("");
}

/* ---- Reading ---- */

static tp_rc read_op(tp_write_many *m, struct tp_write_one *one, tp_err *err)
{
    tp_slice name = text_of(json_object_get(one->json, "op"));
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
        if (tp_slice_is(name, ops[i].name)) {
            one->op = &ops[i];
            return TP_OK;
        }
    }
    return refuse(m, "op", "create, update, retract, bring_back, join or unjoin", err);
}

static tp_rc read_entity(tp_write_many *m, const struct tp_write_one *one, uint32_t *entity_out,
                         tp_err *err)
{
    const json_t *entity = json_object_get(one->json, "entity");
    const bool is_needed = json_object_size(json_object_get(one->json, "set_typed")) > 0 ||
                           (one->op->kind == OP_WRITE && one->op->op == TP_WRITE_CREATE);
    *entity_out = 0;
    if (entity == NULL || json_is_null(entity)) {
        return is_needed ? refuse(m, "entity", "it is needed", err) : TP_OK;
    }
    const tp_entity_row *row = tp_entity_named(text_of(entity));
    if (row == NULL) {
        return refuse(m, "entity", "there are no records of that kind", err);
    }
    *entity_out = row->code;
    return TP_OK;
}

/* The members that are objects where they are there at all. */
static tp_rc check_shape(tp_write_many *m, const struct tp_write_one *one, tp_err *err)
{
    static const char *const objects[] = {"set", "set_typed", "seen"};
    const json_t *set = json_object_get(one->json, "set");
    const char *field = NULL;
    json_t *value = NULL;
    for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++) {
        const json_t *member = json_object_get(one->json, objects[i]);
        if (member != NULL && !json_is_null(member) && !json_is_object(member)) {
            return refuse(m, objects[i], "an object with fields is wanted", err);
        }
    }
    json_object_foreach(json_object_get(one->json, "set_typed"), field, value)
    {
        if (json_object_get(set, field) != NULL) {
            return refuse(m, field, "it stands in set and in set_typed", err);
        }
    }
    return TP_OK;
}

static tp_rc read_one(tp_write_many *m, struct tp_write_one *one, tp_err *err)
{
    uint32_t entity = 0;
    if (!json_is_object(one->json)) {
        return refuse(m, "changes", "each is an object", err);
    }
    tp_rc rc = read_op(m, one, err);
    if (rc == TP_OK) {
        rc = read_entity(m, one, &entity, err);
    }
    if (rc == TP_OK) {
        rc = check_shape(m, one, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    one->write.op = one->op->op;
    one->write.entity = entity;
    rc = tp_write_set_json_typed(&one->write, json_object_get(one->json, "set_typed"), err);
    snprintf(m->trouble, sizeof m->trouble, "%s", one->write.trouble);
    return rc;
}

tp_rc tp_write_many_read(tp_write_many *m, const json_t *changes, tp_err *err)
{
    const size_t count = json_array_size(changes);
    tp_rc rc = TP_OK;
    if (!json_is_array(changes) || count == 0) {
        return refuse(m, "changes", "a list of at least one is wanted", err);
    }
    if (count > TP_WRITE_MANY_MAX) {
        return tp_fail(err, TP_LIMIT, "more than %u changes at once", TP_WRITE_MANY_MAX);
    }
    m->all = tp_alloc(count * sizeof *m->all);
    if (m->all == NULL) {
        return tp_fail(err, TP_NOMEM, "no memory for the changes");
    }
    for (; rc == TP_OK && m->count < count; m->count++) {
        struct tp_write_one *one = &m->all[m->count];
        memset(one, 0, sizeof *one);
        one->json = json_array_get(changes, m->count);
        tp_write_init(&one->write, m->node, TP_WRITE_CREATE, 0, m->worker);
        m->at = m->count;
        rc = read_one(m, one, err);
    }
    return rc;
}

/* ---- "@0" ---- */

static bool is_made(const json_t *json)
{
    return json_is_string(json) && json_string_value(json)[0] == '@';
}

/* Which change it means; UINT32_MAX: none. */
static uint32_t made_at(tp_slice text)
{
    uint32_t at = 0;
    for (size_t i = 1; i < text.bytes; i++) {
        if (text.at[i] < '0' || text.at[i] > '9' || text.bytes > 3) {
            return UINT32_MAX;
        }
        at = at * 10 + (uint32_t)(text.at[i] - '0');
    }
    return text.bytes > 1 ? at : UINT32_MAX;
}

/* A record's name, or the record of a change before this one. */
static tp_rc read_record(tp_write_many *m, const char *key, const json_t *json, tp_name *name_out,
                         tp_err *err)
{
    tp_slice text = text_of(json);
    if (is_made(json) && made_at(text) < m->at) {
        *name_out = m->all[made_at(text)].result.record;
        return TP_OK;
    }
    return tp_name_read(text, name_out)
               ? TP_OK
               : refuse(m, key, "neither the name of a record nor \"@0\", a change before this one",
                        err);
}

/* The text of the name that stands for "@0"; NULL: an error. */
static json_t *name_json(tp_write_many *m, const char *key, const json_t *json, tp_rc *rc,
                         tp_err *err)
{
    char text[TP_NAME_TEXT_BYTES];
    tp_name name;
    *rc = read_record(m, key, json, &name, err);
    if (*rc != TP_OK) {
        return NULL;
    }
    tp_name_print(name, text);
    json_t *made = json_string(text);
    *rc = made == NULL ? tp_fail(err, TP_NOMEM, "no memory for a name") : TP_OK;
    return made;
}

/* A list of records, each of which may be made here. */
static tp_rc name_list(tp_write_many *m, const char *key, const json_t *list, json_t **list_out,
                       tp_err *err)
{
    size_t at = 0;
    json_t *item = NULL;
    tp_rc rc = TP_OK;
    json_t *copy = json_array();
    json_array_foreach((json_t *)list, at, item)
    {
        json_t *member =
            is_made(item) && rc == TP_OK ? name_json(m, key, item, &rc, err) : json_incref(item);
        if (rc == TP_OK && json_array_append_new(copy, member) != 0) {
            rc = tp_fail(err, TP_NOMEM, "no memory for names");
        } else if (rc != TP_OK) {
            json_decref(member);
        }
    }
    *list_out = copy;
    return rc;
}

/* Names in the place of "@0", in fields that hold records: "@0" in a note is a note. */
static tp_rc name_records(tp_write_many *m, struct tp_write_one *one, tp_err *err)
{
    const char *field = NULL;
    json_t *value = NULL;
    tp_rc rc = TP_OK;
    json_t *set = json_object_get(one->json, "set");
    one->set = json_copy(set); /* NULL of NULL; where memory is short, some fields or none */
    if (json_object_size(one->set) != json_object_size(set) || (one->set == NULL && set != NULL)) {
        return tp_fail(err, TP_NOMEM, "no memory for a form");
    }
    json_object_foreach(set, field, value)
    {
        const tp_field_row *row = tp_field_named(one->write.entity, tp_slice_str(field));
        json_t *made = NULL;
        if (rc != TP_OK || row == NULL) {
            continue;
        }
        if (row->type == TP_TYPE_RECORD && is_made(value)) {
            made = name_json(m, field, value, &rc, err);
        } else if (row->type == TP_TYPE_RECORDS && json_is_array(value)) {
            rc = name_list(m, field, value, &made, err);
        }
        if (made != NULL && json_object_set_new(one->set, field, made) != 0 && rc == TP_OK) {
            rc = tp_fail(err, TP_NOMEM, "no memory for names");
        }
    }
    return rc;
}

/* ---- What was seen ---- */

static tp_rc see_field(tp_write_many *m, tp_write *w, const char *field, const json_t *names,
                       tp_err *err)
{
    size_t at = 0;
    json_t *item = NULL;
    tp_rc rc = TP_OK;
    tp_buf seen;
    if (!json_is_array(names)) {
        return refuse(m, field, "seen: a list of names is wanted", err);
    }
    tp_buf_init(&seen, TP_CHANGE_NAMES_MAX * sizeof(tp_name));
    json_array_foreach((json_t *)names, at, item)
    {
        tp_name name;
        if (rc == TP_OK && !tp_name_read(text_of(item), &name)) {
            rc = refuse(m, field, "seen: not the name of a change", err);
        } else if (rc == TP_OK) {
            rc = tp_buf_add(&seen, &name, sizeof name, err);
        }
    }
    if (rc == TP_OK) {
        rc = tp_write_see(w, tp_slice_str(field), (const tp_name *)(const void *)seen.at,
                          (uint32_t)(seen.bytes / sizeof(tp_name)), err);
    }
    tp_buf_done(&seen);
    return rc;
}

/* A field that is set and was not on the form: nothing stood there. */
static tp_rc see_nothing(tp_write *w, const json_t *seen, const json_t *set, tp_err *err)
{
    const char *field = NULL;
    json_t *value = NULL;
    tp_rc rc = TP_OK;
    json_object_foreach((json_t *)set, field, value)
    {
        if (rc == TP_OK && json_object_get(seen, field) == NULL) {
            rc = tp_write_see(w, tp_slice_str(field), NULL, 0, err);
        }
    }
    return rc;
}

static tp_rc see(tp_write_many *m, struct tp_write_one *one, tp_err *err)
{
    const json_t *seen = json_object_get(one->json, "seen");
    const char *field = NULL;
    json_t *names = NULL;
    tp_rc rc = TP_OK;
    if (!json_is_object(seen) || one->write.op == TP_WRITE_CREATE) {
        return TP_OK;
    }
    json_object_foreach((json_t *)seen, field, names)
    {
        if (rc == TP_OK) {
            rc = see_field(m, &one->write, field, names, err);
        }
    }
    one->write.is_seen_whole = true;
    if (rc == TP_OK) {
        rc = see_nothing(&one->write, seen, one->set, err);
    }
    return rc == TP_OK
               ? see_nothing(&one->write, seen, json_object_get(one->json, "set_typed"), err)
               : rc;
}

/* ---- Writing ---- */

static tp_slice why_of(const struct tp_write_one *one, const char *key)
{
    tp_slice said = text_of(json_object_get(json_object_get(one->json, "set"), key));
    return said.bytes > 0 ? said : text_of(json_object_get(one->json, "why"));
}

static tp_rc join(tp_write_many *m, struct tp_write_one *one, tp_tx *tx, tp_err *err)
{
    tp_join_act act = {.worker = m->worker, .why = why_of(one, "why")};
    const json_t *set = json_object_get(one->json, "set");
    tp_rc rc = read_record(m, "record", json_object_get(one->json, "record"), &act.person, err);
    if (rc == TP_OK) {
        rc = read_record(m, "same_as", json_object_get(set, "same_as"), &act.same_as, err);
    }
    if (rc != TP_OK) {
        return rc;
    }
    return one->op->kind == OP_JOIN ? tp_join_in(m->node, tx, &act, &one->result, err)
                                    : tp_unjoin_in(m->node, tx, &act, &one->result, err);
}

static tp_rc set_fields(tp_write_many *m, struct tp_write_one *one, tp_err *err)
{
    tp_rc rc = name_records(m, one, err);
    if (rc == TP_OK) {
        rc = tp_write_set_json(&one->write, one->set, err);
    }
    if (rc == TP_OK && one->write.op == TP_WRITE_RETRACT &&
        json_object_get(one->set, "reason") == NULL) {
        rc = tp_write_set_text(&one->write, "reason", why_of(one, "reason"), err);
    }
    if (rc == TP_OK && one->op->kind == OP_BRING_BACK) {
        rc = tp_write_clear(&one->write, "retracted", err);
    }
    return rc == TP_OK ? see(m, one, err) : rc;
}

/* Where the page did not say what the record is. */
static tp_rc find_entity(tp_write_many *m, struct tp_write_one *one, tp_tx *tx, tp_err *err)
{
    tp_record_ref ref;
    tp_err missing = {0};
    if (one->write.entity != 0) {
        return TP_OK;
    }
    tp_rc rc = tp_merge_find(m->node->merge, tx, one->write.record, &ref, &missing);
    if (rc == TP_NOTFOUND) {
        return tp_fail(err, TP_NOTFOUND, "no such record is held here");
    }
    if (rc != TP_OK) {
        *err = missing;
        return rc;
    }
    one->write.entity = ref.entity;
    return TP_OK;
}

static tp_rc write_one(tp_write_many *m, struct tp_write_one *one, tp_tx *tx, tp_err *err)
{
    tp_rc rc = TP_OK;
    if (one->op->kind == OP_JOIN || one->op->kind == OP_UNJOIN) {
        return join(m, one, tx, err);
    }
    if (one->write.op != TP_WRITE_CREATE) {
        rc =
            read_record(m, "record", json_object_get(one->json, "record"), &one->write.record, err);
        if (rc == TP_OK) {
            rc = find_entity(m, one, tx, err);
        }
    }
    if (rc == TP_OK) {
        rc = set_fields(m, one, err);
    }
    if (rc == TP_OK) {
        rc = tp_write_in(&one->write, tx, &one->result, err);
    }
    if (rc != TP_OK && m->trouble[0] == '\0') {
        snprintf(m->trouble, sizeof m->trouble, "%s", one->write.trouble);
    }
    return rc;
}

tp_rc tp_write_many_in(tp_write_many *m, tp_tx *tx, tp_err *err)
{
    tp_rc rc = TP_OK;
    m->trouble[0] = '\0';
    for (uint32_t i = 0; rc == TP_OK && i < m->count; i++) {
        m->at = i;
        rc = write_one(m, &m->all[i], tx, err);
    }
    return rc;
}
