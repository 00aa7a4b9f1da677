/* Random acts of users: they come and go, and act on channels and on themselves. This
 * file must never look into the server. */
#include "model_play.h"
#include "state/certificate.h"

static void
do_quit(struct play *p, int i)
{
    if (play_roll(p, 2)) {
        play_say(p, i, "QUIT :bye");
    } else {
        play_note(p, "%d's connection is gone", i);
        world_close(p->w, p->actor[i]);
    }
    model_quit(&p->m, i);
}

/* An operator with the privilege comes in between. */
static void
reserve_meanwhile(struct play *p, const char *nick)
{
    for (int k = 0; k < M_PEOPLE; k++) {
        if (!p->m.person[k].on || !model_may(&p->m, k, "resv"))
            continue;
        play_say(p, k, "RESV FORCE 1 %s :not you", nick);
        model_ban(&p->m, k, 'Q', nick, 60000, true);
        return;
    }
}

/* Tries nicks until one is not reserved; the model knows which are. */
static enum m_welcome
take_nick(struct play *p, int i)
{
    char nick[M_WORD];
    const struct m_person *q = &p->m.person[i];
    enum m_welcome welcome = M_WAITS_FOR_A_NICK;
    for (int k = 0; k < 20 && welcome == M_WAITS_FOR_A_NICK; k++) {
        if (p->actor[i]->client == NULL)
            play_fail(p, "%d may not try another nick", i);
        do
            play_any_nick(p, nick);
        while (model_find(&p->m, nick) >= 0);
        world_drain(p->actor[i]);
        bool taken = !model_reserved(&p->m, i, 'Q', nick);
        world_sayf(p->w, p->actor[i], "NICK %s", nick);
        if (k == 0) {
            if (play_roll(p, 8) == 0)
                reserve_meanwhile(p, nick);
            world_sayf(p->w, p->actor[i], "USER u%d 0 * :%s", q->user, q->real);
        }
        if (taken)
            welcome = model_register(&p->m, i, nick);
        bool refused = world_count(p->actor[i], "* 432 *") > 0;
        if (refused != (welcome == M_WAITS_FOR_A_NICK))
            play_fail(p, "%d is %s the nick %s: %.300s", i,
                      refused ? "refused" : "given", nick, p->actor[i]->inbox);
    }
    return welcome;
}

/* No client notices it. */
static void
renew_certificate(struct play *p, bool self_signed)
{
    struct certificate c = {.name = "irc.localhost",
                            .fingerprint = self_signed ? "00" : "11",
                            .until = p->w->srv->wall + 99 * MSEC_DAY,
                            .self_signed = self_signed};
    session_certificates(p->w->srv, 0, &c, play_roll(p, 4) ? 1 : 0);
}

/* No client but operators notices it. */
static void
refuse_somewhere(struct play *p)
{
    struct refused r = {.kind = (enum refusal)play_roll(p, REFUSALS),
                        .listener = "model",
                        .why = "a test"};
    CU_ASSERT_FATAL(addr_parse("198.51.100.1", &r.addr));
    session_refused(p->w->srv, &r);
}

/* Sometimes through a gateway, as a transport learns an address or by WEBIRC. It makes
 * no difference but that a transport says whether the client is secure. The gateway
 * itself is not secure, so its WEBIRC cannot say it. */
static void
connect_from(struct play *p, int i, const char *address)
{
    unsigned way = play_roll(p, 6);
    bool secure = way == 0 && play_roll(p, 2);
    struct connection_info info = {
        .listener = "model", .gateway = "gate", .secure = secure};
    p->m.person[i].mode['Z'] = secure;
    p->actor[i] = world_connect(p->w, way > 1 ? address : "198.51.100.1");
    if (way > 1)
        return;
    if (way == 1) {
        world_sayf(p->w, p->actor[i], "WEBIRC token gw host %s%s%s",
                   *address == ':' ? "0" : "", address,
                   play_roll(p, 2) ? " :secure" : "");
        return;
    }
    CU_ASSERT_FATAL(p->actor[i]->client && addr_parse(address, &info.addr));
    session_rehome(p->w->srv, p->actor[i]->client, &info);
    renew_certificate(p, secure);
    world_store_news(p->w); /* the end of the turn */
}

