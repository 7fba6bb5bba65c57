/* What may be written, and what it becomes: every refusal names its field, and changes nothing.
 *
 * Shows no promise: what may be written; what comes of it is shown by others. */
#include "node/record/write.h"

#include "node/view/mend.h"
#include "node/record/settle.h"
#include "node/view/shown.h"
#include "platform/base/alloc.h"
#include "platform/base/fault.h"
#include "sync/log/directory.h"
#include "sync/log/push.h"
#include "tests/support/meeting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

static const char *const one[] = {"street-outreach", NULL};
static const char *const two[] = {"street-outreach", "friary", NULL};

static uint64_t last_seq(meeting *m, uint32_t at)
{
    tp_log_push push;
    tp_tx tx = TP_TX_NONE;
    tp_err err;
    assert_int_equal(tp_tx_begin(m->at[at].node.store, &tx, TP_TX_READ, &err), TP_OK);
    assert_int_equal(tp_log_push_get(m->at[at].node.log, &tx, &push, &err), TP_OK);
    tp_tx_rollback(&tx);
    return push.last_seq;
}

/* The text shown of a field; static. */
static const char *shown_text(meeting *m, uint32_t at, tp_name record, uint32_t code)
{
    static char text[256];
    tp_arena arena;
    tp_tx tx = TP_TX_NONE;
    tp_err err;
    const tp_shown *shown = NULL;
    tp_arena_init(&arena, 1 << 20);
    assert_int_equal(tp_tx_begin(m->at[at].node.store, &tx, TP_TX_READ, &err), TP_OK);
    assert_int_equal(tp_shown_load(m->at[at].node.view, &tx, record, &arena, &shown, &err), TP_OK);
    tp_slice slice = tp_shown_text(shown, code);
    assert_true(slice.bytes < sizeof text);
    if (slice.bytes > 0) {
        memcpy(text, slice.at, slice.bytes);
    }
    text[slice.bytes] = '\0';
    tp_tx_rollback(&tx);
    tp_arena_done(&arena);
    return text;
}

/* ---- Refusals ---- */

typedef struct refusal {
    const char *row;
    const char *line; /* PERSON, CONTACT, CONSENT, OTHER stand for records */
    tp_rc rc;
    const char *field;
    const char *says; /* a part of the text */
} refusal;

