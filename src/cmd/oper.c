/* OPER, KILL, REHASH, WALLOPS, GLOBOPS, CLOSE, DIE, RESTART (policy.md 7).
 *
 * Every act of an operator is one log event and one notice to the other operators. The
 * password is checked by the worker; an unknown name takes as long as a wrong password.
 */
#include "oper.h"
#include "base/duration.h"
#include "base/mem.h"
#include "base/str.h"
#include "cmd/session.h"
#include "command.h"
#include "dispatch.h"
#include "job.h"
#include "policy/access.h"
#include "policy/ban.h"
#include "policy/door.h"
#include "policy/throttle.h"
#include "proto/mode.h"
#include "words.h"

#define REASON_MAX 250
#define CLOSINGS_TOLD 50 /* lines of one CLOSE */

/* Both names of a client: as everybody sees it, and with its real address. */
struct both {
    char shown[MASK_TEXT], real[MASK_TEXT];
};

static struct both
both_of(const struct client *c)
{
    struct both b = {{0}, {0}};
    client_source(c, b.shown, sizeof b.shown);
    client_real_source(c, b.real, sizeof b.real);
    return b;
}

/* A name that no block has may be a password in the wrong place: it is shown to nobody,
 * and is in no log. */
static const char *
known_name(const struct server *srv, const char *name)
{
    for (size_t i = 0; i < srv->config->n_oper; i++)
        if (strcmp(srv->config->oper[i].name, name) == 0)
            return name;
    return NULL;
}

/* The notice of a failed OPER, in both forms. */
static void
tell_failed(struct server *srv, const struct both *b, const char *name, const char *why)
{
    const char *known = known_name(srv, name);
    out_opers_both(srv, SNO_OPERS, PRIV_see_address, b->real, b->shown,
                   "Failed OPER as %s%s%s by " OUT_EITHER ": %s",
                   known ? "'" : "somebody", known ? known : "",
                   known ? "'" : " unknown", why);
}

/* An OPER that the worker looks at: all that its end needs, whoever has left by then.
 */
struct attempt {
    struct door_try door;
    struct both who;
    const char *hopeless; /* why it fails whatever the worker says; NULL: it may not */
    char name[];
};

/* c: NULL if it has left. */
static void
failed(struct server *srv, struct client *c, const struct attempt *a, const char *why)
{
    log_limited(srv->log, LOG_LEVEL_WARN, "oper-failed", "client", a->who.real, "name",
                known_name(srv, a->name), "why", why, NULL);
    tell_failed(srv, &a->who, a->name, why);
    door_fail(srv, &a->door, c);
}

/* It was not looked at: the door is closed, or the worker has too much to do. */
static void
refused(struct server *srv, struct client *c, const char *name, const char *why)
{
    struct both b = both_of(c);
    log_limited(srv->log, LOG_LEVEL_WARN, "oper-refused", "client", b.real, "name",
                known_name(srv, name), "why", why, NULL);
    if (out_opers_due(srv, SNO_OPERS))
        tell_failed(srv, &b, name, why);
}

static void
announce(struct server *srv, const struct client *c)
{
    struct relay r;
    relay_begin(&r, srv, NULL, "NOTICE * :%s is now an IRC operator", c->nick);
    relay_modes(&r, 0);
    relay_end(&r);
}

static void
become(struct server *srv, struct client *c, const struct config_oper *oper)
{
    struct relay r;
    struct both b = both_of(c);
    uint32_t modes = c->modes | USER_OPER | USER_WALLOPS;
    if (c->oper == NULL)
        throttle_oper(c, 1);
    xreplace(&c->oper, oper->name);
    c->privileges = oper->privileges;
    modes &= ~(uint32_t)USER_NOTICES;
    if (access_has(c, PRIV_spy))
        modes |= USER_NOTICES;
    client_set_modes(srv, c, modes);
    relay_begin(&r, srv, c, "MODE %s :+o%sw", c->nick, modes & USER_NOTICES ? "s" : "");
    relay_to(&r, c);
    relay_end(&r);
    reply(srv, c, RPL_YOUREOPER);
    out_opers_both(srv, SNO_OPERS, PRIV_see_address, b.real, b.shown,
                   OUT_EITHER " is now an operator (%s)", oper->name);
    log_event(srv->log, LOG_LEVEL_INFO, "oper", "client", b.real, "name", oper->name,
              "class", oper->class, NULL);
    if (srv->config->server.announce_opers)
        announce(srv, c);
}

