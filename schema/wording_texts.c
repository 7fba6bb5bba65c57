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

const tp_wording tp_wordings[] = {
    {"short-spoken", 2, "en", "Short wording, spoken (version 2)", short_spoken_2},
    {"full-form", 5, "en", "Full form, to read and sign (version 5)", full_form_5},
    {"kiosk", 1, "en", "Kiosk wording (version 1)", kiosk_1},
    {NULL, 0, NULL, NULL, NULL},
};