static const refusal refusals[] = {
    {"unknown entity", "{'op':'create','entity':'unicorn','worker':'Dee','set':{}}", TP_INVALID,
     "entity", "no records of that kind"},
    {"no entity", "{'op':'create','worker':'Dee','set':{}}", TP_INVALID, "entity", "needed"},
    {"unknown op", "{'op':'erase','entity':'contact','worker':'Dee'}", TP_INVALID, "op", "create"},
    {"no record", "{'op':'update','entity':'contact','worker':'Dee','set':{'note':'x'}}",
     TP_INVALID, "record", "needed"},
    {"record is no name",
     "{'op':'update','entity':'contact','worker':'Dee','record':'p-1','set':{'note':'x'}}",
     TP_INVALID, "record", "not the name"},
    {"nobody writes",
     "{'op':'create','entity':'contact','worker':null,'set':{'person':'PERSON','note':'x'}}",
     TP_INVALID, "", "say who writes"},
    {"unknown field",
     "{'op':'create','entity':'contact','worker':'Dee','set':{'person':'PERSON','colour':'red'}}",
     TP_INVALID, "colour", "no field of that name"},
    {"nobody it is about", "{'op':'create','entity':'contact','worker':'Dee','set':{'note':'x'}}",
     TP_INVALID, "person", "whom"},
    {"a person nobody holds",
     "{'op':'create','entity':'contact','worker':'Dee',"
     "'set':{'person':'00000000000000aa-7','note':'x'}}",
     TP_NOTFOUND, "person", "held here"},
    {"a person that is a contact",
     "{'op':'create','entity':'contact','worker':'Dee','set':{'person':'CONTACT','note':'x'}}",
     TP_INVALID, "person", "another kind"},
    {"a person without a name",
     "{'op':'create','entity':'person','worker':'Dee','set':{'born':'1984'}}", TP_INVALID,
     "preferred_name", "description"},
    {"a wrong NHS number",
     "{'op':'create','entity':'person','worker':'Dee',"
     "'set':{'preferred_name':'Sean','nhs_number':'9434765918'}}",
     TP_INVALID, "nhs_number", "NHS number"},
    {"a month that is none",
     "{'op':'create','entity':'person','worker':'Dee',"
     "'set':{'preferred_name':'Sean','born':'1984-13'}}",
     TP_INVALID, "born", "Born"},
    {"letters for a phone",
     "{'op':'update','entity':'person','worker':'Dee','record':'PERSON','set':{'phone':'the red "
     "one'}}",
     TP_INVALID, "phone", "Phone"},
    {"a text that is a number",
     "{'op':'update','entity':'person','worker':'Dee','record':'PERSON','set':{'place':7}}",
     TP_INVALID, "place", "text"},
    {"an unknown code",
     "{'op':'create','entity':'need','worker':'Dee',"
     "'set':{'person':'PERSON','kind':'housing','level':'enormous'}}",
     TP_INVALID, "level", "Level"},
    {"a control character",
     "{'op':'create','entity':'contact','worker':'Dee',"
     "'set':{'person':'PERSON','note':'\\u001b[2J'}}",
     TP_INVALID, "note", "control"},
    {"a required field left out",
     "{'op':'create','entity':'alias','worker':'Dee','set':{'person':'PERSON'}}", TP_INVALID,
     "name", "needed"},
    {"a required field cleared",
     "{'op':'update','entity':'help_request','worker':'Dee','record':'REQUEST',"
     "'set':{'words':''}}",
     TP_INVALID, "words", "empty"},
    {"a time without its zone",
     "{'op':'create','entity':'contact','worker':'Dee',"
     "'set':{'person':'PERSON','happened_at':'20:02'}}",
     TP_INVALID, "happened_at", "2026-01-12T20:02Z"},
    {"a grid reference in the sea",
     "{'op':'create','entity':'contact','worker':'Dee','set':{'person':'PERSON','grid':'XX123'}}",
     TP_INVALID, "grid", "Grid"},
    {"another entity than the record's",
     "{'op':'update','entity':'contact','worker':'Dee','record':'PERSON','set':{'note':'x'}}",
     TP_INVALID, "", "another kind: person"},
    {"a record nobody holds",
     "{'op':'update','entity':'contact','worker':'Dee','record':'00000000000000aa-7',"
     "'set':{'note':'x'}}",
     TP_NOTFOUND, "", "held here"},
    {"a person moved to another",
     "{'op':'update','entity':'contact','worker':'Dee','record':'CONTACT','set':{'person':'OTHER'}"
     "}",
     TP_DENIED, "person", "never changed"},
    {"a consent corrected",
     "{'op':'update','entity':'consent','worker':'Dee','record':'CONSENT','set':{'how':'signed'}}",
     TP_DENIED, "", "record another one"},
    {"a consent taken back",
     "{'op':'retract','entity':'consent','worker':'Dee','record':'CONSENT','set':{'reason':'x'}}",
     TP_DENIED, "", "record another one"},
    {"taken back without a reason",
     "{'op':'retract','entity':'contact','worker':'Dee','record':'CONTACT','set':{}}", TP_INVALID,
     "retracted", "why"},
    {"nothing to change",
     "{'op':'update','entity':'contact','worker':'Dee','record':'CONTACT','set':{}}", TP_INVALID,
     "", "nothing to change"},
    {"consent to everything",
     "{'op':'create','entity':'consent','worker':'Dee','set':{'person':'PERSON','decision':'given',"
     "'agencies':['*'],'kinds':['*'],'purposes':['support'],'how':'spoken',"
     "'capacity':'believed_to_have'}}",
     TP_INVALID, "kinds", "list the kinds"},
    {"consent for everything",
     "{'op':'create','entity':'consent','worker':'Dee','set':{'person':'PERSON','decision':'given',"
     "'agencies':['*'],'kinds':['housing'],'purposes':['*'],'how':'spoken',"
     "'capacity':'believed_to_have'}}",
     TP_INVALID, "purposes", "list the purposes"},
    {"consent that is over",
     "{'op':'create','entity':'consent','worker':'Dee','set':{'person':'PERSON','decision':'given',"
     "'agencies':['*'],'kinds':['housing'],'purposes':['support'],'how':'spoken',"
     "'capacity':'believed_to_have','wording':'short-spoken','wording_version':2,'ends_on':'2026-"
     "01-11'}}",
     TP_INVALID, "ends_on", "over"},
    {"consent without its capacity",
     "{'op':'create','entity':'consent','worker':'Dee','set':{'person':'PERSON','decision':'given',"
     "'agencies':['*'],'kinds':['housing'],'purposes':['support'],'how':'spoken'}}",
     TP_INVALID, "capacity", "needed"},
    {"a star beside an agency",
     "{'op':'create','entity':'consent','worker':'Dee','set':{'person':'PERSON','decision':"
     "'refused','agencies':['*','friary'],'kinds':['*'],'purposes':['*'],'how':'spoken',"
     "'capacity':'believed_to_have'}}",
     TP_INVALID, "agencies", "beside"},
    {"a gateway authorised by its writer",
     "{'op':'create','entity':'legal_gateway','worker':'Dee','set':{'person':'PERSON',"
     "'agencies':['friary'],'kinds':['housing'],'ends_on':'2026-02-01','authoriser':'DEE ',"
     "'basis':'Care Act 2014, section 42'}}",
     TP_DENIED, "authoriser", "their own"},
    {"a request nobody holds",
     "{'op':'update','entity':'help_request','worker':'Dee','record':'REQUEST',"
     "'set':{'holder':null}}",
     TP_DENIED, "holder", "somebody must answer"},
    {"offered to an agency without agreement",
     "{'op':'update','entity':'help_request','worker':'Dee','record':'REQUEST',"
     "'set':{'holder':{'agency':'nobodys'}}}",
     TP_DENIED, "holder", "agreement"},
    {"offered to an agency nobody agreed to",
     "{'op':'update','entity':'help_request','worker':'Dee','record':'REQUEST',"
     "'set':{'holder':{'agency':'friary','worker':'Tom'}}}",
     TP_DENIED, "holder", "nobody has agreed"},
    {"joined with itself",
     "{'op':'join','worker':'Dee','record':'PERSON','set':{'same_as':'PERSON'}}", TP_INVALID, "",
     "same record"},
    {"two that are not joined",
     "{'op':'unjoin','worker':'Dee','record':'PERSON','set':{'same_as':'OTHER'}}", TP_NOTFOUND, "",
     "not joined"},
    {"somebody who was erased",
     "{'op':'create','entity':'contact','worker':'Dee','set':{'person':'ERASED','note':'x'}}",
     TP_DENIED, "person", "record the person anew"},
    {"joined with somebody who was erased",
     "{'op':'join','worker':'Dee','record':'PERSON','set':{'same_as':'ERASED'}}", TP_DENIED, "",
     "was erased"},
};

