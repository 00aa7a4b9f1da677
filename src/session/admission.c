/* Admission: a connection becomes a client, or a client that has not registered gets
 * another address.
 *
 * A new address is a new admission, after all that was counted for the old address was
 * taken back. Otherwise the counts of the two addresses would drift apart. Both cases
 * go through enact_admit and subsystems_client_enters, and no other function admits a
 * client. */
#include "base/str.h"
#include "enact/admit.h"
#include "lifecycle.h"
#include "policy/class.h"
#include "policy/client_policy.h"
#include "policy/privs.h"
#include "policy/throttle.h"
#include "session/journal.h"
#include "session/session.h"
#include "state/client.h"
#include "state/client_end.h"
#include "state/out.h"
#include "state/server.h"
#include "state/subsystem.h"
#include "state/tell.h"
#include "state/watch.h"

static void
tell_admission_refused(struct server *srv, const char *host, const char *why)
{
    srv->n_refused++;
    TELL(srv, TELL_FORMS(PRIV_see_address), refused, .host = host, .told = why,
         .hidden = "a host");
}

static struct connection_facts
read_facts(const struct connection_info *info)
{
    return (struct connection_facts){.certfp = info->certfp,
                                     .sni = info->sni,
                                     .gateway = info->gateway,
                                     .secure = info->secure};
}

static void
enter_client(struct server *srv, struct client *c, const struct connection_info *info)
{
    char host[ADDR_TEXT];
    struct connection_facts facts = read_facts(info);
    addr_format(&c->session->addr, host, sizeof host);
    client_set_connection(c, &facts);
    subsystems_client_enters(srv, c);
    WATCH(srv, enter, c);
    LOG_EVENT(srv->log, connect, .host = host);
}

/* The flags of clients of this listener (NULL: unknown). */
static uint32_t
find_listener_flags(const struct config_listen *l)
{
    if (l == NULL || l->tls)
        return 0;
    return (config_is_public(l) ? CLIENT_PUBLIC : 0) |
           (l->redirect ? CLIENT_REDIRECT : 0);
}

struct client *
session_open(struct server *srv, const struct connection_info *info, void *conn,
             char *refusal, size_t refusal_size)
{
    char why[400], host[ADDR_TEXT];
    const struct config_listen *listener = config_listener(srv->config, info->listener);
    struct connection_info known = *info;
    known.secure |= listener && listener->tls; /* no byte comes before the handshake */
    struct connection_facts facts = read_facts(&known);
    lifecycle_reap(srv); /* clients that have just left do not count */
    if (!enact_admit(srv, &info->addr, &facts, why, sizeof why)) {
        addr_format(&info->addr, host, sizeof host);
        str_format(refusal, refusal_size, "ERROR :Closing Link: %s (%s)\r\n", host,
                   why);
        tell_admission_refused(srv, host, why);
        lifecycle_reap(srv);
        journal_open(srv, NULL, info, refusal);
        return NULL;
    }
    struct client *c = client_new(srv, &info->addr, conn);
    c->out.flags |= find_listener_flags(listener);
    enter_client(srv, c, &known);
    journal_open(srv, c, info, NULL);
    return c;
}

/* As enact_admit, for a client that is counted among the connected ones already. */
static bool
admit_moved(struct server *srv, const struct connection_info *info, char *why,
            size_t size)
{
    struct connection_facts facts = read_facts(info);
    srv->n_clients--;
    bool admitted = enact_admit(srv, &info->addr, &facts, why, size);
    srv->n_clients++;
    return admitted;
}

static bool
move_client(struct server *srv, struct client *c, const struct connection_info *info)
{
    char why[400], host[ADDR_TEXT];
    lifecycle_reap(srv); /* as in session_open */
    WATCH(srv, leave, c);
    throttle_take_back(srv, c);
    bool admitted = admit_moved(srv, info, why, sizeof why);
    client_set_address(c, &info->addr);
    if (admitted) {
        enter_client(srv, c, info);
        return true;
    }
    addr_format(&c->session->addr, host, sizeof host);
    tell_admission_refused(srv, host, why);
    client_kill(srv, c, END_REFUSED, why);
    return false;
}

/* Whether c counts for another host or class with these facts. */
static bool
is_elsewhere(const struct server *srv, const struct client *c,
             const struct connection_info *info)
{
    struct connection_facts facts = read_facts(info);
    return !addr_equal(&c->session->addr, &info->addr) ||
           policy_of(c)->class != class_find(srv, &info->addr, &facts);
}

bool
session_rehome(struct server *srv, struct client *c, const struct connection_info *info)
{
    journal_rehome(srv, c, info);
    if (c->out.flags & (CLIENT_REGISTERED | CLIENT_ENDING | CLIENT_WAITING))
        return false;
    if (is_elsewhere(srv, c, info))
        return move_client(srv, c, info);
    struct connection_facts facts = read_facts(info);
    client_set_connection(c, &facts);
    return true;
}

void
session_info(const struct client *c, struct connection_info *out)
{
    struct connection_facts facts = client_facts(c);
    *out = (struct connection_info){.addr = c->session->addr,
                                    .certfp = facts.certfp,
                                    .sni = facts.sni,
                                    .gateway = facts.gateway,
                                    .secure = facts.secure};
}
