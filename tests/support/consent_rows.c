/* Consent events as lines of a table. */
#include "tests/support/consent_rows.h"

#include "platform/base/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

static const tp_interval always[] = {{0, 0}};
static const tp_interval from500[] = {{500, 0}};
static const tp_interval until500[] = {{0, 500}};

#define AGENCY(name, agreements, count)                                                            \
    {                                                                                              \
        {(const uint8_t *)(name), sizeof(name) - 1}, agreements, count                             \
    }

const tp_agency_terms consent_rows_agencies[CONSENT_ROWS_AGENCIES] = {
    AGENCY("friary", always, 1), AGENCY("lead", always, 1), AGENCY("signed500", from500, 1),
    AGENCY("ended500", until500, 1), AGENCY("unsigned", NULL, 0)};

tp_name consent_rows_name(const char *text)
{
    char *end = NULL;
    tp_name name = {(uint64_t)(unsigned char)text[0], strtoull(text + 1, &end, 10)};
    if (name.seq == 0 || (*end != '\0' && *end != ',')) {
        fail_msg("not a name: %s", text);
    }
    return name;
}

static uint32_t read_names(const char *list, tp_name *names)
{
    uint32_t count = 0;
    while (list != NULL) {
        assert_true(count < CONSENT_ROWS_LIST);
        names[count++] = consent_rows_name(list);
        list = strchr(list, ',');
        list = list == NULL ? NULL : list + 1;
    }
    return count;
}

/* By tp_decision. */
static const char *const decisions[] = {"none", "given", "refused", "withdrawn", "unknown"};

static tp_decision read_decision(const char *word)
{
    for (int i = 1; i < 5; i++) {
        if (strcmp(word, decisions[i]) == 0) {
            return (tp_decision)i;
        }
    }
    fail_msg("not a decision: %s", word);
    return TP_DECISION_NONE;
}

/* A list of codes as bits; tells whether it has "*". */
static uint32_t read_mask(char *list, bool is_kinds, bool *all_out)
{
    uint32_t mask = 0;
    char *rest = NULL;
    for (char *code = strtok_r(list, ",", &rest); code != NULL; code = strtok_r(NULL, ",", &rest)) {
        int bit =
            is_kinds ? (int)tp_kind_of(tp_slice_str(code)) : (int)tp_purpose_of(tp_slice_str(code));
        if (strcmp(code, "*") == 0) {
            *all_out = true;
        } else if (bit == TP_KIND_UNKNOWN) {
            fail_msg("not a code: %s", code);
        } else {
            mask |= UINT32_C(1) << bit;
        }
    }
    return mask;
}

static void read_agencies(char *list, tp_slice *agencies, tp_consent_event *event)
{
    char *rest = NULL;
    for (char *id = strtok_r(list, ",", &rest); id != NULL; id = strtok_r(NULL, ",", &rest)) {
        if (strcmp(id, "*") == 0) {
            event->all_agencies = true;
        } else {
            assert_true(event->agencies_count < CONSENT_ROWS_LIST);
            agencies[event->agencies_count++] = tp_slice_str(id);
        }
    }
    event->agencies = agencies;
}

static void read_option(consent_rows *rows, uint32_t at, const char *word)
{
    tp_consent_event *event = &rows->events[at];
    if (strncmp(word, "sees=", 5) == 0) {
        event->in_sight = rows->names[2 * at];
        event->in_sight_count = read_names(word + 5, rows->names[2 * at]);
    } else if (strncmp(word, "with=", 5) == 0) {
        event->persons = rows->names[2 * at + 1];
        event->persons_count = read_names(word + 5, rows->names[2 * at + 1]);
    } else if (strncmp(word, "at=", 3) == 0) {
        event->stamp_ms = strtoll(word + 3, NULL, 10);
    } else if (strncmp(word, "ends=", 5) == 0) {
        event->ends_ms = strtoll(word + 5, NULL, 10);
    } else if (strcmp(word, "in_doubt") == 0) {
        event->has_capacity = false;
    } else {
        fail_msg("not an option: %s", word);
    }
}

