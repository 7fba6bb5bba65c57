/* What went wrong, in a form the caller can act on and the person can read.
 *
 * Every function that can fail returns a tp_rc and takes `tp_err *err`, never NULL.  Success leaves
 * `err` untouched.  The text is set once, where the trouble is first known. */
#ifndef TP_PLATFORM_BASE_ERR_H
#define TP_PLATFORM_BASE_ERR_H

#if defined(__GNUC__)
#define TP_MUST_USE __attribute__((warn_unused_result))
#define TP_PRINTF(fmt_at, args_at) __attribute__((format(printf, fmt_at, args_at)))
#else
#define TP_MUST_USE
#define TP_PRINTF(fmt_at, args_at)
#endif

typedef enum tp_rc {
    TP_OK = 0,
    TP_NOMEM,    /* no memory left */
    TP_LIMIT,    /* more than a named limit allows; a smaller piece may pass */
    TP_INVALID,  /* the input is wrong; the text says which field and the mend */
    TP_NOTFOUND, /* there is no such thing */
    TP_EXISTS,   /* there is one already */
    TP_DENIED,   /* the other side, or a rule, does not allow it */
    TP_BUSY,     /* somebody else holds it; try again */
    TP_OFFLINE,  /* no network or no hub; nothing is lost, try later */
    TP_CORRUPT,  /* stored or received bytes are not what they must be */
    TP_IO        /* the disk, the system or a library failed */
} tp_rc;

typedef enum tp_origin {
    TP_ORIGIN_SELF = 0,
    TP_ORIGIN_OS,
    TP_ORIGIN_SQLITE,
    TP_ORIGIN_CURL,
    TP_ORIGIN_MBEDTLS,
    TP_ORIGIN_ZLIB
} tp_origin;

typedef struct tp_err {
    tp_rc rc;
    tp_origin origin; /* whose code */
    int code;         /* their number, 0 when SELF */
    int mend;         /* the way out, where a page and a command line say it differently: of the
                         program's own list (node/view/mend.h); 0: `what` says all there is */
    char what[200];   /* one line, no personal data; fixed size, so that it works without memory */
} tp_err;

/* Fills `err` and returns `rc`, so that a caller can write `return tp_fail(err, ...)`. */
tp_rc tp_fail(tp_err *err, tp_rc rc, const char *fmt, ...) TP_PRINTF(3, 4);
tp_rc tp_fail_from(tp_err *err, tp_rc rc, tp_origin origin, int code, const char *fmt, ...)
    TP_PRINTF(5, 6);
tp_rc tp_fail_mend(tp_err *err, tp_rc rc, int mend, const char *fmt, ...) TP_PRINTF(4, 5);

/* The name of a result ("invalid", "offline"), for JSON and diagnostics.  Static. */
const char *tp_rc_name(tp_rc rc);

#endif