/* Puts names of records in the place of words. */
static void fill_in(const char *line, const char *const *words, const tp_name *names, size_t count,
                    char *out, size_t room)
{
    size_t at = 0;
    while (*line != '\0' && at + 64 < room) {
        size_t word = 0;
        while (word < count && strncmp(line, words[word], strlen(words[word])) != 0) {
            word++;
        }
        if (word < count) {
            const char *name = meeting_name(names[word]);
            memcpy(out + at, name, strlen(name));
            at += strlen(name);
            line += strlen(words[word]);
        } else {
            out[at++] = *line++;
        }
    }
    out[at] = '\0';
}

static void test_record_write__refusals_name_the_field_and_change_nothing(void **state)
{
    (void)state;
    static const char *const words[] = {"PERSON",  "OTHER",   "CONTACT",
                                        "CONSENT", "REQUEST", "ERASED"};
    tp_name names[6];
    meeting m;
    meeting_open(&m, two);
    names[0] = meeting_write(&m, 0,
                             "{'op':'create','entity':'person','worker':'Dee',"
                             "'set':{'preferred_name':'Baz'}}");
    names[1] = meeting_write(&m, 0,
                             "{'op':'create','entity':'person','worker':'Dee',"
                             "'set':{'preferred_name':'Amina'}}");
    names[2] = meeting_write(&m, 0,
                             "{'op':'create','entity':'contact','worker':'Dee',"
                             "'set':{'person':'%s','note':'Had tea.'}}",
                             meeting_name(names[0]));
    names[3] = meeting_write(&m, 0,
                             "{'op':'create','entity':'consent','worker':'Dee','set':{'person':"
                             "'%s','decision':'given','agencies':['street-outreach'],'kinds':"
                             "['housing'],'purposes':['support'],'how':'spoken','capacity':"
                             "'believed_to_have'}}",
                             meeting_name(names[0]));
    names[4] = meeting_write(&m, 0,
                             "{'op':'create','entity':'help_request','worker':'Dee',"
                             "'set':{'person':'%s','words':'A dry place'}}",
                             meeting_name(names[0]));
    names[5] = meeting_person(&m, 0, "Erin");
    meeting_sync_all(&m);
    meeting_erase(&m, 0, &names[5], 1);
    const uint64_t before = last_seq(&m, 0);
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        const refusal *row = &refusals[i];
        char line[2048];
        tp_import_result result;
        tp_err err = {0};
        fill_in(row->line, words, names, 6, line, sizeof line);
        tp_rc rc = meeting_try(&m, 0, &result, &err, "%s", line);
        if (rc != row->rc || strcmp(result.trouble, row->field) != 0 ||
            strstr(err.what, row->says) == NULL) {
            fail_msg("%s: %s, field \"%s\", \"%s\"", row->row, tp_rc_name(rc), result.trouble,
                     rc == TP_OK ? "" : err.what);
        }
        assert_null(strstr(err.what, "--")); /* a page says it too: the way out is err.mend */
        assert_int_equal(last_seq(&m, 0), before);
    }
    meeting_close(&m);
}

