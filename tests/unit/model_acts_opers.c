/* Random acts of operators, and what happens to the server: time passes and it
 * restarts. This file must never look into the server. */
#include "model_play.h"

static const struct {
    char kind;
    const char *set, *unset;
} lines[] = {{'K', "KLINE", "UNKLINE"}, {'K', "KLINE", "UNKLINE"},
             {'D', "DLINE", "UNDLINE"}, {'Q', "RESV", "UNRESV"},
             {'Q', "RESV", "UNRESV"},   {'X', "XLINE", "UNXLINE"}};

void
play_pass_time(struct play *p, msec ms)
{
    play_note(p, "%lld ms pass", (long long)ms);
    for (int k = 0; k < M_PEOPLE; k++)
        if (p->m.person[k].on)
            world_say(p->w, p->actor[k], "PONG x");
    world_store_news(p->w);
    world_sleep(p->w, ms);
    model_sleep(&p->m, ms);
}

/* Also a little less than is needed. */
void
play_pass_some_time(struct play *p)
{
    static const msec spans[] = {1,    700,   999,   1000,  4999,
                                 5000, 11999, 12000, 60000, 180000};
    play_pass_time(p, spans[play_roll(p, 10)]);
}

static void
do_oper(struct play *p, int i)
{
    bool right = play_roll(p, 3) > 0;
    const char *const names[] = {"alice", "bob", "carol"},
                      *name = names[play_roll(p, 3)];
    if (p->m.person[i].oper && play_roll(p, 2)) {
        play_say(p, i, "MODE %s -o", p->m.person[i].nick);
        model_deoper(&p->m, i);
        return;
    }
    play_say(p, i, "OPER %s %s", name, right ? "secret" : "wrong");
    model_oper(&p->m, i, *name, right);
}

static void
do_kill(struct play *p, int i)
{
    char nick[M_WORD];
    play_some_nick(p, i, nick);
    play_say(p, i, "KILL %s :enough", nick);
    model_kill(&p->m, i, nick);
}

/* A mask, or sometimes the nick of a client that is on. */
static void
some_target(struct play *p, int i, char kind, char out[M_TEXT])
{
    char nick[M_WORD];
    play_some_ban(p, kind, out);
    if (strchr("QX", kind) || play_roll(p, 6))
        return;
    play_some_nick(p, i, nick);
    if (model_find(&p->m, nick) >= 0)
        model_copy(out, nick, M_TEXT);
}

static void
do_ban(struct play *p, int i)
{
    static const int minutes[] = {0, 1, 1, 1, 5, 5, 5, 5, 60, 2880};
    unsigned row = play_roll(p, 6);
    char mask[M_TEXT], length[M_WORD] = "";
    int n = minutes[play_roll(p, 10)];
    bool force = play_roll(p, 5) == 0;
    some_target(p, i, lines[row].kind, mask);
    if (n > 0)
        snprintf(length, sizeof length, "%d ", n);
    play_say(p, i, "%s %s%s%s :so it is", lines[row].set, force ? "FORCE " : "", length,
             mask);
    model_ban(&p->m, i, lines[row].kind, mask, n * 60000LL, force);
}

static unsigned
row_of(char kind)
{
    unsigned row = 0;
    while (lines[row].kind != kind)
        row++;
    return row;
}

/* Mostly a ban that exists. */
static void
do_unban(struct play *p, int i)
{
    unsigned row = play_roll(p, 6);
    char mask[M_TEXT];
    const struct m_ban *ban = &p->m.ban[play_roll(p, M_BANS)];
    some_target(p, i, lines[row].kind, mask);
    for (int k = 0; k < M_BANS && play_roll(p, 4); k++)
        if (p->m.ban[k].kind)
            ban = &p->m.ban[k];
    if (ban->kind) {
        row = row_of(ban->kind);
        model_copy(mask, ban->mask, sizeof mask);
    }
    play_say(p, i, "%s %s", lines[row].unset, mask);
    model_unban(&p->m, i, lines[row].kind, mask);
}

/* The nick of a client that is on, or an address. */
static void
some_host(struct play *p, int i, char out[M_WORD])
{
    play_some_nick(p, i, out);
    if (play_roll(p, 2) || model_find(&p->m, out) < 0)
        model_address((int)play_roll(p, M_HOSTS), out);
}

