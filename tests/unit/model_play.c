/* Random commands to the server and to the model: small pools of nicks, channels and
 * masks, so that everything meets everything. All that is random comes from one seed,
 * which a failure prints. Must never look into the server, but for who is still on. */
#include "model_play.h"

#include <stdarg.h>

enum { NICKS = 64, CHANCES = 1000, FULL = 3900 };

static unsigned
roll(struct play *p, unsigned sides)
{
    p->dice ^= p->dice << 13;
    p->dice ^= p->dice >> 7;
    p->dice ^= p->dice << 17;
    return (unsigned)((p->dice >> 20) % sides);
}

void
play_fail(struct play *p, const char *fmt, ...)
{
    char text[1024];
    va_list args;
    if (p->failed)
        return;
    p->failed = true;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    printf("\n    MODEL_SEED=%lu, command %lu: %s\n", p->seed, p->done, text);
    for (unsigned long k = p->done > PLAY_TRAIL ? p->done - PLAY_TRAIL : 0; k < p->done;
         k++)
        printf("      %s\n", p->trail[k % PLAY_TRAIL]);
    CU_FAIL("server and model differ");
}

ATTR_PRINTF(2, 3)
static void
note(struct play *p, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(p->trail[p->done % PLAY_TRAIL], sizeof p->trail[0], fmt, args);
    va_end(args);
}

/* Person i says it, to the server. */
ATTR_PRINTF(3, 4)
static void
say(struct play *p, int i, const char *fmt, ...)
{
    char line[500];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    note(p, "%d %s: %s", i, p->m.person[i].nick, line);
    world_say(p->w, p->actor[i], line);
}

static void
any_nick(struct play *p, char out[M_WORD])
{
    snprintf(out, M_WORD, "%c%u", roll(p, 4) ? 'n' : 'N', roll(p, NICKS));
}

/* For i to name: mostly of somebody who is on, often of the same few, or its own. */
static void
some_nick(struct play *p, int i, char out[M_WORD])
{
    int other = (int)roll(p, roll(p, 2) ? 10 : M_PEOPLE);
    if (roll(p, 10) == 0)
        other = i;
    any_nick(p, out);
    if (p->m.person[other].on && roll(p, 8))
        model_copy(out, p->m.person[other].nick, M_WORD);
}

/* Mostly one that i is on. */
static void
some_channel(struct play *p, int i, char out[M_WORD])
{
    unsigned start = roll(p, M_CHANNELS);
    snprintf(out, M_WORD, "%s%u", roll(p, 8) ? "#c" : "#C", start);
    for (unsigned k = 0; k < M_CHANNELS && roll(p, 12); k++) {
        const struct m_channel *c = &p->m.channel[(start + k) % M_CHANNELS];
        if (!c->used || c->status[i] == M_OUTSIDE)
            continue;
        model_copy(out, c->name, M_WORD);
        return;
    }
}

/* For i to name on this channel: mostly of a member, i among them. */
static void
some_member(struct play *p, int i, const char *name, char out[M_WORD])
{
    unsigned start = roll(p, M_PEOPLE);
    some_nick(p, i, out);
    for (int k = 0; k < M_CHANNELS && roll(p, 30); k++) {
        const struct m_channel *c = &p->m.channel[k];
        for (unsigned n = 0; c->used && model_same(c->name, name) && n < M_PEOPLE;
             n++) {
            unsigned other = roll(p, 6) ? (start + n) % M_PEOPLE : (unsigned)i;
            if (c->status[other] == M_OUTSIDE)
                continue;
            model_copy(out, p->m.person[other].nick, M_WORD);
            return;
        }
    }
}

