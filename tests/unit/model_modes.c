/* The part of the model that has the modes of channels. It must never use code of the
 * server. */
#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
drop_entry(struct m_channel *c, int list, int at)
{
    int n = --c->n_list[list];
    for (; at < n; at++) {
        memcpy(c->list[list][at], c->list[list][at + 1], M_TEXT);
        c->until[list][at] = c->until[list][at + 1];
    }
}

void
model_expire_entries(struct model *m)
{
    for (int k = 0; k < M_CHANNELS; k++) {
        struct m_channel *c = &m->channel[k];
        for (int l = 0; c->used && l < M_LISTS; l++)
            for (int at = c->n_list[l] - 1; at >= 0; at--)
                if (c->until[l][at] && c->until[l][at] <= m->wall)
                    drop_entry(c, l, at);
    }
}

/* "~time:5m:…": the time at which it ends. */
static long long
end_of(const struct model *m, const char *entry)
{
    if (strncmp(entry, "~time:", 6) != 0)
        return 0;
    return m->wall + strtol(entry + 6, NULL, 10) * 60000LL;
}

static void
change_list(struct model *m, struct m_channel *c, int i, int list,
            const struct m_change *x)
{
    int at = 0, *n = &c->n_list[list];
    const char *channel = strstr(x->param, "~channel:");
    while (at < *n && !model_same(c->list[list][at], x->param))
        at++;
    if (!x->adding) {
        if (at < *n)
            drop_entry(c, list, at);
        return;
    }
    /* ~mute: is valid in bans and exceptions. The channel of ~channel: must exist and
     * be visible to i. */
    if (at < *n || *n == M_LIST ||
        (list != M_BAN && list != M_EXCEPT && strstr(x->param, "~mute:")) ||
        (channel && model_seen(m, i, channel + 9) == NULL))
        return;
    model_copy(c->list[list][at], x->param, M_TEXT);
    c->until[list][at] = end_of(m, x->param);
    ++*n;
}

static void
change_status(struct model *m, struct m_channel *c, int i, const struct m_change *x,
              bool op, bool half)
{
    int bit = x->letter == 'o' ? M_OP : x->letter == 'h' ? M_HALF : M_VOICE;
    int target = model_find(m, x->param);
    bool own = !x->adding && target == i && model_is_on(c, i) && c->status[i] & bit;
    if (!own && !op && !(half && bit == M_VOICE))
        return;
    if (target < 0 || !model_is_on(c, target))
        return;
    c->status[target] = x->adding ? c->status[target] | bit : c->status[target] & ~bit;
}

static void
change_joins(struct m_channel *c, const struct m_change *x)
{
    int joins = 0, per = 0;
    if (x->adding)
        sscanf(x->param, "%d:%d", &joins, &per);
    if (joins == c->joins && per == c->joins_per)
        return;
    c->joins = joins;
    c->joins_per = per;
    c->join_owed = 0;
}

/* To another channel of which i is an operator as well. */
static void
change_forward(struct model *m, struct m_channel *c, int i, const struct m_change *x)
{
    const struct m_channel *to = model_seen(m, i, x->param);
    if (!x->adding)
        c->forward[0] = '\0';
    else if (to && to != c && model_is_op(m, to, i))
        model_copy(c->forward, x->param, M_WORD);
}

static void
change_setting(struct model *m, struct m_channel *c, int i, const struct m_change *x)
{
    int number = x->adding ? (int)strtol(x->param, NULL, 10) : 0;
    switch (x->letter) {
    case 'k':
        model_copy(c->key, x->adding ? x->param : "", sizeof c->key);
        break;
    case 'l':
        c->limit = number;
        break;
    case 'S':
        c->slow = number;
        break;
    case 'j':
        change_joins(c, x);
        break;
    case 'f':
        change_forward(m, c, i, x);
        break;
    default:
        c->flag[(unsigned char)x->letter] = x->adding;
    }
}

static void
change_one(struct model *m, struct m_channel *c, int i, const struct m_change *x,
           bool op, bool half)
{
    static const char lists[] = "beIq";
    const char *list = strchr(lists, x->letter);
    if (list != NULL) {
        if (half)
            change_list(m, c, i, (int)(list - lists), x);
    } else if (strchr("ohv", x->letter)) {
        change_status(m, c, i, x, op, half);
    } else if (x->letter == 'P') {
        if (model_may(m, i, "override"))
            c->flag['P'] = x->adding;
    } else if (op) {
        change_setting(m, c, i, x);
    }
}

void
model_mode(struct model *m, int i, const char *name, const struct m_change *changes,
           int n)
{
    struct m_channel *c = model_seen(m, i, name);
    if (c == NULL)
        return;
    bool op = model_is_op(m, c, i), half = model_is_half(m, c, i);
    for (int k = 0; k < n; k++)
        change_one(m, c, i, &changes[k], op, half);
    model_end_if_empty(m, c);
}
