/* The texts themselves.  They stand beside the lists of agencies, kinds and purposes that the page
 * or the worker names: "the services", "the kinds" and "what for" point there.
 *
 * Source: domain, Consent (what a consent says), WA7 (consent is the legal basis), PH10 (tell the
 * story once). */
#include "schema/wording.h"

#include <stddef.h>

static const char short_spoken_2[] =
    "I would like to share some of what you tell me, so that you do not have to tell it all "
    "again.\n"
    "\n"
    "I would share only the kinds of things I have just named, only with the services I have just "
    "named, and only so that they can help you in the way I have just said.\n"
    "\n"
    "You can say yes to some of it and no to the rest. You can say no to all of it. If you say no, "
    "I "
    "will still help you, and so will they.\n"
    "\n"
    "You can change your mind at any time: tell me, or anybody at any of these services, and it "
    "stops. What they were told is then taken back from their devices, but nobody can forget what "
    "they have already read.\n"
    "\n"
    "There is one thing I could not keep to myself: if I thought that you or somebody else were in "
    "serious danger, or if the law made me tell. If I can, I will tell you first.\n"
    "\n"
    "Is that all right with you?\n";

static const char full_form_5[] =
    "Sharing what you tell us\n"
    "\n"
    "Several services would like to work together to support you. To do that they need to know "
    "some "
    "things about you. This form says what you agree to, and it is yours to decide.\n"
    "\n"
    "What is shared\n"
    "Only the kinds of information ticked on this form. Your name, and what you have asked for, go "
    "with them. Anything about domestic abuse, safeguarding or immigration is shared only if that "
    "kind is ticked by name.\n"
    "\n"
    "With whom\n"
    "Only with the services ticked on this form. Each has signed an agreement on how it keeps "
    "information safe. \"All services under the agreement\" means those that have signed it by "
    "today, "
    "not any that sign later.\n"
    "\n"
    "What for\n"
    "Only for what is ticked on this form:\n"
    "- support: so that these services can help you without asking you everything again;\n"
    "- discussion by the multi-agency team: so that they can plan together. You may come, or "
    "choose "
    "somebody to speak for you;\n"
    "- evaluation: so that we can count what helps. Your name is not used.\n"
    "\n"
    "For how long\n"
    "Until the end of the day written on this form, or until you say stop, whichever comes first. "
    "We "
    "will ask you again on the review date.\n"
    "\n"
    "Saying no, or stop\n"
    "You do not have to agree to any of this. You can agree to a part of it. If you say no, you "
    "will "
    "still get help from the service you are talking to, and you can ask any of the others "
    "yourself.\n"
    "You can change your mind at any time, about all of it or a part. Tell any worker at any of "
    "these "
    "services, in any way you like. From then on nothing more is shared, and what was shared is "
    "taken "
    "back from their devices. What somebody has already read or acted on cannot be undone.\n"
    "\n"
    "When we would share without asking\n"
    "If we believe that you or somebody else is in serious danger, or if the law or a court "
    "requires "
    "it. Somebody senior has to decide that, it is written down, and we tell you unless telling "
    "you "
    "would put somebody in danger.\n"
    "\n"
    "Your rights\n"
    "You can ask to see what is written about you, and have what is wrong put right. You can ask "
    "who "
    "has seen it. If you are unhappy with how we use it, tell us, or the Information "
    "Commissioner's "
    "Office.\n"
    "\n"
    "I have read this, or had it read to me, and had the chance to ask questions.\n";

static const char kiosk_1[] =
    "May we pass this on?\n"
    "\n"
    "What you write here goes to the service that runs this screen. To help you, they may need to "
    "tell "
    "the other services shown here.\n"
    "\n"
    "They would be told only what you tick, and only so that they can help you.\n"
    "\n"
    "You can say no. Your request is still taken, and somebody here will still help you.\n"
    "\n"
    "You can change your mind at any time: tell anybody who works here.\n"
    "\n"
    "If somebody is in serious danger we may have to tell without asking.\n"
    "\n"
    "Nothing you write stays on this screen when you have finished.\n";

/* The short one in the languages of the kiosk.  Nobody who speaks them has read these yet: the page
 * that shows one says so (api_schema.c, proof_read).  A text that is put right is a new version.
 * clang-format counts the letters of other scripts in its own way. */
