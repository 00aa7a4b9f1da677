/* The answers that `ircd ctl` reads. A line of the server is from the other side of a
 * socket: nothing is assumed of it but its length. */
#include "proto/control_answer.h"

#include "base/str.h"
#include "proto/casemap.h"
#include "proto/message.h"

#include <string.h>

void
control_answer_begin(struct control_answer *a, const char *label, const char *command)
{
    *a = (struct control_answer){.done = false};
    str_format(a->label, sizeof a->label, "%s", label);
    str_format(a->verb, sizeof a->verb, "%.*s", (int)strcspn(command, " "), command);
}

void
control_answer_nick(const char *prefix, unsigned long number,
                    char out[static CONTROL_NICK])
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    str_format(out, CONTROL_NICK, "%s%c%c", prefix, digits[number / 36 % 36],
               digits[number % 36]);
}

/* Writes the value of a tag of m into out; "": it has none. */
static void
find_tag_value(const struct message *m, const char *key, char *out, size_t size)
{
    const char *at = m->tags;
    struct tag tag;
    out[0] = '\0';
    while (at && tag_next(&at, &tag)) {
        if (tag.key_len == strlen(key) && memcmp(tag.key, key, tag.key_len) == 0 &&
            tag.value)
            tag_unescape(tag.value, tag.value_len, out, size);
    }
}

static bool
is_numeric(const char *verb)
{
    return strlen(verb) == 3 && strspn(verb, "0123456789") == 3;
}

/* Joins the parameters from number `from` on in place, with a blank between two of
 * them. */
static const char *
join_params(const struct message *m, int from)
{
    if (from >= m->nparams)
        return "";
    char *end = m->params[from] + strlen(m->params[from]);
    for (int i = from + 1; i < m->nparams; i++) {
        size_t n = strlen(m->params[i]);
        *end++ = ' '; /* at least one byte was between them */
        memmove(end, m->params[i], n + 1);
        end += n;
    }
    return m->params[from];
}

/* Whether a notice is "VERB refused…" or, of TESTMASK, "VERB KIND refused…". The operator
 * may have typed the verb in small letters. */
static bool
says_refused(const struct control_answer *a, const char *text)
{
    static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    char verb[CONTROL_VERB];
    size_t n = strcspn(text, " ");
    str_format(verb, sizeof verb, "%.*s", (int)n, text);
    if (!name_equal(verb, a->verb))
        return false;
    text += n;
    size_t kind = *text == ' ' ? strspn(text + 1, capitals) : 0;
    if (kind > 0 && text[1 + kind] == ' ')
        text += 1 + kind;
    return strncmp(text, " refused", strlen(" refused")) == 0;
}

/* Whether the store has not saved a change. Only the server writes a code: texts of
 * operators may say the same words. */
static bool
says_unsaved(const struct message *m)
{
    return strcmp(m->verb, "WARN") == 0 && m->nparams > 2 &&
           strcmp(m->params[1], "NOT_SAVED") == 0;
}

static bool
is_refusal(const struct control_answer *a, const struct message *m, const char *text)
{
    if (is_numeric(m->verb))
        return m->verb[0] == '4' || m->verb[0] == '5';
    if (strcmp(m->verb, "FAIL") == 0 || says_unsaved(m))
        return true;
    return strcmp(m->verb, "NOTICE") == 0 && says_refused(a, text);
}

static enum control_line
take_text(struct control_answer *a, const struct message *m, struct control_text *out)
{
    bool standard = strcmp(m->verb, "FAIL") == 0 || strcmp(m->verb, "WARN") == 0 ||
                    strcmp(m->verb, "NOTE") == 0;
    out->code = m->verb;
    out->unsaved = says_unsaved(m);
    out->text = join_params(m, out->unsaved ? 2 : standard ? 0 : 1);
    out->refuses = is_refusal(a, m, out->text);
    a->refused = a->refused || out->refuses;
    return CONTROL_TEXT;
}

/* A BATCH line. Only the batch of the label matters. */
static enum control_line
take_batch(struct control_answer *a, const struct message *m, bool labelled)
{
    const char *reference = m->nparams > 0 ? m->params[0] : "";
    if (labelled && *reference == '+')
        str_format(a->batch, sizeof a->batch, "%s", reference + 1);
    else if (*a->batch && *reference == '-' && strcmp(reference + 1, a->batch) == 0) {
        a->batch[0] = '\0';
        a->done = true;
    }
    return CONTROL_OTHER;
}

/* A line outside of the answer. */
static enum control_line
take_other(const struct message *m, struct control_text *out)
{
    if (strcmp(m->verb, "381") == 0)
        return CONTROL_READY;
    if (strcmp(m->verb, "433") == 0)
        return CONTROL_IN_USE;
    if (strcmp(m->verb, "ERROR") != 0)
        return CONTROL_OTHER;
    *out = (struct control_text){.code = m->verb, .text = join_params(m, 0)};
    return CONTROL_ENDED;
}

enum control_line
control_answer_take(struct control_answer *a, char *line, size_t len,
                    struct control_text *out)
{
    struct message m;
    char label[CONTROL_LABEL], batch[CONTROL_REFERENCE];
    enum message_status status = message_parse(line, len, &m);
    if (status == MESSAGE_BLANK)
        return CONTROL_OTHER;
    if (status != MESSAGE_OK)
        return CONTROL_BROKEN;
    find_tag_value(&m, "label", label, sizeof label);
    find_tag_value(&m, "batch", batch, sizeof batch);
    bool labelled = *a->label && strcmp(label, a->label) == 0;
    if (strcmp(m.verb, "BATCH") == 0)
        return take_batch(a, &m, labelled);
    if (labelled) {
        a->done = true;
        return strcmp(m.verb, "ACK") == 0 ? CONTROL_OTHER : take_text(a, &m, out);
    }
    /* A line of a batch inside of the answer counts as well. */
    if (*a->batch && *batch)
        return take_text(a, &m, out);
    return take_other(&m, out);
}

void
control_answer_show(const char *text, char *out, size_t size)
{
    struct str s;
    size_t left = strlen(text);
    str_init(&s, out, size);
    for (size_t n; left > 0; text += n, left -= n) {
        n = str_utf8(text, left);
        unsigned code = (unsigned char)text[n == 2];
        bool is_low = n == 1 && (code < ' ' || code == 0x7f) && code != '\t';
        bool is_high = n == 2 && (unsigned char)text[0] == 0xc2 && code < 0xa0;
        if (n == 0 || is_low || is_high) {
            str_addf(&s, "\\x%02x", code);
            n += n == 0;
        } else {
            str_addn(&s, text, n);
        }
    }
}
