/* The rules that respell a name by ear: data of sounds_alike.c. */
#ifndef TP_SCHEMA_SOUND_RULES_H
#define TP_SCHEMA_SOUND_RULES_H

#include <stdbool.h>

typedef enum tp_sound_where {
    TP_SOUND_ANYWHERE,
    TP_SOUND_FIRST, /* at the start */
    TP_SOUND_LATER, /* not at the start */
    TP_SOUND_LAST,  /* at the end */
    TP_SOUND_WHOLE  /* the whole name */
} tp_sound_where;

/* Every `from` is respelled, everywhere it stands.  A capital in `to` is a sound already: no later
 * rule takes it for a letter.  X is the sound of sh, ch and zh, G a hard g. */
typedef struct tp_sound_rule {
    const char *from, *to;
    tp_sound_where where;
    bool also; /* the spelling before is kept as another way to say it */
} tp_sound_rule;

/* In order; ends with a `from` of NULL. */
extern const tp_sound_rule tp_sound_rules[];

#endif