/* clang-format off */
static const char short_spoken_2_cy[] =
    "Hoffwn rannu rhywfaint o'r hyn rydych chi'n ei ddweud wrtha i, fel na fydd rhaid i chi "
    "ddweud y cyfan eto.\n"
    "\n"
    "Byddwn i'n rhannu dim ond y mathau o bethau rydw i newydd eu henwi, dim ond gyda'r "
    "gwasanaethau rydw i newydd eu henwi, a dim ond er mwyn iddyn nhw eich helpu chi yn y "
    "ffordd rydw i newydd ei dweud.\n"
    "\n"
    "Gallwch chi ddweud ie i ran ohono a na i'r gweddill. Gallwch chi ddweud na i'r cyfan. "
    "Os dywedwch chi na, bydda i'n dal i'ch helpu chi, a byddan nhw hefyd.\n"
    "\n"
    "Gallwch chi newid eich meddwl ar unrhyw adeg: dywedwch wrtha i, neu wrth unrhyw un yn "
    "unrhyw un o'r gwasanaethau hyn, ac mae'n dod i ben. Wedyn mae'r hyn a ddywedwyd wrthyn "
    "nhw yn cael ei dynnu'n ôl oddi ar eu dyfeisiau, ond ni all neb anghofio'r hyn maen nhw "
    "wedi'i ddarllen yn barod.\n"
    "\n"
    "Mae un peth na allwn ei gadw i mi fy hun: pe bawn i'n meddwl eich bod chi neu rywun "
    "arall mewn perygl difrifol, neu pe bai'r gyfraith yn gwneud i mi ddweud. Os galla i, "
    "bydda i'n dweud wrthoch chi yn gyntaf.\n"
    "\n"
    "Ydy hynny'n iawn gyda chi?\n";

static const char short_spoken_2_pl[] =
    "Chcę przekazać dalej część tego, co mi mówisz. Dzięki temu nie trzeba będzie "
    "opowiadać wszystkiego od nowa.\n"
    "\n"
    "Chodzi tylko o te rodzaje spraw, o których była przed chwilą mowa, tylko o te "
    "służby, które zostały przed chwilą wymienione, i tylko po to, żeby mogły ci "
    "pomóc w sposób, o którym była mowa.\n"
    "\n"
    "Możesz zgodzić się na część, a na resztę nie. Możesz nie zgodzić się na nic. "
    "Jeśli powiesz „nie”, nadal będę ci pomagać, i oni też.\n"
    "\n"
    "W każdej chwili możesz zmienić zdanie: powiedz mnie albo komukolwiek w którejś z "
    "tych służb, a to się skończy. To, co im przekazano, zostanie wtedy usunięte z ich "
    "urządzeń, ale nikt nie może zapomnieć tego, co już przeczytał.\n"
    "\n"
    "Jest jedna rzecz, której nie mogę zatrzymać dla siebie: gdyby tobie albo komuś "
    "innemu groziło poważne niebezpieczeństwo albo gdyby prawo kazało mi o czymś "
    "powiedzieć. Jeśli to będzie możliwe, powiem o tym najpierw tobie.\n"
    "\n"
    "Czy zgadzasz się na to?\n";

static const char short_spoken_2_ro[] =
    "Aș vrea să dau mai departe o parte din ce îmi spuneți, ca să nu fie nevoie să "
    "povestiți totul din nou.\n"
    "\n"
    "Aș da mai departe doar felurile de lucruri pe care tocmai le-am numit, doar "
    "serviciilor pe care tocmai le-am numit și doar ca să vă poată ajuta așa cum tocmai "
    "am spus.\n"
    "\n"
    "Puteți spune da la o parte și nu la rest. Puteți spune nu la tot. Dacă spuneți nu, "
    "eu vă ajut în continuare, și ei la fel.\n"
    "\n"
    "Vă puteți răzgândi oricând: spuneți-mi mie sau oricui de la oricare dintre aceste "
    "servicii și se oprește. Ce li s-a spus este atunci retras de pe dispozitivele lor, "
    "dar nimeni nu poate uita ce a citit deja.\n"
    "\n"
    "Este un singur lucru pe care nu l-aș putea ține pentru mine: dacă aș crede că "
    "dumneavoastră sau altcineva este în pericol grav sau dacă legea m-ar obliga să "
    "spun. Dacă pot, vă spun mai întâi dumneavoastră.\n"
    "\n"
    "Sunteți de acord?\n";

