/* PASS, NICK, USER, and the welcome (Modern IRC "Connection Registration").
 *
 * Bans are checked before the server password and again after it: the worker takes some
 * time for a password, and a K-line that is set during that time must hold. */
#include "register.h"

#include "base/duration.h"
#include "base/mem.h"
#include "base/str.h"
#include "cmd/announce.h"
#include "cmd/command.h"
#include "cmd/info.h"
#include "cmd/job.h"
#include "cmd/reserved.h"
#include "enact/admit.h"
#include "enact/spend.h"
#include "isupport.h"
#include "policy/access.h"
#include "policy/ban/ban.h"
#include "policy/client_policy.h"
#include "policy/cloaking.h"
#include "policy/counts.h"
#include "policy/privs.h"
#include "policy/throttle.h"
#include "proto/casemap.h"
#include "proto/mode.h"
#include "proto/name.h"
#include "proto/utf8.h"
#include "state/accept.h"
#include "state/channel.h"
#include "state/client_end.h"
#include "state/irc_event.h"
#include "state/monitor.h"
#include "state/subsystem.h"
#include "state/tell.h"
#include "state/watch.h"
#include "state/whowas.h"

static void
send_myinfo(struct server *srv, struct client *c)
{
    char user[32], chan[32], param[32];
    mode_letters_user(user, sizeof user);
    mode_letters_channel(chan, sizeof chan);
    mode_letters_param(param, sizeof param);
    out_numeric(srv, c, RPL_MYINFO, srv->me.name, IRCD_VERSION, user, chan, param);
}

static void
send_welcome(struct server *srv, struct client *c)
{
    char source[MASK_TEXT], modes[USER_MODES_TEXT];
    client_source(c, source, sizeof source);
    out_numeric(srv, c, RPL_WELCOME, srv->config->server.network, source);
    out_numeric(srv, c, RPL_YOURHOST, srv->me.name, IRCD_VERSION);
    out_numeric(srv, c, RPL_CREATED, srv->started_text);
    send_myinfo(srv, c);
    isupport_send(srv, c);
    info_send_lusers(srv, c);
    info_send_motd(srv, c);
    mode_write_user(c->user.modes, modes, sizeof modes);
    out_numeric(srv, c, RPL_UMODEIS, modes);
    if (c->user.modes & USER_CLOAKED)
        out_numeric(srv, c, RPL_VISIBLEHOST, c->user.host);
}

static void
forget_password(struct client *c)
{
    client_set_password(c, NULL);
}

/* Makes c a user that others can see, and welcomes it. */
static void
complete_registration(struct server *srv, struct client *c)
{
    char source[MASK_TEXT];
    subsystems_client_registers(srv, c);
    client_set_registered(srv, c);
    c->out.sendq.limit = (uint32_t)srv->config->limits.sendq;
    forget_password(c);
    client_touch(srv, c);
    if (event_wants_line(srv->log, EVENT_registered) && !client_facts(c).oper) {
        client_real_source(c, source, sizeof source);
        LOG_EVENT(srv->log, registered, .client = source);
    }
    if (c->user.cloak) {
        c->out.flags |= CLIENT_HIDDEN;
        client_set_modes(srv, c, c->user.modes | USER_CLOAKED);
        client_set_host(c, c->user.cloak);
    }
    send_welcome(srv, c);
    monitor_online(srv, c);
    announce_connect(srv, c, true);
    subsystems_client_is_on(srv, c);
}

/* A server password while the worker checks it. It holds all that the end of the check
 * needs, since the client may have left by then. */
struct login {
    struct password_try try;
    char source[MASK_TEXT];
    char hash[]; /* the password is compared with it */
};

/* Counts and tells a wrong password. It counts the same if the client has left (c
 * NULL). */
static void
fail_password(struct server *srv, struct client *c, const struct login *l)
{
    TELL(srv, TELL_ALL, password_failed, .client = l->source);
    if (c)
        out_numeric(srv, c, ERR_PASSWDMISMATCH);
    enact_password_wrong(srv, &l->try, c);
    if (c)
        client_kill(srv, c, END_PASSWORD_WRONG, NULL);
}

static void
finish_password(struct server *srv, struct client *c, const struct job_result *result,
                void *ctx)
{
    const struct login *l = ctx;
    const char *wanted = srv->config->server.password;
    if (!job_is_right(result)) {
        fail_password(srv, c, l);
        return;
    }
    throttle_password_right(srv, &l->try);
    if (c == NULL)
        return;
    if (*wanted && strcmp(wanted, l->hash) != 0) {
        client_kill(srv, c, END_PASSWORD_CHANGED, NULL);
        return;
    }
    c->out.flags |= CLIENT_PASSED;
    register_try(srv, c);
}

/* Ends c without a check of its password: its host has sent too many wrong passwords
 * and is refused for `wait` more milliseconds, or (wait 0) other passwords of its host
 * are being checked. */
