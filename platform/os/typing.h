/* While somebody types a long text at a terminal: what would end the program (Ctrl-C, the terminal
 * closed) is noted instead, so that what was typed so far can be kept.  One at a time, in one
 * thread. */
#ifndef TP_PLATFORM_OS_TYPING_H
#define TP_PLATFORM_OS_TYPING_H

#include <stdbool.h>
#include <stddef.h>

/* From here on SIGINT, SIGHUP and SIGTERM make a read of standard input give up. */
void tp_typing_begin(void);
/* One of these signals came, or the terminal has gone, whose signal may be still to come. */
bool tp_typing_is_broken_off(void);
/* The line that has no end yet: what the terminal would throw away.  Answers how many bytes; none
 * where the terminal is gone. */
size_t tp_typing_rest(char *out, size_t room);
/* Everything as it was before; but once broken off these signals are ignored, since what was typed
 * is still to be kept and the program ends then. */
void tp_typing_end(void);

#endif
