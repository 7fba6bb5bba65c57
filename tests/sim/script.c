/* Scripts as text, one action a line: written by a failing seed, read again by --replay.
 *
 *     seed 4711
 *     device 1 clinic late
 *     end push=5,600,2 page=3,900,1
 *     17 device 1 consent on=4 decision=gives capable to=harbour,clinic for=* purposes=support
 *     21 device 0 sync fate=lost-request at=2 eager push=5,600,2 page=3,900,1
 *
 * What a line does not say is as in an action that was never drawn.  One table tells both ways. */
#include "tests/sim/script.h"

#include "platform/base/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

const char *const sim_agency_ids[SIM_AGENCIES_MAX] = {
    "harbour", "clinic", "council", "shelter", "refuge", "probation", "outreach", "library"};
const char *const sim_statuses[] = {"open", "held", "answered", "withdrawn"};
/* Of an action; as far on as those of a request above them. */
const char *const sim_action_statuses[] = {"open", "doing", "done"};
const char *const sim_reasons[] = {"mistake", "written_twice", "wrong_person",
                                   "should_not_have_travelled"};

static const char *const fates[SIM_FATE_COUNT] = {
    "whole",        "lost-request", "lost-response", "request-twice", "dies",
    "stands-still", "late",         "twice-late",    "answer-twice",  "answer-late"};
static const char *const decisions[] = {"nothing", "gives", "refuses", "takes-away"};

static const char *const faults[SIM_FAULT_COUNT] = {"none", "cut", "full"};
static const char *const ways[SIM_WAY_COUNT] = {"restored", "unnoticed", "anew"};
static const char *const lefts[] = {"nothing", "all", "prefix", "torn", "subset", "sectors"};

static const char *const harms[] = {"bit", "near", "sector"};

static const char *const acts[SIM_ACT_COUNT] = {
    "person",  "contact",    "need",         "request",  "action", "correct", "status",   "holder",
    "info",    "needkind",   "retract",      "back",     "fill",   "consent", "gateway",  "join",
    "unjoin",  "sign",       "end",          "wait",     "boot",   "jump",    "enrol",    "reopen",
    "rebuild", "sync",       "hub",          "revoke",   "copy",   "image",   "put-back", "backup",
    "go-back", "back-begin", "back-without", "back-end", "flip",   "erase"};

/* ---- What an action may say ---- */

static const char *agency_name(unsigned at)
{
    return sim_agency_ids[at];
}

static const char *kind_name(unsigned at)
{
    return tp_kind_name((tp_kind)at);
}

static const char *purpose_name(unsigned at)
{
    return tp_purpose_name((tp_purpose)at);
}

static const char *fate_name(unsigned at)
{
    return fates[at];
}

static const char *decision_name(unsigned at)
{
    return decisions[at];
}

static const char *status_name(unsigned at)
{
    return sim_statuses[at];
}

static const char *reason_name(unsigned at)
{
    return sim_reasons[at];
}

static const char *fault_name(unsigned at)
{
    return faults[at];
}

static const char *way_name(unsigned at)
{
    return ways[at];
}

static const char *left_name(unsigned at)
{
    return lefts[at];
}

static const char *harm_name(unsigned at)
{
    return harms[at];
}

typedef enum form {
    FORM_ACTION, /* int: the action that made it; -1: none */
    FORM_NUMBER, /* uint32_t, as the next four; 0: not said */
    FORM_MS,     /* int64_t */
    FORM_FLAG,   /* bool: the name alone */
    FORM_WORD,   /* the first is 0 */
    FORM_MASK    /* bits, "*" and the kind nobody knows */
} form;

typedef struct saying {
    const char *name;
    form form;
    size_t at; /* in sim_action */
    const char *(*word)(unsigned at);
    unsigned words;
    uint64_t acts; /* bits of those it is said of; 0: of any */
} saying;

#define OF(act) (UINT64_C(1) << (act))
#define IN(member) offsetof(sim_action, member)

/* The first row that fits the act is how a member is written; more than one row may stand for one
 * member. */
