/* The model's half about people and channels. Arrays and linear searches alone; must
 * never use what the server uses. */
#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char model_flags[] = "CcimnPpstz";

const char model_config[] =
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
    "privileges = { \"all\" } }\n"
    "oper \"bob\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
    "privileges = { \"kill\", \"kline\", \"unban\" } }\n"
    "flood { burst = 100000 nick = \"9999/1s\" away = \"9999/1s\" invite = \"9999/1s\" "
    "join = \"9999/1s\" targets = \"9999/1s\" }\n"
    "limits { per_host = 6 per_network = 24 unregistered_per_host = 9999 "
    "connect_rate = \"9999/1s\" channels_per_client = 8 bans_per_channel = 5 "
    "invites_per_client = 2 ping_every = \"1h\" ping_timeout = \"1h\" }\n"
    "strikes { limit = 5 decay = \"10m\" ladder = { \"2m\", \"10m\", \"30m\" } "
    "forgive = \"1h\" }\n";

void
model_init(struct model *m, long long now, long long wall)
{
    memset(m, 0, sizeof *m);
    m->now = now;
    m->wall = wall;
}

int
model_find(const struct model *m, const char *nick)
{
    for (int i = 0; i < M_PEOPLE; i++)
        if (m->person[i].on && model_same(m->person[i].nick, nick))
            return i;
    return -1;
}

static struct m_channel *
find(struct model *m, const char *name)
{
    for (int k = 0; k < M_CHANNELS; k++)
        if (m->channel[k].used && model_same(m->channel[k].name, name))
            return &m->channel[k];
    return NULL;
}

static bool
is_on(const struct m_channel *c, int i)
{
    return c->status[i] != M_OUTSIDE;
}

static bool
overrides(const struct model *m, int i)
{
    return m->person[i].oper == 'a';
}

/* The channel, if i may know of it. */
static struct m_channel *
find_seen(struct model *m, int i, const char *name)
{
    struct m_channel *c = find(m, name);
    if (c == NULL)
        return NULL;
    bool hidden = c->flag['s'] || c->flag['p'];
    return !hidden || is_on(c, i) || overrides(m, i) ? c : NULL;
}

static bool
is_op(const struct model *m, const struct m_channel *c, int i)
{
    return overrides(m, i) || (is_on(c, i) && c->status[i] & M_OP);
}

static bool
is_half(const struct model *m, const struct m_channel *c, int i)
{
    return is_op(m, c, i) || (is_on(c, i) && c->status[i] & M_HALF);
}

static int
members(const struct m_channel *c)
{
    int n = 0;
    for (int i = 0; i < M_PEOPLE; i++)
        n += is_on(c, i);
    return n;
}

static int
invitation(const struct m_person *p, int channel)
{
    for (int k = 0; k < p->n_invited; k++)
        if (p->invited[k] == channel)
            return k;
    return -1;
}

static void
uninvite(struct m_person *p, int channel)
{
    int at = invitation(p, channel);
    if (at < 0)
        return;
    for (int k = at; k + 1 < p->n_invited; k++)
        p->invited[k] = p->invited[k + 1];
    p->n_invited--;
}

static void
end_if_empty(struct model *m, struct m_channel *c)
{
    if (members(c) > 0 || c->flag['P'])
        return;
    c->used = false;
    for (int i = 0; i < M_PEOPLE; i++)
        uninvite(&m->person[i], (int)(c - m->channel));
}

static void
leave(struct model *m, struct m_channel *c, int i)
{
    c->status[i] = M_OUTSIDE;
    end_if_empty(m, c);
}

void
model_part_all(struct model *m, int i)
{
    for (int k = 0; k < M_CHANNELS; k++)
        if (m->channel[k].used && is_on(&m->channel[k], i))
            leave(m, &m->channel[k], i);
}

void
model_quit(struct model *m, int i)
{
    model_part_all(m, i);
    m->person[i].on = false;
    m->person[i].oper = 0;
    m->person[i].n_invited = 0;
}

void
model_restart(struct model *m)
{
    for (int i = 0; i < M_PEOPLE; i++)
        if (m->person[i].on)
            model_quit(m, i);
    for (int h = 0; h < M_HOSTS; h++) {
        m->host[h].door_opens = 0;
        memset(m->host[h].failed, 0, sizeof m->host[h].failed);
    }
}

void
model_away(struct model *m, int i, const char *text)
{
    model_copy(m->person[i].away, text, M_TEXT);
}

void
model_deoper(struct model *m, int i)
{
    m->person[i].oper = 0;
}

void
model_kill(struct model *m, int i, const char *nick)
{
    int target = model_find(m, nick);
    if (m->person[i].oper && target >= 0)
        model_quit(m, target);
}

static bool
listed(const struct model *m, const struct m_channel *c, int list, int i)
{
    for (int b = 0; b < c->n_list[list]; b++)
        if (model_means(m, c->list[list][b], i))
            return true;
    return false;
}

static bool
may_join(const struct model *m, const struct m_channel *c, int i, const char *key)
{
    if (overrides(m, i) || invitation(&m->person[i], (int)(c - m->channel)) >= 0)
        return true;
    if (c->flag['i'] && !listed(m, c, M_INVEX, i))
        return false;
    if (listed(m, c, M_BAN, i) && !listed(m, c, M_EXCEPT, i))
        return false;
    if (c->key[0] && strcmp(c->key, key) != 0)
        return false;
    return c->limit == 0 || members(c) < c->limit;
}

