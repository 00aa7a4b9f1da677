/* The server is asked about everything, as users and operators ask, and each answer is
 * compared with the model. Only strikes and levels have no command and are read from
 * the state. The audit must not leave a trace: its operator connects from an address of
 * its own for it, and goes. */
#include "model_play.h"
#include "policy/host.h"

#include <stdarg.h>

struct audit {
    struct play *p;
    struct actor *a;
};

/* Asks as the operator. Returns all lines that came back; they live until the next
 * question. */
ATTR_PRINTF(2, 3)
static const char *
ask(struct audit *x, const char *fmt, ...)
{
    char line[200];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    world_drain(x->a);
    world_say(x->p->w, x->a, line);
    return x->a->inbox;
}

/* All rows of a table, which come in several turns if there are many. */
static const char *
ask_table(struct audit *x, const char *table)
{
    const char *answer = ask(x, "TABLE %s", table);
    for (int turns = 0; turns < 10 && strstr(answer, " * end\r\n") == NULL; turns++) {
        world_sleep(x->p->w, 0);
        answer = x->a->inbox;
    }
    return answer;
}

static int
count(const char *text, const char *part)
{
    int n = 0;
    for (; (text = strstr(text, part)) != NULL; text += strlen(part))
        n++;
    return n;
}

/* The answer contains the line (or its beginning, when it ends with '*'). */
ATTR_PRINTF(3, 4)
static void
must_say(struct audit *x, const char *answer, const char *fmt, ...)
{
    char want[300];
    va_list args;
    va_start(args, fmt);
    vsnprintf(want, sizeof want, fmt, args);
    va_end(args);
    if (strstr(answer, want) == NULL)
        play_fail(x->p, "the server does not say '%s' but: %.500s", want, answer);
}

static void
must_count(struct audit *x, const char *answer, const char *part, int want,
           const char *what)
{
    int got = count(answer, part);
    if (got != want)
        play_fail(x->p, "%s: %d times '%s', the model has %d: %.500s", what, got, part,
                  want, answer);
}

static void
audit_modes(struct audit *x, const struct m_channel *c)
{
    char letters[40] = "", params[80] = "";
    size_t n = 0;
    if (c->key[0]) {
        letters[n++] = 'k';
        snprintf(params, sizeof params, " %s", c->key);
    }
    if (c->limit > 0) {
        size_t end = strlen(params);
        letters[n++] = 'l';
        snprintf(params + end, sizeof params - end, " %d", c->limit);
    }
    if (c->slow > 0) {
        size_t end = strlen(params);
        letters[n++] = 'S';
        snprintf(params + end, sizeof params - end, " %d", c->slow);
    }
    if (c->joins > 0) {
        size_t end = strlen(params);
        letters[n++] = 'j';
        snprintf(params + end, sizeof params - end, " %d:%d", c->joins, c->joins_per);
    }
    if (c->forward[0]) {
        size_t end = strlen(params);
        letters[n++] = 'f';
        snprintf(params + end, sizeof params - end, " %s", c->forward);
    }
    for (const char *f = model_flags; *f; f++)
        if (c->flag[(unsigned char)*f])
            letters[n++] = *f;
    must_say(x, ask(x, "MODE %s", c->name), " 324 auditor %s +%s%s\r\n", c->name,
             letters, params);
}

static void
audit_lists(struct audit *x, const struct m_channel *c)
{
    static const char *const parts[] = {" 367 auditor ", " 348 auditor ",
                                        " 346 auditor ", " 728 auditor "};
    for (int l = 0; l < M_LISTS; l++) {
        const char *answer = ask(x, "MODE %s %c", c->name, "beIq"[l]);
        must_count(x, answer, parts[l], c->n_list[l], c->name);
        for (int k = 0; k < c->n_list[l]; k++)
            must_say(x, answer, "%s%s %s%s ", parts[l], c->name,
                     l == M_QUIET ? "q " : "", c->list[l][k]);
    }
}

/* Takes the next "@%+nick" of a NAMES answer; false at its end. */
static bool
next_name(const char **at, int *status, char nick[M_WORD])
{
    size_t n;
    while (**at == ' ' || **at == '\r' || **at == '\n' || **at == ':') {
        if (**at == ':' || **at == '\n') {
            const char *line = strstr(*at, " 353 auditor ");
            line = line ? strstr(line + 1, " :") : NULL;
            *at = line ? line + 2 : *at + strlen(*at);
        } else {
            ++*at;
        }
    }
    for (*status = 0; **at && strchr("@%+", **at); ++*at)
        *status |= **at == '@' ? M_OP : **at == '%' ? M_HALF : M_VOICE;
    n = strcspn(*at, " \r\n");
    snprintf(nick, M_WORD, "%.*s", (int)n, *at);
    *at += n;
    return n > 0;
}