void
play_connect(struct play *p, int i)
{
    char address[M_WORD], real[M_WORD];
    int user = (int)play_roll(p, 10), host = (int)play_roll(p, M_HOSTS);
    play_some_real(p, real);
    model_address(host, address);
    play_note(p, "%d comes as u%d@%s, %s", i, user, address, real);
    enum m_welcome welcome = model_connect(&p->m, i, user, host, real);
    if (play_roll(p, 8) == 0)
        refuse_somewhere(p);
    connect_from(p, i, address);
    if (welcome == M_TURNED_AWAY)
        return;
    if (take_nick(p, i) == M_WAITS_FOR_A_NICK)
        world_close(p->w, p->actor[i]);
}

static void
do_setname(struct play *p, int i)
{
    char real[M_WORD];
    play_some_real(p, real);
    play_say(p, i, "SETNAME :%s", real);
    model_setname(&p->m, i, real);
}

static void
do_user_mode(struct play *p, int i)
{
    char letter = model_user_flags[play_roll(p, (unsigned)strlen(model_user_flags))];
    bool adding = play_roll(p, 2);
    play_say(p, i, "MODE %s %c%c", p->m.person[i].nick, adding ? '+' : '-', letter);
    model_user_mode(&p->m, i, adding, letter);
}

/* Sometimes too often. */
static void
do_nick(struct play *p, int i)
{
    char nick[M_WORD];
    int times = play_roll(p, 12) ? 1 : 20;
    for (int k = 0; k < times && p->m.person[i].on; k++) {
        play_any_nick(p, nick);
        play_say(p, i, "NICK %s", nick);
        model_nick(&p->m, i, nick);
        if (times > 1 && play_roll(p, 2))
            play_pass_time(p, MSEC_SECOND);
    }
}

static void
do_away(struct play *p, int i)
{
    char text[M_WORD] = "";
    if (play_roll(p, 2))
        snprintf(text, sizeof text, "gone %u", play_roll(p, 100));
    play_say(p, i, "AWAY :%s", text);
    model_away(&p->m, i, text);
}

static void
do_join(struct play *p, int i)
{
    char name[M_WORD], key[M_WORD] = "";
    snprintf(name, sizeof name, "%s%u", play_roll(p, 8) ? "#chan" : "#Chan",
             play_roll(p, M_JOINABLE));
    if (play_roll(p, 2))
        snprintf(key, sizeof key, "key%u", play_roll(p, 3));
    play_say(p, i, "JOIN %s %s", name, key);
    model_join(&p->m, i, name, key);
}

static void
do_part(struct play *p, int i)
{
    char name[M_WORD];
    play_some_channel(p, i, name);
    if (play_roll(p, 30) == 0) {
        play_say(p, i, "JOIN 0");
        model_part_all(&p->m, i);
        return;
    }
    play_say(p, i, "PART %s", name);
    model_part(&p->m, i, name);
}

/* One of the members of this channel, if it has any. */
static int
some_operator(struct play *p, const struct m_channel *c, int i)
{
    unsigned start = play_roll(p, M_PEOPLE);
    for (unsigned k = 0; k < M_PEOPLE; k++) {
        int other = (int)((start + k) % M_PEOPLE);
        if (model_is_on(c, other) && c->status[other] & M_OP)
            return other;
    }
    return i;
}

/* A channel to act on: half of the time the client is an operator of it. */
static int
somebody_on(struct play *p, int i, char name[M_WORD])
{
    const struct m_channel *c = &p->m.channel[play_roll(p, M_CHANNELS)];
    play_some_channel(p, i, name);
    if (!c->used || play_roll(p, 2))
        return i;
    model_copy(name, c->name, M_WORD);
    return some_operator(p, c, i);
}

static void
do_kick(struct play *p, int i)
{
    char name[M_WORD], nick[M_WORD];
    i = somebody_on(p, i, name);
    play_some_member(p, i, name, nick);
    play_say(p, i, "KICK %s %s :out", name, nick);
    model_kick(&p->m, i, name, nick);
}

