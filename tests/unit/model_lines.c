/* The part of the model that has the bans of the server: K-lines, D-lines, RESVs and
 * X-lines, and the names and clients that they keep out. It must never use code of the
 * server. */
#include "model.h"

#include <stdio.h>
#include <string.h>

static const struct {
    char kind;
    const char *privilege;
    bool of_hosts;
} kinds[M_KINDS] = {{'K', "kline", true},
                    {'D', "dline", true},
                    {'Q', "resv", false},
                    {'X', "xline", false}};

static int
row_of(char kind)
{
    int k = 0;
    while (kinds[k].kind != kind)
        k++;
    return k;
}

/* A blank is written as \s. */
static void
real_glob(const char *mask, char out[M_TEXT])
{
    int n = 0;
    for (; *mask; mask++) {
        bool blank = mask[0] == '\\' && mask[1] == 's';
        out[n++] = blank ? ' ' : *mask;
        mask += blank;
    }
    out[n] = '\0';
}

static bool
matches(char kind, const char *mask, const char *name)
{
    char text[M_TEXT];
    if (kind == 'Q')
        return (mask[0] == '#') == (name[0] == '#') && model_glob(mask, name);
    real_glob(mask, text);
    return model_glob(text, name);
}

/* True if this mask or nick means a client that is on. */
static bool
covers(const struct model *m, char kind, const char *mask, int i)
{
    const struct m_person *p = &m->person[i];
    if (kinds[row_of(kind)].of_hosts)
        return model_means(m, mask, i);
    if (kind == 'X')
        return matches(kind, mask, p->real);
    for (int k = 0; k < M_CHANNELS; k++) {
        const struct m_channel *c = &m->channel[k];
        if (c->used && model_is_on(c, i) && matches(kind, mask, c->name))
            return true;
    }
    return matches(kind, mask, p->nick);
}

struct m_ban *
model_find_ban(struct model *m, char kind, const char *mask)
{
    for (int b = 0; b < M_BANS; b++)
        if (m->ban[b].kind == kind && model_same(m->ban[b].mask, mask))
            return &m->ban[b];
    return NULL;
}

void
model_set_ban(struct model *m, char kind, const char *mask, long long length,
              bool automatic)
{
    struct m_ban *ban = model_find_ban(m, kind, mask);
    for (int b = 0; ban == NULL; b++) {
        if (m->ban[b].kind)
            continue;
        ban = &m->ban[b];
        model_copy(ban->mask, mask, sizeof ban->mask);
    }
    ban->kind = kind;
    ban->automatic = automatic;
    ban->until = length ? m->wall + length : 0;
    for (int i = 0; kinds[row_of(kind)].of_hosts && i < M_PEOPLE; i++)
        if (m->person[i].on && !m->person[i].oper && m->person[i].host != M_NO_BANS &&
            model_means(m, mask, i))
            model_quit(m, i);
}

static int
literals(const char *mask)
{
    int n = 0;
    for (; *mask; mask++) {
        char c = *mask;
        bool blank = c == '\\';
        n += !blank && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9'));
        mask += blank;
    }
    return n;
}

static bool
is_address(const char *mask)
{
    const char *at = strchr(mask, '@');
    return strspn(at ? at + 1 : mask, "0123456789./") == strlen(at ? at + 1 : mask);
}

/* All prefixes that the play uses are long enough. */
static bool
is_short(char kind, const char *mask)
{
    if (kinds[row_of(kind)].of_hosts && is_address(mask))
        return false;
    if (kind == 'Q' && strpbrk(mask, "*?") == NULL)
        return false;
    return literals(mask) < 4;
}

static bool
too_broad(const struct model *m, int i, char kind, const char *mask)
{
    int covered = 0, all = 0;
    bool of_channels = kind == 'Q' && mask[0] == '#';
    if (is_short(kind, mask) || covers(m, kind, mask, i))
        return true;
    for (int k = 0; !of_channels && k < M_PEOPLE; k++) {
        all += m->person[k].on;
        covered += m->person[k].on && covers(m, kind, mask, k);
    }
    for (int k = 0; of_channels && k < M_CHANNELS; k++) {
        all += m->channel[k].used;
        covered += m->channel[k].used && matches(kind, mask, m->channel[k].name);
    }
    return covered > 3 && covered * 2 > all;
}

/* A nick means the host of its client. */
static void
mask_of(const struct model *m, char kind, const char *what, char out[M_TEXT])
{
    char address[M_WORD];
    int target = kinds[row_of(kind)].of_hosts ? model_find(m, what) : -1;
    model_copy(out, what, M_TEXT);
    if (target < 0)
        return;
    model_address(m->person[target].host, address);
    snprintf(out, M_TEXT, "%s%s", kind == 'K' ? "*@" : "", address);
}

