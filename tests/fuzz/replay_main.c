/* Feeds every file of a corpus to a fuzz target, so that what fuzzing found stays tested in the
 * normal build, without libFuzzer. */
#include "tests/fuzz/target.h"

#include "platform/base/alloc.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { PATH_BYTES = 4096 };

/* As libFuzzer takes it: a target may define it. */
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

static bool replay_file(const char *path, size_t bytes);

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s CORPUS_FOLDER\n", argv[0]);
        return 2;
    }
    struct dirent **entries = NULL;
    int count = scandir(argv[1], &entries, NULL, alphasort); /* sorted: a failure repeats */
    if (count < 0) {
        perror(argv[1]);
        return 1;
    }
    bool is_kept = LLVMFuzzerInitialize != NULL; /* then it looks itself, when it gives that back */
    if (is_kept) {
        (void)LLVMFuzzerInitialize(&argc, &argv);
    }
    size_t live_before = tp_alloc_live();
    unsigned played = 0;
    unsigned failed = 0;
    for (int i = 0; i < count; i++) {
        char path[PATH_BYTES];
        struct stat info;
        snprintf(path, sizeof path, "%s/%s", argv[1], entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && stat(path, &info) == 0 && S_ISREG(info.st_mode)) {
            played++;
            failed += replay_file(path, (size_t)info.st_size) ? 0 : 1;
            if (!is_kept && tp_alloc_live() != live_before) {
                fprintf(stderr, "%s: the target left blocks of memory behind\n", path);
                failed++;
                live_before = tp_alloc_live();
            }
        }
        free(entries[i]);
    }
    free(entries);
    printf("%u inputs played, %u failed\n", played, failed);
    if (played == 0) {
        fprintf(stderr, "%s: an empty corpus tests nothing\n", argv[1]);
    }
    return played > 0 && failed == 0 ? 0 : 1;
}

/* Reads the file into a block of just its size, so that AddressSanitizer sees one byte too many. */
static bool replay_file(const char *path, size_t bytes)
{
    bool is_read = false;
    uint8_t *input = malloc(bytes > 0 ? bytes : 1);
    FILE *file = fopen(path, "rb");
    if (input != NULL && file != NULL && fread(input, 1, bytes, file) == bytes) {
        is_read = true;
        LLVMFuzzerTestOneInput(input, bytes);
    } else {
        perror(path);
    }
    if (file != NULL) {
        fclose(file);
    }
    free(input);
    return is_read;
}
