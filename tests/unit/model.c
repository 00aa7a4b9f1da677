/* The part of the model that has clients and channels. It has arrays and linear
 * searches only and must never use code of the server. */
#include "model.h"

#include <stdio.h>
#include <string.h>

const char model_flags[] = "CcimnPpstz";
const char model_user_flags[] = "Bgiw";

/* The acts that an operator may do: see model_may. */
const char model_config[] =
    "oper \"alice\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
    "privileges = { \"all\" } }\n"
    "oper \"bob\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
    "privileges = { \"kill\", \"kline\", \"unban\" } }\n"
    "oper \"carol\" { password = \"$argon2id$secret\" hosts = { \"*@*\" } "
    "privileges = { \"kline\", \"dline\", \"xline\", \"resv\", \"strike\", "
    "\"permanent\" } }\n"
    "exempt \"10.1.0.5/32\" { from = { \"bans\", \"flood\" } }\n"
    "exempt \"10.1.0.6/32\" { from = { \"strikes\", \"flood\" } }\n"
    "exempt \"10.1.0.0/24\" { from = { \"flood\" } }\n"
    "class \"gateway\" { match = { \"10.2.0.0/24\" } strikes = \"disconnect\" "
    "connections = 20 }\n"
    "flood { burst = 100000 interval = \"1ms\" nick = \"9999/1s\" away = \"9999/1s\" "
    "invite = \"9999/1s\" join = \"9999/1s\" knock = \"9999/1s\" ctcp = \"9999/1s\" "
    "targets = \"6/12s\" }\n"
    "proxy gate { match = { \"198.51.100.1\" } accepts = { webirc } token = "
    "\"sha256:"
    "3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0\" }\n"
    "limits { per_host = 6 per_network = 24 unregistered_per_host = 9999 "
    "connect_rate = \"9999/1s\" channels_per_client = 5 bans_per_channel = 5 "
    "invites_per_client = 2 ping_every = \"1h\" ping_timeout = \"1h\" }\n"
    "strikes { limit = 5 decay = \"10m\" ladder = { \"2m\", \"10m\", \"30m\" } "
    "forgive = \"1h\" }\n";

bool
model_may(const struct model *m, int i, const char *privilege)
{
    switch (m->person[i].oper) {
    case 'a':
        return true;
    case 'b':
        return strstr(" kill kline unban ", privilege) != NULL;
    case 'c':
        return strstr(" kline dline xline resv strike permanent ", privilege) != NULL;
    default:
        return false;
    }
}

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

struct m_channel *
model_channel(struct model *m, const char *name)
{
    for (int k = 0; k < M_CHANNELS; k++)
        if (m->channel[k].used && model_same(m->channel[k].name, name))
            return &m->channel[k];
    return NULL;
}

bool
model_is_on(const struct m_channel *c, int i)
{
    return c->status[i] != M_OUTSIDE;
}

static bool
overrides(const struct model *m, int i)
{
    return model_may(m, i, "override");
}

struct m_channel *
model_seen(struct model *m, int i, const char *name)
{
    struct m_channel *c = model_channel(m, name);
    if (c == NULL)
        return NULL;
    bool hidden = c->flag['s'] || c->flag['p'];
    return !hidden || model_is_on(c, i) || overrides(m, i) ? c : NULL;
}

bool
model_is_op(const struct model *m, const struct m_channel *c, int i)
{
    return overrides(m, i) || (model_is_on(c, i) && c->status[i] & M_OP);
}

bool
model_is_half(const struct model *m, const struct m_channel *c, int i)
{
    return model_is_op(m, c, i) || (model_is_on(c, i) && c->status[i] & M_HALF);
}

