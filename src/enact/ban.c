/* Server bans: ends the clients that a ban covers, and removes and tells expired bans.
 */
#include "enact/ban.h"

#include "base/str.h"
#include "config/config.h"
#include "policy/ban/ban.h"
#include "policy/ban/internal.h"
#include "policy/ban/shown.h"
#include "policy/host.h"
#include "state/client.h"
#include "state/client_end.h"
#include "state/out.h"
#include "state/server.h"
#include "state/subsystem.h"
#include "state/tell.h"

/* at most so many expired, and so many automatic, bans are removed in one tick */
#define TICK_BANS 256
#define COVER_WORK 50 /* srv->work of comparing one client with a mask */

struct enforcing {
    struct ban *ban;
    struct ban_cover cover;
    unsigned removed;
    char words[BAN_REASON + 128];
};

void
enact_ban_end(struct server *srv, const struct ban *ban, struct client *c,
              const char *words)
{
    static const enum end_cause causes[BAN_KINDS] = {
        [BAN_KLINE] = END_KLINE, [BAN_DLINE] = END_DLINE, [BAN_XLINE] = END_XLINE};
    client_end(srv, c,
               &(struct end){
                   .cause = causes[ban->kind], .why = words, .mask = ban->mask.text});
}

static bool
enforce_on_client(struct server *srv, struct client *c, void *ctx)
{
    struct enforcing *e = ctx;
    srv->work += COVER_WORK;
    enum ban_verdict verdict = ban_judge(e->ban, c);
    if (verdict == BAN_MISSES)
        return true;
    ban_cover_add(&e->cover, c, verdict == BAN_EXEMPTS);
    if (verdict == BAN_EXEMPTS)
        return true;
    if (verdict == BAN_LETS_STAY) {
        out_notice(srv, c,
                   "%s %s matches you. You stay connected as an operator; the ban "
                   "holds when you connect again.",
                   ban_kinds[e->ban->kind].name, e->ban->mask.text);
        return true;
    }
    ban_count_hit(srv, e->ban);
    enact_ban_end(srv, e->ban, c, e->words);
    e->removed++;
    return true;
}

/* A D-line ends unregistered clients at once. The other kinds are checked when a client
 * registers. */
static unsigned
enforce_ban(struct server *srv, struct ban *ban, struct ban_cover *cover)
{
    struct enforcing e = {.ban = ban};
    ban_words(srv, ban, e.words, sizeof e.words);
    host_each_candidate(srv, &ban->mask, enforce_on_client, &e);
    if (ban_kinds[ban->kind].at_accept)
        host_each_unregistered(srv, &ban->mask, enforce_on_client, &e);
    *cover = e.cover;
    return e.removed;
}

unsigned
enact_ban_enforce(struct server *srv, struct ban *ban)
{
    struct ban_cover cover;
    return enforce_ban(srv, ban, &cover);
}

static bool
enforce_bans_on(struct server *srv, struct client *c, void *ctx)
{
    (void)ctx;
    srv->work += COVER_WORK;
    for (int kind = 0; kind < BAN_KINDS; kind++) {
        const struct ban_kind_row *row = &ban_kinds[kind];
        struct enforcing e = {.ban = NULL};
        if (row->stay[0] == NULL && (row->at_accept || client_is_registered(c)))
            e.ban = ban_find_over_client(srv, (enum ban_kind)kind, c);
        if (e.ban == NULL)
            continue;
        ban_words(srv, e.ban, e.words, sizeof e.words);
        enforce_on_client(srv, c, &e);
        break;
    }
    return true;
}

void
enact_ban_enforce_all(struct server *srv)
{
    client_each(srv, enforce_bans_on, NULL);
    LIST_EACH_SAFE(&srv->unregistered, node, next)
        enforce_bans_on(srv, LIST_ENTRY(node, struct client, link), NULL);
}

void
enact_ban(struct server *srv, const struct ban_request *request,
          struct ban_outcome *out)
{
    ban_put(srv, request, out);
    struct ban *ban = out->ban;
    out->removed = 0;
    if (ban_kinds[ban->kind].stay[0] && !request->now)
        ban_cover(srv, ban->kind, &ban->mask, &out->cover);
    else
        out->removed = enforce_ban(srv, ban, &out->cover);
}

/* A reader without the privilege does not get the mask. Clients know the end of their
 * ban, so the mask at that moment would give away the address of a client that returns.
 */
static void
tell_expired_ban(struct server *srv, const struct ban *ban)
{
    char hidden[BAN_SHOWN];
    TELL(srv, TELL_FORMS(ban_mask_privileges(ban->kind)), ban_expired,
         .kind = ban_kinds[ban->kind].name, .mask = ban->mask.text,
         .hidden = ban_hidden_mask(ban->kind, ban->mask.text, NULL, hidden));
}

static void
expire_ban(struct server *srv, struct ban *ban)
{
    tell_expired_ban(srv, ban);
    ban_remove(srv, ban);
}

/* Clients cause automatic bans, as many as they have addresses. If there are too many,
 * the oldest is removed, as with hosts. */
static void
trim_automatic(struct server *srv)
{
    struct policy *p = srv->policy;
    size_t most = (size_t)srv->config->strikes.hosts;
    for (int i = 0; i < TICK_BANS && p->n_automatic > most; i++) {
        struct ban *ban = LIST_ENTRY(p->automatic.next, struct ban, by_strikes);
        TELL(srv, TELL_ALL, ban_dropped, .kind = ban_kinds[ban->kind].name,
             .mask = ban->mask.text);
        ban_remove(srv, ban);
    }
}

/* Takes expired bans from the top of the heap. A ban in force is removed for lack of
 * room only if no expired one is left. */
void
enact_ban_tick(struct server *srv)
{
    for (int i = 0; i < TICK_BANS; i++) {
        struct ban *ban = ban_due_first(&srv->policy->due);
        if (ban == NULL || !ban_is_expired(ban, srv->wall)) {
            trim_automatic(srv);
            return;
        }
        expire_ban(srv, ban);
    }
}

const struct subsystem ban_tick_subsystem = {
    .id = SUBSYSTEM_ban_tick,
    .tick_seconds = enact_ban_tick,
};
