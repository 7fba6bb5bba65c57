/* A process's note on itself. */
#include "node/record/work_note.h"

#include "platform/os/child.h"
#include "platform/os/process.h"

#include <inttypes.h>
#include <stdlib.h>

/* One block, written and read whole: "PID PHASE DONE ALL\nTROUBLE\n" and spaces. */
enum { BLOCK_BYTES = 512, NUMBERS = 4 };

static FILE *open_block(const tp_node *node, const char *name, const char *mode)
{
    tp_path path;
    tp_err err;
    return tp_node_path(node, name, &path, &err) == TP_OK ? fopen(path.at, mode) : NULL;
}

void tp_work_notes_open(tp_work_notes *notes, const tp_node *node, const char *name)
{
    notes->file = open_block(node, name, "w");
}

void tp_work_notes_put(tp_work_notes *notes, const tp_work_note *note)
{
    char block[BLOCK_BYTES];
    if (notes->file == NULL) {
        return;
    }
    int used =
        snprintf(block, sizeof block, "%" PRId64 " %d %" PRIu64 " %" PRIu64 "\n%s\n",
                 tp_process_number(), (int)note->phase, note->done, note->all, note->trouble);
    memset(block + used, ' ', sizeof block - (size_t)used);
    rewind(notes->file);
    (void)fwrite(block, 1, sizeof block, notes->file);
    (void)fflush(notes->file);
}

void tp_work_notes_close(tp_work_notes *notes)
{
    if (notes->file != NULL) {
        fclose(notes->file);
        notes->file = NULL;
    }
}

/* Everything in it is bounded by the block: it may have been written by another version, or cut
 * off. */
static bool read_block(const char *block, tp_work_note *note)
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
    if (line_end == NULL || numbers[1] > TP_WORK_REBUILDING ||
        !tp_process_is_there((int64_t)numbers[0])) {
        return false;
    }
    note->phase = (tp_work_phase)numbers[1];
    note->done = numbers[2];
    note->all = numbers[3];
    snprintf(note->trouble, sizeof note->trouble, "%.*s", (int)(line_end - at - 1), at + 1);
    return true;
}

bool tp_work_note_read(const tp_node *node, const char *name, tp_work_note *note_out)
{
    char block[BLOCK_BYTES + 1];
    memset(note_out, 0, sizeof *note_out);
    FILE *file = open_block(node, name, "r");
    if (file == NULL) {
        return false;
    }
    size_t bytes = fread(block, 1, BLOCK_BYTES, file);
    fclose(file);
    block[bytes] = '\0';
    return read_block(block, note_out);
}
