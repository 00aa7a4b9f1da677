/* List modes: entries, who they match, and the cached verdict of a membership.
 *
 * A message costs the same however long the lists are: the verdict is computed once and
 * kept until a stamp says that something has changed. Timed entries are judged by the
 * wall clock when the verdict is asked for; the tick removes them later. Nothing here
 * sends. */
#include "state/channel_list.h"

#include "base/mem.h"
#include "proto/casemap.h"
#include "state/channel_record.h"
#include "state/client.h"
#include "state/outsider.h"
#include "state/server.h"

#include <assert.h>
#include <stdlib.h>

#define ENTRY_WORK 50 /* of an entry that is looked at, beside that of its mask */

bool
channel_list_is_over(const struct server *srv, const struct list_entry *entry)
{
    return entry->until != 0 && srv->wall >= entry->until;
}

struct list_entry *
channel_list_find(const struct channel *chan, int list, const struct extban *ban)
{
    LIST_EACH(&chan->lists[list], node) {
        struct list_entry *e = LIST_ENTRY(node, struct list_entry, link);
        if (extban_same(&e->ban, ban))
            return e;
    }
    return NULL;
}

/* The end of the first entry that ends after this; 0: there is none. */
static msec
first_end(const struct channel *chan, msec after)
{
    msec first = 0;
    for (int l = 0; l < LIST_COUNT; l++) {
        LIST_EACH(&chan->lists[l], node) {
            const struct list_entry *e = LIST_ENTRY(node, struct list_entry, link);
            if (e->until > after && (first == 0 || e->until < first))
                first = e->until;
        }
    }
    return first;
}

/* Verdicts are void; on srv->timed while there is any entry that ends. */
static void
renew(struct server *srv, struct channel *chan)
{
    chan->ban_stamp = ++srv->ban_stamp;
    chan->due = first_end(chan, srv->wall);
    chan->ends = first_end(chan, 0);
    list_remove(&chan->timed);
    if (chan->ends == 0)
        return;
    list_append(&srv->timed, &chan->timed);
    if (srv->timed_at == 0 || chan->ends < srv->timed_at)
        srv->timed_at = chan->ends;
}

bool
channel_list_is_due(const struct server *srv, const struct channel *chan)
{
    return chan->ends != 0 && srv->wall >= chan->ends;
}

/* What has been taken away since may have made timed_at too early, never too late. */
bool
channel_list_any_due(const struct server *srv)
{
    return srv->timed_at != 0 && srv->wall >= srv->timed_at;
}

void
channel_list_looked(struct server *srv)
{
    srv->timed_at = 0;
    LIST_EACH(&srv->timed, node) {
        const struct channel *chan = LIST_ENTRY(node, struct channel, timed);
        if (srv->timed_at == 0 || chan->ends < srv->timed_at)
            srv->timed_at = chan->ends;
    }
}

/* A new entry behind those that were not set later. */
static struct list_entry *
insert(struct server *srv, struct channel *chan, int list, const struct extban *ban,
       const char *setter, msec set_at)
{
    struct list_entry *e = xcalloc(1, sizeof *e);
    struct list *before = &chan->lists[list];
    extban_copy(&e->ban, ban);
    e->setter = xstrdup(setter);
    e->set_at = set_at;
    e->until = ban->length ? set_at + ban->length : 0;
    while (before->prev != &chan->lists[list] &&
           LIST_ENTRY(before->prev, struct list_entry, link)->set_at > set_at)
        before = before->prev;
    list_append(before, &e->link);
    chan->list_len[list]++;
    chan->setters += (uint32_t)mem_text(e->setter);
    chan->by_channel += ban->kind == EXTBAN_CHANNEL;
    renew(srv, chan);
    return e;
}

struct list_entry *
channel_list_add(struct server *srv, struct channel *chan, int list,
                 const struct extban *ban, const char *setter)
{
    if (channel_list_find(chan, list, ban))
        return NULL;
    struct list_entry *e = insert(srv, chan, list, ban, setter, srv->wall);
    channel_record_entry(srv, chan, list, e);
    return e;
}