static void
audit_members(struct audit *x, const struct m_channel *c)
{
    char nick[M_WORD];
    int status, seen = 0, members = 0;
    const char *at = ask(x, "NAMES %s", c->name);
    while (next_name(&at, &status, nick)) {
        int i = model_find(&x->p->m, nick);
        if (i < 0 || c->status[i] != status ||
            strcmp(x->p->m.person[i].nick, nick) != 0)
            play_fail(x->p, "%s on %s: status %d, the model says %d", nick, c->name,
                      status, i < 0 ? M_OUTSIDE : c->status[i]);
        seen++;
    }
    for (int i = 0; i < M_PEOPLE; i++)
        members += c->status[i] != M_OUTSIDE;
    if (seen != members)
        play_fail(x->p, "%s: %d members, the model has %d", c->name, seen, members);
}

static void
audit_channels(struct audit *x)
{
    int channels = 0;
    for (int k = 0; k < M_CHANNELS; k++) {
        const struct m_channel *c = &x->p->m.channel[k];
        if (!c->used)
            continue;
        channels++;
        audit_modes(x, c);
        audit_lists(x, c);
        audit_members(x, c);
        const char *answer = ask(x, "TOPIC %s", c->name);
        if (c->topic[0] == '\0') {
            must_say(x, answer, " 331 auditor %s ", c->name);
            continue;
        }
        must_say(x, answer, " 332 auditor %s :%s\r\n", c->name, c->topic);
        must_say(x, answer, " 333 auditor %s %s ", c->name, c->topic_by);
    }
    must_count(x, ask(x, "LIST"), " 322 auditor ", channels, "LIST");
    must_count(x, ask_table(x, "channels"), " TABLE channels :{", channels,
               "TABLE channels");
}

static void
audit_person(struct audit *x, int i)
{
    char address[M_WORD];
    const struct m_person *q = &x->p->m.person[i];
    const char *answer = ask(x, "WHOIS %s", q->nick);
    model_address(q->host, address);
    must_say(x, answer, " 311 auditor %s u%d %s * :%s\r\n", q->nick, q->user, address,
             q->real);
    must_count(x, answer, " 313 auditor ", q->oper != 0, q->nick);
    must_count(x, answer, " 301 auditor ", q->away[0] != '\0', q->nick);
    if (q->away[0])
        must_say(x, answer, " 301 auditor %s :%s\r\n", q->nick, q->away);
    must_count(x, answer, " 335 auditor ", q->mode['B'], q->nick);
    must_count(x, answer, " 671 auditor ", q->mode['Z'], q->nick);
}

/* Asks as this client, for what only the client itself is told. */
static const char *
ask_person(struct audit *x, int i, const char *question)
{
    struct actor *a = x->p->actor[i];
    world_drain(a);
    world_say(x->p->w, a, question);
    return a->inbox;
}

/* True if this is, in any case, one of the words behind ':' of a line with the numeric.
 */
static bool
is_named(const char *answer, const char *numeric, const char *word)
{
    char list[1000];
    const char *line = strstr(answer, numeric);
    const char *words = line ? strchr(line, ':') : NULL;
    if (words == NULL)
        return false;
    int n = (int)strcspn(words + 1, "\r\n");
    snprintf(list, sizeof list, "%.*s", n, words + 1);
    for (char *c = list; *c; c++)
        *c = *c == ',' ? ' ' : *c;
    for (char *at = list; *at;) {
        size_t length = strcspn(at, " ");
        bool last = at[length] == '\0';
        at[length] = '\0';
        if (model_same(at, word))
            return true;
        at += length + !last;
    }
    return false;
}

static void
must_name(struct audit *x, const char *answer, const char *numeric, const char *word,
          bool want)
{
    if (is_named(answer, numeric, word) != want)
        play_fail(x->p, "%s is %s there: %.500s", word, want ? "not" : "wrongly",
                  answer);
}

static void
audit_own_modes(struct audit *x, int i)
{
    char want[40] = "+", question[M_WORD + 8];
    const struct m_person *q = &x->p->m.person[i];
    snprintf(question, sizeof question, "MODE %s", q->nick);
    size_t n = 1;
    for (const char *f = "BgioswZ"; *f; f++) {
        bool of_opers = (*f == 'o' && q->oper) || (*f == 's' && q->oper == 'a');
        if (of_opers || q->mode[(unsigned char)*f])
            want[n++] = *f;
    }
    want[n] = '\0';
    must_say(x, ask_person(x, i, question), " 221 %s %s\r\n", q->nick, want);
}

