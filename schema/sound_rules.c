/* From spelling to sound, one rule after the other.  Names whose spelling follows another language
 * come first, whole names before patterns; then clusters, longest first; then single letters.
 *
 * Source: how the names in the remarks are said, by their bearers and by English ears: the spelling
 * rules of Irish, Welsh, Polish, Hungarian, Vietnamese and of names from Arabic as they are written
 * in Latin letters. */
#include "schema/sound_rules.h"

#include <stddef.h>

/* clang-format off */
#define ANYWHERE(from, to) {from, to, TP_SOUND_ANYWHERE, false}
#define FIRST(from, to)    {from, to, TP_SOUND_FIRST, false}
#define LATER(from, to)    {from, to, TP_SOUND_LATER, false}
#define LAST(from, to)     {from, to, TP_SOUND_LAST, false}
#define WHOLE(from, to)    {from, to, TP_SOUND_WHOLE, false}

/* The same, keeping the other way to say it. */
#define ALSO_ANYWHERE(from, to) {from, to, TP_SOUND_ANYWHERE, true}
#define ALSO_FIRST(from, to)    {from, to, TP_SOUND_FIRST, true}
#define ALSO_LATER(from, to)    {from, to, TP_SOUND_LATER, true}
#define ALSO_LAST(from, to)     {from, to, TP_SOUND_LAST, true}
#define ALSO_WHOLE(from, to)    {from, to, TP_SOUND_WHOLE, true}

