/* The background sync of one that serves: `teapot run` of the same node as a child, started again
 * when it ends.  A process of its own, since SQLite may not be taken over a fork, and since what it
 * holds in memory then is its own. */
#ifndef TP_NODE_UI_BACKGROUND_H
#define TP_NODE_UI_BACKGROUND_H

#include "node/record/node.h"
#include "platform/os/child.h"

/* An embedded value: init, tick ..., end. */
typedef struct tp_background {
    const tp_node *node;
    tp_child child;
    unsigned failures; /* ends in a row soon after their start */
    int64_t began_ms;  /* monotonic */
    int64_t next_ms;   /* when it is started again, monotonic */
    void *ctx;
    void (*trouble)(void *ctx, const char *what);
} tp_background;

void tp_background_init(tp_background *background, const tp_node *node, void *ctx,
                        void (*trouble)(void *ctx, const char *what));
/* Starts it where it does not run and its time has come.  Called every second or so. */
void tp_background_tick(tp_background *background, int64_t now_ms);
/* Syncs now, whichever process does. */
void tp_background_wake(const tp_background *background);
void tp_background_end(tp_background *background);

/* How long to wait after so many ends in a row: a second, doubled, at most a minute. */
int64_t tp_background_wait_ms(unsigned failures);

#endif
