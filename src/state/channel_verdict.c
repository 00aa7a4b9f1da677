/* The verdict of the list modes of a channel on a client.
 *
 * The cost of a message does not depend on the length of the lists: a verdict is
 * computed once and cached, in the membership or in the table of outsiders, until a
 * stamp shows that it may have changed. A timed entry is compared with the wall clock
 * when the verdict is computed. Nothing here sends. */
#include "state/channel_verdict.h"

#include "state/channel.h"
#include "state/channel_list.h"
#include "state/client.h"
#include "state/outsider.h"
#include "state/server.h"

#define ENTRY_WORK 50 /* work of an entry that is looked at, without that of its mask */

/* One client, with the texts that masks are matched against. */
struct judging {
    struct server *srv;
    const struct client *c;
    struct mask_subject subject;
    char address[ADDR_TEXT];
};

static void
begin_judging(struct judging *a, struct server *srv, const struct client *c)
{
    a->srv = srv;
    a->c = c;
    client_shown_subject(c, a->address, sizeof a->address, &a->subject);
}

static bool
matches_mask(const struct judging *a, const struct mask *m)
{
    return mask_match_work(m, &a->subject, &a->srv->work);
}

static bool
matches_realname(const struct judging *a, const struct mask *m)
{
    return a->c->user.realname &&
           mask_glob_work(m->nick, a->c->user.realname, &a->srv->work);
}

static bool
matches_channel(const struct judging *a, const struct mask *m)
{
    const struct channel *other = channel_find(a->srv, m->nick);
    return other && channel_member(other, a->c);
}

static bool (*const matches[])(const struct judging *, const struct mask *) = {
    [EXTBAN_MASK] = matches_mask,
    [EXTBAN_REALNAME] = matches_realname,
    [EXTBAN_CHANNEL] = matches_channel,
};

/* VERDICT_MUTED if an entry ~mute: of the list matches, and VERDICT_BANNED if another
 * entry does. */
static unsigned
match_entries(const struct judging *a, const struct channel *chan, int list)
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
judge_client(struct server *srv, const struct channel *chan, const struct client *c)
{
    struct judging a;
    begin_judging(&a, srv, c);
    unsigned found = match_entries(&a, chan, LIST_BAN);
    if (match_entries(&a, chan, LIST_QUIET))
        found |= VERDICT_MUTED;
    unsigned spared = found ? match_entries(&a, chan, LIST_EXCEPT) : 0;
    return spared & VERDICT_BANNED ? 0 : found & ~spared;
}

/* The verdict on c, which is not on chan, with VERDICT_INVITED: for JOIN, KNOCK and
 * messages. */
static unsigned
judge_outsider(struct server *srv, const struct channel *chan, const struct client *c)
{
    struct judging a;
    unsigned verdict;
    if (outsider_find(srv, chan, c, &verdict))
        return verdict;
    verdict = judge_client(srv, chan, c);
    begin_judging(&a, srv, c);
    if (match_entries(&a, chan, LIST_INVEX))
        verdict |= VERDICT_INVITED;
    outsider_keep(srv, chan, c, verdict);
    return verdict;
}

/* Makes all verdicts void if a timed entry has ended since they were computed. */
static void
renew_if_due(struct server *srv, struct channel *chan)
{
    if (chan->due != 0 && srv->wall >= chan->due)
        channel_list_renew(srv, chan);
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
        j->verdict = (uint8_t)judge_client(srv, chan, c);
        j->ban_stamp = chan->ban_stamp;
    }
    return j->verdict;
}

/* Raises *ends to the last end of the entries of a list that give c a bit of this
 * verdict; false: one of them has no end. */
static bool
find_last_end(const struct judging *a, const struct channel *chan, int list,
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
    struct judging a;
    msec ends = 0;
    if (chan->ends == 0 || verdict == 0)
        return 0;
    if (outsider_find_ends(srv, chan, c, verdict, &ends))
        return ends;
    begin_judging(&a, srv, c);
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