void
model_ban(struct model *m, int i, char kind, const char *what, long long length,
          bool force)
{
    char mask[M_TEXT];
    mask_of(m, kind, what, mask);
    const struct m_ban *there = model_find_ban(m, kind, mask);
    if (!model_may(m, i, kinds[row_of(kind)].privilege) ||
        (length == 0 && !model_may(m, i, "permanent")))
        return;
    bool shorter =
        there && length && (there->until == 0 || m->wall + length < there->until);
    if (shorter && !model_may(m, i, "unban"))
        return;
    if (force || !too_broad(m, i, kind, mask))
        model_set_ban(m, kind, mask, length, false);
}

void
model_unban(struct model *m, int i, char kind, const char *what)
{
    char mask[M_TEXT];
    mask_of(m, kind, what, mask);
    struct m_ban *ban = model_may(m, i, "unban") ? model_find_ban(m, kind, mask) : NULL;
    if (ban != NULL)
        ban->kind = 0;
}

bool
model_reserved(const struct model *m, int i, char kind, const char *name)
{
    if (m->person[i].host == M_NO_BANS || (kind == 'Q' && model_may(m, i, "resv")))
        return false;
    for (int b = 0; b < M_BANS; b++)
        if (m->ban[b].kind == kind && matches(kind, m->ban[b].mask, name))
            return true;
    return false;
}

/* True if a K-line or D-line keeps p out under this nick. */
static bool
is_banned_as(const struct model *m, const struct m_person *p, char kind,
             const char *nick)
{
    for (int b = 0; p->host != M_NO_BANS && b < M_BANS; b++)
        if (m->ban[b].kind == kind && model_means_as(p, m->ban[b].mask, nick))
            return true;
    return false;
}

bool
model_is_banned(const struct model *m, int i)
{
    const struct m_person *p = &m->person[i];
    return is_banned_as(m, p, 'K', p->nick) || is_banned_as(m, p, 'D', "");
}

/* --- names --------------------------------------------------------------------------
 */

/* True if there is a channel on which i, without a status, must not speak. */
static bool
is_held(const struct model *m, int i)
{
    for (int k = 0; k < M_CHANNELS; k++) {
        const struct m_channel *c = &m->channel[k];
        if (!c->used || c->status[i] != 0 || model_listed(m, c, M_EXCEPT, i))
            continue;
        if (model_listed(m, c, M_BAN, i) || model_muted(m, c, i))
            return true;
    }
    return false;
}

void
model_nick(struct model *m, int i, const char *nick)
{
    struct m_person *p = &m->person[i];
    int other = model_find(m, nick);
    bool same = model_same(p->nick, nick);
    if ((other >= 0 && other != i) || strcmp(p->nick, nick) == 0 || is_held(m, i))
        return;
    if (!same && (model_reserved(m, i, 'Q', nick) ||
                  (!p->oper && is_banned_as(m, p, 'K', nick))))
        return;
    if (!same) {
        for (int k = 0; k < M_PEOPLE; k++)
            m->person[k].accepts[i] = false;
        model_news(m, p->nick, false);
        model_news(m, nick, true);
    }
    model_copy(p->nick, nick, sizeof p->nick);
}

void
model_setname(struct model *m, int i, const char *real)
{
    if (!is_held(m, i) && !model_reserved(m, i, 'X', real))
        model_copy(m->person[i].real, real, M_WORD);
}

/* --- coming -------------------------------------------------------------------------
 */

enum m_welcome
model_connect(struct model *m, int i, int user, int host, const char *real)
{
    int of_host = 0, of_network = 0, half = M_HOSTS / 2;
    struct m_person *p = &m->person[i];
    memset(p, 0, sizeof *p);
    p->user = user;
    p->host = host;
    p->number = ++m->connections;
    model_copy(p->real, real, M_WORD);
    for (int k = 0; k < M_PEOPLE; k++) {
        of_host += m->person[k].on && m->person[k].host == host;
        of_network += m->person[k].on && m->person[k].host / half == host / half;
    }
    int network = host < half ? M_PER_NETWORK : M_PER_CLASS;
    bool room = of_host < M_PER_HOST && of_network < network;
    return room && !is_banned_as(m, p, 'D', "") ? M_WAITS_FOR_A_NICK : M_TURNED_AWAY;
}

enum m_welcome
model_register(struct model *m, int i, const char *nick)
{
    struct m_person *p = &m->person[i];
    if (is_banned_as(m, p, 'K', nick) || model_reserved(m, i, 'X', p->real))
        return M_CLOSED;
    if (model_reserved(m, i, 'Q', nick))
        return M_WAITS_FOR_A_NICK;
    model_copy(p->nick, nick, sizeof p->nick);
    p->on = true;
    model_news(m, nick, true);
    return M_IS_ON;
}
