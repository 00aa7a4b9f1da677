/* Admission: a connection becomes a client, or a client that has not registered gets
 * another address.
 *
 * A new address is a new admission, after all that was counted for the old address was
 * taken back. Otherwise the counts of the two addresses would drift apart. Both cases
 * go through enact_admit and enact_enter, as does WEBIRC (enact_rehome). */
#include "acting.h"
#include "base/str.h"
#include "enact/admit.h"
#include "lifecycle.h"
#include "policy/class.h"
#include "policy/throttle.h"
#include "session/journal.h"
#include "session/session.h"
#include "state/client.h"
#include "state/server.h"

static struct connection_facts
read_facts(const struct server *srv, const struct connection_info *info)
{
    bool has_class = class_is_of_listener(srv, info->listener);
    return (struct connection_facts){
        .certfp = info->certfp,
        .sni = info->sni,
        .gateway = info->gateway,
        .listener = has_class || info->owner ? info->listener : NULL,
        .secure = info->secure,
        .owner = info->owner};
}

/* The flags of clients of this listener (NULL: unknown). */
static uint32_t
find_listener_flags(const struct config_listen *l)
{
    if (l == NULL)
        return 0;
    return (l->path ? CLIENT_UNIX : 0) |
           (config_is_public(l) && !l->tls && !config_is_web(l) ? CLIENT_PUBLIC : 0) |
           (l->redirect ? CLIENT_REDIRECT : 0) | (config_is_web(l) ? CLIENT_WEB : 0) |
           (uint32_t)l->pace << CLIENT_PACE_AT;
}

/* Makes the client of a connection that is admitted. */
static struct client *
enter_client(struct server *srv, const struct connection_info *info,
             const struct connection_facts *facts, void *conn)
{
    const struct config_listen *listener = config_listener(srv->config, info->listener);
    struct client *c = client_new(srv, &info->addr, conn);
    c->out.flags |= find_listener_flags(listener);
    if (connection_acts(facts))
        client_set_acting(srv, c);
    enact_enter(srv, c, facts);
    journal_open(srv, c, info, NULL);
    return c;
}

static void
write_refusal(const struct connection_info *info, const char *why, char *out,
              size_t size)
{
    char host[ADDR_TEXT];
    addr_format(&info->addr, host, sizeof host);
    str_format(out, size, "ERROR :Closing Link: %s (%s)\r\n", host, why);
}

/* As session_act, and as session_open. */
static struct client *
open_acting(struct server *srv, const struct connection_info *info, void *conn,
            struct act_refusal *out, char *refusal, size_t refusal_size)
{
    struct connection_facts facts = read_facts(srv, info);
    lifecycle_reap(srv); /* as in session_open */
    const struct config_oper *oper = acting_judge(srv, info, out);
    if (oper == NULL) {
        write_refusal(info, out->why, refusal, refusal_size);
        lifecycle_reap(srv);
        journal_open(srv, NULL, info, refusal);
        return NULL;
    }
    facts.oper = oper->name;
    return enter_client(srv, info, &facts, conn);
}

struct client *
session_act(struct server *srv, const struct connection_info *info, void *conn,
            struct act_refusal *out)
{
    char refusal[512];
    return open_acting(srv, info, conn, out, refusal, sizeof refusal);
}

struct client *
session_open(struct server *srv, const struct connection_info *info, void *conn,
             char *refusal, size_t refusal_size)
{
    char why[400], host[ADDR_TEXT];
    struct act_refusal verdict;
    if (info->token) /* a call that is played: the shell takes session_act */
        return open_acting(srv, info, conn, &verdict, refusal, refusal_size);
    struct connection_facts facts = read_facts(srv, info);
    lifecycle_reap(srv); /* clients that have just left do not count */
    if (enact_admit(srv, &info->addr, &facts, why, sizeof why))
        return enter_client(srv, info, &facts, conn);
    addr_format(&info->addr, host, sizeof host);
    write_refusal(info, why, refusal, refusal_size);
    enact_tell_refused(srv, host, why);
    lifecycle_reap(srv);
    journal_open(srv, NULL, info, refusal);
    return NULL;
}

bool
session_rehome(struct server *srv, struct client *c, const struct connection_info *info)
{
    journal_rehome(srv, c, info);
    if (c->out.flags & (CLIENT_REGISTERED | CLIENT_ENDING | CLIENT_WAITING))
        return false;
    struct connection_facts facts = read_facts(srv, info);
    lifecycle_reap(srv); /* as in session_open */
    return enact_rehome(srv, c, &info->addr, &facts);
}

void
session_info(const struct client *c, struct connection_info *out)
{
    struct connection_facts facts = client_facts(c);
    *out = (struct connection_info){.addr = c->session->addr,
                                    .certfp = facts.certfp,
                                    .sni = facts.sni,
                                    .gateway = facts.gateway,
                                    .secure = facts.secure,
                                    .owner = facts.owner};
}