static void
some_mask(struct play *p, char out[M_TEXT])
{
    char address[M_WORD];
    unsigned net = 1 + roll(p, 2);
    model_address((int)roll(p, M_HOSTS), address);
    switch (roll(p, 7)) {
    case 0:
        snprintf(out, M_TEXT, "n%u!*@*", roll(p, NICKS));
        break;
    case 1:
        snprintf(out, M_TEXT, "N%u*!*@*", roll(p, 7));
        break;
    case 2:
        snprintf(out, M_TEXT, "*!u%u@*", roll(p, 10));
        break;
    case 3:
        snprintf(out, M_TEXT, "*!u%u@10.%u.0.*", roll(p, 10), net);
        break;
    case 4:
        snprintf(out, M_TEXT, "*!*@10.%u.0.%u/30", net, roll(p, 2) * 4);
        break;
    case 5:
        snprintf(out, M_TEXT, "n?!*@10.%u.0.?", net);
        break;
    default:
        snprintf(out, M_TEXT, "*!*@%s", address);
        break;
    }
}

/* As STATS lists it. */
static void
some_ban(struct play *p, char kind, char out[M_TEXT])
{
    char host[2 * M_WORD], address[M_WORD];
    unsigned net = 1 + roll(p, 2);
    model_address((int)roll(p, M_HOSTS), address);
    snprintf(host, sizeof host, "%s", address);
    if (roll(p, 3) == 0)
        snprintf(host, sizeof host, "10.%u.0.%u/30", net, roll(p, 2) * 4);
    if (roll(p, 12) == 0)
        snprintf(host, sizeof host, "10.%u.0.0/24", net);
    if (kind == 'D')
        snprintf(out, M_TEXT, "%s", host);
    else if (roll(p, 4) == 0)
        snprintf(out, M_TEXT, "u%u@10.%u.0.*", roll(p, 10), net);
    else if (roll(p, 4) == 0)
        snprintf(out, M_TEXT, "n%u!*@%s", roll(p, NICKS), host);
    else
        snprintf(out, M_TEXT, "*@%s", host);
}

/* --- the commands -------------------------------------------------------------------
 */

static void
do_quit(struct play *p, int i)
{
    if (roll(p, 2)) {
        say(p, i, "QUIT :bye");
    } else {
        note(p, "%d's connection is gone", i);
        world_close(p->w, p->actor[i]);
    }
    model_quit(&p->m, i);
}

static void
do_connect(struct play *p, int i)
{
    char nick[M_WORD], address[M_WORD];
    int user = (int)roll(p, 10), host = (int)roll(p, M_HOSTS);
    do
        any_nick(p, nick);
    while (model_find(&p->m, nick) >= 0);
    model_address(host, address);
    note(p, "%d comes as %s!u%d@%s", i, nick, user, address);
    model_connect(&p->m, i, nick, user, host);
    p->actor[i] = world_connect(p->w, address);
    world_sayf(p->w, p->actor[i], "NICK %s", nick);
    world_sayf(p->w, p->actor[i], "USER u%d 0 * :Real", user);
}

/* Time passes; nobody falls asleep over it. */
static void
pass_time(struct play *p, msec ms)
{
    note(p, "%lld ms pass", (long long)ms);
    for (int k = 0; k < M_PEOPLE; k++)
        if (p->m.person[k].on)
            world_say(p->w, p->actor[k], "PONG x");
    world_store_news(p->w);
    world_sleep(p->w, ms);
    model_sleep(&p->m, ms);
}

/* Now and then too often. */
static void
do_nick(struct play *p, int i)
{
    char nick[M_WORD];
    int times = roll(p, 12) ? 1 : 20;
    for (int k = 0; k < times && p->m.person[i].on; k++) {
        any_nick(p, nick);
        say(p, i, "NICK %s", nick);
        model_nick(&p->m, i, nick);
        if (times > 1 && roll(p, 2))
            pass_time(p, MSEC_SECOND);
    }
}

static void
do_away(struct play *p, int i)
{
    char text[M_WORD] = "";
    if (roll(p, 2))
        snprintf(text, sizeof text, "gone %u", roll(p, 100));
    say(p, i, "AWAY :%s", text);
    model_away(&p->m, i, text);
}

