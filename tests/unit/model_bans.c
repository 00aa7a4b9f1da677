/* The model's half about hosts: masks, bans, strikes, the door to OPER. Arrays and
 * linear searches alone; must never use what the server uses. */
#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const long long ladder[] = {2 * 60000LL, 10 * 60000LL, 30 * 60000LL};
enum { STEPS = 3, DECAY = 600000, FORGIVE = 3600000, DOOR_TIME = 600000 };

void
model_copy(char *out, const char *text, int size)
{
    snprintf(out, (size_t)size, "%s", text);
}

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool
model_same(const char *a, const char *b)
{
    while (*a && lower(*a) == lower(*b))
        a++, b++;
    return lower(*a) == lower(*b);
}

void
model_address(int host, char out[M_WORD])
{
    int half = M_HOSTS / 2;
    snprintf(out, M_WORD, "10.%d.0.%d", 1 + host / half, 1 + host % half);
}

/* Tries everything: masks and texts are short. */
static bool
glob(const char *mask, const char *text)
{
    if (*mask == '*')
        return glob(mask + 1, text) || (*text && glob(mask, text + 1));
    if (*text == '\0' || *mask == '\0')
        return *text == *mask;
    return (*mask == '?' || lower(*mask) == lower(*text)) && glob(mask + 1, text + 1);
}

static unsigned
number_of(const char *address)
{
    unsigned a = 0, b = 0, c = 0, d = 0;
    sscanf(address, "%u.%u.%u.%u", &a, &b, &c, &d);
    return a << 24 | b << 16 | c << 8 | d;
}

static bool
host_means(const char *mask, const char *address)
{
    const char *slash = strchr(mask, '/');
    if (slash == NULL)
        return glob(mask, address);
    unsigned different = number_of(mask) ^ number_of(address);
    return different >> (32 - strtol(slash + 1, NULL, 10)) == 0;
}

static bool
mask_means(const char *mask, const char *nick, const char *user, const char *address)
{
    char copy[M_TEXT], *host = copy, *at, *bang;
    model_copy(copy, mask, sizeof copy);
    at = strchr(copy, '@');
    if (at != NULL) {
        *at = '\0';
        host = at + 1;
        bang = strchr(copy, '!');
        const char *wanted = bang ? bang + 1 : copy;
        if (bang != NULL) {
            *bang = '\0';
            if (!glob(copy, nick))
                return false;
        }
        if (!glob(wanted, user))
            return false;
    }
    return host_means(host, address);
}

bool
model_means(const struct model *m, const char *mask, int i)
{
    char user[8], address[M_WORD];
    const struct m_person *p = &m->person[i];
    snprintf(user, sizeof user, "u%d", p->user);
    model_address(p->host, address);
    return mask_means(mask, p->nick, user, address);
}

/* --- bans ---------------------------------------------------------------------------
 */

static struct m_ban *
find_ban(struct model *m, char kind, const char *mask)
{
    for (int b = 0; b < M_BANS; b++)
        if (m->ban[b].kind == kind && model_same(m->ban[b].mask, mask))
            return &m->ban[b];
    return NULL;
}

static void
set_ban(struct model *m, char kind, const char *mask, long long length)
{
    struct m_ban *ban = find_ban(m, kind, mask);
    for (int b = 0; ban == NULL; b++)
        if (m->ban[b].kind == 0)
            ban = &m->ban[b];
    ban->kind = kind;
    model_copy(ban->mask, mask, sizeof ban->mask);
    ban->until = length ? m->wall + length : 0;
    for (int i = 0; i < M_PEOPLE; i++)
        if (m->person[i].on && !m->person[i].oper && model_means(m, mask, i))
            model_quit(m, i);
}

static int
literals(const char *mask)
{
    int n = 0;
    for (; *mask; mask++)
        n += (lower(*mask) >= 'a' && lower(*mask) <= 'z') ||
             (*mask >= '0' && *mask <= '9');
    return n;
}

static bool
is_address(const char *mask)
{
    const char *at = strchr(mask, '@');
    return strspn(at ? at + 1 : mask, "0123456789./") == strlen(at ? at + 1 : mask);
}

/* All CIDRs that are played are long enough. */
static bool
too_broad(const struct model *m, int i, const char *mask)
{
    int covered = 0, all = 0;
    if (!is_address(mask) && literals(mask) < 4)
        return true;
    for (int k = 0; k < M_PEOPLE; k++) {
        all += m->person[k].on;
        covered += m->person[k].on && model_means(m, mask, k);
    }
    return model_means(m, mask, i) || (covered > 3 && covered * 2 > all);
}

void
model_ban(struct model *m, int i, char kind, const char *mask, long long length,
          bool force)
{
    char oper = m->person[i].oper;
    if (oper == 0 || (oper == 'b' && (kind == 'D' || length == 0)))
        return;
    if (force || !too_broad(m, i, mask))
        set_ban(m, kind, mask, length);
}