static void
audit_own_lists(struct audit *x, int i)
{
    const struct m_person *q = &x->p->m.person[i];
    const char *answer = ask_person(x, i, "INVITE");
    must_count(x, answer, " 336 ", q->n_invited, q->nick);
    for (int k = 0; k < q->n_invited; k++)
        must_say(x, answer, " 336 %s %s\r\n", q->nick,
                 x->p->m.channel[q->invited[k]].name);
    answer = ask_person(x, i, "ACCEPT *");
    for (int k = 0; k < M_PEOPLE; k++)
        if (x->p->m.person[k].on)
            must_name(x, answer, " 281 ", x->p->m.person[k].nick, q->accepts[k]);
    answer = ask_person(x, i, "MONITOR L");
    for (int k = 0; k < q->n_watched; k++)
        must_name(x, answer, " 732 ", q->watched[k], true);
    if (q->n_watched > 0)
        must_count(x, answer, ",", q->n_watched - 1, "MONITOR L");
    must_count(x, answer, " 732 ", q->n_watched > 0, "MONITOR L");
    world_drain(x->p->actor[i]);
}

static void
audit_people(struct audit *x)
{
    int on = 0, opers = 0;
    for (int i = 0; i < M_PEOPLE; i++) {
        if (!x->p->m.person[i].on)
            continue;
        on++;
        opers += x->p->m.person[i].oper != 0;
        audit_person(x, i);
        audit_own_modes(x, i);
        audit_own_lists(x, i);
    }
    const char *answer = ask(x, "LUSERS");
    must_say(x, answer, " 255 auditor :I have %d clients", on + 1);
    must_say(x, answer, " 252 auditor %d ", opers + 1);
    must_count(x, ask_table(x, "clients * :registered=true"), " TABLE clients :{",
               on + 1, "TABLE clients");
    must_count(x, ask_table(x, "clients * :oper=?*"), " TABLE clients :{", opers + 1,
               "TABLE clients");
}

static void
audit_bans(struct audit *x)
{
    static const struct {
        char letter, kind, numeric[4];
        bool temporary, for_good;
    } rows[] = {{'K', 'K', "216", false, true}, {'k', 'K', "216", true, false},
                {'D', 'D', "225", false, true}, {'d', 'D', "225", true, false},
                {'q', 'Q', "217", true, true},  {'x', 'X', "247", true, true}};
    int all = 0;
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        int n = 0;
        char part[24];
        snprintf(part, sizeof part, " %s auditor ", rows[r].numeric);
        const char *answer = ask(x, "STATS %c", rows[r].letter);
        for (int b = 0; b < M_BANS; b++) {
            const struct m_ban *ban = &x->p->m.ban[b];
            bool listed = ban->until ? rows[r].temporary : rows[r].for_good;
            if (ban->kind != rows[r].kind || !listed)
                continue;
            n++;
            must_say(x, answer, "%s%c %s ", part, rows[r].letter, ban->mask);
        }
        must_count(x, answer, part, n, "STATS");
        all += n;
    }
    must_count(x, ask_table(x, "bans"), " TABLE bans :{", all, "TABLE bans");
}

static void
audit_hosts(struct audit *x)
{
    struct server *srv = x->p->w->srv;
    for (int k = 0; k < M_HOSTS; k++) {
        char text[M_WORD];
        struct addr addr;
        const struct m_host *want = &x->p->m.host[k];
        model_address(k, text);
        struct host *h = addr_parse(text, &addr) ? host_find(srv, &addr) : NULL;
        if (h != NULL)
            host_settle(srv, h);
        int strikes = h ? h->strikes : 0, level = h ? h->level : 0;
        if (strikes != want->strikes || level != want->level)
            play_fail(x->p, "%s: %d strikes, level %d; the model says %d and %d", text,
                      strikes, level, want->strikes, want->level);
    }
}

void
play_audit(struct play *p)
{
    struct audit x = {.p = p, .a = world_connect(p->w, "10.9.0.1")};
    ask(&x, "CAP REQ :multi-prefix");
    ask(&x, "CAP END");
    ask(&x, "NICK auditor");
    ask(&x, "USER auditor 0 * :Auditor");
    must_say(&x, ask(&x, "OPER alice secret"), " 381 auditor ");
    audit_hosts(&x);
    audit_bans(&x);
    audit_channels(&x);
    audit_people(&x);
    world_close(p->w, x.a);
    world_drain_all(p->w);
}