static void
do_join(struct play *p, int i)
{
    char name[M_WORD], key[M_WORD] = "";
    snprintf(name, sizeof name, "%s%u", roll(p, 8) ? "#c" : "#C", roll(p, M_CHANNELS));
    if (roll(p, 2))
        snprintf(key, sizeof key, "key%u", roll(p, 3));
    say(p, i, "JOIN %s %s", name, key);
    model_join(&p->m, i, name, key);
}

static void
do_part(struct play *p, int i)
{
    char name[M_WORD];
    some_channel(p, i, name);
    if (roll(p, 30) == 0) {
        say(p, i, "JOIN 0");
        model_part_all(&p->m, i);
        return;
    }
    say(p, i, "PART %s", name);
    model_part(&p->m, i, name);
}

static void
do_kick(struct play *p, int i)
{
    char name[M_WORD], nick[M_WORD];
    some_channel(p, i, name);
    some_member(p, i, name, nick);
    say(p, i, "KICK %s %s :out", name, nick);
    model_kick(&p->m, i, name, nick);
}

static void
do_topic(struct play *p, int i)
{
    char name[M_WORD], text[24] = "";
    some_channel(p, i, name);
    if (roll(p, 4))
        snprintf(text, sizeof text, "about %u", roll(p, 1000));
    say(p, i, "TOPIC %s :%s", name, text);
    model_topic(&p->m, i, name, text);
}

static void
do_invite(struct play *p, int i)
{
    char name[M_WORD], nick[M_WORD];
    some_channel(p, i, name);
    some_nick(p, i, nick);
    say(p, i, "INVITE %s %s", nick, name);
    model_invite(&p->m, i, nick, name);
}

static void
some_change(struct play *p, int i, const char *name, struct m_change *x)
{
    static const char letters[] = "ooooohhhhhvvvvvbbbbbeeIIqqkkll";
    unsigned which = roll(p, sizeof letters + 12);
    *x = (struct m_change){.adding = roll(p, 5) < 3, .letter = 0};
    if (which >= sizeof letters - 1) {
        x->letter = model_flags[roll(p, (unsigned)strlen(model_flags))];
        return;
    }
    x->letter = letters[which];
    if (strchr("ohv", x->letter))
        some_member(p, i, name, x->param);
    else if (strchr("beIq", x->letter))
        some_mask(p, x->param);
    else if (x->letter == 'k')
        snprintf(x->param, M_TEXT, "key%u", roll(p, 3));
    else if (x->adding)
        snprintf(x->param, M_TEXT, "%u", 1 + roll(p, 12));
}

static void
do_mode(struct play *p, int i)
{
    char name[M_WORD], letters[M_WORD] = "", params[300] = "";
    struct m_change x[3];
    int n = 1 + (int)roll(p, 3);
    some_channel(p, i, name);
    for (int k = 0; k < n; k++) {
        size_t at = strlen(letters), end = strlen(params);
        some_change(p, i, name, &x[k]);
        snprintf(letters + at, sizeof letters - at, "%c%c", x[k].adding ? '+' : '-',
                 x[k].letter);
        if (x[k].param[0])
            snprintf(params + end, sizeof params - end, " %s", x[k].param);
    }
    say(p, i, "MODE %s %s%s", name, letters, params);
    model_mode(&p->m, i, name, x, n);
}

static void
do_oper(struct play *p, int i)
{
    bool right = roll(p, 3) > 0;
    char oper = roll(p, 2) ? 'a' : 'b';
    if (p->m.person[i].oper && roll(p, 2)) {
        say(p, i, "MODE %s -o", p->m.person[i].nick);
        model_deoper(&p->m, i);
        return;
    }
    say(p, i, "OPER %s %s", oper == 'a' ? "alice" : "bob", right ? "secret" : "wrong");
    model_oper(&p->m, i, oper, right);
}

static void
do_kill(struct play *p, int i)
{
    char nick[M_WORD];
    some_nick(p, i, nick);
    say(p, i, "KILL %s :enough", nick);
    model_kill(&p->m, i, nick);
}

