/* The rights of operators: their beginning, their changes and their end. */
#include "cmd/oper_rights.h"

#include "base/mem.h"
#include "base/str.h"
#include "cmd/command.h"
#include "cmd/table.h"
#include "policy/access.h"
#include "policy/throttle.h"
#include "proto/casemap.h"
#include "proto/mode.h"
#include "state/event_ring.h"
#include "state/irc_event.h"
#include "state/relay.h"
#include "state/subsystem.h"
#include "state/tell.h"

#include <string.h>

/* Tells all users of a new operator. */
static void
announce_oper(struct server *srv, const struct client *c)
{
    struct relay r;
    relay_begin(&r, srv, NULL, "NOTICE * :%s is now an IRC operator", c->user.nick);
    relay_modes(&r, 0);
    relay_end(&r);
}

/* Sends the changes of its user modes to c. */
static void
announce_modes(struct server *srv, struct client *c, const char *changes)
{
    struct irc_event e = {.kind = IRC_MODE, .source = c, .client = c, .text = changes};
    irc_event_emit(srv, &e);
}

void
oper_begin(struct server *srv, struct client *c, const struct config_oper *oper)
{
    char shown[MASK_TEXT], real[MASK_TEXT];
    uint32_t modes = c->user.modes | USER_OPER | USER_WALLOPS;
    if (c->user.oper == NULL)
        throttle_count_oper(c, 1);
    xreplace(&c->user.oper, oper->name);
    c->user.privileges = oper->privileges;
    modes &= ~(uint32_t)USER_NOTICES;
    if (access_has(c, PRIV_spy))
        modes |= USER_NOTICES;
    client_set_modes(srv, c, modes);
    announce_modes(srv, c, modes & USER_NOTICES ? "+osw" : "+ow");
    out_numeric(srv, c, RPL_YOUREOPER);
    client_source(c, shown, sizeof shown);
    client_real_source(c, real, sizeof real);
    TELL(srv, TELL_OTHERS(c, PRIV_see_address), oper, .client = real,
         .name = oper->name, .class = oper->class, .certfp = client_certfp(c),
         .shown = shown);
    if (srv->config->server.announce_opers)
        announce_oper(srv, c);
}

void
oper_ended(struct server *srv, const struct client *c, const char *name,
           const char *why)
{
    char shown[MASK_TEXT], real[MASK_TEXT];
    client_source(c, shown, sizeof shown);
    client_real_source(c, real, sizeof real);
    TELL(srv, TELL_FORMS(PRIV_see_address), oper_ended, .client = real, .name = name,
         .why = why, .shown = shown);
}

/* Ends the rights of c: its block has gone, or does not admit its connection any more
 * (hosts, certfp, opers.plaintext). */
static void
end_rights(struct server *srv, struct client *c, bool gone)
{
    const char *why = gone ? "no longer in the configuration"
                           : "the configuration does not admit the connection any more";
    bool notices = c->user.modes & USER_NOTICES;
    char *name = xstrdup(c->user.oper);
    throttle_count_oper(c, -1);
    client_set_modes(srv, c, c->user.modes & ~(uint32_t)(USER_OPER | USER_NOTICES));
    announce_modes(srv, c, notices ? "-os" : "-o");
    out_notice(srv, c, "You are no operator any more: %s",
               gone ? "your oper block is no longer in the configuration" : why);
    oper_ended(srv, c, name, why);
    free(name);
}

/* Writes the names of privileges: "kill, kline", or "none". */
static void
list_privileges(uint64_t privileges, char *out, size_t size)
{
    struct str s;
    str_init(&s, out, size);
    for (unsigned i = 0; i < PRIV_COUNT; i++)
        if (privileges & UINT64_C(1) << i)
            str_addf(&s, "%s%s", s.len ? ", " : "", privs_names[i]);
    if (s.len == 0)
        str_add(&s, "none");
}

/* Gives c the privileges of its block as they are now, and tells it if they differ. */
static void
change_rights(struct server *srv, struct client *c, const struct config_oper *oper)
{
    char list[400];
    uint64_t known = (UINT64_C(1) << PRIV_COUNT) - 1;
    bool same = (c->user.privileges & known) == (oper->privileges & known);
    c->user.privileges = oper->privileges;
    if (same)
        return;
    if (c->user.modes & USER_NOTICES && !access_has(c, PRIV_spy)) {
        client_set_modes(srv, c, c->user.modes & ~(uint32_t)USER_NOTICES);
        announce_modes(srv, c, "-s");
    }
    list_privileges(c->user.privileges, list, sizeof list);
    out_notice(srv, c, "Your privileges have changed; they are now: %s", list);
    TELL(srv, TELL_ALL, oper_changed, .nick = c->user.nick, .name = oper->name,
         .class = oper->class);
}

/* The rights of the client of the control socket: no block of the configuration gives
 * them, so none takes them. */
