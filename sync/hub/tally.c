/* Counting. */
#include "sync/hub/tally.h"

#include "sync/session/enrolment.h"
#include "sync/session/inquiry.h"

#include <assert.h>

static const char *const paths[TP_HUB_DOOR_COUNT] = {
    [TP_HUB_DOOR_SYNC] = "/v1/sync",     [TP_HUB_DOOR_ENROL] = TP_ENROLMENT_PATH,
    [TP_HUB_DOOR_ASK] = TP_INQUIRY_PATH, [TP_HUB_DOOR_HEALTH] = "/healthz",
    [TP_HUB_DOOR_OTHER] = "other",
};

const tp_hub_refusal_row tp_hub_refusal_rows[TP_HUB_REFUSALS_COUNT] = {
    {TP_HUB_DOOR_SYNC, "version"},      {TP_HUB_DOOR_SYNC, "dictionary"},
    {TP_HUB_DOOR_SYNC, "body"},         {TP_HUB_DOOR_SYNC, "gap"},
    {TP_HUB_DOOR_SYNC, "chain"},        {TP_HUB_DOOR_SYNC, "signature"},
    {TP_HUB_DOOR_SYNC, "cursor"},       {TP_HUB_DOOR_SYNC, "revoked"},
    {TP_HUB_DOOR_SYNC, "clock"},        {TP_HUB_DOOR_SYNC, "busy"},
    {TP_HUB_DOOR_SYNC, "certificate"},  {TP_HUB_DOOR_SYNC, "device"},
    {TP_HUB_DOOR_SYNC, "generation"},   {TP_HUB_DOOR_ENROL, "body"},
    {TP_HUB_DOOR_ENROL, "code"},        {TP_HUB_DOOR_ENROL, "agency"},
    {TP_HUB_DOOR_ENROL, "device"},      {TP_HUB_DOOR_ENROL, "revoked"},
    {TP_HUB_DOOR_ENROL, "busy"},        {TP_HUB_DOOR_ENROL, "clock"},
    {TP_HUB_DOOR_ENROL, "certificate"}, {TP_HUB_DOOR_ASK, "body"},
    {TP_HUB_DOOR_ASK, "certificate"},   {TP_HUB_DOOR_ASK, "device"},
    {TP_HUB_DOOR_ASK, "revoked"},       {TP_HUB_DOOR_ASK, "busy"},
    {TP_HUB_DOOR_SYNC, "full"},         {TP_HUB_DOOR_ENROL, "full"},
    {TP_HUB_DOOR_ASK, "full"},
};

const char *tp_hub_door_path(tp_hub_door door)
{
    return paths[door];
}

void tp_hub_tally_refused(tp_hub_tally *tally, tp_hub_door door, const char *code)
{
    for (size_t i = 0; i < TP_HUB_REFUSALS_COUNT; i++) {
        const tp_hub_refusal_row *row = &tp_hub_refusal_rows[i];
        if (row->door == door && strcmp(row->code, code) == 0) {
            tally->now.refused[i]++;
            return;
        }
    }
    assert(false && "a refusal that sync/wire/FORMAT.md does not name");
}

void tp_hub_tally_mark(tp_hub_tally *tally)
{
    tally->marked = tally->now;
}

void tp_hub_tally_undo(tp_hub_tally *tally)
{
    tally->now = tally->marked;
}

void tp_hub_tally_keep(tp_hub_tally *tally)
{
    tally->kept = tally->now;
}

void tp_hub_tally_drop(tp_hub_tally *tally)
{
    tally->now = tally->kept;
}