static void
do_ban(struct play *p, int i)
{
    static const int minutes[] = {0, 1, 5, 60, 2880};
    char kind = roll(p, 4) ? 'K' : 'D', mask[M_TEXT], length[M_WORD] = "";
    int n = minutes[roll(p, 5)];
    bool force = roll(p, 5) == 0;
    some_ban(p, kind, mask);
    if (n > 0)
        snprintf(length, sizeof length, "%d ", n);
    say(p, i, "%cLINE %s%s%s :so it is", kind, force ? "FORCE " : "", length, mask);
    model_ban(&p->m, i, kind, mask, n * 60000LL, force);
}

static void
do_unban(struct play *p, int i)
{
    char kind = roll(p, 4) ? 'K' : 'D', mask[M_TEXT];
    const struct m_ban *ban = &p->m.ban[roll(p, M_BANS)];
    some_ban(p, kind, mask);
    for (int k = 0; k < M_BANS && roll(p, 4); k++)
        if (p->m.ban[k].kind)
            ban = &p->m.ban[k];
    if (ban->kind) {
        kind = ban->kind;
        model_copy(mask, ban->mask, sizeof mask);
    }
    say(p, i, "UN%cLINE %s", kind, mask);
    model_unban(&p->m, i, kind == 'D' && p->m.person[i].oper == 0 ? 'K' : kind, mask);
}

static void
do_sleep(struct play *p, int i)
{
    static const msec spans[] = {1, 700, 1000, 5000, 12000, 60000, 180000};
    (void)i;
    pass_time(p, spans[roll(p, 7)]);
}

static void
do_restart(struct play *p, int i)
{
    (void)i;
    if (roll(p, 4))
        return;
    note(p, "the server starts again");
    world_restart(p->w, model_config);
    model_restart(&p->m);
}

static const struct {
    unsigned chance; /* in a thousand */
    bool oper;       /* mostly said by an operator */
    void (*run)(struct play *p, int i);
} acts[] = {
    {12, false, do_quit},  {60, false, do_nick},   {30, false, do_away},
    {325, false, do_join}, {25, false, do_part},   {40, false, do_kick},
    {50, false, do_topic}, {60, false, do_invite}, {296, false, do_mode},
    {35, false, do_oper},  {10, true, do_kill},    {20, true, do_ban},
    {20, true, do_unban},  {15, false, do_sleep},  {2, false, do_restart},
};

/* --- both sides ---------------------------------------------------------------------
 */

static void
compare_who_is_on(struct play *p)
{
    for (int i = 0; i < M_PEOPLE; i++) {
        bool on = p->actor[i] && p->actor[i]->client;
        if (on != p->m.person[i].on)
            play_fail(p, "%d (%s) is %s, the model says %s", i, p->m.person[i].nick,
                      on ? "on" : "off", p->m.person[i].on ? "on" : "off");
        if (p->actor[i])
            world_drain(p->actor[i]);
    }
}

/* An operator, if one comes up in a few throws. */
static int
somebody(struct play *p, bool oper)
{
    int i = (int)roll(p, M_PEOPLE);
    for (int k = 0; oper && k < 40 && !p->m.person[i].oper; k++)
        i = (int)roll(p, M_PEOPLE);
    return i;
}

void
play_step(struct play *p)
{
    unsigned at = 0, chance = roll(p, CHANCES);
    while (chance >= acts[at].chance)
        chance -= acts[at++].chance;
    int i = somebody(p, acts[at].oper);
    if (p->m.person[i].on)
        acts[at].run(p, i);
    else
        do_connect(p, i);
    p->done++;
    compare_who_is_on(p);
}

bool
play_has_room(const struct play *p)
{
    return p->w->n_actors < FULL;
}

void
play_begin(struct play *p, unsigned long seed)
{
    memset(p, 0, sizeof *p);
    p->seed = seed;
    p->dice = seed * 0x9e3779b97f4a7c15u + 1;
    p->w = world_new(model_config);
    p->w->log.level = LOG_LEVEL_ERROR;
    model_init(&p->m, p->w->srv->now, p->w->srv->wall);
}

void
play_end(struct play *p)
{
    world_free(p->w);
}