/* ---- What values become ---- */

typedef struct stored {
    const char *row;
    const char *field;
    const char *typed;
    const char *text;
} stored;

static const stored stored_rows[] = {
    {"text is trimmed", "place", "  by the library \n", "by the library"},
    {"line ends of other systems", "note", "a\r\nb\rc", "a\nb\nc"},
    {"an NHS number", "nhs_number", "943 476 5919", "9434765919"},
    {"a date in words", "born", "11 May 1984", "1984-05-11"},
    {"about", "born", "c. 1970", "~1970"},
    {"a phone stays as it was typed", "phone", "07700 900 418", "07700 900 418"},
    {"a code by its label", "sex", "Female", "female"},
    {"a word of one's own where the list is open", "gender", "Agender", "Agender"},
    {"nothing", "language", "   ", ""},
};

/* In whichever order the two are named: about somebody erased nothing is written any more. */
static void test_record_write__who_stays_can_be_parted_from_somebody_erased(void **state)
{
    (void)state;
    static const char line[] =
        "{'op':'%s','worker':'Dee','record':'%s','set':{'same_as':'%s','why':'seen'}}";
    for (unsigned order = 0; order < 2; order++) {
        meeting m;
        tp_import_result result;
        tp_err err = {0};
        tp_name group[TP_GROUP_PERSONS_MAX];
        uint32_t count = 0;
        meeting_open(&m, two);
        tp_name two_names[2] = {meeting_person(&m, 0, "Baz"), meeting_person(&m, 0, "Erin")};
        const char *first = meeting_name(two_names[order]);
        const char *second = meeting_name(two_names[1 - order]);
        (void)meeting_write(&m, 0, line, "join", first, second);
        meeting_sync_all(&m);
        meeting_erase(&m, 0, &two_names[0], 1);
        assert_int_equal(meeting_try(&m, 0, &result, &err, line, "unjoin", first, second), TP_OK);
        assert_int_equal(tp_merge_group(m.at[0].node.merge, meeting_read(&m, 0), two_names[1],
                                        group, &count, &err),
                         TP_OK);
        assert_int_equal(count, 1);
        meeting_close(&m);
    }
}

