/* Directories that live as long as a test. */
#include "tests/support/temp_dir.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

tp_path temp_dir_make(void)
{
    tp_path path;
    const char *base = getenv("TMPDIR");
    snprintf(path.at, sizeof path.at, "%s/teapot-test.XXXXXX", base == NULL ? "/tmp" : base);
    if (mkdtemp(path.at) == NULL) {
        fail("making a directory for a test");
    }
    return path;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *walk)
{
    (void)st;
    (void)type;
    (void)walk;
    return remove(path);
}

void temp_dir_remove(const tp_path *dir)
{
    enum { DESCRIPTORS_MAX = 16 };
    if (nftw(dir->at, remove_one, DESCRIPTORS_MAX, FTW_DEPTH | FTW_PHYS) != 0) {
        fail("removing a test's directory");
    }
}

tp_path temp_dir_path(const tp_path *dir, const char *name)
{
    tp_path path;
    tp_err err;
    if (tp_path_join(dir->at, name, &path, &err) != TP_OK) {
        fail("naming a test's file");
    }
    return path;
}

mode_t temp_dir_mode_of(const char *path)
{
    struct stat st;
    if (lstat(path, &st) != 0) {
        fail("looking at a test's file");
    }
    return st.st_mode & 07777;
}
