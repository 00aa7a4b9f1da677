/* Loads certificates for a server. The configuration that names them is not in force
 * yet: a fault must change nothing. */
#include "certificates.h"

#include "args.h"
#include "base/duration.h"
#include "base/event.h"
#include "base/mem.h"
#include "base/str.h"
#include "net/loop.h"
#include "net/tls.h"
#include "serve_state.h"
#include "session/session.h"
#include "state/certificate.h"

#include <stdlib.h>

static void
log_tls_warning(void *ctx, const char *text)
{
    struct serve *s = ctx;
    LOG_EVENT(&s->log, tls_warning, .note = text);
}

struct reporting {
    struct serve *s;
    config_fault *fault;
    void *ctx;
};

static void
add_fault(void *ctx, const char *text)
{
    const struct reporting *r = ctx;
    r->fault(r->ctx, text);
}

static void
add_warning(void *ctx, const char *text)
{
    const struct reporting *r = ctx;
    log_tls_warning(r->s, text);
}

static const char *
name_file(const struct args *args)
{
    return args->config ? args->config : "(built-in)";
}

bool
certificates_check(const struct args *args, const struct config *config,
                   config_fault *fault, config_fault *warning, void *ctx)
{
    struct tls_report report = {fault, warning, ctx};
    struct tls_self self = {.directory = config->database.path,
                            .name = config->server.name};
    struct tls *tls = tls_load(name_file(args), config, &self, &report);
    tls_free(tls);
    return tls != NULL;
}

struct tls *
certificates_load(struct serve *s, const struct config *config, config_fault *fault,
                  void *ctx)
{
    struct reporting r = {s, fault, ctx};
    struct tls_self self = {.directory = s->config->database.path,
                            .name = s->config->server.name,
                            .before = loop_tls(s->loop),
                            .make = true};
    return tls_load(name_file(s->args), config, &self,
                    &(struct tls_report){add_fault, add_warning, &r});
}

static void
log_certificate(struct serve *s, const struct tls_certificate *c)
{
    char until[32];
    moment_format_iso(c->until, until, sizeof until);
    LOG_EVENT(&s->log, tls_certificate, .name = c->name, .fingerprint = c->fingerprint,
              .until = until);
}

/* The certificates that clients can get: none if no listener speaks TLS, also if there
 * are blocks of them. The loop may then still keep old ones. */
static const struct tls_certificate *
list_shown(const struct serve *s, const struct tls *tls, size_t *n)
{
    const struct tls_certificate *all = tls_certificates(tls, n);
    if (config_tls_listener(s->config) == NULL)
        *n = 0;
    return all;
}

void
certificates_use(struct serve *s, struct tls *tls)
{
    size_t n;
    const struct tls_certificate *all = list_shown(s, tls, &n);
    for (size_t i = 0; i < n; i++)
        log_certificate(s, &all[i]);
    str_format(s->fingerprint, sizeof s->fingerprint, "%s",
               n > 0 ? all[0].fingerprint : "");
    loop_use_tls(s->loop, tls);
}

void
certificates_tell(struct serve *s, uint64_t asked)
{
    size_t n;
    const struct tls_certificate *from = list_shown(s, loop_tls(s->loop), &n);
    struct certificate *all = xcalloc(n, sizeof *all);
    for (size_t i = 0; i < n; i++)
        all[i] = (struct certificate){.name = from[i].name,
                                      .fingerprint = from[i].fingerprint,
                                      .until = from[i].until,
                                      .self_signed = from[i].self_signed};
    session_certificates(s->srv, asked, all, n);
    free(all);
}