static void test_record_write__values_are_put_into_one_form(void **state)
{
    (void)state;
    meeting m;
    tp_err err;
    meeting_open(&m, one);
    for (size_t i = 0; i < sizeof stored_rows / sizeof stored_rows[0]; i++) {
        const stored *row = &stored_rows[i];
        tp_write w;
        tp_write_result result;
        tp_write_init(&w, &m.at[0].node, TP_WRITE_CREATE, TP_PERSON, tp_slice_str("Dee"));
        assert_int_equal(tp_write_set_text(&w, "preferred_name", tp_slice_str("Baz"), &err), TP_OK);
        assert_int_equal(
            tp_write_set_typed(&w, tp_slice_str(row->field), tp_slice_str(row->typed), &err),
            TP_OK);
        if (tp_write_run(&w, &result, &err) != TP_OK) {
            fail_msg("%s: %s", row->row, err.what);
        }
        tp_write_done(&w);
        const uint32_t code = tp_field_named(TP_PERSON, tp_slice_str(row->field))->code;
        assert_string_equal(shown_text(&m, 0, result.record, code), row->text);
    }
    meeting_close(&m);
}

static tp_value typed_value(meeting *m, uint32_t entity, const char *field, const char *typed)
{
    tp_write w;
    tp_err err;
    tp_write_init(&w, &m->at[0].node, TP_WRITE_CREATE, entity, tp_slice_str("Dee"));
    tp_rc rc = tp_write_set_typed(&w, tp_slice_str(field), tp_slice_str(typed), &err);
    if (rc != TP_OK) {
        fail_msg("%s: %s", typed, err.what);
    }
    static char texts[2][64];
    tp_value value = {.type = w.fields[0].value->type,
                      .is_null = w.fields[0].value->is_null,
                      .number = w.fields[0].value->number,
                      .texts_count = w.fields[0].value->texts_count};
    for (uint32_t i = 0; i < value.texts_count && i < 2; i++) {
        tp_slice text = w.fields[0].value->texts[i];
        memcpy(texts[i], text.at, text.bytes);
        value.texts[i] = tp_slice_of(texts[i], text.bytes);
    }
    tp_write_done(&w);
    return value;
}

static void test_record_write__typed_values_are_read_as_people_mean_them(void **state)
{
    (void)state;
    meeting m;
    meeting_open(&m, one);
    tp_value value = typed_value(&m, TP_CONTACT, "happened_at", "19:30");
    assert_int_equal(value.number, MEETING_NOW_MS - 30 * 60 * 1000);
    value = typed_value(&m, TP_NEED, "support_in_place", "Yes");
    assert_int_equal(value.number, 1);
    value = typed_value(&m, TP_NEED, "support_in_place", "no");
    assert_int_equal(value.number, 0);
    value = typed_value(&m, TP_ACTION, "owner", "friary/Priya");
    assert_true(tp_slice_is(value.texts[0], "friary"));
    assert_true(tp_slice_is(value.texts[1], "Priya"));
    value = typed_value(&m, TP_ACTION, "owner", "Marek");
    assert_true(tp_slice_is(value.texts[0], "street-outreach"));
    assert_true(tp_slice_is(value.texts[1], "Marek"));
    value = typed_value(&m, TP_CONTACT, "info", "housing, money");
    assert_int_equal(value.texts_count, 2);
    assert_true(tp_slice_is(value.texts[1], "money"));
    value = typed_value(&m, TP_CONSENT, "wording_version", "12");
    assert_int_equal(value.number, 12);
    meeting_close(&m);
}

/* ---- What is questioned, and written all the same ---- */

typedef struct questioned {
    const char *row;
    const char *line;    /* PERSON stands for somebody */
    const char *says[3]; /* parts of what is said; none: nothing is */
} questioned;

/* The clock reads Monday 12 January 2026, 20:00, and no hub has confirmed it. */
static const questioned before_a_hub[] = {
    {"a time to come",
     "{'op':'create','entity':'contact','worker':'Dee','set':{'person':'PERSON','note':'x',"
     "'happened_at':'2026-01-12T20:11Z'}}",
     {"Happened at", "12 Jan 2026 20:11", "12 Jan 2026 20:00"}},
    {"a time within what clocks differ by",
     "{'op':'create','entity':'contact','worker':'Dee','set':{'person':'PERSON','note':'x',"
     "'happened_at':'2026-01-12T20:10Z'}}",
     {NULL}},
    {"a giving that is over",
     "{'op':'create','entity':'consent','worker':'Dee','set':{'person':'PERSON','decision':'given',"
     "'agencies':['*'],'kinds':['housing'],'purposes':['support'],'how':'spoken',"
     "'capacity':'believed_to_have','wording':'short-spoken','wording_version':2,'ends_on':'2026-"
     "01-11'}}",
     {"Ends on", "over", "record it again"}},
    {"a giving that ends today",
     "{'op':'create','entity':'consent','worker':'Dee','set':{'person':'PERSON','decision':'given',"
     "'agencies':['*'],'kinds':['housing'],'purposes':['support'],'how':'spoken',"
     "'capacity':'believed_to_have','wording':'short-spoken','wording_version':2,'ends_on':'2026-"
     "01-12'}}",
     {NULL}},
};

