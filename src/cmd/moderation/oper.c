/* OPER.
 *
 * The worker checks the password. An unknown name takes as long as a wrong password, and
 * so does a client without a certificate of the block. If no block admits the host, or
 * the connection has no TLS where it must, no password is checked and every OPER has the
 * same answer, so nothing can be guessed from there. A right password from a host that
 * its block does not admit is no failure. OPER of a block without a password waits for
 * no worker. */
#include "base/duration.h"
#include "base/mem.h"
#include "base/str.h"
#include "cmd/command.h"
#include "cmd/job.h"
#include "cmd/oper_rights.h"
#include "enact/strike.h"
#include "policy/access.h"
#include "policy/ban/ban.h"
#include "policy/host.h"
#include "policy/oper_lockout.h"
#include "policy/throttle.h"
#include "proto/mode.h"
#include "state/irc_event.h"
#include "state/relay.h"
#include "state/subsystem.h"
#include "state/tell.h"

/* Both sources of a client, with its shown host and with its real address, and its
 * certificate. */
struct both {
    char shown[MASK_TEXT], real[MASK_TEXT];
    char certfp[CONFIG_CERTFP]; /* of its certificate; "": none */
};

static struct both
read_both_names(const struct client *c)
{
    struct both b = {{0}, {0}, {0}};
    const char *certfp = client_certfp(c);
    client_source(c, b.shown, sizeof b.shown);
    client_real_source(c, b.real, sizeof b.real);
    str_format(b.certfp, sizeof b.certfp, "%s", certfp ? certfp : "");
    return b;
}

/* NULL: the client has no certificate. */
static const char *
get_certfp(const struct both *b)
{
    return *b->certfp ? b->certfp : NULL;
}

/* The name if a block has it; else NULL. An unknown name may be a password in the wrong
 * place, so it is neither shown nor logged. */
static const char *
find_known_name(const struct server *srv, const char *name)
{
    return access_oper(srv, name) ? name : NULL;
}

/* The name of a failed OPER for its notice. known: from find_known_name. */
static const char *
quote_known(const char *known, char *out, size_t size)
{
    if (known == NULL)
        return "an unknown name";
    str_format(out, size, "'%s'", known);
    return out;
}

/* Tells EVENT_oper_failed or EVENT_oper_refused to the operators but c, which reads its
 * own answer. c NULL: it has left. */
static void
tell_oper_failed(struct server *srv, enum event event, const struct client *c,
                 const struct both *b, const char *name, const char *why)
{
    char tried[MESSAGE_LINE];
    const char *known = find_known_name(srv, name);
    TELL_LIKE(srv, TELL_OTHERS(c, PRIV_see_address), event, oper_failed,
              .client = b->real, .name = known, .certfp = get_certfp(b), .why = why,
              .shown = b->shown, .tried = quote_known(known, tried, sizeof tried));
}

/* An OPER while the worker checks its password. It holds all that its end needs, since
 * the client may have left by then. */
struct attempt {
    struct oper_attempt attempt;
    struct both client;
    const char *hopeless;   /* why it fails with any password; NULL: it may pass */
    bool elsewhere;         /* there is a block, but it does not admit this host */
    char hash[CONFIG_HASH]; /* the password is compared with it */
    char name[];            /* of the block, as it was typed */
};

/* Counts and tells a failure. c NULL: it has left. */
static void
fail_oper(struct server *srv, struct client *c, const struct attempt *a,
          const char *why)
{
    tell_oper_failed(srv, EVENT_oper_failed, c, &a->client, a->name, why);
    enact_oper_fail(srv, &a->attempt, c);
}

/* Tells an OPER that is refused before its password is checked: its host is locked out,
 * too many logins wait, or it has no TLS. */
static void
tell_oper_refused(struct request *req, const char *name, const char *why)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct both b = read_both_names(c);
    tell_oper_failed(srv, EVENT_oper_refused, c, &b, name, why);
}

/* Refuses an OPER because of the host: no strike, and it does not count for the
 * lockout. The log and c read the mask that a block would need among its hosts. c NULL:
 * it has left. */
static void
refuse_oper_host(struct server *srv, struct client *c, const struct both *names,
                 const struct addr *addr, const char *name, const char *why)
{
    char mask[PREFIX_TEXT + 2] = "*@", tried[MESSAGE_LINE];
    const char *known = find_known_name(srv, name);
    struct prefix host;
    host_prefix(srv, addr, &host);
    prefix_format(&host, mask + 2, sizeof mask - 2);
    TELL(srv, TELL_OTHERS(c, PRIV_see_address), oper_host, .client = names->real,
         .name = known, .mask = mask, .why = why, .shown = names->shown,
         .tried = quote_known(known, tried, sizeof tried));
    if (c == NULL)
        return;
    out_numeric(srv, c, ERR_NOOPERHOST);
    out_notice(srv, c,
               "OPER refused: no oper block of that name admits your host; to admit "
               "it, the administrator adds \"%s\" to the hosts of a block",
               mask);
}

