/* The part of the model that has JOIN and KNOCK: which clients may come in and which
 * are forwarded. It must never use code of the server. */
#include "model.h"

#include <string.h>

bool
model_is_crowded(const struct model *m, const struct m_channel *c)
{
    if (c->joins == 0)
        return false;
    long long each = c->joins_per * 1000LL / c->joins;
    return c->join_owed - m->now > (c->joins - 1) * each;
}

bool
model_may_join(const struct model *m, const struct m_channel *c, int i, const char *key)
{
    if (model_may(m, i, "override") ||
        model_invited(&m->person[i], (int)(c - m->channel)))
        return true;
    if (c->flag['i'] && !model_listed(m, c, M_INVEX, i))
        return false;
    if (model_listed(m, c, M_BAN, i) && !model_listed(m, c, M_EXCEPT, i))
        return false;
    if (c->key[0] && strcmp(c->key, key) != 0)
        return false;
    if (c->limit > 0 && model_members(c) >= c->limit)
        return false;
    return !model_is_crowded(m, c);
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

/* A client that joins though +j has reached its limit takes no place of the others. */
static void
enter(struct model *m, struct m_channel *c, int i, int status)
{
    c->status[i] = status;
    c->spoke[i] = c->slow ? m->now : 0; /* with slow mode, a join counts as a message */
    model_uninvite(&m->person[i], (int)(c - m->channel));
    if (c->joins == 0 || model_is_crowded(m, c))
        return;
    if (c->join_owed < m->now)
        c->join_owed = m->now;
    c->join_owed += c->joins_per * 1000LL / c->joins;
}

static bool
has_room(const struct model *m, int i)
{
    int joined = 0;
    for (int k = 0; k < M_CHANNELS; k++)
        joined += m->channel[k].used && model_is_on(&m->channel[k], i);
    return joined < M_JOINED;
}

/* The channel to which a refused client is forwarded; it goes no further than one
 * channel. */
static struct m_channel *
forward_of(struct model *m, const struct m_channel *c, int i)
{
    struct m_channel *to = c->forward[0] ? model_channel(m, c->forward) : NULL;
    if (to == NULL || model_is_on(to, i) || model_reserved(m, i, 'Q', to->name))
        return NULL;
    return model_may_join(m, to, i, "") ? to : NULL;
}

void
model_join(struct model *m, int i, const char *name, const char *key)
{
    struct m_channel *c = model_channel(m, name);
    if ((c && model_is_on(c, i)) || !has_room(m, i) || model_reserved(m, i, 'Q', name))
        return;
    if (c == NULL) {
        enter(m, begin(m, name), i, M_OP);
        return;
    }
    if (!model_may_join(m, c, i, key))
        c = forward_of(m, c, i);
    if (c)
        enter(m, c, i, 0);
}

/* The modes of the channel do not matter. */
void
model_sajoin(struct model *m, int i, const char *nick, const char *name)
{
    struct m_channel *c = model_channel(m, name);
    int target = model_find(m, nick);
    if (!model_may(m, i, "override") || target < 0 || !has_room(m, target) ||
        (c && model_is_on(c, target)))
        return;
    if (c)
        enter(m, c, target, 0);
    else
        enter(m, begin(m, name), target, M_OP);
}

/* The operators and half-operators of the channel receive it. */
void
model_knock(struct model *m, int i, const char *name, bool heard[M_PEOPLE])
{
    const struct m_channel *c = model_channel(m, name);
    if (c == NULL || model_is_on(c, i))
        return;
    if ((c->flag['s'] || c->flag['p']) && !model_may(m, i, "see_address"))
        return;
    bool full = c->limit > 0 && model_members(c) >= c->limit;
    if (!c->flag['i'] && c->key[0] == '\0' && !full && !model_is_crowded(m, c))
        return;
    bool silenced = model_listed(m, c, M_BAN, i) || model_muted(m, c, i);
    if (silenced && !model_listed(m, c, M_EXCEPT, i))
        return;
    for (int k = 0; k < M_PEOPLE; k++)
        heard[k] = model_is_on(c, k) && c->status[k] & (M_OP | M_HALF);
}