static char owner_name[] = "owner";
static const struct config_oper owner_block = {.name = owner_name,
                                               .privileges = UINT64_MAX};

/* The user name of a client of the control socket that only reads STATS s. */
#define HEALTH_USER "health"

/* The block that c acts for; NULL: that of its token has gone. */
static const struct config_oper *
find_acting_block(const struct server *srv, const struct client *c)
{
    const char *name = client_facts(c).oper;
    return name ? access_token_block(srv, name) : &owner_block;
}

/* A client that acts for the owner or for an oper block has registered. It is an operator
 * that reads no notices but its answers. A check of the health, which comes every few
 * seconds, has no privileges and no line in the log. */
static void
begin_acting(struct server *srv, struct client *c)
{
    if (!(c->out.flags & CLIENT_ACTING))
        return;
    const struct config_oper *oper = find_acting_block(srv, c);
    bool reads_only =
        oper == &owner_block && strcmp(c->user.username, HEALTH_USER) == 0;
    throttle_count_oper(c, 1);
    xreplace(&c->user.oper, oper ? oper->name : client_facts(c).oper);
    c->user.privileges = reads_only || oper == NULL ? 0 : oper->privileges;
    client_set_modes(srv, c, c->user.modes | USER_OPER | USER_INVISIBLE);
    out_numeric(srv, c, RPL_YOUREOPER);
}

/* Whether the command is a part of another one that the log has, or of the protocol. */
static bool
is_unlogged(const struct message *m)
{
    static const char *const verbs[] = {"CAP", "NICK", "PING", "PONG", "QUIT"};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (name_equal(m->verb, verbs[i]))
            return true;
    if (m->nparams < 2)
        return false;
    if (name_equal(m->verb, "TABLE")) /* a further page */
        return m->params[1][0] == TABLE_CURSOR;
    return name_equal(m->verb, "BANS") && name_equal(m->params[0], "IMPORT") &&
           !name_equal(m->params[1], "BEGIN");
}

/* One event for the command of a call, also if it is refused. A verb that is no command
 * may be a password in the wrong place. */
static void
log_call(const struct request *req)
{
    char host[ADDR_TEXT];
    const struct client *c = req->client;
    addr_format(&c->session->addr, host, sizeof host);
    NOTE_EVENT(req->srv, api, .name = client_facts(c).oper, .host = host,
               .command = req->row ? req->row->name : "?");
}

void
oper_log_acting(const struct request *req)
{
    const struct client *c = req->client;
    if (!client_is_registered(c))
        return;
    if (client_facts(c).oper)
        log_call(req);
    else if (req->row && c->user.privileges != 0 && !is_unlogged(req->message))
        NOTE_EVENT(req->srv, control, .nick = c->user.nick, .name = c->user.oper,
                   .uid = client_facts(c).listener, .command = req->row->name);
}

static bool
is_for_owner(const struct client *c)
{
    return client_facts(c).owner;
}

/* The block, as it is now, by which c is an operator; NULL: it has gone. */
static const struct config_oper *
find_rights_block(const struct server *srv, const struct client *c)
{
    return client_facts(c).oper ? access_token_block(srv, c->user.oper)
                                : access_oper(srv, c->user.oper);
}

/* Whether the block still admits c. */
static bool
may_keep_rights(const struct server *srv, const struct client *c,
                const struct config_oper *oper)
{
    if (client_facts(c).oper)
        return access_token_admits(oper, &c->session->addr);
    return access_oper_admits(oper, c) && access_oper_certified(oper, c) &&
           access_oper_encrypted(srv, c);
}

bool
oper_may_call(const struct client *c, const struct command *row)
{
    static const bool refused[COMMAND_GROUPS] = {
        [GROUP_CHAT] = true, [GROUP_CONNECT] = true};
    return !client_is_registered(c) || !client_facts(c).oper || !refused[row->group];
}

/* The configuration has changed: gives every operator the privileges of its block and
 * class as they are now. An operator is told, and is no operator any more, if its
 * block has gone or does not admit it. */
static void
renew_rights(struct server *srv)
{
    /* From the end: an operator that loses its rights is taken out of the array. */
    for (size_t i = srv->n_opers; i-- > 0;) {
        struct client *c = srv->opers[i];
        if (is_for_owner(c))
            continue;
        const struct config_oper *oper = find_rights_block(srv, c);
        if (oper && may_keep_rights(srv, c, oper))
            change_rights(srv, c, oper);
        else
            end_rights(srv, c, oper == NULL);
    }
}

static void
tell_oper_left(struct server *srv, struct client *c)
{
    if (c->user.oper && !(c->out.flags & CLIENT_ACTING))
        oper_ended(srv, c, c->user.oper, "disconnected");
}

const struct subsystem oper_subsystem = {
    .id = SUBSYSTEM_oper,
    .client_leaves = tell_oper_left,
    .client_is_on = begin_acting,
    .configured = renew_rights,
};
