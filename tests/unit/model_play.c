/* Random commands to the server and to the model, and the comparison after each: which
 * clients are on, and which clients received a line. All random numbers come from one
 * seed, which a failure prints. The only state of the server that this file reads is
 * which clients are on. */
#include "model_play.h"

#include <stdarg.h>

enum { FULL = 3900 };

unsigned
play_roll(struct play *p, unsigned sides)
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
    printf("\n    IRCD_TEST_MODEL_SEED=%lu, command %lu: %s\n", p->seed, p->done, text);
    for (unsigned long k = p->done > PLAY_TRAIL ? p->done - PLAY_TRAIL : 0; k < p->done;
         k++)
        printf("      %s\n", p->trail[k % PLAY_TRAIL]);
    CU_FAIL("server and model differ");
}

void
play_note(struct play *p, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(p->trail[p->done % PLAY_TRAIL], sizeof p->trail[0], fmt, args);
    va_end(args);
}

void
play_say(struct play *p, int i, const char *fmt, ...)
{
    char line[500];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    p->by = i;
    play_note(p, "%d %s: %s", i, p->m.person[i].nick, line);
    world_say(p->w, p->actor[i], line);
}

/* --- both sides ---------------------------------------------------------------------
 */

/* Nicks in the lines of this numeric that any client received; each line has at least
 * one. */
static int
count_nicks(const char *inbox, const char *numeric)
{
    int n = 0;
    for (const char *at = inbox; (at = strstr(at, numeric)) != NULL; at++) {
        n++;
        for (const char *c = at; *c && *c != '\n'; c++)
            n += *c == ',';
    }
    return n;
}

/* News of MONITOR, and messages. */
static void
compare_what_came(struct play *p, int i)
{
    struct m_person *q = &p->m.person[i];
    const char *inbox = p->actor[i]->inbox;
    int came = count_nicks(inbox, " 730 "), went = count_nicks(inbox, " 731 ");
    if (came != q->came || went != q->went)
        play_fail(p,
                  "%s is told of %d who came and %d who went, by the model %d and %d",
                  q->nick, came, went, q->came, q->went);
    bool heard = p->sign[0] && strstr(inbox, p->sign);
    if (heard != p->heard[i])
        play_fail(p, "%s %s, the model says otherwise; the answer is: %.300s", q->nick,
                  heard ? "hears it" : "does not hear it", p->actor[p->by]->inbox);
    q->came = q->went = 0;
}

static void
compare(struct play *p)
{
    for (int i = 0; i < M_PEOPLE; i++) {
        bool on = p->actor[i] && p->actor[i]->client;
        if (on != p->m.person[i].on)
            play_fail(p, "%d (%s) is %s, the model says %s", i, p->m.person[i].nick,
                      on ? "on" : "off", p->m.person[i].on ? "on" : "off");
        if (on && !p->failed)
            compare_what_came(p, i);
    }
    world_drain_all(p->w);
    p->sign[0] = '\0';
    memset(p->heard, 0, sizeof p->heard);
}

/* An operator, if a few random choices find one. */
static int
somebody(struct play *p, bool oper)
{
    int i = (int)play_roll(p, M_PEOPLE);
    for (int k = 0; oper && k < 40 && !p->m.person[i].oper; k++)
        i = (int)play_roll(p, M_PEOPLE);
    return i;
}

/* The act of this table that *chance selects; NULL: it is beyond this table, and
 * *chance is the rest, for the next table. */
static const struct play_act *
act_at(const struct play_act *row, unsigned *chance)
{
    for (; row->run && *chance >= row->chance; row++)
        *chance -= row->chance;
    return row->run ? row : NULL;
}

static unsigned
all_chances(void)
{
    unsigned all = 0;
    for (const struct play_act *row = play_acts; row->run; row++)
        all += row->chance;
    for (const struct play_act *row = play_oper_acts; row->run; row++)
        all += row->chance;
    return all;
}

void
play_step(struct play *p)
{
    unsigned chance = play_roll(p, all_chances());
    const struct play_act *act = act_at(play_acts, &chance);
    if (act == NULL)
        act = act_at(play_oper_acts, &chance);
    int i = somebody(p, act->oper);
    if (p->m.person[i].on)
        act->run(p, i);
    else
        play_connect(p, i);
    p->done++;
    compare(p);
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
