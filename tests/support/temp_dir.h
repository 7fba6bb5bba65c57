/* A private directory for one test, removed with all that is in it. */
#ifndef TP_TESTS_SUPPORT_TEMP_DIR_H
#define TP_TESTS_SUPPORT_TEMP_DIR_H

#include "platform/os/file.h"

#include <sys/types.h>

/* Makes it (0700), or ends the test program. */
tp_path temp_dir_make(void);
/* Removes the tree.  Follows no links. */
void temp_dir_remove(const tp_path *dir);
/* "dir/name", or ends the test program. */
tp_path temp_dir_path(const tp_path *dir, const char *name);
/* Who may do what with a file, as 0600; or ends the test program. */
mode_t temp_dir_mode_of(const char *path);

#endif
