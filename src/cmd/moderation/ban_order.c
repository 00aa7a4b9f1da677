/* Reads the parameters of KLINE, DLINE, RESV and XLINE. */
#include "ban_order.h"

#include "base/duration.h"
#include "base/str.h"
#include "cmd/command.h"
#include "proto/casemap.h"
#include "state/request.h"

#include <string.h>

void
ban_order_refuse(struct request *req, enum ban_kind kind, const char *why)
{
    const struct ban_kind_row *row = &ban_kinds[kind];
    command_refuse(req, row->set, why, row->example);
}

static bool
looks_like_duration(const char *text)
{
    return text[0] >= '0' && text[0] <= '9' && strpbrk(text, ".:@*?/!") == NULL;
}

/* Whether the word is a duration. A number of more than eight digits without a unit is
 * not: it is more likely an address written as one number than minutes. */
static bool
is_duration(const char *text, msec *length)
{
    size_t digits = strspn(text, "0123456789");
    if (digits > 8 && text[digits] == '\0')
        return false;
    return looks_like_duration(text) &&
           duration_parse(text, DURATION_BARE_MINUTES, length);
}

/* The index of FORCE among the parameters; n: it is not there. */
static int
find_force(char *const *params, int n)
{
    int i = 0;
    while (i < n && !name_equal(params[i], "FORCE"))
        i++;
    return i;
}

/* Writes the fault of parameters that have none of the right forms. */
static void
explain_fault(const struct ban_order *o, char *const *params, int n, char *why,
              size_t size)
{
    static const char needs_colon[] = "a reason of several words needs ':' before it";
    const char *blank = ban_kinds[o->kind].blank ? ban_kinds[o->kind].blank : "";
    /* The word that was meant as the duration: the first, or the second. */
    bool first = n == 2 || looks_like_duration(params[0]) ||
                 strpbrk(params[n > 1], "@*!/:.") != NULL;
    if (n == 1)
        str_format(why, size, "'%s' is a duration, and the mask is missing",
                   SHOWN(params[0]));
    else if (find_force(params, n) < n)
        str_format(why, size, "FORCE must come before all others");
    else if (n > 3)
        str_format(why, size, "'%s' is a word too many: %s%s", SHOWN(params[3]),
                   needs_colon, blank);
    else
        str_format(why, size,
                   "'%s' is not a duration (expected 10m, 1d12h, or minutes as a bare "
                   "number)%s%s%s",
                   SHOWN(params[!first]), first ? "" : ", and ",
                   first ? "" : needs_colon, blank);
}

/* Takes the word FORCE, or NOW of a kind that lets its clients stay without it. These
 * words stand before all other parameters, in any order, each once. */
static bool
take_flag_word(struct ban_order *o, const char *word)
{
    bool *flag = name_equal(word, "FORCE")                               ? &o->force
                 : ban_kinds[o->kind].stay[0] && name_equal(word, "NOW") ? &o->now
                                                                         : NULL;
    if (flag == NULL || *flag)
        return false;
    *flag = true;
    return true;
}

bool
ban_order_read(struct request *req, struct ban_order *o)
{
    struct message *m = req->message;
    char why[256];
    int at = 0;
    for (; at < m->nparams && take_flag_word(o, m->params[at]); at++)
        ;
    if (at == m->nparams) {
        str_format(why, sizeof why, "nothing comes after %s", o->now ? "NOW" : "FORCE");
        ban_order_refuse(req, o->kind, why);
        return false;
    }
    int left = m->nparams - at;
    char **p = m->params + at;
    const char *reason = "";
    bool is_short = left <= 3; /* false: the reason has several words and no ':' */
    if (is_short && left >= 2 && is_duration(p[0], &o->length)) {
        o->target = p[1];
        reason = left > 2 ? p[2] : "";
    } else if (is_short && left >= 2 && is_duration(p[1], &o->length)) {
        o->target = p[0];
        reason = left > 2 ? p[2] : "";
    } else if (left <= 2 && !looks_like_duration(p[0])) {
        o->target = p[0];
        reason = left == 2 ? p[1] : "";
    } else {
        explain_fault(o, p, left, why, sizeof why);
        ban_order_refuse(req, o->kind, why);
        return false;
    }
    command_split_reason(reason, o->reason, sizeof o->reason, o->oper_reason,
                         sizeof o->oper_reason);
    if (o->reason[0] == '\0')
        str_format(o->reason, sizeof o->reason, "no reason given");
    return true;
}