static void read_event(consent_rows *rows, uint32_t at, const char *line)
{
    tp_consent_event *event = &rows->events[at];
    char *words[12];
    uint32_t count = 0;
    char *rest = NULL;
    assert_true(snprintf(rows->text[at], sizeof rows->text[at], "%s", line) <
                (int)sizeof rows->text[at]);
    for (char *word = strtok_r(rows->text[at], " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest)) {
        assert_true(count < 12);
        words[count++] = word;
    }
    *event = (tp_consent_event){.name = consent_rows_name(words[0]), .stamp_ms = 100};
    uint32_t next = 2;
    if (strcmp(words[1], "stub") == 0) {
        event->is_stub = true;
    } else {
        assert_true(count >= 6);
        event->has_capacity = true;
        event->person = consent_rows_name(words[1]);
        event->decision = read_decision(words[2]);
        read_agencies(words[3], rows->agencies[at], event);
        event->kinds = read_mask(words[4], true, &event->all_kinds);
        event->purposes = read_mask(words[5], false, &event->all_purposes);
        next = 6;
    }
    for (; next < count; next++) {
        read_option(rows, at, words[next]);
    }
}

consent_rows *consent_rows_read(const char *const *events, const char *group, int64_t now_ms)
{
    consent_rows *rows = tp_alloc(sizeof *rows);
    assert_non_null(rows);
    uint32_t count = 0;
    for (; events[count] != NULL; count++) {
        assert_true(count < CONSENT_ROWS_EVENTS);
        read_event(rows, count, events[count]);
    }
    rows->book.events = rows->events;
    rows->book.events_count = count;
    rows->book.group = rows->group;
    rows->book.group_count = read_names(group == NULL ? "p1" : group, rows->group);
    rows->book.now_ms = now_ms;
    rows->book.reach = tp_alloc(tp_consent_reach_words(count) * sizeof *rows->book.reach);
    assert_non_null(rows->book.reach);
    tp_err err = {0};
    assert_int_equal(tp_consent_link(&rows->book, &err), TP_OK);
    return rows;
}

void consent_rows_free(consent_rows *rows)
{
    if (rows != NULL) {
        tp_free(rows->book.reach);
        tp_free(rows);
    }
}

uint32_t consent_rows_find(const consent_rows *rows, const char *name)
{
    for (uint32_t i = 0; i < rows->book.events_count; i++) {
        if (tp_name_eq(rows->events[i].name, consent_rows_name(name))) {
            return i;
        }
    }
    fail_msg("no event is called %s", name);
    return 0;
}

static unsigned next_random(unsigned *seed)
{
    *seed = *seed * 1103515245u + 12345u;
    return *seed >> 16;
}

static void swap(consent_rows *rows, uint32_t a, uint32_t b)
{
    tp_consent_event event = rows->events[a];
    rows->events[a] = rows->events[b];
    rows->events[b] = event;
}

void consent_rows_shuffle(consent_rows *rows, unsigned *seed)
{
    tp_err err = {0};
    for (uint32_t i = rows->book.events_count; i > 1; i--) {
        swap(rows, i - 1, next_random(seed) % i);
    }
    assert_int_equal(tp_consent_link(&rows->book, &err), TP_OK);
}

void consent_rows_leave_out(consent_rows *rows, uint32_t at)
{
    tp_err err = {0};
    rows->book.events_count--;
    swap(rows, at, rows->book.events_count);
    assert_int_equal(tp_consent_link(&rows->book, &err), TP_OK);
}

static void read_question(const char *text, tp_name *person_out, const tp_agency_terms **agency_out,
                          tp_kind *kind_out, tp_purpose *purpose_out)
{
    char person[8];
    char agency[32];
    char kind[32];
    char purpose[32];
    assert_int_equal(sscanf(text, "%7s %31s %31s %31s", person, agency, kind, purpose), 4);
    *person_out = consent_rows_name(person);
    *kind_out = tp_kind_of(tp_slice_str(kind));
    *purpose_out = tp_purpose_of(tp_slice_str(purpose));
    assert_true(*kind_out != TP_KIND_UNKNOWN && *purpose_out != TP_PURPOSE_UNKNOWN);
    *agency_out = NULL;
    for (int i = 0; i < CONSENT_ROWS_AGENCIES; i++) {
        if (tp_slice_is(consent_rows_agencies[i].agency, agency)) {
            *agency_out = &consent_rows_agencies[i];
        }
    }
    assert_non_null(*agency_out);
}

void consent_rows_say(const consent_rows *rows, const char *question,
                      char said_out[CONSENT_ROWS_SAID_BYTES])
{
    tp_name person;
    const tp_agency_terms *agency;
    tp_kind kind;
    tp_purpose purpose;
    char by[16] = "";
    read_question(question, &person, &agency, &kind, &purpose);
    const tp_consent_answer answer =
        tp_consent_effective(&rows->book, person, agency, kind, purpose);
    if (answer.has_event) {
        const tp_name name = rows->events[answer.event].name;
        (void)snprintf(by, sizeof by, " %c%u", (char)name.device, (unsigned)name.seq);
    }
    (void)snprintf(said_out, CONSENT_ROWS_SAID_BYTES, "%s%s", decisions[answer.decision], by);
}