void
model_unban(struct model *m, int i, char kind, const char *mask)
{
    struct m_ban *ban = m->person[i].oper ? find_ban(m, kind, mask) : NULL;
    if (ban != NULL)
        ban->kind = 0;
}

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

static void
reach_limit(struct model *m, int i, struct m_host *h)
{
    char address[M_WORD], mask[M_TEXT];
    h->strikes = 0;
    if (opers_on(m, m->person[i].host) > 0) {
        if (!m->person[i].oper)
            model_quit(m, i);
        return;
    }
    long long length = ladder[h->level < STEPS ? h->level : STEPS - 1];
    h->level++;
    h->level_at = m->wall;
    model_address(m->person[i].host, address);
    snprintf(mask, sizeof mask, "*@%s", address);
    const struct m_ban *ban = find_ban(m, 'K', mask);
    if (ban == NULL || (ban->until && ban->until < m->wall + length))
        set_ban(m, 'K', mask, length);
}

static void
strike(struct model *m, int i, int weight, bool bans)
{
    struct m_host *h = &m->host[m->person[i].host];
    h->strikes += weight;
    if (!bans && h->strikes >= M_STRIKES)
        h->strikes = M_STRIKES - 1;
    h->strike_at = m->wall;
    if (h->strikes >= M_STRIKES)
        reach_limit(m, i, h);
}

/* Is there a channel on which i, without a status, must not speak? */
static bool
is_held(const struct model *m, int i)
{
    for (int k = 0; k < M_CHANNELS; k++) {
        const struct m_channel *c = &m->channel[k];
        bool bad = false, good = false;
        if (!c->used || c->status[i] != 0)
            continue;
        for (int b = 0; b < c->n_list[M_BAN]; b++)
            bad |= model_means(m, c->list[M_BAN][b], i);
        for (int b = 0; b < c->n_list[M_QUIET]; b++)
            bad |= model_means(m, c->list[M_QUIET][b], i);
        for (int b = 0; b < c->n_list[M_EXCEPT]; b++)
            good |= model_means(m, c->list[M_EXCEPT][b], i);
        if (bad && !good)
            return true;
    }
    return false;
}

/* Is there a K-line that would not let p in under this nick? */
static bool
is_banned_as(const struct model *m, const struct m_person *p, const char *nick)
{
    char user[8], address[M_WORD];
    snprintf(user, sizeof user, "u%d", p->user);
    model_address(p->host, address);
    for (int b = 0; b < M_BANS; b++) {
        const struct m_ban *ban = &m->ban[b];
        bool holds = ban->kind == 'K' && (ban->until == 0 || ban->until > m->wall);
        if (holds && mask_means(ban->mask, nick, user, address))
            return true;
    }
    return false;
}

void
model_nick(struct model *m, int i, const char *nick)
{
    struct m_person *p = &m->person[i];
    int other = model_find(m, nick);
    if ((other >= 0 && other != i) || strcmp(p->nick, nick) == 0 || is_held(m, i))
        return;
    if (!p->oper && is_banned_as(m, p, nick))
        return;
    model_copy(p->nick, nick, sizeof p->nick);
}

/* A right password is as if it had not been tried. */
void
model_oper(struct model *m, int i, char oper, bool right)
{
    struct m_host *h = &m->host[m->person[i].host];
    if (h->door_opens > m->now)
        return;
    if (right) {
        m->person[i].oper = oper;
        return;
    }
    for (int k = 1; k < M_DOOR; k++)
        h->failed[k - 1] = h->failed[k];
    h->failed[M_DOOR - 1] = m->now;
    if (h->failed[0] && m->now - h->failed[0] < DOOR_TIME)
        h->door_opens = m->now + DOOR_TIME;
    strike(m, i, 2, false);
}

/* --- coming and time ----------------------------------------------------------------
 */

void
model_connect(struct model *m, int i, const char *nick, int user, int host)
{
    int of_host = 0, of_network = 0, half = M_HOSTS / 2;
    struct m_person *p = &m->person[i];
    *p = (struct m_person){.user = user, .host = host};
    model_copy(p->nick, nick, sizeof p->nick);
    for (int b = 0; b < M_BANS; b++)
        if (m->ban[b].kind && model_means(m, m->ban[b].mask, i))
            return;
    for (int k = 0; k < M_PEOPLE; k++) {
        of_host += m->person[k].on && m->person[k].host == host;
        of_network += m->person[k].on && m->person[k].host / half == host / half;
    }
    p->on = of_host < M_PER_HOST && of_network < M_PER_NETWORK;
}

void
model_sleep(struct model *m, long long ms)
{
    m->now += ms;
    m->wall += ms;
    for (int b = 0; b < M_BANS; b++)
        if (m->ban[b].kind && m->ban[b].until && m->ban[b].until <= m->wall)
            m->ban[b].kind = 0;
    for (int h = 0; h < M_HOSTS; h++) {
        struct m_host *host = &m->host[h];
        fade(&host->strikes, &host->strike_at, DECAY, m->wall);
        fade(&host->level, &host->level_at, FORGIVE, m->wall);
    }
}
