/* BANS, TESTMASK, and the lists of bans of STATS.
 *
 * A list goes through the bans kind by kind. It is a cursor, so 100,000 bans neither
 * stop the server nor fill a queue, and no ban is left out. */
#include "cmd/ban_list.h"

#include "ban_export.h"
#include "ban_upload.h"
#include "base/duration.h"
#include "base/str.h"
#include "cmd/command.h"
#include "host_target.h"
#include "policy/access.h"
#include "policy/ban/ban.h"
#include "policy/ban/look.h"
#include "policy/ban/shown.h"
#include "policy/client_policy.h"
#include "policy/host.h"
#include "policy/policy.h"
#include "proto/casemap.h"
#include "proto/utf8.h"
#include "state/cursor.h"

/* Each kind of ban has its own numeric, all of one form: letter, mask, setter, text. */
#define FIRST_OF(number, form) number
#define NUMBER_OF(numeric) FIRST_OF(numeric)
#define LISTED "%c %s %s :%s"

static const int numerics[BAN_KINDS] = {
    [BAN_KLINE] = NUMBER_OF(RPL_STATSKLINE),
    [BAN_DLINE] = NUMBER_OF(RPL_STATSDLINE),
    [BAN_RESV] = NUMBER_OF(RPL_STATSQLINE),
    [BAN_XLINE] = NUMBER_OF(RPL_STATSXLINE),
};

enum ban_term { TERM_PERMANENT, TERM_TEMPORARY, TERM_ANY };

/* The state of a list of bans. */
struct ban_listing {
    struct cursor cursor; /* first */
    struct ban_span kinds;
    enum ban_term term;
    char letter;                /* of STATS; '\0': the command is BANS */
    char pattern[MESSAGE_LINE]; /* "": all bans match */
    size_t shown, seen;         /* bans that match; all bans */
};

#define MORE "... "
/* Bytes of the text of a ban: both reasons, and the facts before them. */
#define LONGEST (2 * BAN_REASON + 250)

/* The bytes of text that fit in a line behind ":server 216 nick K mask setter :". */
static size_t
count_text_room(const struct server *srv, const struct client *c, const struct ban *ban)
{
    return MESSAGE_LINE - 2 - srv->me.name_len - c->user.nick_len -
           strlen(ban->mask.text) - strlen(ban->setter) - (sizeof ":  216  K   :" - 1);
}

/* The bytes of the text to send in the next line: up to the last blank that fits, if it
 * stands in the second half of the line; else as many as fit. */
static size_t
measure_piece(const char *text, size_t room)
{
    size_t len = strlen(text);
    if (len <= room)
        return len;
    size_t n = utf8_cut(text, len, room), at = n;
    while (at > n / 2 && text[at] != ' ')
        at--;
    return at > n / 2 ? at : n;
}

/* Sends a ban in as many lines of its numeric as it needs: no reason is cut short. */
static void
show_ban_lines(struct server *srv, struct client *c, const struct ban *ban)
{
    const char *oper_reason = ban_shown_oper_reason(c, ban);
    char text[LONGEST], set[MOMENT_TEXT], hit[MOMENT_TEXT], until[80];
    struct str s;
    moment_format(ban->set_at, set, sizeof set);
    moment_format(ban->last_hit, hit, sizeof hit);
    ban_until(ban, srv->wall, until, sizeof until);
    str_init(&s, text, sizeof text);
    str_addf(&s, "set %s, %s, %llu hit%s", set, until, (unsigned long long)ban->hits,
             ban->hits == 1 ? "" : "s");
    if (ban->hits)
        str_addf(&s, ", last %s", hit);
    str_addf(&s, ": %s%s%s", ban->reason, *oper_reason ? " | " : "", oper_reason);
    size_t room = count_text_room(srv, c, ban), more = 0;
    for (const char *at = text; *at; more = sizeof MORE - 1) {
        char line[MESSAGE_LINE];
        size_t n = measure_piece(at, room - more);
        str_format(line, sizeof line, "%s%.*s", more ? MORE : "", (int)n, at);
        out_numeric(srv, c, numerics[ban->kind], LISTED,
                    ban_kinds[ban->kind].stats[ban->until != 0], ban->mask.text,
                    ban->setter, line);
        at += n + (at[n] == ' ');
    }
}

