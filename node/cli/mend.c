/* The ways out, as options and commands. */
#include "node/cli/mend.h"

#include "node/view/mend.h"

#include <stddef.h>

static const char *const mends[] = {
    [TP_MEND_NONE] = "",
    [TP_MEND_FIELD] = " (`teapot ENTITY --help` lists them)",
    [TP_MEND_WORKER] = " (--worker NAME, or TEAPOT_WORKER)",
    [TP_MEND_VALUE] = " (name a field and its value)",
    [TP_MEND_REASON] = " (--reason)",
    [TP_MEND_RETRACT] = " (`teapot retract RECORD --reason REASON`)",
    [TP_MEND_BRING_BACK] = " (`teapot retract RECORD --undo`)",
    [TP_MEND_SETTLE] = " (`teapot settle RECORD FIELD --use NAME`)",
    [TP_MEND_STATUS] = " (`teapot status` says what is unsent)",
    [TP_MEND_ENROL] = " (ask for a code and run `teapot enrol CODE --hub URL`)",
};

const char *tp_cli_mend(const tp_err *err)
{
    const size_t mend = (size_t)err->mend;
    return mend < sizeof mends / sizeof mends[0] ? mends[mend] : "";
}