void
channel_list_restore(struct server *srv, struct channel *chan, int list,
                     const struct extban *ban, const char *setter, msec set_at)
{
    if (channel_list_find(chan, list, ban) == NULL)
        insert(srv, chan, list, ban, setter, set_at);
}

static void
entry_free(struct channel *chan, int list, struct list_entry *e)
{
    chan->list_len[list]--;
    chan->setters -= (uint32_t)mem_text(e->setter);
    chan->by_channel -= e->ban.kind == EXTBAN_CHANNEL;
    list_remove(&e->link);
    free(e->setter);
    free(e);
}

void
channel_list_remove(struct server *srv, struct channel *chan, int list,
                    struct list_entry *entry)
{
    channel_record_no_entry(srv, chan, list, entry);
    entry_free(chan, list, entry);
    renew(srv, chan);
}

void
channel_list_clear(struct server *srv, struct channel *chan)
{
    (void)srv;
    for (int l = 0; l < LIST_COUNT; l++)
        while (!list_empty(&chan->lists[l]))
            entry_free(chan, l,
                       LIST_ENTRY(chan->lists[l].next, struct list_entry, link));
    list_remove(&chan->timed);
}

/* Whom one asks about. */
struct asked {
    struct server *srv;
    const struct client *c;
    struct mask_subject subject;
    char address[ADDR_TEXT];
};

static void
ask(struct asked *a, struct server *srv, const struct client *c)
{
    a->srv = srv;
    a->c = c;
    client_shown_subject(c, a->address, sizeof a->address, &a->subject);
}

static bool
matches_mask(const struct asked *a, const struct mask *m)
{
    return mask_match_work(m, &a->subject, &a->srv->work);
}

static bool
matches_realname(const struct asked *a, const struct mask *m)
{
    return a->c->user.realname &&
           mask_glob_work(m->nick, a->c->user.realname, &a->srv->work);
}

static bool
matches_channel(const struct asked *a, const struct mask *m)
{
    const struct channel *other = channel_find(a->srv, m->nick);
    return other && channel_member(other, a->c);
}

static bool (*const matches[])(const struct asked *, const struct mask *) = {
    [EXTBAN_MASK] = matches_mask,
    [EXTBAN_REALNAME] = matches_realname,
    [EXTBAN_CHANNEL] = matches_channel,
};

/* Which VERDICT_* the entries of a list give. */
static unsigned
walk(const struct asked *a, const struct channel *chan, int list)
{
    unsigned found = 0;
    LIST_EACH(&chan->lists[list], node) {
        const struct list_entry *e = LIST_ENTRY(node, struct list_entry, link);
        unsigned gives = e->ban.mute ? VERDICT_MUTED : VERDICT_BANNED;
        a->srv->work += ENTRY_WORK;
        if (!(found & gives) && !channel_list_is_over(a->srv, e) &&
            matches[e->ban.kind](a, &e->ban.mask))
            found |= gives;
    }
    return found;
}

static unsigned
judge(struct server *srv, const struct channel *chan, const struct client *c)
{
    struct asked a;
    ask(&a, srv, c);
    unsigned found = walk(&a, chan, LIST_BAN);
    if (walk(&a, chan, LIST_QUIET))
        found |= VERDICT_MUTED;
    unsigned spared = found ? walk(&a, chan, LIST_EXCEPT) : 0;
    return spared & VERDICT_BANNED ? 0 : found & ~spared;
}

/* All that the lists say of c, who is not on chan: what JOIN, KNOCK and messages ask.
 */
static unsigned
judge_outsider(struct server *srv, const struct channel *chan, const struct client *c)
{
    struct asked a;
    unsigned verdict;
    if (outsider_find(srv, chan, c, &verdict))
        return verdict;
    verdict = judge(srv, chan, c);
    ask(&a, srv, c);
    if (walk(&a, chan, LIST_INVEX))
        verdict |= VERDICT_INVITED;
    outsider_keep(srv, chan, c, verdict);
    return verdict;
}