static bool
is_ban_wanted(struct server *srv, const struct ban_listing *l, const struct ban *ban)
{
    if (l->term != TERM_ANY && (ban->until == 0) != (l->term == TERM_PERMANENT))
        return false;
    const char *const texts[] = {ban->mask.text, ban->setter, ban->reason,
                                 ban_shown_oper_reason(l->cursor.owner, ban)};
    bool wanted = l->pattern[0] == '\0';
    for (size_t i = 0; i < sizeof texts / sizeof *texts && !wanted; i++)
        wanted = mask_glob_work(l->pattern, texts[i], &srv->work);
    return wanted;
}

static void
end_ban_list(const struct ban_listing *l)
{
    const struct request *req = &l->cursor.request;
    if (l->letter)
        reply(req, RPL_ENDOFSTATS, l->letter);
    else
        reply_notice(req, "End of BANS: %zu of %zu bans match", l->shown, l->seen);
}

static void
list_ban(struct server *srv, struct cursor *cur, const struct ban *ban)
{
    struct ban_listing *l = (struct ban_listing *)(void *)cur;
    l->seen++;
    if (!is_ban_wanted(srv, l, ban))
        return;
    l->shown++;
    show_ban_lines(srv, cur->owner, ban);
}

static bool
step_bans(struct server *srv, struct cursor *cur)
{
    struct ban_listing *l = (struct ban_listing *)(void *)cur;
    if (!ban_walk(srv, cur, &l->kinds, list_ban))
        return false;
    end_ban_list(l);
    return true;
}

void
ban_list_stats(const struct request *req, char letter)
{
    struct ban_listing *l = cursor_new(req->srv, req->client, sizeof *l, step_bans);
    int kind = 0;
    while (strchr(ban_kinds[kind].stats, letter) == NULL)
        kind++;
    const char *letters = ban_kinds[kind].stats;
    l->kinds = (struct ban_span){kind, kind};
    l->letter = letter;
    if (letters[0] == letters[1])
        l->term = TERM_ANY;
    else
        l->term = letter == letters[0] ? TERM_PERMANENT : TERM_TEMPORARY;
    cursor_start(req->srv, &l->cursor);
}

/* BANS [<pattern>]. A pattern without wildcards may stand anywhere in a text of the
 * ban. */
static void
search_bans(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    struct ban_listing *l = cursor_new(srv, c, sizeof *l, step_bans);
    const char *pattern = m->nparams ? m->params[0] : "";
    const char *around = *pattern && strpbrk(pattern, "*?") == NULL ? "*" : "";
    l->kinds.last = BAN_KINDS - 1;
    l->term = TERM_ANY;
    str_format(l->pattern, sizeof l->pattern, "%s%s%s", around, pattern, around);
    cursor_start(srv, &l->cursor);
}

/* The subcommands of BANS. The last row runs for every other first word. */
static const struct {
    const char *word;
    void (*run)(struct request *req);
} subcommands[] = {
    {"EXPORT", ban_export_run},
    {"IMPORT", ban_upload_run},
    {NULL, search_bans},
};

static void
bans_run(struct request *req)
{
    struct message *m = req->message;
    size_t i = 0;
    while (subcommands[i].word &&
           (m->nparams == 0 || !name_equal(subcommands[i].word, m->params[0])))
        i++;
    subcommands[i].run(req);
}

/* The state of a TESTMASK. */
struct testing {
    const struct client *oper;
    const struct mask *mask;
    struct ban_cover cover;
};

static bool
count_tested_client(struct server *srv, struct client *other, void *ctx)
{
    struct testing *t = ctx;
    (void)srv;
    if (access_mask_means(t->oper, t->mask, other))
        ban_cover_add(&t->cover, other, policy_of(other)->exempt & EXEMPT_BANS);
    return true;
}

static void
add_plural_count(struct str *s, size_t n, const char *of)
{
    if (n > 0)
        str_addf(s, "%zu %s%s", n, of, n == 1 ? "" : "s");
}

void
ban_list_add_staying(struct str *s, const struct ban_cover *cover)
{
    if (cover->opers + cover->exempt == 0)
        return;
    str_add(s, "; ");
    add_plural_count(s, cover->opers, "operator");
    str_add(s, cover->opers && cover->exempt ? " and " : "");
    add_plural_count(s, cover->exempt, "exempt client");
    str_add(s, cover->opers + cover->exempt == 1 ? " stays" : " stay");
}