static const saying sayings[] = {
    {"on", FORM_ACTION, IN(on), NULL, 0, 0},
    {"with", FORM_ACTION, IN(other), NULL, 0, 0},
    {"field", FORM_NUMBER, IN(code), NULL, 0, 0},
    {"status", FORM_WORD, IN(key), status_name, 4, OF(SIM_ACT_STATUS)},
    {"reason", FORM_WORD, IN(key), reason_name, 4, OF(SIM_ACT_RETRACT)},
    {"kinds", FORM_MASK, IN(key), kind_name, TP_KIND_COUNT, OF(SIM_ACT_CONTACT) | OF(SIM_ACT_INFO)},
    {"kind", FORM_WORD, IN(key), kind_name, TP_KIND_COUNT,
     OF(SIM_ACT_NEED) | OF(SIM_ACT_NEED_KIND)},
    {"value", FORM_NUMBER, IN(key), NULL, 0,
     ~(OF(SIM_ACT_STATUS) | OF(SIM_ACT_RETRACT) | OF(SIM_ACT_CONTACT) | OF(SIM_ACT_INFO) |
       OF(SIM_ACT_NEED) | OF(SIM_ACT_NEED_KIND) | OF(SIM_ACT_GO_BACK))},
    {"way", FORM_WORD, IN(key), way_name, SIM_WAY_COUNT, OF(SIM_ACT_GO_BACK)},
    {"agency", FORM_WORD, IN(agency), agency_name, SIM_AGENCIES_MAX, 0},
    {"onto", FORM_NUMBER, IN(to), NULL, 0, OF(SIM_ACT_COPY)},
    {"harm", FORM_WORD, IN(harm), harm_name, 3, OF(SIM_ACT_FLIP)},
    {"decision", FORM_WORD, IN(terms.decision), decision_name, 4, 0},
    {"newer", FORM_FLAG, IN(terms.is_newer), NULL, 0, 0},
    {"capable", FORM_FLAG, IN(terms.has_capacity), NULL, 0, 0},
    {"to", FORM_MASK, IN(terms.agencies), agency_name, SIM_AGENCIES_MAX, 0},
    {"for", FORM_MASK, IN(terms.kinds), kind_name, TP_KIND_COUNT, 0},
    {"purposes", FORM_MASK, IN(terms.purposes), purpose_name, TP_PURPOSE_COUNT, 0},
    {"days", FORM_NUMBER, IN(days), NULL, 0, 0},
    {"ms", FORM_MS, IN(ms), NULL, 0, 0},
    {"envelope", FORM_MASK, IN(envelope), kind_name, TP_KIND_COUNT, 0},
    {"fate", FORM_WORD, IN(sync.fate), fate_name, SIM_FATE_COUNT, 0},
    {"at", FORM_NUMBER, IN(sync.at), NULL, 0, 0},
    {"until", FORM_NUMBER, IN(sync.until), NULL, 0, 0},
    {"eager", FORM_FLAG, IN(sync.is_eager), NULL, 0, 0},
    {"everything", FORM_FLAG, IN(is_all), NULL, 0, 0},
    {"disk", FORM_WORD, IN(fault.kind), fault_name, SIM_FAULT_COUNT, 0},
    {"hub", FORM_FLAG, IN(fault.is_at_hub), NULL, 0, 0},
    {"point", FORM_NUMBER, IN(fault.point), NULL, 0, 0},
    {"left", FORM_WORD, IN(fault.left), left_name, 6, 0},
};
_Static_assert(sizeof(sim_fate) == sizeof(uint32_t) && sizeof(sim_decision) == sizeof(uint32_t) &&
                   sizeof(unsigned) == sizeof(uint32_t),
               "the table takes them for numbers");

enum { SAYINGS = sizeof sayings / sizeof sayings[0] };
static const char unknown_kind[] = "gambling";

static bool is_said_of(const saying *s, sim_act act)
{
    return s->acts == 0 || (s->acts & OF(act)) != 0;
}

/* ---- Writing ---- */

static void print_mask(FILE *out, const saying *s, uint32_t mask)
{
    const char *between = "";
    fprintf(out, " %s=", s->name);
    if ((mask & SIM_ALL) != 0) {
        fputs("*", out);
        between = ",";
    }
    for (unsigned i = 0; i < s->words; i++) {
        if ((mask & (UINT32_C(1) << i)) != 0) {
            fprintf(out, "%s%s", between, s->word(i));
            between = ",";
        }
    }
    if ((mask & SIM_NEWER_KIND) != 0) {
        fprintf(out, "%s%s", between, unknown_kind);
    }
}

