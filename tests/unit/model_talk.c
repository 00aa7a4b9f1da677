/* The part of the model that has messages: which clients receive what, caller-id,
 * MONITOR, and the limit on new targets. It must never use code of the server. */
#include "model.h"

#include <string.h>

/* --- lists of a client's own -------------------------------------------------------
 */

void
model_accept(struct model *m, int i, bool adding, const char *nick)
{
    int other = model_find(m, nick);
    if (other >= 0)
        m->person[i].accepts[other] = adding;
}

static int
watched(const struct m_person *p, const char *nick)
{
    int at = 0;
    while (at < p->n_watched && !model_same(p->watched[at], nick))
        at++;
    return at;
}

/* A client that adds a nick is told at once whether it is on. */
void
model_watch(struct model *m, int i, bool adding, const char *nick)
{
    struct m_person *p = &m->person[i];
    int at = watched(p, nick);
    if (adding) {
        bool on = model_find(m, nick) >= 0;
        p->came += on;
        p->went += !on;
        if (at == p->n_watched)
            model_copy(p->watched[p->n_watched++], nick, M_WORD);
        return;
    }
    if (at == p->n_watched)
        return;
    for (p->n_watched--; at < p->n_watched; at++)
        memcpy(p->watched[at], p->watched[at + 1], M_WORD);
}

void
model_unwatch_all(struct model *m, int i)
{
    m->person[i].n_watched = 0;
}

void
model_news(struct model *m, const char *nick, bool came)
{
    for (int i = 0; i < M_PEOPLE; i++) {
        struct m_person *p = &m->person[i];
        if (!p->on || watched(p, nick) == p->n_watched)
            continue;
        p->came += came;
        p->went += !came;
    }
}

/* --- new people ---------------------------------------------------------------------
 */

static void
touch(long *list, int n, long number)
{
    int at = 0;
    while (at < n - 1 && list[at] != number)
        at++;
    for (; at > 0; at--)
        list[at] = list[at - 1];
    list[0] = number;
}

static bool
has(const long *list, int n, long number)
{
    for (int k = 0; k < n; k++)
        if (list[k] == number)
            return true;
    return false;
}

/* True if both are on a channel, or `to` left one a moment ago on which i has a status.
 */
static bool
both_met(const struct model *m, int i, int to)
{
    const struct m_left *left = m->person[to].left;
    for (int k = 0; k < M_CHANNELS; k++) {
        const struct m_channel *c = &m->channel[k];
        if (!c->used || !model_is_on(c, i))
            continue;
        if (model_is_on(c, to))
            return true;
        for (int n = 0; c->status[i] > 0 && n < M_LEFT; n++)
            if (left[n].name[0] && model_same(left[n].name, c->name) &&
                m->now / 1000 - left[n].at < 300)
                return true;
    }
    return false;
}

bool
model_may_write(struct model *m, int i, int to, bool loud)
{
    struct m_person *p = &m->person[i];
    long number = m->person[to].number;
    bool exempt = p->host < M_HOSTS / 2 || model_may(m, i, "flood_exempt");
    bool known =
        has(p->talks.wrote, M_WROTE, number) || has(p->talks.heard, M_HEARD, number);
    if (to == i || (!known && both_met(m, i, to)))
        return true;
    if (!known && !exempt) {
        if (p->target_owed - m->now > (M_TARGETS - 1) * M_TARGET_EACH) {
            bool again = p->struck && m->now - p->struck < 1000;
            if (loud && !again) {
                p->struck = m->now;
                model_struck(m, i, 2);
            }
            return false;
        }
        if (p->target_owed < m->now)
            p->target_owed = m->now;
        p->target_owed += M_TARGET_EACH;
    }
    touch(p->talks.wrote, M_WROTE, number);
    return true;
}

void
model_wrote(struct model *m, int i, int to)
{
    if (i != to)
        touch(m->person[to].talks.heard, M_HEARD, m->person[i].number);
}

/* --- messages -----------------------------------------------------------------------
 */

static bool
is_ctcp(const char *text)
{
    return text[0] == '\x01' && strncmp(text + 1, "ACTION ", 7) != 0;
}

/* The members with one of the bits receive it; 0: none, -1: all. */
static int
who_hears(const struct model *m, const struct m_channel *c, int i, const char *text)
{
    bool inside = model_is_on(c, i);
    if (!inside && c->flag['n'])
        return 0;
    if ((c->flag['C'] && is_ctcp(text)) || (c->flag['c'] && strchr(text, '\x03')))
        return 0;
    if (inside && c->status[i] != 0)
        return -1;
    bool banned = model_listed(m, c, M_BAN, i) || model_muted(m, c, i);
    bool quiet = c->flag['m'] || (banned && !model_listed(m, c, M_EXCEPT, i));
    if (quiet && !c->flag['z'])
        return 0;
    if (c->slow && !inside)
        return 0;
    if (c->slow && c->spoke[i] && m->now - c->spoke[i] < c->slow * 1000LL)
        return 0;
    return quiet ? M_OP | M_HALF : -1;
}

bool
model_may_set_topic(struct model *m, struct m_channel *c, int i, const char *text)
{
    bool may = model_may(m, i, "override") || who_hears(m, c, i, text) == -1;
    if (may && model_is_on(c, i))
        c->spoke[i] = m->now;
    return may;
}

static void
talk_to_channel(struct model *m, int i, const char *target, const char *text,
                bool heard[M_PEOPLE])
{
    int asked = *target == '@'   ? M_OP
                : *target == '%' ? M_OP | M_HALF
                : *target == '+' ? M_OP | M_HALF | M_VOICE
                                 : -1;
    struct m_channel *c = model_channel(m, asked == -1 ? target : target + 1);
    int bits = c ? who_hears(m, c, i, text) : 0;
    if (bits == 0)
        return;
    if (model_is_on(c, i))
        c->spoke[i] = m->now;
    for (int k = 0; k < M_PEOPLE; k++) {
        bool ranks = (bits & asked) == -1 || c->status[k] & bits & asked;
        heard[k] = k != i && model_is_on(c, k) && ranks;
    }
}

void
model_talk(struct model *m, int i, const char *target, const char *text,
           bool heard[M_PEOPLE])
{
    if (strchr("#@%+", *target)) {
        talk_to_channel(m, i, target, text, heard);
        return;
    }
    int to = model_find(m, target);
    if (to < 0 || !model_may_write(m, i, to, true))
        return;
    const struct m_person *p = &m->person[to];
    if (to != i && p->mode['g'] && !p->accepts[i])
        return;
    model_wrote(m, i, to);
    heard[to] = true;
}

void
model_wallops(struct model *m, int i, bool heard[M_PEOPLE])
{
    for (int k = 0; k < M_PEOPLE; k++)
        heard[k] =
            model_may(m, i, "wallops") && m->person[k].on && m->person[k].mode['w'];
}