/* Nobody hears the answer. Right: it was no guess. Wrong: as if he had waited. */
static void
oper_unheard(struct server *srv, bool ok, const struct attempt *a)
{
    if (!ok || a->hopeless) {
        failed(srv, NULL, a, a->hopeless ? a->hopeless : "wrong password");
        return;
    }
    door_take_back(srv, &a->door);
    log_limited(srv->log, LOG_LEVEL_INFO, "oper-left", "client", a->who.real, "name",
                known_name(srv, a->name), NULL);
}

static void
oper_checked(struct server *srv, struct client *c, bool ok, void *ctx)
{
    const struct attempt *a = ctx;
    bool known;
    if (c == NULL) {
        oper_unheard(srv, ok, a);
        return;
    }
    /* Looked up again: the configuration may have changed meanwhile. */
    const struct config_oper *oper = access_oper(srv, c, a->name, &known);
    if (ok && oper && a->hopeless == NULL) {
        door_take_back(srv, &a->door);
        become(srv, c, oper);
        return;
    }
    reply(srv, c, ERR_PASSWDMISMATCH);
    if (a->hopeless)
        failed(srv, c, a, a->hopeless);
    else
        failed(srv, c, a, known ? "wrong password" : "no such operator");
}

/* What has no block for him is checked against somebody's hash, and fails whatever
 * comes out. Which one depends on the name alone and on a key that nobody knows: hashes
 * may differ in what they cost, and so an unknown name takes as long as some known one
 * each time it is tried. There is an oper block. */
static const char *
hash_of_unknown(const struct server *srv, const char *name)
{
    size_t n = srv->config->n_oper;
    return srv->config->oper[hash_bytes(&srv->hash_key, name, strlen(name)) % n]
        .password;
}

static void
refuse_closed(struct server *srv, struct client *c, const char *name, int seconds)
{
    char wait[DURATION_TEXT];
    duration_words(seconds * MSEC_SECOND, wait, sizeof wait);
    out_notice(srv, c,
               "OPER refused: too many failures from your host; try again in %s", wait);
    refused(srv, c, name, "too many failures from there before");
}

/* The worker looks at it; *a is the job's then. Names that do not exist and names that
 * are not for him go the same way: he learns of neither. */
static bool
check_password(struct server *srv, struct client *c, struct attempt *a,
               const struct config_oper *oper, const char *password)
{
    const char *hash = oper ? oper->password : hash_of_unknown(srv, a->name);
    size_t size = sizeof *a + strlen(a->name) + 1;
    if (job_start(srv, c, hash, password, oper_checked, a, size))
        return true;
    door_take_back(srv, &a->door);
    out_notice(srv, c, "OPER refused: too many logins at once; try again");
    refused(srv, c, a->name, "too many logins at once");
    return false;
}

static void
oper_run(struct server *srv, struct client *c, struct message *m)
{
    bool known;
    int seconds;
    struct door_try door;
    const char *name = m->params[0];
    if (!door_enter(srv, c, &door, &seconds)) {
        refuse_closed(srv, c, name, seconds);
        return;
    }
    const struct config_oper *oper = access_oper(srv, c, name, &known);
    struct attempt *a = xcalloc(1, sizeof *a + strlen(name) + 1);
    a->door = door;
    a->who = both_of(c);
    memcpy(a->name, name, strlen(name));
    if (oper == NULL)
        a->hopeless = known ? "not from this host" : "no such operator";
    if (oper || access_oper_host(srv, c)) {
        if (check_password(srv, c, a, oper, m->params[1]))
            return;
    } else { /* the same for all names */
        reply(srv, c, ERR_NOOPERHOST);
        failed(srv, c, a, a->hopeless);
    }
    free(a);
}

void
oper_ended(struct server *srv, const struct client *c, const char *name,
           const char *why)
{
    struct both b = both_of(c);
    out_opers_both(srv, SNO_OPERS, PRIV_see_address, b.real, b.shown,
                   OUT_EITHER " is no operator any more (%s): %s", name, why);
    log_event(srv->log, LOG_LEVEL_INFO, "oper-ended", "client", b.real, "name", name,
              "why", why, NULL);
}

/* The block of an operator has gone, or does not admit him any more. */
static void
end_rights(struct server *srv, struct client *c)
{
    struct relay r;
    bool notices = c->modes & USER_NOTICES;
    char *name = xstrdup(c->oper);
    throttle_oper(c, -1);
    client_set_modes(srv, c, c->modes & ~(uint32_t)(USER_OPER | USER_NOTICES));
    relay_begin(&r, srv, c, "MODE %s :-o%s", c->nick, notices ? "s" : "");
    relay_to(&r, c);
    relay_end(&r);
    out_notice(srv, c, "Your operator block is not in the configuration any more");
    oper_ended(srv, c, name, "not in the configuration any more");
    free(name);
}