static void print_number(FILE *out, const saying *s, uint32_t value)
{
    if (value == 0) {
        return;
    }
    if (s->form == FORM_MASK) {
        print_mask(out, s, value);
    } else if (s->form == FORM_WORD && value < s->words) {
        fprintf(out, " %s=%s", s->name, s->word(value));
    } else {
        fprintf(out, " %s=%" PRIu32, s->name, value);
    }
}

static void print_saying(FILE *out, const saying *s, const sim_action *a)
{
    const char *at = (const char *)a + s->at;
    int action = -1;
    int64_t ms = 0;
    bool flag = false;
    uint32_t value = 0;
    switch (s->form) {
    case FORM_ACTION:
        memcpy(&action, at, sizeof action);
        if (action >= 0) {
            fprintf(out, " %s=%d", s->name, action);
        }
        return;
    case FORM_MS:
        memcpy(&ms, at, sizeof ms);
        if (ms != 0) {
            fprintf(out, " %s=%" PRId64, s->name, ms);
        }
        return;
    case FORM_FLAG:
        memcpy(&flag, at, sizeof flag);
        fprintf(out, "%s%s", flag ? " " : "", flag ? s->name : "");
        return;
    case FORM_NUMBER:
    case FORM_WORD:
    case FORM_MASK:
        break;
    }
    memcpy(&value, at, sizeof value);
    print_number(out, s, value);
}

static const sim_seams whole_seams = {.push_changes = TP_PUSH_CHANGES_MAX,
                                      .push_eras = TP_PUSH_ERAS_MAX,
                                      .page_items = TP_PAGE_ITEMS_MAX,
                                      .give_backs = TP_GIVE_BACKS_MAX,
                                      .push_bytes = TP_PUSH_BYTES_MAX,
                                      .page_bytes = TP_PAGE_BYTES_MAX};

void sim_seams_whole(sim_seams *seams)
{
    *seams = whole_seams;
}

static bool is_whole(const sim_seams *s)
{
    return s->push_bytes == whole_seams.push_bytes;
}

static void print_seams(FILE *out, const sim_seams *s)
{
    if (!is_whole(s)) {
        fprintf(out, " push=%" PRIu32 ",%zu,%" PRIu32 " page=%" PRIu32 ",%zu,%" PRIu32,
                s->push_changes, s->push_bytes, s->push_eras, s->page_items, s->page_bytes,
                s->give_backs);
    }
}

static void print_action(FILE *out, const sim_action *a)
{
    fprintf(out, "%u device %u %s", a->number, a->device, acts[a->act]);
    for (unsigned i = 0; i < SAYINGS; i++) {
        if (is_said_of(&sayings[i], a->act)) {
            print_saying(out, &sayings[i], a);
        }
    }
    if (a->act == SIM_ACT_SYNC) {
        print_seams(out, &a->sync.seams);
    }
    fputs("\n", out);
}

void sim_script_print(FILE *out, const sim_script *script)
{
    fprintf(out, "seed %" PRIu64 "\n", script->seed);
    fprintf(out, "agencies %u\n", script->agencies);
    for (unsigned d = 0; d < script->devices; d++) {
        fprintf(out, "device %u %s%s%s%s", d, sim_agency_ids[script->agency_of[d]],
                script->is_kiosk[d] ? " kiosk" : "", script->is_late[d] ? " late" : "",
                script->is_copy[d] ? " copy" : "");
        if (script->drift[d] != SIM_DRIFT_NONE) {
            fprintf(out, " drift=%" PRIu32, script->drift[d]);
        }
        fputs("\n", out);
    }
    fputs("end", out);
    print_seams(out, &script->seams);
    fputs("\n", out);
    for (unsigned i = 0; i < script->count; i++) {
        print_action(out, &script->actions[i]);
    }
}

/* ---- Reading ---- */

