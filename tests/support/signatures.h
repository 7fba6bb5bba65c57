/* Signatures that cost next to nothing, in the place of platform/crypto's, for a program that is
 * linked with --wrap=tp_key_sign,--wrap=tp_public_key_verify. */
#ifndef TP_TESTS_SUPPORT_SIGNATURES_H
#define TP_TESTS_SUPPORT_SIGNATURES_H

#include <stdbool.h>

/* Whether keys sign as they do in the program.  Else a signature is a digest of the public key and
 * what is signed: as good for a world in which nobody forges one, and a thousandth of the time. */
extern bool signatures_are_real;

#endif