static void test_record_write__times_are_questioned_before_a_hub_was_met(void **state)
{
    (void)state;
    static const char *const words[] = {"PERSON"};
    meeting m;
    meeting_open_apart(&m, one);
    const tp_name person = meeting_person(&m, 0, "Baz");
    for (size_t i = 0; i < sizeof before_a_hub / sizeof before_a_hub[0]; i++) {
        const questioned *row = &before_a_hub[i];
        char line[2048];
        tp_import_result result;
        tp_err err = {0};
        fill_in(row->line, words, &person, 1, line, sizeof line);
        if (meeting_try(&m, 0, &result, &err, "%s", line) != TP_OK) {
            fail_msg("%s: %s", row->row, err.what);
        }
        const uint32_t expected = row->says[0] == NULL ? 0 : 1;
        if (result.written.warnings_count != expected) {
            fail_msg("%s: %u warnings, the first \"%s\"", row->row, result.written.warnings_count,
                     result.written.warnings[0]);
        }
        for (size_t part = 0; part < 3 && row->says[part] != NULL; part++) {
            if (strstr(result.written.warnings[0], row->says[part]) == NULL) {
                fail_msg("%s: \"%s\" does not say %s", row->row, result.written.warnings[0],
                         row->says[part]);
            }
        }
    }
    meeting_close(&m);
}

static void
test_record_write__a_worker_hears_of_a_full_disk_before_anything_is_refused(void **state)
{
    (void)state;
    meeting m;
    tp_err err = {0};
    tp_import_result result;
    meeting_open_apart(&m, one);
    static const char line[] = "{\"op\":\"create\",\"entity\":\"person\",\"worker\":\"Dee\","
                               "\"set\":{\"preferred_name\":\"Baz\"}}";
    assert_int_equal(meeting_try(&m, 0, &result, &err, "%s", line), TP_OK);
    assert_int_equal(result.written.warnings_count, 0);
    tp_fault_set("space.low.from:1");
    assert_int_equal(meeting_try(&m, 0, &result, &err, "%s", line), TP_OK);
    tp_fault_set(NULL);
    assert_int_equal(result.written.warnings_count, 1);
    assert_non_null(strstr(result.written.warnings[0], "nearly full: only 0 MB"));
    meeting_close(&m);
}

/* An agency that ended its agreement is called what people call it, not by its id. */
static void test_record_write__an_agency_is_called_by_its_label(void **state)
{
    (void)state;
    meeting m;
    tp_tx tx = TP_TX_NONE;
    tp_err err = {0};
    tp_import_result result;
    meeting_open(&m, two);
    const tp_name person = meeting_person(&m, 0, "Baz");
    const tp_directory_agency ended = {.id = tp_slice_str(two[1]),
                                       .label = tp_slice_str("The Friary")};
    assert_int_equal(tp_tx_begin(m.at[0].node.store, &tx, TP_TX_WRITE, &err), TP_OK);
    assert_int_equal(tp_log_directory_begin(m.at[0].node.log, &tx, 2, &err), TP_OK);
    assert_int_equal(tp_log_directory_put_agency(m.at[0].node.log, &tx, &ended, &err), TP_OK);
    assert_int_equal(tp_tx_commit(&tx, &err), TP_OK);
    assert_int_equal(
        meeting_try(&m, 0, &result, &err,
                    "{'op':'create','entity':'consent','worker':'Dee','set':{'person':'%s',"
                    "'decision':'given','agencies':['%s'],'kinds':['housing'],"
                    "'purposes':['support'],'how':'spoken','capacity':'believed_to_have'}}",
                    meeting_name(person), two[1]),
        TP_OK);
    bool is_named = false;
    for (uint32_t i = 0; i < result.written.warnings_count; i++) {
        is_named |= strncmp(result.written.warnings[i], "The Friary has no", 17) == 0;
    }
    assert_true(is_named);
    assert_int_equal(
        meeting_try(&m, 0, &result, &err,
                    "{'op':'create','entity':'help_request','worker':'Dee','set':{'person':'%s',"
                    "'words':'A coat','route':'worker','holder':{'agency':'%s'}}}",
                    meeting_name(person), two[1]),
        TP_DENIED);
    assert_non_null(strstr(err.what, "The Friary has no"));
    meeting_close(&m);
}