/* The next word of a line, cut off in place; NULL: there is none. */
static char *next_word(char **rest)
{
    char *word = *rest + strspn(*rest, " \t\n");
    if (*word == '\0') {
        return NULL;
    }
    char *end = word + strcspn(word, " \t\n");
    *rest = *end == '\0' ? end : end + 1;
    *end = '\0';
    return word;
}

/* A whole number, all of `text`. */
static bool read_int(const char *text, int64_t low, int64_t high, int64_t *out)
{
    char *end = NULL;
    if (text == NULL || *text == '\0') {
        return false;
    }
    errno = 0;
    *out = strtoll(text, &end, 10);
    return errno == 0 && *end == '\0' && low <= *out && *out <= high;
}

static bool read_number(const char *text, uint32_t high, uint32_t *out)
{
    int64_t number = 0;
    bool is_good = read_int(text, 0, high, &number);
    *out = (uint32_t)number;
    return is_good;
}

static bool find_word(const saying *s, const char *text, uint32_t *out)
{
    for (uint32_t i = 0; i < s->words; i++) {
        if (strcmp(s->word(i), text) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

static bool read_mask(const saying *s, char *text, uint32_t *out)
{
    *out = 0;
    for (char *word = strtok(text, ","); word != NULL; word = strtok(NULL, ",")) {
        uint32_t at = 0;
        if (strcmp(word, "*") == 0) {
            *out |= SIM_ALL;
        } else if (strcmp(word, unknown_kind) == 0) {
            *out |= SIM_NEWER_KIND;
        } else if (find_word(s, word, &at)) {
            *out |= UINT32_C(1) << at;
        } else {
            return false;
        }
    }
    return true;
}

static bool read_value(const saying *s, char *text, sim_action *a)
{
    char *at = (char *)a + s->at;
    const bool is_set = true;
    int64_t ms = 0;
    uint32_t value = 0;
    bool is_good = false;
    int action = 0;
    switch (s->form) {
    case FORM_ACTION:
        is_good = read_int(text, 0, SIM_ACTIONS_MAX - 1, &ms);
        action = (int)ms;
        memcpy(at, &action, sizeof action);
        return is_good;
    case FORM_MS:
        is_good = read_int(text, INT64_MIN, INT64_MAX, &ms);
        memcpy(at, &ms, sizeof ms);
        return is_good;
    case FORM_FLAG:
        memcpy(at, &is_set, sizeof is_set);
        return text == NULL;
    case FORM_NUMBER:
        is_good = read_number(text, UINT32_MAX, &value);
        break;
    case FORM_WORD:
        is_good = text != NULL && find_word(s, text, &value);
        break;
    case FORM_MASK:
        is_good = text != NULL && read_mask(s, text, &value);
        break;
    }
    memcpy(at, &value, sizeof value);
    return is_good;
}

/* Three numbers: how many, bytes, how many of the other. */
static bool read_seam(char *text, uint32_t *count, size_t *bytes, uint32_t *other)
{
    char *first = strtok(text, ",");
    char *second = strtok(NULL, ",");
    char *third = strtok(NULL, ",");
    uint32_t size = 0;
    bool is_good = read_number(first, UINT32_MAX, count) &&
                   read_number(second, UINT32_MAX, &size) && read_number(third, UINT32_MAX, other);
    *bytes = size;
    return is_good;
}

static bool read_seams(const char *name, char *text, sim_seams *seams)
{
    if (text == NULL) {
        return false;
    }
    return strcmp(name, "push") == 0
               ? read_seam(text, &seams->push_changes, &seams->push_bytes, &seams->push_eras)
               : strcmp(name, "page") == 0 &&
                     read_seam(text, &seams->page_items, &seams->page_bytes, &seams->give_backs);
}

/* Cuts NAME=VALUE; NULL where there is no value. */
static char *cut_value(char *word)
{
    char *value = strchr(word, '=');
    if (value != NULL) {
        *value++ = '\0';
    }
    return value;
}

static bool read_saying(char *word, sim_action *a)
{
    char *value = cut_value(word);
    for (unsigned i = 0; i < SAYINGS; i++) {
        if (strcmp(sayings[i].name, word) == 0 && is_said_of(&sayings[i], a->act)) {
            return read_value(&sayings[i], value, a);
        }
    }
    return read_seams(word, value, &a->sync.seams);
}

static bool read_act(const char *word, sim_act *act_out)
{
    for (unsigned i = 0; word != NULL && i < SIM_ACT_COUNT; i++) {
        if (strcmp(acts[i], word) == 0) {
            *act_out = (sim_act)i;
            return true;
        }
    }
    return false;
}

/* "NUMBER device D act ...", of which the number is read. */
static bool read_action(uint32_t number, char *rest, sim_script *script)
{
    if (script->count == SIM_ACTIONS_MAX || number >= SIM_ACTIONS_MAX) {
        return false;
    }
    sim_action *a = &script->actions[script->count++];
    const char *said = next_word(&rest);
    memset(a, 0, sizeof *a);
    a->number = number;
    a->on = -1;
    a->other = -1;
    a->sync.seams = whole_seams;
    bool is_good = said != NULL && strcmp(said, "device") == 0 &&
                   read_number(next_word(&rest), script->devices - 1, &a->device) &&
                   read_act(next_word(&rest), &a->act);
    for (char *word = next_word(&rest); is_good && word != NULL; word = next_word(&rest)) {
        is_good = read_saying(word, a);
    }
    return is_good;
}

static bool read_property(sim_script *script, uint32_t at, char *word)
{
    const struct {
        const char *name;
        bool *flag;
    } flags[] = {{"kiosk", &script->is_kiosk[at]},
                 {"late", &script->is_late[at]},
                 {"copy", &script->is_copy[at]}};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (strcmp(word, flags[i].name) == 0) {
            *flags[i].flag = true;
            return true;
        }
    }
    const char *value = cut_value(word);
    return strcmp(word, "drift") == 0 && read_number(value, 2 * SIM_DRIFT_NONE, &script->drift[at]);
}

static bool read_device(char *rest, sim_script *script)
{
    const saying agencies = {"", FORM_WORD, 0, agency_name, SIM_AGENCIES_MAX, 0};
    uint32_t at = 0;
    bool is_good = script->devices < SIM_DEVICES_MAX && script->agencies > 0 &&
                   read_number(next_word(&rest), script->devices, &at) && at == script->devices;
    const char *agency = next_word(&rest);
    is_good = is_good && agency != NULL && find_word(&agencies, agency, &script->agency_of[at]) &&
              script->agency_of[at] < script->agencies;
    script->drift[at] = SIM_DRIFT_NONE;
    for (char *word = next_word(&rest); is_good && word != NULL; word = next_word(&rest)) {
        is_good = read_property(script, at, word);
    }
    script->devices++;
    return is_good;
}

static bool read_end(char *rest, sim_script *script)
{
    bool is_good = true;
    for (char *word = next_word(&rest); is_good && word != NULL; word = next_word(&rest)) {
        char *value = cut_value(word);
        is_good = read_seams(word, value, &script->seams);
    }
    return is_good;
}

static bool read_line(char *line, sim_script *script)
{
    int64_t number = 0;
    const char *first = next_word(&line);
    if (first == NULL || *first == '#') {
        return true;
    }
    if (strcmp(first, "seed") == 0) {
        bool is_good = read_int(next_word(&line), 0, INT64_MAX, &number);
        script->seed = (uint64_t)number;
        return is_good;
    }
    if (strcmp(first, "agencies") == 0) {
        return read_number(next_word(&line), SIM_AGENCIES_MAX, &script->agencies);
    }
    if (strcmp(first, "device") == 0) {
        return read_device(line, script);
    }
    if (strcmp(first, "end") == 0) {
        return read_end(line, script);
    }
    return read_int(first, 0, SIM_ACTIONS_MAX - 1, &number) && script->devices > 0 &&
           read_action((uint32_t)number, line, script);
}

bool sim_script_read(FILE *in, sim_script *script, unsigned *line_out)
{
    char line[1024];
    bool is_good = true;
    memset(script, 0, sizeof *script);
    script->seams = whole_seams;
    *line_out = 0;
    while (is_good && fgets(line, sizeof line, in) != NULL) {
        ++*line_out;
        is_good = strlen(line) < sizeof line - 1 && read_line(line, script);
    }
    return is_good && script->devices > 0;
}