static void
refuse_password(struct server *srv, struct client *c, msec wait)
{
    char why[128], length[DURATION_TEXT];
    msec second = MSEC_SECOND;
    if (wait == 0) {
        client_kill(srv, c, END_PASSWORD_REFUSED,
                    "Other passwords from your host are being checked; try again in a "
                    "few seconds");
        return;
    }
    duration_format((wait + second - 1) / second * second, length, sizeof length);
    str_format(why, sizeof why,
               "Too many wrong server passwords from your host; try again in %s",
               length);
    client_kill(srv, c, END_PASSWORD_REFUSED, why);
}

static void
start_password_check(struct server *srv, struct client *c,
                     const struct password_try *try)
{
    const char *wanted = srv->config->server.password;
    size_t size = sizeof(struct login) + strlen(wanted) + 1;
    struct login *l = xcalloc(1, size);
    l->try = *try;
    memcpy(l->hash, wanted, strlen(wanted));
    client_real_source(c, l->source, sizeof l->source);
    enum job_verdict verdict =
        job_verify(srv, c, wanted, client_password(c), finish_password, l, size);
    if (verdict == JOB_STARTED)
        return;
    mem_wipe(l, size);
    free(l);
    throttle_password_right(srv, try);
    client_kill(
        srv, c, END_PASSWORD_REFUSED,
        verdict == JOB_HOST_FULL
            ? "Too many logins from your host at once; try again in a few seconds"
            : "Too many logins at once; try again in a few seconds");
}

/* True: c needs no password, or it has passed. False: c is refused, or the worker
 * checks its password now. */
static bool
pass_password(struct server *srv, struct client *c)
{
    msec wait;
    struct password_try try;
    if (*srv->config->server.password == '\0' ||
        c->out.flags & (CLIENT_PASSED | CLIENT_ACTING))
        return true;
    if (client_password(c) == NULL) {
        out_numeric(srv, c, ERR_PASSWDMISMATCH);
        client_kill(srv, c, END_PASSWORD_MISSING, NULL);
    } else if (!throttle_password(srv, c, &try, &wait)) {
        refuse_password(srv, c, wait);
    } else {
        start_password_check(srv, c, &try);
    }
    forget_password(c); /* the worker has its copy */
    return false;
}

/* The K-line or X-line that refuses c; NULL: none. */
static const struct ban *
find_client_ban(struct server *srv, const struct client *c)
{
    const struct ban *ban = ban_match_client(srv, BAN_KLINE, c);
    return ban ? ban : ban_match_text(srv, BAN_XLINE, c, c->user.realname);
}

/* True: no ban refuses c. False: c is told and ended. */
static bool
pass_bans(struct server *srv, struct client *c)
{
    char words[BAN_REASON + 128], source[MASK_TEXT];
    if (policy_of(c)->exempt & EXEMPT_BANS)
        return true;
    const struct ban *ban = find_client_ban(srv, c);
    if (ban == NULL)
        return true;
    srv->policy->counts->ban_refused[ban->kind]++;
    WATCH(srv, refused, &c->session->addr, NULL, c, "kline");
    ban_words(srv, ban, words, sizeof words);
    client_real_source(c, source, sizeof source);
    TELL_LIKE(srv, TELL_FORMS(PRIV_see_address), EVENT_refused_client, refused,
              .client = source, .told = words, .hidden = c->user.nick);
    out_numeric(srv, c, ERR_YOUREBANNEDCREEP, words);
    client_end(
        srv, c,
        &(struct end){.cause = END_BANNED, .why = words, .mask = ban->mask.text});
    return false;
}

/* Refuses a nick that a RESV covers. True: it is refused, and c is told. */
static bool
refuse_reserved_nick(struct server *srv, struct client *c, const char *nick)
{
    char why[BAN_WHY];
    if (!reserved_refuses(srv, c, nick, why))
        return false;
    out_numeric(srv, c, ERR_NICKRESERVED, nick, why);
    return true;
}

/* Refuses a nick under which a K-line would refuse c. True: it is refused, and the
 * client is told. */
static bool
refuse_banned_nick(struct request *req, const char *nick)
{
    char why[BAN_WHY];
    if (!reserved_bans(req->srv, req->client, nick, why))
        return false;
    reply(req, ERR_NICKBANNED, nick, why);
    return true;
}

/* False: a RESV covers the nick that c took before. c loses it, and is told to take
 * another. */
static bool
pass_nick(struct server *srv, struct client *c)
{
    char nick[NAME_NICK_MAX + 1];
    str_format(nick, sizeof nick, "%s", c->user.nick);
    if (!refuse_reserved_nick(srv, c, nick))
        return true;
    client_drop_nick(srv, c);
    return false;
}

void
register_try(struct server *srv, struct client *c)
{
    if (c->out.flags &
        (CLIENT_REGISTERED | CLIENT_CAP_HOLD | CLIENT_WAITING | CLIENT_ENDING))
        return;
    if (c->user.nick[0] == '\0' || c->user.realname == NULL)
        return;
    cloaking_give(srv, c);
    if (pass_bans(srv, c) && pass_nick(srv, c) && pass_password(srv, c))
        complete_registration(srv, c);
}

static void
pass_run(struct request *req)
{
    struct client *c = req->client;
    struct message *m = req->message;
    forget_password(c);
    client_set_password(c, m->params[0]);
}