/* ---- Updates ---- */

static void test_record_write__the_same_value_writes_nothing(void **state)
{
    (void)state;
    meeting m;
    tp_import_result result;
    tp_err err;
    meeting_open(&m, one);
    tp_name sean = meeting_write(&m, 0,
                                 "{'op':'create','entity':'person','worker':'Dee','set':"
                                 "{'preferred_name':'Sean','nhs_number':'9434765919'}}");
    assert_int_equal(meeting_try(&m, 0, &result, &err,
                                 "{'op':'update','entity':'person','worker':'Dee','record':'%s',"
                                 "'set':{'nhs_number':'943 476 5919','preferred_name':' Sean'}}",
                                 meeting_name(sean)),
                     TP_OK);
    assert_true(result.written.is_unchanged);
    assert_int_equal(last_seq(&m, 0), 1);
    /* One that is new takes the others along in no change of its own. */
    assert_int_equal(meeting_try(&m, 0, &result, &err,
                                 "{'op':'update','entity':'person','worker':'Dee','record':'%s',"
                                 "'set':{'place':'Library','preferred_name':'Sean'}}",
                                 meeting_name(sean)),
                     TP_OK);
    assert_false(result.written.is_unchanged);
    assert_string_equal(shown_text(&m, 0, sean, TP_PERSON_PLACE), "Library");
    assert_int_equal(last_seq(&m, 0), 2);
    meeting_close(&m);
}

static void test_record_write__a_hidden_record_says_how_it_comes_back(void **state)
{
    (void)state;
    meeting m;
    tp_import_result result;
    tp_write_result written;
    tp_err err;
    meeting_open(&m, one);
    tp_name baz = meeting_write(
        &m, 0, "{'op':'create','entity':'person','worker':'Dee','set':{'preferred_name':'Baz'}}");
    tp_name contact = meeting_write(
        &m, 0, "{'op':'create','entity':'contact','worker':'Dee','set':{'person':'%s','note':'x'}}",
        meeting_name(baz));
    meeting_write(&m, 0,
                  "{'op':'retract','entity':'contact','worker':'Dee','record':'%s',"
                  "'set':{'reason':'mistake'}}",
                  meeting_name(contact));
    assert_int_equal(meeting_try(&m, 0, &result, &err,
                                 "{'op':'update','entity':'contact','worker':'Dee','record':'%s',"
                                 "'set':{'note':'y'}}",
                                 meeting_name(contact)),
                     TP_DENIED);
    assert_non_null(strstr(err.what, "bring it back first"));
    assert_int_equal(err.mend, TP_MEND_BRING_BACK);
    assert_int_equal(tp_retract_undo(&m.at[0].node, tp_slice_str("Dee"), contact, &written, &err),
                     TP_OK);
    assert_false(written.is_unchanged);
    meeting_write(&m, 0,
                  "{'op':'update','entity':'contact','worker':'Dee','record':'%s',"
                  "'set':{'note':'y'}}",
                  meeting_name(contact));
    assert_string_equal(shown_text(&m, 0, contact, TP_CONTACT_NOTE), "y");
    meeting_close(&m);
}