static struct m_channel *
begin(struct model *m, const char *name)
{
    struct m_channel *c = m->channel;
    while (c->used)
        c++;
    memset(c, 0, sizeof *c);
    c->used = true;
    c->flag['n'] = c->flag['t'] = true;
    model_copy(c->name, name, sizeof c->name);
    for (int i = 0; i < M_PEOPLE; i++)
        c->status[i] = M_OUTSIDE;
    return c;
}

void
model_join(struct model *m, int i, const char *name, const char *key)
{
    struct m_channel *c = find(m, name);
    int joined = 0;
    for (int k = 0; k < M_CHANNELS; k++)
        joined += m->channel[k].used && is_on(&m->channel[k], i);
    if ((c && is_on(c, i)) || joined >= M_JOINED)
        return;
    if (c == NULL) {
        begin(m, name)->status[i] = M_OP;
    } else if (may_join(m, c, i, key)) {
        c->status[i] = 0;
        uninvite(&m->person[i], (int)(c - m->channel));
    }
}

void
model_part(struct model *m, int i, const char *name)
{
    struct m_channel *c = find(m, name);
    if (c && is_on(c, i))
        leave(m, c, i);
}

void
model_kick(struct model *m, int i, const char *name, const char *nick)
{
    struct m_channel *c = find_seen(m, i, name);
    int target = model_find(m, nick);
    if (c == NULL || !is_half(m, c, i) || target < 0 || !is_on(c, target))
        return;
    if (target == i || is_op(m, c, i) || !(c->status[target] & (M_OP | M_HALF)))
        leave(m, c, target);
}

void
model_topic(struct model *m, int i, const char *name, const char *text)
{
    char address[M_WORD];
    struct m_channel *c = find_seen(m, i, name);
    const struct m_person *p = &m->person[i];
    if (c == NULL || (!is_on(c, i) && !overrides(m, i)))
        return;
    if (c->flag['t'] && !is_half(m, c, i))
        return;
    model_address(p->host, address);
    model_copy(c->topic, text, sizeof c->topic);
    snprintf(c->topic_by, sizeof c->topic_by, "%s!u%d@%s", p->nick, p->user, address);
}

void
model_invite(struct model *m, int i, const char *nick, const char *name)
{
    struct m_channel *c = find_seen(m, i, name);
    int target = model_find(m, nick), k = c ? (int)(c - m->channel) : -1;
    if (c == NULL || target < 0 || (!is_on(c, i) && !overrides(m, i)))
        return;
    struct m_person *p = &m->person[target];
    if (is_on(c, target) || !is_half(m, c, i) || invitation(p, k) >= 0)
        return;
    if (p->n_invited == M_INVITED)
        uninvite(p, p->invited[0]);
    p->invited[p->n_invited++] = k;
}

/* --- modes --------------------------------------------------------------------------
 */

static void
change_list(struct m_channel *c, int list, const struct m_change *x)
{
    int at = 0, *n = &c->n_list[list];
    while (at < *n && !model_same(c->list[list][at], x->param))
        at++;
    if (x->adding && at == *n && *n < M_LIST)
        model_copy(c->list[list][(*n)++], x->param, M_TEXT);
    if (x->adding || at == *n)
        return;
    for (; at + 1 < *n; at++)
        memcpy(c->list[list][at], c->list[list][at + 1], M_TEXT);
    --*n;
}

static void
change_status(struct model *m, struct m_channel *c, int i, const struct m_change *x,
              bool op, bool half)
{
    int bit = x->letter == 'o' ? M_OP : x->letter == 'h' ? M_HALF : M_VOICE;
    int target = model_find(m, x->param);
    bool own = !x->adding && target == i && is_on(c, i) && c->status[i] & bit;
    if (!own && !op && !(half && bit == M_VOICE))
        return;
    if (target < 0 || !is_on(c, target))
        return;
    c->status[target] = x->adding ? c->status[target] | bit : c->status[target] & ~bit;
}

static void
change_one(struct model *m, struct m_channel *c, int i, const struct m_change *x,
           bool op, bool half)
{
    static const char lists[] = "beIq";
    const char *list = strchr(lists, x->letter);
    if (list != NULL) {
        if (half)
            change_list(c, (int)(list - lists), x);
    } else if (strchr("ohv", x->letter)) {
        change_status(m, c, i, x, op, half);
    } else if (x->letter == 'P') {
        if (overrides(m, i))
            c->flag['P'] = x->adding;
    } else if (!op) {
        return;
    } else if (x->letter == 'k') {
        model_copy(c->key, x->adding ? x->param : "", sizeof c->key);
    } else if (x->letter == 'l') {
        c->limit = x->adding ? (int)strtol(x->param, NULL, 10) : 0;
    } else {
        c->flag[(unsigned char)x->letter] = x->adding;
    }
}

void
model_mode(struct model *m, int i, const char *name, const struct m_change *changes,
           int n)
{
    struct m_channel *c = find_seen(m, i, name);
    if (c == NULL)
        return;
    bool op = is_op(m, c, i), half = is_half(m, c, i);
    for (int k = 0; k < n; k++)
        change_one(m, c, i, &changes[k], op, half);
    end_if_empty(m, c);
}