static void
do_topic(struct play *p, int i)
{
    char name[M_WORD], text[24] = "";
    play_some_channel(p, i, name);
    if (play_roll(p, 4))
        snprintf(text, sizeof text, "about %u", play_roll(p, 1000));
    play_say(p, i, "TOPIC %s :%s", name, text);
    model_topic(&p->m, i, name, text);
}

/* Sometimes the same nick to several channels. */
static void
do_invite(struct play *p, int i)
{
    char name[M_WORD], nick[M_WORD];
    int times = play_roll(p, 5) ? 1 : 5;
    play_some_nick(p, i, nick);
    snprintf(p->sign, sizeof p->sign, " INVITE ");
    for (int k = 0; k < times && p->m.person[i].on; k++) {
        i = somebody_on(p, i, name);
        play_say(p, i, "INVITE %s %s", nick, name);
        model_invite(&p->m, i, nick, name, p->heard);
    }
}

static void
some_change(struct play *p, int i, const char *name, struct m_change *x)
{
    static const unsigned spans[] = {1, 5, 12, 60};
    static const char letters[] = "ooooohhhhhvvvvvbbbbbeeIIqqkkllSSjjff";
    unsigned which = play_roll(p, sizeof letters + 12);
    *x = (struct m_change){.adding = play_roll(p, 5) < 3, .letter = 0};
    if (which >= sizeof letters - 1) {
        x->letter = model_flags[play_roll(p, (unsigned)strlen(model_flags))];
        return;
    }
    x->letter = letters[which];
    if (strchr("ohv", x->letter))
        play_some_member(p, i, name, x->param);
    else if (strchr("beIq", x->letter))
        play_some_mask(p, x->param);
    else if (x->letter == 'k')
        snprintf(x->param, M_TEXT, "key%u", play_roll(p, 3));
    else if (x->letter == 'j' && x->adding)
        snprintf(x->param, M_TEXT, "%u:%u", 1 + play_roll(p, 3),
                 spans[play_roll(p, 4)]);
    else if (x->letter == 'S' && x->adding)
        snprintf(x->param, M_TEXT, "%u", spans[play_roll(p, 4)]);
    else if (x->letter == 'f' && x->adding)
        play_some_channel(p, i, x->param);
    else if (x->adding)
        snprintf(x->param, M_TEXT, "%u", 1 + play_roll(p, 12));
}

static void
do_mode(struct play *p, int i)
{
    char name[M_WORD], letters[M_WORD] = "", params[320] = "";
    struct m_change x[3];
    int n = 1 + (int)play_roll(p, 3);
    i = somebody_on(p, i, name);
    for (int k = 0; k < n; k++) {
        size_t at = strlen(letters), end = strlen(params);
        some_change(p, i, name, &x[k]);
        snprintf(letters + at, sizeof letters - at, "%c%c", x[k].adding ? '+' : '-',
                 x[k].letter);
        if (x[k].param[0])
            snprintf(params + end, sizeof params - end, " %s", x[k].param);
    }
    play_say(p, i, "MODE %s %s%s", name, letters, params);
    model_mode(&p->m, i, name, x, n);
}

/* Mostly to a name that is free; sometimes too often. */
static void
do_rename(struct play *p, int i)
{
    char name[M_WORD], to[M_WORD];
    int times = play_roll(p, 3) ? 1 : 2;
    i = somebody_on(p, i, name);
    for (int k = 0; k < times; k++) {
        for (int tries = 0; tries < 10; tries++) {
            snprintf(to, sizeof to, "%s%u", play_roll(p, 4) ? "#chan" : "#Chan",
                     play_roll(p, M_CHANNELS));
            if (model_channel(&p->m, to) == NULL)
                break;
        }
        play_say(p, i, "RENAME %s %s :better", name, to);
        model_rename(&p->m, i, name, to);
        if (model_channel(&p->m, name) == NULL)
            model_copy(name, to, M_WORD);
    }
}