static void
change_nick(struct request *req, const char *nick)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct irc_event e = {.kind = IRC_NICK, .source = c, .param = nick};
    bool other = !name_equal(c->user.nick, nick);
    if (other) {
        whowas_add(srv, c);
        monitor_offline(srv, c);
        accept_forget(c);
    }
    irc_event_emit(srv, &e);
    client_set_nick(srv, c, nick);
    if (other)
        monitor_online(srv, c);
}

/* True: a registered client may change its nick now. False: it is told why not. */
static bool
may_change_nick(struct request *req, const char *nick)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    int seconds;
    char until[ACCESS_UNTIL];
    if (access_verdicts_are_spent(srv)) {
        reply(req, ERR_NICKTOOFAST, nick, 1);
        return false;
    }
    const struct channel *chan = access_nick_forbidden(srv, c, until);
    if (chan)
        reply(req, ERR_BANNICKCHANGE, nick, chan->name, until);
    else if (!enact_spend(srv, c, COUNTER_nick, &seconds))
        reply(req, ERR_NICKTOOFAST, nick, seconds);
    else
        return true;
    return false;
}

/* Whether a nick stays with its holder. A client that has not registered loses its nick
 * to the next client that asks for it, or a few connections could block nicks; not
 * while the worker checks its password. */
static bool
keeps_nick(const struct client *holder)
{
    return holder->out.flags & (CLIENT_REGISTERED | CLIENT_WAITING);
}

/* Takes the nick from its holder, which is told to choose another. */
static void
evict_holder(struct server *srv, struct client *holder, const char *nick)
{
    client_drop_nick(srv, holder);
    out_numeric(srv, holder, ERR_NICKNAMEINUSE, nick);
}

static void
nick_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    const char *nick = m->nparams ? m->params[0] : "";
    int max = srv->config->limits.nick_length;
    if (nick[0] == '\0') {
        reply(req, ERR_NONICKNAMEGIVEN);
        return;
    }
    if (!name_is_nick(nick, (size_t)max)) {
        reply(req, ERR_ERRONEUSNICKNAME, command_echo(nick), max);
        return;
    }
    struct client *holder = client_find(srv, nick);
    if (holder && holder != c && keeps_nick(holder)) {
        reply(req, ERR_NICKNAMEINUSE, nick);
        return;
    }
    if (strcmp(c->user.nick, nick) == 0)
        return;
    if (!name_equal(c->user.nick, nick) &&
        (refuse_reserved_nick(srv, c, nick) || refuse_banned_nick(req, nick)))
        return;
    bool registered = c->out.flags & CLIENT_REGISTERED;
    if (registered && !may_change_nick(req, nick))
        return;
    if (holder && holder != c)
        evict_holder(srv, holder, nick);
    if (registered) {
        change_nick(req, nick);
        return;
    }
    client_set_nick(srv, c, nick);
    register_try(srv, c);
}

static void
user_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct message *m = req->message;
    char real[NAME_REAL_MAX + 1];
    struct str s;
    if (c->user.realname) {
        reply(req, ERR_ALREADYREGISTERED);
        return;
    }
    if (!name_make_user(m->params[0], c->user.username)) {
        c->user.username[0] = '\0';
        reply(req, ERR_INVALIDUSERNAME,
              "it has no letter, digit or '-', '_', '.' in it");
        return;
    }
    size_t n = utf8_cut(m->params[3], strlen(m->params[3]), NAME_REAL_MAX);
    str_init(&s, real, sizeof real);
    str_addn(&s, m->params[3], n);
    c->user.realname = xstrdup(real);
    register_try(srv, c);
}

/* Answers a NICK line that could not be read like a nick that is not valid. */
static void
refuse_unread_nick(struct request *req, const char *why)
{
    (void)why;
    reply(req, ERR_ERRONEUSNICKNAME, "*", req->srv->config->limits.nick_length);
}

static void
refuse_unread_user(struct request *req, const char *why)
{
    if (!client_is_registered(req->client))
        reply(req, ERR_INVALIDUSERNAME, why);
}

const struct command commands_register[] = {
    {
        .name = "PASS",
        .run = pass_run,
        .min_params = 1,
        .when = WHEN_UNREGISTERED,
        .cost = 1,
        .group = GROUP_CONNECT,
        .syntax = "<password>",
        .help = "give the server password, before NICK and USER",
        .example = "PASS secret",
    },
    {
        .name = "NICK",
        .run = nick_run,
        .refused = refuse_unread_nick,
        .when = WHEN_ANY,
        .cost = 1,
        .group = GROUP_CHAT,
        .syntax = "<nick>",
        .help = "take or change your nick",
        .example = "NICK ann",
    },
    {
        .name = "USER",
        .run = user_run,
        .refused = refuse_unread_user,
        .min_params = 4,
        .when = WHEN_UNREGISTERED,
        .cost = 1,
        .group = GROUP_CONNECT,
        .syntax = "<user> 0 * :<real name>",
        .help = "give your user name and real name, when connecting",
        .example = "USER ann 0 * :Ann Example",
    },
    {.name = NULL},
};