static void
tell_cover(struct request *req, const struct mask *mask, const struct ban_cover *cover)
{
    char stay[80];
    struct str s;
    str_init(&s, stay, sizeof stay);
    ban_list_add_staying(&s, cover);
    reply(req, RPL_TESTMASK, cover->all, mask->text, cover->all, req->srv->n_local,
          stay);
}

/* TESTMASK XLINE or RESV: counts clients by real name, nick or channel. The members of
 * a channel are counted only for operators with see_address, since it may be secret. */
static void
test_text_mask(struct request *req, enum ban_kind kind, const char *text)
{
    char err[256];
    struct mask mask;
    struct ban_cover cover;
    const struct ban_kind_row *row = &ban_kinds[kind];
    if (!row->parse(text, &mask, err, sizeof err)) {
        reply_notice(req, "TESTMASK %s refused: %s", row->set, err);
        return;
    }
    if (mask.host[0] == '#' && kind == BAN_RESV &&
        !access_has(req->client, PRIV_see_address)) {
        reply_notice(req, "TESTMASK RESV refused: counting the members of channels "
                          "needs see_address");
        return;
    }
    ban_cover(req->srv, kind, &mask, &cover);
    tell_cover(req, &mask, &cover);
}

/* The kind that the command of this name sets; BAN_KINDS: none. */
static enum ban_kind
find_named_kind(const char *word)
{
    int k = 0;
    while (k < BAN_KINDS && !name_equal(ban_kinds[k].set, word))
        k++;
    return (enum ban_kind)k;
}

/* TESTMASK [KLINE | DLINE | RESV | XLINE] <mask> */
static void
testmask_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    char err[256], typed[HOST_TARGET_TYPED];
    struct mask mask;
    enum ban_kind kind = m->nparams > 1 ? find_named_kind(m->params[0]) : BAN_KINDS;
    if (kind != BAN_KINDS && !ban_is_of_hosts(kind)) {
        test_text_mask(req, kind, m->params[1]);
        return;
    }
    const char *text = host_target_typed(m->params[kind != BAN_KINDS], typed);
    if (!mask_parse_strict(text, &mask, err, sizeof err) ||
        mask_is_misspelled(&mask, err, sizeof err)) {
        reply_notice(req, "TESTMASK refused: %s%s. Example: TESTMASK *@192.0.2.0/24",
                     err, host_target_hint(text));
        return;
    }
    if (mask.is_prefix && !access_has(c, PRIV_see_address)) {
        reply_notice(req,
                     "TESTMASK refused: counting the clients of the address in '%s' "
                     "needs see_address. Example: TESTMASK guest*!*@*",
                     mask.text);
        return;
    }
    struct testing t = {.oper = c, .mask = &mask};
    host_each_candidate(srv, &mask, count_tested_client, &t);
    /* The exemption of a client would tell something about its address. */
    if (!access_has(c, PRIV_see_address))
        t.cover.exempt = t.cover.opers = 0;
    tell_cover(req, &mask, &t.cover);
}

const struct command commands_ban_list[] = {
    {
        .name = "BANS",
        .run = bans_run,
        .when = WHEN_REGISTERED,
        .cost = 2,
        .priv = PRIV_check,
        .group = GROUP_BANS,
        .syntax =
            "[<pattern> | EXPORT | IMPORT BEGIN :<file> | IMPORT <hex> | IMPORT END]",
        .help =
            "search bans of all kinds by mask, setter and reason; EXPORT lists all "
            "in the form that ircd --load-bans reads; IMPORT is what `ircd ctl bans "
            "import` sends",
        .example = "BANS spam",
    },
    {
        .name = "TESTMASK",
        .run = testmask_run,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 2,
        .priv = PRIV_check,
        .group = GROUP_PEOPLE,
        .syntax = "[KLINE | DLINE | RESV | XLINE] <mask>",
        .help = "count the clients that a ban of this mask would match; without "
                "see_address, by the hosts that other users see",
        .example = "TESTMASK *@192.0.2.0/24, or TESTMASK XLINE *free\\smoney*",
    },
    {.name = NULL},
};
