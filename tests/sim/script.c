/* Scripts in words. */
#include "tests/sim/script.h"

#include "platform/base/limits.h"

#include <inttypes.h>

const char *const sim_agency_ids[SIM_AGENCIES] = {"harbour", "clinic", "council"};
const char *const sim_statuses[] = {"open", "held", "answered", "withdrawn"};
/* Of an action; as far on as those of a request above them. */
const char *const sim_action_statuses[] = {"open", "doing", "done"};
const char *const sim_reasons[] = {"mistake", "written_twice", "wrong_person",
                                   "should_not_have_travelled"};

static const char *const fates[SIM_FATE_COUNT] = {"",
                                                  ", request lost",
                                                  ", response lost",
                                                  ", request sent twice",
                                                  ", dies applying",
                                                  ", stands still"};
static const char *const decisions[] = {"nothing", "gives", "refuses", "withdraws"};

static const char *const acts[SIM_ACT_COUNT] = {
    "person",   "contact", "need", "request", "action",  "correct", "status",  "holder", "info",
    "needkind", "retract", "back", "fill",    "consent", "gateway", "join",    "unjoin", "sign",
    "end",      "wait",    "boot", "jump",    "enrol",   "reopen",  "rebuild", "sync"};

static void print_mask(FILE *out, uint32_t mask, unsigned count, const char *(*name)(unsigned))
{
    const char *between = "";
    if ((mask & SIM_ALL) != 0) {
        fputs("*", out);
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        if ((mask & (UINT32_C(1) << i)) != 0) {
            fprintf(out, "%s%s", between, name(i));
            between = ",";
        }
    }
    fprintf(out, "%s", (mask & SIM_NEWER_KIND) != 0 ? ",gambling" : "");
}

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

static void print_terms(FILE *out, const sim_action *a)
{
    if (a->act == SIM_ACT_CONSENT) {
        fprintf(out, " %s%s", a->terms.is_newer ? "suspends" : decisions[a->terms.decision],
                a->terms.has_capacity ? "" : " (without capacity)");
    }
    fputs(" to ", out);
    print_mask(out, a->terms.agencies, SIM_AGENCIES, agency_name);
    fputs(" for ", out);
    print_mask(out, a->terms.kinds, TP_KIND_COUNT, kind_name);
    if (a->act == SIM_ACT_CONSENT) {
        fputs(" purposes ", out);
        print_mask(out, a->terms.purposes, TP_PURPOSE_COUNT, purpose_name);
    }
    if (a->days != 0) {
        fprintf(out, " to the end of day +%u", a->days);
    }
}

static void print_seams(FILE *out, const sim_seams *s)
{
    if (s->push_bytes == TP_PUSH_BYTES_MAX) {
        return;
    }
    fprintf(out,
            " (push: %" PRIu32 " changes, %zu bytes, %" PRIu32 " eras; page: %" PRIu32
            " items, %zu bytes, %" PRIu32 " give-backs)",
            s->push_changes, s->push_bytes, s->push_eras, s->page_items, s->page_bytes,
            s->give_backs);
}

static void print_sync(FILE *out, const sim_sync *s)
{
    fprintf(out, "%s", fates[s->fate]);
    if (s->fate != SIM_WHOLE) {
        fprintf(out, s->fate == SIM_STANDS_STILL ? " after %u steps" : " at request %u", s->at);
    }
    fprintf(out, "%s", s->is_eager ? ", eager" : "");
    print_seams(out, &s->seams);
}

void sim_action_print(FILE *out, const sim_action *a)
{
    const char *act = acts[a->act];
    fprintf(out, "%4u  device %u  %s", a->number, a->device, act);
    if (a->on >= 0) {
        fprintf(out, " of %d", a->on);
    }
    if (a->other >= 0) {
        fprintf(out, " and %d", a->other);
    }
    switch (a->act) {
    case SIM_ACT_CORRECT:
        fprintf(out, " field %u := %u", a->code, a->key);
        break;
    case SIM_ACT_STATUS:
        fprintf(out, " := %s", sim_statuses[a->key]);
        break;
    case SIM_ACT_RETRACT:
        fprintf(out, " as %s", sim_reasons[a->key]);
        break;
    case SIM_ACT_HOLDER:
    case SIM_ACT_SIGN:
    case SIM_ACT_END:
        fprintf(out, " %s", sim_agency_ids[a->agency]);
        break;
    case SIM_ACT_CONTACT:
    case SIM_ACT_INFO:
        fputs(" kinds ", out);
        print_mask(out, a->key, TP_KIND_COUNT, kind_name);
        break;
    case SIM_ACT_NEED:
    case SIM_ACT_NEED_KIND:
        fprintf(out, " %s", kind_name(a->key));
        break;
    case SIM_ACT_CONSENT:
    case SIM_ACT_GATEWAY:
        print_terms(out, a);
        break;
    case SIM_ACT_WAIT:
        fprintf(out, " %" PRId64 " min", a->ms / 60000);
        break;
    case SIM_ACT_RESTART:
    case SIM_ACT_JUMP:
        fprintf(out, " wall clock %+" PRId64 " s off", a->ms / 1000);
        break;
    case SIM_ACT_SYNC:
        print_sync(out, &a->sync);
        break;
    case SIM_ACT_PERSON:
    case SIM_ACT_REQUEST:
    case SIM_ACT_ACTION:
    case SIM_ACT_BRING_BACK:
    case SIM_ACT_FILL_PERSON:
    case SIM_ACT_JOIN:
    case SIM_ACT_UNJOIN:
    case SIM_ACT_ENROL:
    case SIM_ACT_REOPEN:
    case SIM_ACT_REBUILD:
    case SIM_ACT_COUNT:
        break;
    }
    if (a->envelope != 0) {
        fputs(" envelope ", out);
        print_mask(out, a->envelope, TP_KIND_COUNT, kind_name);
    }
    fputs("\n", out);
}

void sim_script_print(FILE *out, const sim_script *script)
{
    for (unsigned d = 0; d < script->devices; d++) {
        fprintf(out, "      device %u of %s%s%s\n", d, sim_agency_ids[script->agency_of[d]],
                script->is_kiosk[d] ? ", a kiosk" : "",
                script->is_late[d] ? ", enrolled late" : "");
    }
    fputs("      at the end everybody syncs", out);
    print_seams(out, &script->seams);
    fputs("\n", out);
    for (unsigned i = 0; i < script->count; i++) {
        sim_action_print(out, &script->actions[i]);
    }
}