/* "kill, kline", or "none". */
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

/* His block, or its class, allows other things now. */
static void
change_rights(struct server *srv, struct client *c, const struct config_oper *oper)
{
    char list[400];
    struct relay r;
    uint64_t there_are = (UINT64_C(1) << PRIV_COUNT) - 1;
    bool same = (c->privileges & there_are) == (oper->privileges & there_are);
    c->privileges = oper->privileges;
    if (same)
        return;
    if (c->modes & USER_NOTICES && !access_has(c, PRIV_spy)) {
        client_set_modes(srv, c, c->modes & ~(uint32_t)USER_NOTICES);
        relay_begin(&r, srv, c, "MODE %s :-s", c->nick);
        relay_to(&r, c);
        relay_end(&r);
    }
    list_privileges(c->privileges, list, sizeof list);
    out_notice(srv, c, "Your privileges have changed; they are now: %s", list);
    log_event(srv->log, LOG_LEVEL_INFO, "oper-changed", "nick", c->nick, "name",
              oper->name, "class", oper->class, NULL);
}

void
oper_reconfigure(struct server *srv)
{
    bool known;
    /* From the end: whoever loses his rights is taken out of the array. */
    for (size_t i = srv->n_opers; i-- > 0;) {
        struct client *c = srv->opers[i];
        const struct config_oper *oper = access_oper(srv, c, c->oper, &known);
        if (oper)
            change_rights(srv, c, oper);
        else
            end_rights(srv, c);
    }
}

static void
kill_run(struct server *srv, struct client *c, struct message *m)
{
    char reason[REASON_MAX + 1], why[REASON_MAX + 64], host[CLIENT_HOST_TEXT];
    struct relay r;
    struct client *target = client_find_registered(srv, m->params[0]);
    if (target == NULL) {
        reply(srv, c, ERR_NOSUCHNICK, m->params[0]);
        return;
    }
    words_rest(m, 1, reason, sizeof reason);
    if (reason[0] == '\0')
        str_format(reason, sizeof reason, "no reason given");
    str_format(why, sizeof why, "Killed (%s (%s))", c->nick, reason);
    relay_begin(&r, srv, c, "KILL %s :%s", target->nick, reason);
    relay_to(&r, target);
    relay_end(&r);
    const char *real = client_real_host(target, host);
    out_opers_both(srv, SNO_KILLS, PRIV_see_address, real, target->hostname,
                   "%s killed %s (%s@" OUT_EITHER "): %s", c->nick, target->nick,
                   target->user, reason);
    log_event(srv->log, LOG_LEVEL_INFO, "kill", "by", c->oper, "nick", target->nick,
              "host", real, "reason", reason, NULL);
    client_kill(srv, target, why);
}

static void
rehash_run(struct server *srv, struct client *c, struct message *m)
{
    char err[2048], by[64];
    (void)m;
    /* A copy: the new configuration may end his rights, and their name with them. */
    str_format(by, sizeof by, "%s", c->oper);
    reply(srv, c, RPL_REHASHING, "configuration");
    srv->rehash_by = by;
    bool good = srv->shell->rehash(srv->shell->ctx, err, sizeof err);
    if (!good)
        session_configure_failed(srv, err);
    srv->rehash_by = NULL;
    if (good)
        out_notice(srv, c, "REHASH: the new configuration is in force");
    else
        out_notice(srv, c, "REHASH refused, nothing changed: %.*s",
                   (int)strcspn(err, "\n"), err);
}

static void
wallops_run(struct server *srv, struct client *c, struct message *m)
{
    struct relay r;
    relay_begin(&r, srv, c, "WALLOPS :%s", m->params[0]);
    relay_modes(&r, USER_WALLOPS);
    relay_end(&r);
    log_event(srv->log, LOG_LEVEL_INFO, "wallops", "by", c->oper, "text", m->params[0],
              NULL);
}

/* What was said, cut, and "Server stopped by ann: why". */
static void
end_reason(const struct client *c, const struct message *m, const char *what,
           char text[REASON_MAX + 1], char reason[REASON_MAX + 64])
{
    words_rest(m, 0, text, REASON_MAX + 1);
    str_format(reason, REASON_MAX + 64, "Server %s by %s%s%s", what, c->nick,
               *text ? ": " : "", text);
}