#define WRONG_HOST "a right password, but the block does not admit this host"
#define WRONG_HOST_CERTFP "a right certificate, but the block does not admit this host"

/* The end of an OPER after its client has left. A right password is no failure; a wrong
 * one counts as if the client were still there. */
static void
finish_unheard_oper(struct server *srv, bool ok, const struct attempt *a)
{
    if (ok && a->elsewhere) {
        oper_lockout_take_back(srv, &a->attempt);
        refuse_oper_host(srv, NULL, &a->client, &a->attempt.addr, a->name, WRONG_HOST);
        return;
    }
    if (!ok || a->hopeless) {
        fail_oper(srv, NULL, a, a->hopeless ? a->hopeless : "wrong password");
        return;
    }
    oper_lockout_take_back(srv, &a->attempt);
    TELL(srv, TELL_ALL, oper_left, .client = a->client.real,
         .name = find_known_name(srv, a->name));
}

/* Whether the block still has the password that was checked, and the configuration still
 * admits c's certificate and its connection. */
static bool
is_same_login(const struct server *srv, const struct config_oper *oper,
              const struct client *c, const struct attempt *a)
{
    return oper->password && strcmp(oper->password, a->hash) == 0 &&
           access_oper_certified(oper, c) && access_oper_encrypted(srv, c);
}

/* The worker has checked the password of an OPER. c NULL: it has left. */
static void
finish_oper(struct server *srv, struct client *c, const struct job_result *result,
            void *ctx)
{
    const struct attempt *a = ctx;
    bool ok = job_is_right(result);
    if (c == NULL) {
        finish_unheard_oper(srv, ok, a);
        return;
    }
    /* A new lookup: the configuration may have changed since the command. */
    const struct config_oper *oper = access_oper(srv, a->name);
    bool passes = ok && oper && a->hopeless == NULL;
    if (!passes && !(ok && a->elsewhere)) {
        const char *why = oper ? "wrong password" : "no such operator";
        out_numeric(srv, c, ERR_PASSWDMISMATCH);
        fail_oper(srv, c, a, a->hopeless ? a->hopeless : why);
        return;
    }
    oper_lockout_take_back(srv, &a->attempt);
    if (!passes || !access_oper_admits(oper, c))
        refuse_oper_host(srv, c, &a->client, &a->attempt.addr, a->name, WRONG_HOST);
    else if (!is_same_login(srv, oper, c, a))
        out_notice(srv, c, "OPER refused: the configuration has changed; try again");
    else
        oper_begin(srv, c, oper);
}

/* The hash that a password is checked with; NULL: no block has one. A name without a
 * block, or of a block without a password, is checked with the hash of some block, and
 * fails with any result. The name and a random key alone choose that block: hashes may
 * differ in their cost, so an unknown name takes as long as one of the known names, and
 * as long each time. */
static const char *
choose_hash(const struct server *srv, const char *name)
{
    const struct config *config = srv->config;
    const struct config_oper *oper = access_oper(srv, name);
    size_t n = config->n_oper;
    size_t first = hash_bytes(&srv->hash_key, name, strlen(name)) % n;
    if (oper && oper->password)
        return oper->password;
    for (size_t i = 0; i < n; i++)
        if (config->oper[(first + i) % n].password)
            return config->oper[(first + i) % n].password;
    return NULL;
}

static void
refuse_locked_out(struct request *req, const char *name, int seconds)
{
    char wait[DURATION_TEXT];
    duration_words(seconds * MSEC_SECOND, wait, sizeof wait);
    reply_notice(req, "OPER refused: too many failures from your host; try again in %s",
                 wait);
    tell_oper_refused(req, name, "too many earlier failures from that host");
}

/* Tells c that its connection must be encrypted for OPER, and to which port. No port of
 * IRC is for a page. */
static void
refuse_plaintext(struct request *req, const char *name)
{
    struct server *srv = req->srv;
    unsigned port = config_tls_port(srv->config, client_is_local(req->client));
    reply(req, ERR_NOOPERHOST);
    if (req->client->out.flags & CLIENT_WEB)
        reply_notice(req, "OPER refused: this connection is not encrypted; connect to "
                          "an address that begins with https or wss, and take a new "
                          "password if you have sent yours");
    else if (port)
        reply_notice(req,
                     "OPER refused: this connection is not encrypted; connect with TLS "
                     "to port %u, and take a new password if you have sent yours",
                     port);
    else
        reply_notice(
            req,
            "OPER refused: this connection is not encrypted, and the "
            "server has no port with TLS that you can use instead (opers.plaintext)");
    tell_oper_refused(req, name, "the connection is not encrypted");
}

