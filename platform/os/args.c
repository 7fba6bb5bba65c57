/* Options and arguments of one command. */
#include "platform/os/args.h"

#include "platform/os/near_word.h"

static const tp_option *find_option(const tp_option *options, tp_slice word)
{
    for (const tp_option *o = options; o->name != NULL; o++) {
        if (tp_near_word_slips(word, tp_slice_str(o->name), 0) == 0) {
            return o;
        }
    }
    return NULL;
}

/* The nearest option is named; what was typed is not, for it may be somebody's words. */
static tp_rc refuse_option(const tp_call *call, const tp_option *options, tp_slice word,
                           tp_err *err)
{
    tp_near_word near = tp_near_word_begin(word);
    for (const tp_option *o = options; o->name != NULL; o++) {
        tp_near_word_offer(&near, o->name);
    }
    if (near.best != NULL) {
        char shown[TP_NEAR_WORD_BYTES_MAX + 1];
        tp_near_word_show(near.best, shown);
        return tp_fail(err, TP_INVALID, "there is no such option: did you mean --%s?", shown);
    }
    return tp_fail(err, TP_INVALID, "there is no such option; `%s %s --help` lists them",
                   call->program->name, call->command->name);
}

/* `--name value`, `--name=value` or `--flag` at argv[at]; says how many words it was. */
static tp_rc take_one(tp_call *call, const tp_option *options, int at, int *words_out, tp_err *err)
{
    const char *word = call->argv[at] + 2;
    const char *equals = strchr(word, '=');
    size_t bytes = equals == NULL ? strlen(word) : (size_t)(equals - word);
    const tp_option *o = find_option(options, tp_slice_of(word, bytes));
    *words_out = 1;
    if (o == NULL) {
        return refuse_option(call, options, tp_slice_of(word, bytes), err);
    }
    if (o->is_flag) {
        *o->value = "";
    } else if (equals != NULL) {
        *o->value = equals + 1;
    } else if (at + 1 < call->argc) {
        *o->value = call->argv[at + 1];
        *words_out = 2;
    } else {
        return tp_fail(err, TP_INVALID, "--%s needs a value", o->name);
    }
    return TP_OK;
}

tp_rc tp_args_take(tp_call *call, const tp_option *options, int least, int most, tp_err *err)
{
    int kept = 0;
    bool is_over = false;
    for (int i = 0; i < call->argc;) {
        int words = 1;
        const char *word = call->argv[i];
        if (!is_over && strcmp(word, "--") == 0) {
            is_over = true;
        } else if (!is_over && strncmp(word, "--", 2) == 0) {
            tp_rc rc = take_one(call, options, i, &words, err);
            if (rc != TP_OK) {
                return rc;
            }
        } else {
            call->argv[kept++] = call->argv[i];
        }
        i += words;
    }
    call->argc = kept;
    if (kept < least) {
        return tp_call_usage(call, "something is missing", err);
    }
    return kept > most ? tp_call_usage(call, "more words than it takes", err) : TP_OK;
}