static const char short_spoken_2_ar[] =
    "أود أن أشارك بعض ما تقوله لي مع آخرين، حتى لا "
    "تضطر إلى أن تحكي كل شيء من جديد.\n"
    "\n"
    "سأشارك فقط أنواع الأمور التي ذكرتها للتو، وفقط "
    "مع الجهات التي ذكرتها للتو، وفقط لكي تتمكن من "
    "مساعدتك بالطريقة التي شرحتها للتو.\n"
    "\n"
    "يمكنك أن تقول نعم لبعض ذلك ولا للباقي. ويمكنك أن "
    "تقول لا لكل شيء. إذا قلت لا فسأظل أساعدك، وهم "
    "أيضاً.\n"
    "\n"
    "يمكنك أن تغيّر رأيك في أي وقت: أخبرني أو أخبر أي "
    "شخص في أي من هذه الجهات، فيتوقف ذلك. عندها يُسحب "
    "من أجهزتهم ما قيل لهم، لكن لا أحد يستطيع أن ينسى "
    "ما قرأه من قبل.\n"
    "\n"
    "هناك أمر واحد لا أستطيع أن أحتفظ به لنفسي: إذا "
    "ظننت أنك أنت أو شخصاً آخر في خطر شديد، أو إذا "
    "ألزمني القانون بأن أخبر. إذا استطعت فسأخبرك "
    "أولاً.\n"
    "\n"
    "هل توافق على ذلك؟\n";

static const char short_spoken_2_fa[] =
    "می‌خواهم بخشی از چیزهایی را که به من می‌گویید "
    "با دیگران در میان بگذارم تا لازم نباشد همه را "
    "دوباره بگویید.\n"
    "\n"
    "فقط همان نوع چیزهایی را می‌گویم که همین حالا "
    "نام بردم، فقط به همان سازمان‌هایی که همین حالا "
    "نام بردم، و فقط برای این که بتوانند همان طور که "
    "گفتم به شما کمک کنند.\n"
    "\n"
    "می‌توانید به بخشی از آن بله و به بقیه نه بگویید. "
    "می‌توانید به همه نه بگویید. اگر نه بگویید، من "
    "باز هم به شما کمک می‌کنم و آن‌ها هم همین‌طور.\n"
    "\n"
    "هر وقت بخواهید می‌توانید نظرتان را عوض کنید: به "
    "من یا به هر کسی در هر کدام از این سازمان‌ها "
    "بگویید و این کار متوقف می‌شود. آن وقت آنچه به "
    "آن‌ها گفته شده از دستگاه‌هایشان پس گرفته "
    "می‌شود، اما هیچ کس نمی‌تواند چیزی را که قبلاً "
    "خوانده فراموش کند.\n"
    "\n"
    "یک چیز هست که نمی‌توانم پیش خودم نگه دارم: اگر "
    "فکر کنم شما یا کس دیگری در خطر جدی هستید، یا اگر "
    "قانون مرا وادار کند بگویم. اگر بتوانم، اول به "
    "خودتان می‌گویم.\n"
    "\n"
    "آیا با این موافق هستید؟\n";
/* clang-format on */

const tp_wording tp_wordings[] = {
    {"short-spoken", 2, "en", "Short wording, spoken (version 2)", short_spoken_2},
    {"short-spoken-cy", 2, "cy", "In Welsh: short wording, spoken (version 2)", short_spoken_2_cy},
    {"short-spoken-pl", 2, "pl", "In Polish: short wording, spoken (version 2)", short_spoken_2_pl},
    {"short-spoken-ro", 2, "ro", "In Romanian: short wording, spoken (version 2)",
     short_spoken_2_ro},
    {"short-spoken-ar", 2, "ar", "In Arabic: short wording, spoken (version 2)", short_spoken_2_ar},
    {"short-spoken-fa", 2, "fa", "In Farsi: short wording, spoken (version 2)", short_spoken_2_fa},
    {"full-form", 5, "en", "Full form, to read and sign (version 5)", full_form_5},
    {"kiosk", 1, "en", "Kiosk wording (version 1)", kiosk_1},
    {NULL, 0, NULL, NULL, NULL},
};
