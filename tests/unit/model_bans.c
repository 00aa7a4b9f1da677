/* The part of the model that has hosts: strikes, the lockout of OPER, and time. It has
 * arrays and linear searches only and must never use code of the server. */
#include "model.h"

#include <stdio.h>
#include <string.h>

static const long long ladder[] = {2 * 60000LL, 10 * 60000LL, 30 * 60000LL};
enum { STEPS = 3, DECAY = 600000, FORGIVE = 3600000, LOCKOUT_TIME = 600000 };

/* --- strikes ------------------------------------------------------------------------
 */

static void
fade(int *count, long long *since, long long each, long long wall)
{
    while (*count > 0 && wall - *since >= each) {
        --*count;
        *since += each;
    }
}

static int
opers_on(const struct model *m, int host)
{
    int n = 0;
    for (int i = 0; i < M_PEOPLE; i++)
        n += m->person[i].on && m->person[i].oper && m->person[i].host == host;
    return n;
}

static struct m_ban *
ban_of(struct model *m, int host)
{
    char address[M_WORD], mask[M_TEXT];
    model_address(host, address);
    snprintf(mask, sizeof mask, "*@%s", address);
    return model_find_ban(m, 'K', mask);
}

/* Even if such a ban exists already, all clients that it covers and that may be banned
 * are gone. */
static void
ban_host(struct model *m, int host, long long length)
{
    char address[M_WORD], mask[M_TEXT];
    struct m_ban *ban = ban_of(m, host);
    bool longer = ban && (ban->until == 0 || ban->until >= m->wall + length);
    bool automatic = ban == NULL || ban->automatic;
    if (longer)
        length = ban->until ? ban->until - m->wall : 0;
    model_address(host, address);
    snprintf(mask, sizeof mask, "*@%s", address);
    model_set_ban(m, 'K', mask, length, automatic);
}

/* i: the client that was struck; -1: no client by name. */
static void
reach_limit(struct model *m, int host, int i)
{
    struct m_host *h = &m->host[host];
    bool gateway = host >= M_HOSTS / 2;
    h->strikes = 0;
    if (gateway || opers_on(m, host) > 0) {
        if (i >= 0 && !m->person[i].oper)
            model_quit(m, i);
        return;
    }
    long long length = ladder[h->level < STEPS ? h->level : STEPS - 1];
    h->level += h->level < STEPS;
    h->level_at = m->wall;
    ban_host(m, host, length);
}

static void
strike_host(struct model *m, int host, int i, int weight, bool bans)
{
    struct m_host *h = &m->host[host];
    if (host == M_NO_STRIKES)
        return;
    h->strikes += weight;
    if (!bans && h->strikes >= M_STRIKES)
        h->strikes = M_STRIKES - 1;
    h->strike_at = m->wall;
    if (h->strikes >= M_STRIKES)
        reach_limit(m, host, i);
}

static void
strike(struct model *m, int i, int weight, bool bans)
{
    if (m->person[i].host != M_NO_STRIKES && model_is_banned(m, i)) {
        if (!m->person[i].oper)
            model_quit(m, i);
        return;
    }
    strike_host(m, m->person[i].host, i, weight, bans);
}

void
model_struck(struct model *m, int i, int weight)
{
    strike(m, i, weight, true);
}

/* The host of a nick that is on, or of an address; *person is the client with the nick.
 */
static int
host_of(const struct model *m, const char *who, int *person)
{
    char address[M_WORD];
    *person = model_find(m, who);
    if (*person >= 0)
        return m->person[*person].host;
    for (int h = 0; h < M_HOSTS; h++) {
        model_address(h, address);
        if (strcmp(address, who) == 0)
            return h;
    }
    return -1;
}

void
model_strike(struct model *m, int i, const char *who, int n)
{
    int person, host = host_of(m, who, &person);
    /* On a gateway only the client that is named is struck. */
    if (host >= M_HOSTS / 2 && person < 0)
        return;
    if (host >= 0 && model_may(m, i, "strike"))
        strike_host(m, host, person, n, true);
}

void
model_pardon(struct model *m, int i, const char *who)
{
    int person, host = host_of(m, who, &person);
    if (host < 0 || !model_may(m, i, "strike"))
        return;
    m->host[host].strikes = m->host[host].level = 0;
    memset(m->host[host].failed, 0, sizeof m->host[host].failed);
    m->host[host].lockout_ends = 0;
    struct m_ban *ban = ban_of(m, host);
    if (ban && ban->automatic)
        ban->kind = 0;
}

/* A right password leaves no attempt. */
void
model_oper(struct model *m, int i, char oper, bool right)
{
    struct m_host *h = &m->host[m->person[i].host];
    if (h->lockout_ends > m->now)
        return;
    if (right) {
        m->person[i].oper = oper;
        m->person[i].mode['w'] = true; /* a new operator receives WALLOPS */
        return;
    }
    for (int k = 1; k < M_LOCKOUT; k++)
        h->failed[k - 1] = h->failed[k];
    h->failed[M_LOCKOUT - 1] = m->now;
    if (h->failed[0] && m->now - h->failed[0] < LOCKOUT_TIME)
        h->lockout_ends = m->now + LOCKOUT_TIME;
    strike(m, i, 2, false);
}

/* --- time ----------------------------------------------------------------
 */

void
model_sleep(struct model *m, long long ms)
{
    m->now += ms;
    m->wall += ms;
    for (int b = 0; b < M_BANS; b++)
        if (m->ban[b].kind && m->ban[b].until && m->ban[b].until <= m->wall)
            m->ban[b].kind = 0;
    model_expire_entries(m);
    for (int h = 0; h < M_HOSTS; h++) {
        struct m_host *host = &m->host[h];
        fade(&host->strikes, &host->strike_at, DECAY, m->wall);
        fade(&host->level, &host->level_at, FORGIVE, m->wall);
    }
}