/* Where the time of an entry is over, the verdicts are void. */
static void
renew_if_due(struct server *srv, struct channel *chan)
{
    if (chan->due != 0 && srv->wall >= chan->due)
        renew(srv, chan);
}

unsigned
channel_verdict(struct server *srv, struct channel *chan, const struct client *c)
{
    if (chan->list_len[LIST_BAN] + chan->list_len[LIST_QUIET] == 0)
        return 0;
    renew_if_due(srv, chan);
    struct joined *j = channel_joined(chan, c);
    if (j == NULL)
        return judge_outsider(srv, chan, c) & (VERDICT_BANNED | VERDICT_MUTED);
    if (j->ban_stamp != chan->ban_stamp) {
        j->verdict = (uint8_t)judge(srv, chan, c);
        j->ban_stamp = chan->ban_stamp;
    }
    return j->verdict;
}

/* Adds the entries of a list to *ends; false: one of them has no end. */
static bool
find_last_end(const struct asked *a, const struct channel *chan, int list,
              unsigned verdict, msec *ends)
{
    LIST_EACH(&chan->lists[list], node) {
        const struct list_entry *e = LIST_ENTRY(node, struct list_entry, link);
        bool mutes = list == LIST_QUIET || e->ban.mute;
        a->srv->work += ENTRY_WORK;
        if (!(verdict & (mutes ? VERDICT_MUTED : VERDICT_BANNED)) ||
            channel_list_is_over(a->srv, e) || !matches[e->ban.kind](a, &e->ban.mask))
            continue;
        if (e->until == 0)
            return false;
        if (e->until > *ends)
            *ends = e->until;
    }
    return true;
}

msec
channel_verdict_ends(struct server *srv, const struct channel *chan,
                     const struct client *c, unsigned verdict)
{
    struct asked a;
    msec ends = 0;
    if (chan->ends == 0 || verdict == 0)
        return 0;
    if (outsider_find_ends(srv, chan, c, verdict, &ends))
        return ends;
    ask(&a, srv, c);
    if (!find_last_end(&a, chan, LIST_BAN, verdict, &ends) ||
        !find_last_end(&a, chan, LIST_QUIET, verdict, &ends))
        ends = 0;
    outsider_keep_ends(srv, chan, c, verdict, ends);
    return ends;
}

bool
channel_is_invex(struct server *srv, struct channel *chan, const struct client *c)
{
    if (chan->list_len[LIST_INVEX] == 0 || channel_joined(chan, c))
        return false;
    renew_if_due(srv, chan);
    return judge_outsider(srv, chan, c) & VERDICT_INVITED;
}

void
channel_forget_verdicts(struct client *c)
{
    c->user.outside_stamp++;
    for (uint32_t i = 0; i < c->user.njoined; i++)
        c->user.joined[i].ban_stamp = 0;
}

void
channel_list_moved(struct client *c)
{
    c->user.outside_stamp++;
    for (uint32_t i = 0; i < c->user.njoined; i++)
        if (c->user.joined[i].chan->by_channel)
            c->user.joined[i].ban_stamp = 0;
}

void
channel_list_check(const struct channel *chan)
{
    uint32_t by_channel = 0, setters = 0;
    bool timed = false;
    for (int l = 0; l < LIST_COUNT; l++) {
        uint32_t n = 0;
        LIST_EACH(&chan->lists[l], node) {
            const struct list_entry *e = LIST_ENTRY(node, struct list_entry, link);
            n++;
            by_channel += e->ban.kind == EXTBAN_CHANNEL;
            setters += (uint32_t)mem_text(e->setter);
            timed = timed || e->until;
        }
        assert(n == chan->list_len[l]);
    }
    assert(by_channel == chan->by_channel);
    assert(setters == chan->setters);
    assert(timed == !list_empty(&chan->timed));
}