const tp_sound_rule tp_sound_rules[] = {
    /* Irish and Scottish Gaelic. */
    WHOLE("caitlin", "kathleen"),
    WHOLE("eilidh", "ailee"),
    WHOLE("grainne", "gronya"),
    WHOLE("tadhg", "taiG"),
    WHOLE("sian", "Xan"),
    FIRST("sean", "Xon"),               /* Sean; Shaun, Shawn */
    FIRST("seam", "Xam"),               /* Seamus; Shamus */
    FIRST("sio", "Xi"),                 /* Siobhan; Shevaun, Chevonne */
    ALSO_FIRST("sine", "Xine"),         /* Sinead; Shinade */
    ANYWHERE("aoirse", "eerXa"),        /* Saoirse; Sersha */
    FIRST("caoi", "kee"),               /* Caoimhe; Keeva */
    ANYWHERE("aoi", "ee"),              /* Aoife; Eefa */
    ANYWHERE("oisi", "oXi"),            /* Roisin; Rosheen */
    ANYWHERE("aisl", "aXl"),            /* Aisling; Ashling */
    FIRST("eoin", "owen"),
    FIRST("eogha", "owa"),
    FIRST("diarm", "derm"),
    FIRST("cian", "kian"),
    ALSO_FIRST("ciar", "kiar"),         /* Ciaran; Kieran; but Ciara is Sierra to some */
    FIRST("cill", "kill"),
    ALSO_FIRST("catha", "caha"),        /* Cathal; Cahal: but Catharine */
    ANYWHERE("cleod", "cloud"),         /* MacLeod; McCloud */
    FIRST("graeme", "graham"),
    FIRST("alasd", "alast"),
    FIRST("mc", "mak"),
    ALSO_FIRST("maci", "maki"),         /* MacIntyre; but Maciej */

    /* Welsh. */
    FIRST("gruff", "griff"),
    LAST("ydd", "ith"),                 /* Gruffydd; Griffith */
    FIRST("ceri", "keri"),
    FIRST("cery", "kery"),
    FIRST("euan", "ewan"),
    FIRST("rhy", "ree"),

    /* English oddities. */
    FIRST("katel", "kaytl"),
    FIRST("lewi", "loui"),              /* Lewis; Louis */
    FIRST("stew", "stu"),
    ANYWHERE("micha", "mika"),          /* Michael; Mikael; Michal */
    ANYWHERE("nicho", "niko"),          /* Nicholas; Nikolas */

    /* Polish, German, Scandinavian: w and j. */
    FIRST("woj", "voy"),
    FIRST("wikt", "vikt"),
    FIRST("wito", "vito"),
    FIRST("wlad", "vlad"),
    FIRST("wac", "vac"),
    WHOLE("pawel", "pavel"),
    LAST("slaw", "slav"),
    LAST("iew", "iev"),                 /* Zbigniew */
    WHOLE("ewa", "eva"),
    FIRST("prze", "Xe"),                /* Przemek */
    ALSO_FIRST("ja", "ya"),             /* Janek; Yanek: and James */
    ALSO_FIRST("je", "ye"),
    ALSO_FIRST("jo", "yo"),
    ALSO_FIRST("ju", "yu"),
    LAST("aj", "ay"),
    LAST("ej", "ey"),
    LAST("ij", "iy"),
    LAST("oj", "oy"),
    ALSO_LAST("nja", "nya"),            /* Anja; Anya */
    ALSO_LAST("tja", "tya"),
    ALSO_LAST("aja", "aya"),

    /* Vietnamese. */
    ALSO_WHOLE("nguyen", "wen"),

    /* Punjabi, Russian. */
    ALSO_ANYWHERE("winder", "vinder"),  /* Jaswinder */
    ALSO_FIRST("yek", "ek"),            /* Yekaterina; Ekaterina */
    ALSO_FIRST("yel", "el"),
    ALSO_FIRST("yev", "ev"),

    /* The sounds sh, ch, zh. */
    ANYWHERE("ksh", "ks"),              /* Lakshmi; Laxmi */
    ANYWHERE("tsch", "X"),
    ANYWHERE("sch", "X"),
    ANYWHERE("tch", "X"),
    ANYWHERE("cz", "X"),
    ALSO_ANYWHERE("sz", "X"),           /* Polish sh; Hungarian s */
    ANYWHERE("sz", "s"),
    ALSO_ANYWHERE("rz", "X"),           /* Polish zh; others say r */
    ANYWHERE("rz", "r"),
    ANYWHERE("zh", "X"),
    ANYWHERE("sh", "X"),
    ANYWHERE("chr", "kr"),
    ANYWHERE("chl", "kl"),
    ALSO_LATER("ch", "k"),              /* Zachary; but Rachel */
    ANYWHERE("ch", "X"),

    /* h after another letter. */
    ANYWHERE("ph", "f"),
    ANYWHERE("ngh", "ng"),              /* Singh */
    FIRST("gh", "G"),
    ANYWHERE("rgh", "rG"),
    ALSO_ANYWHERE("gha", "Ga"),         /* Meghan; but Callaghan */
    ANYWHERE("gh", ""),                 /* Hugh, Callaghan */
    ANYWHERE("kh", "k"),
    ANYWHERE("th", "t"),
    ANYWHERE("dh", "d"),
    FIRST("bh", "b"),
    ALSO_LATER("bh", "b"),              /* Abhishek; but Siobhan */
    ANYWHERE("bh", "v"),
    LATER("mh", "v"),                   /* Niamh */
    ANYWHERE("rh", "r"),
    ANYWHERE("wh", "w"),

    /* Letters nobody says. */
    FIRST("kn", "n"),
    FIRST("gn", "n"),
    FIRST("pn", "n"),
    FIRST("ps", "s"),
    FIRST("wr", "r"),
    FIRST("ng", "n"),
    LAST("mb", "m"),
    ANYWHERE("mps", "ms"),              /* Thompson */
    ANYWHERE("pb", "b"),                /* Campbell */

    /* g, j. */
    ANYWHERE("dge", "je"),
    ANYWHERE("dgi", "ji"),
    ANYWHERE("dj", "j"),
    ANYWHERE("gue", "Ge"),
    ANYWHERE("gui", "Gi"),
    ALSO_ANYWHERE("ge", "Ge"),          /* Geoff; but Gerda */
    ANYWHERE("ge", "je"),
    ALSO_ANYWHERE("gi", "Gi"),          /* Gillian; but Gilbert */
    ANYWHERE("gi", "ji"),

    /* c, q, x. */
    ANYWHERE("sce", "se"),
    ANYWHERE("sci", "si"),
    ANYWHERE("cc", "k"),
    ANYWHERE("ck", "k"),
    ANYWHERE("ce", "se"),
    ANYWHERE("ci", "si"),
    ANYWHERE("cy", "sy"),
    ANYWHERE("c", "k"),
    ANYWHERE("que", "kwe"),
    ANYWHERE("qui", "kwi"),
    ALSO_FIRST("x", "X"),               /* Xiao; but Xavier */
    FIRST("x", "s"),
    {NULL, NULL, TP_SOUND_ANYWHERE, false},
};
/* clang-format on */