static void
do_accept(struct play *p, int i)
{
    char nick[M_WORD];
    bool adding = play_roll(p, 4);
    play_some_nick(p, i, nick);
    play_say(p, i, "ACCEPT %s%s", adding ? "" : "-", nick);
    model_accept(&p->m, i, adding, nick);
}

static void
do_monitor(struct play *p, int i)
{
    char nick[M_WORD];
    bool adding = play_roll(p, 3);
    if (play_roll(p, 20) == 0) {
        play_say(p, i, "MONITOR C");
        model_unwatch_all(&p->m, i);
        return;
    }
    play_some_nick(p, i, nick);
    const struct m_person *q = &p->m.person[i];
    if (!adding && q->n_watched > 0 && play_roll(p, 4))
        model_copy(nick, q->watched[play_roll(p, (unsigned)q->n_watched)], M_WORD);
    play_say(p, i, "MONITOR %c %s", adding ? '+' : '-', nick);
    model_watch(&p->m, i, adding, nick);
}

/* Each text has its number in it, by which it is found again. Often the client that
 * spoke last speaks again, whether it is on the channel or not. */
static void
do_talk(struct play *p, int i)
{
    static const char *const forms[][2] = {{"", ""},
                                           {"", ""},
                                           {"\x03"
                                            "4",
                                            ""},
                                           {"\x01VERSION ", "\x01"},
                                           {"\x01"
                                            "ACTION ",
                                            "\x01"}};
    static const char *const statuses[] = {"@", "%", "+"};
    char name[M_WORD], text[2 * M_WORD];
    unsigned form = play_roll(p, 5), who = play_roll(p, 12);
    bool on = p->target[0] && p->m.person[p->talker].on && play_roll(p, 3) == 0;
    i = on ? p->talker : i;
    if (play_roll(p, 6) == 0)
        play_pass_some_time(p);
    snprintf(p->sign, sizeof p->sign, "said%lu.", p->done);
    snprintf(text, sizeof text, "%s%s%s", forms[form][0], p->sign, forms[form][1]);
    if (who < 2)
        play_some_nick(p, i, name);
    else
        play_some_channel(p, i, name);
    if (!on)
        snprintf(p->target, sizeof p->target, "%s%s", who < 9 ? "" : statuses[who - 9],
                 name);
    p->talker = i;
    play_say(p, i, "%s %s :%s", play_roll(p, 3) ? "PRIVMSG" : "NOTICE", p->target,
             text);
    model_talk(&p->m, i, p->target, text, p->heard);
}

/* One line after the other, until the server ends the connection. */
static void
do_write_to_many(struct play *p, int i)
{
    char nick[M_WORD];
    unsigned n = play_roll(p, 30);
    snprintf(p->sign, sizeof p->sign, "spam%lu.", p->done);
    for (unsigned k = 0; k < n && p->m.person[i].on; k++) {
        play_some_nick(p, i, nick);
        if (play_roll(p, 10) == 0)
            play_pass_some_time(p);
        play_say(p, i, "PRIVMSG %s :%s", nick, p->sign);
        model_talk(&p->m, i, nick, p->sign, p->heard);
    }
}

static void
do_knock(struct play *p, int i)
{
    char name[M_WORD];
    snprintf(name, sizeof name, "#chan%u", play_roll(p, M_CHANNELS));
    snprintf(p->sign, sizeof p->sign, " 710 ");
    play_say(p, i, "KNOCK %s", name);
    model_knock(&p->m, i, name, p->heard);
}

const struct play_act play_acts[] = {
    {6, false, do_quit},     {40, false, do_nick},         {20, false, do_away},
    {20, false, do_setname}, {30, false, do_user_mode},    {290, false, do_join},
    {25, false, do_part},    {40, false, do_kick},         {40, false, do_topic},
    {60, false, do_invite},  {310, false, do_mode},        {30, false, do_rename},
    {35, false, do_accept},  {40, false, do_monitor},      {140, false, do_talk},
    {30, false, do_knock},   {6, false, do_write_to_many}, {0, false, NULL},
};