static void
do_strike(struct play *p, int i)
{
    char who[M_WORD];
    int n = 1 + (int)play_roll(p, play_roll(p, 4) ? 3 : 8);
    some_host(p, i, who);
    play_say(p, i, "STRIKE %s %d :so it is", who, n);
    model_strike(&p->m, i, who, n);
}

static void
do_pardon(struct play *p, int i)
{
    char who[M_WORD];
    some_host(p, i, who);
    for (int b = 0; b < M_BANS && play_roll(p, 30); b++)
        if (p->m.ban[b].kind && p->m.ban[b].automatic)
            model_copy(who, p->m.ban[b].mask + strlen("*@"), M_WORD);
    play_say(p, i, "PARDON %s", who);
    model_pardon(&p->m, i, who);
}

/* An operator bans its own host, gives up its rights, and gets strikes there; sometimes
 * PARDON ends all of it. */
static void
do_downfall(struct play *p, int i)
{
    static const int minutes[] = {1, 5, 60};
    char address[M_WORD], mask[M_TEXT];
    int judge = (int)play_roll(p, M_PEOPLE), n = minutes[play_roll(p, 3)];
    if (!p->m.person[judge].on || !p->m.person[i].oper)
        return;
    model_address(p->m.person[i].host, address);
    snprintf(mask, sizeof mask, "*@%s", address);
    play_say(p, i, "KLINE FORCE %d %s :me too", n, mask);
    model_ban(&p->m, i, 'K', mask, n * 60000LL, true);
    if (!p->m.person[judge].on)
        return;
    play_say(p, i, "MODE %s -o", p->m.person[i].nick);
    model_deoper(&p->m, i);
    play_say(p, judge, "OPER alice secret");
    model_oper(&p->m, judge, 'a', true);
    play_say(p, judge, "STRIKE %s 5 :so it is", address);
    model_strike(&p->m, judge, address, 5);
    if (!p->m.person[judge].on || play_roll(p, 2))
        return;
    play_say(p, judge, "PARDON %s", address);
    model_pardon(&p->m, judge, address);
}

/* For MODE, chosen by the rights of the operator. */
static void
do_permanent(struct play *p, int i)
{
    char name[M_WORD];
    struct m_change x = {.adding = play_roll(p, 3), .letter = 'P'};
    play_some_channel(p, i, name);
    play_say(p, i, "MODE %s %cP", name, x.adding ? '+' : '-');
    model_mode(&p->m, i, name, &x, 1);
}

static void
do_sajoin(struct play *p, int i)
{
    char nick[M_WORD], name[M_WORD];
    play_some_nick(p, i, nick);
    snprintf(name, sizeof name, "#chan%u", play_roll(p, M_JOINABLE));
    play_say(p, i, "SAJOIN %s %s", nick, name);
    model_sajoin(&p->m, i, nick, name);
}

static void
do_wallops(struct play *p, int i)
{
    snprintf(p->sign, sizeof p->sign, "told%lu.", p->done);
    play_say(p, i, "WALLOPS :%s", p->sign);
    model_wallops(&p->m, i, p->heard);
}

static void
do_sleep(struct play *p, int i)
{
    (void)i;
    play_pass_some_time(p);
}

/* After a restart an automatic ban must still be known as automatic. */
static void
pardon_first(struct play *p)
{
    int i = (int)play_roll(p, M_PEOPLE);
    play_connect(p, i);
    if (!p->m.person[i].on)
        return;
    play_say(p, i, "OPER alice secret");
    model_oper(&p->m, i, 'a', true);
    do_pardon(p, i);
}

static void
do_restart(struct play *p, int i)
{
    (void)i;
    if (play_roll(p, 5))
        return;
    play_note(p, "the server starts again");
    world_restart(p->w, model_config);
    model_restart(&p->m);
    if (play_roll(p, 3))
        pardon_first(p);
}

const struct play_act play_oper_acts[] = {
    {40, false, do_oper},   {5, true, do_kill},      {16, true, do_ban},
    {24, true, do_unban},   {14, true, do_strike},   {10, true, do_pardon},
    {3, true, do_downfall}, {8, true, do_permanent}, {8, true, do_sajoin},
    {8, true, do_wallops},  {20, false, do_sleep},   {2, false, do_restart},
    {0, false, NULL},
};
