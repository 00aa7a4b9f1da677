/* The number of clients that a mask covers, and of those that a ban does not end.
 * Verdicts only. */
#include "policy/ban/ban.h"
#include "policy/client_policy.h"
#include "policy/host.h"
#include "state/client.h"
#include "state/server.h"

#define COVER_WORK 50 /* srv->work of comparing one client with a mask */

void
ban_cover_add(struct ban_cover *cover, const struct client *c, bool exempt)
{
    if (c->out.flags & CLIENT_ACTING)
        return;
    cover->all++;
    cover->exempt += exempt;
    cover->opers += !exempt && c->user.oper;
}

struct counting {
    const struct ban_kind_row *row;
    const struct mask *mask;
    struct ban_cover cover;
};

static bool
count_covered_client(struct server *srv, struct client *c, void *ctx)
{
    struct counting *n = ctx;
    srv->work += COVER_WORK;
    if (n->row->covers(n->mask, c))
        ban_cover_add(&n->cover, c, policy_of(c)->exempt & EXEMPT_BANS);
    return true;
}

void
ban_cover(struct server *srv, enum ban_kind kind, const struct mask *mask,
          struct ban_cover *out)
{
    struct counting n = {.row = &ban_kinds[kind], .mask = mask};
    host_each_candidate(srv, mask, count_covered_client, &n);
    *out = n.cover;
}

size_t
ban_count(struct server *srv, enum ban_kind kind, const struct mask *mask)
{
    struct ban_cover cover;
    ban_cover(srv, kind, mask, &cover);
    return cover.all;
}
