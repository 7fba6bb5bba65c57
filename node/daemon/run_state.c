/* The background process's note on itself. */
#include "node/daemon/run_state.h"

#include "platform/os/child.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

/* One block, written and read whole: "PID PHASE DONE ALL\nTROUBLE\n" and spaces. */
enum { BLOCK_BYTES = 512, NUMBERS = 4 };

static FILE *open_block(const tp_node *node, const char *mode)
{
    tp_path path;
    tp_err err;
    return tp_node_path(node, TP_NODE_RUN_STATE, &path, &err) == TP_OK ? fopen(path.at, mode)
                                                                       : NULL;
}

void tp_run_notes_open(tp_run_notes *notes, const tp_node *node)
{
    notes->file = open_block(node, "w");
}

void tp_run_notes_put(tp_run_notes *notes, const tp_run_state *state)
{
    char block[BLOCK_BYTES];
    if (notes->file == NULL) {
        return;
    }
    int used = snprintf(block, sizeof block, "%ld %d %" PRIu64 " %" PRIu64 "\n%s\n", (long)getpid(),
                        (int)state->phase, state->done, state->all, state->trouble);
    memset(block + used, ' ', sizeof block - (size_t)used);
    rewind(notes->file);
    (void)fwrite(block, 1, sizeof block, notes->file);
    (void)fflush(notes->file);
}

void tp_run_notes_close(tp_run_notes *notes)
{
    if (notes->file != NULL) {
        fclose(notes->file);
        notes->file = NULL;
    }
}

/* Everything in it is bounded by the block: it may have been written by another version, or cut
 * off. */
static bool read_block(const char *block, tp_run_state *state)
{
    uint64_t numbers[NUMBERS];
    const char *at = block;
    for (int i = 0; i < NUMBERS; i++) {
        char *end = NULL;
        numbers[i] = strtoull(at, &end, 10);
        if (end == at) {
            return false;
        }
        at = end;
    }
    const char *line_end = *at == '\n' ? strchr(at + 1, '\n') : NULL;
    if (line_end == NULL || numbers[1] > TP_RUN_FETCHING ||
        !tp_process_is_there((int64_t)numbers[0])) {
        return false;
    }
    state->phase = (tp_run_phase)numbers[1];
    state->done = numbers[2];
    state->all = numbers[3];
    snprintf(state->trouble, sizeof state->trouble, "%.*s", (int)(line_end - at - 1), at + 1);
    return true;
}

bool tp_run_state_read(const tp_node *node, tp_run_state *state_out)
{
    char block[BLOCK_BYTES + 1];
    memset(state_out, 0, sizeof *state_out);
    FILE *file = open_block(node, "r");
    if (file == NULL) {
        return false;
    }
    size_t bytes = fread(block, 1, BLOCK_BYTES, file);
    fclose(file);
    block[bytes] = '\0';
    return read_block(block, state_out);
}
