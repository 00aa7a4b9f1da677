/* The facts of certificates, and the reminders of their ends. A reminder is told once
 * for each step, also if the server starts between two steps. A certificate that has
 * ended is told again each day. */
#include "state/certificate.h"

#include "base/duration.h"
#include "base/event.h"
#include "base/mem.h"
#include "state/census.h"
#include "state/server.h"
#include "state/subsystem.h"
#include "state/tell.h"

#include <stdlib.h>
#include <string.h>

/* Days before the end of a certificate at which operators are told; 0: it has ended. */
static const int steps[] = {14, 7, 3, 1, 0};
#define STEPS (sizeof steps / sizeof *steps)

struct shown {
    struct certificate *all; /* n; the texts are owned */
    unsigned *told;          /* n: steps that were told */
    size_t n;
};

static struct shown *
shown_of(const struct server *srv)
{
    return subsystem_state(srv, SUBSYSTEM_certificate);
}

static void
clear_shown(struct shown *s)
{
    for (size_t i = 0; i < s->n; i++) {
        char *name, *fingerprint;
        memcpy(&name, &s->all[i].name, sizeof name); /* const for the readers */
        memcpy(&fingerprint, &s->all[i].fingerprint, sizeof fingerprint);
        free(name);
        free(fingerprint);
    }
    free(s->all);
    free(s->told);
    *s = (struct shown){0};
}

/* The steps that were told of this certificate. */
static unsigned
find_told(const struct shown *s, const char *fingerprint)
{
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->all[i].fingerprint, fingerprint) == 0)
            return s->told[i];
    return 0;
}

void
certificate_set(struct server *srv, const struct certificate *all, size_t n)
{
    struct shown *s = shown_of(srv);
    struct shown next = {.all = xcalloc(n, sizeof *next.all),
                         .told = xcalloc(n, sizeof *next.told),
                         .n = n};
    for (size_t i = 0; i < n; i++) {
        next.all[i] = all[i];
        next.all[i].name = xstrdup(all[i].name);
        next.all[i].fingerprint = xstrdup(all[i].fingerprint);
        next.told[i] = find_told(s, all[i].fingerprint);
    }
    clear_shown(s);
    *s = next;
}

const struct certificate *
certificate_list(const struct server *srv, size_t *n)
{
    *n = shown_of(srv)->n;
    return shown_of(srv)->all;
}

static void
tell_end(struct server *srv, const struct certificate *c)
{
    char until[32], left[32] = "";
    moment_format(c->until, until, sizeof until);
    if (c->until > srv->wall)
        duration_words(c->until - srv->wall, left, sizeof left);
    if (*left)
        TELL(srv, TELL_ALL, tls_expiry, .name = c->name, .until = until, .left = left);
    else
        TELL(srv, TELL_ALL, tls_expired, .name = c->name, .until = until);
}

/* The steps that have come for a certificate, each day after its end included. */
static unsigned
count_due(const struct certificate *c, msec wall)
{
    unsigned due = 0;
    while (due < STEPS && c->until - wall <= steps[due] * MSEC_DAY)
        due++;
    return due < STEPS ? due : due + (unsigned)((wall - c->until) / MSEC_DAY);
}

static void
tell_steps(struct server *srv)
{
    struct shown *s = shown_of(srv);
    for (size_t i = 0; i < s->n; i++) {
        unsigned due = count_due(&s->all[i], srv->wall);
        if (due > s->told[i])
            tell_end(srv, &s->all[i]);
        s->told[i] = due;
    }
}

static void
free_certificates(struct server *srv)
{
    clear_shown(shown_of(srv));
}

static void
count_certificates(const struct server *srv, struct census *out)
{
    const struct shown *s = shown_of(srv);
    size_t bytes = mem_block(s->n * sizeof *s->all) + mem_block(s->n * sizeof *s->told);
    for (size_t i = 0; i < s->n; i++)
        bytes += mem_text(s->all[i].name) + mem_text(s->all[i].fingerprint);
    census_add(out, CENSUS_OF_SERVER, "certificates", s->n, bytes);
}

const struct subsystem certificate_subsystem = {
    .id = SUBSYSTEM_certificate,
    .state = sizeof(struct shown),
    .tick_seconds = tell_steps,
    .memory = count_certificates,
    .free = free_certificates,
};