int
model_members(const struct m_channel *c)
{
    int n = 0;
    for (int i = 0; i < M_PEOPLE; i++)
        n += model_is_on(c, i);
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

bool
model_invited(const struct m_person *p, int channel)
{
    return invitation(p, channel) >= 0;
}

void
model_uninvite(struct m_person *p, int channel)
{
    int at = invitation(p, channel);
    if (at < 0)
        return;
    for (int k = at; k + 1 < p->n_invited; k++)
        p->invited[k] = p->invited[k + 1];
    p->n_invited--;
}

void
model_end_if_empty(struct model *m, struct m_channel *c)
{
    if (model_members(c) > 0 || c->flag['P'])
        return;
    c->used = false;
    for (int i = 0; i < M_PEOPLE; i++)
        model_uninvite(&m->person[i], (int)(c - m->channel));
}

static void
note_left(struct model *m, const struct m_channel *c, int i)
{
    struct m_person *p = &m->person[i];
    int k = 0;
    while (k < M_LEFT && !model_same(p->left[k].name, c->name))
        k++;
    if (k == M_LEFT) {
        k = p->next_left;
        p->next_left = (k + 1) % M_LEFT;
    }
    snprintf(p->left[k].name, sizeof p->left[k].name, "%s", c->name);
    p->left[k].at = m->now / 1000;
}

void
model_leave(struct model *m, struct m_channel *c, int i)
{
    note_left(m, c, i);
    c->status[i] = M_OUTSIDE;
    model_end_if_empty(m, c);
}

void
model_part_all(struct model *m, int i)
{
    for (int k = 0; k < M_CHANNELS; k++)
        if (m->channel[k].used && model_is_on(&m->channel[k], i))
            model_leave(m, &m->channel[k], i);
}

void
model_quit(struct model *m, int i)
{
    struct m_person *p = &m->person[i];
    model_part_all(m, i);
    p->on = false;
    p->oper = 0;
    p->n_invited = p->n_watched = 0;
    for (int k = 0; k < M_PEOPLE; k++)
        m->person[k].accepts[i] = p->accepts[k] = false;
    model_news(m, p->nick, false);
}

/* Stored things stay: bans, strikes, permanent channels. */
void
model_restart(struct model *m)
{
    for (int i = 0; i < M_PEOPLE; i++)
        if (m->person[i].on)
            model_quit(m, i);
    for (int h = 0; h < M_HOSTS; h++) {
        m->host[h].lockout_ends = 0;
        memset(m->host[h].failed, 0, sizeof m->host[h].failed);
    }
    for (int k = 0; k < M_CHANNELS; k++)
        m->channel[k].join_owed = m->channel[k].renamed = 0;
}

void
model_away(struct model *m, int i, const char *text)
{
    model_copy(m->person[i].away, text, M_TEXT);
}

void
model_user_mode(struct model *m, int i, bool adding, char letter)
{
    m->person[i].mode[(unsigned char)letter] = adding;
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
    if (model_may(m, i, "kill") && target >= 0)
        model_quit(m, target);
}

void
model_part(struct model *m, int i, const char *name)
{
    struct m_channel *c = model_channel(m, name);
    if (c && model_is_on(c, i))
        model_leave(m, c, i);
}

void
model_kick(struct model *m, int i, const char *name, const char *nick)
{
    struct m_channel *c = model_seen(m, i, name);
    int target = model_find(m, nick);
    if (c == NULL || !model_is_half(m, c, i) || target < 0 || !model_is_on(c, target))
        return;
    if (target == i || model_is_op(m, c, i) || !(c->status[target] & (M_OP | M_HALF)))
        model_leave(m, c, target);
}

void
model_topic(struct model *m, int i, const char *name, const char *text)
{
    char address[M_WORD];
    struct m_channel *c = model_seen(m, i, name);
    const struct m_person *p = &m->person[i];
    if (c == NULL || (!model_is_on(c, i) && !overrides(m, i)))
        return;
    if (c->flag['t'] && !model_is_half(m, c, i))
        return;
    if (!model_may_set_topic(m, c, i, text))
        return;
    model_address(p->host, address);
    model_copy(c->topic, text, sizeof c->topic);
    snprintf(c->topic_by, sizeof c->topic_by, "%s!u%d@%s", p->nick, p->user, address);
}

/* A member may invite to an open channel; to a closed one only its operators may. */
void
model_invite(struct model *m, int i, const char *nick, const char *name,
             bool heard[M_PEOPLE])
{
    struct m_channel *c = model_seen(m, i, name);
    int target = model_find(m, nick), k = c ? (int)(c - m->channel) : -1;
    if (c == NULL || target < 0 || (!model_is_on(c, i) && !overrides(m, i)))
        return;
    bool half = model_is_half(m, c, i);
    if (model_is_on(c, target) || (c->flag['i'] && !half) ||
        !model_may_write(m, i, target, true))
        return;
    if (target != i && m->person[target].mode['g'] && !m->person[target].accepts[i])
        return;
    heard[target] = true;
    model_wrote(m, i, target);
    struct m_person *p = &m->person[target];
    if (!half || model_invited(p, k))
        return;
    if (p->n_invited == M_INVITED)
        model_uninvite(p, p->invited[0]);
    p->invited[p->n_invited++] = k;
}

/* Forwards follow the renamed channel; a forward of the channel to the new name itself
 * ends. */
void
model_rename(struct model *m, int i, const char *name, const char *to)
{
    char old[M_WORD];
    struct m_channel *c = model_seen(m, i, name), *there = model_channel(m, to);
    if (c == NULL || (!model_is_on(c, i) && !overrides(m, i)) || !model_is_op(m, c, i))
        return;
    bool soon = c->renamed && m->now - c->renamed < M_RENAME_EACH;
    if (strcmp(c->name, to) == 0 || (there && there != c) ||
        ((soon || c->flag['P']) && !overrides(m, i)))
        return;
    if (there == NULL && model_reserved(m, i, 'Q', to))
        return;
    model_copy(old, c->name, M_WORD);
    model_copy(c->name, to, M_WORD);
    if (model_same(c->forward, to))
        c->forward[0] = '\0';
    c->renamed = m->now;
    for (int k = 0; k < M_CHANNELS; k++)
        if (m->channel[k].used && model_same(m->channel[k].forward, old))
            model_copy(m->channel[k].forward, to, M_WORD);
}