static void
die_run(struct server *srv, struct client *c, struct message *m)
{
    char text[REASON_MAX + 1], reason[REASON_MAX + 64];
    end_reason(c, m, "stopped", text, reason);
    log_event(srv->log, LOG_LEVEL_INFO, "die", "by", c->oper, "reason",
              *text ? text : NULL, NULL);
    srv->shell->die(srv->shell->ctx, reason);
}

static void
restart_run(struct server *srv, struct client *c, struct message *m)
{
    char text[REASON_MAX + 1], reason[REASON_MAX + 64], err[2048];
    end_reason(c, m, "restarted", text, reason);
    if (srv->shell->restart(srv->shell->ctx, reason, err, sizeof err)) {
        log_event(srv->log, LOG_LEVEL_INFO, "restart", "by", c->oper, "reason",
                  *text ? text : NULL, NULL);
        return;
    }
    for (size_t at = 0, n; err[at]; at += n + (err[at + n] == '\n')) {
        n = strcspn(err + at, "\n");
        out_notice(srv, c, "RESTART refused, nothing changed: %.*s", (int)n, err + at);
    }
    log_event(srv->log, LOG_LEVEL_ERROR, "restart-refused", "by", c->oper, "why", err,
              NULL);
}

/* To the operators, from one of them; not a WALLOPS, which others may ask for too. */
static void
globops_run(struct server *srv, struct client *c, struct message *m)
{
    struct relay r;
    relay_begin(&r, srv, NULL, "NOTICE * :*** GLOBOPS from %s: %s", c->nick,
                m->params[0]);
    relay_modes(&r, USER_OPER);
    relay_end(&r);
    log_event(srv->log, LOG_LEVEL_INFO, "globops", "by", c->oper, "text", m->params[0],
              NULL);
}

/* Ends all connections that have not registered. */
static void
close_run(struct server *srv, struct client *c, struct message *m)
{
    char host[CLIENT_HOST_TEXT], count[24];
    size_t n = 0;
    (void)m;
    bool sees = access_has(c, PRIV_see_address);
    LIST_EACH(&srv->unregistered, node) {
        struct client *other = LIST_ENTRY(node, struct client, link);
        if (other->flags & CLIENT_DEAF)
            continue;
        client_kill(srv, other, "Closed by an operator");
        if (n++ < CLOSINGS_TOLD)
            reply(srv, c, RPL_CLOSING, sees ? client_real_host(other, host) : "*");
    }
    reply(srv, c, RPL_CLOSEEND, n);
    str_format(count, sizeof count, "%zu", n);
    out_opers(srv, SNO_KILLS, "%s closed %s connections that had not registered",
              c->nick, count);
    log_event(srv->log, LOG_LEVEL_INFO, "close", "by", c->oper, "connections", count,
              NULL);
}

const struct command commands_oper[] = {
    {"OPER", oper_run, 2, WHEN_REGISTERED, 2, PRIV_NONE, 0, "<name> <password>",
     "become an operator; for example OPER alice secret"},
    {"KILL", kill_run, 1, WHEN_REGISTERED, 1, PRIV_kill, 0, "<nick> [:<reason>]",
     "end somebody's connection; for example KILL bob :flooding"},
    {"REHASH", rehash_run, 0, WHEN_REGISTERED, 5, PRIV_rehash, 0, "",
     "read the configuration again"},
    {"WALLOPS", wallops_run, 1, WHEN_REGISTERED, 2, PRIV_wallops, 0, ":<text>",
     "speak to everybody with +w; for example WALLOPS :back at nine"},
    {"DIE", die_run, 0, WHEN_REGISTERED, 1, PRIV_die, 0, "[:<reason>]",
     "end the server"},
    {"RESTART", restart_run, 0, WHEN_REGISTERED, 5, PRIV_die, 0, "[:<reason>]",
     "end the server and start it anew, if its configuration is good"},
    {"GLOBOPS", globops_run, 1, WHEN_REGISTERED, 2, PRIV_wallops, 0, ":<text>",
     "speak to all operators; for example GLOBOPS :look at #help"},
    {"CLOSE", close_run, 0, WHEN_REGISTERED, 2, PRIV_kill, 0, "",
     "end all connections that have not registered"},
    {NULL, NULL, 0, WHEN_ANY, 0, PRIV_NONE, 0, NULL, NULL},
};
