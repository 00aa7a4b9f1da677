/* BANS, TESTMASK, and the lists of bans of STATS (policy.md 5).
 *
 * A list is a cursor over the bans of one kind after the other: a hundred thousand of
 * them neither stop the server nor fill a queue, and none is left out. */
#include "bans.h"

#include "ban_export.h"
#include "base/duration.h"
#include "base/str.h"
#include "command.h"
#include "policy/ban.h"
#include "policy/policy.h"
#include "proto/casemap.h"
#include "state/cursor.h"

/* The bans of each kind have a numeric, all of one form: letter, mask, setter, text. */
#define FIRST_OF(number, form) number
#define NUMBER_OF(numeric) FIRST_OF(numeric)
#define LISTED "%c %s %s :%s"

static const int numerics[BAN_KINDS] = {
    [BAN_KLINE] = NUMBER_OF(RPL_STATSKLINE),
    [BAN_DLINE] = NUMBER_OF(RPL_STATSDLINE),
    [BAN_RESV] = NUMBER_OF(RPL_STATSQLINE),
    [BAN_XLINE] = NUMBER_OF(RPL_STATSXLINE),
};

enum span { FOR_GOOD, FOR_A_WHILE, EITHER };

struct listing {
    struct cursor cursor; /* first */
    int kind, last;       /* the kind at work, and the last one wanted */
    enum span span;
    char letter;                /* of STATS; '\0': BANS, and each kind has its own */
    char pattern[MESSAGE_LINE]; /* "": all */
    size_t shown, seen;
};

static void
show(struct server *srv, struct client *c, const struct ban *ban)
{
    char text[MESSAGE_LINE], set[MOMENT_TEXT], hit[MOMENT_TEXT], until[80];
    struct str s;
    moment_format(ban->set_at, set, sizeof set);
    moment_format(ban->last_hit, hit, sizeof hit);
    ban_until(ban, srv->wall, until, sizeof until);
    str_init(&s, text, sizeof text);
    str_addf(&s, "set %s, %s, %llu hit%s", set, until, (unsigned long long)ban->hits,
             ban->hits == 1 ? "" : "s");
    if (ban->hits)
        str_addf(&s, ", last %s", hit);
    str_addf(&s, ": %s%s%s", ban->reason, ban->oper_reason[0] ? " | " : "",
             ban->oper_reason);
    reply(srv, c, numerics[ban->kind], LISTED,
          ban_kinds[ban->kind].stats[ban->until != 0], ban->mask.text, ban->setter,
          text);
}

static bool
is_wanted(const struct listing *l, const struct ban *ban)
{
    if (l->span != EITHER && (ban->until == 0) != (l->span == FOR_GOOD))
        return false;
    return l->pattern[0] == '\0' || mask_glob(l->pattern, ban->mask.text) ||
           mask_glob(l->pattern, ban->setter) || mask_glob(l->pattern, ban->reason) ||
           mask_glob(l->pattern, ban->oper_reason);
}

static void
end(struct server *srv, const struct listing *l)
{
    struct client *c = l->cursor.owner;
    if (l->letter)
        reply(srv, c, RPL_ENDOFSTATS, l->letter);
    else
        out_notice(srv, c, "End of BANS: %zu of %zu bans match", l->shown, l->seen);
}

/* False when the piece is full. */
static bool
show_kind(struct server *srv, struct listing *l)
{
    struct cursor *cur = &l->cursor;
    struct list *head = &srv->policy->kinds[l->kind];
    if (cur->node == NULL)
        cur->node = head->next;
    while (cur->node != head) {
        if (cursor_yields(cur))
            return false;
        const struct ban *ban = LIST_ENTRY(cur->node, struct ban, link);
        cur->node = cur->node->next;
        if (ban_is_expired(ban, srv->wall))
            continue;
        l->seen++;
        if (!is_wanted(l, ban))
            continue;
        l->shown++;
        show(srv, cur->owner, ban);
    }
    cur->node = NULL;
    return true;
}

static bool
step(struct server *srv, struct cursor *cur)
{
    struct listing *l = (struct listing *)(void *)cur;
    for (; l->kind <= l->last; l->kind++)
        if (!show_kind(srv, l))
            return false;
    end(srv, l);
    return true;
}

void
bans_stats(struct server *srv, struct client *c, char letter)
{
    struct listing *l = cursor_new(c, sizeof *l, step);
    while (strchr(ban_kinds[l->kind].stats, letter) == NULL)
        l->kind++;
    const char *letters = ban_kinds[l->kind].stats;
    l->last = l->kind;
    l->letter = letter;
    l->span = letters[0] == letters[1]
                  ? EITHER
                  : (letter == letters[0] ? FOR_GOOD : FOR_A_WHILE);
    cursor_start(srv, &l->cursor);
}

/* BANS [<pattern>]: without wildcards it may stand anywhere in what is searched. */
static void
search(struct server *srv, struct client *c, struct message *m)
{
    struct listing *l = cursor_new(c, sizeof *l, step);
    const char *pattern = m->nparams ? m->params[0] : "";
    const char *around = *pattern && strpbrk(pattern, "*?") == NULL ? "*" : "";
    l->last = BAN_KINDS - 1;
    l->span = EITHER;
    str_format(l->pattern, sizeof l->pattern, "%s%s%s", around, pattern, around);
    cursor_start(srv, &l->cursor);
}

/* What the first word of BANS may be; the last row takes everything else. */
static const struct {
    const char *word;
    void (*run)(struct server *srv, struct client *c, struct message *m);
} subcommands[] = {
    {"EXPORT", ban_export_run},
    {NULL, search},
};

static void
bans_run(struct server *srv, struct client *c, struct message *m)
{
    size_t i = 0;
    while (subcommands[i].word &&
           (m->nparams == 0 || !name_equal(subcommands[i].word, m->params[0])))
        i++;
    subcommands[i].run(srv, c, m);
}

static void
testmask_run(struct server *srv, struct client *c, struct message *m)
{
    char err[256];
    struct mask mask;
    if (!mask_parse_strict(m->params[0], &mask, err, sizeof err)) {
        out_notice(srv, c, "TESTMASK refused: %s. Example: TESTMASK *@192.0.2.0/24",
                   err);
        return;
    }
    size_t n = ban_count(srv, BAN_KLINE, &mask);
    reply(srv, c, RPL_TESTMASK, n, mask.text, n, srv->n_registered);
}

const struct command commands_bans[] = {
    {"BANS", bans_run, 0, WHEN_REGISTERED, 2, PRIV_check, 0, "[<pattern> | EXPORT]",
     "search bans of all kinds by mask, setter and reason; EXPORT: all, as ircd "
     "--load-bans reads them"},
    {"TESTMASK", testmask_run, 1, WHEN_REGISTERED, 2, PRIV_check, 0,
     "<nick!user@host | user@host | address | CIDR>",
     "how many clients a K-line of this mask would match"},
    {NULL, NULL, 0, WHEN_ANY, 0, PRIV_NONE, 0, NULL, NULL},
};