/* An update names every head its device held: the other side's value is replaced, not hidden. */
static void test_record_write__an_update_settles_what_it_has_seen(void **state)
{
    (void)state;
    meeting m;
    tp_write_result written;
    tp_err err;
    meeting_open(&m, two);
    tp_name baz = meeting_write(
        &m, 0, "{'op':'create','entity':'person','worker':'Dee','set':{'preferred_name':'Baz'}}");
    meeting_sync_all(&m);
    for (uint32_t i = 0; i < 2; i++) {
        meeting_wait(&m, 1000);
        meeting_write(&m, i,
                      "{'op':'update','entity':'person','worker':'Dee','record':'%s',"
                      "'set':{'phone':'%s'}}",
                      meeting_name(baz), i == 0 ? "07700 900102" : "07700 900711");
    }
    meeting_sync_all(&m);
    assert_string_equal(shown_text(&m, 0, baz, TP_PERSON_PHONE), "07700 900711");
    /* Saying the shown value again is news: it settles. */
    assert_int_equal(tp_settle_typed(&m.at[0].node, tp_slice_str("Dee"), baz, tp_slice_str("phone"),
                                     tp_slice_str("07700 900711"), &written, &err),
                     TP_OK);
    assert_false(written.is_unchanged);
    assert_true(written.has_settled);
    assert_int_equal(tp_settle_typed(&m.at[0].node, tp_slice_str("Dee"), baz, tp_slice_str("phone"),
                                     tp_slice_str("07700900711"), &written, &err),
                     TP_OK);
    assert_true(written.is_unchanged);
    /* One value that nobody disputes is put right; that settles nothing. */
    assert_int_equal(tp_settle_typed(&m.at[0].node, tp_slice_str("Dee"), baz, tp_slice_str("phone"),
                                     tp_slice_str("07700 900999"), &written, &err),
                     TP_OK);
    assert_false(written.is_unchanged);
    assert_false(written.has_settled);
    meeting_close(&m);
}

/* Memory runs out at every place in turn: nothing is changed, nothing is left behind. */
static void test_record_write__without_memory_nothing_is_changed(void **state)
{
    (void)state;
    meeting m;
    tp_import_result result = {.may_be_count = 0};
    tp_err err;
    tp_rc rc = TP_NOMEM;
    unsigned failures = 0;
    meeting_open(&m, two);
    tp_name baz = meeting_person(&m, 0, "Baz");
    meeting_consent(&m, 0, baz, "given", "'*'", "'housing'");
    const uint64_t before = last_seq(&m, 0);
    for (unsigned nth = 1; rc != TP_OK; nth++) {
        char fault[32];
        const size_t blocks = tp_alloc_live();
        snprintf(fault, sizeof fault, "alloc.nth:%u", nth);
        tp_fault_set(fault);
        rc = meeting_try(&m, 0, &result, &err,
                         "{'op':'create','entity':'consent','worker':'Dee','set':{'person':'%s',"
                         "'decision':'refused','agencies':['friary'],'kinds':['*'],"
                         "'purposes':['*'],'how':'spoken','capacity':'believed_to_have'}}",
                         meeting_name(baz));
        tp_fault_set(NULL);
        if (rc != TP_OK) {
            failures++;
            assert_int_equal(rc, TP_NOMEM);
            assert_int_equal(tp_alloc_live(), blocks);
            assert_int_equal(last_seq(&m, 0), before);
            assert_false(tp_store_is_in_tx(m.at[0].node.store));
        }
    }
    assert_true(failures > 10);
    assert_int_equal(last_seq(&m, 0), before + 1);
    meeting_close(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_record_write__refusals_name_the_field_and_change_nothing),
        cmocka_unit_test(test_record_write__who_stays_can_be_parted_from_somebody_erased),
        cmocka_unit_test(test_record_write__values_are_put_into_one_form),
        cmocka_unit_test(test_record_write__typed_values_are_read_as_people_mean_them),
        cmocka_unit_test(test_record_write__times_are_questioned_before_a_hub_was_met),
        cmocka_unit_test(test_record_write__the_same_value_writes_nothing),
        cmocka_unit_test(test_record_write__a_hidden_record_says_how_it_comes_back),
        cmocka_unit_test(
            test_record_write__a_worker_hears_of_a_full_disk_before_anything_is_refused),
        cmocka_unit_test(test_record_write__an_agency_is_called_by_its_label),
        cmocka_unit_test(test_record_write__an_update_settles_what_it_has_seen),
        cmocka_unit_test(test_record_write__without_memory_nothing_is_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