/* Has the worker check the password; a is then the job's. False: it is not checked, the
 * client is told, and a is still the caller's. Names that do not exist and names that
 * are not for this host take the same way, so a wrong password tells nothing of either.
 */
static bool
check_password(struct request *req, struct attempt *a, const char *password)
{
    struct server *srv = req->srv;
    const char *hash = choose_hash(srv, a->name);
    if (password == NULL || hash == NULL) {
        reply(req, ERR_PASSWDMISMATCH);
        fail_oper(srv, req->client, a, password ? a->hopeless : "no password");
        return false;
    }
    str_format(a->hash, sizeof a->hash, "%s", hash);
    size_t size = sizeof *a + strlen(a->name) + 1;
    enum job_verdict verdict =
        job_verify(srv, req->client, hash, password, finish_oper, a, size);
    if (verdict == JOB_STARTED)
        return true;
    const char *scope = verdict == JOB_HOST_FULL ? " from your host" : "";
    oper_lockout_take_back(srv, &a->attempt);
    reply_notice(req, "OPER refused: too many logins%s at once; try again", scope);
    tell_oper_refused(req, a->name, "too many logins at once");
    return false;
}

/* Why the attempt fails with any password; NULL: it may pass. */
static const char *
find_hopeless(const struct config_oper *oper, const struct client *c)
{
    if (oper == NULL)
        return "no such operator";
    if (!access_oper_certified(oper, c))
        return client_certfp(c) ? "not a certificate of the block" : "no certificate";
    return access_oper_admits(oper, c) ? NULL : "not from this host";
}

static void
start_oper(struct request *req, const struct config_oper *oper,
           const struct oper_attempt *attempt)
{
    struct client *c = req->client;
    const char *name = req->message->params[0];
    const char *password = req->message->nparams > 1 ? req->message->params[1] : NULL;
    struct attempt *a = xcalloc(1, sizeof *a + strlen(name) + 1);
    a->attempt = *attempt;
    a->client = read_both_names(c);
    a->hopeless = find_hopeless(oper, c);
    a->elsewhere = a->hopeless && oper && access_oper_certified(oper, c);
    memcpy(a->name, name, strlen(name));
    if (!check_password(req, a, password))
        free(a);
}

/* OPER of a block that has no password, by a client with its certificate. */
static void
pass_certified(struct request *req, const struct config_oper *oper)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    struct both b = read_both_names(c);
    if (access_oper_admits(oper, c))
        oper_begin(srv, c, oper);
    else
        refuse_oper_host(srv, c, &b, &c->session->addr, oper->name, WRONG_HOST_CERTFP);
}

/* OPER <name> [<password>]. Without a certificate, the password is missing if it is not
 * there. */
static void
oper_run(struct request *req)
{
    struct server *srv = req->srv;
    struct client *c = req->client;
    int seconds;
    struct oper_attempt attempt;
    const char *name = req->message->params[0];
    if (req->message->nparams < 2 && client_certfp(c) == NULL) {
        command_too_few(req);
        return;
    }
    if (!access_oper_encrypted(srv, c)) {
        refuse_plaintext(req, name);
        return;
    }
    if (!access_oper_host(srv, c)) { /* the same answer for all names */
        struct both b = read_both_names(c);
        refuse_oper_host(srv, c, &b, &c->session->addr, name,
                         "no block admits this host");
        return;
    }
    if (!oper_lockout_enter(srv, c, &attempt, &seconds)) {
        refuse_locked_out(req, name, seconds);
        return;
    }
    const struct config_oper *oper = access_oper(srv, name);
    if (oper && oper->password == NULL && access_oper_certified(oper, c)) {
        oper_lockout_take_back(srv, &attempt);
        pass_certified(req, oper);
    } else {
        start_oper(req, oper, &attempt);
    }
}

const struct command commands_oper[] = {
    {
        .name = "OPER",
        .run = oper_run,
        .min_params = 1,
        .when = WHEN_REGISTERED,
        .cost = 2,
        .group = GROUP_CONNECT,
        .syntax = "<name> [<password>]",
        .help = "become an operator; without a password, by a TLS certificate",
        .example = "OPER alice secret",
    },
    {.name = NULL},
};
