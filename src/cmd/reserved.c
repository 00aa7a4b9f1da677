/* Names that are reserved (RESV), and nicks that a K-line matches.
 *
 * Only a client that wants to take a name is checked: one that has it keeps it. A client
 * may try as often as it likes, so the notices and log lines have a rate limit. */
#include "cmd/reserved.h"

#include "policy/ban/shown.h"
#include "policy/counts.h"
#include "state/client.h"
#include "state/out.h"
#include "state/server.h"
#include "state/tell.h"

static void
report_refused_name(struct server *srv, const struct client *c, const char *name,
                    const struct ban *ban, const char *how, char why[BAN_WHY])
{
    char source[MASK_TEXT], room[BAN_SHOWN];
    srv->policy->counts->ban_refused[ban->kind]++;
    ban_why(ban, srv->wall, why, BAN_WHY);
    client_real_source(c, source, sizeof source);
    TELL(srv, TELL_FORMS(ban_mask_privileges(ban->kind)), reserved, .client = source,
         .wanted = name, .mask = ban->mask.text, .nick = client_name(c), .how = how,
         .hidden = ban_hidden_mask(ban->kind, ban->mask.text, NULL, room), .why = why);
}

bool
reserved_refuses(struct server *srv, const struct client *c, const char *name,
                 char why[BAN_WHY])
{
    const struct ban *ban = ban_reserves(srv, c, name);
    if (ban)
        report_refused_name(srv, c, name, ban, "reserved", why);
    return ban != NULL;
}

bool
reserved_bans(struct server *srv, const struct client *c, const char *nick,
              char why[BAN_WHY])
{
    if (c->user.oper || !(c->out.flags & CLIENT_REGISTERED))
        return false;
    const struct ban *ban = ban_match_nick(srv, c, nick);
    if (ban)
        report_refused_name(srv, c, nick, ban, "banned", why);
    return ban != NULL;
}
